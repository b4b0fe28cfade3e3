// `@aws-sdk/client-bedrock-runtime`, unchanged: endpoint, region and key only. Its own
// connections are HTTP/2 without TLS (prior knowledge); the suite runs over them and, with
// another handler, over HTTP/1.1.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import * as sdk from "@aws-sdk/client-bedrock-runtime";
import { NodeHttpHandler } from "@smithy/node-http-handler";

import { PROMPTS, TEXT, refused, run } from "./cases.mjs";
import { CITY, NAMES, SCHEMA, abilitiesOf } from "./chats.mjs";

const overHttp1 = process.argv[2] === "http1";
const TOOLS = NAMES.map((name) => ({ toolSpec: { name, description: name, inputSchema: { json: CITY } } }));
const FORM = { type: "json_schema", structure: { jsonSchema: { name: "event", schema: JSON.stringify(SCHEMA) } } };
const THINKING = { thinking: { type: "enabled", budget_tokens: 1024 } };
const FINISH = {
  end_turn: "stop",
  stop_sequence: "stop",
  tool_use: "tools",
  max_tokens: "length",
  guardrail_intervened: "filter",
};

class Bedrock {
  own = "bedrock";
  errors = {
    400: sdk.ValidationException,
    401: sdk.AccessDeniedException,
    404: sdk.ResourceNotFoundException,
    429: sdk.ThrottlingException,
    500: [sdk.InternalServerException, sdk.ServiceUnavailableException],
  };
  streamErrors = [sdk.InternalServerException, sdk.ModelStreamErrorException, sdk.ServiceUnavailableException];
  lossy = { performanceConfig: { latency: "optimized" } };
  loses = ["performanceConfig"];
  // Its users cannot add headers, and its runtime lists no models.
  lacks = ["policy routes a request", "models list"];
  clients = new Map();

  client(test, { key = test.key, retries = 0 } = {}) {
    const kind = `${key} ${retries}`;
    if (!this.clients.has(kind)) this.clients.set(kind, this.make(test, key, retries));
    return this.clients.get(kind);
  }

  make(test, key, retries) {
    return new sdk.BedrockRuntimeClient({
      endpoint: test.url,
      region: "us-east-1",
      credentials: { accessKeyId: key, secretAccessKey: "any" },
      maxAttempts: retries + 1,
      ...(overHttp1 ? { requestHandler: new NodeHttpHandler() } : {}),
    });
  }

  request(test, prompt, options = {}) {
    const { key, retries, turns = [], image, tools, forced, thinking, schema, system, maxTokens, stop, model, ...rest } =
      options;
    const messages = [...turns];
    const picture = image ? [{ image: { format: "png", source: { bytes: Buffer.from(image, "base64") } } }] : [];
    if (prompt !== null) messages.push({ role: "user", content: [...picture, { text: prompt }] });
    const request = { modelId: model ?? test.model(), messages, ...rest };
    if (system) request.system = [{ text: system }];
    if (tools) request.toolConfig = { tools: TOOLS };
    if (forced) request.toolConfig.toolChoice = { tool: { name: forced } };
    if (thinking) request.additionalModelRequestFields = THINKING;
    if (schema) request.outputConfig = { textFormat: FORM };
    const inferenceConfig = { maxTokens: maxTokens ?? (thinking ? 4000 : undefined), stopSequences: stop };
    if (inferenceConfig.maxTokens || stop) request.inferenceConfig = inferenceConfig;
    return request;
  }

  async ask(test, prompt, options = {}) {
    const command = new sdk.ConverseCommand(this.request(test, prompt, options));
    let headers;
    // The SDK keeps no headers of an answer.
    const note = (next) => async (given) => {
      const result = await next(given);
      headers = new Map(Object.entries(result.response.headers));
      return result;
    };
    command.middlewareStack.add(note, { step: "deserialize", priority: "low" });
    const answer = await this.client(test, options).send(command);
    return { ...said(answer, options.schema), headers };
  }

  async events(test, prompt, options, how) {
    const command = new sdk.ConverseStreamCommand(this.request(test, prompt, options));
    return (await this.client(test, options).send(command, how)).stream;
  }

  // The pieces put together, in the shape of a whole answer.
  async stream(test, prompt, options = {}) {
    const blocks = [];
    const answer = { output: { message: { role: "assistant", content: blocks } } };
    for await (const event of await this.events(test, prompt, options)) {
      const { contentBlockStart: start, contentBlockDelta: more } = event;
      if (start) blocks[start.contentBlockIndex] = { toolUse: { ...start.start.toolUse, input: "" } };
      if (more) add(blocks, more.contentBlockIndex, more.delta);
      if (event.messageStop) answer.stopReason = event.messageStop.stopReason;
      if (event.metadata) Object.assign(answer, event.metadata);
    }
    for (const { toolUse } of blocks) if (toolUse) toolUse.input = JSON.parse(toolUse.input);
    return said(answer, options.schema);
  }

  async *pieces(test, prompt, options = {}) {
    const caller = new AbortController();
    try {
      for await (const event of await this.events(test, prompt, options, { abortSignal: caller.signal })) {
        const text = event.contentBlockDelta?.delta.text;
        if (text) yield text;
      }
    } finally {
      caller.abort();
    }
  }

  turns(prompt, { raw }, results = {}) {
    const found = Object.entries(results).map(([toolUseId, text]) => ({
      toolResult: { toolUseId, content: [{ json: { said: text } }] },
    }));
    const turns = [{ role: "user", content: [{ text: prompt }] }, raw.output.message];
    return found.length > 0 ? [...turns, { role: "user", content: found }] : turns;
  }

  status(error) {
    return error.$metadata.httpStatusCode;
  }

  checkError(what, error) {
    assert(error.message, error);
    if (what === "policy") assert(error.message.includes("personal-data"), error.message);
  }
}

function add(blocks, index, { text, toolUse, reasoningContent: thought }) {
  if (toolUse) blocks[index].toolUse.input += toolUse.input;
  if (text !== undefined) (blocks[index] ??= { text: "" }).text += text;
  if (!thought) return;
  blocks[index] ??= { reasoningContent: {} };
  const { reasoningContent: block } = blocks[index];
  if (thought.redactedContent) {
    block.redactedContent = Buffer.concat([block.redactedContent ?? Buffer.alloc(0), thought.redactedContent]);
    return;
  }
  block.reasoningText ??= { text: "" };
  for (const name of ["text", "signature"]) {
    if (thought[name] !== undefined) block.reasoningText[name] = (block.reasoningText[name] ?? "") + thought[name];
  }
}

function said(answer, schema) {
  const { content: blocks } = answer.output.message;
  const text = blocks.map((block) => block.text ?? "").join("");
  // A stream that a rule ends has no metrics of its provider.
  assert((answer.metrics?.latencyMs ?? 0) >= 0);
  const { usage } = answer;
  const cached = usage?.cacheReadInputTokens ?? 0;
  return {
    text,
    finish: FINISH[answer.stopReason] ?? answer.stopReason,
    calls: blocks
      .filter((block) => block.toolUse)
      .map(({ toolUse }) => ({ id: toolUse.toolUseId, name: toolUse.name, arguments: toolUse.input })),
    thoughts: blocks.map((block) => block.reasoningContent?.reasoningText?.text ?? "").join(""),
    input: usage && usage.inputTokens + cached,
    output: usage?.outputTokens,
    cached,
    parsed: schema ? JSON.parse(text) : undefined,
    raw: answer,
  };
}

const driver = new Bedrock();

const own = {
  async "events in order"(test) {
    const kinds = [];
    for await (const event of await driver.events(test, PROMPTS.text, {})) kinds.push(Object.keys(event)[0]);
    assert.equal(kinds[0], "messageStart");
    assert.deepEqual(kinds.slice(-3), ["contentBlockStop", "messageStop", "metadata"]);
    assert(kinds.slice(1, -3).every((kind) => kind === "contentBlockDelta"), `${kinds}`);
  },

  async "a key that is none is not told"(test) {
    const key = "AKIAIOSFODNN7EXAMPLE";
    const error = await refused(sdk.AccessDeniedException, driver.ask(test, PROMPTS.text, { key }));
    assert(!error.message.includes(key), error.message);
    assert.equal((await driver.ask(test, PROMPTS.text)).text, TEXT);
  },
};

const { version } = JSON.parse(
  readFileSync(new URL("../node_modules/@aws-sdk/client-bedrock-runtime/package.json", import.meta.url)),
);
const over = overHttp1 ? "HTTP/1.1" : "HTTP/2";
await run(`@aws-sdk/client-bedrock-runtime ${version} over ${over} (Node)`, abilitiesOf(driver, own));

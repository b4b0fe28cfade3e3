// `@aws-sdk/client-bedrock-runtime`, unchanged: endpoint, region and key only. Its own
// connections are HTTP/2 without TLS (prior knowledge); the suite runs over them and, with
// another handler, over HTTP/1.1.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";

import * as sdk from "@aws-sdk/client-bedrock-runtime";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { CITY, DOT_PNG, PROMPTS, REDACTED_CITY, TEXT, refused, run } from "./cases.mjs";

const overHttp1 = process.argv[2] === "http1";

function client(test, { key = test.key, retries = 0 } = {}) {
  return new sdk.BedrockRuntimeClient({
    endpoint: test.url,
    region: "us-east-1",
    credentials: { accessKeyId: key, secretAccessKey: "any" },
    maxAttempts: retries + 1,
    ...(overHttp1 ? { requestHandler: new NodeHttpHandler() } : {}),
  });
}

function request(test, prompt, options) {
  const messages = Array.isArray(prompt) ? prompt : [{ role: "user", content: [{ text: prompt }] }];
  return { modelId: test.model(), messages, ...options };
}

function ask(test, prompt, options = {}, how = {}) {
  return client(test, how).send(new sdk.ConverseCommand(request(test, prompt, options)));
}

async function events(test, prompt, options = {}, how = {}) {
  const answer = await client(test, how).send(new sdk.ConverseStreamCommand(request(test, prompt, options)));
  return answer.stream;
}

const blocksOf = (answer) => answer.output.message.content;
const textOf = (answer) => blocksOf(answer).map((block) => block.text ?? "").join("");
const callsOf = (answer) => blocksOf(answer).flatMap((block) => (block.toolUse ? [block.toolUse] : []));
const kindsOf = (answer) => blocksOf(answer).map((block) => Object.keys(block)[0]);

// The pieces of a stream put together, in the shape of a whole answer.
async function stream(test, prompt, options = {}, how = {}) {
  const blocks = [];
  const answer = { output: { message: { role: "assistant", content: blocks } } };
  for await (const event of await events(test, prompt, options, how)) {
    const { contentBlockStart: start, contentBlockDelta: more } = event;
    if (start) blocks[start.contentBlockIndex] = { toolUse: { ...start.start.toolUse, input: "" } };
    if (more) add(blocks, more.contentBlockIndex, more.delta);
    if (event.messageStop) answer.stopReason = event.messageStop.stopReason;
    if (event.metadata) Object.assign(answer, event.metadata);
  }
  for (const { toolUse } of blocks) if (toolUse) toolUse.input = JSON.parse(toolUse.input);
  return answer;
}

function add(blocks, index, { text, toolUse, reasoningContent: thought }) {
  if (toolUse) blocks[index].toolUse.input += toolUse.input;
  if (text !== undefined) (blocks[index] ??= { text: "" }).text += text;
  if (!thought) return;
  const { reasoningText } = (blocks[index] ??= { reasoningContent: { reasoningText: { text: "" } } }).reasoningContent;
  if (thought.text !== undefined) reasoningText.text += thought.text;
  if (thought.signature !== undefined) reasoningText.signature = (reasoningText.signature ?? "") + thought.signature;
}

const TOOLS = {
  tools: ["get_weather", "get_time"].map((name) => ({
    toolSpec: { name, description: name, inputSchema: { json: CITY } },
  })),
};
const THINKING = {
  additionalModelRequestFields: { thinking: { type: "enabled", budget_tokens: 1024 } },
  inferenceConfig: { maxTokens: 4000 },
};

function checkTwoTools(answer) {
  assert.equal(answer.stopReason, "tool_use");
  assert.deepEqual(kindsOf(answer), ["text", "toolUse", "toolUse"]);
  assert.equal(textOf(answer), "One moment.");
  assert.deepEqual(callsOf(answer).map((call) => call.name), ["get_weather", "get_time"]);
  assert.notEqual(callsOf(answer)[0].toolUseId, callsOf(answer)[1].toolUseId);
  for (const call of callsOf(answer)) assert.deepEqual(call.input, { city: "Oslo" });
}

function checkReasoning(answer) {
  // Gemini signs a streamed text behind it, as a thought without words; what Responses
  // encrypts is a block of its own.
  assert.equal(kindsOf(answer)[0], "reasoningContent");
  assert(blocksOf(answer)[0].reasoningContent.reasoningText.text);
  assert.equal(textOf(answer), "Forty-two.");
}

async function checkBrokenStream(test, prompt) {
  let seen = 0;
  let failure;
  try {
    for await (const event of await events(test, prompt)) seen += event.contentBlockDelta ? 1 : 0;
  } catch (error) {
    failure = error;
  }
  assert(failure, "the stream ended as if it were whole");
  const kinds = [sdk.InternalServerException, sdk.ModelStreamErrorException, sdk.ServiceUnavailableException];
  assert(kinds.includes(failure.constructor), `${failure.constructor.name}: ${failure.message}`);
  assert(seen > 0, "nothing came before the error");
}

const abilities = {
  async text(test) {
    const answer = await ask(test, PROMPTS.text);
    assert.equal(textOf(answer), TEXT);
    assert.equal(answer.stopReason, "end_turn");
    assert(answer.usage.inputTokens > 0 && answer.metrics.latencyMs >= 0);
  },

  async "text streamed"(test) {
    const [whole, answer] = [await ask(test, PROMPTS.text), await stream(test, PROMPTS.text)];
    assert.equal(textOf(answer), TEXT);
    assert.equal(answer.stopReason, "end_turn");
    assert.deepEqual(answer.usage, whole.usage);
  },

  async "system prompt"(test) {
    const said = `You are pirate ${randomUUID()}.`;
    const answer = await ask(test, PROMPTS.system, { system: [{ text: said }] });
    assert.equal(textOf(answer), "Arr.");
    if (!test.simulated) assert.equal((await test.received(said)).messages[0].content, said);
  },

  async "parallel tools"(test) {
    checkTwoTools(await ask(test, PROMPTS.two_tools, { toolConfig: TOOLS }));
  },

  async "parallel tools streamed"(test) {
    checkTwoTools(await stream(test, PROMPTS.two_tools, { toolConfig: TOOLS }));
  },

  async "tool loop"(test) {
    const first = await stream(test, PROMPTS.two_tools, { toolConfig: TOOLS });
    const results = callsOf(first).map(({ toolUseId }) => ({
      toolResult: { toolUseId, content: [{ json: { said: "fine" } }] },
    }));
    const messages = [
      { role: "user", content: [{ text: PROMPTS.two_tools }] },
      first.output.message,
      { role: "user", content: results },
    ];
    const second = await ask(test, messages, { toolConfig: TOOLS });
    assert.equal(second.stopReason, "end_turn");
    assert(textOf(second) && callsOf(second).length === 0);
  },

  async image(test) {
    const source = { bytes: Buffer.from(DOT_PNG, "base64") };
    const content = [{ image: { format: "png", source } }, { text: PROMPTS.image }];
    const answer = await ask(test, [{ role: "user", content }]);
    assert.equal(textOf(answer), "A dot.");
    if (!test.simulated) return;
    const bare = await ask(test, PROMPTS.image);
    assert(answer.usage.inputTokens - bare.usage.inputTokens >= 85, "the provider did not see the picture");
  },

  async reasoning(test) {
    checkReasoning(await ask(test, PROMPTS.reasoning, { modelId: test.reasoner(), ...THINKING }));
  },

  async "reasoning streamed"(test) {
    const options = { modelId: test.reasoner(), ...THINKING };
    const answer = await stream(test, PROMPTS.reasoning, options);
    checkReasoning(answer);
    const messages = [
      { role: "user", content: [{ text: PROMPTS.reasoning }] },
      answer.output.message,
      { role: "user", content: [{ text: PROMPTS.text }] },
    ];
    assert(textOf(await ask(test, messages, options)), "reasoning sent back is refused");
  },

  async "wrong key"(test) {
    await refused(sdk.AccessDeniedException, ask(test, PROMPTS.text, {}, { key: "AKIAIOSFODNN7EXAMPLE" }));
  },

  async "unknown model"(test) {
    await refused(sdk.ResourceNotFoundException, ask(test, "Hello.", { modelId: "no-such-provider/model" }));
  },

  async "invalid request"(test) {
    const error = await refused(sdk.ValidationException, ask(test, PROMPTS.invalid));
    assert(error.message);
  },

  async "rate limited"(test) {
    const error = await refused(sdk.ThrottlingException, ask(test, PROMPTS.limited));
    assert.equal(error.$metadata.httpStatusCode, 429);
  },

  async "retried by the SDK"(test) {
    const modelId = await test.scripted("429:1s, ok");
    const answer = await ask(test, PROMPTS.retried, { modelId }, { retries: 1 });
    assert.equal(textOf(answer), "At last.");
    assert.deepEqual(await test.scriptedStatuses(), [429, 200]);
  },

  async "error inside a stream"(test) {
    test.simulatorOnly();
    await checkBrokenStream(test, PROMPTS.error_inside);
  },

  async "stream that breaks off"(test) {
    await checkBrokenStream(test, PROMPTS.cut_inside);
  },

  async "policy blocks a request"(test) {
    const blocked = ask(test, PROMPTS.blocked_in, {}, { key: test.guardedKey });
    const error = await refused(sdk.ValidationException, blocked);
    assert(error.message.includes("personal-data") && !error.message.includes("536-90"));
  },

  async "policy blocks in mid-stream"(test) {
    const answer = await stream(test, PROMPTS.blocked_out, {}, { key: test.guardedKey });
    assert.equal(answer.stopReason, "guardrail_intervened");
    assert(textOf(answer).startsWith("The card is") && !textOf(answer).includes("1111"));
  },

  async "policy redacts a streamed call"(test) {
    const options = { toolConfig: TOOLS };
    const answer = await stream(test, PROMPTS.redacted_call, options, { key: test.handledKey });
    assert.deepEqual(callsOf(answer).map((call) => call.input), [{ city: REDACTED_CITY }]);
  },

  async "many at once"(test) {
    const one = client(test);
    const prompts = Array.from({ length: 8 }, (_, number) => request(test, `${PROMPTS.many}${number}`, {}));
    const answers = await Promise.all(prompts.map((prompt) => one.send(new sdk.ConverseCommand(prompt))));
    const expected = prompts.map((_, number) => (test.simulated ? `caller number ${number}` : "Counted."));
    assert.deepEqual(answers.map((answer) => textOf(answer).trim()), expected);
  },

  async "hang up"(test) {
    test.simulatorOnly();
    const name = `hang-up-${randomUUID()}`;
    const sdkClient = client(test);
    const options = { modelId: test.model(name), inferenceConfig: { maxTokens: 6000 } };
    const command = new sdk.ConverseStreamCommand(request(test, PROMPTS.endless, options));
    const hangUp = new AbortController();
    const { stream: pieces } = await sdkClient.send(command, { abortSignal: hangUp.signal });
    let seen = 0;
    for await (const _event of pieces) if (++seen === 5) break;
    hangUp.abort();
    sdkClient.destroy();
    assert((await test.hungUp(name)).output_tokens < 4000);
  },
};

const { version } = JSON.parse(
  readFileSync(new URL("../node_modules/@aws-sdk/client-bedrock-runtime/package.json", import.meta.url)),
);
await run(`@aws-sdk/client-bedrock-runtime ${version} over ${overHttp1 ? "HTTP/1.1" : "HTTP/2"} (Node)`, abilities);

// The `openai` package's Responses API, unchanged: base URL and key only.

import assert from "node:assert/strict";

import OpenAI from "openai";
import { VERSION } from "openai/version";

import { CITY, NotCarried, PROMPTS, TEXT, refused, run } from "./cases.mjs";
import { NAMES, SCHEMA, abilitiesOf } from "./chats.mjs";
import { Sdk } from "./openai_sdk.mjs";

const TOOLS = NAMES.map((name) => ({ type: "function", name, description: name, parameters: CITY, strict: true }));
const SEALED = { include: ["reasoning.encrypted_content"], store: false };
const FORMAT = { type: "json_schema", name: "event", schema: SCHEMA, strict: true };

// The event that ends a stream which fails; the SDK leaves it to whoever reads.
class StreamFailed extends Error {}

class Responses extends Sdk {
  own = "responses";
  streamErrors = [StreamFailed, OpenAI.APIError];
  lossy = { prompt_cache_key: "a", invented_field: 1 };
  loses = ["prompt_cache_key", "unknown_field"];
  lacks = ["stop sequences"];

  request(test, prompt, options) {
    const { turns = [], image, tools, forced, thinking, schema, system, maxTokens, key, retries, headers, ...rest } =
      options;
    const request = { model: test.model(), ...rest, input: [...turns] };
    if (prompt !== null) request.input.push({ role: "user", content: content(prompt, image) });
    if (tools) request.tools = TOOLS;
    if (forced) request.tool_choice = { type: "function", name: forced };
    if (thinking) Object.assign(request, { reasoning: { effort: "low", summary: "auto" } }, SEALED);
    if (schema) request.text = { format: FORMAT };
    if (system) request.instructions = system;
    if (maxTokens) request.max_output_tokens = maxTokens;
    return request;
  }

  async ask(test, prompt, options = {}) {
    const { responses } = this.client(test, options);
    const made = responses.parse(this.request(test, prompt, options), { headers: options.headers });
    const { data, response } = await made.withResponse();
    return said(data, response.headers);
  }

  async stream(test, prompt, options = {}) {
    const request = this.request(test, prompt, options);
    for await (const event of this.client(test, options).responses.stream(request)) {
      if (["response.completed", "response.incomplete"].includes(event.type)) return said(event.response);
    }
    assert.fail("the stream has no end");
  }

  async *pieces(test, prompt, options = {}) {
    const request = { ...this.request(test, prompt, options), stream: true };
    for await (const event of await this.client(test, options).responses.create(request)) {
      if (event.type === "response.output_text.delta") yield event.delta;
      if (["error", "response.failed"].includes(event.type)) throw new StreamFailed(JSON.stringify(event));
    }
  }

  turns(prompt, { raw }, results = {}) {
    const outputs = Object.entries(results).map(([id, output]) => ({
      type: "function_call_output",
      call_id: id,
      output,
    }));
    return [{ role: "user", content: prompt }, ...raw.output, ...outputs];
  }
}

function content(prompt, image) {
  if (!image) return prompt;
  return [
    { type: "input_text", text: prompt },
    { type: "input_image", image_url: `data:image/png;base64,${image}`, detail: "auto" },
  ];
}

const ENDS = { max_output_tokens: "length", content_filter: "filter" };

function said(response, headers) {
  const items = (type) => response.output.filter((item) => item.type === type);
  const calls = items("function_call").map((item) => ({
    id: item.call_id,
    name: item.name,
    arguments: JSON.parse(item.arguments),
  }));
  const texts = items("message").flatMap((item) => item.content).map((part) => part.text ?? "");
  const text = texts.join("");
  const reason = response.incomplete_details?.reason;
  const whole = response.status === "completed" ? (calls.length > 0 ? "tools" : "stop") : response.status;
  return {
    text,
    finish: reason ? (ENDS[reason] ?? reason) : whole,
    calls,
    thoughts: items("reasoning").flatMap((item) => item.summary).map((part) => part.text).join(""),
    input: response.usage?.input_tokens,
    output: response.usage?.output_tokens,
    cached: response.usage?.input_tokens_details.cached_tokens,
    parsed: response.output_parsed ?? (text.startsWith("{") ? JSON.parse(text) : undefined),
    headers,
    raw: response,
  };
}

const azure = process.argv.includes("azure");
const driver = new Responses({ azure });
const responses = (test) => driver.client(test).responses;

function onlyWhereHeld(test) {
  if (test.format !== "responses") throw new NotCarried("only a provider of this format holds answers");
}

async function eventsOf(stream) {
  const events = [];
  for await (const event of await stream) events.push(event);
  return events;
}

const own = {
  async "events in order"(test) {
    const request = { model: test.model(), input: PROMPTS.two_tools, tools: TOOLS, stream: true };
    const events = await eventsOf(responses(test).create(request));
    assert.deepEqual(events.map((event) => event.sequence_number), [...events.keys()]);
    assert.deepEqual([events[0].type, events.at(-1).type], ["response.created", "response.completed"]);
    const done = events.filter((event) => event.type === "response.output_item.done");
    assert.deepEqual(done.map((event) => event.output_index), [0, 1, 2]);
    assert.deepEqual(done.map((event) => event.item), events.at(-1).response.output);
  },

  async refusal(test) {
    test.simulatorOnly();
    const answer = await responses(test).create({ model: test.model(), input: PROMPTS.refuse });
    const parts = answer.output.flatMap((item) => item.content ?? []).map((part) => part.type);
    assert(parts.includes("refusal") || answer.incomplete_details?.reason === "content_filter", answer);
  },

  async "several turns with all that was said"(test) {
    const input = [];
    let answer;
    for (const prompt of [PROMPTS.two_tools, PROMPTS.reasoning, PROMPTS.text]) {
      input.push({ role: "user", content: prompt });
      for (let calls = [{}]; calls.length > 0; ) {
        const reasoning = { effort: "low", summary: "auto" };
        answer = await responses(test).create({ model: test.reasoner(), input, tools: TOOLS, reasoning, ...SEALED });
        calls = answer.output.filter((item) => item.type === "function_call");
        input.push(...answer.output);
        input.push(...calls.map(({ call_id }) => ({ type: "function_call_output", call_id, output: "fine" })));
      }
    }
    assert.equal(answer.output_text, TEXT);
    assert.equal(input.filter((item) => item.type === "function_call").length, 2);
    assert(!test.simulated || input.some((item) => item.type === "reasoning"));
  },

  async "an answer is held"(test) {
    onlyWhereHeld(test);
    const { id } = await responses(test).create({ model: test.model(), input: PROMPTS.text });
    assert.equal((await responses(test).retrieve(id)).output_text, TEXT);
    assert.equal((await eventsOf(responses(test).retrieve(id, { stream: true }))).at(-1).response.id, id);
    const items = await eventsOf(responses(test).inputItems.list(id));
    assert.deepEqual(items.map((item) => item.content[0].text), [PROMPTS.text]);
    await responses(test).delete(id);
    await refused(OpenAI.NotFoundError, responses(test).retrieve(id));
  },

  async "goes on from an answer that is held"(test) {
    onlyWhereHeld(test);
    const first = await responses(test).create({ model: test.model(), input: PROMPTS.two_tools, tools: TOOLS });
    const calls = first.output.filter((item) => item.type === "function_call");
    const input = calls.map(({ call_id }) => ({ type: "function_call_output", call_id, output: "fine" }));
    const request = { model: test.model(), previous_response_id: first.id, input };
    const second = await responses(test).create(request);
    assert(second.output_text);
    assert.equal(second.previous_response_id, first.id);
  },

  async "what no one holds is refused"(test) {
    await refused(OpenAI.NotFoundError, responses(test).retrieve("resp_nobody"));
    if (test.format === "responses") return;
    const request = { model: test.model(), previous_response_id: "resp_nobody", input: "And then?" };
    const error = await refused(OpenAI.BadRequestError, responses(test).create(request));
    assert.equal(error.code, "unsupported_parameter");
  },

  async "count tokens"(test) {
    test.simulatorOnly();
    if (!responses(test).inputTokens) throw new NotCarried("this version cannot count");
    // Bedrock counts for models of Anthropic only.
    const asked = { system: "Be brief.", model: test.model("anthropic.test-model"), tools: true };
    const request = driver.request(test, PROMPTS.text, asked);
    const { input_tokens } = await responses(test).inputTokens.count(request);
    test.checkCount(input_tokens, (await driver.ask(test, PROMPTS.text, asked)).input);
  },

  async "in the background"(test) {
    onlyWhereHeld(test);
    const made = await responses(test).create({ model: test.model(), input: PROMPTS.text, background: true });
    assert.equal(made.status, "queued");
    assert.equal((await responses(test).cancel(made.id)).status, "cancelled");
  },
};

await run(`${azure ? "AzureOpenAI" : "openai"}.responses ${VERSION} (Node)`, abilitiesOf(driver, own));

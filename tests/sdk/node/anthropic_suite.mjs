// The `@anthropic-ai/sdk` package, unchanged: base URL and key only.

import assert from "node:assert/strict";

import Anthropic from "@anthropic-ai/sdk";
import { betaTool } from "@anthropic-ai/sdk/helpers/beta/json-schema";
import * as zodHelpers from "@anthropic-ai/sdk/helpers/zod";
import { VERSION } from "@anthropic-ai/sdk/version";
import { z } from "zod";

import { CITY, NotCarried, PROMPTS, refused, run } from "./cases.mjs";
import { NAMES, abilitiesOf } from "./chats.mjs";

const TOOLS = NAMES.map((name) => ({ name, description: name, input_schema: CITY }));
const THINKING = { thinking: { type: "enabled", budget_tokens: 1024 }, max_tokens: 4000 };
const Event = z.object({ name: z.string(), guests: z.number(), tags: z.array(z.string()) });
const CAN_PARSE = Boolean(zodHelpers.zodOutputFormat && Anthropic.Messages.prototype.parse);
const KINDS = {
  "wrong key": "authentication_error",
  "unknown model": "not_found_error",
  "invalid request": "invalid_request_error",
  "rate limited": "rate_limit_error",
  policy: "invalid_request_error",
};
const FINISH = {
  end_turn: "stop",
  stop_sequence: "stop",
  tool_use: "tools",
  max_tokens: "length",
  refusal: "filter",
};

class Messages {
  own = "anthropic";
  errors = {
    400: Anthropic.BadRequestError,
    401: Anthropic.AuthenticationError,
    404: Anthropic.NotFoundError,
    429: Anthropic.RateLimitError,
    // Of older majors 529 has no class of its own.
    500: [Anthropic.InternalServerError, Anthropic.OverloadedError].filter(Boolean),
  };
  streamErrors = [Anthropic.APIError];
  lossy = { top_k: 5, invented_field: 1 };
  loses = ["top_k", "unknown_field"];
  lacks = CAN_PARSE ? [] : ["structured output", "structured output streamed"];

  client(test, { key = test.key, retries = 0 } = {}) {
    return new Anthropic({ baseURL: test.url, apiKey: key, maxRetries: retries });
  }

  request(test, prompt, options = {}) {
    const { turns = [], image, tools, forced, thinking, schema, system, maxTokens, stop, key, retries, headers, ...rest } =
      options;
    const request = { model: test.model(), max_tokens: maxTokens ?? 1000, ...rest, messages: [...turns] };
    if (prompt !== null) request.messages.push({ role: "user", content: content(prompt, image) });
    if (tools) request.tools = TOOLS;
    if (forced) request.tool_choice = { type: "tool", name: forced };
    if (thinking) Object.assign(request, THINKING);
    if (schema) request.output_config = { format: zodHelpers.zodOutputFormat(Event) };
    if (system) request.system = system;
    if (stop) request.stop_sequences = stop;
    return request;
  }

  async ask(test, prompt, options = {}) {
    const { messages } = this.client(test, options);
    const request = this.request(test, prompt, options);
    if (options.schema) return said(await messages.parse(request));
    const { data, response } = await messages.create(request, { headers: options.headers }).withResponse();
    return said(data, response.headers);
  }

  // By the SDK's own helper, which puts the pieces together.
  async stream(test, prompt, options = {}) {
    return said(await this.client(test, options).messages.stream(this.request(test, prompt, options)).finalMessage());
  }

  async *pieces(test, prompt, options = {}) {
    for await (const event of this.client(test, options).messages.stream(this.request(test, prompt, options))) {
      if (event.type === "content_block_delta" && event.delta.type === "text_delta") yield event.delta.text;
    }
  }

  turns(prompt, { raw }, results = {}) {
    const turns = [{ role: "user", content: prompt }, { role: "assistant", content: raw.content }];
    const blocks = Object.entries(results).map(([id, text]) => ({ type: "tool_result", tool_use_id: id, content: text }));
    return blocks.length > 0 ? [...turns, { role: "user", content: blocks }] : turns;
  }

  async models(test) {
    const names = [];
    for await (const model of this.client(test).models.list()) names.push(model.id);
    return names;
  }

  status(error) {
    return error.status;
  }

  checkError(what, error) {
    const { type, error: found } = error.error;
    assert(type === "error" && found.message, error);
    if (KINDS[what]) assert.equal(found.type, KINDS[what]);
    if (what === "policy") assert(found.message.includes("personal-data"));
    if (what === "rate limited") assert.equal(error.headers.get("retry-after"), "9");
  }
}

function content(prompt, image) {
  if (!image) return prompt;
  const source = { type: "base64", media_type: "image/png", data: image };
  return [{ type: "image", source }, { type: "text", text: prompt }];
}

function said(message, headers) {
  const blocks = (type) => message.content.filter((block) => block.type === type);
  const cached = message.usage.cache_read_input_tokens ?? 0;
  return {
    text: blocks("text").map((block) => block.text).join(""),
    finish: FINISH[message.stop_reason] ?? message.stop_reason,
    calls: blocks("tool_use").map(({ id, name, input }) => ({ id, name, arguments: input })),
    thoughts: blocks("thinking").map((block) => block.thinking).join(""),
    input: message.usage.input_tokens + cached,
    output: message.usage.output_tokens,
    cached,
    parsed: message.parsed_output,
    headers,
    raw: message,
  };
}

const driver = new Messages();

const own = {
  async "events in order"(test) {
    const types = [];
    const request = { ...driver.request(test, PROMPTS.text), stream: true };
    for await (const event of await driver.client(test).messages.create(request)) types.push(event.type);
    const known = types.filter((type) => type !== "ping");
    assert.deepEqual(known.slice(0, 2), ["message_start", "content_block_start"]);
    assert.deepEqual(known.slice(-3), ["content_block_stop", "message_delta", "message_stop"]);
    assert(known.slice(2, -3).every((type) => type === "content_block_delta"));
  },

  async "tools run by the SDK"(test) {
    if (test.name === "mock-anthropic") throw new NotCarried("aimock neither holds threads nor says so");
    const seen = [];
    const tools = NAMES.map((name) =>
      betaTool({
        name,
        description: name,
        inputSchema: CITY,
        run: ({ city }) => {
          seen.push(`${name} ${city}`);
          return "fine";
        },
      }),
    );
    const request = { ...driver.request(test, PROMPTS.two_tools), tools };
    assert(said(await driver.client(test).beta.messages.toolRunner(request)).text);
    assert.deepEqual(seen.sort(), ["get_time Oslo", "get_weather Oslo"]);
  },

  async "names the stop sequence"(test) {
    test.simulatorOnly();
    test.needs("stop_named", "the provider's format does not say that it was one");
    const { raw } = await driver.ask(test, PROMPTS.stop, { stop: ["STOP"] });
    assert.equal(raw.stop_reason, "stop_sequence");
  },

  async refusal(test) {
    test.simulatorOnly();
    assert.equal((await driver.ask(test, PROMPTS.refuse)).raw.stop_reason, "refusal");
  },

  async "count tokens"(test) {
    test.simulatorOnly();
    // Bedrock counts for models of Anthropic only.
    const asked = { system: "Be brief.", model: test.model("anthropic.test-model"), tools: true };
    const { max_tokens, ...request } = driver.request(test, PROMPTS.text, asked);
    const { input_tokens } = await driver.client(test).messages.countTokens(request);
    test.checkCount(input_tokens, (await driver.ask(test, PROMPTS.text, asked)).input);
  },

  async "no messages at all"(test) {
    const request = { ...driver.request(test, "Hello."), messages: "none" };
    await refused(Anthropic.BadRequestError, driver.client(test).messages.create(request));
  },
};

await run(`@anthropic-ai/sdk ${VERSION} (Node)`, abilitiesOf(driver, own));

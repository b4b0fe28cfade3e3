// The `@anthropic-ai/sdk` package, unchanged: base URL and key only.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";

import Anthropic from "@anthropic-ai/sdk";
import { betaTool } from "@anthropic-ai/sdk/helpers/beta/json-schema";
import { VERSION } from "@anthropic-ai/sdk/version";
import * as zodHelpers from "@anthropic-ai/sdk/helpers/zod";
import { z } from "zod";

import { CITY, DOT_PNG, NotCarried, PROMPTS, REDACTED_CITY, TEXT, refused, run } from "./cases.mjs";

const TOOLS = ["get_weather", "get_time"].map((name) => ({ name, description: name, input_schema: CITY }));
// Of some providers a signature comes behind the text, in a block of its own.
function checkThought(answer) {
  const content = answer.content.filter((block) => block.type !== "thinking" || block.thinking);
  assert.deepEqual(kinds({ ...answer, content }), ["thinking", "text"]);
}
const LOST = { anthropic: [], gemini: ["unknown_field"], others: ["top_k", "unknown_field"] };
const THINKING = { thinking: { type: "enabled", budget_tokens: 1024 }, max_tokens: 4000 };
const Event = z.object({ name: z.string(), guests: z.number(), tags: z.array(z.string()) });

function client(test, key = test.key, maxRetries = 0) {
  return new Anthropic({ baseURL: test.url, apiKey: key, maxRetries });
}

function request(test, prompt, options) {
  const messages = Array.isArray(prompt) ? prompt : [{ role: "user", content: prompt }];
  return { model: test.model(), max_tokens: 1000, messages, ...options };
}

function ask(test, prompt, { key, retries, ...options } = {}) {
  return client(test, key, retries).messages.create(request(test, prompt, options));
}

// The stream by the SDK's own helper, which puts the pieces together.
function stream(test, prompt, { key, ...options } = {}) {
  return client(test, key).messages.stream(request(test, prompt, options)).finalMessage();
}

const textOf = (message) =>
  message.content
    .filter((block) => block.type === "text")
    .map((block) => block.text)
    .join("");
const kinds = (message) => message.content.map((block) => block.type);

function checkTwoTools(answer) {
  assert.equal(answer.stop_reason, "tool_use");
  assert.deepEqual(kinds(answer), ["text", "tool_use", "tool_use"]);
  assert.equal(textOf(answer), "One moment.");
  const calls = answer.content.slice(1);
  assert.deepEqual(calls.map((call) => call.name), ["get_weather", "get_time"]);
  assert.equal(new Set(calls.map((call) => call.id)).size, 2);
  for (const call of calls) assert.deepEqual(call.input, { city: "Oslo" });
}

const calls = (message) => message.content.filter((block) => block.type === "tool_use");

function checkRestored(answer) {
  assert.equal(textOf(answer), "I write to jo@example.com.");
  assert.deepEqual(calls(answer).map((call) => call.input), [{ city: "jo@example.com" }]);
}

function checkRedactedCall(answer) {
  assert.equal(answer.stop_reason, "tool_use");
  assert.deepEqual(calls(answer).map((call) => call.input), [{ city: REDACTED_CITY }]);
}

function withHeaders(test, prompt, headers = {}) {
  return client(test, test.handledKey).messages.create(request(test, prompt), { headers }).withResponse();
}

async function checkBrokenStream(test, prompt) {
  const seen = [];
  const events = client(test).messages.stream(request(test, prompt));
  events.on("text", (text) => seen.push(text));
  let error;
  try {
    await events.finalMessage();
  } catch (thrown) {
    error = thrown;
  }
  assert(error, `the stream ended as if it were whole: ${seen.join("")}`);
  assert(error instanceof Anthropic.APIError, `threw ${error.constructor.name}: ${error.message}`);
  assert(seen.join(""), "nothing came before the error");
}

const abilities = {
  async text(test) {
    const answer = await ask(test, PROMPTS.text);
    assert.equal(textOf(answer), TEXT);
    assert.equal(answer.stop_reason, "end_turn");
    assert.equal(answer.role, "assistant");
  },

  async "text streamed"(test) {
    const seen = [];
    const events = client(test).messages.stream(request(test, PROMPTS.text));
    events.on("text", (text) => seen.push(text));
    const answer = await events.finalMessage();
    assert.equal(seen.join(""), TEXT);
    assert.equal(textOf(answer), TEXT);
    assert.equal(answer.stop_reason, "end_turn");
  },

  async "events in order"(test) {
    const types = [];
    for await (const event of await ask(test, PROMPTS.text, { stream: true })) types.push(event.type);
    const known = types.filter((type) => type !== "ping");
    assert.deepEqual(known.slice(0, 2), ["message_start", "content_block_start"]);
    assert.deepEqual(known.slice(-3), ["content_block_stop", "message_delta", "message_stop"]);
    assert(known.slice(2, -3).every((type) => type === "content_block_delta"));
  },

  async usage(test) {
    const { usage } = await ask(test, PROMPTS.text);
    assert(usage.input_tokens > 0 && usage.output_tokens > 0);
  },

  async "usage streamed"(test) {
    const whole = (await ask(test, PROMPTS.text)).usage;
    const streamed = (await stream(test, PROMPTS.text)).usage;
    assert.equal(streamed.output_tokens, whole.output_tokens);
    assert.equal(streamed.input_tokens, whole.input_tokens);
  },

  async "cached tokens"(test) {
    test.simulatorOnly();
    const { usage } = await ask(test, PROMPTS.cached);
    assert.equal(usage.cache_read_input_tokens, 7);
    assert(usage.input_tokens > 0);
  },

  async "system prompt"(test) {
    const system = `You are pirate ${randomUUID()}.`;
    const answer = await ask(test, PROMPTS.system, { system: [{ type: "text", text: system }] });
    assert.equal(textOf(answer), "Arr.");
    if (test.simulated) {
      const bare = await ask(test, PROMPTS.system);
      assert(answer.usage.input_tokens > bare.usage.input_tokens + 4, "the provider did not read the system prompt");
    } else {
      assert.deepEqual((await test.received(system)).messages[0], { role: "system", content: system });
    }
  },

  async "long prompt"(test) {
    assert.equal(textOf(await ask(test, PROMPTS.long + "many words ".repeat(30_000))), "Read.");
  },

  async "one tool"(test) {
    const answer = await ask(test, PROMPTS.one_tool, { tools: TOOLS });
    assert.equal(answer.stop_reason, "tool_use");
    const [call] = answer.content.filter((block) => block.type === "tool_use");
    assert.equal(call.name, "get_weather");
    assert.deepEqual(call.input, { city: "Zürich" });
  },

  async "parallel tools"(test) {
    checkTwoTools(await ask(test, PROMPTS.two_tools, { tools: TOOLS }));
  },

  async "parallel tools streamed"(test) {
    checkTwoTools(await stream(test, PROMPTS.two_tools, { tools: TOOLS }));
  },

  async "tool loop"(test) {
    const first = await ask(test, PROMPTS.two_tools, { tools: TOOLS });
    const results = first.content
      .filter((block) => block.type === "tool_use")
      .map((block) => ({ type: "tool_result", tool_use_id: block.id, content: `${block.name}: fine` }));
    const turns = [
      { role: "user", content: PROMPTS.two_tools },
      { role: "assistant", content: first.content },
      { role: "user", content: results },
    ];
    const second = await ask(test, turns, { tools: TOOLS });
    assert.equal(second.stop_reason, "end_turn");
    assert(textOf(second));
  },

  async "tools run by the SDK"(test) {
    if (test.name === "mock-anthropic") throw new NotCarried("aimock neither holds threads nor says so");
    const seen = [];
    const tools = ["get_weather", "get_time"].map((name) =>
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
    const answer = await client(test).beta.messages.toolRunner(request(test, PROMPTS.two_tools, { tools }));
    assert(textOf(answer));
    assert.deepEqual(seen.sort(), ["get_time Oslo", "get_weather Oslo"]);
  },

  async "forced tool"(test) {
    test.simulatorOnly();
    const answer = await ask(test, "Hello.", { tools: TOOLS, tool_choice: { type: "tool", name: "get_time" } });
    assert(answer.content.some((block) => block.name === "get_time"));
  },

  async image(test) {
    const source = { type: "base64", media_type: "image/png", data: DOT_PNG };
    const content = [{ type: "image", source }, { type: "text", text: PROMPTS.image }];
    const answer = await ask(test, [{ role: "user", content }]);
    assert.equal(textOf(answer), "A dot.");
    if (test.simulated) {
      const bare = await ask(test, PROMPTS.image);
      assert(answer.usage.input_tokens - bare.usage.input_tokens >= 85, "the provider did not see the picture");
    } else if (test.format === "openai") {
      // Of an Anthropic request aimock keeps the texts only.
      assert(JSON.stringify(await test.received("What is in this picture?")).includes(DOT_PNG));
    }
  },

  async "structured output"(test) {
    const format = { output_config: { format: zodHelpers.zodOutputFormat(Event) } };
    const answer = await client(test).messages.parse(request(test, PROMPTS.structured, format));
    assert(Event.safeParse(answer.parsed_output).success);
  },

  async "structured output streamed"(test) {
    const format = { output_config: { format: zodHelpers.zodOutputFormat(Event) } };
    const answer = await stream(test, PROMPTS.structured, format);
    assert(Event.safeParse(answer.parsed_output).success);
  },

  async reasoning(test) {
    const answer = await ask(test, PROMPTS.reasoning, { ...THINKING, model: test.reasoner() });
    checkThought(answer);
    assert.equal(textOf(answer), "Forty-two.");
  },

  async "reasoning streamed"(test) {
    const options = { ...THINKING, model: test.reasoner() };
    const answer = await stream(test, PROMPTS.reasoning, options);
    checkThought(answer);
    const turns = [
      { role: "user", content: PROMPTS.reasoning },
      { role: "assistant", content: answer.content },
      { role: "user", content: PROMPTS.text },
    ];
    assert(textOf(await ask(test, turns, options)), "reasoning sent back is refused");
  },

  async "max tokens"(test) {
    test.simulatorOnly();
    const answer = await ask(test, PROMPTS.limit, { max_tokens: 3 });
    assert.equal(answer.stop_reason, "max_tokens");
    assert.equal(answer.usage.output_tokens, 3);
  },

  async "stop sequences"(test) {
    test.simulatorOnly();
    const answer = await ask(test, PROMPTS.stop, { stop_sequences: ["STOP", "never"] });
    assert.equal(textOf(answer).trim(), "one two");
    // Chat Completions does not say which sequence it was, or that it was one.
    if (test.format === "anthropic") assert.equal(answer.stop_sequence, "STOP");
    else assert(["end_turn", "stop_sequence"].includes(answer.stop_reason));
  },

  async refusal(test) {
    test.simulatorOnly();
    assert.equal((await ask(test, PROMPTS.refuse)).stop_reason, "refusal");
  },

  async "losses are named"(test) {
    const { data, response } = await client(test)
      .messages.create(request(test, PROMPTS.text, { top_k: 5, invented_field: 1 }))
      .withResponse();
    assert.equal(textOf(data), TEXT);
    const lost = response.headers.get("x-tollgate-loss");
    assert.deepEqual(lost?.split(", ").sort() ?? [], LOST[test.format] ?? LOST.others);
  },

  async "wrong key"(test) {
    const error = await refused(Anthropic.AuthenticationError, ask(test, PROMPTS.text, { key: "sk-ant-not-a-key" }));
    assert.equal(error.error.error.type, "authentication_error");
  },

  async "unknown model"(test) {
    const error = await refused(Anthropic.NotFoundError, ask(test, "Hello.", { model: "no-such-provider/model" }));
    assert.equal(error.error.error.type, "not_found_error");
    if (test.simulated) {
      await refused(Anthropic.NotFoundError, ask(test, "Hello.", { model: test.model("missing-model") }));
    }
  },

  async "invalid request"(test) {
    const error = await refused(Anthropic.BadRequestError, ask(test, PROMPTS.invalid));
    assert.equal(error.error.error.type, "invalid_request_error");
    await refused(Anthropic.BadRequestError, ask(test, "Hello.", { messages: "none" }));
  },

  async "rate limited"(test) {
    const error = await refused(Anthropic.RateLimitError, ask(test, PROMPTS.limited));
    assert.equal(error.headers.get("retry-after"), "9");
  },

  async "retried by the SDK"(test) {
    const model = await test.scripted("429:1s, ok");
    assert.equal(textOf(await ask(test, PROMPTS.retried, { model, retries: 1 })), "At last.");
    assert.deepEqual(await test.scriptedStatuses(), [429, 200]);
  },

  async "broken provider"(test) {
    for (const prompt of [PROMPTS.broken, PROMPTS.overloaded]) {
      const error = await ask(test, prompt).then(() => assert.fail("nothing was thrown"), (thrown) => thrown);
      assert(error instanceof Anthropic.APIError && error.status >= 500, `${error}`);
      assert.equal(error.error.type, "error");
    }
  },

  async "error inside a stream"(test) {
    test.simulatorOnly();
    await checkBrokenStream(test, PROMPTS.error_inside);
  },

  async "stream that breaks off"(test) {
    await checkBrokenStream(test, PROMPTS.cut_inside);
  },

  async "policy blocks a request"(test) {
    const error = await refused(Anthropic.BadRequestError, ask(test, PROMPTS.blocked_in, { key: test.guardedKey }));
    assert(error.message.includes("personal-data") && !error.message.includes("536-90"));
  },

  async "policy blocks an answer"(test) {
    const answer = await ask(test, PROMPTS.blocked_out, { key: test.guardedKey });
    assert.equal(answer.stop_reason, "refusal");
    assert(!textOf(answer).includes("1111"));
  },

  async "policy blocks a stream"(test) {
    const answer = await stream(test, PROMPTS.blocked_out, { key: test.guardedKey });
    assert.equal(answer.stop_reason, "refusal");
    assert(!textOf(answer).includes("1111"));
  },

  async "policy blocks in mid stream"(test) {
    const events = client(test, test.guardedKey).messages.stream(request(test, PROMPTS.blocked_out));
    const seen = [];
    events.on("text", (text) => seen.push(text));
    assert.equal((await events.finalMessage()).stop_reason, "refusal");
    assert(seen.join("").startsWith("The card is"), "what came before the finding was not delivered");
  },

  async "policy restores an answer"(test) {
    checkRestored(await ask(test, PROMPTS.restored, { key: test.handledKey, tools: TOOLS }));
  },

  async "policy restores a stream"(test) {
    checkRestored(await stream(test, PROMPTS.restored, { key: test.handledKey, tools: TOOLS }));
  },

  async "policy flags a request"(test) {
    const { data, response } = await withHeaders(test, PROMPTS.flagged);
    assert.equal(textOf(data), "It flies.");
    assert(response.headers.get("x-tollgate-policy").includes("handling/noted"));
  },

  async "policy routes a request"(test) {
    const { data, response } = await withHeaders(test, PROMPTS.routed, { "x-tollgate-detail": "1" });
    assert.equal(textOf(data), "It fishes.");
    assert.equal(response.headers.get("x-tollgate-provider"), "sim-anthropic");
  },

  async "policy redacts a call"(test) {
    checkRedactedCall(await ask(test, PROMPTS.redacted_call, { key: test.handledKey, tools: TOOLS }));
  },

  async "policy redacts a streamed call"(test) {
    checkRedactedCall(await stream(test, PROMPTS.redacted_call, { key: test.handledKey, tools: TOOLS }));
  },

  async "policy redacts a stream"(test) {
    const answer = await stream(test, PROMPTS.redacted_out, { key: test.guardedKey });
    assert.equal(textOf(answer), "Write to [EMAIL_ADDRESS] today.");
  },

  async "failover to the other format"(test) {
    test.simulatorOnly();
    const { data, response } = await client(test)
      .messages.create(request(test, PROMPTS.text, { model: "falls-over" }), { headers: { "x-tollgate-detail": "1" } })
      .withResponse();
    assert.equal(textOf(data), TEXT);
    assert.equal(response.headers.get("x-tollgate-provider"), "sim-anthropic");
  },

  async "models list"(test) {
    const names = [];
    for await (const model of client(test).models.list()) names.push(model.id);
    for (const name of ["assistant", "writer", "falls-over"]) assert(names.includes(name), names);
  },

  async "async client"(test) {
    const numbers = [...Array(8).keys()];
    const all = await Promise.all(numbers.map((number) => stream(test, `${PROMPTS.many}${number}`)));
    const expected = numbers.map((number) => (test.simulated ? `caller number ${number}` : "Counted."));
    assert.deepEqual(all.map((answer) => textOf(answer).trim()), expected);
  },

  async "hang up"(test) {
    test.simulatorOnly();
    const name = `hang-up-${randomUUID()}`;
    const events = await ask(test, PROMPTS.endless, { model: test.model(name), max_tokens: 6000, stream: true });
    let count = 0;
    for await (const _ of events) if (++count === 5) break;
    assert((await test.hungUp(name)).output_tokens < 4000);
  },
};

if (!zodHelpers.zodOutputFormat || !Anthropic.Messages.prototype.parse) {
  const missing = () => {
    throw new NotCarried("this major has no `messages.parse`");
  };
  abilities["structured output"] = missing;
  abilities["structured output streamed"] = missing;
}

await run(`@anthropic-ai/sdk ${VERSION} (Node)`, abilities);

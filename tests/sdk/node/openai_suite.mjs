// The `openai` package, unchanged: base URL and key only.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";

import OpenAI from "openai";
import { zodResponseFormat } from "openai/helpers/zod";
import { VERSION } from "openai/version";
import { z } from "zod";

import { CITY, DOT_PNG, NotCarried, PROMPTS, REDACTED_CITY, TEXT, refused, run } from "./cases.mjs";

const TOOLS = ["get_weather", "get_time"].map((name) => ({
  type: "function",
  function: { name, description: name, parameters: CITY, strict: true },
}));
const Event = z.object({ name: z.string(), guests: z.number(), tags: z.array(z.string()) });

function client(test, key = test.key, maxRetries = 0) {
  return new OpenAI({ baseURL: `${test.url}/v1`, apiKey: key, maxRetries });
}

function request(test, prompt, options) {
  const messages = Array.isArray(prompt) ? prompt : [{ role: "user", content: prompt }];
  return { model: test.model(), messages, ...options };
}

function ask(test, prompt, { key, retries, ...options } = {}) {
  return client(test, key, retries).chat.completions.create(request(test, prompt, options));
}

// The stream by the SDK's own helper, which puts the pieces together.
function stream(test, prompt, { key, ...options } = {}) {
  return client(test, key).chat.completions.stream(request(test, prompt, options)).finalChatCompletion();
}

async function pieces(test, prompt, options = {}) {
  const all = [];
  for await (const piece of await ask(test, prompt, { ...options, stream: true })) all.push(piece);
  return all;
}

const LOST = { openai: [], gemini: ["unknown_field"], others: ["seed", "unknown_field"] };
const textOf = (completion) => completion.choices[0].message.content;
const said = (all) => all.map((piece) => piece.choices[0]?.delta.content ?? "").join("");
const ending = (all) => all.filter((piece) => piece.choices.length > 0).at(-1).choices[0].finish_reason;

function checkTwoTools(answer) {
  const { message, finish_reason: finish } = answer.choices[0];
  assert.equal(finish, "tool_calls");
  assert.equal(message.content, "One moment.");
  assert.deepEqual(message.tool_calls.map((call) => call.function.name), ["get_weather", "get_time"]);
  assert.equal(new Set(message.tool_calls.map((call) => call.id)).size, 2);
  for (const call of message.tool_calls) assert.deepEqual(JSON.parse(call.function.arguments), { city: "Oslo" });
}

function checkRestored(answer) {
  const { message } = answer.choices[0];
  assert.equal(message.content, "I write to jo@example.com.");
  assert.deepEqual(message.tool_calls.map((call) => JSON.parse(call.function.arguments)), [{ city: "jo@example.com" }]);
}

function checkRedactedCall(answer) {
  const { message, finish_reason: finish } = answer.choices[0];
  assert.equal(finish, "tool_calls");
  assert.deepEqual(message.tool_calls.map((call) => JSON.parse(call.function.arguments)), [{ city: REDACTED_CITY }]);
}

function withHeaders(test, prompt, headers = {}) {
  return client(test, test.handledKey).chat.completions.create(request(test, prompt), { headers }).withResponse();
}

const abilities = {
  async text(test) {
    const answer = await ask(test, PROMPTS.text);
    assert.equal(textOf(answer), TEXT);
    assert.equal(answer.choices[0].finish_reason, "stop");
  },

  async "text streamed"(test) {
    const all = await pieces(test, PROMPTS.text);
    assert.equal(said(all), TEXT);
    assert.equal(ending(all), "stop");
    assert(all.every((piece) => piece.choices.length > 0), "usage came although it was not asked for");
  },

  async usage(test) {
    const { usage } = await ask(test, PROMPTS.text);
    assert(usage.prompt_tokens > 0 && usage.completion_tokens > 0);
    assert.equal(usage.total_tokens, usage.prompt_tokens + usage.completion_tokens);
  },

  async "usage streamed"(test) {
    const whole = (await ask(test, PROMPTS.text)).usage;
    const last = (await pieces(test, PROMPTS.text, { stream_options: { include_usage: true } })).at(-1);
    assert.deepEqual(last.choices, []);
    assert.equal(last.usage.prompt_tokens, whole.prompt_tokens);
    assert.equal(last.usage.completion_tokens, whole.completion_tokens);
  },

  async "cached tokens"(test) {
    test.simulatorOnly();
    const { usage } = await ask(test, PROMPTS.cached);
    assert.equal(usage.prompt_tokens_details.cached_tokens, 7);
    assert(usage.prompt_tokens > 7);
  },

  async "system prompt"(test) {
    const system = `You are pirate ${randomUUID()}.`;
    const answer = await ask(test, [{ role: "system", content: system }, { role: "user", content: PROMPTS.system }]);
    assert.equal(textOf(answer), "Arr.");
    if (test.simulated) {
      const bare = await ask(test, PROMPTS.system);
      assert(answer.usage.prompt_tokens > bare.usage.prompt_tokens + 4, "the provider did not read the system prompt");
    } else {
      assert.deepEqual((await test.received(system)).messages[0], { role: "system", content: system });
    }
  },

  async "long prompt"(test) {
    assert.equal(textOf(await ask(test, PROMPTS.long + "many words ".repeat(30_000))), "Read.");
  },

  async "one tool"(test) {
    const { choices } = await ask(test, PROMPTS.one_tool, { tools: TOOLS });
    assert.equal(choices[0].finish_reason, "tool_calls");
    const [call] = choices[0].message.tool_calls;
    assert.equal(call.function.name, "get_weather");
    assert.deepEqual(JSON.parse(call.function.arguments), { city: "Zürich" });
  },

  async "parallel tools"(test) {
    checkTwoTools(await ask(test, PROMPTS.two_tools, { tools: TOOLS, parallel_tool_calls: true }));
  },

  async "parallel tools streamed"(test) {
    checkTwoTools(await stream(test, PROMPTS.two_tools, { tools: TOOLS }));
  },

  async "tool loop"(test) {
    const messages = [{ role: "user", content: PROMPTS.two_tools }];
    const first = (await ask(test, messages, { tools: TOOLS })).choices[0].message;
    messages.push(first);
    for (const call of first.tool_calls) {
      messages.push({ role: "tool", tool_call_id: call.id, content: `${call.function.name}: fine` });
    }
    const second = (await ask(test, messages, { tools: TOOLS })).choices[0];
    assert.equal(second.finish_reason, "stop");
    assert(second.message.content && !second.message.tool_calls?.length);
  },

  async "tools run by the SDK"(test) {
    const seen = [];
    const tools = ["get_weather", "get_time"].map((name) => ({
      type: "function",
      function: {
        name,
        description: name,
        parameters: CITY,
        parse: JSON.parse,
        function: ({ city }) => {
          seen.push(`${name} ${city}`);
          return "fine";
        },
      },
    }));
    const runner = client(test).chat.completions.runTools(request(test, PROMPTS.two_tools, { tools, stream: true }));
    assert(await runner.finalContent());
    assert.deepEqual(seen.sort(), ["get_time Oslo", "get_weather Oslo"]);
  },

  async "forced tool"(test) {
    test.simulatorOnly();
    const choice = { type: "function", function: { name: "get_time" } };
    const { choices } = await ask(test, "Hello.", { tools: TOOLS, tool_choice: choice });
    assert.equal(choices[0].message.tool_calls[0].function.name, "get_time");
  },

  async image(test) {
    const content = [
      { type: "text", text: PROMPTS.image },
      { type: "image_url", image_url: { url: `data:image/png;base64,${DOT_PNG}` } },
    ];
    const answer = await ask(test, [{ role: "user", content }]);
    assert.equal(textOf(answer), "A dot.");
    if (test.simulated) {
      const bare = await ask(test, PROMPTS.image);
      assert(answer.usage.prompt_tokens - bare.usage.prompt_tokens >= 85, "the provider did not see the picture");
    } else if (test.format === "openai") {
      // Of an Anthropic request aimock keeps the texts only.
      assert(JSON.stringify(await test.received("What is in this picture?")).includes(DOT_PNG));
    }
  },

  async "structured output"(test) {
    const format = zodResponseFormat(Event, "event");
    const answer = await client(test).chat.completions.parse(
      request(test, PROMPTS.structured, { response_format: format }),
    );
    assert(Event.safeParse(answer.choices[0].message.parsed).success);
  },

  async "structured output streamed"(test) {
    const answer = await stream(test, PROMPTS.structured, { response_format: zodResponseFormat(Event, "event") });
    assert(Event.safeParse(answer.choices[0].message.parsed).success);
  },

  async reasoning(test) {
    const answer = await ask(test, PROMPTS.reasoning, { reasoning_effort: "low", model: test.reasoner() });
    assert.equal(textOf(answer), "Forty-two.");
    assert(answer.choices[0].message.reasoning_content);
  },

  async "reasoning streamed"(test) {
    const all = await pieces(test, PROMPTS.reasoning, { reasoning_effort: "low", model: test.reasoner() });
    assert.equal(said(all), "Forty-two.");
    assert(all.some((piece) => piece.choices[0]?.delta.reasoning_content));
  },

  async "max tokens"(test) {
    test.simulatorOnly();
    for (const name of ["max_tokens", "max_completion_tokens"]) {
      const answer = await ask(test, PROMPTS.limit, { [name]: 3 });
      assert.equal(answer.choices[0].finish_reason, "length");
      assert.equal(answer.usage.completion_tokens, 3);
    }
  },

  async "stop sequences"(test) {
    test.simulatorOnly();
    const answer = await ask(test, PROMPTS.stop, { stop: ["STOP", "never"] });
    assert.equal(textOf(answer).trim(), "one two");
    assert.equal(answer.choices[0].finish_reason, "stop");
  },

  async refusal(test) {
    test.simulatorOnly();
    const [choice] = (await ask(test, PROMPTS.refuse)).choices;
    assert(choice.message.refusal || choice.finish_reason === "content_filter");
  },

  async "losses are named"(test) {
    const { data, response } = await client(test)
      .chat.completions.create(request(test, PROMPTS.text, { seed: 7, invented_field: 1 }))
      .withResponse();
    assert.equal(textOf(data), TEXT);
    const lost = response.headers.get("x-tollgate-loss");
    assert.deepEqual(lost?.split(", ").sort() ?? [], LOST[test.format] ?? LOST.others);
  },

  async "wrong key"(test) {
    const error = await refused(OpenAI.AuthenticationError, ask(test, PROMPTS.text, { key: "sk-not-a-key" }));
    assert.equal(error.code, "invalid_api_key");
  },

  async "unknown model"(test) {
    const error = await refused(OpenAI.NotFoundError, ask(test, "Hello.", { model: "no-such-provider/model" }));
    assert.equal(error.code, "model_not_found");
    if (test.simulated) await refused(OpenAI.NotFoundError, ask(test, "Hello.", { model: test.model("missing-model") }));
  },

  async "invalid request"(test) {
    const error = await refused(OpenAI.BadRequestError, ask(test, PROMPTS.invalid));
    assert.equal(error.type, "invalid_request_error");
    await refused(OpenAI.BadRequestError, ask(test, "Hello.", { messages: "none" }));
  },

  async "rate limited"(test) {
    const error = await refused(OpenAI.RateLimitError, ask(test, PROMPTS.limited));
    assert.equal(error.headers.get("retry-after"), "9");
  },

  async "retried by the SDK"(test) {
    const model = await test.scripted("429:1s, ok");
    assert.equal(textOf(await ask(test, PROMPTS.retried, { model, retries: 1 })), "At last.");
    assert.deepEqual(await test.scriptedStatuses(), [429, 200]);
  },

  async "broken provider"(test) {
    for (const prompt of [PROMPTS.broken, PROMPTS.overloaded]) {
      const error = await refused(OpenAI.InternalServerError, ask(test, prompt));
      assert(error.status >= 500 && error.error.message);
    }
  },

  async "error inside a stream"(test) {
    test.simulatorOnly();
    await refused(OpenAI.APIError, pieces(test, PROMPTS.error_inside));
  },

  async "stream that breaks off"(test) {
    await refused(OpenAI.APIError, pieces(test, PROMPTS.cut_inside));
  },

  async "policy blocks a request"(test) {
    const error = await refused(OpenAI.BadRequestError, ask(test, PROMPTS.blocked_in, { key: test.guardedKey }));
    assert.equal(error.code, "policy_violation");
    assert(!error.message.includes("536-90"));
  },

  async "policy blocks an answer"(test) {
    const [choice] = (await ask(test, PROMPTS.blocked_out, { key: test.guardedKey })).choices;
    assert.equal(choice.finish_reason, "content_filter");
    assert(!choice.message.content?.includes("1111"));
  },

  async "policy blocks a stream"(test) {
    const all = await pieces(test, PROMPTS.blocked_out, { key: test.guardedKey });
    assert.equal(ending(all), "content_filter");
    assert(!said(all).includes("1111"));
  },

  async "policy blocks in mid stream"(test) {
    const answer = await stream(test, PROMPTS.blocked_out, { key: test.guardedKey });
    assert.equal(answer.choices[0].finish_reason, "content_filter");
    assert(textOf(answer).startsWith("The card is"), "what came before the finding was not delivered");
  },

  async "policy restores an answer"(test) {
    checkRestored(await ask(test, PROMPTS.restored, { key: test.handledKey, tools: TOOLS }));
  },

  async "policy restores a stream"(test) {
    const answer = await stream(test, PROMPTS.restored, { key: test.handledKey, tools: TOOLS });
    checkRestored(answer);
    assert.deepEqual(answer.choices[0].message.tool_calls[0].function.parsed_arguments, { city: "jo@example.com" });
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
      .chat.completions.create(request(test, PROMPTS.text, { model: "falls-over" }), {
        headers: { "x-tollgate-detail": "1" },
      })
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
    const all = await Promise.all(
      numbers.map(async (number) => said(await pieces(test, `${PROMPTS.many}${number}`)).trim()),
    );
    assert.deepEqual(all, numbers.map((number) => (test.simulated ? `caller number ${number}` : "Counted.")));
  },

  async "hang up"(test) {
    test.simulatorOnly();
    const name = `hang-up-${randomUUID()}`;
    const endless = await ask(test, PROMPTS.endless, { model: test.model(name), stream: true });
    let count = 0;
    for await (const _ of endless) if (++count === 5) break;
    assert((await test.hungUp(name)).output_tokens < 4000);
  },
};

if (!OpenAI.Chat.Completions.prototype.runTools) {
  abilities["tools run by the SDK"] = () => {
    throw new NotCarried("this major has no `runTools`");
  };
}

await run(`openai ${VERSION} (Node)`, abilities);

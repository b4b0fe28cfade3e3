// The `@google/genai` package, unchanged: base URL and key only.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";

import { ApiError, FunctionCallingConfigMode, GoogleGenAI } from "@google/genai";

import { CITY, DOT_PNG, PROMPTS, REDACTED_CITY, TEXT, refused, run } from "./cases.mjs";

const entry = new URL(import.meta.resolve("@google/genai")).pathname;
const folder = entry.slice(0, entry.indexOf("@google/genai") + "@google/genai".length);
const { version: VERSION } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
const NAMES = ["get_weather", "get_time"];
const TOOLS = [
  { functionDeclarations: NAMES.map((name) => ({ name, description: name, parametersJsonSchema: CITY })) },
];
const EVENT = {
  type: "object",
  properties: { name: { type: "string" }, guests: { type: "integer" } },
  required: ["name", "guests"],
};

function client(test, key = test.key) {
  return new GoogleGenAI({ apiKey: key, httpOptions: { baseUrl: test.url } });
}

const request = (test, contents, { key, model, ...config } = {}) => ({
  model: model ?? test.model(),
  contents,
  config,
});

function ask(test, contents, options = {}) {
  return client(test, options.key).models.generateContent(request(test, contents, options));
}

async function collected(answers) {
  const all = [];
  for await (const answer of await answers) all.push(answer);
  return all;
}

function stream(test, contents, options = {}) {
  return collected(client(test, options.key).models.generateContentStream(request(test, contents, options)));
}

const parts = (answers) => [answers].flat().flatMap((answer) => answer.candidates?.[0]?.content?.parts ?? []);
const textOf = (answers) =>
  parts(answers).filter((part) => part.text && !part.thought).map((part) => part.text).join("");
const callsOf = (answers) => parts(answers).map((part) => part.functionCall).filter(Boolean);
const reasonOf = (answers) =>
  [answers].flat().map((answer) => answer.candidates?.[0]?.finishReason).find(Boolean);

function checkTwoTools(answer) {
  assert.equal(textOf(answer), "One moment.");
  assert.deepEqual(callsOf(answer).map((call) => call.name), NAMES);
  assert(callsOf(answer).every((call) => call.args.city === "Oslo"));
}

async function chatOfSeveralTurns(test, send) {
  const config = { tools: TOOLS, thinkingConfig: { includeThoughts: true } };
  const chat = client(test).chats.create({ model: test.model("gemini-3-sim"), config });
  const first = await send(chat, PROMPTS.two_tools);
  assert.deepEqual(callsOf(first).map((call) => call.name), NAMES);
  const results = callsOf(first).map(({ id, name }) => ({
    functionResponse: { id, name, response: { output: "fine" } },
  }));
  assert(textOf(await send(chat, results)));
  assert.equal(textOf(await send(chat, PROMPTS.text)), TEXT);
  assert.equal(chat.getHistory(true).length, chat.getHistory().length, "a turn was forgotten");
}

async function brokenStream(test, prompt) {
  let seen = "";
  try {
    const answers = await client(test).models.generateContentStream(request(test, prompt));
    for await (const answer of answers) seen += answer.text ?? "";
  } catch (error) {
    assert(error instanceof ApiError && error.status >= 500, error);
    assert(seen, "nothing came before the error");
    return;
  }
  assert.fail(`the stream ended as if it were whole: ${seen}`);
}

run(`@google/genai ${VERSION} (Node)`, {
  async text(test) {
    const answer = await ask(test, PROMPTS.text);
    assert.equal(answer.text, TEXT);
    assert.equal(reasonOf(answer), "STOP");
  },

  async "text streamed"(test) {
    const all = await stream(test, PROMPTS.text);
    assert.equal(textOf(all), TEXT);
    assert(all.length > 3 && reasonOf(all) === "STOP");
  },

  async usage(test) {
    const { usageMetadata } = await ask(test, PROMPTS.text);
    const streamed = (await stream(test, PROMPTS.text)).at(-1).usageMetadata;
    assert(usageMetadata.promptTokenCount > 0 && usageMetadata.candidatesTokenCount > 0);
    assert.equal(streamed.candidatesTokenCount, usageMetadata.candidatesTokenCount);
  },

  async "system prompt"(test) {
    const answer = await ask(test, PROMPTS.system, { systemInstruction: `You are pirate ${randomUUID()}.` });
    assert.equal(answer.text, "Arr.");
  },

  async "one tool"(test) {
    const [call, ...more] = (await ask(test, PROMPTS.one_tool, { tools: TOOLS })).functionCalls;
    assert.deepEqual([call.name, call.args, more], ["get_weather", { city: "Zürich" }, []]);
  },

  async "parallel tools"(test) {
    checkTwoTools(await ask(test, PROMPTS.two_tools, { tools: TOOLS }));
  },

  async "parallel tools streamed"(test) {
    checkTwoTools(await stream(test, PROMPTS.two_tools, { tools: TOOLS }));
  },

  async "chat of several turns"(test) {
    await chatOfSeveralTurns(test, (chat, message) => chat.sendMessage({ message }));
  },

  async "chat of several turns streamed"(test) {
    await chatOfSeveralTurns(test, (chat, message) => collected(chat.sendMessageStream({ message })));
  },

  async "forced tool"(test) {
    test.simulatorOnly();
    const functionCallingConfig = { mode: FunctionCallingConfigMode.ANY, allowedFunctionNames: ["get_time"] };
    const answer = await ask(test, "Hello.", { tools: TOOLS, toolConfig: { functionCallingConfig } });
    assert.deepEqual(callsOf(answer).map((call) => call.name), ["get_time"]);
  },

  async image(test) {
    const picture = { inlineData: { data: DOT_PNG, mimeType: "image/png" } };
    assert.equal((await ask(test, [picture, PROMPTS.image])).text, "A dot.");
  },

  async "structured output"(test) {
    const config = { responseMimeType: "application/json", responseJsonSchema: EVENT };
    const event = JSON.parse((await ask(test, PROMPTS.structured, config)).text);
    assert.equal(typeof event.name, "string");
  },

  async reasoning(test) {
    const thinkingConfig = { thinkingBudget: 2048, includeThoughts: true };
    for (const answer of [
      await ask(test, PROMPTS.reasoning, { thinkingConfig }),
      await stream(test, PROMPTS.reasoning, { thinkingConfig }),
    ]) {
      assert.equal(textOf(answer), "Forty-two.");
      assert(parts(answer).some((part) => part.thought && part.text));
    }
  },

  async "max tokens"(test) {
    test.simulatorOnly();
    assert.equal(reasonOf(await ask(test, PROMPTS.limit, { maxOutputTokens: 20 })), "MAX_TOKENS");
  },

  async "wrong key"(test) {
    const error = await refused(ApiError, ask(test, PROMPTS.text, { key: "AIza-not-a-key" }));
    assert.equal(error.status, 401);
  },

  async "unknown model"(test) {
    const error = await refused(ApiError, ask(test, "Hello.", { model: "no-such-provider/model" }));
    assert.equal(error.status, 404);
  },

  async "invalid request"(test) {
    assert.equal((await refused(ApiError, ask(test, PROMPTS.invalid))).status, 400);
  },

  async "rate limited"(test) {
    assert.equal((await refused(ApiError, ask(test, PROMPTS.limited))).status, 429);
  },

  async "error inside a stream"(test) {
    test.simulatorOnly();
    await brokenStream(test, PROMPTS.error_inside);
  },

  async "stream that breaks off"(test) {
    await brokenStream(test, PROMPTS.cut_inside);
  },

  async "policy blocks a request"(test) {
    const error = await refused(ApiError, ask(test, PROMPTS.blocked_in, { key: test.guardedKey }));
    assert(error.status === 400 && error.message.includes("personal-data") && !error.message.includes("536-90"));
  },

  async "policy blocks in mid-stream"(test) {
    const all = await stream(test, PROMPTS.blocked_out, { key: test.guardedKey });
    assert.equal(reasonOf(all), "SAFETY");
    assert(textOf(all).startsWith("The card is") && !textOf(all).includes("1111"));
  },

  async "policy redacts a streamed call"(test) {
    const all = await stream(test, PROMPTS.redacted_call, { key: test.handledKey, tools: TOOLS });
    assert.deepEqual(callsOf(all).map((call) => call.args), [{ city: REDACTED_CITY }]);
  },

  async "models list"(test) {
    const names = [];
    for await (const model of await client(test).models.list()) names.push(model.name);
    assert(names.includes("models/assistant") && names.includes("models/writer"), names);
  },

  async "hang up"(test) {
    test.simulatorOnly();
    const name = `hang-up-${randomUUID()}`;
    const caller = new AbortController();
    const options = { model: test.model(name), maxOutputTokens: 6000, abortSignal: caller.signal };
    const answers = await client(test).models.generateContentStream(request(test, PROMPTS.endless, options));
    for (let left = 5; left > 0; left -= 1) await answers.next();
    caller.abort();
    assert((await test.hungUp(name)).output_tokens < 4000);
  },
});

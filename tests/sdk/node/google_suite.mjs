// The `@google/genai` package, unchanged: base URL and key only.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import { ApiError, FunctionCallingConfigMode, GoogleGenAI } from "@google/genai";

import { PROMPTS, TEXT, run } from "./cases.mjs";
import { CITY, NAMES, SCHEMA, abilitiesOf } from "./chats.mjs";

const entry = new URL(import.meta.resolve("@google/genai")).pathname;
const folder = entry.slice(0, entry.indexOf("@google/genai") + "@google/genai".length);
const { version: VERSION } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
const TOOLS = [
  { functionDeclarations: NAMES.map((name) => ({ name, description: name, parametersJsonSchema: CITY })) },
];
const FINISH = { MAX_TOKENS: "length", SAFETY: "filter" };

class Gemini {
  own = "gemini";
  // One class has all statuses.
  errors = { 400: ApiError, 401: ApiError, 404: ApiError, 429: ApiError, 500: ApiError };
  streamErrors = [ApiError];
  lossy = { seed: 7, topK: 5 };
  loses = ["seed", "top_k"];

  client(test, { key = test.key, retries = 0 } = {}) {
    const retryOptions = { attempts: retries + 1 };
    return new GoogleGenAI({ apiKey: key, httpOptions: { baseUrl: test.url, retryOptions } });
  }

  request(test, prompt, options = {}) {
    const { key, retries, turns = [], image, tools, forced, thinking, schema, system, maxTokens, stop, headers, ...rest } =
      options;
    const { model, ...config } = rest;
    const contents = [...turns];
    const picture = image ? [{ inlineData: { data: image, mimeType: "image/png" } }] : [];
    if (prompt !== null) contents.push({ role: "user", parts: [...picture, { text: prompt }] });
    if (system) config.systemInstruction = system;
    if (tools) config.tools = TOOLS;
    if (forced) {
      const functionCallingConfig = { mode: FunctionCallingConfigMode.ANY, allowedFunctionNames: [forced] };
      config.toolConfig = { functionCallingConfig };
    }
    if (thinking) config.thinkingConfig = { thinkingBudget: 2048, includeThoughts: true };
    if (schema) Object.assign(config, { responseMimeType: "application/json", responseJsonSchema: SCHEMA });
    if (maxTokens) config.maxOutputTokens = maxTokens;
    if (stop) config.stopSequences = stop;
    if (headers) config.httpOptions = { headers };
    return { model: model ?? test.model(), contents, config };
  }

  async ask(test, prompt, options = {}) {
    const answer = await this.client(test, options).models.generateContent(this.request(test, prompt, options));
    return { ...said([answer], options.schema), headers: new Headers(answer.sdkHttpResponse?.headers) };
  }

  async stream(test, prompt, options = {}) {
    const request = this.request(test, prompt, options);
    return said(await collected(this.client(test, options).models.generateContentStream(request)), options.schema);
  }

  async *pieces(test, prompt, options = {}) {
    const caller = new AbortController();
    const request = this.request(test, prompt, { ...options, abortSignal: caller.signal });
    try {
      for await (const answer of await this.client(test, options).models.generateContentStream(request)) {
        const text = textOf([answer]);
        if (text) yield text;
      }
    } finally {
      caller.abort();
    }
  }

  turns(prompt, { raw, calls }, results = {}) {
    const parts = calls
      .filter(({ id }) => id in results)
      .map(({ id, given, name }) => ({ functionResponse: { id: given, name, response: { output: results[id] } } }));
    const turns = [{ role: "user", parts: [{ text: prompt }] }, raw];
    return parts.length > 0 ? [...turns, { role: "user", parts }] : turns;
  }

  async models(test) {
    const names = [];
    for await (const model of await this.client(test).models.list()) names.push(model.name);
    assert(names.every((name) => name.startsWith("models/")), `${names}`);
    return names.map((name) => name.slice("models/".length));
  }

  status(error) {
    return error.status;
  }

  checkError(what, error) {
    assert(error.message, error);
    if (what === "policy") assert(error.message.includes("personal-data"), error.message);
  }
}

async function collected(answers) {
  const all = [];
  for await (const answer of await answers) all.push(answer);
  return all;
}

const partsOf = (answers) => answers.flatMap((answer) => answer.candidates?.[0]?.content?.parts ?? []);
const textsOf = (parts) => parts.filter((part) => part.text).map((part) => part.text).join("");
const textOf = (answers) => textsOf(partsOf(answers).filter((part) => !part.thought));
const callsOf = (answers) => partsOf(answers).map((part) => part.functionCall).filter(Boolean);

// What the pieces say together; a whole answer is one piece.
function said(answers, schema) {
  const parts = partsOf(answers);
  const reason = answers.map((answer) => answer.candidates?.[0]?.finishReason).find(Boolean);
  const text = textOf(answers);
  // Where an answer has no ids, calls are told apart by their places.
  const calls = callsOf(answers).map(({ id, name, args }, place) => ({
    id: id ?? `call ${place}`,
    given: id,
    name,
    arguments: args,
  }));
  const usage = answers.at(-1).usageMetadata;
  return {
    text,
    finish: reason === "STOP" ? (calls.length > 0 ? "tools" : "stop") : (FINISH[reason] ?? reason),
    calls,
    thoughts: textsOf(parts.filter((part) => part.thought)),
    input: usage?.promptTokenCount,
    output: usage?.candidatesTokenCount,
    cached: usage?.cachedContentTokenCount,
    parsed: schema ? JSON.parse(text) : undefined,
    raw: { role: "model", parts },
  };
}

const driver = new Gemini();

async function chatOfSeveralTurns(test, send) {
  const config = { tools: TOOLS, thinkingConfig: { includeThoughts: true } };
  const chat = driver.client(test).chats.create({ model: test.model("gemini-3-sim"), config });
  const first = await send(chat, PROMPTS.two_tools);
  assert.deepEqual(callsOf(first).map((call) => call.name), NAMES);
  const results = callsOf(first).map(({ id, name }) => ({
    functionResponse: { id, name, response: { output: "fine" } },
  }));
  assert(textOf(await send(chat, results)));
  assert.equal(textOf(await send(chat, PROMPTS.text)), TEXT);
  assert.equal(chat.getHistory(true).length, chat.getHistory().length, "a turn was forgotten");
}

const own = {
  async "count tokens"(test) {
    test.simulatorOnly();
    // Bedrock counts for models of Anthropic only.
    const model = test.model("anthropic.test-model");
    const { totalTokens } = await driver.client(test).models.countTokens({ model, contents: PROMPTS.text });
    test.checkCount(totalTokens, (await driver.ask(test, PROMPTS.text, { model })).input);
  },

  async "chat of several turns"(test) {
    await chatOfSeveralTurns(test, async (chat, message) => [await chat.sendMessage({ message })]);
  },

  async "chat of several turns streamed"(test) {
    await chatOfSeveralTurns(test, (chat, message) => collected(chat.sendMessageStream({ message })));
  },
};

await run(`@google/genai ${VERSION} (Node)`, abilitiesOf(driver, own));

// The Vercel AI SDK, unchanged, with each of its providers that speaks our formats: base
// URL and key only.

import assert from "node:assert/strict";

import { createAnthropic } from "@ai-sdk/anthropic";
import { VERSION, createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { APICallError, Output, generateText, stepCountIs, streamText, tool } from "ai";
import { z } from "zod";

import { DOT_PNG, PROMPTS, TEXT, run } from "./cases.mjs";

const Event = z.object({ name: z.string(), guests: z.number(), tags: z.array(z.string()) });
const city = z.object({ city: z.string() });

// What was said is sent back, and not left with a provider, which only one of Responses could take up.
const providerOptions = { openai: { store: false } };

// One model of each provider.
function models(test, key = test.key) {
  const settings = { apiKey: key, baseURL: `${test.url}/v1` };
  return [
    createOpenAI(settings).chat(test.model()),
    // What it does by itself is Responses.
    createOpenAI(settings)(test.model()),
    createOpenAICompatible({ ...settings, name: "gateway", includeUsage: true, supportsStructuredOutputs: true })(test.model()),
    createAnthropic(settings)(test.model()),
  ];
}

async function each(test, check, key) {
  for (const model of models(test, key)) await check({ model, maxRetries: 0, providerOptions });
}

const tools = (called) =>
  Object.fromEntries(
    ["get_weather", "get_time"].map((name) => [
      name,
      tool({ description: name, inputSchema: city, execute: async (input) => called.push([name, input]) && "fine" }),
    ]),
  );

async function refused(promise, status) {
  await assert.rejects(promise, (error) => APICallError.isInstance(error) && error.statusCode === status);
}

await run(`vercel ai (openai ${VERSION})`, {
  "text": (test) =>
    each(test, async (base) => {
      const answer = await generateText({ ...base, prompt: PROMPTS.text });
      assert.equal(answer.text, TEXT);
      assert.equal(answer.finishReason, "stop");
      assert(answer.usage.inputTokens > 0 && answer.usage.outputTokens > 0);
    }),

  "text streamed": (test) =>
    each(test, async (base) => {
      const answer = streamText({ ...base, prompt: PROMPTS.text });
      let said = "";
      for await (const piece of answer.textStream) said += piece;
      assert.equal(said, TEXT);
      assert.equal(await answer.finishReason, "stop");
      assert((await answer.usage).outputTokens > 0);
    }),

  "parallel tools and loop": (test) =>
    each(test, async (base) => {
      const called = [];
      const answer = await generateText({
        ...base, prompt: PROMPTS.two_tools, tools: tools(called), stopWhen: stepCountIs(2),
      });
      assert.deepEqual(called, [["get_weather", { city: "Oslo" }], ["get_time", { city: "Oslo" }]]);
      assert.equal(answer.steps.length, 2);
      assert.equal(answer.steps[0].finishReason, "tool-calls");
    }),

  "tools streamed": (test) =>
    each(test, async (base) => {
      const called = [];
      const answer = streamText({
        ...base, prompt: PROMPTS.two_tools, tools: tools(called), stopWhen: stepCountIs(2),
      });
      await answer.consumeStream();
      assert.deepEqual(called, [["get_weather", { city: "Oslo" }], ["get_time", { city: "Oslo" }]]);
    }),

  "structured output": (test) =>
    each(test, async (base) => {
      test.simulatorOnly();
      const answer = await generateText({
        ...base, prompt: PROMPTS.structured, output: Output.object({ schema: Event }),
      });
      Event.parse(answer.output);
    }),

  "image": (test) =>
    each(test, async (base) => {
      const content = [
        { type: "text", text: PROMPTS.image },
        { type: "image", image: Buffer.from(DOT_PNG, "base64"), mediaType: "image/png" },
      ];
      const answer = await generateText({ ...base, messages: [{ role: "user", content }] });
      assert.equal(answer.text, "A dot.");
    }),

  "errors": (test) =>
    each(test, async (base) => {
      test.simulatorOnly();
      await refused(generateText({ ...base, prompt: PROMPTS.invalid }), 400);
      await refused(generateText({ ...base, prompt: PROMPTS.limited }), 429);
      await refused(generateText({ ...base, prompt: PROMPTS.broken }), 500);
    }),

  "an unknown key": (test) =>
    each(test, (base) => refused(generateText({ ...base, prompt: "Hello" }), 401), "not-a-key"),

  "blocked input": (test) =>
    each(test, (base) => refused(generateText({ ...base, prompt: PROMPTS.blocked_in }), 400), test.guardedKey),

  "blocked in mid-stream": (test) =>
    each(test, async (base) => {
      const answer = streamText({ ...base, prompt: PROMPTS.blocked_out });
      let said = "";
      for await (const piece of answer.textStream) said += piece;
      assert(!said.includes("4111"), said);
      assert.equal(await answer.finishReason, "content-filter");
    }, test.guardedKey),
});

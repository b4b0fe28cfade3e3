// The `openai` package's Chat Completions, unchanged: base URL and key only. With `azure`
// the same by its client for Azure: its address and key only.

import assert from "node:assert/strict";

import OpenAI from "openai";
import { zodResponseFormat } from "openai/helpers/zod";
import { VERSION } from "openai/version";
import { z } from "zod";

import { CITY, NotCarried, PROMPTS, refused, run } from "./cases.mjs";
import { NAMES, abilitiesOf } from "./chats.mjs";
import { Sdk } from "./openai_sdk.mjs";

const TOOLS = NAMES.map((name) => ({
  type: "function",
  function: { name, description: name, parameters: CITY, strict: true },
}));
const FORMAT = zodResponseFormat(z.object({ name: z.string(), guests: z.number(), tags: z.array(z.string()) }), "event");
const FINISH = { tool_calls: "tools", content_filter: "filter" };

class Chat extends Sdk {
  own = "openai";
  streamErrors = [OpenAI.APIError];
  lossy = { seed: 7, invented_field: 1 };
  loses = ["seed", "unknown_field"];

  request(test, prompt, options = {}) {
    const { turns = [], image, tools, forced, thinking, schema, system, maxTokens, key, retries, headers, ...rest } =
      options;
    const request = { model: test.model(), ...rest, messages: [...turns] };
    if (system) request.messages.unshift({ role: "system", content: system });
    if (prompt !== null) request.messages.push({ role: "user", content: content(prompt, image) });
    if (tools) request.tools = TOOLS;
    if (forced) request.tool_choice = { type: "function", function: { name: forced } };
    if (thinking) request.reasoning_effort = "low";
    if (schema) request.response_format = FORMAT;
    if (maxTokens) request.max_completion_tokens = maxTokens;
    return request;
  }

  async ask(test, prompt, options = {}) {
    const { completions } = this.client(test, options).chat;
    const request = this.request(test, prompt, options);
    if (options.schema) return said(await completions.parse(request));
    const { data, response } = await completions.create(request, { headers: options.headers }).withResponse();
    return said(data, response.headers);
  }

  // By the SDK's own helper, which puts the pieces together, but for reasoning.
  async stream(test, prompt, options = {}) {
    const request = { ...this.request(test, prompt, options), stream_options: { include_usage: true } };
    const runner = this.client(test, options).chat.completions.stream(request);
    let thoughts = "";
    for await (const chunk of runner) thoughts += chunk.choices[0]?.delta.reasoning_content ?? "";
    return { ...said(await runner.finalChatCompletion()), thoughts };
  }

  async *pieces(test, prompt, options = {}) {
    const request = { ...this.request(test, prompt, options), stream: true };
    for await (const chunk of await this.client(test, options).chat.completions.create(request)) {
      assert(chunk.choices.length > 0, "usage came although it was not asked for");
      if (chunk.choices[0].delta.content) yield chunk.choices[0].delta.content;
    }
  }

  turns(prompt, { raw }, results = {}) {
    const { parsed, ...message } = raw.choices[0].message;
    const outputs = Object.entries(results).map(([id, text]) => ({ role: "tool", tool_call_id: id, content: text }));
    return [{ role: "user", content: prompt }, message, ...outputs];
  }
}

function content(prompt, image) {
  if (!image) return prompt;
  const url = `data:image/png;base64,${image}`;
  return [
    { type: "text", text: prompt },
    { type: "image_url", image_url: { url } },
  ];
}

function said(completion, headers) {
  const { message, finish_reason: finish } = completion.choices[0];
  const { usage } = completion;
  if (usage) assert.equal(usage.total_tokens, usage.prompt_tokens + usage.completion_tokens);
  return {
    text: message.content,
    finish: FINISH[finish] ?? finish,
    calls: (message.tool_calls ?? []).map((call) => ({
      id: call.id,
      name: call.function.name,
      arguments: JSON.parse(call.function.arguments),
    })),
    thoughts: message.reasoning_content ?? "",
    input: usage?.prompt_tokens,
    output: usage?.completion_tokens,
    cached: usage?.prompt_tokens_details?.cached_tokens,
    parsed: message.parsed,
    headers,
    raw: completion,
  };
}

const azure = process.argv.includes("azure");
const driver = new Chat({ azure });

function create(test, prompt, options) {
  return driver.client(test).chat.completions.create({ ...driver.request(test, prompt), ...options });
}

const own = {
  async "pieces have their form"(test) {
    const all = [];
    const options = { stream: true, stream_options: { include_usage: true } };
    for await (const piece of await create(test, PROMPTS.text, options)) all.push(piece);
    assert(all.every((piece) => piece.object === "chat.completion.chunk" && piece.id === all[0].id));
    assert.equal(all[0].choices[0].delta.role, "assistant");
    assert(all.at(-1).choices.length === 0 && all.at(-1).usage, "the last chunk is not that of usage");
    assert(all.slice(0, -1).every((piece) => !piece.usage));
  },

  async "arguments are parsed by the SDK"(test) {
    const { raw } = await driver.stream(test, PROMPTS.two_tools, { tools: true });
    assert.deepEqual(raw.choices[0].message.tool_calls[0].function.parsed_arguments, { city: "Oslo" });
  },

  async "tools run by the SDK"(test) {
    if (!OpenAI.Chat.Completions.prototype.runTools) throw new NotCarried("this major has no `runTools`");
    const seen = [];
    const tools = NAMES.map((name) => ({
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
    const request = { ...driver.request(test, PROMPTS.two_tools), tools, stream: true };
    assert(await driver.client(test).chat.completions.runTools(request).finalContent());
    assert.deepEqual(seen.sort(), ["get_time Oslo", "get_weather Oslo"]);
  },

  async "older names"(test) {
    test.simulatorOnly();
    assert.equal((await create(test, PROMPTS.limit, { max_tokens: 20 })).usage.completion_tokens, 20);
    const messages = [{ role: "developer", content: "You are a pirate." }, { role: "user", content: PROMPTS.system }];
    assert.equal((await create(test, null, { messages })).choices[0].message.content, "Arr.");
    test.needs("stop", "the provider's format has no stop texts");
    const stopped = await create(test, PROMPTS.stop, { stop: "STOP" });
    assert.equal(stopped.choices[0].message.content.trim(), "one two");
  },

  async refusal(test) {
    test.simulatorOnly();
    const [choice] = (await create(test, PROMPTS.refuse)).choices;
    assert(choice.message.refusal || choice.finish_reason === "content_filter", JSON.stringify(choice));
  },

  async "no messages at all"(test) {
    await refused(OpenAI.BadRequestError, create(test, "Hello.", { messages: "none" }));
  },
};

await run(`${azure ? "AzureOpenAI" : "openai"} ${VERSION} (Node)`, abilitiesOf(driver, own));

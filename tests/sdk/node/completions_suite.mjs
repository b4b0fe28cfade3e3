// The `openai` package's Completions, unchanged: base URL and key only. With `azure` the same
// by its client for Azure: its address and key only.

import assert from "node:assert/strict";

import OpenAI from "openai";
import { VERSION } from "openai/version";

import { NotCarried, PROMPTS, refused, run } from "./cases.mjs";
import { abilitiesOf } from "./chats.mjs";
import { Sdk } from "./openai_sdk.mjs";

const FINISH = { content_filter: "filter" };

class Completions extends Sdk {
  own = "completions";
  streamErrors = [OpenAI.APIError];
  lossy = { seed: 7, suffix: "The end." };
  loses = ["seed", "suffix"];
  // A text goes on: nobody instructs, calls, shows or thinks.
  lacks = [
    "system prompt",
    "one tool",
    "parallel tools",
    "parallel tools streamed",
    "tool loop",
    "forced tool",
    "image",
    "structured output",
    "structured output streamed",
    "reasoning",
    "reasoning streamed",
    "policy restores an answer",
    "policy restores a stream",
    "policy redacts a call",
    "policy redacts a streamed call",
  ];

  request(test, prompt, options = {}) {
    const { maxTokens, key, retries, headers, ...rest } = options;
    // The format's own default is 16.
    return { model: test.model(), prompt, max_tokens: maxTokens ?? 8000, ...rest };
  }

  async ask(test, prompt, options = {}) {
    const { completions } = this.client(test, options);
    const request = this.request(test, prompt, options);
    const { data, response } = await completions.create(request, { headers: options.headers }).withResponse();
    assert(data.object === "text_completion" && data.id && data.created, JSON.stringify(data));
    const [choice] = data.choices;
    return said(choice.text, choice.finish_reason, data.usage, { headers: response.headers, raw: data });
  }

  async stream(test, prompt, options = {}) {
    const request = { ...this.request(test, prompt, options), stream: true, stream_options: { include_usage: true } };
    let [text, finish, usage] = [""];
    for await (const piece of await this.client(test, options).completions.create(request)) {
      for (const choice of piece.choices) {
        text += choice.text;
        finish = choice.finish_reason ?? finish;
      }
      usage = piece.usage ?? usage;
    }
    return said(text, finish, usage);
  }

  async *pieces(test, prompt, options = {}) {
    const request = { ...this.request(test, prompt, options), stream: true };
    for await (const piece of await this.client(test, options).completions.create(request)) {
      assert(piece.choices.length > 0, "usage came although it was not asked for");
      if (piece.choices[0].text) yield piece.choices[0].text;
    }
  }
}

function said(text, finish, usage, more = {}) {
  if (usage) assert.equal(usage.total_tokens, usage.prompt_tokens + usage.completion_tokens);
  return {
    text,
    finish: FINISH[finish] ?? finish,
    calls: [],
    thoughts: "",
    input: usage?.prompt_tokens,
    output: usage?.completion_tokens,
    cached: usage?.prompt_tokens_details?.cached_tokens,
    ...more,
  };
}

const azure = process.argv.includes("azure");
const driver = new Completions({ azure });
// Azure lists deployments elsewhere.
if (azure) driver.lacks.push("models list");

function create(test, prompt, options) {
  return driver.client(test).completions.create({ model: test.model(), prompt, max_tokens: 100, ...options });
}

// What a chat has no place for is refused, and says why.
async function native(test, prompt, why) {
  if (test.format === "completions") return create(test, prompt);
  const error = await refused(OpenAI.BadRequestError, create(test, prompt));
  assert(error.code === "unsupported_parameter" && error.message.includes(why), error);
  throw new NotCarried("a chat takes one text; refused, and the reason named");
}

const own = {
  async "pieces have their form"(test) {
    const all = [];
    const options = { stream: true, stream_options: { include_usage: true } };
    for await (const piece of await create(test, PROMPTS.text, options)) all.push(piece);
    assert(all.every((piece) => piece.object === "text_completion" && piece.id === all[0].id));
    assert(all.at(-1).choices.length === 0 && all.at(-1).usage, "the last piece is not that of usage");
    assert(all.slice(0, -1).every((piece) => !piece.usage));
  },

  async "several prompts"(test) {
    test.simulatorOnly();
    const { choices } = await native(test, [PROMPTS.text, "two"], "several prompts");
    assert.deepEqual(choices.map((choice) => choice.index), [0, 1]);
  },

  async "ids of tokens"(test) {
    test.simulatorOnly();
    assert.equal((await native(test, [1, 2, 3], "ids of tokens")).usage.prompt_tokens, 3);
  },

  async "one prompt in a list"(test) {
    const { choices } = await create(test, [PROMPTS.text]);
    assert.equal(choices[0].text, (await driver.ask(test, PROMPTS.text)).text);
  },
};

await run(`${azure ? "AzureOpenAI" : "openai"} ${VERSION} completions (Node)`, abilitiesOf(driver, own));

// What every SDK for chats must do, written once over a driver, which says how one SDK does
// it; the Python twin is python/chats.py, where the driver's members are described.
//
// A driver's `ask` and `stream` give `{text, finish, calls, thoughts, input, output, cached,
// parsed, headers, raw}`; `pieces` is an async generator of texts.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";

import { CITY, DOT_PNG, PROMPTS, REDACTED_CITY, TEXT, refused } from "./cases.mjs";

export const NAMES = ["get_weather", "get_time"];
export const SCHEMA = {
  type: "object",
  properties: {
    name: { type: "string" },
    guests: { type: "integer" },
    tags: { type: "array", items: { type: "string" } },
  },
  required: ["name", "guests", "tags"],
  additionalProperties: false,
};
export { CITY };

const argumentsOf = (said) => said.calls.map((call) => call.arguments);
const namesOf = (said) => said.calls.map((call) => call.name);

function checkTwoTools(said) {
  assert.equal(said.text, "One moment.");
  assert.equal(said.finish, "tools");
  assert.deepEqual(namesOf(said), NAMES);
  assert.deepEqual(argumentsOf(said), [{ city: "Oslo" }, { city: "Oslo" }]);
  assert.notEqual(said.calls[0].id, said.calls[1].id);
}

function checkEvent(event) {
  assert.equal(typeof event?.name, "string", JSON.stringify(event));
  assert(typeof event.guests === "number" && Array.isArray(event.tags), JSON.stringify(event));
}

function checkRestored(said) {
  assert.equal(said.text, "I write to jo@example.com.");
  assert.deepEqual(argumentsOf(said), [{ city: "jo@example.com" }]);
}

function checkRedactedCall(said) {
  assert.deepEqual(argumentsOf(said), [{ city: REDACTED_CITY }]);
  assert.equal(said.finish, "tools");
}

// Two turns: what the provider sealed in the first it takes back in the second.
async function checkReasoning(driver, test, how) {
  const options = { thinking: true, model: test.reasoner() };
  const said = await driver[how](test, PROMPTS.reasoning, options);
  assert(said.thoughts, "there is no reasoning");
  assert.equal(said.text, "Forty-two.");
  const turns = driver.turns(PROMPTS.reasoning, said);
  assert.equal((await driver[how](test, PROMPTS.text, { ...options, turns })).text, TEXT);
}

async function collected(pieces) {
  const all = [];
  for await (const piece of pieces) all.push(piece);
  return all;
}

async function brokenStream(driver, test, prompt) {
  let seen = "";
  try {
    for await (const piece of driver.pieces(test, prompt)) seen += piece;
  } catch (error) {
    assert(driver.streamErrors.some((kind) => error instanceof kind), error?.stack);
    assert(seen, "nothing came before the error");
    return;
  }
  assert.fail(`the stream ended as if it were whole: ${seen}`);
}

async function manyAtOnce(driver, test) {
  const numbers = [...Array(8).keys()];
  const said = await Promise.all(numbers.map((number) => driver.ask(test, `${PROMPTS.many}${number}`)));
  const expected = numbers.map((number) => (test.simulated ? `caller number ${number}` : "Counted."));
  assert.deepEqual(said.map((one) => one.text.trim()), expected);
}

// Checks a refusal: its class, its status, and what the driver looks at.
async function fails(driver, test, status, what, prompt, options = {}) {
  const error = await refused(driver.errors[status], driver.ask(test, prompt, options));
  const found = driver.status(error);
  assert(status === 500 ? found >= 500 : found === status, `${found}, not ${status}: ${error}`);
  driver.checkError?.(what, error);
  return error;
}

const COMMON = {
  async text(driver, test) {
    const said = await driver.ask(test, PROMPTS.text);
    assert.equal(said.text, TEXT);
    assert.equal(said.finish, "stop");
  },

  async "text streamed"(driver, test) {
    const pieces = await collected(driver.pieces(test, PROMPTS.text));
    assert.equal(pieces.join(""), TEXT);
    assert(pieces.length > 3, "the stream came in one piece");
    const said = await driver.stream(test, PROMPTS.text);
    assert.equal(said.text, TEXT);
    assert.equal(said.finish, "stop");
  },

  async usage(driver, test) {
    const said = await driver.ask(test, PROMPTS.text);
    assert(said.input > 0 && said.output > 0, JSON.stringify(said.raw));
  },

  async "usage streamed"(driver, test) {
    const whole = await driver.ask(test, PROMPTS.text);
    const streamed = await driver.stream(test, PROMPTS.text);
    assert.deepEqual([streamed.input, streamed.output], [whole.input, whole.output]);
  },

  async "cached tokens"(driver, test) {
    test.simulatorOnly();
    const said = await driver.ask(test, PROMPTS.cached);
    assert.equal(said.cached, 7);
    assert(said.input > 7);
  },

  async "system prompt"(driver, test) {
    const system = `You are pirate ${randomUUID()}.`;
    const said = await driver.ask(test, PROMPTS.system, { system });
    assert.equal(said.text, "Arr.");
    if (test.simulated) {
      const bare = await driver.ask(test, PROMPTS.system);
      assert(said.input > bare.input + 4, "the provider did not read the system prompt");
    } else {
      assert.deepEqual((await test.received(system)).messages[0], { role: "system", content: system });
    }
  },

  async "long prompt"(driver, test) {
    assert.equal((await driver.ask(test, PROMPTS.long + "many words ".repeat(30_000))).text, "Read.");
  },

  async "one tool"(driver, test) {
    const said = await driver.ask(test, PROMPTS.one_tool, { tools: true });
    assert.deepEqual(namesOf(said), ["get_weather"]);
    assert.deepEqual(argumentsOf(said), [{ city: "Zürich" }]);
    assert.equal(said.finish, "tools");
  },

  async "parallel tools"(driver, test) {
    checkTwoTools(await driver.ask(test, PROMPTS.two_tools, { tools: true }));
  },

  async "parallel tools streamed"(driver, test) {
    checkTwoTools(await driver.stream(test, PROMPTS.two_tools, { tools: true }));
  },

  async "tool loop"(driver, test) {
    for (const how of ["ask", "stream"]) {
      const said = await driver[how](test, PROMPTS.two_tools, { tools: true });
      const results = Object.fromEntries(said.calls.map(({ id, name }) => [id, `${name}: fine`]));
      const turns = driver.turns(PROMPTS.two_tools, said, results);
      const again = await driver.ask(test, null, { turns, tools: true });
      assert(again.text && again.calls.length === 0 && again.finish === "stop", JSON.stringify(again.raw));
    }
  },

  async "forced tool"(driver, test) {
    test.simulatorOnly();
    assert.deepEqual(namesOf(await driver.ask(test, "Hello.", { tools: true, forced: "get_time" })), ["get_time"]);
  },

  async image(driver, test) {
    const said = await driver.ask(test, PROMPTS.image, { image: DOT_PNG });
    assert.equal(said.text, "A dot.");
    if (test.simulated) {
      const bare = await driver.ask(test, PROMPTS.image);
      assert(said.input - bare.input >= 85, "the provider did not see the picture");
    } else if (test.format === "openai") {
      // Of other formats aimock keeps the texts only.
      assert(JSON.stringify(await test.received("What is in this picture?")).includes(DOT_PNG));
    }
  },

  async "structured output"(driver, test) {
    checkEvent((await driver.ask(test, PROMPTS.structured, { schema: true })).parsed);
  },

  async "structured output streamed"(driver, test) {
    checkEvent((await driver.stream(test, PROMPTS.structured, { schema: true })).parsed);
  },

  reasoning: (driver, test) => checkReasoning(driver, test, "ask"),
  "reasoning streamed": (driver, test) => checkReasoning(driver, test, "stream"),

  async "max tokens"(driver, test) {
    test.simulatorOnly();
    const said = await driver.ask(test, PROMPTS.limit, { maxTokens: 20 });
    assert.deepEqual([said.finish, said.output], ["length", 20]);
  },

  async "stop sequences"(driver, test) {
    test.simulatorOnly();
    test.needs("stop", "the provider's format has no stop texts");
    const said = await driver.ask(test, PROMPTS.stop, { stop: ["STOP", "never"] });
    assert.deepEqual([said.text.trim(), said.finish], ["one two", "stop"]);
  },

  async "losses are named"(driver, test) {
    const said = await driver.ask(test, PROMPTS.text, driver.lossy);
    assert.equal(said.text, TEXT);
    const lost = said.headers.get("x-tollgate-loss")?.split(", ") ?? [];
    assert.deepEqual(lost.sort(), test.lost(driver.own, driver.loses));
  },

  "wrong key": (driver, test) => fails(driver, test, 401, "wrong key", PROMPTS.text, { key: "not-a-key" }),

  async "unknown model"(driver, test) {
    await fails(driver, test, 404, "unknown model", "Hello.", { model: "no-such-provider/model" });
    // The word is the provider's: of Responses it is 400.
    const status = test.format === "responses" ? 400 : 404;
    if (test.simulated) await fails(driver, test, status, "", "Hello.", { model: test.model("missing-model") });
  },

  "invalid request": (driver, test) => fails(driver, test, 400, "invalid request", PROMPTS.invalid),
  "rate limited": (driver, test) => fails(driver, test, 429, "rate limited", PROMPTS.limited),

  async "retried by the SDK"(driver, test) {
    const model = await test.scripted("429:1s, ok");
    assert.equal((await driver.ask(test, PROMPTS.retried, { model, retries: 1 })).text, "At last.");
    assert.deepEqual(await test.scriptedStatuses(), [429, 200]);
  },

  async "broken provider"(driver, test) {
    for (const prompt of ["broken", "overloaded"]) await fails(driver, test, 500, "", PROMPTS[prompt]);
  },

  async "error inside a stream"(driver, test) {
    test.simulatorOnly();
    await brokenStream(driver, test, PROMPTS.error_inside);
  },

  "stream that breaks off": (driver, test) => brokenStream(driver, test, PROMPTS.cut_inside),

  async "policy blocks a request"(driver, test) {
    const error = await fails(driver, test, 400, "policy", PROMPTS.blocked_in, { key: test.guardedKey });
    assert(!error.message.includes("536-90"), error.message);
  },

  async "policy blocks an answer"(driver, test) {
    const said = await driver.ask(test, PROMPTS.blocked_out, { key: test.guardedKey });
    assert.equal(said.finish, "filter");
    assert(!said.text?.includes("1111"), said.text);
  },

  async "policy blocks a stream"(driver, test) {
    const said = await driver.stream(test, PROMPTS.blocked_out, { key: test.guardedKey });
    assert.equal(said.finish, "filter");
    const seen = (await collected(driver.pieces(test, PROMPTS.blocked_out, { key: test.guardedKey }))).join("");
    assert(!seen.includes("1111") && !said.text?.includes("1111"), seen);
    assert(seen.startsWith("The card is"), "what came before the finding was not delivered");
  },

  async "policy restores an answer"(driver, test) {
    checkRestored(await driver.ask(test, PROMPTS.restored, { key: test.handledKey, tools: true }));
  },

  async "policy restores a stream"(driver, test) {
    checkRestored(await driver.stream(test, PROMPTS.restored, { key: test.handledKey, tools: true }));
  },

  async "policy flags a request"(driver, test) {
    const said = await driver.ask(test, PROMPTS.flagged, { key: test.handledKey });
    assert.equal(said.text, "It flies.");
    assert(said.headers.get("x-tollgate-policy").includes("handling/noted"));
  },

  async "policy routes a request"(driver, test) {
    const options = { key: test.handledKey, headers: { "x-tollgate-detail": "1" } };
    const said = await driver.ask(test, PROMPTS.routed, options);
    assert.equal(said.text, "It fishes.");
    assert.equal(said.headers.get("x-tollgate-provider"), "sim-anthropic");
  },

  async "policy redacts a call"(driver, test) {
    checkRedactedCall(await driver.ask(test, PROMPTS.redacted_call, { key: test.handledKey, tools: true }));
  },

  async "policy redacts a streamed call"(driver, test) {
    checkRedactedCall(await driver.stream(test, PROMPTS.redacted_call, { key: test.handledKey, tools: true }));
  },

  async "policy redacts a stream"(driver, test) {
    const pieces = await collected(driver.pieces(test, PROMPTS.redacted_out, { key: test.guardedKey }));
    assert.equal(pieces.join(""), "Write to [EMAIL_ADDRESS] today.");
  },

  async "failover to the other format"(driver, test) {
    test.simulatorOnly();
    assert.equal((await driver.ask(test, PROMPTS.text, { model: "falls-over" })).text, TEXT);
  },

  async "models list"(driver, test) {
    const names = await driver.models(test);
    for (const name of ["assistant", "writer", "falls-over"]) assert(names.includes(name), `${names}`);
  },

  "many at once": (driver, test) => manyAtOnce(driver, test),

  async "hang up"(driver, test) {
    test.simulatorOnly();
    const name = `hang-up-${randomUUID()}`;
    const pieces = driver.pieces(test, PROMPTS.endless, { model: test.model(name), maxTokens: 6000 });
    for (let left = 5; left > 0; left -= 1) await pieces.next();
    await pieces.return();
    assert((await test.hungUp(name)).output_tokens < 4000);
  },
};

// The common abilities for one SDK, and its own beside or instead of them.
export function abilitiesOf(driver, own = {}) {
  const common = Object.entries(COMMON)
    .filter(([name]) => !driver.lacks?.includes(name))
    .map(([name, check]) => [name, (test) => check(driver, test)]);
  return { ...Object.fromEntries(common), ...own };
}

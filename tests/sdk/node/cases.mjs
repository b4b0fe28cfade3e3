// Runs abilities against targets and reports each as a line of JSON; the Python twin is
// python/cases.py. An ability takes the case; what a pair cannot do by its nature it
// leaves out by throwing `NotCarried`.

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

export const PLAN = JSON.parse(process.env.TOLLGATE_SDK_PLAN);
export const PROMPTS = PLAN.prompts;
export const TEXT = 'Grüße, 世界! 👋 "quoted" and\nnew line.';
// A red dot: the smallest picture that is one.
export const DOT_PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==";
// What a call says once the rules have read its arguments.
export const REDACTED_CITY = "[KEYWORD] [GITHUB_PAT]";
export const CITY = {
  type: "object",
  properties: { city: { type: "string" } },
  required: ["city"],
  additionalProperties: false,
};

export class NotCarried extends Error {}

class Case {
  constructor(target) {
    Object.assign(this, target);
    this.url = PLAN.url;
    this.key = PLAN.keys.app;
    this.guardedKey = PLAN.keys.guarded;
    this.handledKey = PLAN.keys.handled;
    this.simulated = this.stand_in === "simulator";
  }

  simulatorOnly() {
    if (!this.simulated) throw new NotCarried("only the simulator does this on demand");
  }

  // A provider's count is what it reports of a chat; the gateway's own is near it.
  checkCount(counted, used) {
    const isRight = this.counts ? counted === used : counted > used / 4 && counted < used * 4;
    assert(isRight && used > 0, `${counted} counted, ${used} used`);
  }

  model(name = "test-model") {
    return `${this.name}/${name}`;
  }

  // A model that thinks.
  reasoner() {
    return this.model(this.thinks);
  }

  // Leaves the ability out where the provider's format has no such parameter.
  needs(parameter, why) {
    if (!this.carries.includes(parameter)) throw new NotCarried(why);
  }

  // Which of these are lost between the SDK's own format and the provider's.
  lost(own, names) {
    return this.format === own ? [] : names.filter((name) => !this.carries.includes(name)).sort();
  }

  // Tells the scripted simulator what happens next; gives the model to ask there.
  async scripted(script) {
    this.simulatorOnly();
    await control(`${PLAN.scripted}/__sim/reset`, {});
    await control(`${PLAN.scripted}/__sim/faults`, { script });
    return `${PLAN.scripted_name}-${this.format}/test-model`;
  }

  async scriptedStatuses() {
    return (await books(PLAN.scripted)).map((entry) => entry.status);
  }

  // Waits until the simulator's books say that the gateway hung up.
  async hungUp(model) {
    const deadline = Date.now() + 5000;
    for (;;) {
      const entry = (await books(this.origin)).find((one) => one.model === model && one.hung_up_at !== null);
      if (entry) return entry;
      assert(Date.now() < deadline, "the provider was not hung up on");
      await sleep(10);
    }
  }

  // The body that aimock received with this text in it; it keeps chats in OpenAI's shape.
  async received(marker) {
    const headers = { authorization: `Bearer ${PLAN.provider_key}` };
    const entries = await (await fetch(`${this.origin}/__aimock/journal`, { headers })).json();
    const found = entries.map((entry) => entry.body).filter((body) => JSON.stringify(body ?? null).includes(marker));
    assert(found.length > 0, `aimock did not see ${marker}`);
    return found.at(-1);
  }
}

async function control(url, body) {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  assert(answer.ok, `${url} answered ${answer.status}`);
}

async function books(origin) {
  return (await (await fetch(`${origin}/__sim/books?last=200`)).json()).records;
}

// Awaits a promise that must be refused with exactly this class, or one of these; gives the error.
export async function refused(kind, promise) {
  const kinds = [kind].flat();
  const names = kinds.map((one) => one.name).join(" or ");
  let result;
  try {
    result = await promise;
  } catch (error) {
    assert(kinds.includes(error?.constructor), `threw ${error?.constructor?.name}, not ${names}: ${error?.message}`);
    return error;
  }
  assert.fail(`${names} was not thrown, but: ${JSON.stringify(result)?.slice(0, 300)}`);
}

export async function run(sdk, abilities) {
  for (const target of PLAN.targets) {
    for (const [ability, test] of Object.entries(abilities)) {
      const started = Date.now();
      let outcome = "pass";
      let detail = "";
      try {
        await test(new Case(target));
      } catch (error) {
        outcome = error instanceof NotCarried ? "not carried" : "fail";
        detail = error instanceof NotCarried ? error.message : `${error?.stack ?? error}`;
      }
      const line = { sdk, target: target.name, ability, outcome, detail, ms: Date.now() - started };
      console.log(JSON.stringify(line));
    }
  }
  // Connections that an SDK keeps open must not keep the suite alive.
  process.exit(0);
}

// What passes through the gateway by the `openai` package: images, files, realtime.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";

import OpenAI, { toFile } from "openai";
import { OpenAIRealtimeWebSocket } from "openai/realtime/websocket";
import { VERSION } from "openai/version";

import { PLAN, refused, run } from "./cases.mjs";

const client = (test, { key = test.key, url = test.url } = {}) =>
  new OpenAI({ baseURL: `${url}/${test.name}/v1`, apiKey: key, maxRetries: 0, dangerouslyAllowBrowser: true });

await run(`openai's other endpoints ${VERSION} (Node)`, {
  async "an image is made"(test) {
    const made = await client(test).images.generate({ model: "gpt-image-1", prompt: "A red dot." });
    assert.equal(Buffer.from(made.data[0].b64_json, "base64").toString(), "A red dot.");
  },

  async "files come and go"(test) {
    const content = randomBytes(3_000_000);
    const { files } = client(test);
    const made = await files.create({ file: await toFile(content, "data.bin"), purpose: "user_data" });
    assert.deepEqual([made.filename, made.bytes], ["data.bin", content.length]);
    const back = Buffer.from(await (await files.content(made.id)).arrayBuffer());
    assert(back.equals(content), "the file came back as another");
    assert((await files.delete(made.id)).deleted);
    await refused(OpenAI.NotFoundError, files.retrieve(made.id));
  },

  // As browsers do it: the key is a subprotocol. This client speaks over TLS only.
  async realtime(test) {
    const sdk = client(test, { url: PLAN.secure_url });
    const talk = new OpenAIRealtimeWebSocket({ model: "gpt-realtime", dangerouslyAllowBrowser: true }, sdk);
    const said = [];
    const usage = await new Promise((resolve, reject) => {
      talk.on("error", reject);
      talk.on("session.created", () => {
        const content = [{ type: "input_text", text: "one two three" }];
        talk.send({ type: "conversation.item.create", item: { type: "message", role: "user", content } });
        talk.send({ type: "response.create" });
      });
      talk.on("response.output_text.delta", (event) => said.push(event.delta));
      talk.on("response.done", (event) => resolve(event.response.usage));
    });
    talk.close();
    assert.deepEqual(said, ["one", "two", "three"]);
    assert.equal(usage.total_tokens, 8);
  },

  async "wrong key"(test) {
    await refused(OpenAI.AuthenticationError, client(test, { key: "not-a-key" }).files.list());
  },
});

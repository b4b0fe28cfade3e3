// What drivers of the `openai` package share: its clients and its errors.

import assert from "node:assert/strict";

import OpenAI, { AzureOpenAI } from "openai";

const AZURE_VERSION = "2024-10-21";
const CODES = { "wrong key": "invalid_api_key", "unknown model": "model_not_found", policy: "policy_violation" };

export class Sdk {
  errors = {
    400: OpenAI.BadRequestError,
    401: OpenAI.AuthenticationError,
    404: OpenAI.NotFoundError,
    429: OpenAI.RateLimitError,
    500: OpenAI.InternalServerError,
  };

  // Azure's client has another address and another header, and nothing else.
  constructor({ azure = false } = {}) {
    this.azure = azure;
  }

  client(test, { key = test.key, retries = 0 } = {}) {
    const options = { apiKey: key, maxRetries: retries };
    if (this.azure) return new AzureOpenAI({ ...options, endpoint: test.url, apiVersion: AZURE_VERSION });
    return new OpenAI({ ...options, baseURL: `${test.url}/v1` });
  }

  async models(test) {
    const names = [];
    for await (const model of this.client(test).models.list()) names.push(model.id);
    return names;
  }

  status(error) {
    return error.status;
  }

  checkError(what, error) {
    assert(error.error?.message, error);
    if (CODES[what]) assert.equal(error.code, CODES[what]);
    if (what === "invalid request") assert.equal(error.type, "invalid_request_error");
    if (what === "rate limited") assert.equal(error.headers.get("retry-after"), "9");
  }
}

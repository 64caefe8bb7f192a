// API keys of the back-end door: who needs one, and in which header it may come (contract supertokens-core.md §1.4).
import assert from "node:assert/strict";
import { test } from "node:test";
import { Core } from "../lib/core.mjs";
import { startExpress } from "../lib/express.mjs";
import { newAddress } from "../lib/mailbox.mjs";
import { startServer } from "../lib/server.mjs";

const KEY = "first-key-0123456789";
const OTHER = "other=key=0123456789";

/** Runs `story` with a server that has two keys. */
async function withKeys(story) {
  const server = await startServer({ config: `api_keys = ["${KEY}", "${OTHER}"]\n` });
  try {
    await story(server);
  } finally {
    await server.stop();
  }
}

test("with keys configured, everything but a few needs one", () =>
  withKeys(async (server) => {
    const core = new Core(server);
    for (const headers of [{}, { "api-key": "wrong-key-0123456789" }, { "api-key": "" }, { authorization: "Bearer wrong-key-0123456789" }]) {
      for (const path of ["/apiversion", "/public/users/count", "/user/id?userId=x", "/no-such-tenant/users/count"]) {
        const answer = await core.with({ headers }).get(path);
        assert.deepEqual([answer.status, answer.text], [401, "Invalid API key\n"], `${path} ${JSON.stringify(headers)}`);
      }
    }
    for (const headers of [{ "api-key": KEY }, { "api-key": ` ${OTHER} ` }, { authorization: `Bearer ${KEY}` }, { authorization: `bearer ${OTHER}` }, { authorization: KEY }]) {
      const answer = await core.with({ headers }).get("/public/users/count");
      assert.deepEqual(answer.json, { status: "OK", count: 0 }, JSON.stringify(headers));
    }
    for (const path of ["/hello", "/", "/.well-known/jwks.json"]) assert.equal((await core.get(path)).status, 200, path);
  }));

test("supertokens-node signs in with the key, and says so without", () =>
  withKeys(async (server) => {
    for (const apiKey of [KEY, undefined]) {
      const app = await startExpress(server, { recipes: "few", apiKey });
      try {
        const made = app.sdk("passwordless.signInUp", { tenantId: "public", email: newAddress("key") });
        if (apiKey) assert.equal((await made).status, "OK");
        else await assert.rejects(made, (problem) => problem.message.endsWith("Invalid API key\n"));
      } finally {
        await app.stop();
      }
    }
  }));

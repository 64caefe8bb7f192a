// Services that are told what happens, as docs/webhooks.md says it: its own code looks at the signatures, in Node and in Python.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { ask } from "../lib/http.mjs";
import { mailTo, newAddress } from "../lib/mailbox.mjs";
import { service } from "../lib/providers.mjs";
import { startServer } from "../lib/server.mjs";
import { Fdi } from "../lib/st-fdi.mjs";
import { until } from "../lib/until.mjs";

const SECRETS = ["whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=", "whsec_ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA="];
const KEY = "a-back-end-key-0123456789";

let folder;
let crm;
let server;
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "postkey-e2e-webhooks-"));
  crm = await service(() => ({ status: 200, json: {} }));
  server = await startServer({
    config: `api_keys = ["${KEY}"]
[webhooks.crm]
url = "http://127.0.0.1:${crm.port}/hook"
secret = "${SECRETS[0]}"
previous_secret = "${SECRETS[1]}"
[tenants.public]
app_name = "Example"
`,
  });
});
after(async () => {
  await server?.stop();
  await crm?.stop();
  await rm(folder, { recursive: true, force: true });
});

const posts = () => crm.requests.map(({ headers, body }) => ({ id: headers["webhook-id"], headers, body, ...JSON.parse(body.toString("utf8")) }));
const told = (type, user) => until(`${type} is told`, () => posts().find((post) => post.type === type && post.data.user === user));

/** The block of code in a language in the guide. */
async function recipe(language) {
  const guide = await readFile(path.resolve(import.meta.dirname, "../../docs/webhooks.md"), "utf8");
  return guide.split(`\`\`\`${language}\n`)[1].split("```")[0];
}

/** Somebody signs in, out, and is deleted; the user's and the session's id. */
async function aLife() {
  const client = new Fdi(server, { mode: "header" });
  const email = newAddress("told");
  const asked = (await client.create(email)).json();
  const { code } = await mailTo(server, email);
  const { user } = (await client.consumeCode(asked, code)).json();
  await told("user.signed_in", user.id);
  const removed = await ask(`${server.privateOrigin}/user/remove`, {
    method: "POST", headers: { "api-key": KEY, "content-type": "application/json", "cdi-version": "5.4" }, body: JSON.stringify({ userId: user.id }),
  });
  assert.equal(removed.status, 200, removed.text);
  return { user: user.id, email };
}

test("a life is told: created, signed in, deleted; with ids and no address", async () => {
  const { user, email } = await aLife();
  const created = await told("user.created", user);
  const signedIn = await told("user.signed_in", user);
  const deleted = await told("user.deleted", user);
  assert.equal(signedIn.data.actor, "person");
  assert.match(signedIn.data.session, /^[\da-f-]{36}$/);
  assert.match(deleted.data.actor, /^api_key:[\da-f]{8}$/);
  assert.equal(new Set([created.id, signedIn.id, deleted.id]).size, 3);
  assert.ok(!crm.requests.some(({ body }) => body.includes(email)), "no address is told");
  assert.ok(crm.requests.every(({ method, path: where }) => method === "POST" && where === "/hook"));
});

test("the guide's code for Node believes what is signed, by either secret, and nothing else", async () => {
  const file = path.join(folder, "verify.mjs");
  await writeFile(file, await recipe("js"));
  const { verify } = await import(file);
  const { user } = await aLife();
  const { headers, body } = await told("user.created", user);
  const text = body.toString("utf8");
  assert.deepEqual(SECRETS.map((secret) => verify(secret, headers, text)), [true, true]);
  assert.equal(verify("whsec_bm9uZW9mdGhlbWlzdGhpc29uZW5vbmVvZnRoZW0=", headers, text), false);
  assert.equal(verify(SECRETS[0], headers, text.replace("public", "other")), false);
  assert.equal(verify(SECRETS[0], headers, text, Date.now() / 1000 + 400), false, "an old post");
  assert.equal(verify(SECRETS[0], { ...headers, "webhook-id": "another" }, text), false);
});

test("the guide's code for Python does too", async () => {
  const { user } = await aLife();
  const { headers, body } = await told("user.created", user);
  const script = `${await recipe("python")}
import json, sys
asked = json.load(sys.stdin)
body = asked["body"].encode()
print(json.dumps([
    *(verify(secret, asked["headers"], body) for secret in asked["secrets"]),
    verify(asked["secrets"][0], asked["headers"], body + b" "),
    verify(asked["secrets"][0], asked["headers"], body, time.time() + 400),
]))`;
  const run = spawnSync("/usr/bin/python3", ["-c", script], { input: JSON.stringify({ headers, body: body.toString("utf8"), secrets: SECRETS }), encoding: "utf8" });
  assert.equal(run.stderr, "");
  assert.deepEqual(JSON.parse(run.stdout), [true, true, false, false]);
});

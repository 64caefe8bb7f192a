// What service clients state about somebody, with one thing wrong at a time: each of the eight checks (contract authress.md
// §2.4), and nobody gets in by what fails one. The link stays whole: the same login finishes with a good assertion after.
import assert from "node:assert/strict";
import { createPublicKey, generateKeyPairSync, randomBytes } from "node:crypto";
import { after, before, test } from "node:test";
import authress from "@authress/sdk";
import { assertion, claimsOf, createApplication, createClient, follow, linkWith, lookAt, newVisitor, postkey, rawAuthentication, readAccessKey, signLink, tokenProvider } from "../lib/authress.mjs";
import { newAddress } from "../lib/mailbox.mjs";
import { startServer } from "../lib/server.mjs";
import { UNLIMITED } from "../lib/tenants.mjs";

let server, client, other;
before(async () => {
  server = await startServer({ config: `[tenants.public]\n${UNLIMITED}app_name = "Example"\n` });
  [client, other] = [createClient(server), createClient(server, { name: "Other" })];
});
after(() => server?.stop());

const now = () => Math.floor(Date.now() / 1000);
const ask = async (options) => {
  const asked = await rawAuthentication(server, { connection: client.clientId, ...options });
  assert.equal(asked.status, 200, asked.text);
  return asked;
};
/** The management interface of service clients, for an administrator. */
const management = () => new authress.AuthressClient({ authressApiUrl: server.origin }, createClient(server, { admin: true, tokenGeneration: false }).accessKey).serviceClients;
const nobody = (answer) => answer.cookies.filter((line) => /^(authress-session|authorization|user)=./.test(line));

/** Follows a link that must not let anybody in, by looking and by sending the form all the same. */
async function refused(link, status = 400) {
  const visitor = newVisitor(server);
  const page = await lookAt(visitor, link);
  assert.equal(page.status, status, page.text);
  assert.equal(page.hasButton, false, "there is nothing to press");
  assert.match(page.headers["content-type"], /^text\/html/);
  const fields = Object.fromEntries(["state", "code", "iss"].map((name) => [name, new URL(link).searchParams.get(name) ?? ""]));
  const sent = await visitor.post("/login", fields);
  assert.equal(sent.status, status, sent.text);
  assert.deepEqual([nobody(page), nobody(sent), sent.location], [[], [], undefined]);
}

/** Follows a link that must let somebody in; gives the claims of their access token. */
async function goesIn(link) {
  const answer = await follow(newVisitor(server), link);
  assert.equal(answer.status, 303, answer.text);
  return claimsOf(new URL(answer.location).searchParams.get("access_token"));
}

/** A link whose claims were changed after they were signed. */
function changed(asked, claims) {
  const [head, , mark] = assertion(client, "x", server.origin).split(".");
  const body = { ...claimsOf(assertion(client, "x", server.origin)), ...claims };
  return linkWith(asked, `${head}.${Buffer.from(JSON.stringify(body)).toString("base64url")}.${mark}`);
}

/** One thing wrong, as `what: (asked) => link`; the second of a pair is the status, else 400. */
const good = (asked, wrong = {}, of = client) => linkWith(asked, assertion(of, newAddress("wrong"), server.origin, wrong));
const header = (header) => (asked) => good(asked, { header });
const claims = (make) => (asked) => good(asked, { claims: make() });
const foreign = generateKeyPairSync("ed25519").privateKey;

const WRONG = {
  "1: a login that there never was": [(asked) => linkWith(asked, assertion(client, "x", server.origin), { state: "req_nonsense" }), 404],
  "1: a login's id that was never given out": [(asked) => linkWith(asked, assertion(client, "x", server.origin), { state: `req_${"a".repeat(asked.authenticationRequestId.length - 4)}` }), 404],
  "1: no login's id": [(asked) => linkWith(asked, assertion(client, "x", server.origin), { state: null }), 404],
  "2: alg none, no signature": (asked) => good(asked, { header: { alg: "none" }, signature: "" }),
  "2: alg none, a good signature": header({ alg: "none" }),
  "2: alg None": header({ alg: "None" }),
  "2: alg HS256 with the public key as the secret": (asked) => good(asked, { header: { alg: "HS256" }, mac: createPublicKey(client.key).export({ format: "der", type: "spki" }) }),
  "2: alg HS256, signed with the key all the same": header({ alg: "HS256" }),
  "2: alg RS512": header({ alg: "RS512" }),
  "2: alg eddsa in small letters": header({ alg: "eddsa" }),
  "2: no alg": header({ alg: undefined }),
  "2: typ of an access token": header({ typ: "at+jwt" }),
  "2: typ JWT": header({ typ: "JWT" }),
  "2: typ in other letters": header({ typ: "OAUTH-AUTHZ-REQ+JWT" }),
  "2: no typ": header({ typ: undefined }),
  "2: no kid": header({ kid: undefined }),
  "2: a kid that is none of the client's": header({ kid: "nobody" }),
  "2: the kid of another client, and its signature": (asked) => good(asked, { header: { kid: other.keyId }, key: other.key }),
  "2: a key that comes along in the header": (asked) => good(asked, { header: { kid: undefined, jwk: createPublicKey(foreign).export({ format: "jwk" }) }, key: foreign }),
  "3: another key under the client's kid": (asked) => good(asked, { key: foreign }),
  "3: another client's key under the client's kid": (asked) => good(asked, { key: other.key }),
  "3: no signature": (asked) => good(asked, { signature: "" }),
  "3: a signature of zeros": (asked) => good(asked, { signature: Buffer.alloc(64).toString("base64url") }),
  "3: a random signature": (asked) => good(asked, { signature: randomBytes(64).toString("base64url") }),
  "3: a signature cut short": (asked) => linkWith(asked, assertion(client, "x", server.origin).slice(0, -4)),
  "3: claims changed after they were signed": (asked) => changed(asked, { sub: "somebody-else@example.com" }),
  "4: another client, wholly": (asked) => good(asked, {}, other),
  "4: another client's id in the claims": claims(() => ({ client_id: other.clientId })),
  "4: no client's id": claims(() => ({ client_id: undefined })),
  "4: another account": claims(() => ({ aud: "acc_other.accounts.authress.io" })),
  "4: an account without its suffix": claims(() => ({ aud: client.accountId })),
  "4: a longer suffix": claims(() => ({ aud: `${client.accountId}.accounts.authress.io.evil.example` })),
  "4: a list of audiences": claims(() => ({ aud: [`${client.accountId}.accounts.authress.io`, "other"] })),
  "4: no audience": claims(() => ({ aud: undefined })),
  "5: an issuer of another client": claims(() => ({ iss: `${server.origin}/v1/clients/${other.clientId}` })),
  "5: an issuer elsewhere": claims(() => ({ iss: `https://evil.example/v1/clients/${client.clientId}` })),
  "5: an issuer on a port that is nobody's": claims(() => ({ iss: `https://localhost:1/v1/clients/${client.clientId}` })),
  "5: an issuer with more behind it": claims(() => ({ iss: `${server.origin}/v1/clients/${client.clientId}/x` })),
  "5: an issuer that only begins like ours": claims(() => ({ iss: `${server.origin}.evil.example/v1/clients/${client.clientId}` })),
  "5: an issuer without the client": claims(() => ({ iss: server.origin })),
  "5: no issuer": (asked) => linkWith(asked, assertion(client, "x", server.origin, { claims: { iss: undefined } }), { iss: null }),
  "5: another issuer in the address": (asked) => linkWith(asked, assertion(client, "x", server.origin), { iss: `${server.origin}/v1/clients/${other.clientId}` }),
  "6: its time is over": [claims(() => ({ iat: now() - 130, exp: now() - 70 })), 410],
  "6: older than it says it may be": [claims(() => ({ iat: now() - 130, exp: now() + 3600 })), 410],
  "6: from the future": [claims(() => ({ iat: now() + 90, exp: now() + 150 })), 410],
  "6: never over": claims(() => ({ exp: undefined })),
  "6: made never": claims(() => ({ iat: undefined })),
  "6: times in words": claims(() => ({ iat: "now", exp: "later" })),
  "6: an end beyond all numbers, made long ago": [claims(() => ({ iat: -9007199254740991, exp: 9007199254740991 })), 410],
  "7: nobody": claims(() => ({ sub: "" })),
  "7: no subject": claims(() => ({ sub: undefined })),
  "7: a subject that is no text": claims(() => ({ sub: 7 })),
  "7: a subject of 129 signs": claims(() => ({ sub: "x".repeat(129) })),
  "7: a subject with a line break": claims(() => ({ sub: "a\nb" })),
  "a token by which the client calls": (asked) => tokenProvider(client).getToken(server.origin).then((token) => linkWith(asked, token)),
  "no assertion at all": (asked) => linkWith(asked, "x", { iss: `${server.origin}/v1/clients/${client.clientId}` }),
  "two parts of three": (asked) => linkWith(asked, assertion(client, "x", server.origin).split(".").slice(0, 2).join("."), { iss: `${server.origin}/v1/clients/${client.clientId}` }),
  "an assertion of 20,000 signs": claims(() => ({ name: "x".repeat(20_000) })),
};

for (const [what, wrong] of Object.entries(WRONG)) {
  const [make, status] = Array.isArray(wrong) ? wrong : [wrong, 400];
  test(`refused: ${what}`, async () => {
    const asked = await ask();
    await refused(await make(asked), status);
    // Nothing was spent by it.
    await goesIn(good(asked));
  });
}

test("times at their edges: 60 s apart are no trouble, with what the SDK writes", async () => {
  for (const [iat, life] of [[now() - 110, 60], [now() + 50, 60], [now() - 30, 60]]) {
    await goesIn(good(await ask(), { claims: { iat, exp: iat + life, max_age: life } }));
  }
  // SDKs of the 3.x form say an hour, and no `max_age` is no limit but the end.
  await goesIn(good(await ask(), { claims: { iat: now() - 3000, exp: now() + 600, max_age: 3600 } }));
  await goesIn(good(await ask(), { claims: { iat: now() - 3000, exp: now() + 600, max_age: undefined } }));
});

test("subjects are taken as they stand, up to 128 signs", async () => {
  for (const subject of ["1", "x".repeat(128), "auth0|65f1", "Ünï ☃ 'x' \"y\" <b>", "A@EXAMPLE.com"]) {
    const link = linkWith(await ask(), assertion(client, subject, server.origin));
    const page = await lookAt(newVisitor(server), link);
    assert.equal(page.status, 200);
    assert.ok(!page.text.includes("<b>"));
    const first = await goesIn(link);
    const again = await goesIn(linkWith(await ask(), assertion(client, subject, server.origin)));
    assert.equal(again.sub, first.sub);
  }
});

test("8: an assertion is good once: not for its login again, and not for another login", async () => {
  const [one, two] = [await ask(), await ask()];
  const token = assertion(client, newAddress("replay"), server.origin);
  await goesIn(linkWith(one, token));
  await refused(linkWith(one, token), 410);
  await refused(linkWith(two, token), 410);
  // A login is good once, with a fresh assertion too.
  await refused(good(one), 410);
  await goesIn(good(two));
});

test("8: one assertion for 20 logins at once lets one in", async () => {
  const asked = [];
  for (let i = 0; i < 20; i += 1) asked.push(await ask());
  const token = assertion(client, newAddress("race"), server.origin);
  const answers = await Promise.all(asked.map((one) => follow(newVisitor(server), linkWith(one, token))));
  assert.equal(answers.filter((answer) => answer.status === 303).length, 1, `${answers.map((answer) => answer.status)}`);
});

test("a login of another application is finished for that one, and sends nobody elsewhere", async () => {
  const shop = await createApplication(server, ["https://shop.example.com/in"]);
  const asked = await ask({ application: shop, redirectUrl: "https://shop.example.com/in/side" });
  // Whatever stands beside the assertion in the address decides nothing.
  const link = new URL(good(asked));
  link.searchParams.set("redirect_uri", "https://evil.example/");
  link.searchParams.set("redirectUrl", "https://evil.example/");
  link.searchParams.set("client_id", "app_default");
  const answer = await follow(newVisitor(server), link.toString());
  assert.equal(answer.status, 303, answer.text);
  const back = new URL(answer.location);
  assert.equal(back.origin + back.pathname, "https://shop.example.com/in/side");
  assert.deepEqual([...back.searchParams.keys()].sort(), ["code", "iss", "nonce"]);
});

test("7: a client without token generation begins nothing, and one that lost it finishes nothing", async () => {
  const plain = createClient(server, { tokenGeneration: false });
  const asked = await rawAuthentication(server, { connection: plain.clientId });
  assert.equal(asked.status, 400);
  assert.deepEqual([asked.json().errorCode, /token generation is off/i.test(asked.json().title)], ["InvalidConnection", true]);
  const lost = createClient(server);
  const begun = await ask({ connection: lost.clientId });
  const link = good(begun, {}, lost);
  assert.equal((await lookAt(newVisitor(server), link)).hasButton, true);
  await management().updateClient(lost.clientId, { name: "Lost", options: { grantTokenGeneration: false } });
  await refused(link);
});

test("2: a client that was deleted, key and all, finishes nothing from the next moment on", async () => {
  const gone = createClient(server);
  const asked = await ask({ connection: gone.clientId });
  const link = good(asked, {}, gone);
  assert.equal((await lookAt(newVisitor(server), link)).hasButton, true);
  postkey(server, "clients", "delete", gone.clientId);
  await refused(link);
});

test("2: a key that was deleted opens nothing from the next moment on; the client's other key does", async () => {
  const serviceClients = management();
  const { data } = await serviceClients.requestAccessKey(client.clientId);
  const second = { ...client, ...readAccessKey(data.accessKey) };
  const [one, two] = [await ask(), await ask()];
  await goesIn(good(one, {}, second));
  const link = good(two, {}, second);
  assert.equal((await lookAt(newVisitor(server), link)).hasButton, true);
  await serviceClients.deleteAccessKey(client.clientId, second.keyId);
  await refused(link);
  await goesIn(good(two));
});

test("the 60 s of the SDK, and the age that an operator allows instead", async () => {
  const patient = createClient(server, { assertionMaxAge: "4m" });
  const aged = async (of, age) => signLink(of, await ask({ connection: of.clientId }), newAddress("aged"), { age });
  await goesIn(await aged(client, 100));
  await refused(await aged(client, 130), 410);
  await goesIn(await aged(patient, 130));
  await goesIn(await aged(patient, 280));
  await refused(await aged(patient, 320), 410);
});

test("an address as somebody's id counts as proved only where the operator says so", async () => {
  const trusting = createClient(server, { trustSubject: true });
  const identity = async (of, subject, claims = {}) => {
    const answer = await follow(newVisitor(server), linkWith(await ask({ connection: of.clientId }), assertion(of, subject, server.origin, { claims })));
    assert.equal(answer.status, 303, answer.text);
    return claimsOf(new URL(answer.location).searchParams.get("id_token"));
  };
  const email = newAddress("trusted");
  const by = async (...args) => { const { email, email_verified: verified } = await identity(...args); return [email, verified]; };
  assert.deepEqual(await by(client, email), [undefined, undefined]);
  assert.deepEqual(await by(trusting, email), [email, true]);
  assert.deepEqual(await by(trusting, "no address"), [undefined, undefined]);
  assert.deepEqual(await by(client, email, { email, email_verified: true }), [email, true]);
  assert.deepEqual(await by(client, email, { email, email_verified: false }), [email, false]);
  assert.deepEqual(await by(client, email, { email, email_verified: "true" }), [email, false]);
  assert.deepEqual(await by(trusting, email, { email: newAddress("other"), email_verified: false }).then(([, verified]) => verified), false);
});

// Codes in place of links: the back end has one made for a login and delivers it, and the browser that asked sends back what
// was typed. Counted, limited and spent as every other code.
import assert from "node:assert/strict";
import { test } from "node:test";
import { call, claimsOf, createClient, exchange, follow, linkWith, assertion, lookAt, newVisitor, rawAuthentication, signLink, tokenProvider } from "../lib/authress.mjs";
import { python } from "../lib/authress-python.mjs";
import { checkIn, loginSuite, openLink } from "../lib/authress-suite.mjs";
import { inDatabase } from "../lib/database.mjs";
import { Fdi } from "../lib/st-fdi.mjs";
import { newAddress, wrongCode } from "../lib/mailbox.mjs";
import { newPhone } from "../lib/suite.mjs";
import { UNLIMITED } from "../lib/tenants.mjs";

let client, other;
const config = `[tenants.public]\n${UNLIMITED}app_name = "Example"\nguess_budget = 7\ncontact = "EMAIL_OR_PHONE"\n`;
const house = loginSuite({ config, prepare: ({ server }) => { [client, other] = [createClient(server, { trustNumber: true }), createClient(server, { name: "Other" })]; } });

const begin = async (options) => {
  const asked = await rawAuthentication(house.server, { connection: client.clientId, ...options });
  assert.equal(asked.status, 200, asked.text);
  return asked;
};
const ORIGIN = "http://localhost:3000";

/** Has a code made, as the back end does. */
async function make(body, { of = client, path = of.clientId, token } = {}) {
  const bearer = token === undefined ? await tokenProvider(of).getToken(house.server.origin) : token;
  return call(house.server, "POST", `/v1/clients/${path}/codes`, { body, token: bearer });
}

/** A code for somebody, and when it dies. */
async function codeFor(asked, userId, more = {}) {
  const answer = await make({ authenticationRequestId: asked.authenticationRequestId, userId, ...more });
  assert.equal(answer.status, 201, answer.text);
  return answer.json();
}

const type = (asked, code, origin = ORIGIN) => call(house.server, "POST", `/api/authentication/${asked.authenticationRequestId}/code`, { body: { code }, origin });

/** Types a wrong code: how many tries are left. */
async function miss(asked, code) {
  const answer = await type(asked, code);
  const { errorCode, triesLeft, title } = answer.json();
  assert.deepEqual([answer.status, errorCode, typeof title], [400, "WrongCode", "string"], answer.text);
  assert.equal(answer.headers["access-control-allow-origin"], ORIGIN);
  return triesLeft;
}

/** Whom an answer sends back to the application. */
function userOf(answer) {
  assert.equal(answer.status, 303, answer.text);
  return claimsOf(new URL(answer.location).searchParams.get("access_token")).sub;
}

async function refused(answer, status, code) {
  assert.deepEqual([answer.status, answer.json().errorCode], [status, code], answer.text);
}

for (const [mode, wish] of Object.entries({ "tokens in the address": {}, "a code in the address": { flowType: "code" } })) {
  test(`${mode}: the page asks, the back end delivers, and what was typed logs in`, () =>
    house.with({}, async (person, page) => {
      const subject = newAddress("typed");
      const asked = await person.sdk("authenticateWithOneTimeCode", { serviceClientId: client.clientId, redirectUrl: `${person.origin}/home`, ...wish });
      const { code, expiresAt } = await codeFor(asked, subject);
      assert.match(code, /^\d{6}$/);
      const left = Date.parse(expiresAt) - Date.now();
      assert.ok(left > 60_000 && left <= 300_000, `${left} ms`);
      // Typed into the application's own page, sent by its own script.
      const told = await page.evaluate(async ([api, id, code]) => {
        const answer = await fetch(`${api}/api/authentication/${id}/code`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ code }) });
        return { status: answer.status, body: await answer.json() };
      }, [house.api, asked.authenticationRequestId, code]);
      assert.equal(told.status, 200, JSON.stringify(told));
      await openLink(page, told.body.authenticationUrl, person.origin);
      await checkIn(person, client, subject);
    }));
}

test("a code for whom a link was signed: by the login URL of either SDK", async () => {
  const subject = newAddress("signed");
  const users = [];
  for (const sign of [
    (asked) => signLink(client, asked, subject),
    (asked) => python("link", { accessKey: client.accessKey, authenticationUrl: asked.authenticationUrl, userId: subject }),
  ]) {
    const asked = await begin();
    const made = await make({ authenticationUrl: await sign(asked) });
    assert.equal(made.status, 201, made.text);
    const done = await type(asked, made.json().code);
    const answer = await follow(newVisitor(house.server), done.json().authenticationUrl);
    users.push(userOf(answer));
  }
  assert.equal(users[0], users[1]);
  // And the same user as by the link itself.
  const asked = await begin();
  const answer = await follow(newVisitor(house.server), await signLink(client, asked, subject));
  assert.equal(userOf(answer), users[0]);
});

test("a wrong code is counted, the fifth ends it, the right one is too late then, and a new one works", async () => {
  const asked = await begin();
  const subject = newAddress("wrong");
  const { code } = await codeFor(asked, subject);
  for (const left of [4, 3, 2, 1]) assert.equal(await miss(asked, wrongCode(code, 5 - left)), left);
  await refused(await type(asked, wrongCode(code, 5)), 429, "TooManyWrongCodes");
  await refused(await type(asked, code), 429, "TooManyWrongCodes");
  const { code: second } = await codeFor(asked, subject);
  assert.equal((await type(asked, second)).status, 200);
});

test("what is no code costs no try", async () => {
  const asked = await begin();
  const { code } = await codeFor(asked, newAddress("nocode"));
  for (const typed of ["", "12", "abcdef", "1234567890", "<b>", null, 123456, ["1"]]) {
    const answer = await type(asked, typed);
    assert.equal(answer.status, 400, `${typed}: ${answer.text}`);
    assert.notEqual(answer.json().errorCode, "WrongCode", `${typed}`);
  }
  assert.equal(await miss(asked, wrongCode(code)), 4);
  // As people type it.
  assert.equal((await type(asked, ` ${code.slice(0, 3)} ${code.slice(3)} `)).status, 200);
});

test("a code is good once: 20 at once bring one address, and the login ends once", async () => {
  const asked = await begin({ flowType: "code" });
  const { code } = await codeFor(asked, newAddress("once"));
  const answers = await Promise.all(Array.from({ length: 20 }, () => type(asked, code)));
  const good = answers.filter((answer) => answer.status === 200);
  assert.equal(good.length, 1, `${answers.map((answer) => answer.status)}`);
  const again = await type(asked, code);
  assert.ok(again.status >= 400 && again.status < 500, again.text);
  const visitor = newVisitor(house.server);
  const url = good[0].json().authenticationUrl;
  // Looking at the address spends nothing.
  for (let i = 0; i < 2; i += 1) assert.equal((await lookAt(newVisitor(house.server), url)).status, 200);
  const done = await follow(visitor, url);
  assert.equal(done.status, 303);
  assert.equal((await exchange(house.server, asked, new URL(done.location).searchParams.get("code"))).status, 200);
  assert.equal((await follow(newVisitor(house.server), url)).status, 410);
  assert.ok((await type(asked, code)).status >= 400);
});

test("20 wrong codes at once are five tries", async () => {
  const asked = await begin();
  const { code } = await codeFor(asked, newAddress("storm"));
  const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => type(asked, wrongCode(code, 1 + (i % 9)))));
  assert.ok(answers.filter((answer) => answer.json().errorCode === "WrongCode").length <= 4, `${answers.map((answer) => answer.text)}`);
  await refused(await type(asked, code), 429, "TooManyWrongCodes");
});

test("a code belongs to one login: with another's it is worth nothing", async () => {
  const [one, two] = [await begin(), await begin()];
  const subject = newAddress("mine");
  const first = await codeFor(one, subject);
  await refused(await type(two, first.code), 404, "ExpiredAuthenticationRequest");
  let second = await codeFor(two, subject);
  while (second.code === first.code) second = await codeFor(two, subject);
  await miss(two, first.code);
  assert.equal((await type(one, first.code)).status, 200);
  assert.equal((await type(two, second.code)).status, 200);
  await refused(await type({ authenticationRequestId: "nobody" }, first.code), 404, "ExpiredAuthenticationRequest");
});

test("a newer code takes the place of an older one, and of its wrong tries only so many", async () => {
  const asked = await begin();
  const subject = newAddress("newer");
  const first = await codeFor(asked, subject);
  let second = await codeFor(asked, subject);
  while (second.code === first.code) second = await codeFor(asked, subject);
  await miss(asked, first.code);
  assert.equal((await type(asked, second.code)).status, 200);
});

test("length and life: 6 to 8 digits, 30 s to the end of the login", async () => {
  const asked = await begin();
  const subject = newAddress("length");
  for (const length of [6, 7, 8]) {
    const { code } = await codeFor(asked, subject, { length });
    assert.match(code, new RegExp(`^\\d{${length}}$`));
  }
  const { code, expiresAt } = await codeFor(asked, subject, { length: 8, lifetime: 60 });
  const life = Date.parse(expiresAt) - Date.now();
  assert.ok(life > 50_000 && life <= 60_000, `${life}`);
  const long = await codeFor(await begin(), subject, { lifetime: 999_999 });
  assert.ok(Date.parse(long.expiresAt) - Date.now() <= 300_000, "no longer than the login");
  for (const more of [{ length: 5 }, { length: 9 }, { length: 0 }, { length: "6" }, { length: 6.5 }, { lifetime: 0 }, { lifetime: -60 }, { lifetime: 29 }, { lifetime: "60" }]) {
    await refused(await make({ authenticationRequestId: asked.authenticationRequestId, userId: subject, ...more }), 400, "InvalidRequest");
  }
  assert.equal((await type(asked, code)).status, 200, "what was refused took no code's place");
});

test("a code that is over, and a login that is over", async () => {
  const asked = await begin();
  const subject = newAddress("over");
  const { code } = await codeFor(asked, subject, { lifetime: 30 });
  inDatabase(house.server, `UPDATE sign_ins SET code_expires_at = ${Date.now() - 1} WHERE id = (SELECT sign_in FROM login_requests WHERE id = '${asked.authenticationRequestId}')`);
  await refused(await type(asked, code), 400, "ExpiredCode");
  const fresh = await codeFor(asked, subject);
  assert.equal((await type(asked, fresh.code)).status, 200);
  const late = await begin();
  const unused = await codeFor(late, subject);
  inDatabase(house.server, `UPDATE login_requests SET expires_at = 1, request = json_set(request, '$.expires_at', 1) WHERE id = '${late.authenticationRequestId}'`);
  await refused(await type(late, unused.code), 404, "ExpiredAuthenticationRequest");
  await refused(await make({ authenticationRequestId: late.authenticationRequestId, userId: subject }), 404, "ExpiredAuthenticationRequest");
});

test("a login that a link finished takes no code, and makes none", async () => {
  const asked = await begin();
  const subject = newAddress("both");
  const { code } = await codeFor(asked, subject);
  const link = linkWith(asked, assertion(client, subject, house.server.origin));
  assert.equal((await follow(newVisitor(house.server), link)).status, 303);
  await refused(await type(asked, code), 404, "ExpiredAuthenticationRequest");
  await refused(await make({ authenticationRequestId: asked.authenticationRequestId, userId: subject }), 404, "ExpiredAuthenticationRequest");
});

test("codes are made by the client whose login it is, with its token or key, and by nobody else", async () => {
  const asked = await begin();
  const body = { authenticationRequestId: asked.authenticationRequestId, userId: "x" };
  await refused(await make(body, { of: other }), 404, "ExpiredAuthenticationRequest");
  assert.equal((await make(body, { of: other, path: client.clientId })).status, 403);
  for (const token of [null, "", "nonsense", `${client.accessKey}x`, client.accessKey.replace("acc_local", "acc_other"), assertion(client, "x", house.server.origin)]) {
    assert.equal((await make(body, { token })).status, 401, `${token}`);
  }
  const plain = createClient(house.server, { tokenGeneration: false });
  assert.equal((await make(body, { of: plain })).status, 403);
  for (const wrong of [{}, { userId: "x" }, { authenticationRequestId: asked.authenticationRequestId }, { ...body, userId: "x".repeat(129) }, { ...body, userId: "" }, { authenticationUrl: "nonsense" }]) {
    await refused(await make(wrong), 400, "InvalidRequest");
  }
  await refused(await make({ authenticationUrl: await signLink(other, asked, "x") }), 400, "InvalidAssertion");
  // The raw access key, as SDKs in other languages send it.
  assert.equal((await make(body, { token: client.accessKey })).status, 201);
});

test("a foreign page cannot type a code", async () => {
  const asked = await begin();
  const { code } = await codeFor(asked, newAddress("foreign"));
  assert.equal((await type(asked, code, "https://evil.example")).status, 403);
  assert.equal((await type(asked, code)).status, 200);
});

test("wrong codes count for the person, over all their logins: when the budget is spent, codes are longer, whatever was asked", async () => {
  const subject = newAddress("budget");
  const asked = await begin();
  const first = await codeFor(asked, subject);
  for (let i = 1; i <= 4; i += 1) await miss(asked, wrongCode(first.code, i));
  const next = await begin();
  const second = await codeFor(next, subject);
  assert.equal(second.code.length, 6);
  for (let i = 1; i <= 3; i += 1) await miss(next, wrongCode(second.code, i));
  const over = await type(next, second.code);
  assert.ok(over.status === 400 || over.status === 429, "a short code is worth nothing now, the right one neither");
  const third = await codeFor(next, subject, { length: 6 });
  assert.ok(third.code.length > 6, third.code);
  assert.equal((await type(next, third.code)).status, 200);
  // Somebody else's code is as short as ever.
  assert.equal((await codeFor(await begin(), newAddress("budget"))).code.length, 6);
});

test("a number that an operator maps to somebody opens nothing before a code proves it, and then it is theirs", async () => {
  const { e164 } = newPhone();
  const email = newAddress("mapped");
  const verified = async (subject, email) => {
    const token = assertion(client, subject, house.server.origin, { claims: { email, email_verified: true } });
    return userOf(await follow(newVisitor(house.server), linkWith(await begin(), token)));
  };
  const user = await verified("somebody", email);
  const admin = createClient(house.server, { admin: true, tokenGeneration: false });
  const map = (token, body = { phoneNumber: e164 }) => call(house.server, "PUT", `/v1/users/${user}/identifiers`, { token, body });
  assert.equal((await map(client.accessKey)).status, 403, "a client that may say who somebody is may not say whose a number is");
  assert.equal((await map(null)).status, 401);
  for (const wrong of [{}, { phoneNumber: "12" }, { phoneNumber: email }]) assert.equal((await map(admin.accessKey, wrong)).status, 400);
  assert.equal((await map(admin.accessKey)).status, 200);
  const shown = async () => (await call(house.server, "GET", `/v1/users/${user}/identifiers`, { token: admin.accessKey })).json().identifiers.map((one) => [one.phoneNumber, one.verified]);
  assert.deepEqual(await shown(), [[e164, false]]);
  const asked = await begin();
  const { code } = await codeFor(asked, e164);
  await miss(asked, wrongCode(code));
  assert.deepEqual(await shown(), [[e164, false]]);
  const done = await type(asked, code);
  assert.equal(userOf(await follow(newVisitor(house.server), done.json().authenticationUrl)), user);
  assert.deepEqual(await shown(), [[e164, false]], "that was the client's word; ours is to come");
  const web = new Fdi(house.server);
  const attempt = await web.start(e164);
  assert.equal((await web.consumeCode(attempt, attempt.code)).json().user.id, user);
  assert.deepEqual(await shown(), [[e164, true]]);
  // A client that is not trusted with numbers opens somebody of its own.
  const own = await rawAuthentication(house.server, { connection: other.clientId });
  const made = (await make({ authenticationRequestId: own.authenticationRequestId, userId: e164 }, { of: other })).json();
  const typed = (await type(own, made.code)).json();
  assert.notEqual(userOf(await follow(newVisitor(house.server), typed.authenticationUrl)), user);
  // Nobody else's from now on.
  const another = await verified("another", newAddress("mapped"));
  const taken = await call(house.server, "PUT", `/v1/users/${another}/identifiers`, { token: admin.accessKey, body: { phoneNumber: e164 } });
  assert.equal(taken.status, 409);
  assert.equal((await call(house.server, "PUT", "/v1/users/nobody/identifiers", { token: admin.accessKey, body: { phoneNumber: e164 } })).status, 404);
});

// The eighteen surprises that break a naive server (contract supertokens-frontend.md §10), each under its number; by plain
// HTTP, where the truth is. Here: 1 to 10. What the pre-built pages make of them is in the other front-*.test.mjs.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { newAddress, wrongCode } from "../lib/mailbox.mjs";
import { startServer } from "../lib/server.mjs";
import { Fdi, readFront, tokensIn } from "../lib/st-fdi.mjs";
import { CONFIG, failures, SITE } from "../lib/st-surprises.mjs";
import { newPhone } from "../lib/suite.mjs";

let server;
before(async () => {
  server = await startServer({ config: CONFIG });
});
after(() => server?.stop());

const client = (options) => new Fdi(server, options);

test("1: a user comes whole, new or known, and it is always said which", async () => {
  for (const contact of [newAddress("user"), newPhone().e164]) {
    const first = await client({ tenant: "both" }).signIn(contact);
    assert.deepEqual([first.status, first.createdNewRecipeUser], ["OK", true]);
    const second = await client({ tenant: "both" }).signIn(contact);
    assert.deepEqual([second.status, second.createdNewRecipeUser], ["OK", false]);
    assert.deepEqual(second.user, first.user);
    const { user } = first;
    const mail = contact.includes("@");
    const { recipeUserId, timeJoined } = user.loginMethods[0];
    assert.deepEqual(user, {
      id: user.id, isPrimaryUser: false, tenantIds: ["both"], timeJoined, emails: mail ? [contact] : [], phoneNumbers: mail ? [] : [contact],
      thirdParty: [], webauthn: { credentialIds: [] },
      loginMethods: [{
        recipeId: "passwordless", recipeUserId, tenantIds: ["both"], timeJoined, verified: true,
        ...(mail ? { email: contact } : { phoneNumber: contact }),
      }],
    });
    assert.ok(Math.abs(Date.now() - timeJoined) < 60_000, "in milliseconds");
  }
});

test("2: nothing but a failed claim is 403", async () => {
  for (const [what, answer] of await failures(server)) assert.notEqual(answer.status, 403, what);
});

test("3: what the code asks is answered, not what the published description says", async () => {
  const both = client({ tenant: "both" });
  const [email, phone] = [newAddress("exists"), newPhone().e164];
  await both.signIn(email);
  await both.signIn(phone);
  const OF_EMAIL = ["/passwordless/email/exists", "/signup/email/exists"];
  const OF_PHONE = ["/passwordless/phonenumber/exists", "/passwordless/phoneNumber/exists", "/signup/phonenumber/exists"];
  const paths = (contact) => contact.includes("@")
    ? OF_EMAIL.map((path) => `${path}?email=${encodeURIComponent(contact)}`)
    : OF_PHONE.map((path) => `${path}?phoneNumber=${encodeURIComponent(contact)}`);
  for (const [contact, exists] of [[email, true], [phone, true], [newAddress("exists"), false], [newPhone().e164, false]]) {
    for (const path of paths(contact)) assert.deepEqual((await both.get(path)).json(), { status: "OK", exists }, path);
  }
  const methods = (await both.get("/loginmethods?clientType=web")).json();
  assert.deepEqual(Object.keys(methods).sort(), ["emailPassword", "firstFactors", "passwordless", "status", "thirdParty", "webauthn"]);
  assert.deepEqual(methods.thirdParty, { enabled: false, providers: [] });
  // What a tenant did not turn on it does not tell.
  assert.equal((await client().get(paths(email)[0])).status, 404);
});

test("4: a fresh browser's refresh is 401, from an allowed origin too, as often as it comes", async () => {
  const one = client({ origin: SITE });
  for (let i = 0; i < 150; i += 1) {
    const told = await one.refresh(null);
    assert.deepEqual([told.status, told.json().message], [401, "unauthorised"]);
    assert.deepEqual([told.headers["access-control-allow-origin"], told.headers["access-control-allow-credentials"]], [SITE, "true"]);
    assert.match(told.headers["access-control-expose-headers"].toLowerCase(), /front-token/);
  }
  assert.equal((await one.signIn(newAddress("fresh"))).status, "OK");
  assert.equal((await one.refresh("not-a-token")).status, 401);
});

test("5: 401 is for sessions only", async () => {
  for (const [what, answer] of await failures(server)) assert.notEqual(answer.status, 401, what);
});

for (const mode of ["cookie", "header"]) {
  test(`6: every answer that brings or takes tokens lets the page read them (${mode})`, async () => {
    const one = client({ origin: SITE, mode });
    const started = await one.start(newAddress("expose"));
    const answers = [await one.consumeCode(started, started.code), await one.refresh(), await one.signOut(), await one.refresh("gone")];
    assert.deepEqual(answers.map((answer) => answer.status), [200, 200, 200, 401]);
    for (const { headers } of answers) {
      assert.ok(headers["front-token"]);
      assert.equal(headers["access-control-allow-origin"], SITE);
      const names = headers["access-control-expose-headers"].toLowerCase().split(/, */);
      for (const name of ["front-token", "anti-csrf", "st-access-token", "st-refresh-token"]) assert.ok(names.includes(name), name);
    }
  });

  test(`7: what a browser keeps fits its cookie (${mode})`, async () => {
    const one = client({ mode });
    const started = await one.start(newAddress(`long-${"x".repeat(40)}`));
    const { access, refresh, front } = tokensIn(await one.consumeCode(started, started.code));
    for (const [name, value] of Object.entries({ sFrontToken: front, "st-access-token": access, "st-refresh-token": refresh })) {
      assert.ok(name.length + value.length < 4_096, name);
      assert.doesNotMatch(value, /[;,\s%]/, name);
    }
    assert.match(front, /^[A-Za-z0-9+/]+=*$/);
    const { uid, ate, up } = readFront(front);
    assert.deepEqual([uid, ate], [up.sub, up.exp * 1000]);
    assert.ok(up.sessionHandle);
  });

  test(`8: a front token is always freshly made, and comes only with new tokens (${mode})`, async () => {
    const one = client({ mode });
    const started = await one.start(newAddress("fresh"));
    const wrong = await one.consumeCode(started, wrongCode(started.code));
    const first = await one.consumeCode(started, started.code);
    await new Promise((resolve) => setTimeout(resolve, 2_100));
    const second = await one.refresh();
    for (const answer of [first, second]) {
      const { iat } = readFront(answer.headers["front-token"]).up;
      assert.ok(Math.abs(iat * 1000 - Date.parse(answer.headers.date)) <= 2_000, `iat ${iat}, sent ${answer.headers.date}`);
    }
    assert.ok(readFront(second.headers["front-token"]).up.iat > readFront(first.headers["front-token"]).up.iat);
    const others = [wrong, await one.get("/loginmethods"), await one.create(newAddress("fresh")), await one.get("/jwt/jwks.json")];
    for (const answer of others) assert.equal(answer.headers["front-token"], undefined);
  });

  test(`9: sign-out and a refused refresh take everything back (${mode})`, async () => {
    const one = client({ mode });
    await one.signIn(newAddress("out"));
    const token = one.refreshToken;
    const out = await one.signOut();
    assert.deepEqual(out.json(), { status: "OK" });
    for (const answer of [out, await one.refresh(token)]) {
      const { access, refresh, front, inCookies } = tokensIn(answer);
      assert.deepEqual([access, refresh, front], ["", "", "remove"]);
      assert.equal(inCookies, mode === "cookie");
      if (mode === "cookie") {
        assert.match(answer.cookies.find((line) => line.startsWith("sAccessToken=")), /Path=\/;.*1970/i);
        assert.match(answer.cookies.find((line) => line.startsWith("sRefreshToken=")), /Path=\/auth\/session\/refresh;.*1970/i);
      }
    }
  });

  test(`10: refresh and sign-out come with nothing in them (${mode})`, async () => {
    const one = client({ mode });
    await one.signIn(newAddress("empty"));
    assert.deepEqual((await one.refresh()).json(), {});
    assert.equal((await one.refresh(one.refreshToken, { "content-length": "0" })).status, 200);
    assert.deepEqual((await one.signOut({ "content-length": "0" })).json(), { status: "OK" });
  });
}

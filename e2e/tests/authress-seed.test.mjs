// Links that back ends made in other ways: to the application's own address, with the SDK of npm and with that of the 3.x
// form (written by hand: it is in no registry), and the SDK in Python. Where a link lands, and which way goes on from there.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { assertion, claimsOf, createApplication, createClient, follow, linkWith, lookAt, newVisitor, rawAuthentication, readAccessKey, signLink } from "../lib/authress.mjs";
import { python } from "../lib/authress-python.mjs";
import { askForLink, checkIn, loginSuite, openLink } from "../lib/authress-suite.mjs";
import { heading } from "../lib/browser.mjs";
import { newAddress } from "../lib/mailbox.mjs";

let client;
const house = loginSuite({ prepare: ({ server }) => { client = createClient(server); } });

/** The lines that the guide gives to applications whose links land there, for the server of this test. */
function snippet() {
  const guide = readFileSync(path.resolve(import.meta.dirname, "../../docs/authress.md"), "utf8");
  const lines = /```js\n\/\/ before LoginClient\n([^]*?)```/.exec(guide)?.[1];
  assert.match(lines ?? "", /http:\/\/localhost:8000\/login/, "the guide has them");
  return lines.replace("http://localhost:8000", house.api);
}

const begin = async (options) => {
  const asked = await rawAuthentication(house.server, { connection: client.clientId, ...options });
  assert.equal(asked.status, 200, asked.text);
  return asked;
};
const tokenOf = (answer) => {
  assert.equal(answer.status, 303, answer.text);
  return new URL(answer.location).searchParams.get("access_token");
};

/** What SDKs of the 3.x form sign: good for an hour, the address said to be verified, and the same `jti` every time. */
function newLink(of, asked, subject, { origin = house.server.origin, url = asked.authenticationUrl } = {}) {
  const now = Math.floor(Date.now() / 1000);
  const claims = { iat: now, exp: now + 3600, max_age: 3600, jti: `Authress SDK; Javascript; 3.2.1; ${of.clientId}-${subject}` };
  const email = subject.includes("@") ? { email: subject, email_verified: true } : {};
  const link = new URL(url);
  link.pathname = "/login";
  const token = assertion(of, subject, origin, { claims: { ...claims, ...email } });
  return linkWith({ ...asked, authenticationUrl: link.toString() }, token);
}

test("the 3.x form: an address that is verified, and the same jti at every login", () =>
  house.with({}, async (person) => {
    const subject = newAddress("three");
    const users = [];
    for (let i = 0; i < 2; i += 1) {
      const asked = await person.sdk("authenticateWithOneTimeCode", { serviceClientId: client.clientId, redirectUrl: `${person.origin}/home` });
      await openLink(person.page, newLink(client, asked, subject), person.origin);
      const { identity, claims } = await checkIn(person, client, subject);
      assert.deepEqual([identity.email, identity.email_verified], [subject, true]);
      users.push(claims.sub);
    }
    assert.equal(users[0], users[1]);
  }));

test("the 3.x form for an id that is no address: no address", async () => {
  const answer = await follow(newVisitor(house.server), newLink(client, await begin(), "auth0|17"));
  assert.equal(claimsOf(new URL(answer.location).searchParams.get("id_token")).email, undefined);
});

test("a link of any path of ours: looked at by every method that may, and only with an issuer of a client", async () => {
  const asked = await begin();
  const link = new URL(linkWith(asked, assertion(client, newAddress("path"), house.server.origin)));
  for (const place of ["/home", "/some/where/deep", "/loginx"]) {
    const page = await lookAt(newVisitor(house.server), Object.assign(new URL(link), { pathname: place }).toString());
    assert.deepEqual([page.status, page.hasButton], [200, true], place);
  }
  const without = (name) => { const other = new URL(link); other.searchParams.delete(name); return Object.assign(other, { pathname: "/home" }); };
  const foreign = Object.assign(new URL(link), { pathname: "/home" });
  foreign.searchParams.set("iss", "https://accounts.example.com");
  for (const other of [without("iss"), without("code"), without("state"), foreign]) {
    assert.equal((await newVisitor(house.server).get(other.pathname + other.search)).status, 404, other.search);
  }
  const posted = await newVisitor(house.server).post(`/home${link.search}`);
  assert.ok([404, 405].includes(posted.status), `${posted.status}`);
  // A path that is something of ours stays what it is.
  for (const [place, status] of [["/health", 200], ["/api/session", 401], ["/auth", 200]]) {
    const answer = await newVisitor(house.server).get(place + link.search);
    assert.equal(answer.status, status, place);
    assert.ok(!answer.text.includes('action="/login"'), place);
  }
  const done = await follow(newVisitor(house.server), Object.assign(new URL(link), { pathname: "/home" }).toString());
  assert.ok(tokenOf(done));
});

test("the application's address in place of the login's: the SDK of npm signs for the application, and its page sends it on", () =>
  house.with({ snippet: snippet() }, async (person, page) => {
    const subject = newAddress("seed");
    for (const wish of [{}, { flowType: "code" }]) {
      const redirectUrl = `${person.origin}/home`;
      const asked = await person.sdk("authenticateWithOneTimeCode", { serviceClientId: client.clientId, redirectUrl, ...wish });
      const link = await signLink(client, asked, subject, { url: redirectUrl });
      assert.equal(new URL(link).origin, person.origin);
      assert.equal(new URL(link).searchParams.get("iss"), `${person.origin}/v1/clients/${client.clientId}`);
      await openLink(page, link, person.origin);
      await page.waitForFunction(() => window.client);
      await checkIn(person, client, subject);
    }
  }));

test("the same without the lines in the page: nobody is in, and the page that has them logs in with the same link", () =>
  house.with({}, async (person, page) => {
    const redirectUrl = `${person.origin}/home`;
    const subject = newAddress("seed");
    const asked = await person.sdk("authenticateWithOneTimeCode", { serviceClientId: client.clientId, redirectUrl });
    const link = await signLink(client, asked, subject, { url: redirectUrl });
    await page.goto(link);
    assert.equal(await person.sdk("userSessionExists"), false);
    const other = await house.open({ snippet: snippet() });
    await openLink(other.page, link, other.origin);
    await checkIn(other, client, subject);
    await other.close();
  }));

test("an issuer may be any registered origin of the application, and no other application's", async () => {
  const origin = "https://seed.example.com";
  const application = await createApplication(house.server, [`${origin}/`]);
  await createApplication(house.server, ["https://neighbour.example.com/"]);
  const asked = await begin({ application, redirectUrl: `${origin}/home` });
  for (const foreign of ["https://neighbour.example.com", "https://seed.example.com.evil.example", "http://seed.example.com", "https://seed.example.com:444"]) {
    const page = await lookAt(newVisitor(house.server), newLink(client, asked, "x", { origin: foreign }));
    assert.deepEqual([page.status, page.hasButton], [400, false], foreign);
  }
  const answer = await follow(newVisitor(house.server), newLink(client, asked, "x", { origin }));
  assert.ok(answer.location.startsWith(`${origin}/home?`), answer.text);
});

test("what cannot work says why: the way back stands on the page", () =>
  house.with({}, async (person, page) => {
    const asked = await askForLink(person, client, newAddress("why"));
    const link = new URL(asked.link);
    link.searchParams.set("code", "nonsense");
    assert.equal((await page.goto(link.toString())).status(), 400);
    await heading(page).waitFor();
    await page.locator(`a[href^="${person.origin}/home"]`).waitFor();
    // Without a login there is no way back that we would know to be safe.
    assert.equal((await page.goto(`${house.api}/login?code=a.b.c&state=nobody&iss=${person.origin}/v1/clients/x`)).status(), 404);
    assert.equal(await page.locator(`a[href^="${person.origin}"]`).count(), 0);
  }));

test("the SDK in Python: its link logs in, it verifies the token, and takes no other", () =>
  house.with({}, async (person) => {
    const subject = newAddress("python");
    const asked = await person.sdk("authenticateWithOneTimeCode", { serviceClientId: client.clientId, redirectUrl: `${person.origin}/home` });
    const link = await python("link", { accessKey: client.accessKey, authenticationUrl: asked.authenticationUrl, userId: subject });
    const sent = Object.fromEntries(new URL(link).searchParams);
    assert.equal(sent.redirect_uri, `${house.api}/login`);
    await openLink(person.page, link, person.origin);
    const { token, claims, identity } = await checkIn(person, client, subject);
    assert.deepEqual([identity.email, identity.email_verified], [subject, true], "this SDK says that the address is verified");
    const known = { accessKey: client.accessKey, domain: house.api };
    assert.equal((await python("verify", { ...known, token })).sub, claims.sub);
    const [head, body, mark] = token.split(".");
    const forged = Buffer.from(JSON.stringify({ ...claims, sub: "usr_other" })).toString("base64url");
    for (const bad of [`${head}.${forged}.${mark}`, `${head}.${body}.${mark.slice(0, -2)}AA`, sent.code]) {
      await assert.rejects(python("verify", { ...known, token: bad }), /Unauthorized/);
    }
    // Its own token as a client, by the client's key set.
    const own = await python("client_token", known);
    assert.equal((await python("verify", { ...known, token: own })).sub, client.clientId);
  }));

test("the SDK in Python where clocks do not show UTC: it signs times that are hours off, and is not believed", async () => {
  const asked = await begin();
  const told = { accessKey: client.accessKey, authenticationUrl: asked.authenticationUrl, userId: "x" };
  for (const timezone of ["America/New_York", "Asia/Tokyo"]) {
    const page = await lookAt(newVisitor(house.server), await python("link", told, { timezone }));
    assert.deepEqual([page.status, page.hasButton], [410, false], timezone);
  }
  assert.ok(tokenOf(await follow(newVisitor(house.server), await python("link", told))));
});

test("an access key is in four parts, and its last is a private key of Ed25519", () => {
  const { keyId, accountId, key } = readAccessKey(client.accessKey);
  assert.equal(client.accessKey.split(".").length, 4);
  assert.match(client.clientId, /^sc_/);
  assert.ok(keyId && accountId);
  assert.equal(key.asymmetricKeyType, "ed25519");
});

// The same over https, application and server under one domain: tokens in cookies, renewed and ended without leaving the
// page. A link opened in a browser that did not ask shows a button. And an application of another house, which gets a code.
import assert from "node:assert/strict";
import { test } from "node:test";
import { call, claimsOf, createApplication, createClient } from "../lib/authress.mjs";
import { askForLink, checkIn, checkOut, logIn, loginSuite, openLink } from "../lib/authress-suite.mjs";
import { cookiesOf, heading } from "../lib/browser.mjs";
import { newAddress } from "../lib/mailbox.mjs";
import { UNLIMITED } from "../lib/tenants.mjs";

let client;
let application;
const house = loginSuite({
  https: true,
  config: `[tenants.public]\n${UNLIMITED}app_name = "Example"\nrefresh_grace = "1s"\n`,
  prepare: async ({ server, site }) => {
    client = createClient(server);
    application = await createApplication(server, [`${site.origin}/`, `${site.elsewhere}/`]);
  },
});
const withApp = (story, where = (site) => site.origin) => house.with({ applicationId: application }, story, { origin: where(house.site) });

test("cookies: in by a link that goes on by itself, known to every call of both packages, and out", () =>
  withApp(async (person, page) => {
    const subject = newAddress("domain");
    assert.equal(await person.sdk("userSessionExists"), false);
    assert.ok(person.calls.includes("PATCH /api/session 404"), `${person.calls}`);
    const asked = await askForLink(person, client, subject);
    await openLink(page, asked.link, person.origin);
    const { token, claims } = await checkIn(person, client, subject);
    assert.deepEqual(person.calls.filter((one) => one.endsWith("/tokens 200")), [], "nothing to exchange");
    const cookies = await cookiesOf(person);
    const session = cookies["authress-session"];
    assert.deepEqual([session.domain, session.path, session.httpOnly, session.secure, session.sameSite], ["auth.example.test", "/", true, true, "Lax"]);
    const access = cookies.authorization;
    assert.deepEqual([access.domain, access.path, access.httpOnly, access.secure], [".example.test", "/", false, true]);
    assert.equal(access.value, token);
    assert.equal(cookies.user, undefined, "the SDK took it");

    await page.reload();
    assert.equal((await checkIn(person, client, subject)).claims.sub, claims.sub);
    await person.sdk("logout");
    assert.ok(person.calls.includes("DELETE /api/session 200"), `${person.calls}`);
    assert.ok(page.url().startsWith(`${person.origin}/`), "logging out leaves the page where it is");
    await checkOut(person, token);
  }));

test("cookies: an application that lost its tokens gets new ones by the session", () =>
  withApp(async (person, page) => {
    const subject = newAddress("renew");
    await logIn(person, client, subject);
    const first = await checkIn(person, client, subject);
    const before = (await cookiesOf(person))["authress-session"].value;
    for (const round of [1, 2]) {
      await person.context.clearCookies({ name: "authorization" });
      await page.evaluate(() => localStorage.clear());
      assert.equal(await person.sdk("getUserIdentity"), null);
      assert.equal(await person.sdk("userSessionExists"), true);
      assert.equal(person.calls.filter((one) => one === "PATCH /api/session 200").length, round);
      const now = await checkIn(person, client, subject);
      assert.equal(now.claims.sub, first.claims.sub);
      assert.notEqual(now.token, first.token);
    }
    const after = (await cookiesOf(person))["authress-session"].value;
    assert.notEqual(after, before, "what renews the session is new each time");
    await person.sdk("logout");
    await checkOut(person, first.token);
  }));

test("cookies: what renewed a session before is answered for a moment; when it comes back later, the session ends", () =>
  withApp(async (person) => {
    const subject = newAddress("stolen");
    await logIn(person, client, subject);
    const { token } = await checkIn(person, client, subject);
    const renew = (value) => call(house.server, "PATCH", "/api/session", { body: {}, origin: person.origin, cookie: `authress-session=${value}` });
    const kept = (answer) => answer.cookies.find((line) => line.startsWith("authress-session=")).split(/[=;]/)[1];
    const first = (await cookiesOf(person))["authress-session"].value;
    const second = kept(await renew(first));
    assert.equal((await renew(first)).status, 200, "two tabs at once");
    await new Promise((resolve) => setTimeout(resolve, 1100));
    const late = await renew(first);
    assert.deepEqual([late.status, late.json().errorCode], [404, "SessionNotFound"]);
    assert.equal(late.headers["access-control-allow-origin"], person.origin);
    assert.equal((await renew(second)).status, 404, "whoever holds the newer one is out too");
    assert.equal((await call(house.server, "GET", "/api/session/profile", { token, origin: person.origin })).status, 401);
    for (const nothing of ["nonsense", ""]) assert.equal((await renew(nothing)).status, 404);
    assert.equal((await call(house.server, "PATCH", "/api/session", { body: {}, origin: person.origin })).status, 404);
  }));

test("cookies: the page that asked loads again meanwhile, and a second tab opens the link", () =>
  withApp(async (person, page) => {
    const subject = newAddress("tab");
    const asked = await askForLink(person, client, subject);
    await page.reload();
    const second = await person.context.newPage();
    await openLink(second, asked.link, person.origin);
    const { claims } = await checkIn(person, client, subject, second);
    assert.equal((await checkIn(person, client, subject)).claims.sub, claims.sub);
  }));

test("cookies: in a browser that did not ask the link shows a button, which logs in there and spends it", () =>
  withApp((person) =>
    withApp(async (other) => {
      const subject = newAddress("foreign");
      const { link } = await askForLink(person, client, subject);
      const page = await other.page.goto(link);
      assert.equal(page.status(), 200);
      assert.equal(await other.page.locator("form[data-auto]").count(), 0);
      await other.page.locator("form[action='/login'] button").waitFor();
      assert.match(await other.page.locator("main").textContent(), new RegExp(subject.replace(".", "\\.")), "the page says as whom, and only that is missing");
      // Whoever waits for long does not get in by waiting.
      await other.page.waitForTimeout(700);
      assert.equal(new URL(other.page.url()).pathname, "/login");
      assert.equal((await cookiesOf(other))["authress-session"], undefined);
      await openLink(other.page, link, other.origin);
      await checkIn(other, client, subject);
      assert.equal(await person.sdk("userSessionExists"), false);
      assert.equal((await person.page.goto(link)).status(), 410);
      assert.match(await heading(person.page).textContent(), /used/i);
    })));

test("a code under one domain, when the application asks for one", () =>
  withApp(async (person) => {
    const subject = newAddress("code");
    await logIn(person, client, subject, { flowType: "code" });
    assert.equal(person.calls.filter((one) => one.endsWith("/tokens 200")).length, 1);
    const { token } = await checkIn(person, client, subject);
    await person.sdk("logout");
    await checkOut(person, token);
  }));

test("an application of another house gets a code, and none of our cookies", () =>
  withApp(async (person, page) => {
    const subject = newAddress("elsewhere");
    await logIn(person, client, subject);
    assert.equal(person.calls.filter((one) => one.endsWith("/tokens 200")).length, 1);
    const { token } = await checkIn(person, client, subject);
    const shared = (await person.context.cookies()).filter((cookie) => cookie.domain === ".example.test");
    assert.deepEqual(shared, []);
    await person.leave("logout", `${person.origin}/bye`);
    await page.waitForURL(`${person.origin}/bye`);
    await checkOut(person, token);
  }, (site) => site.elsewhere));

test("authenticate() goes to the server by itself, on to the client's page, and the link comes back from there", () =>
  withApp(async (person, page) => {
    const own = createClient(house.server, { authorizationUrl: `${person.origin}/who` });
    await person.leave("authenticate", { connectionId: own.clientId, redirectUrl: `${person.origin}/home` });
    await page.waitForURL((url) => url.pathname === "/who");
    const told = Object.fromEntries(new URL(page.url()).searchParams);
    assert.equal(told.redirect_uri, `${house.api}/login`);
    assert.equal(told.client_id, own.clientId);
  }));

test("the ID token names the person for the application, the access token does not", () =>
  withApp(async (person) => {
    const trusting = createClient(house.server, { trustSubject: true });
    const subject = newAddress("names");
    await logIn(person, trusting, subject);
    const { token, identity } = await checkIn(person, trusting, subject);
    assert.deepEqual([identity.email, identity.email_verified], [subject, true]);
    assert.equal(claimsOf(token).email, undefined);
    await logIn(person, client, newAddress("silent"));
    const silent = await person.sdk("getUserIdentity");
    assert.notEqual(silent.email_verified, true, "a client that is not trusted with it verifies nothing by an id");
  }));

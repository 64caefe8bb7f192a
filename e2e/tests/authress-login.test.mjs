// The login SDK and the back end's SDK of Authress, both as their packages ship them: in by a link, in each of the ways back
// to an application that there are on a developer's machine; other tabs, other browsers, links twice and too late.
import assert from "node:assert/strict";
import { test } from "node:test";
import { call, createClient, follow, lookAt, newVisitor, signLink } from "../lib/authress.mjs";
import { askForLink, checkIn, checkOut, logIn, loginSuite, openLink } from "../lib/authress-suite.mjs";
import { heading } from "../lib/browser.mjs";
import { inDatabase } from "../lib/database.mjs";
import { newAddress } from "../lib/mailbox.mjs";

let client;
const house = loginSuite({ prepare: ({ server }) => { client = createClient(server); } });

/** How the application asks, and what comes back in the address. */
const MODES = {
  "tokens in the address": [{}, ["nonce", "iss", "access_token", "id_token", "expires_in"]],
  "a code": [{ flowType: "code" }, ["nonce", "iss", "code"]],
};

for (const [mode, [wish, brought]] of Object.entries(MODES)) {
  test(`${mode}: in by a link, known to every call of both packages, and out`, () =>
    house.with({}, async (person, page) => {
      const subject = newAddress("login");
      assert.equal(await person.sdk("userSessionExists"), false);
      const asked = await askForLink(person, client, subject, wish);
      const start = new URL(asked.authenticationUrl);
      assert.equal(start.origin + start.pathname, `${house.api}/login`);
      assert.deepEqual(Object.fromEntries(start.searchParams), { client_id: client.clientId, state: asked.authenticationRequestId, redirect_uri: `${house.api}/login` });
      const arrived = page.waitForRequest((request) => request.isNavigationRequest() && request.url().startsWith(`${person.origin}/home?`));
      await openLink(page, asked.link, person.origin);
      const back = new URL((await arrived).url()).searchParams;
      assert.deepEqual([...back.keys()].sort(), [...brought].sort());
      assert.deepEqual([back.get("nonce"), back.get("iss")], [asked.authenticationRequestId, house.api]);
      const { token, claims, identity } = await checkIn(person, client, subject);
      assert.ok(claims.exp > Date.now() / 1000 + 600);
      assert.deepEqual([claims.client_id, claims.scope, identity.aud], ["app_default", "openid profile email", ["app_default"]]);
      assert.ok(Array.isArray(claims.aud));
      const exchanges = person.calls.filter((one) => one.endsWith("/tokens 200")).length;
      assert.equal(exchanges, brought.includes("code") ? 1 : 0, `${person.calls}`);
      // A page that loads again knows it still.
      await page.reload();
      assert.equal((await checkIn(person, client, subject)).claims.sub, claims.sub);

      await person.leave("logout", `${person.origin}/bye`);
      await page.waitForURL(`${person.origin}/bye`);
      await checkOut(person, token);
    }));

  test(`${mode}: the link in a second tab of the same browser: both tabs know`, () =>
    house.with({}, async (person) => {
      const subject = newAddress("tab");
      const asked = await askForLink(person, client, subject, wish);
      const second = await person.context.newPage();
      await openLink(second, asked.link, person.origin);
      const { claims } = await checkIn(person, client, subject, second);
      assert.equal((await checkIn(person, client, subject)).claims.sub, claims.sub);
    }));

  test(`${mode}: a link opened twice works once, and says so; whoever is in stays in`, () =>
    house.with({}, async (person, page) => {
      const subject = newAddress("twice");
      const { link } = await logIn(person, client, subject, wish);
      const again = await page.goto(link);
      assert.equal(again.status(), 410);
      assert.match(await heading(page).textContent(), /used/i);
      const way = page.locator(`a[href^="${person.origin}/home"]`);
      await way.click();
      await page.waitForURL(`${person.origin}/home`);
      await checkIn(person, client, subject);
    }));

  test(`${mode}: the same person is the same user the next time, another one is not`, () =>
    house.with({}, async (person) => {
      const [one, other] = [newAddress("same"), newAddress("other")];
      await logIn(person, client, one, wish);
      const first = await checkIn(person, client, one);
      await logIn(person, client, other, wish);
      const second = await checkIn(person, client, other);
      await logIn(person, client, one, wish);
      const third = await checkIn(person, client, one);
      assert.equal(third.claims.sub, first.claims.sub);
      assert.notEqual(second.claims.sub, first.claims.sub);
      assert.notEqual(third.token, first.token);
    }));
}

test("the waiting page loads again: tokens in the address still log in, a code does not, and the next try does", () =>
  house.with({}, async (person, page) => {
    const subject = newAddress("reload");
    const asked = await askForLink(person, client, subject);
    await page.reload();
    await openLink(page, asked.link, person.origin);
    await checkIn(person, client, subject);
    await person.leave("logout", `${person.origin}/bye`);
    await page.waitForURL(`${person.origin}/bye`);

    // The SDK forgets what it asked for with every look at the session: nothing is there to exchange the code with.
    const late = await askForLink(person, client, subject, { flowType: "code" });
    await page.reload();
    await openLink(page, late.link, person.origin);
    assert.equal(await person.sdk("userSessionExists"), false);
    await logIn(person, client, subject, { flowType: "code" });
    await checkIn(person, client, subject);
  }));

test("a link opened in another browser: tokens in the address log that one in, a code does not", () =>
  house.with({}, (person) =>
    house.with({}, async (other) => {
      const subject = newAddress("browser");
      const asked = await askForLink(person, client, subject);
      await openLink(other.page, asked.link, other.origin);
      await checkIn(other, client, subject);
      assert.equal(await person.sdk("userSessionExists"), false);
      const late = await askForLink(person, client, subject, { flowType: "code" });
      const third = await house.open();
      await openLink(third.page, late.link, third.origin);
      assert.equal(await third.sdk("userSessionExists"), false);
      await third.close();
    })));

test("a link after its time: the page says so, leads back, and nobody is in", () =>
  house.with({}, async (person, page) => {
    // What the SDK signs is good for 60 s, and clocks may be 60 s apart.
    const old = await askForLink(person, client, newAddress("late"), { age: 130 });
    assert.equal((await page.goto(old.link)).status(), 410);
    assert.match(await heading(page).textContent(), /expired/i);
    await page.locator(`a[href^="${person.origin}/home"]`).click();
    await page.waitForURL(`${person.origin}/home`);
    assert.equal(await person.sdk("userSessionExists"), false);
    // The login itself takes as long as it takes: here it is over, and what is signed is fresh.
    const over = await askForLink(person, client, newAddress("late"));
    expire(over.authenticationRequestId);
    assert.equal((await page.goto(over.link)).status(), 410);
    assert.match(await heading(page).textContent(), /expired/i);
  }));

/** Lets the time of a login run out. */
function expire(id) {
  const ago = Date.now() - 1000;
  inDatabase(house.server, `UPDATE login_requests SET expires_at = ${ago}, request = json_set(request, '$.expires_at', ${ago}) WHERE id = '${id}'`);
}

test("looking at a link spends nothing: scanners, previews and HEAD leave it whole", () =>
  house.with({}, async (person) => {
    const subject = newAddress("scanned");
    const { link } = await askForLink(person, client, subject);
    const visitor = newVisitor(house.server);
    const { pathname, search } = new URL(link);
    for (const headers of [{}, { purpose: "prefetch", "sec-purpose": "prefetch" }, { "user-agent": "SafeLinks" }]) {
      assert.equal((await visitor.get(pathname + search, headers)).status, 200);
    }
    const head = await call(house.server, "HEAD", pathname + search);
    assert.equal(head.status, 200);
    await openLink(person.page, link, person.origin);
    await checkIn(person, client, subject);
  }));

test("a link that 20 browsers follow at once lets one in", () =>
  house.with({}, async (person) => {
    const { link } = await askForLink(person, client, newAddress("race"));
    const visitors = Array.from({ length: 20 }, () => newVisitor(house.server));
    const pages = await Promise.all(visitors.map((visitor) => lookAt(visitor, link)));
    assert.ok(pages.every((page) => page.hasButton));
    const answers = await Promise.all(visitors.map((visitor, i) => visitor.post("/login", pages[i].fields)));
    assert.equal(answers.filter((answer) => answer.status === 303).length, 1);
    assert.equal(answers.filter((answer) => answer.status === 410).length, 19, `${answers.map((answer) => answer.status)}`);
    assert.equal((await follow(newVisitor(house.server), link)).status, 410);
  }));

test("a client's authorization URL: authenticate() goes there with what the back end needs, and the link comes home", () =>
  house.with({}, async (person, page) => {
    const own = createClient(house.server, { authorizationUrl: `${person.origin}/who?page=1` });
    const subject = newAddress("page");
    const asked = await person.sdk("authenticate", { connectionId: own.clientId, redirectUrl: `${person.origin}/home` });
    await page.goto(asked.authenticationUrl);
    await page.waitForURL((url) => url.pathname === "/who");
    const told = Object.fromEntries(new URL(page.url()).searchParams);
    assert.deepEqual(told, { page: "1", client_id: own.clientId, state: asked.authenticationRequestId, redirect_uri: `${house.api}/login` });
    // The back end knows only what stands in the address.
    const link = await signLink(own, { authenticationUrl: told.redirect_uri, authenticationRequestId: told.state }, subject);
    await openLink(page, link, person.origin);
    await checkIn(person, own, subject);
  }));

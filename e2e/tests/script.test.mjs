// What our script does beyond sending forms: pages that change in place, also across languages and tenants; looking again
// and again; going on elsewhere; renewing a session under way; saying things aloud.
import assert from "node:assert/strict";
import http from "node:http";
import { after, test } from "node:test";
import { askForMail, cookiesOf, goodNews, heading, newPerson, signInByCode } from "../lib/browser.mjs";
import { mailTo, newAddress } from "../lib/mailbox.mjs";
import { freePort } from "../lib/server.mjs";
import { goOn, hasFocus, suite, textTo, who, wrongWith } from "../lib/suite.mjs";
import { UNLIMITED } from "../lib/tenants.mjs";
import { until } from "../lib/until.mjs";

// An application of the operator's, on another origin.
const app = http.createServer((request, response) => {
  response.writeHead(200, { "content-type": "text/html" });
  response.end("<!doctype html><title>The application</title><h1>The application</h1>");
});
const appPort = await freePort();
const APP = `http://localhost:${appPort}`;
await new Promise((resolve) => app.listen(appPort, "127.0.0.1", resolve));
after(() => {
  app.closeAllConnections();
  app.close();
});

const CONFIG = `
[tenants.public]
${UNLIMITED}app_name = "Example"
resend_gap = "1s"
return_urls = ["${APP}/"]

[tenants.links]
${UNLIMITED}app_name = "Links"
flow = "MAGIC_LINK"
resend_gap = "1s"
return_urls = ["${APP}/"]

[tenants.green]
${UNLIMITED}app_name = "Greengrocer"
resend_gap = "1s"
[tenants.green.brand]
accent = "#0a7d4b"
background = "#eef5e9"
radius = 3

[tenants.brief]
${UNLIMITED}app_name = "Brief"
access_token_lifetime = "10s"
`;

/** Two browsers of one person and one of another, all with access tokens that have run out by the time they are used. */
let brief;
const house = suite({ config: CONFIG }, async ({ browser, server }) => {
  const [here, there, other] = await Promise.all([1, 2, 3].map(() => newPerson(browser, server)));
  const email = newAddress("brief");
  for (const one of [there, here]) await signInByCode(one, email, { tenant: "brief" });
  await signInByCode(other, newAddress("brief"), { tenant: "brief" });
  await here.page.goto("/auth/sessions");
  await other.page.goto("/auth/identifiers/new?add=email");
  brief = { here, there, other, from: Date.now() };
});

/** Marks the page's window: a reload or a plain step takes the mark away. */
const mark = (page) => page.evaluate(() => (globalThis.marked = true));
const isMarked = (page) => page.evaluate(() => globalThis.marked === true);
/** The page looks again, as if its tab had come to the front. */
const lookAgain = (page) => page.evaluate(() => document.dispatchEvent(new Event("visibilitychange", { bubbles: true })));
const root = (page) => page.evaluate(() => [document.documentElement.lang, document.documentElement.dir]);
const sheets = (page) => page.locator("link[rel=stylesheet]").evaluateAll((all) => all.map((link) => link.getAttribute("href")));
/** The policy keeps our script from looking at another origin, and the browser notes that it tried. */
const TRIED = /^(console: policy: connect-src|console: (Refused to connect|Connecting to|Fetch API cannot load))/;

test("another tab chose another language: the next page comes in it, in place, mirrored if need be", () =>
  house.with(async (person, page) => {
    await page.goto("/auth");
    await mark(page);
    const tab = await person.context.newPage();
    await tab.goto("/auth?lang=ar");
    const email = newAddress("arabic");
    await who(page).fill(email);
    await goOn(page).click();
    await page.waitForURL("**/auth/code");
    await page.locator("#code").waitFor();
    assert.deepEqual(await root(page), ["ar", "rtl"]);
    assert.equal(await page.locator("#language").inputValue(), "ar", "the footer comes along");
    assert.ok(await isMarked(page), "without a reload");
    await page.locator("#code").fill((await mailTo(house.server, email)).code);
    await page.waitForURL("**/demo");
  }));

test("two tabs, two sign-ins: the older tab's form tries and sends nothing, and shows what the newer one waits for, in its colours", () =>
  house.with(async (person, page) => {
    const [older, newer] = [newAddress("older"), newAddress("newer")];
    await askForMail(person, older, { tenant: "green" });
    await mark(page);
    const green = await sheets(page);
    assert.equal(green.length, 2);
    const { code } = await mailTo(house.server, older);
    const tab = await person.context.newPage();
    await askForMail({ page: tab }, newer);
    const words = "Another sign-in was started in this browser since. This page is about that one now.";
    // The older one's code would be wrong for the newer one: were it tried, a try would be gone.
    await page.locator("#code").fill(code);
    await page.locator(".notice", { hasText: words }).waitFor();
    await page.getByText(newer).waitFor();
    assert.equal(await page.getByText("tries left").count(), 0);
    assert.match(await page.title(), /· Example$/);
    assert.deepEqual(await sheets(page), await sheets(tab), "the other tenant's style sheet is gone");
    assert.ok(await isMarked(page));
    assert.equal(await page.evaluate(() => getComputedStyle(document.querySelector("main")).borderTopLeftRadius === "3px"), false);
    // From here on it is the newer one's page.
    await page.locator("#code").fill((await mailTo(house.server, newer)).code);
    await page.waitForURL("**/demo");
  }));

test("two tabs, two sign-ins: asking again and going back in the older tab do nothing to the newer one", () =>
  house.with(async (person, page) => {
    for (const name of ["Send it again", "Use another email address"]) {
      const [older, newer] = [newAddress("older"), newAddress("newer")];
      await askForMail(person, older);
      const tab = await person.context.newPage();
      await askForMail({ page: tab }, newer);
      const { code } = await mailTo(house.server, newer);
      await page.getByRole("button", { name, exact: true }).click();
      await page.locator(".notice", { hasText: "Another sign-in was started in this browser since." }).waitFor();
      await page.getByText(newer).waitFor();
      assert.equal((await textTo(house.server, newer)).code, code, "nothing was sent");
      await tab.locator("#code").fill(code);
      await tab.waitForURL("**/demo");
      await tab.close();
      await person.context.clearCookies();
    }
  }));

for (const tenant of ["public", "links"]) {
  test(`people return to an application on another origin, and so does the tab that waits (${tenant})`, async () => {
    const one = await newPerson(house.browser, house.server, { mayGoTo: [APP] });
    const email = newAddress("away");
    await one.page.goto(`/auth?tenantId=${tenant}&returnTo=${encodeURIComponent(`${APP}/welcome?x=1`)}`);
    await who(one.page).fill(email);
    await goOn(one.page).click();
    await one.page.waitForURL(/\/auth\/(code|sent)$/);
    const tab = await one.context.newPage();
    await tab.goto((await mailTo(house.server, email)).link);
    await tab.waitForURL(`${APP}/welcome?x=1`);
    await lookAgain(one.page);
    await one.page.waitForURL(`${APP}/welcome?x=1`);
    assert.equal(await heading(one.page).textContent(), "The application");
    // The same by code, and for whoever is signed in already.
    await one.page.goto(`${house.server.origin}/auth?tenantId=${tenant}&returnTo=${encodeURIComponent(`${APP}/again`)}`);
    await one.page.waitForURL(`${APP}/again`);
    assert.deepEqual(one.troubles.filter((trouble) => !TRIED.test(trouble)), []);
    await one.close();
  });
}

test("by code to an application on another origin", async () => {
  const one = await newPerson(house.browser, house.server, { mayGoTo: [APP] });
  const email = newAddress("away");
  await one.page.goto(`/auth?returnTo=${encodeURIComponent(`${APP}/by-code`)}`);
  await who(one.page).fill(email);
  await goOn(one.page).click();
  await one.page.locator("#code").fill((await mailTo(house.server, email)).code);
  await one.page.waitForURL(`${APP}/by-code`);
  assert.deepEqual(one.troubles, []);
  await one.close();
});

test("a tab that waits gets over failures, and goes on when the link is used", () =>
  house.with(async (person, page) => {
    const email = newAddress("poll");
    const answers = [(route) => route.abort(), (route) => route.fulfill({ status: 503, body: "<p>Not now" }), (route) => route.fulfill({ status: 200, body: "no JSON" })];
    let asked = 0;
    await page.route("**/auth/_/waiting?*", (route) => {
      asked += 1;
      return (answers.shift() ?? ((it) => it.continue()))(route);
    });
    await askForMail(person, email);
    const { link } = await mailTo(house.server, email);
    for (let i = 1; i <= 2; i += 1) {
      await lookAgain(page);
      await until(`it asked ${i} times`, () => asked >= i);
    }
    const tab = await person.context.newPage();
    await tab.goto(link);
    await tab.waitForURL("**/demo");
    // By itself: nobody looks again.
    await page.waitForURL("**/demo", { timeout: 30_000 });
    assert.ok(asked >= 4, `${asked}`);
  }));

test("however often the page changed in place, looking again asks once", () =>
  house.with(async (person, page) => {
    await askForMail(person, newAddress("once"));
    for (let i = 0; i < 3; i += 1) {
      const again = page.getByRole("button", { name: "Send it again", exact: true });
      await again.click();
      await goodNews(page, "A new message is on its way.");
      await page.locator("#live", { hasText: "A new message is on its way." }).waitFor({ state: "attached" });
    }
    await page.route("**/auth/_/waiting?*", (route) => route.fulfill({ json: { state: "waiting" } }));
    let asked = 0;
    page.on("request", (request) => { if (request.url().includes("/auth/_/waiting")) asked += 1; });
    await lookAgain(page);
    await until("it asked", () => asked > 0);
    await page.waitForTimeout(800); // the next one is due seconds later
    assert.equal(asked, 1);
  }));

test("Back brings back what was typed", () =>
  house.with(async (person, page) => {
    const email = newAddress("back");
    await page.goto("/auth?redirectToPath=%2Fdemo%3Fback%3D1");
    await who(page).fill(email);
    await goOn(page).click();
    await page.waitForURL("**/auth/code");
    await page.locator("#code").waitFor();
    await page.goBack();
    await who(page).waitFor();
    await until("the address is there", async () => (await who(page).inputValue()) === email, 5_000);
    assert.equal(new URL(page.url()).searchParams.get("redirectToPath"), "/demo?back=1");
    await page.goForward();
    await page.locator("#code").waitFor();
    await page.goBack();
    await who(page).waitFor();
    await until("and still is", async () => (await who(page).inputValue()) === email, 5_000);
  }));

test("the field is looked at when Tab leads to the button; a press on the button sends it, and asks nothing before", () =>
  house.with(async (person, page) => {
    const posts = [];
    page.on("request", (request) => { if (request.method() === "POST") posts.push(new URL(request.url()).pathname); });
    await page.goto("/auth");
    await who(page).fill("nobody");
    await page.keyboard.press("Tab");
    await hasFocus(goOn(page));
    await wrongWith(page).filter({ hasText: "Enter one email address" }).waitFor();
    assert.deepEqual(posts, ["/auth/_/check"]);
    await who(page).fill("nobody again");
    await goOn(page).click();
    await page.waitForFunction(() => document.title.startsWith("Error: "));
    assert.deepEqual(posts, ["/auth/_/check", "/auth/_/start"]);
  }));

test("on a link's page one press is enough: a double click sends once and signs in", () =>
  house.with(async (person, page) => {
    const asker = await newPerson(house.browser, house.server);
    const email = newAddress("double");
    await askForMail(asker, email, { to: "/demo?double=1" });
    await page.goto((await mailTo(house.server, email)).link);
    let posts = 0;
    await page.route("**/auth/_/verify", async (route) => {
      posts += 1;
      await new Promise((resolve) => setTimeout(resolve, 300));
      await route.continue();
    });
    await page.getByRole("button", { name: "Sign in on this device" }).dblclick({ noWaitAfter: true });
    await page.waitForURL("**/demo?double=1");
    assert.equal(posts, 1);
    await asker.close();
  }));

test("an access token that has run out: ending sessions and adding an address work all the same, with what was typed", async () => {
  const { here, there, other, from } = brief;
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, from + 11_000 - Date.now())));
  const { page } = here;
  await mark(page);
  assert.ok(!(await cookiesOf(here)).sAccessToken || Date.now() >= from + 10_000);
  await page.getByRole("button", { name: "Sign out everywhere else" }).click();
  await goodNews(page, "Signed out in");
  assert.equal(await page.locator(".rows li").count(), 1);
  assert.ok(await isMarked(page), "in place");
  await there.page.goto("/auth/sessions");
  await heading(there.page).filter({ hasText: /^Sign in$/ }).waitFor();
  const next = newAddress("brief-next");
  await mark(other.page);
  await who(other.page).fill(next);
  await other.page.getByRole("button", { name: "Send the code" }).click();
  await other.page.waitForURL("**/auth/identifiers/code");
  await other.page.locator("#code").fill((await mailTo(house.server, next)).code);
  await goodNews(other.page, next);
  assert.ok(await isMarked(other.page), "in place");
  for (const one of [here, there, other]) {
    assert.deepEqual(one.troubles, []);
    await one.close();
  }
});

test("who is not signed in any more, and cannot be, is asked to sign in, and comes back", () =>
  house.with(async (person, page) => {
    await signInByCode(person, newAddress("gone"));
    await page.goto("/auth/sessions");
    await person.context.clearCookies({ name: /^s(Access|Refresh)Token$/ });
    await page.getByRole("button", { name: "Sign out", exact: true }).click();
    await page.waitForURL("**/auth");
    await signInByCode(person, newAddress("gone"));
    await page.goto("/auth/identifiers/new?add=email");
    await person.context.clearCookies({ name: /^s(Access|Refresh)Token$/ });
    await who(page).fill(newAddress("gone"));
    await page.getByRole("button", { name: "Send the code" }).click();
    await heading(page).filter({ hasText: /^Sign in$/ }).waitFor();
    assert.equal(new URL(page.url()).searchParams.get("redirectToPath"), "/auth/identifiers");
  }));

test("good news are said aloud, and trouble is said again the second time", () =>
  house.with(async (person, page) => {
    await askForMail(person, newAddress("aloud"));
    assert.equal(await page.locator("#live").getAttribute("role"), "status");
    assert.equal((await page.locator("#live").textContent()).trim(), "");
    await page.getByRole("button", { name: "Send it again", exact: true }).click();
    await page.locator("#live", { hasText: "A new message is on its way." }).waitFor({ state: "attached" });
    // What is said is inside a region that was there before, as screen readers want it.
    await page.evaluate(() => {
      globalThis.said = [];
      const place = document.querySelector("#trouble");
      new MutationObserver(() => globalThis.said.push(place.textContent)).observe(place, { childList: true, characterData: true, subtree: true });
    });
    assert.equal(await page.locator("#trouble").getAttribute("role"), "alert");
    await person.context.setOffline(true);
    const words = "That did not reach the server.";
    for (const times of [1, 2]) {
      await page.locator("#code").fill(`${times}23456`);
      await until(`said ${times} times`, () => page.evaluate(([words, times]) => globalThis.said.filter((text) => text.startsWith(words)).length === times, [words, times]));
    }
    const said = await page.evaluate(() => globalThis.said);
    assert.equal(said[said.length - 2], "", "taken away before it is said again");
    await person.context.setOffline(false);
  }));

test("a tenant is kept: by a tab whose sign-in's cookie has gone, and on sign-out", () =>
  house.with(async (person, page) => {
    const email = newAddress("kept");
    await askForMail(person, email, { tenant: "green" });
    await person.context.clearCookies({ name: "pk_sign_in" });
    await lookAgain(page);
    await page.waitForURL("**/auth?tenantId=green");
    await page.locator(".brand", { hasText: "Greengrocer" }).waitFor();
    await signInByCode(person, email, { tenant: "green" });
    await page.goto("/auth/sessions");
    await page.getByRole("button", { name: "Sign out", exact: true }).click();
    await page.waitForURL("**/auth?tenantId=green");
    assert.equal((await sheets(page)).length, 2, "with its own style sheet");
    assert.equal("sAccessToken" in (await cookiesOf(person)), false);
  }));

// Signing in by link: in the browser that asked, in another one, in another tab; and what scanners may do to links.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { askForMail, cookiesOf, goodNews, heading, newPerson, openBrowser } from "../lib/browser.mjs";
import { ask, form } from "../lib/http.mjs";
import { mailTo, newAddress } from "../lib/mailbox.mjs";
import { startServer } from "../lib/server.mjs";
import { TENANTS } from "../lib/tenants.mjs";

let server;
let browser;

before(async () => {
  server = await startServer({ config: TENANTS });
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const person = () => newPerson(browser, server);
const confirm = (page) => page.getByRole("button", { name: "Sign in on this device" });
/** Nothing happened that no page may do; then away with them. */
async function done(...people) {
  for (const one of people) {
    assert.deepEqual(one.troubles, []);
    await one.close();
  }
}
async function linkFor(one, options) {
  const email = newAddress("link");
  await askForMail(one, email, options);
  return { email, ...(await mailTo(server, email)) };
}
/** Opens a link as a click in a mail does: always a fresh load, also when only the part behind the # differs. */
async function open(page, link) {
  await page.goto("about:blank");
  await page.goto(link);
}
const isSignedIn = async (one) => "sAccessToken" in (await cookiesOf(one));

for (const tenant of ["public", "links"]) {
  test(`the link of tenant ${tenant} in the same browser goes on by itself`, async () => {
    const one = await person();
    const { link, code } = await linkFor(one, { tenant, to: "/demo?from=mail" });
    assert.match(link, new RegExp(`^${server.origin}/auth/verify\\?preAuthSessionId=[A-Za-z0-9_-]+&tenantId=${tenant}#[A-Za-z0-9_-]{22,}$`));
    assert.equal(code === null, tenant === "links");
    const tab = await one.context.newPage();
    await tab.goto(link);
    await tab.waitForURL("**/demo?from=mail");
    assert.equal(await heading(tab).textContent(), "You are signed in");
    await done(one);
  });
}

test("the link in another browser asks first, signs in there, and only there", async () => {
  const [asker, other] = [await person(), await person()];
  const { link } = await linkFor(asker, { to: "/demo?from=mail" });
  await open(other.page, link);
  await heading(other.page).filter({ hasText: "Sign in on this device?" }).waitFor();
  await other.page.getByText("Go on only if it was you who asked for it.").waitFor();
  assert.equal(await isSignedIn(other), false);
  await confirm(other.page).click();
  await other.page.waitForURL("**/demo?from=mail");
  // The tab that waits learns that its sign-in is over, and is not signed in by it.
  await asker.page.reload();
  await asker.page.waitForURL(/\/auth(\?|$)/);
  assert.equal(await isSignedIn(asker), false);
  await done(asker, other);
});

test("old forms of the link, with rid and in any order, work too", async () => {
  const one = await person();
  const { link } = await linkFor(one);
  const url = new URL(link);
  const id = url.searchParams.get("preAuthSessionId");
  await open(one.page, `${server.origin}/auth/verify?tenantId=public&preAuthSessionId=${id}&rid=passwordless${url.hash}`);
  await one.page.waitForURL("**/demo");
  await done(one);
});

test("a used link: the browser that is signed in by it goes on, the one that asked is told so, all others get one word", async () => {
  const [asker, other] = [await person(), await person()];
  const { link } = await linkFor(asker, { to: "/demo?used=1" });
  await open(asker.page, link);
  await asker.page.waitForURL("**/demo?used=1");
  const session = await asker.page.locator("#session-handle").textContent();
  await open(asker.page, link);
  await asker.page.waitForURL("**/demo?used=1");
  assert.equal(await asker.page.locator("#session-handle").textContent(), session, "with the session it has");
  await asker.context.clearCookies({ name: /^s(Access|Refresh)Token$|^sFrontToken$/ });
  await open(asker.page, link);
  await heading(asker.page).filter({ hasText: "This link was used already" }).waitFor();
  const words = new Set();
  const dead = { used: link, wrong: link.replace(/#.*/, "#AAAAAAAAAAAAAAAAAAAAAAAAAAA"), unknown: link.replace(/preAuthSessionId=[^&]*/, "preAuthSessionId=01a2044d-8c3e-7627-b292-98dc0315c7f6") };
  for (const [which, address] of Object.entries(dead)) {
    await open(other.page, address);
    await heading(other.page).filter({ hasText: "This link does not work" }).waitFor();
    assert.equal(await confirm(other.page).count(), 0, which);
    words.add(await other.page.locator("main").innerText());
  }
  assert.equal(words.size, 1);
  assert.equal(await isSignedIn(other), false);
  await done(asker, other);
});

test("a link that another sign-in of the address overtook says so, and a new one is a click away", async () => {
  const [first, second] = [await person(), await person()];
  const email = newAddress("overtaken");
  await askForMail(first, email, { tenant: "quick" });
  const { link } = await mailTo(server, email);
  await askForMail(second, email, { tenant: "quick" });
  await second.page.getByLabel("Code").fill((await mailTo(server, email, 2)).code);
  await second.page.waitForURL("**/demo");
  await open(first.page, link);
  await heading(first.page).filter({ hasText: "This link is no longer needed" }).waitFor();
  assert.equal(await isSignedIn(first), false);
  // The way back leads to the tenant of the link.
  await first.page.getByRole("link", { name: "Start again" }).click();
  await first.page.waitForURL("**/auth?tenantId=quick");
  await first.page.locator(".brand", { hasText: "Quick" }).waitFor();
  await done(first, second);
});

test("a wrong link in the browser that asked offers a new one, which works", async () => {
  const one = await person();
  const { link, email } = await linkFor(one, { tenant: "quick" });
  await open(one.page, link.replace(/#.*/, "#AAAAAAAAAAAAAAAAAAAAAAAAAAA"));
  await heading(one.page).filter({ hasText: "This link does not work" }).waitFor();
  await one.page.getByRole("button", { name: "Send me a new link" }).click();
  await goodNews(one.page, "A new message is on its way.");
  await open(one.page, (await mailTo(server, email, 2)).link);
  await one.page.waitForURL("**/demo");
  await done(one);
});

test("a link that was cut short says so and costs nothing; whole, it still works", async () => {
  const one = await person();
  const { link } = await linkFor(one);
  for (const cut of [link.replace(/#.*/, ""), link.replace(/#.*/, "#")]) {
    await open(one.page, cut);
    await one.page.getByText("This link was cut short.").waitFor();
    assert.equal(await confirm(one.page).isVisible(), false);
  }
  // Cut in the middle of the secret: dead, but the sign-in is not.
  await open(one.page, link.slice(0, -5));
  await heading(one.page).filter({ hasText: "This link does not work" }).waitFor();
  await open(one.page, link);
  await one.page.waitForURL("**/demo");
  await done(one);
});

test("a link for somebody else does not swap the session of who is signed in without asking", async () => {
  const one = await person();
  const mine = await linkFor(one);
  await open(one.page, mine.link);
  await one.page.waitForURL("**/demo");
  const me = await one.page.locator("#user-id").textContent();
  const stranger = await person();
  const theirs = await linkFor(stranger);
  await open(one.page, theirs.link);
  await heading(one.page).filter({ hasText: "Sign in as somebody else?" }).waitFor();
  const words = await one.page.locator("main").innerText();
  assert.ok(words.includes(mine.email) && !words.includes(theirs.email), words);
  await one.page.goto("/demo");
  assert.equal(await one.page.locator("#user-id").textContent(), me);
  await done(one, stranger);
});

test("link in another tab: the tab with the code form goes on where it wanted to, after a reload or with its code", async () => {
  for (const way of ["reload", "code"]) {
    const one = await person();
    const { link, code } = await linkFor(one, { to: "/demo?wanted=1" });
    const tab = await one.context.newPage();
    await tab.goto(link);
    await tab.waitForURL("**/demo?wanted=1");
    if (way === "reload") await one.page.reload();
    else await one.page.getByLabel("Code").fill(code);
    await one.page.waitForURL("**/demo?wanted=1");
    assert.equal(await heading(one.page).textContent(), "You are signed in");
    await done(one);
  }
});

test("scanners may do what they like with a link: it still works for its person", async () => {
  const [one, scanner] = [await person(), await person()];
  const { link, code } = await linkFor(one);
  const bare = link.replace(/#.*/, "");
  const agents = ["Mozilla/5.0 (compatible; link scanner)", "curl/8.0", ""];
  for (const agent of agents) {
    const headers = { "user-agent": agent, accept: "*/*", purpose: "prefetch", "sec-purpose": "prefetch" };
    assert.equal((await ask(bare, { headers })).status, 200);
    const head = await ask(bare, { method: "HEAD", headers });
    assert.deepEqual([head.status, head.text], [200, ""]);
    const options = await ask(bare, { method: "OPTIONS", headers });
    assert.ok(options.status === 405 || options.status === 204 || options.status === 200, `${options.status}`);
    // Some put the whole link, secret and all, into the path they ask for.
    assert.equal((await ask(`${bare}&fragment=${new URL(link).hash.slice(1)}`, { headers })).status, 200);
  }
  // A scanner that finds the form's address and posts the secret there, but is no browser with our page before it.
  const fields = { preAuthSessionId: new URL(link).searchParams.get("preAuthSessionId"), tenantId: "public", linkCode: new URL(link).hash.slice(1) };
  const robot = await ask(`${server.origin}/auth/_/verify`, { method: "POST", headers: { accept: "text/html" }, body: form(fields) });
  assert.equal(robot.status, 403);
  assert.ok(!robot.cookies.some((cookie) => cookie.startsWith("sAccessToken")));
  // A whole browser that opens the link, runs its scripts, and waits.
  await open(scanner.page, link);
  await confirm(scanner.page).waitFor();
  await scanner.page.waitForTimeout(1_000);
  await scanner.page.reload();
  await confirm(scanner.page).waitFor();
  assert.equal(await isSignedIn(scanner), false);
  // Nothing is spent: neither the link nor a try nor the code.
  await one.page.getByLabel("Code").fill(code.replace(/.$/, (d) => (Number(d) + 1) % 10));
  await one.page.getByText("You have 4 tries left.").waitFor();
  await open(one.page, link);
  await one.page.waitForURL("**/demo");
  await done(one, scanner);
});

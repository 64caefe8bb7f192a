// Links: in the browser that asked, anywhere else, with the number match, dead in every way, in another tab, and in a
// browser where somebody is signed in already.
import assert from "node:assert/strict";
import path from "node:path";
import { after, before, test } from "node:test";
import { askForMail, cookiesOf, goodNews, heading, newPerson, openBrowser, signInByCode } from "../lib/browser.mjs";
import { ask } from "../lib/http.mjs";
import { mailTo, mailsTo, newAddress, wrongCode } from "../lib/mailbox.mjs";
import { startServer } from "../lib/server.mjs";
import { until } from "../lib/until.mjs";

const PLACES = path.resolve(import.meta.dirname, "../../crates/http/tests/fixtures/places.mmdb");
const FREE = "resend_gap = \"1s\"\nsends_per_contact = 0\nsends_per_network = 0\n";
const CONFIG = `
trusted_proxies = ["127.0.0.1"]
places_file = "${PLACES}"

[tenants.public]
app_name = "Example"
${FREE}
[tenants.links]
app_name = "Link only"
flow = "MAGIC_LINK"
${FREE}
[tenants.numbers]
app_name = "Numbers"
number_match = true
${FREE}
[tenants.link-numbers]
app_name = "Link numbers"
flow = "MAGIC_LINK"
number_match = true
${FREE}
[tenants.short]
app_name = "Short"
code_lifetime = "1m"
${FREE}`;
const WINDOWS = { userAgent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0" };

let server;
let browser;
/** What becomes of a link that expires while the other tests run. */
let late;

before(async () => {
  server = await startServer({ config: CONFIG });
  browser = await openBrowser();
  late = expiredLink();
  late.catch(() => {});
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const person = (options) => newPerson(browser, server, options);
const press = (page, name) => page.getByRole("button", { name, exact: true }).click();
const here = (page) => page.getByRole("button", { name: "Sign in on this device" });
const isSignedIn = async (one) => "sAccessToken" in (await cookiesOf(one));

/** Nothing happened that no page may do; then away with them. */
async function done(...people) {
  for (const one of people) {
    assert.deepEqual(one.troubles, []);
    await one.close();
  }
}

async function linkFor(one, options) {
  const email = options?.email ?? newAddress("else");
  const before = (await mailsTo(server, email)).length;
  await askForMail(one, email, options);
  return { email, ...(await mailTo(server, email, before + 1)) };
}

/** Opens a link as a click in a mail does: always a fresh load, also when only the part behind the # differs. */
async function open(page, link) {
  await page.goto("about:blank");
  await page.goto(link);
}

/** Makes the page look again now, instead of in some seconds. */
async function lookedAt(page) {
  await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange", { bubbles: true })));
}

/** What a program in this very browser gets that sends one of our forms. */
function post(page, action, fields = {}) {
  return page.evaluate(
    async ([action, fields]) => {
      const token = document.querySelector("[name=form]").value;
      const body = new URLSearchParams({ form: token, ...fields });
      const answer = await fetch(action, { method: "POST", body, headers: { accept: "application/json" } });
      return { status: answer.status, ...(await answer.json()) };
    },
    [action, fields],
  );
}

for (const tenant of ["public", "links", "numbers", "link-numbers"]) {
  test(`U9: the link of tenant ${tenant} signs in by itself where it was asked for, and goes on`, async () => {
    const one = await person();
    const { link } = await linkFor(one, { tenant, to: "/demo?from=mail" });
    const tab = await one.context.newPage();
    await tab.goto(link);
    await tab.waitForURL("**/demo?from=mail");
    assert.equal(await heading(tab).textContent(), "You are signed in");
    await done(one);
  });
}

test("U10: elsewhere the page says for whom, from where and when, and a person presses", async () => {
  const asker = await person({ ...WINDOWS, extraHTTPHeaders: { "X-Forwarded-For": "203.0.113.7" } });
  const other = await person();
  const { link, email } = await linkFor(asker, { to: "/demo?from=mail" });
  await open(other.page, link);
  const facts = other.page.locator(".facts");
  await facts.waitFor();
  assert.equal(await heading(other.page).textContent(), "Sign in on this device?");
  await other.page.getByText("This link signs you in to Example.").waitFor();
  const told = (await facts.locator("dd").allTextContents()).map((text) => text.replace(/[\u2066-\u2069]/g, ""));
  assert.deepEqual(told, [`${email[0]}•••@e•••.com`, "less than a minute ago", "Firefox on Windows", "Vienna, Austria"]);
  assert.ok(!(await other.page.content()).includes(email), "the address is nowhere in the page");
  assert.equal(await other.page.locator("#number, .number").count(), 0, "no number where the tenant offers none");
  assert.equal(await isSignedIn(other), false);
  await here(other.page).click();
  await other.page.waitForURL("**/demo?from=mail");
  // The browser that asked is not signed in by it. It is told.
  await asker.page.reload();
  await asker.page.getByText("You signed in on another device.").waitFor();
  assert.equal(await isSignedIn(asker), false);
  await done(asker, other);
});

test("U10: without a proxy that says so there is no place, and what a stranger's header says does not count", async () => {
  const asker = await person({ userAgent: "curl/8.0" });
  const other = await person();
  const { link } = await linkFor(asker);
  await open(other.page, link);
  const told = (await other.page.locator(".facts dd").allTextContents()).map((text) => text.replace(/[\u2066-\u2069]/g, ""));
  assert.equal(told.length, 3);
  assert.equal(told[2], "Another browser on another system");
  await done(asker, other);
});

test("U10: nothing is spent before the press, whoever looks", async () => {
  const one = await person();
  const { link, code } = await linkFor(one, { to: "/demo?spent=no" });
  const bare = link.replace(/#.*/, "");
  for (const headers of [{}, { purpose: "prefetch", "sec-purpose": "prefetch" }, { "user-agent": "Mozilla/5.0 (compatible; link scanner)" }]) {
    assert.equal((await ask(bare, { method: "HEAD", headers })).status, 200);
    assert.equal((await ask(bare, { headers })).status, 200);
    assert.equal((await ask(`${bare}&fragment=${new URL(link).hash.slice(1)}`, { headers })).status, 200);
  }
  // A whole browser without cookies, which opens the link, runs its scripts and stays.
  const scanner = await person();
  await open(scanner.page, link);
  await here(scanner.page).waitFor();
  await scanner.page.waitForTimeout(3000);
  assert.equal(await isSignedIn(scanner), false);
  await here(scanner.page).waitFor();
  // The person still has the code with all its tries, and the link.
  await one.page.locator("#code").fill(wrongCode(code));
  await one.page.getByText("You have 4 tries left.").waitFor();
  await open(one.page, link);
  await one.page.waitForURL("**/demo?spent=no");
  await done(one, scanner);
});

test("U10: \"This was not me\" ends the sign-in", async () => {
  const [asker, other] = [await person(), await person()];
  const { link, code, email } = await linkFor(asker);
  await open(other.page, link);
  await press(other.page, "This was not me");
  await heading(other.page).filter({ hasText: "That sign-in is over" }).waitFor();
  // Back at the start, with the reason, and nothing to type twice.
  await asker.page.locator("#code").fill(code);
  await asker.page.waitForURL(/\/auth(\?|$)/);
  await asker.page.locator(".notice", { hasText: "That sign-in is over. Start again." }).waitFor();
  assert.equal(await asker.page.locator("#who").inputValue(), email);
  assert.equal(await isSignedIn(asker), false);
  await open(other.page, link);
  assert.equal(await heading(other.page).textContent(), "This link does not work");
  assert.equal(await isSignedIn(other), false);
  await done(asker, other);
});

for (const tenant of ["numbers", "link-numbers"]) {
  test(`number match of tenant ${tenant}: the right number signs in the waiting browser, and only it`, async () => {
    const [asker, other, third] = [await person(), await person(), await person()];
    const { link } = await linkFor(asker, { tenant, to: "/demo?matched=1" });
    const number = (await asker.page.locator(".number").textContent()).trim();
    assert.match(number, /^[1-9][0-9]$/);
    await open(other.page, link);
    // The number is not in the page that asks for it.
    assert.equal(await other.page.locator(".number").count(), 0);
    await other.page.locator("#number").fill(number);
    await press(other.page, "Sign in there");
    await heading(other.page).filter({ hasText: "You can go back now" }).waitFor();
    await lookedAt(asker.page);
    await asker.page.waitForURL("**/demo?matched=1");
    assert.equal(await heading(asker.page).textContent(), "You are signed in");
    assert.equal(await isSignedIn(other), false);
    // The link is spent with it, for everybody.
    await open(third.page, link);
    assert.equal(await heading(third.page).textContent(), "This link does not work");
    await done(asker, other, third);
  });
}

test("number match: after an approval without scripts one press in the waiting browser collects the session", async () => {
  const [asker, other] = [await person({ javaScriptEnabled: false }), await person()];
  const { link } = await linkFor(asker, { tenant: "numbers", to: "/demo?plain=1" });
  const number = (await asker.page.locator(".number").textContent()).trim();
  await open(other.page, link);
  await other.page.locator("#number").fill(number);
  await press(other.page, "Sign in there");
  await heading(other.page).filter({ hasText: "You can go back now" }).waitFor();
  await asker.page.reload();
  await press(asker.page, "Sign in here");
  await asker.page.waitForURL("**/demo?plain=1");
  await done(asker, other);
});

test("number match: a wrong number does nothing, and there is no second try", async () => {
  const [asker, other] = [await person(), await person()];
  const { link } = await linkFor(asker, { tenant: "numbers", to: "/demo?here=1" });
  const number = (await asker.page.locator(".number").textContent()).trim();
  await open(other.page, link);
  const form = { linkCode: new URL(link).hash.slice(1) };
  for (const name of ["preAuthSessionId", "tenantId"]) form[name] = new URL(link).searchParams.get(name);
  await other.page.locator("#number").fill(number === "99" ? "10" : String(Number(number) + 1));
  await press(other.page, "Sign in there");
  await other.page.getByText("That is not the number, and there is no second try.").waitFor();
  // Not by the page, and not past it.
  await open(other.page, link);
  await here(other.page).waitFor();
  assert.equal(await other.page.locator("#number").count(), 0);
  assert.equal((await post(other.page, "/auth/_/approve", { ...form, number })).status, 200);
  await other.page.goto("/auth/link-problem?tenantId=numbers");
  await other.page.getByText("A number was typed for this link before.").waitFor();
  const told = await post(asker.page, "/auth/_/collect");
  assert.ok(!told.location?.startsWith("/demo"), told.location);
  assert.equal(await isSignedIn(asker), false);
  // Signing in where the link was opened still works.
  await open(other.page, link);
  await here(other.page).click();
  await other.page.waitForURL("**/demo?here=1");
  assert.equal(await isSignedIn(asker), false);
  await done(asker, other);
});

test("number match: who starts a sign-in for somebody else's address gets nothing, ever", async () => {
  const [attacker, victim] = [await person(), await person()];
  const email = newAddress("victim");
  const { link } = await linkFor(attacker, { tenant: "numbers", email });
  const cookies = await attacker.context.cookies();
  const waits = async (why) => {
    // Whoever collects too early loses the sign-in. An attacker keeps a copy.
    await attacker.context.addCookies(cookies);
    const told = await post(attacker.page, "/auth/_/collect");
    assert.ok(!told.location?.startsWith("/demo"), `${why}: ${told.location}`);
    await attacker.context.addCookies(cookies);
    const polled = await attacker.page.evaluate(async () => (await fetch("/auth/_/waiting", { headers: { accept: "application/json" } })).json());
    assert.equal(await isSignedIn(attacker), false, why);
    return polled.state;
  };
  // The victim opens the link on their own device, knows no number, and looks.
  await open(victim.page, link);
  await here(victim.page).waitFor();
  assert.equal(await waits("opened"), "waiting");
  // They press without a number: the field wants one.
  await press(victim.page, "Sign in there");
  assert.equal(new URL(victim.page.url()).pathname, "/auth/verify");
  assert.equal(await waits("no number typed"), "waiting");
  // They sign in on their own device, as the page offers.
  await here(victim.page).click();
  await victim.page.waitForURL("**/demo");
  assert.equal(await isSignedIn(victim), true);
  assert.equal(await waits("the victim is in"), "over");
  await attacker.page.goto("/auth/code");
  await attacker.page.waitForURL(/\/auth(\?|$)/);
  assert.equal(await isSignedIn(attacker), false);
  await done(attacker, victim);
});

test("number match is off by default: no number is shown, asked for, or taken", async () => {
  const [asker, other] = [await person(), await person()];
  const { link } = await linkFor(asker);
  assert.equal(await asker.page.locator(".number").count(), 0);
  await open(other.page, link);
  await here(other.page).waitFor();
  assert.equal(await other.page.locator("#number").count(), 0);
  const form = { linkCode: new URL(link).hash.slice(1), preAuthSessionId: new URL(link).searchParams.get("preAuthSessionId"), tenantId: "public" };
  for (let number = 10; number < 100; number += 1) await post(other.page, "/auth/_/approve", { ...form, number: String(number) });
  const told = await asker.page.evaluate(async () => (await fetch("/auth/_/waiting", { headers: { accept: "application/json" } })).json());
  assert.equal(told.state, "waiting");
  await done(asker, other);
});

test("U11: a used link, where it was asked for: the words say so, and one press brings a new one", async () => {
  const one = await person();
  const { link, email } = await linkFor(one, { tenant: "links", to: "/demo?again=1" });
  await open(one.page, link);
  await one.page.waitForURL("**/demo?again=1");
  await one.context.clearCookies({ name: /^s(Access|Refresh)Token$|^sFrontToken$/ });
  await open(one.page, link);
  await heading(one.page).filter({ hasText: "This link was used already" }).waitFor();
  await one.page.getByText(`We send it to ${email}.`).waitFor();
  await press(one.page, "Send me a new link");
  await one.page.waitForURL("**/auth/sent");
  await one.page.getByText(email).waitFor();
  await open(one.page, (await mailTo(server, email, 2)).link);
  await one.page.waitForURL("**/demo?again=1");
  await done(one);
});

test("U11: a link that another sign-in made needless says so, and one press brings a new one", async () => {
  const [first, second] = [await person(), await person()];
  const { link, email } = await linkFor(first, { tenant: "links" });
  const newer = await linkFor(second, { tenant: "links", email });
  await open(second.page, newer.link);
  await second.page.waitForURL("**/demo");
  await open(first.page, link);
  await heading(first.page).filter({ hasText: "This link is no longer needed" }).waitFor();
  await press(first.page, "Send me a new link");
  await first.page.waitForURL("**/auth/sent");
  await open(first.page, (await mailTo(server, email, 3)).link);
  await first.page.waitForURL("**/demo");
  await done(first, second);
});

test("U11: a link cut short says so, costs nothing, and one press brings a new one", async () => {
  const one = await person();
  const { link, email } = await linkFor(one);
  for (const cut of [link.replace(/#.*/, ""), link.replace(/#.*/, "#")]) {
    await open(one.page, cut);
    await one.page.getByText("This link was cut short.").waitFor();
    assert.equal(await here(one.page).isVisible(), false);
  }
  await one.page.waitForTimeout(1000);
  await press(one.page, "Send me a new link");
  await one.page.waitForURL("**/auth/code");
  await goodNews(one.page, "A new message is on its way.");
  // Both links are good.
  assert.equal((await mailTo(server, email, 2)).to, email);
  await open(one.page, link);
  await one.page.waitForURL("**/demo");
  await done(one);
});

test("U11: a link cut in the middle of its secret: one press brings a new one, address kept", async () => {
  const one = await person();
  const { link, email } = await linkFor(one);
  await open(one.page, link.slice(0, -5));
  await heading(one.page).filter({ hasText: "This link does not work" }).waitFor();
  await one.page.getByText(`We send it to ${email}.`).waitFor();
  const again = one.page.getByRole("button", { name: "Send me a new link" });
  await until("the button waits no longer", async () => (await again.count()) && (await again.getAttribute("aria-disabled")) === null);
  await again.click();
  await goodNews(one.page, "A new message is on its way.");
  await open(one.page, (await mailTo(server, email, 2)).link);
  await one.page.waitForURL("**/demo");
  await done(one);
});

test("U11: anywhere else every dead link reads the same", async () => {
  const [asker, other] = [await person(), await person()];
  const used = await linkFor(asker);
  await open(asker.page, used.link);
  await asker.page.waitForURL("**/demo");
  const replaced = await linkFor(await person());
  const newer = await person();
  await open(newer.page, (await linkFor(newer, { email: replaced.email })).link);
  await newer.page.waitForURL("**/demo");
  const live = await linkFor(await person());
  const none = "#AAAAAAAAAAAAAAAAAAAAAAAAAAA";
  const dead = {
    used: used.link,
    "used, by its id alone": used.link.replace(/#.*/, ""),
    "used, another secret": used.link.replace(/#.*/, none),
    replaced: replaced.link,
    "wrong secret": live.link.replace(/#.*/, none),
    "never was": live.link.replace(/preAuthSessionId=[^&]*/, "preAuthSessionId=01a2044d-8c3e-7627-b292-98dc0315c7f6"),
    "no id": live.link.replace(/preAuthSessionId=[^&]*&/, ""),
    nonsense: live.link.replace(/preAuthSessionId=[^&]*/, "preAuthSessionId=%22%3E%3Cscript%3E"),
  };
  const words = new Map();
  for (const [which, address] of Object.entries(dead)) {
    await open(other.page, address);
    if (which === "wrong secret") await here(other.page).click();
    await heading(other.page).filter({ hasText: "This link does not work" }).waitFor();
    words.set(which, `${await other.page.title()}\n${await other.page.locator("main").innerHTML()}`);
  }
  assert.equal(new Set(words.values()).size, 1, JSON.stringify([...words], null, 1));
  assert.equal(await isSignedIn(other), false);
  await done(asker, other);
});

test("U11: nobody can write on our pages by making up an address or a cookie", async () => {
  const one = await person();
  const evil = "Call +1 900 555 0100 now";
  const query = new URLSearchParams({ error: evil, message: evil, note: evil, said: evil }).toString();
  await one.page.goto("/auth");
  const [plain, title] = [await one.page.locator("main").innerText(), await one.page.title()];
  for (const address of [`/auth?${query}`, `/auth?error=custom&message=${encodeURIComponent(evil)}`, `/auth?error=signin`, `/auth?error=restart_link`]) {
    await one.page.goto(address);
    assert.equal(await one.page.locator("main").innerText(), plain, address);
    assert.equal(await one.page.title(), title);
  }
  for (const address of [`/auth/link-problem?${query}`, `/auth/verify?${query}`]) {
    await one.page.goto(address);
    assert.equal(await heading(one.page).textContent(), "This link does not work");
    assert.ok(!(await one.page.locator("main").innerText()).includes("900"), address);
  }
  const notes = [`${evil}.0..`, `start-again.0..${evil}`, "wrong-code", `throttled.x..`, "<script>alert(1)</script>.0..", ".0..", "%00.0.."];
  for (const value of notes) {
    await one.context.addCookies([{ name: "pk_note", value: encodeURI(value), domain: "localhost", path: "/auth" }]);
    await one.page.goto("/auth");
    assert.equal(await one.page.locator("main").innerText(), plain, value);
  }
  // A true note shows its words, never what else is in the cookie, but for what was typed, in its field.
  const typed = Buffer.from("<b>bold</b>\"><script>alert(1)</script>").toString("base64url");
  await one.context.addCookies([{ name: "pk_note", value: `start-again.0..${typed}`, domain: "localhost", path: "/auth" }]);
  await one.page.goto("/auth");
  await one.page.getByText("That sign-in is over. Start again.").waitFor();
  assert.equal(await one.page.locator("main b, main script").count(), 0);
  await one.page.goto("/auth");
  assert.equal(await one.page.locator("main").innerText(), plain, "a note is shown once");
  await done(one);
});

test("U12: the code page notices the link in another tab and goes on where it wanted to", async () => {
  const one = await person();
  const { link } = await linkFor(one, { to: "/demo?tab=1" });
  const tab = await one.context.newPage();
  await tab.goto(link);
  await tab.waitForURL("**/demo?tab=1");
  await one.page.waitForURL("**/demo?tab=1");
  assert.equal(await heading(one.page).textContent(), "You are signed in");
  await done(one);
});

test("U12: asked gently, only while somebody looks, and not at all when it is over", async () => {
  const one = await person();
  await one.context.addInitScript(() => {
    globalThis.hides = false;
    Object.defineProperty(document, "visibilityState", { get: () => (globalThis.hides ? "hidden" : "visible") });
  });
  await one.page.clock.install();
  let asked = 0;
  let over = false;
  await one.page.route("**/auth/_/waiting?*", async (route) => {
    asked += 1;
    await (over ? route.fulfill({ json: { state: "over", location: "/auth/code" } }) : route.continue());
  });
  const { link } = await linkFor(one);
  // The clock of the page moves by hand; answers still take their own time.
  const minute = async (seconds) => {
    for (let second = 0; second < seconds; second += 1) {
      await one.page.clock.runFor(1000);
      await one.page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve))).catch(() => null);
      await one.page.waitForTimeout(20);
    }
  };
  await minute(60);
  assert.ok(asked >= 4 && asked <= 14, `${asked} times in a minute`);
  await one.page.evaluate(() => (globalThis.hides = true));
  await minute(16);
  const before = asked;
  await minute(60);
  assert.equal(asked, before, "nobody looks, nobody asks");
  await one.page.evaluate(() => {
    globalThis.hides = false;
    document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
  });
  await minute(2);
  assert.equal(asked, before + 1, "looked at again: asked at once");
  // Over, by another browser: back to the start, and silence.
  const other = await person();
  await open(other.page, link);
  await here(other.page).click();
  await other.page.waitForURL("**/demo");
  over = true;
  await minute(16);
  await one.page.waitForURL(/\/auth(\?|$)/);
  await one.page.getByText("You signed in on another device.").waitFor();
  const last = asked;
  await minute(30);
  assert.equal(asked, last, "over is over");
  await done(one, other);
});

test("U12: without scripts a link on the page goes on, once the link in the mail was opened", async () => {
  const one = await person({ javaScriptEnabled: false });
  const scripted = await person();
  const { link } = await linkFor(one, { to: "/demo?plain=1" });
  // Nothing yet: it is the code page again.
  await one.page.getByRole("link", { name: "I have opened the link" }).click();
  await heading(one.page).filter({ hasText: "Enter your code" }).waitFor();
  // The same browser with scripts on, as far as cookies go.
  await scripted.context.addCookies(await one.context.cookies());
  await scripted.page.goto(link);
  await scripted.page.waitForURL("**/demo?plain=1");
  await one.context.addCookies(await scripted.context.cookies());
  await one.page.getByRole("link", { name: "I have opened the link" }).click();
  await one.page.waitForURL("**/demo?plain=1");
  await done(one, scripted);
});

test("U12: a link used on another device: the waiting page says so by itself", async () => {
  const [asker, other] = [await person(), await person()];
  const { link } = await linkFor(asker, { tenant: "links", to: "/demo?wanted=1" });
  await open(other.page, link);
  await here(other.page).click();
  await other.page.waitForURL("**/demo?wanted=1");
  await asker.page.getByText("You signed in on another device. To sign in here too, start again.").waitFor();
  // Tenant and place are kept for the next try.
  assert.deepEqual(Object.fromEntries(new URL(asker.page.url()).searchParams), { tenantId: "links", redirectToPath: "/demo?wanted=1" });
  assert.equal(await isSignedIn(asker), false);
  await done(asker, other);
});

test("U13: who is signed in goes on", async () => {
  const one = await person();
  await signInByCode(one, newAddress("in"));
  for (const [address, place] of [["/auth", "/demo"], ["/auth?redirectToPath=/demo?x=1", "/demo?x=1"]]) {
    await one.page.goto(address);
    assert.equal(new URL(one.page.url()).pathname + new URL(one.page.url()).search, place);
  }
  await done(one);
});

test("U13: a link for somebody else asks first and names both; then the old session is dead", async () => {
  const [one, stranger] = [await person(), await person()];
  const me = newAddress("me");
  await signInByCode(one, me);
  await one.page.goto("/demo");
  const [mine, old] = [await one.page.locator("#user-id").textContent(), await cookiesOf(one)];
  const theirs = await linkFor(stranger, { to: "/demo?theirs=1" });
  await open(one.page, theirs.link);
  await heading(one.page).filter({ hasText: "Sign in as somebody else?" }).waitFor();
  const lead = await one.page.locator("h1 + p").innerText();
  assert.ok(lead.includes(me), lead);
  assert.ok(lead.includes(`${theirs.email[0]}•••@e•••.com`) && !lead.includes(theirs.email), lead);
  // Looking at it changed nothing.
  await one.page.goto("/demo");
  assert.equal(await one.page.locator("#user-id").textContent(), mine);
  await open(one.page, theirs.link);
  await here(one.page).click();
  await one.page.waitForURL("**/demo?theirs=1");
  assert.notEqual(await one.page.locator("#user-id").textContent(), mine);
  // Whoever kept the replaced session's tokens has nothing.
  const ghost = await person();
  await ghost.context.addCookies(Object.values(old).filter((cookie) => cookie.name.startsWith("s")));
  const renewed = await ghost.context.request.post("/auth/session/refresh", { headers: { rid: "session" } });
  assert.equal(renewed.status(), 401);
  await ghost.context.addCookies([old.sAccessToken]);
  await ghost.page.goto("/auth/sessions");
  assert.equal(new URL(ghost.page.url()).pathname, "/auth");
  await done(one, stranger, ghost);
});

test("U13: a link for the same person goes on without asking", async () => {
  const one = await person();
  const email = newAddress("same");
  await signInByCode(one, email);
  await one.page.goto("/demo");
  const mine = await one.page.locator("#user-id").textContent();
  // Asked for in another tenant's form or another browser: here in a browser that lost its sign-in's cookie.
  const other = await person();
  const { link } = await linkFor(other, { email, to: "/demo?same=1" });
  await one.context.addCookies((await other.context.cookies()).filter((cookie) => cookie.name === "pk_sign_in"));
  await open(one.page, link);
  await one.page.waitForURL("**/demo?same=1");
  assert.equal(await one.page.locator("#user-id").textContent(), mine);
  assert.equal(await one.page.locator("#session-count").textContent(), "1", "the replaced session is gone");
  await done(one, other);
});

async function expiredLink() {
  const [one, other] = [await person(), await person()];
  const { link, email } = await linkFor(one, { tenant: "short", to: "/demo?late=1" });
  await new Promise((resolve) => setTimeout(resolve, 61_000));
  await open(other.page, link);
  assert.equal(await heading(other.page).textContent(), "This link does not work");
  await open(one.page, link);
  await heading(one.page).filter({ hasText: "This link has expired" }).waitFor();
  await one.page.getByText(`We send it to ${email}.`).waitFor();
  await press(one.page, "Send me a new link");
  await one.page.waitForURL("**/auth/code");
  await open(one.page, (await mailTo(server, email, 2)).link);
  await one.page.waitForURL("**/demo?late=1");
  await done(one, other);
}

test("U11: an expired link, where it was asked for: the words say so, and one press brings a new one", () => late);

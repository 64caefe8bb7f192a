// While a message is on its way: asking again, another address, typing the code, and everything that ends the waiting.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import net from "node:net";
import path from "node:path";
import { test } from "node:test";
import { inDatabase } from "../lib/database.mjs";
import { goodNews, heading, newPerson, openBrowser } from "../lib/browser.mjs";
import { Client } from "../lib/http.mjs";
import { mailsTo, newAddress, wrongCode } from "../lib/mailbox.mjs";
import { BINARY, freePort, startServer } from "../lib/server.mjs";
import { mailServer } from "../lib/smtp.mjs";
import { goOn, hasFocus, newPhone, plain, suite, textTo, who } from "../lib/suite.mjs";
import { UNLIMITED } from "../lib/tenants.mjs";
import { until } from "../lib/until.mjs";

const CONFIG = `
trusted_proxies = ["127.0.0.1"]

[tenants.public]
${UNLIMITED}app_name = "Example"

[tenants.codes]
${UNLIMITED}app_name = "Example"
flow = "USER_INPUT_CODE"
resend_gap = "4s"

[tenants.either]
${UNLIMITED}app_name = "Example"
contact = "EMAIL_OR_PHONE"
default_country = "DE"
resend_gap = "1s"

[tenants.by-link]
${UNLIMITED}app_name = "Example"
contact = "EMAIL_OR_PHONE"
flow = "MAGIC_LINK"
default_country = "DE"
resend_gap = "3s"

[tenants.short]
${UNLIMITED}app_name = "Example"
code_lifetime = "1m"
resend_gap = "1s"

[tenants.budget]
app_name = "Example"
sends_per_network = 0
sends_per_contact = 2
sends_window = "1m"
resend_gap = "1s"

[tenants.short-link]
${UNLIMITED}app_name = "Example"
flow = "MAGIC_LINK"
code_lifetime = "1m"

[tenants.closed]
${UNLIMITED}app_name = "Example"
sign_up = "closed"

[tenants.invited]
${UNLIMITED}app_name = "Example"
sign_up = "invited"
sign_up_allowed = ["@family.example"]
`;

// What has to wait a minute begins first.
let expired;
let expiredLink;
let throttled;
const house = suite({ config: CONFIG }, async ({ browser, server }) => {
  const person = await newPerson(browser, server);
  const email = newAddress("expired");
  await ask(person.page, email, "short");
  expired = { person, email, ...(await textTo(server, email)), from: Date.now() };
  const other = await newPerson(browser, server);
  await other.page.goto("/auth?tenantId=short-link");
  await who(other.page).fill(newAddress("expired-link"));
  await goOn(other.page).click();
  await other.page.waitForURL("**/auth/sent");
  expiredLink = { person: other, from: Date.now() };
});

/** Starts a sign-in. Ends on the page that waits for the code. */
async function ask(page, typed, tenant = "public") {
  await page.goto(`/auth?tenantId=${tenant}`);
  await who(page).fill(typed);
  await goOn(page).click();
  await page.waitForURL("**/auth/code");
  await codeField(page).waitFor();
}
const codeField = (page) => page.locator("#code");
const wrongWithCode = (page) => page.locator("#code-error");
const resend = (page) => page.locator("form[action$='/resend'] button").first();
/** How long the button still waits, in seconds; 0 when it does not. */
const waits = async (page) => {
  const found = plain(await resend(page).textContent()).match(/in (\d+):(\d\d)$/);
  return found ? Number(found[1]) * 60 + Number(found[2]) : 0;
};
const ready = (page) => page.getByRole("button", { name: "Send it again", exact: true });
/** A client that holds what the person's browser holds now. */
async function clientOf(person) {
  const client = new Client(person.server.origin);
  for (const { name, value } of await person.context.cookies(`${person.server.origin}/auth/session/refresh`)) client.jar.set(name, value);
  return client;
}

// U6
test("asking again waits: shown, kept over a reload, held to by the server, and begun anew after each message", () =>
  house.with(async (person, page) => {
    const email = newAddress("again");
    await ask(page, email, "codes");
    await textTo(house.server, email);
    const first = await waits(page);
    assert.ok(first >= 1 && first <= 4, `${first} s`);
    assert.equal(await resend(page).getAttribute("aria-disabled"), "true");
    await resend(page).click({ force: true });
    await until("it counts down", async () => (await waits(page)) < first);
    const before = await waits(page);
    await page.reload();
    const later = await waits(page);
    assert.ok(later <= before, `a reload made ${later} s of ${before} s`);
    // Past the page.
    const client = await clientOf(person);
    assert.equal((await client.post("/auth/_/resend")).location, "/auth/code");
    assert.match((await client.get("/auth/code")).text, /Wait a moment before you ask again/);
    assert.equal((await mailsTo(house.server, email)).length, 1);
    await ready(page).waitFor();
    assert.equal(await ready(page).getAttribute("aria-disabled"), null);
    await ready(page).dblclick();
    await goodNews(page, "A new message is on its way.");
    assert.ok((await waits(page)) > 0, "it waits again");
    await textTo(house.server, email, 2);
    await ready(page).waitFor();
    // Two at once, past the page.
    const both = [await clientOf(person), await clientOf(person)];
    await Promise.all(both.map((one) => one.post("/auth/_/resend")));
    await textTo(house.server, email, 3);
    // A later message has arrived: none of the earlier is still on its way.
    const other = newAddress("after");
    await ask(page, other, "codes");
    await textTo(house.server, other);
    assert.equal((await mailsTo(house.server, email)).length, 3);
  }));

test("requests that began before another one was answered, and end after it, do not get around the wait", async () => {
  const { origin, port } = house.server;
  const client = new Client(origin);
  const email = newAddress("held");
  await client.post("/auth/_/start", { email, tenantId: "codes" });
  await textTo(house.server, email);
  const page = await client.get("/auth/code");
  await new Promise((resolve) => setTimeout(resolve, Number(page.text.match(/data-wait="(\d+)"/)[1]) + 100));
  const cookie = [...client.jar].map(([name, value]) => `${name}=${value}`).join("; ");
  const head = [
    "POST /auth/_/resend HTTP/1.1", `Host: ${new URL(origin).host}`, `Cookie: ${cookie}`, "Sec-Fetch-Site: same-origin", `Origin: ${origin}`,
    "Content-Type: application/x-www-form-urlencoded", "Content-Length: 3", "Connection: close", "", "",
  ].join("\r\n");
  const held = [];
  for (let i = 0; i < 4; i += 1) {
    const socket = net.connect(port, "127.0.0.1");
    await new Promise((resolve, reject) => socket.on("connect", resolve).on("error", reject));
    socket.write(head);
    held.push(socket);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  // The last to come is the first to end.
  for (const socket of held.reverse()) {
    const ended = new Promise((resolve) => socket.on("close", resolve));
    socket.resume();
    socket.write("a=b");
    await ended;
  }
  const other = newAddress("held");
  await new Client(origin).post("/auth/_/start", { email: other, tenantId: "codes" });
  await textTo(house.server, other);
  assert.equal((await mailsTo(house.server, email)).length, 2);
});

for (const [kind, make, words] of [
  ["email", () => { const email = newAddress("other"); return { typed: email, to: email, shown: email }; }, "Use another email address"],
  ["phone", () => { const phone = newPhone(); return { typed: phone.national, to: phone.e164, shown: phone.shown }; }, "Use another phone number"],
]) {
  test(`another ${kind}: the words fit, it comes back to be mended, and the old code is dead`, () =>
    house.with(async (person, page) => {
      const one = make();
      await ask(page, one.typed, "either");
      const { code, link } = await textTo(house.server, one.to);
      await page.getByText(one.shown).first().waitFor();
      const old = await clientOf(person);
      await page.getByRole("button", { name: words, exact: true }).click();
      await page.waitForURL(/\/auth\?/);
      assert.equal(await who(page).inputValue(), one.shown);
      await hasFocus(who(page));
      // The old sign-in, with everything that belongs to it.
      const entered = await old.post("/auth/_/code", { code });
      assert.ok(!entered.cookies.some((line) => line.startsWith("sAccessToken=ey")), entered.location);
      assert.notEqual(entered.location, "/demo");
      await page.goto(link);
      assert.match(await page.locator("main").innerText(), /does not work|given up/);
      assert.equal((await person.context.cookies()).some(({ name }) => name === "sAccessToken"), false);
      // What came back is as good as typed.
      await ask(page, one.shown, "either");
      const again = await textTo(house.server, one.to, 2);
      await codeField(page).fill(again.code);
      await page.waitForURL("**/demo");
    }));
}

for (const [kind, make] of [
  ["email", () => Array(3).fill(newAddress("sent"))],
  ["phone", () => ((phone) => [phone.national, phone.e164, phone.shown])(newPhone())],
]) {
  test(`a link was sent by ${kind}: where to, for how long, again after a while, and another one`, () =>
    house.with(async (person, page) => {
      const [typed, to, shown] = make();
      await page.goto("/auth?tenantId=by-link");
      await who(page).fill(typed);
      await goOn(page).click();
      await page.waitForURL("**/auth/sent");
      await page.getByText(`We sent a link to ${shown}. Open it to sign in.`).waitFor();
      assert.match(plain(await page.locator("main").innerText()), /The link is good until \d+:\d\d/);
      const [first, before] = [await textTo(house.server, to), await waits(page)];
      assert.ok(before >= 1 && before <= 3, `${before} s`);
      await page.reload();
      assert.ok((await waits(page)) <= before);
      await ready(page).click();
      await goodNews(page, "A new message is on its way.");
      assert.equal(new URL(page.url()).pathname, "/auth/sent");
      const second = await textTo(house.server, to, 2);
      assert.notEqual(second.link, first.link);
      await page.getByRole("button", { name: kind === "email" ? "Use another email address" : "Use another phone number" }).click();
      await page.waitForURL(/\/auth\?/);
      assert.equal(await who(page).inputValue(), shown);
      for (const { link } of [first, second]) {
        await page.goto("about:blank");
        await page.goto(link);
        await page.getByRole("heading", { name: /does not work|given up/ }).waitFor();
      }
    }));
}

// U7
test("the field for the code: for the keyboard, the autofill and the eyes of a phone", () =>
  house.with(async (person, page) => {
    await ask(page, newAddress("field"));
    const attributes = await codeField(page).evaluate((e) => Object.fromEntries([...e.attributes].map(({ name, value }) => [name, value])));
    assert.equal(attributes.inputmode, "numeric");
    assert.equal(attributes.autocomplete, "one-time-code");
    assert.equal(attributes.enterkeyhint, "go");
    assert.equal(attributes["aria-describedby"], "code-error");
    assert.ok(!("pattern" in attributes), "a pattern would refuse spaces");
    assert.ok(Number(attributes.maxlength ?? 99) >= 16, "room for what is pasted around a code");
    await hasFocus(codeField(page));
    const size = (locator) => locator.evaluate((e) => parseFloat(getComputedStyle(e).fontSize));
    assert.ok((await size(codeField(page))) >= 16);
    assert.equal(await page.getByLabel("Code").count(), 1, "it has a name");
    await page.goto("/auth?tenantId=either");
    assert.ok((await size(who(page))) >= 16);
  }));

const arabic = (digits) => digits.replace(/\d/g, (d) => String.fromCodePoint(0x660 + Number(d)));
const wide = (digits) => digits.replace(/\d/g, (d) => String.fromCodePoint(0xff10 + Number(d)));
for (const [what, make] of [
  ["with a space inside", (c) => `${c.slice(0, 3)} ${c.slice(3)}`],
  ["with a dash inside", (c) => `${c.slice(0, 3)}-${c.slice(3)}`],
  ["with a long dash inside", (c) => `${c.slice(0, 3)}–${c.slice(3)}`],
  ["with white space of many kinds around", (c) => `\u00a0 ${c.slice(0, 3)}\u2009${c.slice(3)}\u200b `],
  ["in full-width digits", wide],
  ["in Arabic digits", arabic],
]) {
  test(`a code pasted ${what} goes off by itself, and is the code`, () =>
    house.with(async (person, page) => {
      const email = newAddress("paste");
      await ask(page, email);
      const { code } = await textTo(house.server, email);
      await person.context.grantPermissions(["clipboard-read", "clipboard-write"]);
      await page.evaluate((text) => navigator.clipboard.writeText(text), make(code));
      await codeField(page).press("Control+V");
      await page.waitForURL("**/demo");
    }));
  test(`the server by itself takes a code ${what}`, async () => {
    const client = new Client(house.server.origin);
    const email = newAddress("bare");
    await client.post("/auth/_/start", { email });
    const { code } = await textTo(house.server, email);
    assert.equal((await client.post("/auth/_/code", { code: make(code) })).location, "/demo");
  });
}

test("what cannot be a code costs no try; a wrong one says how many are left, also after a reload", () =>
  house.with(async (person, page) => {
    const email = newAddress("tries");
    await ask(page, email);
    const { code } = await textTo(house.server, email);
    const client = await clientOf(person);
    // Six times something impossible: were one of them counted, five would end it.
    for (const impossible of ["12345", "1234567", "abcdef", "", "12 34", "١٢٣"]) {
      assert.equal((await client.post("/auth/_/code", { code: impossible })).location, "/auth/code");
    }
    await codeField(page).fill("12345");
    await codeField(page).press("Enter");
    await page.getByRole("alert").filter({ hasText: "That is not a whole code." }).waitFor();
    assert.equal(plain(await page.title()), "Error: Enter your code · Example");
    assert.equal(await codeField(page).getAttribute("aria-invalid"), "true");
    await hasFocus(codeField(page));
    await codeField(page).fill(wrongCode(code));
    await page.getByRole("alert").filter({ hasText: "That code is wrong. You have 4 tries left." }).waitFor();
    await hasFocus(codeField(page));
    await page.reload();
    await page.getByText("4 tries left.").waitFor();
    assert.equal(await wrongWithCode(page).textContent(), "");
    assert.equal(await page.title(), "Enter your code · Example");
    await codeField(page).fill(code);
    await page.waitForURL("**/demo");
  }));

// U8
test("too many wrong codes: back at the start, with the reason and the address; code and link are dead", () =>
  house.with(async (person, page) => {
    const email = newAddress("many");
    await ask(page, email);
    const { code, link } = await textTo(house.server, email);
    for (const [i, words] of ["4 tries", "3 tries", "2 tries", "one try"].entries()) {
      await codeField(page).fill(wrongCode(code, i + 1));
      await wrongWithCode(page).filter({ hasText: `You have ${words} left.` }).waitFor();
    }
    const old = await clientOf(person);
    await codeField(page).fill(wrongCode(code, 5));
    await page.waitForURL(/\/auth(\?|$)/);
    await page.getByRole("alert").filter({ hasText: "Too many wrong codes. Start again to get a new one." }).waitFor();
    assert.equal(await who(page).inputValue(), email);
    assert.notEqual((await old.post("/auth/_/code", { code })).location, "/demo");
    await page.goto(link);
    await page.getByRole("heading", { name: /does not work/ }).waitFor();
    assert.equal((await person.context.cookies()).some(({ name }) => name === "sAccessToken"), false);
    await ask(page, email);
    await codeField(page).fill((await textTo(house.server, email, 2)).code);
    await page.waitForURL("**/demo");
  }));

// U15
test("too many messages to one address: the reason, a countdown, a button that waits; 429 for everybody who asks past it", () =>
  house.with(async (person, page) => {
    const email = newAddress("budget");
    throttled = { email, from: Date.now() };
    for (let i = 0; i < 2; i += 1) await ask(page, email, "budget");
    await textTo(house.server, email, 2);
    let posts = 0;
    page.on("request", (request) => { if (request.url().endsWith("/auth/_/start")) posts += 1; });
    await page.goto("/auth?tenantId=budget&redirectToPath=%2Fdemo%3Fkept%3D1");
    await who(page).fill(email);
    await goOn(page).click();
    await page.getByRole("alert").filter({ hasText: "Too many messages were asked for. Try again in a minute." }).waitFor();
    assert.equal(await who(page).inputValue(), email);
    assert.equal(new URL(page.url()).searchParams.get("redirectToPath"), "/demo?kept=1");
    const button = page.locator("main form.who button:not(.switch)");
    await until("it counts down", async () => /^You can go on in (1:00|0:[0-5]\d)$/.test(plain(await button.textContent())));
    assert.equal(await button.getAttribute("aria-disabled"), "true");
    await button.click({ force: true });
    await who(page).press("Enter");
    assert.equal(posts, 1, "a button that waits sends nothing");
    // The reason stays until its time, whoever loads the page again; the address is told to nobody who comes next, and the
    // button takes another one.
    for (let i = 0; i < 2; i += 1) {
      await page.reload();
      await page.getByRole("alert").filter({ hasText: "Too many messages were asked for." }).waitFor();
      assert.equal(await who(page).inputValue(), "");
      assert.equal(await button.getAttribute("aria-disabled"), null);
    }
    const bare = new Client(house.server.origin);
    const refused = await bare.post("/auth/_/start", { email, tenantId: "budget" }, { accept: "text/html" });
    assert.equal(refused.status, 429);
    assert.ok(Number(refused.headers["retry-after"]) >= 1 && Number(refused.headers["retry-after"]) <= 60, refused.headers["retry-after"]);
    assert.match(refused.text, /Too many messages were asked for/);
    // No other address is held up, also not in this browser: the button waits for the one that was typed.
    await ask(page, newAddress("budget"), "budget");
    assert.equal((await mailsTo(house.server, email)).length, 2);
  }));

test("asking again is under the same budget, and says so", () =>
  house.with(async (person, page) => {
    const email = newAddress("budget");
    await ask(page, email, "budget");
    for (let i = 2; i <= 3; i += 1) {
      await ready(page).waitFor();
      await ready(page).click();
      if (i === 2) await textTo(house.server, email, 2);
    }
    for (let i = 0; i < 2; i += 1) {
      await page.getByRole("alert").filter({ hasText: "Too many messages were asked for." }).waitFor();
      assert.equal(await resend(page).getAttribute("aria-disabled"), "true");
      assert.ok((await waits(page)) > 1, "until its time, not only until the next try");
      await page.reload();
    }
    assert.equal((await mailsTo(house.server, email)).length, 2);
    // The code that is out still works.
    await codeField(page).fill((await textTo(house.server, email, 2)).code);
    await page.waitForURL("**/demo");
    // And the notice is over with it: who is signed in goes on.
    await page.goto("/auth?tenantId=budget");
    await page.waitForURL("**/demo");
  }));

test("messages to one address are counted for each network that asks, and five times that over all", async () => {
  const email = newAddress("networks");
  const asked = async (network) => (await new Client(house.server.origin).post("/auth/_/start", { email, tenantId: "budget" }, { accept: "text/html", "x-forwarded-for": `203.0.113.${network}` })).status;
  for (let network = 1; network <= 5; network += 1) {
    assert.deepEqual([await asked(network), await asked(network), await asked(network)], [303, 303, 429], `network ${network}`);
  }
  assert.equal(await asked(6), 429, "no network asks for more than all may");
  await textTo(house.server, email, 10);
  const other = newAddress("networks");
  assert.equal((await new Client(house.server.origin).post("/auth/_/start", { email: other, tenantId: "budget" }, { "x-forwarded-for": "203.0.113.1" })).location, "/auth/code");
  await textTo(house.server, other);
  assert.equal((await mailsTo(house.server, email)).length, 10);
});

test("a sign-in that nobody finished for long: back at the start, with the reason and the address", () =>
  house.with(async (person, page) => {
    const email = newAddress("lapsed");
    await ask(page, email, "either");
    inDatabase(house.server, `UPDATE sign_ins SET code_expires_at = code_expires_at - 1800000 WHERE subject = '${email}'`);
    await page.reload();
    await page.waitForURL("**/auth?tenantId=either");
    await page.locator(".notice", { hasText: "That sign-in is over. Start again." }).waitFor();
    assert.equal(await who(page).inputValue(), email);
  }));

/** What a page says, without what differs from person to person and minute to minute. */
async function screen(page, email) {
  const text = plain(await page.locator("body").innerText()).replaceAll(email, "EMAIL").replace(/\d+:\d\d( ?[AP]M)?/g, "TIME");
  return { text, title: await page.title(), path: new URL(page.url()).pathname };
}

test("where nobody new is let in, everybody sees the same screens, and only the mail says that there is no account", () =>
  house.with(async (person, page) => {
    const known = newAddress("known");
    await ask(page, known);
    const usual = await screen(page, known);
    await codeField(page).fill(wrongCode((await textTo(house.server, known)).code));
    await page.getByText("You have 4 tries left.").waitFor();
    const usualWrong = await screen(page, known);
    for (const tenant of ["closed", "invited"]) {
      await person.context.clearCookies();
      const unknown = newAddress("unknown");
      await ask(page, unknown, tenant);
      assert.deepEqual(await screen(page, unknown), usual);
      const mail = await textTo(house.server, unknown);
      assert.deepEqual([mail.code, mail.link], [null, null]);
      assert.equal(plain(mail.subject), "No account for this address at Example");
      assert.match(plain(mail.text), /It has no account/);
      assert.doesNotMatch(mail.text, /\b\d{3} \d{3}\b/);
      await codeField(page).fill("123456");
      await page.getByText("You have 4 tries left.").waitFor();
      assert.deepEqual(await screen(page, unknown), usualWrong);
    }
  }));

/** Runs `postkey` on the server's own config and data. */
function postkey(...args) {
  const { folder } = house.server;
  const ran = spawnSync(BINARY, [...args, "--config", path.join(folder, "postkey.toml"), "--data-dir", path.join(folder, "data")], { encoding: "utf8" });
  assert.equal(ran.status, 0, ran.stderr);
  return ran.stdout;
}

test("whoever is on the list, or was invited with the server running, gets an account", () =>
  house.with(async (person, page) => {
    const guest = newAddress("guest");
    const listed = newAddress("child").replace("@example.com", "@family.example");
    await ask(page, guest, "invited");
    assert.equal((await textTo(house.server, guest)).code, null);
    assert.ok(postkey("invites", "add", guest, "--tenant", "invited").includes(guest));
    assert.ok(postkey("invites", "list", "--tenant", "invited").includes(guest));
    for (const [email, count] of [[guest, 2], [listed, 1]]) {
      await person.context.clearCookies();
      await ask(page, email, "invited");
      await codeField(page).fill((await textTo(house.server, email, count)).code);
      await page.waitForURL("**/demo");
    }
    // An account is an account, also without the invitation that it came by.
    postkey("invites", "withdraw", guest, "--tenant", "invited");
    await person.context.clearCookies();
    await ask(page, guest, "invited");
    assert.notEqual((await textTo(house.server, guest, 3)).code, null);
  }));

// U14
test("the mail provider is down: the page is the same, and the mail comes when it is back", async () => {
  const mail = await mailServer();
  const config = `
[mail]
from = "Example <login@example.com>"
providers = ["relay"]
[providers.relay]
type = "smtp"
host = "localhost"
port = ${mail.port}
tls = "none"
[tenants.public]
${UNLIMITED}app_name = "Example"
`;
  const [browser, server] = [await openBrowser(), await startServer({ config })];
  try {
    const person = await newPerson(browser, server);
    const email = newAddress("down");
    await ask(person.page, email);
    const down = await screen(person.page, email);
    await mail.start();
    const { text } = await mail.mailTo(email, 60_000);
    await codeField(person.page).fill(text.match(/^ {4}(\d{3} \d{3})$/m)[1]);
    await person.page.waitForURL("**/demo");
    await person.context.clearCookies();
    const up = newAddress("down");
    await ask(person.page, up);
    assert.deepEqual(down, await screen(person.page, up));
    await person.close();
  } finally {
    await browser.close();
    await server.stop();
    await mail.stop();
  }
});

/** A way to a database that can be taken away and given back. */
async function wayTo(target) {
  const port = await freePort();
  let open = true;
  const sockets = new Set();
  const server = net.createServer((near) => {
    if (!open) return near.destroy();
    const far = net.connect(Number(target.port), target.hostname);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => { sockets.delete(socket); near.destroy(); far.destroy(); });
    }
    near.pipe(far).pipe(near);
  });
  await new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    port,
    close() { open = false; for (const socket of sockets) socket.destroy(); },
    open() { open = true; },
    end() { this.close(); return new Promise((resolve) => server.close(resolve)); },
  };
}

const POSTGRES = process.env.POSTKEY_TEST_POSTGRES;
test("the database is away for a while: the forms say so, keep what was typed, and work when it is back", { skip: POSTGRES ? false : "no PostgreSQL: POSTKEY_TEST_POSTGRES is not set" }, async () => {
  const target = new URL(POSTGRES);
  const name = `postkey_e2e_${process.pid}`;
  const psql = (sql) => assert.equal(spawnSync("psql", [POSTGRES, "-v", "ON_ERROR_STOP=1", "-c", sql]).status, 0, sql);
  psql(`CREATE DATABASE ${name}`);
  const way = await wayTo(target);
  const own = new URL(POSTGRES);
  own.hostname = "127.0.0.1";
  own.port = way.port;
  own.pathname = `/${name}`;
  const [browser, server] = [await openBrowser(), await startServer({
    config: `database_url = "${own}"\n[tenants.public]\n${UNLIMITED}app_name = "Example"\n`,
  })];
  try {
    const words = "Something on our side does not work just now.";
    const person = await newPerson(browser, server);
    const { page } = person;
    const email = newAddress("away");
    await page.goto("/auth");
    await who(page).fill(email);
    way.close();
    await goOn(page).click();
    await page.getByRole("alert").filter({ hasText: words }).waitFor();
    assert.equal(await who(page).inputValue(), email);
    way.open();
    await until("it works again", async () => {
      if (await goOn(page).isVisible()) await goOn(page).click();
      return page.url().endsWith("/auth/code") || (await page.waitForTimeout(300));
    });
    const { code, link } = await textTo(server, email);
    // The link's page: what failed is tried again by a reload.
    way.close();
    await page.goto(link).catch(() => {});
    await page.getByText(words).waitFor();
    way.open();
    await until("a reload works", async () => {
      await page.reload().catch(() => {});
      return (await page.waitForURL("**/demo", { timeout: 2_000 }).then(() => true, () => false));
    });
    await person.close();

    // The same without scripts: the page that says so offers to send the form again, with what was typed.
    const plainPerson = await newPerson(browser, server, { javaScriptEnabled: false });
    const other = newAddress("away");
    await plainPerson.page.goto("/auth");
    await who(plainPerson.page).fill(other);
    way.close();
    await goOn(plainPerson.page).click();
    assert.equal(await heading(plainPerson.page).textContent(), "One moment, please");
    way.open();
    await until("pressing again works", async () => {
      const again = plainPerson.page.getByRole("button", { name: "Try again" });
      if (await again.count()) await again.click();
      return plainPerson.page.url().endsWith("/auth/code");
    });
    assert.notEqual((await textTo(server, other)).code, code);
    await plainPerson.close();
  } finally {
    await browser.close();
    await server.stop();
    await way.end();
    psql(`DROP DATABASE ${name} WITH (FORCE)`);
  }
});

// U8, last: by now most of its minute has gone by.
test("an expired code says so, and a new one is a press away", async () => {
  const { person, email, code, from } = expired;
  const { page } = person;
  const words = page.getByRole("alert").filter({ hasText: "That code has expired. Ask for a new one below." });
  // The page says so by itself when the time has come, to whoever comes back to the tab.
  await words.waitFor({ timeout: Math.max(0, from - Date.now()) + 75_000 });
  assert.equal(plain(await page.title()), "Error: Enter your code · Example");
  await codeField(page).fill(code);
  await page.waitForResponse((answer) => answer.url().endsWith("/auth/_/code"));
  await words.waitFor();
  assert.equal(plain(await page.title()), "Error: Enter your code · Example");
  await hasFocus(codeField(page));
  await ready(page).click();
  const { code: fresh } = await textTo(house.server, email, 2);
  await goodNews(page, "A new message is on its way.");
  await codeField(page).fill(fresh);
  await page.waitForURL("**/demo");
  assert.deepEqual(person.troubles, []);
  await person.close();
});

test("a link that expired while one waited: the page says so by itself", async () => {
  const { person, from } = expiredLink;
  await person.page.locator(".notice", { hasText: "This link has expired" }).waitFor({ timeout: Math.max(0, from - Date.now()) + 75_000 });
  assert.equal(new URL(person.page.url()).pathname, "/auth/sent");
  assert.equal(await ready(person.page).getAttribute("aria-disabled"), null);
  assert.deepEqual(person.troubles, []);
  await person.close();
});

test("when the window is over, messages go out again", async () => {
  const { email, from } = throttled;
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, from + 65_000 - Date.now())));
  const client = new Client(house.server.origin);
  assert.equal((await client.post("/auth/_/start", { email, tenantId: "budget" })).location, "/auth/code");
  await textTo(house.server, email, 3);
});

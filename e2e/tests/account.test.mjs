// What somebody who is signed in finds: where they are signed in, and by what; ending sessions, and adding or changing
// an address or a number.
import assert from "node:assert/strict";
import path from "node:path";
import { after, before, test } from "node:test";
import { cookiesOf, goodNews, heading, newPerson, openBrowser, signInByCode } from "../lib/browser.mjs";
import { inDatabase } from "../lib/database.mjs";
import { mailTo, mailsTo, newAddress, wrongCode } from "../lib/mailbox.mjs";
import { fits } from "../lib/looking.mjs";
import { startServer } from "../lib/server.mjs";

const PLACES = path.resolve(import.meta.dirname, "../../crates/http/tests/fixtures/places.mmdb");
const CONFIG = `
trusted_proxies = ["127.0.0.1"]
places_file = "${PLACES}"

[tenants.public]
app_name = "Example"
contact = "EMAIL_OR_PHONE"
default_country = "AT"
resend_gap = "1s"
sends_per_contact = 0
sends_per_network = 0

[tenants.mails]
app_name = "Mails"
sends_per_contact = 0
sends_per_network = 0
`;
const FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0";
const IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1";

let server;
let browser;
let lastPhone = 1000;

before(async () => {
  server = await startServer({ config: CONFIG });
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const person = (options) => newPerson(browser, server, options);
const press = (page, name) => page.getByRole("button", { name, exact: true }).click();
const plain = (text) => text.replace(/[\u200e\u200f\u2066-\u2069]/g, "");
const squeezed = (text) => plain(text).replace(/\s/g, "");
/** An Austrian mobile number nobody used before: as typed, and as stored. */
function newPhone() {
  lastPhone += 1;
  return { typed: `0664 123${lastPhone}`, stored: `+43664123${lastPhone}` };
}

/** Nothing happened that no page may do; then away with them. */
async function done(...people) {
  for (const one of people) {
    assert.deepEqual(one.troubles, []);
    await one.close();
  }
}

/** Signs in through the smart field with an address or a number. */
async function signIn(one, contact, stored = contact) {
  const before = (await mailsTo(server, stored)).length;
  await one.page.goto("/auth");
  await one.page.locator("#who").fill(contact);
  await press(one.page, "Continue");
  await one.page.waitForURL("**/auth/code");
  const message = await mailTo(server, stored, before + 1);
  await typeCode(one, message.code);
  await one.page.waitForURL("**/demo");
  return message;
}
async function userOf(one) {
  await one.page.goto("/demo");
  return one.page.locator("#user-id").textContent();
}
/** What the page lists. */
async function listed(one, address) {
  await one.page.goto(address);
  assert.equal(new URL(one.page.url()).pathname, address);
  return (await one.page.locator(".rows .name").allTextContents()).map((text) => plain(text).trim());
}
/** Makes every way in eight days older: one that was added just now does not count as another one. */
function eightDaysLater() {
  inDatabase(server, "UPDATE identities SET created_at = created_at - 8 * 86400000");
}
/** Whether a browser is signed in, once it has tried to renew its session. */
async function isIn(one) {
  await one.page.goto("/auth/sessions");
  const title = heading(one.page).filter({ hasText: /^(Where you are signed in|Sign in)$/ });
  await title.waitFor();
  return (await title.textContent()) !== "Sign in";
}
/** Opens the form for another address or number, sends it, and ends on the code page. */
async function wish(one, link, value) {
  await one.page.goto("/auth/identifiers");
  await one.page.getByRole("link", { name: link }).click();
  await one.page.locator("#who").fill(value);
  await press(one.page, "Send the code");
  await one.page.waitForURL("**/auth/identifiers/code");
  await one.page.locator("#code").waitFor();
}
/** What the page offers to remove. */
async function removable(one) {
  await one.page.goto("/auth/identifiers");
  return (await one.page.getByRole("button", { name: /^Remove/ }).evaluateAll((all) => all.map((button) => button.getAttribute("aria-label"))))
    .map((label) => squeezed(label).replace("Remove:", ""));
}
/** Adds an address or a number, with its code. */
async function add(one, contact, stored = contact) {
  await wish(one, contact === stored ? "Add an email address" : "Add a phone number", contact);
  await typeCode(one, (await mailTo(server, stored)).code);
  await added(one);
}
async function typeCode(one, code) {
  await one.page.locator("#code").fill(code);
  await one.page.locator("#code").press("Enter");
}
const added = (one) => one.page.locator(".notice.good").waitFor();

test("U16: who is not signed in is asked to, and comes back", async () => {
  const one = await person();
  for (const address of ["/auth/sessions", "/auth/identifiers"]) {
    await one.page.goto(address);
    assert.equal(new URL(one.page.url()).pathname, "/auth");
    assert.equal(new URL(one.page.url()).searchParams.get("redirectToPath"), address);
  }
  const email = newAddress("back");
  await one.page.locator("#who").fill(email);
  await press(one.page, "Continue");
  await one.page.waitForURL("**/auth/code");
  await one.page.locator("#code").fill((await mailTo(server, email)).code);
  await one.page.waitForURL("**/auth/identifiers");
  await done(one);
});

test("U16: all browsers of mine, with their names and places; one is ended, then all others, and only mine", async () => {
  const email = newAddress("many");
  const desk = await person({ userAgent: FIREFOX, extraHTTPHeaders: { "X-Forwarded-For": "203.0.113.7" } });
  const phone = await person({ userAgent: IPHONE });
  const third = await person({ userAgent: "curl/8" });
  const stranger = await person();
  for (const one of [desk, phone, third]) await signIn(one, email);
  await signIn(stranger, newAddress("stranger"));
  assert.deepEqual((await listed(desk, "/auth/sessions")).sort(), ["Another browser on another system", "Firefox on Windows", "Safari on iPhone"]);
  const rows = desk.page.locator(".rows li");
  const [first, ...others] = (await rows.allTextContents()).map((text) => plain(text).replace(/\s+/g, " "));
  assert.match(first, /Firefox on Windows/, "this browser comes first");
  assert.match(first, /Vienna, Austria · This browser/);
  assert.ok(others.every((row) => /Last used less than a minute ago/.test(row) && !/Vienna|This browser/.test(row)), others.join());
  assert.equal(await rows.first().getByRole("button").count(), 0, "this browser is ended by signing out");
  // A stranger's list is a stranger's.
  assert.equal((await listed(stranger, "/auth/sessions")).length, 1);
  // One.
  await rows.filter({ hasText: "iPhone" }).getByRole("button", { name: "Sign out there" }).click();
  await goodNews(desk.page, "Signed out there.");
  assert.deepEqual((await listed(desk, "/auth/sessions")).sort(), ["Another browser on another system", "Firefox on Windows"]);
  assert.deepEqual([await isIn(phone), await isIn(third), await isIn(desk)], [false, true, true]);
  const cookies = await cookiesOf(phone);
  const renewed = await phone.context.request.post("/auth/session/refresh", { headers: { rid: "session" } });
  assert.ok(renewed.status() === 401, `${renewed.status()} ${Object.keys(cookies)}`);
  // All others.
  await signIn(phone, email);
  await desk.page.reload();
  await press(desk.page, "Sign out everywhere else");
  await goodNews(desk.page, "Signed out in 2 other places.");
  assert.deepEqual([await isIn(phone), await isIn(third), await isIn(desk), await isIn(stranger)], [false, false, true, true]);
  assert.deepEqual(await listed(desk, "/auth/sessions"), ["Firefox on Windows"]);
  await desk.page.getByText("You are signed in nowhere else.").waitFor();
  await done(desk, phone, third, stranger);
});

test("U16: nobody ends a session of somebody else, also not by knowing its name", async () => {
  const [mine, theirs] = [await person(), await person()];
  await signIn(mine, newAddress("own"));
  await signIn(theirs, newAddress("other"));
  await theirs.page.goto("/demo");
  const handle = await theirs.page.locator("#session-handle").textContent();
  await mine.page.goto("/auth/sessions");
  await mine.page.evaluate(async (handle) => {
    const body = new URLSearchParams({ form: document.querySelector("[name=form]").value, session: handle });
    await fetch("/auth/_/sessions/end", { method: "POST", body });
    await fetch("/auth/_/sessions/end-others", { method: "POST", body });
  }, handle);
  assert.equal(await isIn(theirs), true);
  assert.equal(await isIn(mine), true);
  await done(mine, theirs);
});

test("U16: sign-out ends this session and nothing else, and without scripts all of it works", async () => {
  const email = newAddress("out");
  const [here, plainly] = [await person(), await person({ javaScriptEnabled: false })];
  await signIn(here, email);
  await plainly.page.goto("/auth");
  await plainly.page.locator("#who").fill(email);
  await press(plainly.page, "Continue");
  await plainly.page.locator("#code").fill((await mailTo(server, email, 2)).code);
  await press(plainly.page, "Continue");
  await plainly.page.waitForURL("**/demo");
  await plainly.page.goto("/auth/sessions");
  await press(plainly.page, "Sign out there");
  await goodNews(plainly.page, "Signed out there.");
  assert.equal(await isIn(here), false);
  await signIn(here, email);
  await plainly.page.goto("/auth/sessions");
  await press(plainly.page, "Sign out");
  assert.equal(new URL(plainly.page.url()).pathname, "/auth");
  assert.equal(await isIn(plainly), false);
  assert.equal(await isIn(here), true);
  await done(here, plainly);
});

test("U17: a phone number is added, proved by a code, and signs in to the same account; the address is told", async () => {
  const one = await person();
  const email = newAddress("add-phone");
  const phone = newPhone();
  await signIn(one, email);
  const user = await userOf(one);
  await wish(one, "Add a phone number", phone.typed);
  assert.equal(await heading(one.page).textContent(), "Confirm that it is yours");
  const text = await mailTo(server, phone.stored);
  assert.equal(text.channel, "sms");
  await typeCode(one, wrongCode(text.code));
  await one.page.getByText("That code is wrong.").waitFor();
  assert.equal((await listed(one, "/auth/identifiers")).length, 1, "a wrong code adds nothing");
  await one.page.goto("/auth/identifiers/code");
  await typeCode(one, text.code);
  await added(one);
  const [first, second] = await listed(one, "/auth/identifiers");
  assert.equal(first, email);
  assert.equal(second.replace(/\s/g, ""), phone.stored);
  const told = await mailTo(server, email, 2);
  assert.match(told.subject, /new way to sign in/);
  assert.ok(squeezed(told.text).includes(phone.stored), "whole: whoever reads it can tell whose it is");
  const other = await person();
  await signIn(other, phone.typed, phone.stored);
  assert.equal(await userOf(other), user);
  await done(one, other);
});

test("U17: an address is added to an account that began with a number, and the number is told", async () => {
  const one = await person();
  const [email, phone] = [newAddress("add-mail"), newPhone()];
  await signIn(one, phone.typed, phone.stored);
  const user = await userOf(one);
  await wish(one, "Add an email address", email);
  await typeCode(one, (await mailTo(server, email)).code);
  await added(one);
  const told = await mailTo(server, phone.stored, 2);
  assert.match(plain(told.text), /was added to your account at Example/);
  assert.ok(plain(told.text).includes(email), told.text);
  const other = await person();
  await signIn(other, email);
  assert.equal(await userOf(other), user);
  await done(one, other);
});

test("U17: with two ways in, a change needs the new one's code only; the old one is told and signs in no more", async () => {
  const one = await person();
  const [old, next, phone] = [newAddress("old"), newAddress("next"), newPhone()];
  await signIn(one, old);
  const user = await userOf(one);
  await wish(one, "Add a phone number", phone.typed);
  await typeCode(one, (await mailTo(server, phone.stored)).code);
  await added(one);
  // Whoever stole a session cannot add an address of theirs and then take the owner's away.
  await wish(one, `Change: ${old}`, next);
  assert.equal(await heading(one.page).textContent(), "Confirm with the old one");
  await press(one.page, "Leave everything as it is");
  await one.page.waitForURL("**/auth/identifiers");
  eightDaysLater();
  const asked = (await mailsTo(server, old)).length;
  await wish(one, `Change: ${old}`, next);
  assert.equal(await heading(one.page).textContent(), "Confirm that it is yours");
  assert.equal((await mailsTo(server, old)).length, asked, "the old one need not confirm");
  await typeCode(one, (await mailTo(server, next)).code);
  await added(one);
  assert.deepEqual((await listed(one, "/auth/identifiers")).map((shown) => shown.replace(/\s/g, "")).sort(), [phone.stored, next].sort());
  const told = (await mailsTo(server, old)).find((mail) => /has a new address/.test(mail.subject));
  assert.ok(told, "the old one is told");
  assert.ok(plain(told.text).includes(next), "whole");
  const [byNew, byOld] = [await person(), await person()];
  await signIn(byNew, next);
  assert.equal(await userOf(byNew), user);
  await signIn(byOld, old);
  assert.notEqual(await userOf(byOld), user, "the old one opens another account");
  await done(one, byNew, byOld);
});

test("U17: the only way in is changed when the old one confirms first, then the new one", async () => {
  const one = await person();
  const [old, next] = [newAddress("only"), newAddress("then")];
  await signIn(one, old);
  const user = await userOf(one);
  await wish(one, `Change: ${old}`, next);
  assert.equal(await heading(one.page).textContent(), "Confirm with the old one");
  const lead = plain(await one.page.locator("h1 + p").textContent());
  assert.ok(lead.includes(old) && lead.includes(next), lead);
  assert.equal((await mailsTo(server, next)).length, 0, "nothing goes to the new one before");
  const confirm = await mailTo(server, old, 2);
  assert.match(confirm.subject, /confirms a change/);
  await typeCode(one, confirm.code);
  await heading(one.page).filter({ hasText: "Confirm that it is yours" }).waitFor();
  assert.deepEqual(await listed(one, "/auth/identifiers"), [old], "half is nothing");
  await one.page.goto("/auth/identifiers/code");
  await typeCode(one, (await mailTo(server, next)).code);
  await added(one);
  assert.deepEqual(await listed(one, "/auth/identifiers"), [next]);
  assert.match((await mailTo(server, old, 3)).subject, /has a new address/);
  assert.equal(await userOf(one), user);
  await done(one);
});

test("U17: what is younger than another one can be removed, with no code; it is told, and signs in no more", async () => {
  const [one, other] = [await person(), await person()];
  const [email, phone] = [newAddress("stays"), newPhone()];
  await signIn(one, email);
  const user = await userOf(one);
  assert.deepEqual(await removable(one), [], "the only one stays");
  await add(one, phone.typed, phone.stored);
  assert.deepEqual(await removable(one), [phone.stored], "the oldest one stays");
  await one.page.getByRole("button", { name: /^Remove/ }).click();
  await goodNews(one.page, "Removed. It signs in nobody any more.");
  assert.deepEqual(await listed(one, "/auth/identifiers"), [email]);
  const told = await mailTo(server, phone.stored, 2);
  assert.match(plain(told.text), /was removed from your account at Example/);
  assert.deepEqual([told.code, told.link], [null, null]);
  await signIn(other, phone.typed, phone.stored);
  assert.notEqual(await userOf(other), user, "it opens another account now");
  await done(one, other);
});

test("U17: nobody removes the oldest one, or somebody else's, also not past the page", async () => {
  const [one, other] = [await person(), await person()];
  const [email, second, theirs] = [newAddress("oldest"), newAddress("second"), newAddress("theirs")];
  await signIn(one, email);
  await add(one, second);
  await signIn(other, newAddress("other"));
  await add(other, theirs);
  const id = (page) => page.locator("[name=identity]").inputValue();
  const foreign = (await removable(other), await id(other.page));
  await removable(one);
  const oldest = await one.page.getByRole("link", { name: `Change: ${email}` }).evaluate((link) => new URL(link.href).searchParams.get("change"));
  for (const identity of [oldest, foreign]) {
    await one.page.goto("/auth/identifiers");
    await one.page.locator("[name=identity]").evaluate((field, identity) => (field.value = identity), identity);
    await one.page.getByRole("button", { name: /^Remove/ }).click();
    await one.page.locator(".notice", { hasText: "That is not yours to change any more." }).waitFor();
  }
  assert.deepEqual(await listed(one, "/auth/identifiers"), [email, second]);
  assert.ok((await listed(other, "/auth/identifiers")).includes(theirs));
  await done(one, other);
});

test("U17: changing the younger one needs no word from it; a confirmed change keeps its age, any other makes it the youngest", async () => {
  const one = await person();
  const [email, next, last] = [newAddress("elder"), newAddress("elder-next"), newAddress("elder-last")];
  const [phone, phone2] = [newPhone(), newPhone()];
  await signIn(one, email);
  await add(one, phone.typed, phone.stored);
  const shown = (await listed(one, "/auth/identifiers"))[1];
  // The younger one: by its successor's code alone.
  const asked = (await mailsTo(server, phone.stored)).length;
  await wish(one, `Change: ${shown}`, phone2.typed);
  assert.equal(await heading(one.page).textContent(), "Confirm that it is yours");
  assert.equal((await mailsTo(server, phone.stored)).length, asked);
  await typeCode(one, (await mailTo(server, phone2.stored)).code);
  await added(one);
  assert.deepEqual(await removable(one), [phone2.stored]);
  const told = await mailTo(server, phone.stored, asked + 1);
  assert.ok(squeezed(told.text).includes(phone2.stored), told.text);
  // The elder one, confirmed by itself: as old as before.
  const mails = (await mailsTo(server, email)).length;
  await wish(one, `Change: ${email}`, next);
  assert.equal(await heading(one.page).textContent(), "Confirm with the old one");
  await typeCode(one, (await mailTo(server, email, mails + 1)).code);
  await heading(one.page).filter({ hasText: "Confirm that it is yours" }).waitFor();
  await typeCode(one, (await mailTo(server, next)).code);
  await added(one);
  assert.deepEqual(await removable(one), [phone2.stored], "still the oldest");
  // Once the other one has settled the elder one is not asked any more, and its successor begins anew.
  eightDaysLater();
  await wish(one, `Change: ${next}`, last);
  assert.equal(await heading(one.page).textContent(), "Confirm that it is yours");
  await typeCode(one, (await mailTo(server, last)).code);
  await added(one);
  assert.deepEqual(await removable(one), [last]);
  await done(one);
});

test("U17: long addresses are shown and told whole, on a narrow page too", async () => {
  const one = await person({ viewport: { width: 320, height: 640 } });
  const [email, long] = [newAddress("short"), `${"averylongname".repeat(4)}${process.pid}@${"sub-domain.".repeat(15)}example.com`];
  await signIn(one, email);
  await add(one, long);
  assert.deepEqual(await listed(one, "/auth/identifiers"), [email, long]);
  await fits(one.page, "the list");
  assert.ok(plain((await mailTo(server, email, 2)).text).replace(/\s/g, "").includes(long));
  await one.page.getByRole("link", { name: `Change: ${long}` }).click();
  await fits(one.page, "the form");
  await done(one);
});

test("U17: somebody else's address: the same screens, a message to its owner, and never a change", async () => {
  const [one, owner] = [await person(), await person()];
  const [mine, taken, free] = [newAddress("mine"), newAddress("taken"), newAddress("free")];
  await signIn(owner, taken);
  await signIn(one, mine);
  const seen = [];
  for (const address of [free, taken]) {
    await wish(one, "Add an email address", address);
    seen.push(plain(await one.page.locator("main").innerText()).replaceAll(address, "ADDRESS").replace(/0:\d\d|\d+:\d\d( [AP]M)?/g, "TIME"));
  }
  assert.equal(seen[0], seen[1], "nobody learns here whose address it is");
  const told = await mailTo(server, taken, 2);
  assert.match(told.subject, /already has an account/);
  assert.equal(told.code, null);
  assert.equal(told.link, null);
  // There is no code to guess either.
  for (let tries = 0; tries < 3; tries += 1) {
    await typeCode(one, `11111${tries}`);
    await one.page.getByText(/That code is wrong/).waitFor();
    await one.page.goto("/auth/identifiers/code");
  }
  assert.deepEqual(await listed(one, "/auth/identifiers"), [mine]);
  assert.deepEqual(await listed(owner, "/auth/identifiers"), [taken]);
  await done(one, owner);
});

test("U17: an address that is one's own already is refused at the field", async () => {
  const one = await person();
  const email = newAddress("twice");
  await signIn(one, email);
  await one.page.goto("/auth/identifiers/new?add=email");
  await one.page.locator("#who").fill(email.toUpperCase());
  await press(one.page, "Send the code");
  await one.page.getByText("That is yours already.").waitFor();
  assert.equal(await one.page.locator("#who").getAttribute("aria-invalid"), "true");
  await one.page.locator("#who").fill("nonsense");
  await press(one.page, "Send the code");
  await one.page.getByText("Enter one email address").waitFor();
  assert.equal((await mailsTo(server, email)).length, 1);
  await done(one);
});

test("U17: a pending change is dead when the address changes meanwhile in another browser", async () => {
  const [one, two] = [await person(), await person()];
  const [old, first, second, phone] = [newAddress("race"), newAddress("first"), newAddress("second"), newPhone()];
  await signIn(one, old);
  await wish(one, "Add a phone number", phone.typed);
  await typeCode(one, (await mailTo(server, phone.stored)).code);
  await added(one);
  eightDaysLater();
  await signIn(two, phone.typed, phone.stored);
  await wish(one, `Change: ${old}`, first);
  await wish(two, `Change: ${old}`, second);
  await typeCode(two, (await mailTo(server, second)).code);
  await added(two);
  await typeCode(one, (await mailTo(server, first)).code);
  await one.page.getByText("Nothing was changed.").waitFor();
  assert.ok((await listed(one, "/auth/identifiers")).includes(second));
  assert.ok(!(await listed(one, "/auth/identifiers")).includes(first));
  await done(one, two);
});

test("U17: a change that is given up leaves everything as it is, and its code is dead", async () => {
  const one = await person();
  const [email, next] = [newAddress("stay"), newAddress("never")];
  await signIn(one, email);
  await wish(one, "Add an email address", next);
  const { code } = await mailTo(server, next);
  const kept = await one.context.cookies();
  await press(one.page, "Leave everything as it is");
  await one.page.waitForURL("**/auth/identifiers");
  assert.deepEqual(await listed(one, "/auth/identifiers"), [email]);
  // Also for who kept the cookie of the change.
  await one.context.addCookies(kept.filter((cookie) => cookie.name === "pk_change"));
  await one.page.goto("/auth/identifiers/code");
  if (await one.page.locator("#code").count()) {
    await typeCode(one, code);
    await one.page.waitForURL("**/auth/identifiers");
  }
  assert.deepEqual(await listed(one, "/auth/identifiers"), [email]);
  await done(one);
});

test("U17: nobody else finishes my change, and a tenant of mails takes no numbers", async () => {
  const [one, thief] = [await person(), await person()];
  const [email, next] = [newAddress("half"), newAddress("half-new")];
  await signIn(one, email);
  await signIn(thief, newAddress("thief"));
  await wish(one, "Add an email address", next);
  const { code } = await mailTo(server, next);
  await thief.context.addCookies((await one.context.cookies()).filter((cookie) => cookie.name === "pk_change"));
  await thief.page.goto("/auth/identifiers/code");
  if (await thief.page.locator("#code").count()) {
    await typeCode(thief, code);
    await thief.page.waitForURL("**/auth/identifiers");
  }
  assert.ok(!(await listed(thief, "/auth/identifiers")).includes(next));
  const mails = await person();
  await signInByCode(mails, newAddress("mails"), { tenant: "mails" });
  await mails.page.goto("/auth/identifiers");
  assert.equal(await mails.page.getByRole("link", { name: "Add a phone number" }).count(), 0);
  assert.equal(await mails.page.getByRole("link", { name: "Add an email address" }).count(), 1);
  await mails.page.goto("/auth/identifiers/new?add=phone");
  assert.equal(new URL(mails.page.url()).pathname, "/auth/identifiers");
  await done(one, thief, mails);
});

test("U17: without scripts the same forms work", async () => {
  const one = await person({ javaScriptEnabled: false });
  const [email, next] = [newAddress("plain"), newAddress("plain-new")];
  await one.page.goto("/auth");
  await one.page.locator("#who").fill(email);
  await press(one.page, "Continue");
  await one.page.locator("#code").fill((await mailTo(server, email)).code);
  await press(one.page, "Continue");
  await wish(one, "Add an email address", next);
  await one.page.locator("#code").fill((await mailTo(server, next)).code);
  await press(one.page, "Continue");
  await added(one);
  assert.deepEqual(await listed(one, "/auth/identifiers"), [email, next]);
  await one.page.goto("/auth/identifiers");
  await one.page.getByRole("button", { name: `Remove: ${next}` }).click();
  await goodNews(one.page, "Removed. It signs in nobody any more.");
  assert.deepEqual(await listed(one, "/auth/identifiers"), [email]);
  await done(one);
});

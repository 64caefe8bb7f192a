// Everything with JavaScript off.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { askForMail, heading, newPerson, openBrowser } from "../lib/browser.mjs";
import { mailsTo, mailTo, newAddress, wrongCode } from "../lib/mailbox.mjs";
import { startServer } from "../lib/server.mjs";
import { newPhone, plain, textTo, who } from "../lib/suite.mjs";
import { TENANTS, UNLIMITED } from "../lib/tenants.mjs";
import { until } from "../lib/until.mjs";

const CONFIG = `${TENANTS}
[tenants.phones]
${UNLIMITED}app_name = "Phones"
contact = "PHONE"
resend_gap = "1s"

[tenants.either]
${UNLIMITED}app_name = "Either"
contact = "EMAIL_OR_PHONE"

[tenants.budget]
app_name = "Budget"
sends_per_network = 0
sends_per_contact = 2
sends_window = "1m"
`;
let server;
let browser;

before(async () => {
  server = await startServer({ config: CONFIG });
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const person = (options) => newPerson(browser, server, { javaScriptEnabled: false, ...options });
/** Playwright's own text search leaves out what is inside <noscript>, shown or not. */
const says = (page, words) => until(`the page says: ${words}`, async () => (await page.locator("main").innerText()).includes(words));
const press = (page, name) => page.getByRole("button", { name }).click();

test("a whole login by code: wrong address, wrong code, asking too early, right code, log-out", async () => {
  const one = await person();
  const { page } = one;
  const email = newAddress("plain");
  await page.goto("/auth");
  await page.getByLabel("Email").fill("nobody");
  await press(page, "Continue");
  await page.getByText("Enter one email address").waitFor();
  assert.equal(await page.getByLabel("Email").inputValue(), "nobody");
  await askForMail(one, email, { to: "/demo?plain=1" });
  const { code } = await mailTo(server, email);
  await page.getByLabel("Code").fill(wrongCode(code));
  await press(page, "Continue");
  await page.getByText("You have 4 tries left.").waitFor();
  await page.getByLabel("Code").fill("12 34");
  await press(page, "Continue");
  await page.getByText("That is not a whole code.").waitFor();
  await press(page, "Send it again");
  await page.getByText("Wait a moment before you ask again.").waitFor();
  assert.equal((await mailsTo(server, email)).length, 1);
  await page.getByLabel("Code").fill(`${code.slice(0, 3)} ${code.slice(3)}`);
  await press(page, "Continue");
  await page.waitForURL("**/demo?plain=1");
  assert.equal(await heading(page).textContent(), "You are signed in");
  await press(page, "Log out");
  await page.waitForURL("**/auth");
  assert.deepEqual(one.troubles, []);
  await one.close();
});

test("another email can be used", async () => {
  const one = await person();
  await askForMail(one, newAddress("plain"));
  await press(one.page, "Use another email address");
  await one.page.getByLabel("Email").waitFor();
  await one.close();
});

test("where mails carry only links, a code can be had instead, and works", async () => {
  const one = await person();
  const { page } = one;
  const email = newAddress("plain-link");
  await askForMail(one, email, { tenant: "links" });
  assert.equal((await mailTo(server, email)).code, null);
  await says(page, "The link needs JavaScript, which is off in this browser.");
  await page.waitForTimeout(1100); // this tenant lets ask again after 1 s; without scripts nothing on the page tells when
  await press(page, "Send me a code instead");
  await page.waitForURL("**/auth/code");
  const mail = await mailTo(server, email, 2);
  assert.match(mail.code, /^\d{6}$/);
  await page.getByLabel("Code").fill(mail.code);
  await press(page, "Continue");
  await page.waitForURL("**/demo");
  await one.close();
});

test("a link says that the code is the way: a click away where it was asked for, in the message elsewhere", async () => {
  const [one, other] = [await person(), await person()];
  const email = newAddress("plain-link");
  await askForMail(one, email, { tenant: "links" });
  const { link } = await mailTo(server, email);
  await one.page.goto(link);
  assert.equal(await heading(one.page).textContent(), "Sign in with your link");
  await says(one.page, "The link needs JavaScript, which is off in this browser. Use the code instead.");
  assert.equal(await one.page.getByRole("button", { name: "Sign in on this device" }).count(), 0);
  await other.page.goto(link);
  await says(other.page, "The link needs JavaScript");
  await says(other.page, "Type the code from the message where you asked for it");
  assert.equal(await other.page.getByRole("button", { name: "Send me a code instead" }).count(), 0);
  await one.page.waitForTimeout(1100);
  await press(one.page, "Send me a code instead");
  await one.page.waitForURL("**/auth/code");
  await one.page.getByLabel("Code").fill((await mailTo(server, email, 2)).code);
  await press(one.page, "Continue");
  await one.page.waitForURL("**/demo");
  await Promise.all([one.close(), other.close()]);
});

test("a link leads to the code that came with it, when that is still good", async () => {
  const one = await person();
  const email = newAddress("plain-both");
  await askForMail(one, email, { to: "/demo?both=1" });
  const { link, code } = await mailTo(server, email);
  await one.page.goto(link);
  await says(one.page, "The link needs JavaScript, which is off in this browser.");
  await one.page.getByRole("link", { name: "Enter your code" }).click();
  await one.page.waitForURL("**/auth/code");
  assert.equal((await mailsTo(server, email)).length, 1, "nothing more was sent");
  await one.page.getByLabel("Code").fill(code);
  await press(one.page, "Continue");
  await one.page.waitForURL("**/demo?both=1");
  await one.close();
});

test("a whole login by phone: no country, a wrong number, then the right one, asking again, another number, in", async () => {
  const one = await person({ locale: "en" });
  const { page } = one;
  const [wrong, phone] = [newPhone(), newPhone()];
  await page.goto("/auth?tenantId=phones&redirectToPath=%2Fdemo%3Fplain%3D2");
  await who(page).fill(wrong.national);
  await press(page, "Continue");
  await says(page, "Enter the number with its country code, or choose the country.");
  assert.equal(plain(await page.title()), "Error: Sign in · Phones");
  assert.equal(await who(page).getAttribute("aria-invalid"), "true");
  assert.equal(await who(page).inputValue(), wrong.national);
  await page.locator("#country").selectOption("DE");
  await who(page).fill("0151 2");
  await press(page, "Continue");
  await says(page, "That is not a phone number of this country.");
  assert.equal(await page.locator("#country").inputValue(), "DE");
  await who(page).fill(wrong.national);
  await press(page, "Continue");
  await page.waitForURL("**/auth/code");
  await says(page, wrong.shown);
  await textTo(server, wrong.e164);
  await press(page, "Use another phone number");
  assert.equal(await who(page).inputValue(), wrong.shown);
  await who(page).fill(phone.e164);
  await press(page, "Continue");
  await page.waitForURL("**/auth/code");
  const first = await textTo(server, phone.e164);
  await page.waitForTimeout(1100); // this tenant lets ask again after 1 s; without scripts nothing on the page tells when
  await press(page, "Send it again");
  await says(page, "A new message is on its way.");
  const { code } = await textTo(server, phone.e164, 2);
  assert.notEqual(code, first.code);
  await page.locator("#code").fill(`${code.slice(0, 3)}-${code.slice(3)}`);
  await press(page, "Continue");
  await page.waitForURL("**/demo?plain=2");
  assert.equal((await textTo(server, phone.e164)).channel, "sms");
  assert.deepEqual(one.troubles, []);
  await one.close();
});

test("the field for both: the switch keeps what was typed, both ways, and a number becomes the phone form", async () => {
  const one = await person({ locale: "en" });
  const { page } = one;
  const phone = newPhone();
  await page.goto("/auth?tenantId=either");
  await who(page).fill(phone.national);
  await press(page, "Use a phone number");
  assert.equal(await page.locator("#country").count(), 1);
  assert.equal(await who(page).inputValue(), phone.national);
  await who(page).fill("someone@exa");
  await press(page, "Use an email address");
  assert.equal(await page.locator("#country").count(), 0);
  assert.equal(await who(page).inputValue(), "someone@exa");
  await who(page).fill(phone.national);
  await who(page).press("Enter");
  await says(page, "Enter the number with its country code, or choose the country.");
  assert.equal(await page.locator("#country").count(), 1);
  assert.equal(await who(page).inputValue(), phone.national);
  await page.locator("#country").selectOption("DE");
  await who(page).press("Enter");
  await page.waitForURL("**/auth/code");
  await page.locator("#code").fill((await textTo(server, phone.e164)).code);
  await page.locator("#code").press("Enter");
  await page.waitForURL("**/demo");
  await one.close();
});

test("throttled: the form again with the reason, as 429 with Retry-After, and what was typed", async () => {
  const one = await person();
  const email = newAddress("plain-budget");
  for (let i = 0; i < 2; i += 1) await askForMail(one, email, { tenant: "budget" });
  await one.page.goto("/auth?tenantId=budget");
  await who(one.page).fill(email);
  const answered = one.page.waitForResponse((response) => response.url().endsWith("/auth/_/start"));
  await press(one.page, "Continue");
  const answer = await answered;
  assert.equal(answer.status(), 429);
  const seconds = Number(answer.headers()["retry-after"]);
  assert.ok(seconds >= 1 && seconds <= 60, `${seconds}`);
  await says(one.page, "Too many messages were asked for. Try again in a minute.");
  assert.equal(await who(one.page).inputValue(), email);
  assert.equal((await mailsTo(server, email)).length, 2);
  // Another language there leads to the same tenant's form.
  await one.page.locator("#language").selectOption("de");
  await press(one.page, "Change language");
  assert.equal(await one.page.locator("html").getAttribute("lang"), "de");
  assert.equal(new URL(one.page.url()).searchParams.get("tenantId"), "budget");
  assert.equal(await one.page.title(), "Anmelden · Budget");
  await one.close();
});

test("the language is changed by its menu and button, and stays", async () => {
  const one = await person({ locale: "en" });
  const { page } = one;
  await page.goto("/auth?tenantId=either&redirectToPath=%2Fdemo%3Fkept%3D1");
  await page.locator("#language").selectOption("de");
  await press(page, "Change language");
  assert.equal(await page.locator("html").getAttribute("lang"), "de");
  assert.equal(await page.title(), "Anmelden · Either");
  assert.equal(await page.locator("input[name=redirectToPath]").inputValue(), "/demo?kept=1", "the same page as before");
  await page.goto("/auth");
  assert.equal(await page.locator("html").getAttribute("lang"), "de");
  await page.locator("#language").selectOption("ar");
  await page.locator("footer button").click();
  assert.equal(await page.locator("html").getAttribute("dir"), "rtl");
  assert.deepEqual(one.troubles, []);
  await one.close();
});

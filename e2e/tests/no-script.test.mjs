// Everything with JavaScript off.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { askForMail, heading, newPerson, openBrowser } from "../lib/browser.mjs";
import { mailsTo, mailTo, newAddress, wrongCode } from "../lib/mailbox.mjs";
import { startServer } from "../lib/server.mjs";
import { TENANTS } from "../lib/tenants.mjs";
import { until } from "../lib/until.mjs";

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

const person = () => newPerson(browser, server, { javaScriptEnabled: false });
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
  await press(page, "Send a new code");
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
  await press(one.page, "Use another email");
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
  await press(page, "Mail me a code instead");
  await page.waitForURL("**/auth/code");
  const mail = await mailTo(server, email, 2);
  assert.match(mail.code, /^\d{6}$/);
  await page.getByLabel("Code").fill(mail.code);
  await press(page, "Continue");
  await page.waitForURL("**/demo");
  await one.close();
});

test("a link says that the code is the way: a click away where it was asked for, in the mail elsewhere", async () => {
  const [one, other] = [await person(), await person()];
  const email = newAddress("plain-link");
  await askForMail(one, email, { tenant: "links" });
  const { link } = await mailTo(server, email);
  await one.page.goto(link);
  assert.equal(await heading(one.page).textContent(), "Sign in with your link");
  await says(one.page, "The link needs JavaScript, which is off in this browser. Use the code instead.");
  assert.equal(await one.page.getByRole("button", { name: "Sign in on this device" }).count(), 0);
  await one.page.waitForTimeout(1100);
  await press(one.page, "Mail me a code instead");
  await one.page.waitForURL("**/auth/code");
  await one.page.getByLabel("Code").fill((await mailTo(server, email, 2)).code);
  await press(one.page, "Continue");
  await one.page.waitForURL("**/demo");
  await other.page.goto(link);
  await says(other.page, "The link needs JavaScript");
  await says(other.page, "Type the code from the mail where you asked for it");
  assert.equal(await other.page.getByRole("button", { name: "Mail me a code instead" }).count(), 0);
  await Promise.all([one.close(), other.close()]);
});

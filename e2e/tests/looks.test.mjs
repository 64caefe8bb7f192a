// How every screen looks: in light and dark, on a phone, at 320 pixels, in the other direction of writing, for people
// with other senses (axe), and how much a first visit weighs. Pictures of all of them are left in `out/`.
import assert from "node:assert/strict";
import { mkdir, readFile } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { askForMail, heading, newPerson, openBrowser, signInByCode } from "../lib/browser.mjs";
import { mailTo, newAddress, wrongCode } from "../lib/mailbox.mjs";
import { startServer } from "../lib/server.mjs";
import { TENANTS } from "../lib/tenants.mjs";

const OUT = path.join(import.meta.dirname, "../out");
const AXE = await readFile(new URL("../node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
const DESK = { width: 900, height: 760 };
let server;
let browser;

before(async () => {
  await mkdir(OUT, { recursive: true });
  server = await startServer({ config: TENANTS });
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

/** Looks at the screen that is there now, in every way. */
async function look(page, name, { scripts = true } = {}) {
  await page.mouse.move(0, 0);
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize(DESK);
    await page.screenshot({ path: path.join(OUT, `${name}-${colorScheme}.png`) });
    if (scripts) await noViolations(page, `${name} (${colorScheme})`);
  }
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 390, height: 844 });
  await page.screenshot({ path: path.join(OUT, `${name}-phone.png`) });
  await page.setViewportSize({ width: 320, height: 640 });
  await fits(page, `${name} at 320 pixels`);
  await page.evaluate(() => (document.documentElement.dir = "rtl"));
  await fits(page, `${name} at 320 pixels, right to left`);
  await page.setViewportSize(DESK);
  await fits(page, `${name}, right to left`);
  await page.screenshot({ path: path.join(OUT, `${name}-rtl.png`) });
  await page.evaluate(() => (document.documentElement.dir = "ltr"));
}

async function fits(page, what) {
  const size = await page.evaluate(() => {
    const root = document.documentElement;
    // In either direction nothing may stick out; scrollWidth counts the end side, a box left of zero the other.
    const out = [...document.querySelectorAll("main, main *")].filter((e) => {
      const box = e.getBoundingClientRect();
      return box.width > 0 && (box.left < -0.5 || box.right > root.clientWidth + 0.5);
    });
    return { scroll: root.scrollWidth, client: root.clientWidth, out: out.map((e) => e.outerHTML.slice(0, 80)) };
  });
  assert.ok(size.scroll <= size.client, `${what}: ${size.scroll} wide in ${size.client}`);
  assert.deepEqual(size.out, [], `${what}: sticks out`);
}

async function noViolations(page, what) {
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(AXE);
  const found = await page.evaluate(async () => {
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
    const { violations } = await window.axe.run(document, { runOnly: { type: "tag", values: tags } });
    return violations.map((v) => `${v.id}: ${v.help}: ${v.nodes.map((n) => n.html.slice(0, 120)).join(" | ")}`);
  });
  assert.deepEqual(found, [], what);
}

test("start, code and their messages", async () => {
  const person = await newPerson(browser, server);
  const { page } = person;
  const email = newAddress("looks");
  await page.goto("/auth");
  await look(page, "start");
  await page.getByLabel("Email").fill("nonsense");
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByText("Enter an email address, like").waitFor();
  await look(page, "start-wrong");

  await askForMail(person, email);
  await look(page, "code");
  const { code } = await mailTo(server, email);
  await page.getByLabel("Code").fill(wrongCode(code));
  await page.getByText("4 tries left").waitFor();
  await look(page, "code-wrong");
  for (const step of [2, 3, 4, 5]) {
    await page.getByLabel("Code").fill(wrongCode(code, step));
    await page.getByText(step < 5 ? new RegExp(`${step === 4 ? "one try" : `${5 - step} tries`} left`) : "Too many wrong codes").waitFor();
  }
  await look(page, "start-too-many");
  await person.close();
});

test("link sent, asked again, link pages", async () => {
  const person = await newPerson(browser, server);
  const { page } = person;
  const email = newAddress("looks");
  await askForMail(person, email, { tenant: "links" });
  assert.equal(await heading(page).textContent(), "Look into your mail");
  await look(page, "sent");
  await page.getByRole("button", { name: "Send a new link" }).click();
  await page.getByText("A new mail is on its way.").waitFor();
  await look(page, "sent-again");
  const { link } = await mailTo(server, email, 2);

  const other = await newPerson(browser, server);
  await other.page.goto(link);
  await heading(other.page).filter({ hasText: "Sign in on this device?" }).waitFor();
  await look(other.page, "verify-other-browser");
  await other.page.goto("about:blank");
  await other.page.goto(link.replace(/#.*/, ""));
  await other.page.getByText("This link was cut short.").waitFor();
  await look(other.page, "verify-cut-short");
  await other.page.goto("about:blank");
  await other.page.goto(link.replace(/#.*/, "#wrong"));
  await other.page.getByRole("button", { name: "Sign in on this device" }).click();
  await other.page.waitForURL(/\/auth\/link-problem(\?|$)/);
  await look(other.page, "link-invalid");
  await other.close();

  // An answer without a page keeps the browser where it is, so that this short moment can be looked at.
  await page.route("**/auth/_/verify", (route) => route.fulfill({ status: 204 }));
  await page.goto(link, { waitUntil: "commit" });
  await heading(page).filter({ hasText: "Signing you in" }).waitFor();
  await page.getByRole("button", { name: "Sign in on this device" }).waitFor();
  await look(page, "verify-same-browser");
  await page.unroute("**/auth/_/verify");
  await page.goto("about:blank");
  await page.goto(link);
  await page.waitForURL("**/demo");
  await page.goto(link);
  await page.getByText("You are signed in already.").waitFor();
  await look(page, "verify-signed-in");
  await page.getByRole("button", { name: "Sign in on this device" }).click();
  await page.waitForURL(/\/auth\/link-problem(\?|$)/);
  await look(page, "link-used");
  await person.close();
});

test("signed in, signed out, inbox, errors", async () => {
  const person = await newPerson(browser, server);
  const { page } = person;
  await page.goto("/demo");
  await look(page, "demo-signed-out");
  await signInByCode(person, newAddress("looks"));
  await page.waitForURL("**/demo");
  await look(page, "demo");
  await page.goto("/auth/signed-in");
  await look(page, "signed-in");
  await page.goto("/dev/inbox");
  await page.locator("summary").first().click();
  await look(page, "inbox");
  await page.goto("/auth/nowhere");
  await look(page, "error");
  await person.context.clearCookies({ name: "sAccessToken" });
  await page.route("**/auth/session/refresh", () => {});
  await page.goto("/demo");
  await look(page, "refreshing");
  await person.close();
});

test("without JavaScript", async () => {
  const person = await newPerson(browser, server, { javaScriptEnabled: false });
  const { page } = person;
  const email = newAddress("looks");
  await askForMail(person, email, { tenant: "links" });
  await look(page, "plain-sent", { scripts: false });
  const { link } = await mailTo(server, email);
  await page.goto(link);
  await look(page, "plain-verify-same-browser", { scripts: false });
  const other = await newPerson(browser, server, { javaScriptEnabled: false });
  await other.page.goto(link);
  await look(other.page, "plain-verify-other-browser", { scripts: false });
  await Promise.all([person.close(), other.close()]);
});

test("long names and addresses stay inside", async () => {
  const person = await newPerson(browser, server);
  const { page } = person;
  await askForMail(person, `${"averylongname".repeat(4)}@${"sub-domain.".repeat(6)}example.com`);
  await look(page, "code-long-address");
  await person.close();
});

test("mail looks like the pages", async () => {
  const person = await newPerson(browser, server);
  const email = newAddress("looks");
  await askForMail(person, email);
  const { html } = await mailTo(server, email);
  await person.page.goto("about:blank");
  await person.page.setContent(html);
  await person.page.setViewportSize({ width: 700, height: 620 });
  await person.page.screenshot({ path: path.join(OUT, "mail.png") });
  await person.page.setViewportSize({ width: 320, height: 640 });
  await fits(person.page, "the mail at 320 pixels");
  await person.page.screenshot({ path: path.join(OUT, "mail-phone.png"), fullPage: true });
  await person.close();
});

test("a first visit weighs less than 30 kB and comes from one place", async (t) => {
  const person = await newPerson(browser, server);
  const { page } = person;
  const tap = await person.context.newCDPSession(page);
  await tap.send("Network.enable");
  let bytes = 0;
  let requests = 0;
  tap.on("Network.loadingFinished", (event) => {
    bytes += event.encodedDataLength;
    requests += 1;
  });
  await page.goto("/auth", { waitUntil: "networkidle" });
  t.diagnostic(`first page: ${bytes} bytes in ${requests} answers`);
  assert.ok(requests >= 3, "page, style, script");
  assert.ok(bytes > 1000 && bytes < 30_000, `${bytes} bytes`);
  assert.deepEqual(person.troubles, []);
  await person.close();
});

test("a whole login with the keyboard alone", async () => {
  const person = await newPerson(browser, server);
  const { page } = person;
  const email = newAddress("keys");
  const focused = () => page.evaluate(() => document.activeElement?.id || document.activeElement?.textContent.trim());
  await page.goto("/auth");
  // The field has the focus from the start.
  assert.equal(await focused(), "email");
  await page.keyboard.type("nonsense");
  await page.keyboard.press("Enter");
  await page.getByText("Enter an email address, like").waitFor();
  assert.equal(await focused(), "email", "the wrong field keeps the focus");
  await page.keyboard.press("Control+A");
  await page.keyboard.type(email);
  await page.keyboard.press("Enter");
  await page.waitForURL("**/auth/code");
  await page.getByLabel("Code").waitFor();
  assert.equal(await focused(), "code", "the focus goes along without a reload");
  const order = [];
  for (let i = 0; i < 3; i += 1) {
    await page.keyboard.press("Tab");
    order.push(await focused());
  }
  assert.equal(order[0], "Continue");
  assert.match(order[1], /^(You can ask again in \d+ s|Send a new code)$/);
  assert.equal(order[2], "Use another email");
  const ring = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
  assert.equal(ring, "solid", "what has the focus shows it");
  for (let i = 0; i < 3; i += 1) await page.keyboard.press("Shift+Tab");
  const { code } = await mailTo(server, email);
  await page.keyboard.type(code);
  await page.keyboard.press("Enter");
  await page.waitForURL("**/demo");
  await page.keyboard.press("Tab");
  assert.equal(await focused(), "Log out");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/auth");
  assert.deepEqual(person.troubles, []);
  await person.close();
});

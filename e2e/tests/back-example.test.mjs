// examples/supertokens-express, started as its README says, in front of a Postkey, with a real browser.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import path from "node:path";
import { after, before, test } from "node:test";
import { newPerson, openBrowser } from "../lib/browser.mjs";
import { ask } from "../lib/http.mjs";
import { newAddress } from "../lib/mailbox.mjs";
import { freePort, startServer } from "../lib/server.mjs";
import { newPhone } from "../lib/suite.mjs";
import { until } from "../lib/until.mjs";

const FOLDER = path.resolve(import.meta.dirname, "../../examples/supertokens-express");

let server;
let browser;
let example;

before(async () => {
  server = await startServer();
  browser = await openBrowser();
  const port = await freePort();
  const environment = { ...process.env, PORT: String(port), POSTKEY: server.privateOrigin };
  // A group of its own, because npm starts node as its child.
  const child = spawn("npm", ["start"], { cwd: FOLDER, env: environment, stdio: ["ignore", "pipe", "pipe"], detached: true });
  example = { origin: `http://localhost:${port}`, said: "", ended: false, child };
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (example.said += text));
  example.gone = new Promise((resolve) => child.on("exit", () => { example.ended = true; resolve(); }));
  await until("the example answers", async () => {
    if (example.ended) throw new Error(`the example ended at once (npm ci in its folder?):\n${example.said}`);
    return (await ask(example.origin).catch(() => null))?.status === 200;
  }, 60_000);
});
after(async () => {
  if (example && !example.ended) {
    process.kill(-example.child.pid, "SIGTERM");
    await example.gone;
  }
  await browser?.close();
  await server?.stop();
});

/** What the example wrote down for somebody: `{ code, link }`. */
async function told(contact) {
  const words = new RegExp(`To ${contact.replace(/[+.]/g, "\\$&")}: your code is (\\d+), or open (\\S+)`);
  const [, code, link] = await until(`a code for ${contact}`, () => words.exec(example.said));
  return { code, link };
}

/** A person at the example's page. */
async function visit(story) {
  const person = await newPerson(browser, { origin: example.origin });
  try {
    await person.page.goto("/");
    await story(person.page, person);
    assert.deepEqual(person.troubles, []);
  } finally {
    await person.close();
  }
}

async function askFor(page, contact) {
  await page.getByLabel("Email address or phone number").fill(contact);
  await page.getByRole("button", { name: "Send me a code" }).click();
  await page.getByLabel("The code").waitFor();
}

test("somebody signs in by code, comes back, and signs out", () =>
  visit(async (page) => {
    const email = newAddress("example");
    await askFor(page, email);
    const { code } = await told(email);
    await page.getByLabel("The code").fill("000000" === code ? "111111" : "000000");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("That code is not right.").waitFor();
    await page.getByLabel("The code").fill(code);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("You are signed in").waitFor();
    const user = await page.locator("#user").textContent();
    assert.match(user, /^[0-9a-f-]{36}$/);
    await page.goto("/");
    await page.getByText("You are signed in").waitFor();
    assert.equal(await page.locator("#user").textContent(), user);
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByText("You are signed out.").waitFor();
    assert.equal(await page.evaluate(async () => (await fetch("/api/me")).status), 401);
  }));

test("somebody signs in by the link, with a phone number too", () =>
  visit(async (page) => {
    for (const contact of [newAddress("example"), newPhone().e164]) {
      await askFor(page, contact);
      const { link } = await told(contact);
      await page.goto(link);
      await page.getByText("You are signed in").waitFor();
      assert.equal(new URL(page.url()).hash, "");
      await page.getByRole("button", { name: "Sign out" }).click();
      await page.getByText("You are signed out.").waitFor();
      await page.goto("/");
    }
  }));

test("nobody sees the protected route without a session", async () => {
  assert.equal((await ask(`${example.origin}/api/me`)).status, 401);
});

// examples/authress, started as its README says, in front of a Postkey, with a real browser.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { postkey } from "../lib/authress.mjs";
import { newPerson, openBrowser } from "../lib/browser.mjs";
import { ask } from "../lib/http.mjs";
import { newAddress } from "../lib/mailbox.mjs";
import { freePort, startServer } from "../lib/server.mjs";
import { until } from "../lib/until.mjs";

const FOLDER = path.resolve(import.meta.dirname, "../../examples/authress");

let server;
let browser;
let example;
let client;

before(async () => {
  const [making, start] = [...(await readFile(path.join(FOLDER, "README.md"), "utf8")).matchAll(/^ {4}(.+)$/gm)].map(([, line]) => line);
  assert.equal(making, "postkey clients create --name Example --token-generation > client.json");
  assert.equal(start, "npm install && npm start");
  server = await startServer();
  client = path.join(server.folder, "client.json");
  await writeFile(client, postkey(server, ...making.split(" ").slice(1, -2)));
  browser = await openBrowser();
  const port = await freePort();
  const environment = { ...process.env, PORT: String(port), POSTKEY: server.origin, CLIENT: client };
  // A group of its own, because npm starts node as its child. Its packages were put there once, for all tests.
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
async function told(email) {
  const words = new RegExp(`To ${email.replace(/[+.]/g, "\\$&")}: your code is (\\d+), or open (\\S+)`);
  const [, code, link] = await until(`a code for ${email}`, () => words.exec(example.said));
  return { code, link };
}

/** A person at the example's page. */
async function visit(story) {
  const person = await newPerson(browser, { origin: example.origin }, { mayGoTo: [server.origin] });
  try {
    await person.page.goto("/");
    await story(person.page, person);
    assert.deepEqual(person.troubles, []);
  } finally {
    await person.close();
  }
}

async function askFor(page, email) {
  await page.getByLabel("Email address").fill(email);
  await page.getByRole("button", { name: "Send me a link" }).click();
  await page.getByLabel("The code").waitFor();
}

test("the example says exactly which packages it uses", async () => {
  const { dependencies } = JSON.parse(await readFile(path.join(FOLDER, "package.json"), "utf8"));
  assert.deepEqual(dependencies, { "@authress/login": "2.6.439", "@authress/sdk": "2.3.127" });
});

test("somebody signs in by the link, comes back, and signs out; by a code they are the same user", () =>
  visit(async (page) => {
    const email = newAddress("example");
    await askFor(page, email);
    await page.goto((await told(email)).link);
    await page.getByText("You are signed in").waitFor();
    const user = await page.locator("#user").textContent();
    assert.match(user, /^[0-9a-f-]{36}$/);
    await page.goto("/");
    await page.getByText("You are signed in").waitFor();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByLabel("Email address").waitFor();

    const before = example.said.length;
    await askFor(page, email);
    example.said = example.said.slice(before);
    const { code } = await told(email);
    await page.getByLabel("The code").fill(code === "000000" ? "111111" : "000000");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("The code is wrong.").waitFor();
    await page.getByLabel("The code").fill(code);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("You are signed in").waitFor();
    assert.equal(await page.locator("#user").textContent(), user);
  }));

test("nobody sees the protected route without a token of this application's own client", async () => {
  assert.equal((await ask(`${example.origin}/api/me`)).status, 401);
  assert.equal((await ask(`${example.origin}/api/me`, { headers: { authorization: "Bearer x.y.z" } })).status, 401);
});

test("a page that names another login server gets no link", async () => {
  const body = JSON.stringify({ authenticationUrl: "https://evil.example/login", authenticationRequestId: "req_1", email: "jane@example.com" });
  const length = example.said.length;
  assert.equal((await ask(`${example.origin}/api/login`, { method: "POST", headers: { "content-type": "application/json" }, body })).status, 400);
  assert.doesNotMatch(example.said.slice(length), /jane@example\.com/);
});

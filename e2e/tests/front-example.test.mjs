// examples/supertokens-react, started as its README says: somebody logs in through it, calls, and leaves.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { cookiesOf, newPerson } from "../lib/browser.mjs";
import { ask as http } from "../lib/http.mjs";
import { mailTo, newAddress } from "../lib/mailbox.mjs";
import { button, give, openBrowser, problem, type, ui } from "../lib/react.mjs";
import { freePort, startServer } from "../lib/server.mjs";
import { newPhone, textTo } from "../lib/suite.mjs";
import { until } from "../lib/until.mjs";

const FOLDER = path.resolve(import.meta.dirname, "../../examples/supertokens-react");
let readme;
let server;
let browser;
let example;

/** Runs a command of the README in the example's folder, as a process group of its own. */
function run(command, environment = {}) {
  const child = spawn("sh", ["-c", command], { cwd: FOLDER, env: { ...process.env, ...environment }, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  const running = { log: "", ended: null };
  child.stdout.on("data", (text) => (running.log += text));
  child.stderr.on("data", (text) => (running.log += text));
  const over = new Promise((resolve) => child.on("exit", (code) => resolve((running.ended = code ?? 1))));
  running.stop = () => {
    if (running.ended === null) process.kill(-child.pid, "SIGTERM");
    return over;
  };
  return running;
}

before(async () => {
  readme = await readFile(path.join(FOLDER, "README.md"), "utf8");
  const [, start] = readme.match(/```sh\n(.+)\n```/);
  const [, config] = readme.match(/```toml\n([^]+?)```/);
  assert.equal(start, "npm install && npm start");
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  // What the README says, with ports that are free here.
  assert.ok(config.includes("http://localhost:3000"));
  server = await startServer({ config: config.replace("http://localhost:3000", origin) });
  example = run(start, { PORT: String(port), VITE_POSTKEY: server.origin });
  example.origin = origin;
  await until("the example answers", async () => {
    if (example.ended !== null) throw new Error(`the example ended at once:\n${example.log}`);
    const answer = await http(origin).catch(() => null);
    return answer?.status === 200;
  }, 240_000);
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await example?.stop();
  await server?.stop();
});

async function withPerson(story) {
  const person = await newPerson(browser, { origin: example.origin }, { mayGoTo: [server.origin, "https://cdnjs.cloudflare.com"] });
  // Vite makes the packages ready for browsers when the first one asks.
  person.page.setDefaultTimeout(60_000);
  try {
    await story(person, person.page);
    assert.deepEqual(person.troubles, []);
  } finally {
    await person.close();
  }
}

test("the example says exactly which packages it uses", async () => {
  const { dependencies } = JSON.parse(await readFile(path.join(FOLDER, "package.json"), "utf8"));
  const versions = Object.fromEntries(Object.entries(dependencies).filter(([name]) => name.startsWith("supertokens")));
  assert.deepEqual(versions, { "supertokens-auth-react": "0.51.3", "supertokens-web-js": "0.16.0", "supertokens-website": "20.1.6" });
});

test("in by a code from a mail, a call that only a session opens, out", () =>
  withPerson(async (person, page) => {
    await page.goto("/");
    await page.waitForURL(/\/auth/);
    const email = newAddress("example");
    await give(person, email);
    await type(person, (await mailTo(server, email)).code);
    await page.getByRole("heading", { name: "You are signed in" }).waitFor();
    assert.match(await page.locator("#user").textContent(), /\w{8,}/);
    await page.getByRole("button", { name: "Is my address verified?" }).click();
    await page.getByText('{"status":"OK","isVerified":true}').waitFor();
    await page.reload();
    await page.getByRole("button", { name: "Sign out" }).click();
    await ui(page).locator("input[name=email]").waitFor();
    assert.equal("sAccessToken" in (await cookiesOf(person)), false);
    await page.goto("/");
    await page.waitForURL(/\/auth/);
  }));

test("in by the link, here and in another browser", () =>
  withPerson(async (person, page) => {
    const email = newAddress("example");
    await page.goto("/auth");
    await give(person, email);
    await ui(page).getByText("Enter OTP").waitFor();
    const { link } = await mailTo(server, email);
    assert.ok(link.startsWith(`${example.origin}/auth/verify?`), link);
    await withPerson(async (other) => {
      await other.page.goto(link);
      await button(other.page, "CONTINUE").click();
      await other.page.getByRole("heading", { name: "You are signed in" }).waitFor();
    });
    await page.goto("/auth/verify?preAuthSessionId=nothing&tenantId=public#nothing");
    await button(page, "CONTINUE").click();
    await problem(page).getByText("Invalid magic link. Please try again.").waitFor();
  }));

test("in by a text", () =>
  withPerson(async (person, page) => {
    const { e164 } = newPhone();
    await page.goto("/auth");
    await give(person, e164);
    await type(person, (await textTo(server, e164)).code);
    await page.getByRole("heading", { name: "You are signed in" }).waitFor();
  }));

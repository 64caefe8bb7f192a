// docs/authress.md, done as it says: every block of it is run, with this run's addresses in place of the guide's.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { promisify } from "node:util";
import { preflight, readAccessKey, signLink } from "../lib/authress.mjs";
import { loginSuite, openLink } from "../lib/authress-suite.mjs";
import { ask } from "../lib/http.mjs";
import { mailTo, newAddress } from "../lib/mailbox.mjs";
import { BINARY } from "../lib/server.mjs";
import { until } from "../lib/until.mjs";

const run = promisify(execFile);
const E2E = path.resolve(import.meta.dirname, "..");
const guide = await readFile(path.resolve(E2E, "../docs/authress.md"), "utf8");
const unused = new Set([...guide.matchAll(/^```(\w+)\n([^]*?)^```/gm)].map(([, language, text]) => `${language}\n${text}`));

/** The block that begins so; each is for one test. */
function block(begins) {
  const found = [...unused].filter((one) => one.startsWith(begins));
  assert.equal(found.length, 1, `${found.length} blocks of the guide begin with ${JSON.stringify(begins)}`);
  unused.delete(found[0]);
  return here(found[0].slice(found[0].indexOf("\n") + 1));
}

/** The guide's addresses as they are in this run. */
const here = (text) => text.replaceAll("http://localhost:8000", house.server.origin).replaceAll("http://localhost:3000", house.site.origin);

let folder;
const house = loginSuite({ prepare: async ({ server }) => {
  folder = await mkdtemp(path.join(tmpdir(), "postkey-guide-"));
  const place = `--config ${path.join(server.folder, "postkey.toml")} --data-dir ${path.join(server.folder, "data")}`;
  await writeFile(path.join(folder, "postkey"), `#!/bin/sh\nexec ${BINARY} "$@" ${place}\n`, { mode: 0o755 });
  await symlink(path.join(E2E, "node_modules"), path.join(folder, "node_modules"));
} });
after(() => folder && rm(folder, { recursive: true, force: true }));

/** Runs commands of the guide in its folder; gives what they printed. */
async function shell(commands, environment = {}) {
  const env = { ...process.env, TZ: "UTC", PYTHONWARNINGS: "ignore", ...environment };
  env.PATH = `${folder}:${path.join(E2E, "authress/.venv/bin")}:${process.env.PATH}`;
  return (await run("bash", ["-euc", commands], { cwd: folder, env })).stdout;
}

/** A file of the guide, named in its first line. */
async function file(name, mark) {
  const text = block(`${name.endsWith(".py") ? "python" : "js"}\n${mark} ${name}\n`);
  await writeFile(path.join(folder, name), text);
}

/** A file that a command of the guide wrote. */
const read = async (name) => JSON.parse(await readFile(path.join(folder, name), "utf8"));

/** Runs a block in a page, where `client` is the application's; gives the values of `names` after it. */
function inPage(page, code, names, given = {}) {
  return page.evaluate(async ([code, names, given]) => {
    const own = /^const client\b/m.test(code) ? {} : { client: window.client };
    const all = { ...own, ...given };
    const Run = (async () => {}).constructor;
    // Checks of the session that follow within 50 ms have one answer.
    await new Promise((resolve) => setTimeout(resolve, 60));
    return new Run(...Object.keys(all), `${code}\nreturn { ${names} };`)(...Object.values(all));
  }, [code, names, given]);
}

const blocks = {};
/** Asks for a login as the guide's page does. */
async function asked(page) {
  blocks.ask ??= block("js\n// in the page\nconst client = new Authress");
  return (await inPage(page, blocks.ask, "asked")).asked;
}

/** Looks that somebody is in, as the guide's page does. */
async function known(page) {
  blocks.known ??= block("js\n// in the page\nawait client.userSessionExists");
  return inPage(page, blocks.known, "token, who, profile");
}

const environment = (login, more = {}) => ({ AUTHENTICATION_URL: login.authenticationUrl, AUTHENTICATION_REQUEST_ID: login.authenticationRequestId, ...more });
const EXAMPLE = { applicationId: "app_example" };
let link;

test("the commands make a client and an application, which the running server knows", async () => {
  assert.equal(block("sh\npostkey dev"), "postkey dev\n");
  await shell(block("sh\npostkey clients create --id sc_example"));
  const client = await read("client.json");
  assert.deepEqual([client.clientId, readAccessKey(client.accessKey).clientId], ["sc_example", "sc_example"]);
  await shell(block("sh\npostkey applications create"));
  const known = async () => (await preflight(house.server, "/api/session", house.site.origin)).headers["access-control-allow-origin"];
  await until("the server noticed", async () => (await known()) === house.site.origin);
});

test("a link in Node: made, opened, known in the page, verified, out", () =>
  house.with(EXAMPLE, async (person, page) => {
    await file("link.mjs", "//");
    link = block("sh\nnode link.mjs");
    const login = await asked(page);
    const made = (await shell(link, environment(login))).trim();
    await openLink(page, made, house.site.origin);
    const { token, who, profile } = await known(page);
    assert.equal(who.userId, who.sub);
    assert.deepEqual(profile.linkedIdentities.map((one) => one.connection), [{ connectionId: "sc_example", userId: "you@example.com" }]);
    await file("verify.mjs", "//");
    assert.equal(await shell(block("sh\nnode verify.mjs"), { TOKEN: token }), `${who.userId} sc_example\n`);
    await page.evaluate(() => (window.before = true));
    await inPage(page, block("js\n// in the page\nawait client.logout"), "").catch(() => null);
    await page.waitForFunction(() => !window.before && window.client && document.readyState === "complete");
    assert.equal(page.url(), `${house.site.origin}/`);
    assert.equal(await person.sdk("userSessionExists"), false);

    // The guide's check: an address of another host is not signed.
    const foreign = { ...login, authenticationUrl: "https://evil.example/login" };
    await assert.rejects(shell(link, environment(foreign)), /not an address of our login server/);
  }));

test("a link in Python", () =>
  house.with(EXAMPLE, async (person, page) => {
    await file("link.py", "#");
    const login = await asked(page);
    await openLink(page, (await shell(block("sh\npython link.py"), environment(login))).trim(), house.site.origin);
    assert.equal((await known(page)).profile.linkedIdentities[0].connection.userId, "you@example.com");
  }));

test("a client for mailed links: a statement eight minutes old is good, and a login stays open as long", () =>
  house.with(EXAMPLE, async (person, page) => {
    await shell(block("sh\npostkey clients create --id sc_mail"));
    const client = readAccessKey((await read("mail.json")).accessKey);
    assert.equal(JSON.parse(await shell("postkey clients show sc_mail")).loginLifeSeconds, 600);
    const login = await until("the client is known", () => person.sdk("authenticateWithOneTimeCode", { serviceClientId: "sc_mail", redirectUrl: `${house.site.origin}/` }).catch(() => null));
    await openLink(page, await signLink(client, login, "you@example.com", { age: 480 }), house.site.origin);
    assert.equal((await known(page)).profile.linkedIdentities[0].connection.connectionId, "sc_mail");
    const short = await asked(page);
    const late = await signLink(readAccessKey((await read("client.json")).accessKey), short, "you@example.com", { age: 480 });
    assert.equal((await page.goto(late)).status(), 410);
  }));

test("a code instead of the link: wrong, then right", () =>
  house.with(EXAMPLE, async (person, page) => {
    const login = await asked(page);
    const { accessKey } = await read("client.json");
    const { code, expiresAt } = JSON.parse(await shell(block("sh\ncurl -s http://localhost:8000/v1/clients/sc_example/codes"), environment(login, { ACCESS_KEY: accessKey })));
    assert.match(code, /^\d{6}$/);
    assert.ok(Date.parse(expiresAt) > Date.now());
    const type = block("js\n// in the page\nconst answer = await fetch");
    const wrong = await inPage(page, type, "errorCode, triesLeft", { asked: login, code: code === "000000" ? "111111" : "000000" });
    assert.deepEqual(wrong, { errorCode: "WrongCode", triesLeft: 4 });
    const back = page.waitForURL(`${house.site.origin}/**nonce**`);
    await inPage(page, type, "", { asked: login, code }).catch(() => null);
    await back;
    await page.waitForFunction(() => window.client && document.readyState === "complete");
    assert.equal((await known(page)).profile.linkedIdentities[0].connection.userId, "you@example.com");
  }));

/** Logs in by Postkey's own pages and mail, as the guide's page begins it; gives what that page knows then. */
async function byOwnPages(page, email) {
  blocks.own ??= block("js\n// in the page\nconst begun = await client.authenticate");
  await inPage(page, blocks.own, "").catch(() => null);
  await page.waitForURL(`${house.server.origin}/auth**`);
  await page.getByLabel("Email").fill(email);
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByLabel("Code").fill((await mailTo(house.server, email)).code);
  await page.keyboard.press("Enter").catch(() => null);
  await page.waitForURL((url) => url.origin === house.site.origin);
  await page.waitForFunction(() => window.client && document.readyState === "complete");
  return known(page);
}

test("Postkey does it all: its own pages and its own mail", () =>
  house.with(EXAMPLE, async (person, page) => {
    const email = newAddress("own");
    const { who } = await byOwnPages(page, email);
    assert.deepEqual([who.email, who.email_verified], [email, true]);
  }));

test("automatic linking: by Postkey's pages and by a back end that names the same address, either first: one user", () =>
  house.with(EXAMPLE, async (person, page) => {
    await shell(block("sh\npostkey clients create --id sc_linked"));
    const { accessKey } = await read("operator.json");
    const put = JSON.parse(await shell(block("sh\ncurl -s -X PUT http://localhost:8000/v1/connections/email"), { ADMIN_KEY: accessKey }));
    assert.deepEqual([put.connectionId, put.linkingConfiguration], ["email", { type: "AUTOMATIC" }]);
    const client = readAccessKey((await read("linked.json")).accessKey);
    const byBackEnd = async (email) => {
      const login = await until("the client is known", () => person.sdk("authenticateWithOneTimeCode", { serviceClientId: "sc_linked", redirectUrl: `${house.site.origin}/` }).catch(() => null));
      await openLink(page, await signLink(client, login, email), house.site.origin);
      return known(page);
    };
    for (const ways of [[(email) => byOwnPages(page, email), byBackEnd], [byBackEnd, (email) => byOwnPages(page, email)]]) {
      const email = newAddress("linked");
      const first = await ways[0](email);
      const second = await ways[1](email);
      assert.equal(second.who.userId, first.who.userId);
      assert.deepEqual(second.profile.linkedIdentities.map((one) => one.connection.connectionId).sort(), ["email", "sc_linked"]);
      // Out at Postkey's pages too, for the next one.
      await page.goto(`${house.server.origin}/logout?client_id=app_example&redirect_uri=${encodeURIComponent(`${house.site.origin}/`)}`);
      await page.waitForFunction(() => window.client && document.readyState === "complete");
    }
  }));

test("a link to the application's own address is sent on by the snippet", () =>
  house.with(EXAMPLE, async (person, page) => {
    const login = await asked(page);
    const own = { ...login, authenticationUrl: `${house.site.origin}/` };
    // As the back end would that passes the application's address: without the guide's check.
    const careless = (await readFile(path.join(folder, "link.mjs"), "utf8")).replace(/^ {2}if .*\n/m, "").replace("(accessKey, postkey)", "(accessKey)");
    await writeFile(path.join(folder, "careless.mjs"), careless);
    const made = (await shell(link.replace("link.mjs", "careless.mjs"), environment(own))).trim();
    assert.equal(new URL(made).origin, house.site.origin);
    const snippet = block("js\n// before LoginClient");
    // The application's page as it would be with the snippet: nothing of the SDK runs where a link is sent on.
    await page.route(`${house.site.origin}/authress.min.js`, (route) => route.fulfill({ contentType: "text/javascript", body: "" }), { times: 1 });
    await page.route(`${house.site.origin}/app.js`, (route) => route.fulfill({ contentType: "text/javascript", body: snippet }), { times: 1 });
    await page.goto(made).catch(() => null);
    await page.waitForURL(`${house.site.origin}/?nonce**`);
    await page.waitForFunction(() => window.client && document.readyState === "complete");
    assert.equal((await known(page)).profile.linkedIdentities[0].connection.userId, "you@example.com");
  }));

test("an admin client makes a connection to a provider, and the page is sent there", () =>
  house.with(EXAMPLE, async (person, page) => {
    const { accessKey } = await read("operator.json");
    const made = JSON.parse(await shell(block("sh\ncurl -s http://localhost:8000/v1/connections"), { ADMIN_KEY: accessKey }));
    assert.deepEqual([made.connectionId, made.linkingConfiguration, made.clientSecret], ["google", { type: "AUTOMATIC" }, undefined]);
    const begun = await until("the connection is known", () => person.sdk("authenticate", { connectionId: "google" }).catch(() => null));
    assert.equal(new URL(begun.authenticationUrl).pathname, "/login");
  }));

test("a key takes the place of another: links of the old one die at once, the new one's work", () =>
  house.with(EXAMPLE, async (person, page) => {
    const login = await asked(page);
    const old = (await shell(link, environment(login))).trim();
    const { keyId } = await read("client.json");
    await shell(block("sh\npostkey clients keys add"), { KEY_ID: keyId });
    assert.equal((await page.goto(old)).status(), 400);
    await writeFile(path.join(folder, "client.json"), await readFile(path.join(folder, "second.json")));
    await openLink(page, (await shell(link, environment(login))).trim(), house.site.origin);
    await known(page);
  }));

/** The endpoints of the guide's table: `[method, path, what is said]`. */
function endpoints() {
  const rows = guide.split("## The management API")[1].split("\n## ")[0].matchAll(/^\| (`.+?) \| (.+) \|$/gm);
  return [...rows].flatMap(([, calls, said]) => calls.split("; ").flatMap((call) => {
    const words = [...call.matchAll(/`([^`]+)`/g)].map(([, word]) => word.split(" "));
    const where = words.at(-1)[1];
    assert.match(where, /^\/(v1|api)\//, call);
    return words.map(([method]) => [method, where, said]);
  }));
}

test("every endpoint of the guide's table is there, or says with 501 that it is not offered", async () => {
  const { accessKey } = await read("operator.json");
  const all = endpoints();
  assert.ok(all.length > 40, `${all.length}`);
  for (const [method, where, said] of all) {
    const headers = { authorization: `Bearer ${accessKey}`, "content-type": "application/json" };
    const body = ["POST", "PUT", "PATCH"].includes(method) ? "{}" : undefined;
    const answer = await ask(house.server.origin + where.replace(/\{\w+\}/g, "nobody"), { method, headers, body });
    const told = answer.status === 204 ? {} : answer.json();
    if (said.startsWith("501")) {
      assert.deepEqual([answer.status, told.errorCode], [501, "NotSupported"], `${method} ${where}`);
      assert.ok(told.title.length > 20, told.title);
    } else {
      assert.ok([200, 201, 204, 400, 403, 404, 409].includes(answer.status), `${method} ${where}: ${answer.status}`);
      if (answer.status >= 400) assert.ok(told.errorCode && told.title, `${method} ${where}: ${answer.text}`);
    }
  }
});

test("every block of the guide was run", () => {
  assert.deepEqual([...unused], []);
});

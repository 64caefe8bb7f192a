// What every answer must carry, what cookies look like, and what other sites and forged headers may not do.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { askForMail, cookiesOf, newPerson, openBrowser, signInByCode } from "../lib/browser.mjs";
import { ask, Client, form } from "../lib/http.mjs";
import { mailsTo, mailTo, newAddress } from "../lib/mailbox.mjs";
import { startServer } from "../lib/server.mjs";
import { mailServer } from "../lib/smtp.mjs";
import { TENANTS } from "../lib/tenants.mjs";

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

function checkHeaders({ headers }, what, { asset = false } = {}) {
  const policy = Object.fromEntries(headers["content-security-policy"].split(";").map((part) => part.trim().split(/ (.*)/)));
  assert.equal(policy["default-src"], "'none'", what);
  assert.equal(policy["script-src"], "'self'", what);
  assert.equal(policy["style-src"], "'self'", what);
  assert.equal(policy["frame-ancestors"], "'none'", what);
  assert.equal(policy["base-uri"], "'none'", what);
  // `dev` lets people return to an application on the port that most of them use.
  assert.equal(policy["form-action"], "'self' http://localhost:3000", what);
  assert.ok(!headers["content-security-policy"].includes("unsafe"), what);
  assert.equal(headers["referrer-policy"], "no-referrer", what);
  assert.equal(headers["x-content-type-options"], "nosniff", what);
  assert.equal(headers["x-frame-options"], "DENY", what);
  assert.equal(headers["cross-origin-opener-policy"], "same-origin", what);
  assert.match(headers["permissions-policy"], /camera=\(\)/, what);
  assert.match(headers["x-request-id"], /^[a-z2-7]{16}$/, what);
  assert.equal(headers["cache-control"], asset ? "public, max-age=31536000, immutable" : "no-store", what);
  assert.equal(headers.server, undefined, what);
}

test("security headers on every page, asset, redirect and error; pages hold nothing inline", async () => {
  const client = new Client(server.origin);
  const email = newAddress("headers");
  const seen = [];
  const visit = async (path) => {
    const answer = await client.get(path, { accept: "text/html" });
    checkHeaders(answer, path);
    seen.push(answer);
    assert.doesNotMatch(answer.text, /<style|<script(?![^>]*\bsrc=)|\son\w+=|\sstyle=|javascript:/i, path);
    return answer;
  };
  const start = await visit("/auth");
  await visit("/auth?redirectToPath=//evil.example");
  await client.post("/auth/_/start", { email, tenantId: "public" }).then((answer) => checkHeaders(answer, "start"));
  await visit("/auth/code");
  assert.equal((await visit("/auth/sent")).status, 303);
  const { link, code } = await mailTo(server, email);
  await visit(new URL(link).pathname + new URL(link).search);
  await visit("/auth/link-problem");
  await visit("/demo");
  checkHeaders(await client.post("/auth/_/code", { code }), "code");
  await visit("/demo");
  await visit("/auth/signed-in");
  await visit("/dev/inbox");
  checkHeaders(await client.get("/dev/inbox.json"), "inbox.json");
  await visit("/auth/nowhere");
  checkHeaders(await ask(`${server.origin}/auth/_/start`), "405");
  checkHeaders(await client.post("/auth/session/refresh"), "refresh");
  checkHeaders(await client.post("/auth/_/start", { email }, { "sec-fetch-site": "cross-site" }), "403");
  checkHeaders(await client.post("/auth/_/start", { email: "a".repeat(70_000) }), "413");
  const assets = [...start.text.replaceAll("&#x2f;", "/").matchAll(/(?:href|src)="(\/auth\/_\/assets\/[^"]+)"/g)].map((match) => match[1]);
  assert.equal(assets.length, 2);
  for (const path of assets) checkHeaders(await client.get(path), path, { asset: true });
  // Over plain http no browser would keep it, and a development server must not ask for https.
  assert.ok(seen.every((answer) => !("strict-transport-security" in answer.headers)));
});

test("cookies: hidden from scripts, for this site only, no wider than needed", async () => {
  const person = await newPerson(browser, server);
  await askForMail(person, newAddress("cookies"));
  const waiting = (await person.context.cookies(`${server.origin}/auth/code`)).find((cookie) => cookie.name === "pk_sign_in");
  assert.deepEqual([waiting.httpOnly, waiting.sameSite, waiting.path], [true, "Lax", "/auth"]);
  await signInByCode(person, newAddress("cookies"));
  await person.page.waitForURL("**/demo");
  const cookies = await cookiesOf(person);
  const attributes = Object.fromEntries(Object.entries(cookies).map(([name, c]) => [name, [c.path, c.httpOnly, c.sameSite, c.secure, c.domain]]));
  const site = ["Lax", false, "localhost"];
  assert.deepEqual(attributes.sAccessToken, ["/", true, ...site]);
  assert.deepEqual(attributes.sRefreshToken, ["/auth/session/refresh", true, ...site]);
  assert.deepEqual(attributes.sFrontToken, ["/", false, ...site]);
  assert.deepEqual(attributes["st-last-access-token-update"], ["/", false, ...site]);
  assert.deepEqual(attributes.pk_device, ["/auth", true, ...site]);
  assert.deepEqual(attributes.pk_form, ["/", true, ...site]);
  const readable = await person.page.evaluate(() => document.cookie);
  for (const secret of [cookies.sAccessToken.value, cookies.sRefreshToken.value]) assert.ok(!readable.includes(secret));
  assert.deepEqual(person.troubles, []);
  await person.close();
});

test("what other sites send is refused: forms, refresh, log-out", async () => {
  const email = newAddress("foreign");
  const client = new Client(server.origin);
  const token = (await client.get("/auth")).text.match(/name="form" value="([^"]+)"/)[1];
  const foreign = [
    { "sec-fetch-site": "cross-site", origin: server.origin },
    { "sec-fetch-site": "same-site", origin: server.origin },
    { "sec-fetch-site": "same-origin", origin: "https://evil.example" },
    { "sec-fetch-site": "same-origin", origin: `${server.origin}.evil.example` },
    { "sec-fetch-site": "none", origin: "null" },
  ];
  for (const headers of foreign) {
    for (const path of ["start", "code", "resend", "cancel", "verify", "sign-out"]) {
      const answer = await client.post(`/auth/_/${path}`, { email, form: token }, headers);
      assert.equal(answer.status, 403, `${path} ${JSON.stringify(headers)}`);
    }
  }
  // Browsers from before Sec-Fetch-Site prove it with the page's token, and cannot without.
  const cookie = `pk_form=${client.jar.get("pk_form")}`;
  const old = (fields, headers) => ask(`${server.origin}/auth/_/start`, { method: "POST", headers, body: form({ email, ...fields }) });
  assert.equal((await old({})).status, 403);
  assert.equal((await old({ form: token })).status, 403);
  assert.equal((await old({}, { cookie })).status, 403);
  assert.equal((await old({ form: token }, { cookie: "pk_form=AAAAAAAAAAAAAAAAAAAAAA" })).status, 403);
  assert.equal((await mailsTo(server, email)).length, 0);
  assert.equal((await old({ form: token }, { cookie })).status, 303);
  await mailTo(server, email);

  // A real page of another site, in a real browser, while the person is signed in here.
  const person = await newPerson(browser, server);
  await signInByCode(person, newAddress("victim"));
  await person.page.waitForURL("**/demo");
  const evil = "http://evil.test";
  await person.context.route(`${evil}/**`, (route) => route.fulfill({
    contentType: "text/html",
    body: `<form method="post" action="${server.origin}/auth/_/sign-out"><button>Win a prize</button></form>`,
  }));
  await person.page.goto(evil);
  await person.page.getByRole("button").click();
  await person.page.getByText("was sent from another site").waitFor();
  await person.page.goto(evil);
  await person.page.evaluate((origin) => fetch(`${origin}/auth/signout`, { method: "POST", credentials: "include", mode: "no-cors" }).catch(() => {}), server.origin);
  await person.page.goto(`${server.origin}/demo`);
  await person.page.locator("#user-id").waitFor();
  await person.close();
  for (const path of ["/auth/signout", "/auth/session/refresh"]) {
    assert.equal((await client.post(path, {}, { "sec-fetch-site": "cross-site" })).status, 403);
    assert.equal((await client.post(path, {}, { origin: "https://evil.example" })).status, 403);
  }
});

test("forged Host and X-Forwarded-Host: the mailed link keeps the configured origin", async () => {
  const forged = [
    { host: "evil.example" },
    { "x-forwarded-host": "evil.example", "x-forwarded-proto": "https", "x-forwarded-port": "443" },
    { forwarded: "host=evil.example;proto=https" },
    { host: `evil.example:${server.port}`, "x-original-host": "evil.example", "x-host": "evil.example" },
  ];
  for (const headers of forged) {
    const email = newAddress("forged");
    const client = new Client(server.origin);
    const answer = await client.post("/auth/_/start", { email, tenantId: "public" }, headers);
    assert.equal(answer.location, "/auth/code");
    const mail = await mailTo(server, email);
    assert.ok(mail.link.startsWith(`${server.origin}/auth/verify?`), mail.link);
    assert.ok(!JSON.stringify(mail).includes("evil"));
  }
  assert.equal((await ask(`${server.origin}/dev/inbox.json`, { headers: { host: "evil.example" } })).status, 403);
  assert.equal((await ask(`${server.privateOrigin}/hello`, { headers: { host: "evil.example" } })).status, 403);
  assert.equal((await ask(`${server.privateOrigin}/hello`, { headers: { origin: server.origin } })).status, 403);
  assert.equal((await ask(`${server.privateOrigin}/hello`)).status, 200);
});

test("another name of this machine leads to the configured one, so that cookies and links agree", async () => {
  const person = await newPerson(browser, server);
  await person.page.goto(`http://127.0.0.1:${server.port}/auth`);
  assert.equal(person.page.url(), `${server.origin}/auth`);
  await person.close();
});

test("an operator's templates are tried at the start: what breaks is named with its file, and nothing starts", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "postkey-e2e-templates-"));
  const config = `templates_dir = "${folder}"\n`;
  try {
    await mkdir(path.join(folder, "pages"));
    const page = path.join(folder, "pages", "code.html");
    // It can be read; only filling it in shows that it cannot be shown.
    for (const broken of ["{{ t('code-title', n=1/0) }}{{ nobody.knows() }}", "{% if %}"]) {
      await writeFile(page, broken);
      await assert.rejects(startServer({ config }), /pages\/code\.html/, broken);
    }
    await writeFile(page, `{% extends "pages/base.html" %}{% block title %}Mine{% endblock %}{% block content %}<h1 tabindex="-1">Mine, {{ to }}</h1>{% endblock %}`);
    const own = await startServer({ config });
    const client = new Client(own.origin);
    await client.post("/auth/_/start", { email: "mine@example.com" });
    assert.match((await client.get("/auth/code")).text, /<h1 tabindex="-1">Mine, mine@example\.com/);
    await own.stop();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test("serve, behind https: secure cookies, HSTS, no development pages, links with the public address", async () => {
  const mail = await mailServer();
  const secretKey = randomBytes(32).toString("hex");
  let real;
  try {
    await mail.start();
    real = await startServer({
      mode: "serve",
      publicUrl: "https://login.example.com",
      environment: { POSTKEY_SECRET_KEY: secretKey },
      config: `
cookie_domain = "example.com"
shutdown_grace = "0s"
[mail]
from = "Example <login@example.com>"
providers = ["relay"]
[providers.relay]
type = "smtp"
host = "localhost"
port = ${mail.port}
tls = "none"
[tenants.public]
return_urls = ["https://app.example.com/"]
`,
    });
    const client = new Client("https://login.example.com", { address: real.origin });
    const page = await client.get("/auth?redirectToPath=https://app.example.com/home");
    assert.equal(page.headers["strict-transport-security"], "max-age=31536000");
    // The registered application is where the form's answer may lead, and nowhere else.
    assert.match(page.headers["content-security-policy"], /form-action 'self' https:\/\/app\.example\.com$/);
    const email = newAddress("serve");
    const place = "https://app.example.com/home";
    const lines = [...page.cookies];
    const started = await client.post("/auth/_/start", { email, tenantId: "public", returnTo: place });
    lines.push(...started.cookies);
    assert.equal(started.location, "/auth/code");
    const { text } = await mail.mailTo(email);
    assert.match(text, /^https:\/\/login\.example\.com\/auth\/verify\?preAuthSessionId=/m);
    const entered = await client.post("/auth/_/code", { code: text.match(/^ {4}([\d ]+)$/m)[1] });
    assert.equal(entered.location, place);
    lines.push(...entered.cookies);
    // Host-only cookies from before the domain was set are taken away: the others are what counts.
    const set = lines.filter((line) => !/^\w+=;(?!.*Domain=)/.test(line));
    const byName = Object.fromEntries(set.map((line) => [line.split("=")[0], line]));
    for (const line of lines) {
      assert.match(line, /; Secure(;|$)/, line);
      assert.match(line, /; SameSite=Lax(;|$)/, line);
    }
    const session = ["sAccessToken", "sRefreshToken", "sFrontToken", "st-last-access-token-update"];
    for (const name of session) assert.match(byName[name], /; Domain=example\.com(;|$)/, name);
    for (const name of ["pk_form", "pk_sign_in", "pk_device"]) assert.doesNotMatch(byName[name], /Domain=/, name);
    for (const path of ["/demo", "/dev/inbox", "/dev/inbox.json", "/dev/discarded.json", "/"]) {
      assert.equal((await client.get(path)).status, 404, path);
    }
    assert.ok(!real.log.includes(email) && !real.log.includes(secretKey));
    const discovery = (await client.get("/auth/.well-known/openid-configuration")).json();
    assert.equal(discovery.issuer, "https://login.example.com/auth");
  } finally {
    await real?.stop();
    await mail.stop();
  }
});

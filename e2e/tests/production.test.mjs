// The way to production as README.md and docs/production.md tell it: the example config, `check`, `serve`, and the shipped
// proxy configs in front, with their addresses, ports and certificates put in.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import https from "node:https";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { newPerson, openBrowser } from "../lib/browser.mjs";
import { ask, form } from "../lib/http.mjs";
import { newAddress } from "../lib/mailbox.mjs";
import { BINARY, freePort, startServer } from "../lib/server.mjs";
import { mailServer, makeCertificate } from "../lib/smtp.mjs";
import { until } from "../lib/until.mjs";

const run = promisify(execFile);
const KEY = "a-back-end-key-0123456789";
const TOP = path.resolve(import.meta.dirname, "../..");
const shipped = (name) => readFile(path.join(TOP, name), "utf8");
/** Text with each of `changes` made; one that changes nothing is a mistake of the test. */
const changed = (text, changes) => changes.reduce((all, [from, to]) => {
  const next = all.replaceAll(from, to);
  assert.notEqual(next, all, `${from} is not there`);
  return next;
}, text);

/** Each proxy's config and command, for a certificate in `tls`, listening on `port`, with Postkey on `node`. */
const PROXIES = {
  nginx: {
    program: "/usr/sbin/nginx",
    async start(folder, tls, port, node) {
      const site = changed(await shipped("deploy/nginx.conf"), [
        [/\n *listen \[::\].*/g, ""], ["listen 443 ssl", `listen 127.0.0.1:${port} ssl`], ["listen 80", `listen 127.0.0.1:${await freePort()}`],
        ["login.example.com;", "localhost;"], ["/etc/ssl/login.example.com/fullchain.pem", tls.cert], ["/etc/ssl/login.example.com/privkey.pem", tls.key],
        ["127.0.0.1:8000", `127.0.0.1:${node}`],
      ]);
      const paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((kind) => `${kind}_temp_path ${folder}/${kind};`).join(" ");
      const user = process.getuid() === 0 ? "user root;" : "";
      await writeFile(`${folder}/nginx.conf`, `${user} daemon off; pid ${folder}/pid; error_log stderr; events {}\nhttp { access_log off; ${paths}\n${site}}\n`);
      return ["-c", `${folder}/nginx.conf`, "-e", "stderr"];
    },
  },
  caddy: {
    program: "/usr/bin/caddy",
    async start(folder, tls, port, node) {
      const site = changed(await shipped("deploy/Caddyfile"), [
        ["login.example.com {", `https://localhost:${port} {\n\tbind 127.0.0.1\n\ttls ${tls.cert} ${tls.key}`], ["127.0.0.1:8000", `127.0.0.1:${node}`],
      ]);
      await writeFile(`${folder}/Caddyfile`, `{\n\tadmin off\n\tauto_https disable_redirects\n}\n${site}`);
      return ["run", "--config", `${folder}/Caddyfile`, "--adapter", "caddyfile"];
    },
  },
  haproxy: {
    program: "/usr/sbin/haproxy",
    async start(folder, tls, port, node) {
      await writeFile(`${folder}/both.pem`, (await readFile(tls.cert, "utf8")) + (await readFile(tls.key, "utf8")));
      const site = changed(await shipped("deploy/haproxy.cfg"), [
        ["bind :443", `bind 127.0.0.1:${port}`], ["/etc/haproxy/login.example.com.pem", `${folder}/both.pem`], ["127.0.0.1:8000", `127.0.0.1:${node}`],
      ]);
      await writeFile(`${folder}/haproxy.cfg`, site);
      return ["-f", `${folder}/haproxy.cfg`];
    },
  },
};

let folder;
let tls;
let browser;
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "postkey-e2e-production-"));
  await chmod(folder, 0o755);
  tls = await makeCertificate(folder);
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await rm(folder, { recursive: true, force: true });
});

/** The example config for real: what an operator changes in it, and nothing else but the limit under test. */
async function exampleConfig(origin, mail, secretFile) {
  return changed(await shipped("postkey.example.toml"), [
    [/^public_url = .*$/gm, `public_url = "${origin}"`],
    [/^#: secret_key_file = .*$/gm, `secret_key_file = "${secretFile}"`],
    [/^trusted_proxies = \[\]$/gm, `trusted_proxies = ["127.0.0.1", "::1"]`],
    [/^host = "smtp.example.com"$/gm, `host = "localhost"`],
    [/^port = 587$/gm, `port = ${mail.port}`],
    [/^tls = "starttls"$/gm, `tls = "none"`],
    [/^sends_per_network = \d+$/gm, `sends_per_network = 4\nclaims = { note = "note" }`],
    [/^api_keys = \[\]$/gm, `api_keys = ["${KEY}"]`],
  ]);
}

/** Asks for a mail through the proxy, from an address of this machine, with forged headers; the answer's status and place. */
function askFrom(localAddress, port, email, forged) {
  const body = form({ email, tenantId: "public" });
  const headers = {
    host: `localhost:${port}`, origin: `https://localhost:${port}`, "sec-fetch-site": "same-origin", "content-type": "application/x-www-form-urlencoded",
    "content-length": Buffer.byteLength(body), "x-forwarded-for": forged, forwarded: `for=${forged}`, "x-real-ip": forged,
  };
  return new Promise((resolve, reject) => {
    const request = https.request({ host: "127.0.0.1", port, localAddress, path: "/auth/_/start", method: "POST", headers, rejectUnauthorized: false, agent: false }, (answer) => {
      answer.resume();
      answer.on("end", () => resolve(`${answer.statusCode} ${answer.headers.location ?? ""}`.trim()));
    });
    request.on("error", reject);
    request.end(body);
  });
}

/** Ends a proxy and the workers that it started: one that is left keeps our pipes open, and the tests would never end. */
function stopWithWorkers(child) {
  try {
    if (child?.pid) process.kill(-child.pid, "SIGKILL");
  } catch (problem) {
    if (problem.code !== "ESRCH") throw problem;
  }
}

for (const [name, proxy] of Object.entries(PROXIES)) {
  // CI has nginx; the others are tried wherever they are installed.
  const skip = existsSync(proxy.program) || name === "nginx" ? false : `${name} is not installed`;
  test(`behind ${name}, from the example config to a login`, { skip }, async () => {
    const own = path.join(folder, name);
    await mkdir(own);
    const port = await freePort();
    const origin = `https://localhost:${port}`;
    const mail = await mailServer();
    let server;
    let child;
    let person;
    try {
      await mail.start();
      await writeFile(`${own}/secret.key`, randomBytes(32).toString("hex"), { mode: 0o600 });
      const config = await exampleConfig(origin, mail, `${own}/secret.key`);
      await writeFile(`${own}/postkey.toml`, config);
      const checked = await run(BINARY, ["check", "--config", `${own}/postkey.toml`, "--data-dir", `${own}/data`]);
      assert.match(checked.stdout, /^config +ok[\s\S]*^relay +ok$/m);
      server = await startServer({ config, mode: "serve" });
      let said = "";
      child = spawn(proxy.program, await proxy.start(own, tls, port, server.port), { cwd: own, detached: true, env: { ...process.env, HOME: own, XDG_DATA_HOME: own, XDG_CONFIG_HOME: own } });
      child.stdout.on("data", (text) => (said += text));
      child.stderr.on("data", (text) => (said += text));
      await until(`${name} passes requests`, async () => {
        assert.equal(child.exitCode, null, said);
        return /^[234]/.test(await askFrom("127.0.0.9", port, "nobody", "1.1.1.1").catch(() => "")) || null;
      });

      person = await newPerson(browser, { origin }, { ignoreHTTPSErrors: true });
      const email = newAddress(name);
      await person.page.goto("/auth");
      await person.page.getByLabel("Email").fill(email);
      await person.page.getByRole("button", { name: "Continue" }).click();
      const sent = await mail.mailTo(email);
      assert.ok(sent.text.includes(`${origin}/auth/`), "the link leads through the proxy");
      await person.page.getByLabel("Code").fill(sent.text.match(/^ {4}(\d{3}) (\d{3})$/m).slice(1).join(""));
      await person.page.waitForURL((url) => !url.pathname.startsWith("/auth/code"));
      const cookies = await person.context.cookies();
      assert.ok(cookies.some((cookie) => cookie.name === "sAccessToken"));
      assert.deepEqual(cookies.filter((cookie) => !cookie.secure), [], "every cookie is for https only");
      assert.deepEqual(person.troubles, []);

      // Tokens with as many claims as there can be come in headers of 8 KB: the proxy has to take them.
      const user = JSON.parse(Buffer.from(cookies.find((cookie) => cookie.name === "sAccessToken").value.split(".")[1], "base64url")).sub;
      const known = await ask(`${server.privateOrigin}/recipe/user/metadata`, {
        method: "PUT", headers: { "api-key": KEY, "content-type": "application/json", "cdi-version": "5.4" },
        body: JSON.stringify({ userId: user, metadataUpdate: { note: "x".repeat(1000) } }),
      });
      assert.equal(known.status, 200, known.text);
      const renewed = await person.page.evaluate(() => fetch("/auth/session/refresh", { method: "POST" }).then((answer) => answer.status));
      assert.equal(renewed, 200);
      assert.ok((await person.context.cookies()).find((cookie) => cookie.name === "sAccessToken").value.length > 2000, "the claims are there");

      // One network however it names itself; another one is another, because the proxy says so.
      const asked = [];
      for (let i = 0; i < 8; i += 1) asked.push(await askFrom("127.0.0.2", port, newAddress("many"), `203.0.113.${i}`));
      assert.deepEqual(asked.map((answer) => answer.startsWith("303")), [true, true, true, true, false, false, false, false], asked.join("\n"));
      assert.match(await askFrom("127.0.0.3", port, newAddress("other"), "127.0.0.2"), /^303/);
    } finally {
      await person?.close();
      stopWithWorkers(child);
      await server?.stop();
      await mail.stop();
    }
  });
}

// A real mail server in between: encrypted or on this machine, with a login, down for a while, refusing.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { askForMail, newPerson, openBrowser } from "../lib/browser.mjs";
import { Client } from "../lib/http.mjs";
import { newAddress } from "../lib/mailbox.mjs";
import { startServer } from "../lib/server.mjs";
import { mailServer } from "../lib/smtp.mjs";
import { until } from "../lib/until.mjs";

let browser;
before(async () => (browser = await openBrowser()));
after(async () => await browser?.close());

const HOSTILE = `<img src=x onerror=alert(1)> & "Co" {{ 7*7 }}`;

function config(mail, { trust = true, appName = "Example", password = "open sesame" } = {}) {
  const tls = mail.certificate ? (mail.tls === "implicit" ? "implicit" : "starttls") : "none";
  return `
[mail]
from = "Example <login@example.com>"
providers = ["relay"]
[providers.relay]
type = "smtp"
host = "localhost"
port = ${mail.port}
tls = "${tls}"
${mail.certificate && trust ? `ca_file = "${mail.certificate.ca}"` : ""}
${mail.user ? `username = "${mail.user}"\npassword = "${password}"` : ""}
[tenants.public]
app_name = '${appName}'
sends_per_network = 0
resend_gap = "1s"
`;
}

/** Runs `story` with a mail server and a Postkey that uses it; both are stopped whatever happens. */
async function withMail(options, story, settings) {
  const mail = Object.assign(await mailServer(options), options);
  let server;
  try {
    if (!options.down) await mail.start();
    server = await startServer({ config: config(mail, settings) });
    await story(mail, server);
  } finally {
    await server?.stop();
    await mail.stop();
  }
}

/** What the log says of mails that are tried again later, and of those that are not. */
const PUT_OFF = /a message was not sent.*\bdeferred\b/;
const REFUSED = /a message was not sent.*\brefused\b/;

const codeIn = (text) => text.match(/^ {4}(\d{3}) (\d{3})$/m).slice(1).join("");
const linkIn = (text) => text.match(/^http\S+$/m)[0];
const header = (mail, name) => mail.headers.filter(([key]) => key.toLowerCase() === name).map(([, value]) => value);

/** A mail that a person and their mail program can work with, and that tells nobody on its way more than it must. */
function checkMail(mail, to, server) {
  assert.equal(mail.kind, "multipart/alternative");
  assert.deepEqual(mail.order, ["text/plain", "text/html"]);
  assert.deepEqual(header(mail, "to"), [to]);
  assert.deepEqual(header(mail, "from"), ["Example <login@example.com>"]);
  assert.deepEqual(header(mail, "auto-submitted"), ["auto-generated"]);
  assert.match(header(mail, "message-id")[0], /^<[^@\s<>]+@example\.com>$/);
  assert.equal(header(mail, "date").length, 1);
  assert.equal(header(mail, "subject").length, 1);
  const [code, link] = [codeIn(mail.text), linkIn(mail.text)];
  const secret = new URL(link).hash.slice(1);
  assert.ok(link.startsWith(`${server.origin}/auth/verify?`));
  assert.ok(mail.html.includes(`${code.slice(0, 3)} ${code.slice(3)}`) && mail.html.includes(secret));
  for (const [name, value] of mail.headers) {
    assert.ok(!value.includes(secret), `${name} holds the link's secret`);
    if (name.toLowerCase() !== "subject") assert.ok(!value.includes(code) && !value.includes(`${code.slice(0, 3)} ${code.slice(3)}`), `${name} holds the code`);
  }
  assert.ok(mail.raw.split(/\r?\n/).every((line) => line.length <= 998), "RFC 5322 §2.1.1");
  assert.ok(!server.log.includes(code) && !server.log.includes(secret) && !server.log.includes(to), "the log holds no secrets and no addresses");
  return { code, link };
}

for (const options of [
  { tls: "starttls", user: "login@example.com", password: "open sesame" },
  { tls: "implicit", user: "login@example.com", password: "open sesame" },
  { tls: "implicit" },
  { tls: "none" },
]) {
  const name = `${options.tls}${options.user ? " with a login" : ""}`;
  test(`a login through a mail server: ${name}`, () =>
    withMail(options, async (mail, server) => {
      const person = await newPerson(browser, server);
      const email = newAddress("mail");
      await askForMail(person, email);
      const got = await mail.mailTo(email);
      assert.equal(got.encrypted, options.tls !== "none");
      assert.equal(got.user, options.user ?? null);
      assert.equal(got.sender, "login@example.com");
      assert.deepEqual(got.to, [email]);
      const { code, link } = checkMail(got, email, server);
      if (options.user) {
        await person.page.getByLabel("Code").fill(code);
      } else {
        await person.page.goto(link);
      }
      await person.page.waitForURL("**/demo");
      assert.equal((await mail.mails(email)).length, 1);
      // The same server takes the next ones too (the connection is kept and used again).
      const more = [newAddress("mail"), newAddress("mail"), newAddress("mail")];
      for (const one of more) await start(server, one);
      for (const one of more) await mail.mailTo(one);
      assert.deepEqual(person.troubles, []);
      await person.close();
    }));
}

async function start(server, email) {
  const client = new Client(server.origin);
  const answer = await client.post("/auth/_/start", { email, tenantId: "public" });
  assert.equal(answer.location, "/auth/code");
  return client;
}

test("a mail server whose certificate nobody vouches for gets nothing, and no password", () =>
  withMail({ tls: "starttls", user: "login@example.com", password: "open sesame" }, async (mail, server) => {
    const email = newAddress("untrusted");
    await start(server, email);
    await until("it was tried and put off", () => PUT_OFF.test(server.log));
    assert.deepEqual(await mail.events(), []);
    assert.ok(!server.log.includes(email));
  }, { trust: false }));

test("a wrong password for the mail server loses no mail: it is put off, not given up", () =>
  withMail({ tls: "implicit", user: "login@example.com", password: "open sesame" }, async (mail, server) => {
    await start(server, newAddress("password"));
    await until("it was put off", () => PUT_OFF.test(server.log));
    assert.ok(!REFUSED.test(server.log));
    assert.deepEqual(await mail.events(), []);
  }, { password: "wrong" }));

test("the mail server is down when the login begins: the mail comes when it is back, and works", () =>
  withMail({ tls: "none", down: true }, async (mail, server) => {
    const person = await newPerson(browser, server);
    const email = newAddress("down");
    await askForMail(person, email);
    await until("it was tried", () => PUT_OFF.test(server.log));
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    await mail.start();
    const { code } = checkMail(await mail.mailTo(email), email, server);
    await person.page.getByLabel("Code").fill(code);
    await person.page.waitForURL("**/demo");
    await person.close();
  }));

test("451 and a hang-up mean later: the mail comes once. 550 means never: it is not tried again", () =>
  withMail({ tls: "none" }, async (mail, server) => {
    for (const mode of ["451", "drop"]) {
      await mail.setMode(mode);
      const email = newAddress(`later-${mode}`);
      const client = await start(server, email);
      await until("it was refused", async () => (await mail.refusals(email)).length > 0);
      await mail.setMode("ok");
      const { code } = checkMail(await mail.mailTo(email), email, server);
      const answer = await client.post("/auth/_/code", { code });
      assert.equal(answer.location, "/demo");
      assert.equal((await mail.mails(email)).length, 1);
    }
    await mail.setMode("550");
    const never = newAddress("never");
    await start(server, never);
    await until("it was refused for good", () => REFUSED.test(server.log));
    await mail.setMode("ok");
    // Mails of later sign-ins go out meanwhile, and longer than the first retry would have taken.
    for (let i = 0; i < 4; i += 1) {
      const other = newAddress("other");
      await start(server, other);
      await mail.mailTo(other);
      await new Promise((resolve) => setTimeout(resolve, 600));
    }
    assert.equal((await mail.refusals(never)).length, 1);
    assert.deepEqual(await mail.mails(never), []);
    assert.ok(!server.log.includes(never), "the log names nobody");
  }));

test("a product's name with markup in it stays text, in mail and pages", () =>
  withMail({ tls: "none" }, async (mail, server) => {
    const person = await newPerson(browser, server);
    const email = newAddress("hostile");
    await askForMail(person, email);
    const got = await mail.mailTo(email);
    checkMail(got, email, server);
    assert.ok(header(got, "subject")[0].endsWith(`is your code for ${HOSTILE}`));
    assert.ok(got.text.includes(HOSTILE) && !got.html.includes("<img"));
    await person.page.goto("about:blank");
    await person.page.setContent(got.html);
    assert.equal(await person.page.locator("img").count(), 0);
    assert.ok((await person.page.locator("body").innerText()).includes(`Sign in to ${HOSTILE}`));
    await person.page.goto("/auth");
    assert.equal(await person.page.locator(".brand").innerText(), HOSTILE);
    assert.equal(await person.page.locator("img").count(), 0);
    assert.deepEqual(person.troubles, []);
    await person.close();
  }, { appName: HOSTILE }));

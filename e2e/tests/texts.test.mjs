// Texts: through Twilio's API and through the signed webhook, from one to the other, and what the timeline says of it.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import path from "node:path";
import { after, afterEach, before, test } from "node:test";
import { promisify } from "node:util";
import { cookiesOf, newPerson, openBrowser } from "../lib/browser.mjs";
import { ask, Client } from "../lib/http.mjs";
import { newAddress } from "../lib/mailbox.mjs";
import { fakeTwilio, fakeWebhook } from "../lib/providers.mjs";
import { BINARY, startServer } from "../lib/server.mjs";
import { goOn, newPhone, who } from "../lib/suite.mjs";
import { UNLIMITED } from "../lib/tenants.mjs";
import { until } from "../lib/until.mjs";

/** Never `spawnSync`: the stand-ins for Twilio and the webhook answer in this very process. */
const run = promisify(execFile);

let twilio;
let webhook;
let server;
let browser;

const config = (sms) => `
[mail]
providers = ["own"]
[sms]
providers = ${JSON.stringify(sms)}
[whatsapp]
providers = ["texts"]
[providers.texts]
${twilio.config}
[providers.own]
${webhook.config}
[tenants.public]
${UNLIMITED}app_name = "Example"
contact = "EMAIL_OR_PHONE"
default_country = "DE"
resend_gap = "1s"
[tenants.codes]
${UNLIMITED}app_name = "Example"
contact = "PHONE"
flow = "USER_INPUT_CODE"
default_country = "DE"
[tenants.green]
${UNLIMITED}app_name = "Example"
contact = "PHONE"
phone_channel = "whatsapp"
default_country = "DE"
`;

before(async () => {
  [twilio, webhook] = [await fakeTwilio(), await fakeWebhook()];
  server = await startServer({ config: config(["texts", "own"]) });
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
  await twilio?.stop();
  await webhook?.stop();
});
afterEach(() => Object.assign(twilio, { mode: "ok" }) && Object.assign(webhook, { mode: "ok" }));

async function begin(page, typed, tenant) {
  await page.goto(`/auth?tenantId=${tenant}`);
  await who(page).fill(typed);
  await goOn(page).click();
  await page.waitForURL("**/auth/code");
}
const byTwilio = (number) => until(`a text to ${number} by Twilio`, () => twilio.texts.find(({ To }) => To === number));
const byWebhook = (to) => until(`a message to ${to} by webhook`, () => webhook.messages.find(({ data }) => data.to === to));
/** The id of the sign-in that a person's browser waits for. */
const signInOf = async (person) => (await person.context.cookies(`${person.server.origin}/auth/code`)).find(({ name }) => name === "pk_sign_in").value.split(".")[0];

/** `postkey sign-ins show`, on a server's own config and data. */
async function show(from, id, ...more) {
  const options = ["--config", path.join(from.folder, "postkey.toml"), "--data-dir", path.join(from.folder, "data")];
  return (await run(BINARY, ["sign-ins", "show", id, ...more, ...options])).stdout;
}
/** What became of a sign-in after it was asked for, once the last thing that did is `last`. */
async function timeline(from, id, last) {
  let steps = [];
  await until(() => `the timeline ends with ${last}, not ${JSON.stringify(steps)}`, async () => {
    ({ steps } = JSON.parse(await show(from, id, "--json")));
    return steps.at(-1)?.what === last;
  });
  assert.equal(steps[0].what, "asked");
  return steps.slice(1);
}

for (const [tenant, linked] of [["public", true], ["codes", false]]) {
  test(`a login by a text through Twilio (${tenant}): what it is asked, how the text ends, and the timeline`, async () => {
    const person = await newPerson(browser, server);
    const { page } = person;
    const phone = newPhone();
    await begin(page, phone.national, tenant);
    const text = await byTwilio(phone.e164);
    assert.deepEqual(Object.keys(text).sort(), ["Body", "From", "To", "sid"]);
    assert.equal(text.From, "+15005550006");
    const code = text.Body.match(/^(\d{3}) ?(\d{3}) is your code for Example\./).slice(1).join("");
    // Origin-bound: the last line, and nothing after it.
    const lines = text.Body.split("\n");
    assert.equal(lines.at(-1), `@localhost #${code}`);
    assert.equal(lines.at(-2), "");
    assert.equal(text.Body.includes(`${server.origin}/auth/verify?preAuthSessionId=`), linked);
    assert.match(text.Body, /Works for 10 minutes\./);
    assert.doesNotMatch(text.Body, /[\u2066-\u2069]/, "no invisible signs: they make a text cost twice as much");
    const id = await signInOf(person);
    await page.locator("#code").fill(code);
    await page.waitForURL("**/demo");
    const steps = await timeline(server, id, "used");
    assert.deepEqual(steps.map(({ what }) => what), ["queued", "accepted", "used"]);
    assert.deepEqual([steps[1].channel, steps[1].provider, steps[1].answer], ["sms", "texts", text.sid]);
    const private_ = await ask(`${server.privateOrigin}/postkey/sign-ins/${id}`);
    assert.deepEqual(private_.json(), JSON.parse(await show(server, id, "--json")));
    const shown = await show(server, id);
    assert.match(shown, /queued.*\n.*accepted.*texts.*\n.*used/);
    for (const secret of [code, phone.e164, phone.e164.slice(3)]) {
      assert.ok(!shown.includes(secret) && !private_.text.includes(secret), "the timeline names nobody");
      assert.ok(!server.log.includes(secret), "nor does the log");
    }
    assert.equal(webhook.messages.filter(({ data }) => data.to === phone.e164).length, 0);
    assert.deepEqual(person.troubles, []);
    await person.close();
  });
}

test("WhatsApp is the same call with its prefix", async () => {
  const person = await newPerson(browser, server);
  const phone = newPhone();
  await begin(person.page, phone.national, "green");
  const text = await byTwilio(`whatsapp:${phone.e164}`);
  assert.equal(text.From, "whatsapp:+15005550006");
  await person.page.locator("#code").fill(text.Body.match(/^(\d{3}) ?(\d{3})/).slice(1).join(""));
  await person.page.waitForURL("**/demo");
  await person.close();
});

test("mails go by the webhook too: signed, whole, once", async () => {
  const person = await newPerson(browser, server);
  const email = newAddress("webhook");
  await begin(person.page, email, "public");
  const { id, type, timestamp, data } = await byWebhook(email);
  assert.equal(type, "message.send");
  assert.ok(Math.abs(Date.parse(timestamp) - Date.now()) < 300_000);
  assert.equal(data.id, id);
  assert.equal(data.tenant, "public");
  assert.equal(data.channel, "email");
  assert.equal(data.app_name, "Example");
  assert.match(data.code, /^\d{6}$/);
  assert.ok(data.text.includes(data.link) && data.html.includes(data.code.slice(0, 3)) && data.subject.includes("Example"));
  assert.ok(Date.parse(data.expires_at) > Date.now());
  assert.equal(webhook.forged, 0);
  const signIn = await signInOf(person);
  // Somebody looks at the link elsewhere, and then its own browser uses it.
  const other = await newPerson(browser, server);
  await other.page.goto(data.link);
  await other.page.getByRole("button", { name: "Sign in on this device" }).waitFor();
  await timeline(server, signIn, "opened");
  await person.page.goto(data.link);
  await person.page.waitForURL("**/demo");
  const steps = await timeline(server, signIn, "used");
  assert.deepEqual(steps.map(({ what }) => what), ["queued", "accepted", "opened", "used"]);
  assert.deepEqual([steps[1].provider, steps[1].answer], ["own", `own-${webhook.messages.findIndex((m) => m.id === id) + 1}`]);
  assert.equal(webhook.tries.filter((one) => one === id).length, 1);
  await Promise.all([person.close(), other.close()]);
});

test("a webhook that does not answer well is asked again with the same id, and the message comes once", async () => {
  webhook.mode = "broken";
  const client = new Client(server.origin);
  const email = newAddress("again");
  const before = new Set(webhook.tries);
  await client.post("/auth/_/start", { email });
  await until("it was asked", () => webhook.tries.some((id) => !before.has(id)));
  webhook.mode = "ok";
  const { id, data } = await byWebhook(email);
  assert.ok(webhook.tries.filter((one) => one === id).length >= 2);
  assert.equal(webhook.messages.filter((message) => message.id === id).length, 1);
  assert.equal((await client.post("/auth/_/code", { code: data.code })).location, "/demo");
});

test("a number that Twilio knows to be none: nobody else is asked, the timeline says so, and the page does not", async () => {
  twilio.mode = "number";
  const person = await newPerson(browser, server);
  const phone = newPhone();
  await begin(person.page, phone.national, "codes");
  const steps = await timeline(server, await signInOf(person), "refused");
  assert.deepEqual(steps.map(({ what, provider }) => [what, provider]).at(-1), ["refused", "texts"]);
  assert.match(steps.at(-1).answer, /21211/);
  assert.ok(!JSON.stringify(steps).includes(phone.e164.slice(3)), "the provider's words are kept without the number");
  assert.equal(webhook.messages.filter(({ data }) => data.to === phone.e164).length, 0);
  await person.page.getByText(phone.shown).first().waitFor();
  assert.equal(await person.page.getByRole("alert").filter({ hasText: /./ }).count(), 0);
  await person.close();
});

for (const [mode, words] of [["broken", /500/], ["busy", /429/], ["dead", /./]]) {
  test(`Twilio is ${mode}: the webhook takes the text at once, and the timeline tells it`, async () => {
    // A server and a Twilio of its own: a provider that asked to be left alone is, for a while.
    const own = await fakeTwilio();
    own.mode = mode;
    if (mode === "dead") await own.stop();
    const other = await startServer({ config: config(["texts", "own"]).replace(twilio.config, own.config) });
    try {
      const person = await newPerson(browser, other);
      const phone = newPhone();
      await begin(person.page, phone.national, "codes");
      const { data } = await byWebhook(phone.e164);
      assert.equal(data.channel, "sms");
      assert.ok(data.text.endsWith(`@localhost #${data.code}`));
      const id = await signInOf(person);
      await person.page.locator("#code").fill(data.code);
      await person.page.waitForURL("**/demo");
      const steps = await timeline(other, id, "used");
      assert.deepEqual(steps.map(({ what, provider }) => `${what} ${provider ?? ""}`.trim()), ["queued", "failed_over texts", "accepted own", "used"]);
      assert.match(steps[1].answer, words);
      assert.match(await show(other, id), /failed_over .*texts[^]*accepted .*own[^]*used/);
      assert.ok("sAccessToken" in (await cookiesOf(person)));
      await person.close();
    } finally {
      await other.stop();
      if (mode !== "dead") await own.stop();
    }
  });
}

test("an unknown id, and what can be none", async () => {
  const options = ["--config", path.join(server.folder, "postkey.toml"), "--data-dir", path.join(server.folder, "data")];
  for (const id of ["01a2044d-8c3e-7627-b292-98dc0315c7f6", "nonsense"]) {
    await assert.rejects(run(BINARY, ["sign-ins", "show", id, ...options]), { stderr: /no sign-in of this id|cannot be the id/ });
    assert.equal((await ask(`${server.privateOrigin}/postkey/sign-ins/${id}`)).status, 404);
  }
});

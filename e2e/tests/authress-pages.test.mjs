// Logins without any back end: the application asks for the connection `email` or `sms`, people type an address or a number on
// our own pages, and come back to the application. Whoever comes by one door is the same user at the others.
import assert from "node:assert/strict";
import { test } from "node:test";
import { claimsOf, createClient, verifyToken } from "../lib/authress.mjs";
import { loginSuite } from "../lib/authress-suite.mjs";
import { mailTo, newAddress } from "../lib/mailbox.mjs";
import { Fdi } from "../lib/st-fdi.mjs";
import { goOn, newPhone } from "../lib/suite.mjs";
import { UNLIMITED } from "../lib/tenants.mjs";
import { until } from "../lib/until.mjs";

const CONFIG = `[tenants.public]
${UNLIMITED}app_name = "Example"
contact = "EMAIL_OR_PHONE"
`;
const house = loginSuite({ config: CONFIG, prepare: ({ server }) => void createClient(server) });

/** The SDK asks; on one host name it leaves the going to its caller. */
async function ask(person, connectionId, more = {}) {
  const asked = await person.sdk("authenticate", { connectionId, redirectUrl: `${person.origin}/home`, ...more });
  assert.ok(asked.authenticationUrl.startsWith(`${house.api}/login?`), asked.authenticationUrl);
  return asked;
}

/** Types who it is and the code, where the browser is now; ends at the application. */
async function typeCode(person, contact) {
  const { page } = person;
  await page.locator("#who").fill(contact);
  await goOn(page).click();
  await page.locator("input[autocomplete='one-time-code']").waitFor();
  const { code } = await mailTo(house.server, contact);
  await page.locator("input[autocomplete='one-time-code']").fill(code);
  await page.locator("form[action='/auth/_/code'] button").click();
  await backHome(person);
}

async function backHome(person) {
  await until("the application has the page again", () => new URL(person.page.url()).origin === person.origin);
  await person.page.waitForFunction(() => window.client && document.readyState === "complete");
}

/** Who the application says is in. */
async function whoIsIn(person, connectionId) {
  assert.equal(await person.sdk("userSessionExists"), true);
  const identity = await person.sdk("getUserIdentity");
  const token = await person.sdk("ensureToken");
  assert.equal(claimsOf(token).azp, connectionId);
  assert.equal((await verifyToken(house.server, token, house.api)).sub, identity.userId);
  return identity;
}

const kinds = [["email", () => newAddress("nobody")], ["sms", () => newPhone().e164]];
const modes = [["tokens in the address", {}], ["a code", { flowType: "code" }]];
for (const [connection, contact] of kinds) {
  for (const [mode, wishes] of modes) {
    test(`${connection}, ${mode}: in by our own pages, known to the application, out of both`, () =>
      house.with({}, async (person, page) => {
        const to = contact();
        const asked = await ask(person, connection, wishes);
        await page.goto(asked.authenticationUrl);
        await typeCode(person, to);
        const identity = await whoIsIn(person, connection);
        assert.equal(identity[connection === "email" ? "email" : "phone_number"], to);
        const profile = await person.sdk("getUserProfile");
        assert.deepEqual(profile.linkedIdentities, [{ connection: { connectionId: connection, userId: to } }]);
        // Signed in on our pages too: the next time nobody types anything.
        const again = await ask(person, connection, wishes);
        await page.goto(again.authenticationUrl);
        await backHome(person);
        assert.equal((await whoIsIn(person, connection)).userId, identity.userId);
        // Out of the application is out here.
        await person.leave("logout", `${person.origin}/bye`);
        await until("back from logging out", () => page.url().startsWith(`${person.origin}/bye`));
        const third = await ask(person, connection, wishes);
        await page.goto(third.authenticationUrl);
        await page.locator("#who").waitFor();
      }));
  }
}

test("the link of our own mail, opened in the browser that asked, goes on to the application", () =>
  house.with({}, async (person, page) => {
    const to = newAddress("link");
    await page.goto((await ask(person, "email")).authenticationUrl);
    await page.locator("#who").fill(to);
    await goOn(page).click();
    await page.locator("input[autocomplete='one-time-code']").waitFor();
    const { link } = await mailTo(house.server, to);
    await page.goto(link);
    await backHome(person);
    assert.equal((await whoIsIn(person, "email")).email, to);
  }));

test("one person, three doors: the pages, the SuperTokens door and the application have one user", () =>
  house.with({}, async (person, page) => {
    for (const to of [newAddress("same"), newPhone().e164]) {
      const connection = to.startsWith("+") ? "sms" : "email";
      const web = new Fdi(house.server);
      const attempt = await web.start(to);
      const made = (await web.consumeCode(attempt, attempt.code)).json();
      assert.deepEqual([made.status, made.createdNewRecipeUser], ["OK", true]);
      await page.goto((await ask(person, connection)).authenticationUrl);
      const before = (await mailTo(house.server, to)).code;
      await page.locator("#who").fill(to);
      await goOn(page).click();
      await page.locator("input[autocomplete='one-time-code']").waitFor();
      const { code } = await mailTo(house.server, to, 2);
      assert.notEqual(code, before);
      await page.locator("input[autocomplete='one-time-code']").fill(code);
      await page.locator("form[action='/auth/_/code'] button").click();
      await backHome(person);
      assert.equal((await whoIsIn(person, connection)).userId, made.user.id);
      await person.leave("logout", `${person.origin}/bye`);
      await until("back from logging out", () => page.url().startsWith(`${person.origin}/bye`));
      await page.waitForFunction(() => window.client);
      // And the reverse: made here, the same there.
      const other = to.startsWith("+") ? newPhone().e164 : newAddress("reverse");
      await page.goto((await ask(person, connection)).authenticationUrl);
      await typeCode(person, other);
      const { userId } = await whoIsIn(person, connection);
      const third = new Fdi(house.server);
      const again = await third.start(other);
      const known = (await third.consumeCode(again, again.code)).json();
      assert.deepEqual([known.createdNewRecipeUser, known.user.id], [false, userId]);
      await person.leave("logout", `${person.origin}/bye`);
      await until("back from logging out", () => page.url().startsWith(`${person.origin}/bye`));
      await page.waitForFunction(() => window.client);
    }
  }));

test("signed in by an address, where the application asks for a number: the page says so", () =>
  house.with({}, async (person, page) => {
    await page.goto((await ask(person, "email")).authenticationUrl);
    await typeCode(person, newAddress("other"));
    await page.goto((await ask(person, "sms")).authenticationUrl);
    await page.getByRole("heading", { name: "Sign in another way" }).waitFor();
    assert.equal(await page.getByRole("link", { name: /^Back to/ }).count(), 1);
    person.troubles.splice(0);
  }));

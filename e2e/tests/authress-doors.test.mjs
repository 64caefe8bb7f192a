// Whoever comes by one door is the same user at the others: our own pages, the SuperTokens door, an application of Authress' SDK.
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

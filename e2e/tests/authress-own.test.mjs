// Logins without a back end: the application names Postkey's own connection, people see Postkey's pages, and come back to the
// application in the same ways as from a link.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createApplication } from "../lib/authress.mjs";
import { checkIn, checkOut, loginSuite } from "../lib/authress-suite.mjs";
import { mailTo, newAddress } from "../lib/mailbox.mjs";
import { newPhone, textTo, who } from "../lib/suite.mjs";
import { UNLIMITED } from "../lib/tenants.mjs";

const CONFIG = `[tenants.public]\n${UNLIMITED}app_name = "Example"\ncontact = "EMAIL_OR_PHONE"\nresend_gap = "1s"\n`;
const local = loginSuite({ config: CONFIG });
let application;
const domain = loginSuite({ https: true, config: CONFIG, prepare: async ({ server, site }) => { application = await createApplication(server, [`${site.origin}/`]); } });
const EMAIL = { clientId: "email" };
const SMS = { clientId: "sms" };

/** Asks for a login and goes to Postkey's pages, whether the SDK goes there by itself or not. */
async function toPages(person, wish) {
  const { page, house } = person;
  const options = { redirectUrl: `${person.origin}/home`, ...wish };
  if (house === local) await page.goto((await person.sdk("authenticate", options)).authenticationUrl);
  else await person.leave("authenticate", options);
  await page.waitForURL((url) => url.origin === house.api && url.pathname.startsWith("/auth"));
  await who(page).waitFor();
}

/** Types an address or number, and the code that comes. Ends at the application. */
async function signIn(person, contact) {
  const { page, house } = person;
  await who(page).fill(contact);
  await page.keyboard.press("Enter");
  await page.waitForURL((url) => /^\/auth\/(code|sent)$/.test(url.pathname));
  const { code } = contact.includes("@") ? await mailTo(house.server, contact) : await textTo(house.server, contact);
  await page.getByLabel("Code").fill(code);
  await page.keyboard.press("Enter");
  await back(person);
}

async function back({ page, origin }) {
  await page.waitForURL((url) => url.origin === origin);
  await page.waitForFunction(() => window.client && document.readyState === "complete");
}

for (const [mode, house, wish] of [
  ["tokens in the address", local, {}], ["a code", local, { flowType: "code" }],
  ["cookies", domain, {}], ["a code under one domain", domain, { flowType: "code" }],
]) {
  const settings = () => (house === domain ? { applicationId: application } : {});

  test(`${mode}: by mail, and out of the application and of Postkey's pages`, () =>
    house.with(settings(), async (person, page) => {
      const email = newAddress("own");
      await toPages(person, { connectionId: "email", ...wish });
      await signIn(person, email);
      const { token, claims, identity } = await checkIn(person, EMAIL, email);
      assert.deepEqual([identity.email, identity.email_verified], [email, true]);
      assert.equal(person.calls.filter((one) => one.endsWith("/tokens 200")).length, wish.flowType ? 1 : 0);
      const demo = await person.context.newPage();
      await demo.goto(`${house.api}/demo`);
      assert.equal(await demo.locator("#user-id").textContent(), claims.sub, "the same user on Postkey's pages");
      if (house === domain) await person.sdk("logout");
      else {
        await person.leave("logout", `${person.origin}/bye`);
        await page.waitForURL(`${person.origin}/bye`);
      }
      await checkOut(person, token);
      await demo.goto(`${house.api}/demo`);
      assert.equal(await demo.locator("#user-id").count(), 0, "out everywhere in this browser");
    }));

  test(`${mode}: by the link in the mail, opened in the same browser`, () =>
    house.with(settings(), async (person, page) => {
      const email = newAddress("own");
      await toPages(person, { connectionId: "email", ...wish });
      await who(page).fill(email);
      await page.keyboard.press("Enter");
      await page.waitForURL((url) => /^\/auth\/(code|sent)$/.test(url.pathname));
      await page.goto((await mailTo(house.server, email)).link);
      await back(person);
      await checkIn(person, EMAIL, email);
    }));

  test(`${mode}: by text`, () =>
    house.with(settings(), async (person) => {
      const { e164 } = newPhone();
      await toPages(person, { connectionId: "sms", ...wish });
      await signIn(person, e164);
      const { identity } = await checkIn(person, SMS, e164);
      assert.deepEqual([identity.phone_number, identity.phone_number_verified, identity.email], [e164, true, undefined]);
    }));

  test(`${mode}: without a connection, by whatever the pages take; the same person is the same user`, () =>
    house.with(settings(), async (person, page) => {
      const email = newAddress("own");
      await toPages(person, { ...wish });
      await signIn(person, email);
      const first = await checkIn(person, EMAIL, email);
      await person.context.clearCookies();
      await page.goto(`${person.origin}/`);
      await page.evaluate(() => localStorage.clear());
      await toPages(person, { connectionId: "email", ...wish });
      await who(page).fill(email);
      await page.keyboard.press("Enter");
      await page.waitForURL((url) => /^\/auth\/(code|sent)$/.test(url.pathname));
      await page.getByLabel("Code").fill((await mailTo(house.server, email, 2)).code);
      await page.keyboard.press("Enter");
      await back(person);
      assert.equal((await checkIn(person, EMAIL, email)).claims.sub, first.claims.sub);
    }));
}

test("an address where the application asked for a number is another way: the page says so, and leads back", () =>
  local.with({}, async (person, page) => {
    const email = newAddress("way");
    await toPages(person, { connectionId: "sms" });
    await page.goto(`${local.api}/auth?redirectToPath=${encodeURIComponent(new URL(page.url()).searchParams.get("redirectToPath") ?? "")}`);
    await who(page).fill(email);
    await page.keyboard.press("Enter");
    await page.waitForURL((url) => /^\/auth\/(code|sent)$/.test(url.pathname));
    await page.getByLabel("Code").fill((await mailTo(local.server, email)).code);
    await page.keyboard.press("Enter");
    await page.locator(`a[href^="${person.origin}/home"]`).waitFor();
    assert.equal(new URL(page.url()).origin, local.api);
    await page.goto(`${person.origin}/`);
    assert.equal(await person.sdk("userSessionExists"), false);
  }));

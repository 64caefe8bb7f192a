// Limits that people meet: texts that go to no such country or to nobody any more, and a network that types too many wrong
// codes. What is said, what is offered instead, and that nothing typed is lost.
import assert from "node:assert/strict";
import { test } from "node:test";
import { mailTo, mailsTo, newAddress, wrongCode } from "../lib/mailbox.mjs";
import { goOn, newPhone, suite, textTo, who } from "../lib/suite.mjs";
import { UNLIMITED } from "../lib/tenants.mjs";

const NO_COUNTRY = "We do not send messages to that country. Use your email address instead.";
const HELD = "We cannot send messages to that number just now. Use your email address instead.";
const tenant = (name, lines) => `[tenants.${name}]\napp_name = "Example"\nresend_gap = "1s"\n${lines}\n`;

const house = suite({
  config: [
    `[texts]\ncountries = ["DE", "AT"]\nunused_per_country = 2\n`,
    tenant("public", `${UNLIMITED}contact = "EMAIL_OR_PHONE"`),
    tenant("phone", `${UNLIMITED}contact = "PHONE"`),
    tenant("guessed", `sends_per_contact = 0\nsends_per_network = 0\nguesses_per_network = 3`),
  ].join(""),
});

const notice = (page) => page.locator("#said");

async function give(page, typed) {
  await who(page).fill(typed);
  await goOn(page).click();
}

test("a country that no texts go to: said, with the form for an address in its place", () =>
  house.with(async (person, page) => {
    await page.goto("/auth?redirectToPath=/demo");
    await give(page, "+44 7400 123456");
    await notice(page).getByText(NO_COUNTRY).waitFor();
    assert.equal(await who(page).inputValue(), "");
    const email = newAddress("instead");
    await give(page, email);
    await page.waitForURL("**/auth/code");
    await page.locator("#code").fill((await mailTo(house.server, email)).code);
    await page.waitForURL("**/demo");
  }));

test("where there is no other way the number stays, and the menu has only countries that are reached", () =>
  house.with(async (person, page) => {
    await page.goto("/auth?tenantId=phone");
    const offered = await page.locator("#country option").evaluateAll((options) => options.map((option) => option.value).filter(Boolean));
    assert.deepEqual(offered.sort(), ["AT", "DE"]);
    await give(page, "+44 7400 123456");
    await notice(page).getByText("We do not send messages to that country.", { exact: true }).waitFor();
    assert.equal(await who(page).inputValue(), "+44 7400 123456");
  }));

test("texts that nobody used: the country is closed for others, open for a browser that signed in, and addresses go on", () =>
  house.with(async (known, page) => {
    const own = newPhone();
    await page.goto("/auth");
    await give(page, own.e164);
    await page.locator("#code").fill((await textTo(house.server, own.e164)).code);
    await page.waitForURL("**/demo");
    // Two that nobody uses, and then one too many.
    const texts = [newPhone(), newPhone(), newPhone()];
    for (const [n, phone] of texts.entries()) {
      await house.with(async (stranger, page) => {
        await page.goto("/auth");
        await give(page, phone.e164);
        if (n < 2) return page.waitForURL("**/auth/code");
        await notice(page).getByText(HELD).waitFor();
        const email = newAddress("held");
        await give(page, email);
        await page.waitForURL("**/auth/code");
        await mailTo(house.server, email);
      });
    }
    assert.equal((await mailsTo(house.server, texts[2].e164)).length, 0);
    // Whoever used this browser before signs out and in again.
    await known.context.clearCookies({ name: /^(sAccessToken|sRefreshToken|sFrontToken|st-.*|pk_sign_in)$/ });
    await page.goto("/auth");
    await give(page, own.e164);
    await page.waitForURL("**/auth/code");
    await textTo(house.server, own.e164, 2);
  }));

test("too many wrong codes from a network: said, and the link goes on", () =>
  house.with(async (person, page) => {
    for (let n = 0; n < 3; n += 1) {
      await house.with(async (guesser, page) => {
        const email = newAddress("victim");
        await page.goto("/auth?tenantId=guessed");
        await give(page, email);
        await page.waitForURL("**/auth/code");
        await page.locator("#code").fill(wrongCode((await mailTo(house.server, email)).code));
        await page.getByText("That code is wrong", { exact: false }).first().waitFor();
      });
    }
    const email = newAddress("neighbour");
    await page.goto("/auth?tenantId=guessed");
    await give(page, email);
    await page.waitForURL("**/auth/code");
    const mail = await mailTo(house.server, email);
    await page.locator("#code").fill(mail.code);
    await notice(page).getByText(/^Too many wrong codes came from your network\. Try again in 1[45] minutes\.$/).waitFor();
    await page.goto(mail.link);
    await page.waitForURL("**/demo");
  }));

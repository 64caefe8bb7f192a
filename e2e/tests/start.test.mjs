// The start form: what it takes, what it says when it cannot take it, and where it leads.
import assert from "node:assert/strict";
import { test } from "node:test";
import { heading } from "../lib/browser.mjs";
import { mailsTo, newAddress } from "../lib/mailbox.mjs";
import { goOn, hasFocus, newPhone, plain, suite, textTo, who, wrongWith } from "../lib/suite.mjs";
import { UNLIMITED } from "../lib/tenants.mjs";

const CONTACTS = { email: "EMAIL", phone: "PHONE", either: "EMAIL_OR_PHONE" };
const FLOWS = { link: "MAGIC_LINK", code: "USER_INPUT_CODE", both: "USER_INPUT_CODE_AND_MAGIC_LINK" };
let config = `[tenants.public]\n${UNLIMITED}app_name = "Example"\n`;
for (const [contact, method] of Object.entries(CONTACTS)) {
  for (const [flow, name] of Object.entries(FLOWS)) {
    config += `[tenants.${contact}-${flow}]\n${UNLIMITED}app_name = "Example"\ncontact = "${method}"\nflow = "${name}"\ndefault_country = "DE"\n`;
  }
}
config += `[tenants.nowhere]\n${UNLIMITED}app_name = "Example"\ncontact = "EMAIL_OR_PHONE"\n`;
const house = suite({ config });

async function open(page, tenant, query = "") {
  await page.goto(`/auth?tenantId=${tenant}${query}`);
}

/** Types it and goes on, to the waiting page. */
async function ask(page, typed) {
  await who(page).fill(typed);
  await goOn(page).click();
  await page.waitForURL(/\/auth\/(code|sent)$/);
}

// U1: nine tenants, and both kinds of identifier where both are taken.
for (const contact of Object.keys(CONTACTS)) {
  for (const flow of Object.keys(FLOWS)) {
    for (const kind of contact === "either" ? ["email", "phone"] : [contact]) {
      test(`${CONTACTS[contact]} and ${FLOWS[flow]}: in by ${kind}`, () =>
        house.with(async (person, page) => {
          const phone = newPhone();
          const [typed, to, shown] = kind === "phone" ? [phone.national, phone.e164, phone.shown] : Array(3).fill(newAddress("nine"));
          await open(page, `${contact}-${flow}`, "&redirectToPath=%2Fdemo%3Fnine%3D1");
          assert.equal(await page.title(), "Sign in · Example");
          await ask(page, typed);
          const message = await textTo(house.server, to);
          assert.equal(message.channel, kind === "phone" ? "sms" : "email");
          assert.equal(message.code !== null, flow !== "link");
          assert.equal(message.link !== null, flow !== "code");
          await page.getByText(shown).first().waitFor();
          assert.equal(new URL(page.url()).pathname, flow === "link" ? "/auth/sent" : "/auth/code");
          assert.equal(await page.locator("#code").count(), flow === "link" ? 0 : 1);
          const title = { code: "Enter your code", both: "Enter your code", link: kind === "phone" ? "Check your phone" : "Check your email" }[flow];
          assert.equal(await page.title(), `${title} · Example`);
          if (flow === "link") {
            await page.goto(message.link);
          } else {
            await page.locator("#code").fill(message.code);
          }
          await page.waitForURL("**/demo?nine=1");
          assert.equal(await heading(page).textContent(), "You are signed in");
        }));
    }
  }
}

// U2, U5: the same words on leaving the field and on sending.
const REFUSED = [
  ["email-both", "nobody", "Enter one email address, like name@example.com."],
  ["email-both", "two@example.com, three@example.com", "Enter one email address, like name@example.com."],
  ["email-both", "someone@-bad-.example", "Check the part after the @: it is not a domain name."],
  ["phone-both", "hello", "Enter a phone number. Digits and spaces are enough."],
  ["phone-both", "0151 2", "That is not a phone number of this country. Check the digits and the country."],
  ["phone-both", "+49 900 1234567", "That number cannot receive messages. Use another one."],
  ["either-both", "hello", "Enter an email address, like name@example.com, or a phone number."],
  ["either-both", "someone@-bad-.example", "Check the part after the @: it is not a domain name."],
];
for (const [tenant, typed, words] of REFUSED) {
  test(`refused alike on leaving the field and on sending: ${typed.slice(0, 40)} at ${tenant}`, () =>
    house.with(async (person, page) => {
      const asked = [];
      page.on("request", (request) => { if (request.method() === "POST") asked.push(new URL(request.url()).pathname); });
      await open(page, tenant);
      await hasFocus(who(page));
      assert.equal(await who(page).getAttribute("aria-invalid"), null);
      await who(page).fill(typed);
      await page.locator("#language").focus();
      await page.locator("#who[aria-invalid=true]").waitFor();
      const early = await wrongWith(page).textContent();
      assert.equal(early, words);
      assert.deepEqual(asked, ["/auth/_/check"], "looking sends nothing");
      // Typing on takes the words away.
      await who(page).press("End");
      await page.keyboard.type("x");
      assert.equal(await wrongWith(page).textContent(), "");
      assert.equal(await who(page).getAttribute("aria-invalid"), null);
      await who(page).fill(typed);
      await who(page).press("Enter");
      await page.waitForFunction(() => document.title.startsWith("Error: "));
      assert.equal(plain(await page.title()), "Error: Sign in · Example");
      assert.equal(await wrongWith(page).textContent(), early);
      assert.equal(await wrongWith(page).getAttribute("role"), "alert");
      assert.equal(await who(page).getAttribute("aria-describedby"), "who-error");
      assert.equal(await who(page).getAttribute("aria-invalid"), "true");
      assert.equal(await who(page).inputValue(), typed, "what was typed is still there");
      await hasFocus(who(page));
      assert.ok(asked.includes("/auth/_/start"));
      // And after a mend it goes on.
      if (tenant.startsWith("email")) await ask(page, newAddress("mended"));
    }));
}

test("an empty field says what is missing, for each kind of field", () =>
  house.with(async (person, page) => {
    for (const [tenant, words] of [
      ["email-code", "Enter your email address."],
      ["phone-code", "Enter your phone number."],
      ["either-code", "Enter your email address or your phone number."],
    ]) {
      await open(page, tenant);
      await goOn(page).click();
      await page.getByRole("alert").filter({ hasText: words }).waitFor();
      await hasFocus(who(page));
    }
  }));

// U4: one smart field.
test("the smart field takes a number of the tenant's country", () =>
  house.with(async (person, page) => {
    const phone = newPhone();
    await open(page, "either-code");
    assert.equal(await page.locator("#country").count(), 0);
    await ask(page, phone.national.replaceAll(" ", "-"));
    assert.equal((await textTo(house.server, phone.e164)).to, phone.e164);
  }));

test("a number whose country cannot be told: the phone form, the words, and the number filled in", () =>
  house.with(async (person, page) => {
    const phone = newPhone();
    await open(page, "nowhere", "&redirectToPath=%2Fdemo%3Fkept%3D1");
    await who(page).fill(phone.national);
    await goOn(page).click();
    await page.locator("#country").waitFor();
    assert.equal(await wrongWith(page).textContent(), "Enter the number with its country code, or choose the country.");
    assert.equal((await who(page).inputValue()).replace(/\D/g, ""), phone.national.replace(/\D/g, ""));
    assert.equal(await who(page).getAttribute("aria-invalid"), "true");
    assert.equal(await who(page).getAttribute("type"), "tel");
    assert.equal(await page.locator("#country").inputValue(), "");
    assert.equal(plain(await page.title()), "Error: Sign in · Example");
    await hasFocus(who(page));
    await page.locator("#country").selectOption("DE");
    await goOn(page).click();
    await page.waitForURL("**/auth/code");
    const { code } = await textTo(house.server, phone.e164);
    await page.locator("#code").fill(code);
    await page.waitForURL("**/demo?kept=1");
  }, { locale: "en" }));

test("a number that is none of the tenant's country: the phone form with that country and what was typed", () =>
  house.with(async (person, page) => {
    await open(page, "either-code");
    await who(page).fill("0151 23456");
    await goOn(page).click();
    await page.locator("#country").waitFor();
    assert.equal(await page.locator("#country").inputValue(), "DE");
    assert.equal(await wrongWith(page).textContent(), "That is not a phone number of this country. Check the digits and the country.");
    assert.equal((await who(page).inputValue()).replace(/\D/g, ""), "015123456");
  }));

test("a forgotten plus is put in front, with no country known", () =>
  house.with(async (person, page) => {
    const phone = newPhone();
    await open(page, "nowhere");
    await ask(page, phone.e164.slice(1));
    await textTo(house.server, phone.e164);
  }, { locale: "en" }));

test("the switch beside the field keeps what was typed, both ways; Enter means Continue, not the switch", () =>
  house.with(async (person, page) => {
    await open(page, "either-code", "&redirectToPath=%2Fdemo%3Fkept%3D1");
    await who(page).fill("0151 2");
    await page.getByRole("button", { name: "Use a phone number" }).click();
    await page.locator("#country").waitFor();
    assert.equal(await who(page).inputValue(), "0151 2");
    assert.equal(await wrongWith(page).textContent(), "");
    assert.equal(await page.title(), "Sign in · Example", "switching is no error");
    // The browser's own copy of this address is the phone form too: reload and Back work.
    assert.equal(new URL(page.url()).searchParams.get("as"), "phone");
    await who(page).fill("someone@exam");
    await page.getByRole("button", { name: "Use an email address" }).click();
    await page.locator("#country").waitFor({ state: "detached" });
    assert.equal(await who(page).inputValue(), "someone@exam");
    const email = newAddress("switched");
    await who(page).fill(email);
    await who(page).press("Enter");
    await page.waitForURL("**/auth/code");
    const { code } = await textTo(house.server, email);
    await page.locator("#code").fill(code);
    await page.waitForURL("**/demo?kept=1");
  }));

// U14, the network.
test("without a network the forms say so, keep what was typed, and work on the next press", () =>
  house.with(async (person, page) => {
    const email = newAddress("offline");
    await open(page, "email-code");
    await who(page).fill(email);
    await person.context.setOffline(true);
    await goOn(page).click();
    const words = page.getByRole("alert").filter({ hasText: "That did not reach the server." });
    await words.waitFor();
    assert.equal(await who(page).inputValue(), email);
    assert.notEqual(await goOn(page).getAttribute("aria-disabled"), "true");
    await person.context.setOffline(false);
    await goOn(page).click();
    await page.waitForURL("**/auth/code");
    const { code } = await textTo(house.server, email);
    assert.equal((await mailsTo(house.server, email)).length, 1);
    await person.context.setOffline(true);
    await page.locator("#code").fill(code);
    await words.waitFor();
    assert.equal(await page.locator("#code").inputValue(), code);
    await person.context.setOffline(false);
    await goOn(page).click();
    await page.waitForURL("**/demo");
  }));

// A whole login on a phone.
test("on a phone, by touch: number, code from the text, in", () =>
  house.with(async (person, page) => {
    const phone = newPhone();
    const fits = async () => {
      const { inner, wide } = await page.evaluate(() => ({ inner: innerWidth, wide: document.documentElement.scrollWidth }));
      assert.ok(wide <= inner, `${page.url()} is ${wide} wide on ${inner}`);
      for (const control of await page.locator("main button:visible, main input:visible, main select:visible").all()) {
        const box = await control.boundingBox();
        assert.ok(box.height >= 44, `${await control.evaluate((e) => e.outerHTML.slice(0, 90))} is ${box.height} px high`);
      }
    };
    await open(page, "phone-code");
    await fits();
    await who(page).tap();
    await page.keyboard.type(phone.national);
    await goOn(page).tap();
    await page.waitForURL("**/auth/code");
    await fits();
    const { code } = await textTo(house.server, phone.e164);
    await page.locator("#code").tap();
    await page.keyboard.type(code);
    await page.waitForURL("**/demo");
  }, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 3 }));

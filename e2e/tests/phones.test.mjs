// Phone numbers: the list of countries, and every way of writing one.
import assert from "node:assert/strict";
import { test } from "node:test";
import { mailsTo } from "../lib/mailbox.mjs";
import { goOn, hasFocus, newPhone, plain, suite, textTo, who, wrongWith } from "../lib/suite.mjs";
import { UNLIMITED } from "../lib/tenants.mjs";

const house = suite({
  config: `
[tenants.public]
${UNLIMITED}app_name = "Example"
contact = "PHONE"

[tenants.austria]
${UNLIMITED}app_name = "Example"
contact = "PHONE"
default_country = "AT"
`,
});

const country = (page) => page.locator("#country");
/** The countries as they are listed: `[code, words]`. */
const list = (page) => country(page).locator("option").evaluateAll((options) => options.map((option) => [option.value, option.textContent.trim()]));

let last = 0;
/** An Austrian mobile number nobody used before. */
function austrian() {
  last += 1;
  const tail = `1${String((process.pid % 90) + 10)}${String(last).padStart(4, "0")}`;
  return { e164: `+43664${tail}`, national: `0664 ${tail}`, shown: `+43 664 ${tail}` };
}

for (const [locale, title, germany, japan, first] of [
  ["de-AT", "Anmelden", "Deutschland (+49)", "Japan (+81)", "Afghanistan"],
  ["ar", null, "ألمانيا (+49)", "اليابان (+81)", null],
  ["en-GB", "Sign in", "Germany (+49)", "Japan (+81)", "Afghanistan"],
]) {
  test(`the countries in the language of the person: ${locale}`, () =>
    house.with(async (person, page) => {
      await page.goto("/auth");
      assert.equal(await page.locator("html").getAttribute("lang"), locale.slice(0, 2));
      assert.equal(await page.locator("html").getAttribute("dir"), locale === "ar" ? "rtl" : "ltr");
      if (title) assert.equal(await page.title(), `${title} · Example`);
      const all = (await list(page)).map(([code, words]) => [code, plain(words)]);
      const named = Object.fromEntries(all.slice(1));
      assert.ok(all.length > 240, `${all.length} countries`);
      assert.equal(named.DE, germany);
      assert.equal(named.JP, japan);
      if (first) assert.ok(all[1][1].startsWith(first), all[1][1]);
      // In the order of that language, so that people find theirs.
      const names = all.slice(1).map(([, words]) => words.replace(/ \(\+\d+\)$/, ""));
      const wrong = names.findIndex((name, i) => i > 0 && new Intl.Collator(locale).compare(names[i - 1], name) > 0);
      assert.equal(wrong, -1, `${names[wrong - 1]} before ${names[wrong]}`);
      assert.equal(new Set(all.slice(1).map(([code]) => code)).size, all.length - 1, "each is there once");
    }, { locale }));
}

test("the country that is chosen at first: the tenant's, else the browser's, else none", async () => {
  for (const [tenant, locale, expected, words] of [
    ["austria", "de-CH", "AT", "Österreich (+43)"],
    ["public", "de-CH", "CH", "Schweiz (+41)"],
    ["public", "en-US", "US", "United States (+1)"],
    ["public", "fr", "", "Choisissez un pays"],
  ]) {
    await house.with(async (person, page) => {
      await page.goto(`/auth?tenantId=${tenant}`);
      assert.equal(await country(page).inputValue(), expected, `${tenant} ${locale}`);
      const shown = await country(page).evaluate((select) => select.selectedOptions[0].textContent);
      if (expected) assert.equal(plain(shown), words);
    }, { locale });
  }
});

test("a country is found by typing its first letters, and counts", () =>
  house.with(async (person, page) => {
    const phone = newPhone();
    await page.goto("/auth?tenantId=austria");
    // The number first: the field has the focus; the list stands before it.
    await hasFocus(who(page));
    await page.keyboard.press("Shift+Tab");
    await hasFocus(country(page));
    await page.keyboard.type("Germ");
    assert.equal(await country(page).inputValue(), "DE");
    await page.keyboard.press("Tab");
    await hasFocus(who(page));
    await page.keyboard.type(phone.national);
    await page.keyboard.press("Enter");
    await page.waitForURL("**/auth/code");
    assert.equal((await textTo(house.server, phone.e164)).to, phone.e164);
    await page.getByText(phone.shown).first().waitFor();
  }, { locale: "en-GB" }));

const home = austrian;
for (const [what, make] of [
  ["as at home", () => ((n) => [n.national, n])(home())],
  ["as at home, without the zero", () => ((n) => [n.national.slice(1), n])(home())],
  ["with brackets and dashes", () => ((n) => [`(0664) ${n.national.slice(5, 8)}-${n.national.slice(8)}`, n])(home())],
  ["with + and its own code", () => ((n) => [n.e164, n])(home())],
  ["with + and (0)", () => ((n) => [`+43 (0) ${n.national.slice(1)}`, n])(home())],
  ["with + and another country's code", () => ((n) => [n.e164, n])(newPhone())],
  ["with 00 and another country's code", () => ((n) => [`00${n.e164.slice(1)}`, n])(newPhone())],
  ["with a full-width plus and digits", () => ((n) => [[...n.e164].map((c) => String.fromCodePoint(c.codePointAt(0) + 0xfee0)).join(""), n])(newPhone())],
  ["with Arabic digits", () => ((n) => [n.national.replace(/\d/g, (d) => String.fromCodePoint(0x660 + Number(d))), n])(home())],
]) {
  test(`a number ${what}: written right on leaving the field, stored as E.164`, () =>
    house.with(async (person, page) => {
      const [typed, number] = make();
      await page.goto("/auth?tenantId=austria");
      await who(page).fill(typed);
      await page.locator("#language").focus();
      await page.waitForFunction((shown) => document.querySelector("#who").value === shown, number.shown);
      assert.equal(await wrongWith(page).textContent(), "");
      // Once more, and sent at once, with nothing but the server to read it.
      await who(page).fill(typed);
      await who(page).press("Enter");
      await page.waitForURL("**/auth/code");
      await page.getByText(number.shown).first().waitFor();
      const { to, code } = await textTo(house.server, number.e164);
      assert.equal(to, number.e164);
      assert.equal((await mailsTo(house.server, number.e164)).length, 1);
      await page.locator("#code").fill(code);
      await page.waitForURL("**/demo");
    }, { locale: "de" }));
}

test("one person, however the number is written", () =>
  house.with(async (person, page) => {
    const number = austrian();
    const users = new Set();
    for (const [i, typed] of [number.national, number.e164, `0043${number.e164.slice(3)}`].entries()) {
      await person.context.clearCookies();
      await page.goto("/auth?tenantId=austria");
      await who(page).fill(typed);
      await who(page).press("Enter");
      await page.waitForURL("**/auth/code");
      await page.locator("#code").fill((await textTo(house.server, number.e164, i + 1)).code);
      await page.waitForURL("**/demo");
      users.add(await page.locator("#user-id").textContent());
    }
    assert.equal(users.size, 1);
  }));

test("the chosen country stays chosen when the number is refused", () =>
  house.with(async (person, page) => {
    await page.goto("/auth?tenantId=austria");
    await country(page).selectOption("JP");
    await who(page).fill("12345");
    await goOn(page).click();
    await page.locator("#who[aria-invalid=true]").waitFor();
    await page.waitForFunction(() => document.title.startsWith("Error"));
    assert.equal(await country(page).inputValue(), "JP");
    assert.equal(await who(page).inputValue(), "12345");
  }, { locale: "en" }));

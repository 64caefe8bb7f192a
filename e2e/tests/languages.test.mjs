// Languages: chosen by the browser, by the address, by the menu, with and without scripts; the other direction of
// writing; plurals; and messages in the language in which they were asked for.
import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { cookiesOf, heading, newPerson, openBrowser } from "../lib/browser.mjs";
import { mailTo, newAddress, wrongCode } from "../lib/mailbox.mjs";
import { startServer } from "../lib/server.mjs";

const LOCALES = path.resolve(import.meta.dirname, "../../templates/locales");
const FREE = "resend_gap = \"1s\"\nsends_per_contact = 0\nsends_per_network = 0\n";
const CONFIG = `
[tenants.public]
app_name = "Example"
${FREE}
[tenants.polish]
app_name = "Polski"
language = "pl"
${FREE}
[tenants.phones]
app_name = "Phones"
contact = "PHONE"
${FREE}`;
/** What browsers in each language ask for. */
const BROWSERS = {
  en: "en-GB", de: "de-AT", fr: "fr-CA", es: "es-MX", it: "it-CH", pt: "pt-BR", nl: "nl-BE", pl: "pl-PL", tr: "tr-TR", ar: "ar-EG", ja: "ja-JP", ko: "ko-KR", zh: "zh-TW",
};

let server;
let browser;
const words = {};

before(async () => {
  for (const file of await readdir(LOCALES)) {
    if (file.endsWith(".ftl")) words[file.slice(0, -4)] = read(await readFile(path.join(LOCALES, file), "utf8"));
  }
  server = await startServer({ config: CONFIG });
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

/** A language's strings as they stand in its file: text, or the forms of a plural by name. */
function read(text) {
  const strings = {};
  let key = null;
  for (const line of text.split("\n")) {
    const begins = line.match(/^([a-z][a-z0-9-]*) =\s?(.*)$/);
    const form = line.match(/^\s+\*?\[(\w+)\] (.*)$/);
    if (begins) {
      key = begins[1];
      strings[key] = begins[2].startsWith("{") && begins[2].endsWith("->") ? {} : begins[2];
    } else if (form && key) {
      if (typeof strings[key] === "string") strings[key] = {};
      strings[key][form[1]] = form[2];
    }
  }
  return strings;
}

/** A string with its gaps filled in. */
const fill = (text, values) => text.replace(/\{ ?\$(\w+) ?\}/g, (_, name) => values[name]);
/** Without the invisible marks around what was filled in. */
const plain = (text) => text.replace(/[\u200e\u200f\u2066-\u2069]/g, "").trim();
const spoken = (page) => page.evaluate(() => [document.documentElement.lang, document.documentElement.dir]);
const person = (options) => newPerson(browser, server, options);
async function ask(page, email, address = "/auth") {
  await page.goto(address);
  await page.locator("#who").fill(email);
  await page.locator("form.who button:not(.switch)").click();
  await page.waitForURL("**/auth/code");
  await page.locator("#code").waitFor();
}

test("there are thirteen, and the menu has them all by their own names", async () => {
  assert.deepEqual(Object.keys(words).sort(), Object.keys(BROWSERS).sort());
  const one = await person();
  await one.page.goto("/auth");
  const options = await one.page.locator("#language option").evaluateAll((all) => all.map((option) => [option.value, option.lang, option.textContent]));
  assert.deepEqual(options.map(([value]) => value).sort(), Object.keys(BROWSERS).sort());
  assert.ok(options.every(([value, lang, name]) => value === lang && name.length > 1));
  assert.equal(new Set(options.map(([, , name]) => name)).size, options.length);
  await one.close();
});

for (const [lang, locale] of Object.entries(BROWSERS)) {
  test(`a browser that asks for ${locale} gets ${lang}: start, code, mail`, async () => {
    const one = await person({ locale });
    const email = newAddress(`lang-${lang}`);
    const dir = lang === "ar" ? "rtl" : "ltr";
    await one.page.goto("/auth");
    assert.deepEqual(await spoken(one.page), [lang, dir]);
    assert.equal(await heading(one.page).textContent(), words[lang]["start-title"]);
    assert.equal(await one.page.title(), `${words[lang]["start-title"]} · Example`);
    assert.equal(await one.page.locator("label.main").textContent(), words[lang]["email-label"]);
    assert.equal(await one.page.locator("#language").inputValue(), lang);
    await ask(one.page, email);
    assert.deepEqual(await spoken(one.page), [lang, dir]);
    assert.equal(await heading(one.page).textContent(), words[lang]["code-title"]);
    // An address is not turned round by what stands beside it.
    assert.equal(await one.page.locator("main p bdi", { hasText: email }).count(), 1);
    const mail = await mailTo(server, email);
    const subject = fill(words[lang]["mail-sign-in-subject-code"], { code: "CODE", app: "Example" });
    assert.equal(plain(mail.subject).replace(/\d{3}\s?\d{3}/, "CODE"), subject);
    assert.ok(plain(mail.text).startsWith(fill(words[lang]["mail-sign-in-title"], { app: "Example" })), mail.text.slice(0, 100));
    assert.match(mail.html, new RegExp(`<html[^>]* lang="${lang}"`));
    assert.match(mail.html, new RegExp(`dir="${dir}"`));
    await one.page.locator("#code").fill(mail.code);
    await one.page.waitForURL("**/demo");
    assert.deepEqual(one.troubles, []);
    await one.close();
  });
}

test("an address that names a language wins over the browser, and stays; what is not there changes nothing", async () => {
  for (const [query, lang] of [["lang=ja", "ja"], ["ui_locales=sv%20ko%20en", "ko"], ["lang=de-CH", "de"], ["lang=xx", "fr"], ["ui_locales=", "fr"], ["lang=%3Cscript%3E", "fr"]]) {
    const one = await person({ locale: "fr-FR" });
    await one.page.goto(`/auth?${query}`);
    assert.equal((await spoken(one.page))[0], lang, query);
    await one.page.goto("/auth");
    assert.equal((await spoken(one.page))[0], lang, `${query}, next page`);
    assert.deepEqual(one.troubles, []);
    await one.close();
  }
});

test("a browser that asks for what nobody has gets the tenant's language", async () => {
  const one = await person({ locale: "sv-SE" });
  await one.page.goto("/auth?tenantId=polish");
  assert.equal((await spoken(one.page))[0], "pl");
  await one.page.goto("/auth");
  assert.equal((await spoken(one.page))[0], "en");
  await one.close();
});

for (const javaScriptEnabled of [true, false]) {
  test(`the menu changes the language and keeps the place, scripts ${javaScriptEnabled ? "on" : "off"}`, async () => {
    const one = await person({ javaScriptEnabled });
    const { page } = one;
    const choose = async (lang) => {
      const before = await page.locator("html").getAttribute("lang");
      await page.locator("#language").selectOption(lang);
      // Who walks through the menu with the arrow keys chooses only by pressing.
      assert.equal(await page.locator("html").getAttribute("lang"), before);
      await page.locator("[data-language] button").click();
      await page.locator(`html[lang=${lang}]`).waitFor();
    };
    await page.goto("/auth?tenantId=polish&redirectToPath=/demo?x=1");
    assert.ok(await page.locator("[data-language] button").isVisible());
    let posts = 0;
    page.on("request", (request) => { if (request.url().endsWith("/auth/_/language")) posts += 1; });
    await choose("tr");
    assert.equal(await heading(page).textContent(), words.tr["start-title"]);
    const query = new URL(page.url()).searchParams;
    assert.deepEqual([query.get("tenantId"), query.get("redirectToPath")], ["polish", "/demo?x=1"]);
    const email = newAddress("menu");
    await page.locator("#who").fill(email);
    await page.locator("form.who button:not(.switch)").click();
    await page.waitForURL("**/auth/code");
    await choose("it");
    assert.equal(await heading(page).textContent(), words.it["code-title"]);
    assert.equal(new URL(page.url()).pathname, "/auth/code");
    // Asked for again, the message comes in the new language.
    const mail = await mailTo(server, email);
    assert.ok(plain(mail.text).startsWith(fill(words.tr["mail-sign-in-title"], { app: "Polski" })));
    await page.waitForTimeout(1100);
    await page.locator(".more form button").first().click();
    await page.locator(".notice.good").waitFor();
    assert.ok(plain((await mailTo(server, email, 2)).text).startsWith(fill(words.it["mail-sign-in-title"], { app: "Polski" })));
    assert.equal(posts, 2, "one for each press");
    assert.equal((await cookiesOf(one)).pk_lang.httpOnly, true);
    assert.deepEqual(one.troubles, []);
    await one.close();
  });
}

test("on a link's page the menu keeps the secret: the link still signs in", async () => {
  const [asker, other] = [await person(), await person()];
  const email = newAddress("fragment");
  await ask(asker.page, email);
  const { link } = await mailTo(server, email);
  await other.page.goto(link);
  await other.page.locator(".facts").waitFor();
  await other.page.locator("#language").selectOption("es");
  await other.page.locator("[data-language] button").click();
  await other.page.locator("html[lang=es]").waitFor();
  assert.equal(await heading(other.page).textContent(), words.es["verify-title-elsewhere"]);
  assert.equal(new URL(other.page.url()).hash, new URL(link).hash);
  await other.page.getByRole("button", { name: words.es["verify-button"], exact: true }).click();
  await other.page.waitForURL("**/demo");
  assert.deepEqual([...asker.troubles, ...other.troubles], []);
  await asker.close();
  await other.close();
});

test("from right to left the page is mirrored, but codes, addresses and numbers are not", async () => {
  const one = await person({ locale: "ar" });
  const { page } = one;
  await page.goto("/auth");
  const sides = await page.evaluate(() => {
    const card = document.querySelector("main").getBoundingClientRect();
    const range = document.createRange();
    range.selectNodeContents(document.querySelector("h1"));
    const title = range.getBoundingClientRect();
    return { start: card.right - title.right, end: title.left - card.left };
  });
  assert.ok(sides.start < sides.end, "the heading stands on the right");
  assert.equal(await page.locator("#who").getAttribute("dir"), "ltr");
  await ask(page, newAddress("rtl"));
  assert.equal(await page.locator("#code").getAttribute("dir"), "ltr");
  await page.goto("/auth?tenantId=phones");
  assert.equal(await page.locator("#who").getAttribute("dir"), "ltr");
  await one.close();
});

test("countries have names in the language of the page, in its own order", async () => {
  for (const [lang, country, first] of [["de", "Österreich", "Afghanistan"], ["ja", "オーストリア"], ["ar", "النمسا"], ["en", "Austria", "Afghanistan"]]) {
    const one = await person();
    await one.page.goto(`/auth?tenantId=phones&lang=${lang}`);
    const options = (await one.page.locator("#country option").allTextContents()).map((text) => text.trim());
    assert.ok(options.some((option) => option.startsWith(country) && option.includes("+43")), `${lang}: ${country}`);
    if (first) assert.ok(options.slice(0, 3).some((option) => option.startsWith(first)), `${lang}: ${options.slice(0, 3)}`);
    assert.ok(options.length > 240);
    await one.close();
  }
});

for (const lang of ["pl", "ar", "en", "ja"]) {
  test(`tries left are counted with the right plural in ${lang}`, async () => {
    const one = await person({ locale: BROWSERS[lang] });
    const { page } = one;
    const email = newAddress(`plural-${lang}`);
    await ask(page, email);
    const { code } = await mailTo(server, email);
    const form = (key, n) => {
      const forms = words[lang][key];
      const text = typeof forms === "string" ? forms : forms[new Intl.PluralRules(lang).select(n)] ?? forms.other;
      return fill(text, { n });
    };
    for (const left of [4, 3, 2, 1]) {
      await page.locator("#code").fill(wrongCode(code, 5 - left));
      const expected = form("error-wrong-code", left);
      await page.waitForFunction((words) => document.querySelector("#code-error").textContent.replace(/[\u2066-\u2069]/g, "").trim() === words, expected);
      // Loaded again, the page says it in the other place.
      await page.reload();
      await page.waitForFunction((words) => document.querySelector("main").textContent.replace(/[\u2066-\u2069]/g, "").includes(words), form("tries-left", left));
    }
    assert.deepEqual(one.troubles, []);
    await one.close();
  });
}

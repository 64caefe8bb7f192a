// How the real pages look on their way: in light and dark, on a phone, at 320 pixels, for people with other senses;
// with a brand; with hostile words in every place where words come from elsewhere. Pictures are left in `out/`.
import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { askForMail, heading, newPerson, openBrowser, signInByCode } from "../lib/browser.mjs";
import { ask } from "../lib/http.mjs";
import { fits, focused, violations } from "../lib/looking.mjs";
import { mailTo, newAddress, wrongCode } from "../lib/mailbox.mjs";
import { startServer } from "../lib/server.mjs";

const OUT = path.join(import.meta.dirname, "../out");
const DESK = { width: 900, height: 760 };
const FREE = "resend_gap = \"1s\"\nsends_per_contact = 0\nsends_per_network = 0\n";
const HOSTILE = "<script>alert(1)</script>{{7*7}}{% include \"x\" %}\\\"'&amp;";
const LOGO = `<svg xmlns="http://www.w3.org/2000/svg" width="160" height="40" viewBox="0 0 160 40"><rect width="160" height="40" rx="8" fill="#0a7d4b"/></svg>`;
let folder;
let server;
let browser;

before(async () => {
  await mkdir(OUT, { recursive: true });
  folder = await mkdtemp(path.join(tmpdir(), "postkey-e2e-looks-"));
  const logo = path.join(folder, "logo.svg");
  await writeFile(logo, LOGO);
  server = await startServer({
    config: `
[tenants.public]
app_name = "Example"
${FREE}
[tenants.links]
app_name = "Links"
flow = "MAGIC_LINK"
${FREE}
[tenants.brand]
app_name = "Grün & Söhne"
${FREE}
[tenants.brand.brand]
logo = "${logo}"
accent = "#0a7d4b"
background = "#f2f7ee"
radius = 3
terms_url = "https://shop.example/terms"
privacy_url = "https://shop.example/privacy"
support = "help@shop.example"

[tenants.pale]
app_name = "Pale"
${FREE}
[tenants.pale.brand]
accent = "#ffe600"
background = "#fffdf0"
radius = 24

[tenants.hostile]
app_name = ${JSON.stringify(HOSTILE)}
${FREE}`,
  });
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Looks at the screen that is there now, in every way. */
async function look(page, name) {
  await page.mouse.move(0, 0);
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize(DESK);
    await page.screenshot({ path: path.join(OUT, `${name}-${colorScheme}.png`) });
    assert.deepEqual(await violations(page), [], `${name} (${colorScheme})`);
  }
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 320, height: 640 });
  await page.screenshot({ path: path.join(OUT, `${name}-320.png`) });
  await fits(page, `${name} at 320 pixels`);
  await page.setViewportSize(DESK);
}

test("start, code and their messages", async () => {
  const person = await newPerson(browser, server);
  const { page } = person;
  const email = newAddress("looks");
  await page.goto("/auth");
  await look(page, "start");
  await page.locator("#who").fill("nonsense");
  await page.getByRole("button", { name: "Continue" }).click();
  await page.locator("#who-error:not(:empty)").waitFor();
  await look(page, "start-wrong");
  await askForMail(person, email);
  await page.locator("#code").waitFor();
  await look(page, "code");
  const { code } = await mailTo(server, email);
  for (const step of [1, 2, 3, 4, 5]) {
    await page.locator("#code").fill(wrongCode(code, step));
    await page.getByText(step < 5 ? new RegExp(`${step === 4 ? "one try" : `${5 - step} tries`} left`) : "Too many wrong codes").waitFor();
    if (step === 1) await look(page, "code-wrong");
  }
  await look(page, "start-too-many");
  assert.deepEqual(person.troubles, []);
  await person.close();
});

test("link sent, link opened, links that do not work", async () => {
  const person = await newPerson(browser, server);
  const { page } = person;
  const email = newAddress("looks");
  await askForMail(person, email, { tenant: "links" });
  await heading(page).filter({ hasText: "Check your email" }).waitFor();
  await look(page, "sent");
  const { link } = await mailTo(server, email);
  const other = await newPerson(browser, server);
  await other.page.goto(link);
  await other.page.locator(".facts").waitFor();
  await look(other.page, "verify-elsewhere");
  await other.page.goto("about:blank");
  await other.page.goto(link.replace(/#.*/, ""));
  await other.page.getByText("This link was cut short.").waitFor();
  await look(other.page, "verify-cut");
  await page.goto("about:blank");
  await page.goto(link.replace(/#.*/, ""));
  await page.getByRole("button", { name: "Send me a new link" }).waitFor();
  await look(page, "verify-cut-here");
  // An answer without a page keeps the browser where it is, so that this short moment can be looked at.
  await page.route("**/auth/_/verify", (route) => route.fulfill({ status: 204 }));
  await page.goto("about:blank");
  await page.goto(link, { waitUntil: "commit" });
  await heading(page).filter({ hasText: "Signing you in" }).waitFor();
  await look(page, "verify-here");
  await page.unroute("**/auth/_/verify");
  await page.goto("about:blank");
  await page.goto(link);
  await page.waitForURL("**/demo");
  await look(page, "demo");
  await person.context.clearCookies({ name: /^s(Access|Refresh)Token$/ });
  await page.goto("about:blank");
  await page.goto(link);
  await heading(page).filter({ hasText: "used already" }).waitFor();
  await look(page, "link-used");
  assert.deepEqual([...person.troubles, ...other.troubles], []);
  await person.close();
  await other.close();
});

test("signed in: sessions, email and phone, errors, inbox", async () => {
  const person = await newPerson(browser, server);
  const { page } = person;
  await signInByCode(person, newAddress("looks"));
  for (const [address, name] of [["/auth/signed-in", "signed-in"], ["/auth/sessions", "sessions"], ["/auth/identifiers", "identifiers"],
    ["/auth/identifiers/new?add=email", "identifier-new"], ["/dev/inbox", "inbox"], ["/auth/nowhere", "error"]]) {
    await page.goto(address);
    await look(page, name);
  }
  await person.context.clearCookies({ name: "sAccessToken" });
  await page.route("**/auth/session/refresh", () => {});
  await page.goto("/demo");
  await heading(page).filter({ hasText: "One moment" }).waitFor();
  await look(page, "refreshing");
  await person.close();
});

test("long addresses are shown whole and stay inside", async () => {
  const person = await newPerson(browser, server, { viewport: { width: 320, height: 640 } });
  const email = `${"averylongname".repeat(4)}@${"sub-domain.".repeat(6)}example.com`;
  await askForMail(person, email);
  await person.page.locator("#code").waitFor();
  await person.page.getByText(email).waitFor();
  await look(person.page, "code-long-address");
  await person.close();
});

test("the mail fits a phone", async () => {
  const person = await newPerson(browser, server);
  const email = newAddress("looks");
  await askForMail(person, email, { tenant: "brand" });
  const { html } = await mailTo(server, email);
  await person.page.goto("about:blank");
  await person.page.setContent(html);
  await person.page.setViewportSize({ width: 700, height: 620 });
  await person.page.screenshot({ path: path.join(OUT, "mail.png") });
  await person.page.setViewportSize({ width: 320, height: 640 });
  await person.page.screenshot({ path: path.join(OUT, "mail-320.png"), fullPage: true });
  await fits(person.page, "the mail at 320 pixels");
  assert.ok(html.includes("Grün &amp; Söhne"));
  await person.close();
});

test("a brand: logo, colours, corners and links, in light and dark", async () => {
  for (const colorScheme of ["light", "dark"]) {
    const person = await newPerson(browser, server, { colorScheme });
    const { page } = person;
    await page.goto("/auth?tenantId=brand");
    const logo = page.locator(".brand img");
    assert.equal(await logo.getAttribute("alt"), "Grün & Söhne");
    assert.equal(await logo.evaluate((img) => img.complete && img.naturalWidth), 160);
    const styles = () => page.evaluate(() => {
      const of = (what, name) => getComputedStyle(document.querySelector(what))[name];
      return { ground: of("body", "backgroundColor"), button: of("form.who button", "backgroundColor"), corner: of("main", "borderTopLeftRadius") };
    });
    const seen = await styles();
    assert.equal(seen.corner, "3px");
    if (colorScheme === "light") assert.deepEqual(seen, { ground: "rgb(242, 247, 238)", button: "rgb(10, 125, 75)", corner: "3px" });
    const links = await page.locator("footer a").evaluateAll((all) => all.map((a) => [a.textContent, a.href]));
    assert.deepEqual(links, [["Terms", "https://shop.example/terms"], ["Privacy", "https://shop.example/privacy"], ["Help", "mailto:help@shop.example"]]);
    await look(page, "brand-start");
    // It goes along to the next pages.
    await askForMail(person, newAddress("brand"), { tenant: "brand" });
    await page.locator("#code").waitFor();
    await page.emulateMedia({ colorScheme });
    assert.deepEqual(await styles().catch(() => page.evaluate(() => ({
      ground: getComputedStyle(document.body).backgroundColor,
      button: getComputedStyle(document.querySelector("main form button")).backgroundColor,
      corner: getComputedStyle(document.querySelector("main")).borderTopLeftRadius,
    }))), seen);
    assert.equal(await page.locator(".brand img").count(), 1);
    await look(page, "brand-code");
    // Other tenants keep their own look; a colour nobody could read is mended (axe measures it).
    await page.emulateMedia({ colorScheme });
    await page.goto("/auth");
    assert.notDeepEqual(await styles(), seen);
    assert.equal(await page.locator(".brand img").count(), 0);
    await page.goto("/auth?tenantId=pale");
    assert.equal((await styles()).corner, "24px");
    await look(page, "brand-pale");
    assert.deepEqual(person.troubles, []);
    await person.close();
  }
});

test("hostile words in the config are words", async () => {
  const [person, other] = [await newPerson(browser, server), await newPerson(browser, server)];
  for (const one of [person, other]) one.page.on("dialog", (dialog) => one.troubles.push(`dialog: ${dialog.message()}`) && dialog.dismiss());
  const { page } = person;
  const email = newAddress("hostile");
  await page.goto("/auth?tenantId=hostile");
  assert.equal(await page.locator(".brand").textContent(), HOSTILE);
  assert.equal(await page.title(), `Sign in · ${HOSTILE}`);
  await askForMail(person, email, { tenant: "hostile" });
  const mail = await mailTo(server, email);
  assert.ok(!/<script/i.test(mail.html));
  assert.ok(mail.html.includes("{{7*7}}"));
  assert.ok(mail.text.replace(/[\u2066-\u2069]/g, "").includes(HOSTILE), "text is text");
  await other.page.goto("about:blank");
  await other.page.setContent(mail.html);
  assert.equal(await other.page.locator("script").count(), 0);
  await other.page.goto(mail.link);
  await other.page.getByText("This link signs you in to").waitFor();
  assert.ok((await other.page.locator("h1 + p").textContent()).replace(/[\u2066-\u2069]/g, "").includes(HOSTILE));
  await page.locator("#code").fill(mail.code);
  await page.waitForURL("**/demo");
  assert.deepEqual([...person.troubles, ...other.troubles], []);
  await person.close();
  await other.close();
});

test("hostile places are not gone to, and hostile words in fields stay in their fields", async () => {
  const person = await newPerson(browser, server);
  const { page } = person;
  page.on("dialog", (dialog) => person.troubles.push(`dialog: ${dialog.message()}`) && dialog.dismiss());
  const evil = ["javascript:alert(1)", "//evil.example/", "/\\evil.example", "https://evil.example/", "/%0d%0aSet-Cookie:x=1", "data:text/html,x", "\t//evil.example", "/\"><script>alert(1)</script>", "/.//evil.example", "@evil.example"];
  for (const place of evil) {
    await person.context.clearCookies();
    const email = newAddress("evil");
    await askForMail(person, email, { to: place });
    await page.locator("#code").fill((await mailTo(server, email)).code);
    await page.waitForURL((url) => !url.pathname.startsWith("/auth/code"));
    assert.equal(new URL(page.url()).origin, server.origin, place);
    assert.equal(await page.locator("script:not([src])").count(), 0, place);
  }
  // Signed in already: no open redirect either.
  for (const place of evil) {
    await page.goto(`/auth?redirectToPath=${encodeURIComponent(place)}`);
    assert.equal(new URL(page.url()).origin, server.origin, place);
  }
  await person.context.clearCookies();
  for (const typed of ["\"><script>alert(1)</script>", "{{7*7}}@{{7*7}}", "' onfocus=alert(1) autofocus='"]) {
    await page.goto("/auth");
    await page.locator("#who").fill(typed);
    await page.getByRole("button", { name: "Continue" }).click();
    await page.waitForFunction(() => document.title.startsWith("Error: "));
    assert.equal(await page.locator("#who").inputValue(), typed);
  }
  for (const query of ["tenantId=%3Cscript%3Ealert(1)%3C/script%3E", "as=%22%3E%3Cscript%3E", "lang=%22%3E%3Cscript%3E"]) {
    const answer = await ask(`${server.origin}/auth?${query}`, { headers: { accept: "text/html" } });
    assert.ok(!answer.text.includes("<script>"), query);
  }
  assert.deepEqual(person.troubles.filter((trouble) => !/404/.test(trouble)), []);
  await person.close();
});

test("a whole login with the keyboard alone", async () => {
  const person = await newPerson(browser, server);
  const { page } = person;
  const email = newAddress("keys");
  await page.goto("/auth");
  assert.equal(await focused(page), "who", "the field has the focus from the start");
  await page.keyboard.type("nonsense");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.title.startsWith("Error: "));
  assert.equal(await focused(page), "who", "the wrong field keeps the focus");
  const error = page.locator("#who-error");
  assert.equal(await error.getAttribute("role"), "alert");
  assert.equal(await page.locator("#who").getAttribute("aria-describedby"), "who-error");
  await page.keyboard.press("Control+A");
  await page.keyboard.type(email);
  await page.keyboard.press("Enter");
  await page.waitForURL("**/auth/code");
  await page.locator("#code").waitFor();
  assert.equal(await focused(page), "code", "the focus goes along without a reload");
  await page.keyboard.type((await mailTo(server, email)).code);
  await page.waitForURL("**/demo");
  for (const stop of ["Your email and phone", "Where you are signed in", "Log out"]) {
    await page.keyboard.press("Tab");
    assert.equal(await focused(page), stop);
  }
  await page.keyboard.press("Enter");
  await page.waitForURL("**/auth");
  assert.deepEqual(person.troubles, []);
  await person.close();
});

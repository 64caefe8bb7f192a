// Signing in by code, in every way it goes right or wrong.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { askForMail, cookiesOf, goodNews, heading, newPerson, openBrowser, signInByCode } from "../lib/browser.mjs";
import { ask } from "../lib/http.mjs";
import { mailsTo, mailTo, newAddress, wrongCode } from "../lib/mailbox.mjs";
import { startServer } from "../lib/server.mjs";
import { TENANTS } from "../lib/tenants.mjs";
import { until } from "../lib/until.mjs";

let server;
let browser;

before(async () => {
  server = await startServer({ config: TENANTS });
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

/** Runs `story` with a fresh person, and looks that no page did what none may. */
async function with_(story, options) {
  const person = await newPerson(browser, server, options);
  await story(person, person.page);
  assert.deepEqual(person.troubles, []);
  await person.close();
}

for (const [tenant, name] of [[undefined, "a code and a link"], ["codes", "a code only"], ["letters", "a code of letters"]]) {
  test(`in by code, where the mail carries ${name}; the demo page knows the user; log-out ends it`, () =>
    with_(async (person, page) => {
      const email = newAddress("code");
      const mail = await signInByCode(person, email, { tenant });
      assert.equal(mail.link !== null, tenant !== "codes");
      // Only this tenant has another place to go by default.
      await page.waitForURL(tenant === "codes" ? "**/demo?from=code" : "**/demo");
      assert.equal(await heading(page).textContent(), "You are signed in");
      const user = await page.locator("#user-id").textContent();
      const handle = await page.locator("#session-handle").textContent();
      assert.match(user, /^[0-9a-f]{8}-[0-9a-f-]{27}$/);
      const claims = JSON.parse(Buffer.from((await cookiesOf(person)).sAccessToken.value.split(".")[1], "base64url"));
      assert.equal(claims.sub, user);
      assert.equal(claims.sessionHandle, handle);
      await page.getByRole("button", { name: "Log out" }).click();
      await page.waitForURL(tenant ? `**/auth?tenantId=${tenant}` : "**/auth");
      const left = Object.keys(await cookiesOf(person));
      assert.ok(!left.includes("sAccessToken") && !left.includes("sRefreshToken") && !left.includes("sFrontToken"), left.join());
      await page.goto("/demo");
      assert.equal(await heading(page).textContent(), "You are not signed in");
      // Again: the same person, a new session.
      await signInByCode(person, email, { tenant });
      await page.waitForURL("**/demo*");
      assert.equal(await page.locator("#user-id").textContent(), user);
      assert.notEqual(await page.locator("#session-handle").textContent(), handle);
    }));
}

test("a wrong code says how many tries are left; an impossible one costs none; a pasted one may hold spaces", () =>
  with_(async (person, page) => {
    const email = newAddress("wrong");
    await askForMail(person, email);
    const { code } = await mailTo(server, email);
    const field = page.getByLabel("Code");
    assert.equal(await page.locator("#code-error").textContent(), "", "nothing is wrong yet");
    const continue_ = page.getByRole("button", { name: "Continue" });
    await field.fill(wrongCode(code));
    await page.getByText("That code is wrong. You have 4 tries left.").waitFor();
    assert.equal(await field.getAttribute("aria-invalid"), "true");
    assert.equal(await field.evaluate((e) => e === document.activeElement), true);
    for (const impossible of ["12345", "abcdef", "12345678"]) {
      await field.fill(impossible);
      await continue_.click();
      await page.getByText("That is not a whole code.").waitFor();
    }
    await continue_.click();
    await page.locator("#code-error", { hasText: "That is not a whole code." }).waitFor();
    await field.fill(wrongCode(code, 2));
    await page.getByText("You have 3 tries left.").waitFor();
    await field.fill(` ${code.slice(0, 3)} - ${code.slice(3)} `);
    await page.waitForURL("**/demo");
  }));

test("after five wrong codes it starts over with a word about it, still on the way to where it wanted to go", () =>
  with_(async (person, page) => {
    const email = newAddress("five");
    await askForMail(person, email, { to: "/demo?kept=1" });
    const { code } = await mailTo(server, email);
    for (const left of ["4 tries", "3 tries", "2 tries", "one try"]) {
      await page.getByLabel("Code").fill(wrongCode(code, 1 + "4321".indexOf(left[0]) || 5));
      await page.getByText(`You have ${left} left.`).waitFor();
    }
    await page.getByLabel("Code").fill(wrongCode(code, 6));
    await page.waitForURL(/\/auth(\?|$)/);
    await page.getByRole("alert").filter({ hasText: "Too many wrong codes. Start again to get a new one." }).waitFor();
    assert.equal(new URL(page.url()).searchParams.get("redirectToPath"), "/demo?kept=1", "still on the way to where they wanted to go");
    // The message is shown once.
    await page.reload();
    assert.equal(await page.getByText("Too many wrong codes").count(), 0);
    assert.equal(await person.context.cookies().then((all) => all.some((cookie) => cookie.name === "sAccessToken")), false);
    await signInByCode(person, newAddress("five-later"));
    await page.waitForURL("**/demo");
  }));

test("a code that is complete goes off by itself, and only then", () =>
  with_(async (person, page) => {
    const email = newAddress("auto");
    await askForMail(person, email);
    const { code } = await mailTo(server, email);
    let posts = 0;
    page.on("request", (request) => { if (request.url().endsWith("/auth/_/code")) posts += 1; });
    const field = page.getByLabel("Code");
    await field.pressSequentially(code.slice(0, 5), { delay: 20 });
    await field.press("Backspace");
    assert.equal(posts, 0);
    await field.pressSequentially(code.slice(4), { delay: 20 });
    await page.waitForURL("**/demo");
    assert.equal(posts, 1);
  }));

test("asking again: counted down on the page, held to by the server", () =>
  with_(async (person, page) => {
    const email = newAddress("again");
    await askForMail(person, email, { tenant: "codes" });
    const first = await mailTo(server, email);
    const button = page.getByRole("button", { name: /You can ask again in \u2068?0:0[1-6]/ });
    await button.waitFor();
    assert.equal(await button.getAttribute("aria-disabled"), "true");
    await button.click({ force: true });
    // By hand, past the page: the server says the same.
    const told = await page.evaluate(async () => {
      const form = new URLSearchParams(new FormData(document.querySelector("form[action='/auth/_/resend']")));
      return (await fetch("/auth/_/resend", { method: "POST", body: form, headers: { accept: "application/json" } })).json();
    });
    assert.equal(told.location, "/auth/code");
    await page.reload();
    await page.getByRole("alert").filter({ hasText: "Wait a moment before you ask again." }).waitFor();
    assert.equal((await mailsTo(server, email)).length, 1);
    const ready = page.getByRole("button", { name: "Send it again" });
    await ready.waitFor();
    await ready.click();
    await goodNews(page, "A new message is on its way.");
    const second = await mailTo(server, email, 2);
    assert.notEqual(second.code, first.code);
    await page.getByRole("button", { name: /You can ask again in/ }).waitFor();
    // The older code of the same sign-in still works: mails overtake each other.
    await page.getByLabel("Code").fill(first.code);
    await page.waitForURL("**/demo*");
  }));

test("another email can be used; the first one's code is dead then", () =>
  with_(async (person, page) => {
    const [first, second] = [newAddress("first"), newAddress("second")];
    await askForMail(person, first);
    const old = await mailTo(server, first);
    await page.getByRole("button", { name: "Use another email address" }).click();
    await page.waitForURL(/\/auth$/);
    await page.getByLabel("Email").fill(second);
    await page.getByRole("button", { name: "Continue" }).click();
    await page.waitForURL("**/auth/code");
    await page.getByText(second).waitFor();
    const { code } = await mailTo(server, second);
    if (old.code !== code) {
      await page.getByLabel("Code").fill(old.code);
      await page.getByText("You have 4 tries left.").waitFor();
    }
    await page.getByLabel("Code").fill(code);
    await page.waitForURL("**/demo");
  }));

test("redirectToPath is honoured when it stays here, refused in every disguise", () =>
  with_(async (person, page) => {
    await signInByCode(person, newAddress("place"), { to: "/demo?room=7#top" });
    await page.waitForURL("**/demo?room=7#top");
    await person.context.clearCookies();
    for (const evil of ["//evil.example", "/\\evil.example", "\\\\evil.example", "https:evil.example", "https://evil.example/", "%2f%2fevil.example", "/%2fevil.example", "javascript:alert(1)"]) {
      await page.goto(`/auth?redirectToPath=${encodeURIComponent(evil)}`);
      const place = page.locator("input[name=redirectToPath]");
      const kept = (await place.count()) ? new URL(await place.inputValue(), server.origin) : null;
      assert.ok(kept === null || kept.origin === server.origin, `${evil} became ${kept}`);
      if (!kept) await page.getByText("asked for a place that is not allowed").waitFor();
    }
    await signInByCode(person, newAddress("place"), { to: "//evil.example" });
    await page.waitForURL("**/demo");
  }));

test("who is signed in already goes straight on", () =>
  with_(async (person, page) => {
    await signInByCode(person, newAddress("already"));
    await page.waitForURL("**/demo");
    await page.goto("/auth?redirectToPath=%2Fdemo%3Fx%3D1");
    assert.equal(new URL(page.url()).search, "?x=1");
    await page.goto("/");
    assert.equal(new URL(page.url()).pathname, "/demo");
  }));

test("an access token that has gone is renewed by the page itself", () =>
  with_(async (person, page) => {
    await signInByCode(person, newAddress("renew"));
    await page.waitForURL("**/demo");
    const before = await cookiesOf(person);
    const handle = await page.locator("#session-handle").textContent();
    await person.context.clearCookies({ name: "sAccessToken" });
    await page.goto("/demo");
    await page.locator("#user-id").waitFor();
    assert.equal(await page.locator("#session-handle").textContent(), handle);
    const now = await cookiesOf(person);
    assert.notEqual(now.sRefreshToken.value, before.sRefreshToken.value);
    assert.ok(now.sAccessToken.value);
    // Both gone: the page says so, and leads to the start form.
    await person.context.clearCookies({ name: "sAccessToken" });
    await person.context.clearCookies({ name: "sRefreshToken" });
    await page.goto("/demo");
    await page.getByRole("heading", { name: "You are not signed in" }).waitFor();
    await page.getByRole("link", { name: "Sign in" }).click();
    await page.getByLabel("Email").waitFor();
  }));

test("an address that is none is refused by the page, and by the server alike", () =>
  with_(async (person, page) => {
    await page.goto("/auth");
    const words = { "": "Enter your email address.", "a@b": "Check the part after the @: it is not a domain name." };
    for (const wrong of ["", "nobody", "a@b", "two@example.com, three@example.com"]) {
      await page.getByLabel("Email").fill(wrong);
      await page.getByRole("button", { name: "Continue" }).click();
      await page.locator("#who-error", { hasText: words[wrong] ?? "Enter one email address, like name@example.com." }).waitFor();
      assert.equal(await page.getByLabel("Email").inputValue(), wrong, "what was typed is still there");
    }
    // What only the server can see comes back with what was typed still there.
    await page.getByLabel("Email").fill("someone@-bad-.example");
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByText("Check the part after the @").waitFor();
    assert.equal(await page.getByLabel("Email").inputValue(), "someone@-bad-.example");
  }));

test("no page there: a plain word and the request's id, which the log knows too", () =>
  with_(async (person, page) => {
    const answer = await page.goto("/auth/nowhere");
    assert.equal(answer.status(), 404);
    assert.equal(await heading(page).textContent(), "Nothing here");
    const id = answer.headers()["x-request-id"];
    await page.locator("main", { hasText: new RegExp(`Request \\u2068?${id}`) }).waitFor();
    await until("the log knows the request", () => server.log.includes(id));
    const wrongWay = await ask(`${server.origin}/auth/_/start`, { headers: { accept: "text/html" } });
    assert.equal(wrongWay.status, 405);
  }));

test("when the background request fails, the form says so and keeps what was typed; the next press works", () =>
  with_(async (person, page) => {
    const email = newAddress("plain");
    let failed = 0;
    await page.route("**/auth/_/start", (route) => {
      failed += 1;
      return failed === 1 ? route.fulfill({ status: 503, json: { message: "not now", requestId: "x" } }) : route.continue();
    });
    await page.goto("/auth");
    await page.getByLabel("Email").fill(email);
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByRole("alert").filter({ hasText: "not now" }).waitFor();
    assert.equal(await page.getByLabel("Email").inputValue(), email);
    await page.getByRole("button", { name: "Continue" }).click();
    await page.waitForURL("**/auth/code");
    assert.equal(failed, 2);
    await page.getByText(email).waitFor();
    assert.equal((await mailsTo(server, email)).length, 1);
  }));

test("back and forth in the history shows what is true now", () =>
  with_(async (person, page) => {
    const email = newAddress("history");
    await page.goto("/auth");
    await page.getByLabel("Email").fill(email);
    await page.getByRole("button", { name: "Continue" }).click();
    await page.waitForURL("**/auth/code");
    await page.goBack();
    await page.getByLabel("Email").waitFor();
    assert.equal(await page.title(), "Sign in · Example");
    await page.goForward();
    await page.getByLabel("Code").waitFor();
    await page.getByText(email).waitFor();
  }));

// Where the application lives: on the server's own origin behind one proxy, or on another one with CORS; and links that
// cross from our pages into the application and back.
import assert from "node:assert/strict";
import { test } from "node:test";
import { askForMail, newPerson } from "../lib/browser.mjs";
import { ask as http } from "../lib/http.mjs";
import { mailTo, newAddress } from "../lib/mailbox.mjs";
import { ask, button, give, openLogin, problem, signedIn, signIn, type, ui, watchPreflights } from "../lib/react.mjs";
import { Fdi } from "../lib/st-fdi.mjs";
import { frontSuite, tenant } from "../lib/st-suite.mjs";
import { UNLIMITED } from "../lib/tenants.mjs";

const FRIEND = "http://friend.example";
const across = frontSuite((site) => `
${tenant("public", site)}
${tenant("links", site, 'flow = "MAGIC_LINK"')}
[tenants.pages]
${UNLIMITED}app_name = "Pages"
allowed_origins = ["${site}", "${FRIEND}"]
[tenants.deep]
${UNLIMITED}app_name = "Deep"
website_domain = "${site}"
website_base_path = "/login/here"
[tenants.alone]
${UNLIMITED}app_name = "Alone"
`);
const together = frontSuite((site) => tenant("public", site), { sameOrigin: true });

for (const mode of ["cookie", "header"]) {
  test(`${mode}: one origin, both base paths /auth: in by code and by link, a protected call, renewed, out`, () =>
    together.with({ tokenTransferMethod: mode }, async (person, page) => {
      const preflights = await watchPreflights(person);
      const email = newAddress("same");
      const user = await signIn(person, together.server, email);
      assert.deepEqual(await person.sdk("call"), { status: "OK", isVerified: true });
      assert.equal(await person.sdk("refresh"), true);
      await person.sdk("signOut");
      const { link } = await ask(person, together.server, email);
      assert.ok(link.startsWith(`${together.site.origin}/auth/verify?`), link);
      await page.goto(link);
      assert.equal(await signedIn(person), user);
      assert.deepEqual(preflights, [], "nothing to ask first within one origin");
    }));

  test(`${mode}: another origin: the browser asks first, and then in, called, renewed and out`, () =>
    across.with({ tokenTransferMethod: mode }, async (person) => {
      const preflights = await watchPreflights(person);
      await signIn(person, across.server, newAddress("cross"));
      assert.deepEqual(await person.sdk("call"), { status: "OK", isVerified: true });
      assert.equal(await person.sdk("refresh"), true);
      await person.sdk("signOut");
      assert.equal(await person.sdk("exists"), false);
      // The browser may keep an answer for a while: each path is asked about once at least.
      for (const path of ["/session/refresh", "/signinup/code", "/signinup/code/consume", "/user/email/verify", "/signout"]) {
        assert.ok(preflights.includes(`OPTIONS /auth${path}`), `${path} in ${preflights}`);
      }
    }));
}

test("an origin that the tenant does not name: the browser gets nothing, the form says that something went wrong", () =>
  across.with({}, async (person, page) => {
    await openLogin(person, { tenant: "alone" });
    await give(person, newAddress("foreign"));
    await problem(page).waitFor();
    assert.equal(await person.sdk("exists"), false);
    // The browser and the SDK say so too.
    const said = person.troubles.splice(0, person.troubles.length);
    assert.deepEqual(said.filter((words) => !/CORS policy|Failed to fetch/.test(words)), []);
  }));

test("CORS by tenant: whose origin is named is told, nobody else is, and never everybody", async () => {
  const ASKED = { "access-control-request-method": "POST", "access-control-request-headers": "content-type,fdi-version,rid,st-auth-mode" };
  const allowed = [
    ["", across.site.origin], ["", across.server.origin], ["/links", across.site.origin],
    ["/pages", FRIEND], ["/pages", across.site.origin], ["/alone", across.server.origin],
  ];
  for (const [segment, origin] of allowed) {
    const url = `${across.server.origin}/auth${segment}/signinup/code`;
    const told = await http(url, { method: "OPTIONS", headers: { ...ASKED, origin } });
    assert.ok([200, 204].includes(told.status), `${segment} ${origin}: ${told.status}`);
    assert.equal(told.headers["access-control-allow-origin"], origin, `${segment} ${origin}`);
    assert.equal(told.headers["access-control-allow-credentials"], "true");
    assert.match(told.headers.vary, /origin/i);
    const names = told.headers["access-control-allow-headers"].toLowerCase().split(/, */);
    for (const name of ["content-type", "rid", "fdi-version", "st-auth-mode", "anti-csrf", "authorization"]) assert.ok(names.includes(name), name);
    const methods = told.headers["access-control-allow-methods"].split(/, */);
    for (const name of ["GET", "POST", "PUT", "DELETE"]) assert.ok(methods.includes(name), name);
  }
  const foreign = [
    ["", FRIEND], ["", "null"], ["", "http://localhost:1"], ["/alone", across.site.origin], ["/pages", `${FRIEND}.evil.example`],
  ];
  for (const [segment, origin] of foreign) {
    const url = `${across.server.origin}/auth${segment}/signinup/code`;
    const asked = await http(url, { method: "OPTIONS", headers: { ...ASKED, origin } });
    assert.equal(asked.headers["access-control-allow-origin"], undefined, `${segment} ${origin}`);
    // Who does not ask first is refused all the same, and nothing is sent.
    const headers = { origin, "content-type": "application/json", rid: "passwordless" };
    const email = newAddress("foreign");
    const told = await http(url, { method: "POST", headers, body: JSON.stringify({ email }) });
    assert.equal(told.status, 400, `${segment} ${origin}`);
    assert.equal(typeof told.json().message, "string");
    assert.equal(told.headers["access-control-allow-origin"], undefined);
    assert.deepEqual((await http(`${across.server.origin}/dev/inbox.json?to=${email}`)).json(), []);
  }
});

test("a foreign origin can neither renew nor end a session", async () => {
  const one = new Fdi(across.server);
  await one.signIn(newAddress("foreign"));
  for (const origin of ["https://evil.example", "null"]) {
    for (const answer of [await one.refresh(one.refreshToken, { origin }), await one.signOut({ origin })]) {
      assert.equal(answer.status, 403);
      assert.equal(answer.headers["access-control-allow-origin"], undefined);
      assert.equal(answer.headers["front-token"], undefined, "a session is not cleared from elsewhere");
      assert.deepEqual(answer.cookies, []);
    }
  }
  assert.equal((await one.refresh()).status, 200);
  // The session's tenant decides, not the path, which names none: to a page that another tenant allows there is no session.
  for (const answer of [await one.refresh(one.refreshToken, { origin: FRIEND }), await one.signOut({ origin: FRIEND })]) {
    assert.deepEqual([answer.status, answer.headers["front-token"], answer.cookies], [401, "remove", []]);
  }
  assert.equal((await one.refresh(one.refreshToken, { origin: across.site.origin })).status, 200);
  assert.deepEqual((await one.signOut({ origin: across.site.origin })).json(), { status: "OK" });
  // Without a session there is none to decide by, and a fresh page of any tenant asks.
  const friend = new Fdi(across.server, { tenant: "pages", origin: FRIEND });
  const fresh = await friend.refresh(null);
  assert.deepEqual([fresh.status, fresh.headers["access-control-allow-origin"]], [401, FRIEND]);
  await friend.signIn(newAddress("friend"));
  assert.equal((await friend.refresh()).status, 200);
  assert.deepEqual((await friend.signOut()).json(), { status: "OK" });
});

test("a link mailed to somebody who began on our own pages opens in the application", async () => {
  const person = await newPerson(across.browser, across.server, { mayGoTo: [across.site.origin] });
  const email = newAddress("crossing");
  await askForMail(person, email, { tenant: "links" });
  const { link } = await mailTo(across.server, email);
  assert.ok(link.startsWith(`${across.site.origin}/auth/verify?`), link);
  await person.close();
  await across.with({}, async (other, page) => {
    await page.goto(link);
    await button(page, "CONTINUE").click();
    await signedIn(other);
    assert.equal((await other.sdk("payload")).tId, "links");
  });
});

test("without a website of the tenant's, a link asked for in the application opens on our own page", () =>
  across.with({}, async (person) => {
    const email = newAddress("crossing");
    const { link } = await ask(person, across.server, email, { tenant: "pages" });
    assert.ok(link.startsWith(`${across.server.origin}/auth/verify?`), link);
    const other = await newPerson(across.browser, across.server);
    await other.page.goto(link);
    await other.page.getByRole("button", { name: "Sign in on this device" }).click();
    await other.page.waitForURL("**/demo");
    assert.deepEqual(other.troubles, []);
    await other.close();
  }));

test("a code asked for in the application is as good as the link: one attempt, two doors", () =>
  across.with({}, async (person, page) => {
    const email = newAddress("crossing");
    const { code } = await ask(person, across.server, email, { tenant: "pages" });
    await ui(page).getByText("Enter OTP").waitFor();
    await type(person, code);
    const user = await signedIn(person);
    // The same person on our pages is the same user.
    const other = await newPerson(across.browser, across.server);
    await askForMail(other, email, { tenant: "pages" });
    await other.page.getByLabel("Code").fill((await mailTo(across.server, email, 2)).code);
    await other.page.keyboard.press("Enter");
    await other.page.waitForURL("**/demo");
    assert.equal(await other.page.locator("#user-id").textContent(), user);
    await other.close();
  }));

test("an application with its pages elsewhere than under /auth: the link knows", () =>
  across.with({ websiteBasePath: "/login/here" }, async (person, page) => {
    const { link } = await ask(person, across.server, newAddress("deep"), { tenant: "deep", base: "/login/here" });
    assert.match(link, new RegExp(`^${across.site.origin}/login/here/verify\\?preAuthSessionId=[\\w-]+&tenantId=deep#[\\w-]+$`));
    await page.goto(link);
    await signedIn(person);
  }));

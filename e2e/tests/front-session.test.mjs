// The session in the hands of the application: a fresh browser, cookies and headers, new people, two tabs and an expired
// token, a refresh token that came back, sign-out, and a payload as large as a browser's cookie takes.
import assert from "node:assert/strict";
import { test } from "node:test";
import { cookiesOf } from "../lib/browser.mjs";
import { ask as http } from "../lib/http.mjs";
import { newAddress } from "../lib/mailbox.mjs";
import { answerOf, ask, openLogin, signedIn, signIn, type, ui } from "../lib/react.mjs";
import { Fdi, readFront } from "../lib/st-fdi.mjs";
import { frontSuite, tenant } from "../lib/st-suite.mjs";
import { until } from "../lib/until.mjs";

const house = frontSuite((site) => `
${tenant("public", site)}
${tenant("brief", site, 'access_token_lifetime = "10s"')}
${tenant("strict", site, 'refresh_grace = "1s"')}
`);

const REFRESH = "/auth/session/refresh";
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** What the browser holds of a session in either mode. */
async function held(person, mode) {
  const cookies = await cookiesOf(person);
  const [access, refresh] = mode === "cookie" ? ["sAccessToken", "sRefreshToken"] : ["st-access-token", "st-refresh-token"];
  return { access: cookies[access]?.value || undefined, refresh: cookies[refresh]?.value || undefined, cookies };
}

for (const mode of ["cookie", "header"]) {
  const config = { tokenTransferMethod: mode };

  test(`${mode}: a fresh browser asks once, is told 401, and never asks again`, () =>
    house.with(config, async (person, page) => {
      await page.goto("/");
      await page.locator("#nobody").waitFor();
      assert.deepEqual(person.calls, [`POST ${REFRESH} 401`]);
      await page.reload();
      await page.locator("#nobody").waitFor();
      assert.equal(await person.sdk("exists"), false);
      await openLogin(person);
      await ui(page).locator("input[name=email]").waitFor();
      assert.deepEqual(person.calls, [`POST ${REFRESH} 401`]);
    }));

  test(`${mode}: in by code, a protected call, renewed, out`, () =>
    house.with(config, async (person, page) => {
      await page.goto("/inside");
      await page.waitForURL(/\/auth\/?\?/);
      const email = newAddress("happy");
      const { code } = await ask(person, house.server, email, { query: { redirectToPath: "/inside" } });
      await type(person, code);
      const user = await signedIn(person);
      assert.equal(new URL(page.url()).pathname, "/inside");
      // Somebody new comes with the login method they used; without it the page would break (contract §10.1).
      const told = await answerOf(person, "/auth/signinup/code/consume");
      assert.deepEqual([told.status, told.createdNewRecipeUser, told.user.id], ["OK", true, user]);
      assert.deepEqual(told.user.loginMethods.map((one) => [one.recipeId, one.email, one.verified]), [["passwordless", email, true]]);

      const first = await held(person, mode);
      assert.ok(first.access && first.refresh);
      if (mode === "cookie") {
        assert.deepEqual([first.cookies.sAccessToken.path, first.cookies.sAccessToken.httpOnly], ["/", true]);
        assert.deepEqual([first.cookies.sRefreshToken.path, first.cookies.sRefreshToken.httpOnly], [REFRESH, true]);
        assert.equal(first.cookies["st-access-token"], undefined);
      } else {
        assert.equal(first.cookies.sAccessToken, undefined, "no cookies of the server's in header mode");
        assert.equal(first.cookies.sRefreshToken, undefined);
      }
      assert.deepEqual(await person.sdk("call"), { status: "OK", isVerified: true });
      assert.equal(await person.sdk("user"), user);

      assert.equal(await person.sdk("refresh"), true);
      const second = await held(person, mode);
      assert.notEqual(second.refresh, first.refresh);
      assert.notEqual(second.access, first.access);
      assert.deepEqual(await person.sdk("call"), { status: "OK", isVerified: true });

      await page.goto("/");
      await page.locator("#sign-out").click();
      await page.locator("#nobody").waitFor();
      assert.equal(await person.sdk("exists"), false);
      const last = await held(person, mode);
      assert.deepEqual([last.access, last.refresh], [undefined, undefined]);
      assert.deepEqual(person.callsTo("/auth/signout"), ["POST /auth/signout 200"]);
      const session = (await person.sdk("trace")).filter((one) => one.recipe === "session").map((one) => one.action);
      for (const event of ["SESSION_CREATED", "REFRESH_SESSION", "SIGN_OUT"]) assert.ok(session.includes(event), `${event} in ${session}`);
      // What was held is worth nothing any more.
      const thief = new Fdi(house.server, { mode });
      assert.equal((await thief.refresh(second.refresh)).status, 401);
      await page.reload();
      await page.locator("#nobody").waitFor();
    }));

  test(`${mode}: somebody known comes back as the same user, and is not new`, async () => {
    const email = newAddress("known");
    let user;
    await house.with(config, async (person) => {
      user = await signIn(person, house.server, email);
    });
    await house.with(config, async (person) => {
      assert.equal(await signIn(person, house.server, email), user);
      assert.equal((await answerOf(person, "/auth/signinup/code/consume")).createdNewRecipeUser, false);
      const done = (await person.sdk("trace")).find((one) => one.action === "SUCCESS");
      assert.equal(done.isNewUser, false);
    });
  });

  test(`${mode}: an access token expires while two tabs are open: it is renewed once, or by each tab to the same end, and every call is answered`, () =>
    house.with(config, async (person, page) => {
      await signIn(person, house.server, newAddress("tabs"), { tenant: "brief" });
      const tab = await person.context.newPage();
      await tab.goto("/");
      await tab.locator("#user").waitFor();
      const { exp } = await person.sdk("payload");
      await wait(Math.max(0, exp * 1000 - Date.now()) + 1_200);
      const before = person.calls.length;
      const told = await Promise.all([page, page, tab, tab].map((one) => person.sdk("call", one)));
      for (const one of told) assert.deepEqual(one, { status: "OK", isVerified: true });
      const since = person.calls.slice(before);
      assert.ok(since.includes("GET /auth/user/email/verify 401"), "the server noticed");
      // Usually one: the SDK's tabs wait for each other, as far as a busy machine lets them. A second one gets the same successor.
      const renewals = since.filter((call) => call.includes(REFRESH));
      assert.ok(renewals.length === 1 || renewals.length === 2, `${renewals}`);
      assert.ok(renewals.every((call) => call === `POST ${REFRESH} 200`), `${renewals}`);
      assert.ok((await person.sdk("payload", tab)).exp > exp);
      assert.equal((await person.sdk("payload")).exp, (await person.sdk("payload", tab)).exp);
    }));

  test(`${mode}: a replaced refresh token that comes back after the grace ends the session, in the application too`, () =>
    house.with(config, async (person, page) => {
      await signIn(person, house.server, newAddress("theft"), { tenant: "strict" });
      const { refresh: stolen } = await held(person, mode);
      assert.equal(await person.sdk("refresh"), true);
      await wait(1_300);
      const thief = new Fdi(house.server, { mode });
      const caught = await thief.refresh(stolen);
      assert.deepEqual([caught.status, caught.json().message, caught.headers["front-token"]], [401, "token theft detected", "remove"]);
      assert.equal(await person.sdk("refresh"), false);
      assert.equal(await person.sdk("exists"), false);
      const now = await held(person, mode);
      assert.deepEqual([now.access, now.refresh], [undefined, undefined]);
      await page.goto("/inside");
      await page.waitForURL(/\/auth\/?\?/);
    }));

  test(`${mode}: a replaced refresh token within the grace is answered, and nobody is signed out`, () =>
    house.with(config, async (person) => {
      await signIn(person, house.server, newAddress("grace"));
      const { refresh } = await held(person, mode);
      assert.equal(await person.sdk("refresh"), true);
      const { refresh: current } = await held(person, mode);
      const again = new Fdi(house.server, { mode });
      assert.equal((await again.refresh(refresh)).status, 200);
      assert.equal(again.refreshToken, current, "the same successor");
      assert.deepEqual(await person.sdk("call"), { status: "OK", isVerified: true });
    }));

  test(`${mode}: a session that ended elsewhere ends here at the next call`, () =>
    house.with(config, async (person, page) => {
      await signIn(person, house.server, newAddress("ended"));
      const elsewhere = new Fdi(house.server, { mode });
      elsewhere.access = (await held(person, mode)).access;
      assert.deepEqual((await elsewhere.signOut()).json(), { status: "OK" });
      await page.evaluate(() => window.sdk.call().catch(() => null));
      assert.equal(await person.sdk("exists"), false);
      await page.locator("#nobody").waitFor();
      const session = (await person.sdk("trace")).map((one) => one.action);
      assert.ok(session.includes("UNAUTHORISED"), session.join());
    }));

  test(`${mode}: a payload of nearly 3 KB arrives whole and is renewed`, () =>
    house.with(config, async (person) => {
      await signIn(person, house.server, newAddress("large"));
      const front = async () => (await cookiesOf(person)).sFrontToken.value;
      const small = Buffer.from(await front(), "base64").length;
      const { sessionHandle, iss, "st-ev": verified } = await person.sdk("payload");
      // A back end puts claims into the token; the frontend door hands them on.
      const big = "x".repeat(2_950 - small - '"big":"",'.length);
      const core = await http(`${house.server.privateOrigin}/recipe/jwt/data`, {
        method: "PUT", headers: { "content-type": "application/json", "cdi-version": "5.4", rid: "session" },
        body: JSON.stringify({ sessionHandle, userDataInJWT: { iss, "st-ev": verified, big } }),
      });
      assert.deepEqual([core.status, core.json().status], [200, "OK"]);
      assert.equal(await person.sdk("refresh"), true);
      const payload = await person.sdk("payload");
      assert.equal(payload.big, big);
      const value = await front();
      assert.ok(value.length > 3_800 && value.length + "sFrontToken".length <= 4_096, `${value.length} signs`);
      assert.equal(readFront(value).up.sessionHandle, sessionHandle);
      const asked = person.callsTo(REFRESH).length;
      for (let i = 0; i < 5; i += 1) assert.equal((await person.sdk("payload")).big, big);
      assert.deepEqual(await person.sdk("call"), { status: "OK", isVerified: true });
      assert.equal(person.callsTo(REFRESH).length, asked, "no refresh loop");
    }));
}

test("an application that asks for verified addresses lets people in who signed in by mail, without asking the server", () =>
  house.with({ emailVerification: true }, async (person, page) => {
    await signIn(person, house.server, newAddress("verified"));
    await page.goto("/inside");
    await signedIn(person);
    assert.deepEqual(person.callsTo("/auth/user/email/verify"), []);
    const { "st-ev": claim } = await person.sdk("payload");
    assert.equal(claim.v, true);
    await until("the claim's time is one", () => Math.abs(Date.now() - claim.t) < 60_000);
  }));

// Signing in through an application's own back end: supertokens-node under Express, supertokens-python under FastAPI,
// Postkey as their core. What the SDKs ask of the core, and how often (contract supertokens-core.md §4).
import assert from "node:assert/strict";
import { test } from "node:test";
import { backendSuite, linkOf, Visitor } from "../lib/backend.mjs";
import { startExpress } from "../lib/express.mjs";
import { startFastapi } from "../lib/fastapi.mjs";
import { newAddress, wrongCode } from "../lib/mailbox.mjs";
import { newPhone } from "../lib/suite.mjs";

const BY_ACCOUNT = "GET /public/users/by-accountinfo";
const TENANT = "GET /public/recipe/multitenancy/tenant/v2";
const CODES = "GET /public/recipe/signinup/codes";
const CREATE = "POST /public/recipe/signinup/code";
const CONSUME = "POST /public/recipe/signinup/code/consume";
const USER = "GET /user/id";
const SESSION = "POST /public/recipe/session";
const VERIFY = "POST /recipe/session/verify";
const REFRESH = "POST /recipe/session/refresh";
const REMOVE = "POST /recipe/session/remove";
const KEYS = "GET /.well-known/jwks.json";
/** In no order: an SDK may ask for two things at once. */
const same = (found, wanted) => assert.deepEqual(found.toSorted(), wanted.toSorted());

for (const [sdk, start] of [["supertokens-node", startExpress], ["supertokens-python", startFastapi]]) {
  const house = backendSuite(start, { recipes: "few" });
  const calls = () => house.app.calls.take();
  /** Somebody signed in whose first look at the protected route is behind them, so that the SDK has the key set. */
  async function member() {
    const visitor = new Visitor(house.app);
    const user = await visitor.signIn({ email: newAddress("back") });
    assert.equal((await visitor.get("/me")).status, 200);
    calls();
    return { visitor, user };
  }

  test(`${sdk}: a code login is ten core calls for a new user, in the contract's order, and nine for a known one`, async () => {
    await house.sdk("users.getUserCount");
    const email = newAddress("back");
    for (const isNew of [true, false]) {
      calls();
      const visitor = new Visitor(house.app);
      const asked = await visitor.askFor({ email });
      assert.deepEqual([asked.flowType, asked.message.userInputCode.length], ["USER_INPUT_CODE_AND_MAGIC_LINK", 6]);
      assert.deepEqual(calls(), isNew ? [BY_ACCOUNT, TENANT, BY_ACCOUNT, CREATE] : [BY_ACCOUNT, TENANT, CREATE]);
      const { deviceId, preAuthSessionId } = asked;
      const { json } = await visitor.consume({ deviceId, preAuthSessionId, userInputCode: asked.message.userInputCode });
      assert.deepEqual(calls(), [CODES, BY_ACCOUNT, TENANT, CONSUME, USER, SESSION]);
      assert.deepEqual([json.status, json.createdNewRecipeUser, json.user.emails], ["OK", isNew, [email]]);
      assert.equal(json.user.loginMethods.length, 1);
      const [method] = json.user.loginMethods;
      assert.deepEqual([method.recipeId, method.email, method.verified, method.tenantIds], ["passwordless", email, true, ["public"]]);
      const me = (await visitor.get("/me")).json;
      assert.deepEqual([me.userId, me.recipeUserId, me.tenantId], [json.user.id, method.recipeUserId, "public"]);
      assert.equal(me.payload.iss, `${house.app.origin}/auth`);
    }
  });

  test(`${sdk}: a link signs in, in cookies too, and only once`, async () => {
    const email = newAddress("back");
    const visitor = new Visitor(house.app, "cookie");
    const { message } = await visitor.askFor({ email });
    const link = linkOf(message);
    assert.equal(link.tenantId, "public");
    const { json } = await visitor.consume(link);
    assert.deepEqual([json.status, json.user.emails], ["OK", [email]]);
    const me = await visitor.get("/me");
    assert.deepEqual([me.status, me.json.userId], [200, json.user.id]);
    assert.equal((await new Visitor(house.app).consume(link)).json.status, "RESTART_FLOW_ERROR");
    assert.equal((await visitor.post("/auth/session/refresh")).status, 200);
    assert.equal((await visitor.get("/me")).json.handle, me.json.handle);
    assert.equal((await visitor.post("/auth/signout")).json.status, "OK");
    assert.equal(visitor.signedIn, false);
    assert.equal((await visitor.get("/me")).status, 401);
  });

  test(`${sdk}: wrong codes are counted, the fifth ends the sign-in`, async () => {
    const visitor = new Visitor(house.app);
    const { deviceId, preAuthSessionId, message } = await visitor.askFor({ email: newAddress("back") });
    calls();
    for (let tries = 1; tries <= 4; tries += 1) {
      const { json } = await visitor.consume({ deviceId, preAuthSessionId, userInputCode: wrongCode(message.userInputCode, tries) });
      assert.deepEqual(json, { status: "INCORRECT_USER_INPUT_CODE_ERROR", failedCodeInputAttemptCount: tries, maximumCodeInputAttempts: 5 });
      if (tries === 1) same(calls(), [CODES, BY_ACCOUNT, TENANT, CONSUME]);
    }
    const last = await visitor.consume({ deviceId, preAuthSessionId, userInputCode: wrongCode(message.userInputCode, 5) });
    assert.equal(last.json.status, "RESTART_FLOW_ERROR");
    const late = await visitor.consume({ deviceId, preAuthSessionId, userInputCode: message.userInputCode });
    assert.equal(late.json.status, "RESTART_FLOW_ERROR");
    assert.equal((await visitor.post("/auth/signinup/code/resend", { deviceId, preAuthSessionId })).json.status, "RESTART_FLOW_ERROR");
    assert.equal(visitor.signedIn, false);
  });

  test(`${sdk}: a code sent again works, and so does the first`, async () => {
    for (const which of ["first", "second"]) {
      const email = newAddress("back");
      const visitor = new Visitor(house.app);
      const { deviceId, preAuthSessionId, message } = await visitor.askFor({ email });
      calls();
      assert.equal((await visitor.post("/auth/signinup/code/resend", { deviceId, preAuthSessionId })).json.status, "OK");
      same(calls(), [CODES, BY_ACCOUNT, CREATE, TENANT]);
      const [again] = await house.app.deliveredTo(email);
      assert.notEqual(again.urlWithLinkCode, message.urlWithLinkCode);
      const { userInputCode } = which === "first" ? message : again;
      const { json } = await visitor.consume({ deviceId, preAuthSessionId, userInputCode });
      assert.equal(json.status, "OK", which);
    }
  });

  test(`${sdk}: phone numbers sign in too, and existence is told`, async () => {
    const phone = newPhone().e164;
    const visitor = new Visitor(house.app);
    const exists = async () => (await visitor.get(`/auth/passwordless/phonenumber/exists?phoneNumber=${encodeURIComponent(phone)}`)).json;
    assert.deepEqual(await exists(), { status: "OK", exists: false });
    const user = await visitor.signIn({ phoneNumber: phone });
    assert.deepEqual([user.phoneNumbers, user.emails, user.loginMethods[0].verified], [[phone], [], true]);
    calls();
    assert.deepEqual(await exists(), { status: "OK", exists: true });
    assert.deepEqual(calls(), [BY_ACCOUNT]);
  });

  test(`${sdk}: sessions are verified without the core; only checkDatabase asks it`, async () => {
    const { visitor, user } = await member();
    for (let look = 0; look < 5; look += 1) assert.equal((await visitor.get("/me")).json.userId, user.id);
    assert.deepEqual(calls(), []);
    assert.equal((await visitor.get("/me/checked")).json.userId, user.id);
    assert.deepEqual(calls(), [VERIFY]);
    assert.equal((await new Visitor(house.app).get("/me")).status, 401);
    assert.deepEqual(calls(), []);
  });

  test(`${sdk}: after a refresh the core is asked once more, and never again`, async () => {
    const { visitor } = await member();
    const { handle } = (await visitor.get("/me")).json;
    const [access, refresh] = [visitor.access, visitor.refresh];
    assert.equal((await visitor.post("/auth/session/refresh")).status, 200);
    assert.deepEqual(calls(), [REFRESH]);
    assert.notEqual(visitor.access, access);
    assert.notEqual(visitor.refresh, refresh);
    const child = visitor.access;
    assert.equal((await visitor.get("/me")).json.handle, handle);
    assert.deepEqual(calls(), [VERIFY]);
    assert.notEqual(visitor.access, child, "the first look brings one more access token");
    assert.equal((await visitor.get("/me")).json.payload.parentRefreshTokenHash1, null);
    assert.deepEqual(calls(), []);
  });

  test(`${sdk}: a refresh token whose child was used is a theft, and ends the session for both`, async () => {
    const { visitor, user } = await member();
    const thief = Object.assign(new Visitor(house.app), { refresh: visitor.refresh });
    assert.equal((await visitor.post("/auth/session/refresh")).status, 200);
    assert.equal((await visitor.get("/me")).status, 200);
    calls();
    assert.equal((await thief.post("/auth/session/refresh")).status, 401);
    assert.deepEqual(calls(), [REFRESH, REMOVE]);
    assert.equal((await visitor.post("/auth/session/refresh")).status, 401);
    assert.equal(visitor.signedIn, false);
    assert.deepEqual(await house.sdk("session.getAllSessionHandlesForUser", { userId: user.id }), []);
  });

  test(`${sdk}: a refresh whose answer was lost can be asked again`, async () => {
    const { visitor } = await member();
    const twin = Object.assign(new Visitor(house.app), { refresh: visitor.refresh });
    assert.equal((await twin.post("/auth/session/refresh")).status, 200);
    assert.equal((await visitor.post("/auth/session/refresh")).status, 200);
    assert.equal((await visitor.get("/me")).status, 200);
  });

  test(`${sdk}: signing out is one call, and the session is gone from the core`, async () => {
    const { visitor, user } = await member();
    const left = Object.assign(new Visitor(house.app), { access: visitor.access, refresh: visitor.refresh });
    assert.equal((await visitor.post("/auth/signout")).json.status, "OK");
    assert.deepEqual(calls(), [REMOVE]);
    assert.equal(visitor.signedIn, false);
    assert.deepEqual(await house.sdk("session.getAllSessionHandlesForUser", { userId: user.id }), []);
    assert.equal((await left.get("/me/checked")).status, 401);
    assert.equal((await left.post("/auth/session/refresh")).status, 401);
  });

  test(`${sdk}: the key set is fetched once, with the first session that is looked at`, async () => {
    const app = await start(house.server, { recipes: "few" });
    try {
      const visitor = new Visitor(app);
      await visitor.signIn({ email: newAddress("back") });
      assert.equal(app.calls.take().filter((call) => call === "GET /apiversion").length, 1);
      assert.equal((await visitor.get("/me")).status, 200);
      assert.deepEqual(app.calls.take(), [KEYS]);
      assert.equal((await visitor.get("/me")).status, 200);
      assert.deepEqual(app.calls.take(), []);
    } finally {
      await app.stop();
    }
  });
}

// supertokens-web-js 0.16 alone, in Node with a cookie jar: the verbs an application without the pre-built pages calls.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ask } from "../lib/http.mjs";
import { mailTo, mailsTo, newAddress, wrongCode } from "../lib/mailbox.mjs";
import { startServer } from "../lib/server.mjs";
import { newPhone, textTo } from "../lib/suite.mjs";
import { UNLIMITED } from "../lib/tenants.mjs";
import { openWebSdk } from "../lib/websdk.mjs";

const SITE = "http://localhost:3000";
const KEY = "a-back-end-key-0123456789";
let server;
before(async () => {
  server = await startServer({ config: `
api_keys = ["${KEY}"]
[tenants.public]
claims = { plan = "billing.plan" }
${UNLIMITED}app_name = "Example"
resend_gap = "1s"
website_domain = "${SITE}"

[tenants.shop]
${UNLIMITED}app_name = "Shop"
contact = "EMAIL_OR_PHONE"
flow = "USER_INPUT_CODE"
website_domain = "${SITE}"
existence_checks = true

[tenants.few]
app_name = "Few"
sends_per_contact = 1
allowed_origins = ["${SITE}"]
` });
});
after(() => server?.stop());

/** Does something with a page of one's own. */
async function withSdk(options, story) {
  const sdk = await openWebSdk({ api: server.origin, ...options });
  try {
    await story(sdk);
  } finally {
    await sdk.close();
  }
}

/** The cookies of the session; those by which Postkey knows a browser again are its own business. */
const kept = async (sdk) => (await sdk.cookies()).map((one) => one.name).filter((name) => !name.startsWith("pk_")).sort();

for (const [mode, page] of [["cookie", SITE], ["header", SITE], ["cookie", undefined], ["header", undefined]]) {
  const where = page ? "another origin" : "the server's own origin";
  test(`${mode}, ${where}: in by code, session, payload, renewal, a call, out`, () =>
    withSdk({ mode, page }, async (sdk) => {
      assert.equal(await sdk.exists(), false);
      assert.deepEqual(await sdk.calls(), ["POST /auth/session/refresh 401"]);
      const email = newAddress("websdk");
      const created = await sdk.createCode({ email });
      assert.deepEqual([created.status, created.flowType], ["OK", "USER_INPUT_CODE_AND_MAGIC_LINK"]);
      const { code } = await mailTo(server, email);
      const wrong = await sdk.consumeCode({ userInputCode: wrongCode(code) });
      assert.deepEqual(wrong, { status: "INCORRECT_USER_INPUT_CODE_ERROR", failedCodeInputAttemptCount: 1, maximumCodeInputAttempts: 5 });
      const done = await sdk.consumeCode({ userInputCode: code });
      assert.deepEqual([done.status, done.createdNewRecipeUser, done.user.emails], ["OK", true, [email]]);
      assert.equal(done.user.loginMethods.length, 1);
      await sdk.forget();

      assert.equal(await sdk.exists(), true);
      assert.equal(await sdk.user(), done.user.id);
      const payload = await sdk.payload();
      assert.deepEqual([payload.sub, payload.tId, payload["st-ev"].v], [done.user.id, "public", true]);
      assert.deepEqual(await sdk.claimErrors(), []);
      const names = await kept(sdk);
      const own = mode === "cookie" ? ["sAccessToken", "sFrontToken", "sRefreshToken"] : ["sFrontToken", "st-access-token", "st-refresh-token"];
      assert.deepEqual(names, [...own, "st-last-access-token-update"].sort());

      assert.equal(await sdk.refresh(), true);
      assert.equal((await sdk.payload()).sessionHandle, payload.sessionHandle);
      assert.equal(await sdk.call("/auth/user/email/verify"), 200);
      assert.deepEqual(await sdk.isEmailVerified(), { status: "OK", isVerified: true });
      assert.equal((await sdk.sendVerificationEmail()).status, "EMAIL_ALREADY_VERIFIED_ERROR");

      await sdk.signOut();
      assert.equal(await sdk.exists(), false);
      assert.deepEqual(await kept(sdk), ["st-last-access-token-update"]);
      await assert.rejects(sdk.payload(), /session/i);
    }));
}

test("what a back end keeps about somebody is in the token from the next renewal on, under the tenant's name for it", () =>
  withSdk({ page: SITE }, async (sdk) => {
    const email = newAddress("claims");
    await sdk.createCode({ email });
    await sdk.consumeCode({ userInputCode: (await mailTo(server, email)).code });
    assert.equal((await sdk.payload()).plan, undefined);
    const answer = await ask(`${server.privateOrigin}/recipe/user/metadata`, {
      method: "PUT", headers: { "api-key": KEY, "content-type": "application/json", "cdi-version": "5.4" },
      body: JSON.stringify({ userId: await sdk.user(), metadataUpdate: { billing: { plan: "gold", card: "secret" } } }),
    });
    assert.equal(answer.status, 200, answer.text);
    assert.equal(await sdk.refresh(), true);
    const payload = await sdk.payload();
    assert.deepEqual([payload.plan, payload["st-ev"].v], ["gold", true]);
    assert.ok(!JSON.stringify(payload).includes("secret"));
  }));

test("in by link: in the page that asked, and in another that knows nothing", async () => {
  const email = newAddress("websdk");
  await withSdk({ page: SITE }, async (sdk) => {
    await sdk.createCode({ email });
    const { link } = await mailTo(server, email);
    assert.ok(link.startsWith(`${SITE}/auth/verify?`), link);
    await sdk.go(link);
    const done = await sdk.consumeCode();
    assert.deepEqual([done.status, done.createdNewRecipeUser], ["OK", true]);
    assert.deepEqual(await sdk.consumeCode(), { status: "RESTART_FLOW_ERROR" }, "once");
    await withSdk({ page: SITE }, async (other) => {
      await other.createCode({ email });
      const second = await mailTo(server, email, 2);
      await withSdk({ page: second.link }, async (third) => {
        const again = await third.consumeCode();
        assert.deepEqual([again.status, again.createdNewRecipeUser, again.user.id], ["OK", false, done.user.id]);
      });
      assert.equal(await other.exists(), false);
      assert.deepEqual(await other.consumeCode({ userInputCode: second.code }), { status: "RESTART_FLOW_ERROR" });
    });
  });
});

test("sending again, and the message that came first still counts", () =>
  withSdk({ page: SITE }, async (sdk) => {
    const email = newAddress("websdk");
    await sdk.createCode({ email });
    const first = await mailTo(server, email);
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    assert.deepEqual(await sdk.resendCode(), { status: "OK" });
    const second = await mailTo(server, email, 2);
    assert.notEqual(second.link, first.link);
    assert.equal((await sdk.consumeCode({ userInputCode: first.code })).status, "OK");
    assert.deepEqual(await sdk.consumeCode({ userInputCode: second.code }), { status: "RESTART_FLOW_ERROR" });
    assert.deepEqual(await sdk.resendCode(), { status: "RESTART_FLOW_ERROR" });
  }));

test("a tenant by the page's query: its methods, its people, by mail and by text", () =>
  withSdk({ page: `${SITE}/auth?tenantId=shop` }, async (sdk) => {
    assert.equal(await sdk.tenant(), "shop");
    const methods = await sdk.methods();
    assert.deepEqual([...methods.firstFactors].sort(), ["otp-email", "otp-phone"]);
    assert.deepEqual(methods.thirdParty, { providers: [] });
    const [email, phone] = [newAddress("websdk"), newPhone().e164];
    assert.deepEqual(await sdk.emailExists(email), { status: "OK", doesExist: false });
    await sdk.createCode({ email });
    assert.equal((await sdk.consumeCode({ userInputCode: (await mailTo(server, email)).code })).status, "OK");
    assert.deepEqual(await sdk.emailExists(email), { status: "OK", doesExist: true });
    assert.equal((await sdk.payload()).tId, "shop");
    assert.deepEqual(await sdk.phoneExists(phone), { status: "OK", doesExist: false });
    assert.equal((await sdk.createCode({ phoneNumber: phone })).flowType, "USER_INPUT_CODE");
    const done = await sdk.consumeCode({ userInputCode: (await textTo(server, phone)).code });
    assert.deepEqual([done.status, done.user.phoneNumbers, done.user.emails], ["OK", [phone], []]);
    assert.deepEqual(await sdk.phoneExists(phone), { status: "OK", doesExist: true });
    const asked = (await sdk.calls()).filter((call) => !call.includes("/session/refresh"));
    assert.ok(asked.every((call) => call.split(" ")[1].startsWith("/auth/shop/")), asked.join());
    // The same address in the default tenant is nobody.
    await withSdk({ page: SITE }, async (other) => {
      await other.createCode({ email });
      assert.equal((await other.consumeCode({ userInputCode: (await mailTo(server, email, 2)).code })).createdNewRecipeUser, true);
    });
  }));

test("what the server refuses in its own words arrives as those words", () =>
  withSdk({ page: `${SITE}/auth?tenantId=few` }, async (sdk) => {
    const email = newAddress("websdk");
    assert.equal((await sdk.createCode({ email })).status, "OK");
    await assert.rejects(sdk.createCode({ email }), (problem) => problem.isGeneral && problem.message.length > 10);
    await assert.rejects(sdk.emailExists(email), /answered 404/);
    assert.equal((await mailsTo(server, email)).length, 1);
  }));

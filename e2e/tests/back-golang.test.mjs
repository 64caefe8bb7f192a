// The older interface (CDI 3.1) that supertokens-golang 0.25 speaks, in its own shapes
// (contract supertokens-core.md §2.4, §4, §4.2): one login method is one user.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Core } from "../lib/core.mjs";
import { newAddress } from "../lib/mailbox.mjs";
import { startServer } from "../lib/server.mjs";
import { newPhone } from "../lib/suite.mjs";

let server;
let core;
before(async () => {
  server = await startServer();
  core = new Core(server, { version: "3.1" });
});
after(() => server?.stop());

const rid = "passwordless";
const code = async (contact, tenant = "public") => (await core.post(`/${tenant}/recipe/signinup/code`, contact, { rid })).json;

test("a sign-in answers the user of its day", async () => {
  const email = newAddress("go");
  const { preAuthSessionId, linkCode } = await code({ email });
  const { user, ...rest } = (await core.post("/public/recipe/signinup/code/consume", { preAuthSessionId, linkCode }, { rid })).json;
  assert.deepEqual(rest, { status: "OK", createdNewUser: true });
  assert.deepEqual(user, { id: user.id, email, timeJoined: user.timeJoined, tenantIds: ["public"] });

  const read = async (path, query, as = rid) => (await core.get(path, query, { rid: as })).json;
  assert.deepEqual(await read("/recipe/user", { userId: user.id }), { status: "OK", user });
  assert.deepEqual(await read("/public/recipe/user", { email }), { status: "OK", user });
  assert.deepEqual(await read("/recipe/user", { userId: "nobody" }), { status: "UNKNOWN_USER_ID_ERROR" });
  assert.deepEqual(await read("/public/recipe/user", { email: "nobody@example.com" }), { status: "UNKNOWN_EMAIL_ERROR" });
  assert.deepEqual(await read("/public/recipe/user", { phoneNumber: newPhone().e164 }), { status: "UNKNOWN_PHONE_NUMBER_ERROR" });
  const { users } = await read("/public/users", { limit: 10 });
  assert.deepEqual(users, [{ recipeId: "passwordless", user }]);
});

test("a phone number, and a change of what a user signs in with", async () => {
  const phoneNumber = newPhone().e164;
  const { preAuthSessionId, deviceId, userInputCode } = await code({ phoneNumber });
  const { user } = (await core.post("/public/recipe/signinup/code/consume", { preAuthSessionId, deviceId, userInputCode }, { rid })).json;
  assert.deepEqual(user, { id: user.id, phoneNumber, timeJoined: user.timeJoined, tenantIds: ["public"] });
  const email = newAddress("go");
  assert.equal((await core.put("/recipe/user", { userId: user.id, email, phoneNumber: null }, { rid })).json.status, "OK");
  const changed = (await core.get("/recipe/user", { userId: user.id }, { rid })).json.user;
  assert.deepEqual([changed.email, "phoneNumber" in changed], [email, false]);
});

test("a session in its older form", async () => {
  const made = (await core.session("somebody")).json;
  assert.deepEqual(Object.keys(made.session).toSorted(), ["handle", "tenantId", "userDataInJWT", "userId"]);
  const [header, payload] = made.accessToken.token.split(".").slice(0, 2).map((part) => JSON.parse(Buffer.from(part, "base64url")));
  // supertokens-golang takes any version from 3 on; a token of our pages (version 5) reaches it just as well.
  assert.match(header.version, /^[45]$/);
  assert.deepEqual([payload.sub, payload.tId, payload.rsub ?? "somebody"], ["somebody", "public", "somebody"]);
  const refreshed = (await core.post("/recipe/session/refresh", { refreshToken: made.refreshToken.token, enableAntiCsrf: false }, { rid: "session" })).json;
  assert.deepEqual([refreshed.status, refreshed.session.handle], ["OK", made.session.handle]);
  const verified = (await core.post("/recipe/session/verify", { accessToken: refreshed.accessToken.token, doAntiCsrfCheck: false, enableAntiCsrf: false, checkDatabase: false }, { rid: "session" })).json;
  assert.equal(verified.status, "OK");
  assert.ok(verified.accessToken.token);
});

test("tenants in their first form", async () => {
  const put = async (more) => (await core.put("/recipe/multitenancy/tenant", { tenantId: "gopher", ...more }, { rid: "multitenancy" })).json;
  const read = async () => (await core.get("/gopher/recipe/multitenancy/tenant", {}, { rid: "multitenancy" })).json;
  assert.deepEqual(await put({ passwordlessEnabled: true }), { status: "OK", createdNew: true });
  const first = await read();
  assert.deepEqual(
    [first.status, first.tenantId, first.emailPassword, first.thirdParty, first.passwordless],
    ["OK", "gopher", { enabled: false }, { enabled: false, providers: [] }, { enabled: true }],
  );
  assert.equal((await code({ email: newAddress("go") }, "gopher")).status, "OK");
  assert.deepEqual(await put({ passwordlessEnabled: false, thirdPartyEnabled: true }), { status: "OK", createdNew: false });
  const second = await read();
  assert.deepEqual([second.passwordless, second.thirdParty.enabled], [{ enabled: false }, true]);
  const closed = await core.post("/gopher/recipe/signinup/code", { email: newAddress("go") }, { rid });
  assert.deepEqual([closed.status, closed.text.trim()], [403, "Passwordless login not enabled for tenant"]);
  const { tenants } = (await core.get("/recipe/multitenancy/tenant/list", {}, { rid: "multitenancy" })).json;
  assert.deepEqual(tenants.map((tenant) => tenant.tenantId).toSorted(), ["gopher", "public"]);
  assert.equal((await core.get("/nobody/recipe/multitenancy/tenant", {}, { rid: "multitenancy" })).json.status, "TENANT_NOT_FOUND_ERROR");
});

test("the recipe in the header chooses what /recipe/user means", async () => {
  const email = newAddress("go");
  const third = (await core.post("/public/recipe/signinup", { thirdPartyId: "google", thirdPartyUserId: "g1", email: { id: email, isVerified: true } }, { rid: "thirdparty" })).json;
  assert.deepEqual([third.status, third.createdNewUser, third.user.thirdParty], ["OK", true, { id: "google", userId: "g1" }]);
  const read = async (as, query, path = "/recipe/user") => (await core.get(path, query, { rid: as })).json.status;
  assert.equal(await read("thirdparty", { userId: third.user.id }), "OK");
  assert.equal(await read("thirdparty", { thirdPartyId: "google", thirdPartyUserId: "g1" }, "/public/recipe/user"), "OK");
  assert.equal(await read("passwordless", { userId: third.user.id }), "UNKNOWN_USER_ID_ERROR");
});

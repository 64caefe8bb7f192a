// Apps and tenants of the back-end door: prefixes, settings that take effect at once, and walls between apps
// (contract supertokens-core.md §1.5, §4.2, §5).
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createLocalJWKSet, jwtVerify } from "jose";
import { Visitor } from "../lib/backend.mjs";
import { Core } from "../lib/core.mjs";
import { startExpress } from "../lib/express.mjs";
import { newAddress, wrongCode } from "../lib/mailbox.mjs";
import { startServer } from "../lib/server.mjs";
import { until } from "../lib/until.mjs";

let server;
let core;
before(async () => {
  server = await startServer();
  core = new Core(server);
});
after(() => server?.stop());

let last = 0;
/** A new app with these settings, and the client whose paths are below it. */
async function newApp(coreConfig = {}) {
  last += 1;
  const appId = `a${last}`;
  const made = await core.with({ version: null }).put("/recipe/multitenancy/app/v2", { appId, coreConfig });
  assert.deepEqual(made.json, { status: "OK", createdNew: true }, made.text);
  return core.with({ prefix: `/appid-${appId}` });
}
const appOf = (app) => app.prefix.slice("/appid-".length);
const change = (app, coreConfig) => core.put("/recipe/multitenancy/app/v2", { appId: appOf(app), coreConfig });
const tenant = (app, tenantId, more = {}) => app.put("/recipe/multitenancy/tenant/v2", { tenantId, ...more });
const seconds = ({ accessToken }) => (accessToken.expiry - accessToken.createdTime) / 1000;

test("paths: with app, tenant, both, any case, a slash at the end; unknown ones are 400", async () => {
  const app = await newApp();
  await tenant(app, "t1");
  const name = app.prefix;
  for (const path of ["/users/count", "/public/users/count", "/appid-public/users/count", "/appid-public/public/users/count", `${name}/users/count`, `${name}/public/users/count`, `${name}/t1/users/count`, `${name.toUpperCase().replace("APPID", "appid")}/T1/users/count`, `${name}/t1/users/count/`]) {
    assert.deepEqual((await core.get(path)).json, { status: "OK", count: 0 }, path);
  }
  for (const path of ["/nobody/users/count", "/appid-nobody/users/count", `${name}/t2/users/count`, "/appid-nobody/t1/users/count"]) {
    const answer = await core.get(path);
    assert.equal(answer.status, 400, path);
    assert.match(answer.text, /^AppId or tenantId not found => .*[^\n]\n$/);
  }
  for (const appId of ["appid-x", "no spaces", "ünder", ""]) {
    assert.equal((await core.put("/recipe/multitenancy/app/v2", { appId })).status, 400, appId);
  }
  assert.deepEqual((await core.put("/recipe/multitenancy/app/v2", { appId: ` ${appOf(app).toUpperCase()} ` })).json, { status: "OK", createdNew: false });
  for (const tenantId of ["recipe", "config", "users", "hello"]) assert.equal((await tenant(app, tenantId)).status, 400, tenantId);
});

test("what belongs to the app cannot be asked of a tenant", async () => {
  const app = await newApp();
  await tenant(app, "t1");
  for (const [method, path, body] of [
    ["GET", "/t1/user/id?userId=x"], ["GET", "/t1/recipe/roles"], ["GET", "/t1/recipe/user/metadata?userId=x"], ["POST", "/t1/user/remove", { userId: "x" }],
    ["PUT", "/t1/recipe/role", { role: "x" }],
  ]) {
    const answer = await app.call(method, path, body);
    assert.deepEqual([answer.status, answer.text], [403, "Only public tenantId can call this app specific API\n"], `${method} ${path}`);
  }
  assert.equal((await app.get("/public/user/id", { userId: "x" })).json.status, "UNKNOWN_USER_ID_ERROR");
});

test("an unknown tenant is a status where its settings are asked, and 400 elsewhere", async () => {
  assert.deepEqual((await core.get("/nobody/recipe/multitenancy/tenant/v2")).json, { status: "TENANT_NOT_FOUND_ERROR" });
  assert.equal((await core.post("/nobody/recipe/signinup/code", { email: newAddress() })).status, 400);
});

test("tenants without first factors: the public one takes all, others none", async () => {
  const app = await newApp();
  await tenant(app, "t1");
  const read = async (name) => (await app.get(`/${name}/recipe/multitenancy/tenant/v2`)).json;
  const shown = await read("public");
  assert.deepEqual([shown.status, shown.tenantId, shown.thirdParty, "firstFactors" in shown], ["OK", "public", { providers: [] }, false]);
  assert.deepEqual((await read("t1")).firstFactors, []);
  await tenant(app, "t1", { firstFactors: ["otp-email"], coreConfig: { access_token_validity: 60 } });
  await tenant(app, "t1");
  const kept = await read("t1");
  assert.deepEqual([kept.firstFactors, kept.coreConfig.access_token_validity], [["otp-email"], 60]);
  await tenant(app, "t1", { firstFactors: null });
  assert.equal("firstFactors" in (await read("t1")), false);
});

test("settings take effect at once, also as strings, are merged, and null takes them back", async () => {
  const app = await newApp({ access_token_validity: 100, access_token_validity_jitter: 0 });
  const life = async () => seconds((await app.session("u")).json);
  assert.equal(await life(), 100);
  await change(app, { passwordless_max_code_input_attempts: 2 });
  assert.equal(await life(), 100, "the other setting stays");
  await change(app, { access_token_validity: "40" });
  assert.equal(await life(), 40);
  await change(app, { access_token_validity: null });
  assert.ok((await life()) > 3400);

  const code = (await app.post("/public/recipe/signinup/code", { email: newAddress() })).json;
  const { preAuthSessionId, deviceId, userInputCode } = code;
  const wrong = async (step) => (await app.post("/public/recipe/signinup/code/consume", { preAuthSessionId, deviceId, userInputCode: wrongCode(userInputCode, step) })).json;
  assert.deepEqual(await wrong(1), { status: "INCORRECT_USER_INPUT_CODE_ERROR", failedCodeInputAttemptCount: 1, maximumCodeInputAttempts: 2 });
  assert.equal((await wrong(2)).status, "RESTART_FLOW_ERROR");

  const lifetime = async (name) => (await app.post(`/${name}/recipe/signinup/code`, { email: newAddress() })).json.codeLifetime;
  const usual = await lifetime("public");
  await tenant(app, "t1", { firstFactors: ["otp-email"], coreConfig: { passwordless_code_lifetime: "30000" } });
  assert.deepEqual([await lifetime("t1"), await lifetime("public")], [30_000, usual]);
  await tenant(app, "t1", { coreConfig: { passwordless_code_lifetime: null } });
  assert.equal(await lifetime("t1"), usual);
  const shown = (await app.get("/t1/recipe/multitenancy/tenant/v2")).json;
  assert.equal("passwordless_code_lifetime" in shown.coreConfig, false);
});

test("an expired code is told from a wrong one", async () => {
  const app = await newApp({ passwordless_code_lifetime: 1000 });
  const { preAuthSessionId, deviceId, userInputCode, linkCode } = (await app.post("/public/recipe/signinup/code", { email: newAddress() })).json;
  const consume = async (given) => (await app.post("/public/recipe/signinup/code/consume", { preAuthSessionId, ...given })).json;
  const expired = await until("the code expires", async () => {
    const told = (await app.post("/public/recipe/signinup/code/check", { preAuthSessionId, linkCode })).json;
    return told.status === "OK" ? null : told;
  });
  assert.equal(expired.status, "RESTART_FLOW_ERROR");
  assert.deepEqual(await consume({ deviceId, userInputCode }), { status: "EXPIRED_USER_INPUT_CODE_ERROR", failedCodeInputAttemptCount: 1, maximumCodeInputAttempts: 5 });
  assert.equal((await consume({ deviceId, userInputCode: wrongCode(userInputCode) })).status, "INCORRECT_USER_INPUT_CODE_ERROR");
  const again = (await app.post("/public/recipe/signinup/code", { deviceId })).json;
  assert.deepEqual([again.status, again.preAuthSessionId], ["OK", preAuthSessionId]);
});

test("nothing of one app is seen in another: users, codes, sessions, roles, metadata, keys", async () => {
  const [one, two] = [await newApp(), await newApp()];
  const email = newAddress("wall");
  const user = (await one.signIn({ email })).user;
  assert.equal((await two.get("/user/id", { userId: user.id })).json.status, "UNKNOWN_USER_ID_ERROR");
  assert.deepEqual((await two.get("/public/users/by-accountinfo", { email, doUnionOfAccountInfo: true })).json.users, []);
  assert.deepEqual([(await one.get("/public/users/count")).json.count, (await two.get("/public/users/count")).json.count], [1, 0]);
  const other = (await two.signIn({ email })).user;
  assert.notEqual(other.id, user.id);

  const code = (await one.post("/public/recipe/signinup/code", { email })).json;
  const { preAuthSessionId, linkCode, deviceId } = code;
  assert.equal((await two.post("/public/recipe/signinup/code/consume", { preAuthSessionId, linkCode })).json.status, "RESTART_FLOW_ERROR");
  assert.equal((await two.post("/public/recipe/signinup/code", { deviceId })).json.status, "RESTART_FLOW_ERROR");

  const session = (await one.session(user.id)).json;
  const { handle } = session.session;
  assert.equal((await two.get("/recipe/session", { sessionHandle: handle })).json.status, "UNAUTHORISED");
  assert.deepEqual((await two.post("/recipe/session/remove", { sessionHandles: [handle] })).json.sessionHandlesRevoked, []);
  const refresh = { refreshToken: session.refreshToken.token, enableAntiCsrf: false, useDynamicSigningKey: true };
  assert.equal((await two.post("/recipe/session/refresh", refresh)).json.status, "UNAUTHORISED");
  const keys = async (app) => (await app.get("/.well-known/jwks.json")).json;
  await jwtVerify(session.accessToken.token, createLocalJWKSet(await keys(one)));
  await assert.rejects(jwtVerify(session.accessToken.token, createLocalJWKSet(await keys(two))));
  const verify = { accessToken: session.accessToken.token, doAntiCsrfCheck: false, enableAntiCsrf: false, checkDatabase: false };
  assert.equal((await one.post("/recipe/session/verify", verify)).json.status, "OK");
  assert.equal((await two.post("/recipe/session/verify", verify)).json.status, "TRY_REFRESH_TOKEN");
  const kids = async (app) => (await keys(app)).keys.map((key) => key.kid);
  const shared = new Set(await kids(one));
  assert.equal((await kids(two)).some((kid) => kid.startsWith("s-") && shared.has(kid)), false, "no static key is shared");

  await one.put("/recipe/role", { role: "admin", permissions: ["all"] });
  assert.equal((await two.get("/recipe/role/permissions", { role: "admin" })).json.status, "UNKNOWN_ROLE_ERROR");
  await one.put("/recipe/user/metadata", { userId: "same", metadataUpdate: { a: 1 } });
  assert.deepEqual((await two.get("/recipe/user/metadata", { userId: "same" })).json.metadata, {});
});

test("an app is removed with everything in it, and made again empty", async () => {
  const app = await newApp();
  const { user } = await app.signIn({ email: newAddress() });
  const remove = async () => (await core.post("/recipe/multitenancy/app/remove", { appId: appOf(app) })).json;
  assert.deepEqual(await remove(), { status: "OK", didExist: true });
  assert.deepEqual(await remove(), { status: "OK", didExist: false });
  assert.equal((await app.get("/public/users/count")).status, 400);
  await core.put("/recipe/multitenancy/app/v2", { appId: appOf(app) });
  assert.equal((await app.get("/user/id", { userId: user.id })).json.status, "UNKNOWN_USER_ID_ERROR");
  assert.equal((await app.get("/public/users/count")).json.count, 0);
});

test("apps are made and dropped at will", async () => {
  for (let i = 0; i < 20; i += 1) {
    const app = await newApp();
    assert.equal((await app.session("u")).json.status, "OK");
    await core.post("/recipe/multitenancy/app/remove", { appId: appOf(app) });
  }
});

test("supertokens-node works below an app's prefix, as anywhere", async () => {
  const prefixed = await newApp({ access_token_validity: 77, access_token_validity_jitter: 0 });
  const app = await startExpress(server, { core: prefixed.prefix });
  try {
    const email = newAddress("prefixed");
    const visitor = new Visitor(app);
    const user = await visitor.signIn({ email });
    const { payload } = (await visitor.get("/me")).json;
    assert.equal(payload.exp - payload.iat, 77);
    const calls = app.calls.take();
    assert.ok(calls.includes(`GET ${prefixed.prefix}/.well-known/jwks.json`) && calls.every((call) => call.split(" ")[1].startsWith(prefixed.prefix)), calls.join("\n"));
    assert.equal((await prefixed.get("/user/id", { userId: user.id })).json.user.emails[0], email);
    assert.equal((await core.get("/user/id", { userId: user.id })).json.status, "UNKNOWN_USER_ID_ERROR");
  } finally {
    await app.stop();
  }
});

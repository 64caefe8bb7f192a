// The back-end door without an SDK: versions, keys, errors, codes and sessions as the wire has them
// (contract supertokens-core.md §1 to §3).
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Core } from "../lib/core.mjs";
import { ask } from "../lib/http.mjs";
import { newAddress, wrongCode } from "../lib/mailbox.mjs";
import { startServer } from "../lib/server.mjs";
import { newPhone } from "../lib/suite.mjs";

let server;
let core;
before(async () => {
  server = await startServer();
  core = new Core(server);
});
after(() => server?.stop());

/** A 400 in plain text, which ends in exactly one newline. */
function refused(answer, words, status = 400) {
  assert.equal(answer.status, status, answer.text);
  assert.match(answer.headers.get("content-type"), /^text\//);
  assert.match(answer.text, /[^\n]\n$/);
  assert.match(answer.text, words);
}

test("versions are told without any, and others are refused", async () => {
  const answer = await core.with({ version: null }).get("/apiversion", { apiDomain: "http://a", websiteDomain: "http://b" });
  for (const version of ["3.1", "5.4"]) assert.ok(answer.json.versions.includes(version), answer.text);
  for (const version of ["5.5", "5.6"]) assert.ok(!answer.json.versions.includes(version), answer.text);
  refused(await core.with({ version: "1.0" }).get("/public/users/count"), /^cdi-version 1\.0 not supported/);
  refused(await core.with({ version: "new" }).get("/public/users/count"), /cdi-version/);
  assert.equal((await core.with({ version: null }).get("/public/users/count")).json.status, "OK");
});

test("hello, by every method, with and without a prefix", async () => {
  for (const path of ["/hello", "/", "/appid-public/hello", "/public/hello", "/hello/"]) {
    for (const method of ["GET", "POST", "PUT", "DELETE"]) {
      const answer = await core.with({ version: null }).call(method, path);
      assert.deepEqual([answer.status, answer.text], [200, "Hello\n"], `${method} ${path}`);
    }
  }
  assert.equal((await core.get("/telemetry")).json.exists, false);
  assert.equal((await core.put("/ee/license", { licenseKey: "any" })).json.status, "OK");
  assert.deepEqual((await core.get("/ee/featureflag")).json.features, []);
});

test("unknown paths and methods", async () => {
  refused(await core.get("/recipe/nothing"), /^Not found\n$/, 404);
  refused(await core.call("DELETE", "/user/id"), /Method not supported/, 405);
  for (const path of ["/recipe/totp/device", "/recipe/webauthn/options/register", "/recipe/signup", "/recipe/saml/clients", "/recipe/oauth/clients", "/recipe/dashboard/user", "/recipe/userid/map"]) {
    const answer = await core.post(path, {});
    assert.ok([404, 501].includes(answer.status), `${path}: ${answer.status}`);
    assert.match(answer.text, / .*\n$/, `${path} says a sentence`);
  }
});

test("bodies that are wrong are told so", async () => {
  refused(await core.call("POST", "/public/recipe/signinup/code", "nonsense"), /^Invalid Json Input\n$/);
  refused(await core.call("POST", "/public/recipe/signinup/code", "[1]"), /^Invalid Json Input\n$/);
  refused(await core.post("/public/recipe/signinup/code", {}), /^Please provide exactly one of email, phoneNumber or deviceId\n$/);
  refused(await core.post("/public/recipe/signinup/code", { email: newAddress(), phoneNumber: newPhone().e164 }), /exactly one/);
  refused(await core.post("/public/recipe/signinup/code", { email: newAddress(), userInputCode: "" }), /^userInputCode cannot be an empty string\.\n$/);
  refused(await core.post("/public/recipe/signinup/code", { email: 5 }), /^Field name 'email' is invalid in JSON input\n$/);
  refused(await core.post("/public/recipe/signinup/code/consume", {}), /^Field name 'preAuthSessionId' is invalid in JSON input\n$/);
  const { preAuthSessionId, linkCode, deviceId, userInputCode } = (await core.post("/public/recipe/signinup/code", { email: newAddress() })).json;
  for (const body of [{ preAuthSessionId }, { preAuthSessionId, linkCode, deviceId, userInputCode }, { preAuthSessionId, deviceId }]) {
    refused(await core.post("/public/recipe/signinup/code/consume", body), /^Please provide exactly one of linkCode or deviceId\+userInputCode\n$/);
  }
  refused(await core.get("/user/id"), /^Field name 'userId' is missing in GET request\n$/);
  refused(await core.get("/public/recipe/signinup/codes"), /exactly one/);
  refused(await core.get("/public/users", { limit: 0 }), /^limit must a positive integer with min value 1\n$/);
  refused(await core.get("/public/users", { paginationToken: "nonsense" }), /^invalid pagination token\n$/);
  refused(await core.get("/public/users/by-accountinfo", { email: "a@example.com" }), /doUnionOfAccountInfo/);
});

test("a sign-in on the wire: fields, counts, one use", async () => {
  const email = newAddress("Core");
  const code = (await core.post("/public/recipe/signinup/code", { email: `  ${email.toUpperCase()} `, shouldTryLinkingWithSessionUser: false })).json;
  assert.deepEqual(Object.keys(code).toSorted(), ["codeId", "codeLifetime", "deviceId", "linkCode", "preAuthSessionId", "status", "timeCreated", "userInputCode"]);
  const { preAuthSessionId, deviceId, userInputCode } = code;
  const consume = (given) => core.post("/public/recipe/signinup/code/consume", { preAuthSessionId, deviceId, ...given });
  const wrong = (await consume({ userInputCode: wrongCode(userInputCode) })).json;
  assert.deepEqual(wrong, { status: "INCORRECT_USER_INPUT_CODE_ERROR", failedCodeInputAttemptCount: 1, maximumCodeInputAttempts: 5 });
  // What cannot be a code is wrong, and costs no try.
  const nothing = (await consume({ userInputCode: "not a code" })).json;
  assert.deepEqual([nothing.status, nothing.failedCodeInputAttemptCount], ["INCORRECT_USER_INPUT_CODE_ERROR", 1]);
  const { user, ...signed } = (await consume({ userInputCode })).json;
  const lower = email.toLowerCase();
  assert.deepEqual(signed, { status: "OK", createdNewUser: true, recipeUserId: user.id, consumedDevice: { preAuthSessionId, failedCodeInputAttemptCount: 1, email: lower } });
  const { timeJoined } = user;
  assert.deepEqual(user, {
    id: user.id, isPrimaryUser: false, tenantIds: ["public"], timeJoined, emails: [lower], phoneNumbers: [], thirdParty: [], webauthn: { credentialIds: [] },
    loginMethods: [{ tenantIds: ["public"], recipeUserId: user.id, verified: true, timeJoined, recipeId: "passwordless", email: lower }],
  });
  assert.match(user.id, /^[0-9a-f-]{36}$/);
  assert.equal((await consume({ userInputCode })).json.status, "RESTART_FLOW_ERROR");
  assert.deepEqual((await core.get("/user/id", { userId: user.id })).json, { status: "OK", user });
  assert.deepEqual((await core.get("/user/id", { userId: "nobody" })).json, { status: "UNKNOWN_USER_ID_ERROR" });
  // Padding that somebody added to the id does not matter.
  const next = (await core.post("/public/recipe/signinup/code", { email })).json;
  const padded = await core.post("/public/recipe/signinup/code/consume", { preAuthSessionId: `${next.preAuthSessionId}=`, linkCode: next.linkCode });
  assert.deepEqual([padded.json.status, padded.json.createdNewUser, padded.json.user.id], ["OK", false, user.id]);
  // Fields of a younger interface are left out for an older caller.
  const older = (await core.with({ version: "5.2" }).get("/user/id", { userId: user.id })).json;
  assert.equal("webauthn" in older.user, false);
});

test("a code made twice at once is used once", async () => {
  const code = (await core.post("/public/recipe/signinup/code", { email: newAddress() })).json;
  const { preAuthSessionId, linkCode } = code;
  const answers = await Promise.all(Array.from({ length: 12 }, () => core.post("/public/recipe/signinup/code/consume", { preAuthSessionId, linkCode })));
  const statuses = answers.map((answer) => answer.json.status).toSorted();
  assert.deepEqual(statuses, ["OK", ...Array(11).fill("RESTART_FLOW_ERROR")]);
});

test("a session on the wire, for a user that does not exist", async () => {
  const made = (await core.session("anybody at all", { userDataInJWT: { role: "x", nothing: null }, userDataInDatabase: { nothing: null } })).json;
  assert.deepEqual(Object.keys(made).toSorted(), ["accessToken", "refreshToken", "session", "status"]);
  const { handle } = made.session;
  assert.deepEqual(made.session, { handle, userId: "anybody at all", recipeUserId: "anybody at all", userDataInJWT: { role: "x", nothing: null }, tenantId: "public" });
  assert.deepEqual([made.accessToken.expiry % 1000, made.accessToken.createdTime % 1000], [0, 0]);
  const [header, payload] = made.accessToken.token.split(".").slice(0, 2).map((part) => JSON.parse(Buffer.from(part, "base64url")));
  assert.deepEqual([header.typ, header.version, typeof header.alg, header.kid.slice(0, 2)], ["JWT", "5", "string", "d-"]);
  assert.deepEqual(payload, {
    sub: "anybody at all", rsub: "anybody at all", tId: "public", iat: made.accessToken.createdTime / 1000, exp: made.accessToken.expiry / 1000, sessionHandle: handle,
    refreshTokenHash1: payload.refreshTokenHash1, parentRefreshTokenHash1: null, antiCsrfToken: null, role: "x", nothing: null,
  });
  const info = (await core.get("/recipe/session", { sessionHandle: handle }, { rid: "session" })).json;
  assert.deepEqual([info.userDataInDatabase, info.userDataInJWT, info.sessionHandle], [{ nothing: null }, { role: "x", nothing: null }, handle]);
  assert.equal((await core.get("/recipe/session", { sessionHandle: "unknown" })).json.status, "UNAUTHORISED");
  for (const claim of ["sub", "rsub", "tId", "iat", "exp", "sessionHandle", "refreshTokenHash1", "parentRefreshTokenHash1", "antiCsrfToken"]) {
    refused(await core.session("somebody", { userDataInJWT: { [claim]: 1 } }), /^The user payload contains protected field\n$/);
  }
  refused(await core.put("/recipe/jwt/data", { sessionHandle: handle, userDataInJWT: { exp: 1 } }), /protected field/);
  refused(await core.post("/recipe/session/remove", { sessionHandles: [handle], revokeAcrossAllTenants: true }), /./);
  refused(await core.post("/recipe/session/remove", {}), /./);
});

test("anti-CSRF tokens, regenerated tokens and static keys", async () => {
  const made = (await core.session("anti", { enableAntiCsrf: true, useDynamicSigningKey: false })).json;
  assert.match(made.antiCsrfToken, /^[0-9a-f-]{36}$/);
  assert.match(JSON.parse(Buffer.from(made.accessToken.token.split(".")[0], "base64url")).kid, /^s-/);
  const verify = async (more) => (await core.post("/recipe/session/verify", { accessToken: made.accessToken.token, enableAntiCsrf: true, doAntiCsrfCheck: true, checkDatabase: false, ...more })).json;
  assert.equal((await verify({ antiCsrfToken: made.antiCsrfToken })).status, "OK");
  assert.equal((await verify({ antiCsrfToken: "another" })).status, "TRY_REFRESH_TOKEN");
  assert.equal((await verify({})).status, "TRY_REFRESH_TOKEN");
  assert.equal((await verify({ doAntiCsrfCheck: false })).status, "OK");
  const bent = `${made.accessToken.token.slice(0, -8)}AAAAAAAA`;
  assert.equal((await verify({ accessToken: bent, doAntiCsrfCheck: false })).status, "TRY_REFRESH_TOKEN");
  const refresh = async (more) => (await core.post("/recipe/session/refresh", { refreshToken: made.refreshToken.token, enableAntiCsrf: true, useDynamicSigningKey: false, ...more })).json;
  assert.equal((await refresh({ antiCsrfToken: "another" })).status, "UNAUTHORISED");
  assert.equal((await refresh({ antiCsrfToken: made.antiCsrfToken })).status, "OK");
  const again = (await core.post("/recipe/session/regenerate", { accessToken: made.accessToken.token, userDataInJWT: { step: 2 } })).json;
  assert.deepEqual([again.status, again.session.userDataInJWT, again.accessToken.expiry], ["OK", { step: 2 }, made.accessToken.expiry]);
  await core.post("/recipe/session/remove", { sessionHandles: [made.session.handle] });
  assert.equal((await core.post("/recipe/session/regenerate", { accessToken: made.accessToken.token })).json.status, "UNAUTHORISED");
  assert.equal((await verify({ doAntiCsrfCheck: false, checkDatabase: true })).status, "UNAUTHORISED");
});

test("JWTs, and the old address of the key set", async () => {
  const ask = (more) => core.post("/recipe/jwt", { algorithm: "rs256", jwksDomain: "https://app.example.com", payload: { a: 1 }, validity: 60, ...more });
  assert.equal((await ask({})).json.status, "OK");
  assert.equal((await ask({ algorithm: "HS256" })).json.status, "UNSUPPORTED_ALGORITHM_ERROR");
  refused(await ask({ validity: 0 }), /./);
  const set = await core.with({ version: null }).get("/.well-known/jwks.json");
  assert.match(set.headers.get("cache-control"), /^max-age=\d+, must-revalidate$/);
  assert.deepEqual((await core.get("/recipe/jwt/jwks")).json.keys, set.json.keys);
});

test("browsers and unknown hosts get nothing from this door", async () => {
  const port = new URL(server.privateOrigin).port;
  const body = JSON.stringify({ email: newAddress() });
  for (const headers of [{ "sec-fetch-site": "same-origin" }, { "sec-fetch-site": "cross-site" }, { host: `evil.example:${port}` }]) {
    const answer = await ask(`${server.privateOrigin}/recipe/signinup/code`, { method: "POST", headers: { "content-type": "application/json", ...headers }, body });
    assert.ok(answer.status >= 400 && answer.status < 500, `${JSON.stringify(headers)}: ${answer.status} ${answer.text}`);
  }
});

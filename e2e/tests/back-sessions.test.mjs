// Sessions through the SDKs' own functions: made for any user, read, changed, revoked; JWTs of the application's own.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createLocalJWKSet, createRemoteJWKSet, jwtVerify } from "jose";
import { backendSuite, failsWith, Visitor } from "../lib/backend.mjs";
import { startExpress } from "../lib/express.mjs";
import { startFastapi } from "../lib/fastapi.mjs";
import { ask } from "../lib/http.mjs";
import { newAddress } from "../lib/mailbox.mjs";
import { startServer } from "../lib/server.mjs";

let last = 0;
/** An id of an application that keeps its users elsewhere. */
const newId = () => `own-${process.pid}-${(last += 1)}`;

for (const [sdk, start] of [["supertokens-node", startExpress], ["supertokens-python", startFastapi]]) {
  // Few recipes, because the claims of the others want a user that exists.
  const house = backendSuite(start, { recipes: "few" });
  const session = (name, input) => house.sdk(`session.${name}`, input);
  const make = (userId, more = {}) => session("createNewSessionWithoutRequestResponse", { tenantId: "public", recipeUserId: userId, ...more });
  const verify = (accessToken, checkDatabase = false) => session("getSessionWithoutRequestResponse", { accessToken, checkDatabase });
  const calls = () => house.app.calls.take();

  test(`${sdk}: a session of any user id, with data in the token and in the database`, async () => {
    const userId = newId();
    const made = await make(userId, { accessTokenPayload: { plan: "gold", deep: { list: [1, null, "ü"] } }, sessionDataInDatabase: { cart: [1, 2] } });
    assert.deepEqual([made.userId, made.recipeUserId, made.tenantId], [userId, userId, "public"]);
    assert.match(made.handle, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    const seen = await verify(made.accessToken);
    assert.deepEqual([seen.payload.plan, seen.payload.deep, seen.payload.sub], ["gold", { list: [1, null, "ü"] }, userId]);
    const info = await session("getSessionInformation", { sessionHandle: made.handle });
    assert.deepEqual([info.userId, info.recipeUserId ?? userId, info.tenantId, info.sessionDataInDatabase], [userId, userId, "public", { cart: [1, 2] }]);
    assert.equal(info.customClaimsInAccessTokenPayload.plan, "gold");
    assert.ok(info.expiry - info.timeCreated > 99 * 86_400_000 && info.expiry - info.timeCreated < 101 * 86_400_000);
    assert.equal(await session("getSessionInformation", { sessionHandle: "33333333-3333-4333-8333-333333333333" }), null);
  });

  test(`${sdk}: data in the database is replaced, data in the token is merged`, async () => {
    const made = await make(newId(), { accessTokenPayload: { kept: 1, gone: 2 }, sessionDataInDatabase: { old: true } });
    const sessionHandle = made.handle;
    assert.equal(await session("updateSessionDataInDatabase", { sessionHandle, newSessionData: { new: [null, 1] } }), true);
    assert.deepEqual((await session("getSessionInformation", { sessionHandle })).sessionDataInDatabase, { new: [null, 1] });
    assert.equal(await session("mergeIntoAccessTokenPayload", { sessionHandle, newAccessTokenPayload: { gone: null, more: { a: 1 } } }), true);
    const stored = (await session("getSessionInformation", { sessionHandle })).customClaimsInAccessTokenPayload;
    assert.deepEqual([stored.kept, stored.more, "gone" in stored], [1, { a: 1 }, false]);
    // The old token still says the old; one that is looked up in the database comes back new.
    assert.equal((await verify(made.accessToken)).payload.gone, 2);
    const checked = await verify(made.accessToken, true);
    assert.deepEqual([checked.payload.more, checked.payload.gone], [{ a: 1 }, undefined]);
    const renewed = await session("refreshSessionWithoutRequestResponse", { refreshToken: made.refreshToken });
    assert.deepEqual([renewed.payload.more, renewed.payload.gone, renewed.handle], [{ a: 1 }, undefined, sessionHandle]);
    const unknown = "33333333-3333-4333-8333-333333333333";
    assert.equal(await session("updateSessionDataInDatabase", { sessionHandle: unknown, newSessionData: {} }), false);
    assert.equal(await session("mergeIntoAccessTokenPayload", { sessionHandle: unknown, newAccessTokenPayload: {} }), false);
  });

  test(`${sdk}: all sessions of a user are listed and revoked; some; one`, async () => {
    const userId = newId();
    const made = [];
    for (let i = 0; i < 4; i += 1) made.push(await make(userId));
    const handles = made.map((one) => one.handle);
    const all = async () => (await session("getAllSessionHandlesForUser", { userId })).toSorted();
    assert.deepEqual(await all(), handles.toSorted());
    assert.equal(await session("revokeSession", { sessionHandle: handles[0] }), true);
    assert.equal(await session("revokeSession", { sessionHandle: handles[0] }), false);
    assert.deepEqual(await session("revokeMultipleSessions", { sessionHandles: [handles[0], handles[1], "no-handle"] }), [handles[1]]);
    assert.deepEqual(await all(), handles.slice(2).toSorted());
    assert.deepEqual((await session("revokeAllSessionsForUser", { userId })).toSorted(), handles.slice(2).toSorted());
    assert.deepEqual(await all(), []);
    assert.equal((await verify(made[3].accessToken)).userId, userId, "verified without the core until it expires");
    await failsWith(verify(made[3].accessToken, true), "UNAUTHORISED");
    await failsWith(session("refreshSessionWithoutRequestResponse", { refreshToken: made[3].refreshToken }), "UNAUTHORISED");
    await failsWith(session("refreshSessionWithoutRequestResponse", { refreshToken: "nonsense" }), "UNAUTHORISED");
  });

  test(`${sdk}: the refresh lineage: a parent is good until its child was used, then it is a theft`, async () => {
    const refresh = (refreshToken) => session("refreshSessionWithoutRequestResponse", { refreshToken });
    const made = await make(newId());
    const [first, second] = [await refresh(made.refreshToken), await refresh(made.refreshToken)];
    assert.notEqual(first.refreshToken, second.refreshToken);
    calls();
    // The first child is used, so its parent and its sibling are spent.
    const used = await verify(first.accessToken);
    assert.deepEqual(calls(), ["POST /recipe/session/verify"]);
    assert.equal(used.payload.parentRefreshTokenHash1, null);
    await failsWith(refresh(second.refreshToken), "TOKEN_THEFT_DETECTED");
    // A theft is told and not punished: that is the application's to do.
    assert.equal((await refresh(first.refreshToken)).handle, made.handle);
    // A grandchild is asked for without any look in between: that uses the child too.
    const other = await make(newId());
    const child = await refresh(other.refreshToken);
    const grandchild = await refresh(child.refreshToken);
    await failsWith(refresh(other.refreshToken), "TOKEN_THEFT_DETECTED");
    assert.equal((await refresh(grandchild.refreshToken)).handle, other.handle);
  });

  test(`${sdk}: a JWT of the application's own verifies against the key set`, async () => {
    const keys = createRemoteJWKSet(new URL(`${house.server.privateOrigin}/.well-known/jwks.json`));
    for (const useStaticSigningKey of [true, false]) {
      const { status, jwt } = await house.sdk("session.createJwt", { payload: { purpose: "reports", list: [1] }, validitySeconds: 600, useStaticSigningKey });
      assert.equal(status, "OK");
      const { payload, protectedHeader } = await jwtVerify(jwt, keys, { issuer: `${house.app.origin}/auth` });
      assert.deepEqual([payload.purpose, payload.list, payload.exp - payload.iat], ["reports", [1], 600]);
      assert.equal(protectedHeader.kid.slice(0, 2), useStaticSigningKey ? "s-" : "d-");
      assert.equal(protectedHeader.version, undefined);
      if (useStaticSigningKey) assert.equal(protectedHeader.alg, "RS256");
      // An application's JWT is not a session.
      await failsWith(verify(jwt), /./);
    }
  });

  // supertokens-python 0.31 reads RSA keys only when it hands the set on (it verifies sessions with any), so: RS256.
  test(`${sdk}: the application hands the key set on at its own address`, async () => {
    const server = await startServer({ config: `[keys]\nalgorithm = "RS256"\n` });
    const app = await start(server, { recipes: "few" });
    try {
      const visitor = new Visitor(app);
      await visitor.signIn({ email: newAddress("session") });
      const own = await visitor.get("/auth/jwt/jwks.json");
      const keys = (await ask(`${server.privateOrigin}/.well-known/jwks.json`)).json().keys;
      const brief = (set) => set.map(({ kid, alg, n }) => [kid, alg, n]).toSorted();
      assert.deepEqual(brief(own.json.keys), brief(keys));
      const { payload } = await jwtVerify(visitor.access, createLocalJWKSet(own.json), { issuer: `${app.origin}/auth` });
      assert.equal(payload.tId, "public");
      assert.equal((await visitor.get("/auth/.well-known/openid-configuration")).json.jwks_uri, `${app.origin}/auth/jwt/jwks.json`);
    } finally {
      await app.stop();
      await server.stop();
    }
  });

  test(`${sdk}: the tokens that a refresh gave before an update of the payload carry the update after it`, async () => {
    const visitor = new Visitor(house.app);
    await visitor.signIn({ email: newAddress("session") });
    const { handle } = (await visitor.get("/me")).json;
    await session("mergeIntoAccessTokenPayload", { sessionHandle: handle, newAccessTokenPayload: { step: 2 } });
    assert.equal((await visitor.get("/me")).json.payload.step, undefined);
    assert.equal((await visitor.post("/auth/session/refresh")).status, 200);
    assert.equal((await visitor.get("/me")).json.payload.step, 2);
  });
}

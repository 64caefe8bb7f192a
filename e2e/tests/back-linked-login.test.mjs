// A code login with roles, email verification and automatic account linking switched on in the SDK: what it asks of
// the core (contract supertokens-core.md §4), and what it makes of it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { backendSuite, Visitor } from "../lib/backend.mjs";
import { startExpress } from "../lib/express.mjs";
import { startFastapi } from "../lib/fastapi.mjs";
import { newAddress } from "../lib/mailbox.mjs";

for (const [sdk, start] of [["supertokens-node", startExpress], ["supertokens-python", startFastapi]]) {
  const house = backendSuite(start, { recipes: "all", linking: true });

  test(`${sdk}: with linking, roles and verification a new user's consume is ten core calls`, async () => {
    const app = await start(house.server, { recipes: "linking", linking: true });
    try {
      const visitor = new Visitor(app);
      const { deviceId, preAuthSessionId, message } = await visitor.askFor({ email: newAddress("linked") });
      app.calls.take();
      const { json } = await visitor.consume({ deviceId, preAuthSessionId, userInputCode: message.userInputCode });
      assert.deepEqual(app.calls.take(), [
        "GET /public/recipe/signinup/codes", "GET /public/users/by-accountinfo", "GET /public/recipe/multitenancy/tenant/v2",
        "POST /public/recipe/signinup/code/consume", "GET /public/users/by-accountinfo", "POST /recipe/accountlinking/user/primary", "GET /user/id",
        "GET /public/recipe/user/roles", "GET /recipe/user/email/verify", "POST /public/recipe/session",
      ]);
      assert.deepEqual([json.status, json.user.isPrimaryUser], ["OK", true]);
      const { payload } = (await visitor.get("/me")).json;
      assert.deepEqual([payload["st-ev"].v, payload["st-role"].v, payload["st-perm"].v], [true, [], []]);
    } finally {
      await app.stop();
    }
  });

  test(`${sdk}: roles and permissions of a user are in the session's claims`, async () => {
    const email = newAddress("linked");
    const user = await new Visitor(house.app).signIn({ email });
    const role = `role-${email}`;
    await house.sdk("userroles.createNewRoleOrAddPermissions", { role, permissions: ["read", "write"] });
    await house.sdk("userroles.addRoleToUser", { tenantId: "public", userId: user.id, role });
    const visitor = new Visitor(house.app);
    assert.equal((await visitor.signIn({ email })).id, user.id);
    const { payload } = (await visitor.get("/me")).json;
    assert.deepEqual([payload["st-role"].v, payload["st-perm"].v.toSorted()], [[role], ["read", "write"]]);
  });

  test(`${sdk}: a verified provider account with the address of a user is linked to that user as it signs in`, async () => {
    const email = newAddress("linked");
    const user = await new Visitor(house.app).signIn({ email });
    assert.equal(user.isPrimaryUser, true);
    const third = { tenantId: "public", thirdPartyId: "google", thirdPartyUserId: `g-${email}`, email, isVerified: true };
    const made = await house.sdk("thirdparty.manuallyCreateOrUpdateUser", third);
    assert.deepEqual([made.status, made.user.id, made.user.loginMethods.length], ["OK", user.id, 2]);
    assert.notEqual(made.recipeUserId, user.id);
    assert.deepEqual(made.user.loginMethods.map((method) => method.recipeId).toSorted(), ["passwordless", "thirdparty"]);
    assert.deepEqual(made.user.emails, [email]);
    // Whichever way they come in, the session is that user's, and says by which way.
    const visitor = new Visitor(house.app);
    assert.equal((await visitor.signIn({ email })).id, user.id);
    const me = (await visitor.get("/me")).json;
    assert.deepEqual([me.userId, me.recipeUserId], [user.id, user.loginMethods[0].recipeUserId]);
  });

  test(`${sdk}: an unverified provider account with the address of a user is a user of its own`, async () => {
    const email = newAddress("linked");
    const user = await new Visitor(house.app).signIn({ email });
    const third = { tenantId: "public", thirdPartyId: "google", thirdPartyUserId: `g-${email}`, email, isVerified: false };
    const made = await house.sdk("thirdparty.manuallyCreateOrUpdateUser", third);
    assert.deepEqual([made.status, made.user.isPrimaryUser, made.user.loginMethods[0].verified], ["OK", false, false]);
    assert.notEqual(made.user.id, user.id);
    assert.equal((await house.sdk("users.getUser", { userId: user.id })).loginMethods.length, 1);
  });
}

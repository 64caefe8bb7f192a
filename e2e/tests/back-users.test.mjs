// Users through the SDKs: found, listed, counted, changed, deleted; their metadata, roles and verified addresses.
import assert from "node:assert/strict";
import { test } from "node:test";
import { backendSuite, failsWith, Visitor } from "../lib/backend.mjs";
import { startExpress } from "../lib/express.mjs";
import { startFastapi } from "../lib/fastapi.mjs";
import { newAddress } from "../lib/mailbox.mjs";
import { newPhone } from "../lib/suite.mjs";

const ids = (users) => users.map((user) => user.id);
const NOBODY = "11111111-1111-4111-8111-111111111111";

for (const [sdk, start] of [["supertokens-node", startExpress], ["supertokens-python", startFastapi]]) {
  const house = backendSuite(start);
  const made = async (contact = { email: newAddress("user") }, tenantId = "public") => (await passwordless("signInUp", { tenantId, ...contact })).user;
  const passwordless = (name, input) => {
    // One function has two spellings; Python wants both contacts, given or not.
    if (name === "signInUp" && sdk.endsWith("python")) return house.sdk("passwordless.signinup", { email: null, phoneNumber: null, ...input });
    return house.sdk(`passwordless.${name}`, input);
  };

  test(`${sdk}: users are listed page by page, in both orders, and counted`, async () => {
    const tenantId = `list-${process.pid}`;
    await house.sdk("multitenancy.createOrUpdateTenant", { tenantId, config: { firstFactors: null } });
    const all = [];
    for (let i = 0; i < 5; i += 1) all.push((await made(undefined, tenantId)).id);
    const elsewhere = (await made()).id;
    const walk = async (verb) => {
      const found = [];
      let paginationToken;
      let pages = 0;
      do {
        const page = await house.sdk(verb, { tenantId, limit: 2, ...(paginationToken && { paginationToken }) });
        assert.ok(page.users.length <= 2);
        found.push(...ids(page.users));
        ({ nextPaginationToken: paginationToken } = page);
        pages += 1;
      } while (paginationToken);
      assert.equal(pages, 3);
      return found;
    };
    assert.deepEqual(await walk("users.getUsersOldestFirst"), all);
    assert.deepEqual(await walk("users.getUsersNewestFirst"), all.toReversed());
    assert.equal(await house.sdk("users.getUserCount", { tenantId }), 5);
    const everywhere = await house.sdk("users.getUserCount");
    assert.ok(everywhere >= 6);
    assert.equal(await house.sdk("users.getUserCount", { tenantId, includeRecipeIds: ["passwordless"] }), 5);
    assert.equal(await house.sdk("users.getUserCount", { tenantId, includeRecipeIds: ["thirdparty"] }), 0);
    const publicly = await house.sdk("users.getUsersNewestFirst", { tenantId: "public", limit: 1, includeRecipeIds: ["passwordless"] });
    assert.deepEqual(ids(publicly.users), [elsewhere]);
    await failsWith(house.sdk("users.getUsersOldestFirst", { tenantId, paginationToken: "nonsense" }), /invalid pagination token\n$/);
    await failsWith(house.sdk("users.getUsersOldestFirst", { tenantId, limit: 501 }), /status code: 400/);
  });

  test(`${sdk}: the list can be searched by the beginning of an address`, async () => {
    const email = newAddress(`needle-${sdk.slice(12)}`);
    const user = await made({ email });
    await made();
    const found = await house.sdk("users.getUsersOldestFirst", { tenantId: "public", query: { email: email.slice(0, 12) } });
    assert.deepEqual(ids(found.users), [user.id]);
    const none = await house.sdk("users.getUsersOldestFirst", { tenantId: "public", query: { email: "nobody-at-all" } });
    assert.deepEqual(none.users, []);
  });

  test(`${sdk}: a user is found by id and by what they sign in with, and no longer when deleted`, async () => {
    const [email, phone] = [newAddress("user"), newPhone().e164];
    const user = await made({ email });
    const other = await made({ phoneNumber: phone });
    assert.deepEqual(await house.sdk("users.getUser", { userId: user.id }), user);
    assert.equal(await house.sdk("users.getUser", { userId: NOBODY }), null);
    const by = async (accountInfo, doUnionOfAccountInfo = false) => ids(await house.sdk("users.listUsersByAccountInfo", { tenantId: "public", accountInfo, doUnionOfAccountInfo }));
    assert.deepEqual(await by({ email: ` ${email.toUpperCase()} ` }), [user.id]);
    assert.deepEqual(await by({ phoneNumber: phone }), [other.id]);
    assert.deepEqual(await by({ email, phoneNumber: phone }), []);
    assert.deepEqual(await by({ email, phoneNumber: phone }, true), [user.id, other.id]);
    assert.deepEqual(await by({ email: "nobody@example.com" }), []);

    await house.sdk("users.deleteUser", { userId: user.id });
    assert.equal(await house.sdk("users.getUser", { userId: user.id }), null);
    assert.deepEqual(await by({ email }), []);
    await house.sdk("users.deleteUser", { userId: NOBODY });
    const again = await made({ email });
    assert.notEqual(again.id, user.id);
  });

  test(`${sdk}: deleting a user ends their sessions`, async () => {
    const visitor = new Visitor(house.app);
    const user = await visitor.signIn({ email: newAddress("user") });
    await house.sdk("users.deleteUser", { userId: user.id });
    assert.equal((await visitor.get("/me/checked")).status, 401);
    assert.equal((await visitor.post("/auth/session/refresh")).status, 401);
  });

  test(`${sdk}: address and number of a user are added, changed and cleared`, async () => {
    const [email, phone] = [newAddress("user"), newPhone().e164];
    const user = await made({ email });
    const [{ recipeUserId }] = user.loginMethods;
    const look = async () => {
      const { emails, phoneNumbers } = await house.sdk("users.getUser", { userId: user.id });
      return [...emails, ...phoneNumbers];
    };
    assert.equal((await passwordless("updateUser", { recipeUserId, phoneNumber: phone })).status, "OK");
    assert.deepEqual(await look(), [email, phone]);
    assert.equal((await made({ phoneNumber: phone })).id, user.id);
    const next = newAddress("user");
    assert.equal((await passwordless("updateUser", { recipeUserId, email: next })).status, "OK");
    assert.deepEqual(await look(), [next, phone]);
    assert.notEqual((await made({ email })).id, user.id, "the old address is free");
    assert.equal((await passwordless("updateUser", { recipeUserId, email })).status, "EMAIL_ALREADY_EXISTS_ERROR");
    const taken = newPhone().e164;
    await made({ phoneNumber: taken });
    assert.equal((await passwordless("updateUser", { recipeUserId, phoneNumber: taken })).status, "PHONE_NUMBER_ALREADY_EXISTS_ERROR");
    assert.equal((await passwordless("deletePhoneNumberForUser", { recipeUserId })).status, "OK");
    assert.deepEqual(await look(), [next]);
    await failsWith(passwordless("deleteEmailForUser", { recipeUserId }), /You cannot clear both email and phone number of a user/);
    assert.equal((await passwordless("updateUser", { recipeUserId: NOBODY, email: newAddress("user") })).status, "UNKNOWN_USER_ID_ERROR");
  });

  test(`${sdk}: metadata is merged at its top, null deletes, and it can be cleared`, async () => {
    const { id: userId } = await made();
    const metadata = async () => (await house.sdk("usermetadata.getUserMetadata", { userId })).metadata;
    const update = async (metadataUpdate) => (await house.sdk("usermetadata.updateUserMetadata", { userId, metadataUpdate })).metadata;
    assert.deepEqual(await metadata(), {});
    await update({ theme: "dark", deep: { a: 1, b: 2 }, list: [1, { two: 2 }], ratio: 1.5, text: "grüß \u{1f600}" });
    assert.deepEqual(await update({ deep: { c: 3, kept: null }, theme: null, more: true }), { deep: { c: 3, kept: null }, list: [1, { two: 2 }], ratio: 1.5, text: "grüß \u{1f600}", more: true });
    assert.deepEqual(Object.keys(await metadata()).toSorted(), ["deep", "list", "more", "ratio", "text"]);
    await house.sdk("usermetadata.clearUserMetadata", { userId });
    assert.deepEqual(await metadata(), {});
    // Anybody's id will do: an application may keep notes under its own names.
    await house.sdk("usermetadata.updateUserMetadata", { userId: "not-a-user", metadataUpdate: { a: 1 } });
    assert.deepEqual((await house.sdk("usermetadata.getUserMetadata", { userId: "not-a-user" })).metadata, { a: 1 });
    await update({ gone: "soon" });
    await house.sdk("users.deleteUser", { userId });
    assert.deepEqual(await metadata(), {});
  });

  test(`${sdk}: roles and permissions, every verb`, async () => {
    const roles = (name, input = {}) => house.sdk(`userroles.${name}`, input);
    const [admin, reader] = [`admin-${process.pid}`, `reader-${process.pid}`];
    const { id: userId } = await made();
    assert.deepEqual(await roles("createNewRoleOrAddPermissions", { role: admin, permissions: ["read", "write"] }), { status: "OK", createdNewRole: true });
    assert.deepEqual(await roles("createNewRoleOrAddPermissions", { role: ` ${admin} `, permissions: ["delete", "read"] }), { status: "OK", createdNewRole: false });
    assert.equal((await roles("createNewRoleOrAddPermissions", { role: reader, permissions: ["read"] })).createdNewRole, true);
    assert.deepEqual((await roles("getPermissionsForRole", { role: admin })).permissions.toSorted(), ["delete", "read", "write"]);
    assert.equal((await roles("getPermissionsForRole", { role: "no-role" })).status, "UNKNOWN_ROLE_ERROR");
    assert.deepEqual((await roles("getRolesThatHavePermission", { permission: "read" })).roles.toSorted(), [admin, reader]);
    assert.deepEqual((await roles("getRolesThatHavePermission", { permission: "nothing" })).roles, []);
    assert.deepEqual((await roles("getAllRoles")).roles.toSorted(), [admin, reader]);

    const give = (role) => roles("addRoleToUser", { tenantId: "public", userId, role });
    assert.deepEqual(await give(admin), { status: "OK", didUserAlreadyHaveRole: false });
    assert.deepEqual(await give(admin), { status: "OK", didUserAlreadyHaveRole: true });
    assert.equal((await give("no-role")).status, "UNKNOWN_ROLE_ERROR");
    await give(reader);
    assert.deepEqual((await roles("getRolesForUser", { tenantId: "public", userId })).roles.toSorted(), [admin, reader]);
    assert.deepEqual((await roles("getUsersThatHaveRole", { tenantId: "public", role: admin })).users, [userId]);
    assert.equal((await roles("getUsersThatHaveRole", { tenantId: "public", role: "no-role" })).status, "UNKNOWN_ROLE_ERROR");

    assert.equal((await roles("removePermissionsFromRole", { role: admin, permissions: ["write", "never-there"] })).status, "OK");
    assert.deepEqual((await roles("getPermissionsForRole", { role: admin })).permissions.toSorted(), ["delete", "read"]);
    assert.equal((await roles("removePermissionsFromRole", { role: "no-role", permissions: ["read"] })).status, "UNKNOWN_ROLE_ERROR");
    const take = (role) => roles("removeUserRole", { tenantId: "public", userId, role });
    assert.deepEqual(await take(reader), { status: "OK", didUserHaveRole: true });
    assert.deepEqual(await take(reader), { status: "OK", didUserHaveRole: false });
    assert.equal((await take("no-role")).status, "UNKNOWN_ROLE_ERROR");
    assert.deepEqual(await roles("deleteRole", { role: admin }), { status: "OK", didRoleExist: true });
    assert.deepEqual(await roles("deleteRole", { role: admin }), { status: "OK", didRoleExist: false });
    assert.deepEqual((await roles("getRolesForUser", { tenantId: "public", userId })).roles, []);
    assert.deepEqual((await roles("getAllRoles")).roles, [reader]);
  });

  test(`${sdk}: a signed-in address is verified; it can be taken back, and proven by a token`, async () => {
    const email = newAddress("user");
    const { loginMethods: [{ recipeUserId }] } = await made({ email });
    const verification = (name, input) => house.sdk(`emailverification.${name}`, input);
    const isVerified = () => verification("isEmailVerified", { recipeUserId, email });
    const token = () => verification("createEmailVerificationToken", { tenantId: "public", recipeUserId, email });
    assert.equal(await isVerified(), true);
    assert.equal((await token()).status, "EMAIL_ALREADY_VERIFIED_ERROR");
    await verification("unverifyEmail", { recipeUserId, email });
    assert.equal(await isVerified(), false);
    const first = await token();
    assert.equal(first.status, "OK");
    await verification("revokeEmailVerificationTokens", { tenantId: "public", recipeUserId, email });
    const prove = (one) => verification("verifyEmailUsingToken", { tenantId: "public", token: one.token });
    assert.equal((await prove(first)).status, "EMAIL_VERIFICATION_INVALID_TOKEN_ERROR");
    const second = await token();
    assert.notEqual(second.token, first.token);
    const proven = await prove(second);
    assert.deepEqual([proven.status, proven.user.recipeUserId, proven.user.email], ["OK", recipeUserId, email]);
    assert.equal(await isVerified(), true);
    assert.equal((await prove(second)).status, "EMAIL_VERIFICATION_INVALID_TOKEN_ERROR");
    assert.equal((await house.sdk("users.getUser", { userId: recipeUserId })).loginMethods[0].verified, true);
  });
}

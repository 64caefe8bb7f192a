// Account linking through the SDKs: who may become a primary user, what is linked to whom, and that every login method
// keeps the id it came with. Users of providers, made by hand.
import assert from "node:assert/strict";
import { test } from "node:test";
import { backendSuite, failsWith, Visitor } from "../lib/backend.mjs";
import { startExpress } from "../lib/express.mjs";
import { startFastapi } from "../lib/fastapi.mjs";
import { newAddress } from "../lib/mailbox.mjs";
import { newPhone } from "../lib/suite.mjs";

const NOBODY = "22222222-2222-4222-8222-222222222222";

for (const [sdk, start] of [["supertokens-node", startExpress], ["supertokens-python", startFastapi]]) {
  const house = backendSuite(start);
  const linking = (name, input) => house.sdk(`accountlinking.${name}`, input);
  const user = (userId) => house.sdk("users.getUser", { userId });
  const byMail = async (email = newAddress("link")) => new Visitor(house.app).signIn({ email });
  const byPhone = async () => new Visitor(house.app).signIn({ phoneNumber: newPhone().e164 });
  const byProvider = async (email, more = {}) =>
    house.sdk("thirdparty.manuallyCreateOrUpdateUser", { tenantId: "public", thirdPartyId: "google", thirdPartyUserId: `g-${email}`, email, isVerified: true, ...more });

  test(`${sdk}: a user becomes primary, once`, async () => {
    const { id: recipeUserId, isPrimaryUser } = await byMail();
    assert.equal(isPrimaryUser, false);
    const can = () => linking("canCreatePrimaryUser", { recipeUserId });
    const make = () => linking("createPrimaryUser", { recipeUserId });
    const first = await can();
    assert.deepEqual([first.status, first.wasAlreadyAPrimaryUser], ["OK", false]);
    const made = await make();
    assert.deepEqual([made.status, made.wasAlreadyAPrimaryUser, made.user.id, made.user.isPrimaryUser], ["OK", false, recipeUserId, true]);
    assert.deepEqual([(await can()).wasAlreadyAPrimaryUser, (await make()).wasAlreadyAPrimaryUser], [true, true]);
    assert.equal((await user(recipeUserId)).isPrimaryUser, true);
    await failsWith(linking("canCreatePrimaryUser", { recipeUserId: NOBODY }), /Unknown user ID provided/);
    await failsWith(linking("createPrimaryUser", { recipeUserId: NOBODY }), /Unknown user ID provided/);
  });

  test(`${sdk}: linking makes one user of two; each login method keeps its id; its sessions end`, async () => {
    const primary = await byMail();
    const guest = new Visitor(house.app);
    const phone = newPhone().e164;
    const other = await guest.signIn({ phoneNumber: phone });
    await house.sdk("usermetadata.updateUserMetadata", { userId: primary.id, metadataUpdate: { kept: true } });
    const pair = { recipeUserId: other.id, primaryUserId: primary.id };
    assert.equal((await linking("canLinkAccounts", pair)).status, "INPUT_USER_IS_NOT_A_PRIMARY_USER");
    assert.equal((await linking("linkAccounts", pair)).status, "INPUT_USER_IS_NOT_A_PRIMARY_USER");
    await linking("createPrimaryUser", { recipeUserId: primary.id });
    assert.equal((await linking("canLinkAccounts", pair)).accountsAlreadyLinked, false);
    const linked = await linking("linkAccounts", pair);
    assert.deepEqual([linked.status, linked.accountsAlreadyLinked, linked.user.id], ["OK", false, primary.id]);
    assert.deepEqual(linked.user.loginMethods.map((method) => method.recipeUserId), [primary.id, other.id]);
    assert.deepEqual([linked.user.emails, linked.user.phoneNumbers], [primary.emails, [phone]]);
    assert.equal(linked.user.timeJoined, primary.timeJoined);
    assert.equal((await linking("linkAccounts", pair)).accountsAlreadyLinked, true);
    assert.equal((await linking("canLinkAccounts", pair)).accountsAlreadyLinked, true);
    assert.equal((await guest.get("/me/checked")).status, 401, "the sessions of the one that was linked end");

    // Either id finds the one user; a login by either way is a session of it, with the way's own id.
    assert.deepEqual(await user(other.id), await user(primary.id));
    const again = new Visitor(house.app);
    assert.equal((await again.signIn({ phoneNumber: phone })).id, primary.id);
    const me = (await again.get("/me")).json;
    assert.deepEqual([me.userId, me.recipeUserId], [primary.id, other.id]);
    assert.deepEqual((await house.sdk("usermetadata.getUserMetadata", { userId: me.userId })).metadata, { kept: true });
    assert.deepEqual(await house.sdk("session.getAllSessionHandlesForUser", { userId: primary.id, fetchSessionsForLinkedAccounts: true }).then((all) => all.includes(me.handle)), true);

    // What is somebody's cannot become primary or be linked elsewhere.
    const told = await linking("canCreatePrimaryUser", { recipeUserId: other.id });
    assert.deepEqual([told.status, told.primaryUserId], ["RECIPE_USER_ID_ALREADY_LINKED_WITH_PRIMARY_USER_ID_ERROR", primary.id]);
    assert.equal((await linking("createPrimaryUser", { recipeUserId: other.id })).status, "RECIPE_USER_ID_ALREADY_LINKED_WITH_PRIMARY_USER_ID_ERROR");
    const third = await byMail();
    await linking("createPrimaryUser", { recipeUserId: third.id });
    const elsewhere = await linking("linkAccounts", { recipeUserId: other.id, primaryUserId: third.id });
    assert.deepEqual([elsewhere.status, elsewhere.primaryUserId], ["RECIPE_USER_ID_ALREADY_LINKED_WITH_ANOTHER_PRIMARY_USER_ID_ERROR", primary.id]);

    // Parted again, both are who they were.
    assert.deepEqual(await linking("unlinkAccount", { recipeUserId: other.id }), { status: "OK", wasRecipeUserDeleted: false, wasLinked: true });
    const parted = await user(other.id);
    assert.deepEqual([parted.id, parted.isPrimaryUser, parted.phoneNumbers, parted.emails], [other.id, false, [phone], []]);
    assert.equal((await user(primary.id)).loginMethods.length, 1);
    assert.equal((await new Visitor(house.app).signIn({ phoneNumber: phone })).id, other.id);
    assert.deepEqual(await linking("unlinkAccount", { recipeUserId: other.id }), { status: "OK", wasRecipeUserDeleted: false, wasLinked: false });
  });

  test(`${sdk}: the primary's own login method cannot be parted from the others: it goes`, async () => {
    const primary = await byMail();
    const other = await byPhone();
    await linking("createPrimaryUser", { recipeUserId: primary.id });
    await linking("linkAccounts", { recipeUserId: other.id, primaryUserId: primary.id });
    assert.deepEqual(await linking("unlinkAccount", { recipeUserId: primary.id }), { status: "OK", wasRecipeUserDeleted: true, wasLinked: true });
    const left = await user(primary.id);
    assert.deepEqual([left.id, left.emails, left.loginMethods.map((method) => method.recipeUserId)], [primary.id, [], [other.id]]);
    assert.deepEqual(await user(other.id), left);
  });

  test(`${sdk}: deleting a linked user takes all of it, or the one login method alone`, async () => {
    for (const removeAllLinkedAccounts of [true, false]) {
      const primary = await byMail();
      const other = await byPhone();
      await linking("createPrimaryUser", { recipeUserId: primary.id });
      await linking("linkAccounts", { recipeUserId: other.id, primaryUserId: primary.id });
      await house.sdk("users.deleteUser", { userId: other.id, removeAllLinkedAccounts });
      const left = await user(primary.id);
      if (removeAllLinkedAccounts) assert.equal(left, null);
      else assert.deepEqual(left.loginMethods.map((method) => method.recipeUserId), [primary.id]);
      assert.equal(await user(other.id), null);
    }
  });

  test(`${sdk}: a provider's user is made, found and changed by hand`, async () => {
    const email = newAddress("third");
    const made = await byProvider(email);
    assert.deepEqual([made.status, made.createdNewRecipeUser, made.user.emails], ["OK", true, [email]]);
    assert.deepEqual(made.user.thirdParty, [{ id: "google", userId: `g-${email}` }]);
    const [method] = made.user.loginMethods;
    assert.deepEqual([method.recipeId, method.verified, method.thirdParty.userId, method.recipeUserId], ["thirdparty", true, `g-${email}`, made.recipeUserId]);
    const next = newAddress("third");
    const again = await byProvider(next, { thirdPartyUserId: `g-${email}` });
    assert.deepEqual([again.createdNewRecipeUser, again.user.id, again.user.emails], [false, made.user.id, [next]]);
    const accountInfo = { thirdParty: { id: "google", userId: `g-${email}` } };
    const found = await house.sdk("users.listUsersByAccountInfo", { tenantId: "public", accountInfo });
    assert.deepEqual(found.map((one) => one.id), [made.user.id]);
    const unverified = await byProvider(newAddress("third"), { isVerified: false });
    assert.equal(unverified.user.loginMethods[0].verified, false);
    // The same address by two ways are two users until somebody links them.
    assert.notEqual((await byMail(next)).id, made.user.id);
    assert.equal(await house.sdk("users.getUserCount", { includeRecipeIds: ["thirdparty"] }), 2);
  });

  test(`${sdk}: two primary users cannot have one address`, async () => {
    const email = newAddress("twice");
    const mail = await byMail(email);
    const provider = await byProvider(email);
    await linking("createPrimaryUser", { recipeUserId: mail.id });
    const told = await linking("createPrimaryUser", { recipeUserId: provider.recipeUserId });
    assert.deepEqual([told.status, told.primaryUserId], ["ACCOUNT_INFO_ALREADY_ASSOCIATED_WITH_ANOTHER_PRIMARY_USER_ID_ERROR", mail.id]);
    const other = await byPhone();
    await linking("createPrimaryUser", { recipeUserId: other.id });
    const across = await linking("linkAccounts", { recipeUserId: provider.recipeUserId, primaryUserId: other.id });
    assert.deepEqual([across.status, across.primaryUserId], ["ACCOUNT_INFO_ALREADY_ASSOCIATED_WITH_ANOTHER_PRIMARY_USER_ID_ERROR", mail.id]);
    assert.equal((await linking("linkAccounts", { recipeUserId: provider.recipeUserId, primaryUserId: mail.id })).status, "OK");
  });

  test(`${sdk}: a primary user's address cannot be changed to another primary user's`, async () => {
    const [one, two] = [await byMail(), await byPhone()];
    await linking("createPrimaryUser", { recipeUserId: one.id });
    await linking("createPrimaryUser", { recipeUserId: two.id });
    const provider = await byProvider(newAddress("change"));
    await linking("linkAccounts", { recipeUserId: provider.recipeUserId, primaryUserId: two.id });
    const changed = await byProvider(one.emails[0], { thirdPartyUserId: provider.user.thirdParty[0].userId });
    assert.equal(changed.status, "EMAIL_CHANGE_NOT_ALLOWED_ERROR");
    const phone = await house.sdk("passwordless.updateUser", { recipeUserId: two.id, email: one.emails[0] });
    assert.ok(["EMAIL_ALREADY_EXISTS_ERROR", "EMAIL_CHANGE_NOT_ALLOWED_ERROR"].includes(phone.status), phone.status);
  });
}

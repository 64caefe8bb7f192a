// Tenants through the SDKs: made, listed, read, deleted; users in several of them; what may sign in; providers.
import assert from "node:assert/strict";
import { test } from "node:test";
import { backendSuite, failsWith, Visitor } from "../lib/backend.mjs";
import { startExpress } from "../lib/express.mjs";
import { startFastapi } from "../lib/fastapi.mjs";
import { newAddress } from "../lib/mailbox.mjs";
import { newPhone } from "../lib/suite.mjs";

let last = 0;
const newTenant = () => `t${process.pid}-${(last += 1)}`;
const OPEN = ["otp-email", "otp-phone", "link-email", "link-phone"];

for (const [sdk, start] of [["supertokens-node", startExpress], ["supertokens-python", startFastapi]]) {
  const house = backendSuite(start);
  const tenancy = (name, input = {}) => house.sdk(`multitenancy.${name}`, input);
  const make = async (config = { firstFactors: OPEN }) => {
    const tenantId = newTenant();
    assert.deepEqual(await tenancy("createOrUpdateTenant", { tenantId, config }), { status: "OK", createdNew: true });
    return tenantId;
  };

  test(`${sdk}: a tenant is made, changed, listed and deleted`, async () => {
    const tenantId = await make({ firstFactors: ["otp-email"] });
    const read = async (id = tenantId) => tenancy("getTenant", { tenantId: id });
    assert.deepEqual((await read()).firstFactors, ["otp-email"]);
    assert.deepEqual(await tenancy("createOrUpdateTenant", { tenantId, config: { firstFactors: ["otp-email", "link-email"] } }), { status: "OK", createdNew: false });
    assert.deepEqual((await read()).firstFactors, ["otp-email", "link-email"]);
    await tenancy("createOrUpdateTenant", { tenantId, config: { coreConfig: { passwordless_code_lifetime: 60_000 } } });
    const after = await read();
    assert.deepEqual([after.firstFactors, after.coreConfig.passwordless_code_lifetime], [["otp-email", "link-email"], 60_000]);
    await tenancy("createOrUpdateTenant", { tenantId, config: { firstFactors: null } });
    assert.equal((await read()).firstFactors ?? null, null);
    const { tenants } = await tenancy("listAllTenants");
    const names = tenants.map((tenant) => tenant.tenantId);
    assert.ok(names.includes("public") && names.includes(tenantId), names.join());
    assert.deepEqual(await tenancy("deleteTenant", { tenantId }), { status: "OK", didExist: true });
    assert.deepEqual(await tenancy("deleteTenant", { tenantId }), { status: "OK", didExist: false });
    assert.equal(await read(), null);
    assert.equal((await tenancy("listAllTenants")).tenants.some((tenant) => tenant.tenantId === tenantId), false);
    await failsWith(tenancy("deleteTenant", { tenantId: "public" }), /403/);
    await failsWith(tenancy("createOrUpdateTenant", { tenantId: "no spaces here", config: {} }), /400/);
  });

  test(`${sdk}: a tenant has users and sessions of its own`, async () => {
    const tenantId = await make();
    const email = newAddress("tenant");
    const inside = new Visitor(house.app);
    const user = await inside.signIn({ email }, `/${tenantId}`);
    assert.deepEqual(user.tenantIds, [tenantId]);
    const me = (await inside.get("/me")).json;
    assert.deepEqual([me.tenantId, me.handle.split("_")[1]], [tenantId, tenantId]);
    const outside = await new Visitor(house.app).signIn({ email });
    assert.notEqual(outside.id, user.id);
    const by = async (tenant) => (await house.sdk("users.listUsersByAccountInfo", { tenantId: tenant, accountInfo: { email } })).map((one) => one.id);
    assert.deepEqual([await by(tenantId), await by("public")], [[user.id], [outside.id]]);
    // A code of one tenant opens nothing in another.
    const { deviceId, preAuthSessionId, message } = await inside.askFor({ email }, `/${tenantId}`);
    const wrong = await new Visitor(house.app).consume({ deviceId, preAuthSessionId, userInputCode: message.userInputCode });
    assert.equal(wrong.json.status, "RESTART_FLOW_ERROR");
    // The session ends with its tenant.
    await tenancy("deleteTenant", { tenantId });
    assert.equal((await inside.get("/me/checked")).status, 401);
  });

  test(`${sdk}: first factors say who may sign in`, async () => {
    const tenantId = await make({ firstFactors: ["otp-email"] });
    const visitor = new Visitor(house.app);
    const { flowType } = await visitor.askFor({ email: newAddress("tenant") }, `/${tenantId}`);
    assert.equal(flowType, "USER_INPUT_CODE");
    const refused = await visitor.post(`/auth/${tenantId}/signinup/code`, { phoneNumber: newPhone().e164 });
    assert.notEqual(refused.json?.status, "OK");
    const methods = (await visitor.get(`/auth/${tenantId}/loginmethods`)).json;
    assert.deepEqual(methods.firstFactors, ["otp-email"]);
  });

  test(`${sdk}: a user belongs to several tenants`, async () => {
    const [one, two] = [await make(), await make()];
    const email = newAddress("tenant");
    const user = await new Visitor(house.app).signIn({ email }, `/${one}`);
    const [{ recipeUserId }] = user.loginMethods;
    const associate = (tenantId) => tenancy("associateUserToTenant", { tenantId, recipeUserId });
    assert.deepEqual(await associate(two), { status: "OK", wasAlreadyAssociated: false });
    assert.deepEqual(await associate(two), { status: "OK", wasAlreadyAssociated: true });
    assert.deepEqual((await house.sdk("users.getUser", { userId: user.id })).tenantIds.toSorted(), [one, two].toSorted());
    assert.equal((await new Visitor(house.app).signIn({ email }, `/${two}`)).id, user.id);
    assert.equal((await tenancy("associateUserToTenant", { tenantId: two, recipeUserId: "nobody" })).status, "UNKNOWN_USER_ID_ERROR");
    const rival = await new Visitor(house.app).signIn({ email });
    assert.notEqual(rival.id, user.id);
    assert.equal((await associate("public")).status, "EMAIL_ALREADY_EXISTS_ERROR");

    const leave = (tenantId) => tenancy("disassociateUserFromTenant", { tenantId, recipeUserId });
    assert.deepEqual(await leave(one), { status: "OK", wasAssociated: true });
    assert.deepEqual(await leave(one), { status: "OK", wasAssociated: false });
    assert.deepEqual((await house.sdk("users.getUser", { userId: user.id })).tenantIds, [two]);
    assert.deepEqual(await house.sdk("users.listUsersByAccountInfo", { tenantId: one, accountInfo: { email } }), []);
    assert.notEqual((await new Visitor(house.app).signIn({ email }, `/${one}`)).id, user.id);
  });

  test(`${sdk}: roles are given per tenant, roles themselves are the app's`, async () => {
    const tenantId = await make();
    const { id: userId } = await new Visitor(house.app).signIn({ email: newAddress("tenant") });
    const role = `role-${tenantId}`;
    await house.sdk("userroles.createNewRoleOrAddPermissions", { role, permissions: [] });
    await house.sdk("userroles.addRoleToUser", { tenantId, userId, role });
    const of = async (tenant) => (await house.sdk("userroles.getRolesForUser", { tenantId: tenant, userId })).roles;
    assert.deepEqual([await of(tenantId), await of("public")], [[role], []]);
  });

  test(`${sdk}: a tenant's providers are kept as they were given`, async () => {
    const tenantId = await make({ firstFactors: ["thirdparty"] });
    const config = { thirdPartyId: "custom", name: "Custom", clients: [{ clientId: "one", clientSecret: "secret", scope: ["email"] }], authorizationEndpoint: "https://id.example.com/authorize" };
    const set = (given) => tenancy("createOrUpdateThirdPartyConfig", { tenantId, config: given, skipValidation: true });
    assert.deepEqual(await set(config), { status: "OK", createdNew: true });
    assert.deepEqual(await set({ ...config, name: "Renamed" }), { status: "OK", createdNew: false });
    const tenant = await tenancy("getTenant", { tenantId });
    const [provider] = tenant.thirdParty?.providers ?? tenant.thirdPartyProviders;
    assert.deepEqual([provider.thirdPartyId, provider.name, provider.clients[0].clientId, provider.clients[0].scope], ["custom", "Renamed", "one", ["email"]]);
    assert.equal(provider.authorizationEndpoint, config.authorizationEndpoint);
    const remove = () => tenancy("deleteThirdPartyConfig", { tenantId, thirdPartyId: "custom" });
    assert.deepEqual(await remove(), { status: "OK", didConfigExist: true });
    assert.deepEqual(await remove(), { status: "OK", didConfigExist: false });
  });
}

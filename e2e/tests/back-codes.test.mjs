// Codes through the SDKs' own functions: made, listed, checked, revoked; codes of the application's choice.
import assert from "node:assert/strict";
import { test } from "node:test";
import { backendSuite, failsWith } from "../lib/backend.mjs";
import { startExpress } from "../lib/express.mjs";
import { startFastapi } from "../lib/fastapi.mjs";
import { newAddress, wrongCode } from "../lib/mailbox.mjs";
import { newPhone } from "../lib/suite.mjs";

const tenantId = "public";

for (const [sdk, start] of [["supertokens-node", startExpress], ["supertokens-python", startFastapi]]) {
  const house = backendSuite(start);
  const passwordless = (name, input) => house.sdk(`passwordless.${name}`, { tenantId, ...input });
  const typed = ({ preAuthSessionId, deviceId, userInputCode }) => ({ preAuthSessionId, deviceId, userInputCode });
  const clicked = ({ preAuthSessionId, linkCode }) => ({ preAuthSessionId, linkCode });

  test(`${sdk}: a code is made, checked without being used, and used once`, async () => {
    const email = newAddress("codes");
    const code = await passwordless("createCode", { email });
    assert.equal(code.status, "OK");
    assert.match(code.userInputCode, /^\d{6}$/);
    assert.equal(code.codeLifetime ?? code.codeLifeTime, 600_000);
    assert.ok(Math.abs(code.timeCreated - Date.now()) < 60_000);
    for (const way of [typed, clicked, typed]) {
      const checked = await passwordless("checkCode", way(code));
      assert.deepEqual(checked, { status: "OK", consumedDevice: { preAuthSessionId: code.preAuthSessionId, failedCodeInputAttemptCount: 0, email } });
    }
    assert.deepEqual(await house.sdk("users.listUsersByAccountInfo", { tenantId, accountInfo: { email } }), [], "a check makes no user");
    const used = await passwordless("consumeCode", clicked(code));
    assert.deepEqual([used.status, used.createdNewRecipeUser, used.user.emails], ["OK", true, [email]]);
    assert.deepEqual(used.consumedDevice, { preAuthSessionId: code.preAuthSessionId, failedCodeInputAttemptCount: 0, email });
    for (const way of [typed, clicked]) {
      assert.equal((await passwordless("consumeCode", way(code))).status, "RESTART_FLOW_ERROR");
      assert.equal((await passwordless("checkCode", way(code))).status, "RESTART_FLOW_ERROR");
    }
  });

  test(`${sdk}: checks count wrong codes like tries`, async () => {
    const code = await passwordless("createCode", { phoneNumber: newPhone().e164 });
    const wrong = (step) => ({ ...typed(code), userInputCode: wrongCode(code.userInputCode, step) });
    const first = await passwordless("checkCode", wrong(1));
    assert.deepEqual(first, { status: "INCORRECT_USER_INPUT_CODE_ERROR", failedCodeInputAttemptCount: 1, maximumCodeInputAttempts: 5 });
    assert.equal((await passwordless("consumeCode", wrong(2))).failedCodeInputAttemptCount, 2);
    const device = await passwordless("listCodesByPreAuthSessionId", { preAuthSessionId: code.preAuthSessionId });
    assert.equal(device.failedCodeInputAttemptCount, 2);
    assert.equal((await passwordless("checkCode", typed(code))).consumedDevice.failedCodeInputAttemptCount, 2);
    for (const step of [3, 4]) await passwordless("checkCode", wrong(step));
    assert.equal((await passwordless("checkCode", wrong(5))).status, "RESTART_FLOW_ERROR");
    assert.equal((await passwordless("consumeCode", typed(code))).status, "RESTART_FLOW_ERROR");
  });

  test(`${sdk}: what waits for an address, a number or a device is listed`, async () => {
    const [email, phoneNumber] = [newAddress("codes"), newPhone().e164];
    const [one, two, text] = [await passwordless("createCode", { email }), await passwordless("createCode", { email }), await passwordless("createCode", { phoneNumber })];
    const again = await passwordless("createNewCodeForDevice", { deviceId: one.deviceId });
    assert.deepEqual([again.status, again.preAuthSessionId, again.deviceId], ["OK", one.preAuthSessionId, one.deviceId]);
    const devices = await passwordless("listCodesByEmail", { email });
    assert.deepEqual(devices.map((device) => device.preAuthSessionId).toSorted(), [one, two].map((code) => code.preAuthSessionId).toSorted());
    const device = devices.find((found) => found.preAuthSessionId === one.preAuthSessionId);
    assert.deepEqual([device.email, device.failedCodeInputAttemptCount], [email, 0]);
    // (supertokens-python 0.31 looks for them under another name, and so lists none.)
    const listed = sdk.endsWith("python") ? [] : [one.codeId, again.codeId];
    assert.deepEqual(device.codes.map((code) => code.codeId).toSorted(), listed.toSorted());
    assert.deepEqual(await passwordless("listCodesByDeviceId", { deviceId: one.deviceId }), device);
    assert.deepEqual(await passwordless("listCodesByPreAuthSessionId", { preAuthSessionId: one.preAuthSessionId }), device);
    const [phone] = await passwordless("listCodesByPhoneNumber", { phoneNumber });
    assert.deepEqual([phone.preAuthSessionId, phone.phoneNumber], [text.preAuthSessionId, phoneNumber]);
    assert.deepEqual(await passwordless("listCodesByEmail", { email: newAddress("codes") }), []);
    assert.equal(await passwordless("listCodesByPreAuthSessionId", { preAuthSessionId: "unknown" }), null);
    // One sign-in ends all that waited for the address.
    assert.equal((await passwordless("consumeCode", typed(two))).status, "OK");
    assert.deepEqual(await passwordless("listCodesByEmail", { email }), []);
    assert.equal((await passwordless("consumeCode", typed(again))).status, "RESTART_FLOW_ERROR");
  });

  test(`${sdk}: codes are revoked, one, or all of an address`, async () => {
    const email = newAddress("codes");
    const one = await passwordless("createCode", { email });
    const again = await passwordless("createNewCodeForDevice", { deviceId: one.deviceId });
    const revoke = (codeId) => passwordless("revokeCode", { codeId });
    assert.equal((await revoke(one.codeId)).status, "OK");
    assert.equal((await passwordless("checkCode", clicked(one))).status, "RESTART_FLOW_ERROR");
    assert.equal((await passwordless("checkCode", clicked(again))).status, "OK");
    assert.equal((await revoke(again.codeId)).status, "OK");
    assert.deepEqual(await passwordless("listCodesByEmail", { email }), [], "the device goes with its last code");
    assert.equal((await revoke(again.codeId)).status, "OK");
    const [two, three] = [await passwordless("createCode", { email }), await passwordless("createCode", { email })];
    assert.equal((await passwordless("revokeAllCodes", { email })).status, "OK");
    for (const code of [two, three]) assert.equal((await passwordless("consumeCode", typed(code))).status, "RESTART_FLOW_ERROR");
    assert.equal((await passwordless("revokeAllCodes", { email })).status, "OK");
  });

  test(`${sdk}: an application may choose the code`, async () => {
    const email = newAddress("codes");
    const code = await passwordless("createCode", { email, userInputCode: "012345" });
    assert.equal(code.userInputCode, "012345");
    const again = await passwordless("createNewCodeForDevice", { deviceId: code.deviceId, userInputCode: "543210" });
    assert.deepEqual([again.status, again.userInputCode], ["OK", "543210"]);
    const twice = await passwordless("createNewCodeForDevice", { deviceId: code.deviceId, userInputCode: "543210" });
    assert.equal(twice.status, "USER_INPUT_CODE_ALREADY_USED_ERROR");
    assert.equal((await passwordless("consumeCode", typed({ ...code, userInputCode: "543210" }))).status, "OK");
    assert.equal((await passwordless("createNewCodeForDevice", { deviceId: code.deviceId })).status, "RESTART_FLOW_ERROR");
    // Of any form, not only of ours.
    for (const userInputCode of ["1234", "ab-CD 12", "\u00e4\u00f6\u00fc\u00df-\u{1f600}"]) {
      const own = await passwordless("createCode", { email, userInputCode });
      const wrong = await passwordless("consumeCode", typed({ ...own, userInputCode: `${userInputCode}5` }));
      assert.equal(wrong.status, "INCORRECT_USER_INPUT_CODE_ERROR");
      assert.equal((await passwordless("consumeCode", typed({ ...own, userInputCode }))).status, "OK", userInputCode);
    }
  });

  test(`${sdk}: of many codes of one device the newest three count`, async () => {
    const code = await passwordless("createCode", { email: newAddress("codes") });
    const codes = [code];
    for (let i = 0; i < 3; i += 1) codes.push(await passwordless("createNewCodeForDevice", { deviceId: code.deviceId }));
    const statuses = [];
    for (const one of codes.slice(1)) statuses.push((await passwordless("checkCode", typed(one))).status);
    assert.deepEqual(statuses, ["OK", "OK", "OK"]);
    assert.notEqual((await passwordless("checkCode", typed(code))).status, "OK");
  });

  test(`${sdk}: a magic link is made for the website`, async () => {
    const email = newAddress("codes");
    const link = new URL(await passwordless("createMagicLink", { email, ...(sdk.endsWith("python") && { phoneNumber: null }) }));
    assert.deepEqual([link.origin, link.pathname, link.searchParams.get("tenantId")], [house.app.origin, "/auth/verify", "public"]);
    const used = await passwordless("consumeCode", { preAuthSessionId: link.searchParams.get("preAuthSessionId"), linkCode: link.hash.slice(1) });
    assert.deepEqual(used.user.emails, [email]);
  });

  test(`${sdk}: a device id of somebody else's sign-in is refused`, async () => {
    const [one, two] = [await passwordless("createCode", { email: newAddress("codes") }), await passwordless("createCode", { email: newAddress("codes") })];
    const mixed = { preAuthSessionId: one.preAuthSessionId, deviceId: two.deviceId, userInputCode: two.userInputCode };
    await failsWith(passwordless("consumeCode", mixed), /preAuthSessionId and deviceId doesn't match\n$/);
// A link opens nothing under another sign-in's id: it is unknown there.
    const link = passwordless("consumeCode", { preAuthSessionId: one.preAuthSessionId, linkCode: two.linkCode });
    const told = await link.then(({ status }) => status, ({ message }) => message);
    assert.match(told, /^RESTART_FLOW_ERROR$|preAuthSessionId and deviceId doesn't match\n$/);
    assert.equal((await passwordless("checkCode", typed(two))).status, "OK");
  });
}

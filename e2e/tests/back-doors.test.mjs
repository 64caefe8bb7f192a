// One person at every door: our own pages, the front-end door that web SDKs use, and the back-end door. The user is the
// same, and so are sessions.
import assert from "node:assert/strict";
import { test } from "node:test";
import { signInByCode } from "../lib/browser.mjs";
import { Core } from "../lib/core.mjs";
import { startExpress } from "../lib/express.mjs";
import { ask } from "../lib/http.mjs";
import { mailsTo, mailTo, newAddress } from "../lib/mailbox.mjs";
import { suite } from "../lib/suite.mjs";
import { UNLIMITED } from "../lib/tenants.mjs";

const house = suite({ config: `[tenants.public]\n${UNLIMITED}app_name = "Example"\nresend_gap = "1s"\n` });

/** Signs in on our pages: who they are told to be. */
async function onPages(email) {
  let user;
  await house.with(async (person, page) => {
    await signInByCode(person, email);
    await page.waitForURL("**/demo");
    user = { id: await page.locator("#user-id").textContent(), handle: await page.locator("#session-handle").textContent() };
  });
  return user;
}

/** Signs in at the front-end door, as the web SDKs do. */
async function atTheFront(email) {
  const { server } = house;
  const post = async (path, body) => {
    const headers = { "content-type": "application/json", rid: "passwordless", "st-auth-mode": "header", origin: server.origin };
    return (await ask(`${server.origin}${path}`, { method: "POST", headers, body: JSON.stringify(body) })).json();
  };
  const before = (await mailsTo(server, email)).length;
  const { status, deviceId, preAuthSessionId } = await post("/auth/signinup/code", { email });
  assert.equal(status, "OK");
  const { code } = await mailTo(server, email, before + 1);
  const told = await post("/auth/signinup/code/consume", { deviceId, preAuthSessionId, userInputCode: code });
  assert.equal(told.status, "OK");
  return told.user;
}

/** Signs in at the back-end door. */
const atTheBack = async (email) => (await new Core(house.server).signIn({ email })).user;

const DOORS = { pages: onPages, front: atTheFront, back: atTheBack };

for (const first of Object.keys(DOORS)) {
  test(`a user made at the door "${first}" is the same at the others`, async () => {
    const email = newAddress(`door-${first}`);
    const { id } = await DOORS[first](email);
    for (const [name, signIn] of Object.entries(DOORS)) assert.equal((await signIn(email)).id, id, name);
    const found = (await new Core(house.server).get("/public/users/by-accountinfo", { email, doUnionOfAccountInfo: false })).json.users;
    assert.deepEqual(found.map((user) => [user.id, user.loginMethods.length, user.loginMethods[0].verified]), [[id, 1, true]]);
  });
}

test("a back end sees, reads and ends the sessions that our pages gave", async () => {
  const app = await startExpress(house.server);
  try {
    await house.with(async (person, page) => {
      const email = newAddress("door-session");
      await signInByCode(person, email);
      await page.waitForURL("**/demo");
      const userId = await page.locator("#user-id").textContent();
      const sessionHandle = await page.locator("#session-handle").textContent();
      assert.deepEqual(await app.sdk("session.getAllSessionHandlesForUser", { userId }), [sessionHandle]);
      const accessToken = (await person.context.cookies()).find((cookie) => cookie.name === "sAccessToken").value;
      for (const checkDatabase of [false, true]) {
        const seen = await app.sdk("session.getSessionWithoutRequestResponse", { accessToken, checkDatabase });
        assert.deepEqual([seen.userId, seen.handle], [userId, sessionHandle]);
      }
      await app.sdk("userroles.createNewRoleOrAddPermissions", { role: "door", permissions: [] });
      await app.sdk("userroles.addRoleToUser", { tenantId: "public", userId, role: "door" });
      assert.deepEqual((await app.sdk("userroles.getUsersThatHaveRole", { tenantId: "public", role: "door" })).users, [userId]);
      assert.equal(await app.sdk("session.revokeSession", { sessionHandle }), true);
      await page.goto("/demo");
      await page.getByText("You are not signed in").waitFor();
    });
  } finally {
    await app.stop();
  }
});

test("a user whom a back end deletes is a new one at the next login", async () => {
  const app = await startExpress(house.server);
  try {
    const email = newAddress("door-deleted");
    const { id } = await onPages(email);
    await app.sdk("users.deleteUser", { userId: id });
    assert.notEqual((await onPages(email)).id, id);
  } finally {
    await app.stop();
  }
});

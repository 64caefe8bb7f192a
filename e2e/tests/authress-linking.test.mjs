// Account linking with the packages as they ship: a real provider of OpenID Connect and back ends' links, joined by themselves,
// because somebody asks, or not at all.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { call, createClient, signLink } from "../lib/authress.mjs";
import { checkIn, logIn, loginSuite, openLink } from "../lib/authress-suite.mjs";
import { heading } from "../lib/browser.mjs";
import { mailTo, newAddress } from "../lib/mailbox.mjs";
import { startOidc } from "../lib/oidc.mjs";
import { Fdi } from "../lib/st-fdi.mjs";
import { goOn } from "../lib/suite.mjs";
import { until } from "../lib/until.mjs";

let oidc;
let admin;
const clients = {};
const house = loginSuite({ prepare });
after(() => oidc?.stop());

/** Two services, which are one provider to us, and back ends: what each is called says how its identities may be linked. */
async function prepare({ server, api, site }) {
  oidc = await startOidc(`${api}/login`);
  admin = createClient(server, { admin: true, tokenGeneration: false });
  for (const linking of ["AUTOMATIC", "EXPLICIT", null]) {
    const name = (linking ?? "disabled").toLowerCase();
    const made = await call(server, "POST", "/v1/connections", {
      token: admin.accessKey,
      body: {
        connectionId: `con_${name}`, type: "OAUTH2", clientId: oidc.clientId, clientSecret: oidc.clientSecret, issuerUrl: oidc.origin,
        data: { trustVerifiedEmail: true }, linkingConfiguration: linking && { type: linking },
      },
    });
    assert.equal(made.status, 201, made.text);
    clients[name] = createClient(server, { id: `sc_${name}`, trustSubject: true, linking: linking ? name : undefined });
  }
  clients.other = createClient(server, { id: "sc_other", linking: "explicit" });
  Object.defineProperty(house, "places", { get: () => [api, site.origin, oidc.origin] });
}

let count = 0;
/** Somebody whom the provider knows: a name, and what it says of them. */
function newPerson(claims = {}) {
  const name = `person-${(count += 1)}`;
  oidc.people.set(name, { name, ...claims });
  return name;
}

const verified = (email) => ({ email, email_verified: true });

/** Says at the provider who it is, where the browser is now. */
async function atProvider(page, name) {
  await page.waitForURL((url) => url.origin === oidc.origin);
  await page.getByLabel("Name").fill(name);
  await page.getByRole("button", { name: "In" }).click();
}

async function backHome(person) {
  // What adds a way in waits for a press.
  const button = person.page.locator("form[action^='/login']:not([data-auto]) button");
  let pressed = false;
  await until("the application has the page again", async () => {
    if (new URL(person.page.url()).origin === person.origin) return true;
    if (!pressed && (await button.count().catch(() => 0))) {
      pressed = true;
      await button.click();
    }
    return false;
  });
  await person.page.waitForFunction(() => window.client && document.readyState === "complete");
}

/** In by the provider, from the page that asks to the page that knows; gives the claims of the access token. */
async function inByProvider(person, connectionId, name, wishes = {}) {
  const asked = await person.sdk("authenticate", { connectionId, redirectUrl: `${person.origin}/home`, ...wishes });
  await person.page.goto(asked.authenticationUrl);
  await atProvider(person.page, name);
  await backHome(person);
  return checkIn(person, { clientId: connectionId }, name);
}

async function inByLink(person, client, subject) {
  await logIn(person, client, subject);
  return checkIn(person, client, subject);
}

/** What the SDK says about how somebody may come in. */
async function ways(person) {
  const { linkedIdentities } = await person.sdk("getUserProfile");
  return linkedIdentities.map(({ connection }) => `${connection.connectionId} ${connection.userId}`).sort();
}

/** Asks for one more way in by a link, and has the back end's SDK sign it. */
async function askToLink(person, client, subject) {
  const asked = await person.sdk("linkIdentityWithOneTimeCode", { connectionId: client.clientId, redirectUrl: `${person.origin}/linked` });
  return signLink(client, asked, subject);
}

const userOf = ({ claims }) => claims.sub;

for (const [mode, wishes] of [["tokens in the address", {}], ["a code", { flowType: "code" }]]) {
  test(`in by the provider, then by a mailed link of the same address (${mode}): the same user`, async () => {
    const email = newAddress("linked");
    const name = newPerson({ ...verified(email.toUpperCase()), name: "Jane" });
    let user;
    await house.with({}, async (person) => {
      const first = await inByProvider(person, "con_automatic", name, wishes);
      user = userOf(first);
      assert.deepEqual([first.identity.name, first.identity.email, first.identity.email_verified], ["Jane", email, true]);
      assert.deepEqual(await ways(person), [`con_automatic ${name}`]);
    });
    await house.with({}, async (person) => {
      assert.equal(userOf(await inByLink(person, clients.automatic, email)), user, "another browser, another way, the same user");
      assert.deepEqual(await ways(person), [`con_automatic ${name}`, `sc_automatic ${email}`]);
      assert.equal(userOf(await inByProvider(person, "con_automatic", name, wishes)), user);
    });
  });
}

test("the other way round: by a mailed link first, then by the provider", () =>
  house.with({}, async (person) => {
    const email = newAddress("round");
    const user = userOf(await inByLink(person, clients.automatic, email));
    assert.equal(userOf(await inByProvider(person, "con_automatic", newPerson(verified(email)))), user);
  }));

test("what is not proved, or not automatic on both sides, is not linked by itself", async () => {
  const email = newAddress("apart");
  const users = new Set();
  const arrive = (story) => house.with({}, async (person) => void users.add(userOf(await story(person))));
  await arrive((person) => inByProvider(person, "con_automatic", newPerson(verified(email))));
  await arrive((person) => inByProvider(person, "con_automatic", newPerson({ email, email_verified: false })));
  await arrive((person) => inByProvider(person, "con_automatic", newPerson({ email, email_verified: "true" })));
  await arrive((person) => inByProvider(person, "con_explicit", newPerson(verified(email))));
  await arrive((person) => inByProvider(person, "con_disabled", newPerson(verified(email))));
  await arrive((person) => inByLink(person, clients.explicit, email));
  await arrive((person) => inByLink(person, clients.disabled, email));
  await arrive((person) => inByLink(person, clients.other, email));
  assert.equal(users.size, 8);
});

test("linkIdentity: the provider is added to whoever is in by a link, whatever its address", () =>
  house.with({}, async (person, page) => {
    const [email, name] = [newAddress("asks"), newPerson(verified(newAddress("elsewhere")))];
    const user = userOf(await inByLink(person, clients.explicit, email));
    await person.leave("linkIdentity", { connectionId: "con_explicit", redirectUrl: `${person.origin}/linked` });
    await atProvider(page, name);
    await backHome(person);
    assert.ok(page.url().startsWith(`${person.origin}/linked`), page.url());
    assert.equal(userOf(await checkIn(person, { clientId: "sc_explicit" }, email)), user, "the page's session stays as it was");
    assert.deepEqual(await ways(person), [`con_explicit ${name}`, `sc_explicit ${email}`]);
    await house.with({}, async (other) => assert.equal(userOf(await inByProvider(other, "con_explicit", name)), user));
  }));

test("linkIdentityWithOneTimeCode: a link adds a way in, in the browser that asked and nowhere else, once", () =>
  house.with({}, async (person, page) => {
    const [name, subject] = [newPerson(), newAddress("code")];
    const user = userOf(await inByProvider(person, "con_explicit", name));
    const link = await askToLink(person, clients.other, subject);
    await house.with({}, async (other) => {
      assert.equal((await other.page.goto(link)).status(), 403);
      assert.match(await heading(other.page).textContent(), /signed in/i);
    });
    await openLink(page, link, person.origin);
    assert.equal(userOf(await checkIn(person, { clientId: "con_explicit" }, name)), user);
    assert.deepEqual(await ways(person), [`con_explicit ${name}`, `sc_other ${subject}`]);
    assert.equal((await page.goto(link)).status(), 410);
    await house.with({}, async (other) => assert.equal(userOf(await inByLink(other, clients.other, subject)), user));
  }));

test("an identity of somebody else is not linked, and both users stay as they are", () =>
  house.with({}, async (person, page) => {
    const [theirs, mine] = [newAddress("theirs"), newAddress("mine")];
    let owner;
    await house.with({}, async (other) => void (owner = userOf(await inByLink(other, clients.other, theirs))));
    await inByLink(person, clients.explicit, mine);
    const link = await askToLink(person, clients.other, theirs);
    await page.goto(link);
    const button = page.locator("form[action^='/login']:not([data-auto]) button");
    await until("the page says so", async () => {
      if (await button.count().catch(() => 0)) await button.click();
      return /link|add/i.test((await heading(page).textContent().catch(() => "")) ?? "") && (await page.locator(`a[href^="${person.origin}/linked"]`).count()) > 0;
    });
    await page.locator(`a[href^="${person.origin}/linked"]`).click();
    await backHome(person);
    assert.deepEqual(await ways(person), [`sc_explicit ${mine}`]);
    await house.with({}, async (other) => assert.equal(userOf(await inByLink(other, clients.other, theirs)), owner));
  }));

test("where one of the two connections does not link, the SDK is told so at once", () =>
  house.with({}, async (person) => {
    await inByLink(person, clients.explicit, newAddress("no"));
    const redirectUrl = `${person.origin}/linked`;
    for (const connectionId of ["con_disabled", "sc_disabled"]) {
      await assert.rejects(person.sdk("linkIdentityWithOneTimeCode", { connectionId, redirectUrl }), { code: "LinkingDisabled" });
    }
    await assert.rejects(person.sdk("linkIdentityWithOneTimeCode", { connectionId: "sc_nobody", redirectUrl }), { code: "InvalidConnection" });
    await inByLink(person, clients.disabled, newAddress("no"));
    await assert.rejects(person.sdk("linkIdentityWithOneTimeCode", { connectionId: "sc_explicit", redirectUrl }), { code: "LinkingDisabled" });
  }));

test("unlinkIdentity: by connection or by the id there, until one is left; the user and the session stay", () =>
  house.with({}, async (person, page) => {
    const [first, second, name] = [newAddress("first"), newAddress("second"), newPerson()];
    const user = userOf(await inByLink(person, clients.explicit, first));
    const add = async (subject) => openLink(page, await askToLink(person, clients.other, subject), person.origin);
    await add(second);
    await person.leave("linkIdentity", { connectionId: "con_explicit", redirectUrl: `${person.origin}/linked` });
    await atProvider(page, name);
    await backHome(person);
    assert.equal((await ways(person)).length, 3);

    await person.sdk("unlinkIdentity", "con_explicit");
    assert.deepEqual(await ways(person), [`sc_explicit ${first}`, `sc_other ${second}`]);
    await person.sdk("unlinkIdentity", first);
    assert.deepEqual(await ways(person), [`sc_other ${second}`], "also the one by which the session was opened");
    await assert.rejects(person.sdk("unlinkIdentity", "sc_other"), { code: "LastIdentity" });
    await assert.rejects(person.sdk("unlinkIdentity", "con_explicit"), { code: "NotFound" });
    assert.equal((await person.sdk("getUserIdentity")).userId, user);
    assert.equal(await person.sdk("userSessionExists"), true);
    await page.reload();
    assert.deepEqual(await ways(person), [`sc_other ${second}`]);
    // What was taken away is somebody else's from now on; what stayed is the same user's.
    await house.with({}, async (other) => assert.notEqual(userOf(await inByLink(other, clients.explicit, first)), user));
    await house.with({}, async (other) => assert.notEqual(userOf(await inByProvider(other, "con_explicit", name)), user));
    await house.with({}, async (other) => assert.equal(userOf(await inByLink(other, clients.other, second)), user));
  }));

test("whoever says no at the provider comes back to a page that says so, and nobody is in", () =>
  house.with({}, async (person, page) => {
    const asked = await person.sdk("authenticate", { connectionId: "con_automatic", redirectUrl: `${person.origin}/home` });
    await page.goto(asked.authenticationUrl);
    await page.waitForURL((url) => url.origin === oidc.origin);
    await page.getByRole("button", { name: "No" }).click();
    await page.waitForURL((url) => url.origin === house.api);
    await page.locator(`a[href^="${person.origin}/home"]`).click();
    await backHome(person);
    assert.equal(await person.sdk("userSessionExists"), false);
  }));

test("an answer of the provider is worth nothing in another browser, nor twice", () =>
  house.with({}, async (person, page) => {
    const name = newPerson(verified(newAddress("stolen")));
    const asked = await person.sdk("authenticate", { connectionId: "con_automatic", redirectUrl: `${person.origin}/home` });
    let answer;
    page.on("request", (request) => {
      const url = new URL(request.url());
      if (url.origin === house.api && url.searchParams.has("code") && url.pathname === "/login") answer ??= request.url();
    });
    await page.goto(asked.authenticationUrl);
    await atProvider(page, name);
    await backHome(person);
    await checkIn(person, { clientId: "con_automatic" }, name);
    await house.with({}, async (other) => {
      await other.page.goto(answer);
      assert.equal(await other.page.locator("form[action^='/login']").count(), 0);
    });
    await page.goto(answer);
    assert.equal(await page.locator("form[action^='/login']").count(), 0);
    assert.match(await heading(page).textContent(), /used/i);
  }));

test("a link that adds a way in says where it works once its user is logged out", () =>
  house.with({}, async (person, page) => {
    await inByLink(person, clients.explicit, newAddress("late"));
    const link = await askToLink(person, clients.other, newAddress("late"));
    await person.leave("logout", `${person.origin}/bye`);
    await page.waitForURL(`${person.origin}/bye`);
    assert.equal((await page.goto(link)).status(), 403);
    assert.match(await heading(page).textContent(), /signed in/i);
  }));

test("our own codes join whoever proved the address elsewhere, at every door, once an operator turns it on", async () => {
  const [before, then] = [newAddress("own"), newAddress("own")];
  const byLink = async (email) => {
    let user;
    await house.with({}, async (person) => void (user = userOf(await inByLink(person, clients.automatic, email))));
    return user;
  };
  const byCode = async (email) => {
    const door = new Fdi(house.server);
    const attempt = await door.start(email);
    return (await door.consumeCode(attempt, attempt.code)).json();
  };
  const apart = await byLink(before);
  const alone = await byCode(before);
  assert.ok(alone.createdNewRecipeUser && alone.user.id !== apart);

  const on = { type: "EMAIL", linkingConfiguration: { type: "AUTOMATIC" } };
  const set = await call(house.server, "PUT", "/v1/connections/email", { token: admin.accessKey, body: on });
  assert.equal(set.status, 200, set.text);
  const user = await byLink(then);
  const joined = await byCode(then);
  assert.deepEqual([joined.createdNewRecipeUser, joined.user.id, joined.user.loginMethods.length], [false, user, 2]);
  await house.with({}, async (person, page) => {
    const asked = await person.sdk("authenticate", { connectionId: "email", redirectUrl: `${person.origin}/home` });
    await page.goto(asked.authenticationUrl);
    await page.locator("#who").fill(then);
    await goOn(page).click();
    await page.locator("input[autocomplete='one-time-code']").fill((await mailTo(house.server, then, 2)).code);
    await page.locator("form[action='/auth/_/code'] button").click();
    await backHome(person);
    assert.equal(userOf(await checkIn(person, { clientId: "email" }, then)), user);
    assert.deepEqual(await ways(person), [`email ${then}`, `sc_automatic ${then}`]);
  });
});

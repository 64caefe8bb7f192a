// What the tests of the Authress door in a browser begin with: the server, the application, one browser, and people in front
// of it who use the unmodified login SDK.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { call, claimsOf, signLink, verifyToken } from "./authress.mjs";
import { openBrowser, startApp, startDomain, startProxy } from "./authress-app.mjs";
import { newPerson } from "./browser.mjs";
import { startServer } from "./server.mjs";
import { UNLIMITED } from "./tenants.mjs";
import { until } from "./until.mjs";

const CONFIG = `[tenants.public]\n${UNLIMITED}app_name = "Example"\n`;

/**
 * Starts server, application and browser before the file's tests and stops them after; `prepare(house)` runs last. With
 * `https` the two live under one domain; with `proxied` the server is reached through `house.proxy`, which can be told to
 * fail. `house.api` is where the application finds the server.
 */
export function loginSuite({ https = false, proxied = false, config = CONFIG, prepare = async () => {} } = {}) {
  const house = {
    server: null, site: null, proxy: null, browser: null,
    get api() { return house.proxy?.origin ?? house.site.api ?? house.server.origin; },
    get places() { return [house.api, house.site.origin, house.site.elsewhere].filter(Boolean); },
    /** Somebody with the application open. `settings` go to the SDK; `origin` is the application's. */
    async open(settings = {}, { origin = house.site.origin } = {}) {
      const person = await newPerson(house.browser, { origin }, { mayGoTo: house.places, ignoreHTTPSErrors: https });
      Object.assign(person, { house, origin, calls: [], lastAsked: null });
      const given = { authressApiUrl: house.api, applicationId: "app_default", ...settings };
      await person.context.addInitScript((given) => (window.CONFIG = given), given);
      person.context.on("response", (response) => {
        const url = new URL(response.url());
        if (url.origin === house.api && url.pathname.startsWith("/api/")) person.calls.push(`${response.request().method()} ${url.pathname} ${response.status()}`);
      });
      await person.page.goto(`${origin}/`);
      return Object.assign(person, {
        /** Calls the SDK in a page. What it throws is thrown here, with its code. */
        async sdk(verb, input, page = person.page) {
          const told = await page.evaluate(([verb, input]) => window.sdk(verb, input), [verb, input]);
          if (told.code === undefined) return told.value;
          throw Object.assign(new Error(`${verb}: ${told.message}`), { code: told.code });
        },
        /** Calls the SDK where it goes to another page in the end. */
        leave: (verb, input) => person.page.evaluate(([verb, input]) => { window.sdk(verb, input); }, [verb, input]),
      });
    },
    /** Runs `story` with somebody in front of the application, and looks that nothing broke in their browser. */
    async with(settings, story, options) {
      const person = await house.open(settings, options);
      try {
        await story(person, person.page);
        assert.deepEqual(person.troubles, []);
      } finally {
        await person.close();
      }
    },
  };
  before(async () => {
    house.site = https ? await startDomain() : await startApp();
    house.proxy = proxied ? await startProxy() : null;
    house.server = await startServer({ config, publicUrl: house.proxy?.origin ?? house.site.api });
    for (const front of [house.site, house.proxy].filter(Boolean)) front.upstream = { port: house.server.port };
    house.browser = await openBrowser();
    await prepare(house);
  });
  after(async () => {
    await house.browser?.close();
    await house.server?.stop();
    await house.proxy?.stop();
    await house.site?.stop();
  });
  return house;
}

/** Asks for a login in the page and has the back end's SDK sign it for `subject`: what was asked, and the link. */
export async function askForLink(person, client, subject, { redirectUrl = `${person.origin}/home`, ...options } = {}) {
  const { age, ...wishes } = options;
  const asked = await person.sdk("authenticateWithOneTimeCode", { serviceClientId: client.clientId, redirectUrl, ...wishes });
  return { ...asked, link: await signLink(client, asked, subject, { age }) };
}

/** Opens a link and presses the button if there is one; ends at the application. */
export async function openLink(page, link, origin) {
  await page.goto(link);
  const button = page.locator("form[action^='/login']:not([data-auto]) button");
  let pressed = false;
  await until("the application has the page again", async () => {
    if (new URL(page.url()).origin === origin) return true;
    if (!pressed && (await button.count().catch(() => 0))) {
      pressed = true;
      await button.click();
    }
    return false;
  });
  await page.waitForFunction(() => window.client && document.readyState === "complete");
}

/** Logs somebody in by a link, from the page that asks to the page that knows. */
export async function logIn(person, client, subject, options) {
  const asked = await askForLink(person, client, subject, options);
  await openLink(person.page, asked.link, person.origin);
  assert.equal(await person.sdk("userSessionExists"), true);
  return asked;
}

/** Looks that somebody is in, by everything that the two packages say about it; gives the token and the identity. */
export async function checkIn(person, client, subject, page = person.page) {
  const { api, server } = person.house;
  assert.equal(await person.sdk("userSessionExists", undefined, page), true);
  const token = await person.sdk("ensureToken", undefined, page);
  const identity = await person.sdk("getUserIdentity", undefined, page);
  const claims = claimsOf(token);
  assert.equal(identity.iss, api);
  assert.equal(identity.userId, claims.sub);
  assert.notEqual(claims.sub, subject, "a user's id is ours, whatever the client calls them");
  assert.deepEqual([claims.iss, claims.azp], [api, client.clientId]);
  assert.equal((await verifyToken(server, token, api)).sub, claims.sub);
  const profile = await person.sdk("getUserProfile", undefined, page);
  assert.ok(profile.linkedIdentities.some(({ connection }) => connection.connectionId === client.clientId && connection.userId === subject), JSON.stringify(profile));
  // The SDK strips what came in the address.
  const left = await until("the address is clean", async () => {
    const names = [...new URL(page.url()).searchParams.keys()];
    return names.some((name) => ["nonce", "code", "access_token", "id_token", "iss", "expires_in"].includes(name)) ? null : [names];
  }, 5_000);
  assert.ok(left);
  return { token, identity, claims };
}

/** Looks that a session is over for everybody who held it. */
export async function checkOut(person, token) {
  assert.equal(await person.sdk("userSessionExists"), false);
  assert.equal(await person.sdk("getUserIdentity"), null);
  const profile = await call(person.house.server, "GET", "/api/session/profile", { token, origin: person.origin });
  assert.equal(profile.status, 401, "the token of before opens nothing");
  const cookies = await person.context.cookies(person.house.api);
  assert.deepEqual(cookies.filter((cookie) => ["authress-session", "authorization", "user"].includes(cookie.name)), []);
}

// The session that our pages give, in the hands of unmodified packages: SuperTokens' web SDKs in the browser,
// supertokens-node and jose in a back end.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { build } from "esbuild";
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from "jose";
import supertokens from "supertokens-node";
import Session from "supertokens-node/recipe/session/index.js";
import { createHash } from "node:crypto";
import { cookiesOf, newPerson, openBrowser, signInByCode } from "../lib/browser.mjs";
import { ask } from "../lib/http.mjs";
import { newAddress } from "../lib/mailbox.mjs";
import { startServer } from "../lib/server.mjs";

let server;
let browser;

before(async () => {
  server = await startServer();
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

/** The SDK as a browser gets it, on `window.sdk`. */
async function bundle(source) {
  const built = await build({
    stdin: { contents: source, resolveDir: new URL("..", import.meta.url).pathname },
    bundle: true, write: false, format: "iife", platform: "browser", logLevel: "error", define: { "process.env.NODE_ENV": '"production"' },
  });
  return built.outputFiles[0].text;
}

const WEBSITE = bundle(`
  import SuperTokens from "supertokens-website";
  SuperTokens.init({ apiDomain: location.origin, apiBasePath: "/auth" });
  window.sdk = {
    exists: () => SuperTokens.doesSessionExist(), user: () => SuperTokens.getUserId(), refresh: () => SuperTokens.attemptRefreshingSession(),
    payload: () => SuperTokens.getAccessTokenPayloadSecurely(), out: () => SuperTokens.signOut(),
  };`);
const WEB_JS = bundle(`
  import SuperTokens from "supertokens-web-js";
  import Session from "supertokens-web-js/recipe/session";
  SuperTokens.init({ appInfo: { appName: "App", apiDomain: location.origin, apiBasePath: "/auth" }, recipeList: [Session.init()] });
  window.sdk = {
    exists: () => Session.doesSessionExist(), user: () => Session.getUserId(), refresh: () => Session.attemptRefreshingSession(),
    payload: () => Session.getAccessTokenPayloadSecurely(), out: () => Session.signOut(),
  };`);

/** A person, and an application of the same origin that uses the SDK; `refreshes` counts what it asks of us. */
async function withApp(script) {
  const person = await newPerson(browser, server);
  const code = await script;
  let apiAnswers = 0;
  person.answers = [];
  person.refuseNext = 0;
  await person.context.route("**/app/**", (route) => {
    const path = new URL(route.request().url()).pathname;
    if (path.endsWith(".js")) return route.fulfill({ contentType: "text/javascript", body: code });
    if (path.endsWith("/api")) {
      apiAnswers += 1;
      if (person.refuseNext > 0) {
        person.refuseNext -= 1;
        return route.fulfill({ status: 401, json: { message: "try refresh token" } });
      }
      return route.fulfill({ json: { answers: apiAnswers } });
    }
    return route.fulfill({ contentType: "text/html", body: `<!doctype html><title>App</title><script src="/app/sdk.js"></script>` });
  });
  person.page.on("response", (response) => {
    const path = new URL(response.url()).pathname;
    if (/^\/auth\/(session\/refresh|signout)$/.test(path)) person.answers.push(`${path} ${response.status()}`);
  });
  person.sdk = (verb) => person.page.evaluate((verb) => window.sdk[verb](), verb);
  return person;
}

for (const [name, script] of [["supertokens-website", WEBSITE], ["supertokens-web-js", WEB_JS]]) {
  test(`${name} knows the session that our pages gave, renews it, and ends it`, async () => {
    const person = await withApp(script);
    await signInByCode(person, newAddress("sdk"));
    await person.page.waitForURL("**/demo");
    const user = await person.page.locator("#user-id").textContent();
    const handle = await person.page.locator("#session-handle").textContent();
    await person.page.goto("/app/");
    assert.equal(await person.sdk("exists"), true);
    assert.equal(await person.sdk("user"), user);
    const payload = await person.sdk("payload");
    assert.equal(payload.sessionHandle, handle);
    assert.deepEqual(person.answers, [], "known from the cookies, without asking");

    const before = await cookiesOf(person);
    assert.equal(await person.sdk("refresh"), true);
    const renewed = await cookiesOf(person);
    assert.notEqual(renewed.sRefreshToken.value, before.sRefreshToken.value);
    assert.equal(renewed.sFrontToken.domain, before.sFrontToken.domain);
    assert.equal((await person.context.cookies()).filter((cookie) => cookie.name === "sFrontToken").length, 1, "the SDK writes the cookie that we wrote");
    assert.equal((await person.sdk("payload")).sessionHandle, handle);

    // An API of the application that says 401: the SDK renews and comes again, once.
    person.answers.length = 0;
    person.refuseNext = 1;
    const told = await person.page.evaluate(async () => (await fetch("/app/api")).json());
    assert.equal(told.answers, 2);
    assert.deepEqual(person.answers, ["/auth/session/refresh 200"]);
    // Our pages go on with what the SDK renewed.
    await person.page.goto("/demo");
    assert.equal(await person.page.locator("#session-handle").textContent(), handle);

    await person.page.goto("/app/");
    person.answers.length = 0;
    await person.sdk("out");
    assert.deepEqual(person.answers, ["/auth/signout 200"]);
    assert.equal(await person.sdk("exists"), false);
    assert.equal("sAccessToken" in (await cookiesOf(person)), false);
    await person.page.goto("/demo");
    await person.page.getByText("You are not signed in").waitFor();
    assert.deepEqual(person.troubles, []);
    await person.close();
  });

  test(`${name} asks a fresh browser's server once, is told 401, and never asks again`, async () => {
    const person = await withApp(script);
    await person.page.goto("/app/");
    assert.equal(await person.sdk("exists"), false);
    assert.deepEqual(person.answers, ["/auth/session/refresh 401"]);
    assert.equal(await person.sdk("exists"), false);
    await person.page.goto("/app/");
    assert.equal(await person.sdk("exists"), false);
    assert.equal(person.answers.length, 1);
    await person.close();
  });

  test(`${name} notices that our page logged out`, async () => {
    const person = await withApp(script);
    await signInByCode(person, newAddress("sdk"));
    await person.page.waitForURL("**/demo");
    await person.page.getByRole("button", { name: "Log out" }).click();
    await person.page.waitForURL("**/auth");
    await person.page.goto("/app/");
    assert.equal(await person.sdk("exists"), false);
    await person.close();
  });
}

const CLAIMS = ["iat", "exp", "sub", "tId", "rsub", "sessionHandle", "refreshTokenHash1", "parentRefreshTokenHash1", "antiCsrfToken", "iss", "st-ev"];

/** What a back end may rely on in the tokens of `one`'s cookies. */
async function checkTokens(one, from, algorithm) {
  const cookies = await cookiesOf(one);
  const token = cookies.sAccessToken.value;
  const header = decodeProtectedHeader(token);
  assert.deepEqual([header.alg, header.typ, header.version], [algorithm, "JWT", "5"]);
  assert.match(header.kid, /^d-/);
  const issuer = `${from.origin}/auth`;
  const discovery = (await ask(`${issuer}/.well-known/openid-configuration`)).json();
  assert.equal(discovery.issuer, issuer);
  assert.equal(discovery.jwks_uri, `${issuer}/jwt/jwks.json`);
  const sets = [discovery.jwks_uri, `${from.origin}/.well-known/jwks.json`, `${from.privateOrigin}/.well-known/jwks.json`];
  for (const address of sets) {
    const { payload } = await jwtVerify(token, createRemoteJWKSet(new URL(address)), { issuer, algorithms: [algorithm] });
    assert.deepEqual(Object.keys(payload), CLAIMS);
    assert.equal(payload.tId, "public");
    assert.equal(payload.exp - payload.iat, 3600);
    assert.equal(payload["st-ev"].v, true);
    assert.equal(payload.parentRefreshTokenHash1, null);
    assert.equal(payload.antiCsrfToken, null);
    assert.equal(payload.refreshTokenHash1, createHash("sha256").update(cookies.sRefreshToken.value).digest("hex"));
  }
  for (const key of (await ask(sets[0])).json().keys) {
    assert.deepEqual([key.use, key.d, key.p], ["sig", undefined, undefined]);
    assert.match(key.kid, /^[ds]-/);
  }
  assert.match((await ask(sets[0])).headers["cache-control"], /^max-age=\d+, must-revalidate$/);
  // The front token says the same, to the letter, in plain base64.
  const text = Buffer.from(token.split(".")[1], "base64url").toString();
  const front = Buffer.from(cookies.sFrontToken.value, "base64").toString();
  assert.match(cookies.sFrontToken.value, /^[A-Za-z0-9+/]+=*$/);
  const { uid, ate, up } = JSON.parse(front);
  assert.equal(JSON.stringify(up), text);
  assert.ok(front.endsWith(`"up":${text}}`));
  assert.deepEqual([uid, ate], [up.sub, up.exp * 1000]);
  // One bit of the token wrong, and nobody believes it.
  const forged = `${token.slice(0, -2)}${token.at(-2) === "A" ? "B" : "A"}${token.at(-1)}`;
  await assert.rejects(jwtVerify(forged, createRemoteJWKSet(new URL(sets[0]))));
  assert.equal((await ask(`${from.origin}/auth/signout`, { method: "POST", headers: { cookie: `sAccessToken=${forged}` } })).status, 401);
  return { token, payload: up };
}

test("a back end verifies the token with jose and the key set (ES256), and supertokens-node believes it", async () => {
  const person = await newPerson(browser, server);
  await signInByCode(person, newAddress("jwt"));
  await person.page.waitForURL("**/demo");
  const { token, payload } = await checkTokens(person, server, "ES256");
  supertokens.init({
    supertokens: { connectionURI: server.privateOrigin },
    appInfo: { appName: "App", apiDomain: server.origin, apiBasePath: "/auth", websiteDomain: server.origin },
    recipeList: [Session.init()],
    telemetry: false,
  });
  const session = await Session.getSessionWithoutRequestResponse(token);
  assert.equal(session.getUserId(), payload.sub);
  assert.equal(session.getRecipeUserId().getAsString(), payload.rsub);
  assert.equal(session.getHandle(), payload.sessionHandle);
  assert.equal(session.getTenantId(), "public");
  await assert.rejects(Session.getSessionWithoutRequestResponse(`${token.slice(0, -6)}AAAAAA`));
  await person.close();
});

for (const algorithm of ["EdDSA", "RS256"]) {
  test(`the same with ${algorithm} by setting`, async () => {
    const other = await startServer({ config: `[keys]\nalgorithm = "${algorithm}"\n` });
    try {
      const person = await newPerson(browser, other);
      await signInByCode(person, newAddress("jwt"));
      await person.page.waitForURL("**/demo");
      await checkTokens(person, other, algorithm);
      await person.close();
    } finally {
      await other.stop();
    }
  });
}

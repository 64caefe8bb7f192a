// Where people may be sent back to, which pages may call, and what has to be shown with a call: redirect URLs that look like
// a registered one, CORS on success and on every error, the work before a login, and PKCE.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { call, createApplication, createClient, exchange, follow, assertion, linkWith, newVisitor, pkce, preflight, rawAuthentication, work } from "../lib/authress.mjs";
import { inDatabase } from "../lib/database.mjs";
import { newAddress } from "../lib/mailbox.mjs";
import { startServer } from "../lib/server.mjs";
import { UNLIMITED } from "../lib/tenants.mjs";

const SITE = "https://app.example.com";
const FOREIGN = "https://evil.example";
let server, client, shop;
before(async () => {
  server = await startServer({ config: `[tenants.public]\n${UNLIMITED}app_name = "Example"\n` });
  client = createClient(server);
  shop = await createApplication(server, [`${SITE}/in`, "https://*.tenants.example.com/", "http://127.0.0.1:4000/app"], { id: "app_shop" });
});
after(() => server?.stop());

const askShop = (redirectUrl, options) => rawAuthentication(server, { application: shop, connection: client.clientId, redirectUrl, origin: SITE, ...options });

for (const redirectUrl of [
  `${SITE}/in`, `${SITE}/in/`, `${SITE}/in/deep/er?x=1&y=https://evil.example#z`, "https://APP.Example.com:443/in",
  "https://a.tenants.example.com/", "https://a.b.tenants.example.com/any/where", "http://127.0.0.1:4000/app/x",
]) {
  test(`people may be sent to ${redirectUrl}, and arrive there`, async () => {
    const asked = await askShop(redirectUrl);
    assert.equal(asked.status, 200, asked.text);
    const answer = await follow(newVisitor(server), linkWith(asked, assertion(client, newAddress("place"), server.origin)));
    const [wanted, got] = [new URL(redirectUrl), new URL(answer.location)];
    assert.deepEqual([got.origin, got.pathname, got.hash], [wanted.origin, wanted.pathname, wanted.hash]);
    for (const [name, value] of wanted.searchParams) assert.equal(got.searchParams.get(name), value, "what the application had in its address stays");
  });
}

for (const redirectUrl of [
  "https://app.example.com/", "https://app.example.com/inner", "https://app.example.com/in/../admin", "https://app.example.com/in/%2e%2e/admin",
  "https://app.example.com/in%2f..%2fadmin/../../admin", "https://app.example.com:8443/in", "http://app.example.com/in", "https://sub.app.example.com/in",
  "https://app.example.com.evil.example/in", "https://app.example.com@evil.example/in", "https://app.example.com:443@evil.example/in",
  "https://user:secret@app.example.com/in", "https://app.example.com\\@evil.example/in", "https://app.example.com\\.evil.example/in",
  "https://evil.example\\@app.example.com/in", "https://evil.example#https://app.example.com/in", "https://evil.example?https://app.example.com/in",
  "https:app.example.com/in", "https:///app.example.com/in", "//app.example.com/in", "/in", "", "app.example.com/in", "ftp://app.example.com/in",
  " https://app.example.com/in", "https://app.example.com/in\n", "https://app.example\t.com/in", "https://app.example.com/in\u0000",
  "https://tenants.example.com/", "https://eviltenants.example.com/", "https://a.tenants.example.com.evil.example/", "https://a.tenants.example.com:444/",
  "https://*.tenants.example.com.evil.example/", "http://127.0.0.1:4001/app", "http://127.0.0.1:4000/other", "http://127.0.0.1.evil.example:4000/app",
  "http://127.0.0.2:4000/app", "http://localhost:4000/app", "http://[::1]:4000/app", "http://0x7f.1:4001/app", "javascript:alert(1)//https://app.example.com/in",
  "data:text/html,x", "https://app。example.com.evil.example/in", "https://xn--pp-xka.example.com/in", `https://app.example.com/in?${"x".repeat(4000)}`,
]) {
  test(`nobody is sent to ${JSON.stringify(redirectUrl).slice(0, 80)}`, async () => {
    const asked = await askShop(redirectUrl);
    assert.equal(asked.status, 400, asked.text);
    assert.equal(asked.json().errorCode, "InvalidRedirectUrl");
    assert.equal(asked.headers["access-control-allow-origin"], SITE, "the SDK can read why");
  });
}

test("a redirect URL that is no text, or none at all", async () => {
  for (const redirectUrl of [["https://app.example.com/in"], { url: `${SITE}/in` }, 7, true]) {
    const asked = await askShop(`${SITE}/in`, { more: { redirectUrl } });
    assert.deepEqual([asked.status, asked.json().errorCode], [400, "InvalidRequest"]);
  }
  assert.equal((await askShop(`${SITE}/in`, { more: { redirectUrl: undefined } })).json().errorCode, "InvalidRedirectUrl");
});

test("after logging out, too, people are sent to registered places only", async () => {
  const to = async (redirectUrl, id = shop) => {
    const query = new URLSearchParams({ redirect_uri: redirectUrl, client_id: id });
    const answer = await newVisitor(server).get(`/logout?${query}`);
    assert.equal(answer.status, 303);
    return answer.location;
  };
  assert.equal(await to(`${SITE}/in/bye`), `${SITE}/in/bye`);
  for (const wrong of [FOREIGN, `${SITE}.evil.example/in`, "https://app.example.com@evil.example/in", "//evil.example", "javascript:alert(1)", ""]) {
    assert.ok((await to(wrong)).startsWith("/"), wrong);
  }
  assert.ok((await to(`${SITE}/in`, "app_nobody")).startsWith("/"));
  assert.ok((await to(`${SITE}/in`, "app_default")).startsWith("/"), "another application's place");
});

/** Calls that fail and one that goes well: what they answer, with the SDK's headers, from a page of `origin`. */
const CALLS = {
  "a login begins": [200, (origin) => askShop(`${SITE}/in`, { origin })],
  "no such connection": [400, (origin) => askShop(`${SITE}/in`, { origin, connection: "sc_nobody" })],
  "no such application": [400, (origin) => askShop(`${SITE}/in`, { origin, application: "app_nobody" })],
  "no work": [400, (origin) => askShop(`${SITE}/in`, { origin, antiAbuseHash: null })],
  "no JSON": [400, (origin) => call(server, "POST", "/api/authentication", { origin, headers: { "content-type": "text/plain" }, body: {} })],
  "no session": [404, (origin) => call(server, "PATCH", "/api/session", { origin, body: {} })],
  "no token": [401, (origin) => call(server, "GET", "/api/session/profile", { origin })],
  "a token of nobody": [401, (origin) => call(server, "GET", "/api/session/profile", { origin, token: "x.y.z" })],
  "an exchange of nothing": [400, (origin) => exchange(server, { application: shop, authenticationRequestId: "lr_0", verifier: "v".repeat(43), redirectUrl: `${origin}/` }, "x")],
  "a login that is not there": [404, (origin) => call(server, "POST", "/api/authentication/nobody/code", { origin, body: { code: "123456" } })],
  "what is not offered": [501, (origin) => call(server, "POST", "/api/session/devices", { origin, body: {} })],
  "no such path": [404, (origin) => call(server, "GET", "/api/nowhere", { origin })],
  "no such method": [405, (origin) => call(server, "PUT", "/api/session", { origin, body: {} })],
  "too long": [413, (origin) => call(server, "POST", "/api/authentication", { origin, body: { x: "x".repeat(200_000) } })],
};

for (const [what, [status, send]] of Object.entries(CALLS)) {
  test(`CORS: ${what} (${status}): the page that may call can read it, and only that`, async () => {
    const answer = await send(SITE);
    assert.equal(answer.status, status, answer.text);
    assert.equal(answer.headers["access-control-allow-origin"], SITE);
    assert.equal(answer.headers["access-control-allow-credentials"], "true");
    assert.match(answer.headers.vary, /origin/i);
    if (status >= 400) {
      const { title, errorCode, errorId } = answer.json();
      assert.deepEqual([typeof title, typeof errorCode, typeof errorId], ["string", "string", "string"]);
    }
    const foreign = await send(FOREIGN);
    assert.equal(foreign.headers["access-control-allow-origin"], undefined);
    assert.equal(foreign.headers["access-control-allow-credentials"], undefined);
    assert.deepEqual(foreign.cookies, []);
  });
}

test("CORS: a store that does not work (503): the page can read it, and what was asked for is begun when it works again", async () => {
  const antiAbuseHash = work([client.clientId, shop]);
  const { challenge: codeChallenge } = pkce();
  const again = () => askShop(`${SITE}/in`, { antiAbuseHash, more: { codeChallenge } });
  inDatabase(server, "ALTER TABLE login_requests RENAME TO login_requests_away");
  try {
    const answer = await again();
    assert.deepEqual([answer.status, answer.json().errorCode], [503, "Unavailable"]);
    assert.equal(answer.headers["access-control-allow-origin"], SITE);
    assert.equal(answer.headers["access-control-allow-credentials"], "true");
  } finally {
    inDatabase(server, "ALTER TABLE login_requests_away RENAME TO login_requests");
  }
  assert.equal((await again()).status, 200, "the SDK sends the same words again");
});

test("CORS: browsers are told before every call whether their page may, and with what", async () => {
  for (const path of ["/api/authentication", "/api/authentication/x/tokens", "/api/authentication/x/code", "/api/session", "/api/session/profile", "/api/session/identities/x", "/api/nowhere"]) {
    for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE"]) {
      const told = await preflight(server, path, SITE, method);
      assert.ok([200, 204].includes(told.status), `${method} ${path}: ${told.status}`);
      assert.equal(told.headers["access-control-allow-origin"], SITE, `${method} ${path}`);
      assert.equal(told.headers["access-control-allow-credentials"], "true");
      const list = (name) => told.headers[name].toLowerCase().split(/, */);
      for (const name of ["authorization", "content-type", "x-powered-by"]) assert.ok(list("access-control-allow-headers").includes(name), name);
      assert.ok(list("access-control-allow-methods").includes(method.toLowerCase()), method);
      assert.match(told.headers.vary, /origin/i);
    }
    for (const origin of [FOREIGN, "null", "https://app.example.com.evil.example", "http://app.example.com", `${SITE}:8443`, "https://tenants.example.com", "http://127.0.0.1.evil.example:4000"]) {
      const told = await preflight(server, path, origin);
      assert.deepEqual([told.headers["access-control-allow-origin"], told.headers["access-control-allow-credentials"]], [undefined, undefined], `${origin} ${path}`);
    }
  }
});

test("a foreign page is refused, one of another application too; programs without a page are not", async () => {
  const foreign = await askShop(`${SITE}/in`, { origin: FOREIGN });
  assert.deepEqual([foreign.status, foreign.json().errorCode], [403, "InvalidOrigin"]);
  const opaque = await askShop(`${SITE}/in`, { origin: "null" });
  assert.equal(opaque.status, 403);
  const neighbour = await askShop(`${SITE}/in`, { origin: "http://localhost:3000" });
  assert.deepEqual([neighbour.status, neighbour.json().errorCode], [403, "InvalidOrigin"]);
  assert.equal((await askShop(`${SITE}/in`, { origin: null })).status, 200);
  // A browser that hides where it comes from is no program.
  const hidden = await askShop(`${SITE}/in`, { origin: null, headers: { "sec-fetch-site": "cross-site" } });
  assert.equal(hidden.status, 403);
  for (const [method, path] of [["PATCH", "/api/session"], ["DELETE", "/api/session"], ["DELETE", "/api/session/identities/x"]]) {
    assert.equal((await call(server, method, path, { origin: FOREIGN, body: {} })).status, 403, path);
  }
});

const begin = (options) => rawAuthentication(server, { connection: client.clientId, ...options });

test("the work before a login: of every generation of the SDK, and done for this call", async () => {
  const values = [client.clientId, "app_default"];
  const good = async (antiAbuseHash, options) => assert.equal((await begin({ antiAbuseHash, ...options })).status, 200, antiAbuseHash);
  await good(work(values));
  await good(work([...values, []]), { more: { audiences: [] } });
  await good(work([...values, ["one", "two"]]), { more: { audiences: ["one", "two"] } });
  await good(work(values), { more: { audiences: ["one"] } });
  await good(work(values, { at: Date.now() - 9 * 60_000 }));
  await good(work(values, { at: Date.now() + 9 * 60_000 }));
  const [, at, counter, hash] = work(values).split(";");
  const lazy = work(values).replace(/;00/, ";01");
  for (const bad of [
    null, "", "v2", lazy, `v1;${at};${counter};${hash}`, `v2;${at};0;${hash}`, `v2;${at};-1;${hash}`, `v2;${at};${counter};${hash};`, `v2;${at};${counter};00${"A".repeat(41)}`,
    `v2;${Number(at) + 1};${counter};${hash}`, work(["sc_other", "app_default"]), work([client.clientId, "app_other"]), work(["app_default"]),
    work(values, { at: Date.now() - 11 * 60_000 }), work(values, { at: Date.now() + 11 * 60_000 }),
  ]) {
    const asked = await begin({ antiAbuseHash: bad });
    assert.deepEqual([asked.status, asked.json().errorCode], [400, "InvalidAntiAbuseHash"], `${bad}`);
  }
});

test("the work is good for one login, also when many ask with it at once", async () => {
  const antiAbuseHash = work([client.clientId, "app_default"]);
  const answers = await Promise.all(Array.from({ length: 10 }, () => begin({ antiAbuseHash })));
  assert.equal(answers.filter((one) => one.status === 200).length, 1, `${answers.map((one) => one.status)}`);
  assert.equal((await begin({ antiAbuseHash })).json().errorCode, "InvalidAntiAbuseHash");
});

/** A login that came back with a code: what was asked, and the code. */
async function withCode(options) {
  const asked = await begin({ flowType: "code", ...options });
  assert.equal(asked.status, 200, asked.text);
  const answer = await follow(newVisitor(server), linkWith(asked, assertion(client, newAddress("code"), server.origin)));
  const code = new URL(answer.location).searchParams.get("code");
  assert.match(code, /^[\w-]{20,}$/);
  return [asked, code];
}

async function worthNothing(answer) {
  assert.equal(answer.status, 400, answer.text);
  const { error, errorCode } = answer.json();
  assert.deepEqual([error, errorCode, answer.cookies], ["invalid_request", "InvalidCode", []]);
}

test("PKCE: verifiers of 43 to 512 signs, and the SDK's own", async () => {
  for (const length of [43, 128, 129, undefined, 512]) {
    const [asked, code] = await withCode({ length });
    const answer = await exchange(server, asked, code);
    assert.equal(answer.status, 200, `${length}: ${answer.text}`);
    const { access_token: access, id_token: id, expires_in: life } = answer.json();
    assert.ok(access && id && life > 600);
  }
});

test("PKCE: a verifier that is wrong, missing, short, long or not made of its signs", async () => {
  for (const length of [42, 513]) {
    const [asked, code] = await withCode({ length });
    await worthNothing(await exchange(server, asked, code));
  }
  const [asked, code] = await withCode();
  for (const code_verifier of [pkce().verifier, "", undefined, null, `${asked.verifier}x`, asked.verifier.slice(1), pkce().challenge]) {
    await worthNothing(await exchange(server, asked, code, { code_verifier }));
  }
  assert.equal((await exchange(server, asked, code)).status, 200, "wrong guesses spend nothing");
  for (const challenge of [undefined, "", "plain", pkce().verifier, `${pkce().challenge}A`]) {
    const refused = await begin({ more: { codeChallenge: challenge } });
    assert.deepEqual([refused.status, refused.json().errorCode], [400, "InvalidRequest"], challenge);
  }
  assert.equal((await begin({ more: { codeChallengeMethod: "plain" } })).status, 400);
});

test("the exchange: right in everything, or nothing", async () => {
  const [asked, code] = await withCode();
  const [other, otherCode] = await withCode();
  for (const more of [
    { code: otherCode }, { code: "" }, { code: `${code}x` }, { client_id: "app_shop" }, { redirect_uri: "http://localhost:3000/other" }, { grant_type: "password" },
  ]) await worthNothing(await exchange(server, asked, more.code ?? code, more));
  await worthNothing(await exchange(server, { ...asked, authenticationRequestId: other.authenticationRequestId }, code));
  // As other clients of Authress write it.
  const camel = { client_id: undefined, redirect_uri: undefined, code_verifier: undefined, codeVerifier: asked.verifier, redirectUri: asked.redirectUrl };
  const answer = await exchange(server, asked, code, { ...camel, antiAbuseHash: work([asked.authenticationRequestId, code]) });
  assert.equal(answer.status, 200, answer.text);
});

test("the exchange: again within 30 s for whoever lost the answer, later and too late never", async () => {
  const [asked, code] = await withCode();
  const first = await exchange(server, asked, code);
  const again = await exchange(server, asked, code);
  assert.deepEqual([first.status, again.status], [200, 200]);
  const who = (answer) => JSON.parse(Buffer.from(answer.json().access_token.split(".")[1], "base64url"));
  assert.deepEqual([who(again).sub, who(again).sid], [who(first).sub, who(first).sid], "one session, not two");
  const back = (column, ms, id) => inDatabase(server, `UPDATE login_requests SET ${column} = ${column} - ${ms} WHERE id = '${id}'`);
  back("exchanged_at", 31_000, asked.authenticationRequestId);
  await worthNothing(await exchange(server, asked, code));
  const [late, lateCode] = await withCode();
  inDatabase(server, `UPDATE login_requests SET ended = json_set(ended, '$.code_expires_at', ${Date.now() - 1}) WHERE id = '${late.authenticationRequestId}'`);
  await worthNothing(await exchange(server, late, lateCode));
});

test("the exchange: the very same call again, as the SDK sends it when the answer is lost", async () => {
  const [asked, code] = await withCode();
  const antiAbuseHash = work(["app_default", asked.authenticationRequestId, code]);
  const [first, again] = [await exchange(server, asked, code, { antiAbuseHash }), await exchange(server, asked, code, { antiAbuseHash })];
  assert.deepEqual([first.status, again.status], [200, 200], again.text);
});

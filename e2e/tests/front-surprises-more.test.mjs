// The eighteen surprises that break a naive server (contract supertokens-frontend.md §10), each under its number; by plain
// HTTP, where the truth is. Here: 11 to 18.
import assert from "node:assert/strict";
import http from "node:http";
import { after, before, test } from "node:test";
import { ask } from "../lib/http.mjs";
import { newAddress } from "../lib/mailbox.mjs";
import { startServer } from "../lib/server.mjs";
import { Fdi, readFront, tokensIn } from "../lib/st-fdi.mjs";
import { CONFIG, failures, SITE } from "../lib/st-surprises.mjs";

let server;
before(async () => {
  server = await startServer({ config: CONFIG });
});
after(() => server?.stop());

const client = (options) => new Fdi(server, options);
const JSON_TYPE = /^application\/json/;
/** What an access token says. */
const decode = (token) => JSON.parse(Buffer.from(token.split(".")[1], "base64url"));

test("11: every good answer is JSON, GETs are asked for first, credentials always go along", async () => {
  const one = client({ origin: SITE });
  const started = await one.start(newAddress("json"));
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  const answers = [
    await one.create(newAddress("json")), await one.post("/signinup/code/resend", started), await one.consumeCode(started, started.code),
    await one.get("/user/email/verify"), await one.post("/user/email/verify/token", {}), await one.get("/loginmethods"),
    await one.get("/jwt/jwks.json"), await one.get("/.well-known/openid-configuration"), await one.refresh(), await one.signOut(),
  ];
  for (const [i, answer] of answers.entries()) {
    assert.equal(answer.status, 200, `${i}: ${answer.text}`);
    assert.match(answer.headers["content-type"], JSON_TYPE);
    assert.equal(typeof answer.json(), "object");
    const { "access-control-allow-origin": origin, "access-control-allow-credentials": credentials } = answer.headers;
    assert.deepEqual([origin, credentials], [SITE, "true"], `${i}`);
    assert.match(answer.headers.vary, /origin/i);
  }
  const asked = [
    ["GET", "/auth/loginmethods"], ["GET", "/auth/user/email/verify"], ["GET", "/auth/both/passwordless/email/exists"], ["PUT", "/auth/mfa/info"],
  ];
  const wanted = "content-type,fdi-version,rid,st-auth-mode";
  for (const [method, path] of asked) {
    const headers = { origin: SITE, "access-control-request-method": method, "access-control-request-headers": wanted };
    const told = await ask(server.origin + path, { method: "OPTIONS", headers });
    assert.ok(told.status === 200 || told.status === 204, `${path}: ${told.status}`);
    assert.equal(told.headers["access-control-allow-origin"], SITE, path);
    assert.match(told.headers["access-control-allow-headers"].toLowerCase(), /st-auth-mode/);
    assert.ok(told.headers["access-control-allow-methods"].includes(method));
  }
});

test("12: a link is never told that a code is wrong or expired", async () => {
  for (const name of [undefined, "links"]) {
    const one = client({ tenant: name });
    const started = await one.start(newAddress("link"));
    for (let i = 0; i < 12; i += 1) {
      const wrong = `${i.toString(36)}${started.linkCode.slice(1)}`;
      if (wrong !== started.linkCode) assert.deepEqual((await one.consumeLink(started, wrong)).json(), { status: "RESTART_FLOW_ERROR" });
    }
    for (const odd of ["", "+/=", "%2e", "x".repeat(5_000), "123456"]) {
      const told = await one.consumeLink(started, odd);
      assert.ok(told.status === 400 || told.json().status === "RESTART_FLOW_ERROR", `${odd.slice(0, 9)}: ${told.text}`);
    }
    // Wrong ones cost nothing.
    const right = await one.consumeLink(started, started.linkCode);
    assert.equal(right.json().status, "OK");
    assert.deepEqual((await one.consumeLink(started, started.linkCode)).json(), { status: "RESTART_FLOW_ERROR" });
  }
});

test("13: only statuses that the pages know", async () => {
  const known = ["OK", "GENERAL_ERROR", "SIGN_IN_UP_NOT_ALLOWED", "RESTART_FLOW_ERROR"];
  known.push("INCORRECT_USER_INPUT_CODE_ERROR", "EXPIRED_USER_INPUT_CODE_ERROR");
  for (const [what, answer] of await failures(server)) {
    const body = answer.json();
    if (answer.status === 200) assert.ok(known.includes(body.status), `${what}: ${answer.text}`);
    else assert.ok([400, 404, 429, 501].includes(answer.status), `${what}: ${answer.status}`);
    if (answer.status !== 200 || body.status === "GENERAL_ERROR") assert.ok(body.message?.length > 3, `${what}: ${answer.text}`);
    if (body.status === "SIGN_IN_UP_NOT_ALLOWED") assert.ok(body.reason?.length > 10, what);
    assert.match(answer.headers["content-type"], JSON_TYPE, what);
  }
});

test("14: pages and calls share a prefix: each is told by its method and whole path", async () => {
  const pages = ["", "/verify", "/verify-email", "/callback/google", "/mfa", "/mfa/totp", "/reset-password", "/webauthn/recover"];
  for (const path of [...pages, "/try-refresh", "/nothing/here"]) {
    const headers = { "content-type": "application/json", rid: "passwordless" };
    const told = await ask(`${server.origin}/auth${path}`, { method: "POST", headers, body: "{}" });
    assert.ok(told.status >= 400 && ![401, 403, 500].includes(told.status), `POST ${path}: ${told.status}`);
    assert.equal(told.headers["front-token"], undefined);
  }
  for (const path of ["/session/refresh", "/signout", "/signinup/code", "/signinup/code/consume", "/signinup/code/resend"]) {
    const told = await ask(`${server.origin}/auth${path}`);
    assert.ok([404, 405].includes(told.status), `GET ${path}: ${told.status}`);
  }
  const page = await ask(`${server.origin}/auth`, { headers: { accept: "text/html" } });
  assert.deepEqual([page.status, page.headers["content-type"].split(";")[0]], [200, "text/html"]);
  const notOffered = [
    ["PUT", "/mfa/info"], ["POST", "/totp/verify"], ["GET", "/totp/device/list"], ["POST", "/webauthn/signin"], ["POST", "/signup"],
    ["GET", "/oauth/login?loginChallenge=x"], ["POST", "/oauth/logout"],
  ];
  for (const [method, path] of notOffered) {
    const body = method === "GET" ? undefined : "{}";
    const told = await ask(`${server.origin}/auth${path}`, { method, headers: { "content-type": "application/json" }, body });
    assert.equal(told.status, 501, `${method} ${path}: ${told.text}`);
    assert.match(told.json().message, /\w+ .*\.$/, "a sentence");
  }
});

test("15: the token in the header wins over the cookie, and the answer comes the same way", async () => {
  const [byHeader, byCookie] = [client({ mode: "header" }), client({ mode: "cookie" })];
  await byHeader.signIn(newAddress("older"));
  await byCookie.signIn(newAddress("newer"));
  const both = { cookie: `sAccessToken=${byCookie.access}`, authorization: `Bearer ${byHeader.access}` };
  const out = await ask(`${server.origin}/auth/signout`, { method: "POST", headers: { ...both, "st-auth-mode": "cookie", rid: "session" } });
  assert.equal(out.status, 200);
  assert.equal((await byHeader.refresh()).status, 401, "that session is over");
  assert.equal((await byCookie.refresh()).status, 200, "this one is not");

  await byHeader.signIn(newAddress("older"));
  const cookie = `sAccessToken=${byCookie.access}; sRefreshToken=${byCookie.refreshToken}`;
  const headers = { cookie, authorization: `Bearer ${byHeader.refreshToken}`, "st-auth-mode": "cookie", rid: "session" };
  const renewed = tokensIn(await ask(`${server.origin}/auth/session/refresh`, { method: "POST", headers }));
  assert.equal(renewed.inHeaders, true);
  assert.equal(readFront(renewed.front).up.sub, decode(byHeader.access).sub);
});

test("16: a refresh never says yes without tokens, however the cookies are", async () => {
  for (const more of ["sAccessToken=a; sAccessToken=b", "sRefreshToken=old", "sIdRefreshToken=x"]) {
    const one = client();
    await one.signIn(newAddress("twice"));
    const told = await one.refresh(null, { cookie: `sRefreshToken=${one.refreshToken}; ${more}` });
    if (told.status === 200) assert.ok(readFront(told.headers["front-token"]).up.sessionHandle);
    else assert.deepEqual([told.status, told.headers["front-token"]], [401, "remove"]);
  }
});

test("17: names of headers in any case, versions of any age, any rid", async () => {
  for (const headers of [{ "FDI-Version": "9.9", RID: "anti-csrf" }, { "fdi-version": "1.16,1.17", rid: "emailpassword" }, { "fdi-version": "" }]) {
    const all = { "content-type": "application/json; charset=utf-8", "ST-Auth-Mode": "cookie", ...headers };
    const told = await ask(`${server.origin}/auth/signinup/code`, { method: "POST", headers: all, body: JSON.stringify({ email: newAddress("case") }) });
    assert.equal(told.json().status, "OK", JSON.stringify(headers));
  }
});

test("18: the tenant in the path is anybody's text", async () => {
  const odd = ["a/../x", "%2e%2e", "..%2f..", "%00", "a%20b", "PUBLIC%2F", "x".repeat(300), "%3Cscript%3E", "nowhere", "_", "%F0%9F%98%80", "-"];
  for (const segment of odd) {
    const headers = { "content-type": "application/json", rid: "passwordless" };
    for (const [method, path] of [["POST", "/signinup/code"], ["GET", "/loginmethods"]]) {
      const url = `/auth/${segment}${path}`;
      const told = await raw(method, url, headers, method === "POST" ? JSON.stringify({ email: newAddress("odd") }) : undefined);
      assert.ok([400, 404].includes(told.status), `${method} ${url}: ${told.status} ${told.text}`);
      assert.equal(typeof told.json().message, "string");
    }
  }
  assert.equal((await client({ tenant: "public" }).create(newAddress("odd"))).json().status, "OK", "the default tenant by name");
});

/** A request whose path is sent as it stands; `URL` would tidy it. */
function raw(method, path, headers, body) {
  return new Promise((resolve, reject) => {
    const all = { host: `localhost:${server.port}`, ...headers };
    const sent = http.request({ host: "127.0.0.1", port: server.port, method, path, agent: false, headers: all }, async (answer) => {
      let text = "";
      for await (const chunk of answer) text += chunk;
      resolve({ status: answer.statusCode, text, json: () => JSON.parse(text) });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

// The Authress door without a browser: service clients and applications made on the command line, the work and the PKCE that
// the login SDK does, assertions made by hand with anything wrong with them, and links opened as a browser opens them.
import { spawnSync } from "node:child_process";
import { createHash, createHmac, createPrivateKey, getRandomValues, randomBytes, sign } from "node:crypto";
import path from "node:path";
import authress from "@authress/sdk";
import { ask, Client } from "./http.mjs";
import { BINARY } from "./server.mjs";
import { until } from "./until.mjs";

/** What SDKs send with every call: browsers ask first because of it. */
export const SDK_HEADERS = { "content-type": "application/json", "x-powered-by": "Authress Login SDK; Javascript; 2.6.439" };

/** Runs `postkey` on the server's own config and data; gives what it printed. */
export function postkey(server, ...args) {
  const place = ["--config", path.join(server.folder, "postkey.toml"), "--data-dir", path.join(server.folder, "data")];
  const ran = spawnSync(BINARY, [...args, ...place], { encoding: "utf8" });
  if (ran.status !== 0) throw new Error(`postkey ${args.join(" ")} ended with ${ran.status}: ${ran.stderr}${ran.stdout}`);
  return ran.stdout;
}

/** An access key taken apart. `key` signs. */
export function readAccessKey(accessKey) {
  const [clientId, keyId, accountId, secret] = accessKey.split(".");
  const key = createPrivateKey({ key: Buffer.from(secret, "base64"), format: "der", type: "pkcs8" });
  return { clientId, keyId, accountId, accessKey, key };
}

/** A service client. It may say who somebody is, unless `tokenGeneration` is false. */
export function createClient(server, options = {}) {
  const { name = "Test", id, admin, tokenGeneration = true, authorizationUrl, assertionMaxAge, trustSubject, trustNumber, linking } = options;
  const args = ["--name", name];
  if (id) args.push("--id", id);
  if (admin) args.push("--admin");
  if (tokenGeneration) args.push("--token-generation");
  if (authorizationUrl) args.push("--authorization-url", authorizationUrl);
  if (assertionMaxAge) args.push("--assertion-max-age", assertionMaxAge);
  if (trustSubject) args.push("--trust-subject-as-verified-email");
  if (trustNumber) args.push("--trust-subject-as-verified-number");
  if (linking) args.push("--linking", linking);
  const made = JSON.parse(postkey(server, "clients", "create", ...args));
  return { ...made, ...readAccessKey(made.accessKey) };
}

let last = 0;
/** An application and where people may be sent back to; the server knows it when this is done. */
export async function createApplication(server, redirectUrls, { id = `app_test${(last += 1)}`, development = false } = {}) {
  const urls = redirectUrls.flatMap((url) => ["--redirect-url", url]);
  postkey(server, "applications", "create", "--id", id, ...urls, ...(development ? ["--development"] : []));
  const origin = new URL(redirectUrls[0].replace("://*.", "://any.").replace(":*", ":1")).origin;
  await until("the server noticed the application", async () => (await preflight(server, "/api/session", origin)).headers["access-control-allow-origin"] === origin);
  return id;
}

/** The back end's SDK with a client's key. */
export const tokenProvider = (client, domain) => new authress.ServiceClientTokenProvider(client.accessKey, domain);

const signed = new Set();
/**
 * The link that the back end's SDK makes, `age` seconds ago. What it signs for somebody is the same for a whole second,
 * whatever login it is for, and good once: for one more this waits until the next second.
 */
export async function signLink(client, asked, subject, { age = 0, url = asked.authenticationUrl } = {}) {
  const now = Date.now;
  const second = () => `${client.keyId} ${subject} ${Math.round(now() / 1000) - age}`;
  await until("a second in which nothing was signed", () => !signed.has(second()));
  signed.add(second());
  try {
    // The SDK looks at the clock before it waits for anything.
    Date.now = () => now() - age * 1000;
    return tokenProvider(client).generateUserLoginUrl(url, asked.authenticationRequestId, client.clientId, subject);
  } finally {
    Date.now = now;
  }
}

/**
 * What a token says, as the back end's SDK verifies it. The key set is read at the server's own port, whatever it is called
 * from outside.
 */
export function verifyToken(server, token, domain = server.origin) {
  const get = async (url) => ({ data: (await ask(server.origin + new URL(url).pathname)).json() });
  return authress.TokenVerifier({ baseUrl: domain, get }, token);
}

const digest = (text) => createHash("sha256").update(text).digest("base64url");

/** The anti-abuse hash for values, as the SDK does the work; what is missing leaves no gap. */
export function work(values, { at = Date.now() } = {}) {
  const text = values.filter(Boolean).map((value) => (Array.isArray(value) ? value.join(",") : value)).join("|");
  for (let counter = 1; ; counter += 1) {
    const hash = digest(`${at};${counter};${text}`);
    if (hash.startsWith("00")) return `v2;${at};${counter};${hash}`;
  }
}

/** A PKCE verifier of the SDK's form (some 230 signs), or of `length` signs, and its challenge. */
export function pkce(length) {
  const like = () => Buffer.from(getRandomValues(new Uint32Array(16)).join(",")).toString("base64url");
  const verifier = length ? randomBytes(length).toString("base64url").slice(0, length) : like();
  return { verifier, challenge: digest(verifier) };
}

/** A call as the login SDK sends it from a page of `origin` (null: not from a page). */
export function call(server, method, path, { body, origin = null, token, cookie, headers = {} } = {}) {
  const all = { ...SDK_HEADERS, ...headers };
  if (origin) Object.assign(all, { origin, "sec-fetch-site": "cross-site" });
  if (token) all.authorization = `Bearer ${token}`;
  if (cookie) all.cookie = cookie;
  return ask(server.origin + path, { method, headers: all, body: body === undefined ? undefined : JSON.stringify(body) });
}

/** What a browser asks before a call. */
export function preflight(server, path, origin, method = "POST") {
  const headers = { origin, "access-control-request-method": method, "access-control-request-headers": "authorization,content-type,x-powered-by" };
  return ask(server.origin + path, { method: "OPTIONS", headers });
}

/**
 * Asks for a login as the SDK does, with everything under control. `antiAbuseHash` null sends none; `more` adds or replaces
 * members of the body. The answer carries what was asked, and its `authenticationRequestId` and `authenticationUrl`.
 */
export async function rawAuthentication(server, options = {}) {
  const { application = "app_default", connection, redirectUrl = "http://localhost:3000/", flowType, length, more = {}, headers } = options;
  const { verifier, challenge } = pkce(length);
  const { antiAbuseHash = work([connection, application]), origin = new URL(redirectUrl).origin } = options;
  const body = { redirectUrl, codeChallengeMethod: "S256", codeChallenge: challenge, connectionId: connection, applicationId: application, flowType };
  if (antiAbuseHash !== null) body.antiAbuseHash = antiAbuseHash;
  const answer = await call(server, "POST", "/api/authentication", { body: { ...body, ...more }, origin, headers });
  const told = answer.status === 200 ? answer.json() : {};
  return Object.assign(answer, { ...told, verifier, application, redirectUrl });
}

/** Exchanges the code of a login. `more` adds or replaces members of the body. */
export function exchange(server, asked, code, more = {}) {
  const { application, authenticationRequestId: id, verifier, redirectUrl } = asked;
  const body = { grant_type: "authorization_code", redirect_uri: redirectUrl, client_id: application, code, code_verifier: verifier };
  const antiAbuseHash = work([more.client_id ?? application, id, more.code ?? code]);
  return call(server, "POST", `/api/authentication/${id}/tokens`, { body: { antiAbuseHash, ...body, ...more }, origin: new URL(redirectUrl).origin });
}

const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

let count = 0;
/**
 * An assertion of a service client for `subject`, unlike every other, and good unless something is changed: `header` and
 * `claims` add or replace members (undefined takes one away), `key` signs in place of the client's own, `mac` signs with
 * HS256 and that secret, `signature` stands for what it is.
 */
export function assertion(client, subject, origin, { header = {}, claims = {}, key = client.key, mac, signature } = {}) {
  const now = Math.floor(Date.now() / 1000);
  const own = {
    aud: `${client.accountId}.accounts.authress.io`, iss: `${origin}/v1/clients/${client.clientId}`, sub: subject,
    client_id: client.clientId, iat: now, exp: now + 60, max_age: 60, scope: "openid", count: (count += 1),
  };
  const text = `${part({ alg: "EdDSA", kid: client.keyId, typ: "oauth-authz-req+jwt", ...header })}.${part({ ...own, ...claims })}`;
  if (signature !== undefined) return `${text}.${signature}`;
  const made = mac ? createHmac("sha256", mac).update(text).digest() : sign(null, Buffer.from(text), key);
  return `${text}.${made.toString("base64url")}`;
}

/** The claims of a token, believed as they stand. */
export const claimsOf = (token) => JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString());

const issuerOf = (token) => claimsOf(token).iss ?? null;

/** The link that carries an assertion. Without `iss` the assertion's own stands in it; null leaves it out. */
export function linkWith(asked, token, { iss = issuerOf(token), state = asked.authenticationRequestId } = {}) {
  const link = new URL(asked.authenticationUrl);
  const set = (name, value) => (value === null ? link.searchParams.delete(name) : link.searchParams.set(name, value));
  for (const [name, value] of Object.entries({ code: token, iss, state })) set(name, value);
  return link.toString();
}

/** A browser that opens links of `server` and keeps cookies. `origin`: how the server is called from outside. */
export const newVisitor = (server, origin = server.origin) => new Client(origin, { address: server.origin });

/** Opens a link: the page's answer, with the `fields` of its form, and whether it goes on by itself. */
export async function lookAt(visitor, link) {
  const { pathname, search } = new URL(link);
  const page = await visitor.get(pathname + search);
  const plain = page.text.replace(/&#x2f;/gi, "/").replace(/&#x3d;/gi, "=").replace(/&quot;/g, '"').replace(/&amp;/g, "&");
  const form = /<form method="post" action="\/login"[^]*?<\/form>/.exec(plain)?.[0] ?? "";
  const hidden = [...form.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)];
  const fields = Object.fromEntries(hidden.map(([, name, value]) => [name, value]));
  return Object.assign(page, { fields, goesOn: form.includes("data-auto"), hasButton: form.includes("<button>") });
}

/** Opens a link and presses the button. When no page is there to press one on, gives the answer that said so. */
export async function follow(visitor, link) {
  const page = await lookAt(visitor, link);
  return page.hasButton ? visitor.post("/login", page.fields) : page;
}

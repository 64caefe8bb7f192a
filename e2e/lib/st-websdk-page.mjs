// One browser page that is none: in a thread of its own, the globals that supertokens-web-js wants, a cookie jar, and the
// unmodified package. It is told what to do by messages; see websdk.mjs.
import { createRequire } from "node:module";
import { parentPort, workerData } from "node:worker_threads";

const { api, page, mode, emailVerification } = workerData;

/** Cookies by name and path, each `{ name, value, path, httpOnly }`; one host is all there is. */
const jar = new Map();
function keep(line, byScript) {
  const [pair, ...attributes] = line.split(/; */);
  const [name, value] = pair.split(/=(.*)/s);
  const of = (key) => attributes.map((one) => one.split("=")).find(([its]) => its.toLowerCase() === key);
  const cookie = { name, value, path: of("path")?.[1] ?? "/", httpOnly: Boolean(of("httponly")) };
  const key = `${name} ${cookie.path}`;
  if (byScript && (cookie.httpOnly || jar.get(key)?.httpOnly)) return;
  const expires = of("expires")?.[1] ?? of("Expires")?.[1];
  if (expires && Date.parse(expires) <= Date.now()) jar.delete(key);
  else jar.set(key, cookie);
}
const covers = (path, pathname) => pathname === path || pathname.startsWith(path.endsWith("/") ? path : `${path}/`);
const cookiesFor = (pathname, ofScript) =>
  [...jar.values()].filter((one) => covers(one.path, pathname) && !(ofScript && one.httpOnly)).map((one) => `${one.name}=${one.value}`).join("; ");

class Storage extends Map {
  getItem(key) { return this.get(key) ?? null; }
  setItem(key, value) { this.set(key, String(value)); }
  removeItem(key) { this.delete(key); }
  key(index) { return [...this.keys()][index] ?? null; }
  get length() { return this.size; }
}

const send = globalThis.fetch;
/** Every request the page made: `POST /auth/signout 200`. */
const calls = [];
async function fetchWithJar(input, options = {}) {
  const request = new Request(input, options);
  const url = new URL(request.url);
  const headers = new Headers(request.headers);
  headers.set("origin", window.location.origin);
  if ((options.credentials ?? "same-origin") === "include" || url.origin === window.location.origin) {
    const cookies = cookiesFor(url.pathname, false);
    if (cookies) headers.set("cookie", cookies);
  }
  const body = ["GET", "HEAD"].includes(request.method) ? undefined : options.body;
  const answer = await send(url, { method: request.method, headers, body });
  calls.push(`${request.method} ${url.pathname} ${answer.status}`);
  for (const line of answer.headers.getSetCookie()) keep(line, false);
  return answer;
}

const document = {
  get cookie() { return cookiesFor(window.location.pathname, true); },
  set cookie(line) { keep(line, true); },
  addEventListener() {},
};
/** Where the page is; links are "opened" by going there. */
function go(address) {
  const { href, origin, hostname, host, protocol, port, pathname, search, hash } = new URL(address, page);
  Object.assign(globalThis, { location: { href, origin, hostname, host, protocol, port, pathname, search, hash } });
}
go(page);
Object.assign(globalThis, {
  window: globalThis, document, localStorage: new Storage(), sessionStorage: new Storage(), fetch: fetchWithJar,
  history: { replaceState() {}, pushState() {} }, XMLHttpRequest: function XMLHttpRequest() {}, addEventListener() {}, removeEventListener() {},
});

const require = createRequire(import.meta.url);
const SuperTokens = require("supertokens-web-js").default;
const Session = require("supertokens-web-js/recipe/session").default;
const Passwordless = require("supertokens-web-js/recipe/passwordless").default;
const EmailVerification = require("supertokens-web-js/recipe/emailverification").default;
const Multitenancy = require("supertokens-web-js/recipe/multitenancy").default;

SuperTokens.init({
  appInfo: { appName: "Test app", apiDomain: api, apiBasePath: "/auth" },
  recipeList: [
    Session.init({ tokenTransferMethod: mode }), Passwordless.init(), Multitenancy.init(),
    ...(emailVerification ? [EmailVerification.init()] : []),
  ],
});

/** Of an answer, what is not the Response it came in. */
const plain = ({ fetchResponse, ...rest }) => rest;
const VERBS = {
  go: async (address) => go(address),
  createCode: async (who) => plain(await Passwordless.createCode(who)),
  consumeCode: async (what) => plain(await Passwordless.consumeCode(what)),
  resendCode: async () => plain(await Passwordless.resendCode()),
  attempt: () => Passwordless.getLoginAttemptInfo(),
  forget: () => Passwordless.clearLoginAttemptInfo(),
  emailExists: async (email) => plain(await Passwordless.doesEmailExist({ email })),
  phoneExists: async (phoneNumber) => plain(await Passwordless.doesPhoneNumberExist({ phoneNumber })),
  exists: () => Session.doesSessionExist(),
  user: () => Session.getUserId(),
  payload: () => Session.getAccessTokenPayloadSecurely(),
  claimErrors: () => Session.validateClaims(),
  refresh: () => Session.attemptRefreshingSession(),
  signOut: () => Session.signOut(),
  isEmailVerified: async () => plain(await EmailVerification.isEmailVerified()),
  sendVerificationEmail: async () => plain(await EmailVerification.sendVerificationEmail()),
  tenant: () => Multitenancy.getTenantId(),
  methods: async () => plain(await Multitenancy.getLoginMethods({ tenantId: await Multitenancy.getTenantId() })),
  call: async (path) => (await fetch(api + path)).status,
  cookies: async () => [...jar.values()],
  calls: async () => calls,
};

parentPort.on("message", async ({ id, verb, input }) => {
  try {
    parentPort.postMessage({ id, output: await VERBS[verb](input) });
  } catch (problem) {
    const shown = problem instanceof Response ? `answered ${problem.status}: ${await problem.clone().text()}` : problem.message;
    parentPort.postMessage({ id, problem: shown, isGeneral: problem.isSuperTokensGeneralError === true });
  }
});

// The SuperTokens frontend door by plain HTTP, with every header under control: a client as the SDKs are one, without them.
import { ask } from "./http.mjs";
import { mailsTo } from "./mailbox.mjs";
import { until } from "./until.mjs";

/** What the web SDKs send with recipe calls. */
const VERSIONS = "3.1,4.0,4.1,4.2";

/** One browser's worth of tokens, and the calls. `mode` is `cookie` or `header`; `origin` is the page's, if it says one. */
export class Fdi {
  constructor(server, { tenant, mode = "cookie", origin } = {}) {
    Object.assign(this, { server, tenant, mode, origin });
    this.access = null;
    this.refreshToken = null;
  }

  /** The address of a path of this client's tenant. */
  url(path) {
    return `${this.server.origin}/auth${this.tenant ? `/${this.tenant}` : ""}${path}`;
  }

  #headers(more) {
    const own = { "fdi-version": VERSIONS, "st-auth-mode": this.mode };
    if (this.origin) own.origin = this.origin;
    if (this.access && this.mode === "cookie") own.cookie = `sAccessToken=${this.access}`;
    if (this.access && this.mode === "header") own.authorization = `Bearer ${this.access}`;
    return { ...own, ...more };
  }

  /** A recipe call with a JSON body. */
  async post(path, body, headers = {}) {
    const all = this.#headers({ rid: "passwordless", "content-type": "application/json", ...headers });
    return this.#keep(await ask(this.url(path), { method: "POST", headers: all, body: typeof body === "string" ? body : JSON.stringify(body) }));
  }

  /** A recipe call without a body; the SDKs name a content type here too. */
  async get(path, headers = {}) {
    return this.#keep(await ask(this.url(path), { headers: this.#headers({ rid: "passwordless", "content-type": "application/json", ...headers }) }));
  }

  /** Asks for a code: an address or a number. */
  create(contact, headers) {
    return this.post("/signinup/code", { [contact.startsWith("+") ? "phoneNumber" : "email"]: contact, shouldTryLinkingWithSessionUser: false }, headers);
  }

  /** Asks for a code and reads the message: `{ deviceId, preAuthSessionId, flowType, code, link, linkCode }`. */
  async start(contact) {
    const before = (await mailsTo(this.server, contact)).length;
    const attempt = (await this.create(contact)).json();
    if (attempt.status !== "OK") throw new Error(JSON.stringify(attempt));
    const message = await until(`a message to ${contact}`, async () => {
      const all = await mailsTo(this.server, contact);
      return all.length > before ? all[0] : null;
    });
    return { ...attempt, code: message.code, link: message.link, linkCode: message.link?.split("#")[1] };
  }

  /** Hands in a code as typed. */
  consumeCode({ deviceId, preAuthSessionId }, userInputCode) {
    return this.post("/signinup/code/consume", { userInputCode, deviceId, preAuthSessionId, shouldTryLinkingWithSessionUser: false });
  }

  /** Hands in a link's secret, as the page behind the link does. */
  consumeLink({ preAuthSessionId }, linkCode) {
    return this.post("/signinup/code/consume", { linkCode, preAuthSessionId, shouldTryLinkingWithSessionUser: false });
  }

  /** The whole way in; gives the last answer's body. */
  async signIn(contact) {
    const attempt = await this.start(contact);
    const answer = await (attempt.code ? this.consumeCode(attempt, attempt.code) : this.consumeLink(attempt, attempt.linkCode));
    return answer.json();
  }

  /** Renews, with an empty body and no content type. `token` instead of the one this client has. */
  async refresh(token = this.refreshToken, headers = {}) {
    const own = { rid: "session", "fdi-version": VERSIONS, "st-auth-mode": this.mode, ...(this.origin ? { origin: this.origin } : {}) };
    if (token) own[this.mode === "cookie" ? "cookie" : "authorization"] = this.mode === "cookie" ? `sRefreshToken=${token}` : `Bearer ${token}`;
    return this.#keep(await ask(`${this.server.origin}/auth/session/refresh`, { method: "POST", headers: { ...own, ...headers } }));
  }

  /** Signs out, with an empty body and no content type. */
  async signOut(headers = {}) {
    return this.#keep(await ask(`${this.server.origin}/auth/signout`, { method: "POST", headers: this.#headers({ rid: "session", ...headers }) }));
  }

  #keep(answer) {
    const tokens = tokensIn(answer);
    if (tokens.access !== undefined) this.access = tokens.access;
    if (tokens.refresh !== undefined) this.refreshToken = tokens.refresh;
    return answer;
  }
}

/** The tokens an answer brings, by name; an empty text where it clears one, undefined where it says nothing. */
export function tokensIn({ cookies, headers }) {
  const cookie = (name) => cookies.map((line) => new RegExp(`^${name}=([^;]*)`).exec(line)?.[1]).find((value) => value !== undefined);
  return {
    access: cookie("sAccessToken") ?? headers["st-access-token"],
    refresh: cookie("sRefreshToken") ?? headers["st-refresh-token"],
    inCookies: cookie("sAccessToken") !== undefined,
    inHeaders: headers["st-access-token"] !== undefined,
    front: headers["front-token"],
  };
}

/** What a front token says. */
export const readFront = (token) => JSON.parse(Buffer.from(token, "base64").toString());

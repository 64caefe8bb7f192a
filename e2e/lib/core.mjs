// The back-end door without an SDK: a client that sends exactly what it is told, and a counter that stands between an
// SDK and Postkey and writes down every call.
import http from "node:http";
import { freePort } from "./server.mjs";

/** The interface version that supertokens-node 24 and supertokens-python 0.31 speak. */
export const CDI = "5.4";

/**
 * A raw client. `prefix` is what stands before every path ("/appid-a1"), `version` the `cdi-version` (null: none),
 * `key` the API key. An answer is `{ status, text, json, headers }`; `json` is null for what is not JSON.
 */
export class Core {
  constructor(server, { prefix = "", version = CDI, key, headers = {} } = {}) {
    this.base = server.privateOrigin ?? server.origin;
    Object.assign(this, { server, prefix, version, key, headers });
  }

  /** The same client with other settings. */
  with(settings) {
    return new Core(this.server, { prefix: this.prefix, version: this.version, key: this.key, headers: this.headers, ...settings });
  }

  async call(method, path, body, { rid, headers = {} } = {}) {
    const own = { ...this.headers };
    if (this.version) own["cdi-version"] = this.version;
    if (this.key) own["api-key"] = this.key;
    if (rid) own.rid = rid;
    if (body !== undefined) own["content-type"] = "application/json; charset=utf-8";
    const answer = await fetch(this.base + this.prefix + path, { method, headers: { ...own, ...headers }, body: body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body) });
    const text = await answer.text();
    const isJson = (answer.headers.get("content-type") ?? "").startsWith("application/json");
    return { status: answer.status, text, json: isJson ? JSON.parse(text) : null, headers: answer.headers };
  }

  get(path, query = {}, options) {
    const given = new URLSearchParams(query).toString();
    return this.call("GET", given ? `${path}?${given}` : path, undefined, options);
  }

  post(path, body = {}, options) {
    return this.call("POST", path, body, options);
  }

  put(path, body = {}, options) {
    return this.call("PUT", path, body, options);
  }

  /** Signs in by code, as the recipe does: what `consume` answered. */
  async signIn(contact, { tenant = "public" } = {}) {
    const code = (await this.post(`/${tenant}/recipe/signinup/code`, contact)).json;
    const { preAuthSessionId, deviceId, userInputCode } = code;
    return (await this.post(`/${tenant}/recipe/signinup/code/consume`, { preAuthSessionId, deviceId, userInputCode })).json;
  }

  /** A new session, as SDKs ask for it. `more` overrides fields of the request. */
  async session(userId, more = {}, { tenant = "public" } = {}) {
    const asked = { userId, userDataInJWT: {}, userDataInDatabase: {}, enableAntiCsrf: false, useDynamicSigningKey: true, ...more };
    return this.post(`/${tenant}/recipe/session`, asked, { rid: "session" });
  }
}

/** Forwards all calls to `target` and keeps their method and path (without query, by default). Stop it with `stop()`. */
export async function startCounter(target) {
  const { hostname, port: targetPort } = new URL(target);
  const agent = new http.Agent({ keepAlive: true });
  let seen = [];
  const counter = http.createServer((request, response) => {
    const url = new URL(request.url, target);
    seen.push({ call: `${request.method} ${url.pathname}`, query: Object.fromEntries(url.searchParams), rid: request.headers.rid });
    const headers = { ...request.headers, host: `${hostname}:${targetPort}` };
    const onward = http.request({ hostname, port: targetPort, path: request.url, method: request.method, headers, agent }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    onward.on("error", (problem) => response.destroy(problem));
    request.pipe(onward);
  });
  const port = await freePort();
  await new Promise((resolve, reject) => counter.on("error", reject).listen(port, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${port}`,
    /** The calls since the last time, whole. */
    takeAll() {
      const now = seen;
      seen = [];
      return now;
    },
    /** The calls since the last time, as "METHOD /path". */
    take() {
      return this.takeAll().map(({ call }) => call);
    },
    async stop() {
      counter.closeAllConnections();
      agent.destroy();
      await new Promise((resolve) => counter.close(resolve));
    },
  };
}

// An application with a SuperTokens SDK behind it, whatever its language: the process, the counter between it and
// Postkey, and what a test does with it. The ways to start one are in express.mjs and fastapi.mjs.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { after, before } from "node:test";
import { ask } from "./http.mjs";
import { startCounter } from "./core.mjs";
import { freePort, startServer } from "./server.mjs";
import { until } from "./until.mjs";

/**
 * Starts `command` with its options in APP, behind a counter, and waits until it answers.
 * `core` is the path below Postkey's private listener ("/appid-a1"); the rest of `options` is for the application.
 */
export async function startBackend(command, server, { core = "", ...options } = {}) {
  const calls = await startCounter(server.privateOrigin);
  const port = await freePort();
  const environment = { ...process.env, APP: JSON.stringify({ port, core: calls.origin + core, ...options }) };
  const child = spawn(command[0], command.slice(1), { env: environment, stdio: ["ignore", "pipe", "pipe"] });
  let log = "";
  let ended = false;
  child.stdout.on("data", (text) => (log += text));
  child.stderr.on("data", (text) => (log += text));
  const gone = new Promise((resolve) => {
    child.on("error", (problem) => { ended = true; log += problem.message; resolve(); });
    child.on("exit", () => { ended = true; resolve(); });
  });
  const origin = `http://127.0.0.1:${port}`;
  const backend = {
    origin,
    calls,
    get log() { return log; },
    /** Runs a function of the SDK. What it throws is thrown here; its `problem` is the kind of trouble. */
    async sdk(verb, input = {}) {
      const answer = await ask(`${origin}/sdk`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ verb, input }) });
      const told = answer.json();
      if (answer.status === 200) return told.result;
      throw Object.assign(new Error(`${verb}: ${told.message ?? told.problem}`), told);
    },
    /** What the SDK gave the application to deliver to an address or number, newest first. */
    async deliveredTo(contact) {
      const all = (await ask(`${origin}/delivered`)).json();
      return all.filter((message) => [message.email, message.phoneNumber, message.user?.email].includes(contact)).reverse();
    },
    async stop() {
      if (!ended) child.kill("SIGTERM");
      const patience = setTimeout(() => child.kill("SIGKILL"), 10_000);
      await gone;
      clearTimeout(patience);
      await calls.stop();
    },
  };
  try {
    await until("the application answers", async () => {
      if (ended) throw new Error(`the application ended at once:\n${log}`);
      return (await ask(`${origin}/delivered`).catch(() => null))?.status === 200;
    }, 60_000);
    assert.deepEqual(calls.take(), [], "an SDK that starts asks nothing");
  } catch (problem) {
    await backend.stop();
    throw problem;
  }
  return backend;
}

/** What a file's tests share: one server and one application, started before the first and stopped after the last. */
export function backendSuite(start, { config = "", ...options } = {}) {
  const house = { server: null, app: null, sdk: (verb, input) => house.app.sdk(verb, input) };
  before(async () => {
    house.server = await startServer({ config });
    house.app = await start(house.server, options);
  });
  after(async () => {
    await house.app?.stop();
    await house.server?.stop();
  });
  return house;
}

/** A person's browser at an application: keeps the session as the web SDKs do, in headers or in cookies. */
export class Visitor {
  constructor(app, mode = "header") {
    Object.assign(this, { app, mode, access: null, refresh: null, cookies: new Map() });
  }

  async call(method, path, body) {
    const headers = { "st-auth-mode": this.mode, rid: "anti-csrf" };
    const isRefresh = path === "/auth/session/refresh";
    if (this.mode === "header") {
      const token = isRefresh ? this.refresh : this.access;
      if (token) headers.authorization = `Bearer ${token}`;
    } else if (this.cookies.size) {
      headers.cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    }
    if (body !== undefined) headers["content-type"] = "application/json";
    const answer = await ask(this.app.origin + path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
    this.#keep(answer);
    if (answer.text && !/json/.test(answer.headers["content-type"])) throw new Error(`${method} ${path} answered ${answer.status}: ${answer.text}`);
    return { status: answer.status, headers: answer.headers, cookies: answer.cookies, json: answer.text ? answer.json() : null };
  }

  /** Whether it holds a session. */
  get signedIn() {
    return this.mode === "header" ? Boolean(this.access) : this.cookies.has("sAccessToken");
  }

  get = (path) => this.call("GET", path);
  post = (path, body = {}) => this.call("POST", path, body);

  /** Asks for a code: what the application answered, and what it was given to deliver. */
  async askFor(contact, tenant = "") {
    const answer = await this.post(`/auth${tenant}/signinup/code`, contact);
    assert.equal(answer.json.status, "OK", JSON.stringify(answer.json));
    const [message] = await this.app.deliveredTo(contact.email ?? contact.phoneNumber);
    return { ...answer.json, message };
  }

  consume(code, tenant = "") {
    return this.post(`/auth${tenant}/signinup/code/consume`, code);
  }

  /** Signs in by code, from the start: the user. */
  async signIn(contact, tenant = "") {
    const { deviceId, preAuthSessionId, message } = await this.askFor(contact, tenant);
    const answer = await this.consume({ deviceId, preAuthSessionId, userInputCode: message.userInputCode }, tenant);
    assert.equal(answer.json.status, "OK", JSON.stringify(answer.json));
    return answer.json.user;
  }

  #keep(answer) {
    const { "st-access-token": access, "st-refresh-token": refresh, "front-token": front } = answer.headers;
    if (access !== undefined) this.access = access || null;
    if (refresh !== undefined) this.refresh = refresh || null;
    if (front === "remove") Object.assign(this, { access: null, refresh: null });
    for (const line of answer.cookies) {
      const [name, value] = line.split(";")[0].split(/=(.*)/s);
      if (!value || /expires=thu, 01 jan 1970/i.test(line)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
  }
}

/** The link code in a link to click, and the sign-in it belongs to. */
export function linkOf(message) {
  const url = new URL(message.urlWithLinkCode);
  return { preAuthSessionId: url.searchParams.get("preAuthSessionId"), tenantId: url.searchParams.get("tenantId"), linkCode: url.hash.slice(1) };
}

/** Waits for a promise to fail with that kind of trouble, and returns what it failed with. */
export async function failsWith(promise, problem) {
  const failed = await promise.then((value) => assert.fail(`it went well: ${JSON.stringify(value)}`), (reason) => reason);
  if (failed.problem === undefined) throw failed;
  if (problem instanceof RegExp) assert.match(failed.problem, problem);
  else assert.equal(failed.problem, problem);
  return failed;
}

// The React application of `e2e/react`, served as its users get it, and somebody who uses it: the pages of
// supertokens-auth-react in a real browser, with a log of what they ask the server.
import { build } from "esbuild";
import http from "node:http";
import path from "node:path";
import { chromium } from "playwright-core";
import { newPerson } from "./browser.mjs";
import { mailsTo } from "./mailbox.mjs";
import { until } from "./until.mjs";

let bundled;
/** The application as one script, made once for each run of a test file. */
export function appScript() {
  bundled ??= build({
    entryPoints: [path.resolve(import.meta.dirname, "../react/app.jsx")],
    bundle: true, write: false, format: "iife", platform: "browser", jsx: "automatic", logLevel: "error", minify: true,
    define: { "process.env.NODE_ENV": '"production"', "process.env.TEST_MODE": '""', "process.env.REACT_APP_TEST_MODE": '""', global: "window" },
  }).then((built) => built.outputFiles[0].text);
  return bundled;
}

const HTML = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Test app</title><link rel="icon" href="data:,">
<div id="app"></div><script src="/app.js"></script></html>`;

/** Pages of the pre-built UI under `/auth`; what else comes there by GET is for the server (contract §10.14). */
const PAGE = /^\/auth(\/|\/verify|\/verify-email|\/callback\/[^/]+|\/try-refresh)?$/;

/**
 * Serves the application on a port of its own. With `upstream.port` set, what is below `/auth` and is no page of the
 * application, and `/.well-known`, goes on to the server there: both then live under one origin.
 */
export async function startSite() {
  const script = await appScript();
  const site = { origin: null, upstream: null, stop: null };
  const give = (response, type, body) => {
    response.writeHead(200, { "content-type": `${type}; charset=utf-8`, "cache-control": "no-store" });
    response.end(body);
  };
  const server = http.createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://site");
    const isPage = request.method === "GET" && PAGE.test(pathname);
    if (site.upstream && !isPage && /^\/(auth|\.well-known)(\/|$)/.test(pathname)) return passOn(request, response, site.upstream);
    if (pathname === "/app.js") return give(response, "text/javascript", script);
    if (request.method === "GET") return give(response, "text/html", HTML);
    response.writeHead(405).end();
  });
  await new Promise((resolve, reject) => server.on("error", reject).listen(0, "127.0.0.1", resolve));
  site.origin = `http://localhost:${server.address().port}`;
  site.stop = () => new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
  return site;
}

function passOn(request, response, { port }) {
  const { method, url, headers } = request;
  const onward = http.request({ host: "127.0.0.1", port, method, path: url, headers, agent: false }, (answer) => {
    response.writeHead(answer.statusCode, answer.rawHeaders);
    answer.pipe(response);
  });
  onward.on("error", () => response.destroy());
  request.pipe(onward);
}

/**
 * Starts a browser for which there is nothing but this machine: the UI's country flags come from elsewhere. No page may use
 * Playwright's `route` here: with it, Playwright answers preflight requests itself, and the server's are never seen.
 */
export function openBrowser() {
  const args = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update"];
  args.push("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost");
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", headless: true, args });
}

/**
 * Somebody in front of the application on `site`, which talks to `api` (an origin). `config` goes to the application;
 * `person.calls` has what its pages asked the server: `POST /auth/signout 200`.
 */
export async function openApp(browser, site, api, config = {}, options = {}) {
  const person = await newPerson(browser, { origin: site.origin }, { mayGoTo: [api, "https://cdnjs.cloudflare.com"], ...options });
  person.site = site;
  await person.context.addInitScript((config) => (window.CONFIG = config), { apiDomain: api, ...config });
  await person.context.addInitScript(keepAnswers);
  person.calls = [];
  person.context.on("response", (response) => {
    const url = new URL(response.url());
    const request = response.request();
    if (url.origin !== api || ["document", "script"].includes(request.resourceType())) return;
    person.calls.push(`${request.method()} ${url.pathname} ${response.status()}`);
  });
  person.sdk = (verb, page = person.page) => page.evaluate((verb) => window.sdk[verb](), verb);
  /** The calls to one path, by method and status. */
  person.callsTo = (path) => person.calls.filter((call) => call.split(" ")[1] === path);
  return person;
}

/** In the page, under the SDK: what answers say, kept by the tab, because a page that goes away takes them with it. */
function keepAnswers() {
  const send = window.fetch;
  window.fetch = async (...request) => {
    const answer = await send.apply(window, request);
    const kept = JSON.parse(sessionStorage.getItem("answers") ?? "[]");
    kept.push({ path: new URL(answer.url).pathname, body: await answer.clone().text() });
    sessionStorage.setItem("answers", JSON.stringify(kept));
    return answer;
  };
}

/** The body of the newest answer to a call of that path, once the page has read that many. */
export async function answerOf({ page }, path, count = 1) {
  const answers = () => page.evaluate((path) => JSON.parse(sessionStorage.getItem("answers") ?? "[]").filter((one) => one.path === path), path);
  const look = async () => {
    const all = await answers();
    return all.length >= count && all.at(-1).body;
  };
  return JSON.parse(await until(`an answer of ${path}`, look));
}

/** What the pre-built UI shows; it lives in a shadow root, which Playwright looks into. */
export const ui = (page) => page.locator("#supertokens-root");
/** A button or link of the pre-built UI by its words. */
export const button = (page, words) => ui(page).getByText(words, { exact: true });
/** The notice in red. */
export const problem = (page) => ui(page).locator("[data-supertokens~=generalError]");

/** Opens the application's login page; `base` is its website base path. */
export async function openLogin({ page }, { tenant, base = "/auth", query = {} } = {}) {
  const search = new URLSearchParams({ ...(tenant ? { tenantId: tenant } : {}), ...query });
  await page.goto(`${base}${search.size ? `?${search}` : "/"}`);
}

/** Gives an address or number to the form that is there, and sends it. */
export async function give({ page }, contact) {
  const isPhone = contact.startsWith("+");
  const field = ui(page).locator(isPhone ? "input[name=phoneNumber_text]" : "input[name=email]");
  const swap = button(page, isPhone ? "Use a Phone number" : "Use an Email");
  await field.or(swap).first().waitFor();
  if (!(await field.isVisible())) await swap.click();
  await field.fill(contact);
  await ui(page).locator("button[type=submit]").click();
}

/** Types a code into the form that is there, and sends it. */
export async function type({ page }, code) {
  await ui(page).locator("input[name=userInputCode]").fill(code);
  await ui(page).locator("button[type=submit]").click();
}

/**
 * Asks for a message at the login page and waits until it is in the inbox of `server`, and until the page has written down
 * what it asked for: whoever opens the link before that comes from nowhere. Gives what the message says.
 */
export async function ask(person, server, contact, options) {
  const before = (await mailsTo(server, contact)).length;
  await openLogin(person, options);
  await give(person, contact);
  const message = await until(`a message to ${contact}`, async () => {
    const all = await mailsTo(server, contact);
    return all.length > before ? all[0] : null;
  });
  await person.page.waitForFunction((key) => JSON.parse(localStorage.getItem(key) ?? "{}").lastResend, ATTEMPT);
  return message;
}

/** Where the UI writes down what it asked for. */
const ATTEMPT = "supertokens-passwordless-loginAttemptInfo";

/** Who the home page says is signed in. */
export async function signedIn({ page }) {
  await page.locator("#user").waitFor();
  return page.locator("#user").textContent();
}

/** Signs in by code, from the login page to the home page; gives the user's id. */
export async function signIn(person, server, contact, options) {
  const { code } = await ask(person, server, contact, options);
  await type(person, code);
  return signedIn(person);
}

/** Moves back the time of the last message, so that the 15 seconds in which the UI's resend button waits are over. */
export async function skipResendLock({ page }) {
  await page.evaluate((key) => {
    localStorage.setItem(key, JSON.stringify({ ...JSON.parse(localStorage.getItem(key)), lastResend: Date.now() - 60_000 }));
  }, ATTEMPT);
  await page.reload();
}

/** The preflight requests that the person's page causes from now on, as `OPTIONS /path`. Playwright hides them; DevTools do not. */
export async function watchPreflights(person) {
  const seen = [];
  const tools = await person.context.newCDPSession(person.page);
  tools.on("Network.requestWillBeSent", ({ request }) => {
    if (request.method === "OPTIONS") seen.push(`${request.method} ${new URL(request.url).pathname}`);
  });
  await tools.send("Network.enable");
  return seen;
}

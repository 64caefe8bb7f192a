// The application of `e2e/authress` as its users get it: on a port of localhost, or over https beside the server, under one
// domain and on one port.
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import http from "node:http";
import https from "node:https";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { chromium } from "playwright-core";

const run = promisify(execFile);
const FOLDER = path.resolve(import.meta.dirname, "../authress");
const PACKAGE = path.resolve(import.meta.dirname, "../node_modules/@authress/login/dist/authress.min.js");

/** Answers for the application: its two scripts, and its page for every other address. */
async function application() {
  const [page, script, sdk] = await Promise.all([`${FOLDER}/index.html`, `${FOLDER}/app.js`, PACKAGE].map((file) => readFile(file, "utf8")));
  return (request, response) => {
    const { pathname } = new URL(request.url, "http://site");
    const [type, body] = { "/app.js": ["text/javascript", script], "/authress.min.js": ["text/javascript", sdk] }[pathname] ?? ["text/html", page];
    response.writeHead(request.method === "GET" ? 200 : 405, { "content-type": `${type}; charset=utf-8`, "cache-control": "no-store" });
    response.end(request.method === "GET" ? body : "");
  };
}

const listen = (server) => new Promise((resolve, reject) => server.on("error", reject).listen(0, "127.0.0.1", resolve));

function stopper(server) {
  return () => new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
}

/** Passes a request on to the server at `port`, as proxies do that end TLS. `spoil` may change what comes back. */
function passOn(request, response, { port, spoil }) {
  const headers = { ...request.headers, "x-forwarded-for": request.socket.remoteAddress, "x-forwarded-proto": request.socket.encrypted ? "https" : "http" };
  const onward = http.request({ host: "127.0.0.1", port, method: request.method, path: request.url, headers, agent: false }, (answer) => {
    if (spoil?.(request, answer)) {
      answer.resume();
      return response.writeHead(502).end();
    }
    response.writeHead(answer.statusCode, answer.rawHeaders);
    return answer.pipe(response);
  });
  onward.on("error", () => response.writeHead(502).end());
  request.pipe(onward);
}

/** The application on a port of localhost. */
export async function startApp() {
  const server = http.createServer(await application());
  await listen(server);
  const { port } = server.address();
  return { origin: `http://localhost:${port}`, port, stop: stopper(server) };
}

/** What stands before a server on localhost and can be told to fail: `fails(request)` answers 503, `spoil` loses answers. */
export async function startProxy() {
  const proxy = { upstream: null, fails: () => false, spoil: () => false, seen: [] };
  const server = http.createServer((request, response) => {
    proxy.seen.push(`${request.method} ${new URL(request.url, "http://site").pathname}`);
    if (proxy.fails(request)) return response.writeHead(503).end();
    return passOn(request, response, { port: proxy.upstream.port, spoil: proxy.spoil });
  });
  await listen(server);
  return Object.assign(proxy, { origin: `http://localhost:${server.address().port}`, stop: stopper(server) });
}

/**
 * One port with TLS and four names: the server at auth.example.test, the application at app.example.test and, of another
 * house, at app.elsewhere.test. Set `upstream` to the server.
 */
export async function startDomain() {
  const folder = await mkdtemp(path.join(tmpdir(), "postkey-e2e-domain-"));
  const [key, cert] = [path.join(folder, "key.pem"), path.join(folder, "cert.pem")];
  const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  await run("openssl", ["req", "-x509", ...kind, "-keyout", key, "-out", cert, "-days", "2", "-subj", "/CN=example.test", "-addext", "subjectAltName=DNS:*.example.test,DNS:*.elsewhere.test"]);
  const answer = await application();
  const domain = { upstream: null };
  const server = https.createServer({ key: await readFile(key), cert: await readFile(cert) }, (request, response) => {
    if (request.headers.host?.startsWith("auth.")) return passOn(request, response, domain.upstream);
    return answer(request, response);
  });
  await listen(server);
  const { port } = server.address();
  await rm(folder, { recursive: true, force: true });
  const named = (host) => `https://${host}:${port}`;
  return Object.assign(domain, { port, api: named("auth.example.test"), origin: named("app.example.test"), elsewhere: named("app.elsewhere.test"), stop: stopper(server) });
}

/** A browser for which the two domains are this machine, and for which there is nothing beside it. */
export function openBrowser() {
  const args = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update"];
  args.push("--host-resolver-rules=MAP *.example.test 127.0.0.1, MAP *.elsewhere.test 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1");
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", headless: true, args });
}

// Several nodes on one PostgreSQL behind a proxy that hands requests round, and a mail server in this process that keeps
// what they send.
import { execFile, execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import http from "node:http";
import https from "node:https";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { freePort, startServer } from "./server.mjs";
import { makeCertificate } from "./smtp.mjs";
import { UNLIMITED } from "./tenants.mjs";
import { until } from "./until.mjs";

const run = promisify(execFile);
const SCRIPT = path.resolve(import.meta.dirname, "../../scripts/postgres");
/** Stops at once, as after a power cut, and starts on the same port with the same settings. */
const CRASH = `bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1); as=
[ "$(id -u)" -ne 0 ] || as='runuser -u postgres --'
$as "$bin/pg_ctl" -D "$1/data" -l "$1/data/server.log" -m immediate -w -t 60 restart >/dev/null 2>&1 </dev/null`;

/** A PostgreSQL of one's own; `null`, with a loud line, where none is installed. */
export async function startPostgres() {
  const folder = await mkdtemp(path.join(tmpdir(), "postkey-e2e-pg-"));
  const remove = () => rm(folder, { recursive: true, force: true });
  let url;
  try {
    // Through a shell, so that the server does not keep our pipe open.
    url = execFileSync("bash", ["-c", `"$1" start "$2" 2>&1`, "start", SCRIPT, folder], { encoding: "utf8", timeout: 120_000 }).trim();
  } catch (problem) {
    await remove();
    if (!/no PostgreSQL server found/.test(problem.stdout)) throw new Error(`PostgreSQL does not start: ${problem.stdout}`);
    console.error("SKIPPED: PostgreSQL is not installed");
    return null;
  }
  return {
    url,
    crash: () => run("bash", ["-c", CRASH, "crash", folder]),
    async stop() {
      await run(SCRIPT, ["stop", folder]);
      await remove();
    },
  };
}

/** Text as quoted-printable (RFC 2045 §6.7) writes it, read again. */
const plain = (text) => text.replace(/=\r\n/g, "").replace(/(?:=[0-9A-F]{2})+/g, (bytes) => Buffer.from(bytes.replaceAll("=", ""), "hex").toString("utf8"));

/** A mail server that takes everything. `mailTo(address)` gives `{ code, link }` of the newest mail, once there is one. */
export async function startSink() {
  const mails = new Map();
  const take = (to, data) => {
    const text = plain(data).replaceAll("\r\n", "\n");
    const code = text.match(/^ {4}(\d{3}) (\d{3})$/m)?.slice(1).join("");
    mails.set(to, { code, link: text.match(/^http\S+$/m)?.[0] });
  };
  const server = net.createServer((socket) => {
    const say = (line) => socket.write(`${line}\r\n`);
    let [waiting, to, data] = ["", "", null];
    socket.setEncoding("utf8");
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      waiting += chunk;
      for (let end; (end = waiting.indexOf("\r\n")) >= 0; ) {
        const line = waiting.slice(0, end);
        waiting = waiting.slice(end + 2);
        if (data !== null) {
          if (line !== ".") data += `${line.startsWith("..") ? line.slice(1) : line}\r\n`;
          else {
            take(to, data);
            data = null;
            say("250 taken");
          }
        } else if (/^DATA/i.test(line)) {
          data = "";
          say("354 go on");
        } else if (/^QUIT/i.test(line)) {
          say("221 bye");
          socket.end();
        } else {
          to = line.match(/^RCPT TO:<(.*?)>/i)?.[1] ?? to;
          say("250 sink");
        }
      }
    });
    say("220 sink ESMTP");
  });
  const open = new Set();
  server.on("connection", (socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
  });
  const port = await freePort();
  await new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    port,
    mailTo: (to, limit) => until(`a mail to ${to}`, () => mails.get(to), limit),
    stop() {
      for (const socket of open) socket.destroy();
      server.close();
    },
  };
}

/**
 * A proxy that takes TLS on `port` and plain HTTP on `plainPort`, and that hands each request to the next of `nodes`. Where nobody listens it asks the one after, as proxies do;
 * a request that broke off on its way is answered 502: whether it was done is not known.
 */
async function startProxy(port, plainPort, nodes) {
  let turn = 0;
  const answered = new Map();
  const agent = new http.Agent({ keepAlive: true });
  const folder = await mkdtemp(path.join(tmpdir(), "postkey-e2e-tls-"));
  const files = await makeCertificate(folder);
  const identity = { key: await readFile(files.key), cert: await readFile(files.cert) };
  await rm(folder, { recursive: true, force: true });
  const pass = async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const from = [request.headers["x-forwarded-for"], "127.0.0.1"].filter(Boolean).join(", ");
    const headers = { ...request.headers, "x-forwarded-for": from };
    const attempt = (left) => {
      const node = nodes[turn++ % nodes.length];
      const onward = http.request({ host: "127.0.0.1", port: node.port, method: request.method, path: request.url, headers, agent }, (answer) => {
        answered.set(node.port, (answered.get(node.port) ?? 0) + 1);
        response.writeHead(answer.statusCode, answer.rawHeaders);
        answer.pipe(response);
        answer.on("error", () => response.destroy());
      });
      onward.on("error", (problem) => {
        if (problem.code === "ECONNREFUSED" && left > 1) attempt(left - 1);
        else if (!response.headersSent) response.writeHead(502).end("a node broke off");
      });
      onward.end(body);
    };
    attempt(nodes.length);
  };
  const servers = [https.createServer(identity, pass).listen(port, "127.0.0.1"), http.createServer(pass).listen(plainPort, "127.0.0.1")];
  return {
    /** How many requests each node answered, in the order of the nodes. */
    get answered() { return nodes.map((node) => answered.get(node.port) ?? 0); },
    stop() {
      agent.destroy();
      for (const server of servers) {
        server.closeAllConnections();
        server.close();
      }
    },
  };
}

/** `count` nodes, started with `postkey serve`. `origin` is the proxy's by TLS, `plain.origin` without; `null` where there is no PostgreSQL. */
export async function startNodes(count = 3, { config = "", tenant = "" } = {}) {
  const postgres = await startPostgres();
  if (!postgres) return null;
  const mail = await startSink();
  const [port, plainPort] = [await freePort(), await freePort()];
  const origin = `https://localhost:${port}`;
  const plain = { origin: `http://localhost:${plainPort}` };
  const nodes = [];
  const apiKey = randomBytes(24).toString("hex");
  const text = `
public_url = "${origin}"
database_url = "${postgres.url}"
secret_key = "${randomBytes(32).toString("hex")}"
trusted_proxies = ["127.0.0.1"]
api_keys = ["${apiKey}"]
shutdown_grace = "0s"
${config}
[mail]
from = "Example <login@example.com>"
providers = ["relay"]
[providers.relay]
type = "smtp"
host = "localhost"
port = ${mail.port}
tls = "none"
[tenants.public]
app_name = "Example"
${UNLIMITED}sends_per_tenant = 0
${tenant}
[limits]
sends_per_server = 0
`;
  const house = { origin, plain, apiKey, nodes, mail, postgres, proxy: null };
  house.stop = async () => {
    house.proxy?.stop();
    await Promise.all(nodes.map((node) => node.stop()));
    mail.stop();
    await postgres.stop();
  };
  try {
    // All at once: who migrates, and whose keys count, is theirs to settle.
    nodes.push(...await Promise.all(Array.from({ length: count }, () => startServer({ config: text, mode: "serve", publicUrl: origin }))));
    house.proxy = await startProxy(port, plainPort, nodes);
  } catch (problem) {
    await house.stop();
    throw problem;
  }
  return house;
}

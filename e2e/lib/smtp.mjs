// A real mail server of one's own (Debian's aiosmtpd), and what it received.
import { execFile, spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import net from "node:net";
import { promisify } from "node:util";
import { freePort } from "./server.mjs";
import { until } from "./until.mjs";

const run = promisify(execFile);
const SCRIPT = path.join(import.meta.dirname, "../smtp/server.py");

/** A certificate authority and a certificate of it for localhost: `{ ca, cert, key }`, files in `folder`. */
export async function makeCertificate(folder) {
  const file = (name) => path.join(folder, name);
  const openssl = (...args) => run("openssl", args, { cwd: folder });
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  await openssl("req", "-x509", ...key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=Postkey test authority");
  await openssl("req", ...key, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=localhost");
  await writeFile(file("server.ext"), "subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=CA:FALSE\n");
  await openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "server.ext", "-out", "server.pem");
  return { ca: file("ca.pem"), cert: file("server.pem"), key: file("server.key") };
}

/**
 * A mail server. `tls` is `none`, `starttls` or `implicit`; with `user` and `password` it wants a login.
 * It is not running until `start()`: a mail server that is down is one of the things tested.
 */
export async function mailServer({ tls = "none", user, password } = {}) {
  const folder = await mkdtemp(path.join(tmpdir(), "postkey-e2e-smtp-"));
  const port = await freePort();
  const [modeFile, outFile] = [path.join(folder, "mode"), path.join(folder, "out.jsonl")];
  await writeFile(modeFile, "ok");
  await writeFile(outFile, "");
  const certificate = tls === "none" ? null : await makeCertificate(folder);
  const options = [SCRIPT, "--port", String(port), "--mode-file", modeFile, "--out", outFile, "--tls", tls];
  if (certificate) options.push("--cert", certificate.cert, "--key", certificate.key);
  if (user) options.push("--user", user, "--password", password);
  let child;
  let gone;
  const server = {
    port,
    certificate,
    /** `ok`, `451`, `550`, or `drop` (hang up on everybody). */
    setMode: (mode) => writeFile(modeFile, mode),
    /** Everything that happened, oldest first. The last line may not be written to its end yet: it counts from the next look on. */
    async events() {
      return (await readFile(outFile, "utf8")).split("\n").slice(0, -1).filter(Boolean).map((line) => JSON.parse(line));
    },
    async mails(to) {
      return (await server.events()).filter((event) => event.event === "mail" && event.to.includes(to));
    },
    async refusals(to) {
      return (await server.events()).filter((event) => event.event === "refused" && event.to.includes(to));
    },
    mailTo: (to, limit = 30_000) => until(`a mail to ${to}`, async () => (await server.mails(to))[0], limit),
    async start() {
      let log = "";
      child = spawn("/usr/bin/python3", options, { stdio: ["ignore", "ignore", "pipe"] });
      child.stderr.on("data", (text) => (log += text));
      let ended = false;
      gone = new Promise((resolve) => child.on("exit", () => { ended = true; resolve(); }));
      await until("the mail server listens", () => {
        if (ended) throw new Error(`the mail server ended at once:\n${log}`);
        return canConnect(port);
      });
      return server;
    },
    async stop() {
      child?.kill("SIGTERM");
      await gone;
      await rm(folder, { recursive: true, force: true });
    },
  };
  return server;
}

function canConnect(port) {
  return new Promise((resolve) => {
    const socket = net.connect(port, "127.0.0.1");
    socket.on("connect", () => { socket.destroy(); resolve(true); });
    socket.on("error", () => resolve(false));
  });
}

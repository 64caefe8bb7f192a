// A Postkey of one's own: the built binary, in a folder of its own, on free ports, stopped by its process id.
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { ask } from "./http.mjs";
import { until } from "./until.mjs";

export const BINARY = path.resolve(import.meta.dirname, "..", process.env.POSTKEY_BIN ?? "../target/debug/postkey");

/** A port of this machine that nobody has just now. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const probe = net.createServer();
    probe.on("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/**
 * Starts a server and waits until it answers.
 * `config` is the text of its config file; `mode` is `dev` or `serve`; `publicUrl` is given with `--public-url`.
 */
export async function startServer({ config = "", mode = "dev", publicUrl, environment = {} } = {}) {
  for (let tries = 1; ; tries += 1) {
    try {
      return await startOnce({ config, mode, publicUrl, environment });
    } catch (problem) {
      // Somebody took the port between our look and the server's: look again.
      if (tries >= 3 || !/another program has it/.test(problem.message)) throw problem;
    }
  }
}

async function startOnce({ config, mode, publicUrl, environment }) {
  const folder = await mkdtemp(path.join(tmpdir(), "postkey-e2e-"));
  const [port, privatePort] = [await freePort(), await freePort()];
  const file = path.join(folder, "postkey.toml");
  await writeFile(file, config);
  const options = ["--config", file, "--data-dir", path.join(folder, "data")];
  options.push("--public-listen", `127.0.0.1:${port}`, "--private-listen", `127.0.0.1:${privatePort}`);
  if (publicUrl) options.push("--public-url", publicUrl);
  const child = spawn(BINARY, [mode, ...options], { env: { ...process.env, ...environment }, stdio: ["ignore", "pipe", "pipe"] });
  let log = "";
  child.stdout.on("data", (text) => (log += text));
  child.stderr.on("data", (text) => (log += text));
  let ended = false;
  const gone = new Promise((resolve) => {
    child.on("error", (problem) => { ended = true; log += problem.message; resolve(); });
    child.on("exit", () => { ended = true; resolve(); });
  });
  const server = {
    /** Where its browser pages are. */
    origin: `http://localhost:${port}`,
    /** Where back ends ask. */
    privateOrigin: `http://127.0.0.1:${privatePort}`,
    port,
    folder,
    get log() { return log; },
    /** Kills it on the spot, as the kernel or a power cut would. */
    async kill() {
      if (!ended) child.kill("SIGKILL");
      await gone;
    },
    async stop() {
      if (!ended) child.kill("SIGTERM");
      const patience = setTimeout(() => child.kill("SIGKILL"), 15_000);
      await gone;
      clearTimeout(patience);
      await rm(folder, { recursive: true, force: true });
    },
  };
  try {
    await until("the server answers /health", async () => {
      if (ended) throw new Error(`postkey ended at once:\n${log}`);
      const answer = await ask(`http://127.0.0.1:${port}/health`).catch(() => null);
      return answer?.status === 200;
    }, 30_000);
  } catch (problem) {
    await server.stop();
    throw problem;
  }
  return server;
}

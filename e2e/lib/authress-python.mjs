// The back end's SDK in Python, in an environment of its own.
import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const FOLDER = path.resolve(import.meta.dirname, "../authress");

/** Runs a verb of `back.py`: `link`, `client_token` or `verify`. Throws what the SDK threw. The SDK takes UTC for local time. */
export async function python(verb, told, { timezone = "UTC" } = {}) {
  const { stdout } = await run(path.join(FOLDER, ".venv/bin/python"), ["-B", path.join(FOLDER, "back.py"), JSON.stringify({ verb, ...told })], {
    env: { ...process.env, TZ: timezone, PYTHONWARNINGS: "ignore" },
  });
  const { value, problem } = JSON.parse(stdout);
  if (problem) throw new Error(problem);
  return value;
}

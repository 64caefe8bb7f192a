// Turning back the clock of what a server has stored, where a test cannot wait for days.
import { execFileSync } from "node:child_process";
import path from "node:path";

const SCRIPT = "import sqlite3, sys\nwith sqlite3.connect(sys.argv[1], timeout=20) as db: db.execute(sys.argv[2])";

/** Runs one statement on the data of a running server that keeps it in SQLite. */
export function inDatabase(server, sql) {
  execFileSync("/usr/bin/python3", ["-c", SCRIPT, path.join(server.folder, "data", "postkey.db"), sql]);
}

// A FastAPI application on supertokens-python 0.31, in front of a Postkey.
import path from "node:path";
import { startBackend } from "./backend.mjs";

const FOLDER = path.resolve(import.meta.dirname, "../fastapi");

/** Options as for `startExpress`. `-B`: no compiled files beside the source. */
export const startFastapi = (server, options) => startBackend([path.join(FOLDER, ".venv/bin/python"), "-B", path.join(FOLDER, "app.py")], server, options);

// An Express application on supertokens-node 24, in front of a Postkey.
import path from "node:path";
import { startBackend } from "./backend.mjs";

/** Options: `recipes` ("few", "linking", "all"), `linking` (automatic account linking), `core`, `apiKey`. */
export const startExpress = (server, options) => startBackend([process.execPath, path.resolve(import.meta.dirname, "../express/app.mjs")], server, options);

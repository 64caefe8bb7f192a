// supertokens-web-js without a browser: each one opened here is a page of its own, with its own cookies and storage.
import { Worker } from "node:worker_threads";

/**
 * Opens a page of an application at `page` (an address) that talks to `api` (an origin). Every verb of st-websdk-page.mjs is a
 * method: `await sdk.createCode({ email })`. What the package throws is thrown, with `isGeneral` for the server's own words.
 */
export async function openWebSdk({ api, page = `${api}/`, mode = "cookie", emailVerification = true }) {
  const worker = new Worker(new URL("./st-websdk-page.mjs", import.meta.url), { workerData: { api, page, mode, emailVerification } });
  const waiting = new Map();
  let last = 0;
  worker.on("message", ({ id, output, problem, isGeneral }) => {
    const { resolve, reject } = waiting.get(id);
    waiting.delete(id);
    if (problem === undefined) resolve(output);
    else reject(Object.assign(new Error(problem), { isGeneral }));
  });
  worker.on("error", (error) => {
    for (const { reject } of waiting.values()) reject(error);
  });
  const tell = (verb) => (input) => new Promise((resolve, reject) => {
    last += 1;
    waiting.set(last, { resolve, reject });
    worker.postMessage({ id: last, verb, input });
  });
  return new Proxy({ close: () => worker.terminate() }, {
    // A promise has a `then`; this is none.
    get: (own, name) => (name in own ? own[name] : name === "then" ? undefined : tell(name)),
  });
}

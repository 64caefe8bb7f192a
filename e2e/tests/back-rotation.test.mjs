// Keys change while sessions live: back ends go on verifying by themselves, with the old key and with the new one.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import path from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { decodeProtectedHeader } from "jose";
import { startExpress } from "../lib/express.mjs";
import { startFastapi } from "../lib/fastapi.mjs";
import { BINARY, startServer } from "../lib/server.mjs";
import { until } from "../lib/until.mjs";

const run = promisify(execFile);
const kid = (made) => decodeProtectedHeader(made.accessToken).kid;

test("sessions are verified locally across a rotation of keys, by Node and by Python", async () => {
  // A new key signs once everybody had time to fetch it: its set's max-age, and a minute.
  const server = await startServer({ config: `[keys]\nmax_age = "10s"\n` });
  const apps = [];
  try {
    for (const start of [startExpress, startFastapi]) apps.push(await start(server, { recipes: "few" }));
    let last = 0;
    const make = (app) => app.sdk("session.createNewSessionWithoutRequestResponse", { tenantId: "public", recipeUserId: `rotation-${(last += 1)}` });
    const verify = (app, made) => app.sdk("session.getSessionWithoutRequestResponse", { accessToken: made.accessToken, checkDatabase: false });
    const old = await Promise.all(apps.map(make));
    for (const [n, app] of apps.entries()) await verify(app, old[n]);
    assert.match(kid(old[0]), /^d-\d+/);
    const { folder } = server;
    await run(BINARY, ["keys", "rotate", "--config", path.join(folder, "postkey.toml"), "--data-dir", path.join(folder, "data")]);
    await until("the next key signs", async () => kid(await make(apps[0])) !== kid(old[0]), 120_000);
    for (const [n, app] of apps.entries()) {
      const fresh = await make(app);
      assert.notEqual(kid(fresh), kid(old[n]));
      app.calls.take();
      assert.equal((await verify(app, old[n])).handle, old[n].handle);
      assert.deepEqual(app.calls.take(), []);
      // A key the SDK has not seen yet: it fetches the set, once. Node asks again half a second after the last time.
      assert.equal((await until("the new key is known", () => verify(app, fresh).catch(() => null))).handle, fresh.handle);
      assert.ok(app.calls.take().every((call) => call === "GET /.well-known/jwks.json"));
      assert.equal((await verify(app, fresh)).handle, fresh.handle);
      assert.equal((await verify(app, old[n])).handle, old[n].handle);
      assert.deepEqual(app.calls.take(), []);
      const renewed = await app.sdk("session.refreshSessionWithoutRequestResponse", { refreshToken: old[n].refreshToken });
      assert.equal(kid(renewed), kid(fresh));
    }
  } finally {
    for (const app of apps) await app.stop();
    await server.stop();
  }
});

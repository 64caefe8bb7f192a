// A provider of OpenID Connect as it is found elsewhere: the package `oidc-provider` on a port of this machine, with people who
// type their name and are in.
import { randomUUID } from "node:crypto";
import http from "node:http";
import Provider from "oidc-provider";
import { freePort } from "./server.mjs";

const page = (uid) => `<!doctype html><title>Provider</title><form method="post" action="/interaction/${uid}">
<label>Name <input name="who" autofocus></label> <button name="do" value="in">In</button> <button name="do" value="no">No</button></form>`;

async function formOf(request) {
  let text = "";
  for await (const chunk of request) text += chunk;
  return new URLSearchParams(text);
}

/**
 * Starts one that knows one client, which may send people back to `redirectUri`. `oidc.people` maps names to claims: `sub` is
 * the name. A verified address is `{ email, email_verified: true }`.
 */
export async function startOidc(redirectUri) {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const client = { client_id: "postkey", client_secret: randomUUID(), redirect_uris: [redirectUri] };
  const people = new Map();
  const provider = new Provider(origin, {
    clients: [client],
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
    cookies: { keys: [randomUUID()] },
    ttl: { AccessToken: 600, AuthorizationCode: 60, Grant: 600, IdToken: 600, Interaction: 600, Session: 600 },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    findAccount: (_, name) => ({ accountId: name, claims: () => ({ sub: name, ...people.get(name) }) }),
    // Nobody is asked what our client may know.
    async loadExistingGrant({ oidc }) {
      const grant = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
      grant.addOIDCScope("openid email profile");
      await grant.save();
      return grant;
    },
    renderError(ctx, out) {
      ctx.type = "text";
      ctx.body = `provider: ${out.error}: ${out.error_description}`;
    },
  });
  provider.on("server_error", (_, problem) => console.error("provider:", problem));
  const answer = provider.callback();
  const server = http.createServer(async (request, response) => {
    const uid = /^\/interaction\/([\w-]+)$/.exec(request.url)?.[1];
    if (!uid) return answer(request, response);
    if (request.method === "GET") return response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(page(uid));
    const form = await formOf(request);
    const said = form.get("do") === "in" ? { login: { accountId: form.get("who") } } : { error: "access_denied", error_description: "No" };
    return provider.interactionFinished(request, response, said, { mergeWithLastSubmission: false });
  });
  await new Promise((resolve, reject) => server.on("error", reject).listen(port, "127.0.0.1", resolve));
  return {
    origin, people, clientId: client.client_id, clientSecret: client.client_secret,
    stop: () => new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    }),
  };
}

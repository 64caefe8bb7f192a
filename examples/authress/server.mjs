// A plain Node application that logs people in by a link or a code that it delivers itself. @authress/login runs in the page,
// @authress/sdk here; Postkey stands behind both.
import authress from "@authress/sdk";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";

const port = Number(process.env.PORT ?? 3000);
// The one line that makes Postkey the login server: `authressApiUrl`, here and in the page.
const postkey = process.env.POSTKEY ?? "http://localhost:8000";
const { clientId, accessKey } = JSON.parse(await readFile(process.env.CLIENT ?? new URL("client.json", import.meta.url), "utf8"));
const provider = new authress.ServiceClientTokenProvider(accessKey, postkey);

/** Links and codes of a service client are delivered by the application: put your mail and text service here. */
async function deliver({ email, link, code }) {
  console.log(`To ${email}: your code is ${code}, or open ${link}`);
}

/** The link that logs `email` in, for the login that the page asked for. */
async function makeLink({ authenticationUrl, authenticationRequestId }, email) {
  // The page sends the address, and pages can be anybody's: a link to another host would hand it somebody's login.
  if (new URL(authenticationUrl).origin !== postkey) throw new Error("that login is not of our login server");
  return provider.generateUserLoginUrl(authenticationUrl, authenticationRequestId, clientId, email);
}

/** A short code for the same. */
async function makeCode({ authenticationRequestId }, email) {
  const headers = { authorization: `Bearer ${await provider.getToken()}`, "content-type": "application/json" };
  const body = JSON.stringify({ authenticationRequestId, userId: email });
  const answer = await fetch(`${postkey}/v1/clients/${clientId}/codes`, { method: "POST", headers, body });
  if (!answer.ok) throw new Error(`no code: ${await answer.text()}`);
  return (await answer.json()).code;
}

const here = (name) => new URL(name, import.meta.url);
const files = {
  "/": ["text/html", here("public/index.html")],
  "/app.js": ["text/javascript", here("public/app.js")],
  "/authress.min.js": ["text/javascript", here("node_modules/@authress/login/dist/authress.min.js")],
};

const routes = {
  // What the page has to know.
  "GET /api/config": () => ({ postkey, serviceClientId: clientId }),
  // Somebody typed an address.
  "POST /api/login": async (request) => {
    const { email, ...asked } = await bodyOf(request);
    const address = String(email).trim().toLowerCase();
    await deliver({ email: address, link: await makeLink(asked, address), code: await makeCode(asked, address) });
    return {};
  },
  // Only for people who are signed in. The token is checked here, with Postkey's public keys.
  "GET /api/me": async (request) => {
    const token = request.headers.authorization?.replace(/^Bearer /, "");
    const claims = await authress.TokenVerifier(postkey, token).catch(() => null);
    // Whoever is in here has to be in by this application's own client.
    return claims?.azp === clientId ? { userId: claims.sub, until: new Date(claims.exp * 1000) } : null;
  },
};

async function bodyOf(request) {
  let text = "";
  for await (const part of request.setEncoding("utf8")) text += part;
  return JSON.parse(text);
}

createServer(async (request, response) => {
  const { pathname } = new URL(request.url, postkey);
  const say = (status, type, body) => response.writeHead(status, { "content-type": type }).end(body);
  try {
    const route = routes[`${request.method} ${pathname}`];
    if (route) {
      const answer = await route(request);
      return say(answer ? 200 : 401, "application/json", JSON.stringify(answer));
    }
    const [type, file] = files[pathname] ?? files["/"];
    return say(200, `${type}; charset=utf-8`, await readFile(file));
  } catch (problem) {
    console.error(problem.message);
    return say(400, "application/json", JSON.stringify({ title: "That did not work." }));
  }
}).listen(port, () => console.log(`Open http://localhost:${port}`));

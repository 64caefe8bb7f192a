// Stand-ins for those who carry messages: Twilio's API and a webhook, as HTTP servers of this machine.
import { createHmac, timingSafeEqual } from "node:crypto";
import http from "node:http";

/** A server that notes every request and answers what `answer(request)` says: `{ status, headers, json }`. */
export async function service(answer, port = 0) {
  const requests = [];
  const server = http.createServer((request, response) => {
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      const asked = { method: request.method, path: request.url, headers: request.headers, body: Buffer.concat(chunks) };
      requests.push(asked);
      const { status, headers = {}, json } = answer(asked);
      response.writeHead(status, { "content-type": "application/json", ...headers });
      response.end(JSON.stringify(json));
    });
  });
  await new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
  const stop = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return { requests, port: server.address().port, stop };
}

/**
 * Twilio's Messages API, as its reference describes it. `mode` is `ok`, `busy` (429), `broken` (500), `number` (21211: no
 * such number) or `dead` (hangs up before it answers: set by `stop`). `texts` is what it took.
 */
export async function fakeTwilio() {
  const account = `AC${"0123456789abcdef".repeat(2)}`;
  const token = "a token nobody guesses";
  const texts = [];
  const twilio = { account, token, texts, mode: "ok", config: null };
  const authorization = `Basic ${Buffer.from(`${account}:${token}`).toString("base64")}`;
  const server = await service((asked) => {
    if (asked.headers.authorization !== authorization) return { status: 401, json: { code: 20003, message: "Authenticate", status: 401 } };
    if (asked.method !== "POST" || asked.path !== `/2010-04-01/Accounts/${account}/Messages.json`) return { status: 404, json: { code: 20404, message: "not found", status: 404 } };
    if (twilio.mode === "busy") return { status: 429, headers: { "retry-after": "30" }, json: { code: 20429, message: "Too Many Requests", status: 429 } };
    if (twilio.mode === "broken") return { status: 500, json: { code: 20500, message: "Internal Server Error", status: 500 } };
    const form = Object.fromEntries(new URLSearchParams(asked.body.toString("utf8")));
    if (twilio.mode === "number") return { status: 400, json: { code: 21211, message: `Invalid 'To' Phone Number: ${form.To}`, status: 400 } };
    const sid = `SM${String(texts.length).padStart(32, "0")}`;
    texts.push({ ...form, sid });
    return { status: 201, json: { sid, status: "queued", to: form.To, error_code: null } };
  });
  return Object.assign(twilio, {
    requests: server.requests,
    stop: server.stop,
    config: `type = "twilio"\naccount_sid = "${account}"\nauth_token = "${token}"\nfrom = "+15005550006"\napi_url = "http://127.0.0.1:${server.port}"\n`,
  });
}

/**
 * A webhook of Standard Webhooks 1.0, written from its specification: it takes only what is signed. `mode` is `ok` or
 * `broken`. `messages` is what it took, `forged` how many it did not believe.
 */
export async function fakeWebhook() {
  const key = Buffer.from("0123456789abcdef0123456789abcdef");
  const webhook = { messages: [], tries: [], forged: 0, mode: "ok" };
  const server = await service(({ method, path, headers, body }) => {
    const [id, seconds] = [headers["webhook-id"] ?? "", headers["webhook-timestamp"] ?? ""];
    const right = createHmac("sha256", key).update(`${id}.${seconds}.`).update(body).digest();
    const signed = (headers["webhook-signature"] ?? "").split(" ").some((part) => {
      const [version, signature] = part.split(/,(.*)/s);
      const given = Buffer.from(signature ?? "", "base64");
      return version === "v1" && given.length === right.length && timingSafeEqual(given, right);
    });
    const fresh = Math.abs(Date.now() / 1000 - Number(seconds)) < 300;
    if (method !== "POST" || path !== "/send?by=postkey" || !signed || !fresh) {
      webhook.forged += 1;
      return { status: 401, json: { reason: "not signed" } };
    }
    webhook.tries.push(id);
    if (webhook.mode === "broken") return { status: 503, json: { reason: "not now" } };
    webhook.messages.push({ id, ...JSON.parse(body.toString("utf8")) });
    return { status: 202, json: { id: `own-${webhook.messages.length}` } };
  });
  return Object.assign(webhook, {
    stop: server.stop,
    config: `type = "webhook"\nurl = "http://127.0.0.1:${server.port}/send?by=postkey"\nsecret = "whsec_${key.toString("base64")}"\n`,
  });
}

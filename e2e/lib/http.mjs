// Plain HTTP with every header under control: `fetch` will not send a Host or a Sec-Fetch-Site of our choice.
import http from "node:http";

/** One request. Redirects are not followed. `headers` of the answer are lower case; `cookies` are the Set-Cookie lines. */
export function ask(url, { method = "GET", headers = {}, body } = {}) {
  return new Promise((resolve, reject) => {
    const target = new URL(url);
    // The servers listen on IPv4; "localhost" must not be looked up as ::1 first.
    const host = target.hostname === "localhost" ? "127.0.0.1" : target.hostname;
    const all = { host: target.host, ...headers };
    if (body !== undefined) {
      all["content-type"] ??= "application/x-www-form-urlencoded";
      all["content-length"] = Buffer.byteLength(body);
    }
    const request = http.request({ host, port: target.port, path: target.pathname + target.search, method, headers: all, agent: false }, (answer) => {
      const chunks = [];
      answer.on("data", (chunk) => chunks.push(chunk));
      answer.on("error", reject);
      answer.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        resolve({
          status: answer.statusCode,
          headers: answer.headers,
          cookies: answer.headers["set-cookie"] ?? [],
          location: answer.headers.location,
          text,
          json: () => JSON.parse(text),
        });
      });
    });
    request.setTimeout(20_000, () => request.destroy(new Error(`no answer from ${url}`)));
    request.on("error", reject);
    request.end(body);
  });
}

/** A form's body. */
export const form = (fields) => new URLSearchParams(fields).toString();

/** A client that keeps cookies and sends forms as our own pages do: for what needs no browser. */
export class Client {
  constructor(origin, { address = origin } = {}) {
    this.origin = origin;
    this.address = address;
    this.jar = new Map();
  }

  async get(path, headers = {}) {
    return this.#keep(await ask(this.address + path, { headers: { ...this.#cookie(), ...headers } }));
  }

  async post(path, fields = {}, headers = {}) {
    const own = { "sec-fetch-site": "same-origin", origin: this.origin };
    return this.#keep(await ask(this.address + path, { method: "POST", headers: { ...this.#cookie(), ...own, ...headers }, body: form(fields) }));
  }

  #cookie() {
    return this.jar.size ? { cookie: [...this.jar].map(([name, value]) => `${name}=${value}`).join("; ") } : {};
  }

  #keep(answer) {
    for (const line of answer.cookies) {
      const [name, value] = line.split(";")[0].split(/=(.*)/s);
      if (/expires=thu, 01 jan 1970/i.test(line)) this.jar.delete(name);
      else this.jar.set(name, value);
    }
    return answer;
  }
}

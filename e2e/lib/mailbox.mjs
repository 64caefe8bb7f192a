// The built-in inbox of `postkey dev`.
import { ask } from "./http.mjs";
import { until } from "./until.mjs";

/** All mails to `to`, newest first. */
export async function mailsTo(server, to) {
  return (await ask(`${server.origin}/dev/inbox.json?to=${encodeURIComponent(to)}`)).json();
}

/** The newest mail to `to`, once there are at least `count` of them. */
export async function mailTo(server, to, count = 1) {
  return until(`mail ${count} to ${to}`, async () => {
    const mails = await mailsTo(server, to);
    return mails.length >= count ? mails[0] : null;
  });
}

let last = 0;
/** An address nobody used before. */
export function newAddress(name = "person") {
  last += 1;
  return `${name}-${process.pid}-${last}@example.com`;
}

/** A code that is surely not `code`, but could be one. */
export function wrongCode(code, step = 1) {
  return [...code].map((sign, i) => (i === code.length - 1 ? String((Number(sign) + step) % 10) : sign)).join("");
}

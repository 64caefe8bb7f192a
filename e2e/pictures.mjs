// Makes the pictures of docs/: `node pictures.mjs`. One of every screen, from the previews of /dev/pages where these show
// all there is, else from a real sign-in. PNG where the README shows them, WebP for the rest.
import { mkdir, readdir, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { askForMail, newPerson, openBrowser } from "./lib/browser.mjs";
import { mailTo } from "./lib/mailbox.mjs";
import { startServer } from "./lib/server.mjs";

const OUT = path.join(import.meta.dirname, "../docs/images");
const LIMIT = { each: 45_000, all: 1_200_000 };
const WIDTH = 480;
/** Every screen of the table that needs no script to be itself. */
const SCREENS = [
  "start-email-wrong", "start-phone", "start-phone-wrong", "start-either", "start-either-needs-country", "start-too-many-wrong",
  "start-used-elsewhere", "start-throttled", "sent-again", "sent-phone", "sent-number", "code-phone", "code-wrong", "code-expired",
  "approved", "verify-elsewhere", "verify-elsewhere-number", "verify-somebody-else", "number-right", "number-wrong", "disowned",
  "link-expired", "link-used", "link-replaced", "link-invalid", "signed-in", "sessions", "identifiers", "identifiers-removed", "identifier-add-phone",
  "identifier-add-yours", "identifier-change-email", "identifier-confirm-old", "identifier-prove-new", "fault-unavailable", "fault-missing",
];
/** A few of them in other looks: file name, screen, language, scheme, width. */
const OTHERS = [
  ["verify-elsewhere-number-dark", "verify-elsewhere-number", "en", "dark", WIDTH],
  ["sessions-dark", "sessions", "en", "dark", WIDTH],
  ["start-phone-dark", "start-phone", "en", "dark", WIDTH],
  ["start-either-ar", "start-either", "ar", "light", WIDTH],
  ["code-wrong-ar", "code-wrong", "ar", "light", WIDTH],
  ["verify-elsewhere-ar-dark", "verify-elsewhere", "ar", "dark", WIDTH],
  ["start-either-ja", "start-either", "ja", "light", WIDTH],
  ["code-wrong-phone", "code-wrong", "de", "light", 320],
  ["verify-elsewhere-number-phone", "verify-elsewhere-number", "de", "light", 320],
  ["sessions-phone", "sessions", "de", "light", 320],
  ["identifiers-dark", "identifiers", "en", "dark", WIDTH],
  ["identifiers-phone", "identifiers", "de", "light", 320],
];
const FREE = "sends_per_contact = 0\nsends_per_network = 0\n";
const CONFIG = `
[tenants.public]
app_name = "Example"
${FREE}
[tenants.links]
app_name = "Example"
flow = "MAGIC_LINK"
${FREE}
[tenants.brand]
app_name = "Greengrocer"
${FREE}
[tenants.brand.brand]
accent = "#0a7d4b"
background = "#eef5e9"
radius = 4
terms_url = "https://shop.example/terms"
privacy_url = "https://shop.example/privacy"
support = "help@shop.example"
`;

await mkdir(OUT, { recursive: true });
for (const name of await readdir(OUT)) await rm(path.join(OUT, name));
const server = await startServer({ config: CONFIG });
const browser = await openBrowser();

/** A picture of the page that is there now, as high as it is. */
async function shot({ context, page }, name, kind = "webp") {
  await page.mouse.move(0, 0);
  const { width } = page.viewportSize();
  await page.setViewportSize({ width, height: 100 });
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  await page.setViewportSize({ width, height });
  const file = path.join(OUT, `${name}.${kind}`);
  if (kind === "png") {
    await page.screenshot({ path: file, scale: "css" });
  } else {
    const tap = await context.newCDPSession(page);
    const { data } = await tap.send("Page.captureScreenshot", { format: "webp", quality: 85 });
    await writeFile(file, Buffer.from(data, "base64"));
    await tap.detach();
  }
}
const somebody = (colorScheme, width = WIDTH) => newPerson(browser, server, { colorScheme, viewport: { width, height: 700 }, deviceScaleFactor: 1.25 });
const preview = (one, screen, lang) => one.page.goto(`/dev/pages/${screen}?lang=${lang}`);

for (const colorScheme of ["light", "dark"]) {
  const one = await somebody(colorScheme);
  for (const screen of colorScheme === "light" ? SCREENS : []) {
    await preview(one, screen, "en");
    await shot(one, screen);
  }
  for (const [name, screen, lang, scheme, width] of OTHERS.filter((other) => other[3] === colorScheme)) {
    await one.page.setViewportSize({ width, height: 700 });
    await preview(one, screen, lang);
    await shot(one, name);
  }
  await one.close();
  // Those that count down or wait, in a real sign-in.
  const real = await somebody(colorScheme);
  await real.page.goto("/auth");
  await shot(real, `start-${colorScheme}`, "png");
  await askForMail(real, "jane.doe@example.com");
  await real.page.locator("#code").waitFor();
  await real.page.waitForTimeout(600);
  await shot(real, `code-${colorScheme}`, "png");
  if (colorScheme === "light") {
    await real.context.setOffline(true);
    await real.page.locator("#code").fill("123456");
    await real.page.locator("#trouble:not([hidden])").waitFor();
    await shot(real, "code-network");
    await real.context.setOffline(false);
    const { html, link } = await mailTo(server, "jane.doe@example.com");
    await real.page.goto(link.replace(/#.*/, ""));
    await real.page.locator("#cut:not([hidden])").waitFor();
    await shot(real, "link-cut");
    // An answer without a page keeps the browser where it is, so that there is a picture of this short moment.
    await real.page.route("**/auth/_/verify", (route) => route.fulfill({ status: 204 }));
    await real.page.goto("about:blank");
    await real.page.goto(link, { waitUntil: "commit" });
    await real.page.locator("h1", { hasText: "Signing you in" }).waitFor();
    await shot(real, "verify-here");
    await askForMail(real, "jane.doe@example.com", { tenant: "links" });
    await real.page.waitForTimeout(600);
    await shot(real, "sent");
    await askForMail(real, "jane.doe@example.com", { tenant: "brand" });
    await real.page.locator("#code").waitFor();
    await shot(real, "code-brand");
    const letter = await somebody("light", 640);
    await letter.page.setContent(html);
    await shot(letter, "mail");
    await letter.close();
  }
  await real.close();
}
await browser.close();
await server.stop();

let all = 0;
for (const name of (await readdir(OUT)).sort()) {
  const { size } = await stat(path.join(OUT, name));
  all += size;
  console.log(`${String(size).padStart(7)}  ${name}${size > LIMIT.each ? "  TOO LARGE" : ""}`);
  if (size > LIMIT.each) process.exitCode = 1;
}
console.log(`${String(all).padStart(7)}  together`);
if (all > LIMIT.all) process.exitCode = 1;

// Every screen in every state, as /dev/pages shows them: for people with other senses, on narrow screens, with large
// letters, with fingers; and the real pages: what they weigh, whether they jump, whether a keyboard is enough.
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { askForMail, heading, newPerson, openBrowser } from "../lib/browser.mjs";
import { ask } from "../lib/http.mjs";
import { fits, focused, showsFocus, smallTargets, sticksOut, violations } from "../lib/looking.mjs";
import { mailTo, newAddress } from "../lib/mailbox.mjs";
import { startServer } from "../lib/server.mjs";
import { until } from "../lib/until.mjs";

const FREE = "sends_per_contact = 0\nsends_per_network = 0\n";
const CONFIG = `
[tenants.public]
app_name = "Example"
${FREE}
[tenants.phones]
app_name = "Phones"
contact = "PHONE"
default_country = "AT"
number_match = true
${FREE}
[tenants.both]
app_name = "Both"
contact = "EMAIL_OR_PHONE"
${FREE}
[tenants.links]
app_name = "Links"
flow = "MAGIC_LINK"
${FREE}`;
const LANGUAGES = ["en", "ar", "de"];

let server;
let browser;
let screens;
/** A small logo: a drawing of some four thousand bytes that packs badly. */
const LOGO = `<svg xmlns="http://www.w3.org/2000/svg" width="160" height="40" viewBox="0 0 160 40"><path fill="#0a7d4b" d="M0 0${Array.from(
  { length: 420 },
  (_, i) => `L${(Math.abs(Math.sin(i * 12.9898)) * 160).toFixed(1)} ${(Math.abs(Math.sin(i * 78.233)) * 40).toFixed(1)}`,
).join("")}z"/></svg>`;
let folder;

before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "postkey-e2e-pages-"));
  const logo = path.join(folder, "logo.svg");
  await writeFile(logo, LOGO);
  server = await startServer({ config: `${CONFIG}
[tenants.brand]
app_name = "Brand"
contact = "EMAIL_OR_PHONE"
${FREE}
[tenants.brand.brand]
logo = "${logo}"
accent = "#0a7d4b"
background = "#f2f7ee"
terms_url = "https://shop.example/terms"
privacy_url = "https://shop.example/privacy"
support = "help@shop.example"
` });
  browser = await openBrowser();
  const overview = await ask(`${server.origin}/dev/pages?lang=en`);
  screens = [...overview.text.matchAll(/href="\/dev\/pages\/([a-z-]+)\?lang=en"/g)].map((found) => found[1]);
});
after(async () => {
  await browser?.close();
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Somebody who looks at the previews: their policy allows no script, so it is taken away, and our script with it. */
async function onlooker(options) {
  const one = await newPerson(browser, server, options);
  await one.context.route("**/auth/_/assets/page-*.js", (route) => route.fulfill({ contentType: "text/javascript", body: "" }));
  await one.context.route("**/dev/pages/**", async (route) => {
    const answer = await route.fetch();
    const headers = answer.headers();
    delete headers["content-security-policy"];
    await route.fulfill({ response: answer, headers });
  });
  return one;
}

test("the tests see what is wrong with a page that is wrong", async () => {
  const one = await onlooker({ viewport: { width: 320, height: 640 } });
  await one.page.goto("/dev/pages/start-email");
  await one.page.evaluate(() => {
    document.querySelector("main").insertAdjacentHTML("beforeend", "<img src='data:,'><p id=pale>Pale</p><button id=tiny>x</button><p id=wide>Wide</p>");
    const style = (id, css) => Object.assign(document.getElementById(id).style, css);
    style("pale", { color: "#ccc", background: "#fff" });
    style("tiny", { width: "12px", height: "12px", minHeight: "0", padding: "0" });
    style("wide", { width: "500px" });
  });
  const found = (await violations(one.page)).map((line) => line.split(":")[0]);
  assert.ok(found.includes("image-alt") && found.includes("color-contrast"), found.join());
  assert.ok((await sticksOut(one.page)).some((what) => what.includes("wide")));
  assert.deepEqual((await smallTargets(one.page, 24)).map((what) => what.split(" ")[0]), ["12×12"]);
  await one.close();
});

test("the list of screens is whole", () => {
  assert.ok(screens.length >= 70, `${screens.length}`);
  for (const name of ["start-email", "start-phone", "code", "sent", "verify-elsewhere-number", "sessions", "identifiers", "fault-unavailable"]) {
    assert.ok(screens.includes(name), name);
  }
});

for (const lang of LANGUAGES) {
  test(`every screen in ${lang}: axe finds nothing, nothing sticks out, everything is large enough`, async (t) => {
    const one = await onlooker({ viewport: { width: 900, height: 760 } });
    const { page } = one;
    const bad = [];
    const count = { light: 0, dark: 0, narrow: 0, large: 0 };
    const counted = (kind, name, found) => {
      count[kind] += found.length;
      bad.push(...found.map((what) => `${name} (${kind}): ${what}`));
    };
    for (const name of screens) {
      await page.emulateMedia({ colorScheme: "light" });
      await page.setViewportSize({ width: 900, height: 760 });
      const answer = await page.goto(`/dev/pages/${name}?lang=${lang}`);
      assert.equal(answer.status(), 200, name);
      const root = await page.evaluate(() => [document.documentElement.lang, document.documentElement.dir, document.querySelectorAll("h1").length]);
      assert.deepEqual(root, [lang, lang === "ar" ? "rtl" : "ltr", 1], name);
      const [title, words] = [await page.title(), (await heading(page).textContent()).trim()];
      const named = name.startsWith("dev-") || title.includes(words);
      assert.ok(named && title.endsWith(" · Example"), `${name}: "${title}" names "${words}" and the product`);
      counted("light", name, await violations(page));
      await page.emulateMedia({ colorScheme: "dark" });
      counted("dark", name, await violations(page));
      await page.setViewportSize({ width: 320, height: 640 });
      counted("narrow", name, [...(await sticksOut(page)), ...(await smallTargets(page, 24))]);
      await page.setViewportSize({ width: 380, height: 640 });
      await page.addStyleTag({ content: "html { font-size: 200% !important }" });
      counted("large", name, await sticksOut(page));
    }
    t.diagnostic(`${screens.length} screens in ${lang}: axe ${count.light} light, ${count.dark} dark; 320 px ${count.narrow}; letters at 200 % on 380 px ${count.large}`);
    assert.deepEqual(bad, []);
    await one.close();
  });
}

test("a page of 640 pixels, zoomed to 200 %, fits", async () => {
  const one = await onlooker({ viewport: { width: 320, height: 320 }, deviceScaleFactor: 2 });
  for (const name of ["start-either", "code-phone", "verify-elsewhere-number", "sessions", "identifiers"]) {
    await one.page.goto(`/dev/pages/${name}`);
    await fits(one.page, name);
  }
  await one.close();
});

test("buttons, fields and menus are 44 pixels high, but for the switch beside a label", async () => {
  const one = await onlooker({ viewport: { width: 380, height: 760 } });
  const small = [];
  for (const name of screens.filter((name) => !name.startsWith("dev-"))) {
    await one.page.goto(`/dev/pages/${name}`);
    small.push(...(await smallTargets(one.page, 44)).filter((what) => !what.includes("switch")).map((what) => `${name}: ${what}`));
  }
  assert.deepEqual(small, []);
  await one.close();
});

test("without scripts every screen has the same heading, and everything on it can be used", async () => {
  const [plain, full] = [await newPerson(browser, server, { javaScriptEnabled: false }), await onlooker()];
  for (const name of screens) {
    await plain.page.goto(`/dev/pages/${name}?script=off`);
    await full.page.goto(`/dev/pages/${name}`);
    assert.equal(await heading(plain.page).textContent(), await heading(full.page).textContent(), name);
    // A button that only counts down for scripts can be pressed; the server knows when.
    assert.equal(await plain.page.locator("main button[disabled], main [aria-disabled=true]").count(), 0, name);
  }
  await plain.close();
  await full.close();
});

test("in forced colours everything that can be pressed or typed into keeps a border", async () => {
  const one = await onlooker({ forcedColors: "active" });
  for (const name of ["start-either", "start-phone", "code", "verify-elsewhere-number", "sessions", "identifiers"]) {
    await one.page.goto(`/dev/pages/${name}`);
    const bare = await one.page.evaluate(() =>
      [...document.querySelectorAll("main, button, .button, input:not([type=hidden]), select")]
        .filter((e) => e.checkVisibility() && !e.matches(".switch, .plain"))
        .filter((e) => {
          const style = getComputedStyle(e);
          return style.borderTopStyle !== "solid" || parseFloat(style.borderTopWidth) < 1 || style.borderTopColor === style.backgroundColor;
        })
        .map((e) => e.outerHTML.slice(0, 80)));
    assert.deepEqual(bare, [], name);
    // What is no box is underlined, so that it is seen as something to press.
    for (const flat of await one.page.locator(".switch, .plain").all()) {
      assert.match(await flat.evaluate((e) => getComputedStyle(e).textDecorationLine), /underline/);
    }
  }
  await one.close();
});

test("who wants no motion gets none", async () => {
  const moving = (page) => page.evaluate(() =>
    [...document.querySelectorAll("*")].filter((e) => {
      const style = getComputedStyle(e);
      return style.transitionDuration.split(",").some((time) => parseFloat(time) > 0) || style.animationName !== "none";
    }).length);
  for (const [reducedMotion, moves] of [["reduce", false], ["no-preference", true]]) {
    const one = await onlooker({ reducedMotion });
    await one.page.goto("/dev/pages/start-phone");
    assert.equal((await moving(one.page)) > 0, moves, reducedMotion);
    await one.close();
  }
});

/** Opens a page for the first time and adds up what came over the wire. */
async function weigh(address, options, steps = async () => {}, files = 3) {
  const one = await newPerson(browser, server, options);
  await steps(one);
  // The steps before must leave nothing in the cache.
  const tap = await one.context.newCDPSession(one.page);
  await tap.send("Network.enable");
  await tap.send("Network.setCacheDisabled", { cacheDisabled: true });
  const kinds = new Map();
  const weight = { total: 0, html: 0, css: 0, js: 0, other: 0, requests: 0 };
  tap.on("Network.responseReceived", ({ requestId, response }) => kinds.set(requestId, response.mimeType));
  tap.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    const kind = { "text/html": "html", "text/css": "css", "text/javascript": "js" }[kinds.get(requestId)] ?? "other";
    weight[kind] += encodedDataLength;
    weight.total += encodedDataLength;
    weight.requests += 1;
  });
  await one.page.goto(address);
  await until("all of it is there", () => weight.html && weight.css && weight.js && weight.requests >= files);
  assert.deepEqual(one.troubles, []);
  await one.close();
  return weight;
}

test("what pages weigh", async (t) => {
  const rows = {};
  rows.start = await weigh("/auth");
  for (const lang of ["en", "de", "ar", "ja", "fr", "es", "it", "pt", "nl", "pl", "tr", "ko", "zh"]) {
    rows[`phone form, ${lang}`] = await weigh(`/auth?tenantId=phones&lang=${lang}`);
    rows[`both's phone form, ${lang}`] = await weigh(`/auth?tenantId=both&as=phone&lang=${lang}`);
  }
  rows["brand, start"] = await weigh("/auth?tenantId=brand", {}, undefined, 5);
  rows["brand, phone form, ar"] = await weigh("/auth?tenantId=brand&as=phone&lang=ar", {}, undefined, 5);
  rows.code = await weigh("/auth/code", {}, (one) => askForMail(one, newAddress("weight")));
  rows.sent = await weigh("/auth/sent", {}, (one) => askForMail(one, newAddress("weight"), { tenant: "links" }));
  const email = newAddress("weight");
  const asker = await newPerson(browser, server);
  await askForMail(asker, email);
  rows.verify = await weigh((await mailTo(server, email)).link);
  await asker.close();
  const page = (await ask(`${server.origin}/auth`)).text.replaceAll("&#x2f;", "/");
  const [css, js] = await Promise.all(
    [/href="(\/auth\/_\/assets\/page-[^"]+\.css)"/, /src="(\/auth\/_\/assets\/page-[^"]+\.js)"/].map(async (which) => {
      const address = server.origin + page.match(which)[1];
      const asset = await ask(address);
      assert.equal(asset.headers["content-encoding"], undefined);
      const small = await ask(address, { headers: { "accept-encoding": "gzip, br" } });
      assert.equal(small.headers["content-encoding"], "gzip");
      assert.match(small.headers.vary, /accept-encoding/i);
      return { plain: Buffer.byteLength(asset.text), gzip: gzipSync(asset.text).length, sent: Number(small.headers["content-length"]) };
    }),
  );
  t.diagnostic("page                       total    html     css      js   (bytes over the wire, headers included)");
  for (const [name, w] of Object.entries(rows)) {
    t.diagnostic(`${name.padEnd(24)} ${[w.total, w.html, w.css, w.js].map((n) => String(n).padStart(7)).join(" ")}`);
  }
  for (const name of [css, js]) assert.ok(name.sent < name.plain / 2, "sent in gzip to whoever takes it");
  t.diagnostic(`the style sheet: ${css.plain} bytes, ${css.gzip} in gzip; the script: ${js.plain} bytes, ${js.gzip} in gzip`);
  for (const [name, w] of Object.entries(rows)) {
    assert.ok(w.html > 500 && w.css > 500 && w.js > 500, `${name}: page, style and script were seen`);
    assert.ok(w.total <= 30_000, `${name}: ${w.total} bytes`);
  }
  assert.ok(js.gzip <= 5000, `script: ${js.gzip}`);
  assert.ok(css.gzip <= 8000, `style: ${css.gzip}`);
});

/** Adds up every jump of the layout from now on, as the browser sees it. */
const watchJumps = () => {
  globalThis.jumps = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) globalThis.jumps += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
};

test("no page jumps while it loads", async () => {
  const email = newAddress("still");
  const asker = await newPerson(browser, server);
  await askForMail(asker, email);
  const { link } = await mailTo(server, email);
  for (const [address, tenant] of [["/auth"], ["/auth?tenantId=phones"], ["/auth?tenantId=both"], ["/auth/code", "public"], ["/auth/sent", "links"], [link]]) {
    for (const width of [360, 900]) {
      const one = await newPerson(browser, server, { viewport: { width, height: 760 } });
      if (tenant) await askForMail(one, newAddress("still"), { tenant });
      await one.context.addInitScript(watchJumps);
      // Styles that come late would show a bare page first.
      await one.context.route("**/*.css", async (route) => {
        await new Promise((resolve) => setTimeout(resolve, 200));
        await route.continue();
      });
      await one.page.goto(address);
      await one.page.waitForTimeout(700);
      assert.equal(await one.page.evaluate(() => globalThis.jumps), 0, `${address} at ${width}`);
      await one.close();
    }
  }
  await asker.close();
});

test("a message at a field moves what is below by one line at most", async () => {
  const one = await newPerson(browser, server, { viewport: { width: 400, height: 800 } });
  const { page } = one;
  const top = (name) => page.getByRole("button", { name }).evaluate((e) => e.getBoundingClientRect().top - document.querySelector("h1").getBoundingClientRect().top);
  const line = 24;
  for (const [address, words] of [["/auth", "nonsense"], ["/auth?tenantId=phones", "12"], ["/auth?tenantId=both", "nonsense"]]) {
    await page.goto(address);
    const before = await top("Continue");
    await page.locator("#who").fill(words);
    await page.locator("h1").click();
    await page.locator("#who-error:not(:empty)").waitFor();
    const checked = await top("Continue");
    assert.ok(Math.abs(checked - before) <= line, `${address}: ${before} → ${checked} on leaving the field`);
    await page.getByRole("button", { name: "Continue" }).click();
    await page.waitForFunction(() => document.title.startsWith("Error: "));
    const sent = await top("Continue");
    assert.ok(Math.abs(sent - before) <= line, `${address}: ${before} → ${sent} after sending`);
  }
  await page.goto("about:blank");
  await askForMail(one, newAddress("still"));
  const before = await top("Continue");
  await page.getByRole("button", { name: "Continue" }).click();
  await page.locator("#code-error:not(:empty)").waitFor();
  assert.ok(Math.abs((await top("Continue")) - before) <= line);
  assert.deepEqual(one.troubles, []);
  await one.close();
});

/** Walks through the page with Tab until the walk comes round, and says where it went. Each stop shows its focus. */
async function walk(page, what) {
  const stops = [];
  for (let step = 0; step < 40; step += 1) {
    await page.keyboard.press("Tab");
    const name = await focused(page);
    if (name === "" || name === stops[0]) break;
    assert.ok(await showsFocus(page), `${what}: ${name} shows its focus`);
    stops.push(name);
  }
  return stops;
}

test("with Tab alone one gets everywhere, in the order of the page, and sees where one is", async () => {
  const one = await newPerson(browser, server, { viewport: { width: 600, height: 900 } });
  const { page } = one;
  await page.goto("/auth");
  await page.waitForFunction(() => document.activeElement?.id === "who");
  assert.equal(await focused(page), "who", "the field has the focus from the start");
  assert.ok(await showsFocus(page));
  assert.deepEqual(await walk(page, "start"), ["Continue", "language", "Change language"]);
  await page.goto("/auth?tenantId=phones");
  await page.waitForFunction(() => document.activeElement?.id === "who");
  await page.keyboard.press("Shift+Tab");
  assert.equal(await focused(page), "country");
  // The menu is searched by typing.
  await page.keyboard.type("Jap");
  assert.equal(await page.locator("#country").inputValue(), "JP");
  assert.deepEqual(await walk(page, "phone"), ["who", "Continue", "language", "Change language"]);
  await page.goto("/auth?tenantId=both");
  // Browsers give the focus with the first frame, which may be a little after the page is loaded.
  await page.waitForFunction(() => document.activeElement?.id === "who");
  const smart = await walk(page, "either");
  assert.deepEqual([...smart].sort(), ["Continue", "Use a phone number", "language", "Change language"].sort());
  const email = newAddress("tab");
  await askForMail(one, email);
  await page.locator("#code").waitFor();
  assert.equal(await focused(page), "code");
  const code = await walk(page, "code");
  assert.equal(code.length, 5);
  assert.equal(code[0], "Continue");
  assert.match(code[1].replace(/[\u2066-\u2069]/g, ""), /^(You can ask again in 0:\d\d|Send it again)$/);
  assert.deepEqual(code.slice(2), ["Use another email address", "language", "Change language"]);
  const { link } = await mailTo(server, email);
  const other = await newPerson(browser, server);
  await other.page.goto(link);
  await other.page.locator(".facts").waitFor();
  assert.deepEqual(await walk(other.page, "verify"), ["Sign in on this device", "This was not me", "language", "Change language"]);
  assert.deepEqual([...one.troubles, ...other.troubles], []);
  await one.close();
  await other.close();
});

test("Enter in the field sends the form, not the switch beside it", async () => {
  const one = await newPerson(browser, server);
  await one.page.goto("/auth?tenantId=both");
  await one.page.keyboard.type(newAddress("enter"));
  await one.page.keyboard.press("Enter");
  await one.page.waitForURL("**/auth/code");
  assert.equal(await focused(one.page), "code", "the focus goes along without a reload");
  await one.close();
});

test("each step has an address and a title of its own, and what is wrong is said in the title", async () => {
  const one = await newPerson(browser, server);
  const { page } = one;
  const titles = new Map();
  const note = async (step) => titles.set(step, await page.title());
  await page.goto("/auth");
  await note("start");
  await page.locator("#who").fill("nonsense");
  await page.getByRole("button", { name: "Continue" }).click();
  await page.locator("[aria-invalid=true]").waitFor();
  await note("start, wrong");
  assert.match(await page.title(), /^Error: /);
  const email = newAddress("title");
  await askForMail(one, email);
  await page.locator("#code").waitFor();
  await note("code");
  await page.getByRole("button", { name: "Use another email address" }).click();
  await page.locator("#who").waitFor();
  assert.equal(await page.locator("#who").inputValue(), email);
  await askForMail(one, newAddress("title"), { tenant: "links" });
  await heading(page).filter({ hasText: "Check your email" }).waitFor();
  await note("sent");
  const other = await newPerson(browser, server);
  await other.page.goto((await mailTo(server, email)).link);
  titles.set("dead link", await other.page.title());
  const third = newAddress("title");
  await askForMail(one, third);
  await other.page.goto("about:blank");
  await other.page.goto((await mailTo(server, third)).link);
  titles.set("verify", await other.page.title());
  await page.locator("#code").fill((await mailTo(server, third)).code);
  await page.waitForURL("**/demo");
  for (const address of ["/auth/signed-in", "/auth/sessions", "/auth/identifiers", "/auth/identifiers/new?add=email", "/auth/nowhere"]) {
    await page.goto(address);
    await note(address);
  }
  assert.ok([...titles.values()].every((title) => title.length > 3));
  assert.equal(new Set(titles.values()).size, titles.size, JSON.stringify([...titles], null, 1));
  await one.close();
  await other.close();
});

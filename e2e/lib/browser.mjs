// Real Chromium, and a person in front of it.
import { chromium } from "playwright-core";
import { mailsTo, mailTo } from "./mailbox.mjs";

const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];

/** Starts a browser. */
export function openBrowser() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", headless: true, args: FLAGS });
}

/**
 * A person: a fresh browser profile (cookies of its own) with one page, watched. `person.troubles` collects
 * everything no page of ours may cause: policy violations, script errors, requests that leave the origin for anywhere but
 * those in `mayGoTo`.
 */
export async function newPerson(browser, server, { mayGoTo = [], ...options } = {}) {
  const context = await browser.newContext({ baseURL: server.origin, reducedMotion: "reduce", ...options });
  const troubles = [];
  context.on("request", (request) => {
    const url = new URL(request.url());
    if (!["data:", "about:", "blob:"].includes(url.protocol) && url.origin !== server.origin && !mayGoTo.includes(url.origin)) troubles.push(`left the origin: ${url.origin}`);
  });
  context.on("weberror", (error) => troubles.push(`script error: ${error.error()}`));
  context.on("console", (message) => {
    if (message.type() === "error" && !/^Failed to load resource/.test(message.text())) troubles.push(`console: ${message.text()}`);
  });
  if (options.javaScriptEnabled !== false) {
    await context.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`));
    });
  }
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  return { context, page, troubles, server, close: () => context.close() };
}

/** Opens the start page and asks for a mail. Ends on the waiting page. */
export async function askForMail({ page }, email, { tenant, to } = {}) {
  const query = new URLSearchParams();
  if (tenant) query.set("tenantId", tenant);
  if (to) query.set("redirectToPath", to);
  await page.goto(`/auth${query.size ? `?${query}` : ""}`);
  await page.getByLabel("Email").fill(email);
  await page.getByRole("button", { name: "Continue" }).click();
  await page.waitForURL(/\/auth\/(code|sent)$/);
}

/** Signs in by code, from the start page to wherever that leads. */
export async function signInByCode(person, email, options) {
  const before = (await mailsTo(person.server, email)).length;
  await askForMail(person, email, options);
  const mail = await mailTo(person.server, email, before + 1);
  await person.page.getByLabel("Code").fill(mail.code);
  // Typed by hand it would go off by itself after a moment.
  await person.page.keyboard.press("Enter");
  await person.page.waitForURL((url) => !url.pathname.startsWith("/auth/code"));
  return mail;
}

/** The good news at the top of the page. (They are said once more, for screen readers, in the page's live region.) */
export const goodNews = (page, words) => page.locator(".notice.good", { hasText: words }).waitFor();

/** What the page is headed. */
export const heading = (page) => page.getByRole("heading", { level: 1 });

/** The cookies of a person by name. */
export async function cookiesOf(person) {
  return Object.fromEntries((await person.context.cookies()).map((cookie) => [cookie.name, cookie]));
}

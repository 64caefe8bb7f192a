// What most test files begin with: one server, one browser, and a fresh person for every story.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { newPerson, openBrowser } from "./browser.mjs";
import { mailsTo } from "./mailbox.mjs";
import { startServer } from "./server.mjs";
import { until } from "./until.mjs";

/** Starts server and browser before the file's tests, then `prepare`s, and stops them after. `options` as for `startServer`. */
export function suite(options, prepare = async () => {}) {
  const house = {
    server: null,
    browser: null,
    /** Runs `story` with a fresh person, and looks that no page did what none may. */
    async with(story, personOptions) {
      const person = await newPerson(house.browser, house.server, personOptions);
      try {
        await story(person, person.page);
        assert.deepEqual(person.troubles, []);
      } finally {
        await person.close();
      }
    },
  };
  before(async () => {
    house.server = await startServer(options);
    house.browser = await openBrowser();
    await prepare(house);
  });
  after(async () => {
    await house.browser?.close();
    await house.server?.stop();
  });
  return house;
}

let last = 0;
/** A German mobile number nobody used before, as E.164, as at home, and as pages show it. */
export function newPhone() {
  last += 1;
  const tail = `2${String((process.pid % 900) + 100)}${String(last).padStart(4, "0")}`.slice(0, 8);
  return { e164: `+49151${tail}`, national: `0151 ${tail}`, shown: `+49 1512 ${tail.slice(1)}` };
}

/** The newest text to a number in the built-in inbox, once there are `count`. */
export async function textTo(server, number, count = 1) {
  return until(`text ${count} to ${number}`, async () => {
    const texts = await mailsTo(server, number);
    return texts.length >= count ? texts[0] : null;
  });
}

/** The one field of the start form, whatever it takes. */
export const who = (page) => page.locator("#who");
/** What is wrong with it. */
export const wrongWith = (page) => page.locator("#who-error");
/** The button that sends a form, not the switch beside it. */
export const goOn = (page) => page.getByRole("button", { name: "Continue", exact: true });

/** Whether that element has the focus. */
export const hasFocus = (locator) => until("the focus is there", () => locator.evaluate((element) => element === document.activeElement), 5_000);

/** A text without the invisible signs that keep names and numbers in order where writing runs both ways. */
export const plain = (text) => text.replace(/[\u2066-\u2069]/g, "");

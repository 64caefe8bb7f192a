// A server that fails now and then: the login SDK asks up to five times, within a third of a second, with the very same
// words. What failed before it was done is done then; what was done, and only the answer was lost, is not refused.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { createClient } from "../lib/authress.mjs";
import { askForLink, checkIn, loginSuite, openLink } from "../lib/authress-suite.mjs";
import { newAddress } from "../lib/mailbox.mjs";

let client;
const house = loginSuite({ proxied: true, prepare: ({ server }) => { client = createClient(server); } });

beforeEach(() => {
  if (house.proxy) Object.assign(house.proxy, { fails: () => false, spoil: () => false, seen: [] });
});

/** The first `count` requests of that method and path (`/tokens` at its end). */
function first(count, method, end) {
  let left = count;
  return (request) => request.method === method && request.url.endsWith(end) && (left -= 1) >= 0;
}

/** How often the proxy saw a call. */
const seen = (method, end) => house.proxy.seen.filter((call) => call.startsWith(`${method} `) && call.endsWith(end)).length;

/** Runs a story in which calls fail; the browser says so too. */
const withTroubles = (story) =>
  house.with({}, async (person, page) => {
    await story(person, page);
    const said = person.troubles.splice(0, person.troubles.length);
    assert.deepEqual(said.filter((words) => !/CORS policy|Failed to fetch/.test(words)), []);
  });

test("503 four times before the server is there: the fifth try begins the login", () =>
  withTroubles(async (person, page) => {
    house.proxy.fails = first(4, "POST", "/api/authentication");
    const subject = newAddress("retry");
    const asked = await askForLink(person, client, subject);
    assert.equal(seen("POST", "/api/authentication"), 5);
    await openLink(page, asked.link, person.origin);
    await checkIn(person, client, subject);
  }));

test("503 to what browsers ask before a call: the next try asks again", () =>
  withTroubles(async (person, page) => {
    house.proxy.fails = first(2, "OPTIONS", "/api/authentication");
    const subject = newAddress("retry");
    const asked = await askForLink(person, client, subject);
    assert.equal(seen("POST", "/api/authentication"), 1);
    await openLink(page, asked.link, person.origin);
    await checkIn(person, client, subject);
  }));

test("503 for good: the application is told, and nobody is in", () =>
  withTroubles(async (person) => {
    house.proxy.fails = first(99, "POST", "/api/authentication");
    await assert.rejects(askForLink(person, client, newAddress("retry")), { code: "AuthressSdkNetworkError" });
    assert.equal(seen("POST", "/api/authentication"), 5);
    assert.equal(await person.sdk("userSessionExists"), false);
  }));

test("a refusal is no failure: the SDK asks once and gives our reason", () =>
  withTroubles(async (person) => {
    const plain = createClient(house.server, { tokenGeneration: false });
    await assert.rejects(askForLink(person, plain, "x"), (problem) => problem.code === "InvalidConnection" && /token generation is off/i.test(problem.message));
    assert.equal(seen("POST", "/api/authentication"), 1);
  }));

test("the answer to the call that begins a login is lost: the same words again begin one", () =>
  withTroubles(async (person, page) => {
    house.proxy.spoil = first(1, "POST", "/api/authentication");
    const subject = newAddress("lost");
    const asked = await askForLink(person, client, subject);
    assert.equal(seen("POST", "/api/authentication"), 2);
    await openLink(page, asked.link, person.origin);
    await checkIn(person, client, subject);
  }));

test("the answer to the exchange is lost: the same words again bring the same session", () =>
  withTroubles(async (person, page) => {
    const subject = newAddress("lost");
    const asked = await askForLink(person, client, subject, { flowType: "code" });
    house.proxy.spoil = first(1, "POST", "/tokens");
    await openLink(page, asked.link, person.origin);
    await checkIn(person, client, subject);
    assert.equal(seen("POST", "/tokens"), 2);
  }));

test("503 before the exchange is done: the next try does it", () =>
  withTroubles(async (person, page) => {
    const subject = newAddress("retry");
    const asked = await askForLink(person, client, subject, { flowType: "code" });
    house.proxy.fails = first(3, "POST", "/tokens");
    await openLink(page, asked.link, person.origin);
    await checkIn(person, client, subject);
    assert.equal(seen("POST", "/tokens"), 4);
  }));

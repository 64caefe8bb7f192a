// What the tests of the SuperTokens frontend door begin with: the React application on one port, a server that knows it
// on another, and one browser.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { openApp, openBrowser, startSite } from "./react.mjs";
import { startServer } from "./server.mjs";
import { UNLIMITED } from "./tenants.mjs";

/** A tenant whose links open in the application at `site`, in the words of the config file. */
export function tenant(name, site, lines = "") {
  return `[tenants.${name}]\n${UNLIMITED}app_name = "Test app"\nresend_gap = "1s"\nwebsite_domain = "${site}"\n${lines}\n`;
}

/**
 * Starts all three before the file's tests and stops them after. `configOf` makes the server's config, given the origin of
 * the application. With `sameOrigin` the application's port is also where people reach the server. `prepare` runs last.
 */
export function frontSuite(configOf, { sameOrigin = false, prepare = () => {} } = {}) {
  const house = {
    server: null,
    site: null,
    browser: null,
    /** Where the application finds the server. */
    get api() { return sameOrigin ? house.site.origin : house.server.origin; },
    open: (config, options) => openApp(house.browser, house.site, house.api, config, options),
    /** Runs `story` with somebody in front of the application, and looks that nothing broke in their browser. */
    async with(config, story, options) {
      const person = await house.open(config, options);
      try {
        await story(person, person.page);
        assert.deepEqual(person.troubles, []);
      } finally {
        await person.close();
      }
    },
  };
  before(async () => {
    house.site = await startSite();
    house.server = await startServer({ config: configOf(house.site.origin), publicUrl: sameOrigin ? house.site.origin : undefined });
    if (sameOrigin) house.site.upstream = { port: house.server.port };
    house.browser = await openBrowser();
    await prepare();
  });
  after(async () => {
    await house.browser?.close();
    await house.server?.stop();
    await house.site?.stop();
  });
  return house;
}

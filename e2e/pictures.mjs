// Makes the pictures of the README: `node pictures.mjs`.
import path from "node:path";
import { askForMail, newPerson, openBrowser } from "./lib/browser.mjs";
import { startServer } from "./lib/server.mjs";

const server = await startServer();
const browser = await openBrowser();
for (const colorScheme of ["light", "dark"]) {
  const person = await newPerson(browser, server, { colorScheme, viewport: { width: 500, height: 690 }, deviceScaleFactor: 1.25 });
  const shot = async (name) => {
    await person.page.mouse.move(0, 0);
    await person.page.screenshot({ path: path.join(import.meta.dirname, `../docs/images/${name}-${colorScheme}.png`) });
  };
  await person.page.goto("/auth");
  await shot("start");
  await askForMail(person, "ada@example.com");
  await person.page.getByLabel("Code").waitFor();
  await shot("code");
}
await browser.close();
await server.stop();

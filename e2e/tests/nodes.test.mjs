// Three nodes on one PostgreSQL behind a proxy that hands requests round: one login is everybody's, and neither a node that
// is killed nor a database that crashes loses one that was acknowledged.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { claimsOf, createApplication, createClient, exchange, follow, linkWith, assertion, newVisitor, rawAuthentication } from "../lib/authress.mjs";
import { heading, newPerson, openBrowser } from "../lib/browser.mjs";
import { ask } from "../lib/http.mjs";
import { newAddress } from "../lib/mailbox.mjs";
import { startNodes } from "../lib/nodes.mjs";
import { Fdi } from "../lib/st-fdi.mjs";
import { until } from "../lib/until.mjs";

let house;
before(async () => { house = await startNodes(3); });
after(() => house?.stop());

/** The story, unless there is no PostgreSQL. */
const nodes = (name, story) => test(name, (t) => (house ? story() : t.skip("PostgreSQL is not installed")));

/** Moves a client's next call to one node. */
const at = (client, node) => Object.assign(client, { server: house.nodes[node] ?? house.plain });

/** Signs in by code with every call wherever `place` says. What was acknowledged is in the client. */
async function signIn(email, places = [-1, -1]) {
  const client = at(new Fdi(house.plain, { mode: "header" }), places[0]);
  const asked = await client.create(email);
  if (asked.status !== 200) return { client, answer: asked };
  const { code } = await house.mail.mailTo(email, 60_000);
  const answer = await at(client, places[1]).consumeCode(asked.json(), code);
  return { client, asked: asked.json(), code, answer };
}

/** Renews a session. */
const refresh = (client) => client.refresh();

nodes("started on one node, the code typed on another, renewed on a third; the code is spent on all", async () => {
  for (let round = 0; round < 3; round += 1) {
    const [a, b, c] = [round, (round + 1) % 3, (round + 2) % 3];
    const { client, asked, code, answer } = await signIn(newAddress("spread"), [a, b]);
    assert.equal(answer.json().status, "OK", answer.text);
    for (const node of [c, a, b, c]) assert.equal((await refresh(at(client, node))).status, 200);
    const again = await at(new Fdi(house.plain, { mode: "header" }), c).consumeCode(asked, code);
    assert.equal(again.json().status, "RESTART_FLOW_ERROR", "spent on one, spent on all");
  }
});

nodes("wrong codes are counted by all nodes together", async () => {
  const email = newAddress("wrong");
  const client = at(new Fdi(house.plain, { mode: "header" }), 0);
  const asked = (await client.create(email)).json();
  const { code } = await house.mail.mailTo(email);
  const wrong = String((Number(code) + 1) % 1_000_000).padStart(6, "0");
  const said = [];
  for (let n = 0; n < 5; n += 1) said.push((await at(client, n % 3).consumeCode(asked, wrong)).json().status);
  assert.deepEqual(said, [...Array(4).fill("INCORRECT_USER_INPUT_CODE_ERROR"), "RESTART_FLOW_ERROR"]);
  assert.equal((await at(client, 2).consumeCode(asked, code)).json().status, "RESTART_FLOW_ERROR");
});

nodes("in a browser through the proxy: by code, and by a link in the same browser", async () => {
  const browser = await openBrowser();
  try {
    for (const way of ["code", "link"]) {
      const person = await newPerson(browser, house, { ignoreHTTPSErrors: true });
      const email = newAddress(way);
      await person.page.goto("/auth");
      await person.page.getByLabel("Email").fill(email);
      await person.page.getByRole("button", { name: "Continue" }).click();
      await person.page.waitForURL(/\/auth\/(code|sent)$/);
      const mail = await house.mail.mailTo(email);
      if (way === "code") {
        await person.page.getByLabel("Code").fill(mail.code);
        await person.page.keyboard.press("Enter");
      } else {
        await person.page.goto(mail.link);
      }
      await person.page.waitForURL("**/auth/signed-in");
      assert.ok((await person.context.cookies()).some((cookie) => cookie.name === "sAccessToken"));
      await person.page.goto("/auth/identifiers");
      assert.match(await person.page.locator("body").textContent(), new RegExp(email.replaceAll(".", "\\.")), await heading(person.page).textContent());
      assert.deepEqual(person.troubles, []);
      await person.close();
    }
  } finally {
    await browser.close();
  }
});

nodes("an application of Authress through the proxy: registered at one node, asked, followed and exchanged at the next ones", async () => {
  const client = createClient(house.nodes[0]);
  const redirectUrl = "http://localhost:3000/";
  const application = await createApplication(house.nodes[0], [redirectUrl], { development: true });
  // The others hear of it within seconds.
  const asked = await until("every node knows the application", async () => {
    const answers = [];
    for (let n = 0; n < 3; n += 1) answers.push(await rawAuthentication(house.nodes[n], { application, redirectUrl, connection: client.clientId, flowType: "code" }));
    return answers.every((answer) => answer.status === 200) && rawAuthentication(house.plain, { application, redirectUrl, connection: client.clientId, flowType: "code" });
  });
  assert.equal(asked.status, 200, asked.text);
  const back = await follow(newVisitor(house.plain, house.origin), linkWith(asked, assertion(client, newAddress("authress"), house.origin)));
  assert.equal(back.status, 303, back.text);
  const tokens = await exchange(house.plain, asked, new URL(back.location).searchParams.get("code"));
  assert.equal(tokens.status, 200, tokens.text);
  assert.equal(claimsOf(tokens.json().access_token).iss, house.origin);
});

/** People who log in and renew until they are told to stop; what was acknowledged to them. */
function startLoad(people = 6) {
  const load = { sessions: [], refused: 0, refreshed: 0, wrong: [], stopped: false };
  const live = async () => {
    while (!load.stopped) {
      try {
        const { client, answer } = await signIn(newAddress("load"));
        if (answer.status === 200 && answer.json().status === "OK") load.sessions.push(client);
        else if (answer.status === 200 && answer.json().status === "RESTART_FLOW_ERROR") load.refused += 1;
        else if ([502, 503].includes(answer.status)) load.refused += 1;
        else load.wrong.push(`login: ${answer.status} ${answer.text}`);
        const known = load.sessions[Math.floor(Math.random() * load.sessions.length)];
        if (!known || known.isBusy) continue;
        known.isBusy = true;
        const renewed = await refresh(known);
        known.isBusy = false;
        if (renewed.status === 200) load.refreshed += 1;
        else if (![502, 503].includes(renewed.status)) load.wrong.push(`refresh: ${renewed.status} ${renewed.text}`);
      } catch (problem) {
        // A mail that did not come while all was down.
        load.wrong.push(problem.message);
      }
    }
  };
  const all = Array.from({ length: people }, live);
  load.more = (count) => {
    const goal = load.sessions.length + count;
    return until(() => `${count} more logins; ${load.refused} refused; ${load.wrong}`, () => load.sessions.length >= goal, 90_000);
  };
  load.stop = async () => {
    load.stopped = true;
    await Promise.all(all);
    return load;
  };
  return load;
}

/** Every session that somebody was told of is still renewed, by whichever node is asked. */
async function checkAll(load) {
  assert.deepEqual(load.wrong, []);
  for (const client of load.sessions) {
    const answer = await refresh(at(client, -1));
    assert.equal(answer.status, 200, `an acknowledged session is lost: ${answer.text}`);
  }
}

nodes("the database crashes under load: all nodes recover by themselves, and nothing acknowledged is lost", async () => {
  const load = startLoad();
  await load.more(20);
  await house.postgres.crash();
  await load.more(30);
  await load.stop();
  for (const node of house.nodes) assert.equal((await ask(`${node.origin}/ready`)).status, 200);
  await checkAll(load);
});

nodes("a node is killed under load: the others go on, and nothing acknowledged is lost", async () => {
  const load = startLoad();
  await load.more(20);
  await house.nodes[1].kill();
  await load.more(30);
  await load.stop();
  await checkAll(load);
  assert.ok(house.proxy.answered.every((count) => count > 10), "every node had its share");
});

// Codes and links in the hands of the pre-built pages: wrong, expired and used ones, this browser and another, sending
// again, and what is said when the server refuses to send.
import assert from "node:assert/strict";
import { test } from "node:test";
import { mailTo, mailsTo, newAddress, wrongCode } from "../lib/mailbox.mjs";
import { answerOf, ask, button, give, openLogin, problem, signedIn, signIn, skipResendLock, type, ui } from "../lib/react.mjs";
import { frontSuite, tenant } from "../lib/st-suite.mjs";

/** What becomes of a code and a link that expire while the other tests run. */
let late;
const house = frontSuite((site) => `
${tenant("public", site)}
${tenant("links", site, 'flow = "MAGIC_LINK"')}
${tenant("short", site, 'code_lifetime = "1m"')}
[tenants.few]
app_name = "Few"
website_domain = "${site}"
sends_per_contact = 1
resend_gap = "1s"
[tenants.closed]
app_name = "Closed"
website_domain = "${site}"
sign_up = "closed"
`, {
  prepare() {
    late = expired();
    late.catch(() => {});
  },
});

const CONSUME = "/auth/signinup/code/consume";
const attempt = (page) => page.evaluate(() => JSON.parse(localStorage.getItem("supertokens-passwordless-loginAttemptInfo")));

async function expired() {
  const person = await house.open();
  const { link } = await ask(person, house.server, newAddress("late"), { tenant: "short" });
  const other = await house.open();
  const { code } = await ask(other, house.server, newAddress("late"), { tenant: "short" });
  await new Promise((resolve) => setTimeout(resolve, 61_500));
  await person.page.goto(link);
  await problem(person.page).waitFor();
  const ofLink = { words: await problem(person.page).innerText(), answer: await answerOf(person, "/auth/short/signinup/code/consume") };
  await type(other, code);
  await problem(other.page).waitFor();
  const ofCode = { words: await problem(other.page).innerText(), answer: await answerOf(other, "/auth/short/signinup/code/consume") };
  await person.close();
  await other.close();
  return { ofLink, ofCode };
}

test("a wrong code four times is wrong; the fifth begins anew, and the right one does not help then", () =>
  house.with({}, async (person, page) => {
    const email = newAddress("wrong");
    const { code } = await ask(person, house.server, email);
    for (let tries = 1; tries <= 4; tries += 1) {
      await type(person, wrongCode(code, tries));
      const answer = await answerOf(person, CONSUME, tries);
      assert.deepEqual(answer, { status: "INCORRECT_USER_INPUT_CODE_ERROR", failedCodeInputAttemptCount: tries, maximumCodeInputAttempts: 5 });
      await problem(page).getByText("Invalid OTP").waitFor();
    }
    const { deviceId, preAuthSessionId } = await attempt(page);
    await type(person, wrongCode(code, 5));
    await problem(page).getByText("Login unsuccessful. Please try again.").waitFor();
    assert.deepEqual(await answerOf(person, CONSUME, 5), { status: "RESTART_FLOW_ERROR" });
    await ui(page).locator("input[name=email]").waitFor();
    assert.equal(await attempt(page), null);
    // The form is there again, and works; what was sent before is over.
    await give(person, email);
    const again = await mailTo(house.server, email, 2);
    const old = await page.evaluate(async ([api, body]) => {
      const options = { method: "POST", headers: { "content-type": "application/json", rid: "passwordless" }, body: JSON.stringify(body) };
      return (await fetch(`${api}/auth/signinup/code/consume`, options)).json();
    }, [house.api, { userInputCode: code, deviceId, preAuthSessionId }]);
    assert.deepEqual(old, { status: "RESTART_FLOW_ERROR" });
    await type(person, again.code);
    await signedIn(person);
  }));

test("the link in the browser that asked goes straight in", () =>
  house.with({}, async (person, page) => {
    const { link } = await ask(person, house.server, newAddress("link"), { query: { redirectToPath: "/inside" } });
    assert.match(link, new RegExp(`^${house.site.origin}/auth/verify\\?preAuthSessionId=[A-Za-z0-9_-]+&tenantId=public#[A-Za-z0-9_-]+$`));
    const tab = await person.context.newPage();
    await tab.goto(link);
    await tab.locator("#user").waitFor();
    assert.equal(new URL(tab.url()).pathname, "/inside");
    assert.equal(await attempt(page), null);
  }));

test("the link in another browser asks first, and signs in there", () =>
  house.with({}, async (asker, page) => {
    const email = newAddress("link");
    const { link, code } = await ask(asker, house.server, email);
    await house.with({}, async (other) => {
      await other.page.goto(link);
      await ui(other.page).getByText("Click the button below to log in on this device").waitFor();
      assert.deepEqual(other.callsTo(CONSUME), [], "nothing is spent by looking");
      await button(other.page, "CONTINUE").click();
      await signedIn(other);
      assert.equal(await other.sdk("exists"), true);
    });
    // Who asked is still where they were; their code is spent with the link.
    await ui(page).getByText("Enter OTP").waitFor();
    assert.equal(await asker.sdk("exists"), false);
    await type(asker, code);
    await problem(page).getByText("Login unsuccessful. Please try again.").waitFor();
  }));

test("a link works once", () =>
  house.with({}, async (person, page) => {
    const { link } = await ask(person, house.server, newAddress("once"), { tenant: "links" });
    await page.goto(link);
    await signedIn(person);
    await person.sdk("signOut");
    await page.goto("about:blank");
    await page.goto(link);
    await button(page, "CONTINUE").click();
    await problem(page).getByText("Invalid magic link. Please try again.").waitFor();
    assert.deepEqual(await answerOf(person, "/auth/links/signinup/code/consume"), { status: "RESTART_FLOW_ERROR" });
    assert.equal(new URL(page.url()).searchParams.get("error"), "restart_link");
  }));

test("a link that lost its secret, or has a wrong one, is an invalid link and no endless wait", () =>
  house.with({}, async (person, page) => {
    const { link } = await ask(person, house.server, newAddress("torn"), { tenant: "links" });
    const torn = `${link.slice(0, -1)}${link.endsWith("A") ? "B" : "A"}`;
    await page.goto(torn);
    await problem(page).getByText("Invalid magic link. Please try again.").waitFor();
    await page.goto(link.split("#")[0]);
    await page.waitForURL(/error=signin/);
    // Nothing of that cost the real one.
    await page.goto(link);
    await signedIn(person);
  }));

for (const [name, isLink, words] of [["public", false, "Email resent"], ["links", true, "Link resent"]]) {
  test(`sending again (${name}): a second message, and either gets in`, () =>
    house.with({}, async (person, page) => {
      const email = newAddress("again");
      const first = await ask(person, house.server, email, { tenant: name });
      await new Promise((resolve) => setTimeout(resolve, 1_100));
      await skipResendLock(person);
      await ui(page).locator("[data-supertokens~=resendCodeBtn]").or(button(page, "Resend Email")).first().click();
      await ui(page).getByText(words).waitFor();
      const second = await mailTo(house.server, email, 2);
      assert.notEqual(second.link, first.link);
      if (isLink) await page.goto(first.link);
      else await type(person, first.code);
      await signedIn(person);
    }));
}

test("what a spent sign-in is asked to send again begins anew", () =>
  house.with({}, async (asker, page) => {
    const { link } = await ask(asker, house.server, newAddress("again"));
    await house.with({}, async (other) => {
      await other.page.goto(link);
      await button(other.page, "CONTINUE").click();
      await signedIn(other);
    });
    await skipResendLock(asker);
    await ui(page).locator("[data-supertokens~=resendCodeBtn]").click();
    await problem(page).getByText("Login timed out. Please try again.").waitFor();
    assert.deepEqual(await answerOf(asker, "/auth/signinup/code/resend"), { status: "RESTART_FLOW_ERROR" });
  }));

test("too many messages: the form says so in the server's words", () =>
  house.with({}, async (person, page) => {
    const email = newAddress("many");
    await ask(person, house.server, email, { tenant: "few" });
    // Another try of the same person for the same address.
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    await skipResendLock(person);
    await ui(page).locator("[data-supertokens~=resendCodeBtn]").click();
    await problem(page).waitFor();
    const resent = await answerOf(person, "/auth/few/signinup/code/resend");
    assert.deepEqual([resent.status, await problem(page).innerText()], ["GENERAL_ERROR", resent.message]);
    await house.with({}, async (other) => {
      await openLogin(other, { tenant: "few" });
      await give(other, email);
      await problem(other.page).waitFor();
      const refused = await answerOf(other, "/auth/few/signinup/code");
      assert.deepEqual([refused.status, await problem(other.page).innerText()], ["GENERAL_ERROR", refused.message]);
      assert.ok(refused.message.length > 10, "a sentence");
    });
    assert.equal((await mailsTo(house.server, email)).length, 1);
  }));

test("a tenant that takes nobody new does not tell at the form, and nobody gets in", () =>
  house.with({}, async (person, page) => {
    const email = newAddress("closed");
    await openLogin(person, { tenant: "closed" });
    await give(person, email);
    await ui(page).getByText("Enter OTP").waitFor();
    await type(person, "000000");
    await problem(page).waitFor();
    assert.equal(await person.sdk("exists"), false);
    assert.deepEqual((await mailsTo(house.server, email)).filter((mail) => mail.code || mail.link), []);
  }));

test("every call of a tenant's page names the tenant, and the session is that tenant's", () =>
  house.with({}, async (person, page) => {
    const email = newAddress("tenant");
    const user = await signIn(person, house.server, email, { tenant: "short" });
    const recipe = person.calls.filter((call) => !/session\/refresh/.test(call));
    assert.deepEqual(recipe, ["POST /auth/short/signinup/code 200", "POST /auth/short/signinup/code/consume 200"]);
    assert.equal((await person.sdk("payload")).tId, "short");
    // The same address elsewhere is somebody else.
    await house.with({}, async (other) => assert.notEqual(await signIn(other, house.server, email), user));
    await page.reload();
    assert.equal(await signedIn(person), user);
  }));

test("an expired code is called expired, an expired link invalid", async () => {
  const { ofLink, ofCode } = await late;
  assert.deepEqual(ofLink, { words: "Invalid magic link. Please try again.", answer: { status: "RESTART_FLOW_ERROR" } });
  assert.deepEqual(ofCode, {
    words: "Expired OTP.",
    answer: { status: "EXPIRED_USER_INPUT_CODE_ERROR", failedCodeInputAttemptCount: 1, maximumCodeInputAttempts: 5 },
  });
});

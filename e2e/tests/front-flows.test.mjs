// The nine ways a tenant can be set up, through the pre-built pages of the unmodified supertokens-auth-react: what is
// asked, which screen follows, and that each message gets its person in. The application is on another origin.
import assert from "node:assert/strict";
import { test } from "node:test";
import { newAddress } from "../lib/mailbox.mjs";
import { answerOf, ask, button, give, openLogin, signedIn, type, ui } from "../lib/react.mjs";
import { frontSuite, tenant } from "../lib/st-suite.mjs";
import { newPhone } from "../lib/suite.mjs";

const CONTACTS = ["EMAIL", "PHONE", "EMAIL_OR_PHONE"];
const FLOWS = ["USER_INPUT_CODE", "MAGIC_LINK", "USER_INPUT_CODE_AND_MAGIC_LINK"];
const nameOf = (contact, flow) => `${contact}-${flow}`.toLowerCase().replaceAll("_", "-");
const COMBINATIONS = CONTACTS.flatMap((contact) => FLOWS.map((flow) => ({ contact, flow, name: nameOf(contact, flow) })));

const house = frontSuite((site) =>
  COMBINATIONS.map(({ contact, flow, name }) => tenant(name, site, `contact = "${contact}"\nflow = "${flow}"`)).join("\n") + tenant("public", site));

/** A fresh identifier of each kind that the contact method takes. */
function identifiers(contact) {
  return [...(contact === "PHONE" ? [] : [newAddress("flow")]), ...(contact === "EMAIL" ? [] : [newPhone().e164])];
}

/** The methods that the server must name for a combination. */
function factors(contact, flow) {
  const kinds = contact === "EMAIL_OR_PHONE" ? ["email", "phone"] : [contact.toLowerCase()];
  const ways = [...(flow === "MAGIC_LINK" ? [] : ["otp"]), ...(flow === "USER_INPUT_CODE" ? [] : ["link"])];
  return ways.flatMap((way) => kinds.map((kind) => `${way}-${kind}`)).sort();
}

/** Asks, checks the screen that follows, and gets in by each way the message offers, each with a fresh sign-in. */
async function everyWayIn(config, { contact, flow, name }) {
  for (const who of identifiers(contact)) {
    const ways = [...(flow === "MAGIC_LINK" ? [] : ["code"]), ...(flow === "USER_INPUT_CODE" ? [] : ["link"])];
    const users = new Set();
    for (const way of ways) {
      await house.with(config, async (person, page) => {
        const message = await ask(person, house.server, who, { tenant: name });
        assert.equal((await answerOf(person, `/auth/${name}/signinup/code`)).flowType, flow);
        assert.equal(message.code !== undefined && message.code !== null, flow !== "MAGIC_LINK", "a code in the message");
        assert.equal(Boolean(message.link), flow !== "USER_INPUT_CODE", "a link in the message");
        if (flow === "MAGIC_LINK") {
          await ui(page).getByText("Link sent!").waitFor();
        } else {
          const words = flow === "USER_INPUT_CODE" ? "An OTP was sent to you at" : "An OTP and a magic link was sent to you at";
          await ui(page).getByText(words).waitFor();
        }
        if (way === "code") await type(person, message.code);
        else await page.goto(message.link);
        users.add(await signedIn(person));
        assert.equal((await answerOf(person, `/auth/${name}/signinup/code/consume`)).createdNewRecipeUser, way === ways[0]);
        assert.equal(new URL(page.url()).origin, house.site.origin);
        const payload = await person.sdk("payload");
        assert.equal(payload.tId, name);
      });
    }
    assert.equal(users.size, 1, "both ways lead to one user");
  }
}

for (const combination of COMBINATIONS) {
  test(`${combination.contact} × ${combination.flow}`, () => everyWayIn({ contactMethod: combination.contact }, combination));
}

for (const { contact, flow, name } of COMBINATIONS) {
  test(`${contact} × ${flow}, with the server saying what the tenant offers`, () =>
    house.with({ usesDynamicLoginMethods: true, contactMethod: "EMAIL_OR_PHONE" }, async (person, page) => {
      await openLogin(person, { tenant: name });
      const methods = await answerOf(person, `/auth/${name}/loginmethods`);
      assert.deepEqual([...methods.firstFactors].sort(), factors(contact, flow));
      assert.deepEqual(methods.thirdParty.providers, []);
      assert.deepEqual([methods.emailPassword.enabled, methods.passwordless.enabled], [false, true]);
      const field = (kind) => ui(page).locator(`input[name=${kind}]`);
      await ui(page).locator("button[type=submit]").waitFor();
      const asks = { email: await field("email").isVisible(), phone: await field("phoneNumber_text").isVisible() };
      const other = await button(page, "Use a Phone number").or(button(page, "Use an Email")).count();
      assert.deepEqual({ ...asks, other }, {
        EMAIL: { email: true, phone: false, other: 0 },
        PHONE: { email: false, phone: true, other: 0 },
        EMAIL_OR_PHONE: { email: true, phone: false, other: 1 },
      }[contact]);
      const [who] = identifiers(contact);
      await give(person, who);
      await ui(page).getByText(flow === "MAGIC_LINK" ? "Link sent!" : "Enter OTP").waitFor();
    }));
}

test("a tenant that does not take phone numbers answers one with an error that the form shows", () =>
  house.with({ contactMethod: "PHONE" }, async (person, page) => {
    await openLogin(person, { tenant: "email-magic-link" });
    await give(person, newPhone().e164);
    await ui(page).locator("[data-supertokens~=generalError]").waitFor();
    assert.deepEqual(person.callsTo("/auth/email-magic-link/signinup/code"), ["POST /auth/email-magic-link/signinup/code 400"]);
  }));

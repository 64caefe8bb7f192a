// What the tests of the eighteen surprises share: tenants of every kind, and everything that can go wrong before there is a
// session.
import { newAddress, wrongCode } from "./mailbox.mjs";
import { Fdi } from "./st-fdi.mjs";
import { newPhone } from "./suite.mjs";
import { UNLIMITED } from "./tenants.mjs";

/** An application's origin that every tenant allows; nothing needs to run there. */
export const SITE = "http://localhost:3000";
const EVIL = "https://evil.example";
const tenant = (name, lines = "") => `[tenants.${name}]\napp_name = "Example"\nresend_gap = "1s"\nallowed_origins = ["${SITE}"]\n${lines}\n`;
/** The server's config. */
export const CONFIG = [
  tenant("public", UNLIMITED),
  tenant("both", `${UNLIMITED}contact = "EMAIL_OR_PHONE"\nexistence_checks = true`),
  tenant("links", `${UNLIMITED}flow = "MAGIC_LINK"`),
  tenant("few", "sends_per_contact = 1"),
].join("\n");

/** Everything that can go wrong before a session is there, each as `[what, answer]`. */
export async function failures(server) {
  const client = (options) => new Fdi(server, options);
  const one = client();
  const email = newAddress("fail");
  const started = await one.start(email);
  const few = client({ tenant: "few" });
  const often = newAddress("few");
  await few.create(often);
  const nowhere = client({ tenant: "nowhere" });
  const redirectURIInfo = { redirectURIOnProviderDashboard: SITE, redirectURIQueryParams: { code: "x" } };
  return [
    ["both", await one.post("/signinup/code", { email, phoneNumber: newPhone().e164 })],
    ["neither", await one.post("/signinup/code", {})],
    ["a number here", await one.create(newPhone().e164)],
    ["no address", await one.post("/signinup/code", { email: "no address" })],
    ["a number for an address", await one.post("/signinup/code", { email: 7 })],
    ["no JSON", await one.post("/signinup/code", "{")],
    ["a list", await one.post("/signinup/code", "[]")],
    ["a form", await one.post("/signinup/code", "email=a%40example.com", { "content-type": "application/x-www-form-urlencoded" })],
    ["plain text", await one.post("/signinup/code", JSON.stringify({ email }), { "content-type": "text/plain" })],
    ["a foreign page", await one.create(email, { origin: EVIL })],
    ["too often", await few.create(often)],
    ["a tenant that is not there", await nowhere.create(email)],
    ["its codes", await nowhere.consumeCode(started, started.code)],
    ["its methods", await nowhere.get("/loginmethods")],
    ["a wrong code", await one.consumeCode(started, wrongCode(started.code))],
    ["a wrong link", await one.consumeLink(started, "A".repeat(43))],
    ["an unknown attempt", await one.consumeCode({ deviceId: "A".repeat(43), preAuthSessionId: "B".repeat(43) }, "123456")],
    ["a code and a link", await one.post("/signinup/code/consume", { ...started, userInputCode: "1", linkCode: "2" })],
    ["no code", await one.post("/signinup/code/consume", { preAuthSessionId: started.preAuthSessionId })],
    ["nothing to send again", await one.post("/signinup/code/resend", { deviceId: "A", preAuthSessionId: "B" })],
    ["half an attempt", await one.post("/signinup/code/resend", { deviceId: started.deviceId })],
    ["no provider", await one.get(`/authorisationurl?thirdPartyId=google&redirectURIOnProviderDashboard=${encodeURIComponent(SITE)}`)],
    ["nobody to come from", await one.post("/signinup", { thirdPartyId: "google", redirectURIInfo })],
    ["existence off", await one.get(`/passwordless/email/exists?email=${email}`)],
    ["nobody named", await client({ tenant: "both" }).get("/passwordless/email/exists")],
    ["passwords", await one.post("/signin", { formFields: [] })],
    ["passkeys", await one.post("/webauthn/options/signin", {})],
  ];
}

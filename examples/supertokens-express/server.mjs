// An Express application that logs people in by code or link. supertokens-node does the work in this process, Postkey
// keeps users, codes and sessions behind it.
import express from "express";
import supertokens from "supertokens-node";
import { errorHandler, middleware } from "supertokens-node/framework/express/index.js";
import Passwordless from "supertokens-node/recipe/passwordless/index.js";
import Session from "supertokens-node/recipe/session/index.js";
import { verifySession } from "supertokens-node/recipe/session/framework/express/index.js";

const port = Number(process.env.PORT ?? 3000);
const origin = `http://localhost:${port}`;

/** Codes made at the back-end door are delivered by the application: put your mail and text service here. */
async function deliver({ email, phoneNumber, userInputCode, urlWithLinkCode }) {
  console.log(`To ${email ?? phoneNumber}: your code is ${userInputCode}, or open ${urlWithLinkCode}`);
}

supertokens.init({
  // The one line that makes Postkey the core: its private listener.
  supertokens: { connectionURI: process.env.POSTKEY ?? "http://localhost:3567", apiKey: process.env.POSTKEY_API_KEY },
  appInfo: { appName: "Example", apiDomain: origin, websiteDomain: origin, apiBasePath: "/auth", websiteBasePath: "/auth" },
  telemetry: false,
  recipeList: [
    Passwordless.init({
      contactMethod: "EMAIL_OR_PHONE",
      flowType: "USER_INPUT_CODE_AND_MAGIC_LINK",
      emailDelivery: { override: (original) => ({ ...original, sendEmail: deliver }) },
      smsDelivery: { override: (original) => ({ ...original, sendSms: deliver }) },
    }),
    Session.init(),
  ],
});

const app = express();
// Answers everything below /auth that the front-end SDKs ask for: codes, links, refresh, sign-out.
app.use(middleware());
app.use(express.static(new URL("public", import.meta.url).pathname));
// Where links point. The page signs in with what stands in its address.
app.get("/auth/verify", (request, response) => response.redirect(`/?${new URLSearchParams(request.query)}`));
// Only for people who are signed in. The token is checked here, without asking Postkey.
app.get("/api/me", verifySession(), (request, response) => {
  response.json({ userId: request.session.getUserId(), session: request.session.getHandle() });
});
app.use(errorHandler());
app.listen(port, () => console.log(`Open ${origin}`));

// An Express application on the unmodified supertokens-node, as one would write it; a process of its own, started by
// lib/express.mjs with its options in APP. It keeps what the SDK gives it to deliver, and offers the SDK's functions
// to the tests under /sdk: `verb` is recipe and function, `input` has the names of the function's arguments.
import express from "express";
import supertokens from "supertokens-node";
import { errorHandler, middleware } from "supertokens-node/framework/express/index.js";
import { verifySession } from "supertokens-node/recipe/session/framework/express/index.js";
import AccountLinking from "supertokens-node/recipe/accountlinking/index.js";
import EmailVerification from "supertokens-node/recipe/emailverification/index.js";
import Multitenancy from "supertokens-node/recipe/multitenancy/index.js";
import Passwordless from "supertokens-node/recipe/passwordless/index.js";
import Session from "supertokens-node/recipe/session/index.js";
import ThirdParty from "supertokens-node/recipe/thirdparty/index.js";
import UserMetadata from "supertokens-node/recipe/usermetadata/index.js";
import UserRoles from "supertokens-node/recipe/userroles/index.js";

const { port, core, apiKey, recipes = "all", linking = false } = JSON.parse(process.env.APP);
const origin = `http://127.0.0.1:${port}`;
const delivered = [];
const deliver = {
  override: (original) => ({ ...original, sendEmail: async ({ userContext, ...message }) => void delivered.push(message), sendSms: async ({ userContext, ...message }) => void delivered.push(message) }),
};

const few = [
  Passwordless.init({ contactMethod: "EMAIL_OR_PHONE", flowType: "USER_INPUT_CODE_AND_MAGIC_LINK", emailDelivery: deliver, smsDelivery: deliver }),
  Session.init({ getTokenTransferMethod: ({ req }) => req.getHeaderValue("st-auth-mode") ?? "any" }),
];
const automatic = linking ? [AccountLinking.init({ shouldDoAutomaticAccountLinking: async () => ({ shouldAutomaticallyLink: true, shouldRequireVerification: true }) })] : [];
const roles = [UserRoles.init(), EmailVerification.init({ mode: "OPTIONAL", emailDelivery: deliver })];
const more = [ThirdParty.init(), UserMetadata.init(), Multitenancy.init()];
supertokens.init({
  supertokens: { connectionURI: core, apiKey },
  appInfo: { appName: "Example", apiDomain: origin, websiteDomain: origin, apiBasePath: "/auth", websiteBasePath: "/auth" },
  recipeList: { few, linking: [...few, ...roles, ...automatic], all: [...few, ...roles, ...more, ...automatic] }[recipes],
  telemetry: false,
});

/** The functions whose arguments are not one object, and their names in order. */
const IN_ORDER = {
  users: {
    getUserCount: ["includeRecipeIds", "tenantId"], getUser: ["userId"], listUsersByAccountInfo: ["tenantId", "accountInfo", "doUnionOfAccountInfo"],
    deleteUser: ["userId", "removeAllLinkedAccounts"],
  },
  session: {
    createNewSessionWithoutRequestResponse: ["tenantId", "recipeUserId", "accessTokenPayload", "sessionDataInDatabase"],
    getSessionWithoutRequestResponse: ["accessToken", "antiCsrfToken", "options"],
    refreshSessionWithoutRequestResponse: ["refreshToken", "disableAntiCsrf"], getSessionInformation: ["sessionHandle"],
    revokeAllSessionsForUser: ["userId", "revokeSessionsForLinkedAccounts", "tenantId"],
    getAllSessionHandlesForUser: ["userId", "fetchSessionsForLinkedAccounts", "tenantId"],
    revokeSession: ["sessionHandle"], revokeMultipleSessions: ["sessionHandles"],
    updateSessionDataInDatabase: ["sessionHandle", "newSessionData"], mergeIntoAccessTokenPayload: ["sessionHandle", "newAccessTokenPayload"],
    createJwt: ["payload", "validitySeconds", "useStaticSigningKey"], getJwks: [],
  },
  usermetadata: { getUserMetadata: ["userId"], updateUserMetadata: ["userId", "metadataUpdate"], clearUserMetadata: ["userId"] },
  userroles: {
    addRoleToUser: ["tenantId", "userId", "role"], removeUserRole: ["tenantId", "userId", "role"], getRolesForUser: ["tenantId", "userId"],
    getUsersThatHaveRole: ["tenantId", "role"], createNewRoleOrAddPermissions: ["role", "permissions"], getPermissionsForRole: ["role"],
    removePermissionsFromRole: ["role", "permissions"], getRolesThatHavePermission: ["permission"], deleteRole: ["role"], getAllRoles: [],
  },
  emailverification: {
    createEmailVerificationToken: ["tenantId", "recipeUserId", "email"], verifyEmailUsingToken: ["tenantId", "token"],
    isEmailVerified: ["recipeUserId", "email"], unverifyEmail: ["recipeUserId", "email"],
    revokeEmailVerificationTokens: ["tenantId", "recipeUserId", "email"],
  },
  accountlinking: {
    canCreatePrimaryUser: ["recipeUserId"], createPrimaryUser: ["recipeUserId"], canLinkAccounts: ["recipeUserId", "primaryUserId"],
    linkAccounts: ["recipeUserId", "primaryUserId"], unlinkAccount: ["recipeUserId"],
  },
  multitenancy: {
    createOrUpdateTenant: ["tenantId", "config"], deleteTenant: ["tenantId"], getTenant: ["tenantId"], listAllTenants: [],
    createOrUpdateThirdPartyConfig: ["tenantId", "config", "skipValidation"], deleteThirdPartyConfig: ["tenantId", "thirdPartyId"],
    associateUserToTenant: ["tenantId", "recipeUserId"], disassociateUserFromTenant: ["tenantId", "recipeUserId"],
  },
  thirdparty: { manuallyCreateOrUpdateUser: ["tenantId", "thirdPartyId", "thirdPartyUserId", "email", "isVerified"] },
};
const RECIPES = {
  users: supertokens, session: Session, passwordless: Passwordless, usermetadata: UserMetadata, userroles: UserRoles, thirdparty: ThirdParty,
  emailverification: EmailVerification, accountlinking: AccountLinking, multitenancy: Multitenancy,
};
/** What Python writes differently. */
const SPELLED = { createJwt: "createJWT", getJwks: "getJWKS" };
const OTHERWISE = {
  "passwordless.deleteEmailForUser": ({ recipeUserId }) => Passwordless.updateUser({ recipeUserId, email: null }),
  "passwordless.deletePhoneNumberForUser": ({ recipeUserId }) => Passwordless.updateUser({ recipeUserId, phoneNumber: null }),
  "session.getSessionWithoutRequestResponse": ({ accessToken, checkDatabase }) => Session.getSessionWithoutRequestResponse(accessToken, undefined, { antiCsrfCheck: false, checkDatabase }),
};

function call(verb, input) {
  const [recipe, name] = verb.split(".");
  const ready = { ...input };
  if (ready.recipeUserId !== undefined) ready.recipeUserId = supertokens.convertToRecipeUserId(ready.recipeUserId);
  if (OTHERWISE[verb]) return OTHERWISE[verb](ready);
  const run = RECIPES[recipe]?.[SPELLED[name] ?? name];
  if (!run) throw new Error(`there is no ${verb}`);
  const order = IN_ORDER[recipe]?.[name];
  return order ? run(...order.map((argument) => ready[argument])) : run(ready);
}

/** What a function gave, as plain JSON in which both SDKs agree. */
function plain(value) {
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== "object") return value;
  if (typeof value.getAsString === "function") return value.getAsString();
  if (typeof value.getHandle === "function") return session(value);
  const source = typeof value.toJson === "function" ? value.toJson() : value;
  return Object.fromEntries(Object.entries(source).filter(([, one]) => typeof one !== "function").map(([name, one]) => [name, plain(one)]));
}

function session(one) {
  const { accessToken, refreshToken } = one.getAllSessionTokensDangerously();
  return {
    handle: one.getHandle(), userId: one.getUserId(), recipeUserId: one.getRecipeUserId().getAsString(), tenantId: one.getTenantId(),
    payload: one.getAccessTokenPayload(), accessToken, refreshToken,
  };
}

const app = express();
app.use(middleware());
const me = (request, response) => response.json(session(request.session));
app.get("/me", verifySession(), me);
app.get("/me/checked", verifySession({ checkDatabase: true }), me);
app.get("/delivered", (request, response) => response.json(delivered));
app.post("/sdk", express.json(), async (request, response) => {
  try {
    response.json({ result: plain(await call(request.body.verb, request.body.input)) ?? null });
  } catch (problem) {
    response.status(500).json({ problem: problem.type ?? problem.message, message: problem.message, payload: plain(problem.payload) ?? null });
  }
});
app.use(errorHandler());
app.listen(port, "127.0.0.1");

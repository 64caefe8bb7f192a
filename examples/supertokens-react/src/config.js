// What an application says to the unmodified SuperTokens packages: where Postkey is, and who may sign in how.
import Passwordless from "supertokens-auth-react/recipe/passwordless";
import Session from "supertokens-auth-react/recipe/session";

/** Where Postkey is. */
export const apiDomain = import.meta.env.VITE_POSTKEY ?? "http://localhost:8000";

export const supertokens = {
  appInfo: { appName: "Example", apiDomain, apiBasePath: "/auth", websiteDomain: location.origin, websiteBasePath: "/auth" },
  recipeList: [Passwordless.init({ contactMethod: "EMAIL_OR_PHONE" }), Session.init()],
};

// The application of the browser tests: unmodified supertokens-auth-react with its pre-built pages, and a home page. The
// test says on `window.CONFIG`, before this runs, how it is set up; `window.sdk` is what the test asks it to do.
import React from "react";
import { createRoot } from "react-dom/client";
import SuperTokens, { SuperTokensWrapper } from "supertokens-auth-react";
import EmailVerification from "supertokens-auth-react/recipe/emailverification";
import { EmailVerificationPreBuiltUI } from "supertokens-auth-react/recipe/emailverification/prebuiltui";
import Passwordless from "supertokens-auth-react/recipe/passwordless";
import { PasswordlessPreBuiltUI } from "supertokens-auth-react/recipe/passwordless/prebuiltui";
import Session from "supertokens-auth-react/recipe/session";
import { canHandleRoute, getRoutingComponent } from "supertokens-auth-react/ui";

const CONFIG = {
  apiDomain: location.origin, apiBasePath: "/auth", websiteDomain: location.origin, websiteBasePath: "/auth", contactMethod: "EMAIL",
  tokenTransferMethod: "cookie", usesDynamicLoginMethods: false, emailVerification: false, ...window.CONFIG,
};

/** What happened, in the order it did; the tab remembers it over page loads. */
const trace = JSON.parse(sessionStorage.getItem("trace") ?? "[]");
function note(recipe, event) {
  trace.push({ recipe, action: event.action, isNewUser: event.isNewRecipeUser });
  sessionStorage.setItem("trace", JSON.stringify(trace));
}

SuperTokens.init({
  appInfo: {
    appName: "Test app",
    apiDomain: CONFIG.apiDomain, apiBasePath: CONFIG.apiBasePath,
    websiteDomain: CONFIG.websiteDomain, websiteBasePath: CONFIG.websiteBasePath,
  },
  usesDynamicLoginMethods: CONFIG.usesDynamicLoginMethods,
  recipeList: [
    Passwordless.init({ contactMethod: CONFIG.contactMethod, onHandleEvent: (event) => note("passwordless", event) }),
    Session.init({ tokenTransferMethod: CONFIG.tokenTransferMethod, onHandleEvent: (event) => note("session", event) }),
    ...(CONFIG.emailVerification ? [EmailVerification.init({ mode: "REQUIRED" })] : []),
  ],
});
const PAGES = [PasswordlessPreBuiltUI, ...(CONFIG.emailVerification ? [EmailVerificationPreBuiltUI] : [])];

window.sdk = {
  trace: () => trace,
  exists: () => Session.doesSessionExist(),
  user: () => Session.getUserId(),
  payload: () => Session.getAccessTokenPayloadSecurely(),
  refresh: () => Session.attemptRefreshingSession(),
  signOut: () => Session.signOut(),
  /** A call that only a session opens, sent by the page's own fetch, which the SDK watches. */
  call: async () => {
    const answer = await fetch(`${CONFIG.apiDomain}${CONFIG.apiBasePath}/user/email/verify`);
    return { status: answer.status, ...(await answer.json()) };
  },
};

/** What an error says that would otherwise leave an empty page. */
class Boundary extends React.Component {
  state = {};

  static getDerivedStateFromError(error) {
    return { error };
  }

  render() {
    return this.state.error ? <p id="crash">{String(this.state.error)}</p> : this.props.children;
  }
}

function Home() {
  const session = Session.useSessionContext();
  if (session.loading) return <p>Loading</p>;
  if (!session.doesSessionExist) return <p id="nobody">Nobody is signed in</p>;
  return (
    <main>
      <p id="user">{session.userId}</p>
      <button id="sign-out" onClick={() => Session.signOut()}>Sign out</button>
    </main>
  );
}

/** `/inside` is for people who are signed in: others are sent to the login page. */
function Page() {
  if (canHandleRoute(PAGES)) return getRoutingComponent(PAGES);
  return location.pathname === "/inside" ? <Session.SessionAuth><Home /></Session.SessionAuth> : <Home />;
}

createRoot(document.getElementById("app")).render(<Boundary><SuperTokensWrapper><Page /></SuperTokensWrapper></Boundary>);

// The application: SuperTokens' pre-built pages under /auth, and a home page of our own.
import { createRoot } from "react-dom/client";
import SuperTokens, { SuperTokensWrapper } from "supertokens-auth-react";
import { PasswordlessPreBuiltUI } from "supertokens-auth-react/recipe/passwordless/prebuiltui";
import { SessionAuth } from "supertokens-auth-react/recipe/session";
import { canHandleRoute, getRoutingComponent } from "supertokens-auth-react/ui";
import { supertokens } from "./config.js";
import { Home } from "./home.jsx";

SuperTokens.init(supertokens);
const pages = [PasswordlessPreBuiltUI];

function App() {
  if (canHandleRoute(pages)) return getRoutingComponent(pages);
  return <SessionAuth><Home /></SessionAuth>;
}

createRoot(document.getElementById("app")).render(<SuperTokensWrapper><App /></SuperTokensWrapper>);

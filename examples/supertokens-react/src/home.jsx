// The home page, for people who are signed in: who they are, a call that only a session opens, and the way out.
import { useState } from "react";
import { signOut, useSessionContext } from "supertokens-auth-react/recipe/session";
import { apiDomain } from "./config.js";

export function Home() {
  const session = useSessionContext();
  const [answer, setAnswer] = useState("");
  if (session.loading) return null;

  async function call() {
    // The SDK adds the session to `fetch`, and renews it when it has expired.
    const response = await fetch(`${apiDomain}/auth/user/email/verify`);
    setAnswer(JSON.stringify(await response.json()));
  }

  async function leave() {
    await signOut();
    location.assign("/auth");
  }

  return (
    <main style={{ font: "16px system-ui", maxWidth: "40rem", margin: "4rem auto" }}>
      <h1>You are signed in</h1>
      <p>User <code id="user">{session.userId}</code></p>
      <p><button onClick={call}>Is my address verified?</button> <output>{answer}</output></p>
      <p><button onClick={leave}>Sign out</button></p>
    </main>
  );
}

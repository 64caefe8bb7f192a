// The page: asks for a code, sends it back, shows who is signed in. It uses plain requests and cookies; the SDKs for
// browsers (supertokens-web-js, supertokens-auth-react) speak the same and do more, such as refreshing sessions.
const part = (id) => document.getElementById(id);
let signIn;

function show(id, notice = "") {
  for (const one of ["ask", "enter", "inside"]) part(one).hidden = one !== id;
  part("notice").textContent = notice;
}

async function call(path, body) {
  const answer = await fetch(path, {
    method: body ? "POST" : "GET",
    headers: { "content-type": "application/json", rid: "anti-csrf", "st-auth-mode": "cookie" },
    body: body && JSON.stringify(body),
  });
  return answer.json();
}

async function showWho() {
  const { userId } = await call("/api/me");
  part("user").textContent = userId ?? "";
  show(userId ? "inside" : "ask");
}

async function consume(code) {
  const { status } = await call("/auth/signinup/code/consume", code);
  if (status === "OK") return showWho();
  if (status === "RESTART_FLOW_ERROR") return show("ask", "That did not work. Please begin again.");
  return show("enter", "That code is not right.");
}

part("ask").addEventListener("submit", async (event) => {
  event.preventDefault();
  const contact = part("contact").value.trim();
  const answer = await call("/auth/signinup/code", contact.includes("@") ? { email: contact } : { phoneNumber: contact });
  if (answer.status !== "OK") return show("ask", answer.message ?? answer.reason ?? "That did not work.");
  signIn = { deviceId: answer.deviceId, preAuthSessionId: answer.preAuthSessionId };
  show("enter");
});
part("enter").addEventListener("submit", (event) => {
  event.preventDefault();
  consume({ ...signIn, userInputCode: part("code").value.trim() });
});
part("out").addEventListener("click", async () => {
  await call("/auth/signout", {});
  show("ask", "You are signed out.");
});

// A link leads here: what it needs stands in the address, its secret behind the "#", which no server sees.
const preAuthSessionId = new URLSearchParams(location.search).get("preAuthSessionId");
if (preAuthSessionId) {
  const linkCode = location.hash.slice(1);
  history.replaceState(null, "", "/");
  consume({ preAuthSessionId, linkCode });
} else {
  showWho();
}

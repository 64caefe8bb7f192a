// The page: asks for a login, waits for the link or the code, and shows who is in.
/* global Authress */
const part = (id) => document.getElementById(id);
let client;
let config;
let asked;

function show(id, notice = "") {
  for (const one of ["ask", "enter", "inside"]) part(one).hidden = one !== id;
  part("notice").textContent = notice;
}

function post(url, body) {
  return fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
}

async function begin() {
  config = await (await fetch("/api/config")).json();
  client = new Authress.LoginClient({ authressApiUrl: config.postkey, applicationId: "app_default" });
  // Takes what a link brought, too.
  if (!(await client.userSessionExists())) return show("ask");
  const answer = await fetch("/api/me", { headers: { authorization: `Bearer ${await client.ensureToken()}` } });
  if (!answer.ok) return show("ask");
  part("user").textContent = (await answer.json()).userId;
  return show("inside");
}

part("ask").addEventListener("submit", async (event) => {
  event.preventDefault();
  asked = await client.authenticateWithOneTimeCode({ serviceClientId: config.serviceClientId, redirectUrl: `${location.origin}/` });
  const answer = await post("/api/login", { ...asked, email: part("email").value });
  if (!answer.ok) return show("ask", "That did not work. Please begin again.");
  return show("enter", "Open the link, or type the code.");
});
part("enter").addEventListener("submit", async (event) => {
  event.preventDefault();
  const answer = await post(`${config.postkey}/api/authentication/${asked.authenticationRequestId}/code`, { code: part("code").value.trim() });
  const { authenticationUrl, title } = await answer.json();
  if (authenticationUrl) return location.assign(authenticationUrl);
  return show("enter", title);
});
part("out").addEventListener("click", () => client.logout(`${location.origin}/`));

begin();

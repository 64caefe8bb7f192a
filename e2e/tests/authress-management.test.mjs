// The management interface: the unmodified back-end packages of Authress for Node and Python against a real server, access keys
// as they are shown in place of tokens, keys that their owners bring along, pages of lists, and what is not offered.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { generateKeyPairSync, sign } from "node:crypto";
import path from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import authress from "@authress/sdk";
import { assertion, claimsOf, createApplication, createClient, follow, linkWith, newVisitor, rawAuthentication, work } from "../lib/authress.mjs";
import { ask } from "../lib/http.mjs";
import { newAddress } from "../lib/mailbox.mjs";
import { startServer } from "../lib/server.mjs";
import { newPhone } from "../lib/suite.mjs";
import { UNLIMITED } from "../lib/tenants.mjs";

let server, admin, sdk;
before(async () => {
  server = await startServer({ config: `[tenants.public]\n${UNLIMITED}app_name = "Example"\n` });
  admin = createClient(server, { admin: true, tokenGeneration: false });
  sdk = sdkOf(admin);
});
after(() => server?.stop());

const sdkOf = (client) => new authress.AuthressClient({ authressApiUrl: server.origin }, client.accessKey);
let last = 0;
const newId = (prefix) => `${prefix}${(last += 1)}_${process.pid}`;

/** What an SDK's call was refused with. */
async function refusal(promise) {
  const problem = await promise.then(() => assert.fail("it was not refused"), (problem) => problem);
  assert.equal(typeof problem.data?.title, "string", JSON.stringify(problem));
  assert.equal(typeof problem.data.errorId, "string");
  return [problem.status, problem.data.errorCode];
}

/** A call without an SDK; the access key stands where a token would. */
async function raw(method, place, { body, key = admin.accessKey, headers = {} } = {}) {
  const text = body === undefined ? undefined : JSON.stringify(body);
  return ask(server.origin + place, { method, headers: { authorization: `Bearer ${key}`, ...headers }, body: text });
}

/** Logs somebody in by a statement of `client`; gives their id. */
async function logIn(client, address, wrong) {
  const asked = await rawAuthentication(server, { connection: client.clientId });
  assert.equal(asked.status, 200, asked.text);
  const answer = await follow(newVisitor(server), linkWith(asked, assertion(client, address, server.origin, wrong)));
  assert.equal(answer.status, 303, answer.text);
  return claimsOf(new URL(answer.location).searchParams.get("access_token")).sub;
}

test("a client from its making to its end, by the SDK for Node", async () => {
  const clientId = newId("sc_node");
  const options = { grantTokenGeneration: true, authorizationUrl: "https://app.example.com/login", assertionMaxAge: "PT10M", trustSubjectAsVerifiedEmail: true };
  const made = await sdk.serviceClients.createClient({ clientId, name: "Node", options });
  assert.deepEqual([made.status, made.data.clientId, made.data.name], [201, clientId, "Node"]);
  assert.equal(made.data.options.authorizationUrl, "https://app.example.com/login");
  assert.deepEqual(await refusal(sdk.serviceClients.createClient({ clientId })), [409, "Conflict"]);
  const { status, data: key } = await sdk.serviceClients.requestAccessKey(clientId);
  assert.equal(status, 201);
  assert.match(key.accessKey, new RegExp(`^${clientId}\\.${key.keyId}\\.acc_local\\.MC4CAQAwBQYDK2VwBCIE[A-Za-z0-9+/]{44}$`));
  // The key works in the SDK that gave it out, for the client alone.
  const own = sdkOf(key);
  assert.equal((await own.serviceClients.getClient(clientId)).data.verificationKeys[0].keyId, key.keyId);
  assert.deepEqual(await refusal(own.serviceClients.getClients()), [403, "Forbidden"]);
  assert.deepEqual(await refusal(own.serviceClients.getClient(admin.clientId)), [403, "Forbidden"]);
  // Its tokens verify by the SDK, too.
  const token = await new authress.ServiceClientTokenProvider(key.accessKey, server.origin).getToken();
  assert.equal((await authress.TokenVerifier(server.origin, token)).sub, clientId);
  const { status: changed, data } = await sdk.serviceClients.updateClient(clientId, { name: "Renamed", options: { assertionMaxAge: null } });
  assert.deepEqual([changed, data.name, data.options.assertionMaxAge, data.options.trustSubjectAsVerifiedEmail], [200, "Renamed", null, true]);
  const all = (await sdk.serviceClients.getClients()).data;
  assert.ok(all.clients.some((one) => one.clientId === clientId) && all.links.self.href);
  assert.equal((await sdk.serviceClients.deleteAccessKey(clientId, key.keyId)).status, 204);
  assert.deepEqual(await refusal(own.serviceClients.getClient(clientId)), [401, "Unauthorized"]);
  assert.equal((await ask(`${server.origin}/v1/clients/${clientId}/.well-known/openid-configuration/jwks`)).json().keys.length, 0);
  assert.equal((await sdk.serviceClients.deleteClient(clientId)).status, 204);
  assert.deepEqual(await refusal(sdk.serviceClients.getClient(clientId)), [404, "NotFound"]);
});

test("a key is rotated while logins go on, and five are the most", async () => {
  const client = createClient(server);
  await logIn(client, newAddress("rotate"));
  const { data: next } = await sdk.serviceClients.requestAccessKey(client.clientId);
  await sdk.serviceClients.deleteAccessKey(client.clientId, client.keyId);
  const asked = await rawAuthentication(server, { connection: client.clientId });
  const old = await follow(newVisitor(server), linkWith(asked, assertion(client, newAddress("rotate"), server.origin)));
  assert.equal(old.status, 400);
  const provider = new authress.ServiceClientTokenProvider(next.accessKey);
  const link = await provider.generateUserLoginUrl(asked.authenticationUrl, asked.authenticationRequestId, client.clientId, newAddress("rotate"));
  assert.equal((await follow(newVisitor(server), link)).status, 303);
  for (let more = 1; more < 5; more += 1) await sdk.serviceClients.requestAccessKey(client.clientId);
  assert.deepEqual(await refusal(sdk.serviceClients.requestAccessKey(client.clientId)), [400, "InvalidRequest"]);
});

test("a key that its owner brought along signs, and nobody here ever had it", async () => {
  const clientId = newId("sc_own");
  await sdk.serviceClients.createClient({ clientId, options: { grantTokenGeneration: true } });
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const added = await raw("POST", `/v1/clients/${clientId}/access-keys`, { body: { publicKey: publicKey.export({ format: "der", type: "spki" }).toString("base64") } });
  assert.equal(added.status, 201, added.text);
  assert.deepEqual([added.json().accessKey, added.json().clientSecret], [undefined, undefined]);
  const client = { clientId, keyId: added.json().keyId, accountId: "acc_local", key: privateKey };
  await logIn(client, newAddress("own"));
  // As a caller, too.
  const now = Math.floor(Date.now() / 1000);
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = { aud: "acc_local.accounts.authress.io", iss: `${server.origin}/v1/clients/${clientId}`, sub: clientId, client_id: clientId, iat: now, exp: now + 60 };
  const text = `${part({ alg: "EdDSA", kid: client.keyId, typ: "at+jwt" })}.${part(claims)}`;
  const token = `${text}.${sign(null, Buffer.from(text), privateKey).toString("base64url")}`;
  assert.equal((await raw("GET", `/v1/clients/${clientId}`, { key: token })).status, 200);
  // What it states about somebody is no token of its own.
  const statement = assertion(client, clientId, server.origin);
  assert.equal((await raw("GET", `/v1/clients/${clientId}`, { key: statement })).status, 401);
});

test("the access key itself opens the interface, as the SDKs for Rust and Go send it, and is never logged", async () => {
  const answer = await raw("GET", "/v1/clients", { headers: { accept: "application/links+json" } });
  assert.equal(answer.status, 200, answer.text);
  assert.match(answer.headers["content-type"], /^application\/links\+json/);
  for (const client of answer.json().clients) {
    assert.deepEqual(Object.keys(client).filter((name) => !["clientId", "createdTime", "name", "options", "verificationKeys", "tags"].includes(name)), []);
    assert.deepEqual(Object.keys(client.options).sort(), ["grantTokenGeneration", "grantUserPermissionsAccess"]);
  }
  const wrong = admin.accessKey.replace(/.{12}$/, "AAAAAAAAAAA=");
  assert.equal((await raw("GET", "/v1/clients", { key: wrong })).status, 401);
  const secret = admin.accessKey.split(".")[3];
  assert.ok(!server.log.includes(secret) && !server.log.includes(wrong.split(".")[3]));
});

test("connections, tenants, invitations and the account, by the SDK for Node", async () => {
  const client = createClient(server);
  const list = await sdk.connections.getConnections();
  const ids = list.data.connections.map((one) => one.connectionId);
  assert.deepEqual([list.status, ids.slice(0, 2), ids.includes(client.clientId)], [200, ["email", "sms"], true]);
  const linked = await sdk.connections.updateConnection(client.clientId, { linkingConfiguration: { type: "EXPLICIT" } });
  assert.deepEqual([linked.status, linked.data.type, linked.data.linkingConfiguration], [200, "CUSTOM", { type: "EXPLICIT" }]);
  const connectionId = newId("acme");
  const made = await sdk.connections.createConnection({ connectionId, issuerUrl: "https://id.acme.example", clientId: "ours", clientSecret: "s3cret-of-acme", data: { name: "Acme" } });
  assert.deepEqual([made.status, made.data.hasClientSecret, made.data.clientSecret], [201, true, undefined]);
  assert.equal((await sdk.connections.updateConnection(connectionId, { data: { name: "Acme Inc." } })).data.data.name, "Acme Inc.");
  assert.ok(!JSON.stringify((await sdk.connections.getConnection(connectionId)).data).includes("s3cret"));
  assert.deepEqual(await refusal(sdk.connections.getConnectionCredentials(connectionId, "u1")), [501, "NotSupported"]);
  assert.equal((await sdk.connections.deleteConnection(connectionId)).status, 204);
  for (const type of ["SAML2", "PASSWORD", "WebAuthN"]) {
    assert.deepEqual(await refusal(sdk.connections.createConnection({ type })), [501, "NotSupported"]);
  }

  const tenantId = `globex-${process.pid}`;
  const tenant = { tenantId, tenantLookupIdentifier: "Globex", connection: { connectionId: client.clientId }, tokenConfiguration: { accessTokenDuration: "PT1M" } };
  assert.equal((await sdk.tenants.createTenant(tenant)).status, 201);
  // People of this tenant log in by its connection, and what they get lives a minute.
  const more = { tenantLookupIdentifier: "Globex" };
  const asked = await rawAuthentication(server, { more, antiAbuseHash: work(["Globex", "app_default"]) });
  assert.equal(asked.status, 200, asked.text);
  const answer = await follow(newVisitor(server), linkWith(asked, assertion(client, newAddress("globex"), server.origin)));
  const token = claimsOf(new URL(answer.location).searchParams.get("access_token"));
  assert.deepEqual([token.exp - token.iat, token.aud], [60, [tenantId]]);
  assert.equal((await sdk.tenants.getTenant(tenantId)).data.tokenConfiguration.accessTokenDuration, "PT1M");
  assert.equal((await sdk.tenants.updateTenant(tenantId, { data: { name: "Globex Corp." } })).data.tenantLookupIdentifier, "Globex");
  assert.ok((await sdk.tenants.getTenants()).data.tenants.some((one) => one.tenantId === tenantId));
  assert.deepEqual(await refusal(sdk.tenants.createTenant({ tenantId })), [409, "Conflict"]);

  const invite = await sdk.invites.createInvite({ statements: [], defaultLoginTenantId: tenantId, linkedUserId: `old-${process.pid}` });
  assert.equal(invite.status, 201);
  assert.equal((await sdk.invites.getInvite(invite.data.inviteId)).data.linkedUserId, `old-${process.pid}`);
  assert.deepEqual(await refusal(sdk.invites.respondToInvite(invite.data.inviteId)), [501, "NotSupported"]);
  await sdk.invites.deleteInvite(invite.data.inviteId);
  assert.deepEqual(await refusal(sdk.invites.getInvite(invite.data.inviteId)), [404, "NotFound"]);
  assert.equal((await sdk.tenants.deleteTenant(tenantId)).status, 204);
  assert.deepEqual([(await sdk.accounts.getAccounts()).data.accounts[0].accountId, (await sdk.accounts.getAccount("acc_local")).status], ["acc_local", 200]);
});

test("users are listed in pages, found, let into tenants, given numbers, and deleted", async () => {
  const client = createClient(server, { trustSubject: true });
  const tag = `page${process.pid}`;
  const ids = [];
  for (let n = 0; n < 5; n += 1) ids.push(await logIn(client, `${tag}-${n}@example.com`));
  const seen = [];
  let place = "/v1/users?limit=2";
  for (let pages = 0; place; pages += 1) {
    assert.ok(pages < 50);
    const page = (await raw("GET", place)).json();
    assert.ok(page.users.length <= 2 && page.links.self.href);
    seen.push(...page.users.map((user) => user.userId));
    const cursor = page.pagination?.next?.cursor;
    place = cursor && `/v1/users?limit=2&cursor=${encodeURIComponent(cursor)}`;
  }
  assert.deepEqual(seen.filter((id) => ids.includes(id)), ids, "each once, the oldest first");
  const found = (await raw("GET", `/v1/users?filter=${tag}-3`)).json().users;
  assert.deepEqual(found.map((user) => [user.userId, user.email]), [[ids[3], `${tag}-3@example.com`]]);
  assert.equal((await sdk.users.getUser(ids[3])).data.email, `${tag}-3@example.com`);
  const tenantId = `initech-${process.pid}`;
  await sdk.tenants.createTenant({ tenantId });
  assert.equal((await raw("PATCH", `/v1/tenants/${tenantId}/users`, { body: { userId: ids[3] } })).status, 204);
  assert.deepEqual((await raw("GET", `/v1/users?tenantId=${tenantId}`)).json().users.map((user) => user.userId), [ids[3]]);
  const { e164 } = newPhone();
  const numbers = `/v1/users/${ids[3]}/identifiers`;
  assert.deepEqual((await raw("PUT", numbers, { body: { phoneNumber: e164 } })).json(), { userId: ids[3], phoneNumber: e164 });
  assert.deepEqual((await raw("GET", numbers)).json().identifiers.map((one) => [one.phoneNumber, one.verified]), [[e164, false]]);
  assert.equal((await raw("PUT", numbers, { body: { phoneNumber: e164 }, key: client.accessKey })).status, 403, "administrators only");
  assert.equal((await raw("DELETE", `${numbers}/${encodeURIComponent(e164)}`)).status, 204);
  // Somebody without a proved address gets no number this way.
  const unproved = createClient(server);
  const stranger = await logIn(unproved, `stranger-${process.pid}`);
  assert.equal((await raw("PUT", `/v1/users/${stranger}/identifiers`, { body: { phoneNumber: e164 } })).json().errorCode, "NoVerifiedEmail");
  assert.equal((await raw("DELETE", `/v1/users/${ids[3]}`)).status, 204);
  assert.deepEqual(await refusal(sdk.users.getUser(ids[3])), [404, "NotFound"]);
});

test("applications are registered over the interface, and people are sent back there at once", async () => {
  const applicationId = newId("app_rest");
  const made = await raw("POST", "/v1/applications/", { body: { applicationId, name: "Rest", redirectUrls: ["http://localhost:5173/in"], isDevelopment: true } });
  assert.equal(made.status, 201, made.text);
  const client = createClient(server);
  const asked = await rawAuthentication(server, { application: applicationId, connection: client.clientId, redirectUrl: "http://localhost:5173/in" });
  assert.equal(asked.status, 200, asked.text);
  const changed = await raw("PUT", `/v1/applications/${applicationId}`, { body: { redirectUrls: ["http://localhost:5173/other"] } });
  assert.equal(changed.json().name, "Rest");
  assert.equal((await rawAuthentication(server, { application: applicationId, connection: client.clientId, redirectUrl: "http://localhost:5173/in" })).status, 400);
  assert.equal((await raw("DELETE", `/v1/applications/${applicationId}`)).status, 204);
  // The same by the command line; the server notices by itself.
  await createApplication(server, ["http://localhost:5174/"], { id: newId("app_line"), development: true });
});

test("what is not offered answers 501 and says why, to every SDK call there is for it", async () => {
  const calls = {
    records: () => sdk.accessRecords.getRecords(),
    record: () => sdk.accessRecords.createRecord({ name: "x", statements: [], users: [] }),
    claim: () => sdk.accessRecords.createClaim({ resourceUri: "x" }),
    roles: () => sdk.roles.getRole("x"),
    resources: () => sdk.resources.getResourceUsers("x"),
    permissions: () => sdk.userPermissions.getUserPermissionsForResource("u1", "x"),
    identities: () => sdk.accounts.getAccountIdentities(),
    issuer: () => sdk.accounts.linkIdentity({ jwt: "x" }),
    extensions: () => sdk.extensions.getExtensions(),
    extension: () => sdk.extensions.getExtension("ext_1"),
  };
  for (const [name, call] of Object.entries(calls)) assert.deepEqual(await refusal(call()), [501, "NotSupported"], name);
});

test("browsers get nothing, whatever they bring along", async () => {
  for (const headers of [{ origin: "http://localhost:3000" }, { origin: server.origin, "sec-fetch-site": "same-origin" }, { "sec-fetch-site": "none" }]) {
    const answer = await raw("GET", "/v1/clients", { headers });
    assert.deepEqual([answer.status, answer.json().errorCode, answer.headers["access-control-allow-origin"]], [403, "Forbidden", undefined]);
  }
});

test("the SDK for Python reads and writes the same", async () => {
  const told = { url: server.origin, key: admin.accessKey, clientId: newId("sc_"), tenantId: `hooli-${process.pid}` };
  const folder = path.resolve(import.meta.dirname, "../authress");
  const { stdout } = await promisify(execFile)(path.join(folder, ".venv/bin/python"), ["-B", "-c", PYTHON, JSON.stringify(told)], {
    env: { ...process.env, TZ: "UTC", PYTHONWARNINGS: "ignore" },
  });
  const said = JSON.parse(stdout);
  assert.equal(said.accessKey.split(".").length, 4);
  assert.deepEqual(said, {
    ...said, name: "Python", keys: 1, listed: true, own: true, connection: "EXPLICIT", lookup: "Hooli", tenants: true, application: ["http://localhost:1/"],
    gone: 404, denied: 403, unsupported: 501, users: true, account: "acc_local",
  });
  assert.match(said.createdTime, /^20\d\d-/);
});

/** The same story in Python. What came of it is printed as JSON. */
const PYTHON = `
import json, sys
from authress import AuthressClient
from authress.exceptions import ApiException
from authress.models.client import Client
from authress.models.client_options import ClientOptions
from authress.models.connection import Connection
from authress.models.connection_linking_configuration import ConnectionLinkingConfiguration
from authress.models.application_request import ApplicationRequest
from authress.models.tenant import Tenant

told = json.loads(sys.argv[1])
admin = AuthressClient(authress_api_url=told["url"], service_client_access_key=told["key"])

def status(call):
    try:
        call()
    except ApiException as problem:
        return problem.status
    return 200

made = admin.service_clients.create_client(Client(name="Python", options=ClientOptions(grant_token_generation=True)))
key = admin.service_clients.request_access_key(made.client_id)
own = AuthressClient(authress_api_url=told["url"], service_client_access_key=key.access_key)
linking = Connection(linking_configuration=ConnectionLinkingConfiguration(type="EXPLICIT"))
admin.connections.update_connection(made.client_id, linking)
# What was read is written back, as scripts do that change one thing.
connection = admin.connections.update_connection(made.client_id, admin.connections.get_connection(made.client_id))
admin.tenants.create_tenant(Tenant(tenant_id=told["tenantId"], tenant_lookup_identifier="Hooli"))
application = admin.applications.create_application(ApplicationRequest(name="P", redirect_urls=["http://localhost:1/"]))
said = {
    "accessKey": key.access_key,
    "name": made.name,
    "createdTime": made.created_time.isoformat(),
    "keys": len(admin.service_clients.get_client(made.client_id).verification_keys),
    "listed": made.client_id in [one.client_id for one in admin.service_clients.get_clients(limit=20).clients],
    "own": own.service_clients.get_client(made.client_id).client_id == made.client_id,
    "connection": connection.linking_configuration.type,
    "lookup": admin.tenants.get_tenant(told["tenantId"]).tenant_lookup_identifier,
    "tenants": told["tenantId"] in [one.tenant_id for one in admin.tenants.get_tenants().tenants],
    "application": admin.applications.get_application(application.application_id).redirect_urls,
    "gone": status(lambda: admin.service_clients.get_client("sc_nobody")),
    "denied": status(lambda: own.service_clients.get_clients()),
    "unsupported": status(lambda: admin.extensions.get_extensions()),
    "users": isinstance(admin.users.get_users(limit=3).users, list),
    "account": admin.accounts.get_account("acc_local").account_id,
}
admin.tenants.delete_tenant(told["tenantId"])
admin.applications.delete_application(application.application_id)
admin.service_clients.delete_access_key(made.client_id, key.key_id)
admin.service_clients.delete_client(made.client_id)
print(json.dumps(said))
`;

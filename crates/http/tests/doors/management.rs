//! The management interface of the Authress door: who may call what, what is answered, and what is not offered.

use crate::house::House;
use crate::tape::Tape;
use crate::visitor::{Answer, Ask};
use insta::assert_snapshot;
use postkey_auth::decide::registered::ClientWish;
use serde_json::{Value, json};

/// What administrators may call, with a name where an id stands.
const ROUTES: [(&str, &str); 19] = [
    ("GET POST", "/v1/clients"),
    ("GET PUT DELETE", "/v1/clients/{id}"),
    ("POST", "/v1/clients/{id}/access-keys"),
    ("DELETE", "/v1/clients/{id}/access-keys/{key}"),
    ("GET POST", "/v1/applications"),
    ("GET PUT DELETE", "/v1/applications/{id}"),
    ("GET POST", "/v1/connections"),
    ("GET PUT DELETE", "/v1/connections/{id}"),
    ("GET POST", "/v1/tenants"),
    ("GET PUT DELETE", "/v1/tenants/{id}"),
    ("PATCH", "/v1/tenants/{id}/users"),
    ("GET", "/v1/users"),
    ("GET DELETE", "/v1/users/{id}"),
    ("GET PUT", "/v1/users/{id}/identifiers"),
    ("DELETE", "/v1/users/{id}/identifiers/{number}"),
    ("POST", "/v1/invites"),
    ("GET DELETE", "/v1/invites/{id}"),
    ("GET", "/v1/accounts"),
    ("GET", "/v1/accounts/{id}"),
];
/// What is not offered.
const NOT_OFFERED: [(&str, &str); 20] = [
    ("GET", "/v1/records"),
    ("POST", "/v1/records/"),
    ("PUT", "/v1/records/r1"),
    ("POST", "/v1/claims"),
    ("GET", "/v1/requests/r1"),
    ("POST", "/v1/roles"),
    ("GET", "/v1/roles/r1"),
    ("GET", "/v1/resources"),
    ("GET", "/v1/resources/a%2Fb/users"),
    ("POST", "/v1/groups"),
    ("GET", "/v1/identities"),
    ("POST", "/v1/identities/"),
    ("GET", "/v1/extensions/"),
    ("PUT", "/v1/extensions/ext_1"),
    ("GET", "/v1/users/u1/resources/a%2Fb/permissions/read"),
    ("POST", "/v1/users/u1/tokens"),
    ("PUT", "/v1/users/u1/token-configuration"),
    ("PUT", "/v1/users/u1"),
    ("POST", "/v1/applications/app_x/users/u1/delegation"),
    ("GET", "/v1/connections/google/users/u1/credentials"),
];

/// A back end with an access key.
pub struct BackEnd<'a> {
    house: &'a House,
    id: String,
    key: String,
}

impl<'a> BackEnd<'a> {
    pub async fn new(house: &'a House, id: &str, is_admin: bool) -> Self {
        let wish = ClientWish { name: Some("Back end".to_owned()), is_admin: Some(is_admin), ..ClientWish::default() };
        house.auth.create_client(Some(id), &wish, house.now()).await.unwrap();
        let key = house.auth.add_client_key(id, None, house.now()).await.unwrap();
        BackEnd { house, id: id.to_owned(), key: key.access_key.unwrap().expose().clone() }
    }

    pub fn ask(&self, method: &str, path: &str) -> Ask<'a> {
        self.house.ask(method, path).header("accept", "application/json").header("authorization", &format!("Bearer {}", self.key))
    }

    pub async fn say(&self, method: &str, path: &str, body: Value) -> Answer {
        self.ask(method, path).body("application/json", body.to_string().as_bytes()).send().await
    }

    pub async fn get(&self, path: &str) -> Value {
        let answer = self.ask("GET", path).send().await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        answer.is_json()
    }
}

/// The code of a refusal, which has to be whole.
pub fn code(answer: &Answer, status: u16) -> String {
    assert_eq!(answer.status, status, "{}: {}", answer.asked, answer.body);
    let body = answer.is_json();
    assert!(body["title"].as_str().unwrap().ends_with('.') && body["errorId"] == answer.header("x-request-id"), "{body}");
    body["errorCode"].as_str().unwrap().to_owned()
}

/// The table above, and in the router, are one.
#[test]
fn every_route_is_in_the_table() {
    let source = include_str!("../../src/lib.rs");
    let table = source.split("let routes = [").nth(1).unwrap().split("// Not offered.").next().unwrap();
    let mut there: Vec<(String, &str)> = Vec::new();
    for line in table.split("(\"/v1").skip(1) {
        let (path, handlers) = line.split_once("\", ").unwrap();
        let offered = handlers.split(").").filter(|one| !one.contains("others::") || one.contains("account"));
        let methods: Vec<String> = offered.map(|one| one.split('(').next().unwrap().to_ascii_uppercase()).collect();
        there.push((methods.join(" "), path));
    }
    let here: Vec<(String, &str)> = ROUTES.iter().map(|(methods, path)| ((*methods).to_owned(), &path[3..])).collect();
    assert_eq!(here, there);
}

#[tokio::test]
async fn only_back_ends_with_a_key_may_call() {
    let house = House::plain().await;
    let (admin, other) = (BackEnd::new(&house, "sc_admin", true).await, BackEnd::new(&house, "sc_other", false).await);
    for (methods, path) in ROUTES {
        for method in methods.split(' ') {
            for path in [path.to_owned(), format!("{path}/")] {
                let nobody = house.ask(method, &path).send().await;
                assert_eq!(code(&nobody, 401), "Unauthorized");
                assert_eq!(nobody.header("www-authenticate"), "Bearer");
                assert_eq!(
                    code(&admin.ask(method, &path).header("authorization", "Bearer sc_admin.k.acc_local.x").send().await, 401),
                    "Unauthorized"
                );
                let refused = other.ask(method, &path).send().await;
                assert_eq!(code(&refused, 403), "Forbidden", "{method} {path}");
                for (header, value) in [("origin", "http://localhost:3000"), ("sec-fetch-site", "same-origin")] {
                    assert_eq!(code(&admin.ask(method, &path).header(header, value).send().await, 403), "Forbidden");
                }
            }
        }
        let wrong = admin.ask("TRACE", path).send().await;
        assert_eq!(code(&wrong, 405), "MethodNotAllowed");
    }
    assert_eq!(code(&admin.ask("GET", "/v1/nothing").send().await, 404), "NotFound");
    // A client sees itself, and nothing else.
    assert_eq!(other.get("/v1/clients/sc_other").await["clientId"], "sc_other");
    assert_eq!(code(&other.ask("GET", "/v1/clients/sc_admin").send().await, 403), "Forbidden");
    // A preflight is not answered: no page has anything to ask here.
    let preflight =
        house.ask("OPTIONS", "/v1/clients").header("origin", "http://localhost:3000").header("access-control-request-method", "GET");
    let answer = preflight.send().await;
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (403, ""));
}

#[tokio::test]
async fn what_is_not_offered_says_why() {
    let house = House::plain().await;
    let mut tape = Tape::default();
    for (method, path) in NOT_OFFERED {
        let answer = house.ask(method, path).header("accept", "application/json").send().await;
        assert_eq!(code(&answer, 501), "NotSupported");
        tape.add(&answer);
    }
    let admin = BackEnd::new(&house, "sc_admin", true).await;
    for kind in ["SAML2", "PASSWORD", "WebAuthN", "CARRIER_PIGEON"] {
        tape.add(&admin.say("POST", "/v1/connections", json!({ "type": kind, "authenticationUrl": "https://x.example" })).await);
    }
    tape.add(&admin.say("PATCH", "/v1/invites/inv_1", json!({})).await);
    assert_snapshot!(tape.text());
}

#[tokio::test]
async fn a_client_from_its_making_to_its_end() {
    let house = House::plain().await;
    let admin = BackEnd::new(&house, "sc_admin", true).await;
    let mut tape = Tape::default();
    let body = json!({
        "clientId": "sc_mailer", "name": "Mailer", "createdTime": "2020-01-01T00:00:00Z", "tags": { "team": "post" },
        "options": { "grantTokenGeneration": true, "authorizationUrl": "https://app.example.com/login", "assertionMaxAge": "PT10M",
            "trustSubjectAsVerifiedEmail": true, "grantUserPermissionsAccess": true },
    });
    tape.add(&admin.say("POST", "/v1/clients", body.clone()).await);
    tape.add(&admin.say("POST", "/v1/clients", body).await);
    let made = admin.ask("POST", "/v1/clients/sc_mailer/access-keys").body("application/json", b"").send().await;
    let access = made.is_json()["accessKey"].as_str().unwrap().to_owned();
    assert_eq!(made.is_json()["clientSecret"].as_str(), Some(access.as_str()));
    tape.add(&made);
    let spki = "MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=";
    tape.add(&admin.say("POST", "/v1/clients/sc_mailer/access-keys", json!({ "publicKey": spki })).await);
    tape.add(&admin.say("POST", "/v1/clients/sc_mailer/access-keys", json!({ "publicKey": "AAAA" })).await);
    // It shows itself its own: nothing of it is secret.
    let own = BackEnd { house: &house, id: "sc_mailer".to_owned(), key: access };
    let shown = own.get("/v1/clients/sc_mailer").await;
    assert_eq!(shown["verificationKeys"].as_array().unwrap().len(), 2);
    assert!(!shown.to_string().contains("accessKey") && !shown.to_string().contains("Secret"));
    // What a change does not name stays; null takes back.
    tape.add(&admin.say("PUT", "/v1/clients/sc_mailer", json!({ "name": "Post", "options": { "assertionMaxAge": null } })).await);
    tape.add(&admin.say("PUT", "/v1/clients/sc_mailer", json!({ "options": { "authorizationUrl": "http://app.example.com/" } })).await);
    let path = format!("/v1/clients/sc_mailer/access-keys/{}", own.key.split('.').nth(1).unwrap());
    assert_eq!(admin.ask("DELETE", &path).send().await.status, 204);
    assert_eq!(code(&admin.ask("DELETE", &path).send().await, 404), "NotFound");
    assert_eq!(code(&own.ask("GET", "/v1/clients/sc_mailer").send().await, 401), "Unauthorized");
    let gone = admin.ask("DELETE", "/v1/clients/sc_mailer").send().await;
    assert_eq!((gone.status, gone.body.as_str()), (204, ""));
    tape.add(&admin.ask("GET", "/v1/clients/sc_mailer").send().await);
    assert_snapshot!(tape.text());
}

#[tokio::test]
async fn five_keys_and_no_more() {
    let house = House::plain().await;
    let admin = BackEnd::new(&house, "sc_admin", true).await;
    let path = format!("/v1/clients/{}/access-keys", admin.id);
    for _ in 1..5 {
        assert_eq!(admin.ask("POST", &path).send().await.status, 201);
    }
    let sixth = admin.ask("POST", &path).send().await;
    assert_eq!(code(&sixth, 400), "InvalidRequest");
    assert!(sixth.body.contains("5 keys at most"), "{}", sixth.body);
}

#[tokio::test]
async fn applications_and_their_places() {
    let house = House::plain().await;
    let admin = BackEnd::new(&house, "sc_admin", true).await;
    let mut tape = Tape::default();
    let body = json!({ "applicationId": "app_new", "name": "New", "redirectUrls": ["https://new.example.com/in", "https://*.new.example.com"], "sessionType": "SINGLE_SESSION" });
    tape.add(&admin.say("POST", "/v1/applications", body.clone()).await);
    tape.add(&admin.say("POST", "/v1/applications", body).await);
    tape.add(&admin.say("PUT", "/v1/applications/app_new", json!({ "isDevelopment": true, "redirectUrls": ["http://localhost:*"] })).await);
    tape.add(&admin.say("PUT", "/v1/applications/app_new", json!({ "redirectUrls": ["http://new.example.com/"] })).await);
    tape.add(&admin.say("PUT", "/v1/applications/app_new", json!({ "redirectUrls": "https://new.example.com/" })).await);
    tape.add(&admin.say("POST", "/v1/applications", json!({ "applicationId": "ext_new" })).await);
    tape.add(&admin.say("POST", "/v1/applications", json!({ "tenantId": "nowhere" })).await);
    tape.add(&admin.ask("DELETE", "/v1/applications/app_shop").send().await);
    assert_eq!(admin.ask("DELETE", "/v1/applications/app_new").send().await.status, 204);
    tape.add(&admin.ask("GET", "/v1/applications/app_new").send().await);
    tape.add(&admin.ask("GET", "/v1/applications/").send().await);
    assert_snapshot!(tape.text());
}

#[tokio::test]
async fn connections_of_every_kind() {
    let house = House::plain().await;
    let admin = BackEnd::new(&house, "sc_admin", true).await;
    admin.say("POST", "/v1/clients", json!({ "clientId": "sc_mailer", "options": { "grantTokenGeneration": true } })).await;
    let mut tape = Tape::default();
    let linking = json!({ "type": "OAUTH2", "linkingConfiguration": { "type": "AUTOMATIC" }, "conditions": { "authenticationLeewayDuration": "PT10M", "requireBusinessAccount": true } });
    for id in ["email", "sc_mailer"] {
        tape.add(&admin.say("PUT", &format!("/v1/connections/{id}"), linking.clone()).await);
        tape.add(&admin.say("PUT", &format!("/v1/connections/{id}"), json!({ "linkingConfiguration": null })).await);
        tape.add(&admin.ask("DELETE", &format!("/v1/connections/{id}")).send().await);
    }
    let acme = json!({
        "connectionId": "acme", "issuerUrl": "https://id.acme.example", "clientId": "ours", "clientSecret": "s3cret",
        "data": { "name": "Acme", "userIdExpression": "{tid}|{sub}", "trustIdentityUserId": false },
        "defaultConnectionProperties": { "scope": "openid email", "prompt": "login" },
    });
    tape.add(&admin.say("POST", "/v1/connections", acme.clone()).await);
    tape.add(&admin.say("POST", "/v1/connections", acme).await);
    tape.add(&admin.say("POST", "/v1/connections", json!({ "connectionId": "github", "clientId": "ours" })).await);
    tape.add(&admin.say("PUT", "/v1/connections/acme", json!({ "clientId": "other", "data": { "trustVerifiedEmail": true } })).await);
    tape.add(&admin.say("PUT", "/v1/connections/acme", json!({ "issuerUrl": "http://id.acme.example" })).await);
    tape.add(&admin.say("PUT", "/v1/connections/acme", json!({ "type": "SAML2" })).await);
    tape.add(&admin.say("PUT", "/v1/connections/acme", json!({ "linkingConfiguration": { "type": "SOMETIMES" } })).await);
    tape.add(&admin.say("PUT", "/v1/connections/acme", json!({ "conditions": { "authenticationLeewayDuration": "PT2H" } })).await);
    let list = admin.ask("GET", "/v1/connections/").send().await;
    assert!(!list.body.contains("s3cret"));
    let ids: Vec<_> = list.is_json()["connections"].as_array().unwrap().iter().map(|one| one["connectionId"].clone()).collect();
    assert_eq!(json!(ids), json!(["email", "sms", "acme", "github", "sc_mailer"]));
    assert_eq!(admin.ask("DELETE", "/v1/connections/acme").send().await.status, 204);
    tape.add(&admin.ask("GET", "/v1/connections/acme").send().await);
    assert_snapshot!(tape.text());
}

#[tokio::test]
async fn tenants_users_invitations_and_the_account() {
    let house = House::plain().await;
    let admin = BackEnd::new(&house, "sc_admin", true).await;
    let mut tape = Tape::default();
    let body = json!({
        "tenantId": "globex", "tenantLookupIdentifier": "Globex Inc.", "data": { "name": "Globex" }, "domains": [{ "domain": "globex.example" }],
        "connection": { "connectionId": "email" }, "tokenConfiguration": { "accessTokenDuration": "PT15M", "sessionDuration": "P2D" },
    });
    tape.add(&admin.say("POST", "/v1/tenants", body.clone()).await);
    tape.add(&admin.say("POST", "/v1/tenants", body).await);
    tape.add(
        &admin.say("PUT", "/v1/tenants/globex", json!({ "connection": null, "tokenConfiguration": { "sessionDuration": null } })).await,
    );
    tape.add(&admin.say("PUT", "/v1/tenants/globex", json!({ "tokenConfiguration": { "accessTokenDuration": "PT48H" } })).await);
    tape.add(&admin.ask("DELETE", "/v1/tenants/public").send().await);
    house.browser().sign_in("jane@example.com").await;
    let user = admin.get("/v1/users?filter=jane%40").await["users"][0].clone();
    let id = user["userId"].as_str().unwrap();
    assert_eq!(
        (&user["email"], &user["linkedIdentities"][0]["connection"]),
        (&json!("jane@example.com"), &json!({ "connectionId": "email", "userId": "jane@example.com" }))
    );
    assert_eq!(admin.say("PATCH", "/v1/tenants/globex/users", json!({ "userId": id })).await.status, 204);
    assert_eq!(admin.get("/v1/users?tenantId=globex").await["users"][0]["userId"], id);
    tape.add(&admin.say("PATCH", "/v1/tenants/globex/users", json!({ "userId": "nobody" })).await);
    tape.add(&admin.say("PATCH", "/v1/tenants/globex/users", json!({})).await);
    tape.add(&admin.ask("GET", "/v1/users?tenantId=nowhere").send().await);
    let numbers = format!("/v1/users/{id}/identifiers");
    tape.add(&admin.say("PUT", &numbers, json!({ "phoneNumber": "+43 664 1234567" })).await);
    tape.add(&admin.say("PUT", &numbers, json!({ "phoneNumber": "12" })).await);
    tape.add(&admin.ask("GET", &numbers).send().await);
    assert_eq!(admin.ask("DELETE", &format!("{numbers}/%2B436641234567")).send().await.status, 204);
    tape.add(&admin.ask("DELETE", &format!("{numbers}/%2B436641234567")).send().await);
    tape.add(
        &admin
            .say(
                "POST",
                "/v1/invites",
                json!({ "linkedUserId": "old-1", "tenantId": "globex", "statements": [{ "roles": ["r"], "resources": [] }] }),
            )
            .await,
    );
    tape.add(&admin.say("POST", "/v1/invites", json!({ "linkedUserId": "a|b" })).await);
    tape.add(&admin.say("POST", "/v1/invites", json!({ "expiryTime": "tomorrow" })).await);
    assert_eq!(admin.ask("DELETE", &format!("/v1/users/{id}")).send().await.status, 204);
    tape.add(&admin.ask("GET", &format!("/v1/users/{id}")).send().await);
    assert_eq!(admin.ask("DELETE", "/v1/tenants/globex").send().await.status, 204);
    tape.add(&admin.ask("GET", "/v1/accounts/acc_local").send().await);
    tape.add(&admin.ask("GET", "/v1/accounts/acc_other").send().await);
    assert_snapshot!(tape.text());
}

#[tokio::test]
async fn of_two_who_change_a_service_at_once_neither_loses_a_word() {
    let house = House::plain().await;
    let admin = BackEnd::new(&house, "sc_admin", true).await;
    let acme = json!({ "connectionId": "acme", "issuerUrl": "https://id.acme.example", "clientId": "ours" });
    admin.say("POST", "/v1/connections", acme).await;
    for round in 0..20 {
        let (trusts, client) = (round % 2 == 0, format!("client-{round}"));
        let trust = admin.say("PUT", "/v1/connections/acme", json!({ "data": { "trustVerifiedEmail": trusts } }));
        let rename = admin.say("PUT", "/v1/connections/acme", json!({ "clientId": client }));
        let (one, two) = tokio::join!(trust, rename);
        assert_eq!((one.status, two.status), (200, 200));
        let now = admin.ask("GET", "/v1/connections/acme").send().await.is_json();
        assert_eq!((&now["data"]["trustVerifiedEmail"], &now["clientId"]), (&json!(trusts), &json!(client)), "round {round}");
    }
}

#[tokio::test]
async fn what_is_a_secret_by_its_name_is_not_kept_in_clear() {
    let house = House::plain().await;
    let admin = BackEnd::new(&house, "sc_admin", true).await;
    admin.say("POST", "/v1/clients", json!({ "clientId": "sc_mailer", "options": { "grantTokenGeneration": true } })).await;
    let planted = json!({ "clientSecret": "LEAK", "accessKey": "LEAK", "tags": { "team": "a", "password": "LEAK", "list": [{ "Private_Key": "LEAK" }] } });
    for path in ["/v1/connections/email", "/v1/connections/sc_mailer", "/v1/clients/sc_mailer"] {
        let answer = admin.say("PUT", path, planted.clone()).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        let shown = admin.ask("GET", path).send().await;
        assert!(!answer.body.contains("LEAK") && !shown.body.contains("LEAK"), "{path}: {}", shown.body);
    }
    // A preset says its word once: what was set over it stays when it is named again.
    admin.say("POST", "/v1/connections", json!({ "connectionId": "google", "clientId": "ours" })).await;
    admin.say("PUT", "/v1/connections/google", json!({ "data": { "trustVerifiedEmail": false } })).await;
    let again = admin.say("PUT", "/v1/connections/google", json!({ "preset": "google" })).await;
    assert_eq!(again.is_json()["data"]["trustVerifiedEmail"], json!(false), "{}", again.body);
}

/// What cannot be looked for is refused before anybody looks, in the words of this door.
#[tokio::test]
async fn addresses_are_text() {
    let house = House::plain().await;
    for path in ["/v1/users/a%00b", "/v1/users?filter=a%00", "/v1/users/%FF", "/v1/users?cursor=%ff%fe", "/v1/clients/x%00/access-keys/y"] {
        let answer = house.ask("GET", path).send().await;
        assert_eq!((answer.status, answer.is_json()["errorCode"].as_str()), (400, Some("InvalidRequest")), "{path}");
    }
}

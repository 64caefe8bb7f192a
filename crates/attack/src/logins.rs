//! The door of Authress' SDKs, as far as attacks need it: a login that a page asks for, and codes that a service client has
//! made for it.

use crate::browser::Browser;
use crate::doors::Tried;
use crate::http::{Answer, Ask, Http};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use data_encoding::{BASE64, BASE64URL_NOPAD};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Instant;
use url::Url;

/// The application that every server has, and where it sends people back to in development.
const APPLICATION: &str = "app_default";
const RETURN: &str = "http://localhost:3000/";

/// The door, for the logins of one service client.
#[derive(Clone)]
pub struct Logins {
    http: Http,
    /// The service client's id.
    pub client: String,
    access_key: String,
    now: i64,
    begun: Instant,
}

/// What a service client states about somebody, to be signed.
#[derive(Clone, Debug, Default)]
pub struct Statement {
    /// Its header.
    pub header: Value,
    /// What it usually says.
    pub usual: Value,
    /// What it says instead; null takes a claim away.
    pub claims: Value,
    /// The private key, as PKCS #8.
    pub key: Vec<u8>,
    /// `none`, `mac` or `nothing` instead of a signature.
    pub sign: String,
}

impl Statement {
    /// The token.
    fn token(&self) -> Result<String, String> {
        let (mut header, mut claims) = (self.header.clone(), self.usual.clone());
        for (name, value) in self.claims.as_object().into_iter().flatten() {
            if value.is_null() {
                claims.as_object_mut().map(|all| all.shift_remove(name));
            } else {
                claims[name] = value.clone();
            }
        }
        let key = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&self.key).map_err(|e| format!("an access key without a key: {e}"))?;
        header["alg"] = match self.sign.as_str() {
            "none" => json!("none"),
            "mac" => json!("HS256"),
            _ => json!("EdDSA"),
        };
        let encode = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
        let signed = format!("{}.{}", encode(&header), encode(&claims));
        let signature = match self.sign.as_str() {
            "none" | "nothing" => Vec::new(),
            "mac" => hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key.public_key().as_ref()), signed.as_bytes()).as_ref().to_vec(),
            _ => key.sign(signed.as_bytes()).as_ref().to_vec(),
        };
        Ok(format!("{signed}.{}", BASE64URL_NOPAD.encode(&signature)))
    }
}

impl Logins {
    /// The door. `made` is what `postkey clients create` printed.
    pub fn new(http: Http, made: &str, now: i64) -> Result<Self, String> {
        let told: Value = serde_json::from_str(made).map_err(|e| format!("a service client was made, but not told: {e}"))?;
        let text = |name: &str| told[name].as_str().map(str::to_owned).ok_or_else(|| format!("a service client without {name}"));
        Ok(Logins { http, client: text("clientId")?, access_key: text("accessKey")?, now, begun: Instant::now() })
    }

    /// A good statement about somebody, unlike every other one.
    pub fn statement(&self, origin: &str, subject: &str) -> Statement {
        static COUNT: AtomicU64 = AtomicU64::new(1);
        let mut parts = self.access_key.split('.').skip(1);
        let (kid, account, secret) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let now = self.now / 1000 + i64::try_from(self.begun.elapsed().as_secs()).unwrap_or_default();
        let usual = json!({
            "aud": format!("{account}.accounts.authress.io"), "iss": format!("{origin}/v1/clients/{}", self.client), "sub": subject,
            "client_id": self.client, "iat": now, "exp": now + 60, "max_age": 60, "scope": "openid",
            "count": COUNT.fetch_add(1, Ordering::Relaxed),
        });
        let header = json!({ "kid": kid, "typ": "oauth-authz-req+jwt" });
        let key = BASE64.decode(secret.as_bytes()).unwrap_or_default();
        Statement { header, usual, claims: json!({}), key, sign: String::new() }
    }

    /// Asks for a login, as a page does: the address where it goes on.
    pub async fn ask_whole(&self) -> Result<Url, String> {
        let url = self.asked().await?["authenticationUrl"].as_str().unwrap_or_default().to_owned();
        Url::parse(&url).map_err(|e| format!("a login without an address: {e}"))
    }

    /// Opens a login with a statement in a browser, and presses the button: who was let in.
    pub async fn follow(&self, browser: &Browser, login: &Url, statement: &Statement) -> Result<Option<String>, String> {
        let mut link = login.clone();
        let issuer = statement.claims.get("iss").or(statement.usual.get("iss")).and_then(Value::as_str).unwrap_or_default().to_owned();
        let state = login.query_pairs().find(|(name, _)| name == "state").map(|(_, value)| value.into_owned()).unwrap_or_default();
        let kept: Vec<(String, String)> =
            login.query_pairs().into_owned().filter(|(name, _)| !["code", "iss", "state"].contains(&name.as_str())).collect();
        link.query_pairs_mut().clear().extend_pairs(kept).append_pair("code", &statement.token()?).append_pair("iss", &issuer);
        link.query_pairs_mut().append_pair("state", &state);
        let mut browser = browser.clone();
        let page = browser.get(&format!("{}?{}", link.path(), link.query().unwrap_or_default())).await?;
        let fields = hidden(&page.text());
        if fields.is_empty() {
            return Ok(None);
        }
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let answer = browser.post("/login", &fields).await?;
        let place = Url::parse(answer.header("location")).ok();
        let token =
            place.and_then(|place| place.query_pairs().find(|(name, _)| name == "access_token").map(|(_, value)| value.into_owned()));
        Ok(token.map(|token| crate::tokens::subject(&token)))
    }

    /// Asks for a login, as a page does: its id.
    pub async fn ask(&self) -> Result<String, String> {
        Ok(self.asked().await?["authenticationRequestId"].as_str().unwrap_or_default().to_owned())
    }

    async fn asked(&self) -> Result<Value, String> {
        // One that was sent before would be taken for the same login.
        static COUNT: AtomicU64 = AtomicU64::new(1);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let challenge = hash(&format!("{} {} {count}", self.client, self.now));
        // Work is good once too: no two are of one moment.
        static LAST: AtomicI64 = AtomicI64::new(0);
        let now = self.now + i64::try_from(self.begun.elapsed().as_millis()).unwrap_or_default();
        let after = |last: i64| now.max(last + 1);
        let at = LAST.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| Some(after(last))).map_or(now, after);
        let body = json!({
            "redirectUrl": RETURN, "codeChallengeMethod": "S256", "codeChallenge": challenge, "connectionId": self.client,
            "applicationId": APPLICATION, "antiAbuseHash": work(at, &format!("{}|{APPLICATION}", self.client)),
        });
        let answer = self.http.ask(self.call("/api/authentication", &body)).await?;
        if answer.status == 200 { Ok(answer.json()) } else { Err(format!("asked for a login, and got {}", answer.status)) }
    }

    /// Has a code made for a login, as the back end does.
    pub async fn code_for(&self, login: &str, who: &str) -> Result<String, String> {
        let body = json!({ "authenticationRequestId": login, "userId": who });
        let ask = Ask::post(&format!("/v1/clients/{}/codes", self.client)).with("authorization", &format!("Bearer {}", self.access_key));
        let answer = self.http.ask(ask.json(&body)).await?;
        let code = answer.json()["code"].as_str().unwrap_or_default().to_owned();
        if code.is_empty() { Err(format!("had a code made, and got {}", answer.status)) } else { Ok(code) }
    }

    /// Types a code.
    pub async fn tried(&self, login: &str, code: &str) -> Result<Tried, String> {
        let answer = self.http.ask(self.call(&format!("/api/authentication/{login}/code"), &json!({ "code": code }))).await?;
        Ok(read(&answer))
    }

    fn call(&self, path: &str, body: &Value) -> Ask {
        let page = RETURN.trim_end_matches('/');
        Ask::post(path).with("origin", page).with("sec-fetch-site", "cross-site").with("x-powered-by", "Authress Login SDK").json(body)
    }
}

/// The hidden fields of the login form on a page; none when it has no such form.
fn hidden(page: &str) -> Vec<(String, String)> {
    let plain = ["&#x2f;:/", "&#x3d;:=", "&quot;:\"", "&#x27;:'", "&amp;:&"];
    // The address may be written with signs in their place.
    let page = page.replace("&#x2f;", "/");
    let Some(form) = page.split("action=\"/login\"").nth(1).and_then(|rest| rest.split("</form>").next()) else { return Vec::new() };
    let value = |text: &str| {
        plain.iter().filter_map(|pair| pair.split_once(':')).fold(text.to_owned(), |text, (sign, plain)| text.replace(sign, plain))
    };
    let inputs = form.split("type=\"hidden\" name=\"").skip(1);
    let pair = |rest: &str| {
        let (name, rest) = rest.split_once("\" value=\"")?;
        Some((name.to_owned(), value(rest.split('"').next()?)))
    };
    inputs.filter_map(pair).collect()
}

fn read(answer: &Answer) -> Tried {
    let told = answer.json();
    match (answer.status, told["errorCode"].as_str().unwrap_or_default()) {
        (200, _) => Tried::In,
        (_, "WrongCode" | "ExpiredCode") => Tried::Wrong(5 - told["triesLeft"].as_i64().unwrap_or(0)),
        (_, "TooManyWrongCodes" | "ExpiredAuthenticationRequest") => Tried::Over,
        (status, word) => Tried::Else(format!("{status} {word}")),
    }
}

fn hash(text: &str) -> String {
    BASE64URL_NOPAD.encode(digest(&SHA256, text.as_bytes()).as_ref())
}

/// The work that a page does before it asks for a login.
fn work(at: i64, text: &str) -> String {
    let done = (1_u32..).map(|counter| (counter, hash(&format!("{at};{counter};{text}")))).find(|(_, hash)| hash.starts_with("00"));
    done.map(|(counter, hash)| format!("v2;{at};{counter};{hash}")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_form_of_a_login_is_read() {
        let page = r#"<form method="post" action="/login"><input type="hidden" name="code" value="a&#x2f;b&#x3d;"><button></form>"#;
        assert_eq!(super::hidden(page), [("code".to_owned(), "a/b=".to_owned())]);
        assert!(super::hidden("<form action=\"/auth\">").is_empty());
    }

    #[test]
    fn work_is_done() {
        let done = super::work(1_700_000_000_000, "sc_a|app");
        let parts: Vec<&str> = done.split(';').collect();
        assert_eq!((parts[0], parts[1]), ("v2", "1700000000000"));
        assert_eq!(parts[3], super::hash(&format!("1700000000000;{};sc_a|app", parts[2])));
        assert!(parts[3].starts_with("00"));
    }
}

//! A browser in front of the login pages: it keeps cookies and sends forms as our own pages do.

use crate::http::{Answer, Ask, Http};
use crate::jar::Jar;

/// The cookie that holds an access token.
pub const ACCESS: &str = "sAccessToken";
/// The cookie that holds a refresh token.
pub const REFRESH: &str = "sRefreshToken";

/// A browser.
#[derive(Clone)]
pub struct Browser {
    /// Its way to the server.
    pub http: Http,
    /// Its cookies.
    pub jar: Jar,
    origin: String,
    tenant: String,
}

/// A link from a message, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Its path and query, without the secret behind the `#`.
    pub path: String,
    /// The sign-in it belongs to.
    pub sign_in: String,
    /// The tenant it names.
    pub tenant: String,
    /// The secret.
    pub secret: String,
}

impl Link {
    /// Takes a link apart.
    pub fn read(text: &str) -> Result<Self, String> {
        let url = url::Url::parse(text).map_err(|e| format!("the link in the message is none: {e}"))?;
        let of = |name: &str| url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
        let path = url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
        Ok(Link {
            path,
            sign_in: of("preAuthSessionId").unwrap_or_default(),
            tenant: of("tenantId").unwrap_or_else(|| "public".to_owned()),
            secret: url.fragment().unwrap_or_default().to_owned(),
        })
    }
}

impl Browser {
    /// A fresh browser. `origin` is how the server is called from outside.
    pub fn new(http: Http, origin: &str, tenant: &str) -> Self {
        Browser { http, jar: Jar::default(), origin: origin.to_owned(), tenant: tenant.to_owned() }
    }

    /// Sends a request with the cookies that belong to it, and keeps those that come back.
    pub async fn send(&mut self, ask: Ask) -> Result<Answer, String> {
        let cookie = self.jar.header(ask.path());
        let answer = self.http.ask(ask.with("cookie", &cookie)).await?;
        self.jar.take(&answer);
        Ok(answer)
    }

    /// `GET path`, as a page.
    pub async fn get(&mut self, path: &str) -> Result<Answer, String> {
        self.send(Ask::get(path).with("accept", "text/html")).await
    }

    /// A form as our own pages send it, ready to send.
    pub fn form(&self, path: &str, fields: &[(&str, &str)]) -> Ask {
        Ask::post(path).with("sec-fetch-site", "same-origin").with("origin", &self.origin).with("accept", "text/html").form(fields)
    }

    /// Sends a form as our own pages do.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Result<Answer, String> {
        let ask = self.form(path, fields);
        self.send(ask).await
    }

    /// Asks for a message. Says why when none goes out.
    pub async fn start(&mut self, who: &str) -> Result<(), String> {
        let tenant = self.tenant.clone();
        let as_phone = if who.starts_with('+') { "phone" } else { "email" };
        let field = if who.starts_with('+') { "phone" } else { "email" };
        let answer = self.post("/auth/_/start", &[(field, who), ("as", as_phone), ("tenantId", &tenant)]).await?;
        match (answer.status, self.jar.get("pk_sign_in")) {
            (303, cookie) if !cookie.is_empty() && answer.header("location").starts_with("/auth/") => Ok(()),
            (429, _) => Err(THROTTLED.to_owned()),
            (status, _) => Err(format!("the start form answered {status}, and no sign-in began")),
        }
    }

    /// Types a code. A session is in the jar when it was right.
    pub async fn code(&mut self, code: &str) -> Result<Answer, String> {
        self.post("/auth/_/code", &[("code", code)]).await
    }

    /// Sends the form of the page that a link opens: the button, pressed.
    pub async fn press(&mut self, link: &Link) -> Result<Answer, String> {
        let fields = [("preAuthSessionId", link.sign_in.as_str()), ("tenantId", &link.tenant), ("linkCode", &link.secret)];
        self.post("/auth/_/verify", &fields).await
    }

    /// Whether the server takes it for signed in, by the list of its sessions.
    pub async fn signed_in(&mut self) -> Result<bool, String> {
        let page = self.get("/auth/sessions").await?;
        // A page that renews a session first is none of the list.
        Ok(page.status == 200 && page.text().contains("/auth/_/sign-out"))
    }
}

/// What a case that met a limit on messages ends with: it cannot be tried here.
pub const THROTTLED: &str = "throttled: this server sends no more messages just now";

/// Whether an answer opened a session.
pub fn let_in(answer: &Answer) -> bool {
    answer.cookie(ACCESS).is_some() || !answer.header("st-access-token").is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_taken_apart() {
        let link = Link::read("http://localhost:1/auth/verify?preAuthSessionId=ab&tenantId=x#s-e").unwrap();
        assert_eq!((link.path.as_str(), link.sign_in.as_str()), ("/auth/verify?preAuthSessionId=ab&tenantId=x", "ab"));
        assert_eq!((link.tenant.as_str(), link.secret.as_str()), ("x", "s-e"));
        assert!(Link::read("nonsense").is_err());
    }
}

//! The rules of login requests: how an application learns that somebody is in, which browser may finish one, and what its
//! code and PKCE verifier are worth (contract authress.md §1.3, §1.4, §7).

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::BASE64URL_NOPAD;
use postkey_model::application::is_this_machine;
use postkey_model::{
    ApplicationSettings, Connection, Identity, LoginRequest, LoginState, Millis, Origin, ReturnMode, Session, SessionHandle, Timestamp,
};
use std::collections::BTreeMap;
use subtle::ConstantTimeEq;
use url::{Host, Url};

/// What an application wishes about the answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AnswerWish<'a> {
    /// A list of `code`, `token` and `id_token`.
    pub flow_type: Option<&'a str>,
    /// `cookie`, `query` or `none`.
    pub location: Option<&'a str>,
}

/// How the application at `page` learns that somebody is in: by a code where it asks for one; by the address on a developer's
/// machine; by cookies where it shares a domain, scheme and port with us; else by a code.
pub fn return_mode(wish: AnswerWish<'_>, application: &ApplicationSettings, page: &Url, server: &Origin) -> ReturnMode {
    let words = wish.flow_type.unwrap_or_default();
    if words.split_whitespace().any(|word| word == "code") {
        return ReturnMode::Code;
    }
    // `[::1]` and `*.localhost` are other machines to the SDK: it takes no tokens from the address there.
    let local = matches!(page.host_str(), Some("localhost" | "127.0.0.1"));
    if local && application.is_development && wish.location != Some("none") {
        return ReturnMode::Query;
    }
    if shared_domain(page, server).is_some() && wish.location != Some("query") { ReturnMode::Cookies } else { ReturnMode::Code }
}

/// The domain that cookies of ours and of `page` can have in common: the registrable one, over https and on one port.
/// `None` where there is none: other sites, addresses, names such as `a.co.uk` and `b.co.uk` that belong to different people.
pub fn shared_domain(page: &Url, server: &Origin) -> Option<String> {
    let ours = Url::parse(server.as_text()).ok()?;
    let same_port = ours.port_or_known_default() == page.port_or_known_default();
    let both_https = page.scheme() == "https" && ours.scheme() == "https";
    let (Some(Host::Domain(theirs)), Some(Host::Domain(mine))) = (page.host(), ours.host()) else { return None };
    if !same_port || !both_https {
        return None;
    }
    let domain = psl::domain_str(mine)?;
    (psl::domain_str(theirs)? == domain).then(|| domain.to_owned())
}

/// Whether scripts of `page` send their cookies along: the SDK is told so.
pub fn sends_cookies(page: &Url, server: &Origin) -> bool {
    shared_domain(page, server).is_some()
}

/// Verifiers may be this long. RFC 7636 §4.1 ends at 128; the SDKs make some of 220 to 235.
const VERIFIER: std::ops::RangeInclusive<usize> = 43..=512;

/// Whether `challenge` can be one: SHA-256 in base64url.
pub fn is_challenge(challenge: &str) -> bool {
    BASE64URL_NOPAD.decode(challenge.as_bytes()).is_ok_and(|bytes| bytes.len() == 32)
}

/// Whether `verifier` is the one that `challenge` was made of (RFC 7636 §4.6, S256).
pub fn verifier_fits(challenge: &str, verifier: &str) -> bool {
    let unreserved = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~');
    let formed = VERIFIER.contains(&verifier.len()) && verifier.bytes().all(unreserved);
    let made = BASE64URL_NOPAD.encode(digest(&SHA256, verifier.as_bytes()).as_ref());
    formed && bool::from(made.as_bytes().ct_eq(challenge.as_bytes()))
}

/// How long a code waits to be exchanged.
pub const CODE_LIFE: Millis = Millis::from_secs(60);
/// A lost answer may be asked for again so long (contract §7, D9).
pub const REPEAT: Millis = Millis::from_secs(30);

/// What a code that somebody wants to exchange is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExchangeIs {
    /// It is right, for the first time.
    First,
    /// It is right, and the answer to the first time may have been lost.
    Again,
    /// It is worth nothing, and nobody is told why.
    Wrong,
}

/// What the code of `stored` form is worth, with `verifier`, to the application `client_id` that says it was sent back to
/// `redirect_uri` (some SDKs leave either out).
pub fn exchange(
    state: &LoginState,
    code: &str,
    verifier: &str,
    client_id: Option<&str>,
    redirect_uri: Option<&str>,
    now: Timestamp,
) -> ExchangeIs {
    let request = &state.request;
    let Some((_, end)) = &state.end else { return ExchangeIs::Wrong };
    let right = end.code.as_ref().is_some_and(|stored| bool::from(stored.as_bytes().ct_eq(code.as_bytes())));
    let same_client = client_id.is_none_or(|client| client == request.application);
    let same_place = redirect_uri.is_none_or(|place| place == request.redirect_url);
    if !right || !same_client || !same_place || !verifier_fits(&request.code_challenge, verifier) {
        return ExchangeIs::Wrong;
    }
    match state.exchanged_at {
        None if now < end.code_expires_at => ExchangeIs::First,
        Some(at) if now.since(at) < REPEAT => ExchangeIs::Again,
        None | Some(_) => ExchangeIs::Wrong,
    }
}

/// Whether a browser may finish a request by itself, or somebody has to press a button: it is the one that asked, as its cookie
/// shows, or the application runs on a developer's machine, where pages cannot be given one.
pub fn goes_on_by_itself(request: &LoginRequest, application: Option<&ApplicationSettings>, shows_binding: bool) -> bool {
    let local = Url::parse(&request.redirect_url).is_ok_and(|page| is_this_machine(&page));
    // What joins an account stays: whoever does that says so, whatever asked for it.
    let by_itself = shows_binding || (local && application.is_some_and(|application| application.is_development));
    by_itself && request.link.is_none()
}

/// Whether a code, or what typing it proved, counts for a request: it was made for the connection that the request goes by. A
/// request may have been given another one since.
pub fn is_of_connection(request: &LoginRequest, made_for: &str) -> bool {
    request.connection.as_deref() == Some(made_for)
}

/// What an application may say is bounded: it travels in tokens, which have to fit cookies, and in addresses.
pub fn is_modest(audiences: &[String], scope: &str, properties: &BTreeMap<String, String>) -> bool {
    let short = |text: &String| text.len() <= 256;
    let said: usize = properties.iter().map(|(name, value)| name.len() + value.len()).sum();
    audiences.len() <= 10 && audiences.iter().all(short) && scope.len() <= 512 && properties.len() <= 20 && said <= 4096
}

/// Whether a login may be finished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FinishIs {
    /// It may.
    Open,
    /// It was.
    Over,
    /// Its time is over.
    Expired,
    /// It is to link an identity, and this browser does not show the session that asked.
    WrongBrowser,
}

/// Whether a login may be finished in a browser that shows the session `here` (contract §7, D22).
pub fn may_finish(state: &LoginState, here: Option<&SessionHandle>, now: Timestamp) -> FinishIs {
    if state.end.is_some() {
        return FinishIs::Over;
    }
    if state.request.expires_at <= now {
        return FinishIs::Expired;
    }
    match &state.request.link {
        Some(link) if here != Some(&link.session) => FinishIs::WrongBrowser,
        Some(_) | None => FinishIs::Open,
    }
}

/// Whether a session that a browser shows ends when it gets another one: it is of the same application, which knows one only.
pub fn is_replaced_by(old: &Session, new: &Session) -> bool {
    let application = |session: &Session| session.login.as_ref().map(|login| login.application.clone());
    old.handle != new.handle && application(old) == application(new)
}

/// Whether whoever is signed in on our own pages by `identity` may finish a login there: it goes by our pages, by that kind of
/// identity where it names one, and for that tenant. Nothing is linked there.
pub fn may_come_by_pages(request: &LoginRequest, identity: &Identity, pages: &Session) -> bool {
    let own = matches!(identity.connection, Connection::Email | Connection::Sms);
    let wanted = request.connection.as_deref().is_none_or(|wanted| wanted == identity.connection.as_str());
    own && wanted && request.link.is_none() && pages.opens(&request.tenant)
}

/// What access tokens may be used for: what was asked, or what everybody gets.
pub fn scope(asked: &[String]) -> String {
    let words: Vec<&str> = asked.iter().flat_map(|scope| scope.split_whitespace()).collect();
    if words.is_empty() { "openid profile email".to_owned() } else { words.join(" ") }
}

/// A login may take so long: what was set, within what may be.
pub fn login_life(set: Option<Millis>) -> Millis {
    use postkey_model::connection::{DEFAULT_LOGIN_LIFE, LOGIN_LIVES};
    set.map_or(DEFAULT_LOGIN_LIFE, |life| life.clamp(LOGIN_LIVES.0, LOGIN_LIVES.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(flow: &str, place: &str, development: bool, server: &str) -> ReturnMode {
        let wish = AnswerWish { flow_type: Some(flow), location: None };
        let application = ApplicationSettings { is_development: development, ..ApplicationSettings::default() };
        return_mode(wish, &application, &Url::parse(place).unwrap(), &Origin::parse(server).unwrap())
    }

    #[test]
    fn the_mode_follows_the_place() {
        use ReturnMode::{Code, Cookies, Query};
        let tokens = "token id_token";
        for (flow, place, development, server, expected) in [
            (tokens, "http://localhost:3000/", true, "http://localhost:8000", Query),
            (tokens, "http://127.0.0.1:3000/", true, "http://localhost:8000", Query),
            (tokens, "http://localhost:3000/", false, "http://localhost:8000", Code),
            ("code", "http://localhost:3000/", true, "http://localhost:8000", Code),
            ("token code", "https://app.example.com/", false, "https://auth.example.com", Code),
            (tokens, "https://app.example.com/", false, "https://auth.example.com", Cookies),
            (tokens, "https://example.com/", false, "https://auth.example.com", Cookies),
            (tokens, "https://app.example.com:8443/", false, "https://auth.example.com", Code),
            (tokens, "https://app.example.org/", false, "https://auth.example.com", Code),
            (tokens, "https://a.co.uk/", false, "https://b.co.uk", Code),
            (tokens, "https://app.b.co.uk/", false, "https://b.co.uk", Cookies),
            (tokens, "https://10.0.0.1/", false, "https://10.0.0.1", Code),
            (tokens, "http://[::1]:3000/", true, "http://localhost:8000", Code),
        ] {
            assert_eq!(mode(flow, place, development, server), expected, "{flow} {place} {server}");
        }
    }

    #[test]
    fn verifiers_are_held_against_their_challenge() {
        let challenge = |verifier: &str| BASE64URL_NOPAD.encode(digest(&SHA256, verifier.as_bytes()).as_ref());
        for len in [43, 128, 230, 512] {
            let verifier = "a".repeat(len);
            assert!(verifier_fits(&challenge(&verifier), &verifier), "{len}");
        }
        for bad in ["a".repeat(42), "a".repeat(513), format!("{}!", "a".repeat(50))] {
            assert!(!verifier_fits(&challenge(&bad), &bad), "{}", bad.len());
        }
        assert!(!verifier_fits(&challenge(&"a".repeat(50)), &"b".repeat(50)));
        assert!(is_challenge(&challenge("x")) && !is_challenge("") && !is_challenge("plain"));
    }
}

//! The screens: what each page is told. The doors fill these in, and so does the preview with samples, so that both
//! know every value a template may use.

use crate::kit::screen::Screen;
use serde::Serialize;

macro_rules! screens {
    ($($name:ident $template:literal),* $(,)?) => { $(impl Screen for $name { const TEMPLATE: &'static str = concat!("pages/", $template); })* };
}

screens! {
    Start "start.html",
    Code "code.html",
    LinkSent "sent.html",
    Approved "approved.html",
    Verify "verify.html",
    LinkProblem "link-problem.html",
    SignedIn "signed-in.html",
    Login "login.html",
    Refreshing "refreshing.html",
    Sessions "sessions.html",
    Identifiers "identifiers.html",
    NewIdentifier "new-identifier.html",
    Demo "dev/demo.html",
    Inbox "dev/inbox.html",
}

/// On to an application, for somebody for whom its back end, a provider or our own pages vouch.
#[derive(Clone, Debug, Serialize)]
pub struct Login {
    pub application: String,
    /// As whom; empty when the page does not know.
    pub to: String,
    /// Whether the page sends its form by itself.
    pub goes_on: bool,
    /// Whether an identity is to join the user who is signed in.
    pub links: bool,
    pub action: &'static str,
    pub fields: Vec<(&'static str, String)>,
    /// The application's page.
    pub back: String,
}

/// What a field takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Field {
    Email,
    Phone,
    Either,
}

/// A country beside a phone field.
#[derive(Clone, Debug, Serialize)]
pub struct Country {
    /// ISO 3166 alpha-2.
    pub code: String,
    /// Its name in the page's language.
    pub name: String,
    /// Its calling code, without the plus.
    pub calling: u16,
}

/// The start form.
#[derive(Clone, Debug, Serialize)]
pub struct Start {
    pub tenant: String,
    /// `code`, `link` or `both`.
    pub flow: &'static str,
    pub field: Field,
    /// What else the field could take.
    pub switch: Option<Field>,
    pub country: Option<Country>,
    pub countries: postkey_words::Value,
    pub place: Option<String>,
    pub typed: String,
    /// At the field; empty when nothing is wrong with it.
    pub error: String,
    /// Above the form.
    pub said: String,
    /// For how long the button waits, in milliseconds.
    pub wait: i64,
}

/// Typing a code.
#[derive(Clone, Debug, Serialize)]
pub struct Code {
    pub tenant: String,
    /// Which sign-in: a browser has one, but its tabs may still show another.
    pub id: String,
    pub to: String,
    /// The new identifier, while the old one confirms.
    pub new: String,
    /// `""` for signing in, `prove` and `confirm` for changing identifiers.
    pub step: &'static str,
    /// The address below which its forms are.
    pub forms: &'static str,
    pub by_phone: bool,
    pub has_link: bool,
    pub numeric: bool,
    /// The usual length.
    pub length: usize,
    /// Tries left, once one was wrong and no error says so; 0 to say nothing.
    pub left: i64,
    /// The two digits to type where the link is opened; 0 for none.
    pub number: u8,
    /// For how long the code is good, in minutes, and until when, in milliseconds since 1970.
    pub minutes: i64,
    pub until: i64,
    pub wait: i64,
    pub error: String,
    pub said: String,
    pub good: bool,
}

/// A link was sent.
#[derive(Clone, Debug, Serialize)]
pub struct LinkSent {
    pub tenant: String,
    pub id: String,
    pub to: String,
    pub by_phone: bool,
    pub number: u8,
    pub minutes: i64,
    pub until: i64,
    pub wait: i64,
    pub said: String,
    pub good: bool,
}

/// The sign-in was approved where its link was opened.
#[derive(Clone, Debug, Serialize)]
pub struct Approved {}

/// A link was opened.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Verify {
    pub id: String,
    pub tenant: String,
    pub same_browser: bool,
    /// For whom, masked; for the browser that is signed in as somebody else, and for strangers.
    pub to: String,
    /// As whom this browser is signed in, if not as that one; else empty.
    pub current: String,
    /// Minutes since it was asked for.
    pub ago: i64,
    /// Browser and system that asked; empty when unknown.
    pub browser: &'static str,
    pub system: &'static str,
    /// Roughly where; empty when unknown.
    pub near: String,
    pub takes_number: bool,
    /// Whether this browser waits for a code too.
    pub code_out: bool,
}

/// A link that does not work.
#[derive(Clone, Debug, Serialize)]
pub struct LinkProblem {
    pub heading: String,
    pub words: String,
    /// Where a new one would go; empty when this browser did not ask for the old one.
    pub to: String,
    /// Whether a new sign-in has to begin for it.
    pub again: bool,
    pub wait: i64,
    pub start: String,
}

/// Signed in, and nowhere else to go.
#[derive(Clone, Debug, Serialize)]
pub struct SignedIn {}

/// The session is being renewed.
#[derive(Clone, Debug, Serialize)]
pub struct Refreshing {
    pub again: String,
}

/// Where somebody is signed in.
#[derive(Clone, Debug, Serialize)]
pub struct Sessions {
    pub sessions: Vec<SessionRow>,
    pub said: String,
    pub good: bool,
}

/// One session.
#[derive(Clone, Debug, Serialize)]
pub struct SessionRow {
    pub handle: String,
    pub browser: &'static str,
    pub system: &'static str,
    pub near: String,
    /// When it was last used and when it began, in words.
    pub seen: String,
    pub since: String,
    pub current: bool,
}

/// The identifiers of whoever is signed in.
#[derive(Clone, Debug, Serialize)]
pub struct Identifiers {
    pub identities: Vec<IdentityRow>,
    pub adds_email: bool,
    pub adds_phone: bool,
    pub said: String,
    pub good: bool,
}

/// One of them.
#[derive(Clone, Debug, Serialize)]
pub struct IdentityRow {
    pub id: String,
    pub shown: String,
    /// Whether it may be removed.
    pub may_go: bool,
}

/// A new identifier, to add or to take the place of one.
#[derive(Clone, Debug, Serialize)]
pub struct NewIdentifier {
    /// The key of its heading.
    pub heading: &'static str,
    pub tenant: String,
    pub field: Field,
    /// The identity to change; empty to add one.
    pub change: String,
    /// Whether the old one confirms too.
    pub both: bool,
    pub country: Option<Country>,
    pub countries: postkey_words::Value,
    pub typed: String,
    pub error: String,
    pub said: String,
    pub wait: i64,
}

/// The page that stands for an application, under `dev`.
#[derive(Clone, Debug, Serialize)]
pub struct Demo {
    pub user: String,
    pub session: String,
    pub sessions: usize,
    pub until: String,
}

/// The messages that would have been sent, under `dev`.
#[derive(Clone, Debug, Serialize)]
pub struct Inbox {
    pub mails: Vec<InboxRow>,
}

/// One of them.
#[derive(Clone, Debug, Serialize)]
pub struct InboxRow {
    pub subject: String,
    pub channel: String,
    pub to: String,
    pub when: String,
    pub code: Option<String>,
    pub link: Option<String>,
    pub text: String,
}

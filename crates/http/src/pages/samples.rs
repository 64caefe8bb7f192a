//! Every screen in every state, with made-up values: for the preview under `dev`, for `postkey templates check`, and for
//! tests.

use super::screens::{
    Approved, Code, Country, Demo, Field, Identifiers, IdentityRow, Inbox, InboxRow, LinkProblem, LinkSent, Login, NewIdentifier,
    Refreshing, SessionRow, Sessions, SignedIn, Start, Verify,
};
use crate::kit::screen::{Message, PageLink, Retry, Screen};
use crate::kit::view::{View, no_brand};
use postkey_model::TenantId;
use postkey_words::{Arg, Language, RenderError, Serde, Templates, Value, context, merge};

/// One screen in one state.
pub struct Sample {
    /// Its name: the screen, then the state.
    pub name: &'static str,
    template: &'static str,
    values: Value,
}

impl Sample {
    /// Its page. `frame` holds `app_name`, `form_token` and `here`.
    pub fn render(&self, view: &View, language: Language, tenant: &TenantId, frame: Value) -> Result<String, RenderError> {
        view.page_of(language, tenant, self.template, self.values.clone(), frame)
    }

    /// Its page without a brand, to see whether its template works.
    pub fn check(&self, templates: &Templates, language: Language) -> Result<String, RenderError> {
        let frame = context! { css => "", js => "", app_name => "Example", form_token => "", here => "/auth", brand => no_brand() };
        templates.render(self.template, language, merge([self.values.clone(), frame]))
    }
}

/// Collects samples, and says things in their language.
struct Samples<'a> {
    templates: &'a Templates,
    language: Language,
    all: Vec<Sample>,
}

impl Samples<'_> {
    fn add<S: Screen>(&mut self, name: &'static str, screen: &S) {
        self.all.push(Sample { name, template: S::TEMPLATE, values: Value::from(Serde(screen)) });
    }

    fn say(&self, key: &str, n: i64) -> String {
        let args = [
            ("n", Arg::Number(n)),
            ("minutes", Arg::Number(n)),
            ("hours", Arg::Number(n)),
            ("days", Arg::Number(n)),
            ("to", Arg::Text(EMAIL)),
            ("app", Arg::Text("Example")),
        ];
        self.templates.words().text(self.language, key, &args)
    }
}

const EMAIL: &str = "jane.doe@example.com";
const LONG: &str = "a.very.long.address.that.somebody.really.has@department-of-long-names.example.com";
const PHONE: &str = "+1 201-555-0123";
/// A moment on some day: 14:32 UTC.
const UNTIL: i64 = 1_790_001_120_000;

/// All samples in a language.
pub fn all(templates: &Templates, language: Language) -> Vec<Sample> {
    let mut samples = Samples { templates, language, all: Vec::new() };
    start(&mut samples);
    waiting(&mut samples);
    links(&mut samples);
    logins(&mut samples);
    account(&mut samples);
    others(&mut samples);
    samples.all
}

fn start(samples: &mut Samples<'_>) {
    let name = samples.templates.words().country(samples.language, "US").unwrap_or("United States").to_owned();
    let country = Country { code: "US".to_owned(), name, calling: 1 };
    let listed = samples.templates.words().countries(samples.language);
    let countries: String =
        listed.iter().take(40).map(|(code, name)| format!("<option value={code}>{}\n", name.replace('&', "&amp;"))).collect();
    let email = Start {
        tenant: "public".to_owned(),
        flow: "both",
        field: Field::Email,
        switch: None,
        country: None,
        countries: Value::from(""),
        place: None,
        typed: String::new(),
        error: String::new(),
        said: String::new(),
        wait: 0,
    };
    let phone =
        Start { field: Field::Phone, flow: "code", country: Some(country), countries: Value::from_safe_string(countries), ..email.clone() };
    let either = Start { field: Field::Either, switch: Some(Field::Phone), ..email.clone() };
    samples.add("start-email", &email);
    let wrong = samples.say("error-email", 0);
    samples.add("start-email-wrong", &Start { typed: "jane@".to_owned(), error: wrong, ..email.clone() });
    samples.add("start-link", &Start { flow: "link", place: Some("/shop".to_owned()), ..email.clone() });
    samples.add("start-phone", &phone);
    let no_country = Start { country: None, ..phone.clone() };
    samples.add("start-phone-no-country", &no_country);
    let wrong = samples.say("error-phone-invalid", 0);
    samples.add("start-phone-wrong", &Start { typed: "0151 23".to_owned(), error: wrong, ..phone.clone() });
    samples.add("start-either", &either);
    let needed = samples.say("error-phone-country", 0);
    let became = Start { switch: Some(Field::Either), typed: "0151 23456789".to_owned(), error: needed, ..no_country };
    samples.add("start-either-needs-country", &became);
    for (name, key) in [
        ("start-too-many-wrong", "note-too-many-wrong"),
        ("start-over", "note-start-again"),
        ("start-used-elsewhere", "note-used-elsewhere"),
        ("start-bad-place", "note-bad-place"),
    ] {
        let said = samples.say(key, 0);
        samples.add(name, &Start { said, typed: EMAIL.to_owned(), ..email.clone() });
    }
    let said = samples.say("note-texts-held-email", 0);
    samples.add("start-texts-held", &Start { said, ..either });
    let said = samples.say("note-throttled", 4);
    samples.add("start-throttled", &Start { said, typed: EMAIL.to_owned(), wait: 222_000, ..email });
}

fn waiting(samples: &mut Samples<'_>) {
    let code = Code {
        tenant: "public".to_owned(),
        id: "id".to_owned(),
        to: EMAIL.to_owned(),
        new: String::new(),
        step: "",
        forms: "/auth/_",
        by_phone: false,
        has_link: true,
        numeric: true,
        length: 6,
        left: 0,
        number: 0,
        minutes: 10,
        until: UNTIL,
        wait: 14_000,
        error: String::new(),
        said: String::new(),
        good: false,
    };
    samples.add("code", &code);
    samples.add("code-phone", &Code { to: PHONE.to_owned(), by_phone: true, has_link: false, wait: 0, ..code.clone() });
    samples.add("code-long-address", &Code { to: LONG.to_owned(), ..code.clone() });
    for (name, key, n) in [
        ("code-wrong", "error-wrong-code", 3),
        ("code-wrong-last", "error-wrong-code", 1),
        ("code-expired", "error-expired-code", 0),
        ("code-not-a-code", "error-not-a-code", 0),
    ] {
        let error = samples.say(key, n);
        samples.add(name, &Code { error, ..code.clone() });
    }
    samples.add("code-tries-left", &Code { left: 2, wait: 0, ..code.clone() });
    let said = samples.say("sent-again", 0);
    samples.add("code-sent-again", &Code { said, good: true, ..code.clone() });
    let said = samples.say("note-too-soon", 0);
    samples.add("code-too-soon", &Code { said, ..code.clone() });
    let said = samples.say("note-guesses-throttled", 14);
    samples.add("code-guesses-throttled", &Code { said, ..code.clone() });
    samples.add("code-number", &Code { number: 47, ..code.clone() });
    let account = Code { forms: "/auth/_/identifiers", has_link: false, ..code };
    samples.add("identifier-confirm-old", &Code { step: "confirm", new: "jane@new.example".to_owned(), ..account.clone() });
    samples.add("identifier-prove-new", &Code { step: "prove", to: "jane@new.example".to_owned(), ..account });
    let sent = LinkSent {
        tenant: "public".to_owned(),
        id: "id".to_owned(),
        to: EMAIL.to_owned(),
        by_phone: false,
        number: 0,
        minutes: 10,
        until: UNTIL,
        wait: 14_000,
        said: String::new(),
        good: false,
    };
    samples.add("sent", &sent);
    samples.add("sent-phone", &LinkSent { to: PHONE.to_owned(), by_phone: true, wait: 0, ..sent.clone() });
    samples.add("sent-number", &LinkSent { number: 47, ..sent.clone() });
    let said = samples.say("sent-again", 0);
    samples.add("sent-again", &LinkSent { said, good: true, ..sent });
    samples.add("approved", &Approved {});
}

fn links(samples: &mut Samples<'_>) {
    let here = Verify { id: "id".to_owned(), tenant: "public".to_owned(), same_browser: true, ..Verify::default() };
    samples.add("verify-here", &here);
    samples.add("verify-here-code-out", &Verify { code_out: true, ..here.clone() });
    let elsewhere =
        Verify { same_browser: false, to: "j•••@e•••.com".to_owned(), ago: 3, browser: "Firefox", system: "Windows", ..here };
    samples.add("verify-elsewhere", &elsewhere);
    let near = "Vienna, Austria".to_owned();
    samples.add("verify-elsewhere-number", &Verify { takes_number: true, near, to: "+1 ••• ••23".to_owned(), ..elsewhere.clone() });
    samples.add("verify-unknown-browser", &Verify { browser: "", system: "", ago: 0, ..elsewhere.clone() });
    samples.add("verify-somebody-else", &Verify { current: "joe@example.com".to_owned(), to: EMAIL.to_owned(), ..elsewhere });
    for (name, key, to, again) in [
        ("link-expired", "link-expired", EMAIL, false),
        ("link-used", "link-used", EMAIL, true),
        ("link-replaced", "link-replaced", EMAIL, true),
        ("link-cancelled", "link-cancelled", EMAIL, true),
        ("link-tries", "link-tries", EMAIL, true),
        ("link-invalid", "link-invalid", "", false),
    ] {
        let (heading, words) = (samples.say(&format!("{key}-title"), 0), samples.say(key, 0));
        samples.add(name, &LinkProblem { heading, words, to: to.to_owned(), again, wait: 0, start: "/auth".to_owned() });
    }
    for (name, heading, words) in [
        ("number-right", "number-done-title", "number-done"),
        ("number-wrong", "error-number-title", "error-number"),
        ("number-spent", "error-number-title", "error-number-spent"),
        ("disowned", "disowned-title", "disowned"),
    ] {
        let message = Message { heading: samples.say(heading, 0), words: samples.say(words, 0), ..Message::default() };
        samples.add(name, &message);
    }
}

fn logins(samples: &mut Samples<'_>) {
    let asks = Login {
        application: "Example Shop".to_owned(),
        to: EMAIL.to_owned(),
        goes_on: false,
        links: false,
        action: "/login",
        fields: vec![("state", "id".to_owned())],
        back: "https://shop.example/".to_owned(),
    };
    samples.add("login-goes-on", &Login { goes_on: true, ..asks.clone() });
    samples.add("login-asks", &asks);
    samples.add("login-asks-long-address", &Login { to: LONG.to_owned(), ..asks.clone() });
    samples.add("login-asks-nobody", &Login { to: String::new(), ..asks.clone() });
    samples.add("login-links", &Login { links: true, ..asks });
    for (name, heading, words) in [
        ("login-message", "login-message-title", "login-message"),
        ("login-unknown", "link-invalid-title", "login-unknown"),
        ("login-expired", "link-expired-title", "login-expired"),
        ("login-used", "link-used-title", "login-used"),
        ("login-not-believed", "link-invalid-title", "login-not-believed"),
        ("login-wrong-browser", "login-wrong-browser-title", "login-wrong-browser"),
        ("login-linked-elsewhere", "login-not-linked-title", "login-linked-elsewhere"),
        ("login-linking-disabled", "login-not-linked-title", "login-linking-disabled"),
        ("login-not-admitted", "login-not-admitted-title", "login-not-admitted"),
        ("login-other-way", "login-other-way-title", "login-other-way"),
        ("login-declined", "login-declined-title", "login-declined"),
        ("login-away", "login-away-title", "login-away"),
        ("login-seed", "link-invalid-title", "login-seed"),
    ] {
        let links = vec![PageLink { href: "https://shop.example/".to_owned(), words: samples.say("login-back", 0) }];
        let message = Message { heading: samples.say(heading, 0), words: samples.say(words, 0), links, ..Message::default() };
        samples.add(name, &message);
    }
}

fn account(samples: &mut Samples<'_>) {
    samples.add("signed-in", &SignedIn {});
    samples.add("refreshing", &Refreshing { again: "/auth?renewed=1".to_owned() });
    let row = |handle: &str, browser, system, near: &str, seen, since, current| SessionRow {
        handle: handle.to_owned(),
        browser,
        system,
        near: near.to_owned(),
        seen,
        since,
        current,
    };
    let sessions = vec![
        row("a", "Firefox", "Linux", "Vienna, Austria", samples.say("ago", 1), samples.say("ago-hours", 3), true),
        row("b", "Safari", "iPhone", "", samples.say("ago", 12), samples.say("ago-days", 21), false),
        row("c", "", "", "Paris, France", samples.say("ago-hours", 2), samples.say("ago-days", 1), false),
    ];
    samples.add("sessions", &Sessions { sessions: sessions.clone(), said: String::new(), good: false });
    let said = samples.say("note-sessions-ended", 2);
    samples.add("sessions-ended", &Sessions { sessions: sessions[..1].to_vec(), said, good: true });
    let identity = |id: &str, shown: &str, may_go| IdentityRow { id: id.to_owned(), shown: shown.to_owned(), may_go };
    let identifiers = Identifiers {
        identities: vec![identity("a", LONG, false), identity("b", PHONE, true)],
        adds_email: true,
        adds_phone: true,
        said: String::new(),
        good: false,
    };
    samples.add("identifiers", &identifiers);
    for (name, key, good) in [
        ("identifiers-added", "note-identifier-added", true),
        ("identifiers-changed", "note-identifier-changed", true),
        ("identifiers-removed", "note-identifier-removed", true),
        ("identifiers-dead", "note-change-dead", false),
        ("identifiers-not-yours", "error-not-yours", false),
    ] {
        let said = samples.say(key, 0);
        samples.add(name, &Identifiers { said, good, ..identifiers.clone() });
    }
    let new = NewIdentifier {
        heading: "add-email-title",
        tenant: "public".to_owned(),
        field: Field::Email,
        change: String::new(),
        both: false,
        country: None,
        countries: Value::from(""),
        typed: String::new(),
        error: String::new(),
        said: String::new(),
        wait: 0,
    };
    samples.add("identifier-add-email", &new);
    let yours = samples.say("error-yours", 0);
    samples.add("identifier-add-yours", &NewIdentifier { typed: EMAIL.to_owned(), error: yours, ..new.clone() });
    samples.add("identifier-add-phone", &NewIdentifier { heading: "add-phone-title", field: Field::Phone, ..new.clone() });
    let change = "a".to_owned();
    samples.add(
        "identifier-change-email",
        &NewIdentifier { heading: "change-email-title", change: change.clone(), both: true, ..new.clone() },
    );
    samples.add("identifier-change-phone", &NewIdentifier { heading: "change-phone-title", field: Field::Phone, change, ..new });
}

fn others(samples: &mut Samples<'_>) {
    for (name, key) in [("fault-missing", "missing"), ("fault-method", "method")] {
        let (heading, words) = (samples.say(&format!("{key}-title"), 0), samples.say(key, 0));
        samples.add(name, &Message { heading, words, request_id: "kq3xvb7na2".to_owned(), ..Message::default() });
    }
    for (name, key) in [
        ("fault-form-old", "form-old"),
        ("fault-form-large", "form-large"),
        ("fault-form-kind", "form-kind"),
        ("fault-form-cut", "form-cut"),
        ("fault-form-slow", "form-slow"),
    ] {
        let (heading, words) = (samples.say("form-title", 0), samples.say(key, 0));
        samples.add(name, &Message { heading, words, request_id: "kq3xvb7na2".to_owned(), ..Message::default() });
    }
    let (heading, words) = (samples.say("tenant-title", 0), samples.say("tenant-missing", 0));
    samples.add("fault-tenant", &Message { heading, words, ..Message::default() });
    let (heading, words) = (samples.say("unavailable-title", 0), samples.say("unavailable", 0));
    let retry = Some(Retry { action: "/auth/_/start".to_owned(), fields: vec![("email".to_owned(), EMAIL.to_owned())] });
    samples.add("fault-unavailable", &Message { heading, words, retry, request_id: "kq3xvb7na2".to_owned(), ..Message::default() });
    let links = vec![PageLink { href: "/auth".to_owned(), words: samples.say("start-again", 0) }];
    samples.add(
        "dev-message",
        &Message {
            heading: "You are not signed in".to_owned(),
            words: "This page stands for your application.".to_owned(),
            links,
            ..Message::default()
        },
    );
    let demo =
        Demo { user: "0192f0c1".to_owned(), session: "0192f0c2".to_owned(), sessions: 2, until: "2026-11-22 12:00:00 UTC".to_owned() };
    samples.add("dev-demo", &demo);
    let mail = InboxRow {
        subject: "123 456 is your code for Example".to_owned(),
        channel: "email".to_owned(),
        to: EMAIL.to_owned(),
        when: "2026-11-22 12:00:00 UTC".to_owned(),
        code: Some("123456".to_owned()),
        link: Some("/auth/verify".to_owned()),
        text: "123 456".to_owned(),
    };
    samples.add("dev-inbox", &Inbox { mails: vec![mail] });
    samples.add("dev-inbox-empty", &Inbox { mails: Vec::new() });
}

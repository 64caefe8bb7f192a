//! What setup refuses: each mistake with its line and its mend.

use super::{Environment, Mistakes, Mode, Purpose, Setup, setup};
use crate::config::ConfigFile;
use crate::system::SystemEntropy;
use postkey_http::DevMail;
use postkey_model::{Channel, TenantId, WebRules};
use std::path::{Path, PathBuf};

mod providers;
mod texts;

const KEY: &str = "8f1d4f7c2f0b53c1f36cb5c3d14b1a7e6d5c4b3a29180716253443526170fe9d";
const DEV: Mode = Mode::Dev { exposed: false };

/// A mail server that is described well, in six lines.
const RELAY: &str =
    "[mail]\nfrom = \"a@example.com\"\nproviders = [\"relay\"]\n[providers.relay]\ntype = \"smtp\"\nhost = \"mail.example.com\"\n";
const TWILIO: &str =
    "type = \"twilio\"\naccount_sid = \"AC0123456789abcdef0123456789abcdef\"\nauth_token = \"t\"\nfrom = \"+15005550006\"\n";

/// A folder that goes away with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("postkey-setup-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    /// Writes a file.
    fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Puts `text` together. Two lines stand before it: it begins on line 3.
fn run(mode: Mode, text: &str, environment: Environment) -> Result<Setup, Box<Mistakes>> {
    // Whoever sends texts has to say where; a test that is about something else sends them everywhere.
    let sends = text.contains("[sms]") || text.contains("[whatsapp]");
    let texts = if sends && !text.contains("[texts]") { "\n[texts]\ncountries = [\"*\"]\n" } else { "" };
    // A mail transport cannot be made without one.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let _inside = runtime.enter();
    let head =
        if mode == Mode::Serve { format!("public_url = \"https://login.example.com\"\nsecret_key = \"{KEY}\"\n") } else { "\n\n".into() };
    let file = ConfigFile::parse("p.toml", head + text + texts).unwrap();
    setup(mode, Purpose::Serving, file, &environment, &SystemEntropy::open())
}

fn lines(mode: Mode, text: &str) -> Vec<String> {
    match run(mode, text, Environment::default()) {
        Ok(_) => panic!("it was not refused:\n{text}"),
        Err(mistakes) => mistakes.lines,
    }
}

/// Whether `serve` refuses `text` with this line and nothing else.
#[track_caller]
fn refuses(text: &str, line: &str) {
    assert_eq!(lines(Mode::Serve, text), [line], "for:\n{text}");
}

#[track_caller]
fn serves(text: &str) -> Setup {
    run(Mode::Serve, text, Environment::default()).unwrap_or_else(|mistakes| panic!("{mistakes}\nfor:\n{text}"))
}

/// A tenant's settings with a mail server below. They begin on line 4, those of its brand on line 5.
fn tenant(settings: &str) -> String {
    format!("[tenants.public]\n{settings}\n{RELAY}")
}

fn brand(settings: &str) -> String {
    format!("[tenants.public]\n[tenants.public.brand]\n{settings}\n{RELAY}")
}

#[test]
fn where_an_application_has_its_login_pages() {
    let web = |settings: &str| serves(&tenant(settings)).settings.tenants[&TenantId::public()].web.clone();
    assert_eq!(web(""), WebRules::default());
    for (path, base_path) in [("", "/auth"), ("website_base_path = \"/login/here/\"", "/login/here"), ("website_base_path = \"/\"", "")] {
        let website = web(&format!("website_domain = \"https://app.example.com/\"\n{path}")).website.unwrap();
        assert_eq!((website.origin.as_text(), website.base_path.as_str()), ("https://app.example.com", base_path));
    }
    let open = web("allowed_origins = [\"https://shop.example.com\", \"http://localhost:3000\"]\nexistence_checks = true");
    assert!(open.allows("https://shop.example.com") && open.allows("http://localhost:3000") && open.existence_checks);
    assert!(!open.allows("https://app.example.com"));
    for path in ["login", "/login?x", "/login#x", "//login", "/lo gin"] {
        refuses(
            &tenant(&format!("website_domain = \"https://app.example.com\"\nwebsite_base_path = {path:?}")),
            "p.toml line 5: website_base_path: must be a path such as /auth, or / for none",
        );
    }
}

#[test]
fn tenants_that_make_no_sense_are_refused() {
    for (settings, line) in [
        ("default_country = \"Austria\"", "default_country: must be a country's two letters (ISO 3166), as in \"AT\""),
        ("default_country = \"XX\"", "default_country: must be a country's two letters (ISO 3166), as in \"AT\""),
        (
            "claims = { email = \"mail\" }",
            "claims: email = \"mail\": the name has a meaning of its own in tokens (RFC 7519, OpenID Connect, SuperTokens or Authress): choose another",
        ),
        (
            "claims = { plan = \"billing..plan\" }",
            "claims: plan = \"billing..plan\": a place is the names of 1 to 8 members with dots between, as in \"billing.plan\"",
        ),
        ("contact = \"email\"", "contact: must be EMAIL, PHONE or EMAIL_OR_PHONE"),
        ("phone_channel = \"email\"", "phone_channel: must be sms or whatsapp"),
        ("sign_up = \"allowed\"", "sign_up: must be open, invited or closed"),
        ("sign_up_allowed = [\"jane@example.com\"]", "sign_up_allowed: goes with sign_up = \"invited\" only"),
        ("sends_per_contact = -1", "sends_per_contact: must be 0 (no limit) or more"),
        ("sends_per_network = -1", "sends_per_network: must be 0 (no limit) or more"),
        ("sends_per_tenant = -1", "sends_per_tenant: must be 0 (no limit) or more"),
        ("guesses_per_network = -1", "guesses_per_network: must be 0 (no limit) or more"),
        ("guesses_per_tenant = -1", "guesses_per_tenant: must be 0 (no limit) or more"),
        ("guesses_window = \"25h\"", "guesses_window: must be 1m to 24h"),
        ("sends_window = \"30s\"", "sends_window: must be 1m to 24h"),
        ("app_name = \"Two\\nlines\"", "app_name: must be 1 to 80 signs on one line"),
        (
            "website_domain = \"app.example.com\"",
            "website_domain: \"app.example.com\": it must be an address like https://login.example.com",
        ),
        (
            "website_domain = \"https://app.example.com/auth\"",
            "website_domain: \"https://app.example.com/auth\": it must end after the host and port: no path, no query, no user name",
        ),
        ("website_domain = \"http://app.example.com\"", "website_domain: \"http://app.example.com\" must be https, because this server is"),
        ("allowed_origins = [\"*\"]", "allowed_origins: \"*\": it must be an address like https://login.example.com"),
        (
            "allowed_origins = [\"http://app.example.com\"]",
            "allowed_origins: \"http://app.example.com\" must be https, because this server is",
        ),
        ("website_base_path = \"/login\"", "website_base_path: goes with website_domain only"),
    ] {
        refuses(&tenant(settings), &format!("p.toml line 4: {line}"));
    }
    let said = lines(Mode::Serve, &tenant("language = \"klingon\""));
    assert!(said.len() == 1 && said[0].starts_with("p.toml line 4: language: must be one of en, "), "{said:?}");
    refuses(&tenant("flow = \"USER_INPUT_CODE\"\nnumber_match = true"), "p.toml line 5: number_match: needs a flow with a link");
    refuses(
        &tenant("sign_up = \"closed\"\nsign_up_allowed = [\"@example.com\"]"),
        "p.toml line 5: sign_up_allowed: goes with sign_up = \"invited\" only",
    );
}

#[test]
fn allow_lists_are_read_entry_by_entry() {
    for (entry, why) in [
        ("@", "\"@\": that is not a mail address"),
        ("jane", "\"jane\": "),
        ("0151 2345678", "\"0151 2345678\": the phone number needs its country code"),
        ("+1", "\"+1\": "),
    ] {
        let said = lines(Mode::Serve, &tenant(&format!("sign_up = \"invited\"\nsign_up_allowed = [\"ok@example.com\", \"{entry}\"]")));
        assert!(said.len() == 1, "{said:?}");
        let mend = "; an entry is an address, a whole domain like @example.com, or a number like +4915112345678";
        let begins = format!("p.toml line 5: sign_up_allowed: {}", if entry == "@" { "\"@\": " } else { why });
        assert!(said[0].starts_with(&begins) && said[0].ends_with(mend), "{said:?}");
    }
    let setup = serves(&tenant("sign_up = \"invited\"\nsign_up_allowed = [\"Jane@Example.com\", \"@example.org\", \"+4915112345678\"]"));
    assert!(matches!(&setup.settings.tenants[&TenantId::public()].sign_up, postkey_model::SignUp::Listed(_)));
}

#[test]
fn brands_that_could_not_be_shown_are_refused() {
    let color = "a colour is written as # and six or three hexadecimal digits, like #2f5bd7 or #25d";
    for (settings, line) in [
        ("accent = \"blue\"", format!("accent: {color}")),
        ("background = \"#12345\"", format!("background: {color}")),
        ("radius = 25", "radius: the radius 25 is too large: 0 to 24 pixels".to_owned()),
        ("terms_url = \"example.com\"", "terms_url: terms must be a whole address that begins with https:// or http://".to_owned()),
        ("privacy_url = \"javascript:x\"", "privacy_url: privacy must be a whole address that begins with https:// or http://".to_owned()),
        (
            "support = \"us\"",
            "support: support must be an email address, or a whole address that begins with https:// or http://".to_owned(),
        ),
    ] {
        refuses(&brand(settings), &format!("p.toml line 5: {line}"));
    }
    let said = lines(Mode::Serve, &brand("background = \"#000000\""));
    assert!(said.len() == 1 && said[0].starts_with("p.toml line 5: background: the background #000000 is too dark"), "{said:?}");
}

#[test]
fn logos_are_small_pictures_that_are_there() {
    let folder = Folder::new("logo");
    let logo = |path: &Path| brand(&format!("logo = {path:?}"));
    let said = lines(Mode::Serve, &logo(Path::new("/nowhere/logo.svg")));
    assert!(said.len() == 1 && said[0].starts_with("p.toml line 5: logo: cannot read /nowhere/logo.svg: "), "{said:?}");
    refuses(&logo(&folder.file("logo.txt", "hello")), "p.toml line 5: logo: the logo must be an SVG, PNG, WebP or JPEG file");
    let png = [b"\x89PNG\r\n\x1a\n".to_vec(), vec![0; 13_000]].concat();
    refuses(
        &logo(&folder.file("big.png", &png)),
        "p.toml line 5: logo: the logo has 13008 bytes, and 12288 are the most: pages are small, and an SVG or a smaller picture will do",
    );
    let setup = serves(&logo(&folder.file("small.png", &png[..100])));
    assert!(setup.settings.tenants[&TenantId::public()].brand.logo.is_some());
}

#[test]
fn folders_of_templates_are_read_whole() {
    let folder = Folder::new("templates");
    let text = format!("templates_dir = {:?}\n{RELAY}", folder.0);
    let shown = folder.0.display().to_string();
    refuses(
        &format!("templates_dir = \"/nowhere/templates\"\n{RELAY}"),
        "p.toml line 3: templates_dir: there is no folder /nowhere/templates: make one with `postkey templates export`",
    );
    serves(&text);
    let typo = folder.file("pages/strat.html", "hello");
    let broken = folder.file("mail/sign-in/body.txt", "Hello\n{% if code %}\n{{ code }}\n{% endfi %}\n");
    let strings = folder.file("locales/de.ftl", "start-title = Hallo\nthis is no message\n");
    let said = lines(Mode::Serve, &text);
    assert_eq!(said.len(), 3, "{said:?}");
    assert!(
        said.contains(&format!("{}: no template is called “pages/strat.html”; the nearest is “pages/start.html”", typo.display())),
        "{said:?}"
    );
    assert!(said.iter().any(|line| line.starts_with(&format!("{}:4: ", broken.display()))), "{said:?}");
    assert!(said.iter().any(|line| line.starts_with(&format!("{}:2: ", strings.display()))), "{said:?}");
    assert!(said.iter().all(|line| line.starts_with(&shown)), "{said:?}");
}

#[test]
fn a_file_of_places_is_one() {
    let folder = Folder::new("places");
    let file = folder.file("city.mmdb", "no database");
    let said = lines(Mode::Serve, &format!("places_file = {file:?}\n{RELAY}"));
    assert!(
        said.len() == 1 && said[0].starts_with("p.toml line 3: places_file: ") && said[0].contains("is not a database in MaxMind's format"),
        "{said:?}"
    );
    let said = lines(Mode::Serve, &format!("places_file = \"/nowhere/city.mmdb\"\n{RELAY}"));
    assert!(
        said.len() == 1 && said[0].starts_with("p.toml line 3: places_file: the file of places /nowhere/city.mmdb cannot be read"),
        "{said:?}"
    );
}

#[test]
fn api_keys_are_long() {
    let mend = "each key has at least 20 letters, digits and signs (make one with: openssl rand -hex 20)";
    refuses(
        &format!("api_keys = [\"0123456789abcdefghij\", \"0123456789abcdefghi\"]\n{RELAY}"),
        &format!("p.toml line 3: api_keys: {mend}"),
    );
    refuses(&format!("api_keys = [\"0123456789 abcdefghij\"]\n{RELAY}"), &format!("p.toml line 3: api_keys: {mend}"));
    let short = Environment { api_key: Some("short".to_owned()), ..Environment::default() };
    let Err(mistakes) = run(Mode::Serve, RELAY, short) else { panic!("it was not refused") };
    assert_eq!(mistakes.lines, [format!("POSTKEY_API_KEY: {mend}")]);
    let key = || "0123456789abcdefghij".to_owned();
    let both = Environment { api_key: Some(key() + "k"), ..Environment::default() };
    let Ok(setup) = run(Mode::Serve, &format!("api_keys = [\"{}\"]\n{RELAY}", key()), both) else { panic!("it was refused") };
    assert_eq!(setup.file.config.api_keys, [key(), key() + "k"]);
}

/// What the example says works, with a secret key.
#[test]
fn the_example_would_serve() {
    let example = include_str!("../../../../postkey.example.toml");
    let example = example
        .replace("public_url = ", "secret_key = \"8f1d4f7c2f0b53c1f36cb5c3d14b1a7e6d5c4b3a29180716253443526170fe9d\"\npublic_url = ");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let _inside = runtime.enter();
    let file = ConfigFile::parse("postkey.example.toml", example).unwrap();
    let outcome = setup(Mode::Serve, Purpose::Serving, file, &Environment::default(), &SystemEntropy::open());
    assert!(outcome.is_ok(), "{}", outcome.err().unwrap());
}

/// Its providers of the other types are described so that they work, too.
#[test]
fn the_examples_other_providers_would_do() {
    let example = include_str!("../../../../postkey.example.toml");
    let on: String = example.lines().map(|line| line.strip_prefix("#: ").unwrap_or(line).to_owned() + "\n").collect();
    let sections = &on[on.find("[providers.texts]").unwrap()..on.find("# One section per tenant").unwrap()];
    let pick = |line: &&str| {
        !["auth_token_file", "messaging_service_sid", "secret_file", "previous_secret_file", "ca_file"]
            .iter()
            .any(|key| line.starts_with(key))
    };
    let sections: String = sections.lines().filter(pick).map(|line| line.to_owned() + "\n").collect();
    serves(&format!("{RELAY}[sms]\nproviders = [\"texts\", \"own\"]\n{sections}"));
}

#[test]
fn the_login_interface_s_settings_are_checked() {
    let folder = Folder::new("login-settings");
    let data = format!("data_dir = {:?}\n", folder.0.join("data"));
    let wrong = lines(DEV, &format!("{data}[authress]\naccount_id = \"acc.local\"\nissuer_aliases = [\"https://old.example.com/x\"]\n"));
    assert_eq!(wrong.len(), 2, "{wrong:?}");
    assert!(wrong[0].starts_with("p.toml line 5: account_id: \"acc.local\""), "{}", wrong[0]);
    assert!(wrong[1].starts_with("p.toml line 6: issuer_aliases: \"https://old.example.com/x\""), "{}", wrong[1]);
}

#[test]
fn the_default_application_is_there_in_development_only() {
    let there = |setup: &Setup| setup.settings.logins.applications.iter().map(|one| one.id.clone()).collect::<Vec<_>>();
    let folder = Folder::new("logins");
    let data = format!("data_dir = {:?}\n", folder.0.join("data"));
    let dev = run(DEV, &data, Environment::default()).unwrap_or_else(|wrong| panic!("{wrong}"));
    assert_eq!(there(&dev), ["app_default"]);
    assert!(dev.settings.logins.wants_work && dev.settings.logins.account == "acc_local");
    let serve = run(Mode::Serve, &format!("{RELAY}[authress]\naccount_id = \"acc_shop\"\nanti_abuse = false\n"), Environment::default());
    let logins = serve.unwrap_or_else(|wrong| panic!("{wrong}")).settings.logins;
    assert!(logins.applications.is_empty() && !logins.wants_work && logins.account == "acc_shop");
}

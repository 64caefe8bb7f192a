//! What setup refuses: each mistake with its line and its mend.

use super::{Environment, Mistakes, Mode, Purpose, Setup, setup};
use crate::config::ConfigFile;
use crate::system::SystemEntropy;
use postkey_http::DevMail;
use postkey_model::{Channel, TenantId, WebRules};
use std::path::{Path, PathBuf};

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
fn providers_are_asked_in_the_order_of_the_list() {
    let text = format!(
        "[mail]\nfrom = \"a@example.com\"\nproviders = [\"b\", \"a\"]\n[sms]\nproviders = [\"t\", \"a\"]\n[whatsapp]\nproviders = [\"t\"]\n\
         [providers.a]\ntype = \"webhook\"\nurl = \"https://example.com/\"\nsecret = \"whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=\"\n\
         [providers.b]\ntype = \"smtp\"\nhost = \"mail.example.com\"\n[providers.t]\n{TWILIO}"
    );
    let setup = serves(&text);
    let names = |channel| setup.routes.of(channel).iter().map(|named| named.name.as_str()).collect::<Vec<_>>();
    assert_eq!((names(Channel::Email), names(Channel::Sms), names(Channel::WhatsApp)), (vec!["b", "a"], vec!["t", "a"], vec!["t"]));
    assert_eq!(setup.routes.each().len(), 3, "each is one thing, however many channels use it");
}

#[test]
fn providers_that_cannot_be_found_or_used_are_refused() {
    let mail = |list: &str| format!("[mail]\nfrom = \"a@example.com\"\nproviders = [{list}]\n");
    refuses(&mail("\"relay\""), "p.toml line 5: providers: there is no section [providers.relay]");
    refuses(&format!("{}[providers.relay]\ntype = \"stmp\"\n", mail("\"relay\"")), "p.toml line 7: type: must be smtp, twilio or webhook");
    refuses(
        &format!("{}[providers.relay]\nhost = \"mail.example.com\"\n", mail("\"relay\"")),
        "[providers.relay] type: must be smtp, twilio or webhook",
    );
    refuses(&RELAY.replace("[\"relay\"]", "[\"relay\", \"relay\"]"), "p.toml line 5: providers: \"relay\" stands there twice");
    refuses(&format!("{RELAY}[sms]\nproviders = [\"relay\"]\n"), "p.toml line 10: providers: \"relay\" is no way for sms");
    refuses(&format!("{}[providers.texts]\n{TWILIO}", mail("\"texts\"")), "p.toml line 5: providers: \"texts\" is no way for email");
}

/// Texts may come from a name or a short code, WhatsApp messages may not.
#[test]
fn whatsapp_needs_a_number() {
    for sender in ["Example", "12345"] {
        let named = TWILIO.replace("+15005550006", sender);
        serves(&format!("{RELAY}[sms]\nproviders = [\"t\"]\n[providers.t]\n{named}"));
        refuses(
            &format!("{RELAY}[whatsapp]\nproviders = [\"t\"]\n[providers.t]\n{named}"),
            "p.toml line 10: providers: \"t\" cannot do that: WhatsApp is sent from a number such as +15005550006, or by a messaging service",
        );
    }
    let service = TWILIO.replace("from = \"+15005550006\"", "messaging_service_sid = \"MG0123456789abcdef0123456789abcdef\"");
    serves(&format!("{RELAY}[whatsapp]\nproviders = [\"t\"]\n[providers.t]\n{service}"));
}

#[test]
fn settings_of_another_type_are_refused() {
    let takes = "it takes host, port, tls, username, password, password_file, ca_file";
    assert_eq!(
        lines(Mode::Serve, &format!("{RELAY}account_sid = \"AC\"\nurl = \"https://example.com/\"\n")),
        [
            format!("p.toml line 9: account_sid: is nothing that smtp takes: {takes}"),
            format!("p.toml line 10: url: is nothing that smtp takes: {takes}"),
        ]
    );
    // Said once, however many channels it was to serve.
    refuses(
        "[mail]\nproviders = [\"own\"]\n[sms]\nproviders = [\"own\"]\n[providers.own]\ntype = \"webhook\"\nhost = \"example.com\"\n",
        "p.toml line 9: host: is nothing that webhook takes: it takes url, secret, secret_file, ca_file",
    );
}

#[test]
fn the_inbox_is_what_dev_has_and_serve_has_not() {
    for name in ["inbox", "discard"] {
        refuses(
            &format!("[mail]\nproviders = [\"{name}\"]\n"),
            "p.toml line 4: providers: inbox and discard are for `dev`: nobody would get a message",
        );
    }
    let folder = Folder::new("inbox");
    let data = format!("data_dir = {:?}\n", folder.0);
    let of = |setup: &Setup, channel| setup.routes.of(channel).iter().map(|named| named.name.clone()).collect::<Vec<_>>();
    let Ok(setup) = run(DEV, &data, Environment::default()) else { panic!("dev needs nothing") };
    for channel in [Channel::Email, Channel::Sms, Channel::WhatsApp] {
        assert_eq!(of(&setup, channel), ["inbox"]);
    }
    assert!(matches!(setup.dev.unwrap().mail, DevMail::Inbox(_)));
    // Benchmarks throw everything away; an inbox that is there is shown, whatever else there is.
    let Ok(setup) = run(DEV, &format!("{data}[mail]\nproviders = [\"discard\"]\n"), Environment::default()) else { panic!("dev discards") };
    assert_eq!((of(&setup, Channel::Sms), of(&setup, Channel::WhatsApp)), (vec!["discard".to_owned()], vec!["discard".to_owned()]));
    assert!(matches!(setup.dev.unwrap().mail, DevMail::Discarded(_)));
    let both = format!("{data}[mail]\nproviders = [\"inbox\"]\n[sms]\nproviders = [\"discard\"]\n");
    let Ok(setup) = run(DEV, &both, Environment::default()) else { panic!("dev takes both") };
    assert!(matches!(setup.dev.unwrap().mail, DevMail::Inbox(_)));
    let Ok(setup) = run(DEV, &format!("{data}{RELAY}"), Environment::default()) else { panic!("dev takes a mail server") };
    assert_eq!((of(&setup, Channel::Email), of(&setup, Channel::Sms)), (vec!["relay".to_owned()], vec!["inbox".to_owned()]));
}

#[test]
fn a_tenant_needs_a_way_for_what_it_sends() {
    let missing = |section: &str, name: &str| {
        format!(
            "{section} providers is missing: tenant {name} sends that way. Set it to the name of a provider, and describe that under [providers.NAME]"
        )
    };
    refuses("", &missing("[mail]", "public"));
    refuses("[mail]\n", &missing("p.toml line 3: [mail]", "public"));
    refuses(&tenant("contact = \"PHONE\""), &missing("[sms]", "public"));
    refuses(&tenant("contact = \"EMAIL_OR_PHONE\""), &missing("[sms]", "public"));
    refuses(&tenant("contact = \"PHONE\"\nphone_channel = \"whatsapp\""), &missing("[whatsapp]", "public"));
    refuses(&format!("{RELAY}[tenants.two]\ncontact = \"PHONE\"\n"), &missing("[sms]", "two"));
    // A tenant that only texts needs no mail.
    serves(&format!("[sms]\nproviders = [\"t\"]\n[providers.t]\n{TWILIO}[tenants.public]\ncontact = \"PHONE\"\n"));
    // Nor does `dev` need anything.
    let folder = Folder::new("needs");
    let text = format!("data_dir = {:?}\n[tenants.public]\ncontact = \"PHONE\"\n", folder.0);
    assert!(run(DEV, &text, Environment::default()).is_ok());
}

#[test]
fn what_a_provider_needs_is_named() {
    refuses(
        &RELAY.replace("host = \"mail.example.com\"\n", ""),
        "p.toml line 6: [providers.relay] host is missing: set it to your mail server's name",
    );
    refuses(
        &RELAY.replace("from = \"a@example.com\"\n", ""),
        "p.toml line 3: [mail] from is missing: set it to the sender, e.g. \"Example <login@example.com>\"",
    );
    let said = lines(Mode::Serve, &RELAY.replace("a@example.com", "nobody"));
    assert!(said.len() == 1 && said[0].starts_with("p.toml line 4: from: the sender is not a mail address"), "{said:?}");
    refuses(&format!("{RELAY}tls = \"ssl\"\n"), "p.toml line 9: tls: must be starttls, implicit or none");
    refuses(
        &format!("{RELAY}tls = \"none\"\n"),
        "p.toml line 9: tls: codes would travel in the clear: none is only for a server on this machine",
    );
    refuses(
        &format!("{RELAY}username = \"me\"\n"),
        "p.toml line 9: username: there is no password for it: set POSTKEY_SMTP_PASSWORD, password_file or password",
    );
    for key in ["password_file", "ca_file"] {
        let said = lines(Mode::Serve, &format!("{RELAY}{key} = \"/nowhere/it\"\n"));
        assert!(said.len() == 1 && said[0].starts_with(&format!("p.toml line 9: {key}: cannot read /nowhere/it: ")), "{said:?}");
    }
    let password = Environment { smtp_password: Some("secret".to_owned()), ..Environment::default() };
    assert!(run(Mode::Serve, &format!("{RELAY}username = \"me\"\n"), password).is_ok());
}

#[test]
fn what_twilio_and_webhooks_need_is_named() {
    let texts = |settings: &str| format!("{RELAY}[sms]\nproviders = [\"t\"]\n[providers.t]\n{settings}");
    let twilio_missing = "p.toml line 11: [providers.t] account_sid or the auth token is missing: Twilio's console shows both. Set the token by POSTKEY_TWILIO_TOKEN, auth_token_file or auth_token";
    refuses(&texts("type = \"twilio\"\n"), twilio_missing);
    let tokenless = texts(&TWILIO.replace("auth_token = \"t\"\n", ""));
    refuses(&tokenless, twilio_missing);
    let token = Environment { twilio_token: Some("secret".to_owned()), ..Environment::default() };
    assert!(run(Mode::Serve, &tokenless, token).is_ok());
    refuses(&texts(&TWILIO.replace("AC0", "XY0")), "p.toml line 13: account_sid: account_sid must be AC and 32 hexadecimal digits");
    refuses(
        &texts(&TWILIO.replace("from = \"+15005550006\"\n", "")),
        "p.toml line 11: [providers.t] from or messaging_service_sid is missing: which number or name are texts sent from?",
    );
    refuses(
        &texts(&format!("{TWILIO}api_url = \"http://twilio.example\"\n")),
        "p.toml line 16: api_url: \"http://twilio.example\" must be https: codes would travel in the clear",
    );
    let said = lines(Mode::Serve, &texts(&format!("{}auth_token_file = \"/nowhere/it\"\n", TWILIO.replace("auth_token = \"t\"\n", ""))));
    assert!(said.len() == 1 && said[0].starts_with("p.toml line 15: auth_token_file: cannot read /nowhere/it: "), "{said:?}");

    let templates = |line: &str| texts(&format!("{TWILIO}[providers.t.content_sids]\n{line}\n"));
    serves(&templates("sign-in = \"HX0123456789abcdef0123456789abcdef\""));
    refuses(
        &templates("signin = \"HX0123456789abcdef0123456789abcdef\""),
        "p.toml line 17: signin: is no kind of message: they are sign-in, no-account, prove, confirm-old, in-use, added, changed, removed",
    );
    refuses(
        &templates("prove = \"MG0123456789abcdef0123456789abcdef\""),
        "p.toml line 11: [providers.t] content_sids: prove must be HX and 32 hexadecimal digits",
    );

    let own = |settings: &str| texts(&format!("type = \"webhook\"\n{settings}"));
    refuses(
        &own(""),
        "p.toml line 11: [providers.t] url or secret is missing: the address that takes messages, and the secret that signs them (make one with: echo whsec_$(openssl rand -base64 32))",
    );
    refuses(
        &own("url = \"https://example.com/\"\nsecret = \"whsec_c2hvcnQ=\"\n"),
        "p.toml line 14: secret: the secret must be whsec_ and 24 to 64 bytes in base64",
    );
    let good = "secret = \"whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=\"\n";
    refuses(
        &own(&format!("url = \"http://example.com/\"\n{good}")),
        "p.toml line 13: url: \"http://example.com/\" must be https: codes would travel in the clear",
    );
    refuses(
        &own(&format!("url = \"https://me:pw@example.com/\"\n{good}")),
        "p.toml line 13: url: the URL takes no user name, password or #fragment",
    );
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
    let pick = |line: &&str| !["auth_token_file", "messaging_service_sid", "secret_file"].iter().any(|key| line.starts_with(key));
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

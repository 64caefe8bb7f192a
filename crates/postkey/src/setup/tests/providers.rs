//! What `[providers.NAME]` and the lists of providers refuse, and in which words.

use super::*;

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

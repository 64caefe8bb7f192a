//! Where texts go and what they cost, and what the whole server takes.

use super::*;
use postkey_model::{Money, Region};

/// A server that sends texts, with these lines of `[texts]` from line 4 on.
fn texting(settings: &str) -> String {
    format!("[texts]\n{settings}\n[sms]\nproviders = [\"t\"]\n[providers.t]\n{TWILIO}{RELAY}")
}

#[test]
fn texts_go_where_the_operator_says_and_nowhere_by_themselves() {
    let said = lines(Mode::Serve, &texting(""));
    assert!(said.len() == 1 && said[0].starts_with("p.toml line 3: [texts] countries is missing: name those"), "{said:?}");
    assert!(run(Mode::Dev { exposed: false }, &texting(""), Environment::default()).is_ok(), "for trying out they go anywhere");
    let [de, at] = ["DE", "AT"].map(|letters| Region::parse(letters).unwrap());
    let rules = serves(&texting("countries = [\"de\", \"AT\"]\nper_day = \"12.5\"\n[texts.prices]\nDE = \"0.0742\"")).settings.texts;
    assert_eq!(rules.countries, Some([de, at].into()));
    assert_eq!((rules.price(Some(de)), rules.price(Some(at)), rules.per_day), (Money(74_200), Money(100_000), Money(12_500_000)));
    assert_eq!(serves(&texting("countries = [\"*\"]")).settings.texts.countries, None);
    let home = serves(&(texting("countries = [\"*\"]") + "\n[tenants.public]\ndefault_country = \"AT\"\n")).settings.texts;
    assert_eq!(home.home, [at].into());
}

#[test]
fn texts_and_limits_that_make_no_sense_are_refused() {
    let all = "countries = [\"*\"]\n";
    for (settings, line) in [
        ("countries = [\"XX\"]", "line 4: countries: \"XX\" must be a country's two letters (ISO 3166), or \"*\" alone for all"),
        ("countries = [\"*\", \"DE\"]", "line 4: countries: \"*\" must be a country's two letters (ISO 3166), or \"*\" alone for all"),
        (&format!("{all}price = \"ten cents\""), "line 5: price: \"ten cents\" must be an amount like \"0.0742\" or \"50\""),
        (&format!("{all}per_day = \"-1\""), "line 5: per_day: \"-1\" must be an amount like \"0.0742\" or \"50\""),
        (&format!("{all}[texts.prices]\nXX = \"1\""), "line 6: XX: must be a country's two letters (ISO 3166)"),
        (&format!("{all}[texts.prices]\nDE = \"1\"\nde = \"2\""), "line 7: de: DE has a price already: keep one of them"),
        (&format!("{all}unused_per_country = -1"), "line 5: unused_per_country: must be 0 (no limit) to 1000000"),
        (
            &format!("{all}per_day = \"0.10\""),
            "line 5: per_day: a text may cost 0.10, so that none would go out: must be \"0\" (no limit) or more than that by a quarter",
        ),
        (
            "countries = [\"DE\"]\n[tenants.public]\ndefault_country = \"AT\"",
            "line 6: default_country: texts do not go to AT: add it to countries in [texts]",
        ),
        (&format!("{all}[limits]\nsends_per_server = -1"), "line 6: sends_per_server: must be 0 (no limit) or more"),
        (&format!("{all}[limits]\nguesses_per_server = -1"), "line 6: guesses_per_server: must be 0 (no limit) or more"),
        (&format!("{all}[limits]\nasks_per_network = -1"), "line 6: asks_per_network: must be 0 (no limit) or more"),
        (&format!("{all}[limits]\nwindow = \"2d\""), "line 6: window: must be 1m to 24h"),
    ] {
        refuses(&texting(settings), &format!("p.toml {line}"));
    }
}

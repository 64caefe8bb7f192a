//! `[texts]` and `[limits]`: what texts may cost, and what the whole server takes.

use super::Mode;
use crate::config::ConfigFile;
use postkey_model::{Millis, Money, Region, ServerRules, Tenant, TenantId, TextRules};
use std::collections::{BTreeMap, BTreeSet, HashMap};

pub(super) fn texts(
    mode: Mode,
    file: &ConfigFile,
    tenants: Option<&HashMap<TenantId, Tenant>>,
    wrong: &mut Vec<String>,
) -> Option<TextRules> {
    let (config, before) = (&file.config.texts, wrong.len());
    let sends = !file.config.sms.providers.is_empty() || !file.config.whatsapp.providers.is_empty();
    if config.countries.is_empty() && sends && mode == Mode::Serve {
        wrong.push(format!(
            "{} countries is missing: name those that texts go to, as in [\"DE\", \"AT\"], or [\"*\"] for all of them. Texts to \
             countries where you have nobody are how others earn money with your provider's account",
            file.section_place("texts")
        ));
    }
    let refuse =
        |wrong: &mut Vec<String>, section: &str, key: &str, why: String| wrong.push(format!("{}: {why}", file.place(section, key)));
    let mut countries = BTreeSet::new();
    for letters in &config.countries {
        match Region::parse(letters) {
            Some(region) => drop(countries.insert(region)),
            None if letters == "*" && config.countries.len() == 1 => {}
            None => {
                let why = format!("{letters:?} must be a country's two letters (ISO 3166), or \"*\" alone for all");
                refuse(wrong, "texts", "countries", why);
            }
        }
    }
    let money = |wrong: &mut Vec<String>, section: &str, key: &str, text: &str| {
        let read = Money::parse(text);
        if read.is_none() {
            refuse(wrong, section, key, format!("{text:?} must be an amount like \"0.0742\" or \"50\""));
        }
        read
    };
    let usual_price = money(wrong, "texts", "price", &config.price);
    let per_day = money(wrong, "texts", "per_day", &config.per_day);
    let mut prices = BTreeMap::new();
    for (letters, price) in &config.prices {
        let price = money(wrong, "texts.prices", letters, price);
        match Region::parse(letters) {
            Some(region) if price.is_some_and(|price| prices.insert(region, price).is_some()) => {
                refuse(wrong, "texts.prices", letters, format!("{} has a price already: keep one of them", region.as_str()));
            }
            Some(_) => {}
            None => refuse(wrong, "texts.prices", letters, "must be a country's two letters (ISO 3166)".to_owned()),
        }
    }
    if !(0..=1_000_000).contains(&config.unused_per_country) {
        refuse(wrong, "texts", "unused_per_country", "must be 0 (no limit) to 1000000".to_owned());
    }
    let dearest = prices.values().copied().chain(usual_price).max();
    if let (Some(per_day), Some(dearest)) = (per_day, dearest)
        && per_day > Money(0)
        && Money(per_day.0 / 5 * 4) < dearest
    {
        let why = format!("a text may cost {dearest}, so that none would go out: must be \"0\" (no limit) or more than that by a quarter");
        refuse(wrong, "texts", "per_day", why);
    }
    for (id, tenant) in tenants.into_iter().flatten().filter(|_| !countries.is_empty()) {
        if let Some(region) = tenant.phone.default_country.filter(|region| !countries.contains(region)) {
            let why = format!("texts do not go to {}: add it to countries in [texts]", region.as_str());
            refuse(wrong, &format!("tenants.{id}"), "default_country", why);
        }
    }
    let home = tenants.into_iter().flatten().filter_map(|(_, tenant)| tenant.phone.default_country).collect();
    let (usual_price, per_day) = (usual_price?, per_day?);
    let countries = (!countries.is_empty()).then_some(countries);
    (wrong.len() == before).then_some(TextRules {
        countries,
        prices,
        usual_price,
        per_day,
        unused_per_country: config.unused_per_country,
        home,
    })
}

pub(super) fn server_rules(file: &ConfigFile, wrong: &mut Vec<String>) -> ServerRules {
    let config = &file.config.limits;
    for (key, count) in [
        ("sends_per_server", config.sends_per_server),
        ("guesses_per_server", config.guesses_per_server),
        ("asks_per_network", config.asks_per_network),
    ] {
        if !(0..=1_000_000_000).contains(&count) {
            wrong.push(format!("{}: must be 0 (no limit) or more", file.place("limits", key)));
        }
    }
    if config.window.0 < Millis::from_mins(1) || config.window.0 > Millis::from_hours(24) {
        wrong.push(format!("{}: must be 1m to 24h", file.place("limits", "window")));
    }
    ServerRules {
        sends: config.sends_per_server,
        guesses: config.guesses_per_server,
        asks_per_network: config.asks_per_network,
        window: config.window.0,
    }
}

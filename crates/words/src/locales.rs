//! The shipped languages: one line each, in one table.

use crate::Language;

/// A shipped language with what it says.
#[derive(Clone, Copy)]
pub(crate) struct Shipped {
    pub language: Language,
    /// `locales/de.ftl`.
    pub file: &'static str,
    /// Its strings, as Fluent.
    pub strings: &'static str,
    /// Its country names (`scripts/country-names`): a code, a tab and a name a line, sorted.
    pub countries: &'static str,
}

macro_rules! shipped {
    ($language:expr, $code:literal) => {
        Shipped {
            language: $language,
            file: concat!("locales/", $code, ".ftl"),
            strings: include_str!(concat!("../../../templates/locales/", $code, ".ftl")),
            countries: include_str!(concat!("../../../templates/locales/countries/", $code, ".tsv")),
        }
    };
    ($code:literal, $own_name:literal, rtl) => {
        shipped!(Language::new($code, $own_name).right_to_left(), $code)
    };
    ($code:literal, $own_name:literal, ltr) => {
        shipped!(Language::new($code, $own_name), $code)
    };
}

/// What is shipped, English first. To add a language: its line here, its `.ftl`, and its code in `scripts/country-names`.
pub(crate) const SHIPPED: &[Shipped] = &[
    shipped!("en", "English", ltr),
    shipped!("de", "Deutsch", ltr),
    shipped!("fr", "Français", ltr),
    shipped!("es", "Español", ltr),
    shipped!("pt", "Português", ltr),
    shipped!("it", "Italiano", ltr),
    shipped!("nl", "Nederlands", ltr),
    shipped!("pl", "Polski", ltr),
    shipped!("tr", "Türkçe", ltr),
    shipped!("ar", "العربية", rtl),
    shipped!("ja", "日本語", ltr),
    shipped!("zh", "简体中文", ltr),
    shipped!("ko", "한국어", ltr),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Words;

    #[test]
    fn what_is_shipped_loads() {
        assert_eq!(SHIPPED[0].language, Language::ENGLISH);
        let words = Words::shipped().unwrap();
        assert_eq!(words.languages().all().len(), SHIPPED.len());
        for shipped in SHIPPED {
            assert!(shipped.file.contains(shipped.language.code()));
        }
    }

    #[test]
    fn every_language_names_every_country_once_and_in_its_own_order() {
        let words = Words::shipped().unwrap();
        let codes = |language| {
            let mut codes: Vec<_> = words.countries(language).iter().map(|(code, _)| *code).collect();
            codes.sort_unstable();
            codes
        };
        let english = codes(Language::ENGLISH);
        assert_eq!(english.len(), 245);
        assert!(english.windows(2).all(|pair| pair[0] < pair[1]), "a country stands twice");
        for language in words.languages().all() {
            assert_eq!(codes(*language), english, "{language:?}");
            assert!(words.countries(*language).iter().all(|(code, name)| code.len() == 2 && !name.is_empty() && name != code));
        }
        let german = words.languages().find("de").unwrap();
        let place = |code| words.countries(german).iter().position(|(found, _)| *found == code).unwrap();
        assert!(place("AF") < place("EG") && place("EG") < place("AL"), "Ägypten stands between Afghanistan and Albanien");
        assert_eq!(words.country(german, "DE"), Some("Deutschland"));
        assert_eq!(words.country(german, "ZZ"), None);
    }
}

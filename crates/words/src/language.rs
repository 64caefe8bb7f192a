//! Languages: which one a person is answered in, and which country they are probably in.
//! What they say lives in `words.rs`.

use std::fmt;

use unic_langid::{CharacterDirection, LanguageIdentifier};

/// What one header or parameter may name before we stop reading.
const MOST_RANGES: usize = 32;

/// The longest language tag that is looked at (RFC 5646 §4.4.1 needs 35).
const LONGEST_TAG: usize = 35;

/// One of the loaded languages.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Language {
    code: &'static str,
    own_name: &'static str,
    right_to_left: bool,
}

impl fmt::Debug for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code)
    }
}

impl Language {
    /// English: the reference that everything else is measured against, and the language of last resort.
    pub const ENGLISH: Language = Language::new("en", "English");

    /// A shipped language, written from left to right.
    pub(crate) const fn new(code: &'static str, own_name: &'static str) -> Self {
        Language { code, own_name, right_to_left: false }
    }

    /// The same, written from right to left.
    pub(crate) const fn right_to_left(self) -> Self {
        Language { right_to_left: true, ..self }
    }

    /// An operator's language. Its names stay in memory for the life of the process.
    pub(crate) fn added(tag: &LanguageIdentifier, own_name: String) -> Self {
        let right_to_left = tag.character_direction() == CharacterDirection::RTL;
        Language { code: tag.to_string().leak(), own_name: own_name.leak(), right_to_left }
    }

    /// Its BCP 47 tag: `de`.
    pub fn code(self) -> &'static str {
        self.code
    }

    /// How HTML's `dir` calls its direction of writing: `ltr` or `rtl`.
    pub fn dir(self) -> &'static str {
        if self.right_to_left { "rtl" } else { "ltr" }
    }

    /// What its speakers call it: `Deutsch`.
    pub fn own_name(self) -> &'static str {
        self.own_name
    }
}

/// The loaded languages.
#[derive(Clone, Debug)]
pub struct Languages(Vec<Language>);

impl Languages {
    pub(crate) fn new(all: Vec<Language>) -> Self {
        Languages(all)
    }

    /// All of them, English first, then as they were loaded.
    pub fn all(&self) -> &[Language] {
        &self.0
    }

    /// The language of exactly that code, in any case: for settings. People's wishes go through [`Languages::choose`].
    pub fn find(&self, code: &str) -> Option<Language> {
        self.0.iter().find(|language| language.code.eq_ignore_ascii_case(code)).copied()
    }

    /// The language to answer in. `explicit` is a `lang` or `ui_locales` parameter (tags between spaces, the dearest
    /// first, OpenID Connect Core §3.1.2.1); it beats the `cookie`, that beats the `Accept-Language` header (RFC 9110
    /// §12.5.4), that beats the default. Matching is RFC 4647 §3.4's lookup: `de-AT` finds `de`, `no` finds nothing.
    pub fn choose(&self, explicit: Option<&str>, cookie: Option<&str>, accept_language: Option<&str>, default: Language) -> Language {
        let parameter = || explicit?.split_ascii_whitespace().take(MOST_RANGES).find_map(|tag| self.lookup(tag));
        let remembered = || self.lookup(cookie?.trim());
        let accepted = || ranges(accept_language?).into_iter().find_map(|tag| self.lookup(tag));
        parameter().or_else(remembered).or_else(accepted).unwrap_or(default)
    }

    /// RFC 4647 §3.4: the range is shortened from its end until it is a loaded language.
    fn lookup(&self, range: &str) -> Option<Language> {
        let mut range = (range.len() <= LONGEST_TAG).then_some(range)?;
        loop {
            if let Some(language) = self.find(range) {
                return Some(language);
            }
            range = range.rsplit_once('-')?.0;
            // A single letter only introduces what was just cut off.
            if let Some((shorter, last)) = range.rsplit_once('-')
                && last.len() == 1
            {
                range = shorter;
            }
        }
    }
}

/// The first country named in an `Accept-Language` header, the dearest first: `en-GB;q=.9, de-AT` says `AT`. A hint, for
/// the country that a phone form starts with.
pub fn region_of(accept_language: Option<&str>) -> Option<String> {
    ranges(accept_language?).into_iter().find_map(|tag| {
        let is_region = |subtag: &&str| subtag.len() == 2 && subtag.bytes().all(|b| b.is_ascii_alphabetic());
        // What follows a single letter is an extension; the first subtag is the language.
        tag.split('-').skip(1).take_while(|subtag| subtag.len() > 1).find(is_region).map(str::to_ascii_uppercase)
    })
}

/// An `Accept-Language` header's tags, the dearest first; refused ones (`q=0`) and `*` are left out.
fn ranges(header: &str) -> Vec<&str> {
    let mut found: Vec<_> = header.split(',').take(MOST_RANGES).filter_map(weighed).collect();
    // A stable sort: equals stay in the header's order.
    found.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    found.into_iter().map(|(_, tag)| tag).collect()
}

/// One tag with its weight in thousandths, which is all that the grammar has (RFC 9110 §12.4.2).
fn weighed(part: &str) -> Option<(u16, &str)> {
    let (tag, parameters) = part.split_once(';').unwrap_or((part, ""));
    let tag = tag.trim();
    let weight = parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("q").then(|| value.trim().parse::<f32>().ok().filter(|q| q.is_finite()))
    });
    // A weight that cannot be read is the lowest.
    let thousandths = weight.map_or(1000, |q| q.map_or(1, |q| (q.clamp(0.0, 1.0) * 1000.0).round() as u16));
    let plain = !tag.is_empty() && tag.len() <= LONGEST_TAG && tag.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    (plain && thousandths > 0).then_some((thousandths, tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DE: Language = Language::new("de", "Deutsch");
    const AR: Language = Language::new("ar", "العربية").right_to_left();

    fn languages() -> Languages {
        let more = ["fr", "pt", "zh"].map(|code| Language::new(code, code));
        Languages::new([&[Language::ENGLISH, DE, AR], more.as_slice()].concat())
    }

    fn accepted(header: &str) -> &'static str {
        languages().choose(None, None, Some(header), AR).code()
    }

    #[test]
    fn lookup_shortens_ranges_and_never_guesses() {
        for (header, code) in [
            ("de-AT", "de"),
            ("pt-BR", "pt"),
            ("zh-TW", "zh"),
            ("zh-Hant", "zh"),
            ("zh-Hant-HK", "zh"),
            ("de-x-private", "de"),
            ("DE-at", "de"),
            ("no", "ar"),
            ("deu", "ar"),
            ("d", "ar"),
            ("", "ar"),
            ("*", "ar"),
            ("-", "ar"),
            ("de-", "de"),
            ("x-de", "ar"),
            ("é, fr", "fr"),
        ] {
            assert_eq!(accepted(header), code, "{header}");
        }
    }

    #[test]
    fn weights_order_the_header() {
        for (header, code) in [
            ("fr;q=0.5, de", "de"),
            ("fr;q=0.5,de;q=0.500", "fr"),
            ("fr;q=0,de;q=0.001", "de"),
            ("de;q=0", "ar"),
            ("de;q=oops, fr;q=0.2", "fr"),
            ("no, nb;q=0.9, de;q=.8, en;q=0.7", "de"),
            ("de ; Q = 0.1 , en;q=0.2", "en"),
            ("de;q=NaN, fr;q=0.1", "fr"),
        ] {
            assert_eq!(accepted(header), code, "{header}");
        }
    }

    #[test]
    fn a_parameter_beats_the_cookie_beats_the_header_beats_the_default() {
        let choose = |explicit, cookie, header| languages().choose(explicit, cookie, header, Language::ENGLISH).code();
        assert_eq!(choose(Some("xx de-CH fr"), Some("ar"), Some("pt")), "de");
        assert_eq!(choose(Some("xx"), Some("ar"), Some("pt")), "ar");
        assert_eq!(choose(Some(""), Some("no such"), Some("pt")), "pt");
        assert_eq!(choose(None, None, None), "en");
        assert_eq!(choose(Some(&format!("de-{}", "a".repeat(40))), None, None), "en");
    }

    #[test]
    fn a_longer_code_wins_where_it_is_loaded() {
        let added = Language::added(&"pt-BR".parse().unwrap(), "Português (Brasil)".to_owned());
        let languages = Languages::new([languages().all(), &[added]].concat());
        assert_eq!(languages.choose(Some("pt-br"), None, None, DE).code(), "pt-BR");
        assert_eq!(languages.choose(Some("pt-PT"), None, None, DE).code(), "pt");
    }

    #[test]
    fn the_first_region_in_order_of_weight() {
        for (header, region) in [
            ("en-GB;q=.9, de-AT", Some("AT")),
            ("de, en-US;q=0.5", Some("US")),
            ("zh-Hant-tw", Some("TW")),
            ("es-419, fr-CA;q=0.1", Some("CA")),
            ("de-u-co-phonebk", None),
            ("de", None),
            ("de-DE;q=0", None),
            ("", None),
        ] {
            assert_eq!(region_of(Some(header)).as_deref(), region, "{header}");
        }
        assert_eq!(region_of(None), None);
    }

    #[test]
    fn direction_is_known_for_added_languages_too() {
        let dir = |tag: &str| Language::added(&tag.parse().unwrap(), tag.to_owned()).dir();
        assert_eq!((AR.dir(), DE.dir()), ("rtl", "ltr"));
        for (tag, expected) in [("he", "rtl"), ("fa", "rtl"), ("ur", "rtl"), ("uk", "ltr"), ("uz-Arab", "rtl"), ("zh-Hant", "ltr")] {
            assert_eq!(dir(tag), expected, "{tag}");
        }
    }
}

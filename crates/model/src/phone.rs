//! Phone numbers: what a person types, read by the rules of Google's libphonenumber into one spelling (E.164), and the
//! guess whether something typed into the field for both is a phone number at all.

pub use crate::region::Region;
use rlibphonenumber::{NumberLengthType, PHONE_NUMBER_UTIL, PhoneNumber as LibraryNumber, PhoneNumberFormat, PhoneNumberType};
use serde::{Deserialize, Serialize};
use std::fmt;
use thiserror::Error;

/// More signs than any way of writing one number has.
const LONGEST: usize = 64;

/// A phone number in its one spelling, E.164: `+14155552671`.
///
/// It is valid by libphonenumber (the digits are in use there), and of a kind that may take a text. Fixed lines and
/// freephone numbers are taken: some of them do take texts, and in many countries (+1 above all) nothing in the
/// number tells them from a mobile one. Premium rate, shared cost, company-wide (UAN), voicemail and pager numbers
/// are refused: texts to them do not arrive, or cost somebody money. Deserialised, it is one that we wrote ourselves
/// ([`PhoneNumber::stored`]).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PhoneNumber(String);

/// Why a phone number was refused. Each has its words on the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PhoneError {
    /// Nothing was typed.
    #[error("no phone number was given")]
    Empty,
    /// More than 64 signs.
    #[error("the phone number is too long")]
    TooLong,
    /// Not a phone number at all: letters, other signs, an extension, hardly a digit.
    #[error("that is not a phone number")]
    NotANumber,
    /// It needs its country in front: written as at home with no country known, or it means two numbers.
    #[error("the phone number needs its country code")]
    NeedsCountry,
    /// No number in use there, or no such country code.
    #[error("there is no such phone number")]
    Invalid,
    /// A number of a kind that takes no texts: premium rate, shared cost, company-wide, voicemail, pager.
    #[error("that kind of phone number cannot take a text")]
    NoTexts,
}

impl PhoneNumber {
    /// Reads what a person typed. `default` is the country of numbers written as at home, with or without that
    /// country's trunk prefix (`0…`, `8…`), its international prefix (`011…`) or its own calling code.
    ///
    /// Forgiven: white space around, separators, brackets, invisible signs, digits of other scripts. `+…` and `00…` win
    /// over `default`; only where the country's own way of dialling gives `00…` another meaning and both are valid
    /// numbers (`0011…` in Australia) it is [`PhoneError::NeedsCountry`]: a code must not go to a stranger.
    /// Refused: letters (no vanity numbers), extensions, control characters, everything else.
    pub fn parse(typed: &str, default: Option<Region>) -> Result<Self, PhoneError> {
        let number = Typed::read(typed)?.resolve(default)?;
        if takes_texts(PHONE_NUMBER_UTIL.get_number_type(&number)) { Ok(PhoneNumber(e164(&number))) } else { Err(PhoneError::NoTexts) }
    }

    /// A number read back from our own store.
    pub fn stored(text: String) -> Self {
        PhoneNumber(text)
    }

    /// The number as text, E.164.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The number grouped as people read it, with its calling code: `+1 415-555-2671`. For showing only.
    pub fn international(&self) -> String {
        match self.library() {
            Some(number) => PHONE_NUMBER_UTIL.format(&number, PhoneNumberFormat::International).into_owned(),
            None => self.0.clone(),
        }
    }

    /// Enough of the number for its owner to know it and for nobody else to learn it: `+1 ••• ••71`. Calling code and last
    /// two digits, whatever the length.
    pub fn masked(&self) -> String {
        let Some(number) = self.library() else { return "•••".to_owned() };
        let last = self.0.len().saturating_sub(2);
        format!("+{} ••• ••{}", number.country_code, self.0.get(last..).unwrap_or_default())
    }

    /// The region whose number it is; `None` for the codes that belong to no place (satellite, international
    /// freephone).
    pub fn region(&self) -> Option<Region> {
        self.library().and_then(|number| PHONE_NUMBER_UTIL.get_region_for_number(&number)).and_then(Region::from_library)
    }

    fn library(&self) -> Option<LibraryNumber> {
        PHONE_NUMBER_UTIL.parse(&self.0, None).ok()
    }
}

impl fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What was typed into the field that takes an email address or a phone number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Guess {
    /// A phone number, good at once.
    Phone(PhoneNumber),
    /// Very likely meant as a phone number, but which one cannot be told: ask for it with its country.
    /// [`PhoneNumber::parse`] of the same two values says what is wrong.
    NeedsCountry {
        /// The country to choose in the list. `None`: leave the choice to the person.
        region: Option<Region>,
        /// What to show in the phone field: as typed, with plain digits and without invisible signs. Text of a
        /// stranger's making: escape it.
        number: String,
    },
    /// Not a phone number: read it as an email address.
    NotAPhone,
}

/// Guesses what was typed into the one field for both. `default` as in [`PhoneNumber::parse`].
///
/// No phone: anything with an `@`, fewer than three digits, more signs that no phone number has than digits.
///
/// A forgotten `+` is put in front when the digits are then a valid number and the default country cannot have meant
/// them. Here, and in what the phone form is filled with, it differs from the older form whose cases it follows, each
/// time so that a slip costs a press and not a message to a stranger:
///
/// - If the digits have the length of a mobile number of the default country, they are taken for a slip in one of those,
///   not for a foreign number without its `+` ("372 512 3456" typed in the US is not Estonian).
/// - If the number with the `+` is a fixed line, it is only proposed ("507 234 5678" may be Minnesota or Panama).
/// - A number that is not valid in the default country keeps the spelling it was typed in, and the country goes to the list:
///   a calling code written into the field would win over the list when the person picks another country there.
/// - With no default country a `+` is put before an invalid number only if it has a length that is in use under its calling code;
///   otherwise it is taken for a local number, kept as typed, and no country is proposed. Nearly every local
///   number starts with somebody's calling code.
pub fn guess(typed: &str, default: Option<Region>) -> Guess {
    let Some(shown) = phone_like(typed) else { return Guess::NotAPhone };
    let as_typed = |region| Guess::NeedsCountry { region, number: shown.clone() };
    let failure = match PhoneNumber::parse(typed, default) {
        Ok(number) => return Guess::Phone(number),
        Err(failure) => failure,
    };
    let Ok(signs) = Typed::read(typed) else { return as_typed(default) };
    match signs.international() {
        Some(_) if failure == PhoneError::NeedsCountry => return as_typed(default),
        Some(digits) => return as_typed(region_of(digits)),
        None if failure == PhoneError::NoTexts => return as_typed(default),
        None => {}
    }
    let digits = &signs.digits;
    if default.is_some_and(|region| is_of_mobile_length(digits, region)) {
        return as_typed(default);
    }
    let Some(abroad) = with_plus(digits) else { return as_typed(default) };
    let proposed = || Guess::NeedsCountry { region: region_of(digits), number: format!("+{digits}") };
    if PHONE_NUMBER_UTIL.is_valid_number(&abroad) {
        match PHONE_NUMBER_UTIL.get_number_type(&abroad) {
            PhoneNumberType::Mobile | PhoneNumberType::FixedLineOrMobile => Guess::Phone(PhoneNumber(e164(&abroad))),
            _ => proposed(),
        }
    } else if default.is_none() && PHONE_NUMBER_UTIL.is_possible_number_with_reason(&abroad) == Ok(NumberLengthType::IsPossible) {
        proposed()
    } else {
        as_typed(default)
    }
}

/// What was typed, bare: digits in ASCII, and whether a `+` led them.
struct Typed {
    plus: bool,
    digits: String,
}

impl Typed {
    fn read(typed: &str) -> Result<Self, PhoneError> {
        let typed = trimmed(typed);
        if typed.chars().all(|c| is_invisible(c) || (c.is_whitespace() && !c.is_control())) {
            return Err(PhoneError::Empty);
        }
        if typed.chars().count() > LONGEST {
            return Err(PhoneError::TooLong);
        }
        let mut read = Typed { plus: false, digits: String::new() };
        for sign in typed.chars() {
            if let Some(digit) = ascii_digit(sign) {
                read.digits.push(digit);
            } else if is_plus(sign) && !read.plus && read.digits.is_empty() {
                read.plus = true;
            } else if !is_separator(sign) {
                return Err(PhoneError::NotANumber);
            }
        }
        if read.digits.len() < 3 { Err(PhoneError::NotANumber) } else { Ok(read) }
    }

    /// The digits from the calling code on, if it was typed with `+` or `00` (or, by mistake, both).
    fn international(&self) -> Option<&str> {
        let after_zeros = self.digits.strip_prefix("00");
        if self.plus { Some(after_zeros.unwrap_or(&self.digits)) } else { after_zeros }
    }

    /// The one valid number that was meant.
    fn resolve(&self, default: Option<Region>) -> Result<LibraryNumber, PhoneError> {
        let here = || default.and_then(|region| PHONE_NUMBER_UTIL.parse(&self.digits, Some(region.library())).ok()).filter(is_valid);
        match self.international() {
            Some(digits) => {
                let there = with_plus(digits).filter(is_valid);
                match (there, if self.plus { None } else { here() }) {
                    (Some(there), Some(here)) if e164(&there) != e164(&here) => Err(PhoneError::NeedsCountry),
                    (Some(number), _) | (None, Some(number)) => Ok(number),
                    (None, None) => Err(PhoneError::Invalid),
                }
            }
            None if default.is_none() => Err(PhoneError::NeedsCountry),
            None => here().ok_or(PhoneError::Invalid),
        }
    }
}

/// The digits as a number from its calling code on; it need not be valid.
fn with_plus(digits: &str) -> Option<LibraryNumber> {
    PHONE_NUMBER_UTIL.parse(format!("+{digits}"), None).ok()
}

fn is_valid(number: &LibraryNumber) -> bool {
    PHONE_NUMBER_UTIL.is_valid_number(number)
}

fn e164(number: &LibraryNumber) -> String {
    PHONE_NUMBER_UTIL.format(number, PhoneNumberFormat::E164).into_owned()
}

/// Whether texts to this kind of number may arrive and cost what a text costs.
fn takes_texts(kind: PhoneNumberType) -> bool {
    match kind {
        PhoneNumberType::Mobile
        | PhoneNumberType::FixedLineOrMobile
        | PhoneNumberType::FixedLine
        | PhoneNumberType::TollFree
        | PhoneNumberType::VoIP
        | PhoneNumberType::PersonalNumber => true,
        PhoneNumberType::PremiumRate
        | PhoneNumberType::SharedCost
        | PhoneNumberType::Pager
        | PhoneNumberType::UAN
        | PhoneNumberType::VoiceMail
        | PhoneNumberType::Unknown => false,
    }
}

/// Whether the digits, written as in `region`, are as many as its mobile numbers have.
fn is_of_mobile_length(digits: &str, region: Region) -> bool {
    let number = PHONE_NUMBER_UTIL.parse(digits, Some(region.library()));
    number.is_ok_and(|number| PHONE_NUMBER_UTIL.is_possible_number_for_type(&number, PhoneNumberType::Mobile))
}

/// The main region of the calling code that these digits start with. No calling code is the start of another.
fn region_of(digits: &str) -> Option<Region> {
    (1..=3).find_map(|length| Region::main_of(digits.get(..length)?.parse().ok()?))
}

/// What the phone form would show of it, or `None` if it does not look like a phone number.
fn phone_like(typed: &str) -> Option<String> {
    let typed = trimmed(typed);
    if typed.chars().count() > LONGEST || typed.chars().any(|c| c.is_control() || matches!(c, '@' | '＠' | '﹫')) {
        return None;
    }
    let shown: String =
        typed.chars().filter(|c| !is_invisible(*c)).map(|c| if is_plus(c) { '+' } else { ascii_digit(c).unwrap_or(c) }).collect();
    let digits = shown.chars().filter(char::is_ascii_digit).count();
    let strange = shown.chars().filter(|c| !c.is_ascii_digit() && *c != '+' && !is_separator(*c)).count();
    (digits >= 3 && digits >= strange).then_some(shown)
}

/// Without the white space around. A line break is none: it does not come from a field of one line.
fn trimmed(typed: &str) -> &str {
    typed.trim_matches(|c: char| c == '\t' || is_invisible(c) || (c.is_whitespace() && !c.is_control()))
}

/// A digit of any script (Unicode Nd) as its ASCII twin.
fn ascii_digit(sign: char) -> Option<char> {
    if sign.is_ascii() {
        return sign.is_ascii_digit().then_some(sign);
    }
    if !sign.is_numeric() {
        return None;
    }
    PHONE_NUMBER_UTIL.normalize_digits_only(sign.to_string()).chars().next()
}

fn is_plus(sign: char) -> bool {
    matches!(sign, '+' | '＋' | '﹢')
}

/// Signs nobody sees: soft hyphen, zero width, marks and overrides of direction, byte order mark.
fn is_invisible(sign: char) -> bool {
    matches!(sign, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Signs people put between the digits: spaces, dashes, dots, slashes, brackets. No tilde, which may lead an extension.
fn is_separator(sign: char) -> bool {
    is_invisible(sign)
        || (sign.is_whitespace() && !sign.is_control())
        || matches!(sign, '-' | '.' | '/' | '(' | ')' | '[' | ']' | '·')
        || matches!(sign, '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{30fc}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}')
        || matches!(sign, '\u{ff0e}' | '\u{ff0f}' | '\u{ff08}' | '\u{ff09}' | '\u{ff3b}' | '\u{ff3d}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(letters: &str) -> Option<Region> {
        if letters == "-" { None } else { Some(Region::parse(letters).unwrap()) }
    }

    fn parsed(typed: &str, default: &str) -> Result<String, PhoneError> {
        PhoneNumber::parse(typed, region(default)).map(|number| number.to_string())
    }

    #[test]
    fn one_number_has_one_spelling() {
        for typed in [
            "+14155552671",
            "  +1 (415) 555-2671\t",
            "+1.415.555.2671",
            "(+1) 415/555/2671",
            "＋１４１５５５５２６７１",
            "+١٤١٥٥٥٥٢٦٧١",
            "+१ ४१५-५५५-२६७१",
            "\u{202a}+1 415\u{2011}555\u{2011}2671\u{202c}",
            "\u{feff}+1\u{a0}415\u{3000}555\u{200b}2671",
            "+1 1 415 555 2671",
            "0014155552671",
            "00 1 415 555 2671",
            "+00 1 415 555 2671",
        ] {
            for default in ["-", "US", "DE", "JP"] {
                assert_eq!(parsed(typed, default).as_deref(), Ok("+14155552671"), "{typed:?} in {default}");
            }
        }
        for (typed, default, number) in [
            ("4155552671", "US", "+14155552671"),
            ("1 (415) 555-2671", "CA", "+14155552671"),
            ("011 44 7911 123456", "US", "+447911123456"),
            ("07911 123456", "GB", "+447911123456"),
            ("+44 (0)7911 123456", "US", "+447911123456"),
            ("447911123456", "GB", "+447911123456"),
            ("06 20 123 4567", "HU", "+36201234567"),
            ("8 (912) 345-67-89", "RU", "+79123456789"),
            ("+7 8 912 345 67 89", "-", "+79123456789"),
            ("06 1234 5678", "IT", "+390612345678"),
            ("0151 23456789", "DE", "+4915123456789"),
            ("010 1 415 555 2671", "JP", "+14155552671"),
            ("0011 44 7911 123456", "AU", "+447911123456"),
            ("+870 773 111 632", "-", "+870773111632"),
        ] {
            assert_eq!(parsed(typed, default).as_deref(), Ok(number), "{typed:?} in {default}");
        }
    }

    #[test]
    fn each_refusal_has_its_name() {
        let long = "1".repeat(65);
        let spaced = format!("+1 415 555 2671{}", " 1".repeat(40));
        for (typed, default, error) in [
            ("", "US", PhoneError::Empty),
            (" \t\u{a0}\u{202a}\u{200b}", "US", PhoneError::Empty),
            (&long, "US", PhoneError::TooLong),
            (&spaced, "US", PhoneError::TooLong),
            ("+", "US", PhoneError::NotANumber),
            ("--", "US", PhoneError::NotANumber),
            ("12", "US", PhoneError::NotANumber),
            ("jane", "US", PhoneError::NotANumber),
            ("1-800-FLOWERS", "US", PhoneError::NotANumber),
            ("415-555-2671 ext 5", "US", PhoneError::NotANumber),
            ("+14155552671;ext=5", "US", PhoneError::NotANumber),
            ("+14155552671#5", "US", PhoneError::NotANumber),
            ("+1415555267~1", "US", PhoneError::NotANumber),
            ("+14155552671,,5", "US", PhoneError::NotANumber),
            ("+14155552671\r\nTo: +14155552672", "US", PhoneError::NotANumber),
            ("+14155552671\n", "US", PhoneError::NotANumber),
            ("+1415\x005552671", "US", PhoneError::NotANumber),
            ("+1415\t5552671", "US", PhoneError::NotANumber),
            ("tel:+14155552671", "US", PhoneError::NotANumber),
            ("+14155552671&x=1", "US", PhoneError::NotANumber),
            ("<b>+14155552671</b>", "US", PhoneError::NotANumber),
            ("4155552671+", "US", PhoneError::NotANumber),
            ("++14155552671", "US", PhoneError::NotANumber),
            ("+1415+5552671", "US", PhoneError::NotANumber),
            ("+1415555267①", "US", PhoneError::NotANumber),
            ("+1415555267²", "US", PhoneError::NotANumber),
            ("4155552671", "-", PhoneError::NeedsCountry),
            ("07911 123456", "-", PhoneError::NeedsCountry),
            ("0011 65 9234 5678", "AU", PhoneError::NeedsCountry),
            ("4155552671", "DK", PhoneError::Invalid),
            ("+1 415 555 267", "US", PhoneError::Invalid),
            ("+1 415 555 26711", "US", PhoneError::Invalid),
            ("+999 415 555 2671", "US", PhoneError::Invalid),
            ("000 415 555 2671", "US", PhoneError::Invalid),
            ("+1 900 234 5678", "-", PhoneError::NoTexts),
            ("0900 1234567", "DE", PhoneError::NoTexts),
            ("+979 123 456 789", "-", PhoneError::NoTexts),
            ("+44 55 1234 5678", "-", PhoneError::NoTexts),
        ] {
            assert_eq!(parsed(typed, default), Err(error), "{typed:?} in {default}");
        }
    }

    #[test]
    fn a_number_is_shown_grouped_and_masked() {
        for (text, shown, masked, home) in [
            ("+14155552671", "+1 415-555-2671", "+1 ••• ••71", "US"),
            ("+447400123456", "+44 7400 123456", "+44 ••• ••56", "GB"),
            ("+447911123456", "+44 7911 123456", "+44 ••• ••56", "GG"),
            ("+358401234567", "+358 40 1234567", "+358 ••• ••67", "FI"),
            ("+12424561234", "+1 242-456-1234", "+1 ••• ••34", "BS"),
            ("+870773111632", "+870 773 111 632", "+870 ••• ••32", "-"),
        ] {
            let number = PhoneNumber::stored(text.to_owned());
            assert_eq!((number.as_str(), number.to_string()), (text, text.to_owned()));
            assert_eq!((number.international().as_str(), number.masked().as_str(), number.region()), (shown, masked, region(home)));
        }
        let spoilt = PhoneNumber::stored("nonsense".to_owned());
        assert_eq!((spoilt.international().as_str(), spoilt.masked().as_str(), spoilt.region()), ("nonsense", "•••", None));
    }

    fn needs(home: &str, number: &str) -> Guess {
        Guess::NeedsCountry { region: region(home), number: number.to_owned() }
    }

    fn phone(text: &str) -> Guess {
        Guess::Phone(PhoneNumber::stored(text.to_owned()))
    }

    #[test]
    fn guesses_with_a_default_country() {
        for (case, typed, default, guessed) in [
            ("local number", "20 123 4567", "HU", phone("+36201234567")),
            ("local number with its trunk prefix", "06 20 123 4567", "HU", phone("+36201234567")),
            ("shorter local number", "1 234 5678", "HU", phone("+3612345678")),
            ("its own code without +", "36201234567", "HU", phone("+36201234567")),
            ("another code without +", "447911123456", "HU", phone("+447911123456")),
            ("another code without +, in the US", "4915123456789", "US", phone("+4915123456789")),
            ("another country in full", "+1 415 555 2671", "HU", phone("+14155552671")),
            ("00", "0036 70 123 1212", "US", phone("+36701231212")),
            ("too short", "20 123", "HU", needs("HU", "20 123")),
            ("too long", "20 123 4567 890 12", "HU", needs("HU", "20 123 4567 890 12")),
            ("invalid with a valid code first", "44 7911 12345", "HU", needs("HU", "44 7911 12345")),
            ("a slip in a local number is no foreign number", "372 512 3456", "US", needs("US", "372 512 3456")),
            ("a fixed line abroad is proposed only", "442079460000", "US", needs("GB", "+442079460000")),
            ("invalid, but its country is plain", "+44 7911 12345", "HU", needs("GB", "+44 7911 12345")),
            ("no such country", "+999 123 4567", "HU", needs("-", "+999 123 4567")),
            ("premium rate", "(900) 234-5678", "US", needs("US", "(900) 234-5678")),
            ("shared cost here, a mobile number with a +", "1860 219 0398", "IN", needs("IN", "1860 219 0398")),
            ("two meanings", "0011 65 9234 5678", "AU", needs("AU", "0011 65 9234 5678")),
            ("an extension", "020 7946 0000 ext 5", "GB", needs("GB", "020 7946 0000 ext 5")),
            ("other digits, invisible signs", "\u{202a}٢٠ ١٢٣\u{202c} ", "HU", needs("HU", "20 123")),
        ] {
            assert_eq!(guess(typed, region(default)), guessed, "{case}: {typed:?} in {default}");
        }
    }

    #[test]
    fn guesses_without_a_default_country() {
        for (case, typed, guessed) in [
            ("local number", "(415) 555-2671", needs("-", "(415) 555-2671")),
            ("local number with its trunk prefix", "0151 23456789", needs("-", "0151 23456789")),
            ("shorter local number", "1 234 5678", needs("-", "1 234 5678")),
            ("too long", "4155552671415555", needs("-", "4155552671415555")),
            ("too short", "415 555", needs("-", "415 555")),
            ("code without +", "36 70 123 1212", phone("+36701231212")),
            ("a foreign mobile number", "372 512 3456", phone("+3725123456")),
            ("code without +, in the US", "1 (415) 555-2671", phone("+14155552671")),
            ("a fixed line is proposed only", "507 234 5678", needs("PA", "+5072345678")),
            ("invalid with a valid code first", "36 99 123 1212", needs("HU", "+36991231212")),
            ("premium rate with its code", "1 900 234 5678", needs("US", "+19002345678")),
            ("in full", "+36 70 123 1212", phone("+36701231212")),
            ("00", "0036 70 123 1212", phone("+36701231212")),
        ] {
            assert_eq!(guess(typed, None), guessed, "{case}: {typed:?}");
        }
    }

    #[test]
    fn what_is_no_phone_number_is_not_guessed() {
        let long = "5".repeat(65);
        for typed in [
            "",
            "  ",
            "jane",
            "jane@example.com",
            "4155552671@example.com",
            "4155552671＠example.com",
            "jane.doe1990example.com",
            "room 12",
            "12",
            "+-()",
            "jane 123",
            "4155552671\n",
            "415\x005552671",
            "<script>123</script>",
            &long,
        ] {
            assert_eq!(guess(typed, region("US")), Guess::NotAPhone, "{typed:?}");
            assert_eq!(guess(typed, None), Guess::NotAPhone, "{typed:?}");
        }
    }
}

//! Phone numbers against a published port of Google's libphonenumber, line by line, and properties of what is
//! read, shown and hidden. The table is made by `e2e/phone/numbers.py`.

#[cfg(test)]
mod tests {
    use postkey_model::phone::{Guess, guess};
    use postkey_model::{PhoneError, PhoneNumber, Region};
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    // The table.

    const TABLE: &str = include_str!("phones.tsv");

    /// Lines on which the two differ by the age of their tables alone, as (typed, default region, our verdict). The
    /// port has the tables 9.0.43, our library 9.0.42; the port with 9.0.42 gives our verdicts on every line.
    /// Anything else that differs is a defect, and a line here that no longer differs is to be taken out.
    const KNOWN: &[(&str, &str, &str)] = &[
        // 9.0.43 no longer has the Romanian mobile numbers that start with 62.
        ("+40620123456", "-", "+40620123456"),
        ("0620 123 456", "RO", "+40620123456"),
        // 9.0.43 no longer has the Beninese numbers of eight digits; all have ten now.
        ("+22985751234", "-", "+22985751234"),
        ("85 75 12 34", "BJ", "+22985751234"),
        ("+22981123456", "-", "no-texts"),
    ];

    /// Undoes `\u{…}`.
    fn unescaped(text: &str) -> String {
        let mut pieces = text.split("\\u{");
        let mut out = pieces.next().unwrap().to_owned();
        for piece in pieces {
            let (point, rest) = piece.split_once('}').unwrap();
            out.push(char::from_u32(u32::from_str_radix(point, 16).unwrap()).unwrap());
            out.push_str(rest);
        }
        out
    }

    fn verdict(typed: &str, default: Option<Region>) -> String {
        match PhoneNumber::parse(typed, default) {
            Ok(number) => number.to_string(),
            Err(PhoneError::Empty) => "empty".to_owned(),
            Err(PhoneError::TooLong) => "too-long".to_owned(),
            Err(PhoneError::NotANumber) => "not-a-number".to_owned(),
            Err(PhoneError::NeedsCountry) => "needs-country".to_owned(),
            Err(PhoneError::Invalid) => "invalid".to_owned(),
            Err(PhoneError::NoTexts) => "no-texts".to_owned(),
        }
    }

    #[test]
    fn ten_thousand_numbers_are_read_as_google_reads_them() {
        let mut lines = TABLE.lines();
        let version = lines.next().unwrap().trim_start_matches("# ");
        let (mut count, mut taken, mut known, mut regions, mut wrong) = (0, 0, 0, BTreeSet::new(), Vec::new());
        for line in lines {
            let [typed, region, theirs] = line.split('\t').collect::<Vec<_>>().try_into().unwrap();
            let default = (region != "-").then(|| Region::parse(region).unwrap_or_else(|| panic!("{region} is no region of ours")));
            let ours = verdict(&unescaped(typed), default);
            count += 1;
            if theirs.starts_with('+') {
                taken += 1;
                regions.extend(PhoneNumber::stored(theirs.to_owned()).region());
            }
            if ours != theirs && KNOWN.contains(&(typed, region, &ours)) {
                known += 1;
            } else if ours != theirs {
                wrong.push(format!("{typed:?} in {region}: ours {ours}, theirs {theirs}"));
            }
        }
        println!(
            "{count} numbers ({version}): {taken} taken, in {} regions; {known} differ by the age of the tables, {} wrongly",
            regions.len(),
            wrong.len()
        );
        assert!(wrong.is_empty(), "{} of {count} differ:\n  {}", wrong.len(), wrong[..wrong.len().min(60)].join("\n  "));
        assert!(count >= 10_000 && taken >= count / 2 && known == KNOWN.len(), "{count} lines, {taken} taken, {known} known");
        // Western Sahara and Saint Martin share all their numbers with a neighbour, whose they are taken to be.
        let missing: Vec<&Region> = Region::all().iter().filter(|region| !regions.contains(region)).collect();
        assert_eq!(missing.iter().map(|region| region.as_str()).collect::<Vec<_>>(), ["EH", "MF"], "no line with a number of theirs");
    }

    // Properties.

    fn default_region() -> impl Strategy<Value = Option<Region>> {
        prop_oneof![1 => Just(None), 4 => prop::sample::select(Region::all()).prop_map(Some)]
    }

    /// Numbers of the table that are taken.
    fn numbers() -> impl Strategy<Value = PhoneNumber> {
        let all: BTreeSet<&str> =
            TABLE.lines().skip(1).filter_map(|line| line.rsplit('\t').next()).filter(|v| v.starts_with('+')).collect();
        prop::sample::select(all.into_iter().collect::<Vec<_>>()).prop_map(|text| PhoneNumber::stored(text.to_owned()))
    }

    fn nearly_numbers() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            12 => "[0-9]{1,4}",
            3 => prop::sample::select(vec!["+", "00", "0", "011", "(", ")", "-", " ", ".", "/"]).prop_map(str::to_owned),
            2 => prop::sample::select(vec!["＋", "\u{202a}", "\u{202c}", "\u{ad}", "\u{3000}", "０", "٣", "९", "𝟗", "–"]).prop_map(str::to_owned),
            1 => prop::sample::select(vec!["x", "ext", ";", "#", "~", "@", "\n", "\t", "\0", "²", "五", "<b>"]).prop_map(str::to_owned),
            1 => "\\PC{1,3}",
        ];
        prop_oneof![6 => prop::collection::vec(piece, 0..9).prop_map(|pieces| pieces.concat()), 1 => any::<String>()]
    }

    /// A way of writing `sign` that means the same.
    fn disguised(sign: char, way: u8) -> String {
        let digit = |zero: u32| sign.to_digit(10).and_then(|digit| char::from_u32(zero + digit)).map(String::from);
        match (way % 8, sign) {
            (1, _) => digit(0x660),
            (2, _) => digit(0xff10),
            (3, _) => digit(0x1d7ce),
            (4, '+') => Some("＋".to_owned()),
            (5, _) => Some(format!("\u{202a}{sign}")),
            (6, '0'..='9') => Some(format!("{sign} ")),
            (7, '0'..='9') => Some(format!("({sign})")),
            _ => None,
        }
        .unwrap_or(sign.to_string())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(3_000))]

        /// Whatever is typed: no panic, and what is taken is plain E.164, is taken again as it is with any default, and
        /// comes back from the way it is shown.
        #[test]
        fn a_number_has_one_spelling(typed in nearly_numbers(), default in default_region(), other in default_region()) {
            let guessed = guess(&typed, default);
            let Ok(number) = PhoneNumber::parse(&typed, default) else { return Ok(()) };
            let text = number.as_str();
            prop_assert!(text.starts_with('+') && (6..=18).contains(&text.len()) && text.bytes().skip(1).all(|b| b.is_ascii_digit()), "{}", text);
            prop_assert_eq!(PhoneNumber::parse(text, other), Ok(number.clone()));
            prop_assert_eq!(PhoneNumber::parse(&number.international(), other), Ok(number.clone()));
            prop_assert_eq!(guessed, Guess::Phone(number));
        }

        /// However a good number is written, it is read as itself; letters and extensions are never forgiven.
        #[test]
        fn disguises_are_seen_through(number in numbers(), default in default_region(), ways in prop::collection::vec(any::<u8>(), 20), alien in "[A-Za-z#;,~*<@\\x00\\x1b\n]", at in any::<prop::sample::Index>()) {
            let typed: String = number.as_str().chars().zip(ways).map(|(sign, way)| disguised(sign, way)).collect();
            prop_assert_eq!(PhoneNumber::parse(&format!(" {typed}\u{a0}"), default), Ok(number.clone()), "{:?}", typed);
            let place = at.index(number.as_str().len() + 1);
            let spoilt = format!("{}{alien}{}", &number.as_str()[..place], &number.as_str()[place..]);
            prop_assert_eq!(PhoneNumber::parse(&spoilt, default), Err(PhoneError::NotANumber), "{:?}", spoilt);
            prop_assert_eq!(PhoneNumber::parse(&format!("{}{alien}5", number.as_str()), default), Err(PhoneError::NotANumber));
        }

        /// Shown, it is the same number; masked, it shows its calling code, its last two digits and no length.
        #[test]
        fn masks_hide_all_but_two_digits(number in numbers()) {
            prop_assert_eq!(PhoneNumber::parse(&number.international(), None), Ok(number.clone()));
            let (text, masked) = (number.as_str(), number.masked());
            let (code, end) = masked.strip_prefix('+').and_then(|rest| rest.split_once(" ••• ••")).unwrap();
            prop_assert!(text[1..].starts_with(code) && (1..=3).contains(&code.len()), "{} {}", text, masked);
            prop_assert!(end.len() == 2 && text.ends_with(end), "{} {}", text, masked);
            if let Some(region) = number.region() {
                prop_assert_eq!(code, region.calling_code().to_string());
            }
        }

        /// What the phone form is filled with is harmless to read back, and leads to the same question again, never to
        /// a number that nobody confirmed.
        #[test]
        fn a_question_stays_a_question(typed in nearly_numbers(), default in default_region()) {
            let Guess::NeedsCountry { region, number } = guess(&typed, default) else { return Ok(()) };
            prop_assert!(!typed.contains('@') && number.chars().count() <= 65);
            prop_assert!(!number.chars().any(|c| c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c)), "{:?}", number);
            if !number.starts_with('+') && region == default {
                prop_assert!(PhoneNumber::parse(&number, region).is_err(), "{:?} {:?}", number, region);
            }
        }

        /// Nothing with an `@` is ever a phone number.
        #[test]
        fn addresses_are_no_numbers(before in nearly_numbers(), after in "[a-z0-9.]{0,12}", default in default_region()) {
            prop_assert_eq!(guess(&format!("{before}@{after}"), default), Guess::NotAPhone);
        }
    }
}

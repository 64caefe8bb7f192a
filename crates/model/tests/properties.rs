//! Properties of the nouns, on made-up values: one spelling for an address, no way off the site, codes and tokens
//! that come back as they went out.

#[cfg(test)]
mod tests {
    use postkey_model::code::grouped;
    use postkey_model::{
        CodeFormat, CodeStrength, Destinations, EmailAddress, EndedHow, Entropy, IdentityId, Keyring, Millis, Origin, RefreshToken,
        RootKey, RotationPolicy, Session, SessionHandle, SignInId, TenantId, Timestamp, UserId,
    };
    use proptest::prelude::*;
    use std::sync::Mutex;
    use url::Url;

    /// SplitMix64: other bytes for every seed.
    struct Seeded(Mutex<u64>);

    impl Seeded {
        fn new(seed: u64) -> Self {
            Seeded(Mutex::new(seed))
        }
    }

    impl Entropy for Seeded {
        fn fill(&self, out: &mut [u8]) {
            let mut state = self.0.lock().unwrap();
            for byte in out {
                *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
                let mut z = *state;
                z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
                z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
                *byte = (z ^ (z >> 31)) as u8;
            }
        }
    }

    // Addresses.

    fn nearly_addresses() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            8 => "[a-zA-Z0-9+._-]{1,8}",
            3 => Just("@".to_owned()),
            3 => prop_oneof![Just(".com".to_owned()), Just(".example".to_owned()), Just("xn--".to_owned()), Just(".".to_owned())],
            1 => "\\PC{1,3}",
            1 => prop_oneof![Just("\r\n".to_owned()), Just("\0".to_owned()), Just(" ".to_owned()), Just("\t".to_owned()), Just("\u{a0}".to_owned())],
            1 => prop_oneof![Just("＠".to_owned()), Just("ß".to_owned()), Just("İ".to_owned()), Just("\u{200d}".to_owned()), Just("。".to_owned())],
        ];
        prop_oneof![
            prop::collection::vec(piece, 0..7).prop_map(|pieces| pieces.concat()),
            "[ \t]{0,2}[a-zA-Z0-9!#$%&'*+/=?^_`{|}~.-]{1,66}@[a-zA-Z0-9.äößПи-]{1,70}\\.[a-zA-Z]{1,8}[ \t]{0,2}",
            any::<String>(),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]

        /// What is taken is plain ASCII of one spelling, and is taken again as it is.
        #[test]
        fn an_address_has_one_spelling(typed in nearly_addresses()) {
            let Ok(address) = EmailAddress::parse(&typed) else { return Ok(()) };
            let text = address.as_str();
            prop_assert_eq!(&EmailAddress::parse(text).unwrap(), &address);
            prop_assert_eq!(&EmailAddress::parse(&format!(" {} ", text.to_ascii_uppercase())).unwrap(), &address);
            prop_assert!(text.len() <= 254 && text.bytes().all(|b| b.is_ascii_graphic() && !b.is_ascii_uppercase()), "{:?}", text);
            prop_assert!(!text.contains([',', ';', '<', '>', '(', ')', '"', '\\', ':', '[', ']']), "{:?}", text);
            let (local, domain) = text.split_once('@').unwrap();
            prop_assert!(!local.is_empty() && local.len() <= 64 && !domain.contains('@') && domain.contains('.'));
            // The domain's end is shown, and may be the same word.
            let masked = address.masked();
            prop_assert!(!masked.split('@').next().unwrap().contains(local) || local.len() == 1);
        }
    }

    // Places.

    const SITE: &str = "https://login.example.com";
    const REGISTERED: [&str; 2] = ["https://app.example.com/in", "http://localhost:3000"];

    const PIECES: [&str; 56] = [
        "/",
        "/",
        "//",
        "\\",
        "%2F",
        "%2f",
        "%5C",
        "%5c",
        "%252F",
        "%255c",
        "%25",
        "%",
        "..",
        "%2e%2e",
        "%252e",
        ".",
        "evil.example",
        "app.example.com",
        "login.example.com",
        "localhost:3000",
        "https:",
        "http:",
        "https://",
        "http://",
        "HTTPS://",
        "://",
        "@",
        "%40",
        ":",
        ":443",
        ":80",
        "\t",
        "\n",
        "\r",
        "\0",
        " ",
        "?",
        "#",
        "%23",
        "%3F",
        "a",
        "in",
        "in/",
        "%09",
        "%0d%0a",
        "%00",
        "。",
        "／",
        "＼",
        "%EF%BC%8F",
        "javascript:",
        "data:",
        ";",
        "[::1]",
        "\u{200b}",
        "\u{2028}",
    ];

    fn nasty_places() -> impl Strategy<Value = String> {
        let pieces = |first: &'static [&'static str]| {
            (prop::sample::select(first), prop::collection::vec(prop::sample::select(&PIECES[..]), 0..7))
                .prop_map(|(first, rest)| format!("{first}{}", rest.concat()))
        };
        prop_oneof![
            3 => pieces(&PIECES),
            3 => pieces(&["/", "/a", "/a/", "/?", "/#"]),
            3 => pieces(&["https://app.example.com/in", "https://app.example.com", "http://localhost:3000", "https://app.example.com/in/"]),
            1 => any::<String>(),
            1 => "/[!-~]{0,40}",
        ]
    }

    /// Percent-decoding as careless code does it.
    fn decoded(text: &str) -> String {
        let bytes = text.as_bytes();
        let mut out = Vec::new();
        let mut i = 0;
        while i < bytes.len() {
            let pair = bytes.get(i + 1..i + 3).and_then(|pair| std::str::from_utf8(pair).ok()).filter(|_| bytes[i] == b'%');
            match pair.and_then(|pair| u8::from_str_radix(pair, 16).ok()) {
                Some(byte) => {
                    out.push(byte);
                    i += 3;
                }
                None => {
                    out.push(bytes[i]);
                    i += 1;
                }
            }
        }
        String::from_utf8_lossy(&out).into_owned()
    }

    /// Where a browser on our site goes when it is sent to `place`, and whether that is ours or registered.
    fn stays(place: &str) -> bool {
        let site = Url::parse(SITE).unwrap();
        let Ok(there) = site.join(place) else { return false };
        let under = |base: &str| {
            let base = Url::parse(base).unwrap();
            let path = base.path().trim_end_matches('/');
            there.origin() == base.origin() && (there.path() == path || there.path().starts_with(&format!("{path}/")))
        };
        there.username().is_empty()
            && there.password().is_none()
            && (there.origin() == site.origin() || REGISTERED.iter().any(|base| under(base)))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40_000))]

        /// No target that is let through leads anywhere but to our site or under a registered address, even when
        /// somebody on the way decodes it once or twice too often.
        #[test]
        fn nobody_is_sent_off_the_site(wanted in nasty_places()) {
            let registered = REGISTERED.map(str::to_owned);
            let places = Destinations::new(Origin::parse(SITE).unwrap(), "/", &registered).unwrap();
            let Ok(place) = places.check(&wanted) else { return Ok(()) };
            let place = place.as_str();
            prop_assert!(stays(&wanted), "{:?} itself leaves", wanted);
            prop_assert!(stays(place), "{:?} became {:?}", wanted, place);
            let site = Url::parse(SITE).unwrap();
            prop_assert_eq!(site.join(&wanted).unwrap(), site.join(place).unwrap(), "another place than was asked for");
            // Query and fragment are the application's own; the way there is the path.
            let mut path = place.split(['?', '#']).next().unwrap().to_owned();
            for _ in 0..2 {
                path = decoded(&path);
                prop_assert!(stays(&path), "{:?} decodes to {:?}", wanted, path);
            }
            prop_assert!(place.bytes().all(|b| b.is_ascii_graphic()), "{:?} cannot stand in a header", place);
            prop_assert!(places.check(place).unwrap().as_str() == place, "checked twice is checked once: {}", place);
        }
    }

    // Codes.

    const FILLERS: [char; 16] = [
        ' ', '-', '.', '_', '\t', '\n', '\u{a0}', '\u{ad}', '\u{200b}', '\u{2011}', '\u{2013}', '\u{202a}', '\u{2060}', '\u{feff}',
        '\u{2212}', '\u{3000}',
    ];

    /// A sign as another keyboard may give it.
    fn disguised(sign: char, way: u8) -> char {
        match (way % 5, sign.to_digit(10)) {
            (1, Some(digit)) => char::from_u32(0x660 + digit).unwrap(),
            (2, Some(digit)) => char::from_u32(0x966 + digit).unwrap(),
            (3, _) => char::from_u32(u32::from(sign) + 0xfee0).unwrap(),
            (4, None) => sign.to_ascii_lowercase(),
            _ => sign,
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_000))]

        /// However a drawn code is typed or pasted, it is read as it was drawn; one sign more or less is no code.
        #[test]
        fn drawn_codes_are_read_back(
            seed in any::<u64>(),
            alphabet in prop::sample::select(vec!["0123456789", "ABCDEFGHJKMNPQRSTVWXYZ0123456789", "abcdefghjkm", "01"]),
            length in 4usize..=32,
            long in any::<bool>(),
            noise in prop::collection::vec((0u8..5, prop::collection::vec(prop::sample::select(&FILLERS[..]), 0..3)), 64),
        ) {
            let Ok(format) = CodeFormat::new(alphabet, length) else { return Ok(()) };
            let format = format.of(if long { CodeStrength::Long } else { CodeStrength::Short });
            let code = format.draw(&Seeded::new(seed));
            let code = code.expose();
            prop_assert_eq!(code.len(), format.length());
            let mut typed = String::new();
            for (sign, (way, fillers)) in code.chars().zip(&noise) {
                typed.extend(fillers);
                typed.push(disguised(sign, *way));
            }
            if typed.len() <= 512 {
                prop_assert!(format.read(&typed).unwrap().expose() == code, "{:?}", typed);
            }
            prop_assert!(format.read(&grouped(code)).unwrap().expose() == code);
            prop_assert!(format.read(&code[1..]).is_none());
            let one_more = format!("{}{}", code, &code[..1]);
            prop_assert!(format.read(&one_more).is_none());
        }

        /// Anything typed is a code of the format or nothing.
        #[test]
        fn anything_typed_is_a_code_or_nothing(typed in any::<String>(), digits in "[0-9 ]{0,12}") {
            for typed in [typed, digits] {
                if let Some(read) = CodeFormat::six_digits().read(&typed) {
                    prop_assert!(read.expose().len() == 6 && read.expose().bytes().all(|b| b.is_ascii_digit()));
                }
            }
        }

        /// Long codes are hopeless to guess, whatever the tenant's format.
        #[test]
        fn long_codes_have_forty_bits(signs in 2usize..=36, length in 4usize..=32) {
            let alphabet: String = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ".chars().take(signs).collect();
            let Ok(format) = CodeFormat::new(&alphabet, length) else { return Ok(()) };
            let long = format.lengthened();
            prop_assert!((signs as f64).log2() * long.length() as f64 >= 40.0 && long.length() >= format.length());
        }
    }

    // Tokens.

    fn session(seed: u64, generation: i64) -> (Keyring, Session) {
        let entropy = Seeded::new(seed);
        let keyring = Keyring::new(&RootKey::generate(&entropy));
        let now = Timestamp(1_800_000_000_000);
        let session = Session {
            handle: SessionHandle::new(now, &entropy),
            tenant: TenantId::public(),
            user: UserId::new(now, &entropy),
            identity: IdentityId::new(now, &entropy),
            policy: RotationPolicy::Grace,
            nonce: postkey_model::entropy::random::<16>(&entropy).to_vec(),
            generation,
            retired: Vec::new(),
            created_at: now,
            last_seen_at: now,
            expires_at: now + Millis::from_hours(1),
            revoked_at: None,
            client_ip: String::new(),
            user_agent: String::new(),
            back_end: None,
            login: None,
        };
        (keyring, session)
    }

    proptest! {
        /// A refresh token comes back as it went out, and is genuine for its session, generation and server only.
        #[test]
        fn refresh_tokens_come_back(seed in any::<u64>(), generation in 0i64..1_000_000_000_000, at in any::<prop::sample::Index>(), bit in 0u8..6) {
            let (keyring, session_of_it) = session(seed, generation);
            let text = RefreshToken::text(&keyring, &session_of_it, generation);
            let text = text.expose();
            prop_assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)), "fit for a cookie");
            let token = RefreshToken::parse(text).unwrap();
            prop_assert_eq!((&token.handle, token.generation), (&session_of_it.handle, generation));
            prop_assert!(token.is_genuine(&keyring, &session_of_it));
            let (other_keyring, other_session) = session(seed.wrapping_add(1), generation);
            prop_assert!(!token.is_genuine(&other_keyring, &session_of_it));
            prop_assert!(!token.is_genuine(&keyring, &other_session));
            // One sign changed anywhere: not a token, or not a genuine one.
            let mut bytes = text.clone().into_bytes();
            let place = at.index(bytes.len());
            bytes[place] ^= 1 << bit;
            let changed = String::from_utf8(bytes).unwrap();
            prop_assert!(RefreshToken::parse(&changed).is_none_or(|token| !token.is_genuine(&keyring, &session_of_it)), "{}", changed);
        }

        /// Whatever is sent as a token or an id is taken apart or refused.
        #[test]
        fn made_up_tokens_are_refused(text in prop_oneof![any::<String>(), "[a-z0-9-]{0,8}\\.[0-9+-]{0,22}\\.[A-Za-z0-9_=-]{0,50}"]) {
            let (keyring, session) = session(1, 0);
            if let Some(token) = RefreshToken::parse(&text) {
                prop_assert!(token.generation >= 0 && !token.is_genuine(&keyring, &session));
            }
            for id in [SignInId::parse(&text).map(|id| id.to_string()), TenantId::parse(&text).map(|id| id.to_string())].into_iter().flatten() {
                prop_assert_eq!(&id, &text);
                prop_assert!(id.len() <= 128 && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
            }
        }
    }

    #[test]
    fn whoever_used_a_code_got_in_and_whoever_gave_up_did_not() {
        assert!(EndedHow::Completed.let_in() && EndedHow::Superseded.let_in() && !EndedHow::Cancelled.let_in());
    }
}

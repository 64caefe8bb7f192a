//! Codes as a person sees them: their alphabet and length, how they are made, shown, and read back from what
//! was typed or pasted.

use crate::entropy::Entropy;
use crate::secret::Secret;

/// How a tenant's typed codes look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeFormat {
    alphabet: Vec<char>,
    length: usize,
}

/// Whether a code is the usual short one or the long one sent while an account's guess budget is spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeStrength {
    /// The tenant's own format: few possibilities, so guesses at it count against the account's budget.
    Short,
    /// The same alphabet, but at least 40 bits: guessing it is hopeless, so it works even when the budget is spent.
    Long,
    /// A back end chose it, in whatever form: compared sign by sign as it is, and counted as a short one.
    Chosen,
}

impl CodeStrength {
    /// Whether wrong guesses at it count against the account's budget, and a spent budget closes it.
    pub fn is_guessable(self) -> bool {
        match self {
            CodeStrength::Short | CodeStrength::Chosen => true,
            CodeStrength::Long => false,
        }
    }
}

/// Bits that a long code has at least.
const LONG_BITS: f64 = 40.0;

/// What somebody typed, cleaned: no spaces, dashes or invisible signs, digits of any script as 0–9, and in the
/// alphabet of the code it is held against. Anything that could not be a code never becomes one of these.
#[derive(Clone)]
pub struct TypedCode(Secret<String>);

impl TypedCode {
    /// The cleaned code.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl CodeFormat {
    /// A format of `length` signs (4 to 32) out of `alphabet` (2 to 64 different ASCII letters and digits; no
    /// letter in both cases, because case is not asked of anybody). The error says what is wrong.
    pub fn new(alphabet: &str, length: usize) -> Result<Self, &'static str> {
        let mut signs: Vec<char> = Vec::new();
        for sign in alphabet.chars() {
            if !sign.is_ascii_alphanumeric() {
                return Err("the code alphabet takes ASCII letters and digits only");
            }
            let sign = sign.to_ascii_uppercase();
            if signs.contains(&sign) {
                return Err("the code alphabet names a sign twice (upper and lower case count as one)");
            }
            signs.push(sign);
        }
        if signs.len() < 2 {
            return Err("the code alphabet needs at least two signs");
        }
        if !(4..=32).contains(&length) {
            return Err("a code has 4 to 32 signs");
        }
        let bits = (signs.len() as f64).log2() * length as f64;
        if bits < 13.0 {
            return Err("such codes are guessed too easily: use a longer code or a larger alphabet");
        }
        Ok(CodeFormat { alphabet: signs, length })
    }

    /// Six digits.
    pub fn six_digits() -> Self {
        CodeFormat { alphabet: ('0'..='9').collect(), length: 6 }
    }

    /// The long format that goes with this one: the same signs, so that pages and keyboards need not change and
    /// show nobody that an account is under attack; [`LONG_BITS`] or more.
    pub fn lengthened(&self) -> Self {
        let bits_per_sign = (self.alphabet.len() as f64).log2();
        let length = (LONG_BITS / bits_per_sign).ceil() as usize;
        CodeFormat { alphabet: self.alphabet.clone(), length: length.max(self.length) }
    }

    /// The format of a code of `strength`.
    pub fn of(&self, strength: CodeStrength) -> Self {
        match strength {
            CodeStrength::Short | CodeStrength::Chosen => self.clone(),
            CodeStrength::Long => self.lengthened(),
        }
    }

    /// How many signs a code has.
    pub fn length(&self) -> usize {
        self.length
    }

    /// Whether a numeric keyboard is enough to type it.
    pub fn digits_only(&self) -> bool {
        self.alphabet.iter().all(char::is_ascii_digit)
    }

    /// A new code, each sign drawn evenly (rejection sampling, no modulo bias).
    pub fn draw(&self, entropy: &dyn Entropy) -> Secret<String> {
        let size = self.alphabet.len();
        let even = 256 - 256 % size;
        let mut code = String::with_capacity(self.length);
        let mut pool = [0u8; 32];
        while code.len() < self.length {
            entropy.fill(&mut pool);
            for byte in pool.map(usize::from) {
                if byte < even && code.len() < self.length {
                    code.push(self.alphabet[byte % size]);
                }
            }
        }
        Secret::new(code)
    }

    /// Reads what was typed or pasted. `None` when no code of this format could be meant: that costs no try.
    pub fn read(&self, typed: &str) -> Option<TypedCode> {
        if typed.len() > 512 {
            return None;
        }
        let mut code = String::with_capacity(self.length);
        for sign in typed.chars().filter(|c| !is_filler(*c)) {
            let sign = fold(sign);
            if !self.alphabet.contains(&sign) || code.len() == self.length {
                return None;
            }
            code.push(sign);
        }
        (code.len() == self.length).then(|| TypedCode(Secret::new(code)))
    }
}

/// The code in groups that are easy to read: `123 456`, `1234 5678 9012 3`.
pub fn grouped(code: &str) -> String {
    let size = if code.len() < 6 {
        return code.to_owned();
    } else if matches!(code.len(), 6 | 9) {
        3
    } else {
        4
    };
    let mut out = String::with_capacity(code.len() + 4);
    for (i, sign) in code.chars().enumerate() {
        if i > 0 && i % size == 0 {
            out.push(' ');
        }
        out.push(sign);
    }
    out
}

/// What somebody typed without spaces, dashes and invisible signs, digits of any script as 0–9.
pub fn folded(typed: &str) -> impl Iterator<Item = char> + '_ {
    typed.chars().take(64).filter(|c| !is_filler(*c)).map(fold)
}

/// Spaces, dashes, dots and invisible signs that come along when a code is pasted.
fn is_filler(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '-' | '.' | '_' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2010}'..='\u{2015}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{feff}' | '\u{ff0d}')
}

/// Digits of other scripts and full-width letters as their ASCII twins, letters in upper case.
fn fold(c: char) -> char {
    const ZEROS: [u32; 12] = [0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xe50, 0xff10];
    let point = u32::from(c);
    if let Some(zero) = ZEROS.iter().find(|zero| (**zero..**zero + 10).contains(&point)) {
        return char::from_digit(point - zero, 10).unwrap_or(c);
    }
    if (0xff21..=0xff3a).contains(&point) || (0xff41..=0xff5a).contains(&point) {
        return char::from_u32(point - 0xfee0).unwrap_or(c).to_ascii_uppercase();
    }
    c.to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Counting(std::sync::Mutex<u64>);
    impl Entropy for Counting {
        fn fill(&self, out: &mut [u8]) {
            let mut state = self.0.lock().unwrap();
            for byte in out {
                *state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                *byte = (*state >> 56) as u8;
            }
        }
    }

    #[test]
    fn pasted_codes_are_understood() {
        let six = CodeFormat::six_digits();
        for typed in [
            "123456",
            "123 456",
            " 123-456 ",
            "１２３４５６",
            "١٢٣٤٥٦",
            "۱۲۳۴۵۶",
            "123\u{a0}456",
            "\u{202a}123456\u{202c}",
            "12–34–56",
            "१२३४५६",
        ] {
            assert_eq!(six.read(typed).unwrap().expose(), "123456", "{typed:?}");
        }
        for typed in ["", "12345", "1234567", "12345a", "abcdef", "123456\0"] {
            assert!(six.read(typed).is_none(), "{typed:?}");
        }
        assert_eq!(six.lengthened().read("1234 5678 9012 3").unwrap().expose(), "1234567890123");
        let letters = CodeFormat::new("ABCDEFGHJKMNPQRSTVWXYZ0123456789", 6).unwrap();
        assert_eq!(letters.lengthened().length(), 8);
        assert_eq!(letters.read("ａbc-def").unwrap().expose(), "ABCDEF");
    }

    #[test]
    fn every_sign_is_drawn_about_equally_often() {
        let format = CodeFormat::new("0123456789", 10).unwrap();
        let entropy = Counting(std::sync::Mutex::new(7));
        let mut counts = [0u32; 10];
        for _ in 0..2_000 {
            for sign in format.draw(&entropy).expose().chars() {
                counts[sign.to_digit(10).unwrap() as usize] += 1;
            }
        }
        assert!(counts.iter().all(|n| (1_800..2_200).contains(n)), "{counts:?}");
    }

    #[test]
    fn weak_formats_are_refused() {
        assert!(CodeFormat::new("01", 4).is_err());
        assert!(CodeFormat::new("0123456789", 3).is_err());
        assert!(CodeFormat::new("aA1234567", 6).is_err());
        assert!(CodeFormat::new("012345678é", 6).is_err());
        assert!(CodeFormat::new("0123456789", 4).is_ok());
    }

    #[test]
    fn codes_are_shown_in_groups() {
        assert_eq!(grouped("123456"), "123 456");
        assert_eq!(grouped("ABCDEFGH"), "ABCD EFGH");
        assert_eq!(grouped("1234567890123"), "1234 5678 9012 3");
        assert_eq!(grouped("1234"), "1234");
    }
}

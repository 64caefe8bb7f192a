//! [`Color`]: a colour, how well it can be read on another (WCAG 2.2), and, inside this crate, its tone: the space in
//! which a colour is made lighter or darker without its hue seeming to change.

use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// A colour of the sRGB space, without transparency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Color {
    red: u8,
    green: u8,
    blue: u8,
}

/// Why a text is not a colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a colour is written as # and six or three hexadecimal digits, like #2f5bd7 or #25d")]
pub struct ColorError;

impl Color {
    /// White.
    pub const WHITE: Color = Color::new(0xff, 0xff, 0xff);
    /// Black.
    pub const BLACK: Color = Color::new(0, 0, 0);

    /// The colour of these three parts.
    pub const fn new(red: u8, green: u8, blue: u8) -> Self {
        Color { red, green, blue }
    }

    /// Reads `#2f5bd7` or `#25d` (which means `#2255dd`), in either case of letters.
    pub fn parse(text: &str) -> Result<Self, ColorError> {
        let digits = text.strip_prefix('#').ok_or(ColorError)?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(ColorError);
        }
        let number = u32::from_str_radix(digits, 16).map_err(|_| ColorError)?;
        match digits.len() {
            6 => {
                let [_, red, green, blue] = number.to_be_bytes();
                Ok(Color { red, green, blue })
            }
            3 => {
                let part = |shift: u32| ((number >> shift & 0xf) * 0x11) as u8;
                Ok(Color { red: part(8), green: part(4), blue: part(0) })
            }
            _ => Err(ColorError),
        }
    }

    /// Relative luminance, from 0 (black) to 1 (white), as WCAG 2.2 defines it.
    pub fn luminance(self) -> f64 {
        let [red, green, blue] = self.linear();
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    /// Contrast ratio with another colour, from 1 to 21, as WCAG 2.2 defines it. The order does not matter.
    pub fn contrast(self, other: Color) -> f64 {
        let (one, two) = (self.luminance() + 0.05, other.luminance() + 0.05);
        if one > two { one / two } else { two / one }
    }

    /// The three parts as amounts of light, each from 0 to 1 (IEC 61966-2-1).
    fn linear(self) -> [f64; 3] {
        [self.red, self.green, self.blue].map(|part| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        })
    }
}

impl FromStr for Color {
    type Err = ColorError;

    fn from_str(text: &str) -> Result<Self, ColorError> {
        Color::parse(text)
    }
}

impl fmt::Display for Color {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.red, self.green, self.blue)
    }
}

/// A colour as lightness and two opponent axes (the Oklab space, Björn Ottosson 2020), in which lightness can be
/// changed without the hue seeming to change.
#[derive(Clone, Copy)]
pub(crate) struct Tone {
    /// From 0 (black) to 1 (white).
    pub(crate) lightness: f64,
    /// From green to red.
    pub(crate) a: f64,
    /// From blue to yellow.
    pub(crate) b: f64,
}

impl Tone {
    /// The tone of a colour.
    pub(crate) fn of(color: Color) -> Self {
        let rgb = color.linear();
        let lms = times(
            &[
                [0.412_221_47, 0.536_332_54, 0.051_445_99],
                [0.211_903_5, 0.680_699_55, 0.107_396_96],
                [0.088_302_46, 0.281_718_84, 0.629_978_7],
            ],
            rgb,
        );
        let [lightness, a, b] = times(
            &[
                [0.210_454_26, 0.793_617_79, -0.004_072_05],
                [1.977_998_5, -2.428_592_2, 0.450_593_71],
                [0.025_904_04, 0.782_771_77, -0.808_675_77],
            ],
            lms.map(f64::cbrt),
        );
        Tone { lightness, a, b }
    }

    /// The three parts as amounts of light; outside 0 to 1 where no screen can show the tone.
    fn linear(self) -> [f64; 3] {
        let lms = times(
            &[[1.0, 0.396_337_78, 0.215_803_76], [1.0, -0.105_561_35, -0.063_854_17], [1.0, -0.089_484_18, -1.291_485_55]],
            [self.lightness, self.a, self.b],
        );
        times(
            &[
                [4.076_741_66, -3.307_711_59, 0.230_969_93],
                [-1.268_438, 2.609_757_4, -0.341_319_4],
                [-0.004_196_09, -0.703_418_61, 1.707_614_7],
            ],
            lms.map(|root| root * root * root),
        )
    }

    /// How far it is from grey: 0 is grey, 0.3 about the strongest that screens show.
    pub(crate) fn chroma(self) -> f64 {
        self.a.hypot(self.b)
    }

    /// The same hue, made paler by `factor`.
    pub(crate) fn paler(self, factor: f64) -> Self {
        Tone { a: self.a * factor, b: self.b * factor, ..self }
    }

    /// The same hue at another lightness, as strong as before or as strong as a screen can show it there.
    pub(crate) fn at(self, lightness: f64) -> Color {
        let tone = Tone { lightness, ..self };
        let shown = |tone: Tone| tone.linear().iter().all(|part| (-1e-4..=1.0 + 1e-4).contains(part));
        let (mut low, mut high) = (0.0, 1.0);
        if shown(tone) {
            low = 1.0;
        } else {
            for _ in 0..16 {
                let middle = (low + high) / 2.0;
                if shown(tone.paler(middle)) { low = middle } else { high = middle }
            }
        }
        let [red, green, blue] = tone.paler(low).linear().map(|part| {
            let part = part.clamp(0.0, 1.0);
            let part = if part <= 0.003_130_8 { part * 12.92 } else { 1.055 * part.powf(1.0 / 2.4) - 0.055 };
            (part * 255.0).round() as u8
        });
        Color { red, green, blue }
    }

    /// All lightnesses from here to `end` in small steps, the nearest first.
    pub(crate) fn towards(self, end: f64) -> impl Iterator<Item = Color> {
        const STEPS: u32 = 256;
        (1..=STEPS).map(move |step| self.at(self.lightness + (end - self.lightness) * f64::from(step) / f64::from(STEPS)))
    }
}

/// A matrix times a column.
fn times(matrix: &[[f64; 3]; 3], column: [f64; 3]) -> [f64; 3] {
    matrix.map(|row| row[0] * column[0] + row[1] * column[1] + row[2] * column[2])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn color(text: &str) -> Color {
        Color::parse(text).unwrap()
    }

    #[test]
    fn colours_are_read() {
        assert_eq!(color("#2f5bd7"), Color::new(0x2f, 0x5b, 0xd7));
        assert_eq!(color("#2F5BD7").to_string(), "#2f5bd7");
        assert_eq!(color("#25d").to_string(), "#2255dd");
        for wrong in
            ["", "#", "2f5bd7", "#2f5bd", "#2f5bd7f", "#25", "#25dd", "#+5d", "#+f5bd7", "#gggggg", " #25d", "#25d ", "red", "#２５d", "#é"]
        {
            assert_eq!(Color::parse(wrong), Err(ColorError), "{wrong}");
        }
    }

    #[test]
    fn contrast_is_what_the_standard_says() {
        assert!((Color::BLACK.contrast(Color::WHITE) - 21.0).abs() < 1e-9);
        assert!((color("#777777").contrast(Color::WHITE) - 4.478).abs() < 0.001);
        assert!((color("#767676").contrast(Color::WHITE) - 4.542).abs() < 0.001);
        assert!((color("#ff0000").contrast(Color::WHITE) - 3.998).abs() < 0.001);
        assert!((color("#0000ff").luminance() - 0.0722).abs() < 1e-9);
        assert_eq!(color("#123456").contrast(color("#fedcba")), color("#fedcba").contrast(color("#123456")));
    }

    #[test]
    fn tones_come_back() {
        for number in (0..=0x00ff_ffff_u32).step_by(4099) {
            let [_, red, green, blue] = number.to_be_bytes();
            let one = Color::new(red, green, blue);
            let tone = Tone::of(one);
            let back = tone.at(tone.lightness);
            let apart = |a: u8, b: u8| a.abs_diff(b);
            assert!(apart(one.red, back.red) <= 1 && apart(one.green, back.green) <= 1 && apart(one.blue, back.blue) <= 1, "{one} {back}");
        }
    }

    proptest! {
        #[test]
        fn a_colour_is_read_as_it_is_written(parts in any::<[u8; 3]>()) {
            let [red, green, blue] = parts;
            let one = Color::new(red, green, blue);
            prop_assert_eq!(Color::parse(&one.to_string()), Ok(one));
        }
    }
}

//! [`Brand`]: what an operator may change about the look of the pages, and the arithmetic that keeps every choice
//! readable. Values only: where they are configured and how pages use them stands elsewhere.
//!
//! The tokens named here are those of `templates/pages/assets/page.css`; a test keeps the two in step.

use crate::color::{Color, Tone};
use crate::identifier::EmailAddress;
use thiserror::Error;
use url::Url;

/// The least contrast between text and what it stands on: WCAG 2.2, success criterion 1.4.3 (AA).
pub const READABLE: f64 = 4.5;

/// How far apart an accent and its deeper form are, as a contrast ratio, so that hovering is seen.
const VISIBLE: f64 = 1.2;

/// One scheme's accent colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shades {
    /// `--accent`: buttons, links, focus rings. Readable on card and ground.
    pub accent: Color,
    /// `--on-accent`: text on `accent` and on `accent_deep`. Readable on both.
    pub on_accent: Color,
    /// `--accent-deep`: a button under the pointer. Readable on card and ground, and seen to differ from `accent`.
    pub accent_deep: Color,
}

impl Shades {
    /// The shades of `color` in a scheme whose text goes towards `end` (0 for a light scheme, 1 for a dark one).
    fn of(color: Color, scheme: &Scheme, ground: Color, card: Color) -> Self {
        let best = |accent: Color| {
            if Color::WHITE.contrast(accent) > NEAR_BLACK.contrast(accent) { Color::WHITE } else { NEAR_BLACK }
        };
        let stands_out = |accent: Color| accent.contrast(ground) >= READABLE && accent.contrast(card) >= READABLE;
        let works = |accent: &Color| stands_out(*accent) && best(*accent).contrast(*accent) >= READABLE;
        let tone = Tone::of(color);
        let accent = Some(color).filter(works).or_else(|| tone.towards(scheme.end).find(works)).unwrap_or_else(|| tone.at(scheme.end));
        let on_accent = best(accent);
        let deep = |other: &Color| stands_out(*other) && on_accent.contrast(*other) >= READABLE && other.contrast(accent) >= VISIBLE;
        let tone = Tone::of(accent);
        let further = tone.towards(scheme.end).find(deep);
        let accent_deep = further.or_else(|| tone.towards(1.0 - scheme.end).find(deep)).unwrap_or(accent);
        Shades { accent, on_accent, accent_deep }
    }

    /// Whether all promises hold on this ground and card.
    fn hold_on(&self, ground: Color, card: Color) -> bool {
        let both = [self.accent, self.accent_deep];
        both.iter().all(|accent| [ground, card, self.on_accent].iter().all(|other| accent.contrast(*other) >= READABLE))
    }
}

/// The accent colours of both schemes, made from one colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accent {
    /// For the light scheme: the colour itself, or darkened just enough.
    pub light: Shades,
    /// For the dark scheme: the colour itself, or lightened just enough.
    pub dark: Shades,
}

impl Accent {
    /// The shades of `color` that can be read on these grounds and cards; the hue stays. The promises of [`Shades`]
    /// hold for every colour when black is readable on both light ones and white on both dark ones.
    pub fn of(color: Color, ground_light: Color, card_light: Color, ground_dark: Color, card_dark: Color) -> Self {
        Accent { light: Shades::of(color, &LIGHT, ground_light, card_light), dark: Shades::of(color, &DARK, ground_dark, card_dark) }
    }
}

/// The text on light accents.
const NEAR_BLACK: Color = Color::new(0x0b, 0x0d, 0x12);

/// The default tokens of one scheme.
struct Scheme {
    ground: Color,
    card: Color,
    ink: Color,
    soft: Color,
    shades: Shades,
    /// The lightness that text goes towards.
    end: f64,
}

const LIGHT: Scheme = Scheme {
    ground: Color::new(0xf3, 0xf4, 0xf7),
    card: Color::WHITE,
    ink: Color::new(0x1b, 0x1f, 0x27),
    soft: Color::new(0x51, 0x59, 0x66),
    shades: Shades { accent: Color::new(0x2f, 0x5b, 0xd7), on_accent: Color::WHITE, accent_deep: Color::new(0x24, 0x49, 0xb4) },
    end: 0.0,
};

const DARK: Scheme = Scheme {
    ground: Color::new(0x12, 0x15, 0x1b),
    card: Color::new(0x1b, 0x1f, 0x27),
    ink: Color::new(0xee, 0xf0, 0xf4),
    soft: Color::new(0xae, 0xb6, 0xc3),
    shades: Shades {
        accent: Color::new(0x8f, 0xb0, 0xff),
        on_accent: Color::new(0x0f, 0x1a, 0x38),
        accent_deep: Color::new(0xa9, 0xc2, 0xff),
    },
    end: 1.0,
};

impl Scheme {
    /// The contrast of the harder to read of the two texts on `ground`.
    fn worst_text(&self, ground: Color) -> f64 {
        self.ink.contrast(ground).min(self.soft.contrast(ground))
    }

    /// The shades on `ground`: of the operator's colour, else the default ones, mended where they could not be read.
    fn shades(&self, accent: Option<Color>, ground: Color) -> Shades {
        match accent {
            Some(color) => Shades::of(color, self, ground, self.card),
            None if self.shades.hold_on(ground, self.card) => self.shades,
            None => Shades::of(self.shades.accent, self, ground, self.card),
        }
    }

    /// The tokens of the style sheet that a brand may change.
    fn tokens(ground: Color, shades: Shades) -> [(&'static str, Color); 4] {
        [("--accent", shades.accent), ("--on-accent", shades.on_accent), ("--accent-deep", shades.accent_deep), ("--ground", ground)]
    }
}

/// The corner radius of the default look, in CSS pixels.
const RADIUS: u8 = 12;
/// The largest corner radius, in CSS pixels.
pub const MAX_RADIUS: u8 = 24;

/// What an operator chose about the look. The default is Postkey's own look.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Brand {
    /// The picture above the form, instead of the name in letters.
    pub logo: Option<Logo>,
    /// The colour of buttons, links and focus rings.
    pub accent: Option<Color>,
    /// The colour behind the card in the light scheme; the dark scheme takes a dark shade of its hue.
    pub background: Option<Color>,
    /// The radius of the card's corners, 0 to 24 CSS pixels.
    pub radius: Option<u8>,
    /// The address of the terms of use: http or https.
    pub terms: Option<String>,
    /// The address of the privacy notice: http or https.
    pub privacy: Option<String>,
    /// Where people get help: an email address, or an http or https address.
    pub support: Option<String>,
}

/// Why a brand was refused. Each says what to change.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum BrandError {
    /// The text could not be read on it.
    #[error("the background {background} is too dark: text on it has a contrast of {contrast:.1}:1 and needs 4.5:1; take a lighter colour")]
    Background {
        /// The colour that was asked for.
        background: Color,
        /// The contrast that the paler text would have on it.
        contrast: f64,
    },
    /// Larger than [`MAX_RADIUS`].
    #[error("the radius {0} is too large: 0 to 24 pixels")]
    Radius(u8),
    /// Not an address that a link may lead to.
    #[error("{0} must be a whole address that begins with https:// or http://")]
    Link(&'static str),
    /// Neither an email address nor a link.
    #[error("support must be an email address, or a whole address that begins with https:// or http://")]
    Support,
    /// Not a picture of a known kind.
    #[error("the logo must be an SVG, PNG, WebP or JPEG file")]
    LogoKind,
    /// Larger than [`Logo::MAX_BYTES`].
    #[error("the logo has {0} bytes, and 12288 are the most: pages are small, and an SVG or a smaller picture will do")]
    LogoSize(usize),
}

impl Brand {
    /// Whether everything in it can be used; the first thing that cannot is the error.
    pub fn check(&self) -> Result<(), BrandError> {
        if let Some(background) = self.background {
            let contrast = LIGHT.worst_text(background);
            if contrast < READABLE {
                return Err(BrandError::Background { background, contrast });
            }
        }
        if let Some(radius) = self.radius.filter(|radius| *radius > MAX_RADIUS) {
            return Err(BrandError::Radius(radius));
        }
        for (name, link) in [("terms", &self.terms), ("privacy", &self.privacy)] {
            if link.as_deref().is_some_and(|link| !is_link(link)) {
                return Err(BrandError::Link(name));
            }
        }
        if self.support.is_some() && self.support_link().is_none() {
            return Err(BrandError::Support);
        }
        Ok(())
    }

    /// Where a link to support leads: the address itself, or `mailto:` and the email address. `None` when there is
    /// none that could be used.
    pub fn support_link(&self) -> Option<String> {
        let support = self.support.as_deref()?;
        if is_link(support) {
            return Some(support.to_owned());
        }
        let address = EmailAddress::parse(support).ok()?;
        // RFC 6068 §2: these stand for themselves in a mail address, but not in a link.
        let mut link = String::from("mailto:");
        for c in address.as_str().chars() {
            match c {
                '%' | '?' | '&' | '#' | '/' | '=' | '^' | '`' | '{' | '|' | '}' => link.push_str(&format!("%{:02X}", u32::from(c))),
                plain => link.push(plain),
            }
        }
        Some(link)
    }

    /// Style rules that replace the tokens of the page's style sheet where this brand differs from the default; it
    /// must come after that sheet. `None` when nothing differs. A background that [`Brand::check`] refuses is left
    /// out, and a larger radius is cut to the largest: whatever stands in the brand, the pages can be read.
    pub fn style_sheet(&self) -> Option<String> {
        let background = self.background.filter(|ground| *ground != LIGHT.ground && LIGHT.worst_text(*ground) >= READABLE);
        let accent = self.accent.filter(|color| *color != LIGHT.shades.accent);
        let radius = self.radius.map(|radius| radius.min(MAX_RADIUS)).filter(|radius| *radius != RADIUS);
        let grounds = [background.unwrap_or(LIGHT.ground), background.map_or(DARK.ground, dark_ground)];
        let light = Scheme::tokens(grounds[0], LIGHT.shades(accent, grounds[0]));
        let dark = Scheme::tokens(grounds[1], DARK.shades(accent, grounds[1]));
        let usual = Scheme::tokens(LIGHT.ground, LIGHT.shades).into_iter().zip(Scheme::tokens(DARK.ground, DARK.shades));
        let (mut day, mut night) = (String::new(), String::new());
        // A token that differs in one scheme is written in both: this sheet comes later than the page's own, so what
        // it says for all would hold in the dark as well.
        for (((token, light), (_, dark)), usual) in light.into_iter().zip(dark).zip(usual) {
            if ((token, light), (token, dark)) != usual {
                day.push_str(&format!("  {token}: {light};\n"));
                night.push_str(&format!("    {token}: {dark};\n"));
            }
        }
        if let Some(radius) = radius {
            day.push_str(&format!("  --radius: {radius}px;\n"));
        }
        if day.is_empty() {
            return None;
        }
        let mut sheet = format!(":root {{\n{day}}}\n");
        if !night.is_empty() {
            sheet.push_str(&format!("@media (prefers-color-scheme: dark) {{\n  :root {{\n{night}  }}\n}}\n"));
        }
        Some(sheet)
    }
}

/// A dark shade of the same hue, as dark as the default dark ground and only hinting at its colour.
fn dark_ground(background: Color) -> Color {
    const STRONGEST: f64 = 0.03;
    let tone = Tone::of(background);
    let paler = if tone.chroma() > STRONGEST { tone.paler(STRONGEST / tone.chroma()) } else { tone };
    paler.at(Tone::of(DARK.ground).lightness)
}

/// Whether a text is a whole http or https address.
fn is_link(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host()) && text.contains("://")
}

/// A picture file, known by its first bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logo {
    kind: LogoKind,
    bytes: Vec<u8>,
}

/// The kinds of picture that browsers show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogoKind {
    /// Scalable Vector Graphics. Show it in an `img` element only, and answer with a policy that runs no scripts.
    Svg,
    /// Portable Network Graphics.
    Png,
    /// WebP.
    Webp,
    /// JPEG.
    Jpeg,
}

impl LogoKind {
    /// Its media type, for the `Content-Type` header.
    pub fn media_type(self) -> &'static str {
        match self {
            LogoKind::Svg => "image/svg+xml",
            LogoKind::Png => "image/png",
            LogoKind::Webp => "image/webp",
            LogoKind::Jpeg => "image/jpeg",
        }
    }
}

impl Logo {
    /// The largest file: a page with everything on it weighs 30 KB at most, and this is the logo's part.
    pub const MAX_BYTES: usize = 12 * 1024;

    /// Takes a file's bytes, if it is a picture and small enough.
    pub fn read(bytes: Vec<u8>) -> Result<Self, BrandError> {
        let kind = match bytes.as_slice() {
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => LogoKind::Png,
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => LogoKind::Webp,
            [0xff, 0xd8, 0xff, ..] => LogoKind::Jpeg,
            other => {
                let text = std::str::from_utf8(other).map_err(|_| BrandError::LogoKind)?.trim_start_matches('\u{feff}').trim_start();
                let is_svg = text.starts_with("<svg") || (text.starts_with('<') && !is_html(text) && text.contains("<svg"));
                if !is_svg {
                    return Err(BrandError::LogoKind);
                }
                LogoKind::Svg
            }
        };
        if bytes.len() > Self::MAX_BYTES {
            return Err(BrandError::LogoSize(bytes.len()));
        }
        Ok(Logo { kind, bytes })
    }

    /// What kind of picture it is.
    pub fn kind(&self) -> LogoKind {
        self.kind
    }

    /// The file as it was given.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// Whether a text is a web page, which may well have a picture in it.
fn is_html(text: &str) -> bool {
    let start: String = text.chars().take(14).collect::<String>().to_ascii_lowercase();
    start.starts_with("<!doctype html") || start.starts_with("<html")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn color(text: &str) -> Color {
        Color::parse(text).unwrap()
    }

    fn any_color() -> impl Strategy<Value = Color> {
        any::<[u8; 3]>().prop_map(|[red, green, blue]| Color::new(red, green, blue))
    }

    /// Every 17th value of each part: 4,096 colours with all corners of the space.
    fn grid() -> impl Iterator<Item = Color> {
        let parts = || (0..=255u8).step_by(17);
        parts().flat_map(move |red| parts().flat_map(move |green| parts().map(move |blue| Color::new(red, green, blue))))
    }

    fn hue_apart(one: Color, two: Color) -> f64 {
        let angle = |color: Color| Tone::of(color).b.atan2(Tone::of(color).a).to_degrees();
        let apart = (angle(one) - angle(two)).abs();
        apart.min(360.0 - apart)
    }

    /// All promises of the shades of `from`; `Err` says which does not hold.
    fn promises(from: Color, shades: Shades, ground: Color, card: Color) -> Result<(), String> {
        let Shades { accent, on_accent, accent_deep } = shades;
        let pairs = [
            (accent, ground, READABLE),
            (accent, card, READABLE),
            (accent_deep, ground, READABLE),
            (accent_deep, card, READABLE),
            (on_accent, accent, READABLE),
            (on_accent, accent_deep, READABLE),
            (accent, accent_deep, VISIBLE),
        ];
        for (one, two, least) in pairs {
            if one.contrast(two) < least {
                return Err(format!("{from} gives {shades:?}: {one} on {two} is {:.3}, not {least}", one.contrast(two)));
            }
        }
        for shade in [accent, accent_deep] {
            // Rounding turns the hue of pale and nearly black colours a little; grey has none.
            let has_hue = |color: Color| Tone::of(color).chroma() > 0.06 && Tone::of(color).lightness > 0.2;
            if has_hue(from) && has_hue(shade) && hue_apart(from, shade) > 3.0 {
                return Err(format!("{from} gives {shade}: its hue turned by {:.1} degrees", hue_apart(from, shade)));
            }
        }
        Ok(())
    }

    fn tokens_of(sheet: &str, name: &str) -> Vec<String> {
        let start = format!("{name}: ");
        sheet.lines().filter_map(|line| line.trim().strip_prefix(&start)).map(|value| value.trim_end_matches(';').to_owned()).collect()
    }

    #[test]
    fn the_default_tokens_are_those_of_the_page() {
        let page = include_str!("../../../templates/pages/assets/page.css");
        for (token, light, dark) in [
            ("--ground", LIGHT.ground, DARK.ground),
            ("--card", LIGHT.card, DARK.card),
            ("--ink", LIGHT.ink, DARK.ink),
            ("--soft", LIGHT.soft, DARK.soft),
            ("--accent", LIGHT.shades.accent, DARK.shades.accent),
            ("--on-accent", LIGHT.shades.on_accent, DARK.shades.on_accent),
            ("--accent-deep", LIGHT.shades.accent_deep, DARK.shades.accent_deep),
        ] {
            assert_eq!(tokens_of(page, token), [light.to_string(), dark.to_string()], "{token}");
        }
        assert_eq!(tokens_of(page, "--radius"), [format!("{RADIUS}px")]);
        assert!(LIGHT.shades.hold_on(LIGHT.ground, LIGHT.card) && DARK.shades.hold_on(DARK.ground, DARK.card));
    }

    #[test]
    fn every_accent_keeps_its_promises() {
        for from in grid() {
            let accent = Accent::of(from, LIGHT.ground, LIGHT.card, DARK.ground, DARK.card);
            promises(from, accent.light, LIGHT.ground, LIGHT.card).unwrap();
            promises(from, accent.dark, DARK.ground, DARK.card).unwrap();
        }
    }

    #[test]
    fn an_accent_that_can_be_read_stays_as_it_is() {
        let of = |text: &str| Accent::of(color(text), LIGHT.ground, LIGHT.card, DARK.ground, DARK.card);
        for text in ["#2f5bd7", "#000000", "#1c6b3a", "#8b0000"] {
            assert_eq!(of(text).light.accent, color(text));
        }
        for text in ["#8fb0ff", "#ffffff", "#ffd400"] {
            assert_eq!(of(text).dark.accent, color(text));
        }
        // Just enough: not a step more than the harder of the two grounds asks for.
        let yellow = of("#ffd400").light.accent;
        assert!(yellow.contrast(LIGHT.ground) < 4.7, "{yellow}");
        let blue = of("#0000aa").dark.accent;
        assert!(blue.contrast(DARK.card) < 4.7, "{blue}");
        // A colour's deeper form goes on in the same direction where there is room, and back where there is none.
        assert!(of("#2f5bd7").light.accent_deep.luminance() < color("#2f5bd7").luminance());
        assert!(of("#000000").light.accent_deep.luminance() > 0.0);
        assert!(of("#ffffff").dark.accent_deep.luminance() < 1.0);
    }

    #[test]
    fn nothing_chosen_changes_nothing() {
        assert_eq!(Brand::default().style_sheet(), None);
        assert_eq!(Brand::default().check(), Ok(()));
        let usual = Brand {
            accent: Some(color("#2f5bd7")),
            background: Some(color("#f3f4f7")),
            radius: Some(12),
            terms: Some("https://example.com/terms".into()),
            ..Brand::default()
        };
        assert_eq!(usual.style_sheet(), None);
    }

    #[test]
    fn a_style_sheet_says_what_differs() {
        let sheet = |brand: Brand| brand.style_sheet().unwrap();
        assert_eq!(sheet(Brand { radius: Some(0), ..Brand::default() }), ":root {\n  --radius: 0px;\n}\n");
        assert_eq!(sheet(Brand { radius: Some(200), ..Brand::default() }), ":root {\n  --radius: 24px;\n}\n");

        let green = sheet(Brand { accent: Some(color("#1c6b3a")), ..Brand::default() });
        assert_eq!(tokens_of(&green, "--accent")[0], "#1c6b3a");
        for (token, times) in [("--accent", 2), ("--accent-deep", 2), ("--on-accent", 2), ("--ground", 0), ("--radius", 0)] {
            assert_eq!(tokens_of(&green, token).len(), times, "{token} in {green}");
        }
        assert_eq!(green.matches("@media (prefers-color-scheme: dark)").count(), 1);
        assert_eq!(green.matches('{').count(), green.matches('}').count());
        assert!(green.len() < 400);

        let cream = sheet(Brand { background: Some(color("#fdf6e3")), ..Brand::default() });
        let grounds = tokens_of(&cream, "--ground");
        assert_eq!(grounds[0], "#fdf6e3");
        assert!(hue_apart(color(&grounds[1]), color("#fdf6e3")) < 12.0 && color(&grounds[1]).luminance() < 0.012, "{grounds:?}");
        assert_eq!(tokens_of(&cream, "--accent").len(), 0, "the default accent can be read on cream: {cream}");

        // The default accent could not be read on this one by day, so it is mended, and told again for the night.
        let dim = sheet(Brand { background: Some(color("#d0d0d0")), ..Brand::default() });
        let accents = tokens_of(&dim, "--accent");
        assert!(color(&accents[0]).contrast(color("#d0d0d0")) >= READABLE && accents[0] != "#2f5bd7");
        assert_eq!(accents[1], "#8fb0ff");
    }

    #[test]
    fn a_brand_is_checked() {
        let dark = Brand { background: Some(color("#888888")), ..Brand::default() };
        let error = dark.check().unwrap_err();
        assert_eq!(
            error.to_string(),
            "the background #888888 is too dark: text on it has a contrast of 2.0:1 and needs 4.5:1; take a lighter colour"
        );
        assert_eq!(dark.style_sheet(), None);
        assert_eq!(Brand { radius: Some(24), ..Brand::default() }.check(), Ok(()));
        assert_eq!(Brand { radius: Some(25), ..Brand::default() }.check(), Err(BrandError::Radius(25)));
        for link in
            ["", "javascript:alert(1)", "data:text/html,x", "/terms", "example.com/terms", "https:", "https:example.com", "ftp://x.y"]
        {
            assert_eq!(Brand { terms: Some(link.into()), ..Brand::default() }.check(), Err(BrandError::Link("terms")), "{link}");
            assert_eq!(Brand { privacy: Some(link.into()), ..Brand::default() }.check(), Err(BrandError::Link("privacy")), "{link}");
            assert_eq!(Brand { support: Some(link.into()), ..Brand::default() }.check(), Err(BrandError::Support), "{link}");
        }
        let link = |support: &str| Brand { support: Some(support.into()), ..Brand::default() }.support_link();
        assert_eq!(link("help@example.com").as_deref(), Some("mailto:help@example.com"));
        assert_eq!(link("a?b&c@example.com").as_deref(), Some("mailto:a%3Fb%26c@example.com"));
        assert_eq!(link("https://example.com/help").as_deref(), Some("https://example.com/help"));
    }

    #[test]
    fn logos_are_known_by_their_bytes() {
        let kind = |bytes: &[u8]| Logo::read(bytes.to_vec()).map(|logo| logo.kind());
        assert_eq!(kind(b"\x89PNG\r\n\x1a\nrest"), Ok(LogoKind::Png));
        assert_eq!(kind(b"RIFF\0\0\0\0WEBPVP8 "), Ok(LogoKind::Webp));
        assert_eq!(kind(b"\xff\xd8\xff\xe0"), Ok(LogoKind::Jpeg));
        assert_eq!(kind(b"<svg xmlns='http://www.w3.org/2000/svg'/>"), Ok(LogoKind::Svg));
        assert_eq!(kind("\u{feff}\n<?xml version='1.0'?>\n<!-- a --><svg/>".as_bytes()), Ok(LogoKind::Svg));
        for wrong in [&b""[..], b"GIF89a", b"<html><svg/></html>", b"<!DOCTYPE html><svg/>", b"text with <svg in it", b"<p>no picture</p>"]
        {
            assert_eq!(kind(wrong), Err(BrandError::LogoKind), "{wrong:?}");
        }
        let mut large = b"<svg>".to_vec();
        large.resize(Logo::MAX_BYTES, b' ');
        assert_eq!(kind(&large), Ok(LogoKind::Svg));
        large.push(b' ');
        assert_eq!(kind(&large), Err(BrandError::LogoSize(12289)));
    }

    proptest! {
        #[test]
        fn whatever_is_chosen_the_pages_can_be_read(accent in proptest::option::of(any_color()), background in proptest::option::of(any_color())) {
            let brand = Brand { accent, background, ..Brand::default() };
            let sheet = brand.style_sheet().unwrap_or_default();
            for (place, scheme) in [&LIGHT, &DARK].into_iter().enumerate() {
                let token = |name: &str, usual: Color| tokens_of(&sheet, name).get(place).map_or(usual, |text| color(text));
                let ground = token("--ground", scheme.ground);
                prop_assert!(scheme.worst_text(ground) >= READABLE, "{sheet}");
                let shades = Shades {
                    accent: token("--accent", scheme.shades.accent),
                    on_accent: token("--on-accent", scheme.shades.on_accent),
                    accent_deep: token("--accent-deep", scheme.shades.accent_deep),
                };
                let kept = promises(accent.unwrap_or(scheme.shades.accent), shades, ground, scheme.card);
                prop_assert!(kept.is_ok(), "{kept:?} {sheet}");
            }
            if brand.check().is_ok() && background.is_some_and(|background| background != LIGHT.ground) {
                prop_assert_eq!(tokens_of(&sheet, "--ground").first().cloned(), background.map(|ground| ground.to_string()));
            }
        }

        #[test]
        fn every_accent_keeps_its_promises_on_all_sorts_of_grounds(from in any_color(), light in any_color(), dark in any_color()) {
            let light = if LIGHT.worst_text(light) >= READABLE { light } else { Color::WHITE };
            let dark = dark_ground(dark);
            let accent = Accent::of(from, light, LIGHT.card, dark, DARK.card);
            for (shades, ground, card) in [(accent.light, light, LIGHT.card), (accent.dark, dark, DARK.card)] {
                let kept = promises(from, shades, ground, card);
                prop_assert!(kept.is_ok(), "{kept:?}");
            }
        }
    }
}

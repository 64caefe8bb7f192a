//! [`Agent`]: which browser on which system asked, from two short closed lists. Made from the `User-Agent` header and
//! the client hints, but nothing of their text ever comes out: what mails and pages say about a device is one of
//! these words. What a header claims is a help for people's memory, never a proof, so no rule may rest on it.

use std::fmt;

/// The browser, as far as the closed list goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Browser {
    /// Google Chrome or Chromium.
    Chrome,
    /// Microsoft Edge.
    Edge,
    /// Mozilla Firefox.
    Firefox,
    /// Apple's Safari.
    Safari,
    /// Opera in any edition.
    Opera,
    /// Samsung Internet.
    Samsung,
    /// Anything else: other brands, a browser inside an app, a program, nothing at all.
    #[default]
    Other,
}

impl Browser {
    /// All of the list.
    pub const ALL: [Browser; 7] =
        [Browser::Chrome, Browser::Edge, Browser::Firefox, Browser::Safari, Browser::Opera, Browser::Samsung, Browser::Other];

    /// The name people know it by, the same in every language. `None` for [`Browser::Other`]: the pages have words
    /// for that.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Browser::Chrome => Some("Chrome"),
            Browser::Edge => Some("Edge"),
            Browser::Firefox => Some("Firefox"),
            Browser::Safari => Some("Safari"),
            Browser::Opera => Some("Opera"),
            Browser::Samsung => Some("Samsung Internet"),
            Browser::Other => None,
        }
    }

    /// The word it is stored under.
    pub fn as_code(self) -> &'static str {
        match self {
            Browser::Chrome => "chrome",
            Browser::Edge => "edge",
            Browser::Firefox => "firefox",
            Browser::Safari => "safari",
            Browser::Opera => "opera",
            Browser::Samsung => "samsung",
            Browser::Other => "other",
        }
    }
}

/// The system the browser runs on, as far as the closed list goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum System {
    /// Microsoft Windows on a computer.
    Windows,
    /// A Mac; also an iPad whose Safari asks for desktop pages, which looks the same.
    Mac,
    /// Linux on a computer.
    Linux,
    /// A phone or tablet with Android.
    Android,
    /// An iPhone.
    Iphone,
    /// An iPad.
    Ipad,
    /// A Chromebook.
    Chromebook,
    /// Anything else.
    #[default]
    Other,
}

impl System {
    /// All of the list.
    pub const ALL: [System; 8] =
        [System::Windows, System::Mac, System::Linux, System::Android, System::Iphone, System::Ipad, System::Chromebook, System::Other];

    /// The name people know it by, the same in every language. `None` for [`System::Other`]: the pages have words for
    /// that.
    pub fn name(self) -> Option<&'static str> {
        match self {
            System::Windows => Some("Windows"),
            System::Mac => Some("Mac"),
            System::Linux => Some("Linux"),
            System::Android => Some("Android"),
            System::Iphone => Some("iPhone"),
            System::Ipad => Some("iPad"),
            System::Chromebook => Some("Chromebook"),
            System::Other => None,
        }
    }

    /// The word it is stored under.
    pub fn as_code(self) -> &'static str {
        match self {
            System::Windows => "windows",
            System::Mac => "mac",
            System::Linux => "linux",
            System::Android => "android",
            System::Iphone => "iphone",
            System::Ipad => "ipad",
            System::Chromebook => "chromebook",
            System::Other => "other",
        }
    }
}

/// Which browser on which system. The default is "something else on something else".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Agent {
    /// The browser.
    pub browser: Browser,
    /// The system it runs on.
    pub system: System,
}

impl Agent {
    /// Reads a `User-Agent` header (RFC 9110 §10.1.5); empty where there was none. A header cut in its middle is fine.
    pub fn of(user_agent: &str) -> Self {
        let words = Words::of(user_agent);
        if words.is_robot() || user_agent.contains("+http") {
            return Agent::default();
        }
        Agent { browser: browser(&words), system: system(&words) }
    }

    /// The same, corrected by the hints that Chromium's family sends beside it on secure connections: `Sec-CH-UA` and
    /// `Sec-CH-UA-Platform` (User-Agent Client Hints, W3C community group report). Empty text means "not sent".
    pub fn with_hints(self, brands: &str, platform: &str) -> Self {
        if self == Agent::default() {
            return self;
        }
        let browser = match self.browser {
            Browser::Chrome => brand(brands).unwrap_or(Browser::Chrome),
            told => told,
        };
        let system = match platform.trim().trim_matches('"') {
            "Windows" => System::Windows,
            "macOS" => System::Mac,
            "Linux" => System::Linux,
            "Android" => System::Android,
            "Chrome OS" | "Chromium OS" => System::Chromebook,
            _ => self.system,
        };
        Agent { browser, system }
    }

    /// The form it is stored in: `firefox-linux`.
    pub fn as_code(self) -> String {
        self.to_string()
    }

    /// Reads the stored form back. Anything unknown is "something else on something else".
    pub fn stored(code: &str) -> Self {
        let read = || {
            let (browser, system) = code.split_once('-')?;
            let browser = Browser::ALL.into_iter().find(|known| known.as_code() == browser)?;
            let system = System::ALL.into_iter().find(|known| known.as_code() == system)?;
            Some(Agent { browser, system })
        };
        read().unwrap_or_default()
    }
}

impl fmt::Display for Agent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.browser.as_code(), self.system.as_code())
    }
}

/// The words of a header. Asking for whole words keeps `HeadlessChrome` from being `Chrome` by accident.
struct Words<'a>(Vec<&'a str>);

impl<'a> Words<'a> {
    /// Splits a header at white space and the marks around comments.
    fn of(header: &'a str) -> Self {
        let apart = |c: char| c.is_whitespace() || matches!(c, '(' | ')' | '[' | ']' | ';' | ',');
        Words(header.split(apart).filter(|word| !word.is_empty()).collect())
    }

    /// Whether one of `names` stands there as a product: a name, a slash, a version.
    fn product(&self, names: &[&str]) -> bool {
        self.0.iter().any(|word| word.split_once('/').is_some_and(|(name, _)| names.contains(&name)))
    }

    /// Whether one of `names` stands there as a plain word.
    fn word(&self, names: &[&str]) -> bool {
        self.0.iter().any(|word| names.contains(word))
    }

    /// Whether it calls itself a robot. (`CUBOT` without a version is a make of phones.)
    fn is_robot(&self) -> bool {
        let names = || self.0.iter().filter_map(|word| word.split_once('/')).map(|(name, _)| name.to_ascii_lowercase());
        names().any(|name| ["bot", "crawler", "spider", "preview"].iter().any(|end| name.ends_with(end)))
    }
}

/// Browsers inside apps: what is signed in there is the app, not the browser that its engine claims to be.
const IN_APPS: [&str; 19] = [
    "FBAN",
    "FBAV",
    "FB_IAB",
    "FBIOS",
    "Instagram",
    "Barcelona",
    "Line",
    "MicroMessenger",
    "Snapchat",
    "Pinterest",
    "Twitter",
    "LinkedInApp",
    "BytedanceWebview",
    "musical_ly",
    "trill",
    "GSA",
    "KAKAOTALK",
    "Slack",
    "Electron",
];

/// Brands with a name of their own, outside the list, that call themselves Chrome, Safari or Firefox as well.
const OTHER_BRANDS: [&str; 20] = [
    "YaBrowser",
    "Vivaldi",
    "UCBrowser",
    "MiuiBrowser",
    "XiaoMi",
    "HuaweiBrowser",
    "Whale",
    "Silk",
    "DuckDuckGo",
    "Ddg",
    "QQBrowser",
    "MQQBrowser",
    "VivoBrowser",
    "HeyTapBrowser",
    "Brave",
    "Focus",
    "Klar",
    "SeaMonkey",
    "PaleMoon",
    "Waterfox",
];

/// The order matters: nearly every browser also names the ones it wants to be taken for.
fn browser(words: &Words<'_>) -> Browser {
    let apple = words.word(&["Macintosh", "iPhone", "iPad", "iPod"]);
    if words.product(&IN_APPS) || words.word(&["wv"]) || words.product(&OTHER_BRANDS) {
        Browser::Other
    } else if words.product(&["Edg", "EdgA", "EdgiOS", "Edge"]) {
        Browser::Edge
    } else if words.product(&["OPR", "Opera", "OPT", "OPX", "OPiOS"]) {
        Browser::Opera
    } else if words.product(&["SamsungBrowser"]) {
        Browser::Samsung
    } else if words.product(&["Firefox", "FxiOS"]) {
        Browser::Firefox
    } else if words.product(&["Chrome", "CriOS", "Chromium", "HeadlessChrome"]) {
        Browser::Chrome
    } else if apple && words.product(&["Version"]) && words.product(&["Safari"]) {
        Browser::Safari
    } else {
        Browser::Other
    }
}

/// The order matters here too: Android says Linux, and televisions say whatever helps.
fn system(words: &Words<'_>) -> System {
    if words.word(&["Tizen", "Web0S", "SMART-TV", "Xbox", "PlayStation", "Nintendo", "Phone"]) || words.product(&["KAIOS", "Tizen"]) {
        System::Other
    } else if words.word(&["Windows"]) {
        System::Windows
    } else if words.word(&["iPhone"]) {
        System::Iphone
    } else if words.word(&["iPad"]) {
        System::Ipad
    } else if words.word(&["Macintosh"]) {
        // These editions exist for iPhone and iPad only; on an iPad they ask for desktop pages.
        if words.product(&["CriOS", "FxiOS", "EdgiOS", "OPiOS", "OPT"]) { System::Ipad } else { System::Mac }
    } else if words.word(&["CrOS"]) {
        System::Chromebook
    } else if words.word(&["Android"]) {
        System::Android
    } else if words.word(&["Linux"]) {
        System::Linux
    } else {
        System::Other
    }
}

/// The brand in a `Sec-CH-UA` list such as `"Chromium";v="124", "Brave";v="124", "Not-A.Brand";v="99"`. `None` when
/// it names no brand but the engine's and the made-up one that keeps readers honest.
fn brand(list: &str) -> Option<Browser> {
    let filler = |name: &str| {
        let letters: String = name.chars().filter(char::is_ascii_alphabetic).collect();
        letters.is_empty() || letters == "Chromium" || (letters.starts_with("Not") && letters.ends_with("Brand"))
    };
    // Names and versions are quoted in turn.
    let name = list.split('"').skip(1).step_by(4).find(|name| !filler(name))?;
    Some(match name {
        "Google Chrome" | "HeadlessChrome" => Browser::Chrome,
        "Microsoft Edge" => Browser::Edge,
        "Opera" | "Opera GX" | "OperaMobile" => Browser::Opera,
        "Samsung Internet" => Browser::Samsung,
        _ => Browser::Other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SEEN: &[(&str, &str)] = &[
        // Computers.
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36",
            "chrome-windows",
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36",
            "chrome-mac",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36", "chrome-linux"),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/124.0.0.0 Safari/537.36", "chrome-linux"),
        (
            "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36",
            "chrome-chromebook",
        ),
        (
            "Mozilla/5.0 (X11; Ubuntu; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Ubuntu Chromium/83.0.4103.61 Chrome/83.0.4103.61 Safari/537.36",
            "chrome-linux",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36 Edg/124.0.0.0",
            "edge-windows",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/70.0.3538.102 Safari/537.36 Edge/18.19582",
            "edge-windows",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/123.0.0.0 Safari/537.36 OPR/109.0.0.0",
            "opera-windows",
        ),
        ("Opera/9.80 (Windows NT 6.1; WOW64) Presto/2.12.388 Version/12.18", "opera-windows"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:125.0) Gecko/20100101 Firefox/125.0", "firefox-windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:125.0) Gecko/20100101 Firefox/125.0", "firefox-mac"),
        ("Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:125.0) Gecko/20100101 Firefox/125.0", "firefox-linux"),
        ("Mozilla/5.0 (X11; FreeBSD amd64; rv:125.0) Gecko/20100101 Firefox/125.0", "firefox-other"),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4.1 Safari/605.1.15",
            "safari-mac",
        ),
        // GNOME Web is built on WebKit and says so, but it is not Safari.
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Safari/605.1.15", "other-linux"),
        ("Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko", "other-windows"),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/122.0.0.0 Safari/537.36 Vivaldi/6.6.3271.57",
            "other-windows",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/122.0.0.0 YaBrowser/24.4.0.0 Safari/537.36",
            "other-windows",
        ),
        // Phones and tablets.
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4.1 Mobile/15E148 Safari/604.1",
            "safari-iphone",
        ),
        (
            "Mozilla/5.0 (iPad; CPU OS 12_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/12.1.2 Mobile/15E148 Safari/604.1",
            "safari-ipad",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/124.0.6367.68 Mobile/15E148 Safari/604.1",
            "chrome-iphone",
        ),
        (
            "Mozilla/5.0 (iPad; CPU OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/124.0.6367.68 Mobile/15E148 Safari/604.1",
            "chrome-ipad",
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/124 Version/11.1.1 Safari/605.1.15",
            "chrome-ipad",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/125.0 Mobile/15E148 Safari/605.1.15",
            "firefox-iphone",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 EdgiOS/123.0.2420.56 Mobile/15E148 Safari/604.1",
            "edge-iphone",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Mobile/15E148 Safari/604.1 OPT/4.6.0",
            "opera-iphone",
        ),
        (
            "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Mobile Safari/537.36",
            "chrome-android",
        ),
        (
            "Mozilla/5.0 (Linux; Android 10; HD1913) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.6367.54 Mobile Safari/537.36 EdgA/123.0.2420.102",
            "edge-android",
        ),
        (
            "Mozilla/5.0 (Linux; Android 10; VOG-L29) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.6367.54 Mobile Safari/537.36 OPR/76.2.4027.73374",
            "opera-android",
        ),
        ("Mozilla/5.0 (Android 14; Mobile; rv:125.0) Gecko/125.0 Firefox/125.0", "firefox-android"),
        (
            "Mozilla/5.0 (Linux; Android 13; SAMSUNG SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/24.0 Chrome/117.0.0.0 Mobile Safari/537.36",
            "samsung-android",
        ),
        (
            "Mozilla/5.0 (Linux; Android 10; CUBOT X30) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/90.0 Mobile Safari/537.36",
            "chrome-android",
        ),
        (
            "Mozilla/5.0 (Linux; U; Android 4.0.3; de-de; Galaxy S II) AppleWebKit/534.30 (KHTML, like Gecko) Version/4.0 Mobile Safari/534.30",
            "other-android",
        ),
        (
            "Mozilla/5.0 (Windows Phone 10.0; Android 6.0.1; Microsoft; Lumia 950) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/52.0 Mobile Safari/537.36 Edge/15.15254",
            "edge-other",
        ),
        // Browsers inside apps.
        (
            "Mozilla/5.0 (Linux; Android 14; Pixel 8 Build/UQ1A; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/124.0.0.0 Mobile Safari/537.36",
            "other-android",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/21E219 [FBAN/FBIOS;FBAV/457.0;FBDV/iPhone15,2]",
            "other-iphone",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/21E219 Instagram 329.0.0",
            "other-iphone",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) GSA/312.0 Mobile/15E148 Safari/604.1",
            "other-iphone",
        ),
        (
            "Mozilla/5.0 (Linux; Android 13; V2109) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/116.0 Mobile Safari/537.36 MicroMessenger/8.0.47",
            "other-android",
        ),
        // Televisions, robots, programs.
        (
            "Mozilla/5.0 (SMART-TV; Linux; Tizen 6.0) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/3.0 Chrome/76.0 TV Safari/537.36",
            "samsung-other",
        ),
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "other-other"),
        (
            "Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Mobile Safari/537.36 (compatible; Googlebot/2.1)",
            "other-other",
        ),
        ("facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)", "other-other"),
        ("curl/8.5.0", "other-other"),
        ("python-requests/2.31.0", "other-other"),
        ("Dalvik/2.1.0 (Linux; U; Android 13; Pixel 7 Build/TQ3A)", "other-android"),
        // Nothing, cut short, and hostile.
        ("", "other-other"),
        ("Mozilla/5.0", "other-other"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, li", "other-windows"),
        ("<script>alert(1)</script>", "other-other"),
        ("Chrome on your own Mac, trusted", "other-other"),
        ("\u{202e}Firefox/1\u{0} ((((;;;;\"'%s{{7*7}}", "other-other"),
        ("/ // /// Chrome / 1 Firefox", "other-other"),
    ];

    #[test]
    fn known_headers_are_known() {
        for (header, code) in SEEN {
            assert_eq!(Agent::of(header).as_code(), *code, "{header}");
        }
    }

    #[test]
    fn the_stored_form_comes_back() {
        for browser in Browser::ALL {
            for system in System::ALL {
                let agent = Agent { browser, system };
                assert_eq!(Agent::stored(&agent.as_code()), agent);
            }
        }
        for unknown in
            ["", "-", "firefox", "firefox-", "firefox-amiga", "netscape-linux", "Firefox-Linux", "firefox-linux-", " firefox-linux"]
        {
            assert_eq!(Agent::stored(unknown), Agent::default(), "{unknown}");
        }
    }

    #[test]
    fn only_something_else_has_no_name() {
        assert_eq!(Browser::ALL.iter().filter(|browser| browser.name().is_none()).collect::<Vec<_>>(), [&Browser::Other]);
        assert_eq!(System::ALL.iter().filter(|system| system.name().is_none()).collect::<Vec<_>>(), [&System::Other]);
        assert_eq!(Browser::Samsung.name(), Some("Samsung Internet"));
        assert_eq!(System::Iphone.name(), Some("iPhone"));
    }

    #[test]
    fn hints_know_better() {
        let chrome = Agent::of(SEEN[2].0);
        assert_eq!(chrome.as_code(), "chrome-linux");
        let with = |brands: &str, platform: &str| chrome.with_hints(brands, platform).as_code();
        assert_eq!(with("", ""), "chrome-linux");
        assert_eq!(with(r#""Chromium";v="124", "Google Chrome";v="124", "Not-A.Brand";v="99""#, r#""Linux""#), "chrome-linux");
        assert_eq!(with(r#""Not_A Brand";v="8", "Chromium";v="120""#, ""), "chrome-linux");
        assert_eq!(with(r#"" Not;A Brand";v="99", "Chromium";v="120", "Microsoft Edge";v="120""#, ""), "edge-linux");
        assert_eq!(with(r#""Chromium";v="124", "Brave";v="124", "Not-A.Brand";v="99""#, ""), "other-linux");
        assert_eq!(with(r#""Android WebView";v="124", "Chromium";v="124", "Not)A;Brand";v="99""#, r#""Android""#), "other-android");
        assert_eq!(with(r#""Chromium";v="beta", "Microsoft Edge";v="120""#, ""), "edge-linux");
        assert_eq!(with("", r#""Chrome OS""#), "chrome-chromebook");
        assert_eq!(with("garbage \" in , here", "\"Plan 9\""), "other-linux");
        // A hint never makes a browser out of a program, and never overrules a browser that said its name.
        assert_eq!(Agent::of("curl/8").with_hints(r#""Google Chrome";v="1""#, r#""Windows""#), Agent::default());
        assert_eq!(Agent::of(SEEN[6].0).with_hints(r#""Chromium";v="124""#, "").as_code(), "edge-windows");
    }

    proptest! {
        #[test]
        fn whatever_comes_in_only_the_list_comes_out(header in "\\PC{0,300}", brands in "\\PC{0,80}", platform in "\\PC{0,40}") {
            let code = Agent::of(&header).with_hints(&brands, &platform).as_code();
            let (browser, system) = code.split_once('-').unwrap();
            prop_assert!(Browser::ALL.iter().any(|known| known.as_code() == browser));
            prop_assert!(System::ALL.iter().any(|known| known.as_code() == system));
        }
    }
}

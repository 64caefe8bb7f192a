//! Regions: the countries and territories a phone number can belong to, each with its calling code.

use rlibphonenumber::{PHONE_NUMBER_UTIL, Region as LibraryRegion};
use std::fmt;
use std::sync::LazyLock;

/// A country or territory with a calling code, named by its two letters (ISO 3166-1 alpha-2, and as in libphonenumber
/// also `AC`, `TA` and `XK`: Ascension, Tristan da Cunha, Kosovo). Ordered by its letters. What belongs to no
/// place, such as satellite networks and international freephone (`001`), is not a region.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Region(u16);

struct Entry {
    library: LibraryRegion,
    letters: String,
    calling_code: u16,
}

/// All regions by their letters. A [`Region`] is a place in this list.
static ENTRIES: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    let entry = |library: LibraryRegion| {
        let letters = library.as_region_str().to_string();
        let calling_code = PHONE_NUMBER_UTIL.get_country_code_for_region(library).and_then(|code| u16::try_from(code).ok())?;
        let two = letters.len() == 2 && letters.bytes().all(|b| b.is_ascii_uppercase());
        two.then_some(Entry { library, letters, calling_code })
    };
    let mut entries: Vec<Entry> = PHONE_NUMBER_UTIL.get_supported_regions().filter_map(entry).collect();
    entries.sort_by(|a, b| a.letters.cmp(&b.letters));
    entries
});

static REGIONS: LazyLock<Vec<Region>> = LazyLock::new(|| (0..).take(ENTRIES.len()).map(Region).collect());

impl Region {
    /// Reads two letters in either case. `None` for everything that has no calling code of its own.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != 2 || !text.is_ascii() {
            return None;
        }
        let letters = text.to_ascii_uppercase();
        let place = ENTRIES.binary_search_by(|entry| entry.letters.as_str().cmp(&letters)).ok()?;
        REGIONS.get(place).copied()
    }

    /// The two letters, in upper case.
    pub fn as_str(self) -> &'static str {
        &self.entry().letters
    }

    /// The calling code, as in "+49". Several regions may share one.
    pub fn calling_code(self) -> u16 {
        self.entry().calling_code
    }

    /// Every region, ordered by its letters. The first call reads the library's tables (some ten milliseconds).
    pub fn all() -> &'static [Region] {
        &REGIONS
    }

    /// The region that comes first among those with this calling code: `US` for 1, `GB` for 44.
    pub fn main_of(calling_code: u16) -> Option<Self> {
        PHONE_NUMBER_UTIL.get_region_for_country_code(i32::from(calling_code)).and_then(Region::from_library)
    }

    pub(crate) fn from_library(library: LibraryRegion) -> Option<Self> {
        Region::parse(library.as_region_str().as_ref())
    }

    pub(crate) fn library(self) -> LibraryRegion {
        self.entry().library
    }

    fn entry(self) -> &'static Entry {
        // A Region is made above only, from a place in this very list.
        &ENTRIES[usize::from(self.0)]
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Region({})", self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_read_in_either_case() {
        let germany = Region::parse("de").unwrap();
        assert_eq!((germany.as_str(), germany.calling_code()), ("DE", 49));
        assert_eq!(Region::parse("De"), Some(germany));
        for nothing in ["", "D", "DEU", "001", "ZZ", "EU", "d\u{e9}", "ﬀ", "1a", "D ", "AQ"] {
            assert_eq!(Region::parse(nothing), None, "{nothing:?}");
        }
    }

    #[test]
    fn every_region_is_listed_once_in_order() {
        let all = Region::all();
        assert!(all.len() >= 245, "only {}", all.len());
        assert!(all.windows(2).all(|two| two[0] < two[1] && two[0].as_str() < two[1].as_str()));
        for region in all {
            assert_eq!(Region::parse(&region.as_str().to_ascii_lowercase()), Some(*region));
            assert!((1..=998).contains(&region.calling_code()), "{region:?}");
            assert_eq!(Region::main_of(region.calling_code()).unwrap().calling_code(), region.calling_code());
        }
        let code = |letters: &str| Region::parse(letters).unwrap().calling_code();
        assert_eq!([code("US"), code("CA"), code("GB"), code("KZ"), code("XK"), code("TA"), code("VA")], [1, 1, 44, 7, 383, 290, 39]);
    }

    #[test]
    fn a_shared_code_has_one_main_region() {
        let main = |code| Region::main_of(code).map(Region::as_str);
        assert_eq!([main(1), main(7), main(44), main(39), main(590)], [Some("US"), Some("RU"), Some("GB"), Some("IT"), Some("GP")]);
        assert_eq!([main(0), main(800), main(883), main(999), main(u16::MAX)], [None; 5]);
    }
}

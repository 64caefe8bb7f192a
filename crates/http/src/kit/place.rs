//! [`Places`]: about where an address is, from a database file that the operator brought (MaxMind's format, as
//! GeoLite2 and DB-IP come in). City and country or country alone, never more; without a file nobody is placed.
//! A place is a help for people's memory ("was that me?"), so no rule may rest on it.

use maxminddb::{MaxMindDbError, Reader};
use serde::Deserialize;
use std::collections::HashMap;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::{fmt, fs, io};
use thiserror::Error;

/// A database of places, whole in memory.
pub struct Places(Reader<Vec<u8>>);

/// Why a database of places cannot be used. Each says what to change.
#[derive(Debug, Error)]
pub enum PlacesError {
    /// There is no such file, or it may not be read.
    #[error("the file of places {} cannot be read: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is something else, or broken.
    #[error("{} is not a database in MaxMind's format (a file that ends in .mmdb): {source}", path.display())]
    NotADatabase {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: MaxMindDbError,
    },
    /// The database tells other things about addresses.
    #[error("{} holds \"{kind}\", which has no places: use a City or a Country database, such as GeoLite2-City", path.display())]
    OtherKind {
        /// The file.
        path: PathBuf,
        /// The kind it says it is.
        kind: String,
    },
}

/// What is read of an entry. Everything else in it is left alone.
#[derive(Deserialize)]
struct Entry<'a> {
    #[serde(borrow)]
    city: Option<Named<'a>>,
    #[serde(borrow)]
    country: Option<Named<'a>>,
}

/// Something with a name in each language.
#[derive(Deserialize)]
struct Named<'a> {
    #[serde(borrow, default)]
    names: HashMap<&'a str, &'a str>,
}

impl Places {
    /// Reads a database into memory. Blocking: call it before anything is served.
    pub fn open(path: &Path) -> Result<Self, PlacesError> {
        let bytes = fs::read(path).map_err(|source| PlacesError::Unreadable { path: path.to_owned(), source })?;
        let reader = Reader::from_source(bytes).map_err(|source| PlacesError::NotADatabase { path: path.to_owned(), source })?;
        let kind = &reader.metadata().database_type;
        if !["City", "Country", "Enterprise"].iter().any(|fit| kind.contains(fit)) {
            return Err(PlacesError::OtherKind { path: path.to_owned(), kind: kind.clone() });
        }
        Ok(Places(reader))
    }

    /// About where `address` is, like `Vienna, Austria` or `Austria`. Each name is in the language `lang` (a BCP 47 tag
    /// such as `de` or `pt-BR`) where the file has it, else in English. `None` for private addresses and for places
    /// that the file does not know. The text comes from the file: pages and mails escape it.
    pub fn of(&self, address: IpAddr, lang: &str) -> Option<String> {
        let address = address.to_canonical();
        if is_private(address) {
            return None;
        }
        let entry: Entry<'_> = self.0.lookup(address).ok()?.decode().ok()??;
        let (country, country_lang) = entry.country?.name(lang)?;
        let Some((city, _)) = entry.city.and_then(|city| city.name(lang)) else {
            return Some(country.to_owned());
        };
        let comma = match primary(country_lang).as_str() {
            "ja" => "、",
            "zh" => "，",
            _ => ", ",
        };
        Some(format!("{city}{comma}{country}"))
    }

    /// The same for an address as it is stored with sign-ins and sessions (`ClientIp`): `203.0.113.9`, or an IPv6 network such
    /// as `2001:db8::/64`, which is placed by its first address. `None` for any other text.
    pub fn of_client(&self, stored: &str, lang: &str) -> Option<String> {
        let address = stored.strip_suffix("/64").unwrap_or(stored);
        self.of(address.parse().ok()?, lang)
    }
}

impl fmt::Debug for Places {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Places({})", self.0.metadata().database_type)
    }
}

impl<'a> Named<'a> {
    /// The name in the language asked for, in a sister of it, or in English, with the language it is in.
    fn name(&self, lang: &str) -> Option<(&'a str, &'a str)> {
        let same = |one: &&str| one.eq_ignore_ascii_case(lang);
        let sister = |one: &&str| primary(one) == primary(lang);
        // A map has no order, and two sisters may stand in it: the first by name, so that a place keeps its name.
        let mut known: Vec<&'a str> = self.names.keys().copied().filter(|known| !self.names[known].is_empty()).collect();
        known.sort_unstable();
        let english = || known.iter().find(|one| **one == "en");
        let chosen = known.iter().find(|one| same(one)).or_else(|| known.iter().find(|one| sister(one))).or_else(english)?;
        Some((self.names.get(chosen)?, chosen))
    }
}

/// The first part of a language tag: `pt` of `pt-BR`.
fn primary(lang: &str) -> String {
    lang.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase()
}

/// Whether an address is of a network that nobody outside can tell the place of: private use (RFC 1918, RFC 4193),
/// shared (RFC 6598), link-local (RFC 3927, RFC 4291), this machine, or no address of a machine at all.
fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            let shared = a == 100 && b & 0xc0 == 64;
            v4.is_private() || v4.is_loopback() || v4.is_link_local() || shared || a == 0 || v4.is_multicast() || v4.is_broadcast()
        }
        IpAddr::V6(v6) => {
            v6.is_unique_local() || v6.is_unicast_link_local() || v6.is_loopback() || v6.is_unspecified() || v6.is_multicast()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
    }

    fn places() -> Places {
        Places::open(&file("places.mmdb")).unwrap()
    }

    #[test]
    fn addresses_have_places() {
        let places = places();
        for (address, lang, place) in [
            ("203.0.113.9", "en", "Vienna, Austria"),
            ("203.0.113.9", "de", "Wien, Österreich"),
            ("203.0.113.9", "de-AT", "Wien, Österreich"),
            ("203.0.113.9", "DE", "Wien, Österreich"),
            ("203.0.113.9", "ja", "ウィーン、オーストリア"),
            ("203.0.113.9", "zh-CN", "维也纳，奥地利"),
            ("203.0.113.9", "pt", "Vienna, Áustria"),
            // No language, and one that the file does not have.
            ("203.0.113.9", "", "Vienna, Austria"),
            ("203.0.113.9", "ar", "Vienna, Austria"),
            ("203.0.113.129", "de", "Purkersdorf, Österreich"),
            ("198.51.100.1", "en", "Brazil"),
            ("198.51.100.1", "pt-br", "Brasil"),
            ("2001:db8:1:2::3", "en", "Paris, France"),
            ("2001:db8:1:2::3", "de", "Paris, Frankreich"),
            // IPv4 dressed as IPv6.
            ("::ffff:203.0.113.9", "en", "Vienna, Austria"),
        ] {
            assert_eq!(places.of(address.parse().unwrap(), lang).as_deref(), Some(place), "{address} {lang}");
        }
    }

    #[test]
    fn some_addresses_have_none() {
        let places = places();
        let nowhere = [
            // Private, although the file names a place.
            "10.1.2.3",
            "100.64.0.1",
            "100.127.255.255",
            "fd00::1",
            "::ffff:10.1.2.3",
            "127.0.0.1",
            "::1",
            "0.0.0.0",
            "::",
            "fe80::1",
            // Not in the file.
            "8.8.8.8",
            "2001:db9::1",
            // A city without a country, a country without a name, an entry of another shape.
            "203.0.113.193",
            "203.0.113.225",
            "192.0.2.1",
        ];
        for address in nowhere {
            assert_eq!(places.of(address.parse().unwrap(), "en"), None, "{address}");
        }
    }

    #[test]
    fn shared_addresses_end_where_the_standard_says() {
        for (address, private) in [("100.63.255.255", false), ("100.64.0.0", true), ("100.127.255.255", true), ("100.128.0.0", false)] {
            assert_eq!(is_private(address.parse().unwrap()), private, "{address}");
        }
    }

    #[test]
    fn stored_addresses_have_places() {
        let places = places();
        let of = |address: &str| places.of_client(address, "en");
        let stored = |address: &str| of(postkey_model::ClientIp::of(address.parse().unwrap()).as_str());
        assert_eq!(stored("203.0.113.9").as_deref(), Some("Vienna, Austria"));
        assert_eq!(stored("2001:db8:1:2:3:4:5:6").as_deref(), Some("Paris, France"));
        assert_eq!(of("2001:db8::/64").as_deref(), Some("Paris, France"));
        for no_address in ["", "/64", "unknown", "203.0.113", "2001:db8::/32", "203.0.113.9:80"] {
            assert_eq!(of(no_address), None, "{no_address}");
        }
    }

    #[test]
    fn a_database_of_countries_will_do() {
        let places = Places::open(&file("countries.mmdb")).unwrap();
        assert_eq!(places.of("203.0.113.9".parse().unwrap(), "de").as_deref(), Some("Österreich"));
    }

    #[test]
    fn what_is_not_a_database_of_places_is_refused() {
        let refused = |path: &Path| Places::open(path).unwrap_err();
        let missing = refused(&file("no-such.mmdb"));
        assert!(matches!(missing, PlacesError::Unreadable { .. }), "{missing}");
        assert!(missing.to_string().contains("no-such.mmdb cannot be read"), "{missing}");

        let script = refused(&file("places.py"));
        assert!(matches!(script, PlacesError::NotADatabase { .. }), "{script}");
        assert!(script.to_string().contains("places.py is not a database in MaxMind's format"), "{script}");

        let networks = refused(&file("networks.mmdb"));
        assert!(matches!(&networks, PlacesError::OtherKind { kind, .. } if kind == "Postkey-Test-ASN"), "{networks}");
    }

    #[test]
    fn a_broken_database_places_nobody_and_breaks_nothing() {
        let whole = fs::read(file("places.mmdb")).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("broken.mmdb");
        for at in 0..whole.len() {
            let mut broken = whole.clone();
            broken[at] ^= 0xff;
            fs::write(&path, &broken).unwrap();
            if let Ok(places) = Places::open(&path) {
                for address in ["203.0.113.9", "198.51.100.1", "2001:db8::1"] {
                    let _ = places.of(address.parse().unwrap(), "en");
                }
            }
        }
        fs::write(&path, &whole[..whole.len() / 2]).unwrap();
        assert!(Places::open(&path).is_err());
    }
}

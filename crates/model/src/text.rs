//! What texts may cost: countries, prices, and how many texts may go to a country without being used. Texts cost money, and
//! there are people who earn by making others send them; mails are never held up by these rules.

use crate::region::Region;
use crate::time::{Millis, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Money in millionths of the operator's own unit, whatever that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money(pub i64);

impl Money {
    /// A whole unit.
    const UNIT: i64 = 1_000_000;
    /// More is not taken: a day's money has to be countable.
    const MOST: i64 = 1_000_000_000 * Money::UNIT;

    /// Reads `0.0742`, `50` or `12.5`: no sign, no thousands, at most six places.
    pub fn parse(text: &str) -> Option<Self> {
        let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !digits(part) || part.len() > 6 || whole.len() > 10 {
            return None;
        }
        let part: i64 = format!("{part:0<6}").parse().ok()?;
        let all = whole.parse::<i64>().ok()?.checked_mul(Money::UNIT)?.checked_add(part)?;
        (all <= Money::MOST).then_some(Money(all))
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = format!("{:06}", self.0 % Money::UNIT);
        let part = part.trim_end_matches('0');
        write!(f, "{}.{part:0<2}", self.0 / Money::UNIT)
    }
}

/// The rules of texts (SMS and WhatsApp), for the whole server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextRules {
    /// Countries that texts go to; `None` for all.
    pub countries: Option<BTreeSet<Region>>,
    /// What a text to a country costs.
    pub prices: BTreeMap<Region, Money>,
    /// What a text costs where no price is given.
    pub usual_price: Money,
    /// What texts may cost in a day (UTC), all nodes together; zero for as much as comes. The last fifth is kept for
    /// browsers that signed in before.
    pub per_day: Money,
    /// How many texts to one country may go unused in [`TextRules::WINDOW`]; zero for as many as come. Each used one takes
    /// [`TextRules::EARNED`] off the count.
    pub unused_per_country: i64,
    /// The countries that tenants are at home in: they may have [`TextRules::AT_HOME`] times as many unused.
    pub home: BTreeSet<Region>,
}

impl TextRules {
    /// How long unused texts are remembered.
    pub const WINDOW: Millis = Millis::from_hours(24);
    /// What a used text takes off the count of unused ones: its own, and two more. A country where at least a third of
    /// all texts is used is never closed.
    pub const EARNED: i64 = 3;
    /// The share of a country's unused texts that one network may ask for: closing a country takes this many networks.
    pub const NETWORKS: i64 = 10;
    /// Every network may ask for this many unused texts to a country, however small its share.
    pub const NETWORK_LEAST: i64 = 3;
    /// See [`TextRules::home`].
    pub const AT_HOME: i64 = 10;

    /// No limits at all.
    pub fn none() -> Self {
        TextRules {
            countries: None,
            prices: BTreeMap::new(),
            usual_price: Money(0),
            per_day: Money(0),
            unused_per_country: 0,
            home: BTreeSet::new(),
        }
    }

    /// Whether texts go to numbers of `region`; `None` stands for numbers that belong to no country.
    pub fn reaches(&self, region: Option<Region>) -> bool {
        self.countries.as_ref().is_none_or(|countries| region.is_some_and(|region| countries.contains(&region)))
    }

    /// What a text to `region` costs.
    pub fn price(&self, region: Option<Region>) -> Money {
        region.and_then(|region| self.prices.get(&region)).copied().unwrap_or(self.usual_price)
    }

    /// How many texts to `region` may go unused.
    pub fn unused(&self, region: Option<Region>) -> i64 {
        let at_home = region.is_some_and(|region| self.home.contains(&region));
        self.unused_per_country.saturating_mul(if at_home { TextRules::AT_HOME } else { 1 })
    }

    /// How many texts to `region` one network may ask for that go unused; zero for as many as come.
    pub fn unused_by_network(&self, region: Option<Region>) -> i64 {
        match self.unused(region) {
            0 => 0,
            all => (all / TextRules::NETWORKS).max(TextRules::NETWORK_LEAST),
        }
    }
}

/// A day that money is counted for (UTC).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day(i64);

impl Day {
    const LENGTH: i64 = Millis::from_hours(24).0;

    /// The day of a moment.
    pub fn of(now: Timestamp) -> Self {
        Day(now.0.div_euclid(Day::LENGTH))
    }

    /// When it ends.
    pub fn end(self) -> Timestamp {
        Timestamp((self.0 + 1) * Day::LENGTH)
    }

    /// Its number, counted from 1970.
    pub fn number(self) -> i64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_read_and_written_exactly() {
        for (text, millionths, written) in
            [("50", 50_000_000, "50.00"), ("0.0742", 74_200, "0.0742"), ("12.5", 12_500_000, "12.50"), ("0.000001", 1, "0.000001")]
        {
            assert_eq!(Money::parse(text), Some(Money(millionths)), "{text}");
            assert_eq!(Money(millionths).to_string(), written);
        }
        for bad in ["", ".", "1.", ".5", "-1", "+1", "1,5", "1e3", "0.0000001", "1000000001", "99999999999999999999", "١"] {
            assert_eq!(Money::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_country_has_its_price_and_home_has_more_patience() {
        let [de, at, gb] = ["DE", "AT", "GB"].map(|letters| Region::parse(letters).unwrap());
        let rules = TextRules {
            countries: Some([de, at].into()),
            prices: [(de, Money(90_000))].into(),
            usual_price: Money(150_000),
            unused_per_country: 5,
            home: [at].into(),
            ..TextRules::none()
        };
        assert_eq!((rules.price(Some(de)), rules.price(Some(gb)), rules.price(None)), (Money(90_000), Money(150_000), Money(150_000)));
        assert_eq!((rules.unused(Some(de)), rules.unused(Some(at)), rules.unused(None)), (5, 50, 5));
        assert_eq!([Some(de), Some(at)].map(|region| rules.unused_by_network(region)), [3, 5]);
        assert_eq!(TextRules::none().unused_by_network(Some(de)), 0);
        assert_eq!([Some(de), Some(at), Some(gb), None].map(|region| rules.reaches(region)), [true, true, false, false]);
        assert!(TextRules::none().reaches(None) && TextRules::none().reaches(Some(gb)));
    }

    #[test]
    fn a_day_ends_at_midnight() {
        let day = Day::of(Timestamp(1_800_000_000_000));
        assert_eq!(Day::of(day.end()).number(), day.number() + 1);
        assert_eq!(Day::of(Timestamp(day.end().0 - 1)), day);
        assert_eq!(Day::of(Timestamp(-1)).end(), Timestamp(0));
    }
}

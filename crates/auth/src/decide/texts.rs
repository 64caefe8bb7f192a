//! Whether a text may go out: the country, how many texts there went unused, and what they cost. Mails are never asked.

use postkey_model::{Identifier, Limit, Money, Region, SendCounter, SignIn, TextRules, Timestamp};

/// Why no text goes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoTexts {
    /// None go to that country.
    Country,
    /// Too many that went to that country were not used.
    Unused {
        /// The country; `None` for numbers that belong to none.
        region: Option<Region>,
        /// From then on some go there again.
        until: Timestamp,
    },
    /// Too many that one network asked for, to one country, were not used.
    Network {
        /// From then on it may ask for some again.
        until: Timestamp,
    },
    /// The day's money is spent.
    Money {
        /// When the next day begins.
        until: Timestamp,
    },
}

impl NoTexts {
    /// The limit that says so.
    pub fn limit(&self) -> Limit {
        match self {
            NoTexts::Country => Limit::TextsCountry,
            NoTexts::Unused { .. } => Limit::TextsUnused,
            NoTexts::Network { .. } => Limit::TextsNetwork,
            NoTexts::Money { .. } => Limit::TextsMoney,
        }
    }

    /// What the event says that it was about: a country, or money.
    pub fn subject(&self) -> &'static str {
        match self {
            NoTexts::Country => "country",
            NoTexts::Unused { region, .. } => region.map_or("-", Region::as_str),
            NoTexts::Network { .. } => "network",
            NoTexts::Money { .. } => "money",
        }
    }

    /// From then on texts go out again; `None` when they never do.
    pub fn until(&self) -> Option<Timestamp> {
        match self {
            NoTexts::Country => None,
            NoTexts::Unused { until, .. } | NoTexts::Network { until } | NoTexts::Money { until } => Some(*until),
        }
    }
}

/// A text about to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// To numbers of this country.
    pub region: Option<Region>,
    /// What it costs.
    pub price: Money,
    /// The count of unused texts there.
    pub counter: SendCounter,
    /// How many may go unused; `None` for no limit. Nothing keeps a text from a browser that signed in before but its price,
    /// and that text counts nevertheless.
    pub unused: Option<i64>,
}

/// The text that `to` gets, if texts go there; `None` for those who get mail.
pub fn text_to(to: &Identifier, is_trusted: bool, rules: &TextRules) -> Result<Option<Text>, NoTexts> {
    let Identifier::Phone(number) = to else { return Ok(None) };
    let region = number.region();
    if !rules.reaches(region) {
        return Err(NoTexts::Country);
    }
    let unused = match rules.unused(region) {
        0 => None,
        _ if is_trusted => Some(i64::MAX),
        limit => Some(limit),
    };
    Ok(Some(Text { region, price: rules.price(region), counter: SendCounter::unused_texts(region), unused }))
}

/// What texts may cost in a day: the last fifth is for browsers that signed in before.
pub fn most_money(rules: &TextRules, is_trusted: bool) -> Money {
    if is_trusted { rules.per_day } else { Money(rules.per_day.0 / 5 * 4) }
}

/// What a node asks the store for at once, so that not every text asks: a fiftieth of the day's money, or one text.
pub fn lease(rules: &TextRules, price: Money) -> Money {
    Money((rules.per_day.0 / 50).max(price.0))
}

/// The count that goes down when a sign-in by text is finished, and by how much.
pub fn used(sign_in: &SignIn, rules: &TextRules) -> Option<(SendCounter, i64)> {
    let Identifier::Phone(number) = sign_in.identifier() else { return None };
    let limited = rules.unused(number.region()) > 0;
    // All of a sign-in's texts went to somebody who was waiting for them; that earns two more, however many they were.
    limited.then(|| (SendCounter::unused_texts(number.region()), sign_in.sends.saturating_add(TextRules::EARNED - 1)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use postkey_model::Connection;

    fn rules() -> TextRules {
        let region = |letters| Region::parse(letters).unwrap();
        TextRules {
            countries: Some([region("DE"), region("AT")].into()),
            prices: [(region("DE"), Money(90_000))].into(),
            usual_price: Money(200_000),
            per_day: Money(10_000_000),
            unused_per_country: 4,
            home: [region("AT")].into(),
        }
    }

    fn phone(number: &str) -> Identifier {
        Identifier::stored(Connection::Sms, number.to_owned())
    }

    #[test]
    fn texts_go_to_listed_countries_and_mails_everywhere() {
        let mail = Identifier::stored(Connection::Email, "jane@example.com".to_owned());
        assert_eq!(text_to(&mail, false, &rules()), Ok(None));
        assert_eq!(text_to(&phone("+442079460000"), false, &rules()), Err(NoTexts::Country));
        assert_eq!(text_to(&phone("+442079460000"), true, &rules()), Err(NoTexts::Country), "whoever asks");
        let german = text_to(&phone("+4915112345678"), false, &rules()).unwrap().unwrap();
        assert_eq!((german.price, german.unused), (Money(90_000), Some(4)));
        let austrian = text_to(&phone("+436601234567"), false, &rules()).unwrap().unwrap();
        assert_eq!((austrian.price, austrian.unused), (Money(200_000), Some(40)), "home has more patience");
        assert_ne!(german.counter, austrian.counter);
        let known = text_to(&phone("+4915112345678"), true, &rules()).unwrap().unwrap();
        assert_eq!((known.unused, known.counter), (Some(i64::MAX), german.counter), "counted, and not held up");
        let free = TextRules { unused_per_country: 0, ..rules() };
        assert_eq!(text_to(&phone("+4915112345678"), false, &free).unwrap().unwrap().unused, None);
    }

    #[test]
    fn the_last_fifth_of_the_money_is_for_known_browsers() {
        assert_eq!((most_money(&rules(), false), most_money(&rules(), true)), (Money(8_000_000), Money(10_000_000)));
        assert_eq!(lease(&rules(), Money(90_000)), Money(200_000));
        assert_eq!(lease(&rules(), Money(900_000)), Money(900_000), "at least one text");
    }
}

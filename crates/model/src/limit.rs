//! Limits: their names, and how much the whole server and one network may ask for. Those of one identifier and one account
//! stand with sign-ins ([`crate::SendCounter`], [`crate::Account`]), a tenant's with its rules.

use crate::time::Millis;

/// Everything that can turn somebody away because there was too much of it. The names are what logs, metrics and events say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Limit {
    /// Messages to one identifier.
    SendsContact,
    /// Messages asked for by one network.
    SendsNetwork,
    /// Messages of one tenant.
    SendsTenant,
    /// Messages of the whole server.
    SendsServer,
    /// Wrong codes from one network.
    GuessesNetwork,
    /// Wrong codes of one tenant: turns nobody away, but codes are long.
    GuessesTenant,
    /// Wrong codes of the whole server: the same.
    GuessesServer,
    /// Questions that anybody may ask, by one network: whether an account exists, and to begin a login.
    AsksNetwork,
    /// Texts to a country that is not on the list.
    TextsCountry,
    /// Texts to one country that nobody used.
    TextsUnused,
    /// Texts to one country that one network asked for and nobody used.
    TextsNetwork,
    /// What texts may cost in a day.
    TextsMoney,
}

impl Limit {
    /// All of them.
    pub const ALL: [Limit; 12] = [
        Limit::SendsContact,
        Limit::SendsNetwork,
        Limit::SendsTenant,
        Limit::SendsServer,
        Limit::GuessesNetwork,
        Limit::GuessesTenant,
        Limit::GuessesServer,
        Limit::AsksNetwork,
        Limit::TextsCountry,
        Limit::TextsUnused,
        Limit::TextsNetwork,
        Limit::TextsMoney,
    ];

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Limit::SendsContact => "sends_contact",
            Limit::SendsNetwork => "sends_network",
            Limit::SendsTenant => "sends_tenant",
            Limit::SendsServer => "sends_server",
            Limit::GuessesNetwork => "guesses_network",
            Limit::GuessesTenant => "guesses_tenant",
            Limit::GuessesServer => "guesses_server",
            Limit::AsksNetwork => "asks_network",
            Limit::TextsCountry => "texts_country",
            Limit::TextsUnused => "texts_unused",
            Limit::TextsNetwork => "texts_network",
            Limit::TextsMoney => "texts_money",
        }
    }
}

/// What the whole server takes in one window, whatever the tenant. Zero means: as much as comes. Each node counts for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServerRules {
    /// Messages asked for.
    pub sends: i64,
    /// Wrong codes: beyond, new codes are long.
    pub guesses: i64,
    /// Questions that anybody may ask, by one network: whether an account exists, and to begin a login.
    pub asks_per_network: i64,
    /// The window; it opens with the first.
    pub window: Millis,
}

impl ServerRules {
    /// No limits at all.
    pub const NONE: ServerRules = ServerRules { sends: 0, guesses: 0, asks_per_network: 0, window: Millis::from_mins(15) };
}

/// How many wrong codes a tenant takes in one window, beside the budgets of its accounts. Zero means: as many as come. Each
/// node counts for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GuessRules {
    /// From one network: beyond, it types no codes. Links, and browsers that signed in before, go on.
    pub per_network: i64,
    /// In the whole tenant: beyond, new codes are long.
    pub per_tenant: i64,
    /// The window; it opens with the first.
    pub window: Millis,
}

impl GuessRules {
    /// No limits at all.
    pub const NONE: GuessRules = GuessRules { per_network: 0, per_tenant: 0, window: Millis::from_mins(15) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_limit_has_a_name_of_its_own() {
        let mut names: Vec<&str> = Limit::ALL.iter().map(|limit| limit.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Limit::ALL.len());
    }
}

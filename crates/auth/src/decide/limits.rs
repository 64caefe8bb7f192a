//! What each node counts for itself: which counts a message, a wrong code or a question belongs to, and how much each allows.
//! By network, tenant and server, where a good guess serves; what has to be exact (one identifier, one account, money) is
//! counted in the store by all nodes together.
//!
//! Whoever signed in with a browser before is counted apart from strangers there: a tenant that strangers flood goes on for
//! the people who use it.

use postkey_model::{Call, ClientIp, GuessRules, Identifier, Limit, Millis, Region, SendRules, ServerRules, TenantId, TextRules};

/// A count that is kept.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Count {
    /// Against which limit.
    pub limit: Limit,
    /// Of which tenant; `None` for the whole server.
    pub tenant: Option<TenantId>,
    /// Of which network; `None` for all of them.
    pub network: Option<ClientIp>,
    /// Of browsers that signed in to the account before.
    pub is_trusted: bool,
    /// Of texts to which country; `None` for all of them, for mails, and for numbers that belong to none.
    pub region: Option<Region>,
}

/// A count, and how much it allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// What is counted.
    pub count: Count,
    /// How many in one window.
    pub most: i64,
    /// How long a window is.
    pub window: Millis,
}

/// A limit that has no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reached {
    /// Which.
    pub limit: Limit,
    /// From then on there is room again.
    pub until: postkey_model::Timestamp,
}

fn share(limit: Limit, tenant: Option<&TenantId>, network: Option<&ClientIp>, is_trusted: bool, most: i64, window: Millis) -> Share {
    Share { count: Count { limit, tenant: tenant.cloned(), network: network.cloned(), is_trusted, region: None }, most, window }
}

/// Shares that allow something finite.
fn limited(shares: impl IntoIterator<Item = Share>) -> Vec<Share> {
    shares.into_iter().filter(|share| share.most > 0).collect()
}

/// What a message counts against that `call` asks for.
pub fn sends(call: &Call, rules: &SendRules, server: &ServerRules, is_trusted: bool) -> Vec<Share> {
    limited([
        share(Limit::SendsNetwork, Some(&call.tenant), Some(&call.client_ip), is_trusted, rules.per_network, rules.window),
        share(Limit::SendsTenant, Some(&call.tenant), None, is_trusted, rules.per_tenant, rules.window),
        share(Limit::SendsServer, None, None, is_trusted, server.sends, server.window),
    ])
}

/// What a text counts against that somebody asks for in this network, until it is used: nothing for mails, and for browsers that
/// signed in before. One network alone cannot have a country closed.
pub fn texts(network: &ClientIp, to: &Identifier, rules: &TextRules, is_trusted: bool) -> Option<Share> {
    let Identifier::Phone(number) = to else { return None };
    let (region, most) = (number.region(), rules.unused_by_network(number.region()));
    let share = share(Limit::TextsNetwork, None, Some(network), false, most, TextRules::WINDOW);
    let share = Share { count: Count { region, ..share.count }, ..share };
    (most > 0 && !is_trusted).then_some(share)
}

/// What has to have room before a code is looked at that was typed in this network.
pub fn guesses_from(call: &Call, rules: &GuessRules) -> Vec<Share> {
    limited([share(Limit::GuessesNetwork, Some(&call.tenant), Some(&call.client_ip), false, rules.per_network, rules.window)])
}

/// What has no room when strangers guess at many accounts at once: new codes are long then.
pub fn guesses_at(tenant: &TenantId, rules: &GuessRules, server: &ServerRules) -> Vec<Share> {
    limited([
        share(Limit::GuessesTenant, Some(tenant), None, false, rules.per_tenant, rules.window),
        share(Limit::GuessesServer, None, None, false, server.guesses, server.window),
    ])
}

/// What a question counts against that anybody may ask: whether an account exists in a tenant, or, with none, to begin a login.
/// Each kind of question has a count of its own, so that none is in another's way.
pub fn asks(call: &Call, tenant: Option<&TenantId>, server: &ServerRules) -> Vec<Share> {
    limited([share(Limit::AsksNetwork, tenant, Some(&call.client_ip), false, server.asks_per_network, server.window)])
}

//! How many connections there are, in all and from each network, and which of them are served in haste only.

use crate::kit::client::{self, Network};
use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How many connections a listener holds. 0 is no bound.
#[derive(Clone, Debug)]
pub struct Bounds {
    /// In all.
    pub connections: usize,
    /// Beyond these so many are still told so, with an answer of their own; the rest is hung up on.
    pub in_haste: usize,
    /// From one network: an IPv4 address, or an IPv6 /64.
    pub per_network: usize,
    /// Peers that speak for many networks: the bound of one is not theirs.
    pub trusted_proxies: Vec<Network>,
}

impl Bounds {
    /// How many are told, where nothing else is said.
    pub const IN_HASTE: usize = 256;
}

impl Default for Bounds {
    fn default() -> Self {
        Bounds { connections: 0, in_haste: Bounds::IN_HASTE, per_network: 0, trusted_proxies: Vec::new() }
    }
}

/// The connections of a listener. Cheap to clone; all clones count the same.
#[derive(Clone)]
pub struct Connections {
    bounds: Arc<Bounds>,
    open: Arc<Mutex<Open>>,
}

#[derive(Default)]
struct Open {
    all: usize,
    in_haste: usize,
    of_network: HashMap<IpAddr, usize>,
}

/// One connection's place; given back when it is dropped.
pub struct Place {
    of: Connections,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Within the bounds; counted for a network, unless a proxy speaks for many.
    Usual(Option<IpAddr>),
    /// Beyond them.
    InHaste,
}

impl Connections {
    /// None yet.
    pub fn within(bounds: Bounds) -> Self {
        Connections { bounds: Arc::new(bounds), open: Arc::default() }
    }

    /// A place for a connection from `peer`; none when not even a refusal can be said any more.
    pub fn enter(&self, peer: IpAddr) -> Option<Place> {
        let counted = self.bounds.per_network != 0 && !client::is_trusted(peer, &self.bounds.trusted_proxies);
        let network = counted.then(|| network_of(peer));
        let mut open = self.lock();
        let of_network = network.and_then(|network| open.of_network.get(&network)).copied().unwrap_or_default();
        let is_room = self.bounds.connections == 0 || open.all < self.bounds.connections;
        let kind = if is_room && (!counted || of_network < self.bounds.per_network) {
            open.all += 1;
            if let Some(network) = network {
                *open.of_network.entry(network).or_default() += 1;
            }
            Kind::Usual(network)
        } else if open.in_haste < self.bounds.in_haste {
            open.in_haste += 1;
            Kind::InHaste
        } else {
            return None;
        };
        drop(open);
        Some(Place { of: self.clone(), kind })
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// Whether it is beyond the bounds: one request is answered, shortly, and the connection ends.
    pub fn is_in_haste(&self) -> bool {
        self.kind == Kind::InHaste
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.of.lock();
        match self.kind {
            Kind::InHaste => open.in_haste = open.in_haste.saturating_sub(1),
            Kind::Usual(network) => {
                open.all = open.all.saturating_sub(1);
                let Some(network) = network else { return };
                match open.of_network.get_mut(&network) {
                    Some(count) if *count > 1 => *count -= 1,
                    Some(_) | None => drop(open.of_network.remove(&network)),
                }
            }
        }
    }
}

/// The address that a network's connections are counted under.
fn network_of(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V4(v4) => IpAddr::V4(v4),
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bounds(connections: usize, per_network: usize) -> Connections {
        let trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()];
        Connections::within(Bounds { connections, per_network, trusted_proxies, ..Bounds::default() })
    }

    fn enter(connections: &Connections, peer: &str) -> Option<Place> {
        connections.enter(peer.parse().unwrap())
    }

    fn usual(connections: &Connections, peer: &str) -> Option<Place> {
        enter(connections, peer).filter(|place| !place.is_in_haste())
    }

    #[test]
    fn a_network_has_its_share_and_others_have_theirs() {
        let connections = bounds(0, 2);
        let first = usual(&connections, "2001:db8::1").unwrap();
        let _second = usual(&connections, "2001:db8::ffff").unwrap();
        assert!(usual(&connections, "2001:db8::2").is_none(), "a third from one /64");
        let _other = usual(&connections, "2001:db8:0:1::2").unwrap();
        let _v4 = [usual(&connections, "203.0.113.9").unwrap(), usual(&connections, "::ffff:203.0.113.9").unwrap()];
        assert!(usual(&connections, "203.0.113.9").is_none());
        drop(first);
        assert!(usual(&connections, "2001:db8::2").is_some(), "there is room again");
    }

    #[test]
    fn a_trusted_proxy_is_no_network() {
        let connections = bounds(5, 1);
        let all: Vec<Place> = (0..5).map(|_| usual(&connections, "10.1.2.3").unwrap()).collect();
        assert!(usual(&connections, "10.1.2.3").is_none(), "the whole has a bound all the same");
        drop(all);
        assert!(usual(&connections, "10.1.2.3").is_some());
    }

    #[test]
    fn beyond_the_bounds_some_are_told_and_the_rest_hung_up_on() {
        let connections = bounds(1, 0);
        let usual = usual(&connections, "203.0.113.9").unwrap();
        let mut told: Vec<Place> = (0..Bounds::IN_HASTE).map(|_| enter(&connections, "203.0.113.9").unwrap()).collect();
        assert!(told.iter().all(Place::is_in_haste) && enter(&connections, "203.0.113.9").is_none());
        told.pop();
        assert!(enter(&connections, "203.0.113.9").unwrap().is_in_haste());
        drop((told, usual));
        let open = connections.lock();
        assert_eq!((open.all, open.in_haste, open.of_network.len()), (0, 0, 0), "nothing is kept of those who left");
    }

    #[test]
    fn nothing_is_kept_of_networks_that_left() {
        let connections = bounds(0, 3);
        drop([usual(&connections, "203.0.113.9"), usual(&connections, "203.0.113.9")]);
        assert!(connections.lock().of_network.is_empty());
    }
}

//! Where a request came from: the socket's peer, or, when that is a proxy we trust, what the proxy says.

use axum::http::{HeaderMap, HeaderValue};
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;
use thiserror::Error;

/// A block of addresses, such as `10.0.0.0/8` or `::1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    base: IpAddr,
    bits: u32,
}

/// A block of addresses was not written as one.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0:?} is not an address or a block of addresses like 10.0.0.0/8")]
pub struct NetworkError(String);

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let wrong = || NetworkError(text.to_owned());
        let (base, bits) = match text.split_once('/') {
            Some((base, bits)) => (base, Some(bits)),
            None => (text, None),
        };
        let base: IpAddr = base.parse().map_err(|_| wrong())?;
        let width = if base.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(width), |bits| bits.parse().map_err(|_| wrong()))?;
        if bits > width { Err(wrong()) } else { Ok(Network { base, bits }) }
    }
}

impl Network {
    /// Whether `address` lies in the block.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.base, address.to_canonical()) {
            (IpAddr::V4(base), IpAddr::V4(it)) => {
                self.bits == 0 || u32::from(base) >> (32 - self.bits) == u32::from(it) >> (32 - self.bits)
            }
            (IpAddr::V6(base), IpAddr::V6(it)) => {
                self.bits == 0 || u128::from(base) >> (128 - self.bits) == u128::from(it) >> (128 - self.bits)
            }
            _ => false,
        }
    }
}

/// Whether a peer is a proxy that we trust.
pub fn is_trusted(peer: IpAddr, trusted: &[Network]) -> bool {
    trusted.iter().any(|network| network.contains(peer))
}

/// The client's address. `X-Forwarded-For` is read from its right end, and only as far as trusted proxies wrote it.
pub fn address(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    let is_trusted = |address: IpAddr| is_trusted(address, trusted);
    let mut client = peer.to_canonical();
    if !is_trusted(client) {
        return client;
    }
    // As bytes: what a client wrote to the left of what proxies wrote must not hide it, whatever it is.
    let lines: Vec<&[u8]> = headers.get_all("x-forwarded-for").iter().map(HeaderValue::as_bytes).collect();
    for hop in lines.iter().rev().flat_map(|line| line.rsplit(|byte| *byte == b',')) {
        let Some(hop) = hop_address(hop) else { return client };
        client = hop.to_canonical();
        if !is_trusted(client) {
            return client;
        }
    }
    client
}

/// A hop as proxies write it: an address, in brackets or not, with a port or not.
fn hop_address(hop: &[u8]) -> Option<IpAddr> {
    let hop = std::str::from_utf8(hop).ok()?.trim();
    let bare = hop.trim_start_matches('[').trim_end_matches(']');
    bare.parse().ok().or_else(|| hop.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peer: &str, forwarded: &[&str], trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append("x-forwarded-for", HeaderValue::from_bytes(line.as_bytes()).unwrap());
        }
        let trusted: Vec<Network> = trusted.iter().map(|t| t.parse().unwrap()).collect();
        address(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        assert_eq!(seen("203.0.113.9", &["1.2.3.4"], &[]), "203.0.113.9");
        assert_eq!(seen("203.0.113.9", &["1.2.3.4"], &["10.0.0.0/8"]), "203.0.113.9");
        assert_eq!(seen("10.1.2.3", &["1.2.3.4"], &["10.0.0.0/8"]), "1.2.3.4");
        // What the client itself wrote stands to the left of what our proxy wrote.
        assert_eq!(seen("10.1.2.3", &["9.9.9.9, 1.2.3.4"], &["10.0.0.0/8"]), "1.2.3.4");
        assert_eq!(seen("10.1.2.3", &["9.9.9.9", "1.2.3.4, 10.9.9.9"], &["10.0.0.0/8"]), "1.2.3.4");
        assert_eq!(seen("10.1.2.3", &["1.2.3.4:5678"], &["10.0.0.0/8"]), "1.2.3.4");
        assert_eq!(seen("10.1.2.3", &["[2001:db8::1]:5678"], &["10.0.0.0/8"]), "2001:db8::1");
        assert_eq!(seen("10.1.2.3", &["1.2.3.4, nonsense"], &["10.0.0.0/8"]), "10.1.2.3");
        // Nor does it hide that by bytes that are no ASCII.
        assert_eq!(seen("10.1.2.3", &["caf\u{e9}, 1.2.3.4"], &["10.0.0.0/8"]), "1.2.3.4");
        assert_eq!(seen("10.1.2.3", &["caf\u{e9}", "1.2.3.4, 10.9.9.9"], &["10.0.0.0/8"]), "1.2.3.4");
        assert_eq!(seen("10.1.2.3", &["1.2.3.4, caf\u{e9}"], &["10.0.0.0/8"]), "10.1.2.3");
        assert_eq!(seen("::ffff:10.1.2.3", &["2001:db8::1"], &["10.0.0.0/8"]), "2001:db8::1");
    }

    #[test]
    fn blocks_are_read_and_checked() {
        assert!("10.0.0.0/8".parse::<Network>().unwrap().contains("10.255.0.1".parse().unwrap()));
        assert!(!"10.0.0.0/8".parse::<Network>().unwrap().contains("11.0.0.1".parse().unwrap()));
        assert!("2001:db8::/32".parse::<Network>().unwrap().contains("2001:db8:1::1".parse().unwrap()));
        assert!("0.0.0.0/0".parse::<Network>().unwrap().contains("8.8.8.8".parse().unwrap()));
        for bad in ["", "10.0.0.0/33", "ten", "10.0.0.0/x"] {
            assert!(bad.parse::<Network>().is_err(), "{bad}");
        }
    }
}

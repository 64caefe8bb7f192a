//! [`Call`]: what a verb knows about the request it serves. Made once per request, at the door.

use crate::agent::Agent;
use crate::id::TenantId;
use crate::message::Asked;
use crate::time::Timestamp;
use std::net::{IpAddr, Ipv6Addr};

/// Who asks, from where, and when it is.
#[derive(Clone, Debug)]
pub struct Call {
    /// The moment the request came in; the only clock a verb knows.
    pub now: Timestamp,
    /// Whose users and settings are meant.
    pub tenant: TenantId,
    /// Where the request came from.
    pub client_ip: ClientIp,
    /// The `User-Agent` header, cut to 256 bytes; empty when there was none.
    pub user_agent: String,
    /// The language that the person reads: a tag such as `de`. Messages are written in it.
    pub lang: String,
    /// The id under which logs and error pages name this request.
    pub request_id: String,
}

impl Call {
    /// From where this was asked, as it is kept with sign-ins and said in messages.
    pub fn asked(&self) -> Asked {
        Asked { agent: Agent::of(&self.user_agent).as_code(), client_ip: self.client_ip.as_str().to_owned() }
    }
}

/// A client's address in the form that limits count by: IPv6 by its /64, IPv4 whole.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ClientIp(String);

impl ClientIp {
    /// The bucket of `address`. An IPv4 address dressed as IPv6 counts as IPv4.
    pub fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(v4) => ClientIp(v4.to_string()),
            IpAddr::V6(v6) => {
                let [a, b, c, d, ..] = v6.segments();
                ClientIp(format!("{}/64", Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0)))
            }
        }
    }

    /// A bucket read back from our own store.
    pub fn stored(text: String) -> Self {
        ClientIp(text)
    }

    /// The bucket as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

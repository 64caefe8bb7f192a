//! A wire between a server and its database that can be cut, or go silent, and be mended again.

use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use url::Url;

/// What the wire does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wire {
    /// Everything goes through.
    Whole,
    /// Connections are hung up on, those that are there and all new ones.
    Cut,
    /// Connections are taken and kept, and nothing goes through.
    Silent,
}

/// The wire. It is gone when this is dropped.
pub struct Relay {
    /// Where it begins.
    pub address: SocketAddr,
    wire: watch::Sender<Wire>,
}

impl Relay {
    /// A wire to `to`, whole.
    pub async fn to(to: String) -> Result<Self, String> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(|e| e.to_string())?;
        let address = listener.local_addr().map_err(|e| e.to_string())?;
        let (wire, seen) = watch::channel(Wire::Whole);
        tokio::spawn(async move {
            let mut over = seen.clone();
            let all = async {
                while let Ok((near, _)) = listener.accept().await {
                    if *seen.borrow() != Wire::Cut {
                        tokio::spawn(carry(near, to.clone(), seen.clone()));
                    }
                }
            };
            tokio::select! {
                () = all => {}
                // Only when the other half is gone.
                _ = over.wait_for(|_| false) => {}
            }
        });
        Ok(Relay { address, wire })
    }

    /// From now on the wire does this.
    pub fn set(&self, wire: Wire) {
        let _ = self.wire.send(wire);
    }
}

/// One connection, both ways, until either side ends it or the wire is cut.
async fn carry(near: TcpStream, to: String, seen: watch::Receiver<Wire>) {
    let mut cut = seen.clone();
    let both = async {
        let mut whole = seen.clone();
        if whole.wait_for(|wire| *wire == Wire::Whole).await.is_err() {
            return;
        }
        let Ok(far) = TcpStream::connect(&to).await else { return };
        let _ = (near.set_nodelay(true), far.set_nodelay(true));
        let ((near_in, near_out), (far_in, far_out)) = (near.into_split(), far.into_split());
        tokio::select! {
            () = one_way(near_in, far_out, seen.clone()) => {}
            () = one_way(far_in, near_out, seen.clone()) => {}
        }
    };
    tokio::select! {
        () = both => {}
        _ = cut.wait_for(|wire| *wire == Wire::Cut) => {}
    }
}

async fn one_way(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut seen: watch::Receiver<Wire>) {
    let mut bytes = vec![0; 16 * 1024];
    while let Ok(count) = from.read(&mut bytes).await {
        let open = seen.wait_for(|wire| *wire == Wire::Whole).await.is_ok();
        if count == 0 || !open || to.write_all(&bytes[..count]).await.is_err() {
            return;
        }
    }
}

/// Where a database URL leads, and the same URL by way of `through`. None when it is not one host and port.
pub fn rewired(url: &str, through: SocketAddr) -> Option<(String, String)> {
    let mut place = Url::parse(url).ok()?;
    let host = place.host_str().filter(|host| !host.contains("%2F") && !host.contains(','))?.to_owned();
    if place.query_pairs().any(|(name, _)| matches!(&*name, "host" | "hostaddr" | "port")) {
        return None;
    }
    let to = format!("{host}:{}", place.port().unwrap_or(5432));
    place.set_host(Some(&through.ip().to_string())).ok()?;
    place.set_port(Some(through.port())).ok()?;
    Some((to, place.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn urls_are_led_by_way_of_the_wire() {
        let through = SocketAddr::from(([127, 0, 0, 1], 99));
        let of = |url: &str| rewired(url, through);
        let both = |to: &str, url: &str| Some((to.to_owned(), url.to_owned()));
        assert_eq!(
            of("postgres://a:b@db.example:7/x?sslmode=disable"),
            both("db.example:7", "postgres://a:b@127.0.0.1:99/x?sslmode=disable")
        );
        assert_eq!(of("postgres://a@localhost/x"), both("localhost:5432", "postgres://a@127.0.0.1:99/x"));
        for odd in ["postgres:///x?host=/run/postgresql", "postgres://%2Frun%2Fpg/x", "postgres://a,b/x", "sqlite:x"] {
            assert_eq!(of(odd), None, "{odd}");
        }
    }

    #[tokio::test]
    async fn a_wire_is_whole_silent_or_cut() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let relay = Relay::to(listener.local_addr().unwrap().to_string()).await.unwrap();
        let mut near = TcpStream::connect(relay.address).await.unwrap();
        let (mut far, _) = listener.accept().await.unwrap();
        let mut bytes = [0; 2];
        near.write_all(b"ab").await.unwrap();
        far.read_exact(&mut bytes).await.unwrap();
        assert_eq!(&bytes, b"ab");

        relay.set(Wire::Silent);
        far.write_all(b"cd").await.unwrap();
        let early = tokio::time::timeout(Duration::from_millis(100), near.read_exact(&mut bytes)).await;
        assert!(early.is_err(), "something went through");
        relay.set(Wire::Whole);
        near.read_exact(&mut bytes).await.unwrap();
        assert_eq!(&bytes, b"cd", "and nothing was lost");

        relay.set(Wire::Cut);
        assert_eq!(near.read(&mut bytes).await.unwrap_or(0), 0);
        let mut new = TcpStream::connect(relay.address).await.unwrap();
        assert_eq!(new.read(&mut bytes).await.unwrap_or(0), 0);
    }
}

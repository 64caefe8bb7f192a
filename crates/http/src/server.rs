//! The accept loop: HTTP/1.1 with limits on connections, on heads and on patience, and a graceful end.

mod connections;
mod unread;

use crate::kit::frame::Peer;
use crate::kit::room::InHaste;
use axum::Router;
use axum::body::Body;
pub use connections::Bounds;
use connections::{Connections, Place};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::{TcpListener, TcpSocket};
use tower_service::Service;
use unread::Impatient;

/// How long requests in flight may take once the server was asked to stop.
const FAREWELL: Duration = Duration::from_secs(10);
/// So many connections may wait to be taken; the system may hold it lower. Those beyond try again after a second or more.
const BACKLOG: u32 = 4096;
/// A request's head may be this long.
const MAX_HEAD: usize = 32 * 1024;

/// How long a listener waits for the other side of a connection.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For the whole head of a request; also how long an idle connection is kept.
    pub head: Duration,
    /// The same for a connection beyond the bounds.
    pub in_haste: Duration,
    /// For an answer to be taken, whole.
    pub answer: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Patience { head: Duration::from_secs(30), in_haste: Duration::from_secs(3), answer: Duration::from_secs(30) }
    }
}

/// An address that is listened on.
pub struct Listening {
    listener: TcpListener,
    address: SocketAddr,
}

impl Listening {
    /// Begins to listen.
    pub async fn on(address: SocketAddr) -> std::io::Result<Self> {
        let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
        // A server that starts again takes its address over from connections that are not quite gone.
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        let listener = socket.listen(BACKLOG)?;
        let address = listener.local_addr()?;
        Ok(Listening { listener, address })
    }

    /// The address, with the port that was really given.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

/// Serves `router` until `stop` comes true, then lets requests in flight finish.
pub async fn serve(listening: Listening, router: Router, (bounds, patience): (Bounds, Patience), stop: impl Future<Output = ()>) {
    let graceful = GracefulShutdown::new();
    let connections = Connections::within(bounds);
    let mut stop = std::pin::pin!(stop);
    loop {
        let (stream, peer) = tokio::select! {
            () = &mut stop => break,
            accepted = listening.listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(e) => {
                    // Out of file descriptors, most likely: wait for some to come back.
                    tracing::warn!(error = %e, "cannot accept a connection");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
        };
        let Some(place) = connections.enter(peer.ip()) else {
            // Not even a word: hung up on at once, which is better than to be left waiting.
            postkey_metrics::refused(crate::kit::room::LIMIT);
            continue;
        };
        let _ = stream.set_nodelay(true);
        let in_haste = place.is_in_haste();
        let router = router.clone();
        let service = service_fn(move |mut request: hyper::Request<Incoming>| {
            request.extensions_mut().insert(Peer(peer));
            if in_haste {
                request.extensions_mut().insert(InHaste);
            }
            router.clone().call(request.map(Body::new))
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(if in_haste { patience.in_haste } else { patience.head })
            .keep_alive(!in_haste)
            .max_buf_size(MAX_HEAD)
            .serve_connection(TokioIo::new(Impatient::new(stream, patience.answer)), service);
        let watched = graceful.watch(connection);
        tokio::spawn(held(place, async move {
            // A client that went away is not worth a line.
            let _ = watched.await;
        }));
    }
    drop(listening);
    if tokio::time::timeout(FAREWELL, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests did not finish in time");
    }
}

/// Keeps a connection's place until it is over.
async fn held(place: Place, connection: impl Future<Output = ()>) {
    connection.await;
    drop(place);
}

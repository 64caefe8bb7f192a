//! Bytes on bare connections, for what no proper client does: sending slowly, without end, or nothing at all.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use url::Url;

/// A listener that does not take a connection for this long is taken for dead.
const PATIENCE: Duration = Duration::from_secs(10);

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Bytes that were sent by then.
    pub sent: usize,
    /// When.
    pub after: Duration,
    /// By what.
    pub by: End,
}

/// What ended a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The server answered with this status.
    Answer(u16),
    /// The server hung up.
    HangUp,
    /// Nothing did: we gave up.
    Nothing,
}

/// What is poured into a connection.
pub struct Pour {
    /// First of all.
    pub first: Vec<u8>,
    /// Then this, again and again.
    pub piece: Vec<u8>,
    /// With so much time between.
    pub pause: Duration,
    /// Until so many bytes were sent: then nothing more is, and the answer is waited for.
    pub most: usize,
    /// How long the server is given to end it.
    pub patience: Duration,
}

/// Where a listener without TLS is; only an address of a machine will do.
pub fn place(url: &Url) -> Option<SocketAddr> {
    let ip: IpAddr = match url.host_str()? {
        "localhost" => Ipv4Addr::LOCALHOST.into(),
        host => host.trim_matches(['[', ']']).parse().ok()?,
    };
    (url.scheme() == "http").then_some(SocketAddr::new(ip, url.port_or_known_default()?))
}

/// A connection that begins at an address of this machine.
pub async fn connect(to: SocketAddr, from: Option<IpAddr>) -> Result<TcpStream, String> {
    let open = async {
        let socket = if to.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        if let Some(from) = from {
            socket.bind(SocketAddr::new(from, 0))?;
        }
        socket.connect(to).await
    };
    match tokio::time::timeout(PATIENCE, open).await {
        Ok(connected) => connected.map_err(|e| format!("connecting to {to}: {e}")),
        Err(_) => Err(format!("connecting to {to}: nobody answered in {} s", PATIENCE.as_secs())),
    }
}

/// Pours, until the server answers or hangs up.
pub async fn pour(mut stream: TcpStream, what: &Pour) -> Ended {
    let begin = Instant::now();
    let sent = AtomicUsize::new(0);
    let (mut reader, mut writer) = stream.split();
    let write = async {
        let mut bytes = what.first.as_slice();
        while sent.load(Ordering::Relaxed) < what.most && writer.write_all(bytes).await.is_ok() {
            sent.fetch_add(bytes.len(), Ordering::Relaxed);
            bytes = &what.piece;
            tokio::time::sleep(what.pause).await;
        }
        // What the server says is read in the other half.
        std::future::pending::<()>().await;
    };
    let read = async {
        let mut head = [0; 64];
        match reader.read(&mut head).await {
            Ok(count) => status(&head[..count]).map_or(End::HangUp, End::Answer),
            Err(_) => End::HangUp,
        }
    };
    let by = tokio::select! {
        by = read => by,
        () = write => End::Nothing,
        () = tokio::time::sleep(what.patience) => End::Nothing,
    };
    Ended { sent: sent.load(Ordering::Relaxed), after: begin.elapsed(), by }
}

/// The status in the first line of an answer.
fn status(head: &[u8]) -> Option<u16> {
    let text = std::str::from_utf8(head.get(..12)?).ok()?;
    text.strip_prefix("HTTP/1.")?.split(' ').nth(1)?.parse().ok()
}

/// Whether the other side still holds a connection that nothing is read from.
pub fn is_open(stream: &TcpStream) -> bool {
    let mut byte = [0; 256];
    loop {
        match stream.try_read(&mut byte) {
            Ok(0) => return false,
            Ok(_) => {}
            Err(e) => return e.kind() == std::io::ErrorKind::WouldBlock,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::TcpListener;

    #[test]
    fn statuses_are_read() {
        assert_eq!(status(b"HTTP/1.1 413 Payload Too Large"), Some(413));
        assert_eq!((status(b""), status(b"HTTP/1.1"), status(b"SSH-2.0-OpenSSH")), (None, None, None));
    }

    #[test]
    fn places_are_addresses_without_tls() {
        let of = |text: &str| place(&Url::parse(text).unwrap()).map(|place| place.to_string());
        assert_eq!(of("http://127.0.0.1:81"), Some("127.0.0.1:81".to_owned()));
        assert_eq!((of("http://localhost").as_deref(), of("http://[::1]:5").as_deref()), (Some("127.0.0.1:80"), Some("[::1]:5")));
        assert_eq!((of("https://127.0.0.1"), of("http://example.com")), (None, None));
    }

    /// A listener that does this with one connection.
    async fn poured(server: impl AsyncFnOnce(TcpStream)) -> Ended {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let stream = connect(listener.local_addr().unwrap(), None).await.unwrap();
        let (there, _) = listener.accept().await.unwrap();
        let what = Pour {
            first: vec![b'a'; 10],
            piece: vec![b'b'; 5],
            pause: Duration::from_millis(5),
            most: 20,
            patience: Duration::from_millis(300),
        };
        tokio::join!(pour(stream, &what), server(there)).0
    }

    #[tokio::test]
    async fn it_is_seen_how_a_connection_ends() {
        let answered = poured(async |mut there| {
            there.read_exact(&mut [0; 15]).await.unwrap();
            there.write_all(b"HTTP/1.1 408 x\r\n\r\n").await.unwrap();
        });
        let answered = answered.await;
        assert!(answered.by == End::Answer(408) && answered.sent >= 15, "{answered:?}");
        let hung_up = poured(async |there| drop(there)).await;
        assert_eq!(hung_up.by, End::HangUp);
        let held = poured(async |there| {
            tokio::time::sleep(Duration::from_millis(400)).await;
            drop(there);
        });
        let held = held.await;
        assert!(held.by == End::Nothing && held.sent == 20, "{held:?}");
    }

    #[tokio::test]
    async fn open_connections_are_told_from_closed_ones() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let stream = connect(listener.local_addr().unwrap(), None).await.unwrap();
        let (mut there, _) = listener.accept().await.unwrap();
        there.write_all(b"what was not read").await.unwrap();
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert!(is_open(&stream));
        drop(there);
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert!(!is_open(&stream));
    }
}

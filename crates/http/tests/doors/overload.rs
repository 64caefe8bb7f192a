//! More than can be done at once: whoever is too many is told so at once and in the words of the door, keeps what they typed, and
//! holds up nobody.

use crate::house::{APP, FORM, House, LOCAL, Plan};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::routing::get;
use postkey_http::{Bounds, Listening, Patience, serve};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;

/// Long enough for whatever has to happen; only a test that fails waits for it.
const LONG: Duration = Duration::from_secs(60);

async fn listen(router: Router, bounds: Bounds, patience: Patience) -> SocketAddr {
    let listening = Listening::on(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    let address = listening.address();
    tokio::spawn(serve(listening, router, (bounds, patience), std::future::pending()));
    address
}

async fn send(address: SocketAddr, text: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    stream
}

/// What comes until the server hangs up.
async fn rest(mut stream: TcpStream) -> String {
    let mut answer = Vec::new();
    let _ = tokio::time::timeout(LONG, stream.read_to_end(&mut answer)).await.expect("the server did not hang up");
    String::from_utf8_lossy(&answer).into_owned()
}

/// The first bytes that come.
async fn begun(stream: &mut TcpStream) -> String {
    let mut bytes = vec![0; 64 * 1024];
    let count = tokio::time::timeout(LONG, stream.read(&mut bytes)).await.unwrap().unwrap();
    String::from_utf8_lossy(&bytes[..count]).into_owned()
}

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or("nothing")
}

#[tokio::test]
async fn whoever_finds_no_room_is_told_so_in_the_words_of_the_door() {
    let house = House::new(Plan { requests: 1, metrics_key: Some("0123456789abcdefghij"), ..Plan::default() }).await;
    let lock = house.locked();
    // It waits for the store, and takes the only place.
    let held = house.post("/auth/_/start", &[("email", "jane@example.com")]).send();
    let others = async {
        let page = house.get("/auth").header("accept", "text/html").send().await;
        assert_eq!((page.status, page.header("retry-after")), (503, "5"), "{}", page.body);
        assert!(page.body.contains("<h1") && page.set_cookies().is_empty(), "{}", page.body);
        let fields = [("email", "joe@example.com")];
        let form = house.post("/auth/_/start", &fields).header("accept", "text/html").send().await;
        assert_eq!((form.status, form.field("email").as_deref()), (503, Some("joe@example.com")), "what was typed is kept");
        assert_eq!(house.post("/auth/_/start", &fields).json().send().await.is_json()["requestId"].as_str().map(str::len), Some(16));

        let call = house.ask("POST", "/auth/app/signinup/code").header("origin", APP).json();
        let call = call.body("application/json", br#"{"email":"joe@example.com"}"#).send().await;
        assert_eq!((call.status, call.header("retry-after")), (503, "5"));
        assert_eq!(call.header("access-control-allow-origin"), APP, "pages elsewhere can read it");
        assert!(call.is_json()["message"].is_string());
        let sdk = house.ask("POST", "/api/authentication").body("application/json", b"{}").send().await;
        assert_eq!((sdk.status, sdk.header("retry-after"), &sdk.is_json()["errorCode"]), (503, "5", &"Unavailable".into()));
        let management = house.get("/v1/users").send().await;
        assert_eq!((management.status, &management.is_json()["errorCode"]), (503, &"Unavailable".into()));

        // Back ends have a room of their own; and whoever watches is always answered.
        assert_eq!(house.back_end("GET", "/hello").send().await.status, 200);
        for path in ["/health", "/ready", "/.well-known/jwks.json"] {
            assert_eq!(house.get(path).send().await.status, 200, "{path}");
        }
        let figures = house.back_end("GET", "/metrics").header("authorization", "Bearer 0123456789abcdefghij").send().await;
        assert!(figures.body.contains("postkey_refusals_total{limit=\"overload\"}"), "{}", figures.body);
        drop(lock);
    };
    let (held, ()) = tokio::join!(held, others);
    assert_eq!((held.status, held.location()), (303, "/auth/code"), "who was let in is served");
    assert_eq!(house.get("/auth").send().await.status, 200, "there is room again");
}

#[tokio::test]
async fn back_ends_are_told_so_too() {
    let house = House::new(Plan { origin: LOCAL, dev: crate::house::Dev::Inbox, requests: 1, ..Plan::default() }).await;
    let lock = house.locked();
    let code = || house.back_end("POST", "/recipe/signinup/code").header("cdi-version", "5.4");
    let held = code().body("application/json", br#"{"email":"jane@example.com"}"#).send();
    let others = async {
        let answer = code().body("application/json", br#"{"email":"joe@example.com"}"#).send().await;
        assert_eq!((answer.status, answer.header("retry-after")), (503, "5"));
        assert!(answer.body.starts_with("There is more to do than this server can do just now"), "{}", answer.body);
        assert_eq!(house.back_end("GET", "/postkey/events").send().await.status, 503);
        assert_eq!(house.get("/auth").send().await.status, 200, "people have a room of their own");
        for path in ["/health", "/ready", "/metrics"] {
            assert_eq!(house.back_end("GET", path).send().await.status, 200, "{path}");
        }
        drop(lock);
    };
    let (held, ()) = tokio::join!(held, others);
    assert_eq!(held.status, 200, "{}", held.body);
}

/// Every one of these waits in the only place there is, if it counts before all of it is here.
#[tokio::test]
async fn who_sends_slowly_takes_no_room() {
    let house = House::new(Plan { origin: LOCAL, requests: 1, ..Plan::default() }).await;
    let address = listen(house.public.clone(), Bounds::default(), Patience::default()).await;
    let head = |path: &str, kind: &str, length: usize| {
        format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nOrigin: {LOCAL}\r\nSec-Fetch-Site: same-origin\r\nContent-Type: {kind}\r\n\
             Connection: close\r\nContent-Length: {length}\r\n\r\n"
        )
    };
    let json = r#"{"email":"joe@example.com"}"#;
    let mut slow = Vec::new();
    for (path, kind, body) in [("/auth/_/start", FORM, "email=jane%40example.com"), ("/auth/signinup/code", "application/json", json)] {
        let (begin, end) = body.split_at(9);
        slow.push((send(address, &format!("{}{begin}", head(path, kind, body.len()))).await, end));
        slow.push((send(address, "GET /auth HTTP/1.1\r\nHost: loc").await, "alhost\r\nConnection: close\r\n\r\n"));
    }
    for _ in 0..3 {
        let answer = rest(send(address, "GET /auth HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await).await;
        assert_eq!(status(&answer), "200");
    }
    // Nothing of them is lost.
    for ((mut stream, end), expected) in slow.into_iter().zip(["303", "200", "200", "200"]) {
        stream.write_all(end.as_bytes()).await.unwrap();
        let answer = rest(stream).await;
        assert_eq!(status(&answer), expected, "{answer}");
    }
}

#[tokio::test]
async fn a_network_with_too_many_connections_is_told_so() {
    let house = House::new(Plan { origin: LOCAL, ..Plan::default() }).await;
    let bounds = Bounds { per_network: 2, ..Bounds::default() };
    let address = listen(house.public.clone(), bounds.clone(), Patience::default()).await;
    let ask = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\n\r\n");
    let mut kept = Vec::new();
    for _ in 0..2 {
        let mut stream = send(address, &ask("/auth")).await;
        assert_eq!(status(&begun(&mut stream).await), "200");
        kept.push(stream);
    }
    let refused = rest(send(address, &ask("/auth")).await).await;
    assert_eq!(status(&refused), "503");
    assert!(refused.contains("\r\nretry-after: 5\r\n") && refused.contains("<h1") && refused.contains("connection: close"), "{refused}");
    assert_eq!(status(&rest(send(address, &ask("/health")).await).await), "200", "whoever watches is answered");
    // One that says nothing is not waited for.
    let patience = Patience { in_haste: Duration::from_millis(100), ..Patience::default() };
    let hasty = listen(house.public.clone(), Bounds { connections: 1, ..bounds }, patience).await;
    let mut first = send(hasty, &ask("/auth")).await;
    assert_eq!(status(&begun(&mut first).await), "200");
    assert_eq!(rest(send(hasty, "GET ").await).await, "");

    drop(kept);
    loop {
        // The server learns in its own time that they are gone.
        let mut stream = send(address, &ask("/auth")).await;
        if status(&begun(&mut stream).await) == "200" {
            break;
        }
    }
}

#[tokio::test]
async fn a_connection_that_does_nothing_ends() {
    let house = House::new(Plan { origin: LOCAL, ..Plan::default() }).await;
    let patience = Patience { head: Duration::from_millis(100), ..Patience::default() };
    let address = listen(house.public.clone(), Bounds::default(), patience).await;
    assert_eq!(rest(TcpStream::connect(address).await.unwrap()).await, "", "never a word");
    let answer = rest(send(address, "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n").await).await;
    assert_eq!((status(&answer), answer.matches("HTTP/1.1").count()), ("200", 1), "nothing after one request");
}

/// What is told when the server lets go of it.
struct Told(Vec<u8>, Option<oneshot::Sender<()>>);

impl AsRef<[u8]> for Told {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Told {
    fn drop(&mut self) {
        let _ = self.1.take().unwrap().send(());
    }
}

/// An answer of 64 MB, which no socket holds; true once the server let go of it.
async fn long_answer(patience: Patience) -> (TcpStream, oneshot::Receiver<()>) {
    let (sender, gone) = oneshot::channel();
    let bytes = Bytes::from_owner(Told(vec![b'a'; 64 * 1024 * 1024], Some(sender)));
    let bytes = std::sync::Arc::new(std::sync::Mutex::new(Some(bytes)));
    let router = Router::new().route("/", get(async move || Body::from(bytes.lock().unwrap().take().unwrap())));
    let address = listen(router, Bounds::default(), patience).await;
    (send(address, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await, gone)
}

#[tokio::test]
async fn a_client_that_never_reads_its_answer_is_ended() {
    let (mut unread, gone) = long_answer(Patience { answer: Duration::from_millis(100), ..Patience::default() }).await;
    tokio::time::timeout(LONG, gone).await.expect("the answer is held for ever").unwrap();
    let mut got = Vec::new();
    let _ = unread.read_to_end(&mut got).await;
    assert!(got.len() < 64 * 1024 * 1024, "it was ended in the middle");

    let (mut read, gone) = long_answer(Patience::default()).await;
    let mut left = 64 * 1024 * 1024;
    let mut some = vec![0; 1024 * 1024];
    while left > 0 {
        left -= read.read(&mut some).await.unwrap().min(left);
    }
    gone.await.unwrap();
}

//! The listeners as clients meet them: over a socket, with heads and bodies that no library would send.

use crate::house::{FORM, House, LOCAL, Plan};
use axum::Router;
use postkey_http::{Bounds, Listening, Patience, serve};
use std::fmt::Write as _;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

async fn listen(router: Router) -> SocketAddr {
    let listening = Listening::on(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    let address = listening.address();
    tokio::spawn(serve(listening, router, (Bounds::default(), Patience::default()), std::future::pending()));
    address
}

/// Sends `text` and reads until the server has nothing more to say; what came back.
async fn talk(address: SocketAddr, text: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    // The server may hang up before it has read everything.
    let _ = stream.write_all(text).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or("nothing")
}

#[tokio::test]
async fn odd_heads_are_refused() {
    let house = House::plain().await;
    let address = listen(house.public.clone()).await;
    let ok = talk(address, b"GET /health HTTP/1.1\r\nHost: login.example.com\r\nConnection: close\r\n\r\n").await;
    assert_eq!(status(&ok), "200");
    assert!(ok.contains("\r\nx-request-id: ") && ok.ends_with(r#"{"status":"ok"}"#));

    let mut many = "GET /health HTTP/1.1\r\nHost: login.example.com\r\n".to_owned();
    for number in 0..10_000 {
        let _ = write!(many, "x-{number}: y\r\n");
    }
    let long = format!("GET /auth HTTP/1.1\r\nHost: login.example.com\r\nCookie: {}\r\n\r\n", "a".repeat(100_000));
    let far = format!("GET /{} HTTP/1.1\r\nHost: login.example.com\r\n\r\n", "a".repeat(100_000));
    let cases: [(&str, &[u8]); 6] = [
        ("10,000 headers", many.as_bytes()),
        ("a header of 100 kB", long.as_bytes()),
        ("an address of 100 kB", far.as_bytes()),
        ("no HTTP", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"),
        ("a bare line feed in a name", b"GET /auth HTTP/1.1\r\nHo\nst: x\r\n\r\n"),
        ("two lengths", b"POST /auth/_/start HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 5\r\n\r\nabcde"),
    ];
    for (words, text) in cases {
        let answer = talk(address, text).await;
        assert!(matches!(status(&answer), "400" | "414" | "431" | "nothing"), "{words}: {answer}");
    }
    assert_eq!(status(&talk(address, b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await), "200", "still there");
}

#[tokio::test]
async fn bodies_without_end_are_cut_off() {
    let house = House::new(Plan { origin: LOCAL, ..Plan::default() }).await;
    let address = listen(house.public.clone()).await;
    let head = format!(
        "POST /auth/_/start HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\nContent-Type: {FORM}\r\nConnection: close\r\n"
    );
    let announced = format!("{head}Content-Length: 1000000000\r\n\r\nemail=jane");
    assert_eq!(status(&talk(address, announced.as_bytes()).await), "413", "refused by its length");
    let mut chunked = format!("{head}Transfer-Encoding: chunked\r\n\r\n");
    for _ in 0..80 {
        let _ = write!(chunked, "400\r\n{}\r\n", "a".repeat(1024));
    }
    assert_eq!(status(&talk(address, chunked.as_bytes()).await), "413", "refused by its weight");
    let fine = format!("{head}Transfer-Encoding: chunked\r\n\r\n18\r\nemail=jane%40example.com\r\n0\r\n\r\n");
    let answer = talk(address, fine.as_bytes()).await;
    assert!(answer.contains("\r\nlocation: /auth/code\r\n"), "{answer}");
    let broken = format!("{head}Transfer-Encoding: chunked\r\n\r\nzz\r\nemail\r\n");
    assert_eq!(status(&talk(address, broken.as_bytes()).await), "400");
}

/// The peer at the socket is the client, unless it is a proxy we trust.
#[tokio::test]
async fn the_peer_is_the_client() {
    for (trusted_proxies, expected) in [(vec![], "127.0.0.1"), (vec!["127.0.0.0/8"], "198.51.100.7")] {
        let house = House::new(Plan { origin: LOCAL, trusted_proxies, ..Plan::default() }).await;
        let address = listen(house.public.clone()).await;
        let browser = house.browser();
        let mail = browser.start("jane@example.com").await;
        let body = format!("code={}", mail.code());
        let text = format!(
            "POST /auth/_/code HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\nX-Forwarded-For: 198.51.100.7\r\n\
            Cookie: {}\r\nContent-Type: {FORM}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            browser.cookies_for("/auth/_/code"),
            body.len()
        );
        let answer = talk(address, text.as_bytes()).await;
        let token = answer.split("sAccessToken=").nth(1).unwrap().split(';').next().unwrap();
        let (_, session) = house.auth.verify_session(token, crate::house::NOW).await.unwrap();
        assert_eq!(session.client_ip, expected);
    }
}

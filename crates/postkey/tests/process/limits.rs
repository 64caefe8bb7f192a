//! Too much of something: refused, in bounded memory, and nobody else waits.

use crate::kit::{server, signed_in};
use postkey_bench::{Answer, Server};
use std::io::Result;
use std::time::Duration;
use tokio::net::TcpStream;

const FORM: &str = "application/x-www-form-urlencoded";

/// Refused with a 4xx, or the connection was closed on us while we still sent.
fn is_refused(answer: &Result<Answer>) -> bool {
    answer.as_ref().map_or(true, |answer| (400..500).contains(&answer.status))
}

async fn still_serves(server: &Server) {
    assert_eq!(server.client().send("GET", "/health", &[], None).await.unwrap().status, 200);
}

#[tokio::test]
async fn ten_thousand_headers_are_refused() {
    let server = server().await;
    let mut text = b"GET /auth HTTP/1.1\r\nhost: localhost\r\n".to_vec();
    for n in 0..10_000 {
        text.extend_from_slice(format!("x{n}: 1\r\n").as_bytes());
    }
    text.extend_from_slice(b"\r\n");
    let answer = server.client().send_raw(&text, false).await;
    assert!(is_refused(&answer), "{answer:?}");
    // Short enough in bytes, but still too many.
    let many = format!("GET /auth HTTP/1.1\r\nhost: localhost\r\n{}\r\n", "a:b\r\n".repeat(200));
    assert_eq!(server.client().send_raw(many.as_bytes(), false).await.unwrap().status, 431);
    still_serves(&server).await;
}

#[tokio::test]
async fn a_head_of_a_megabyte_is_refused() {
    let server = server().await;
    let before = server.load().unwrap().most_rss;
    let text = format!("GET /auth HTTP/1.1\r\nhost: localhost\r\nx: {}\r\n\r\n", "a".repeat(1024 * 1024));
    for _ in 0..20 {
        let answer = server.client().send_raw(text.as_bytes(), false).await;
        assert!(is_refused(&answer), "{answer:?}");
    }
    let path = format!("GET /auth?{} HTTP/1.1\r\nhost: localhost\r\n\r\n", "a".repeat(1024 * 1024));
    assert!(is_refused(&server.client().send_raw(path.as_bytes(), false).await));
    still_serves(&server).await;
    assert_bounded(&server, before);
}

#[tokio::test]
async fn bodies_over_64_kb_are_refused() {
    let server = server().await;
    let body = |length: usize| format!("email={}", "a".repeat(length - 6)).into_bytes();
    for path in ["/auth/_/start", "/auth/_/code", "/auth/_/verify"] {
        let answer = server.client().send("POST", path, &[], Some((FORM, &body(65 * 1024)))).await.unwrap();
        assert_eq!(answer.status, 413, "{path}: {}", answer.text());
        // Within the limit the form token is what is missing.
        let answer = server.client().send("POST", path, &[], Some((FORM, &body(64 * 1024)))).await.unwrap();
        assert_eq!(answer.status, 403, "{path}: {}", answer.text());
    }
    // Without a length said beforehand.
    let mut text = b"POST /auth/_/start HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-www-form-urlencoded\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
    for _ in 0..20 {
        text.extend_from_slice(format!("2000\r\n{}\r\n", "a".repeat(0x2000)).as_bytes());
    }
    text.extend_from_slice(b"0\r\n\r\n");
    let answer = server.client().send_raw(&text, false).await;
    assert!(is_refused(&answer), "{answer:?}");
    still_serves(&server).await;
}

#[tokio::test]
async fn a_huge_body_costs_no_memory() {
    let server = server().await;
    let before = server.load().unwrap().most_rss;
    let body = vec![b'a'; 20 * 1024 * 1024];
    for path in ["/auth/_/start", "/auth/session/refresh", "/auth/signout", "/auth"] {
        let answer = server.client().send("POST", path, &[], Some((FORM, &body))).await;
        assert!(is_refused(&answer), "{path}: {answer:?}");
    }
    still_serves(&server).await;
    assert_bounded(&server, before);
}

fn assert_bounded(server: &Server, before: u64) {
    let grown = server.load().unwrap().most_rss - before;
    assert!(grown < 12 * 1024, "it grew by {grown} KiB");
}

#[tokio::test]
async fn slow_clients_hold_up_nobody() {
    let server = server().await;
    let mut slow = Vec::new();
    for n in 0..200 {
        let stream = TcpStream::connect(server.public()).await.unwrap();
        stream.writable().await.unwrap();
        // Half a head, or a head and half a body.
        let part = if n % 2 == 0 {
            "GET /auth HTTP/1.1\r\nhost: loc"
        } else {
            "POST /auth/_/start HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: 100\r\n\r\nemail="
        };
        stream.try_write(part.as_bytes()).unwrap();
        slow.push(stream);
    }
    let login = signed_in(&server, "jane@example.com");
    tokio::time::timeout(Duration::from_secs(10), login).await.expect("others waited for the slow ones");
    drop(slow);
}

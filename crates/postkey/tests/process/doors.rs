//! Who may come in by which door.

use crate::kit::{server, signed_in};
use postkey_bench::Client;

#[tokio::test]
async fn the_inbox_is_shown_under_our_own_name_only() {
    let server = server().await;
    signed_in(&server, "jane@example.com").await;
    let mut client = server.client();
    for host in ["evil.example", "evil.example:8000", "localhost.evil.example", "127.0.0.1.evil.example", ""] {
        client.set_host(host);
        for path in ["/dev/inbox.json", "/dev/inbox", "/dev/discarded.json"] {
            let answer = client.send("GET", path, &[], None).await.unwrap();
            assert_eq!(answer.status, 403, "{host:?} {path}: {}", answer.text());
            assert!(!answer.text().contains("jane"));
        }
    }
    for host in ["localhost", "127.0.0.1:1", "[::1]:8000"] {
        client.set_host(host);
        assert_eq!(client.send("GET", "/dev/inbox.json", &[], None).await.unwrap().status, 200, "{host}");
    }
}

#[tokio::test]
async fn the_private_door_serves_no_browser() {
    let server = server().await;
    let mut client = Client::new(server.private(), &server.private().to_string());
    assert_eq!(client.send("GET", "/hello", &[], None).await.unwrap().status, 200);
    for header in [("origin", "http://localhost"), ("sec-fetch-site", "cross-site")] {
        assert_eq!(client.send("GET", "/hello", &[header], None).await.unwrap().status, 403, "{header:?}");
    }
    client.set_host("rebound.example");
    assert_eq!(client.send("GET", "/hello", &[], None).await.unwrap().status, 403);
}

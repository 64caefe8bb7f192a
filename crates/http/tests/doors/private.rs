//! The private listener: back ends only.

use crate::house::{House, Plan};
use crate::tape::Tape;
use insta::assert_snapshot;

#[tokio::test]
async fn back_ends_are_answered() {
    let house = House::plain().await;
    let mut tape = Tape::default();
    tape.add_whole(&house.back_end("GET", "/hello").send().await);
    tape.add(&house.back_end("GET", "/health").send().await);
    tape.add(&house.back_end("GET", "/.well-known/jwks.json").send().await);
    tape.add(&house.back_end("GET", "/auth").send().await);
    tape.add(&house.back_end("POST", "/hello").send().await);
    tape.add(&house.back_end("HEAD", "/hello").send().await);
    assert_snapshot!(tape.text());
}

/// A page in a browser on this machine, or one that rebinds its name to this machine, gets nothing.
#[tokio::test]
async fn browsers_and_foreign_names_are_refused() {
    let house = House::new(Plan { private_hosts: vec!["postkey.internal"], ..Plan::default() }).await;
    let mut tape = Tape::default();
    for path in ["/hello", "/health", "/.well-known/jwks.json"] {
        for (name, value) in [
            ("origin", "http://127.0.0.1:3567"),
            ("origin", "null"),
            ("origin", ""),
            ("sec-fetch-site", "same-origin"),
            ("sec-fetch-site", "none"),
            ("sec-fetch-site", ""),
        ] {
            let answer = house.back_end("GET", path).header(name, value).send().await;
            assert_eq!(answer.status, 403, "{path} {name}: {value}");
            if path == "/hello" && value == "null" {
                tape.add(&answer);
            }
        }
        for host in [
            "evil.example",
            "evil.example:3567",
            "127.0.0.1.evil.example",
            "127.0.0.1@evil.example",
            "localhost.evil.example",
            "",
            "0.0.0.0:3567",
        ] {
            let answer = house.back_end("GET", path).header("host", host).send().await;
            assert_eq!(answer.status, 403, "{path} {host}");
            if path == "/hello" && host == "evil.example" {
                tape.add(&answer);
            }
        }
        assert_eq!(house.back_end("GET", path).without("host").send().await.status, 403);
        for host in
            ["127.0.0.1", "127.0.0.1:3567", "localhost:9", "LOCALHOST", "[::1]:3567", "[::1]", "postkey.internal", "Postkey.Internal:3567"]
        {
            assert_eq!(house.back_end("GET", path).header("host", host).send().await.status, 200, "{path} {host}");
        }
    }
    assert_snapshot!(tape.text());
}

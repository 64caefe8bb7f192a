//! The disk is full: whoever asks is told so in plain words, nothing is half-done, and when there is room again the
//! server goes on by itself.
//!
//! The disk is made full with a limit on the length of files (RLIMIT_FSIZE): with its signal ignored, writes beyond
//! it fail as they do on a full disk.

use crate::kit::{NO_LIMITS, at_the_code, code_for, handle_in, has_session, is_unavailable, options, signed_in};
use postkey_bench::{Browser, Options, Server};
use std::process::Command;

/// Room for some dozens of logins in the log of the database.
const ROOM: &str = "1000000";

#[tokio::test]
async fn a_full_disk_stops_writes_only_until_there_is_room() {
    let launcher = ["sh", "-c", "trap '' XFSZ; exec \"$@\"", "sh", "prlimit", &format!("--fsize={ROOM}:unlimited"), "--"];
    // The log is a file too, and is full as well: lines are lost then, and nothing else.
    let config = format!("log = \"info\"\n{NO_LIMITS}");
    let launcher = launcher.iter().map(|word| (*word).to_owned()).collect();
    let server = Server::start(Options { launcher, config, ..options() }).await.unwrap();
    let mut earlier = signed_in(&server, "earlier@example.com").await;
    let handle = handle_in(&earlier.jar);
    let (mut waiting, code) = at_the_code(&server, "waiting@example.com").await;

    let mut refused = None;
    for n in 0..5000 {
        let mut browser = Browser::new(server.public());
        let email = format!("n{n}@example.com");
        let answer = browser.start(&email).await.unwrap();
        if answer.status != 303 {
            assert!(is_unavailable(&answer), "{} {}", answer.status, answer.text());
            assert!(browser.jar.get("pk_sign_in").is_none());
            refused = Some((browser, email));
            break;
        }
    }
    let (mut newcomer, email) = refused.expect("the disk was never full");

    // Not a byte more, also not in the room that what was refused has left.
    limit(&server, "4096");
    // Writes are refused, again and again; reads go on.
    for _ in 0..3 {
        let answer = waiting.code(&code).await.unwrap();
        assert!(is_unavailable(&answer), "{} {}", answer.status, answer.text());
        assert!(!answer.headers.iter().any(|(name, value)| name == "set-cookie" && value.starts_with("sAccessToken")));
        let answer = earlier.refresh().await.unwrap();
        assert!(is_unavailable(&answer), "{} {}", answer.status, answer.text());
        assert_eq!(earlier.signed_in().await.unwrap().as_ref(), Some(&handle));
    }
    assert_eq!(newcomer.mails(&email).await.unwrap(), [], "a mail for a sign-in that was refused");

    let pid = server.pid();
    limit(&server, "unlimited");
    // The same code is still good: nothing of it was spent.
    let answer = waiting.code(&code).await.unwrap();
    assert!(has_session(&answer), "{} {}", answer.status, answer.text());
    assert_eq!(earlier.refresh().await.unwrap().status, 200);
    assert_eq!(newcomer.start(&email).await.unwrap().status, 303);
    let code = code_for(&mut newcomer, &email).await;
    assert!(has_session(&newcomer.code(&code).await.unwrap()));
    assert_eq!(server.pid(), pid);
}

fn limit(server: &Server, bytes: &str) {
    let pid = server.pid().unwrap().to_string();
    let size = format!("--fsize={bytes}:unlimited");
    assert!(Command::new("prlimit").args(["--pid", &pid, &size]).status().unwrap().success());
}

//! PostgreSQL goes away and comes back: plain words meanwhile, and all is as it was after, without a restart.
//!
//! The test starts and stops a server of its own with `scripts/postgres`.

use crate::kit::{Folder, at_the_code, code_for, handle_in, has_session, is_unavailable, options, signed_in};
use postkey_bench::{Browser, Options, Server};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// A PostgreSQL of one test's own.
pub struct Postgres {
    folder: Folder,
    pub url: String,
}

impl Postgres {
    fn script(&self, word: &str) -> std::process::Output {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/postgres");
        Command::new(script).arg(word).arg(&self.folder.0).output().unwrap()
    }

    /// None, with a loud line, where PostgreSQL is not installed.
    pub fn start() -> Option<Postgres> {
        let mut postgres = Postgres { folder: Folder::new("pg"), url: String::new() };
        let output = postgres.script("start");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        if said.contains("no PostgreSQL server found") {
            eprintln!("SKIPPED: PostgreSQL is not installed");
            return None;
        }
        assert!(output.status.success(), "{said}");
        String::from_utf8(output.stdout).unwrap().trim().clone_into(&mut postgres.url);
        Some(postgres)
    }

    fn stop(&self) {
        assert!(self.script("stop").status.success());
    }

    /// Starts it again as it was, on the same port.
    fn again(&self) {
        let command = "bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1); as=; \
            [ \"$(id -u)\" -ne 0 ] || as='runuser -u postgres --'; \
            $as \"$bin/pg_ctl\" -D \"$1/data\" -l \"$1/data/server.log\" -w -t 60 restart >/dev/null 2>&1 </dev/null";
        assert!(Command::new("bash").args(["-c", command, "again"]).arg(&self.folder.0).status().unwrap().success());
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.script("stop");
    }
}

#[tokio::test]
async fn a_database_that_goes_away_is_waited_for() {
    let Some(postgres) = Postgres::start() else { return };
    let server = Server::start(Options { database_url: Some(postgres.url.clone()), ..options() }).await.unwrap();
    let mut earlier = signed_in(&server, "earlier@example.com").await;
    let handle = handle_in(&earlier.jar);
    let (mut waiting, code) = at_the_code(&server, "waiting@example.com").await;
    let mut newcomer = Browser::new(server.public());
    newcomer.open().await.unwrap();

    postgres.stop();
    for _ in 0..3 {
        let answer = newcomer.start("newcomer@example.com").await.unwrap();
        assert!(is_unavailable(&answer), "{} {}", answer.status, answer.text());
        let answer = waiting.code(&code).await.unwrap();
        assert!(is_unavailable(&answer), "{} {}", answer.status, answer.text());
        let answer = earlier.refresh().await.unwrap();
        assert!(is_unavailable(&answer), "{} {}", answer.status, answer.text());
        // Pages that need no database are still there, and so is the key set for back ends.
        assert_eq!(newcomer.get("/auth").await.unwrap().status, 200);
        assert_eq!(newcomer.get("/auth/jwt/jwks.json").await.unwrap().status, 200);
        let ready = newcomer.get("/ready").await.unwrap();
        assert!(ready.status == 503 && ready.text().contains("\"database\""), "{} {}", ready.status, ready.text());
        // A new start would mend nothing.
        assert_eq!(newcomer.get("/health").await.unwrap().status, 200);
    }

    postgres.again();
    for _ in 0..300 {
        if newcomer.get("/ready").await.unwrap().status == 200 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let answer = until_available(&mut waiting, &code).await;
    assert!(has_session(&answer), "{} {}", answer.status, answer.text());
    assert_eq!(earlier.signed_in().await.unwrap().as_ref(), Some(&handle));
    assert_eq!(earlier.refresh().await.unwrap().status, 200);
    assert_eq!(newcomer.start("newcomer@example.com").await.unwrap().status, 303);
    let code = code_for(&mut newcomer, "newcomer@example.com").await;
    assert!(has_session(&newcomer.code(&code).await.unwrap()));
}

/// Connections that broke are noticed one by one: "not just now" may be said a few times more.
async fn until_available(browser: &mut Browser, code: &str) -> postkey_bench::Answer {
    for _ in 0..20 {
        let answer = browser.code(code).await.unwrap();
        if !is_unavailable(&answer) {
            return answer;
        }
    }
    panic!("the database is back and the server does not notice");
}

//! What these tests share.

use postkey_bench::{Answer, Browser, Jar, Options, Server};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::mpsc;
use std::time::Duration;

/// The binary under test.
pub const BINARY: &str = env!("CARGO_BIN_EXE_postkey");

/// A secret key.
pub const KEY: &str = "8f1d4f7c2f0b53c1f36cb5c3d14b1a7e6d5c4b3a29180716253443526170fe9d";

/// A tenant's settings that let one network ask for as many messages as it likes: all these tests are one.
pub const NO_LIMITS: &str = "[tenants.public]\nsends_per_contact = 0\nsends_per_network = 0\nsends_per_tenant = 0\nguesses_per_network = 0\n[limits]\nsends_per_server = 0\n";

/// A development server's options.
pub fn options() -> Options {
    Options { binary: BINARY.into(), config: format!("log = \"warn\"\n{NO_LIMITS}"), ..Options::default() }
}

/// A development server with a folder of its own.
pub async fn server() -> Server {
    Server::start(options()).await.unwrap()
}

/// Runs the binary to its end, with nothing of ours in its environment.
pub fn postkey(args: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(BINARY);
    for name in [
        "POSTKEY_SECRET_KEY",
        "POSTKEY_PREVIOUS_SECRET_KEYS",
        "POSTKEY_SMTP_PASSWORD",
        "POSTKEY_TWILIO_TOKEN",
        "POSTKEY_API_KEY",
        "POSTKEY_METRICS_KEY",
        "POSTKEY_DATABASE_URL",
    ] {
        command.env_remove(name);
    }
    command.args(args).envs(variables.iter().copied()).output().unwrap()
}

/// What a run that had to fail said.
pub fn refused(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success(), "it was not refused: {said}{}", String::from_utf8_lossy(&output.stdout));
    said
}

/// What a run that had to work printed.
pub fn printed(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A folder that goes away with the test.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("postkey-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    /// Writes a file and names it.
    pub fn file(&self, name: &str, text: &str) -> String {
        let path = self.0.join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A browser that stands before the code form, with the code from its mail.
pub async fn at_the_code(server: &Server, email: &str) -> (Browser, String) {
    let mut browser = Browser::new(server.public());
    let answer = browser.start(email).await.unwrap();
    assert_eq!(answer.status, 303, "{}", answer.text());
    let code = code_for(&mut browser, email).await;
    (browser, code)
}

/// The code of the newest mail to `email`; waits for it.
pub async fn code_for(browser: &mut Browser, email: &str) -> String {
    for _ in 0..3000 {
        if let Some(mail) = browser.mails(email).await.unwrap().first() {
            return mail.code.clone();
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("no mail to {email}");
}

/// A browser that is signed in.
pub async fn signed_in(server: &Server, email: &str) -> Browser {
    let (mut browser, code) = at_the_code(server, email).await;
    let answer = browser.code(&code).await.unwrap();
    assert!(has_session(&answer), "{} {}", answer.status, answer.text());
    browser
}

/// Whether an answer gives a session.
pub fn has_session(answer: &Answer) -> bool {
    answer.status == 303 && answer.cookie("sAccessToken").is_some_and(|token| !token.is_empty())
}

/// The session that a browser's cookies speak of.
pub fn handle_in(jar: &Jar) -> String {
    jar.get("sRefreshToken").unwrap().split('.').next().unwrap().to_owned()
}

/// Whether an answer is the plain "not just now".
pub fn is_unavailable(answer: &Answer) -> bool {
    answer.status == 503
        && answer.text().contains("does not work just now. Try again in a moment; trying twice does no harm.")
        && answer.header("retry-after").is_some()
}

/// Something that talks like a mail server for as long as the test runs; its port.
pub fn fake_smtp() -> u16 {
    mail_server().0
}

/// The same, and the mails that it took.
pub fn mail_server() -> (u16, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (sender, mails) = mpsc::channel();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let sender = sender.clone();
            std::thread::spawn(move || {
                let _ = stream.write_all(b"220 test ESMTP\r\n");
                let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
                while let Some(line) = lines.next() {
                    let answer: &[u8] = match line.get(..4) {
                        Some("QUIT") => b"221 bye\r\n",
                        Some("DATA") => {
                            let _ = stream.write_all(b"354 go on\r\n");
                            let mail: Vec<String> = lines.by_ref().take_while(|line| line != ".").collect();
                            let _ = sender.send(mail.join("\n"));
                            b"250 taken\r\n"
                        }
                        _ => b"250 test\r\n",
                    };
                    let _ = stream.write_all(answer);
                    if line.starts_with("QUIT") {
                        break;
                    }
                }
            });
        }
    });
    (port, mails)
}

//! Mail servers that refuse, quote, dawdle and fall silent.

use super::*;
use crate::{Rendered, fake, samples};
use postkey_model::{Channel, MessageKind};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::Mutex;

/// What a mail server says at a step of a connection (`greeting`, a verb, or `.` after the mail), if not yes.
type Script = fn(connection: usize, step: &str) -> Say;

enum Say {
    Yes,
    This(&'static str),
    Nothing,
    SlowYes,
}

/// A mail server that goes by a script.
struct Server {
    port: u16,
    /// For each mail that was taken: the number of its connection.
    taken: Arc<Mutex<Vec<usize>>>,
}

impl Server {
    fn start(script: Script) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let taken = Arc::new(Mutex::new(Vec::new()));
        let all = taken.clone();
        std::thread::spawn(move || {
            for (number, stream) in listener.incoming().map_while(Result::ok).enumerate() {
                let all = all.clone();
                std::thread::spawn(move || talk(number, &stream, script, &all));
            }
        });
        Server { port, taken }
    }

    fn client(&self, patience: Duration) -> Smtp {
        let host = "127.0.0.1".to_owned();
        let from = "Example <login@example.com>".to_owned();
        let settings = SmtpSettings { host, port: self.port, tls: SmtpTls::None, credentials: None, extra_root: None, from };
        Smtp { patience, ..Smtp::new(&settings).unwrap() }
    }

    fn taken(&self) -> Vec<usize> {
        self.taken.lock().unwrap().clone()
    }
}

fn talk(number: usize, stream: &std::net::TcpStream, script: Script, taken: &Mutex<Vec<usize>>) {
    let mut to = stream;
    let mut answer = |step: &str, yes: &str| {
        let words = match script(number, step) {
            Say::Yes => yes,
            Say::This(words) => words,
            Say::Nothing => return false,
            Say::SlowYes => {
                std::thread::sleep(Duration::from_millis(100));
                yes
            }
        };
        to.write_all(format!("{words}\r\n").as_bytes()).is_ok() && words == yes
    };
    answer("greeting", "220 test ESMTP");
    let mut in_mail = false;
    for line in BufReader::new(stream).lines().map_while(Result::ok) {
        if in_mail {
            if line == "." {
                in_mail = false;
                // Locked while it answers: who heard the answer finds the mail noted.
                let mut taken = taken.lock().unwrap();
                if answer(".", "250 taken") {
                    taken.push(number);
                }
            }
        } else if line == "DATA" {
            in_mail = answer("DATA", "354 go on");
        } else {
            answer(line.get(..4).unwrap_or(&line), "250 yes");
        }
    }
}

async fn send(smtp: &Smtp) -> Result<String, SendError> {
    let message = fake::message(Channel::Email, "jane@example.com");
    let content = samples::content(MessageKind::SignIn);
    let rendered = Rendered { subject: "578 396 is your code".to_owned(), text: "578 396".to_owned(), html: "578 396".to_owned() };
    smtp.send(&Job { message: &message, content: &content, rendered: &rendered, now: samples::ASKED_AT }).await
}

const LONG: Duration = Duration::from_secs(20);

fn taken(words: &str) -> Result<String, SendError> {
    Ok(words.to_owned())
}

fn later(why: &str) -> Result<String, SendError> {
    Err(SendError::later(why))
}

fn refused(why: &str) -> Result<String, SendError> {
    Err(SendError::Refused(why.to_owned()))
}

fn nobody(why: &str) -> Result<String, SendError> {
    Err(SendError::Recipient(why.to_owned()))
}

/// A script that says one thing at one step.
macro_rules! at {
    ($step:literal, $words:literal) => {
        |_, step| if step == $step { Say::This($words) } else { Say::Yes }
    };
}

#[tokio::test]
async fn answers_are_of_the_moment_the_server_or_the_recipient_and_only_numbers_are_told() {
    let cases: [(Script, Result<String, SendError>); 18] = [
        (|_, _| Say::Yes, taken("taken")),
        (at!(".", "250 2.0.0 <jane@example.com> 578396: queued as 4F3D2A"), taken("2.0.0 <…> …: queued as 4F3D2A")),
        (at!("greeting", "554 busy"), later("the mail server answered 554")),
        (at!("EHLO", "550 5.7.1 who are you"), later("the mail server answered 550 5.7.1")),
        (at!("MAIL", "451 4.3.0 later"), later("the mail server answered 451 4.3.0")),
        (at!("MAIL", "550 not from you"), refused("the mail server answered 550")),
        (at!("MAIL", "554 5.3.2 busy"), refused("the mail server answered 554 5.3.2")),
        (at!("RCPT", "550 5.1.1 <jane@example.com> unknown"), nobody("the mail server answered 550 5.1.1")),
        (at!("RCPT", "553 no such address"), nobody("the mail server answered 553")),
        (at!("RCPT", "550 5.7.1 relaying denied"), refused("the mail server answered 550 5.7.1")),
        (at!("RCPT", "530 5.7.0 sign in first"), refused("the mail server answered 530 5.7.0")),
        (at!("RCPT", "552 5.2.2 mailbox full"), refused("the mail server answered 552 5.2.2")),
        (at!("RCPT", "450 4.2.1 greylisted"), later("the mail server answered 450 4.2.1")),
        (at!("DATA", "554 no valid recipients"), refused("the mail server answered 554")),
        (at!(".", "552 5.3.4 too big: 578 396"), refused("the mail server answered 552 5.3.4")),
        (at!(".", "451 4.7.1 rejected by filter: Subject: 578 396 is your code"), later("the mail server answered 451 4.7.1")),
        (at!(".", "451 578.396.1 is your code"), later("the mail server answered 451")),
        (at!(".", "578 396 is your code"), later("the mail server hung up, or its answer was not SMTP")),
    ];
    for (script, expected) in cases {
        assert_eq!(send(&Server::start(script).client(LONG)).await, expected);
    }
}

#[tokio::test]
async fn a_refused_password_is_the_servers_matter() {
    let script = |answer: &'static str, script: Script| async move {
        let server = Server::start(script);
        let settings = SmtpSettings {
            host: "127.0.0.1".to_owned(),
            port: server.port,
            tls: SmtpTls::None,
            credentials: Some(("postkey".to_owned(), Secret::new("hunter2".to_owned()))),
            extra_root: None,
            from: "login@example.com".to_owned(),
        };
        let smtp = Smtp::new(&settings).unwrap();
        assert!(smtp.check().await.unwrap_err().to_string().contains(answer));
        send(&smtp).await
    };
    let wrong: Script = |_, step| match step {
        "EHLO" => Say::This("250-test\r\n250 AUTH PLAIN"),
        "AUTH" => Say::This("535 5.7.8 no"),
        _ => Say::Yes,
    };
    assert_eq!(script("no", wrong).await, later("the mail server answered 535 5.7.8"));
    let busy: Script = |_, step| match step {
        "EHLO" => Say::This("250-test\r\n250 AUTH PLAIN"),
        "AUTH" => Say::This("454 4.7.0 later"),
        _ => Say::Yes,
    };
    assert_eq!(script("later", busy).await, later("the mail server answered 454 4.7.0"));
}

#[tokio::test]
async fn a_connection_is_kept_for_the_next_mail() {
    let server = Server::start(|_, _| Say::Yes);
    let smtp = server.client(LONG);
    for _ in 0..3 {
        send(&smtp).await.unwrap();
    }
    assert_eq!(server.taken(), [0, 0, 0]);
}

#[tokio::test]
async fn a_server_that_falls_silent_is_not_waited_for_and_its_connection_not_used_again() {
    let scripts: [Script; 5] = [
        |n, step| if n == 0 && step == "greeting" { Say::Nothing } else { Say::Yes },
        |n, step| if n == 0 && step == "MAIL" { Say::Nothing } else { Say::Yes },
        |n, step| if n == 0 && step == "RCPT" { Say::Nothing } else { Say::Yes },
        |n, step| if n == 0 && step == "DATA" { Say::Nothing } else { Say::Yes },
        |n, step| if n == 0 && step == "." { Say::Nothing } else { Say::Yes },
    ];
    for script in scripts {
        let server = Server::start(script);
        let smtp = server.client(Duration::from_millis(300));
        assert_eq!(send(&smtp).await, later("the mail server took too long"));
        let smtp = Smtp { patience: LONG, ..smtp };
        send(&smtp).await.unwrap();
        assert_eq!(server.taken(), [1]);
    }
    let silent = Server::start(|_, _| Say::Nothing).client(Duration::from_millis(50));
    assert!(silent.check().await.unwrap_err().to_string().contains("did not answer in time"));
}

#[tokio::test]
async fn a_mail_whose_every_step_is_slow_is_given_up_as_a_whole() {
    let server = Server::start(|_, _| Say::SlowYes);
    assert_eq!(send(&server.client(Duration::from_millis(300))).await, later("the mail server took too long"));
    assert!(server.taken().is_empty());
}

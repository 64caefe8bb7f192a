//! Mail servers that refuse, quote, dawdle and fall silent.

use super::*;
use postkey_model::{Channel, MessageId, Sealed, SignInId, TenantId};
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

async fn send(smtp: &Smtp) -> Result<(), SendError> {
    let message = Message {
        id: MessageId::stored("m1".to_owned()),
        tenant: TenantId::public(),
        sign_in: SignInId::stored("s1".to_owned()),
        channel: Channel::Email,
        to: "jane@example.com".to_owned(),
        sealed: Sealed::stored(Vec::new()),
        queued_at: Timestamp(0),
        next_try_at: Timestamp(0),
        tries: 1,
        expires_at: Timestamp(0),
    };
    let rendered = Rendered { subject: "578 396 is your code".to_owned(), text: "578 396".to_owned(), html: "578 396".to_owned() };
    smtp.send(&message, rendered, Timestamp(0)).await
}

const LONG: Duration = Duration::from_secs(20);

fn later(why: &str) -> Result<(), SendError> {
    Err(SendError::Later(why.to_owned()))
}

fn never(why: &str) -> Result<(), SendError> {
    Err(SendError::Never(why.to_owned()))
}

/// A script that says one thing at one step.
macro_rules! at {
    ($step:literal, $words:literal) => {
        |_, step| if step == $step { Say::This($words) } else { Say::Yes }
    };
}

#[tokio::test]
async fn only_a_refused_recipient_or_mail_is_given_up_and_only_numbers_are_told() {
    let cases: [(Script, Result<(), SendError>); 14] = [
        (|_, _| Say::Yes, Ok(())),
        (at!("greeting", "554 busy"), later("the mail server answered 554")),
        (at!("EHLO", "550 5.7.1 who are you"), later("the mail server answered 550 5.7.1")),
        (at!("MAIL", "550 not from you"), later("the mail server answered 550")),
        (at!("MAIL", "554 5.3.2 busy"), later("the mail server answered 554 5.3.2")),
        (at!("RCPT", "550 5.1.1 <jane@example.com> unknown"), never("the mail server answered 550 5.1.1")),
        (at!("RCPT", "553 no such address"), never("the mail server answered 553")),
        (at!("RCPT", "530 5.7.0 sign in first"), later("the mail server answered 530 5.7.0")),
        (at!("RCPT", "450 4.2.1 greylisted"), later("the mail server answered 450 4.2.1")),
        (at!("DATA", "554 no valid recipients"), never("the mail server answered 554")),
        (at!(".", "552 5.3.4 too big: 578 396"), never("the mail server answered 552 5.3.4")),
        (at!(".", "451 4.7.1 rejected by filter: Subject: 578 396 is your code"), later("the mail server answered 451 4.7.1")),
        (at!(".", "451 578.396.1 is your code"), later("the mail server answered 451")),
        (at!(".", "578 396 is your code"), later("the mail server hung up, or its answer was not SMTP")),
    ];
    for (script, expected) in cases {
        assert_eq!(send(&Server::start(script).client(LONG)).await, expected);
    }
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

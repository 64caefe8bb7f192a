//! For tests: a message, a clock that is moved, and a web service that says what it was told to and keeps what it was asked.

use crate::samples::ASKED_AT;
use postkey_model::{Channel, Message, MessageId, Millis, Sealed, SignInId, TenantId};
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A message to somebody.
pub(crate) fn message(channel: Channel, to: &str) -> Message {
    Message {
        id: MessageId::stored("m1".to_owned()),
        tenant: TenantId::public(),
        sign_in: SignInId::stored("s1".to_owned()),
        channel,
        to: to.to_owned(),
        sealed: Sealed::stored(Vec::new()),
        queued_at: ASKED_AT,
        next_try_at: ASKED_AT + Millis::from_secs(30),
        tries: 1,
        expires_at: ASKED_AT + Millis::from_mins(10),
    }
}

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) line: String,
    /// Names in lower case.
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: String,
}

/// What the service does with a request.
pub(crate) enum Say {
    /// An answer: its status line, more headers, its body.
    This(&'static str, &'static str, String),
    /// Nothing, for as long as the client waits.
    Nothing,
    /// Half an answer, and hangs up.
    Half,
    /// Hangs up.
    HangUp,
}

/// The service.
pub(crate) struct Fake {
    pub(crate) url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Fake {
    /// Answers each request by the number of requests before it.
    pub(crate) fn start(script: impl Fn(usize, &Asked) -> Say + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let (all, script) = (asked.clone(), Arc::new(script));
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (all, script) = (all.clone(), script.clone());
                std::thread::spawn(move || talk(&stream, &all, script.as_ref()));
            }
        });
        Fake { url, asked }
    }

    /// Answers always the same.
    pub(crate) fn saying(status: &'static str, headers: &'static str, body: &'static str) -> Self {
        Fake::start(move |_, _| Say::This(status, headers, body.to_owned()))
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

fn talk(stream: &TcpStream, all: &Mutex<Vec<Asked>>, script: &(dyn Fn(usize, &Asked) -> Say + Send + Sync)) {
    let mut reader = BufReader::new(stream);
    let mut to = stream;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        let mut headers = HashMap::new();
        loop {
            let mut header = String::new();
            if reader.read_line(&mut header).unwrap_or(0) == 0 {
                return;
            }
            let Some((name, value)) = header.trim_end().split_once(": ") else { break };
            headers.insert(name.to_lowercase(), value.to_owned());
        }
        let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        let asked = Asked { line: line.trim_end().to_owned(), headers, body: String::from_utf8(body).unwrap() };
        let number = {
            let mut all = all.lock().unwrap();
            all.push(asked.clone());
            all.len() - 1
        };
        let written = match script(number, &asked) {
            Say::This(status, more, body) => write!(to, "HTTP/1.1 {status}\r\n{more}content-length: {}\r\n\r\n{body}", body.len()),
            Say::Nothing => {
                // Until the client goes away.
                let _ = reader.read(&mut [0]);
                return;
            }
            Say::Half => {
                let _ = write!(to, "HTTP/1.1 201 Created\r\ncontent-len");
                return;
            }
            Say::HangUp => return,
        };
        if written.is_err() {
            return;
        }
    }
}

/// A clock that stands still until it is moved.
pub(crate) struct MovedClock(std::sync::atomic::AtomicI64);

impl MovedClock {
    pub(crate) fn at(now: postkey_model::Timestamp) -> Arc<Self> {
        Arc::new(MovedClock(now.0.into()))
    }

    pub(crate) fn forward(&self, length: Millis) {
        self.0.fetch_add(length.0, std::sync::atomic::Ordering::SeqCst);
    }
}

impl postkey_model::Clock for MovedClock {
    fn now(&self) -> postkey_model::Timestamp {
        postkey_model::Timestamp(self.0.load(std::sync::atomic::Ordering::SeqCst))
    }
}

//! What a collector of traces gets (feature `otel`; `scripts/test otel` runs this).

use crate::kit::{BINARY, NO_LIMITS};
use postkey_bench::{Browser, Options, Server};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const PARENT: &str = "b7ad6b7169203331";

/// The first lines and bodies of what was posted.
type Posts = Arc<Mutex<Vec<(String, Vec<u8>)>>>;

/// A collector: takes whatever is posted to it, with the path that it was posted to.
fn collector() -> (u16, Posts) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let taken = Posts::default();
    let posts = taken.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let posts = posts.clone();
            std::thread::spawn(move || {
                let mut reader = BufReader::new(stream);
                loop {
                    let (mut first, mut length) = (String::new(), 0);
                    if reader.read_line(&mut first).unwrap_or_default() == 0 {
                        return;
                    }
                    loop {
                        let mut line = String::new();
                        reader.read_line(&mut line).unwrap();
                        let Some((name, value)) = line.trim().split_once(':') else { break };
                        if name.eq_ignore_ascii_case("content-length") {
                            length = value.trim().parse().unwrap();
                        }
                    }
                    let mut body = vec![0; length];
                    reader.read_exact(&mut body).unwrap();
                    posts.lock().unwrap().push((first.trim().to_owned(), body));
                    reader.get_mut().write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").unwrap();
                }
            });
        }
    });
    (port, taken)
}

/// A span, as far as it matters here.
#[derive(Clone, Debug, Default)]
struct Span {
    trace: String,
    id: String,
    parent: String,
    name: String,
    attributes: BTreeMap<String, String>,
}

/// The fields of a message in protobuf's wire form: number and bytes; numbers are left out.
fn fields(mut bytes: &[u8]) -> Vec<(u64, &[u8])> {
    fn number(bytes: &mut &[u8]) -> u64 {
        let mut value = 0;
        for shift in (0..).step_by(7) {
            let (byte, rest) = bytes.split_first().unwrap();
            *bytes = rest;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                break;
            }
        }
        value
    }
    let mut all = Vec::new();
    while !bytes.is_empty() {
        let key = number(&mut bytes);
        let length = match key & 7 {
            0 => {
                number(&mut bytes);
                continue;
            }
            1 => 8,
            2 => number(&mut bytes) as usize,
            5 => 4,
            other => panic!("wire type {other}"),
        };
        let (field, rest) = bytes.split_at(length);
        if key & 7 == 2 {
            all.push((key >> 3, field));
        }
        bytes = rest;
    }
    all
}

fn inside<'a>(bytes: &'a [u8], wanted: u64) -> impl Iterator<Item = &'a [u8]> + use<'a> {
    fields(bytes).into_iter().filter(move |(number, _)| *number == wanted).map(|(_, field)| field)
}

/// opentelemetry-proto, trace.proto: the spans of an export request.
fn spans(body: &[u8]) -> Vec<Span> {
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let mut all = Vec::new();
    for span in inside(body, 1).flat_map(|resource| inside(resource, 2)).flat_map(|scope| inside(scope, 2)) {
        let mut read = Span::default();
        for (number, field) in fields(span) {
            match number {
                1 => read.trace = hex(field),
                2 => read.id = hex(field),
                4 => read.parent = hex(field),
                5 => read.name = text(field),
                9 => {
                    let key = inside(field, 1).next().map(text).unwrap();
                    let value = inside(field, 2).next().and_then(|value| inside(value, 1).next().map(text));
                    read.attributes.insert(key, value.unwrap_or_default());
                }
                _ => {}
            }
        }
        all.push(read);
    }
    all
}

#[tokio::test]
async fn a_login_is_a_trace_of_request_verb_commit_and_delivery() {
    let (port, taken) = collector();
    let config = format!(
        "log = \"info\"\ntrusted_proxies = [\"127.0.0.0/8\"]\n[telemetry]\notlp_endpoint = \"http://127.0.0.1:{port}/\"\n{NO_LIMITS}"
    );
    let mut server = Server::start(Options { binary: BINARY.into(), config, ..Options::default() }).await.unwrap();
    let who = "theodora.person@example.org";
    let mut browser = Browser::new(server.public());
    assert_eq!(browser.start(who).await.unwrap().status, 303);
    let code = crate::kit::code_for(&mut browser, who).await;
    assert_eq!(browser.code(&code).await.unwrap().status, 303);
    let cookies: Vec<String> =
        ["sAccessToken", "sRefreshToken"].iter().filter_map(|name| browser.jar.get(name)).map(str::to_owned).collect();
    assert_eq!(cookies.len(), 2);
    let traceparent = format!("00-{TRACE}-{PARENT}-01");
    server.client().send("GET", &format!("/auth?email={who}"), &[("traceparent", &traceparent)], None).await.unwrap();
    assert_eq!(server.stop().await.unwrap().code(), Some(0), "{}", server.log());
    assert!(!server.log().contains("traces"), "{}", server.log());

    let posts = taken.lock().unwrap().clone();
    assert!(!posts.is_empty() && posts.iter().all(|(first, _)| first == "POST /v1/traces HTTP/1.1"), "{posts:?}");
    let all: Vec<Span> = posts.iter().flat_map(|(_, body)| spans(body)).collect();
    let named = |name: &str| all.iter().find(|span| span.name == name).unwrap_or_else(|| panic!("{name}: {all:#?}"));
    let below = |span: &Span, name: &str| {
        let found = all.iter().find(|other| other.parent == span.id && other.trace == span.trace && other.name == name);
        found.unwrap_or_else(|| panic!("{name} below {}: {all:#?}", span.name)).clone()
    };
    for (request, verb) in [("POST /auth/_/start", "start"), ("POST /auth/_/code", "complete")] {
        let request = named(request);
        assert_eq!(request.attributes["tenant"], "public");
        let commit = below(&below(request, verb), "commit");
        assert_eq!(commit.attributes["outcome"], "written");
    }
    let delivery = named("deliver");
    let provider = below(delivery, "provider");
    assert_eq!((provider.attributes["provider"].as_str(), provider.attributes["outcome"].as_str()), ("inbox", "accepted"));
    let proxied = all.iter().find(|span| span.trace == TRACE).unwrap();
    assert_eq!((proxied.parent.as_str(), proxied.name.as_str()), (PARENT, "GET /auth"));

    let told: String = posts.iter().map(|(_, body)| String::from_utf8_lossy(body).into_owned()).collect();
    for secret in [who, "theodora", &code, &cookies[0], &cookies[1], "preAuthSessionId", "127.0.0.1", "src/verbs"] {
        assert!(!told.contains(secret), "the traces tell {secret}");
    }
}

#[tokio::test]
async fn a_collector_that_is_away_harms_nobody() {
    let config = format!("log = \"warn\"\n[telemetry]\notlp_endpoint = \"http://127.0.0.1:1\"\n{NO_LIMITS}");
    let mut server = Server::start(Options { binary: BINARY.into(), config, ..Options::default() }).await.unwrap();
    crate::kit::signed_in(&server, "jane@example.com").await;
    assert_eq!(server.stop().await.unwrap().code(), Some(0), "{}", server.log());
    assert!(server.log().contains("the collector of traces was not reached"), "{}", server.log());
}

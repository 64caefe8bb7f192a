//! The post room with a real store: what goes out, what is written down, and what never is.

use super::*;
use crate::fake::{self, Fake, MovedClock, Say};
use crate::samples::{self, ASKED_AT};
use crate::{DevInbox, Named, Provider, Smtp, SmtpSettings, SmtpTls, Webhook, WebhookSettings, smtp};
use postkey_model::{
    Account, Asked, Channel, CodeHash, CodeStrength, Connection, DeviceHash, Flow, LinkHash, MessageKind, Purpose, RootKey, Secret,
    SentCode, SignIn, SignInId, TenantId,
};
use postkey_store::Location;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::Mutex;

/// Counts up.
struct Counting(Mutex<u8>);
impl Entropy for Counting {
    fn fill(&self, out: &mut [u8]) {
        let mut next = self.0.lock().unwrap();
        for byte in out {
            *next = next.wrapping_add(1);
            *byte = *next;
        }
    }
}

struct Room {
    store: Store,
    keyring: Arc<Keyring>,
    entropy: Arc<Counting>,
    clock: Arc<MovedClock>,
    bell: mpsc::Sender<Message>,
    post_room: PostRoom,
    _folder: tempfile::TempDir,
}

/// The sign-in that messages are for.
fn sign_in() -> SignIn {
    SignIn {
        id: SignInId::stored("s1".to_owned()),
        tenant: TenantId::public(),
        connection: Connection::Email,
        subject: "jane@example.com".to_owned(),
        account: Account::identifier(Connection::Email, "jane@example.com"),
        flow: Flow::UserInputCodeAndMagicLink,
        device: DeviceHash::stored(&[7; 32]).unwrap(),
        code: SentCode {
            code: CodeHash::stored(&[1; 32]),
            link: LinkHash::stored(&[2; 32]),
            strength: CodeStrength::Short,
            expires_at: ASKED_AT + Millis::from_mins(10),
        },
        sends: 1,
        last_sent_at: ASKED_AT,
        attempts: 0,
        max_attempts: 5,
        destination: None,
        purpose: Purpose::SignIn,
        asked: Asked::default(),
        opened_at: None,
        approved_at: None,
        number_tries: 0,
        started_at: ASKED_AT,
        ended: None,
    }
}

impl Room {
    async fn with(routes: Routes) -> Self {
        Room::with_places(routes, None).await
    }

    async fn with_places(routes: Routes, places: Option<Places>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&Location::Sqlite(folder.path().join("x.db")), ASKED_AT).await.unwrap();
        let entropy = Arc::new(Counting(Mutex::new(0)));
        let keyring = Arc::new(Keyring::new(&RootKey::generate(entropy.as_ref())));
        let clock = MovedClock::at(ASKED_AT);
        store.commit(vec![Change::SignInStarted(Box::new(sign_in()))]).await.unwrap();
        let (bell, rung) = mpsc::channel(8);
        let parts = PostRoomParts {
            store: store.clone(),
            keyring: keyring.clone(),
            entropy: entropy.clone(),
            clock: clock.clone(),
            templates: Templates::built_in().unwrap(),
            routes,
            places,
        };
        let post_room = PostRoom::start(parts, rung);
        Room { store, keyring, entropy, clock, bell, post_room, _folder: folder }
    }

    /// A message in the outbox.
    async fn queue(&self, id: &str, kind: MessageKind, channel: Channel, to: &str) -> Message {
        let plain = serde_json::to_vec(&samples::content(kind)).unwrap();
        self.queue_plain(id, &plain, channel, to).await
    }

    /// A message in the outbox that says this.
    async fn queue_plain(&self, id: &str, plain: &[u8], channel: Channel, to: &str) -> Message {
        let message = Message { id: MessageId::stored(id.to_owned()), ..fake::message(channel, to) };
        let sealed = self.keyring.seal_message(&message.place(), plain, self.entropy.as_ref());
        let message = Message { sealed, ..message };
        self.store.commit(vec![Change::MessageQueued(Box::new(message.clone()))]).await.unwrap();
        message
    }

    /// Waits until the sign-in's timeline has a number of lines.
    async fn timeline(&self, lines: usize) -> Vec<Delivery> {
        for _ in 0..500 {
            let found = self.store.deliveries(&SignInId::stored("s1".to_owned())).await.unwrap();
            if found.len() >= lines {
                assert_eq!(found.len(), lines, "{found:?}");
                return found;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("the timeline has no {lines} lines");
    }
}

fn told(timeline: &[Delivery]) -> Vec<(&str, &str, &str)> {
    timeline.iter().map(|line| (line.provider.as_str(), line.outcome.as_str(), line.answer.as_str())).collect()
}

fn webhook(name: &str, fake: &Fake) -> Named {
    let secret = Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned());
    let settings = WebhookSettings { url: fake.url.clone(), secret, extra_root: None };
    Named::new(name, Provider::Webhook(Webhook::new(&settings).unwrap()))
}

fn relay(name: &str, port: u16) -> Named {
    let host = "127.0.0.1".to_owned();
    let from = "login@example.com".to_owned();
    let settings = SmtpSettings { host, port, tls: SmtpTls::None, credentials: None, extra_root: None, from };
    Named::new(name, Provider::Smtp(Smtp::new(&settings).unwrap()))
}

/// A mail server that takes everything, and the port where one would be if it were up.
fn servers() -> (u16, u16) {
    let down = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let up = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let mut to = &stream;
            let _ = to.write_all(b"220 test ESMTP\r\n");
            let mut in_mail = false;
            for line in BufReader::new(&stream).lines().map_while(Result::ok) {
                let answer = match (in_mail, line.as_str()) {
                    (true, ".") => "250 2.0.0 queued as 4F3D2A",
                    (true, _) => continue,
                    (false, "DATA") => "354 go on",
                    (false, line) if line.starts_with("EHLO") => "250-test\r\n250 8BITMIME",
                    (false, _) => "250 yes",
                };
                in_mail = answer.starts_with("354");
                let _ = to.write_all(format!("{answer}\r\n").as_bytes());
            }
        }
    });
    (down, up)
}

#[test]
fn the_slowest_provider_fits_into_the_first_claim() {
    // The first claim lasts 30 seconds; most messages are sent under it.
    const { assert!(smtp::PATIENCE.as_millis() as i64 + NOTING.0 < 30_000 && 30_000 < CLAIM.0) };
}

#[tokio::test]
async fn of_two_mail_servers_in_a_row_the_one_that_is_up_takes_it() {
    let (down, up) = servers();
    let room = Room::with(Routes { email: vec![relay("first", down), relay("second", up)], ..Routes::default() }).await;
    let message = room.queue("m1", MessageKind::SignIn, Channel::Email, "jane@example.com").await;
    room.bell.send(message.clone()).await.unwrap();
    let timeline = room.timeline(2).await;
    let [failed, accepted] = timeline.as_slice() else { unreachable!() };
    assert_eq!((failed.provider.as_str(), failed.outcome), ("first", DeliveryOutcome::FailedOver));
    assert_eq!(told(&timeline)[1], ("second", "accepted", "2.0.0 queued as 4F3D2A"));
    let expected = Delivery { id: accepted.id.clone(), at: ASKED_AT, queued_at: ASKED_AT, ..accepted.clone() };
    assert_eq!((accepted, &accepted.message, accepted.channel), (&expected, &message.id, Channel::Email));
    assert_eq!(room.store.queued_messages().await.unwrap(), 0);
    room.post_room.stop().await;
}

#[tokio::test]
async fn a_deferred_message_goes_out_by_the_next_provider_when_its_time_comes() {
    let busy = Fake::saying("503 Busy", "", "");
    let second = Fake::start(
        |number, _| if number == 0 { Say::This("500 Oops", "", String::new()) } else { Say::This("200 OK", "", String::new()) },
    );
    let routes = Routes { sms: vec![webhook("first", &busy), webhook("second", &second)], ..Routes::default() };
    let room = Room::with(routes).await;
    let message = room.queue("m1", MessageKind::Added, Channel::Sms, "+15005550009").await;
    room.bell.send(message).await.unwrap();
    room.timeline(2).await;
    assert_eq!(room.store.queued_messages().await.unwrap(), 1);
    room.clock.forward(Millis::from_secs(3));
    let expected = [("first", "failed_over", "HTTP 503"), ("second", "deferred", "HTTP 500"), ("second", "accepted", "200")];
    assert_eq!(told(&room.timeline(3).await), expected);
    assert_eq!((busy.asked().len(), second.asked().len()), (1, 2));
    // Tried again under the same id: the receiver knows it.
    let ids: Vec<_> = second.asked().iter().map(|asked| asked.headers["webhook-id"].clone()).collect();
    assert_eq!(ids, ["m1", "m1"]);
    room.post_room.stop().await;
}

#[tokio::test]
async fn codes_of_sign_ins_that_are_over_are_not_sent_but_notices_are() {
    let inbox = Arc::new(DevInbox::in_memory());
    let room = Room::with(Routes::all_by("inbox", Provider::Inbox(inbox.clone()))).await;
    let cancelled = Change::SignInCancelled { sign_in: SignInId::stored("s1".to_owned()), at: ASKED_AT };
    room.store.commit(vec![cancelled]).await.unwrap();
    // Nobody rings: both are found when their claims lapse.
    room.queue("m1", MessageKind::SignIn, Channel::Email, "jane@example.com").await;
    room.queue("m2", MessageKind::Changed, Channel::Email, "jane@example.com").await;
    room.clock.forward(Millis::from_secs(31));
    let mut timeline = told_owned(&room.timeline(2).await);
    timeline.sort();
    assert_eq!(timeline, [("m1", "", "not_needed", "its sign-in was over"), ("m2", "inbox", "accepted", "m2")].map(owned));
    let mails = inbox.mails(None);
    assert_eq!(mails.iter().map(|mail| mail.id.as_str()).collect::<Vec<_>>(), ["m2"]);
    room.post_room.stop().await;
}

fn owned(line: (&str, &str, &str, &str)) -> [String; 4] {
    [line.0, line.1, line.2, line.3].map(str::to_owned)
}

fn told_owned(timeline: &[Delivery]) -> Vec<[String; 4]> {
    timeline.iter().map(|line| owned((line.message.as_str(), &line.provider, line.outcome.as_str(), &line.answer))).collect()
}

#[tokio::test]
async fn what_cannot_be_sent_is_written_down() {
    let room = Room::with(Routes::default()).await;
    let message = room.queue("m1", MessageKind::SignIn, Channel::WhatsApp, "+15005550009").await;
    room.bell.send(message).await.unwrap();
    assert_eq!(told(&room.timeline(1).await), [("", "refused", "no provider is set for whatsapp")]);
    let foreign = Message { to: "+15005550008".to_owned(), ..room.queue("m2", MessageKind::SignIn, Channel::Sms, "+15005550009").await };
    room.bell.send(foreign).await.unwrap();
    let of = |timeline: Vec<Delivery>, id: &str| told_owned(&timeline).into_iter().find(|line| line[0] == id).unwrap();
    let expected = owned(("m2", "", "refused", "it does not open under this server's secret key"));
    assert_eq!(of(room.timeline(2).await, "m2"), expected);
    let dying = room.queue("m3", MessageKind::SignIn, Channel::Sms, "+15005550009").await;
    room.bell.send(Message { expires_at: ASKED_AT + Millis::from_secs(14), ..dying }).await.unwrap();
    assert_eq!(of(room.timeline(3).await, "m3"), owned(("m3", "", "too_late", "its code was dying, at try 1")));
    room.post_room.stop().await;
}

#[tokio::test]
async fn what_opens_but_is_of_an_unknown_form_is_said_to_be_that() {
    let room = Room::with(Routes::default()).await;
    for (n, plain) in
        [r#"{"kind":"of_tomorrow","app_name":"Example","code":null,"link":null,"lifetime":1}"#, "no JSON 578396"].iter().enumerate()
    {
        let message = room.queue_plain(&format!("m{n}"), plain.as_bytes(), Channel::Sms, "+15005550009").await;
        room.bell.send(message).await.unwrap();
        let words = "it opens, but what it says is of a form that this version does not know";
        assert_eq!(told(&room.timeline(n + 1).await)[n], ("", "refused", words));
    }
    room.post_room.stop().await;
}

#[tokio::test]
async fn a_message_of_an_earlier_version_goes_out() {
    let inbox = Arc::new(DevInbox::in_memory());
    let room = Room::with(Routes::all_by("inbox", Provider::Inbox(inbox.clone()))).await;
    let plain = r#"{"kind":"sign_in","app_name":"Example","code":"123 456","link":null,"lifetime":600000}"#;
    for (n, channel) in Channel::ALL.into_iter().enumerate() {
        let message = room.queue_plain(&format!("m{n}"), plain.as_bytes(), channel, "+15005550009").await;
        room.bell.send(message).await.unwrap();
        room.timeline(n + 1).await;
    }
    let mails = inbox.mails(None);
    assert_eq!(mails.len(), 3);
    assert!(mails.iter().all(|mail| mail.code.as_deref() == Some("123456") && mail.text.contains("123 456")));
    // It knew of no host: the last line, which names one, would bind the code to nothing.
    assert!(mails.iter().all(|mail| !mail.text.contains('@')), "{mails:?}");
    room.post_room.stop().await;
}

#[tokio::test]
async fn texts_stand_in_the_inbox_with_what_is_in_them() {
    let inbox = Arc::new(DevInbox::in_memory());
    let places: Places = Arc::new(|address, lang| Some(format!("{address} in {lang}")));
    let room = Room::with_places(Routes::all_by("inbox", Provider::Inbox(inbox.clone())), Some(places)).await;
    let message = room.queue("m1", MessageKind::SignIn, Channel::Sms, "+15005550009").await;
    room.bell.send(message).await.unwrap();
    room.timeline(1).await;
    let [mail] = inbox.mails(Some("+15005550009")).try_into().unwrap();
    assert_eq!((mail.channel.as_str(), mail.subject.as_str(), mail.html.as_str()), ("sms", "", ""));
    assert_eq!(mail.code.as_deref(), Some("578396"));
    assert!(mail.text.contains("578 396") && mail.text.contains("192.0.2.7 in en") && mail.text.ends_with("\n@login.example.com #578396"));
    room.post_room.stop().await;
}

/// Where the log goes.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);
impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn neither_code_nor_link_nor_recipient_is_in_log_or_timeline() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber =
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_ansi(false).with_writer(move || writer.clone()).finish();
    // Everything in this test runs in this thread.
    let _guard = tracing::subscriber::set_default(subscriber);
    // A provider that gives back all it was given.
    let echo = Fake::start(|number, asked| {
        let whole: serde_json::Value = serde_json::from_str(&asked.body).unwrap();
        let data = &whole["data"];
        let words = format!("{} {} {} {}", data["to"], data["code"], data["link"], data["text"]);
        let answer = serde_json::json!({ "id": words, "reason": words }).to_string();
        let status = ["500 Oops", "403 Forbidden", "200 OK"][number % 3];
        Say::This(status, "", answer)
    });
    let routes = Routes { sms: vec![webhook("a", &echo), webhook("b", &echo), webhook("c", &echo)], ..Routes::default() };
    let room = Room::with(routes).await;
    let message = room.queue("m1", MessageKind::SignIn, Channel::Sms, "+15005550009").await;
    room.bell.send(message).await.unwrap();
    let timeline = room.timeline(3).await;
    room.post_room.stop().await;
    let written = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(written.contains("a message was not sent") && written.contains("failed_over"), "{written}");
    assert!(timeline.iter().all(|line| line.answer.contains('…')));
    for text in std::iter::once(&written).chain(timeline.iter().map(|line| &line.answer)) {
        for secret in ["578396", "578 396", "kD8mW2xQp5vR9sYt3uZa7bNc", "15005550009", "#kD8"] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
}

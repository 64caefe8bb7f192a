//! Providers in a row: webhooks that take, refuse, dawdle and ask to be left alone.

use super::*;
use crate::fake::{self, Fake, MovedClock, Say};
use crate::samples::{self, ASKED_AT};
use crate::{Provider, Webhook, WebhookSettings};
use postkey_model::{Channel, MessageId, MessageKind, Secret};
use std::sync::Arc;

struct Zero;
impl Entropy for Zero {
    fn fill(&self, out: &mut [u8]) {
        out.fill(0);
    }
}

const TAKEN: (&str, &str, &str) = ("200 OK", "", r#"{"id":"x"}"#);
const LATER: (&str, &str, &str) = ("500 Oops", "", "");
const REFUSED: (&str, &str, &str) = ("403 Forbidden", "", "");
const NOBODY: (&str, &str, &str) = ("400 Bad", "", r#"{"recipient_refused":true}"#);
const BUSY_60: (&str, &str, &str) = ("429 Busy", "retry-after: 60\r\n", "");
const BUSY_20: (&str, &str, &str) = ("429 Busy", "retry-after: 20\r\n", "");
const BUSY_5: (&str, &str, &str) = ("429 Busy", "retry-after: 5\r\n", "");
const BUSY_3600: (&str, &str, &str) = ("429 Busy", "retry-after: 3600\r\n", "");

/// Providers in order, each with its fake, and a clock.
struct Street {
    named: Vec<Named>,
    fakes: Vec<Fake>,
    clock: Arc<MovedClock>,
    turns: Turns,
}

impl Street {
    fn of(answers: &[(&'static str, &'static str, &'static str)]) -> Self {
        Street::slow(&answers.iter().map(|answer| (*answer, Millis(0))).collect::<Vec<_>>())
    }

    /// Each takes its time, by the clock that is moved.
    fn slow(answers: &[((&'static str, &'static str, &'static str), Millis)]) -> Self {
        let clock = MovedClock::at(ASKED_AT);
        let fake = |((status, headers, body), takes): &((&'static str, &'static str, &'static str), Millis)| {
            let (clock, status, headers, body, takes) = (clock.clone(), *status, *headers, *body, *takes);
            Fake::start(move |_, _| {
                clock.forward(takes);
                Say::This(status, headers, body.to_owned())
            })
        };
        let fakes: Vec<Fake> = answers.iter().map(fake).collect();
        Street::by(fakes, clock)
    }

    /// Each answers one after the other of its list, the last one for ever.
    fn changing(lists: &[&'static [(&'static str, &'static str, &'static str)]]) -> Self {
        let fake = |list: &&'static [(&'static str, &'static str, &'static str)]| {
            let list = *list;
            Fake::start(move |number, _| {
                let (status, headers, body) = list[number.min(list.len() - 1)];
                Say::This(status, headers, body.to_owned())
            })
        };
        Street::by(lists.iter().map(fake).collect(), MovedClock::at(ASKED_AT))
    }

    fn by(fakes: Vec<Fake>, clock: Arc<MovedClock>) -> Self {
        let provider = |fake: &Fake| {
            let secret = Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned());
            Provider::Webhook(Webhook::new(&WebhookSettings { url: fake.url.clone(), secret, extra_root: None }).unwrap())
        };
        let named = ["a", "b", "c", "d"].iter().zip(&fakes).map(|(name, fake)| Named::new(*name, provider(fake))).collect();
        Street { named, fakes, clock, turns: Turns::default() }
    }

    /// How often each was asked.
    fn asked(&self) -> Vec<usize> {
        self.fakes.iter().map(|fake| fake.asked().len()).collect()
    }

    async fn go(&self, message: &Message) -> Told {
        self.go_sparing(message, SPARE).await
    }

    async fn go_sparing(&self, message: &Message, spare: Millis) -> Told {
        let content = samples::content(MessageKind::SignIn);
        let rendered = Rendered { subject: String::new(), text: "578 396".to_owned(), html: String::new() };
        let (providers, clock, entropy, turns) = (&self.named[..], self.clock.as_ref(), &Zero, &self.turns);
        let way = Way { providers, message, content: &content, rendered: &rendered, clock, entropy, turns, spare };
        let (lines, end) = way.go().await;
        assert!(lines.iter().all(|line| line.at >= ASKED_AT && line.answer.chars().count() <= 200));
        (lines.into_iter().map(|line| (line.provider, line.outcome, line.answer)).collect(), end)
    }

    /// A try of one message.
    async fn try_number(&self, tries: i64) -> Told {
        let now = self.clock.now();
        let message = Message { tries, next_try_at: now + Millis::from_secs(30), ..message() };
        self.go(&message).await
    }

    /// The first try of another message, to somebody else.
    async fn try_another(&self, n: usize) -> Told {
        let (id, next_try_at) = (MessageId::stored(format!("n{n}")), self.clock.now() + Millis::from_secs(30));
        self.go(&Message { id, next_try_at, to: format!("+1500555{n:04}"), ..message() }).await
    }

    fn forward(&self, seconds: i64) {
        self.clock.forward(Millis::from_secs(seconds));
    }
}

/// What became of a message: lines and end.
type Told = (Vec<(String, DeliveryOutcome, String)>, End);

fn after(seconds: i64) -> End {
    End::Again(ASKED_AT + Millis::from_secs(seconds))
}

fn message() -> Message {
    fake::message(Channel::Sms, "+15005550009")
}

fn lines(lines: &[(&str, DeliveryOutcome, &str)]) -> Vec<(String, DeliveryOutcome, String)> {
    lines.iter().map(|(provider, outcome, answer)| ((*provider).to_owned(), *outcome, (*answer).to_owned())).collect()
}

use DeliveryOutcome::{Accepted, Deferred, FailedOver, Refused, TooLate};

#[tokio::test]
async fn the_next_provider_is_asked_at_once() {
    let street = Street::of(&[LATER, REFUSED, TAKEN, TAKEN]);
    let (told, end) = street.try_number(1).await;
    assert_eq!(told, lines(&[("a", FailedOver, "HTTP 500"), ("b", FailedOver, "HTTP 403"), ("c", Accepted, "x")]));
    assert_eq!((end, street.asked()), (End::Done, vec![1, 1, 1, 0]));
}

#[tokio::test]
async fn a_later_try_begins_with_one_whose_turn_it_is() {
    let street = Street::of(&[LATER, LATER, LATER]);
    for (tries, asked) in [(1, "abc"), (2, "bca"), (3, "acb")] {
        let (told, end) = street.try_number(tries).await;
        let names: String = told.into_iter().map(|line| line.0).collect();
        assert_eq!((names.as_str(), end), (asked, after([1, 2, 4][tries as usize - 1])), "try {tries}");
    }
}

#[tokio::test]
async fn a_message_that_only_waited_begins_with_the_first_one() {
    // It was claimed often, but nobody was ever asked for it.
    let street = Street::of(&[TAKEN, TAKEN]);
    assert_eq!(street.try_number(4).await, (lines(&[("a", Accepted, "x")]), End::Done));
    assert_eq!(street.asked(), [1, 0]);
    // One that failed: the next one; and once it is sent, nothing of it is known.
    let street = Street::changing(&[&[LATER, TAKEN], &[LATER, TAKEN]]);
    street.try_number(1).await;
    assert_eq!(street.try_number(2).await, (lines(&[("b", Accepted, "x")]), End::Done));
    assert_eq!(street.try_number(3).await, (lines(&[("a", Accepted, "x")]), End::Done));
}

#[tokio::test]
async fn of_three_slow_ones_each_gets_its_turn() {
    let slow = Millis::from_secs(19);
    let street = Street::slow(&[(LATER, slow), (LATER, slow), (LATER, slow)]);
    for (tries, asked) in [(1, [1, 0, 0]), (2, [1, 1, 0]), (3, [1, 1, 1]), (4, [2, 1, 1])] {
        let begun = street.clock.now();
        assert_eq!(street.try_number(tries).await.1, End::Again(begun + slow), "the next one, at once");
        assert_eq!(street.asked(), asked, "try {tries}");
    }
}

#[tokio::test]
async fn when_nobody_takes_it_now_it_is_tried_again() {
    let street = Street::of(&[LATER, LATER]);
    assert_eq!(street.try_number(1).await, (lines(&[("a", FailedOver, "HTTP 500"), ("b", Deferred, "HTTP 500")]), after(1)));
    // One that may take it later is enough, wherever it stands.
    let street = Street::of(&[LATER, REFUSED]);
    assert_eq!(street.try_number(3).await, (lines(&[("a", FailedOver, "HTTP 500"), ("b", Deferred, "HTTP 403")]), after(4)));
    let street = Street::of(&[REFUSED, REFUSED]);
    assert_eq!(street.try_number(1).await, (lines(&[("a", FailedOver, "HTTP 403"), ("b", Refused, "HTTP 403")]), End::Done));
}

#[tokio::test]
async fn a_recipient_that_does_not_exist_is_asked_of_nobody_else() {
    let street = Street::of(&[NOBODY, TAKEN]);
    assert_eq!(street.try_number(1).await, (lines(&[("a", Refused, "HTTP 400")]), End::Done));
    assert_eq!(street.asked(), [1, 0]);
}

#[tokio::test]
async fn one_message_that_is_told_to_wait_stops_nobody_else() {
    let street = Street::changing(&[&[BUSY_60, BUSY_60, TAKEN]]);
    // Twice the same recipient.
    assert_eq!(street.try_number(1).await, (lines(&[("a", Deferred, "HTTP 429")]), after(60)));
    let again = Message { id: MessageId::stored("m2".to_owned()), ..message() };
    assert_eq!(street.go(&again).await.1, after(60));
    assert_eq!(street.try_another(1).await, (lines(&[("a", Accepted, "x")]), End::Done));
    // It waits as it was told, even if it comes back too early.
    street.forward(59);
    assert_eq!(street.try_number(2).await, (lines(&[("a", Deferred, "asked to be left alone for a while")]), after(60)));
    street.forward(1);
    assert_eq!(street.try_number(3).await.1, End::Done);
    assert_eq!(street.asked(), [4]);
}

#[tokio::test]
async fn who_told_it_to_wait_is_passed_over_while_another_one_fails() {
    let street = Street::changing(&[&[BUSY_20, TAKEN], &[LATER]]);
    assert_eq!(street.try_number(1).await, (lines(&[("a", FailedOver, "HTTP 429"), ("b", Deferred, "HTTP 500")]), after(1)));
    street.forward(1);
    assert_eq!(street.try_number(2).await, (lines(&[("b", Deferred, "HTTP 500")]), after(3)));
    street.forward(19);
    assert_eq!(street.try_number(3).await.1, End::Done);
    assert_eq!(street.asked(), [2, 2]);
}

#[tokio::test]
async fn a_provider_rests_after_three_and_then_one_goes_first() {
    let street = Street::changing(&[&[BUSY_20, BUSY_20, BUSY_20, BUSY_5, TAKEN], &[TAKEN]]);
    for n in 0..3 {
        assert_eq!(street.try_another(n).await, (lines(&[("a", FailedOver, "HTTP 429"), ("b", Accepted, "x")]), End::Done));
    }
    // While it rests, the other one does it all: longer than it would rest alone.
    street.forward(19);
    assert_eq!(street.try_another(3).await, (lines(&[("b", Accepted, "x")]), End::Done));
    assert_eq!(street.asked(), [3, 4]);
    // The one that goes first is told to wait: the others do not follow.
    street.forward(1);
    assert_eq!(street.try_another(4).await.0.len(), 2);
    assert_eq!(street.try_another(5).await, (lines(&[("b", Accepted, "x")]), End::Done));
    assert_eq!(street.asked(), [4, 6]);
    // The next one that goes first is taken: they do.
    street.forward(5);
    for n in 6..8 {
        assert_eq!(street.try_another(n).await, (lines(&[("a", Accepted, "x")]), End::Done));
    }
    assert_eq!(street.asked(), [6, 6]);
}

#[tokio::test]
async fn while_one_goes_first_the_others_wait_a_little() {
    let street = Street::of(&[BUSY_5]);
    for n in 0..3 {
        street.try_another(n).await;
    }
    street.forward(5);
    assert!(street.named[0].rests.admits(&message().id, street.clock.now(), true, ASKED_AT + Millis::from_secs(17)));
    assert_eq!(street.try_another(3).await, (lines(&[("a", Deferred, "asked to be left alone for a while")]), after(7)));
    assert_eq!(street.asked(), [3]);
}

#[tokio::test]
async fn alone_a_provider_rests_fifteen_seconds_at_most() {
    let street = Street::of(&[BUSY_60]);
    for n in 0..3 {
        assert_eq!(street.try_another(n).await.1, after(60), "the message itself waits as told");
    }
    let told = (lines(&[("a", Deferred, "asked to be left alone for a while")]), after(15));
    assert_eq!((street.try_another(3).await, street.asked()), (told, vec![3]));
    street.forward(15);
    assert_eq!(street.try_another(3).await, (lines(&[("a", Deferred, "HTTP 429")]), after(75)));
    assert_eq!(street.try_another(4).await.1, after(30));
    assert_eq!(street.asked(), [4]);
}

#[tokio::test]
async fn a_resting_provider_is_better_than_none() {
    // The other one will never take it.
    let street = Street::changing(&[&[BUSY_60, BUSY_60, BUSY_60, TAKEN], &[REFUSED]]);
    for n in 0..3 {
        assert_eq!(street.try_another(n).await.1, after(60));
    }
    assert_eq!(street.try_another(3).await, (lines(&[("b", Deferred, "HTTP 403")]), after(15)));
    street.forward(15);
    assert_eq!(street.try_another(4).await, (lines(&[("b", FailedOver, "HTTP 403"), ("a", Accepted, "x")]), End::Done));
}

#[tokio::test]
async fn a_dying_code_disturbs_those_that_rest() {
    let street = Street::of(&[BUSY_20]);
    for n in 0..3 {
        street.try_another(n).await;
    }
    let dying = Message { expires_at: ASKED_AT + Millis::from_secs(20), ..message() };
    let (told, end) = street.go(&dying).await;
    assert_eq!((told, end, street.asked()), (lines(&[("a", Deferred, "HTTP 429")]), after(1), vec![4]));
}

#[tokio::test]
async fn a_wait_longer_than_the_codes_life_is_not_waited_for() {
    let street = Street::of(&[BUSY_3600]);
    for (try_number, wait) in [(1, 1), (2, 2)] {
        assert_eq!(street.try_number(try_number).await.1, after(wait));
    }
    assert_eq!(street.asked(), [2]);
}

#[tokio::test]
async fn nobody_is_asked_whose_answer_might_come_after_the_claims_end() {
    // Each may take 10 seconds, and noting it 2; the claim lasts 30.
    let street = Street::slow(&[(LATER, Millis::from_secs(9)), (LATER, Millis::from_secs(9)), (TAKEN, Millis(0))]);
    let (told, end) = street.try_number(1).await;
    assert_eq!(told, lines(&[("a", FailedOver, "HTTP 500"), ("b", FailedOver, "HTTP 500"), ("c", Accepted, "x")]));
    assert_eq!(end, End::Done);
    // A millisecond more, and the third one waits for the next claim, at once.
    let street = Street::slow(&[(LATER, Millis::from_secs(9)), (LATER, Millis(9_001)), (TAKEN, Millis(0))]);
    let (told, end) = street.try_number(1).await;
    assert_eq!(told, lines(&[("a", FailedOver, "HTTP 500"), ("b", Deferred, "HTTP 500")]));
    assert_eq!((end, street.asked()), (End::Again(ASKED_AT + Millis(18_001)), vec![1, 1, 0]));
    // Too little is left from the beginning: whoever claims it next sends it.
    let late = Message { next_try_at: street.clock.now() + Millis(11_999), ..message() };
    assert_eq!(street.go(&late).await, (Vec::new(), End::Left));
}

#[tokio::test]
async fn a_code_that_is_dying_is_not_sent_by_the_next_one() {
    let street = Street::slow(&[(LATER, Millis::from_secs(9)), (TAKEN, Millis(0))]);
    let dying = Message { expires_at: ASKED_AT + Millis::from_secs(23), ..message() };
    let (told, end) = street.go(&dying).await;
    assert_eq!(told, lines(&[("a", FailedOver, "HTTP 500"), ("", TooLate, "its code was dying, at try 1")]));
    assert_eq!((end, street.asked()), (End::Done, vec![1, 0]));
}

#[tokio::test]
async fn nobody_gets_more_time_than_the_code_has_left() {
    // It would wait for 10 seconds. The code has 15: that is as much as to say that 100 milliseconds are left.
    let silent = Fake::start(|_, _| Say::Nothing);
    let street = Street::by(vec![silent], MovedClock::at(ASKED_AT));
    let dying = Message { expires_at: ASKED_AT + LEAST_LIFE, ..message() };
    let (told, end) = street.go_sparing(&dying, Millis(LEAST_LIFE.0 - 100)).await;
    assert_eq!((told, end), (lines(&[("a", Deferred, "no answer while its code lives")]), after(1)));
    // And its claim needs to last that long only.
    let claimed = Message { next_try_at: ASKED_AT + NOTING + Millis(100), ..dying.clone() };
    assert_eq!(street.go_sparing(&claimed, Millis(LEAST_LIFE.0 - 100)).await.0.len(), 1);
    let too_short = Message { next_try_at: ASKED_AT + NOTING + Millis(99), ..dying };
    assert_eq!(street.go_sparing(&too_short, Millis(LEAST_LIFE.0 - 100)).await, (Vec::new(), End::Left));
    // As it is, the slowest provider is through before the code dies.
    const { assert!(SPARE.0 > 0 && SPARE.0 < LEAST_LIFE.0) };
}

#[tokio::test]
async fn a_channel_without_providers_says_so() {
    let street = Street::of(&[]);
    assert_eq!(street.try_number(1).await, (lines(&[("", Refused, "no provider is set for sms")]), End::Done));
}

#[test]
fn waits_grow_and_stay_below_a_codes_life() {
    let waits: Vec<i64> = (1..=8).map(|tries| backoff(tries, &Zero).0).collect();
    assert_eq!(waits, [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
}

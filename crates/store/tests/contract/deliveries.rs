//! What became of messages: noted in order, read by sign-in, and gone with it; what still waits; whose sign-in it is.

use crate::kit::*;
use postkey_model::{Change, Channel, Dead, Delivery, DeliveryOutcome, EventId, MessageId, Millis, SignInId, Timestamp};
use postkey_store::Store;

fn delivery(sign_in: &SignInId, outcome: DeliveryOutcome, at: Timestamp) -> Delivery {
    Delivery {
        id: EventId::stored(id()),
        sign_in: sign_in.clone(),
        message: MessageId::stored(id()),
        queued_at: NOW,
        at,
        channel: Channel::Sms,
        provider: "twilio".to_owned(),
        outcome,
        answer: "SM\u{1f4e8} 0123".to_owned(),
    }
}

async fn noted(store: &Store, delivery: Delivery) -> Delivery {
    assert_eq!(commit(store, Change::DeliveryNoted(Box::new(delivery.clone()))).await, applied());
    delivery
}

const OUTCOMES: [DeliveryOutcome; 6] = [
    DeliveryOutcome::FailedOver,
    DeliveryOutcome::Deferred,
    DeliveryOutcome::Accepted,
    DeliveryOutcome::Refused,
    DeliveryOutcome::TooLate,
    DeliveryOutcome::NotNeeded,
];

on_both_engines! {
    async fn deliveries_are_read_back_whole_in_order(store: Store) {
        let (one, other) = (started(&store, sign_in("jane@example.com")).await.id, started(&store, sign_in("joe@example.com")).await.id);
        let mut expected: Vec<Delivery> =
            OUTCOMES.iter().zip(1..).map(|(outcome, n)| delivery(&one, *outcome, NOW + Millis(n))).collect();
        expected[1].channel = Channel::Email;
        expected[2].channel = Channel::WhatsApp;
        (expected[3].provider, expected[3].answer) = (String::new(), String::new());
        // Two workers may write in any order, by clocks that differ: the ids say what was first.
        (expected[0].at, expected[1].at) = (NOW + MINUTE, NOW);
        for n in [3, 0, 4, 1, 5, 2] {
            noted(&store, expected[n].clone()).await;
        }
        let theirs = noted(&store, delivery(&other, DeliveryOutcome::Accepted, NOW)).await;
        assert_eq!(store.deliveries(&one).await.unwrap(), expected);
        assert_eq!(store.deliveries(&other).await.unwrap(), [theirs]);
        assert!(store.deliveries(&SignInId::stored(id())).await.unwrap().is_empty());
    }

    async fn the_first_line_of_an_id_stays(store: Store) {
        let of = started(&store, sign_in("jane@example.com")).await.id;
        let one = noted(&store, delivery(&of, DeliveryOutcome::Accepted, NOW)).await;
        noted(&store, Delivery { outcome: DeliveryOutcome::Refused, ..one.clone() }).await;
        assert_eq!(store.deliveries(&one.sign_in).await.unwrap(), [one]);
    }

    async fn a_delivery_is_noted_with_its_commit(store: Store) {
        let one = started(&store, sign_in("jane@example.com")).await.id;
        let list = vec![Change::DeliveryNoted(Box::new(delivery(&one, DeliveryOutcome::Accepted, NOW))), failed(&sign_in("nobody"))];
        assert_eq!(store.commit(list).await, LOST);
        assert!(store.deliveries(&one).await.unwrap().is_empty());
    }

    async fn dead_sign_ins_go_with_their_deliveries(bed: Bed) {
        let store = &bed.store;
        let mut fresh = sign_in("joe@example.com");
        fresh.code.expires_at = NOW + Millis::from_hours(1);
        let (old, live) = (started(store, sign_in("jane@example.com")).await, started(store, fresh).await);
        for one in [&old, &live] {
            noted(store, delivery(&one.id, DeliveryOutcome::FailedOver, NOW)).await;
            noted(store, delivery(&one.id, DeliveryOutcome::Accepted, NOW)).await;
        }
        let before = NOW + Millis::from_mins(10) + Millis(1);
        let rows = Dead::SignIns(vec![old.id.clone(), live.id.clone()]);
        assert_eq!(commit(store, Change::Forgotten { rows, before }).await, applied());
        assert!(store.deliveries(&old.id).await.unwrap().is_empty());
        assert_eq!(store.deliveries(&live.id).await.unwrap().len(), 2, "what is still needed stays");
        assert_eq!(bed.number("SELECT count(*) FROM deliveries").await, 2);
    }

    /// Else it would stay for ever: rows go with their sign-in. Whoever is told something has no sign-in at all.
    async fn nothing_is_noted_of_a_sign_in_that_is_not_there(bed: Bed) {
        let store = &bed.store;
        let gone = started(store, sign_in("jane@example.com")).await;
        let before = gone.code.expires_at + Millis(1);
        commit(store, Change::Forgotten { rows: Dead::SignIns(vec![gone.id.clone()]), before }).await.unwrap();
        for id in [gone.id, SignInId::stored(id())] {
            noted(store, delivery(&id, DeliveryOutcome::Accepted, NOW)).await;
            assert!(store.deliveries(&id).await.unwrap().is_empty());
        }
        assert_eq!(bed.number("SELECT count(*) FROM deliveries").await, 0);
        // One that is over is there.
        let over = started(store, sign_in("joe@example.com")).await;
        commit(store, spent(&over)).await.unwrap();
        let line = noted(store, delivery(&over.id, DeliveryOutcome::NotNeeded, NOW)).await;
        assert_eq!(store.deliveries(&over.id).await.unwrap(), [line]);
        // And what is written together with its sign-in is noted.
        let fresh = sign_in("joe@example.com");
        let line = delivery(&fresh.id, DeliveryOutcome::Accepted, NOW);
        store.commit(vec![Change::SignInStarted(Box::new(fresh.clone())), Change::DeliveryNoted(Box::new(line.clone()))]).await.unwrap();
        assert_eq!(store.deliveries(&fresh.id).await.unwrap(), [line]);
    }

    async fn waiting_messages_are_those_of_the_sign_in(store: Store) {
        let one = SignInId::stored(id());
        let mut mails = Vec::new();
        for (n, channel) in [(1, Channel::Email), (2, Channel::WhatsApp)] {
            let mut mail = message();
            mail.sign_in = one.clone();
            (mail.channel, mail.queued_at, mail.next_try_at) = (channel, NOW + Millis(n), NOW + Millis(10 * n));
            mails.push(queued(&store, mail).await);
        }
        queued(&store, message()).await;
        let row = |n: usize| (mails[n].id.clone(), mails[n].channel, mails[n].queued_at, mails[n].next_try_at);
        assert_eq!(store.waiting_messages(&one).await.unwrap(), [row(0), row(1)]);
        commit(&store, Change::MessagesDone { ids: vec![mails[0].id.clone()] }).await.unwrap();
        assert_eq!(store.waiting_messages(&one).await.unwrap(), [row(1)]);
        commit(&store, Change::MessageDeferred { id: mails[1].id.clone(), tries: mails[1].tries, next_try_at: NOW + MINUTE }).await.unwrap();
        assert_eq!(store.waiting_messages(&one).await.unwrap()[0].3, NOW + MINUTE);
    }

    async fn the_tenant_of_a_sign_in_is_found(store: Store) {
        let mut one = sign_in("jane@example.com");
        one.tenant = tenant("acme");
        let one = started(&store, one).await;
        assert_eq!(store.tenant_of(&one.id).await.unwrap(), Some(tenant("acme")));
        assert_eq!(store.tenant_of(&SignInId::stored(id())).await.unwrap(), None);
    }
}

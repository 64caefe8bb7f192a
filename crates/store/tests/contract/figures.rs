//! What is counted of commits, and what whoever watches the server reads. All tests of a process count together: what must be exact
//! is counted under a name of its own.

use crate::kit::*;
use postkey_metrics as metrics;
use postkey_model::{Change, Channel, Delivery, DeliveryOutcome, EventId, EventKind, Message, MessageId, Millis, SignInId, Timestamp};
use postkey_store::Store;

fn delivery(provider: &str, outcome: DeliveryOutcome, after: i64) -> Change {
    Change::DeliveryNoted(Box::new(Delivery {
        id: EventId::stored(id()),
        sign_in: SignInId::stored(id()),
        message: MessageId::stored(id()),
        queued_at: NOW,
        at: NOW + Millis(after),
        channel: Channel::Sms,
        provider: provider.to_owned(),
        outcome,
        answer: String::new(),
    }))
}

fn delivered(provider: &str, outcome: &str) -> u64 {
    metrics::MESSAGES.count(&["sms", provider, outcome])
}

/// How much more each of these figures says after `work`.
async fn grown<const N: usize>(figures: [(&metrics::Family, &[&str]); N], work: impl Future<Output = ()>) -> [u64; N] {
    let said = || figures.map(|(family, labels)| family.count(labels));
    let before = said();
    work.await;
    let mut after = said();
    after.iter_mut().zip(before).for_each(|(after, before)| *after -= before);
    after
}

on_both_engines! {
    async fn what_is_written_is_counted_once(store: Store) {
        let provider = format!("p-{}", id());
        let longest = metrics::DELIVERY_TIME.count(&["sms"]);
        commit(&store, delivery(&provider, DeliveryOutcome::FailedOver, 5)).await.unwrap();
        commit(&store, delivery(&provider, DeliveryOutcome::Accepted, 1500)).await.unwrap();
        commit(&store, delivery(&provider, DeliveryOutcome::Accepted, -5)).await.unwrap();
        assert_eq!((delivered(&provider, "failed_over"), delivered(&provider, "accepted")), (1, 2));
        assert!(metrics::DELIVERY_TIME.count(&["sms"]) >= longest + 2);
    }

    async fn what_lost_is_not_counted(store: Store) {
        let provider = format!("p-{}", id());
        let lost = metrics::COMMITS.count(&["lost"]);
        assert_eq!(store.commit(vec![delivery(&provider, DeliveryOutcome::Accepted, 1), failed(&sign_in("nobody"))]).await, LOST);
        assert_eq!(delivered(&provider, "accepted"), 0);
        assert!(metrics::COMMITS.count(&["lost"]) > lost);
        store.close().await;
        let away = metrics::COMMITS.count(&["unavailable"]);
        assert!(commit(&store, delivery(&provider, DeliveryOutcome::Accepted, 1)).await.is_err());
        assert_eq!(delivered(&provider, "accepted"), 0);
        assert!(metrics::COMMITS.count(&["unavailable"]) > away);
    }

    async fn a_sign_in_is_counted_from_its_start_to_its_sessions_end(store: Store) {
        let grown = grown(
            [
                (&metrics::SIGN_INS_STARTED, &["email"]),
                (&metrics::SIGN_INS_FINISHED, &["email", "completed"]),
                (&metrics::SIGN_INS_FINISHED, &["any", "cancelled"]),
                (&metrics::GUESSES, &["wrong"]),
                (&metrics::GUESSES, &["right"]),
                (&metrics::SESSIONS_CREATED, &[]),
                (&metrics::SESSIONS_REFRESHED, &[]),
                (&metrics::SESSIONS_REVOKED, &[]),
                (&metrics::EVENTS, &["guess_budget_spent"]),
                (&metrics::EVENTS, &["sessions_revoked"]),
                (&metrics::COMMIT_TIME, &[]),
                (&metrics::COMMIT_GROUP, &[]),
            ],
            async {
                let one = started(&store, sign_in("jane@example.com")).await;
                commit(&store, failed(&one)).await.unwrap();
                commit(&store, spent(&one)).await.unwrap();
                let other = started(&store, sign_in("joe@example.com")).await;
                commit(&store, Change::SignInCancelled { sign_in: other.id, at: NOW }).await.unwrap();
                let jane = user();
                commit(&store, Change::UserCreated(jane.clone())).await.unwrap();
                let session = opened(&store, session(&jane.id)).await;
                opened(&store, self::session(&jane.id)).await;
                commit(&store, rotated(&session.handle, session.generation, NOW)).await.unwrap();
                let event = Change::EventRecorded(event(EventKind::SessionsRevoked));
                let all = Change::SessionsOfUserRevoked { user: jane.id.clone(), except: None, at: NOW };
                store.commit(vec![all.clone(), event]).await.unwrap();
                // There are none any more.
                commit(&store, all).await.unwrap();
                for _ in 0..2 {
                    commit(&store, guess(&account("jane"), 2, NOW)).await.unwrap();
                }
            },
        );
        let grown = grown.await;
        let least = [2, 1, 1, 1, 1, 2, 1, 2, 1, 1, 13, 1];
        assert!(grown.iter().zip(least).all(|(grown, least)| *grown >= least), "{grown:?}, at least {least:?}");
    }

    async fn the_outbox_is_measured(store: Store) {
        assert_eq!(store.outbox().await.unwrap(), (0, None));
        let younger = queued(&store, Message { queued_at: NOW + MINUTE, ..message() }).await;
        queued(&store, message()).await;
        assert_eq!(store.outbox().await.unwrap(), (2, Some(NOW)));
        commit(&store, Change::MessagesDone { ids: vec![younger.id] }).await.unwrap();
        assert_eq!(store.outbox().await.unwrap(), (1, Some(Timestamp(NOW.0))));
    }

    async fn whoever_watches_is_answered_soon(store: Store) {
        assert_eq!(store.soon(|store| async move { store.outbox().await }).await.unwrap(), (0, None));
        // A database that hangs: the answer does not wait for it, and the read is not broken off.
        let (release, released) = tokio::sync::oneshot::channel::<()>();
        let (done, seen) = tokio::sync::oneshot::channel();
        let hung = store.soon(|store| async move {
            let _ = released.await;
            let _ = done.send(store.is_current().await);
            Ok(())
        });
        assert!(hung.await.unwrap_err().0.contains("in time"));
        release.send(()).unwrap();
        assert_eq!(seen.await.unwrap(), Ok(true));
    }

    async fn a_schema_that_is_not_ours_is_noticed(bed: Bed) {
        assert!(bed.store.is_current().await.unwrap());
        bed.execute("INSERT INTO migrations (number, checksum, applied_at) VALUES (99, 'newer', 0)").await;
        assert!(!bed.store.is_current().await.unwrap(), "a newer one");
        bed.execute("DELETE FROM migrations WHERE number >= 4").await;
        assert!(!bed.store.is_current().await.unwrap(), "an older one");
        bed.execute("UPDATE migrations SET checksum = 'edited' WHERE number = 1").await;
        assert!(!bed.store.is_current().await.unwrap(), "another one");
    }
}

//! Signing keys and events.

use crate::kit::*;
use postkey_model::{Algorithm, Change, EventKind, KeySet};

on_both_engines! {
    async fn a_set_has_one_key_of_each_number(bed: Bed) {
        let store = &bed.store;
        assert!(store.signing_keys(&KeySet::SESSION).await.unwrap().is_empty());
        let (second, mut first) = (signing_key(2), signing_key(1));
        first.algorithm = Algorithm::EdDsa;
        for key in [&second, &first] {
            assert_eq!(commit(store, Change::SigningKeyCreated(key.clone())).await, applied());
        }
        let mut loser = signing_key(2);
        loser.kid = "d-loser".to_owned();
        let list = vec![Change::EventRecorded(event(EventKind::SigningKeyCreated)), Change::SigningKeyCreated(loser)];
        assert_eq!(store.commit(list).await, LOST);
        assert_eq!(store.count_events(EventKind::SigningKeyCreated).await.unwrap(), 0);
        assert_eq!(store.signing_keys(&KeySet::SESSION).await.unwrap(), [first, second], "oldest first");
    }

    async fn a_dead_key_is_forgotten(bed: Bed) {
        let store = &bed.store;
        for number in 1..=3 {
            commit(store, Change::SigningKeyCreated(signing_key(number))).await.unwrap();
        }
        for _ in 0..2 {
            assert_eq!(commit(store, Change::SigningKeyForgotten { set: KeySet::SESSION, kid: "d-2".to_owned() }).await, applied());
        }
        assert_eq!(store.signing_keys(&KeySet::SESSION).await.unwrap(), [signing_key(1), signing_key(3)]);
    }

    async fn events_are_recorded_once_and_counted_by_kind(bed: Bed) {
        let store = &bed.store;
        let one = event(EventKind::RefreshTokenReused);
        assert_eq!(commit(store, Change::EventRecorded(one.clone())).await, applied());
        assert_eq!(commit(store, Change::EventRecorded(one)).await, LOST);
        commit(store, Change::EventRecorded(event(EventKind::RefreshTokenReused))).await.unwrap();
        commit(store, Change::EventRecorded(event(EventKind::SessionsRevoked))).await.unwrap();
        assert_eq!(store.count_events(EventKind::RefreshTokenReused).await.unwrap(), 2);
        assert_eq!(store.count_events(EventKind::SessionsRevoked).await.unwrap(), 1);
        assert_eq!(store.count_events(EventKind::SigningKeyCreated).await.unwrap(), 0);
        let (at, subject) = (NOW.0, "somebody");
        let whole = format!("SELECT count(*) FROM events WHERE at = {at} AND tenant = 'public' AND subject = '{subject}'");
        assert_eq!(bed.number(&whole).await, 3);
    }
}

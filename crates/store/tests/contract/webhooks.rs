//! What waits for services: that it waits if and only if it happened, and that two workers do not take the same.

use crate::kit::*;
use postkey_model::{Actor, Change, Event, EventId, EventIf, EventKind, Millis, Notice, Timestamp, WebhookChange, Yield};
use postkey_store::{Store, WebhooksWaiting};

fn queued(endpoint: &str, event: &EventId, due_at: Timestamp) -> Change {
    change(WebhookChange::Queued { endpoint: endpoint.to_owned(), event: event.clone(), due_at })
}

fn change(change: WebhookChange) -> Change {
    Change::Webhook(Box::new(change))
}

async fn happened(store: &Store, endpoints: &[&str]) -> EventId {
    let one = Event { user: Some(user().id), actor: Actor::BackEnd, ..event(EventKind::UserCreated) };
    let id = one.id.clone();
    let mut changes = vec![Change::EventRecorded(one)];
    changes.extend(endpoints.iter().map(|endpoint| queued(endpoint, &id, NOW)));
    store.commit(changes).await.unwrap();
    id
}

async fn claim(store: &Store, endpoint: &str, at: Timestamp, limit: i64) -> Vec<Notice> {
    let claim = WebhookChange::Claimed { endpoint: endpoint.to_owned(), due_at: at, until: at + MINUTE, limit };
    match store.commit(vec![change(claim)]).await.unwrap().remove(0) {
        Yield::Notices(notices) => notices,
        other => panic!("{other:?}"),
    }
}

async fn waiting(store: &Store) -> Vec<(String, i64, i64)> {
    let all = store.webhooks_waiting().await.unwrap().into_iter();
    all.map(|WebhooksWaiting { endpoint, waiting, given_up, .. }| (endpoint, waiting, given_up)).collect()
}

on_both_engines! {
    async fn what_happened_waits_for_each_service_with_all_that_is_told_of_it(store: Store) {
        let id = happened(&store, &["crm", "audit"]).await;
        assert_eq!(waiting(&store).await, [("audit".to_owned(), 1, 0), ("crm".to_owned(), 1, 0)]);
        assert_eq!(store.next_webhook_due("crm").await.unwrap(), Some(NOW));
        let notice = claim(&store, "crm", NOW, 10).await.remove(0);
        assert_eq!((notice.event, notice.kind, notice.tries, notice.actor.as_str()), (id, Some(EventKind::UserCreated), 1, "back_end"));
        assert_eq!((notice.tenant, notice.user.is_some()), (public(), true));
        assert_eq!(store.next_webhook_due("nobody").await.unwrap(), None);
    }

    async fn what_did_not_happen_waits_for_nobody(store: Store) {
        let good = opened(&store, session(&user().id)).await;
        for expected in [1, 0] {
            let id = EventId::stored(id());
            let ended = Change::EventRecordedIf { id: id.clone(), at: NOW, actor: Actor::Person, so: EventIf::SessionIsGood(good.handle.clone()) };
            let revoked = Change::SessionRevoked { handle: good.handle.clone(), at: NOW };
            store.commit(vec![ended, revoked, queued("crm", &id, NOW)]).await.unwrap();
            assert_eq!(claim(&store, "crm", NOW, 10).await.len(), expected, "a session ends once");
        }
        // And where a commit as a whole is lost.
        let one = event(EventKind::UserCreated);
        let lost = vec![queued("crm", &one.id, NOW), Change::EventRecorded(one), Change::SignInCancelled { sign_in: postkey_model::SignInId::stored(id()), at: NOW }];
        assert!(store.commit(lost).await.is_err());
        assert!(claim(&store, "crm", NOW, 10).await.is_empty());
    }

    async fn two_workers_do_not_take_the_same(bed: Bed) {
        let (store, other) = (&bed.store, bed.another_node().await);
        for _ in 0..40 {
            happened(store, &["crm"]).await;
        }
        let (mut a, b) = tokio::join!(claim(store, "crm", NOW, 30), claim(&other, "crm", NOW, 30));
        a.extend(b);
        a.extend(claim(store, "crm", NOW, 30).await);
        let mut ids: Vec<&str> = a.iter().map(|notice| notice.event.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!((a.len(), ids.len()), (40, 40));
        assert!(claim(store, "crm", NOW, 30).await.is_empty());
        // A claim lapses.
        assert_eq!(claim(store, "crm", NOW + MINUTE, 100).await.len(), 40);
        other.close().await;
    }

    async fn what_failed_comes_again_is_given_up_and_brought_back(store: Store) {
        let id = happened(&store, &["crm"]).await;
        let deferred = |tries, next_try_at| {
            change(WebhookChange::Deferred { endpoint: "crm".to_owned(), event: id.clone(), tries, next_try_at, answer: "HTTP 500".to_owned() })
        };
        claim(&store, "crm", NOW, 10).await;
        // A word that comes late does not pull it back.
        commit(&store, deferred(7, Some(NOW))).await.unwrap();
        assert!(claim(&store, "crm", NOW, 10).await.is_empty());
        commit(&store, deferred(1, Some(NOW + Millis(5)))).await.unwrap();
        assert_eq!(claim(&store, "crm", NOW + Millis(5), 10).await[0].tries, 2);
        commit(&store, deferred(2, None)).await.unwrap();
        assert_eq!(waiting(&store).await, [("crm".to_owned(), 0, 1)]);
        assert_eq!(store.next_webhook_due("crm").await.unwrap(), None);
        assert!(claim(&store, "crm", NOW + Millis::from_hours(1000), 10).await.is_empty(), "nobody tries it any more");
        let stuck = store.webhooks_stuck("crm", 10).await.unwrap();
        assert_eq!((stuck[0].event.clone(), stuck[0].kind.as_str(), stuck[0].answer.as_str()), (id.clone(), "user_created", "HTTP 500"));
        let revived = |endpoint: &str| change(WebhookChange::Revived { endpoint: endpoint.to_owned(), due_at: NOW });
        assert_eq!(commit(&store, revived("audit")).await.unwrap()[0].count(), Some(0));
        assert_eq!(commit(&store, revived("crm")).await.unwrap()[0].count(), Some(1));
        assert_eq!(claim(&store, "crm", NOW, 10).await[0].tries, 1, "from the beginning");
        commit(&store, change(WebhookChange::Done { endpoint: "crm".to_owned(), event: id.clone() })).await.unwrap();
        assert_eq!(waiting(&store).await, []);
    }
}

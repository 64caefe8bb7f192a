//! The audit trail: what is found in it, in which order, and what is written only if something is so.

use crate::kit::*;
use postkey_model::{Actor, Change, Event, EventId, EventIf, EventKind, Millis, SessionHandle, Timestamp, UserId};
use postkey_store::{EventsWanted, Store};

/// Draws the same bytes again and again, another one for each id.
struct Counting(std::sync::atomic::AtomicU8);

impl postkey_model::Entropy for Counting {
    fn fill(&self, out: &mut [u8]) {
        out.fill(self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
    }
}

async fn written(store: &Store, at: Timestamp, kind: EventKind, user: Option<&UserId>) -> EventId {
    static ENTROPY: Counting = Counting(std::sync::atomic::AtomicU8::new(0));
    let one = Event { id: EventId::new(at, &ENTROPY), at, user: user.cloned(), actor: Actor::BackEnd, ..event(kind) };
    let id = one.id.clone();
    assert_eq!(commit(store, Change::EventRecorded(one)).await, applied());
    id
}

async fn found(store: &Store, wanted: EventsWanted) -> Vec<EventId> {
    store.events(&wanted, 100).await.unwrap().into_iter().map(|event| event.id).collect()
}

fn when_ended(handle: &SessionHandle) -> Change {
    Change::EventRecordedIf { id: EventId::stored(id()), at: NOW, actor: Actor::Person, so: EventIf::SessionIsGood(handle.clone()) }
}

on_both_engines! {
    async fn the_trail_is_read_newest_first_by_each_condition(store: Store) {
        let (jane, jack) = (user().id, user().id);
        let a = written(&store, NOW, EventKind::SignedIn, Some(&jane)).await;
        let b = written(&store, NOW + Millis(1), EventKind::UserCreated, Some(&jack)).await;
        let c = written(&store, NOW + Millis(2), EventKind::SignedIn, Some(&jane)).await;
        let d = written(&store, NOW + Millis(3), EventKind::SigningKeyCreated, None).await;
        let all = EventsWanted::default;
        assert_eq!(found(&store, all()).await, [d.clone(), c.clone(), b.clone(), a.clone()]);
        assert_eq!(found(&store, EventsWanted { user: Some(jane.clone()), ..all() }).await, [c.clone(), a.clone()]);
        let kinds = vec![EventKind::UserCreated, EventKind::SigningKeyCreated];
        assert_eq!(found(&store, EventsWanted { kinds: kinds.clone(), ..all() }).await, [d.clone(), b.clone()]);
        assert_eq!(found(&store, EventsWanted { kinds, user: Some(jack), ..all() }).await, vec![b.clone()]);
        assert_eq!(found(&store, EventsWanted { since: Some(NOW + Millis(2)), ..all() }).await, [d.clone(), c.clone()]);
        assert_eq!(found(&store, EventsWanted { until: Some(NOW + Millis(2)), ..all() }).await, [b.clone(), a.clone()]);
        assert_eq!(found(&store, EventsWanted { before: Some(c.clone()), ..all() }).await, [b, a.clone()]);
        assert_eq!(found(&store, EventsWanted { before: Some(c), user: Some(jane.clone()), ..all() }).await, [a]);
        assert_eq!(found(&store, EventsWanted { tenant: Some(tenant("other")), ..all() }).await, []);
        let page = store.events(&EventsWanted { tenant: Some(public()), ..all() }, 2).await.unwrap();
        assert_eq!(page.len(), 2);
        assert_eq!((page[0].id.clone(), page[0].actor.as_str(), page[0].kind.as_str()), (d, "back_end", "signing_key_created"));
    }

    async fn the_end_of_a_session_is_written_once(store: Store) {
        let good = opened(&store, session(&user().id)).await;
        let end = || vec![when_ended(&good.handle), Change::SessionRevoked { handle: good.handle.clone(), at: NOW }];
        for _ in 0..2 {
            store.commit(end()).await.unwrap();
        }
        let lines = store.events(&EventsWanted::default(), 10).await.unwrap();
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert_eq!((lines[0].kind.as_str(), lines[0].subject.as_str()), ("session_revoked", good.handle.as_str()));
        assert_eq!((lines[0].user.clone(), lines[0].tenant.clone()), (Some(good.user), good.tenant));
    }

    async fn a_sign_in_that_fails_for_good_is_written_when_it_does(store: Store) {
        let one = started(&store, sign_in("jane@example.com")).await;
        for n in 1..=5 {
            let so = EventIf::SignInExhausted(one.id.clone());
            let line = Change::EventRecordedIf { id: EventId::stored(id()), at: NOW, actor: Actor::Person, so };
            store.commit(vec![failed(&one), line]).await.unwrap();
            assert_eq!(store.count_events(EventKind::SignInExhausted).await.unwrap(), i64::from(n == 5), "after {n} wrong codes");
        }
    }
}

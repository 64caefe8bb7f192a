//! Removing identifiers: the younger ones, told to the one that goes; and never the oldest.

use crate::identifiers::{added, begin, identity, prove_right, subjects};
use crate::kit::*;
use postkey_auth::decide::identifier::Wish;
use postkey_auth::{ProveError, ProvedNow, WayIn};
use postkey_model::{Channel, EventKind, IdentityId, Message, MessageContent, MessageKind, Millis, Timestamp, UserId};

const JANE: &str = "jane@example.com";
const WORK: &str = "jane@work.example";
const EVE: &str = "eve@example.com";

async fn remove(node: &Node, user: &UserId, id: &IdentityId, now: Timestamp) -> bool {
    node.auth.remove_identity(&call(&public(), now), user, id).await.unwrap()
}

/// What may be done to each: its subject, whether it confirms its replacement, whether it may be removed.
async fn may(node: &Node, user: &UserId, now: Timestamp) -> Vec<(String, bool, bool)> {
    let ways_in = node.auth.ways_in(&call(&public(), now), user).await.unwrap();
    ways_in.into_iter().map(|WayIn { identity, confirms, may_go, .. }| (identity.subject, confirms, may_go)).collect()
}

fn way(subject: &str, confirms: bool, may_go: bool) -> (String, bool, bool) {
    (subject.to_owned(), confirms, may_go)
}

/// What waits in the outbox for `to`, by now.
pub async fn waiting_for(node: &Node, to: &str) -> Vec<(Message, MessageContent)> {
    let change = postkey_model::Change::MessagesClaimed { due_at: LATER + LATER_STILL, until: LATER, limit: 1000 };
    let claimed = node.auth.store().commit(vec![change]).await.unwrap();
    let [postkey_model::Yield::Messages(messages)] = &claimed[..] else { panic!("no messages") };
    let open = |message: &Message| {
        let plain = node.auth.keyring().open_message(&message.place(), &message.sealed).unwrap();
        (message.clone(), serde_json::from_slice(plain.expose()).unwrap())
    };
    messages.iter().filter(|message| message.to == to).map(open).collect()
}

const LATER_STILL: Millis = Millis::from_hours(24 * 365);

on_both_engines! {
    async fn what_a_thief_added_is_removed_and_opens_nothing_any_more(bed: Bed) {
        let node = &bed.node;
        let jane = node.signed_in(JANE, NOW).await;
        let user = jane.tokens.user;
        added(node, &user, EVE, NOW + secs(1)).await;
        assert_eq!(may(node, &user, NOW + secs(2)).await, [way(JANE, true, false), way(EVE, false, true)]);
        let eves = identity(node, &user, EVE).await;
        let sessions = node.auth.sessions_of(&user, NOW + secs(2)).await.unwrap().len();
        assert!(remove(node, &user, &eves, NOW + secs(2)).await);
        assert_eq!(may(node, &user, NOW + secs(2)).await, [way(JANE, true, false)]);
        assert!(!remove(node, &user, &eves, NOW + secs(2)).await, "once");
        assert_eq!(node.auth.sessions_of(&user, NOW + secs(2)).await.unwrap().len(), sessions, "sessions are ended by themselves");

        // Told to the one that goes, and only to it, once; with nothing in it that opens anything.
        let told: Vec<_> = waiting_for(node, EVE).await.into_iter().filter(|(_, said)| said.kind == MessageKind::Removed).collect();
        let [(message, said)] = &told[..] else { panic!("{} messages", told.len()) };
        assert_eq!((said.other.as_deref(), &said.code, &said.link), (Some(EVE), &None, &None));
        assert_eq!((message.channel, message.queued_at, message.expires_at), (Channel::Email, NOW + secs(2), NOW + secs(2) + Millis::from_hours(24)));
        assert!(waiting_for(node, JANE).await.iter().all(|(_, said)| said.kind != MessageKind::Removed));
        assert_eq!(node.auth.store().count_events(EventKind::IdentityRemoved).await.unwrap(), 1);

        let eve = node.signed_in(EVE, NOW + secs(60)).await;
        assert!(eve.is_new_user && eve.tokens.user != user);
        assert_eq!(node.signed_in(JANE, NOW + secs(60)).await.tokens.user, user);
    }

    async fn the_oldest_stays_and_so_does_what_is_anothers(bed: Bed) {
        let node = &bed.node;
        let jane = node.signed_in(JANE, NOW).await;
        let (user, way_in) = (jane.tokens.user, jane.identity);
        let joe = node.signed_in("joe@example.com", NOW).await.tokens.user;
        added(node, &joe, "joe@work.example", NOW + secs(1)).await;
        let joes = identity(node, &joe, "joe@work.example").await;
        assert!(!remove(node, &user, &way_in, NOW).await, "the last one");
        added(node, &user, WORK, NOW + secs(1)).await;
        let before = node.auth.store().queued_messages().await.unwrap();
        for now in [NOW + secs(2), LATER, LATER + LATER_STILL] {
            assert!(!remove(node, &user, &way_in, now).await, "a thief would remove it, {now:?}");
        }
        assert!(!remove(node, &user, &joes, LATER).await);
        assert!(!remove(node, &UserId::parse("nobody").unwrap(), &joes, LATER).await);
        let work = identity(node, &user, WORK).await;
        assert!(!node.auth.remove_identity(&call(&acme(), LATER), &user, &work).await.unwrap(), "a user is one tenant's");
        assert_eq!(node.auth.store().queued_messages().await.unwrap(), before, "nobody is told");
        assert_eq!(node.auth.store().count_events(EventKind::IdentityRemoved).await.unwrap(), 0);
        assert_eq!((subjects(node, &user).await.len(), subjects(node, &joe).await.len()), (2, 2));
        assert!(remove(node, &user, &work, LATER).await, "and the younger one goes");
    }

    /// Whoever changed the owner's address made it the youngest; the owner then throws it out by the other one.
    async fn what_took_the_place_of_an_older_one_may_be_removed(bed: Bed) {
        let node = &bed.node;
        let jane = node.signed_in(JANE, NOW).await;
        let user = jane.tokens.user;
        added(node, &user, WORK, NOW + secs(1)).await;
        let later = LATER + secs(1);
        let change = begin(node, &user, &Wish::Change(jane.identity.clone()), EVE, later).await;
        assert!(matches!(prove_right(node, &user, &change, later).await, Ok(ProvedNow::Changed)));
        assert_eq!(may(node, &user, later).await, [way(WORK, true, false), way(EVE, false, true)]);
        assert!(remove(node, &user, &jane.identity, later).await);
        assert_eq!(subjects(node, &user).await, [WORK]);
    }

    async fn a_pending_change_of_it_dies_with_it(bed: Bed) {
        let node = &bed.node;
        let user = node.signed_in(JANE, NOW).await.tokens.user;
        added(node, &user, WORK, NOW + secs(1)).await;
        let work = identity(node, &user, WORK).await;
        let pending = begin(node, &user, &Wish::Change(work.clone()), EVE, NOW + secs(2)).await;
        assert!(remove(node, &user, &work, NOW + secs(3)).await);
        assert_eq!(prove_right(node, &user, &pending, NOW + secs(4)).await.err(), Some(ProveError::Dead));
        assert_eq!(subjects(node, &user).await, [JANE]);
    }

    async fn of_16_removals_one_holds(bed: Bed) {
        let (node, other) = (bed.node.clone(), bed.node_with(|_| {}).await);
        for round in 0..10 {
            let user = node.signed_in(&format!("jane{round}@example.com"), NOW).await.tokens.user;
            let work = format!("work{round}@example.com");
            added(&node, &user, &work, NOW + secs(1)).await;
            let id = identity(&node, &user, &work).await;
            let race = |n: usize| {
                let (node, user, id) = ([&node, &other][n % 2].clone(), user.clone(), id.clone());
                async move { remove(&node, &user, &id, NOW + secs(2)).await }
            };
            let removed = at_once((0..16).map(race).collect()).await;
            assert_eq!(removed.into_iter().filter(|removed| *removed).count(), 1, "round {round}");
            let told = waiting_for(&node, &work).await;
            assert_eq!(told.iter().filter(|(_, said)| said.kind == MessageKind::Removed).count(), 1, "round {round}");
        }
        assert_eq!(node.auth.store().count_events(EventKind::IdentityRemoved).await.unwrap(), 10);
        other.close().await;
    }

    /// The older one leaves by a change while the younger one is removed: whichever comes first, one way in stays that
    /// opens the account.
    async fn a_removal_and_a_change_at_once_leave_a_way_in(bed: Bed) {
        let (node, other) = (bed.node.clone(), bed.node_with(|_| {}).await);
        for round in 0..10 {
            let jane = node.signed_in(&format!("jane{round}@example.com"), NOW).await;
            let user = jane.tokens.user;
            let work = format!("work{round}@example.com");
            added(&node, &user, &work, NOW + secs(1)).await;
            let id = identity(&node, &user, &work).await;
            let later = LATER + secs(1);
            let change = begin(&node, &user, &Wish::Change(jane.identity), &format!("eve{round}@example.com"), later).await;
            let race = |n: usize| {
                let (node, other, user, id, change) = (node.clone(), other.clone(), user.clone(), id.clone(), change.clone());
                async move {
                    match n {
                        0 => remove(&other, &user, &id, later).await,
                        _ => matches!(prove_right(&node, &user, &change, later).await, Ok(ProvedNow::Changed)),
                    }
                }
            };
            let done = at_once((0..2).map(race).collect()).await;
            // Once changed, the younger one is the older; once removed, nobody confirmed the change of the only one.
            assert_eq!(done.into_iter().filter(|done| *done).count(), 1, "round {round}");
            assert!(!subjects(&node, &user).await.is_empty());
        }
        other.close().await;
    }
}

//! Changed and removed identities: from what was seen only, to a subject that nobody has, and all of it or nothing.

use crate::kit::*;
use postkey_model::{Change, Connection, EventKind, Identity, IdentityId, Millis, Timestamp, User, UserId};
use postkey_store::{Store, UserFacts};

/// When identities change here.
const LATER: Timestamp = Timestamp(NOW.0 + 1000);

fn changed(seen: &Identity, subject: &str) -> Change {
    changed_since(seen, subject, LATER)
}

fn changed_since(seen: &Identity, subject: &str, since: Timestamp) -> Change {
    Change::IdentityChanged { seen: seen.clone(), subject: subject.to_owned(), since }
}

fn removed(seen: &Identity) -> Change {
    Change::IdentityRemoved(seen.clone())
}

fn touched(user: &User) -> Change {
    Change::UserTouched { user: user.id.clone(), seen_version: user.version }
}

/// A stored user with one identity.
async fn somebody(store: &Store, subject: &str) -> (User, Identity) {
    let user = user();
    let way = identity(&user.id, subject);
    store.commit(vec![Change::UserCreated(user.clone()), Change::IdentityCreated(way.clone())]).await.unwrap();
    (user, way)
}

async fn facts(store: &Store, user: &UserId) -> UserFacts {
    store.user(&public(), user).await.unwrap().unwrap()
}

async fn owner(store: &Store, subject: &str) -> Option<UserId> {
    store.start_facts(&public(), Connection::Email, subject).await.unwrap().user
}

on_both_engines! {
    async fn a_user_is_read_back_with_all_ways_in(store: Store) {
        let (jane, first) = somebody(&store, "zoe@example.com").await;
        let mut second = identity(&jane.id, "+15550100");
        (second.connection, second.created_at) = (Connection::Sms, NOW + Millis(1));
        let mut third = identity(&jane.id, "a@example.com");
        third.created_at = NOW + Millis(1);
        for new in [&third, &second] {
            assert_eq!(commit(&store, Change::IdentityCreated(new.clone())).await, applied());
        }
        somebody(&store, "joe@example.com").await;
        let seen = facts(&store, &jane.id).await;
        assert_eq!(seen, UserFacts { user: jane.clone(), identities: vec![first, second, third] }, "oldest first");
        assert_eq!(store.user(&tenant("acme"), &jane.id).await.unwrap(), None);
        assert_eq!(store.user(&public(), &user().id).await.unwrap(), None);
    }

    async fn a_changed_identity_keeps_all_but_its_subject_and_has_the_age_that_it_is_given(store: Store) {
        let (jane, way) = somebody(&store, "jane@example.com").await;
        let list = vec![changed(&way, "new@example.com"), touched(&jane), Change::EventRecorded(event(EventKind::IdentityChanged))];
        store.commit(list).await.unwrap();
        let now = Identity { subject: "new@example.com".to_owned(), created_at: LATER, version: 1, verified_at: Some(LATER), ..way.clone() };
        assert_eq!(facts(&store, &jane.id).await, UserFacts { user: User { version: 1, ..jane.clone() }, identities: vec![now.clone()] });
        assert_eq!(owner(&store, "jane@example.com").await, None, "the old one is free");
        assert_eq!(owner(&store, "new@example.com").await, Some(jane.id.clone()));
        // And on to the next, and back to the first, as old as that was.
        commit(&store, changed_since(&now, "jane@example.com", way.created_at)).await.unwrap();
        let back = Identity { version: 2, ..way };
        assert_eq!(facts(&store, &jane.id).await.identities, [back]);
    }

    /// The moment is the change's own, whatever the reader believes about the identity's age.
    async fn what_was_changed_is_the_youngest(store: Store) {
        let (jane, first) = somebody(&store, "first@example.com").await;
        let mut second = identity(&jane.id, "second@example.com");
        second.created_at = NOW + Millis(1);
        commit(&store, Change::IdentityCreated(second.clone())).await.unwrap();
        let misread = Identity { created_at: NOW + Millis(99_000), ..first.clone() };
        assert_eq!(commit(&store, changed(&misread, "third@example.com")).await, applied());
        let third = Identity { subject: "third@example.com".to_owned(), created_at: LATER, version: 1, verified_at: Some(LATER), ..first };
        assert_eq!(facts(&store, &jane.id).await.identities, [second, third], "oldest first");
    }

    async fn an_identity_changes_and_goes_only_from_what_was_seen(store: Store) {
        let (jane, way) = somebody(&store, "jane@example.com").await;
        let stale = [
            Identity { version: 1, ..way.clone() },
            Identity { version: -1, ..way.clone() },
            Identity { subject: "other@example.com".to_owned(), ..way.clone() },
            Identity { connection: Connection::Sms, ..way.clone() },
            Identity { tenant: tenant("acme"), ..way.clone() },
            Identity { user: user().id, ..way.clone() },
            Identity { id: IdentityId::stored(id()), ..way.clone() },
        ];
        for seen in stale {
            for change in [changed(&seen, "new@example.com"), removed(&seen)] {
                assert_eq!(store.commit(vec![change.clone(), touched(&jane)]).await, LOST, "{seen:?}");
                assert_eq!(store.commit(vec![touched(&jane), change]).await, LOST, "{seen:?}");
            }
        }
        assert_eq!(facts(&store, &jane.id).await, UserFacts { user: jane, identities: vec![way] });
    }

    async fn a_removed_identity_is_gone_and_its_subject_is_free(store: Store) {
        let (jane, first) = somebody(&store, "jane@example.com").await;
        let mut second = identity(&jane.id, "eve@example.com");
        second.created_at = LATER;
        commit(&store, Change::IdentityCreated(second.clone())).await.unwrap();
        let session = opened(&store, session(&jane.id)).await;
        let list = vec![touched(&jane), removed(&second), Change::EventRecorded(event(EventKind::IdentityRemoved))];
        store.commit(list).await.unwrap();
        let now = UserFacts { user: User { version: 1, ..jane.clone() }, identities: vec![first.clone()] };
        assert_eq!(facts(&store, &jane.id).await, now);
        assert_eq!(store.count_events(EventKind::IdentityRemoved).await.unwrap(), 1);
        assert_eq!(commit(&store, removed(&second)).await, LOST, "once");
        assert!(store.session(&session.handle).await.unwrap().unwrap().revoked_at.is_none(), "what it opened stays");
        let (newcomer, _) = somebody(&store, "eve@example.com").await;
        assert_eq!(owner(&store, "eve@example.com").await, Some(newcomer.id));
        assert_eq!(commit(&store, removed(&second)).await, LOST, "another one of that subject");
    }

    /// Each of two may go while the other one stays. Both saw the other one.
    async fn of_two_removals_at_once_one_holds(bed: Bed) {
        let other = bed.another_node().await;
        for round in 0..10 {
            let (jane, first) = somebody(&bed.store, &format!("one{round}@example.com")).await;
            let second = identity(&jane.id, &format!("two{round}@example.com"));
            commit(&bed.store, Change::IdentityCreated(second.clone())).await.unwrap();
            let of = |n: usize| vec![touched(&jane), removed(if n.is_multiple_of(2) { &first } else { &second })];
            let answers = at_once(&[bed.store.clone(), other.clone()], 8, of).await;
            assert_eq!(winners(&answers), 1, "round {round}");
            assert_eq!(facts(&bed.store, &jane.id).await.identities.len(), 1, "round {round}");
        }
        other.close().await;
    }

    async fn nobody_loses_a_subject_to_a_change(store: Store) {
        let (jane, way) = somebody(&store, "jane@example.com").await;
        let (eve, theirs) = somebody(&store, "eve@example.com").await;
        for list in [
            vec![touched(&jane), changed(&way, "eve@example.com")],
            vec![changed(&way, "eve@example.com"), touched(&jane)],
        ] {
            assert_eq!(store.commit(list).await, LOST);
            assert_eq!(facts(&store, &jane.id).await, UserFacts { user: jane.clone(), identities: vec![way.clone()] }, "nothing moved");
            assert_eq!(facts(&store, &eve.id).await, UserFacts { user: eve.clone(), identities: vec![theirs.clone()] });
        }
        let mut elsewhere = identity(&eve.id, "free@example.com");
        elsewhere.tenant = tenant("acme");
        commit(&store, Change::IdentityCreated(elsewhere)).await.unwrap();
        assert_eq!(commit(&store, changed(&way, "free@example.com")).await, applied(), "another tenant's is no hindrance");
    }

    async fn a_user_is_touched_from_what_was_seen(store: Store) {
        let (jane, way) = somebody(&store, "jane@example.com").await;
        for seen_version in [1, -1] {
            let stale = Change::UserTouched { user: jane.id.clone(), seen_version };
            assert_eq!(store.commit(vec![changed(&way, "new@example.com"), stale]).await, LOST);
        }
        assert_eq!(facts(&store, &jane.id).await, UserFacts { user: jane.clone(), identities: vec![way.clone()] }, "both or none");
        assert_eq!(commit(&store, touched(&jane)).await, applied());
        assert_eq!(commit(&store, touched(&jane)).await, LOST);
        assert_eq!(facts(&store, &jane.id).await.user.version, 1);
        assert_eq!(commit(&store, Change::UserTouched { user: user().id, seen_version: 0 }).await, LOST);
    }

    async fn the_code_of_a_change_is_spent_with_it_or_not_at_all(store: Store) {
        let (jane, way) = somebody(&store, "jane@example.com").await;
        somebody(&store, "eve@example.com").await;
        let proof = started(&store, sign_in("eve@example.com")).await;
        for spends in [spent(&proof), proved(&proof)] {
            assert_eq!(store.commit(vec![spends, changed(&way, "eve@example.com"), touched(&jane)]).await, LOST);
            assert_eq!(store.sign_in(&public(), &proof.id).await.unwrap().unwrap().sign_in.ended, None);
        }
    }

    async fn of_32_changes_to_one_subject_one_holds(bed: Bed) {
        let other = bed.another_node().await;
        for round in 0..5 {
            let mut people = Vec::new();
            for n in 0..32 {
                people.push(somebody(&bed.store, &format!("p{round}-{n}@example.com")).await);
            }
            let wanted = format!("wanted{round}@example.com");
            let of = |n: usize| vec![touched(&people[n].0), changed(&people[n].1, &wanted)];
            let answers = at_once(&[bed.store.clone(), other.clone()], 32, of).await;
            assert_eq!(winners(&answers), 1, "round {round}");
            for (n, (who, way)) in people.iter().enumerate() {
                let won = answers[n].is_ok();
                let seen = facts(&bed.store, &who.id).await;
                let subject = if won { &wanted } else { &way.subject };
                assert_eq!((&seen.identities[0].subject, seen.user.version), (subject, i64::from(won)));
            }
        }
        assert_eq!(bed.number("SELECT count(*) FROM identities").await, 5 * 32, "nobody lost a way in");
        other.close().await;
    }

    /// The user first: what came first in a group then gets both rows. The other way round two may get one row each, and
    /// both look again.
    async fn of_32_changes_of_one_identity_one_holds(bed: Bed) {
        let other = bed.another_node().await;
        let (mut jane, mut way) = somebody(&bed.store, "jane@example.com").await;
        for round in 0..5 {
            let of = |n: usize| vec![touched(&jane), changed(&way, &format!("jane{round}-{n}@example.com"))];
            let answers = at_once(&[bed.store.clone(), other.clone()], 32, of).await;
            assert_eq!(winners(&answers), 1, "round {round}");
            let won = answers.iter().position(Result::is_ok).unwrap();
            let seen = facts(&bed.store, &jane.id).await;
            assert_eq!(seen.identities.len(), 1);
            assert_eq!(seen.identities[0].subject, format!("jane{round}-{won}@example.com"));
            (jane, way) = (seen.user, seen.identities[0].clone());
        }
        assert_eq!((jane.version, way.version), (5, 5));
        other.close().await;
    }

    /// Two people who want each other's address: neither gets it, and nobody waits for ever.
    async fn a_swap_is_not_possible(bed: Bed) {
        let other = bed.another_node().await;
        for round in 0..10 {
            let (one, two) = (format!("a{round}@example.com"), format!("b{round}@example.com"));
            let (first, second) = (somebody(&bed.store, &one).await, somebody(&bed.store, &two).await);
            let of = |n: usize| vec![if n.is_multiple_of(2) { changed(&first.1, &two) } else { changed(&second.1, &one) }];
            let answers = at_once(&[bed.store.clone(), other.clone()], 8, of).await;
            assert_eq!(winners(&answers), 0);
            assert_eq!(owner(&bed.store, &one).await, Some(first.0.id));
            assert_eq!(owner(&bed.store, &two).await, Some(second.0.id));
        }
        other.close().await;
    }

    /// A new user and a changed identity want the same subject.
    async fn of_a_new_user_and_a_change_one_gets_the_subject(bed: Bed) {
        let other = bed.another_node().await;
        for round in 0..10 {
            let (jane, way) = somebody(&bed.store, &format!("old{round}@example.com")).await;
            let wanted = format!("wanted{round}@example.com");
            let newcomer = user();
            let of = |n: usize| {
                if n == 0 {
                    return vec![touched(&jane), changed(&way, &wanted)];
                }
                let new = User { id: UserId::stored(id()), ..newcomer.clone() };
                vec![Change::UserCreated(new), Change::IdentityCreated(identity(&newcomer.id, &wanted))]
            };
            let answers = at_once(&[bed.store.clone(), other.clone()], 4, of).await;
            assert_eq!(winners(&answers), 1, "round {round}");
            let expected = if answers[0].is_ok() { jane.id } else { newcomer.id };
            assert_eq!(owner(&bed.store, &wanted).await, Some(expected));
        }
        other.close().await;
    }
}

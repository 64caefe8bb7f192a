//! Sessions: made once, rotated from the generation that was seen, revoked alone or together.

use crate::kit::*;
use postkey_model::{Change, Millis, Retired, SessionHandle, Timestamp, UserId, Yield};
use postkey_store::Store;

fn revoked(handle: &SessionHandle, at: Timestamp) -> Change {
    Change::SessionRevoked { handle: handle.clone(), at }
}

fn all_revoked(user: &UserId, except: Option<&SessionHandle>, at: Timestamp) -> Change {
    Change::SessionsOfUserRevoked { user: user.clone(), except: except.cloned(), at }
}

/// The handles that a revocation gave back, in order.
async fn handles(store: &Store, change: Change) -> Vec<SessionHandle> {
    let mut yields = commit(store, change).await.unwrap();
    assert_eq!(yields.len(), 1);
    match yields.remove(0) {
        Yield::Handles(mut handles) => {
            handles.sort();
            handles
        }
        other => panic!("{other:?} is no list of handles"),
    }
}

on_both_engines! {
    async fn a_session_is_read_back_whole(store: Store) {
        let mut one = session(&user().id);
        one.tenant = tenant("acme");
        one.generation = 3;
        one.retired = vec![Retired(1, NOW), Retired(2, NOW + Millis(1))];
        one.revoked_at = Some(NOW + Millis(2));
        opened(&store, one.clone()).await;
        assert_eq!(store.session(&one.handle).await.unwrap(), Some(one));
        assert_eq!(store.session(&SessionHandle::stored(id())).await.unwrap(), None);
    }

    async fn a_handle_is_given_once(store: Store) {
        let one = opened(&store, session(&user().id)).await;
        let mut again = session(&user().id);
        again.handle = one.handle.clone();
        assert_eq!(commit(&store, Change::SessionCreated(Box::new(again))).await, LOST);
        assert_eq!(store.session(&one.handle).await.unwrap(), Some(one));
    }

    async fn rotation_follows_the_generation_that_was_seen(store: Store) {
        let one = opened(&store, session(&user().id)).await;
        let later = NOW + MINUTE;
        assert_eq!(commit(&store, rotated(&one.handle, 0, later)).await, applied());
        let mut expected = one.clone();
        (expected.generation, expected.last_seen_at, expected.expires_at) = (1, later, later + Millis::from_hours(1));
        expected.retired = vec![Retired(0, later)];
        assert_eq!(store.session(&one.handle).await.unwrap(), Some(expected.clone()));
        for seen in [0, 2] {
            assert_eq!(commit(&store, rotated(&one.handle, seen, later + MINUTE)).await, LOST);
        }
        assert_eq!(store.session(&one.handle).await.unwrap(), Some(expected));
        assert_eq!(commit(&store, rotated(&SessionHandle::stored(id()), 0, later)).await, LOST);
    }

    async fn a_revoked_session_does_not_rotate(store: Store) {
        let one = opened(&store, session(&user().id)).await;
        assert_eq!(handles(&store, revoked(&one.handle, NOW)).await, std::slice::from_ref(&one.handle));
        assert_eq!(commit(&store, rotated(&one.handle, 0, NOW)).await, LOST);
        let seen = store.session(&one.handle).await.unwrap().unwrap();
        assert_eq!((seen.generation, seen.revoked_at), (0, Some(NOW)));
    }

    async fn revoking_twice_is_no_harm_and_gives_back_once(store: Store) {
        let one = opened(&store, session(&user().id)).await;
        assert_eq!(handles(&store, revoked(&one.handle, NOW)).await, std::slice::from_ref(&one.handle));
        assert!(handles(&store, revoked(&one.handle, NOW + MINUTE)).await.is_empty());
        assert_eq!(store.session(&one.handle).await.unwrap().unwrap().revoked_at, Some(NOW), "the first time stays");
        assert!(handles(&store, revoked(&SessionHandle::stored(id()), NOW)).await.is_empty());
        let dead = opened(&store, session(&user().id)).await;
        assert!(handles(&store, revoked(&dead.handle, dead.expires_at)).await.is_empty(), "it had ended by itself");
        assert_eq!(handles(&store, revoked(&dead.handle, dead.expires_at - Millis(1))).await, [dead.handle]);
    }

    async fn all_sessions_of_a_user_are_revoked_but_one(store: Store) {
        let (jane, joe) = (user().id, user().id);
        let mut hers = Vec::new();
        for _ in 0..3 {
            hers.push(opened(&store, session(&jane)).await.handle);
        }
        let his = opened(&store, session(&joe)).await.handle;
        let mut short = session(&jane);
        short.expires_at = NOW + Millis(1);
        let short = opened(&store, short).await.handle;
        let later = NOW + MINUTE;
        assert_eq!(handles(&store, all_revoked(&jane, Some(&hers[1]), later)).await, [hers[0].clone(), hers[2].clone()]);
        assert_eq!(store.session(&hers[1]).await.unwrap().unwrap().revoked_at, None);
        assert_eq!(store.session(&short).await.unwrap().unwrap().revoked_at, None, "it had ended by itself");
        assert_eq!(handles(&store, all_revoked(&jane, None, later)).await, [hers[1].clone()]);
        assert!(handles(&store, all_revoked(&jane, None, later)).await.is_empty());
        assert_eq!(store.session(&his).await.unwrap().unwrap().revoked_at, None);
    }

    async fn the_live_sessions_of_a_user_are_listed_oldest_first(store: Store) {
        let jane = user().id;
        let first = opened(&store, session(&jane)).await;
        let second = opened(&store, session(&jane)).await;
        let mut short = session(&jane);
        short.expires_at = NOW + MINUTE;
        let short = opened(&store, short).await;
        let gone = opened(&store, session(&jane)).await;
        commit(&store, revoked(&gone.handle, NOW)).await.unwrap();
        opened(&store, session(&user().id)).await;
        assert_eq!(store.sessions_of(&jane, NOW).await.unwrap(), [first.clone(), second.clone(), short]);
        assert_eq!(store.sessions_of(&jane, NOW + MINUTE).await.unwrap(), [first, second]);
        assert!(store.sessions_of(&user().id, NOW).await.unwrap().is_empty());
    }

    async fn signing_out_everywhere_and_in_again_in_one_commit_keeps_the_new_session(store: Store) {
        // Ids brought along from elsewhere sort in any way beside ours.
        for name in ["zoe", "01970000-0000-7000-8000-000000000000", "0"] {
            let who = UserId::parse(name).unwrap();
            let old = opened(&store, session(&who)).await;
            let new = session(&who);
            let yields = store.commit(vec![all_revoked(&who, None, NOW), Change::SessionCreated(Box::new(new.clone()))]).await.unwrap();
            assert_eq!(yields, [Yield::Handles(vec![old.handle]), Yield::Nothing]);
            assert_eq!(store.sessions_of(&who, NOW).await.unwrap(), [new], "{name}");
        }
    }

    async fn a_lost_guard_takes_back_revocations_and_rotations(store: Store) {
        let one = opened(&store, session(&user().id)).await;
        let two = opened(&store, session(&one.user)).await;
        let never = rotated(&SessionHandle::stored(id()), 0, NOW);
        let fresh = session(&one.user);
        for list in [
            vec![revoked(&one.handle, NOW), never.clone()],
            vec![all_revoked(&one.user, None, NOW), never.clone()],
            vec![rotated(&one.handle, 0, NOW), never.clone()],
            vec![Change::SessionCreated(Box::new(fresh.clone())), never.clone()],
            vec![rotated(&one.handle, 0, NOW), revoked(&two.handle, NOW), rotated(&one.handle, 0, NOW)],
        ] {
            assert_eq!(store.commit(list).await, LOST);
        }
        assert_eq!(store.sessions_of(&one.user, NOW).await.unwrap(), [one, two]);
        assert_eq!(store.session(&fresh.handle).await.unwrap(), None);
    }

    async fn several_rotations_in_one_commit_follow_each_other(store: Store) {
        let one = opened(&store, session(&user().id)).await;
        let list = vec![rotated(&one.handle, 0, NOW), rotated(&one.handle, 1, NOW), revoked(&one.handle, NOW)];
        assert_eq!(store.commit(list).await.unwrap(), [Yield::Nothing, Yield::Nothing, Yield::Handles(vec![one.handle.clone()])]);
        assert_eq!(store.session(&one.handle).await.unwrap().unwrap().generation, 2);
    }
}

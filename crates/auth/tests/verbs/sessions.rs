//! Sessions: refresh with its grace, reuse, revoking, listing, and what a revoked one is still worth: nothing.

use crate::kit::*;
use postkey_auth::{AccessTokenError, Completed, RefreshError, SessionTokens};
use postkey_model::{EventKind, Millis, RefreshToken, SessionHandle, Timestamp, UserId};

const JANE: &str = "jane@example.com";
const DAY: Millis = Millis::from_hours(24);

async fn refresh(node: &Node, token: &str, now: Timestamp) -> Result<SessionTokens, RefreshError> {
    node.auth.refresh(&call(&public(), now), token).await
}

/// The next refresh token.
async fn next(node: &Node, token: &str, now: Timestamp) -> String {
    refresh(node, token, now).await.unwrap().refresh.expose().clone()
}

/// The error of a token that was not exchanged.
fn kept_out(outcome: Result<SessionTokens, RefreshError>) -> RefreshError {
    match outcome {
        Ok(_) => panic!("the token was exchanged"),
        Err(error) => error,
    }
}

/// Whether a session's access token is believed when the store is asked.
async fn verifies(node: &Node, completed: &Completed, now: Timestamp) -> bool {
    match node.auth.verify_session(completed.tokens.access.expose(), now).await {
        Ok((claims, session)) => {
            assert_eq!((claims.sub, claims.handle), (session.user.to_string(), session.handle.to_string()));
            true
        }
        Err(error) => {
            assert_eq!(error, AccessTokenError::SessionOver);
            false
        }
    }
}

async fn live(node: &Node, user: &UserId, now: Timestamp) -> Vec<SessionHandle> {
    node.auth.sessions_of(user, now).await.unwrap().into_iter().map(|session| session.handle).collect()
}

async fn reuses(node: &Node) -> i64 {
    node.auth.store().count_events(EventKind::RefreshTokenReused).await.unwrap()
}

on_both_engines! {
    async fn a_refresh_rotates_the_token_and_lengthens_the_session(bed: Bed) {
        let node = &bed.node;
        let first = node.signed_in(JANE, NOW).await.tokens;
        assert_eq!(first.refresh_expires_at, NOW + Millis::from_hours(2400));
        let later = NOW + DAY;
        let second = refresh(node, first.refresh.expose(), later).await.unwrap();
        assert_eq!((&second.handle, &second.user), (&first.handle, &first.user));
        assert_ne!(second.refresh.expose(), first.refresh.expose());
        assert_ne!(second.access.expose(), first.access.expose());
        assert_eq!(second.refresh_expires_at, later + Millis::from_hours(2400));
        assert_eq!(second.access_expires_at, later + Millis::from_hours(1));
        assert!(node.auth.verify_session(second.access.expose(), later).await.is_ok());
        assert_eq!(node.auth.verify(first.access.expose(), later).await, Err(AccessTokenError::Expired));
    }

    async fn a_session_ends_when_nobody_refreshes_it(bed: Bed) {
        let node = bed.another_node(|settings| {
            let tenant = settings.tenants.get_mut(&public()).unwrap();
            tenant.session.access_lifetime = DAY + DAY;
            tenant.session.refresh_lifetime = DAY;
        }).await;
        node.auth.tend_keys(NOW).await.unwrap();
        let completed = node.signed_in(JANE, NOW).await;
        let end = NOW + DAY;
        assert!(verifies(&node, &completed, Timestamp(end.0 - 1)).await);
        assert!(!verifies(&node, &completed, end).await);
        assert_eq!(live(&node, &completed.tokens.user, end).await, []);
        assert_eq!(kept_out(refresh(&node, completed.tokens.refresh.expose(), end).await), RefreshError::Unauthorised);
        assert!(!node.auth.revoke(end, &completed.tokens.handle).await.unwrap(), "there is nothing left to revoke");
        assert!(refresh(&node, completed.tokens.refresh.expose(), Timestamp(end.0 - 1)).await.is_ok());
        node.close().await;
    }

    async fn within_the_grace_every_retired_token_gets_the_current_one(bed: Bed) {
        let node = &bed.node;
        let first = node.signed_in(JANE, NOW).await.tokens;
        // One rotation a second: token n is retired at second n.
        let mut tokens = vec![first.refresh.expose().clone()];
        for second in 0..20 {
            let now = NOW + secs(second);
            tokens.push(next(node, tokens.last().unwrap(), now).await);
        }
        let newest = tokens.last().unwrap().clone();
        let now = NOW + secs(29);
        for token in &tokens[..20] {
            assert_eq!(next(node, token, now).await, newest);
        }
        let session = node.auth.store().session(&first.handle).await.unwrap().unwrap();
        assert_eq!(session.generation, 20, "repeating rotates nothing");
        assert_eq!(reuses(node).await, 0);
        // A second later the first one is too old.
        assert!(matches!(kept_out(refresh(node, &tokens[0], NOW + secs(30)).await), RefreshError::Reused { .. }));
    }

    async fn many_rotations_within_a_grace_lock_nobody_out(bed: Bed) {
        let node = &bed.node;
        let first = node.signed_in(JANE, NOW).await.tokens;
        let oldest = first.refresh.expose().clone();
        let mut newest = oldest.clone();
        for _ in 0..100 {
            newest = next(node, &newest, NOW).await;
        }
        assert_eq!(next(node, &oldest, NOW + secs(29)).await, newest);
        assert_eq!(reuses(node).await, 0);
        // The list of retired ones stays short, and rotation goes on when the grace is over.
        let stored = node.auth.store().session(&first.handle).await.unwrap().unwrap();
        assert!(stored.retired.len() <= 32, "{}", stored.retired.len());
        assert_ne!(next(node, &newest, NOW + secs(31)).await, newest);
    }

    async fn a_token_that_comes_back_after_the_grace_ends_the_family(bed: Bed) {
        let node = &bed.node;
        let completed = node.signed_in(JANE, NOW).await;
        let other_browser = node.signed_in(JANE, NOW).await;
        let stolen = completed.tokens.refresh.expose().clone();
        let second = next(node, &stolen, NOW + secs(1)).await;
        let third = next(node, &second, NOW + secs(100)).await;
        let (handle, user) = (completed.tokens.handle.clone(), completed.tokens.user.clone());
        let reused = RefreshError::Reused { handle: handle.clone(), user: user.clone() };
        assert_eq!(kept_out(refresh(node, &stolen, NOW + secs(101)).await), reused);
        assert_eq!(reuses(node).await, 1);
        // All of the family are dead, the newest too, and nothing is written twice.
        for token in [&stolen, &second, &third] {
            assert_eq!(kept_out(refresh(node, token, NOW + secs(102)).await), RefreshError::Unauthorised);
        }
        assert!(!verifies(node, &completed, NOW + secs(102)).await);
        assert_eq!(reuses(node).await, 1);
        assert_eq!(live(node, &user, NOW + secs(102)).await, [other_browser.tokens.handle], "other sessions stay");
    }

    async fn a_reused_token_in_many_hands_is_one_line(bed: Bed) {
        let node = &bed.node;
        for round in 1..=10 {
            let completed = node.signed_in(JANE, NOW).await;
            let stolen = completed.tokens.refresh.expose().clone();
            next(node, &stolen, NOW).await;
            let racer = || {
                let (node, stolen) = (node.clone(), stolen.clone());
                async move { kept_out(refresh(&node, &stolen, NOW + secs(60)).await) }
            };
            let answers = at_once((0..16).map(|_| racer()).collect()).await;
            let told = |answer: &&RefreshError| matches!(answer, RefreshError::Reused { handle, .. } if *handle == completed.tokens.handle);
            assert_eq!(answers.iter().filter(told).count(), 1, "{answers:?}");
            assert_eq!(answers.iter().filter(|answer| **answer == RefreshError::Unauthorised).count(), 15, "{answers:?}");
            assert_eq!(reuses(node).await, round);
            assert!(!verifies(node, &completed, NOW + secs(60)).await);
        }
    }

    async fn a_made_up_refresh_token_changes_nothing(bed: Bed) {
        let node = &bed.node;
        let completed = node.signed_in(JANE, NOW).await;
        let first = completed.tokens.refresh.expose().clone();
        let current = next(node, &first, NOW).await;
        let handle = &completed.tokens.handle;
        let [_, _, secret] = current.split('.').collect::<Vec<_>>()[..] else { panic!("{current}") };
        let other = node.signed_in(JANE, NOW).await;
        let session = node.auth.store().session(handle).await.unwrap().unwrap();
        // Genuine, but of a generation that is not there yet: a database that went back in time.
        let ahead = RefreshToken::text(node.auth.keyring(), &session, 7).expose().clone();
        let made_up = [
            String::new(),
            "..".to_owned(),
            format!("{handle}"),
            format!("{handle}.0"),
            format!("{handle}.0."),
            format!("{handle}.0.{secret}"),
            format!("{handle}.2.{secret}"),
            format!("{handle}.01.{secret}"),
            format!("{handle}.-1.{secret}"),
            format!("{handle}.1.{secret}A"),
            format!("{handle}.1.{secret}.x"),
            format!("{}.1.{secret}", other.tokens.handle),
            format!("{handle}.1.{}", "A".repeat(1 << 20)),
            ahead,
            completed.tokens.access.expose().clone(),
        ];
        let now = NOW + secs(60);
        for token in &made_up {
            assert_eq!(kept_out(refresh(node, token, now).await), RefreshError::Unauthorised, "{token:.100}");
        }
        assert_eq!(node.auth.store().session(handle).await.unwrap().unwrap(), session);
        assert_eq!(reuses(node).await, 0);
        assert_ne!(next(node, &current, now).await, current);
    }

    async fn revoking_one_session_ends_it_at_once(bed: Bed) {
        let node = &bed.node;
        let (one, two) = (node.signed_in(JANE, NOW).await, node.signed_in(JANE, NOW + secs(1)).await);
        let now = NOW + secs(2);
        assert!(node.auth.revoke(now, &one.tokens.handle).await.unwrap());
        assert!(!node.auth.revoke(now, &one.tokens.handle).await.unwrap(), "it was revoked before");
        assert!(!node.auth.revoke(now, &SessionHandle::parse("never").unwrap()).await.unwrap());
        assert!(!verifies(node, &one, now).await);
        assert!(verifies(node, &two, now).await);
        assert_eq!(kept_out(refresh(node, one.tokens.refresh.expose(), now).await), RefreshError::Unauthorised);
        // By its signature alone the access token is good until it expires: that is what asking the store is for.
        assert!(node.auth.verify(one.tokens.access.expose(), now).await.is_ok());
        assert_eq!(live(node, &one.tokens.user, now).await, [two.tokens.handle]);
    }

    async fn revoking_all_spares_one_and_strangers(bed: Bed) {
        let node = &bed.node;
        let mut mine = Vec::new();
        for second in 0..4 {
            mine.push(node.signed_in(JANE, NOW + secs(second)).await);
        }
        let joe = node.signed_in("joe@example.com", NOW).await;
        let user = &mine[0].tokens.user;
        let handles: Vec<SessionHandle> = mine.iter().map(|one| one.tokens.handle.clone()).collect();
        let now = NOW + secs(10);
        assert_eq!(live(node, user, now).await, handles, "oldest first");
        assert!(node.auth.revoke(now, &handles[0]).await.unwrap());

        let mut gone = node.auth.revoke_all(&call(&public(), now), user, Some(handles[3].clone())).await.unwrap();
        gone.sort();
        assert_eq!(gone, handles[1..3], "those that were good until now");
        assert_eq!(live(node, user, now).await, handles[3..]);
        assert!(verifies(node, &mine[3], now).await);
        assert!(!verifies(node, &mine[1], now).await);
        assert_eq!(node.auth.revoke_all(&call(&public(), now), user, None).await.unwrap(), handles[3..]);
        assert_eq!(node.auth.revoke_all(&call(&public(), now), user, None).await.unwrap(), []);
        assert_eq!(live(node, user, now).await, []);
        assert!(!verifies(node, &mine[3], now).await);
        assert!(verifies(node, &joe, now).await);
    }

    async fn a_session_remembers_where_it_was_made(bed: Bed) {
        let node = &bed.node;
        let completed = node.signed_in(JANE, NOW).await;
        let [session] = &node.auth.sessions_of(&completed.tokens.user, NOW).await.unwrap()[..] else { panic!("one session") };
        assert_eq!((session.client_ip.as_str(), session.user_agent.as_str()), ("10.0.0.7", "Mozilla/5.0"));
        assert_eq!((session.created_at, session.last_seen_at, &session.identity), (NOW, NOW, &completed.identity));
        next(node, completed.tokens.refresh.expose(), NOW + secs(60)).await;
        let session = node.auth.store().session(&completed.tokens.handle).await.unwrap().unwrap();
        assert_eq!((session.created_at, session.last_seen_at), (NOW, NOW + secs(60)));
    }

    async fn of_ones_own_sessions_one_is_revoked_and_of_others_none(bed: Bed) {
        let node = &bed.node;
        let (jane, eve) = (node.signed_in("jane@example.com", NOW).await.tokens, node.signed_in("eve@example.com", NOW).await.tokens);
        let own = |user: postkey_model::UserId, handle: postkey_model::SessionHandle| async move {
            node.auth.revoke_own(&user, &handle, NOW).await.unwrap()
        };
        assert!(!own(eve.user.clone(), jane.handle.clone()).await, "another user's");
        assert_eq!(node.auth.sessions_of(&jane.user, NOW).await.unwrap().len(), 1);
        let never = postkey_model::SessionHandle::parse("never").unwrap();
        assert!(!own(jane.user.clone(), never).await);
        assert!(own(jane.user.clone(), jane.handle.clone()).await);
        assert!(!own(jane.user.clone(), jane.handle.clone()).await, "it was over already");
        assert!(node.auth.sessions_of(&jane.user, NOW).await.unwrap().is_empty());
        assert_eq!(node.auth.sessions_of(&eve.user, NOW).await.unwrap().len(), 1);
    }
}

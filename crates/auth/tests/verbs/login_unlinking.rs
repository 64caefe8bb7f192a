//! Ways in that somebody takes away who is signed in to an application: which may go, what ends with them, and that the last one
//! never goes, however many ask at once.

use crate::back_end_people::{members, person};
use crate::kit::*;
use crate::login_joining::{arrive, asked_by, automatic, connection, finish, link, request, session, vouched, ways};
use crate::removals::waiting_for;
use postkey_auth::{CallingPage, LoginTokens, LoginWish, LoginWishError, UnlinkError, Vouched, Wanted};
use postkey_model::{ContactMethod, EventKind, Linking, LoginChange, MessageKind, Millis, Session, Timestamp, UserId};

const NUMBER: &str = "+4915112345678";

async fn unlink_at(node: &Node, here: &Session, named: &str, now: Timestamp) -> Result<(), UnlinkError> {
    // Which tenant it is says the session.
    node.auth.unlink_own(&call(&acme(), now), here, named).await
}

async fn unlink(node: &Node, here: &Session, named: &str) -> Result<(), UnlinkError> {
    unlink_at(node, here, named, NOW).await
}

/// Somebody whom `by` knows, signed in by that, with all of `others` linked.
async fn linked(node: &Node, by: Vouched, others: &[Vouched]) -> (LoginTokens, Session) {
    let tokens = arrive(node, &by).await;
    let here = session(node, &tokens, NOW).await.unwrap();
    for other in others {
        link(node, &here, other).await.unwrap();
    }
    (tokens, here)
}

fn of(by: &str, subject: &str) -> Vouched {
    vouched(by, subject, None, false)
}

async fn explicit(node: &Node, ids: &[&str]) {
    for id in ids {
        connection(node, id, Linking::Explicit).await;
    }
}

async fn is_live(node: &Node, tokens: &LoginTokens) -> bool {
    session(node, tokens, NOW).await.is_some()
}

on_both_engines! {
    async fn ways_in_are_shown_and_taken_away_until_one_is_left(bed: Bed) {
        let node = &bed.node;
        explicit(node, &["google", "gitlab"]).await;
        let (_, here) = linked(node, of("google", "g"), &[of("gitlab", "l1"), of("gitlab", "l2"), of("google", "twin")]).await;
        let profile = node.auth.login_profile(&here).await.unwrap();
        let mut shown: Vec<String> = profile.identities.iter().map(|one| format!("{}:{}", one.connection, one.subject)).collect();
        shown.sort();
        assert_eq!(shown, ["gitlab:l1", "gitlab:l2", "google:g", "google:twin"]);
        assert_eq!(shown, ways(node, &here.user).await);
        for unknown in ["github", "provider:google", "nobody", ""] {
            assert_eq!(unlink(node, &here, unknown).await, Err(UnlinkError::Unknown), "{unknown:?}");
        }
        unlink(node, &here, "twin").await.unwrap();
        assert_eq!(ways(node, &here.user).await, ["gitlab:l1", "gitlab:l2", "google:g"]);
        unlink(node, &here, "gitlab").await.unwrap();
        assert_eq!(ways(node, &here.user).await, ["google:g"], "a connection means all of it");
        for last in ["google", "g"] {
            assert_eq!(unlink(node, &here, last).await, Err(UnlinkError::LastIdentity));
        }
        assert_eq!(node.auth.store().count_events(EventKind::IdentityRemoved).await.unwrap(), 3);
        // Whoever comes by one that was taken away is somebody else from now on.
        let other = arrive(node, &of("gitlab", "l1")).await;
        assert_ne!(other.user, here.user);
        assert_eq!(members(node, &public()).await.len(), 2);
        // Which of two users' they are makes a difference.
        assert_eq!(unlink(node, &here, "l1").await, Err(UnlinkError::Unknown));
    }

    async fn what_a_way_in_opened_ends_with_it_except_where_somebody_asks(bed: Bed) {
        let node = &bed.node;
        explicit(node, &["google", "gitlab"]).await;
        let (tokens, here) = linked(node, of("google", "g"), &[of("gitlab", "l")]).await;
        let (elsewhere, by_other) = (arrive(node, &of("google", "g")).await, arrive(node, &of("gitlab", "l")).await);
        assert_eq!((&elsewhere.user, &by_other.user), (&here.user, &here.user));
        unlink(node, &here, "google").await.unwrap();
        assert_eq!((is_live(node, &tokens).await, is_live(node, &elsewhere).await, is_live(node, &by_other).await), (true, false, true));
        assert_eq!(person(node, here.user.as_str()).await.user.id, here.user, "the id stays, though it was the first");
        // The session goes on, but the way in by which it was opened cannot ask for another any more.
        let challenge = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc";
        let wish = LoginWish {
            application: "app_default",
            redirect_url: "http://localhost:3000/",
            code_challenge: challenge,
            connection: Some("google"),
            link: Some(asked_by(&here)),
            ..LoginWish::default()
        };
        let asked = node.auth.begin_login(&call(&public(), NOW), &CallingPage::default(), wish).await;
        assert_eq!(asked.err(), Some(LoginWishError::LinkingDisabled));
        // By the other one it is as before: one that did not open the session ends all that it opened.
        let (second, here) = (by_other, arrive(node, &of("gitlab", "l")).await);
        let here = session(node, &here, NOW).await.unwrap();
        link(node, &here, &of("google", "back")).await.unwrap();
        let by_google = arrive(node, &of("google", "back")).await;
        unlink(node, &here, "google").await.unwrap();
        assert_eq!((is_live(node, &second).await, is_live(node, &by_google).await), (true, false));
    }

    async fn an_address_goes_when_another_way_in_is_older_or_a_week_old(bed: Bed) {
        let node = &bed.node;
        automatic(node, &["google", "email"]).await;
        // Linked by itself: the address is older.
        let jane = node.signed_in("jane@example.com", NOW).await.tokens.user;
        let tokens = arrive(node, &vouched("google", "g", Some("jane@example.com"), true)).await;
        assert_eq!(tokens.user, jane);
        let here = session(node, &tokens, NOW).await.unwrap();
        assert_eq!(unlink(node, &here, "email").await, Err(UnlinkError::LastIdentity), "as on our own pages: nobody is shut out so");
        let week = LATER;
        unlink_at(node, &here, "jane@example.com", week).await.unwrap();
        assert_eq!(ways(node, &jane).await, ["google:g"]);
        // The address is told.
        let told = waiting_for(node, "jane@example.com").await;
        assert_eq!(told.iter().filter(|(_, said)| said.kind == MessageKind::Removed).count(), 1);
        // A younger one goes at once.
        let joe = arrive(node, &vouched("google", "joe", Some("joe@example.com"), true)).await;
        assert_eq!(node.signed_in("joe@example.com", NOW + Millis(1)).await.tokens.user, joe.user);
        unlink(node, &session(node, &joe, NOW).await.unwrap(), "email").await.unwrap();
        assert_eq!(ways(node, &joe.user).await, ["google:joe"]);
    }

    async fn a_mapped_number_that_is_taken_away_does_not_come_back(bed: Bed) {
        let node = bed.node_of(|tenant| tenant.contact = ContactMethod::EmailOrPhone).await;
        explicit(&node, &["google"]).await;
        let (_, here) = linked(&node, of("google", "g"), &[]).await;
        let mapped = LoginChange::NumberMapped { tenant: public(), number: NUMBER.to_owned(), user: here.user.clone(), at: NOW };
        node.auth.store().commit(vec![mapped.into()]).await.unwrap();
        let by_text = async |at: i64| -> UserId {
            let now = NOW + Millis::from_mins(at);
            let sent = node.auth.start(&call(&public(), now), Wanted { typed: NUMBER, ..Wanted::default() }).await.unwrap();
            let asked = Asked::of(&sent);
            node.by_code(&asked, &node.mail(&asked).code.unwrap(), now).await.unwrap().tokens.user
        };
        assert_eq!(by_text(1).await, here.user);
        unlink_at(&node, &here, "sms", NOW + Millis::from_mins(2)).await.unwrap();
        assert_ne!(by_text(3).await, here.user);
        node.close().await;
    }

    async fn of_two_ways_in_one_stays_however_many_ask_at_once(bed: Bed) {
        let (node, other) = (bed.node.clone(), bed.node_with(|_| {}).await);
        explicit(&node, &["google", "gitlab"]).await;
        for round in 0..10 {
            let (g, l) = (format!("g{round}"), format!("l{round}"));
            let (_, here) = linked(&node, of("google", &g), &[of("gitlab", &l)]).await;
            let racers = (0..16).map(|i| {
                let (node, here) = ([&node, &other][i % 2].clone(), here.clone());
                async move { unlink(&node, &here, ["google", "gitlab"][i / 2 % 2]).await }
            });
            let ends = at_once(racers.collect()).await;
            assert_eq!(ends.iter().filter(|end| end.is_ok()).count(), 1, "{ends:?}");
            assert_eq!(ways(&node, &here.user).await.len(), 1, "{ends:?}");
        }
        other.close().await;
    }

    async fn what_is_linked_and_taken_away_at_once_leaves_a_way_in(bed: Bed) {
        let (node, other) = (bed.node.clone(), bed.node_with(|_| {}).await);
        explicit(&node, &["google", "gitlab"]).await;
        other.auth.tend_registered().await.unwrap();
        for round in 0..20 {
            let (g, l) = (format!("g{round}"), format!("l{round}"));
            let (_, here) = linked(&node, of("google", &g), &[]).await;
            let mut begun = Vec::new();
            for _ in 0..4 {
                begun.push(request(&node, &of("gitlab", &l), Some(asked_by(&here)), NOW).await);
            }
            let racers = (0..16).map(|i| {
                let (node, here, l, id) = ([&node, &other][i % 2].clone(), here.clone(), l.clone(), begun.get(i).cloned());
                async move {
                    match id {
                        Some(id) => finish(&node, &id, &of("gitlab", &l), Some(&here), NOW).await.map(|_| ()).map_err(|e| e.to_string()),
                        // Until the other one is there, or somebody else was first.
                        None => loop {
                            match unlink(&node, &here, "google").await {
                                Err(UnlinkError::LastIdentity) => tokio::task::yield_now().await,
                                end => break end.map_err(|e| e.to_string()),
                            }
                        },
                    }
                }
            });
            let ends = at_once(racers.collect()).await;
            let left = ways(&node, &here.user).await;
            let unlinked = ends[4..].iter().filter(|end| end.is_ok()).count();
            assert_eq!((unlinked, left), (1, vec![format!("gitlab:{l}")]), "{ends:?}");
        }
        other.close().await;
    }

    async fn nobody_stays_in_who_comes_in_while_the_way_is_taken_away(bed: Bed) {
        let (node, other) = (bed.node.clone(), bed.node_with(|_| {}).await);
        explicit(&node, &["google", "gitlab"]).await;
        other.auth.tend_registered().await.unwrap();
        for round in 0..10 {
            let (g, l) = (format!("g{round}"), format!("l{round}"));
            let (_, here) = linked(&node, of("google", &g), &[of("gitlab", &l)]).await;
            let racers = (0..12).map(|i| {
                let (node, here, g) = ([&node, &other][i % 2].clone(), here.clone(), g.clone());
                async move {
                    match i {
                        0 => unlink(&node, &here, "google").await.unwrap(),
                        _ => drop(arrive(&node, &of("google", &g)).await),
                    }
                }
            });
            at_once(racers.collect()).await;
            let left = node.auth.sessions_of(&here.user, NOW).await.unwrap();
            assert_eq!(left.iter().map(|session| &session.handle).collect::<Vec<_>>(), [&here.handle], "round {round}");
        }
        other.close().await;
    }
}

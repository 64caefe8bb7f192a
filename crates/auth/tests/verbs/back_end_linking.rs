//! Linked users: who may be linked, what moves, what ends, and that two linkings at once never disagree.

use crate::back_end_people::{app, by_google, by_mail, first, live, members, person};
use crate::kit::*;
use postkey_auth::decide::linking::Shared;
use postkey_auth::decide::people::login_methods;
use postkey_auth::{LinkError, Linked, UnlinkedNow};
use postkey_model::{EventKind, IdentityId, Millis, Timestamp, UserId};
use postkey_store::UserFacts;

const JANE: &str = "jane@example.com";

async fn make_primary(node: &Node, id: &UserId) -> Result<Linked, LinkError> {
    let can = node.auth.can_make_primary(&app(), id.as_str(), NOW).await;
    let made = node.auth.make_primary(&app(), id.as_str(), NOW).await;
    assert_eq!(can, made.clone().map(|linked| linked.was_already), "the question is answered as the deed is");
    made
}

async fn link(node: &Node, identity: &str, primary: &str, now: Timestamp) -> Result<Linked, LinkError> {
    let can = node.auth.can_link(&app(), identity, primary, now).await;
    let done = node.auth.link_identity(&app(), identity, primary, now).await;
    assert_eq!(can, done.clone().map(|linked| linked.was_already), "the question is answered as the deed is");
    done
}

async fn unlink(node: &Node, id: &str) -> Result<UnlinkedNow, LinkError> {
    node.auth.unlink_identity(&app(), &IdentityId::stored(id.to_owned()), NOW).await
}

fn ids(facts: &UserFacts) -> Vec<String> {
    login_methods(facts).into_iter().map(|method| method.id.to_string()).collect()
}

/// How often more than one primary user of `public` has the address.
async fn primaries_of(node: &Node, address: &str) -> Vec<UserId> {
    let info = postkey_store::AccountInfo { email: Some(address.to_owned()), ..postkey_store::AccountInfo::default() };
    let all = node.auth.find_people_by(&public(), &info, true).await.unwrap();
    all.into_iter().filter(UserFacts::is_primary).map(|facts| facts.user.id).collect()
}

on_both_engines! {
    async fn one_user_of_an_address_becomes_primary(bed: Bed) {
        let node = &bed.node;
        let jane = by_mail(node, &public(), JANE, NOW).await;
        let other = by_google(node, &public(), "g1", JANE, NOW).await.user.user.id;
        let abroad = by_mail(node, &acme(), JANE, NOW).await;
        assert!(!person(node, jane.as_str()).await.is_primary());
        let made = make_primary(node, &jane).await.unwrap();
        assert!(!made.was_already && made.user.is_primary());
        assert!(make_primary(node, &jane).await.unwrap().was_already);
        assert_eq!(make_primary(node, &other).await, Err(LinkError::Taken { by: jane.clone(), what: Shared::Email }));
        assert!(make_primary(node, &abroad).await.is_ok(), "another tenant is no hindrance");
        assert_eq!(make_primary(node, &UserId::stored("never".to_owned())).await, Err(LinkError::UnknownUser));
    }

    async fn a_linked_identity_keeps_its_id_and_gets_another_user(bed: Bed) {
        let node = &bed.node;
        // The one that is linked is the elder.
        let google = by_google(node, &acme(), "g1", "j@service.example", NOW).await.identity;
        let mailed = by_mail(node, &acme(), "x@example.com", NOW).await;
        let jane = by_mail(node, &public(), JANE, NOW + secs(5)).await;
        assert_eq!(link(node, google.as_str(), jane.as_str(), NOW).await, Err(LinkError::NotPrimary));
        make_primary(node, &jane).await.unwrap();
        let open = node.start_at(&call(&acme(), NOW), "x@example.com", None).await.0;
        for id in [google.as_str(), mailed.as_str()] {
            let linked = link(node, id, jane.as_str(), NOW).await.unwrap();
            assert!(!linked.was_already && linked.user.user.id == jane && linked.user.user.created_at == NOW);
            assert!(link(node, id, jane.as_str(), NOW).await.unwrap().was_already);
            assert_eq!(person(node, id).await.user.id, jane);
        }
        let facts = person(node, jane.as_str()).await;
        assert_eq!(ids(&facts).len(), 3);
        assert_eq!((members(node, &acme()).await, members(node, &public()).await), (vec![jane.clone()], vec![jane.clone()]));
        assert_eq!((live(node, &mailed).await, live(node, &jane).await), (0, 1), "the linked one's session is over, hers is not");
        assert!(node.stored(&open).await.ended.is_some());
        assert_eq!(node.auth.store().count_events(EventKind::IdentityLinked).await.unwrap(), 2);
        assert_eq!(by_mail(node, &acme(), "x@example.com", NOW).await, jane, "who signs in by it now is her");
        let again = make_primary(node, &mailed).await.unwrap_err();
        assert!(matches!(again, LinkError::LinkedElsewhere(to) if to.user.id == jane));
    }

    async fn what_another_primary_user_has_is_not_linked(bed: Bed) {
        let node = &bed.node;
        let jane = by_mail(node, &public(), JANE, NOW).await;
        let eve = by_mail(node, &public(), "eve@example.com", NOW).await;
        let google = by_google(node, &public(), "g1", "eve@example.com", NOW).await.identity;
        make_primary(node, &jane).await.unwrap();
        make_primary(node, &eve).await.unwrap();
        let taken = LinkError::Taken { by: eve.clone(), what: Shared::Email };
        assert_eq!(link(node, google.as_str(), jane.as_str(), NOW).await, Err(taken));
        let elsewhere = link(node, eve.as_str(), jane.as_str(), NOW).await.unwrap_err();
        assert!(matches!(elsewhere, LinkError::LinkedElsewhere(to) if to.user.id == eve));
        assert_eq!(link(node, "never", jane.as_str(), NOW).await, Err(LinkError::UnknownUser));
        assert_eq!(link(node, google.as_str(), "never", NOW).await, Err(LinkError::UnknownUser));
        assert!(link(node, google.as_str(), eve.as_str(), NOW).await.is_ok());
        // The tenants of both count, also for what the primary one has: eve's address is another primary's in acme.
        let third = by_mail(node, &acme(), "third@example.com", NOW).await;
        let rival = by_mail(node, &acme(), "eve@example.com", NOW).await;
        make_primary(node, &rival).await.unwrap();
        assert_eq!(link(node, third.as_str(), eve.as_str(), NOW).await, Err(LinkError::Taken { by: rival, what: Shared::Email }));
    }

    async fn an_unlinked_identity_is_a_user_of_its_own(bed: Bed) {
        let node = &bed.node;
        let other = by_mail(node, &acme(), "x@example.com", NOW).await;
        let jane = by_mail(node, &public(), JANE, NOW + secs(5)).await;
        assert_eq!(unlink(node, jane.as_str()).await, Ok(UnlinkedNow { was_linked: false, was_deleted: false }));
        assert_eq!(unlink(node, "never").await, Err(LinkError::UnknownUser));
        make_primary(node, &jane).await.unwrap();
        link(node, other.as_str(), jane.as_str(), NOW).await.unwrap();
        by_mail(node, &acme(), "x@example.com", NOW).await;
        assert_eq!(live(node, &jane).await, 2);
        assert_eq!(unlink(node, other.as_str()).await, Ok(UnlinkedNow { was_linked: true, was_deleted: false }));
        let (hers, theirs) = (person(node, jane.as_str()).await, person(node, other.as_str()).await);
        assert_eq!((ids(&hers), ids(&theirs)), (vec![jane.to_string()], vec![other.to_string()]));
        assert!(hers.is_primary() && !theirs.is_primary() && theirs.user.id == other);
        assert_eq!((theirs.user.created_at, hers.user.created_at), (NOW, NOW + secs(5)), "both as old as before");
        assert_eq!((live(node, &jane).await, live(node, &other).await), (1, 0), "the session by it is over");
        assert_eq!((members(node, &acme()).await, members(node, &public()).await), (vec![other.clone()], vec![jane.clone()]));
        assert_eq!(by_mail(node, &acme(), "x@example.com", NOW).await, other);
        assert_eq!(node.auth.store().count_events(EventKind::IdentityUnlinked).await.unwrap(), 1);
        // Alone, a primary user is none any more.
        assert_eq!(unlink(node, jane.as_str()).await, Ok(UnlinkedNow { was_linked: true, was_deleted: false }));
        assert!(!person(node, jane.as_str()).await.is_primary());
    }

    async fn the_identity_with_the_users_own_id_goes_while_others_are_linked(bed: Bed) {
        let node = &bed.node;
        let (jane, other) = (by_mail(node, &public(), JANE, NOW).await, by_mail(node, &acme(), "x@example.com", NOW).await);
        make_primary(node, &jane).await.unwrap();
        link(node, other.as_str(), jane.as_str(), NOW).await.unwrap();
        assert_eq!(unlink(node, jane.as_str()).await, Ok(UnlinkedNow { was_linked: true, was_deleted: true }));
        let facts = person(node, jane.as_str()).await;
        assert_eq!((facts.user.id.clone(), ids(&facts)), (jane.clone(), vec![other.to_string()]));
        assert_eq!(
            (members(node, &acme()).await, members(node, &public()).await.len(), live(node, &jane).await),
            (vec![jane.clone()], 0, 0)
        );
        // The last one takes its own id back, and the user is no more.
        unlink(node, other.as_str()).await.unwrap();
        assert_eq!(node.auth.find_person(&app(), jane.as_str()).await.unwrap(), None);
        assert_eq!(members(node, &acme()).await, std::slice::from_ref(&other));
        assert_eq!(person(node, other.as_str()).await.user.id, other);
    }

    async fn of_16_that_become_primary_with_one_address_one_does(bed: Bed) {
        let other = bed.node_of(|_| {}).await;
        for round in 0..3 {
            let address = format!("p{round}@example.com");
            let mut all = vec![by_mail(&bed.node, &public(), &address, NOW).await];
            for n in 1..16 {
                all.push(by_google(&bed.node, &public(), &format!("g{round}-{n}"), &address, NOW).await.user.user.id);
            }
            let racers = all.iter().enumerate().map(|(n, id)| {
                let (node, id) = (if n.is_multiple_of(2) { bed.node.clone() } else { other.clone() }, id.clone());
                async move { node.auth.make_primary(&app(), id.as_str(), NOW).await }
            });
            let answers = at_once(racers.collect()).await;
            assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "round {round}: {answers:?}");
            assert!(answers.iter().flat_map(|answer| answer.as_ref().err()).all(|e| matches!(e, LinkError::Taken { .. })));
            assert_eq!(primaries_of(&bed.node, &address).await.len(), 1);
        }
        other.close().await;
    }

    async fn sixteen_are_linked_to_one_at_once(bed: Bed) {
        let node = &bed.node;
        let jane = by_mail(node, &public(), JANE, NOW).await;
        make_primary(node, &jane).await.unwrap();
        let mut all = Vec::new();
        for n in 0..16 {
            all.push(by_google(node, &public(), &format!("g{n}"), &format!("g{n}@service.example"), NOW + Millis(n)).await.identity);
        }
        let racers = all.iter().map(|id| {
            let (node, id, to) = (node.clone(), id.clone(), jane.clone());
            async move { node.auth.link_identity(&app(), id.as_str(), to.as_str(), NOW).await.map(|linked| linked.was_already) }
        });
        assert!(at_once(racers.collect()).await.into_iter().all(|answer| answer == Ok(false)));
        let facts = person(node, jane.as_str()).await;
        assert_eq!((login_methods(&facts).len(), members(node, &public()).await), (17, vec![jane]));
    }

    /// One identity, wanted by many: it gets one user, and nobody is left without.
    async fn one_is_linked_to_one_of_16(bed: Bed) {
        let node = &bed.node;
        let mut all = Vec::new();
        for n in 0..16 {
            let id = by_google(node, &public(), &format!("g{n}"), &format!("g{n}@service.example"), NOW).await.user.user.id;
            make_primary(node, &id).await.unwrap();
            all.push(id);
        }
        let wanted = by_mail(node, &public(), JANE, NOW).await;
        let racers = all.iter().map(|to| {
            let (node, to, wanted) = (node.clone(), to.clone(), wanted.clone());
            async move { node.auth.link_identity(&app(), wanted.as_str(), to.as_str(), NOW).await.map(|linked| linked.user.user.id) }
        });
        let answers = at_once(racers.collect()).await;
        let winners: Vec<&UserId> = answers.iter().flatten().collect();
        let owner = person(node, wanted.as_str()).await.user.id;
        assert_eq!(winners, [&owner]);
        assert!(
            answers
                .iter()
                .flat_map(|answer| answer.as_ref().err())
                .all(|e| matches!(e, LinkError::LinkedElsewhere(to) if to.user.id == owner))
        );
    }

    /// Linked, unlinked, removed and made primary, all at once: afterwards every identity has a user, and no user has none.
    async fn nobody_is_lost_in_a_crowd(bed: Bed) {
        let node = &bed.node;
        let (jane, joe) = (by_mail(node, &public(), JANE, NOW).await, by_mail(node, &public(), "joe@example.com", NOW).await);
        make_primary(node, &jane).await.unwrap();
        for round in 0..5 {
            let google = by_google(node, &public(), &format!("g{round}"), "joe@example.com", NOW).await.identity;
            let racers = (0..16).map(|n| {
                let (node, jane, joe, google) = (node.clone(), jane.clone(), joe.clone(), google.clone());
                async move {
                    let result = match n % 4 {
                        0 => node.auth.link_identity(&app(), joe.as_str(), jane.as_str(), NOW).await.map(|_| ()),
                        1 => node.auth.unlink_identity(&app(), &first(&joe), NOW).await.map(|_| ()),
                        2 => node.auth.link_identity(&app(), google.as_str(), jane.as_str(), NOW).await.map(|_| ()),
                        _ => node.auth.make_primary(&app(), google.as_str(), NOW).await.map(|_| ()),
                    };
                    assert!(!matches!(result, Err(LinkError::Unavailable(_) | LinkError::UnknownUser)), "{result:?}");
                }
            });
            at_once(racers.collect()).await;
            for id in [jane.as_str(), joe.as_str(), google.as_str()] {
                assert!(ids(&person(node, id).await).iter().any(|known| known == id), "round {round}");
            }
            assert!(primaries_of(node, "joe@example.com").await.len() <= 1, "round {round}");
            let owners: std::collections::BTreeSet<UserId> = members(node, &public()).await.into_iter().collect();
            for id in [joe.as_str(), google.as_str()] {
                assert!(owners.contains(&person(node, id).await.user.id), "round {round}");
            }
            for owner in owners {
                assert!(!person(node, owner.as_str()).await.identities.is_empty(), "round {round}");
            }
            for id in [joe.as_str(), google.as_str()] {
                unlink(node, id).await.unwrap();
            }
        }
    }
}

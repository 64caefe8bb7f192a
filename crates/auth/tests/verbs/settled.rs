//! How long a way in has to be there before it counts as another one: whoever stole a session cannot bring an address of
//! their own and at once replace the owner's.

use crate::identifiers::{added, begin, identity, prove, prove_right, subjects, told};
use crate::kit::*;
use postkey_auth::decide::identifier::Wish;
use postkey_auth::{CompleteError, ProveError, ProvedNow};
use postkey_model::{IdentityId, MessageKind, Millis, Purpose, Timestamp, UserId};

const JANE: &str = "jane@example.com";
const WORK: &str = "jane@work.example";
const EVE: &str = "eve@example.com";
const EVES: &str = "eve@work.example";
const WEEK: Millis = Millis::from_hours(7 * 24);

/// What it takes to put `new` in the place of `way`: nothing is typed yet.
async fn takes(node: &Node, user: &UserId, way: &IdentityId, new: &str, now: Timestamp) -> (MessageKind, String, Asked) {
    let asked = begin(node, user, &Wish::Change(way.clone()), new, now).await;
    let [(kind, to, _)] = &told(node, &asked)[..] else { panic!("one message") };
    let ways_in = node.auth.ways_in(&call(&public(), now), user).await.unwrap();
    let confirms = ways_in.iter().find(|way_in| way_in.identity.id == *way).unwrap().confirms;
    assert_eq!(confirms, *kind == MessageKind::ConfirmOld, "the page says what is asked for");
    (*kind, to.clone(), asked)
}

async fn since(node: &Node, user: &UserId, subject: &str) -> Timestamp {
    let all = node.auth.identities_of(&call(&public(), NOW), user).await.unwrap();
    all.into_iter().find(|identity| identity.subject == subject).unwrap().created_at
}

on_both_engines! {
    /// Eve has Jane's session, years after Jane came, and reads no mail of hers.
    async fn a_thief_who_adds_an_address_cannot_at_once_replace_the_owners(bed: Bed) {
        let node = &bed.node;
        let jane = node.signed_in(JANE, NOW).await;
        let (user, way) = (jane.tokens.user, jane.identity);
        let theft = NOW + Millis::from_hours(24 * 1000);
        let add = begin(node, &user, &Wish::Add, EVE, theft).await;
        assert!(matches!(prove_right(node, &user, &add, theft).await, Ok(ProvedNow::Added)));
        assert_eq!(told(node, &add)[1].1, JANE, "Jane is told and has a week");
        for now in [theft, theft + secs(1), theft + Millis::from_hours(24), just_before(theft + WEEK)] {
            let (kind, to, confirm) = takes(node, &user, &way, EVES, now).await;
            assert_eq!((kind, to.as_str()), (MessageKind::ConfirmOld, JANE), "{now:?}");
            assert!(matches!(node.stored(&confirm).await.purpose, Purpose::ConfirmOld { .. }));
            // The code went to Jane: Eve can only guess.
            let guess = wrong(&node.mail(&confirm).code.unwrap());
            let wrong = CompleteError::WrongCode { left: 4, attempts: 1 };
            assert_eq!(prove(node, &user, &confirm, &guess, now).await.err(), Some(ProveError::Code(wrong)));
        }
        assert_eq!(subjects(node, &user).await, [JANE, EVE]);
        // Eve's own is another matter: Jane's has been there for long.
        let eves = identity(node, &user, EVE).await;
        assert_eq!(takes(node, &user, &eves, EVES, theft).await.0, MessageKind::Prove);

        let (kind, to, change) = takes(node, &user, &way, EVES, theft + WEEK).await;
        assert_eq!((kind, to.as_str()), (MessageKind::Prove, EVES), "it has settled");
        assert!(matches!(prove_right(node, &user, &change, theft + WEEK).await, Ok(ProvedNow::Changed)));
        assert_eq!(told(node, &change)[1].1, JANE, "and the old one is told");
        assert_eq!(subjects(node, &user).await, [EVE, EVES]);
    }

    async fn changing_one_resets_its_age(bed: Bed) {
        let node = &bed.node;
        let jane = node.signed_in(JANE, NOW).await;
        let user = jane.tokens.user;
        added(node, &user, WORK, NOW).await;
        let work = identity(node, &user, WORK).await;
        let (kind, _, change) = takes(node, &user, &work, EVE, LATER).await;
        assert_eq!(kind, MessageKind::Prove, "Jane's first has settled");
        let changed = LATER + secs(60);
        assert!(matches!(prove_right(node, &user, &change, changed).await, Ok(ProvedNow::Changed)));
        assert_eq!((since(node, &user, EVE).await, since(node, &user, JANE).await), (changed, NOW));
        for now in [changed, LATER + WEEK, just_before(changed + WEEK)] {
            assert_eq!(takes(node, &user, &jane.identity, EVES, now).await.0, MessageKind::ConfirmOld, "{now:?}");
        }
        assert_eq!(takes(node, &user, &jane.identity, EVES, changed + WEEK).await.0, MessageKind::Prove);
    }

    /// Both were begun while the other one counted.
    async fn of_two_pending_changes_one_goes_through(bed: Bed) {
        let node = &bed.node;
        let jane = node.signed_in(JANE, NOW).await;
        let user = jane.tokens.user;
        added(node, &user, WORK, NOW).await;
        let work = identity(node, &user, WORK).await;
        let first = begin(node, &user, &Wish::Change(jane.identity), EVE, LATER).await;
        let second = begin(node, &user, &Wish::Change(work), EVES, LATER).await;
        assert!(matches!(prove_right(node, &user, &first, LATER).await, Ok(ProvedNow::Changed)));
        assert_eq!(prove_right(node, &user, &second, LATER).await.err(), Some(ProveError::Dead));
        assert_eq!(node.stored(&second).await.ended, None, "nothing was spent");
        assert_eq!(subjects(node, &user).await, [WORK, EVE]);
    }

    async fn nor_when_both_are_proved_at_once(bed: Bed) {
        let (node, other) = (bed.node.clone(), bed.node_with(|_| {}).await);
        for round in 0..10 {
            let (first, second) = (format!("jane{round}@example.com"), format!("work{round}@example.com"));
            let jane = node.signed_in(&first, NOW).await;
            let user = jane.tokens.user;
            added(&node, &user, &second, NOW).await;
            let work = identity(&node, &user, &second).await;
            let mut racers = Vec::new();
            for (n, way) in [jane.identity, work].into_iter().enumerate() {
                let node = [&node, &other][n].clone();
                let asked = begin(&node, &user, &Wish::Change(way), &format!("eve{round}-{n}@example.com"), LATER).await;
                let user = user.clone();
                racers.push(async move { prove_right(&node, &user, &asked, LATER).await });
            }
            let outcomes = at_once(racers).await;
            assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "round {round}");
            assert!(outcomes.iter().all(|outcome| matches!(outcome, Ok(ProvedNow::Changed) | Err(ProveError::Dead))));
            let hers = subjects(&node, &user).await.into_iter().filter(|subject| !subject.starts_with("eve")).count();
            assert_eq!(hers, 1, "round {round}");
        }
        other.close().await;
    }

    /// Jane puts an address of hers in the place of what Eve added, and Eve is only told.
    async fn what_a_thief_added_is_replaced_without_asking_there(bed: Bed) {
        let node = &bed.node;
        let user = node.signed_in(JANE, NOW).await.tokens.user;
        let theft = NOW + secs(1);
        let add = begin(node, &user, &Wish::Add, EVE, theft).await;
        assert!(matches!(prove_right(node, &user, &add, theft).await, Ok(ProvedNow::Added)));
        let eves = identity(node, &user, EVE).await;
        for now in [theft, theft + Millis::from_hours(24)] {
            let (kind, to, _) = takes(node, &user, &eves, WORK, now).await;
            assert_eq!((kind, to.as_str()), (MessageKind::Prove, WORK), "Jane's is older, however young");
        }
        let (_, _, change) = takes(node, &user, &eves, WORK, theft).await;
        assert!(matches!(prove_right(node, &user, &change, theft).await, Ok(ProvedNow::Changed)));
        assert_eq!(subjects(node, &user).await, [JANE, WORK]);
        assert_eq!(told(node, &change)[1].1, EVE);
        assert!(node.signed_in(EVE, theft + secs(60)).await.tokens.user != user, "it opens nothing of Jane's any more");
    }

    /// What the old one confirmed holds, however young everything is; and it is as old as that.
    async fn who_confirms_need_not_wait(bed: Bed) {
        let node = &bed.node;
        let jane = node.signed_in(JANE, NOW).await;
        let user = jane.tokens.user;
        added(node, &user, WORK, NOW + Millis(1)).await;
        let (kind, to, confirm) = takes(node, &user, &jane.identity, EVE, NOW + Millis(1)).await;
        assert_eq!((kind, to.as_str()), (MessageKind::ConfirmOld, JANE));
        let Ok(ProvedNow::Next(sent)) = prove_right(node, &user, &confirm, NOW + Millis(1)).await else { panic!("not next") };
        assert!(matches!(prove_right(node, &user, &Asked::of(&sent), NOW + secs(5)).await, Ok(ProvedNow::Changed)));
        assert_eq!(subjects(node, &user).await, [EVE, WORK]);
        assert_eq!(since(node, &user, EVE).await, NOW, "the same way in, by another name");
        // So the owner who changed address is not the youngest for a week.
        let week = NOW + WEEK + Millis(1);
        let others = ["work@other.example", "home@other.example"];
        for (subject, new) in [WORK, EVE].into_iter().zip(others) {
            let way = identity(node, &user, subject).await;
            assert_eq!(takes(node, &user, &way, new, week).await.0, MessageKind::Prove, "{subject}");
        }
    }
}

//! Pending changes: what kills them, sending again, giving up, waiting, and how long their codes live.

use crate::identifiers::{added, begin, prove, prove_right, subjects};
use crate::kit::*;
use postkey_auth::decide::identifier::Wish;
use postkey_auth::decide::sign_in::Standing;
use postkey_auth::{CompleteError, ProveError, ProvedNow, ResendError};
use postkey_model::{EndedHow, IdentityId, MessageKind, Millis, Purpose, UserId};

const JANE: &str = "jane@example.com";
const WORK: &str = "jane@work.example";
const NEW: &str = "new@example.com";
const LIFE: Millis = Millis::from_mins(10);

/// Jane, signed in, with a second address if `both`: from [`LATER`] on she has another way in.
async fn jane(node: &Node, both: bool) -> (UserId, IdentityId) {
    let jane = node.signed_in(JANE, NOW).await;
    if both {
        added(node, &jane.tokens.user, WORK, NOW).await;
    }
    (jane.tokens.user, jane.identity)
}

fn code_error(outcome: Result<ProvedNow, ProveError>) -> CompleteError {
    match outcome {
        Err(ProveError::Code(error)) => error,
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("it was proved"),
    }
}

on_both_engines! {
    async fn a_pending_change_dies_when_the_address_changes_again(bed: Bed) {
        let node = &bed.node;
        let (user, way) = jane(node, true).await;
        let first = begin(node, &user, &Wish::Change(way.clone()), "first@example.com", LATER).await;
        let second = begin(node, &user, &Wish::Change(way.clone()), "second@example.com", LATER).await;
        assert!(matches!(prove_right(node, &user, &second, LATER).await, Ok(ProvedNow::Changed)));
        assert_eq!(prove_right(node, &user, &first, LATER).await.err(), Some(ProveError::Dead));
        assert_eq!(subjects(node, &user).await, [WORK, "second@example.com"]);
        assert_eq!(node.stored(&first).await.ended, None, "nothing was spent");
        // Not even when it is what it was before: back and forth are two changes.
        let back = begin(node, &user, &Wish::Change(way), JANE, LATER).await;
        assert!(matches!(prove_right(node, &user, &back, LATER).await, Ok(ProvedNow::Changed)));
        assert_eq!(prove_right(node, &user, &first, LATER).await.err(), Some(ProveError::Dead));
        assert_eq!(subjects(node, &user).await, [WORK, JANE]);
    }

    async fn a_change_of_another_identity_leaves_it_alone(bed: Bed) {
        let node = &bed.node;
        let (user, way) = jane(node, true).await;
        let pending = begin(node, &user, &Wish::Change(way), NEW, LATER).await;
        added(node, &user, "third@example.com", LATER + secs(2)).await;
        assert!(matches!(prove_right(node, &user, &pending, LATER + secs(3)).await, Ok(ProvedNow::Changed)));
        assert_eq!(subjects(node, &user).await, [WORK, "third@example.com", NEW]);
    }

    async fn what_was_confirmed_dies_as_well(bed: Bed) {
        let node = &bed.node;
        let (user, way) = jane(node, false).await;
        let mut steps = Vec::new();
        for new in [NEW, "other@example.com"] {
            let confirm = begin(node, &user, &Wish::Change(way.clone()), new, NOW).await;
            let Ok(ProvedNow::Next(sent)) = prove_right(node, &user, &confirm, NOW).await else { panic!("not next") };
            steps.push(Asked::of(&sent));
        }
        let late = begin(node, &user, &Wish::Change(way), "late@example.com", NOW).await;
        assert!(matches!(prove_right(node, &user, &steps[1], NOW).await, Ok(ProvedNow::Changed)));
        assert_eq!(prove_right(node, &user, &steps[0], NOW).await.err(), Some(ProveError::Dead));
        assert_eq!(prove_right(node, &user, &late, NOW).await.err(), Some(ProveError::Dead), "nor can the old one confirm any more");
        assert_eq!(subjects(node, &user).await, ["other@example.com"]);
    }

    async fn confirming_alone_changes_nothing(bed: Bed) {
        let node = &bed.node;
        let (user, way) = jane(node, false).await;
        let confirm = begin(node, &user, &Wish::Change(way), NEW, NOW).await;
        let code = node.mail(&confirm).code.unwrap();
        let Ok(ProvedNow::Next(sent)) = prove(node, &user, &confirm, &code, NOW).await else { panic!("not next") };
        let next = Asked::of(&sent);
        let over = CompleteError::Over(EndedHow::Completed);
        assert_eq!(code_error(prove(node, &user, &confirm, &code, NOW).await), over, "once");
        if node.mail(&next).code.unwrap() != code {
            let wrong = code_error(prove(node, &user, &next, &code, NOW).await);
            assert_eq!(wrong, CompleteError::WrongCode { left: 4, attempts: 1 }, "the old one's code is not the new one's");
        }
        assert_eq!(subjects(node, &user).await, [JANE]);
    }

    async fn codes_of_changes_die_on_time_and_are_sent_again(bed: Bed) {
        let node = &bed.node;
        let (user, _) = jane(node, false).await;
        let asked = begin(node, &user, &Wish::Add, NEW, NOW).await;
        let code = node.mail(&asked).code.unwrap();
        let expired = CompleteError::ExpiredCode { left: 4, attempts: 1 };
        assert_eq!(code_error(prove(node, &user, &asked, &code, NOW + LIFE).await), expired);
        let too_soon = Some(ResendError::TooSoon { until: NOW + secs(15) });
        assert_eq!(node.resend(&asked, NOW + secs(14)).await.err(), too_soon);
        let sent = node.resend(&asked, NOW + LIFE).await.unwrap();
        assert_eq!((sent.has_code, sent.has_link, sent.expires_at), (true, false, NOW + LIFE + LIFE));
        let mails = node.mails(&asked.id);
        assert_eq!(mails.iter().map(|mail| (mail.kind, mail.to.as_str())).collect::<Vec<_>>(), [(MessageKind::Prove, NEW); 2]);
        assert!(matches!(prove_right(node, &user, &asked, NOW + LIFE + secs(1)).await, Ok(ProvedNow::Added)));
    }

    async fn sending_a_confirmation_again_is_a_confirmation(bed: Bed) {
        let node = &bed.node;
        let (user, way) = jane(node, false).await;
        let confirm = begin(node, &user, &Wish::Change(way), NEW, NOW).await;
        let first = node.mail(&confirm).code.unwrap();
        node.resend(&confirm, NOW + secs(15)).await.unwrap();
        let mails = node.mails(&confirm.id);
        assert!(mails.iter().all(|mail| mail.kind == MessageKind::ConfirmOld && mail.to == JANE && mail.other == mails[0].other));
        assert!(matches!(prove(node, &user, &confirm, &first, NOW + secs(16)).await, Ok(ProvedNow::Next(_))), "the older code is good too");
    }

    async fn giving_up_ends_it(bed: Bed) {
        let node = &bed.node;
        let (user, _) = jane(node, false).await;
        let asked = begin(node, &user, &Wish::Add, NEW, NOW).await;
        node.auth.cancel(&call(&public(), NOW), &asked.id, "stranger").await.unwrap();
        assert_eq!(node.stored(&asked).await.ended, None);
        node.auth.cancel(&call(&public(), NOW), &asked.id, &asked.device).await.unwrap();
        assert_eq!(code_error(prove_right(node, &user, &asked, NOW).await), CompleteError::Over(EndedHow::Cancelled));
        let over = Some(ResendError::Over(Standing::Ended(EndedHow::Cancelled)));
        assert_eq!(node.resend(&asked, NOW + secs(15)).await.err(), over);
        assert_eq!(subjects(node, &user).await, [JANE]);
    }

    async fn the_waiting_page_knows_what_it_waits_for(bed: Bed) {
        let node = &bed.node;
        let (user, way) = jane(node, false).await;
        let add = begin(node, &user, &Wish::Add, NEW, NOW).await;
        let confirm = begin(node, &user, &Wish::Change(way.clone()), "other@example.com", NOW).await;
        let waiting = node.waiting(&add, NOW).await.unwrap();
        assert_eq!((waiting.to.as_str(), &waiting.purpose), (NEW, &Purpose::Add { user: user.clone() }));
        assert_eq!((waiting.has_code, waiting.has_link, waiting.number, waiting.approved), (true, false, None, false));
        assert_eq!((waiting.standing, waiting.expires_at, waiting.resend_from), (Standing::Open, NOW + LIFE, NOW + secs(15)));
        assert!(matches!(
            node.waiting(&confirm, NOW).await.unwrap().purpose,
            Purpose::ConfirmOld { identity, to, .. } if identity == way && to.as_str() == "other@example.com"
        ));
        assert!(node.waiting(&Asked { device: "stranger".to_owned(), ..add.clone() }, NOW).await.is_none());
        prove_right(node, &user, &add, NOW).await.unwrap();
        assert_eq!(node.waiting(&add, NOW).await.unwrap().standing, Standing::Ended(EndedHow::Completed));
    }
}

//! Links that were opened elsewhere, and the number that approves the browser that asked: one try, and only while the
//! sign-in could still be finished.

use crate::kit::*;
use postkey_model::{Asked, Change, IdentityId, Millis, Purpose, SignIn, Timestamp};
use postkey_store::Store;

async fn stored(store: &Store, sign_in: &SignIn) -> SignIn {
    store.sign_in(&sign_in.tenant, &sign_in.id).await.unwrap().unwrap().sign_in
}

fn approved(sign_in: &SignIn, at: Timestamp) -> Change {
    Change::SignInApproved { sign_in: sign_in.id.clone(), at }
}

fn number_failed(sign_in: &SignIn) -> Change {
    Change::NumberFailed { sign_in: sign_in.id.clone() }
}

fn opened(sign_in: &SignIn, at: Timestamp) -> Change {
    Change::LinkOpened { sign_in: sign_in.id.clone(), at }
}

fn cancelled(sign_in: &SignIn) -> Change {
    Change::SignInCancelled { sign_in: sign_in.id.clone(), at: NOW }
}

fn later(n: i64) -> Timestamp {
    NOW + Millis(n)
}

/// What is kept of the link's life outside the asking browser.
fn outside(sign_in: &SignIn) -> (Option<Timestamp>, Option<Timestamp>, i64) {
    (sign_in.opened_at, sign_in.approved_at, sign_in.number_tries)
}

on_both_engines! {
    async fn purpose_and_asker_are_read_back_whole(store: Store) {
        let (jane, way) = (user().id, IdentityId::stored(id()));
        let (user, identity) = (jane.clone(), way.clone());
        let to = email("new@example.com");
        for purpose in [
            Purpose::SignIn,
            Purpose::Add { user: jane.clone() },
            Purpose::Change { user: jane, identity: way, version: 7, confirmed: true },
            Purpose::ConfirmOld { user, identity, version: 3, to },
        ] {
            let mut one = sign_in("jane@example.com");
            one.purpose = purpose.clone();
            one.asked = Asked { agent: "firefox-linux".to_owned(), client_ip: "2001:db8::/64".to_owned() };
            let one = started(&store, one).await;
            let seen = stored(&store, &one).await;
            assert_eq!((seen.purpose.clone(), seen.asked.clone()), (purpose, one.asked.clone()));
            assert_eq!(plain(&seen), plain(&one));
            assert_eq!(outside(&seen), (None, None, 0));
        }
    }

    async fn a_plain_sign_in_stores_no_purpose(bed: Bed) {
        started(&bed.store, sign_in("jane@example.com")).await;
        assert_eq!(bed.number("SELECT count(*) FROM sign_ins WHERE purpose IS NULL").await, 1);
    }

    async fn a_sign_in_is_approved_once(store: Store) {
        let one = started(&store, sign_in("jane@example.com")).await;
        let other = started(&store, sign_in("jane@example.com")).await;
        assert_eq!(commit(&store, approved(&one, later(5))).await, applied());
        for again in [approved(&one, later(6)), number_failed(&one)] {
            assert_eq!(commit(&store, again).await, LOST);
        }
        assert_eq!(outside(&stored(&store, &one).await), (None, Some(later(5)), 1));
        assert_eq!(outside(&stored(&store, &other).await), (None, None, 0), "another one of the same address");
        assert_eq!(commit(&store, spent(&one)).await, applied(), "it still has to be collected");
    }

    async fn a_wrong_number_is_the_last_one(store: Store) {
        let one = started(&store, sign_in("jane@example.com")).await;
        assert_eq!(commit(&store, number_failed(&one)).await, applied());
        for again in [approved(&one, NOW), number_failed(&one)] {
            assert_eq!(commit(&store, again).await, LOST);
        }
        assert_eq!(outside(&stored(&store, &one).await), (None, None, 1));
        assert_eq!(commit(&store, spent(&one)).await, applied(), "its code and link stay good");
    }

    async fn what_is_over_is_not_approved(store: Store) {
        let done = started(&store, sign_in("done@example.com")).await;
        commit(&store, spent(&done)).await.unwrap();
        let left = started(&store, sign_in("left@example.com")).await;
        commit(&store, cancelled(&left)).await.unwrap();
        let mut worn = sign_in("worn@example.com");
        worn.attempts = worn.max_attempts;
        let worn = started(&store, worn).await;
        let unknown = sign_in("nobody@example.com");
        for each in [&done, &left, &worn, &unknown] {
            assert_eq!(commit(&store, approved(each, NOW)).await, LOST, "{}", each.subject);
        }
        for each in [&done, &left, &unknown] {
            assert_eq!(commit(&store, number_failed(each)).await, LOST, "{}", each.subject);
        }
        for each in [&done, &left, &worn] {
            assert_eq!(outside(&stored(&store, each).await), (None, None, 0), "{}", each.subject);
        }
    }

    async fn an_approval_comes_in_time(store: Store) {
        let (one, two) = (started(&store, sign_in("jane@example.com")).await, started(&store, sign_in("jane@example.com")).await);
        let end = one.code.expires_at;
        assert_eq!(commit(&store, approved(&one, end)).await, LOST);
        assert_eq!(stored(&store, &one).await.approved_at, None);
        assert_eq!(commit(&store, approved(&two, Timestamp(end.0 - 1))).await, applied());
        // A newer code is what counts.
        let mut newer = code(2);
        newer.expires_at = end + MINUTE;
        commit(&store, Change::CodeResent { sign_in: one.id.clone(), seen_sends: 1, code: newer, older: None, at: NOW }).await.unwrap();
        assert_eq!(commit(&store, approved(&one, end)).await, applied());
    }

    async fn the_first_opening_counts(store: Store) {
        let one = started(&store, sign_in("jane@example.com")).await;
        let other = started(&store, sign_in("jane@example.com")).await;
        for at in [later(5), later(3), later(9)] {
            assert_eq!(commit(&store, opened(&one, at)).await, applied(), "it is never lost");
        }
        assert_eq!(outside(&stored(&store, &one).await), (Some(later(5)), None, 0));
        assert_eq!(outside(&stored(&store, &other).await), (None, None, 0));
        assert_eq!(commit(&store, opened(&sign_in("nobody@example.com"), NOW)).await, applied());
        assert_eq!(commit(&store, spent(&one)).await, applied(), "opening spends nothing");
    }

    async fn a_lost_approval_takes_back_what_stood_before_it(store: Store) {
        let (one, over) = (started(&store, sign_in("jane@example.com")).await, started(&store, sign_in("joe@example.com")).await);
        commit(&store, number_failed(&over)).await.unwrap();
        for first in [opened(&one, NOW), approved(&one, NOW), number_failed(&one)] {
            assert_eq!(store.commit(vec![first, approved(&over, NOW)]).await, LOST);
        }
        assert_eq!(outside(&stored(&store, &one).await), (None, None, 0));
    }

    async fn of_32_approvals_one_holds(bed: Bed) {
        let other = bed.another_node().await;
        for round in 0..10 {
            let one = started(&bed.store, sign_in("jane@example.com")).await;
            let answers = at_once(&[bed.store.clone(), other.clone()], 32, |n| vec![approved(&one, later(n as i64))]).await;
            assert_eq!(winners(&answers), 1, "round {round}");
            let won = answers.iter().position(Result::is_ok).unwrap();
            assert_eq!(outside(&stored(&bed.store, &one).await), (None, Some(later(won as i64)), 1), "round {round}");
        }
        other.close().await;
    }

    async fn of_a_right_and_31_wrong_numbers_one_is_looked_at(bed: Bed) {
        let other = bed.another_node().await;
        for round in 0..10 {
            let one = started(&bed.store, sign_in("jane@example.com")).await;
            let right = round % 4;
            let of = |n: usize| vec![if n == right { approved(&one, NOW) } else { number_failed(&one) }];
            let answers = at_once(&[bed.store.clone(), other.clone()], 32, of).await;
            assert_eq!(winners(&answers), 1, "round {round}");
            let approved_at = answers[right].is_ok().then_some(NOW);
            assert_eq!(outside(&stored(&bed.store, &one).await), (None, approved_at, 1), "round {round}");
        }
        other.close().await;
    }

    async fn of_an_approval_and_an_end_the_first_one_holds(bed: Bed) {
        let other = bed.another_node().await;
        for _ in 0..20 {
            let one = started(&bed.store, sign_in("jane@example.com")).await;
            let of = |n: usize| vec![if n == 0 { cancelled(&one) } else { approved(&one, NOW) }];
            let answers = at_once(&[bed.store.clone(), other.clone()], 4, of).await;
            assert!(answers[0].is_ok(), "giving up is always possible");
            let seen = stored(&bed.store, &one).await;
            assert!(seen.ended.is_some());
            let approvals = winners(&answers) - 1;
            assert!(approvals <= 1);
            assert_eq!(seen.number_tries, approvals as i64);
        }
        other.close().await;
    }
}

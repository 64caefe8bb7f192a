//! "Continue where you started": the link opened elsewhere, the number typed there, and the browser that asked collecting
//! its session. Without the right number nothing happens.

use crate::identifiers::begin;
use crate::kit::*;
use postkey_auth::decide::identifier::Wish;
use postkey_auth::decide::sign_in::Standing;
use postkey_auth::{ApproveError, CompleteError};
use postkey_model::{Connection, EndedHow, Flow, Millis};

const JANE: &str = "jane@example.com";
const LIFE: Millis = Millis::from_mins(10);

async fn with_numbers(bed: &Bed) -> Node {
    bed.node_with(|rules| rules.number_match = true).await
}

/// The number that the asking browser shows.
async fn shown(node: &Node, asked: &Asked) -> u8 {
    node.waiting(asked, NOW).await.unwrap().number.unwrap()
}

/// A number that is not shown.
async fn not_shown(node: &Node, asked: &Asked) -> String {
    (10 + (shown(node, asked).await - 10 + 1) % 90).to_string()
}

/// Types a number where the newest link was opened.
async fn approve(node: &Node, asked: &Asked, typed: &str, now: postkey_model::Timestamp) -> Result<(), ApproveError> {
    let secret = node.mail(asked).link.unwrap();
    node.auth.approve(&call(&asked.tenant, now), &asked.id, &secret, typed).await
}

/// How many people and sessions there are for Jane's address.
async fn nobody_is_in(node: &Node) -> bool {
    node.auth.store().start_facts(&public(), Connection::Email, JANE).await.unwrap().user.is_none()
}

on_both_engines! {
    async fn the_right_number_lets_the_asking_browser_in_once(bed: Bed) {
        let node = with_numbers(&bed).await;
        let asked = node.start(JANE, NOW).await;
        let (link, code) = (node.mail(&asked).link.unwrap(), node.mail(&asked).code.unwrap());
        assert!(!node.waiting(&asked, NOW).await.unwrap().approved);
        assert_eq!(refused(node.by_approval(&asked, NOW).await), CompleteError::Unknown);
        let number = shown(&node, &asked).await;
        approve(&node, &asked, &format!(" {} {} ", number / 10, number % 10), NOW + secs(5)).await.unwrap();
        let waiting = node.waiting(&asked, NOW + secs(6)).await.unwrap();
        assert_eq!(waiting.number, None, "it was typed: nobody needs it any more");
        assert_eq!((waiting.approved, waiting.standing, waiting.attempts), (true, Standing::Open, 0));
        assert!(!node.auth.link(&call(&public(), NOW), &asked.id).await.unwrap().unwrap().takes_number);

        // Whoever approved has no session by it, nor has anybody but the browser that asked.
        for device in ["", "stranger", link.as_str(), code.as_str()] {
            let stranger = Asked { device: device.to_owned(), ..asked.clone() };
            assert_eq!(refused(node.by_approval(&stranger, NOW + secs(6)).await), CompleteError::Unknown);
        }
        assert_eq!(refused(node.by_approval(&Asked { tenant: acme(), ..asked.clone() }, NOW + secs(6)).await), CompleteError::Unknown);
        assert!(nobody_is_in(&node).await);
        let jane = node.by_approval(&asked, NOW + secs(6)).await.unwrap();
        assert!(jane.is_new_user);
        assert_eq!(node.stored(&asked).await.ended, Some((NOW + secs(6), EndedHow::Completed)));

        let over = CompleteError::Over(EndedHow::Completed);
        assert_eq!(refused(node.by_approval(&asked, NOW + secs(7)).await), over);
        assert_eq!(refused(node.by_code(&asked, &code, NOW + secs(7)).await), over);
        assert_eq!(refused(node.by_link(&asked, &link, NOW + secs(7)).await), over);
        assert_eq!(node.auth.sessions_of(&jane.tokens.user, NOW + secs(7)).await.unwrap().len(), 1);
        node.close().await;
    }

    async fn there_is_no_second_try(bed: Bed) {
        let node = with_numbers(&bed).await;
        let asked = node.start(JANE, NOW).await;
        let right = shown(&node, &asked).await.to_string();
        assert_eq!(approve(&node, &asked, &not_shown(&node, &asked).await, NOW).await, Err(ApproveError::WrongNumber));
        assert_eq!(node.waiting(&asked, NOW).await.unwrap().number, None, "it is worth nothing now");
        for typed in [right.as_str(), "", &right] {
            assert_eq!(approve(&node, &asked, typed, NOW).await, Err(ApproveError::Spent));
        }
        // Nor by another mail of the same sign-in.
        node.resend(&asked, NOW + secs(15)).await.unwrap();
        assert_eq!(approve(&node, &asked, &right, NOW + secs(16)).await, Err(ApproveError::Spent));
        assert_eq!(node.waiting(&asked, NOW + secs(16)).await.unwrap().number, None);
        assert_eq!(refused(node.by_approval(&asked, NOW + secs(16)).await), CompleteError::Unknown);
        assert!(!node.auth.link(&call(&public(), NOW), &asked.id).await.unwrap().unwrap().takes_number);
        let stored = node.stored(&asked).await;
        assert_eq!((stored.approved_at, stored.number_tries, stored.attempts, stored.ended), (None, 1, 0, None));
        // The link itself still signs in where it was opened.
        assert!(node.by_link(&asked, &node.mail(&asked).link.unwrap(), NOW + secs(17)).await.is_ok());
        node.close().await;
    }

    async fn an_empty_number_is_a_wrong_one(bed: Bed) {
        let node = with_numbers(&bed).await;
        let asked = node.start(JANE, NOW).await;
        let right = shown(&node, &asked).await.to_string();
        assert_eq!(approve(&node, &asked, "", NOW).await, Err(ApproveError::WrongNumber));
        assert_eq!(approve(&node, &asked, &right, NOW).await, Err(ApproveError::Spent));
        node.close().await;
    }

    /// Somebody types Jane's address; Jane opens the link that she did not ask for and cannot know the number. The one
    /// who asked knows it, but has not the link.
    async fn an_attacker_who_asked_for_somebody_else_never_gets_in(bed: Bed) {
        let node = with_numbers(&bed).await;
        for guess in [None, Some(1), Some(45), Some(89)] {
            let attacker = node.start(JANE, NOW).await;
            let number = shown(&node, &attacker).await;
            let secret = node.mail(&attacker).link.unwrap();
            node.auth.opened(&call_from(&public(), NOW, 99), &attacker.id, &secret).await.unwrap();
            for made_up in ["", "x", attacker.device.as_str(), attacker.id.as_str()] {
                let tried = node.auth.approve(&call(&public(), NOW), &attacker.id, made_up, &number.to_string()).await;
                assert_eq!(tried, Err(ApproveError::Unknown), "the number without the link");
            }
            assert_eq!(node.stored(&attacker).await.number_tries, 0, "which costs the owner of the link nothing");
            if let Some(offset) = guess {
                let wrong = (10 + (number - 10 + offset) % 90).to_string();
                assert_eq!(approve(&node, &attacker, &wrong, NOW).await, Err(ApproveError::WrongNumber));
                assert_eq!(approve(&node, &attacker, &number.to_string(), NOW).await, Err(ApproveError::Spent));
            }
            for later in [0, 1, 60, 599, 600, 3600] {
                let error = refused(node.by_approval(&attacker, NOW + secs(later)).await);
                assert_eq!(error, CompleteError::Unknown, "{guess:?}");
            }
            assert!(!node.waiting(&attacker, NOW).await.unwrap().approved);
        }
        assert!(nobody_is_in(&node).await);
        node.close().await;
    }

    async fn time_runs_out_before_and_after_approval(bed: Bed) {
        let node = with_numbers(&bed).await;
        let end = NOW + LIFE;
        let (late, uncollected, collected) = (node.start(JANE, NOW).await, node.start(JANE, NOW).await, node.start(JANE, NOW).await);
        let number = shown(&node, &late).await.to_string();
        assert_eq!(approve(&node, &late, &number, end).await, Err(ApproveError::LinkExpired));
        assert_eq!(node.stored(&late).await.number_tries, 0);
        for asked in [&uncollected, &collected] {
            let number = shown(&node, asked).await.to_string();
            approve(&node, asked, &number, just_before(end)).await.unwrap();
        }
        assert_eq!(refused(node.by_approval(&uncollected, end).await), CompleteError::LinkExpired);
        assert!(nobody_is_in(&node).await);
        assert!(node.by_approval(&collected, just_before(end)).await.is_ok());
        node.close().await;
    }

    /// Whoever approved may have gone: asking for more messages does not prolong it.
    async fn an_approval_is_good_for_one_life_of_a_code(bed: Bed) {
        let node = with_numbers(&bed).await;
        let (asked, other) = (node.start(JANE, NOW).await, node.start(JANE, NOW).await);
        let at = NOW + secs(100);
        for asked in [&asked, &other] {
            approve(&node, asked, &shown(&node, asked).await.to_string(), at).await.unwrap();
            node.resend(asked, NOW + secs(590)).await.unwrap();
        }
        let end = at + LIFE;
        assert!(node.waiting(&asked, just_before(end)).await.unwrap().approved);
        let waiting = node.waiting(&asked, end).await.unwrap();
        assert_eq!((waiting.approved, waiting.number, waiting.standing), (false, None, Standing::Open), "the page waits again");
        assert_eq!(refused(node.by_approval(&asked, end).await), CompleteError::Unknown);
        assert!(nobody_is_in(&node).await);
        assert!(node.by_approval(&other, just_before(end)).await.is_ok(), "by the newer code it is good until then");
        let asked = node.start(JANE, end).await;
        assert!(node.by_link(&asked, &node.mail(&asked).link.unwrap(), end).await.is_ok());
        node.close().await;
    }

    async fn what_is_over_is_not_approved(bed: Bed) {
        let node = with_numbers(&bed).await;
        let (left, worn) = (node.start(JANE, NOW).await, node.start("worn@example.com", NOW).await);
        node.auth.cancel(&call(&public(), NOW), &left.id, &left.device).await.unwrap();
        let right = node.mail(&worn).code.unwrap();
        for n in 1..=5 {
            refused(node.by_code(&worn, &other_code(&right, n), NOW).await);
        }
        for (asked, standing) in [(&left, Standing::Ended(EndedHow::Cancelled)), (&worn, Standing::Exhausted)] {
            let number = shown(&node, asked).await.to_string();
            assert_eq!(approve(&node, asked, &number, NOW).await, Err(ApproveError::Over(standing)));
            assert_eq!(node.stored(asked).await.number_tries, 0);
        }
        // An approval does not outlive the end of its sign-in either.
        let asked = node.start(JANE, NOW).await;
        approve(&node, &asked, &shown(&node, &asked).await.to_string(), NOW).await.unwrap();
        node.auth.cancel(&call(&public(), NOW), &asked.id, &asked.device).await.unwrap();
        assert_eq!(refused(node.by_approval(&asked, NOW).await), CompleteError::Over(EndedHow::Cancelled));
        node.close().await;
    }

    async fn a_tenant_that_does_not_offer_it_shows_and_takes_no_number(bed: Bed) {
        let (node, offering) = (bed.node.clone(), with_numbers(&bed).await);
        let asked = node.start(JANE, NOW).await;
        assert_eq!(node.waiting(&asked, NOW).await.unwrap().number, None);
        assert!(!node.auth.link(&call(&public(), NOW), &asked.id).await.unwrap().unwrap().takes_number);
        let number = shown(&offering, &asked).await.to_string();
        assert_eq!(approve(&node, &asked, &number, NOW).await, Err(ApproveError::Unknown));
        assert_eq!(node.stored(&asked).await.number_tries, 0);
        offering.close().await;
    }

    async fn without_a_link_there_is_no_number(bed: Bed) {
        let node = bed.node_with(|rules| (rules.number_match, rules.flow) = (true, Flow::UserInputCode)).await;
        let asked = node.start(JANE, NOW).await;
        assert_eq!(node.waiting(&asked, NOW).await.unwrap().number, None);
        let user = node.signed_in(JANE, NOW).await.tokens.user;
        let pending = begin(&node, &user, &Wish::Add, "new@example.com", NOW).await;
        assert_eq!(node.waiting(&pending, NOW).await.unwrap().number, None);
        let number = node.auth.keyring().match_number(&pending.id).to_string();
        assert_eq!(node.auth.approve(&call(&public(), NOW), &pending.id, "", &number).await, Err(ApproveError::Unknown));
        node.close().await;
    }

    async fn the_link_is_needed_and_its_tenant(bed: Bed) {
        let node = with_numbers(&bed).await;
        let asked = node.start(JANE, NOW).await;
        let (number, secret) = (shown(&node, &asked).await.to_string(), node.mail(&asked).link.unwrap());
        let other = node.start(JANE, NOW).await;
        let others = node.mail(&other).link.unwrap();
        for (tenant, id, secret) in [(public(), &asked.id, &others), (acme(), &asked.id, &secret), (public(), &other.id, &secret)] {
            assert_eq!(node.auth.approve(&call(&tenant, NOW), id, secret, &number).await, Err(ApproveError::Unknown));
        }
        assert_eq!((node.stored(&asked).await.number_tries, node.stored(&other).await.number_tries), (0, 0));
        node.close().await;
    }

    async fn of_32_approvals_one_holds_and_is_collected_once(bed: Bed) {
        let (node, second) = (with_numbers(&bed).await, with_numbers(&bed).await);
        for round in 0..10 {
            let asked = node.start(JANE, NOW).await;
            let (number, secret) = (shown(&node, &asked).await.to_string(), node.mail(&asked).link.unwrap());
            let racer = |n: usize| {
                let (node, asked, number, secret) = ([&node, &second][n % 2].clone(), asked.clone(), number.clone(), secret.clone());
                async move { node.auth.approve(&call(&public(), NOW), &asked.id, &secret, &number).await }
            };
            let answers = at_once((0..32).map(racer).collect()).await;
            assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "round {round}");
            assert!(answers.iter().all(|answer| matches!(answer, Ok(()) | Err(ApproveError::Spent))), "{answers:?}");
            let racer = |n: usize| {
                let (node, asked) = ([&node, &second][n % 2].clone(), asked.clone());
                async move { node.by_approval(&asked, NOW).await.is_ok() }
            };
            let collected = at_once((0..16).map(racer).collect()).await;
            assert_eq!(collected.into_iter().filter(|is_in| *is_in).count(), 1, "round {round}");
        }
        node.close().await;
        second.close().await;
    }

    async fn of_approval_code_and_link_one_session_comes(bed: Bed) {
        let (node, second) = (with_numbers(&bed).await, with_numbers(&bed).await);
        let mut user = None;
        for round in 0..20 {
            let asked = node.start(JANE, NOW).await;
            let mail = node.mail(&asked);
            approve(&node, &asked, &shown(&node, &asked).await.to_string(), NOW).await.unwrap();
            let racer = |n: usize| {
                let (node, asked, mail) = ([&node, &second][n / 3 % 2].clone(), asked.clone(), mail.clone());
                async move {
                    match n % 3 {
                        0 => node.by_approval(&asked, NOW).await,
                        1 => node.by_code(&asked, &mail.code.unwrap(), NOW).await,
                        _ => node.by_link(&asked, &mail.link.unwrap(), NOW).await,
                    }
                }
            };
            let outcomes = at_once((0..12).map(racer).collect()).await;
            let won: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.as_ref().ok()).collect();
            assert_eq!(won.len(), 1, "round {round}");
            let user = user.get_or_insert_with(|| won[0].tokens.user.clone());
            assert_eq!(node.auth.sessions_of(user, NOW).await.unwrap().len(), round + 1);
        }
        node.close().await;
        second.close().await;
    }
}

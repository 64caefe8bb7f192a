//! The guess budget of an account: what an attacker can spend, what the owner still can do, and what nobody is told.

use crate::kit::*;
use postkey_auth::{CompleteError, Proof, ResendAs, TrustedDevice};
use postkey_model::{Account, Budget, CodeStrength, EventKind, Millis, TenantId, Timestamp};

const JANE: &str = "jane@example.com";

/// Wrong codes for `address`: five on each of as many sign-ins as it takes, each from an address of its own. What
/// each was answered comes back.
async fn attack(node: &Node, tenant: &TenantId, address: &str, guesses: u32, now: Timestamp) -> Vec<CompleteError> {
    let mut answers = Vec::new();
    for host in 0..guesses.div_ceil(5) {
        let (asked, _) = node.start_at(&call_from(tenant, now, host), address, None).await;
        let right = node.mail(&asked).code.unwrap();
        for n in 1..=u64::from(5.min(guesses - 5 * host)) {
            let (sign_in, device, typed) = (asked.id.clone(), asked.device.clone(), other_code(&right, n));
            let proof = Proof::Code { sign_in, device, typed };
            answers.push(refused(node.auth.complete(&call_from(tenant, now, host), &proof, None).await));
        }
    }
    answers
}

async fn budget(node: &Node, tenant: &TenantId, account: &Account) -> Budget {
    node.auth.store().budget(tenant, account).await.unwrap().unwrap()
}

async fn lines(node: &Node) -> i64 {
    node.auth.store().count_events(EventKind::GuessBudgetSpent).await.unwrap()
}

/// Whether the newest code for `asked` is long, as stored and as sent.
async fn is_long(node: &Node, asked: &Asked) -> bool {
    let signs = node.mail(asked).code.unwrap().chars().filter(char::is_ascii_digit).count();
    let long = node.stored(asked).await.code.strength == CodeStrength::Long;
    assert_eq!(signs, if long { 13 } else { 6 }, "40 bits are 13 digits");
    long
}

/// What five wrong codes in a row are answered with, on each of so many sign-ins.
fn five_wrong(sign_ins: usize) -> Vec<CompleteError> {
    let wrong = |attempts| CompleteError::WrongCode { left: 5 - attempts, attempts };
    let series = [wrong(1), wrong(2), wrong(3), wrong(4), CompleteError::TooManyWrong];
    series.iter().cycle().take(5 * sign_ins).cloned().collect()
}

/// The cookie of a browser that signed in to `address` before.
async fn trusted(node: &Node, address: &str) -> TrustedDevice {
    TrustedDevice::parse(&node.signed_in(address, NOW).await.trusted.to_cookie()).unwrap()
}

on_both_engines! {
    async fn a_spent_budget_kills_short_codes_and_makes_new_ones_long(bed: Bed) {
        let node = &bed.node;
        let jane = node.signed_in(JANE, NOW).await.tokens.user.clone();
        let (by_code, by_link) = (node.start(JANE, NOW).await, node.start(JANE, NOW).await);
        assert!(!is_long(node, &by_code).await);

        assert_eq!(attack(node, &public(), JANE, 99, NOW + secs(1)).await[..95], five_wrong(19));
        let last_short = node.start(JANE, NOW + secs(2)).await;
        assert!(!is_long(node, &last_short).await, "one failure is left");
        assert_eq!(lines(node).await, 0);
        attack(node, &public(), JANE, 1, NOW + secs(3)).await;
        assert_eq!(lines(node).await, 1);
        assert_eq!(budget(node, &public(), &Account::user(&jane)).await.failures, 100);

        // New codes are long and let in; short ones already out are dead, and are answered as any wrong code is.
        let late = node.start(JANE, NOW + secs(4)).await;
        assert!(is_long(node, &late).await);
        let right = node.mail(&by_code).code.unwrap();
        let wrong_now = CompleteError::WrongCode { left: 4, attempts: 1 };
        assert_eq!(refused(node.by_code(&by_code, &right, NOW + secs(4)).await), wrong_now);
        assert_eq!(refused(node.by_code(&last_short, &wrong(&right), NOW + secs(4)).await), wrong_now);
        // Six digits are still taken for a code and not for a slip: the form says nothing about the budget.
        assert_eq!(refused(node.by_code(&late, "123456", NOW + secs(4)).await), wrong_now);
        assert_eq!(refused(node.by_code(&late, "12345", NOW + secs(4)).await), CompleteError::NotACode);
        let completed = node.by_code(&late, &node.mail(&late).code.unwrap(), NOW + secs(5)).await.unwrap();
        assert_eq!(completed.tokens.user, jane);
        // It ended the others. A link of a mail with a dead short code is good in its turn.
        assert!(node.by_link(&by_link, &node.mail(&by_link).link.unwrap(), NOW + secs(5)).await.is_err());
        let resent = node.start(JANE, NOW + secs(6)).await;
        assert!(node.by_link(&resent, &node.mail(&resent).link.unwrap(), NOW + secs(6)).await.is_ok());

        assert_eq!(lines(node).await, 1, "written once");
        assert_eq!(budget(node, &public(), &Account::user(&jane)).await.failures, 100, "nothing counts beyond the limit");
    }

    async fn the_link_of_a_mail_whose_short_code_is_dead_still_works(bed: Bed) {
        let node = &bed.node;
        node.signed_in(JANE, NOW).await;
        let asked = node.start(JANE, NOW).await;
        attack(node, &public(), JANE, 100, NOW).await;
        let mail = node.mail(&asked);
        assert!(refused(node.by_code(&asked, &mail.code.unwrap(), NOW).await) == CompleteError::WrongCode { left: 4, attempts: 1 });
        assert!(node.by_link(&asked, &mail.link.unwrap(), NOW).await.is_ok());
    }

    async fn an_attacker_is_answered_the_same_before_and_after(bed: Bed) {
        let node = &bed.node;
        for address in [JANE, "nobody@example.com"] {
            if address == JANE {
                node.signed_in(JANE, NOW).await;
            }
            let before = attack(node, &public(), address, 100, NOW).await;
            let after = attack(node, &public(), address, 25, NOW).await;
            assert_eq!(before, five_wrong(20), "{address}");
            assert_eq!(after, five_wrong(5), "{address}");
            let sent = |sent: postkey_auth::Sent| (sent.has_code, sent.has_link, sent.expires_at, sent.resend_from);
            let (_, spent) = node.start_at(&call(&public(), NOW), address, None).await;
            let (_, other) = node.start_at(&call(&public(), NOW), "somebody@example.com", None).await;
            assert_eq!(sent(spent), sent(other), "starting tells nothing either");
        }
        assert_eq!(lines(node).await, 2);
    }

    async fn a_trusted_browser_has_a_budget_of_its_own(bed: Bed) {
        let node = &bed.node;
        let browser = trusted(node, JANE).await;
        let jane = node.signed_in(JANE, NOW).await.tokens.user.clone();
        attack(node, &public(), JANE, 100, NOW).await;

        let (asked, _) = node.start_at(&call(&public(), NOW), JANE, Some(&browser)).await;
        assert!(!is_long(node, &asked).await);
        assert!(node.by_code(&asked, &node.mail(&asked).code.unwrap(), NOW).await.is_ok());
        // The cookie of another user's browser is worth nothing here.
        let stranger = trusted(node, "eve@example.com").await;
        assert!(is_long(node, &node.start_at(&call(&public(), NOW), JANE, Some(&stranger)).await.0).await);

        // It can be spent as well (20 here); then only that browser gets long codes too.
        for _ in 0..4 {
            let (asked, _) = node.start_at(&call(&public(), NOW), JANE, Some(&browser)).await;
            let right = node.mail(&asked).code.unwrap();
            for n in 1..=5 {
                refused(node.by_code(&asked, &other_code(&right, n), NOW).await);
            }
        }
        assert!(is_long(node, &node.start_at(&call(&public(), NOW), JANE, Some(&browser)).await.0).await);
        assert_eq!(lines(node).await, 2);
        assert_eq!(budget(node, &public(), &Account::user(&jane)).await.failures, 100, "counted apart");
    }

    async fn wrong_codes_of_a_trusted_browser_leave_the_account_alone(bed: Bed) {
        let node = &bed.node;
        let browser = trusted(node, JANE).await;
        for _ in 0..4 {
            let (asked, _) = node.start_at(&call(&public(), NOW), JANE, Some(&browser)).await;
            let right = node.mail(&asked).code.unwrap();
            for n in 1..=5 {
                refused(node.by_code(&asked, &other_code(&right, n), NOW).await);
            }
        }
        assert!(is_long(node, &node.start_at(&call(&public(), NOW), JANE, Some(&browser)).await.0).await);
        assert!(!is_long(node, &node.start(JANE, NOW).await).await);
    }

    async fn the_budget_refills_when_its_window_is_over(bed: Bed) {
        let node = &bed.node;
        node.signed_in(JANE, NOW).await;
        attack(node, &public(), JANE, 60, NOW).await;
        attack(node, &public(), JANE, 40, NOW + Millis::from_hours(23)).await;
        // The window opened with the first wrong code.
        let end = NOW + Millis::from_hours(24);
        let last_long = node.start(JANE, Timestamp(end.0 - 1)).await;
        assert!(is_long(node, &last_long).await);
        let short = node.start(JANE, end).await;
        assert!(!is_long(node, &short).await);
        // A long code that is out stays good.
        let long = node.mail(&last_long).code.unwrap();
        assert!(node.by_code(&last_long, &long, end).await.is_ok());
        let short = node.start(JANE, end).await;
        assert!(node.by_code(&short, &node.mail(&short).code.unwrap(), end).await.is_ok());

        // And the next window has a budget, and a line, of its own.
        attack(node, &public(), JANE, 99, end).await;
        assert_eq!(lines(node).await, 1);
        assert!(!is_long(node, &node.start(JANE, end).await).await);
        attack(node, &public(), JANE, 1, end).await;
        assert_eq!(lines(node).await, 2);
        assert!(is_long(node, &node.start(JANE, end).await).await);
    }

    async fn a_short_code_comes_back_to_life_with_the_budget(bed: Bed) {
        // A code of ten minutes does not live to see it: here it lives for two days.
        let patient = bed.node_with(|rules| rules.lifetime = Millis::from_hours(48)).await;
        let end = NOW + Millis::from_hours(24);
        let asked = patient.start(JANE, NOW).await;
        attack(&patient, &public(), JANE, 100, NOW).await;
        let code = patient.mail(&asked).code.unwrap();
        let dead = CompleteError::WrongCode { left: 4, attempts: 1 };
        assert_eq!(refused(patient.by_code(&asked, &code, Timestamp(end.0 - 1)).await), dead);
        assert!(patient.by_code(&asked, &code, end).await.is_ok());
        patient.close().await;
    }

    async fn sending_again_under_attack_sends_a_long_code(bed: Bed) {
        let node = &bed.node;
        let asked = node.start(JANE, NOW).await;
        let short = node.mail(&asked).code.unwrap();
        attack(node, &public(), JANE, 100, NOW).await;
        let later = NOW + secs(15);
        node.auth.resend(&call(&public(), later), &asked.id, &asked.device, ResendAs::Usual).await.unwrap();
        assert!(is_long(node, &asked).await);
        assert!(node.by_code(&asked, &short, later).await.is_err());
        assert!(node.by_code(&asked, &node.mail(&asked).code.unwrap(), later).await.is_ok());
    }

    async fn a_budget_is_one_accounts_in_one_tenant(bed: Bed) {
        let node = &bed.node;
        attack(node, &public(), JANE, 100, NOW).await;
        assert!(is_long(node, &node.start(JANE, NOW).await).await);
        assert!(!is_long(node, &node.start("joe@example.com", NOW).await).await);
        assert!(!is_long(node, &node.start_at(&call(&acme(), NOW), JANE, None).await.0).await);
        // Another spelling is no other account.
        assert!(is_long(node, &node.start(" Jane@EXAMPLE.com", NOW).await).await);
    }

    async fn what_cannot_be_a_code_and_wrong_links_cost_nothing(bed: Bed) {
        let node = &bed.node;
        let asked = node.start(JANE, NOW).await;
        for junk in ["", " ", "12345", "12345678", "abcdef", "12345x", "000000000000000"] {
            assert_eq!(refused(node.by_code(&asked, junk, NOW).await), CompleteError::NotACode, "{junk:?}");
        }
        for junk in ["", "x", "123456"] {
            assert_eq!(refused(node.by_link(&asked, junk, NOW).await), CompleteError::Unknown);
        }
        let stranger = Asked { device: "stranger".to_owned(), ..asked.clone() };
        let right = node.mail(&asked).code.unwrap();
        assert_eq!(refused(node.by_code(&stranger, &wrong(&right), NOW).await), CompleteError::Unknown);
        assert_eq!(refused(node.by_code(&stranger, &right, NOW).await), CompleteError::Unknown);
        let stored = node.stored(&asked).await;
        assert_eq!(stored.attempts, 0);
        assert_eq!(node.auth.store().budget(&public(), &stored.account).await.unwrap(), None);
        // Thirteen digits could be a long code: they cost a try even while there is none.
        let wrong_now = CompleteError::WrongCode { left: 4, attempts: 1 };
        assert_eq!(refused(node.by_code(&asked, "1234567890123", NOW).await), wrong_now);
    }
}

//! Wrong codes, beside the budgets of accounts: of one network, of a tenant, of the whole server; and whom that must not hit.

use crate::kit::*;
use postkey_auth::{CodeFor, CompleteError, TrustedDevice, Wanted};
use postkey_model::{Call, ContactMethod, GuessRules, Identifier, Millis, ServerRules};

const JANE: &str = "jane@example.com";
/// How many digits a code has.
fn digits(code: &str) -> usize {
    code.chars().filter(char::is_ascii_digit).count()
}

const WINDOW: Millis = Millis::from_mins(15);

async fn limited(bed: &Bed, per_network: i64, per_tenant: i64) -> Node {
    bed.node_with(|rules| rules.guesses = GuessRules { per_network, per_tenant, window: WINDOW }).await
}

/// Types a wrong code from the `host`th network, for an address of its own.
async fn miss(node: &Node, n: u32, host: u32) -> CompleteError {
    let asked = node.start(&format!("victim{n}@example.com"), NOW).await;
    let code = node.mail(&asked).code.unwrap();
    refused(node.complete_from(&call_from(&public(), NOW, host), &asked, &wrong(&code)).await)
}

on_both_engines! {
    async fn a_network_types_so_many_wrong_codes(bed: Bed) {
        let node = limited(&bed, 3, 0).await;
        for n in 0..3 {
            assert_eq!(miss(&node, n, 66).await, CompleteError::WrongCode { left: 4, attempts: 1 });
        }
        let throttled = CompleteError::Throttled { until: NOW + WINDOW };
        let asked = node.start(JANE, NOW).await;
        let mail = node.mail(&asked);
        let code = mail.code.unwrap();
        let from = call_from(&public(), NOW, 66);
        assert_eq!(refused(node.complete_from(&from, &asked, &code).await), throttled, "not looked at, right or wrong");
        assert_eq!(refused(node.complete_from(&from, &asked, &wrong(&code)).await), throttled);
        assert_eq!(node.stored(&asked).await.attempts, 0, "and it costs nobody a try");
        // Another network, and later this one.
        assert_eq!(miss(&node, 8, 67).await, CompleteError::WrongCode { left: 4, attempts: 1 });
        let later = Call { now: NOW + Millis::from_mins(9), ..call_from(&public(), NOW, 66) };
        assert_eq!(refused(node.complete_from(&later, &asked, &code).await), throttled);
        assert!(node.complete_from(&call_from(&public(), NOW, 67), &asked, &code).await.is_ok());
        let asked = node.start(JANE, NOW + WINDOW).await;
        let code = node.mail(&asked).code.unwrap();
        let after = Call { now: NOW + WINDOW, ..from };
        assert!(node.complete_from(&after, &asked, &code).await.is_ok());
        node.close().await;
    }

    /// Somebody guesses in Jane's office. Her link works, and so does the browser she used before.
    async fn links_and_known_browsers_are_not_kept_out(bed: Bed) {
        let cookie = bed.node.signed_in(JANE, NOW).await.trusted.to_cookie();
        let node = limited(&bed, 1, 0).await;
        miss(&node, 1, 7).await;
        let asked = node.start(JANE, NOW).await;
        let mail = node.mail(&asked);
        let throttled = CompleteError::Throttled { until: NOW + WINDOW };
        assert_eq!(refused(node.by_code(&asked, &mail.code.unwrap(), NOW).await), throttled);
        assert!(node.by_link(&asked, &mail.link.unwrap(), NOW).await.is_ok());
        let trusted = TrustedDevice::parse(&cookie).unwrap();
        let wanted = Wanted { typed: JANE, trusted: Some(&trusted), ..Wanted::default() };
        let asked = Asked::of(&node.auth.start(&call(&public(), NOW), wanted).await.unwrap());
        let code = node.mail(&asked).code.unwrap();
        assert_eq!(refused(node.by_code(&asked, &wrong(&code), NOW).await), CompleteError::WrongCode { left: 4, attempts: 1 });
        assert!(node.by_code(&asked, &code, NOW).await.is_ok());
        node.close().await;
    }

    /// Many networks guess at many accounts, each a little. Nobody is turned away; codes become too long to guess.
    async fn a_pressed_tenant_sends_long_codes(bed: Bed) {
        let node = limited(&bed, 0, 3).await;
        let (before, known) = (node.start(JANE, NOW).await, bed.node.signed_in("joe@example.com", NOW).await.trusted.to_cookie());
        for n in 0..3 {
            miss(&node, n, n).await;
        }
        let length = |asked: &Asked| digits(&node.mail(asked).code.unwrap());
        assert_eq!(length(&before), 6);
        let asked = node.start("new@example.com", NOW).await;
        let code = node.mail(&asked).code.unwrap();
        assert_eq!(digits(&code), 13);
        assert!(node.by_code(&asked, &code, NOW).await.is_ok(), "a long code works");
        let short = node.mail(&before).code.unwrap();
        assert!(node.by_code(&before, &short, NOW).await.is_ok(), "and so does one that was out already");
        let trusted = TrustedDevice::parse(&known).unwrap();
        let wanted = Wanted { typed: "joe@example.com", trusted: Some(&trusted), ..Wanted::default() };
        assert_eq!(length(&Asked::of(&node.auth.start(&call(&public(), NOW), wanted).await.unwrap())), 6, "known browsers are not guessing");
        assert_eq!(length(&node.start_at(&call(&acme(), NOW), "new@example.com", None).await.0), 6, "nor is another tenant pressed");
        assert_eq!(length(&node.start("late@example.com", NOW + WINDOW).await), 6);
        node.close().await;
    }

    /// What strangers do to other accounts turns nobody away whose back end chooses the codes.
    async fn a_pressed_tenant_takes_codes_that_a_back_end_chose(bed: Bed) {
        let node = limited(&bed, 0, 1).await;
        miss(&node, 1, 1).await;
        let jane = Identifier::parse(JANE, ContactMethod::Email, None).unwrap();
        let made = node.auth.make_code(&call(&public(), NOW), CodeFor::Identifier(&jane), Some("4711")).await.unwrap();
        assert_eq!(made.code.expose(), "4711");
        node.close().await;
    }

    async fn a_pressed_server_sends_long_codes_everywhere(bed: Bed) {
        let node = bed.another_node(|settings| settings.limits = ServerRules { guesses: 2, window: WINDOW, ..ServerRules::NONE }).await;
        node.auth.tend_keys(NOW).await.unwrap();
        for n in 0..2 {
            miss(&node, n, n).await;
        }
        for tenant in [public(), acme()] {
            assert_eq!(digits(&node.mail(&node.start_at(&call(&tenant, NOW), JANE, None).await.0).code.unwrap()), 13);
        }
        node.close().await;
    }

    async fn of_64_at_once_as_many_are_looked_at_as_the_network_may(bed: Bed) {
        let node = limited(&bed, 5, 0).await;
        let racer = |n: u32| {
            let node = node.clone();
            async move { miss(&node, n, 66).await }
        };
        let answers = at_once((0..64).map(racer).collect()).await;
        let looked_at = answers.iter().filter(|answer| matches!(answer, CompleteError::WrongCode { .. })).count();
        assert_eq!(looked_at, 5, "no more than the limit says, however many come at once");
        assert_eq!(miss(&node, 99, 66).await, CompleteError::Throttled { until: NOW + WINDOW });
        node.close().await;
    }
}

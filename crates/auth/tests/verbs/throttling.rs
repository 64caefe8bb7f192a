//! How many messages may be asked for: to one identifier, from one network, in a tenant; and who is counted apart.

use crate::identifiers::{added, begin, prove_right, wished};
use crate::kit::*;
use postkey_auth::decide::identifier::Wish;
use postkey_auth::{ChangeError, ProveError, ProvedNow, ResendError, Sent, StartError, TrustedDevice, Wanted};
use postkey_model::{Millis, SendRules, ServerRules, TenantId, Timestamp};

const JANE: &str = "jane@example.com";
const HOUR: Millis = Millis::from_hours(1);

async fn limited(bed: &Bed, per_contact: i64, per_network: i64, per_tenant: i64, window: Millis) -> Node {
    bed.node_with(|rules| rules.sends = SendRules { per_contact, per_network, per_tenant, window }).await
}

/// Asks for a sign-in from the `host`th network.
async fn ask(node: &Node, tenant: &TenantId, address: &str, host: u32, now: Timestamp) -> Result<Sent, StartError> {
    node.auth.start(&call_from(tenant, now, host), Wanted { typed: address, ..Wanted::default() }).await
}

/// From when on it is possible again, if it was not.
fn until(outcome: Result<Sent, StartError>) -> Option<Timestamp> {
    match outcome {
        Ok(_) => None,
        Err(StartError::Throttled { until }) => Some(until),
        Err(error) => panic!("{error:?}"),
    }
}

async fn rows(node: &Node) -> i64 {
    node.auth.store().queued_messages().await.unwrap()
}

on_both_engines! {
    async fn an_identifier_gets_so_many_messages_from_one_network(bed: Bed) {
        let node = limited(&bed, 3, 0, 0, HOUR).await;
        for n in 0..3 {
            assert_eq!(until(ask(&node, &public(), JANE, 9, NOW + secs(n)).await), None);
        }
        let end = NOW + HOUR;
        for now in [NOW + secs(3), just_before(end)] {
            assert_eq!(until(ask(&node, &public(), " Jane@EXAMPLE.com", 9, now).await), Some(end), "however it is spelt");
        }
        assert_eq!(rows(&node).await, 3, "nothing was queued");
        assert_eq!(until(ask(&node, &public(), "joe@example.com", 9, NOW).await), None);
        assert_eq!(until(ask(&node, &acme(), JANE, 9, NOW).await), None);
        // The window opens again, for as many.
        for _ in 0..3 {
            assert_eq!(until(ask(&node, &public(), JANE, 9, end).await), None);
        }
        assert_eq!(until(ask(&node, &public(), JANE, 9, end).await), Some(end + HOUR));
        node.close().await;
    }

    /// Somebody asks for Jane's address again and again. Jane, anywhere else, is not turned away.
    async fn an_attacker_in_one_network_locks_out_nobody_in_another(bed: Bed) {
        let node = limited(&bed, 3, 0, 0, HOUR).await;
        for n in 0..50 {
            let turned_away = until(ask(&node, &public(), JANE, 66, NOW).await);
            assert_eq!(turned_away, (n >= 3).then_some(NOW + HOUR));
        }
        for _ in 0..3 {
            assert_eq!(until(ask(&node, &public(), JANE, 7, NOW).await), None);
        }
        assert_eq!(until(ask(&node, &public(), JANE, 7, NOW).await), Some(NOW + HOUR));
        assert_eq!(rows(&node).await, 6, "who is turned away is not counted");
        node.close().await;
    }

    async fn all_networks_together_have_five_times_as_many(bed: Bed) {
        let node = limited(&bed, 2, 0, 0, HOUR).await;
        for n in 0..10 {
            assert_eq!(until(ask(&node, &public(), JANE, n / 2, NOW).await), None, "{n}");
        }
        for host in [0, 4, 5, 99] {
            assert_eq!(until(ask(&node, &public(), JANE, host, NOW + secs(60)).await), Some(NOW + HOUR), "whoever asks");
        }
        assert_eq!(rows(&node).await, 10);
        assert_eq!(until(ask(&node, &public(), "joe@example.com", 99, NOW).await), None);
        assert_eq!(until(ask(&node, &public(), JANE, 99, NOW + HOUR).await), None);
        node.close().await;
    }

    async fn a_network_asks_so_often(bed: Bed) {
        let node = limited(&bed, 0, 3, 0, HOUR).await;
        for n in 0..3 {
            assert_eq!(until(ask(&node, &public(), &format!("p{n}@example.com"), 7, NOW).await), None);
        }
        assert_eq!(until(ask(&node, &public(), "p9@example.com", 7, NOW + secs(1)).await), Some(NOW + HOUR));
        assert_eq!(until(ask(&node, &public(), "p9@example.com", 8, NOW + secs(1)).await), None);
        assert_eq!(until(ask(&node, &acme(), "p9@example.com", 7, NOW + secs(1)).await), None, "each tenant counts for itself");
        assert_eq!(until(ask(&node, &public(), "p9@example.com", 7, NOW + HOUR).await), None);
        node.close().await;
    }

    async fn a_tenant_sends_so_many(bed: Bed) {
        let node = limited(&bed, 0, 0, 3, HOUR).await;
        for n in 0..3 {
            assert_eq!(until(ask(&node, &public(), &format!("p{n}@example.com"), n, NOW).await), None);
        }
        assert_eq!(until(ask(&node, &public(), "p9@example.com", 9, NOW).await), Some(NOW + HOUR));
        assert_eq!(until(ask(&node, &acme(), "p9@example.com", 9, NOW).await), None);
        node.close().await;
    }

    async fn of_several_limits_of_an_identifier_the_one_that_lasts_longest_is_told(bed: Bed) {
        let node = limited(&bed, 1, 0, 0, HOUR).await;
        for host in 0..5 {
            assert_eq!(until(ask(&node, &public(), JANE, host, NOW + secs(i64::from(host))).await), None);
        }
        assert_eq!(until(ask(&node, &public(), JANE, 4, NOW + secs(61)).await), Some(NOW + HOUR + secs(4)));
        node.close().await;
    }

    /// Who was turned away for an identifier is turned away without the store, and for no longer.
    async fn what_the_store_said_is_not_asked_again(bed: Bed) {
        let node = limited(&bed, 1, 0, 0, HOUR).await;
        assert_eq!(until(ask(&node, &public(), JANE, 7, NOW).await), None);
        for n in 0..3 {
            assert_eq!(until(ask(&node, &public(), JANE, 7, NOW + secs(n)).await), Some(NOW + HOUR));
        }
        assert_eq!(until(ask(&node, &public(), JANE, 8, NOW).await), None, "another network has its own");
        assert_eq!(until(ask(&node, &acme(), JANE, 7, NOW).await), None, "and another tenant");
        assert_eq!(until(ask(&node, &public(), JANE, 7, NOW + HOUR).await), None);
        node.close().await;
    }

    /// Strangers fill a tenant; the people who use it go on.
    async fn a_tenant_that_strangers_fill_goes_on_for_known_browsers(bed: Bed) {
        let cookie = bed.node.signed_in(JANE, NOW).await.trusted.to_cookie();
        let node = limited(&bed, 0, 0, 3, HOUR).await;
        for n in 0..3 {
            assert_eq!(until(ask(&node, &public(), &format!("p{n}@example.com"), n, NOW).await), None);
        }
        assert_eq!(until(ask(&node, &public(), JANE, 9, NOW).await), Some(NOW + HOUR));
        let trusted = TrustedDevice::parse(&cookie).unwrap();
        let wanted = Wanted { typed: JANE, trusted: Some(&trusted), ..Wanted::default() };
        for n in 0..4 {
            let answer = until(node.auth.start(&call(&public(), NOW + secs(n)), wanted).await);
            assert_eq!(answer, (n == 3).then_some(NOW + HOUR), "as many to themselves");
        }
        node.close().await;
    }

    async fn the_whole_server_sends_so_many(bed: Bed) {
        let node = bed.another_node(|settings| settings.limits = ServerRules { sends: 3, window: HOUR, ..ServerRules::NONE }).await;
        node.auth.tend_keys(NOW).await.unwrap();
        for (n, tenant) in [public(), acme(), public()].iter().enumerate() {
            assert_eq!(until(ask(&node, tenant, &format!("p{n}@example.com"), n as u32, NOW).await), None);
        }
        for tenant in [public(), acme()] {
            assert_eq!(until(ask(&node, &tenant, JANE, 9, NOW).await), Some(NOW + HOUR));
        }
        assert_eq!(until(ask(&node, &acme(), JANE, 9, NOW + HOUR).await), None);
        node.close().await;
    }

    async fn sending_again_counts(bed: Bed) {
        let node = limited(&bed, 2, 0, 0, HOUR).await;
        let asked = node.start(JANE, NOW).await;
        let first = node.mail(&asked).code.unwrap();
        node.resend(&asked, NOW + secs(15)).await.unwrap();
        let now = NOW + secs(30);
        assert_eq!(node.resend(&asked, now).await.err(), Some(ResendError::Throttled { until: NOW + HOUR }));
        assert_eq!(until(ask(&node, &public(), JANE, 7, now).await), Some(NOW + HOUR));
        let stored = node.stored(&asked).await;
        assert_eq!((stored.sends, stored.last_sent_at), (2, NOW + secs(15)), "what was sent stays as it was");
        assert!(node.by_code(&asked, &first, now).await.is_ok(), "and good");
        node.close().await;
    }

    async fn a_trusted_browser_is_counted_apart(bed: Bed) {
        let node = limited(&bed, 2, 0, 0, HOUR).await;
        let cookie = bed.node.signed_in(JANE, NOW).await.trusted.to_cookie();
        let eve = bed.node.signed_in("eve@example.com", NOW).await.trusted;
        for n in 0..10 {
            assert_eq!(until(ask(&node, &public(), JANE, n % 5 + 7, NOW).await), None);
        }
        assert_eq!(until(ask(&node, &public(), JANE, 99, NOW).await), Some(NOW + HOUR), "whoever asks");
        let trusted = TrustedDevice::parse(&cookie).unwrap();
        let of = |device| Wanted { typed: JANE, trusted: Some(device), ..Wanted::default() };
        let from = call(&public(), NOW);
        assert_eq!(until(node.auth.start(&from, of(&eve)).await), Some(NOW + HOUR), "another user's browser is a stranger");
        for _ in 0..2 {
            assert_eq!(until(node.auth.start(&from, of(&trusted)).await), None);
        }
        assert_eq!(until(node.auth.start(&from, of(&trusted)).await), Some(NOW + HOUR), "as many, but no more");
        let (elsewhere, wanted) = (call_from(&public(), NOW, 99), of(&trusted));
        assert_eq!(until(node.auth.start(&elsewhere, wanted).await), Some(NOW + HOUR), "wherever it is");
        node.close().await;
    }

    /// Being turned away tells nothing: neither whether an identifier is known, nor what else is its owner's.
    async fn the_limit_says_nothing_of_users(bed: Bed) {
        let user = bed.node.signed_in(JANE, NOW).await.tokens.user;
        added(&bed.node, &user, "jane@work.example", NOW).await;
        let node = limited(&bed, 2, 0, 0, HOUR).await;
        for address in [JANE, "nobody@example.com"] {
            let mut answers = Vec::new();
            for host in [0, 0, 0, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5] {
                answers.push(until(ask(&node, &public(), address, host, NOW).await).is_some());
            }
            let expected = [false, false, true, false, false, true, false, false, false, false, false, false, true];
            assert_eq!(answers, expected, "{address}");
        }
        assert_eq!(until(ask(&node, &public(), "jane@work.example", 0, NOW).await), None, "one identifier is not the other");
        // Nor does signing up begin the count anew.
        let asked = bed.node.start("nobody@example.com", NOW).await;
        bed.node.by_code(&asked, &bed.node.mail(&asked).code.unwrap(), NOW).await.unwrap();
        assert_eq!(until(ask(&node, &public(), "nobody@example.com", 9, NOW).await), Some(NOW + HOUR));
        node.close().await;
    }

    async fn adding_identifiers_counts_against_whoever_gets_the_message(bed: Bed) {
        let user = bed.node.signed_in(JANE, NOW).await.tokens.user;
        let node = limited(&bed, 1, 0, 0, HOUR).await;
        assert_eq!(until(ask(&node, &public(), "new@example.com", 7, NOW).await), None);
        let throttled = wished(&node, &user, &Wish::Add, "new@example.com", NOW).await.err();
        assert_eq!(throttled, Some(ChangeError::Start(StartError::Throttled { until: NOW + HOUR })));
        assert!(wished(&node, &user, &Wish::Add, "other@example.com", NOW).await.is_ok());
        assert_eq!(until(ask(&node, &public(), "other@example.com", 7, NOW).await), Some(NOW + HOUR));
        node.close().await;
    }

    async fn a_second_step_that_is_throttled_spends_nothing(bed: Bed) {
        let jane = bed.node.signed_in(JANE, NOW).await;
        let (user, window) = (jane.tokens.user, Millis::from_mins(1));
        let node = limited(&bed, 0, 1, 0, window).await;
        let confirm = begin(&node, &user, &Wish::Change(jane.identity), "new@example.com", NOW).await;
        let throttled = prove_right(&node, &user, &confirm, NOW).await.err();
        assert_eq!(throttled, Some(ProveError::Throttled { until: NOW + window }));
        assert_eq!(node.stored(&confirm).await.ended, None);
        assert_eq!(node.stored(&confirm).await.attempts, 0);
        assert!(matches!(prove_right(&node, &user, &confirm, NOW + window).await, Ok(ProvedNow::Next(_))));
        node.close().await;
    }

    /// Everybody counts in one order. Else, on PostgreSQL, groups of commits wait for each other until a lock times out,
    /// and who looked again 8 times is turned away.
    async fn many_people_of_few_networks_hinder_nobody(bed: Bed) {
        let (node, other) = (limited(&bed, 1000, 1000, 1000, HOUR).await, limited(&bed, 1000, 1000, 1000, HOUR).await);
        let racer = |n: u32| {
            let node = [&node, &other][n as usize % 2].clone();
            async move {
                for i in 0..5 {
                    let address = format!("p{}@example.com", (n * 7 + i * 13) % 31);
                    assert_eq!(until(ask(&node, &public(), &address, (n + i) % 4, NOW).await), None);
                }
            }
        };
        at_once((0..64).map(racer).collect()).await;
        assert_eq!(rows(&node).await, 320);
        node.close().await;
        other.close().await;
    }

    async fn of_64_at_once_as_many_are_sent_as_the_limit_says(bed: Bed) {
        let (node, other) = (limited(&bed, 20, 0, 0, HOUR).await, limited(&bed, 20, 0, 0, HOUR).await);
        let few = limited(&bed, 4, 0, 0, HOUR).await;
        // From one network, and to another address from 64.
        for (address, networks, sent) in [(JANE, 1, 20), ("joe@example.com", 64, 4 * 5)] {
            let nodes = if networks == 1 { [&node, &other] } else { [&few, &few] };
            let racer = |n: u32| {
                let node = nodes[n as usize % 2].clone();
                async move { until(ask(&node, &public(), address, n % networks, NOW).await) }
            };
            let before = rows(&node).await;
            let answers = at_once((0..64).map(racer).collect()).await;
            assert_eq!(answers.iter().filter(|answer| answer.is_none()).count(), sent, "{address}");
            assert!(answers.iter().flatten().all(|until| *until == NOW + HOUR));
            assert_eq!(rows(&node).await - before, sent as i64);
        }
        few.close().await;
        node.close().await;
        other.close().await;
    }
}

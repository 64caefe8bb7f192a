//! The firewall of texts: countries, money, and texts that nobody used; and that mails and known browsers go on.

use crate::kit::*;
use postkey_auth::decide::texts::NoTexts;
use postkey_auth::{ResendError, Sent, StartError, TrustedDevice, Wanted};
use postkey_model::{ContactMethod, Day, EventKind, Millis, Money, Region, TextRules, Timestamp};

fn region(letters: &str) -> Region {
    Region::parse(letters).unwrap()
}

async fn node(bed: &Bed, change: impl Fn(&mut TextRules)) -> Node {
    let node = bed
        .another_node(|settings| {
            change(&mut settings.texts);
            settings.tenants.values_mut().for_each(|tenant| tenant.contact = ContactMethod::EmailOrPhone);
        })
        .await;
    node.auth.tend_keys(NOW).await.unwrap();
    node
}

async fn ask(node: &Node, number: &str, now: Timestamp) -> Result<Sent, StartError> {
    ask_from(node, 7, number, now).await
}

async fn ask_from(node: &Node, host: u32, number: &str, now: Timestamp) -> Result<Sent, StartError> {
    node.auth.start(&call_from(&public(), now, host), Wanted { typed: number, ..Wanted::default() }).await
}

fn german(n: usize) -> String {
    format!("+49151{:08}", 12_345_000 + n)
}

/// Why no text went out, if none did.
fn why(outcome: Result<Sent, StartError>) -> Option<NoTexts> {
    match outcome {
        Ok(_) => None,
        Err(StartError::NoTexts(held)) => {
            assert!(held.by_email, "the tenant takes addresses");
            Some(held.why)
        }
        Err(error) => panic!("{error:?}"),
    }
}

on_both_engines! {
    async fn texts_go_to_listed_countries(bed: Bed) {
        let node = node(&bed, |texts| texts.countries = Some([region("DE")].into())).await;
        assert_eq!(why(ask(&node, &german(0), NOW).await), None);
        assert_eq!(why(ask(&node, "+442079460018", NOW).await), Some(NoTexts::Country));
        assert_eq!(why(ask(&node, "jane@example.com", NOW).await), None, "mails go everywhere");
        assert_eq!(node.auth.store().queued_messages().await.unwrap(), 2);
        node.close().await;
    }

    /// Somebody earns by texts to a country. It is closed, others are not; mails go on, and so do known browsers.
    async fn a_country_where_nobody_uses_texts_is_closed(bed: Bed) {
        let node = node(&bed, |texts| texts.unused_per_country = 3).await;
        let known = {
            let asked = Asked::of(&ask(&node, &german(99), NOW).await.unwrap());
            let code = node.mail(&asked).code.unwrap();
            node.by_code(&asked, &code, NOW).await.unwrap().trusted.to_cookie()
        };
        for n in 0..3 {
            assert_eq!(why(ask_from(&node, 20 + n as u32, &german(n), NOW + secs(1)).await), None);
        }
        let closed = NoTexts::Unused { region: Some(region("DE")), until: NOW + TextRules::WINDOW };
        for n in 3..6 {
            assert_eq!(why(ask_from(&node, 20 + n as u32, &german(n), NOW + secs(2)).await), Some(closed));
        }
        assert_eq!(node.auth.store().count_events(EventKind::TextsHeld).await.unwrap(), 1, "said once");
        assert_eq!(why(ask(&node, "+436601234567", NOW).await), None, "another country");
        assert_eq!(why(ask(&node, "jane@example.com", NOW).await), None);
        let trusted = TrustedDevice::parse(&known).unwrap();
        let number = german(99);
        let wanted = Wanted { typed: &number, trusted: Some(&trusted), ..Wanted::default() };
        assert!(node.auth.start(&call(&public(), NOW + secs(3)), wanted).await.is_ok());
        assert_eq!(why(ask(&node, &german(7), NOW + TextRules::WINDOW + secs(9)).await), None, "a day later");
        node.close().await;
    }

    /// One network alone cannot have a country closed for everybody, however patient it is; a used text gives it three back.
    async fn one_network_does_not_close_a_country(bed: Bed) {
        let node = node(&bed, |texts| texts.unused_per_country = 40).await;
        let day = |n: usize| NOW + secs(n as i64 * 600);
        let mut last = None;
        for n in 0..4 {
            last = Some(Asked::of(&ask(&node, &german(n), day(n)).await.unwrap()));
        }
        let held = NoTexts::Network { until: NOW + TextRules::WINDOW };
        for n in 4..100 {
            assert_eq!(why(ask(&node, &german(n), day(n)).await), Some(held), "{n}");
        }
        assert_eq!(why(ask(&node, "+436601234567", day(100)).await), None, "another country");
        assert_eq!(why(ask_from(&node, 8, &german(100), day(100)).await), None, "another network");
        assert_eq!(node.auth.store().count_events(EventKind::TextsHeld).await.unwrap(), 0, "nobody else was held up");
        let last = last.unwrap();
        let code = node.mail(&last).code.unwrap();
        node.by_code(&last, &code, day(3) + secs(5)).await.unwrap();
        let mut more = Vec::new();
        for n in 101..105 {
            more.push(why(ask(&node, &german(n), day(101)).await));
        }
        assert_eq!(more, [None, None, None, Some(held)], "its own, and two more");
        node.close().await;
    }

    /// A browser that is known asks for texts that its network is not blamed for: using them makes no room there for others.
    async fn a_known_browser_earns_its_network_nothing(bed: Bed) {
        let node = node(&bed, |texts| texts.unused_per_country = 40).await;
        let known = {
            let asked = Asked::of(&ask(&node, &german(99), NOW).await.unwrap());
            let code = node.mail(&asked).code.unwrap();
            node.by_code(&asked, &code, NOW).await.unwrap().trusted.to_cookie()
        };
        let trusted = TrustedDevice::parse(&known).unwrap();
        let mut unused = 0;
        for round in 0..8 {
            let at = NOW + secs(600 * (round + 1));
            let number = german(99);
            let wanted = Wanted { typed: &number, trusted: Some(&trusted), ..Wanted::default() };
            let own = Asked::of(&node.auth.start(&call(&public(), at), wanted).await.unwrap());
            let code = node.mail(&own).code.unwrap();
            node.by_code(&own, &code, at).await.unwrap();
            for n in 0..3 {
                unused += usize::from(ask(&node, &german(100 + round as usize * 3 + n), at).await.is_ok());
            }
        }
        assert_eq!(unused, 4, "what one network may leave unused, and no more");
        node.close().await;
    }

    /// Texts that are used open the country again: one in three is enough.
    async fn used_texts_keep_a_country_open(bed: Bed) {
        let node = node(&bed, |texts| texts.unused_per_country = 3).await;
        for round in 0..5 {
            let mut last = None;
            for n in 0..3 {
                let asked = ask(&node, &german(round * 3 + n), NOW + secs(round as i64)).await;
                last = Some(asked.unwrap_or_else(|e| panic!("round {round}: {e:?}")));
            }
            let asked = Asked::of(&last.unwrap());
            let code = node.mail(&asked).code.unwrap();
            assert!(node.by_code(&asked, &code, NOW + secs(round as i64)).await.is_ok());
        }
        node.close().await;
    }

    async fn sending_again_counts_and_using_it_takes_all_of_it_back(bed: Bed) {
        let node = node(&bed, |texts| texts.unused_per_country = 2).await;
        let asked = Asked::of(&ask(&node, &german(0), NOW).await.unwrap());
        node.resend(&asked, NOW + secs(20)).await.unwrap();
        let again = node.resend(&asked, NOW + secs(40)).await;
        assert!(matches!(again, Err(ResendError::NoTexts(held)) if held.why.until().is_some()), "{:?}", again.err());
        assert_eq!(node.stored(&asked).await.sends, 2);
        let code = node.mail(&asked).code.unwrap();
        assert!(node.by_code(&asked, &code, NOW + secs(50)).await.is_ok());
        assert_eq!(why(ask(&node, &german(1), NOW + secs(60)).await), None);
        node.close().await;
    }

    /// Two nodes, one purse: no more goes out than the day's money, and its last fifth is for known browsers.
    async fn the_days_money_is_one_for_all_nodes(bed: Bed) {
        let rules = |texts: &mut TextRules| (texts.usual_price, texts.per_day) = (Money(100_000), Money(10_000_000));
        let (one, other) = (node(&bed, rules).await, node(&bed, rules).await);
        let first = Asked::of(&ask(&one, &german(999), NOW).await.unwrap());
        let known = one.by_code(&first, &one.mail(&first).code.unwrap(), NOW).await.unwrap().trusted.to_cookie();
        let racer = |n: usize| {
            let node = [&one, &other][n % 2].clone();
            async move { why(ask(&node, &german(n), NOW).await) }
        };
        let answers = at_once((0..120).map(racer).collect()).await;
        let sent = 1 + answers.iter().filter(|answer| answer.is_none()).count();
        assert!(sent <= 80, "{sent} texts for 8.00 at 0.10");
        // What a node leased and has not used is at most one lease each: two texts.
        assert!(sent >= 80 - 2 * 2, "{sent}");
        let spent = NoTexts::Money { until: Day::of(NOW).end() };
        assert!(answers.iter().flatten().all(|why| *why == spent));
        assert!(matches!(one.auth.store().count_events(EventKind::TextsHeld).await.unwrap(), 1 | 2), "once for each node");
        assert_eq!(why(ask(&one, "jane@example.com", NOW).await), None, "mails cost nothing");
        let trusted = TrustedDevice::parse(&known).unwrap();
        let number = german(999);
        let wanted = Wanted { typed: &number, trusted: Some(&trusted), ..Wanted::default() };
        assert!(one.auth.start(&call(&public(), NOW), wanted).await.is_ok());
        let tomorrow = Day::of(NOW).end();
        assert_eq!(why(ask(&one, &german(500), tomorrow).await), None);
        one.close().await;
        other.close().await;
    }

    /// Many ask again at once for one sign-in: one text goes out, and one is paid.
    async fn of_64_that_ask_again_one_pays(bed: Bed) {
        let node = node(&bed, |texts| (texts.usual_price, texts.per_day) = (Money(100_000), Money(10_000_000))).await;
        let asked = Asked::of(&ask(&node, &german(0), NOW).await.unwrap());
        let racer = |_| {
            let (node, asked) = (node.clone(), asked.clone());
            async move { node.resend(&asked, NOW + secs(20)).await.is_ok() }
        };
        let sent = at_once((0..64).map(racer).collect()).await.into_iter().filter(|sent| *sent).count();
        assert_eq!(sent, 1);
        let mut others = 0;
        while why(ask(&node, &german(1 + others), NOW + secs(30)).await).is_none() {
            others += 1;
        }
        assert_eq!(others, 80 - 2, "8.00 for strangers, at 0.10");
        node.close().await;
    }

    /// What goes nowhere takes nothing from those whose messages do.
    async fn texts_that_are_refused_fill_no_other_limit(bed: Bed) {
        let node = bed
            .another_node(|settings| {
                settings.texts.countries = Some([region("DE")].into());
                (settings.texts.usual_price, settings.texts.per_day) = (Money(100_000), Money(200_000));
                for tenant in settings.tenants.values_mut() {
                    tenant.contact = ContactMethod::EmailOrPhone;
                    (tenant.sign_in.sends.per_tenant, tenant.sign_in.sends.per_network) = (3, 3);
                }
            })
            .await;
        node.auth.tend_keys(NOW).await.unwrap();
        for _ in 0..9 {
            assert_eq!(why(ask(&node, "+442079460018", NOW).await), Some(NoTexts::Country));
        }
        assert_eq!(why(ask(&node, &german(0), NOW).await), None);
        for n in 1..9 {
            assert!(matches!(why(ask(&node, &german(n), NOW).await), Some(NoTexts::Money { .. })), "{n}");
        }
        for address in ["jane@example.com", "joe@example.com"] {
            assert_eq!(why(ask(&node, address, NOW).await), None, "{address}");
        }
        node.close().await;
    }

    /// A text that is refused for another reason costs nothing.
    async fn what_does_not_go_out_is_not_paid(bed: Bed) {
        let node = bed
            .another_node(|settings| {
                (settings.texts.usual_price, settings.texts.per_day) = (Money(100_000), Money(1_000_000));
                for tenant in settings.tenants.values_mut() {
                    tenant.contact = ContactMethod::Phone;
                    tenant.sign_in.sends.per_contact = 1;
                    tenant.sign_in.sends.window = Millis::from_hours(1);
                }
            })
            .await;
        node.auth.tend_keys(NOW).await.unwrap();
        assert!(ask(&node, &german(0), NOW).await.is_ok());
        for n in 0..30 {
            assert!(matches!(ask(&node, &german(0), NOW + secs(n)).await, Err(StartError::Throttled { .. })));
        }
        for n in 1..8 {
            assert!(ask(&node, &german(n), NOW).await.is_ok(), "{n}");
        }
        let held = ask(&node, &german(8), NOW).await.err();
        assert!(matches!(held, Some(StartError::NoTexts(held)) if !held.by_email), "{held:?}");
        node.close().await;
    }
}

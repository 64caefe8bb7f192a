//! Sign-ins from start to end: what is sent, what spends what, how long codes live, resend, cancel, tenants.

use crate::kit::*;
use postkey_auth::decide::identifier::Wish;
use postkey_auth::decide::sign_in::Standing;
use postkey_auth::{CompleteError, Proof, ResendAs, ResendError, Sent, StartError, Wanted};
use postkey_model::{EndedHow, Flow, Millis, TenantId, Timestamp};

const JANE: &str = "jane@example.com";
const LIFE: Millis = Millis::from_mins(10);
const FIRST_WRONG: CompleteError = CompleteError::WrongCode { left: 4, attempts: 1 };

async fn resend(node: &Node, asked: &Asked, now: Timestamp) -> Result<Sent, ResendError> {
    node.auth.resend(&call(&asked.tenant, now), &asked.id, &asked.device, ResendAs::Usual).await
}

/// The error of a message that was not sent again.
fn not_sent(outcome: Result<Sent, ResendError>) -> ResendError {
    match outcome {
        Ok(_) => panic!("another message was sent"),
        Err(error) => error,
    }
}

async fn cancel(node: &Node, asked: &Asked, now: Timestamp) {
    node.auth.cancel(&call(&asked.tenant, now), &asked.id, &asked.device).await.unwrap();
}

async fn standing(node: &Node, asked: &Asked, now: Timestamp) -> Standing {
    node.auth.waiting(&call(&asked.tenant, now), &asked.id, &asked.device).await.unwrap().unwrap().standing
}

on_both_engines! {
    async fn a_user_keeps_the_id(bed: Bed) {
        let node = &bed.node;
        let first = node.signed_in(" Jane@Example.COM ", NOW).await;
        assert!(first.is_new_user);
        assert_eq!(first.destination, "/");
        let again = node.signed_in(JANE, NOW + secs(60)).await;
        assert!(!again.is_new_user);
        assert_eq!(again.tokens.user, first.tokens.user);
        assert_eq!(again.identity, first.identity);
        assert_ne!(again.tokens.handle, first.tokens.handle);
        assert_ne!(node.signed_in("joe@example.com", NOW).await.tokens.user, first.tokens.user);
    }

    async fn the_flow_says_what_is_sent(bed: Bed) {
        for (flow, code, link) in [(Flow::MagicLink, false, true), (Flow::UserInputCode, true, false), (Flow::UserInputCodeAndMagicLink, true, true)] {
            let node = bed.node_with(|rules| rules.flow = flow).await;
            let (asked, sent) = node.start_at(&call(&public(), NOW), JANE, None).await;
            assert_eq!((sent.has_code, sent.has_link, sent.flow()), (code, link, flow));
            assert_eq!((sent.expires_at, sent.resend_from), (NOW + LIFE, NOW + secs(15)));
            let mail = node.mail(&asked);
            assert_eq!((mail.code.is_some(), mail.link.is_some()), (code, link));
            if let Some(secret) = &mail.link {
                assert!(secret.len() * 6 >= 128, "the link's secret has at least 128 bits");
            }
            let completed = match mail.code {
                Some(code) => node.by_code(&asked, &code, NOW).await,
                None => node.by_link(&asked, &mail.link.unwrap(), NOW).await,
            };
            assert!(completed.is_ok());
            node.close().await;
        }
    }

    async fn a_code_and_its_link_are_spent_together_and_once(bed: Bed) {
        let node = &bed.node;
        let over = CompleteError::Over(EndedHow::Completed);
        for by_link_first in [false, true] {
            let asked = node.start(JANE, NOW).await;
            let (code, secret) = (node.mail(&asked).code.unwrap(), node.mail(&asked).link.unwrap());
            let first = if by_link_first { node.by_link(&asked, &secret, NOW).await } else { node.by_code(&asked, &code, NOW).await };
            assert!(first.is_ok());
            assert_eq!(refused(node.by_code(&asked, &code, NOW).await), over);
            assert_eq!(refused(node.by_link(&asked, &secret, NOW).await), over);
            assert_eq!(refused(node.by_code(&asked, &wrong(&code), NOW).await), over, "a wrong one learns no more than a right one");
            assert_eq!(refused(node.by_link(&asked, "wrong", NOW).await), CompleteError::Unknown);
            assert_eq!(not_sent(resend(node, &asked, NOW + secs(60)).await), ResendError::Over(Standing::Ended(EndedHow::Completed)));
        }
    }

    async fn finishing_spends_all_codes_of_the_identifier_in_its_tenant(bed: Bed) {
        let node = &bed.node;
        let (one, two) = (node.start(JANE, NOW).await, node.start(JANE, NOW).await);
        resend(node, &two, NOW + secs(15)).await.unwrap();
        let elsewhere = node.start_at(&call(&acme(), NOW), JANE, None).await.0;
        let joe = node.start("joe@example.com", NOW).await;
        let now = NOW + secs(20);
        let first = node.by_code(&one, &node.mail(&one).code.unwrap(), now).await.unwrap();

        let superseded = CompleteError::Over(EndedHow::Superseded);
        for mail in node.mails(&two.id) {
            assert_eq!(refused(node.by_code(&two, &mail.code.unwrap(), now).await), superseded);
            assert_eq!(refused(node.by_link(&two, &mail.link.unwrap(), now).await), superseded);
        }
        assert_eq!(not_sent(resend(node, &two, now + secs(60)).await), ResendError::Over(Standing::Ended(EndedHow::Superseded)));
        let in_acme = node.by_code(&elsewhere, &node.mail(&elsewhere).code.unwrap(), now).await.unwrap();
        assert_ne!(in_acme.tokens.user, first.tokens.user, "the same address is another user in another tenant");
        assert!(in_acme.is_new_user);
        assert!(node.by_link(&joe, &node.mail(&joe).link.unwrap(), now).await.is_ok());
    }

    async fn codes_and_links_die_on_time(bed: Bed) {
        let node = &bed.node;
        let end = NOW + LIFE;
        let (by_code, by_link) = (node.start(JANE, NOW).await, node.start("joe@example.com", NOW).await);
        let (code, secret) = (node.mail(&by_code).code.unwrap(), node.mail(&by_link).link.unwrap());
        assert_eq!(refused(node.by_code(&by_code, &code, end).await), CompleteError::ExpiredCode { left: 4, attempts: 1 });
        assert_eq!(refused(node.by_code(&by_code, &wrong(&code), end).await), CompleteError::WrongCode { left: 3, attempts: 2 });
        assert_eq!(refused(node.by_link(&by_link, &secret, end).await), CompleteError::LinkExpired);
        // A moment earlier they were good (time is a value: it may as well go back).
        assert!(node.by_code(&by_code, &code, just_before(end)).await.is_ok());
        assert!(node.by_link(&by_link, &secret, just_before(end)).await.is_ok());
    }

    async fn after_five_wrong_codes_nothing_helps(bed: Bed) {
        let node = &bed.node;
        let asked = node.start(JANE, NOW).await;
        let mail = node.mail(&asked);
        let right = mail.code.unwrap();
        for attempts in 1..=4 {
            let left = 5 - attempts;
            let answer = refused(node.by_code(&asked, &wrong(&right), NOW).await);
            assert_eq!(answer, CompleteError::WrongCode { left, attempts });
        }
        for typed in [wrong(&right), wrong(&right), right] {
            assert_eq!(refused(node.by_code(&asked, &typed, NOW).await), CompleteError::TooManyWrong);
        }
        assert_eq!(refused(node.by_link(&asked, &mail.link.unwrap(), NOW).await), CompleteError::TooManyWrong);
        assert_eq!(not_sent(resend(node, &asked, NOW + secs(60)).await), ResendError::Over(Standing::Exhausted));
        assert_eq!(standing(node, &asked, NOW).await, Standing::Exhausted);
        assert_eq!(node.stored(&asked).await.attempts, 5);
        // Only that sign-in: the next one lets in.
        node.signed_in(JANE, NOW).await;
    }

    async fn the_server_keeps_the_gap_between_two_messages(bed: Bed) {
        let node = &bed.node;
        let asked = node.start(JANE, NOW).await;
        let until = NOW + secs(15);
        assert_eq!(not_sent(resend(node, &asked, NOW).await), ResendError::TooSoon { until });
        assert_eq!(not_sent(resend(node, &asked, just_before(until)).await), ResendError::TooSoon { until });
        assert_eq!(node.mails(&asked.id).len(), 1);
        let sent = resend(node, &asked, until).await.unwrap();
        assert!(sent.device.is_none(), "the browser has its secret already");
        assert_eq!((sent.expires_at, sent.resend_from), (until + LIFE, until + secs(15)));
        assert_eq!(not_sent(resend(node, &asked, just_before(until + secs(15))).await), ResendError::TooSoon { until: until + secs(15) });
        // Parallel wishes are one message.
        let wish = || {
            let (node, asked) = (node.clone(), asked.clone());
            async move { resend(&node, &asked, until + secs(15)).await.is_ok() }
        };
        let sent = at_once((0..16).map(|_| wish()).collect()).await;
        assert_eq!(sent.into_iter().filter(|sent| *sent).count(), 1);
        assert_eq!(node.mails(&asked.id).len(), 3);
        assert_eq!(node.auth.store().queued_messages().await.unwrap(), 3);
    }

    async fn an_older_code_stays_good_until_it_expires(bed: Bed) {
        let node = &bed.node;
        let later = NOW + secs(60);
        let ask = async || {
            let asked = node.start(JANE, NOW).await;
            resend(node, &asked, later).await.unwrap();
            let [older, newer]: [Mail; 2] = node.mails(&asked.id).try_into().unwrap();
            assert_ne!(older.code, newer.code);
            assert_ne!(older.link, newer.link);
            (asked, older, newer)
        };
        let (asked, older, _) = ask().await;
        assert!(node.by_code(&asked, &older.code.unwrap(), just_before(NOW + LIFE)).await.is_ok());
        let (asked, older, _) = ask().await;
        assert!(node.by_link(&asked, &older.link.unwrap(), just_before(NOW + LIFE)).await.is_ok());

        let (asked, older, newer) = ask().await;
        let dead = CompleteError::ExpiredCode { left: 4, attempts: 1 };
        assert_eq!(refused(node.by_code(&asked, &older.code.unwrap(), NOW + LIFE).await), dead);
        assert_eq!(refused(node.by_link(&asked, &older.link.unwrap(), NOW + LIFE).await), CompleteError::LinkExpired);
        assert!(node.by_code(&asked, &newer.code.unwrap(), just_before(later + LIFE)).await.is_ok());
    }

    async fn all_older_codes_are_spent_with_the_newest(bed: Bed) {
        let node = &bed.node;
        let asked = node.start(JANE, NOW).await;
        for n in 1..=10 {
            resend(node, &asked, NOW + secs(15 * n)).await.unwrap();
        }
        let now = NOW + secs(160);
        let mut mails = node.mails(&asked.id);
        assert_eq!(mails.len(), 11);
        assert!(node.by_code(&asked, &mails.pop().unwrap().code.unwrap(), now).await.is_ok());
        for mail in mails {
            assert_eq!(refused(node.by_code(&asked, &mail.code.unwrap(), now).await), CompleteError::Over(EndedHow::Completed));
            assert_eq!(refused(node.by_link(&asked, &mail.link.unwrap(), now).await), CompleteError::Over(EndedHow::Completed));
        }
    }

    async fn resending_counts_no_wrong_code_anew(bed: Bed) {
        let node = &bed.node;
        let asked = node.start(JANE, NOW).await;
        for n in 1..=4 {
            let right = node.mail(&asked).code.unwrap();
            let answer = refused(node.by_code(&asked, &wrong(&right), NOW + secs(20 * n)).await);
            assert_eq!(answer, CompleteError::WrongCode { left: 5 - n, attempts: n });
            resend(node, &asked, NOW + secs(20 * n)).await.unwrap();
        }
        let right = node.mail(&asked).code.unwrap();
        assert_eq!(refused(node.by_code(&asked, &wrong(&right), NOW + secs(90)).await), CompleteError::TooManyWrong);
    }

    async fn a_sign_in_left_alone_lapses(bed: Bed) {
        let node = &bed.node;
        let asked = node.start(JANE, NOW).await;
        let end = NOW + LIFE + LIFE;
        assert_eq!(standing(node, &asked, just_before(end)).await, Standing::Open);
        assert_eq!(standing(node, &asked, end).await, Standing::Lapsed);
        assert_eq!(not_sent(resend(node, &asked, end).await), ResendError::Over(Standing::Lapsed));
        // Until then a dead code can be followed by a new one.
        resend(node, &asked, just_before(end)).await.unwrap();
        assert!(node.by_code(&asked, &node.mail(&asked).code.unwrap(), end).await.is_ok());
    }

    async fn a_cancelled_sign_in_is_dead(bed: Bed) {
        let node = &bed.node;
        let asked = node.start(JANE, NOW).await;
        // Nobody else can cancel it.
        cancel(node, &Asked { device: "stranger".to_owned(), ..asked.clone() }, NOW).await;
        cancel(node, &Asked { tenant: acme(), ..asked.clone() }, NOW).await;
        assert_eq!(standing(node, &asked, NOW).await, Standing::Open);

        cancel(node, &asked, NOW).await;
        let (mail, over) = (node.mail(&asked), CompleteError::Over(EndedHow::Cancelled));
        assert_eq!(refused(node.by_code(&asked, &mail.code.unwrap(), NOW).await), over);
        assert_eq!(refused(node.by_link(&asked, &mail.link.unwrap(), NOW).await), over);
        assert_eq!(not_sent(resend(node, &asked, NOW + secs(60)).await), ResendError::Over(Standing::Ended(EndedHow::Cancelled)));
        cancel(node, &asked, NOW).await;
        assert_eq!(node.stored(&asked).await.ended, Some((NOW, EndedHow::Cancelled)));

        // Cancelling comes too late for a completed one.
        let done = node.start(JANE, NOW).await;
        node.by_code(&done, &node.mail(&done).code.unwrap(), NOW).await.unwrap();
        cancel(node, &done, NOW).await;
        assert_eq!(standing(node, &done, NOW).await, Standing::Ended(EndedHow::Completed));
    }

    async fn whoever_waits_for_a_link_can_ask_for_a_code(bed: Bed) {
        let node = bed.node_with(|rules| rules.flow = Flow::MagicLink).await;
        let asked = node.start(JANE, NOW).await;
        let first = node.mail(&asked);
        assert_eq!(first.code, None);
        assert_eq!(refused(node.by_code(&asked, "123456", NOW).await), FIRST_WRONG);
        let now = NOW + secs(15);
        let sent = node.auth.resend(&call(&public(), now), &asked.id, &asked.device, ResendAs::Code).await.unwrap();
        assert!(sent.has_code && sent.has_link);
        // From then on codes are sent, also when nobody says so again.
        let now = now + secs(15);
        assert!(resend(&node, &asked, now).await.unwrap().has_code);
        let [_, second, third]: [Mail; 3] = node.mails(&asked.id).try_into().unwrap();
        assert!(third.code.is_some());
        assert!(node.by_code(&asked, &second.code.unwrap(), now).await.is_ok());
        assert_eq!(refused(node.by_link(&asked, &first.link.unwrap(), now).await), CompleteError::Over(EndedHow::Completed));
        node.close().await;
    }

    async fn looking_at_a_sign_in_changes_nothing(bed: Bed) {
        let node = &bed.node;
        let asked = node.start(JANE, NOW).await;
        let (here, stranger) = (call(&public(), NOW), "stranger");
        assert!(node.auth.asked_by(&here, &asked.id, &asked.device).await.unwrap());
        assert!(!node.auth.asked_by(&here, &asked.id, stranger).await.unwrap());
        assert!(!node.auth.asked_by(&here, &asked.id, "").await.unwrap());
        assert!(node.auth.waiting(&here, &asked.id, stranger).await.unwrap().is_none());
        assert!(node.auth.waiting(&call(&acme(), NOW), &asked.id, &asked.device).await.unwrap().is_none());
        let waiting = node.auth.waiting(&here, &asked.id, &asked.device).await.unwrap().unwrap();
        assert_eq!((waiting.to.as_str(), waiting.standing, waiting.attempts, waiting.max_attempts), (JANE, Standing::Open, 0, 5));
        assert_eq!((waiting.expires_at, waiting.resend_from), (NOW + LIFE, NOW + secs(15)));
        assert!(waiting.has_code && waiting.has_link);
        assert!(node.by_link(&asked, &node.mail(&asked).link.unwrap(), NOW).await.is_ok());
    }

    async fn what_belongs_to_another_sign_in_or_tenant_is_unknown(bed: Bed) {
        let node = &bed.node;
        let (one, two) = (node.start(JANE, NOW).await, node.start("joe@example.com", NOW).await);
        let (ones, twos) = (node.mail(&one), node.mail(&two));
        let (code, secret) = (ones.code.unwrap(), ones.link.unwrap());
        let attempt = |asked: Asked, typed: String| async move { refused(node.by_code(&asked, &typed, NOW).await) };
        // The code of one sign-in in another: a wrong one, unless chance made both the same.
        if twos.code.as_ref() != Some(&code) {
            assert_eq!(attempt(two.clone(), code.clone()).await, FIRST_WRONG);
        }
        assert_eq!(attempt(Asked { id: two.id.clone(), ..one.clone() }, code.clone()).await, CompleteError::Unknown);
        assert_eq!(refused(node.by_link(&two, &secret, NOW).await), CompleteError::Unknown);
        // The right code or link in another tenant.
        let abroad = Asked { tenant: acme(), ..one.clone() };
        assert_eq!(attempt(abroad.clone(), code.clone()).await, CompleteError::Unknown);
        assert_eq!(refused(node.by_link(&abroad, &secret, NOW).await), CompleteError::Unknown);
        assert_eq!(not_sent(resend(node, &abroad, NOW + secs(60)).await), ResendError::Unknown);
        let nowhere = Asked { tenant: TenantId::parse("nowhere").unwrap(), ..one.clone() };
        assert_eq!(attempt(nowhere.clone(), code.clone()).await, CompleteError::Unknown);
        assert_eq!(refused(node.by_link(&nowhere, &secret, NOW).await), CompleteError::Unknown);
        // The code where a link belongs, and the other way round.
        assert_eq!(refused(node.by_link(&one, &code, NOW).await), CompleteError::Unknown);
        assert_eq!(attempt(one.clone(), secret.clone()).await, CompleteError::NotACode);
        // None of that hurt it.
        assert_eq!(node.stored(&one).await.attempts, 0);
        assert!(node.by_code(&one, &code, NOW).await.is_ok());
    }

    async fn a_sign_in_that_never_was_is_unknown(bed: Bed) {
        let node = &bed.node;
        let never = Asked { tenant: public(), id: postkey_model::SignInId::parse("never").unwrap(), device: "x".to_owned() };
        assert_eq!(refused(node.by_code(&never, "123456", NOW).await), CompleteError::Unknown);
        assert_eq!(refused(node.by_link(&never, "x", NOW).await), CompleteError::Unknown);
        assert_eq!(not_sent(resend(node, &never, NOW).await), ResendError::Unknown);
        cancel(node, &never, NOW).await;
        let (sign_in, device, typed) = (never.id, never.device, "junk".to_owned());
        let proof = Proof::Code { sign_in, device, typed };
        assert_eq!(refused(node.auth.complete(&call(&public(), NOW), &proof, None).await), CompleteError::Unknown);
    }

    async fn bad_starts_leave_nothing_behind(bed: Bed) {
        let node = &bed.node;
        let start = |tenant: TenantId, address: &'static str, place: Option<&'static str>| async move {
            node.auth.start(&call(&tenant, NOW), Wanted { typed: address, destination: place, ..Wanted::default() }).await.err()
        };
        for address in ["", "jane", "jane@", "@example.com", "a@example.com,b@example.com", "jane@example.com\r\nBcc: eve@example.com"] {
            assert!(matches!(start(public(), address, None).await, Some(StartError::Identifier(_))), "{address:?}");
        }
        for place in ["//evil.example", "https://evil.example/", "\\\\evil.example", "https:evil"] {
            assert!(matches!(start(public(), JANE, Some(place)).await, Some(StartError::Destination(_))), "{place:?}");
        }
        assert_eq!(start(TenantId::parse("nowhere").unwrap(), JANE, None).await, Some(StartError::UnknownTenant));
        assert_eq!(node.auth.store().queued_messages().await.unwrap(), 0);
        assert_eq!(start(public(), JANE, Some("/invoices?page=2")).await, None);
    }

    async fn the_place_asked_for_is_kept_to_the_end(bed: Bed) {
        let node = &bed.node;
        let wanted = Wanted { typed: JANE, destination: Some("/invoices?page=2"), ..Wanted::default() };
        let sent = node.auth.start(&call(&public(), NOW), wanted).await.unwrap();
        let asked = Asked { tenant: public(), id: sent.sign_in.clone(), device: sent.device.unwrap().expose().clone() };
        assert_eq!(node.by_link(&asked, &node.mail(&asked).link.unwrap(), NOW).await.unwrap().destination, "/invoices?page=2");
    }

    async fn messages_say_whether_a_subject_may_say_the_code(bed: Bed) {
        let discreet = bed.node_of(|tenant| tenant.code_in_subject = false).await;
        for (node, expected) in [(&bed.node, true), (&discreet, false)] {
            let user = node.signed_in(JANE, NOW).await.tokens.user;
            let asked = node.start(JANE, NOW).await;
            resend(node, &asked, NOW + secs(15)).await.unwrap();
            let proof = crate::identifiers::begin(node, &user, &Wish::Add, "new@example.com", NOW).await;
            let mails = [node.mails(&asked.id), node.mails(&proof.id)].concat();
            assert_eq!(mails.len(), 3);
            for mail in mails {
                let said: serde_json::Value = serde_json::from_str(&mail.json).unwrap();
                assert_eq!(said["code_in_subject"], expected, "{:?}", mail.kind);
                assert!(mail.code.is_some(), "the mail itself says it");
            }
        }
        discreet.close().await;
    }
}

//! The timeline of a sign-in: what happened, in order, without codes and without addresses but the one it went to.

use crate::identifiers::{begin, prove_right, takes_both};
use crate::kit::*;
use postkey_auth::Timeline;
use postkey_auth::decide::identifier::Wish;
use postkey_model::{Change, Channel, Delivery, DeliveryOutcome, EventId, Millis, SignInId, Timestamp};

const JANE: &str = "jane@example.com";

async fn timeline(node: &Node, asked: &Asked) -> Timeline {
    node.auth.timeline(&asked.id).await.unwrap().unwrap()
}

/// What happened, and how many seconds after the beginning.
fn steps(timeline: &Timeline) -> Vec<(i64, &'static str)> {
    timeline.steps.iter().map(|step| (step.at.since(NOW).0 / 1000, step.what)).collect()
}

/// Notes what became of the message that was queued last; it leaves the outbox unless it is tried again.
async fn noted(node: &Node, asked: &Asked, provider: &str, outcome: DeliveryOutcome, answer: &str, at: Timestamp) {
    let store = node.auth.store();
    let (message, channel, queued_at, _) = store.waiting_messages(&asked.id).await.unwrap().pop().unwrap();
    let id = EventId::new(at, node.auth.entropy());
    let (sign_in, provider, answer) = (asked.id.clone(), provider.to_owned(), answer.to_owned());
    let delivery = Delivery { id, sign_in, message: message.clone(), queued_at, at, channel, provider, outcome, answer };
    let mut changes = vec![Change::DeliveryNoted(Box::new(delivery))];
    if !matches!(outcome, DeliveryOutcome::FailedOver | DeliveryOutcome::Deferred) {
        changes.push(Change::MessagesDone { ids: vec![message] });
    }
    store.commit(changes).await.unwrap();
}

on_both_engines! {
    async fn a_whole_life_is_told_in_order(bed: Bed) {
        let node = bed.node_with(|rules| rules.number_match = true).await;
        let mut from = call_from(&acme(), NOW, 9);
        from.user_agent = "Mozilla/5.0 (X11; Linux x86_64; rv:125.0) Gecko/20100101 Firefox/125.0".to_owned();
        let (asked, sent) = node.start_at(&from, JANE, None).await;
        let first = timeline(&node, &asked).await;
        assert_eq!((&first.id, &first.tenant, first.to.as_str()), (&asked.id, &acme(), JANE), "whatever the tenant");
        assert_eq!((first.sends, first.attempts, first.expires_at), (1, 0, sent.expires_at));
        assert_eq!((first.asked.agent.as_str(), first.asked.client_ip.as_str()), ("firefox-linux", from.client_ip.as_str()));
        assert_eq!(steps(&first), [(0, "asked"), (0, "queued"), (30, "waiting")]);

        noted(&node, &asked, "first", DeliveryOutcome::FailedOver, "timeout", NOW + secs(2)).await;
        noted(&node, &asked, "second", DeliveryOutcome::Accepted, "250 ok", NOW + secs(2)).await;
        let accepted = timeline(&node, &asked).await;
        assert_eq!(steps(&accepted), [(0, "asked"), (0, "queued"), (2, "failed_over"), (2, "accepted")]);
        let last = &accepted.steps[3];
        assert_eq!((last.provider.as_deref(), last.answer.as_deref()), (Some("second"), Some("250 ok")));
        assert_eq!(last.channel, Some(Channel::Email));
        assert!(accepted.steps[0].channel.is_none() && accepted.steps[1].provider.is_none());

        let secret = node.mail(&asked).link.unwrap();
        let mail = node.mail(&asked);
        refused(node.by_code(&asked, &wrong(&mail.code.clone().unwrap()), NOW + secs(4)).await);
        node.auth.opened(&call(&acme(), NOW + secs(5)), &asked.id, &secret).await.unwrap();
        node.resend(&asked, NOW + secs(20)).await.unwrap();
        noted(&node, &asked, "", DeliveryOutcome::Deferred, "", NOW + secs(21)).await;
        let number = node.waiting(&asked, NOW).await.unwrap().number.unwrap().to_string();
        node.auth.approve(&call(&acme(), NOW + secs(25)), &asked.id, &secret, &number).await.unwrap();
        node.by_approval(&asked, NOW + secs(26)).await.unwrap();
        let whole = timeline(&node, &asked).await;
        let expected = [
            (0, "asked"),
            (0, "queued"),
            (2, "failed_over"),
            (2, "accepted"),
            (5, "opened"),
            (20, "queued"),
            (21, "deferred"),
            (25, "approved"),
            (26, "used"),
            (50, "waiting"),
        ];
        assert_eq!(steps(&whole), expected);
        assert_eq!((whole.sends, whole.attempts), (2, 1));
        assert_eq!((&whole.steps[6].provider, &whole.steps[6].answer), (&None, &None), "nothing is said of what is not known");

        // Neither codes nor secrets, and the address only where it says to whom.
        let text = format!("{whole:?}");
        for mail in node.mails(&asked.id) {
            let (code, link) = (mail.code.unwrap(), mail.link.unwrap());
            for secret in [code.replace(' ', ""), code, link, asked.device.clone()] {
                assert!(!text.contains(&secret));
            }
        }
        assert_eq!(text.matches(JANE).count(), 1);
        node.close().await;
    }

    async fn ends_are_told_as_they_came(bed: Bed) {
        let node = &bed.node;
        let mut all = Vec::new();
        for _ in 0..4 {
            all.push(node.start(JANE, NOW).await);
        }
        let worn = &all[0];
        let right = node.mail(worn).code.unwrap();
        for n in 1..=5 {
            refused(node.by_code(worn, &other_code(&right, n), NOW + secs(1)).await);
        }
        let last = |timeline: &Timeline| timeline.steps.iter().rev().find(|step| step.what != "waiting").unwrap().what;
        assert_eq!(last(&timeline(node, worn).await), "too_many_wrong_codes");
        node.auth.cancel(&call(&public(), NOW + secs(2)), &all[1].id, &all[1].device).await.unwrap();
        node.by_link(&all[2], &node.mail(&all[2]).link.unwrap(), NOW + secs(3)).await.unwrap();
        let mut told = Vec::new();
        for asked in &all {
            told.push(last(&timeline(node, asked).await));
        }
        assert_eq!(told, ["superseded", "cancelled", "used", "superseded"]);
    }

    async fn a_message_that_never_went_out_says_why(bed: Bed) {
        let node = &bed.node;
        let (refused, late) = (node.start(JANE, NOW).await, node.start("joe@example.com", NOW).await);
        noted(node, &refused, "relay", DeliveryOutcome::Refused, "550 no such user", NOW + secs(1)).await;
        noted(node, &late, "", DeliveryOutcome::TooLate, "", NOW + secs(600)).await;
        assert_eq!(steps(&timeline(node, &refused).await), [(0, "asked"), (0, "queued"), (1, "refused")]);
        assert_eq!(steps(&timeline(node, &late).await), [(0, "asked"), (0, "queued"), (600, "too_late")]);
    }

    async fn a_pending_change_has_a_timeline_too(bed: Bed) {
        let both = bed.node_of(takes_both).await;
        let node = &both;
        let user = node.signed_in(JANE, NOW).await.tokens.user;
        let asked = begin(node, &user, &Wish::Add, "+4915112345678", NOW).await;
        noted(node, &asked, "texts", DeliveryOutcome::Accepted, "SM1", NOW + secs(1)).await;
        prove_right(node, &user, &asked, NOW + secs(5)).await.unwrap();
        let seen = timeline(node, &asked).await;
        assert_eq!(seen.to.as_str(), "+4915112345678");
        // The last two are the news to the address, which is not told.
        assert_eq!(steps(&seen), [(0, "asked"), (0, "queued"), (1, "accepted"), (5, "queued"), (5, "used"), (35, "waiting")]);
        let channels: Vec<_> = seen.steps.iter().filter_map(|step| step.channel).collect();
        assert_eq!(channels, [Channel::Sms, Channel::Sms, Channel::Email, Channel::Email]);
        assert!(!format!("{seen:?}").contains(JANE));
        both.close().await;
    }

    async fn what_is_unknown_or_forgotten_has_none(bed: Bed) {
        let node = &bed.node;
        let asked = node.start(JANE, NOW).await;
        assert_eq!(node.auth.timeline(&SignInId::parse("never").unwrap()).await.unwrap(), None);
        let rows = postkey_model::Dead::SignIns(vec![asked.id.clone()]);
        let before = NOW + Millis::from_hours(24);
        node.auth.store().commit(vec![Change::Forgotten { rows, before }]).await.unwrap();
        assert_eq!(node.auth.timeline(&asked.id).await.unwrap(), None);
    }
}

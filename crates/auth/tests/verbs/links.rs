//! Links opened elsewhere: what a page there may say, what opening does, and "that was not me".

use crate::identifiers::begin;
use crate::kit::*;
use postkey_auth::CompleteError;
use postkey_auth::decide::identifier::Wish;
use postkey_auth::decide::sign_in::Standing;
use postkey_model::{Asked as AskedFrom, EndedHow, Flow, Millis, SignInId, TenantId, Timestamp};

const JANE: &str = "jane@example.com";
const LIFE: Millis = Millis::from_mins(10);

/// What a page may say, if anything.
async fn view(node: &Node, asked: &Asked, now: Timestamp) -> Option<postkey_auth::LinkView> {
    node.auth.link(&call(&asked.tenant, now), &asked.id).await.unwrap()
}

async fn open(node: &Node, asked: &Asked, secret: &str, now: Timestamp) -> Option<Timestamp> {
    node.auth.opened(&call(&asked.tenant, now), &asked.id, secret).await.unwrap();
    node.auth.store().sign_in(&public(), &asked.id).await.unwrap().unwrap().sign_in.opened_at
}

async fn disown(node: &Node, asked: &Asked, secret: &str, now: Timestamp) {
    node.auth.disown(&call(&asked.tenant, now), &asked.id, secret).await.unwrap();
}

on_both_engines! {
    async fn an_open_link_says_for_whom_and_from_where(bed: Bed) {
        let node = bed.node_with(|rules| rules.number_match = true).await;
        let mut from = call_from(&public(), NOW, 77);
        from.user_agent = "Mozilla/5.0 (X11; Linux x86_64; rv:125.0) Gecko/20100101 Firefox/125.0 <b>call 555</b>".to_owned();
        let (asked, _) = node.start_at(&from, JANE, None).await;
        let seen = view(&node, &asked, NOW + secs(5)).await.unwrap();
        assert_eq!((seen.to.as_str(), seen.asked_at, seen.takes_number), (JANE, NOW, true));
        let AskedFrom { agent, client_ip } = seen.asked.clone();
        assert_eq!(client_ip, from.client_ip.as_str());
        assert_eq!(agent, "firefox-linux", "a closed list, nothing that the asker could write words with");
        assert!(!seen.to.masked().contains("jane@") && !seen.to.masked().contains("example"), "{}", seen.to.masked());
        assert!(node.mail(&asked).json.contains(&agent), "the message says it too");
        // Sent again later: still asked for at the beginning.
        node.resend(&asked, NOW + secs(15)).await.unwrap();
        assert_eq!(view(&node, &asked, NOW + secs(20)).await, Some(seen));
        node.close().await;
    }

    async fn every_other_link_says_nothing(bed: Bed) {
        let node = &bed.node;
        let of = |address: &'static str| node.start(address, NOW);
        let expired = of("expired@example.com").await;
        let (used, left, worn) = (of("used@example.com").await, of("left@example.com").await, of("worn@example.com").await);
        let superseded = of("used@example.com").await;
        for asked in [&expired, &used, &left, &worn, &superseded] {
            assert!(view(node, asked, NOW).await.is_some());
        }
        node.by_code(&used, &node.mail(&used).code.unwrap(), NOW).await.unwrap();
        node.auth.cancel(&call(&public(), NOW), &left.id, &left.device).await.unwrap();
        let right = node.mail(&worn).code.unwrap();
        for n in 1..=5 {
            refused(node.by_code(&worn, &other_code(&right, n), NOW).await);
        }
        for asked in [&used, &left, &worn, &superseded] {
            assert_eq!(view(node, asked, NOW).await, None);
        }
        assert!(view(node, &expired, just_before(NOW + LIFE)).await.is_some());
        assert_eq!(view(node, &expired, NOW + LIFE).await, None);
        let unknown = Asked { id: SignInId::parse("never").unwrap(), ..expired.clone() };
        let elsewhere = Asked { tenant: acme(), ..expired.clone() };
        let nowhere = Asked { tenant: TenantId::parse("nowhere").unwrap(), ..expired.clone() };
        for asked in [&unknown, &elsewhere, &nowhere] {
            assert_eq!(view(node, asked, NOW).await, None);
        }
    }

    async fn where_there_is_no_link_nothing_is_said(bed: Bed) {
        let node = bed.node_with(|rules| rules.flow = Flow::UserInputCode).await;
        let asked = node.start(JANE, NOW).await;
        assert_eq!(view(&node, &asked, NOW).await, None);
        let user = bed.node.signed_in(JANE, NOW).await.tokens.user;
        let pending = begin(&bed.node, &user, &Wish::Add, "new@example.com", NOW).await;
        assert_eq!(view(&bed.node, &pending, NOW).await, None, "nor of a pending change");
        node.close().await;
    }

    async fn the_first_opening_is_noted_and_spends_nothing(bed: Bed) {
        let node = &bed.node;
        let asked = node.start(JANE, NOW).await;
        let (first, _) = (node.mail(&asked).link.unwrap(), node.resend(&asked, NOW + secs(15)).await.unwrap());
        let second = node.mail(&asked).link.unwrap();
        for junk in ["", "x", node.mail(&asked).code.unwrap().as_str(), asked.device.as_str()] {
            assert_eq!(open(node, &asked, junk, NOW).await, None, "only the link's secret opens");
        }
        let elsewhere = Asked { tenant: acme(), ..asked.clone() };
        assert_eq!(open(node, &elsewhere, &first, NOW).await, None);
        let at = NOW + secs(20);
        assert_eq!(open(node, &asked, &first, at).await, Some(at));
        assert_eq!(open(node, &asked, &second, NOW + secs(30)).await, Some(at), "the first time counts");
        let stored = node.stored(&asked).await;
        assert_eq!((stored.ended, stored.attempts, stored.approved_at, stored.number_tries), (None, 0, None, 0));
        assert!(node.by_link(&asked, &second, NOW + secs(31)).await.is_ok());
    }

    async fn a_link_opened_too_late_is_noted_as_well(bed: Bed) {
        let node = &bed.node;
        let asked = node.start(JANE, NOW).await;
        let secret = node.mail(&asked).link.unwrap();
        assert_eq!(open(node, &asked, &secret, NOW + LIFE).await, Some(NOW + LIFE));
        assert_eq!(refused(node.by_link(&asked, &secret, NOW + LIFE).await), CompleteError::LinkExpired);
    }

    async fn only_the_asking_browser_is_the_asking_browser(bed: Bed) {
        let node = &bed.node;
        let asked = node.start(JANE, NOW).await;
        let of = |tenant: TenantId, id: SignInId, device: String| async move {
            let call = call(&tenant, NOW);
            node.auth.asked_by(&call, &id, &device).await.unwrap()
        };
        assert!(of(public(), asked.id.clone(), asked.device.clone()).await);
        assert!(!of(public(), asked.id.clone(), "stranger".to_owned()).await);
        assert!(!of(public(), asked.id.clone(), node.mail(&asked).link.unwrap()).await);
        assert!(!of(acme(), asked.id.clone(), asked.device.clone()).await);
        assert!(!of(public(), SignInId::parse("never").unwrap(), asked.device.clone()).await);
        assert_eq!(node.stored(&asked).await.ended, None);
    }

    async fn that_was_not_me_ends_the_sign_in(bed: Bed) {
        let node = &bed.node;
        let asked = node.start(JANE, NOW).await;
        let mail = node.mail(&asked);
        let (code, secret) = (mail.code.unwrap(), mail.link.unwrap());
        for junk in ["", "x", code.as_str(), asked.device.as_str()] {
            disown(node, &asked, junk, NOW).await;
        }
        disown(node, &Asked { tenant: acme(), ..asked.clone() }, &secret, NOW).await;
        disown(node, &asked, &secret, NOW + LIFE).await;
        assert_eq!(node.stored(&asked).await.ended, None, "only with the living link");
        disown(node, &asked, &secret, NOW + secs(5)).await;
        disown(node, &asked, &secret, NOW + secs(6)).await;
        assert_eq!(node.stored(&asked).await.ended, Some((NOW + secs(5), EndedHow::Cancelled)));
        let over = CompleteError::Over(EndedHow::Cancelled);
        assert_eq!(refused(node.by_code(&asked, &code, NOW + secs(7)).await), over);
        assert_eq!(refused(node.by_link(&asked, &secret, NOW + secs(7)).await), over);
        assert_eq!(node.waiting(&asked, NOW + secs(7)).await.unwrap().standing, Standing::Ended(EndedHow::Cancelled));
    }

    async fn what_was_used_cannot_be_disowned(bed: Bed) {
        let node = &bed.node;
        let asked = node.start(JANE, NOW).await;
        let secret = node.mail(&asked).link.unwrap();
        node.by_link(&asked, &secret, NOW).await.unwrap();
        disown(node, &asked, &secret, NOW).await;
        assert_eq!(node.stored(&asked).await.ended, Some((NOW, EndedHow::Completed)));
    }
}

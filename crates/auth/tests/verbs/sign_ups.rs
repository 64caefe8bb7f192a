//! Who may get an account: the same answer and the same rows for everybody, and a message that opens nothing for those
//! who may not.

use crate::identifiers::{added, begin, prove_right};
use crate::kit::*;
use postkey_auth::CompleteError;
use postkey_auth::decide::identifier::Wish;
use postkey_model::{AllowList, CodeFormat, Connection, Identifier, MessageKind, SignUp};

const JANE: &str = "jane@example.com";
const EVE: &str = "eve@example.com";

fn email(address: &str) -> Identifier {
    Identifier::stored(Connection::Email, address.to_owned())
}

fn list(entries: &[&str]) -> SignUp {
    SignUp::Listed(AllowList::parse(&entries.iter().map(|entry| (*entry).to_owned()).collect::<Vec<_>>()).unwrap())
}

/// A node on which only some may get an account.
async fn by_policy(bed: &Bed, sign_up: SignUp) -> Node {
    bed.node_of(move |tenant| tenant.sign_up = sign_up.clone()).await
}

async fn users(node: &Node, address: &str) -> bool {
    node.auth.store().start_facts(&public(), Connection::Email, address).await.unwrap().user.is_some()
}

/// All that the asking browser, or whoever looks at the rows, can tell a sign-in by.
async fn looks(node: &Node, address: &str) -> impl PartialEq + std::fmt::Debug + use<> {
    let before = node.auth.store().queued_messages().await.unwrap();
    let (asked, sent) = node.start_at(&call(&public(), NOW), address, None).await;
    let queued = node.auth.store().queued_messages().await.unwrap() - before;
    let wrong = refused(node.by_code(&asked, "000000", NOW).await);
    let seen = node.waiting(&asked, NOW).await.unwrap();
    let view = node.auth.link(&call(&public(), NOW), &asked.id).await.unwrap().map(|view| (view.asked, view.asked_at, view.takes_number));
    let stored = node.stored(&asked).await;
    let code = (stored.code.code.is_some(), stored.code.link.is_some(), stored.code.strength, stored.code.expires_at);
    let answer = (sent.has_code, sent.has_link, sent.expires_at, sent.resend_from, wrong);
    (answer, queued, (seen.standing, seen.has_code, seen.has_link, seen.attempts, seen.approved), view, code, stored.flow)
}

on_both_engines! {
    async fn everybody_sees_the_same(bed: Bed) {
        bed.node.signed_in(JANE, NOW).await;
        for policy in [SignUp::Open, list(&["joe@example.com"]), SignUp::Closed] {
            let node = by_policy(&bed, policy.clone()).await;
            let (known, unknown) = (looks(&node, JANE).await, looks(&node, EVE).await);
            assert_eq!(known, unknown, "{policy:?}");
            node.close().await;
        }
    }

    async fn the_message_says_that_there_is_no_account(bed: Bed) {
        bed.node.signed_in(JANE, NOW).await;
        for (policy, admitted) in [
            (SignUp::Open, vec![JANE, EVE, "new@staff.example"]),
            (list(&["@staff.example"]), vec![JANE, "new@staff.example"]),
            (SignUp::Closed, vec![JANE]),
        ] {
            let node = by_policy(&bed, policy.clone()).await;
            for address in [JANE, EVE, "new@staff.example"] {
                let asked = node.start(address, NOW).await;
                let mail = node.mail(&asked);
                let may = admitted.contains(&address);
                assert_eq!(mail.kind, if may { MessageKind::SignIn } else { MessageKind::NoAccount }, "{policy:?} {address}");
                assert_eq!((mail.code.is_some(), mail.link.is_some()), (may, may));
                assert_eq!(mail.to, address);
                // And what is sent again says the same.
                node.resend(&asked, NOW + secs(15)).await.unwrap();
                assert_eq!(node.mail(&asked).kind, mail.kind);
            }
            node.close().await;
        }
    }

    /// All 8,192 codes of a small format are tried past the limit on tries.
    async fn no_code_fits_a_sign_in_that_opens_nothing(bed: Bed) {
        let node = bed.node_of(|tenant| {
            tenant.sign_up = list(&["joe@example.com"]);
            tenant.sign_in.code = CodeFormat::new("01", 13).unwrap();
        }).await;
        for (address, expected) in [("joe@example.com", 1), (EVE, 0)] {
            let asked = node.start(address, NOW).await;
            node.resend(&asked, NOW + secs(15)).await.unwrap();
            let facts = node.auth.store().sign_in(&public(), &asked.id).await.unwrap().unwrap();
            for sent in [&facts.sign_in.code, &facts.older[0]] {
                let stored = sent.code.as_ref().unwrap();
                let fit = (0..1u32 << 13).filter(|n| node.auth.keyring().code_hash(&asked.id, &format!("{n:013b}")).matches(stored));
                assert_eq!(fit.count(), expected, "{address}");
            }
        }
        node.close().await;
    }

    async fn nobody_gets_in_uninvited(bed: Bed) {
        let node = by_policy(&bed, SignUp::Closed).await;
        let asked = node.start(EVE, NOW).await;
        assert_eq!(refused(node.by_code(&asked, "123456", NOW).await), CompleteError::WrongCode { left: 4, attempts: 1 });
        assert_eq!(refused(node.by_link(&asked, "", NOW).await), CompleteError::Unknown);
        assert_eq!(refused(node.by_approval(&asked, NOW).await), CompleteError::Unknown);
        assert!(!users(&node, EVE).await);
        node.close().await;
    }

    async fn whoever_is_invited_is_admitted_from_the_next_message_on(bed: Bed) {
        let node = by_policy(&bed, list(&[])).await;
        let asked = node.start(EVE, NOW).await;
        assert_eq!(node.mail(&asked).kind, MessageKind::NoAccount);
        node.auth.invite(&public(), &email(EVE), NOW).await.unwrap();
        assert_eq!(node.auth.invites(&public()).await.unwrap(), [(email(EVE), NOW)]);
        assert!(node.auth.invites(&acme()).await.unwrap().is_empty());
        node.resend(&asked, NOW + secs(15)).await.unwrap();
        let mail = node.mail(&asked);
        assert_eq!(mail.kind, MessageKind::SignIn);
        let eve = node.by_code(&asked, &mail.code.unwrap(), NOW + secs(16)).await.unwrap();
        assert!(eve.is_new_user);
        // Who has an account keeps it: the invitation went with it.
        assert!(node.auth.invites(&public()).await.unwrap().is_empty());
        node.auth.withdraw_invite(&public(), &email(EVE)).await.unwrap();
        assert_eq!(node.signed_in(EVE, NOW + secs(60)).await.tokens.user, eve.tokens.user);
        let elsewhere = node.start_at(&call(&acme(), NOW), EVE, None).await.0;
        assert_eq!(node.mail(&elsewhere).kind, MessageKind::NoAccount, "an invitation is for one tenant");
        node.close().await;
    }

    /// Else whoever gets the address later would be invited still.
    async fn an_invitation_is_for_one_account(bed: Bed) {
        let node = by_policy(&bed, list(&["listed@example.com"])).await;
        node.auth.tend_keys(LATER).await.unwrap();
        for address in [EVE, JANE] {
            node.auth.invite(&public(), &email(address), NOW).await.unwrap();
        }
        node.auth.invite(&acme(), &email(EVE), NOW).await.unwrap();
        // Who is in does not withdraw it: only who comes in for the first time.
        let asked = node.start(EVE, NOW).await;
        assert_eq!(refused(node.by_code(&asked, &wrong(&node.mail(&asked).code.unwrap()), NOW).await), CompleteError::WrongCode { left: 4, attempts: 1 });
        assert_eq!(node.auth.invites(&public()).await.unwrap().len(), 2);
        let eve = node.by_link(&asked, &node.mail(&asked).link.unwrap(), NOW).await.unwrap();
        assert_eq!(node.auth.invites(&public()).await.unwrap(), [(email(JANE), NOW)], "hers alone");
        assert_eq!(node.auth.invites(&acme()).await.unwrap(), [(email(EVE), NOW)], "of this tenant alone");
        // She leaves that address; the next one who reads its mail has no account.
        added(&node, &eve.tokens.user, "eve@work.example", NOW).await;
        let change = begin(&node, &eve.tokens.user, &Wish::Change(eve.identity), "new@example.com", LATER).await;
        assert!(matches!(prove_right(&node, &eve.tokens.user, &change, LATER).await, Ok(postkey_auth::ProvedNow::Changed)));
        let next = node.start(EVE, LATER).await;
        assert_eq!(node.mail(&next).kind, MessageKind::NoAccount);
        // Of two of her sign-ins at once one makes the account.
        let racers: Vec<_> = [node.start(JANE, LATER).await, node.start(JANE, LATER).await].into_iter().map(|asked| {
            let node = node.clone();
            async move { node.by_code(&asked, &node.mail(&asked).code.unwrap(), LATER).await.is_ok_and(|jane| jane.is_new_user) }
        }).collect();
        assert_eq!(at_once(racers).await.into_iter().filter(|made| *made).count(), 1);
        assert!(node.auth.invites(&public()).await.unwrap().is_empty());
        node.close().await;
    }

    async fn a_withdrawn_invitation_opens_nothing_any_more(bed: Bed) {
        let node = by_policy(&bed, list(&[])).await;
        node.auth.invite(&public(), &email(EVE), NOW).await.unwrap();
        let asked = node.start(EVE, NOW).await;
        let mail = node.mail(&asked);
        node.auth.withdraw_invite(&public(), &email(EVE)).await.unwrap();
        assert_eq!(refused(node.by_code(&asked, &mail.code.unwrap(), NOW).await), CompleteError::Unknown);
        assert_eq!(refused(node.by_link(&asked, &mail.link.unwrap(), NOW).await), CompleteError::Unknown);
        assert!(!users(&node, EVE).await);
        node.close().await;
    }

    /// Jane's old address was hers when its code was sent. It is no way to a second account in a closed house.
    async fn an_address_given_up_meanwhile_is_no_new_account(bed: Bed) {
        let jane = bed.node.signed_in(JANE, NOW).await;
        let user = jane.tokens.user.clone();
        added(&bed.node, &user, "jane@work.example", NOW).await;
        let node = by_policy(&bed, SignUp::Closed).await;
        let asked = node.start(JANE, LATER).await;
        let code = node.mail(&asked).code.unwrap();
        let change = begin(&node, &user, &Wish::Change(jane.identity), "new@example.com", LATER).await;
        assert!(matches!(prove_right(&node, &user, &change, LATER).await, Ok(postkey_auth::ProvedNow::Changed)));
        assert_eq!(refused(node.by_code(&asked, &code, LATER).await), CompleteError::Unknown);
        assert!(!users(&node, JANE).await);
        // In an open one it is.
        bed.node.auth.tend_keys(LATER).await.unwrap();
        let again = bed.node.start(JANE, LATER).await;
        assert!(bed.node.by_code(&again, &bed.node.mail(&again).code.unwrap(), LATER).await.unwrap().is_new_user);
        node.close().await;
    }
}

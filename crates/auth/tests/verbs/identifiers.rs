//! Adding and changing identifiers, as it should go: what is proved, who is told, what comes of it.

use crate::kit::*;
use postkey_auth::decide::identifier::Wish;
use postkey_auth::{ChangeError, ProveError, ProvedNow, Sent, StartError};
use postkey_model::{ContactMethod, EventKind, IdentityId, MessageKind, Tenant, Timestamp, UserId};

const JANE: &str = "jane@example.com";
const WORK: &str = "jane@work.example";
const NEW: &str = "new@example.com";

/// Asks for another identifier for `user`.
pub async fn wished(node: &Node, user: &UserId, wish: &Wish, typed: &str, now: Timestamp) -> Result<Sent, ChangeError> {
    node.auth.change_identifier(&call(&public(), now), user, wish, typed, ContactMethod::EmailOrPhone, None).await
}

/// As [`wished`], and the browser keeps what it has to.
pub async fn begin(node: &Node, user: &UserId, wish: &Wish, typed: &str, now: Timestamp) -> Asked {
    Asked::of(&wished(node, user, wish, typed, now).await.unwrap())
}

pub async fn prove(node: &Node, user: &UserId, asked: &Asked, typed: &str, now: Timestamp) -> Result<ProvedNow, ProveError> {
    node.auth.prove(&call(&asked.tenant, now), user, &asked.id, &asked.device, typed).await
}

/// Types the newest code that was sent for `asked`.
pub async fn prove_right(node: &Node, user: &UserId, asked: &Asked, now: Timestamp) -> Result<ProvedNow, ProveError> {
    let code = node.mails(&asked.id).into_iter().rev().find_map(|mail| mail.code).unwrap();
    prove(node, user, asked, &code, now).await
}

/// A whole identifier added.
pub async fn added(node: &Node, user: &UserId, typed: &str, now: Timestamp) {
    let asked = begin(node, user, &Wish::Add, typed, now).await;
    assert!(matches!(prove_right(node, user, &asked, now).await, Ok(ProvedNow::Added)));
}

/// The identifiers of a user, oldest first.
pub async fn subjects(node: &Node, user: &UserId) -> Vec<String> {
    let all = node.auth.identities_of(&call(&public(), NOW), user).await.unwrap();
    all.into_iter().map(|identity| identity.subject).collect()
}

pub fn takes_both(tenant: &mut Tenant) {
    tenant.contact = ContactMethod::EmailOrPhone;
}

pub async fn identity(node: &Node, user: &UserId, subject: &str) -> IdentityId {
    let all = node.auth.identities_of(&call(&public(), NOW), user).await.unwrap();
    all.into_iter().find(|identity| identity.subject == subject).unwrap().id
}

/// What was sent for `asked`: kind, to whom, which other identifier it names.
pub fn told(node: &Node, asked: &Asked) -> Vec<(MessageKind, String, Option<String>)> {
    node.mails(&asked.id).into_iter().map(|mail| (mail.kind, mail.to, mail.other)).collect()
}

async fn lines(node: &Node, kind: EventKind) -> i64 {
    node.auth.store().count_events(kind).await.unwrap()
}

on_both_engines! {
    async fn an_identifier_is_added_by_its_code_and_the_others_are_told(bed: Bed) {
        let node = &bed.node;
        let user = node.signed_in(JANE, NOW).await.tokens.user;
        added(node, &user, WORK, NOW + secs(1)).await;
        let sent = wished(node, &user, &Wish::Add, " New@Example.com ", NOW + secs(2)).await.unwrap();
        assert_eq!((sent.has_code, sent.has_link), (true, false), "a link could be opened by mistake");
        let asked = Asked::of(&sent);
        assert_eq!(told(node, &asked), [(MessageKind::Prove, NEW.to_owned(), None)]);
        assert_eq!(subjects(node, &user).await, [JANE, WORK], "nothing yet");

        assert!(matches!(prove_right(node, &user, &asked, NOW + secs(3)).await, Ok(ProvedNow::Added)));
        assert_eq!(subjects(node, &user).await, [JANE, WORK, NEW]);
        let news = |to: &str| (MessageKind::Added, to.to_owned(), Some(NEW.to_owned()));
        assert_eq!(told(node, &asked)[1..], [news(JANE), news(WORK)]);
        assert!(node.mails(&asked.id)[1..].iter().all(|mail| mail.code.is_none() && mail.link.is_none()));
        assert_eq!(lines(node, EventKind::IdentityAdded).await, 2);
        assert_eq!(node.signed_in(NEW, NOW + secs(60)).await.tokens.user, user, "it is a way in now");
        let again = prove_right(node, &user, &asked, NOW + secs(4)).await.err();
        assert_eq!(again, Some(ProveError::Code(postkey_auth::CompleteError::Over(postkey_model::EndedHow::Completed))));
    }

    async fn of_two_identities_one_is_changed_by_proving_the_new_one(bed: Bed) {
        let node = &bed.node;
        let jane = node.signed_in(JANE, NOW).await;
        let user = jane.tokens.user;
        added(node, &user, WORK, NOW).await;
        node.auth.tend_keys(LATER).await.unwrap();
        let asked = begin(node, &user, &Wish::Change(jane.identity.clone()), NEW, LATER).await;
        assert_eq!(told(node, &asked), [(MessageKind::Prove, NEW.to_owned(), None)]);
        assert!(matches!(prove_right(node, &user, &asked, LATER + secs(1)).await, Ok(ProvedNow::Changed)));
        assert_eq!(subjects(node, &user).await, [WORK, NEW], "it is the youngest now");
        assert_eq!(identity(node, &user, NEW).await, jane.identity, "it keeps its id for life");
        let news = told(node, &asked).remove(1);
        assert_eq!(news, (MessageKind::Changed, JANE.to_owned(), Some(NEW.to_owned())), "the old one is told, and by which one");
        assert_eq!(told(node, &asked).len(), 2);
        assert_eq!((lines(node, EventKind::IdentityChanged).await, lines(node, EventKind::IdentityAdded).await), (1, 1));
        assert_eq!(node.signed_in(NEW, LATER + secs(60)).await.tokens.user, user);
        let stranger = node.signed_in(JANE, LATER + secs(60)).await;
        assert!(stranger.is_new_user && stranger.tokens.user != user, "the old one is anybody's");
        assert!(node.auth.sessions_of(&user, LATER + secs(60)).await.unwrap().len() >= 2, "sessions go on");
    }

    async fn the_only_way_in_confirms_before_it_is_replaced(bed: Bed) {
        let node = &bed.node;
        let jane = node.signed_in(JANE, NOW).await;
        let user = jane.tokens.user;
        let confirm = begin(node, &user, &Wish::Change(jane.identity.clone()), NEW, NOW).await;
        let asks = (MessageKind::ConfirmOld, JANE.to_owned(), Some(NEW.to_owned()));
        assert_eq!(told(node, &confirm), [asks], "whoever confirms sees what, letter by letter");
        let Ok(ProvedNow::Next(sent)) = prove_right(node, &user, &confirm, NOW + secs(1)).await else { panic!("not next") };
        assert_eq!(subjects(node, &user).await, [JANE], "both have to say yes");
        let change = Asked::of(&sent);
        assert_ne!(change.id, confirm.id);
        assert_eq!(told(node, &change), [(MessageKind::Prove, NEW.to_owned(), None)]);
        assert!(matches!(prove_right(node, &user, &change, NOW + secs(2)).await, Ok(ProvedNow::Changed)));
        assert_eq!(subjects(node, &user).await, [NEW]);
        assert_eq!(identity(node, &user, NEW).await, jane.identity);
        assert_eq!(told(node, &change)[1], (MessageKind::Changed, JANE.to_owned(), Some(NEW.to_owned())));
        assert_eq!(node.signed_in(NEW, NOW + secs(60)).await.tokens.user, user);
    }

    async fn what_cannot_be_wished_is_refused_and_sends_nothing(bed: Bed) {
        let both = bed.node_of(takes_both).await;
        let node = &both;
        let jane = node.signed_in(JANE, NOW).await;
        let eve = node.signed_in("eve@example.com", NOW).await;
        let (user, own) = (&jane.tokens.user, Wish::Change(jane.identity.clone()));
        let before = node.auth.store().queued_messages().await.unwrap();
        let error = |wish: Wish, typed: &'static str| async move { wished(node, user, &wish, typed, NOW).await.err() };
        assert_eq!(error(Wish::Add, " Jane@EXAMPLE.com").await, Some(ChangeError::AlreadyYours));
        assert_eq!(error(own.clone(), JANE).await, Some(ChangeError::AlreadyYours));
        assert_eq!(error(Wish::Change(eve.identity.clone()), NEW).await, Some(ChangeError::NotYours));
        assert_eq!(error(own.clone(), "+4915112345678").await, Some(ChangeError::NotYours), "a number for an address");
        for junk in ["", "new@", "a@example.com,b@example.com"] {
            assert!(matches!(error(Wish::Add, junk).await, Some(ChangeError::Start(StartError::Identifier(_)))), "{junk:?}");
        }
        let nobody = UserId::parse("nobody").unwrap();
        assert_eq!(wished(node, &nobody, &Wish::Add, NEW, NOW).await.err(), Some(ChangeError::NotYours));
        let elsewhere = node.auth.change_identifier(&call(&acme(), NOW), user, &Wish::Add, NEW, ContactMethod::Email, None).await;
        assert_eq!(elsewhere.err(), Some(ChangeError::NotYours), "a user is one tenant's");
        assert_eq!(node.auth.store().queued_messages().await.unwrap(), before);
        assert!(node.auth.identities_of(&call(&acme(), NOW), user).await.unwrap().is_empty());
        both.close().await;
    }

    async fn what_the_tenant_does_not_take_is_refused_and_sends_nothing(bed: Bed) {
        let both = bed.node_of(takes_both).await;
        let jane = both.signed_in(JANE, NOW).await;
        let user = &jane.tokens.user;
        added(&both, user, "+4915112345678", NOW).await;
        let phone = identity(&both, user, "+4915112345678").await;
        for (contact, refused, taken) in [
            (ContactMethod::Email, ["+4915123456789", "0049 151 23456789"], NEW),
            (ContactMethod::Phone, [NEW, " New@Example.com "], "+4915123456789"),
        ] {
            let node = bed.node_of(|tenant| tenant.contact = contact).await;
            let before = node.auth.store().queued_messages().await.unwrap();
            let (own, same) = if contact == ContactMethod::Email { (&phone, &jane.identity) } else { (&jane.identity, &phone) };
            for typed in refused {
                for wish in [Wish::Add, Wish::Change(own.clone()), Wish::Change(same.clone())] {
                    let refused = wished(&node, user, &wish, typed, LATER).await.err();
                    assert_eq!(refused, Some(ChangeError::NotTaken), "{wish:?} {typed:?} where {contact:?} is taken");
                }
            }
            assert_eq!(node.auth.store().queued_messages().await.unwrap(), before, "{contact:?}");
            assert!(wished(&node, user, &Wish::Add, taken, LATER).await.is_ok());
            assert!(wished(&node, user, &Wish::Change(same.clone()), taken, LATER).await.is_ok());
            node.close().await;
        }
        both.close().await;
    }

    async fn a_number_takes_the_place_of_a_number(bed: Bed) {
        let both = bed.node_of(takes_both).await;
        let node = &both;
        let user = node.signed_in(JANE, NOW).await.tokens.user;
        added(node, &user, "+4915112345678", NOW).await;
        let phone = identity(node, &user, "+4915112345678").await;
        let asked = begin(node, &user, &Wish::Change(phone.clone()), "+49 151 23456789", LATER).await;
        assert!(matches!(prove_right(node, &user, &asked, LATER + secs(1)).await, Ok(ProvedNow::Changed)));
        assert_eq!(subjects(node, &user).await, [JANE, "+4915123456789"]);
        let mails = node.mails(&asked.id);
        assert_eq!(mails.iter().map(|mail| mail.channel).collect::<Vec<_>>(), [postkey_model::Channel::Sms; 2]);
        assert_eq!((mails[1].to.as_str(), mails[1].other.as_deref()), ("+4915112345678", Some("+49 1512 3456789")), "as people write it");
        assert_eq!(identity(node, &user, "+4915123456789").await, phone);
        both.close().await;
    }
}

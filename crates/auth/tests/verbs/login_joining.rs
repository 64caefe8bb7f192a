//! Whom identities join: by the same address, asked for by a signed-in user, by a mapped number; and what squatters get.
//! What only one of many may do is tried by many at once, on two nodes.

use crate::back_end_people::{app, by_mail, email, members, person};
use crate::kit::*;
use data_encoding::BASE64URL_NOPAD;
use postkey_auth::decide::people::NewContact;
use postkey_auth::{CallingPage, CompleteError, FinishError, Finished, JoinError, LoginTokens, LoginWish, Proof, Vouched, Wanted};
use postkey_model::provider::ProviderSettings;
use postkey_model::{
    Change, Connection, ConnectionSettings, ContactMethod, EventKind, Identifier, Identity, LinkTo, Linking, LoginChange, LoginRequestId,
    ProviderId, Registered, Session, SignUp, Tenant, Timestamp, UserId, Way,
};
use serde_json::Map;

pub const JANE: &str = "jane@example.com";
const NUMBER: &str = "+4915112345678";

/// Registers a connection: `email`, `sms` or a service.
pub async fn connection(node: &Node, id: &str, linking: Linking) {
    let way = match id {
        "email" => Way::Email,
        "sms" => Way::Sms,
        _ => Way::Provider(Box::<ProviderSettings>::default()),
    };
    let settings = ConnectionSettings { way, linking, login_life: None, kept: Map::new() };
    let row = Registered { id: id.to_owned(), created_at: NOW, updated_at: NOW, version: 0, settings, sealed: None }.row();
    node.auth.store().commit(vec![LoginChange::Registered(row).into()]).await.unwrap();
    node.auth.tend_registered().await.unwrap();
}

pub async fn automatic(node: &Node, ids: &[&str]) {
    for id in ids {
        connection(node, id, Linking::Automatic).await;
    }
}

/// Another node that knows what is registered.
async fn second_node(bed: &Bed) -> Node {
    let node = bed.node_with(|_| {}).await;
    node.auth.tend_registered().await.unwrap();
    node
}

/// What the service `by` says: its id of somebody, and perhaps an address that it vouches for.
pub fn vouched(by: &str, subject: &str, email: Option<&str>, is_verified: bool) -> Vouched {
    Vouched {
        connection: Connection::Provider(ProviderId::parse(by).unwrap()),
        subject: subject.to_owned(),
        email: email.map(str::to_owned),
        is_verified,
        wanted_id: None,
        profile: Map::new(),
    }
}

fn proved(by: &str, subject: &str) -> Vouched {
    vouched(by, subject, Some(JANE), true)
}

/// Begins a login by the service that vouches.
pub async fn request(node: &Node, vouched: &Vouched, link: Option<LinkTo>, now: Timestamp) -> LoginRequestId {
    let Connection::Provider(provider) = vouched.connection else { panic!("no service") };
    let challenge = BASE64URL_NOPAD.encode(&[7; 32]);
    let wish = LoginWish {
        application: "app_default",
        redirect_url: "http://localhost:3000/",
        code_challenge: &challenge,
        connection: Some(provider.as_str()),
        link,
        ..LoginWish::default()
    };
    node.auth.begin_login(&call(&public(), now), &CallingPage::default(), wish).await.unwrap().id
}

pub async fn finish(
    node: &Node,
    id: &LoginRequestId,
    vouched: &Vouched,
    here: Option<&Session>,
    now: Timestamp,
) -> Result<Finished, FinishError> {
    node.auth.finish_by_provider(&call(&public(), now), id, vouched, here).await
}

async fn arrive_at(node: &Node, vouched: &Vouched, now: Timestamp) -> Result<LoginTokens, FinishError> {
    let id = request(node, vouched, None, now).await;
    Ok(finish(node, &id, vouched, None, now).await?.tokens.unwrap())
}

pub async fn arrive(node: &Node, vouched: &Vouched) -> LoginTokens {
    arrive_at(node, vouched, NOW).await.unwrap()
}

async fn user_of(node: &Node, vouched: &Vouched) -> UserId {
    arrive(node, vouched).await.user
}

pub async fn session(node: &Node, tokens: &LoginTokens, now: Timestamp) -> Option<Session> {
    node.auth.verify_login(tokens.access.expose(), now).await.ok()
}

pub fn asked_by(session: &Session) -> LinkTo {
    LinkTo { user: session.user.clone(), session: session.handle.clone(), identity: session.identity.clone() }
}

/// Somebody signed in by `session` asks for what `vouched` says.
pub async fn link(node: &Node, session: &Session, vouched: &Vouched) -> Result<(), FinishError> {
    let id = request(node, vouched, Some(asked_by(session)), NOW).await;
    finish(node, &id, vouched, Some(session), NOW).await.map(|finished| assert!(finished.tokens.is_none(), "the page keeps its own"))
}

/// The ways in of somebody, as the connections know them.
pub async fn ways(node: &Node, user: &UserId) -> Vec<String> {
    let way = |row: Identity| format!("{}:{}", row.connection.as_str().trim_start_matches("provider:"), row.subject);
    let mut ways: Vec<String> = person(node, user.as_str()).await.identities.into_iter().map(way).collect();
    ways.sort();
    ways
}

async fn events(node: &Node, kind: EventKind) -> i64 {
    node.auth.store().count_events(kind).await.unwrap()
}

fn distinct(mut users: Vec<UserId>) -> usize {
    users.sort();
    users.dedup();
    users.len()
}

fn takes_numbers(tenant: &mut Tenant) {
    tenant.contact = ContactMethod::EmailOrPhone;
}

/// Proves a number by a texted code.
async fn by_text(node: &Node, number: &str) -> Result<UserId, CompleteError> {
    let sent = node.auth.start(&call(&public(), NOW), Wanted { typed: number, ..Wanted::default() }).await.unwrap();
    let asked = Asked::of(&sent);
    node.by_code(&asked, &node.mail(&asked).code.unwrap(), NOW).await.map(|done| done.tokens.user)
}

async fn map_number(node: &Node, user: &UserId) {
    let mapped = LoginChange::NumberMapped { tenant: public(), number: NUMBER.to_owned(), user: user.clone(), at: NOW };
    node.auth.store().commit(vec![mapped.into()]).await.unwrap();
}

on_both_engines! {
    async fn the_same_proved_address_is_one_user(bed: Bed) {
        let node = &bed.node;
        automatic(node, &["google", "gitlab"]).await;
        connection(node, "github", Linking::Explicit).await;
        let jane = user_of(node, &proved("google", "g")).await;
        assert_eq!(user_of(node, &proved("gitlab", "l")).await, jane);
        assert_eq!(user_of(node, &proved("gitlab", "l")).await, jane, "and stays so");
        assert_eq!(ways(node, &jane).await, ["gitlab:l", "google:g"]);
        assert_eq!((events(node, EventKind::IdentityLinked).await, members(node, &public()).await.len()), (1, 1));
        let others = [proved("github", "h"), vouched("gitlab", "u", Some(JANE), false), vouched("gitlab", "o", Some("o@example.com"), true)];
        let mut users = vec![jane.clone()];
        for other in &others {
            users.push(user_of(node, other).await);
        }
        assert_eq!(distinct(users), 4);
        // Two users have the address by now, but only hers counts.
        assert_eq!(user_of(node, &proved("gitlab", "third")).await, jane);
        // An unproved one that becomes proved makes two: nobody can say whose it is.
        user_of(node, &proved("gitlab", "u")).await;
        assert_eq!(events(node, EventKind::IdentityNotLinked).await, 0);
        assert_ne!(user_of(node, &proved("gitlab", "fourth")).await, jane);
        assert_eq!(events(node, EventKind::IdentityNotLinked).await, 1);
    }

    async fn two_services_of_one_address_that_come_at_once_are_one_user(bed: Bed) {
        let (node, other) = (bed.node.clone(), second_node(&bed).await);
        automatic(&node, &["google", "gitlab"]).await;
        other.auth.tend_registered().await.unwrap();
        for round in 0..10 {
            let address = format!("jane{round}@example.com");
            let racers = (0..32).map(|i| {
                let (node, address) = ([&node, &other][i % 2].clone(), address.clone());
                let vouched = vouched(["google", "gitlab"][i / 2 % 2], &format!("s{round}"), Some(&address), true);
                async move { arrive_at(&node, &vouched, NOW).await.map(|tokens| tokens.user) }
            });
            let users: Vec<UserId> = at_once(racers.collect()).await.into_iter().map(Result::unwrap).collect();
            assert_eq!(ways(&node, &users[0]).await, [format!("gitlab:s{round}"), format!("google:s{round}")]);
            assert_eq!(distinct(users), 1, "round {round}");
        }
        assert_eq!(members(&node, &public()).await.len(), 10);
        other.close().await;
    }

    async fn a_code_and_a_service_of_one_address_that_come_at_once_are_one_user(bed: Bed) {
        let (node, other) = (bed.node.clone(), second_node(&bed).await);
        automatic(&node, &["google", "email"]).await;
        other.auth.tend_registered().await.unwrap();
        for round in 0..10 {
            let address = format!("jane{round}@example.com");
            let asked = node.start(&address, NOW).await;
            let code = node.mail(&asked).code.unwrap();
            let racers = (0..16).map(|i| {
                let (node, address, asked, code) = ([&node, &other][i % 2].clone(), address.clone(), asked.clone(), code.clone());
                let vouched = vouched("google", &format!("s{round}"), Some(&address), true);
                async move {
                    match i % 4 {
                        0 => node.by_code(&asked, &code, NOW).await.ok().map(|done| done.tokens.user),
                        _ => Some(arrive_at(&node, &vouched, NOW).await.unwrap().user),
                    }
                }
            });
            let users: Vec<UserId> = at_once(racers.collect()).await.into_iter().flatten().collect();
            assert_eq!(users.len(), 13, "one of four typed the code first");
            assert_eq!(distinct(users), 1, "round {round}");
        }
        other.close().await;
    }

    async fn a_code_joins_whoever_proved_the_address_elsewhere(bed: Bed) {
        let node = &bed.node;
        automatic(node, &["google"]).await;
        let jane = user_of(node, &proved("google", "g")).await;
        assert_ne!(by_mail(node, &public(), JANE, NOW).await, jane, "off unless somebody turns it on");
        automatic(node, &["email"]).await;
        let joe = user_of(node, &vouched("google", "joe", Some("joe@example.com"), true)).await;
        let completed = node.signed_in("joe@example.com", NOW).await;
        assert!(completed.tokens.user == joe && !completed.is_new_user);
        assert_eq!(by_mail(node, &public(), "joe@example.com", NOW).await, joe);
        assert_eq!(ways(node, &joe).await, ["email:joe@example.com", "google:joe"]);
        // So does one that a back end consumes, and the other way round.
        let ann = user_of(node, &vouched("google", "ann", Some("ann@example.com"), true)).await;
        let asked = node.start("ann@example.com", NOW).await;
        let proof = Proof::Link { sign_in: asked.id.clone(), secret: node.mail(&asked).link.unwrap() };
        let consumed = node.auth.consume_code(&call(&public(), NOW), &proof).await.unwrap();
        assert!(!consumed.is_new_user && consumed.user.user.id == ann && consumed.user.identities.len() == 2);
        let bob = by_mail(node, &public(), "bob@example.com", NOW).await;
        assert_eq!(user_of(node, &vouched("google", "bob", Some("bob@example.com"), true)).await, bob);
        // Nobody's address makes a new user, and one of two users neither.
        assert!(node.signed_in("new@example.com", NOW).await.is_new_user);
        for id in ["x1", "x2"] {
            user_of(node, &vouched("google", id, Some(&format!("{id}@example.com")), true)).await;
        }
        user_of(node, &vouched("google", "x2", Some("x1@example.com"), true)).await;
        assert!(node.signed_in("x1@example.com", NOW).await.is_new_user);
        assert_eq!(events(node, EventKind::IdentityNotLinked).await, 1);
    }

    async fn whoever_asks_gets_an_identity_that_is_nobodys(bed: Bed) {
        let node = &bed.node;
        for id in ["google", "gitlab"] {
            connection(node, id, Linking::Explicit).await;
        }
        connection(node, "github", Linking::Disabled).await;
        let tokens = arrive(node, &proved("google", "g")).await;
        let (jane, here) = (tokens.user.clone(), session(node, &tokens, NOW).await.unwrap());
        let stranger = user_of(node, &vouched("gitlab", "taken", None, false)).await;
        link(node, &here, &vouched("gitlab", "l", Some("other@example.com"), false)).await.unwrap();
        assert_eq!(user_of(node, &vouched("gitlab", "l", None, false)).await, jane, "the id stays");
        link(node, &here, &vouched("gitlab", "l", None, false)).await.unwrap();
        assert_eq!(ways(node, &jane).await, ["gitlab:l", "google:g"], "twice is once");
        let elsewhere = link(node, &here, &vouched("gitlab", "taken", None, false)).await;
        assert_eq!(elsewhere.err(), Some(FinishError::Join(JoinError::LinkedElsewhere)));
        assert_eq!(ways(node, &stranger).await, ["gitlab:taken"]);
        // Refused when it is asked for; and when it was allowed then, and is not any more.
        let id = request(node, &vouched("gitlab", "m", None, false), Some(asked_by(&here)), NOW).await;
        let off = |stored: postkey_model::StoredConnection| {
            stored.with(ConnectionSettings { linking: Linking::Disabled, ..stored.settings.clone() }, NOW).row()
        };
        let stored = node.auth.registered::<ConnectionSettings>("gitlab").await.unwrap().unwrap();
        node.auth.store().commit(vec![LoginChange::Registered(off(stored)).into()]).await.unwrap();
        node.auth.tend_registered().await.unwrap();
        let refused = finish(node, &id, &vouched("gitlab", "m", None, false), Some(&here), NOW).await;
        assert_eq!(refused.err(), Some(FinishError::Join(JoinError::LinkingDisabled)));
        // Of no use in another browser, nor after its user is gone.
        assert_eq!(finish(node, &id, &vouched("gitlab", "m", None, false), None, NOW).await.err(), Some(FinishError::WrongBrowser));
        assert!(node.auth.remove_person(&app(), jane.as_str(), true, NOW).await.unwrap());
        let gone = finish(node, &id, &vouched("gitlab", "m", None, false), Some(&here), NOW).await;
        assert_eq!(gone.err(), Some(FinishError::Join(JoinError::UserGone)));
    }

    async fn of_many_who_ask_for_one_identity_at_once_one_gets_it(bed: Bed) {
        let (node, other) = (bed.node.clone(), second_node(&bed).await);
        connection(&node, "google", Linking::Explicit).await;
        other.auth.tend_registered().await.unwrap();
        let mut askers = Vec::new();
        for i in 0..16 {
            let tokens = arrive(&node, &vouched("google", &format!("asker{i}"), None, false)).await;
            askers.push(session(&node, &tokens, NOW).await.unwrap());
        }
        for round in 0..5 {
            let wanted = vouched("google", &format!("wanted{round}"), None, false);
            let racers = askers.iter().cloned().enumerate().map(|(i, here)| {
                let (node, wanted) = ([&node, &other][i % 2].clone(), wanted.clone());
                async move { link(&node, &here, &wanted).await }
            });
            let ends = at_once(racers.collect()).await;
            assert_eq!(ends.iter().filter(|end| end.is_ok()).count(), 1, "{ends:?}");
            let elsewhere = |end: &&Result<(), FinishError>| **end == Err(FinishError::Join(JoinError::LinkedElsewhere));
            assert_eq!(ends.iter().filter(elsewhere).count(), 15, "{ends:?}");
        }
        other.close().await;
    }

    async fn an_unproved_address_is_worth_nothing_and_a_proof_ends_what_was_opened_before(bed: Bed) {
        let node = &bed.node;
        automatic(node, &["google", "lax", "email"]).await;
        // F01: a service that proves nothing says that the attacker has Jane's address.
        let attacker = arrive(node, &vouched("lax", "eve", Some(JANE), false)).await;
        let jane = user_of(node, &proved("google", "g")).await;
        assert_ne!(jane, attacker.user, "Jane is not let into what the attacker made");
        assert_eq!(by_mail(node, &public(), JANE, NOW).await, jane);
        assert_eq!(user_of(node, &vouched("lax", "eve", Some(JANE), false)).await, attacker.user, "nor the attacker into hers");
        // The attacker's account at the service becomes Jane's: she proves the address there.
        let before = session(node, &attacker, NOW).await.unwrap();
        let proved = arrive_at(node, &proved("lax", "eve"), NOW + secs(60)).await.unwrap();
        assert_eq!(proved.user, attacker.user);
        assert!(session(node, &attacker, NOW + secs(60)).await.is_none(), "what was opened before is over");
        assert!(session(node, &proved, NOW + secs(60)).await.is_some(), "and what the proof opened is not");
        assert_eq!(before.identity, session(node, &proved, NOW + secs(60)).await.unwrap().identity);
        // The same when the service names another address for the account; but not when it names none.
        let silent = arrive_at(node, &vouched("lax", "eve", None, false), NOW + secs(61)).await.unwrap();
        assert!(session(node, &proved, NOW + secs(61)).await.is_some());
        let moved = arrive_at(node, &vouched("lax", "eve", Some("moved@example.com"), true), NOW + secs(62)).await.unwrap();
        assert!(session(node, &proved, NOW + secs(62)).await.is_none() && session(node, &silent, NOW + secs(62)).await.is_none());
        assert!(session(node, &moved, NOW + secs(62)).await.is_some());
    }

    async fn an_address_that_somebody_else_put_down_goes_to_whoever_proves_it(bed: Bed) {
        let node = &bed.node;
        connection(node, "google", Linking::Explicit).await;
        // F02: the attacker has an account, its back end gives it Jane's address without a proof, and they add a way in.
        let squat = async |address: &str, is_linked_by_back_end: bool| {
            let tokens = arrive(node, &vouched("google", address, None, false)).await;
            let here = session(node, &tokens, NOW).await.unwrap();
            if is_linked_by_back_end {
                node.auth.make_primary(&app(), here.user.as_str(), NOW).await.unwrap();
            }
            let row = Identity {
                id: postkey_model::IdentityId::stored(format!("put-{}", address.replace(['@', '.'], "-"))),
                user: here.user.clone(),
                tenant: public(),
                connection: Connection::Email,
                subject: address.to_owned(),
                created_at: NOW,
                version: 0,
                provider_email: None,
                verified_at: None,
            };
            node.auth.store().commit(vec![Change::IdentityCreated(row)]).await.unwrap();
            here
        };
        let eve = squat("off@example.com", false).await;
        assert_eq!(by_mail(node, &public(), "off@example.com", NOW).await, eve.user, "where nothing is linked by applications, a code proves it");
        automatic(node, &["email"]).await;
        let eve = squat(JANE, false).await;
        let jane = node.signed_in(JANE, NOW).await;
        assert!(jane.is_new_user && jane.tokens.user != eve.user);
        assert_eq!((ways(node, &eve.user).await, ways(node, &jane.tokens.user).await), (vec![format!("google:{JANE}")], vec![format!("email:{JANE}")]));
        assert_eq!(events(node, EventKind::IdentityRemoved).await, 1);
        assert_eq!(by_mail(node, &public(), JANE, NOW).await, jane.tokens.user);
        // Back ends that link users keep their rule: signing in proves an address again.
        let joe = squat("joe@example.com", true).await;
        assert_eq!(by_mail(node, &public(), "joe@example.com", NOW).await, joe.user);
        // And the only way in of somebody is theirs who proves it, without whoever has a session from before.
        let ann = node.signed_in("ann@example.com", NOW).await.tokens;
        let wish = NewContact { email: email("new@example.com"), phone: None };
        node.auth.update_passwordless(&app(), &postkey_model::IdentityId::first_of(&ann.user), &wish, NOW).await.unwrap();
        let new = node.signed_in("new@example.com", NOW + secs(1)).await.tokens;
        let left = node.auth.sessions_of(&ann.user, NOW + secs(1)).await.unwrap();
        assert_eq!((&new.user, left.iter().map(|session| &session.handle).collect::<Vec<_>>()), (&ann.user, vec![&new.handle]));
    }

    async fn who_may_get_an_account_is_asked_of_newcomers_only(bed: Bed) {
        let node = &bed.node;
        automatic(node, &["google", "gitlab", "email"]).await;
        let jane = user_of(node, &proved("google", "g")).await;
        let closed = bed.node_of(|tenant| tenant.sign_up = SignUp::Closed).await;
        closed.auth.tend_registered().await.unwrap();
        assert_eq!(user_of(&closed, &proved("google", "g")).await, jane);
        assert_eq!(user_of(&closed, &proved("gitlab", "l")).await, jane, "who joins is known");
        let refused = |vouched: Vouched, node: Node| async move { arrive_at(&node, &vouched, NOW).await.err() };
        let not_admitted = Some(FinishError::Join(JoinError::NotAdmitted));
        assert_eq!(refused(vouched("google", "new", Some("new@example.com"), true), closed.clone()).await, not_admitted);
        closed.close().await;
        let invited = bed.node_of(|tenant| tenant.sign_up = SignUp::Listed(Default::default())).await;
        invited.auth.tend_registered().await.unwrap();
        let address = Identifier::Email(postkey_model::EmailAddress::parse("new@example.com").unwrap());
        invited.auth.invite(&public(), &address, NOW).await.unwrap();
        for (subject, address, is_verified) in [("x", Some("x@example.com"), true), ("x", Some("new@example.com"), false), ("x", None, false)] {
            assert_eq!(refused(vouched("google", subject, address, is_verified), invited.clone()).await, not_admitted, "{address:?}");
        }
        user_of(&invited, &vouched("google", "new", Some("new@example.com"), true)).await;
        assert!(invited.auth.invites(&public()).await.unwrap().is_empty(), "an invitation is for one account");
        invited.close().await;
    }

    async fn a_wanted_id_is_given_once(bed: Bed) {
        let (node, other) = (bed.node.clone(), second_node(&bed).await);
        automatic(&node, &["google"]).await;
        other.auth.tend_registered().await.unwrap();
        for round in 0..5 {
            let wanted = UserId::parse(&format!("wanted-{round}")).unwrap();
            let racers = (0..16).map(|i| {
                let (node, wanted) = ([&node, &other][i % 2].clone(), Some(wanted.clone()));
                let vouched = Vouched { wanted_id: wanted, ..vouched("google", &format!("{round}-{i}"), None, false) };
                async move { arrive_at(&node, &vouched, NOW).await.map(|tokens| tokens.user) }
            });
            let users: Vec<UserId> = at_once(racers.collect()).await.into_iter().map(Result::unwrap).collect();
            assert_eq!(users.iter().filter(|user| **user == wanted).count(), 1);
            assert_eq!(distinct(users), 16);
        }
        // Not that of an identity either, which finds its user too.
        let joined = vouched("google", "j", Some(JANE), true);
        let jane = user_of(&node, &joined).await;
        user_of(&node, &proved("google", "k")).await;
        let taken = person(&node, jane.as_str()).await.identities[1].id.to_string();
        let named = Vouched { wanted_id: UserId::parse(&taken), ..vouched("google", "n", None, false) };
        assert_ne!(user_of(&node, &named).await.as_str(), taken);
        other.close().await;
    }

    async fn a_mapped_number_opens_its_user_once_it_is_proved(bed: Bed) {
        let node = bed.node_of(takes_numbers).await;
        let jane = node.signed_in(JANE, NOW).await.tokens.user;
        map_number(&node, &jane).await;
        assert_eq!(ways(&node, &jane).await, [format!("email:{JANE}")], "a word alone opens nothing");
        assert_eq!(by_text(&node, NUMBER).await, Ok(jane.clone()));
        assert_eq!(by_text(&node, NUMBER).await, Ok(jane.clone()));
        assert_eq!(ways(&node, &jane).await, [format!("email:{JANE}"), format!("sms:{NUMBER}")]);
        // Somebody's own number stays theirs, whoever it is mapped to; so does one that is mapped to nobody who is here.
        let joe = by_text(&node, "+4915112345679").await.unwrap();
        let other = LoginChange::NumberMapped { tenant: public(), number: "+4915112345679".to_owned(), user: jane.clone(), at: NOW };
        let nobody = LoginChange::NumberMapped { tenant: public(), number: "+4915112345670".to_owned(), user: UserId::parse("gone").unwrap(), at: NOW };
        node.auth.store().commit(vec![other.into(), nobody.into()]).await.unwrap();
        assert_eq!(by_text(&node, "+4915112345679").await, Ok(joe.clone()));
        let new = by_text(&node, "+4915112345670").await.unwrap();
        assert_eq!(distinct(vec![jane, joe, new]), 3);
        node.close().await;
    }

    async fn a_mapped_number_is_awaited_where_nobody_new_comes_in_and_good_once(bed: Bed) {
        let open = bed.node_of(takes_numbers).await;
        let node = bed.node_of(|tenant| { takes_numbers(tenant); tenant.sign_up = SignUp::Closed; }).await;
        let jane = open.signed_in(JANE, NOW).await.tokens.user;
        let no_code = || async {
            let sent = node.auth.start(&call(&public(), NOW), Wanted { typed: NUMBER, ..Wanted::default() }).await.unwrap();
            node.mail(&Asked::of(&sent)).code.is_none()
        };
        assert!(no_code().await, "nobody's number");
        map_number(&node, &jane).await;
        assert_eq!(by_text(&node, NUMBER).await, Ok(jane.clone()));
        // Whoever gives it up does not have it brought back by the operator's old word.
        let facts = node.auth.store().user(&public(), &jane).await.unwrap().unwrap();
        let texts = facts.identities.iter().find(|identity| identity.subject == NUMBER).unwrap().clone();
        node.auth.store().commit(vec![Change::IdentityRemoved(texts)]).await.unwrap();
        assert!(no_code().await);
        open.close().await;
        node.close().await;
    }

    async fn a_number_is_proved_and_mapped_anew_at_once(bed: Bed) {
        let (node, other) = (bed.node_of(takes_numbers).await, bed.node_of(takes_numbers).await);
        let users = [node.signed_in(JANE, NOW).await.tokens.user, node.signed_in("joe@example.com", NOW).await.tokens.user];
        for round in 0..10 {
            let number = format!("+49151123456{round:02}");
            let mapped = |user: &UserId| Change::from(LoginChange::NumberMapped { tenant: public(), number: number.clone(), user: user.clone(), at: NOW });
            node.auth.store().commit(vec![mapped(&users[0])]).await.unwrap();
            let sent = node.auth.start(&call(&public(), NOW), Wanted { typed: &number, ..Wanted::default() }).await.unwrap();
            let asked = Asked::of(&sent);
            let code = node.mail(&asked).code.unwrap();
            let racers = (0..8).map(|i| {
                let (node, asked, code, moved) = ([&node, &other][i % 2].clone(), asked.clone(), code.clone(), mapped(&users[1]));
                async move {
                    if i == 0 {
                        node.auth.store().commit(vec![moved]).await.unwrap();
                        return None;
                    }
                    node.by_code(&asked, &code, NOW).await.ok().map(|done| done.tokens.user)
                }
            });
            let ends: Vec<UserId> = at_once(racers.collect()).await.into_iter().flatten().collect();
            assert_eq!(ends.len(), 1, "one code, one way in");
            assert!(users.contains(&ends[0]), "and of one of the two to whom it was mapped");
            assert!(ways(&node, &ends[0]).await.contains(&format!("sms:{number}")));
        }
        node.close().await;
        other.close().await;
    }
}

//! People for back ends: found, listed, removed, given other addresses, and put into tenants and taken out of them.

use crate::kit::*;
use postkey_auth::decide::people::{NewContact, NoPlace, NoUpdate, login_methods};
use postkey_auth::{AssociateError, CountIn, KnownByService, Search, ThirdPartyError, UpdateError};
use postkey_model::{AppId, EmailAddress, EventKind, Identity, IdentityId, PhoneNumber, ProviderId, SignUp, TenantId, Timestamp, UserId};
use postkey_store::{AccountInfo, Page, UserFacts, WayKind};

pub const JANE: &str = "jane@example.com";

pub fn app() -> AppId {
    AppId::public()
}

pub fn google() -> ProviderId {
    ProviderId::parse("google").unwrap()
}

/// Somebody who signed in by a code in `tenant`.
pub async fn by_mail(node: &Node, tenant: &TenantId, address: &str, now: Timestamp) -> UserId {
    let (asked, _) = node.start_at(&call(tenant, now), address, None).await;
    node.by_code(&asked, &node.mail(&asked).code.unwrap(), now).await.unwrap().tokens.user
}

/// Somebody whom Google knows.
pub async fn by_google(node: &Node, tenant: &TenantId, subject: &str, email: &str, now: Timestamp) -> KnownByService {
    node.auth.third_party_sign_in(&call(tenant, now), google(), subject, email, true).await.unwrap()
}

pub async fn person(node: &Node, id: &str) -> UserFacts {
    node.auth.find_person(&app(), id).await.unwrap().unwrap()
}

pub fn first(user: &UserId) -> IdentityId {
    IdentityId::first_of(user)
}

pub fn email(address: &str) -> Option<Option<EmailAddress>> {
    Some(Some(EmailAddress::parse(address).unwrap()))
}

pub fn phone(number: &str) -> Option<Option<PhoneNumber>> {
    Some(Some(PhoneNumber::parse(number, None).unwrap()))
}

async fn update(node: &Node, id: &IdentityId, wish: NewContact, now: Timestamp) -> Result<(), NoUpdate> {
    match node.auth.update_passwordless(&app(), id, &wish, now).await {
        Ok(()) => Ok(()),
        Err(UpdateError::Refused(no)) => Err(no),
        Err(UpdateError::Unavailable(e)) => panic!("{e}"),
    }
}

async fn associate(node: &Node, tenant: &TenantId, id: &str) -> Result<bool, NoPlace> {
    match node.auth.associate(&call(tenant, NOW), id).await {
        Ok(was) => Ok(was),
        Err(AssociateError::Refused(no)) => Err(no),
        Err(e) => panic!("{e}"),
    }
}

pub async fn members(node: &Node, tenant: &TenantId) -> Vec<UserId> {
    let page = Page { from: None, limit: 500, youngest_first: false, kind: WayKind::Any };
    node.auth.list_people(tenant, &page).await.unwrap().users.into_iter().map(|facts| facts.user.id).collect()
}

pub async fn live(node: &Node, user: &UserId) -> usize {
    node.auth.sessions_of(user, NOW).await.unwrap().len()
}

fn info(email: Option<&str>, subject: Option<&str>) -> AccountInfo {
    AccountInfo { email: email.map(str::to_owned), phone: None, provider: subject.map(|subject| (google(), subject.to_owned())) }
}

on_both_engines! {
    async fn who_matches_all_is_meant_or_with_union_who_matches_any(bed: Bed) {
        let node = &bed.node;
        let jane = by_mail(node, &public(), JANE, NOW).await;
        let joe = by_google(node, &public(), "g1", "joe@example.com", NOW + secs(1)).await.user.user.id;
        by_mail(node, &acme(), JANE, NOW).await;
        let by = async |info: &AccountInfo, union: bool| {
            let found = node.auth.find_people_by(&public(), info, union).await.unwrap();
            found.into_iter().map(|facts| facts.user.id).collect::<Vec<_>>()
        };
        assert_eq!(by(&info(Some(JANE), Some("g1")), true).await, [jane.clone(), joe.clone()], "oldest first");
        assert!(by(&info(Some(JANE), Some("g1")), false).await.is_empty(), "nobody is both");
        // Linked they are, by different login methods.
        node.auth.make_primary(&app(), jane.as_str(), NOW).await.unwrap();
        node.auth.link_identity(&app(), joe.as_str(), jane.as_str(), NOW).await.unwrap();
        assert_eq!(by(&info(Some(JANE), Some("g1")), false).await, std::slice::from_ref(&jane));
        assert!(by(&AccountInfo::default(), true).await.is_empty());
        // Only login methods of that tenant count.
        let found = node.auth.find_people_by(&acme(), &info(Some(JANE), Some("g1")), false).await.unwrap();
        assert!(found.is_empty());
        assert_eq!(person(node, joe.as_str()).await.user.id, jane, "found by the id of any identity");
        assert_eq!(node.auth.find_person(&AppId::parse("other").unwrap(), jane.as_str()).await.unwrap(), None);
    }

    async fn a_search_means_whom_all_lists_mean(bed: Bed) {
        let node = &bed.node;
        by_mail(node, &public(), JANE, NOW).await;
        by_google(node, &public(), "g1", "jane@work.example", NOW + secs(1)).await;
        let found = async |emails: &[&str], providers: &[&str]| {
            let owned = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
            let search = Search { emails: owned(emails), phones: Vec::new(), providers: owned(providers) };
            node.auth.search_people(&public(), &search, 10).await.unwrap().len()
        };
        assert_eq!((found(&["jane"], &[]).await, found(&["jane@w", "example.com"], &[]).await), (2, 2));
        assert_eq!((found(&["jane"], &["goo"]).await, found(&["jane@example"], &["goo"]).await, found(&[], &[]).await), (1, 0, 0));
        let count = async |of: CountIn<'_>| node.auth.count_people(of, WayKind::Any).await.unwrap();
        by_mail(node, &acme(), JANE, NOW).await;
        assert_eq!((count(CountIn::Tenant(&public())).await, count(CountIn::App(&app())).await), (2, 3));
    }

    async fn whoever_is_removed_leaves_nothing(bed: Bed) {
        let node = &bed.node;
        let jane = by_mail(node, &public(), JANE, NOW).await;
        let id = jane.as_str();
        let object = serde_json::json!({ "a": 1 }).as_object().unwrap().clone();
        node.auth.update_metadata(&app(), id, &object).await.unwrap();
        node.auth.set_role(&app(), "admin", Vec::new()).await.unwrap();
        node.auth.give_role(&public(), id, "admin").await.unwrap();
        let open = node.start(JANE, NOW).await;
        assert!(node.auth.remove_person(&app(), id, true, NOW).await.unwrap());
        assert_eq!((node.auth.find_person(&app(), id).await.unwrap(), live(node, &jane).await), (None, 0));
        assert!(node.auth.metadata(&app(), id).await.unwrap().is_empty() && node.auth.roles_of(&public(), id).await.unwrap().is_empty());
        assert!(node.stored(&open).await.ended.is_some() && members(node, &public()).await.is_empty());
        assert_eq!(node.auth.store().count_events(EventKind::UserRemoved).await.unwrap(), 1);
        assert!(!node.auth.remove_person(&app(), id, true, NOW).await.unwrap(), "once");
        let again = by_mail(node, &public(), JANE, NOW).await;
        assert_ne!(again, jane, "who comes again is new");
    }

    async fn one_login_method_is_removed_from_a_linked_user(bed: Bed) {
        let node = &bed.node;
        let jane = by_mail(node, &public(), JANE, NOW).await;
        let google = by_google(node, &acme(), "g1", "j@service.example", NOW).await.identity;
        node.auth.make_primary(&app(), jane.as_str(), NOW).await.unwrap();
        node.auth.link_identity(&app(), google.as_str(), jane.as_str(), NOW).await.unwrap();
        assert_eq!((members(node, &public()).await, members(node, &acme()).await), (vec![jane.clone()], vec![jane.clone()]));
        assert!(node.auth.remove_person(&app(), google.as_str(), false, NOW).await.unwrap());
        assert_eq!(login_methods(&person(node, jane.as_str()).await).len(), 1);
        assert_eq!(
            (members(node, &public()).await, members(node, &acme()).await.len(), live(node, &jane).await),
            (vec![jane.clone()], 0, 1)
        );
        assert!(!node.auth.remove_person(&app(), google.as_str(), false, NOW).await.unwrap());
        // The last one takes the user along.
        assert!(node.auth.remove_person(&app(), jane.as_str(), false, NOW).await.unwrap());
        assert_eq!(node.auth.find_person(&app(), jane.as_str()).await.unwrap(), None);
    }

    async fn a_login_method_gets_an_address_and_a_number(bed: Bed) {
        let node = &bed.node;
        let jane = by_mail(node, &public(), JANE, NOW).await;
        let id = first(&jane);
        associate(node, &acme(), id.as_str()).await.unwrap();
        let (old, new) = (node.start(JANE, NOW).await, node.start("new@example.com", NOW).await);
        update(node, &id, NewContact { email: email("new@example.com"), phone: phone("+4915112345678") }, NOW).await.unwrap();
        let method = login_methods(&person(node, jane.as_str()).await).remove(0);
        assert_eq!(
            (method.email.as_deref(), method.phone.as_deref(), method.is_verified),
            (Some("new@example.com"), Some("+4915112345678"), false)
        );
        assert_eq!(
            (method.created_at, method.tenants),
            (NOW, vec![acme(), public()]),
            "one login method, as old as it was, in both tenants"
        );
        assert!(node.stored(&old).await.ended.is_some() && node.stored(&new).await.ended.is_some());
        assert_eq!(by_mail(node, &acme(), "new@example.com", NOW).await, jane, "also there");
        assert!(login_methods(&person(node, jane.as_str()).await)[0].is_verified, "and the code proved it");
        assert_eq!(update(node, &id, NewContact { email: Some(None), phone: None }, NOW).await, Ok(()));
        assert_eq!(login_methods(&person(node, jane.as_str()).await)[0].email, None);
        assert_eq!(update(node, &id, NewContact { email: None, phone: Some(None) }, NOW).await, Err(NoUpdate::NothingLeft));
        assert_eq!(update(node, &id, NewContact::default(), NOW).await, Ok(()));
        assert_eq!(update(node, &IdentityId::stored("never".to_owned()), NewContact::default(), NOW).await, Err(NoUpdate::Unknown));
        let google = by_google(node, &public(), "g1", "j@service.example", NOW).await.identity;
        assert_eq!(update(node, &google, NewContact { email: email("x@example.com"), phone: None }, NOW).await, Err(NoUpdate::Unknown));
    }

    async fn what_somebody_else_has_is_not_given(bed: Bed) {
        let node = &bed.node;
        let (jane, eve) = (by_mail(node, &public(), JANE, NOW).await, by_mail(node, &public(), "eve@example.com", NOW).await);
        let google = by_google(node, &public(), "g1", "held@example.com", NOW).await.identity;
        by_mail(node, &acme(), "abroad@example.com", NOW).await;
        update(node, &first(&eve), NewContact { email: None, phone: phone("+4915112345678") }, NOW).await.unwrap();
        let to = |address: &str| NewContact { email: email(address), phone: None };
        assert_eq!(update(node, &first(&jane), to("eve@example.com"), NOW).await, Err(NoUpdate::EmailTaken));
        assert_eq!(
            update(node, &first(&jane), NewContact { email: None, phone: phone("+4915112345678") }, NOW).await,
            Err(NoUpdate::PhoneTaken)
        );
        assert_eq!(update(node, &first(&jane), to("abroad@example.com"), NOW).await, Ok(()), "nobody of hers");
        // Between primary users an address that a service named counts as well.
        node.auth.make_primary(&app(), google.as_str(), NOW).await.unwrap();
        assert_eq!(update(node, &first(&jane), to("held@example.com"), NOW).await, Ok(()));
        update(node, &first(&jane), to(JANE), NOW).await.unwrap();
        node.auth.make_primary(&app(), jane.as_str(), NOW).await.unwrap();
        assert_eq!(update(node, &first(&jane), to("held@example.com"), NOW).await, Err(NoUpdate::EmailHeld));
        assert_eq!(login_methods(&person(node, jane.as_str()).await)[0].email.as_deref(), Some(JANE));
    }

    async fn identities_join_tenants_and_leave_them(bed: Bed) {
        let node = &bed.node;
        let (jane, other) = (by_mail(node, &public(), JANE, NOW).await, by_mail(node, &acme(), "taken@example.com", NOW).await);
        let taken = by_mail(node, &public(), "taken@example.com", NOW).await;
        let id = jane.as_str();
        assert_eq!(associate(node, &acme(), id).await, Ok(false));
        assert_eq!(associate(node, &acme(), id).await, Ok(true), "already there");
        assert_eq!(associate(node, &acme(), taken.as_str()).await, Err(NoPlace::EmailTaken));
        assert_eq!(associate(node, &acme(), "never").await, Err(NoPlace::Unknown));
        let nowhere = TenantId::parse("nowhere").unwrap();
        assert_eq!(node.auth.associate(&call(&nowhere, NOW), id).await, Err(AssociateError::UnknownTenant));
        let there = members(node, &acme()).await;
        assert!(there.len() == 2 && there.contains(&jane) && there.contains(&other));
        assert_eq!(by_mail(node, &acme(), JANE, NOW).await, jane, "the same person there");
        assert_eq!(live(node, &jane).await, 2);
        node.auth.set_role(&app(), "admin", Vec::new()).await.unwrap();
        node.auth.give_role(&acme(), id, "admin").await.unwrap();
        assert!(node.auth.disassociate(&acme(), id, NOW).await.unwrap() && !node.auth.disassociate(&acme(), id, NOW).await.unwrap());
        assert_eq!((live(node, &jane).await, members(node, &acme()).await), (1, vec![other]), "the session there is over");
        assert!(node.auth.roles_of(&acme(), id).await.unwrap().is_empty());
        assert_ne!(by_mail(node, &acme(), JANE, NOW).await, jane, "somebody else now");
    }

    async fn out_of_the_last_tenant_nothing_is_lost(bed: Bed) {
        let node = &bed.node;
        let jane = by_mail(node, &public(), JANE, NOW).await;
        assert!(node.auth.disassociate(&public(), jane.as_str(), NOW).await.unwrap());
        let method = login_methods(&person(node, jane.as_str()).await).remove(0);
        assert_eq!((method.tenants.len(), method.email.as_deref()), (0, Some(JANE)));
        assert!(members(node, &public()).await.is_empty() && live(node, &jane).await == 0);
        let other = by_mail(node, &public(), JANE, NOW).await;
        assert_ne!(other, jane);
        assert_eq!(associate(node, &public(), jane.as_str()).await, Err(NoPlace::EmailTaken));
        assert_eq!(associate(node, &acme(), jane.as_str()).await, Ok(false));
        assert_eq!(
            person(node, jane.as_str()).await.identities.iter().map(|row: &Identity| row.tenant.clone()).collect::<Vec<_>>(),
            [acme()]
        );
        assert_eq!((by_mail(node, &acme(), JANE, NOW).await, members(node, &acme()).await), (jane.clone(), vec![jane]));
    }

    async fn a_service_says_who_it_is(bed: Bed) {
        let node = &bed.node;
        let sign_in = async |subject: &str, email: &str, is_verified: bool| {
            node.auth.third_party_sign_in(&call(&public(), NOW), google(), subject, email, is_verified).await
        };
        let new = sign_in("g1", " Jane@Example.com ", false).await.unwrap();
        assert!(new.is_new_user && new.identity == first(&new.user.user.id));
        let method = login_methods(&new.user).remove(0);
        assert_eq!((method.email.as_deref(), method.is_verified, method.provider), (Some(JANE), false, Some((google(), "g1".to_owned()))));
        let known = sign_in("g1", JANE, true).await.unwrap();
        assert!(!known.is_new_user && known.user.user.id == new.user.user.id && login_methods(&known.user)[0].is_verified);
        assert!(login_methods(&sign_in("g1", JANE, false).await.unwrap().user)[0].is_verified, "what is proved stays so");
        let moved = login_methods(&sign_in("g1", "other@example.com", false).await.unwrap().user).remove(0);
        assert_eq!((moved.email.as_deref(), moved.is_verified), (Some("other@example.com"), false));
        // Another primary user has the address.
        let eve = by_mail(node, &public(), "eve@example.com", NOW).await;
        node.auth.make_primary(&app(), eve.as_str(), NOW).await.unwrap();
        assert!(sign_in("g1", "eve@example.com", true).await.is_ok(), "no matter to one who is not");
        sign_in("g1", JANE, true).await.unwrap();
        node.auth.make_primary(&app(), new.identity.as_str(), NOW).await.unwrap();
        assert_eq!(sign_in("g1", "eve@example.com", true).await.unwrap_err(), ThirdPartyError::EmailChangeNotAllowed);
        let elsewhere = TenantId::parse("nowhere").unwrap();
        let nowhere = node.auth.third_party_sign_in(&call(&elsewhere, NOW), google(), "g1", JANE, true).await;
        assert_eq!(nowhere.unwrap_err(), ThirdPartyError::UnknownTenant);
        let closed = bed.node_of(|tenant| tenant.sign_up = SignUp::Closed).await;
        let at = |subject: &'static str| {
            let auth = closed.auth.clone();
            async move {
                let known = auth.third_party_sign_in(&call(&public(), NOW), google(), subject, JANE, true).await;
                known.map(|known| known.is_new_user)
            }
        };
        assert_eq!((at("g1").await, at("g2").await), (Ok(false), Err(ThirdPartyError::SignUpClosed)));
        closed.close().await;
    }

    async fn of_many_first_sign_ins_by_a_service_one_makes_the_user(bed: Bed) {
        let racers = (0..16).map(|_| {
            let node = bed.node.clone();
            async move { by_google(&node, &public(), "g1", JANE, NOW).await }
        });
        let answers = at_once(racers.collect()).await;
        assert_eq!(answers.iter().filter(|answer| answer.is_new_user).count(), 1);
        assert!(answers.iter().all(|answer| answer.identity == answers[0].identity));
        assert_eq!(members(&bed.node, &public()).await.len(), 1);
    }
}

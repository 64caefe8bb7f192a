//! What has to do with logins of applications: each change does what it says, from what was seen only, and each read finds it.
//! Of many at once one wins.

use crate::kit::*;
use postkey_model::login_request::{LoginEnd, LoginProof, LoginRequest};
use postkey_model::{
    Application, ApplicationSettings, Change, ClientSettings, IdentityId, LoginChange, LoginRequestId, Millis, Old, Registered, ReturnMode,
    Sealed, Settings, SignInId, Timestamp, UserId,
};
use postkey_store::Store;
use std::collections::BTreeMap;

const LATER: Timestamp = Timestamp(NOW.0 + 1000);

fn application(id: &str, version: i64, name: &str) -> Application {
    let settings = ApplicationSettings { name: name.to_owned(), ..ApplicationSettings::default() };
    Registered { id: id.to_owned(), created_at: NOW, updated_at: NOW, version, settings, sealed: Some(Sealed::stored(vec![1, 2, 3])) }
}

fn request(name: &str) -> LoginRequest {
    LoginRequest {
        id: LoginRequestId::parse(&format!("req_{name}00000000")).unwrap(),
        tenant: public(),
        application: "app_default".to_owned(),
        connection: None,
        redirect_url: "http://localhost:3000/".to_owned(),
        mode: ReturnMode::Code,
        code_challenge: "challenge".to_owned(),
        audiences: vec!["one".to_owned()],
        scope: "openid".to_owned(),
        link: None,
        connection_properties: BTreeMap::from([("a".to_owned(), "b".to_owned())]),
        invite: None,
        binding: Some("binding".to_owned()),
        started_at: NOW,
        expires_at: NOW + Millis::from_mins(5),
    }
}

fn end(user: &str) -> LoginEnd {
    let user = UserId::parse(user).unwrap();
    LoginEnd { identity: IdentityId::first_of(&user), user, session: None, code: Some("hash".to_owned()), code_expires_at: LATER }
}

async fn done(store: &Store, change: LoginChange) {
    assert_eq!(commit(store, change.into()).await, applied());
}

async fn lost(store: &Store, change: LoginChange) {
    assert_eq!(commit(store, Change::from(change)).await, LOST);
}

on_both_engines! {
    async fn what_is_registered_changes_from_what_was_seen(bed: Bed) {
        let store = &bed.store;
        let stamp = store.registered_stamp().await.unwrap();
        let first = application("app_one", 0, "first");
        done(store, LoginChange::Registered(first.row())).await;
        assert_eq!(store.registered::<ApplicationSettings>("app_one").await.unwrap(), Some(first.clone()));
        assert!(store.registered::<ClientSettings>("app_one").await.unwrap().is_none(), "another kind");
        lost(store, LoginChange::Registered(application("app_one", 0, "again").row())).await;
        let second = first.with(ApplicationSettings { name: "second".to_owned(), ..ApplicationSettings::default() }, LATER);
        done(store, LoginChange::Registered(second.row())).await;
        lost(store, LoginChange::Registered(second.row())).await;
        assert_eq!(store.registered::<ApplicationSettings>("app_one").await.unwrap(), Some(second));
        let stands = |version| LoginChange::RegisteredStands { kind: ApplicationSettings::KIND, id: "app_one".to_owned(), version };
        done(store, stands(1)).await;
        lost(store, stands(0)).await;
        done(store, LoginChange::Registered(application("app_two", 0, "two").row())).await;
        let ids = |from: &'static str, limit| async move {
            let all = store.list_registered::<ApplicationSettings>(from, limit).await.unwrap();
            all.into_iter().map(|one| one.id).collect::<Vec<_>>()
        };
        assert_eq!(ids("", 10).await, ["app_one", "app_two"]);
        assert_eq!(ids("", 1).await, ["app_one"]);
        assert_eq!(ids("app_two", 10).await, ["app_two"]);
        let gone = || LoginChange::Unregistered { kind: ApplicationSettings::KIND, id: "app_one".to_owned() };
        done(store, gone()).await;
        lost(store, gone()).await;
        lost(store, stands(1)).await;
        assert!(store.registered_stamp().await.unwrap() >= stamp + 4, "others look here for changes");
    }

    async fn a_request_is_finished_once_and_exchanged_once(bed: Bed) {
        let store = &bed.store;
        let mut wished = request("a");
        let id = wished.id.clone();
        assert!(store.login_request(&id).await.unwrap().is_none());
        done(store, LoginChange::Requested(Box::new(wished.clone()))).await;
        wished.connection = Some("sc_one".to_owned());
        let amend = |seen_version, at| LoginChange::Amended { request: Box::new(wished.clone()), seen_version, at };
        lost(store, amend(0, wished.expires_at)).await;
        done(store, amend(0, LATER)).await;
        lost(store, amend(0, LATER)).await;
        let (first, second) = (SignInId::parse("s1").unwrap(), SignInId::parse("s2").unwrap());
        let made = |sign_in: &SignInId, at| LoginChange::CodeMade { request: id.clone(), sign_in: sign_in.clone(), seen_version: 1, at };
        done(store, made(&first, LATER)).await;
        done(store, made(&second, LATER)).await;
        let proof = LoginProof { connection: "sc_one".to_owned(), subject: "jane".to_owned(), verified_email: None, secret: "hash".to_owned() };
        let proved = |sign_in: &SignInId| LoginChange::Proved { request: id.clone(), sign_in: sign_in.clone(), proof: proof.clone(), at: LATER };
        lost(store, proved(&first)).await;
        done(store, proved(&second)).await;
        lost(store, LoginChange::Exchanged { request: id.clone(), at: LATER }).await;
        let completed =
            |user: &str, seen_version, at| LoginChange::Completed { request: id.clone(), end: Box::new(end(user)), seen_version, at };
        lost(store, completed("late", 2, wished.expires_at)).await;
        lost(store, completed("stale", 1, LATER)).await;
        done(store, completed("jane", 2, LATER)).await;
        lost(store, completed("eve", 2, LATER)).await;
        lost(store, made(&first, LATER)).await;
        lost(store, amend(2, LATER)).await;
        done(store, LoginChange::Exchanged { request: id.clone(), at: LATER }).await;
        lost(store, LoginChange::Exchanged { request: id.clone(), at: LATER }).await;
        let state = store.login_request(&id).await.unwrap().unwrap();
        assert_eq!((state.request, state.sign_in, state.proof), (wished, Some(second), Some(proof)));
        assert_eq!((state.end, state.exchanged_at), (Some((LATER, end("jane"))), Some(LATER)));
    }

    async fn another_connection_forgets_what_was_typed_for_the_one_before(bed: Bed) {
        let store = &bed.store;
        let wished = LoginRequest { connection: Some("sc_one".to_owned()), ..request("f") };
        let id = wished.id.clone();
        done(store, LoginChange::Requested(Box::new(wished.clone()))).await;
        let sign_in = SignInId::parse("s1").unwrap();
        done(store, LoginChange::CodeMade { request: id.clone(), sign_in: sign_in.clone(), seen_version: 0, at: LATER }).await;
        let proof = LoginProof { connection: "sc_one".to_owned(), subject: "jane".to_owned(), verified_email: None, secret: "hash".to_owned() };
        done(store, LoginChange::Proved { request: id.clone(), sign_in: sign_in.clone(), proof, at: LATER }).await;
        let longer = NOW + Millis::from_hours(1);
        let other = LoginRequest { connection: Some("sc_two".to_owned()), expires_at: longer, ..wished };
        done(store, LoginChange::Amended { request: Box::new(other), seen_version: 1, at: LATER }).await;
        let state = store.login_request(&id).await.unwrap().unwrap();
        assert_eq!((state.sign_in, state.proof, state.version), (None, None, 2));
        lost(store, LoginChange::CodeMade { request: id.clone(), sign_in, seen_version: 0, at: LATER }).await;
        let completed = LoginChange::Completed { request: id, end: Box::new(end("jane")), seen_version: 2, at: longer - Millis(1) };
        done(store, completed).await;
    }

    async fn of_many_who_finish_one_request_or_use_one_statement_one_does(bed: Bed) {
        let (store, other) = (bed.store.clone(), bed.another_node().await);
        for round in 0..20_u8 {
            let wished = request(&format!("b{round}"));
            done(&store, LoginChange::Requested(Box::new(wished.clone()))).await;
            let racers = (0..16_u8).map(|i| {
                let (store, id) = ([&store, &other][usize::from(i % 2)].clone(), wished.id.clone());
                async move {
                    let used = LoginChange::AssertionUsed { hash: [round; 32], until: LATER };
                    let completed = LoginChange::Completed { request: id, end: Box::new(end(&format!("u{i}"))), seen_version: 0, at: LATER };
                    store.commit(vec![completed.into(), used.into()]).await.is_ok()
                }
            });
            let ends = futures_util::future::join_all(racers).await;
            assert_eq!(ends.iter().filter(|end| **end).count(), 1);
            assert!(store.is_assertion_used(&[round; 32]).await.unwrap());
        }
        // A statement that was used for another request is used.
        let wished = request("c");
        done(&store, LoginChange::Requested(Box::new(wished.clone()))).await;
        let used = LoginChange::AssertionUsed { hash: [0; 32], until: LATER };
        let completed = LoginChange::Completed { request: wished.id.clone(), end: Box::new(end("u")), seen_version: 0, at: LATER };
        assert!(store.commit(vec![completed.into(), used.into()]).await.is_err());
        assert!(store.login_request(&wished.id).await.unwrap().unwrap().end.is_none(), "all or nothing");
        other.close().await;
    }

    async fn of_two_decisions_about_an_address_one_holds(bed: Bed) {
        let store = &bed.store;
        let decided = |seen, at| LoginChange::AddressDecided { tenant: public(), email: "jane@example.com".to_owned(), seen, at };
        assert_eq!(store.address_decided(&public(), "jane@example.com").await.unwrap(), None);
        done(store, decided(None, NOW)).await;
        lost(store, decided(None, NOW)).await;
        assert_eq!(store.address_decided(&public(), "jane@example.com").await.unwrap(), Some(NOW));
        // A node whose clock is behind decides later all the same: whoever saw the one before is found out.
        done(store, decided(Some(NOW), NOW - Millis::from_mins(1))).await;
        lost(store, decided(Some(NOW), LATER)).await;
        let after = NOW + Millis(1);
        assert_eq!(store.address_decided(&public(), "jane@example.com").await.unwrap(), Some(after));
        done(store, decided(Some(after), LATER)).await;
        assert_eq!(store.address_decided(&public(), "jane@example.com").await.unwrap(), Some(LATER));
        assert_eq!(store.address_decided(&public(), "joe@example.com").await.unwrap(), None);
    }

    async fn a_number_is_mapped_to_one_user(bed: Bed) {
        let store = &bed.store;
        let number = || "+4915112345678".to_owned();
        let (jane, joe) = (UserId::parse("jane").unwrap(), UserId::parse("joe").unwrap());
        let map = |user: &UserId| LoginChange::NumberMapped { tenant: public(), number: number(), user: user.clone(), at: NOW };
        let stands = |user: &UserId| LoginChange::NumberStands { tenant: public(), number: number(), user: user.clone() };
        lost(store, stands(&jane)).await;
        done(store, map(&jane)).await;
        done(store, stands(&jane)).await;
        done(store, map(&joe)).await;
        lost(store, stands(&jane)).await;
        assert_eq!(store.number_mapped_to(&public(), &number()).await.unwrap(), Some(joe.clone()));
        assert_eq!(store.numbers_mapped_to(&public(), &joe).await.unwrap(), [(number(), NOW)]);
        done(store, LoginChange::NumberUnmapped { tenant: public(), number: number() }).await;
        assert_eq!(store.number_mapped_to(&public(), &number()).await.unwrap(), None);
    }

    async fn what_is_over_is_cleared_away(bed: Bed) {
        let store = &bed.store;
        let (old, young) = (request("d"), LoginRequest { expires_at: NOW + Millis::from_hours(1), ..request("e") });
        for wished in [&old, &young] {
            done(store, LoginChange::Requested(Box::new(wished.clone()))).await;
        }
        done(store, LoginChange::AssertionUsed { hash: [7; 32], until: NOW }).await;
        let decided = |name: &str, at| LoginChange::AddressDecided { tenant: public(), email: format!("{name}@example.com"), seen: None, at };
        done(store, decided("old", NOW)).await;
        done(store, decided("young", NOW + Millis::from_hours(1))).await;
        for table in [Old::LoginRequests, Old::UsedAssertions, Old::Decisions] {
            commit(store, Change::Cleared { table, before: NOW + Millis::from_mins(10), limit: 10 }).await.unwrap();
        }
        assert!(store.login_request(&old.id).await.unwrap().is_none());
        assert!(store.login_request(&young.id).await.unwrap().is_some());
        assert!(!store.is_assertion_used(&[7; 32]).await.unwrap());
        let mut known = Vec::new();
        for name in ["old", "young"] {
            known.push(store.address_decided(&public(), &format!("{name}@example.com")).await.unwrap().is_some());
        }
        assert_eq!(known, [false, true]);
        // Whoever saw the one that was cleared away looks again.
        let seen = LoginChange::AddressDecided { tenant: public(), email: "old@example.com".to_owned(), seen: Some(NOW), at: LATER };
        lost(store, seen).await;
    }
}

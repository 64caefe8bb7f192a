//! The drill: it holds where all keys are changed as they should be, and falls where a single session dies.

use crate::kit::*;
use postkey_auth::NewSession;
use postkey_auth::drill::Kind;
use postkey_model::provider::ProviderSettings;
use postkey_model::{Change, ConnectionSettings, KeySet, Linking, LoginChange, Millis, Registered, SessionHandle, Timestamp, Way};

const NEW: u64 = 11;
const OLD: u64 = 0;

/// People are signed in, a message waits, and there is a service's secret.
async fn lived_in(node: &Node) -> Vec<SessionHandle> {
    let mut handles = Vec::new();
    for who in ["jane@example.com", "joe@example.com"] {
        handles.push(node.signed_in(who, NOW).await.tokens.handle);
    }
    let new = NewSession { user: "u".to_owned(), ..NewSession::default() };
    handles.push(node.auth.make_session(&call(&acme(), NOW), &new).await.unwrap().tokens.handle);
    let way = Way::Provider(Box::new(ProviderSettings { client_id: "c".to_owned(), ..ProviderSettings::default() }));
    let settings = ConnectionSettings { way, linking: Linking::Disabled, login_life: None, kept: Default::default() };
    let sealed = Some(node.auth.keyring().seal_provider_secret("google", "a secret", node.auth.entropy()));
    let row = Registered { id: "google".to_owned(), created_at: NOW, updated_at: NOW, version: 0, settings, sealed }.row();
    node.auth.store().commit(vec![LoginChange::Registered(row).into()]).await.unwrap();
    node.start("waiting@example.com", NOW).await;
    handles
}

/// Rotates all sets, and says when the last of the new keys signs.
async fn rotated(node: &Node) -> Timestamp {
    let sets = node.auth.rotate_all_keys(NOW).await.unwrap();
    sets.iter().filter_map(|set| set.signs_from).max().unwrap() + Millis(1)
}

on_both_engines! {
    async fn nothing_dies_when_all_keys_change(bed: Bed) {
        let old = &bed.node;
        lived_in(old).await;
        let held = old.auth.hold_for_drill(100, NOW).await.unwrap();
        assert_eq!((held.found, held.sessions(), held.lost_before.len()), (3, 7, 0));
        assert_eq!([Kind::Own, Kind::Login, Kind::Lineage].map(|kind| held.of_kind(kind)), [3, 1, 3]);
        assert_eq!(held.sealed(), (3, 1), "the messages of three sign-ins, one secret");
        let later = rotated(old).await;

        let new = bed.node_with_keys(NEW, &[OLD]).await;
        new.auth.reseal(NOW).await.unwrap();
        new.auth.tend_keys(later).await.unwrap();
        let (tried, held) = new.auth.try_for_drill(held, later).await.unwrap();
        assert!(tried.held(), "{tried:?}");
        assert_eq!((tried.access, tried.renewed, tried.over), (7, 7, 0));
        assert_eq!(tried.by_new_key, 6, "all but the one of the key that stays");
        assert_eq!((tried.messages, tried.secrets, tried.proofs), (3, 1, 3));

        let alone = bed.node_with_keys(NEW, &[]).await;
        let later = later + Millis::from_mins(1);
        alone.auth.tend_keys(later).await.unwrap();
        let (tried, _) = alone.auth.try_for_drill(held, later).await.unwrap();
        assert!(tried.held(), "{tried:?}");
        assert_eq!((tried.access, tried.renewed, tried.secrets), (7, 7, 1));
        new.close().await;
        alone.close().await;
    }

    async fn a_key_that_no_longer_opens_is_noticed(bed: Bed) {
        let old = &bed.node;
        lived_in(old).await;
        let held = old.auth.hold_for_drill(100, NOW).await.unwrap();
        let later = rotated(old).await;
        let new = bed.node_with_keys(NEW, &[OLD]).await;
        // A reseal that lost what it sealed: the older key of sessions, for another place than its own.
        let key = old.auth.store().signing_keys(&KeySet::SESSION).await.unwrap().remove(0);
        let private = old.auth.keyring().open_signing_key(&["session", &key.kid], &key.sealed).unwrap();
        let sealed = new.auth.keyring().seal_signing_key(&["session", "another"], private.expose(), new.auth.entropy());
        let kid = key.kid.clone();
        old.auth.store().commit(vec![Change::SigningKeyResealed { seen: key, sealed }]).await.unwrap();
        assert_eq!(new.auth.reseal(NOW).await.unwrap().closed, 0, "it looks as if it were sealed well");
        new.auth.tend_keys(later).await.unwrap();
        let (tried, _) = new.auth.try_for_drill(held, later).await.unwrap();
        assert!(!tried.held());
        assert_eq!((tried.access, tried.renewed), (2, 7), "the application's, and that of the key that stays");
        assert_eq!((tried.broken_count, tried.broken.len()), (5, 5));
        assert!(tried.broken.iter().all(|why| why.starts_with("access token of session ")), "{:?} {kid}", tried.broken);
        new.close().await;
    }

    async fn a_session_that_dies_is_named(bed: Bed) {
        let old = &bed.node;
        let handles = lived_in(old).await;
        let held = old.auth.hold_for_drill(100, NOW).await.unwrap();
        let later = rotated(old).await;
        let new = bed.node_with_keys(NEW, &[OLD]).await;
        new.auth.reseal(NOW).await.unwrap();
        new.auth.tend_keys(later).await.unwrap();
        new.auth.revoke(NOW, &handles[1]).await.unwrap();
        let (tried, _) = new.auth.try_for_drill(held, later).await.unwrap();
        assert_eq!((tried.access, tried.renewed, tried.broken_count), (7, 6, 1));
        assert_eq!(tried.broken, [format!("session {} cannot be renewed: the session is over", handles[1])]);
        new.close().await;
    }

    async fn without_the_older_key_everything_falls(bed: Bed) {
        let old = &bed.node;
        lived_in(old).await;
        let held = old.auth.hold_for_drill(100, NOW).await.unwrap();
        let later = rotated(old).await;
        let new = bed.node_with_keys(NEW, &[OLD]).await;
        new.auth.reseal(NOW).await.unwrap();
        new.close().await;
        let forgot = bed.node_with_keys(NEW, &[]).await;
        forgot.auth.tend_keys(later).await.unwrap();
        let (tried, _) = forgot.auth.try_for_drill(held, later).await.unwrap();
        // Signing keys and secrets were sealed anew; whatever the older key made is lost: seven sessions, three messages, three proofs.
        assert_eq!((tried.access, tried.secrets), (7, 1));
        assert_eq!((tried.renewed, tried.messages, tried.proofs), (0, 0, 0));
        assert_eq!(tried.broken_count, 13, "{:?}", tried.broken);
        forgot.close().await;
    }

    async fn sessions_of_a_tenant_that_is_gone_were_lost_before(bed: Bed) {
        lived_in(&bed.node).await;
        let without = bed.another_node(|settings| { settings.tenants.remove(&acme()); }).await;
        without.auth.tend_keys(NOW).await.unwrap();
        let held = without.auth.hold_for_drill(100, NOW).await.unwrap();
        assert_eq!((held.found, held.sessions(), held.lost_before.len()), (3, 6, 1));
        without.close().await;
    }

    async fn the_sample_is_the_oldest_and_the_newest(bed: Bed) {
        let mut handles = Vec::new();
        for n in 0..6 {
            handles.push(bed.node.signed_in(&format!("p{n}@example.com"), NOW + secs(n)).await.tokens.handle);
        }
        let at = NOW + secs(60);
        bed.node.auth.revoke(at, &handles[5]).await.unwrap();
        let sample = async |limit| {
            let found = bed.node.auth.store().living_sessions(at, limit).await.unwrap();
            let mut numbers: Vec<usize> = found.iter().map(|s| handles.iter().position(|h| *h == s.handle).unwrap()).collect();
            numbers.sort_unstable();
            numbers
        };
        assert_eq!(sample(3).await, [0, 1, 4]);
        assert_eq!(sample(100).await, [0, 1, 2, 3, 4]);
        assert_eq!(sample(0).await, Vec::<usize>::new());
        let over = bed.node.auth.store().living_sessions(NOW + Millis::from_hours(101 * 24), 10).await.unwrap();
        assert!(over.is_empty());
    }

    async fn every_set_that_rotates_gets_its_next_key(bed: Bed) {
        let node = &bed.node;
        node.auth.sign_for_back_end(&postkey_model::AppId::public(), "us", &Default::default(), secs(60), true, NOW).await.unwrap();
        let now = NOW + secs(1);
        let name = |set: &KeySet| set.to_text();
        let first = node.auth.rotate_all_keys(now).await.unwrap();
        let made: Vec<_> = first.iter().map(|set| (name(&set.set), set.is_new, set.signs_from.is_some())).collect();
        let expected = [("login", true, true), ("session", true, true), ("static", false, false)];
        assert_eq!(made, expected.map(|(set, is_new, signs)| (set.to_owned(), is_new, signs)));
        // Once is enough: the one that waits is told again.
        let again = node.auth.rotate_all_keys(now).await.unwrap();
        assert!(again.iter().all(|set| !set.is_new));
        assert_eq!(again[1].signs_from, first[1].signs_from);
        let keys = node.auth.store().signing_keys(&KeySet::LOGIN).await.unwrap();
        assert_eq!(keys.iter().map(|key| key.number).collect::<Vec<_>>(), [1, 2]);
    }
}

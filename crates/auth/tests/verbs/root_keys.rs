//! The root key changes while everything is under way: all that the older one made is good for its life, all that is new is
//! the newer one's, and once what is long-lived is sealed anew the older one can go.

use crate::kit::*;
use postkey_auth::{NewSession, Resealed, TrustedDevice};
use postkey_model::provider::ProviderSettings;
use postkey_model::{ConnectionSettings, Linking, LoginChange, Millis, Registered, Secret, Way};

const JANE: &str = "jane@example.com";
const NEW: u64 = 11;
const OLD: u64 = 0;

on_both_engines! {
    async fn what_the_older_key_made_is_good_under_the_newer_one(bed: Bed) {
        let old = &bed.node;
        // Under way: a code, a link, a session, one of a back end, a trusted browser.
        let (by_code, by_link) = (old.start(JANE, NOW).await, old.start("joe@example.com", NOW).await);
        let (code, link) = (old.mail(&by_code).code.unwrap(), old.mail(&by_link).link.unwrap());
        let session = old.signed_in("ann@example.com", NOW).await.tokens;
        let made = old.auth.make_session(&call(&public(), NOW), &NewSession { user: "u".to_owned(), ..NewSession::default() }).await.unwrap();
        let mut browser = TrustedDevice::new(old.auth.entropy());
        browser.remember(old.auth.keyring(), &public(), &session.user);

        let new = bed.node_with_keys(NEW, &[OLD]).await;
        new.auth.tend_keys(NOW).await.unwrap();
        new.by_code(&by_code, &code, NOW).await.unwrap();
        new.by_link(&by_link, &link, NOW).await.unwrap();
        assert!(browser.knows(new.auth.keyring(), &public(), &session.user).is_some());
        new.auth.verify(session.access.expose(), NOW).await.unwrap();
        let renewed = new.auth.refresh(&call(&public(), NOW), session.refresh.expose()).await.unwrap();
        let child = new.auth.refresh_for_back_end(&call(&public(), NOW), made.tokens.refresh.expose(), Some(false), None).await.unwrap();
        // Eight tabs at once: the older token is good for the grace, and gives the newer key's again.
        let again = new.auth.refresh(&call(&public(), NOW), session.refresh.expose()).await.unwrap();
        assert_eq!(again.refresh.expose(), renewed.refresh.expose());

        // What is new needs the newer key alone; what is older needs the older one.
        let alone = bed.node_with_keys(NEW, &[]).await;
        assert!(alone.auth.tend_keys(NOW).await.is_err(), "the signing keys are still sealed under the older one");
        assert_eq!(new.auth.reseal(NOW).await.unwrap(), Resealed { sealed: 2, current: 0, closed: 0 });
        assert_eq!(new.auth.reseal(NOW).await.unwrap(), Resealed { sealed: 0, current: 2, closed: 0 });
        alone.auth.tend_keys(NOW).await.unwrap();
        alone.auth.verify(session.access.expose(), NOW).await.unwrap();
        assert!(alone.auth.refresh(&call(&public(), NOW), session.refresh.expose()).await.is_err());
        alone.auth.refresh(&call(&public(), NOW), renewed.refresh.expose()).await.unwrap();
        alone.auth.refresh_for_back_end(&call(&public(), NOW), child.tokens.refresh.expose(), Some(false), None).await.unwrap();
        assert!(browser.knows(alone.auth.keyring(), &public(), &session.user).is_none());
        browser.remember(new.auth.keyring(), &public(), &session.user);
        assert!(browser.knows(alone.auth.keyring(), &public(), &session.user).is_some());
        // The node that has the older one only is not served by this: it opens nothing any more.
        let behind = bed.node_with_keys(OLD, &[]).await;
        assert!(behind.auth.tend_keys(NOW).await.is_err());
        for node in [new, alone, behind] {
            node.close().await;
        }
    }

    async fn nodes_that_know_both_keys_take_each_other_s_work_whichever_makes_what_is_new(bed: Bed) {
        // First every node believes the coming key, then one after the other makes with it.
        let (before, after) = (bed.node_with_keys(OLD, &[NEW]).await, bed.node_with_keys(NEW, &[OLD]).await);
        for (one, other) in [(&before, &after), (&after, &before)] {
            let asked = one.start(JANE, NOW).await;
            let code = one.mail(&asked).code.unwrap();
            one.auth.tend_keys(NOW).await.unwrap();
            other.auth.tend_keys(NOW).await.unwrap();
            let tokens = other.by_code(&asked, &code, NOW).await.unwrap().tokens;
            one.auth.refresh(&call(&public(), NOW), tokens.refresh.expose()).await.unwrap();
        }
        before.close().await;
        after.close().await;
    }

    async fn a_service_s_secret_is_sealed_anew(bed: Bed) {
        let old = &bed.node;
        for id in ["google", "gitlab"] {
            let way = Way::Provider(Box::new(ProviderSettings { client_id: "c".to_owned(), ..ProviderSettings::default() }));
            let settings = ConnectionSettings { way, linking: Linking::Disabled, login_life: None, kept: Default::default() };
            let sealed = Some(old.auth.keyring().seal_provider_secret(id, &format!("secret of {id}"), old.auth.entropy()));
            let row = Registered { id: id.to_owned(), created_at: NOW, updated_at: NOW, version: 0, settings, sealed }.row();
            old.auth.store().commit(vec![LoginChange::Registered(row).into()]).await.unwrap();
        }
        let new = bed.node_with_keys(NEW, &[OLD]).await;
        let done = new.auth.reseal(NOW).await.unwrap();
        assert_eq!((done.sealed, done.closed), (4, 0), "two of services, two that sign");
        let stored = new.auth.registered::<ConnectionSettings>("gitlab").await.unwrap().unwrap();
        let alone = bed.node_with_keys(NEW, &[]).await;
        let opened = alone.auth.keyring().open_provider_secret("gitlab", &stored.sealed.unwrap());
        assert_eq!(opened.map(|secret: Secret<String>| secret.expose().clone()), Ok("secret of gitlab".to_owned()));
        new.close().await;
        alone.close().await;
    }

    async fn it_is_said_what_still_needs_the_older_key(bed: Bed) {
        let old = &bed.node;
        let session = old.signed_in(JANE, NOW).await.tokens;
        old.start("joe@example.com", NOW).await;
        let new = bed.node_with_keys(NEW, &[OLD]).await;
        new.auth.tend_keys(NOW).await.unwrap();
        let later = NOW + Millis(1);
        let id = new.auth.keyring().seal_id();
        let counts = async |at| new.auth.store().older_work(id, later, at).await.unwrap().iter().map(|line| line.count).collect::<Vec<_>>();
        assert_eq!(counts(later).await, [1, 1, 0, 2], "a session, a sign-in, no token, the messages of both");
        new.auth.refresh(&call(&public(), later), session.refresh.expose()).await.unwrap();
        assert_eq!(counts(later).await, [0, 1, 0, 2], "renewed: it is the newer key's");
        assert_eq!(counts(NOW + Millis::from_hours(1)).await, [0, 0, 0, 0], "codes and messages are over by themselves");
        assert_eq!(bed.node_with_keys(5, &[]).await.auth.reseal(NOW).await.unwrap().closed, 2, "no key that is there opens them");
        new.close().await;
    }
}

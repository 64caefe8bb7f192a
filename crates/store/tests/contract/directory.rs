//! The directory that back ends keep: each change does what it says, from what was seen only, and each read finds it.

use crate::kit::*;
use postkey_model::{
    AppId, Change, Connection, DirectoryChange, EmailToken, Identity, IdentityId, KeySet, KeyUse, ProviderId, Session, StoredTenant,
    TenantId, TenantSettings, Timestamp, User, UserId,
};
use postkey_store::{Metadata, Store, UserFacts};

/// When things change here.
const LATER: Timestamp = Timestamp(NOW.0 + 1000);

/// Stores somebody with these rows, whose first identity has the user's id.
pub async fn somebody(store: &Store, at: Timestamp, ways: &[(&str, Connection, &str)]) -> UserFacts {
    let user = User { created_at: at, tenant: TenantId::stored(ways[0].0.to_owned()), ..user() };
    let row = |(place, connection, subject): &(&str, Connection, &str)| Identity {
        id: IdentityId::first_of(&user.id),
        tenant: TenantId::stored((*place).to_owned()),
        connection: *connection,
        created_at: at,
        provider_email: matches!(connection, Connection::Provider(_)).then(|| format!("{subject}@service.example")),
        ..identity(&user.id, subject)
    };
    let identities: Vec<Identity> = ways.iter().map(row).collect();
    let mut changes = vec![Change::UserCreated(user.clone())];
    changes.extend(identities.iter().cloned().map(Change::IdentityCreated));
    let (tenants, id) = (identities.iter().map(|row| row.tenant.clone()), user.id.clone());
    changes.extend(tenants.map(|tenant| Change::from(DirectoryChange::MemberJoined { tenant, user: id.clone(), created_at: at })));
    store.commit(changes).await.unwrap();
    UserFacts { user, identities }
}

pub async fn jane(store: &Store) -> UserFacts {
    somebody(store, NOW, &[("public", Connection::Email, "jane@example.com")]).await
}

pub fn google() -> Connection {
    Connection::Provider(ProviderId::parse("google").unwrap())
}

pub fn shop() -> AppId {
    AppId::parse("shop").unwrap()
}

pub fn in_shop(name: &str) -> TenantId {
    TenantId::in_app(&shop(), &tenant(name))
}

async fn person(store: &Store, id: &str) -> Option<UserFacts> {
    store.person(&AppId::public(), id).await.unwrap()
}

async fn seen(store: &Store, facts: &UserFacts) -> UserFacts {
    person(store, facts.user.id.as_str()).await.unwrap()
}

async fn done(store: &Store, change: DirectoryChange) {
    assert_eq!(commit(store, change.into()).await, applied());
}

async fn lost(store: &Store, change: DirectoryChange) {
    assert_eq!(commit(store, change.into()).await, LOST);
}

async fn live(store: &Store, user: &UserId) -> usize {
    store.sessions_of(user, NOW).await.unwrap().len()
}

fn made_primary(facts: &UserFacts) -> DirectoryChange {
    DirectoryChange::UserMadePrimary { user: facts.user.id.clone(), seen_version: facts.user.version, at: LATER }
}

fn text(list: &[&str]) -> Vec<String> {
    list.iter().map(|text| (*text).to_owned()).collect()
}

on_both_engines! {
    async fn an_identity_moves_from_where_it_was_seen(store: Store) {
        let (jane, eve) = (jane(&store).await, somebody(&store, NOW, &[("public", google(), "g1")]).await);
        let way = jane.identities[0].clone();
        let to = |seen: Identity| DirectoryChange::IdentityMoved { seen, to: eve.user.id.clone() };
        lost(&store, to(Identity { version: 1, ..way.clone() })).await;
        lost(&store, to(Identity { user: eve.user.id.clone(), ..way.clone() })).await;
        done(&store, to(way.clone())).await;
        lost(&store, to(way.clone())).await;
        let moved = Identity { user: eve.user.id.clone(), version: 1, ..way.clone() };
        assert_eq!(seen(&store, &eve).await.identities, [moved, eve.identities[0].clone()]);
        assert_eq!(person(&store, way.id.as_str()).await.unwrap().user.id, eve.user.id, "an id is its identity's first");
        done(&store, DirectoryChange::UserRemoved { user: jane.user.id.clone(), seen_version: 0 }).await;
        assert_eq!(person(&store, way.id.as_str()).await.unwrap().user.id, eve.user.id, "now that is the identity's");
        assert_eq!(store.person(&shop(), way.id.as_str()).await.unwrap(), None, "no other app knows it");
    }

    async fn a_user_changes_and_goes_as_seen(store: Store) {
        let jane = jane(&store).await;
        lost(&store, DirectoryChange::UserMadePrimary { user: jane.user.id.clone(), seen_version: 1, at: LATER }).await;
        assert!(!seen(&store, &jane).await.is_primary());
        done(&store, made_primary(&jane)).await;
        let now = seen(&store, &jane).await;
        assert_eq!((now.user.version, now.user.primary_at, now.is_primary()), (1, Some(LATER), true));
        let changed = User { created_at: Timestamp(5), primary_at: None, ..now.user.clone() };
        lost(&store, DirectoryChange::UserChanged(User { version: 0, ..changed.clone() })).await;
        done(&store, DirectoryChange::UserChanged(changed.clone())).await;
        assert_eq!(seen(&store, &jane).await.user, User { version: 2, ..changed });
        lost(&store, DirectoryChange::UserRemoved { user: jane.user.id.clone(), seen_version: 1 }).await;
        done(&store, DirectoryChange::UserRemoved { user: jane.user.id.clone(), seen_version: 2 }).await;
        assert_eq!(person(&store, jane.user.id.as_str()).await, None);
    }

    async fn an_address_is_proved_in_all_tenants_and_the_proof_taken_back(store: Store) {
        let ways = [("public", google(), "g1"), ("acme", google(), "g1"), ("public", Connection::Sms, "+15550100")];
        let jane = somebody(&store, NOW, &ways).await;
        let at = |proved: Option<Timestamp>| DirectoryChange::AddressVerified {
            user: jane.user.id.clone(),
            identity: jane.identities[0].id.clone(),
            email: "g1@service.example".to_owned(),
            at: proved,
        };
        for proved in [None, Some(LATER)] {
            done(&store, at(proved)).await;
            let rows = seen(&store, &jane).await.identities;
            let of = |connection: Connection| {
                rows.iter().filter(|row| row.connection == connection).map(|row| row.verified_at).collect::<Vec<_>>()
            };
            assert_eq!((of(google()), of(Connection::Sms)), (vec![proved; 2], vec![Some(NOW)]));
        }
        let other = DirectoryChange::AddressVerified {
            user: jane.user.id.clone(),
            identity: jane.identities[0].id.clone(),
            email: "x@y.example".to_owned(),
            at: None,
        };
        done(&store, other).await;
        assert!(seen(&store, &jane).await.identities.iter().all(|row| row.verified_at.is_some()));
        let row = seen(&store, &jane).await.identities[0].clone();
        let renamed = |seen: &Identity| DirectoryChange::ProviderEmailChanged {
            seen: seen.clone(),
            email: Some("new@service.example".to_owned()),
            verified_at: None,
        };
        done(&store, renamed(&row)).await;
        lost(&store, renamed(&row)).await;
        let now = seen(&store, &jane).await.identities;
        let changed: Vec<_> = now.iter().filter(|other| other.email() == Some("new@service.example")).collect();
        assert_eq!((changed.len(), changed[0].verified_at, changed[0].version), (1, None, 1));
    }

    async fn sessions_of_one_identity_end(store: Store) {
        let (jane, eve) = (user().id, user().id);
        let [one, two] = ["one", "two"].map(|id| IdentityId::stored(id.to_owned()));
        let of = |user: &UserId, identity: &IdentityId, place: &str| Session {
            identity: identity.clone(),
            tenant: tenant(place),
            ..session(user)
        };
        for one in [of(&jane, &one, "public"), of(&jane, &one, "acme"), of(&jane, &two, "public"), of(&eve, &one, "public")] {
            opened(&store, one).await;
        }
        let ends = |place: Option<TenantId>| DirectoryChange::SessionsOfIdentityRevoked {
            user: jane.clone(),
            identity: one.clone(),
            tenant: place,
            at: NOW,
        };
        done(&store, ends(Some(tenant("acme")))).await;
        assert_eq!((live(&store, &jane).await, live(&store, &eve).await), (2, 1));
        done(&store, ends(None)).await;
        assert_eq!((live(&store, &jane).await, live(&store, &eve).await), (1, 1));
        assert_eq!(store.sessions_of(&jane, NOW).await.unwrap()[0].identity, two);
    }

    async fn metadata_is_set_as_seen(store: Store) {
        let app = AppId::public();
        let set = |text: &str, seen_version| DirectoryChange::MetadataSet {
            app: app.clone(),
            id: "jane".to_owned(),
            metadata: text.to_owned(),
            seen_version,
        };
        lost(&store, set("{}", Some(0))).await;
        done(&store, set(r#"{"a":1}"#, None)).await;
        lost(&store, set("{}", None)).await;
        lost(&store, set("{}", Some(1))).await;
        done(&store, set(r#"{"a":2}"#, Some(0))).await;
        assert_eq!(store.metadata(&app, "jane").await.unwrap(), Some(Metadata { text: r#"{"a":2}"#.to_owned(), version: 1 }));
        assert_eq!(store.metadata(&shop(), "jane").await.unwrap(), None);
        assert_eq!(store.metadata(&app, "Jane").await.unwrap(), None);
        done(&store, DirectoryChange::MetadataRemoved { app: shop(), id: "jane".to_owned() }).await;
        assert!(store.metadata(&app, "jane").await.unwrap().is_some());
        done(&store, DirectoryChange::MetadataRemoved { app: app.clone(), id: "jane".to_owned() }).await;
        assert_eq!(store.metadata(&app, "jane").await.unwrap(), None);
        done(&store, set("{}", None)).await;
    }

    async fn roles_grow_shrink_are_given_taken_and_go(store: Store) {
        let app = AppId::public();
        let role = "admin".to_owned();
        let grown =
            |app: &AppId, more: &[&str]| DirectoryChange::RoleGrown { app: app.clone(), role: "admin".to_owned(), permissions: text(more) };
        let given =
            |place: &TenantId| DirectoryChange::RoleGiven { tenant: place.clone(), id: "jane".to_owned(), role: "admin".to_owned() };
        lost(&store, given(&public())).await;
        done(&store, grown(&app, &["write", "read"])).await;
        done(&store, grown(&app, &["read", "delete"])).await;
        lost(&store, given(&in_shop("public"))).await;
        done(&store, grown(&shop(), &[])).await;
        assert_eq!(store.roles(&app).await.unwrap(), ["admin"]);
        assert_eq!(store.permissions(&app, "admin").await.unwrap(), ["delete", "read", "write"]);
        assert_eq!(store.roles_with(&app, "read").await.unwrap(), ["admin"]);
        assert!(store.roles_with(&shop(), "read").await.unwrap().is_empty());
        for place in [public(), public(), tenant("acme"), in_shop("public")] {
            done(&store, given(&place)).await;
            assert_eq!(store.roles_of(&place, "jane").await.unwrap(), ["admin"]);
            assert_eq!(store.have_role(&place, "admin").await.unwrap(), ["jane"]);
        }
        done(&store, DirectoryChange::RoleTaken { tenant: tenant("acme"), id: "jane".to_owned(), role: role.clone() }).await;
        assert!(store.roles_of(&tenant("acme"), "jane").await.unwrap().is_empty());
        let shrunk =
            |less: Option<&[&str]>| DirectoryChange::RoleShrunk { app: app.clone(), role: role.clone(), permissions: less.map(text) };
        done(&store, shrunk(Some(&["read", "never"]))).await;
        assert_eq!(store.permissions(&app, "admin").await.unwrap(), ["delete", "write"]);
        done(&store, shrunk(None)).await;
        assert!(store.permissions(&app, "admin").await.unwrap().is_empty() && store.has_role(&app, "admin").await.unwrap());
        done(&store, grown(&app, &["read"])).await;
        done(&store, DirectoryChange::RoleRemoved { app: app.clone(), role: role.clone() }).await;
        assert!(!store.has_role(&app, "admin").await.unwrap() && store.has_role(&shop(), "admin").await.unwrap());
        assert!(store.roles_of(&public(), "jane").await.unwrap().is_empty() && store.permissions(&app, "admin").await.unwrap().is_empty());
        assert_eq!(store.roles_of(&in_shop("public"), "jane").await.unwrap(), ["admin"], "another app's role of that name stays");
    }

    /// Whoever gives a role while it is removed is first, or finds none: nobody keeps a role that is gone.
    async fn no_role_is_left_that_was_removed_while_it_was_given(bed: Bed) {
        let other = bed.another_node().await;
        for round in 0..10 {
            let role = format!("role{round}");
            done(&bed.store, DirectoryChange::RoleGrown { app: AppId::public(), role: role.clone(), permissions: Vec::new() }).await;
            let of = |n: usize| match n {
                0 => vec![DirectoryChange::RoleRemoved { app: AppId::public(), role: role.clone() }.into()],
                n => vec![DirectoryChange::RoleGiven { tenant: public(), id: format!("u{n}"), role: role.clone() }.into()],
            };
            winners(&at_once(&[bed.store.clone(), other.clone()], 16, of).await);
            assert!(bed.store.have_role(&public(), &role).await.unwrap().is_empty(), "round {round}");
        }
        other.close().await;
    }

    async fn a_token_proves_one_address_once(store: Store) {
        let token = |n: u8, app: &AppId, email: &str| EmailToken {
            hash: [n; 32],
            app: app.clone(),
            identity: IdentityId::stored("jane".to_owned()),
            email: email.to_owned(),
            expires_at: LATER,
        };
        let app = AppId::public();
        for one in [
            token(1, &app, "a@example.com"),
            token(2, &app, "a@example.com"),
            token(3, &app, "b@example.com"),
            token(4, &shop(), "c@example.com"),
        ] {
            done(&store, DirectoryChange::EmailTokenMade(one.clone())).await;
            assert_eq!(store.email_token(one.hash).await.unwrap(), Some(one));
        }
        lost(&store, DirectoryChange::EmailTokenMade(token(1, &app, "d@example.com"))).await;
        done(&store, DirectoryChange::EmailTokenUsed { hash: [1; 32] }).await;
        lost(&store, DirectoryChange::EmailTokenUsed { hash: [1; 32] }).await;
        assert_eq!(store.email_token([1; 32]).await.unwrap(), None);
        done(
            &store,
            DirectoryChange::EmailTokensRemoved { identity: IdentityId::stored("jane".to_owned()), email: "a@example.com".to_owned() },
        )
        .await;
        assert_eq!(store.email_token([2; 32]).await.unwrap(), None);
        assert!(store.email_token([3; 32]).await.unwrap().is_some());
    }

    async fn the_belongings_of_one_id_in_one_app_go(store: Store) {
        let app = AppId::public();
        for (app, place) in [(&app, public()), (&app, tenant("acme")), (&shop(), in_shop("public"))] {
            done(&store, DirectoryChange::RoleGrown { app: app.clone(), role: "admin".to_owned(), permissions: Vec::new() }).await;
            for id in ["jane", "joe"] {
                done(&store, DirectoryChange::RoleGiven { tenant: place.clone(), id: id.to_owned(), role: "admin".to_owned() }).await;
            }
        }
        for (app, id) in [(&app, "jane"), (&app, "joe"), (&shop(), "jane")] {
            done(
                &store,
                DirectoryChange::MetadataSet { app: app.clone(), id: id.to_owned(), metadata: "{}".to_owned(), seen_version: None },
            )
            .await;
        }
        let token = EmailToken {
            hash: [1; 32],
            app: app.clone(),
            identity: IdentityId::stored("jane".to_owned()),
            email: "a@example.com".to_owned(),
            expires_at: LATER,
        };
        done(&store, DirectoryChange::EmailTokenMade(token)).await;
        done(&store, DirectoryChange::BelongingsRemoved { app: app.clone(), id: "jane".to_owned() }).await;
        assert_eq!((store.metadata(&app, "jane").await.unwrap(), store.email_token([1; 32]).await.unwrap()), (None, None));
        assert!(store.metadata(&app, "joe").await.unwrap().is_some() && store.metadata(&shop(), "jane").await.unwrap().is_some());
        assert_eq!(store.have_role(&public(), "admin").await.unwrap(), ["joe"]);
        assert_eq!(store.have_role(&tenant("acme"), "admin").await.unwrap(), ["joe"]);
        assert_eq!(store.have_role(&in_shop("public"), "admin").await.unwrap(), ["jane", "joe"]);
        // The other way round: of an app that has a name.
        done(&store, DirectoryChange::BelongingsRemoved { app: shop(), id: "joe".to_owned() }).await;
        assert_eq!(store.have_role(&in_shop("public"), "admin").await.unwrap(), ["jane"]);
        assert_eq!(store.have_role(&public(), "admin").await.unwrap(), ["joe"]);
    }

    async fn a_tenant_is_set_as_seen_and_the_stamp_tells(store: Store) {
        let stamp = store.tenants_stamp().await.unwrap();
        let mut settings = TenantSettings { first_factors: Some(text(&["otp-email"])), ..TenantSettings::default() };
        settings.core_config.insert("access_token_validity".to_owned(), "60".into());
        settings.providers.push(serde_json::json!({ "thirdPartyId": "google", "clients": [] }));
        let one = StoredTenant { id: in_shop("acme"), created_at: NOW, version: 0, settings };
        let set = |version: i64, is_new: bool| DirectoryChange::TenantSet { tenant: StoredTenant { version, ..one.clone() }, is_new };
        lost(&store, set(1, false)).await;
        done(&store, set(0, true)).await;
        lost(&store, set(0, true)).await;
        lost(&store, set(2, false)).await;
        assert_eq!(store.tenants_stamp().await.unwrap(), stamp + 1, "what was lost changed nothing");
        assert_eq!(store.stored_tenants().await.unwrap(), std::slice::from_ref(&one));
        done(&store, set(1, false)).await;
        assert_eq!(store.stored_tenants().await.unwrap(), [StoredTenant { version: 1, ..one.clone() }]);
        done(&store, DirectoryChange::TenantRemoved { id: one.id.clone() }).await;
        assert_eq!((store.stored_tenants().await.unwrap().len(), store.tenants_stamp().await.unwrap()), (0, stamp + 3));
    }

    async fn with_a_tenant_go_the_ways_into_it(bed: Bed) {
        let store = &bed.store;
        let only = somebody(store, NOW, &[("acme", Connection::Email, "only@example.com")]).await;
        let both =
            somebody(store, NOW, &[("acme", Connection::Email, "both@example.com"), ("public", Connection::Email, "both@example.com")])
                .await;
        let jane = jane(store).await;
        for facts in [&only, &both, &jane] {
            let id = facts.user.id.as_str().to_owned();
            done(store, DirectoryChange::MetadataSet { app: AppId::public(), id, metadata: "{}".to_owned(), seen_version: None }).await;
            opened(store, Session { tenant: facts.identities[0].tenant.clone(), ..session(&facts.user.id) }).await;
        }
        let asked = started(store, postkey_model::SignIn { tenant: tenant("acme"), ..sign_in("only@example.com") }).await;
        commit(store, Change::Invited { tenant: tenant("acme"), identifier: email("x@example.com"), at: NOW }).await.unwrap();
        done(store, DirectoryChange::TenantRemoved { id: tenant("acme") }).await;
        assert_eq!(person(store, only.user.id.as_str()).await, None);
        assert_eq!(seen(store, &both).await.identities, [both.identities[1].clone()]);
        assert_eq!(seen(store, &jane).await, jane);
        assert_eq!(store.metadata(&AppId::public(), only.user.id.as_str()).await.unwrap(), None);
        assert!(store.metadata(&AppId::public(), both.user.id.as_str()).await.unwrap().is_some());
        assert_eq!((live(store, &only.user.id).await, live(store, &both.user.id).await, live(store, &jane.user.id).await), (0, 0, 1));
        assert!(store.sign_in(&tenant("acme"), &asked.id).await.unwrap().unwrap().sign_in.ended.is_some());
        assert!(store.invites(&tenant("acme")).await.unwrap().is_empty());
        assert_eq!(bed.number("SELECT count(*) FROM members WHERE tenant = 'acme'").await, 0);
    }

    async fn with_an_app_goes_everything_in_it(bed: Bed) {
        let store = &bed.store;
        let theirs = somebody(store, NOW, &[("shop/public", Connection::Email, "jane@example.com")]).await;
        let parked = somebody(store, NOW, &[("shop/~1", Connection::Email, "gone@example.com")]).await;
        let neighbour = somebody(store, NOW, &[("shop-2/public", Connection::Email, "jane@example.com")]).await;
        let ours = jane(store).await;
        for app in [shop(), AppId::public()] {
            done(
                store,
                DirectoryChange::MetadataSet { app: app.clone(), id: "x".to_owned(), metadata: "{}".to_owned(), seen_version: None },
            )
            .await;
            done(store, DirectoryChange::RoleGrown { app: app.clone(), role: "admin".to_owned(), permissions: text(&["read"]) }).await;
            for purpose in [KeyUse::Session, KeyUse::Static] {
                let set = KeySet::of(&app, purpose);
                commit(store, Change::SigningKeyCreated(postkey_model::SigningKey { kid: set.to_text(), set, ..signing_key(1) }))
                    .await
                    .unwrap();
            }
        }
        let token = EmailToken {
            hash: [1; 32],
            app: shop(),
            identity: IdentityId::stored("x".to_owned()),
            email: "a@example.com".to_owned(),
            expires_at: LATER,
        };
        done(store, DirectoryChange::EmailTokenMade(token)).await;
        store
            .commit(vec![
                DirectoryChange::TenantRemoved { id: in_shop("public") }.into(),
                DirectoryChange::AppRemoved { app: shop() }.into(),
            ])
            .await
            .unwrap();
        for facts in [&theirs, &parked] {
            assert_eq!(store.person(&shop(), facts.user.id.as_str()).await.unwrap(), None);
        }
        assert_eq!(bed.number("SELECT count(*) FROM identities WHERE tenant LIKE 'shop/%'").await, 0);
        assert_eq!(seen(store, &ours).await, ours);
        assert!(store.person(&AppId::parse("shop-2").unwrap(), neighbour.user.id.as_str()).await.unwrap().is_some());
        assert!(store.metadata(&shop(), "x").await.unwrap().is_none() && store.metadata(&AppId::public(), "x").await.unwrap().is_some());
        assert!(store.roles(&shop()).await.unwrap().is_empty() && store.permissions(&shop(), "admin").await.unwrap().is_empty());
        assert_eq!(store.permissions(&AppId::public(), "admin").await.unwrap(), ["read"]);
        assert_eq!(store.email_token([1; 32]).await.unwrap(), None);
        for (app, keys) in [(shop(), 0), (AppId::public(), 1)] {
            for purpose in [KeyUse::Session, KeyUse::Static] {
                assert_eq!(store.signing_keys(&KeySet::of(&app, purpose)).await.unwrap().len(), keys);
            }
        }
    }

    async fn an_import_goes_on_where_it_stopped(store: Store) {
        assert_eq!(store.import_cursor("file").await.unwrap(), None);
        for cursor in ["1", "2"] {
            done(&store, DirectoryChange::ImportAdvanced { source: "file".to_owned(), cursor: cursor.to_owned(), at: NOW }).await;
            assert_eq!(store.import_cursor("file").await.unwrap().as_deref(), Some(cursor));
        }
        assert_eq!(store.import_cursor("other").await.unwrap(), None);
    }
}

//! Moving in: once, however many try at once and however often; whom somebody stands in the way of; keys that only verify.

use crate::kit::{Bed, NOW};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rsa::{KeyPair as Pair, KeySize};
use aws_lc_rs::signature::KeyPair;
use data_encoding::BASE64;
use postkey_auth::Imported;
use postkey_auth::decide::import::Refusal;
use postkey_auth::decide::keys::{BROUGHT_KEYS_VERIFY, LONGEST_ACCESS_LIFE};
use postkey_model::bulk::{BulkUser, Rules, SourceKey, Taken};
use postkey_model::{AppId, Change, DirectoryChange, KeySet, Millis, TenantId, Timestamp};
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn taken(value: Value) -> Taken {
    let user: BulkUser = serde_json::from_value(value).unwrap();
    user.check(&Rules { emailpassword_as_passwordless: false, now: NOW, taken_names: &[] }).0.unwrap()
}

fn person(id: &str, email: &str) -> Taken {
    taken(json!({"id": id, "userMetadata": {"from": "there"}, "userRoles": [{"role": "reader", "tenantIds": ["public"]}], "loginMethods": [
        {"recipeId": "passwordless", "email": email, "superTokensUserId": id, "timeJoinedInMSSinceEpoch": 5, "isVerified": true}]}))
}

/// A key as SuperTokens stores one, made at `at`.
fn rotating(at: i64) -> SourceKey {
    let pair = Pair::generate(KeySize::Rsa2048).unwrap();
    let public: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
    let private: Pkcs8V1Der<'_> = pair.as_der().unwrap();
    let text = format!("{}|{}", BASE64.encode(public.as_ref()), BASE64.encode(private.as_ref()));
    SourceKey::rotating(Timestamp(at), &text).unwrap_or_else(|e| panic!("{e}"))
}

on_both_engines! {
    async fn one_of_sixteen_who_bring_the_same_person_lets_them_in(bed: Bed) {
        let (auth, app) = (bed.node.auth.clone(), AppId::public());
        auth.import_roles(&app, vec![("reader".to_owned(), vec!["read".to_owned()])]).await.unwrap();
        let tries = (0..16).map(|_| {
            let (auth, app) = (auth.clone(), app.clone());
            tokio::spawn(async move { auth.import_user(&app, &person("u-1", "one@example.com"), false).await.unwrap() })
        });
        let (mut came, mut here) = (0, 0);
        for outcome in tries.collect::<Vec<_>>() {
            match outcome.await.unwrap() {
                Imported::Taken(id, left) => {
                    assert_eq!((id.as_str(), left.len()), ("u-1", 0));
                    came += 1;
                }
                Imported::Here(_) => here += 1,
                other => panic!("{other:?}"),
            }
        }
        assert_eq!((came, here), (1, 15));
        let store = auth.store();
        let facts = store.person(&app, "u-1").await.unwrap().unwrap();
        assert_eq!((facts.identities.len(), facts.user.created_at, facts.identities[0].verified_at), (1, Timestamp(5), Some(Timestamp(5))));
        assert_eq!(store.roles_of(&TenantId::public(), "u-1").await.unwrap(), ["reader"]);
        assert_eq!(store.metadata(&app, "u-1").await.unwrap().unwrap().text, "{\"from\":\"there\"}");
    }

    /// An id means one person, a user's as much as that of a login method, whoever comes first.
    async fn nobody_comes_by_the_id_of_somebody_else(bed: Bed) {
        let (auth, app) = (bed.node.auth.clone(), AppId::public());
        auth.import_roles(&app, vec![("reader".to_owned(), Vec::new())]).await.unwrap();
        let with = |id: &str, method: &str| {
            taken(json!({"id": id, "loginMethods": [
                {"recipeId": "passwordless", "email": format!("{id}@example.com"), "superTokensUserId": id, "isPrimary": true, "timeJoinedInMSSinceEpoch": 5},
                {"recipeId": "passwordless", "email": format!("{method}.of.{id}@example.com"), "superTokensUserId": method, "timeJoinedInMSSinceEpoch": 6}]}))
        };
        assert!(matches!(auth.import_user(&app, &person("y-1", "y@example.com"), false).await.unwrap(), Imported::Taken(..)));
        let later = auth.import_user(&app, &with("x-1", "y-1"), false).await.unwrap();
        assert!(matches!(later, Imported::Refused(_, Refusal::LinkedHere(..))), "{later:?}");
        assert!(matches!(auth.import_user(&app, &with("x-2", "m-2"), false).await.unwrap(), Imported::Taken(..)));
        let twin = auth.import_user(&app, &with("x-3", "m-2"), false).await.unwrap();
        assert!(matches!(twin, Imported::Refused(_, Refusal::LinkedHere(..))), "{twin:?}");
        assert_eq!(auth.store().person(&app, "y-1").await.unwrap().unwrap().user.id.as_str(), "y-1");
    }

    async fn who_stands_in_the_way_is_named_and_nothing_is_written(bed: Bed) {
        let (auth, app) = (bed.node.auth.clone(), AppId::public());
        auth.import_roles(&app, vec![("reader".to_owned(), Vec::new())]).await.unwrap();
        auth.import_user(&app, &person("u-1", "one@example.com"), false).await.unwrap();
        for dry in [true, false] {
            let outcome = auth.import_user(&app, &person("u-2", "one@example.com"), dry).await.unwrap();
            assert!(matches!(&outcome, Imported::Refused(id, Refusal::Owned { owner, .. }) if id.as_str() == "u-2" && owner.as_str() == "u-1"), "{outcome:?}");
            let outcome = auth.import_user(&app, &person("u-1", "two@example.com"), dry).await.unwrap();
            assert!(matches!(outcome, Imported::Refused(_, Refusal::OtherWays(_))), "{outcome:?}");
            // Ids are everybody's, in whatever app.
            let shop = AppId::parse("shop").unwrap();
            let bare = taken(json!({"id": "u-1", "loginMethods": [{"recipeId": "passwordless", "email": "one@example.com"}]}));
            let outcome = auth.import_user(&shop, &bare, dry).await.unwrap();
            assert!(matches!(outcome, Imported::Refused(_, Refusal::OtherApp(_))), "{outcome:?}");
        }
        assert!(auth.store().person(&app, "u-2").await.unwrap().is_none());
        assert!(auth.store().metadata(&app, "u-2").await.unwrap().is_none());

        // Metadata that a back end put there before stays, and is told of.
        let (id, metadata) = ("u-3".to_owned(), "{\"from\":\"here\"}".to_owned());
        let noted: Change = DirectoryChange::MetadataSet { app: app.clone(), id, metadata: metadata.clone(), seen_version: None }.into();
        auth.store().commit(vec![noted]).await.unwrap();
        let outcome = auth.import_user(&app, &person("u-3", "three@example.com"), false).await.unwrap();
        assert!(matches!(&outcome, Imported::Taken(_, left) if left.len() == 1 && left[0].contains("metadata")), "{outcome:?}");
        assert_eq!(auth.store().metadata(&app, "u-3").await.unwrap().unwrap().text, metadata);
    }

    async fn tenants_are_made_once_and_take_nobody_in_by_themselves(bed: Bed) {
        let auth = bed.node.auth.clone();
        let names: BTreeSet<TenantId> = ["beta", "public"].iter().map(|name| TenantId::parse(name).unwrap()).collect();
        let beta = TenantId::parse("beta").unwrap();
        assert_eq!(auth.import_tenants(&AppId::public(), &names, true, NOW).await.unwrap(), std::slice::from_ref(&beta));
        assert!(auth.tenant(&beta).is_none(), "a dry run makes none");
        assert_eq!(auth.import_tenants(&AppId::public(), &names, false, NOW).await.unwrap(), std::slice::from_ref(&beta));
        assert_eq!(auth.import_tenants(&AppId::public(), &names, false, NOW).await.unwrap(), []);
        assert_eq!(auth.tenant(&beta).unwrap().back_end.first_factors, Some(Vec::new()));
        let shop = AppId::parse("shop").unwrap();
        let made = auth.import_tenants(&shop, &names, false, NOW).await.unwrap();
        assert_eq!(made.iter().map(TenantId::as_str).collect::<Vec<_>>(), ["shop/public", "shop/beta"]);
        assert_eq!(auth.tenant(&made[0]).unwrap().back_end.first_factors, None);
    }

    async fn keys_that_are_brought_along_verify_for_a_while_and_never_sign(bed: Bed) {
        let (auth, app) = (bed.node.auth.clone(), AppId::public());
        let keys = [rotating(1_000), rotating(2_000)];
        let outcome = auth.import_keys(&app, &keys, false, NOW).await.unwrap();
        assert_eq!((outcome.taken.as_slice(), outcome.here.len()), (["d-2000".to_owned(), "d-1000".to_owned()].as_slice(), 0));
        let again = auth.import_keys(&app, &keys, false, NOW).await.unwrap();
        assert_eq!((again.taken.len(), again.here.len()), (0, 2));
        let numbers: Vec<(i64, String)> =
            auth.store().signing_keys(&KeySet::SESSION).await.unwrap().into_iter().map(|key| (key.number, key.kid)).collect();
        assert_eq!(numbers[..2], [(-1, "d-1000".to_owned()), (0, "d-2000".to_owned())]);
        assert_eq!((numbers.len(), numbers[2].0), (3, 1), "our own key is there");
        let published = |auth: &postkey_auth::Auth| {
            let kids: Vec<String> = auth.key_set().0["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect();
            kids.iter().filter(|kid| kid.starts_with("d-1000") || kid.starts_with("d-2000")).count()
        };
        // Until the old server is gone and its last token is dead; whatever our own keys do meanwhile.
        let late = NOW + BROUGHT_KEYS_VERIFY - Millis::from_mins(1);
        for now in [NOW, NOW + Millis::from_hours(24 * 8), late] {
            auth.tend_keys(now).await.unwrap();
            assert_eq!(published(&auth), 2);
            let signs: Vec<i64> = auth.list_keys(now).await.unwrap().into_iter().filter(|key| key.signs_now).map(|key| key.key.number).collect();
            assert!(signs.len() == 1 && signs[0] > 0, "{signs:?}");
        }
        assert!(late.since(NOW).0 > (Millis::from_hours(168) + LONGEST_ACCESS_LIFE).0);
        auth.tend_keys(late + Millis::from_mins(2)).await.unwrap();
        assert_eq!(published(&auth), 0);
    }
}

//! Users and identities: an id is new once, and a way in has one owner in a tenant.

use crate::kit::*;
use postkey_model::{Change, Connection};

on_both_engines! {
    async fn a_user_is_created_once(bed: Bed) {
        let jane = user();
        assert_eq!(commit(&bed.store, Change::UserCreated(jane.clone())).await, applied());
        let mut again = jane.clone();
        again.tenant = tenant("acme");
        assert_eq!(commit(&bed.store, Change::UserCreated(again)).await, LOST);
        assert_eq!(bed.number("SELECT count(*) FROM users WHERE tenant = 'public'").await, 1);
        assert_eq!(bed.number("SELECT count(*) FROM users").await, 1);
    }

    async fn an_identifier_has_one_owner_in_a_tenant(bed: Bed) {
        let store = &bed.store;
        let (jane, eve) = (user(), user());
        store.commit(vec![Change::UserCreated(jane.clone()), Change::IdentityCreated(identity(&jane.id, "jane@example.com"))]).await.unwrap();
        let taken = vec![Change::UserCreated(eve.clone()), Change::IdentityCreated(identity(&eve.id, "jane@example.com"))];
        assert_eq!(store.commit(taken).await, LOST);
        assert_eq!(bed.number("SELECT count(*) FROM users").await, 1, "the user before the lost identity is taken back");
        let facts = store.start_facts(&public(), Connection::Email, "jane@example.com").await.unwrap();
        assert_eq!(facts.user, Some(jane.id.clone()));
        let mut elsewhere = identity(&eve.id, "jane@example.com");
        elsewhere.tenant = tenant("acme");
        assert_eq!(commit(store, Change::IdentityCreated(elsewhere)).await, applied());
        let second = identity(&jane.id, "jane@work.example");
        assert_eq!(commit(store, Change::IdentityCreated(second)).await, applied(), "a user has many ways in");
    }
}

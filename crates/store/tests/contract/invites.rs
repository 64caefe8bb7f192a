//! Invitations: to one identifier in one tenant, as often as one likes, until they are withdrawn.

use crate::kit::*;
use postkey_model::{Change, Identifier, Millis, TenantId, Timestamp};
use postkey_store::Store;

fn invited(tenant: &TenantId, identifier: &Identifier, at: Timestamp) -> Change {
    Change::Invited { tenant: tenant.clone(), identifier: identifier.clone(), at }
}

fn withdrawn(tenant: &TenantId, identifier: &Identifier) -> Change {
    Change::InviteWithdrawn { tenant: tenant.clone(), identifier: identifier.clone() }
}

async fn is_invited(store: &Store, tenant: &TenantId, identifier: &Identifier) -> bool {
    store.is_invited(tenant, identifier).await.unwrap()
}

on_both_engines! {
    async fn somebody_is_invited_until_it_is_withdrawn(store: Store) {
        let (jane, joe) = (email("jane@example.com"), phone("+15550100"));
        assert!(!is_invited(&store, &public(), &jane).await);
        for at in [NOW + Millis(5), NOW] {
            assert_eq!(commit(&store, invited(&public(), &jane, at)).await, applied(), "twice is no harm");
        }
        assert_eq!(commit(&store, invited(&public(), &joe, NOW)).await, applied());
        assert!(is_invited(&store, &public(), &jane).await && is_invited(&store, &public(), &joe).await);
        assert!(!is_invited(&store, &tenant("acme"), &jane).await, "in one tenant");
        let same_text = Identifier::stored(postkey_model::Connection::Sms, "jane@example.com".to_owned());
        assert!(!is_invited(&store, &public(), &same_text).await, "in one way");
        assert_eq!(store.invites(&public()).await.unwrap(), [(joe.clone(), NOW), (jane.clone(), NOW + Millis(5))], "the first time counts");
        assert!(store.invites(&tenant("acme")).await.unwrap().is_empty());
        for _ in 0..2 {
            assert_eq!(commit(&store, withdrawn(&public(), &jane)).await, applied());
            assert!(!is_invited(&store, &public(), &jane).await && is_invited(&store, &public(), &joe).await);
        }
        assert_eq!(commit(&store, withdrawn(&tenant("acme"), &joe)).await, applied());
        assert!(is_invited(&store, &public(), &joe).await);
    }

    async fn an_invitation_goes_with_its_commit(store: Store) {
        let (jane, joe) = (email("jane@example.com"), email("joe@example.com"));
        commit(&store, invited(&public(), &joe, NOW)).await.unwrap();
        let never = sign_in("nobody@example.com");
        for first in [invited(&public(), &jane, NOW), withdrawn(&public(), &joe)] {
            assert_eq!(store.commit(vec![first, failed(&never)]).await, LOST);
        }
        assert!(!is_invited(&store, &public(), &jane).await && is_invited(&store, &public(), &joe).await);
    }

    async fn many_invitations_of_one_at_once_are_one(bed: Bed) {
        let (other, jane) = (bed.another_node().await, email("jane@example.com"));
        let answers = at_once(&[bed.store.clone(), other.clone()], 32, |n| vec![invited(&public(), &jane, NOW + Millis(n as i64))]).await;
        assert_eq!(winners(&answers), 32);
        assert_eq!(bed.number("SELECT count(*) FROM invites").await, 1);
        other.close().await;
    }
}

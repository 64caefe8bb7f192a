//! What services are told: it waits for them from the commit on that made it happen, and nobody else is written down for.

use crate::kit::*;
use postkey_model::{AppId, Change, IdentityId, LifecycleKind, Millis, Subscription, TenantId, Timestamp, WebhookChange, Yield};

const JANE: &str = "jane@example.com";

fn wants(endpoint: &str, kinds: &[LifecycleKind], tenants: &[TenantId]) -> Subscription {
    Subscription { endpoint: endpoint.to_owned(), kinds: kinds.to_vec(), tenants: tenants.to_vec() }
}

/// What a service is to be told, in words: what happened, to whom, in which session.
async fn told(node: &Node, endpoint: &str, at: Timestamp) -> Vec<String> {
    let claim = WebhookChange::Claimed { endpoint: endpoint.to_owned(), due_at: at, until: at + Millis::from_hours(1000), limit: 100 };
    let Yield::Notices(notices) = node.auth.store().commit(vec![Change::Webhook(Box::new(claim))]).await.unwrap().remove(0) else {
        panic!("no notices")
    };
    assert!(!format!("{notices:?}").contains("jane"), "no addresses: {notices:?}");
    let word = |notice: &postkey_model::Notice| {
        let kind = notice.kind.and_then(LifecycleKind::of).unwrap();
        format!("{} {} {}", kind.as_str(), notice.user.as_ref().map_or("nobody", |user| user.as_str()), notice.subject)
    };
    let mut words: Vec<String> = notices.iter().map(word).collect();
    words.sort();
    words
}

async fn node(bed: &Bed, webhooks: Vec<Subscription>) -> Node {
    let node = bed.another_node(|settings| settings.webhooks = webhooks).await;
    node.auth.tend_keys(NOW).await.unwrap();
    node
}

on_both_engines! {
    async fn a_login_and_what_follows_are_told_once(bed: Bed) {
        let node = node(&bed, vec![wants("all", &LifecycleKind::ALL, &[]), wants("new", &[LifecycleKind::UserCreated], &[])]).await;
        let first = node.signed_in(JANE, NOW).await.tokens;
        let user = &first.user;
        assert_eq!(told(&node, "all", NOW).await, [format!("user.created {user} {user}"), format!("user.signed_in {user} {}", first.handle)]);
        assert_eq!(told(&node, "new", NOW).await, [format!("user.created {user} {user}")]);
        assert!(node.auth.revoke(LATER, &first.handle).await.unwrap());
        assert!(!node.auth.revoke(LATER, &first.handle).await.unwrap(), "what has ended ends no more");
        assert_eq!(told(&node, "all", LATER).await, [format!("session.revoked {user} {}", first.handle)]);
        node.auth.revoke_all(&call(&public(), LATER), user, None).await.unwrap();
        assert_eq!(told(&node, "all", LATER).await, [format!("session.revoked {user} {user}")]);
        assert_eq!(told(&node, "new", LATER).await, [""; 0]);
    }

    async fn linking_unlinking_and_deleting_are_told_of_whom_and_what(bed: Bed) {
        let node = node(&bed, vec![wants("crm", &[LifecycleKind::UserLinked, LifecycleKind::UserUnlinked, LifecycleKind::UserDeleted], &[])]).await;
        let jane = node.signed_in(JANE, NOW).await.tokens.user;
        let work = node.signed_in("work@example.com", NOW).await.tokens.user;
        let app = AppId::public();
        node.auth.make_primary(&app, jane.as_str(), NOW).await.unwrap();
        node.auth.link_identity(&app, work.as_str(), jane.as_str(), NOW).await.unwrap();
        assert_eq!(told(&node, "crm", NOW).await, [format!("user.linked {jane} {work}")]);
        node.auth.unlink_identity(&app, &IdentityId::stored(work.to_string()), NOW).await.unwrap();
        assert_eq!(told(&node, "crm", NOW).await, [format!("user.unlinked {jane} {work}")]);
        assert!(node.auth.remove_person(&app, jane.as_str(), true, NOW).await.is_ok());
        assert_eq!(told(&node, "crm", NOW).await, [format!("user.deleted {jane} {jane}")]);
    }

    async fn a_stolen_refresh_token_is_told(bed: Bed) {
        let node = node(&bed, vec![wants("safety", &[LifecycleKind::SessionTheft], &[])]).await;
        let first = node.signed_in(JANE, NOW).await.tokens;
        let mut at = NOW;
        let mut newest = first.refresh.expose().clone();
        for _ in 0..2 {
            at = at + secs(60);
            newest = node.auth.refresh(&call(&public(), at), &newest).await.unwrap().refresh.expose().clone();
        }
        node.auth.refresh(&call(&public(), at + secs(60)), first.refresh.expose()).await.err().unwrap();
        assert_eq!(told(&node, "safety", at + secs(60)).await, [format!("session.theft {} {}", first.user, first.handle)]);
    }

    async fn a_service_of_one_tenant_hears_of_that_one_only(bed: Bed) {
        let node = node(&bed, vec![wants("acme", &LifecycleKind::ALL, &[acme()])]).await;
        node.signed_in(JANE, NOW).await;
        assert_eq!(told(&node, "acme", NOW).await, [""; 0]);
    }

    async fn where_nobody_wants_to_hear_nothing_is_written(bed: Bed) {
        let tokens = bed.node.signed_in(JANE, NOW).await.tokens;
        bed.node.auth.revoke(LATER, &tokens.handle).await.unwrap();
        assert_eq!(bed.node.auth.store().webhooks_waiting().await.unwrap(), []);
    }
}

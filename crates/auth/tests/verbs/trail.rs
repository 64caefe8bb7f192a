//! The audit trail: what verbs leave in it, about whom, and that no address or code is in it.

use crate::kit::*;
use postkey_auth::decide::registered::ApplicationWish;
use postkey_auth::decide::tenants::TenantWish;
use postkey_auth::{Wanted, acting, acts};
use postkey_model::{Actor, AppId, ContactMethod, EventKind, Identifier, Millis, SendRules, TenantId, UserId};
use postkey_store::EventsWanted;

const JANE: &str = "jane@example.com";

/// Kind, subject and actor of the lines about somebody, oldest first.
async fn trail(node: &Node, user: Option<&UserId>) -> Vec<(String, String, String)> {
    let wanted = EventsWanted { user: user.cloned(), ..EventsWanted::default() };
    let mut lines = node.auth.store().events(&wanted, 100).await.unwrap();
    lines.reverse();
    assert!(!format!("{lines:?}").contains("jane"), "{lines:?}");
    lines.into_iter().map(|line| (line.kind, line.subject, line.actor)).collect()
}

fn line(kind: &str, subject: &impl ToString, actor: &str) -> (String, String, String) {
    (kind.to_owned(), subject.to_string(), actor.to_owned())
}

on_both_engines! {
    async fn a_first_login_and_what_follows_leave_their_lines(bed: Bed) {
        let node = &bed.node;
        let first = node.signed_in(JANE, NOW).await.tokens;
        let mut lines = trail(node, Some(&first.user)).await;
        lines.sort();
        assert_eq!(lines, [line("signed_in", &first.handle, "person"), line("user_created", &first.user, "person")]);
        let second = node.signed_in(JANE, LATER).await.tokens;
        assert!(node.auth.revoke(LATER, &second.handle).await.unwrap());
        // What has ended ends no more.
        assert!(!node.auth.revoke(LATER, &second.handle).await.unwrap());
        let mut lines = trail(node, Some(&first.user)).await.split_off(2);
        lines.sort();
        assert_eq!(lines, [line("session_revoked", &second.handle, "person"), line("signed_in", &second.handle, "person")]);
        node.auth.revoke_all(&call(&public(), LATER), &first.user, None).await.unwrap();
        assert!(trail(node, Some(&first.user)).await.contains(&line("sessions_revoked", &first.user, "person")));
    }

    async fn keys_are_the_servers_own(bed: Bed) {
        let lines = trail(&bed.node, None).await;
        assert!(!lines.is_empty());
        assert!(lines.iter().all(|(kind, _, actor)| kind == "signing_key_created" && actor == "server"), "{lines:?}");
    }

    async fn what_back_ends_and_operators_change_leaves_a_line_that_names_them(bed: Bed) {
        let auth = &bed.node.auth;
        let app = AppId::public();
        let by_key = Actor::of_api_key("0123456789abcdefghij");
        let key = by_key.to_text();
        let work = async {
            let update = serde_json::json!({ "plan": "jane" });
            auth.update_metadata(&app, "u1", update.as_object().unwrap()).await.unwrap();
            auth.remove_metadata(&app, "u1").await.unwrap();
            auth.set_role(&app, "admin", vec!["write".to_owned()]).await.unwrap();
            auth.give_role(&acme(), "u1", "admin").await.unwrap();
            // What it has already is no change.
            auth.give_role(&acme(), "u1", "admin").await.unwrap();
            auth.take_role(&acme(), "u1", "admin").await.unwrap();
            auth.shrink_role(&app, "admin", None).await.unwrap();
            auth.remove_role(&app, "admin").await.unwrap();
            auth.set_tenant(&TenantId::parse("new").unwrap(), &TenantWish::default(), NOW).await.unwrap();
        };
        acting(Some(by_key), NOW, work).await;
        let mut lines = trail(&bed.node, None).await;
        lines.retain(|(kind, ..)| kind != "signing_key_created");
        lines.sort();
        let mut expected = [
            ("metadata_removed", "u1"),
            ("metadata_set", "u1"),
            ("role_changed", "admin"),
            ("role_changed", "admin"),
            ("role_given", "admin"),
            ("role_removed", "admin"),
            ("role_taken", "admin"),
            ("tenant_set", "new"),
        ]
        .map(|(kind, subject)| line(kind, &subject, &key));
        expected.sort();
        assert_eq!(lines, expected);
        let of_user = trail(&bed.node, Some(&UserId::stored("u1".to_owned()))).await;
        assert_eq!(of_user.len(), 4, "metadata and roles are found by whose they are: {of_user:?}");
    }

    async fn who_registers_invites_and_revokes_is_named(bed: Bed) {
        let auth = &bed.node.auth;
        let user = bed.node.signed_in(JANE, NOW).await.tokens;
        let wish = ApplicationWish { name: Some("Shop".to_owned()), ..ApplicationWish::default() };
        let by_client = async {
            // Who it is, is known a moment later.
            acts(Actor::Client("sc_1".to_owned()));
            let made = auth.create_application(Some("app_1"), &wish, NOW).await.unwrap();
            auth.remove_application(&made.id).await.unwrap();
            auth.revoke(NOW, &user.handle).await.unwrap();
        };
        acting(None, NOW, by_client).await;
        let by_operator = async {
            let jane = Identifier::parse(JANE, ContactMethod::Email, None).unwrap();
            auth.invite(&acme(), &jane, NOW).await.unwrap();
            auth.withdraw_invite(&acme(), &jane).await.unwrap();
            auth.rotate_keys(NOW + secs(1)).await.unwrap();
            auth.advance_import("a source", "here".to_owned(), NOW).await.unwrap();
        };
        acting(Some(Actor::Operator), NOW, by_operator).await;
        let lines = trail(&bed.node, None).await;
        for expected in [
            line("registered", &"application/app_1", "client:sc_1"),
            line("unregistered", &"application/app_1", "client:sc_1"),
            line("session_revoked", &user.handle, "client:sc_1"),
            line("invited", &"acme", "operator"),
            line("invite_withdrawn", &"acme", "operator"),
            line("users_imported", &"a source", "operator"),
            line("signed_in", &user.handle, "person"),
        ] {
            assert!(lines.contains(&expected), "{expected:?} is not in {lines:?}");
        }
        let keys = |by: &str| lines.iter().filter(|(kind, _, actor)| kind == "signing_key_created" && actor == by).count();
        assert_eq!((keys("server"), keys("operator")), (2, 1));
    }

    async fn a_limit_leaves_one_line_an_hour_for_whom_it_meets(bed: Bed) {
        let node = bed.node_with(|rules| rules.sends = SendRules { per_contact: 1, per_network: 0, per_tenant: 0, window: Millis::from_hours(24) }).await;
        let ask = async |who: &str, now| node.auth.start(&call(&public(), now), Wanted { typed: who, ..Wanted::default() }).await.is_ok();
        let lines = async |count: usize| {
            // They are written a moment later.
            for _ in 0..200 {
                let wanted = EventsWanted { kinds: vec![EventKind::LimitReached], ..EventsWanted::default() };
                let found = node.auth.store().events(&wanted, 100).await.unwrap();
                if found.len() >= count {
                    return found;
                }
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
            panic!("there are no {count} lines");
        };
        for who in [JANE, "joe@example.com"] {
            assert!(ask(who, NOW).await);
            for n in 0..5 {
                assert!(!ask(who, NOW + secs(n)).await);
            }
        }
        let found = lines(2).await;
        assert!(found.iter().all(|line| line.subject.starts_with("sends_contact:") && line.actor == "server"), "{found:?}");
        assert_ne!(found[0].subject, found[1].subject, "they met two");
        assert!(!ask(JANE, NOW + Millis::from_hours(2)).await);
        let found = lines(3).await;
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        assert_eq!(lines(3).await.len(), 3, "{found:?}");
    }

    async fn a_flood_from_everywhere_leaves_so_many_lines_and_no_more(bed: Bed) {
        let node = bed.another_node(|settings| {
                settings.limits.asks_per_network = 1;
                settings.tenants.values_mut().for_each(|tenant| tenant.web.existence_checks = true);
            })
            .await;
        for host in 0..260 {
            for _ in 0..2 {
                let _ = node.auth.has_account(&call_from(&public(), NOW, host), ContactMethod::Email, JANE).await;
            }
        }
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        let count = node.auth.store().count_events(EventKind::LimitReached).await.unwrap();
        assert_eq!(count, 200);
    }
}

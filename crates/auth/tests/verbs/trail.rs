//! The audit trail: what verbs leave in it, about whom, and that no address or code is in it.

use crate::kit::*;
use postkey_model::UserId;
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
}

//! Signing keys: rotation with overlap, nodes that rotate at once, nodes that know less than others, algorithms.

use crate::kit::*;
use data_encoding::BASE64URL_NOPAD;
use postkey_auth::AccessTokenError;
use postkey_model::{Algorithm, Change, EventKind, KeySet, Millis, SigningKey, Timestamp};
use serde_json::Value;

const JANE: &str = "jane@example.com";
const WEEK: Millis = Millis::from_hours(7 * 24);
const DAY: Millis = Millis::from_hours(24);
const HOUR: Millis = Millis::from_hours(1);
/// How long a key is published before it signs: the key set's max-age (5 min) and two looks of 30 s.
const NOTICE: Millis = Millis::from_mins(6);

/// The header of a token.
pub fn header(token: &str) -> Value {
    serde_json::from_slice(&BASE64URL_NOPAD.decode(token.split('.').next().unwrap().as_bytes()).unwrap()).unwrap()
}

/// An access token made at `now`, and the key that signed it.
async fn token(node: &Node, now: Timestamp) -> (String, String) {
    let token = node.signed_in(JANE, now).await.tokens.access.expose().clone();
    let kid = header(&token)["kid"].as_str().unwrap().to_owned();
    (token, kid)
}

/// The key ids in the published key set, newest first.
fn published(node: &Node) -> Vec<String> {
    let (set, max_age) = node.auth.key_set();
    assert_eq!(max_age, Millis::from_mins(5));
    set["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

async fn works(node: &Node, token: &str, now: Timestamp) -> bool {
    node.auth.verify(token, now).await.is_ok()
}

/// Leaves the database without any key, as before the very first start.
async fn forget_all_keys(node: &Node) {
    for set in [KeySet::SESSION, KeySet::LOGIN] {
        forget_keys(node, &set).await;
    }
}

async fn forget_keys(node: &Node, set: &KeySet) {
    let keys = node.auth.store().signing_keys(set).await.unwrap();
    let forgotten = keys.into_iter().map(|key| Change::SigningKeyForgotten { set: key.set, kid: key.kid }).collect();
    node.auth.store().commit(forgotten).await.unwrap();
}

on_both_engines! {
    async fn keys_follow_one_another_and_overlap(bed: Bed) {
        let node = &bed.node;
        let due = NOW + WEEK;
        let (early, first) = token(node, NOW).await;
        assert!(first.starts_with("d-"));
        assert_eq!(published(node), std::slice::from_ref(&first));
        node.auth.tend_keys(Timestamp(due.0 - NOTICE.0 - 1)).await.unwrap();
        assert_eq!(published(node).len(), 1, "not due yet");

        // Published ahead of time, and not yet signing.
        node.auth.tend_keys(Timestamp(due.0 - NOTICE.0)).await.unwrap();
        let [second, old] = &published(node)[..] else { panic!("two keys") };
        assert_eq!(old, &first);
        assert_ne!(second, &first);
        let (last, kid) = token(node, Timestamp(due.0 - 1)).await;
        assert_eq!(kid, first);

        // Signing. What the old key signed last is good for its whole life.
        let (new, kid) = token(node, due).await;
        assert_eq!(&kid, second);
        assert_eq!(node.auth.verify(&early, due).await, Err(AccessTokenError::Expired));
        let end = Timestamp((due.0 - 1) / 1000 * 1000) + HOUR;
        assert!(works(node, &last, due).await);
        node.auth.tend_keys(Timestamp(end.0 - 1)).await.unwrap();
        assert!(works(node, &last, Timestamp(end.0 - 1)).await);
        assert_eq!(node.auth.verify(&last, end).await, Err(AccessTokenError::Expired));

        // Forgotten when nothing that it signed can live, whatever the setting was then: twice the longest life that
        // there may be, and two looks later.
        let dead = due + DAY + DAY + secs(60);
        node.auth.tend_keys(Timestamp(dead.0 - 1)).await.unwrap();
        assert_eq!(published(node).len(), 2);
        node.auth.tend_keys(dead).await.unwrap();
        assert_eq!(published(node), std::slice::from_ref(second));
        assert_eq!(node.auth.verify(&last, dead).await, Err(AccessTokenError::Invalid));
        assert_eq!(node.auth.verify(&new, dead).await, Err(AccessTokenError::Expired));
        assert_eq!(node.auth.list_keys(dead).await.unwrap().len(), 1);
    }

    async fn a_token_that_was_checked_before_vouches_for_no_other(bed: Bed) {
        let node = &bed.node;
        let (token, _) = token(node, NOW).await;
        assert!(works(node, &token, NOW).await);
        assert!(works(node, &token, NOW).await, "again");
        for at in (0..token.len()).step_by(5) {
            let mut other = token.clone();
            other.replace_range(at..=at, if &token[at..=at] == "A" { "B" } else { "A" });
            assert_eq!(node.auth.verify(&other, NOW).await, Err(AccessTokenError::Invalid), "changed at {at}");
        }
        assert!(works(node, &token, NOW).await);
    }

    async fn rotating_by_hand_gives_notice_and_is_not_piled_up(bed: Bed) {
        let node = &bed.node;
        let now = NOW + HOUR;
        assert_eq!(node.auth.rotate_keys(now).await.unwrap(), Some(now + NOTICE));
        assert_eq!(node.auth.rotate_keys(now + secs(1)).await.unwrap(), None, "one waits for its turn already");
        let keys = node.auth.list_keys(now).await.unwrap();
        assert_eq!(keys.iter().map(|key| (key.key.number, key.signs_now)).collect::<Vec<_>>(), [(1, true), (2, false)]);
        assert_eq!(keys[0].dead_from, Some(now + NOTICE + DAY + DAY + secs(60)));
        assert_eq!(keys[1].dead_from, None);
        let (_, kid) = token(node, now + NOTICE).await;
        assert_eq!(kid, keys[1].key.kid);
        assert_eq!(node.auth.store().count_events(EventKind::SigningKeyCreated).await.unwrap(), 3, "and the first of the login set");
    }

    async fn a_shorter_token_life_does_not_kill_tokens_that_are_out(bed: Bed) {
        let longer = bed.another_node(|settings| settings.tenants.values_mut().for_each(|t| t.session.access_lifetime = DAY)).await;
        longer.auth.tend_keys(NOW).await.unwrap();
        let due = NOW + WEEK;
        longer.auth.tend_keys(Timestamp(due.0 - NOTICE.0)).await.unwrap();
        let (last, _) = token(&longer, Timestamp(due.0 - 1000)).await;
        longer.close().await;
        let shorter = bed.another_node(|settings| settings.tenants.values_mut().for_each(|t| t.session.access_lifetime = Millis::from_mins(5))).await;
        let end = due + DAY;
        for hours in 0..24 {
            shorter.auth.tend_keys(due + Millis(HOUR.0 * hours)).await.unwrap();
        }
        assert!(works(&shorter, &last, Timestamp(end.0 - 2000)).await);
        shorter.close().await;
    }

    async fn a_wrong_secret_key_changes_nothing(bed: Bed) {
        let (node, stranger) = (&bed.node, bed.stranger().await);
        // After years the first key is long forgotten, and its number free.
        let ours = node.auth.store().signing_keys(&KeySet::SESSION).await.unwrap().remove(0);
        forget_all_keys(node).await;
        node.auth.store().commit(vec![Change::SigningKeyCreated(SigningKey { number: 70, ..ours })]).await.unwrap();
        // When the next key is due as well as before.
        for now in [NOW, NOW + WEEK, NOW + WEEK + WEEK] {
            for outcome in [
                stranger.auth.tend_keys(now).await.map(|()| None),
                stranger.auth.rotate_keys(now).await,
                stranger.auth.list_keys(now).await.map(|_| None),
            ] {
                let error = outcome.unwrap_err().to_string();
                assert!(error.contains("sealed under another secret key"), "{error}");
            }
            assert_eq!(node.auth.store().signing_keys(&KeySet::SESSION).await.unwrap().len(), 1, "it made a key");
        }
        let (access, _) = token(node, NOW).await;
        assert!(works(node, &access, NOW).await);
        stranger.close().await;
    }

    async fn one_key_that_does_not_open_is_left_out(bed: Bed) {
        let (node, stranger) = (&bed.node, bed.stranger().await);
        let (access, first) = token(node, NOW).await;
        // A key of a stranger's, as an earlier version left one behind: the number after ours, and due to sign.
        let ours = node.auth.store().signing_keys(&KeySet::SESSION).await.unwrap().remove(0);
        forget_all_keys(node).await;
        stranger.auth.tend_keys(NOW).await.unwrap();
        let theirs = node.auth.store().signing_keys(&KeySet::SESSION).await.unwrap().remove(0);
        forget_all_keys(node).await;
        let theirs = SigningKey { number: ours.number + 1, kid: format!("{}-x", theirs.kid), ..theirs };
        node.auth.store().commit(vec![Change::SigningKeyCreated(ours), Change::SigningKeyCreated(theirs.clone())]).await.unwrap();

        let fresh = bed.another_node(|_| {}).await;
        fresh.auth.tend_keys(NOW).await.unwrap();
        assert_eq!(published(&fresh), std::slice::from_ref(&first));
        assert_eq!(token(&fresh, NOW).await.1, first);
        // It is no follower of the one that opens.
        let later = NOW + DAY + DAY + DAY;
        fresh.auth.tend_keys(later).await.unwrap();
        assert!(works(&fresh, &access, NOW).await);
        let keys = fresh.auth.list_keys(later).await.unwrap();
        assert_eq!(keys.iter().map(|key| (key.signs_now, key.opens)).collect::<Vec<_>>(), [(true, true), (false, false)]);
        // And its number is taken.
        assert_eq!(fresh.auth.rotate_keys(later).await.unwrap(), Some(later + NOTICE));
        assert_eq!(token(&fresh, later + NOTICE).await.1, published(&fresh)[0]);
        assert_eq!(fresh.auth.list_keys(later).await.unwrap().last().unwrap().key.number, 3);
        fresh.close().await;
        stranger.close().await;
    }

    async fn a_node_that_opens_no_key_that_has_begun_does_not_start(bed: Bed) {
        let (node, stranger) = (&bed.node, bed.stranger().await);
        // The key that signs now is theirs, the one that waits is ours.
        node.auth.rotate_keys(NOW).await.unwrap();
        let waiting = node.auth.store().signing_keys(&KeySet::SESSION).await.unwrap().remove(1);
        forget_all_keys(node).await;
        stranger.auth.tend_keys(NOW).await.unwrap();
        forget_keys(node, &KeySet::LOGIN).await;
        node.auth.store().commit(vec![Change::SigningKeyCreated(waiting.clone())]).await.unwrap();
        let fresh = bed.another_node(|_| {}).await;
        assert!(fresh.auth.tend_keys(NOW).await.unwrap_err().to_string().contains("another secret key"));
        fresh.auth.tend_keys(waiting.signs_from).await.unwrap();
        assert_eq!(token(&fresh, waiting.signs_from).await.1, waiting.kid);
        fresh.close().await;
        stranger.close().await;
    }

    async fn two_nodes_that_start_at_once_share_one_key(bed: Bed) {
        forget_all_keys(&bed.node).await;
        let nodes = [bed.another_node(|_| {}).await, bed.another_node(|_| {}).await];
        let start = |node: Node| async move { node.auth.tend_keys(NOW).await.unwrap() };
        at_once(nodes.iter().cloned().map(start).collect()).await;
        assert_eq!(published(&nodes[0]).len(), 1);
        assert_eq!(nodes[0].auth.key_set().0, nodes[1].auth.key_set().0, "the very same key");
        let (access, _) = token(&nodes[0], NOW).await;
        assert!(works(&nodes[1], &access, NOW).await);
        for node in nodes {
            node.close().await;
        }
    }

    async fn two_nodes_that_rotate_at_once_make_one_key(bed: Bed) {
        let other = bed.another_node(|_| {}).await;
        other.auth.tend_keys(NOW).await.unwrap();
        for round in 1..=10i64 {
            let now = NOW + Millis(HOUR.0 * round);
            let rotate = |node: Node| async move { node.auth.rotate_keys(now).await.unwrap() };
            let racers = (0..8).map(|i| [&bed.node, &other][i % 2].clone());
            let made = at_once(racers.map(rotate).collect()).await;
            assert_eq!(made.iter().flatten().count(), 1, "round {round}: {made:?}");
            let keys = other.auth.list_keys(now).await.unwrap();
            assert_eq!(keys.last().unwrap().key.number, round + 1);
            for node in [&bed.node, &other] {
                node.auth.tend_keys(now).await.unwrap();
            }
            assert_eq!(bed.node.auth.key_set().0, other.auth.key_set().0);
        }
        other.close().await;
    }

    async fn a_node_finds_the_key_of_a_token_it_does_not_know(bed: Bed) {
        let (node, other) = (&bed.node, bed.another_node(|_| {}).await);
        // It never looked at the table.
        let (access, _) = token(node, NOW).await;
        assert!(works(&other, &access, NOW).await);
        // The other one rotated, and this one slept through it.
        let signs_from = node.auth.rotate_keys(NOW).await.unwrap().unwrap();
        let (access, kid) = token(node, signs_from).await;
        assert!(!published(&other).contains(&kid));
        assert!(works(&other, &access, signs_from).await);
        assert!(published(&other).contains(&kid));
        other.close().await;
    }

    async fn tokens_with_unknown_keys_make_a_node_look_once_a_second(bed: Bed) {
        forget_all_keys(&bed.node).await;
        let (node, other) = (bed.another_node(|_| {}).await, bed.another_node(|_| {}).await);
        let made_up = format!("{}.e30.AA", BASE64URL_NOPAD.encode(br#"{"alg":"ES256","kid":"d-1","version":"5"}"#));
        assert!(!works(&other, &made_up, NOW).await);
        // It looked just now, in vain: what appears right after is found a second later, not with every token.
        node.auth.tend_keys(NOW).await.unwrap();
        let (access, _) = token(&node, NOW).await;
        assert!(!works(&other, &access, NOW + Millis(500)).await);
        assert!(!works(&other, &made_up, NOW + Millis(1000)).await);
        assert!(works(&other, &access, NOW + Millis(1001)).await);
        node.close().await;
        other.close().await;
    }

    async fn all_algorithms_sign_and_verify_and_follow_one_another(bed: Bed) {
        let mut now = NOW;
        let mut earlier: Vec<String> = Vec::new();
        for algorithm in [Algorithm::Rs256, Algorithm::EdDsa, Algorithm::Es256] {
            // The setting was changed and the server started again: the new key comes with notice.
            let node = bed.another_node(|settings| settings.keys.algorithm = algorithm).await;
            node.auth.tend_keys(now).await.unwrap();
            node.auth.tend_keys(now).await.unwrap();
            if algorithm == Algorithm::Es256 {
                // Back to one of which a key was made today already: by hand only.
                assert_eq!(node.auth.rotate_keys(now).await.unwrap(), Some(now + NOTICE));
            }
            let (before, _) = token(&node, now).await;
            assert_ne!(header(&before)["alg"], algorithm.as_str());
            now = now + NOTICE;
            let (access, kid) = token(&node, now).await;
            assert_eq!(header(&access), serde_json::json!({ "alg": algorithm.as_str(), "typ": "JWT", "kid": kid, "version": "5" }));
            earlier.push(access);
            for token in earlier.iter().chain([&before]) {
                assert!(works(&node, token, now).await, "tokens of all algorithms verify side by side");
            }
            let keys = node.auth.key_set().0["keys"].clone();
            let jwk = keys.as_array().unwrap().iter().find(|key| key["kid"] == kid.as_str()).unwrap().clone();
            assert_eq!((jwk["alg"].as_str(), jwk["use"].as_str()), (Some(algorithm.as_str()), Some("sig")));
            let (kind, parts) = match algorithm {
                Algorithm::Es256 => ("EC", vec!["crv", "x", "y"]),
                Algorithm::EdDsa => ("OKP", vec!["crv", "x"]),
                Algorithm::Rs256 => ("RSA", vec!["n", "e"]),
            };
            assert_eq!(jwk["kty"], kind);
            let mut names: Vec<&str> = jwk.as_object().unwrap().keys().map(String::as_str).collect();
            names.retain(|name| !["kty", "kid", "alg", "use"].contains(name));
            assert_eq!(names, parts, "the public half and nothing else");
            node.close().await;
        }
    }
}

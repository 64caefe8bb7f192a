//! Text and bytes come back as they went in, whatever stands in them.

use crate::kit::*;
use postkey_model::{Change, Sealed, SignInId, UserId, Yield};
use postkey_store::Store;

/// Odd texts without NUL, which PostgreSQL cannot hold.
fn odd_texts() -> Vec<String> {
    let mut texts: Vec<String> = [
        "",
        " ",
        "'; DROP TABLE users; --",
        "\"quoted\" 'twice' `thrice` \\back\\slash\\",
        "$1 ?1 :name @name %s {0}",
        "line\r\nbreak\ttab\u{b}\u{c}\u{1b}\u{7f}",
        "Åse Jürgen Łukasz Ελένη Наталья",
        "e\u{301} is not \u{e9}",
        "حسن 王小明 さくら 김 ไทย",
        "👩‍👩‍👧‍👦 🇨🇭 𝔘𝔫𝔦 \u{10ffff}",
        "\u{202e}turned round\u{202c} \u{200b}\u{feff}",
        "NULL",
        "\u{1}\u{2}\u{fffd}",
        "İıſK",
    ]
    .map(str::to_owned)
    .to_vec();
    texts.push("x".repeat(100_000));
    texts.push("🦀".repeat(3_000));
    texts
}

on_both_engines! {
    async fn odd_texts_come_back_as_they_were(store: Store) {
        for text in odd_texts() {
            let mut one = sign_in(&text.chars().take(500).collect::<String>());
            one.destination = Some(text.clone());
            let one = started(&store, one).await;
            let seen = store.sign_in(&public(), &one.id).await.unwrap().unwrap();
            assert_eq!(plain(&seen.sign_in), plain(&one));
            let mut held = session(&user().id);
            (held.user_agent, held.client_ip) = (text.clone(), text.clone());
            let held = opened(&store, held).await;
            assert_eq!(store.session(&held.handle).await.unwrap(), Some(held));
            let mut sent = message();
            sent.to = text.clone();
            let sent = queued(&store, sent).await;
            let claimed = claim(&store, NOW, 10).await;
            assert_eq!((claimed.len(), &claimed[0].to), (1, &sent.to));
            commit(&store, Change::MessagesDone { ids: vec![sent.id] }).await.unwrap();
        }
    }

    async fn identifiers_that_look_alike_are_apart(store: Store) {
        let alike = ["jane", "JANE", "jane ", "janе", "ja\u{301}ne", "j\u{e1}ne", "jan_", "jan%", "jane\u{200b}"];
        let mut owners = Vec::new();
        for subject in alike {
            let one = user();
            let list = vec![Change::UserCreated(one.clone()), Change::IdentityCreated(identity(&one.id, subject))];
            store.commit(list).await.unwrap();
            owners.push(one.id);
        }
        for (subject, owner) in alike.into_iter().zip(&owners) {
            let facts = store.start_facts(&public(), postkey_model::Connection::Email, subject).await.unwrap();
            assert_eq!(facts.user.as_ref(), Some(owner), "{subject:?}");
            let one = started(&store, sign_in(subject)).await;
            assert_eq!(commit(&store, spent(&one)).await, applied());
        }
        let mut sign_ins = Vec::new();
        for subject in alike {
            sign_ins.push(started(&store, sign_in(subject)).await);
        }
        commit(&store, spent(&sign_ins[0])).await.unwrap();
        for one in &sign_ins[1..] {
            assert_eq!(store.sign_in(&public(), &one.id).await.unwrap().unwrap().sign_in.ended, None, "{:?}", one.subject);
        }
    }

    async fn bytes_of_every_value_come_back(store: Store) {
        for bytes in [Vec::new(), (0..=255).collect::<Vec<u8>>(), vec![0; 3], vec![0xff; 70_000]] {
            let mut sent = message();
            sent.sealed = Sealed::stored(bytes.clone());
            let sent = queued(&store, sent).await;
            assert_eq!(claim(&store, NOW, 10).await[0].sealed.as_bytes(), bytes);
            commit(&store, Change::MessagesDone { ids: vec![sent.id] }).await.unwrap();
            let mut held = session(&user().id);
            held.nonce = bytes;
            let held = opened(&store, held).await;
            assert_eq!(store.session(&held.handle).await.unwrap(), Some(held));
        }
    }

    async fn numbers_at_their_ends_come_back(store: Store) {
        for at in [i64::MIN, -1, 0, 1, i64::MAX] {
            let at = postkey_model::Timestamp(at);
            let mut held = session(&user().id);
            (held.created_at, held.last_seen_at, held.expires_at, held.revoked_at) = (at, at, at, Some(at));
            held.generation = at.0;
            let held = opened(&store, held).await;
            assert_eq!(store.session(&held.handle).await.unwrap(), Some(held));
        }
    }

    /// SQLite takes a NUL, PostgreSQL refuses it: in both cases nobody else is hurt.
    async fn a_nul_hurts_nobody_else(store: Store) {
        let commits = (0..40).map(|n| {
            let store = store.clone();
            tokio::spawn(async move {
                let mut held = session(&UserId::stored(id()));
                if n % 10 == 0 {
                    held.user_agent = "nul\0nul".to_owned();
                }
                (n % 10 == 0, held.clone(), commit(&store, Change::SessionCreated(Box::new(held))).await)
            })
        });
        for task in commits.collect::<Vec<_>>() {
            let (odd, held, answer) = task.await.unwrap();
            assert!(odd || answer == Ok(vec![Yield::Nothing]), "{answer:?}");
            let seen = store.session(&held.handle).await.unwrap();
            assert_eq!(seen, answer.is_ok().then_some(held));
        }
        let unknown = SignInId::stored("nul\0nul".to_owned());
        assert!(!matches!(store.sign_in(&public(), &unknown).await, Ok(Some(_))));
        store.ping().await.unwrap();
    }
}

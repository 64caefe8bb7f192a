//! Races with real parallelism: exactly one wins, or exactly as many as the limit allows.

use crate::kit::*;
use postkey_model::{Change, EventKind};
use postkey_store::Store;
use std::time::Duration;

/// The counts that the winners were given, in order.
fn counts(answers: &[Answer]) -> Vec<i64> {
    let mut counts: Vec<i64> = answers.iter().flatten().map(|yields| yields[0].count().unwrap()).collect();
    counts.sort_unstable();
    counts
}

async fn code_is_spent_once(stores: &[Store], rounds: usize) {
    for round in 0..rounds {
        let one = started(&stores[0], sign_in("jane@example.com")).await;
        let within = round % 2 == 0;
        let answers = at_once(stores, 64, |_| vec![if within { spent_within(&one, 5, NOW) } else { spent(&one) }]).await;
        assert_eq!(winners(&answers), 1, "round {round}");
    }
}

on_both_engines! {
    async fn of_64_who_use_a_code_one_gets_in(store: Store) {
        code_is_spent_once(&[store], 50).await;
    }

    async fn of_64_who_use_a_code_on_two_nodes_one_gets_in(bed: Bed) {
        let other = bed.another_node().await;
        code_is_spent_once(&[bed.store.clone(), other.clone()], 15).await;
        other.close().await;
    }

    async fn of_64_wrong_codes_five_are_counted(bed: Bed) {
        let other = bed.another_node().await;
        for _ in 0..10 {
            let one = started(&bed.store, sign_in("jane@example.com")).await;
            let answers = at_once(&[bed.store.clone(), other.clone()], 64, |_| vec![failed(&one)]).await;
            assert_eq!(winners(&answers), 5);
            assert_eq!(counts(&answers), [1, 2, 3, 4, 5]);
        }
        other.close().await;
    }

    async fn of_64_new_users_of_one_identifier_one_stays(bed: Bed) {
        let other = bed.another_node().await;
        for round in 0..10 {
            let subject = format!("p{round}@example.com");
            let answers = at_once(&[bed.store.clone(), other.clone()], 64, |_| {
                let new = user();
                vec![Change::UserCreated(new.clone()), Change::IdentityCreated(identity(&new.id, &subject))]
            })
            .await;
            assert_eq!(winners(&answers), 1);
        }
        assert_eq!(bed.number("SELECT count(*) FROM users").await, 10, "the losers' users are gone with them");
        assert_eq!(bed.number("SELECT count(*) FROM users JOIN identities ON users.id = identities.user_id").await, 10);
        other.close().await;
    }

    async fn of_64_refreshes_of_one_generation_one_wins(bed: Bed) {
        let other = bed.another_node().await;
        let one = opened(&bed.store, session(&user().id)).await;
        for generation in 0..10 {
            let answers = at_once(&[bed.store.clone(), other.clone()], 64, |_| vec![rotated(&one.handle, generation, NOW)]).await;
            assert_eq!(winners(&answers), 1);
        }
        assert_eq!(bed.store.session(&one.handle).await.unwrap().unwrap().generation, 10);
        other.close().await;
    }

    async fn of_16_nodes_that_make_a_key_one_is_adopted(bed: Bed) {
        let other = bed.another_node().await;
        for number in 1..=5 {
            let answers = at_once(&[bed.store.clone(), other.clone()], 16, |n| {
                let mut key = signing_key(number);
                key.kid = format!("d-{number}-{n}");
                vec![Change::SigningKeyCreated(key), Change::EventRecorded(event(EventKind::SigningKeyCreated))]
            })
            .await;
            assert_eq!(winners(&answers), 1);
        }
        assert_eq!(bed.store.signing_keys(&postkey_model::KeySet::SESSION).await.unwrap().len(), 5);
        assert_eq!(bed.store.count_events(EventKind::SigningKeyCreated).await.unwrap(), 5);
        other.close().await;
    }

    async fn of_300_guesses_a_budget_of_100_takes_100(bed: Bed) {
        let other = bed.another_node().await;
        for round in 1..=3 {
            let jane = account(&format!("user:jane{round}"));
            let answers = at_once(&[bed.store.clone(), other.clone()], 300, |_| vec![guess(&jane, 100, NOW)]).await;
            assert_eq!(winners(&answers), 100);
            assert_eq!(counts(&answers), (1..=100).collect::<Vec<_>>());
            assert_eq!(bed.store.budget(&public(), &jane).await.unwrap().unwrap().failures, 100);
            assert_eq!(bed.store.count_events(EventKind::GuessBudgetSpent).await.unwrap(), round, "one event each time");
        }
        other.close().await;
    }

    async fn a_window_that_closed_begins_anew_once(store: Store) {
        let jane = account("user:jane");
        for _ in 0..10 {
            commit(&store, guess(&jane, 10, NOW)).await.unwrap();
        }
        let answers = at_once(&[store], 64, |_| vec![guess(&jane, 10, NOW + MINUTE)]).await;
        assert_eq!(winners(&answers), 10);
        assert_eq!(counts(&answers), (1..=10).collect::<Vec<_>>());
    }

    async fn of_two_codes_of_one_identifier_one_gets_in(bed: Bed) {
        let other = bed.another_node().await;
        for _ in 0..20 {
            let mut rivals = Vec::new();
            for _ in 0..4 {
                rivals.push(started(&bed.store, sign_in("jane@example.com")).await);
            }
            let answers = at_once(&[bed.store.clone(), other.clone()], 16, |n| vec![spent(&rivals[n % 4])]).await;
            assert_eq!(winners(&answers), 1);
        }
        assert_eq!(bed.number("SELECT count(*) FROM sign_ins WHERE ended_how = 'completed'").await, 20);
        assert_eq!(bed.number("SELECT count(*) FROM sign_ins WHERE ended_how = 'superseded'").await, 60);
        other.close().await;
    }

    /// Another node counted the last try, or ended things, and has not committed yet: guards wait for it, and hold
    /// against what it leaves, not against what they saw first.
    async fn guards_wait_for_what_another_node_is_writing(bed: Bed) {
        for stays in [true, false] {
            let one = started(&bed.store, sign_in("jane@example.com")).await;
            let held = opened(&bed.store, session(&user().id)).await;
            commit(&bed.store, guess(&one.account, 10, NOW)).await.unwrap();
            let (id, handle, account) = (one.id.as_str(), held.handle.as_str(), one.account.as_str());
            let worn = format!("UPDATE sign_ins SET attempts = max_attempts WHERE id = '{id}'");
            let ended = format!("UPDATE sign_ins SET ended_at = 1, ended_how = 'cancelled' WHERE id = '{id}'");
            let budget = format!("UPDATE budgets SET failures = 10 WHERE account = '{account}'");
            let rotated_there = format!("UPDATE sessions SET generation = 1 WHERE handle = '{handle}'");
            let revoked = format!("UPDATE sessions SET revoked_at = 1 WHERE handle = '{handle}'");
            let cases = [
                (&worn, failed(&one)),
                (&ended, failed(&one)),
                (&budget, guess(&one.account, 10, NOW)),
                (&rotated_there, rotated(&held.handle, 0, NOW)),
                (&revoked, rotated(&held.handle, 0, NOW)),
                (&worn, spent(&one)),
                (&ended, spent(&one)),
                (&budget, spent_within(&one, 10, NOW)),
            ];
            for (sql, change) in cases {
                let rival = Rival::begin(&bed.location, sql).await;
                let store = bed.store.clone();
                let waiting = tokio::spawn(async move { commit(&store, change).await });
                tokio::time::sleep(Duration::from_millis(100)).await;
                assert!(!waiting.is_finished(), "it must wait: {sql}");
                rival.run(if stays { "COMMIT" } else { "ROLLBACK" }).await;
                let answer = waiting.await.unwrap();
                assert_eq!(answer.is_err(), stays, "{sql}: {answer:?}");
                // As it was, for the next case.
                bed.execute("UPDATE sign_ins SET attempts = 0, ended_at = NULL, ended_how = NULL").await;
                bed.execute("UPDATE sessions SET generation = 0, revoked_at = NULL").await;
                bed.execute("UPDATE budgets SET failures = 1").await;
            }
        }
    }

    /// Whole logins and wrong guesses of one account, from two nodes, all at once: the books must agree in the end.
    async fn a_storm_of_everything_leaves_the_books_right(bed: Bed) {
        let other = bed.another_node().await;
        let stores = [bed.store.clone(), other.clone()];
        let limit = 30;
        let mut sign_ins = Vec::new();
        for _ in 0..16 {
            sign_ins.push(started(&bed.store, sign_in("jane@example.com")).await);
        }
        let held = opened(&bed.store, session(&user().id)).await;
        let right = |n: usize| n % 8 == 7;
        let answers = at_once(&stores, 128, |n| {
            let one = &sign_ins[n % 16];
            if right(n) {
                let new = session(&held.user);
                vec![spent_within(one, limit, NOW), Change::SessionCreated(Box::new(new))]
            } else {
                vec![failed(one), guess(&one.account, limit, NOW)]
            }
        })
        .await;
        winners(&answers);
        let (mut logins, mut wrong) = (0, 0);
        for (n, answer) in answers.iter().enumerate() {
            match (right(n), answer.is_ok()) {
                (true, true) => logins += 1,
                (false, true) => wrong += 1,
                _ => {}
            }
        }
        assert!(logins <= 1 && wrong <= limit);
        assert_eq!(bed.number("SELECT CAST(coalesce(sum(attempts), 0) AS BIGINT) FROM sign_ins").await, wrong);
        let budget = bed.store.budget(&public(), &sign_ins[0].account).await.unwrap();
        assert_eq!(budget.map_or(0, |budget| budget.failures), wrong);
        assert_eq!(bed.store.sessions_of(&held.user, NOW).await.unwrap().len() as i64, 1 + logins);
        assert_eq!(bed.number("SELECT count(*) FROM sign_ins WHERE ended_how = 'completed'").await, logins);
        assert_eq!(bed.number("SELECT count(*) FROM sign_ins WHERE attempts > max_attempts").await, 0);
        other.close().await;
    }
}

//! Guess budgets: wrong codes counted per account, in windows, and what a spent budget forbids.

use crate::kit::*;
use futures_util::future::join_all;
use postkey_model::{Account, Change, Connection, EventKind, Millis};
use postkey_store::Store;

async fn seen(store: &Store, account: &Account) -> Option<(i64, i64)> {
    store.budget(&public(), account).await.unwrap().map(|budget| (budget.failures, budget.resets_at.since(NOW).0))
}

async fn spent_events(store: &Store) -> i64 {
    store.count_events(EventKind::GuessBudgetSpent).await.unwrap()
}

on_both_engines! {
    async fn guesses_are_counted_up_to_the_limit(store: Store) {
        let jane = account("email:jane@example.com");
        assert_eq!(seen(&store, &jane).await, None);
        for n in 1..=3 {
            assert_eq!(commit(&store, guess(&jane, 3, NOW + Millis(n))).await, counted(n));
            assert_eq!(seen(&store, &jane).await, Some((n, MINUTE.0 + 1)), "the window opens with the first guess");
        }
        assert_eq!(commit(&store, guess(&jane, 3, NOW + Millis(9))).await, LOST);
        assert_eq!(seen(&store, &jane).await, Some((3, MINUTE.0 + 1)));
    }

    async fn a_window_that_closed_begins_anew(store: Store) {
        let jane = account("email:jane@example.com");
        for _ in 0..2 {
            commit(&store, guess(&jane, 2, NOW)).await.unwrap();
        }
        assert_eq!(commit(&store, guess(&jane, 2, NOW + MINUTE - Millis(1))).await, LOST);
        let later = NOW + MINUTE;
        assert_eq!(commit(&store, guess(&jane, 2, later)).await, counted(1));
        assert_eq!(seen(&store, &jane).await, Some((1, 2 * MINUTE.0)));
        assert_eq!(commit(&store, guess(&jane, 2, later)).await, counted(2));
        assert_eq!(commit(&store, guess(&jane, 2, later)).await, LOST);
        assert_eq!(spent_events(&store).await, 2, "once in each window");
    }

    async fn budgets_are_apart(store: Store) {
        let jane = account("user:jane");
        let trusted = account("user:jane/device:1");
        commit(&store, guess(&jane, 1, NOW)).await.unwrap();
        assert_eq!(commit(&store, guess(&jane, 1, NOW)).await, LOST);
        assert_eq!(commit(&store, guess(&trusted, 1, NOW)).await, counted(1));
        let elsewhere = Change::BudgetSpent {
            tenant: tenant("acme"),
            account: jane.clone(),
            limit: 1,
            at: NOW,
            window: MINUTE,
            when_spent: event(EventKind::GuessBudgetSpent),
        };
        assert_eq!(commit(&store, elsewhere).await, counted(1));
        assert!(store.budget(&tenant("other"), &jane).await.unwrap().is_none());
    }

    async fn a_limit_that_was_lowered_holds_at_once(store: Store) {
        let jane = account("user:jane");
        for _ in 0..4 {
            commit(&store, guess(&jane, 10, NOW)).await.unwrap();
        }
        assert_eq!(commit(&store, guess(&jane, 3, NOW)).await, LOST);
        assert_eq!(commit(&store, guess(&jane, 5, NOW)).await, counted(5));
    }

    async fn the_event_is_recorded_once_when_the_limit_is_reached(store: Store) {
        let jane = account("user:jane");
        for n in 1..=5 {
            assert_eq!(spent_events(&store).await, 0);
            assert_eq!(commit(&store, guess(&jane, 5, NOW)).await, counted(n));
        }
        assert_eq!(spent_events(&store).await, 1);
        for _ in 0..3 {
            assert_eq!(commit(&store, guess(&jane, 5, NOW)).await, LOST);
        }
        assert_eq!(spent_events(&store).await, 1);
    }

    async fn a_short_code_is_refused_while_the_budget_is_spent(store: Store) {
        let one = started(&store, sign_in("jane@example.com")).await;
        let other = started(&store, sign_in("jane@example.com")).await;
        for _ in 0..2 {
            commit(&store, guess(&one.account, 2, NOW)).await.unwrap();
        }
        assert_eq!(commit(&store, spent_within(&one, 2, NOW)).await, LOST);
        assert_eq!(commit(&store, spent_within(&one, 2, NOW + MINUTE - Millis(1))).await, LOST);
        for each in [&one, &other] {
            assert_eq!(store.sign_in(&public(), &each.id).await.unwrap().unwrap().sign_in.ended, None, "nothing was ended");
        }
        assert_eq!(commit(&store, spent_within(&one, 2, NOW + MINUTE)).await, applied(), "the window has closed");
        let late = started(&store, sign_in("jane@example.com")).await;
        assert_eq!(commit(&store, spent_within(&late, 3, NOW)).await, applied(), "a higher limit is not reached");
        let long = started(&store, sign_in("jane@example.com")).await;
        assert_eq!(commit(&store, spent(&long)).await, applied(), "a long code needs no budget");
    }

    async fn a_short_code_is_good_while_the_budget_lasts(store: Store) {
        let one = started(&store, sign_in("jane@example.com")).await;
        assert_eq!(commit(&store, spent_within(&one, 2, NOW)).await, applied(), "never drawn on");
        let two = started(&store, sign_in("jane@example.com")).await;
        commit(&store, guess(&two.account, 2, NOW)).await.unwrap();
        assert_eq!(commit(&store, spent_within(&two, 2, NOW)).await, applied(), "one is left");
        assert_eq!(seen(&store, &two.account).await, Some((1, MINUTE.0)), "a right code costs nothing");
        let three = started(&store, sign_in("jane@example.com")).await;
        assert_eq!(commit(&store, spent_within(&three, 0, NOW)).await, LOST, "a limit of nothing");
    }

    async fn the_last_guess_and_the_right_code_in_one_commit_follow_their_order(store: Store) {
        let one = started(&store, sign_in("jane@example.com")).await;
        assert_eq!(store.commit(vec![guess(&one.account, 1, NOW), spent_within(&one, 1, NOW)]).await, LOST);
        assert_eq!(seen(&store, &one.account).await, None);
        store.commit(vec![spent_within(&one, 1, NOW), guess(&one.account, 1, NOW)]).await.unwrap();
        assert_eq!(seen(&store, &one.account).await, Some((1, MINUTE.0)));
    }

    async fn starting_shows_the_budget_of_the_owner_or_else_of_the_identifier(store: Store) {
        let nobody = Account::identifier(Connection::Email, "jane@example.com");
        let facts = store.start_facts(&public(), Connection::Email, "jane@example.com").await.unwrap();
        assert!(facts.user.is_none() && facts.budget.is_none());
        commit(&store, guess(&nobody, 9, NOW)).await.unwrap();
        let facts = store.start_facts(&public(), Connection::Email, "jane@example.com").await.unwrap();
        assert_eq!((facts.user, facts.budget.map(|budget| budget.failures)), (None, Some(1)));
        let jane = user();
        let changes = vec![Change::UserCreated(jane.clone()), Change::IdentityCreated(identity(&jane.id, "jane@example.com"))];
        store.commit(changes).await.unwrap();
        let facts = store.start_facts(&public(), Connection::Email, "jane@example.com").await.unwrap();
        assert_eq!((facts.user.clone(), facts.budget), (Some(jane.id.clone()), None));
        for _ in 0..2 {
            commit(&store, guess(&Account::user(&jane.id), 9, NOW)).await.unwrap();
        }
        let facts = store.start_facts(&public(), Connection::Email, "jane@example.com").await.unwrap();
        assert_eq!((facts.user, facts.budget.map(|budget| budget.failures)), (Some(jane.id), Some(2)));
        let elsewhere = store.start_facts(&tenant("acme"), Connection::Email, "jane@example.com").await.unwrap();
        assert!(elsewhere.user.is_none() && elsewhere.budget.is_none());
    }
}

in_one_group! {
    async fn a_burst_that_spends_the_budget_records_one_event(store: Store) {
        let jane = account("user:jane");
        let answers = join_all((0..40).map(|_| commit(&store, guess(&jane, 20, NOW)))).await;
        assert_eq!(winners(&answers), 20);
        assert_eq!(spent_events(&store).await, 1);
    }

    /// What holds for a sign-in's tries holds for the budget over many sign-ins.
    async fn a_right_code_behind_the_last_guess_comes_too_late(store: Store) {
        let mut sign_ins = Vec::new();
        for _ in 0..40 {
            sign_ins.push(started(&store, sign_in("jane@example.com")).await);
        }
        let burst = sign_ins.iter().enumerate().map(|(n, one)| {
            let right = vec![spent_within(one, 10, NOW)];
            let wrong = vec![failed(one), guess(&one.account, 10, NOW)];
            store.commit(if n == 30 { right } else { wrong })
        });
        let answers = join_all(burst).await;
        assert_eq!(answers[30], LOST);
        assert_eq!(seen(&store, &sign_ins[0].account).await, Some((10, MINUTE.0)));
        assert_eq!(winners(&answers), 10);
    }

    async fn a_right_code_before_the_last_guess_is_good(store: Store) {
        let one = started(&store, sign_in("jane@example.com")).await;
        let burst = (0..40).map(|n| commit(&store, if n == 5 { spent_within(&one, 10, NOW) } else { guess(&one.account, 10, NOW) }));
        let answers = join_all(burst).await;
        assert_eq!(answers[5], applied());
        assert_eq!(winners(&answers), 11);
    }
}

//! Commits as such: all or none, in order, one answer for each change, groups whose members win and lose, callers
//! that go away.

use crate::kit::*;
use futures_util::future::join_all;
use postkey_model::{Change, EventKind, Yield};
use postkey_store::{CommitError, Store};
use std::time::Duration;

on_both_engines! {
    async fn nothing_to_change_is_no_harm(store: Store) {
        assert_eq!(store.commit(Vec::new()).await, Ok(Vec::new()));
        store.ping().await.unwrap();
    }

    async fn every_change_has_its_answer_in_its_place(store: Store) {
        let one = started(&store, sign_in("jane@example.com")).await;
        let mine = queued(&store, message()).await;
        let held = opened(&store, session(&user().id)).await;
        let changes = vec![
            failed(&one),
            Change::Forgotten { rows: postkey_model::Dead::SignIns(vec![one.id.clone()]), before: NOW },
            guess(&one.account, 9, NOW),
            Change::MessagesClaimed { due_at: NOW, until: NOW + MINUTE, limit: 5 },
            Change::CodeResent { sign_in: one.id.clone(), seen_sends: 1, code: code(2), older: Some(code(1)), at: NOW },
            Change::MessagesDone { ids: vec![mine.id.clone()] },
            Change::MessagesDone { ids: Vec::new() },
            failed(&one),
            Change::SessionRevoked { handle: held.handle.clone(), at: NOW },
            Change::EventRecorded(event(EventKind::SessionsRevoked)),
            guess(&one.account, 9, NOW),
            Change::SessionsOfUserRevoked { user: held.user, except: None, at: NOW },
            spent(&one),
        ];
        let yields = store.commit(changes).await.unwrap();
        let mut claimed = mine;
        (claimed.next_try_at, claimed.tries) = (NOW + MINUTE, 1);
        let expected = [
            Yield::Count(1),
            Yield::Nothing,
            Yield::Count(1),
            Yield::Messages(vec![claimed]),
            Yield::Nothing,
            Yield::Nothing,
            Yield::Nothing,
            Yield::Count(2),
            Yield::Handles(vec![held.handle]),
            Yield::Nothing,
            Yield::Count(2),
            Yield::Handles(Vec::new()),
            Yield::Nothing,
        ];
        assert_eq!(yields, expected);
        assert_eq!(store.queued_messages().await.unwrap(), 0);
    }

    async fn what_was_answered_is_seen_by_the_next_read(bed: Bed) {
        let other = bed.another_node().await;
        for _ in 0..50 {
            let one = started(&bed.store, sign_in("jane@example.com")).await;
            assert!(bed.store.sign_in(&public(), &one.id).await.unwrap().is_some());
            assert!(other.sign_in(&public(), &one.id).await.unwrap().is_some());
        }
        other.close().await;
    }

    async fn a_caller_that_goes_away_wedges_nothing(bed: Bed) {
        let one = started(&bed.store, sign_in("jane@example.com")).await;
        for round in 0..40_u64 {
            let callers: Vec<_> = (0..20)
                .map(|n| {
                    let (store, one) = (bed.store.clone(), one.clone());
                    tokio::spawn(async move {
                        let list = if n % 2 == 0 { vec![Change::UserCreated(user())] } else { vec![failed(&one), spent(&one), spent(&one)] };
                        store.commit(list).await
                    })
                })
                .collect();
            for _ in 0..round % 5 {
                tokio::task::yield_now().await;
            }
            if round % 2 == 0 {
                tokio::time::sleep(Duration::from_micros(150 * (round % 7))).await;
            }
            for caller in &callers {
                caller.abort();
            }
            // Those that stayed and those that come later are served as ever.
            assert_eq!(commit(&bed.store, Change::UserCreated(user())).await, applied());
            for caller in callers {
                if let Ok(answer) = caller.await {
                    assert!(matches!(answer, Ok(_) | Err(CommitError::Lost)), "{answer:?}");
                }
            }
        }
        let seen = bed.store.sign_in(&public(), &one.id).await.unwrap().unwrap().sign_in;
        assert_eq!((seen.attempts, seen.ended), (0, None), "every list of those was lost");
        assert_eq!(commit(&bed.store, spent(&one)).await, applied());
    }

    async fn many_nodes_and_callers_lose_nothing(bed: Bed) {
        let other = bed.another_node().await;
        let tasks: Vec<_> = (0..32)
            .map(|n| {
                let store = if n % 2 == 0 { bed.store.clone() } else { other.clone() };
                tokio::spawn(async move {
                    for _ in 0..20 {
                        let jane = user();
                        let list = vec![Change::IdentityCreated(identity(&jane.id, jane.id.as_str())), Change::UserCreated(jane)];
                        store.commit(list).await.unwrap();
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(bed.number("SELECT count(*) FROM users JOIN identities ON users.id = identities.user_id").await, 640);
        other.close().await;
    }

    async fn a_closed_store_takes_no_more(bed: Bed) {
        let other = bed.another_node().await;
        let pending = join_all((0..50).map(|_| commit(&other, Change::UserCreated(user()))));
        let answers = pending.await;
        assert_eq!(winners(&answers), 50);
        other.close().await;
        assert!(matches!(commit(&other, Change::UserCreated(user())).await, Err(CommitError::Unavailable(_))));
        other.close().await;
        assert_eq!(commit(&bed.store, Change::UserCreated(user())).await, applied(), "the other node goes on");
    }

    async fn closing_waits_for_what_was_taken(bed: Bed) {
        let other = bed.another_node().await;
        let callers: Vec<_> = (0..100)
            .map(|_| {
                let other = other.clone();
                tokio::spawn(async move { commit(&other, Change::UserCreated(user())).await })
            })
            .collect();
        tokio::task::yield_now().await;
        other.close().await;
        let mut taken = 0;
        for caller in callers {
            match caller.await.unwrap() {
                Ok(_) => taken += 1,
                Err(CommitError::Unavailable(_)) => {}
                Err(CommitError::Lost) => panic!("nobody was first"),
            }
        }
        assert_eq!(bed.number("SELECT count(*) FROM users").await, taken);
    }
}

in_one_group! {
    async fn winners_stay_when_others_of_their_group_lose(store: Store) {
        let gone = started(&store, sign_in("gone@example.com")).await;
        commit(&store, spent(&gone)).await.unwrap();
        let held = opened(&store, session(&user().id)).await;
        let mut sign_ins = Vec::new();
        for n in 0..30 {
            sign_ins.push(started(&store, sign_in(&format!("p{n}@example.com"))).await);
        }
        let lists = (0..30).map(|n| {
            store.commit(match n % 5 {
                0 => vec![spent(&sign_ins[n])],
                1 => vec![failed(&sign_ins[n]), failed(&sign_ins[n])],
                // These lose: by their second change, by their first, and all but one by each other.
                2 => vec![spent(&sign_ins[n]), failed(&gone)],
                3 => vec![spent(&gone), failed(&sign_ins[n])],
                _ => vec![failed(&sign_ins[n]), rotated(&held.handle, 0, NOW)],
            })
        });
        let answers = join_all(lists).await;
        for (n, (answer, one)) in answers.iter().zip(&sign_ins).enumerate() {
            let seen = store.sign_in(&public(), &one.id).await.unwrap().unwrap().sign_in;
            let state = (seen.attempts, seen.ended.is_some());
            match n % 5 {
                0 => assert_eq!((answer, state), (&Ok(vec![Yield::Nothing]), (0, true))),
                1 => assert_eq!((answer, state), (&Ok(vec![Yield::Count(1), Yield::Count(2)]), (2, false))),
                2 | 3 => assert_eq!((answer, state), (&LOST, (0, false))),
                _ => assert_eq!(state, (i64::from(answer.is_ok()), false)),
            }
        }
        assert_eq!(answers.iter().skip(4).step_by(5).filter(|answer| answer.is_ok()).count(), 1);
        assert_eq!(store.session(&held.handle).await.unwrap().unwrap().generation, 1);
    }

    /// That a new id is taken cannot be expected, and is noticed late: still only that commit is taken back.
    async fn an_id_that_is_taken_takes_back_its_own_commit_only(store: Store) {
        let one = started(&store, sign_in("jane@example.com")).await;
        let (spare, taken) = (account("user:spare"), user());
        let noted = event(EventKind::SessionsRevoked);
        let (held, sent) = (opened(&store, session(&taken.id)).await, queued(&store, message()).await);
        store.commit(vec![Change::UserCreated(taken.clone()), Change::EventRecorded(noted.clone())]).await.unwrap();
        let again = [
            Change::UserCreated(taken),
            Change::EventRecorded(noted),
            Change::SessionCreated(Box::new(held)),
            Change::MessageQueued(Box::new(sent)),
            Change::SignInStarted(Box::new(one.clone())),
        ];
        for last in &again {
            let before = store.budget(&public(), &one.account).await.unwrap().map_or(0, |budget| budget.failures);
            let lists = (0..30).map(|n| {
                store.commit(match n % 3 {
                    0 => vec![guess(&one.account, 1000, NOW)],
                    1 => vec![guess(&spare, 1000, NOW), last.clone()],
                    _ => vec![Change::UserCreated(user()), guess(&one.account, 1000, NOW), Change::EventRecorded(event(EventKind::RefreshTokenReused))],
                })
            });
            let answers = join_all(lists).await;
            assert_eq!(winners(&answers), 20);
            assert!(answers.iter().skip(1).step_by(3).all(|answer| *answer == LOST));
            assert_eq!(store.budget(&public(), &one.account).await.unwrap().unwrap().failures, before + 20);
            assert_eq!(store.budget(&public(), &spare).await.unwrap(), None);
        }
        assert_eq!(store.count_events(EventKind::RefreshTokenReused).await.unwrap(), 50);
    }

    async fn counts_given_back_are_those_of_the_winners(store: Store) {
        let one = started(&store, sign_in("jane@example.com")).await;
        let gone = sign_in("gone@example.com");
        // Every second list counts a try and then loses: it must not show in the counts of the others.
        let lists = (0..8).map(|n| store.commit(if n % 2 == 0 { vec![failed(&one), failed(&gone)] } else { vec![failed(&one)] }));
        let answers = join_all(lists).await;
        let counts: Vec<_> = answers.iter().flatten().map(|yields| yields[0].count().unwrap()).collect();
        assert!(answers.iter().step_by(2).all(|answer| *answer == LOST));
        assert_eq!(counts, (1..=counts.len() as i64).collect::<Vec<_>>());
        let seen = store.sign_in(&public(), &one.id).await.unwrap().unwrap().sign_in;
        assert_eq!(seen.attempts, counts.len() as i64);
    }

    async fn more_than_one_group_can_hold(store: Store) {
        let answers = join_all((0..1500).map(|_| commit(&store, Change::UserCreated(user())))).await;
        assert_eq!(winners(&answers), 1500);
    }

    async fn a_queue_that_is_full_says_so(bed: Bed) {
        // On SQLite the writer waits meanwhile; on PostgreSQL nobody takes anything before this thread is free.
        let rival = Rival::begin(&bed.location, "UPDATE users SET tenant = tenant").await;
        let all = join_all((0..6000).map(|_| commit(&bed.store, Change::UserCreated(user()))));
        let ending = async {
            tokio::time::sleep(Duration::from_millis(50)).await;
            rival.run("COMMIT").await;
        };
        let (answers, ()) = tokio::join!(all, ending);
        let refused = answers.iter().filter(|answer| matches!(answer, Err(CommitError::Unavailable(_)))).count();
        let written = winners(&answers.into_iter().filter(|answer| !matches!(answer, Err(CommitError::Unavailable(_)))).collect::<Vec<_>>());
        assert!(refused > 0 && written > 0, "6000 at once are more than may wait");
        assert_eq!(bed.number("SELECT count(*) FROM users").await, written as i64);
        assert_eq!(commit(&bed.store, Change::UserCreated(user())).await, applied());
    }
}

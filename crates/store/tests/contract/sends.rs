//! Counting messages: no more than the limit in a window, and nothing else of the commit when it is reached.

use crate::kit::*;
use postkey_model::{Account, Change, ClientIp, Connection, Day, Dead, Identifier, Millis, Region, SendCounter, Timestamp};
use postkey_store::Store;

fn send(counter: &SendCounter, limit: i64, at: Timestamp) -> Change {
    Change::SendCounted { tenant: public(), counter: counter.clone(), by: 1, limit, at, window: MINUTE }
}

/// The count, and how long after [`NOW`] its window closes.
async fn seen(store: &Store, counter: &SendCounter) -> Option<(i64, i64)> {
    store.budget(&public(), counter.key()).await.unwrap().map(|count| (count.failures, count.resets_at.since(NOW).0))
}

fn jane() -> Identifier {
    Identifier::stored(Connection::Email, "jane@example.com".to_owned())
}

fn network(host: u8) -> SendCounter {
    SendCounter::contact_from(&jane(), &ClientIp::of([192, 0, 2, host].into()))
}

on_both_engines! {
    async fn messages_are_counted_up_to_the_limit(store: Store) {
        let from = network(1);
        for n in 1..=3 {
            assert_eq!(commit(&store, send(&from, 3, NOW + Millis(n))).await, applied());
            assert_eq!(seen(&store, &from).await, Some((n, MINUTE.0 + 1)), "the window opens with the first");
        }
        for _ in 0..2 {
            assert_eq!(commit(&store, send(&from, 3, NOW + Millis(9))).await, LOST);
        }
        assert_eq!(seen(&store, &from).await, Some((3, MINUTE.0 + 1)));
        assert_eq!(commit(&store, send(&from, 2, NOW + Millis(9))).await, LOST, "a lower limit holds at once");
        assert_eq!(commit(&store, send(&from, 4, NOW + Millis(9))).await, applied(), "a higher one is not reached");
    }

    async fn a_window_that_closed_begins_anew(store: Store) {
        let from = network(1);
        for _ in 0..2 {
            commit(&store, send(&from, 2, NOW)).await.unwrap();
        }
        assert_eq!(commit(&store, send(&from, 2, NOW + MINUTE - Millis(1))).await, LOST);
        assert_eq!(commit(&store, send(&from, 2, NOW + MINUTE)).await, applied());
        assert_eq!(seen(&store, &from).await, Some((1, 2 * MINUTE.0)));
        assert_eq!(commit(&store, send(&from, 2, NOW + MINUTE)).await, applied());
        assert_eq!(commit(&store, send(&from, 2, NOW + MINUTE)).await, LOST);
    }

    async fn what_costs_is_counted_in_amounts(store: Store) {
        let money = SendCounter::text_money(Day::of(NOW));
        let spend = |by, limit| Change::SendCounted { tenant: public(), counter: money.clone(), by, limit, at: NOW, window: MINUTE };
        assert_eq!(commit(&store, spend(70, 100)).await, applied());
        assert_eq!(commit(&store, spend(31, 100)).await, LOST, "it would be passed");
        assert_eq!(commit(&store, spend(30, 100)).await, applied(), "it may be reached");
        assert_eq!(commit(&store, spend(1, 100)).await, LOST);
        assert_eq!(seen(&store, &money).await, Some((100, MINUTE.0)));
    }

    async fn a_used_text_goes_uncounted_again(store: Store) {
        let texts = SendCounter::unused_texts(Region::parse("AT"));
        let used = |by| Change::TextsUsed { tenant: public(), counter: texts.clone(), by };
        assert_eq!(commit(&store, used(3)).await, applied(), "there may be no count");
        for _ in 0..5 {
            commit(&store, send(&texts, 5, NOW)).await.unwrap();
        }
        assert_eq!(commit(&store, used(3)).await, applied());
        assert_eq!(seen(&store, &texts).await, Some((2, MINUTE.0)));
        assert_eq!(commit(&store, used(3)).await, applied());
        assert_eq!(seen(&store, &texts).await, Some((0, MINUTE.0)), "not less than none");
    }

    async fn counters_are_apart(store: Store) {
        let jane = Account::identifier(Connection::Email, "jane@example.com");
        let counters = [SendCounter::unused_texts(None), network(1), network(2)];
        for counter in &counters {
            assert_eq!(commit(&store, send(counter, 1, NOW)).await, applied());
            assert_eq!(commit(&store, send(counter, 1, NOW)).await, LOST);
        }
        let elsewhere =
            Change::SendCounted { tenant: tenant("acme"), counter: SendCounter::unused_texts(None), by: 1, limit: 1, at: NOW, window: MINUTE };
        assert_eq!(commit(&store, elsewhere).await, applied(), "another tenant's");
        assert_eq!(commit(&store, guess(&jane, 1, NOW)).await, counted(1), "guesses are another matter");
        assert_eq!(store.count_events(postkey_model::EventKind::GuessBudgetSpent).await.unwrap(), 1, "and sends leave no line");
    }

    async fn where_one_limit_is_reached_nothing_is_sent_or_counted(bed: Bed) {
        let store = &bed.store;
        commit(store, send(&SendCounter::unused_texts(None), 1, NOW)).await.unwrap();
        let (new, mail) = (sign_in("jane@example.com"), message());
        let list = vec![
            Change::SignInStarted(Box::new(new.clone())),
            Change::MessageQueued(Box::new(mail)),
            send(&network(1), 5, NOW),
            send(&SendCounter::unused_texts(None), 1, NOW),
        ];
        assert_eq!(store.commit(list).await, LOST);
        assert!(store.sign_in(&public(), &new.id).await.unwrap().is_none());
        assert_eq!(store.queued_messages().await.unwrap(), 0);
        assert_eq!(seen(store, &network(1)).await, None);
    }

    async fn counts_whose_window_closed_are_forgotten(store: Store) {
        let from = network(1);
        commit(&store, send(&from, 5, NOW)).await.unwrap();
        let rows = || Dead::Budgets(vec![(public(), from.key().clone())]);
        commit(&store, Change::Forgotten { rows: rows(), before: NOW + MINUTE }).await.unwrap();
        assert!(seen(&store, &from).await.is_some());
        commit(&store, Change::Forgotten { rows: rows(), before: NOW + MINUTE + Millis(1) }).await.unwrap();
        assert_eq!(seen(&store, &from).await, None);
    }

    async fn of_64_messages_as_many_go_out_as_the_limit_says(bed: Bed) {
        let other = bed.another_node().await;
        for (round, limit) in [1, 7, 20, 63].into_iter().enumerate() {
            let from = network(round as u8);
            let answers = at_once(&[bed.store.clone(), other.clone()], 64, |_| {
                vec![Change::SignInStarted(Box::new(sign_in("jane@example.com"))), send(&from, limit, NOW)]
            })
            .await;
            assert_eq!(winners(&answers) as i64, limit);
            assert_eq!(seen(&bed.store, &from).await, Some((limit, MINUTE.0)));
        }
        assert_eq!(bed.number("SELECT count(*) FROM sign_ins").await, 1 + 7 + 20 + 63, "the others left nothing behind");
        other.close().await;
    }

    /// Three counters each, in the same order by everybody: nobody waits for anybody for ever.
    async fn many_counters_at_once_are_each_held(bed: Bed) {
        let other = bed.another_node().await;
        let answers = at_once(&[bed.store.clone(), other.clone()], 60, |n| {
            let contact = SendCounter::contact_from(&jane(), &ClientIp::of([198, 51, 100, (n % 3) as u8].into()));
            vec![send(&contact, 100, NOW), send(&network((n % 2) as u8), 100, NOW), send(&SendCounter::unused_texts(None), 100, NOW)]
        })
        .await;
        // Who was turned away by a deadlock looks again; nobody was turned away by a limit.
        let won = winners(&answers) as i64;
        assert_eq!(seen(&bed.store, &SendCounter::unused_texts(None)).await.map(|count| count.0), Some(won));
        let both = [seen(&bed.store, &network(0)).await, seen(&bed.store, &network(1)).await];
        assert_eq!(both.iter().flatten().map(|count| count.0).sum::<i64>(), won);
        other.close().await;
    }
}

//! The outbox: messages wait, are claimed by one worker at a time, deferred, and wiped when done.

use crate::kit::*;
use postkey_model::{Change, Message, MessageId, Millis, Timestamp};
use postkey_store::Store;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::collections::{BTreeMap, HashSet};

fn done(messages: &[Message]) -> Change {
    Change::MessagesDone { ids: messages.iter().map(|message| message.id.clone()).collect() }
}

fn ids(messages: &[Message]) -> HashSet<MessageId> {
    messages.iter().map(|message| message.id.clone()).collect()
}

fn deferred(id: &MessageId, tries: i64, next_try_at: Timestamp) -> Change {
    Change::MessageDeferred { id: id.clone(), tries, next_try_at }
}

async fn queued_at(store: &Store, due: Timestamp) -> Message {
    let mut one = message();
    one.next_try_at = due;
    queued(store, one).await
}

on_both_engines! {
    async fn a_message_is_queued_once_and_claimed_whole(store: Store) {
        let mut one = message();
        one.tenant = tenant("acme");
        let one = queued(&store, one).await;
        let mut again = message();
        again.id = one.id.clone();
        assert_eq!(commit(&store, Change::MessageQueued(Box::new(again))).await, LOST);
        let mut claimed = one.clone();
        (claimed.next_try_at, claimed.tries) = (NOW + MINUTE, 1);
        assert_eq!(claim(&store, NOW, 10).await, [claimed]);
    }

    async fn the_outbox_says_how_many_wait_and_when_the_next_is_due(store: Store) {
        assert_eq!((store.queued_messages().await.unwrap(), store.next_message_due().await.unwrap()), (0, None));
        let late = queued_at(&store, NOW + MINUTE).await;
        let soon = queued_at(&store, NOW + Millis(1)).await;
        assert_eq!((store.queued_messages().await.unwrap(), store.next_message_due().await.unwrap()), (2, Some(NOW + Millis(1))));
        commit(&store, done(&[soon])).await.unwrap();
        assert_eq!((store.queued_messages().await.unwrap(), store.next_message_due().await.unwrap()), (1, Some(NOW + MINUTE)));
        commit(&store, done(&[late])).await.unwrap();
        assert_eq!((store.queued_messages().await.unwrap(), store.next_message_due().await.unwrap()), (0, None));
    }

    async fn only_due_messages_are_claimed_oldest_first(store: Store) {
        let third = queued_at(&store, NOW).await;
        let first = queued_at(&store, NOW - Millis(2)).await;
        let second = queued_at(&store, NOW - Millis(1)).await;
        let later = queued_at(&store, NOW + Millis(1)).await;
        assert_eq!(ids(&claim(&store, NOW, 2).await), ids(&[first, second]));
        assert_eq!(ids(&claim(&store, NOW, 2).await), ids(&[third]));
        assert!(claim(&store, NOW, 2).await.is_empty());
        assert_eq!(ids(&claim(&store, NOW + Millis(1), 2).await), ids(&[later]));
    }

    async fn a_claim_takes_no_more_than_its_limit(bed: Bed) {
        let store = &bed.store;
        // PostgreSQL runs a statement in another way when it takes a table for almost empty.
        queued(store, message()).await;
        bed.execute("ANALYZE").await;
        for _ in 1..30 {
            queued(store, message()).await;
        }
        for (round, limit) in [1, 2, 3, 1, 5, 1, 7].into_iter().enumerate() {
            if round == 3 {
                bed.execute("ANALYZE").await;
            }
            assert_eq!(claim(store, NOW, limit).await.len() as i64, limit);
        }
        assert!(claim(store, NOW, 0).await.is_empty());
        assert_eq!(claim(store, NOW, 100).await.len(), 10);
    }

    async fn a_claim_runs_out(store: Store) {
        let one = queued(&store, message()).await;
        assert_eq!(claim(&store, NOW, 10).await.len(), 1);
        assert!(claim(&store, NOW + MINUTE - Millis(1), 10).await.is_empty());
        let again = claim(&store, NOW + MINUTE, 10).await;
        assert_eq!((again.len(), &again[0].id, again[0].tries), (1, &one.id, 2));
    }

    async fn a_deferred_message_waits(store: Store) {
        let one = queued(&store, message()).await;
        claim(&store, NOW, 10).await;
        let next_try_at = NOW + Millis::from_mins(5);
        assert_eq!(commit(&store, deferred(&one.id, 1, next_try_at)).await, applied());
        assert!(claim(&store, next_try_at - Millis(1), 10).await.is_empty());
        assert_eq!(claim(&store, next_try_at, 10).await[0].tries, 2);
        let gone = deferred(&MessageId::stored(id()), 1, next_try_at);
        assert_eq!(commit(&store, gone).await, applied(), "a message that is gone is no harm");
    }

    async fn a_late_word_does_not_pull_back_what_another_one_holds(store: Store) {
        let one = queued(&store, message()).await;
        assert_eq!(claim(&store, NOW, 10).await[0].tries, 1);
        // The first claim ran out; the second worker is sending.
        assert_eq!(claim(&store, NOW + MINUTE, 10).await[0].tries, 2);
        for late in [0, 1, 3] {
            assert_eq!(commit(&store, deferred(&one.id, late, NOW)).await, applied(), "not even its timeline is lost");
            assert!(claim(&store, NOW + MINUTE, 10).await.is_empty(), "by tries {late}");
        }
        assert_eq!(commit(&store, deferred(&one.id, 2, NOW + MINUTE + Millis(1))).await, applied());
        assert_eq!(claim(&store, NOW + MINUTE + Millis(1), 10).await[0].tries, 3);
        // What the first one sent after all is done, whoever holds it.
        assert_eq!(commit(&store, done(&[one])).await, applied());
        assert_eq!(store.queued_messages().await.unwrap(), 0);
    }

    async fn messages_that_are_done_are_wiped(store: Store) {
        let (one, two, three) = (queued(&store, message()).await, queued(&store, message()).await, queued(&store, message()).await);
        for _ in 0..2 {
            assert_eq!(commit(&store, done(&[one.clone(), three.clone()])).await, applied());
        }
        assert_eq!(commit(&store, Change::MessagesDone { ids: Vec::new() }).await, applied());
        assert_eq!(ids(&claim(&store, NOW, 10).await), ids(&[two]));
    }

    async fn a_message_of_a_lost_commit_was_never_queued(store: Store) {
        let never = rotated(&session(&user().id).handle, 0, NOW);
        let queue = Change::MessageQueued(Box::new(message()));
        assert_eq!(store.commit(vec![queue, never.clone()]).await, LOST);
        assert_eq!(store.queued_messages().await.unwrap(), 0);
        let one = queued(&store, message()).await;
        let claiming = Change::MessagesClaimed { due_at: NOW, until: NOW + MINUTE, limit: 10 };
        assert_eq!(store.commit(vec![claiming, never.clone()]).await, LOST);
        assert_eq!(store.commit(vec![done(std::slice::from_ref(&one)), never]).await, LOST);
        assert_eq!(claim(&store, NOW, 10).await[0].tries, 1, "the lost claim is not counted");
    }

    async fn two_claims_in_one_commit_share_nothing(store: Store) {
        for _ in 0..4 {
            queued(&store, message()).await;
        }
        let claiming = Change::MessagesClaimed { due_at: NOW, until: NOW + MINUTE, limit: 3 };
        let yields = store.commit(vec![claiming.clone(), claiming]).await.unwrap();
        let counts: Vec<usize> = yields.iter().map(|y| if let postkey_model::Yield::Messages(m) = y { m.len() } else { 99 }).collect();
        assert_eq!(counts, [3, 1]);
    }

    async fn parallel_claimers_never_get_the_same_message(bed: Bed) {
        const MESSAGES: usize = 300;
        let changes = (0..MESSAGES).map(|_| Change::MessageQueued(Box::new(message()))).collect();
        bed.store.commit(changes).await.unwrap();
        let other = bed.another_node().await;
        let claimers: Vec<_> = (0..8)
            .map(|n| {
                let store = if n % 2 == 0 { bed.store.clone() } else { other.clone() };
                tokio::spawn(async move {
                    let mut mine = Vec::new();
                    loop {
                        let claimed = claim(&store, NOW, 7).await;
                        // A claimer may find all due rows locked by others: it is done when no row is due any more.
                        if claimed.is_empty() && store.next_message_due().await.unwrap() != Some(NOW) {
                            return mine;
                        }
                        assert!(claimed.len() <= 7);
                        mine.extend(claimed);
                    }
                })
            })
            .collect();
        let mut all = Vec::new();
        for claimer in claimers {
            all.extend(claimer.await.unwrap());
        }
        assert_eq!(all.len(), MESSAGES, "each once");
        assert_eq!(ids(&all).len(), MESSAGES, "and all of them");
        assert!(all.iter().all(|message| message.tries == 1));
        other.close().await;
    }
}

/// What workers do, in any order, each by what it believes.
#[derive(Clone, Debug)]
enum Step {
    Queue { n: usize },
    Claim { passing: i64 },
    Defer { n: usize, tries: i64, wait: i64 },
    Done { n: usize },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let n = 0..3_usize;
    let step = prop_oneof![
        3 => n.clone().prop_map(|n| Step::Queue { n }),
        3 => prop_oneof![2 => 0..3_000_i64, 1 => 0..70_000_i64].prop_map(|passing| Step::Claim { passing }),
        4 => (n.clone(), 0..4_i64, 0..5_000_i64).prop_map(|(n, tries, wait)| Step::Defer { n, tries, wait }),
        1 => n.prop_map(|n| Step::Done { n }),
    ];
    proptest::collection::vec(step, 1..30)
}

/// Runs one case against a store and against a model of it: of each message its tries, and when it is due.
async fn check(store: &Store, steps: &[Step]) {
    let messages: Vec<Message> = (0..3).map(|_| message()).collect();
    let mut model: BTreeMap<usize, (i64, Timestamp)> = BTreeMap::new();
    let mut now = NOW;
    for step in steps {
        match *step {
            Step::Queue { n } => {
                let queue = Change::MessageQueued(Box::new(Message { next_try_at: now, ..messages[n].clone() }));
                let expected = if model.contains_key(&n) { LOST } else { applied() };
                assert_eq!(commit(store, queue).await, expected, "{step:?}");
                model.entry(n).or_insert((0, now));
            }
            Step::Claim { passing } => {
                now = now + Millis(passing);
                let claimed: BTreeMap<MessageId, i64> = claim(store, now, 10).await.into_iter().map(|m| (m.id, m.tries)).collect();
                let due = model.iter_mut().filter(|(_, (_, at))| *at <= now);
                let expected = due.map(|(n, (tries, at))| {
                    (*tries, *at) = (*tries + 1, now + MINUTE);
                    (messages[*n].id.clone(), *tries)
                });
                assert_eq!(claimed, expected.collect(), "{step:?}");
            }
            Step::Defer { n, tries, wait } => {
                let at = now + Millis(wait);
                assert_eq!(commit(store, deferred(&messages[n].id, tries, at)).await, applied(), "{step:?}");
                if let Some(held) = model.get_mut(&n).filter(|held| held.0 == tries) {
                    held.1 = at;
                }
            }
            Step::Done { n } => {
                assert_eq!(commit(store, done(&messages[n..=n])).await, applied(), "{step:?}");
                model.remove(&n);
            }
        }
        for (n, message) in messages.iter().enumerate() {
            let stored: Vec<Timestamp> = store.waiting_messages(&message.sign_in).await.unwrap().into_iter().map(|row| row.3).collect();
            let expected: Vec<Timestamp> = model.get(&n).map(|(_, at)| *at).into_iter().collect();
            assert_eq!(stored, expected, "message {n} after {step:?}");
        }
    }
    commit(store, done(&messages)).await.unwrap();
}

async fn check_many(store: Store, cases: u32) {
    let runtime = tokio::runtime::Handle::current();
    let outcome = tokio::task::block_in_place(|| {
        let config = Config { cases, failure_persistence: None, max_shrink_iters: 2_000, ..Config::default() };
        TestRunner::new(config).run(&steps(), |steps| {
            runtime.block_on(check(&store, &steps));
            Ok(())
        })
    });
    outcome.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn random_workers_sqlite() {
    on_sqlite(|bed| check_many(bed.store, 100)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn random_workers_postgres() {
    on_postgres("outbox::random_workers_postgres", |bed| check_many(bed.store, 20)).await;
}

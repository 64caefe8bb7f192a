//! Clearing away: the walk that names dead rows, and forgetting those that are still dead.

use crate::kit::*;
use postkey_model::{Change, Dead, EventId, EventKind, Millis, Old, SessionHandle, SignInId, Timestamp};
use postkey_store::{Location, Store, Table, Walk};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Walks a whole table in steps of `window` rows and names all that is dead.
async fn dead(store: &Store, table: Table, before: Timestamp, window: i64) -> Vec<Dead> {
    let mut walk = Walk::default();
    let mut found = Vec::new();
    for _ in 0..1000 {
        let (dead, next) = store.dead_rows(table, &walk, before, window).await.unwrap();
        found.push(dead);
        walk = next;
        if walk == Walk::default() {
            return found;
        }
    }
    panic!("the walk does not end");
}

async fn dead_sessions(store: &Store, before: Timestamp, window: i64) -> Vec<SessionHandle> {
    let lists = dead(store, Table::Sessions, before, window).await;
    lists.into_iter().flat_map(|dead| if let Dead::Sessions(handles) = dead { handles } else { panic!("{dead:?}") }).collect()
}

async fn dead_sign_ins(store: &Store, before: Timestamp) -> Vec<SignInId> {
    let lists = dead(store, Table::SignIns, before, 100).await;
    lists.into_iter().flat_map(|dead| if let Dead::SignIns(ids) = dead { ids } else { panic!("{dead:?}") }).collect()
}

fn forget(rows: Dead, before: Timestamp) -> Change {
    Change::Forgotten { rows, before }
}

async fn session_until(store: &Store, expires_at: Timestamp, revoked_at: Option<Timestamp>) -> SessionHandle {
    let mut one = session(&user().id);
    (one.expires_at, one.revoked_at) = (expires_at, revoked_at);
    opened(store, one).await.handle
}

async fn clear(store: &Store, table: Old, limit: i64) -> i64 {
    let yields = commit(store, Change::Cleared { table, before: NOW, limit }).await.unwrap();
    yields[0].count().unwrap()
}

/// Some bytes as the engine writes them.
fn bytes(bed: &Bed, n: i64) -> String {
    if matches!(bed.location, Location::Sqlite(_)) { format!("X'0{n}'") } else { format!("'\\x0{n}'::bytea") }
}

on_both_engines! {
    async fn an_empty_table_has_no_dead_rows(store: Store) {
        for table in [Table::SignIns, Table::Sessions, Table::Budgets] {
            let found = dead(&store, table, NOW, 10).await;
            assert!(found.len() == 1 && found[0].is_empty());
        }
        for rows in [Dead::SignIns(Vec::new()), Dead::Sessions(Vec::new()), Dead::Budgets(Vec::new())] {
            assert_eq!(commit(&store, forget(rows, NOW)).await, applied());
        }
    }

    async fn the_walk_sees_each_row_once_in_any_step(store: Store) {
        let mut expected = Vec::new();
        for n in 0..12 {
            let expires_at = if n % 3 == 0 { NOW + MINUTE } else { NOW - Millis(1) };
            let handle = session_until(&store, expires_at, None).await;
            if n % 3 != 0 {
                expected.push(handle);
            }
        }
        for window in [1, 2, 3, 4, 5, 11, 12, 13, 1000] {
            assert_eq!(dead_sessions(&store, NOW, window).await, expected, "{window}");
        }
    }

    async fn sessions_die_when_they_expire_or_are_revoked(bed: Bed) {
        let store = &bed.store;
        let expired = session_until(store, NOW - Millis(1), None).await;
        let revoked = session_until(store, NOW + MINUTE, Some(NOW - Millis(1))).await;
        let edge = session_until(store, NOW, None).await;
        let just_revoked = session_until(store, NOW + MINUTE, Some(NOW)).await;
        let live = session_until(store, NOW + MINUTE, None).await;
        assert_eq!(dead_sessions(store, NOW, 100).await, [expired.clone(), revoked.clone()]);
        let all = vec![expired.clone(), revoked.clone(), edge.clone(), just_revoked.clone(), live.clone()];
        assert_eq!(commit(store, forget(Dead::Sessions(all), NOW)).await, applied());
        for handle in [edge, just_revoked, live] {
            assert!(store.session(&handle).await.unwrap().is_some());
        }
        for handle in [expired, revoked] {
            assert!(store.session(&handle).await.unwrap().is_none());
        }
        assert_eq!(bed.number("SELECT count(*) FROM sessions").await, 3);
    }

    async fn a_session_that_was_refreshed_in_between_stays(store: Store) {
        let handle = session_until(&store, NOW - Millis(1), None).await;
        let (rows, _) = store.dead_rows(Table::Sessions, &Walk::default(), NOW, 10).await.unwrap();
        assert_eq!(rows, Dead::Sessions(vec![handle.clone()]));
        commit(&store, rotated(&handle, 0, NOW)).await.unwrap();
        assert_eq!(commit(&store, forget(rows, NOW)).await, applied());
        assert_eq!(store.session(&handle).await.unwrap().unwrap().generation, 1);
    }

    async fn dead_sign_ins_go_with_their_older_codes(bed: Bed) {
        let store = &bed.store;
        let (old, live) = (started(store, sign_in("jane@example.com")).await, started(store, sign_in("joe@example.com")).await);
        for one in [&old, &live] {
            let mut newer = code(2);
            if one.id == live.id {
                newer.expires_at = NOW + Millis::from_hours(1);
            }
            let resent = Change::CodeResent { sign_in: one.id.clone(), seen_sends: 1, code: newer, older: Some(code(1)), at: NOW };
            commit(store, resent).await.unwrap();
        }
        let before = NOW + Millis::from_mins(10) + Millis(1);
        assert!(dead_sign_ins(store, before - Millis(1)).await.is_empty());
        assert_eq!(dead_sign_ins(store, before).await, std::slice::from_ref(&old.id));
        assert_eq!(commit(store, forget(Dead::SignIns(vec![old.id.clone()]), before)).await, applied());
        assert!(store.sign_in(&public(), &old.id).await.unwrap().is_none());
        assert_eq!(store.sign_in(&public(), &live.id).await.unwrap().unwrap().older.len(), 1);
        assert_eq!(bed.number("SELECT count(*) FROM older_codes").await, 1);
    }

    async fn a_sign_in_that_got_a_new_code_in_between_stays_with_its_older_codes(store: Store) {
        let one = started(&store, sign_in("jane@example.com")).await;
        let before = NOW + Millis::from_mins(10) + Millis(1);
        assert_eq!(dead_sign_ins(&store, before).await, std::slice::from_ref(&one.id));
        let mut newer = code(2);
        newer.expires_at = before + MINUTE;
        let resent = Change::CodeResent { sign_in: one.id.clone(), seen_sends: 1, code: newer, older: Some(code(1)), at: before };
        commit(&store, resent).await.unwrap();
        assert_eq!(commit(&store, forget(Dead::SignIns(vec![one.id.clone()]), before)).await, applied());
        let seen = store.sign_in(&public(), &one.id).await.unwrap().unwrap();
        assert_eq!((seen.sign_in.sends, seen.older.len()), (2, 1));
    }

    async fn budgets_whose_window_closed_are_forgotten(store: Store) {
        let accounts = ["a", "b", "c"].map(account);
        for one in &accounts {
            commit(&store, guess(one, 5, NOW)).await.unwrap();
        }
        let elsewhere = Change::BudgetSpent {
            tenant: tenant("acme"),
            account: accounts[2].clone(),
            limit: 5,
            at: NOW,
            window: MINUTE,
            when_spent: event(postkey_model::EventKind::GuessBudgetSpent),
        };
        commit(&store, elsewhere).await.unwrap();
        let before = NOW + MINUTE + Millis(1);
        commit(&store, guess(&accounts[1], 5, before)).await.unwrap();
        for window in [1, 2, 3, 4, 5] {
            let keys = [(tenant("acme"), accounts[2].clone()), (public(), accounts[0].clone()), (public(), accounts[2].clone())];
            let lists = dead(&store, Table::Budgets, before, window).await;
            let found: Vec<_> = lists.into_iter().flat_map(|dead| if let Dead::Budgets(keys) = dead { keys } else { panic!("{dead:?}") }).collect();
            assert_eq!(found, keys, "{window}");
        }
        // One of them is drawn on again before it is forgotten.
        commit(&store, guess(&accounts[0], 5, before)).await.unwrap();
        let keys = accounts.iter().map(|one| (public(), one.clone())).collect();
        assert_eq!(commit(&store, forget(Dead::Budgets(keys), before)).await, applied());
        let left = [store.budget(&public(), &accounts[0]).await, store.budget(&public(), &accounts[1]).await];
        assert!(left.iter().all(|budget| budget.as_ref().unwrap().unwrap().failures == 1));
        assert_eq!(store.budget(&public(), &accounts[2]).await.unwrap(), None);
        assert!(store.budget(&tenant("acme"), &accounts[2]).await.unwrap().is_some());
    }

    async fn every_old_row_goes_and_no_living_one(bed: Bed) {
        let store = &bed.store;
        for (n, at) in [(1, NOW - Millis(1)), (2, NOW), (3, NOW + Millis(1))] {
            let time = EventId::floor(at);
            let text = format!("INSERT INTO events (id, at, tenant, kind, subject) VALUES ('{time}-7000-8000-00000000000{n}', {}, 'public', 'signed_in', 'x'); \
                INSERT INTO login_requests (id, request, version, expires_at) VALUES ('r{n}', '{{}}', 0, {}); \
                INSERT INTO email_tokens (hash, app, identity_id, email, expires_at) VALUES ({}, 'public', 'i', 'e', {}); \
                INSERT INTO used_assertions (hash, until) VALUES ({}, {}); \
                INSERT INTO address_decisions (tenant, email, decided_at) VALUES ('public', 'e{n}', {}); \
                INSERT INTO webhook_queue (endpoint, event, at, tenant, kind, subject, actor, tries, answer) \
                VALUES ('crm', '{n}', {}, 'public', 'signed_in', 'x', 'person', 0, '')",
                at.0, at.0, bytes(&bed, n), at.0, bytes(&bed, n), at.0, at.0, at.0);
            let rival = Rival::begin(&bed.location, &text).await;
            rival.run("COMMIT").await;
        }
        for table in Old::ALL {
            assert_eq!(clear(store, table, 10).await, 1, "{table:?}");
            assert_eq!(clear(store, table, 10).await, 0, "{table:?}");
        }
        assert_eq!(store.count_events(EventKind::SignedIn).await.unwrap(), 2);
    }

    async fn two_hundred_thousand_rows_go_while_others_are_served(bed: Bed) {
        let store = bed.store.clone();
        let fill = format!("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000) \
            INSERT INTO events (id, at, tenant, kind, subject) \
            SELECT '{}-7000-' || (1000000 + i), 0, 'public', 'signed_in', 'x' FROM n", EventId::floor(NOW - MINUTE));
        Rival::begin(&bed.location, &fill).await.run("COMMIT").await;
        assert_eq!(store.count_events(EventKind::SignedIn).await.unwrap(), 200_000);
        let (served, done) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
        let others = {
            let (store, served, done) = (store.clone(), served.clone(), done.clone());
            tokio::spawn(async move {
                while !done.load(Ordering::Relaxed) {
                    let begun = started(&store, sign_in("jane@example.com")).await;
                    store.commit(vec![spent(&begun)]).await.unwrap();
                    served.fetch_add(1, Ordering::Relaxed);
                }
            })
        };
        let (mut gone, mut seen) = (0, BTreeSet::new());
        loop {
            let count = clear(&store, Old::Events, 1000).await;
            assert!(count <= 1000, "{count} in one commit");
            gone += count;
            seen.insert(served.load(Ordering::Relaxed));
            if count == 0 {
                break;
            }
        }
        done.store(true, Ordering::Relaxed);
        others.await.unwrap();
        assert_eq!(gone, 200_000);
        // Whoever signed in did so between the batches, not behind them all.
        assert!(seen.len() > 10, "others were served {} times between 200 batches", seen.len());
    }
}

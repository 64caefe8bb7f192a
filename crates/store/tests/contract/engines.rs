//! What only PostgreSQL can show: connections that are ended, cut or hang, deadlocks, locks that are held for long.

use crate::kit::*;
use postkey_model::{Change, SessionHandle, UserId, Yield};
use postkey_store::{CommitError, Location, Store};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

macro_rules! on_postgres_only {
    ($($(#[$meta:meta])* async fn $name:ident($bed:ident: Bed) $body:block)*) => { $(
        $(#[$meta])*
        #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
        async fn $name() {
            async fn body($bed: Bed) $body
            on_postgres(concat!(module_path!(), "::", stringify!($name)), body).await;
        }
    )* };
}

fn url(location: &Location) -> &str {
    match location {
        Location::Postgres(url) => url,
        Location::Sqlite(path) => panic!("{} is no server", path.display()),
    }
}

/// Tries until the store works again; it must do so within `patience`.
async fn works_again(store: &Store, patience: Duration) {
    let began = Instant::now();
    // Each of its connections must work, not only a lucky one.
    let mut in_a_row = 0;
    while in_a_row < 20 {
        let written = commit(store, Change::UserCreated(user())).await;
        let read = store.ping().await;
        in_a_row = if written.is_ok() && read.is_ok() { in_a_row + 1 } else { 0 };
        assert!(in_a_row > 0 || began.elapsed() < patience, "{written:?}, {read:?}");
    }
}

/// A wire to the server that can be frozen or cut.
struct Wire {
    location: Location,
    /// How often it was frozen, and whether it is whole.
    state: watch::Sender<(u32, bool)>,
}

impl Wire {
    async fn to(location: &Location) -> Wire {
        let config: tokio_postgres::Config = url(location).parse().unwrap();
        let host = match &config.get_hosts()[0] {
            tokio_postgres::config::Host::Tcp(name) => name.clone(),
            tokio_postgres::config::Host::Unix(path) => panic!("{}: these tests need a server on TCP", path.display()),
        };
        let port = config.get_ports().first().copied().unwrap_or(5432);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let ours = listener.local_addr().unwrap();
        let location = Location::Postgres(url(location).replacen(&format!("{host}:{port}"), &ours.to_string(), 1));
        let (state, watching) = watch::channel((0, true));
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                if watching.borrow().1 {
                    let far = TcpStream::connect((host.as_str(), port)).await.unwrap();
                    tokio::spawn(carry(near, far, watching.clone()));
                }
            }
        });
        Wire { location, state }
    }

    /// What is connected now hears nothing any more, and is not told; new connections are fine.
    fn freeze(&self) {
        self.state.send_modify(|state| state.0 += 1);
    }

    /// Ends every connection and refuses new ones, or mends that.
    fn set_whole(&self, whole: bool) {
        self.state.send_modify(|state| state.1 = whole);
    }
}

async fn carry(mut near: TcpStream, mut far: TcpStream, mut watching: watch::Receiver<(u32, bool)>) {
    let born = watching.borrow_and_update().0;
    tokio::select! {
        _ = tokio::io::copy_bidirectional(&mut near, &mut far) => return,
        _ = watching.wait_for(|state| state.0 > born || !state.1) => {}
    }
    // Frozen: both ends stay open until the wire is cut.
    let _ = watching.wait_for(|state| !state.1).await;
}

on_postgres_only! {
    async fn the_store_survives_the_end_of_all_its_connections(bed: Bed) {
        let stop = Arc::new(AtomicBool::new(false));
        let callers: Vec<_> = (0..16)
            .map(|_| {
                let (store, stop) = (bed.store.clone(), stop.clone());
                tokio::spawn(async move {
                    let (mut written, mut unsure) = (Vec::new(), 0);
                    while !stop.load(Ordering::Relaxed) {
                        let one = session(&user().id);
                        match commit(&store, Change::SessionCreated(Box::new(one.clone()))).await {
                            Ok(_) => written.push(one.handle),
                            Err(CommitError::Unavailable(_)) => unsure += 1,
                            Err(CommitError::Lost) => panic!("nobody was first"),
                        }
                    }
                    (written, unsure)
                })
            })
            .collect();
        let admin = client(url(&bed.location)).await;
        for _ in 0..10 {
            tokio::time::sleep(Duration::from_millis(80)).await;
            let end = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
            admin.query_one(end, &[]).await.unwrap();
        }
        stop.store(true, Ordering::Relaxed);
        let (mut written, mut unsure) = (Vec::<SessionHandle>::new(), 0);
        for caller in callers {
            let (w, u) = caller.await.unwrap();
            written.extend(w);
            unsure += u;
        }
        assert!(!written.is_empty() && unsure > 0, "{} written, {unsure} unsure", written.len());
        works_again(&bed.store, Duration::from_secs(5)).await;
        for handle in &written {
            assert!(bed.store.session(handle).await.unwrap().is_some(), "it was answered, so it is there");
        }
        let rows = bed.number("SELECT count(*) FROM sessions").await;
        assert!((written.len() as i64..=written.len() as i64 + unsure).contains(&rows));
    }

    async fn the_store_survives_a_server_that_is_away(bed: Bed) {
        let wire = Wire::to(&bed.location).await;
        let store = Store::open(&wire.location, NOW).await.unwrap();
        works_again(&store, Duration::ZERO).await;
        wire.set_whole(false);
        for _ in 0..20 {
            assert!(matches!(commit(&store, Change::UserCreated(user())).await, Err(CommitError::Unavailable(_))));
            assert!(store.ping().await.is_err());
        }
        wire.set_whole(true);
        works_again(&store, Duration::from_secs(5)).await;
        store.close().await;
    }

    async fn the_store_survives_connections_that_hang(bed: Bed) {
        let wire = Wire::to(&bed.location).await;
        let store = Store::open(&wire.location, NOW).await.unwrap();
        works_again(&store, Duration::ZERO).await;
        wire.freeze();
        // Every connection is in use and hangs: callers are told in time, and then it works again.
        let began = Instant::now();
        let mut callers = Vec::new();
        for _ in 0..8 {
            let (writer, reader) = (store.clone(), store.clone());
            callers.push(tokio::spawn(async move { commit(&writer, Change::UserCreated(user())).await.map(|_| ()) }));
            callers.push(tokio::spawn(async move { reader.ping().await.map_err(CommitError::Unavailable) }));
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let mut failed = 0;
        for caller in callers {
            match caller.await.unwrap() {
                Ok(()) => {}
                Err(CommitError::Unavailable(_)) => failed += 1,
                Err(CommitError::Lost) => panic!("nobody was first"),
            }
        }
        assert!(failed > 0, "nothing hung");
        assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
        works_again(&store, Duration::from_secs(1)).await;
        store.close().await;
    }

    async fn what_the_database_refuses_costs_no_connection_and_nobody_else(bed: Bed) {
        let store = &bed.store;
        works_again(store, Duration::from_secs(5)).await;
        let pids = "SELECT coalesce(sum(pid), 0)::bigint FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'postkey'";
        let before = bed.number(pids).await;
        // A text that is none (SQLSTATE 22021), and one that no index takes (54000): letters that do not repeat.
        let mut seed = 1_u64;
        let mut letter = || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            char::from(b'a' + u8::try_from((seed >> 59) % 26).unwrap())
        };
        let long: String = (0..20_000).map(|_| letter()).collect();
        for id in ["a\0b".to_owned(), long] {
            let bad = |n: usize| postkey_model::User { id: UserId::stored(if n == 7 { id.clone() } else { format!("{n}-{}", crate::kit::id()) }), ..user() };
            let answers = at_once(std::slice::from_ref(store), 16, |n| vec![Change::UserCreated(bad(n))]).await;
            assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 15, "one is refused, and nobody else: {answers:?}");
            assert!(answers.iter().all(|answer| !matches!(answer, Err(CommitError::Lost))));
        }
        works_again(store, Duration::from_secs(5)).await;
        assert_eq!(bed.number(pids).await, before, "the same connections");
    }

    async fn of_two_that_wait_for_each_other_one_looks_again(bed: Bed) {
        let (one, two) = (opened(&bed.store, session(&user().id)).await, opened(&bed.store, session(&user().id)).await);
        let touch = |handle: &SessionHandle| format!("UPDATE sessions SET client_ip = 'x' WHERE handle = '{handle}'");
        let rival = Rival::begin(&bed.location, &touch(&two.handle)).await;
        let store = bed.store.clone();
        let list = vec![rotated(&one.handle, 0, NOW), rotated(&two.handle, 0, NOW)];
        let waiting = tokio::spawn(async move { store.commit(list).await });
        tokio::time::sleep(Duration::from_millis(200)).await;
        let Rival::Postgres(rival) = rival else { panic!("PostgreSQL only") };
        let rival_won = rival.batch_execute(&touch(&one.handle)).await.is_ok();
        rival.batch_execute(if rival_won { "COMMIT" } else { "ROLLBACK" }).await.unwrap();
        let answer = waiting.await.unwrap();
        assert!(matches!(answer, Ok(_) | Err(CommitError::Lost)), "{answer:?}");
        let generations = [&one, &two].map(|s| s.handle.clone());
        for handle in generations {
            let seen = bed.store.session(&handle).await.unwrap().unwrap();
            assert_eq!(seen.generation, i64::from(answer.is_ok()), "both or none");
        }
        works_again(&bed.store, Duration::ZERO).await;
    }

    async fn who_waits_too_long_for_a_lock_looks_again_and_others_go_on(bed: Bed) {
        let (held, free) = (opened(&bed.store, session(&user().id)).await, opened(&bed.store, session(&user().id)).await);
        let lock = format!("UPDATE sessions SET client_ip = 'x' WHERE handle = '{}'", held.handle);
        let rival = Rival::begin(&bed.location, &lock).await;
        let store = bed.store.clone();
        let change = rotated(&held.handle, 0, NOW);
        let waiting = tokio::spawn(async move { commit(&store, change).await });
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert_eq!(commit(&bed.store, rotated(&free.handle, 0, NOW)).await, applied(), "another committer serves it");
        assert_eq!(waiting.await.unwrap(), LOST);
        rival.run("COMMIT").await;
        assert_eq!(commit(&bed.store, rotated(&held.handle, 0, NOW)).await, applied());
    }

    async fn a_node_that_starts_waits_for_one_that_migrates(bed: Bed) {
        // The store's own lock, held for longer than its statements may usually wait.
        let rival = Rival::begin(&bed.location, "SELECT pg_advisory_xact_lock(8101821198518024449)").await;
        let location = bed.location.clone();
        let opening = tokio::spawn(async move { Store::open(&location, NOW).await.map_err(|e| e.to_string()) });
        tokio::time::sleep(Duration::from_secs(6)).await;
        assert!(!opening.is_finished());
        rival.run("COMMIT").await;
        let store = opening.await.unwrap().unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(commit(&store, Change::UserCreated(user())).await, Ok(vec![Yield::Nothing]));
        store.close().await;
    }
}

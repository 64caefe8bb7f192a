//! The clean-up: clears away what nobody needs any more, in small commits with pauses between, so that nobody waits for it.

use postkey_model::{Change, Clock, Entropy, Millis, Old, Timestamp, Yield, entropy::random};
use postkey_store::{Store, Table, Walk};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::timeout;

/// How long dead sign-ins and budgets are kept, so that pages and timelines can say what became of them: longer than any
/// message of theirs waits to be sent.
const KEEP_SIGN_INS: Millis = Millis::from_hours(26);
/// How long ended sessions are kept, so that reuse of their tokens is still noticed.
const KEEP_SESSIONS: Millis = Millis::from_hours(24 * 7);
/// How long logins of applications are kept that are over, so that late pages can say what became of them.
const KEEP_LOGINS: Millis = Millis::from_hours(24);
/// How long decisions about addresses are kept: far longer than a request that saw the one before may take.
const KEEP_DECISIONS: Millis = Millis::from_hours(1);
/// How long what services did not take is kept, so that an operator can have it tried again.
const KEEP_WEBHOOKS: Millis = Millis::from_hours(24 * 30);
/// Rows one step looks at or clears: so few that nobody waits for it.
const WINDOW: i64 = 256;
/// How often it looks.
const EVERY: Duration = Duration::from_secs(2);
/// The first look comes within this time, at random: nodes that start together do not all clear at once.
const FIRST_WITHIN: Duration = Duration::from_secs(10);
/// The pause between two commits of one look.
const PAUSE: Duration = Duration::from_millis(20);
/// What was cleared is logged once in so many looks: every ten minutes.
const LOOKS_PER_LINE: u32 = 300;

/// What the clean-up works with.
pub struct Sweep {
    pub store: Store,
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
    /// How long lines of the audit trail are kept.
    pub keep_events: Millis,
}

/// How many rows went, by kind.
#[derive(Debug, Default, PartialEq, Eq)]
struct Cleared {
    sign_ins: usize,
    sessions: usize,
    budgets: usize,
    events: i64,
    login_requests: i64,
    used_assertions: i64,
    email_tokens: i64,
    decisions: i64,
    webhooks: i64,
}

impl Sweep {
    /// Clears away until the server stops.
    pub async fn run(self, mut stopped: watch::Receiver<bool>) {
        let share = u32::from(random::<1>(self.entropy.as_ref())[0]);
        let mut wait = FIRST_WITHIN * share / 256;
        let mut walks = [(Table::SignIns, Walk::default()), (Table::Sessions, Walk::default()), (Table::Budgets, Walk::default())];
        let mut cleared = Cleared::default();
        let mut looks = 0;
        while timeout(wait, stopped.changed()).await.is_err() {
            wait = EVERY;
            for (table, walk) in &mut walks {
                // Where much is dead there is more: go on, one small commit after the other.
                while self.step(*table, walk, &mut cleared).await {
                    if timeout(PAUSE, stopped.changed()).await.is_ok() {
                        return;
                    }
                }
            }
            for table in Old::ALL {
                while self.clear(table, &mut cleared).await {
                    if timeout(PAUSE, stopped.changed()).await.is_ok() {
                        return;
                    }
                }
            }
            looks += 1;
            if looks >= LOOKS_PER_LINE {
                looks = 0;
                log(&std::mem::take(&mut cleared));
            }
        }
        log(&cleared);
    }

    /// Clears one window of a table that is walked. Answers whether it was full of dead rows.
    async fn step(&self, table: Table, walk: &mut Walk, cleared: &mut Cleared) -> bool {
        let now = self.clock.now();
        let before = if table == Table::Sessions { now - KEEP_SESSIONS } else { now - KEEP_SIGN_INS };
        let (rows, next) = match self.store.dead_rows(table, walk, before, WINDOW).await {
            Ok(found) => found,
            Err(e) => {
                tracing::warn!(error = %e, "cannot look for dead rows");
                return false;
            }
        };
        // Sign-ins stand in the order in which they die: behind a window without a dead one there is none.
        *walk = if rows.is_empty() && table == Table::SignIns { Walk::default() } else { next };
        if rows.is_empty() {
            return false;
        }
        let count = rows.len();
        match self.store.commit(vec![Change::Forgotten { rows, before }]).await {
            Ok(_) => {
                let total = match table {
                    Table::SignIns => &mut cleared.sign_ins,
                    Table::Sessions => &mut cleared.sessions,
                    Table::Budgets => &mut cleared.budgets,
                };
                *total += count;
                count as i64 >= WINDOW / 2
            }
            Err(e) => {
                tracing::warn!(error = %e, "cannot clear dead rows away");
                false
            }
        }
    }

    /// Clears one window of a table whose rows say when they are dead. Answers whether there may be more.
    async fn clear(&self, table: Old, cleared: &mut Cleared) -> bool {
        let now = self.clock.now();
        let change = Change::Cleared { table, before: self.before(table, now), limit: WINDOW };
        match self.store.commit(vec![change]).await {
            Ok(yields) => {
                let count = yields.first().and_then(Yield::count).unwrap_or_default();
                let total = match table {
                    Old::Events => &mut cleared.events,
                    Old::LoginRequests => &mut cleared.login_requests,
                    Old::UsedAssertions => &mut cleared.used_assertions,
                    Old::EmailTokens => &mut cleared.email_tokens,
                    Old::Decisions => &mut cleared.decisions,
                    Old::Webhooks => &mut cleared.webhooks,
                };
                *total += count;
                count >= WINDOW
            }
            Err(e) => {
                tracing::warn!(error = %e, "cannot clear old rows away");
                false
            }
        }
    }

    fn before(&self, table: Old, now: Timestamp) -> Timestamp {
        match table {
            Old::Events => now - self.keep_events,
            Old::LoginRequests => now - KEEP_LOGINS,
            Old::Decisions => now - KEEP_DECISIONS,
            Old::Webhooks => now - KEEP_WEBHOOKS,
            // Their time is when they are worth nothing any more; a minute for clocks that differ.
            Old::UsedAssertions | Old::EmailTokens => now - Millis::from_mins(1),
        }
    }
}

fn log(cleared: &Cleared) {
    if *cleared == Cleared::default() {
        return;
    }
    let Cleared { sign_ins, sessions, budgets, events, login_requests, used_assertions, email_tokens, decisions, webhooks } = cleared;
    tracing::info!(
        sign_ins,
        sessions,
        budgets,
        events,
        login_requests,
        used_assertions,
        email_tokens,
        decisions,
        webhooks,
        "dead rows were cleared away"
    );
}

//! The closed list of figures. `docs/metrics.md` explains each; a test compares the two.

use crate::family::{Family, Kind};

/// From half a millisecond to ten seconds, in microseconds.
const TIMES: Kind =
    Kind::Histogram(&[500, 1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 10_000_000]);
/// From a tenth of a second to ten minutes, in microseconds.
const LONG_TIMES: Kind = Kind::Histogram(&[
    100_000,
    250_000,
    500_000,
    1_000_000,
    2_500_000,
    5_000_000,
    10_000_000,
    30_000_000,
    60_000_000,
    120_000_000,
    300_000_000,
    600_000_000,
]);
/// Powers of two to 512, in millionths.
const SIZES: Kind = Kind::Histogram(&[
    1_000_000,
    2_000_000,
    4_000_000,
    8_000_000,
    16_000_000,
    32_000_000,
    64_000_000,
    128_000_000,
    256_000_000,
    512_000_000,
]);

macro_rules! figures {
    ($($id:ident = $name:literal, $kind:expr, [$($label:literal),*], $most:literal, $help:literal;)*) => {
        $(
            #[doc = $help]
            pub static $id: Family = Family::new($name, $kind, &[$($label),*], $most, $help);
        )*
        /// All of them, in the order in which they are written.
        pub static ALL: &[&Family] = &[$(&$id),*];
    };
}

figures! {
    BUILD_INFO = "postkey_build_info", Kind::Gauge, ["version"], 1, "Always 1; the label says which version runs.";
    STARTED_AT = "process_start_time_seconds", Kind::Gauge, [], 1, "When the process began, in seconds since 1970.";
    RESIDENT_MEMORY = "process_resident_memory_bytes", Kind::Gauge, [], 1, "Memory that is really held. Linux only.";
    OPEN_FILES = "process_open_fds", Kind::Gauge, [], 1, "Open files and connections. Linux only.";

    HTTP_REQUESTS = "postkey_http_requests_total", Kind::Counter, ["method", "route", "status"], 1500, "Requests answered.";
    HTTP_TIME = "postkey_http_request_seconds", TIMES, ["route"], 400, "How long answering took.";

    SIGN_INS_STARTED = "postkey_sign_ins_started_total", Kind::Counter, ["connection"], 8, "Sign-ins that began.";
    SIGN_INS_FINISHED = "postkey_sign_ins_finished_total", Kind::Counter, ["connection", "outcome"], 32, "Sign-ins that ended.";
    LOGIN_REQUESTS = "postkey_login_requests_total", Kind::Counter, ["step"], 8, "Logins that applications asked for, by how far they came.";
    GUESSES = "postkey_guesses_total", Kind::Counter, ["result"], 8, "Codes, links and numbers that were tried.";

    SESSIONS_CREATED = "postkey_sessions_created_total", Kind::Counter, [], 1, "Sessions that began.";
    SESSIONS_REFRESHED = "postkey_sessions_refreshed_total", Kind::Counter, [], 1, "Refresh tokens that were replaced.";
    SESSIONS_REVOKED = "postkey_sessions_revoked_total", Kind::Counter, [], 1, "Sessions that were ended before their time.";

    MESSAGES_QUEUED = "postkey_messages_queued_total", Kind::Counter, ["channel"], 8, "Messages put into the outbox.";
    MESSAGES = "postkey_messages_total", Kind::Counter, ["channel", "provider", "outcome"], 256, "What providers said to messages.";
    DELIVERY_TIME = "postkey_delivery_seconds", LONG_TIMES, ["channel"], 8, "From queued to taken by a provider.";
    OUTBOX_MESSAGES = "postkey_outbox_messages", Kind::Gauge, [], 1, "Messages in the outbox, of all nodes.";
    OUTBOX_OLDEST = "postkey_outbox_oldest_seconds", Kind::Gauge, [], 1, "How long the oldest of them has been there; 0 when there is none.";

    WEBHOOKS = "postkey_webhooks_total", Kind::Counter, ["endpoint", "outcome"], 96, "What services said that are told what happens.";
    WEBHOOKS_WAITING = "postkey_webhooks_waiting", Kind::Gauge, ["endpoint"], 32, "What services are to be told yet, of all nodes.";
    WEBHOOKS_OLDEST = "postkey_webhooks_oldest_seconds", Kind::Gauge, ["endpoint"], 32, "How long ago the oldest of it happened; 0 when there is none.";
    WEBHOOKS_GIVEN_UP = "postkey_webhooks_given_up", Kind::Gauge, ["endpoint"], 32, "What nobody tries to tell services any more.";

    COMMITS = "postkey_commits_total", Kind::Counter, ["outcome"], 8, "Commits, by what came of them.";
    COMMIT_TIME = "postkey_commit_seconds", TIMES, [], 1, "From asked for to safe on disk, waiting included.";
    COMMIT_GROUP = "postkey_commit_group_size", SIZES, [], 1, "How many commits were made safe at once.";

    REFUSALS = "postkey_refusals_total", Kind::Counter, ["limit"], 48, "Refusals, by the limit that was reached.";
    EVENTS = "postkey_events_total", Kind::Counter, ["kind"], 96, "Lines of the audit trail.";
    KEY_AGE = "postkey_signing_key_age_seconds", Kind::Gauge, ["set"], 8, "How long the key that signs has been signing.";
    COUNTED = "postkey_database_counted", Kind::Gauge, [], 1, "Whether what the database counts is on this page: 1 or 0.";
    READY = "postkey_ready", Kind::Gauge, ["check"], 8, "Whether /ready finds this well: 1 or 0.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_what_prometheus_wants() {
        for family in ALL {
            assert_eq!(family.name().ends_with("_total"), family.kind() == Kind::Counter, "{}", family.name());
            assert!(family.name().bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{}", family.name());
            assert_eq!(ALL.iter().filter(|other| other.name() == family.name()).count(), 1, "{}", family.name());
            if let Kind::Histogram(bounds) = family.kind() {
                assert!(bounds.is_sorted(), "{}", family.name());
            }
        }
    }
}

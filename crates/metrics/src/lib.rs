//! Figures about the running process: counters, gauges and histograms that every crate may count on, and the text in which
//! a Prometheus server reads them. The closed list of figures is in `list`; nothing here knows what they mean.
//!
//! Labels hold nothing personal, and no figure has more rows than its bound: what would be one more is counted as `other`.

mod family;
mod list;
mod process;
mod text;

pub use family::{Family, Kind};
pub use list::*;
pub use process::{open_files, resident_bytes};
pub use text::{CONTENT_TYPE, text};

/// Counts a refusal by one of the limits. `limit` is its name, such as `sends_network`.
pub fn refused(limit: &'static str) {
    REFUSALS.add(&[limit], 1);
}

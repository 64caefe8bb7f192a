//! What services publish, kept for as long as they say, within limits. Each document is asked for once at a time, however many
//! people come in meanwhile, and a service that does not answer is left alone for a moment.

use crate::ProviderError;
use postkey_model::{Millis, Timestamp};
use postkey_outbound::{HeaderMap, header};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Mutex as Turn;
use tracing::warn;

/// A document is not asked for again before, and not kept longer than that.
const KEPT: (Millis, Millis) = (Millis::from_mins(5), Millis::from_hours(24));
/// How long a document is kept when the service says nothing.
const USUALLY_KEPT: Millis = Millis::from_hours(1);
/// How often a document may be asked for because something is missing in it.
const NEWER_AFTER: Millis = Millis::from_mins(1);
/// How long a service is left alone that did not answer.
const REST: Millis = Millis::from_secs(5);
/// How many documents are kept: far more than anybody has connections.
const MOST: usize = 256;

/// Documents of one kind, by address.
pub(crate) struct Cache<T> {
    entries: Mutex<HashMap<String, Entry<T>>>,
}

struct Entry<T> {
    used_at: Timestamp,
    slot: Arc<Turn<Slot<T>>>,
}

/// What is known of one document. Whoever holds the turn may ask for it.
struct Slot<T> {
    kept: Option<Kept<T>>,
    asked_at: Option<Timestamp>,
    failed: Option<ProviderError>,
}

struct Kept<T> {
    value: Arc<T>,
    fetched_at: Timestamp,
    fresh_until: Timestamp,
}

impl<T> Default for Cache<T> {
    fn default() -> Self {
        Cache { entries: Mutex::default() }
    }
}

impl<T> Cache<T> {
    /// The document at `address`; `fetch` is awaited only where it has to be asked for. `newer`: something is missing in the one
    /// that is kept.
    pub(crate) async fn get(
        &self,
        address: &str,
        newer: bool,
        now: Timestamp,
        fetch: impl Future<Output = Result<(T, Millis), ProviderError>>,
    ) -> Result<Arc<T>, ProviderError> {
        let slot = self.slot(address, now);
        let mut slot = slot.lock().await;
        let asked_within = |length| slot.asked_at.is_some_and(|at| now.since(at) < length);
        match (&slot.kept, &slot.failed) {
            (Some(kept), _) if now < kept.fresh_until && (!newer || asked_within(NEWER_AFTER)) => return Ok(kept.value.clone()),
            (Some(kept), Some(_)) if kept.lasts(now) && asked_within(REST) => return Ok(kept.value.clone()),
            (None, Some(failed)) if asked_within(REST) => return Err(failed.clone()),
            _ => {}
        }
        slot.asked_at = Some(now);
        match fetch.await {
            Ok((value, fresh_for)) => {
                let value = Arc::new(value);
                slot.kept = Some(Kept { value: value.clone(), fetched_at: now, fresh_until: now + fresh_for });
                slot.failed = None;
                Ok(value)
            }
            Err(e) => {
                slot.failed = Some(e.clone());
                match (&slot.kept, &e) {
                    (Some(kept), ProviderError::Unreachable(_)) if kept.lasts(now) => {
                        warn!(service = address, error = %e, "a service did not answer: what it said before goes on to count");
                        Ok(kept.value.clone())
                    }
                    _ => {
                        slot.kept = None;
                        Err(e)
                    }
                }
            }
        }
    }

    fn slot(&self, address: &str, now: Timestamp) -> Arc<Turn<Slot<T>>> {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = entries.get_mut(address) {
            entry.used_at = now;
            return entry.slot.clone();
        }
        if entries.len() >= MOST
            && let Some(oldest) = entries.iter().min_by_key(|(_, entry)| entry.used_at).map(|(address, _)| address.clone())
        {
            entries.remove(&oldest);
        }
        let slot = Arc::new(Turn::new(Slot { kept: None, asked_at: None, failed: None }));
        entries.insert(address.to_owned(), Entry { used_at: now, slot: slot.clone() });
        slot
    }
}

impl<T> Kept<T> {
    /// Whether it may still count when nothing newer can be had.
    fn lasts(&self, now: Timestamp) -> bool {
        now.since(self.fetched_at) < KEPT.1
    }
}

/// How long an answer may be kept, from `Cache-Control` (RFC 9111 §5.2.2), within [`KEPT`].
pub(crate) fn fresh_for(headers: &HeaderMap) -> Millis {
    let Some(text) = headers.get(header::CACHE_CONTROL).and_then(|value| value.to_str().ok()) else { return USUALLY_KEPT };
    let said = text.split(',').map(|word| word.trim().to_ascii_lowercase());
    let mut length = USUALLY_KEPT;
    for word in said {
        match word.split_once('=') {
            Some(("max-age", seconds)) => {
                length = seconds.trim_matches('"').parse::<u32>().map_or(USUALLY_KEPT, |seconds| Millis::from_secs(seconds.into()));
            }
            None if word == "no-store" || word == "no-cache" => return KEPT.0,
            _ => {}
        }
    }
    length.clamp(KEPT.0, KEPT.1)
}

#[cfg(test)]
#[path = "cache/tests.rs"]
mod tests;

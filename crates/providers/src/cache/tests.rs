//! How long documents are kept, and how often they are asked for.

use super::*;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

const NOW: Timestamp = Timestamp(1_800_000_000_000);

fn unreachable() -> ProviderError {
    ProviderError::Unreachable("gone".to_owned())
}

/// Asks and counts; the document is the number of the asking.
struct Source {
    cache: Cache<u32>,
    asked: AtomicU32,
}

impl Source {
    fn new() -> Self {
        Source { cache: Cache::default(), asked: AtomicU32::new(0) }
    }

    async fn get(&self, newer: bool, now: Timestamp, says: Result<Millis, ProviderError>) -> Result<u32, ProviderError> {
        let fetch = async {
            let number = self.asked.fetch_add(1, Ordering::SeqCst) + 1;
            tokio::time::sleep(Duration::from_millis(5)).await;
            says.map(|length| (number, length))
        };
        self.cache.get("a", newer, now, fetch).await.map(|value| *value)
    }
}

#[tokio::test]
async fn a_document_is_asked_for_when_its_time_is_over() {
    let source = Source::new();
    let hour = || Ok(Millis::from_hours(1));
    assert_eq!(source.get(false, NOW, hour()).await, Ok(1));
    assert_eq!(source.get(false, NOW + Millis::from_mins(59), hour()).await, Ok(1));
    assert_eq!(source.get(false, NOW + Millis::from_hours(1), hour()).await, Ok(2));
}

#[tokio::test]
async fn something_missing_is_a_reason_once_a_minute() {
    let source = Source::new();
    let hour = || Ok(Millis::from_hours(1));
    assert_eq!(source.get(false, NOW, hour()).await, Ok(1));
    assert_eq!(source.get(true, NOW + Millis::from_secs(59), hour()).await, Ok(1));
    assert_eq!(source.get(true, NOW + Millis::from_secs(60), hour()).await, Ok(2));
    assert_eq!(source.get(true, NOW + Millis::from_secs(61), hour()).await, Ok(2));
    // Nor does a service that fails make it more often.
    assert_eq!(source.get(true, NOW + Millis::from_secs(120), Err(unreachable())).await, Ok(2));
    assert_eq!(source.get(true, NOW + Millis::from_secs(170), hour()).await, Ok(2));
    assert_eq!(source.asked.load(Ordering::SeqCst), 3);
    assert_eq!(source.get(true, NOW + Millis::from_secs(180), hour()).await, Ok(4));
}

#[tokio::test]
async fn what_was_said_counts_for_a_day_when_nobody_answers() {
    let source = Source::new();
    assert_eq!(source.get(false, NOW, Ok(Millis::from_mins(5))).await, Ok(1));
    assert_eq!(source.get(false, NOW + Millis::from_hours(23), Err(unreachable())).await, Ok(1));
    assert_eq!(source.get(false, NOW + Millis::from_hours(24), Err(unreachable())).await, Err(unreachable()));
    // What is there and wrong takes its place at once.
    let source = Source::new();
    assert_eq!(source.get(false, NOW, Ok(Millis::from_mins(5))).await, Ok(1));
    let wrong = || ProviderError::Setting("wrong".to_owned());
    assert_eq!(source.get(false, NOW + Millis::from_mins(6), Err(wrong())).await, Err(wrong()));
    assert_eq!(source.get(false, NOW + Millis::from_mins(6), Err(unreachable())).await, Err(wrong()));
}

#[tokio::test]
async fn a_service_that_does_not_answer_is_left_alone_for_a_moment() {
    let source = Source::new();
    assert_eq!(source.get(false, NOW, Err(unreachable())).await, Err(unreachable()));
    assert_eq!(source.get(false, NOW + Millis(4_999), Ok(Millis::from_hours(1))).await, Err(unreachable()));
    assert_eq!(source.asked.load(Ordering::SeqCst), 1);
    assert_eq!(source.get(false, NOW + Millis(5_000), Ok(Millis::from_hours(1))).await, Ok(2));
}

#[tokio::test]
async fn fifty_people_at_once_ask_once() {
    let source = Arc::new(Source::new());
    let mut all = tokio::task::JoinSet::new();
    for number in 0..50 {
        let source = source.clone();
        all.spawn(async move { source.get(false, NOW + Millis(number), Ok(Millis::from_hours(1))).await });
    }
    assert!(all.join_all().await.into_iter().all(|value| value == Ok(1)));
    // Somebody who goes away in the middle leaves no mark.
    let source = Source::new();
    let never = source.cache.get("a", false, NOW, std::future::pending());
    assert!(tokio::time::timeout(Duration::from_millis(1), never).await.is_err());
    assert_eq!(source.get(false, NOW, Ok(Millis::from_hours(1))).await, Ok(1));
}

#[tokio::test]
async fn no_more_is_kept_than_fits() {
    let cache = Cache::default();
    for number in 0..=MOST {
        let fetch = async { Ok((number, Millis::from_hours(1))) };
        assert_eq!(*cache.get(&number.to_string(), false, NOW + Millis(number as i64), fetch).await.unwrap(), number);
    }
    assert_eq!(cache.entries.lock().unwrap().len(), MOST);
    assert!(!cache.entries.lock().unwrap().contains_key("0"));
}

#[test]
fn a_service_says_how_long_to_keep() {
    for (said, length) in [
        ("max-age=600", Millis::from_mins(10)),
        ("public, max-age=19800, must-revalidate", Millis::from_secs(19_800)),
        ("Max-Age=\"600\"", Millis::from_mins(10)),
        ("max-age=1", KEPT.0),
        ("max-age=99999999", KEPT.1),
        ("max-age=600, no-store", KEPT.0),
        ("no-cache", KEPT.0),
        ("max-age=soon", USUALLY_KEPT),
        ("public", USUALLY_KEPT),
    ] {
        let headers = HeaderMap::from_iter([(header::CACHE_CONTROL, header::HeaderValue::from_static(said))]);
        assert_eq!(fresh_for(&headers), length, "{said}");
    }
    assert_eq!(fresh_for(&HeaderMap::new()), USUALLY_KEPT);
}

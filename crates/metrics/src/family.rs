//! One figure with all its rows. Counting costs a hash and a few atomics once a row is there.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

/// What stands in every label of the row that takes what does not fit.
pub(crate) const OTHER: &str = "other";

/// How a figure behaves, in the words of Prometheus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It only grows.
    Counter,
    /// It is what it was last set to.
    Gauge,
    /// How often something was at most as large as each of these bounds; a bound is in millionths of the figure's unit.
    Histogram(&'static [u64]),
}

/// A figure, and its rows: one for each set of labels that was ever counted.
pub struct Family {
    pub(crate) name: &'static str,
    pub(crate) help: &'static str,
    pub(crate) kind: Kind,
    pub(crate) labels: &'static [&'static str],
    /// How many rows it may have, beside the one that takes the rest.
    most: usize,
    rows: RwLock<Rows>,
}

/// By the hash of their labels.
type Rows = BTreeMap<u64, Vec<Arc<Row>>>;

/// One row.
pub(crate) struct Row {
    pub(crate) labels: Box<[String]>,
    /// A counter's count; a gauge's value as the bits of an `f64`; how often a histogram was counted on.
    pub(crate) value: AtomicU64,
    /// A histogram's: how many fell between a bound and the one before it.
    pub(crate) buckets: Box<[AtomicU64]>,
    /// A histogram's: all of it, in millionths.
    pub(crate) sum: AtomicU64,
}

impl Family {
    pub(crate) const fn new(name: &'static str, kind: Kind, labels: &'static [&'static str], most: usize, help: &'static str) -> Self {
        Family { name, help, kind, labels, most, rows: RwLock::new(BTreeMap::new()) }
    }

    /// Its name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// How it behaves.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The names of its labels.
    pub fn labels(&self) -> &'static [&'static str] {
        self.labels
    }

    /// Counts `count` more on the row with these labels, in the order of their names.
    pub fn add(&self, labels: &[&str], count: u64) {
        self.row(labels).value.fetch_add(count, Ordering::Relaxed);
    }

    /// Says what a gauge is now.
    pub fn set(&self, labels: &[&str], value: f64) {
        self.row(labels).value.store(value.to_bits(), Ordering::Relaxed);
    }

    /// Counts one that was this large, in millionths of the figure's unit.
    pub fn observe(&self, labels: &[&str], millionths: u64) {
        let Kind::Histogram(bounds) = self.kind else { return };
        let row = self.row(labels);
        // Those beyond the last bound are in the count alone.
        if let Some(bucket) = row.buckets.get(bounds.partition_point(|bound| *bound < millionths)) {
            bucket.fetch_add(1, Ordering::Relaxed);
        }
        row.sum.fetch_add(millionths, Ordering::Relaxed);
        row.value.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts one that took this long.
    pub fn took(&self, labels: &[&str], time: Duration) {
        self.observe(labels, u64::try_from(time.as_micros()).unwrap_or(u64::MAX));
    }

    /// The count, or how often a histogram was counted on; 0 where nothing was.
    pub fn count(&self, labels: &[&str]) -> u64 {
        let rows = self.rows.read().unwrap_or_else(PoisonError::into_inner);
        found(&rows, hash(labels), labels).map_or(0, |row| row.value.load(Ordering::Relaxed))
    }

    /// Forgets all rows: for gauges of things that go away.
    pub fn clear(&self) {
        self.rows.write().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// All rows, by their labels.
    pub(crate) fn rows(&self) -> Vec<Arc<Row>> {
        if self.labels.is_empty() && self.kind != Kind::Gauge {
            // Nothing was counted yet is an answer too.
            self.row(&[]);
        }
        let rows = self.rows.read().unwrap_or_else(PoisonError::into_inner);
        let mut all: Vec<Arc<Row>> = rows.values().flatten().cloned().collect();
        all.sort_by(|a, b| a.labels.cmp(&b.labels));
        all
    }

    fn row(&self, labels: &[&str]) -> Arc<Row> {
        let hash = hash(labels);
        if let Some(row) = found(&self.rows.read().unwrap_or_else(PoisonError::into_inner), hash, labels) {
            return row.clone();
        }
        self.make(hash, labels)
    }

    #[cold]
    fn make(&self, hash: u64, labels: &[&str]) -> Arc<Row> {
        let mut rows = self.rows.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(row) = found(&rows, hash, labels) {
            return row.clone();
        }
        if rows.values().map(Vec::len).sum::<usize>() >= self.most {
            let rest = vec![OTHER; labels.len()];
            let hash = self::hash(&rest);
            if let Some(row) = found(&rows, hash, &rest) {
                return row.clone();
            }
            return self.put(&mut rows, hash, &rest);
        }
        self.put(&mut rows, hash, labels)
    }

    fn put(&self, rows: &mut Rows, hash: u64, labels: &[&str]) -> Arc<Row> {
        debug_assert_eq!(labels.len(), self.labels.len(), "{}", self.name);
        let bounds = if let Kind::Histogram(bounds) = self.kind { bounds } else { &[] };
        let row = Arc::new(Row {
            labels: labels.iter().map(|label| (*label).to_owned()).collect(),
            value: AtomicU64::new(0),
            buckets: bounds.iter().map(|_| AtomicU64::new(0)).collect(),
            sum: AtomicU64::new(0),
        });
        rows.entry(hash).or_default().push(row.clone());
        row
    }
}

fn hash(labels: &[&str]) -> u64 {
    let mut hasher = DefaultHasher::new();
    labels.hash(&mut hasher);
    hasher.finish()
}

fn found<'a>(rows: &'a Rows, hash: u64, labels: &[&str]) -> Option<&'a Arc<Row>> {
    rows.get(&hash)?.iter().find(|row| row.labels.iter().map(String::as_str).eq(labels.iter().copied()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_bounded() {
        static FAMILY: Family = Family::new("a_total", Kind::Counter, &["who", "what"], 2, "a");
        for who in ["x", "y", "z", "x", "w"] {
            FAMILY.add(&[who, "1"], 1);
        }
        let rows = FAMILY.rows();
        let shown: Vec<_> = rows.iter().map(|row| (row.labels.join(" "), row.value.load(Ordering::Relaxed))).collect();
        assert_eq!(shown, [("other other".to_owned(), 2), ("x 1".to_owned(), 2), ("y 1".to_owned(), 1)]);
        assert_eq!((FAMILY.count(&["x", "1"]), FAMILY.count(&["z", "1"]), FAMILY.count(&["other", "other"])), (2, 0, 2));
    }

    #[test]
    fn a_histogram_counts_what_is_at_most_a_bound() {
        static FAMILY: Family = Family::new("a_seconds", Kind::Histogram(&[10, 100]), &[], 1, "a");
        for size in [0, 10, 11, 100, 101, 5000] {
            FAMILY.observe(&[], size);
        }
        let rows = FAMILY.rows();
        let buckets: Vec<u64> = rows[0].buckets.iter().map(|bucket| bucket.load(Ordering::Relaxed)).collect();
        assert_eq!((buckets, FAMILY.count(&[]), rows[0].sum.load(Ordering::Relaxed)), (vec![2, 2], 6, 5222));
    }

    #[test]
    fn nothing_is_lost_when_many_count_at_once() {
        static FAMILY: Family = Family::new("a_total", Kind::Counter, &["who"], 3, "a");
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for i in 0..10_000 {
                        FAMILY.add(&[["a", "b", "c", "d"][i % 4]], 1);
                    }
                });
            }
        });
        let all: u64 = FAMILY.rows().iter().map(|row| row.value.load(Ordering::Relaxed)).sum();
        assert_eq!((all, FAMILY.rows().len()), (80_000, 4));
    }
}

//! The figures as text, in Prometheus' form (exposition format 0.0.4).

use crate::family::{Family, Kind, Row};
use crate::list::ALL;
use std::fmt::Write;
use std::sync::atomic::Ordering;

/// The form's name in `Content-Type`.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// All figures as they are now.
pub fn text() -> String {
    let mut out = String::with_capacity(32 * 1024);
    for family in ALL {
        write(&mut out, family);
    }
    out
}

fn write(out: &mut String, family: &Family) {
    let name = family.name;
    let kind = match family.kind {
        Kind::Counter => "counter",
        Kind::Gauge => "gauge",
        Kind::Histogram(_) => "histogram",
    };
    let _ = writeln!(out, "# HELP {name} {}\n# TYPE {name} {kind}", family.help);
    for row in family.rows() {
        let value = row.value.load(Ordering::Relaxed);
        let labels = labels(family, &row, None);
        let _ = match family.kind {
            Kind::Counter => writeln!(out, "{name}{labels} {value}"),
            Kind::Gauge => writeln!(out, "{name}{labels} {}", f64::from_bits(value)),
            Kind::Histogram(bounds) => {
                let mut so_far = 0;
                for (bound, bucket) in bounds.iter().zip(&row.buckets) {
                    so_far += bucket.load(Ordering::Relaxed);
                    let labels = self::labels(family, &row, Some(&unit(*bound).to_string()));
                    let _ = writeln!(out, "{name}_bucket{labels} {so_far}");
                }
                // Somebody may be counted just now: the last bucket is never less than the one before it.
                let value = value.max(so_far);
                let all = self::labels(family, &row, Some("+Inf"));
                let sum = unit(row.sum.load(Ordering::Relaxed));
                writeln!(out, "{name}_bucket{all} {value}\n{name}_sum{labels} {sum}\n{name}_count{labels} {value}")
            }
        };
    }
}

/// From millionths.
fn unit(millionths: u64) -> f64 {
    millionths as f64 / 1e6
}

fn labels(family: &Family, row: &Row, bound: Option<&str>) -> String {
    let mut out = String::new();
    let own = family.labels.iter().copied().zip(row.labels.iter().map(String::as_str));
    for (name, value) in own.chain(bound.map(|bound| ("le", bound))) {
        out.push(if out.is_empty() { '{' } else { ',' });
        let value = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        let _ = write!(out, "{name}=\"{value}\"");
    }
    if !out.is_empty() {
        out.push('}');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(family: &Family) -> String {
        let mut out = String::new();
        write(&mut out, family);
        out
    }

    #[test]
    fn each_kind_is_written_as_prometheus_reads_it() {
        static COUNTER: Family = Family::new("a_total", Kind::Counter, &["way"], 9, "How many.");
        COUNTER.add(&["by \"mail\"\\\n"], 3);
        assert_eq!(written(&COUNTER), "# HELP a_total How many.\n# TYPE a_total counter\na_total{way=\"by \\\"mail\\\"\\\\\\n\"} 3\n");
        static GAUGE: Family = Family::new("b", Kind::Gauge, &[], 1, "Now.");
        assert_eq!(written(&GAUGE), "# HELP b Now.\n# TYPE b gauge\n");
        GAUGE.set(&[], 1.5);
        assert_eq!(written(&GAUGE), "# HELP b Now.\n# TYPE b gauge\nb 1.5\n");
        static HISTOGRAM: Family = Family::new("c_seconds", Kind::Histogram(&[1000, 2_500_000]), &["way"], 9, "How long.");
        HISTOGRAM.observe(&["x"], 1000);
        HISTOGRAM.observe(&["x"], 2_000_000);
        HISTOGRAM.observe(&["x"], 9_000_000);
        let lines = [
            "# HELP c_seconds How long.",
            "# TYPE c_seconds histogram",
            "c_seconds_bucket{way=\"x\",le=\"0.001\"} 1",
            "c_seconds_bucket{way=\"x\",le=\"2.5\"} 2",
            "c_seconds_bucket{way=\"x\",le=\"+Inf\"} 3",
            "c_seconds_sum{way=\"x\"} 11.001",
            "c_seconds_count{way=\"x\"} 3",
        ];
        assert_eq!(written(&HISTOGRAM), lines.join("\n") + "\n");
    }

    #[test]
    fn what_has_no_labels_is_there_before_anything_happened() {
        static COUNTER: Family = Family::new("d_total", Kind::Counter, &[], 1, "How many.");
        assert!(written(&COUNTER).ends_with("\nd_total 0\n"));
    }
}

//! Settings for whoever watches the server: who reads its figures, and how it goes away.

use super::{Environment, Mode, is_long_key};
use crate::config::ConfigFile;
use postkey_model::{Millis, Secret};
use std::time::Duration;

/// How long `serve` goes on after it was asked to stop when nobody says otherwise: two looks of a usual proxy.
const GRACE: Duration = Duration::from_secs(5);

/// The key of `/metrics`.
pub fn metrics_key(file: &ConfigFile, environment: &Environment, wrong: &mut Vec<String>) -> Option<Secret<String>> {
    let (place, key) = match (&environment.metrics_key, &file.config.metrics_key) {
        (Some(key), _) => ("POSTKEY_METRICS_KEY".to_owned(), key),
        (None, Some(key)) => (file.place("", "metrics_key"), key),
        (None, None) => return None,
    };
    if !is_long_key(key) {
        wrong.push(format!("{place}: has at least 20 letters, digits and signs (make one with: openssl rand -hex 20)"));
    } else if file.config.api_keys.contains(key) {
        wrong.push(format!("{place}: is one of api_keys too: whoever reads figures must not be able to do more. Make another one"));
    }
    Some(Secret::new(key.clone()))
}

/// How long requests are still taken after the signal to stop.
pub fn shutdown_grace(mode: Mode, file: &ConfigFile, wrong: &mut Vec<String>) -> Duration {
    let Some(set) = file.config.shutdown_grace else {
        return if mode == Mode::Serve { GRACE } else { Duration::ZERO };
    };
    if set.0 > Millis::from_mins(5) {
        wrong.push(format!("{}: must be at most 5m", file.place("", "shutdown_grace")));
    }
    Duration::from_millis(set.0.0.unsigned_abs())
}

/// Whether traces can be sent where they are to go.
pub fn check_telemetry(file: &ConfigFile, wrong: &mut Vec<String>) {
    let telemetry = &file.config.telemetry;
    if !(0.0..=1.0).contains(&telemetry.share) {
        wrong.push(format!("{}: must be 0.0 to 1.0", file.place("telemetry", "share")));
    }
    let Some(endpoint) = &telemetry.otlp_endpoint else { return };
    let place = file.place("telemetry", "otlp_endpoint");
    if !cfg!(feature = "otel") {
        wrong.push(format!("{place}: this Postkey was built without OpenTelemetry: build it with --features otel, or take the line out"));
    } else if let Err(why) = postkey_model::service_url(endpoint) {
        wrong.push(format!("{place}: {why}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> ConfigFile {
        ConfigFile::parse("p.toml", text.to_owned()).unwrap()
    }

    fn key(text: &str, variable: Option<&str>) -> Result<Option<String>, Vec<String>> {
        let environment = Environment { metrics_key: variable.map(str::to_owned), ..Environment::default() };
        let mut wrong = Vec::new();
        let key = metrics_key(&file(text), &environment, &mut wrong);
        if wrong.is_empty() { Ok(key.map(|key| key.expose().clone())) } else { Err(wrong) }
    }

    #[test]
    fn the_key_of_figures_is_long_and_its_own() {
        assert_eq!(key("", None), Ok(None));
        assert_eq!(key("metrics_key = \"0123456789abcdefghij\"\n", None), Ok(Some("0123456789abcdefghij".to_owned())));
        let from_environment = key("metrics_key = \"0123456789abcdefghij\"\n", Some("ABCDEFGHIJ0123456789"));
        assert_eq!(from_environment, Ok(Some("ABCDEFGHIJ0123456789".to_owned())));
        let mend = "has at least 20 letters, digits and signs (make one with: openssl rand -hex 20)";
        assert_eq!(key("metrics_key = \"0123456789 abcdefghij\"\n", None), Err(vec![format!("p.toml line 1: metrics_key: {mend}")]));
        assert_eq!(key("", Some("short")), Err(vec![format!("POSTKEY_METRICS_KEY: {mend}")]));
        let same = key("api_keys = [\"0123456789abcdefghij\"]\nmetrics_key = \"0123456789abcdefghij\"\n", None).unwrap_err();
        assert!(same[0].starts_with("p.toml line 2: metrics_key: is one of api_keys too"), "{same:?}");
    }

    #[test]
    fn a_server_goes_on_for_a_while_and_a_trial_does_not() {
        let grace = |mode, text: &str| {
            let mut wrong = Vec::new();
            (shutdown_grace(mode, &file(text), &mut wrong), wrong)
        };
        assert_eq!(grace(Mode::Serve, ""), (Duration::from_secs(5), vec![]));
        assert_eq!(grace(Mode::Dev { exposed: false }, ""), (Duration::ZERO, vec![]));
        assert_eq!(grace(Mode::Dev { exposed: false }, "shutdown_grace = \"1500ms\"\n"), (Duration::from_millis(1500), vec![]));
        assert_eq!(grace(Mode::Serve, "shutdown_grace = \"0s\"\n"), (Duration::ZERO, vec![]));
        assert_eq!(grace(Mode::Serve, "shutdown_grace = \"6m\"\n").1, ["p.toml line 1: shutdown_grace: must be at most 5m"]);
    }

    #[test]
    fn traces_go_where_they_can_be_sent() {
        let wrong = |text: &str| {
            let mut wrong = Vec::new();
            check_telemetry(&file(text), &mut wrong);
            wrong
        };
        assert!(wrong("[telemetry]\nshare = 0.25\n").is_empty());
        for share in ["-0.1", "1.5", "nan"] {
            assert_eq!(wrong(&format!("[telemetry]\nshare = {share}\n")), ["p.toml line 2: share: must be 0.0 to 1.0"], "{share}");
        }
        let local = wrong("[telemetry]\notlp_endpoint = \"http://127.0.0.1:4318\"\n");
        let open = wrong("[telemetry]\notlp_endpoint = \"http://collector.example:4318\"\n");
        if cfg!(feature = "otel") {
            assert!(local.is_empty(), "{local:?}");
            assert!(open[0].starts_with("p.toml line 2: otlp_endpoint: "), "{open:?}");
        } else {
            let mend = "this Postkey was built without OpenTelemetry: build it with --features otel, or take the line out";
            assert_eq!(local, [format!("p.toml line 2: otlp_endpoint: {mend}")]);
        }
    }
}

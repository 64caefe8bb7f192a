//! What watches the server asks: health, readiness, figures.

use crate::house::{Dev, FORM, House, LOCAL, Plan};
use postkey_metrics::{ALL, Kind};
use postkey_model::Millis;

const KEY: &str = "a-key-for-figures-alone";

/// The table of `docs/metrics.md`: name, kind, labels.
fn documented() -> Vec<(String, String, Vec<String>)> {
    let page = include_str!("../../../../docs/metrics.md");
    let table = page.split("| name | kind | labels |").nth(1).unwrap().split("\n\n").next().unwrap();
    let quoted = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
    let row = |line: &str| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        (quoted(cells[1])[0].clone(), cells[2].to_owned(), quoted(cells[3]))
    };
    table.lines().skip(2).map(row).collect()
}

/// The name of a line's figure, and the labels on it without that of buckets.
fn line(line: &str) -> (&str, Vec<&str>) {
    let (series, _) = line.rsplit_once(' ').unwrap();
    let (name, labels) = series.split_once('{').unwrap_or((series, ""));
    // What stands between quotes is no name.
    let labels = labels.split('"').step_by(2).filter_map(|part| part.trim_start_matches(',').strip_suffix('='));
    (name, labels.filter(|label| *label != "le").collect())
}

async fn scraped(house: &House) -> String {
    let answer = house.back_end("GET", "/metrics").header("authorization", &format!("Bearer {KEY}")).send().await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    answer.body
}

async fn watched() -> House {
    House::new(Plan { metrics_key: Some(KEY), api_keys: vec!["a-key-for-back-ends"], ..Plan::default() }).await
}

/// Somebody mistypes a code and then logs in with it.
async fn logs_in(house: &House) -> String {
    let browser = house.browser();
    let code = browser.start("someone@example.com").await.code().to_owned();
    for typed in [if code == "111111" { "222222" } else { "111111" }, &code] {
        browser.post("/auth/_/code", &[("code", typed)]).await;
    }
    code
}

#[tokio::test]
async fn the_page_of_figures_is_what_is_written_about_it() {
    let house = watched().await;
    // One of everything that a login counts.
    logs_in(&house).await;
    let text = scraped(&house).await;

    let documented = documented();
    let kind = |kind: Kind| match kind {
        Kind::Counter => "counter",
        Kind::Gauge => "gauge",
        Kind::Histogram(_) => "histogram",
    };
    let listed = ALL.iter().map(|family| {
        (family.name().to_owned(), kind(family.kind()).to_owned(), family.labels().iter().map(|label| (*label).to_owned()).collect())
    });
    assert_eq!(documented, listed.collect::<Vec<_>>(), "docs/metrics.md and the list of figures");
    let refusals = include_str!("../../../../docs/metrics.md").lines().find(|line| line.contains("`postkey_refusals_total`")).unwrap();
    for limit in postkey_model::Limit::ALL {
        assert!(refusals.contains(&format!("`{}`", limit.as_str())), "docs/metrics.md: {}", limit.as_str());
    }
    for (name, kind, _) in &documented {
        assert!(text.contains(&format!("# TYPE {name} {kind}\n")), "{name}");
    }
    let mut lines = 0;
    for said in text.lines().filter(|line| !line.starts_with('#')) {
        let (name, labels) = line(said);
        let of = |suffix: &str| name.strip_suffix(suffix).unwrap_or(name);
        let known = documented.iter().find(|(known, kind, _)| {
            known == name || kind == "histogram" && [of("_bucket"), of("_sum"), of("_count")].contains(&known.as_str())
        });
        assert_eq!(labels, known.unwrap_or_else(|| panic!("{name} is not documented")).2, "{said}");
        lines += 1;
    }
    assert!(lines > 60, "{text}");
}

#[tokio::test]
async fn a_login_is_counted_and_nothing_personal_is_said() {
    let house = watched().await;
    let code = logs_in(&house).await;
    house.clock.forward(Millis::from_secs(7));
    let text = scraped(&house).await;
    for (figure, least) in [
        ("postkey_sign_ins_started_total{connection=\"email\"}", 1),
        ("postkey_sign_ins_finished_total{connection=\"email\",outcome=\"completed\"}", 1),
        ("postkey_guesses_total{result=\"wrong\"}", 1),
        ("postkey_guesses_total{result=\"right\"}", 1),
        ("postkey_sessions_created_total", 1),
        ("postkey_messages_queued_total{channel=\"email\"}", 1),
        ("postkey_outbox_messages", 1),
        ("postkey_outbox_oldest_seconds", 7),
        ("postkey_commits_total{outcome=\"written\"}", 3),
        ("postkey_commit_seconds_count", 3),
        ("postkey_commit_group_size_count", 3),
        ("postkey_http_requests_total{method=\"POST\",route=\"/auth/_/code\",status=\"3xx\"}", 1),
        ("postkey_http_request_seconds_count{route=\"/auth/_/code\"}", 2),
        ("postkey_events_total{kind=\"signing_key_created\"}", 2),
        ("postkey_signing_key_age_seconds{set=\"session\"}", 7),
        ("postkey_signing_key_age_seconds{set=\"login\"}", 7),
        ("postkey_database_counted", 1),
        ("postkey_ready{check=\"database\"}", 1),
        ("postkey_ready{check=\"stopping\"}", 1),
    ] {
        let value = text.lines().find_map(|line| line.strip_prefix(figure)?.strip_prefix(' ')?.parse::<f64>().ok());
        // All tests of a process count together.
        assert!(value.is_some_and(|value| value >= f64::from(least)), "{figure}: {value:?}\n{text}");
    }
    // Without the values, whose digits may look like any code.
    let said: String = text.lines().map(|line| line.rsplit_once(' ').unwrap().0).collect();
    assert!(!said.contains("someone") && !said.contains(&code) && !said.contains("127.0.0.1"), "{text}");
}

#[tokio::test]
async fn refusals_are_counted_by_the_limit_that_was_reached() {
    let change = |tenant: &mut postkey_model::Tenant| tenant.sign_in.sends.per_contact = 1;
    let house = House::new(Plan { metrics_key: Some(KEY), change, ..Plan::default() }).await;
    let browser = house.browser();
    let code = browser.start("someone@example.com").await.code().to_owned();
    browser.post("/auth/_/resend", &[]).await;
    house.browser().post("/auth/_/start", &[("email", "someone@example.com")]).await;
    for _ in 0..5 {
        browser.post("/auth/_/code", &[("code", if code == "111111" { "222222" } else { "111111" })]).await;
    }
    let text = scraped(&house).await;
    for figure in [
        "postkey_refusals_total{limit=\"resend_gap\"} ",
        "postkey_refusals_total{limit=\"sends_contact\"} ",
        "postkey_sign_ins_finished_total{connection=\"email\",outcome=\"out_of_tries\"} ",
    ] {
        assert!(text.contains(figure), "{figure}\n{text}");
    }
}

#[tokio::test]
async fn routes_are_patterns_and_bounded() {
    let house = watched().await;
    for path in ["/nowhere/secret-1", "/auth/verify?preAuthSessionId=secret-2", "/auth/_/assets/secret-3", "/v1/users/secret-4"] {
        house.get(path).send().await;
        house.ask("SECRET-5", path).send().await;
        house.ask("DELETE", path).send().await;
    }
    house.back_end("GET", "/secret-6/recipe/session").header("api-key", "a-key-for-back-ends").send().await;
    // What SuperTokens' core interface refuses is counted where it belongs, too.
    house.back_end("GET", "/appid-secret-7/recipe/session").send().await;
    let text = scraped(&house).await;
    assert!(text.contains("{method=\"GET\",route=\"/recipe/session\",status=\"4xx\"}"), "{text}");
    assert!(!text.contains("secret-") && !text.contains("SECRET"), "{text}");
    assert!(text.contains("{method=\"other\",route=\"unmatched\",status=\"4xx\"}"), "{text}");
    assert!(!text.contains("{method=\"DELETE\",route=\"/auth/verify\""), "{text}");
    assert!(text.contains("{method=\"GET\",route=\"/auth/verify\",status=\""), "{text}");
}

#[tokio::test]
async fn the_figures_have_a_key_of_their_own() {
    let house = watched().await;
    let shown = async |name: &str, value: &str| house.back_end("GET", "/metrics").header(name, value).send().await;
    for (name, value) in [
        ("authorization", "Bearer a-key-for-back-ends"),
        ("authorization", KEY),
        ("authorization", "Bearer "),
        ("authorization", "Basic a-key-for-figures-alone"),
        ("api-key", KEY),
        ("x-nothing", ""),
    ] {
        let answer = shown(name, value).await;
        assert_eq!((answer.status, answer.header("www-authenticate")), (401, "Bearer"), "{name}: {value}");
        assert!(answer.body.contains("metrics_key") && !answer.body.contains("postkey_"), "{}", answer.body);
    }
    assert_eq!(shown("authorization", &format!("bearer {KEY}")).await.status, 200);
    // It opens nothing else.
    let other = house.back_end("GET", "/users/count").header("authorization", &format!("Bearer {KEY}")).send().await;
    assert_eq!(other.status, 401);
    assert_eq!(house.get("/metrics").send().await.status, 404, "on the public listener");

    let unset = House::plain().await.back_end("GET", "/metrics").send().await;
    assert_eq!((unset.status, unset.body.as_str()), (401, r#"{"message":"set metrics_key in the config to read the figures"}"#));
    let dev = House::new(Plan { origin: LOCAL, dev: Dev::Inbox, ..Plan::default() }).await;
    assert_eq!(dev.back_end("GET", "/metrics").send().await.status, 200);
    let keyed = House::new(Plan { origin: LOCAL, dev: Dev::Inbox, metrics_key: Some(KEY), ..Plan::default() }).await;
    assert_eq!(keyed.back_end("GET", "/metrics").send().await.status, 401);
}

#[tokio::test]
async fn whoever_leaves_is_not_ready_and_serves_on() {
    let house = watched().await;
    assert_eq!(house.get("/ready").send().await.body, r#"{"status":"ready"}"#);
    assert_eq!(house.get("/auth").send().await.header("connection"), "");
    house.doors.leave();
    for answer in [house.get("/ready").send().await, house.back_end("GET", "/ready").send().await] {
        assert_eq!((answer.status, answer.body.as_str()), (503, r#"{"status":"not ready","failed":["stopping"]}"#));
        assert_eq!(answer.header("connection"), "close");
    }
    assert_eq!(house.get("/health").send().await.status, 200);
    let page = house.get("/auth").send().await;
    assert_eq!((page.status, page.header("connection")), (200, "close"));
    let form = house.ask("POST", "/auth/_/start").header("content-type", FORM).send().await;
    assert_ne!(form.status, 503);
    assert!(scraped(&house).await.contains("postkey_ready{check=\"stopping\"} 0"));
}

#[tokio::test]
async fn only_a_trusted_proxy_names_a_request() {
    let named =
        async |house: &House, id: &str| house.get("/health").header("x-request-id", id).send().await.header("x-request-id").to_owned();
    // Requests of these tests come from 0.0.0.0.
    let trusting = House::new(Plan { trusted_proxies: vec!["0.0.0.0"], ..Plan::default() }).await;
    assert_eq!(named(&trusting, "edge7f2aproxy042").await, "edge7f2aproxy042");
    for bad in ["", "a b", "someone@example.com", &"x".repeat(65)] {
        let own = named(&trusting, bad).await;
        assert!(own.len() == 16 && own != bad, "{bad}: {own}");
    }
    let other = House::new(Plan { trusted_proxies: vec!["10.0.0.0/8"], ..Plan::default() }).await;
    assert_ne!(named(&other, "edge7f2aproxy042").await, "edge7f2aproxy042");
}

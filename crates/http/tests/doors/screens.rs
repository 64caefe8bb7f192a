//! Every screen in every state and language is a whole page; looking at any page changes nothing.

use crate::house::{Dev, House, LOCAL, NINE, Plan, templates};
use crate::routes::{DEV, PUBLIC};
use crate::visitor::{Browser, plain};
use postkey_http::{View, samples};
use postkey_model::{Brand, TenantId};
use postkey_words::context;

/// Elements without an end.
const VOID: [&str; 8] = ["meta", "link", "input", "br", "hr", "img", "!doctype", "wbr"];
/// Elements whose end HTML lets one leave out.
const OPEN_ENDED: [&str; 1] = ["option"];

/// What is wrong with a page's tags; an empty list when nothing is.
fn wrong_with(html: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut open: Vec<&str> = Vec::new();
    let mut ids: Vec<&str> = Vec::new();
    for piece in html.split('<').skip(1) {
        let Some((tag, _)) = piece.split_once('>') else {
            wrong.push(format!("a tag without an end: {piece}"));
            continue;
        };
        if tag.starts_with("!--") {
            continue;
        }
        let name = tag.trim_start_matches('/').split([' ', '\n', '/']).next().unwrap_or_default();
        if let Some(name) = tag.strip_prefix('/') {
            while open.last().is_some_and(|top| OPEN_ENDED.contains(top) && *top != name) {
                open.pop();
            }
            if open.pop() != Some(name) {
                wrong.push(format!("</{name}> closes nothing"));
            }
            continue;
        }
        if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'!') {
            wrong.push(format!("an odd tag: <{tag}>"));
        }
        for attribute in tag.split([' ', '\n']).skip(1) {
            if attribute.starts_with("on") && attribute.contains('=') || attribute.starts_with("style=") {
                wrong.push(format!("inline: <{tag}>"));
            }
            if let Some(id) = attribute.strip_prefix("id=\"") {
                let id = id.trim_end_matches('"');
                if ids.contains(&id) {
                    wrong.push(format!("two elements are called {id}"));
                }
                ids.push(id);
            }
        }
        if tag.matches('"').count() % 2 == 1 {
            wrong.push(format!("an open quote: <{tag}>"));
        }
        if OPEN_ENDED.contains(&name) && open.last() == Some(&name) {
            open.pop();
        }
        if !VOID.contains(&name.to_ascii_lowercase().as_str()) {
            open.push(name);
        }
    }
    wrong.extend(open.iter().map(|name| format!("<{name}> stays open")));
    for (what, count) in [("<h1", 1), ("<title>", 1), ("<main", 1), ("</html>", 1)] {
        if html.matches(what).count() != count {
            wrong.push(format!("{} {what}", html.matches(what).count()));
        }
    }
    let between = |from: &str, to: &str| html.split(from).nth(1).and_then(|rest| rest.split(to).next()).map(plain).unwrap_or_default();
    let title = between("<title>", "</title>");
    if title.split('·').next().unwrap_or_default().trim().len() < 2 || title.contains('{') {
        wrong.push(format!("a poor title: {title:?}"));
    }
    for script in html.split("<script").skip(1) {
        if !script.starts_with(" src=\"") || !script.contains("></script>") {
            wrong.push("an inline script".to_owned());
        }
    }
    for never in ["<style", "javascript:", "{{", "{%", "http-equiv", " target=", ">None<", "=\"None\""] {
        if html.contains(never) {
            wrong.push(format!("holds {never}"));
        }
    }
    for label in html.split(" for=\"").skip(1).map(|rest| rest.split('"').next().unwrap_or_default()) {
        if !ids.contains(&label) {
            wrong.push(format!("a label for {label}, which is not there"));
        }
    }
    let described = html.split(" aria-describedby=\"").skip(1).map(|rest| rest.split('"').next().unwrap_or_default());
    for described in described.flat_map(str::split_whitespace) {
        if !ids.contains(&described) {
            wrong.push(format!("described by {described}, which is not there"));
        }
    }
    wrong
}

#[test]
fn pages_that_are_wrong_are_found_out() {
    let page = |inner: &str| {
        format!("<!doctype html>\n<html><head><title>Some page · X</title></head><body><main><h1>x</h1>{inner}</main></body></html>")
    };
    assert_eq!(wrong_with(&page("<p id=\"a\">x<br></p><select><option>a<option>b</select>")), Vec::<String>::new());
    for inner in [
        "<p>",
        "</p>",
        "<p></div>",
        "<h1>y</h1>",
        "<p style=\"color: red\">x</p>",
        "<p onclick=\"x()\">x</p>",
        "<script>x()</script>",
        "<style>p {}</style>",
        "<p id=\"a\"></p><p id=\"a\"></p>",
        "<label for=\"b\">x</label>",
        "<a href=\"x>y</a>",
        "<p>{{ x }}</p>",
    ] {
        assert!(!wrong_with(&page(inner)).is_empty(), "{inner}");
    }
}

#[test]
fn every_sample_is_a_whole_page_in_every_language() {
    let templates = templates();
    let public = TenantId::public();
    let brand = Brand::default();
    let view = View::new(templates.clone(), std::iter::once((&public, &brand)), None);
    let mut found = Vec::new();
    let mut titles = std::collections::BTreeMap::new();
    for language in templates.words().languages().all() {
        let all = samples::all(&templates, *language);
        assert!(all.len() > 50, "{}", all.len());
        let mut names: Vec<&str> = all.iter().map(|sample| sample.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all.len(), "each has a name of its own");
        for sample in all {
            let frame = context! { app_name => "Example <&>", form_token => "token", here => "/auth" };
            let html = sample.render(&view, *language, &public, frame).unwrap();
            found.extend(wrong_with(&html).into_iter().map(|wrong| format!("{} {}: {wrong}", language.code(), sample.name)));
            assert!(html.contains(&format!("<html lang=\"{}\" dir=\"{}\">", language.code(), language.dir())), "{}", sample.name);
            assert!(!html.contains("<&>"), "{}: not escaped", sample.name);
            let title = plain(html.split("<title>").nth(1).unwrap().split("</title>").next().unwrap());
            titles.entry(sample.name).or_insert_with(Vec::new).push(title);
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    // In every language a title of its own: nothing was left in English by mistake.
    for (name, titles) in titles.into_iter().filter(|(name, _)| !name.starts_with("dev-")) {
        let english = titles[0].clone();
        let same = titles[1..].iter().filter(|title| **title == english).count();
        assert!(same <= 1, "{name}: {titles:?}");
    }
}

/// The pages as they are really served, each in a state that a person can reach.
#[tokio::test]
async fn served_pages_are_whole_too() {
    let house = House::new(Plan { origin: LOCAL, dev: Dev::Inbox, ..Plan::default() }).await;
    let mut pages = Vec::new();
    let jane = Browser::signed_in(&house, "jane@example.com").await;
    for path in ["/auth/sessions", "/auth/identifiers", "/auth/identifiers/new?add=email", "/auth/signed-in", "/demo"] {
        pages.push(jane.get(path).await);
    }
    for (tenant, ..) in NINE {
        pages.push(house.get(&format!("/auth?tenantId={tenant}&lang=ar")).send().await);
        pages.push(house.get(&format!("/auth?tenantId={tenant}&as=phone")).send().await);
    }
    let waiting = house.browser();
    let mail = waiting.start_at("match", "jane@example.com").await;
    pages.push(waiting.get("/auth/code").await);
    pages.push(waiting.get(&mail.link().0).await);
    pages.push(house.get(&mail.link().0).send().await);
    pages.push(jane.get(&mail.link().0).await);
    for path in
        ["/auth/link-problem", "/nowhere", "/dev/pages", "/dev/pages?lang=ar&theme=dark&width=320", "/dev/inbox", "/auth?tenantId=branded"]
    {
        pages.push(house.get(path).send().await);
    }
    let overview = house.get("/dev/pages").send().await;
    assert!(overview.body.contains("/dev/pages/start-email?"), "{}", overview.body);
    for page in &pages {
        assert_eq!(wrong_with(&page.body), Vec::<String>::new(), "{}", page.asked);
        assert!(page.body.len() < 60_000, "{}: {} bytes", page.asked, page.body.len());
    }
}

#[tokio::test]
async fn the_preview_shows_each_screen() {
    let house = House::new(Plan { origin: LOCAL, dev: Dev::Inbox, ..Plan::default() }).await;
    for sample in samples::all(&house.templates, postkey_words::Language::ENGLISH) {
        let path = format!("/dev/pages/{}?lang=ar&theme=dark", sample.name);
        let page = house.get(&path).send().await;
        assert_eq!((page.status, wrong_with(&page.body)), (200, Vec::new()), "{path}");
        assert!(page.body.contains("dir=\"rtl\""), "{path}");
        assert!(page.set_cookies().is_empty(), "{path}: {:?}", page.set_cookies());
        let policy = page.header("content-security-policy");
        assert!(policy.contains("default-src 'none'") && !policy.contains("script-src") && !policy.contains("allow-scripts"), "{policy}");
    }
    for (name, theme) in [("nowhere", ""), ("%2e%2e%2fx", ""), ("start-email", "<script>")] {
        let page = house.get(&format!("/dev/pages/{name}?theme={}", theme.replace('<', "%3C").replace('>', "%3E"))).send().await;
        assert_eq!(page.status, if name == "start-email" { 200 } else { 404 }, "{name}");
        assert!(!page.body.contains("<script>"), "{name}");
    }
    let [light, dark] = [house.get("/dev/pages.css?theme=light").send().await, house.get("/dev/pages.css?theme=dark").send().await];
    assert!(light.body != dark.body && dark.body.contains("@media all") && light.body.contains("@media not all"));
}

/// Whoever only looks signs nobody in or out, starts nothing, ends nothing and stores nothing.
#[tokio::test]
async fn looking_changes_nothing() {
    let house = House::new(Plan { origin: LOCAL, dev: Dev::Inbox, ..Plan::default() }).await;
    let jane = Browser::signed_in(&house, "jane@example.com").await;
    jane.post("/auth/_/identifiers/start", &[("as", "email"), ("email", "new@example.com")]).await;
    house.mails();
    let waiting = house.browser();
    let mail = waiting.start_at("match", "joe@example.com").await;
    let approved = house.browser();
    let other = approved.start_at("match", "ann@example.com").await;
    let number = house.auth.keyring().match_number(&postkey_model::SignInId::parse(&other.link().1).unwrap()).to_string();
    approved.link("/auth/_/approve", "match", &other, &[("number", &number)]).await;
    house.mails();
    let (link, id, secret) = mail.link();
    let before = house.stored();
    for method in ["GET", "HEAD"] {
        for (_, path) in PUBLIC.iter().chain(&DEV).filter(|(allowed, _)| *allowed == "GET") {
            let path = path.replace("{file}", "page.css").replace("{screen}", "start-email");
            for query in [
                "",
                "?tenantId=match&lang=de",
                &format!("?preAuthSessionId={id}&tenantId=match&linkCode={secret}&code=123456&number={number}&form=x"),
            ] {
                for browser in [&jane, &waiting, &approved] {
                    let answer = browser.send(house.ask(method, &format!("{path}{query}"))).await;
                    for name in ["sAccessToken", "sRefreshToken", "sFrontToken", "st-last-access-token-update", "pk_device", "pk_change"] {
                        assert_eq!(answer.set_cookie(name), None, "{}", answer.asked);
                    }
                    assert!(answer.header("front-token").is_empty(), "{}", answer.asked);
                }
            }
        }
        for browser in [&jane, &waiting, &approved] {
            browser.send(house.ask(method, &link)).await;
        }
    }
    assert!(house.stored() == before, "something was written");
    assert!(house.mails().is_empty());
    // And all of it still works.
    assert!(approved.post("/auth/_/collect", &[]).await.set_cookie("sAccessToken").is_some());
    assert!(waiting.post("/auth/_/code", &[("code", mail.code())]).await.set_cookie("sAccessToken").is_some());
    assert!(house.stored() != before, "this is what writing looks like");
}

//! B: links that scanners fetch, other sites post, and people open elsewhere.

use crate::browser::{Browser, Link, let_in};
use crate::case::{Case, Verdict, When};
use crate::http::{Answer, Ask};
use crate::shape::plain;
use crate::world::{Mail, World};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The cases of this file.
pub fn cases() -> Vec<Case> {
    vec![
        Case::new(
            "B01",
            "A link is fetched with GET, HEAD, OPTIONS and prefetch, secret and all: nothing is spent, and nobody gets in.",
            |world| Box::pin(b01(world)),
        ),
        Case::new("B02", "A browser without a person opens a link and runs its scripts: no session, and the link still works.", |world| {
            Box::pin(b02(world))
        }),
        Case::new("B03", "A link in the browser that asked goes on by itself; in any other one a button has to be pressed.", |world| {
            Box::pin(b03(world))
        }),
        Case::new(
            "B06",
            "A link in a browser that is signed in as somebody else: it asks first, and changes nothing by being opened.",
            |world| Box::pin(b06(world)),
        ),
        Case::new("B07", "Another site sends the form of a link: refused, nothing spent, nobody signed in.", |world| Box::pin(b07(world))),
        Case::new("B08", "Secrets of links are in no answer, error page or log, and browsers are told to send no Referer.", |world| {
            Box::pin(b08(world))
        }),
        Case::new("B09", "To a stranger a used link, an unknown, a replaced and an expired one look the same.", |world| {
            Box::pin(b09(world))
        })
        .when(When::Meanwhile),
        Case::new("B10", "Links that were cut, re-encoded, or given tracking parameters: no harm, no session by half a secret.", |world| {
            Box::pin(b10(world))
        }),
        Case::new(
            "B11",
            "Two links pending for one address, one used: neither opens with the other's secret, none opens twice.",
            |world| Box::pin(b11(world)),
        ),
    ]
}

/// What the page of a link does in a browser: goes on by itself, asks, or neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Does {
    GoesOn,
    Asks,
    Nothing,
}

fn does(page: &Answer) -> Does {
    let text = page.text();
    match (text.contains("data-link=\"go\""), text.contains("data-link=\"ask\"")) {
        (true, false) => Does::GoesOn,
        (false, true) => Does::Asks,
        _ => Does::Nothing,
    }
}

/// A browser that asked for a link, its address, and the message.
async fn asked(world: &World, name: &str) -> Result<(Browser, String, Mail), String> {
    let (mut browser, who) = (world.browser()?, world.address(name));
    browser.start(&who).await?;
    let mail = world.mail(&who, 1).await?;
    Ok((browser, who, mail))
}

async fn b01(world: &World) -> Result<Verdict, String> {
    let mut wrong = Vec::new();
    let (mut browser, who) = (world.browser()?, world.address("b01"));
    browser.start(&who).await?;
    let mail = world.mail(&who, 1).await?;
    let link = mail.link()?;
    let http = world.http()?;
    // A scanner puts the secret where it can: behind the address, as a parameter, as the form's fields in the address.
    let paths = [
        link.path.clone(),
        format!("{}&fragment={}", link.path, link.secret),
        format!("{}&linkCode={}", link.path, link.secret),
        format!("/auth/_/verify?preAuthSessionId={}&tenantId={}&linkCode={}", link.sign_in, link.tenant, link.secret),
    ];
    let mut asked = 0;
    for path in &paths {
        for method in ["GET", "HEAD", "OPTIONS"] {
            for hints in [&[][..], &[("purpose", "prefetch"), ("sec-purpose", "prefetch;prerender"), ("x-moz", "prefetch")]] {
                let ask = Ask::new(method, path).with("accept", "text/html").with("user-agent", "Mozilla/5.0 (compatible; scanner)");
                for answer in [http.ask(ask.clone().instead(hints)).await?, browser.send(ask.instead(hints)).await?] {
                    asked += 1;
                    if let_in(&answer) {
                        wrong.push(format!("{method} {} opened a session", path.split('?').next().unwrap_or_default()));
                    }
                }
            }
        }
    }
    // Neither the link nor the code is spent.
    if !let_in(&world.browser()?.press(&link).await?) {
        wrong.push("afterwards the link opened nothing".to_owned());
    }
    let (mut other, who) = (world.browser()?, world.address("b01"));
    other.start(&who).await?;
    let mail = world.mail(&who, 1).await?;
    for method in ["GET", "HEAD"] {
        http.ask(Ask::new(method, &mail.link()?.path)).await?;
    }
    if !let_in(&other.code(&mail.code).await?) {
        wrong.push("after its link was fetched, the code opened nothing".to_owned());
    }
    Ok(Verdict::unless(&wrong, format!("{asked} requests changed nothing; then link and code worked")))
}

async fn b02(world: &World) -> Result<Verdict, String> {
    let Some(program) = world.browser_program.clone() else {
        return Ok(Verdict::Skipped("needs Chromium (--browser PATH)".to_owned()));
    };
    let (mut browser, _, mail) = asked(world, "b02").await?;
    let profile = std::env::temp_dir().join(format!("postkey-attack-browser-{}", world.stamp));
    let mut command = Command::new(program);
    command.args(["--headless", "--disable-gpu", "--no-sandbox", "--dump-dom", "--virtual-time-budget=5000"]);
    command.arg(format!("--user-data-dir={}", profile.display())).arg(&mail.link).stdin(Stdio::null()).stderr(Stdio::null());
    let ran = tokio::task::spawn_blocking(move || command.output()).await.map_err(|e| e.to_string())?;
    let page = String::from_utf8_lossy(&ran.map_err(|e| format!("the browser did not start: {e}"))?.stdout).into_owned();
    let _ = std::fs::remove_dir_all(&profile);
    if !page.contains("/auth/_/verify") {
        return Err("the browser did not show the page of the link".to_owned());
    }
    let mut wrong = Vec::new();
    if page.contains("data-link=\"go\"") {
        wrong.push("the page went on by itself".to_owned());
    }
    if !let_in(&browser.press(&mail.link()?).await?) {
        wrong.push("afterwards the link opened nothing".to_owned());
    }
    Ok(Verdict::unless(&wrong, "its scripts ran, it saw a button and pressed none; then the link still worked"))
}

async fn b03(world: &World) -> Result<Verdict, String> {
    let (mut browser, _, mail) = asked(world, "b03").await?;
    let link = mail.link()?;
    let (own, other) = (does(&browser.get(&link.path).await?), does(&world.browser()?.get(&link.path).await?));
    let entered = let_in(&browser.press(&link).await?);
    Ok(Verdict::of(
        (own, other, entered) == (Does::GoesOn, Does::Asks, true),
        format!("in the browser that asked: {own:?}, elsewhere: {other:?}; entered: {entered}"),
    ))
}

async fn b06(world: &World) -> Result<Verdict, String> {
    let mut wrong = Vec::new();
    // Also where this very browser asked for the link of somebody else.
    for asked_here in [true, false] {
        let (mut me, _) = world.somebody("b06").await?;
        let before = me.jar.get(crate::browser::ACCESS).to_owned();
        let other = world.address("b06");
        let mut asker = if asked_here { me.clone() } else { world.browser()? };
        asker.start(&other).await?;
        let link = world.mail(&other, 1).await?.link()?;
        if asked_here {
            me = asker;
        }
        let page = me.get(&link.path).await?;
        if does(&page) != Does::Asks {
            wrong.push(format!("asked here: {asked_here}; the page does this: {:?}", does(&page)));
        }
        if page.text().contains(&other) && !asked_here {
            wrong.push("the page names the other's whole address".to_owned());
        }
        if me.jar.get(crate::browser::ACCESS) != before || !me.signed_in().await? {
            wrong.push("opening the link changed who is signed in".to_owned());
        }
    }
    Ok(Verdict::unless(&wrong, "it asked, and who was signed in stayed signed in"))
}

async fn b07(world: &World) -> Result<Verdict, String> {
    let mut wrong = Vec::new();
    let (mut browser, _, mail) = asked(world, "b07").await?;
    let link = mail.link()?;
    let foreign: [&[(&str, &str)]; 6] = [
        &[("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")],
        &[("sec-fetch-site", "cross-site"), ("origin", &world.origin)],
        &[("sec-fetch-site", "same-site"), ("origin", "")],
        &[("sec-fetch-site", "none"), ("origin", "null")],
        &[("sec-fetch-site", "same-origin"), ("origin", "https://evil.example")],
        // A browser from before Sec-Fetch-Site, without the page's token.
        &[("sec-fetch-site", ""), ("origin", "")],
    ];
    for headers in foreign {
        for (name, from) in [("with cookies", &mut browser), ("without", &mut world.browser()?)] {
            let fields = [("preAuthSessionId", link.sign_in.as_str()), ("tenantId", &link.tenant), ("linkCode", &link.secret)];
            let ask = from.form("/auth/_/verify", &fields).instead(headers);
            let answer = from.send(ask).await?;
            if let_in(&answer) || answer.status != 403 {
                wrong.push(format!("{headers:?} {name} was answered with {}", answer.status));
            }
        }
    }
    if !let_in(&browser.press(&link).await?) {
        wrong.push("afterwards the link opened nothing".to_owned());
    }
    Ok(Verdict::unless(&wrong, "12 foreign forms were refused with 403; then the link still worked"))
}

async fn b08(world: &World) -> Result<Verdict, String> {
    let mut wrong = Vec::new();
    let (mut browser, _, mail) = asked(world, "b08").await?;
    let link = mail.link()?;
    let secret = &link.secret;
    let fields = [("preAuthSessionId", link.sign_in.as_str()), ("tenantId", "public"), ("linkCode", secret.as_str())];
    let bad_kind = Ask::post("/auth/_/verify").body("text/plain", format!("linkCode={secret}").into_bytes());
    let asks = [
        Ask::get(&link.path),
        Ask::get(&format!("{}&linkCode={secret}", link.path)),
        Ask::get(&format!("/auth/verify/{secret}")),
        Ask::get(&format!("/auth/nowhere?linkCode={secret}")),
        Ask::get(&format!("/auth?redirectToPath=/x/{secret}x")),
        Ask::post(&format!("/auth/_/nothing?{secret}")).form(&fields),
        Ask::post("/auth/_/verify").form(&fields),
        bad_kind,
        Ask::new("PUT", &format!("/auth/_/verify?{secret}")),
        browser.form("/auth/_/verify", &[("linkCode", secret), ("preAuthSessionId", "unknown")]),
        browser.form("/auth/_/opened", &fields),
    ];
    let count = asks.len() + 2;
    for ask in asks {
        let path = ask.path().split('?').next().unwrap_or_default().replace(secret.as_str(), "SECRET");
        let answer = browser.http.ask(ask.with("accept", "text/html")).await?;
        // The address of the page itself is in its form for another language, and a place to go on to in the start form:
        // whoever reads either has the address already. Nothing else repeats it.
        let text = answer.whole().replace(&format!("linkCode={secret}"), "").replace(&format!("linkCode&#x3d;{secret}"), "");
        if text.contains(secret.as_str()) && path != "/auth" {
            wrong.push(format!("{path}: the secret is in the answer ({})", answer.status));
        }
        if answer.header("referrer-policy") != "no-referrer" {
            wrong.push(format!("{path}: referrer-policy is {:?}", answer.header("referrer-policy")));
        }
    }
    for answer in [browser.press(&link).await?, world.browser()?.press(&link).await?] {
        if answer.whole().contains(secret.as_str()) {
            wrong.push("the secret comes back when the link is used".to_owned());
        }
    }
    let mut logs = "";
    if let Some(house) = &world.house {
        let house = house.lock().await;
        logs = ", nor in the logs";
        if (0..house.count()).any(|index| house.log(index).contains(secret.as_str())) {
            wrong.push("the secret is in the log".to_owned());
        }
    }
    Ok(Verdict::unless(&wrong, format!("{count} requests with the secret everywhere: it is in no answer{logs}; no Referer anywhere")))
}

/// What a stranger sees of a link: its page, and the page that follows when its button is pressed.
async fn seen_by_a_stranger(world: &World, tenant: &str, link: &Link) -> Result<String, String> {
    let mut stranger = world.browser_in(tenant)?;
    let page = stranger.get(&link.path).await?;
    let pressed = stranger.press(link).await?;
    if let_in(&pressed) {
        return Ok("let in".to_owned());
    }
    let next = stranger.get(pressed.header("location")).await?;
    // The cookie says why to the next page; what is in it is not for the person, but a stranger can read it.
    let note = pressed.cookie("pk_note").unwrap_or_default().split('.').next().unwrap_or_default().to_owned();
    let seen = format!("{} {} {} {note} {} {}", page.status, page.text(), pressed.status, pressed.header("location"), next.text());
    Ok(plain(&seen, &[&link.sign_in, &link.secret]))
}

async fn b09(world: &World) -> Result<Verdict, String> {
    // Where links can expire while we wait, all of them are of that tenant.
    let tenant = if world.house.is_some() { "short" } else { "public" };
    let begin = Instant::now();
    let ask = async || -> Result<(Browser, Link), String> {
        let (mut browser, who) = (world.browser_in(tenant)?, world.address("b09"));
        browser.start(&who).await?;
        Ok((browser, world.mail(&who, 1).await?.link()?))
    };
    let (_, expiring) = ask().await?;
    let mut kinds = Vec::new();
    let (mut browser, used) = ask().await?;
    browser.press(&used).await?;
    kinds.push(("used", used));
    let (mut browser, cancelled) = ask().await?;
    browser.post("/auth/_/cancel", &[]).await?;
    kinds.push(("cancelled", cancelled.clone()));
    // Ids are as long as a real one.
    let unknown: String = cancelled.sign_in.chars().rev().collect();
    kinds.push(("unknown", Link { sign_in: unknown.clone(), path: cancelled.path.replace(&cancelled.sign_in, &unknown), ..cancelled }));
    if world.house.is_some() {
        tokio::time::sleep(Duration::from_secs(62).saturating_sub(begin.elapsed())).await;
        kinds.push(("expired", expiring));
    }
    let mut seen = Vec::new();
    for (name, link) in &kinds {
        seen.push((*name, seen_by_a_stranger(world, tenant, link).await?));
    }
    let odd: Vec<String> =
        seen.iter().filter(|(_, one)| *one != seen[0].1).map(|(name, _)| format!("{name} looks unlike {}", seen[0].0)).collect();
    let names: Vec<&str> = kinds.iter().map(|(name, _)| *name).collect();
    Ok(Verdict::unless(&odd, format!("{}: the same pages and cookies", names.join(", "))))
}

async fn b10(world: &World) -> Result<Verdict, String> {
    let mut wrong = Vec::new();
    let (mut browser, _, mail) = asked(world, "b10").await?;
    let link = mail.link()?;
    let half = &link.secret[..link.secret.len() / 2];
    let secrets = [
        String::new(),
        half.to_owned(),
        link.secret[..link.secret.len() - 1].to_owned(),
        link.secret.to_ascii_lowercase(),
        link.secret.to_ascii_uppercase(),
        format!("{}A", link.secret),
        format!("{}=", link.secret),
        format!("{}%00", link.secret),
        "A".repeat(4000),
    ];
    for secret in secrets.iter().filter(|secret| **secret != link.secret) {
        if let_in(&world.browser()?.press(&Link { secret: secret.clone(), ..link.clone() }).await?) {
            wrong.push(format!("a secret of {} signs in place of {} opened a session", secret.len(), link.secret.len()));
        }
    }
    let id = &link.sign_in;
    let encoded: String = id.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let paths = [
        (format!("{}&utm_source=mail&fbclid=abc&mc_eid=1", link.path), true),
        (format!("{}&redirectToPath=//evil.example", link.path), true),
        (link.path.replace(id.as_str(), &encoded), true),
        (link.path.replace('?', "?utm_source=x&"), true),
        (link.path.replace('&', "&amp;"), true),
        (link.path.replace(id.as_str(), &id[..id.len() / 2]), false),
        (link.path.split('?').next().unwrap_or_default().to_owned(), false),
        (format!("{}{}", link.path, "x".repeat(3000)), false),
        (link.path.replace(id.as_str(), "%00%ff"), false),
    ];
    for (path, works) in &paths {
        let page = world.browser()?.get(path).await?;
        if page.status != 200 || (*works && does(&page) != Does::Asks) {
            let short: String = path.chars().take(60).collect();
            wrong.push(format!("{} answered {} and {:?}", short.replace(id.as_str(), "ID"), page.status, does(&page)));
        }
    }
    if !let_in(&browser.press(&link).await?) {
        wrong.push("afterwards the link opened nothing".to_owned());
    }
    Ok(Verdict::unless(
        &wrong,
        format!("{} mangled secrets opened nothing, {} mangled addresses got a page; then it worked", secrets.len(), paths.len()),
    ))
}

async fn b11(world: &World) -> Result<Verdict, String> {
    let mut wrong = Vec::new();
    let who = world.address("b11");
    let (mut one, mut two) = (world.browser()?, world.browser()?);
    one.start(&who).await?;
    let first = world.mail(&who, 1).await?;
    two.start(&who).await?;
    let second = world.mail(&who, 2).await?;
    let (a, b) = (first.link()?, second.link()?);
    for mixed in [Link { secret: b.secret.clone(), ..a.clone() }, Link { secret: a.secret.clone(), ..b.clone() }] {
        if let_in(&world.browser()?.press(&mixed).await?) {
            wrong.push("the secret of one opened the other".to_owned());
        }
    }
    if !let_in(&one.press(&a).await?) {
        wrong.push("the first one opened nothing".to_owned());
    }
    if let_in(&world.browser()?.press(&a).await?) {
        wrong.push("the first one opened twice".to_owned());
    }
    let again = let_in(&two.press(&b).await?);
    let twice = let_in(&world.browser()?.press(&b).await?);
    if again && twice {
        wrong.push("the second one opened twice".to_owned());
    }
    if again {
        wrong.push("after somebody got in, what else waited for the address still opened it".to_owned());
    }
    let code = let_in(&two.code(&second.code).await?);
    if code {
        wrong.push("and so did its code".to_owned());
    }
    Ok(Verdict::unless(&wrong, "one opened once; the other ended with it"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(text: &str) -> Answer {
        Answer { status: 200, body: text.as_bytes().to_vec(), ..Answer::default() }
    }

    #[test]
    fn what_a_page_does_is_seen() {
        assert_eq!(does(&page("<form data-link=\"go\">")), Does::GoesOn);
        assert_eq!(does(&page("<form data-link=\"ask\">")), Does::Asks);
        assert_eq!(does(&page("nothing")), Does::Nothing);
        // A page that does both is none of ours.
        assert_eq!(does(&page("data-link=\"go\" data-link=\"ask\"")), Does::Nothing);
    }
}

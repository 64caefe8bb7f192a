//! D: finding out who has an account.

use crate::browser::{Browser, THROTTLED};
use crate::case::{Case, Need, Verdict};
use crate::http::{Answer, Ask};
use crate::shape::{difference, shape};
use crate::world::World;
use serde_json::json;
use std::time::{Duration, Instant};

/// The cases of this file.
pub fn cases() -> Vec<Case> {
    vec![
        Case::new("D01", "Known and unknown addresses at every step of a sign-in: the same status, body, headers and cookies.", |world| {
            Box::pin(d01(world))
        }),
        Case::new(
            "D02",
            "A code asked for, for known and for unknown addresses, 1,000 pairs: the medians differ by no more than noise.",
            |world| Box::pin(d02(world)),
        ),
        Case::new(
            "D03",
            "The same as D01 where only the invited may sign up: who is not sees the same pages, and is sent no code.",
            |world| Box::pin(d03(world)),
        )
        .needs(&[Need::OwnServers]),
        Case::new("D04", "Messages asked for until they are refused: known and unknown addresses are refused alike.", |world| {
            Box::pin(d04(world))
        })
        .needs(&[Need::OwnServers]),
        Case::new("D05", "Side doors (field check, existence, waiting state, other methods): the same for known and unknown.", |world| {
            Box::pin(d05(world))
        }),
    ]
}

/// Somebody who has an account in that tenant.
async fn known(world: &World, tenant: &str, name: &str) -> Result<String, String> {
    let who = world.address(name);
    if world.lacks(Need::BackEnd).is_none() {
        let core = world.core_at(0, tenant)?;
        let begun = core.create(&who).await?;
        let code = begun.code.clone();
        core.tried(&begun, &code, "consume").await?;
        return Ok(who);
    }
    let mut browser = world.browser_in(tenant)?;
    browser.start(&who).await?;
    let code = world.mail(&who, 1).await?.code;
    browser.code(&code).await?;
    Ok(who)
}

/// Every step of a sign-in up to wrong codes, as somebody sees it who does not have the mailbox.
async fn steps(world: &World, tenant: &str, who: &str) -> Result<Vec<(&'static str, String)>, String> {
    let mut seen = Vec::new();
    let mut browser = world.browser_in(tenant)?;
    let begun = browser.post("/auth/_/start", &[("email", who), ("tenantId", tenant)]).await?;
    if begun.status == 429 {
        return Err(THROTTLED.to_owned());
    }
    let id = browser.jar.get("pk_sign_in").split('.').next().unwrap_or_default().to_owned();
    let escaped = who.replace('@', "&#64;");
    let own = [who, escaped.as_str(), id.as_str()];
    seen.push(("start", shape(&begun, &own)));
    seen.push(("code page", shape(&browser.get("/auth/code").await?, &own)));
    seen.push(("waiting", shape(&browser.get("/auth/_/waiting").await?, &own)));
    seen.push(("resend at once", shape(&browser.post("/auth/_/resend", &[]).await?, &own)));
    seen.push(("page after it", shape(&browser.get("/auth/code").await?, &own)));
    for (name, code) in [
        ("no code", "12"),
        ("wrong code", "000000"),
        ("another", "000001"),
        ("another", "000002"),
        ("another", "000003"),
        ("last", "000004"),
    ] {
        seen.push((name, shape(&browser.code(code).await?, &own)));
    }
    seen.push(("page in the end", shape(&browser.get("/auth").await?, &own)));
    let web = world.web_at(0, tenant)?;
    let answer = web.post("/signinup/code", &json!({ "email": who })).await?;
    let told = answer.json();
    let (id, device) = (told["preAuthSessionId"].as_str().unwrap_or_default(), told["deviceId"].as_str().unwrap_or_default());
    let own = [who, escaped.as_str(), device, id];
    seen.push(("frontend door: create", shape(&answer, &own)));
    let call = json!({ "preAuthSessionId": id, "deviceId": device, "userInputCode": "000000" });
    seen.push(("frontend door: consume", shape(&web.post("/signinup/code/consume", &call).await?, &own)));
    let call = json!({ "preAuthSessionId": id, "deviceId": device });
    seen.push(("frontend door: resend", shape(&web.post("/signinup/code/resend", &call).await?, &own)));
    Ok(seen)
}

/// Where two people's steps differ.
fn compared(one: &[(&'static str, String)], other: &[(&'static str, String)]) -> Vec<String> {
    let told = one.iter().zip(other).filter_map(|((name, a), (_, b))| Some(format!("{name}: {}", difference(a, b)?)));
    told.collect()
}

async fn d01(world: &World) -> Result<Verdict, String> {
    let (known, unknown) = (known(world, "public", "d01").await?, world.address("d01"));
    let (one, other) = (steps(world, "public", &known).await?, steps(world, "public", &unknown).await?);
    Ok(Verdict::unless(&compared(&one, &other), format!("{} steps, the same in everything", one.len())))
}

async fn d03(world: &World) -> Result<Verdict, String> {
    let (who, unknown) = (world.address("d03"), world.address("d03"));
    if let Some(house) = &world.house {
        house.lock().await.run(&["invites", "add", &who, "--tenant", "invited"])?;
    }
    let mut browser = world.browser_in("invited")?;
    browser.start(&who).await?;
    let mail = world.mail(&who, 1).await?;
    if !crate::browser::let_in(&browser.code(&mail.code).await?) {
        return Err("whoever is invited cannot sign up".to_owned());
    }
    let (one, other) = (steps(world, "invited", &who).await?, steps(world, "invited", &unknown).await?);
    let mut wrong = compared(&one, &other);
    let before = world.mails_to(&unknown).await?;
    if before.iter().any(|mail| !mail.code.is_empty() || !mail.link.is_empty()) {
        wrong.push("somebody who may not sign up was sent a code or link".to_owned());
    }
    Ok(Verdict::unless(&wrong, format!("{} steps, the same in everything; no code went out to who is unknown", one.len())))
}

async fn d04(world: &World) -> Result<Verdict, String> {
    let (known, unknown) = (known(world, "few", "d04").await?, world.address("d04"));
    let mut all = Vec::new();
    for who in [&known, &unknown] {
        let mut seen = Vec::new();
        let escaped = who.replace('@', "&#64;");
        for _ in 0..4 {
            let mut browser = world.browser_in("few")?;
            let answer = browser.post("/auth/_/start", &[("email", who), ("tenantId", "few")]).await?;
            let id = browser.jar.get("pk_sign_in").split('.').next().unwrap_or_default().to_owned();
            let answer = without(answer, "retry-after");
            seen.push(("asked", shape(&answer, &[who, &escaped, &id])));
        }
        let answer = world.web_at(0, "few")?.post("/signinup/code", &json!({ "email": who })).await?;
        seen.push(("frontend door", shape(&answer, &[who])));
        all.push(seen);
    }
    let mut wrong = compared(&all[0], &all[1]);
    if !all[0][3].1.starts_with("429") {
        wrong.push("the fourth message was not refused: this case tried nothing".to_owned());
    }
    Ok(Verdict::unless(&wrong, "refused after the same number, with the same words"))
}

/// An answer without a header that counts seconds.
fn without(mut answer: Answer, name: &str) -> Answer {
    answer.headers.retain(|(key, _)| key != name);
    answer
}

async fn d05(world: &World) -> Result<Verdict, String> {
    let (known, unknown) = (known(world, "public", "d05").await?, world.address("d05"));
    let mut all = Vec::new();
    for who in [&known, &unknown] {
        let mut seen = Vec::new();
        let browser = world.browser()?;
        let encoded: String = form_urlencoded::byte_serialize(who.as_bytes()).collect();
        let asks = [
            browser.form("/auth/_/check", &[("email", who), ("tenantId", "public")]),
            Ask::get(&format!("/auth/passwordless/email/exists?email={encoded}")),
            Ask::get(&format!("/auth/signup/email/exists?email={encoded}")),
            Ask::get(&format!("/auth/public/passwordless/email/exists?email={encoded}")),
            Ask::get(&format!("/auth/emailpassword/email/exists?email={encoded}")),
            Ask::post("/auth/signin").json(&json!({ "formFields": [{ "id": "email", "value": who }, { "id": "password", "value": "x" }] })),
            Ask::post("/auth/signup").json(&json!({ "formFields": [{ "id": "email", "value": who }, { "id": "password", "value": "x" }] })),
            Ask::post("/auth/user/password/reset/token").json(&json!({ "formFields": [{ "id": "email", "value": who }] })),
            Ask::get(&format!("/auth?email={encoded}")),
            Ask::get(&format!("/v1/users?filter={encoded}")),
            Ask::get(&format!("/auth/loginmethods?email={encoded}")),
        ];
        for ask in asks {
            let answer = browser.http.ask(ask).await?;
            if answer.text().contains("\"exists\":true") {
                return Ok(Verdict::Fell("whoever asks is told that somebody has an account".to_owned()));
            }
            seen.push(("side door", shape(&answer, &[who, &encoded, &who.replace('@', "&#64;")])));
        }
        all.push(seen);
    }
    Ok(Verdict::unless(&compared(&all[0], &all[1]), format!("{} side doors say the same", all[0].len())))
}

/// How long the start form takes for somebody.
async fn timed(browser: &Browser, who: &str) -> Result<Duration, String> {
    let ask = browser.form("/auth/_/start", &[("email", who), ("tenantId", "public")]);
    let begin = Instant::now();
    let answer = browser.http.ask(ask).await?;
    let took = begin.elapsed();
    match answer.status {
        303 => Ok(took),
        429 => Err(THROTTLED.to_owned()),
        status => Err(format!("the start form answered {status}")),
    }
}

async fn d02(world: &World) -> Result<Verdict, String> {
    const PAIRS: usize = 1000;
    // Each is asked for a few times only: what waits for an address costs time too, known or not.
    const PEOPLE: usize = 200;
    let browser = world.browser()?;
    let (mut known_ones, mut unknown) = (Vec::new(), Vec::new());
    for _ in 0..PEOPLE {
        known_ones.push(known(world, "public", "d02").await?);
        unknown.push(world.address("d02"));
    }
    for at in 0..40 {
        timed(&browser, &unknown[at]).await?;
        timed(&browser, &known_ones[at]).await?;
    }
    let mut differences = Vec::new();
    for pair in 0..PAIRS {
        let (known, unknown) = (&known_ones[pair % PEOPLE], &unknown[pair % PEOPLE]);
        // known, unknown, unknown, known: each comes first as often as second, and after each as often, so that whatever this
        // machine does meanwhile, and whatever a request leaves behind for the next one, falls on both alike.
        let (known, unknown) = if pair % 2 == 0 {
            let first = timed(&browser, known).await?;
            (first, timed(&browser, unknown).await?)
        } else {
            let first = timed(&browser, unknown).await?;
            (timed(&browser, known).await?, first)
        };
        differences.push((known.as_secs_f64() - unknown.as_secs_f64()) * 1e6);
    }
    Ok(judge_times(&mut differences))
}

/// Differences of pairs, known less unknown, in microseconds. They hold when the median is nothing but noise by the sign test, which
/// asks for no shape of the noise: where both take the same time, as many differences are above nothing as below, within four
/// standard errors (half the root of their number).
fn judge_times(differences: &mut [f64]) -> Verdict {
    let all = differences.len().max(1) as f64;
    let above = differences
        .iter()
        .map(|d| {
            if *d > 0.0 {
                1.0
            } else if *d < 0.0 {
                0.0
            } else {
                0.5
            }
        })
        .sum::<f64>();
    let statistic = (above - all / 2.0).abs() / (all.sqrt() / 2.0);
    let [low, median, high] = quartiles(differences);
    Verdict::of(
        statistic <= 4.0,
        format!(
            "{all} pairs: median known - unknown {median:.0} us, quartiles {low:.0} to {high:.0} us; {above} of them above nothing, \
             {statistic:.1} standard errors from a half (4 are allowed)"
        ),
    )
}

fn quartiles(values: &mut [f64]) -> [f64; 3] {
    values.sort_by(f64::total_cmp);
    [1, 2, 3].map(|quarter| values.get(values.len() * quarter / 4).copied().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_takes_longer_for_who_is_known_falls() {
        // Noise of 200 us around nothing, in a fixed pattern.
        let noise = |shift: f64| -> Vec<f64> { (0..1000).map(|at| f64::from(at * 7919 % 401) - 200.0 + shift).collect() };
        for (shift, word) in [(0.0, "held"), (3.0, "held"), (60.0, "FELL"), (-60.0, "FELL")] {
            assert_eq!(judge_times(&mut noise(shift)).word(), word, "{shift}");
        }
        // Two heaps far apart, as when the second of two requests is slower: nobody is known by that.
        let mut heaps: Vec<f64> = noise(900.0).into_iter().step_by(2).chain(noise(-900.0).into_iter().step_by(2)).collect();
        assert_eq!(judge_times(&mut heaps).word(), "held");
    }

    #[test]
    fn steps_that_differ_are_named() {
        let one = vec![("start", "303\nx".to_owned()), ("page", "200\nsame".to_owned())];
        let other = vec![("start", "200\nx".to_owned()), ("page", "200\nsame".to_owned())];
        assert_eq!(compared(&one, &other).len(), 1);
        assert!(compared(&one, &one).is_empty());
    }
}

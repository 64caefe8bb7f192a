//! G: sessions, their tokens and their keys.

use crate::browser::{ACCESS, Browser, REFRESH, let_in};
use crate::case::{Case, Need, Verdict, When};
use crate::http::{Answer, Ask};
use crate::tokens::{Keys, forged, part, subject};
use crate::world::World;
use futures_util::future::try_join_all;
use serde_json::json;
use std::time::{Duration, Instant};

/// The cases of this file.
pub fn cases() -> Vec<Case> {
    vec![
        Case::new("G01", "A refresh token that was replaced comes back after the grace: refused, and its whole family ends.", |world| {
            Box::pin(g01(world))
        })
        .needs(&[Need::OwnServers]),
        Case::new("G02", "Eight tabs renew one session at once, three times: all go on, with one and the same successor.", |world| {
            Box::pin(g02(world))
        }),
        Case::new(
            "G03",
            "The signing key is rotated under load: nobody is refused, and every token verifies with a key set as old as its max-age allows.",
            |world| Box::pin(g03(world)),
        )
        .needs(&[Need::OwnServers])
        .when(When::Meanwhile),
        Case::new(
            "G05",
            "Forged access tokens (alg none, HMAC with the public key, own keys in jwk and jku, kid as a path, zero signatures): no door takes one.",
            |world| Box::pin(g05(world)),
        ),
        Case::new("G06", "Signed out everywhere: the other browsers are out at once, and can renew nothing.", |world| Box::pin(g06(world))),
        Case::new(
            "G07",
            "Cookies of an attacker planted before somebody signs in: the session that opens is a new one, and not the attacker's.",
            |world| Box::pin(g07(world)),
        ),
    ]
}

/// Renews the session in a browser.
async fn renew(browser: &mut Browser, origin: &str) -> Result<Answer, String> {
    let ask = Ask::post("/auth/session/refresh").with("origin", origin).with("sec-fetch-site", "same-origin").with("rid", "session");
    browser.send(ask).await
}

async fn g01(world: &World) -> Result<Verdict, String> {
    let mut wrong = Vec::new();
    let (mut browser, who) = (world.browser_in("quick")?, world.address("g01"));
    world.sign_in(&mut browser, &who).await?;
    let mut thief = browser.clone();
    if renew(&mut browser, &world.origin).await?.status != 200 {
        return Err("a fresh session could not be renewed".to_owned());
    }
    // The grace of that tenant is one second.
    tokio::time::sleep(Duration::from_millis(1_600)).await;
    let stolen = renew(&mut thief, &world.origin).await?;
    if stolen.status != 401 || let_in(&stolen) {
        wrong.push(format!("the replaced token was answered with {}", stolen.status));
    }
    let after = renew(&mut browser, &world.origin).await?;
    if after.status != 401 {
        wrong.push(format!("the family lives on: its owner's token was answered with {}", after.status));
    }
    if browser.signed_in().await? {
        wrong.push("the session still opens pages".to_owned());
    }
    Ok(Verdict::unless(&wrong, "401, and the family was over for its owner too"))
}

async fn g02(world: &World) -> Result<Verdict, String> {
    let mut wrong = Vec::new();
    let (mut browser, _) = world.somebody("g02").await?;
    let subject_before = subject(browser.jar.get(ACCESS));
    for round in 0..3 {
        let tabs = (0..8).map(|at| {
            let mut tab = browser.clone();
            let (http, origin) = (world.http_at(at, None), world.origin.clone());
            async move {
                tab.http = http?;
                let answer = renew(&mut tab, &origin).await?;
                Ok::<_, String>((answer.status, tab))
            }
        });
        let tabs = try_join_all(tabs).await?;
        let successors: std::collections::BTreeSet<&str> = tabs.iter().map(|(_, tab)| tab.jar.get(REFRESH)).collect();
        let refused = tabs.iter().filter(|(status, _)| *status != 200).count();
        if refused > 0 || successors.len() != 1 {
            wrong.push(format!("round {round}: {refused} of 8 were refused, {} successors", successors.len()));
        }
        browser = tabs[round].1.clone();
    }
    if !browser.signed_in().await? || subject(browser.jar.get(ACCESS)) != subject_before {
        wrong.push("afterwards the session was over, or somebody else's".to_owned());
    }
    Ok(Verdict::unless(&wrong, "3 rounds of 8: all renewed, one successor each, still signed in"))
}

async fn g03(world: &World) -> Result<Verdict, String> {
    // As the config of the suite's own servers has it.
    const MAX_AGE: Duration = Duration::from_secs(10);
    let mut people = Vec::new();
    for _ in 0..4 {
        people.push(world.somebody("g03").await?.0);
    }
    let http = world.http()?;
    let fetch = async || -> Result<Keys, String> { Keys::read(&http.ask(Ask::get("/auth/jwt/jwks.json")).await?) };
    let (mut keys, mut fetched) = (fetch().await?, Instant::now());
    let kid = |browser: &Browser| part(browser.jar.get(ACCESS), 0)["kid"].as_str().unwrap_or_default().to_owned();
    let first = kid(&people[0]);
    if let Some(house) = &world.house {
        house.lock().await.run(&["keys", "rotate"])?;
    }
    let begin = Instant::now();
    let (mut renewed, mut refused, mut unverified, mut with_new) = (0, 0, 0, 0);
    while begin.elapsed() < Duration::from_secs(140) && with_new < 40 {
        if fetched.elapsed() >= MAX_AGE {
            (keys, fetched) = (fetch().await?, Instant::now());
        }
        for (at, one) in people.iter_mut().enumerate() {
            one.http = world.http_at(renewed + at, None)?;
            refused += usize::from(renew(one, &world.origin).await?.status != 200 || !one.signed_in().await?);
            unverified += usize::from(!keys.verify(one.jar.get(ACCESS)));
            with_new += usize::from(kid(one) != first);
            renewed += 1;
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    Ok(Verdict::of(
        refused == 0 && unverified == 0 && with_new > 0,
        format!(
            "{renewed} renewals, {with_new} signed by the new key, {refused} refused, {unverified} not verified by a key set up to 10 s old"
        ),
    ))
}

async fn g05(world: &World) -> Result<Verdict, String> {
    let mut wrong = Vec::new();
    let (browser, _) = world.somebody("g05").await?;
    let (_, other) = world.somebody("g05").await?;
    let real = browser.jar.get(ACCESS).to_owned();
    let jwks = world.http()?.ask(Ask::get("/auth/jwt/jwks.json")).await?;
    if !Keys::read(&jwks)?.verify(&real) {
        wrong.push("the real token does not verify with the key set".to_owned());
    }
    let mut count = 0;
    for (name, token) in forged(&real, &jwks.json(), &other) {
        count += 1;
        let mut thief = world.browser()?;
        thief.jar.set(ACCESS, &token, "/");
        if thief.signed_in().await? {
            wrong.push(format!("{name}: the pages took it"));
        }
        let bearer = format!("Bearer {token}");
        for path in ["/api/session/profile", "/v1/users", "/auth/user/email/verify"] {
            let answer = world.http()?.ask(Ask::get(path).with("authorization", &bearer).with("rid", "session")).await?;
            if answer.status == 200 {
                wrong.push(format!("{name}: {path} took it"));
            }
        }
        if world.lacks(Need::BackEnd).is_none() {
            let body = json!({ "accessToken": token, "enableAntiCsrf": false, "doAntiCsrfCheck": false, "checkDatabase": false });
            let answer = world.core_at(0, "public")?.app().call("POST", "/recipe/session/verify", &body).await?;
            if answer.json()["status"] == "OK" {
                wrong.push(format!("{name}: the back-end door took it"));
            }
        }
    }
    let mut same = browser.clone();
    if !same.signed_in().await? {
        wrong.push("the real token opens nothing: this case tried nothing".to_owned());
    }
    Ok(Verdict::unless(&wrong, format!("{count} forged tokens at five doors: none was taken, and the real one still is")))
}

async fn g06(world: &World) -> Result<Verdict, String> {
    let mut wrong = Vec::new();
    let (mut here, who) = world.somebody("g06").await?;
    let mut others = Vec::new();
    for at in 0..3 {
        let mut other = world.browser_at(at, None)?;
        world.sign_in(&mut other, &who).await?;
        others.push(other);
    }
    here.post("/auth/_/sessions/end-others", &[]).await?;
    for other in &mut others {
        let (open, status) = (other.signed_in().await?, renew(other, &world.origin).await?.status);
        if open || status != 401 {
            wrong.push(format!("another browser: pages open {open}, renewing answered {status}"));
        }
    }
    if !here.signed_in().await? {
        wrong.push("the browser that asked is out too".to_owned());
    }
    if world.lacks(Need::BackEnd).is_none() {
        let body = json!({ "userId": subject(here.jar.get(ACCESS)), "revokeAcrossAllTenants": true });
        world.core_at(0, "public")?.call("POST", "/recipe/session/remove", &body).await?;
        let (open, status) = (here.signed_in().await?, renew(&mut here, &world.origin).await?.status);
        if open || status != 401 {
            wrong.push(format!("ended by the back end: pages open {open}, renewing answered {status}"));
        }
    } else {
        let ended = here.clone();
        here.post("/auth/_/sign-out", &[]).await?;
        let mut ended = ended;
        if renew(&mut ended, &world.origin).await?.status != 401 {
            wrong.push("a session that was signed out could be renewed".to_owned());
        }
    }
    Ok(Verdict::unless(&wrong, "three other browsers were out, and then the last one"))
}

async fn g07(world: &World) -> Result<Verdict, String> {
    let mut wrong = Vec::new();
    let (attacker, _) = world.somebody("g07").await?;
    let planted = attacker.jar.get(ACCESS).to_owned();
    // The victim's browser has the attacker's cookies, session and all, and signs in.
    let (mut victim, who) = (attacker.clone(), world.address("g07"));
    world.sign_in(&mut victim, &who).await?;
    let opened = victim.jar.get(ACCESS).to_owned();
    let session = |token: &str| part(token, 1)["sessionHandle"].as_str().unwrap_or_default().to_owned();
    if opened == planted || session(&opened) == session(&planted) || subject(&opened) == subject(&planted) {
        wrong.push("the victim's session is the one that was planted".to_owned());
    }
    let mut thief = attacker.clone();
    if thief.signed_in().await? && subject(thief.jar.get(ACCESS)) != subject(&planted) {
        wrong.push("the planted session is the victim's now".to_owned());
    }
    // A sign-in that the attacker began and the victim's link ends: who presses is in, who waits is not.
    let (mut waiting, who) = (world.browser()?, world.address("g07"));
    waiting.start(&who).await?;
    let link = world.mail(&who, 1).await?.link()?;
    let mut owner = world.browser()?;
    if !let_in(&owner.press(&link).await?) {
        wrong.push("whoever has the mail was not let in".to_owned());
    }
    for path in ["/auth/_/collect", "/auth/_/code"] {
        if let_in(&waiting.post(path, &[("code", "000000")]).await?) {
            wrong.push(format!("the browser that began it got a session by {path}"));
        }
    }
    let polled = waiting.get("/auth/_/waiting").await?;
    if let_in(&polled) || waiting.signed_in().await? {
        wrong.push("the browser that began it was let in".to_owned());
    }
    // Cookies that are none.
    for (name, path) in
        [(ACCESS, "/"), (REFRESH, "/auth/session/refresh"), ("pk_sign_in", "/auth"), ("pk_device", "/auth"), ("pk_form", "/")]
    {
        let (mut odd, who) = (world.browser()?, world.address("g07"));
        odd.jar.set(name, "planted.planted.planted", path);
        world.sign_in(&mut odd, &who).await?;
        if odd.jar.values().any(|value| value.contains("planted") && name != "pk_form") {
            wrong.push(format!("a made-up {name} is kept"));
        }
    }
    Ok(Verdict::unless(&wrong, "every sign-in opened a session of its own, in the browser of whoever had the mail"))
}

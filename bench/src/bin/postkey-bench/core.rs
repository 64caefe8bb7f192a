//! `core`: whole logins through the back-end door: the ten calls that SuperTokens' Node SDK makes for one login by code of a
//! new user (contract supertokens-core.md §4), one after the other, over one connection each.

use crate::login::{own_cpu, used};
use crate::results::{Results, Row};
use crate::target::Target;
use postkey_bench::{Answer, Client, Server, Spread};
use serde_json::{Value, json};
use std::io::{Error, Result};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// The calls, in order.
const CALLS: [&str; 10] = [
    "by-accountinfo",
    "tenant",
    "by-accountinfo (union)",
    "code",
    "codes",
    "by-accountinfo (union)",
    "tenant",
    "consume",
    "user",
    "session",
];

/// Runs and prints.
pub async fn bench(results: &Results, target: &Target, clients: &[usize], seconds: u64) -> Result<()> {
    target.print();
    let server = target.start().await?;
    let mut last = Vec::new();
    for count in clients {
        last = measure(results, target, &server, *count, Duration::from_secs(seconds)).await?;
    }
    println!("\nat the last row, each call of a login   p50    p99 ms");
    for (name, times) in CALLS.iter().zip(&mut last) {
        println!("{name:<36} {:>7.2} {:>7.1}", times.at(0.5), times.at(0.99));
    }
    Ok(())
}

async fn measure(results: &Results, target: &Target, server: &Server, clients: usize, time: Duration) -> Result<Vec<Spread>> {
    let begin = Instant::now() + Duration::from_millis(500);
    let end = begin + time;
    let tasks: Vec<_> = (0..clients).map(|n| tokio::spawn(log_in_until(server.private(), clients, n, begin, end))).collect();
    tokio::time::sleep_until(begin.into()).await;
    let (before, own) = (server.load()?, own_cpu());
    tokio::time::sleep_until(end.into()).await;
    let mut row = used(before, server.load()?);
    row.own_cpu = own_cpu().saturating_sub(own);
    let mut calls: Vec<Spread> = CALLS.iter().map(|_| Spread::default()).collect();
    for task in tasks {
        let (whole, each, errors) = task.await.map_err(Error::other)?;
        row.complete.join(whole);
        row.errors += errors;
        calls.iter_mut().zip(each).for_each(|(all, times)| all.join(times));
    }
    let count = row.complete.count().max(1) as f64;
    let line = Row::new()
        .text("engine", target.engine())
        .count("back ends", clients as u64)
        .number("logins/s", count / time.as_secs_f64())
        .number("p50 ms", row.complete.at(0.5))
        .number("p99 ms", row.complete.at(0.99))
        .number("CPU ms/login", row.cpu_per_login())
        .number("RSS MiB", row.rss as f64 / 1024.0)
        .number("bytes written/login", target.database_url.is_none().then(|| row.written as f64 / count))
        .count("errors", row.errors);
    results.add("core", line)?;
    Ok(calls)
}

async fn log_in_until(address: SocketAddr, clients: usize, number: usize, begin: Instant, end: Instant) -> (Spread, Vec<Spread>, u64) {
    let mut client = Client::new(address, "localhost");
    let (mut whole, mut errors) = (Spread::default(), 0);
    let mut each: Vec<Spread> = CALLS.iter().map(|_| Spread::default()).collect();
    let mut turn = 0u64;
    while Instant::now() < end {
        turn += 1;
        let email = format!("c{clients}.{number}.{turn}.{}@bench.example.com", std::process::id());
        let from = Instant::now();
        match log_in(&mut client, &email).await {
            Ok(times) if (begin..end).contains(&Instant::now()) => {
                whole.add(from.elapsed());
                each.iter_mut().zip(times).for_each(|(spread, time)| spread.add(time));
            }
            Ok(_) => {}
            Err(e) => {
                if errors == 0 {
                    eprintln!("core: {e}");
                }
                errors += 1;
            }
        }
    }
    (whole, each, errors)
}

/// One login. Answers how long each call took.
async fn log_in(client: &mut Client, email: &str) -> Result<Vec<Duration>> {
    let mut times = Vec::with_capacity(CALLS.len());
    let by = |union: bool| format!("/public/users/by-accountinfo?email={email}&doUnionOfAccountInfo={union}");
    ask(client, &mut times, "GET", &by(false), None).await?;
    ask(client, &mut times, "GET", "/public/recipe/multitenancy/tenant/v2", None).await?;
    ask(client, &mut times, "GET", &by(true), None).await?;
    let code = ask(client, &mut times, "POST", "/public/recipe/signinup/code", Some(json!({ "email": email }))).await?;
    let id = &code["preAuthSessionId"];
    ask(client, &mut times, "GET", &format!("/public/recipe/signinup/codes?preAuthSessionId={}", id.as_str().unwrap_or_default()), None)
        .await?;
    ask(client, &mut times, "GET", &by(true), None).await?;
    ask(client, &mut times, "GET", "/public/recipe/multitenancy/tenant/v2", None).await?;
    let proof = json!({ "preAuthSessionId": id, "deviceId": code["deviceId"], "userInputCode": code["userInputCode"] });
    let used = ask(client, &mut times, "POST", "/public/recipe/signinup/code/consume", Some(proof)).await?;
    let user = used["user"]["id"].as_str().unwrap_or_default().to_owned();
    ask(client, &mut times, "GET", &format!("/user/id?userId={user}"), None).await?;
    let session = json!({
        "userId": user,
        "userDataInJWT": { "iss": "https://api.example.com/auth" },
        "userDataInDatabase": {},
        "useDynamicSigningKey": true,
        "enableAntiCsrf": false,
    });
    ask(client, &mut times, "POST", "/public/recipe/session", Some(session)).await?;
    Ok(times)
}

async fn ask(client: &mut Client, times: &mut Vec<Duration>, method: &str, path: &str, body: Option<Value>) -> Result<Value> {
    let headers = [("cdi-version", "5.4"), ("rid", "passwordless")];
    let text = body.map(|body| body.to_string());
    let from = Instant::now();
    let answer: Answer = client.send(method, path, &headers, text.as_ref().map(|text| ("application/json", text.as_bytes()))).await?;
    times.push(from.elapsed());
    let told: Value = serde_json::from_str(&answer.text()).unwrap_or_default();
    if answer.status == 200 && told["status"] == "OK" {
        return Ok(told);
    }
    Err(Error::other(format!("{method} {}: {} {}", path.split('?').next().unwrap_or_default(), answer.status, answer.text())))
}

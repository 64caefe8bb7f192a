//! H: what a server stands on gives way: the disk, the database, the mail server. Each part starts a server of its own.

use crate::browser::{Browser, let_in};
use crate::case::{Case, Need, Verdict, When};
use crate::house::{House, Wanted};
use crate::http::{Answer, Ask, Http};
use crate::mail_server::{BUSY, MailServer, SILENT, TOLD_TO_WAIT, code_in};
use crate::relay::{Relay, Wire, rewired};
use crate::world::{Node, World};
use futures_util::future::join_all;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

/// "Not just now" is said by then, whatever it is that hangs.
const SAID_BY: Duration = Duration::from_secs(12);
/// How long the database's connections are hung up on, and how long after that they say nothing: half a minute together.
const CUT: Duration = Duration::from_secs(12);
const SILENCE: Duration = Duration::from_secs(18);
/// Whatever is mended is noticed by then.
const NOTICED_BY: Duration = Duration::from_secs(30);
/// A mail that was put off is there by then.
const MAIL_BY: Duration = Duration::from_secs(55);
/// Others' mails are there by then meanwhile.
const OTHERS_BY: Duration = Duration::from_secs(10);
/// On a full disk no file may be longer: less than any database.
const FULL: &str = "4096";

/// The cases of this file.
pub fn cases() -> Vec<Case> {
    vec![
        Case::new(
            "H05",
            "Disk full; database away for 30 s, first hung up, then silent; mail servers that say 451 or nothing: told so soon (503), \
             nothing acknowledged is lost, all goes on by itself, mails come once.",
            |world| Box::pin(h05(world)),
        )
        .needs(&[Need::OwnServers])
        .when(When::Meanwhile),
    ]
}

/// How a part went.
enum Part {
    /// What happened, and what was wrong with it.
    Tried(String, Vec<String>),
    /// Why it could not be tried.
    Not(String),
}

async fn h05(world: &World) -> Result<Verdict, String> {
    let parts = tokio::join!(disk_full(world), database_away(world), mail_put_off(world));
    let (mut told, mut wrong, mut tried) = (Vec::new(), Vec::new(), 0);
    for part in [parts.0?, parts.1?, parts.2?] {
        match part {
            Part::Not(why) => told.push(format!("not tried: {why}")),
            Part::Tried(happened, faults) => {
                tried += 1;
                told.push(happened);
                wrong.extend(faults);
            }
        }
    }
    if tried == 0 {
        return Ok(Verdict::Skipped(told.join("; ")));
    }
    Ok(Verdict::unless(&wrong, told.join("; ")))
}

/// What is different about a server beside the others.
#[derive(Default)]
struct Beside {
    name: &'static str,
    launcher: Vec<String>,
    database_url: Option<String>,
    key: Option<PathBuf>,
    mail_server: Option<SocketAddr>,
}

/// One more server, and a world with nothing else in it.
async fn beside(world: &World, what: Beside) -> Result<World, String> {
    let house = world.house.as_ref().ok_or("there are no servers")?;
    let binary = house.lock().await.binary();
    let key = &world.api_key;
    let mut config = format!(
        "log = \"error\"\napi_keys = [\"{key}\"]\n[limits]\nsends_per_server = 0\n[tenants.public]\nsends_per_contact = 0\n\
         sends_per_network = 0\nguesses_per_network = 0\nguesses_per_tenant = 0\nresend_gap = \"1s\"\n"
    );
    if let Some(address) = what.mail_server {
        let (host, port) = (address.ip(), address.port());
        config += &format!(
            "[mail]\nfrom = \"login@example.com\"\nproviders = [\"relay\"]\n[providers.relay]\ntype = \"smtp\"\nhost = \"{host}\"\n\
             port = {port}\ntls = \"none\"\n"
        );
    }
    let stamp = format!("{}-{}", world.stamp, what.name);
    let (launcher, database_url, key) = (what.launcher, what.database_url, what.key);
    let house = House::start(Wanted { binary, database_url, count: 1, config, stamp: stamp.clone(), launcher, key }).await?;
    let public = house.public(0)?;
    Ok(World {
        origin: format!("http://localhost:{}", public.port().unwrap_or_default()),
        inboxes: vec![public.join("/dev/inbox.json").map_err(|e| e.to_string())?],
        nodes: vec![Node { public, private: Some(house.private(0)?) }],
        api_key: world.api_key.clone(),
        browser_program: None,
        house: Some(tokio::sync::Mutex::new(house)),
        now: world.now,
        stamp,
        count: AtomicU64::new(1),
        read: std::sync::Mutex::default(),
    })
}

/// An honest "not just now".
fn is_not_now(answer: &Answer) -> bool {
    answer.status == 503 && !answer.header("retry-after").is_empty() && !let_in(answer)
}

/// Asks for a message without saying more of the answer than it is.
async fn ask(browser: &mut Browser, who: &str) -> Result<Answer, String> {
    browser.post("/auth/_/start", &[("email", who), ("as", "email"), ("tenantId", "public")]).await
}

async fn refresh(browser: &mut Browser, world: &World) -> Result<Answer, String> {
    browser.send(Ask::post("/auth/session/refresh").with("origin", &world.origin).with("sec-fetch-site", "same-origin")).await
}

/// People in the middle of something: one who waits with a code, and one who is signed in.
struct Amid {
    waiting: Browser,
    code: String,
    earlier: Browser,
}

async fn amid(world: &World, name: &str) -> Result<Amid, String> {
    let (earlier, _) = world.somebody(name).await?;
    let (mut waiting, who) = (world.browser()?, world.address(name));
    waiting.start(&who).await?;
    let code = world.mail(&who, 1).await?.code;
    Ok(Amid { waiting, code, earlier })
}

/// All goes on: the code that was refused is good, sessions are as they were, and newcomers are let in.
async fn goes_on(world: &World, people: &mut Amid, name: &str) -> Result<Vec<String>, String> {
    let begin = Instant::now();
    let mut wrong = Vec::new();
    let answer = loop {
        // Broken connections are noticed one by one.
        let answer = people.waiting.code(&people.code).await?;
        if !is_not_now(&answer) || begin.elapsed() > NOTICED_BY {
            break answer;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    if !let_in(&answer) {
        wrong.push(format!("a code that had been refused with 503 was answered with {} after that", answer.status));
    }
    if !people.earlier.signed_in().await? || refresh(&mut people.earlier, world).await?.status != 200 {
        wrong.push("a session from before is gone".to_owned());
    }
    if let Err(why) = world.somebody(name).await {
        wrong.push(format!("nobody new signed in after that: {why}"));
    }
    Ok(wrong)
}

async fn disk_full(world: &World) -> Result<Part, String> {
    if !Command::new("prlimit").arg("--version").output().is_ok_and(|ran| ran.status.success()) {
        return Ok(Part::Not("a full disk needs prlimit, as on Linux".to_owned()));
    }
    // Without its signal the limit on the length of files is a disk that is full.
    let launcher = ["sh", "-c", "trap '' XFSZ; exec \"$@\"", "sh"].map(str::to_owned).to_vec();
    let world = beside(world, Beside { name: "disk", launcher, ..Beside::default() }).await?;
    let house = world.house.as_ref().ok_or("there is no server")?;
    let pid = house.lock().await.pid(0).ok_or("the server is gone")?;
    let limit = |bytes: &str| {
        let ran = Command::new("prlimit").arg(format!("--pid={pid}")).arg(format!("--fsize={bytes}:unlimited")).output();
        ran.map_err(|e| e.to_string()).and_then(|ran| if ran.status.success() { Ok(()) } else { Err("prlimit was refused".to_owned()) })
    };
    let mut people = amid(&world, "full").await?;
    let mut newcomers: Vec<(Browser, String)> = Vec::new();
    for _ in 0..40 {
        newcomers.push((world.browser()?, world.address("full")));
    }
    limit(FULL)?;
    let begin = Instant::now();
    let mut wrong = Vec::new();
    for answer in join_all(newcomers.iter_mut().map(async |(browser, who)| ask(browser, who).await)).await {
        let answer = answer?;
        if !is_not_now(&answer) {
            wrong.push(format!("on a full disk a login was begun with {}", answer.status));
        }
    }
    for answer in [people.waiting.code(&people.code).await?, refresh(&mut people.earlier, &world).await?] {
        if !is_not_now(&answer) {
            wrong.push(format!("on a full disk a code or session was answered with {}", answer.status));
        }
    }
    if !people.earlier.signed_in().await? {
        wrong.push("on a full disk nothing could be read".to_owned());
    }
    let took = begin.elapsed();
    if took > SAID_BY {
        wrong.push(format!("on a full disk people were told so after {} ms", took.as_millis()));
    }
    limit("unlimited")?;
    wrong.extend(goes_on(&world, &mut people, "full").await?);
    for (_, who) in &newcomers {
        if !world.mails_to(who).await?.is_empty() {
            wrong.push("a mail went out for a login that had been refused".to_owned());
        }
    }
    // What was acknowledged is on the disk.
    {
        let mut house = house.lock().await;
        house.kill(0)?;
        house.start_again(0).await?;
    }
    let mut after = people.waiting.clone();
    after.http = world.http()?;
    if !after.signed_in().await? {
        wrong.push("a login that was acknowledged is gone after a kill".to_owned());
    }
    wrong.dedup();
    Ok(Part::Tried(format!("disk full: {} told so within {} ms, then all went on", newcomers.len() + 2, took.as_millis()), wrong))
}

/// What was met while the database was away.
#[derive(Default)]
struct Met {
    count: usize,
    slowest: Duration,
    wrong: Vec<String>,
}

/// People come and go until it is over, and whoever watches looks at the server.
async fn while_away(world: &World, people: &mut Amid, length: Duration) -> Result<Met, String> {
    let mut met = Met::default();
    let begin = Instant::now();
    let private = world.nodes[0].private.as_ref().ok_or("there is no private listener")?;
    let back_end = Http::new(private, private.authority(), None)?;
    while begin.elapsed() < length {
        let mut newcomer = world.browser()?;
        let who = world.address("away");
        let clock = Instant::now();
        let (started, typed, renewed) =
            tokio::join!(ask(&mut newcomer, &who), people.waiting.code(&people.code), refresh(&mut people.earlier, world));
        met.slowest = met.slowest.max(clock.elapsed());
        for answer in [started?, typed?, renewed?] {
            met.count += 1;
            if !is_not_now(&answer) {
                met.wrong.push(format!("without its database the server answered {}", answer.status));
            }
        }
        let http = world.http()?;
        let clock = Instant::now();
        let (ready, figures) = tokio::join!(http.ask(Ask::get("/ready")), back_end.ask(Ask::get("/metrics")));
        met.slowest = met.slowest.max(clock.elapsed());
        let (ready, figures) = (ready?, figures?);
        if ready.status != 503 || !ready.text().contains("\"database\"") {
            met.wrong.push(format!("/ready answered {}: {}", ready.status, ready.text()));
        }
        if figures.status != 200 {
            met.wrong.push(format!("/metrics answered {}", figures.status));
        }
        for path in ["/health", "/auth", "/auth/jwt/jwks.json"] {
            let answer = http.ask(Ask::get(path).with("accept", "text/html")).await?;
            if answer.status != 200 {
                met.wrong.push(format!("{path} needs no database, and answered {}", answer.status));
            }
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    if met.slowest > SAID_BY {
        met.wrong.push(format!("people were told after {} ms that the database is away", met.slowest.as_millis()));
    }
    met.wrong.dedup();
    Ok(met)
}

async fn database_away(world: &World) -> Result<Part, String> {
    let (url, key) = match &world.house {
        Some(house) => {
            let house = house.lock().await;
            (house.database_url().map(str::to_owned), house.key())
        }
        None => (None, PathBuf::new()),
    };
    let Some(url) = url.filter(|url| url.starts_with("postgres")) else {
        return Ok(Part::Not("a database away needs PostgreSQL (--database-url postgres://…)".to_owned()));
    };
    let Some((to, _)) = rewired(&url, SocketAddr::from(([127, 0, 0, 1], 1))) else {
        return Ok(Part::Not("a database away needs one host and port in --database-url".to_owned()));
    };
    let relay = Relay::to(to).await?;
    let database_url = rewired(&url, relay.address).map(|(_, url)| url);
    let mut alone = beside(world, Beside { name: "away", database_url, key: Some(key), ..Beside::default() }).await?;
    // Its messages may be sent by any node, once its own claim on them has lapsed.
    alone.inboxes.extend(world.inboxes.clone());
    let mut people = amid(&alone, "away").await?;
    relay.set(Wire::Cut);
    let cut = while_away(&alone, &mut people, CUT).await?;
    relay.set(Wire::Silent);
    let silent = while_away(&alone, &mut people, SILENCE).await?;
    relay.set(Wire::Whole);
    let begin = Instant::now();
    let mut wrong = [cut.wrong, silent.wrong].concat();
    wrong.extend(goes_on(&alone, &mut people, "away").await?);
    let told = format!(
        "database away: {} told so, within {} ms while it was cut off and {} ms while it was silent, all went on after {} ms",
        cut.count + silent.count,
        cut.slowest.as_millis(),
        silent.slowest.as_millis(),
        begin.elapsed().as_millis()
    );
    Ok(Part::Tried(told, wrong))
}

/// The mails to somebody, once there is one.
async fn mail_by(server: &MailServer, who: &str, patience: Duration) -> Option<String> {
    let begin = Instant::now();
    while begin.elapsed() < patience {
        if let Some(mail) = server.taken(who).first() {
            return Some(mail.clone());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    None
}

/// What the timeline of a browser's sign-in says became of its messages.
async fn timeline(world: &World, browser: &Browser) -> Result<Vec<String>, String> {
    let private = world.nodes[0].private.as_ref().ok_or("there is no private listener")?;
    let id = browser.jar.get("pk_sign_in").split('.').next().unwrap_or_default();
    let ask = Ask::get(&format!("/postkey/sign-ins/{id}")).with("api-key", &world.api_key);
    let answer = Http::new(private, private.authority(), None)?.ask(ask).await?;
    let steps = answer.json()["steps"].as_array().cloned().ok_or_else(|| format!("the timeline answered {}", answer.status))?;
    Ok(steps.iter().map(|step| step["what"].as_str().unwrap_or_default().to_owned()).collect())
}

/// Asks for a mail to somebody and signs in by it: what was wrong.
async fn by_mail(world: &World, server: &MailServer, name: &str, patience: Duration) -> Result<Option<String>, String> {
    let (mut browser, who) = (world.browser()?, world.address(name));
    let begin = Instant::now();
    browser.start(&who).await?;
    if begin.elapsed() > SAID_BY {
        return Ok(Some(format!("{name}: the page waited for the mail server, for {} ms", begin.elapsed().as_millis())));
    }
    let Some(mail) = mail_by(server, &who, patience).await else {
        return Ok(Some(format!("{name}: no mail came in {} s", patience.as_secs())));
    };
    let seen = timeline(world, &browser).await?;
    let answer = browser.code(&code_in(&mail)).await?;
    if !let_in(&answer) {
        return Ok(Some(format!("{name}: the code that came was answered with {}", answer.status)));
    }
    // Twice would have come by now: whoever was not sure sends again as soon as they may.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let count = server.taken(&who).len();
    let put_off = if name == BUSY { TOLD_TO_WAIT } else { usize::from(name == SILENT) };
    if count != 1 || server.asked(&who) != put_off + 1 {
        return Ok(Some(format!("{name}: {count} mails came, at {} tries", server.asked(&who))));
    }
    // The last word is written down a moment after it was said.
    if seen.iter().filter(|word| *word == "deferred").count() != put_off {
        return Ok(Some(format!("{name}: put off {put_off} times, and its timeline says {}", seen.join(", "))));
    }
    Ok(None)
}

async fn mail_put_off(world: &World) -> Result<Part, String> {
    let server = MailServer::start().await?;
    let world = beside(world, Beside { name: "mail", mail_server: Some(server.address), ..Beside::default() }).await?;
    let begin = Instant::now();
    let put_off = async {
        let some = [BUSY, SILENT, SILENT].map(|name| by_mail(&world, &server, name, MAIL_BY));
        join_all(some).await
    };
    let others = async {
        let mut all = Vec::new();
        for _ in 0..10 {
            all.push(by_mail(&world, &server, "other", OTHERS_BY).await);
        }
        all
    };
    let (put_off, others) = tokio::join!(put_off, others);
    let mut wrong = Vec::new();
    for one in put_off.into_iter().chain(others) {
        wrong.extend(one?);
    }
    Ok(Part::Tried(format!("mail put off: all came once, the last after {} ms", begin.elapsed().as_millis()), wrong))
}

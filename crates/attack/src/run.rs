//! One run: the servers are found or started, the cases tried, each line printed when its case is done.

use crate::browser::THROTTLED;
use crate::case::{Case, Verdict, When, all};
use crate::house::{House, Wanted};
use crate::http::{Ask, Http};
use crate::report::{Sum, line};
use crate::world::{Node, World};
use std::path::PathBuf;
use std::sync::atomic::AtomicU64;
use std::sync::{Mutex, PoisonError};
use url::Url;

/// The config of the suite's own servers: everything may be asked for as often as a case needs; one tenant for each rule
/// that a case is about.
const CONFIG: &str = include_str!("../house.toml");

/// What to attack, and how.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The public listener; `None` for servers of the suite's own.
    pub url: Option<Url>,
    /// The private listener.
    pub private: Option<Url>,
    /// Opens the private listener.
    pub api_key: Option<String>,
    /// The public listener of a second node on the same database.
    pub node: Option<Url>,
    /// Where messages can be read, in the form of `/dev/inbox.json`. Default: that of the server.
    pub inbox: Option<Url>,
    /// The database of the suite's own servers; empty, and filled by them. Default: the embedded one.
    pub database_url: Option<String>,
    /// Only cases whose ids begin with one of these.
    pub only: Vec<String>,
    /// Print JSON.
    pub json: bool,
    /// A browser to run without a head.
    pub browser: Option<PathBuf>,
    /// This very program, to start servers with.
    pub binary: PathBuf,
    /// The time, in milliseconds since 1970.
    pub now: fn() -> i64,
}

/// The cases, as `--list` prints them.
pub fn list() -> String {
    all().iter().map(|case| format!("{}  {}\n", case.id, case.tried)).collect()
}

/// Tries everything. An error says why the suite itself could not run.
pub async fn run(plan: Plan) -> Result<Sum, String> {
    let chosen = chosen(&plan.only)?;
    let world = world(&plan).await?;
    let sum = Mutex::new(Sum::default());
    let told = |case: &Case, verdict: &Verdict| {
        println!("{}", line(case, verdict, plan.json));
        sum.lock().unwrap_or_else(PoisonError::into_inner).add(verdict);
    };
    let of = |when: When| chosen.iter().filter(move |case| case.when == when);
    let meanwhile = futures_util::future::join_all(of(When::Meanwhile).map(async |case| told(case, &tried(case, &world).await)));
    let in_turn = async {
        for case in of(When::InTurn) {
            told(case, &tried(case, &world).await);
        }
    };
    tokio::join!(meanwhile, in_turn);
    for case in of(When::Last) {
        told(case, &tried(case, &world).await);
    }
    let sum = *sum.lock().unwrap_or_else(PoisonError::into_inner);
    println!("{}", sum.line(plan.json));
    Ok(sum)
}

/// The cases that were asked for.
fn chosen(only: &[String]) -> Result<Vec<Case>, String> {
    let begins = |case: &Case, word: &String| case.id.starts_with(&word.trim().to_ascii_uppercase());
    if let Some(unknown) = only.iter().find(|word| word.trim().is_empty() || !all().iter().any(|case| begins(case, word))) {
        return Err(format!("--only {unknown:?}: no case is called so; --list shows them"));
    }
    Ok(all().into_iter().filter(|case| only.is_empty() || only.iter().any(|word| begins(case, word))).collect())
}

async fn tried(case: &Case, world: &World) -> Verdict {
    if let Some(why) = case.needs.iter().find_map(|need| world.lacks(*need)) {
        return Verdict::Skipped(why.to_owned());
    }
    match (case.run)(world).await {
        Ok(verdict) => verdict,
        Err(why) if why.contains(THROTTLED) => Verdict::Skipped(why),
        Err(why) => Verdict::Fell(format!("broke off: {why}")),
    }
}

async fn world(plan: &Plan) -> Result<World, String> {
    let stamp = format!("{:x}", (plan.now)());
    let bare = World {
        nodes: Vec::new(),
        origin: String::new(),
        api_key: plan.api_key.clone().unwrap_or_default(),
        inboxes: Vec::new(),
        browser_program: plan.browser.clone(),
        house: None,
        now: plan.now,
        stamp: stamp.clone(),
        count: AtomicU64::new(1),
        read: Mutex::default(),
    };
    let Some(url) = &plan.url else {
        if plan.private.is_some() || plan.node.is_some() || plan.inbox.is_some() {
            return Err("--private, --node and --inbox belong to a server that runs already: give its URL too".to_owned());
        }
        // A key like any other: the servers live as long as the run.
        let key = format!("attack-{:0>32}", stamp);
        let config = CONFIG.replace("API-KEY", &key);
        let (binary, database_url) = (plan.binary.clone(), plan.database_url.clone());
        let count = if database_url.as_deref().is_some_and(|url| url.starts_with("postgres")) { 2 } else { 1 };
        let wanted = Wanted { binary, database_url, count, config, stamp, ..Wanted::default() };
        let house = House::start(wanted).await?;
        let (mut nodes, mut inboxes) = (Vec::new(), Vec::new());
        for index in 0..house.count() {
            nodes.push(Node { public: house.public(index)?, private: Some(house.private(index)?) });
            inboxes.push(inbox_of(&house.public(index)?)?);
        }
        let origin = origin_of(&nodes[0].public).await?;
        return Ok(World { nodes, origin, api_key: key, inboxes, house: Some(tokio::sync::Mutex::new(house)), ..bare });
    };
    if plan.database_url.is_some() {
        return Err("--database-url is for servers of the suite's own: leave the URL out".to_owned());
    }
    let mut nodes = vec![Node { public: url.clone(), private: plan.private.clone() }];
    nodes.extend(plan.node.clone().map(|public| Node { public, private: None }));
    let origin = origin_of(url).await?;
    let inboxes = match &plan.inbox {
        Some(inbox) => vec![inbox.clone()],
        None => nodes.iter().map(|node| inbox_of(&node.public)).collect::<Result<_, _>>()?,
    };
    let world = World { nodes, origin, inboxes, ..bare };
    let nobody = world.address("nobody");
    world.mails_to(&nobody).await.map_err(|e| format!("{e} Cases need to read messages: --inbox says where."))?;
    Ok(world)
}

fn inbox_of(public: &Url) -> Result<Url, String> {
    public.join("/dev/inbox.json").map_err(|e| e.to_string())
}

/// How a server is called from outside: it says so itself.
async fn origin_of(url: &Url) -> Result<String, String> {
    let answer = Http::new(url, url.authority(), None)?.ask(Ask::get("/auth/.well-known/openid-configuration")).await?;
    let issuer = answer.json()["issuer"].as_str().unwrap_or_default().to_owned();
    let origin = issuer.strip_suffix("/auth").unwrap_or_default();
    if origin.is_empty() {
        return Err(format!("{url} answered {} where Postkey says how it is called: is this a Postkey?", answer.status));
    }
    Ok(origin.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases_are_chosen_by_the_beginning_of_their_ids() {
        let ids = |only: &[&str]| chosen(&only.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>()).map(|cases| cases.len());
        assert_eq!(ids(&["A01"]), Ok(1));
        assert!(ids(&["a"]).unwrap() > 1);
        assert_eq!(ids(&[]), Ok(all().len()));
        assert!(ids(&["Z"]).is_err() && ids(&[""]).is_err());
    }
}

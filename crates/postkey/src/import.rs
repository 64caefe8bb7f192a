//! `postkey import supertokens`: people, roles, tenants and signing keys from a SuperTokens database or a file of its
//! bulk-import JSON. What becomes of each is decided in `auth`; here is the way from page to page, which can be broken off
//! anywhere and goes on where it was.

mod report;
mod source;

use crate::setup::Setup;
use crate::{Options, open_there, place, run};
use clap::{ArgGroup, Args, Subcommand};
use postkey_auth::decide::tenants::TAKEN_NAMES;
use postkey_auth::{Auth, Imported, decide};
use postkey_model::bulk::{Rules, Taken};
use postkey_model::{AppId, TenantId};
use postkey_store::{Found, Store};
use report::Report;
use serde::{Deserialize, Serialize};
use source::{Row, Source};
use std::collections::{BTreeSet, HashSet};
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use tokio::task::JoinSet;

/// How many people are read at once. After each such page it is noted how far it came.
const PAGE: u32 = 1000;
/// How many commits are under way at once: they share the flush to disk.
const AT_ONCE: usize = 64;
/// Where nobody watches, a line of progress comes this often, in milliseconds.
const LINE_EVERY: i64 = 5_000;

#[derive(Subcommand)]
pub enum ImportCommand {
    /// Users with their ids, login methods, metadata, roles, tenants and signing keys, from SuperTokens. Run again, it
    /// goes on where it was.
    Supertokens(Box<FromSuperTokens>),
}

#[derive(Args)]
#[command(group(ArgGroup::new("source").required(true).args(["from_database", "from_file"])))]
pub struct FromSuperTokens {
    /// Its PostgreSQL database (core 9 to 12), which is only read: postgres://…
    #[arg(long, value_name = "URL", env = "POSTKEY_IMPORT_DATABASE_URL", hide_env_values = true)]
    from_database: Option<String>,
    /// A file of bulk-import JSON: {"users": […]}.
    #[arg(long, value_name = "FILE")]
    from_file: Option<PathBuf>,
    /// The database's schema.
    #[arg(long, value_name = "NAME", default_value = "public")]
    schema: String,
    /// What the names of its tables begin with.
    #[arg(long, value_name = "PREFIX", default_value = "")]
    table_prefix: String,
    /// Which of its apps.
    #[arg(long, value_name = "NAME", default_value = "public")]
    app: String,
    /// Into which app here. Default: that of the same name.
    #[arg(long, value_name = "NAME")]
    into_app: Option<String>,
    /// Take logins by password whose address is verified: their owners get codes from now on. Passwords stay behind.
    #[arg(long)]
    emailpassword_as_passwordless: bool,
    /// Begin anew, although an earlier run was broken off.
    #[arg(long)]
    restart: bool,
    /// Check everything, change nothing in the database.
    #[arg(long)]
    dry_run: bool,
    /// Where each user that is not taken, or not whole, gets a line of JSON. Default: postkey-import-report.jsonl in the
    /// data folder.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    #[command(flatten)]
    pub options: Options,
}

/// How far an import came: kept in the database, so that the next run goes on there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Standing {
    /// The last one that was looked at.
    after: Option<String>,
    taken: u64,
    here: u64,
    changed: u64,
    refused: u64,
}

/// One that was checked.
struct Checked {
    place: String,
    user: Option<String>,
    taken: Option<Taken>,
    why: Vec<String>,
}

struct Import {
    auth: Auth,
    app: AppId,
    rules: Rules,
    dry: bool,
    roles: HashSet<String>,
    /// Whether roles that nobody made are made: a file of bulk-import JSON names them and says nothing else of them.
    makes_roles: bool,
    tenants: BTreeSet<TenantId>,
    made_tenants: Vec<TenantId>,
    made_roles: BTreeSet<String>,
    /// What a dry run let in: nobody else gets in by it.
    seen: HashSet<String>,
    standing: Standing,
    report: Report,
}

/// `postkey import supertokens`: success when everybody was taken, status 2 when not.
pub async fn supertokens(setup: Setup, wish: &FromSuperTokens) -> Result<ExitCode, String> {
    let found = Store::reach(&setup.location).await.map_err(|e| e.to_string())?;
    // Moving in may be the first thing that a new server does.
    let house = match found {
        Found::Nothing if wish.dry_run => {
            return Err(format!(
                "there is no Postkey database at {} yet, and a dry run makes none: start the server once",
                place(&setup.location)
            ));
        }
        Found::Nothing => run::open(&setup).await?,
        Found::Current | Found::Older => open_there(&setup).await?,
    };
    let outcome = import(&setup, &house, wish).await;
    house.store.close().await;
    outcome
}

async fn import(setup: &Setup, house: &run::House, wish: &FromSuperTokens) -> Result<ExitCode, String> {
    let named = |name: &str| AppId::parse(name).ok_or_else(|| format!("{name:?} cannot be the name of an app: 1 to 64 of a-z, 0-9 and -"));
    let app = named(wish.into_app.as_deref().unwrap_or(&wish.app))?;
    let now = house.clock.now();
    let auth = house.auth.clone();
    auth.tend_tenants(now).await.map_err(|e| e.to_string())?;
    if !wish.dry_run {
        auth.tend_keys(now).await.map_err(|e| run::explain_keys(&e.to_string()))?;
    }
    let mut source = Source::open(wish).await?;
    let name = format!("{} into {app}{}", source.name(wish)?, if wish.emailpassword_as_passwordless { " with passwords" } else { "" });
    let cursor = if wish.restart || wish.dry_run { None } else { auth.import_cursor(&name).await.map_err(|e| e.to_string())? };
    let standing: Standing = cursor.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    let report_path = wish.report.clone().unwrap_or_else(|| setup.file.config.data_dir.join("postkey-import-report.jsonl"));
    let report = Report::open(report_path, standing.after.is_some())?;
    let taken_names = if app.is_public() { &TAKEN_NAMES[..] } else { &[] };
    let rules = Rules { emailpassword_as_passwordless: wish.emailpassword_as_passwordless, now, taken_names };
    let mut import = Import {
        auth,
        app,
        rules,
        dry: wish.dry_run,
        roles: HashSet::new(),
        makes_roles: source.is_file(),
        tenants: BTreeSet::new(),
        made_tenants: Vec::new(),
        made_roles: BTreeSet::new(),
        seen: HashSet::new(),
        standing,
        report,
    };
    if import.standing.after.is_some() {
        eprintln!(
            "going on after {} users (--restart begins anew)",
            import.standing.taken + import.standing.here + import.standing.refused
        );
    }
    let keys = import.roles_and_keys(&source, house).await?;
    let began = house.clock.now();
    let looked_at = import.everybody(&mut source, &name, house).await?;
    let seconds = (house.clock.now().since(began).0 as f64 / 1000.0).max(0.001);
    import.say(looked_at, seconds, keys)
}

impl Import {
    /// What does not belong to a single person. Answers with words about the keys.
    async fn roles_and_keys(&mut self, source: &Source, house: &run::House) -> Result<Option<String>, String> {
        let away = |e: postkey_store::Unavailable| e.to_string();
        self.roles.extend(house.store.roles(&self.app).await.map_err(away)?);
        let Source::Database { database, .. } = source else { return Ok(None) };
        let roles = database.roles().await.map_err(away)?;
        self.roles.extend(roles.iter().map(|role| role.name.clone()));
        if !self.dry {
            let roles = roles.into_iter().map(|role| (role.name, role.permissions)).collect();
            self.auth.import_roles(&self.app, roles).await.map_err(away)?;
        }
        let tenants = database.tenants().await.map_err(away)?;
        // What cannot be called so here is reported with the people in it.
        let fits = |id: &TenantId| !self.rules.taken_names.contains(&id.as_str());
        let names = tenants.iter().filter_map(|name| TenantId::parse(&name.trim().to_lowercase()).filter(fits)).collect();
        self.ready_tenants(names).await?;
        let (keys, unreadable) = database.signing_keys().await.map_err(away)?;
        let outcome = self.auth.import_keys(&self.app, &keys, self.dry, self.rules.now).await.map_err(away)?;
        // Told of each time, and counted once.
        let is_first = self.standing.after.is_none();
        for (kid, why) in unreadable.iter().filter(|_| is_first) {
            self.standing.refused += 1;
            self.report.line(&format!("signing key {kid}"), None, "refused", std::slice::from_ref(why))?;
        }
        Ok(Some(format!(
            "{} verify here from now on, {} did already, {} refused",
            outcome.taken.len(),
            outcome.here.len(),
            unreadable.len()
        )))
    }

    /// Page after page. Answers how many people this run looked at.
    async fn everybody(&mut self, source: &mut Source, name: &str, house: &run::House) -> Result<u64, String> {
        let total = source.count().await?;
        let (mut looked_at, mut told_at) = (0, house.clock.now());
        let mut page = source.page(self.standing.after.as_deref(), PAGE).await?;
        while let Some(last) = page.last().map(|row| row.cursor.clone()) {
            looked_at += page.len() as u64;
            // The next page is read while this one is written.
            let (next, written) = tokio::join!(source.page(Some(&last), PAGE), self.page(page));
            written?;
            self.standing.after = Some(last);
            if !self.dry {
                let cursor = serde_json::to_string(&self.standing).map_err(|e| e.to_string())?;
                self.auth.advance_import(name, cursor, house.clock.now()).await.map_err(|e| e.to_string())?;
            }
            page = next?;
            told_at = self.tell(total, told_at, house.clock.now());
        }
        if std::io::stderr().is_terminal() {
            eprintln!();
        }
        if !self.dry {
            // Whole: the next run looks at everybody again, and finds those that are new since.
            self.auth.advance_import(name, String::new(), house.clock.now()).await.map_err(|e| e.to_string())?;
        }
        Ok(looked_at)
    }

    async fn page(&mut self, rows: Vec<Row>) -> Result<(), String> {
        let mut checked: Vec<Checked> = rows.into_iter().map(|row| self.check(row)).collect();
        self.ready(&mut checked).await?;
        let mut under_way = JoinSet::new();
        let mut outcomes: Vec<Option<Imported>> = vec![None; checked.len()];
        let mut before: HashSet<String> = HashSet::new();
        for (at, one) in checked.iter_mut().enumerate() {
            let Some(taken) = one.taken.take() else { continue };
            // Of two who want the same the first one gets it.
            let keys = keys(&taken);
            let waits = keys.iter().any(|key| before.contains(key));
            before.extend(keys);
            while waits && !under_way.is_empty() {
                settle(&mut outcomes, under_way.join_next().await)?;
            }
            if under_way.len() >= AT_ONCE {
                settle(&mut outcomes, under_way.join_next().await)?;
            }
            let (auth, app, dry) = (self.auth.clone(), self.app.clone(), self.dry);
            under_way.spawn(async move { (at, auth.import_user(&app, &taken, dry).await) });
        }
        while !under_way.is_empty() {
            settle(&mut outcomes, under_way.join_next().await)?;
        }
        for (one, outcome) in checked.into_iter().zip(outcomes) {
            self.count(one, outcome)?;
        }
        self.report.flush()
    }

    fn check(&mut self, row: Row) -> Checked {
        let Row { place, user, left_out, .. } = row;
        let user = match user {
            Ok(user) => user,
            Err(why) => return Checked { place, user: None, taken: None, why: vec![why] },
        };
        let (mut taken, problems) = user.check(&self.rules);
        let mut why: Vec<String> = problems.iter().map(ToString::to_string).chain(left_out).collect();
        if !self.makes_roles
            && let Some(taken) = &mut taken
        {
            why.extend(decide::import::keep_known_roles(taken, &self.roles));
        }
        if let Some(twice) = taken.as_ref().filter(|_| self.dry).and_then(|taken| self.twice(taken)) {
            (taken, why) = (None, vec![twice]);
        }
        Checked { place, user: user.external_user_id.or(user.id), taken, why }
    }

    /// What a dry run cannot find in the database: two people with one address.
    fn twice(&mut self, taken: &Taken) -> Option<String> {
        let keys = keys(taken);
        if let Some(key) = keys.iter().find(|key| self.seen.contains(*key)) {
            return Some(format!("{key} is another user's, who stands before this one"));
        }
        self.seen.extend(keys);
        None
    }

    /// Makes the tenants and roles of a page that are not there yet.
    async fn ready(&mut self, page: &mut [Checked]) -> Result<(), String> {
        let taken = || page.iter().filter_map(|one| one.taken.as_ref());
        let of_methods = taken().flat_map(|taken| taken.methods.iter().flat_map(|method| method.tenants.iter().cloned()));
        let tenants: BTreeSet<TenantId> =
            of_methods.chain(taken().flat_map(|taken| taken.roles.iter().map(|(_, tenant)| tenant.clone()))).collect();
        let roles: BTreeSet<String> = taken().flat_map(|taken| taken.roles.iter().map(|(role, _)| role.clone())).collect();
        let new: Vec<String> = roles.into_iter().filter(|role| self.roles.insert(role.clone())).collect();
        if !self.dry {
            let bare = new.iter().map(|role| (role.clone(), Vec::new())).collect();
            self.auth.import_roles(&self.app, bare).await.map_err(|e| e.to_string())?;
        }
        self.made_roles.extend(new);
        self.ready_tenants(tenants).await
    }

    async fn ready_tenants(&mut self, names: BTreeSet<TenantId>) -> Result<(), String> {
        let new: BTreeSet<TenantId> = names.difference(&self.tenants).cloned().collect();
        if !new.is_empty() {
            let made = self.auth.import_tenants(&self.app, &new, self.dry, self.rules.now).await.map_err(|e| e.to_string())?;
            self.made_tenants.extend(made);
            self.tenants.extend(new);
        }
        Ok(())
    }

    fn count(&mut self, one: Checked, outcome: Option<Imported>) -> Result<(), String> {
        let Checked { place, user, why, .. } = one;
        let standing = &mut self.standing;
        let (user, outcome, why) = match outcome {
            None => (user, "refused", why),
            Some(Imported::Nameless(refusal)) => (user, "refused", vec![refusal.to_string()]),
            Some(Imported::Refused(id, refusal)) => (Some(id.to_string()), "refused", vec![refusal.to_string()]),
            Some(Imported::Here(id)) => {
                standing.here += 1;
                (Some(id.to_string()), "changed", why)
            }
            Some(Imported::Taken(id, left_behind)) => {
                standing.taken += 1;
                (Some(id.to_string()), "changed", why.into_iter().chain(left_behind).collect())
            }
        };
        match (outcome, why.is_empty()) {
            ("refused", _) => standing.refused += 1,
            (_, true) => return Ok(()),
            (_, false) => standing.changed += 1,
        }
        self.report.line(&place, user.as_deref(), outcome, &why)
    }

    /// A line of progress, if it is time for one. Answers when the last one came.
    fn tell(&self, total: Option<u64>, told_at: postkey_model::Timestamp, now: postkey_model::Timestamp) -> postkey_model::Timestamp {
        let Standing { taken, here, refused, .. } = self.standing;
        let of = total.map(|total| format!(" of {total}")).unwrap_or_default();
        let line = format!("{}{of} users: {taken} taken, {here} here already, {refused} refused", taken + here + refused);
        let mut stderr = std::io::stderr();
        if stderr.is_terminal() {
            let _ = write!(stderr, "\r{line}\x1b[K");
        } else if now.since(told_at).0 >= LINE_EVERY {
            let _ = writeln!(stderr, "{line}");
        } else {
            return told_at;
        }
        now
    }

    fn say(self, looked_at: u64, seconds: f64, keys: Option<String>) -> Result<ExitCode, String> {
        let Standing { taken, here, changed, refused, .. } = self.standing;
        let would = if self.dry { "would be taken" } else { "taken" };
        println!("users         {taken} {would}, {here} here already, {refused} refused; {changed} not whole");
        println!("time          {seconds:.1} s for {looked_at} users, {:.0} a second", looked_at as f64 / seconds);
        if let Some(keys) = keys {
            println!("signing keys  {keys}");
        }
        let list = |names: Vec<String>| names.join(", ");
        if !self.made_roles.is_empty() {
            println!("roles made    {} (without permissions: a file says nothing of them)", list(self.made_roles.into_iter().collect()));
        }
        if !self.made_tenants.is_empty() {
            println!("tenants made  {}", list(self.made_tenants.iter().map(ToString::to_string).collect()));
            println!("              nobody gets in to a new tenant until a back end sets its first factors");
        }
        if self.report.lines() > 0 {
            println!("reasons       {} lines in {}", self.report.lines(), self.report.path().display());
        }
        Ok(if refused > 0 { ExitCode::from(2) } else { ExitCode::SUCCESS })
    }
}

/// What only one person can have: an id, and an address, number or account at a service in a tenant.
fn keys(taken: &Taken) -> Vec<String> {
    let id = taken.external_id.clone().or_else(|| taken.id.as_ref().map(|id| id.as_str().to_owned()));
    let mut keys: Vec<String> = id.map(|id| format!("id {id}")).into_iter().collect();
    for method in &taken.methods {
        let own = method.external_id.clone().or_else(|| method.id.as_ref().map(|id| id.as_str().to_owned()));
        let own = own.map(|id| format!("id {id}"));
        keys.extend(own.filter(|own| !keys.contains(own)));
        for tenant in &method.tenants {
            keys.extend(method.ways.iter().map(|way| format!("{} {} in tenant {tenant}", way.connection.as_str(), way.subject)));
        }
    }
    keys
}

type Joined = Option<Result<(usize, Result<Imported, postkey_store::Unavailable>), tokio::task::JoinError>>;

/// Notes what became of one.
fn settle(outcomes: &mut [Option<Imported>], joined: Joined) -> Result<(), String> {
    if let Some(joined) = joined {
        let (at, outcome) = joined.map_err(|e| e.to_string())?;
        outcomes[at] = Some(outcome.map_err(|e| e.to_string())?);
    }
    Ok(())
}

//! `postkey users`: one person's data, for whoever runs the server: look, hand over, delete.

use crate::commands::clock;
use crate::setup::Setup;
use crate::{Options, TenantOption, open_there, run};
use clap::{Args, Subcommand};
use postkey_auth::decide::people::login_methods;
use postkey_http::timeline_json;
use postkey_model::{Agent, AppId, ContactMethod, Identifier, Session, TenantId, Timestamp};
use postkey_store::{AccountInfo, Page, Unavailable, UserFacts, WayKind};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::{IsTerminal, Write};

#[derive(Subcommand)]
pub enum UsersCommand {
    /// List the users of a tenant, oldest first.
    List {
        #[command(flatten)]
        tenant: TenantOption,
        /// How many.
        #[arg(long, value_name = "COUNT", default_value_t = 100, value_parser = clap::value_parser!(i64).range(1..=10_000))]
        limit: i64,
        /// Go on behind this user.
        #[arg(long, value_name = "ID")]
        after: Option<String>,
        #[command(flatten)]
        options: Options,
    },
    /// Show one: login methods, tenants, live sessions, roles, metadata.
    Show {
        #[command(flatten)]
        whom: Whom,
        #[command(flatten)]
        options: Options,
    },
    /// Delete one, with sessions, metadata and roles. There is no way back.
    Delete {
        /// The user's id.
        id: String,
        /// Of which app.
        #[arg(long, value_name = "NAME", default_value = "public")]
        app: String,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        options: Options,
    },
    /// Print everything that is kept about one person, as JSON.
    Export {
        #[command(flatten)]
        whom: Whom,
        #[command(flatten)]
        options: Options,
    },
}

/// Whom a command is about.
#[derive(Args)]
pub struct Whom {
    /// The user's id, an email address, or a phone number.
    who: String,
    #[command(flatten)]
    tenant: TenantOption,
}

impl UsersCommand {
    pub fn options(&self) -> &Options {
        match self {
            UsersCommand::List { options, .. }
            | UsersCommand::Show { options, .. }
            | UsersCommand::Delete { options, .. }
            | UsersCommand::Export { options, .. } => options,
        }
    }
}

/// `postkey users`
pub async fn users(setup: Setup, command: &UsersCommand) -> Result<(), String> {
    let house = open_there(&setup).await?;
    let outcome = match command {
        UsersCommand::List { tenant, limit, after, .. } => list(&house, &tenant.tenant, *limit, after.as_deref()).await,
        UsersCommand::Show { whom, .. } => show(&house, whom).await,
        UsersCommand::Delete { id, app, yes, .. } => delete(&house, id, app, *yes).await,
        UsersCommand::Export { whom, .. } => hand_over(&house, whom).await,
    };
    house.store.close().await;
    outcome
}

fn away(e: Unavailable) -> String {
    e.to_string()
}

/// A tenant by name, those of other apps as `app/tenant`.
async fn tenant(house: &run::House, name: &str) -> Result<TenantId, String> {
    house.auth.tend_tenants(house.clock.now()).await.map_err(away)?;
    let known = house.auth.tenants();
    let found = known.iter().find(|tenant| tenant.id.as_str() == name).map(|tenant| tenant.id.clone());
    found.ok_or_else(|| format!("there is no tenant {name:?}"))
}

async fn find(house: &run::House, whom: &Whom) -> Result<UserFacts, String> {
    let tenant = tenant(house, &whom.tenant.tenant).await?;
    if let Some(facts) = house.auth.find_person(&tenant.app(), &whom.who).await.map_err(away)? {
        return Ok(facts);
    }
    let mut info = AccountInfo::default();
    match Identifier::parse(&whom.who, ContactMethod::EmailOrPhone, None) {
        Ok(Identifier::Email(address)) => info.email = Some(address.as_str().to_owned()),
        Ok(Identifier::Phone(number)) => info.phone = Some(number.as_str().to_owned()),
        Err(_) => return Err(format!("there is no user {:?} in the app {}", whom.who, tenant.app())),
    }
    let mut found = house.auth.find_people_by(&tenant, &info, true).await.map_err(away)?;
    match found.len() {
        0 => Err(format!("nobody in the tenant {tenant} has {}", whom.who)),
        1 => found.pop().ok_or_else(String::new),
        _ => {
            let ids: Vec<&str> = found.iter().map(|facts| facts.user.id.as_str()).collect();
            Err(format!("several users in the tenant {tenant} have {}; name one by id: {}", whom.who, ids.join(", ")))
        }
    }
}

/// The ways in, in words.
fn ways(facts: &UserFacts) -> Vec<String> {
    let service = |(id, subject): &(postkey_model::ProviderId, String)| format!("{} {subject}", id.as_str());
    let words = login_methods(facts).into_iter().map(|method| {
        let all = [method.provider.as_ref().map(service), method.email, method.phone].into_iter().flatten().collect::<Vec<_>>().join(" ");
        // What a service or a back end called somebody may hold what a terminal would obey.
        all.replace(char::is_control, "\u{fffd}")
    });
    words.collect()
}

async fn list(house: &run::House, name: &str, limit: i64, after: Option<&str>) -> Result<(), String> {
    let tenant = tenant(house, name).await?;
    let mut page = Page { from: None, limit, youngest_first: false, kind: WayKind::Any };
    if let Some(after) = after {
        let facts = house.auth.find_person(&tenant.app(), after).await.map_err(away)?;
        let facts = facts.ok_or_else(|| format!("there is no user {after:?} to go on behind"))?;
        // The list begins with this one, who is left away.
        (page.from, page.limit) = (Some((facts.user.created_at, facts.user.id)), limit + 1);
    }
    let mut listing = house.auth.list_people(&tenant, &page).await.map_err(away)?;
    listing.users.retain(|facts| after != Some(facts.user.id.as_str()));
    let more = listing.next.is_some() || listing.users.len() as i64 > limit;
    listing.users.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    for facts in &listing.users {
        println!("{}  {}  {}", clock(facts.user.created_at), facts.user.id, ways(facts).join(", "));
    }
    match listing.users.last() {
        None => eprintln!("none"),
        Some(last) if more => eprintln!("there are more: --after {}", last.user.id),
        Some(_) => {}
    }
    Ok(())
}

async fn show(house: &run::House, whom: &Whom) -> Result<(), String> {
    let facts = find(house, whom).await?;
    let (id, app) = (&facts.user.id, facts.user.tenant.app());
    println!("user      {id}");
    println!("since     {}", clock(facts.user.created_at));
    if facts.is_primary() {
        println!("primary   yes");
    }
    for (method, way) in login_methods(&facts).iter().zip(ways(&facts)) {
        let tenants: Vec<&str> = method.tenants.iter().map(TenantId::name).collect();
        let place = if tenants.is_empty() { "in no tenant".to_owned() } else { format!("in {}", tenants.join(", ")) };
        let proved = if method.is_verified { "" } else { ", not verified" };
        println!("method    {}  {way}, since {}, {place}{proved}", method.id, clock(method.created_at));
    }
    for session in house.store.sessions_of(id, house.clock.now()).await.map_err(away)? {
        let agent = Agent::of(&session.user_agent);
        let browser = agent.browser.name().unwrap_or("another browser");
        let system = agent.system.name().unwrap_or("another system");
        let (made, seen) = (clock(session.created_at), clock(session.last_seen_at));
        println!("session   {}  {browser} on {system} from {}, since {made}, last seen {seen}", session.handle, session.client_ip);
    }
    for (tenant, role) in house.store.all_roles_of(&app, id.as_str()).await.map_err(away)? {
        println!("role      {role} in {}", tenant.name());
    }
    if let Some(metadata) = house.store.metadata(&app, id.as_str()).await.map_err(away)? {
        println!("metadata  {}", metadata.text);
    }
    Ok(())
}

async fn delete(house: &run::House, id: &str, app: &str, yes: bool) -> Result<(), String> {
    let app = AppId::parse(app).ok_or_else(|| format!("{app:?} cannot be the name of an app"))?;
    house.auth.tend_tenants(house.clock.now()).await.map_err(away)?;
    let none = || format!("there is no user {id:?} in the app {app}");
    let facts = house.auth.find_person(&app, id).await.map_err(away)?.ok_or_else(none)?;
    if facts.user.id.as_str() != id {
        return Err(format!("{id} is a login method of the user {}: name the user", facts.user.id));
    }
    if !yes {
        if !std::io::stdin().is_terminal() {
            return Err("deleting is for good: add --yes".to_owned());
        }
        print!("delete {id} ({}) for good? [y/N] ", ways(&facts).join(", "));
        std::io::stdout().flush().map_err(|e| e.to_string())?;
        let mut answer = String::new();
        std::io::stdin().read_line(&mut answer).map_err(|e| e.to_string())?;
        if !matches!(answer.trim(), "y" | "Y" | "yes") {
            return Err("nothing was deleted".to_owned());
        }
    }
    if !house.auth.remove_person(&app, id, true, house.clock.now()).await.map_err(away)? {
        return Err(none());
    }
    println!("{id} is deleted. Access tokens already out are good until they end");
    Ok(())
}

async fn hand_over(house: &run::House, whom: &Whom) -> Result<(), String> {
    let facts = find(house, whom).await?;
    let all = everything(house, &facts).await.map_err(away)?;
    println!("{}", serde_json::to_string_pretty(&all).map_err(|e| e.to_string())?);
    Ok(())
}

/// Everything that is kept about a person. Secrets of the server's (what tokens are made from) are not about them.
async fn everything(house: &run::House, facts: &UserFacts) -> Result<Value, Unavailable> {
    let (store, user) = (&house.store, &facts.user);
    let app = user.tenant.app();
    let methods = login_methods(facts);
    let sessions = store.all_sessions_of(&user.id).await?;
    let roles = store.all_roles_of(&app, user.id.as_str()).await?;
    let ids: BTreeSet<&str> = methods.iter().map(|method| method.id.as_str()).chain([user.id.as_str()]).collect();
    let mut metadata = serde_json::Map::new();
    for id in &ids {
        if let Some(found) = store.metadata(&app, id).await? {
            metadata.insert((*id).to_owned(), serde_json::from_str(&found.text).unwrap_or(Value::String(found.text)));
        }
    }
    let mut sign_ins = Vec::new();
    let (mut about, mut invites): (Vec<String>, Vec<Value>) = (ids.iter().map(|id| (*id).to_owned()).collect(), Vec::new());
    for identity in &facts.identities {
        let Some(identifier) = identity.identifier() else { continue };
        if store.is_invited(&identity.tenant, &identifier).await? {
            invites.push(json!({ "tenant": identity.tenant.as_str(), "to": identifier.as_str() }));
        }
        for (id, _, _) in house.auth.sign_ins_of(&identity.tenant, &identifier).await? {
            if let Some(timeline) = house.auth.timeline(&id).await? {
                let mut sign_in = timeline_json(&timeline);
                sign_in["to"] = identifier.as_str().into();
                sign_ins.push(sign_in);
            }
            about.push(id.to_string());
        }
    }
    about.extend(sessions.iter().map(|session| session.handle.to_string()));
    let mut events = Vec::new();
    for subject in &about {
        events.extend(store.events_about(subject).await?);
    }
    events.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
    events.dedup_by(|a, b| a.id == b.id);
    let events: Vec<Value> = events
        .iter()
        .map(|event| json!({ "at": event.at.0, "tenant": event.tenant.as_str(), "kind": event.kind, "subject": event.subject }))
        .collect();
    Ok(json!({
        "user": {
            "id": user.id.as_str(),
            "app": app.as_str(),
            "tenant": user.tenant.as_str(),
            "createdAt": user.created_at.0,
            "primaryAt": user.primary_at.map(|at| at.0),
        },
        "loginMethods": facts.identities.iter().map(|row| json!({
            "id": row.id.as_str(),
            "tenant": row.tenant.as_str(),
            "connection": row.connection.as_str(),
            "subject": row.subject,
            "email": row.provider_email,
            "createdAt": row.created_at.0,
            "verifiedAt": row.verified_at.map(|at| at.0),
        })).collect::<Vec<_>>(),
        "metadata": metadata,
        "roles": roles.iter().map(|(tenant, role)| json!({ "tenant": tenant.as_str(), "role": role })).collect::<Vec<_>>(),
        "sessions": sessions.iter().map(session_json).collect::<Vec<_>>(),
        "signIns": sign_ins,
        "invitations": invites,
        "events": events,
    }))
}

fn session_json(session: &Session) -> Value {
    let kept = session.back_end.as_deref();
    let parsed = |text: Option<&String>| text.map(|text| serde_json::from_str(text).unwrap_or(Value::String(text.clone())));
    json!({
        "handle": session.handle.as_str(),
        "tenant": session.tenant.as_str(),
        "loginMethod": session.identity.as_str(),
        "createdAt": session.created_at.0,
        "lastSeenAt": session.last_seen_at.0,
        "expiresAt": session.expires_at.0,
        "revokedAt": session.revoked_at.map(|at: Timestamp| at.0),
        "network": session.client_ip,
        "agent": session.user_agent,
        "claims": parsed(kept.and_then(|kept| kept.claims.as_ref())),
        "data": parsed(kept.and_then(|kept| kept.data.as_ref())),
    })
}

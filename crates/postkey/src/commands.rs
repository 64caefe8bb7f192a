//! Commands that look after templates, sign-ins and invitations.

use crate::setup::{Setup, load_templates};
use crate::{open_there, run};
use jiff::Timestamp as Instant;
use postkey_delivery::Templates as Messages;
use postkey_http::{said_by_code, samples, timeline_json};
use postkey_model::{Agent, ContactMethod, Identifier, SignInId, TenantId, Timestamp};
use postkey_words::{LoadError, Problem, Templates};
use std::path::Path;
use std::sync::Arc;

/// What a look at all templates found.
pub struct Findings {
    /// How many pages were rendered.
    pub rendered: usize,
    /// Strings that languages of the operator's own lack. No mistake: English stands in for them.
    pub missing: Vec<String>,
    /// Mistakes.
    pub wrong: Vec<String>,
}

/// Everything that is wrong with templates and strings, those in `folder` and the built-in ones.
pub fn template_problems(folder: Option<&Path>) -> Result<Findings, Vec<String>> {
    let templates = load_templates(folder).map_err(|LoadError(problems)| problems.iter().map(ToString::to_string).collect::<Vec<_>>())?;
    let keys: Vec<&str> = said_by_code().collect();
    let (missing, wrong): (Vec<_>, Vec<_>) = templates.check(&keys).into_iter().partition(is_missing_in_added);
    let mut wrong: Vec<String> = wrong.iter().map(ToString::to_string).collect();
    let (rendered, broken) = broken_templates(Arc::new(templates));
    wrong.extend(broken);
    Ok(Findings { rendered, missing: missing.iter().map(ToString::to_string).collect(), wrong })
}

/// Whether a problem is only that a language of the operator's own lacks a string.
fn is_missing_in_added(problem: &Problem) -> bool {
    !problem.file.starts_with("locales/") && problem.what.starts_with("has no message")
}

/// What cannot be rendered: every page in every state and every message, in every language; each mistake once.
pub fn broken_templates(templates: Arc<Templates>) -> (usize, Vec<String>) {
    let mut wrong = Vec::new();
    let mut rendered = 0;
    for language in templates.words().languages().all() {
        for sample in samples::all(&templates, *language) {
            rendered += 1;
            wrong.extend(sample.check(&templates, *language).err().map(|e| e.to_string()));
        }
    }
    wrong.extend(Messages::new(templates).check().iter().map(ToString::to_string));
    wrong.sort();
    wrong.dedup();
    (rendered, wrong)
}

/// `postkey templates check`
pub fn check_templates(folder: Option<&Path>) -> Result<(), String> {
    let wrong = match template_problems(folder) {
        Ok(Findings { rendered, missing, wrong }) if wrong.is_empty() => {
            println!("ok: every message, and {rendered} pages");
            missing.iter().for_each(|line| println!("note: {line}; English stands in for it"));
            return Ok(());
        }
        Ok(Findings { wrong, .. }) | Err(wrong) => wrong,
    };
    wrong.iter().for_each(|line| println!("{line}"));
    Err(match wrong.len() {
        1 => "one thing is wrong with the templates".to_owned(),
        many => format!("{many} things are wrong with the templates"),
    })
}

/// `postkey templates export`
pub fn export_templates(folder: &Path) -> Result<(), String> {
    let templates = load_templates(None).map_err(|e| e.to_string())?;
    let written = templates.export(folder).map_err(|e| e.to_string())?;
    println!(
        "{} files in {}. Keep those that you change, delete the others, and set templates_dir to the folder.",
        written.len(),
        folder.display()
    );
    Ok(())
}

/// `postkey sign-ins show`
pub async fn show_sign_in(setup: Setup, id: &str, json: bool) -> Result<(), String> {
    let id = SignInId::parse(id)
        .ok_or_else(|| format!("{id:?} cannot be the id of a sign-in: it is what stands behind preAuthSessionId= in the link"))?;
    let house = open_there(&setup).await?;
    let timeline = house.auth.timeline(&id).await;
    house.store.close().await;
    let timeline = timeline.map_err(|e| e.to_string())?;
    let timeline = timeline.ok_or("there is no sign-in of this id (they are kept for a day after their code died)")?;
    if json {
        println!("{}", timeline_json(&timeline));
        return Ok(());
    }
    let agent = Agent::stored(&timeline.asked.agent);
    let (browser, system) = (agent.browser.name().unwrap_or("another browser"), agent.system.name().unwrap_or("another system"));
    println!("sign-in   {}", timeline.id);
    println!("tenant    {}", timeline.tenant);
    println!("to        {}", timeline.to.masked());
    println!("asked in  {browser} on {system}, from {}", timeline.asked.client_ip);
    println!("messages  {}, wrong codes {}, code good until {}", timeline.sends, timeline.attempts, clock(timeline.expires_at));
    for step in &timeline.steps {
        let by = [step.channel.map(|channel| channel.as_str()), step.provider.as_deref()];
        let by = by.into_iter().flatten().collect::<Vec<_>>().join(" by ");
        println!("  {}  {:<22} {by:<24} {}", clock(step.at), step.what, step.answer.as_deref().unwrap_or_default());
    }
    Ok(())
}

/// `postkey sign-ins list`
pub async fn list_sign_ins(setup: Setup, tenant: &str, who: &str) -> Result<(), String> {
    let (tenant, who) = (named_tenant(&setup, tenant)?, identifier(who)?);
    let house = open_there(&setup).await?;
    let found = house.auth.sign_ins_of(&tenant, &who).await;
    house.store.close().await;
    let found = found.map_err(|e| e.to_string())?;
    if found.is_empty() {
        println!("none (they are kept for a day after their code died)");
    }
    for (id, at, how) in found {
        println!("{}  {id}  {}", clock(at), how.map_or("open, or its code died", postkey_model::EndedHow::as_str));
    }
    Ok(())
}

fn named_tenant(setup: &Setup, name: &str) -> Result<TenantId, String> {
    let tenant = TenantId::parse(name).filter(|id| setup.settings.tenants.contains_key(id));
    tenant.ok_or_else(|| "there is no tenant of that name in the config".to_owned())
}

fn identifier(who: &str) -> Result<Identifier, String> {
    Identifier::parse(who, ContactMethod::EmailOrPhone, None)
        .map_err(|e| format!("{who:?}: {e}; write an address, or a number with its country code, like +4915112345678"))
}

pub fn clock(at: Timestamp) -> String {
    let instant = Instant::from_millisecond(at.0).unwrap_or(Instant::UNIX_EPOCH);
    instant.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// What is to be done about invitations.
pub enum Invites<'a> {
    /// Invite somebody.
    Add(&'a str),
    /// Take an invitation back.
    Withdraw(&'a str),
    /// List them.
    List,
}

/// `postkey invites`
pub async fn invites(setup: Setup, tenant: &str, task: Invites<'_>) -> Result<(), String> {
    let tenant = named_tenant(&setup, tenant)?;
    let house = open_there(&setup).await?;
    let outcome = invites_of(&house, &tenant, task).await;
    house.store.close().await;
    outcome
}

async fn invites_of(house: &run::House, tenant: &TenantId, task: Invites<'_>) -> Result<(), String> {
    match task {
        Invites::Add(who) => {
            let who = identifier(who)?;
            house.auth.invite(tenant, &who, house.clock.now()).await.map_err(|e| e.to_string())?;
            println!("{} may get an account in {tenant} by signing in", who.as_str());
            if !matches!(house.auth.tenant(tenant).as_deref().map(|tenant| &tenant.sign_up), Some(postkey_model::SignUp::Listed(_))) {
                println!("(sign_up of this tenant is not \"invited\": the invitation changes nothing yet)");
            }
        }
        Invites::Withdraw(who) => {
            let who = identifier(who)?;
            house.auth.withdraw_invite(tenant, &who).await.map_err(|e| e.to_string())?;
            println!("{} is not invited any more", who.as_str());
        }
        Invites::List => {
            for (who, at) in house.auth.invites(tenant).await.map_err(|e| e.to_string())? {
                println!("{}  {}", clock(at), who.as_str());
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// No string is missing in any language, none is there that nobody uses, and every page and message renders.
    #[test]
    fn the_built_in_templates_have_no_problems() {
        let Findings { rendered, wrong, .. } =
            template_problems(None).unwrap_or_else(|wrong| panic!("they do not load:\n{}", wrong.join("\n")));
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        // Some dozens of screens in every language.
        assert!(rendered > 300, "only {rendered} pages were rendered");
    }
}

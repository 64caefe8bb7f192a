//! `postkey applications`: the web apps that people log in to, and where each may have them sent back.

use crate::clients::moment;
use crate::setup::Setup;
use crate::{Options, open_there, run};
use clap::{Args, Subcommand};
use postkey_auth::RegisterError;
use postkey_auth::decide::registered::ApplicationWish;
use postkey_model::{Application, TenantId};
use serde_json::{Value, json};

#[derive(Subcommand)]
pub enum ApplicationsCommand {
    /// Register one.
    Create {
        #[command(flatten)]
        wish: Wish,
        #[command(flatten)]
        options: Options,
    },
    /// List them.
    List {
        #[command(flatten)]
        options: Options,
    },
    /// Show one, as JSON.
    Show {
        /// Its id.
        id: String,
        #[command(flatten)]
        options: Options,
    },
    /// Delete one. Who is logged in stays so until the session ends.
    Delete {
        /// Its id.
        id: String,
        #[command(flatten)]
        options: Options,
    },
}

/// What a new application is to be.
#[derive(Args)]
pub struct Wish {
    /// Its id, such as app_shop. Default: a random one.
    #[arg(long)]
    id: Option<String>,
    /// What you call it. Default: its id.
    #[arg(long)]
    name: Option<String>,
    /// Where people may be sent back to, and everything below: https://app.example.com/, https://*.example.com/,
    /// http://localhost:3000/. May be given several times.
    #[arg(long, value_name = "URL", required = true)]
    redirect_url: Vec<String>,
    /// It runs on a developer's machine: tokens come back in its address.
    #[arg(long)]
    development: bool,
    /// The tenant whose users log in. Default: public.
    #[arg(long, value_name = "NAME")]
    tenant: Option<String>,
}

impl ApplicationsCommand {
    pub fn options(&self) -> &Options {
        match self {
            ApplicationsCommand::Create { options, .. }
            | ApplicationsCommand::List { options }
            | ApplicationsCommand::Show { options, .. }
            | ApplicationsCommand::Delete { options, .. } => options,
        }
    }
}

/// `postkey applications`
pub async fn applications(setup: Setup, command: &ApplicationsCommand) -> Result<(), String> {
    let house = open_there(&setup).await?;
    let outcome = match command {
        ApplicationsCommand::Create { wish, .. } => create(&house, wish).await,
        ApplicationsCommand::List { .. } => list(&house).await,
        ApplicationsCommand::Show { id, .. } => house.auth.find_application(id).await.map_err(|e| told(e, id)).and_then(|one| print(&one)),
        ApplicationsCommand::Delete { id, .. } => {
            house.auth.remove_application(id).await.map_err(|e| told(e, id)).map(|()| println!("{id} is deleted"))
        }
    };
    house.store.close().await;
    outcome
}

/// What went wrong with the application of an id, in words.
fn told(error: RegisterError, id: &str) -> String {
    match error {
        RegisterError::Unknown => format!("there is no application {id:?}"),
        RegisterError::Taken => format!("there is an application {id:?} already"),
        other => other.to_string(),
    }
}

async fn create(house: &run::House, wish: &Wish) -> Result<(), String> {
    let tenant = match &wish.tenant {
        Some(name) => Some(TenantId::parse(name).ok_or_else(|| format!("there is no tenant {name:?}"))?),
        None => None,
    };
    let id = wish.id.as_deref();
    let wished = ApplicationWish {
        name: wish.name.clone().or_else(|| wish.id.clone()),
        redirect_urls: Some(wish.redirect_url.clone()),
        is_development: Some(wish.development),
        tenant: Some(tenant),
        ..ApplicationWish::default()
    };
    let made = house.auth.create_application(id, &wished, house.clock.now()).await;
    print(&made.map_err(|e| told(e, id.unwrap_or_default()))?)
}

async fn list(house: &run::House) -> Result<(), String> {
    let all = house.auth.all_applications().await.map_err(|e| e.to_string())?;
    for application in &all {
        let kind = if application.settings.is_development { "development" } else { "" };
        println!("{:<36} {kind:<12} {}  {}", application.id, application.settings.name, application.settings.redirect_urls.join(" "));
    }
    if all.is_empty() {
        println!("none");
    }
    Ok(())
}

fn print(application: &Application) -> Result<(), String> {
    println!("{}", serde_json::to_string_pretty(&shown(application)).map_err(|e| e.to_string())?);
    Ok(())
}

fn shown(application: &Application) -> Value {
    json!({
        "applicationId": application.id,
        "name": application.settings.name,
        "createdTime": moment(application.created_at),
        "redirectUrls": application.settings.redirect_urls,
        "isDevelopment": application.settings.is_development,
        "tenantId": application.settings.tenant,
    })
}

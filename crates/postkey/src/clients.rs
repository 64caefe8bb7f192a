//! `postkey clients`: service clients, for whoever runs the server. The first administrator is made here.

use crate::commands::clock;
use crate::config::Length;
use crate::setup::Setup;
use crate::{Options, open_there, run};
use clap::{Args, Subcommand, ValueEnum};
use postkey_auth::decide::registered::{ClientWish, ConnectionWish};
use postkey_auth::{NewKey, RegisterError};
use postkey_model::{ClientSettings, Linking, Millis, ServiceClient, Timestamp};
use serde_json::{Value, json};
use std::io::Write;
use std::path::PathBuf;

#[derive(Subcommand)]
pub enum ClientsCommand {
    /// Make one, with an access key that is shown this once.
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
    /// Delete one, with its keys. Users whom it vouched for stay.
    Delete {
        /// Its id.
        id: String,
        #[command(flatten)]
        options: Options,
    },
    /// Add and delete access keys.
    Keys {
        #[command(subcommand)]
        command: ClientKeysCommand,
    },
}

#[derive(Subcommand)]
pub enum ClientKeysCommand {
    /// Add one, up to five. It is shown this once.
    Add {
        /// The client's id.
        id: String,
        /// Take this public key (Ed25519, PEM) instead of drawing one: its owner signs, and no access key is shown.
        #[arg(long, value_name = "FILE")]
        public_key: Option<PathBuf>,
        #[command(flatten)]
        options: Options,
    },
    /// Delete one: from then on it opens nothing.
    Delete {
        /// The client's id.
        id: String,
        /// The key's id.
        key: String,
        #[command(flatten)]
        options: Options,
    },
}

/// What a new client is to be.
#[derive(Args)]
pub struct Wish {
    /// What you call it.
    #[arg(long)]
    name: String,
    /// Its id, which begins with sc_. Default: a random one.
    #[arg(long)]
    id: Option<String>,
    /// Let it do everything that the management interface offers.
    #[arg(long)]
    admin: bool,
    /// Let it say who somebody is: start and finish logins.
    #[arg(long)]
    token_generation: bool,
    /// Where people say who they are to it, if it has such a page.
    #[arg(long, value_name = "URL")]
    authorization_url: Option<String>,
    /// How old its links may be, whatever its SDK writes into them: 1s to 1h.
    #[arg(long, value_name = "TIME")]
    assertion_max_age: Option<Length>,
    /// Take an address that it names as somebody's id for proved by it.
    #[arg(long)]
    trust_subject_as_verified_email: bool,
    /// Take a code that it had made for a number for typed by whoever has the number: an administrator says whose that is.
    #[arg(long)]
    trust_subject_as_verified_number: bool,
    /// Whether identities that it vouches for may join users who have others. Default: no.
    #[arg(long)]
    linking: Option<LinkingName>,
}

#[derive(Clone, Copy, ValueEnum)]
enum LinkingName {
    Explicit,
    Automatic,
}

impl ClientsCommand {
    pub fn options(&self) -> &Options {
        match self {
            ClientsCommand::Create { options, .. }
            | ClientsCommand::List { options }
            | ClientsCommand::Show { options, .. }
            | ClientsCommand::Delete { options, .. }
            | ClientsCommand::Keys { command: ClientKeysCommand::Add { options, .. } | ClientKeysCommand::Delete { options, .. } } => {
                options
            }
        }
    }
}

/// `postkey clients`
pub async fn clients(setup: Setup, command: &ClientsCommand) -> Result<(), String> {
    let house = open_there(&setup).await?;
    let outcome = match command {
        ClientsCommand::Create { wish, .. } => create(&house, wish).await,
        ClientsCommand::List { .. } => list(&house).await,
        ClientsCommand::Show { id, .. } => show(&house, id).await,
        ClientsCommand::Delete { id, .. } => {
            house.auth.remove_client(id).await.map_err(|e| told(e, id)).map(|()| println!("{id} is deleted"))
        }
        ClientsCommand::Keys { command: ClientKeysCommand::Add { id, public_key, .. } } => add_key(&house, id, public_key.as_ref()).await,
        ClientsCommand::Keys { command: ClientKeysCommand::Delete { id, key, .. } } => delete_key(&house, id, key).await,
    };
    house.store.close().await;
    outcome
}

/// What went wrong with the client of an id, in words.
fn told(error: RegisterError, id: &str) -> String {
    match error {
        RegisterError::Unknown => format!("there is no service client {id:?}"),
        RegisterError::Taken => format!("there is a service client {id:?} already"),
        other => other.to_string(),
    }
}

async fn create(house: &run::House, wish: &Wish) -> Result<(), String> {
    let linking = wish.linking.map(|name| match name {
        LinkingName::Explicit => Linking::Explicit,
        LinkingName::Automatic => Linking::Automatic,
    });
    let wished = ClientWish {
        name: Some(wish.name.clone()),
        is_admin: Some(wish.admin),
        token_generation: Some(wish.token_generation),
        authorization_url: Some(wish.authorization_url.clone()),
        assertion_max_age: Some(wish.assertion_max_age.map(|length| length.0)),
        trust_subject_as_verified_email: Some(wish.trust_subject_as_verified_email),
        trust_subject_as_verified_number: Some(wish.trust_subject_as_verified_number),
        connection: ConnectionWish { linking, ..ConnectionWish::default() },
        ..ClientWish::default()
    };
    let id = wish.id.as_deref();
    let client = house.auth.create_client(id, &wished, house.clock.now()).await.map_err(|e| told(e, id.unwrap_or_default()))?;
    let key = house.auth.add_client_key(&client.id, None, house.clock.now()).await.map_err(|e| told(e, &client.id))?;
    if let Err(why) = print_key(house, &client.id, &key) {
        // Nobody saw its only key: the next try shall begin where this one did.
        house.auth.remove_client(&client.id).await.map_err(|e| format!("{why}, and {}", told(e, &client.id)))?;
        return Err(format!("{why}: the client was deleted again, because nobody saw its access key"));
    }
    Ok(())
}

async fn add_key(house: &run::House, id: &str, public_key: Option<&PathBuf>) -> Result<(), String> {
    let brought = match public_key {
        Some(file) => Some(public_key_of_pem(&std::fs::read_to_string(file).map_err(|e| format!("cannot read {}: {e}", file.display()))?)),
        None => None,
    };
    let key = house.auth.add_client_key(id, brought.as_deref(), house.clock.now()).await.map_err(|e| told(e, id))?;
    if let Err(why) = print_key(house, id, &key) {
        let removed = house.auth.remove_client_key(id, &key.key.id, house.clock.now()).await;
        removed.map_err(|e| format!("{why}, and {}", told(e, id)))?;
        return Err(format!("{why}: the key was deleted again, because nobody saw it"));
    }
    Ok(())
}

/// The base64 of a public key in PEM (RFC 7468 §13), or of one without its first and last line.
fn public_key_of_pem(text: &str) -> String {
    text.lines().filter(|line| !line.starts_with("-----")).map(str::trim).collect()
}

/// The one time that an access key is shown: on standard output as JSON, with a word to people beside it.
fn print_key(house: &run::House, id: &str, key: &NewKey) -> Result<(), String> {
    let mut shown = json!({ "clientId": id, "keyId": key.key.id, "accountId": house.auth.account() });
    if let Some(access) = &key.access_key {
        shown["accessKey"] = access.expose().as_str().into();
        eprintln!("This is the only time that the access key is shown: keep it where your back end keeps its secrets.");
    }
    let shown = serde_json::to_string_pretty(&shown).map_err(|e| e.to_string())?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "{shown}").and_then(|()| out.flush()).map_err(|e| format!("cannot write to standard output: {e}"))
}

async fn delete_key(house: &run::House, id: &str, key: &str) -> Result<(), String> {
    house.auth.remove_client_key(id, key, house.clock.now()).await.map_err(|error| match error {
        RegisterError::Unknown => format!("there is no key {key:?} of a service client {id:?}"),
        other => told(other, id),
    })?;
    println!("the key {key} of {id} is deleted");
    Ok(())
}

async fn list(house: &run::House) -> Result<(), String> {
    let all = house.auth.list_registered::<ClientSettings>("", i64::MAX).await.map_err(|e| e.to_string())?;
    for client in &all {
        let settings = &client.settings;
        let may = [(settings.is_admin, "admin"), (settings.token_generation, "token-generation")];
        let may: Vec<&str> = may.iter().filter(|(is, _)| *is).map(|(_, word)| *word).collect();
        println!("{}  {:<36} keys: {}  {:<24} {}", clock(client.created_at), client.id, settings.keys.len(), may.join(","), settings.name);
    }
    if all.is_empty() {
        println!("none");
    }
    Ok(())
}

async fn show(house: &run::House, id: &str) -> Result<(), String> {
    let client = house.auth.registered::<ClientSettings>(id).await.map_err(|e| e.to_string())?;
    let client = client.ok_or_else(|| told(RegisterError::Unknown, id))?;
    println!("{}", serde_json::to_string_pretty(&shown(&client)).map_err(|e| e.to_string())?);
    Ok(())
}

fn shown(client: &ServiceClient) -> Value {
    let ClientSettings { name, is_admin, token_generation, authorization_url, assertion_max_age, keys, linking, login_life, .. } =
        &client.settings;
    let seconds = |length: Option<Millis>| length.map(Millis::as_secs);
    json!({
        "clientId": client.id,
        "name": name,
        "createdTime": moment(client.created_at),
        "admin": is_admin,
        "tokenGeneration": token_generation,
        "authorizationUrl": authorization_url,
        "assertionMaxAgeSeconds": seconds(*assertion_max_age),
        "trustSubjectAsVerifiedEmail": client.settings.trust_subject_as_verified_email,
        "trustSubjectAsVerifiedNumber": client.settings.trust_subject_as_verified_number,
        "linking": linking.as_str(),
        "loginLifeSeconds": seconds(*login_life),
        "keys": keys.iter().map(|key| json!({ "keyId": key.id, "createdTime": moment(key.created_at) })).collect::<Vec<_>>(),
    })
}

/// A moment for programs (RFC 3339).
pub fn moment(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_key_is_read_with_and_without_its_frame() {
        let key = "MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=";
        assert_eq!(public_key_of_pem(&format!("-----BEGIN PUBLIC KEY-----\n{key}\n-----END PUBLIC KEY-----\n")), key);
        assert_eq!(public_key_of_pem(&format!("{key}\n")), key);
    }
}

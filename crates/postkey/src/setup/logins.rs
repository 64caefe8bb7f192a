//! `[authress]`: what holds for applications that log people in by requests.

use super::Mode;
use crate::config::ConfigFile;
use postkey_auth::LoginSettings;
use postkey_model::registered::is_id;
use postkey_model::{Application, ApplicationSettings, Origin, Timestamp};

pub(super) fn logins(mode: Mode, file: &ConfigFile, wrong: &mut Vec<String>) -> LoginSettings {
    let config = &file.config.authress;
    if !is_id(&config.account_id) {
        wrong.push(format!(
            "{}: {:?} must be 1 to 64 letters, digits, '-' and '_': it stands between dots in access keys",
            file.place("authress", "account_id"),
            config.account_id
        ));
    }
    let mut aliases = Vec::new();
    for text in &config.issuer_aliases {
        match Origin::parse(text) {
            Ok(origin) => aliases.push(origin),
            Err(e) => wrong.push(format!("{}: {text:?}: {e}", file.place("authress", "issuer_aliases"))),
        }
    }
    let applications = match mode {
        Mode::Dev { .. } => vec![default_application()],
        Mode::Serve => Vec::new(),
    };
    LoginSettings { account: config.account_id.clone(), wants_work: config.anti_abuse, aliases, applications }
}

/// The application that the login SDK names when nobody tells it which: any page of a developer's own machine.
fn default_application() -> Application {
    let settings = ApplicationSettings {
        name: "Development".to_owned(),
        redirect_urls: vec!["http://localhost:*".to_owned(), "http://127.0.0.1:*".to_owned()],
        is_development: true,
        ..ApplicationSettings::default()
    };
    let always = Timestamp(0);
    Application { id: "app_default".to_owned(), created_at: always, updated_at: always, version: 0, settings, sealed: None }
}

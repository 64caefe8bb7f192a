//! Guessing through any door: a sign-in is begun there, its code is known to the suite, and what is typed is wrong.

use crate::browser::Browser;
use crate::doors::{Begun, Core, Tried, Web};
use crate::logins::Logins;
use crate::world::{World, wrong_code};
use std::net::IpAddr;

/// The signs of a code that nobody had reason to make longer.
pub const SHORT: usize = 6;

/// The doors at which codes can be typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The login pages.
    Pages,
    /// The frontend door.
    Web,
    /// The back-end door: codes used.
    Consume,
    /// The back-end door: codes only looked at.
    Check,
    /// The door of Authress' SDKs.
    Login,
}

/// A sign-in under attack.
pub struct Guess {
    /// The right code.
    pub code: String,
    door: Door,
    step: usize,
}

enum Door {
    Pages(Box<Browser>),
    Web(Web, Begun),
    Core(Core, Begun, &'static str),
    Login(Logins, String),
}

/// Where and how a sign-in is begun.
#[derive(Clone, Debug)]
pub struct Begin {
    /// At which door.
    pub kind: Kind,
    /// At which node.
    pub node: usize,
    /// In which tenant.
    pub tenant: &'static str,
    /// From which address of this machine.
    pub from: Option<IpAddr>,
}

impl Begin {
    /// In the default tenant.
    pub fn at(kind: Kind, node: usize) -> Self {
        Begin { kind, node, tenant: "public", from: None }
    }
}

impl Guess {
    /// Begins a sign-in for somebody. `logins` is the Authress door, where that one is meant.
    pub async fn begin(world: &World, who: &str, begin: Begin, logins: Option<&Logins>) -> Result<Self, String> {
        let Begin { kind, node, tenant, from } = begin;
        let http = world.http_at(node, from)?;
        let told = matches!(kind, Kind::Pages | Kind::Web);
        let before = if told { world.mails_to(who).await?.len() } else { 0 };
        let (door, code) = match kind {
            Kind::Pages => {
                let mut browser = Browser::new(http, &world.origin, tenant);
                browser.start(who).await?;
                (Door::Pages(Box::new(browser)), String::new())
            }
            Kind::Web => {
                let web = Web::new(http, &world.origin, tenant);
                let begun = web.create(who).await?;
                (Door::Web(web, begun), String::new())
            }
            Kind::Consume | Kind::Check => {
                let core = world.core_at(node, tenant)?;
                let begun = core.create(who).await?;
                let code = begun.code.clone();
                (Door::Core(core, begun, if kind == Kind::Check { "check" } else { "consume" }), code)
            }
            Kind::Login => {
                let logins = logins.ok_or("there is no service client")?.clone();
                let login = logins.ask().await?;
                let code = logins.code_for(&login, who).await?;
                (Door::Login(logins, login), code)
            }
        };
        let code = if told { world.mail(who, before + 1).await?.code } else { code };
        Ok(Guess { code, door, step: 0 })
    }

    /// Types a code.
    pub async fn with(&mut self, code: &str) -> Result<Tried, String> {
        match &mut self.door {
            Door::Pages(browser) => Ok(Tried::of_page(&browser.code(code).await?)),
            Door::Web(web, begun) => web.tried(begun, code).await,
            Door::Core(core, begun, verb) => core.tried(begun, code, verb).await,
            Door::Login(logins, login) => logins.tried(login, code).await,
        }
    }

    /// Types a wrong code, each time another one.
    pub async fn wrong(&mut self) -> Result<Tried, String> {
        let code = wrong_code(&self.code, self.step);
        self.step += 1;
        self.with(&code).await
    }

    /// Types the right code.
    pub async fn right(&mut self) -> Result<Tried, String> {
        let code = self.code.clone();
        self.with(&code).await
    }

    /// Asks for another message in the same sign-in, where the door can do that: the new code, or none.
    pub async fn resend(&mut self, world: &World, who: &str) -> Result<(), String> {
        if let Door::Web(web, begun) = &self.door {
            let before = world.mails_to(who).await?.len();
            // No server sends two messages at once.
            tokio::time::sleep(std::time::Duration::from_millis(1_050)).await;
            let answer = web.resend(begun).await?;
            if answer.json()["status"] == "OK" {
                self.code = world.mail(who, before + 1).await?.code;
            }
        }
        Ok(())
    }

    /// Whether its code is longer than usual.
    pub fn is_long(&self) -> bool {
        self.code.len() > SHORT
    }
}

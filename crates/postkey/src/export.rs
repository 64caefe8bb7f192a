//! `postkey export`: all users as SuperTokens' bulk-import JSON, with the ids that applications know.

use crate::setup::Setup;
use crate::{Options, open_there, run};
use clap::Args;
use postkey_auth::decide::people::{LoginMethod, login_methods};
use postkey_model::bulk::{BulkLoginMethod, BulkRole, BulkUser, BulkWriter, Recipe};
use postkey_model::{AppId, TenantId, UserId};
use postkey_store::{Page, Store, UserFacts, WayKind};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// How many people are read at once.
const PAGE: i64 = 500;

#[derive(Args)]
pub struct Export {
    /// Of which app.
    #[arg(long, value_name = "NAME", default_value = "public")]
    app: String,
    /// The folder for users-0001.json and so on, each with as many users as SuperTokens takes at once (10,000). Without
    /// it, everything is printed.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// One file with everybody: --out names the file.
    #[arg(long, requires = "out")]
    one_file: bool,
    #[command(flatten)]
    pub options: Options,
}

/// `postkey export`
pub async fn export(setup: Setup, wish: &Export) -> Result<(), String> {
    let app = AppId::parse(&wish.app).ok_or_else(|| format!("{:?} cannot be the name of an app", wish.app))?;
    let house = open_there(&setup).await?;
    let outcome = everybody(&house, &app, wish).await;
    house.store.close().await;
    let (written, left_out) = outcome?;
    eprintln!("{written} users");
    if left_out > 0 {
        eprintln!("{left_out} users without any login method are left out: nobody could get in as them");
    }
    Ok(())
}

async fn everybody(house: &run::House, app: &AppId, wish: &Export) -> Result<(u64, u64), String> {
    let away = |e: postkey_store::Unavailable| e.to_string();
    house.auth.tend_tenants(house.clock.now()).await.map_err(away)?;
    let mut tenants: Vec<TenantId> = house.auth.tenants().iter().map(|tenant| tenant.id.clone()).filter(|id| id.app() == *app).collect();
    tenants.sort();
    if tenants.is_empty() {
        return Err(format!("there is no app {app}"));
    }
    let roles = all_roles(&house.store, app, &tenants).await.map_err(away)?;
    let mut files = Files::new(wish)?;
    // Who stands in several lists is written with the first.
    let mut seen: HashSet<UserId> = HashSet::new();
    let (mut written, mut left_out) = (0, 0);
    for tenant in &tenants {
        let mut page = Page { from: None, limit: PAGE, youngest_first: false, kind: WayKind::Any };
        loop {
            let listing = house.store.list_people(tenant, &page).await.map_err(away)?;
            for facts in &listing.users {
                let alone = facts.user.tenant == *tenant && facts.identities.iter().all(|identity| identity.tenant == *tenant);
                if !alone && !seen.insert(facts.user.id.clone()) {
                    continue;
                }
                let id = facts.user.id.as_str();
                let metadata = house.store.metadata(app, id).await.map_err(away)?.map(|metadata| metadata.text);
                let user = bulk_user(facts, metadata.as_deref(), roles.get(id));
                if user.login_methods.is_empty() {
                    left_out += 1;
                } else {
                    files.add(&user)?;
                    written += 1;
                }
            }
            match listing.next {
                Some(next) => page.from = Some(next),
                None => break,
            }
        }
    }
    files.finish()?;
    Ok((written, left_out))
}

type Roles = BTreeMap<String, BTreeSet<String>>;

/// Who has which role in which tenants.
async fn all_roles(store: &Store, app: &AppId, tenants: &[TenantId]) -> Result<HashMap<String, Roles>, postkey_store::Unavailable> {
    let mut all: HashMap<String, Roles> = HashMap::new();
    for role in store.roles(app).await? {
        for tenant in tenants {
            for id in store.have_role(tenant, &role).await? {
                all.entry(id).or_default().entry(role.clone()).or_default().insert(tenant.name().to_owned());
            }
        }
    }
    Ok(all)
}

/// A user as SuperTokens' bulk import takes one. The id goes as external id too: theirs will be others.
pub fn bulk_user(facts: &UserFacts, metadata: Option<&str>, roles: Option<&Roles>) -> BulkUser {
    let id = facts.user.id.as_str();
    // One that is in no tenant opens nothing, and their import takes none such.
    let found = login_methods(facts).into_iter().filter(|method| !method.tenants.is_empty());
    let mut login_methods: Vec<BulkLoginMethod> = found.map(login_method).collect();
    if facts.is_primary() {
        let is_own =
            |method: &BulkLoginMethod| [&method.super_tokens_user_id, &method.external_user_id].iter().any(|it| it.as_deref() == Some(id));
        let own = login_methods.iter().position(is_own).unwrap_or_default();
        if let Some(main) = login_methods.get_mut(own) {
            main.is_primary = Some(true);
        }
    }
    let user_roles =
        roles.into_iter().flatten().map(|(role, tenants)| BulkRole { role: role.clone(), tenant_ids: tenants.iter().cloned().collect() });
    BulkUser {
        id: UserId::parse(id).map(|id| id.to_string()),
        external_user_id: Some(id.to_owned()),
        user_metadata: metadata.and_then(|text| serde_json::from_str(text).ok()),
        user_roles: user_roles.collect(),
        totp_devices: Vec::new(),
        login_methods,
    }
}

fn login_method(found: LoginMethod) -> BulkLoginMethod {
    let mut method = BulkLoginMethod::new(if found.provider.is_some() { Recipe::ThirdParty } else { Recipe::Passwordless });
    (method.email, method.phone_number) = (found.email, found.phone);
    if let Some((provider, subject)) = found.provider {
        (method.third_party_id, method.third_party_user_id) = (Some(provider.as_str().to_owned()), Some(subject));
    }
    method.is_verified = Some(found.is_verified);
    method.tenant_ids = Some(found.tenants.iter().map(|tenant| tenant.name().to_owned()).collect());
    method.time_joined = Some(found.created_at.0);
    // Ids of a form that their own never have stand as external ones.
    match UserId::parse(found.id.as_str()) {
        Some(id) => method.super_tokens_user_id = Some(id.to_string()),
        None => method.external_user_id = Some(found.id.as_str().to_owned()),
    }
    method
}

/// The files under writing, one after the other.
struct Files {
    folder: Option<PathBuf>,
    numbered: u32,
    limit: u64,
    open: Option<BulkWriter<Box<dyn Write>>>,
}

impl Files {
    fn new(wish: &Export) -> Result<Self, String> {
        let mut files = Files { folder: None, numbered: 0, limit: u64::MAX, open: None };
        match &wish.out {
            None => files.open = Some(begin(Box::new(BufWriter::new(std::io::stdout())))?),
            Some(path) if wish.one_file => files.open = Some(begin(new_file(path)?)?),
            Some(folder) => {
                std::fs::create_dir_all(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
                (files.folder, files.limit) = (Some(folder.clone()), BulkWriter::<Box<dyn Write>>::REQUEST);
                files.next()?;
            }
        }
        Ok(files)
    }

    fn next(&mut self) -> Result<(), String> {
        if let Some(folder) = &self.folder {
            self.numbered += 1;
            self.open = Some(begin(new_file(&folder.join(format!("users-{:04}.json", self.numbered)))?)?);
        }
        Ok(())
    }

    fn add(&mut self, user: &BulkUser) -> Result<(), String> {
        if self.open.as_ref().is_some_and(|open| open.written() >= self.limit) {
            self.finish()?;
            self.next()?;
        }
        self.open.as_mut().map_or(Ok(()), |open| open.add(user)).map_err(|e| e.to_string())
    }

    fn finish(&mut self) -> Result<(), String> {
        self.open.take().map_or(Ok(()), |open| open.finish().map(drop)).map_err(|e| e.to_string())
    }
}

fn begin(target: Box<dyn Write>) -> Result<BulkWriter<Box<dyn Write>>, String> {
    BulkWriter::new(target).map_err(|e| e.to_string())
}

/// A file that was not there before, and that only we may read.
fn new_file(path: &Path) -> Result<Box<dyn Write>, String> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path).map_err(|e| {
        let mend = if e.kind() == std::io::ErrorKind::AlreadyExists {
            "; nothing is overwritten: choose an empty folder, or another file"
        } else {
            ""
        };
        format!("{}: {e}{mend}", path.display())
    })?;
    Ok(Box::new(BufWriter::new(file)))
}

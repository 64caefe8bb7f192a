//! A page of people: a fixed number of queries for any number of people, put together here.

use super::sql::{self, Texts};
use futures_util::future::{try_join, try_join_all, try_join4};
use postkey_model::bulk::{BulkLoginMethod, BulkRole, BulkTotpDevice, BulkUser, Recipe};
use std::collections::{BTreeMap, HashMap, HashSet};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Error, IsolationLevel, Row, Statement, Transaction};

/// A person of theirs.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceUser {
    /// Their id of the person, and where the next page begins.
    pub id: String,
    /// The person, also one with no way in that can be taken.
    pub user: BulkUser,
    /// What stands there beside and is not part of it, each in words.
    pub left_out: Vec<String>,
}

/// The queries of a page, prepared.
pub(super) struct Statements {
    people: Statement,
    members: Statement,
    passwordless: Statement,
    thirdparty: Statement,
    emailpassword: Statement,
    webauthn: Option<Statement>,
    mappings: Statement,
    tenants_old: Option<Statement>,
    tenants_new: Option<Statement>,
    verified: Statement,
    metadata: Statement,
    roles: Statement,
    totp: Statement,
}

impl Statements {
    /// `old`, `new`: which tables say who is in which tenant; `passkeys`: whether there are any.
    pub(super) async fn prepare(client: &Client, sql: &Texts, old: bool, new: bool, passkeys: bool) -> Result<Self, Error> {
        let one = async |text: &str| client.prepare(&sql.of(text)).await;
        let maybe = async |there: bool, text: &str| if there { one(text).await.map(Some) } else { Ok(None) };
        Ok(Statements {
            people: one(sql::PEOPLE).await?,
            members: one(sql::MEMBERS).await?,
            passwordless: one(sql::PASSWORDLESS).await?,
            thirdparty: one(sql::THIRDPARTY).await?,
            emailpassword: one(sql::EMAILPASSWORD).await?,
            webauthn: maybe(passkeys, sql::WEBAUTHN).await?,
            mappings: one(sql::MAPPINGS).await?,
            tenants_old: maybe(old, sql::TENANTS_OLD).await?,
            tenants_new: maybe(new, sql::TENANTS_NEW).await?,
            verified: one(sql::VERIFIED).await?,
            metadata: one(sql::METADATA).await?,
            roles: one(sql::USER_ROLES).await?,
            totp: one(sql::TOTP).await?,
        })
    }
}

/// Which ways in a person has there.
struct Person {
    is_primary: bool,
    /// Their ids, with the recipe that stands beside each.
    members: Vec<(String, String)>,
}

/// What the tables say about the people of a page.
struct Facts {
    methods: HashMap<String, BulkLoginMethod>,
    externals: HashMap<String, String>,
    verified: HashSet<(String, String)>,
    metadata: HashMap<String, String>,
    roles: HashMap<String, BTreeMap<String, Vec<String>>>,
    totp: HashMap<String, Vec<BulkTotpDevice>>,
}

pub(super) async fn page(
    client: &mut Client,
    statements: &Statements,
    app: &str,
    after: Option<&str>,
    limit: u32,
) -> Result<Vec<SourceUser>, Error> {
    let tx = client.build_transaction().isolation_level(IsolationLevel::RepeatableRead).read_only(true).start().await?;
    let rows = tx.query(&statements.people, &[&app, &after.unwrap_or_default(), &i64::from(limit)]).await?;
    let ids: Vec<String> = rows.iter().map(|row| id(row, 0)).collect();
    if ids.is_empty() {
        tx.commit().await?;
        return Ok(Vec::new());
    }
    let mut people: HashMap<String, Person> = HashMap::new();
    for row in tx.query(&statements.members, &[&app, &ids]).await? {
        let person = people.entry(id(&row, 1)).or_insert_with(|| Person { is_primary: false, members: Vec::new() });
        person.is_primary |= row.get::<_, bool>(2);
        person.members.push((id(&row, 0), row.get(3)));
    }
    let facts = facts(&tx, statements, app, &people).await?;
    tx.commit().await?;
    Ok(ids.into_iter().filter_map(|id| people.remove(&id).map(|person| facts.put_together(id, person))).collect())
}

async fn facts(tx: &Transaction<'_>, statements: &Statements, app: &str, people: &HashMap<String, Person>) -> Result<Facts, Error> {
    let ids: Vec<&str> = people.values().flat_map(|person| &person.members).map(|(id, _)| id.as_str()).collect();
    let ask = async |statement: &Statement, ids: &Vec<&str>| {
        let params: [&(dyn ToSql + Sync); 2] = [&app, ids];
        tx.query(statement, &params).await
    };
    let maybe = async |statement: &Option<Statement>| match statement {
        Some(statement) => ask(statement, &ids).await,
        None => Ok(Vec::new()),
    };
    // Asked all at once, answered in order.
    let recipes = try_join4(
        ask(&statements.passwordless, &ids),
        ask(&statements.thirdparty, &ids),
        ask(&statements.emailpassword, &ids),
        maybe(&statements.webauthn),
    );
    let places = try_join_all([ask(&statements.mappings, &ids)]);
    let tenants = try_join(maybe(&statements.tenants_old), maybe(&statements.tenants_new));
    let ((recipes, places), tenants) = try_join(try_join(recipes, places), tenants).await?;

    let mut methods = HashMap::new();
    read_methods(&mut methods, &recipes);
    put_in_tenants(&mut methods, &tenants.0, &tenants.1);
    let externals: HashMap<String, String> = places.iter().flatten().map(|row| (id(row, 0), row.get(1))).collect();

    // What applications note stands under the id by which they know somebody.
    let mut known: Vec<&str> = ids.clone();
    known.extend(externals.values().map(String::as_str));
    let (verified, metadata, roles, totp) = try_join4(
        ask(&statements.verified, &known),
        ask(&statements.metadata, &known),
        ask(&statements.roles, &known),
        ask(&statements.totp, &known),
    )
    .await?;
    let mut facts = Facts {
        methods,
        externals,
        verified: verified.iter().map(|row| (row.get(0), row.get(1))).collect(),
        metadata: metadata.iter().map(|row| (row.get(0), row.get(1))).collect(),
        roles: HashMap::new(),
        totp: HashMap::new(),
    };
    for row in &roles {
        facts.roles.entry(row.get(0)).or_default().entry(row.get(2)).or_default().push(row.get(1));
    }
    for row in &totp {
        let (period, skew): (i32, i32) = (row.get(2), row.get(3));
        let device = BulkTotpDevice { period: Some(period.into()), skew: Some(skew.into()), device_name: row.get(1), ..Default::default() };
        facts.totp.entry(row.get(0)).or_default().push(device);
    }
    Ok(facts)
}

/// An id of theirs. The column pads what is shorter.
fn id(row: &Row, column: usize) -> String {
    row.get::<_, &str>(column).trim_end().to_owned()
}

fn read_methods(methods: &mut HashMap<String, BulkLoginMethod>, recipes: &(Vec<Row>, Vec<Row>, Vec<Row>, Vec<Row>)) {
    let (passwordless, thirdparty, emailpassword, webauthn) = recipes;
    let tables = [
        (Recipe::Passwordless, passwordless),
        (Recipe::ThirdParty, thirdparty),
        (Recipe::EmailPassword, emailpassword),
        (Recipe::WebAuthn, webauthn),
    ];
    for (recipe, rows) in tables {
        for row in rows {
            let mut method = BulkLoginMethod::new(recipe);
            method.super_tokens_user_id = Some(id(row, 0));
            method.time_joined = Some(row.get(1));
            method.email = row.get(2);
            match recipe {
                Recipe::Passwordless => method.phone_number = row.get(3),
                Recipe::ThirdParty => (method.third_party_id, method.third_party_user_id) = (row.get(3), row.get(4)),
                Recipe::EmailPassword | Recipe::WebAuthn => {}
            }
            method.tenant_ids = Some(Vec::new());
            methods.insert(id(row, 0), method);
        }
    }
}

/// A way in that stands in the new tables is in the tenants that they name; what an old row says of it may be stale. One
/// that was never moved there stands in the old table only.
fn put_in_tenants(methods: &mut HashMap<String, BulkLoginMethod>, old: &[Row], new: &[Row]) {
    let moved: HashSet<String> = new.iter().map(|row| id(row, 0)).collect();
    let old = old.iter().filter(|row| !moved.contains(&id(row, 0)));
    for row in old.chain(new) {
        let tenant: Option<String> = row.get(1);
        if let (Some(method), Some(tenant)) = (methods.get_mut(&id(row, 0)), tenant) {
            method.tenant_ids.get_or_insert_default().push(tenant);
        }
    }
    for method in methods.values_mut() {
        method.tenant_ids.get_or_insert_default().sort();
    }
}

impl Facts {
    fn put_together(&self, id: String, person: Person) -> SourceUser {
        let mut left_out = Vec::new();
        let mut methods: Vec<BulkLoginMethod> = Vec::new();
        for (member, recipe) in &person.members {
            match self.methods.get(member) {
                Some(method) => methods.push(self.finish(method.clone(), member)),
                // A primary user whose own way in was deleted goes on as an id.
                None if Recipe::ALL.iter().any(|known| known.as_str() == recipe) => {}
                None => left_out.push(format!("login method {member}: the recipe `{recipe}` is not known")),
            }
        }
        methods.sort_by(|a, b| (a.time_joined, &a.super_tokens_user_id).cmp(&(b.time_joined, &b.super_tokens_user_id)));
        if person.is_primary {
            let own = methods.iter().position(|method| method.super_tokens_user_id.as_deref() == Some(id.as_str()));
            if let Some(first) = methods.get_mut(own.unwrap_or_default()) {
                first.is_primary = Some(true);
            }
        }
        let external = self.externals.get(&id).cloned();
        let mut user = BulkUser { id: Some(id.clone()), external_user_id: external.clone(), login_methods: methods, ..BulkUser::default() };
        // The id that applications use is the external one, so what stands there counts before what stands under theirs.
        let known: Vec<&str> = external.as_deref().into_iter().chain([id.as_str()]).collect();
        let others = person.members.iter().flat_map(|(member, _)| [Some(member), self.externals.get(member)]).flatten();
        let others: Vec<&str> = others.map(String::as_str).filter(|other| !known.contains(other)).collect();
        user.user_metadata = self.metadata_of(&known, &mut left_out);
        let roles = known.iter().find_map(|key| self.roles.get(*key));
        let roles = roles.into_iter().flatten().map(|(role, tenants)| BulkRole { role: role.clone(), tenant_ids: tenants.clone() });
        user.user_roles = roles.collect();
        user.totp_devices = known.iter().chain(&others).filter_map(|key| self.totp.get(*key)).flatten().cloned().collect();
        let spare = known.iter().skip(1).filter(|_| external.is_some());
        for key in others.iter().chain(spare) {
            self.say_what_stays(key, &known, &mut left_out);
        }
        SourceUser { id, user, left_out }
    }

    fn finish(&self, mut method: BulkLoginMethod, member: &str) -> BulkLoginMethod {
        method.external_user_id = self.externals.get(member).cloned();
        let key = method.external_user_id.as_deref().unwrap_or(member).to_owned();
        method.is_verified = Some(match &method.email {
            Some(email) => self.verified.contains(&(key, email.clone())),
            None => method.phone_number.is_some(),
        });
        method
    }

    fn metadata_of(&self, known: &[&str], left_out: &mut Vec<String>) -> Option<serde_json::Map<String, serde_json::Value>> {
        let text = known.iter().find_map(|key| self.metadata.get(*key))?;
        match serde_json::from_str(text) {
            Ok(metadata) => Some(metadata),
            Err(why) => {
                left_out.push(format!("metadata: it is no JSON object: {why}"));
                None
            }
        }
    }

    /// What stands under an id that applications do not ask with.
    fn say_what_stays(&self, key: &str, known: &[&str], left_out: &mut Vec<String>) {
        // Under the person's own id it is taken when nothing stands under the external one.
        let first = known.first().copied().unwrap_or_default();
        let counts = |taken: bool| key != first && (!known.contains(&key) || taken);
        if self.metadata.contains_key(key) && counts(self.metadata.contains_key(first)) {
            left_out.push(format!("metadata under {key}: applications ask with {first}"));
        }
        if self.roles.contains_key(key) && counts(self.roles.contains_key(first)) {
            left_out.push(format!("roles under {key}: applications ask with {first}"));
        }
    }
}

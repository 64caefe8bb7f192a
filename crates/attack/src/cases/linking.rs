//! F: joining accounts, statements of others about who somebody is, and changing one's address.

use crate::browser::{ACCESS, let_in};
use crate::case::{Case, Need, Verdict};
use crate::logins::{Logins, Statement};
use crate::tokens::subject;
use crate::world::World;
use serde_json::{Value, json};

/// The cases of this file.
pub fn cases() -> Vec<Case> {
    vec![
        Case::new("F01", "Another service vouches for somebody with an address that it did not verify: they do not get into the account of its owner.", |world| {
            Box::pin(f01(world))
        })
        .needs(&[Need::BackEnd, Need::OwnServers]),
        Case::new("F02", "An address is registered by another service before its owner comes, unverified: the owner gets an account of their own.", |world| {
            Box::pin(f02(world))
        })
        .needs(&[Need::BackEnd]),
        Case::new(
            "F03",
            "Statements with a swapped issuer, audience, client, key, subject or algorithm, used twice or too late, or with \"true\" as a word: none is believed.",
            |world| Box::pin(f03(world)),
        )
        .needs(&[Need::OwnServers]),
        Case::new("F04", "Whoever stole a session changes the address: nothing changes before the old one confirmed, then the new one; the old one is told.", |world| {
            Box::pin(f04(world))
        }),
    ]
}

/// Signs somebody in as a back end does whom another service told who that is: the user's id.
async fn vouched(world: &World, name: &str, address: &str, is_verified: &Value) -> Result<String, String> {
    let body = json!({ "thirdPartyId": "elsewhere", "thirdPartyUserId": name, "email": { "id": address, "isVerified": is_verified } });
    let answer = world.core_at(0, "public")?.call("POST", "/recipe/signinup", &body).await?;
    Ok(answer.json()["user"]["id"].as_str().unwrap_or_default().to_owned())
}

/// Service clients of the suite's own: one whose identities are joined by verified addresses, and another one.
async fn clients(world: &World) -> Result<(Logins, Logins), String> {
    let Some(house) = &world.house else { return Err("there are no servers".to_owned()) };
    let house = house.lock().await;
    let create = ["clients", "create", "--name", "Attack", "--token-generation"];
    let one = house.run(&[create.as_slice(), &["--linking", "automatic"]].concat())?;
    let other = house.run(&create)?;
    Ok((Logins::new(world.http()?, &one, (world.now)())?, Logins::new(world.http()?, &other, (world.now)())?))
}

async fn f01(world: &World) -> Result<Verdict, String> {
    let mut wrong = Vec::new();
    let (victim, who) = world.somebody("f01").await?;
    let owner = subject(victim.jar.get(ACCESS));
    for said in [json!(false), json!("false"), json!("true"), json!(1), json!(null)] {
        let user = vouched(world, &format!("attacker-{said}-{}", world.stamp), &who, &said).await?;
        if user == owner {
            wrong.push(format!("a back end said isVerified: {said}, and got the owner's account"));
        }
    }
    // A service client whose identities join by verified addresses, and an owner who came that way.
    let (logins, _) = clients(world).await?;
    let says = async |subject: String, said: &Value| -> Result<Option<String>, String> {
        let login = logins.ask_whole().await?;
        let claims = json!({ "email": who, "email_verified": said });
        logins.follow(&world.browser()?, &login, &Statement { claims, ..logins.statement(&world.origin, &subject) }).await
    };
    let first = says("the-owner".to_owned(), &json!(true)).await?;
    for (at, said) in [json!(false), json!("true"), json!(null), json!(1), json!("TRUE")].into_iter().enumerate() {
        let user = says(format!("attacker-{at}"), &said).await?;
        if user == first || user.as_ref() == Some(&owner) {
            wrong.push(format!("a service client said email_verified: {said}, and got the owner's account"));
        }
    }
    // What is verified joins: else this case would have tried nothing.
    let joined = says("the-owner-elsewhere".to_owned(), &json!(true)).await?;
    if first.is_none() || joined != first {
        wrong.push("a verified address did not join: this case tried nothing".to_owned());
    }
    Ok(Verdict::unless(&wrong, "ten statements without a verified address opened other accounts; a verified one joined"))
}

async fn f02(world: &World) -> Result<Verdict, String> {
    let mut wrong = Vec::new();
    let who = world.address("f02");
    let squatter = vouched(world, &format!("squatter-{}", world.stamp), &who, &json!(false)).await?;
    if squatter.is_empty() {
        return Err("nobody could be registered".to_owned());
    }
    let mut owner = world.browser()?;
    world.sign_in(&mut owner, &who).await?;
    let user = subject(owner.jar.get(ACCESS));
    if user == squatter {
        wrong.push("the owner got into the account that was waiting for them".to_owned());
    }
    let later = vouched(world, &format!("squatter-{}", world.stamp), &who, &json!(false)).await?;
    if later == user {
        wrong.push("whoever was there before gets into the owner's account now".to_owned());
    }
    let core = world.core_at(0, "public")?.app();
    for id in [&user, &squatter] {
        let answer = core.call("GET", &format!("/user/id?userId={id}"), &Value::Null).await?.json();
        let methods = answer["user"]["loginMethods"].as_array().map_or(0, Vec::len);
        if methods != 1 {
            wrong.push(format!("one of the two accounts has {methods} ways in"));
        }
    }
    Ok(Verdict::unless(&wrong, "two accounts, one way into each"))
}

async fn f03(world: &World) -> Result<Verdict, String> {
    let mut wrong = Vec::new();
    let (logins, other) = clients(world).await?;
    let good = || logins.statement(&world.origin, "f03-victim");
    let now = (world.now)() / 1000;
    let issuer = |client: &Logins| format!("{}/v1/clients/{}", world.origin, client.client);
    let of = |claims: Value| Statement { claims, ..good() };
    let signed = |with: &str| Statement { sign: with.to_owned(), ..good() };
    let mut tries = vec![
        ("the issuer of another client", of(json!({ "iss": issuer(&other) }))),
        ("a foreign issuer", of(json!({ "iss": "https://evil.example" }))),
        (
            "an issuer that only begins like ours",
            of(json!({ "iss": format!("{}.evil.example/v1/clients/{}", world.origin, logins.client) })),
        ),
        ("a foreign audience", of(json!({ "aud": "acc_other.accounts.authress.io" }))),
        ("no audience", of(json!({ "aud": null }))),
        ("no issuer", of(json!({ "iss": null }))),
        ("another client's id", of(json!({ "client_id": other.client }))),
        ("it expired", of(json!({ "iat": now - 4000, "exp": now - 3600 }))),
        ("it is from the future", of(json!({ "iat": now + 4000, "exp": now + 8000 }))),
        ("exp as a word", of(json!({ "exp": "never" }))),
        ("nobody as subject", of(json!({ "sub": "" }))),
        ("a list as subject", of(json!({ "sub": ["f03-victim"] }))),
        ("alg none", signed("none")),
        ("HMAC with the public key", signed("mac")),
        ("no signature", signed("nothing")),
    ];
    tries.push(("the key of another client", Statement { key: other.statement(&world.origin, "x").key, ..good() }));
    let count = tries.len();
    for (name, statement) in tries {
        let login = logins.ask_whole().await?;
        if logins.follow(&world.browser()?, &login, &statement).await?.is_some() {
            wrong.push(format!("{name}: believed"));
        }
    }
    // A good one opens one login, once, in the state it is for.
    let (first, second) = (logins.ask_whole().await?, logins.ask_whole().await?);
    let statement = good();
    if logins.follow(&world.browser()?, &first, &statement).await?.is_none() {
        wrong.push("a good one is not believed: this case tried nothing".to_owned());
    }
    for (name, login) in [("the same login", &first), ("another login", &second)] {
        if logins.follow(&world.browser()?, login, &statement).await?.is_some() {
            wrong.push(format!("used again for {name}: believed"));
        }
    }
    // A login of one client, and a statement of the other.
    let theirs = other.ask_whole().await?;
    if other.follow(&world.browser()?, &theirs, &good()).await?.is_some_and(|_| true) {
        wrong.push("a statement for a login of another client: believed".to_owned());
    }
    Ok(Verdict::unless(&wrong, format!("{} statements, none believed; a good one was, once", count + 3)))
}

async fn f04(world: &World) -> Result<Verdict, String> {
    let mut wrong = Vec::new();
    let (mut thief, old) = world.somebody("f04").await?;
    let owner = subject(thief.jar.get(ACCESS));
    let new = world.address("f04-new");
    let page = thief.get("/auth/identifiers").await?.text();
    let change = page.split("change=").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default().to_owned();
    if change.is_empty() {
        return Err("the page offers no change".to_owned());
    }
    let fields = [("email", new.as_str()), ("as", "email"), ("tenantId", "public"), ("change", &change)];
    thief.post("/auth/_/identifiers/start", &fields).await?;
    let confirm = world.mail(&old, 2).await?;
    if !world.mails_to(&new).await?.is_empty() {
        wrong.push("the new address got something before the old one confirmed".to_owned());
    }
    // A code that the thief can read, of a sign-in with the new address, proves nothing here.
    let mut own = world.browser()?;
    own.start(&new).await?;
    let theirs = world.mail(&new, 1).await?;
    thief.post("/auth/_/identifiers/code", &[("code", &theirs.code)]).await?;
    if world.mails_to(&new).await?.len() > 1 {
        wrong.push("a code of a sign-in counted as the old one's word".to_owned());
    }
    // And the code of the change opens no session.
    let mut elsewhere = world.browser()?;
    elsewhere.start(&old).await?;
    if theirs.code != confirm.code && let_in(&elsewhere.code(&confirm.code).await?) {
        wrong.push("the code that confirms a change signed somebody in".to_owned());
    }
    if world.mail(&old, 3).await.is_err() {
        wrong.push("the owner's own sign-in sent nothing".to_owned());
    }
    let shown = thief.get("/auth/identifiers").await?.text().replace("&#64;", "@");
    if !shown.contains(&old) || shown.contains(&new) {
        wrong.push("the address changed before both had confirmed".to_owned());
    }
    // The owner confirms, then the new one: now it changes, and the old one is told.
    let before = world.mails_to(&new).await?.len();
    thief.post("/auth/_/identifiers/code", &[("code", &confirm.code)]).await?;
    let second = world.mail(&new, before + 1).await?;
    let told = world.mails_to(&old).await?.len();
    thief.post("/auth/_/identifiers/code", &[("code", &second.code)]).await?;
    if world.mail(&old, told + 1).await.is_err() {
        wrong.push("the old address was not told".to_owned());
    }
    let mut by_new = world.browser()?;
    world.sign_in(&mut by_new, &new).await?;
    if subject(by_new.jar.get(ACCESS)) != owner {
        wrong.push("the new address opens another account".to_owned());
    }
    Ok(Verdict::unless(&wrong, "nothing changed before old and new had confirmed; then the old one was told"))
}

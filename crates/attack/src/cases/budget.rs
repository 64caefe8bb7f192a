//! A: the budget of wrong codes that an account has, whichever way they come.

use crate::browser::let_in;
use crate::case::{Case, Need, Verdict, When};
use crate::doors::{Tried, Web};
use crate::flood::loopback;
use crate::guess::{Begin, Guess, Kind};
use crate::logins::Logins;
use crate::world::World;
use serde_json::json;
use std::net::{IpAddr, Ipv4Addr};

/// Wrong codes that an account takes before its codes get long.
const BUDGET: usize = 100;
/// Wrong codes of one sign-in, fewer than end it.
const EACH: usize = 3;

/// The cases of this file.
pub fn cases() -> Vec<Case> {
    vec![
        Case::new(
            "A03",
            "A new code after every three wrong ones, from many addresses: after 100 at most, codes are long and short ones dead; \
             the owner's own browser and links still work.",
            |world| Box::pin(a03(world)),
        ),
        Case::new(
            "A04",
            "The same through pages, frontend door, resent codes, back-end door (used and checked) and the Authress door: one budget.",
            |world| Box::pin(a04(world)),
        )
        .needs(&[Need::BackEnd]),
        Case::new("A05", "The same spread over the email address, the number and the links of one account: one budget.", |world| {
            Box::pin(a05(world))
        })
        .needs(&[Need::BackEnd, Need::OwnServers]),
        Case::new("A06", "The budget of an address is spent in one tenant: in another it is whole.", |world| Box::pin(a06(world)))
            .needs(&[Need::OwnServers]),
        Case::new("A07", "Half of the budget at one node, then the other node, then a restart: it is the same budget.", |world| {
            Box::pin(a07(world))
        })
        .needs(&[Need::OwnServers])
        .when(When::Last),
    ]
}

/// How many wrong codes somebody's account took.
struct Spent {
    looked_at: usize,
    /// Whether its codes are long now.
    is_long: bool,
    /// Whether a short code still opened the account when the budget was gone.
    late: bool,
}

/// Begins one sign-in after the other and guesses in each, until a code is long. Ends in any case. `already`: the wrong codes
/// from before.
async fn spend(world: &World, who: &str, logins: Option<&Logins>, already: usize, next: impl Fn(usize) -> Begin) -> Result<Spent, String> {
    let mut looked_at = already;
    let mut last: Option<(Guess, String)> = None;
    for round in 0..BUDGET {
        let mut guess = Guess::begin(world, who, next(round), logins).await?;
        if guess.is_long() {
            // The sign-in in which the budget ran out said nothing of it: but its short code is worth nothing any more.
            let late = match &mut last {
                Some((last, short)) if looked_at >= BUDGET => last.with(short).await? == Tried::In,
                _ => false,
            };
            return Ok(Spent { looked_at, is_long: true, late });
        }
        let short = guess.code.clone();
        // Now and then the code is replaced in between: that counts nothing anew.
        let resend = round % 8 == 1;
        for at in 0..EACH {
            if resend && at == 1 {
                guess.resend(world, who).await?;
            }
            looked_at += usize::from(guess.wrong().await?.evaluated());
        }
        last = Some((guess, short));
    }
    Ok(Spent { looked_at, is_long: false, late: false })
}

/// What is to be said of a budget that was spent.
fn judge(wrong: &mut Vec<String>, what: &str, spent: &Spent) {
    if !spent.is_long {
        wrong.push(format!("{what}: after {} wrong codes they are still short", spent.looked_at));
    } else if spent.looked_at >= BUDGET + EACH {
        // Those of the last sign-in are answered as ever, so that nobody learns how an account is doing.
        wrong.push(format!("{what}: {} wrong codes were looked at", spent.looked_at));
    }
    if spent.late {
        wrong.push(format!("{what}: after {} wrong codes a short one still opened the account", spent.looked_at));
    }
}

async fn a03(world: &World) -> Result<Verdict, String> {
    let mut wrong = Vec::new();
    let (mut owner, who) = world.somebody("a03").await?;
    // Begun before the attack, with a code that is right: when the budget is gone, it must be worth nothing.
    let mut old = Guess::begin(world, &who, Begin::at(Kind::Pages, 0), None).await?;
    let many = world.house.is_some();
    let spent = spend(world, &who, None, 0, |round| {
        // All of 127.0.0.0/8 is this machine.
        let from = many.then(|| IpAddr::V4(Ipv4Addr::new(127, 0, 3, u8::try_from(round % 250).unwrap_or_default() + 2)));
        Begin { from, ..Begin::at(if round % 2 == 0 { Kind::Pages } else { Kind::Web }, round) }
    })
    .await?;
    judge(&mut wrong, "from many addresses", &spent);
    if old.right().await? == Tried::In {
        wrong.push("a short code from before the attack still opened the account".to_owned());
    }
    // The owner, in the browser they always use.
    owner.jar.forget(crate::browser::ACCESS);
    let before = world.mails_to(&who).await?.len();
    owner.start(&who).await?;
    let mail = world.mail(&who, before + 1).await?;
    if mail.code.len() > crate::guess::SHORT {
        wrong.push("the owner's own browser got a long code".to_owned());
    }
    if !let_in(&owner.code(&mail.code).await?) {
        wrong.push("the owner's own browser was not let in".to_owned());
    }
    // And anywhere else, by link or with a long code.
    let mut elsewhere = world.browser()?;
    elsewhere.start(&who).await?;
    let mail = world.mail(&who, before + 2).await?;
    if !let_in(&world.browser()?.press(&mail.link()?).await?) {
        wrong.push("the owner's link did not work".to_owned());
    }
    elsewhere.start(&who).await?;
    let mail = world.mail(&who, before + 3).await?;
    if mail.code.len() < 8 || !let_in(&elsewhere.code(&mail.code).await?) {
        wrong.push(format!("a code of {} signs did not let the owner in elsewhere", mail.code.len()));
    }
    Ok(Verdict::unless(&wrong, format!("{} wrong codes, then long ones; the owner got in by code, link and long code", spent.looked_at)))
}

async fn a04(world: &World) -> Result<Verdict, String> {
    let mut wrong = Vec::new();
    let (_, who) = world.somebody("a04").await?;
    let logins = match &world.house {
        Some(house) => {
            let made = house.lock().await.run(&["clients", "create", "--name", "Attack", "--token-generation"])?;
            Some(Logins::new(world.http()?, &made, (world.now)())?)
        }
        None => None,
    };
    let doors = [Kind::Pages, Kind::Web, Kind::Consume, Kind::Check, Kind::Login];
    let doors = &doors[..if logins.is_some() { 5 } else { 4 }];
    let spent = spend(world, &who, logins.as_ref(), 0, |round| Begin::at(doors[round % doors.len()], round)).await?;
    judge(&mut wrong, "over all doors", &spent);
    for kind in doors {
        if !Guess::begin(world, &who, Begin::at(*kind, 0), logins.as_ref()).await?.is_long() {
            wrong.push(format!("then {kind:?} made a short code"));
        }
    }
    Ok(Verdict::unless(&wrong, format!("{} wrong codes over {} doors, then long ones at each", spent.looked_at, doors.len())))
}

/// One network of many.
fn network(n: usize) -> Option<IpAddr> {
    loopback([127, 57, 0, u8::try_from(n % 250).unwrap_or_default() + 1])
}

async fn a05(world: &World) -> Result<Verdict, String> {
    let mut wrong = Vec::new();
    let (email, number) = (world.address("a05"), world.number());
    let core = world.core_at(0, "phones")?;
    let mut users = Vec::new();
    for who in [&email, &number] {
        let begun = core.create(who).await?;
        let body = json!({ "preAuthSessionId": begun.sign_in, "deviceId": begun.device, "userInputCode": begun.code });
        let answer = core.call("POST", "/recipe/signinup/code/consume", &body).await?.json();
        users.push(answer["recipeUserId"].as_str().or(answer["user"]["id"].as_str()).unwrap_or_default().to_owned());
    }
    core.app().call("POST", "/recipe/accountlinking/user/primary", &json!({ "recipeUserId": users[0] })).await?;
    let linked = core
        .app()
        .call("POST", "/recipe/accountlinking/user/link", &json!({ "recipeUserId": users[1], "primaryUserId": users[0] }))
        .await?;
    if linked.json()["status"] != "OK" {
        return Err(format!("the two could not be linked: {} {}", linked.status, linked.text()));
    }
    let (mut looked_at, mut is_long) = (0, false);
    for round in 0..BUDGET {
        let who = if round % 2 == 0 { &email } else { &number };
        // Each time from another network: one alone gets few texts that go unused.
        let from = network(round);
        let begin = Begin { tenant: "phones", from, ..Begin::at([Kind::Web, Kind::Pages][round / 2 % 2], round) };
        let mut guess = Guess::begin(world, who, begin, None).await?;
        if guess.is_long() {
            is_long = true;
            break;
        }
        for _ in 0..EACH {
            looked_at += usize::from(guess.wrong().await?.evaluated());
        }
        if round % 5 == 0 {
            // A wrong secret of a link: it opens nothing, and takes nothing back.
            let web = Web::new(world.http_at(round, from)?, &world.origin, "phones");
            let begun = web.create(who).await?;
            if let_in(&web.consume_link(&begun.sign_in, "AAAAAAAAAAAAAAAAAAAAAAAAAAA").await?) {
                wrong.push("a made-up link opened the account".to_owned());
            }
        }
    }
    judge(&mut wrong, "email, number and links together", &Spent { looked_at, is_long, late: false });
    for who in [&email, &number] {
        let begin = Begin { tenant: "phones", from: network(BUDGET), ..Begin::at(Kind::Web, 0) };
        if !Guess::begin(world, who, begin, None).await?.is_long() {
            wrong.push("then one of the two still got a short code".to_owned());
        }
    }
    Ok(Verdict::unless(&wrong, format!("{looked_at} wrong codes for both together, then long ones for either")))
}

async fn a06(world: &World) -> Result<Verdict, String> {
    let mut wrong = Vec::new();
    let who = world.address("a06");
    let spent = spend(world, &who, None, 0, |round| Begin::at(Kind::Web, round)).await?;
    judge(&mut wrong, "in one tenant", &spent);
    let mut other = Guess::begin(world, &who, Begin { tenant: "other", ..Begin::at(Kind::Web, 0) }, None).await?;
    if other.is_long() {
        wrong.push("the other tenant's code was long".to_owned());
    }
    if other.right().await? != Tried::In {
        wrong.push("the other tenant's code opened nothing".to_owned());
    }
    Ok(Verdict::unless(&wrong, format!("{} wrong codes in one tenant; the other one's code was short and opened", spent.looked_at)))
}

async fn a07(world: &World) -> Result<Verdict, String> {
    let mut wrong = Vec::new();
    let who = world.address("a07");
    let mut looked_at = 0;
    for round in 0..BUDGET / EACH / 2 {
        let mut guess = Guess::begin(world, &who, Begin::at(Kind::Web, 0), None).await?;
        for _ in 0..EACH {
            looked_at += usize::from(guess.wrong().await?.evaluated());
        }
        if guess.is_long() {
            return Ok(Verdict::Fell(format!("after {round} sign-ins codes are long already")));
        }
    }
    if let Some(house) = &world.house {
        let mut house = house.lock().await;
        for index in 0..house.count() {
            house.stop(index).await?;
            house.start_again(index).await?;
        }
    }
    let spent = spend(world, &who, None, looked_at, |_| Begin::at(Kind::Web, 1)).await?;
    let more = spent.looked_at - looked_at;
    judge(&mut wrong, "before and after the restart", &spent);
    let nodes = if world.nodes.len() > 1 { "two nodes" } else { "one node" };
    Ok(Verdict::unless(&wrong, format!("{looked_at} wrong codes, a restart, {more} more, {nodes}: then long ones")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_without_end_falls() {
        let mut wrong = Vec::new();
        judge(&mut wrong, "here", &Spent { looked_at: 300, is_long: false, late: false });
        judge(&mut wrong, "there", &Spent { looked_at: 103, is_long: true, late: false });
        judge(&mut wrong, "late", &Spent { looked_at: 100, is_long: true, late: true });
        assert_eq!(wrong.len(), 3);
        wrong.clear();
        judge(&mut wrong, "here", &Spent { looked_at: 102, is_long: true, late: false });
        assert!(wrong.is_empty());
    }
}

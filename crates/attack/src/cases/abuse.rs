//! E: abuse. Asking for more messages, and typing more wrong codes, than limits allow.

use crate::browser::{Browser, Link};
use crate::case::{Case, Need, Verdict, When};
use crate::doors::Tried;
use crate::flood::{Asked, Crowd, Sum, ask, flood, loopback};
use crate::world::{World, wrong_code};

/// `sends_per_network` of the tenant `crowd` in the suite's own servers.
const PER_NETWORK: usize = 20;
/// `sends_per_contact` of the tenant `contact`.
const PER_CONTACT: usize = 10;
/// So many times as much goes to one address from all networks together.
const ALL_NETWORKS: usize = 5;
/// `guesses_per_network` of the tenant `guessed`.
const GUESSES: usize = 6;
/// The window of all of them, in seconds; who came a moment before the one who opened it waits a moment longer.
const WINDOW: i64 = 905;
/// The one address of this machine that the suite's own servers believe as a proxy.
const PROXY: [u8; 4] = [127, 0, 0, 9];
/// Headers in which proxies say whom they speak for.
const FORWARDING: [&str; 12] = [
    "x-forwarded-for",
    "forwarded",
    "x-real-ip",
    "true-client-ip",
    "cf-connecting-ip",
    "x-client-ip",
    "x-cluster-client-ip",
    "fastly-client-ip",
    "x-original-forwarded-for",
    "x-envoy-external-address",
    "client-ip",
    "x-remote-addr",
];

/// The cases of this file.
pub fn cases() -> Vec<Case> {
    let case = |id, tried, run| Case { id, tried, needs: &[Need::OwnServers], when: When::InTurn, run };
    vec![
        case(
            "E01",
            "Another address in X-Forwarded-For, Forwarded, X-Real-IP and nine more with every request: one network all the same, for \
             messages and for wrong codes.",
            |world| Box::pin(e01(world)),
        ),
        case("E02", "Six spellings of one address, of one number and of one IPv6 /64: one count each.", |world| Box::pin(e02(world))),
        case(
            "E03",
            "Codes for 1,000 addresses asked for by one IP address: stopped at its limit, told until when; another one goes on.",
            |world| Box::pin(e03(world)),
        ),
        case(
            "E04",
            "Codes for one address asked for by 1,000 IP addresses: stopped at its limit; the owner's own browser still gets one.",
            |world| Box::pin(e04(world)),
        ),
    ]
}

/// A header as a proxy would write it that forwards for an address that nobody used before.
fn forged(name: &str, n: usize) -> String {
    let address = format!("198.51.{}.{}", n / 200 % 256, n % 200 + 1);
    if name == "forwarded" { format!("for={address};proto=https") } else { address }
}

async fn e01(world: &World) -> Result<Verdict, String> {
    let Some(from) = loopback([127, 51, 0, 1]) else { return Ok(no_addresses()) };
    let http = world.http_at(0, Some(from))?;
    let mut sends = Sum::default();
    for n in 0..PER_NETWORK * 2 {
        let all: Vec<(&str, String)> = FORWARDING.iter().map(|name| (*name, forged(name, n))).collect();
        // Each header by itself, and every third time all of them.
        let headers = if n % 3 == 0 { &all[..] } else { &all[n % all.len()..=n % all.len()] };
        sends.add(&ask(world, &http, "crowd", &world.address("e01"), headers).await?);
    }
    let neighbour = world.http_at(0, loopback([127, 51, 0, 2]))?;
    let other = ask(world, &neighbour, "crowd", &world.address("e01"), &[]).await?;
    let mut wrong = sends.wrong("messages", PER_NETWORK, WINDOW);
    if other != Asked::Sent {
        wrong.push(format!("another network was answered {other:?}"));
    }

    let mut looked_at = 0;
    for round in 0..4 {
        let mut browser = Browser::new(world.http_at(0, Some(from))?, &world.origin, "guessed");
        let who = world.address("e01");
        browser.start(&who).await?;
        let code = world.mail(&who, 1).await?.code;
        for step in 0..4 {
            let n = round * 4 + step;
            let name = FORWARDING[n % FORWARDING.len()];
            let ask = browser.form("/auth/_/code", &[("code", &wrong_code(&code, n))]).with(name, &forged(name, n));
            looked_at += usize::from(Tried::of_page(&browser.send(ask).await?).evaluated());
        }
    }
    wrong.extend(judge_guesses(looked_at));
    Ok(Verdict::unless(&wrong, format!("{}; of 16 wrong codes {looked_at} were looked at; another network went on", sends.words())))
}

/// What is wrong when so many of a network's wrong codes were looked at.
fn judge_guesses(looked_at: usize) -> Option<String> {
    (looked_at != GUESSES).then(|| format!("of 16 wrong codes {looked_at} were looked at, and not {GUESSES}"))
}

async fn e02(world: &World) -> Result<Verdict, String> {
    let (Some(from), Some(proxy)) = (loopback([127, 51, 0, 3]), loopback(PROXY)) else { return Ok(no_addresses()) };
    let mut wrong = Vec::new();
    let local = world.address("e02").replace("@example.com", "");
    let number = world.number();
    let national = &number[3..];
    let addresses = [
        format!("{local}@bücher.example"),
        format!("{}@BÜCHER.EXAMPLE", local.to_uppercase()),
        format!(" \u{a0}{local}@bu\u{308}cher.example\t"),
        format!("{local}@xn--bcher-kva.example"),
        format!("{local}@ｂücher.ｅxample"),
        format!("{}@XN--BCHER-KVA.Example", local.to_uppercase()),
    ];
    let numbers = [
        number.clone(),
        format!("+49 {} {}", &national[..4], &national[4..]),
        format!("0049{national}"),
        format!("0{national}"),
        format!("+49 (0) {}-{}", &national[..3], &national[3..]),
        number.chars().map(|c| c.to_digit(10).and_then(|d| char::from_u32(0xff10 + d)).unwrap_or(c)).collect(),
    ];
    let mut told = Vec::new();
    for (what, spellings) in [("address", &addresses), ("number", &numbers)] {
        // From one network, and every third round at the other node: this count is exact.
        let mut sum = Sum::default();
        let mut taken = 0;
        for round in 0..4 {
            let http = world.http_at(round % 3, Some(from))?;
            for spelling in spellings {
                let asked = ask(world, &http, "contact", spelling, &[]).await?;
                taken += usize::from(round == 0 && asked == Asked::Sent);
                sum.add(&asked);
            }
        }
        if taken < 5 {
            wrong.push(format!("only {taken} of six spellings of one {what} were taken"));
        }
        wrong.extend(sum.wrong(&format!("spellings of one {what}"), PER_CONTACT, WINDOW));
        told.push(format!("one {what}: {}", sum.words()));
    }
    let http = world.http_at(0, Some(proxy))?;
    let mut sum = Sum::default();
    for n in 0..PER_NETWORK * 2 {
        let client = match n % 6 {
            0 => format!("2001:db8:51:52::{n:x}"),
            1 => format!("2001:0DB8:0051:0052:ffff:{n:x}::1"),
            2 => format!("[2001:db8:51:52:{n:x}::9]:4711"),
            3 => format!("203.0.113.7, 2001:db8:51:52::{n:x}"),
            4 => format!("2001:db8:51:52:0:0:198.51.100.{n}"),
            _ => format!("2001:db8:51:52:{n:x}:{n:x}:{n:x}:{n:x}"),
        };
        sum.add(&ask(world, &http, "crowd", &world.address("e02"), &[("x-forwarded-for", client)]).await?);
    }
    let beside = ask(world, &http, "crowd", &world.address("e02"), &[("x-forwarded-for", "2001:db8:51:53::1".to_owned())]).await?;
    wrong.extend(sum.wrong("one /64", PER_NETWORK, WINDOW));
    if beside != Asked::Sent {
        wrong.push(format!("the /64 beside it was answered {beside:?}"));
    }
    told.push(format!("one /64: {}, the one beside it goes on", sum.words()));
    Ok(Verdict::unless(&wrong, told.join("; ")))
}

async fn e03(world: &World) -> Result<Verdict, String> {
    let (Some(from), Some(other)) = (loopback([127, 51, 0, 4]), loopback([127, 51, 0, 5])) else { return Ok(no_addresses()) };
    let addresses: Vec<String> = (0..1000).map(|_| world.address("e03")).collect();
    let crowd = addresses.iter().map(|who| Crowd { tenant: "crowd", from, who: who.clone() }).collect();
    let asked = flood(world, crowd).await?;
    let sum = Sum::of(&asked);
    // Each node counts for itself.
    let mut wrong = sum.wrong("messages", PER_NETWORK * world.nodes.len(), WINDOW);
    let refused = asked.iter().zip(&addresses).find(|(asked, _)| matches!(asked, Asked::Throttled(_)));
    if let Some((_, who)) = refused
        && !world.mails_to(who).await?.is_empty()
    {
        wrong.push("somebody was told to wait, and a message went out all the same".to_owned());
    }
    for node in 0..world.nodes.len() {
        let beside = ask(world, &world.http_at(node, Some(other))?, "crowd", &world.address("e03"), &[]).await?;
        if beside != Asked::Sent {
            wrong.push(format!("another network was answered {beside:?}"));
        }
    }
    Ok(Verdict::unless(&wrong, format!("{}; another network went on", sum.words())))
}

async fn e04(world: &World) -> Result<Verdict, String> {
    if loopback([127, 52, 1, 1]).is_none() {
        return Ok(no_addresses());
    }
    let mut wrong = Vec::new();
    let who = world.address("e04");
    let mut owner = Browser::new(world.http()?, &world.origin, "contact");
    world.sign_in(&mut owner, &who).await?;
    let before = world.mails_to(&who).await?.len();
    let crowd = (0..1000).filter_map(|n: usize| {
        let from = loopback([127, 52, u8::try_from(n / 250).ok()?, u8::try_from(n % 250 + 1).ok()?])?;
        Some(Crowd { tenant: "contact", from, who: who.clone() })
    });
    let crowd: Vec<Crowd> = crowd.collect();
    let sum = Sum::of(&flood(world, crowd).await?);
    // The owner's first code was a stranger's too.
    wrong.extend(sum.wrong("messages", PER_CONTACT * ALL_NETWORKS - before, WINDOW));
    let mail = world.mail(&who, before + sum.sent).await;
    if mail.is_err() || world.mails_to(&who).await?.len() != before + sum.sent {
        wrong.push(format!("{} were told that a message goes out, and {} did", sum.sent, world.mails_to(&who).await?.len() - before));
    }
    let elsewhere = ask(world, &world.http_at(0, loopback([127, 52, 0, 1]))?, "contact", &world.address("e04"), &[]).await?;
    if elsewhere != Asked::Sent {
        wrong.push(format!("for another address {elsewhere:?}"));
    }
    // The same browser again, signed out.
    for cookie in [crate::browser::ACCESS, crate::browser::REFRESH, "pk_sign_in"] {
        owner.jar.forget(cookie);
    }
    let signed_in = async {
        owner.start(&who).await?;
        let link: Link = world.mail(&who, before + sum.sent + 1).await?.link()?;
        let answer = owner.press(&link).await?;
        if crate::browser::let_in(&answer) { Ok(()) } else { Err(format!("the link was answered with {}", answer.status)) }
    };
    if let Err(why) = signed_in.await {
        wrong.push(format!("the owner's own browser: {why}"));
    }
    Ok(Verdict::unless(&wrong, format!("{}; the owner's browser got its own and was let in", sum.words())))
}

/// Only Linux gives every process all of 127.0.0.0/8.
fn no_addresses() -> Verdict {
    Verdict::Skipped("needs many addresses of one machine (127.x.y.z, as on Linux)".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_or_fewer_guesses_than_the_limit_fall() {
        assert_eq!(judge_guesses(GUESSES), None);
        assert!(judge_guesses(GUESSES + 1).is_some() && judge_guesses(0).is_some());
    }

    #[test]
    fn forged_addresses_differ() {
        let all: std::collections::BTreeSet<String> = (0..400).map(|n| forged("x-real-ip", n)).collect();
        assert_eq!(all.len(), 400);
        assert_eq!(forged("forwarded", 0), "for=198.51.0.1;proto=https");
    }
}

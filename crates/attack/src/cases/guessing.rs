//! A: guessing codes, and using them more than once.

use crate::browser::let_in;
use crate::case::{Case, Need, Verdict, When};
use crate::doors::{Begun, Tried};
use crate::guess::{Begin, Guess, Kind};
use crate::world::{World, wrong_code};
use futures_util::future::try_join_all;
use std::time::{Duration, Instant};

/// Wrong codes that a sign-in takes before it ends.
const MAX_ATTEMPTS: usize = 5;

/// The cases of this file.
pub fn cases() -> Vec<Case> {
    vec![
        Case::new("A01", "The right code among 60 parallel wrong ones, 50 rounds: no more than 5 of them are looked at.", |world| {
            Box::pin(a01(world))
        }),
        Case::new("A02", "Five wrong codes, then the right one, at every door: it opens nothing.", |world| Box::pin(a02(world))),
        Case::new("A08", "The code of one sign-in with the id of another, and with another browser's secret: it opens nothing.", |world| {
            Box::pin(a08(world))
        }),
        Case::new(
            "A09",
            "A code used twice, in the browser that asked and through the frontend door: the second time it opens nothing.",
            |world| Box::pin(a09(world)),
        ),
        Case::new("A10", "The right code 64 times at once, 10 rounds: one session.", |world| Box::pin(a10(world))),
        Case::new("A11", "Link and code of one message at once, 32 times each, 10 rounds: one session.", |world| Box::pin(a11(world))),
        Case::new("A12", "A code and a link a second after they expired: they open nothing; just before, they do.", |world| {
            Box::pin(a12(world))
        })
        .needs(&[Need::OwnServers])
        .when(When::Meanwhile),
        Case::new(
            "A13",
            "An older code after a newer one of the same sign-in: while both live either opens it, once, and they share their tries.",
            |world| Box::pin(a13(world)),
        ),
    ]
}

async fn a01(world: &World) -> Result<Verdict, String> {
    const ROUNDS: usize = 50;
    let mut rounds = Vec::new();
    for round in 0..ROUNDS {
        // Every second round through the other node, where there is one.
        let (one, other) = (world.web_at(round, "public")?, world.web_at(round + 1, "public")?);
        let who = world.address("a01");
        let begun = one.create(&who).await?;
        let code = world.mail(&who, 1).await?.code;
        let mut codes: Vec<String> = (0..60).map(|step| wrong_code(&code, step)).collect();
        codes.insert(round * 7 % 61, code);
        let all = codes.iter().enumerate().map(|(at, code)| if at % 2 == 0 { one.tried(&begun, code) } else { other.tried(&begun, code) });
        rounds.push(try_join_all(all).await?);
    }
    Ok(judge_guesses(&rounds))
}

/// Of each round, what became of the codes of one sign-in that were sent at once.
fn judge_guesses(rounds: &[Vec<Tried>]) -> Verdict {
    let most = rounds.iter().map(|round| round.iter().filter(|one| one.evaluated()).count()).max().unwrap_or_default();
    let got_in = rounds.iter().filter(|round| round.contains(&Tried::In)).count();
    let twice = rounds.iter().filter(|round| round.iter().filter(|one| **one == Tried::In).count() > 1).count();
    let odd = rounds.iter().flatten().find_map(|one| if let Tried::Else(words) = one { Some(words) } else { None });
    if let Some(words) = odd {
        return Verdict::Fell(format!("a code was answered with {words}"));
    }
    Verdict::of(
        most <= MAX_ATTEMPTS && most > 0 && twice == 0,
        format!("{} rounds: at most {most} looked at; the right one was among them {got_in} times, {twice} times twice", rounds.len()),
    )
}

async fn a02(world: &World) -> Result<Verdict, String> {
    let mut wrong = Vec::new();
    let mut doors = vec![Kind::Pages, Kind::Web];
    if world.lacks(Need::BackEnd).is_none() {
        doors.extend([Kind::Consume, Kind::Check]);
    }
    for kind in &doors {
        let who = world.address("a02");
        let mut guess = Guess::begin(world, &who, Begin::at(*kind, 0), None).await?;
        let mut looked_at = 0;
        for _ in 0..MAX_ATTEMPTS {
            looked_at += usize::from(guess.wrong().await?.evaluated());
        }
        match guess.right().await? {
            Tried::Over if looked_at > 0 => {}
            other => wrong.push(format!("{kind:?}: after {looked_at} wrong ones the right one was {other:?}")),
        }
    }
    Ok(Verdict::unless(&wrong, format!("the right code was not looked at any more at {} doors", doors.len())))
}

async fn a08(world: &World) -> Result<Verdict, String> {
    let mut wrong = Vec::new();
    let web = world.web()?;
    let (victim, attacker) = (world.address("a08"), world.address("a08"));
    for other in [&attacker, &victim] {
        let theirs = web.create(&victim).await?;
        let code = world.mail(&victim, 1).await?.code;
        let before = world.mails_to(other).await?.len();
        let mine = web.create(other).await?;
        let own = world.mail(other, before + 1).await?.code;
        let mixed = [
            ("the attacker's sign-in with the victim's code", mine.clone(), &code),
            ("the victim's id with the attacker's secret", Begun { device: mine.device.clone(), ..theirs.clone() }, &code),
            ("the victim's secret with the attacker's id", Begun { sign_in: mine.sign_in.clone(), ..theirs.clone() }, &code),
            ("the victim's id, the attacker's secret and code", Begun { device: mine.device.clone(), ..theirs.clone() }, &own),
            ("the victim's id without a secret", Begun { device: String::new(), ..theirs.clone() }, &code),
        ];
        for (name, begun, code) in mixed {
            if *code != own && web.tried(&begun, code).await? == Tried::In {
                wrong.push(format!("{name} opened a session"));
            } else if *code == own && begun.sign_in == theirs.sign_in && web.tried(&begun, code).await? == Tried::In {
                wrong.push(format!("{name} opened the victim's account"));
            }
        }
        // The same by the cookie of the pages: id.secret.tenant.
        let mut browser = world.browser()?;
        let secret = mine.device.clone();
        browser.jar.set("pk_sign_in", &format!("{}.{secret}.public", theirs.sign_in), "/auth");
        if let_in(&browser.code(&code).await?) {
            wrong.push("the pages took the victim's id with a foreign secret".to_owned());
        }
        if web.tried(&theirs, &code).await? != Tried::In {
            wrong.push("afterwards the victim's own code opened nothing".to_owned());
        }
    }
    Ok(Verdict::unless(&wrong, "nothing that was mixed opened anything; the victim's code still worked"))
}

async fn a09(world: &World) -> Result<Verdict, String> {
    let mut wrong = Vec::new();
    let (mut browser, who) = (world.browser()?, world.address("a09"));
    browser.start(&who).await?;
    let code = world.mail(&who, 1).await?.code;
    let mut thief = browser.clone();
    if !let_in(&browser.code(&code).await?) {
        return Err("the right code opened nothing".to_owned());
    }
    // The same code by whoever holds the sign-in's cookie, and by the same browser again.
    for (name, browser) in [("the browser that used it", &mut browser), ("one with the same cookie", &mut thief)] {
        if let_in(&browser.code(&code).await?) {
            wrong.push(format!("{name} got in again"));
        }
    }
    let (web, who) = (world.web()?, world.address("a09"));
    let begun = web.create(&who).await?;
    let code = world.mail(&who, 1).await?.code;
    let tries = [web.tried(&begun, &code).await?, web.tried(&begun, &code).await?];
    if tries != [Tried::In, Tried::Over] {
        wrong.push(format!("the frontend door said {tries:?}"));
    }
    Ok(Verdict::unless(&wrong, "in once, and never again"))
}

async fn a10(world: &World) -> Result<Verdict, String> {
    const ROUNDS: usize = 10;
    let mut sessions = Vec::new();
    for round in 0..ROUNDS {
        let who = world.address("a10");
        if round % 2 == 0 {
            let (one, other) = (world.web_at(0, "public")?, world.web_at(1, "public")?);
            let begun = one.create(&who).await?;
            let code = world.mail(&who, 1).await?.code;
            let all = (0..64).map(|at| if at % 2 == 0 { one.tried(&begun, &code) } else { other.tried(&begun, &code) });
            sessions.push(try_join_all(all).await?.iter().filter(|one| **one == Tried::In).count());
        } else {
            let mut browser = world.browser()?;
            browser.start(&who).await?;
            let code = world.mail(&who, 1).await?.code;
            let all = (0..64).map(|at| {
                let mut one = browser.clone();
                let (http, code) = (world.http_at(at, None), code.clone());
                async move {
                    one.http = http?;
                    one.code(&code).await
                }
            });
            sessions.push(try_join_all(all).await?.iter().filter(|answer| let_in(answer)).count());
        }
    }
    Ok(judge_sessions(&sessions))
}

async fn a11(world: &World) -> Result<Verdict, String> {
    let mut sessions = Vec::new();
    for _ in 0..10 {
        let who = world.address("a11");
        let (one, other) = (world.web_at(0, "public")?, world.web_at(1, "public")?);
        let begun = one.create(&who).await?;
        let mail = world.mail(&who, 1).await?;
        let link = mail.link()?;
        let all = (0..64).map(|at| {
            let web = if at % 4 < 2 { &one } else { &other };
            let (begun, mail, link) = (&begun, &mail, &link);
            async move {
                let answer =
                    if at % 2 == 0 { web.consume(begun, &mail.code).await? } else { web.consume_link(&link.sign_in, &link.secret).await? };
                Ok::<_, String>(Tried::read(&answer))
            }
        });
        sessions.push(try_join_all(all).await?.iter().filter(|one| **one == Tried::In).count());
    }
    Ok(judge_sessions(&sessions))
}

/// How long codes of the tenant `short` live.
const SHORT_LIFE: Duration = Duration::from_secs(60);

async fn a12(world: &World) -> Result<Verdict, String> {
    let mut wrong = Vec::new();
    let web = world.web_at(0, "short")?;
    let mut open = Vec::new();
    let begin = Instant::now();
    for _ in 0..4 {
        let who = world.address("a12");
        let begun = web.create(&who).await?;
        open.push((begun, world.mail(&who, 1).await?, Instant::now()));
    }
    let tried = async |at: usize| -> Result<(bool, bool), String> {
        let (code, link) = (&open[at], &open[at + 1]);
        let by_code = web.tried(&code.0, &code.1.code).await? == Tried::In;
        let link = link.1.link()?;
        Ok((by_code, let_in(&web.consume_link(&link.sign_in, &link.secret).await?)))
    };
    tokio::time::sleep((SHORT_LIFE - Duration::from_secs(8)).saturating_sub(begin.elapsed())).await;
    if tried(0).await? != (true, true) && begin.elapsed() < SHORT_LIFE {
        wrong.push("before they expired they opened nothing".to_owned());
    }
    // All of them were made before the last one was read.
    let last = open[3].2;
    tokio::time::sleep((SHORT_LIFE + Duration::from_secs(1)).saturating_sub(last.elapsed())).await;
    let (by_code, by_link) = tried(2).await?;
    if by_code || by_link {
        wrong.push(format!("afterwards they opened a session (code: {by_code}, link: {by_link})"));
    }
    Ok(Verdict::unless(&wrong, "8 s before they opened a session, 1 s after they opened nothing"))
}

async fn a13(world: &World) -> Result<Verdict, String> {
    let mut wrong = Vec::new();
    for older_first in [true, false] {
        let who = world.address("a13");
        let mut guess = Guess::begin(world, &who, Begin::at(Kind::Web, 0), None).await?;
        let older = guess.code.clone();
        guess.resend(world, &who).await?;
        let newer = guess.code.clone();
        let (first, second) = if older_first { (&older, &newer) } else { (&newer, &older) };
        let tries = [guess.with(first).await?, guess.with(second).await?];
        if tries != [Tried::In, Tried::Over] {
            wrong.push(format!("used one after the other they were {tries:?}"));
        }
    }
    let who = world.address("a13");
    let mut guess = Guess::begin(world, &who, Begin::at(Kind::Web, 0), None).await?;
    let older = guess.code.clone();
    let mut looked_at = 0;
    for _ in 0..3 {
        looked_at += usize::from(guess.wrong().await?.evaluated());
    }
    guess.resend(world, &who).await?;
    for _ in 0..3 {
        looked_at += usize::from(guess.wrong().await?.evaluated());
    }
    let tries = [guess.right().await?, guess.with(&older).await?];
    if looked_at > MAX_ATTEMPTS || tries.contains(&Tried::In) {
        wrong.push(format!("a new code brought new tries: {looked_at} looked at, then {tries:?}"));
    }
    Ok(Verdict::unless(&wrong, format!("either opened once; {looked_at} wrong ones of both ended it")))
}

/// How many sessions each round opened.
fn judge_sessions(sessions: &[usize]) -> Verdict {
    let (least, most) = (sessions.iter().min().copied().unwrap_or_default(), sessions.iter().max().copied().unwrap_or_default());
    Verdict::of((least, most) == (1, 1), format!("{} rounds: from {least} to {most} sessions each", sessions.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_looks_at_more_falls() {
        let round = |wrong: usize, right: usize| {
            let mut round = vec![Tried::Wrong(1); wrong];
            round.extend(vec![Tried::In; right]);
            round.push(Tried::Over);
            round
        };
        assert_eq!(judge_guesses(&[round(4, 1), round(5, 0)]).word(), "held");
        assert_eq!(judge_guesses(&[round(4, 0), round(6, 0)]).word(), "FELL");
        assert_eq!(judge_guesses(&[round(5, 1)]).word(), "FELL");
        assert_eq!(judge_guesses(&[round(0, 2)]).word(), "FELL");
        assert_eq!(judge_guesses(&[round(0, 0)]).word(), "FELL");
        assert_eq!(judge_guesses(&[vec![Tried::Wrong(1), Tried::Else("503".to_owned())]]).word(), "FELL");
    }

    #[test]
    fn two_sessions_or_none_fall() {
        assert_eq!(judge_sessions(&[1, 1]).word(), "held");
        for sessions in [&[1, 2][..], &[0, 1], &[]] {
            assert_eq!(judge_sessions(sessions).word(), "FELL");
        }
    }
}

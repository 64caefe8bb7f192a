//! A: guessing codes, and using them more than once.

use crate::browser::let_in;
use crate::case::{Case, Verdict, When};
use crate::doors::Tried;
use crate::world::{World, wrong_code};
use futures_util::future::try_join_all;

/// Wrong codes that a sign-in takes before it ends.
const MAX_ATTEMPTS: usize = 5;

/// The cases of this file.
pub fn cases() -> Vec<Case> {
    vec![
        Case {
            id: "A01",
            tried: "The right code among 60 parallel wrong ones, 50 rounds: no more than 5 of them are looked at.",
            needs: &[],
            when: When::InTurn,
            run: |world| Box::pin(a01(world)),
        },
        Case {
            id: "A09",
            tried: "A code used twice, in the browser that asked and through the frontend door: the second time it opens nothing.",
            needs: &[],
            when: When::InTurn,
            run: |world| Box::pin(a09(world)),
        },
        Case {
            id: "A10",
            tried: "The right code 64 times at once, 10 rounds: one session.",
            needs: &[],
            when: When::InTurn,
            run: |world| Box::pin(a10(world)),
        },
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

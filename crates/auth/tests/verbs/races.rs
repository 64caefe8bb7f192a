//! Races with real parallelism: codes, links, refreshes and new users, on two nodes where that may matter.

use crate::kit::*;
use postkey_auth::{CompleteError, Completed};
use postkey_model::{Connection, EndedHow, EventKind, SessionHandle, Timestamp, UserId};
use std::collections::HashSet;

const ROUNDS: usize = 50;

type Outcome = Result<Completed, CompleteError>;

fn winners(outcomes: &[Outcome]) -> Vec<&Completed> {
    outcomes.iter().filter_map(|outcome| outcome.as_ref().ok()).collect()
}

/// All sessions that a user has.
async fn sessions(node: &Node, user: &UserId, now: Timestamp) -> Vec<SessionHandle> {
    node.auth.sessions_of(user, now).await.unwrap().into_iter().map(|session| session.handle).collect()
}

/// The nodes by turns.
fn turn(i: usize, node: &Node, other: &Node) -> Node {
    [node, other][i % 2].clone()
}

async fn second_node(bed: &Bed) -> Node {
    bed.node_with(|_| {}).await
}

on_both_engines! {
    async fn of_64_right_codes_one_gets_in(bed: Bed) {
        let (node, other) = (bed.node.clone(), second_node(&bed).await);
        for round in 0..ROUNDS {
            // Every other round the user is new.
            let address = if round % 2 == 0 { "jane@example.com".to_owned() } else { format!("p{round}@example.com") };
            let asked = node.start(&address, NOW).await;
            let code = node.mail(&asked).code.unwrap();
            let racer = |i: usize| {
                let (node, asked, code) = (turn(i, &node, &other), asked.clone(), code.clone());
                async move { node.by_code(&asked, &code, NOW).await }
            };
            let outcomes = at_once((0..64).map(racer).collect()).await;
            assert_eq!(winners(&outcomes).len(), 1, "round {round}");
            let losers = outcomes.iter().filter_map(|outcome| outcome.as_ref().err());
            assert!(losers.clone().all(|error| *error == CompleteError::Over(EndedHow::Completed)), "{:?}", losers.collect::<Vec<_>>());
            let user = &winners(&outcomes)[0].tokens.user;
            let expected = if round % 2 == 0 { round / 2 + 1 } else { 1 };
            assert_eq!(sessions(&node, user, NOW).await.len(), expected, "round {round}: a session for the winner only");
            assert_eq!(node.stored(&asked).await.attempts, 0, "a right code that came late is no wrong one");
        }
        other.close().await;
    }

    async fn of_60_wrong_codes_and_a_right_one_at_most_5_are_evaluated(bed: Bed) {
        let (node, other) = (bed.node.clone(), second_node(&bed).await);
        let mut won = 0;
        for round in 0..ROUNDS {
            let address = format!("p{round}@example.com");
            let asked = node.start(&address, NOW).await;
            let right = node.mail(&asked).code.unwrap();
            let racer = |i: usize| {
                let (node, asked) = (turn(i, &node, &other), asked.clone());
                // The right one stands elsewhere in each round, mostly among the first.
                let typed = if i == round % 6 { right.clone() } else { other_code(&right, 1 + i as u64) };
                async move { node.by_code(&asked, &typed, NOW).await }
            };
            let outcomes = at_once((0..61).map(racer).collect()).await;
            let wins = winners(&outcomes).len();
            won += wins;
            let mut counted = Vec::new();
            for error in outcomes.iter().filter_map(|outcome| outcome.as_ref().err()) {
                match error {
                    CompleteError::WrongCode { left, attempts } => {
                        assert_eq!(left + attempts, 5);
                        counted.push(*attempts);
                    }
                    CompleteError::TooManyWrong => assert_eq!(wins, 0, "round {round}"),
                    CompleteError::Over(EndedHow::Completed) => assert_eq!(wins, 1, "round {round}"),
                    odd => panic!("round {round}: {odd:?}"),
                }
            }
            let attempts = node.stored(&asked).await.attempts;
            let evaluated = attempts + wins as i64;
            assert!(evaluated <= 5, "round {round}: {evaluated} guesses were evaluated");
            assert_eq!(evaluated, if wins == 1 { attempts + 1 } else { 5 });
            counted.sort_unstable();
            // Without a winner the fifth wrong one was told "too many".
            assert_eq!(counted, (1..=attempts.min(4)).collect::<Vec<_>>(), "round {round}: each count is given out once");
            let account = node.stored(&asked).await.account;
            let budget = node.auth.store().budget(&public(), &account).await.unwrap();
            assert_eq!(budget.map_or(0, |budget| budget.failures), attempts, "what was evaluated, and only that, counts for the account");
        }
        println!("the right code won {won} of {ROUNDS} rounds");
        other.close().await;
    }

    async fn of_the_link_and_the_code_of_a_mail_one_gets_in(bed: Bed) {
        let (node, other) = (bed.node.clone(), second_node(&bed).await);
        for round in 0..ROUNDS {
            let asked = node.start("jane@example.com", NOW).await;
            let mail = node.mail(&asked);
            let racer = |i: usize| {
                let (node, asked, mail) = (turn(i / 2, &node, &other), asked.clone(), mail.clone());
                async move {
                    match i % 2 {
                        0 => node.by_code(&asked, &mail.code.unwrap(), NOW).await,
                        _ => node.by_link(&asked, &mail.link.unwrap(), NOW).await,
                    }
                }
            };
            let outcomes = at_once((0..8).map(racer).collect()).await;
            assert_eq!(winners(&outcomes).len(), 1, "round {round}");
            assert_eq!(sessions(&node, &winners(&outcomes)[0].tokens.user, NOW).await.len(), round + 1);
        }
        other.close().await;
    }

    async fn sixteen_refreshes_of_a_token_are_one_rotation(bed: Bed) {
        let (node, other) = (bed.node.clone(), second_node(&bed).await);
        let first = node.signed_in("jane@example.com", NOW).await.tokens;
        let mut token = first.refresh.expose().clone();
        for round in 1..=ROUNDS as i64 {
            let now = NOW + secs(60 * round);
            let racer = |i: usize| {
                let (node, token) = (turn(i, &node, &other), token.clone());
                async move { node.auth.refresh(&call(&public(), now), &token).await }
            };
            let answers = at_once((0..16).map(racer).collect()).await;
            let next: HashSet<String> = answers.into_iter().map(|answer| answer.unwrap().refresh.expose().clone()).collect();
            assert_eq!(next.len(), 1, "round {round}: all got the same token");
            let session = node.auth.store().session(&first.handle).await.unwrap().unwrap();
            assert_eq!(session.generation, round, "one rotation");
            assert_eq!(session.revoked_at, None);
            let next = next.into_iter().next().unwrap();
            assert_ne!(next, token);
            token = next;
        }
        assert_eq!(node.auth.store().count_events(EventKind::RefreshTokenReused).await.unwrap(), 0);
        other.close().await;
    }

    async fn two_sign_ins_of_an_identifier_that_end_together_are_one_user(bed: Bed) {
        let (node, other) = (bed.node.clone(), second_node(&bed).await);
        for round in 0..ROUNDS {
            let address = format!("p{round}@example.com");
            let mut asked = Vec::new();
            for node in [&node, &other] {
                let one = node.start(&address, NOW).await;
                let code = node.mail(&one).code.unwrap();
                asked.push((node.clone(), one, code));
            }
            let racer = |(node, one, code): (Node, Asked, String)| async move { node.by_code(&one, &code, NOW).await };
            let outcomes = at_once(asked.into_iter().map(racer).collect()).await;
            let won = winners(&outcomes);
            assert_eq!(won.len(), 1, "round {round}: the first one ends the other");
            assert!(won[0].is_new_user);
            assert!(outcomes.iter().any(|outcome| outcome.as_ref().err() == Some(&CompleteError::Over(EndedHow::Superseded))));
            let owner = node.auth.store().start_facts(&public(), Connection::Email, &address).await.unwrap().user;
            assert_eq!(owner.as_ref(), Some(&won[0].tokens.user));
        }
        other.close().await;
    }

    async fn a_sign_up_race_of_an_address_makes_one_user(bed: Bed) {
        let (node, other) = (bed.node.clone(), second_node(&bed).await);
        for round in 0..ROUNDS {
            let address = format!("p{round}@example.com");
            // Whole sign-ins at once, three times each: some are ended by another's success, none makes a second user.
            let racer = |i: usize| {
                let (node, address) = (turn(i, &node, &other), address.clone());
                async move {
                    let mut seen = Vec::new();
                    for _ in 0..3 {
                        let asked = node.start(&address, NOW).await;
                        match node.by_code(&asked, &node.mail(&asked).code.unwrap(), NOW).await {
                            Ok(completed) => seen.push((completed.tokens.user.clone(), completed.identity.clone(), completed.is_new_user)),
                            Err(error) => assert_eq!(error, CompleteError::Over(EndedHow::Superseded)),
                        }
                    }
                    seen
                }
            };
            let seen: Vec<_> = at_once((0..8).map(racer).collect()).await.into_iter().flatten().collect();
            assert!(!seen.is_empty());
            assert_eq!(seen.iter().map(|one| &one.0).collect::<HashSet<_>>().len(), 1, "round {round}: one user");
            assert_eq!(seen.iter().map(|one| &one.1).collect::<HashSet<_>>().len(), 1, "round {round}: one identity");
            assert_eq!(seen.iter().filter(|one| one.2).count(), 1, "round {round}: new once");
        }
        other.close().await;
    }

    async fn a_budget_counts_no_more_than_it_holds(bed: Bed) {
        let limited = |rules: &mut postkey_model::SignInRules| rules.budget.limit = 7;
        let (node, other) = (bed.node_with(limited).await, bed.node_with(limited).await);
        for round in 0..10 {
            let address = format!("p{round}@example.com");
            let mut guesses = Vec::new();
            for _ in 0..6 {
                let asked = node.start(&address, NOW).await;
                let right = node.mail(&asked).code.unwrap();
                guesses.extend((1..=4).map(|n| (asked.clone(), other_code(&right, n))));
            }
            let account = node.stored(&guesses[0].0).await.account;
            let racer = |(i, (asked, typed)): (usize, (Asked, String))| {
                let node = turn(i, &node, &other);
                async move { refused(node.by_code(&asked, &typed, NOW).await) }
            };
            let answers = at_once(guesses.into_iter().enumerate().map(racer).collect()).await;
            assert!(answers.iter().all(|answer| matches!(answer, CompleteError::WrongCode { .. })), "{answers:?}");
            let budget = node.auth.store().budget(&public(), &account).await.unwrap().unwrap();
            assert_eq!(budget.failures, 7);
            assert_eq!(node.auth.store().count_events(EventKind::GuessBudgetSpent).await.unwrap(), round + 1, "one line for each account");
        }
        node.close().await;
        other.close().await;
    }
}

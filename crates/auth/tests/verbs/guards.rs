//! What stands between identifiers and those who should not have them: other users, other browsers, codes sent for
//! something else, guesses, and the same identifier wanted twice at once.

use crate::identifiers::{added, begin, prove, prove_right, subjects};
use crate::kit::*;
use postkey_auth::decide::identifier::Wish;
use postkey_auth::{CompleteError, ProveError, ProvedNow};
use postkey_model::{Account, CodeStrength, Connection, EndedHow, EventKind, MessageKind, UserId};
use std::fmt::Debug;

const JANE: &str = "jane@example.com";
const EVE: &str = "eve@example.com";
const NEW: &str = "new@example.com";
const UNKNOWN: ProveError = ProveError::Code(CompleteError::Unknown);

async fn user(node: &Node, address: &str) -> UserId {
    node.signed_in(address, NOW).await.tokens.user
}

async fn owner(node: &Node, address: &str) -> Option<UserId> {
    node.auth.store().start_facts(&public(), Connection::Email, address).await.unwrap().user
}

async fn failures(node: &Node, account: &Account) -> i64 {
    node.auth.store().budget(&public(), account).await.unwrap().map_or(0, |budget| budget.failures)
}

/// All that somebody who wants to add `address` can see of it.
async fn looks(node: &Node, user: &UserId, address: &str) -> impl PartialEq + Debug + use<> {
    let before = node.auth.store().queued_messages().await.unwrap();
    let sent = crate::identifiers::wished(node, user, &Wish::Add, address, NOW).await.unwrap();
    let asked = Asked::of(&sent);
    let queued = node.auth.store().queued_messages().await.unwrap() - before;
    let first = prove(node, user, &asked, "000000", NOW).await.err();
    let junk = prove(node, user, &asked, "junk", NOW).await.err();
    let waiting = node.waiting(&asked, NOW).await.unwrap();
    let resent = node.resend(&asked, NOW + secs(15)).await.map(|sent| (sent.has_code, sent.has_link, sent.expires_at, sent.resend_from));
    let stored = node.stored(&asked).await;
    // Whose it is does not decide whose budget pays: nor does that of whoever wants it run out.
    assert_eq!(stored.account, Account::identifier(Connection::Email, address));
    let budget = (failures(node, &stored.account).await, failures(node, &Account::user(user)).await);
    let seen = (waiting.standing, waiting.has_code, waiting.has_link, waiting.attempts, waiting.purpose, waiting.expires_at);
    let answer = (sent.has_code, sent.has_link, sent.expires_at, sent.resend_from, queued, first, junk);
    (answer, seen, resent, budget, (stored.code.code.is_some(), stored.code.strength))
}

on_both_engines! {
    async fn an_identifier_of_somebody_else_looks_the_same_and_never_completes(bed: Bed) {
        let node = &bed.node;
        let (jane, eve) = (user(node, JANE).await, user(node, EVE).await);
        assert_eq!(looks(node, &eve, JANE).await, looks(node, &eve, NEW).await);
        let asked = begin(node, &eve, &Wish::Add, JANE, NOW).await;
        let mail = node.mail(&asked);
        assert_eq!((mail.kind, mail.to.as_str(), mail.code, mail.link), (MessageKind::InUse, JANE, None, None));
        node.resend(&asked, NOW + secs(15)).await.unwrap();
        assert_eq!(node.mail(&asked).kind, MessageKind::InUse);
        // Jane's own codes do not help Eve.
        let janes = node.start(JANE, NOW).await;
        let code = node.mail(&janes).code.unwrap();
        assert!(matches!(prove(node, &eve, &asked, &code, NOW).await, Err(ProveError::Code(CompleteError::WrongCode { .. }))));
        assert_eq!(owner(node, JANE).await, Some(jane));
        assert_eq!(subjects(node, &eve).await, [EVE]);
        assert!(node.by_code(&janes, &code, NOW).await.is_ok(), "and Jane is not hindered");
    }

    async fn so_it_is_when_it_would_take_the_place_of_ones_own(bed: Bed) {
        let node = &bed.node;
        user(node, JANE).await;
        let eve = node.signed_in(EVE, NOW).await;
        let confirm = begin(node, &eve.tokens.user, &Wish::Change(eve.identity), JANE, NOW).await;
        let Ok(ProvedNow::Next(sent)) = prove_right(node, &eve.tokens.user, &confirm, NOW).await else { panic!("not next") };
        let change = Asked::of(&sent);
        assert_eq!(node.mail(&change).kind, MessageKind::InUse);
        assert_eq!(subjects(node, &eve.tokens.user).await, [EVE]);
    }

    async fn an_identifier_that_got_an_owner_meanwhile_is_theirs(bed: Bed) {
        let node = &bed.node;
        let eve = user(node, EVE).await;
        let asked = begin(node, &eve, &Wish::Add, NEW, NOW).await;
        let code = node.mail(&asked).code.unwrap();
        // A sign-in that began later and ends first takes the address, and with it every code that is out for it.
        let newcomer = user(node, NEW).await;
        assert_eq!(prove(node, &eve, &asked, &code, NOW).await.err(), Some(ProveError::Code(CompleteError::Over(EndedHow::Superseded))));
        // One that was begun after that says so by message, sent again or not.
        let late = begin(node, &eve, &Wish::Add, NEW, NOW).await;
        node.resend(&late, NOW + secs(15)).await.unwrap();
        assert!(node.mails(&late.id).iter().all(|mail| mail.kind == MessageKind::InUse));
        assert_eq!(owner(node, NEW).await, Some(newcomer));
        assert_eq!(subjects(node, &eve).await, [EVE]);
    }

    async fn only_the_session_that_asked_proves(bed: Bed) {
        let node = &bed.node;
        let (jane, eve) = (user(node, JANE).await, user(node, EVE).await);
        let asked = begin(node, &jane, &Wish::Add, NEW, NOW).await;
        let code = node.mail(&asked).code.unwrap();
        for typed in [code.as_str(), &wrong(&code), "junk"] {
            assert_eq!(prove(node, &eve, &asked, typed, NOW).await.err(), Some(UNKNOWN), "another user's session");
            let nobody = UserId::parse("nobody").unwrap();
            assert_eq!(prove(node, &nobody, &asked, typed, NOW).await.err(), Some(UNKNOWN));
            let stranger = Asked { device: "stranger".to_owned(), ..asked.clone() };
            assert_eq!(prove(node, &jane, &stranger, typed, NOW).await.err(), Some(UNKNOWN), "another browser");
            let elsewhere = Asked { tenant: acme(), ..asked.clone() };
            assert_eq!(prove(node, &jane, &elsewhere, typed, NOW).await.err(), Some(UNKNOWN), "another tenant");
        }
        assert_eq!(node.stored(&asked).await.attempts, 0);
        for account in [Account::user(&jane), Account::user(&eve)] {
            assert_eq!(failures(node, &account).await, 0);
        }
        assert!(matches!(prove(node, &jane, &asked, &code, NOW).await, Ok(ProvedNow::Added)), "none of that hurt it");
        assert_eq!(subjects(node, &eve).await, [EVE]);
    }

    async fn codes_are_good_for_what_they_were_sent_for(bed: Bed) {
        let node = &bed.node;
        let jane = node.signed_in(JANE, NOW).await;
        let user = jane.tokens.user;
        let sessions = node.auth.sessions_of(&user, NOW).await.unwrap().len();
        let sign_in = node.start(JANE, NOW).await;
        let code = node.mail(&sign_in).code.unwrap();
        assert_eq!(prove(node, &user, &sign_in, &code, NOW).await.err(), Some(UNKNOWN), "a sign-in proves no identifier");
        let confirm = begin(node, &user, &Wish::Change(jane.identity), NEW, NOW).await;
        let add = begin(node, &user, &Wish::Add, NEW, NOW).await;
        for pending in [&confirm, &add] {
            let code = node.mail(pending).code.unwrap();
            assert_eq!(refused(node.by_code(pending, &code, NOW).await), CompleteError::Unknown, "a proof opens no session");
            assert_eq!(refused(node.by_code(pending, &wrong(&code), NOW).await), CompleteError::Unknown);
            assert_eq!(refused(node.by_approval(pending, NOW).await), CompleteError::Unknown);
            assert_eq!(refused(node.by_link(pending, &code, NOW).await), CompleteError::Unknown);
            assert_eq!(node.stored(pending).await.attempts, 0);
        }
        assert_eq!(node.auth.sessions_of(&user, NOW).await.unwrap().len(), sessions);
        assert_eq!(owner(node, NEW).await, None);
        assert!(node.by_code(&sign_in, &code, NOW).await.is_ok());
    }

    /// At a new identifier everybody guesses out of one budget, whoever they are, and whether it is somebody's or not: it
    /// does not run out sooner for the one than for the other, and nobody's own is spent.
    async fn guesses_at_a_new_identifier_count_against_that(bed: Bed) {
        let node = bed.node_with(|rules| rules.budget.limit = 7).await;
        let (jane, eve) = (user(&node, JANE).await, user(&node, EVE).await);
        let accounts = [NEW, JANE].map(|address| Account::identifier(Connection::Email, address));
        for (nth, (address, account)) in [NEW, JANE].into_iter().zip(&accounts).enumerate() {
            let mut spent = 0;
            for tries in [5, 3] {
                let asked = begin(&node, &eve, &Wish::Add, address, NOW).await;
                let right = node.mail(&asked).code.unwrap_or_else(|| "000000".to_owned());
                for n in 1..=tries {
                    let error = prove(&node, &eve, &asked, &other_code(&right, n), NOW).await.err();
                    let wrong = CompleteError::WrongCode { left: 5 - n as i64, attempts: n as i64 };
                    assert_eq!(error, Some(ProveError::Code(if n == 5 { CompleteError::TooManyWrong } else { wrong })), "{address}");
                    spent = (spent + 1).min(7);
                    assert_eq!(failures(&node, account).await, spent, "{address}");
                }
                let late = prove(&node, &eve, &asked, &right, NOW).await.err();
                let dead = if tries == 5 { CompleteError::TooManyWrong } else { CompleteError::WrongCode { left: 1, attempts: 4 } };
                assert_eq!(late, Some(ProveError::Code(dead)), "{address}: a short code out of a spent budget is dead");
            }
            assert_eq!(node.auth.store().count_events(EventKind::GuessBudgetSpent).await.unwrap(), 1 + nth as i64);
            // From now on what is sent there for a change is long, for whomever.
            let asked = begin(&node, &jane, &Wish::Add, "x@example.com", NOW).await;
            assert_eq!(node.stored(&asked).await.code.strength, CodeStrength::Short);
            let asked = begin(&node, &eve, &Wish::Add, address, NOW).await;
            assert_eq!(node.stored(&asked).await.code.strength, CodeStrength::Long, "{address}");
        }
        for hers in [&jane, &eve] {
            assert_eq!(failures(&node, &Account::user(hers)).await, 0, "nobody's own budget is hurt");
        }
        assert_eq!(node.stored(&node.start(JANE, NOW).await).await.code.strength, CodeStrength::Short, "nor is Jane's way in");
        let asked = begin(&node, &jane, &Wish::Add, NEW, NOW).await;
        assert!(matches!(prove_right(&node, &jane, &asked, NOW).await, Ok(ProvedNow::Added)), "long ones are good");
        node.close().await;
    }

    /// Else an owner who is guessed at would be asked for short codes still.
    async fn guesses_at_an_old_identifier_count_against_its_owner(bed: Bed) {
        let node = bed.node_with(|rules| rules.budget.limit = 3).await;
        let jane = node.signed_in(JANE, NOW).await;
        let user = jane.tokens.user;
        let confirm = begin(&node, &user, &Wish::Change(jane.identity), NEW, NOW).await;
        let right = node.mail(&confirm).code.unwrap();
        for n in 1..=3 {
            prove(&node, &user, &confirm, &other_code(&right, n), NOW).await.err().unwrap();
            assert_eq!(failures(&node, &Account::user(&user)).await, n as i64);
        }
        assert_eq!(failures(&node, &Account::identifier(Connection::Email, JANE)).await, 0);
        assert_eq!(failures(&node, &Account::identifier(Connection::Email, NEW)).await, 0);
        assert_eq!(node.stored(&node.start(JANE, NOW).await).await.code.strength, CodeStrength::Long, "one budget for all doors");
        assert!(prove(&node, &user, &confirm, &right, NOW).await.is_err());
        node.close().await;
    }

    /// Somebody who may read a mailbox of Jane's, or Jane at another page, wants in meanwhile.
    async fn proving_an_identifier_ends_no_sign_in_of_it(bed: Bed) {
        let node = &bed.node;
        let jane = node.signed_in(JANE, NOW).await;
        let user = jane.tokens.user;
        let (add, twin) = (begin(node, &user, &Wish::Add, NEW, NOW).await, begin(node, &user, &Wish::Add, NEW, NOW).await);
        let waits = node.start(NEW, NOW).await;
        let code = node.mail(&waits).code.unwrap();
        assert!(matches!(prove_right(node, &user, &add, NOW).await, Ok(ProvedNow::Added)));
        assert_eq!((node.stored(&waits).await.ended, node.stored(&twin).await.ended), (None, None));
        assert_eq!(prove_right(node, &user, &twin, NOW).await.err(), Some(ProveError::Dead), "it is proved");
        assert_eq!(node.by_code(&waits, &code, NOW).await.unwrap().tokens.user, user);

        let waits = node.start(JANE, NOW).await;
        let confirm = begin(node, &user, &Wish::Change(jane.identity), "other@example.com", NOW).await;
        assert!(matches!(prove_right(node, &user, &confirm, NOW).await, Ok(ProvedNow::Next(_))));
        assert_eq!(node.stored(&waits).await.ended, None, "nor does confirming");
        assert!(node.by_code(&waits, &node.mail(&waits).code.unwrap(), NOW).await.is_ok());
    }

    async fn what_cannot_be_a_code_costs_nothing(bed: Bed) {
        let node = &bed.node;
        let jane = user(node, JANE).await;
        let asked = begin(node, &jane, &Wish::Add, NEW, NOW).await;
        for junk in ["", "12345", "abcdef"] {
            assert_eq!(prove(node, &jane, &asked, junk, NOW).await.err(), Some(ProveError::Code(CompleteError::NotACode)));
        }
        assert_eq!((node.stored(&asked).await.attempts, failures(node, &Account::user(&jane)).await), (0, 0));
        let code = node.mail(&asked).code.unwrap().replace(' ', "-");
        assert!(matches!(prove(node, &jane, &asked, &format!(" {code} "), NOW).await, Ok(ProvedNow::Added)));
    }

    async fn of_two_users_who_prove_the_same_identifier_at_once_one_gets_it(bed: Bed) {
        let (node, other) = (bed.node.clone(), bed.node_with(|_| {}).await);
        for round in 0..15 {
            let wanted = format!("wanted{round}@example.com");
            let mut racers = Vec::new();
            for n in 0..4 {
                let node = [&node, &other][n % 2].clone();
                let user = user(&node, &format!("p{round}-{n}@example.com")).await;
                let asked = begin(&node, &user, &Wish::Add, &wanted, NOW).await;
                racers.push((node, user, asked));
            }
            let users: Vec<UserId> = racers.iter().map(|racer| racer.1.clone()).collect();
            let race = |(node, user, asked): (Node, UserId, Asked)| async move { prove_right(&node, &user, &asked, NOW).await };
            let outcomes = at_once(racers.into_iter().map(race).collect()).await;
            let won: Vec<usize> = (0..4).filter(|n| outcomes[*n].is_ok()).collect();
            assert_eq!(won.len(), 1, "round {round}");
            for outcome in &outcomes {
                assert!(matches!(outcome, Ok(_) | Err(ProveError::Dead)), "{:?}", outcome.as_ref().err());
            }
            assert_eq!(owner(&node, &wanted).await.as_ref(), Some(&users[won[0]]));
            for (n, user) in users.iter().enumerate() {
                assert_eq!(subjects(&node, user).await.len(), if n == won[0] { 2 } else { 1 });
            }
        }
        other.close().await;
    }

    async fn of_16_who_use_one_code_one_adds(bed: Bed) {
        let (node, other) = (bed.node.clone(), bed.node_with(|_| {}).await);
        let jane = user(&node, JANE).await;
        for round in 0..10 {
            let asked = begin(&node, &jane, &Wish::Add, &format!("jane{round}@example.com"), NOW).await;
            let code = node.mail(&asked).code.unwrap();
            let race = |n: usize| {
                let (node, jane, asked, code) = ([&node, &other][n % 2].clone(), jane.clone(), asked.clone(), code.clone());
                async move { prove(&node, &jane, &asked, &code, NOW).await.is_ok() }
            };
            let outcomes = at_once((0..16).map(race).collect()).await;
            assert_eq!(outcomes.into_iter().filter(|won| *won).count(), 1, "round {round}");
            assert_eq!(subjects(&node, &jane).await.len(), 2 + round);
        }
        assert_eq!(node.auth.store().count_events(EventKind::IdentityAdded).await.unwrap(), 10);
        other.close().await;
    }

    async fn of_two_changes_of_one_identity_at_once_one_holds(bed: Bed) {
        let (node, other) = (bed.node.clone(), bed.node_with(|_| {}).await);
        for round in 0..10 {
            let jane = node.signed_in(&format!("jane{round}@example.com"), NOW).await;
            let user = jane.tokens.user.clone();
            added(&node, &user, &format!("work{round}@example.com"), NOW).await;
            let mut racers = Vec::new();
            for n in 0..4 {
                let node = [&node, &other][n % 2].clone();
                let asked = begin(&node, &user, &Wish::Change(jane.identity.clone()), &format!("new{round}-{n}@example.com"), LATER).await;
                racers.push((node, user.clone(), asked));
            }
            let race = |(node, user, asked): (Node, UserId, Asked)| async move { prove_right(&node, &user, &asked, LATER).await };
            let outcomes = at_once(racers.into_iter().map(race).collect()).await;
            let won: Vec<usize> = (0..4).filter(|n| outcomes[*n].is_ok()).collect();
            assert_eq!(won.len(), 1, "round {round}");
            assert!(outcomes.iter().all(|outcome| matches!(outcome, Ok(ProvedNow::Changed) | Err(ProveError::Dead))));
            let mut now = subjects(&node, &user).await;
            now.sort();
            assert_eq!(now, [format!("new{round}-{}@example.com", won[0]), format!("work{round}@example.com")]);
        }
        other.close().await;
    }
}

//! Codes that back ends ask for and deliver: the same single use, limits and budgets as all others.

use crate::kit::*;
use postkey_auth::{CodeFor, CompleteError, Consumed, MadeCode, MakeCodeError, Proof, Which};
use postkey_model::{AppId, EmailAddress, EndedHow, Identifier, IdentityId, Millis, SignUp, TenantId, Timestamp};

const JANE: &str = "jane@example.com";

fn email(address: &str) -> Identifier {
    Identifier::Email(EmailAddress::parse(address).unwrap())
}

async fn code(node: &Node, to: &str, now: Timestamp) -> MadeCode {
    node.auth.make_code(&call(&public(), now), CodeFor::Identifier(&email(to)), None).await.unwrap()
}

fn typed(made: &MadeCode, typed: &str) -> Proof {
    Proof::Code { sign_in: made.sign_in.clone(), device: made.device.clone(), typed: typed.to_owned() }
}

fn link(made: &MadeCode) -> Proof {
    Proof::Link { sign_in: made.sign_in.clone(), secret: made.link.expose().clone() }
}

/// Six digits that are not the code.
fn wrong(made: &MadeCode) -> String {
    if made.code.expose() == "000000" { "000001".to_owned() } else { "000000".to_owned() }
}

async fn consume(node: &Node, proof: &Proof, now: Timestamp) -> Result<Consumed, CompleteError> {
    node.auth.consume_code(&call(&public(), now), proof).await
}

on_both_engines! {
    async fn a_code_makes_a_user_once_and_no_session(bed: Bed) {
        let node = &bed.node;
        let made = code(node, JANE, NOW).await;
        assert!(node.mails(&made.sign_in).is_empty(), "the back end delivers it");
        let first = consume(node, &typed(&made, made.code.expose()), NOW).await.unwrap();
        assert!(first.is_new_user);
        assert_eq!(first.identity, IdentityId::first_of(&first.user.user.id));
        assert_eq!((first.sign_in.to.as_str(), first.sign_in.attempts), (JANE, 0));
        assert!(node.auth.sessions_of(&first.user.user.id, NOW).await.unwrap().is_empty());
        for again in [typed(&made, made.code.expose()), link(&made)] {
            assert_eq!(consume(node, &again, NOW).await.err(), Some(CompleteError::Over(EndedHow::Completed)));
        }
        let by_link = code(node, JANE, NOW).await;
        let second = consume(node, &link(&by_link), NOW).await.unwrap();
        assert!(!second.is_new_user);
        assert_eq!(second.user, first.user);
        // The same person at our own doors.
        assert_eq!(node.signed_in(JANE, NOW).await.tokens.user, first.user.user.id);
    }

    async fn of_64_right_codes_one_is_consumed(bed: Bed) {
        let (node, other) = (bed.node.clone(), bed.node_with(|_| {}).await);
        for round in 0..20 {
            let made = code(&node, &format!("p{round}@example.com"), NOW).await;
            let racer = |i: usize| {
                let node = [&node, &other][i % 2].clone();
                let proof = if i.is_multiple_of(3) { link(&made) } else { typed(&made, made.code.expose()) };
                async move { consume(&node, &proof, NOW).await }
            };
            let outcomes = at_once((0..64).map(racer).collect()).await;
            assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "round {round}");
        }
    }

    async fn wrong_codes_count_at_check_and_consume_alike(bed: Bed) {
        let node = &bed.node;
        let made = code(node, JANE, NOW).await;
        let right = typed(&made, made.code.expose());
        assert_eq!(node.auth.check_code(&call(&public(), NOW), &right).await.unwrap().attempts, 0, "nothing is spent");
        for n in 1..5 {
            let proof = typed(&made, &wrong(&made));
            let told = if n % 2 == 0 { consume(node, &proof, NOW).await.err() } else { node.auth.check_code(&call(&public(), NOW), &proof).await.err() };
            assert_eq!(told, Some(CompleteError::WrongCode { left: 5 - n, attempts: n }));
            assert_eq!(node.auth.tries_of(&call(&public(), NOW), &proof).await.unwrap(), Some((n, 5 - n)));
        }
        assert_eq!(consume(node, &typed(&made, "abc"), NOW).await.err(), Some(CompleteError::NotACode));
        assert_eq!(node.auth.check_code(&call(&public(), NOW), &right).await.unwrap().attempts, 4);
        assert_eq!(consume(node, &typed(&made, &wrong(&made)), NOW).await.err(), Some(CompleteError::TooManyWrong));
        for proof in [right, link(&made)] {
            assert_eq!(consume(node, &proof, NOW).await.err(), Some(CompleteError::TooManyWrong));
        }
    }

    async fn a_sign_in_has_several_codes_and_loses_them_one_by_one(bed: Bed) {
        let node = &bed.node;
        let here = call(&public(), NOW);
        let first = code(node, JANE, NOW).await;
        let more = |chosen: Option<&'static str>| {
            let first = &first;
            async move { node.auth.make_code(&call(&public(), NOW + secs(1)), CodeFor::SignIn(&first.sign_in, &first.device), chosen).await }
        };
        let second = more(None).await.unwrap();
        let third = more(Some("open Sesame")).await.unwrap();
        assert_eq!(third.code.expose(), "open Sesame");
        assert_eq!(more(Some("open Sesame")).await.err(), Some(MakeCodeError::AlreadyUsed));
        let views = node.auth.sign_ins_for_back_end(&here, Which::Device(&first.sign_in, &first.device)).await.unwrap();
        assert_eq!(views.len(), 1);
        assert_eq!(views[0].codes, [(1, NOW), (2, NOW + secs(1)), (3, NOW + secs(1))]);
        assert_eq!(node.auth.sign_ins_for_back_end(&here, Which::Of(&email(JANE))).await.unwrap(), views);
        assert_eq!(node.auth.sign_ins_for_back_end(&here, Which::Id(&first.sign_in)).await.unwrap(), views);
        assert!(node.auth.sign_ins_for_back_end(&here, Which::Device(&first.sign_in, "else")).await.unwrap().is_empty());
        for good in [typed(&first, first.code.expose()), link(&first), typed(&first, second.code.expose()), typed(&first, "open Sesame")] {
            assert!(node.auth.check_code(&here, &good).await.is_ok());
        }
        assert_eq!(node.auth.check_code(&here, &typed(&first, "open sesame")).await.err(), Some(CompleteError::WrongCode { left: 4, attempts: 1 }));
        node.auth.remove_code(&here, &first.sign_in, 2).await.unwrap();
        node.auth.remove_code(&here, &first.sign_in, 3).await.unwrap();
        assert!(node.auth.check_code(&here, &typed(&first, second.code.expose())).await.is_err());
        assert!(node.auth.check_code(&here, &typed(&first, "open Sesame")).await.is_err());
        assert!(node.auth.check_code(&here, &link(&first)).await.is_ok());
        node.auth.remove_code(&here, &first.sign_in, 1).await.unwrap();
        assert!(node.auth.sign_ins_for_back_end(&here, Which::Of(&email(JANE))).await.unwrap().is_empty(), "it is over");
        assert_eq!(more(None).await.err(), Some(MakeCodeError::Over));
    }

    async fn all_sign_ins_of_an_address_end_at_a_word(bed: Bed) {
        let node = &bed.node;
        let here = call(&public(), NOW);
        let (one, two, other) = (code(node, JANE, NOW).await, code(node, JANE, NOW).await, code(node, "joe@example.com", NOW).await);
        node.auth.cancel_one(&here, &one.sign_in).await.unwrap();
        assert!(consume(node, &link(&one), NOW).await.is_err());
        node.auth.cancel_all(&here, &email(JANE)).await.unwrap();
        assert!(consume(node, &link(&two), NOW).await.is_err());
        assert!(consume(node, &link(&other), NOW).await.is_ok());
    }

    /// A spent guess budget turns codes long, and closes those that back ends choose.
    async fn a_spent_budget_holds_at_this_door_too(bed: Bed) {
        let node = bed.node_with(|rules| { rules.budget.limit = 3; rules.resend_gap = Millis(0); }).await;
        let here = call(&public(), NOW);
        let chosen = node.auth.make_code(&here, CodeFor::Identifier(&email(JANE)), Some("4711")).await.unwrap();
        let early = code(&node, JANE, NOW).await;
        for _ in 0..3 {
            assert!(matches!(consume(&node, &typed(&early, &wrong(&early)), NOW).await, Err(CompleteError::WrongCode { .. })));
        }
        assert!(consume(&node, &typed(&chosen, "4711"), NOW).await.is_err(), "short and chosen ones are dead");
        assert_eq!(node.auth.make_code(&here, CodeFor::Identifier(&email(JANE)), Some("4712")).await.err(), Some(MakeCodeError::BudgetSpent));
        let long = code(&node, JANE, NOW).await;
        assert!(long.code.expose().len() > 10);
        assert!(consume(&node, &typed(&long, long.code.expose()), NOW).await.is_ok());
    }

    async fn codes_live_as_long_as_their_tenant_says_and_in_it_only(bed: Bed) {
        let node = &bed.node;
        let made = code(node, JANE, NOW).await;
        assert_eq!(made.lifetime, Millis::from_mins(10));
        let dead = NOW + made.lifetime;
        assert!(matches!(consume(node, &typed(&made, made.code.expose()), dead).await, Err(CompleteError::ExpiredCode { .. })));
        assert_eq!(consume(node, &link(&made), dead).await.err(), Some(CompleteError::LinkExpired));
        let elsewhere = node.auth.consume_code(&call(&acme(), NOW), &link(&made)).await;
        assert_eq!(elsewhere.err(), Some(CompleteError::Unknown));
        let nowhere = TenantId::parse("nowhere").unwrap();
        let missing = node.auth.make_code(&call(&nowhere, NOW), CodeFor::Identifier(&email(JANE)), None).await;
        assert_eq!(missing.err(), Some(MakeCodeError::UnknownTenant));
    }

    async fn where_sign_up_is_closed_a_code_opens_nothing_new(bed: Bed) {
        let known = bed.node.signed_in(JANE, NOW).await.tokens.user;
        let node = bed.node_of(|tenant| tenant.sign_up = SignUp::Closed).await;
        let refused = node.auth.make_code(&call(&public(), NOW), CodeFor::Identifier(&email("joe@example.com")), None).await;
        assert_eq!(refused.err(), Some(MakeCodeError::NotAdmitted), "the back end is told");
        // One that was out before opens nothing either.
        let early = code(&bed.node, "joe@example.com", NOW).await;
        assert_eq!(consume(&node, &link(&early), NOW).await.err(), Some(CompleteError::Unknown));
        let made = code(&node, JANE, NOW).await;
        assert_eq!(consume(&node, &link(&made), NOW).await.unwrap().user.user.id, known);
        assert!(node.auth.store().person(&AppId::public(), known.as_str()).await.unwrap().is_some());
    }
}

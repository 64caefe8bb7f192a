//! The random lists of changes that are held against the model.

use proptest::prelude::*;

/// One change, by small numbers that name its sign-in, tenant, account, user or session.
#[derive(Clone, Debug)]
pub enum Step {
    Start { sign_in: usize, tenant: usize, subject: usize, max_attempts: i64 },
    Resend { sign_in: usize, seen_sends: i64, older: bool },
    Cancel { sign_in: usize },
    Fail { sign_in: usize },
    Guess { tenant: usize, account: usize, limit: i64 },
    Spend { sign_in: usize, subject: usize, within: Option<(usize, i64)> },
    Prove { sign_in: usize, within: Option<(usize, i64)> },
    Opened { sign_in: usize },
    Approve { sign_in: usize },
    WrongNumber { sign_in: usize },
    Send { tenant: usize, limit: i64 },
    NewUser { user: usize },
    NewIdentity { tenant: usize, subject: usize, user: usize },
    Move { tenant: usize, from: usize, to: usize, owner: usize, seen: i64, keeps_age: bool },
    Remove { tenant: usize, subject: usize, owner: usize, seen: i64 },
    Touch { user: usize, seen: i64 },
    Open { session: usize, user: usize },
    Rotate { session: usize, seen: i64 },
    Revoke { session: usize },
    RevokeAll { user: usize, except: Option<usize> },
    ForgetSignIns,
    ForgetSessions,
    ForgetBudgets,
}

/// Some steps that are committed together, and how much time passed before.
pub type List = (i64, Vec<Step>);

fn step() -> impl Strategy<Value = Step> {
    let (sign_in, two) = (0..4_usize, 0..2_usize);
    let within = proptest::option::of((two.clone(), 0..4_i64));
    prop_oneof![
        4 => (sign_in.clone(), two.clone(), two.clone(), 0..4_i64)
            .prop_map(|(sign_in, tenant, subject, max_attempts)| Step::Start { sign_in, tenant, subject, max_attempts }),
        3 => (sign_in.clone(), 1..4_i64, any::<bool>()).prop_map(|(sign_in, seen_sends, older)| Step::Resend { sign_in, seen_sends, older }),
        1 => sign_in.clone().prop_map(|sign_in| Step::Cancel { sign_in }),
        4 => sign_in.clone().prop_map(|sign_in| Step::Fail { sign_in }),
        5 => (two.clone(), two.clone(), 1..4_i64).prop_map(|(tenant, account, limit)| Step::Guess { tenant, account, limit }),
        1 => sign_in.clone().prop_map(|sign_in| Step::Opened { sign_in }),
        2 => sign_in.clone().prop_map(|sign_in| Step::Approve { sign_in }),
        1 => sign_in.clone().prop_map(|sign_in| Step::WrongNumber { sign_in }),
        3 => (two.clone(), 1..4_i64).prop_map(|(tenant, limit)| Step::Send { tenant, limit }),
        2 => (sign_in.clone(), within.clone()).prop_map(|(sign_in, within)| Step::Prove { sign_in, within }),
        4 => (sign_in, two.clone(), within).prop_map(|(sign_in, subject, within)| Step::Spend { sign_in, subject, within }),
        4 => two.clone().prop_map(|user| Step::NewUser { user }),
        4 => (two.clone(), two.clone(), two.clone()).prop_map(|(tenant, subject, user)| Step::NewIdentity { tenant, subject, user }),
        6 => (two.clone(), two.clone(), two.clone(), two.clone(), prop_oneof![3 => Just(0), 1 => 1..3_i64], any::<bool>())
            .prop_map(|(tenant, from, to, owner, seen, keeps_age)| Step::Move { tenant, from, to, owner, seen, keeps_age }),
        2 => (two.clone(), two.clone(), two.clone(), prop_oneof![3 => Just(0), 1 => 1..3_i64])
            .prop_map(|(tenant, subject, owner, seen)| Step::Remove { tenant, subject, owner, seen }),
        2 => (two.clone(), 0..3_i64).prop_map(|(user, seen)| Step::Touch { user, seen }),
        3 => (0..3_usize, two.clone()).prop_map(|(session, user)| Step::Open { session, user }),
        4 => (0..3_usize, 0..4_i64).prop_map(|(session, seen)| Step::Rotate { session, seen }),
        1 => (0..3_usize).prop_map(|session| Step::Revoke { session }),
        1 => (two, proptest::option::of(0..3_usize)).prop_map(|(user, except)| Step::RevokeAll { user, except }),
        1 => Just(Step::ForgetSignIns),
        1 => Just(Step::ForgetSessions),
        1 => Just(Step::ForgetBudgets),
    ]
}

pub fn lists() -> impl Strategy<Value = Vec<List>> {
    let passing = prop_oneof![3 => 0..3_i64, 1 => 0..40_000_i64];
    proptest::collection::vec((passing, proptest::collection::vec(step(), 1..4)), 1..25)
}

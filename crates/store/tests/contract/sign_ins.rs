//! Sign-ins: starting, resending, cancelling, failing, finishing; one code is good once.

use crate::kit::*;
use postkey_model::{Change, CodeStrength, EndedHow, Flow, Millis, OlderCode, SentCode, SignIn, SignInId, Timestamp, Yield};
use postkey_store::{CommitError, SignInFacts, Store};

async fn facts(store: &Store, sign_in: &SignIn) -> SignInFacts {
    store.sign_in(&sign_in.tenant, &sign_in.id).await.unwrap().unwrap()
}

async fn ended(store: &Store, sign_in: &SignIn) -> Option<(Timestamp, EndedHow)> {
    facts(store, sign_in).await.sign_in.ended
}

fn resent(sign_in: &SignIn, seen_sends: i64, code: SentCode, older: Option<OlderCode>) -> Change {
    Change::CodeResent { sign_in: sign_in.id.clone(), seen_sends, code, older, at: NOW + Millis(1) }
}

fn cancelled(sign_in: &SignIn) -> Change {
    Change::SignInCancelled { sign_in: sign_in.id.clone(), at: NOW }
}

/// Open sign-ins that take no wrong code, a code resend, a cancellation or a use any more.
async fn over(store: &Store) -> Vec<SignIn> {
    let done = started(store, sign_in("done@example.com")).await;
    commit(store, spent(&done)).await.unwrap();
    let left = started(store, sign_in("left@example.com")).await;
    commit(store, cancelled(&left)).await.unwrap();
    let unknown = sign_in("nobody@example.com");
    vec![done, left, unknown]
}

on_both_engines! {
    async fn what_was_started_is_read_back_whole(store: Store) {
        let mut full = sign_in("jane@example.com");
        full.destination = Some("/after?x=1".to_owned());
        full.code.strength = CodeStrength::Long;
        let mut bare = sign_in("joe@example.com");
        bare.flow = Flow::MagicLink;
        bare.code.code = None;
        bare.tenant = tenant("acme");
        (bare.attempts, bare.max_attempts) = (2, 3);
        let mut typed = sign_in("jim@example.com");
        typed.flow = Flow::UserInputCode;
        typed.code.link = None;
        for each in [full, bare, typed] {
            started(&store, each.clone()).await;
            let seen = facts(&store, &each).await;
            assert_eq!(plain(&seen.sign_in), plain(&each));
            assert!(seen.older.is_empty() && seen.identity.is_none() && seen.budget.is_none());
        }
    }

    async fn a_sign_in_is_started_once(store: Store) {
        let first = started(&store, sign_in("jane@example.com")).await;
        let mut second = sign_in("joe@example.com");
        second.id = first.id.clone();
        assert_eq!(commit(&store, Change::SignInStarted(Box::new(second))).await, LOST);
        assert_eq!(plain(&facts(&store, &first).await.sign_in), plain(&first));
    }

    async fn a_sign_in_is_seen_in_its_tenant_only(store: Store) {
        let one = started(&store, sign_in("jane@example.com")).await;
        assert!(store.sign_in(&tenant("acme"), &one.id).await.unwrap().is_none());
        assert!(store.sign_in(&public(), &SignInId::stored(id())).await.unwrap().is_none());
    }

    async fn a_sign_in_shows_its_identity_and_its_budget(store: Store) {
        let one = started(&store, sign_in("jane@example.com")).await;
        let jane = user();
        let way = identity(&jane.id, "jane@example.com");
        store.commit(vec![Change::UserCreated(jane.clone()), Change::IdentityCreated(way.clone()), guess(&one.account, 10, NOW)]).await.unwrap();
        let seen = facts(&store, &one).await;
        assert_eq!(seen.identity, Some((way.id, jane.id)));
        let budget = seen.budget.unwrap();
        assert_eq!((budget.failures, budget.resets_at), (1, NOW + MINUTE));
    }

    async fn a_code_is_resent_and_the_older_ones_stay(store: Store) {
        let one = started(&store, sign_in("jane@example.com")).await;
        assert_eq!(commit(&store, resent(&one, 1, code(2), Some(code(1)))).await, applied());
        let seen = facts(&store, &one).await;
        assert_eq!((seen.sign_in.sends, seen.sign_in.last_sent_at), (2, NOW + Millis(1)));
        assert_eq!(plain_code(&seen.sign_in.code), plain_code(&code(2)));
        let mut long = code(3);
        (long.strength, long.link) = (CodeStrength::Long, None);
        assert_eq!(commit(&store, resent(&one, 2, long.clone(), Some(code(2)))).await, applied());
        assert_eq!(commit(&store, resent(&one, 3, code(4), Some(long.clone()))).await, applied());
        let seen = facts(&store, &one).await;
        let older: Vec<_> = seen.older.iter().map(plain_code).collect();
        assert_eq!(older, [plain_code(&long), plain_code(&code(2)), plain_code(&code(1))], "newest first");
        assert_eq!(plain_code(&seen.sign_in.code), plain_code(&code(4)));
    }

    async fn an_older_code_that_is_dead_is_not_kept(store: Store) {
        let one = started(&store, sign_in("jane@example.com")).await;
        assert_eq!(commit(&store, resent(&one, 1, code(2), None)).await, applied());
        assert!(facts(&store, &one).await.older.is_empty());
    }

    async fn a_code_is_resent_only_from_what_was_seen(store: Store) {
        let one = started(&store, sign_in("jane@example.com")).await;
        commit(&store, resent(&one, 1, code(2), Some(code(1)))).await.unwrap();
        for seen in [0, 1, 3] {
            assert_eq!(commit(&store, resent(&one, seen, code(9), Some(code(8)))).await, LOST);
        }
        let seen = facts(&store, &one).await;
        assert_eq!((seen.sign_in.sends, seen.older.len()), (2, 1));
        assert_eq!(plain_code(&seen.sign_in.code), plain_code(&code(2)));
    }

    async fn a_sign_in_that_is_over_takes_nothing_more(store: Store) {
        let mut worn = sign_in("worn@example.com");
        worn.attempts = worn.max_attempts;
        let worn = started(&store, worn).await;
        for each in over(&store).await.iter().chain([&worn]) {
            assert_eq!(commit(&store, resent(each, 1, code(2), Some(code(1)))).await, LOST, "{}", each.subject);
            assert_eq!(commit(&store, failed(each)).await, LOST, "{}", each.subject);
            assert_eq!(commit(&store, spent(each)).await, LOST, "{}", each.subject);
            assert_eq!(commit(&store, spent_within(each, 100, NOW)).await, LOST, "{}", each.subject);
        }
        for each in over(&store).await {
            assert_eq!(commit(&store, cancelled(&each)).await, LOST, "{}", each.subject);
        }
        assert_eq!(commit(&store, cancelled(&worn)).await, applied(), "giving up needs no tries");
        assert!(facts(&store, &worn).await.older.is_empty());
    }

    async fn cancelling_is_noted(store: Store) {
        let one = started(&store, sign_in("jane@example.com")).await;
        commit(&store, cancelled(&one)).await.unwrap();
        assert_eq!(ended(&store, &one).await, Some((NOW, EndedHow::Cancelled)));
    }

    async fn wrong_codes_are_counted_up_to_the_last_one(store: Store) {
        let one = started(&store, sign_in("jane@example.com")).await;
        for n in 1..=5 {
            assert_eq!(commit(&store, failed(&one)).await, counted(n));
        }
        assert_eq!(commit(&store, failed(&one)).await, LOST);
        let seen = facts(&store, &one).await.sign_in;
        assert_eq!((seen.attempts, seen.ended), (5, None));
    }

    async fn a_code_is_good_once(store: Store) {
        let one = started(&store, sign_in("jane@example.com")).await;
        assert_eq!(commit(&store, spent(&one)).await, applied());
        assert_eq!(ended(&store, &one).await, Some((NOW, EndedHow::Completed)));
        assert_eq!(commit(&store, spent(&one)).await, LOST);
        assert_eq!(ended(&store, &one).await, Some((NOW, EndedHow::Completed)));
    }

    async fn using_a_code_ends_the_other_open_sign_ins_of_its_identifier(store: Store) {
        let used = started(&store, sign_in("jane@example.com")).await;
        let open = started(&store, sign_in("jane@example.com")).await;
        let mut worn = sign_in("jane@example.com");
        worn.attempts = worn.max_attempts;
        let worn = started(&store, worn).await;
        let left = started(&store, sign_in("jane@example.com")).await;
        commit(&store, cancelled(&left)).await.unwrap();
        let mut elsewhere = sign_in("jane@example.com");
        elsewhere.tenant = tenant("acme");
        let elsewhere = started(&store, elsewhere).await;
        let somebody = started(&store, sign_in("joe@example.com")).await;
        let later = NOW + Millis(5);
        let change = Change::CodeSpent { sign_in: used.id.clone(), tenant: public(), subject: used.subject.clone(), within_budget: None, at: later };
        assert_eq!(commit(&store, change).await, applied());
        assert_eq!(ended(&store, &used).await, Some((later, EndedHow::Completed)));
        assert_eq!(ended(&store, &open).await, Some((later, EndedHow::Superseded)));
        assert_eq!(ended(&store, &worn).await, Some((later, EndedHow::Superseded)));
        assert_eq!(ended(&store, &left).await, Some((NOW, EndedHow::Cancelled)), "what was over stays as it was");
        assert_eq!(ended(&store, &elsewhere).await, None, "another tenant's");
        assert_eq!(ended(&store, &somebody).await, None, "another person's");
        assert_eq!(commit(&store, spent(&open)).await, LOST);
    }

    /// Else whoever adds somebody's address to an account, or the page of a person who does two things at once, would end
    /// sign-ins.
    async fn proving_an_identifier_ends_its_own_sign_in_only(store: Store) {
        let used = started(&store, sign_in("jane@example.com")).await;
        let open = started(&store, sign_in("jane@example.com")).await;
        assert_eq!(commit(&store, proved(&used)).await, applied());
        assert_eq!(ended(&store, &used).await, Some((NOW, EndedHow::Completed)));
        assert_eq!(ended(&store, &open).await, None);
        assert_eq!(commit(&store, proved(&used)).await, LOST, "once");
        assert_eq!(commit(&store, spent(&used)).await, LOST);
        assert_eq!(commit(&store, spent(&open)).await, applied());
        assert_eq!(ended(&store, &used).await, Some((NOW, EndedHow::Completed)), "as it was");
    }

    async fn a_proof_is_good_when_a_code_is(store: Store) {
        let mut worn = sign_in("jane@example.com");
        worn.attempts = worn.max_attempts;
        let mut dead = sign_in("jane@example.com");
        dead.code.expires_at = NOW;
        let mut last = sign_in("jane@example.com");
        last.code.expires_at = NOW + Millis(1);
        let left = started(&store, sign_in("jane@example.com")).await;
        commit(&store, cancelled(&left)).await.unwrap();
        let (worn, dead, last) = (started(&store, worn).await, started(&store, dead).await, started(&store, last).await);
        for each in [&worn, &dead, &left, &sign_in("nobody@example.com")] {
            assert_eq!(commit(&store, proved(each)).await, LOST);
        }
        for each in [&worn, &dead] {
            assert_eq!(ended(&store, each).await, None);
        }
        // A short code also needs its budget.
        commit(&store, guess(&last.account, 1, NOW)).await.unwrap();
        let within = |limit: i64| Change::CodeProved {
            sign_in: last.id.clone(),
            tenant: public(),
            within_budget: Some((last.account.clone(), limit)),
            at: NOW,
        };
        assert_eq!(commit(&store, within(1)).await, LOST);
        assert_eq!(ended(&store, &last).await, None);
        assert_eq!(commit(&store, within(2)).await, applied());
        assert_eq!(ended(&store, &last).await, Some((NOW, EndedHow::Completed)));
    }

    async fn of_32_proofs_one_holds(bed: Bed) {
        let other = bed.another_node().await;
        for round in 0..10 {
            let one = started(&bed.store, sign_in("jane@example.com")).await;
            let of = |n: usize| vec![if n.is_multiple_of(4) { spent(&one) } else { proved(&one) }];
            let answers = at_once(&[bed.store.clone(), other.clone()], 32, of).await;
            assert_eq!(winners(&answers), 1, "round {round}");
        }
        other.close().await;
    }

    async fn a_code_that_is_not_good_ends_nothing(store: Store) {
        let open = started(&store, sign_in("jane@example.com")).await;
        let mut worn = sign_in("jane@example.com");
        worn.attempts = worn.max_attempts;
        let worn = started(&store, worn).await;
        assert_eq!(commit(&store, spent(&worn)).await, LOST);
        let mut misnamed = started(&store, sign_in("joe@example.com")).await;
        misnamed.subject = "jane@example.com".to_owned();
        assert_eq!(commit(&store, spent(&misnamed)).await, LOST, "not this identifier's");
        misnamed.tenant = tenant("acme");
        misnamed.subject = "joe@example.com".to_owned();
        assert_eq!(commit(&store, spent(&misnamed)).await, LOST, "not this tenant's");
        for each in [&open, &worn] {
            assert_eq!(ended(&store, each).await, None);
        }
    }

    /// Somebody may have started very many for an address: what is dead anyway is not touched.
    async fn dead_codes_are_not_spent_and_not_ended(store: Store) {
        let open = started(&store, sign_in("jane@example.com")).await;
        let mut dead = sign_in("jane@example.com");
        dead.code.expires_at = NOW;
        let dead = started(&store, dead).await;
        assert_eq!(commit(&store, spent(&dead)).await, LOST);
        assert_eq!(ended(&store, &open).await, None);
        assert_eq!(commit(&store, spent(&open)).await, applied());
        assert_eq!(ended(&store, &dead).await, None);
    }

    async fn a_lost_guard_takes_back_what_stood_before_it(store: Store) {
        let kept = started(&store, sign_in("kept@example.com")).await;
        let other = started(&store, sign_in("kept@example.com")).await;
        let over = over(&store).await.remove(0);
        let fresh = sign_in("fresh@example.com");
        let lists = [
            vec![spent(&kept), failed(&over)],
            vec![failed(&kept), failed(&over)],
            vec![Change::SignInCancelled { sign_in: kept.id.clone(), at: NOW }, failed(&over)],
            vec![resent(&kept, 1, code(2), Some(code(1))), failed(&over)],
            vec![Change::SignInStarted(Box::new(fresh.clone())), spent(&over)],
            vec![guess(&kept.account, 1, NOW), failed(&over)],
            vec![failed(&over), guess(&kept.account, 1, NOW), failed(&kept)],
        ];
        for list in lists {
            assert_eq!(store.commit(list).await, LOST);
        }
        for each in [&kept, &other] {
            let seen = facts(&store, each).await;
            assert_eq!(plain(&seen.sign_in), plain(each));
            assert!(seen.older.is_empty() && seen.budget.is_none());
        }
        assert!(store.sign_in(&public(), &fresh.id).await.unwrap().is_none());
        assert_eq!(store.count_events(postkey_model::EventKind::GuessBudgetSpent).await.unwrap(), 0);
    }
}

in_one_group! {
    /// Wrong codes that came first count first, even when all are written together: a burst of guesses is worth no
    /// more than its tries, wherever the right one stands in it. Whatever the identifier begins with.
    async fn a_right_code_behind_too_many_wrong_ones_comes_too_late(store: Store) {
        for subject in ["jane@example.com", "007@example.com", "+15550100", "Ωmega", "\u{1}"] {
            let one = started(&store, sign_in(subject)).await;
            let burst = (0..64).map(|n| commit(&store, if n == 63 { spent(&one) } else { failed(&one) }));
            let answers = futures_util::future::join_all(burst).await;
            assert_eq!(winners(&answers), 5, "{subject}");
            assert_eq!(answers[63], LOST, "{subject}");
            assert_eq!(ended(&store, &one).await, None, "{subject}");
        }
    }

    async fn a_right_code_before_too_many_wrong_ones_is_good(store: Store) {
        for subject in ["jane@example.com", "007@example.com", "+15550100"] {
            let one = started(&store, sign_in(subject)).await;
            let burst = (0..64).map(|n| commit(&store, if n == 3 { spent(&one) } else { failed(&one) }));
            let answers = futures_util::future::join_all(burst).await;
            assert_eq!(answers[..4], [counted(1), counted(2), counted(3), Ok(vec![Yield::Nothing])], "{subject}");
            assert!(answers[4..].iter().all(|answer| *answer == Err(CommitError::Lost)), "{subject}");
        }
    }
}

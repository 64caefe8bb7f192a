//! What may be sent and what a code or link is worth, by the rules alone.

use super::*;
use postkey_model::Millis;
use postkey_model::{Asked, Entropy, EventId, EventKind, Flow, GuessRules, RootKey, SignInId, TenantId};
use proptest::prelude::*;

const NOW: Timestamp = Timestamp(1_800_000_000_000);
const CODE: &str = "123456";
const OLDER: &str = "654321";
const LONG: &str = "1234567890123";
const LINK: &str = "the-secret-of-the-link";
const DEVICE: &str = "the-secret-of-the-browser";
const LIMIT: i64 = 100;

struct Fixed;
impl Entropy for Fixed {
    fn fill(&self, out: &mut [u8]) {
        out.iter_mut().zip(7..).for_each(|(byte, n)| *byte = n);
    }
}

fn keyring() -> Keyring {
    Keyring::new(&RootKey::generate(&Fixed))
}

fn rules() -> SignInRules {
    SignInRules {
        flow: Flow::UserInputCodeAndMagicLink,
        code: CodeFormat::six_digits(),
        lifetime: Millis::from_mins(10),
        max_attempts: 5,
        resend_gap: Millis::from_secs(15),
        budget: budget_rules(),
        guesses: GuessRules::NONE,
        sends: SendRules { per_contact: 0, per_network: 0, per_tenant: 0, window: Millis::from_hours(1) },
        number_match: true,
    }
}

fn budget_rules() -> BudgetRules {
    BudgetRules { limit: LIMIT, trusted_limit: 20, window: Millis::from_hours(24) }
}

fn id() -> SignInId {
    SignInId::parse("sign-in").unwrap()
}

fn user() -> UserId {
    UserId::parse("user").unwrap()
}

fn sent(code: &str, link: &str, strength: CodeStrength, expires_at: Timestamp) -> SentCode {
    let (code, link) = (keyring().code_hash(&id(), code), keyring().link_hash(&id(), link));
    SentCode { code: Some(code), link: Some(link), strength, expires_at }
}

/// An open sign-in of somebody who is nobody yet, one second old.
fn facts() -> SignInFacts {
    let sign_in = SignIn {
        id: id(),
        tenant: TenantId::public(),
        connection: Connection::Email,
        subject: "jane@example.com".to_owned(),
        account: Account::identifier(Connection::Email, "jane@example.com"),
        flow: Flow::UserInputCodeAndMagicLink,
        device: keyring().device_hash(&id(), DEVICE),
        code: sent(CODE, LINK, CodeStrength::Short, NOW + Millis::from_mins(10)),
        sends: 1,
        last_sent_at: NOW - Millis::from_secs(1),
        attempts: 0,
        max_attempts: 5,
        destination: None,
        purpose: Purpose::SignIn,
        asked: Asked::default(),
        opened_at: None,
        approved_at: None,
        number_tries: 0,
        started_at: NOW - Millis::from_secs(1),
        ended: None,
    };
    SignInFacts { sign_in, older: Vec::new(), older_numbers: Vec::new(), identity: None, is_verified: true, budget: None }
}

fn changed(change: impl FnOnce(&mut SignInFacts)) -> SignInFacts {
    let mut facts = facts();
    change(&mut facts);
    facts
}

fn spent() -> Option<Budget> {
    Some(Budget { failures: LIMIT, resets_at: NOW + Millis(1) })
}

fn fresh() -> Fresh {
    let event = Event {
        id: EventId::parse("event").unwrap(),
        at: NOW,
        tenant: TenantId::public(),
        kind: EventKind::GuessBudgetSpent,
        subject: "sign-in".to_owned(),
        user: None,
        actor: postkey_model::Actor::Person,
    };
    Fresh { user: UserId::parse("new-user").unwrap(), identity: IdentityId::parse("new-identity").unwrap(), event }
}

fn typed(facts: &SignInFacts, typed: &str, now: Timestamp) -> Decision {
    complete(Some(facts), &Shown::Code { typed, device: DEVICE }, &rules(), &keyring(), fresh(), now)
}

fn opened(facts: &SignInFacts, secret: &str, now: Timestamp) -> Decision {
    complete(Some(facts), &Shown::Link { secret }, &rules(), &keyring(), fresh(), now)
}

/// A short name of a decision, for comparing.
fn name(decision: &Decision) -> String {
    match decision {
        Decision::Enter { user, is_new, .. } => format!("enter {user} {}", if *is_new { "new" } else { "known" }),
        Decision::Wrong { changes, expired } => {
            let counted = match &changes[..] {
                [Change::AttemptFailed { .. }] => "attempt",
                [Change::AttemptFailed { .. }, Change::BudgetSpent { .. }] => "attempt+budget",
                _ => "odd",
            };
            format!("{} {counted}", if *expired { "expired" } else { "wrong" })
        }
        Decision::NotACode => "not a code".to_owned(),
        Decision::Unknown => "unknown".to_owned(),
        Decision::LinkExpired => "link expired".to_owned(),
        Decision::Over(standing) => format!("over {standing:?}"),
    }
}

const IN: &str = "enter new-user new";
const WRONG: &str = "wrong attempt+budget";

#[test]
fn the_account_is_the_user_when_known_and_the_browser_when_trusted() {
    let (email, jane) = (Connection::Email, "jane@example.com");
    let of = |user: Option<UserId>, device: Option<&str>| {
        account(&StartFacts { user, budget: None }, email, jane, |_| device.map(str::to_owned))
    };
    assert_eq!(of(None, None), Account::identifier(email, jane));
    assert_eq!(of(None, Some("laptop")), Account::identifier(email, jane), "nobody's browser can be trusted by nobody");
    assert_eq!(of(Some(user()), None), Account::user(&user()));
    assert_eq!(of(Some(user()), Some("laptop")), Account::trusted(&user(), "laptop"));
    assert_eq!(budget_limit(&Account::user(&user()), &budget_rules()), 100);
    assert_eq!(budget_limit(&Account::trusted(&user(), "laptop"), &budget_rules()), 20);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn codes_are_long_exactly_while_the_budget_is_spent(failures in 0i64..200, left in -3i64..3, is_trusted: bool) {
        let account = if is_trusted { Account::trusted(&user(), "laptop") } else { Account::user(&user()) };
        let budget = Budget { failures, resets_at: NOW + Millis(left) };
        let limit = if is_trusted { 20 } else { 100 };
        let expected = if failures >= limit && left > 0 { CodeStrength::Long } else { CodeStrength::Short };
        prop_assert_eq!(strength(&account, Some(budget), &budget_rules(), false, NOW), expected);
        prop_assert_eq!(strength(&account, None, &budget_rules(), false, NOW), CodeStrength::Short);
        // Where strangers press, theirs are long; those of known browsers are not.
        let pressed = if account.is_trusted() { expected } else { CodeStrength::Long };
        prop_assert_eq!(strength(&account, Some(budget), &budget_rules(), true, NOW), pressed);
    }

    #[test]
    fn nothing_is_sent_again_before_the_gap(ago in 0i64..60_000) {
        let mut sign_in = facts().sign_in;
        sign_in.last_sent_at = NOW - Millis(ago);
        let expected = if ago < 15_000 { Err(NoResend::TooSoon { until: sign_in.last_sent_at + Millis::from_secs(15) }) } else { Ok(()) };
        prop_assert_eq!(may_resend(&sign_in, &rules(), NOW), expected);
    }

    /// Whatever is typed and however the sign-in stands: nobody gets in but by the right, living code, and only an
    /// open sign-in counts anything.
    #[test]
    fn only_a_right_and_living_code_lets_in(
        what in prop_oneof![Just(CODE.to_owned()), Just(OLDER.to_owned()), Just(LONG.to_owned()), "[0-9]{6}", "[0-9]{13}", "\\PC{0,20}"],
        attempts in 0i64..7,
        ended in prop::option::of(prop::sample::select(vec![EndedHow::Completed, EndedHow::Superseded, EndedHow::Cancelled])),
        is_spent: bool,
        is_long: bool,
        has_older: bool,
        age in 0i64..1_300_000,
        own: bool,
    ) {
        let now = NOW + Millis(age);
        let facts = changed(|facts| {
            let (code, strength) = if is_long { (LONG, CodeStrength::Long) } else { (CODE, CodeStrength::Short) };
            facts.sign_in.code = sent(code, LINK, strength, NOW + Millis(600_000));
            facts.sign_in.attempts = attempts;
            facts.sign_in.ended = ended.map(|how| (NOW, how));
            facts.budget = is_spent.then_some(Budget { failures: LIMIT, resets_at: NOW + Millis::from_hours(24) });
            if has_older {
                facts.older = vec![sent(OLDER, "older-link", CodeStrength::Short, NOW + Millis(300_000))];
            }
        });
        let device = if own { DEVICE } else { "stranger" };
        let decision = complete(Some(&facts), &Shown::Code { typed: &what, device }, &rules(), &keyring(), fresh(), now);
        let newest = if is_long { what == LONG } else { what == CODE && !is_spent };
        let right = (newest && age < 600_000) || (has_older && what == OLDER && !is_spent && age < 300_000);
        let open = own && ended.is_none() && attempts < 5;
        prop_assert_eq!(matches!(decision, Decision::Enter { .. }), right && open, "{}", name(&decision));
        prop_assert!(open || !matches!(decision, Decision::Wrong { .. }), "only an open sign-in counts anything");
        if let Decision::Wrong { changes, .. } = &decision {
            let attempt_first = matches!(&changes[0], Change::AttemptFailed { sign_in } if *sign_in == id());
            prop_assert!(attempt_first);
            prop_assert_eq!(changes.len(), if is_spent { 1 } else { 2 }, "a spent budget counts no further");
        }
    }
}

#[test]
fn a_set_back_clock_locks_nobody_out() {
    let mut sign_in = facts().sign_in;
    sign_in.last_sent_at = NOW + Millis::from_hours(1);
    assert_eq!(may_resend(&sign_in, &rules(), NOW), Ok(()));
}

#[test]
fn a_sign_in_stands_as_it_ended_or_as_its_tries_say() {
    let standing_of = |change: fn(&mut SignInFacts), now| {
        let facts = changed(change);
        let own = standing_for_browser(&facts.sign_in, &rules(), now);
        assert!(own == standing(&facts.sign_in) || own == Standing::Lapsed);
        own
    };
    let dead = facts().sign_in.code.expires_at;
    let lapsed = dead + rules().lifetime;
    assert_eq!(standing_of(|_| {}, NOW), Standing::Open);
    assert_eq!(standing_of(|_| {}, dead), Standing::Open);
    assert_eq!(standing_of(|_| {}, Timestamp(lapsed.0 - 1)), Standing::Open);
    assert_eq!(standing_of(|_| {}, lapsed), Standing::Lapsed);
    assert_eq!(standing_of(|facts| facts.sign_in.attempts = 4, NOW), Standing::Open);
    assert_eq!(standing_of(|facts| facts.sign_in.attempts = 5, NOW), Standing::Exhausted);
    assert_eq!(standing_of(|facts| facts.sign_in.attempts = 5, lapsed), Standing::Exhausted);
    assert_eq!(standing_of(|facts| facts.sign_in.ended = Some((NOW, EndedHow::Cancelled)), lapsed), Standing::Ended(EndedHow::Cancelled));
    for (change, over) in [
        ((|facts| facts.sign_in.attempts = 5) as fn(&mut SignInFacts), Standing::Exhausted),
        (|facts| facts.sign_in.ended = Some((NOW, EndedHow::Completed)), Standing::Ended(EndedHow::Completed)),
    ] {
        assert_eq!(may_resend(&changed(change).sign_in, &rules(), NOW + Millis::from_secs(60)), Err(NoResend::Over(over)));
    }
    assert_eq!(may_resend(&facts().sign_in, &rules(), lapsed), Err(NoResend::Over(Standing::Lapsed)));
}

#[test]
fn the_right_code_lets_in_and_says_what_to_guard() {
    let Decision::Enter { changes, .. } = typed(&facts(), " 123-456 ", NOW) else { panic!("not in") };
    let [Change::CodeSpent { sign_in, subject, within_budget, at: NOW, .. }, Change::IdentityCreated(identity), Change::UserCreated(new)] =
        &changes[..]
    else {
        panic!("three changes")
    };
    assert_eq!((sign_in, subject.as_str()), (&id(), "jane@example.com"));
    assert_eq!(within_budget, &Some((facts().sign_in.account, LIMIT)), "a short code holds only while the budget does");
    assert_eq!((&identity.user, identity.subject.as_str(), new.id.as_str()), (&new.id, "jane@example.com", "new-user"));

    let known = changed(|facts| facts.identity = Some((IdentityId::parse("identity").unwrap(), user())));
    let Decision::Enter { changes, user: entered, is_new, .. } = typed(&known, CODE, NOW) else { panic!("not in") };
    assert_eq!((changes.len(), entered, is_new), (1, user(), false));

    // Neither a long code nor a link hangs on the budget.
    let long = changed(|facts| facts.sign_in.code = sent(LONG, LINK, CodeStrength::Long, NOW + Millis(1)));
    for decision in [typed(&long, LONG, NOW), opened(&facts(), LINK, NOW)] {
        let Decision::Enter { changes, .. } = decision else { panic!("not in") };
        assert!(matches!(changes[0], Change::CodeSpent { within_budget: None, .. }));
    }
}

#[test]
fn a_trusted_browsers_codes_hang_on_its_own_limit() {
    let facts = changed(|facts| facts.sign_in.account = Account::trusted(&user(), "laptop"));
    let Decision::Enter { changes, .. } = typed(&facts, CODE, NOW) else { panic!("not in") };
    assert!(matches!(&changes[0], Change::CodeSpent { within_budget: Some((account, 20)), .. } if account.is_trusted()));
    let Decision::Wrong { changes, .. } = typed(&facts, OLDER, NOW) else { panic!("not wrong") };
    assert!(matches!(&changes[1], Change::BudgetSpent { account, limit: 20, .. } if account.is_trusted()));
}

#[test]
fn times_and_older_codes() {
    let end = facts().sign_in.code.expires_at;
    let older_end = NOW + Millis::from_mins(5);
    let with_older = changed(|facts| facts.older = vec![sent(OLDER, "older-link", CodeStrength::Short, older_end)]);
    for (facts, code, link, end) in
        [(&facts(), CODE, LINK, end), (&with_older, OLDER, "older-link", older_end), (&with_older, CODE, LINK, end)]
    {
        assert_eq!(name(&typed(facts, code, Timestamp(end.0 - 1))), IN);
        assert_eq!(name(&typed(facts, code, end)), "expired attempt+budget");
        assert_eq!(name(&opened(facts, link, Timestamp(end.0 - 1))), IN);
        assert_eq!(name(&opened(facts, link, end)), "link expired");
    }
    // The same digits twice, once dead and once alive: alive.
    let twice = changed(|facts| facts.older = vec![sent(CODE, "older-link", CodeStrength::Short, NOW)]);
    assert_eq!(name(&typed(&twice, CODE, NOW)), IN);
    assert_eq!(name(&opened(&twice, "older-link", NOW)), "link expired");
}

#[test]
fn only_the_newest_codes_count_but_every_living_link() {
    let alive = NOW + Millis::from_mins(5);
    let filler = |n: usize| sent(&format!("90000{n}"), &format!("filler-{n}"), CodeStrength::Short, alive);
    let with_fillers = |n: usize| {
        changed(|facts| {
            facts.older = (0..n).map(filler).collect();
            facts.older.push(sent(OLDER, "older-link", CodeStrength::Short, alive));
        })
    };
    assert_eq!(name(&typed(&with_fillers(1), OLDER, NOW)), IN);
    assert_eq!(name(&typed(&with_fillers(2), OLDER, NOW)), "wrong attempt+budget");
    assert_eq!(name(&opened(&with_fillers(9), "older-link", NOW)), IN);
}

#[test]
fn over_is_over() {
    for (ended, attempts, says) in [
        (Some(EndedHow::Completed), 0, "over Ended(Completed)"),
        (Some(EndedHow::Superseded), 0, "over Ended(Superseded)"),
        (Some(EndedHow::Cancelled), 5, "over Ended(Cancelled)"),
        (None, 5, "over Exhausted"),
        (None, 6, "over Exhausted"),
    ] {
        let facts = changed(|facts| {
            facts.sign_in.ended = ended.map(|how| (NOW, how));
            facts.sign_in.attempts = attempts;
        });
        for decision in [typed(&facts, CODE, NOW), typed(&facts, OLDER, NOW), typed(&facts, "junk", NOW), opened(&facts, LINK, NOW)] {
            assert_eq!(name(&decision), says);
        }
        assert_eq!(name(&opened(&facts, "made-up", NOW)), "unknown", "without the secret one learns nothing");
    }
}

#[test]
fn strangers_learn_nothing() {
    for facts in
        [facts(), changed(|facts| facts.sign_in.attempts = 5), changed(|facts| facts.sign_in.ended = Some((NOW, EndedHow::Completed)))]
    {
        for typed in [CODE, OLDER, "junk", ""] {
            let shown = Shown::Code { typed, device: "stranger" };
            assert_eq!(name(&complete(Some(&facts), &shown, &rules(), &keyring(), fresh(), NOW)), "unknown");
        }
        assert_eq!(name(&opened(&facts, "", NOW)), "unknown");
        assert_eq!(name(&opened(&facts, CODE, NOW)), "unknown", "a code is no link");
    }
    let shown = Shown::Code { typed: CODE, device: DEVICE };
    assert_eq!(name(&complete(None, &shown, &rules(), &keyring(), fresh(), NOW)), "unknown");
    assert_eq!(name(&complete(None, &Shown::Link { secret: LINK }, &rules(), &keyring(), fresh(), NOW)), "unknown");
}

#[test]
fn what_cannot_be_a_code_costs_nothing() {
    for junk in ["", " ", "12345", "1234567", "123456789012", "12345678901234", "abcdef", "12345a", LINK] {
        assert_eq!(name(&typed(&facts(), junk, NOW)), "not a code", "{junk:?}");
    }
    for guess in ["000000", LONG, "１２３４５７"] {
        assert_eq!(name(&typed(&facts(), guess, NOW)), WRONG, "{guess:?}");
    }
}

#[test]
fn while_the_budget_is_spent_short_codes_are_not_looked_at() {
    let short = changed(|facts| facts.budget = spent());
    let wrong = "wrong attempt";
    assert_eq!(name(&typed(&short, CODE, NOW)), wrong);
    // Nor is it said that they were right once.
    assert_eq!(name(&typed(&short, CODE, NOW + Millis::from_mins(10))), "expired attempt+budget", "the window is over by then");
    let for_long = changed(|facts| facts.budget = Some(Budget { failures: LIMIT, resets_at: NOW + Millis::from_hours(1) }));
    assert_eq!(name(&typed(&for_long, CODE, NOW + Millis::from_mins(10))), wrong);
    assert_eq!(name(&opened(&short, LINK, NOW)), IN);
    // One failure less, or the window over, and it is good.
    assert_eq!(
        name(&typed(&changed(|facts| facts.budget = Some(Budget { failures: LIMIT - 1, resets_at: NOW + Millis(1) })), CODE, NOW)),
        IN
    );
    assert_eq!(name(&typed(&changed(|facts| facts.budget = Some(Budget { failures: LIMIT, resets_at: NOW })), CODE, NOW)), IN);

    let long = changed(|facts| {
        facts.budget = spent();
        facts.sign_in.code = sent(LONG, LINK, CodeStrength::Long, NOW + Millis(1));
        facts.older = vec![sent(CODE, "older-link", CodeStrength::Short, NOW + Millis(1))];
    });
    assert_eq!(name(&typed(&long, LONG, NOW)), IN);
    assert_eq!(name(&typed(&long, CODE, NOW)), wrong);
    assert_eq!(name(&opened(&long, "older-link", NOW)), IN);
    // A trusted browser's limit is another number.
    let trusted = changed(|facts| {
        facts.sign_in.account = Account::trusted(&user(), "laptop");
        facts.budget = Some(Budget { failures: 20, resets_at: NOW + Millis(1) });
    });
    assert_eq!(name(&typed(&trusted, CODE, NOW)), wrong);
}

#[test]
fn a_wrong_code_counts_for_its_sign_in_and_its_account() {
    let Decision::Wrong { changes, expired: false } = typed(&facts(), OLDER, NOW) else { panic!("not wrong") };
    let [Change::AttemptFailed { sign_in }, Change::BudgetSpent { tenant, account, limit, at, window, when_spent }] = &changes[..] else {
        panic!("two changes")
    };
    assert_eq!((sign_in, tenant, account), (&id(), &TenantId::public(), &facts().sign_in.account));
    assert_eq!((*limit, *at, *window), (LIMIT, NOW, Millis::from_hours(24)));
    assert_eq!(when_spent.kind, EventKind::GuessBudgetSpent);
}

mod numbers;
mod sends;

//! Under test: whom identities join. The first test goes through all combinations; what it expects is written down apart.

use super::*;
use postkey_model::{EventId, ProviderId};
use std::collections::BTreeMap;

const NOW: Timestamp = Timestamp(1_800_000_000_000);
const BEFORE: Timestamp = Timestamp(NOW.0 - 1000);
const JANE: &str = "jane@example.com";

fn tenant() -> TenantId {
    TenantId::public()
}

fn service(name: &str) -> Connection {
    Connection::Provider(ProviderId::parse(name).unwrap())
}

/// An identity of `user` by `way`: `email`, `sms` or a service, as `way:subject`, with an address for services.
fn row(user: &str, way: &str, email: Option<&str>, is_verified: bool) -> Identity {
    let (connection, subject) = way.split_once(':').unwrap();
    let connection = match connection {
        "email" => Connection::Email,
        "sms" => Connection::Sms,
        name => service(name),
    };
    Identity {
        id: IdentityId::stored(format!("{user}.{way}")),
        user: UserId::stored(user.to_owned()),
        tenant: tenant(),
        connection,
        subject: subject.to_owned(),
        created_at: BEFORE,
        version: 0,
        provider_email: email.map(str::to_owned),
        verified_at: is_verified.then_some(BEFORE),
    }
}

fn somebody(id: &str, identities: Vec<Identity>) -> UserFacts {
    let user = User { id: UserId::stored(id.to_owned()), tenant: tenant(), created_at: BEFORE, version: 7, primary_at: None };
    UserFacts { user, identities }
}

fn event() -> Event {
    let (id, subject) = (EventId::stored("e".to_owned()), String::new());
    Event { id, at: NOW, tenant: tenant(), kind: EventKind::IdentityLinked, subject, user: None, actor: postkey_model::Actor::Person }
}

fn fresh() -> Fresh {
    let (user, identity) = (UserId::stored("new".to_owned()), IdentityId::stored("joining".to_owned()));
    Fresh { user, identity, event: event() }
}

fn arrival(tenant: &TenantId, linking: Linking, is_verified: bool) -> Arrival<'_> {
    Arrival { tenant, connection: service("a"), subject: "a1", email: Some(JANE), is_verified, linking }
}

fn name(whose: Whose<'_>) -> String {
    match whose {
        Whose::Theirs(facts) => format!("is {}'s", facts.user.id),
        Whose::Asked(facts) => format!("is linked to {}", facts.user.id),
        Whose::SameAddress(facts) => format!("joins {}", facts.user.id),
        Whose::New { several: false } => "is new".to_owned(),
        Whose::New { several: true } => "is new, several have the address".to_owned(),
        Whose::LinkingDisabled => "linking disabled".to_owned(),
        Whose::LinkedElsewhere => "linked elsewhere".to_owned(),
    }
}

/// The contract (authress.md §5, decision), as a list: the first line that fits says what happens.
fn expected(case: &Case) -> &'static str {
    use Linking::{Automatic, Disabled};
    let Case { a, b, verified_a, verified_b, matches, known, links } = *case;
    let lines = [
        (links && known == "own", "is me's"),
        (links && (a == Disabled || b == Disabled), "linking disabled"),
        (links && known == "other", "linked elsewhere"),
        (links, "is linked to me"),
        (known == "own", "is me's"),
        (known == "other", "is stranger's"),
        ((a, b) != (Automatic, Automatic) || !verified_a || !verified_b || matches == 0, "is new"),
        (matches == 1, "joins first"),
        (true, "is new, several have the address"),
    ];
    lines.into_iter().find(|(fits, _)| *fits).unwrap().1
}

#[derive(Clone, Copy, Debug)]
struct Case {
    a: Linking,
    b: Linking,
    verified_a: bool,
    verified_b: bool,
    matches: usize,
    known: &'static str,
    links: bool,
}

impl Case {
    fn all() -> Vec<Case> {
        let mut all = Vec::new();
        for (a, b) in Linking::ALL.into_iter().flat_map(|a| Linking::ALL.map(|b| (a, b))) {
            for (verified_a, verified_b) in [(false, false), (false, true), (true, false), (true, true)] {
                for (matches, known) in (0..3).flat_map(|n| ["none", "own", "other"].map(|known| (n, known))) {
                    all.extend([false, true].map(|links| Case { a, b, verified_a, verified_b, matches, known, links }));
                }
            }
        }
        all
    }

    /// Connection `a` is the one somebody arrives by; everybody else is there by connection `b`.
    fn outcome(&self) -> String {
        let Case { a, b, verified_a, verified_b, matches, known, links } = *self;
        let namesakes = ["first", "second"].map(|id| somebody(id, vec![row(id, &format!("b:{id}"), Some(JANE), verified_b)]));
        let [me, stranger] = ["me", "stranger"].map(|id| somebody(id, vec![row(id, &format!("b:{id}"), Some("x@example.com"), true)]));
        let holder = match known {
            "own" => Some(&me),
            "other" => Some(&stranger),
            _ => None,
        };
        let linking = |connection: &Connection| if *connection == service("a") { a } else { b };
        let asker = links.then(|| Asker { facts: &me, linking: Some(linking(&me.identities[0].connection)) });
        let tenant = tenant();
        name(whose(&arrival(&tenant, a, verified_a), Known { holder, asker, namesakes: &namesakes[..matches], linking: &linking }))
    }
}

#[test]
fn all_combinations() {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for case in Case::all() {
        let outcome = case.outcome();
        assert_eq!(outcome, expected(&case), "{case:?}");
        *counts.entry(outcome).or_default() += 1;
    }
    // Reckoned by hand: 3 · 3 modes, 2 · 2 proofs, 3 counts, 3 owners, asked or not.
    let reckoned = [
        ("is linked to me", 48),
        ("is me's", 216),
        ("is new", 106),
        ("is new, several have the address", 1),
        ("is stranger's", 108),
        ("joins first", 1),
        ("linked elsewhere", 48),
        ("linking disabled", 120),
    ];
    assert_eq!(counts.into_iter().collect::<Vec<_>>(), reckoned.map(|(name, count)| (name.to_owned(), count)));
}

#[test]
fn a_session_whose_way_in_is_gone_links_nothing() {
    let (me, tenant) = (somebody("me", vec![row("me", "b:me", None, true)]), tenant());
    let linking = |_: &Connection| Linking::Automatic;
    let asker = Some(Asker { facts: &me, linking: None });
    let known = Known { holder: None, asker, namesakes: &[], linking: &linking };
    assert_eq!(whose(&arrival(&tenant, Linking::Automatic, true), known), Whose::LinkingDisabled);
}

/// Whom Jane's verified, automatic arrival comes to among `namesakes`, where only connection `off` does not link by itself.
fn among(namesakes: &[UserFacts], email: Option<&str>) -> String {
    let tenant = tenant();
    let linking = |connection: &Connection| if *connection == service("off") { Linking::Explicit } else { Linking::Automatic };
    let arrival = Arrival { email, ..arrival(&tenant, Linking::Automatic, true) };
    name(whose(&arrival, Known { holder: None, asker: None, namesakes, linking: &linking }))
}

#[test]
fn one_user_who_proved_the_address_counts_whatever_others_say() {
    let jane = somebody("jane", vec![row("jane", "email:jane@example.com", None, true), row("jane", "b:j", Some(JANE), true)]);
    let unproved = somebody("eve", vec![row("eve", "b:e", Some(JANE), false), row("eve", "email:eve@example.com", None, true)]);
    let unasked = somebody("off", vec![row("off", "off:o", Some(JANE), true)]);
    let unmailed = somebody("squatter", vec![row("squatter", "email:jane@example.com", None, false)]);
    let elsewhere = Identity { tenant: TenantId::parse("acme").unwrap(), ..row("far", "b:f", Some(JANE), true) };
    let elsewhere = somebody("far", vec![elsewhere, row("far", "b:g", Some("far@example.com"), true)]);
    let texted = somebody("texted", vec![row("texted", "sms:jane@example.com", None, true)]);
    let others = [unproved, unasked, unmailed, elsewhere, texted];
    assert_eq!(among(&others, Some(JANE)), "is new");
    let all = [&others[..], std::slice::from_ref(&jane)].concat();
    assert_eq!(among(&all, Some(JANE)), "joins jane", "once, though two of her identities say so");
    for none in [None, Some("")] {
        let nameless = somebody("nameless", vec![row("nameless", "b:n", none, true)]);
        assert_eq!(among(&[nameless], none), "is new", "{none:?}");
    }
}

/// The guards and other changes of an entrance, shortly.
fn told(changes: &[Change]) -> Vec<String> {
    let directory = |change: &DirectoryChange| match change {
        DirectoryChange::IdentityStands(row) => format!("{} stands", row.id),
        DirectoryChange::ProviderEmailChanged { seen, email, verified_at } => {
            format!("{} has {} {}", seen.id, email.as_deref().unwrap_or("-"), if verified_at.is_some() { "proved" } else { "unproved" })
        }
        DirectoryChange::SessionsOfIdentityRevoked { identity, tenant: None, .. } => format!("sessions of {identity} end"),
        DirectoryChange::MemberJoined { user, tenant, .. } => format!("{user} in {tenant}"),
        DirectoryChange::MemberLeft { user, tenant, .. } => format!("{user} out of {tenant}"),
        DirectoryChange::UserChanged(user) => format!("{} changed at {}", user.id, user.version),
        DirectoryChange::EmailTokensRemoved { identity, .. } => format!("tokens of {identity} end"),
        _ => "odd".to_owned(),
    };
    let tell = |change: &Change| match change {
        Change::UserTouched { user, seen_version } => format!("{user} at {seen_version}"),
        Change::UserCreated(user) => format!("user {}", user.id),
        Change::IdentityCreated(row) => format!("{} of {} is {} {:?}", row.id, row.user, row.subject, row.email().zip(row.verified_at)),
        Change::IdentityRemoved(row) => format!("{} goes", row.id),
        Change::EventRecorded(event) => format!("{} {}", event.kind.as_str(), event.subject),
        Change::Directory(change) => directory(change),
        Change::Login(change) => match &**change {
            LoginChange::AddressDecided { email, seen, .. } => format!("decided on {email} after {seen:?}"),
            _ => "odd".to_owned(),
        },
        _ => "odd".to_owned(),
    };
    changes.iter().map(tell).collect()
}

#[test]
fn whoever_joins_or_is_new_is_guarded() {
    let tenant = tenant();
    let (sure, unsure) = (arrival(&tenant, Linking::Automatic, true), arrival(&tenant, Linking::Automatic, false));
    let jane = somebody("jane", vec![row("jane", "b:j", Some(JANE), true)]);
    let proved = format!("{:?}", Some((JANE, NOW)));
    let by_address = joined(&sure, &jane, Some(Some(BEFORE)), &fresh(), NOW);
    assert_eq!(
        told(&by_address.changes),
        [
            "jane at 7",
            &format!("decided on jane@example.com after {:?}", Some(BEFORE)),
            &format!("joining of jane is a1 {proved}"),
            "identity_linked jane"
        ]
    );
    assert_eq!((by_address.user.as_str(), by_address.identity.as_str(), by_address.is_new), ("jane", "joining", false));
    let asked = joined(&unsure, &jane, None, &fresh(), NOW);
    assert_eq!(told(&asked.changes), ["jane at 7", "joining of jane is a1 None", "identity_linked jane"]);
    let new = new_user(&sure, None, true, &fresh(), NOW);
    assert_eq!(
        told(&new.changes),
        [&format!("new of new is a1 {proved}"), "decided on jane@example.com after None", "user new", "identity_not_linked new"]
    );
    assert_eq!((new.user.as_str(), new.identity.as_str(), new.is_new), ("new", "new", true));
    assert_eq!(told(&new_user(&unsure, None, false, &fresh(), NOW).changes), ["new of new is a1 None", "user new"]);
    // Somebody of another tenant becomes a member of this one.
    let acme = TenantId::parse("acme").unwrap();
    let there = joined(&Arrival { tenant: &acme, ..unsure }, &jane, None, &fresh(), NOW);
    assert!(told(&there.changes).contains(&"jane in acme".to_owned()));
}

#[test]
fn an_address_that_becomes_proved_ends_what_was_opened_before() {
    let stands = ["jane.a:a1 stands"];
    let with = |address: &str, proved: &str| vec!["jane at 7".to_owned(), format!("jane.a:a1 has {address} {proved}")];
    let over = |address: &str| [with(address, "proved"), vec!["sessions of jane.a:a1 end".to_owned()]].concat();
    let other = "other@example.com";
    for (stored, was_verified, named, is_verified, expected) in [
        (Some(JANE), true, Some(JANE), true, stands.map(str::to_owned).to_vec()),
        (Some(JANE), true, Some(JANE), false, stands.map(str::to_owned).to_vec()),
        (Some(JANE), false, Some(JANE), false, stands.map(str::to_owned).to_vec()),
        (Some(JANE), true, None, false, stands.map(str::to_owned).to_vec()),
        (Some(JANE), false, None, true, stands.map(str::to_owned).to_vec()),
        (None, true, None, true, stands.map(str::to_owned).to_vec()),
        (Some(JANE), false, Some(JANE), true, over(JANE)),
        (Some(JANE), true, Some(other), true, over(other)),
        (Some(JANE), false, Some(other), true, over(other)),
        (None, false, Some(JANE), true, over(JANE)),
        (Some(JANE), true, Some(other), false, with(other, "unproved")),
        (None, false, Some(JANE), false, with(JANE, "unproved")),
    ] {
        let jane = somebody("jane", vec![row("jane", "a:a1", stored, was_verified), row("jane", "b:j", None, true)]);
        let tenant = tenant();
        let arrival = Arrival { email: named, ..arrival(&tenant, Linking::Disabled, is_verified) };
        let entrance = known(&arrival, &jane, NOW).unwrap();
        assert_eq!(told(&entrance.changes), expected, "{stored:?} {was_verified} {named:?} {is_verified}");
        assert_eq!((entrance.user.as_str(), entrance.identity.as_str(), entrance.is_new), ("jane", "jane.a:a1", false));
    }
}

#[test]
fn an_address_that_was_never_proved_does_not_outlive_its_owner_s_coming() {
    let (proved, unproved) = (row("eve", "email:jane@example.com", None, true), row("eve", "email:jane@example.com", None, false));
    let (google, number) = (row("eve", "google:g", None, true), row("eve", "sms:+15550100", None, true));
    let comes = |facts: &UserFacts| match proved_at_last(facts, &unproved.id, JANE, event(), NOW) {
        Unproved::Stays(changes) => (false, told(&changes)),
        Unproved::Leaves(changes) => (true, told(&changes)),
    };
    let ended = "sessions of eve.email:jane@example.com end";
    let leaves =
        ["eve changed at 7", "eve.email:jane@example.com goes", "tokens of eve.email:jane@example.com end", ended, "identity_removed eve"];
    assert_eq!(comes(&somebody("eve", vec![unproved.clone(), google.clone()])), (true, leaves.map(str::to_owned).to_vec()));
    // The only way in: whoever proves it is the user, and whoever waited in a session is not.
    let parked = Identity { tenant: super::super::people::nowhere(&tenant().app(), &google.id), ..google.clone() };
    for only in [vec![unproved.clone()], vec![unproved.clone(), parked]] {
        assert_eq!(comes(&somebody("eve", only)), (false, vec![ended.to_owned()]));
    }
    // Where back ends link users they may withdraw a proof, and signing in proves it again.
    let mut linked = somebody("eve", vec![unproved.clone(), google.clone()]);
    linked.user.primary_at = Some(BEFORE);
    // In one of several tenants it is proved.
    let elsewhere = Identity { tenant: TenantId::parse("acme").unwrap(), ..proved };
    for stays in [linked, somebody("eve", vec![unproved.clone(), elsewhere, google])] {
        assert_eq!(comes(&stays), (false, Vec::new()));
    }
    // An identity with a number too keeps that, and what it opened.
    let both = Identity { id: unproved.id.clone(), ..number };
    let (leaves, changes) = comes(&somebody("eve", vec![unproved.clone(), both]));
    assert!(leaves && !changes.contains(&ended.to_owned()), "{changes:?}");
}

#[test]
fn what_is_taken_away_is_named_by_its_connection_or_id() {
    let rows = ["email:jane@example.com", "google:g1", "google:g2", "sc_a:jane@example.com", "sc_b:google"];
    let facts = somebody("jane", rows.map(|way| row("jane", way, None, true)).to_vec());
    let go = |facts: &UserFacts, named| unlinks(facts, &tenant(), named, |_, _| true).map(|id| id.to_string());
    let goes = |id: &str| Ok(format!("jane.{id}"));
    assert_eq!(go(&facts, Named::Any("google")), goes("google:g1"), "the connection, not the id");
    assert_eq!(go(&facts, Named::Any("g2")), goes("google:g2"));
    assert_eq!(go(&facts, Named::Any("email")), goes("email:jane@example.com"));
    assert_eq!(go(&facts, Named::Any("sc_b")), goes("sc_b:google"));
    assert_eq!(go(&facts, Named::Any(JANE)), Err(NoUnlink::Unknown), "two connections know her so");
    assert_eq!(go(&facts, Named::Any("provider:google")), Err(NoUnlink::Unknown));
    assert_eq!(go(&facts, Named::Connection("g2")), Err(NoUnlink::Unknown));
    let only_google = somebody("jane", ["google:g1", "google:g2"].map(|way| row("jane", way, None, true)).to_vec());
    assert_eq!(go(&only_google, Named::Any("google")), Err(NoUnlink::Last), "all of it, and nothing would stay");
    assert_eq!(go(&only_google, Named::Any("g1")), goes("google:g1"));
    assert_eq!(unlinks(&facts, &tenant(), Named::Any("g1"), |_, _| false), Err(NoUnlink::Last));
    // Another tenant's ways in open nothing here.
    let acme = Identity { tenant: TenantId::parse("acme").unwrap(), ..row("jane", "email:far@example.com", None, true) };
    let split = somebody("jane", vec![row("jane", "google:g1", None, true), acme]);
    assert_eq!(go(&split, Named::Any("google")), Err(NoUnlink::Last));
    assert_eq!(go(&split, Named::Any("email")), Err(NoUnlink::Unknown));
}

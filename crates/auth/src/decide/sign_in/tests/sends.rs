//! Who is let in at all, and what a message is counted against.

use super::*;
use postkey_model::{AllowList, EmailAddress};

fn email(address: &str) -> Identifier {
    Identifier::Email(EmailAddress::parse(address).unwrap())
}

fn phone(number: &str) -> Identifier {
    Identifier::stored(Connection::Sms, number.to_owned())
}

#[test]
fn policies_admit_whom_they_name() {
    let list = AllowList::parse(&["jane@example.com".to_owned(), "@staff.example".to_owned()]).unwrap();
    let listed = SignUp::Listed(list);
    let (jane, staff, eve, number) = (email("jane@example.com"), email("joe@staff.example"), email("eve@example.com"), phone("+15550100"));
    for one in [&jane, &staff, &eve, &number] {
        for (is_known, is_invited) in [(false, false), (false, true), (true, false), (true, true)] {
            assert!(admits(&SignUp::Open, one, is_known, is_invited));
            assert_eq!(admits(&SignUp::Closed, one, is_known, is_invited), is_known, "nobody is invited to a closed house");
            let on_list = *one == jane || *one == staff;
            assert_eq!(admits(&listed, one, is_known, is_invited), is_known || is_invited || on_list, "{}", one.as_str());
        }
    }
    assert!(!admits(&SignUp::Listed(AllowList::default()), &jane, false, false), "an empty list has nobody on it");
}

fn limits(per_contact: i64) -> SendRules {
    SendRules { per_contact, per_network: 2, per_tenant: 3, window: Millis::from_hours(1) }
}

#[test]
fn a_message_counts_for_all_networks_and_for_its_own_and_zero_is_no_limit() {
    let (jane, from) = (email("jane@example.com"), ClientIp::of([192, 0, 2, 7].into()));
    let account = Account::user(&user());
    let contact = [(SendCounter::contact(&account, &jane), 20), (SendCounter::contact_from(&jane, &from), 4)];
    assert_eq!(send_counters(&account, &jane, &from, &limits(4)), contact, "all networks together: five times as many");
    assert!(send_counters(&account, &jane, &from, &limits(0)).is_empty());
    let huge = send_counters(&account, &jane, &from, &limits(i64::MAX));
    assert!(huge.iter().all(|(_, limit)| *limit == i64::MAX), "{huge:?}");
    let keys: Vec<_> = contact.iter().map(|(counter, _)| counter.key().as_str()).collect();
    assert!(keys.iter().all(|key| key.starts_with("sends/")), "no guess budget has such a key: {keys:?}");
    assert!(keys.is_sorted(), "counted in one order by everybody: {keys:?}");
}

/// What strangers ask for, from wherever, takes nothing of what it may ask for.
#[test]
fn a_trusted_browser_counts_to_itself() {
    let (jane, from) = (email("jane@example.com"), ClientIp::of([192, 0, 2, 7].into()));
    let laptop = Account::trusted(&user(), "laptop");
    let own = send_counters(&laptop, &jane, &from, &limits(4));
    assert_eq!(own, [(SendCounter::contact(&laptop, &jane), 4)]);
    let strangers = send_counters(&Account::user(&user()), &jane, &from, &limits(4));
    assert!(strangers.iter().all(|(counter, _)| *counter != own[0].0));
}

/// Else the limit of one identifier would tell whose another one is, and whether it is anybody's.
#[test]
fn strangers_messages_are_counted_by_identifier_not_by_user() {
    let (jane, number) = (email("jane@example.com"), phone("+15550100"));
    let nobody = Account::identifier(Connection::Email, "jane@example.com");
    let known = Account::user(&user());
    assert_eq!(SendCounter::contact(&nobody, &jane), SendCounter::contact(&known, &jane));
    assert_ne!(SendCounter::contact(&known, &jane), SendCounter::contact(&known, &number));
    let (laptop, tablet) = (Account::trusted(&user(), "laptop"), Account::trusted(&user(), "tablet"));
    assert_ne!(SendCounter::contact(&laptop, &jane), SendCounter::contact(&known, &jane), "a trusted browser has its own");
    assert_ne!(SendCounter::contact(&laptop, &jane), SendCounter::contact(&tablet, &jane));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn each_limit_is_counted_under_a_key_of_its_own(a in "[a-z]{1,8}", b in "[a-z]{1,8}", host_a: [u8; 4], host_b: [u8; 4]) {
        let of = |name: &str, host: [u8; 4]| {
            let to = email(&format!("{name}@example.com"));
            let account = Account::identifier(to.connection(), to.as_str());
            let counters = send_counters(&account, &to, &ClientIp::of(host.into()), &limits(1));
            counters.into_iter().map(|(counter, _)| counter).collect::<Vec<_>>()
        };
        let (one, other) = (of(&a, host_a), of(&b, host_b));
        prop_assert_eq!(one[0] == other[0], a == b);
        prop_assert_eq!(one[1] == other[1], a == b && host_a == host_b);
        let different: std::collections::HashSet<_> = one.iter().chain(&other).collect();
        prop_assert_eq!(different.len(), 2 + usize::from(a != b) + usize::from(a != b || host_a != host_b));
    }
}

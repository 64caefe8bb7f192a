//! People listed, searched, counted, and found by what is known of them.

use crate::directory::{google, jane, shop, somebody};
use crate::kit::*;
use postkey_model::{AppId, Change, Connection, DirectoryChange, Millis, ProviderId, TenantId, Timestamp, UserId};
use postkey_store::{AccountInfo, Beginning, Listing, Page, Store, WayKind};

fn at(n: i64) -> Timestamp {
    NOW + Millis(n)
}

fn page(from: Option<(Timestamp, UserId)>, limit: i64, youngest_first: bool) -> Page {
    Page { from, limit, youngest_first, kind: WayKind::Any }
}

async fn list(store: &Store, page: &Page) -> (Vec<UserId>, Option<(Timestamp, UserId)>) {
    let Listing { users, next } = store.list_people(&public(), page).await.unwrap();
    (users.into_iter().map(|facts| facts.user.id).collect(), next)
}

async fn search(store: &Store, beginning: Beginning<'_>) -> Vec<String> {
    let found = store.search_people(&public(), beginning, 100).await.unwrap();
    found.into_iter().map(|facts| facts.identities[0].subject.clone()).collect()
}

on_both_engines! {
    async fn a_list_is_walked_page_by_page_from_both_ends(store: Store) {
        let mut ids = Vec::new();
        for n in 0..7 {
            // Some came at the same moment.
            ids.push(somebody(&store, at(n / 2), &[("public", Connection::Email, &format!("p{n}@example.com"))]).await.user.id);
        }
        somebody(&store, at(1), &[("acme", Connection::Email, "elsewhere@example.com")]).await;
        for youngest_first in [false, true] {
            for limit in [1, 2, 3, 7, 100] {
                let (mut seen, mut from) = (Vec::new(), None);
                loop {
                    let (users, next) = list(&store, &page(from, limit, youngest_first)).await;
                    assert!(!users.is_empty() && users.len() as i64 <= limit);
                    seen.extend(users);
                    from = next;
                    if from.is_none() {
                        break;
                    }
                }
                if youngest_first {
                    seen.reverse();
                }
                assert_eq!(seen, ids, "{limit} at a time");
            }
        }
        assert_eq!(list(&store, &page(Some((at(99), ids[0].clone())), 10, false)).await, (Vec::new(), None));
    }

    async fn a_list_has_all_identities_and_can_be_of_one_kind(store: Store) {
        let code =
            somebody(&store, at(0), &[("public", Connection::Email, "a@example.com"), ("public", Connection::Sms, "+15550100")]).await;
        let service = somebody(&store, at(1), &[("public", google(), "g1")]).await;
        let both = somebody(&store, at(2), &[("public", google(), "g2"), ("public", Connection::Sms, "+15550101")]).await;
        let abroad = somebody(&store, at(3), &[("public", Connection::Email, "b@example.com"), ("acme", google(), "g3")]).await;
        let all = store.list_people(&public(), &page(None, 10, false)).await.unwrap().users;
        assert_eq!(all.iter().map(|facts| facts.identities.len()).collect::<Vec<_>>(), [2, 1, 2, 2]);
        let id = |facts: &postkey_store::UserFacts| facts.user.id.clone();
        for (kind, expected) in [
            (WayKind::Any, vec![id(&code), id(&service), id(&both), id(&abroad)]),
            (WayKind::Code, vec![id(&code), id(&both), id(&abroad)]),
            (WayKind::Provider, vec![id(&service), id(&both)]),
        ] {
            assert_eq!(list(&store, &Page { kind, ..page(None, 10, false) }).await.0, expected, "{kind:?}");
            let (first, next) = list(&store, &Page { kind, ..page(None, 1, false) }).await;
            assert_eq!((first.as_slice(), next.map(|(_, id)| id)), (&expected[..1], Some(expected[1].clone())));
            assert_eq!(store.count_people(&public(), kind).await.unwrap(), expected.len() as i64);
        }
        // In the whole app a way in counts wherever it leads.
        let whole = AppId::public();
        assert_eq!(store.count_people_of(&whole, WayKind::Any).await.unwrap(), 4);
        assert_eq!(store.count_people_of(&whole, WayKind::Provider).await.unwrap(), 3);
        assert_eq!(store.count_people(&tenant("acme"), WayKind::Any).await.unwrap(), 1);
        somebody(&store, at(4), &[("shop/public", Connection::Email, "c@example.com")]).await;
        assert_eq!(
            (store.count_people_of(&whole, WayKind::Any).await.unwrap(), store.count_people_of(&shop(), WayKind::Code).await.unwrap()),
            (4, 1)
        );
    }

    async fn members_join_and_leave(store: Store) {
        let jane = jane(&store).await;
        let (user, created_at) = (jane.user.id.clone(), jane.user.created_at);
        let joined = |place: &str| DirectoryChange::MemberJoined { tenant: tenant(place), user: user.clone(), created_at };
        let left = |place: &str| DirectoryChange::MemberLeft { tenant: tenant(place), user: user.clone(), created_at };
        let count = |place: TenantId| {
            let store = store.clone();
            async move { store.count_people(&place, WayKind::Any).await.unwrap() }
        };
        assert_eq!((count(public()).await, count(tenant("acme")).await), (1, 0), "whoever is made is a member at once");
        for _ in 0..2 {
            assert_eq!(commit(&store, joined("acme").into()).await, applied(), "twice is no harm");
        }
        assert_eq!((count(public()).await, count(tenant("acme")).await), (1, 1));
        for _ in 0..2 {
            assert_eq!(commit(&store, left("public").into()).await, applied());
        }
        assert_eq!((count(public()).await, count(tenant("acme")).await), (0, 1));
    }

    async fn a_search_goes_by_beginnings(store: Store) {
        for (n, ways) in [
            [("public", Connection::Email, "jane@example.com")].as_slice(),
            &[("public", Connection::Email, "j%ne@work.example")],
            &[("public", Connection::Email, "j_ne@work.example")],
            &[("public", Connection::Sms, "+15550100")],
            &[("public", google(), "jane")],
            &[("acme", Connection::Email, "jane@elsewhere.example")],
        ]
        .into_iter()
        .enumerate()
        {
            somebody(&store, at(n as i64), ways).await;
        }
        assert_eq!(search(&store, Beginning::Email("jane@")).await, ["jane@example.com", "jane"], "also an address that a service named");
        assert_eq!(search(&store, Beginning::Email("work.")).await, ["j%ne@work.example", "j_ne@work.example"], "by the domain");
        assert_eq!(search(&store, Beginning::Email("j%")).await, ["j%ne@work.example"], "signs mean themselves");
        assert_eq!(search(&store, Beginning::Email("j_n")).await, ["j_ne@work.example"]);
        assert_eq!(search(&store, Beginning::Email("ane")).await, [] as [&str; 0], "not in the middle");
        assert_eq!(search(&store, Beginning::Phone("+1555")).await, ["+15550100"]);
        assert_eq!(search(&store, Beginning::Phone("1555")).await, ["+15550100"]);
        assert_eq!(search(&store, Beginning::Phone("555")).await, [] as [&str; 0]);
        assert_eq!(search(&store, Beginning::Provider("goo")).await, ["jane"]);
        assert_eq!(search(&store, Beginning::Provider("email")).await, [] as [&str; 0]);
        assert_eq!(store.search_people(&public(), Beginning::Email("j"), 2).await.unwrap().len(), 2, "the oldest of them");
    }

    async fn open_sign_ins_of_an_identifier(store: Store) {
        let [one, two, ended] = [
            started(&store, sign_in("jane@example.com")).await,
            started(&store, sign_in("jane@example.com")).await,
            started(&store, sign_in("jane@example.com")).await,
        ];
        started(&store, sign_in("joe@example.com")).await;
        commit(&store, Change::SignInCancelled { sign_in: ended.id, at: NOW }).await.unwrap();
        let open = |place: TenantId, now: Timestamp| {
            let store = store.clone();
            async move { store.open_sign_ins(&place, "jane@example.com", now).await.unwrap() }
        };
        assert_eq!(open(public(), NOW).await, [one.id, two.id]);
        assert!(open(public(), one.code.expires_at).await.is_empty() && open(tenant("acme"), NOW).await.is_empty());
    }

    async fn people_are_found_by_what_is_known_of_them(store: Store) {
        let ways = [("public", Connection::Email, "jane@example.com"), ("public", Connection::Sms, "+15550100"), ("acme", google(), "g1")];
        let jane = somebody(&store, at(1000), &ways).await;
        let joe = somebody(&store, NOW, &[("public", google(), "jane@example.com")]).await;
        let info = |email: Option<&str>, phone: Option<&str>, subject: Option<&str>| AccountInfo {
            email: email.map(str::to_owned),
            phone: phone.map(str::to_owned),
            provider: subject.map(|subject| (ProviderId::parse("google").unwrap(), subject.to_owned())),
        };
        let by = |place: TenantId, info: AccountInfo| {
            let store = store.clone();
            async move { store.people_by(&place, &info).await.unwrap().into_iter().map(|facts| facts.user.id).collect::<Vec<_>>() }
        };
        let (jane_id, joe_id) = (jane.user.id.clone(), joe.user.id.clone());
        assert_eq!(by(public(), info(Some("jane@example.com"), None, None)).await, std::slice::from_ref(&jane_id));
        assert_eq!(by(public(), info(None, Some("+15550100"), None)).await, std::slice::from_ref(&jane_id));
        assert_eq!(by(public(), info(None, None, Some("g1"))).await, [] as [UserId; 0], "that is in another tenant");
        assert_eq!(by(tenant("acme"), info(None, None, Some("g1"))).await, std::slice::from_ref(&jane_id));
        assert_eq!(
            by(public(), info(Some("jane@example.com@service.example"), Some("+15550100"), None)).await,
            [joe_id, jane_id],
            "any of it, oldest first"
        );
        assert_eq!(by(public(), AccountInfo::default()).await, [] as [UserId; 0]);
        let found = store.people_by(&tenant("acme"), &info(None, None, Some("g1"))).await.unwrap();
        assert_eq!(found[0].identities.len(), 3, "with all identities");
    }
}

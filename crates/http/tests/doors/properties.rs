//! Properties of what a client sends us: blocks of addresses, trusted-device cookies, and any bytes at all.

use crate::house::{House, Seeded};
use postkey_auth::TrustedDevice;
use postkey_http::Network;
use postkey_model::{Keyring, RootKey, TenantId, UserId};
use proptest::prelude::*;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

fn addresses() -> impl Strategy<Value = IpAddr> {
    prop_oneof![any::<u32>().prop_map(|bits| Ipv4Addr::from(bits).into()), any::<u128>().prop_map(|bits| Ipv6Addr::from(bits).into())]
}

/// The first `bits` bits of an address, as a string of 0 and 1.
fn prefix(address: IpAddr, bits: usize) -> String {
    let all = match address {
        IpAddr::V4(v4) => format!("{:032b}", u32::from(v4)),
        IpAddr::V6(v6) => format!("{:0128b}", u128::from(v6)),
    };
    all[..bits].to_owned()
}

proptest! {
    /// A block holds exactly the addresses that begin with its bits.
    #[test]
    fn a_block_holds_what_begins_like_it(base in addresses(), other in addresses(), bits in 0usize..=128, flip in any::<u128>()) {
        let base = base.to_canonical();
        let bits = bits.min(if base.is_ipv4() { 32 } else { 128 });
        let network: Network = format!("{base}/{bits}").parse().unwrap();
        prop_assert!(network.contains(base));
        // Some that differ only behind the prefix, and some that differ anywhere.
        let near: IpAddr = match base {
            IpAddr::V4(v4) => Ipv4Addr::from(u32::from(v4) ^ (flip as u32)).into(),
            IpAddr::V6(v6) => Ipv6Addr::from(u128::from(v6) ^ flip).into(),
        };
        for it in [other.to_canonical(), near.to_canonical()] {
            let expected = it.is_ipv4() == base.is_ipv4() && prefix(it, bits) == prefix(base, bits);
            prop_assert_eq!(network.contains(it), expected, "{} in {}/{}", it, base, bits);
        }
        if let IpAddr::V4(v4) = base {
            prop_assert!(network.contains(v4.to_ipv6_mapped().into()), "dressed as IPv6");
        }
    }

    /// Anything at all can be read as a block, or is refused: never a panic, never another block.
    #[test]
    fn blocks_are_read_or_refused(text in "\\PC{0,24}|[0-9a-f:.]{0,20}/[0-9+-]{0,4}") {
        let _ = text.parse::<Network>();
    }

    /// A trusted-device cookie comes back as it was, and knows exactly the last five it was shown.
    #[test]
    fn a_trusted_device_remembers_its_users(seed in any::<u64>(), users in prop::collection::vec(0u8..9, 0..14), stranger in 10u8..20) {
        let entropy = Seeded::new(seed);
        let keyring = Keyring::new(&RootKey::generate(&entropy));
        let tenant = TenantId::public();
        let user = |n: u8| UserId::parse(&format!("user-{n}")).unwrap();
        let mut device = TrustedDevice::new(&entropy);
        let mut recent: Vec<u8> = Vec::new();
        for n in users {
            device.remember(&keyring, &tenant, &user(n));
            recent.retain(|known| *known != n);
            recent.push(n);
            if recent.len() > 5 {
                recent.remove(0);
            }
            let cookie = device.to_cookie();
            prop_assert!(cookie.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)) && cookie.len() < 200);
            device = TrustedDevice::parse(&cookie).unwrap();
            prop_assert_eq!(device.to_cookie(), cookie);
        }
        for n in 0..9 {
            prop_assert_eq!(device.knows(&keyring, &tenant, &user(n)).is_some(), recent.contains(&n), "user {}", n);
        }
        prop_assert!(device.knows(&keyring, &tenant, &user(stranger)).is_none());
        // Of another tenant or another server it knows nobody.
        let other = Keyring::new(&RootKey::generate(&entropy));
        for n in recent {
            prop_assert!(device.knows(&other, &tenant, &user(n)).is_none());
            prop_assert!(device.knows(&keyring, &TenantId::parse("acme").unwrap(), &user(n)).is_none());
        }
    }

    /// Made-up trusted-device cookies are refused or know nobody.
    #[test]
    fn made_up_devices_know_nobody(cookie in "[A-Za-z0-9_.-]{0,160}|\\PC{0,40}|[A-Za-z0-9_-]{16}(\\.[A-Za-z0-9_-]{21}[AQgw]){0,7}", seed in any::<u64>()) {
        let keyring = Keyring::new(&RootKey::generate(&Seeded::new(seed)));
        if let Some(device) = TrustedDevice::parse(&cookie) {
            prop_assert_eq!(device.to_cookie(), cookie);
            prop_assert!(device.knows(&keyring, &TenantId::public(), &UserId::parse("user-1").unwrap()).is_none());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// Whatever bytes come as cookies, query or form: an answer of 2xx to 4xx, with all its headers, and no mail.
    #[test]
    fn any_bytes_get_an_answer(
        cookie in prop::collection::vec(any::<u8>().prop_filter("no header holds these", |b| !matches!(b, 0..=8 | 10..=31 | 127)), 0..200),
        body in prop::collection::vec(any::<u8>(), 0..300),
        query in "[!-~]{0,80}",
    ) {
        let query = query.replace(['#', '"', '<', '>', '\\', '^', '`', '{', '|', '}'], "");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let house = House::plain().await;
            for name in ["", "pk_note=", "pk_sign_in=", "pk_device=", "pk_form=", "pk_change=", "pk_lang=", "sAccessToken=", "sRefreshToken="] {
                let line = [name.as_bytes(), &cookie].concat();
                let pages = crate::routes::PUBLIC.iter().filter(|(method, path)| *method == "GET" && !path.contains('{')).map(|(_, path)| *path);
                for path in pages {
                    let answer = house.get(&format!("{path}?{query}")).also("cookie", &line).send().await;
                    assert!(answer.status < 500);
                }
                for path in crate::routes::forms().into_iter().chain(["/auth/session/refresh", "/auth/signout"]) {
                    let answer = house.post(path, &[]).body(crate::house::FORM, &body).also("cookie", &line).send().await;
                    assert!(answer.status < 500);
                }
            }
            assert!(house.mails().is_empty());
        });
    }
}

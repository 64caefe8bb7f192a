//! Phone numbers as identifiers: one spelling, the tenant's channel, and accounts of their own or beside an address.

use crate::identifiers::{added, subjects};
use crate::kit::*;
use postkey_auth::{StartError, Wanted};
use postkey_model::{Channel, Connection, ContactMethod, IdentifierError, PhoneError, Region, Tenant};

const NUMBER: &str = "+4915112345678";

fn takes(method: ContactMethod) -> impl Fn(&mut Tenant) {
    move |tenant| {
        tenant.contact = method;
        tenant.phone.default_country = Region::parse("DE");
    }
}

/// Starts a sign-in with what a field took; its id and secret, or why not.
async fn start(node: &Node, typed: &str, method: Option<ContactMethod>, country: Option<&str>) -> Result<Asked, StartError> {
    let country = country.map(|code| Region::parse(code).unwrap());
    let wanted = Wanted { typed, method, country, ..Wanted::default() };
    node.auth.start(&call(&public(), NOW), wanted).await.map(|sent| Asked::of(&sent))
}

on_both_engines! {
    async fn a_number_has_one_spelling(bed: Bed) {
        let node = bed.node_of(takes(ContactMethod::Phone)).await;
        let mut users = Vec::new();
        for typed in [NUMBER, "0151 1234 5678", "0049 151 12345678", "(0151) 123-45678", "+49 151 12345678"] {
            let asked = start(&node, typed, None, None).await.unwrap();
            let mail = node.mail(&asked);
            assert_eq!((mail.to.as_str(), mail.channel), (NUMBER, Channel::Sms), "{typed}");
            let stored = node.stored(&asked).await;
            assert_eq!((stored.connection, stored.subject.as_str()), (Connection::Sms, NUMBER));
            users.push(node.by_code(&asked, &mail.code.unwrap(), NOW).await.unwrap().tokens.user);
        }
        assert!(users.iter().all(|user| *user == users[0]), "one person");
        node.close().await;
    }

    async fn the_country_chosen_wins_over_the_default_and_the_plus_over_both(bed: Bed) {
        let node = bed.node_of(takes(ContactMethod::Phone)).await;
        for (typed, country, number) in
            [("415 555 2671", Some("US"), "+14155552671"), (NUMBER, Some("US"), NUMBER), ("0151 12345678", None, NUMBER)]
        {
            let asked = start(&node, typed, None, country).await.unwrap();
            assert_eq!(node.mail(&asked).to, number);
        }
        node.close().await;
    }

    async fn the_tenant_says_by_which_way_numbers_are_reached(bed: Bed) {
        for channel in [Channel::Sms, Channel::WhatsApp] {
            let node = bed.node_of(|tenant| {
                takes(ContactMethod::EmailOrPhone)(tenant);
                tenant.phone.channel = channel;
            }).await;
            let by_phone = start(&node, NUMBER, None, None).await.unwrap();
            assert_eq!(node.mail(&by_phone).channel, channel);
            assert_eq!(node.stored(&by_phone).await.connection, Connection::Sms, "one way in, however it travels");
            let by_mail = start(&node, "jane@example.com", None, None).await.unwrap();
            assert_eq!(node.mail(&by_mail).channel, Channel::Email);
            node.close().await;
        }
    }

    async fn a_tenant_takes_what_it_takes(bed: Bed) {
        let both = [Some(ContactMethod::Email), Some(ContactMethod::Phone), Some(ContactMethod::EmailOrPhone), None];
        for method in ContactMethod::ALL {
            let node = bed.node_of(takes(method)).await;
            for field in both {
                // A field asks for less than the tenant takes, never for more.
                let takes = if method == ContactMethod::EmailOrPhone { field.unwrap_or(method) } else { method };
                let email = start(&node, "jane@example.com", field, None).await;
                let phone = start(&node, NUMBER, field, None).await;
                assert_eq!(email.is_ok(), takes.takes_email(), "{method:?} {field:?}: {email:?}");
                assert_eq!(phone.is_ok(), takes.takes_phone(), "{method:?} {field:?}: {phone:?}");
            }
            node.close().await;
        }
    }

    async fn a_number_without_a_country_asks_for_it(bed: Bed) {
        let node = bed.node_of(|tenant| tenant.contact = ContactMethod::Phone).await;
        let error = start(&node, "0151 12345678", None, None).await.unwrap_err();
        let StartError::Identifier(IdentifierError::Phone { why, .. }) = error else { panic!("{error:?}") };
        assert_eq!(why, PhoneError::NeedsCountry);
        assert_eq!(node.auth.store().queued_messages().await.unwrap(), 0);
        node.close().await;
    }

    async fn one_person_may_have_both(bed: Bed) {
        let node = bed.node_of(takes(ContactMethod::EmailOrPhone)).await;
        let jane = node.signed_in("jane@example.com", NOW).await.tokens.user;
        let by_phone = start(&node, NUMBER, None, None).await.unwrap();
        let other = node.by_code(&by_phone, &node.mail(&by_phone).code.unwrap(), NOW).await.unwrap();
        assert!(other.is_new_user && other.tokens.user != jane, "nobody said that they are one");
        added(&node, &jane, "+49 151 23456789", NOW + secs(1)).await;
        assert_eq!(subjects(&node, &jane).await, ["jane@example.com", "+4915123456789"]);
        let by_phone = start(&node, "0151 23456789", None, None).await.unwrap();
        let again = node.by_code(&by_phone, &node.mail(&by_phone).code.unwrap(), NOW).await.unwrap();
        assert_eq!((again.is_new_user, &again.tokens.user), (false, &jane));
        node.close().await;
    }

    async fn a_link_by_text_signs_in_too(bed: Bed) {
        let node = bed.node_of(takes(ContactMethod::Phone)).await;
        let asked = start(&node, NUMBER, None, None).await.unwrap();
        let secret = node.mail(&asked).link.unwrap();
        assert!(node.by_link(&asked, &secret, NOW).await.unwrap().is_new_user);
        node.close().await;
    }
}

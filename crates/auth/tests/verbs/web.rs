//! What applications' own pages may do: which origins, for which tenant and session, and what they are told.

use crate::kit::*;
use postkey_auth::{CallingPage, ExistenceError, Proof, Wanted, WebStartError};
use postkey_model::{ContactMethod, DirectoryChange, Origin, Session, Tenant, WebRules};

const APP: &str = "https://app.example.com";
const SHOP: &str = "https://shop.example.com";

fn page(origin: &str) -> CallingPage {
    CallingPage { origin: Some(origin.to_owned()), is_elsewhere: true }
}

/// A node on which `APP` may call `public`, and `SHOP` may call `acme`.
async fn node(bed: &Bed) -> Node {
    let origin = |text: &str| Origin::parse(text).unwrap();
    bed.node_of(move |tenant: &mut Tenant| {
        tenant.web = if tenant.id == public() {
            WebRules { origins: vec![origin(APP)], ..WebRules::default() }
        } else {
            WebRules { origins: vec![origin(SHOP)], existence_checks: true, ..WebRules::default() }
        }
    })
    .await
}

async fn session_of(node: &Node, completed: &postkey_auth::Completed) -> Session {
    node.auth.store().session(&completed.tokens.handle).await.unwrap().unwrap()
}

on_both_engines! {
    async fn pages_may_call_for_the_tenants_that_name_them(bed: Bed) {
        let node = node(&bed).await;
        let auth = &node.auth;
        let (open, acme) = (auth.tenant(&public()).unwrap(), auth.tenant(&acme()).unwrap());
        let (ours, ours_elsewhere) = (CallingPage { is_elsewhere: false, ..page(auth.public_origin().as_text()) }, page(auth.public_origin().as_text()));
        let silent = |is_elsewhere| CallingPage { origin: None, is_elsewhere };
        for (page, of_public, of_acme) in [
            (page(APP), true, false),
            (page(SHOP), false, true),
            (page("https://evil.example"), false, false),
            (page("null"), false, false),
            (ours, true, true),
            (ours_elsewhere, false, false),
            (silent(false), true, true),
            (silent(true), false, false),
        ] {
            assert_eq!((auth.allows(&page, &open), auth.allows(&page, &acme)), (of_public, of_acme), "{page:?}");
            assert_eq!(auth.allows_somewhere(&page), of_public || of_acme, "{page:?}");
        }
        node.close().await;
    }

    async fn pages_may_use_the_sessions_of_their_tenant(bed: Bed) {
        let node = node(&bed).await;
        let completed = node.signed_in("jane@example.com", NOW).await;
        let (session, token) = (session_of(&node, &completed).await, completed.tokens.refresh.expose());
        for (page, may) in [(page(APP), true), (page(SHOP), false), (page("https://evil.example"), false), (CallingPage::default(), true)] {
            assert_eq!(node.auth.allows_session(&page, &session), may, "{page:?}");
            assert_eq!(node.auth.allows_refresh(&page, token).await.unwrap(), may, "{page:?}");
        }
        // What names no session opens nothing; pages that may call nobody are told nothing at all.
        for made_up in ["x", "", "a.b.c.d", "nobody.0.AAAA"] {
            assert!(node.auth.allows_refresh(&page(SHOP), made_up).await.unwrap(), "{made_up}");
            assert!(!node.auth.allows_refresh(&page("https://evil.example"), made_up).await.unwrap(), "{made_up}");
        }
        node.close().await;
    }

    async fn a_field_of_the_wrong_kind_is_the_pages_fault(bed: Bed) {
        let wanted = |method, typed| Wanted { typed, method: Some(method), ..Wanted::default() };
        let node = bed.node_of(|tenant| tenant.contact = ContactMethod::Phone).await;
        let refused = node.auth.start_in_app(&call(&public(), NOW), wanted(ContactMethod::Email, "jane@example.com")).await;
        assert_eq!(refused.err(), Some(WebStartError::NotTaken));
        assert!(node.auth.start_in_app(&call(&public(), NOW), wanted(ContactMethod::Phone, "+436641234567")).await.is_ok());
        // A back end that names no factor for addresses takes none.
        let node = bed.node_of(|tenant| {
            tenant.contact = ContactMethod::EmailOrPhone;
            tenant.back_end.first_factors = Some(vec!["otp-phone".to_owned()]);
        }).await;
        let refused = node.auth.start_in_app(&call(&public(), NOW), wanted(ContactMethod::Email, "jane@example.com")).await;
        assert_eq!(refused.err(), Some(WebStartError::NotTaken));
        node.close().await;
    }

    async fn accounts_are_told_of_where_the_tenant_lets_it(bed: Bed) {
        let node = node(&bed).await;
        let (here, there) = (call(&public(), NOW), call(&acme(), NOW));
        node.signed_in("jane@example.com", NOW).await;
        for who in ["jane@example.com", "nobody@example.com", "no address"] {
            let told = node.auth.has_account(&here, ContactMethod::Email, who).await;
            assert_eq!(told, Err(ExistenceError::NotTold), "the same for everybody");
        }
        assert_eq!(node.auth.has_account(&there, ContactMethod::Email, "jane@example.com").await, Ok(false), "one of another tenant");
        let (asked, _) = node.start_at(&there, "jane@example.com", None).await;
        let typed = node.mail(&asked).code.unwrap();
        let proof = Proof::Code { sign_in: asked.id.clone(), device: asked.device.clone(), typed };
        let (completed, user) = node.auth.complete_with_user(&there, &proof, None).await.unwrap();
        assert_eq!((&user.user.id, user.identities.len()), (&completed.tokens.user, 1));
        assert_eq!(node.auth.has_account(&there, ContactMethod::Email, " Jane@Example.com ").await, Ok(true));
        assert!(matches!(node.auth.has_account(&there, ContactMethod::Phone, "jane").await, Err(ExistenceError::Identifier(_))));
        node.close().await;
    }

    async fn an_address_is_verified_until_a_back_end_takes_that_back(bed: Bed) {
        let node = &bed.node;
        let completed = node.signed_in("jane@example.com", NOW).await;
        let session = session_of(node, &completed).await;
        let shown = node.auth.verify(completed.tokens.access.expose(), NOW).await.unwrap();
        let (is_verified, fresh) = node.auth.verified_now(&session, &shown, NOW + secs(60)).await.unwrap();
        assert!(is_verified);
        let claims = node.auth.verify(fresh.access.expose(), NOW + secs(60)).await.unwrap();
        assert_eq!((claims.iat, claims.handle.as_str()), ((NOW + secs(60)).as_secs(), session.handle.as_str()));
        assert_eq!((claims.exp, claims.refresh_hash), (shown.exp, shown.refresh_hash.clone()), "no time is bought, nothing is rotated");
        let (user, identity, email) = (session.user.clone(), session.identity.clone(), "jane@example.com".to_owned());
        let withdrawn = DirectoryChange::AddressVerified { user, identity, email, at: None };
        assert!(node.auth.store().commit(vec![withdrawn.into()]).await.is_ok());
        assert!(!node.auth.verified_now(&session, &shown, NOW).await.unwrap().0);
        node.signed_in("jane@example.com", NOW + secs(120)).await;
        assert!(node.auth.verified_now(&session, &shown, NOW).await.unwrap().0, "signing in proves it anew");
    }
}

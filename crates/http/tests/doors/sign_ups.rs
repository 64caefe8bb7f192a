//! Who may get an account: nobody learns it from an answer, everybody from the message.

use crate::house::{House, NOW};
use crate::tape::Tape;
use postkey_model::{Change, Connection, ContactMethod, Identifier, Identity, IdentityId, MessageKind, Millis, TenantId, User, UserId};

/// An account that was there before its tenant closed.
async fn settle(house: &House, tenant: &str, email: &str) {
    let tenant = TenantId::parse(tenant).unwrap();
    let user = UserId::new(NOW, house.auth.entropy());
    let identity = Identity {
        id: IdentityId::new(NOW, house.auth.entropy()),
        user: user.clone(),
        tenant: tenant.clone(),
        connection: Connection::Email,
        subject: email.to_owned(),
        created_at: NOW,
        version: 0,
        provider_email: None,
        verified_at: Some(NOW),
    };
    let user = User { id: user, tenant, created_at: NOW, version: 0, primary_at: None };
    house.store.commit(vec![Change::IdentityCreated(identity), Change::UserCreated(user)]).await.unwrap();
}

async fn invite(house: &House, tenant: &str, who: &str) {
    let identifier = Identifier::parse(who, ContactMethod::EmailOrPhone, None).unwrap();
    house.auth.invite(&TenantId::parse(tenant).unwrap(), &identifier, NOW).await.unwrap();
}

/// Everything a browser without the message sees: written down whole, with ids and secrets masked.
async fn walk(house: &House, tenant: &str, who: &str, json: bool) -> (String, MessageKind) {
    let browser = house.browser();
    let mut tape = Tape::default();
    let post = |path: &str, fields: &[(&str, &str)]| if json { house.post(path, fields).json() } else { house.post(path, fields) };
    tape.add_whole(&browser.get(&format!("/auth?tenantId={tenant}")).await);
    tape.add_whole(&browser.send(post("/auth/_/start", &[("tenantId", tenant), ("email", who)])).await);
    let mail = house.mail();
    assert_eq!(mail.to, who);
    tape.add_whole(&browser.get("/auth/code").await);
    tape.add_whole(&browser.get("/auth/_/waiting").await);
    let own = browser.cookie("pk_sign_in").unwrap();
    let id = own.split('.').next().unwrap();
    tape.add_whole(&browser.get(&format!("/auth/verify?preAuthSessionId={id}&tenantId={tenant}")).await);
    tape.add_whole(&house.get(&format!("/auth/verify?preAuthSessionId={id}&tenantId={tenant}")).send().await);
    let made_up = [("preAuthSessionId", id), ("tenantId", tenant), ("linkCode", "AAAAAAAAAAAAAAAAAAAAAAAAAAA")];
    tape.add_whole(&browser.send(post("/auth/_/verify", &made_up)).await);
    tape.add_whole(&browser.get("/auth/link-problem").await);
    tape.add_whole(&browser.send(post("/auth/_/resend", &[])).await);
    house.clock.forward(Millis::from_secs(15));
    tape.add_whole(&browser.send(post("/auth/_/resend", &[])).await);
    let second = house.mail();
    assert_eq!(second.kind, mail.kind);
    let wrong = if [&mail.code, &second.code].contains(&&Some("000000".to_owned())) { "111111" } else { "000000" };
    for typed in ["12", wrong, wrong, wrong, wrong, wrong] {
        tape.add_whole(&browser.send(post("/auth/_/code", &[("code", typed)])).await);
        tape.add_whole(&browser.get("/auth/code").await);
    }
    tape.add_whole(&browser.get(&format!("/auth?tenantId={tenant}")).await);
    // The walks are held against each other, so they begin at the same moment.
    house.clock.forward(Millis(NOW.0 - house.now().0));
    (tape.text().replace(&id[..8], "[when]"), mail.kind)
}

/// Status, headers, cookies and bodies are the same for everybody, byte by byte but for ids and secrets; the message says
/// how it is.
#[tokio::test]
async fn pages_tell_nobody_who_has_an_account() {
    for (tenant, shut_out) in [("closed", "stranger@example.com"), ("invited", "nobody@example.com")] {
        let house = House::plain().await;
        settle(&house, tenant, "jane.doe@example.com").await;
        for json in [false, true] {
            let (known, kind) = walk(&house, tenant, "jane.doe@example.com", json).await;
            assert_eq!(kind, MessageKind::SignIn);
            let (unknown, kind) = walk(&house, tenant, shut_out, json).await;
            assert_eq!(kind, MessageKind::NoAccount, "{tenant}");
            let masked = |text: &str, who: &str| {
                let typed = data_encoding::BASE64URL_NOPAD.encode(who.as_bytes());
                text.replace(who, "[address]").replace(&typed, "[secret]").replace(&postkey_masked(who), "[masked]")
            };
            assert_eq!(masked(&known, "jane.doe@example.com"), masked(&unknown, shut_out), "{tenant}");
        }
    }
}

fn postkey_masked(who: &str) -> String {
    Identifier::parse(who, ContactMethod::Email, None).unwrap().masked()
}

/// Without an account the message has neither code nor link, and nothing that can be typed opens one.
#[tokio::test]
async fn who_gets_in() {
    let house = House::plain().await;
    settle(&house, "closed", "jane@example.com").await;
    invite(&house, "closed", "guest@example.com").await;
    invite(&house, "invited", "guest@example.com").await;
    let table = [
        ("closed", "jane@example.com", true),
        ("closed", "joe@example.com", false),
        ("closed", "guest@example.com", false),
        ("closed", "joe@staff.example", false),
        ("invited", "guest@example.com", true),
        ("invited", "joe@staff.example", true),
        ("invited", "joe@sub.staff.example", false),
        ("invited", "jane@example.com", false),
    ];
    for (tenant, who, gets_in) in table {
        let browser = house.browser();
        let mail = browser.start_at(tenant, who).await;
        assert_eq!((mail.code.is_some(), mail.link.is_some()), (gets_in, gets_in), "{tenant} {who}");
        let typed = mail.code.as_deref().unwrap_or("000000");
        let answer = browser.post("/auth/_/code", &[("code", typed)]).await;
        assert_eq!(answer.set_cookie("sAccessToken").is_some(), gets_in, "{tenant} {who}");
    }
    // Whoever was invited keeps the account when the invitation goes.
    let guest = Identifier::parse("guest@example.com", ContactMethod::Email, None).unwrap();
    house.auth.withdraw_invite(&TenantId::parse("invited").unwrap(), &guest).await.unwrap();
    assert!(house.browser().start_at("invited", "guest@example.com").await.code.is_some());
}

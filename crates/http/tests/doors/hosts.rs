//! What a client says about itself and us in headers: links and places come from the config, addresses from the
//! socket or from proxies that are trusted.

use crate::house::{HTTPS, House, Plan};
use crate::tape::redacted;
use crate::visitor::Browser;
use postkey_model::UserId;

const FORGED: [(&str, &str); 8] = [
    ("host", "evil.example"),
    ("host", "login.example.com.evil.example"),
    ("host", "login.example.com:443@evil.example"),
    ("x-forwarded-host", "evil.example"),
    ("x-forwarded-proto", "http"),
    ("forwarded", "host=evil.example;proto=http"),
    ("x-original-host", "evil.example"),
    ("x-forwarded-prefix", "//evil.example"),
];

#[tokio::test]
async fn forged_hosts_do_not_reach_links_places_or_issuers() {
    for trusted_proxies in [vec![], vec!["0.0.0.0/0"]] {
        let house = House::new(Plan { trusted_proxies, ..Plan::default() }).await;
        for (name, value) in FORGED {
            let page = house.get("/auth").header(name, value).send().await;
            assert!(!page.body.contains("evil") && page.location().is_empty(), "{name}: {value}");
            let answer = house.post("/auth/_/start", &[("email", "jane@example.com")]).header(name, value).send().await;
            assert_eq!((answer.status, answer.location()), (303, "/auth/code"), "{name}: {value}");
            let mail = house.mail();
            let link = mail.link.as_deref().unwrap();
            assert!(link.starts_with(&format!("{HTTPS}/auth/verify?")), "{name}: {value} gave {link}");
            let discovery = house.get("/auth/.well-known/openid-configuration").header(name, value).send().await;
            assert_eq!(discovery.is_json()["issuer"], "https://login.example.com/auth");
            let fault = house.get("/nowhere").header(name, value).send().await;
            assert!(fault.status == 404 && !fault.body.contains("evil"), "{name}: {value}");
            let cookie = answer.set_cookie("pk_sign_in").unwrap().split(';').next().unwrap().to_owned();
            let done = house.post("/auth/_/code", &[("code", mail.code())]).header(name, value).cookie(&cookie).send().await;
            assert!(!redacted(&format!("{:?}", done.headers)).contains("evil"), "{name}: {value}");
            assert!(done.set_cookie("sAccessToken").unwrap().contains("; Secure"), "{name}: {value}");
        }
        // An address in absolute form, as to a proxy.
        let page = house.get("http://evil.example/auth").send().await;
        assert!(page.status == 200 && !page.body.contains("evil"));
    }
}

/// Which client a session was made from, when `forwarded` came with the request. In process the peer is 0.0.0.0.
async fn client(trusted_proxies: Vec<&'static str>, forwarded: &[&str]) -> String {
    let house = House::new(Plan { trusted_proxies, ..Plan::default() }).await;
    let browser = house.browser();
    let mail = browser.start("jane@example.com").await;
    let mut ask = house.post("/auth/_/code", &[("code", mail.code())]);
    for line in forwarded {
        ask = ask.also("x-forwarded-for", line);
    }
    let done = browser.send(ask).await;
    let front = data_encoding::BASE64.decode(done.header("front-token").as_bytes()).unwrap();
    let front: serde_json::Value = serde_json::from_slice(&front).unwrap();
    let user = UserId::parse(front["uid"].as_str().unwrap()).unwrap();
    let sessions = house.auth.sessions_of(&user, crate::house::NOW).await.unwrap();
    assert_eq!(sessions.len(), 1);
    sessions[0].client_ip.clone()
}

#[tokio::test]
async fn forwarded_addresses_are_believed_of_trusted_proxies_only() {
    assert_eq!(client(vec![], &["198.51.100.7"]).await, "0.0.0.0");
    assert_eq!(client(vec!["10.0.0.0/8"], &["198.51.100.7"]).await, "0.0.0.0");
    assert_eq!(client(vec!["0.0.0.0"], &[]).await, "0.0.0.0");
    assert_eq!(client(vec!["0.0.0.0"], &["198.51.100.7"]).await, "198.51.100.7");
    assert_eq!(client(vec!["0.0.0.0"], &["6.6.6.6, 198.51.100.7"]).await, "198.51.100.7", "what the client wrote itself is ignored");
    assert_eq!(client(vec!["0.0.0.0"], &["6.6.6.6", "198.51.100.7"]).await, "198.51.100.7");
    assert_eq!(client(vec!["0.0.0.0", "10.0.0.0/8"], &["6.6.6.6, 198.51.100.7, 10.1.1.1"]).await, "198.51.100.7");
    assert_eq!(client(vec!["0.0.0.0"], &["' OR 1=1 --"]).await, "0.0.0.0");
    assert_eq!(client(vec!["0.0.0.0"], &["2001:db8:1:2:3:4:5:6"]).await, "2001:db8:1:2::/64");
    assert_eq!(client(vec!["0.0.0.0"], &["::ffff:198.51.100.7"]).await, "198.51.100.7");
}

/// A user agent of any length or spelling is kept cut, and never breaks a login.
#[tokio::test]
async fn odd_user_agents_do_no_harm() {
    let house = House::plain().await;
    let long = "x".repeat(8_000);
    for agent in [long.as_bytes(), "Müller/1.0".as_bytes(), b"\xff\xfe", b""] {
        let browser: Browser<'_> = house.browser();
        let mail = browser.start("jane@example.com").await;
        let done = browser.send(house.post("/auth/_/code", &[("code", mail.code())]).also("user-agent", agent)).await;
        assert_eq!(done.status, 303);
    }
}

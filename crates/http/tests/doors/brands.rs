//! A tenant's own look: its style sheet, its logo, its links; and whose they are.

use crate::house::{House, LOGO};
use crate::visitor::{Answer, plain};

fn assets(page: &Answer) -> Vec<String> {
    let body = plain(&page.body);
    body.split("/auth/_/assets/").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_brand_is_shown_where_it_belongs() {
    let house = House::plain().await;
    let usual = house.get("/auth").send().await;
    assert_eq!(assets(&usual).len(), 2, "{:?}", assets(&usual));
    assert!(!usual.body.contains("<img") && usual.body.contains("<bdi>Example</bdi>"));
    assert!(!usual.body.contains("/terms"), "nobody's links are anybody else's");
    let page = house.get("/auth?tenantId=branded").send().await;
    let names = assets(&page);
    assert_eq!(names.len(), 4, "{names:?}");
    let css = names.iter().find(|name| name.starts_with("brand-branded-") && name.ends_with(".css")).unwrap();
    let logo = names.iter().find(|name| name.starts_with("logo-branded-") && name.ends_with(".svg")).unwrap();
    let body = plain(&page.body);
    assert!(body.contains(" alt=\"Example branded\""));
    for link in ["https://example.com/terms?a=1&b=2", "https://example.com/privacy", "mailto:help@example.com"] {
        assert!(body.contains(&format!("<a href=\"{link}\">")), "{link}");
    }

    let sheet = house.get(&format!("/auth/_/assets/{css}")).send().await;
    assert_eq!((sheet.status, sheet.header("content-type")), (200, "text/css; charset=utf-8"));
    assert_eq!(sheet.header("cache-control"), "public, max-age=31536000, immutable");
    assert!(sheet.body.contains("--accent") && sheet.body.contains("3px") && !sheet.body.contains("url("), "{}", sheet.body);

    let picture = house.get(&format!("/auth/_/assets/{logo}")).send().await;
    assert_eq!((picture.status, picture.header("content-type"), picture.body.as_str()), (200, "image/svg+xml", LOGO));
    assert_eq!(picture.header("cache-control"), "public, max-age=31536000, immutable");
    // Opened by itself it runs no script and loads nothing.
    let policy = picture.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none';") && policy.contains("sandbox") && !policy.contains("script"), "{policy}");
    assert!(picture.set_cookies().is_empty() && sheet.set_cookies().is_empty());

    // The pages after it are the tenant's too.
    let browser = house.browser();
    browser.start_at("branded", "jane@example.com").await;
    assert_eq!(assets(&browser.get("/auth/code").await), names);
    for other in ["brand-branded-0000000000000000.css", "brand-public-0000000000000000.css", "logo-branded.svg", "brand-branded-.css"] {
        assert_eq!(house.get(&format!("/auth/_/assets/{other}")).send().await.status, 404, "{other}");
    }
}

//! B: links that scanners fetch, other sites post, and people open elsewhere.

use crate::browser::let_in;
use crate::case::{Case, Verdict, When};
use crate::http::Ask;
use crate::world::World;

/// The cases of this file.
pub fn cases() -> Vec<Case> {
    vec![Case {
        id: "B01",
        tried: "A link is fetched with GET, HEAD, OPTIONS and prefetch, secret and all: nothing is spent, and nobody gets in.",
        needs: &[],
        when: When::InTurn,
        run: |world| Box::pin(b01(world)),
    }]
}

async fn b01(world: &World) -> Result<Verdict, String> {
    let mut wrong = Vec::new();
    let (mut browser, who) = (world.browser()?, world.address("b01"));
    browser.start(&who).await?;
    let mail = world.mail(&who, 1).await?;
    let link = mail.link()?;
    let http = world.http()?;
    // A scanner puts the secret where it can: behind the address, as a parameter, as the form's fields in the address.
    let paths = [
        link.path.clone(),
        format!("{}&fragment={}", link.path, link.secret),
        format!("{}&linkCode={}", link.path, link.secret),
        format!("/auth/_/verify?preAuthSessionId={}&tenantId={}&linkCode={}", link.sign_in, link.tenant, link.secret),
    ];
    let mut asked = 0;
    for path in &paths {
        for method in ["GET", "HEAD", "OPTIONS"] {
            for hints in [&[][..], &[("purpose", "prefetch"), ("sec-purpose", "prefetch;prerender"), ("x-moz", "prefetch")]] {
                let ask = Ask::new(method, path).with("accept", "text/html").with("user-agent", "Mozilla/5.0 (compatible; scanner)");
                for answer in [http.ask(ask.clone().instead(hints)).await?, browser.send(ask.instead(hints)).await?] {
                    asked += 1;
                    if let_in(&answer) {
                        wrong.push(format!("{method} {} opened a session", path.split('?').next().unwrap_or_default()));
                    }
                }
            }
        }
    }
    // Neither the link nor the code is spent.
    if !let_in(&world.browser()?.press(&link).await?) {
        wrong.push("afterwards the link opened nothing".to_owned());
    }
    let (mut other, who) = (world.browser()?, world.address("b01"));
    other.start(&who).await?;
    let mail = world.mail(&who, 1).await?;
    for method in ["GET", "HEAD"] {
        http.ask(Ask::new(method, &mail.link()?.path)).await?;
    }
    if !let_in(&other.code(&mail.code).await?) {
        wrong.push("after its link was fetched, the code opened nothing".to_owned());
    }
    Ok(Verdict::unless(&wrong, format!("{asked} requests changed nothing; then link and code worked")))
}

//! Random verbs of a few people in a few browsers, held against the [`reference`](crate::reference).

use crate::kit::*;
use crate::reference::{self, Believed, Code, Numbered, Refreshed, Resent, Says, UserNo, World};
use postkey_auth::{
    AccessTokenError, ApproveError, CompleteError, Completed, Proof, RefreshError, ResendAs, ResendError, Settings, TrustedDevice,
};
use postkey_model::{BudgetRules, Connection, Flow, Millis, SessionHandle, TenantId, Timestamp, UserId};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{TestCaseError, TestError, TestRunner};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};

const CASES: u32 = 300;
const BROWSERS: usize = 3;

/// One thing that somebody does. Which sign-in, code, session or token is meant is drawn from those that there are.
#[derive(Clone, Debug)]
enum Verb {
    Wait(i64),
    Start { tenant: usize, who: usize, browser: usize },
    Resend { which: Index, as_code: bool, slip: Slip },
    Cancel { which: Index, slip: Slip },
    TypeRight { which: Index, code: Index, slip: Slip },
    TypeWrong { which: Index, times: u64, long: bool },
    TypeJunk { which: Index },
    OpenLink { which: Index, code: Index, browser: usize, slip: Slip },
    OpenWrongLink { which: Index, browser: usize },
    TypeNumber { which: Index, code: Index, right: bool, slip: Slip },
    Collect { which: Index, slip: Slip },
    Refresh { session: Index, generation: Index },
    Revoke { session: Index },
    RevokeAll { session: Index, except: bool },
    Verify { session: Index, token: Index },
}

/// What may be wrong about where something is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Slip {
    None,
    OtherBrowser,
    OtherTenant,
}

fn slip() -> impl Strategy<Value = Slip> {
    prop_oneof![8 => Just(Slip::None), 1 => Just(Slip::OtherBrowser), 1 => Just(Slip::OtherTenant)]
}

fn verb() -> impl Strategy<Value = Verb> {
    let steps = vec![1, 999, 14_999, 15_000, 29_999, 30_000, 31_000, 299_000, 600_000, 1_200_000, 1_800_000, 3_600_001];
    let pick = any::<Index>;
    prop_oneof![
        6 => prop::sample::select(steps).prop_map(Verb::Wait),
        6 => (0..2usize, 0..3usize, 0..BROWSERS).prop_map(|(tenant, who, browser)| Verb::Start { tenant, who, browser }),
        4 => (pick(), any::<bool>(), slip()).prop_map(|(which, as_code, slip)| Verb::Resend { which, as_code, slip }),
        1 => (pick(), slip()).prop_map(|(which, slip)| Verb::Cancel { which, slip }),
        6 => (pick(), pick(), slip()).prop_map(|(which, code, slip)| Verb::TypeRight { which, code, slip }),
        4 => (pick(), 1..6u64, any::<bool>()).prop_map(|(which, times, long)| Verb::TypeWrong { which, times, long }),
        1 => pick().prop_map(|which| Verb::TypeJunk { which }),
        3 => (pick(), pick(), 0..BROWSERS, slip()).prop_map(|(which, code, browser, slip)| Verb::OpenLink { which, code, browser, slip }),
        1 => (pick(), 0..BROWSERS).prop_map(|(which, browser)| Verb::OpenWrongLink { which, browser }),
        3 => (pick(), pick(), prop::bool::weighted(0.7), slip())
            .prop_map(|(which, code, right, slip)| Verb::TypeNumber { which, code, right, slip }),
        4 => (pick(), slip()).prop_map(|(which, slip)| Verb::Collect { which, slip }),
        4 => (pick(), pick()).prop_map(|(session, generation)| Verb::Refresh { session, generation }),
        1 => pick().prop_map(|session| Verb::Revoke { session }),
        1 => (pick(), any::<bool>()).prop_map(|(session, except)| Verb::RevokeAll { session, except }),
        3 => (pick(), pick()).prop_map(|(session, token)| Verb::Verify { session, token }),
    ]
}

/// One of the newest few, so that something happens to them.
fn recent(index: &Index, len: usize) -> Option<usize> {
    (len > 0).then(|| len - 1 - index.index(len.min(4)))
}

/// A session as its browser holds it.
struct Held {
    handle: SessionHandle,
    refresh: Vec<String>,
    /// Access tokens, and when each was made.
    access: Vec<(String, Timestamp)>,
}

/// One case: the real thing beside the reference.
struct Play {
    node: Node,
    world: World,
    now: Timestamp,
    /// Keeps the addresses of cases apart.
    case: u64,
    asked: Vec<Asked>,
    held: Vec<Held>,
    users: Vec<UserId>,
    cookies: HashMap<usize, String>,
}

fn tenant(n: usize) -> TenantId {
    if n == 0 { public() } else { acme() }
}

/// The rules of the reference. Tenant 0 mails codes and links, tenant 1 links unless somebody asks for a code.
fn rules(settings: &mut Settings) {
    for (id, tenant) in &mut settings.tenants {
        tenant.sign_in.flow = if *id == public() { Flow::UserInputCodeAndMagicLink } else { Flow::MagicLink };
        tenant.sign_in.lifetime = reference::LIFE;
        tenant.sign_in.max_attempts = reference::TRIES;
        tenant.sign_in.resend_gap = reference::GAP;
        tenant.sign_in.number_match = true;
        tenant.sign_in.budget = BudgetRules { limit: reference::LIMIT, trusted_limit: reference::TRUSTED_LIMIT, window: reference::WINDOW };
        tenant.session.access_lifetime = reference::ACCESS;
        tenant.session.refresh_lifetime = reference::REFRESH;
        tenant.session.grace = reference::GRACE;
    }
}

/// Any two things that should be the same.
fn same<T: PartialEq + std::fmt::Debug>(real: T, expected: T, what: &str) -> Result<(), TestCaseError> {
    if real == expected { Ok(()) } else { Err(TestCaseError::fail(format!("{what}: it is {real:?}, it should be {expected:?}"))) }
}

impl Play {
    fn address(&self, who: usize) -> String {
        format!("p{who}-{}@example.com", self.case)
    }

    fn cookie(&self, browser: usize) -> Option<TrustedDevice> {
        self.cookies.get(&browser).map(|cookie| TrustedDevice::parse(cookie).unwrap())
    }

    /// The sign-in `n` as seen with a slip.
    fn seen(&self, n: usize, slip: Slip) -> Asked {
        let mut asked = self.asked[n].clone();
        match slip {
            Slip::None => {}
            Slip::OtherBrowser => asked.device = "another browser's secret".to_owned(),
            Slip::OtherTenant => asked.tenant = tenant(1 - self.world.sign_ins[n].tenant),
        }
        asked
    }

    /// Takes the code of the newest mail over into the reference.
    fn take_code(&mut self, n: usize, is_long: bool, has_code: bool, has_link: bool) -> Result<(), TestCaseError> {
        let mail = self.node.mail(&self.asked[n]);
        let digits = mail.code.map(|code| code.replace(' ', ""));
        same((digits.is_some(), mail.link.is_some()), (has_code, has_link), "what the mail holds")?;
        if let Some(digits) = &digits {
            same(digits.len(), if is_long { 13 } else { 6 }, "how long the code is")?;
        }
        self.world.sign_ins[n].codes.push(Code { digits, secret: mail.link, is_long, dies: self.now + reference::LIFE });
        Ok(())
    }

    async fn step(&mut self, verb: &Verb) -> Result<(), TestCaseError> {
        match verb {
            Verb::Wait(length) => self.now = self.now + Millis(*length),
            Verb::Start { tenant, who, browser } => self.start(*tenant, *who, *browser).await?,
            Verb::Refresh { session, generation } => self.refresh(session, generation).await?,
            Verb::Verify { session, token } => self.verify(session, token).await?,
            Verb::Revoke { session } => {
                let Some(n) = recent(session, self.held.len()) else { return Ok(()) };
                let was_live = self.node.auth.revoke(self.now, &self.held[n].handle).await.unwrap();
                same(was_live, self.world.revoke(n, self.now), "revoked")?;
            }
            Verb::RevokeAll { session, except } => {
                let Some(n) = recent(session, self.held.len()) else { return Ok(()) };
                let user = self.world.sessions[n].user;
                let (call, spared) = (call(&public(), self.now), except.then(|| self.held[n].handle.clone()));
                let mut gone = self.node.auth.revoke_all(&call, &self.users[user], spared).await.unwrap();
                let expected = self.world.revoke_all(user, except.then_some(n), self.now);
                let mut expected: Vec<_> = expected.into_iter().map(|n| self.held[n].handle.clone()).collect();
                gone.sort();
                expected.sort();
                same(gone, expected, "revoked of all")?;
            }
            Verb::Resend { which, .. }
            | Verb::Cancel { which, .. }
            | Verb::TypeRight { which, .. }
            | Verb::TypeWrong { which, .. }
            | Verb::TypeJunk { which }
            | Verb::OpenLink { which, .. }
            | Verb::OpenWrongLink { which, .. }
            | Verb::TypeNumber { which, .. }
            | Verb::Collect { which, .. } => {
                let Some(n) = recent(which, self.asked.len()) else { return Ok(()) };
                self.on_sign_in(n, verb).await?;
                self.check_sign_in(n).await?;
            }
        }
        Ok(())
    }

    async fn start(&mut self, tenant_no: usize, who: usize, browser: usize) -> Result<(), TestCaseError> {
        let call = call(&tenant(tenant_no), self.now);
        let (asked, sent) = self.node.start_at(&call, &self.address(who), self.cookie(browser).as_ref()).await;
        same((sent.expires_at, sent.resend_from), (self.now + reference::LIFE, self.now + reference::GAP), "started")?;
        let is_long = self.world.start(tenant_no, who, browser, self.now);
        self.asked.push(asked);
        self.take_code(self.asked.len() - 1, is_long, tenant_no == 0, true)
    }

    async fn on_sign_in(&mut self, n: usize, verb: &Verb) -> Result<(), TestCaseError> {
        let codes = self.world.sign_ins[n].codes.clone();
        let newest = codes.last().unwrap();
        match verb {
            Verb::Resend { as_code, slip, .. } => self.resend(n, *as_code, *slip).await,
            Verb::Cancel { slip, .. } => {
                let asked = self.seen(n, *slip);
                self.node.auth.cancel(&call(&asked.tenant, self.now), &asked.id, &asked.device).await.unwrap();
                self.world.cancel(n, *slip == Slip::None);
                Ok(())
            }
            Verb::TypeRight { code, slip, .. } => match &codes[code.index(codes.len())].digits {
                Some(digits) => self.type_code(n, digits, *slip).await,
                None => Ok(()),
            },
            Verb::TypeWrong { times, long, .. } => {
                let right = newest.digits.clone().unwrap_or_else(|| "000000".to_owned());
                for i in 1..=*times {
                    let typed = if *long { format!("{:013}", 4_000_000_000_000 + i) } else { other_code(&right, i) };
                    self.type_code(n, &typed, Slip::None).await?;
                }
                Ok(())
            }
            Verb::TypeJunk { .. } => self.type_code(n, "12345", Slip::None).await,
            Verb::OpenLink { code, browser, slip, .. } => match &codes[code.index(codes.len())].secret {
                Some(secret) => self.open_link(n, secret, *browser, *slip).await,
                None => Ok(()),
            },
            Verb::OpenWrongLink { browser, .. } => self.open_link(n, "made up", *browser, Slip::None).await,
            Verb::TypeNumber { code, right, slip, .. } => match &codes[code.index(codes.len())].secret {
                Some(secret) => self.type_number(n, secret, *right, *slip).await,
                None => Ok(()),
            },
            Verb::Collect { slip, .. } => self.collect(n, *slip).await,
            _ => unreachable!("that is no verb on a sign-in"),
        }
    }

    async fn resend(&mut self, n: usize, as_code: bool, slip: Slip) -> Result<(), TestCaseError> {
        let asked = self.seen(n, slip);
        let what = if as_code { ResendAs::Code } else { ResendAs::Usual };
        let real = self.node.auth.resend(&call(&asked.tenant, self.now), &asked.id, &asked.device, what).await;
        let expected = self.world.resend(n, slip == Slip::None, as_code, self.now);
        let real = match real {
            // Whether it is long is looked at in the mail.
            Ok(sent) => {
                let is_long = matches!(expected, Resent::Yes { is_long: true, .. });
                Resent::Yes { is_long, has_code: sent.has_code, has_link: sent.has_link }
            }
            Err(ResendError::TooSoon { until }) => Resent::TooSoon { until },
            Err(ResendError::Unknown) => Resent::Unknown,
            Err(ResendError::Over(_)) => Resent::Over,
            Err(error) => return Err(TestCaseError::fail(format!("{error:?}"))),
        };
        same(&real, &expected, "sent again")?;
        match expected {
            Resent::Yes { is_long, has_code, has_link } => self.take_code(n, is_long, has_code, has_link),
            _ => Ok(()),
        }
    }

    async fn type_code(&mut self, n: usize, typed: &str, slip: Slip) -> Result<(), TestCaseError> {
        let asked = self.seen(n, slip);
        let browser = self.world.sign_ins[n].browser;
        let proof = Proof::Code { sign_in: asked.id.clone(), device: asked.device.clone(), typed: typed.to_owned() };
        let real = self.node.auth.complete(&call(&asked.tenant, self.now), &proof, self.cookie(browser)).await;
        let expected = self.world.type_code(n, typed, slip == Slip::None, self.now);
        self.settle(real, expected, browser)
    }

    async fn open_link(&mut self, n: usize, secret: &str, browser: usize, slip: Slip) -> Result<(), TestCaseError> {
        let asked = self.seen(n, slip);
        let proof = Proof::Link { sign_in: asked.id.clone(), secret: secret.to_owned() };
        let real = self.node.auth.complete(&call(&asked.tenant, self.now), &proof, self.cookie(browser)).await;
        // A link opens in any browser, but in its own tenant only.
        let expected = self.world.open_link(n, secret, browser, slip != Slip::OtherTenant, self.now);
        self.settle(real, expected, browser)
    }

    async fn type_number(&mut self, n: usize, secret: &str, right: bool, slip: Slip) -> Result<(), TestCaseError> {
        let asked = self.seen(n, slip);
        let shown = self.node.auth.keyring().match_number(&asked.id);
        let typed = if right { shown } else { 10 + (shown - 9) % 90 };
        let real = self.node.auth.approve(&call(&asked.tenant, self.now), &asked.id, secret, &typed.to_string()).await;
        let real = match real {
            Ok(()) => Numbered::Approved,
            Err(ApproveError::WrongNumber) => Numbered::Wrong,
            Err(ApproveError::Spent) => Numbered::Spent,
            Err(ApproveError::Unknown) => Numbered::Unknown,
            Err(ApproveError::LinkExpired) => Numbered::LinkExpired,
            Err(ApproveError::Over(_)) => Numbered::Over,
            Err(error) => return Err(TestCaseError::fail(format!("{error:?}"))),
        };
        // A number is typed in any browser, beside the link and in its own tenant only.
        same(real, self.world.type_number(n, secret, right, slip != Slip::OtherTenant, self.now), "the number")
    }

    async fn collect(&mut self, n: usize, slip: Slip) -> Result<(), TestCaseError> {
        let asked = self.seen(n, slip);
        let browser = self.world.sign_ins[n].browser;
        let proof = Proof::Approval { sign_in: asked.id.clone(), device: asked.device.clone() };
        let real = self.node.auth.complete(&call(&asked.tenant, self.now), &proof, self.cookie(browser)).await;
        let expected = self.world.collect(n, slip == Slip::None, self.now);
        self.settle(real, expected, browser)
    }

    /// Compares the answers to a code or link, and keeps the session of whoever got in.
    fn settle(&mut self, real: Result<Completed, CompleteError>, expected: Says, browser: usize) -> Result<(), TestCaseError> {
        let real = match real {
            Ok(completed) => {
                let tokens = &completed.tokens;
                let user = self.number_of(&tokens.user);
                let access = vec![(tokens.access.expose().clone(), self.now)];
                self.held.push(Held { handle: tokens.handle.clone(), refresh: vec![tokens.refresh.expose().clone()], access });
                self.cookies.insert(browser, completed.trusted.to_cookie());
                Says::In { user, is_new: completed.is_new_user }
            }
            Err(CompleteError::WrongCode { left, attempts }) => {
                same(left + attempts, reference::TRIES, "left and attempts")?;
                Says::Wrong { left }
            }
            Err(CompleteError::ExpiredCode { left, .. }) => Says::Expired { left },
            Err(CompleteError::TooManyWrong) => Says::TooManyWrong,
            Err(CompleteError::NotACode) => Says::NotACode,
            Err(CompleteError::Unknown) => Says::Unknown,
            Err(CompleteError::LinkExpired) => Says::LinkExpired,
            Err(CompleteError::Over(how)) => Says::Over(how),
            Err(error) => return Err(TestCaseError::fail(format!("{error:?}"))),
        };
        same(real, expected, "completed")
    }

    /// The number of a user: the next one for somebody new.
    fn number_of(&mut self, user: &UserId) -> UserNo {
        self.users.iter().position(|known| known == user).unwrap_or_else(|| {
            self.users.push(user.clone());
            self.users.len() - 1
        })
    }

    async fn refresh(&mut self, session: &Index, generation: &Index) -> Result<(), TestCaseError> {
        let Some(n) = recent(session, self.held.len()) else { return Ok(()) };
        let Some(generation) = recent(generation, self.held[n].refresh.len()) else { return Ok(()) };
        let real = self.node.auth.refresh(&call(&public(), self.now), &self.held[n].refresh[generation]).await;
        let expected = self.world.refresh(n, generation, self.now);
        let held = &mut self.held[n];
        let real = match real {
            Ok(tokens) => {
                same(&tokens.handle, &held.handle, "the session refreshed")?;
                held.access.push((tokens.access.expose().clone(), self.now));
                let refresh = tokens.refresh.expose().clone();
                if held.refresh.last() == Some(&refresh) {
                    Refreshed::Current
                } else {
                    same(held.refresh.contains(&refresh), false, "an old token came back")?;
                    held.refresh.push(refresh);
                    Refreshed::New
                }
            }
            Err(RefreshError::Reused { .. }) => Refreshed::Reused,
            Err(RefreshError::Unauthorised) => Refreshed::Over,
            Err(error) => return Err(TestCaseError::fail(format!("{error:?}"))),
        };
        same(real, expected, "refreshed")
    }

    async fn verify(&mut self, session: &Index, token: &Index) -> Result<(), TestCaseError> {
        let Some(n) = recent(session, self.held.len()) else { return Ok(()) };
        let (token, issued_at) = &self.held[n].access[token.index(self.held[n].access.len())];
        let real = match self.node.auth.verify_session(token, self.now).await {
            Ok((claims, _)) => {
                same(claims.sub.as_str(), self.users[self.world.sessions[n].user].as_str(), "whose token it is")?;
                Believed::Yes
            }
            Err(AccessTokenError::Expired) => Believed::Expired,
            Err(AccessTokenError::SessionOver) => Believed::SessionOver,
            Err(error) => return Err(TestCaseError::fail(format!("{error:?}"))),
        };
        same(real, self.world.believe(n, *issued_at, self.now), "believed")
    }

    async fn check_sign_in(&self, n: usize) -> Result<(), TestCaseError> {
        let stored = self.node.stored(&self.asked[n]).await;
        let expected = &self.world.sign_ins[n];
        prop_assert!(stored.attempts <= reference::TRIES);
        prop_assert!(stored.number_tries <= 1);
        let real = (stored.attempts, stored.ended.map(|ended| ended.1), stored.approved_at);
        same(real, (expected.wrong, expected.ended, expected.approved), "the sign-in stored")?;
        // The number is shown until somebody types one. Here each sign-in was sent a link.
        let asked = &self.asked[n];
        let waiting = self.node.waiting(asked, self.now).await.unwrap();
        same(waiting.approved, expected.is_approved(self.now), "what the waiting page says of approval")?;
        let shown = waiting.number;
        let number = self.node.auth.keyring().match_number(&asked.id);
        same(shown, (!expected.number_tried).then_some(number), "the number shown")
    }

    /// What must be true at any time, looked at in the store.
    async fn check_all(&self) -> Result<(), TestCaseError> {
        let store = self.node.auth.store();
        for n in 0..self.asked.len() {
            self.check_sign_in(n).await?;
            let sent: Vec<Timestamp> = self.node.mails(&self.asked[n].id).iter().map(|mail| mail.queued_at).collect();
            prop_assert!(sent.windows(2).all(|two| two[1].since(two[0]) >= reference::GAP), "mails at {:?}", sent);
        }
        for (tenant_no, who) in (0..2).flat_map(|tenant| (0..3).map(move |who| (tenant, who))) {
            let owner = store.start_facts(&tenant(tenant_no), Connection::Email, &self.address(who)).await.unwrap().user;
            let expected = self.world.users.get(&(tenant_no, who)).map(|user| self.users[*user].clone());
            same(owner, expected, "who owns the identifier")?;
        }
        for (number, user) in self.users.iter().enumerate() {
            let live = self.node.auth.sessions_of(user, self.now).await.unwrap();
            let mut live: Vec<_> = live.into_iter().map(|session| session.handle).collect();
            let all = 0..self.held.len();
            let expected = all.filter(|n| self.world.sessions[*n].user == number && self.world.is_live(*n, self.now));
            let mut expected: Vec<_> = expected.map(|n| self.held[n].handle.clone()).collect();
            live.sort();
            expected.sort();
            same(live, expected, "the live sessions")?;
        }
        for n in 0..self.held.len() {
            for (token, _) in &self.held[n].access {
                let believed = self.node.auth.verify_session(token, self.now).await.is_ok();
                prop_assert!(!believed || self.world.is_live(n, self.now), "a dead session verified");
            }
        }
        Ok(())
    }
}

async fn play(node: Node, verbs: Vec<Verb>) -> Result<(), TestCaseError> {
    static CASE: AtomicU64 = AtomicU64::new(0);
    let case = CASE.fetch_add(1, Ordering::Relaxed);
    let (world, asked, held, users) = (World::default(), Vec::new(), Vec::new(), Vec::new());
    let mut play = Play { node, world, now: NOW, case, asked, held, users, cookies: HashMap::new() };
    for (i, verb) in verbs.iter().enumerate() {
        play.step(verb).await?;
        if i % 16 == 15 {
            play.check_all().await?;
        }
    }
    play.check_all().await
}

#[test]
fn random_verbs_answer_as_the_reference_does() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(on_sqlite(async |bed: Bed| {
        let node = bed.another_node(rules).await;
        node.auth.tend_keys(NOW).await.unwrap();
        let (handle, runner_node) = (tokio::runtime::Handle::current(), node.clone());
        let outcome = tokio::task::spawn_blocking(move || {
            let config = ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() };
            TestRunner::new(config).run(&prop::collection::vec(verb(), 1..80), |verbs| handle.block_on(play(runner_node.clone(), verbs)))
        });
        match outcome.await.unwrap() {
            Ok(()) => {}
            Err(TestError::Fail(reason, verbs)) => panic!("{reason}\nafter these verbs: {verbs:#?}"),
            Err(TestError::Abort(reason)) => panic!("{reason}"),
        }
        node.close().await;
    }));
}

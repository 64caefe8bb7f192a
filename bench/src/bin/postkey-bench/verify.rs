//! `verify`: what tokens cost on one core. Verifying goes through the verbs' own `verify`, with tokens that a real
//! server made; signing has no public door, so it is measured with aws-lc-rs and a parsed key, as the server does it.

use crate::crowd::Crowd;
use crate::results::{Results, Row};
use crate::target::Target;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ED25519, EcdsaKeyPair, Ed25519KeyPair, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_SHA256,
};
use aws_lc_rs::signature::{KeyPair as _, UnparsedPublicKey};
use postkey_auth::{Auth, KeyRules, Settings};
use postkey_bench::{Browser, Jar, Server};
use postkey_model::{Algorithm, Entropy, Keyring, Millis, Origin, RootKey, Timestamp};
use postkey_store::{Location, Store};
use std::collections::HashMap;
use std::hint::black_box;
use std::io::{Error, Result};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How many tokens are verified in turn.
const TOKENS: u64 = 1000;

/// Runs and prints.
pub async fn bench(results: &Results, server: &Path, seconds: u64) -> Result<()> {
    let time = Duration::from_secs(seconds);
    for algorithm in Algorithm::ALL {
        let target =
            Target { server: server.to_owned(), database_url: None, algorithm: algorithm.as_str().to_owned(), log: "error".to_owned() };
        let crowd = Crowd::gather(&target, TOKENS, TOKENS).await?;
        let mut server = crowd.serve().await?;
        let tokens = tokens_of(&server, &crowd).await?;
        let length = tokens.first().map_or(0, String::len);
        let origin = Origin::parse(&format!("http://localhost:{}", server.public().port())).map_err(Error::other)?;
        server.stop().await?;
        let signed = signatures(algorithm, &[7; 900], time)?;
        let bare = bare_verifications(algorithm, &[7; 900], time)?;
        let (first, again) = verifications(&server.data_dir(), origin, algorithm, &tokens, time).await?;
        let line = Row::new()
            .text("signed with", algorithm.as_str())
            .number("signed/s", signed)
            .number("µs to sign", 1e6 / signed)
            .number("bare verified/s", bare)
            .number("first verified/s", first)
            .number("verified again/s", again)
            .number("µs first", 1e6 / first)
            .number("µs again", 1e6 / again)
            .count("bytes of token", length as u64);
        results.add("verify", line)?;
    }
    Ok(())
}

/// An access token of each session.
async fn tokens_of(server: &Server, crowd: &Crowd) -> Result<Vec<String>> {
    let mut browser = Browser::new(server.public());
    let mut tokens = Vec::new();
    for token in crowd.tokens(TOKENS) {
        browser.jar = Jar::default();
        browser.jar.set("sRefreshToken", &token, "/auth/session/refresh");
        let answer = browser.refresh().await?;
        match browser.jar.get("sAccessToken") {
            Some(token) => tokens.push(token.to_owned()),
            None => return Err(Error::other(format!("refresh: {} {}", answer.status, answer.text()))),
        }
    }
    Ok(tokens)
}

/// Bare signatures a second, with a key parsed once.
pub fn signatures(algorithm: Algorithm, text: &[u8], time: Duration) -> Result<f64> {
    #[allow(clippy::disallowed_methods, reason = "keys made here live for two seconds and protect nothing")]
    let random = SystemRandom::new();
    let fault = |_| Error::other("cannot sign");
    match algorithm {
        Algorithm::Es256 => {
            let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map_err(fault)?;
            Ok(rate(time, || pair.sign(&random, text)))
        }
        Algorithm::EdDsa => {
            let pair = Ed25519KeyPair::generate().map_err(fault)?;
            Ok(rate(time, || pair.sign(text)))
        }
        Algorithm::Rs256 => {
            let pair = KeyPair::generate(KeySize::Rsa2048).map_err(fault)?;
            let mut out = vec![0; pair.public_modulus_len()];
            Ok(rate(time, || pair.sign(&RSA_PKCS1_SHA256, &random, text, &mut out)))
        }
    }
}

/// Bare verifications a second, with a key parsed once.
fn bare_verifications(algorithm: Algorithm, text: &[u8], time: Duration) -> Result<f64> {
    #[allow(clippy::disallowed_methods, reason = "keys made here live for two seconds and protect nothing")]
    let random = SystemRandom::new();
    let fault = |_| Error::other("cannot sign");
    let rejected = |_| Error::other("cannot parse the public key");
    let (public, signature) = match algorithm {
        Algorithm::Es256 => {
            let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map_err(fault)?;
            let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, pair.public_key().as_ref().to_vec()).parse().map_err(rejected)?;
            (key, pair.sign(&random, text).map_err(fault)?.as_ref().to_vec())
        }
        Algorithm::EdDsa => {
            let pair = Ed25519KeyPair::generate().map_err(fault)?;
            let key = UnparsedPublicKey::new(&ED25519, pair.public_key().as_ref().to_vec()).parse().map_err(rejected)?;
            (key, pair.sign(text).as_ref().to_vec())
        }
        Algorithm::Rs256 => {
            let pair = KeyPair::generate(KeySize::Rsa2048).map_err(fault)?;
            let mut out = vec![0; pair.public_modulus_len()];
            pair.sign(&RSA_PKCS1_SHA256, &random, text, &mut out).map_err(fault)?;
            let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, pair.public_key().as_ref().to_vec()).parse().map_err(rejected)?;
            (key, out)
        }
    };
    public.verify_sig(text, &signature).map_err(fault)?;
    Ok(rate(time, || public.verify_sig(text, &signature)))
}

async fn verifications(data: &Path, public_origin: Origin, algorithm: Algorithm, tokens: &[String], time: Duration) -> Result<(f64, f64)> {
    let root = std::fs::read_to_string(data.join("secret.key"))?;
    let keyring = Arc::new(Keyring::new(&RootKey::parse(&root).map_err(Error::other)?));
    let keys = KeyRules { algorithm, interval: Millis::from_hours(168), max_age: Millis::from_mins(5) };
    let (limits, texts) = (postkey_model::ServerRules::NONE, postkey_model::TextRules::none());
    let logins = postkey_auth::LoginSettings::default();
    let settings = Settings { public_origin, tenants: HashMap::new(), logins, keys, limits, texts, webhooks: Vec::new() };
    let store = Store::open(&Location::Sqlite(data.join("postkey.db")), Timestamp(0)).await.map_err(Error::other)?;
    let (bell, _messages) = tokio::sync::mpsc::channel(1);
    let auth = Auth::new(store.clone(), keyring, Arc::new(Nothing), settings, bell);
    auth.tend_keys(Timestamp(0)).await.map_err(Error::other)?;
    let begin = Instant::now();
    for token in tokens {
        auth.verify(token, Timestamp(0)).await.map_err(Error::other)?;
    }
    let first = tokens.len() as f64 / begin.elapsed().as_secs_f64();
    let mut count = 0;
    let begin = Instant::now();
    while begin.elapsed() < time {
        for token in tokens {
            auth.verify(token, Timestamp(0)).await.map_err(Error::other)?;
        }
        count += tokens.len();
    }
    let again = count as f64 / begin.elapsed().as_secs_f64();
    store.close().await;
    Ok((first, again))
}

fn rate<T>(time: Duration, mut work: impl FnMut() -> T) -> f64 {
    let mut count = 0_u32;
    let begin = Instant::now();
    while begin.elapsed() < time {
        for _ in 0..64 {
            black_box(work());
        }
        count += 64;
    }
    f64::from(count) / begin.elapsed().as_secs_f64()
}

/// Verifying draws nothing.
struct Nothing;

impl Entropy for Nothing {
    fn fill(&self, out: &mut [u8]) {
        out.fill(0);
    }
}

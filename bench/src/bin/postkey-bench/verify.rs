//! `verify`: what tokens cost on one core. Verifying goes through the verbs' own `verify`, with a token that a real
//! server made; signing has no public door, so it is measured with aws-lc-rs and a parsed key, as the server does it.

use crate::login::sign_in;
use crate::post::Post;
use crate::results::{Results, Row};
use crate::target::Target;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, RSA_PKCS1_SHA256};
use postkey_auth::{Auth, KeyRules, Settings};
use postkey_bench::{Browser, Server};
use postkey_model::{Algorithm, Entropy, Keyring, Millis, Origin, RootKey, Timestamp};
use postkey_store::{Location, Store};
use std::collections::HashMap;
use std::hint::black_box;
use std::io::{Error, Result};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Runs and prints.
pub async fn bench(results: &Results, server: &Path, seconds: u64) -> Result<()> {
    let time = Duration::from_secs(seconds);
    for algorithm in Algorithm::ALL {
        let target =
            Target { server: server.to_owned(), database_url: None, algorithm: algorithm.as_str().to_owned(), log: "error".to_owned() };
        let mut server = target.start().await?;
        let token = token_of(&server).await?;
        let origin = Origin::parse(&format!("http://localhost:{}", server.public().port())).map_err(Error::other)?;
        server.stop().await?;
        let signed = signatures(algorithm, token.as_bytes(), time)?;
        let verified = verifications(&server.data_dir(), origin, algorithm, &token, time).await?;
        let line = Row::new()
            .text("signed with", algorithm.as_str())
            .number("signed/s", signed)
            .number("µs to sign", 1e6 / signed)
            .number("verified/s", verified)
            .number("µs to verify", 1e6 / verified)
            .count("bytes of token", token.len() as u64);
        results.add("verify", line)?;
    }
    Ok(())
}

async fn token_of(server: &Server) -> Result<String> {
    let mut browser = Browser::new(server.public());
    sign_in(&mut browser, &Post::start(server.client()), "jane@bench.example.com").await?;
    browser.jar.get("sAccessToken").map(str::to_owned).ok_or_else(|| Error::other("no access token"))
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

async fn verifications(data: &Path, public_origin: Origin, algorithm: Algorithm, token: &str, time: Duration) -> Result<f64> {
    let root = std::fs::read_to_string(data.join("secret.key"))?;
    let keyring = Arc::new(Keyring::new(&RootKey::parse(&root).map_err(Error::other)?));
    let keys = KeyRules { algorithm, interval: Millis::from_hours(168), max_age: Millis::from_mins(5) };
    let (limits, texts) = (postkey_model::ServerRules::NONE, postkey_model::TextRules::none());
    let logins = postkey_auth::LoginSettings::default();
    let settings = Settings { public_origin, tenants: HashMap::new(), logins, keys, limits, texts };
    let store = Store::open(&Location::Sqlite(data.join("postkey.db")), Timestamp(0)).await.map_err(Error::other)?;
    let (bell, _messages) = tokio::sync::mpsc::channel(1);
    let auth = Auth::new(store.clone(), keyring, Arc::new(Nothing), settings, bell);
    auth.tend_keys(Timestamp(0)).await.map_err(Error::other)?;
    let mut count = 0_u32;
    let begin = Instant::now();
    while begin.elapsed() < time {
        for _ in 0..64 {
            auth.verify(token, Timestamp(0)).await.map_err(Error::other)?;
        }
        count += 64;
    }
    let rate = f64::from(count) / begin.elapsed().as_secs_f64();
    store.close().await;
    Ok(rate)
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

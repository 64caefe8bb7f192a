//! H: logs, stolen databases, and servers that die between two steps.

use crate::browser::{ACCESS, Browser, REFRESH, let_in};
use crate::case::{Case, Need, Verdict, When};
use crate::doors::Tried;
use crate::guess::{Begin, Guess, Kind};
use crate::house::House;
use crate::http::{Ask, Http};
use crate::world::{Mail, World};
use aws_lc_rs::{digest, hmac};
use data_encoding::{BASE64, BASE64URL_NOPAD, HEXLOWER};
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::PoisonError;
use std::time::Duration;

/// The cases of this file.
pub fn cases() -> Vec<Case> {
    vec![
        Case::new(
            "H01",
            "Logs and metrics of the whole run are searched for codes, secrets of links, tokens, addresses and whole links.",
            |world| Box::pin(h01(world)),
        )
        .needs(&[Need::OwnServers])
        .when(When::Last),
        Case::new(
            "H02",
            "A dump of the database while codes are alive: no code, link or token can be had from it without the server's key.",
            |world| Box::pin(h02(world)),
        )
        .needs(&[Need::OwnServers]),
        Case::new(
            "H04",
            "kill -9 between any two steps of a login, and amid thirty logins: what was acknowledged is kept, nothing opens twice.",
            |world| Box::pin(h04(world)),
        )
        .needs(&[Need::OwnServers])
        .when(When::Last),
    ]
}

async fn h01(world: &World) -> Result<Verdict, String> {
    let Some(house) = &world.house else { return Err("there are no servers".to_owned()) };
    let mut wrong = Vec::new();
    // A login whole, with what goes wrong in between.
    let (mut browser, who) = (world.browser()?, world.address("h01"));
    browser.start(&who).await?;
    let mail = world.mail(&who, 1).await?;
    let waiting = browser.jar.get("pk_sign_in").split('.').nth(1).unwrap_or_default().to_owned();
    browser.get(&format!("/auth?redirectToPath=/x?{who}")).await?;
    browser.code("000000").await?;
    browser.code(&mail.code).await?;
    let ask = Ask::post("/auth/session/refresh").with("origin", &world.origin).with("sec-fetch-site", "same-origin");
    let (first, first_access) = (browser.jar.get(REFRESH).to_owned(), browser.jar.get(ACCESS).to_owned());
    browser.send(ask).await?;
    let mut secrets: BTreeSet<(&str, String)> = BTreeSet::new();
    for value in [waiting, first, browser.jar.get(REFRESH).to_owned(), browser.jar.get("pk_device").to_owned()] {
        secrets.insert(("a token", value));
    }
    for token in [first_access, browser.jar.get(ACCESS).to_owned()] {
        // Its signature makes it one.
        secrets.insert(("an access token", token.rsplit('.').next().unwrap_or_default().to_owned()));
    }
    let read: Vec<Mail> = world.read.lock().unwrap_or_else(PoisonError::into_inner).clone();
    for mail in &read {
        secrets.insert(("an address", mail.to.clone()));
        secrets.insert(("a code", mail.code.clone()));
        secrets.insert(("the secret of a link", mail.link().map(|link| link.secret).unwrap_or_default()));
    }
    secrets.retain(|(_, value)| value.len() >= 6);
    let house = house.lock().await;
    let mut lines = 0;
    for index in 0..house.count() {
        let log = house.log(index);
        lines += log.lines().count();
        wrong.extend(found_in(&log, &secrets).into_iter().map(|what| format!("the log of node {}: {what}", index + 1)));
        let private = house.private(index)?;
        let ask = Ask::get("/metrics").with("api-key", &world.api_key).with("authorization", &format!("Bearer {}", world.api_key));
        let metrics = Http::new(&private, private.authority(), None)?.ask(ask).await?;
        wrong.extend(found_in(&metrics.text(), &secrets).into_iter().map(|what| format!("the metrics of node {}: {what}", index + 1)));
    }
    if lines < 10 {
        wrong.push(format!("only {lines} lines were logged: this case tried nothing"));
    }
    wrong.dedup();
    wrong.truncate(5);
    Ok(Verdict::unless(&wrong, format!("{} secrets and addresses, {lines} lines and the metrics: none of them is there", secrets.len())))
}

/// What of `secrets` stands in a text, by its kind; and whole links.
fn found_in(text: &str, secrets: &BTreeSet<(&str, String)>) -> Vec<String> {
    let mut found = Vec::new();
    if text.contains("preAuthSessionId=") {
        found.push("a whole link".to_owned());
    }
    // Codes are short: they count where they stand alone, and not in the time a line begins with.
    let words: BTreeSet<&str> = text.lines().flat_map(alone).collect();
    for (kind, secret) in secrets {
        let there = if secret.len() < 16 { words.contains(secret.as_str()) } else { text.contains(secret.as_str()) };
        if there {
            found.push((*kind).to_owned());
        }
    }
    found.sort();
    found.dedup();
    found
}

/// The words of a line behind its time.
fn alone(line: &str) -> impl Iterator<Item = &str> {
    let rest = line.split_once(' ').map_or("", |(_, rest)| rest);
    rest.split(|c: char| !c.is_ascii_alphanumeric())
}

/// Everything in a folder but what is no database: the inbox of a development server, the key, the log.
fn files_of(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let is_database = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        !name.contains("inbox") && !name.ends_with(".key")
    };
    entries.filter(|path| path.is_file()).filter(is_database).collect()
}

/// The newest pg_dump of this machine.
fn pg_dump() -> Option<PathBuf> {
    let folders = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|entry| entry.path().join("bin/pg_dump"));
    let mut found: Vec<PathBuf> = folders.chain([PathBuf::from("/usr/bin/pg_dump")]).filter(|path| path.exists()).collect();
    found.sort();
    found.pop()
}

/// The whole database; an error says why it cannot be had.
fn dump(house: &House) -> Result<Vec<u8>, String> {
    let Some(url) = house.database_url().filter(|url| url.starts_with("postgres")) else {
        let files = files_of(&house.folder(0).join("data"));
        let all: Vec<u8> = files.iter().flat_map(|path| std::fs::read(path).unwrap_or_default()).collect();
        return if all.len() < 1000 { Err("the database's files are not there".to_owned()) } else { Ok(all) };
    };
    let program = pg_dump().ok_or("needs pg_dump")?;
    let ran = Command::new(program).arg("--inserts").arg(url).output().map_err(|e| e.to_string())?;
    if !ran.status.success() {
        return Err(format!("pg_dump: {}", String::from_utf8_lossy(&ran.stderr).trim()));
    }
    // Bytes are written as hex there; as they are they are looked for too.
    let text = String::from_utf8_lossy(&ran.stdout).into_owned();
    let bytes: Vec<u8> = text
        .split("\\x")
        .skip(1)
        .flat_map(|part| {
            let hex: String = part.chars().take_while(char::is_ascii_hexdigit).collect();
            HEXLOWER.decode(hex.as_bytes()).unwrap_or_default()
        })
        .collect();
    Ok([ran.stdout, bytes].concat())
}

/// Every way in which a server without a key could have kept a secret, so that whoever has the dump finds it by trying all
/// codes: plain, or hashed with what stands beside it.
fn ways(secret: &str, beside: &[&str]) -> Vec<Vec<u8>> {
    let mut texts = vec![secret.as_bytes().to_vec()];
    for word in beside {
        for between in ["", ":", ".", "|", "\0"] {
            texts.push(format!("{word}{between}{secret}").into_bytes());
            texts.push(format!("{secret}{between}{word}").into_bytes());
        }
    }
    let mut hashes: Vec<Vec<u8>> = Vec::new();
    for text in &texts {
        for algorithm in [&digest::SHA256, &digest::SHA512, &digest::SHA1_FOR_LEGACY_USE_ONLY] {
            hashes.push(digest::digest(algorithm, text).as_ref().to_vec());
        }
        let twice = digest::digest(&digest::SHA256, digest::digest(&digest::SHA256, text).as_ref());
        hashes.push(twice.as_ref().to_vec());
    }
    for word in beside {
        for (key, text) in [(*word, secret), (secret, *word), ("", secret)] {
            hashes.push(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes()), text.as_bytes()).as_ref().to_vec());
        }
    }
    let mut all = Vec::new();
    for hash in &hashes {
        all.extend([hash[..16].to_vec(), HEXLOWER.encode(&hash[..16]).into_bytes()]);
        // 15 bytes are whole signs of base64.
        all.extend([BASE64.encode(&hash[..15]).into_bytes(), BASE64URL_NOPAD.encode(&hash[..15]).into_bytes()]);
    }
    all
}

fn holds(dump: &[u8], what: &[u8]) -> bool {
    !what.is_empty() && dump.windows(what.len()).any(|window| window == what)
}

/// Whether any of these, each of eight bytes at least, stands in a dump: in one pass, for a dump may be large.
fn holds_any(dump: &[u8], all: &[Vec<u8>]) -> bool {
    let mut starts: HashMap<&[u8], Vec<&[u8]>> = HashMap::new();
    for what in all.iter().filter(|what| what.len() >= 8) {
        starts.entry(&what[..8]).or_default().push(what);
    }
    // Most places are told by their first byte and the next.
    let mut first = vec![false; 65_536];
    for start in starts.keys() {
        first[usize::from(start[0]) << 8 | usize::from(start[1])] = true;
    }
    (0..dump.len().saturating_sub(7)).any(|at| {
        first[usize::from(dump[at]) << 8 | usize::from(dump[at + 1])]
            && starts.get(&dump[at..at + 8]).is_some_and(|known| known.iter().any(|what| dump[at..].starts_with(what)))
    })
}

/// Whether a code stands in a dump as digits that stand alone.
fn holds_alone(dump: &[u8], code: &str) -> bool {
    let digit = |at: Option<usize>| at.and_then(|at| dump.get(at)).is_some_and(u8::is_ascii_alphanumeric);
    dump.windows(code.len())
        .enumerate()
        .any(|(at, window)| window == code.as_bytes() && !digit(at.checked_sub(1)) && !digit(Some(at + code.len())))
}

async fn h02(world: &World) -> Result<Verdict, String> {
    let Some(house) = &world.house else { return Err("there are no servers".to_owned()) };
    let (mut browser, who) = (world.browser()?, world.address("h02"));
    browser.start(&who).await?;
    let mail = world.mail(&who, 1).await?;
    let link = mail.link()?;
    let device = browser.jar.get("pk_sign_in").split('.').nth(1).unwrap_or_default().to_owned();
    let (entered, _) = world.somebody("h02").await?;
    let dump = match dump(&*house.lock().await) {
        Ok(dump) => dump,
        Err(why) => return Ok(Verdict::Skipped(why)),
    };
    let mut wrong = Vec::new();
    if !holds(&dump, link.sign_in.as_bytes()) {
        return Err("the sign-in is not in the dump: this case tried nothing".to_owned());
    }
    let beside = [link.sign_in.as_str(), who.as_str(), device.as_str(), "public", "sign-in"];
    for (name, secret) in [("the code", mail.code.as_str()), ("the link's secret", &link.secret), ("the browser's secret", &device)] {
        let plain = if name == "the code" { holds_alone(&dump, secret) } else { holds(&dump, secret.as_bytes()) };
        if plain {
            wrong.push(format!("{name} stands there in clear"));
        }
        if holds_any(&dump, &ways(secret, &beside)) {
            wrong.push(format!("{name} stands there as a hash without a key"));
        }
    }
    let refresh = entered.jar.get(REFRESH);
    for (name, secret) in
        [("a refresh token", refresh), ("an access token", entered.jar.get(ACCESS)), ("a device's cookie", entered.jar.get("pk_device"))]
    {
        if holds(&dump, secret.as_bytes()) || holds_any(&dump, &ways(secret, &[])) {
            wrong.push(format!("{name} can be had from it"));
        }
    }
    for word in ["PRIVATE KEY", "\"d\":"] {
        if holds(&dump, word.as_bytes()) {
            wrong.push("a private key stands there in clear".to_owned());
        }
    }
    Ok(Verdict::unless(&wrong, format!("{} KiB of dump: neither in clear nor as a hash that could be tried", dump.len() / 1024)))
}

/// How long a message takes whose sender was killed.
const AFTER_A_KILL: Duration = Duration::from_secs(90);

/// Kills all servers on the spot, and starts them again.
async fn kill_all(world: &World) -> Result<(), String> {
    let Some(house) = &world.house else { return Err("there are no servers".to_owned()) };
    let mut house = house.lock().await;
    for index in 0..house.count() {
        house.kill(index)?;
    }
    for index in 0..house.count() {
        house.start_again(index).await?;
    }
    Ok(())
}

async fn h04(world: &World) -> Result<Verdict, String> {
    let mut wrong = Vec::new();
    let mut kills = 0;
    let mut die = async |browser: &mut Browser| -> Result<(), String> {
        kill_all(world).await?;
        kills += 1;
        browser.http = world.http()?;
        Ok(())
    };
    let mut begun = Vec::new();
    for by_link in [false, true] {
        let (mut browser, who) = (world.browser()?, world.address("h04"));
        browser.start(&who).await?;
        begun.push((by_link, browser, who));
    }
    for (_, browser, _) in &mut begun {
        die(browser).await?;
    }
    for (by_link, mut browser, who) in begun {
        browser.http = world.http()?;
        // Whoever was sending it died: another one takes it when the claim lapses, after a minute.
        let mail = world.mail_within(&who, 1, AFTER_A_KILL).await?;
        browser.code("000000").await?;
        die(&mut browser).await?;
        let answer = if by_link { browser.press(&mail.link()?).await? } else { browser.code(&mail.code).await? };
        if !let_in(&answer) {
            wrong.push("a code or link from before a kill opened nothing".to_owned());
        }
        die(&mut browser).await?;
        if !browser.signed_in().await? {
            wrong.push("a session that was acknowledged is gone".to_owned());
        }
        if let_in(&world.browser()?.press(&mail.link()?).await?) || let_in(&browser.clone().code(&mail.code).await?) {
            wrong.push("what was used before a kill opened again".to_owned());
        }
        let refresh = || Ask::post("/auth/session/refresh").with("origin", &world.origin).with("sec-fetch-site", "same-origin");
        browser.send(refresh()).await?;
        die(&mut browser).await?;
        if browser.send(refresh()).await?.status != 200 {
            wrong.push("a session could not be renewed after a kill".to_owned());
        }
        browser.post("/auth/_/sign-out", &[]).await?;
        die(&mut browser).await?;
        if browser.signed_in().await? {
            wrong.push("a sign-out was forgotten".to_owned());
        }
    }
    let (kept, lost, twice) = amid(world).await?;
    kills += 1;
    if lost + twice > 0 {
        wrong.push(format!("amid thirty logins: {lost} acknowledged ones lost, {twice} codes good twice"));
    }
    Ok(Verdict::unless(&wrong, format!("{kills} kills; {kept} logins that were acknowledged amid one were kept, no code was good twice")))
}

/// Thirty codes are sent in at once and the servers killed while they are looked at: how many that were acknowledged were kept
/// and lost, and how many of those could be used again.
async fn amid(world: &World) -> Result<(usize, usize, usize), String> {
    let mut guesses = Vec::new();
    for at in 0..30 {
        guesses.push(Guess::begin(world, &world.address("h04"), Begin::at(Kind::Web, at), None).await?);
    }
    let tries = async {
        let all = guesses.iter_mut().map(async |guess| guess.right().await.unwrap_or(Tried::Else("no answer".to_owned())));
        futures_util::future::join_all(all).await
    };
    let kill = async {
        tokio::time::sleep(Duration::from_millis(12)).await;
        kill_all(world).await
    };
    let (tries, killed) = tokio::join!(tries, kill);
    killed?;
    let (mut kept, mut lost, mut twice) = (0, 0, 0);
    for (guess, first) in guesses.iter_mut().zip(tries) {
        let again = guess.right().await?;
        match (first, again) {
            // It was acknowledged: then it is used up for ever.
            (Tried::In, Tried::Over) => kept += 1,
            (Tried::In, Tried::In) => twice += 1,
            (Tried::In, _) => lost += 1,
            // Nobody was told anything: either is right.
            (_, Tried::In | Tried::Over) => {}
            (_, other) => return Err(format!("a code that met a kill was answered with {other:?}")),
        }
    }
    Ok((kept, lost, twice))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_found_in_logs_and_times_are_not_taken_for_codes() {
        let secrets = BTreeSet::from([
            ("a code", "123456".to_owned()),
            ("an address", "somebody-1a2b@example.com".to_owned()),
            ("a token", "abcdefghijklmnopqrstuvwxyz".to_owned()),
        ]);
        let clean = "2026-11-23T06:16:18.123456Z INFO x took=0.5 id=a123456b";
        assert!(found_in(clean, &secrets).is_empty());
        for (dirty, what) in [
            ("T INFO code=123456", "a code"),
            ("T INFO to=somebody-1a2b@example.com", "an address"),
            ("T INFO cookie: x=abcdefghijklmnopqrstuvwxyz;", "a token"),
            ("T GET /auth/verify?preAuthSessionId=x", "a whole link"),
        ] {
            assert_eq!(found_in(dirty, &secrets), [what]);
        }
    }

    #[test]
    fn a_database_with_plain_hashes_is_seen_through() {
        let hash = digest::digest(&digest::SHA256, b"sign-in-1:123456");
        let row = [b"row ".as_slice(), hash.as_ref(), b" end"].concat();
        assert!(holds_any(&row, &ways("123456", &["sign-in-1"])));
        let hex = format!("row {} end", HEXLOWER.encode(hash.as_ref()));
        assert!(holds_any(hex.as_bytes(), &ways("123456", &["sign-in-1"])));
        let keyed = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, b"the server's own key"), b"sign-in-1:123456");
        assert!(!holds_any(keyed.as_ref(), &ways("123456", &["sign-in-1"])));
        assert!(holds_alone(b"code '123456' x", "123456") && !holds_alone(b"1712345678", "123456"));
    }
}

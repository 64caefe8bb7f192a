//! E: abuse of texts, which somebody pays for: numbers in many countries, and a day's money.
//!
//! The suite's own servers (house.toml) pay nothing for texts to Germany, so that what other cases send is never held up.

use crate::browser::Browser;
use crate::case::{Case, Need, Verdict, When};
use crate::flood::{Asked, Sum, ask, loopback};
use crate::http::{Ask, Http};
use crate::world::World;

/// `unused_per_country` of the suite's own servers.
const PER_COUNTRY: usize = 12;
/// What a text to one of [`COUNTRIES`] costs there, in hundredths.
const CHEAP: usize = 1;
/// What one to Austria or Switzerland costs.
const DEAR: usize = 100;
/// What of `per_day` strangers may spend: four fifths.
const FOR_STRANGERS: usize = 2400;
/// What they may spend at least before texts end: each node may hold a part of the money that it did not use.
const AT_LEAST: usize = FOR_STRANGERS / 2;
/// A day, in milliseconds.
const DAY: i64 = 24 * 3_600_000;

/// Forty countries: the beginning of mobile numbers there, which three more digits make whole.
const COUNTRIES: [&str; 40] = [
    "+33612345",
    "+447400123",
    "+393123456",
    "+34612345",
    "+31612345",
    "+32450001",
    "+4534412",
    "+46701234",
    "+4740612",
    "+358412345",
    "+48512345",
    "+420601123",
    "+351912345",
    "+353850123",
    "+306912345",
    "+905012345",
    "+380501234",
    "+40712034",
    "+36201234",
    "+381601234",
    "+385921234",
    "+62812345",
    "+639051234",
    "+84912345",
    "+66812345",
    "+60123456",
    "+923012345",
    "+8801812345",
    "+94712345",
    "+2348021234",
    "+254712123",
    "+233231234",
    "+201001234",
    "+212650123",
    "+21620123",
    "+27711234",
    "+5511961234",
    "+522221234",
    "+573211234",
    "+918123456",
];

/// The cases of this file.
pub fn cases() -> Vec<Case> {
    let case = |id, tried, run| Case { id, tried, needs: &[Need::OwnServers], when: When::InTurn, run };
    vec![
        case(
            "E05",
            "Texts to fifteen numbers in each of forty countries: twelve go to each, then none; one network alone closes no country; addresses in the same tenant get their mail.",
            |world| Box::pin(e05(world)),
        ),
        case(
            "E06",
            "Texts until the day's money is gone: no more go out to anybody new, which an event and a metric say; mail goes on, and so do \
             texts for a browser that signed in before.",
            |world| Box::pin(e06(world)),
        ),
    ]
}

/// Whether somebody new gets a mail in the tenant that texts are held up in.
async fn mail_goes_on(world: &World) -> Result<Option<String>, String> {
    let who = world.address("texts");
    let asked = ask(world, &world.http()?, "texts", &who, &[]).await?;
    if asked != Asked::Sent {
        return Ok(Some(format!("an address was answered {asked:?}")));
    }
    world.mail(&who, 1).await.map(|_| None)
}

/// One network of many: each has a bound of its own long before a country has.
fn network(n: usize) -> Option<std::net::IpAddr> {
    loopback([127, 56, 0, u8::try_from(n % 250).unwrap_or_default() + 1])
}

async fn e05(world: &World) -> Result<Verdict, String> {
    let mut countries = vec![Vec::new(); COUNTRIES.len()];
    let mut wrong = Vec::new();
    for n in 0..PER_COUNTRY + 3 {
        let http = world.http_at(n, network(n))?;
        for (country, begin) in countries.iter_mut().zip(COUNTRIES) {
            let number = format!("{begin}{:03}", 100 + n * 37);
            let asked = ask(world, &http, "texts", &number, &[]).await?;
            if n == PER_COUNTRY + 2 && asked != Asked::Sent && !world.mails_to(&number).await?.is_empty() {
                wrong.push("a text went out that was said to be held up".to_owned());
            }
            country.push(asked);
        }
    }
    wrong.extend(one_network_closes_nothing(world).await?);
    wrong.extend(mail_goes_on(world).await?);
    Ok(judge_countries(&countries, wrong))
}

/// One network wants texts to a country that nobody else wants any to: what is wrong with what others get there afterwards.
async fn one_network_closes_nothing(world: &World) -> Result<Vec<String>, String> {
    let mut wrong = Vec::new();
    let mut own = Vec::new();
    for n in 0..PER_COUNTRY + 3 {
        let number = format!("+6421123{:03}", 100 + n * 37);
        own.push(ask(world, &world.http_at(n, network(200))?, "texts", &number, &[]).await?);
    }
    let sum = Sum::of(&own);
    if sum.sent == 0 || sum.sent >= PER_COUNTRY {
        wrong.push(format!("one network had {} texts sent to one country", sum.sent));
    }
    let other = ask(world, &world.http_at(0, network(201))?, "texts", "+64211231000", &[]).await?;
    if other != Asked::Sent {
        wrong.push(format!("one network closed a country: another one was answered {other:?}"));
    }
    Ok(wrong)
}

/// Of each country, what those who wanted a text there were answered.
fn judge_countries(countries: &[Vec<Asked>], mut wrong: Vec<String>) -> Verdict {
    let sums: Vec<Sum> = countries.iter().map(Sum::of).collect();
    let most = sums.iter().map(|sum| sum.sent).max().unwrap_or_default();
    let sent: usize = sums.iter().map(|sum| sum.sent).sum();
    let asked: usize = countries.iter().map(Vec::len).sum();
    if most > PER_COUNTRY {
        wrong.push(format!("{most} texts went to one country"));
    }
    // Other cases may have sent a text or two there.
    if sent * 2 < sums.len() * PER_COUNTRY {
        wrong.push(format!("only {sent} texts went out at all"));
    }
    if sent * CHEAP > FOR_STRANGERS {
        wrong.push(format!("{sent} texts cost more than the day's money"));
    }
    if let Some((country, words)) = sums.iter().zip(COUNTRIES).find_map(|(sum, begin)| sum.other.first().map(|words| (begin, words))) {
        wrong.push(format!("a number {country}… was answered with {words}"));
    }
    if sums.iter().any(|sum| sum.held == 0 || sum.throttled > 0) {
        wrong.push("not every country was closed at last".to_owned());
    }
    let countries = sums.len();
    Verdict::unless(&wrong, format!("{sent} of {asked} texts went out, at most {most} to each of {countries} countries; mail went on"))
}

async fn e06(world: &World) -> Result<Verdict, String> {
    let mut wrong = Vec::new();
    let day = (world.now)() / DAY;
    let tail = format!("{:04}", world.count.fetch_add(1, std::sync::atomic::Ordering::Relaxed) % 10_000);
    // Somebody who signs in by text before the flood.
    let own = format!("+4366099{tail}");
    let mut owner = Browser::new(world.http()?, &world.origin, "texts");
    world.sign_in(&mut owner, &own).await?;

    let mut asked = Vec::new();
    for n in 0..40 {
        let number = format!("+436601{n:02}{tail}");
        let one = ask(world, &world.http_at(n, network(n))?, "texts", &number, &[]).await?;
        let texts = world.mails_to(&number).await?.len();
        if one != Asked::Sent && texts > 0 {
            wrong.push("a text went out that was said to be held up".to_owned());
        }
        asked.push(one);
    }
    // A country that nothing was sent to: it is the money that is gone.
    for node in 0..world.nodes.len() {
        let number = format!("+4178123{:04}", 4000 + node);
        let fresh = ask(world, &world.http_at(node, network(100 + node))?, "texts", &number, &[]).await?;
        if !matches!(fresh, Asked::Held(_)) {
            wrong.push(format!("a text to another country was answered {fresh:?}"));
        }
    }
    wrong.extend(judge_money(&asked));
    wrong.extend(mail_goes_on(world).await?);
    for cookie in [crate::browser::ACCESS, crate::browser::REFRESH, "pk_sign_in"] {
        owner.jar.forget(cookie);
    }
    if let Err(why) = world.sign_in(&mut owner, &own).await {
        wrong.push(format!("the browser that signed in before: {why}"));
    }
    if (world.now)() / DAY != day {
        return Ok(Verdict::Skipped("midnight (UTC) came in between, and with it new money: try again".to_owned()));
    }
    let mut told = vec![Sum::of(&asked).words(), "mail and a browser that signed in before went on".to_owned()];
    told.push(witness(seen_event(world).await?, "event", &mut wrong));
    told.push(witness(seen_metric(world).await?, "metric", &mut wrong));
    Ok(Verdict::unless(&wrong, told.join("; ")))
}

/// What is wrong with what those were answered who wanted dear texts until the money was gone.
fn judge_money(asked: &[Asked]) -> Vec<String> {
    let sum = Sum::of(asked);
    let mut wrong = Vec::new();
    let spent = sum.sent * DEAR;
    if !(AT_LEAST..=FOR_STRANGERS).contains(&spent) {
        wrong.push(format!("{} texts of {DEAR} each went out where there was money for {FOR_STRANGERS}", sum.sent));
    }
    if sum.sent + sum.held != asked.len() || !matches!(asked.last(), Some(Asked::Held(_))) {
        wrong.push(format!("who got no text was answered {:?}", asked.last()));
    }
    wrong
}

/// Whether something tells the operator that texts are held up, in words.
fn witness(seen: bool, what: &str, wrong: &mut Vec<String>) -> String {
    if !seen {
        wrong.push(format!("no {what} says that texts are held up"));
        return String::new();
    }
    format!("its {what} is there")
}

async fn seen_event(world: &World) -> Result<bool, String> {
    let house = world.house.as_ref().ok_or("it needs a server of the suite's own")?;
    let lines = house.lock().await.run(&["events", "--kind", "texts_held", "--json"])?;
    Ok(lines.lines().any(|line| line.contains("\"texts_held\"") && line.contains("\"money\"")))
}

async fn seen_metric(world: &World) -> Result<bool, String> {
    let mut sum = 0.0;
    for node in &world.nodes {
        let private = node.private.as_ref().ok_or("it needs the private listener")?;
        let answer = Http::new(private, private.authority(), None)?.ask(Ask::get("/metrics")).await?;
        if answer.status != 200 {
            return Err(format!("/metrics was answered with {}", answer.status));
        }
        sum += figure(&answer.text(), "postkey_refusals_total{limit=\"texts_money\"}");
    }
    Ok(sum > 0.0)
}

/// A figure of Prometheus' text form; 0 when it is not there.
fn figure(text: &str, name: &str) -> f64 {
    let value = text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok());
    value.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held() -> Asked {
        Asked::Held("texts-held-email".to_owned())
    }

    fn answered(sent: usize, held_up: usize) -> Vec<Asked> {
        [vec![Asked::Sent; sent], vec![held(); held_up]].concat()
    }

    #[test]
    fn one_text_too_many_to_one_country_falls() {
        let mut countries = vec![answered(12, 3); 40];
        assert_eq!(judge_countries(&countries, Vec::new()).word(), "held");
        countries[7] = answered(13, 2);
        assert_eq!(judge_countries(&countries, Vec::new()).word(), "FELL");
        countries[7] = answered(12, 0);
        assert_eq!(judge_countries(&countries, Vec::new()).word(), "FELL");
        countries[7] = [answered(5, 3), vec![Asked::Else("303 phone-invalid".to_owned())]].concat();
        assert_eq!(judge_countries(&countries, Vec::new()).word(), "FELL");
        assert_eq!(judge_countries(&vec![answered(1, 8); 40], Vec::new()).word(), "FELL");
    }

    #[test]
    fn texts_beyond_the_money_fall_and_so_do_none() {
        assert!(judge_money(&answered(24, 16)).is_empty() && judge_money(&answered(12, 28)).is_empty());
        assert_eq!(judge_money(&answered(25, 15)).len(), 1);
        assert_eq!(judge_money(&answered(11, 29)).len(), 1);
        assert_eq!(judge_money(&answered(24, 0)).len(), 1);
        assert_eq!(judge_money(&[answered(16, 3), vec![Asked::Throttled(None), held()]].concat()).len(), 1);
    }

    #[test]
    fn what_says_nothing_falls_and_figures_are_read() {
        let mut wrong = Vec::new();
        witness(true, "event", &mut wrong);
        assert!(wrong.is_empty());
        witness(false, "event", &mut wrong);
        assert_eq!(wrong.len(), 1);
        let text = "# TYPE a counter\na{limit=\"x\"} 3\na{limit=\"xy\"} 4\n";
        assert_eq!((figure(text, "a{limit=\"x\"}"), figure(text, "a{limit=\"z\"}")), (3.0, 0.0));
    }
}

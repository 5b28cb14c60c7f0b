//! What comes from outside, bent: every seed of `tests/corpus`, seeds with bytes changed, and noise. `CORPUS_CASES=20000` makes a
//! long run of it; what a run finds is mended and its input kept as a seed.

use std::collections::HashSet;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use axum::body::Body;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, TestRunner};
use renewal_portal::imports::{ImportError, Options, What, import};
use renewal_portal::money::{Currency, Money};
use renewal_portal::numbers::{ActivationCode, Iccid, Msisdn};
use tokio::runtime::Runtime;
use url::Url;

use crate::accounts_support::Site;
use crate::support::portal::TestPortal;
use crate::support::visitor::Visitor;

/// What parsers trip over.
const BITS: [&str; 20] = [
    "\0",
    "\r\n",
    "%00",
    "%2f",
    "\\",
    "//",
    "..",
    "@",
    "；",
    "１",
    "\u{202e}",
    "\u{feff}",
    "-",
    "9999999999999999999",
    "e308",
    "\"",
    "'",
    "{",
    "[",
    "=",
];

fn seeds(target: &str) -> Vec<Vec<u8>> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/corpus").join(target);
    let seeds: Vec<Vec<u8>> = match fs::read_dir(&path) {
        Ok(folder) => folder.map(|file| fs::read(file.expect("a seed").path()).expect("a seed")).collect(),
        Err(_) => {
            let lines = fs::read_to_string(path.with_extension("txt")).expect("a corpus");
            lines.lines().map(|line| line.as_bytes().to_vec()).collect()
        }
    };
    assert!(seeds.len() > 3, "the corpus {target} has {} seeds", seeds.len());
    seeds
}

fn bent(seeds: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let other =
        prop_oneof![any::<u8>().prop_map(|byte| vec![byte]), select(&BITS[..]).prop_map(|bit| bit.as_bytes().to_vec())];
    let change = (any::<Index>(), 0..3usize, other);
    let changed = (select(seeds.clone()), prop::collection::vec(change, 1..6)).prop_map(|(mut seed, changes)| {
        for (place, taken, put) in changes {
            let at = place.index(seed.len() + 1);
            let end = (at + taken).min(seed.len());
            seed.splice(at..end, put);
        }
        seed
    });
    prop_oneof![1 => select(seeds), 4 => changed, 1 => prop::collection::vec(any::<u8>(), 0..200)]
}

/// Every seed as it is, then what is made of them.
fn holds(target: &str, holds: impl Fn(&[u8])) {
    let seeds = seeds(target);
    seeds.iter().for_each(|seed| holds(seed));
    let cases = std::env::var("CORPUS_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(100);
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&bent(seeds), |input| {
        holds(&input);
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{target}: {error}");
    }
}

fn text(input: &[u8]) -> String {
    String::from_utf8_lossy(input).into_owned()
}

#[test]
fn telephone_numbers() {
    holds("phones", |input| {
        let Ok(number) = Msisdn::parse(&text(input)) else { return };
        let digits = number.as_str().strip_prefix('+').expect("a plus");
        assert!((5..=15).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit()), "{number:?}");
        assert_eq!(Msisdn::parse(number.as_str()), Ok(number));
    });
}

#[test]
fn card_numbers_and_activation_codes() {
    holds("cards", |input| {
        if let Ok(iccid) = Iccid::parse(&text(input)) {
            assert!((16..=21).contains(&iccid.as_str().len()), "{iccid:?}");
            assert!(iccid.as_str().bytes().all(|digit| digit.is_ascii_digit()), "{iccid:?}");
            assert_eq!(Iccid::parse(iccid.as_str()), Ok(iccid));
        }
        if let Ok(code) = ActivationCode::parse(&text(input)) {
            assert_eq!(ActivationCode::parse(&code.to_string()), Ok(code));
        }
    });
}

#[test]
fn amounts() {
    holds("amounts", |input| {
        for currency in Currency::ALL {
            let Ok(money) = Money::parse(&text(input), currency) else { continue };
            assert!(money.minor >= 0, "{money:?}");
            assert_eq!(Money::parse(&money.amount(), currency), Ok(money));
        }
    });
}

#[test]
fn the_way_back_after_signing_in() {
    let run = Runtime::new().expect("a runtime");
    let ana = run.block_on(async {
        let site = Site::new().await;
        site.account("ana@demo.example", "customer").await;
        site.signed_in("ana@demo.example").await
    });
    let here = Url::parse("https://portal.example/login").expect("an address");
    holds("next", |input| {
        let asked: String = url::form_urlencoded::byte_serialize(input).collect();
        let answer = run.block_on(ana.clone().get(&format!("/login?next={asked}")));
        if answer.status == 404 {
            assert!(input.contains(&0), "only a NUL is no address");
            return;
        }
        assert_eq!(answer.status, 303);
        let leads_to = here.join(answer.location()).expect("an address");
        assert_eq!(leads_to.origin(), here.origin(), "{}", answer.location());
        assert!(!leads_to.path().starts_with("//"), "{}", answer.location());
    });
}

#[test]
fn cookies() {
    let run = Runtime::new().expect("a runtime");
    let site = run.block_on(Site::new());
    holds("cookies", |input| {
        let cookie: String = text(input).chars().filter(|c| c.is_ascii() && !c.is_ascii_control()).collect();
        let mut visitor: Visitor = site.visitor();
        visitor.headers = vec![("cookie", cookie)];
        assert_eq!(run.block_on(visitor.get("/account")).status, 303);
        assert_eq!(run.block_on(visitor.get("/login")).status, 200);
    });
}

#[test]
fn forms() {
    let run = Runtime::new().expect("a runtime");
    let site = run.block_on(Site::new());
    let mut visitor = site.visitor();
    run.block_on(visitor.get("/login"));
    let kept = "select (select count(*) from accounts) + (select count(*) from sessions)";
    holds("forms", |input| {
        for path in ["/login", "/password/forgot", "/login/code/confirm", "/login/passkey", "/login/second-step"] {
            let body = [b"csrf=", visitor.token.as_bytes(), b"&", input].concat();
            let answer = run.block_on(visitor.clone().send("POST", path, Body::from(body)));
            assert!(answer.status.as_u16() < 500, "{path}: {} {}", answer.status, answer.body);
        }
    });
    assert_eq!(run.block_on(site.count(kept)), 0);
}

#[test]
fn files_to_import() {
    let run = Runtime::new().expect("a runtime");
    let portal = run.block_on(TestPortal::start());
    let dry = Options { dry_run: true, every: Duration::ZERO };
    let kept = "select (select count(*) from accounts) + (select count(*) from lines) + (select count(*) from plans)";
    let before = run.block_on(portal.count(kept));
    holds("imports", |input| {
        for what in [What::Plans, What::Customers, What::Lines, What::Ranges] {
            let taken = run.block_on(import(&portal.db.pool, &portal.clock, what, input, dry, &mut |_, _, _| {}));
            let report = match taken {
                Ok(report) => report,
                Err(ImportError::Unusable(_)) => continue,
                Err(ImportError::Database(error)) => panic!("{what:?} {error}"),
            };
            let told: HashSet<u64> = report.problems.iter().map(|problem| problem.line).collect();
            assert!(report.refused <= told.len(), "every row that is refused is told of: {report}");
        }
    });
    assert_eq!(run.block_on(portal.count(kept)), before, "a dry run keeps nothing");
}

#[test]
fn notifications() {
    let run = Runtime::new().expect("a runtime");
    let portal = run.block_on(TestPortal::start());
    holds("webhooks", |input| {
        for name in ["sandbox", "stripe", "alipay", "wechat"] {
            let Some(gateway) = portal.app.gateways.named(name) else { continue };
            let read = gateway.read(input);
            assert_eq!(read, gateway.read(input), "{name} reads the same the same way");
            if let Ok(notice) = read {
                assert!(!notice.event_key.is_empty(), "{name}: {notice:?}");
            }
        }
        for path in
            ["/webhooks/sandbox", "/webhooks/stripe", "/webhooks/alipay", "/webhooks/wechat", "/webhooks/carriers/cucc"]
        {
            let answer = run.block_on(Visitor::at(&portal.url).send("POST", path, Body::from(input.to_vec())));
            assert!(answer.status.as_u16() < 500, "{path}: {} {}", answer.status, answer.body);
        }
    });
    let kept = sqlx::query_scalar("select body from gateway_events union all select body from carrier_events");
    let kept: Vec<Vec<u8>> = run.block_on(kept.fetch_all(&portal.db.pool)).expect("what was kept");
    let genuine = seeds("webhooks");
    assert!(kept.len() == 1 && genuine.contains(&kept[0]), "one seed carries a signature; nothing else is kept");
}

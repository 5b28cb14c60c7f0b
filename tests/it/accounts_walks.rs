//! An owner and a thief do whatever can be done about an account, in any order. Whoever has only learned a password does not get
//! past a second step; and once the owner takes the account back, the thief stays out, with all they ever had.
//! `WALKS=2000 cargo test --test it -- accounts_walks` goes a long way; each walk is told by what was done in it.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use renewal_portal::ids::AccountId;
use time::Duration;
use tokio::runtime::Runtime;

use crate::accounts_hands::{Act, Hands};
use crate::accounts_support::{PASSWORD, Site};
use crate::support::visitor::Visitor;

const ANA: &str = "ana@demo.example";
const OWN: [&str; 2] = [ANA, "ana@second.example"];
const THIEFS: [&str; 2] = ["thief@evil.example", "thief@other.example"];

/// Taking back reaches so far.
const REACH: i64 = 72;

#[derive(Clone, Copy, Debug)]
enum Step {
    Owner(Act, usize),
    Thief(Act, usize),
    /// Of all that the owner's browser keeps.
    Copy(usize, usize),
    /// The owner's passwords so far.
    Learn,
    TenMinutes,
    Hours(i64),
}

/// How the owner takes the account back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Back {
    /// By the links that take changes back.
    Links,
    /// By a password that is set by mail, and all that is strange taken off by hand; by the links where that is not to be had.
    Hand,
}

#[derive(Clone, Debug)]
struct Walk {
    required: bool,
    copies: bool,
    back: Back,
    steps: Vec<Step>,
}

fn walks() -> impl Strategy<Value = Walk> {
    let act = prop_oneof![
        6 => select(&[Act::SignIn, Act::SignIn, Act::SignInByMail][..]),
        5 => select(&[Act::SetPassword, Act::SetPasswordByMail, Act::SetUpApp, Act::AddKey, Act::NewCodes][..]),
        4 => select(&[Act::RemoveApp, Act::RemoveKeys, Act::EndOthers, Act::SignOut, Act::AskForLostStep][..]),
        2 => (0..2_usize).prop_map(Act::MoveTo),
        2 => (0..2_usize).prop_map(Act::AskFor),
        2 => Just(Act::ReadMail),
    ]
    .boxed();
    let step = prop_oneof![
        6 => (act.clone(), 0..2_usize).prop_map(|(act, at)| Step::Owner(act, at)),
        8 => (act, 0..2_usize).prop_map(|(act, at)| Step::Thief(act, at)),
        3 => (0..2_usize, 0..2_usize).prop_map(|(of, to)| Step::Copy(of, to)),
        2 => Just(Step::Learn),
        1 => Just(Step::TenMinutes),
        1 => (1..30_i64).prop_map(Step::Hours),
    ];
    let back = select(&[Back::Links, Back::Hand][..]);
    (any::<bool>(), any::<bool>(), back, prop::collection::vec(step, 10..40))
        .prop_map(|(required, copies, back, steps)| Walk { required, copies, back, steps })
}

/// How often each of what makes a walk worth its while was seen.
type Seen = BTreeMap<&'static str, usize>;

struct World {
    site: Site,
    account: AccountId,
    owner: Hands,
    thief: Hands,
    /// Every copy that the thief ever made.
    copies: Vec<Visitor>,
    hours: i64,
}

impl World {
    async fn new(required: bool) -> Self {
        let site = if required { Site::requiring().await } else { Site::new().await };
        let account = site.account(ANA, "customer").await;
        let (mut owner, mut thief) = (Hands::new(&site, "amber", OWN), Hands::new(&site, "cobalt", THIEFS));
        owner.passwords.push(PASSWORD.to_owned());
        thief.passwords.push("a-guess-of-nothing".to_owned());
        Self { site, account, owner, thief, copies: vec![], hours: 0 }
    }

    async fn email(&self) -> String {
        self.site.email_of(self.account).await
    }

    /// What guards the account.
    async fn guards(&self) -> String {
        sqlx::query_scalar(
            "select concat_ws(' ', a.email, a.password_hash, (select count(*) from totp where account_id = a.id),
                              (select count(*) from passkeys where account_id = a.id),
                              (select string_agg(code_hash, ' ' order by code_hash) from recovery_codes where account_id = a.id))
             from accounts a where a.id = $1",
        )
        .bind(self.account)
        .fetch_one(&self.site.pool)
        .await
        .expect("the account")
    }

    async fn take(&mut self, step: Step) {
        let email = self.email().await;
        match step {
            Step::Owner(act, at) => self.owner.act(&self.site, &email, act, at).await,
            Step::Thief(act, at) => self.thief.act(&self.site, &email, act, at).await,
            Step::Copy(of, to) => {
                let copy = self.owner.browsers[of].clone();
                self.copies.push(copy.clone());
                self.thief.browsers[to] = copy;
            }
            Step::Learn => self.thief.passwords.extend(self.owner.passwords.clone()),
            Step::TenMinutes => {
                self.site.run("update sessions set proven_at = proven_at - interval '11 minutes'").await
            }
            Step::Hours(hours) if self.hours + hours < REACH - 2 => self.pass(hours).await,
            Step::Hours(_) => {}
        }
    }

    async fn pass(&mut self, hours: i64) {
        self.hours += hours;
        self.site.clock.advance(Duration::hours(hours));
        self.site.run("update sessions set proven_at = proven_at - interval '1 hour'").await;
    }

    /// Whether the thief is in the account at any browser, of those that were copied too.
    async fn thief_is_in(&mut self) -> bool {
        let email = self.email().await;
        let mut browsers = self.thief.browsers.clone();
        browsers.extend(self.copies.clone());
        for mut browser in browsers {
            let page = browser.get("/account").await;
            if page.status == 200 && page.body == email {
                return true;
            }
        }
        false
    }

    async fn owner_comes_back(&mut self, back: Back) -> Option<&'static str> {
        if back == Back::Hand && self.by_hand().await {
            return Some("back by hand");
        }
        self.by_links().await.then_some("back by links")
    }

    /// Every link that takes something back, the newest first.
    async fn by_links(&mut self) -> bool {
        for link in self.owner.unread(&self.site).await.into_iter().rev() {
            if link.starts_with("/security/") {
                self.owner.press(&self.site, &link).await;
            }
        }
        self.sign_in_anew().await && self.end_others().await
    }

    async fn by_hand(&mut self) -> bool {
        if !self.sign_in_anew().await {
            return false;
        }
        for act in [Act::RemoveApp, Act::RemoveKeys, Act::MoveTo(0)] {
            self.owner.prove(&self.site, 0).await;
            let email = self.email().await;
            self.owner.act(&self.site, &email, act, 0).await;
        }
        self.end_others().await && OWN.contains(&self.email().await.as_str())
    }

    async fn sign_in_anew(&mut self) -> bool {
        self.owner.browsers[0] = self.site.visitor();
        let email = self.email().await;
        self.owner.act(&self.site, &email, Act::SetPasswordByMail, 0).await;
        self.owner.did && {
            self.owner.act(&self.site, &email, Act::SignIn, 0).await;
            self.owner.did
        }
    }

    async fn end_others(&mut self) -> bool {
        self.owner.prove(&self.site, 0).await;
        let email = self.email().await;
        self.owner.act(&self.site, &email, Act::EndOthers, 0).await;
        self.owner.did
    }

    /// By every browser, link, password, app, key and code that they have.
    async fn thief_tries_all(&mut self) {
        let email = self.email().await;
        for link in self.thief.unread(&self.site).await {
            self.thief.press(&self.site, &link).await;
        }
        let own = vec![self.site.visitor(); 1];
        for browser in own.into_iter().chain(self.thief.browsers.clone()).chain(self.copies.clone()) {
            self.thief.browsers[0] = browser;
            for act in
                [Act::SignIn, Act::SignInByMail, Act::SetPasswordByMail, Act::SignIn, Act::SetPassword, Act::MoveTo(0)]
            {
                self.thief.act(&self.site, &email, act, 0).await;
            }
        }
    }
}

async fn walk(walk: &Walk, seen: &mut Seen) -> Result<(), TestCaseError> {
    let mut world = World::new(walk.required).await;
    let mut saw = |what| *seen.entry(what).or_default() += 1;
    let (mut looted, mut was_in) = (false, false);
    world.take(Step::Owner(Act::SignIn, 0)).await;
    for step in &walk.steps {
        if !walk.copies && matches!(step, Step::Copy(..)) {
            continue;
        }
        looted |= matches!(step, Step::Copy(..)) || matches!(step, Step::Learn) && !walk.required;
        let before = world.guards().await;
        world.take(*step).await;
        let is_in = world.thief_is_in().await;
        let changed = matches!(step, Step::Thief(..)) && world.guards().await != before;
        prop_assert!(looted || !is_in && !changed, "in: {is_in}, changed: {changed}, after {step:?}");
        was_in |= is_in;
        if changed {
            saw("changed by the thief");
        }
        if matches!(step, Step::Owner(..)) && world.guards().await != before {
            saw("changed by the owner");
        }
    }
    if was_in {
        saw("thief was in");
    }
    let back = world.owner_comes_back(walk.back).await;
    prop_assert!(back.is_some(), "the owner does not get back, at {}", world.email().await);
    back.into_iter().for_each(&mut saw);
    let guards = world.guards().await;
    for hours in [0, 25, REACH] {
        world.pass(hours).await;
        world.thief_tries_all().await;
        prop_assert!(!world.thief_is_in().await, "in again, {hours} hours later");
        prop_assert_eq!(world.guards().await, guards.clone(), "changed, {} hours later", hours);
    }
    let (owners, email) = (world.owner.is_at(0).await, world.email().await);
    prop_assert_eq!(owners, Some(email), "the owner is out again");
    Ok(())
}

#[test]
fn whatever_was_done_an_owner_gets_back_in_and_a_thief_does_not() {
    let runtime = Runtime::new().expect("a runtime");
    let cases = std::env::var("WALKS").ok().and_then(|walks| walks.parse().ok()).unwrap_or(12);
    let config = Config { cases, max_shrink_iters: 60, failure_persistence: None, ..Config::default() };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let seen = std::cell::RefCell::new(Seen::new());
    let outcome =
        TestRunner::new_with_rng(config, rng).run(&walks(), |way| runtime.block_on(walk(&way, &mut seen.borrow_mut())));
    let seen = seen.into_inner();
    if let Err(error) = outcome {
        panic!("{error}\n{seen:?}");
    }
    for what in ["changed by the owner", "changed by the thief", "thief was in", "back by links", "back by hand"] {
        assert!(seen.get(what).copied().unwrap_or(0) >= 1, "{what}: {seen:?}");
    }
}

//! What works once works once, however many try it at the same moment. `ROUNDS=100` makes a long run of it.

use futures_util::future::join_all;

use tokio::sync::Mutex;

use crate::accounts_passkeys::{ana_with_a_key, asked, at_the_door, send};
use crate::accounts_second_step::{LATER, enrol, give, half, is_in};
use crate::accounts_support::Site;
use crate::support::visitor::Visitor;

const ANA: &str = "ana@demo.example";
const TRIES: usize = 200;

fn rounds() -> usize {
    std::env::var("ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(2)
}

/// How many of all the tries were let through.
async fn let_through<F: Future<Output = bool>>(one: impl Fn(usize) -> F) -> usize {
    // So many check their passwords one after the other; two floods at once would be one too many.
    static ONE_FLOOD: Mutex<()> = Mutex::const_new(());
    let _alone = ONE_FLOOD.lock().await;
    join_all((0..TRIES).map(one)).await.into_iter().filter(|passed| *passed).count()
}

impl Site {
    /// The same browser at as many addresses: what is counted for one place holds nobody back.
    pub fn elsewhere(&self, visitor: &Visitor, number: usize) -> Visitor {
        let mut moved = self.visitor_from(&format!("203.0.{}.{}", number / 250, number % 250 + 1));
        moved.cookies.clone_from(&visitor.cookies);
        moved.token.clone_from(&visitor.token);
        moved
    }

    async fn forget_tries(&self) {
        self.run("delete from rate_limits").await;
    }
}

#[tokio::test]
async fn a_link_to_a_new_password() {
    let site = Site::new().await;
    site.account(ANA, "customer").await;
    for round in 0..rounds() {
        let link = site.reset_link(ANA).await;
        let mut ana = site.visitor();
        ana.get(&link).await;
        let set = let_through(|number| {
            let (mut ana, link) = (site.elsewhere(&ana, number), &link);
            async move { ana.post(link, &[("password", &format!("amber-ladder-{number}-sky-{round}"))]).await.status == 303 }
        });
        assert_eq!(set.await, 1, "round {round}");
        site.forget_tries().await;
    }
    let told = "select count(*) from messages where template = 'password-changed'";
    assert_eq!(site.count(told).await, rounds() as i64);
}

#[tokio::test]
async fn a_mailed_code() {
    let site = Site::requiring().await;
    site.account(ANA, "customer").await;
    for round in 0..rounds() {
        let ana = half(&site, ANA).await;
        let (code, before) = (site.code(ANA).await, site.sessions().await);
        let inside = let_through(|number| {
            let (mut ana, code) = (site.elsewhere(&ana, number), &code);
            async move { is_in(&give(&mut ana, code).await) }
        });
        assert_eq!((inside.await, site.sessions().await - before), (1, 1), "round {round}");
        site.forget_tries().await;
    }
}

#[tokio::test]
async fn a_mailed_code_is_guessed_at_five_times() {
    let site = Site::requiring().await;
    site.account(ANA, "customer").await;
    for round in 0..rounds() {
        let ana = half(&site, ANA).await;
        let code: u32 = site.code(ANA).await.parse().unwrap();
        let inside = let_through(|number| {
            let mut ana = site.elsewhere(&ana, number);
            let wrong = format!("{:08}", (code as usize + 1 + number) % 100_000_000);
            async move { is_in(&give(&mut ana, &wrong).await) }
        });
        assert_eq!(inside.await, 0, "round {round}");
        let tried = "select tries::bigint from mailed_codes order by created_at desc limit 1";
        assert_eq!(site.count(tried).await, 5, "round {round}");
        site.forget_tries().await;
    }
}

#[tokio::test]
async fn a_recovery_code_and_a_code_of_the_app() {
    let site = Site::new().await;
    site.account(ANA, "customer").await;
    let mut ana = site.signed_in(ANA).await;
    let (app, codes) = enrol(&mut ana).await;
    let unused = "update recovery_codes set used_at = null";
    for round in 0..rounds() {
        for code in [codes[0].clone(), app.shows(0)] {
            site.run(LATER).await;
            site.run(unused).await;
            let ana = half(&site, ANA).await;
            let before = site.sessions().await;
            let inside = let_through(|number| {
                let (mut ana, code) = (site.elsewhere(&ana, number), &code);
                async move { is_in(&give(&mut ana, code).await) }
            });
            assert_eq!((inside.await, site.sessions().await - before), (1, 1), "round {round}");
            site.forget_tries().await;
        }
    }
}

#[tokio::test]
async fn an_answer_of_a_passkey() {
    let site = Site::with("http://portal.example", |_| {}).await;
    let (_, key) = ana_with_a_key(&site).await;
    for round in 0..rounds() {
        let mut door = at_the_door(&site).await;
        let question = asked(&mut door, "/login/passkey/options").await;
        let answer = key.answers(&question);
        let inside = let_through(|number| {
            let (mut visitor, question, answer) = (site.elsewhere(&door, number), &question, &answer);
            async move { is_in(&send(&mut visitor, "/login/passkey", question, answer).await) }
        });
        assert_eq!(inside.await, 1, "round {round}");
        site.forget_tries().await;
    }
}

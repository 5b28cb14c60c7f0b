//! A second step that is lost: who may ask, who can stop it, and that nobody takes it off before its time or alone.

use renewal_portal::accounts::password;
use time::Duration;
use uuid::Uuid;

use crate::support::portal::{EMAIL, PASSWORD, TestPortal};
use crate::support::visitor::{Answer, Visitor};

const LOST: &str = "/login/second-step/lost";
const HOUR: i64 = 3_600;

struct Scene {
    portal: TestPortal,
    admin: Visitor,
}

impl Scene {
    /// With a customer who has an app.
    async fn new() -> Self {
        let portal = TestPortal::start().await;
        portal.mei().await;
        let admin = portal.staff_as("admin").await.browser;
        let scene = Self { portal, admin };
        scene.give_an_app(EMAIL).await;
        scene
    }

    async fn give_an_app(&self, email: &str) {
        sqlx::query(
            "insert into totp (account_id, key_id, secret, created_at)
             select id, 'demo', '', now() from accounts where email = $1",
        )
        .bind(email)
        .execute(&self.portal.db.pool)
        .await
        .unwrap();
    }

    /// After the right password.
    async fn half_signed_in(&self) -> Visitor {
        self.half_signed_in_as(EMAIL).await
    }

    async fn half_signed_in_as(&self, email: &str) -> Visitor {
        let mut visitor = Visitor::at(&self.portal.url);
        visitor.get("/login").await;
        let answer = visitor.post("/login", &[("email", email), ("password", PASSWORD)]).await;
        assert!(answer.location().starts_with("/login/second-step"), "{}", answer.location());
        visitor.get("/login/second-step").await;
        visitor
    }

    async fn ask(&self) -> (Visitor, Uuid) {
        let mut visitor = self.half_signed_in().await;
        assert_eq!(visitor.post(LOST, &[]).await.status, 200);
        (visitor, self.reset().await)
    }

    async fn reset(&self) -> Uuid {
        sqlx::query_scalar("select id from second_step_resets where state = 'open'")
            .fetch_one(&self.portal.db.pool)
            .await
            .expect("an open request")
    }

    async fn state(&self, reset: Uuid) -> String {
        sqlx::query_scalar("select state from second_step_resets where id = $1")
            .bind(reset)
            .fetch_one(&self.portal.db.pool)
            .await
            .unwrap()
    }

    async fn decide(&self, by: &mut Visitor, reset: Uuid, decision: &str) -> Answer {
        let path = format!("/staff/second-step-resets/{reset}");
        by.get("/nowhere").await;
        by.post(&path, &[("decision", decision), ("note", "called the number we knew")]).await
    }

    async fn has_an_app(&self) -> bool {
        self.count("select count(*) from totp t join accounts a on a.id = t.account_id where a.role = 'customer'").await
            == 1
    }

    async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(&self.portal.db.pool).await.unwrap()
    }

    async fn mails(&self, template: &str) -> Vec<String> {
        sqlx::query_scalar("select body_text from messages where template = $1 order by id")
            .bind(template)
            .fetch_all(&self.portal.db.pool)
            .await
            .unwrap()
    }

    async fn stop_link(&self) -> String {
        let mails = self.mails("second-step-reset").await;
        let link = mails.last().expect("a mail").lines().find(|line| line.starts_with("http")).expect("a link");
        link.strip_prefix(&self.portal.url).expect("our own address").to_owned()
    }

    /// The wait is over. Sessions go by the database's clock and live on.
    async fn wait(&self, hours: i64) {
        self.portal.clock.set_ahead(hours * HOUR);
        self.portal.work().await;
    }
}

#[tokio::test]
async fn after_the_wait_an_admin_takes_it_off() {
    let scene = Scene::new().await;
    let (mut mei, reset) = scene.ask().await;
    let page = mei.get(LOST).await;
    assert!(page.body.contains("You have asked for it"), "{}", page.body);
    assert_eq!(scene.mails("second-step-reset").await.len(), 1, "at once");
    let mut admin = scene.admin.clone();
    assert!(scene.decide(&mut admin, reset, "approve").await.location().contains("not-waiting"), "too early");
    scene.wait(71).await;
    assert!(scene.decide(&mut admin, reset, "approve").await.location().contains("not-waiting"), "an hour too early");
    assert!(scene.has_an_app().await);
    scene.wait(73).await;
    assert!(admin.get(&format!("/staff/second-step-resets/{reset}")).await.body.contains("Take the second step off"));
    assert!(scene.decide(&mut admin, reset, "approve").await.location().contains("reset-decided"));
    assert_eq!(scene.state(reset).await, "approved");
    assert!(!scene.has_an_app().await);
    assert_eq!(mei.get("/login/second-step").await.location(), "/login", "every session has ended");
    assert_eq!(scene.mails("second-step-removed").await.len(), 1);
    mei.get("/login").await;
    let answer = mei.post("/login", &[("email", EMAIL), ("password", PASSWORD)]).await;
    assert_eq!(answer.location(), "/account", "the demo asks nobody for a second step who has none");
    let acts: Vec<String> =
        sqlx::query_scalar("select action from audit_log where subject_type = 'second-step-reset' order by id")
            .fetch_all(&scene.portal.db.pool)
            .await
            .unwrap();
    assert_eq!(acts, ["account.second_step_reset_asked", "account.second_step_reset_approved"]);
}

#[tokio::test]
async fn whoever_has_the_mailbox_stops_it() {
    let scene = Scene::new().await;
    let (mut thief, reset) = scene.ask().await;
    let link = scene.stop_link().await;
    let mut owner = Visitor::at(&scene.portal.url);
    assert_eq!(owner.get(&link).await.status, 200);
    assert_eq!(scene.state(reset).await, "open", "looking stops nothing: mail programs look");
    assert_eq!(owner.post(&link, &[]).await.status, 200);
    assert_eq!(scene.state(reset).await, "cancelled");
    assert_eq!(thief.get(LOST).await.location(), "/login", "whoever asked is out");
    assert_eq!((owner.get(&link).await.status.as_u16(), owner.post(&link, &[]).await.status.as_u16()), (410, 410));
    scene.wait(100).await;
    let mut admin = scene.admin.clone();
    assert!(scene.decide(&mut admin, reset, "approve").await.location().contains("not-waiting"));
    assert!(scene.has_an_app().await);
    assert_eq!(scene.mails("second-step-reset").await.len(), 1, "no more mails");
}

/// An address that was changed can come back for 72 hours: so long nothing is taken off without a word to it.
#[tokio::test]
async fn who_can_still_take_the_account_back_is_told_and_waited_for() {
    let scene = Scene::new().await;
    scene
        .portal
        .run(
            "insert into account_tokens (token_hash, account_id, purpose, email, email_key, expires_at, created_at)
         select sha256('undo'), id, 'undo_security', 'before@post.example', 'before@post.example', now() + interval '100 hours', now()
         from accounts where email = 'mei@post.example'",
        )
        .await;
    scene.ask().await;
    assert_eq!(scene.mails("second-step-reset").await.len(), 2);
    assert_eq!(
        scene.count("select count(distinct recipient) from messages where template = 'second-step-reset'").await,
        2
    );
    let early = "select count(*) from second_step_resets where ready_at < now() + interval '99 hours'";
    assert_eq!(scene.count(early).await, 0);
}

#[tokio::test]
async fn its_owner_is_told_each_day_until_it_is_over() {
    let scene = Scene::new().await;
    let (_, reset) = scene.ask().await;
    for day in 1..=3 {
        scene.wait(day * 24 + 1).await;
        assert_eq!(scene.mails("second-step-reset").await.len() as i64, day + 1);
    }
    let mut owner = Visitor::at(&scene.portal.url);
    assert_eq!(owner.get(&scene.stop_link().await).await.status, 200, "the newest link works, the wait being over");
    scene.wait(14 * 24 + 1).await;
    scene.wait(15 * 24 + 2).await;
    assert_eq!(scene.state(reset).await, "expired");
    let mut admin = scene.admin.clone();
    assert!(scene.decide(&mut admin, reset, "approve").await.location().contains("not-waiting"));
    assert!(scene.has_an_app().await);
}

#[tokio::test]
async fn coming_in_with_what_was_lost_stops_it() {
    let scene = Scene::new().await;
    let (mut mei, reset) = scene.ask().await;
    sqlx::query("insert into recovery_codes (account_id, selector, code_hash) select id, 'ABCD', $1 from accounts where email = $2")
        .bind(password::hash("EFGHJKMNPQRS").await.unwrap())
        .bind(EMAIL)
        .execute(&scene.portal.db.pool)
        .await
        .unwrap();
    mei.get("/login/second-step").await;
    assert_eq!(mei.post("/login/second-step", &[("code", "abcd-efgh-jkmn-pqrs")]).await.location(), "/account");
    assert_eq!(scene.state(reset).await, "needless");
    let mut owner = Visitor::at(&scene.portal.url);
    assert_eq!(owner.get(&scene.stop_link().await).await.status, 410);
}

#[tokio::test]
async fn nobody_takes_off_their_own_and_no_less_than_an_admin_anybodys() {
    let scene = Scene::new().await;
    let (_, reset) = scene.ask().await;
    scene.wait(73).await;
    for role in ["viewer", "support", "finance"] {
        let mut staff = scene.portal.staff_as(role).await.browser;
        assert_eq!(scene.decide(&mut staff, reset, "approve").await.status, 403, "{role}");
    }
    sqlx::query("update second_step_resets set account_id = (select id from accounts where role = 'admin')")
        .execute(&scene.portal.db.pool)
        .await
        .unwrap();
    let mut admin = scene.admin.clone();
    let page = admin.get(&format!("/staff/second-step-resets/{reset}")).await.body;
    assert!(page.contains("Nobody approves their own") && !page.contains("Take the second step off"), "{page}");
    assert!(scene.decide(&mut admin, reset, "approve").await.location().contains("not-waiting"));
    assert_eq!(scene.state(reset).await, "open");
}

#[tokio::test]
async fn an_admin_gives_a_factor_again_before_deciding() {
    let scene = Scene::new().await;
    let (_, reset) = scene.ask().await;
    scene.wait(73).await;
    scene.portal.run("update sessions set proven_at = now() - interval '11 minutes'").await;
    let (mut admin, path) = (scene.admin.clone(), format!("/staff/second-step-resets/{reset}"));
    assert_eq!(admin.get(&path).await.location(), format!("/login/prove?next={path}"));
    assert_eq!(scene.decide(&mut admin, reset, "approve").await.location(), format!("/login/prove?next={path}"));
    assert_eq!(scene.state(reset).await, "open");
}

#[tokio::test]
async fn a_refusal_is_told_and_leaves_everything_on() {
    let scene = Scene::new().await;
    let (mut mei, reset) = scene.ask().await;
    let mut admin = scene.admin.clone();
    assert!(scene.decide(&mut admin, reset, "refuse").await.location().contains("reset-decided"), "at any time");
    assert_eq!(scene.state(reset).await, "refused");
    assert!(scene.has_an_app().await);
    assert_eq!(scene.mails("second-step-reset-refused").await.len(), 1);
    assert_eq!(mei.get(LOST).await.location(), "/login");
}

#[tokio::test]
async fn asking_again_begins_nothing_anew_and_is_limited() {
    let scene = Scene::new().await;
    let (_, reset) = scene.ask().await;
    scene.portal.clock.set_ahead(24 * HOUR);
    let mut again = scene.half_signed_in().await;
    assert_eq!(again.post(LOST, &[]).await.status, 200);
    let ready: i64 =
        scene.count("select extract(epoch from ready_at - asked_at)::bigint from second_step_resets").await;
    assert_eq!((scene.reset().await, ready), (reset, Duration::hours(72).whole_seconds()));
    let mut statuses = vec![];
    for _ in 0..2 {
        let mut owner = Visitor::at(&scene.portal.url);
        let link = scene.stop_link().await;
        owner.get(&link).await;
        owner.post(&link, &[]).await;
        statuses.push(scene.half_signed_in().await.post(LOST, &[]).await.status.as_u16());
    }
    assert_eq!(statuses, [200, 429], "two of a day");
}

#[tokio::test]
async fn parallel_asking_is_one_request_and_parallel_deciding_one_decision() {
    let scene = Scene::new().await;
    let visitor = scene.half_signed_in().await;
    let mut asking = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let mut one = visitor.clone();
        asking.spawn(async move { one.post(LOST, &[]).await.status.as_u16() });
    }
    asking.join_all().await;
    assert_eq!(scene.count("select count(*) from second_step_resets").await, 1);
    assert_eq!(scene.mails("second-step-reset").await.len(), 1);
    let reset = scene.reset().await;
    scene.wait(73).await;
    let mut admin = scene.admin.clone();
    admin.get("/nowhere").await;
    let mut deciding = tokio::task::JoinSet::new();
    for n in 0..20 {
        let (mut one, path) = (admin.clone(), format!("/staff/second-step-resets/{reset}"));
        let decision = if n % 2 == 0 { "approve" } else { "refuse" };
        deciding.spawn(async move {
            one.post(&path, &[("decision", decision), ("note", "called")]).await.location().contains("reset-decided")
        });
    }
    let decided = deciding.join_all().await.into_iter().filter(|done| *done).count();
    assert_eq!(decided, 1);
    let told = scene.mails("second-step-removed").await.len() + scene.mails("second-step-reset-refused").await.len();
    assert_eq!(told, 1);
}

#[tokio::test]
async fn only_whoever_gave_the_first_factor_and_has_a_second_may_ask() {
    let scene = Scene::new().await;
    let mut nobody = Visitor::at(&scene.portal.url);
    nobody.get("/login").await;
    assert_eq!((nobody.get(LOST).await.location(), nobody.post(LOST, &[]).await.location()), ("/login", "/login"));
    let mut visitor = scene.half_signed_in().await;
    scene.portal.run("delete from totp").await;
    assert_eq!(visitor.get(LOST).await.location(), "/login/second-step", "nothing is set up that could be lost");
    assert_eq!(visitor.post(LOST, &[]).await.location(), "/login/second-step");
    let mut whole = scene.portal.customer("eve@post.example").await.browser;
    whole.get("/nowhere").await;
    assert_eq!(whole.post(LOST, &[]).await.location(), "/account");
    assert_eq!(scene.count("select count(*) from second_step_resets").await, 0);
}

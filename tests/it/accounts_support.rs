//! The doors of the portal on a database of their own, with two pages to stand for all the others.

use std::net::IpAddr;
use std::time::Duration;

use axum::routing::{get, post};
use axum::{Extension, Router};
use renewal_portal::accounts::leaked::Leaked;
use renewal_portal::accounts::{self, Accounts, Passkeys, SignedIn, SignedInStaff};
use renewal_portal::clock::Clock;
use renewal_portal::config::SecondStep;
use renewal_portal::ids::AccountId;
use renewal_portal::jobs;
use renewal_portal::seal::KeyRing;
use renewal_portal::sms::Texter;
use renewal_portal::web::Form;
use renewal_portal::web::headers::{self, SecurityHeaders};
use renewal_portal::web::server::Peer;
use sqlx::PgPool;

use crate::support::db::fresh_db;
use crate::support::visitor::{Answer, Visitor};

pub const PASSWORD: &str = "violet-kettle-93";

pub const KEY: &str = "a:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

pub struct Site {
    pub app: Router,
    pub pool: PgPool,
    pub clock: Clock,
    pub accounts: Accounts,
}

#[derive(serde::Deserialize)]
struct Said {
    name: String,
}

impl Site {
    pub async fn new() -> Self {
        Self::at("http://portal.example").await
    }

    pub async fn at(base_url: &str) -> Self {
        Self::asking(base_url, Leaked::default()).await
    }

    /// Asks there after leaked passwords.
    pub async fn asking(base_url: &str, leaked: Leaked) -> Self {
        Self::with(base_url, |accounts| accounts.leaked = leaked).await
    }

    /// Where everybody is asked for a second step.
    pub async fn requiring() -> Self {
        Self::with("http://portal.example", |accounts| accounts.second_step = SecondStep::Required).await
    }

    pub async fn with(base_url: &str, change: impl FnOnce(&mut Accounts)) -> Self {
        let pool = fresh_db().await.pool;
        let clock = Clock::real();
        let mut accounts = Accounts {
            pool: pool.clone(),
            clock: clock.clone(),
            base_url: base_url.into(),
            leaked: Leaked::default(),
            second_step: SecondStep::Offered,
            keys: KeyRing::parse(KEY).expect("a key"),
            texter: Texter::Mailbox,
            reset_wait: time::Duration::hours(72),
            passkeys: Passkeys::at(base_url),
        };
        change(&mut accounts);
        Self::of(accounts)
    }

    /// The same portal with other keys.
    pub fn with_keys(&self, keys: &str) -> Self {
        Self::of(Accounts { keys: KeyRing::parse(keys).expect("keys"), ..self.accounts.clone() })
    }

    /// Somebody at that address.
    pub fn visitor_from(&self, address: &str) -> Visitor {
        let peer = Peer((address.parse::<IpAddr>().expect("an address"), 40_000).into());
        Visitor::new(&self.app.clone().layer(Extension(peer)))
    }

    fn of(accounts: Accounts) -> Self {
        let (pool, clock, base_url) = (accounts.pool.clone(), accounts.clock.clone(), accounts.base_url.clone());
        let headers = SecurityHeaders::new(base_url.starts_with("https"), &[]);
        let pages = Router::new()
            .route("/account", get(|who: SignedIn| async move { who.person.email }))
            .route("/staff", get(|who: SignedInStaff| async move { who.person.email }))
            .route("/slow", get(slow).post(slow))
            .route("/panic", get(|| async { panic!("a secret detail") as () }))
            .route("/rename", post(rename).with_state(pool.clone()))
            .fallback(|| async { renewal_portal::web::PageError::NotFound })
            .merge(accounts::pages::routes(accounts.clone()));
        let app =
            accounts::guarded(pages, &accounts).layer(axum::middleware::from_fn_with_state(headers, headers::add));
        Self { app, pool, clock, accounts }
    }

    pub fn visitor(&self) -> Visitor {
        Visitor::new(&self.app)
    }

    pub async fn account(&self, email: &str, role: &str) -> AccountId {
        let id = AccountId::new();
        let hash = accounts::password::hash(PASSWORD).await.expect("a hash");
        sqlx::query(
            "insert into accounts (id, email, email_key, email_verified_at, name, password_hash, role, language, created_at)
             values ($1, $2, lower($2), now(), 'Ana', $3, $4, 'en', now())",
        )
        .bind(id)
        .bind(email)
        .bind(hash)
        .bind(role)
        .execute(&self.pool)
        .await
        .expect("an account");
        id
    }

    pub async fn signed_in(&self, email: &str) -> Visitor {
        let mut visitor = self.visitor();
        visitor.get("/login").await;
        let answer = sign_in(&mut visitor, email, PASSWORD).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        // The token changes with the session; every page has a form, the one for what is not there too.
        visitor.get("/nowhere").await;
        visitor
    }

    pub async fn run_jobs(&self) {
        let ran = jobs::run_due(&self.pool, &self.clock, |job| {
            let accounts = self.accounts.clone();
            async move {
                match job.kind.as_str() {
                    accounts::register::MAIL_LINK => {
                        accounts::register::mail_link(&accounts.pool, &accounts.clock, &accounts.base_url, &job).await
                    }
                    accounts::recover::MAIL_LINK => {
                        accounts::recover::mail_link(&accounts.pool, &accounts.clock, &accounts.base_url, &job).await
                    }
                    accounts::second_step::code::MAIL_CODE => {
                        accounts::second_step::code::mail_code(&accounts.pool, &accounts.clock, &job).await
                    }
                    _ => {
                        let mut tx = accounts.pool.begin().await?;
                        let done = job.complete(&mut tx).await?;
                        tx.commit().await?;
                        Ok(done)
                    }
                }
            }
        });
        ran.await.expect("jobs that run");
    }

    /// Template and text of the mails to `email`, oldest first.
    pub async fn mails(&self, email: &str) -> Vec<(String, String)> {
        sqlx::query_as("select template, body_text from messages where recipient = $1 order by id")
            .bind(email)
            .fetch_all(&self.pool)
            .await
            .expect("the mails")
    }

    /// The path of the link in the last mail to `email`.
    pub async fn mailed_path(&self, email: &str) -> String {
        let mails = self.mails(email).await;
        let (_, text) = mails.last().expect("a mail");
        let link = text.lines().find(|line| line.starts_with("http")).expect("a link");
        link.strip_prefix(&*self.accounts.base_url).expect("our own address").to_owned()
    }

    /// The path of a link to finish registering, as mailed to `email`.
    pub async fn registration_link(&self, email: &str) -> String {
        let mut visitor = self.visitor();
        visitor.get("/register").await;
        assert_eq!(visitor.post("/register", &[("email", email)]).await.status, 200);
        self.run_jobs().await;
        self.mailed_path(email).await
    }

    /// The path of a link to set a new password, as mailed to `email`.
    pub async fn reset_link(&self, email: &str) -> String {
        let mut visitor = self.visitor();
        visitor.get("/password/forgot").await;
        visitor.post("/password/forgot", &[("email", email)]).await;
        self.run_jobs().await;
        self.mailed_path(email).await
    }

    pub async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(&self.pool).await.expect("a count")
    }
}

pub async fn sign_in(visitor: &mut Visitor, email: &str, password: &str) -> Answer {
    visitor.post("/login", &[("email", email), ("password", password)]).await
}

async fn slow(who: SignedIn) -> String {
    tokio::time::sleep(Duration::from_millis(300)).await;
    who.person.email
}

/// Takes its time before it changes something.
async fn rename(
    axum::extract::State(pool): axum::extract::State<PgPool>,
    who: SignedIn,
    Form(said): Form<Said>,
) -> &'static str {
    tokio::time::sleep(Duration::from_millis(300)).await;
    let renamed = sqlx::query("update accounts set name = $2 where id = $1").bind(who.person.id).bind(said.name);
    renamed.execute(&pool).await.expect("a new name");
    "renamed"
}

use askama::Template;
use sqlx::{PgConnection, Result};
use time::OffsetDateTime;

use super::{
    queries::{AccountRow, NewAccount, account_by_id},
    token::{self, Purpose},
};
use crate::{
    i18n::Arg,
    ids::AccountId,
    lang::Lang,
    mail::{self, NewMessage},
    paths,
};

pub struct Recipient {
    pub account: AccountId,
    pub email: String,
    pub name: String,
    pub language: Lang,
}

impl Recipient {
    pub fn of(new: &NewAccount<'_>) -> Self {
        Self { account: new.id, email: new.email.to_owned(), name: new.name.to_owned(), language: new.language }
    }
}

impl From<&AccountRow> for Recipient {
    fn from(row: &AccountRow) -> Self {
        Self { account: row.id, email: row.email.clone(), name: row.name.clone(), language: row.language() }
    }
}

pub async fn confirm_address(
    conn: &mut PgConnection,
    base_url: &str,
    to: &Recipient,
    now: OffsetDateTime,
) -> Result<()> {
    if token::was_issued_just_now(conn, to.account, Purpose::VerifyEmail, now).await? {
        return Ok(());
    }
    let token = token::issue(conn, to.account, Purpose::VerifyEmail, now).await?;
    send(conn, to, "verify", &[], Some(format!("{base_url}{}", paths::verify_email(&token))), now).await
}

pub async fn already_registered(
    conn: &mut PgConnection,
    base_url: &str,
    to: &Recipient,
    now: OffsetDateTime,
) -> Result<()> {
    send(conn, to, "already-registered", &[], Some(format!("{base_url}{}", paths::LOGIN)), now).await
}

pub async fn reset_password(
    conn: &mut PgConnection,
    base_url: &str,
    to: &Recipient,
    now: OffsetDateTime,
) -> Result<()> {
    let token = token::issue(conn, to.account, Purpose::ResetPassword, now).await?;
    send(conn, to, "reset", &[], Some(format!("{base_url}{}", paths::reset_password(&token))), now).await
}

pub async fn password_changed(conn: &mut PgConnection, to: &Recipient, now: OffsetDateTime) -> Result<()> {
    send(conn, to, "password-changed", &[], None, now).await
}

/// A letter to an account's holder in their language: the texts `mail-TEMPLATE-subject` and `mail-TEMPLATE-body`.
pub async fn write_to(
    conn: &mut PgConnection,
    account: AccountId,
    template: &'static str,
    args: &[(&str, Arg)],
    link: String,
    now: OffsetDateTime,
) -> Result<()> {
    let row = account_by_id(&mut *conn, account).await?.ok_or(sqlx::Error::RowNotFound)?;
    send(conn, &Recipient::from(&row), template, args, Some(link), now).await
}

#[derive(Template)]
#[template(path = "mails/accounts/letter.txt")]
struct LetterText<'a> {
    letter: &'a Letter,
}

#[derive(Template)]
#[template(path = "mails/accounts/letter.html")]
struct LetterHtml<'a> {
    letter: &'a Letter,
}

struct Letter {
    language: Lang,
    subject: String,
    greeting: String,
    body: String,
    link: Option<String>,
    foot: String,
}

async fn send(
    conn: &mut PgConnection,
    to: &Recipient,
    template: &'static str,
    args: &[(&str, Arg)],
    link: Option<String>,
    now: OffsetDateTime,
) -> Result<()> {
    let text = |key: &str| to.language.ta(key, args);
    let letter = Letter {
        language: to.language,
        subject: text(&format!("mail-{template}-subject")),
        greeting: to.language.ta("mail-greeting", &[("name", to.name.as_str().into())]),
        body: text(&format!("mail-{template}-body")),
        link,
        foot: text("mail-foot"),
    };
    let rendered =
        LetterText { letter: &letter }.render().and_then(|text| Ok((text, LetterHtml { letter: &letter }.render()?)));
    let (text, html) = rendered.map_err(|error| sqlx::Error::Encode(error.into()))?;
    let message = NewMessage {
        account: Some(to.account),
        order: None,
        template,
        language: to.language,
        recipient: to.email.clone(),
        subject: letter.subject,
        text,
        html: Some(html),
        attachment: None,
    };
    mail::enqueue(conn, message, now).await.map(drop)
}

use askama::Template;
use sqlx::{PgConnection, Result};
use time::OffsetDateTime;

use super::{
    browser::{self, Browser},
    queries::{self, AccountRow, NewAccount},
    token::{self, Purpose},
};
use crate::{
    calendar::{self, Zone},
    i18n::Arg,
    ids::AccountId,
    lang::Lang,
    mail::{self, NewMessage},
    paths,
};

#[derive(Clone)]
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

/// While an address is new, to the one before it as well: one link in both mails.
pub async fn reset_password(
    conn: &mut PgConnection,
    base_url: &str,
    to: &Recipient,
    now: OffsetDateTime,
) -> Result<()> {
    let token = token::issue(conn, to.account, Purpose::ResetPassword, now).await?;
    let link = format!("{base_url}{}", paths::reset_password(&token));
    if let Some(email) = queries::previous_email(&mut *conn, to.account, now).await? {
        send(conn, &Recipient { email, ..to.clone() }, "reset", &[], Some(link.clone()), now).await?;
    }
    send(conn, to, "reset", &[], Some(link), now).await
}

pub async fn confirm_new_address(
    conn: &mut PgConnection,
    base_url: &str,
    to: &Recipient,
    email: &str,
    now: OffsetDateTime,
) -> Result<()> {
    let token = token::issue_about(conn, to.account, Purpose::ChangeEmail, Some(email), now).await?;
    let link = format!("{base_url}{}", paths::confirm_email_change(&token));
    send(conn, &Recipient { email: email.to_owned(), ..to.clone() }, "email-confirm", &[], Some(link), now).await
}

pub async fn address_is_yours(conn: &mut PgConnection, to: &Recipient, now: OffsetDateTime) -> Result<()> {
    send(conn, to, "email-yours", &[], None, now).await
}

/// What was changed about how an account is guarded.
#[derive(Clone, Copy, Debug)]
pub enum Changed<'a> {
    Password,
    /// Not yet: it is waiting for the new address to be confirmed.
    EmailAsked {
        new: &'a str,
    },
    Email {
        new: &'a str,
    },
    /// Nothing yet: somebody signed in from where this account was not seen before.
    NewBrowser {
        browser: &'a Browser,
    },
    SecondStepAdded,
    SecondStepRemoved,
    PasskeyAdded {
        name: &'a str,
    },
    PasskeyRemoved {
        name: &'a str,
    },
    RecoveryCodes,
}

/// To the address that the account had before, with a link that takes it back.
pub async fn security_changed(
    conn: &mut PgConnection,
    base_url: &str,
    to: &Recipient,
    what: Changed<'_>,
    now: OffsetDateTime,
) -> Result<()> {
    let token = token::issue_about(conn, to.account, Purpose::UndoSecurity, Some(&to.email), now).await?;
    let link = format!("{base_url}{}", paths::undo_change(&token));
    let (template, args) = match what {
        Changed::Password => ("password-changed", vec![]),
        Changed::EmailAsked { new } => ("email-asked", vec![("email", new.into())]),
        Changed::Email { new } => ("email-changed", vec![("email", new.into())]),
        Changed::NewBrowser { browser } => ("new-browser", told_of(browser, to.language)),
        Changed::SecondStepAdded => ("second-step-added", vec![]),
        Changed::SecondStepRemoved => ("second-step-removed", vec![]),
        Changed::PasskeyAdded { name } => ("passkey-added", vec![("name", name.into())]),
        Changed::PasskeyRemoved { name } => ("passkey-removed", vec![("name", name.into())]),
        Changed::RecoveryCodes => ("recovery-codes", vec![]),
    };
    send(conn, to, template, &args, Some(link), now).await
}

fn told_of(browser: &Browser, language: Lang) -> Vec<(&'static str, Arg)> {
    let place = browser::shortened(&browser.client).unwrap_or_else(|| language.t("session-place-unknown").to_owned());
    vec![("browser", browser::told(browser.agent.as_deref(), language).into()), ("place", place.into())]
}

/// The code stands in the subject: a phone shows it without opening the mail.
pub async fn code(conn: &mut PgConnection, to: &Recipient, code: &str, now: OffsetDateTime) -> Result<()> {
    send(conn, to, "code", &[("code", code.into())], None, now).await
}

/// With the way to a new password: the one in force is known to somebody.
pub async fn second_step_failed(
    conn: &mut PgConnection,
    base_url: &str,
    to: &Recipient,
    now: OffsetDateTime,
) -> Result<()> {
    send(conn, to, "second-step-failed", &[], Some(format!("{base_url}{}", paths::FORGOT_PASSWORD)), now).await
}

/// Somebody asked for the second step to be taken off: when that can happen, and the link that stops it.
pub async fn second_step_reset(
    conn: &mut PgConnection,
    base_url: &str,
    to: &Recipient,
    ready: OffsetDateTime,
    now: OffsetDateTime,
) -> Result<()> {
    let token = token::issue(conn, to.account, Purpose::CancelSecondStepReset, now).await?;
    let link = format!("{base_url}{}", paths::stop_second_step_reset(&token));
    let day = calendar::long_date(calendar::today(ready, &Zone::utc()), to.language);
    send(conn, to, "second-step-reset", &[("date", day.into())], Some(link), now).await
}

pub async fn second_step_reset_refused(conn: &mut PgConnection, to: &Recipient, now: OffsetDateTime) -> Result<()> {
    send(conn, to, "second-step-reset-refused", &[], None, now).await
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
    let row = queries::account_by_id(&mut *conn, account).await?.ok_or(sqlx::Error::RowNotFound)?;
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

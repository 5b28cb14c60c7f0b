use askama::Template;
use sqlx::{PgConnection, Result};
use time::{Duration, OffsetDateTime};

use super::{
    browser::{self, Browser},
    queries::{self, AccountRow},
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

impl From<&AccountRow> for Recipient {
    fn from(row: &AccountRow) -> Self {
        Self { account: row.id, email: row.email.clone(), name: row.name.clone(), language: row.language() }
    }
}

/// To an address that nobody has an account with.
pub async fn finish_registration(
    conn: &mut PgConnection,
    (email, language): (&str, Lang),
    link: String,
    now: OffsetDateTime,
) -> Result<()> {
    let greeting = language.t("mail-greeting-nobody").to_owned();
    Letter::new(language, greeting, "verify", &[], Some(link)).send(conn, (None, email), now).await
}

pub async fn already_registered(
    conn: &mut PgConnection,
    base_url: &str,
    to: &Recipient,
    now: OffsetDateTime,
) -> Result<()> {
    send(conn, to, "already-registered", &[], Some(format!("{base_url}{}", paths::LOGIN)), now).await
}

/// To an address that an account may still come back to: when it is free.
pub async fn address_kept_back(
    conn: &mut PgConnection,
    (email, language): (&str, Lang),
    until: OffsetDateTime,
    now: OffsetDateTime,
) -> Result<()> {
    let free = calendar::long_date(calendar::today(until + Duration::DAY, &Zone::utc()), language);
    let greeting = language.t("mail-greeting-nobody").to_owned();
    let letter = Letter::new(language, greeting, "address-kept-back", &[("date", free.into())], None);
    letter.send(conn, (None, email), now).await
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

/// It may be anybody's yet: what its asker calls themselves is not put into our mail.
pub async fn confirm_new_address(
    conn: &mut PgConnection,
    base_url: &str,
    to: &Recipient,
    email: &str,
    now: OffsetDateTime,
) -> Result<()> {
    let token = token::issue_about(conn, to.account, Purpose::ChangeEmail, Some(email), now).await?;
    let link = format!("{base_url}{}", paths::confirm_email_change(&token));
    let greeting = to.language.t("mail-greeting-nobody").to_owned();
    let letter = Letter::new(to.language, greeting, "email-confirm", &[], Some(link));
    letter.send(conn, (Some(to.account), email), now).await
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
    PhoneVerified {
        ends: &'a str,
    },
    PhoneRemoved,
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
        Changed::PhoneVerified { ends } => ("phone-verified", vec![("ends", ends.into())]),
        Changed::PhoneRemoved => ("phone-removed", vec![]),
    };
    send(conn, to, template, &args, Some(link), now).await
}

/// The same, by whoever knows the account only.
pub async fn tell_of_change(
    conn: &mut PgConnection,
    base_url: &str,
    account: AccountId,
    what: Changed<'_>,
    now: OffsetDateTime,
) -> Result<()> {
    let row = queries::account_by_id(&mut *conn, account).await?.ok_or(sqlx::Error::RowNotFound)?;
    security_changed(conn, base_url, &Recipient::from(&row), what, now).await
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

/// Somebody asked for the second step to be taken off: when that can happen, and the link that stops it. To everybody who
/// can still take the account back, too.
pub async fn second_step_reset(
    conn: &mut PgConnection,
    base_url: &str,
    account: &AccountRow,
    ready: OffsetDateTime,
    now: OffsetDateTime,
) -> Result<()> {
    let token = token::issue(conn, account.id, Purpose::CancelSecondStepReset, now).await?;
    let link = format!("{base_url}{}", paths::stop_second_step_reset(&token));
    let to = Recipient::from(account);
    let day = calendar::long_date(calendar::today(ready, &Zone::utc()), to.language);
    let ways = queries::ways_back(&mut *conn, account, now).await?;
    for email in ways.into_iter().map(|(email, _)| email).chain([to.email.clone()]) {
        let to = Recipient { email, ..to.clone() };
        send(conn, &to, "second-step-reset", &[("date", day.clone().into())], Some(link.clone()), now).await?;
    }
    Ok(())
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
    template: &'static str,
    language: Lang,
    subject: String,
    greeting: String,
    body: String,
    link: Option<String>,
    foot: String,
}

impl Letter {
    fn new(
        language: Lang,
        greeting: String,
        template: &'static str,
        args: &[(&str, Arg)],
        link: Option<String>,
    ) -> Self {
        let text = |key: &str| language.ta(key, args);
        let (subject, body) = (text(&format!("mail-{template}-subject")), text(&format!("mail-{template}-body")));
        Self { template, language, subject, greeting, body, link, foot: text("mail-foot") }
    }

    async fn send(
        self,
        conn: &mut PgConnection,
        (account, email): (Option<AccountId>, &str),
        now: OffsetDateTime,
    ) -> Result<()> {
        let rendered =
            LetterText { letter: &self }.render().and_then(|text| Ok((text, LetterHtml { letter: &self }.render()?)));
        let (text, html) = rendered.map_err(|error| sqlx::Error::Encode(error.into()))?;
        let message = NewMessage {
            account,
            order: None,
            template: self.template,
            language: self.language,
            recipient: email.to_owned(),
            subject: self.subject,
            text,
            html: Some(html),
            attachment: None,
        };
        mail::enqueue(conn, message, now).await.map(drop)
    }
}

async fn send(
    conn: &mut PgConnection,
    to: &Recipient,
    template: &'static str,
    args: &[(&str, Arg)],
    link: Option<String>,
    now: OffsetDateTime,
) -> Result<()> {
    let greeting = to.language.ta("mail-greeting", &[("name", to.name.as_str().into())]);
    Letter::new(to.language, greeting, template, args, link).send(conn, (Some(to.account), &to.email), now).await
}

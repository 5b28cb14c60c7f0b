use crate::clock::Clock;
use crate::ids::MessageId;
use crate::jobs::{Claimed, Done, JobError};
use anyhow::Context;
use lettre::message::header::ContentType;
use lettre::message::{Attachment, Mailbox, MultiPart, SinglePart};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use sqlx::PgPool;

/// The job that sends one message.
pub const SEND: &str = "send-message";

/// Where mail goes: an SMTP server, or nowhere but the demo's own mailbox page.
#[derive(Clone)]
pub enum Mailer {
    Smtp { transport: AsyncSmtpTransport<Tokio1Executor>, from: Mailbox },
    Mailbox,
}

impl Mailer {
    /// `url` as `smtp://user:password@host:587?tls=required`. Must be called inside the async runtime.
    pub fn smtp(url: &str, from: &str) -> anyhow::Result<Self> {
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
            .context("SMTP_URL: is no address such as smtp://user:password@mail.example.com:587?tls=required")?
            .build();
        let from = from.parse().context("MAIL_FROM: is no sender such as Renewal Centre <no-reply@example.com>")?;
        Ok(Self::Smtp { transport, from })
    }

    /// Connects and signs in as for sending a mail, and sends none.
    pub async fn reach(&self) -> anyhow::Result<()> {
        let Self::Smtp { transport, .. } = self else { return Ok(()) };
        match transport.test_connection().await {
            Ok(true) => Ok(()),
            Ok(false) => anyhow::bail!("the mail server answers, and not as one"),
            Err(error) => Err(error).context("the mail server can't be used"),
        }
    }

    async fn deliver(&self, row: &Row) -> Result<(), JobError> {
        let Self::Smtp { transport, from } = self else { return Ok(()) };
        let mail = row.mail(from).map_err(JobError::fail)?;
        match transport.send(mail).await {
            Ok(_) => Ok(()),
            Err(error) if error.is_permanent() => Err(JobError::fail(error)),
            Err(error) => Err(JobError::retry(error)),
        }
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    id: MessageId,
    recipient: String,
    subject: String,
    body_text: String,
    body_html: Option<String>,
    attachment_name: Option<String>,
    attachment: Option<Vec<u8>>,
    sent: bool,
}

impl Row {
    fn mail(&self, from: &Mailbox) -> anyhow::Result<Message> {
        let host = from.email.domain();
        let builder = Message::builder()
            .from(from.clone())
            .to(self.recipient.parse().context("the recipient's address can't be read")?)
            .subject(&self.subject)
            .message_id(Some(format!("<{}@{host}>", self.id)));
        let plain = SinglePart::plain(self.body_text.clone());
        let body = match &self.body_html {
            Some(html) => MultiPart::alternative().singlepart(plain).singlepart(SinglePart::html(html.clone())),
            None => MultiPart::mixed().singlepart(plain),
        };
        let body = match (&self.attachment_name, &self.attachment) {
            (Some(name), Some(bytes)) => {
                let pdf = ContentType::parse("application/pdf")?;
                MultiPart::mixed().multipart(body).singlepart(Attachment::new(name.clone()).body(bytes.clone(), pdf))
            }
            _ => body,
        };
        Ok(builder.multipart(body)?)
    }
}

/// Sends the message of `job`. The send itself can't be undone, so it comes first and its record after: a crash between sends it twice.
pub async fn send(pool: &PgPool, clock: &Clock, mailer: &Mailer, job: &Claimed) -> Result<Done, JobError> {
    let id: MessageId = job.field("message_id")?;
    let row: Row = sqlx::query_as(
        "select id, recipient, subject, body_text, body_html, attachment_name, attachment, sent_at is not null as sent from messages where id = $1",
    )
    .bind(id)
    .fetch_one(pool)
    .await?;
    let outcome = if row.sent { Ok(()) } else { mailer.deliver(&row).await };
    if let Err(error) = &outcome {
        sqlx::query(
            "update messages set last_error = left($2, 500), failed_at = case when $3 then $4 end where id = $1",
        )
        .bind(id)
        .bind(error.to_string())
        .bind(matches!(error, JobError::Fail(_)))
        .bind(clock.now())
        .execute(pool)
        .await?;
    }
    outcome?;
    let mut tx = crate::db::begin(pool).await?;
    sqlx::query("update messages set sent_at = coalesce(sent_at, $2), last_error = null where id = $1")
        .bind(id)
        .bind(clock.now())
        .execute(&mut *tx)
        .await?;
    let done = job.complete(&mut tx).await?;
    tx.commit().await?;
    Ok(done)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn headers(subject: &str, recipient: &str, file: &str) -> Option<Vec<String>> {
        let row = Row {
            id: MessageId::new(),
            recipient: recipient.to_owned(),
            subject: subject.to_owned(),
            body_text: "Text".to_owned(),
            body_html: None,
            attachment_name: Some(file.to_owned()),
            attachment: Some(b"PDF".to_vec()),
            sent: false,
        };
        let mail = row.mail(&"Renewal <no-reply@portal.example>".parse().unwrap()).ok()?.formatted();
        let text = String::from_utf8(mail).expect("a mail is ASCII");
        let head = text.split("\r\n\r\n").next().unwrap().to_owned();
        let names = head.split("\r\n").filter(|line| !line.starts_with([' ', '\t']));
        Some(names.map(|line| line.split(':').next().unwrap().to_owned()).collect())
    }

    #[test]
    fn no_second_header_comes_in_with_a_subject() {
        let usual = headers("Your receipt", "ana@post.example", "receipt.pdf").unwrap();
        assert!(usual.contains(&"Subject".to_owned()) && !usual.contains(&"Bcc".to_owned()));
        let hidden =
            ["\r\nBcc: eve@evil.example", "\nBcc: eve@evil.example\n\nHello", "\rBcc: x", "\u{2028}Bcc: x", "\0"];
        for text in hidden {
            assert_eq!(
                headers(&format!("Receipt{text}"), "ana@post.example", "receipt.pdf").unwrap(),
                usual,
                "{text:?}"
            );
            assert_eq!(headers("Receipt", "ana@post.example", &format!("a{text}.pdf")).unwrap(), usual, "{text:?}");
            assert_eq!(headers("Receipt", &format!("ana@post.example{text}"), "a.pdf"), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_in_subject_and_file_name(subject in any::<String>(), file in any::<String>()) {
            let usual = headers("Your receipt", "ana@post.example", "receipt.pdf").unwrap();
            prop_assert_eq!(headers(&subject, "ana@post.example", &file).unwrap(), usual);
        }
    }
}

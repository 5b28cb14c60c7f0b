//! What an order writes to its customer. A job composes the mail from what is true when it runs.

use crate::calendar;
use crate::clock::Clock;
use crate::config;
use crate::ids::{OrderId, RefundId};
use crate::jobs::{Claimed, Done, JobError};
use crate::lang::Lang;
use crate::lines::words;
use crate::mail::{self, NewMessage};
use crate::orders::model::OrderStatus;
use crate::orders::pages::refusal_key;
use crate::orders::progress::{REFUNDED, TOPPED_UP};
use crate::orders::queries::detail::{self, Detail};
use crate::orders::receipt;
use crate::paths::{self, BaseUrl};
use crate::payments::model::Destination;
use crate::payments::{self, RefundOutcome, RefundStatus};
use askama::Template;
use sqlx::PgPool;

#[derive(Template)]
#[template(path = "mails/order/body.txt", escape = "none")]
struct PlainMail<'a> {
    greeting: String,
    body: &'a str,
    link: &'a str,
    foot: &'static str,
}

#[derive(Template)]
#[template(path = "mails/order/body.html")]
struct HtmlMail<'a> {
    language: Lang,
    subject: &'a str,
    greeting: String,
    body: &'a str,
    link: &'a str,
    action: &'static str,
    foot: &'static str,
}

/// Job `order-mail`: `{order_id, about}`, and of money that goes back `amount`, `refund_id` and `reason`. That a refund has begun is
/// not written any more once it is done.
pub async fn write(pool: &PgPool, clock: &Clock, base_url: &BaseUrl, job: &Claimed) -> Result<Done, JobError> {
    let order: OrderId = job.field("order_id")?;
    let about: String = job.field("about")?;
    let detail = detail::by_id(pool, order).await?.ok_or_else(|| JobError::fail(sqlx::Error::RowNotFound))?;
    let amount: Option<String> = job.field("amount")?;
    let amount = amount.unwrap_or_else(|| detail.order.amount().to_string());
    let reason: Option<String> = job.field("reason")?;
    let refund: Option<RefundId> = job.field("refund_id")?;
    let mut tx = crate::db::begin(pool).await?;
    let refund = match refund {
        Some(refund) => Some(payments::refund_outcome(&mut tx, refund).await?),
        None => None,
    };
    let is_old = about != REFUNDED && refund.as_ref().is_some_and(|refund| has_moved_on(&about, refund.status));
    let news = News { about: &about, amount, reason: reason.as_deref(), refund: refund.as_ref() };
    let message = compose(&detail, &news, base_url)?;
    if !is_old {
        mail::enqueue(&mut tx, message, clock.now()).await?;
    }
    let done = job.complete(&mut tx).await?;
    tx.commit().await?;
    Ok(done)
}

/// That money begins to go back is not told any more once it is back, nor by staff's hand once it could not go.
fn has_moved_on(about: &str, status: RefundStatus) -> bool {
    match status {
        RefundStatus::Succeeded => true,
        RefundStatus::Failed | RefundStatus::Manual => about == "returning",
        RefundStatus::Requested | RefundStatus::Submitted | RefundStatus::Unknown => false,
    }
}

/// What is to be told, with what only the event knows.
struct News<'a> {
    about: &'a str,
    amount: String,
    reason: Option<&'a str>,
    refund: Option<&'a RefundOutcome>,
}

fn compose(detail: &Detail, news: &News<'_>, base_url: &BaseUrl) -> Result<NewMessage, JobError> {
    let language = Lang::parse(&detail.customer_language).unwrap_or_default();
    let (subject, body) = words(detail, news, language);
    let link = base_url.to(&paths::order(detail.order.id));
    let greeting = language.ta("mail-greeting", &[("name", detail.customer.as_str().into())]);
    let foot = language.t("mail-foot");
    let text = PlainMail { greeting: greeting.clone(), body: &body, link: &link, foot };
    let html = HtmlMail {
        language,
        subject: &subject,
        greeting,
        body: &body,
        link: &link,
        action: language.t("mail-see-order"),
        foot,
    };
    let attachment = match news.about {
        "active" | TOPPED_UP => Some((
            format!("receipt-{}.pdf", detail.order.number),
            receipt::draw(detail, language).map_err(JobError::retry)?,
        )),
        _ => None,
    };
    Ok(NewMessage {
        account: Some(detail.order.account_id),
        order: Some(detail.order.id),
        template: template(news.about),
        language,
        recipient: detail.customer_email.clone(),
        text: text.render().map_err(JobError::fail)?,
        html: Some(html.render().map_err(JobError::fail)?),
        subject,
        attachment,
    })
}

fn template(about: &str) -> &'static str {
    match about {
        "active" => "receipt",
        TOPPED_UP => "topped-up",
        "refunding" => "refund-started",
        "returning" => "refund-by-staff",
        REFUNDED => "refunded",
        "late" => "late-refund",
        "surplus" => "surplus-refund",
        "wrong-amount" => "wrong-amount",
        "deviation" => "deviation",
        "refund-failed" => "refund-failed",
        _ => "attention",
    }
}

/// Subject and body, from the texts of this template.
fn words(detail: &Detail, news: &News<'_>, language: Lang) -> (String, String) {
    let order = &detail.order;
    let number = words::number(detail.order.msisdn.as_deref(), &detail.order.iccid);
    let date = |date| calendar::long_date(date, language);
    let until = order.fulfilled_until.unwrap_or(order.promised_until);
    let plan = detail.plan_name(language);
    let all = [
        ("number", number),
        ("order", order.number.clone()),
        ("amount", news.amount.clone()),
        ("due", detail.asked().to_string()),
        ("promised", date(order.promised_until)),
        ("support", config::brand().support_email.clone()),
        ("plan", plan.to_owned()),
        ("date", date(until)),
        ("before", date(order.before_until)),
        ("after", date(until)),
        ("reason", language.t(refusal_key(detail.refusal.as_deref())).to_owned()),
        ("note", news.refund.and_then(|refund| refund.customer_note.clone()).unwrap_or_default()),
    ];
    let args: Vec<_> = all.iter().map(|(name, value)| (*name, value.as_str().into())).collect();
    let key = match (news.about, order.status) {
        ("late", OrderStatus::Cancelled) => "mail-cancelled-refund".to_owned(),
        (about, _) => format!("mail-{}", template(about)),
    };
    let body = match news.about {
        REFUNDED => refunded_body(news, order.status).to_owned(),
        _ => format!("{key}-body"),
    };
    let buys_nothing =
        matches!((news.about, news.reason), ("late" | "wrong-amount", _) | (_, Some("late" | "amount_mismatch")));
    let kept = detail.balance_kept().filter(|_| buys_nothing);
    let kept =
        kept.map(|kept| format!(" {}", language.ta("status-balance-kept", &[("amount", kept.to_string().into())])));
    let body = language.ta(&body, &args) + kept.as_deref().unwrap_or_default();
    (language.ta(&format!("{key}-subject"), &args), body)
}

/// Where the money is comes before why it went there.
fn refunded_body(news: &News<'_>, order: OrderStatus) -> &'static str {
    let noted = news.refund.is_some_and(|refund| refund.customer_note.is_some());
    match (news.refund, news.reason) {
        (Some(refund), _) if refund.destination == Destination::Balance => match noted {
            true => "mail-refunded-body-balance-noted",
            false => "mail-refunded-body-balance",
        },
        (Some(refund), _) if refund.by_hand => match noted {
            true => "mail-refunded-body-by-hand-noted",
            false => "mail-refunded-body-by-hand",
        },
        (_, Some("provisioning_failed")) => "mail-refunded-body-refused",
        (_, Some("amount_mismatch")) => "mail-refunded-body-amount",
        (_, Some("late")) if order == OrderStatus::Cancelled => "mail-refunded-body-cancelled",
        (_, Some("late")) => "mail-refunded-body-late",
        (_, Some("operator")) => "mail-refunded-body-staff",
        (_, Some("surplus")) => "mail-refunded-body-surplus",
        _ => "mail-refunded-body",
    }
}

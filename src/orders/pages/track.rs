//! The three steps on the status page: money, carrier, new plan; each with what is known of it.

use crate::calendar;
use crate::carriers;
use crate::lang::Lang;
use crate::orders::queries::detail::Detail;
use crate::orders::standing::Standing;
use crate::payments::RefundStatus;
use crate::web::{Ctx, Person};
use time::OffsetDateTime;

pub struct Step {
    /// `is-done`, `is-now`, `is-wait`, `is-bad` or `is-later`.
    pub class: &'static str,
    pub text: String,
    pub note: String,
    pub time: Option<String>,
}

struct Teller<'a> {
    ctx: &'a Ctx,
    person: &'a Person,
    detail: &'a Detail,
    now: OffsetDateTime,
}

pub fn steps(ctx: &Ctx, person: &Person, detail: &Detail, standing: Standing, now: OffsetDateTime) -> Vec<Step> {
    let teller = Teller { ctx, person, detail, now };
    match standing {
        Standing::Ending | Standing::Expired | Standing::Cancelled => teller.came_and_went(),
        Standing::WrongAmountReturning | Standing::WrongAmountReturned => teller.came_and_went(),
        Standing::Refunding | Standing::Refunded => {
            let mut steps = vec![teller.payment(standing), teller.provisioning(standing)];
            steps.extend(teller.returned_money());
            steps
        }
        Standing::Attention => {
            let mut steps = vec![teller.payment(standing), teller.provisioning(standing)];
            steps.extend(teller.returned_money());
            steps
        }
        _ if detail.order.is_top_up() => vec![teller.payment(standing), teller.credit(standing)],
        _ => vec![teller.payment(standing), teller.provisioning(standing), teller.done(standing)],
    }
}

impl Teller<'_> {
    fn payment(&self, standing: Standing) -> Step {
        let amount = self.detail.received().to_string();
        let method = self.method();
        let plain = |key: &str| self.ctx.t(key).to_owned();
        match standing {
            Standing::Awaiting => Step::new("is-now", plain("track-payment-none"), plain("track-payment-none-note")),
            Standing::Unpaid => Step::new(
                "is-now",
                plain("track-payment-none"),
                self.ctx.t1("track-payment-unpaid-note", "method", method),
            ),
            Standing::Declined => {
                Step::new("is-bad", plain("track-payment-failed"), plain("track-payment-failed-note"))
            }
            Standing::Checking => Step::new(
                "is-now",
                plain("track-payment-pending"),
                self.ctx.t1("track-payment-pending-note", "method", method),
            ),
            _ => {
                let reference = self.detail.payment_reference.clone().unwrap_or_default();
                let note = self.ctx.t2("track-payment-paid-note", "method", method, "reference", reference);
                Step::new("is-done", self.ctx.t1("track-payment-paid", "amount", amount), note)
                    .at(self.clock(self.detail.order.paid_at))
            }
        }
    }

    fn credit(&self, standing: Standing) -> Step {
        match standing {
            Standing::Active => Step::new("is-done", self.ctx.t("track-credited").to_owned(), String::new())
                .at(self.clock(self.detail.order.fulfilled_at)),
            _ => {
                Step::new("is-later", self.ctx.t("track-credit").to_owned(), self.ctx.t("track-credit-note").to_owned())
            }
        }
    }

    fn provisioning(&self, standing: Standing) -> Step {
        let carrier = carriers::names::name(&self.detail.carrier, self.ctx.language).unwrap_or(&self.detail.carrier);
        let told = |key: &str| self.ctx.t1(key, "carrier", carrier);
        let plain = |key: &str| self.ctx.t(key).to_owned();
        match standing {
            Standing::Activating => {
                Step::new("is-now", told("track-provisioning-activating"), plain("track-provisioning-activating-note"))
            }
            Standing::Delayed => {
                let asked = self.clock(self.detail.asked_at).or_else(|| self.clock(Some(self.now))).unwrap_or_default();
                Step::new(
                    "is-now",
                    told("track-provisioning-delayed"),
                    self.ctx.t1("track-provisioning-delayed-note", "time", asked),
                )
            }
            Standing::Active => Step::new("is-done", told("track-provisioning-active"), String::new())
                .at(self.clock(self.detail.order.fulfilled_at)),
            Standing::Refunding | Standing::Refunded => {
                let reason = self.ctx.t(refusal_key(self.detail.refusal.as_deref()));
                Step::new(
                    "is-bad",
                    told("track-provisioning-refused"),
                    self.ctx.t1("track-provisioning-refused-note", "reason", reason),
                )
            }
            Standing::Attention => Step::new("is-now", plain("track-provisioning-attention"), String::new()),
            _ => Step::new("is-later", plain("track-provisioning-waiting"), plain("track-provisioning-waiting-note")),
        }
    }

    fn done(&self, standing: Standing) -> Step {
        let step = |class, text, note| Step::new(class, self.ctx.t(text).to_owned(), self.ctx.t(note).to_owned());
        match standing {
            Standing::Active if self.detail.facts.differs => step("is-done", "track-done", "track-done-differs"),
            Standing::Active => step("is-done", "track-done", "track-done-matches"),
            _ => step("is-later", "track-ahead", "track-ahead-note"),
        }
    }

    /// Money that bought nothing: it came, and it goes back.
    fn came_and_went(&self) -> Vec<Step> {
        let Some(returned) = self.returned_money() else { return vec![] };
        let reference = self.detail.payment_reference.clone().unwrap_or_default();
        // Of two parts only the gateway's came.
        let method = method_name(self.ctx, self.detail.method.as_deref());
        let note = self.ctx.t2("track-payment-paid-note", "method", method, "reference", reference);
        let received = self.detail.received().to_string();
        let due = self.detail.asked().to_string();
        let text = match self.detail.received() == self.detail.asked() {
            true => self.ctx.t1("track-payment-received", "amount", received),
            false => self.ctx.t2("track-payment-other", "amount", received, "due", due),
        };
        vec![Step::new("is-done", text, note).at(self.clock(self.detail.received_at)), returned]
    }

    /// Money on its way back, or back.
    fn returned_money(&self) -> Option<Step> {
        let amount = self.detail.refund_amount().to_string();
        match self.detail.facts.refund_status? {
            RefundStatus::Succeeded => {
                let reference = self.detail.refund_number.clone().unwrap_or_default();
                let note = match self.detail.refund_to_balance {
                    true => self.ctx.t1("track-refunded-note-balance", "reference", reference),
                    false => self.ctx.t1("track-refunded-note", "reference", reference),
                };
                Some(
                    Step::new("is-done", self.ctx.t1("track-refunded", "amount", amount), note)
                        .at(self.clock(self.detail.refunded_at)),
                )
            }
            _ => Some(Step::new(
                "is-now",
                self.ctx.t1("track-refunding", "amount", amount),
                self.ctx.t("track-refunding-note").to_owned(),
            )),
        }
    }

    fn method(&self) -> String {
        method_told(self.detail, self.ctx.language)
    }

    fn clock(&self, at: Option<OffsetDateTime>) -> Option<String> {
        at.map(|at| moment(at, self.person, self.now, self.ctx.language))
    }
}

/// The time of day, with the date where it is another day's.
pub fn moment(at: OffsetDateTime, person: &Person, now: OffsetDateTime, language: Lang) -> String {
    let (local, today) = (calendar::local(at, &person.zone()), calendar::today(now, &person.zone()));
    let clock = calendar::clock_time(local);
    match local.date() == today {
        true => clock,
        false => format!("{} {clock}", calendar::short_date(local.date(), today, language)),
    }
}

/// A payment method as the customer knows it.
pub fn method_name(ctx: &Ctx, method: Option<&str>) -> &'static str {
    let key = format!("pay-method-{}", method.unwrap_or("card"));
    if ctx.language.texts().has(&key) { ctx.t(&key) } else { ctx.t("pay-method-card") }
}

/// How an order is paid, with both parts where the balance makes one.
pub fn method_told(detail: &Detail, language: Lang) -> String {
    let key = format!("pay-method-{}", detail.method.as_deref().unwrap_or("card"));
    let method = if language.texts().has(&key) { language.t(&key) } else { language.t("pay-method-card") };
    let Some((of_balance, rest)) = detail.split() else { return method.to_owned() };
    language.ta(
        "pay-split",
        &[("balance", of_balance.to_string().into()), ("method", method.into()), ("rest", rest.to_string().into())],
    )
}

/// The carrier's reason in the customer's words.
pub fn refusal_key(refusal: Option<&str>) -> &'static str {
    match refusal {
        Some("not_renewable") => "refusal-not-renewable",
        Some("unknown_line") => "refusal-unknown-line",
        Some("suspended") => "refusal-suspended",
        Some("unknown_product") => "refusal-product-gone",
        _ => "refusal-other",
    }
}

impl Step {
    fn new(class: &'static str, text: String, note: String) -> Self {
        Self { class, text, note, time: None }
    }

    fn at(self, time: Option<String>) -> Self {
        Self { time, ..self }
    }
}

use crate::lines::words;
use crate::orders::model::OrderStatus;
use crate::orders::queries::overview::HeldLine;
use crate::paths;
use crate::web::Ctx;
use askama::Template;

/// Another order is open for this line: finish it, or cancel it while that is possible.
#[derive(Template)]
#[template(path = "orders/open_order.html")]
pub struct OpenOrderPage {
    ctx: Ctx,
    number: String,
    line_path: String,
    order_path: String,
    cancel_path: Option<String>,
}

impl OpenOrderPage {
    /// `None` if no order is open.
    pub fn new(ctx: Ctx, held: &HeldLine) -> Option<Self> {
        let order = held.open_order()?;
        Some(Self {
            ctx,
            number: words::number(held.line.msisdn.as_deref(), &held.line.iccid),
            line_path: paths::line(held.line.id),
            order_path: paths::order(order),
            cancel_path: (held.open_status() == Some(OrderStatus::AwaitingPayment)).then(|| paths::cancel(order)),
        })
    }
}

//! The same facts wherever they are shown, masked or whole.

use crate::calendar;
use crate::countries;
use crate::identity::Identity;
use crate::web::Ctx;

pub struct Row {
    pub label: &'static str,
    pub text: String,
}

pub fn masked(ctx: &Ctx, identity: &Identity) -> Vec<Row> {
    let masked = identity.masked();
    rows(ctx, identity, masked.name, masked.number)
}

pub fn whole(ctx: &Ctx, identity: &Identity) -> Vec<Row> {
    rows(ctx, identity, identity.name.clone(), identity.number.clone())
}

fn rows(ctx: &Ctx, identity: &Identity, name: String, number: String) -> Vec<Row> {
    let row = |key, text| Row { label: ctx.t(key), text };
    let country = countries::name(&identity.issued_by, ctx.language).unwrap_or(&identity.issued_by);
    let mut rows = vec![
        row("identity-name", name),
        row("identity-kind", ctx.t(identity.kind.key()).to_owned()),
        row("identity-country", country.to_owned()),
        row("identity-number", number),
    ];
    rows.extend(identity.valid_until.map(|date| row("identity-until", calendar::long_date(date, ctx.language))));
    rows
}

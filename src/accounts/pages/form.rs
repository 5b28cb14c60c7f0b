use askama::Template;

use super::passkeys::Offer;
use crate::{
    accounts::password::{SHORTEST, Unfit, Warning},
    web::Ctx,
};

/// `page` is the prefix of its texts: `login-title`, `login-lead`, `login-submit`.
#[derive(Template)]
#[template(path = "accounts/form.html")]
pub struct FormPage {
    pub ctx: Ctx,
    pub page: &'static str,
    pub title: &'static str,
    pub lead: &'static str,
    /// What is wrong with the form as a whole.
    pub problem: Option<String>,
    pub fields: Vec<Field>,
    pub hidden: Vec<(&'static str, String)>,
    pub links: Vec<(String, &'static str)>,
    pub passkey: Option<Offer>,
}

impl FormPage {
    pub fn new(ctx: Ctx, page: &'static str, fields: Vec<Field>) -> Self {
        let (title, lead) = (ctx.t(&format!("{page}-title")), ctx.t(&format!("{page}-lead")));
        Self { ctx, page, title, lead, problem: None, fields, hidden: vec![], links: vec![], passkey: None }
    }

    fn text(&self, part: &str) -> &'static str {
        self.ctx.t(&format!("{}-{part}", self.page))
    }

    fn hint(&self, field: &str) -> &'static str {
        self.text(&format!("{field}-hint"))
    }

    fn wrong(&self) -> bool {
        self.problem.is_some() || self.fields.iter().any(|field| field.error.is_some())
    }

    fn has_password(&self) -> bool {
        self.fields.iter().any(|field| field.kind == "password")
    }
}

pub struct Field {
    pub name: &'static str,
    pub kind: &'static str,
    pub autocomplete: &'static str,
    pub has_hint: bool,
    /// Shown, and not to be changed here.
    pub is_fixed: bool,
    pub value: String,
    pub error: Option<String>,
}

impl Field {
    pub fn email(value: &str) -> Self {
        Self {
            name: "email",
            kind: "email",
            autocomplete: "username",
            has_hint: false,
            is_fixed: false,
            value: value.to_owned(),
            error: None,
        }
    }

    pub fn name(value: &str) -> Self {
        Self { name: "name", kind: "text", autocomplete: "name", has_hint: true, ..Self::email(value) }
    }

    pub fn password() -> Self {
        Self { name: "password", kind: "password", autocomplete: "current-password", ..Self::email("") }
    }

    pub fn new_password() -> Self {
        Self { autocomplete: "new-password", has_hint: true, ..Self::password() }
    }

    /// The password that is in force, where a new one stands beside it or something is at stake.
    pub fn current_password() -> Self {
        Self { name: "current", ..Self::password() }
    }

    pub fn hinted(self) -> Self {
        Self { has_hint: true, ..self }
    }

    pub fn fixed(self) -> Self {
        Self { is_fixed: true, ..self }
    }

    pub fn wrong(self, error: Option<String>) -> Self {
        Self { error, ..self }
    }

    fn described_by(&self) -> String {
        let parts = [(self.has_hint, "hint"), (self.error.is_some(), "error")];
        let ids: Vec<_> =
            parts.iter().filter(|(there, _)| *there).map(|(_, part)| format!("{}-{part}", self.name)).collect();
        ids.join(" ")
    }
}

pub fn unfit(ctx: &Ctx, unfit: Unfit) -> String {
    match unfit {
        Unfit::TooShort => ctx.t1("field-password-short", "min", SHORTEST as i64),
        Unfit::TooLong => ctx.t1("field-password-long", "max", 1024),
        Unfit::TooEasy(why) => {
            let text = ctx.t1("field-password-weak", "why", why.map_or("", |why| easy(ctx, why)));
            text.trim().to_owned()
        }
        Unfit::AboutYou => ctx.t("field-password-about-you").to_owned(),
        Unfit::Leaked => ctx.t("field-password-leaked").to_owned(),
        Unfit::Unchanged => ctx.t("field-password-unchanged").to_owned(),
    }
}

/// Why a password is guessed soon.
fn easy(ctx: &Ctx, why: Warning) -> &'static str {
    match why {
        Warning::StraightRowsOfKeysAreEasyToGuess | Warning::ShortKeyboardPatternsAreEasyToGuess => {
            ctx.t("field-password-keys")
        }
        Warning::RepeatsLikeAaaAreEasyToGuess | Warning::RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess => {
            ctx.t("field-password-repeats")
        }
        Warning::ThisIsATop10Password | Warning::ThisIsATop100Password | Warning::ThisIsACommonPassword => {
            ctx.t("field-password-common")
        }
        Warning::ThisIsSimilarToACommonlyUsedPassword => ctx.t("field-password-like-common"),
        Warning::SequencesLikeAbcAreEasyToGuess => ctx.t("field-password-sequence"),
        Warning::RecentYearsAreEasyToGuess | Warning::DatesAreOftenEasyToGuess => ctx.t("field-password-dates"),
        Warning::AWordByItselfIsEasyToGuess => ctx.t("field-password-word"),
        Warning::NamesAndSurnamesByThemselvesAreEasyToGuess | Warning::CommonNamesAndSurnamesAreEasyToGuess => {
            ctx.t("field-password-names")
        }
    }
}

use super::table::{self, Device};
use crate::lang::Lang;
use crate::numbers::{Eid, Imei, NumberError, half_width};
use crate::web::{Ctx, Form, Page, unprocessable};
use askama::Template;
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

/// Whoever finds more than this many models has not said which one is theirs.
const AT_MOST: usize = 60;
const LONGEST: usize = 100;

#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    q: String,
}

/// In a body and not in an address: addresses are logged on their way.
#[derive(Deserialize)]
pub struct Given {
    #[serde(default)]
    number: String,
}

#[derive(Template)]
#[template(path = "devices/show.html")]
struct DevicesPage {
    ctx: Ctx,
    q: String,
    searched: bool,
    more: bool,
    makers: Vec<Maker>,
    models: i64,
    /// What was given as a number, where it has to be corrected.
    number: String,
    verdict: Option<&'static str>,
    error: Option<&'static str>,
}

struct Maker {
    name: &'static str,
    devices: Vec<&'static Device>,
}

/// `GET /devices?q=`
pub async fn show(ctx: Ctx, Query(asked): Query<Asked>) -> Response {
    Page(DevicesPage::new(ctx, asked.q)).into_response()
}

/// `POST /devices`
pub async fn check(ctx: Ctx, Form(given): Form<Given>) -> Response {
    let verdict = verdict(&given.number);
    let page = DevicesPage::new(ctx, String::new());
    match verdict {
        Ok(key) => Page(DevicesPage { verdict: Some(page.ctx.t(key)), ..page }).into_response(),
        Err(key) => unprocessable(DevicesPage { error: Some(page.ctx.t(key)), number: given.number, ..page }),
    }
}

fn verdict(number: &str) -> Result<&'static str, &'static str> {
    match (Eid::parse(number), Imei::parse(number)) {
        (Ok(_), _) => Ok("devices-number-eid"),
        (_, Ok(imei)) if imei.as_str().len() == 15 => Ok("devices-number-imei"),
        (_, Ok(_)) => Ok("devices-number-imeisv"),
        (Err(NumberError::CheckDigits), _) | (_, Err(NumberError::CheckDigits)) => Err("devices-number-error-check"),
        _ if is_imei_without_check_digit(number) => Err("devices-number-error-fourteen"),
        _ => Err("devices-number-error-other"),
    }
}

/// Old papers print an IMEI so.
fn is_imei_without_check_digit(number: &str) -> bool {
    let number = half_width(number);
    let written = |sign: char| !sign.is_whitespace() && !matches!(sign, '-' | '/' | '.');
    let signs: Vec<char> = number.chars().filter(|sign| written(*sign)).collect();
    signs.len() == 14 && signs.iter().all(char::is_ascii_digit)
}

impl DevicesPage {
    fn new(ctx: Ctx, q: String) -> Self {
        let q: String = q.chars().take(LONGEST).collect();
        let searched = !q.trim().is_empty();
        let mut devices = if searched { table::find(&q) } else { table::all().iter().collect() };
        let (models, more) = (devices.len(), searched && devices.len() > AT_MOST);
        if more {
            devices.truncate(AT_MOST);
        }
        let models = i64::try_from(models).unwrap_or(i64::MAX);
        let makers = by_maker(devices, ctx.language);
        Self { ctx, q, searched, more, makers, models, number: String::new(), verdict: None, error: None }
    }
}

fn by_maker(devices: Vec<&'static Device>, language: Lang) -> Vec<Maker> {
    let name = |device: &'static Device| if language.is_chinese() { &device.maker_zh } else { &device.maker };
    devices
        .chunk_by(|one, next| one.maker == next.maker)
        .map(|devices| Maker { name: name(devices[0]), devices: devices.to_vec() })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::verdict;

    #[test]
    fn a_number_is_taken_for_what_it_is() {
        for (number, key) in [
            ("352099001761481", Ok("devices-number-imei")),
            ("35-209900-176148-1", Ok("devices-number-imei")),
            ("3520990017614823", Ok("devices-number-imeisv")),
            ("89049032 00710888 26001375 44319616", Ok("devices-number-eid")),
            ("352099001761482", Err("devices-number-error-check")),
            ("89049032007108882600137544319617", Err("devices-number-error-check")),
            ("iPhone 13", Err("devices-number-error-other")),
            ("35-209900-176148", Err("devices-number-error-fourteen")),
            ("", Err("devices-number-error-other")),
        ] {
            assert_eq!(verdict(number), key, "{number}");
        }
    }
}

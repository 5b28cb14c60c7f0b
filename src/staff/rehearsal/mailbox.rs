use crate::calendar::Zone;
use crate::ids::MessageId;
use crate::paths::{self, BaseUrl};
use crate::staff::pages::day_and_time;
use crate::staff::queries::mailbox as queries;
use crate::web::{Ctx, Page, PageError, Path};
use askama::Template;
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use sqlx::PgPool;

#[derive(Template)]
#[template(path = "dev/mailbox.html")]
struct Mailbox {
    ctx: Ctx,
    zone: String,
    rows: Vec<Row>,
}

struct Row {
    path: String,
    is_mail: bool,
    subject: String,
    to: String,
    at: String,
    has_attachment: bool,
}

#[derive(Template)]
#[template(path = "dev/message.html")]
struct Letter {
    ctx: Ctx,
    message: queries::Message,
    at: String,
    zone: String,
    is_mail: bool,
    pieces: Vec<Piece>,
}

/// Text, or a link to a page of ours.
#[derive(Debug, PartialEq, Eq)]
pub struct Piece {
    pub text: String,
    pub path: Option<String>,
}

#[derive(Deserialize)]
pub struct Asked {
    attachment: Option<String>,
}

/// `GET /dev/mailbox`: open to whoever runs the demo, since this is where a new customer's mail is.
pub async fn index(ctx: Ctx, State(pool): State<PgPool>) -> Result<impl IntoResponse, PageError> {
    let zone = zone(&ctx);
    let rows = queries::newest(&pool).await?;
    let rows = rows.into_iter().map(|message| Row {
        path: paths::mailbox_message(message.id),
        is_mail: message.channel == "mail",
        subject: message.subject,
        to: message.recipient,
        at: day_and_time(message.created_at, &zone),
        has_attachment: message.has_attachment,
    });
    Ok(Page(Mailbox { rows: rows.collect(), zone: zone.name().to_owned(), ctx }))
}

/// `GET /dev/mailbox/{message}`, its attachment with `?attachment`
pub async fn show(
    ctx: Ctx,
    State(pool): State<PgPool>,
    State(base_url): State<BaseUrl>,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let id: MessageId = id.parse().map_err(|_| PageError::NotFound)?;
    if asked.attachment.is_some() {
        let (name, bytes) = queries::attachment(&pool, id).await?.ok_or(PageError::NotFound)?;
        return Ok(download(&name, bytes));
    }
    let message = queries::message(&pool, id).await?.ok_or(PageError::NotFound)?;
    let zone = zone(&ctx);
    let at = day_and_time(message.created_at, &zone);
    let pieces = pieces(&message.body_text, &base_url.to(""));
    let (is_mail, zone) = (message.channel == "mail", zone.name().to_owned());
    Ok(Page(Letter { at, zone, is_mail, pieces, message, ctx }).into_response())
}

fn zone(ctx: &Ctx) -> Zone {
    ctx.person.as_ref().map_or_else(Zone::utc, |person| person.zone())
}

fn download(name: &str, bytes: Vec<u8>) -> Response {
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || ".-_".contains(c) { c } else { '_' }).collect();
    let kind = if plain.ends_with(".pdf") { "application/pdf" } else { "application/octet-stream" };
    (
        [
            (header::CONTENT_TYPE, kind.to_owned()),
            (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{plain}\"")),
        ],
        bytes,
    )
        .into_response()
}

/// Cuts a text at the addresses of our own pages; other addresses stay text.
fn pieces(text: &str, base_url: &str) -> Vec<Piece> {
    let mut pieces = vec![];
    let mut rest = text;
    while let Some(at) = rest.find(base_url).filter(|_| !base_url.is_empty()) {
        let (before, from) = rest.split_at(at);
        let end = from.find(|c: char| !c.is_ascii_graphic() || "<>\"'".contains(c)).unwrap_or(from.len());
        let address = from[..end].trim_end_matches(['.', ',', ';', ')', '!', '?']);
        let path = &address[base_url.len()..];
        // `http://portal.example.evil` only begins like ours.
        let path =
            (path.is_empty() || path.starts_with('/')).then(|| if path.is_empty() { "/" } else { path }.to_owned());
        pieces.push(Piece { text: before.to_owned(), path: None });
        pieces.push(Piece { text: address.to_owned(), path });
        rest = &from[address.len()..];
    }
    pieces.push(Piece { text: rest.to_owned(), path: None });
    pieces.retain(|piece| !piece.text.is_empty());
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_pages_become_links() {
        let text = "See http://p.example/orders/1. 请打开http://p.example/orders/2。Not http://p.example.evil/x or https://x.example/, but http://p.example!";
        let pieces = pieces(text, "http://p.example");
        let links: Vec<_> = pieces.iter().filter_map(|piece| piece.path.as_deref()).collect();
        assert_eq!(links, ["/orders/1", "/orders/2", "/"]);
        assert_eq!(pieces.iter().map(|piece| piece.text.as_str()).collect::<String>(), text);
    }
}

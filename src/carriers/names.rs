//! What carriers are called. A row of `carriers` makes one of them usable for lines and plans.

use std::sync::OnceLock;

use sqlx::PgConnection;

use crate::lang::Lang;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    pub code: String,
    pub zh: String,
    pub en: String,
}

const WELL_KNOWN: [(&str, &str, &str); 6] = [
    ("cmcc", "中国移动", "China Mobile"),
    ("cucc", "中国联通", "China Unicom"),
    ("ctcc", "中国电信", "China Telecom"),
    ("cmhk", "中国移动香港", "China Mobile Hong Kong"),
    ("roamia", "漫途", "Roamia"),
    ("globix", "寰联", "Globix"),
];

static NAMES: OnceLock<Vec<Name>> = OnceLock::new();

/// Makes these the names of the process, before those that are well known; the first call stays.
pub fn install(names: &[Name]) {
    let _ = NAMES.set(names.iter().cloned().chain(well_known()).collect());
}

fn well_known() -> impl Iterator<Item = Name> {
    WELL_KNOWN.iter().map(|&(code, zh, en)| Name { code: code.to_owned(), zh: zh.to_owned(), en: en.to_owned() })
}

pub fn known() -> &'static [Name] {
    NAMES.get_or_init(|| well_known().collect())
}

pub fn name(code: &str, lang: Lang) -> Option<&'static str> {
    let known = known().iter().find(|known| known.code == code)?;
    Some(match lang {
        Lang::Zh => &known.zh,
        Lang::En => &known.en,
    })
}

/// Saves carriers by the names an operator gave them.
pub async fn save(conn: &mut PgConnection, names: &[Name]) -> sqlx::Result<()> {
    for Name { code, zh, en } in names {
        sqlx::query(
            "insert into carriers (code, name_zh, name_en) values ($1, $2, $3)
             on conflict (code) do update set name_zh = excluded.name_zh, name_en = excluded.name_en",
        )
        .bind(code)
        .bind(zh)
        .bind(en)
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

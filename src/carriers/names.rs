//! The carriers known by name. A row of `carriers` makes one of them usable for lines and plans.

use sqlx::PgConnection;

use crate::lang::Lang;

pub struct Name {
    pub code: &'static str,
    pub zh: &'static str,
    pub en: &'static str,
}

pub const KNOWN: [Name; 6] = [
    Name { code: "cmcc", zh: "中国移动", en: "China Mobile" },
    Name { code: "cucc", zh: "中国联通", en: "China Unicom" },
    Name { code: "ctcc", zh: "中国电信", en: "China Telecom" },
    Name { code: "cmhk", zh: "中国移动香港", en: "China Mobile Hong Kong" },
    Name { code: "roamia", zh: "漫途", en: "Roamia" },
    Name { code: "globix", zh: "寰联", en: "Globix" },
];

pub fn name(code: &str, lang: Lang) -> Option<&'static str> {
    let known = KNOWN.iter().find(|known| known.code == code)?;
    Some(match lang {
        Lang::Zh => known.zh,
        Lang::En => known.en,
    })
}

/// Saves the known carriers; one that is there stays as the operator named it.
pub async fn save_known(conn: &mut PgConnection) -> sqlx::Result<()> {
    for known in &KNOWN {
        sqlx::query("insert into carriers (code, name_zh, name_en) values ($1, $2, $3) on conflict (code) do nothing")
            .bind(known.code)
            .bind(known.zh)
            .bind(known.en)
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}

//! What the carriers know before anybody asks: the lines they serve and the products they sell.

use sqlx::PgConnection;

/// Fills the carriers' books from the portal's lines and plans, as if they had been imported from there.
/// What a carrier knows already stays. Its products cost the operator three quarters of the portal's price.
pub async fn take(conn: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::raw_sql(include_str!("schema.sql")).execute(&mut *conn).await?;
    sqlx::query(
        "insert into simulator.lines (carrier, iccid, line_id, msisdn, valid_from, valid_until, anchor_day, time_zone,
           state, data_total_bytes, data_left_bytes, data_given_bytes)
         select carrier, iccid, coalesce(carrier_line_id, gen_random_uuid()::text), msisdn, valid_from, valid_until,
                anchor_day, time_zone, case status when 'terminated' then 'ended' else status end,
                coalesce(data_total_bytes, 0), coalesce(data_left_bytes, 0), coalesce(data_total_bytes, 0)
         from lines where ended_at is null
         on conflict do nothing",
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query(
        "insert into simulator.products (carrier, code, title, effect, term_unit, term_count, data_unlimited,
           data_bytes, coverage, cost_minor, currency, withdrawn)
         select carrier, carrier_product, name_en, effect, term_unit, term_count, data_unlimited, data_bytes,
                coverage, price_minor * 3 / 4, currency, withdrawn_at is not null
         from plans
         on conflict do nothing",
    )
    .execute(conn)
    .await?;
    Ok(())
}

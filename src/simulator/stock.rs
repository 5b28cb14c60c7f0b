//! What the carriers know before anybody asks: the lines they serve and the products they sell.

use sqlx::PgConnection;

/// Fills the carriers' books from the portal's lines and plans, as if they had been imported from there.
/// What a carrier knows already stays. Its products cost the operator three quarters of the portal's price; those that
/// serve travellers bill it in dollars.
pub async fn take(conn: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::raw_sql(include_str!("schema.sql")).execute(&mut *conn).await?;
    sqlx::query(
        "insert into simulator.lines (carrier, iccid, line_id, msisdn, valid_from, valid_until, anchor_day, time_zone,
           state, data_total_bytes, data_left_bytes, data_given_bytes, data_unlimited)
         select carrier, iccid, coalesce(carrier_line_id, gen_random_uuid()::text), msisdn, valid_from, valid_until,
                anchor_day, time_zone, case status when 'terminated' then 'ended' else status end,
                coalesce(data_total_bytes, 0), coalesce(data_left_bytes, 0), coalesce(data_total_bytes, 0),
                data_unlimited
         from (
           select carrier, iccid, carrier_line_id, msisdn, valid_from, valid_until, anchor_day, time_zone, status,
                  data_total_bytes, data_left_bytes, data_unlimited
           from lines where ended_at is null
           union all
           select carrier, iccid, carrier_line_id, msisdn, valid_from, valid_until, anchor_day, 'Asia/Shanghai', status,
                  data_total_bytes, data_left_bytes, data_unlimited
           from stock_lines) as sold
         on conflict do nothing",
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query(
        "insert into simulator.products (carrier, code, title, effect, term_unit, term_count, data_unlimited,
           data_bytes, coverage, cost_minor, currency, withdrawn)
         select carrier, carrier_product, name_en, effect, term_unit, term_count, data_unlimited, data_bytes,
                coverage, round(price_minor * 0.75 * coalesce(cents, 1)), case when cents is null then currency else 'USD' end,
                withdrawn_at is not null
         from plans left join (values ('roamia', 'USD', 1), ('roamia', 'JPY', 0.67), ('globix', 'USD', 1),
             ('globix', 'EUR', 1.08), ('globix', 'KWD', 0.325)) as billed (by, priced, cents)
           on by = carrier and priced = currency
         on conflict do nothing",
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Two products that a carrier has new, for somebody to look at.
pub async fn bring_news(conn: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query(
        "insert into simulator.products (carrier, code, title, effect, term_unit, term_count, data_bytes, coverage, cost_minor, currency)
         values ('roamia', 'roamia:kr-10', 'South Korea 10 days 5 GB', 'stack', 'day', 10, 5000000000, '{KR}', 610, 'USD'),
                ('roamia', 'roamia:sea-90', 'South-East Asia 90 days 30 GB', 'stack', 'day', 90, 30000000000,
                 '{TH,VN,MY,SG,ID,PH}', 3650, 'USD')
         on conflict do nothing",
    )
    .execute(conn)
    .await?;
    Ok(())
}

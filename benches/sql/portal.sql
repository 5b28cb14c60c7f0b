-- The same customers in the portal's own tables. `on conflict` keeps a second run from doubling them.
insert into accounts (id, email, email_key, email_verified_at, name, language, time_zone, created_at)
  select md5('account' || n)::uuid, 'c' || n || '@bench.example', 'c' || n || '@bench.example', now(), 'Customer ' || n,
         case n % 2 when 0 then 'en' else 'zh-CN' end, 'Asia/Shanghai', now() - interval '1 year'
  from generate_series(1, :customers) n on conflict do nothing;
create temp table sold as select row_number() over (order by code) - 1 as place, count(*) over () as of, * from plans where data_bytes is not null and withdrawn_at is null;
insert into lines (id, account_id, kind, carrier, iccid, msisdn, plan, time_zone, valid_from, valid_until, anchor_day, data_total_bytes, data_left_bytes,
    minutes_left, sms_left, usage_as_of, since, created_at)
  select md5('line' || n)::uuid, md5('account' || (1 + (n - 1) / 5))::uuid, p.kinds[1], p.carrier, '898600' || lpad(n::text, 14, '0'),
         '+86138' || lpad(n::text, 8, '0'), p.code, 'Asia/Shanghai', current_date - 20, current_date + (n % 60)::int, 11, p.data_bytes, p.data_bytes * (n % 10) / 10,
         p.minutes / 2, p.sms / 2, now() - interval '2 hours', now() - interval '1 year', now() - interval '1 year'
  from generate_series(1, :customers * 5) n join sold p on p.place = n % p.of on conflict do nothing;
insert into line_validities (line_id, entry, cause, valid_from, valid_until, anchor_day, recorded_at)
  select id, 0, 'opening', valid_from, valid_until, anchor_day, created_at from lines where iccid like '898600%' on conflict do nothing;
insert into orders (id, number, account_id, line_id, plan, attempt_key, amount_minor, currency, effect, status, time_zone, before_from, before_until,
    promised_from, promised_until, promised_anchor_day, expires_at, created_at, closed_at,
    plan_zh, plan_en, term_unit, term_count, data_unlimited, data_bytes, minutes, sms, iccid, msisdn)
  select md5('order' || n)::uuid, 'BENCH' || n, md5('account' || (1 + (n - 1) / 10))::uuid, md5('line' || (1 + (n - 1) / 2))::uuid, p.code,
         md5('attempt' || n)::uuid, p.price_minor, p.currency, p.effect, 'cancelled', 'Asia/Shanghai', current_date - 50, current_date - 20,
         current_date - 20, current_date, 11, t, t, t,
         p.name_zh, p.name_en, p.term_unit, p.term_count, p.data_unlimited, p.data_bytes, p.minutes, p.sms,
         '898600' || lpad((1 + (n - 1) / 2)::text, 14, '0'), '+86138' || lpad((1 + (n - 1) / 2)::text, 8, '0')
  from generate_series(1, :customers * 10) n join sold p on p.place = (1 + (n - 1) / 2) % p.of, lateral (select now() - make_interval(days => n % 300) as t) at
  on conflict do nothing;
insert into payment_attempts (id, order_id, account_id, amount_minor, currency, gateway, method, merchant_ref, order_number, language, return_url, status,
    failure, expires_at, created_at)
  select md5('payment' || id)::uuid, id, account_id, amount_minor, currency, 'sandbox', 'sandbox', number, number, 'en', 'http://127.0.0.1/', 'failed',
         'declined', created_at, created_at from orders where number like 'BENCH%' on conflict do nothing;
insert into sessions (id_hash, account_id, data, expires_at)
  select sha256(sha256(('session' || n)::bytea)), md5('account' || n)::uuid, '{}', now() + interval '12 hours' from generate_series(1, :customers) n
  on conflict (id_hash) do update set last_seen_at = now(), expires_at = excluded.expires_at;
vacuum analyze;

-- The yardstick's own database: customers with five lines and ten orders each.
create table customers (id bigint primary key, name text not null, email text not null);
create table plans (id bigint primary key, name text not null, minor bigint not null);
create table lines (id bigint primary key, customer_id bigint not null, plan_id bigint not null, number text not null, iccid text not null,
  status text not null, valid_until date not null);
create table orders (id bigint generated always as identity primary key, customer_id bigint not null, line_id bigint not null,
  plan_id bigint not null, minor bigint not null, status text not null, created_at timestamptz not null default now());
create table sessions (id text primary key, customer_id bigint not null, expires_at timestamptz not null);
insert into plans select n, 'Monthly ' || n || ' GB', 3900 + n from generate_series(1, 12) n;
insert into customers select n, 'Customer ' || n, 'c' || n || '@bench.example' from generate_series(1, :customers) n;
insert into lines select n, 1 + (n - 1) / 5, 1 + n % 12, '+86138' || lpad(n::text, 8, '0'), '898600' || lpad(n::text, 14, '0'),
  'active', current_date + (n % 60)::int - 3 from generate_series(1, :customers * 5) n;
insert into orders (customer_id, line_id, plan_id, minor, status, created_at)
  select 1 + (n - 1) / 10, 1 + (n - 1) / 2, 1 + n % 12, 3900, 'done', now() - make_interval(days => n % 300) from generate_series(1, :customers * 10) n;
insert into sessions select md5('session' || n), n, now() + interval '12 hours' from generate_series(1, :customers) n;
create index on lines (customer_id);
create index on orders (customer_id, created_at desc);
vacuum analyze;

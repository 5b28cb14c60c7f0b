-- What can be bought, and the lines it is bought for.
create table carriers (
  code text primary key check (code ~ '^[a-z0-9_]{2,20}$'),
  name_zh text not null,
  name_en text not null
);

create table plans (
  code text primary key check (code ~ '^[A-Z0-9-]{2,40}$'),
  carrier text not null references carriers(code),
  kinds text[] not null check (kinds <@ array['fm_card','esim'] and cardinality(kinds) > 0),
  name_zh text not null,
  name_en text not null,
  term_unit text not null check (term_unit in ('day','month')),
  term_count int not null check (term_count between 1 and 3660),
  data_unlimited boolean not null default false,
  data_bytes bigint check (data_bytes > 0),       -- null: no data in this plan
  minutes int not null default 0 check (minutes >= 0),
  sms int not null default 0 check (sms >= 0),
  coverage text[] not null,                       -- ISO 3166 codes; '*' is everywhere
  price_minor bigint not null check (price_minor > 0),
  currency text not null check (currency in ('CNY','HKD','USD','EUR','GBP','JPY','SGD','KWD')),
  effect text not null check (effect in ('stack','restart','roll','queue','replace','max')),
  carrier_product text not null,
  withdrawn_at timestamptz,
  created_at timestamptz not null,
  check (not (data_unlimited and data_bytes is not null))
);
create index plans_carrier on plans (carrier) where withdrawn_at is null;

-- How an operator prices what a carrier sells, and the least that has to be left.
create table pricing_rules (
  carrier text not null references carriers(code),
  cost_currency text not null check (cost_currency in ('CNY','HKD','USD','EUR','GBP','JPY','SGD','KWD')),
  currency text not null check (currency in ('CNY','HKD','USD','EUR','GBP','JPY','SGD','KWD')),
  rate_millionths bigint not null check (rate_millionths > 0),
  markup_bp int not null check (markup_bp between 0 and 1000000),
  step_minor bigint not null check (step_minor > 0),
  less_minor bigint not null default 0 check (less_minor >= 0 and less_minor < step_minor),
  minimum_margin_bp int not null check (minimum_margin_bp between 0 and 10000),
  primary key (carrier, cost_currency, currency)
);

-- What a carrier sells, as it said last. One without a plan is a draft that waits for somebody to look at it.
create table carrier_offers (
  id bigint generated always as identity primary key,
  carrier text not null references carriers(code),
  product text not null check (char_length(product) between 1 and 100),
  title text not null,
  cost_minor bigint check (cost_minor >= 0),
  cost_currency text check (cost_currency in ('CNY','HKD','USD','EUR','GBP','JPY','SGD','KWD')),
  term_unit text check (term_unit in ('day','month')),
  term_count int,
  data_unlimited boolean not null,
  data_bytes bigint,
  minutes int,
  sms int,
  coverage text[] not null,
  effect text check (effect in ('stack','restart','roll','queue','replace','max')),
  seen_at timestamptz not null,
  gone_at timestamptz,                            -- the carrier sells it no more
  dismissed_at timestamptz,                       -- somebody looked at it and doesn't want it
  unique (carrier, product),
  check ((cost_minor is null) = (cost_currency is null)),
  check ((term_unit is null) = (term_count is null))
);
create index plans_product on plans (carrier, carrier_product);

-- What only the operator can put right with a carrier.
create table carrier_alerts (
  id bigint generated always as identity primary key,
  carrier text not null references carriers(code),
  kind text not null check (kind in ('margin','credit','low_credit')),
  product text not null default '',
  detail text not null,
  mark_minor bigint,                              -- what was left when little was left: more of it ends the alert
  mark_currency text,
  raised_at timestamptz not null,
  seen_at timestamptz not null,                   -- last
  closed_at timestamptz,
  check ((mark_minor is null) = (mark_currency is null))
);
create unique index carrier_alerts_open on carrier_alerts (carrier, kind, product) where closed_at is null;

create table lines (
  id uuid primary key,
  account_id uuid not null references accounts(id),
  kind text not null check (kind in ('fm_card','esim')),
  carrier text not null references carriers(code),
  iccid text not null check (iccid ~ '^[0-9]{16,21}$'),
  msisdn text check (msisdn ~ '^\+[0-9]{5,15}$'),
  carrier_line_id text,                           -- the carrier's own id of the line; ICCIDs are used again
  eid text check (eid ~ '^[0-9]{32}$'),
  activation_code text,                           -- LPA:1$...
  confirmation_code text,                         -- given apart from it
  installed boolean,                              -- whether the profile is on a device, where the carrier says
  installed_as_of timestamptz,
  label text not null default '' check (char_length(label) <= 60),
  plan text not null references plans(code),
  status text not null default 'active' check (status in ('new','active','suspended','terminated')),
  time_zone text not null,                        -- whose days the validity is counted in
  valid_from date not null,
  valid_until date not null,                      -- inclusive
  anchor_day smallint not null check (anchor_day between 1 and 31),
  data_unlimited boolean not null default false,
  data_total_bytes bigint check (data_total_bytes >= 0),
  data_left_bytes bigint check (data_left_bytes >= 0),
  minutes_left int check (minutes_left >= 0),
  sms_left int check (sms_left >= 0),
  usage_as_of timestamptz not null,
  next_sync_at timestamptz not null default now(),   -- when the carrier is asked about it next
  sync_rank smallint not null default 1 check (sync_rank between 0 and 2),   -- 0 goes first
  asked_at timestamptz,                           -- the carrier was last asked
  synced_at timestamptz,                          -- and last answered
  sync_failures int not null default 0,           -- answers that were missing since
  carrier_balance_minor bigint check (carrier_balance_minor >= 0),
  carrier_balance_currency text,
  since timestamptz not null,                     -- held by this account since
  ended_at timestamptz,                           -- a recycled ICCID starts a new row
  version int not null default 0,
  created_at timestamptz not null,
  check (valid_until >= valid_from - 1),
  unique (id, account_id)
);
create unique index lines_iccid_held on lines (carrier, iccid) where ended_at is null;
create unique index lines_carrier_line_held on lines (carrier, carrier_line_id) where ended_at is null;
create index lines_account on lines (account_id);
create index lines_iccid on lines (iccid text_pattern_ops);
create index lines_iccid_suffix on lines (reverse(iccid) text_pattern_ops);
create index lines_msisdn_suffix on lines (reverse(msisdn) text_pattern_ops);
create index lines_to_sync on lines (carrier, sync_rank, next_sync_at) where ended_at is null;
create index lines_ending on lines (valid_until) where ended_at is null;

-- Whose an ICCID or a number is by how it begins, as the operator knows it; the longest beginning counts.
create table number_ranges (
  id bigint generated always as identity primary key,
  kind text not null check (kind in ('iccid','msisdn')),
  prefix text not null,                           -- digits alone; of a number, without the +
  carrier text not null references carriers(code),
  line_kind text check (line_kind in ('fm_card','esim')),   -- null: both
  plan text references plans(code),               -- what such a line begins with, where that is known
  note text not null default '' check (char_length(note) <= 200),
  created_at timestamptz not null,
  unique (kind, prefix),
  check (prefix ~ case kind when 'iccid' then '^[0-9]{2,20}$' else '^[1-9][0-9]{0,14}$' end)
);

-- The ledger behind lines.valid_until: every entry starts where the one before ended.
create table line_validities (
  line_id uuid not null references lines(id),
  entry int not null check (entry >= 0),
  cause text not null check (cause in ('opening','renewal','carrier')),
  order_id uuid,
  valid_from date not null,
  before_until date,                              -- null only for the opening
  valid_until date not null,
  anchor_day smallint not null,
  recorded_at timestamptz not null,
  primary key (line_id, entry),
  check ((entry = 0) = (before_until is null)),
  check ((cause = 'renewal') = (order_id is not null))
);
create unique index line_validities_once_per_order on line_validities (order_id) where order_id is not null;

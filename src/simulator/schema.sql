-- Carriers' own books. They know nothing of the portal's tables.
create schema if not exists simulator;

create table if not exists simulator.lines (
  carrier text not null,
  iccid text not null,
  line_id text not null default gen_random_uuid()::text,   -- the carrier's own id of the line
  msisdn text,
  valid_from date not null,
  valid_until date not null,
  anchor_day smallint not null,
  time_zone text not null,
  state text not null default 'active' check (state in ('new','active','depleted','suspended','expired','ended')),
  data_total_bytes bigint not null default 0,
  data_left_bytes bigint not null default 0,
  data_given_bytes bigint not null default 0,              -- all that was ever bought for it
  data_unlimited boolean not null default false,
  primary key (carrier, iccid),
  unique (carrier, line_id)
);

-- What was bought and begins after what is on the line has ended.
create table if not exists simulator.queued (
  number bigint generated always as identity primary key,
  carrier text not null,
  iccid text not null,
  starts_on date not null,
  data_bytes bigint not null,
  data_unlimited boolean not null
);

-- What a carrier sells and what it costs the operator.
create table if not exists simulator.products (
  carrier text not null,
  code text not null,
  title text not null,
  effect text not null,
  term_unit text not null,
  term_count int not null,
  data_unlimited boolean not null default false,
  data_bytes bigint,
  coverage text[] not null default '{}',
  cost_minor bigint not null,
  currency text not null,
  withdrawn boolean not null default false,
  primary key (carrier, code)
);

-- What the operator has left with a carrier. A carrier without a row gives credit without end.
create table if not exists simulator.wallets (
  carrier text primary key,
  minor bigint not null,
  currency text not null
);

-- The ledger: one row per request that was decided, for ever.
create table if not exists simulator.renewals (
  request_id text primary key,
  number bigint generated always as identity unique,         -- the carrier's own reference
  fingerprint bytea not null,
  carrier text not null,
  iccid text not null,
  product text not null,
  refused text,
  before_until date not null,
  valid_until date not null,
  received_at timestamptz not null,
  due_at timestamptz not null
);
create index if not exists renewals_line on simulator.renewals (carrier, iccid);

create table if not exists simulator.tries (
  request_id text primary key,
  count int not null
);

-- What was created at DT One; it is in the ledger once it was confirmed.
create table if not exists simulator.dt_one_transactions (
  id bigint generated always as identity (start with 2237500001) primary key,
  carrier text not null,
  external_id text not null,
  iccid text not null,
  product text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,                           -- may be confirmed until then
  cancelled_at timestamptz,
  unique (carrier, external_id)
);

-- Profiles at the server that phones download them from (SM-DP+). A line without a row has never been ordered there.
create table if not exists simulator.profiles (
  carrier text not null,
  iccid text not null,
  state text not null check (state in ('available','allocated','linked','confirmed','released','unavailable')),
  eid text,
  matching_id text unique,
  confirmation_code text,
  profile_type text,
  primary key (carrier, iccid)
);

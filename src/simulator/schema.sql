-- A carrier's own books. They know nothing of the portal's tables.
create schema if not exists simulator;

create table if not exists simulator.lines (
  carrier text not null,
  iccid text not null,
  valid_from date not null,
  valid_until date not null,
  anchor_day smallint not null,
  time_zone text not null,
  primary key (carrier, iccid)
);

-- The ledger: one row per request that was decided, for ever.
create table if not exists simulator.renewals (
  request_id text primary key,
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

create table if not exists simulator.tries (
  request_id text primary key,
  count int not null
);

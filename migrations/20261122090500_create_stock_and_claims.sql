-- Lines of the operator that nobody holds yet; claimed, one becomes a row of `lines` with the same id.
create table stock_lines (
  id uuid primary key,
  kind text not null check (kind in ('fm_card','esim')),
  carrier text not null references carriers(code),
  iccid text not null check (iccid ~ '^[0-9]{16,21}$'),
  msisdn text check (msisdn ~ '^\+[0-9]{5,15}$'),
  carrier_line_id text,
  eid text check (eid ~ '^[0-9]{32}$'),
  activation_code text,
  confirmation_code text,
  label text not null default '' check (char_length(label) <= 60),
  plan text not null references plans(code),
  status text not null default 'active' check (status in ('new','active','suspended','terminated')),
  valid_from date not null,
  valid_until date not null,
  anchor_day smallint not null check (anchor_day between 1 and 31),
  data_unlimited boolean not null default false,
  data_total_bytes bigint check (data_total_bytes >= 0),
  data_left_bytes bigint check (data_left_bytes >= 0),
  minutes_left int check (minutes_left >= 0),
  sms_left int check (sms_left >= 0),
  carrier_balance_minor bigint check (carrier_balance_minor >= 0),
  carrier_balance_currency text,
  imported_at timestamptz not null,               -- what is said of it is as of then
  check (valid_until >= valid_from - 1),
  unique (carrier, iccid),
  unique (carrier, carrier_line_id)
);
create index stock_lines_iccid on stock_lines (iccid);
create index stock_lines_msisdn on stock_lines (msisdn);
create index stock_lines_activation_code on stock_lines (lower(activation_code));

-- Somebody says that a line is theirs, and proves it by a code sent to its number.
create table line_claims (
  id uuid primary key,
  account_id uuid not null references accounts(id),
  kind text not null check (kind in ('iccid','msisdn')),
  number text not null,                           -- what was typed, tidied
  sent_to text,                                   -- null: no text went out, so no code is right
  code_salt bytea not null,
  code_hash bytea,
  tries int not null default 0 check (tries between 0 and 5),
  created_at timestamptz not null,
  expires_at timestamptz not null,
  ended_at timestamptz,
  outcome text check (outcome in ('replaced','added','yours','held','asked')),
  line_id uuid,                                   -- whose page it led to
  check ((sent_to is null) = (code_hash is null)),
  check ((ended_at is null) = (outcome is null))
);
-- A new code ends the one before.
create unique index line_claims_open on line_claims (account_id) where ended_at is null;
create index line_claims_created on line_claims (created_at);

-- A line that a person has to add: another account holds it, nothing is known of it, or it can't be proved from here.
create table line_requests (
  id uuid primary key,
  account_id uuid not null references accounts(id),
  kind text not null check (kind in ('held','unknown','help')),
  named text not null check (char_length(named) between 1 and 300),
  proved_by text,                                 -- the number whose code was typed
  opened_at timestamptz not null,
  closed_at timestamptz,
  note text                                       -- what the person who closed it says
);
create unique index line_requests_once on line_requests (account_id, kind, named) where closed_at is null;
create index line_requests_open on line_requests (opened_at) where closed_at is null;

-- A telephone that somebody says is theirs: the newest code that was sent to it.
create table phone_proofs (
  account_id uuid primary key references accounts(id),
  phone text not null check (phone ~ '^\+[0-9]{5,15}$'),
  code_salt bytea not null,
  code_hash bytea not null,
  tries int not null default 0 check (tries between 0 and 5),
  created_at timestamptz not null,
  expires_at timestamptz not null
);

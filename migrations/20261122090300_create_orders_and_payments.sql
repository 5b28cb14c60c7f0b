-- One renewal intention, the money for it, and the carrier's part: three truths kept apart.
create table orders (
  id uuid primary key,
  number text not null constraint orders_number_taken unique,
  account_id uuid not null references accounts(id),
  kind text not null default 'renewal' check (kind in ('renewal','top_up')),
  line_id uuid references lines(id),              -- a top-up is of no line and no plan
  plan text,                                      -- its code then; what it meant stands below
  attempt_key uuid not null,                      -- made with the review page: a second click is the same order
  amount_minor bigint not null check (amount_minor > 0),
  currency text not null check (currency in ('CNY','HKD','USD','EUR','GBP','JPY','SGD','KWD')),
  effect text check (effect in ('stack','restart','roll','queue','replace','max')),
  -- what was ordered for which number, as it was then: a plan may be renamed, a number change
  plan_zh text not null,
  plan_en text not null,
  term_unit text check (term_unit in ('day','month')),
  term_count int check (term_count > 0),
  data_unlimited boolean,
  data_bytes bigint,
  minutes int,
  sms int,
  iccid text,
  msisdn text,
  status text not null default 'awaiting_payment' check (status in
    ('awaiting_payment','paid','fulfilled','expired','cancelled','refunding','refunded','needs_attention')),
  -- what was promised before any money moved
  time_zone text not null,
  before_from date,
  before_until date,
  promised_from date,
  promised_until date,
  promised_anchor_day smallint,
  lost_data_bytes bigint not null default 0,
  lost_days int not null default 0,
  -- what the carrier answered
  fulfilled_until date,
  expires_at timestamptz not null,
  created_at timestamptz not null,
  paid_at timestamptz,
  fulfilled_at timestamptz,
  closed_at timestamptz,
  unique (id, amount_minor, currency),
  constraint orders_same_attempt unique (account_id, attempt_key),
  check (num_nulls(line_id, plan, effect, term_unit, term_count, data_unlimited, minutes, sms, iccid, before_from, before_until,
    promised_from, promised_until, promised_anchor_day) = case kind when 'renewal' then 0 else 14 end),
  check ((status = 'fulfilled') = (fulfilled_at is not null and (kind = 'top_up' or fulfilled_until is not null)) or status in ('refunding','refunded','needs_attention')),
  check (promised_until >= promised_from)
);
create unique index orders_one_open_per_line on orders (line_id) where status in ('awaiting_payment','paid');
create index orders_account on orders (account_id, created_at desc);
create index orders_overdue on orders (expires_at) where status = 'awaiting_payment';
create index orders_line on orders (line_id, created_at desc);
create index orders_current on orders (account_id, promised_from) where status in ('awaiting_payment','paid') or (status = 'fulfilled' and effect = 'queue');
create index orders_unfinished on orders (status, created_at) where status in ('paid','refunding','needs_attention');

create table order_events (
  id bigint generated always as identity,
  order_id uuid not null references orders(id),
  at timestamptz not null,
  event text not null,                            -- created, settled, provisioned ...
  from_status text,
  to_status text not null,
  detail jsonb not null default '{}',
  primary key (order_id, id)
);

create table payment_attempts (
  id uuid primary key,
  order_id uuid not null,
  account_id uuid not null,
  purpose text not null default 'renewal' check (purpose in ('renewal','top_up')),
  amount_minor bigint not null check (amount_minor >= 0),            -- what the gateway is asked for
  balance_minor bigint not null default 0 check (balance_minor >= 0),-- what the customer's balance pays beside it
  total_minor bigint not null generated always as (amount_minor + balance_minor) stored,
  balance_state text not null default 'none' check (balance_state in ('none','held','released','captured')),
  balance_returned_minor bigint not null default 0,
  currency text not null,
  gateway text not null,
  method text not null,
  merchant_ref text not null,
  provider_ref text,                              -- the gateway's id of what was created
  provider_txn_id text,                           -- the gateway's id of money that moved
  order_number text not null,                     -- with language and return_url: what the gateway shows and where it leads back
  language text not null,
  return_url text not null,
  payer_device text not null default 'desktop' check (payer_device in ('desktop','phone')),
  payer_address text not null default 'unknown',
  presentation jsonb,                             -- how the customer gets to the payment, once the gateway said so
  presented_at timestamptz,                       -- when it said so last: links and codes may age
  status text not null default 'creating' check (status in ('creating','pending','unknown','closing','abandoned','succeeded','closed','failed')),
  failure text,
  unpaid_at timestamptz,                          -- when the gateway said last that nothing is paid; null once it says otherwise, or nothing
  received_minor bigint check (received_minor >= 0),
  received_currency text,
  applied boolean not null default false,         -- this payment settled its order
  refund_reserved_minor bigint not null default 0,
  disputed_at timestamptz,                        -- the payer asked their bank for it: nothing goes back by itself any more
  expires_at timestamptz not null,
  query_count int not null default 0,
  created_at timestamptz not null,
  succeeded_at timestamptz,
  foreign key (order_id, total_minor, currency) references orders (id, amount_minor, currency),
  unique (gateway, merchant_ref),
  unique (gateway, provider_txn_id),
  unique (id, order_id, applied),
  check ((status = 'succeeded') = (provider_txn_id is not null and received_minor is not null and received_currency is not null)),
  check (not applied or (status = 'succeeded' and received_minor = amount_minor and received_currency = currency)),
  check (refund_reserved_minor between 0 and coalesce(received_minor, 0)),
  check ((balance_state = 'none') = (balance_minor = 0)),
  check ((balance_state = 'captured') = (applied and balance_minor > 0)),
  check (balance_returned_minor between 0 and case balance_state when 'captured' then balance_minor else 0 end)
);
-- An abandoned attempt may still be paid but stands in nobody's way: what comes then is one payment too many.
create unique index one_open_attempt on payment_attempts (order_id) where status in ('creating','pending','unknown','closing');
create unique index one_settlement on payment_attempts (order_id) where applied;
create index payment_attempts_order on payment_attempts (order_id);
create index payment_attempts_account on payment_attempts (account_id, created_at desc);

create table refunds (
  id uuid primary key,
  attempt_id uuid not null references payment_attempts(id),
  account_id uuid not null,
  amount_minor bigint not null check (amount_minor > 0),
  currency text not null check (currency in ('CNY','HKD','USD','EUR','GBP','JPY','SGD','KWD')),
  merchant_refund_no text not null unique,        -- fixed for ever, whatever fails
  reason text not null check (reason in ('surplus','late','amount_mismatch','provisioning_failed','operator','external')),
  status text not null default 'requested' check (status in ('requested','submitted','unknown','succeeded','failed','manual')),
  provider_refund_id text,
  reserved_minor bigint not null check (reserved_minor between 0 and amount_minor),
  source text not null default 'payment' check (source in ('payment','balance')),       -- which part of the attempt it gives back
  destination text not null default 'gateway' check (destination in ('gateway','balance')),
  turn int not null default 0,                    -- counts its ends and its new tries, so that each is told once
  failure text,
  by_hand text,                                   -- how a person gave the money back, if one did
  customer_note text,                             -- what the customer is told about that
  why text,                                       -- a person's own words for it, for colleagues
  asked_at timestamptz not null,                  -- when it was last asked for
  created_at timestamptz not null,
  succeeded_at timestamptz,
  check (source = 'payment' or destination = 'balance')
);
create index refunds_attempt on refunds (attempt_id);
create index refunds_unfinished on refunds (created_at) where status <> 'succeeded';
create unique index one_automatic_refund on refunds (attempt_id, source) where reason in ('surplus','late','amount_mismatch','provisioning_failed');

-- Every verified notification, stored before anything is made of it.
create table gateway_events (
  id bigint generated always as identity primary key,
  gateway text not null,
  event_key text not null,
  merchant_ref text,
  notice jsonb not null,                          -- what it says, as it was read last
  body bytea not null,
  received_at timestamptz not null,
  processed_at timestamptz,
  outcome text,
  unique (gateway, event_key)
);
create index gateway_events_open on gateway_events (id) where processed_at is null;
create index gateway_events_ref on gateway_events (merchant_ref);

create table provisionings (
  id uuid primary key,
  order_id uuid not null unique,                  -- one per order, for ever
  attempt_id uuid not null,
  account_id uuid not null,
  settled boolean not null default true check (settled),
  carrier text not null,
  request_id text not null unique,                -- the carrier's idempotency key, stored before the call
  request jsonb not null,                         -- what is asked of the carrier, so that every try asks the same
  status text not null default 'queued' check (status in ('queued','submitted','unknown','succeeded','failed_permanent')),
  asked_count int not null default 0,
  refusal text,
  carrier_reference text,                         -- the carrier's own: of its reservation, or of what it accepted
  baseline jsonb,                                 -- what was on the line before, where a lost answer can only be found by the difference
  carrier_until date,
  created_at timestamptz not null,
  submitted_at timestamptz,                       -- set before the call; null while the carrier surely has nothing
  finished_at timestamptz,
  -- no provisioning without a settled payment, and a settled payment can't be un-settled
  foreign key (attempt_id, order_id, settled) references payment_attempts (id, order_id, applied)
);

-- What carriers hold for orders that are not paid yet; written down before the carrier is asked.
create table carrier_reservations (
  order_id uuid primary key references orders(id),
  carrier text not null,
  request_id text not null,                       -- the same the renewal itself will have
  reference text,                                 -- the carrier's own, once it was answered
  reserved_at timestamptz not null,               -- when the carrier was last asked
  released_at timestamptz,
  taken boolean not null default false,           -- paid for: the renewal confirms it
  check (not taken or released_at is null)
);

-- Work for a person.
create table cases (
  id uuid primary key,
  account_id uuid not null,
  order_id uuid not null references orders(id),
  kind text not null check (kind in ('deviation','amount_mismatch','second_transaction','transaction_reused','provisioning_unknown',
    'refund_failed','refund_stuck','external_refund','disputed')),
  detail jsonb not null default '{}',
  opened_at timestamptz not null,
  closed_at timestamptz,
  note text                                       -- what the person who closed it says
);
-- One open case of a kind per order; once it is closed, the same thing may go wrong again.
create unique index cases_once on cases (order_id, kind) where closed_at is null;
create index cases_open on cases (opened_at) where closed_at is null;

-- Each gateway's statement of a day, held against our own books.
create table reconciliation_runs (
  id bigint generated always as identity primary key,
  gateway text not null,
  day date not null,                              -- of the gateway's own calendar
  ran_at timestamptz not null,
  failure text,                                   -- why there was no statement; it is asked for again
  theirs int not null default 0,
  ours int not null default 0,
  signed_by uuid references accounts(id),
  signed_at timestamptz,
  note text,
  unique (gateway, day),
  check ((signed_by is null) = (signed_at is null))
);
create table reconciliation_items (
  id bigint generated always as identity primary key,
  run_id bigint not null references reconciliation_runs(id) on delete cascade,
  list text not null check (list in ('theirs_not_ours','ours_not_theirs','amount_differs','refund_differs')),
  reference text,
  transaction text,
  theirs_minor bigint,
  theirs_currency text,
  ours_minor bigint,
  ours_currency text,
  attempt_id uuid references payment_attempts(id),
  refund_id uuid references refunds(id),
  repair text                                     -- what settling it came to; only the first list is repaired
);
create index reconciliation_runs_signed on reconciliation_runs (signed_by) where signed_by is not null;
create index reconciliation_items_run on reconciliation_items (run_id);
create index reconciliation_items_attempt on reconciliation_items (attempt_id) where attempt_id is not null;
create index reconciliation_items_refund on reconciliation_items (refund_id) where refund_id is not null;
create index payment_attempts_succeeded on payment_attempts (gateway, succeeded_at) where succeeded_at is not null;
create index refunds_provider on refunds (provider_refund_id) where provider_refund_id is not null;

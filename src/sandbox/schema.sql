create schema if not exists sandbox;

create table if not exists sandbox.payments (
  id text primary key,
  merchant_ref text not null unique,
  protocol text not null default 'sandbox',   -- whose words its merchant speaks
  details jsonb not null default '{}',        -- what only that provider asks for
  amount_minor bigint not null check (amount_minor > 0),
  currency text not null,
  merchant text not null,
  order_number text not null,
  lang text not null,
  return_url text not null,
  notify_url text not null,
  status text not null default 'open' check (status in ('open','paid','failed','closed')),
  outcome text,                  -- the button the payer pressed
  transaction_id text unique,
  received_minor bigint,
  paid_at timestamptz,
  pays_at timestamptz,           -- money that is on its way
  silent_until timestamptz,      -- questions are not answered before
  expires_at timestamptz not null,
  created_at timestamptz not null,
  check ((status = 'paid') = (transaction_id is not null and received_minor is not null and paid_at is not null))
);
create index if not exists payments_on_the_way on sandbox.payments (pays_at) where pays_at is not null;

create table if not exists sandbox.refunds (
  id text primary key,
  merchant_refund_no text not null unique,
  payment_id text not null references sandbox.payments(id),
  amount_minor bigint not null check (amount_minor > 0),
  details jsonb not null default '{}',        -- what only that provider asks for
  status text not null default 'accepted' check (status in ('accepted','succeeded','failed')),
  finishes_at timestamptz not null,
  created_at timestamptz not null
);
create index if not exists refunds_on_the_way on sandbox.refunds (finishes_at) where status = 'accepted';

create table if not exists sandbox.notifications (
  id bigint generated always as identity primary key,
  event_id text not null,
  protocol text not null default 'sandbox',
  url text not null,
  body text not null,
  due_at timestamptz not null,
  tries int not null default 0,
  sent_at timestamptz,
  last_answer text
);
create index if not exists notifications_due on sandbox.notifications (due_at) where sent_at is null;

-- What Stripe answered under an idempotency key.
create table if not exists sandbox.stripe_answers (
  key text primary key,
  asked text not null,
  status int not null,
  answer jsonb not null,
  answered_at timestamptz not null
);

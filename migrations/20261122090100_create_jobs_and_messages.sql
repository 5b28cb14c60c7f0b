-- Follow-up work, saved with its cause, and what was sent to whom.
create table jobs (
  id bigint generated always as identity primary key,
  kind text not null,
  dedupe_key text not null,
  payload jsonb not null,
  state text not null default 'ready' check (state in ('ready','running','done','dead')),
  run_at timestamptz not null,          -- business clock
  attempts int not null default 0,
  max_attempts int not null,
  lease_token uuid,
  lease_until timestamptz,              -- the database's own clock
  last_error text,
  created_at timestamptz not null,
  finished_at timestamptz,
  constraint jobs_once unique (kind, dedupe_key),
  check ((state = 'running') = (lease_token is not null and lease_until is not null))
);
create index jobs_due on jobs (run_at) where state = 'ready';
create index jobs_leased on jobs (lease_until) where state = 'running';
create index jobs_dead on jobs (id) where state = 'dead';

create table messages (
  id uuid primary key,
  account_id uuid references accounts(id),
  order_id uuid,
  channel text not null check (channel in ('mail','sms')),
  template text not null,
  language text not null,
  recipient text not null,
  subject text not null,
  body_text text not null,
  body_html text,
  attachment_name text,
  attachment bytea,
  created_at timestamptz not null,
  not_after timestamptz,                -- of no use to anybody later
  sent_at timestamptz,
  failed_at timestamptz,
  last_error text
);
create index messages_account on messages (account_id, created_at desc);
create index messages_recent on messages (created_at desc);

-- The rehearsal clock of the demo: one row, moved forward by staff.
create table rehearsal_clock (
  only_one boolean primary key default true check (only_one),
  ahead_seconds bigint not null default 0 check (ahead_seconds >= 0)
);
insert into rehearsal_clock default values;

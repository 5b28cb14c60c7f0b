-- People, how they prove who they are, and what was done to whom.
create table accounts (
  id uuid primary key,
  email text not null,
  email_key text not null,              -- lower case, NFKC: what uniqueness is judged by
  email_verified_at timestamptz,
  previous_email text,                  -- also written to until previous_email_until
  previous_email_key text,
  previous_email_until timestamptz,
  name text not null check (char_length(name) between 1 and 100),
  password_hash text,                   -- null: imported, sets one through the reset mail
  password_changed_at timestamptz,
  role text not null default 'customer' check (role in ('customer','viewer','support','finance','admin')),
  language text not null default 'zh-CN' check (language in ('zh-CN','en')),
  time_zone text not null default 'Asia/Shanghai',
  refunds_to text not null default 'origin' check (refunds_to in ('origin','balance')),  -- where the customer wants money back
  phone text check (phone ~ '^\+[0-9]{5,15}$'),
  phone_verified_at timestamptz,        -- its owner typed a code that was sent to it
  reminders_by_mail boolean not null default true,
  reminders_by_text boolean not null default false,
  news boolean not null default false,
  password_reminder boolean not null default true,    -- whether an old password is spoken of
  closes_at timestamptz,                -- its owner asked for it to be closed then
  closed_at timestamptz,                -- nothing is left here of who it was
  disabled_at timestamptz,
  created_at timestamptz not null,
  check ((previous_email is null) = (previous_email_key is null) and (previous_email is null) = (previous_email_until is null)),
  check (phone_verified_at is null or phone is not null),
  check (not reminders_by_text or phone_verified_at is not null),
  constraint accounts_email_taken unique (email_key)
);
create index accounts_previous_email on accounts (previous_email_key) where previous_email_key is not null;
create index accounts_email_prefix on accounts (email_key text_pattern_ops);
create index accounts_name_prefix on accounts (lower(name) text_pattern_ops);
create index accounts_phone_suffix on accounts (reverse(phone) text_pattern_ops);

create table sessions (
  id_hash bytea primary key,
  id uuid not null unique default gen_random_uuid(),   -- what its owner ends it by
  account_id uuid references accounts(id),
  data jsonb not null,
  user_agent text check (char_length(user_agent) <= 400),
  client text,                          -- where it was begun: an address, of IPv6 the network
  stage text not null default 'whole' check (stage in ('whole','second_step')),   -- second_step: signs nobody in yet
  first_factor text not null default 'password' check (first_factor in ('password','mail','passkey')),
  proven_at timestamptz,                -- a factor was last given
  created_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  expires_at timestamptz not null,
  revoked_at timestamptz
);
create index sessions_account on sessions (account_id) where revoked_at is null;
create index sessions_expiry on sessions (expires_at);

-- Browsers an account was signed in from, by a hash of their cookie: one that is not here is told of by mail.
create table known_browsers (
  account_id uuid not null references accounts(id),
  mark_hash bytea not null,
  seen_at timestamptz not null default now(),
  trusted_at timestamptz,               -- from then on it is asked for no second step; a new password ends that
  trusted_until timestamptz,
  primary key (account_id, mark_hash)
);

-- Codes sent by mail, each for the request it was asked by: the hash of a half signed-in session, or of a cookie.
create table mailed_codes (
  asked_by bytea primary key,
  account_id uuid not null references accounts(id),
  code_hash text not null,
  tries int not null default 0,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz
);
create index mailed_codes_account on mailed_codes (account_id);

-- An app that shows codes; a code of it was given.
create table totp (
  account_id uuid primary key references accounts(id),
  key_id text not null,                 -- of the key it is sealed with
  secret bytea not null,                -- sealed
  last_step bigint not null default 0,  -- the step of the newest code that was taken: each is taken once
  created_at timestamptz not null
);

-- Keys that ask for a finger, a face or a PIN (WebAuthn).
create table passkeys (
  id uuid primary key,
  account_id uuid not null references accounts(id),
  credential_id bytea not null unique,  -- by which the key calls itself
  name text not null check (char_length(name) between 1 and 60),
  credential jsonb not null,            -- its public half and its counter
  created_at timestamptz not null,
  used_at timestamptz
);
create index passkeys_account on passkeys (account_id);

-- What a browser was asked of a key; one answer each.
create table passkey_ceremonies (
  id uuid primary key,
  account_id uuid references accounts(id),   -- null: the key will say whose it is
  asked jsonb not null,
  expires_at timestamptz not null
);
create index passkey_ceremonies_account on passkey_ceremonies (account_id);
create index passkey_ceremonies_expiry on passkey_ceremonies (expires_at);

-- Each works once, where nothing else is at hand.
create table recovery_codes (
  account_id uuid not null references accounts(id),
  selector text not null,               -- its first characters, by which it is found
  code_hash text not null,              -- of the others
  used_at timestamptz,
  primary key (account_id, selector)
);

-- A second step that is lost: asked for at the door, taken off by an admin after a wait.
create table second_step_resets (
  id uuid primary key,
  account_id uuid not null references accounts(id),
  state text not null default 'open' check (state in ('open','approved','refused','cancelled','needless','expired')),
  client text not null,                 -- where it was asked for
  asked_at timestamptz not null,
  ready_at timestamptz not null,        -- not approved before
  ended_at timestamptz,
  decided_by uuid references accounts(id),
  note text not null default '',
  check ((state = 'open') = (ended_at is null)),
  check ((state in ('approved','refused')) = (decided_by is not null)),
  check (state <> 'approved' or (ended_at >= ready_at and decided_by <> account_id))
);
create unique index second_step_resets_open on second_step_resets (account_id) where state = 'open';
create index second_step_resets_decided_by on second_step_resets (decided_by);

create table account_tokens (
  token_hash bytea primary key,
  account_id uuid not null references accounts(id),
  purpose text not null check (purpose in ('reset_password','verify_email','change_email','undo_security','cancel_second_step_reset')),
  email text,                           -- change_email: the address to come; undo_security: the one that was
  expires_at timestamptz not null,
  used_at timestamptz,
  created_at timestamptz not null
);
create index account_tokens_account on account_tokens (account_id, purpose);
create index account_tokens_email on account_tokens (lower(email)) where purpose = 'undo_security' and used_at is null;

-- What somebody takes along: everything that is kept of them, for a day.
create table data_exports (
  id uuid primary key,
  account_id uuid not null references accounts(id) unique,
  asked_at timestamptz not null,
  made_at timestamptz,
  expires_at timestamptz,
  content text,                         -- null: it is being put together
  check ((content is null) = (made_at is null) and (content is null) = (expires_at is null))
);

-- GCRA: the theoretical arrival time of the next request, per key.
create table rate_limits (
  key text primary key,
  arrival timestamptz not null
);

-- Append only. Written without a place in the chain, so that no writer waits for another; sealed afterwards in batches.
create table audit_log (
  id bigint generated always as identity primary key,
  at timestamptz not null,
  actor_id uuid,
  actor_role text not null,             -- customer, support ..., system
  action text not null,                 -- account.viewed, order.created ...
  account_id uuid,
  subject_type text,
  subject_id text,
  detail jsonb not null default '{}',
  position bigint unique check (position > 0),
  hash bytea check (octet_length(hash) = 32),   -- of the hash before and of this row
  check ((position is null) = (hash is null))
);
create index audit_log_account on audit_log (account_id, at desc);
create index audit_log_unsealed on audit_log (id) where position is null;

-- Where the chain ends: one row.
create table audit_head (
  only_one boolean primary key default true check (only_one),
  position bigint not null,
  hash bytea not null check (octet_length(hash) = 32)
);
insert into audit_head (position, hash) values (0, decode(repeat('00', 32), 'hex'));

create function keep_audit_log() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' then
    if old.position is null
       and to_jsonb(new) - array['position', 'hash'] = to_jsonb(old) - array['position', 'hash'] then
      return new;
    end if;
  end if;
  raise exception 'the audit trail is only added to';
end $$;
create trigger audit_log_keeps before update or delete on audit_log for each row execute function keep_audit_log();
create trigger audit_log_stays before truncate on audit_log for each statement execute function keep_audit_log();

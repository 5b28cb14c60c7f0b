-- An address that somebody wants to register, until whoever reads its mail chooses a name and a password.
create table registrations (
  token_hash bytea primary key,
  email text not null,
  email_key text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz                   -- an account was made of it, by this link or by another one
);
create index registrations_email on registrations (email_key);
create index registrations_expiry on registrations (expires_at);

-- Nobody chooses a password for an address that is not shown to be theirs.
update accounts set password_hash = null where email_verified_at is null;
alter table accounts add constraint accounts_password_after_address
  check (password_hash is null or email_verified_at is not null);
delete from account_tokens where purpose = 'verify_email';
alter table account_tokens drop constraint account_tokens_purpose_check, add constraint account_tokens_purpose_check
  check (purpose in ('reset_password','change_email','undo_security','cancel_second_step_reset'));

-- What somebody made who had no business there is taken back by its age.
alter table recovery_codes add column created_at timestamptz not null default now();

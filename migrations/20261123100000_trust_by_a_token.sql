-- A browser is spared the second step by a token of its own, which is new each time it is spared: whoever was at that browser
-- before has no copy of it. The release before this one still writes trusted_at; nothing reads it any more.
alter table known_browsers add column trust_hash bytea;
update known_browsers set trusted_until = null;

-- The browser a session is in, as in known_browsers: with the session, what it is spared ends.
alter table sessions add column mark_hash bytea;

-- An address as it is compared, beside the one that is written to.
alter table account_tokens add column email_key text;
update account_tokens set email_key = lower(email);
drop index account_tokens_email;
create index account_tokens_email on account_tokens (email_key) where purpose = 'undo_security' and used_at is null;

-- A code to sign in with may come by text; it is never the only factor.
alter table mailed_codes add column sent_by text not null default 'mail' check (sent_by in ('mail','text'));
alter table sessions drop constraint sessions_first_factor_check;
alter table sessions add constraint sessions_first_factor_check check (first_factor in ('password','mail','text','passkey'));
create index accounts_phone_verified on accounts (phone, phone_verified_at desc) where phone_verified_at is not null;

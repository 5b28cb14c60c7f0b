-- Who somebody is by a document, for carriers that have to know it. Sealed whole: nothing of it can be searched or read here.
create table identities (
  account_id uuid primary key references accounts(id),
  key_id text not null,                 -- of the key it is sealed with
  sealed bytea not null,
  saved_at timestamptz not null
);
create index identities_key on identities (key_id);

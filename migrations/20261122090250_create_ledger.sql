-- Where every amount of money is and where it came from: a transaction takes from one account what it adds to another.
create table ledger_accounts (
  id bigint generated always as identity primary key,
  kind text not null check (kind in ('customer_balance','customer_held','gateway_clearing','undecided','sales',
    'refunds_payable','refunds_failed','refunds_elsewhere')),
  account_id uuid references accounts(id),
  gateway text,
  currency text not null check (currency in ('CNY','HKD','USD','EUR','GBP','JPY','SGD','KWD')),
  -- Kept for customers only, whose money must not be spent twice. One row for all sales would be a queue everybody stands in.
  balance_minor bigint constraint ledger_accounts_covered check (balance_minor >= 0),
  name text not null generated always as
    (kind || coalesce(':' || account_id::text, '') || coalesce(':' || gateway, '') || ':' || currency) stored
    constraint ledger_accounts_once unique,
  unique (id, currency),
  check ((account_id is not null) = (kind in ('customer_balance','customer_held'))),
  check ((gateway is not null) = (kind = 'gateway_clearing')),
  check ((balance_minor is not null) = (account_id is not null))
);
create index ledger_accounts_customer on ledger_accounts (account_id) where account_id is not null;

create table ledger_transactions (
  id bigint generated always as identity primary key,
  kind text not null check (kind in ('payment_received','payment_applied','balance_held','balance_released',
    'refund_requested','refund_succeeded','refund_failed')),
  subject uuid not null,                          -- the payment or the refund whose fact this is
  ordinal int not null check (ordinal >= 0),      -- some facts come again: held, released, held
  order_id uuid,
  at timestamptz not null,
  constraint ledger_transactions_once unique (kind, subject, ordinal)
);
create index ledger_transactions_subject on ledger_transactions (subject);

create table ledger_entries (
  transaction_id bigint not null references ledger_transactions(id),
  ledger_account bigint not null,
  currency text not null check (currency in ('CNY','HKD','USD','EUR','GBP','JPY','SGD','KWD')),
  amount_minor bigint not null check (amount_minor <> 0),
  primary key (transaction_id, ledger_account),
  foreign key (ledger_account, currency) references ledger_accounts (id, currency)
);
create index ledger_entries_account on ledger_entries (ledger_account, transaction_id);

create function ledger_move_balance() returns trigger language plpgsql as $$
begin
  update ledger_accounts set balance_minor = balance_minor + new.amount_minor
    where id = new.ledger_account and balance_minor is not null;
  return null;
end $$;
create trigger ledger_move_balance after insert on ledger_entries for each row execute function ledger_move_balance();

-- Looked at when the transaction commits: it may be written entry by entry.
create function ledger_balanced() returns trigger language plpgsql as $$
declare booked bigint := case tg_table_name when 'ledger_entries' then (to_jsonb(new) ->> 'transaction_id')::bigint else (to_jsonb(new) ->> 'id')::bigint end;
begin
  if not exists (select from ledger_entries where transaction_id = booked) then
    raise exception 'ledger transaction % has no entries', booked using errcode = 'check_violation', constraint = 'ledger_balanced';
  end if;
  if exists (select from ledger_entries where transaction_id = booked group by currency having sum(amount_minor) <> 0) then
    raise exception 'ledger transaction % does not add up to zero', booked using errcode = 'check_violation', constraint = 'ledger_balanced';
  end if;
  return null;
end $$;
create constraint trigger ledger_balanced after insert on ledger_entries
  deferrable initially deferred for each row execute function ledger_balanced();
create constraint trigger ledger_balanced after insert on ledger_transactions
  deferrable initially deferred for each row execute function ledger_balanced();

create function ledger_is_final() returns trigger language plpgsql as $$
begin
  raise exception 'what is booked stays booked: % on %', tg_op, tg_table_name using errcode = 'restrict_violation';
end $$;
create trigger ledger_is_final before update or delete or truncate on ledger_entries execute function ledger_is_final();
create trigger ledger_is_final before update or delete or truncate on ledger_transactions execute function ledger_is_final();
create trigger ledger_is_final before delete or truncate on ledger_accounts execute function ledger_is_final();
-- A balance moves by an entry and in no other way.
create trigger ledger_is_moved_by_entries before update on ledger_accounts
  for each row when (pg_trigger_depth() = 0) execute function ledger_is_final();

-- What carriers tell of their own accord, as it came, once it is verified.
create table carrier_events (
  id bigint generated always as identity primary key,
  carrier text not null,
  event_key text not null,                        -- the same for the same event, however often it is delivered
  kind text not null,
  word text,                                      -- the carrier's own, where the kind is not known
  iccid text,
  carrier_line_id text,
  reference text,                                 -- of a renewal it speaks of
  body bytea not null,                            -- untouched
  received_at timestamptz not null,
  line_id uuid references lines(id),              -- the line it was found to be about
  outcome text,
  processed_at timestamptz,
  unique (carrier, event_key)
);
create index carrier_events_line on carrier_events (line_id, received_at desc) where line_id is not null;

-- What a carrier was asked to change about a line.
create table line_changes (
  id uuid primary key,
  line_id uuid not null references lines(id),
  account_id uuid not null,
  change text not null check (change in ('activate','suspend','resume')),
  status text not null default 'requested' check (status in ('requested','accepted','done','refused','unconfirmed')),
  actor_id uuid not null,
  actor_role text not null,
  reason text,                                    -- what staff say; customers need none
  refusal text,
  requested_at timestamptz not null,
  accepted_at timestamptz,
  finished_at timestamptz,
  check ((status in ('done','refused','unconfirmed')) = (finished_at is not null))
);
create unique index line_changes_one_open on line_changes (line_id) where finished_at is null;
create index line_changes_line on line_changes (line_id, requested_at desc);

-- When the next question to a carrier is due if they come at its own pace.
create table usage_turns (
  carrier text primary key,
  arrival timestamptz not null
);

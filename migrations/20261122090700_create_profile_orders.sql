-- New eSIM profiles for lines: the same line on a phone that lost it, or on another one. One row an order, for ever.
create table profile_orders (
  id uuid primary key,
  line_id uuid not null references lines(id),
  account_id uuid not null,
  purpose text not null check (purpose in ('reissue','move')),
  eid text check (eid ~ '^[0-9]{32}$'),           -- the device it is for, where the customer named it
  old_iccid text not null,
  iccid text check (iccid ~ '^[0-9]{16,21}$'),    -- of the profile that was ordered
  matching_id text not null,                      -- ours, made before anything is sent
  confirmation_code text,
  activation_code text,
  state text not null default 'requested' check (state in
    ('requested','freeing','ordered','confirmed','released','withdrawing','done','refused','failed')),
  freed boolean not null default false,           -- nothing older is ordered for this ICCID any more
  sent_at timestamptz,                            -- a call of this state went out and was not answered yet
  tries int not null default 0,
  refusal text,
  actor_id uuid not null,
  actor_role text not null,
  reason text,                                    -- what staff say; customers need none
  requested_at timestamptz not null,
  released_at timestamptz,
  finished_at timestamptz,
  check ((state in ('done','refused','failed')) = (finished_at is not null)),
  check (state not in ('released','done') or (iccid is not null and activation_code is not null and released_at is not null))
);
create unique index profile_orders_one_open on profile_orders (line_id) where finished_at is null;
create index profile_orders_line on profile_orders (line_id, requested_at desc);

-- ICCIDs a line had before; each may be another line's by now.
create table line_iccids (
  line_id uuid not null references lines(id),
  carrier text not null references carriers(code),
  iccid text not null,
  until timestamptz not null,
  primary key (line_id, until)
);
create index line_iccids_iccid on line_iccids (iccid);

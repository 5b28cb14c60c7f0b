use super::Check;

/// Jobs that will still run: what is under way, the audit must not call lost.
pub(super) const ALL: &[Check] = &[
    Check {
        id: "I1",
        claim: "money that came settled its order, went back, or is in the hands of a person",
        breaks: "select o.number || ': payment ' || a.merchant_ref || ' is nowhere'
                 from payment_attempts a join orders o on o.id = a.order_id
                 where a.status = 'succeeded' and not a.applied
                   and not exists (select from refunds r where r.attempt_id = a.id)
                   and not (a.received_minor = 0 and exists (select from cases c where c.order_id = o.id))
                   and not exists (select from jobs j where j.kind = 'payment-settled' and j.dedupe_key = a.id::text and j.state in ('ready', 'running'))",
        looked_at: "select count(*) from payment_attempts where status = 'succeeded'",
    },
    Check {
        id: "I1",
        claim: "a paid order has exactly one provisioning, and what ended for a person has a case",
        breaks: "select o.number || ': ' || o.status from orders o
                 where (o.kind = 'renewal' and o.status in ('paid', 'fulfilled', 'refunding', 'refunded') and not exists (select from provisionings p where p.order_id = o.id))
                    or (o.status = 'needs_attention' and not exists (select from cases c where c.order_id = o.id))",
        looked_at: "select count(*) from orders where status not in ('awaiting_payment', 'expired', 'cancelled')",
    },
    Check {
        id: "I2",
        claim: "received minus given back by itself is the price of what was delivered, and nothing otherwise",
        breaks: "select o.number || ': ' || o.status || ' keeps ' || m.kept || ' of ' || o.amount_minor
                 from orders o cross join lateral (
                   select coalesce(sum(a.received_minor - a.refund_reserved_minor) filter (where a.received_currency = o.currency), 0)
                            + coalesce(sum(a.balance_minor - a.balance_returned_minor) filter (where a.balance_state = 'captured'), 0) as kept,
                          coalesce(bool_or(a.status = 'succeeded' and not a.applied and a.refund_reserved_minor = 0 and a.received_minor > 0), false) as undecided,
                          coalesce((select sum(r.reserved_minor) from refunds r join payment_attempts ra on ra.id = r.attempt_id
                                    where ra.order_id = o.id and ra.applied and r.reason in ('operator', 'external')), 0) as given
                   from payment_attempts a where a.order_id = o.id) m
                 where not m.undecided
                   and m.kept <> case when o.status in ('fulfilled', 'paid') then o.amount_minor - m.given else 0 end
                   and not (o.status = 'needs_attention' and m.kept in (0, o.amount_minor - m.given))",
        looked_at: "select count(*) from orders",
    },
    Check {
        id: "I2",
        claim: "no refund goes beyond what was received, and every reserved amount has its refund",
        breaks: "select a.merchant_ref || ': reserved ' || a.refund_reserved_minor || ', refunds ' || coalesce(sum(r.reserved_minor), 0)
                 from payment_attempts a left join refunds r on r.attempt_id = a.id and r.source = 'payment'
                 group by a.id having a.refund_reserved_minor <> coalesce(sum(r.reserved_minor), 0)
                 union all
                 select a.merchant_ref || ': returned to the balance ' || a.balance_returned_minor || ', refunds ' || coalesce(sum(r.amount_minor), 0)
                 from payment_attempts a left join refunds r on r.attempt_id = a.id and r.source = 'balance'
                 group by a.id having a.balance_returned_minor <> coalesce(sum(r.amount_minor), 0)",
        looked_at: "select count(*) from refunds",
    },
    Check {
        id: "I4",
        claim: "no renewal without money",
        breaks: "select v.line_id || ' entry ' || v.entry from line_validities v
                 where v.cause = 'renewal' and not exists (
                   select from payment_attempts a where a.order_id = v.order_id and a.applied and a.received_minor = a.amount_minor)",
        looked_at: "select count(*) from line_validities where cause = 'renewal'",
    },
    Check {
        id: "I5",
        claim: "every line's validity is what its ledger adds up to",
        breaks: "with chain as (
                   select line_id, entry, order_id, valid_until, before_until,
                          lag(valid_until) over w as previous, lag(entry) over w as previous_entry,
                          row_number() over (partition by line_id order by entry desc) = 1 as newest
                   from line_validities window w as (partition by line_id order by entry))
                 select l.iccid || ': ' || l.valid_until || ' against ' || coalesce(c.valid_until::text, 'no ledger')
                 from lines l left join chain c on c.line_id = l.id and c.newest where c.valid_until is distinct from l.valid_until
                 union all
                 select line_id || ' entry ' || entry || ' does not follow on' from chain
                 where (entry > 0 and (previous is distinct from before_until or previous_entry is distinct from entry - 1)) or (entry = 0 and previous is not null)
                 union all
                 select o.number || ': ' || o.fulfilled_until || ' against ' || coalesce(v.valid_until::text, 'no ledger entry')
                 from orders o left join line_validities v on v.order_id = o.id where o.status = 'fulfilled' and v.valid_until is distinct from o.fulfilled_until",
        looked_at: "select count(*) from line_validities",
    },
    Check {
        id: "I6",
        claim: "every order that is not finished has work waiting for it",
        breaks: "select o.number || ': ' || o.status || ' and nothing is due' from orders o
                 where (o.status = 'awaiting_payment' and not exists (
                          select from jobs j where j.kind = 'find-overdue-orders' and j.state in ('ready', 'running')))
                    or (o.status = 'paid' and not exists (
                          select from provisionings p join jobs j on j.dedupe_key = p.id::text and j.kind in ('provision', 'provisioned', 'provisioning-refused', 'provisioning-stuck')
                          where p.order_id = o.id and j.state in ('ready', 'running')))
                    or (o.status = 'refunding' and not exists (
                          select from payment_attempts a join refunds r on r.attempt_id = a.id
                            join jobs j on j.dedupe_key in (r.id || ':0', r.id || ':' || r.turn) and j.kind in ('submit-refund', 'refund-finished', 'refund-failed')
                          where a.order_id = o.id and j.state in ('ready', 'running')))",
        looked_at: "select count(*) from orders where status in ('awaiting_payment', 'paid', 'refunding')",
    },
    Check {
        id: "I6",
        claim: "what a carrier holds for an order that ended unpaid is being let go",
        breaks: "select o.number || ': ' || r.carrier || ' holds ' || r.request_id
                 from carrier_reservations r join orders o on o.id = r.order_id
                 where o.status in ('expired', 'cancelled', 'refunded') and r.released_at is null and not r.taken and not exists (
                   select from jobs j where j.kind = 'release-reservation' and j.dedupe_key = o.id::text and j.state in ('ready', 'running'))",
        looked_at: "select count(*) from carrier_reservations",
    },
    Check {
        id: "I6",
        claim: "no job is dead",
        breaks: "select kind || ' ' || dedupe_key || ': ' || coalesce(last_error, '') from jobs where state = 'dead'",
        looked_at: "select count(*) from jobs",
    },
    Check {
        id: "I7",
        claim: "each order's events follow on one another and end where the order stands",
        breaks: "with chain as (
                   select order_id, id, from_status, to_status, lag(to_status) over w as previous,
                          row_number() over (partition by order_id order by id desc) = 1 as newest
                   from order_events window w as (partition by order_id order by id))
                 select o.number || ': ' || o.status || ' after ' || coalesce(c.to_status, 'no event')
                 from orders o left join chain c on c.order_id = o.id and c.newest where c.to_status is distinct from o.status
                 union all
                 select order_id || ' event ' || id from chain where previous is distinct from from_status",
        looked_at: "select count(*) from order_events",
    },
    Check {
        id: "I7",
        claim: "each notification is stored once and was made something of",
        breaks: "select gateway || ' ' || event_key || ' is unprocessed' from gateway_events where processed_at is null and received_at < now() - interval '10 minutes'
                   and merchant_ref in (select merchant_ref from payment_attempts)",
        looked_at: "select count(*) from gateway_events",
    },
    Check {
        id: "I8",
        claim: "what gateways booked is what we booked, or a person signed the difference",
        breaks: "select r.gateway || ' ' || r.day || ': ' || i.list || ' ' || coalesce(i.reference, i.transaction, '')
                 from reconciliation_items i join reconciliation_runs r on r.id = i.run_id
                 where r.signed_at is null and i.repair is null
                 union all
                 select gateway || ' ' || day || ': no statement, ' || failure from reconciliation_runs
                 where failure is not null and ran_at > (day + 3)::timestamptz",
        looked_at: "select count(*) from reconciliation_runs",
    },
    Check {
        id: "I9",
        claim: "every message was sent or waits to be",
        breaks: "select m.template || ' to account ' || coalesce(m.account_id::text, '?') from messages m
                 where m.sent_at is null and m.failed_at is null and not exists (
                   select from jobs j where j.kind in ('send-message', 'send-text') and j.dedupe_key = m.id::text and j.state in ('ready', 'running'))",
        looked_at: "select count(*) from messages",
    },
    Check {
        id: "I10",
        claim: "no session lives of a disabled account or from before a password change",
        breaks: "select a.id::text from sessions s join accounts a on a.id = s.account_id
                 where s.revoked_at is null and s.expires_at > now() and a.password_changed_at > s.created_at + interval '1 second'",
        looked_at: "select count(*) from sessions where revoked_at is null",
    },
    Check {
        id: "I11",
        claim: "the ledger adds up to zero, as a whole and in each transaction",
        breaks: "select currency || ': ' || sum(amount_minor) from ledger_entries group by currency having sum(amount_minor) <> 0
                 union all
                 select 'transaction ' || t.id || ' ' || coalesce(e.currency || ': ' || sum(e.amount_minor), 'is empty')
                 from ledger_transactions t left join ledger_entries e on e.transaction_id = t.id
                 group by t.id, e.currency having coalesce(sum(e.amount_minor), 1) <> 0",
        looked_at: "select count(*) from ledger_transactions",
    },
    Check {
        id: "I11",
        claim: "every customer's balance is what its entries add up to",
        breaks: "select a.name || ': ' || a.balance_minor || ' against ' || coalesce(sum(e.amount_minor), 0)
                 from ledger_accounts a left join ledger_entries e on e.ledger_account = a.id
                 where a.balance_minor is not null group by a.id having a.balance_minor <> coalesce(sum(e.amount_minor), 0)",
        looked_at: "select count(*) from ledger_accounts where balance_minor is not null",
    },
    Check {
        id: "I11",
        claim: "every payment and refund is booked where it stands, and nothing else is",
        breaks: "with booked as (
                   select t.subject, t.kind, l.kind as place, l.gateway, e.currency, sum(e.amount_minor) as minor
                   from ledger_transactions t join ledger_entries e on e.transaction_id = t.id join ledger_accounts l on l.id = e.ledger_account
                   group by t.subject, t.kind, l.kind, l.gateway, e.currency)
                 select a.merchant_ref || ': what came is not booked' from payment_attempts a
                 where a.status = 'succeeded' and a.received_minor > 0 and not exists (
                   select from booked b where b.subject = a.id and b.kind = 'payment_received' and b.gateway = a.gateway
                     and b.currency = a.received_currency and b.minor = -a.received_minor)
                 union all
                 select a.merchant_ref || ': what it bought is not booked' from payment_attempts a
                 where a.applied and not exists (select from booked b where b.subject = a.id and b.kind = 'payment_applied')
                 union all
                 select a.merchant_ref || ': the balance is ' || a.balance_state || ' and its part is not so booked' from payment_attempts a
                 where case a.balance_state when 'held' then a.balance_minor else 0 end <> (
                   select coalesce(sum(b.minor), 0) from booked b where b.subject = a.id and b.place = 'customer_held')
                 union all
                 select r.merchant_refund_no || ': ' || r.status || ' and the money is elsewhere' from refunds r
                 where r.amount_minor <> (
                   select coalesce(sum(b.minor), 0) from booked b where b.subject = r.id and b.currency = r.currency and b.place = case
                     when r.status in ('requested', 'submitted', 'unknown') then 'refunds_payable'
                     when r.status in ('failed', 'manual') then 'refunds_failed'
                     when r.destination = 'balance' then 'customer_balance'
                     when r.by_hand is not null then 'refunds_elsewhere'
                     else 'gateway_clearing' end)
                 union all
                 select 'transaction ' || t.id || ': ' || t.kind || ' of nothing' from ledger_transactions t
                 where not exists (select from payment_attempts a where a.id = t.subject and case t.kind
                         when 'payment_received' then a.status = 'succeeded' when 'payment_applied' then a.applied else t.kind like 'balance%' end)
                   and not exists (select from refunds r where r.id = t.subject and t.kind like 'refund%')",
        looked_at: "select count(*) from ledger_transactions",
    },
];

-- Between two rounds: every line may be ordered for again.
delete from jobs where kind = 'expire-order' and dedupe_key in (select id::text from orders where status = 'awaiting_payment' and account_id in (select id from accounts where email_key like '%@bench.example'));
delete from order_events where order_id in (select id from orders where status = 'awaiting_payment' and account_id in (select id from accounts where email_key like '%@bench.example'));
delete from orders where status = 'awaiting_payment' and account_id in (select id from accounts where email_key like '%@bench.example');
vacuum analyze orders, order_events, jobs, sessions, lines;

staff-login-title = Staff sign-in
staff-login-lead = For support and operations only. Customers sign in from the home page.

staff-home-title = To do
staff-home-lead = As of { $time }. The longest waiting come first.
staff-home-delayed = Activation overdue
staff-home-refunds = Refunds not finished
staff-home-unmatched = Notices without a match
staff-home-lapsing = Lapse within 7 days
staff-home-cases = Open cases
staff-home-clear-title = Nothing needs a person
staff-home-clear-text = Anything unusual appears here by itself.
staff-case-kind = Case
staff-case-customer = Customer
staff-case-since = Since
staff-case-deviation = Validity differs from the promise
staff-case-refund-failed = Refund failed
staff-case-amount-mismatch = Amount received differs

staff-search-title = Find a customer
staff-search-label = Email, number, ICCID, order number or name
staff-search-hint = The last digits of a number or ICCID are enough. Press / to type here.
staff-search-submit = Search
staff-search-count = { $n ->
    [one] 1 customer
   *[other] { $n } customers
}
staff-search-none-title = Nothing found
staff-search-none-text = You can search by an email or its beginning, the last digits of a number or ICCID, an order number, or the beginning of the name exactly as it is registered: a Chinese name is found in Chinese characters only.
staff-search-name = Name
staff-search-email = Email
staff-search-lines = Lines
staff-search-last = Last order
staff-search-found-by = Found by

staff-account-lines = Lines
staff-account-facts = Account
staff-account-email = Email
staff-account-language = Language
staff-account-zone = Time zone
staff-account-since = Since
staff-account-verified = Email verified
staff-account-unverified = Email not verified
staff-account-timeline = Timeline
staff-account-timeline-empty = Nothing yet.
staff-account-raw = Raw content
staff-account-audited = Every view of an account is recorded.
staff-account-until = Valid until

timeline-registered = Registered
timeline-imported = Created by import
timeline-verified = Email verified
timeline-order-created = Order { $number } placed
timeline-payment-opened = Payment of { $amount } opened
timeline-payment-succeeded = Payment of { $amount } succeeded
timeline-payment-surplus = Payment of { $amount } not used for the order
timeline-provisioning-submitted = Submitted to the carrier
timeline-provisioning-unknown = Carrier’s result unknown, asking
timeline-provisioning-done = Activated by the carrier, valid until { $date }
timeline-provisioning-refused = Refused by the carrier: { $reason }
timeline-refund-requested = Refund of { $amount } requested
timeline-refund-succeeded = Refund of { $amount } succeeded
timeline-message-sent = Sent: { $subject }
timeline-message-waiting = To be sent: { $subject }
timeline-case-opened = Handed to a person: { $reason }
timeline-viewed = { $n ->
    [one] { $staff } viewed the account
   *[other] { $staff } viewed the account { $n } times
}
timeline-notice-received = Payment notice received

rehearsal-title = Rehearsal clock
rehearsal-lead = Move the system’s time forward. Checks, expiries and refunds that fall due happen at once. The demo only.
rehearsal-now = The system’s time
rehearsal-ahead = { $amount } ahead of real time
rehearsal-real = The same as real time
rehearsal-forward = Move forward
rehearsal-hour = 1 hour
rehearsal-day = 1 day
rehearsal-week = 7 days
rehearsal-warning = Time only moves forward. To come back, start the demo again with --fresh.
rehearsal-moved = The time is now { $time }.

staff-home-unknown = Payments unknown for 15 minutes
staff-home-jobs = Jobs given up
staff-home-more = { $n ->
    [one] and 1 more
   *[other] and { $n } more
}
staff-case-about = About
staff-case-second-transaction = Paid twice
staff-case-provisioning-unknown = Activation unknown for too long

staff-state-creating = being set up
staff-state-pending = waiting for the bank
staff-state-unknown = result unknown
staff-state-closing = being closed
staff-state-closed = closed
staff-state-succeeded = succeeded
staff-state-failed = failed
staff-state-queued = not sent yet
staff-state-submitted = sent, waiting
staff-state-failed-permanent = refused
staff-state-requested = requested
staff-state-manual = by hand

staff-search-many = The first { $n } customers
staff-search-narrow = There are more. Type more of it to narrow the search.
staff-search-short = That is too little to search by. Type at least 3 digits.
staff-search-by-email = Email
staff-search-by-name = Name
staff-search-by-order = Order
staff-search-by-phone = Phone
staff-search-by-number = Number
staff-search-by-iccid = ICCID

staff-account-phone = Phone
staff-account-state = State
staff-account-disabled = Disabled
staff-account-role = Role
staff-account-password = Password
staff-account-no-password = Not set yet
staff-account-line-ended = No longer held
staff-account-newer = Newer
staff-account-older = Older
staff-role-viewer = Viewer
staff-role-support = Support
staff-role-finance = Finance
staff-role-admin = Administrator

timeline-message-failed = Not delivered: { $subject }
timeline-case-closed = Case closed: { $reason }
timeline-order-settled = Payment accepted, activation begins
timeline-order-provisioned = Renewed
timeline-order-provisioning-refused = Activation refused, refund begins
timeline-order-provisioning-stuck = Activation needs a person
timeline-order-amount-mismatch = Amount received differs
timeline-order-refund-failed = Refund failed
timeline-order-refunded = Refunded
timeline-order-payment-closed = Payment closed
timeline-order-cancel-asked = Cancellation asked for; the payment is being closed
timeline-order-payment-refunded = Payment given back
timeline-order-payment-returned = Payment is being given back
timeline-order-term-started = New term began
timeline-order-expired = Order expired
timeline-order-cancelled = Order cancelled
timeline-audit-account-signed-in = Signed in
timeline-audit-account-signed-out = Signed out
timeline-audit-account-registered = Registered
timeline-audit-account-password-reset = Password reset
timeline-audit-account-email-verified = Email verified

job-send-message = Send a message
job-query-payment = Ask the gateway about a payment
job-close-payment = Close a payment
job-submit-refund = Send money back
job-payment-settled = Payment arrived
job-payment-closed = Payment closed
job-refund-finished = Refund arrived
job-refund-failed = Refund failed
job-provision = Activate with the carrier
job-provisioned = Carrier activated
job-provisioning-refused = Carrier refused
job-provisioning-stuck = Carrier silent for too long
job-expire-order = Expire an order
job-start-term = Begin a new term
job-order-mail = Write to the customer
job-mail-reset-link = Write a reset mail
job-housekeeping = Tidy up

rehearsal-next-month = 1st of next month, 9:00
rehearsal-days-label = Or a number of days
rehearsal-days-wrong = Type a number of days from 1 to { $most }.
rehearsal-go = Go
rehearsal-days = { $n ->
    [one] 1 day
   *[other] { $n } days
}
rehearsal-hours = { $n ->
    [one] 1 hour
   *[other] { $n } hours
}
rehearsal-minutes = { $n ->
    [one] 1 minute
   *[other] { $n } minutes
}
rehearsal-real-time = really { $time }
rehearsal-busy = Some of what fell due is still running. Reload to see the rest.
rehearsal-nothing = Nothing fell due.
rehearsal-all-ran = Everything that fell due has run.
rehearsal-ran = What ran
rehearsal-job-done = Done
rehearsal-job-dead = Given up
rehearsal-job-again = Will try again
rehearsal-next = Next
rehearsal-next-none = Nothing is waiting.

staff-account-orders = Newest orders
staff-account-order = Order
staff-timeline-filter = Show on the timeline
staff-timeline-all = All
staff-timeline-orders = Orders
staff-timeline-payments = Payments
staff-timeline-messages = Messages
staff-timeline-access = Access
staff-timeline-with-views = Show staff views
staff-timeline-without-views = Hide staff views
staff-timeline-order = Only order { $number }.
staff-timeline-every-order = Show every order
staff-outcome-settled = payment recorded
staff-outcome-settled-before = already recorded before
staff-outcome-second-transaction = second payment of one order
staff-outcome-attempt-updated = payment updated
staff-outcome-refund-updated = refund updated
staff-outcome-nothing-to-do = nothing to do
staff-outcome-unknown-reference = reference unknown
staff-outcome-unreadable = unreadable
staff-refund-surplus = paid twice
staff-refund-late = paid too late
staff-refund-amount-mismatch = amount received differs
staff-refund-provisioning-failed = not activated
staff-refund-operator = by staff
staff-refund-external = made at the gateway
staff-case-transaction-reused = One transaction stated for two payments
staff-case-refund-stuck = Refund without an end
staff-case-external-refund = Refunded at the gateway
staff-case-disputed = Payment disputed
staff-state-abandoned = left behind, may still be paid
staff-outcome-transaction-reused = transaction of another payment
staff-outcome-refund-elsewhere = refund made at the gateway
staff-outcome-disputed = disputed
timeline-order-refunded-elsewhere = Refunded at the gateway, not by us
timeline-order-disputed = Payment disputed at the bank
job-refund-stuck = Refund without an end
job-refund-external = Refund made at the gateway
job-payment-disputed = Payment disputed
note-refund-requested = The refund is on its way. The customer is told by mail.
note-refund-retried = The refund is sent again under the same number.
note-refund-done = The refund is marked as done. The customer is told by mail.
note-case-closed = The case is closed.
note-say-how = Nothing was changed: please say in a few words what was done.
note-not-waiting = Nothing was changed: it does not wait for a person any more.
staff-money-title = Money of this order
staff-money-none = No payment was begun.
staff-money-left = { $amount } can go back.
staff-money-refund = Refund…
staff-money-refunds = Refunds
staff-money-disputed = Disputed at the bank
staff-money-retry = Send again
staff-money-retry-about = Under the same number, so it can’t go out twice.
staff-money-done-label = Money given back another way: how?
staff-money-done = Mark as done
staff-money-cases = Waiting for a person
staff-money-case-label = What was done about it?
staff-money-case-close = Close
refund-title = Refund
refund-confirm-title = Check the refund
refund-order = Order
refund-to = Goes back to
refund-received = Received
refund-left = Can go back
refund-goes-back = Goes back now
refund-reason = Reason
refund-amount-label = Amount
refund-amount-hint = All or a part; at most { $left }.
refund-reason-label = Reason
refund-reason-hint = For colleagues; kept with the order. The customer does not read it.
refund-review = Check
refund-confirm = Refund { $amount }
refund-confirm-about = The customer gets a mail. What was activated stays active. A refund can’t be called back.
refund-leave = Leave without a refund
refund-disputed = The payer has asked their bank for this money. If you refund as well, it may go out twice.
refund-in-doubt = The carrier has not said what became of this renewal. It may still come about, with the money gone.
refund-no-amount = Enter an amount such as 12.50.
refund-too-much = That is more than can go back.
refund-nothing-left = Nothing of this payment is left.
refund-no-reason = Say why.
refund-long-reason = At most 300 characters.
refund-other-left = Nothing was refunded: meanwhile only { $left } can go back. Check the amount again.
refund-at-work = This order can’t be refunded now: it is with its carrier, or nothing is kept for it.
timeline-order-refund-by-staff = Refund by staff
timeline-order-refund-retried = Refund sent again
timeline-order-refund-by-hand = Refund marked as done by hand
timeline-audit-refund-requested-by-staff = Refund requested
timeline-audit-refund-retried = Refund sent again
timeline-audit-refund-done-by-hand = Refund marked as done by hand
timeline-audit-case-closed = Case closed

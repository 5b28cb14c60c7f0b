steps-label = Steps of the renewal
steps-choose = Choose
steps-review = Review
steps-pay = Pay
steps-active = Active

renew-title = Choose a plan
renew-lead = Each plan shows how long the line is valid afterwards.
renew-count = { $n ->
    [one] 1 plan
   *[other] { $n } plans
}
renew-filter-term = Term
renew-filter-coverage = Where
renew-filter-all = All
renew-filter-month = Monthly
renew-filter-quarter = Quarterly
renew-filter-year = Yearly
renew-filter-days = By days
renew-filter-local = Home only
renew-filter-roaming = With roaming
renew-filters = Filters
renew-pages = Pages of plans
renew-clear = Clear filters
renew-empty-title = No plan fits these filters
renew-empty-text = Try another term or place.
renew-none-title = There is no plan for this line at the moment
renew-none-text = Nothing was charged. Contact support and we will look for one.
renew-current = Current plan
renew-advised-pace = Suggested: you use about { $amount } a month
renew-advised-enough = Your plan is enough: you use about { $amount } a month
renew-advised-same = Suggested: the same as your plan now
renew-advised-price = Suggested: lowest price per month
renew-price-month = { $amount } a month
renew-saves = save { $percent }%
renew-withheld = Not available for now
renew-ask-again = Check again
renew-suspending = This line is about to be suspended, and its carrier takes no renewal meanwhile. You can renew once it is resumed.
renew-to-resume = See how it stands
renew-choose = Choose { $price }

ribbon-today = Today
ribbon-ordered = Ordered
ribbon-until = Now until
ribbon-lapsed = Ended
ribbon-after = Then until

effect-queue = Your plan runs to { $until }, then the new one starts on { $start }. No data is lost.
effect-stack = Added after { $until }. The data you have left stays and adds up.
effect-roll = Starts again when paid. Data left is carried over{ $days ->
    [0] .
    [one] ; the 1 day you still have no longer counts.
   *[other] ; the { $days } days you still have no longer count.
}
effect-restart = Starts again when paid. Data left { $days ->
    [0] is lost.
    [one] and the 1 day you still have are lost.
   *[other] and the { $days } days you still have are lost.
}
effect-replace = Replaces your plan when paid. Its data { $days ->
    [0] is lost.
    [one] and the 1 day you still have are lost.
   *[other] and the { $days } days you still have are lost.
}
effect-max = Credit is added. The line is valid until the later of the old and the new end date.
effect-max-same = Credit is added. The line stays valid until { $until }.
effect-lapsed = The line has lapsed. The new term starts on the day it is activated.

effect-name-queue = Starts when the current term ends
effect-name-stack = Added to the current term
effect-name-roll = Starts again, data carried over
effect-name-restart = Starts again
effect-name-replace = Replaces the current plan
effect-name-max = Credit

review-title = Check, then pay
review-lead = Is this the right line, plan and period? Nothing has been charged yet.
review-line = Line
review-plan = Plan
review-contains = Includes
review-before = Valid now
review-after = Valid after renewal
review-starts = Starts
review-starts-now = as soon as it is paid
review-lost = You lose
review-lost-nothing = Nothing
review-lost-days = { $days ->
    [one] 1 day of validity
   *[other] { $days } days of validity
}
review-lost-data = { $amount } of data
review-total = To pay
review-submit = Go to payment, { $amount }
review-submit-loss = I understand, pay { $amount }
review-loss = You will lose { $what }.
review-loss-earlier = The new end date, { $after }, is earlier than the one you have now, { $before }.
review-loss-same = The end date does not move: it stays { $after }.
review-change = Choose another plan
review-zone = Dates are in { $zone }; first and last day included.
review-refund = If the carrier can’t activate it, the money goes back by itself.
review-fresh = Just checked with the carrier: the line can be renewed at this price.
review-price-changed = The price has changed from { $before } to { $after }. Please check again. Nothing was charged.
review-not-eligible = The carrier does not accept a renewal of this line at the moment. Nothing was charged. Try again later or contact support.
review-promise-changed = The dates have changed. Please check them again. Nothing was charged.
review-carrier-down = The carrier can’t be reached, so we can’t be sure it will renew. Nothing was charged. Try again in a few minutes.
review-withheld = This plan can’t be renewed at the moment; it is on our side and we know of it. Nothing was charged. Choose another plan, or try again later.
review-plan-gone = This plan is no longer sold. Please choose another. Nothing was charged.
review-price-differs = The carrier now asks { $after } for this plan instead of { $before }. We are correcting our price, so it can’t be bought just now. Nothing was charged.
review-line-not-renewable = The line is suspended, so it can’t be renewed at the moment. Nothing was charged.
review-effect-unclear = We can’t say what this plan would do to the line, so it can’t be bought. Please choose another. Nothing was charged.
review-form-broken = Part of the form was missing. Please check everything and press the button again. Nothing was charged.
review-again = Try again
review-term = Term
review-open-title = This line has an open order
review-open-text = One line can have one open order at a time. Finish it, or cancel it to choose another plan. Nothing new was charged.
review-open-cancel = Cancel that order
review-open-order = There is already an open order for this line.

status-awaiting-title = Waiting for payment
status-awaiting-lead = Your order is kept until { $time }.
status-awaiting-pay = Pay { $amount }
status-checking-title = Checking your payment
status-checking-lead = We have not been told the result yet; this usually takes under a minute. You may close this page, we will mail you. Please don’t pay again.
status-activating-title = Paid, now being activated
status-activating-lead = This usually takes under 2 minutes. You may close this page, we will mail you when it is done.
status-delayed-title = Activation is taking longer
status-delayed-lead = Your payment has arrived and we are asking the carrier for the result. Nothing will be renewed or charged twice. You need not do anything, we will mail you.
status-active-title = Your line is renewed
status-active-lead = It is now valid until { $date }.
status-refunding-title = Not activated, refund on its way
status-refunding-lead = The carrier did not accept this renewal: { $reason }. { $amount } is going back the way it came, usually within 1 – 3 working days. The validity your line had is unchanged.
status-refunded-title = Refunded
status-refunded-lead = The carrier did not accept this renewal: { $reason }. { $amount } was returned to where you paid from on { $date }; it can take 1 – 3 working days to show. The validity your line had is unchanged.
status-attention-title = Someone is looking into this
status-attention-lead = Your payment has arrived, but the carrier has not given us a clear result. Our support is looking into it and will answer by { $date }. Please don’t pay again.
status-attention-refund-lead = The refund of { $amount } could not be made by itself. Our support is dealing with it and will answer by { $date }. You need not do anything.
status-expired-title = This order has expired
status-expired-lead = It was not paid in time and is closed. { $money }
status-cancelled-title = This order is cancelled
status-cancelled-lead = It was cancelled as you asked. { $money }
status-renew-again = Renew again
status-receipt = See the receipt
status-to-account = Back to my lines
status-refresh = Refresh
status-order = Order { $number }
status-promised = Promised until { $date }
status-differs = The carrier’s date is { $actual }; the date promised when you ordered was { $promised }.
status-track-label = Progress of the order

track-payment-none = Not paid yet
track-payment-none-note = Choose how to pay when you are ready
track-payment-pending = Checking the payment
track-payment-pending-note = { $method }, waiting for the result
track-payment-paid = Paid { $amount }
track-payment-paid-note = { $method } · reference { $reference }
track-payment-failed = The payment did not go through
track-payment-failed-note = Nothing was charged. You can try again
track-payment-received = Received { $amount }
track-payment-other = Received { $amount }, due was { $due }
track-provisioning-waiting = Activation by the carrier
track-provisioning-waiting-note = Starts by itself once the payment is confirmed
track-provisioning-activating = { $carrier } is activating it
track-provisioning-activating-note = Submitted; we ask for the result every few seconds
track-provisioning-delayed = Asking { $carrier } for the result
track-provisioning-delayed-note = Last asked at { $time }; we keep asking until there is an answer
track-provisioning-active = Activated by { $carrier }
track-provisioning-refused = { $carrier } did not activate it
track-provisioning-refused-note = Reason: { $reason }
track-provisioning-attention = Being checked by a person
track-done = New plan ready
track-refunding = Refunding { $amount }
track-refunding-note = Back the way it came, usually within 1 – 3 working days
track-refunded = Refunded { $amount }
track-refunded-note = Refund reference { $reference }; it can take 1 – 3 working days to show where you paid from
track-done-matches = The carrier’s date is the one that was promised
track-done-differs = The carrier’s date is another than promised; see above
track-ahead = New plan ready
track-ahead-note = The carrier’s date is then compared with the promise

refusal-unknown-line = the carrier does not know this line
refusal-suspended = the line is suspended
refusal-product-gone = the plan is no longer sold
refusal-other = no reason was given

orders-title = Orders
orders-lead = What each renewal cost, what became of it, and its receipt.
orders-empty-title = No orders yet
orders-empty-text = When you renew a line, the order appears here.
orders-date = Date
orders-line = Line
orders-plan = Plan
orders-amount = Amount
orders-state = State
orders-receipt = Receipt
orders-number = Order number

order-state-awaiting = To be paid
order-state-checking = Checking payment
order-state-activating = Activating
order-state-delayed = Taking longer
order-state-active = Active
order-state-refunding = Refunding
order-state-refunded = Refunded
order-state-attention = With support
order-state-expired = Expired
order-state-cancelled = Cancelled
order-state-differs = Active, other date than promised

receipt-title = Renewal receipt
receipt-number = Receipt number
receipt-order = Order number
receipt-paid-at = Paid at
receipt-customer = Customer
receipt-line = Line
receipt-plan = Plan
receipt-before = Validity before
receipt-after = Validity after
receipt-effect = How it takes effect
receipt-method = Paid by
receipt-payment-reference = Payment reference
receipt-carrier-reference = Carrier reference
receipt-amount = Amount paid
receipt-refunded = Refunded
receipt-pdf = Download PDF
receipt-print-hint = You can also print this page: one sheet of A4.
receipt-note = Issued by the system as proof that this amount was received and the line renewed.
receipt-zone = Dates are in
receipt-promised = Validity and promise
receipt-promised-told = Promised until { $promised }; the carrier gave { $given }
status-not-paid-yet = I have not paid yet
status-cancel = Cancel this order
status-differs-next = Our support has been told, is looking into it with the carrier and will answer you by the next working day. You need not do anything.
status-differs-title = Renewed, with another date than promised
status-differs-closed = Our support has looked into it and dealt with it.
status-declined-title = The payment did not go through; nothing was charged
status-declined-lead = Your order is kept until { $time }. You can pay again until then.
status-declined-pay = Try again, pay { $amount }
status-support = Questions? Write to our support:{" "}
status-wrong-amount-returning-title = Another amount arrived, refund on its way
status-wrong-amount-returning-lead = { $due } was due and { $received } arrived. The amounts differ, so nothing was renewed. { $amount } is going back in full the way it came, usually within 1 – 3 working days. The validity your line had is unchanged, and you can renew again.
status-wrong-amount-returned-title = Another amount arrived and was refunded
status-wrong-amount-returned-lead = { $due } was due and { $received } arrived. The amounts differ, so nothing was renewed. { $amount } was returned in full to where you paid from on { $date }; it can take 1 – 3 working days to show. The validity your line had is unchanged, and you can renew again.
status-closed-no-money = Nothing was charged.
status-closed-returning = { $amount } that arrived afterwards bought nothing and is going back in full, usually within 1 – 3 working days.
status-closed-returned = { $amount } that arrived afterwards bought nothing and was returned in full to where you paid from; it can take 1 – 3 working days to show.
return-title = Money back
return-on-its-way = { $amount } is on its way back to you ({ $method }) since { $time }. It can take up to { $days } working days to show.
return-done = { $amount } went back to you ({ $method }) on { $time }. It can take up to { $days } working days to show. Reference { $reference }
return-by-hand = { $amount } was returned to you by our support on { $time }. Reference { $reference }
return-with-a-person = { $amount } could not go back by itself ({ $method }). It is yours; our support has been dealing with it since { $time } and will mail you.

order-state-topped-up = On the balance
status-topped-up-title = Topped up
status-topped-up-lead = { $amount } is on your balance.
status-top-up-again = Top up again
status-to-balance = Back to the balance
track-credited = On the balance
track-credit = Onto the balance
track-credit-note = At once, as soon as the payment is confirmed
return-to-balance = { $amount } is back on your balance since { $time } (reference { $reference }).
top-up-name = Balance top-up
status-refunded-lead-balance = The carrier did not accept this renewal: { $reason }. { $amount } is back on your balance since { $date } and can pay for your next renewal at once. The line keeps the validity it had.
status-wrong-amount-returned-lead-balance = { $due } was due and { $received } arrived, so nothing was renewed. { $amount } is on your balance since { $date }. The line keeps the validity it had; you can renew again.
status-closed-returned-balance = { $amount } that came afterwards was not used for the renewal and is on your balance.
track-refunded-note-balance = Reference { $reference }, on your balance
receipt-title-top-up = Top-up receipt
receipt-note-top-up = Made by the system. It confirms that the amount above was received and added to the balance.
receipt-bought = For
status-cancelled-may-come = Nothing has arrived so far. If the payment you had begun still arrives, all of it goes back to you, and we will mail you.
status-expired-may-come = Nothing has arrived so far. If the payment you had begun still arrives, it completes this order or goes back in full, and we will mail you.
status-ending-title = Being cancelled
status-ending-lead = The payment you had begun is being closed, then the order ends. If its money still arrives, all of it goes back to you, and we will mail you.
order-state-ending = Being cancelled
cancel-title = Cancel this order?
cancel-begun = You have begun to pay with { $method }. If you have paid already, or the money still arrives, all of it goes back to you and nothing is renewed.
cancel-nothing-begun = Nothing was charged. You can order again at any time.
cancel-sure = Cancel the order
cancel-keep = Keep it
status-unpaid-title = Not paid yet; nothing was charged
status-unpaid-lead = { $method } says that nothing is paid (asked at { $asked }). You can finish paying until { $time }. If you have paid this very moment, this page moves on by itself.
status-unpaid-lead-closed = Your payment with { $method } has ended without money. You can pay again until { $time }.
status-unpaid-pay = Finish paying { $amount }
status-unpaid-ask = I have paid, ask again
track-payment-unpaid-note = { $method }, nothing paid yet
account-unpaid = Not paid yet. Nothing is renewed until the order is paid.
account-unpaid-today = Not paid yet; this line stops at midnight.
account-unpaid-until = Not paid yet; the last day of this line is still { $date }.
account-finish-paying = Finish paying
review-still-closing = The payment of your order before is still being closed. Nothing was charged. Please try again in a minute.
status-balance-kept = { $amount } of your balance was set aside for it and is free again.
order-state-wrong-amount-returning = Other amount came, going back
order-state-wrong-amount-returned = Other amount came, sent back
review-before-lapsed = Was valid
refusal-not-renewable = it had confirmed the line before you paid, but turned the renewal itself down
status-ask-support = Ask our support
review-identity-needed = This line’s carrier must know who uses it before it can be renewed. Nothing was charged. Give your identity details once; this page comes back afterwards.
review-to-identity = Give identity details

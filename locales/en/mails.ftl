mailbox-title = Demo mailbox
mailbox-lead = Mails and texts of the demo end here. Nothing is really sent.
mailbox-empty-title = No mail yet
mailbox-empty-text = Register, reset a password or renew a line, and the mail appears here.
mailbox-to = To
mailbox-time = Time
mailbox-kind-mail = Mail
mailbox-kind-sms = Text

mail-greeting = Hello { $name },
mail-foot = This mail was sent by the system. If you have a question, just reply.

mail-verify-subject = Please verify your email
mail-verify-body = Open the link below to finish registering. It works for 24 hours. If this was not you, you can ignore it.
mail-reset-subject = Set a new password
mail-reset-body = Open the link below to set a new password. It works once and for 30 minutes. If this was not you, you can ignore it; your password stays as it is.
mail-password-changed-subject = Your password was changed
mail-password-changed-body = Your password has just been changed and other devices were signed out. If this was not you, reset it at once and contact support.
mail-already-registered-subject = You already have an account
mail-already-registered-body = Someone registered again with this email. You can simply sign in, or reset your password. If this was not you, you can ignore it.
mail-receipt-subject = Renewed: { $number } is valid until { $date }
mail-receipt-body = { $plan } is active. Validity moved from { $before } to { $after }. You paid { $amount }, order { $order }. The receipt is attached and stays available online.
mail-refund-started-subject = Not activated: { $amount } is on its way back
mail-refund-started-body = The carrier did not accept the renewal of { $number } ({ $reason }). { $amount } is going back the way it came, usually within 1 – 3 working days. The validity your line had is unchanged.
mail-refunded-subject = { $amount } refunded
mail-refunded-body = { $amount } of order { $order } went back the way it came.
mail-delayed-subject = Taking longer than usual: { $number }
mail-delayed-body = Your payment has arrived and we are asking the carrier for the result. Nothing will be charged twice. You need not do anything; we will mail you again.
mail-attention-subject = Order { $order } is being checked by a person
mail-attention-body = Your payment has arrived, but the carrier’s answer differs from what was agreed. Support is dealing with it and will mail you. Please don’t pay again.
mail-late-refund-subject = Your payment came late and is being refunded
mail-late-refund-body = Order { $order } was already closed when its payment arrived. { $amount } is going back the way it came. To renew, please order again.
mail-surplus-refund-subject = A second payment is being refunded
mail-surplus-refund-body = Order { $order } was paid twice. The second { $amount } is going back the way it came. The renewal itself is not affected.
mail-see-order = See the order


mailbox-kind = Kind
mailbox-open = Open to everyone who runs this demo, without signing in: this is where a new customer finds the link to begin with.
mailbox-attached = Attachment
mailbox-waiting = not sent yet
mailbox-source = HTML source

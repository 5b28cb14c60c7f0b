home-title = See what a renewal does before you pay
home-lead = Your FM cards and eSIMs in one place. The new end date is shown before payment, and the line is active within minutes after it.
home-sign-in = Sign in
home-register = Register
home-ribbon-number = 138 0013 8100
home-ribbon-caption = Example: the 3 days left are used first, then the new plan follows. No day is wasted.
home-says-clear-title = Clear before you pay
home-says-clear-text = First day, last day and what happens to the data you have left are written on every plan.
home-says-once-title = One renewal, one payment
home-says-once-text = A double click, a lost connection or a reload never charges you twice.
home-says-refund-title = Refunded without asking
home-says-refund-text = If the carrier refuses, the money goes back the way it came. You need not apply.

login-title = Sign in
login-lead = See your lines, renew them and find your orders.
login-email = Email
login-password = Password
login-submit = Sign in
login-forgot = Forgotten your password?
login-register = No account yet? Register
login-wrong = That did not work. Check email and password, or reset the password. If you have just registered, open the link in our mail first.
login-too-often = Too many tries. Wait { $seconds ->
    [one] 1 second
   *[other] { $seconds } seconds
} and try again, or reset the password.
note-signed-out = You are signed out.
login-needed = Please sign in. You will come back to the page you wanted.

register-title = Register
register-lead = Use the email you gave when you bought your line, so that we can find it.
register-name = Name
register-name-hint = What we should call you
register-email = Email
register-email-hint = The verification mail and receipts go here
register-password = Password
register-password-hint = At least 8 characters. A few words together are easy to remember
register-submit = Register
register-login = Already registered? Sign in

verify-sent-title = Check your mail
verify-sent-lead = If { $email } can be registered, a verification mail is on its way. Open its link to finish. It works for 24 hours.
verify-title = Confirm your email
verify-lead = Press the button to finish.
verify-submit = Confirm email
note-email-confirmed = Your email is verified. Please sign in.
verify-done-title = Your email is verified
verify-done-lead = There is nothing more to do here. You can sign in.
verify-done-sign-in = Sign in
verify-expired-title = This link no longer works
verify-expired-lead = It may have been used already, or it is too old. Sign in and we will send you another.

forgot-title = Forgotten password
forgot-lead = Enter your email and we will send a link to set a new password.
forgot-email = Email
forgot-submit = Send the link
forgot-back = Back to sign in

forgot-sent-title = Check your mail
forgot-sent-lead = If { $email } is registered, a link to set a new password is on its way. It works for 30 minutes.
forgot-sent-hint = Nothing there? Look in the spam folder, or try again in a few minutes.

reset-title = Set a new password
reset-lead = All other devices will be signed out.
reset-password = New password
reset-password-hint = At least 8 characters. A few words together are easy to remember
reset-submit = Save the new password
note-password-changed = Your password is changed. Please sign in with it.
reset-expired-title = This link no longer works
reset-expired-lead = A link works once and for 30 minutes. You can ask for another.
reset-again = Send another link

field-email-missing = Enter your email
field-email-invalid = That is not an email address. It should look like name@example.com
field-name-missing = Enter your name
field-name-long = Use at most { $max } characters for the name
field-password-short = Use at least { $min } characters
field-password-long = Use at most { $max } characters
field-password-weak = This password is too common and easy to guess. Choose another, such as a few unrelated words
field-password-about-you = This password is made of your name, your email or our name. Choose another, such as a few unrelated words

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
register-password-hint = At least 15 characters. A few words together are easy to remember
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
reset-password-hint = At least 15 characters. A few words together are easy to remember
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
field-password-weak = { $why } Choose another, such as a few unrelated words
field-password-about-you = This password is made of your name, your email or our name. Choose another, such as a few unrelated words
field-password-leaked = This password was in a leak at another website, so it is tried everywhere. Choose another
field-password-unchanged = This is the password you have now. Choose another
field-password-common = This password is on the lists of common passwords, which are tried first.
field-password-like-common = This is close to a common password, and those are tried first.
field-password-keys = Keys that lie side by side are tried first.
field-password-repeats = Repeated characters or words add little.
field-password-sequence = Rows such as abc or 6543 are tried first.
field-password-dates = Years and dates are tried first.
field-password-word = A single word is guessed quickly.
field-password-names = Names are tried first.

change-password-title = Change your password
change-password-lead = You stay signed in here; every other device is signed out. We will mail you about it.
change-password-current = Current password
change-password-password = New password
change-password-password-hint = At least 15 characters. A few words together are easy to remember. Any character will do, and a password manager too
change-password-submit = Save the new password
field-current-wrong = That is not your current password
note-password-is-new = Your new password is saved. Every other device was signed out.

security-title = Security
security-lead = How your account is guarded. Every change is mailed to you, with a link that takes it back.
security-password = Password
security-password-changed = Last changed on { $date }
security-password-as-set = Unchanged since you registered
security-password-change = Change password
security-email = Email
login-by-code = Sign in with a code by email
login-code-title = Sign in with a code
login-code-lead = We send a code to your email. It works for 10 minutes, in this browser.
login-code-email = Email
login-code-submit = Send the code
login-code-back = Sign in with a password
login-code-again = Send another code
login-code-confirm-title = Enter the code
login-code-confirm-lead = If this address has an account, a code of six digits is on its way. Look into the junk folder, too.
second-step-title = One more step
second-step-mailed = We have sent a code of six digits to { $email }. It works for 10 minutes.
second-step-password = Enter your password as well.
second-step-app = Enter the code your authenticator app shows.
second-step-code = Code
second-step-recovery-hint = No phone at hand? Enter one of your recovery codes.
second-step-remember = Ask for no code in this browser for 30 days. Only on a device of your own.
second-step-submit = Continue
second-step-wrong = That code is wrong or was used. Take the newest one.
second-step-again = Send another code
second-step-anew = Sign in as somebody else
prove-title = Is it you?
prove-submit = Continue
prove-password = Enter your password once more before you change how your account is guarded.
prove-app = Enter a code of your app once more before you change how your account is guarded.
prove-mail = Have a code sent to your email and enter it before you change how your account is guarded.
app-title = Set up an authenticator app
app-lead = Scan this with an app such as Google Authenticator, Microsoft Authenticator or the one in your phone’s password manager, then enter the code it shows.
app-qr-title = Key for the authenticator app
app-key-hint = The app is on this phone? Enter this key there by hand:
app-submit = Switch on
recovery-title = Your recovery codes
recovery-lead = Each gets you in once when your phone is not at hand. They are shown this once only: print them or write them down.
recovery-hint = Keep them where your passwords are, not on the phone with the app. New codes make these worthless.
recovery-print = Print
recovery-done = I have kept them
security-second-step = Two-step sign-in
security-app-on = On: signing in takes a code from your authenticator app.
security-app-off = Off. With it nobody gets in who knows only your password.
security-app-add = Set up an authenticator app
security-app-remove = Switch off
security-recovery-left = { $count ->
    [0] No recovery code is left.
    [one] { $count } recovery code is left.
   *[other] { $count } recovery codes are left.
 }
security-recovery-renew = Make new recovery codes
security-recovery-renew-sure = The codes you have kept stop working at once.
security-app-remove-sure = Whoever knows your password can then sign in without your phone. Your recovery codes stop working, and we tell you by mail.
note-code-sent = Another code is on its way. The one before no longer works.
note-staff-need-app = Staff sign in with an app’s code. Set it up now; after that your pages open.
note-app-removed = Two-step sign-in is off. We have mailed you about it.
security-back = Back to security

undo-title = Was that not you?
undo-lead = Press the button, and the change is taken back: your email is again what it was, everybody is signed out, the password stops working, and we mail you a link to set a new one.
undo-submit = Take the change back
undo-done-title = The change is taken back
undo-done-lead = Everybody is signed out. A link to set a new password is on its way to { $email }; it works for 30 minutes.
undo-expired-title = This link no longer works
undo-expired-lead = It was used already, or it is older than 72 hours. If something is wrong with your account, set a new password and write to { $support }.
undo-expired-reset = Set a new password
security-email-change = Change email

change-email-title = Change your email
change-email-lead = The new address confirms itself through a link we mail to it. Until then nothing changes. The address you have now is told, and can stop it for 72 hours.
change-email-email = New email
change-email-email-hint = You sign in with it, and receipts go there
change-email-current = Current password
change-email-submit = Send the link
change-email-sent-lead = If { $email } can be yours, a link to confirm it is on its way there. Open it within 24 hours. Until then your account keeps the address it has.
field-email-same = This is your address already
take-email-title = Make this your address
take-email-lead = Press the button, and you sign in with this address from now on. The one you had can take it back for 72 hours. For 24 hours links to set a password go to both.
take-email-submit = Use this address
take-email-done-title = Your email is changed
take-email-done-lead = Your account has the address { $email } now. Sign in with it.
take-email-expired-title = This link no longer works
take-email-expired-lead = It was used already, it is older than 24 hours, or the change was stopped. Sign in and ask for another.
take-email-again = Change your email

about-you-title = Your profile
about-you-lead = What we call you, and how we write to you.
about-you-language = Language
about-you-language-hint = Of pages and mails
about-you-zone = Time zone
about-you-zone-hint = Times are shown in it; type the first letters of a city. The days of your lines are counted where the line is
about-you-save = Save
note-profile-saved = Your profile is saved.

sessions-title = Where you are signed in
sessions-hint = A browser is signed out after 30 minutes without use, and after 12 hours at the latest. If one of them is not yours, sign it out and change your password.
session-this = This browser
session-browser = { $browser } on { $system }
session-browser-unknown = Unknown browser
session-place = Network address { $address }
session-place-unknown = Address unknown
session-since = Signed in { $time }
session-seen = Last used { $time }
session-end = Sign out
session-end-others = Sign out everywhere else
note-session-ended = That browser is signed out.
note-sessions-ended = Every other browser is signed out.

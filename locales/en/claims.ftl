# Adding a line.
claim-title = Add a line
claim-lead = We read what you enter, then prove that the line is yours: by the activation code itself, or by a code sent to the line’s number.
claim-lead-code = An eSIM that is not on any account yet is added with its activation code.
claim-named = ICCID, phone number or activation code
claim-named-hint = For example 8986 0012 3456 7890 1238, +86 138 0013 8000 or LPA:1$…; blanks and dashes do no harm
claim-named-code = Activation code
claim-named-code-hint = For example LPA:1$smdp.example.com$K7Q2-9XWM
claim-submit = Go on
claim-how-title = Where it is written
claim-how-card = ICCID: 19 or 20 digits on the card itself, beginning with 89. On a phone under Settings, About.
claim-how-number = Phone number: the number of the line that is to be added. It must be able to receive texts now.
claim-how-code = Activation code: in the mail or on the sheet with the QR code of the eSIM. It begins with LPA:1$.
claim-no-texts = Codes can’t be sent by text at the moment, so a line can’t be added by its ICCID or number. Use the activation code, or ask us to add the line.
claim-code-unknown = We read an activation code of { $host }, but no line that can be added has it. Compare each character. If it was added before, it can’t be added again.
claim-code-held = This line is on another account. We have opened a case, and our staff will look into it and write to you. If that account is yours too, sign in with it.
claim-error-empty = Enter an ICCID, a phone number or an activation code.
claim-error-shortened = A spreadsheet has rounded this number, and its last digits are lost. Copy it from the card or from the mail.
claim-error-country = Write the phone number with + and its country code, such as +852 5123 4567.
claim-error-device = This is the number of a device (IMEI or EID). We need the line’s: the ICCID on the card, or its phone number.
claim-error-code = An activation code has three parts separated by $, such as LPA:1$smdp.example.com$K7Q2-9XWM. A part is missing, or there is one too many.
claim-error-code-host = The server’s name between the first two $ signs is not complete. It looks like smdp.example.com.
claim-error-code-end = After the server’s name an activation code holds letters, digits and hyphens only. Copy it once more.
claim-error-code-flag = The last part can only be 1. If you were given a confirmation code, it is not a part of the activation code: leave it out here.
claim-error-other = We can’t read this as an ICCID (19 or 20 digits), a phone number or an activation code (LPA:1$…). Compare it with the card or the mail.
claim-too-often-minutes = You have tried often in a short time. To protect the line’s holder we pause here: please come back in { $n ->
    [one] a minute
   *[other] { $n } minutes
}.
claim-too-often-hours = You have tried often in a short time. To protect the line’s holder we pause here: please come back in about { $n } hours.
claim-help-title = Shall we add it?
claim-help-text = We look it up and write to you. Nothing changes until then.
claim-help-submit = Ask us to add the line
note-line-help-asked = Thank you. Our staff will look it up and write to you by mail.

claim-code-title = Enter the code
claim-read-iccid = ICCID
claim-read-number = Phone number
claim-odd = Its check digit or length is unusual. Please compare it once more; some lines are like that.
claim-other = That’s not it? Enter something else
claim-code-lead = If this line can be added, a text with six digits is on its way to the line’s own number. The code is valid until { $until }.
claim-code = Code from the text
claim-code-submit = Add the line
claim-wrong = This is not the code. { $left ->
    [one] You have one more try.
   *[other] You have { $left } more tries.
}
claim-no-code = The code has six digits.
claim-expired = The ten minutes of this code are over. Have a new one sent.
claim-tried = The code was wrong too often and is no longer valid. Have a new one sent.
claim-replaced = A newer code was asked for, here or for another line, and only that one is valid.
claim-again = Send a new code
note-code-just-sent = A code was asked for less than a minute ago. Please wait for it a moment.
note-code-sent-again = A new code was asked for. The one before is no longer valid.
claim-none-title = No text?
claim-none-wait = It can take a minute or two, longer abroad. The card must be in a phone that is on.
claim-none-number = No text comes to lines without a number, or where what you entered has a typing error.
claim-none-code = An eSIM can be added without a text, with its activation code.

claim-held-title = This line is on another account
claim-held-text = The number is yours, that is proved. But the line is on another account of ours. We have opened a case: our staff will look into it and write to you by mail. If that account is yours too, sign in with it.
claim-asked-title = We will add this line
claim-asked-text = The number is yours, that is proved. We don’t know enough of this line yet to show it here, so our staff will add it and write to you by mail. There is nothing more for you to do.
claim-back = To my lines
claim-another = Add another line
note-line-added = The line is on your account. We are asking its carrier how it stands.
note-line-yours = This line is on your account already.

claim-text-subject = Code for adding a line
claim-text = { $operator }: { $code } is your code for adding this line. Valid for 10 minutes. We never ask for it; give it to nobody. Not you? Ignore this text.

job-send-line-code = Send the code for adding a line
staff-home-requests = Lines to add
staff-request-held = Proved, and on another account
staff-request-unknown = Proved, and not in stock
staff-request-help = Asked for help
staff-requests-title = Lines to add
staff-requests-lead = What customers could not add by themselves. Add it by an import, or end the line on the account that holds it; then say what was done and write to the customer.
staff-requests-none = No customer waits for a line.
staff-requests-proved = Proved by a code sent to { $number }
staff-requests-unproved = Not proved: nothing shows yet that the line is theirs.
staff-requests-note = What was done
staff-requests-close = Close
note-request-closed = The request is closed.
staff-line-end = End this line
staff-line-end-about = The line leaves the account: it was returned, or its ICCID is used again. Orders and receipts stay with the customer. It can’t be undone, but the line can be imported again.
staff-line-end-sure = Yes, this line leaves the account
staff-line-end-button = End line
staff-line-end-unsure = Nothing was changed: please confirm that the line leaves the account.
staff-line-end-order = Nothing was changed: an order for this line is open, or a new eSIM is on its way to it. It can be ended once that is done.
note-line-ended = The line has ended.
timeline-audit-line-claimed = Line added
timeline-audit-line-ended = Line ended
timeline-audit-line-requested = Asked for a line
timeline-audit-line-request-closed = Request for a line closed
claim-no-texts-there = Texts can’t be sent to numbers of this country. Type the activation code instead, or let us add it for you.

contact-title = How we reach you
contact-lead = Your telephone, and which messages you want.
contact-phone-title = Telephone
contact-phone-none = No number yet.
contact-verified = Verified
contact-unverified = Not verified
contact-phone = Your number
contact-phone-hint = With its country code, such as +44 7700 900123. We text a code to it, to see that it is yours
contact-phone-change = Enter or change a number
contact-phone-submit = Text me a code
contact-phone-remove = Remove
contact-phone-wrong = That is not a telephone number. Write it with its country code, such as +44 7700 900123
contact-too-often = Too many codes were sent. Try again in { $minutes ->
    [one] 1 minute
   *[other] { $minutes } minutes
}
contact-no-texts = Texts can’t be sent here, so no number can be verified.
contact-code-lead = We have texted a code to { $number }. It works for 10 minutes.
contact-code = Code
contact-code-submit = Verify the number
contact-code-wrong = That is not the code. { $left ->
    [one] 1 try is left
   *[other] { $left } tries are left
}
contact-code-none = The code is six digits long
contact-code-over = This code no longer works. Have another one sent
contact-text-subject = Code to verify the number
contact-text = { $operator }: { $code } is your code to verify this number. We will never ask you for it.
contact-what = Messages you get
contact-reminders = Reminders before a line ends
contact-by-mail = By mail, to { $email }
contact-by-text = By text
contact-by-text-needs = By text: verify your number first.
contact-news = News and offers by mail
contact-always = Receipts, and whatever concerns the safety of your account, are mailed to you always.
contact-save = Save
note-contact-saved = Your choice is saved.
note-contact-code-sent = The code is on its way.
note-contact-verified = Your number is verified.
note-contact-phone-removed = Your number is removed.
contact-phone-elsewhere = We can’t send texts to numbers of this country. Use another number.

account-title = Hello, { $name }
account-lead = { $lines ->
    [one] 1 line
   *[other] { $lines } lines
} · { $soon ->
    [0] none ends this week
    [one] 1 ends this week
   *[other] { $soon } end this week
}
account-lead-lapsed = { $lapsed } lapsed
account-lines = My lines
account-orders = Recent orders
account-orders-all = All orders
account-empty-title = No lines yet
account-empty-text = Add a line with its activation code, its phone number or the ICCID printed on the card. A line that was bought under this email appears here by itself.
account-empty-missing = Bought one already and it does not appear? Check that you are signed in with that email, or add it here.
account-empty-write = Write to { $email }

line-plan = Plan
line-valid-until = Valid until
line-lapsed-on = Ended
line-balance = Balance on the line
line-minutes = Minutes left
line-sms = Texts left
line-data-left = { $left } of { $total } left
line-data-only = { $left } of data left
line-data-unlimited = Unlimited data
line-data-none = No data on this line
line-data-lapsed = { $left } of data was left when it ended
line-data-ended = Lapsed: no data to use
line-next = Next term
line-next-plan = { $plan }, starts on { $start }
line-as-of = as of { $time }
line-renew = Renew
line-renew-anyway = Renew anyway
line-to-resume = Resume it
line-restore = Renew now
line-details = Details
line-order-open = See the open order

advice-queue = Renewing now loses nothing: the new plan starts on { $start }.
advice-stack = Renewing now adds to { $end }, and the data you have left stays.
advice-max = Your credit is added up and the later end date counts.
advice-roll-wait = Better wait: renewing starts again now and costs you { $days ->
    [one] 1 day
   *[other] { $days } days
}. Your data is carried over.
advice-restart-wait = Better wait: renewing starts again now and costs you { $days ->
    [one] 1 day
   *[other] { $days } days
} and the data you have left.
advice-replace-wait = Better wait: a new plan replaces this one at once. You would lose { $days ->
    [one] 1 day
   *[other] { $days } days
} and the data you have left.
advice-soon = Only { $days ->
    [one] 1 day
   *[other] { $days } days
} left. Renew now to stay connected.
advice-today = Today is the last day. The line stops at midnight.
advice-low-data = Data is running low. At your pace it lasts about { $days ->
    [one] 1 day
   *[other] { $days } days
}.
advice-lapsed = The line has lapsed. A renewal brings it back from the day it is activated.
advice-no-data = The data is used up. Renewing now brings new data at once.
advice-low-data-loses = Data is nearly used up. Renewing now brings new data, but the { $days ->
    [one] 1 day
   *[other] { $days } days
} you still have are given up.
advice-low-data-queue = Data is nearly used up. A renewal brings new data only on { $start }.
advice-lapsed-late = The number may have been taken back. We ask the carrier before you pay.
advice-suspended = This line is suspended. The carrier takes no renewal until it is resumed.
advice-renewed = Renewed already: the new data starts on { $start }.
advice-unlimited = Data is unlimited. Renewing a few days before the end is early enough.
advice-fine = No need to renew yet. Renewing early would lose nothing.
advice-order-open = A renewal is under way. The new end date appears when it is done.

label-add = Give it a name
label-change = Rename this line
label-title = Name this line
label-lead = So that you know it among your lines. Only you and our support see it.
label-field = Name
label-hint = Such as “Mum’s phone” or “Tablet”. Leave it empty for none
label-wrong = Use up to 60 characters on one line
label-save = Save
note-label-saved = The name is saved.
detail-facts = About this line
detail-number = Number
detail-iccid = ICCID
detail-eid = EID
detail-carrier = Carrier
detail-kind = Kind
detail-label = Label
detail-valid-from = Valid from
detail-usage = What is left
detail-history = Renewals
detail-history-empty = This line has not been renewed here yet.
detail-history-opening = Registered, valid until { $after }
detail-history-carrier = Set by the carrier: valid until { $after }
detail-install = Install the eSIM
detail-install-lead = Install it on the phone that will use it. A renewal needs no new installation.
detail-install-hidden = It is shown after you have given your password or another factor: whoever has it can take the line.
detail-install-show = Show the code
detail-install-qr = Open this page on another screen and scan it with the phone that will use the eSIM
detail-install-qr-alt = QR code that installs the eSIM
detail-install-code = Or enter it by hand
detail-install-address = SM-DP+ address
detail-install-activation = Activation code
detail-install-link = Install on this iPhone
detail-install-link-note = For an iPhone with iOS 17.4 or later. On any other phone scan the code; without another screen, enter the codes below by hand.
detail-install-devices = Does your phone take an eSIM?
detail-install-whole = The whole code in one line
detail-install-confirmation-title = Confirmation code
detail-install-confirmation-known = The phone asks for it after the activation code. It is not a part of that code.
detail-install-confirmation = The phone will also ask for a confirmation code. It was given to you apart from this, with the order; it is neither of the codes above.
detail-install-none = The installation code of this eSIM is not kept here. Support can send you a new one.
detail-install-ios = Steps for iPhone
detail-install-ios-1 = Open Settings, tap Mobile Data (or Cellular), then Add eSIM.
detail-install-ios-2 = Choose Use QR Code and scan the code above, or tap Enter Details Manually.
detail-install-ios-3 = When it is installed, turn the line on. Abroad, also turn on Data Roaming.
detail-install-android = Steps for Android
detail-install-android-1 = Open Settings, then Network & internet (or Connections), then SIMs.
detail-install-android-2 = Choose Add eSIM and scan the code above, or choose to enter it by hand and paste the whole code in one line.
detail-install-android-3 = When it is installed, switch the eSIM on. Abroad, also turn on roaming.
detail-install-once = The code installs once. If the eSIM is on your phone already there is nothing to do; if you delete it you need a new code.
account-balance = Balance { $amount }

line-refresh = Ask the carrier now
line-refresh-again = The carrier can be asked again from { $time }.
note-usage-fresh = The carrier has answered: this is how the line stands now.
note-usage-too-soon = The carrier was asked a moment ago and takes the next question only later.
note-usage-later = The carrier takes no more questions just now. We will ask it as soon as it does.
note-usage-silent = The carrier gave no answer. The figures below are from the time shown; we will ask again.
change-title = Suspend and resume
change-activate = Activate the line
change-suspend = Suspend the line
change-resume = Resume the line
change-activate-lead = This line has not been used yet. The carrier starts it when you activate it.
change-suspend-lead = Lost the card or the phone, or not needed for a while? A suspended line makes no calls and uses no data. Its days go on counting.
change-resume-lead = The line is suspended. After it is resumed it works again and can be renewed.
change-confirm-title = Suspend { $number }?
change-confirm-stops = Calls, texts and data stop on this line, within minutes as a rule.
change-confirm-days = Its days go on counting: the last day stays the same.
change-confirm-renewals = It can’t be renewed until you resume it here.
change-confirm-button = Suspend now
change-confirm-leave = Leave it as it is
change-activate-requested = Being activated: we are asking the carrier, since { $time }.
change-activate-accepted = Being activated: the carrier took it on at { $time } and has not confirmed it yet.
change-activate-done = Activated: the carrier confirmed it at { $time }.
change-activate-refused = Not activated: the carrier refused at { $time }. Nothing has changed.
change-activate-unconfirmed = The carrier has not confirmed that the line is activated. Please write to us ({ $time }).
change-suspend-requested = Being suspended: we are asking the carrier, since { $time }.
change-suspend-accepted = Being suspended: the carrier took it on at { $time } and has not confirmed it yet.
change-suspend-done = Suspended: the carrier confirmed it at { $time }.
change-suspend-refused = Not suspended: the carrier refused at { $time }. Nothing has changed.
change-suspend-unconfirmed = The carrier has not confirmed that the line is suspended. Please write to us ({ $time }).
change-resume-requested = Being resumed: we are asking the carrier, since { $time }.
change-resume-accepted = Being resumed: the carrier took it on at { $time } and has not confirmed it yet.
change-resume-done = Resumed: the carrier confirmed it at { $time }.
change-resume-refused = Not resumed: the carrier refused at { $time }. Nothing has changed.
change-resume-unconfirmed = The carrier has not confirmed that the line is resumed. Please write to us ({ $time }).
note-change-requested = We are asking the carrier. This page shows how it stands.
note-change-under-way = Another change of this line is under way. Please wait until it has ended.
note-change-not-possible = That can’t be done with this line as it stands now.
profile-title = New code or new phone
profile-lead = Number, plan and days stay as they are. It costs nothing.
profile-reissue = Get a new code
profile-move = Move to a new device
profile-reissue-title = Get a new code for { $number }?
profile-move-title = Move { $number } to a new device?
profile-confirm-keeps = Number, plan and days stay as they are. It costs nothing.
profile-confirm-old-code = The old code, if you still have it, stops working. We show the new one on the line’s page, usually within a minute.
profile-confirm-gone = Use this if the code is lost or the eSIM was deleted by mistake. If the eSIM is on the phone and works, you need no new code.
profile-confirm-old-device = As soon as the new device has the line, the old one loses it: calls, texts and data move over together. The old code stops working.
profile-confirm-delete = Have the new device at hand, and delete the eSIM on the old one when the new one works.
profile-confirm-online = The new device needs Wi-Fi or another way online to install the eSIM.
profile-confirm-button = Order the new code
profile-leave = Leave it as it is
profile-eid = EID of the new device (if you know it)
profile-eid-help = 32 digits, in the phone’s settings under About, or dial *#06#. With it the code installs on that device only.
profile-eid-wrong = That is not an EID: it has 32 digits, and the last two check the others. Please look again, or leave it empty.
profile-working = Your new code is being made, since { $time }.
profile-silent = Your new code is being made. The carrier has not answered since { $time }; we go on asking and order it only once.
profile-withdrawing = The carrier won’t make the new code. We are taking the order back ({ $time }).
profile-ready = The new code is ready, since { $time }. It is below.
profile-refused = No new code: the carrier refused at { $time }. The line stays as it was. Please write to us.
profile-refused-freed = No new code: the carrier refused at { $time }, and the old code may no longer install. Please write to us; the line itself stays as it was.
profile-failed = The carrier never said whether it made the new code ({ $time }). Please write to us.
profile-look-again = See how it stands now
profile-code-replaced = The code is being replaced and not shown meanwhile. The new one will stand here.
note-profile-requested = The new code is being ordered. This page shows how it stands.
note-profile-under-way = A new code is being made already.
note-profile-order-open = An order for this line is not finished. Please finish or cancel it first.
note-profile-too-many = That was asked for three times today. Please try again tomorrow, or write to us.
note-profile-not-possible = This line can’t get a new code here. Please write to us.
detail-installed = Installed on a device ({ $time }).
detail-not-installed = Not installed yet ({ $time }).

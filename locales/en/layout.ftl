layout-skip = Skip to content
layout-nav = Main
layout-nav-lines = My lines
layout-nav-orders = Orders
layout-nav-staff = Work
layout-nav-accounts = Accounts
layout-nav-sign-in = Sign in
layout-nav-register = Create account
layout-language-name = English
layout-sign-out = Sign out
layout-support-hours = Support { $hours }
error-home = Back to the start
error-incident = If you write to us, quote this number:
error-form-expired-title = This page was open too long
error-form-expired-text = For your safety the form has expired. Nothing was changed and no money moved. Go back, reload the page and try again.
error-forbidden-title = You may not open this page
error-forbidden-text = Your account does not have access here. Nothing was changed.
error-not-found-title = There is nothing here
error-not-found-text = The page may have moved, or it belongs to another account. Your lines and orders are where they were.
error-too-large-title = That is too much to send
error-too-large-text = What you sent is larger than this form takes. Nothing was changed.
error-too-many-title = Too many tries
error-too-many-text = { $minutes ->
    [one] Please wait a minute and try again. Nothing was changed.
   *[other] Please wait { $minutes } minutes and try again. Nothing was changed.
  }
error-busy-title = Many people are here right now
error-busy-text = We could not take your request. Nothing was changed and no money moved. Please try again in a few seconds.
error-internal-title = Something broke on our side
error-internal-text = We have been told and are looking at it. If you were paying, look at your orders before you try again: money that arrived is shown there.
error-bad-request-title = We could not read that
error-bad-request-text = Your browser sent something we do not understand. Nothing was changed. Go back and try again.

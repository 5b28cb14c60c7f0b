error-404-title = There is no such page
error-404-text = The address may be wrong, or the page has moved. Your lines and orders are not affected.
error-403-title = This can’t be done
error-403-text = The page may be out of date, or you don’t have the right to do this. Nothing has changed. Go back and try again.
error-405-title = This can’t be opened that way
error-405-text = Please use the buttons and links on the pages.
error-413-title = That is too large
error-413-text = It was not saved. Make it shorter and try again.
error-422-title = Something needs correcting
error-422-text = Nothing was saved and nothing was charged. Go back, check and send it again.
error-429-title = Too many requests
error-429-text = Please try again in { $minutes ->
    [one] 1 minute
   *[other] { $minutes } minutes
}.
error-500-title = Something went wrong on our side
error-500-text = We have been told about it. If you were paying, look at your orders first and don’t pay again.
error-500-incident = Incident { $id }. Please give this to support
error-503-title = Not available right now
error-503-text = The system is busy or under maintenance. Try again in a few minutes. Payments already made are safe.
error-home = Home
error-orders = See orders
error-back = Go back
error-408-title = That took too long
error-408-text = Your browser stopped sending half way. Nothing was changed and no money moved. Go back and try again.

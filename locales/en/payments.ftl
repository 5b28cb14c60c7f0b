pay-title = Choose how to pay
pay-lead = The payment page opens next and brings you back when you are done.
pay-amount = To pay
pay-until = Please pay before { $time }
pay-method-label = Payment method
pay-method-sandbox = Bank card (rehearsal)
pay-method-sandbox-hint = The demo’s pretend bank. No real money moves
pay-method-card = Bank card
pay-method-card-hint = Visa, Mastercard and others, on Stripe’s page
pay-method-alipay = Alipay
pay-method-alipay-hint = Scan with Alipay or sign in there; on a phone its app opens
pay-method-wechat = WeChat Pay
pay-method-wechat-hint = Scan with WeChat, or pay in the app on your phone
pay-method-balance = Your balance
pay-balance-covers = You have { $amount }. It pays at once, and nothing else is charged.
pay-balance-part = Use { $amount } of my balance
pay-balance-rest = The rest, { $amount }, is paid the way you choose below.
pay-balance-changed = Your balance has changed and does not cover that part any more. Nothing was charged. Please choose again.
pay-submit = Pay { $amount }
pay-submit-part = Pay { $rest } and { $balance } from your balance
pay-submit-balance = Pay { $amount } from your balance
pay-cancel = Not now
pay-declined = The last payment did not go through and nothing was charged. Try again or choose another way.
pay-unavailable = The payment page can’t be opened right now. Nothing was charged. Please try again later.
pay-method-missing = Choose a payment method
pay-ends = Valid until { $date } afterwards, last day included ({ $zone })
pay-declined-again = The last payment did not go through and nothing was charged. You can try again.

pay-begun = You began to pay with { $method }. Another choice closes that payment first.
pay-still-open = We could not make sure that your payment with { $method } is closed. If you have paid there, you need do nothing: the order goes on by itself. If you have not, choose { $method } again, or try another way in a minute.

code-title = Scan to pay with WeChat
code-lead = Scan this code with WeChat. This page moves on by itself once you have paid.
code-picture = Code to pay { $amount } with WeChat Pay
code-how-open = Open WeChat on your phone and choose + then Scan
code-how-scan = Point it at the code and check that it says { $amount }
code-how-confirm = Confirm with your payment password
code-phone = Reading this on your phone? Take a screenshot of the code. In WeChat, choose + then Scan, and pick the screenshot from your album.
code-left = { $minutes ->
    [one] One minute left, until { $time }
   *[other] { $minutes } minutes left, until { $time }
  }
code-missing = WeChat Pay gave us no code just now. Nothing was charged. This page tries again by itself.
code-paid = I have paid
code-other = Choose another method
code-open-payer = Open the payer’s page (rehearsal)
pay-top-up = Goes onto your balance as soon as it is paid
pay-split = Balance { $balance } and { $method } { $rest }
pay-lead-balance = Your balance pays at once. Another way opens its payment page next and brings you back when you are done.

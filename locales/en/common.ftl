common-skip = Skip to content
common-nav-label = Main menu
common-nav-account = My lines
common-nav-balance = Balance
common-nav-orders = Orders
common-nav-sign-in = Sign in
common-nav-sign-out = Sign out
common-nav-security = Security
common-nav-register = Register
common-nav-staff-home = To do
common-nav-staff-search = Search
common-nav-rehearsal = Rehearsal clock
common-demo-bar = This is a demo: no real money, no real lines.
common-demo-mailbox = Mail sent from here
common-copy = Copy
common-copied = Copied
common-page-previous = Previous
common-page-next = Next
common-page-of = Page { $page } of { $pages }
common-inclusive = { $date }, inclusive
common-zone = Dates are in { $zone }.
common-zone-other = { $zone } time
zone-asia-shanghai = Beijing time
zone-asia-hong-kong = Hong Kong time
zone-asia-macau = Macao time
zone-asia-taipei = Taipei time
zone-asia-tokyo = Tokyo time
zone-asia-singapore = Singapore time
zone-asia-kuwait = Kuwait time
zone-europe-berlin = Berlin time
zone-europe-london = London time
zone-america-new-york = New York time
zone-utc = UTC
common-password-show = Show
common-password-hide = Hide
common-form-errors = Please correct the following
common-none = None

kind-fm-card = FM card
kind-esim = eSIM

carrier-cmcc = China Mobile
carrier-cucc = China Unicom
carrier-ctcc = China Telecom
carrier-cmhk = China Mobile Hong Kong
carrier-roamia = Roamia
carrier-globix = Globix

mark-days-left = { $days ->
    [one] 1 day left
   *[other] { $days } days left
}
mark-expires-today = Expires today
mark-lapsed = { $days ->
    [one] Lapsed 1 day ago
   *[other] Lapsed { $days } days ago
}
mark-suspended = Suspended
mark-not-started = Starts { $date }

term-days = { $n ->
    [one] 1 day
   *[other] { $n } days
}
term-months = { $n ->
    [1] 1 month
    [3] 1 quarter
    [12] 1 year
   *[other] { $n } months
}

coverage-world = Worldwide
coverage-more = { $first } and more, { $n } countries and regions

has-data = { $amount } data
has-data-unlimited = Unlimited data
has-minutes = { $n ->
    [one] 1 minute
   *[other] { $n } minutes
}
has-sms = { $n ->
    [one] 1 text
   *[other] { $n } texts
}
count-minutes = { $n }
count-sms = { $n }
common-list-comma = {", "}
common-nav-staff-money = Payments
common-nav-staff-catalogue = Catalogue
has-credit = { $amount } credit

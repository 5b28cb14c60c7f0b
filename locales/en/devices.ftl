# Which phones take an eSIM.
devices-title = Does your phone take an eSIM?
devices-lead = Look for your model, or ask the phone itself.
devices-search = Maker or model
devices-search-hint = For example “iPhone 13” or “S23”
devices-search-submit = Search
devices-found = { $n ->
    [one] One model takes an eSIM
   *[other] { $n } models take an eSIM
  }
devices-all = { $n ->
    [one] One model by maker
   *[other] { $n } models by maker
  }
devices-none-title = Not in our list
devices-none-text = That does not mean it has no eSIM: new and rare models may be missing. Ask the phone itself, as described below.
devices-more = There are more. Add another word to find yours.
devices-model = Model
devices-since = Since
devices-note = What to watch for
devices-source = Maker’s page
devices-note-cellular = Only with mobile data (Wi-Fi + Cellular)
devices-note-mainland = Not models sold in mainland China
devices-note-greater-china = Not models sold in mainland China, and not all sold in Hong Kong and Macau
devices-note-regions = Not every model: it depends on where or from whom it was bought
devices-note-local = Models sold in mainland China take eSIMs not at all or only under rules of their own; ask before you buy
devices-locked = A phone locked to a carrier takes no other carrier’s eSIM until it is unlocked.
devices-ask-title = Ask the phone
devices-ask-settings = Open Settings, then About (About phone). If there is an EID of 32 digits, the phone takes eSIMs.
devices-ask-dial = Or dial *#06#. If an EID is shown beside the IMEI, the phone takes eSIMs.
devices-ask-none = Is there no EID? Then it takes no eSIM.
devices-number = IMEI or EID
devices-number-hint = The 15 digits of the IMEI, or the 32 of the EID. We check the number and forget it.
devices-number-submit = Check
devices-number-imei = This IMEI is written correctly. Whether the phone takes an eSIM only its EID says: is one shown beside it?
devices-number-imeisv = This is an IMEI with a software version. It has no check digit, so a typing error can’t be seen. Whether the phone takes an eSIM only its EID says.
devices-number-eid = This is a correct EID: the device takes eSIMs.
devices-number-error-check = The check digit does not fit: the number is mistyped. Compare it with what the phone shows.
devices-number-error-fourteen = These are 14 digits: the check digit of the IMEI is missing. Dial *#06# to see all 15.
devices-number-error-other = The number of digits is not right: an IMEI has 15, an EID has 32. Please check it and enter it again.
devices-card-title = No eSIM? An FM card will do
devices-card-text = An FM card is a SIM card for any phone with a tray. It is renewed here just like an eSIM.
devices-card-ask = Ask us for an FM card

### English: the reference. Every other language has the same messages with the same { $placeables }.

### Words of the login pages. Short, plain, and saying what to do next. "{ $to }" is an address or a number, already
### marked so that it reads right in every direction of writing. Never speak of "authentication" or "credentials".

## Every page

# Label of the menu of languages.
language = Language
# The button beside that menu, for browsers without scripts.
language-button = Change language
terms = Terms
privacy = Privacy
help = Help
# The page's name in the browser's tab when a field on it is wrong.
error-title = Error: { $title }
continue = Continue
start-again = Start again

## The start form

start-title = Sign in
start-lead-code = We send you a code. No password needed.
start-lead-link = We send you a link. No password needed.
start-lead-both = We send you a code and a link. No password needed.
email-label = Email
phone-label = Phone number
either-label = Email or phone number
country-label = Country
# The first line of the menu of countries.
country-choose = Choose a country
use-phone = Use a phone number
use-email = Use an email address

## What can be wrong with an address or a number

error-empty-email = Enter your email address.
error-empty-phone = Enter your phone number.
error-empty-either = Enter your email address or your phone number.
error-long = That is too long.
error-email = Enter one email address, like name@example.com.
error-domain = Check the part after the @: it is not a domain name.
error-neither = Enter an email address, like name@example.com, or a phone number.
error-phone = Enter a phone number. Digits and spaces are enough.
error-phone-country = Enter the number with its country code, or choose the country.
error-phone-invalid = That is not a phone number of this country. Check the digits and the country.
error-phone-no-texts = That number cannot receive messages. Use another one.
error-yours = That is yours already. Enter another one.
error-not-yours = That is not yours to change any more. Start again.

## Notices on the start form

note-bad-place = The page that sent you here asked for a place that is not allowed. Sign in, then go there by yourself.
note-start-again = That sign-in is over. Start again.
note-used-elsewhere = You signed in on another device. To sign in here too, start again.
note-other-tab = Another sign-in was started in this browser since. This page is about that one now.
note-too-many-wrong = Too many wrong codes. Start again to get a new one.
note-throttled =
    { $minutes ->
        [one] Too many messages were asked for. Try again in a minute.
       *[other] Too many messages were asked for. Try again in { $minutes } minutes.
    }
note-guesses-throttled =
    { $minutes ->
        [one] Too many wrong codes came from your network. Try again in a minute.
       *[other] Too many wrong codes came from your network. Try again in { $minutes } minutes.
    }
note-texts-country = We do not send messages to that country.
note-texts-country-email = We do not send messages to that country. Use your email address instead.
note-texts-held = We cannot send messages to that number just now. Try again later.
note-texts-held-email = We cannot send messages to that number just now. Use your email address instead.
# On a button that waits. { $time } is a count-down like 0:42.
wait-continue = You can go on in { $time }

## Typing the code

code-title = Enter your code
code-sent = We sent a code to { $to }.
code-sent-both = We sent a code and a link to { $to }. Type the code here, or open the link.
code-label = Code
error-not-a-code = That is not a whole code. Compare it with the message.
error-wrong-code =
    { $n ->
        [one] That code is wrong. You have one try left.
       *[other] That code is wrong. You have { $n } tries left.
    }
error-expired-code = That code has expired. Ask for a new one below.
code-life =
    { $minutes ->
        [one] The code is good for one minute.
       *[other] The code is good for { $minutes } minutes.
    }
# { $time } is a time of day such as 14:32.
code-until = The code is good until { $time }.
hint-email = Nothing there? Look into your spam folder.
hint-phone = Nothing there? Check the number. A message can take a minute.
tries-left =
    { $n ->
        [one] One try left.
       *[other] { $n } tries left.
    }
resend = Send it again
resend-wait = You can ask again in { $time }
sent-again = A new message is on its way.
note-too-soon = Wait a moment before you ask again. The last message may still be on its way.
change-email = Use another email address
change-phone = Use another phone number
# A link for browsers without scripts.
opened-link = I have opened the link

## A link was sent

sent-title-email = Check your email
sent-title-phone = Check your phone
link-sent = We sent a link to { $to }. Open it to sign in.
link-life =
    { $minutes ->
        [one] The link is good for one minute.
       *[other] The link is good for { $minutes } minutes.
    }
link-until = The link is good until { $time }.
noscript-link = The link needs JavaScript, which is off in this browser.
send-code-instead = Send me a code instead
number-show = Opening the link on another device? Type this number there to sign in here:
approved-title = One more step
approved-lead = You approved this sign-in on another device.
approved-button = Sign in here

## A link is opened

verify-title = Sign in with your link
verify-going = Signing you in…
verify-title-elsewhere = Sign in on this device?
verify-lead = This link signs you in to { $app }.
verify-account = Account
verify-asked = Asked for
verify-with = Browser
verify-near = Near
verify-warning = Go on only if it was you who asked for it.
verify-button = Sign in on this device
verify-title-other = Sign in as somebody else?
verify-lead-other = You are signed in as { $current }. Going on signs you in as { $to } instead.
verify-not-me = This was not me
verify-number-title = Or go on where you started
verify-number-lead = Type the two-digit number that you see there. You have one try.
verify-number-label = Number
verify-number-button = Sign in there
error-number-title = That did not work
error-number = That is not the number, and there is no second try. You can still sign in on this device, or start again where you began.
error-number-spent = A number was typed for this link before. You can still sign in on this device.
verify-cut = This link was cut short. Open it again from the message, or copy all of it.
verify-noscript = The link needs JavaScript, which is off in this browser. Use the code instead.
verify-noscript-elsewhere = Type the code from the message where you asked for it.
number-done-title = You can go back now
number-done = You are signed in where you started. You can close this page.
disowned-title = That sign-in is over
disowned = Nobody can use that link or code any more. If this happens often, tell the people who run { $app }.
ago =
    { $minutes ->
        [0] less than a minute ago
        [one] one minute ago
       *[other] { $minutes } minutes ago
    }
ago-hours =
    { $hours ->
        [one] one hour ago
       *[other] { $hours } hours ago
    }
ago-days =
    { $days ->
        [one] one day ago
       *[other] { $days } days ago
    }
# Firefox on Windows
browser-on = { $browser } on { $system }
unknown-browser = Another browser
unknown-system = another system

## A link that does not work

link-expired-title = This link has expired
link-expired = For your safety, links work only for a short while.
link-used-title = This link was used already
link-used = Each link works once. If you opened it a moment ago, you may be signed in already.
link-replaced-title = This link is no longer needed
link-replaced = You signed in another way since it was sent.
link-cancelled-title = This link belongs to a sign-in that was given up
link-cancelled = Start again to get a new one.
link-tries-title = This link does not work any more
link-tries = Too many wrong codes were typed, so its link does not work any more either.
link-invalid-title = This link does not work
link-invalid = It may have expired, been used, or been cut short. Ask for a new one where you want to sign in.
send-new-link = Send me a new link
link-problem-to = We send it to { $to }.

## Signed in

signed-in-title = You are signed in
signed-in = You can close this page and go back to where you came from.
sign-out = Sign out
refreshing-title = One moment…
refreshing = Your session is being renewed.
refreshing-without = Go on without it
sessions-link = Where you are signed in
identifiers-link = Your email and phone

## Sessions

sessions-title = Where you are signed in
session-this = This browser
session-seen = Last used { $when }
session-since = Signed in { $when }
session-end = Sign out there
sessions-end-others = Sign out everywhere else
sessions-only = You are signed in nowhere else.
note-session-ended = Signed out there.
note-sessions-ended =
    { $n ->
        [0] You were signed in nowhere else.
        [one] Signed out in one other place.
       *[other] Signed out in { $n } other places.
    }

## Your email and phone

identifiers-title = Your email and phone
identifiers-lead = You can sign in with each of these.
identifier-change = Change
identifier-remove = Remove
identifier-add-email = Add an email address
identifier-add-phone = Add a phone number
add-email-title = Add an email address
add-phone-title = Add a phone number
change-email-title = Change your email address
change-phone-title = Change your phone number
identifier-lead-new = We send a code to the new one, to see that it is yours.
identifier-lead-both = We send a code to the old one first, then one to the new one, to see that both are yours.
new-email-label = New email address
new-phone-label = New phone number
send-code = Send the code
confirm-title = Confirm with the old one
confirm-lead = { $to } is your only way in, so a code went there first. After that we send one to { $new }.
prove-title = Confirm that it is yours
note-identifier-added = { $to } was added. You can sign in with it now.
note-identifier-changed = { $to } took the place of the old one.
note-identifier-removed = Removed. It signs in nobody any more.
note-change-dead = That did not work out: your email or phone was changed meanwhile, or belongs to another account. Nothing was changed.
pending-cancel = Leave everything as it is
identifiers-back = Back to your email and phone

## Something went wrong

network = That did not reach the server. Check your connection and try again; nothing you typed is lost.
unavailable-title = One moment, please
unavailable = Something on our side does not work just now. Try again in a moment; trying twice does no harm.
try-again = Try again
missing-title = Nothing here
missing = There is no page at this address.
method-title = Not like this
method = This address does not take that.
form-title = Please try again
form-old = This page is too old, or was sent from another site. Go back, reload it, and try again.
form-kind = This address takes a form (application/x-www-form-urlencoded).
form-large = A form may hold 64 kB.
form-cut = The form did not arrive whole. Send it again.
form-slow = The form did not arrive in time. Send it again.
tenant-title = Unknown tenant
tenant-missing = There is no tenant of that name here.
request-id = Request { $id }


### Messages: mails and texts.
### $app is the product's name, $code the code, $other another address or number.
### "Code" is what the person types; "address" is an email address; "number" is a phone number.

## Mails: for how long, from where, help

# How long the code or link lives. A sentence of its own.
mail-life-minutes = { $count ->
    [one] It works once, for { $count } minute.
   *[other] It works once, for { $count } minutes.
}
mail-life-hours = { $count ->
    [one] It works once, for { $count } hour.
   *[other] It works once, for { $count } hours.
}
# Title of three lines: device, place, time. Said of whatever the mail is about.
mail-asked-title = Where this was asked for
mail-asked-device = Device
# The place is a guess from the network.
mail-asked-place = Place, roughly
mail-asked-time = Time
# $browser: "Firefox", $system: "Windows".
mail-device = { $browser } on { $system }
# Stands alone on the line "Device", and before "on Windows" below.
mail-device-unknown = An unknown browser
mail-device-system-only = An unknown browser on { $system }
# $support is a mail or web address.
mail-support = Need help? { $support }

## Mail: sign-in (a code, a link, or both)

mail-sign-in-subject-code = { $code } is your code for { $app }
mail-sign-in-subject-link = Your sign-in link for { $app }
mail-sign-in-title = Sign in to { $app }
mail-sign-in-type-code = Type this code on the page where you asked for it:
# Before the button, in a mail without a code.
mail-sign-in-press = Press the button to sign in:
# Before the button, in a mail with a code above.
mail-sign-in-or-press = Or press the button:
# As the two above, in the plain text, which has an address in place of the button.
mail-sign-in-open = Open this link to sign in:
mail-sign-in-or-open = Or open this link:
# On the button.
mail-sign-in-button = Sign in
mail-sign-in-button-fails = If the button does nothing, copy this address into your browser:
mail-sign-in-not-you = If you did not ask for this, ignore it: nobody gets in without it. Never pass it on.

## Mail: somebody asked to sign in with an address that has no account, and accounts are not open to everybody

mail-no-account-subject = No account for this address at { $app }
mail-no-account-title = There is no account for this address
mail-no-account-text = Somebody asked to sign in to { $app } with this address. It has no account, and { $app } is not open for new ones from everybody.
mail-no-account-hint = If it was you, try another address of yours, or ask for an invitation. If not, ignore this mail.

## Mail: a code that proves that a new address is one's own

mail-prove-subject = { $code } confirms your address for { $app }
mail-prove-title = Confirm this address
mail-prove-text = Somebody who is signed in to { $app } wants to sign in with this address from now on. If it is you, type this code there:
mail-prove-not-you = If it was not you, ignore this mail: without the code nothing happens. Never pass it on.

## Mail: a code, sent to the old address, that lets a new one take its place

mail-confirm-old-subject = { $code } confirms a change to your account at { $app }
mail-confirm-old-title = Confirm the change
mail-confirm-old-text = Somebody who is signed in to your account at { $app } wants { $other } to take the place of this address. If it is you, type this code there:
mail-confirm-old-not-you = If it was not you, keep the code to yourself: without it nothing changes. Then sign in and end all other sessions.

## Mail: somebody wanted to add this address to another account

mail-in-use-subject = Your address already has an account at { $app }
mail-in-use-title = This address already has an account
mail-in-use-text = Somebody who is signed in to { $app } wanted to add this address to their account. It already belongs to yours, and nothing has changed.
mail-in-use-hint = If it was you, sign in with this address instead. If not, there is nothing to do.

## Mail: an address or number was added to the account

mail-added-subject = Your account at { $app } has a new way to sign in
mail-added-title = A new way to sign in
mail-added-text = { $other } was added to your account at { $app }. From now on one can sign in with it.
mail-added-not-you = If it was not you, sign in at once, remove it, and end all other sessions.

## Mail: an address was replaced; this goes to the old one

mail-changed-subject = Your account at { $app } has a new address
mail-changed-title = Your address was replaced
mail-changed-text = { $other } took the place of this address in your account at { $app }. One can no longer sign in with this address.
mail-changed-not-you = If it was not you, ask for help at once.

## Mail: an address was removed from the account; this goes to it

mail-removed-subject = An address was removed from your account at { $app }
mail-removed-title = This address was removed
mail-removed-text = { $other } was removed from an account at { $app }. It signs in nobody any more.
mail-removed-not-you = If it was not you, ask for help at once.

## Texts (SMS, WhatsApp): as short as can be; every sentence costs the sender money

sms-code = { $code } is your code for { $app }.
# The link follows on the next line.
sms-link = Sign in to { $app }:
# The link follows on the next line; the code stands before.
sms-or-link = Or open:
sms-life-minutes = { $count ->
    [one] Works for { $count } minute.
   *[other] Works for { $count } minutes.
}
sms-life-hours = { $count ->
    [one] Works for { $count } hour.
   *[other] Works for { $count } hours.
}
# $device: what mail-device or mail-device-unknown say; sometimes a place follows after a comma.
sms-asked = Asked for from: { $device }
sms-no-account = Somebody asked to sign in to { $app } with this number. It has no account.
sms-prove = { $code } confirms this number for { $app }.
sms-confirm-old = { $code } lets { $other } replace this number at { $app }. Not you? Tell nobody.
sms-in-use = Somebody wanted to add this number to their account at { $app }. It belongs to yours, and nothing has changed.
sms-added = { $other } was added to your account at { $app }. Not you? Sign in and remove it.
sms-removed = This number was removed from your account at { $app }. Not you? Ask for help.
sms-changed = { $other } replaced this number in your account at { $app }. Not you? Ask for help.
# $support is a mail or web address.
sms-support = Help: { $support }

## An application logs somebody in

login-title = Sign in to { $app }
login-link-title = Add a way to sign in to { $app }?
login-link-button = Add it
login-go-on = Go on
login-back = Back to { $app }
login-message-title = Check your messages
login-message = You get a message with a link. Open it in this browser.
login-unknown = This link leads nowhere, or not any more. Go back and start again.
login-expired = Its time is over. Go back and ask for a new one.
login-used = It was used before. Go back and ask for a new one if you are not signed in.
login-not-believed = This link was not made properly. Go back and ask for a new one; if it happens again, tell whoever runs the application.
login-wrong-browser-title = Open this link where you are signed in
login-wrong-browser = It adds a way to sign in to the account that asked for it. Open it in the browser where you are signed in there.
login-not-linked-title = That could not be added
login-linked-elsewhere = This way to sign in belongs to another account.
login-linking-disabled = This way to sign in cannot be added to an account.
login-not-admitted-title = No account here
login-not-admitted = There is no account for you, and none can be made. Ask whoever runs the application.
login-other-way-title = Sign in another way
login-other-way = The application asks for another way to sign in than the one you used. Sign out here, go back, and start again.
login-declined-title = Sign-in was not finished
login-declined = The other service did not sign you in. Go back and try again.
login-away-title = The other service does not answer
login-away = It cannot say who you are just now. Go back and try again in a moment.
login-seed = This link was made for another page, so it cannot sign you in. Go back and ask for a new one; if it happens again, tell whoever runs the application.

### Dutch

## Every page

language = Taal
language-button = Taal wijzigen
terms = Voorwaarden
privacy = Privacy
help = Hulp
error-title = Fout: { $title }
continue = Doorgaan
start-again = Opnieuw beginnen

## The start form

start-title = Inloggen
start-lead-code = We sturen je een code. Je hebt geen wachtwoord nodig.
start-lead-link = We sturen je een link. Je hebt geen wachtwoord nodig.
start-lead-both = We sturen je een code en een link. Je hebt geen wachtwoord nodig.
email-label = E-mailadres
phone-label = Telefoonnummer
either-label = E-mailadres of telefoonnummer
country-label = Land
country-choose = Kies een land
use-phone = Telefoonnummer gebruiken
use-email = E-mailadres gebruiken

## What can be wrong with an address or a number

error-empty-email = Vul je e-mailadres in.
error-empty-phone = Vul je telefoonnummer in.
error-empty-either = Vul je e-mailadres of je telefoonnummer in.
error-long = Dat is te lang.
error-email = Vul één e-mailadres in, zoals name@example.com.
error-domain = Controleer het deel na de @: dat is geen domeinnaam.
error-neither = Vul een e-mailadres in, zoals name@example.com, of een telefoonnummer.
error-phone = Vul een telefoonnummer in. Cijfers en spaties zijn genoeg.
error-phone-country = Vul het nummer in met de landcode, of kies het land.
error-phone-invalid = Dat is geen telefoonnummer uit dit land. Controleer de cijfers en het land.
error-phone-no-texts = Dat nummer kan geen berichten ontvangen. Gebruik een ander nummer.
error-yours = Dat is al van jou. Vul iets anders in.
error-not-yours = Dat kun je niet meer wijzigen. Begin opnieuw.

## Notices on the start form

note-bad-place = De vorige pagina verwijst naar een plek die niet is toegestaan. Log in en ga er daarna zelf naartoe.
note-start-again = Deze inlogpoging is voorbij. Begin opnieuw.
note-used-elsewhere = Je bent ingelogd op een ander apparaat. Begin opnieuw om ook hier in te loggen.
note-other-tab = In deze browser is intussen een andere inlogpoging gestart. Deze pagina hoort nu bij die nieuwe.
note-too-many-wrong = Te veel onjuiste codes. Begin opnieuw om een nieuwe te krijgen.
note-throttled =
    { $minutes ->
        [one] Er zijn te veel berichten aangevraagd. Probeer het over een minuut opnieuw.
       *[other] Er zijn te veel berichten aangevraagd. Probeer het over { $minutes } minuten opnieuw.
    }
note-guesses-throttled =
    { $minutes ->
        [one] Er kwamen te veel onjuiste codes van je netwerk. Probeer het over een minuut opnieuw.
       *[other] Er kwamen te veel onjuiste codes van je netwerk. Probeer het over { $minutes } minuten opnieuw.
    }
note-texts-country = Naar dat land sturen we geen berichten.
note-texts-country-email = Naar dat land sturen we geen berichten. Gebruik je e-mailadres.
note-texts-held = We kunnen nu geen berichten naar dat nummer sturen. Probeer het later opnieuw.
note-texts-held-email = We kunnen nu geen berichten naar dat nummer sturen. Gebruik je e-mailadres.
wait-continue = Je kunt doorgaan over { $time }

## Typing the code

code-title = Vul je code in
code-sent = We hebben een code gestuurd naar { $to }.
code-sent-both = We hebben een code en een link gestuurd naar { $to }. Vul de code hier in of open de link.
code-label = Code
error-not-a-code = De code is niet compleet. Vergelijk hem met het bericht.
error-wrong-code =
    { $n ->
        [one] De code is onjuist. Je hebt nog één poging.
       *[other] De code is onjuist. Je hebt nog { $n } pogingen.
    }
error-expired-code = De code is verlopen. Vraag hieronder een nieuwe aan.
code-life =
    { $minutes ->
        [one] De code is één minuut geldig.
       *[other] De code is { $minutes } minuten geldig.
    }
code-until = De code is geldig tot { $time }.
hint-email = Niets ontvangen? Kijk in je spammap.
hint-phone = Niets ontvangen? Controleer het nummer. Het kan een minuut duren voor een bericht er is.
tries-left =
    { $n ->
        [one] Nog één poging.
       *[other] Nog { $n } pogingen.
    }
resend = Opnieuw sturen
resend-wait = Opnieuw aanvragen kan over { $time }
sent-again = Er is een nieuw bericht onderweg.
note-too-soon = Wacht even voordat je het opnieuw aanvraagt. Het vorige bericht kan nog onderweg zijn.
change-email = Ander e-mailadres gebruiken
change-phone = Ander telefoonnummer gebruiken
opened-link = Ik heb de link geopend

## A link was sent

sent-title-email = Kijk in je e-mail
sent-title-phone = Kijk op je telefoon
link-sent = We hebben een link gestuurd naar { $to }. Open de link om in te loggen.
link-life =
    { $minutes ->
        [one] De link is één minuut geldig.
       *[other] De link is { $minutes } minuten geldig.
    }
link-until = De link is geldig tot { $time }.
noscript-link = De link heeft JavaScript nodig en dat staat uit in deze browser.
send-code-instead = Stuur me een code
number-show = Open je de link op een ander apparaat? Vul daar dit getal in om hier in te loggen:
approved-title = Nog één stap
approved-lead = Je hebt deze inlogpoging goedgekeurd op een ander apparaat.
approved-button = Hier inloggen

## A link is opened

verify-title = Inloggen met je link
verify-going = Je wordt ingelogd…
verify-title-elsewhere = Inloggen op dit apparaat?
verify-lead = Met deze link log je in bij { $app }.
verify-account = Account
verify-asked = Aangevraagd
verify-with = Browser
verify-near = In de buurt van
verify-warning = Ga alleen door als je dit zelf hebt aangevraagd.
verify-button = Inloggen op dit apparaat
verify-title-other = Inloggen als iemand anders?
verify-lead-other = Je bent ingelogd als { $current }. Als je doorgaat, log je in als { $to }.
verify-not-me = Dit was ik niet
verify-number-title = Of ga door waar je begon
verify-number-lead = Vul het getal van twee cijfers in dat je daar ziet. Je hebt één poging.
verify-number-label = Getal
verify-number-button = Daar inloggen
error-number-title = Dat is niet gelukt
error-number = Dat is niet het juiste getal en er is geen tweede poging. Je kunt nog wel inloggen op dit apparaat, of opnieuw beginnen waar je begon.
error-number-spent = Voor deze link is al eens een getal ingevuld. Je kunt nog wel inloggen op dit apparaat.
verify-cut = Deze link is niet compleet. Open hem opnieuw vanuit het bericht of kopieer de hele link.
verify-noscript = De link heeft JavaScript nodig en dat staat uit in deze browser. Gebruik de code.
verify-noscript-elsewhere = Vul de code uit het bericht in waar je die hebt aangevraagd.
number-done-title = Je kunt nu terug
number-done = Je bent ingelogd waar je begon. Je kunt deze pagina sluiten.
disowned-title = Deze inlogpoging is gestopt
disowned = Niemand kan die link of code nog gebruiken. Gebeurt dit vaak? Laat het dan weten aan de beheerders van { $app }.
ago =
    { $minutes ->
        [0] minder dan een minuut geleden
        [one] een minuut geleden
       *[other] { $minutes } minuten geleden
    }
ago-hours =
    { $hours ->
        [one] een uur geleden
       *[other] { $hours } uur geleden
    }
ago-days =
    { $days ->
        [one] een dag geleden
       *[other] { $days } dagen geleden
    }
browser-on = { $browser } op { $system }
unknown-browser = Andere browser
unknown-system = een ander systeem

## A link that does not work

link-expired-title = Deze link is verlopen
link-expired = Voor je veiligheid werken links maar kort.
link-used-title = Deze link is al gebruikt
link-used = Elke link werkt één keer. Als je hem net hebt geopend, ben je misschien al ingelogd.
link-replaced-title = Deze link is niet meer nodig
link-replaced = Je bent intussen op een andere manier ingelogd.
link-cancelled-title = Deze link hoort bij een afgebroken inlogpoging
link-cancelled = Begin opnieuw om een nieuwe te krijgen.
link-tries-title = Deze link werkt niet meer
link-tries = Er zijn te veel onjuiste codes ingevuld, dus ook de link werkt niet meer.
link-invalid-title = Deze link werkt niet
link-invalid = Misschien is hij verlopen, al gebruikt of niet compleet. Vraag een nieuwe aan waar je wilt inloggen.
send-new-link = Stuur me een nieuwe link
link-problem-to = We sturen hem naar { $to }.

## Signed in

signed-in-title = Je bent ingelogd
signed-in = Je kunt deze pagina sluiten en teruggaan naar waar je was.
sign-out = Uitloggen
refreshing-title = Een ogenblik…
refreshing = Je sessie wordt vernieuwd.
refreshing-without = Doorgaan zonder vernieuwen
sessions-link = Waar je bent ingelogd
identifiers-link = Je e-mail en telefoon

## Sessions

sessions-title = Waar je bent ingelogd
session-this = Deze browser
session-seen = Laatst gebruikt: { $when }
session-since = Ingelogd: { $when }
session-end = Sessie beëindigen
sessions-end-others = Alle andere sessies beëindigen
sessions-only = Je bent nergens anders ingelogd.
note-session-ended = De sessie is beëindigd.
note-sessions-ended =
    { $n ->
        [0] Je was nergens anders ingelogd.
        [one] Eén andere sessie is beëindigd.
       *[other] { $n } andere sessies zijn beëindigd.
    }

## Your email and phone

identifiers-title = Je e-mail en telefoon
identifiers-lead = Je kunt met elk hiervan inloggen.
identifier-change = Wijzigen
identifier-remove = Verwijderen
identifier-add-email = E-mailadres toevoegen
identifier-add-phone = Telefoonnummer toevoegen
add-email-title = E-mailadres toevoegen
add-phone-title = Telefoonnummer toevoegen
change-email-title = E-mailadres wijzigen
change-phone-title = Telefoonnummer wijzigen
identifier-lead-new = We sturen een code naar het nieuwe, om te controleren of het van jou is.
identifier-lead-both = We sturen eerst een code naar het oude en dan een naar het nieuwe, om te controleren of ze allebei van jou zijn.
new-email-label = Nieuw e-mailadres
new-phone-label = Nieuw telefoonnummer
send-code = Code sturen
confirm-title = Bevestig eerst de wijziging
confirm-lead = Je kunt alleen inloggen met { $to }. Daarom hebben we daar eerst een code naartoe gestuurd. Daarna sturen we er een naar { $new }.
prove-title = Bevestig dat het van jou is
note-identifier-added = { $to } is toegevoegd. Je kunt er nu mee inloggen.
note-identifier-changed = { $to } komt in de plaats van het oude.
note-identifier-removed = Verwijderd. Niemand kan er nog mee inloggen.
note-change-dead = Dat is niet gelukt: je e-mail of telefoon is intussen gewijzigd, of hoort bij een ander account. Er is niets gewijzigd.
pending-cancel = Alles laten zoals het is
identifiers-back = Terug naar je e-mail en telefoon

## Something went wrong

network = De server is niet bereikt. Controleer je verbinding en probeer het opnieuw; wat je hebt ingevuld, is er nog.
unavailable-title = Een ogenblik
unavailable = Er werkt bij ons even iets niet. Probeer het zo opnieuw; nog een keer proberen kan geen kwaad.
try-again = Opnieuw proberen
missing-title = Hier is niets
missing = Er is geen pagina op dit adres.
method-title = Zo werkt het niet
method = Dit adres neemt dat niet aan.
form-title = Probeer het opnieuw
form-old = Deze pagina is te oud of is vanaf een andere site verstuurd. Ga terug, laad de pagina opnieuw en probeer het nog eens.
form-kind = Dit adres verwacht een formulier (application/x-www-form-urlencoded).
form-large = Een formulier mag hoogstens 64 kB groot zijn.
form-cut = Het formulier is niet volledig aangekomen. Verstuur het opnieuw.
form-slow = Het formulier is niet op tijd aangekomen. Verstuur het opnieuw.
tenant-title = Onbekende tenant
tenant-missing = Er is hier geen tenant met die naam.
request-id = Verzoek { $id }

## Mails: for how long, from where, help

mail-life-minutes = { $count ->
    [one] Eén keer te gebruiken, { $count } minuut geldig.
   *[other] Eén keer te gebruiken, { $count } minuten geldig.
}
mail-life-hours = { $count ->
    [one] Eén keer te gebruiken, { $count } uur geldig.
   *[other] Eén keer te gebruiken, { $count } uur geldig.
}
mail-asked-title = Waar dit is aangevraagd
mail-asked-device = Apparaat
mail-asked-place = Plaats (ongeveer)
mail-asked-time = Tijd
mail-device = { $browser } op { $system }
mail-device-unknown = Onbekende browser
mail-device-system-only = Onbekende browser op { $system }
mail-support = Hulp nodig? { $support }

## Mail: sign-in (a code, a link, or both)

mail-sign-in-subject-code = { $code } is je code voor { $app }
mail-sign-in-subject-link = Je link om in te loggen bij { $app }
mail-sign-in-title = Inloggen bij { $app }
mail-sign-in-type-code = Vul deze code in op de pagina waar je hem hebt aangevraagd:
mail-sign-in-press = Klik op de knop om in te loggen:
mail-sign-in-or-press = Of klik op de knop:
mail-sign-in-open = Open deze link om in te loggen:
mail-sign-in-or-open = Of open deze link:
mail-sign-in-button = Inloggen
mail-sign-in-button-fails = Werkt de knop niet? Kopieer dit adres naar je browser:
mail-sign-in-not-you = Heb je dit niet aangevraagd? Dan hoef je niets te doen: zonder deze e-mail komt niemand binnen. Geef de inhoud nooit door.

## Mail: somebody asked to sign in with an address that has no account, and accounts are not open to everybody

mail-no-account-subject = Geen account voor dit adres bij { $app }
mail-no-account-title = Er is geen account voor dit adres
mail-no-account-text = Iemand wilde met dit adres inloggen bij { $app }. Het adres heeft geen account, en niet iedereen kan een account maken bij { $app }.
mail-no-account-hint = Was jij het? Probeer dan een ander adres van jezelf of vraag om een uitnodiging. Was jij het niet? Dan kun je deze e-mail negeren.

## Mail: a code that proves that a new address is one's own

mail-prove-subject = { $code } bevestigt je adres voor { $app }
mail-prove-title = Bevestig dit adres
mail-prove-text = Iemand die is ingelogd bij { $app } wil voortaan met dit adres inloggen. Ben jij dat? Vul daar dan deze code in:
mail-prove-not-you = Ben jij dat niet? Dan kun je deze e-mail negeren: zonder de code gebeurt er niets. Geef de code nooit door.

## Mail: a code, sent to the old address, that lets a new one take its place

mail-confirm-old-subject = { $code } bevestigt een wijziging van je account bij { $app }
mail-confirm-old-title = Bevestig de wijziging
mail-confirm-old-text = Iemand die is ingelogd op je account bij { $app } wil dit adres vervangen door { $other }. Ben jij dat? Vul daar dan deze code in:
mail-confirm-old-not-you = Ben jij dat niet? Houd de code dan voor jezelf: zonder de code verandert er niets. Log daarna in en beëindig alle andere sessies.

## Mail: somebody wanted to add this address to another account

mail-in-use-subject = Je adres heeft al een account bij { $app }
mail-in-use-title = Dit adres heeft al een account
mail-in-use-text = Iemand die is ingelogd bij { $app } wilde dit adres aan een ander account toevoegen. Het adres hoort al bij jouw account en er is niets veranderd.
mail-in-use-hint = Was jij het? Log dan in met dit adres. Was jij het niet? Dan hoef je niets te doen.

## Mail: an address or number was added to the account

mail-added-subject = Nieuwe manier om in te loggen op je account bij { $app }
mail-added-title = Een nieuwe manier om in te loggen
mail-added-text = { $other } is toegevoegd aan je account bij { $app }. Daarmee kan nu ook worden ingelogd.
mail-added-not-you = Was jij het niet? Log dan meteen in, verwijder het en beëindig alle andere sessies.

## Mail: an address was replaced; this goes to the old one

mail-changed-subject = Je account bij { $app } heeft een nieuw adres
mail-changed-title = Je adres is vervangen
mail-changed-text = Dit adres is in je account bij { $app } vervangen door { $other }. Met dit adres kun je niet meer inloggen.
mail-changed-not-you = Was jij het niet? Vraag dan meteen om hulp.

## Mail: an address was removed from the account; this goes to it

mail-removed-subject = Er is een adres verwijderd uit je account bij { $app }
mail-removed-title = Dit adres is verwijderd
mail-removed-text = { $other } is verwijderd uit een account bij { $app }. Niemand kan er nog mee inloggen.
mail-removed-not-you = Was jij het niet? Vraag dan meteen om hulp.

## Texts (SMS, WhatsApp): as short as can be; every sentence costs the sender money

sms-code = { $code } is je code voor { $app }.
sms-link = Inloggen bij { $app }:
sms-or-link = Of open:
sms-life-minutes = { $count ->
    [one] { $count } minuut geldig.
   *[other] { $count } minuten geldig.
}
sms-life-hours = { $count ->
    [one] { $count } uur geldig.
   *[other] { $count } uur geldig.
}
sms-asked = Aangevraagd via: { $device }
sms-no-account = Iemand wilde met dit nummer inloggen bij { $app }. Het heeft geen account.
sms-prove = { $code } bevestigt dit nummer voor { $app }.
sms-confirm-old = { $code } vervangt dit nummer door { $other } bij { $app }. Niet jij? Geef de code aan niemand.
sms-in-use = Iemand wilde dit nummer toevoegen aan een ander account bij { $app }. Het hoort bij jouw account en er is niets veranderd.
sms-added = { $other } is toegevoegd aan je account bij { $app }. Niet jij? Log in en verwijder het.
sms-removed = Dit nummer is verwijderd uit je account bij { $app }. Niet jij? Vraag om hulp.
sms-changed = { $other } vervangt dit nummer in je account bij { $app }. Niet jij? Vraag om hulp.
sms-support = Hulp: { $support }

## An application logs somebody in

login-title = Inloggen bij { $app }
login-link-title = Een manier toevoegen om in te loggen bij { $app }?
login-link-button = Toevoegen
login-go-on = Doorgaan
login-back = Terug naar { $app }
login-message-title = Kijk bij je berichten
login-message = Je krijgt een bericht met een link. Open hem in deze browser.
login-unknown = Deze link leidt nergens heen, of niet meer. Ga terug en begin opnieuw.
login-expired = Zijn tijd is om. Ga terug en vraag een nieuwe aan.
login-used = Hij is al eens gebruikt. Ga terug en vraag een nieuwe aan als je niet bent ingelogd.
login-not-believed = Deze link is niet goed gemaakt. Ga terug en vraag een nieuwe aan; gebeurt het weer, laat het dan weten aan de beheerders van de applicatie.
login-wrong-browser-title = Open deze link waar je bent ingelogd
login-wrong-browser = Hij voegt een manier om in te loggen toe aan het account dat erom vroeg. Open hem in de browser waarin je daar bent ingelogd.
login-not-linked-title = Toevoegen is niet gelukt
login-linked-elsewhere = Deze manier om in te loggen hoort bij een ander account.
login-linking-disabled = Deze manier om in te loggen kan niet aan een account worden toegevoegd.
login-not-admitted-title = Geen account
login-not-admitted = Er is geen account voor je en er kan er geen worden gemaakt. Vraag het de beheerders van de applicatie.
login-other-way-title = Log op een andere manier in
login-other-way = De applicatie vraagt om een andere manier van inloggen dan die je hebt gebruikt. Log hier uit, ga terug en begin opnieuw.
login-declined-title = Het inloggen is niet afgerond
login-declined = De andere dienst heeft je niet ingelogd. Ga terug en probeer het opnieuw.
login-away-title = De andere dienst antwoordt niet
login-away = Die kan nu even niet zeggen wie je bent. Ga terug en probeer het zo opnieuw.
login-seed = Deze link is voor een andere pagina gemaakt en kan je niet inloggen. Ga terug en vraag een nieuwe aan; gebeurt het weer, laat het dan weten aan de beheerders van de applicatie.

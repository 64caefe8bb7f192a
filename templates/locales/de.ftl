### German

## Every page

language = Sprache
language-button = Sprache ändern
terms = Nutzungsbedingungen
privacy = Datenschutz
help = Hilfe
error-title = Fehler: { $title }
continue = Weiter
start-again = Von vorn beginnen

## The start form

start-title = Anmelden
start-lead-code = Wir senden Ihnen einen Code. Sie brauchen kein Passwort.
start-lead-link = Wir senden Ihnen einen Link. Sie brauchen kein Passwort.
start-lead-both = Wir senden Ihnen einen Code und einen Link. Sie brauchen kein Passwort.
email-label = E-Mail-Adresse
phone-label = Telefonnummer
either-label = E-Mail-Adresse oder Telefonnummer
country-label = Land
country-choose = Land auswählen
use-phone = Telefonnummer verwenden
use-email = E-Mail-Adresse verwenden

## What can be wrong with an address or a number

error-empty-email = Geben Sie Ihre E-Mail-Adresse ein.
error-empty-phone = Geben Sie Ihre Telefonnummer ein.
error-empty-either = Geben Sie Ihre E-Mail-Adresse oder Telefonnummer ein.
error-long = Diese Eingabe ist zu lang.
error-email = Geben Sie eine einzelne E-Mail-Adresse ein, zum Beispiel name@example.com.
error-domain = Prüfen Sie den Teil nach dem @: Das ist kein Domainname.
error-neither = Geben Sie eine E-Mail-Adresse wie name@example.com oder eine Telefonnummer ein.
error-phone = Geben Sie eine Telefonnummer ein. Ziffern und Leerzeichen genügen.
error-phone-country = Geben Sie die Nummer mit Ländervorwahl ein oder wählen Sie das Land aus.
error-phone-invalid = Diese Nummer ist in diesem Land nicht gültig. Prüfen Sie die Ziffern und das Land.
error-phone-no-texts = Diese Nummer kann keine Nachrichten empfangen. Verwenden Sie eine andere.
error-yours = Das ist bereits in Ihrem Konto hinterlegt. Geben Sie etwas anderes ein.
error-not-yours = Das können Sie nicht mehr ändern. Beginnen Sie von vorn.

## Notices on the start form

note-bad-place = Die vorherige Seite wollte Sie an ein Ziel weiterleiten, das nicht erlaubt ist. Melden Sie sich an und rufen Sie das Ziel dann selbst auf.
note-start-again = Diese Anmeldung ist nicht mehr gültig. Beginnen Sie von vorn.
note-used-elsewhere = Sie haben sich auf einem anderen Gerät angemeldet. Um sich auch hier anzumelden, beginnen Sie von vorn.
note-other-tab = In diesem Browser wurde inzwischen eine andere Anmeldung begonnen. Diese Seite gehört jetzt zu der neuen Anmeldung.
note-too-many-wrong = Zu viele falsche Codes. Beginnen Sie von vorn, um einen neuen zu erhalten.
note-throttled =
    { $minutes ->
        [one] Es wurden zu viele Nachrichten angefordert. Versuchen Sie es in einer Minute noch einmal.
       *[other] Es wurden zu viele Nachrichten angefordert. Versuchen Sie es in { $minutes } Minuten noch einmal.
    }
note-guesses-throttled =
    { $minutes ->
        [one] Aus Ihrem Netz kamen zu viele falsche Codes. Versuchen Sie es in einer Minute noch einmal.
       *[other] Aus Ihrem Netz kamen zu viele falsche Codes. Versuchen Sie es in { $minutes } Minuten noch einmal.
    }
note-texts-country = In dieses Land senden wir keine Nachrichten.
note-texts-country-email = In dieses Land senden wir keine Nachrichten. Verwenden Sie stattdessen Ihre E-Mail-Adresse.
note-texts-held = An diese Nummer können wir gerade keine Nachrichten senden. Versuchen Sie es später noch einmal.
note-texts-held-email = An diese Nummer können wir gerade keine Nachrichten senden. Verwenden Sie stattdessen Ihre E-Mail-Adresse.
wait-continue = Weiter in { $time }

## Typing the code

code-title = Code eingeben
code-sent = Wir haben einen Code an { $to } gesendet.
code-sent-both = Wir haben einen Code und einen Link an { $to } gesendet. Geben Sie den Code hier ein oder öffnen Sie den Link.
code-label = Code
error-not-a-code = Der Code ist nicht vollständig. Vergleichen Sie ihn mit der Nachricht.
error-wrong-code =
    { $n ->
        [one] Der Code ist falsch. Sie haben noch einen Versuch.
       *[other] Der Code ist falsch. Sie haben noch { $n } Versuche.
    }
error-expired-code = Der Code ist abgelaufen. Fordern Sie unten einen neuen an.
code-life =
    { $minutes ->
        [one] Der Code gilt eine Minute.
       *[other] Der Code gilt { $minutes } Minuten.
    }
code-until = Der Code gilt bis { $time } Uhr.
hint-email = Nichts angekommen? Sehen Sie im Spam-Ordner nach.
hint-phone = Nichts angekommen? Prüfen Sie die Nummer. Eine Nachricht kann eine Minute dauern.
tries-left =
    { $n ->
        [one] Noch ein Versuch.
       *[other] Noch { $n } Versuche.
    }
resend = Erneut senden
resend-wait = Erneut senden in { $time }
sent-again = Eine neue Nachricht ist unterwegs.
note-too-soon = Warten Sie einen Moment, bevor Sie es erneut anfordern. Die letzte Nachricht ist vielleicht noch unterwegs.
change-email = Andere E-Mail-Adresse verwenden
change-phone = Andere Telefonnummer verwenden
opened-link = Ich habe den Link geöffnet

## A link was sent

sent-title-email = Sehen Sie in Ihren E-Mails nach
sent-title-phone = Sehen Sie auf Ihrem Telefon nach
link-sent = Wir haben einen Link an { $to } gesendet. Öffnen Sie ihn, um sich anzumelden.
link-life =
    { $minutes ->
        [one] Der Link gilt eine Minute.
       *[other] Der Link gilt { $minutes } Minuten.
    }
link-until = Der Link gilt bis { $time } Uhr.
noscript-link = Der Link braucht JavaScript. In diesem Browser ist es ausgeschaltet.
send-code-instead = Stattdessen einen Code senden
number-show = Sie öffnen den Link auf einem anderen Gerät? Geben Sie dort diese Zahl ein, um sich hier anzumelden:
approved-title = Noch ein Schritt
approved-lead = Sie haben diese Anmeldung auf einem anderen Gerät bestätigt.
approved-button = Hier anmelden

## A link is opened

verify-title = Mit Ihrem Link anmelden
verify-going = Sie werden angemeldet …
verify-title-elsewhere = Auf diesem Gerät anmelden?
verify-lead = Mit diesem Link melden Sie sich bei { $app } an.
verify-account = Konto
verify-asked = Angefordert
verify-with = Browser
verify-near = Ungefährer Ort
verify-warning = Fahren Sie nur fort, wenn Sie den Link selbst angefordert haben.
verify-button = Auf diesem Gerät anmelden
verify-title-other = Mit einem anderen Konto anmelden?
verify-lead-other = Sie sind als { $current } angemeldet. Wenn Sie fortfahren, werden Sie stattdessen als { $to } angemeldet.
verify-not-me = Das war ich nicht
verify-number-title = Oder dort weitermachen, wo Sie begonnen haben
verify-number-lead = Geben Sie die zweistellige Zahl ein, die Sie dort sehen. Sie haben einen Versuch.
verify-number-label = Zahl
verify-number-button = Dort anmelden
error-number-title = Das hat nicht geklappt
error-number = Das ist nicht die richtige Zahl, und einen zweiten Versuch gibt es nicht. Sie können sich trotzdem auf diesem Gerät anmelden oder dort von vorn beginnen, wo Sie angefangen haben.
error-number-spent = Für diesen Link wurde schon einmal eine Zahl eingegeben. Sie können sich trotzdem auf diesem Gerät anmelden.
verify-cut = Dieser Link ist nicht vollständig. Öffnen Sie ihn noch einmal aus der Nachricht oder kopieren Sie ihn ganz.
verify-noscript = Der Link braucht JavaScript. In diesem Browser ist es ausgeschaltet. Verwenden Sie stattdessen den Code.
verify-noscript-elsewhere = Geben Sie den Code aus der Nachricht dort ein, wo Sie ihn angefordert haben.
number-done-title = Sie können jetzt zurückgehen
number-done = Sie sind dort angemeldet, wo Sie begonnen haben. Diese Seite können Sie schließen.
disowned-title = Diese Anmeldung wurde abgebrochen
disowned = Niemand kann den Link oder den Code noch verwenden. Wenn das öfter vorkommt, wenden Sie sich an die Betreiber von { $app }.
ago =
    { $minutes ->
        [0] vor weniger als einer Minute
        [one] vor einer Minute
       *[other] vor { $minutes } Minuten
    }
ago-hours =
    { $hours ->
        [one] vor einer Stunde
       *[other] vor { $hours } Stunden
    }
ago-days =
    { $days ->
        [one] vor einem Tag
       *[other] vor { $days } Tagen
    }
browser-on = { $browser } auf { $system }
unknown-browser = Anderer Browser
unknown-system = einem anderen System

## A link that does not work

link-expired-title = Dieser Link ist abgelaufen
link-expired = Zu Ihrer Sicherheit gelten Links nur kurze Zeit.
link-used-title = Dieser Link wurde schon verwendet
link-used = Jeder Link funktioniert einmal. Wenn Sie ihn gerade geöffnet haben, sind Sie vielleicht schon angemeldet.
link-replaced-title = Dieser Link wird nicht mehr gebraucht
link-replaced = Sie haben sich inzwischen auf anderem Weg angemeldet.
link-cancelled-title = Dieser Link gehört zu einer abgebrochenen Anmeldung
link-cancelled = Beginnen Sie von vorn, um einen neuen zu erhalten.
link-tries-title = Dieser Link funktioniert nicht mehr
link-tries = Es wurden zu viele falsche Codes eingegeben. Deshalb funktioniert auch der Link nicht mehr.
link-invalid-title = Dieser Link funktioniert nicht
link-invalid = Vielleicht ist er abgelaufen, schon verwendet oder nicht vollständig. Fordern Sie dort einen neuen an, wo Sie sich anmelden möchten.
send-new-link = Neuen Link senden
link-problem-to = Wir senden ihn an { $to }.

## Signed in

signed-in-title = Sie sind angemeldet
signed-in = Sie können diese Seite schließen und dorthin zurückkehren, wo Sie waren.
sign-out = Abmelden
refreshing-title = Einen Moment …
refreshing = Ihre Sitzung wird erneuert.
refreshing-without = Ohne Sitzung fortfahren
sessions-link = Wo Sie angemeldet sind
identifiers-link = E-Mail und Telefon

## Sessions

sessions-title = Wo Sie angemeldet sind
session-this = Dieser Browser
session-seen = Zuletzt verwendet { $when }
session-since = Angemeldet { $when }
session-end = Dort abmelden
sessions-end-others = Überall sonst abmelden
sessions-only = Sie sind sonst nirgends angemeldet.
note-session-ended = Sie sind dort jetzt abgemeldet.
note-sessions-ended =
    { $n ->
        [0] Sie waren sonst nirgends angemeldet.
        [one] An einer anderen Stelle abgemeldet.
       *[other] An { $n } anderen Stellen abgemeldet.
    }

## Your email and phone

identifiers-title = E-Mail und Telefon
identifiers-lead = Damit können Sie sich anmelden.
identifier-change = Ändern
identifier-remove = Entfernen
identifier-add-email = E-Mail-Adresse hinzufügen
identifier-add-phone = Telefonnummer hinzufügen
add-email-title = E-Mail-Adresse hinzufügen
add-phone-title = Telefonnummer hinzufügen
change-email-title = E-Mail-Adresse ändern
change-phone-title = Telefonnummer ändern
identifier-lead-new = Wir senden einen Code an die neue, um zu prüfen, ob sie Ihnen gehört.
identifier-lead-both = Wir senden zuerst einen Code an die alte und dann einen an die neue, um zu prüfen, ob beide Ihnen gehören.
new-email-label = Neue E-Mail-Adresse
new-phone-label = Neue Telefonnummer
send-code = Code senden
confirm-title = Mit der alten Angabe bestätigen
confirm-lead = Sie können sich bisher nur mit { $to } anmelden. Deshalb haben wir zuerst dorthin einen Code gesendet. Danach senden wir einen an { $new }.
prove-title = Die neue Angabe bestätigen
note-identifier-added = { $to } wurde hinzugefügt. Sie können sich jetzt damit anmelden.
note-identifier-changed = Geändert: Sie melden sich jetzt mit { $to } an.
note-identifier-removed = Entfernt. Damit kann sich niemand mehr anmelden.
note-change-dead = Das hat nicht geklappt: Ihre E-Mail-Adresse oder Telefonnummer wurde inzwischen geändert oder gehört zu einem anderen Konto. Es wurde nichts geändert.
pending-cancel = Alles lassen, wie es ist
identifiers-back = Zurück zu E-Mail und Telefon

## Something went wrong

network = Der Server ist nicht erreichbar. Prüfen Sie Ihre Verbindung und versuchen Sie es noch einmal. Ihre Eingaben bleiben erhalten.
unavailable-title = Einen Moment bitte
unavailable = Bei uns funktioniert gerade etwas nicht. Versuchen Sie es gleich noch einmal; ein zweiter Versuch schadet nicht.
try-again = Noch einmal versuchen
missing-title = Hier ist nichts
missing = Unter dieser Adresse gibt es keine Seite.
method-title = So geht das nicht
method = Diese Adresse nimmt das nicht an.
form-title = Bitte noch einmal versuchen
form-old = Diese Seite ist zu alt oder wurde von einer anderen Website gesendet. Gehen Sie zurück, laden Sie sie neu und versuchen Sie es noch einmal.
form-kind = Diese Adresse nimmt ein Formular an (application/x-www-form-urlencoded).
form-large = Ein Formular darf höchstens 64 kB groß sein.
form-cut = Das Formular ist nicht vollständig angekommen. Senden Sie es noch einmal.
form-slow = Das Formular ist nicht rechtzeitig angekommen. Senden Sie es noch einmal.
tenant-title = Unbekannter Mandant
tenant-missing = Einen Mandanten mit diesem Namen gibt es hier nicht.
request-id = Anfrage { $id }

## Mails: for how long, from where, help

mail-life-minutes = { $count ->
    [one] Nur einmal verwendbar, { $count } Minute lang.
   *[other] Nur einmal verwendbar, { $count } Minuten lang.
}
mail-life-hours = { $count ->
    [one] Nur einmal verwendbar, { $count } Stunde lang.
   *[other] Nur einmal verwendbar, { $count } Stunden lang.
}
mail-asked-title = Woher die Anfrage kam
mail-asked-device = Gerät
mail-asked-place = Ungefährer Ort
mail-asked-time = Zeit
mail-device = { $browser } auf { $system }
mail-device-unknown = Unbekannter Browser
mail-device-system-only = Unbekannter Browser auf { $system }
mail-support = Brauchen Sie Hilfe? { $support }

## Mail: sign-in (a code, a link, or both)

mail-sign-in-subject-code = { $code } ist Ihr Code für { $app }
mail-sign-in-subject-link = Ihr Link zum Anmelden bei { $app }
mail-sign-in-title = Bei { $app } anmelden
mail-sign-in-type-code = Geben Sie diesen Code auf der Seite ein, auf der Sie ihn angefordert haben:
mail-sign-in-press = Melden Sie sich mit dieser Schaltfläche an:
mail-sign-in-or-press = Oder melden Sie sich mit dieser Schaltfläche an:
mail-sign-in-open = Öffnen Sie diesen Link, um sich anzumelden:
mail-sign-in-or-open = Oder öffnen Sie diesen Link:
mail-sign-in-button = Anmelden
mail-sign-in-button-fails = Wenn die Schaltfläche nicht funktioniert, kopieren Sie diese Adresse in Ihren Browser:
mail-sign-in-not-you = Wenn Sie das nicht angefordert haben, ignorieren Sie diese E-Mail: Ohne sie kann sich niemand anmelden. Geben Sie nichts davon weiter.

## Mail: somebody asked to sign in with an address that has no account, and accounts are not open to everybody

mail-no-account-subject = Kein Konto mit dieser Adresse bei { $app }
mail-no-account-title = Zu dieser Adresse gibt es kein Konto
mail-no-account-text = Jemand wollte sich mit dieser Adresse bei { $app } anmelden. Zu ihr gibt es kein Konto, und neue Konten sind bei { $app } nicht für alle offen.
mail-no-account-hint = Wenn Sie das waren, versuchen Sie es mit einer anderen Adresse oder bitten Sie um eine Einladung. Wenn nicht, ignorieren Sie diese E-Mail.

## Mail: a code that proves that a new address is one's own

mail-prove-subject = { $code } bestätigt Ihre Adresse für { $app }
mail-prove-title = Diese Adresse bestätigen
mail-prove-text = Jemand, der bei { $app } angemeldet ist, möchte sich künftig mit dieser Adresse anmelden. Wenn Sie das sind, geben Sie dort diesen Code ein:
mail-prove-not-you = Wenn Sie das nicht waren, ignorieren Sie diese E-Mail: Ohne den Code passiert nichts. Geben Sie ihn nicht weiter.

## Mail: a code, sent to the old address, that lets a new one take its place

mail-confirm-old-subject = { $code } bestätigt eine Änderung an Ihrem Konto bei { $app }
mail-confirm-old-title = Änderung bestätigen
mail-confirm-old-text = Jemand, der in Ihrem Konto bei { $app } angemeldet ist, möchte diese Adresse durch { $other } ersetzen. Wenn Sie das sind, geben Sie dort diesen Code ein:
mail-confirm-old-not-you = Wenn Sie das nicht waren, behalten Sie den Code für sich: Ohne ihn ändert sich nichts. Melden Sie sich dann an und beenden Sie alle anderen Sitzungen.

## Mail: somebody wanted to add this address to another account

mail-in-use-subject = Ihre Adresse hat bereits ein Konto bei { $app }
mail-in-use-title = Zu dieser Adresse gibt es bereits ein Konto
mail-in-use-text = Jemand, der bei { $app } angemeldet ist, wollte diese Adresse zum eigenen Konto hinzufügen. Die Adresse gehört bereits zu Ihrem, und es hat sich nichts geändert.
mail-in-use-hint = Wenn Sie das waren, melden Sie sich stattdessen mit dieser Adresse an. Wenn nicht, brauchen Sie nichts zu tun.

## Mail: an address or number was added to the account

mail-added-subject = Neue Anmeldemöglichkeit für Ihr Konto bei { $app }
mail-added-title = Eine neue Möglichkeit zur Anmeldung
mail-added-text = { $other } wurde zu Ihrem Konto bei { $app } hinzugefügt. Die Anmeldung ist ab jetzt auch damit möglich.
mail-added-not-you = Wenn Sie das nicht waren, melden Sie sich sofort an, entfernen Sie diese Anmeldemöglichkeit und beenden Sie alle anderen Sitzungen.

## Mail: an address was replaced; this goes to the old one

mail-changed-subject = Ihr Konto bei { $app } hat eine neue Adresse
mail-changed-title = Ihre Adresse wurde ersetzt
mail-changed-text = { $other } hat diese Adresse in Ihrem Konto bei { $app } ersetzt. Mit dieser Adresse ist keine Anmeldung mehr möglich.
mail-changed-not-you = Wenn Sie das nicht waren, holen Sie sich sofort Hilfe.

## Mail: an address was removed from the account; this goes to it

mail-removed-subject = Eine Adresse wurde aus Ihrem Konto bei { $app } entfernt
mail-removed-title = Diese Adresse wurde entfernt
mail-removed-text = { $other } wurde aus einem Konto bei { $app } entfernt. Damit kann sich niemand mehr anmelden.
mail-removed-not-you = Wenn Sie das nicht waren, holen Sie sich sofort Hilfe.

## Texts (SMS, WhatsApp): as short as can be; every sentence costs the sender money

sms-code = { $code } ist Ihr Code für { $app }.
sms-link = Bei { $app } anmelden:
sms-or-link = Oder öffnen:
sms-life-minutes = { $count ->
    [one] Gilt { $count } Minute.
   *[other] Gilt { $count } Minuten.
}
sms-life-hours = { $count ->
    [one] Gilt { $count } Stunde.
   *[other] Gilt { $count } Stunden.
}
sms-asked = Angefordert von: { $device }
sms-no-account = Jemand wollte sich mit dieser Nummer bei { $app } anmelden. Dazu gibt es kein Konto.
sms-prove = { $code } bestätigt diese Nummer für { $app }.
sms-confirm-old = { $code } ersetzt diese Nummer bei { $app } durch { $other }. Nicht Sie? Nicht weitergeben.
sms-in-use = Jemand wollte diese Nummer zum eigenen Konto bei { $app } hinzufügen. Sie gehört zu Ihrem, nichts wurde geändert.
sms-added = { $other } wurde zu Ihrem Konto bei { $app } hinzugefügt. Nicht Sie? Anmelden und entfernen.
sms-removed = Diese Nummer wurde aus Ihrem Konto bei { $app } entfernt. Nicht Sie? Holen Sie Hilfe.
sms-changed = { $other } ersetzt diese Nummer in Ihrem Konto bei { $app }. Nicht Sie? Holen Sie Hilfe.
sms-support = Hilfe: { $support }

## An application logs somebody in

login-title = Bei { $app } anmelden
login-link-title = Anmeldeweg für { $app } hinzufügen?
login-link-button = Hinzufügen
login-go-on = Weiter
login-back = Zurück zu { $app }
login-message-title = Sehen Sie in Ihre Nachrichten
login-message = Sie bekommen eine Nachricht mit einem Link. Öffnen Sie ihn in diesem Browser.
login-unknown = Dieser Link führt nirgends hin oder nicht mehr. Gehen Sie zurück und fangen Sie neu an.
login-expired = Seine Zeit ist abgelaufen. Gehen Sie zurück und fordern Sie einen neuen an.
login-used = Er wurde schon benutzt. Gehen Sie zurück und fordern Sie einen neuen an, falls Sie nicht angemeldet sind.
login-not-believed = Dieser Link ist nicht richtig gemacht. Gehen Sie zurück und fordern Sie einen neuen an; wenn es wieder geschieht, sagen Sie es den Betreibern der Anwendung.
login-wrong-browser-title = Öffnen Sie diesen Link dort, wo Sie angemeldet sind
login-wrong-browser = Er fügt dem Konto, das ihn angefordert hat, einen Anmeldeweg hinzu. Öffnen Sie ihn in dem Browser, in dem Sie dort angemeldet sind.
login-not-linked-title = Das konnte nicht hinzugefügt werden
login-linked-elsewhere = Dieser Anmeldeweg gehört zu einem anderen Konto.
login-linking-disabled = Dieser Anmeldeweg kann keinem Konto hinzugefügt werden.
login-not-admitted-title = Kein Konto
login-not-admitted = Für Sie gibt es kein Konto, und es kann keines angelegt werden. Fragen Sie die Betreiber der Anwendung.
login-other-way-title = Melden Sie sich anders an
login-other-way = Die Anwendung verlangt einen anderen Anmeldeweg als den, den Sie benutzt haben. Melden Sie sich hier ab, gehen Sie zurück und fangen Sie neu an.
login-declined-title = Die Anmeldung wurde nicht beendet
login-declined = Der andere Dienst hat Sie nicht angemeldet. Gehen Sie zurück und versuchen Sie es noch einmal.
login-away-title = Der andere Dienst antwortet nicht
login-away = Er kann gerade nicht sagen, wer Sie sind. Gehen Sie zurück und versuchen Sie es gleich noch einmal.
login-seed = Dieser Link wurde für eine andere Seite gemacht und kann Sie nicht anmelden. Gehen Sie zurück und fordern Sie einen neuen an; wenn es wieder geschieht, sagen Sie es den Betreibern der Anwendung.

### Italian

## Every page

language = Lingua
language-button = Cambia lingua
terms = Termini
privacy = Privacy
help = Aiuto
error-title = Errore: { $title }
continue = Continua
start-again = Ricomincia

## The start form

start-title = Accedi
start-lead-code = Ti inviamo un codice. Non serve una password.
start-lead-link = Ti inviamo un link. Non serve una password.
start-lead-both = Ti inviamo un codice e un link. Non serve una password.
email-label = Email
phone-label = Numero di telefono
either-label = Email o numero di telefono
country-label = Paese
country-choose = Scegli un Paese
use-phone = Usa un numero di telefono
use-email = Usa un indirizzo email

## What can be wrong with an address or a number

error-empty-email = Inserisci il tuo indirizzo email.
error-empty-phone = Inserisci il tuo numero di telefono.
error-empty-either = Inserisci il tuo indirizzo email o il tuo numero di telefono.
error-long = È troppo lungo.
error-email = Inserisci un solo indirizzo email, ad esempio name@example.com.
error-domain = Controlla la parte dopo la @: non è un nome di dominio.
error-neither = Inserisci un indirizzo email, ad esempio name@example.com, o un numero di telefono.
error-phone = Inserisci un numero di telefono. Bastano cifre e spazi.
error-phone-country = Inserisci il numero con il prefisso internazionale oppure scegli il Paese.
error-phone-invalid = Non è un numero di telefono di questo Paese. Controlla le cifre e il Paese.
error-phone-no-texts = Questo numero non può ricevere messaggi. Usane un altro.
error-yours = Lo usi già per accedere. Inseriscine un altro.
error-not-yours = Non puoi più modificarlo. Ricomincia.

## Notices on the start form

note-bad-place = La pagina da cui arrivi rimanda a una destinazione non consentita. Accedi, poi raggiungila direttamente.
note-start-again = Questo accesso non è più attivo. Ricomincia.
note-used-elsewhere = Hai effettuato l’accesso su un altro dispositivo. Per accedere anche qui, ricomincia.
note-other-tab = Nel frattempo in questo browser è stato iniziato un altro accesso. Ora questa pagina riguarda quello.
note-too-many-wrong = Troppi codici errati. Ricomincia per riceverne uno nuovo.
note-throttled =
    { $minutes ->
        [one] Sono stati richiesti troppi messaggi. Riprova tra un minuto.
       *[other] Sono stati richiesti troppi messaggi. Riprova tra { $minutes } minuti.
    }
note-guesses-throttled =
    { $minutes ->
        [one] Dalla tua rete sono arrivati troppi codici errati. Riprova tra un minuto.
       *[other] Dalla tua rete sono arrivati troppi codici errati. Riprova tra { $minutes } minuti.
    }
note-texts-country = Non inviamo messaggi in quel Paese.
note-texts-country-email = Non inviamo messaggi in quel Paese. Usa il tuo indirizzo email.
note-texts-held = Al momento non possiamo inviare messaggi a quel numero. Riprova più tardi.
note-texts-held-email = Al momento non possiamo inviare messaggi a quel numero. Usa il tuo indirizzo email.
wait-continue = Potrai continuare tra { $time }

## Typing the code

code-title = Inserisci il codice
code-sent = Abbiamo inviato un codice a { $to }.
code-sent-both = Abbiamo inviato un codice e un link a { $to }. Inserisci qui il codice oppure apri il link.
code-label = Codice
error-not-a-code = Il codice non è completo. Confrontalo con il messaggio.
error-wrong-code =
    { $n ->
        [one] Il codice è errato. Hai ancora un tentativo.
       *[other] Il codice è errato. Hai ancora { $n } tentativi.
    }
error-expired-code = Il codice è scaduto. Richiedine uno nuovo qui sotto.
code-life =
    { $minutes ->
        [one] Il codice è valido per un minuto.
       *[other] Il codice è valido per { $minutes } minuti.
    }
code-until = Il codice è valido fino alle ore { $time }.
hint-email = Non è arrivato nulla? Controlla la cartella dello spam.
hint-phone = Non è arrivato nulla? Controlla il numero. Un messaggio può impiegare un minuto.
tries-left =
    { $n ->
        [one] Hai ancora un tentativo.
       *[other] Hai ancora { $n } tentativi.
    }
resend = Invia di nuovo
resend-wait = Potrai richiederlo tra { $time }
sent-again = Un nuovo messaggio è in arrivo.
note-too-soon = Aspetta un momento prima di richiederlo di nuovo. L’ultimo messaggio potrebbe essere ancora in arrivo.
change-email = Usa un altro indirizzo email
change-phone = Usa un altro numero di telefono
opened-link = Ho aperto il link

## A link was sent

sent-title-email = Controlla la tua email
sent-title-phone = Controlla il telefono
link-sent = Abbiamo inviato un link a { $to }. Aprilo per accedere.
link-life =
    { $minutes ->
        [one] Il link è valido per un minuto.
       *[other] Il link è valido per { $minutes } minuti.
    }
link-until = Il link è valido fino alle ore { $time }.
noscript-link = Il link richiede JavaScript, che in questo browser è disattivato.
send-code-instead = Inviami invece un codice
number-show = Apri il link su un altro dispositivo? Inserisci lì questo numero per accedere qui:
approved-title = Manca un passaggio
approved-lead = Hai approvato questo accesso su un altro dispositivo.
approved-button = Accedi qui

## A link is opened

verify-title = Accedi con il link
verify-going = Accesso in corso…
verify-title-elsewhere = Accedere su questo dispositivo?
verify-lead = Con questo link accedi a { $app }.
verify-account = Account
verify-asked = Richiesto
verify-with = Browser
verify-near = Zona
verify-warning = Continua solo se la richiesta è tua.
verify-button = Accedi su questo dispositivo
verify-title-other = Accedere con un altro account?
verify-lead-other = Hai effettuato l’accesso come { $current }. Se continui, accederai invece come { $to }.
verify-not-me = La richiesta non è mia
verify-number-title = Oppure continua dove hai iniziato
verify-number-lead = Inserisci il numero di due cifre che vedi lì. Hai un solo tentativo.
verify-number-label = Numero
verify-number-button = Accedi lì
error-number-title = Non ha funzionato
error-number = Il numero non è corretto e non ci sono altri tentativi. Puoi comunque accedere su questo dispositivo, oppure ricominciare da dove eri.
error-number-spent = Per questo link è già stato inserito un numero. Puoi comunque accedere su questo dispositivo.
verify-cut = Il link è incompleto. Riaprilo dal messaggio oppure copialo per intero.
verify-noscript = Il link richiede JavaScript, che in questo browser è disattivato. Usa il codice.
verify-noscript-elsewhere = Inserisci il codice del messaggio dove l’hai richiesto.
number-done-title = Ora puoi tornare indietro
number-done = Hai effettuato l’accesso dove avevi iniziato. Puoi chiudere questa pagina.
disowned-title = Accesso annullato
disowned = Nessuno può più usare quel link o quel codice. Se succede spesso, avvisa chi gestisce { $app }.
ago =
    { $minutes ->
        [0] meno di un minuto fa
        [one] un minuto fa
       *[other] { $minutes } minuti fa
    }
ago-hours =
    { $hours ->
        [one] un’ora fa
       *[other] { $hours } ore fa
    }
ago-days =
    { $days ->
        [one] un giorno fa
       *[other] { $days } giorni fa
    }
browser-on = { $browser } su { $system }
unknown-browser = Altro browser
unknown-system = un altro sistema

## A link that does not work

link-expired-title = Questo link è scaduto
link-expired = Per la tua sicurezza, i link funzionano solo per poco tempo.
link-used-title = Questo link è già stato usato
link-used = Ogni link funziona una volta sola. Se l’hai aperto poco fa, forse hai già effettuato l’accesso.
link-replaced-title = Questo link non serve più
link-replaced = Dopo l’invio hai effettuato l’accesso in un altro modo.
link-cancelled-title = Questo link appartiene a un accesso annullato
link-cancelled = Ricomincia per riceverne uno nuovo.
link-tries-title = Questo link non funziona più
link-tries = Sono stati inseriti troppi codici errati, quindi neanche il link funziona più.
link-invalid-title = Questo link non funziona
link-invalid = Forse è scaduto, è già stato usato o è incompleto. Richiedine uno nuovo dove vuoi accedere.
send-new-link = Inviami un nuovo link
link-problem-to = Lo inviamo a { $to }.

## Signed in

signed-in-title = Hai effettuato l’accesso
signed-in = Puoi chiudere questa pagina e tornare dove eri.
sign-out = Esci
refreshing-title = Un momento…
refreshing = Stiamo rinnovando la tua sessione.
refreshing-without = Continua senza rinnovarla
sessions-link = Le tue sessioni
identifiers-link = Email e telefono

## Sessions

sessions-title = Le tue sessioni
session-this = Questo browser
session-seen = Ultimo utilizzo: { $when }
session-since = Accesso: { $when }
session-end = Termina sessione
sessions-end-others = Termina tutte le altre sessioni
sessions-only = Non hai altre sessioni.
note-session-ended = Sessione terminata.
note-sessions-ended =
    { $n ->
        [0] Non c’erano altre sessioni.
        [one] Terminata un’altra sessione.
       *[other] Terminate altre { $n } sessioni.
    }

## Your email and phone

identifiers-title = Email e telefono
identifiers-lead = Puoi accedere con ognuno di questi.
identifier-change = Modifica
identifier-remove = Rimuovi
identifier-add-email = Aggiungi un indirizzo email
identifier-add-phone = Aggiungi un numero di telefono
add-email-title = Aggiungi un indirizzo email
add-phone-title = Aggiungi un numero di telefono
change-email-title = Modifica il tuo indirizzo email
change-phone-title = Modifica il tuo numero di telefono
identifier-lead-new = Inviamo un codice a quello nuovo, per verificare che sia tuo.
identifier-lead-both = Inviamo un codice prima a quello attuale e poi a quello nuovo, per verificare che siano entrambi tuoi.
new-email-label = Nuovo indirizzo email
new-phone-label = Nuovo numero di telefono
send-code = Invia il codice
confirm-title = Prima conferma la modifica
confirm-lead = { $to } è il tuo unico modo per accedere, quindi il primo codice è stato inviato lì. Poi ne invieremo uno a { $new }.
prove-title = Conferma che è tuo
note-identifier-added = { $to } è stato aggiunto. Ora puoi usarlo per accedere.
note-identifier-changed = { $to } ha sostituito quello precedente.
note-identifier-removed = Rimosso. Non si può più usare per accedere.
note-change-dead = La modifica non è riuscita: nel frattempo la tua email o il tuo telefono è cambiato, oppure appartiene a un altro account. Nulla è stato modificato.
pending-cancel = Lascia tutto com’è
identifiers-back = Torna a Email e telefono

## Something went wrong

network = Il server non è raggiungibile. Controlla la connessione e riprova; quello che hai scritto non è andato perso.
unavailable-title = Un momento, per favore
unavailable = Qualcosa da parte nostra non funziona. Riprova tra poco; puoi farlo senza problemi.
try-again = Riprova
missing-title = Qui non c’è nulla
missing = A questo indirizzo non c’è nessuna pagina.
method-title = Così non funziona
method = Questo indirizzo non accetta questa richiesta.
form-title = Riprova
form-old = Questa pagina è troppo vecchia o è stata inviata da un altro sito. Torna indietro, ricaricala e riprova.
form-kind = Questo indirizzo accetta un modulo (application/x-www-form-urlencoded).
form-large = Un modulo può contenere al massimo 64 kB.
form-cut = Il modulo è arrivato incompleto. Invialo di nuovo.
form-slow = Il modulo non è arrivato in tempo. Invialo di nuovo.
tenant-title = Tenant sconosciuto
tenant-missing = Qui non c’è nessun tenant con questo nome.
request-id = Richiesta { $id }

## Mails: for how long, from where, help

mail-life-minutes = { $count ->
    [one] Funziona una volta sola, per { $count } minuto.
   *[other] Funziona una volta sola, per { $count } minuti.
}
mail-life-hours = { $count ->
    [one] Funziona una volta sola, per { $count } ora.
   *[other] Funziona una volta sola, per { $count } ore.
}
mail-asked-title = Da dove arriva la richiesta
mail-asked-device = Dispositivo
mail-asked-place = Luogo (indicativo)
mail-asked-time = Ora
mail-device = { $browser } su { $system }
mail-device-unknown = Browser sconosciuto
mail-device-system-only = Browser sconosciuto su { $system }
mail-support = Serve aiuto? { $support }

## Mail: sign-in (a code, a link, or both)

mail-sign-in-subject-code = { $code } è il tuo codice per { $app }
mail-sign-in-subject-link = Il tuo link per accedere a { $app }
mail-sign-in-title = Accedi a { $app }
mail-sign-in-type-code = Inserisci questo codice nella pagina in cui l’hai richiesto:
mail-sign-in-press = Premi il pulsante per accedere:
mail-sign-in-or-press = Oppure premi il pulsante:
mail-sign-in-open = Apri questo link per accedere:
mail-sign-in-or-open = Oppure apri questo link:
mail-sign-in-button = Accedi
mail-sign-in-button-fails = Se il pulsante non funziona, copia questo indirizzo nel browser:
mail-sign-in-not-you = Se la richiesta non è tua, ignora questa email: senza, nessuno può accedere. Non inoltrarla e non condividerne il contenuto.

## Mail: somebody asked to sign in with an address that has no account, and accounts are not open to everybody

mail-no-account-subject = Nessun account { $app } per questo indirizzo
mail-no-account-title = Questo indirizzo non ha un account
mail-no-account-text = Qualcuno ha chiesto di accedere a { $app } con questo indirizzo. L’indirizzo non ha un account, e su { $app } non tutti possono crearne uno.
mail-no-account-hint = Se la richiesta è tua, prova con un altro tuo indirizzo o chiedi un invito. Altrimenti ignora questa email.

## Mail: a code that proves that a new address is one's own

mail-prove-subject = { $code } conferma il tuo indirizzo per { $app }
mail-prove-title = Conferma questo indirizzo
mail-prove-text = Qualcuno che ha effettuato l’accesso a { $app } vuole d’ora in poi accedere con questo indirizzo. Se la richiesta è tua, inserisci lì questo codice:
mail-prove-not-you = Se la richiesta non è tua, ignora questa email: senza il codice non succede nulla. Non condividerlo con nessuno.

## Mail: a code, sent to the old address, that lets a new one take its place

mail-confirm-old-subject = { $code } conferma una modifica al tuo account { $app }
mail-confirm-old-title = Conferma la modifica
mail-confirm-old-text = Qualcuno che ha effettuato l’accesso al tuo account { $app } vuole sostituire questo indirizzo con { $other }. Se la richiesta è tua, inserisci lì questo codice:
mail-confirm-old-not-you = Se la richiesta non è tua, non condividere il codice: senza, non cambia nulla. Poi accedi e termina tutte le altre sessioni.

## Mail: somebody wanted to add this address to another account

mail-in-use-subject = Il tuo indirizzo ha già un account { $app }
mail-in-use-title = Questo indirizzo ha già un account
mail-in-use-text = Qualcuno che ha effettuato l’accesso a { $app } voleva aggiungere questo indirizzo al proprio account. L’indirizzo appartiene già al tuo account e nulla è cambiato.
mail-in-use-hint = Se la richiesta è tua, accedi con questo indirizzo. Altrimenti non devi fare nulla.

## Mail: an address or number was added to the account

mail-added-subject = Un nuovo modo per accedere al tuo account { $app }
mail-added-title = Un nuovo modo per accedere
mail-added-text = { $other } è stato aggiunto al tuo account { $app }. D’ora in poi si può usare per accedere.
mail-added-not-you = Se la modifica non è tua, accedi subito, rimuovilo e termina tutte le altre sessioni.

## Mail: an address was replaced; this goes to the old one

mail-changed-subject = Il tuo account { $app } ha un nuovo indirizzo
mail-changed-title = Il tuo indirizzo è stato sostituito
mail-changed-text = { $other } ha sostituito questo indirizzo nel tuo account { $app }. Con questo indirizzo non si può più accedere.
mail-changed-not-you = Se la modifica non è tua, chiedi subito aiuto.

## Mail: an address was removed from the account; this goes to it

mail-removed-subject = Un indirizzo è stato rimosso dal tuo account { $app }
mail-removed-title = Questo indirizzo è stato rimosso
mail-removed-text = { $other } è stato rimosso da un account { $app }. Non si può più usare per accedere.
mail-removed-not-you = Se la modifica non è tua, chiedi subito aiuto.

## Texts (SMS, WhatsApp): as short as can be; every sentence costs the sender money

sms-code = { $code } è il tuo codice per { $app }.
sms-link = Accedi a { $app }:
sms-or-link = Oppure apri:
sms-life-minutes = { $count ->
    [one] Vale { $count } minuto.
   *[other] Vale { $count } minuti.
}
sms-life-hours = { $count ->
    [one] Vale { $count } ora.
   *[other] Vale { $count } ore.
}
sms-asked = Richiesto da: { $device }
sms-no-account = Qualcuno ha chiesto di accedere a { $app } con questo numero, che non ha un account.
sms-prove = { $code } conferma questo numero per { $app }.
sms-confirm-old = { $code } sostituisce questo numero con { $other } su { $app }. Non sei tu? Non dirlo a nessuno.
sms-in-use = Qualcuno voleva aggiungere questo numero al proprio account { $app }. Appartiene al tuo e nulla è cambiato.
sms-added = { $other } è stato aggiunto al tuo account { $app }. Non eri tu? Accedi e rimuovilo.
sms-removed = Questo numero è stato rimosso dal tuo account { $app }. Non eri tu? Chiedi aiuto.
sms-changed = { $other } ha sostituito questo numero nel tuo account { $app }. Non eri tu? Chiedi aiuto.
sms-support = Aiuto: { $support }

## An application logs somebody in

login-title = Accedi a { $app }
login-link-title = Aggiungere un modo per accedere a { $app }?
login-link-button = Aggiungi
login-go-on = Continua
login-back = Torna a { $app }
login-message-title = Controlla i tuoi messaggi
login-message = Riceverai un messaggio con un link. Aprilo in questo browser.
login-unknown = Questo link non porta da nessuna parte, o non più. Torna indietro e ricomincia.
login-expired = Il suo tempo è finito. Torna indietro e richiedine uno nuovo.
login-used = È già stato usato. Se non hai effettuato l’accesso, torna indietro e richiedine uno nuovo.
login-not-believed = Questo link non è stato creato correttamente. Torna indietro e richiedine uno nuovo; se succede ancora, avvisa chi gestisce l’applicazione.
login-wrong-browser-title = Apri questo link dove hai effettuato l’accesso
login-wrong-browser = Aggiunge un modo per accedere all’account che lo ha richiesto. Aprilo nel browser in cui hai effettuato l’accesso con quell’account.
login-not-linked-title = L’aggiunta non è riuscita
login-linked-elsewhere = Questo modo di accedere appartiene a un altro account.
login-linking-disabled = Questo modo di accedere non si può aggiungere a un account.
login-not-admitted-title = Nessun account
login-not-admitted = Non c’è un account per te e non è possibile crearne uno. Chiedi a chi gestisce l’applicazione.
login-other-way-title = Accedi in un altro modo
login-other-way = L’applicazione richiede un modo di accedere diverso da quello che hai usato. Esci da qui, torna indietro e ricomincia.
login-declined-title = L’accesso non è stato completato
login-declined = L’altro servizio non ti ha fatto accedere. Torna indietro e riprova.
login-away-title = L’altro servizio non risponde
login-away = In questo momento non può dire chi sei. Torna indietro e riprova tra poco.
login-seed = Questo link è stato creato per un’altra pagina e non serve per accedere. Torna indietro e richiedine uno nuovo; se succede ancora, avvisa chi gestisce l’applicazione.

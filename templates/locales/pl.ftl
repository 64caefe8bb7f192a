### Polish

## Every page

language = Język
language-button = Zmień język
terms = Regulamin
privacy = Prywatność
help = Pomoc
error-title = Błąd: { $title }
continue = Dalej
start-again = Zacznij od nowa

## The start form

start-title = Zaloguj się
start-lead-code = Wyślemy Ci kod. Hasło nie jest potrzebne.
start-lead-link = Wyślemy Ci link. Hasło nie jest potrzebne.
start-lead-both = Wyślemy Ci kod i link. Hasło nie jest potrzebne.
email-label = Adres e-mail
phone-label = Numer telefonu
either-label = Adres e-mail lub numer telefonu
country-label = Kraj
country-choose = Wybierz kraj
use-phone = Użyj numeru telefonu
use-email = Użyj adresu e-mail

## What can be wrong with an address or a number

error-empty-email = Wpisz swój adres e-mail.
error-empty-phone = Wpisz swój numer telefonu.
error-empty-either = Wpisz swój adres e-mail lub numer telefonu.
error-long = To jest za długie.
error-email = Wpisz jeden adres e-mail, na przykład name@example.com.
error-domain = Sprawdź część po znaku @: to nie jest nazwa domeny.
error-neither = Wpisz adres e-mail, na przykład name@example.com, lub numer telefonu.
error-phone = Wpisz numer telefonu. Wystarczą cyfry i spacje.
error-phone-country = Wpisz numer z kodem kraju lub wybierz kraj.
error-phone-invalid = To nie jest numer telefonu z tego kraju. Sprawdź cyfry i kraj.
error-phone-no-texts = Ten numer nie może odbierać wiadomości. Użyj innego.
error-yours = Jest już na Twoim koncie. Wpisz inny.
error-not-yours = Nie można już tego zmienić. Zacznij od nowa.

## Notices on the start form

note-bad-place = Poprzednia strona wskazała miejsce, które nie jest dozwolone. Zaloguj się, a potem przejdź tam samodzielnie.
note-start-again = To logowanie już się zakończyło. Zacznij od nowa.
note-used-elsewhere = Zalogowano na innym urządzeniu. Aby zalogować się także tutaj, zacznij od nowa.
note-other-tab = W tej przeglądarce rozpoczęto później inne logowanie. Ta strona dotyczy teraz tego nowego.
note-too-many-wrong = Zbyt wiele błędnych kodów. Zacznij od nowa, aby otrzymać nowy.
note-throttled =
    { $minutes ->
        [one] Zbyt wiele próśb o wiadomość. Spróbuj ponownie za minutę.
        [few] Zbyt wiele próśb o wiadomość. Spróbuj ponownie za { $minutes } minuty.
        [many] Zbyt wiele próśb o wiadomość. Spróbuj ponownie za { $minutes } minut.
       *[other] Zbyt wiele próśb o wiadomość. Spróbuj ponownie za { $minutes } minuty.
    }
note-guesses-throttled =
    { $minutes ->
        [one] Z Twojej sieci przyszło zbyt wiele błędnych kodów. Spróbuj ponownie za minutę.
        [few] Z Twojej sieci przyszło zbyt wiele błędnych kodów. Spróbuj ponownie za { $minutes } minuty.
        [many] Z Twojej sieci przyszło zbyt wiele błędnych kodów. Spróbuj ponownie za { $minutes } minut.
       *[other] Z Twojej sieci przyszło zbyt wiele błędnych kodów. Spróbuj ponownie za { $minutes } minuty.
    }
note-texts-country = Do tego kraju nie wysyłamy wiadomości.
note-texts-country-email = Do tego kraju nie wysyłamy wiadomości. Użyj adresu e-mail.
note-texts-held = Nie możemy teraz wysłać wiadomości na ten numer. Spróbuj ponownie później.
note-texts-held-email = Nie możemy teraz wysłać wiadomości na ten numer. Użyj adresu e-mail.
wait-continue = Możesz przejść dalej za { $time }

## Typing the code

code-title = Wpisz kod
code-sent = Wysłaliśmy kod na { $to }.
code-sent-both = Wysłaliśmy kod i link na { $to }. Wpisz kod tutaj lub otwórz link.
code-label = Kod
error-not-a-code = Kod jest niepełny. Porównaj go z wiadomością.
error-wrong-code =
    { $n ->
        [one] Kod jest błędny. Została jedna próba.
        [few] Kod jest błędny. Zostały { $n } próby.
        [many] Kod jest błędny. Zostało { $n } prób.
       *[other] Kod jest błędny. Zostało { $n } próby.
    }
error-expired-code = Kod wygasł. Poproś o nowy poniżej.
code-life =
    { $minutes ->
        [one] Kod jest ważny przez minutę.
        [few] Kod jest ważny przez { $minutes } minuty.
        [many] Kod jest ważny przez { $minutes } minut.
       *[other] Kod jest ważny przez { $minutes } minuty.
    }
code-until = Kod jest ważny do godz. { $time }.
hint-email = Nic nie przyszło? Zajrzyj do folderu ze spamem.
hint-phone = Nic nie przyszło? Sprawdź numer. Dostarczenie wiadomości może potrwać minutę.
tries-left =
    { $n ->
        [one] Została jedna próba.
        [few] Zostały { $n } próby.
        [many] Zostało { $n } prób.
       *[other] Zostało { $n } próby.
    }
resend = Wyślij ponownie
resend-wait = Wyślij ponownie za { $time }
sent-again = Nowa wiadomość jest w drodze.
note-too-soon = Poczekaj chwilę przed ponowną prośbą. Poprzednia wiadomość może być jeszcze w drodze.
change-email = Użyj innego adresu e-mail
change-phone = Użyj innego numeru telefonu
opened-link = Link już otwarty

## A link was sent

sent-title-email = Sprawdź pocztę
sent-title-phone = Sprawdź telefon
link-sent = Wysłaliśmy link na { $to }. Otwórz go, aby się zalogować.
link-life =
    { $minutes ->
        [one] Link jest ważny przez minutę.
        [few] Link jest ważny przez { $minutes } minuty.
        [many] Link jest ważny przez { $minutes } minut.
       *[other] Link jest ważny przez { $minutes } minuty.
    }
link-until = Link jest ważny do godz. { $time }.
noscript-link = Link wymaga JavaScript, a w tej przeglądarce jest wyłączony.
send-code-instead = Wyślij mi kod
number-show = Otwierasz link na innym urządzeniu? Wpisz tam tę liczbę, aby zalogować się tutaj:
approved-title = Jeszcze jeden krok
approved-lead = To logowanie zostało zatwierdzone na innym urządzeniu.
approved-button = Zaloguj się tutaj

## A link is opened

verify-title = Zaloguj się linkiem
verify-going = Logowanie…
verify-title-elsewhere = Zalogować się na tym urządzeniu?
verify-lead = Ten link zaloguje Cię do serwisu { $app }.
verify-account = Konto
verify-asked = Prośba wysłana
verify-with = Przeglądarka
verify-near = Okolica
verify-warning = Przejdź dalej tylko wtedy, gdy to Twoja prośba.
verify-button = Zaloguj się na tym urządzeniu
verify-title-other = Zalogować się na inne konto?
verify-lead-other = Zalogowano jako { $current }. Jeśli przejdziesz dalej, zalogujesz się jako { $to }.
verify-not-me = To nie moja prośba
verify-number-title = Lub zaloguj się tam, skąd wysłano prośbę
verify-number-lead = Wpisz dwucyfrową liczbę, którą tam widać. Masz jedną próbę.
verify-number-label = Liczba
verify-number-button = Zaloguj się tam
error-number-title = Nie udało się
error-number = To nie ta liczba, a drugiej próby nie ma. Nadal możesz zalogować się na tym urządzeniu lub zacząć od nowa tam, skąd wysłano prośbę.
error-number-spent = Dla tego linku wpisano już wcześniej liczbę. Nadal możesz zalogować się na tym urządzeniu.
verify-cut = Ten link jest niepełny. Otwórz go ponownie z wiadomości lub skopiuj w całości.
verify-noscript = Link wymaga JavaScript, a w tej przeglądarce jest wyłączony. Użyj kodu.
verify-noscript-elsewhere = Wpisz kod z wiadomości tam, skąd wysłano prośbę.
number-done-title = Możesz teraz wrócić
number-done = Zalogowano tam, skąd wysłano prośbę. Możesz zamknąć tę stronę.
disowned-title = To logowanie zostało przerwane
disowned = Nikt nie może już użyć tego linku ani kodu. Jeśli zdarza się to często, daj znać osobom prowadzącym serwis { $app }.
ago =
    { $minutes ->
        [0] mniej niż minutę temu
        [one] minutę temu
        [few] { $minutes } minuty temu
        [many] { $minutes } minut temu
       *[other] { $minutes } minuty temu
    }
ago-hours =
    { $hours ->
        [one] godzinę temu
        [few] { $hours } godziny temu
        [many] { $hours } godzin temu
       *[other] { $hours } godziny temu
    }
ago-days =
    { $days ->
        [one] dzień temu
        [few] { $days } dni temu
        [many] { $days } dni temu
       *[other] { $days } dnia temu
    }
browser-on = { $browser } ({ $system })
unknown-browser = Inna przeglądarka
unknown-system = inny system

## A link that does not work

link-expired-title = Ten link wygasł
link-expired = Dla Twojego bezpieczeństwa linki działają tylko przez krótki czas.
link-used-title = Ten link został już użyty
link-used = Każdy link działa tylko raz. Jeśli otwarto go przed chwilą, logowanie mogło się już udać.
link-replaced-title = Ten link nie jest już potrzebny
link-replaced = Po jego wysłaniu zalogowano się w inny sposób.
link-cancelled-title = Ten link dotyczy przerwanego logowania
link-cancelled = Zacznij od nowa, aby otrzymać nowy.
link-tries-title = Ten link już nie działa
link-tries = Wpisano zbyt wiele błędnych kodów, więc link też już nie działa.
link-invalid-title = Ten link nie działa
link-invalid = Mógł wygasnąć, zostać już użyty albo jest niepełny. Poproś o nowy tam, gdzie chcesz się zalogować.
send-new-link = Wyślij mi nowy link
link-problem-to = Wyślemy go na { $to }.

## Signed in

signed-in-title = Zalogowano
signed-in = Możesz zamknąć tę stronę i wrócić do poprzedniej.
sign-out = Wyloguj się
refreshing-title = Chwileczkę…
refreshing = Odnawiamy Twoją sesję.
refreshing-without = Przejdź dalej bez odnawiania
sessions-link = Twoje sesje
identifiers-link = Twój e-mail i telefon

## Sessions

sessions-title = Twoje sesje
session-this = Ta przeglądarka
session-seen = Ostatnia aktywność: { $when }
session-since = Logowanie: { $when }
session-end = Zakończ sesję
sessions-end-others = Zakończ wszystkie inne sesje
sessions-only = Nie masz innych sesji.
note-session-ended = Sesja została zakończona.
note-sessions-ended =
    { $n ->
        [0] Nie było innych sesji.
        [one] Zakończono jedną inną sesję.
        [few] Zakończono { $n } inne sesje.
        [many] Zakończono { $n } innych sesji.
       *[other] Zakończono { $n } innej sesji.
    }

## Your email and phone

identifiers-title = Twój e-mail i telefon
identifiers-lead = Możesz się logować każdym z nich.
identifier-change = Zmień
identifier-remove = Usuń
identifier-add-email = Dodaj adres e-mail
identifier-add-phone = Dodaj numer telefonu
add-email-title = Dodaj adres e-mail
add-phone-title = Dodaj numer telefonu
change-email-title = Zmień adres e-mail
change-phone-title = Zmień numer telefonu
identifier-lead-new = Wyślemy kod na nowy, aby sprawdzić, czy należy do Ciebie.
identifier-lead-both = Wyślemy kod najpierw na stary, a potem na nowy, aby sprawdzić, czy oba należą do Ciebie.
new-email-label = Nowy adres e-mail
new-phone-label = Nowy numer telefonu
send-code = Wyślij kod
confirm-title = Najpierw potwierdź zmianę
confirm-lead = { $to } to Twój jedyny sposób logowania, dlatego pierwszy kod wysłaliśmy tam. Następny wyślemy na { $new }.
prove-title = Potwierdź, że to Twoje
note-identifier-added = Dodano { $to }. Możesz już się w ten sposób logować.
note-identifier-changed = Zmieniono na { $to }.
note-identifier-removed = Usunięto. Nikt już nie może się w ten sposób logować.
note-change-dead = Nie udało się: Twój e-mail lub telefon został w międzyczasie zmieniony albo należy do innego konta. Nic nie zostało zmienione.
pending-cancel = Zostaw wszystko bez zmian
identifiers-back = Wróć do e-maila i telefonu

## Something went wrong

network = Nie udało się połączyć z serwerem. Sprawdź połączenie i spróbuj ponownie; to, co wpisano, nie przepadło.
unavailable-title = Chwileczkę
unavailable = Coś po naszej stronie teraz nie działa. Spróbuj ponownie za chwilę; kolejna próba niczego nie zepsuje.
try-again = Spróbuj ponownie
missing-title = Nic tu nie ma
missing = Pod tym adresem nie ma żadnej strony.
method-title = To tak nie działa
method = Ten adres tego nie przyjmuje.
form-title = Spróbuj ponownie
form-old = Ta strona jest zbyt stara lub została wysłana z innej witryny. Wróć, odśwież ją i spróbuj ponownie.
form-kind = Ten adres przyjmuje formularz (application/x-www-form-urlencoded).
form-large = Formularz może mieć najwyżej 64 kB.
form-cut = Formularz nie dotarł w całości. Wyślij go ponownie.
form-slow = Formularz nie dotarł na czas. Wyślij go ponownie.
tenant-title = Nieznany tenant
tenant-missing = Nie ma tu tenanta o tej nazwie.
request-id = Żądanie { $id }

## Mails: for how long, from where, help

mail-life-minutes = { $count ->
    [one] Działa tylko raz, przez { $count } minutę.
    [few] Działa tylko raz, przez { $count } minuty.
    [many] Działa tylko raz, przez { $count } minut.
   *[other] Działa tylko raz, przez { $count } minuty.
}
mail-life-hours = { $count ->
    [one] Działa tylko raz, przez { $count } godzinę.
    [few] Działa tylko raz, przez { $count } godziny.
    [many] Działa tylko raz, przez { $count } godzin.
   *[other] Działa tylko raz, przez { $count } godziny.
}
mail-asked-title = Skąd wysłano prośbę
mail-asked-device = Urządzenie
mail-asked-place = Miejsce (w przybliżeniu)
mail-asked-time = Czas
mail-device = { $browser } ({ $system })
mail-device-unknown = Nieznana przeglądarka
mail-device-system-only = Nieznana przeglądarka ({ $system })
mail-support = Potrzebujesz pomocy? { $support }

## Mail: sign-in (a code, a link, or both)

mail-sign-in-subject-code = { $code } to Twój kod do serwisu { $app }
mail-sign-in-subject-link = Twój link do logowania w serwisie { $app }
mail-sign-in-title = Zaloguj się do serwisu { $app }
mail-sign-in-type-code = Wpisz ten kod na stronie, z której wysłano prośbę:
mail-sign-in-press = Naciśnij przycisk, aby się zalogować:
mail-sign-in-or-press = Lub naciśnij przycisk:
mail-sign-in-open = Otwórz ten link, aby się zalogować:
mail-sign-in-or-open = Lub otwórz ten link:
mail-sign-in-button = Zaloguj się
mail-sign-in-button-fails = Jeśli przycisk nie działa, skopiuj ten adres do przeglądarki:
mail-sign-in-not-you = Jeśli to nie Twoja prośba, zignoruj tę wiadomość: bez niej nikt się nie zaloguje. Nikomu jej nie przekazuj.

## Mail: somebody asked to sign in with an address that has no account, and accounts are not open to everybody

mail-no-account-subject = Brak konta dla tego adresu w serwisie { $app }
mail-no-account-title = Ten adres nie ma konta
mail-no-account-text = Ktoś chciał zalogować się tym adresem do serwisu { $app }. Adres nie ma konta, a w serwisie { $app } nie każdy może je założyć.
mail-no-account-hint = Jeśli to Twoja prośba, spróbuj innego swojego adresu lub poproś o zaproszenie. Jeśli nie, zignoruj tę wiadomość.

## Mail: a code that proves that a new address is one's own

mail-prove-subject = { $code } potwierdza Twój adres w serwisie { $app }
mail-prove-title = Potwierdź ten adres
mail-prove-text = Ktoś zalogowany w serwisie { $app } chce od teraz logować się tym adresem. Jeśli to Twoja prośba, wpisz tam ten kod:
mail-prove-not-you = Jeśli to nie Twoja prośba, zignoruj tę wiadomość: bez kodu nic się nie stanie. Nikomu go nie podawaj.

## Mail: a code, sent to the old address, that lets a new one take its place

mail-confirm-old-subject = { $code } potwierdza zmianę na Twoim koncie w serwisie { $app }
mail-confirm-old-title = Potwierdź zmianę
mail-confirm-old-text = Ktoś zalogowany na Twoje konto w serwisie { $app } chce zmienić ten adres na { $other }. Jeśli to Twoja prośba, wpisz tam ten kod:
mail-confirm-old-not-you = Jeśli to nie Twoja prośba, nikomu nie podawaj kodu: bez niego nic się nie zmieni. Następnie zaloguj się i zakończ wszystkie inne sesje.

## Mail: somebody wanted to add this address to another account

mail-in-use-subject = Twój adres ma już konto w serwisie { $app }
mail-in-use-title = Ten adres ma już konto
mail-in-use-text = Ktoś zalogowany w serwisie { $app } chciał dodać ten adres do swojego konta. Adres należy już do Twojego konta i nic się nie zmieniło.
mail-in-use-hint = Jeśli to Twoja prośba, zaloguj się tym adresem. Jeśli nie, nie musisz nic robić.

## Mail: an address or number was added to the account

mail-added-subject = Nowy sposób logowania na Twoje konto w serwisie { $app }
mail-added-title = Nowy sposób logowania
mail-added-text = Dodano { $other } do Twojego konta w serwisie { $app }. Od teraz można się w ten sposób logować.
mail-added-not-you = Jeśli to nie Twoja zmiana, natychmiast zaloguj się, usuń ten sposób logowania i zakończ wszystkie inne sesje.

## Mail: an address was replaced; this goes to the old one

mail-changed-subject = Twoje konto w serwisie { $app } ma nowy adres
mail-changed-title = Twój adres został zmieniony
mail-changed-text = Ten adres na Twoim koncie w serwisie { $app } zmieniono na { $other }. Nie można się już nim logować.
mail-changed-not-you = Jeśli to nie Twoja zmiana, natychmiast poproś o pomoc.

## Mail: an address was removed from the account; this goes to it

mail-removed-subject = Usunięto adres z Twojego konta w serwisie { $app }
mail-removed-title = Ten adres został usunięty
mail-removed-text = Usunięto adres { $other } z konta w serwisie { $app }. Nie można się już nim logować.
mail-removed-not-you = Jeśli to nie Twoja zmiana, natychmiast poproś o pomoc.

## Texts (SMS, WhatsApp): as short as can be; every sentence costs the sender money

sms-code = { $code } to kod { $app }.
sms-link = Logowanie do { $app }:
sms-or-link = Lub link:
sms-life-minutes = { $count ->
    [one] Wygasa za { $count } min.
    [few] Wygasa za { $count } min.
    [many] Wygasa za { $count } min.
   *[other] Wygasa za { $count } min.
}
sms-life-hours = { $count ->
    [one] Wygasa za { $count } godz.
    [few] Wygasa za { $count } godz.
    [many] Wygasa za { $count } godz.
   *[other] Wygasa za { $count } godz.
}
sms-asked = Logowanie z: { $device }
sms-no-account = Logowanie do { $app }: brak konta dla tego numeru.
sms-prove = { $code } potwierdza ten numer w { $app }.
sms-confirm-old = { $code } zmienia ten numer na { $other } w { $app }. To nie Ty? Nie podawaj nikomu.
sms-in-use = Ktoś chciał dodać ten numer do swojego konta { $app }. Numer należy do Twojego konta i nic się nie zmieniło.
sms-added = Dodano { $other } do Twojego konta { $app }. To nie Ty? Zaloguj się i usuń.
sms-removed = Usunięto ten numer z Twojego konta { $app }. To nie Ty? Poproś o pomoc.
sms-changed = Na Twoim koncie { $app } ten numer zmieniono na { $other }. To nie Ty? Poproś o pomoc.
sms-support = Pomoc: { $support }

## An application logs somebody in

login-title = Zaloguj się do serwisu { $app }
login-link-title = Dodać sposób logowania do serwisu { $app }?
login-link-button = Dodaj
login-go-on = Dalej
login-back = Wróć do serwisu { $app }
login-message-title = Sprawdź wiadomości
login-message = Otrzymasz wiadomość z linkiem. Otwórz go w tej przeglądarce.
login-unknown = Ten link donikąd nie prowadzi albo już nie prowadzi. Wróć i zacznij od nowa.
login-expired = Jego czas minął. Wróć i poproś o nowy.
login-used = Użyto go już wcześniej. Jeśli nie udało się zalogować, wróć i poproś o nowy.
login-not-believed = Ten link został źle utworzony. Wróć i poproś o nowy; jeśli to się powtórzy, daj znać osobom prowadzącym aplikację.
login-wrong-browser-title = Otwórz ten link tam, gdzie trwa Twoja sesja
login-wrong-browser = Dodaje on sposób logowania do konta, z którego o niego poproszono. Otwórz go w przeglądarce, w której to konto jest zalogowane.
login-not-linked-title = Nie udało się tego dodać
login-linked-elsewhere = Ten sposób logowania należy do innego konta.
login-linking-disabled = Tego sposobu logowania nie można dodać do konta.
login-not-admitted-title = Brak konta
login-not-admitted = Nie ma dla Ciebie konta i nie można go założyć. Zapytaj osoby prowadzące aplikację.
login-other-way-title = Zaloguj się w inny sposób
login-other-way = Aplikacja wymaga innego sposobu logowania niż użyty. Wyloguj się tutaj, wróć i zacznij od nowa.
login-declined-title = Logowanie nie zostało ukończone
login-declined = Druga usługa nie potwierdziła logowania. Wróć i spróbuj ponownie.
login-away-title = Druga usługa nie odpowiada
login-away = Nie może teraz potwierdzić, kim jesteś. Wróć i spróbuj ponownie za chwilę.
login-seed = Ten link utworzono dla innej strony i nie można się nim zalogować. Wróć i poproś o nowy; jeśli to się powtórzy, daj znać osobom prowadzącym aplikację.

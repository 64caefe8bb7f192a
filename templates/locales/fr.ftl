### French

## Every page

language = Langue
language-button = Changer de langue
terms = Conditions d’utilisation
privacy = Confidentialité
help = Aide
error-title = Erreur : { $title }
continue = Continuer
start-again = Recommencer

## The start form

start-title = Se connecter
start-lead-code = Nous vous envoyons un code. Pas besoin de mot de passe.
start-lead-link = Nous vous envoyons un lien. Pas besoin de mot de passe.
start-lead-both = Nous vous envoyons un code et un lien. Pas besoin de mot de passe.
email-label = Adresse e-mail
phone-label = Numéro de téléphone
either-label = Adresse e-mail ou numéro de téléphone
country-label = Pays
country-choose = Choisissez un pays
use-phone = Utiliser un numéro de téléphone
use-email = Utiliser une adresse e-mail

## What can be wrong with an address or a number

error-empty-email = Saisissez votre adresse e-mail.
error-empty-phone = Saisissez votre numéro de téléphone.
error-empty-either = Saisissez votre adresse e-mail ou votre numéro de téléphone.
error-long = C’est trop long.
error-email = Saisissez une seule adresse e-mail, par exemple name@example.com.
error-domain = Vérifiez ce qui suit le @ : ce n’est pas un nom de domaine.
error-neither = Saisissez une adresse e-mail, par exemple name@example.com, ou un numéro de téléphone.
error-phone = Saisissez un numéro de téléphone. Des chiffres et des espaces suffisent.
error-phone-country = Saisissez le numéro avec l’indicatif du pays, ou choisissez le pays.
error-phone-invalid = Ce numéro n’est pas valable dans ce pays. Vérifiez les chiffres et le pays.
error-phone-no-texts = Ce numéro ne peut pas recevoir de messages. Utilisez-en un autre.
error-yours = Votre compte l’utilise déjà. Saisissez autre chose.
error-not-yours = Vous ne pouvez plus faire cette modification. Recommencez.

## Notices on the start form

note-bad-place = La page précédente demandait une destination qui n’est pas autorisée. Connectez-vous, puis ouvrez vous-même la page voulue.
note-start-again = Cette connexion n’est plus valable. Recommencez.
note-used-elsewhere = La connexion a eu lieu sur un autre appareil. Pour vous connecter ici aussi, recommencez.
note-other-tab = Une autre connexion a été commencée depuis dans ce navigateur. Cette page concerne maintenant cette autre connexion.
note-too-many-wrong = Trop de codes incorrects. Recommencez pour en recevoir un nouveau.
note-throttled =
    { $minutes ->
        [one] Trop de messages ont été demandés. Réessayez dans { $minutes } minute.
       *[other] Trop de messages ont été demandés. Réessayez dans { $minutes } minutes.
    }
note-guesses-throttled =
    { $minutes ->
        [one] Trop de codes incorrects sont venus de votre réseau. Réessayez dans { $minutes } minute.
       *[other] Trop de codes incorrects sont venus de votre réseau. Réessayez dans { $minutes } minutes.
    }
note-texts-country = Nous n’envoyons pas de messages vers ce pays.
note-texts-country-email = Nous n’envoyons pas de messages vers ce pays. Utilisez plutôt votre adresse e-mail.
note-texts-held = Nous ne pouvons pas envoyer de messages à ce numéro pour le moment. Réessayez plus tard.
note-texts-held-email = Nous ne pouvons pas envoyer de messages à ce numéro pour le moment. Utilisez plutôt votre adresse e-mail.
wait-continue = Continuer dans { $time }

## Typing the code

code-title = Saisissez votre code
code-sent = Nous avons envoyé un code à { $to }.
code-sent-both = Nous avons envoyé un code et un lien à { $to }. Saisissez le code ici, ou ouvrez le lien.
code-label = Code
error-not-a-code = Ce code n’est pas complet. Comparez-le avec le message.
error-wrong-code =
    { $n ->
        [one] Ce code est incorrect. Il vous reste { $n } essai.
       *[other] Ce code est incorrect. Il vous reste { $n } essais.
    }
error-expired-code = Ce code a expiré. Demandez-en un nouveau ci-dessous.
code-life =
    { $minutes ->
        [one] Le code est valable { $minutes } minute.
       *[other] Le code est valable { $minutes } minutes.
    }
code-until = Le code est valable jusqu’à { $time }.
hint-email = Rien reçu ? Regardez dans vos courriers indésirables.
hint-phone = Rien reçu ? Vérifiez le numéro. Un message peut mettre une minute à arriver.
tries-left =
    { $n ->
        [one] Il reste { $n } essai.
       *[other] Il reste { $n } essais.
    }
resend = Renvoyer
resend-wait = Renvoyer dans { $time }
sent-again = Un nouveau message est en route.
note-too-soon = Patientez un instant avant de redemander. Le dernier message est peut-être encore en route.
change-email = Utiliser une autre adresse e-mail
change-phone = Utiliser un autre numéro de téléphone
opened-link = J’ai ouvert le lien

## A link was sent

sent-title-email = Consultez vos e-mails
sent-title-phone = Consultez votre téléphone
link-sent = Nous avons envoyé un lien à { $to }. Ouvrez-le pour vous connecter.
link-life =
    { $minutes ->
        [one] Le lien est valable { $minutes } minute.
       *[other] Le lien est valable { $minutes } minutes.
    }
link-until = Le lien est valable jusqu’à { $time }.
noscript-link = Le lien a besoin de JavaScript, qui est désactivé dans ce navigateur.
send-code-instead = Recevoir plutôt un code
number-show = Vous ouvrez le lien sur un autre appareil ? Saisissez-y ce nombre pour vous connecter ici :
approved-title = Encore une étape
approved-lead = Vous avez approuvé cette connexion sur un autre appareil.
approved-button = Se connecter ici

## A link is opened

verify-title = Se connecter avec votre lien
verify-going = Connexion en cours…
verify-title-elsewhere = Se connecter sur cet appareil ?
verify-lead = Ce lien vous connecte à { $app }.
verify-account = Compte
verify-asked = Demandé
verify-with = Navigateur
verify-near = Lieu approximatif
verify-warning = Ne continuez que si la demande vient de vous.
verify-button = Se connecter sur cet appareil
verify-title-other = Se connecter avec un autre compte ?
verify-lead-other = Vous utilisez le compte { $current }. Si vous continuez, vous passerez au compte { $to }.
verify-not-me = Ce n’était pas moi
verify-number-title = Ou continuez là où vous avez commencé
verify-number-lead = Saisissez le nombre à deux chiffres qui s’y affiche. Vous avez droit à un essai.
verify-number-label = Nombre
verify-number-button = Se connecter là-bas
error-number-title = Cela n’a pas fonctionné
error-number = Ce n’est pas le bon nombre, et il n’y a pas de deuxième essai. Vous pouvez encore vous connecter sur cet appareil, ou recommencer là où vous avez commencé.
error-number-spent = Un nombre a déjà été saisi pour ce lien. Vous pouvez encore vous connecter sur cet appareil.
verify-cut = Ce lien est incomplet. Ouvrez-le à nouveau depuis le message, ou copiez-le en entier.
verify-noscript = Le lien a besoin de JavaScript, qui est désactivé dans ce navigateur. Utilisez plutôt le code.
verify-noscript-elsewhere = Saisissez le code du message là où vous l’avez demandé.
number-done-title = Vous pouvez continuer là-bas
number-done = La connexion a réussi là où vous avez commencé. Vous pouvez fermer cette page.
disowned-title = Cette connexion a été annulée
disowned = Plus personne ne peut utiliser ce lien ni ce code. Si cela se répète, prévenez l’équipe de { $app }.
ago =
    { $minutes ->
        [0] il y a moins d’une minute
        [one] il y a une minute
       *[other] il y a { $minutes } minutes
    }
ago-hours =
    { $hours ->
        [one] il y a { $hours } heure
       *[other] il y a { $hours } heures
    }
ago-days =
    { $days ->
        [one] il y a { $days } jour
       *[other] il y a { $days } jours
    }
browser-on = { $browser } sur { $system }
unknown-browser = Autre navigateur
unknown-system = un autre système

## A link that does not work

link-expired-title = Ce lien a expiré
link-expired = Pour votre sécurité, les liens ne fonctionnent que peu de temps.
link-used-title = Ce lien a déjà été utilisé
link-used = Chaque lien fonctionne une seule fois. Si vous venez de l’ouvrir, la connexion a peut-être déjà réussi.
link-replaced-title = Ce lien n’est plus nécessaire
link-replaced = Depuis son envoi, vous avez utilisé un autre moyen de connexion.
link-cancelled-title = Ce lien correspond à une connexion abandonnée
link-cancelled = Recommencez pour en recevoir un nouveau.
link-tries-title = Ce lien ne fonctionne plus
link-tries = Trop de codes incorrects ont été saisis : le lien ne fonctionne plus non plus.
link-invalid-title = Ce lien ne fonctionne pas
link-invalid = Il a peut-être expiré, déjà servi ou été coupé. Demandez-en un nouveau là où vous voulez vous connecter.
send-new-link = Recevoir un nouveau lien
link-problem-to = Nous l’envoyons à { $to }.

## Signed in

signed-in-title = Connexion réussie
signed-in = Vous pouvez fermer cette page et revenir là où vous étiez.
sign-out = Se déconnecter
refreshing-title = Un instant…
refreshing = Votre session se renouvelle.
refreshing-without = Continuer sans session
sessions-link = Vos sessions
identifiers-link = Votre e-mail et votre téléphone

## Sessions

sessions-title = Vos sessions
session-this = Ce navigateur
session-seen = Dernière utilisation { $when }
session-since = Session ouverte { $when }
session-end = Déconnecter
sessions-end-others = Déconnecter toutes les autres sessions
sessions-only = Vous n’avez pas d’autre session.
note-session-ended = Cette session est déconnectée.
note-sessions-ended =
    { $n ->
        [0] Vous n’aviez pas d’autre session.
        [one] Une autre session est déconnectée.
       *[other] { $n } autres sessions sont déconnectées.
    }

## Your email and phone

identifiers-title = Votre e-mail et votre téléphone
identifiers-lead = Chacun de ces moyens vous permet de vous connecter.
identifier-change = Modifier
identifier-remove = Supprimer
identifier-add-email = Ajouter une adresse e-mail
identifier-add-phone = Ajouter un numéro de téléphone
add-email-title = Ajouter une adresse e-mail
add-phone-title = Ajouter un numéro de téléphone
change-email-title = Modifier votre adresse e-mail
change-phone-title = Modifier votre numéro de téléphone
identifier-lead-new = Nous envoyons un code à vos nouvelles coordonnées pour vérifier qu’elles vous appartiennent.
identifier-lead-both = Nous envoyons d’abord un code à vos anciennes coordonnées, puis un autre aux nouvelles, pour vérifier qu’elles vous appartiennent toutes.
new-email-label = Nouvelle adresse e-mail
new-phone-label = Nouveau numéro de téléphone
send-code = Envoyer le code
confirm-title = Confirmez avec vos anciennes coordonnées
confirm-lead = { $to } est votre seul moyen de vous connecter : nous y avons donc d’abord envoyé un code. Nous en enverrons ensuite un à { $new }.
prove-title = Confirmez vos nouvelles coordonnées
note-identifier-added = Ajout effectué : vous pouvez maintenant vous connecter avec { $to }.
note-identifier-changed = Modification effectuée : { $to } remplace vos anciennes coordonnées.
note-identifier-removed = Suppression effectuée : ces coordonnées ne permettent plus de se connecter.
note-change-dead = Cela n’a pas fonctionné : entre-temps, votre e-mail ou votre téléphone a changé, ou bien il appartient à un autre compte. Rien n’a été modifié.
pending-cancel = Tout laisser comme avant
identifiers-back = Retour à votre e-mail et votre téléphone

## Something went wrong

network = Le serveur est injoignable. Vérifiez votre connexion Internet et réessayez ; votre saisie n’est pas perdue.
unavailable-title = Un instant, s’il vous plaît
unavailable = Un problème est survenu de notre côté. Réessayez dans un instant ; un deuxième essai est sans risque.
try-again = Réessayer
missing-title = Il n’y a rien ici
missing = Aucune page n’existe à cette adresse.
method-title = Pas de cette façon
method = Cette adresse n’accepte pas ce type de demande.
form-title = Veuillez réessayer
form-old = Cette page est trop ancienne, ou a été envoyée depuis un autre site. Revenez en arrière, rechargez-la et réessayez.
form-kind = Cette adresse attend un formulaire (application/x-www-form-urlencoded).
form-large = Un formulaire ne peut pas dépasser 64 ko.
form-cut = Le formulaire n’est pas arrivé en entier. Envoyez-le à nouveau.
form-slow = Le formulaire n’est pas arrivé à temps. Envoyez-le à nouveau.
tenant-title = Organisation introuvable
tenant-missing = Aucune organisation de ce nom n’existe ici.
request-id = Requête { $id }

## Mails: for how long, from where, help

mail-life-minutes = { $count ->
    [one] Valable une seule fois, pendant { $count } minute.
   *[other] Valable une seule fois, pendant { $count } minutes.
}
mail-life-hours = { $count ->
    [one] Valable une seule fois, pendant { $count } heure.
   *[other] Valable une seule fois, pendant { $count } heures.
}
mail-asked-title = D’où vient la demande
mail-asked-device = Appareil
mail-asked-place = Lieu approximatif
mail-asked-time = Heure
mail-device = { $browser } sur { $system }
mail-device-unknown = Navigateur inconnu
mail-device-system-only = Navigateur inconnu sur { $system }
mail-support = Besoin d’aide ? { $support }

## Mail: sign-in (a code, a link, or both)

mail-sign-in-subject-code = { $code } est votre code pour { $app }
mail-sign-in-subject-link = Votre lien pour vous connecter à { $app }
mail-sign-in-title = Se connecter à { $app }
mail-sign-in-type-code = Saisissez ce code sur la page où vous l’avez demandé :
mail-sign-in-press = Appuyez sur le bouton pour vous connecter :
mail-sign-in-or-press = Ou appuyez sur le bouton :
mail-sign-in-open = Ouvrez ce lien pour vous connecter :
mail-sign-in-or-open = Ou ouvrez ce lien :
mail-sign-in-button = Se connecter
mail-sign-in-button-fails = Si le bouton ne fonctionne pas, copiez cette adresse dans votre navigateur :
mail-sign-in-not-you = Si la demande ne vient pas de vous, ignorez cet e-mail : sans lui, personne ne peut se connecter. Ne le transmettez jamais.

## Mail: somebody asked to sign in with an address that has no account, and accounts are not open to everybody

mail-no-account-subject = Aucun compte { $app } pour cette adresse
mail-no-account-title = Cette adresse n’a pas de compte
mail-no-account-text = Quelqu’un a voulu se connecter à { $app } avec cette adresse. Elle n’a pas de compte, et la création d’un compte { $app } n’est pas ouverte à tous.
mail-no-account-hint = Si c’était vous, essayez une autre de vos adresses ou demandez une invitation. Sinon, ignorez cet e-mail.

## Mail: a code that proves that a new address is one's own

mail-prove-subject = { $code } confirme votre adresse pour { $app }
mail-prove-title = Confirmez cette adresse
mail-prove-text = Une personne connectée à { $app } souhaite désormais se connecter avec cette adresse. Si c’est vous, saisissez ce code sur la page où il est demandé :
mail-prove-not-you = Si ce n’était pas vous, ignorez cet e-mail : sans le code, rien ne se passe. Ne le transmettez jamais.

## Mail: a code, sent to the old address, that lets a new one take its place

mail-confirm-old-subject = { $code } confirme une modification de votre compte { $app }
mail-confirm-old-title = Confirmez la modification
mail-confirm-old-text = Une personne connectée à votre compte { $app } souhaite remplacer cette adresse par { $other }. Si c’est vous, saisissez ce code sur la page où il est demandé :
mail-confirm-old-not-you = Si ce n’était pas vous, gardez le code pour vous : sans lui, rien ne change. Ensuite, connectez-vous et déconnectez toutes les autres sessions.

## Mail: somebody wanted to add this address to another account

mail-in-use-subject = Votre adresse a déjà un compte { $app }
mail-in-use-title = Cette adresse a déjà un compte
mail-in-use-text = Une personne connectée à { $app } a voulu ajouter cette adresse à son compte. L’adresse appartient déjà au vôtre, et rien n’a changé.
mail-in-use-hint = Si c’était vous, connectez-vous plutôt avec cette adresse. Sinon, vous n’avez rien à faire.

## Mail: an address or number was added to the account

mail-added-subject = Un nouveau moyen de se connecter à votre compte { $app }
mail-added-title = Un nouveau moyen de se connecter
mail-added-text = Votre compte { $app } a de nouvelles coordonnées : { $other }. Elles permettent désormais de se connecter.
mail-added-not-you = Si ce n’était pas vous, connectez-vous sans attendre, supprimez ces coordonnées et déconnectez toutes les autres sessions.

## Mail: an address was replaced; this goes to the old one

mail-changed-subject = Votre compte { $app } a une nouvelle adresse
mail-changed-title = Votre adresse a été remplacée
mail-changed-text = { $other } remplace désormais cette adresse dans votre compte { $app }. Il n’est plus possible de se connecter avec cette adresse.
mail-changed-not-you = Si ce n’était pas vous, demandez de l’aide sans attendre.

## Mail: an address was removed from the account; this goes to it

mail-removed-subject = Une adresse a été supprimée de votre compte { $app }
mail-removed-title = Cette adresse a été supprimée
mail-removed-text = L’adresse { $other } a été supprimée d’un compte { $app }. Elle ne permet plus de se connecter.
mail-removed-not-you = Si ce n’était pas vous, demandez de l’aide sans attendre.

## Texts (SMS, WhatsApp): as short as can be; every sentence costs the sender money

# Plain spaces and apostrophes here: others would make a text twice as expensive.
sms-code = { $code } est votre code pour { $app }.
sms-link = Se connecter à { $app } :
sms-or-link = Ou ouvrez :
sms-life-minutes = { $count ->
    [one] Valable { $count } minute.
   *[other] Valable { $count } minutes.
}
sms-life-hours = { $count ->
    [one] Valable { $count } heure.
   *[other] Valable { $count } heures.
}
sms-asked = Origine : { $device }
sms-no-account = Quelqu'un a voulu se connecter à { $app } avec ce numéro. Il n'a pas de compte.
sms-prove = { $code } confirme ce numéro pour { $app }.
sms-confirm-old = { $code } permet de remplacer ce numéro par { $other } sur { $app }. Pas vous ? Gardez-le pour vous.
sms-in-use = Quelqu'un a voulu ajouter ce numéro à son compte { $app }. Il appartient à votre compte, rien n'a changé.
sms-added = Ajout de { $other } à votre compte { $app }. Pas vous ? Connectez-vous et supprimez cet ajout.
sms-removed = Ce numéro a été supprimé de votre compte { $app }. Pas vous ? Demandez de l'aide.
sms-changed = { $other } remplace ce numéro dans votre compte { $app }. Pas vous ? Demandez de l'aide.
sms-support = Aide : { $support }

## An application logs somebody in

login-title = Se connecter à { $app }
login-link-title = Ajouter un moyen de connexion à { $app } ?
login-link-button = Ajouter
login-go-on = Continuer
login-back = Revenir à { $app }
login-message-title = Consultez vos messages
login-message = Vous allez recevoir un message avec un lien. Ouvrez-le dans ce navigateur.
login-unknown = Ce lien ne mène nulle part, ou n’est plus valable. Revenez en arrière et recommencez.
login-expired = Son délai est écoulé. Revenez en arrière et demandez-en un nouveau.
login-used = Il a déjà servi. Si la connexion n’a pas eu lieu, revenez en arrière et demandez-en un nouveau.
login-not-believed = Ce lien n’a pas été créé correctement. Revenez en arrière et demandez-en un nouveau ; si cela se répète, prévenez l’équipe de l’application.
login-wrong-browser-title = Ouvrez ce lien là où votre session est ouverte
login-wrong-browser = Il ajoute un moyen de connexion au compte qui l’a demandé. Ouvrez-le dans le navigateur où ce compte est connecté.
login-not-linked-title = L’ajout n’a pas été possible
login-linked-elsewhere = Ce moyen de connexion appartient à un autre compte.
login-linking-disabled = Ce moyen de connexion ne peut pas être ajouté à un compte.
login-not-admitted-title = Aucun compte
login-not-admitted = Il n’y a pas de compte pour vous, et il n’est pas possible d’en créer un. Adressez-vous à l’équipe de l’application.
login-other-way-title = Connectez-vous d’une autre manière
login-other-way = L’application demande un autre moyen de connexion que celui que vous avez utilisé. Déconnectez-vous ici, revenez en arrière et recommencez.
login-declined-title = La connexion n’a pas abouti
login-declined = L’autre service n’a pas confirmé votre connexion. Revenez en arrière et réessayez.
login-away-title = L’autre service ne répond pas
login-away = Il ne peut pas dire qui vous êtes pour le moment. Revenez en arrière et réessayez dans un instant.
login-seed = Ce lien a été créé pour une autre page et ne permet pas de se connecter. Revenez en arrière et demandez-en un nouveau ; si cela se répète, prévenez l’équipe de l’application.

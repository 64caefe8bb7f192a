### Spanish

## Every page

language = Idioma
language-button = Cambiar idioma
terms = Condiciones
privacy = Privacidad
help = Ayuda
error-title = Error: { $title }
continue = Continuar
start-again = Volver a empezar

## The start form

start-title = Iniciar sesión
start-lead-code = Te enviamos un código. No necesitas contraseña.
start-lead-link = Te enviamos un enlace. No necesitas contraseña.
start-lead-both = Te enviamos un código y un enlace. No necesitas contraseña.
email-label = Correo electrónico
phone-label = Número de teléfono
either-label = Correo electrónico o número de teléfono
country-label = País
country-choose = Elige un país
use-phone = Usar un número de teléfono
use-email = Usar un correo electrónico

## What can be wrong with an address or a number

error-empty-email = Escribe tu correo electrónico.
error-empty-phone = Escribe tu número de teléfono.
error-empty-either = Escribe tu correo electrónico o tu número de teléfono.
error-long = Es demasiado largo.
error-email = Escribe un solo correo electrónico, como name@example.com.
error-domain = Revisa lo que va después de la @: no es un nombre de dominio.
error-neither = Escribe un correo electrónico, como name@example.com, o un número de teléfono.
error-phone = Escribe un número de teléfono. Bastan cifras y espacios.
error-phone-country = Escribe el número con el código del país o elige el país.
error-phone-invalid = Ese número no es válido en este país. Revisa las cifras y el país.
error-phone-no-texts = Ese número no puede recibir mensajes. Usa otro.
error-yours = Ya está en tu cuenta. Escribe otro.
error-not-yours = Ya no puedes cambiarlo. Vuelve a empezar.

## Notices on the start form

note-bad-place = La página anterior pidió un destino que no está permitido. Inicia sesión y luego ve allí por tu cuenta.
note-start-again = Ese inicio de sesión ya no es válido. Vuelve a empezar.
note-used-elsewhere = Iniciaste sesión en otro dispositivo. Para iniciarla también aquí, vuelve a empezar.
note-other-tab = Después se empezó otro inicio de sesión en este navegador. Esta página corresponde ahora a ese otro.
note-too-many-wrong = Demasiados códigos incorrectos. Vuelve a empezar para recibir uno nuevo.
note-throttled =
    { $minutes ->
        [one] Se han pedido demasiados mensajes. Inténtalo de nuevo en un minuto.
       *[other] Se han pedido demasiados mensajes. Inténtalo de nuevo en { $minutes } minutos.
    }
note-guesses-throttled =
    { $minutes ->
        [one] Han llegado demasiados códigos incorrectos desde tu red. Inténtalo de nuevo en un minuto.
       *[other] Han llegado demasiados códigos incorrectos desde tu red. Inténtalo de nuevo en { $minutes } minutos.
    }
note-texts-country = No enviamos mensajes a ese país.
note-texts-country-email = No enviamos mensajes a ese país. Usa tu correo electrónico.
note-texts-held = Ahora no podemos enviar mensajes a ese número. Inténtalo más tarde.
note-texts-held-email = Ahora no podemos enviar mensajes a ese número. Usa tu correo electrónico.
wait-continue = Continuar en { $time }

## Typing the code

code-title = Escribe tu código
code-sent = Enviamos un código a { $to }.
code-sent-both = Enviamos un código y un enlace a { $to }. Escribe el código aquí o abre el enlace.
code-label = Código
error-not-a-code = El código no está completo. Compáralo con el mensaje.
error-wrong-code =
    { $n ->
        [one] El código no es correcto. Te queda un intento.
       *[other] El código no es correcto. Te quedan { $n } intentos.
    }
error-expired-code = El código ha caducado. Pide uno nuevo abajo.
code-life =
    { $minutes ->
        [one] El código es válido durante un minuto.
       *[other] El código es válido durante { $minutes } minutos.
    }
code-until = El código es válido hasta las { $time }.
hint-email = ¿No te ha llegado? Mira en la carpeta de spam.
hint-phone = ¿No te ha llegado? Revisa el número. Un mensaje puede tardar un minuto.
tries-left =
    { $n ->
        [one] Queda un intento.
       *[other] Quedan { $n } intentos.
    }
resend = Enviar de nuevo
resend-wait = Enviar de nuevo en { $time }
sent-again = Un nuevo mensaje está en camino.
note-too-soon = Espera un momento antes de pedirlo otra vez. Puede que el último mensaje aún esté en camino.
change-email = Usar otro correo electrónico
change-phone = Usar otro número de teléfono
opened-link = Ya abrí el enlace

## A link was sent

sent-title-email = Revisa tu correo
sent-title-phone = Revisa tu teléfono
link-sent = Enviamos un enlace a { $to }. Ábrelo para iniciar sesión.
link-life =
    { $minutes ->
        [one] El enlace es válido durante un minuto.
       *[other] El enlace es válido durante { $minutes } minutos.
    }
link-until = El enlace es válido hasta las { $time }.
noscript-link = El enlace necesita JavaScript, que está desactivado en este navegador.
send-code-instead = Enviarme un código
number-show = ¿Vas a abrir el enlace en otro dispositivo? Escribe allí este número para iniciar sesión aquí:
approved-title = Un paso más
approved-lead = Aprobaste este inicio de sesión en otro dispositivo.
approved-button = Iniciar sesión aquí

## A link is opened

verify-title = Inicia sesión con tu enlace
verify-going = Iniciando sesión…
verify-title-elsewhere = ¿Iniciar sesión en este dispositivo?
verify-lead = Con este enlace inicias sesión en { $app }.
verify-account = Cuenta
verify-asked = Solicitado
verify-with = Navegador
verify-near = Cerca de
verify-warning = Continúa solo si lo pediste tú.
verify-button = Iniciar sesión en este dispositivo
verify-title-other = ¿Iniciar sesión con otra cuenta?
verify-lead-other = Has iniciado sesión como { $current }. Si continúas, pasarás a la cuenta { $to }.
verify-not-me = No fui yo
verify-number-title = O continúa donde empezaste
verify-number-lead = Escribe el número de dos cifras que ves allí. Tienes un intento.
verify-number-label = Número
verify-number-button = Iniciar sesión allí
error-number-title = No funcionó
error-number = Ese no es el número y no hay segundo intento. Aún puedes iniciar sesión en este dispositivo o volver a empezar donde lo pediste.
error-number-spent = Ya se escribió un número para este enlace. Aún puedes iniciar sesión en este dispositivo.
verify-cut = Este enlace está incompleto. Ábrelo de nuevo desde el mensaje o cópialo entero.
verify-noscript = El enlace necesita JavaScript, que está desactivado en este navegador. Usa el código.
verify-noscript-elsewhere = Escribe el código del mensaje donde lo pediste.
number-done-title = Ya puedes volver
number-done = La sesión se inició donde empezaste. Puedes cerrar esta página.
disowned-title = Ese inicio de sesión quedó anulado
disowned = Nadie puede usar ya ese enlace ni ese código. Si esto ocurre a menudo, avisa al equipo de { $app }.
ago =
    { $minutes ->
        [0] hace menos de un minuto
        [one] hace un minuto
       *[other] hace { $minutes } minutos
    }
ago-hours =
    { $hours ->
        [one] hace una hora
       *[other] hace { $hours } horas
    }
ago-days =
    { $days ->
        [one] hace un día
       *[other] hace { $days } días
    }
browser-on = { $browser } en { $system }
unknown-browser = Otro navegador
unknown-system = otro sistema

## A link that does not work

link-expired-title = Este enlace ha caducado
link-expired = Por tu seguridad, los enlaces funcionan poco tiempo.
link-used-title = Este enlace ya se usó
link-used = Cada enlace funciona una sola vez. Si acabas de abrirlo, puede que la sesión ya esté iniciada.
link-replaced-title = Este enlace ya no hace falta
link-replaced = Ya iniciaste sesión de otra manera.
link-cancelled-title = Este enlace es de un inicio de sesión cancelado
link-cancelled = Vuelve a empezar para recibir uno nuevo.
link-tries-title = Este enlace ya no funciona
link-tries = Se escribieron demasiados códigos incorrectos, así que el enlace tampoco funciona ya.
link-invalid-title = Este enlace no funciona
link-invalid = Puede que haya caducado, que ya se haya usado o que esté incompleto. Pide uno nuevo donde quieras iniciar sesión.
send-new-link = Enviarme un enlace nuevo
link-problem-to = Lo enviamos a { $to }.

## Signed in

signed-in-title = Has iniciado sesión
signed-in = Puedes cerrar esta página y volver a donde estabas.
sign-out = Cerrar sesión
refreshing-title = Un momento…
refreshing = Estamos renovando tu sesión.
refreshing-without = Continuar sin sesión
sessions-link = Dónde has iniciado sesión
identifiers-link = Tu correo y tu teléfono

## Sessions

sessions-title = Dónde has iniciado sesión
session-this = Este navegador
session-seen = Último uso { $when }
session-since = Sesión iniciada { $when }
session-end = Cerrar esta sesión
sessions-end-others = Cerrar todas las demás sesiones
sessions-only = No tienes ninguna otra sesión.
note-session-ended = Se cerró esa sesión.
note-sessions-ended =
    { $n ->
        [0] No tenías ninguna otra sesión.
        [one] Se cerró otra sesión.
       *[other] Se cerraron otras { $n } sesiones.
    }

## Your email and phone

identifiers-title = Tu correo y tu teléfono
identifiers-lead = Puedes iniciar sesión con cualquiera de estos datos.
identifier-change = Cambiar
identifier-remove = Eliminar
identifier-add-email = Añadir un correo electrónico
identifier-add-phone = Añadir un número de teléfono
add-email-title = Añadir un correo electrónico
add-phone-title = Añadir un número de teléfono
change-email-title = Cambiar tu correo electrónico
change-phone-title = Cambiar tu número de teléfono
identifier-lead-new = Enviamos un código al nuevo para comprobar que es tuyo.
identifier-lead-both = Primero enviamos un código al anterior y después otro al nuevo, para comprobar que los dos son tuyos.
new-email-label = Nuevo correo electrónico
new-phone-label = Nuevo número de teléfono
send-code = Enviar el código
confirm-title = Confirma con el anterior
confirm-lead = Solo puedes iniciar sesión con { $to }, así que primero enviamos un código ahí. Después enviaremos otro a { $new }.
prove-title = Confirma que es tuyo
note-identifier-added = Se añadió { $to }. Ya puedes usarlo para iniciar sesión.
note-identifier-changed = { $to } sustituye al anterior.
note-identifier-removed = Eliminado. Ya no sirve para iniciar sesión.
note-change-dead = No se pudo hacer: tu correo o tu teléfono cambió mientras tanto o pertenece a otra cuenta. No se cambió nada.
pending-cancel = Dejar todo como está
identifiers-back = Volver a tu correo y tu teléfono

## Something went wrong

network = No se pudo llegar al servidor. Revisa tu conexión e inténtalo de nuevo; no se ha perdido nada de lo que escribiste.
unavailable-title = Un momento, por favor
unavailable = Hay un problema por nuestra parte. Inténtalo de nuevo en un momento; puedes repetirlo sin riesgo.
try-again = Intentar de nuevo
missing-title = Aquí no hay nada
missing = No hay ninguna página en esta dirección.
method-title = Así no funciona
method = Esta dirección no acepta eso.
form-title = Inténtalo de nuevo
form-old = Esta página es demasiado antigua o se envió desde otro sitio. Vuelve atrás, recárgala e inténtalo de nuevo.
form-kind = Esta dirección espera un formulario (application/x-www-form-urlencoded).
form-large = Un formulario puede ocupar como máximo 64 kB.
form-cut = El formulario no llegó completo. Envíalo de nuevo.
form-slow = El formulario no llegó a tiempo. Envíalo de nuevo.
tenant-title = Organización no encontrada
tenant-missing = Aquí no hay ninguna organización con ese nombre.
request-id = Solicitud { $id }

## Mails: for how long, from where, help

mail-life-minutes = { $count ->
    [one] Sirve una sola vez, durante { $count } minuto.
   *[other] Sirve una sola vez, durante { $count } minutos.
}
mail-life-hours = { $count ->
    [one] Sirve una sola vez, durante { $count } hora.
   *[other] Sirve una sola vez, durante { $count } horas.
}
mail-asked-title = De dónde viene la solicitud
mail-asked-device = Dispositivo
mail-asked-place = Lugar aproximado
mail-asked-time = Hora
mail-device = { $browser } en { $system }
mail-device-unknown = Navegador desconocido
mail-device-system-only = Navegador desconocido en { $system }
mail-support = ¿Necesitas ayuda? { $support }

## Mail: sign-in (a code, a link, or both)

mail-sign-in-subject-code = { $code } es tu código de { $app }
mail-sign-in-subject-link = Tu enlace para iniciar sesión en { $app }
mail-sign-in-title = Inicia sesión en { $app }
mail-sign-in-type-code = Escribe este código en la página donde lo pediste:
mail-sign-in-press = Pulsa el botón para iniciar sesión:
mail-sign-in-or-press = O pulsa el botón:
mail-sign-in-open = Abre este enlace para iniciar sesión:
mail-sign-in-or-open = O abre este enlace:
mail-sign-in-button = Iniciar sesión
mail-sign-in-button-fails = Si el botón no funciona, copia esta dirección en tu navegador:
mail-sign-in-not-you = Si no lo pediste tú, ignora este correo: sin él, nadie puede iniciar sesión. No lo compartas nunca.

## Mail: somebody asked to sign in with an address that has no account, and accounts are not open to everybody

mail-no-account-subject = Este correo no tiene cuenta en { $app }
mail-no-account-title = Este correo no tiene cuenta
mail-no-account-text = Alguien quiso iniciar sesión en { $app } con este correo. No tiene cuenta, y en { $app } no todo el mundo puede crear una.
mail-no-account-hint = Si fuiste tú, prueba con otro de tus correos o pide una invitación. Si no, ignora este mensaje.

## Mail: a code that proves that a new address is one's own

mail-prove-subject = { $code } confirma tu correo en { $app }
mail-prove-title = Confirma este correo
mail-prove-text = Alguien con una sesión abierta en { $app } quiere usar este correo para iniciar sesión a partir de ahora. Si eres tú, escribe allí este código:
mail-prove-not-you = Si no fuiste tú, ignora este mensaje: sin el código no pasa nada. No lo compartas nunca.

## Mail: a code, sent to the old address, that lets a new one take its place

mail-confirm-old-subject = { $code } confirma un cambio en tu cuenta de { $app }
mail-confirm-old-title = Confirma el cambio
mail-confirm-old-text = Alguien con una sesión abierta en tu cuenta de { $app } quiere sustituir este correo por { $other }. Si eres tú, escribe allí este código:
mail-confirm-old-not-you = Si no fuiste tú, no compartas el código: sin él no cambia nada. Después, inicia sesión y cierra todas las demás sesiones.

## Mail: somebody wanted to add this address to another account

mail-in-use-subject = Tu correo ya tiene una cuenta en { $app }
mail-in-use-title = Este correo ya tiene una cuenta
mail-in-use-text = Alguien con una sesión abierta en { $app } quiso añadir este correo a su cuenta. Ya pertenece a la tuya, y no ha cambiado nada.
mail-in-use-hint = Si fuiste tú, inicia sesión con este correo. Si no, no tienes que hacer nada.

## Mail: an address or number was added to the account

mail-added-subject = Nueva forma de iniciar sesión en tu cuenta de { $app }
mail-added-title = Una nueva forma de iniciar sesión
mail-added-text = Se añadió { $other } a tu cuenta de { $app }. A partir de ahora también sirve para iniciar sesión.
mail-added-not-you = Si no fuiste tú, inicia sesión cuanto antes, elimínalo y cierra todas las demás sesiones.

## Mail: an address was replaced; this goes to the old one

mail-changed-subject = Tu cuenta de { $app } tiene un correo nuevo
mail-changed-title = Se sustituyó tu correo
mail-changed-text = { $other } sustituye a este correo en tu cuenta de { $app }. Este correo ya no sirve para iniciar sesión.
mail-changed-not-you = Si no fuiste tú, pide ayuda cuanto antes.

## Mail: an address was removed from the account; this goes to it

mail-removed-subject = Se eliminó un correo de tu cuenta de { $app }
mail-removed-title = Se eliminó este correo
mail-removed-text = Se eliminó { $other } de una cuenta de { $app }. Ya no sirve para iniciar sesión.
mail-removed-not-you = Si no fuiste tú, pide ayuda cuanto antes.

## Texts (SMS, WhatsApp): as short as can be; every sentence costs the sender money

sms-code = { $code } es tu código de { $app }.
sms-link = Inicia sesión en { $app }:
sms-or-link = O abre:
sms-life-minutes = { $count ->
    [one] Caduca en { $count } minuto.
   *[other] Caduca en { $count } minutos.
}
sms-life-hours = { $count ->
    [one] Caduca en { $count } hora.
   *[other] Caduca en { $count } horas.
}
sms-asked = Desde: { $device }
sms-no-account = Alguien quiso iniciar sesión en { $app } con este número. No tiene cuenta.
sms-prove = { $code } confirma este número en { $app }.
sms-confirm-old = { $code } permite sustituir este número por { $other } en { $app }. ¿No fuiste tú? No lo compartas.
sms-in-use = Alguien quiso añadir este número a su cuenta de { $app }. Pertenece a la tuya y no ha cambiado nada.
sms-added = Se añadió { $other } a tu cuenta de { $app }. ¿No fuiste tú? Inicia sesión y elimínalo.
sms-removed = Se eliminó este número de tu cuenta de { $app }. ¿No fuiste tú? Pide ayuda.
sms-changed = { $other } sustituye a este número en tu cuenta de { $app }. ¿No fuiste tú? Pide ayuda.
sms-support = Ayuda: { $support }

## An application logs somebody in

login-title = Iniciar sesión en { $app }
login-link-title = ¿Añadir una forma de iniciar sesión en { $app }?
login-link-button = Añadir
login-go-on = Continuar
login-back = Volver a { $app }
login-message-title = Revisa tus mensajes
login-message = Recibirás un mensaje con un enlace. Ábrelo en este navegador.
login-unknown = Este enlace no lleva a ninguna parte, o ya no. Vuelve atrás y empieza de nuevo.
login-expired = Se acabó su tiempo. Vuelve atrás y pide uno nuevo.
login-used = Ya se usó antes. Si no has iniciado sesión, vuelve atrás y pide uno nuevo.
login-not-believed = Este enlace no se creó bien. Vuelve atrás y pide uno nuevo; si vuelve a pasar, avisa al equipo de la aplicación.
login-wrong-browser-title = Abre este enlace donde hayas iniciado sesión
login-wrong-browser = Añade una forma de iniciar sesión a la cuenta que lo pidió. Ábrelo en el navegador donde tengas abierta la sesión de esa cuenta.
login-not-linked-title = No se pudo añadir
login-linked-elsewhere = Esta forma de iniciar sesión pertenece a otra cuenta.
login-linking-disabled = Esta forma de iniciar sesión no se puede añadir a una cuenta.
login-not-admitted-title = No hay ninguna cuenta
login-not-admitted = No hay ninguna cuenta para ti y no se puede crear una. Pregunta al equipo de la aplicación.
login-other-way-title = Inicia sesión de otra manera
login-other-way = La aplicación pide una forma de iniciar sesión distinta de la que usaste. Cierra la sesión aquí, vuelve atrás y empieza de nuevo.
login-declined-title = El inicio de sesión no se completó
login-declined = El otro servicio no inició tu sesión. Vuelve atrás e inténtalo de nuevo.
login-away-title = El otro servicio no responde
login-away = Ahora mismo no puede decir quién eres. Vuelve atrás e inténtalo de nuevo en un momento.
login-seed = Este enlace se creó para otra página y no sirve para iniciar sesión. Vuelve atrás y pide uno nuevo; si vuelve a pasar, avisa al equipo de la aplicación.

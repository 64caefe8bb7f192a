### Portuguese

## Every page

language = Idioma
language-button = Mudar idioma
terms = Termos
privacy = Privacidade
help = Ajuda
error-title = Erro: { $title }
continue = Continuar
start-again = Começar de novo

## The start form

start-title = Entrar
start-lead-code = Enviamos um código para você. Não precisa de senha.
start-lead-link = Enviamos um link para você. Não precisa de senha.
start-lead-both = Enviamos um código e um link para você. Não precisa de senha.
email-label = E-mail
phone-label = Número de telefone
either-label = E-mail ou número de telefone
country-label = País
country-choose = Escolha um país
use-phone = Usar um número de telefone
use-email = Usar um e-mail

## What can be wrong with an address or a number

error-empty-email = Digite seu e-mail.
error-empty-phone = Digite seu número de telefone.
error-empty-either = Digite seu e-mail ou número de telefone.
error-long = Esse texto é longo demais.
error-email = Digite um só e-mail, como name@example.com.
error-domain = Confira a parte depois do @: não é um nome de domínio.
error-neither = Digite um e-mail, como name@example.com, ou um número de telefone.
error-phone = Digite um número de telefone. Bastam dígitos e espaços.
error-phone-country = Digite o número com o código do país ou escolha o país.
error-phone-invalid = Esse número não é válido neste país. Confira os dígitos e o país.
error-phone-no-texts = Esse número não pode receber mensagens. Use outro.
error-yours = Esse já está na sua conta. Digite outro.
error-not-yours = Você não pode mais alterar isso. Comece de novo.

## Notices on the start form

note-bad-place = A página anterior pediu um destino que não é permitido. Entre na sua conta e depois abra o destino por conta própria.
note-start-again = Esse acesso não é mais válido. Comece de novo.
note-used-elsewhere = Você entrou em outro dispositivo. Para entrar aqui também, comece de novo.
note-other-tab = Outro acesso foi iniciado depois neste navegador. Agora esta página é desse novo acesso.
note-too-many-wrong = Muitos códigos incorretos. Comece de novo para receber outro.
note-throttled =
    { $minutes ->
        [one] Foram pedidas mensagens demais. Tente de novo em { $minutes } minuto.
       *[other] Foram pedidas mensagens demais. Tente de novo em { $minutes } minutos.
    }
note-guesses-throttled =
    { $minutes ->
        [one] Vieram códigos incorretos demais da sua rede. Tente de novo em { $minutes } minuto.
       *[other] Vieram códigos incorretos demais da sua rede. Tente de novo em { $minutes } minutos.
    }
note-texts-country = Não enviamos mensagens para esse país.
note-texts-country-email = Não enviamos mensagens para esse país. Use seu endereço de e-mail.
note-texts-held = Não podemos enviar mensagens para esse número agora. Tente de novo mais tarde.
note-texts-held-email = Não podemos enviar mensagens para esse número agora. Use seu endereço de e-mail.
wait-continue = Continuar em { $time }

## Typing the code

code-title = Digite seu código
code-sent = Enviamos um código para { $to }.
code-sent-both = Enviamos um código e um link para { $to }. Digite o código aqui ou abra o link.
code-label = Código
error-not-a-code = O código não está completo. Compare com a mensagem.
error-wrong-code =
    { $n ->
        [one] Código incorreto. Você tem mais { $n } tentativa.
       *[other] Código incorreto. Você tem mais { $n } tentativas.
    }
error-expired-code = O código expirou. Peça outro abaixo.
code-life =
    { $minutes ->
        [one] O código vale por { $minutes } minuto.
       *[other] O código vale por { $minutes } minutos.
    }
code-until = O código vale até { $time }.
hint-email = Não chegou? Olhe na pasta de spam.
hint-phone = Não chegou? Confira o número. A mensagem pode demorar um minuto.
tries-left =
    { $n ->
        [one] Mais { $n } tentativa.
       *[other] Mais { $n } tentativas.
    }
resend = Enviar de novo
resend-wait = Enviar de novo em { $time }
sent-again = Uma nova mensagem está a caminho.
note-too-soon = Espere um momento antes de pedir de novo. A última mensagem ainda pode estar a caminho.
change-email = Usar outro e-mail
change-phone = Usar outro número de telefone
opened-link = Já abri o link

## A link was sent

sent-title-email = Confira seu e-mail
sent-title-phone = Confira seu telefone
link-sent = Enviamos um link para { $to }. Abra-o para entrar.
link-life =
    { $minutes ->
        [one] O link vale por { $minutes } minuto.
       *[other] O link vale por { $minutes } minutos.
    }
link-until = O link vale até { $time }.
noscript-link = O link precisa de JavaScript, que está desativado neste navegador.
send-code-instead = Receber um código
number-show = Vai abrir o link em outro dispositivo? Digite lá este número para entrar aqui:
approved-title = Só mais um passo
approved-lead = Você aprovou este acesso em outro dispositivo.
approved-button = Entrar aqui

## A link is opened

verify-title = Entrar com seu link
verify-going = Entrando…
verify-title-elsewhere = Entrar neste dispositivo?
verify-lead = Com este link, você entra em { $app }.
verify-account = Conta
verify-asked = Pedido
verify-with = Navegador
verify-near = Perto de
verify-warning = Continue só se foi você quem pediu.
verify-button = Entrar neste dispositivo
verify-title-other = Entrar com outra conta?
verify-lead-other = Você está usando a conta { $current }. Se continuar, vai passar para a conta { $to }.
verify-not-me = Não fui eu
verify-number-title = Ou continue onde você começou
verify-number-lead = Digite o número de dois dígitos que aparece lá. Você tem uma tentativa.
verify-number-label = Número
verify-number-button = Entrar lá
error-number-title = Não deu certo
error-number = O número não é esse, e não há segunda tentativa. Você ainda pode entrar neste dispositivo ou começar de novo onde iniciou.
error-number-spent = Um número já foi digitado para este link. Você ainda pode entrar neste dispositivo.
verify-cut = Este link está incompleto. Abra-o de novo pela mensagem ou copie-o inteiro.
verify-noscript = O link precisa de JavaScript, que está desativado neste navegador. Use o código.
verify-noscript-elsewhere = Digite o código da mensagem onde você fez o pedido.
number-done-title = Você já pode voltar
number-done = O acesso foi liberado onde você começou. Pode fechar esta página.
disowned-title = Esse acesso foi cancelado
disowned = Ninguém mais pode usar esse link nem esse código. Se isso acontecer com frequência, avise a equipe de { $app }.
ago =
    { $minutes ->
        [0] há menos de um minuto
        [one] há um minuto
       *[other] há { $minutes } minutos
    }
ago-hours =
    { $hours ->
        [one] há { $hours } hora
       *[other] há { $hours } horas
    }
ago-days =
    { $days ->
        [one] há { $days } dia
       *[other] há { $days } dias
    }
browser-on = { $browser } ({ $system })
unknown-browser = Outro navegador
unknown-system = outro sistema

## A link that does not work

link-expired-title = Este link expirou
link-expired = Para sua segurança, os links funcionam por pouco tempo.
link-used-title = Este link já foi usado
link-used = Cada link funciona uma única vez. Se você acabou de abri-lo, talvez já tenha entrado.
link-replaced-title = Este link não é mais necessário
link-replaced = Você já entrou de outra forma.
link-cancelled-title = Este link é de um acesso cancelado
link-cancelled = Comece de novo para receber outro.
link-tries-title = Este link não funciona mais
link-tries = Foram digitados muitos códigos incorretos, por isso o link também não funciona mais.
link-invalid-title = Este link não funciona
link-invalid = Talvez tenha expirado, já tenha sido usado ou esteja incompleto. Peça outro onde você quer entrar.
send-new-link = Receber um novo link
link-problem-to = Enviamos para { $to }.

## Signed in

signed-in-title = Você entrou
signed-in = Você pode fechar esta página e voltar para onde estava.
sign-out = Sair
refreshing-title = Um momento…
refreshing = Sua sessão está sendo renovada.
refreshing-without = Continuar sem sessão
sessions-link = Suas sessões
identifiers-link = Seu e-mail e telefone

## Sessions

sessions-title = Suas sessões
session-this = Este navegador
session-seen = Último uso { $when }
session-since = Sessão aberta { $when }
session-end = Sair desta sessão
sessions-end-others = Sair de todas as outras sessões
sessions-only = Você não tem outras sessões.
note-session-ended = Você saiu dessa sessão.
note-sessions-ended =
    { $n ->
        [0] Você não tinha outras sessões.
        [one] Você saiu de outra sessão.
       *[other] Você saiu de { $n } outras sessões.
    }

## Your email and phone

identifiers-title = Seu e-mail e telefone
identifiers-lead = Você pode entrar com qualquer um destes.
identifier-change = Alterar
identifier-remove = Remover
identifier-add-email = Adicionar um e-mail
identifier-add-phone = Adicionar um número de telefone
add-email-title = Adicionar um e-mail
add-phone-title = Adicionar um número de telefone
change-email-title = Alterar seu e-mail
change-phone-title = Alterar seu número de telefone
identifier-lead-new = Enviamos um código para o novo, para confirmar que é seu.
identifier-lead-both = Enviamos um código primeiro para o antigo e depois outro para o novo, para confirmar que os dois são seus.
new-email-label = Novo e-mail
new-phone-label = Novo número de telefone
send-code = Enviar o código
confirm-title = Confirme com o antigo
confirm-lead = { $to } é sua única forma de entrar, por isso enviamos um código para lá primeiro. Depois enviaremos outro para { $new }.
prove-title = Confirme que é seu
note-identifier-added = { $to } foi adicionado. Agora você pode usá-lo para entrar.
note-identifier-changed = { $to } substituiu o antigo.
note-identifier-removed = Removido. Não serve mais para entrar.
note-change-dead = Não deu certo: nesse meio-tempo, seu e-mail ou telefone foi alterado, ou já pertence a outra conta. Nada foi alterado.
pending-cancel = Deixar tudo como está
identifiers-back = Voltar para seu e-mail e telefone

## Something went wrong

network = Não foi possível chegar ao servidor. Confira sua conexão e tente de novo; nada do que você digitou se perdeu.
unavailable-title = Um momento, por favor
unavailable = Algo não está funcionando do nosso lado. Tente de novo daqui a pouco; repetir não causa nenhum problema.
try-again = Tentar de novo
missing-title = Não há nada aqui
missing = Não existe nenhuma página neste endereço.
method-title = Assim não funciona
method = Este endereço não aceita isso.
form-title = Tente de novo
form-old = Esta página é antiga demais ou foi enviada de outro site. Volte, recarregue-a e tente de novo.
form-kind = Este endereço espera um formulário (application/x-www-form-urlencoded).
form-large = Um formulário pode ter no máximo 64 kB.
form-cut = O formulário não chegou inteiro. Envie de novo.
form-slow = O formulário não chegou a tempo. Envie de novo.
tenant-title = Organização não encontrada
tenant-missing = Não existe aqui nenhuma organização com esse nome.
request-id = Solicitação { $id }

## Mails: for how long, from where, help

mail-life-minutes = { $count ->
    [one] Funciona uma única vez, por { $count } minuto.
   *[other] Funciona uma única vez, por { $count } minutos.
}
mail-life-hours = { $count ->
    [one] Funciona uma única vez, por { $count } hora.
   *[other] Funciona uma única vez, por { $count } horas.
}
mail-asked-title = De onde veio o pedido
mail-asked-device = Dispositivo
mail-asked-place = Local aproximado
mail-asked-time = Horário
mail-device = { $browser } ({ $system })
mail-device-unknown = Navegador desconhecido
mail-device-system-only = Navegador desconhecido ({ $system })
mail-support = Precisa de ajuda? { $support }

## Mail: sign-in (a code, a link, or both)

mail-sign-in-subject-code = { $code } é seu código para { $app }
mail-sign-in-subject-link = Seu link para entrar em { $app }
mail-sign-in-title = Entrar em { $app }
mail-sign-in-type-code = Digite este código na página onde você fez o pedido:
mail-sign-in-press = Use o botão para entrar:
mail-sign-in-or-press = Ou use o botão:
mail-sign-in-open = Abra este link para entrar:
mail-sign-in-or-open = Ou abra este link:
mail-sign-in-button = Entrar
mail-sign-in-button-fails = Se o botão não funcionar, copie este endereço para o navegador:
mail-sign-in-not-you = Se não foi você quem pediu, ignore este e-mail: sem ele, ninguém consegue entrar. Nunca o compartilhe.

## Mail: somebody asked to sign in with an address that has no account, and accounts are not open to everybody

mail-no-account-subject = Este e-mail não tem conta em { $app }
mail-no-account-title = Este e-mail não tem conta
mail-no-account-text = Alguém tentou entrar em { $app } com este e-mail. Ele não tem conta, e nem todos podem criar uma em { $app }.
mail-no-account-hint = Se foi você, tente outro dos seus e-mails ou peça um convite. Se não foi, ignore esta mensagem.

## Mail: a code that proves that a new address is one's own

mail-prove-subject = { $code } confirma seu e-mail para { $app }
mail-prove-title = Confirme este e-mail
mail-prove-text = Alguém com uma sessão aberta em { $app } quer passar a entrar com este e-mail. Se é você, digite lá este código:
mail-prove-not-you = Se não foi você, ignore esta mensagem: sem o código, nada acontece. Nunca o compartilhe.

## Mail: a code, sent to the old address, that lets a new one take its place

mail-confirm-old-subject = { $code } confirma uma alteração na sua conta em { $app }
mail-confirm-old-title = Confirme a alteração
mail-confirm-old-text = Alguém com uma sessão aberta na sua conta em { $app } quer substituir este e-mail por { $other }. Se é você, digite lá este código:
mail-confirm-old-not-you = Se não foi você, não compartilhe o código: sem ele, nada muda. Depois, entre na sua conta e saia de todas as outras sessões.

## Mail: somebody wanted to add this address to another account

mail-in-use-subject = Seu e-mail já tem uma conta em { $app }
mail-in-use-title = Este e-mail já tem uma conta
mail-in-use-text = Alguém com uma sessão aberta em { $app } quis adicionar este e-mail à própria conta. Ele já pertence à sua, e nada mudou.
mail-in-use-hint = Se foi você, entre com este e-mail. Se não foi, não precisa fazer nada.

## Mail: an address or number was added to the account

mail-added-subject = Nova forma de entrar na sua conta em { $app }
mail-added-title = Uma nova forma de entrar
mail-added-text = { $other } foi adicionado à sua conta em { $app }. A partir de agora, também serve para entrar.
mail-added-not-you = Se não foi você, entre na sua conta imediatamente, remova-o e saia de todas as outras sessões.

## Mail: an address was replaced; this goes to the old one

mail-changed-subject = Sua conta em { $app } tem um novo e-mail
mail-changed-title = Seu e-mail foi substituído
mail-changed-text = { $other } substituiu este e-mail na sua conta em { $app }. Este e-mail não serve mais para entrar.
mail-changed-not-you = Se não foi você, peça ajuda imediatamente.

## Mail: an address was removed from the account; this goes to it

mail-removed-subject = Um e-mail foi removido da sua conta em { $app }
mail-removed-title = Este e-mail foi removido
mail-removed-text = { $other } foi removido de uma conta em { $app }. Não serve mais para entrar.
mail-removed-not-you = Se não foi você, peça ajuda imediatamente.

## Texts (SMS, WhatsApp): as short as can be; every sentence costs the sender money

sms-code = { $code } é seu código para { $app }.
sms-link = Entre em { $app }:
sms-or-link = Ou abra:
sms-life-minutes = { $count ->
    [one] Vale por { $count } minuto.
   *[other] Vale por { $count } minutos.
}
sms-life-hours = { $count ->
    [one] Vale por { $count } hora.
   *[other] Vale por { $count } horas.
}
sms-asked = Origem: { $device }
sms-no-account = Alguém tentou entrar em { $app } com este número. Ele não tem conta.
sms-prove = { $code } confirma este número para { $app }.
sms-confirm-old = { $code } permite trocar este número por { $other } em { $app }. Não foi você? Não compartilhe.
sms-in-use = Alguém quis adicionar este número à própria conta em { $app }. Ele pertence à sua, e nada mudou.
sms-added = { $other } foi adicionado à sua conta em { $app }. Não foi você? Entre na sua conta e remova-o.
sms-removed = Este número foi removido da sua conta em { $app }. Não foi você? Peça ajuda.
sms-changed = { $other } substituiu este número na sua conta em { $app }. Não foi você? Peça ajuda.
sms-support = Ajuda: { $support }

## An application logs somebody in

login-title = Entrar em { $app }
login-link-title = Adicionar uma forma de entrar em { $app }?
login-link-button = Adicionar
login-go-on = Continuar
login-back = Voltar para { $app }
login-message-title = Confira suas mensagens
login-message = Você vai receber uma mensagem com um link. Abra-o neste navegador.
login-unknown = Este link não leva a lugar nenhum, ou não leva mais. Volte e comece de novo.
login-expired = O tempo dele acabou. Volte e peça outro.
login-used = Ele já foi usado antes. Se você não entrou, volte e peça outro.
login-not-believed = Este link não foi criado corretamente. Volte e peça outro; se acontecer de novo, avise a equipe do aplicativo.
login-wrong-browser-title = Abra este link onde você já entrou
login-wrong-browser = Ele adiciona uma forma de entrar à conta que o pediu. Abra-o no navegador em que você entrou nessa conta.
login-not-linked-title = Não foi possível adicionar
login-linked-elsewhere = Esta forma de entrar pertence a outra conta.
login-linking-disabled = Esta forma de entrar não pode ser adicionada a uma conta.
login-not-admitted-title = Nenhuma conta
login-not-admitted = Não há conta para você, e não é possível criar uma. Fale com a equipe do aplicativo.
login-other-way-title = Entre de outra forma
login-other-way = O aplicativo pede uma forma de entrar diferente da que você usou. Saia aqui, volte e comece de novo.
login-declined-title = O acesso não foi concluído
login-declined = O outro serviço não confirmou seu acesso. Volte e tente de novo.
login-away-title = O outro serviço não responde
login-away = Ele não consegue dizer quem você é no momento. Volte e tente de novo daqui a pouco.
login-seed = Este link foi criado para outra página e não serve para entrar. Volte e peça outro; se acontecer de novo, avise a equipe do aplicativo.

### Korean

## Every page

language = 언어
language-button = 언어 변경
terms = 이용약관
privacy = 개인정보처리방침
help = 도움말
error-title = 오류: { $title }
continue = 계속
start-again = 다시 시작

## The start form

start-title = 로그인
start-lead-code = 코드를 보내 드립니다. 비밀번호는 필요 없습니다.
start-lead-link = 링크를 보내 드립니다. 비밀번호는 필요 없습니다.
start-lead-both = 코드와 링크를 보내 드립니다. 비밀번호는 필요 없습니다.
email-label = 이메일
phone-label = 전화번호
either-label = 이메일 또는 전화번호
country-label = 국가
country-choose = 국가 선택
use-phone = 전화번호 사용
use-email = 이메일 사용

## What can be wrong with an address or a number

error-empty-email = 이메일을 입력하세요.
error-empty-phone = 전화번호를 입력하세요.
error-empty-either = 이메일 또는 전화번호를 입력하세요.
error-long = 너무 깁니다.
error-email = name@example.com과 같은 이메일을 하나만 입력하세요.
error-domain = @ 뒷부분을 확인하세요. 올바른 도메인 이름이 아닙니다.
error-neither = name@example.com과 같은 이메일 또는 전화번호를 입력하세요.
error-phone = 전화번호를 입력하세요. 숫자와 공백만 있으면 됩니다.
error-phone-country = 국가 번호와 함께 입력하거나 국가를 선택하세요.
error-phone-invalid = 이 국가의 전화번호가 아닙니다. 번호와 국가를 확인하세요.
error-phone-no-texts = 메시지를 받을 수 없는 번호입니다. 다른 번호를 사용하세요.
error-yours = 이미 내 계정에 등록되어 있습니다. 다른 것을 입력하세요.
error-not-yours = 더 이상 변경할 수 없습니다. 다시 시작하세요.

## Notices on the start form

note-bad-place = 이전 페이지가 허용되지 않는 위치로 이동하도록 요청했습니다. 로그인한 다음 직접 이동하세요.
note-start-again = 이 로그인은 종료되었습니다. 다시 시작하세요.
note-used-elsewhere = 다른 기기에서 로그인했습니다. 여기서도 로그인하려면 다시 시작하세요.
note-other-tab = 그 후 이 브라우저에서 다른 로그인이 시작되었습니다. 이제 이 페이지는 새로 시작한 로그인의 페이지입니다.
note-too-many-wrong = 코드를 너무 많이 잘못 입력했습니다. 다시 시작하여 새 코드를 받으세요.
note-throttled =
    { $minutes ->
       *[other] 메시지를 너무 많이 요청했습니다. { $minutes }분 후에 다시 시도하세요.
    }
note-guesses-throttled =
    { $minutes ->
       *[other] 사용 중인 네트워크에서 잘못된 코드를 너무 많이 입력했습니다. { $minutes }분 후에 다시 시도하세요.
    }
note-texts-country = 그 국가로는 메시지를 보내지 않습니다.
note-texts-country-email = 그 국가로는 메시지를 보내지 않습니다. 대신 이메일 주소를 사용하세요.
note-texts-held = 지금은 그 번호로 메시지를 보낼 수 없습니다. 나중에 다시 시도하세요.
note-texts-held-email = 지금은 그 번호로 메시지를 보낼 수 없습니다. 대신 이메일 주소를 사용하세요.
wait-continue = { $time } 후에 계속할 수 있습니다

## Typing the code

code-title = 코드 입력
code-sent = { $to }에 코드를 보냈습니다.
code-sent-both = { $to }에 코드와 링크를 보냈습니다. 여기에 코드를 입력하거나 링크를 여세요.
code-label = 코드
error-not-a-code = 코드가 완전하지 않습니다. 메시지와 비교해 보세요.
error-wrong-code =
    { $n ->
       *[other] 코드가 틀렸습니다. { $n }번 더 시도할 수 있습니다.
    }
error-expired-code = 코드가 만료되었습니다. 아래에서 새 코드를 요청하세요.
code-life =
    { $minutes ->
       *[other] 코드는 { $minutes }분 동안 유효합니다.
    }
code-until = 코드는 { $time }까지 유효합니다.
hint-email = 메일이 오지 않았나요? 스팸함을 확인하세요.
hint-phone = 메시지가 오지 않았나요? 번호를 확인하세요. 도착까지 1분 정도 걸릴 수 있습니다.
tries-left =
    { $n ->
       *[other] { $n }번 더 시도할 수 있습니다.
    }
resend = 다시 보내기
resend-wait = { $time } 후에 다시 요청할 수 있습니다
sent-again = 새 메시지를 보냈습니다.
note-too-soon = 잠시 기다렸다가 다시 요청하세요. 이전 메시지가 아직 오는 중일 수 있습니다.
change-email = 다른 이메일 사용
change-phone = 다른 전화번호 사용
opened-link = 링크를 열었습니다

## A link was sent

sent-title-email = 이메일을 확인하세요
sent-title-phone = 휴대전화를 확인하세요
link-sent = { $to }에 링크를 보냈습니다. 링크를 열면 로그인됩니다.
link-life =
    { $minutes ->
       *[other] 링크는 { $minutes }분 동안 유효합니다.
    }
link-until = 링크는 { $time }까지 유효합니다.
noscript-link = 링크를 사용하려면 JavaScript가 필요하지만 이 브라우저에서 꺼져 있습니다.
send-code-instead = 대신 코드 받기
number-show = 다른 기기에서 링크를 여나요? 그 기기에 이 숫자를 입력하면 여기서 로그인됩니다.
approved-title = 한 단계만 더
approved-lead = 다른 기기에서 이 로그인을 승인했습니다.
approved-button = 여기서 로그인

## A link is opened

verify-title = 링크로 로그인
verify-going = 로그인하는 중…
verify-title-elsewhere = 이 기기에서 로그인할까요?
verify-lead = 이 링크로 { $app }에 로그인합니다.
verify-account = 계정
verify-asked = 요청 시간
verify-with = 브라우저
verify-near = 대략적인 위치
verify-warning = 직접 요청한 경우에만 계속하세요.
verify-button = 이 기기에서 로그인
verify-title-other = 다른 계정으로 로그인할까요?
verify-lead-other = 현재 { $current } 계정으로 로그인되어 있습니다. 계속하면 { $to } 계정으로 로그인됩니다.
verify-not-me = 내가 요청하지 않았습니다
verify-number-title = 또는 시작한 곳에서 계속하기
verify-number-lead = 시작한 곳에 표시된 두 자리 숫자를 입력하세요. 한 번만 시도할 수 있습니다.
verify-number-label = 숫자
verify-number-button = 시작한 곳에서 로그인
error-number-title = 처리하지 못했습니다
error-number = 숫자가 틀렸으며 다시 시도할 수 없습니다. 이 기기에서 로그인하거나 시작한 곳에서 다시 시작할 수 있습니다.
error-number-spent = 이 링크의 숫자는 이미 입력되었습니다. 이 기기에서는 아직 로그인할 수 있습니다.
verify-cut = 링크가 잘렸습니다. 메시지에서 다시 열거나 링크 전체를 복사하세요.
verify-noscript = 링크를 사용하려면 JavaScript가 필요하지만 이 브라우저에서 꺼져 있습니다. 대신 코드를 사용하세요.
verify-noscript-elsewhere = 메시지에 있는 코드를 요청한 곳에 입력하세요.
number-done-title = 이제 돌아가셔도 됩니다
number-done = 시작한 곳에서 로그인되었습니다. 이 페이지를 닫아도 됩니다.
disowned-title = 이 로그인은 종료되었습니다
disowned = 이제 아무도 이 링크와 코드를 사용할 수 없습니다. 이런 일이 자주 발생하면 { $app } 운영자에게 알려 주세요.
ago =
    { $minutes ->
        [0] 1분 이내
       *[other] { $minutes }분 전
    }
ago-hours =
    { $hours ->
       *[other] { $hours }시간 전
    }
ago-days =
    { $days ->
       *[other] { $days }일 전
    }
browser-on = { $system }의 { $browser }
unknown-browser = 다른 브라우저
unknown-system = 다른 시스템

## A link that does not work

link-expired-title = 만료된 링크입니다
link-expired = 안전을 위해 링크는 짧은 시간 동안만 유효합니다.
link-used-title = 이미 사용된 링크입니다
link-used = 링크는 한 번만 사용할 수 있습니다. 방금 열었다면 이미 로그인되어 있을 수 있습니다.
link-replaced-title = 더 이상 필요 없는 링크입니다
link-replaced = 링크를 보낸 뒤에 다른 방법으로 로그인했습니다.
link-cancelled-title = 취소된 로그인의 링크입니다
link-cancelled = 다시 시작하여 새 링크를 받으세요.
link-tries-title = 더 이상 사용할 수 없는 링크입니다
link-tries = 코드를 너무 많이 잘못 입력하여 링크도 사용할 수 없게 되었습니다.
link-invalid-title = 사용할 수 없는 링크입니다
link-invalid = 만료되었거나 이미 사용되었거나 잘린 링크일 수 있습니다. 로그인하려는 곳에서 새 링크를 요청하세요.
send-new-link = 새 링크 받기
link-problem-to = { $to }에 보내 드립니다.

## Signed in

signed-in-title = 로그인되었습니다
signed-in = 이 페이지를 닫고 원래 있던 곳으로 돌아가셔도 됩니다.
sign-out = 로그아웃
refreshing-title = 잠시만 기다려 주세요…
refreshing = 세션을 갱신하고 있습니다.
refreshing-without = 갱신하지 않고 계속
sessions-link = 로그인된 위치
identifiers-link = 내 이메일 및 전화번호

## Sessions

sessions-title = 로그인된 위치
session-this = 이 브라우저
session-seen = 마지막 사용: { $when }
session-since = 로그인: { $when }
session-end = 해당 위치에서 로그아웃
sessions-end-others = 다른 모든 위치에서 로그아웃
sessions-only = 다른 곳에 로그인되어 있지 않습니다.
note-session-ended = 해당 위치에서 로그아웃했습니다.
note-sessions-ended =
    { $n ->
        [0] 다른 곳에 로그인되어 있지 않았습니다.
       *[other] 다른 위치 { $n }곳에서 로그아웃했습니다.
    }

## Your email and phone

identifiers-title = 내 이메일 및 전화번호
identifiers-lead = 아래의 어느 것으로든 로그인할 수 있습니다.
identifier-change = 변경
identifier-remove = 삭제
identifier-add-email = 이메일 추가
identifier-add-phone = 전화번호 추가
add-email-title = 이메일 추가
add-phone-title = 전화번호 추가
change-email-title = 이메일 변경
change-phone-title = 전화번호 변경
identifier-lead-new = 본인의 것인지 확인하기 위해 새 연락처로 코드를 보냅니다.
identifier-lead-both = 둘 다 본인의 것인지 확인하기 위해 먼저 기존 연락처로, 그다음 새 연락처로 코드를 보냅니다.
new-email-label = 새 이메일
new-phone-label = 새 전화번호
send-code = 코드 보내기
confirm-title = 기존 연락처로 확인
confirm-lead = 로그인할 수 있는 연락처가 { $to }뿐이므로 먼저 그곳에 코드를 보냈습니다. 그다음 { $new }에 코드를 보냅니다.
prove-title = 본인 연락처 확인
note-identifier-added = 연락처를 추가했습니다: { $to }. 이제 이 연락처로 로그인할 수 있습니다.
note-identifier-changed = 연락처를 변경했습니다: { $to }
note-identifier-removed = 삭제했습니다. 이제 이 연락처로 로그인할 수 없습니다.
note-change-dead = 변경하지 못했습니다. 그사이에 이메일 또는 전화번호가 변경되었거나 다른 계정에 속해 있습니다. 변경된 내용은 없습니다.
pending-cancel = 변경하지 않고 그대로 두기
identifiers-back = 내 이메일 및 전화번호로 돌아가기

## Something went wrong

network = 서버에 연결하지 못했습니다. 연결을 확인하고 다시 시도하세요. 입력한 내용은 그대로 있습니다.
unavailable-title = 잠시만 기다려 주세요
unavailable = 저희 쪽에 일시적인 문제가 있습니다. 잠시 후 다시 시도하세요. 여러 번 시도해도 괜찮습니다.
try-again = 다시 시도
missing-title = 페이지 없음
missing = 이 주소에는 페이지가 없습니다.
method-title = 사용할 수 없는 방식입니다
method = 이 주소에서는 이 요청을 받지 않습니다.
form-title = 다시 시도하세요
form-old = 너무 오래된 페이지이거나 다른 사이트에서 보낸 것입니다. 돌아가서 새로고침한 다음 다시 시도하세요.
form-kind = 이 주소는 양식(application/x-www-form-urlencoded)만 받습니다.
form-large = 양식은 64 kB를 넘을 수 없습니다.
form-cut = 양식이 일부만 도착했습니다. 다시 보내세요.
form-slow = 양식이 제시간에 도착하지 않았습니다. 다시 보내세요.
tenant-title = 알 수 없는 테넌트
tenant-missing = 이 이름의 테넌트가 없습니다.
request-id = 요청 { $id }


### Messages: mails and texts.

## Mails: for how long, from where, help

mail-life-minutes = { $count ->
   *[other] { $count }분 동안 한 번만 사용할 수 있습니다.
}
mail-life-hours = { $count ->
   *[other] { $count }시간 동안 한 번만 사용할 수 있습니다.
}
mail-asked-title = 요청한 곳
mail-asked-device = 기기
mail-asked-place = 대략적인 위치
mail-asked-time = 시간
mail-device = { $system }의 { $browser }
mail-device-unknown = 알 수 없는 브라우저
mail-device-system-only = { $system }의 알 수 없는 브라우저
mail-support = 도움이 필요하신가요? { $support }

## Mail: sign-in (a code, a link, or both)

mail-sign-in-subject-code = { $app } 코드: { $code }
mail-sign-in-subject-link = { $app } 로그인 링크
mail-sign-in-title = { $app }에 로그인
mail-sign-in-type-code = 코드를 요청한 페이지에 다음 코드를 입력하세요.
mail-sign-in-press = 로그인하려면 버튼을 누르세요.
mail-sign-in-or-press = 또는 버튼을 누르세요.
mail-sign-in-open = 로그인하려면 다음 링크를 여세요.
mail-sign-in-or-open = 또는 다음 링크를 여세요.
mail-sign-in-button = 로그인
mail-sign-in-button-fails = 버튼이 작동하지 않으면 다음 주소를 브라우저에 복사하세요.
mail-sign-in-not-you = 직접 요청하지 않았다면 무시하세요. 이 메일 없이는 아무도 로그인할 수 없습니다. 절대 다른 사람에게 알려 주지 마세요.

## Mail: somebody asked to sign in with an address that has no account, and accounts are not open to everybody

mail-no-account-subject = 이 이메일로 된 { $app } 계정이 없습니다
mail-no-account-title = 이 이메일로 된 계정이 없습니다
mail-no-account-text = 누군가 이 이메일로 { $app } 로그인을 요청했습니다. 이 이메일로 된 계정이 없으며, { $app }에서는 누구나 새 계정을 만들 수 있는 것이 아닙니다.
mail-no-account-hint = 직접 요청했다면 다른 이메일로 시도하거나 초대를 요청하세요. 아니라면 이 메일을 무시하세요.

## Mail: a code that proves that a new address is one's own

mail-prove-subject = { $app } 이메일 확인 코드: { $code }
mail-prove-title = 이메일 확인
mail-prove-text = { $app }에 로그인한 누군가가 앞으로 이 이메일로 로그인하려고 합니다. 본인이라면 그곳에 다음 코드를 입력하세요.
mail-prove-not-you = 본인이 아니라면 이 메일을 무시하세요. 코드 없이는 아무 일도 일어나지 않습니다. 절대 다른 사람에게 알려 주지 마세요.

## Mail: a code, sent to the old address, that lets a new one take its place

mail-confirm-old-subject = { $app } 계정 변경 확인 코드: { $code }
mail-confirm-old-title = 변경 확인
mail-confirm-old-text = 회원님의 { $app } 계정에 로그인한 누군가가 이 이메일을 다음으로 바꾸려고 합니다: { $other }. 본인이라면 그곳에 다음 코드를 입력하세요.
mail-confirm-old-not-you = 본인이 아니라면 코드를 아무에게도 알려 주지 마세요. 코드 없이는 아무것도 변경되지 않습니다. 그런 다음 로그인하여 다른 세션을 모두 종료하세요.

## Mail: somebody wanted to add this address to another account

mail-in-use-subject = 이 이메일로 된 { $app } 계정이 이미 있습니다
mail-in-use-title = 이 이메일로 된 계정이 이미 있습니다
mail-in-use-text = { $app }에 로그인한 누군가가 자신의 계정에 이 이메일을 추가하려고 했습니다. 이 이메일은 이미 회원님의 계정에 속해 있으며, 변경된 내용은 없습니다.
mail-in-use-hint = 본인이라면 이 이메일로 로그인하세요. 아니라면 아무것도 하지 않아도 됩니다.

## Mail: an address or number was added to the account

mail-added-subject = { $app } 계정에 새 로그인 방법이 추가되었습니다
mail-added-title = 새 로그인 방법
mail-added-text = 회원님의 { $app } 계정에 새 연락처가 추가되었습니다: { $other }. 이제 이 연락처로 로그인할 수 있습니다.
mail-added-not-you = 본인이 아니라면 즉시 로그인하여 추가된 연락처를 삭제하고 다른 세션을 모두 종료하세요.

## Mail: an address was replaced; this goes to the old one

mail-changed-subject = { $app } 계정의 이메일이 변경되었습니다
mail-changed-title = 이메일이 변경되었습니다
mail-changed-text = 회원님의 { $app } 계정에서 이 이메일이 다음으로 변경되었습니다: { $other }. 더 이상 이 이메일로 로그인할 수 없습니다.
mail-changed-not-you = 본인이 아니라면 즉시 도움을 요청하세요.

## Mail: an address was removed from the account; this goes to it

mail-removed-subject = { $app } 계정에서 이메일이 삭제되었습니다
mail-removed-title = 이메일이 삭제되었습니다
mail-removed-text = { $app } 계정에서 다음 이메일이 삭제되었습니다: { $other }. 더 이상 이 이메일로 로그인할 수 없습니다.
mail-removed-not-you = 본인이 아니라면 즉시 도움을 요청하세요.

## Texts (SMS, WhatsApp): as short as can be; every sentence costs the sender money

sms-code = { $app } 코드: { $code }
sms-link = { $app } 로그인:
sms-or-link = 또는 링크 열기:
sms-life-minutes = { $count ->
   *[other] { $count }분간 유효.
}
sms-life-hours = { $count ->
   *[other] { $count }시간 유효.
}
sms-asked = 요청한 곳: { $device }
sms-no-account = 누군가 이 번호로 { $app } 로그인을 요청했습니다. 이 번호로 된 계정이 없습니다.
sms-prove = { $app } 번호 확인 코드: { $code }
sms-confirm-old = { $app } 번호 변경({ $other }) 코드: { $code }. 본인이 아니면 알려 주지 마세요.
sms-in-use = 누군가 이 번호를 자신의 { $app } 계정에 추가하려고 했습니다. 이미 회원님의 번호이며 변경된 내용은 없습니다.
sms-added = { $app } 계정에 { $other } 추가됨. 본인이 아니면 로그인하여 삭제하세요.
sms-removed = { $app } 계정에서 이 번호가 삭제됨. 본인이 아니면 도움을 요청하세요.
sms-changed = { $app } 계정의 이 번호가 { $other }(으)로 변경됨. 본인이 아니면 도움을 요청하세요.
sms-support = 도움말: { $support }

## An application logs somebody in

login-title = { $app }에 로그인
login-link-title = { $app } 로그인 방법을 추가할까요?
login-link-button = 추가
login-go-on = 계속
login-back = 돌아가기: { $app }
login-message-title = 메시지를 확인하세요
login-message = 링크가 담긴 메시지가 전송됩니다. 이 브라우저에서 링크를 여세요.
login-unknown = 이 링크는 아무 곳으로도 연결되지 않거나 더 이상 연결되지 않습니다. 돌아가서 다시 시작하세요.
login-expired = 시간이 지났습니다. 돌아가서 새 링크를 요청하세요.
login-used = 이전에 사용되었습니다. 로그인되어 있지 않다면 돌아가서 새 링크를 요청하세요.
login-not-believed = 이 링크는 올바르게 만들어지지 않았습니다. 돌아가서 새 링크를 요청하세요. 또 발생하면 애플리케이션 운영자에게 알려 주세요.
login-wrong-browser-title = 로그인되어 있는 곳에서 이 링크를 여세요
login-wrong-browser = 이 링크는 요청한 계정에 로그인 방법을 추가합니다. 그 계정으로 로그인되어 있는 브라우저에서 여세요.
login-not-linked-title = 추가하지 못했습니다
login-linked-elsewhere = 이 로그인 방법은 다른 계정에 속해 있습니다.
login-linking-disabled = 이 로그인 방법은 계정에 추가할 수 없습니다.
login-not-admitted-title = 계정이 없습니다
login-not-admitted = 회원님의 계정이 없으며 새로 만들 수도 없습니다. 애플리케이션 운영자에게 문의하세요.
login-other-way-title = 다른 방법으로 로그인하세요
login-other-way = 애플리케이션이 사용하신 것과 다른 로그인 방법을 요구합니다. 여기서 로그아웃하고 돌아가서 다시 시작하세요.
login-declined-title = 로그인이 완료되지 않았습니다
login-declined = 다른 서비스에서 로그인되지 않았습니다. 돌아가서 다시 시도하세요.
login-away-title = 다른 서비스가 응답하지 않습니다
login-away = 지금은 그 서비스에서 본인을 확인할 수 없습니다. 돌아가서 잠시 후 다시 시도하세요.
login-seed = 이 링크는 다른 페이지용으로 만들어져서 로그인할 수 없습니다. 돌아가서 새 링크를 요청하세요. 또 발생하면 애플리케이션 운영자에게 알려 주세요.

### Japanese

## Every page

language = 言語
language-button = 言語を変更
terms = 利用規約
privacy = プライバシー
help = ヘルプ
error-title = エラー：{ $title }
continue = 続ける
start-again = 最初からやり直す

## The start form

start-title = ログイン
start-lead-code = コードをお送りします。パスワードは不要です。
start-lead-link = リンクをお送りします。パスワードは不要です。
start-lead-both = コードとリンクをお送りします。パスワードは不要です。
email-label = メールアドレス
phone-label = 電話番号
either-label = メールアドレスまたは電話番号
country-label = 国・地域
country-choose = 国・地域を選択
use-phone = 電話番号を使う
use-email = メールアドレスを使う

## What can be wrong with an address or a number

error-empty-email = メールアドレスを入力してください。
error-empty-phone = 電話番号を入力してください。
error-empty-either = メールアドレスまたは電話番号を入力してください。
error-long = 文字数が多すぎます。
error-email = メールアドレスを1つ入力してください（例：name@example.com）。
error-domain = @ より後ろがドメイン名になっていません。ご確認ください。
error-neither = メールアドレス（例：name@example.com）または電話番号を入力してください。
error-phone = 電話番号を入力してください。使えるのは数字とスペースです。
error-phone-country = 国番号を付けて入力するか、国・地域を選択してください。
error-phone-invalid = この国・地域の電話番号ではありません。番号と国・地域をご確認ください。
error-phone-no-texts = この番号ではメッセージを受信できません。別の番号をお使いください。
error-yours = すでにご自分のアカウントに登録されています。別のものを入力してください。
error-not-yours = これはもう変更できません。最初からやり直してください。

## Notices on the start form

note-bad-place = 移動元のページが、許可されていない移動先を指定しました。ログイン後、ご自分で目的のページを開いてください。
note-start-again = このログイン手続きは終了しました。最初からやり直してください。
note-used-elsewhere = 別のデバイスでログインしました。ここでもログインするには、最初からやり直してください。
note-other-tab = その後、このブラウザで別のログイン手続きが始まりました。このページは現在、新しい手続きのものです。
note-too-many-wrong = コードの間違いが多すぎます。最初からやり直して、新しいコードを受け取ってください。
note-throttled =
    { $minutes ->
       *[other] メッセージの送信回数が多すぎます。{ $minutes }分後にもう一度お試しください。
    }
note-guesses-throttled =
    { $minutes ->
       *[other] お使いのネットワークからのコードの間違いが多すぎます。{ $minutes }分後にもう一度お試しください。
    }
note-texts-country = その国にはメッセージを送信していません。
note-texts-country-email = その国にはメッセージを送信していません。代わりにメールアドレスをお使いください。
note-texts-held = 現在、その番号にメッセージを送信できません。しばらくしてからもう一度お試しください。
note-texts-held-email = 現在、その番号にメッセージを送信できません。代わりにメールアドレスをお使いください。
wait-continue = { $time } 後に続行できます

## Typing the code

code-title = コードを入力
code-sent = { $to } にコードを送信しました。
code-sent-both = { $to } にコードとリンクを送信しました。ここにコードを入力するか、リンクを開いてください。
code-label = コード
error-not-a-code = コードが完全ではありません。メッセージと見比べてください。
error-wrong-code =
    { $n ->
       *[other] コードが違います。あと{ $n }回入力できます。
    }
error-expired-code = コードの有効期限が切れました。下から新しいコードを受け取ってください。
code-life =
    { $minutes ->
       *[other] コードは{ $minutes }分間有効です。
    }
code-until = コードは { $time } まで有効です。
hint-email = 届かない場合は、迷惑メールフォルダをご確認ください。
hint-phone = 届かない場合は、番号をご確認ください。届くまで1分ほどかかることがあります。
tries-left =
    { $n ->
       *[other] あと{ $n }回入力できます。
    }
resend = もう一度送信
resend-wait = { $time } 後に再送信できます
sent-again = 新しいメッセージを送信しました。
note-too-soon = 少し待ってから、もう一度お試しください。前のメッセージがこれから届くかもしれません。
change-email = 別のメールアドレスを使う
change-phone = 別の電話番号を使う
opened-link = リンクを開きました

## A link was sent

sent-title-email = メールをご確認ください
sent-title-phone = メッセージをご確認ください
link-sent = { $to } にリンクを送信しました。リンクを開くとログインできます。
link-life =
    { $minutes ->
       *[other] リンクは{ $minutes }分間有効です。
    }
link-until = リンクは { $time } まで有効です。
noscript-link = リンクを使うには JavaScript が必要ですが、このブラウザではオフになっています。
send-code-instead = 代わりにコードを受け取る
number-show = 別のデバイスでリンクを開く場合は、そのデバイスで次の番号を入力すると、ここでログインできます：
approved-title = あと少しで完了です
approved-lead = 別のデバイスで、このログインを承認しました。
approved-button = ここでログイン

## A link is opened

verify-title = リンクでログイン
verify-going = ログインしています…
verify-title-elsewhere = このデバイスでログインしますか？
verify-lead = このリンクで { $app } にログインします。
verify-account = アカウント
verify-asked = リクエスト
verify-with = ブラウザ
verify-near = おおよその場所
verify-warning = ご自分でリクエストした場合にのみ続けてください。
verify-button = このデバイスでログイン
verify-title-other = 別のアカウントでログインしますか？
verify-lead-other = 現在 { $current } でログインしています。続けると、{ $to } でのログインに切り替わります。
verify-not-me = 心当たりがない
verify-number-title = または、最初の画面に戻って続ける
verify-number-lead = 最初の画面に表示されている2桁の番号を入力してください。入力できるのは1回だけです。
verify-number-label = 番号
verify-number-button = 最初の画面でログイン
error-number-title = うまくいきませんでした
error-number = 番号が違います。もう一度入力することはできません。このデバイスでログインするか、最初の画面に戻ってやり直してください。
error-number-spent = このリンクの番号はすでに入力されています。このデバイスでは、まだログインできます。
verify-cut = リンクが途中で切れています。メッセージからもう一度開くか、リンク全体をコピーしてください。
verify-noscript = リンクを使うには JavaScript が必要ですが、このブラウザではオフになっています。代わりにコードをお使いください。
verify-noscript-elsewhere = メッセージに書かれたコードを、リクエストした画面に入力してください。
number-done-title = 元の画面にお戻りください
number-done = 最初の画面でログインしました。このページは閉じてかまいません。
disowned-title = このログイン手続きを終了しました
disowned = このリンクとコードは、もう誰も使えません。何度も起こる場合は、{ $app } の運営者にお知らせください。
ago =
    { $minutes ->
        [0] 1分以内
       *[other] { $minutes }分前
    }
ago-hours =
    { $hours ->
       *[other] { $hours }時間前
    }
ago-days =
    { $days ->
       *[other] { $days }日前
    }
browser-on = { $browser }（{ $system }）
unknown-browser = その他のブラウザ
unknown-system = その他のシステム

## A link that does not work

link-expired-title = リンクの有効期限が切れています
link-expired = 安全のため、リンクは短い時間だけ有効です。
link-used-title = このリンクは使用済みです
link-used = リンクは1回だけ使えます。先ほど開いた場合は、すでにログインしているかもしれません。
link-replaced-title = このリンクはもう必要ありません
link-replaced = リンクの送信後に、別の方法でログインしています。
link-cancelled-title = このリンクのログイン手続きは中止されました
link-cancelled = 最初からやり直して、新しいリンクを受け取ってください。
link-tries-title = このリンクは使えなくなりました
link-tries = コードの間違いが多すぎたため、リンクも使えなくなりました。
link-invalid-title = このリンクは使えません
link-invalid = 有効期限が切れているか、使用済みか、途中で切れている可能性があります。ログインしたい画面で、新しいリンクを受け取ってください。
send-new-link = 新しいリンクを受け取る
link-problem-to = { $to } に送信します。

## Signed in

signed-in-title = ログインしました
signed-in = このページを閉じて、元の画面にお戻りください。
sign-out = ログアウト
refreshing-title = お待ちください…
refreshing = セッションを更新しています。
refreshing-without = 更新せずに続ける
sessions-link = ログイン中の場所
identifiers-link = メールアドレスと電話番号

## Sessions

sessions-title = ログイン中の場所
session-this = このブラウザ
session-seen = 最終使用：{ $when }
session-since = ログイン：{ $when }
session-end = この場所からログアウト
sessions-end-others = ほかのすべての場所からログアウト
sessions-only = ほかにログイン中の場所はありません。
note-session-ended = その場所からログアウトしました。
note-sessions-ended =
    { $n ->
        [0] ほかにログイン中の場所はありませんでした。
       *[other] ほかの{ $n }か所からログアウトしました。
    }

## Your email and phone

identifiers-title = メールアドレスと電話番号
identifiers-lead = どれを使ってもログインできます。
identifier-change = 変更
identifier-remove = 削除
identifier-add-email = メールアドレスを追加
identifier-add-phone = 電話番号を追加
add-email-title = メールアドレスを追加
add-phone-title = 電話番号を追加
change-email-title = メールアドレスを変更
change-phone-title = 電話番号を変更
identifier-lead-new = ご本人のものであることを確認するため、新しい宛先にコードをお送りします。
identifier-lead-both = どちらもご本人のものであることを確認するため、まず古い宛先に、次に新しい宛先にコードをお送りします。
new-email-label = 新しいメールアドレス
new-phone-label = 新しい電話番号
send-code = コードを送信
confirm-title = 古い宛先で確認
confirm-lead = ログインに使えるのは { $to } だけなので、まずこちらにコードを送信しました。次に { $new } にコードをお送りします。
prove-title = ご本人のものであることの確認
note-identifier-added = { $to } を追加しました。これからログインに使えます。
note-identifier-changed = { $to } に変更しました。
note-identifier-removed = 削除しました。もうログインには使えません。
note-change-dead = 変更できませんでした。メールアドレスまたは電話番号がその間に変更されたか、別のアカウントで使われています。何も変更されていません。
pending-cancel = 変更せずに戻る
identifiers-back = メールアドレスと電話番号に戻る

## Something went wrong

network = サーバーに接続できませんでした。接続を確認して、もう一度お試しください。入力した内容は残っています。
unavailable-title = しばらくお待ちください
unavailable = こちら側で問題が起きています。少し待ってから、もう一度お試しください。繰り返しても問題はありません。
try-again = もう一度試す
missing-title = ページが見つかりません
missing = このアドレスにページはありません。
method-title = この方法では開けません
method = このアドレスでは、その操作を受け付けていません。
form-title = もう一度お試しください
form-old = ページが古すぎるか、別のサイトから送信されました。前のページに戻り、再読み込みしてからもう一度お試しください。
form-kind = このアドレスはフォーム（application/x-www-form-urlencoded）だけを受け付けます。
form-large = フォームで送信できるのは 64 kB までです。
form-cut = フォームの一部が届きませんでした。もう一度送信してください。
form-slow = フォームが時間内に届きませんでした。もう一度送信してください。
tenant-title = 不明なテナント
tenant-missing = この名前のテナントはありません。
request-id = リクエスト { $id }


### Messages: mails and texts.

## Mails: for how long, from where, help

mail-life-minutes = { $count ->
   *[other] { $count }分間有効で、1回だけ使えます。
}
mail-life-hours = { $count ->
   *[other] { $count }時間有効で、1回だけ使えます。
}
mail-asked-title = リクエスト元
mail-asked-device = デバイス
mail-asked-place = おおよその場所
mail-asked-time = 日時
mail-device = { $browser }（{ $system }）
mail-device-unknown = 不明なブラウザ
mail-device-system-only = 不明なブラウザ（{ $system }）
mail-support = お困りの場合：{ $support }

## Mail: sign-in (a code, a link, or both)

mail-sign-in-subject-code = { $code } は { $app } のコードです
mail-sign-in-subject-link = { $app } のログイン用リンク
mail-sign-in-title = { $app } にログイン
mail-sign-in-type-code = リクエストした画面で、次のコードを入力してください：
mail-sign-in-press = ログインするには、次のボタンを押してください：
mail-sign-in-or-press = または、次のボタンを押してください：
mail-sign-in-open = ログインするには、次のリンクを開いてください：
mail-sign-in-or-open = または、次のリンクを開いてください：
mail-sign-in-button = ログイン
mail-sign-in-button-fails = ボタンを押しても開かない場合は、次のアドレスをブラウザにコピーしてください：
mail-sign-in-not-you = 心当たりがない場合は、このメールを無視してください。これがなければ、誰もログインできません。決して他人に教えないでください。

## Mail: somebody asked to sign in with an address that has no account, and accounts are not open to everybody

mail-no-account-subject = このアドレスの { $app } アカウントはありません
mail-no-account-title = このアドレスのアカウントはありません
mail-no-account-text = このメールアドレスで { $app } へのログインがリクエストされました。このアドレスのアカウントはなく、{ $app } では誰でも新しいアカウントを作れるわけではありません。
mail-no-account-hint = ご自分でリクエストした場合は、別のメールアドレスを試すか、招待を依頼してください。心当たりがない場合は、このメールを無視してください。

## Mail: a code that proves that a new address is one's own

mail-prove-subject = { $code } は { $app } のアドレス確認用コードです
mail-prove-title = メールアドレスの確認
mail-prove-text = { $app } にログイン中の方が、今後このメールアドレスでログインしようとしています。ご自分の操作であれば、その画面で次のコードを入力してください：
mail-prove-not-you = 心当たりがない場合は、このメールを無視してください。コードがなければ何も起こりません。決して他人に教えないでください。

## Mail: a code, sent to the old address, that lets a new one take its place

mail-confirm-old-subject = { $code } は { $app } アカウントの変更を確認するコードです
mail-confirm-old-title = 変更の確認
mail-confirm-old-text = { $app } でこのアカウントにログイン中の方が、このメールアドレスを { $other } に変更しようとしています。ご自分の操作であれば、その画面で次のコードを入力してください：
mail-confirm-old-not-you = 心当たりがない場合は、コードを誰にも教えないでください。コードがなければ何も変更されません。そのうえでログインし、ほかのセッションをすべて終了してください。

## Mail: somebody wanted to add this address to another account

mail-in-use-subject = このアドレスの { $app } アカウントはすでにあります
mail-in-use-title = このアドレスのアカウントはすでにあります
mail-in-use-text = { $app } にログイン中の方が、このメールアドレスを自分のアカウントに追加しようとしました。このアドレスはすでにお使いのアカウントに登録されており、何も変更されていません。
mail-in-use-hint = ご自分の操作であれば、このメールアドレスでログインしてください。心当たりがない場合は、何もする必要はありません。

## Mail: an address or number was added to the account

mail-added-subject = { $app } アカウントにログイン方法が追加されました
mail-added-title = 新しいログイン方法
mail-added-text = { $app } のアカウントに { $other } が追加されました。これからログインに使えます。
mail-added-not-you = 心当たりがない場合は、すぐにログインして削除し、ほかのセッションをすべて終了してください。

## Mail: an address was replaced; this goes to the old one

mail-changed-subject = { $app } アカウントのアドレスが変更されました
mail-changed-title = メールアドレスが変更されました
mail-changed-text = { $app } のアカウントで、このメールアドレスが { $other } に変更されました。このメールアドレスでは、もうログインできません。
mail-changed-not-you = 心当たりがない場合は、すぐにサポートにご連絡ください。

## Mail: an address was removed from the account; this goes to it

mail-removed-subject = { $app } アカウントからアドレスが削除されました
mail-removed-title = メールアドレスが削除されました
mail-removed-text = { $app } のアカウントから { $other } が削除されました。このメールアドレスでは、もうログインできません。
mail-removed-not-you = 心当たりがない場合は、すぐにサポートにご連絡ください。

## Texts (SMS, WhatsApp): as short as can be; every sentence costs the sender money

sms-code = { $code } は { $app } のコードです。
sms-link = { $app } にログイン：
sms-or-link = またはリンクを開く：
sms-life-minutes = { $count ->
   *[other] { $count }分間有効。
}
sms-life-hours = { $count ->
   *[other] { $count }時間有効。
}
sms-asked = リクエスト元：{ $device }
sms-no-account = この番号で { $app } へのログインがリクエストされましたが、アカウントがありません。
sms-prove = { $code } は { $app } の番号確認用コードです。
sms-confirm-old = { $code } は { $app } でこの番号を { $other } に変更するコードです。心当たりがなければ誰にも教えないでください。
sms-in-use = この番号を別の { $app } アカウントに追加しようとした人がいます。番号はお使いのアカウントのもので、何も変更されていません。
sms-added = { $app } のアカウントに { $other } が追加されました。心当たりがなければログインして削除を。
sms-removed = { $app } のアカウントからこの番号が削除されました。心当たりがなければサポートにご連絡を。
sms-changed = { $app } のアカウントで、この番号が { $other } に変更されました。心当たりがなければサポートにご連絡を。
sms-support = ヘルプ：{ $support }

## An application logs somebody in

login-title = { $app } にログイン
login-link-title = { $app } のログイン方法を追加しますか？
login-link-button = 追加する
login-go-on = 進む
login-back = { $app } に戻る
login-message-title = メッセージをご確認ください
login-message = リンクの入ったメッセージが届きます。このブラウザで開いてください。
login-unknown = このリンクの行き先はないか、なくなりました。戻って、最初からやり直してください。
login-expired = 時間切れです。戻って、新しいリンクをリクエストしてください。
login-used = 以前に使われています。ログインできていない場合は、戻って、新しいリンクをリクエストしてください。
login-not-believed = このリンクは正しく作られていません。戻って、新しいリンクをリクエストしてください。また起こる場合は、アプリケーションの運営者にお知らせください。
login-wrong-browser-title = ログイン中のブラウザで開いてください
login-wrong-browser = このリンクは、リクエストしたアカウントにログイン方法を追加します。そのアカウントでログインしているブラウザで開いてください。
login-not-linked-title = 追加できませんでした
login-linked-elsewhere = このログイン方法は、別のアカウントで使われています。
login-linking-disabled = このログイン方法は、アカウントに追加できません。
login-not-admitted-title = アカウントがありません
login-not-admitted = お使いいただけるアカウントがなく、新しく作ることもできません。アプリケーションの運営者にお問い合わせください。
login-other-way-title = 別の方法でログインしてください
login-other-way = アプリケーションは、お使いになったものとは別のログイン方法を求めています。ここでログアウトし、戻って、最初からやり直してください。
login-declined-title = ログインが完了しませんでした
login-declined = 別のサービスでログインできませんでした。戻って、もう一度お試しください。
login-away-title = 別のサービスが応答しません
login-away = 現在、そのサービスで本人確認ができません。戻って、少し待ってから、もう一度お試しください。
login-seed = このリンクは別のページ用に作られたため、ログインに使えません。戻って、新しいリンクをリクエストしてください。また起こる場合は、アプリケーションの運営者にお知らせください。

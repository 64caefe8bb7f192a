### Chinese (Simplified)

## Every page

language = 语言
language-button = 更改语言
terms = 条款
privacy = 隐私
help = 帮助
error-title = 错误：{ $title }
continue = 继续
start-again = 重新开始

## The start form

start-title = 登录
start-lead-code = 我们会向您发送验证码，无需密码。
start-lead-link = 我们会向您发送链接，无需密码。
start-lead-both = 我们会向您发送验证码和链接，无需密码。
email-label = 电子邮箱
phone-label = 手机号码
either-label = 电子邮箱或手机号码
country-label = 国家/地区
country-choose = 选择国家/地区
use-phone = 使用手机号码
use-email = 使用电子邮箱

## What can be wrong with an address or a number

error-empty-email = 请输入您的电子邮箱。
error-empty-phone = 请输入您的手机号码。
error-empty-either = 请输入您的电子邮箱或手机号码。
error-long = 输入的内容过长。
error-email = 请输入一个电子邮箱，例如 name@example.com。
error-domain = 请检查 @ 后面的部分：这不是有效的域名。
error-neither = 请输入电子邮箱（例如 name@example.com）或手机号码。
error-phone = 请输入手机号码，只需数字和空格。
error-phone-country = 请输入带国家/地区代码的号码，或选择国家/地区。
error-phone-invalid = 这不是该国家/地区的号码。请检查号码和国家/地区。
error-phone-no-texts = 该号码无法接收消息，请换一个。
error-yours = 您的账号中已有此项，请换一个。
error-not-yours = 您已无法更改此项，请重新开始。

## Notices on the start form

note-bad-place = 您来自的页面要跳转到一个不允许的位置。请登录后自行前往。
note-start-again = 这次登录已结束，请重新开始。
note-used-elsewhere = 您已在另一台设备上登录。要在此处也登录，请重新开始。
note-other-tab = 此后，此浏览器中又开始了另一次登录。此页面现在对应的是那次新的登录。
note-too-many-wrong = 验证码错误次数过多。请重新开始，获取新的验证码。
note-throttled =
    { $minutes ->
       *[other] 请求发送的消息过多，请在 { $minutes } 分钟后重试。
    }
note-guesses-throttled =
    { $minutes ->
       *[other] 您的网络输错验证码的次数过多，请在 { $minutes } 分钟后重试。
    }
note-texts-country = 我们不向该国家或地区发送消息。
note-texts-country-email = 我们不向该国家或地区发送消息。请改用您的邮箱地址。
note-texts-held = 目前无法向该号码发送消息。请稍后重试。
note-texts-held-email = 目前无法向该号码发送消息。请改用您的邮箱地址。
wait-continue = { $time } 后可继续

## Typing the code

code-title = 输入验证码
code-sent = 我们已将验证码发送至 { $to }。
code-sent-both = 我们已将验证码和链接发送至 { $to }。请在此输入验证码，或打开链接。
code-label = 验证码
error-not-a-code = 验证码不完整，请与消息核对。
error-wrong-code =
    { $n ->
       *[other] 验证码错误，您还可以尝试 { $n } 次。
    }
error-expired-code = 验证码已过期，请在下方重新获取。
code-life =
    { $minutes ->
       *[other] 验证码 { $minutes } 分钟内有效。
    }
code-until = 验证码在 { $time } 前有效。
hint-email = 没有收到？请查看垃圾邮件文件夹。
hint-phone = 没有收到？请检查号码。消息可能需要一分钟才能送达。
tries-left =
    { $n ->
       *[other] 还可以尝试 { $n } 次。
    }
resend = 重新发送
resend-wait = { $time } 后可重新发送
sent-again = 新消息已发出。
note-too-soon = 请稍候再试，上一条消息可能仍在发送途中。
change-email = 使用其他电子邮箱
change-phone = 使用其他手机号码
opened-link = 我已打开链接

## A link was sent

sent-title-email = 请查收邮件
sent-title-phone = 请查看手机
link-sent = 我们已将链接发送至 { $to }。打开链接即可登录。
link-life =
    { $minutes ->
       *[other] 链接 { $minutes } 分钟内有效。
    }
link-until = 链接在 { $time } 前有效。
noscript-link = 此链接需要 JavaScript，但该浏览器已将其关闭。
send-code-instead = 改为发送验证码
number-show = 在另一台设备上打开链接？请在那台设备上输入此数字，即可在此处登录：
approved-title = 只差一步
approved-lead = 您已在另一台设备上批准了这次登录。
approved-button = 在此处登录

## A link is opened

verify-title = 通过链接登录
verify-going = 正在登录…
verify-title-elsewhere = 在此设备上登录？
verify-lead = 此链接将让您登录 { $app }。
verify-account = 账号
verify-asked = 请求时间
verify-with = 浏览器
verify-near = 大致位置
verify-warning = 如果不是您本人请求的，请勿继续。
verify-button = 在此设备上登录
verify-title-other = 以其他账号登录？
verify-lead-other = 您当前以 { $current } 登录。继续后将改为以 { $to } 登录。
verify-not-me = 不是我本人操作
verify-number-title = 或者在您开始的地方继续
verify-number-lead = 请输入那里显示的两位数字。您只有一次机会。
verify-number-label = 数字
verify-number-button = 在那里登录
error-number-title = 操作未成功
error-number = 数字不正确，且无法再次尝试。您仍可在此设备上登录，或回到开始的地方重新开始。
error-number-spent = 此链接的数字已经输入过了。您仍可在此设备上登录。
verify-cut = 链接不完整。请从消息中重新打开，或复制完整的链接。
verify-noscript = 此链接需要 JavaScript，但该浏览器已将其关闭。请改用验证码。
verify-noscript-elsewhere = 请在您发起请求的地方输入消息中的验证码。
number-done-title = 您可以返回了
number-done = 您已在开始的地方登录，可以关闭此页面。
disowned-title = 这次登录已结束
disowned = 该链接和验证码已无法再被任何人使用。如果经常发生这种情况，请告知 { $app } 的管理者。
ago =
    { $minutes ->
        [0] 不到 1 分钟前
       *[other] { $minutes } 分钟前
    }
ago-hours =
    { $hours ->
       *[other] { $hours } 小时前
    }
ago-days =
    { $days ->
       *[other] { $days } 天前
    }
browser-on = { $browser }（{ $system }）
unknown-browser = 其他浏览器
unknown-system = 其他系统

## A link that does not work

link-expired-title = 此链接已过期
link-expired = 为了您的安全，链接仅在短时间内有效。
link-used-title = 此链接已使用过
link-used = 每个链接只能使用一次。如果您刚刚打开过它，您可能已经登录。
link-replaced-title = 不再需要此链接
link-replaced = 链接发出后，您已通过其他方式登录。
link-cancelled-title = 此链接对应的登录已取消
link-cancelled = 请重新开始，获取新的链接。
link-tries-title = 此链接已失效
link-tries = 验证码错误次数过多，因此对应的链接也已失效。
link-invalid-title = 此链接无效
link-invalid = 链接可能已过期、已使用过或不完整。请在您要登录的地方获取新的链接。
send-new-link = 发送新链接
link-problem-to = 我们会将其发送至 { $to }。

## Signed in

signed-in-title = 您已登录
signed-in = 您可以关闭此页面，返回之前的页面。
sign-out = 退出登录
refreshing-title = 请稍候…
refreshing = 正在更新您的会话。
refreshing-without = 不更新，直接继续
sessions-link = 您的登录位置
identifiers-link = 您的邮箱和手机

## Sessions

sessions-title = 您的登录位置
session-this = 此浏览器
session-seen = 上次使用：{ $when }
session-since = 登录时间：{ $when }
session-end = 在该处退出登录
sessions-end-others = 在其他所有位置退出登录
sessions-only = 您没有在其他位置登录。
note-session-ended = 已在该处退出登录。
note-sessions-ended =
    { $n ->
        [0] 您没有在其他位置登录。
       *[other] 已在其他 { $n } 个位置退出登录。
    }

## Your email and phone

identifiers-title = 您的邮箱和手机
identifiers-lead = 以下任意一项都可用于登录。
identifier-change = 更改
identifier-remove = 移除
identifier-add-email = 添加电子邮箱
identifier-add-phone = 添加手机号码
add-email-title = 添加电子邮箱
add-phone-title = 添加手机号码
change-email-title = 更改电子邮箱
change-phone-title = 更改手机号码
identifier-lead-new = 我们会向新的邮箱或号码发送验证码，以确认它属于您。
identifier-lead-both = 我们会先向原来的、再向新的邮箱或号码发送验证码，以确认两者都属于您。
new-email-label = 新的电子邮箱
new-phone-label = 新的手机号码
send-code = 发送验证码
confirm-title = 先确认原来的
confirm-lead = { $to } 是您唯一的登录方式，因此我们先向它发送了验证码，之后再向 { $new } 发送。
prove-title = 确认属于您本人
note-identifier-added = 已添加 { $to }，您现在可以用它登录。
note-identifier-changed = 已更改为 { $to }。
note-identifier-removed = 已移除，不能再用于登录。
note-change-dead = 更改未成功：您的邮箱或手机在此期间已更改，或属于另一个账号。未做任何更改。
pending-cancel = 保持不变
identifiers-back = 返回您的邮箱和手机

## Something went wrong

network = 未能连接到服务器。请检查网络后重试，您输入的内容不会丢失。
unavailable-title = 请稍候
unavailable = 我们这边暂时出现了问题，请稍后重试。重复尝试不会有任何影响。
try-again = 重试
missing-title = 页面不存在
missing = 此地址没有页面。
method-title = 无法这样访问
method = 此地址不接受此类请求。
form-title = 请重试
form-old = 此页面已过期，或是从其他网站提交的。请返回并重新加载页面，然后重试。
form-kind = 此地址只接受表单（application/x-www-form-urlencoded）。
form-large = 表单不能超过 64 kB。
form-cut = 表单未完整送达，请重新提交。
form-slow = 表单未及时送达，请重新提交。
tenant-title = 未知租户
tenant-missing = 这里没有该名称的租户。
request-id = 请求 { $id }


### Messages: mails and texts.

## Mails: for how long, from where, help

mail-life-minutes = { $count ->
   *[other] { $count } 分钟内有效，仅可使用一次。
}
mail-life-hours = { $count ->
   *[other] { $count } 小时内有效，仅可使用一次。
}
mail-asked-title = 请求来源
mail-asked-device = 设备
mail-asked-place = 大致位置
mail-asked-time = 时间
mail-device = { $browser }（{ $system }）
mail-device-unknown = 未知浏览器
mail-device-system-only = 未知浏览器（{ $system }）
mail-support = 需要帮助？{ $support }

## Mail: sign-in (a code, a link, or both)

mail-sign-in-subject-code = { $code } 是您的 { $app } 验证码
mail-sign-in-subject-link = 您的 { $app } 登录链接
mail-sign-in-title = 登录 { $app }
mail-sign-in-type-code = 请在您发起请求的页面输入此验证码：
mail-sign-in-press = 点击按钮即可登录：
mail-sign-in-or-press = 或点击按钮：
mail-sign-in-open = 打开此链接即可登录：
mail-sign-in-or-open = 或打开此链接：
mail-sign-in-button = 登录
mail-sign-in-button-fails = 如果按钮没有反应，请将此网址复制到浏览器中：
mail-sign-in-not-you = 如果不是您本人请求的，请忽略：没有它，任何人都无法登录。切勿转告他人。

## Mail: somebody asked to sign in with an address that has no account, and accounts are not open to everybody

mail-no-account-subject = 此邮箱没有 { $app } 账号
mail-no-account-title = 此邮箱没有账号
mail-no-account-text = 有人请求用此邮箱登录 { $app }。此邮箱没有账号，且 { $app } 未向所有人开放注册。
mail-no-account-hint = 如果是您本人，请尝试您的其他邮箱，或请求邀请。如果不是，请忽略此邮件。

## Mail: a code that proves that a new address is one's own

mail-prove-subject = { $code } 用于确认您的 { $app } 邮箱
mail-prove-title = 确认此邮箱
mail-prove-text = 有人已登录 { $app }，并希望今后用此邮箱登录。如果是您本人，请在那里输入此验证码：
mail-prove-not-you = 如果不是您本人，请忽略此邮件：没有验证码，什么都不会发生。切勿转告他人。

## Mail: a code, sent to the old address, that lets a new one take its place

mail-confirm-old-subject = { $code } 用于确认您的 { $app } 账号更改
mail-confirm-old-title = 确认更改
mail-confirm-old-text = 有人已登录您的 { $app } 账号，并希望将此邮箱更换为 { $other }。如果是您本人，请在那里输入此验证码：
mail-confirm-old-not-you = 如果不是您本人，请勿将验证码告诉任何人：没有它，什么都不会更改。然后请登录并结束所有其他会话。

## Mail: somebody wanted to add this address to another account

mail-in-use-subject = 您的邮箱已有 { $app } 账号
mail-in-use-title = 此邮箱已有账号
mail-in-use-text = 有人已登录 { $app }，并想将此邮箱添加到自己的账号。此邮箱已属于您的账号，未做任何更改。
mail-in-use-hint = 如果是您本人，请改用此邮箱登录。如果不是，无需任何操作。

## Mail: an address or number was added to the account

mail-added-subject = 您的 { $app } 账号新增了登录方式
mail-added-title = 新的登录方式
mail-added-text = { $other } 已添加到您的 { $app } 账号，今后可用它登录。
mail-added-not-you = 如果不是您本人操作，请立即登录，将其移除，并结束所有其他会话。

## Mail: an address was replaced; this goes to the old one

mail-changed-subject = 您的 { $app } 账号已更换邮箱
mail-changed-title = 您的邮箱已更换
mail-changed-text = 在您的 { $app } 账号中，此邮箱已更换为 { $other }，不能再用于登录。
mail-changed-not-you = 如果不是您本人操作，请立即寻求帮助。

## Mail: an address was removed from the account; this goes to it

mail-removed-subject = 您的 { $app } 账号已移除一个邮箱
mail-removed-title = 此邮箱已移除
mail-removed-text = { $other } 已从一个 { $app } 账号中移除，不能再用于登录。
mail-removed-not-you = 如果不是您本人操作，请立即寻求帮助。

## Texts (SMS, WhatsApp): as short as can be; every sentence costs the sender money

sms-code = { $code } 是您的 { $app } 验证码。
sms-link = 登录 { $app }：
sms-or-link = 或打开：
sms-life-minutes = { $count ->
   *[other] { $count } 分钟内有效。
}
sms-life-hours = { $count ->
   *[other] { $count } 小时内有效。
}
sms-asked = 请求来源：{ $device }
sms-no-account = 有人请求用此号码登录 { $app }，但此号码没有账号。
sms-prove = { $code } 用于确认您的 { $app } 手机号码。
sms-confirm-old = { $code } 用于在 { $app } 将此号码更换为 { $other }。非本人操作？切勿告知他人。
sms-in-use = 有人想将此号码添加到其 { $app } 账号。此号码已属于您的账号，未做任何更改。
sms-added = { $other } 已添加到您的 { $app } 账号。非本人操作？请登录并移除。
sms-removed = 此号码已从您的 { $app } 账号中移除。非本人操作？请寻求帮助。
sms-changed = 您的 { $app } 账号已将此号码更换为 { $other }。非本人操作？请寻求帮助。
sms-support = 帮助：{ $support }

## An application logs somebody in

login-title = 登录 { $app }
login-link-title = 为 { $app } 添加登录方式？
login-link-button = 添加
login-go-on = 继续
login-back = 返回 { $app }
login-message-title = 请查收消息
login-message = 您会收到一条包含链接的消息。请在此浏览器中打开链接。
login-unknown = 此链接没有对应的页面，或已不再有效。请返回并重新开始。
login-expired = 链接已超过有效时间。请返回并获取新的链接。
login-used = 链接之前已使用过。如果您尚未登录，请返回并获取新的链接。
login-not-believed = 此链接未正确生成。请返回并获取新的链接；如果再次发生，请告知应用的管理者。
login-wrong-browser-title = 请在您已登录的地方打开此链接
login-wrong-browser = 此链接会为请求它的账号添加登录方式。请在已登录该账号的浏览器中打开。
login-not-linked-title = 未能添加
login-linked-elsewhere = 此登录方式属于另一个账号。
login-linking-disabled = 此登录方式不能添加到账号。
login-not-admitted-title = 没有账号
login-not-admitted = 没有您的账号，也无法创建账号。请联系应用的管理者。
login-other-way-title = 请使用其他方式登录
login-other-way = 应用要求使用另一种登录方式，与您所用的不同。请在此处退出登录，然后返回并重新开始。
login-declined-title = 登录未完成
login-declined = 另一项服务未能让您登录。请返回并重试。
login-away-title = 另一项服务没有响应
login-away = 它目前无法确认您的身份。请返回并稍后重试。
login-seed = 此链接是为其他页面生成的，不能用于登录。请返回并获取新的链接；如果再次发生，请告知应用的管理者。

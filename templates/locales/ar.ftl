### Arabic

## Every page

language = اللغة
language-button = تغيير اللغة
terms = الشروط
privacy = الخصوصية
help = المساعدة
error-title = خطأ: { $title }
continue = متابعة
start-again = البدء من جديد

## The start form

start-title = تسجيل الدخول
start-lead-code = سنرسل إليك رمزًا. لا حاجة إلى كلمة مرور.
start-lead-link = سنرسل إليك رابطًا. لا حاجة إلى كلمة مرور.
start-lead-both = سنرسل إليك رمزًا ورابطًا. لا حاجة إلى كلمة مرور.
email-label = البريد الإلكتروني
phone-label = رقم الهاتف
either-label = البريد الإلكتروني أو رقم الهاتف
country-label = البلد
country-choose = اختيار البلد
use-phone = استخدام رقم هاتف
use-email = استخدام بريد إلكتروني

## What can be wrong with an address or a number

error-empty-email = يُرجى إدخال بريدك الإلكتروني.
error-empty-phone = يُرجى إدخال رقم هاتفك.
error-empty-either = يُرجى إدخال بريدك الإلكتروني أو رقم هاتفك.
error-long = النص طويل جدًا.
error-email = يُرجى إدخال بريد إلكتروني واحد، مثل name@example.com.
error-domain = يُرجى التحقق من الجزء الذي يلي @: فهو ليس اسم نطاق.
error-neither = يُرجى إدخال بريد إلكتروني، مثل name@example.com، أو رقم هاتف.
error-phone = يُرجى إدخال رقم هاتف. تكفي الأرقام والمسافات.
error-phone-country = يُرجى إدخال الرقم مع رمز البلد الدولي، أو اختيار البلد.
error-phone-invalid = هذا ليس رقم هاتف في هذا البلد. يُرجى التحقق من الأرقام والبلد.
error-phone-no-texts = لا يمكن لهذا الرقم تلقي الرسائل. يُرجى استخدام رقم آخر.
error-yours = هذا مضاف إلى حسابك بالفعل. يُرجى إدخال غيره.
error-not-yours = لم يعد بإمكانك تغيير هذا. يُرجى البدء من جديد.

## Notices on the start form

note-bad-place = طلبت الصفحة التي أتيت منها الانتقال إلى مكان غير مسموح به. يمكنك تسجيل الدخول ثم الانتقال إليه بنفسك.
note-start-again = انتهت عملية تسجيل الدخول هذه. يُرجى البدء من جديد.
note-used-elsewhere = تم تسجيل دخولك على جهاز آخر. لتسجيل الدخول هنا أيضًا، يُرجى البدء من جديد.
note-other-tab = بدأت بعد ذلك عملية تسجيل دخول أخرى في هذا المتصفح، وهذه الصفحة تخصها الآن.
note-too-many-wrong = أُدخلت رموز خاطئة كثيرة. يُرجى البدء من جديد للحصول على رمز جديد.
note-throttled =
    { $minutes ->
        [zero] طُلبت رسائل كثيرة جدًا. تُرجى إعادة المحاولة بعد قليل.
        [one] طُلبت رسائل كثيرة جدًا. تُرجى إعادة المحاولة بعد دقيقة.
        [two] طُلبت رسائل كثيرة جدًا. تُرجى إعادة المحاولة بعد دقيقتين.
        [few] طُلبت رسائل كثيرة جدًا. تُرجى إعادة المحاولة بعد { $minutes } دقائق.
        [many] طُلبت رسائل كثيرة جدًا. تُرجى إعادة المحاولة بعد { $minutes } دقيقة.
       *[other] طُلبت رسائل كثيرة جدًا. تُرجى إعادة المحاولة بعد { $minutes } دقيقة.
    }
note-guesses-throttled =
    { $minutes ->
        [zero] وردت رموز خاطئة كثيرة من شبكتك. تُرجى إعادة المحاولة بعد قليل.
        [one] وردت رموز خاطئة كثيرة من شبكتك. تُرجى إعادة المحاولة بعد دقيقة.
        [two] وردت رموز خاطئة كثيرة من شبكتك. تُرجى إعادة المحاولة بعد دقيقتين.
        [few] وردت رموز خاطئة كثيرة من شبكتك. تُرجى إعادة المحاولة بعد { $minutes } دقائق.
        [many] وردت رموز خاطئة كثيرة من شبكتك. تُرجى إعادة المحاولة بعد { $minutes } دقيقة.
       *[other] وردت رموز خاطئة كثيرة من شبكتك. تُرجى إعادة المحاولة بعد { $minutes } دقيقة.
    }
note-texts-country = لا نرسل رسائل إلى هذا البلد.
note-texts-country-email = لا نرسل رسائل إلى هذا البلد. يُرجى استخدام بريدك الإلكتروني بدلًا من ذلك.
note-texts-held = لا يمكننا إرسال رسائل إلى هذا الرقم حاليًا. تُرجى إعادة المحاولة لاحقًا.
note-texts-held-email = لا يمكننا إرسال رسائل إلى هذا الرقم حاليًا. يُرجى استخدام بريدك الإلكتروني بدلًا من ذلك.
wait-continue = يمكنك المتابعة بعد { $time }

## Typing the code

code-title = إدخال الرمز
code-sent = أرسلنا رمزًا إلى { $to }.
code-sent-both = أرسلنا رمزًا ورابطًا إلى { $to }. يمكنك إدخال الرمز هنا أو فتح الرابط.
code-label = الرمز
error-not-a-code = هذا الرمز غير كامل. يُرجى مقارنته بالرسالة.
error-wrong-code =
    { $n ->
        [zero] هذا الرمز خاطئ. لم تبقَ لديك أي محاولة.
        [one] هذا الرمز خاطئ. بقيت لديك محاولة واحدة.
        [two] هذا الرمز خاطئ. بقيت لديك محاولتان.
        [few] هذا الرمز خاطئ. بقيت لديك { $n } محاولات.
        [many] هذا الرمز خاطئ. بقيت لديك { $n } محاولة.
       *[other] هذا الرمز خاطئ. بقيت لديك { $n } محاولة.
    }
error-expired-code = انتهت صلاحية هذا الرمز. يمكنك طلب رمز جديد أدناه.
code-life =
    { $minutes ->
        [zero] الرمز صالح لأقل من دقيقة.
        [one] الرمز صالح لمدة دقيقة واحدة.
        [two] الرمز صالح لمدة دقيقتين.
        [few] الرمز صالح لمدة { $minutes } دقائق.
        [many] الرمز صالح لمدة { $minutes } دقيقة.
       *[other] الرمز صالح لمدة { $minutes } دقيقة.
    }
code-until = الرمز صالح حتى { $time }.
hint-email = لم يصل شيء؟ يُرجى البحث في مجلد الرسائل غير المرغوب فيها.
hint-phone = لم يصل شيء؟ يُرجى التحقق من الرقم. قد يستغرق وصول الرسالة دقيقة.
tries-left =
    { $n ->
        [zero] لم تبقَ أي محاولة.
        [one] بقيت محاولة واحدة.
        [two] بقيت محاولتان.
        [few] بقيت { $n } محاولات.
        [many] بقيت { $n } محاولة.
       *[other] بقيت { $n } محاولة.
    }
resend = إعادة الإرسال
resend-wait = يمكنك طلب إعادة الإرسال بعد { $time }
sent-again = أُرسلت رسالة جديدة وستصل قريبًا.
note-too-soon = يُرجى الانتظار قليلًا قبل إعادة الطلب. قد تكون الرسالة الأخيرة في طريقها إليك.
change-email = استخدام بريد إلكتروني آخر
change-phone = استخدام رقم هاتف آخر
opened-link = لقد فتحتُ الرابط

## A link was sent

sent-title-email = يُرجى تفقّد بريدك الإلكتروني
sent-title-phone = يُرجى تفقّد هاتفك
link-sent = أرسلنا رابطًا إلى { $to }. يكفي فتحه لتسجيل الدخول.
link-life =
    { $minutes ->
        [zero] الرابط صالح لأقل من دقيقة.
        [one] الرابط صالح لمدة دقيقة واحدة.
        [two] الرابط صالح لمدة دقيقتين.
        [few] الرابط صالح لمدة { $minutes } دقائق.
        [many] الرابط صالح لمدة { $minutes } دقيقة.
       *[other] الرابط صالح لمدة { $minutes } دقيقة.
    }
link-until = الرابط صالح حتى { $time }.
noscript-link = يحتاج الرابط إلى JavaScript، وهو معطّل في هذا المتصفح.
send-code-instead = إرسال رمز بدلًا من ذلك
number-show = لفتح الرابط على جهاز آخر وتسجيل الدخول هنا، يُرجى إدخال هذا الرقم هناك:
approved-title = بقيت خطوة واحدة
approved-lead = تمت موافقتك على تسجيل الدخول هذا من جهاز آخر.
approved-button = تسجيل الدخول هنا

## A link is opened

verify-title = تسجيل الدخول بالرابط
verify-going = جارٍ تسجيل دخولك…
verify-title-elsewhere = تسجيل الدخول على هذا الجهاز؟
verify-lead = يتيح لك هذا الرابط تسجيل الدخول إلى { $app }.
verify-account = الحساب
verify-asked = وقت الطلب
verify-with = المتصفح
verify-near = بالقرب من
verify-warning = يُرجى عدم المتابعة إلا إذا كان الطلب منك.
verify-button = تسجيل الدخول على هذا الجهاز
verify-title-other = تسجيل الدخول بحساب آخر؟
verify-lead-other = سبق تسجيل دخولك بحساب { $current }. عند المتابعة سيتم تسجيل دخولك بحساب { $to } بدلًا منه.
verify-not-me = لم أطلب ذلك
verify-number-title = أو المتابعة من حيث بدأت
verify-number-lead = يُرجى إدخال الرقم المكوّن من خانتين الظاهر هناك. لديك محاولة واحدة.
verify-number-label = الرقم
verify-number-button = تسجيل الدخول هناك
error-number-title = لم ينجح ذلك
error-number = هذا ليس الرقم الصحيح، ولا توجد محاولة ثانية. لا يزال بإمكانك تسجيل الدخول على هذا الجهاز، أو البدء من جديد من حيث بدأت.
error-number-spent = سبق إدخال رقم لهذا الرابط. لا يزال بإمكانك تسجيل الدخول على هذا الجهاز.
verify-cut = هذا الرابط غير كامل. يُرجى فتحه مجددًا من الرسالة، أو نسخه كاملًا.
verify-noscript = يحتاج الرابط إلى JavaScript، وهو معطّل في هذا المتصفح. يُرجى استخدام الرمز بدلًا منه.
verify-noscript-elsewhere = يُرجى إدخال الرمز الوارد في الرسالة حيث طلبته.
number-done-title = يمكنك العودة الآن
number-done = تم تسجيل دخولك حيث بدأت. يمكنك إغلاق هذه الصفحة.
disowned-title = انتهت عملية تسجيل الدخول هذه
disowned = لم يعد بإمكان أحد استخدام ذلك الرابط أو الرمز. إذا تكرر ذلك كثيرًا، فيُرجى إبلاغ القائمين على { $app }.
ago =
    { $minutes ->
        [0] قبل أقل من دقيقة
        [zero] قبل أقل من دقيقة
        [one] قبل دقيقة واحدة
        [two] قبل دقيقتين
        [few] قبل { $minutes } دقائق
        [many] قبل { $minutes } دقيقة
       *[other] قبل { $minutes } دقيقة
    }
ago-hours =
    { $hours ->
        [zero] قبل أقل من ساعة
        [one] قبل ساعة واحدة
        [two] قبل ساعتين
        [few] قبل { $hours } ساعات
        [many] قبل { $hours } ساعة
       *[other] قبل { $hours } ساعة
    }
ago-days =
    { $days ->
        [zero] قبل أقل من يوم
        [one] قبل يوم واحد
        [two] قبل يومين
        [few] قبل { $days } أيام
        [many] قبل { $days } يومًا
       *[other] قبل { $days } يوم
    }
browser-on = { $browser } على { $system }
unknown-browser = متصفح آخر
unknown-system = نظام آخر

## A link that does not work

link-expired-title = انتهت صلاحية هذا الرابط
link-expired = حفاظًا على أمانك، لا تعمل الروابط إلا لمدة قصيرة.
link-used-title = سبق استخدام هذا الرابط
link-used = يعمل كل رابط مرة واحدة. إذا سبق لك فتحه قبل لحظات، فربما تم تسجيل دخولك بالفعل.
link-replaced-title = لم تعد هناك حاجة إلى هذا الرابط
link-replaced = تم تسجيل دخولك بطريقة أخرى بعد إرساله.
link-cancelled-title = يخص هذا الرابط عملية تسجيل دخول أُلغيت
link-cancelled = يُرجى البدء من جديد للحصول على رابط جديد.
link-tries-title = لم يعد هذا الرابط يعمل
link-tries = أُدخلت رموز خاطئة كثيرة، لذا لم يعد رابطها يعمل أيضًا.
link-invalid-title = هذا الرابط لا يعمل
link-invalid = ربما انتهت صلاحيته أو سبق استخدامه أو لم يُنسخ كاملًا. يمكنك طلب رابط جديد من صفحة تسجيل الدخول.
send-new-link = إرسال رابط جديد
link-problem-to = سنرسله إلى { $to }.

## Signed in

signed-in-title = تم تسجيل دخولك
signed-in = يمكنك إغلاق هذه الصفحة والعودة إلى حيث كنت.
sign-out = تسجيل الخروج
refreshing-title = لحظة واحدة…
refreshing = جارٍ تجديد جلستك.
refreshing-without = المتابعة من دون تجديد
sessions-link = أماكن تسجيل دخولك
identifiers-link = بريدك الإلكتروني وهاتفك

## Sessions

sessions-title = أماكن تسجيل دخولك
session-this = هذا المتصفح
session-seen = آخر استخدام: { $when }
session-since = تسجيل الدخول: { $when }
session-end = تسجيل الخروج هناك
sessions-end-others = تسجيل الخروج من كل الأماكن الأخرى
sessions-only = لا يوجد تسجيل دخول لك في أي مكان آخر.
note-session-ended = تم تسجيل الخروج هناك.
note-sessions-ended =
    { $n ->
        [0] لم يكن هناك تسجيل دخول لك في أي مكان آخر.
        [zero] لم يكن هناك تسجيل دخول لك في أي مكان آخر.
        [one] تم تسجيل الخروج من مكان آخر.
        [two] تم تسجيل الخروج من مكانين آخرين.
        [few] تم تسجيل الخروج من { $n } أماكن أخرى.
        [many] تم تسجيل الخروج من { $n } مكانًا آخر.
       *[other] تم تسجيل الخروج من { $n } مكان آخر.
    }

## Your email and phone

identifiers-title = بريدك الإلكتروني وهاتفك
identifiers-lead = يمكنك تسجيل الدخول بأي منها.
identifier-change = تغيير
identifier-remove = إزالة
identifier-add-email = إضافة بريد إلكتروني
identifier-add-phone = إضافة رقم هاتف
add-email-title = إضافة بريد إلكتروني
add-phone-title = إضافة رقم هاتف
change-email-title = تغيير بريدك الإلكتروني
change-phone-title = تغيير رقم هاتفك
identifier-lead-new = سنرسل رمزًا إلى العنوان أو الرقم الجديد للتأكد من أنه لك.
identifier-lead-both = سنرسل رمزًا إلى العنوان أو الرقم القديم أولًا، ثم رمزًا إلى الجديد، للتأكد من أن كليهما لك.
new-email-label = البريد الإلكتروني الجديد
new-phone-label = رقم الهاتف الجديد
send-code = إرسال الرمز
confirm-title = التأكيد عبر القديم
confirm-lead = لا يمكنك تسجيل الدخول إلا عبر { $to }، لذا أرسلنا رمزًا إليه أولًا. بعد ذلك سنرسل رمزًا إلى { $new }.
prove-title = التأكيد أنه لك
note-identifier-added = تمت إضافة { $to }. يمكنك الآن تسجيل الدخول به.
note-identifier-changed = حلّ { $to } محل القديم.
note-identifier-removed = تمت الإزالة. لم يعد بإمكان أحد تسجيل الدخول بذلك.
note-change-dead = لم ينجح ذلك: تغيّر بريدك الإلكتروني أو هاتفك في هذه الأثناء، أو أنه يخص حسابًا آخر. لم يتغيّر شيء.
pending-cancel = إبقاء كل شيء كما هو
identifiers-back = العودة إلى بريدك الإلكتروني وهاتفك

## Something went wrong

network = تعذّر الوصول إلى الخادم. يُرجى التحقق من اتصالك وإعادة المحاولة؛ لم يُفقد شيء مما كتبته.
unavailable-title = لحظة من فضلك
unavailable = هناك عطل مؤقت لدينا. تُرجى إعادة المحاولة بعد قليل؛ لا ضرر من تكرار المحاولة.
try-again = إعادة المحاولة
missing-title = لا يوجد شيء هنا
missing = لا توجد صفحة على هذا العنوان.
method-title = لا يمكن ذلك بهذه الطريقة
method = لا يقبل هذا العنوان ذلك.
form-title = تُرجى إعادة المحاولة
form-old = هذه الصفحة قديمة جدًا، أو أُرسلت من موقع آخر. يُرجى الرجوع وإعادة تحميلها، ثم إعادة المحاولة.
form-kind = يقبل هذا العنوان نموذجًا (application/x-www-form-urlencoded).
form-large = الحد الأقصى لحجم النموذج 64 كيلوبايت.
form-cut = لم يصل النموذج كاملًا. تُرجى إعادة إرساله.
form-slow = لم يصل النموذج في الوقت المناسب. تُرجى إعادة إرساله.
tenant-title = مستأجر غير معروف
tenant-missing = لا يوجد مستأجر بهذا الاسم هنا.
request-id = الطلب { $id }


### Messages: mails and texts.

## Mails: for how long, from where, help

mail-life-minutes = { $count ->
    [zero] صالح لمرة واحدة، لأقل من دقيقة.
    [one] صالح لمرة واحدة، لمدة دقيقة.
    [two] صالح لمرة واحدة، لمدة دقيقتين.
    [few] صالح لمرة واحدة، لمدة { $count } دقائق.
    [many] صالح لمرة واحدة، لمدة { $count } دقيقة.
   *[other] صالح لمرة واحدة، لمدة { $count } دقيقة.
}
mail-life-hours = { $count ->
    [zero] صالح لمرة واحدة، لأقل من ساعة.
    [one] صالح لمرة واحدة، لمدة ساعة.
    [two] صالح لمرة واحدة، لمدة ساعتين.
    [few] صالح لمرة واحدة، لمدة { $count } ساعات.
    [many] صالح لمرة واحدة، لمدة { $count } ساعة.
   *[other] صالح لمرة واحدة، لمدة { $count } ساعة.
}
mail-asked-title = مصدر هذا الطلب
mail-asked-device = الجهاز
mail-asked-place = المكان التقريبي
mail-asked-time = الوقت
mail-device = { $browser } على { $system }
mail-device-unknown = متصفح غير معروف
mail-device-system-only = متصفح غير معروف على { $system }
mail-support = للمساعدة: { $support }

## Mail: sign-in (a code, a link, or both)

mail-sign-in-subject-code = { $code } هو رمزك في { $app }
mail-sign-in-subject-link = رابط تسجيل دخولك إلى { $app }
mail-sign-in-title = تسجيل الدخول إلى { $app }
mail-sign-in-type-code = يُرجى إدخال هذا الرمز في الصفحة التي طلبته منها:
mail-sign-in-press = لتسجيل الدخول، يُرجى الضغط على الزر:
mail-sign-in-or-press = أو الضغط على الزر:
mail-sign-in-open = لتسجيل الدخول، يُرجى فتح هذا الرابط:
mail-sign-in-or-open = أو فتح هذا الرابط:
mail-sign-in-button = تسجيل الدخول
mail-sign-in-button-fails = إذا لم يعمل الزر، فيُرجى نسخ هذا العنوان إلى متصفحك:
mail-sign-in-not-you = إذا لم يكن الطلب منك، فيُرجى تجاهل هذه الرسالة: لا يمكن لأحد تسجيل الدخول من دونها. يُرجى عدم مشاركتها مع أي أحد مطلقًا.

## Mail: somebody asked to sign in with an address that has no account, and accounts are not open to everybody

mail-no-account-subject = لا يوجد حساب لهذا البريد في { $app }
mail-no-account-title = لا يوجد حساب لهذا البريد
mail-no-account-text = طلب أحدهم تسجيل الدخول إلى { $app } بهذا البريد الإلكتروني. لا يوجد حساب مرتبط به، وإنشاء الحسابات في { $app } غير متاح للجميع.
mail-no-account-hint = إذا كان الطلب منك، فيمكنك تجربة بريد إلكتروني آخر لك أو طلب دعوة. وإلا فيُرجى تجاهل هذه الرسالة.

## Mail: a code that proves that a new address is one's own

mail-prove-subject = { $code } لتأكيد بريدك في { $app }
mail-prove-title = تأكيد هذا البريد
mail-prove-text = يريد شخص مسجّل دخوله إلى { $app } تسجيل الدخول بهذا البريد الإلكتروني من الآن فصاعدًا. إذا كان الطلب منك، فيُرجى إدخال هذا الرمز هناك:
mail-prove-not-you = إذا لم يكن الطلب منك، فيُرجى تجاهل هذه الرسالة: لن يحدث شيء من دون الرمز. يُرجى عدم مشاركته مع أي أحد مطلقًا.

## Mail: a code, sent to the old address, that lets a new one take its place

mail-confirm-old-subject = { $code } لتأكيد تغيير في حسابك في { $app }
mail-confirm-old-title = تأكيد التغيير
mail-confirm-old-text = يريد شخص مسجّل دخوله إلى حسابك في { $app } أن يحل { $other } محل هذا البريد الإلكتروني. إذا كان الطلب منك، فيُرجى إدخال هذا الرمز هناك:
mail-confirm-old-not-you = إذا لم يكن الطلب منك، فيُرجى عدم مشاركة الرمز مع أي أحد: لن يتغيّر شيء من دونه. بعد ذلك يُرجى تسجيل الدخول وإنهاء كل الجلسات الأخرى.

## Mail: somebody wanted to add this address to another account

mail-in-use-subject = لبريدك حساب في { $app } بالفعل
mail-in-use-title = لهذا البريد حساب بالفعل
mail-in-use-text = أراد شخص مسجّل دخوله إلى { $app } إضافة هذا البريد الإلكتروني إلى حسابه. البريد مرتبط بحسابك بالفعل، ولم يتغيّر شيء.
mail-in-use-hint = إذا كان الطلب منك، فيُرجى تسجيل الدخول بهذا البريد بدلًا من ذلك. وإلا فلا يلزم أي إجراء.

## Mail: an address or number was added to the account

mail-added-subject = طريقة جديدة لتسجيل الدخول إلى حسابك في { $app }
mail-added-title = طريقة جديدة لتسجيل الدخول
mail-added-text = تمت إضافة { $other } إلى حسابك في { $app }. يمكن تسجيل الدخول به من الآن فصاعدًا.
mail-added-not-you = إذا لم يكن ذلك منك، فيُرجى تسجيل الدخول فورًا وإزالته وإنهاء كل الجلسات الأخرى.

## Mail: an address was replaced; this goes to the old one

mail-changed-subject = بريد جديد لحسابك في { $app }
mail-changed-title = تم استبدال بريدك
mail-changed-text = حلّ { $other } محل هذا البريد الإلكتروني في حسابك في { $app }. لم يعد من الممكن تسجيل الدخول بهذا البريد.
mail-changed-not-you = إذا لم يكن ذلك منك، فيُرجى طلب المساعدة فورًا.

## Mail: an address was removed from the account; this goes to it

mail-removed-subject = تمت إزالة بريد من حسابك في { $app }
mail-removed-title = تمت إزالة هذا البريد
mail-removed-text = تمت إزالة { $other } من حساب في { $app }. لم يعد من الممكن تسجيل الدخول بهذا البريد.
mail-removed-not-you = إذا لم يكن ذلك منك، فيُرجى طلب المساعدة فورًا.

## Texts (SMS, WhatsApp): as short as can be; every sentence costs the sender money

sms-code = { $code } رمزك في { $app }.
sms-link = تسجيل الدخول إلى { $app }:
sms-or-link = أو الرابط:
sms-life-minutes = { $count ->
    [zero] صالح لأقل من دقيقة.
    [one] صالح لدقيقة.
    [two] صالح لدقيقتين.
    [few] صالح { $count } دقائق.
    [many] صالح { $count } دقيقة.
   *[other] صالح { $count } دقيقة.
}
sms-life-hours = { $count ->
    [zero] صالح لأقل من ساعة.
    [one] صالح لساعة.
    [two] صالح لساعتين.
    [few] صالح { $count } ساعات.
    [many] صالح { $count } ساعة.
   *[other] صالح { $count } ساعة.
}
sms-asked = طُلب من: { $device }
sms-no-account = طُلب تسجيل الدخول إلى { $app } بهذا الرقم. لا حساب له.
sms-prove = { $code } لتأكيد رقمك في { $app }.
sms-confirm-old = { $code } لاستبدال هذا الرقم في { $app } بالجديد { $other }. ليس منك؟ أبقِه سرًا.
sms-in-use = أراد أحدهم إضافة هذا الرقم إلى حسابه في { $app }. الرقم لحسابك ولم يتغيّر شيء.
sms-added = أُضيف { $other } إلى حسابك في { $app }. ليس منك؟ يُرجى تسجيل الدخول وإزالته.
sms-removed = أُزيل هذا الرقم من حسابك في { $app }. ليس منك؟ يُرجى طلب المساعدة.
sms-changed = حلّ { $other } محل هذا الرقم في حسابك في { $app }. ليس منك؟ يُرجى طلب المساعدة.
sms-support = للمساعدة: { $support }

## An application logs somebody in

login-title = تسجيل الدخول إلى { $app }
login-link-title = إضافة طريقة لتسجيل الدخول إلى { $app }؟
login-link-button = إضافة
login-go-on = متابعة
login-back = العودة إلى { $app }
login-message-title = يُرجى تفقّد رسائلك
login-message = ستصلك رسالة فيها رابط. يُرجى فتحه في هذا المتصفح.
login-unknown = هذا الرابط لا يؤدي إلى أي مكان، أو لم يعد كذلك. يُرجى العودة والبدء من جديد.
login-expired = انتهت مدته. يُرجى العودة وطلب رابط جديد.
login-used = سبق استخدامه. إذا لم يتم تسجيل دخولك، فيُرجى العودة وطلب رابط جديد.
login-not-believed = لم يُنشأ هذا الرابط بطريقة صحيحة. يُرجى العودة وطلب رابط جديد؛ إذا تكرر ذلك، فيُرجى إبلاغ القائمين على التطبيق.
login-wrong-browser-title = يُرجى فتح هذا الرابط حيث سبق تسجيل دخولك
login-wrong-browser = يضيف هذا الرابط طريقة لتسجيل الدخول إلى الحساب الذي طلبه. يُرجى فتحه في المتصفح الذي تم فيه تسجيل الدخول إلى ذلك الحساب.
login-not-linked-title = تعذّرت الإضافة
login-linked-elsewhere = طريقة تسجيل الدخول هذه تخص حسابًا آخر.
login-linking-disabled = لا يمكن إضافة طريقة تسجيل الدخول هذه إلى أي حساب.
login-not-admitted-title = لا يوجد حساب
login-not-admitted = لا يوجد حساب لك، ولا يمكن إنشاء حساب. يُرجى سؤال القائمين على التطبيق.
login-other-way-title = يُرجى تسجيل الدخول بطريقة أخرى
login-other-way = يطلب التطبيق طريقة لتسجيل الدخول غير التي استخدمتها. يُرجى تسجيل الخروج هنا ثم العودة والبدء من جديد.
login-declined-title = لم يكتمل تسجيل الدخول
login-declined = لم تسجّل الخدمة الأخرى دخولك. يُرجى العودة وإعادة المحاولة.
login-away-title = الخدمة الأخرى لا تستجيب
login-away = لا يمكنها الآن تأكيد هويتك. يُرجى العودة وإعادة المحاولة بعد قليل.
login-seed = أُنشئ هذا الرابط لصفحة أخرى، ولا يمكن تسجيل الدخول به. يُرجى العودة وطلب رابط جديد؛ إذا تكرر ذلك، فيُرجى إبلاغ القائمين على التطبيق.

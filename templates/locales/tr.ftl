### Turkish

## Every page

language = Dil
language-button = Dili değiştir
terms = Koşullar
privacy = Gizlilik
help = Yardım
error-title = Hata: { $title }
continue = Devam et
start-again = Yeniden başla

## The start form

start-title = Giriş yap
start-lead-code = Size bir kod göndeririz. Şifre gerekmez.
start-lead-link = Size bir bağlantı göndeririz. Şifre gerekmez.
start-lead-both = Size bir kod ve bir bağlantı göndeririz. Şifre gerekmez.
email-label = E-posta
phone-label = Telefon numarası
either-label = E-posta veya telefon numarası
country-label = Ülke
country-choose = Ülke seçin
use-phone = Telefon numarası kullan
use-email = E-posta adresi kullan

## What can be wrong with an address or a number

error-empty-email = E-posta adresinizi girin.
error-empty-phone = Telefon numaranızı girin.
error-empty-either = E-posta adresinizi veya telefon numaranızı girin.
error-long = Bu çok uzun.
error-email = Tek bir e-posta adresi girin, örneğin name@example.com.
error-domain = @ işaretinden sonrasını kontrol edin: Bu bir alan adı değil.
error-neither = Bir e-posta adresi (örneğin name@example.com) veya telefon numarası girin.
error-phone = Bir telefon numarası girin. Rakamlar ve boşluklar yeterli.
error-phone-country = Numarayı ülke koduyla girin veya ülkeyi seçin.
error-phone-invalid = Bu ülkede böyle bir telefon numarası yok. Rakamları ve ülkeyi kontrol edin.
error-phone-no-texts = Bu numara mesaj alamıyor. Başka bir numara kullanın.
error-yours = Bu zaten size ait. Başka bir tane girin.
error-not-yours = Bunu artık değiştiremezsiniz. Yeniden başlayın.

## Notices on the start form

note-bad-place = Geldiğiniz sayfa, izin verilmeyen bir yere yönlendiriyor. Giriş yapın, sonra oraya kendiniz gidin.
note-start-again = Bu giriş sona erdi. Yeniden başlayın.
note-used-elsewhere = Başka bir cihazda giriş yaptınız. Burada da giriş yapmak için yeniden başlayın.
note-other-tab = Bu tarayıcıda sonradan başka bir giriş başlatıldı. Bu sayfa artık o girişe ait.
note-too-many-wrong = Çok fazla yanlış kod girildi. Yeni bir kod almak için yeniden başlayın.
note-throttled =
    { $minutes ->
        [one] Çok fazla mesaj istendi. Bir dakika sonra tekrar deneyin.
       *[other] Çok fazla mesaj istendi. { $minutes } dakika sonra tekrar deneyin.
    }
note-guesses-throttled =
    { $minutes ->
        [one] Ağınızdan çok fazla yanlış kod geldi. Bir dakika sonra tekrar deneyin.
       *[other] Ağınızdan çok fazla yanlış kod geldi. { $minutes } dakika sonra tekrar deneyin.
    }
note-texts-country = O ülkeye mesaj göndermiyoruz.
note-texts-country-email = O ülkeye mesaj göndermiyoruz. Bunun yerine e-posta adresinizi kullanın.
note-texts-held = Şu anda o numaraya mesaj gönderemiyoruz. Daha sonra tekrar deneyin.
note-texts-held-email = Şu anda o numaraya mesaj gönderemiyoruz. Bunun yerine e-posta adresinizi kullanın.
wait-continue = { $time } sonra devam edebilirsiniz

## Typing the code

code-title = Kodunuzu girin
code-sent = Kodu şuraya gönderdik: { $to }.
code-sent-both = Kodu ve bağlantıyı şuraya gönderdik: { $to }. Kodu buraya girin veya bağlantıyı açın.
code-label = Kod
error-not-a-code = Kod eksik. Mesajdakiyle karşılaştırın.
error-wrong-code =
    { $n ->
        [one] Kod yanlış. Bir deneme hakkınız kaldı.
       *[other] Kod yanlış. { $n } deneme hakkınız kaldı.
    }
error-expired-code = Kodun süresi doldu. Aşağıdan yeni bir kod isteyin.
code-life =
    { $minutes ->
        [one] Kod bir dakika geçerlidir.
       *[other] Kod { $minutes } dakika geçerlidir.
    }
code-until = Kod şu saate kadar geçerli: { $time }.
hint-email = Gelmedi mi? Spam klasörünüze bakın.
hint-phone = Gelmedi mi? Numarayı kontrol edin. Mesajın gelmesi bir dakika sürebilir.
tries-left =
    { $n ->
        [one] Bir deneme hakkınız kaldı.
       *[other] { $n } deneme hakkınız kaldı.
    }
resend = Tekrar gönder
resend-wait = { $time } sonra tekrar isteyebilirsiniz
sent-again = Yeni bir mesaj yolda.
note-too-soon = Tekrar istemeden önce biraz bekleyin. Son mesaj hâlâ yolda olabilir.
change-email = Başka bir e-posta adresi kullan
change-phone = Başka bir telefon numarası kullan
opened-link = Bağlantıyı açtım

## A link was sent

sent-title-email = E-postanızı kontrol edin
sent-title-phone = Telefonunuzu kontrol edin
link-sent = Bağlantıyı şuraya gönderdik: { $to }. Giriş yapmak için bağlantıyı açın.
link-life =
    { $minutes ->
        [one] Bağlantı bir dakika geçerlidir.
       *[other] Bağlantı { $minutes } dakika geçerlidir.
    }
link-until = Bağlantı şu saate kadar geçerli: { $time }.
noscript-link = Bağlantı için JavaScript gerekir; bu tarayıcıda kapalı.
send-code-instead = Bunun yerine kod gönder
number-show = Bağlantıyı başka bir cihazda mı açıyorsunuz? Burada giriş yapmak için bu sayıyı orada girin:
approved-title = Bir adım kaldı
approved-lead = Bu girişi başka bir cihazda onayladınız.
approved-button = Burada giriş yap

## A link is opened

verify-title = Bağlantınızla giriş yapın
verify-going = Giriş yapılıyor…
verify-title-elsewhere = Bu cihazda giriş yapılsın mı?
verify-lead = Bu bağlantıyla { $app } hesabınıza giriş yaparsınız.
verify-account = Hesap
verify-asked = İstek zamanı
verify-with = Tarayıcı
verify-near = Yaklaşık konum
verify-warning = Yalnızca bunu siz istediyseniz devam edin.
verify-button = Bu cihazda giriş yap
verify-title-other = Başka bir hesapla giriş yapılsın mı?
verify-lead-other = Şu anda { $current } olarak giriş yapmış durumdasınız. Devam ederseniz { $to } olarak giriş yaparsınız.
verify-not-me = Bunu ben istemedim
verify-number-title = Ya da başladığınız yerde devam edin
verify-number-lead = Orada gördüğünüz iki basamaklı sayıyı girin. Tek deneme hakkınız var.
verify-number-label = Sayı
verify-number-button = Orada giriş yap
error-number-title = İşlem tamamlanamadı
error-number = Sayı yanlış ve başka deneme hakkı yok. Yine de bu cihazda giriş yapabilir veya başladığınız yerde yeniden başlayabilirsiniz.
error-number-spent = Bu bağlantı için daha önce bir sayı girildi. Yine de bu cihazda giriş yapabilirsiniz.
verify-cut = Bu bağlantı eksik. Mesajdan tekrar açın veya tamamını kopyalayın.
verify-noscript = Bağlantı için JavaScript gerekir; bu tarayıcıda kapalı. Kodu kullanın.
verify-noscript-elsewhere = Mesajdaki kodu, talep ettiğiniz yerde girin.
number-done-title = Artık geri dönebilirsiniz
number-done = Başladığınız yerde giriş yaptınız. Bu sayfayı kapatabilirsiniz.
disowned-title = Bu giriş iptal edildi
disowned = O bağlantıyı veya kodu artık kimse kullanamaz. Bu sık oluyorsa { $app } yöneticilerine bildirin.
ago =
    { $minutes ->
        [0] az önce
        [one] bir dakika önce
       *[other] { $minutes } dakika önce
    }
ago-hours =
    { $hours ->
        [one] bir saat önce
       *[other] { $hours } saat önce
    }
ago-days =
    { $days ->
        [one] bir gün önce
       *[other] { $days } gün önce
    }
browser-on = { $browser } ({ $system })
unknown-browser = Başka bir tarayıcı
unknown-system = başka bir sistem

## A link that does not work

link-expired-title = Bu bağlantının süresi doldu
link-expired = Güvenliğiniz için bağlantılar yalnızca kısa bir süre çalışır.
link-used-title = Bu bağlantı zaten kullanıldı
link-used = Her bağlantı bir kez çalışır. Az önce açtıysanız zaten giriş yapmış olabilirsiniz.
link-replaced-title = Bu bağlantıya artık gerek yok
link-replaced = Bağlantı gönderildikten sonra başka bir yolla giriş yaptınız.
link-cancelled-title = Bu bağlantı, vazgeçilen bir girişe ait
link-cancelled = Yeni bir bağlantı almak için yeniden başlayın.
link-tries-title = Bu bağlantı artık çalışmıyor
link-tries = Çok fazla yanlış kod girildiği için bağlantı da artık çalışmıyor.
link-invalid-title = Bu bağlantı çalışmıyor
link-invalid = Süresi dolmuş, kullanılmış veya eksik olabilir. Giriş yapmak istediğiniz yerde yeni bir bağlantı isteyin.
send-new-link = Yeni bağlantı gönder
link-problem-to = Şuraya göndereceğiz: { $to }.

## Signed in

signed-in-title = Giriş yaptınız
signed-in = Bu sayfayı kapatıp geldiğiniz yere dönebilirsiniz.
sign-out = Çıkış yap
refreshing-title = Bir dakika…
refreshing = Oturumunuz yenileniyor.
refreshing-without = Yenilemeden devam et
sessions-link = Oturumlarınız
identifiers-link = E-postanız ve telefonunuz

## Sessions

sessions-title = Oturumlarınız
session-this = Bu tarayıcı
session-seen = Son kullanım: { $when }
session-since = Giriş: { $when }
session-end = Oturumu sonlandır
sessions-end-others = Diğer tüm oturumları sonlandır
sessions-only = Başka oturumunuz yok.
note-session-ended = Oturum sonlandırıldı.
note-sessions-ended =
    { $n ->
        [0] Başka oturumunuz yoktu.
        [one] Diğer bir oturum sonlandırıldı.
       *[other] Diğer { $n } oturum sonlandırıldı.
    }

## Your email and phone

identifiers-title = E-postanız ve telefonunuz
identifiers-lead = Bunların her biriyle giriş yapabilirsiniz.
identifier-change = Değiştir
identifier-remove = Kaldır
identifier-add-email = E-posta adresi ekle
identifier-add-phone = Telefon numarası ekle
add-email-title = E-posta adresi ekleyin
add-phone-title = Telefon numarası ekleyin
change-email-title = E-posta adresinizi değiştirin
change-phone-title = Telefon numaranızı değiştirin
identifier-lead-new = Size ait olduğunu görmek için yenisine bir kod göndeririz.
identifier-lead-both = İkisinin de size ait olduğunu görmek için önce eskisine, sonra yenisine bir kod göndeririz.
new-email-label = Yeni e-posta adresi
new-phone-label = Yeni telefon numarası
send-code = Kodu gönder
confirm-title = Önce değişikliği onaylayın
confirm-lead = Yalnızca { $to } ile giriş yapabildiğiniz için ilk kodu oraya gönderdik. Sonraki kodu şuraya göndereceğiz: { $new }.
prove-title = Size ait olduğunu onaylayın
note-identifier-added = { $to } eklendi. Artık bununla giriş yapabilirsiniz.
note-identifier-changed = Eskisinin yerini { $to } aldı.
note-identifier-removed = Kaldırıldı. Artık bununla giriş yapılamaz.
note-change-dead = İşlem tamamlanamadı: E-postanız veya telefonunuz bu arada değişmiş ya da başka bir hesaba ait. Hiçbir şey değiştirilmedi.
pending-cancel = Her şeyi olduğu gibi bırak
identifiers-back = E-postanıza ve telefonunuza dönün

## Something went wrong

network = Sunucuya ulaşılamadı. İnternetinizi kontrol edip tekrar deneyin; yazdıklarınız kaybolmadı.
unavailable-title = Bir dakika lütfen
unavailable = Şu anda bizden kaynaklanan bir sorun var. Birazdan tekrar deneyin; tekrar denemenin zararı olmaz.
try-again = Tekrar dene
missing-title = Burada bir şey yok
missing = Bu adreste bir sayfa yok.
method-title = Böyle olmaz
method = Bu adres bunu kabul etmez.
form-title = Lütfen tekrar deneyin
form-old = Bu sayfa çok eski veya başka bir siteden gönderilmiş. Geri dönün, sayfayı yenileyin ve tekrar deneyin.
form-kind = Bu adres form kabul eder (application/x-www-form-urlencoded).
form-large = Bir form en fazla 64 kB olabilir.
form-cut = Form eksik geldi. Tekrar gönderin.
form-slow = Form zamanında gelmedi. Tekrar gönderin.
tenant-title = Bilinmeyen kiracı
tenant-missing = Burada bu adda bir kiracı yok.
request-id = İstek { $id }

## Mails: for how long, from where, help

mail-life-minutes = { $count ->
    [one] Bir kez çalışır ve { $count } dakika geçerlidir.
   *[other] Bir kez çalışır ve { $count } dakika geçerlidir.
}
mail-life-hours = { $count ->
    [one] Bir kez çalışır ve { $count } saat geçerlidir.
   *[other] Bir kez çalışır ve { $count } saat geçerlidir.
}
mail-asked-title = İsteğin geldiği yer
mail-asked-device = Cihaz
mail-asked-place = Yaklaşık konum
mail-asked-time = Zaman
mail-device = { $browser } ({ $system })
mail-device-unknown = Bilinmeyen tarayıcı
mail-device-system-only = Bilinmeyen tarayıcı ({ $system })
mail-support = Yardım mı gerekiyor? { $support }

## Mail: sign-in (a code, a link, or both)

mail-sign-in-subject-code = { $code } – { $app } kodunuz
mail-sign-in-subject-link = { $app } giriş bağlantınız
mail-sign-in-title = { $app } hesabınıza giriş yapın
mail-sign-in-type-code = Bu kodu, talep ettiğiniz sayfada girin:
mail-sign-in-press = Giriş yapmak için düğmeye basın:
mail-sign-in-or-press = Ya da düğmeye basın:
mail-sign-in-open = Giriş yapmak için bu bağlantıyı açın:
mail-sign-in-or-open = Ya da bu bağlantıyı açın:
mail-sign-in-button = Giriş yap
mail-sign-in-button-fails = Düğme çalışmazsa bu adresi tarayıcınıza kopyalayın:
mail-sign-in-not-you = Bunu siz istemediyseniz bu e-postayı dikkate almayın: Bu e-posta olmadan kimse giriş yapamaz. İçeriğini kimseyle paylaşmayın.

## Mail: somebody asked to sign in with an address that has no account, and accounts are not open to everybody

mail-no-account-subject = Bu adrese ait bir { $app } hesabı yok
mail-no-account-title = Bu adrese ait bir hesap yok
mail-no-account-text = Birisi bu adresle { $app } için giriş yapmak istedi. Bu adrese ait bir hesap yok ve { $app } herkesin yeni hesap açmasına izin vermiyor.
mail-no-account-hint = Bunu siz istediyseniz başka bir adresinizi deneyin veya davet isteyin. İstemediyseniz bu e-postayı dikkate almayın.

## Mail: a code that proves that a new address is one's own

mail-prove-subject = { $code } – { $app } adres onay kodunuz
mail-prove-title = Bu adresi onaylayın
mail-prove-text = { $app } hesabına giriş yapmış biri, bundan sonra bu adresle giriş yapmak istiyor. Bu sizseniz kodu orada girin:
mail-prove-not-you = Bu siz değilseniz bu e-postayı dikkate almayın: Kod olmadan hiçbir şey olmaz. Kodu kimseyle paylaşmayın.

## Mail: a code, sent to the old address, that lets a new one take its place

mail-confirm-old-subject = { $code } – { $app } hesabınızdaki değişikliğin onay kodu
mail-confirm-old-title = Değişikliği onaylayın
mail-confirm-old-text = { $app } hesabınıza giriş yapmış biri, bu adresin yerine { $other } kullanmak istiyor. Bu sizseniz kodu orada girin:
mail-confirm-old-not-you = Bu siz değilseniz kodu kimseyle paylaşmayın: Kod olmadan hiçbir şey değişmez. Sonra giriş yapıp diğer tüm oturumları sonlandırın.

## Mail: somebody wanted to add this address to another account

mail-in-use-subject = Adresinizin zaten bir { $app } hesabı var
mail-in-use-title = Bu adresin zaten bir hesabı var
mail-in-use-text = { $app } hesabına giriş yapmış biri, bu adresi kendi hesabına eklemek istedi. Adres zaten sizin hesabınıza ait ve hiçbir şey değişmedi.
mail-in-use-hint = Bunu siz istediyseniz bu adresle giriş yapın. İstemediyseniz bir şey yapmanız gerekmez.

## Mail: an address or number was added to the account

mail-added-subject = { $app } hesabınıza yeni bir giriş yolu eklendi
mail-added-title = Yeni bir giriş yolu
mail-added-text = { $other }, { $app } hesabınıza eklendi. Bundan sonra onunla da giriş yapılabilir.
mail-added-not-you = Bunu siz yapmadıysanız hemen giriş yapın, bu giriş yolunu kaldırın ve diğer tüm oturumları sonlandırın.

## Mail: an address was replaced; this goes to the old one

mail-changed-subject = { $app } hesabınızın adresi değişti
mail-changed-title = Adresiniz değiştirildi
mail-changed-text = { $app } hesabınızda bu adresin yerini { $other } aldı. Bu adresle artık giriş yapılamaz.
mail-changed-not-you = Bunu siz yapmadıysanız hemen yardım isteyin.

## Mail: an address was removed from the account; this goes to it

mail-removed-subject = { $app } hesabınızdan bir adres kaldırıldı
mail-removed-title = Bu adres kaldırıldı
mail-removed-text = { $other }, bir { $app } hesabından kaldırıldı. Bu adresle artık giriş yapılamaz.
mail-removed-not-you = Bunu siz yapmadıysanız hemen yardım isteyin.

## Texts (SMS, WhatsApp): as short as can be; every sentence costs the sender money

sms-code = { $app } kodunuz: { $code }
sms-link = { $app } girişi:
sms-or-link = Veya:
sms-life-minutes = { $count ->
    [one] Süresi: { $count } dk.
   *[other] Süresi: { $count } dk.
}
sms-life-hours = { $count ->
    [one] Süresi: { $count } saat.
   *[other] Süresi: { $count } saat.
}
sms-asked = Talep eden cihaz: { $device }
sms-no-account = Birisi bu numarayla { $app } için giriş yapmak istedi. Bu numaranın hesabı yok.
sms-prove = { $app } numara onay kodunuz: { $code }
sms-confirm-old = { $code }: { $app } hesabınızda bu numaranın yerini { $other } alır. Siz değilseniz kimseyle paylaşmayın.
sms-in-use = Birisi bu numarayı kendi { $app } hesabına eklemek istedi. Numara sizin hesabınıza ait ve hiçbir şey değişmedi.
sms-added = { $other }, { $app } hesabınıza eklendi. Siz değilseniz giriş yapıp kaldırın.
sms-removed = Bu numara { $app } hesabınızdan kaldırıldı. Siz değilseniz yardım isteyin.
sms-changed = { $app } hesabınızda bu numaranın yerini { $other } aldı. Siz değilseniz yardım isteyin.
sms-support = Yardım: { $support }

## An application logs somebody in

login-title = { $app } için giriş yapın
login-link-title = { $app } için bir giriş yolu eklensin mi?
login-link-button = Ekle
login-go-on = Devam et
login-back = Geri dön: { $app }
login-message-title = Mesajlarınızı kontrol edin
login-message = Bağlantı içeren bir mesaj alacaksınız. Bağlantıyı bu tarayıcıda açın.
login-unknown = Bu bağlantı hiçbir yere gitmiyor veya artık gitmiyor. Geri dönüp yeniden başlayın.
login-expired = Süresi doldu. Geri dönüp yeni bir bağlantı isteyin.
login-used = Daha önce kullanıldı. Giriş yapmadıysanız geri dönüp yeni bir bağlantı isteyin.
login-not-believed = Bu bağlantı doğru oluşturulmamış. Geri dönüp yeni bir bağlantı isteyin; yine olursa uygulamanın yöneticilerine bildirin.
login-wrong-browser-title = Bu bağlantıyı giriş yaptığınız yerde açın
login-wrong-browser = Bağlantı, onu isteyen hesaba bir giriş yolu ekler. O hesaba giriş yaptığınız tarayıcıda açın.
login-not-linked-title = Ekleme yapılamadı
login-linked-elsewhere = Bu giriş yolu başka bir hesaba ait.
login-linking-disabled = Bu giriş yolu bir hesaba eklenemez.
login-not-admitted-title = Hesap yok
login-not-admitted = Size ait bir hesap yok ve yeni bir hesap açılamıyor. Uygulamanın yöneticilerine sorun.
login-other-way-title = Başka bir yolla giriş yapın
login-other-way = Uygulama, kullandığınızdan farklı bir giriş yolu istiyor. Buradan çıkış yapın, geri dönün ve yeniden başlayın.
login-declined-title = Giriş tamamlanmadı
login-declined = Diğer hizmet girişinizi onaylamadı. Geri dönüp tekrar deneyin.
login-away-title = Diğer hizmet yanıt vermiyor
login-away = Şu anda kim olduğunuzu söyleyemiyor. Geri dönüp birazdan tekrar deneyin.
login-seed = Bu bağlantı başka bir sayfa için oluşturulmuş, onunla giriş yapılamaz. Geri dönüp yeni bir bağlantı isteyin; yine olursa uygulamanın yöneticilerine bildirin.

//! Trusted devices: a browser that signed in to a user before shows it with a cookie, and has a guess budget of its
//! own for that user. The cookie opens nothing: it only decides whose wrong codes are counted together.

use data_encoding::BASE64URL_NOPAD;
use postkey_model::entropy::random;
use postkey_model::{Entropy, Keyring, TenantId, TrustTag, UserId};

/// How many users one browser is remembered for; the oldest is forgotten first.
const REMEMBERED: usize = 5;

/// What a browser's trusted-device cookie says: a name for the device, and one tag per user it signed in to.
pub struct TrustedDevice {
    name: String,
    tags: Vec<TrustTag>,
}

impl TrustedDevice {
    /// A browser seen for the first time.
    pub fn new(entropy: &dyn Entropy) -> Self {
        TrustedDevice { name: BASE64URL_NOPAD.encode(&random::<12>(entropy)), tags: Vec::new() }
    }

    /// Reads a cookie; `None` when it has not the form of one. Its tags are believed only by [`Self::knows`].
    pub fn parse(cookie: &str) -> Option<Self> {
        let mut parts = cookie.split('.');
        let name = parts.next().filter(|name| BASE64URL_NOPAD.decode(name.as_bytes()).is_ok_and(|bytes| bytes.len() == 12))?;
        let tags = parts.map(|part| BASE64URL_NOPAD.decode(part.as_bytes()).ok().as_deref().and_then(TrustTag::from_bytes));
        let tags: Vec<TrustTag> = tags.take(REMEMBERED + 1).collect::<Option<_>>()?;
        (tags.len() <= REMEMBERED).then(|| TrustedDevice { name: name.to_owned(), tags })
    }

    /// The cookie's value.
    pub fn to_cookie(&self) -> String {
        let mut cookie = self.name.clone();
        for tag in &self.tags {
            cookie.push('.');
            cookie.push_str(&BASE64URL_NOPAD.encode(tag.as_bytes()));
        }
        cookie
    }

    /// The device's name, if it signed in to `user` before.
    pub fn knows(&self, keyring: &Keyring, tenant: &TenantId, user: &UserId) -> Option<String> {
        let ours: Vec<TrustTag> = keyring.each().map(|ring| ring.trust_tag(tenant, user, &self.name)).collect();
        self.tags.iter().any(|tag| ours.iter().any(|ours| tag.matches(ours))).then(|| self.name.clone())
    }

    /// Remembers that this device signed in to `user`.
    pub fn remember(&mut self, keyring: &Keyring, tenant: &TenantId, user: &UserId) {
        for ring in keyring.each() {
            let known = ring.trust_tag(tenant, user, &self.name);
            self.tags.retain(|tag| !tag.matches(&known));
        }
        if self.tags.len() >= REMEMBERED {
            self.tags.remove(0);
        }
        self.tags.push(keyring.trust_tag(tenant, user, &self.name));
    }
}

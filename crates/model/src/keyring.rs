//! The keyring: every key that is made from the server's one root key, kept apart by purpose (HKDF-SHA-256,
//! RFC 5869), and the stored forms that those keys make: keyed hashes and sealed bytes.

use crate::entropy::{Entropy, random};
use crate::id::{SessionHandle, SignInId, TenantId, UserId};
use crate::secret::Secret;
use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::{hkdf, hmac};
use data_encoding::{BASE64URL_NOPAD, HEXLOWER_PERMISSIVE};
use subtle::ConstantTimeEq;
use thiserror::Error;

/// The 32 random bytes from which all of a server's keys are made. Whoever has them and the database has
/// everything; the database alone gives up no code, token or private key.
pub struct RootKey(Secret<[u8; 32]>);

impl RootKey {
    /// A new root key.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        RootKey(Secret::new(random(entropy)))
    }

    /// Reads a root key written as 64 hex digits or as 43 signs of base64url.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let text = text.trim().as_bytes();
        let bytes = HEXLOWER_PERMISSIVE.decode(text).or_else(|_| BASE64URL_NOPAD.decode(text));
        let bytes: [u8; 32] = bytes
            .ok()
            .and_then(|b| b.try_into().ok())
            .ok_or("a secret key is 32 random bytes written as 64 hex digits (make one with: openssl rand -hex 32)")?;
        let different = bytes.iter().collect::<std::collections::HashSet<_>>().len();
        if different < 8 {
            return Err("that secret key is not random (make one with: openssl rand -hex 32)");
        }
        Ok(RootKey(Secret::new(bytes)))
    }

    /// The key as 64 hex digits, for the file that keeps it.
    pub fn to_hex(&self) -> Secret<String> {
        Secret::new(HEXLOWER_PERMISSIVE.encode(self.0.expose()))
    }
}

macro_rules! stored_hash {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        /// Compared in constant time; there is no other comparison.
        #[derive(Clone)]
        pub struct $name([u8; 32]);

        impl $name {
            /// Whether both are the hash of the same secret.
            pub fn matches(&self, other: &Self) -> bool {
                self.0.ct_eq(&other.0).into()
            }

            /// The bytes to store.
            pub fn as_bytes(&self) -> &[u8] {
                &self.0
            }

            /// Reads the stored bytes back; `None` unless there are 32.
            pub fn stored(bytes: &[u8]) -> Option<Self> {
                bytes.try_into().ok().map($name)
            }
        }
    };
}

stored_hash!(
    /// What is stored of a typed code: a keyed hash, bound to its sign-in.
    CodeHash
);
stored_hash!(
    /// What is stored of a link's secret: a keyed hash, bound to its sign-in.
    LinkHash
);
stored_hash!(
    /// What is stored of the secret that the asking browser keeps for a sign-in.
    DeviceHash
);

/// The proof in a trusted-device cookie that this browser signed in to that account before.
#[derive(Clone)]
pub struct TrustTag([u8; 16]);

impl TrustTag {
    /// Whether both prove the same, in constant time.
    pub fn matches(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }

    /// The bytes for the cookie.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Reads them back; `None` unless there are 16.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(TrustTag)
    }
}

/// Sealed bytes (AES-256-GCM-SIV, RFC 8452): key id (4), nonce (12), ciphertext, tag (16).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed(Vec<u8>);

impl Sealed {
    /// The bytes to store.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Reads the stored bytes back.
    pub fn stored(bytes: Vec<u8>) -> Self {
        Sealed(bytes)
    }
}

/// Why sealed bytes did not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SealedOpenError {
    /// They were sealed under another root key: the server's secret key is not the one that this database knows.
    #[error("sealed under another secret key")]
    OtherKey,
    /// They were cut, changed, or moved to a place they were not sealed for.
    #[error("damaged or moved")]
    Damaged,
}

/// All keys of a running server.
pub struct Keyring {
    id: [u8; 4],
    code: hmac::Key,
    link: hmac::Key,
    device: hmac::Key,
    refresh: hmac::Key,
    trust: hmac::Key,
    form: hmac::Key,
    number: hmac::Key,
    lineage: hmac::Key,
    email_token: hmac::Key,
    login: hmac::Key,
    outbox: LessSafeKey,
    signing: LessSafeKey,
    provider: LessSafeKey,
    /// Those of the root keys before, the youngest first.
    previous: Vec<Keyring>,
}

struct Len(usize);
impl hkdf::KeyType for Len {
    fn len(&self) -> usize {
        self.0
    }
}

fn derive<const N: usize>(prk: &hkdf::Prk, purpose: &str) -> [u8; N] {
    let mut out = [0; N];
    // Cannot fail: HKDF-SHA-256 gives up to 8,160 bytes, and nobody here asks for more than 32.
    let _ = prk.expand(&[purpose.as_bytes()], Len(N)).and_then(|okm| okm.fill(&mut out));
    out
}

impl Keyring {
    /// Makes the keyring of `root`.
    pub fn new(root: &RootKey) -> Self {
        let prk = hkdf::Salt::new(hkdf::HKDF_SHA256, b"postkey.v1").extract(root.0.expose());
        let mac = |purpose| hmac::Key::new(hmac::HMAC_SHA256, &derive::<32>(&prk, purpose));
        let aead = |purpose| {
            let bytes = derive::<32>(&prk, purpose);
            // The only error is a wrong length, and 32 is right.
            match UnboundKey::new(&AES_256_GCM_SIV, &bytes) {
                Ok(key) => LessSafeKey::new(key),
                Err(_) => unreachable!("AES-256-GCM-SIV takes 32 bytes"),
            }
        };
        Keyring {
            id: derive(&prk, "id"),
            code: mac("code"),
            link: mac("link"),
            device: mac("device"),
            refresh: mac("refresh"),
            trust: mac("trust"),
            form: mac("form"),
            number: mac("number"),
            lineage: mac("lineage"),
            email_token: mac("email token"),
            login: mac("login"),
            outbox: aead("outbox"),
            signing: aead("signing"),
            provider: aead("provider"),
            previous: Vec::new(),
        }
    }

    /// Believes what was made under these root keys too, the youngest first. Everything new is made under the first one.
    pub fn with_previous<'a>(mut self, roots: impl IntoIterator<Item = &'a RootKey>) -> Self {
        self.previous = roots.into_iter().map(Keyring::new).collect();
        self
    }

    /// The keyrings whose work is believed, each of one root key: the one that makes what is new comes first. Whoever
    /// checks something asks all of them.
    pub fn each(&self) -> impl Iterator<Item = &Keyring> {
        std::iter::once(self).chain(&self.previous)
    }

    /// The bytes with which everything begins that is sealed under the root key that makes what is new.
    pub fn seal_id(&self) -> [u8; 4] {
        self.id
    }

    /// Whether it was sealed under the root key that makes what is new.
    pub fn is_current(&self, sealed: &Sealed) -> bool {
        sealed.0.starts_with(&self.id)
    }

    /// Whether `hash` is that of the link's `secret`, whichever root key it was made under.
    pub fn is_link(&self, sign_in: &SignInId, secret: &str, hash: &LinkHash) -> bool {
        self.each().fold(false, |fits, ring| fits | ring.link_hash(sign_in, secret).matches(hash))
    }

    /// Whether `hash` is that of the asking browser's `secret`, whichever root key it was made under.
    pub fn is_device(&self, sign_in: &SignInId, secret: &str, hash: &DeviceHash) -> bool {
        self.each().fold(false, |fits, ring| fits | ring.device_hash(sign_in, secret).matches(hash))
    }

    /// Whether a form's `token` goes with the browser's `cookie`, whichever root key it was made under.
    pub fn is_form_token(&self, cookie: &str, token: &str) -> bool {
        self.each().any(|ring| self.same_secret(ring.form_token(cookie).as_bytes(), token.as_bytes()))
    }

    /// The stored form of `code`, as sent for `sign_in`.
    pub fn code_hash(&self, sign_in: &SignInId, code: &str) -> CodeHash {
        CodeHash(tag(&self.code, &[sign_in.as_str(), code]))
    }

    /// The stored form of a link's `secret`, as sent for `sign_in`.
    pub fn link_hash(&self, sign_in: &SignInId, secret: &str) -> LinkHash {
        LinkHash(tag(&self.link, &[sign_in.as_str(), secret]))
    }

    /// The stored form of the secret that the asking browser keeps for `sign_in`.
    pub fn device_hash(&self, sign_in: &SignInId, secret: &str) -> DeviceHash {
        DeviceHash(tag(&self.device, &[sign_in.as_str(), secret]))
    }

    /// The secret part of a session's refresh token of one generation. Made again whenever it is needed, so
    /// nothing of it is stored. `nonce` is the session's own.
    pub fn refresh_secret(&self, handle: &SessionHandle, generation: i64, nonce: &[u8]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.refresh);
        context.update(handle.as_str().as_bytes());
        context.update(&generation.to_be_bytes());
        context.update(nonce);
        to_array(context.sign().as_ref())
    }

    /// The secret part of a refresh token of a session that rotates by lineage, bound to what the token says of itself.
    pub fn lineage_secret(&self, handle: &SessionHandle, own: &[u8; 16], parent: Option<&[u8; 32]>, nonce: &[u8]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.lineage);
        context.update(handle.as_str().as_bytes());
        context.update(own);
        // Either nothing or 32 bytes, before a nonce whose length never changes within a session: no two inputs are alike.
        context.update(parent.map_or(&[][..], |parent| &parent[..]));
        context.update(nonce);
        to_array(context.sign().as_ref())
    }

    /// What is stored of a token that proves an address by mail.
    pub fn email_token_hash(&self, token: &str) -> [u8; 32] {
        tag(&self.email_token, &[token])
    }

    /// A secret of a login on its way to a service and back, for `what` it is said, in the browser with the secret `browser`.
    pub fn login_secret(&self, what: &str, request: &str, browser: &str) -> [u8; 32] {
        tag(&self.login, &[what, request, browser])
    }

    /// The tag that proves to us that the browser `device` signed in to `user` before.
    pub fn trust_tag(&self, tenant: &TenantId, user: &UserId, device: &str) -> TrustTag {
        let full = tag(&self.trust, &[tenant.as_str(), user.as_str(), device]);
        let mut short = [0; 16];
        short.copy_from_slice(&full[..16]);
        TrustTag(short)
    }

    /// The token that a page's forms carry beside the browser's `cookie`, so that no other site can send them.
    pub fn form_token(&self, cookie: &str) -> String {
        BASE64URL_NOPAD.encode(&tag(&self.form, &[cookie])[..16])
    }

    /// The two digits (10 to 99) that the browser that asked shows, to be typed where its link was opened. Made again
    /// whenever it is needed, so nothing of it is stored.
    pub fn match_number(&self, sign_in: &SignInId) -> u8 {
        let [a, b, ..] = tag(&self.number, &[sign_in.as_str()]);
        // 65,536 values on 90 numbers: none is more than 0.2 % likelier than another.
        10 + (u16::from_be_bytes([a, b]) % 90) as u8
    }

    /// Whether `shown` is the secret `known`, in a time that tells nothing about either: their keyed hashes are compared.
    pub fn same_secret(&self, shown: &[u8], known: &[u8]) -> bool {
        let mac = |text: &[u8]| to_array(hmac::sign(&self.form, text).as_ref());
        mac(shown).ct_eq(&mac(known)).into()
    }

    /// Seals a message's words. `place` (message, tenant, recipient) must be the same when they are opened.
    pub fn seal_message(&self, place: &[&str], plain: &[u8], entropy: &dyn Entropy) -> Sealed {
        self.seal(&self.outbox, place, plain, entropy)
    }

    /// Opens a message's words.
    pub fn open_message(&self, place: &[&str], sealed: &Sealed) -> Result<Secret<Vec<u8>>, SealedOpenError> {
        self.open(|ring| &ring.outbox, place, sealed)
    }

    /// Seals a private signing key. `place` is its key set and key id.
    pub fn seal_signing_key(&self, place: &[&str], plain: &[u8], entropy: &dyn Entropy) -> Sealed {
        self.seal(&self.signing, place, plain, entropy)
    }

    /// Opens a private signing key.
    pub fn open_signing_key(&self, place: &[&str], sealed: &Sealed) -> Result<Secret<Vec<u8>>, SealedOpenError> {
        self.open(|ring| &ring.signing, place, sealed)
    }

    /// Seals the secret that a service gave us for `connection`.
    pub fn seal_provider_secret(&self, connection: &str, secret: &str, entropy: &dyn Entropy) -> Sealed {
        self.seal(&self.provider, &[connection], secret.as_bytes(), entropy)
    }

    /// Opens the secret that a service gave us for `connection`.
    pub fn open_provider_secret(&self, connection: &str, sealed: &Sealed) -> Result<Secret<String>, SealedOpenError> {
        let plain = self.open(|ring| &ring.provider, &[connection], sealed)?;
        String::from_utf8(plain.expose().clone()).map(Secret::new).map_err(|_| SealedOpenError::Damaged)
    }

    fn seal(&self, key: &LessSafeKey, place: &[&str], plain: &[u8], entropy: &dyn Entropy) -> Sealed {
        let nonce: [u8; NONCE_LEN] = random(entropy);
        let mut body = plain.to_vec();
        // The only error is a plaintext of more than 64 GiB.
        let _ = key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(joined(place)), &mut body);
        let mut out = Vec::with_capacity(4 + NONCE_LEN + body.len());
        out.extend_from_slice(&self.id);
        out.extend_from_slice(&nonce);
        out.append(&mut body);
        Sealed(out)
    }

    fn open(&self, key: impl Fn(&Keyring) -> &LessSafeKey, place: &[&str], sealed: &Sealed) -> Result<Secret<Vec<u8>>, SealedOpenError> {
        let (id, rest) = sealed.0.split_at_checked(4).ok_or(SealedOpenError::Damaged)?;
        let key = self.each().find(|ring| ring.id == id).map(key).ok_or(SealedOpenError::OtherKey)?;
        let (nonce, body) = rest.split_first_chunk::<NONCE_LEN>().ok_or(SealedOpenError::Damaged)?;
        let mut body = body.to_vec();
        let plain = key
            .open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(joined(place)), &mut body)
            .map_err(|_| SealedOpenError::Damaged)?
            .len();
        body.truncate(plain);
        Ok(Secret::new(body))
    }
}

fn to_array(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(bytes);
    out
}

/// HMAC over the parts, each preceded by its length, so that no two lists of parts look alike.
fn tag(key: &hmac::Key, parts: &[&str]) -> [u8; 32] {
    let mut context = hmac::Context::with_key(key);
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part.as_bytes());
    }
    to_array(context.sign().as_ref())
}

fn joined(parts: &[&str]) -> Vec<u8> {
    let mut out = Vec::new();
    for part in parts {
        out.extend_from_slice(&(part.len() as u64).to_be_bytes());
        out.extend_from_slice(part.as_bytes());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed(u8);
    impl Entropy for Fixed {
        fn fill(&self, out: &mut [u8]) {
            out.iter_mut().enumerate().for_each(|(i, b)| *b = self.0.wrapping_add(i as u8));
        }
    }

    fn ring(seed: u8) -> Keyring {
        Keyring::new(&RootKey::generate(&Fixed(seed)))
    }

    #[test]
    fn hashes_are_bound_to_their_sign_in_and_key() {
        let (a, b) = (SignInId::parse("a").unwrap(), SignInId::parse("b").unwrap());
        let ring_one = ring(1);
        assert!(ring_one.code_hash(&a, "123456").matches(&ring_one.code_hash(&a, "123456")));
        assert!(!ring_one.code_hash(&a, "123456").matches(&ring_one.code_hash(&b, "123456")));
        assert!(!ring_one.code_hash(&a, "123456").matches(&ring_one.code_hash(&a, "123457")));
        assert!(!ring_one.code_hash(&a, "123456").matches(&ring(2).code_hash(&a, "123456")));
        assert_ne!(ring_one.link_hash(&a, "x").as_bytes(), ring_one.code_hash(&a, "x").as_bytes());
    }

    #[test]
    fn sealed_words_open_only_in_their_place_and_under_their_key() {
        let ring_one = ring(1);
        let sealed = ring_one.seal_message(&["m", "public", "jane@example.com"], b"123456", &Fixed(9));
        let open = |ring: &Keyring, place: &[&str], sealed: &Sealed| ring.open_message(place, sealed).map(|s| s.expose().clone());
        assert_eq!(open(&ring_one, &["m", "public", "jane@example.com"], &sealed).unwrap(), b"123456");
        assert_eq!(open(&ring_one, &["m", "public", "eve@example.com"], &sealed), Err(SealedOpenError::Damaged));
        assert_eq!(open(&ring_one, &["mp", "ublic", "jane@example.com"], &sealed), Err(SealedOpenError::Damaged));
        assert_eq!(open(&ring(2), &["m", "public", "jane@example.com"], &sealed), Err(SealedOpenError::OtherKey));
        assert_eq!(open(&ring_one, &["m"], &Sealed::stored(vec![1, 2])), Err(SealedOpenError::Damaged));
        assert!(ring_one.open_signing_key(&["m", "public", "jane@example.com"], &sealed).is_err());
    }

    #[test]
    fn a_service_s_secret_opens_for_its_connection_only() {
        let ring_one = ring(1);
        let sealed = ring_one.seal_provider_secret("google", "s3cret", &Fixed(9));
        assert_eq!(ring_one.open_provider_secret("google", &sealed).map(|s| s.expose().clone()), Ok("s3cret".to_owned()));
        assert_eq!(ring_one.open_provider_secret("github", &sealed).map(|_| ()), Err(SealedOpenError::Damaged));
        assert_eq!(ring(2).open_provider_secret("google", &sealed).map(|_| ()), Err(SealedOpenError::OtherKey));
        assert!(ring_one.open_message(&["google"], &sealed).is_err(), "for another purpose");
    }

    #[test]
    fn what_an_older_root_key_made_is_believed_and_what_is_new_is_the_first_one_s() {
        let root = |seed| RootKey::generate(&Fixed(seed));
        let (old, both) = (ring(1), Keyring::new(&root(2)).with_previous([&root(3), &root(1)]));
        let id = SignInId::parse("a").unwrap();
        assert!(both.is_link(&id, "x", &old.link_hash(&id, "x")) && both.is_link(&id, "x", &both.link_hash(&id, "x")));
        assert!(!both.is_link(&id, "x", &ring(4).link_hash(&id, "x")) && !both.is_link(&id, "y", &old.link_hash(&id, "x")));
        assert!(both.is_device(&id, "x", &old.device_hash(&id, "x")) && !both.is_device(&id, "y", &old.device_hash(&id, "x")));
        assert!(both.is_form_token("c", &old.form_token("c")) && !both.is_form_token("c", &ring(4).form_token("c")));
        let (before, after) = (old.seal_message(&["m"], b"w", &Fixed(9)), both.seal_message(&["m"], b"w", &Fixed(9)));
        assert_eq!(both.open_message(&["m"], &before).map(|s| s.expose().clone()), Ok(b"w".to_vec()));
        assert!(!both.is_current(&before) && both.is_current(&after));
        assert!(ring(2).open_message(&["m"], &after).is_ok() && old.open_message(&["m"], &after).is_err());
    }

    #[test]
    fn root_keys_are_read_and_weak_ones_refused() {
        let key = RootKey::generate(&Fixed(3));
        assert!(RootKey::parse(key.to_hex().expose()).is_ok());
        assert!(RootKey::parse("changeme").is_err());
        assert!(RootKey::parse(&"00".repeat(32)).is_err());
    }
}

//! A signing key as it stands in a SuperTokens database: public and private half in Base64, with a sign between them.

use crate::secret::Secret;
use crate::signing_key::{Algorithm, KeyUse};
use crate::time::Timestamp;
use aws_lc_rs::signature::{KeyPair, RsaKeyPair};
use data_encoding::BASE64;
use thiserror::Error;

/// A signing key of theirs.
#[derive(Clone)]
pub struct SourceKey {
    /// Its name in token headers.
    pub kid: String,
    /// What it signs there.
    pub purpose: KeyUse,
    /// Its algorithm: RS256, they make no others.
    pub algorithm: Algorithm,
    /// When it was made.
    pub created_at: Timestamp,
    /// The public half (SubjectPublicKeyInfo, DER).
    pub public: Vec<u8>,
    /// The private half (PKCS #8, DER).
    pub private: Secret<Vec<u8>>,
}

/// Why a key is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SourceKeyError {
    /// Another algorithm than RS256.
    #[error("its algorithm is not RS256")]
    Algorithm,
    /// Not two halves in Base64.
    #[error("it is not a public and a private key in Base64 with `|` or `;` between them")]
    Form,
    /// The private half is no RSA key that we can use.
    #[error("its private half is no RSA key of 2048 to 8192 bits")]
    Private,
    /// The two halves are not of one pair.
    #[error("its two halves do not belong together")]
    Halves,
}

impl SourceKey {
    /// A key that rotates. Its name is the time at which it was made.
    pub fn rotating(created_at: Timestamp, text: &str) -> Result<Self, SourceKeyError> {
        read(format!("d-{}", created_at.0), KeyUse::Session, created_at, text)
    }

    /// A key that stays, with the name and the algorithm that stand beside it.
    pub fn staying(kid: &str, algorithm: &str, created_at: Timestamp, text: &str) -> Result<Self, SourceKeyError> {
        if !algorithm.eq_ignore_ascii_case(Algorithm::Rs256.as_str()) {
            return Err(SourceKeyError::Algorithm);
        }
        read(kid.to_owned(), KeyUse::Static, created_at, text)
    }
}

fn read(kid: String, purpose: KeyUse, created_at: Timestamp, text: &str) -> Result<SourceKey, SourceKeyError> {
    // Neither sign is one of Base64's. `;` is the older.
    let (public, private) = text.split_once(['|', ';']).ok_or(SourceKeyError::Form)?;
    let bytes = |half: &str| BASE64.decode(half.trim().as_bytes()).map_err(|_| SourceKeyError::Form);
    let (public, private) = (bytes(public)?, Secret::new(bytes(private)?));
    let pair = RsaKeyPair::from_pkcs8(private.expose()).map_err(|_| SourceKeyError::Private)?;
    // A SubjectPublicKeyInfo ends with the bare public key (RFC 8017, A.1.1).
    if !public.ends_with(pair.public_key().as_ref()) {
        return Err(SourceKeyError::Halves);
    }
    Ok(SourceKey { kid, purpose, algorithm: Algorithm::Rs256, created_at, public, private })
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
    use aws_lc_rs::rsa::KeySize;

    /// A fresh pair as they write it: the public half, the private half.
    fn pair() -> (String, String) {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
        let public: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
        let private: Pkcs8V1Der<'_> = pair.as_der().unwrap();
        (BASE64.encode(public.as_ref()), BASE64.encode(private.as_ref()))
    }

    #[test]
    fn both_forms_are_read_and_nothing_else() {
        let (public, private) = pair();
        for text in [format!("{public}|{private}"), format!("{public};{private}")] {
            let key = SourceKey::rotating(Timestamp(1_700_000_000_000), &text).unwrap_or_else(|e| panic!("{e}"));
            assert_eq!((key.kid.as_str(), key.purpose, key.algorithm), ("d-1700000000000", KeyUse::Session, Algorithm::Rs256));
            assert_eq!(BASE64.encode(&key.public), public);
            assert_eq!(BASE64.encode(key.private.expose()), private);
            let key = SourceKey::staying("s-1", "rs256", Timestamp(5), &text).unwrap_or_else(|e| panic!("{e}"));
            assert_eq!((key.kid.as_str(), key.purpose, key.created_at), ("s-1", KeyUse::Static, Timestamp(5)));
            assert_eq!(SourceKey::staying("s-1", "HS256", Timestamp(5), &text).err(), Some(SourceKeyError::Algorithm));
        }
        let other = pair().0;
        for (text, expected) in [
            (String::new(), SourceKeyError::Form),
            (public.clone(), SourceKeyError::Form),
            (format!("{public}|"), SourceKeyError::Private),
            (format!("{public}|{}", &private[..private.len() - 8]), SourceKeyError::Private),
            (format!("{public}|-----BEGIN PRIVATE KEY-----"), SourceKeyError::Form),
            (format!("{public}|{private}|{private}"), SourceKeyError::Form),
            (format!("{private}|{public}"), SourceKeyError::Private),
            (format!("{other}|{private}"), SourceKeyError::Halves),
        ] {
            assert_eq!(SourceKey::rotating(Timestamp(1), &text).err(), Some(expected));
        }
    }
}

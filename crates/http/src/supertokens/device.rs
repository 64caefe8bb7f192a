//! SuperTokens' `deviceId`: a sign-in's id and the secret of the browser that started it, as one word. Back ends ask by it
//! alone, so it has to name the sign-in.

use postkey_model::SignInId;

/// The word.
pub fn write(id: &SignInId, secret: &str) -> String {
    format!("{id}.{secret}")
}

/// Takes it apart; `None` when it is none of ours.
pub fn read(text: &str) -> Option<(SignInId, &str)> {
    let (id, secret) = text.split_once('.')?;
    Some((SignInId::parse(id)?, secret)).filter(|(_, secret)| !secret.is_empty())
}

//! SuperTokens' frontend dialect (FDI): for now its session endpoints and cookies, which the pages use too.
//! Contract: `supertokens-frontend.md` §4.

pub mod cookies;
pub mod session;

//! SuperTokens' dialects: the frontend door for its web SDKs (FDI, contract supertokens-frontend.md) here, the back-end
//! door (CDI) in `core`. The session cookies are used by our own pages too.

mod asked;
pub mod codes;
pub mod cookies;
pub mod core;
pub mod cors;
mod device;
pub mod email;
pub mod exists;
mod linking;
pub mod methods;
pub mod not_offered;
pub mod session;
pub mod third_party;
mod tokens;
mod user;

//! The nouns of Postkey: ids, secrets, identifiers, sign-ins, sessions, keys, and [`Change`], the complete
//! list of everything that can happen to stored data. No I/O, no clock, no randomness of its own, no async.

pub mod call;
pub mod change;
pub mod code;
pub mod entropy;
pub mod event;
pub mod fingerprint;
pub mod id;
pub mod identifier;
pub mod keyring;
pub mod message;
pub mod redirect;
pub mod secret;
pub mod session;
pub mod sign_in;
pub mod signing_key;
pub mod tenant;
pub mod time;
pub mod user;

pub use call::{Call, ClientIp};
pub use change::{Change, Dead, Yield};
pub use code::{CodeFormat, CodeStrength, TypedCode};
pub use entropy::Entropy;
pub use event::{Event, EventKind};
pub use fingerprint::fingerprint;
pub use id::{EventId, IdentityId, MessageId, SessionHandle, SignInId, TenantId, UserId};
pub use identifier::{EmailAddress, Identifier, IdentifierError};
pub use keyring::{CodeHash, DeviceHash, Keyring, LinkHash, RootKey, Sealed, SealedOpenError, TrustTag};
pub use message::{Channel, Message, MessageContent, MessageKind};
pub use redirect::{Destination, DestinationError, Destinations, Origin, OriginError};
pub use secret::Secret;
pub use session::{RefreshToken, Retired, RotationPolicy, Session};
pub use sign_in::{Account, Budget, EndedHow, OlderCode, SentCode, SignIn};
pub use signing_key::{Algorithm, KeySet, SigningKey};
pub use tenant::{BudgetRules, Flow, SessionRules, SignInRules, Tenant};
pub use time::{Clock, Millis, Timestamp};
pub use user::{Connection, Identity, User};

//! The nouns of Postkey: ids, secrets, identifiers, sign-ins, sessions, keys, and [`Change`], the complete
//! list of everything that can happen to stored data. No I/O, no clock, no randomness of its own, no async.

pub mod agent;
pub mod application;
pub mod brand;
pub mod bulk;
pub mod call;
pub mod change;
pub mod checksum;
pub mod code;
pub mod color;
pub mod connection;
pub mod custom_claim;
pub mod directory_change;
pub mod email_token;
pub mod entropy;
pub mod event;
pub mod fingerprint;
pub mod id;
pub mod identifier;
pub mod keyring;
pub mod limit;
pub mod login_change;
pub mod login_invite;
pub mod login_request;
pub mod message;
pub mod phone;
pub mod provider;
pub mod redirect;
pub mod region;
pub mod registered;
pub mod secret;
pub mod service_client;
pub mod session;
pub mod sign_in;
pub mod signing_key;
pub mod stored_tenant;
pub mod tenant;
pub mod text;
pub mod time;
pub mod user;
pub mod webhook;

pub use agent::{Agent, Browser, System};
pub use application::{ApplicationSettings, RedirectRule};
pub use brand::{Accent, Brand, BrandError, Logo, LogoKind, Shades};
pub use call::{Call, ClientIp};
pub use change::{Change, Dead, Old, Yield};
pub use checksum::Checksum;
pub use code::{CodeFormat, CodeStrength, TypedCode};
pub use color::{Color, ColorError};
pub use connection::{ConnectionSettings, Linking, Way};
pub use custom_claim::{CustomClaim, CustomClaimError, custom_claims};
pub use directory_change::DirectoryChange;
pub use email_token::EmailToken;
pub use entropy::Entropy;
pub use event::{Actor, Event, EventIf, EventKind};
pub use fingerprint::fingerprint;
pub use id::{AppId, EventId, IdentityId, MessageId, SessionHandle, SignInId, TenantId, UserId};
pub use identifier::{ContactMethod, EmailAddress, Identifier, IdentifierError};
pub use keyring::{CodeHash, DeviceHash, Keyring, LinkHash, RootKey, Sealed, SealedOpenError, TrustTag};
pub use limit::{GuessRules, Limit, ServerRules};
pub use login_change::LoginChange;
pub use login_invite::InviteSettings;
pub use login_request::{LinkTo, LoginContext, LoginEnd, LoginProof, LoginRequest, LoginRequestId, LoginState, ReturnMode};
pub use message::{Asked, Channel, Delivery, DeliveryOutcome, Message, MessageContent, MessageKind};
pub use phone::{Guess, PhoneError, PhoneNumber, guess};
pub use provider::{
    ClientAuth, Expression, ExpressionError, PROTOCOL_PARAMETERS, Preset, ProviderSettings, check_service_url, is_loopback, service_url,
};
pub use redirect::{Destination, DestinationError, Destinations, Origin, OriginError};
pub use region::Region;
pub use registered::{Application, LoginInvite, Registered, RegisteredRow, ServiceClient, Settings, StoredConnection};
pub use secret::Secret;
pub use service_client::{ClientKey, ClientSettings};
pub use session::{BackEnd, LineageToken, RefreshToken, Retired, RotationPolicy, Session};
pub use sign_in::{Account, Budget, EndedHow, OlderCode, Opening, Purpose, SendCounter, SentCode, SignIn};
pub use signing_key::{Algorithm, KeySet, KeyUse, SigningKey};
pub use stored_tenant::{LoginSettings, StoredTenant, TenantSettings};
pub use tenant::{
    AllowList, BackEndRules, BudgetRules, Flow, LoginRules, PhoneRules, SendRules, SessionRules, SignInRules, SignUp, Tenant, WebRules,
    Website,
};
pub use text::{Day, Money, TextRules};
pub use time::{Clock, Millis, Timestamp};
pub use user::{Connection, Identity, ProviderId, User};
pub use webhook::{LifecycleKind, Notice, Subscription, WebhookChange};

//! The doors' tests: the real routers in process, on a SQLite store in a folder of its own, with a clock that is
//! moved by hand and seeded entropy. Whole answers are held against snapshots (`INSTA_UPDATE=always` writes them
//! anew; read the difference before you keep it).

#[cfg(test)]
#[path = "doors/house.rs"]
mod house;
#[cfg(test)]
#[path = "doors/tape.rs"]
mod tape;
#[cfg(test)]
#[path = "doors/visitor.rs"]
mod visitor;

#[cfg(test)]
#[path = "doors/account.rs"]
mod account;
#[cfg(test)]
#[path = "doors/addresses.rs"]
mod addresses;
#[cfg(test)]
#[path = "doors/brands.rs"]
mod brands;
#[cfg(test)]
#[path = "doors/cookies.rs"]
mod cookies;
#[cfg(test)]
#[path = "doors/dev.rs"]
mod dev;
#[cfg(test)]
#[path = "doors/elsewhere.rs"]
mod elsewhere;
#[cfg(test)]
#[path = "doors/fields.rs"]
mod fields;
#[cfg(test)]
#[path = "doors/forms.rs"]
mod forms;
#[cfg(test)]
#[path = "doors/front.rs"]
mod front;
#[cfg(test)]
#[path = "doors/front_codes.rs"]
mod front_codes;
#[cfg(test)]
#[path = "doors/front_linking.rs"]
mod front_linking;
#[cfg(test)]
#[path = "doors/front_origins.rs"]
mod front_origins;
#[cfg(test)]
#[path = "doors/front_others.rs"]
mod front_others;
#[cfg(test)]
#[path = "doors/front_sessions.rs"]
mod front_sessions;
#[cfg(test)]
#[path = "doors/gone.rs"]
mod gone;
#[cfg(test)]
#[path = "doors/hosts.rs"]
mod hosts;
#[cfg(test)]
#[path = "doors/languages.rs"]
mod languages;
#[cfg(test)]
#[path = "doors/limits.rs"]
mod limits;
#[cfg(test)]
#[path = "doors/links.rs"]
mod links;
#[cfg(test)]
#[path = "doors/login.rs"]
mod login;
#[cfg(test)]
#[path = "doors/logins.rs"]
mod logins;
#[cfg(test)]
#[path = "doors/management.rs"]
mod management;
#[cfg(test)]
#[path = "doors/management_wire.rs"]
mod management_wire;
#[cfg(test)]
#[path = "doors/overload.rs"]
mod overload;
#[cfg(test)]
#[path = "doors/places.rs"]
mod places;
#[cfg(test)]
#[path = "doors/private.rs"]
mod private;
#[cfg(test)]
#[path = "doors/properties.rs"]
mod properties;
#[cfg(test)]
#[path = "doors/removal.rs"]
mod removal;
#[cfg(test)]
#[path = "doors/routes.rs"]
mod routes;
#[cfg(test)]
#[path = "doors/screens.rs"]
mod screens;
#[cfg(test)]
#[path = "doors/sessions.rs"]
mod sessions;
#[cfg(test)]
#[path = "doors/sign_ups.rs"]
mod sign_ups;
#[cfg(test)]
#[path = "doors/timeline.rs"]
mod timeline;
#[cfg(test)]
#[path = "doors/watch.rs"]
mod watch;
#[cfg(test)]
#[path = "doors/wire.rs"]
mod wire;

//! The verbs on a real store: every test runs on SQLite and on PostgreSQL, with a clock that the test moves.
//! PostgreSQL is found by POSTKEY_TEST_POSTGRES, the URL of a server where databases may be made.

#[cfg(test)]
#[path = "verbs/kit.rs"]
#[macro_use]
mod kit;

#[cfg(test)]
#[path = "verbs/budget.rs"]
mod budget;
#[cfg(test)]
#[path = "verbs/keys.rs"]
mod keys;
#[cfg(test)]
#[path = "verbs/model.rs"]
mod model;
#[cfg(test)]
#[path = "verbs/races.rs"]
mod races;
#[cfg(test)]
#[path = "verbs/reference.rs"]
mod reference;
#[cfg(test)]
#[path = "verbs/sessions.rs"]
mod sessions;
#[cfg(test)]
#[path = "verbs/sign_ins.rs"]
mod sign_ins;
#[cfg(test)]
#[path = "verbs/tokens.rs"]
mod tokens;

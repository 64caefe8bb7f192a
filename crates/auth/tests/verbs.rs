//! The verbs on a real store: every test runs on SQLite and on PostgreSQL, with a clock that the test moves.
//! PostgreSQL is found by POSTKEY_TEST_POSTGRES, the URL of a server where databases may be made.

#[cfg(test)]
#[path = "verbs/kit.rs"]
#[macro_use]
mod kit;

#[cfg(test)]
#[path = "verbs/approvals.rs"]
mod approvals;
#[cfg(test)]
#[path = "verbs/back_end_codes.rs"]
mod back_end_codes;
#[cfg(test)]
#[path = "verbs/back_end_linking.rs"]
mod back_end_linking;
#[cfg(test)]
#[path = "verbs/back_end_notes.rs"]
mod back_end_notes;
#[cfg(test)]
#[path = "verbs/back_end_people.rs"]
mod back_end_people;
#[cfg(test)]
#[path = "verbs/back_end_sessions.rs"]
mod back_end_sessions;
#[cfg(test)]
#[path = "verbs/back_end_tenants.rs"]
mod back_end_tenants;
#[cfg(test)]
#[path = "verbs/budget.rs"]
mod budget;
#[cfg(test)]
#[path = "verbs/changes.rs"]
mod changes;
#[cfg(test)]
#[path = "verbs/clock.rs"]
mod clock;
#[cfg(test)]
#[path = "verbs/drill.rs"]
mod drill;
#[cfg(test)]
#[path = "verbs/guards.rs"]
mod guards;
#[cfg(test)]
#[path = "verbs/guessing.rs"]
mod guessing;
#[cfg(test)]
#[path = "verbs/identifiers.rs"]
mod identifiers;
#[cfg(test)]
#[path = "verbs/import.rs"]
mod import;
#[cfg(test)]
#[path = "verbs/keys.rs"]
mod keys;
#[cfg(test)]
#[path = "verbs/links.rs"]
mod links;
#[cfg(test)]
#[path = "verbs/login.rs"]
mod login;
#[cfg(test)]
#[path = "verbs/login_joining.rs"]
mod login_joining;
#[cfg(test)]
#[path = "verbs/login_provider.rs"]
mod login_provider;
#[cfg(test)]
#[path = "verbs/login_registered.rs"]
mod login_registered;
#[cfg(test)]
#[path = "verbs/login_tenants.rs"]
mod login_tenants;
#[cfg(test)]
#[path = "verbs/login_unlinking.rs"]
mod login_unlinking;
#[cfg(test)]
#[path = "verbs/model.rs"]
mod model;
#[cfg(test)]
#[path = "verbs/phones.rs"]
mod phones;
#[cfg(test)]
#[path = "verbs/races.rs"]
mod races;
#[cfg(test)]
#[path = "verbs/reference.rs"]
mod reference;
#[cfg(test)]
#[path = "verbs/removals.rs"]
mod removals;
#[cfg(test)]
#[path = "verbs/root_keys.rs"]
mod root_keys;
#[cfg(test)]
#[path = "verbs/sessions.rs"]
mod sessions;
#[cfg(test)]
#[path = "verbs/settled.rs"]
mod settled;
#[cfg(test)]
#[path = "verbs/sign_ins.rs"]
mod sign_ins;
#[cfg(test)]
#[path = "verbs/sign_ups.rs"]
mod sign_ups;
#[cfg(test)]
#[path = "verbs/texts.rs"]
mod texts;
#[cfg(test)]
#[path = "verbs/throttling.rs"]
mod throttling;
#[cfg(test)]
#[path = "verbs/timeline.rs"]
mod timeline;
#[cfg(test)]
#[path = "verbs/tokens.rs"]
mod tokens;
#[cfg(test)]
#[path = "verbs/trail.rs"]
mod trail;
#[cfg(test)]
#[path = "verbs/web.rs"]
mod web;
#[cfg(test)]
#[path = "verbs/webhooks.rs"]
mod webhooks;

//! The store's contract: every test runs on SQLite and on PostgreSQL. What only one engine can show stands in
//! `engines`. PostgreSQL is found by POSTKEY_TEST_POSTGRES, the URL of a server where databases may be made.

#[cfg(test)]
#[path = "contract/kit.rs"]
#[macro_use]
mod kit;

#[cfg(test)]
#[path = "contract/approvals.rs"]
mod approvals;
#[cfg(test)]
#[path = "contract/budgets.rs"]
mod budgets;
#[cfg(test)]
#[path = "contract/clearing.rs"]
mod clearing;
#[cfg(test)]
#[path = "contract/commits.rs"]
mod commits;
#[cfg(test)]
#[path = "contract/copying.rs"]
mod copying;
#[cfg(test)]
#[path = "contract/deliveries.rs"]
mod deliveries;
#[cfg(test)]
#[path = "contract/directory.rs"]
mod directory;
#[cfg(test)]
#[path = "contract/engines.rs"]
mod engines;
#[cfg(test)]
#[path = "contract/events.rs"]
mod events;
#[cfg(test)]
#[path = "contract/figures.rs"]
mod figures;
#[cfg(test)]
#[path = "contract/identities.rs"]
mod identities;
#[cfg(test)]
#[path = "contract/invites.rs"]
mod invites;
#[cfg(test)]
#[path = "contract/keys.rs"]
mod keys;
#[cfg(test)]
#[path = "contract/listings.rs"]
mod listings;
#[cfg(test)]
#[path = "contract/logins.rs"]
mod logins;
#[cfg(test)]
#[path = "contract/opening.rs"]
mod opening;
#[cfg(test)]
#[path = "contract/outbox.rs"]
mod outbox;
#[cfg(test)]
#[path = "contract/races.rs"]
mod races;
#[cfg(test)]
#[path = "contract/reference.rs"]
mod reference;
#[cfg(test)]
#[path = "contract/sends.rs"]
mod sends;
#[cfg(test)]
#[path = "contract/sessions.rs"]
mod sessions;
#[cfg(test)]
#[path = "contract/sign_ins.rs"]
mod sign_ins;
#[cfg(test)]
#[path = "contract/steps.rs"]
mod steps;
#[cfg(test)]
#[path = "contract/supertokens.rs"]
mod supertokens;
#[cfg(test)]
#[path = "contract/text.rs"]
mod text;
#[cfg(test)]
#[path = "contract/upgrade.rs"]
mod upgrade;
#[cfg(test)]
#[path = "contract/users.rs"]
mod users;
#[cfg(test)]
#[path = "contract/webhooks.rs"]
mod webhooks;

//! What is counted, in statements: guess budgets, and all that keeps messages few. They share a table; each count is one row.

use crate::sql;
use crate::statement::{BUDGETS, Guard, Member, event_values};
use crate::value::values;
use postkey_model::{Account, Event, Millis, TenantId, Timestamp};

/// A row: whose count it is, in which tenant.
type Row<'a> = (&'a TenantId, &'a Account);

impl Member {
    /// Counts a wrong code. Yields the count.
    pub(crate) fn spend_budget(&mut self, row: Row<'_>, limit: i64, (at, window): (Timestamp, Millis), when_spent: &Event) {
        let (tenant, account) = (row.0.as_str(), row.1.as_str());
        self.push(sql::SPEND_BUDGET, Guard::Touches, (BUDGETS, &key(row)), values![tenant, account, at + window, at, limit]);
        let mut params = event_values(when_spent);
        params.extend(values![tenant, account, limit]);
        // Under the budget's key: right behind its own count, before anybody else's.
        self.push(sql::NOTE_SPENT_BUDGET, Guard::Free, (BUDGETS, &key(row)), params);
    }

    /// Lets the rest of the commit through as long as the budget is not spent.
    pub(crate) fn within_budget(&mut self, tenant: &TenantId, within: Option<(Account, i64)>, at: Timestamp) {
        if let Some((account, limit)) = within {
            let params = values![limit, at, tenant.as_str(), account.as_str()];
            self.push(sql::WITHIN_BUDGET, Guard::Touches, (BUDGETS, &key((tenant, &account))), params);
        }
    }

    /// Counts a message, or what it costs.
    pub(crate) fn count(&mut self, row: Row<'_>, by: i64, limit: i64, (at, window): (Timestamp, Millis)) {
        let params = values![row.0.as_str(), row.1.as_str(), by, at + window, at, limit];
        self.push(sql::COUNT_SEND, Guard::Touches, (BUDGETS, &key(row)), params);
    }

    /// Takes back what was counted, down to nothing.
    pub(crate) fn uncount(&mut self, row: Row<'_>, by: i64) {
        self.push(sql::USE_TEXTS, Guard::Free, (BUDGETS, &key(row)), values![by, row.0.as_str(), row.1.as_str()]);
    }

    /// Clears a count whose window closed.
    pub(crate) fn forget_count(&mut self, row: Row<'_>, before: Timestamp) {
        let params = values![row.0.as_str(), row.1.as_str(), before];
        self.push(sql::FORGET_BUDGET, Guard::Free, (BUDGETS, &key(row)), params);
    }
}

fn key((tenant, account): Row<'_>) -> String {
    format!("{tenant}/{}", account.as_str())
}

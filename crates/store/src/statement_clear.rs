//! Clearing away in statements: dead rows that were named, and old rows by their own time.

use crate::statement::{EVENTS, Guard, LOGINS, Member, SESSIONS, SIGN_INS, USERS, WEBHOOKS};
use crate::value::values;
use crate::{sql, sql_login, sql_webhook};
use postkey_model::{Dead, Old, Timestamp};

impl Member {
    pub(crate) fn clear(&mut self, table: Old, before: Timestamp, limit: i64) {
        match table {
            Old::Events => {
                let params = values![postkey_model::EventId::floor(before), limit];
                self.push(sql::CLEAR_EVENTS, Guard::Free, (EVENTS, ""), params);
            }
            Old::LoginRequests => {
                self.push(sql_login::CLEAR_REQUESTS, Guard::Free, (LOGINS, ""), values![before, limit]);
            }
            Old::UsedAssertions => {
                self.push(sql_login::CLEAR_ASSERTIONS, Guard::Free, (LOGINS, ""), values![before, limit]);
            }
            Old::Decisions => {
                self.push(sql_login::CLEAR_DECISIONS, Guard::Free, (USERS, ""), values![before, limit]);
            }
            Old::Webhooks => {
                self.push(sql_webhook::CLEAR, Guard::Free, (WEBHOOKS, ""), values![before, limit]);
            }
            Old::EmailTokens => {
                self.push(sql::CLEAR_EMAIL_TOKENS, Guard::Free, (USERS, ""), values![before, limit]);
            }
        }
    }

    pub(crate) fn forget(&mut self, rows: Dead, before: Timestamp) {
        match rows {
            Dead::SignIns(ids) => {
                for id in &ids {
                    self.push(sql::FORGET_SIGN_IN, Guard::Free, (SIGN_INS, id.as_str()), values![id.as_str(), before]);
                    self.push(sql::FORGET_CODES, Guard::Free, (SIGN_INS, id.as_str()), values![id.as_str()]);
                    self.push(sql::FORGET_DELIVERIES, Guard::Free, (SIGN_INS, id.as_str()), values![id.as_str()]);
                }
            }
            Dead::Sessions(handles) => {
                for handle in &handles {
                    self.push(sql::FORGET_SESSION, Guard::Free, (SESSIONS, handle.as_str()), values![handle.as_str(), before]);
                }
            }
            Dead::Budgets(keys) => {
                for (tenant, account) in &keys {
                    self.forget_count((tenant, account), before);
                }
            }
        }
    }
}

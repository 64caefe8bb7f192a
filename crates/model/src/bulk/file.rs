//! A file of bulk-import JSON, `{"users": […]}`, read and written one person at a time: its size does not matter.

use super::BulkUser;
use serde::Deserialize;
use serde_json::Value;
use std::io::{self, BufRead, Write};
use thiserror::Error;

/// One place in the list.
#[derive(Clone, Debug, PartialEq)]
pub struct BulkRow {
    /// Which, from 1.
    pub number: u64,
    /// The person, or why what stands there is none.
    pub user: Result<BulkUser, String>,
}

/// Why a file cannot be read on.
#[derive(Debug, Error)]
pub enum BulkFileError {
    /// It is not the JSON that it should be.
    #[error("after user {after}: {why}")]
    Malformed {
        /// The last person that could be read.
        after: u64,
        /// What is wrong.
        why: String,
    },
    /// It could not be read.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// A file under reading: an iterator over its people. Ends after an error.
pub struct BulkFile<R> {
    source: R,
    read: u64,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Before,
    Inside,
    Done,
}

impl<R: BufRead> BulkFile<R> {
    /// Reads from `source`.
    pub fn new(source: R) -> Self {
        BulkFile { source, read: 0, state: State::Before }
    }

    fn malformed(&self, why: impl Into<String>) -> BulkFileError {
        BulkFileError::Malformed { after: self.read, why: why.into() }
    }

    /// The next sign that is no white space, left in its place.
    fn peek(&mut self) -> Result<Option<u8>, BulkFileError> {
        loop {
            let buffer = self.source.fill_buf()?;
            let Some(&first) = buffer.first() else { return Ok(None) };
            if !matches!(first, b' ' | b'\t' | b'\r' | b'\n') {
                return Ok(Some(first));
            }
            self.source.consume(1);
        }
    }

    fn expect(&mut self, sign: u8) -> Result<(), BulkFileError> {
        if self.peek()? != Some(sign) {
            return Err(self.malformed(format!("`{}` is missing: the file is one object, {{\"users\": […]}}", char::from(sign))));
        }
        self.source.consume(1);
        Ok(())
    }

    fn value(&mut self) -> Result<Value, BulkFileError> {
        let mut reader = serde_json::Deserializer::from_reader(&mut self.source);
        Value::deserialize(&mut reader).map_err(|e| if e.is_io() { BulkFileError::Io(e.into()) } else { self.malformed(e.to_string()) })
    }

    fn next_row(&mut self) -> Result<Option<BulkRow>, BulkFileError> {
        if self.state == State::Before {
            self.expect(b'{')?;
            if self.peek()? != Some(b'"') || self.value()? != "users" {
                return Err(self.malformed("the file is one object with the one field `users`"));
            }
            self.expect(b':')?;
            self.expect(b'[')?;
            self.state = State::Inside;
            if self.peek()? == Some(b']') {
                return self.end();
            }
        } else if self.peek()? == Some(b',') {
            self.source.consume(1);
        } else {
            return self.end();
        }
        // Only an object tells by itself where it ends.
        if self.peek()? != Some(b'{') {
            return Err(self.malformed("each user is an object"));
        }
        let value = self.value()?;
        self.read += 1;
        Ok(Some(BulkRow { number: self.read, user: serde_json::from_value(value).map_err(|e| e.to_string()) }))
    }

    fn end(&mut self) -> Result<Option<BulkRow>, BulkFileError> {
        self.expect(b']')?;
        self.expect(b'}')?;
        if self.peek()?.is_some() {
            return Err(self.malformed("something stands behind the end"));
        }
        Ok(None)
    }
}

impl<R: BufRead> Iterator for BulkFile<R> {
    type Item = Result<BulkRow, BulkFileError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.state == State::Done {
            return None;
        }
        let row = self.next_row();
        if !matches!(row, Ok(Some(_))) {
            self.state = State::Done;
        }
        row.transpose()
    }
}

/// A file under writing, one line for each person.
pub struct BulkWriter<W> {
    target: W,
    written: u64,
}

impl<W: Write> BulkWriter<W> {
    /// How many people one request to SuperTokens' bulk import takes.
    pub const REQUEST: u64 = 10_000;

    /// Writes to `target`.
    pub fn new(mut target: W) -> io::Result<Self> {
        target.write_all(b"{\"users\":[")?;
        Ok(BulkWriter { target, written: 0 })
    }

    /// Adds one person.
    pub fn add(&mut self, user: &BulkUser) -> io::Result<()> {
        self.target.write_all(if self.written == 0 { b"\n" } else { b",\n" })?;
        serde_json::to_writer(&mut self.target, user)?;
        self.written += 1;
        Ok(())
    }

    /// How many people stand in it.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// Ends the file and hands the target back.
    pub fn finish(mut self) -> io::Result<W> {
        self.target.write_all(b"\n]}\n")?;
        self.target.flush()?;
        Ok(self.target)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{BulkLoginMethod, BulkRole, Dropped, Recipe};
    use super::*;
    use std::io::BufReader;

    fn read(text: &str) -> Vec<Result<BulkRow, String>> {
        // One sign at a time: nothing may hang on where a buffer ends.
        BulkFile::new(BufReader::with_capacity(1, text.as_bytes())).map(|row| row.map_err(|e| e.to_string())).collect()
    }

    fn users(text: &str) -> Vec<BulkUser> {
        read(text).into_iter().map(|row| row.unwrap().user.unwrap()).collect()
    }

    #[test]
    fn every_field_of_the_form_is_read() {
        let text = r#" {
            "users" : [
                { "externalUserId": "ext", "userMetadata": { "a": [1, {"}": "]"}] }, "userRoles": [{ "role": "admin", "tenantIds": ["public"] }],
                  "totpDevices": [{ "secretKey": "S3CRET", "period": 30, "skew": 1, "deviceName": "d" }],
                  "loginMethods": [
                    { "recipeId": "emailpassword", "tenantIds": ["public"], "isVerified": true, "isPrimary": true,
                      "timeJoinedInMSSinceEpoch": 1, "email": "a@example.com", "passwordHash": "S3CRET", "hashingAlgorithm": "bcrypt",
                      "plainTextPassword": "S3CRET" },
                    { "recipeId": "thirdparty", "email": "a@example.com", "thirdPartyId": "google", "thirdPartyUserId": "1" },
                    { "recipeId": "passwordless", "phoneNumber": "+14155552671", "isPrimary": null, "superTokensUserId": "x" } ] } ,
                { "loginMethods": [], "userRoles": null, "totpDevices": null, "userMetadata": null }
            ]
        } "#;
        let users = users(text);
        assert_eq!(users.len(), 2);
        assert_eq!(users[1], BulkUser::default());
        let one = &users[0];
        assert_eq!(one.user_roles, [BulkRole { role: "admin".to_owned(), tenant_ids: vec!["public".to_owned()] }]);
        assert_eq!(one.totp_devices[0].device_name.as_deref(), Some("d"));
        let recipes: Vec<Recipe> = one.login_methods.iter().map(|method| method.recipe_id).collect();
        assert_eq!(recipes, [Recipe::EmailPassword, Recipe::ThirdParty, Recipe::Passwordless]);
        assert_eq!((one.login_methods[0].time_joined, one.login_methods[0].is_primary), (Some(1), Some(true)));
        assert_eq!(one.login_methods[2].super_tokens_user_id.as_deref(), Some("x"));
        assert!(!format!("{users:?}").contains("S3CRET"), "passwords and keys are dropped");
        assert!(!serde_json::to_string(&users).unwrap().contains("S3CRET"));
    }

    #[test]
    fn a_user_that_is_none_is_told_of_and_the_next_one_is_read() {
        let text = r#"{"users":[{"loginMethods":[{"recipeId":"passwordless","mail":"a@example.com"}]},{"loginMethods":[{"recipeId":"saml"}]},
            {"loginMethods":[{}]},{"userRoles":["admin"]},{"nickname":"x"},{"externalUserId":7},{"externalUserId":"fine"}]}"#;
        let rows = read(text);
        let whys: Vec<String> = rows.iter().filter_map(|row| row.as_ref().unwrap().user.clone().err()).collect();
        for (why, part) in whys.iter().zip(["`mail`", "`saml`", "`recipeId`", "BulkRole", "`nickname`", "7"]) {
            assert!(why.contains(part), "{why}");
        }
        assert_eq!(whys.len(), 6);
        let last = rows[6].as_ref().unwrap();
        assert_eq!((last.number, last.user.as_ref().unwrap().external_user_id.as_deref()), (7, Some("fine")));
    }

    #[test]
    fn a_file_that_is_none_ends_with_the_reason() {
        for (text, before) in [
            ("", 0),
            ("[]", 0),
            ("{}", 0),
            (r#"{"people":[]}"#, 0),
            (r#"{"users":{}}"#, 0),
            (r#"{"users":[1]}"#, 0),
            (r#"{"users":[{},]}"#, 1),
            (r#"{"users":[{} {}]}"#, 1),
            (r#"{"users":[{},"x"]}"#, 1),
            (r#"{"users":[{}"#, 1),
            (r#"{"users":[{},{"loginMethods":[}]}"#, 1),
            (r#"{"users":[{}]"#, 1),
            (r#"{"users":[{}],"more":1}"#, 1),
            (r#"{"users":[{}]} {}"#, 1),
            ("{\"users\":[{\"externalUserId\":\"\u{1}\"}]}", 0),
        ] {
            let rows = read(text);
            assert_eq!(rows.len(), before + 1, "{text}: {rows:?}");
            let why = rows[before].as_ref().err().unwrap_or_else(|| panic!("{text}: {rows:?}"));
            assert!(why.starts_with(&format!("after user {before}: ")), "{text}: {why}");
        }
        assert_eq!(read(r#"{"users":[]}"#), []);
    }

    #[test]
    fn what_is_written_is_their_form_and_is_read_back() {
        let mut method = BulkLoginMethod::new(Recipe::Passwordless);
        (method.email, method.tenant_ids, method.time_joined) = (Some("a@example.com".to_owned()), Some(vec!["acme".to_owned()]), Some(5));
        let mut other = BulkLoginMethod::new(Recipe::ThirdParty);
        (other.third_party_id, other.third_party_user_id) = (Some("google".to_owned()), Some("1".to_owned()));
        (other.is_primary, other.is_verified, other.password_hash) = (Some(true), Some(false), Dropped);
        let role = BulkRole { role: "admin".to_owned(), tenant_ids: vec!["acme".to_owned()] };
        let linked =
            BulkUser { id: Some("u".to_owned()), user_roles: vec![role], login_methods: vec![method, other], ..BulkUser::default() };
        for list in [vec![], vec![linked.clone()], vec![linked, BulkUser::default()]] {
            let mut writer = BulkWriter::new(Vec::new()).unwrap();
            list.iter().for_each(|user| writer.add(user).unwrap());
            assert_eq!(writer.written(), list.len() as u64);
            let text = String::from_utf8(writer.finish().unwrap()).unwrap();
            assert_eq!(users(&text), list);
            let whole: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(whole["users"].as_array().unwrap().len(), list.len());
            if let Some(first) = whole["users"].get(0) {
                let expected = serde_json::json!({"id": "u", "userRoles": [{"role": "admin", "tenantIds": ["acme"]}], "loginMethods": [
                    {"recipeId": "passwordless", "tenantIds": ["acme"], "timeJoinedInMSSinceEpoch": 5, "email": "a@example.com"},
                    {"recipeId": "thirdparty", "isVerified": false, "isPrimary": true, "thirdPartyId": "google", "thirdPartyUserId": "1"}]});
                assert_eq!(first, &expected);
            }
        }
    }
}

//! Values on their way into and out of both engines.

use crate::Unavailable;
use bytes::BytesMut;
use postkey_model::Timestamp;
use rusqlite::types::{ToSql as ToSqlite, ToSqlOutput, ValueRef};
use tokio_postgres::types::{IsNull, ToSql as ToPostgres, Type, to_sql_checked};

/// One value: what our columns hold, and no more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Null,
    Int(i64),
    Text(String),
    Bytes(Vec<u8>),
}

impl From<i64> for Value {
    fn from(n: i64) -> Self {
        Value::Int(n)
    }
}
impl From<Timestamp> for Value {
    fn from(t: Timestamp) -> Self {
        Value::Int(t.0)
    }
}
impl From<&str> for Value {
    fn from(s: &str) -> Self {
        Value::Text(s.to_owned())
    }
}
impl From<String> for Value {
    fn from(s: String) -> Self {
        Value::Text(s)
    }
}
impl From<&[u8]> for Value {
    fn from(b: &[u8]) -> Self {
        Value::Bytes(b.to_vec())
    }
}
impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(o: Option<T>) -> Self {
        o.map_or(Value::Null, Into::into)
    }
}

/// `values![a, b]`: a list of [`Value`]s.
macro_rules! values {
    ($($value:expr),* $(,)?) => { vec![$($crate::value::Value::from($value)),*] };
}
pub(crate) use values;

impl ToSqlite for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Int(n) => ValueRef::Integer(*n),
            Value::Text(s) => ValueRef::Text(s.as_bytes()),
            Value::Bytes(b) => ValueRef::Blob(b),
        }))
    }
}

impl ToPostgres for Value {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Value::Null => Ok(IsNull::Yes),
            Value::Int(n) => ToPostgres::to_sql(n, ty, out),
            Value::Text(s) => ToPostgres::to_sql(s, ty, out),
            Value::Bytes(b) => ToPostgres::to_sql(b, ty, out),
        }
    }

    fn accepts(ty: &Type) -> bool {
        matches!(*ty, Type::INT8 | Type::TEXT | Type::BYTEA)
    }

    to_sql_checked!();
}

/// One row that was read. Columns are taken in order.
pub(crate) struct Record(std::vec::IntoIter<Value>);

impl Record {
    pub(crate) fn from_sqlite(row: &rusqlite::Row<'_>, columns: usize) -> rusqlite::Result<Self> {
        let mut values = Vec::with_capacity(columns);
        for i in 0..columns {
            values.push(match row.get_ref(i)? {
                ValueRef::Null => Value::Null,
                ValueRef::Integer(n) => Value::Int(n),
                ValueRef::Text(s) => Value::Text(String::from_utf8_lossy(s).into_owned()),
                ValueRef::Blob(b) => Value::Bytes(b.to_vec()),
                ValueRef::Real(_) => Value::Null,
            });
        }
        Ok(Record(values.into_iter()))
    }

    pub(crate) fn from_postgres(row: &tokio_postgres::Row) -> Result<Self, tokio_postgres::Error> {
        let mut values = Vec::with_capacity(row.len());
        for (i, column) in row.columns().iter().enumerate() {
            values.push(match *column.type_() {
                Type::INT8 => row.try_get::<_, Option<i64>>(i)?.into(),
                Type::BYTEA => row.try_get::<_, Option<&[u8]>>(i)?.into(),
                _ => row.try_get::<_, Option<&str>>(i)?.into(),
            });
        }
        Ok(Record(values.into_iter()))
    }

    /// All that was not taken yet.
    pub(crate) fn into_values(self) -> Vec<Value> {
        self.0.collect()
    }

    /// Whether the first column, not taken yet, is this text.
    pub(crate) fn first_is(&self, text: &str) -> bool {
        matches!(self.0.as_slice().first(), Some(Value::Text(first)) if first == text)
    }

    pub(crate) fn opt_text(&mut self) -> Result<Option<String>, Unavailable> {
        match self.0.next() {
            Some(Value::Text(s)) => Ok(Some(s)),
            Some(Value::Null) => Ok(None),
            _ => Err(odd("text")),
        }
    }

    pub(crate) fn opt_int(&mut self) -> Result<Option<i64>, Unavailable> {
        match self.0.next() {
            Some(Value::Int(n)) => Ok(Some(n)),
            Some(Value::Null) => Ok(None),
            _ => Err(odd("a number")),
        }
    }

    pub(crate) fn opt_bytes(&mut self) -> Result<Option<Vec<u8>>, Unavailable> {
        match self.0.next() {
            Some(Value::Bytes(b)) => Ok(Some(b)),
            Some(Value::Null) => Ok(None),
            _ => Err(odd("bytes")),
        }
    }

    pub(crate) fn text(&mut self) -> Result<String, Unavailable> {
        self.opt_text()?.ok_or_else(|| odd("text"))
    }

    pub(crate) fn int(&mut self) -> Result<i64, Unavailable> {
        self.opt_int()?.ok_or_else(|| odd("a number"))
    }

    pub(crate) fn bytes(&mut self) -> Result<Vec<u8>, Unavailable> {
        self.opt_bytes()?.ok_or_else(|| odd("bytes"))
    }

    pub(crate) fn time(&mut self) -> Result<Timestamp, Unavailable> {
        self.int().map(Timestamp)
    }

    pub(crate) fn opt_time(&mut self) -> Result<Option<Timestamp>, Unavailable> {
        Ok(self.opt_int()?.map(Timestamp))
    }

    /// A value read with `parse`, which knows the words that we store.
    pub(crate) fn word<T>(&mut self, parse: impl Fn(&str) -> Option<T>) -> Result<T, Unavailable> {
        parse(&self.text()?).ok_or_else(|| odd("a word we know"))
    }
}

/// A row that is not as we write rows: somebody else's hand, or a damaged file.
pub(crate) fn odd(expected: &str) -> Unavailable {
    Unavailable(format!("a stored row is not as it should be: {expected} was expected"))
}

//! The little in which the databases differ: how to reach them, what time it is, how a row is numbered.

use async_trait::async_trait;

/// A value that a statement is given.
#[derive(Clone, Copy, Debug)]
pub enum Arg<'a> {
    Text(&'a str),
    MaybeText(Option<&'a str>),
    Int(i64),
}

/// A value that a row holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Null,
    Text(String),
    Int(i64),
}

/// A statement and what it is given.
pub(crate) type Statement<'a> = (String, Vec<Arg<'a>>);

/// A database that statements written for both can be put to.
#[async_trait]
pub trait Dialect: Send + Sync + 'static {
    /// What a table's name begins with.
    fn tables(&self) -> &str;

    /// The moment, by the database's own clock, in microseconds since 1970.
    const NOW: &'static str;

    /// The type of a column that numbers its rows by itself, and never gives a number twice.
    const NUMBER: &'static str;

    /// The rows that it returns.
    async fn rows(&self, statement: Statement<'_>) -> Result<Vec<Vec<Value>>, sqlx::Error>;

    /// How many rows it changed.
    async fn execute(&self, statement: Statement<'_>) -> Result<u64, sqlx::Error>;

    /// All of them in one transaction, or none. Not to be dropped before it is done.
    async fn together(&self, statements: Vec<Statement<'_>>) -> Result<(), sqlx::Error>;

    /// Does what it can that nothing deleted stays readable.
    async fn erased(&self) {}
}

/// Puts each argument where the driver wants it.
macro_rules! bound {
    ($statement:expr) => {{
        let (sql, args) = $statement;
        let mut query = sqlx::query(sqlx::AssertSqlSafe(sql));
        for arg in args {
            query = match arg {
                Arg::Text(text) => query.bind(text.to_owned()),
                Arg::MaybeText(text) => query.bind(text.map(str::to_owned)),
                Arg::Int(int) => query.bind(int),
            };
        }
        query
    }};
}

/// The values of a row, whichever driver it came by.
macro_rules! values {
    ($row:expr) => {{
        use sqlx::Row as _;
        let row = $row;
        let value = |i| match row.try_get::<Option<i64>, _>(i) {
            Ok(Some(int)) => Ok(Value::Int(int)),
            Ok(None) => Ok(Value::Null),
            Err(_) => Ok(row.try_get::<Option<String>, _>(i)?.map_or(Value::Null, Value::Text)),
        };
        (0..row.len()).map(value).collect::<Result<Vec<_>, sqlx::Error>>()
    }};
}

pub(crate) use {bound, values};

//! The tables, by version.

use std::borrow::Cow;

use sqlx::{
    AssertSqlSafe, SqlSafeStr as _,
    migrate::{Migration, MigrationType, Migrator},
};

use crate::dialect::Dialect;

/// Each version of the tables. What was once released is never changed: its checksum is kept beside it.
const VERSIONS: [(i64, &str, &str); 1] = [(1, "store", include_str!("migrations/0001_store.sql"))];

/// The migrations in that database's words, counted in a table of their own.
pub(crate) fn migrator<D: Dialect>(db: &D) -> Migrator {
    let migrations = VERSIONS.map(|(version, name, sql)| {
        let sql = sql.replace("{t}", db.tables()).replace("{number}", D::NUMBER);
        let sql = AssertSqlSafe(sql).into_sql_str();
        Migration::new(version, Cow::Borrowed(name), MigrationType::Simple, sql, false)
    });
    let mut migrator = Migrator::with_migrations(migrations.into());
    migrator.dangerous_set_table_name(format!("{}migrations", db.tables()));
    migrator
}

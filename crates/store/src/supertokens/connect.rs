//! The connection to a SuperTokens database: it reads only, and says so to the server.

use crate::Unavailable;
use crate::postgres::{away, connect_at_leisure};
use std::time::Duration;
use tokio_postgres::{Client, Config};

const PATIENCE: Duration = Duration::from_secs(10);

/// Connects, with the tables of `schema` in reach. TLS as with our own database: always, except on this machine.
pub(super) async fn connect(url: &str, schema: &str) -> Result<Client, Unavailable> {
    let mut config: Config = url.parse().map_err(|e| Unavailable(format!("the database URL: {e}")))?;
    config.connect_timeout(PATIENCE).application_name("postkey import");
    let client = tokio::time::timeout(PATIENCE * 2, connect_at_leisure(&config))
        .await
        .unwrap_or_else(|_| Err(Unavailable("it did not answer in time".to_owned())))?;
    // A source that is in use must not notice us.
    let ready = format!(
        "SET search_path = \"{schema}\"; SET default_transaction_read_only = on; SET statement_timeout = '60s'; SET lock_timeout = '5s'"
    );
    client.batch_execute(&ready).await.map_err(away)?;
    Ok(client)
}

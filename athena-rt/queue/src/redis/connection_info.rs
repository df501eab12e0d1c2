//! The server, database and user that a URL means.

use ::redis::io::tcp::TcpSettings;
use ::redis::{ConnectionInfo, IntoConnectionInfo as _};

use crate::address::Address;
use crate::tls;
use athena_core::error::{Error, Result};

/// Converts an address for the client.
///
/// # Errors
///
/// The URL has an unknown or invalid setting.
pub(super) fn connection_info(address: &Address) -> Result<ConnectionInfo> {
    let wrong = |reason: String| Error::usage(reason).context(&address.redacted);
    let mut db: i64 = 0;
    for (name, value) in address.broker.query_pairs() {
        if name != "db" {
            return Err(wrong(format!("unknown setting {name:?}; the only one is `db`")));
        }
        let number = value.parse().ok().filter(|number| *number >= 0);
        db = number.ok_or_else(|| wrong("`db` must be a number, as in ?db=2".to_owned()))?;
    }
    if address.broker.scheme() == "rediss" {
        tls::choose_implementation();
    }
    let mut url = address.broker.clone();
    url.set_query(None);
    let info = url.into_connection_info().map_err(|error| wrong(error.to_string()))?;
    let user = info.redis_settings().clone().set_db(db);
    // Requests are written in one piece, so delaying them gains nothing.
    let tcp = TcpSettings::default().set_nodelay(true);
    Ok(info.set_redis_settings(user).set_tcp_settings(tcp))
}

/// Checks that the name is not the number of a database, as clients of caches write it: Redis would
/// have a stream of that name.
///
/// # Errors
///
/// The name is a number, or begins with one and a slash.
pub(super) fn check_is_stream(address: &Address) -> Result<()> {
    let Some((number, key)) = database(address.name()) else { return Ok(()) };
    let mut meant = address.broker.clone();
    // Fails only for a URL without a host.
    let _ = meant.set_username("").and_then(|()| meant.set_password(None));
    meant.set_path(key);
    meant.set_query(Some(&format!("db={number}")));
    Err(Error::usage(format!(
        "{} is not a queue: {number} is a database, not the name of a stream",
        address.redacted
    ))
    .help(format!("name the stream, and the database with ?db=: {meant}")))
}

/// The database and the key of a path that names a database first, `0` or `0/KEY`.
fn database(name: &str) -> Option<(&str, &str)> {
    let (number, key) = name.split_once('/').unwrap_or((name, "KEY"));
    let key = if key.is_empty() { "KEY" } else { key };
    number.bytes().all(|byte| byte.is_ascii_digit()).then_some((number, key))
}

/// Whether both mean the same database as the same user.
pub(super) fn is_same(one: &ConnectionInfo, other: &ConnectionInfo) -> bool {
    let user = |info: &ConnectionInfo| {
        let settings = info.redis_settings();
        (settings.db(), settings.username().map(str::to_owned))
    };
    one.addr() == other.addr() && user(one) == user(other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::open;

    fn parse(url: &str) -> Result<ConnectionInfo> {
        connection_info(&open::address(url)?)
    }

    #[test]
    fn a_url_names_host_port_database_and_user() {
        let info = parse("redis://us%40er:pa%2Fss@host/tasks?db=2").unwrap();
        assert_eq!(info.addr().to_string(), "host:6379");
        let settings = info.redis_settings();
        assert_eq!(settings.db(), 2);
        assert_eq!((settings.username(), settings.password()), (Some("us@er"), Some("pa/ss")));
        assert_eq!(parse("redis://[::1]:7000/tasks").unwrap().addr().to_string(), "::1:7000");
    }

    #[test]
    fn one_server_is_known_by_any_of_its_urls() {
        let same = |one, other| is_same(&parse(one).unwrap(), &parse(other).unwrap());
        assert!(same("redis://host/a", "redis://host:6379/b?db=0"));
        assert!(!same("redis://host/a", "redis://host/b?db=1"));
        assert!(!same("redis://host/a", "redis://other/b"));
        assert!(!same("redis://host/a", "rediss://host/b"));
        assert!(!same("redis://me:x@host/a", "redis://you:x@host/b"));
    }

    #[test]
    fn unknown_settings_in_a_url_are_errors() {
        for (url, reason) in [
            ("redis://host/a?db=x", "`db` must be a number"),
            ("redis://host/a?db=-1", "`db` must be a number"),
            ("redis://host/a?timeout=1", "unknown setting \"timeout\""),
            ("redis://us%FFer:b@host/a", "not valid UTF-8"),
        ] {
            let error = parse(url).unwrap_err().to_string();
            assert!(error.contains(reason), "{url}: {error}");
        }
    }
}

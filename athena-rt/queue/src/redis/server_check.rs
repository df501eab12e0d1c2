//! Checks whether a broker can be used, and whether messages are safe there.

use ::redis::Value;

use super::connection::{RedisConnection, TIMEOUT};
use super::error::RequestError;
use crate::warn_once::warn_once;
use athena_core::error::Error;

/// Checks a broker before it is used. One that does not answer INFO is used as it is.
pub(super) async fn check(
    connection: &RedisConnection,
    redacted: &str,
) -> Result<(), RequestError> {
    let answer = match connection.send(&::redis::cmd("INFO"), TIMEOUT).await {
        Err(error) if error.breaks_connection => return Err(error),
        answer => answer,
    };
    let into_error = match answer {
        Ok(Value::BulkString(bytes)) => String::from_utf8_lossy(&bytes).into_owned(),
        Ok(Value::VerbatimString { text, .. }) => text,
        _ => return Ok(()),
    };
    if let Some(reason) = unfit(&into_error) {
        return Err(RequestError::from_error(Error::usage(reason).context(redacted)));
    }
    for risk in risks(&into_error) {
        warn_once(format!("{redacted}: {risk}"));
    }
    Ok(())
}

fn unfit(into_error: &str) -> Option<String> {
    let version = field(into_error, "redis_version")?;
    let major: u32 = version.split('.').next()?.parse().ok()?;
    if major < 7 {
        return Some(format!("the broker is Redis {version}; 7.0 or newer is required"));
    }
    if field(into_error, "redis_mode") == Some("cluster") {
        return Some("the broker is a cluster, which is not supported".to_owned());
    }
    if field(into_error, "redis_mode") == Some("sentinel") {
        return Some(
            "the broker is a sentinel, which has no streams; use the address of the master"
                .to_owned(),
        );
    }
    None
}

/// The ways in which messages could be lost.
fn risks(into_error: &str) -> Vec<String> {
    let mut risks = Vec::new();
    let is_limited = field(into_error, "maxmemory").is_some_and(|bytes| bytes != "0");
    if let Some(policy) = field(into_error, "maxmemory_policy")
        && is_limited
        && policy != "noeviction"
    {
        risks.push(format!(
            "the broker evicts data when its memory is full (maxmemory-policy {policy}): \
             messages can be lost; set it to noeviction"
        ));
    }
    // While it loads its log, a broker says that it has none.
    let is_loading = field(into_error, "loading") == Some("1");
    if !is_loading && field(into_error, "aof_enabled") == Some("0") {
        risks.push(
            "the broker does not persist its data (appendonly no): messages can be lost when it restarts"
                .to_owned(),
        );
    }
    risks
}

fn field<'a>(into_error: &'a str, name: &str) -> Option<&'a str> {
    into_error.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unusable_broker_is_an_error() {
        assert_eq!(unfit("redis_version:7.0.15\r\nredis_mode:standalone\r\n"), None);
        assert_eq!(unfit("dragonfly_version:1\r\n"), None);
        let old = unfit("redis_version:6.2.1\r\n").unwrap();
        assert!(old.contains("Redis 6.2.1") && old.contains("7.0"), "{old}");
        let cluster = unfit("redis_version:8.0.0\r\nredis_mode:cluster\r\n").unwrap();
        assert!(cluster.contains("cluster"), "{cluster}");
        let sentinel = unfit("redis_version:8.0.0\r\nredis_mode:sentinel\r\n").unwrap();
        assert!(sentinel.contains("address of the master"), "{sentinel}");
    }

    #[test]
    fn a_broker_that_may_lose_messages_is_reported() {
        let safe = "maxmemory:0\r\nmaxmemory_policy:allkeys-lru\r\naof_enabled:1\r\n";
        assert!(risks(safe).is_empty());
        assert!(risks("aof_enabled:0\r\nloading:1\r\n").is_empty());
        let risky = risks("maxmemory:9\r\nmaxmemory_policy:allkeys-lru\r\naof_enabled:0\r\n");
        assert!(risky[0].contains("allkeys-lru") && risky[1].contains("appendonly"), "{risky:?}");
    }
}

//! Whether a stream exists, and which others do.

use ::redis::{FromRedisValue as _, Value, cmd};

use super::connection::{RedisConnection, TIMEOUT};
use super::error::RequestError;
use crate::address::Address;
use crate::broker::Lookup;

/// How many keys are looked at to find the names of streams, in steps. They are only for a message.
const STEPS: usize = 20;
const KEYS_PER_STEP: usize = 1_000;

/// Looks for a stream.
pub(super) async fn lookup(
    address: &Address,
    connection: &RedisConnection,
) -> Result<Lookup, RequestError> {
    let found = connection.send(cmd("EXISTS").arg(address.name()), TIMEOUT).await?;
    if found != Value::Int(0) {
        return Ok(Lookup::Exists);
    }
    // A user may have no right to list keys.
    Ok(Lookup::Missing { queues: streams(connection).await.unwrap_or_default() })
}

/// The names of streams.
async fn streams(connection: &RedisConnection) -> Result<Vec<String>, RequestError> {
    let (mut names, mut cursor) = (Vec::new(), "0".to_owned());
    for _ in 0..STEPS {
        let mut request = cmd("SCAN");
        request.arg(&cursor).arg("COUNT").arg(KEYS_PER_STEP).arg("TYPE").arg("stream");
        let answer = connection.send(&request, TIMEOUT).await?;
        let Ok((next, some)) = <(String, Vec<String>)>::from_redis_value(answer) else { break };
        names.extend(some);
        cursor = next;
        if cursor == "0" {
            break;
        }
    }
    names.sort();
    Ok(names)
}

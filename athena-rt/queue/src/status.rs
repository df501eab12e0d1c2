//! The `queue status` command: counts what is in a queue.

use std::time::Duration;

use athena_protocol::{Exit, Status};
use serde_json::json;

use super::retry::{block_on, retry};
use crate::broker::QueueStatus;
use crate::open;
use athena_core::environment::Setting as _;
use athena_core::error::Result;

/// Prints the status of a queue.
///
/// # Errors
///
/// The queue does not exist, or the broker can't tell or is unreachable.
pub fn status(request: &Status) -> Result<Exit> {
    let queue = open::address(&request.queue)?;
    let status = block_on(async {
        retry(async || open::expect_existing(&queue).await).await?;
        retry(async || open::status(&queue).await).await
    })?;
    println!("{}", if request.format == "json" { to_json(&status) } else { to_text(&status) });
    Ok(Exit::Success)
}

/// The oldest message in whole seconds: its age grows while it is read.
fn to_json(status: &QueueStatus) -> String {
    let QueueStatus { waiting, in_flight, dead, oldest, consumers } = status;
    let mut object = json!({
        "waiting": waiting,
        "in_flight": in_flight,
        "dead": dead,
        "oldest_seconds": oldest.map(|age| age.as_secs()),
        "consumers": consumers,
    });
    // Whatever order serde_json keeps.
    object.sort_all_objects();
    object.to_string()
}

fn to_text(status: &QueueStatus) -> String {
    let QueueStatus { waiting, in_flight, dead, oldest, consumers } = status;
    let oldest =
        oldest.map_or_else(|| "-".to_owned(), |age| Duration::from_secs(age.as_secs()).show());
    let consumers = consumers.map_or_else(|| "-".to_owned(), |count| count.to_string());
    format!(
        "waiting    {waiting}\nin flight  {in_flight}\ndead       {dead}\noldest     {oldest}\nconsumers  {consumers}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::broker::Backlog;

    #[test]
    fn a_count_that_is_unknown_is_null() {
        let mut status = QueueStatus::new(Backlog::new(1, 2), 3);
        let unknown =
            r#"{"consumers":null,"dead":3,"in_flight":2,"oldest_seconds":null,"waiting":1}"#;
        assert_eq!(to_json(&status), unknown);
        assert!(to_text(&status).ends_with("oldest     -\nconsumers  -"));
        status.oldest = Some(Duration::from_millis(61_500));
        status.consumers = Some(4);
        assert!(to_json(&status).contains(r#""oldest_seconds":61"#));
        assert!(to_text(&status).ends_with("\nconsumers  4"));
    }
}

//! A hand-written loop on each client: reads a batch, runs the same function, stores the outcomes, then
//! acknowledges: `queue_bare URL BATCH`. Where the broker can, both are one step, and an outcome has the id
//! of its message.

mod amqp_loop;
mod nats_loop;
mod postgres_loop;
mod redis_loop;
mod sqlite_loop;

use std::error::Error;

/// A loop ends with an error only.
type Ended = Result<(), Box<dyn Error>>;

#[tokio::main]
async fn main() -> Ended {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [url, batch] = &arguments[..] else { return Err("queue_bare URL BATCH".into()) };
    let batch = batch.parse()?;
    let (server, name) =
        url.split_once("?queue=").or_else(|| url.rsplit_once('/')).ok_or("the URL has no name")?;
    match url.split_once(':').unwrap_or_default() {
        ("sqlite", _) => sqlite_loop::run(&server["sqlite:".len()..], name, batch),
        ("postgres", _) => postgres_loop::run(server, name, batch).await,
        ("amqp", _) => amqp_loop::run(server, name, batch).await,
        ("redis", _) => redis_loop::run(server, name, batch).await,
        _ => nats_loop::run(server, name, batch).await,
    }
}

//! On `SQLite`, in the tables of Athena.

use std::time::{SystemTime, UNIX_EPOCH};

use athena_bench_support::bill_without_athena;
use rusqlite::{Connection, TransactionBehavior, params};

use super::Ended;

/// Takes a batch with a lease in one transaction; stores and acknowledges in another, with the same
/// durability.
pub(crate) fn run(file: &str, name: &str, batch: usize) -> Ended {
    let mut file = Connection::open(file)?;
    file.pragma_update(None, "journal_mode", "wal")?;
    file.pragma_update(None, "synchronous", "full")?;
    file.busy_timeout(std::time::Duration::from_secs(10))?;
    let outcomes = format!("{name}:outcomes");
    loop {
        let mut read: Vec<(i64, String, Vec<u8>)> = Vec::with_capacity(batch);
        let taken = file.transaction_with_behavior(TransactionBehavior::Immediate)?;
        {
            let sql = "SELECT number, headers ->> 'athena-id', body FROM athena_messages \
                       WHERE queue = ?1 AND due = 0 ORDER BY number LIMIT ?2";
            let mut found = taken.prepare_cached(sql)?;
            let rows = found.query_map(params![name, i64::try_from(batch)?], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })?;
            for row in rows {
                read.push(row?);
            }
            let sql = "UPDATE athena_messages SET due = ?2, deliveries = 1 WHERE number = ?1";
            let mut hold = taken.prepare_cached(sql)?;
            for (number, ..) in &read {
                hold.execute(params![number, now()? + 30_000])?;
            }
        }
        taken.commit()?;
        let mut bills = Vec::with_capacity(read.len());
        for (number, id, body) in &read {
            bills.push((number, format!("{id}:bill"), bill_without_athena(body)?));
        }
        let done = file.transaction_with_behavior(TransactionBehavior::Immediate)?;
        {
            let mut remove =
                done.prepare_cached("DELETE FROM athena_messages WHERE number = ?1")?;
            let sql = "INSERT INTO athena_ids (queue, id, stored_at) VALUES (?1, ?2, ?3) \
                       ON CONFLICT DO NOTHING";
            let mut remember = done.prepare_cached(sql)?;
            let sql = "INSERT INTO athena_messages (queue, stored_at, headers, body) \
                       VALUES (?1, ?2, ?3, ?4)";
            let mut store = done.prepare_cached(sql)?;
            for (number, id, bill) in bills {
                let now = now()?;
                if remove.execute([number])? == 1
                    && remember.execute(params![outcomes, id, now])? == 1
                {
                    let headers = format!("{{\"athena-id\":\"{id}\"}}");
                    store.execute(params![outcomes, now, headers, bill])?;
                }
            }
        }
        done.commit()?;
        if read.is_empty() {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
    }
}

fn now() -> Result<i64, Box<dyn std::error::Error>> {
    Ok(i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis())?)
}

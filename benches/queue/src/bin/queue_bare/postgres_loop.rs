//! On `PostgreSQL`, in the tables of Athena.

use std::time::Duration;

use athena_bench_support::bill_without_athena;
use tokio_postgres::NoTls;

use super::Ended;

const TAKE: &str = "
UPDATE athena_messages SET due = now() + interval '30 s', deliveries = deliveries + 1
WHERE number IN (SELECT number FROM athena_messages WHERE queue = $1 AND due = '-infinity'
  ORDER BY number LIMIT $2 FOR UPDATE SKIP LOCKED)
RETURNING number, headers::json ->> 'athena-id', body";

const FINISH: &str = "
WITH done AS (DELETE FROM athena_messages WHERE number = ANY($1::bigint[]) RETURNING number),
given AS (SELECT * FROM unnest($1::bigint[], $3::text[], $4::text[], $5::bytea[]) AS t(number, id, headers, body)
  WHERE number IN (SELECT number FROM done)),
new AS (INSERT INTO athena_ids (queue, id) SELECT $2, id FROM given ON CONFLICT DO NOTHING RETURNING id)
INSERT INTO athena_messages (queue, headers, body)
SELECT $2, headers, body FROM given WHERE id IN (SELECT id FROM new)";

/// Takes a batch with a lease; stores and acknowledges in one statement.
pub(crate) async fn run(server: &str, name: &str, batch: usize) -> Ended {
    let (client, connection) = tokio_postgres::connect(server, NoTls).await?;
    tokio::spawn(connection);
    let take = client.prepare(TAKE).await?;
    let finish = client.prepare(FINISH).await?;
    let outcomes = format!("{name}:outcomes");
    loop {
        let rows = client.query(&take, &[&name, &i64::try_from(batch)?]).await?;
        if rows.is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
            continue;
        }
        let (mut numbers, mut ids, mut headers, mut bills) =
            (Vec::<i64>::new(), Vec::new(), Vec::new(), Vec::new());
        for row in &rows {
            let id = format!("{}:bill", row.get::<_, &str>(1));
            numbers.push(row.get(0));
            headers.push(format!("{{\"athena-id\":\"{id}\"}}"));
            bills.push(bill_without_athena(row.get(2))?);
            ids.push(id);
        }
        client.execute(&finish, &[&numbers, &outcomes, &ids, &headers, &bills]).await?;
    }
}

//! On Redis Streams.

use athena_bench_support::bill_without_athena;
use redis::streams::StreamReadReply;

use super::Ended;

const FINISH: &str = "
local done = {}
for at = 2, #ARGV, 3 do
  if redis.call('XACK', KEYS[1], ARGV[1], ARGV[at]) == 1 then
    redis.call('XADD', KEYS[2], '*', 'athena-id', ARGV[at + 1], 'data', ARGV[at + 2])
    done[#done + 1] = ARGV[at]
  end
end
if #done > 0 then
  redis.call('XDEL', KEYS[1], unpack(done))
end";

/// Stores and acknowledges in one script, which stores only outcomes of messages that it could acknowledge,
/// and deletes finished messages.
pub(crate) async fn run(server: &str, name: &str, batch: usize) -> Ended {
    let client = redis::Client::open(server)?;
    let mut connection = client.get_multiplexed_async_connection().await?;
    let outcomes = format!("{name}:outcomes");
    let group = "athena";
    let mut create = redis::cmd("XGROUP");
    let create = create.arg("CREATE").arg(name).arg(group).arg("0").arg("MKSTREAM");
    let _ = create.exec_async(&mut connection).await;
    let finish = redis::Script::new(FINISH);
    loop {
        let mut read = redis::cmd("XREADGROUP");
        read.arg("GROUP").arg(group).arg("bare").arg("COUNT").arg(batch).arg("BLOCK").arg(300);
        read.arg("STREAMS").arg(name).arg(">");
        let read: Option<StreamReadReply> = read.query_async(&mut connection).await?;
        let entries = read.into_iter().flat_map(|read| read.keys).flat_map(|stream| stream.ids);
        let mut done = finish.key(name);
        done.key(&outcomes).arg(group);
        let mut count = 0;
        for entry in entries {
            let message: Vec<u8> = entry.get("data").ok_or("an entry without data")?;
            let id: String = entry.get("athena-id").ok_or("an entry without an id")?;
            done.arg(&entry.id).arg(format!("{id}:bill")).arg(bill_without_athena(&message)?);
            count += 1;
        }
        if count > 0 {
            let () = done.invoke_async(&mut connection).await?;
        }
    }
}

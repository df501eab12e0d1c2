//! What is peculiar to `SQLite`; the promises of every broker are tested by the conformance kit.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tempfile::TempDir;

use super::connection::SqliteConnection;
use super::table::{self, EnvelopeRow};
use crate::address::ConsumerOptions;
use crate::broker::{Backlog, QueueStatus};
use crate::envelope::Envelope;
use crate::open;
use athena_protocol::Exit;

const LEASE: Duration = Duration::from_secs(30);

fn url(folder: &TempDir, queue: &str) -> String {
    format!("sqlite:{}?queue={queue}", folder.path().join("tasks.db").display())
}

fn envelopes(count: usize) -> Vec<Envelope> {
    (0..count).map(|id| Envelope::new(id.to_string(), vec![b'x'; 1000])).collect()
}

#[tokio::test]
async fn a_full_disk_is_an_error_and_loses_nothing_that_was_stored() {
    let folder = tempfile::tempdir().unwrap();
    let address = open::address(&url(&folder, "tasks")).unwrap();
    let connection = SqliteConnection::create(&address).await.unwrap();
    let store = async |from: usize| {
        let envelopes: Vec<_> =
            envelopes(from + 10)[from..].iter().map(EnvelopeRow::from).collect();
        connection.write(move |file| table::store(file, "tasks", &envelopes)).await
    };
    let limit = async |pages: u32| {
        connection.read(move |file| file.pragma_update(None, "max_page_count", pages)).await
    };
    limit(60).await.unwrap();
    let mut stored = 0;
    let error = loop {
        match store(stored).await {
            Ok(()) => stored += 10,
            Err(error) => break error,
        }
    };
    assert!(stored > 0, "{error}");
    assert_eq!(error.exit(), Exit::Failure, "{error}");
    assert!(
        error.to_string().contains("full") && error.to_string().contains("tasks.db"),
        "{error}"
    );
    // What is there can be worked on and makes space.
    let consumer = open::consumer(&address, ConsumerOptions::new(LEASE)).await.unwrap();
    let come = consumer.pull(1000, Duration::ZERO).await.unwrap();
    assert_eq!(come.len(), stored);
    consumer.acknowledge(&[come[0].tag.clone()]).await.unwrap();
    limit(100_000).await.unwrap();
    // The same request again stores what it has not stored.
    store(stored).await.unwrap();
    assert_eq!(consumer.backlog().await.unwrap(), Backlog::new(10, stored as u64 - 1));
}

#[tokio::test]
async fn a_locked_file_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let address = open::address(&url(&folder, "tasks")).unwrap();
    let producer = open::producer(&address).await.unwrap();
    let other = Connection::open(address.path()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let began = Instant::now();
    let unlock = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(300));
        other.execute_batch("COMMIT").unwrap();
    });
    producer.store(&envelopes(1)).await.unwrap();
    assert!(began.elapsed() >= Duration::from_millis(300));
    unlock.join().unwrap();
}

#[tokio::test]
async fn tables_of_another_version_are_refused_with_the_way_out() {
    let folder = tempfile::tempdir().unwrap();
    let address = open::address(&url(&folder, "tasks")).unwrap();
    open::producer(&address).await.unwrap();
    let file = Connection::open(address.path()).unwrap();
    file.execute("UPDATE athena_schema SET version = 7", []).unwrap();
    for error in [
        open::producer(&address).await.err().unwrap(),
        open::consumer(&address, ConsumerOptions::new(LEASE)).await.err().unwrap(),
        open::browser(&address).await.err().unwrap(),
    ] {
        assert_eq!(error.exit(), Exit::Usage);
        let text = error.to_string();
        assert!(text.contains("version 7") && text.contains("version 1"), "{text}");
        assert!(text.contains("work --exit-when-idle") && text.contains("another file"), "{text}");
    }
}

#[tokio::test]
async fn what_is_not_a_file_of_sqlite_is_an_error_that_names_it() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("tasks.db"), "not a database, and long enough".repeat(9))
        .unwrap();
    let address = open::address(&url(&folder, "tasks")).unwrap();
    let error = open::producer(&address).await.err().unwrap();
    assert_eq!(error.exit(), Exit::Usage);
    assert!(error.to_string().contains("tasks.db?queue=tasks: "), "{error}");
    let missing = format!("sqlite:{}/none/t.db?queue=t", folder.path().display());
    let missing = open::address(&missing).unwrap();
    let error = open::producer(&missing).await.err().unwrap();
    assert_eq!(error.exit(), Exit::Usage);
    assert!(error.to_string().contains("its folder must exist"), "{error}");
    // To look creates nothing.
    assert_eq!(open::browser(&missing).await.unwrap().next(9).await, Ok(vec![]));
    assert_eq!(open::status(&missing).await, Ok(QueueStatus::default()));
    assert!(!Path::new(&missing.path()).exists());
}

#[test]
fn urls_that_name_no_file_are_errors() {
    for (url, reason) in [
        ("sqlite:tasks.db", "add it: sqlite:tasks.db?queue=NAME"),
        ("sqlite://tasks.db?queue=tasks", "one slash or three"),
        ("sqlite:tasks.db?queue=tasks&mode=ro", "unknown setting \"mode\""),
        ("sqlite:tasks.db?queue=a%20b", "not a valid name"),
    ] {
        let error = open::address(url).unwrap_err().to_string();
        assert!(error.contains(reason), "{url}: {error}");
    }
    for url in ["sqlite:tasks.db?queue=t", "sqlite:/a/tasks.db?queue=t", "sqlite:///a/t.db?queue=t"]
    {
        open::address(url).unwrap();
    }
}

#[tokio::test]
async fn the_age_of_the_oldest_message_is_known() {
    let folder = tempfile::tempdir().unwrap();
    let address = open::address(&url(&folder, "tasks")).unwrap();
    open::producer(&address).await.unwrap().store(&envelopes(2)).await.unwrap();
    let file = Connection::open(address.path()).unwrap();
    file.execute("UPDATE athena_messages SET stored_at = stored_at - 60000 WHERE number = 1", [])
        .unwrap();
    let status = open::status(&address).await.unwrap();
    assert_eq!((status.waiting, status.in_flight, status.dead), (2, 0, 0));
    assert_eq!(status.oldest.unwrap().as_secs(), 60);
}

#[tokio::test]
async fn of_writes_that_share_a_transaction_one_that_fails_changes_nothing_of_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let address = open::address(&url(&folder, "tasks")).unwrap();
    let connection = SqliteConnection::create(&address).await.unwrap();
    // While the first waits, the others come.
    let other = Connection::open(address.path()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let runs = Arc::new(AtomicUsize::new(0));
    let store = |id: usize| {
        let row = EnvelopeRow::from(&Envelope::new(id.to_string(), b"{}"));
        let runs = Arc::clone(&runs);
        connection.write(move |file| {
            runs.fetch_add(1, Ordering::Relaxed);
            table::store(file, "tasks", [&row])?;
            if id == 1 { Err(rusqlite::Error::InvalidQuery) } else { Ok(file.is_autocommit()) }
        })
    };
    let unlock = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        other.execute_batch("COMMIT").unwrap();
    };
    let (first, second, third, ()) = tokio::join!(store(0), store(1), store(2), unlock);
    assert_eq!((first, third), (Ok(false), Ok(false)));
    assert!(second.is_err());
    assert_eq!(runs.load(Ordering::Relaxed), 5, "the first two share one, and run again alone");
    let browsed = connection.read(|file| table::browse(file, "tasks", 0, 9)).await.unwrap();
    let ids: Vec<_> = browsed.into_iter().map(|(_, found)| found.envelope.id).collect();
    assert_eq!(ids, ["0", "2"]);
}

#[tokio::test]
async fn a_file_is_closed_with_its_last_user() {
    let folder = tempfile::tempdir().unwrap();
    let address = open::address(&url(&folder, "tasks")).unwrap();
    let producer = open::producer(&address).await.unwrap();
    producer.store(&envelopes(1)).await.unwrap();
    let wal = folder.path().join("tasks.db-wal");
    assert!(wal.exists());
    drop(producer);
    assert!(!wal.exists(), "somebody may move the file now");
}

#[tokio::test]
async fn a_file_that_is_only_read_is_not_made_and_the_nearest_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let sound = open::address(&url(&folder, "tasks")).unwrap();
    open::producer(&sound).await.unwrap();
    let missing = folder.path().join("task.db");
    let mistyped = format!("sqlite:{}?queue=tasks", missing.display());
    let mistyped = open::address(&mistyped).unwrap();
    let error = open::expect_existing(&mistyped).await.unwrap_err();
    let text = error.to_string();
    let near = format!("did you mean {}?", folder.path().join("tasks.db").display());
    assert!(text.contains("task.db does not exist") && text.contains(&near), "{text}");
    assert_eq!((error.exit(), missing.exists()), (Exit::Usage, false));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);

    // A queue exists when a worker or `submit` has opened it, also after its messages are done.
    let other = open::address(&url(&folder, "other")).unwrap();
    let error = open::expect_existing(&other).await.unwrap_err().to_string();
    assert!(error.contains("this queue does not exist, known: `tasks`"), "{error}");
    let options = ConsumerOptions::new(LEASE).with_outcomes_to(Some(other.clone()));
    open::consumer(&sound, options).await.unwrap();
    open::expect_existing(&other).await.unwrap();
}

#[tokio::test]
async fn a_file_of_another_program_that_is_only_read_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let address = open::address(&url(&folder, "tasks")).unwrap();
    let other = Connection::open(address.path()).unwrap();
    other.execute_batch("CREATE TABLE notes (text)").unwrap();
    drop(other);
    let before = std::fs::read(address.path()).unwrap();
    let error = open::expect_existing(&address).await.unwrap_err().to_string();
    assert!(error.contains("this queue does not exist"), "{error}");
    assert_eq!(open::status(&address).await, Ok(QueueStatus::default()));
    assert_eq!(open::browser(&address).await.unwrap().next(9).await, Ok(vec![]));
    assert_eq!(std::fs::read(address.path()).unwrap(), before);
}

#[tokio::test]
async fn only_what_must_survive_a_power_failure_waits_for_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let address = open::address(&url(&folder, "tasks")).unwrap();
    let connection = SqliteConnection::create(&address).await.unwrap();
    let level = |file: &Connection| {
        file.pragma_query_value(None, "synchronous", |row| row.get::<_, i64>(0))
    };
    // While the first waits, the others come. NORMAL is 1, and FULL is 2.
    let other = Connection::open(address.path()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let unlock = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        other.execute_batch("COMMIT").unwrap();
    };
    let levels = tokio::join!(
        connection.write_unsynced(level),
        connection.write_unsynced(level),
        connection.write(level),
        connection.write_unsynced(level),
        connection.write(level),
        unlock
    );
    // What has to be on disk begins a transaction, which the others join.
    assert_eq!(levels, (Ok(1), Ok(1), Ok(2), Ok(2), Ok(2), ()));
}

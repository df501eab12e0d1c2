//! A directory of files as queues.
//!
//! A message is a folder named after its id, with one file: its content is the envelope, its name the
//! state (`DELIVERIES.FAILURES`, or `done`), and its time of change when the message may be delivered.
//! The state changes by a rename, of which the system lets one process succeed.

use std::collections::{BTreeSet, HashSet};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use athena_rt::queue::{
    Address, Backlog, Blocking, BlockingQueue, Delivery, DeliveryTag, Envelope, Nack,
};

athena_rt::queue::broker! {
    schemes: ["files"],
    example: "files:FOLDER?queue=NAME",
    broker: Blocking::<Files>::new(),
}

struct Files {
    root: PathBuf,
    queue: PathBuf,
}

impl BlockingQueue for Files {
    type Error = io::Error;
    /// The ids that a browser has seen.
    type Cursor = HashSet<String>;

    fn open(address: &Address) -> io::Result<Self> {
        let root = PathBuf::from(address.path());
        Ok(Self { queue: root.join(address.name()), root })
    }

    fn exists(&self) -> io::Result<bool> {
        self.queue.try_exists()
    }

    fn store(&self, envelopes: &[Envelope]) -> io::Result<()> {
        fs::create_dir_all(&self.queue)?;
        for envelope in envelopes {
            let folder = self.queue.join(envelope.key());
            if folder.exists() {
                continue;
            }
            // The folder gets its name when everything is on disk. If another process was faster, it is
            // removed.
            let new = tempfile::tempdir_in(&self.root)?;
            fs::write(new.path().join("0.0"), envelope.to_bytes())?;
            File::open(new.path().join("0.0"))?.sync_all()?;
            File::open(new.path())?.sync_all()?;
            fs::rename(&new, &folder)
                .or_else(|error| if folder.exists() { Ok(()) } else { Err(error) })?;
        }
        File::open(&self.queue)?.sync_all()?;
        File::open(&self.root)?.sync_all()
    }

    fn rejection(&self, envelope: &Envelope) -> Option<String> {
        let fits = (1..=120).contains(&envelope.id.len());
        (!fits).then(|| "its id has no or more than 120 bytes".to_owned())
    }

    fn take(&self, max: usize, lease: Duration) -> io::Result<Vec<Delivery>> {
        let (now, mut taken) = (SystemTime::now(), Vec::new());
        for old in self.messages()?.iter().filter(|message| message.due <= now).take(max) {
            let new = Message { deliveries: old.deliveries + 1, ..old.clone() };
            // Delayed first: in its new state, nobody else may take it.
            if delay(&old.file(), lease)? && rename(&old.file(), &new.file())? {
                let envelope = new.envelope()?;
                let tag = DeliveryTag(format!("{}/{}", envelope.key(), new.state()));
                let mut delivery = Delivery::new(tag, envelope);
                (delivery.deliveries, delivery.failures) = (new.deliveries, new.failures);
                taken.push(delivery);
            }
        }
        Ok(taken)
    }

    fn acknowledge(&self, tags: &[DeliveryTag]) -> io::Result<()> {
        for file in tags.iter().map(|tag| self.queue.join(&tag.0)) {
            let (folder, done) = (file.with_file_name(""), file.with_file_name("done"));
            // Its lease may have ended, and another consumer may have it.
            while folder.exists() && !done.exists() {
                if let Some(message) = Message::read(&folder) {
                    rename(&message.file(), &done)?;
                }
            }
        }
        Ok(())
    }

    fn nack(&self, nacks: &[Nack]) -> io::Result<()> {
        for nack in nacks {
            let held = self.queue.join(&nack.tag.0);
            let again = held.with_extension(nack.failures.to_string());
            let _ = rename(&held, &again)? && delay(&again, nack.delay)?;
        }
        Ok(())
    }

    fn keep_alive(&self, tags: &[DeliveryTag], lease: Duration) -> io::Result<()> {
        tags.iter().try_for_each(|tag| delay(&self.queue.join(&tag.0), lease).map(drop))
    }

    fn backlog(&self) -> io::Result<Backlog> {
        let messages = self.messages()?;
        let new = messages.iter().filter(|message| message.deliveries == 0).count();
        Ok(Backlog::new(new as u64, (messages.len() - new) as u64))
    }

    fn browse(&self, seen: &mut HashSet<String>, max: usize) -> io::Result<Vec<Envelope>> {
        let messages = self.messages()?;
        let new = messages.iter().filter(|message| !seen.contains(&message.key())).take(max);
        let found: Vec<_> = new.map(Message::envelope).collect::<Result<_, _>>()?;
        seen.extend(found.iter().map(Envelope::key));
        Ok(found)
    }
}

impl Files {
    /// The messages that are not done, in the order of their ids.
    fn messages(&self) -> io::Result<Vec<Message>> {
        if !self.exists()? {
            return Ok(Vec::new());
        }
        let entries = fs::read_dir(&self.queue)?.map(|entry| entry.map(|entry| entry.path()));
        let folders = entries.collect::<io::Result<BTreeSet<_>>>()?;
        Ok(folders.iter().filter_map(|folder| Message::read(folder)).collect())
    }
}

#[derive(Clone)]
struct Message {
    folder: PathBuf,
    deliveries: u32,
    failures: u32,
    due: SystemTime,
}

impl Message {
    /// `None` if it is done.
    fn read(folder: &Path) -> Option<Self> {
        let file = fs::read_dir(folder).ok()?.next()?.ok()?;
        let name = file.file_name().into_string().ok()?;
        let (deliveries, failures) = name.split_once('.')?;
        let (deliveries, failures) = (deliveries.parse().ok()?, failures.parse().ok()?);
        let due = file.metadata().ok()?.modified().ok()?;
        Some(Self { folder: folder.to_owned(), deliveries, failures, due })
    }

    fn key(&self) -> String {
        self.folder.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    fn state(&self) -> String {
        format!("{}.{}", self.deliveries, self.failures)
    }

    fn file(&self) -> PathBuf {
        self.folder.join(self.state())
    }

    fn envelope(&self) -> io::Result<Envelope> {
        Envelope::from_bytes(&fs::read(self.file())?).map_err(io::Error::other)
    }
}

/// Sets when a message may be delivered. Returns whether it is still in this state.
fn delay(state: &Path, delay: Duration) -> io::Result<bool> {
    let set = |file: File| file.set_modified(SystemTime::now() + delay);
    unless_gone(File::options().write(true).open(state).and_then(set))
}

/// Changes a state. Returns whether it was still this one.
fn rename(state: &Path, new: &Path) -> io::Result<bool> {
    unless_gone(fs::rename(state, new))
}

fn unless_gone(changed: io::Result<()>) -> io::Result<bool> {
    match changed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        other => other.map(|()| true),
    }
}

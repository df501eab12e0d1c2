//! Where outcomes and rejects go: files beside those that are wanted, which take their names when
//! the job is done.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use super::journal::sync_folder;
use super::wire::RanRef;
use athena_core::error::{Error, Result};
use athena_engine::local::Streamed;
use athena_engine::rejects::Rejects;

pub(super) struct Results {
    model: String,
    path: PathBuf,
    out: BufWriter<File>,
    rejects: Option<PathBuf>,
    reject: Rejects,
    streamed: Streamed,
}

impl Results {
    pub(super) fn create(model: &str, path: &Path, rejects: Option<&Path>) -> Result<Self> {
        let partial = partial(path);
        let out = File::create(&partial).map_err(|error| Error::io("write", &partial, &error))?;
        let reject = rejects.map(self::partial);
        Ok(Self {
            model: model.to_owned(),
            path: path.to_owned(),
            out: BufWriter::with_capacity(1 << 20, out),
            rejects: rejects.map(Path::to_owned),
            reject: Rejects::open(reject.as_deref())?,
            streamed: Streamed::default(),
        })
    }

    /// Appends what came of a batch; `is_new`: in this attempt.
    pub(super) fn add(&mut self, ran: &[u8], is_new: bool) -> Result<()> {
        let odd = || Error::failure("the journal has outcomes that can't be read");
        let ran = RanRef::read(ran).ok_or_else(odd)?;
        let rejects = ran.rejects().ok_or_else(odd)?;
        self.streamed.messages += ran.messages;
        self.streamed.rejected += rejects.len() as u64;
        // What is printed was printed by the attempt before.
        if is_new || self.rejects.is_some() {
            for reject in &rejects {
                self.reject.add(&self.model, reject)?;
            }
        }
        let written = self.out.write_all(ran.out);
        written.map_err(|error| self.failed(&error))
    }

    /// How many messages were there, and how many came to nothing.
    pub(super) fn streamed(&self) -> Streamed {
        self.streamed
    }

    /// The files are whole.
    pub(super) fn finish(mut self) -> Result<Streamed> {
        self.out
            .flush()
            .and_then(|()| self.out.get_ref().sync_all())
            .map_err(|error| self.failed(&error))?;
        self.reject.flush()?;
        if let Some(path) = &self.rejects {
            finish(path)?;
        }
        finish(&self.path)?;
        Ok(self.streamed)
    }

    fn failed(&self, error: &io::Error) -> Error {
        Error::failure(format!("can't write {}: {error}", partial(&self.path).display()))
            .help("what is done so far is kept: once that is mended, the same command with --resume goes on")
    }
}

/// What a file is called until it is whole.
pub(super) fn partial(path: &Path) -> PathBuf {
    path.with_added_extension("partial")
}

fn finish(path: &Path) -> Result<()> {
    let partial = partial(path);
    std::fs::rename(&partial, path).map_err(|error| Error::io("write", path, &error))?;
    sync_folder(path);
    Ok(())
}

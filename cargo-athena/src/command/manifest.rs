//! `cargo athena manifest`

use athena_protocol::Exit;

use crate::cli::{ManifestKind, Mpijob, Print};
use crate::console::print;
use crate::error::{Error, Result};
use crate::kubernetes::{MpiJob, VOLUME, name};

/// Flags that the manifest sets itself.
const OURS: [&str; 6] =
    ["--messages", "--out", "--rejects", "--journal", "--expect-ranks", "--resume"];

/// Prints a manifest, without a build and without a cluster.
pub(crate) fn run(verb: Print) -> Result<Exit> {
    let ManifestKind::Mpijob(typed) = verb.kind;
    print(&job(*typed)?.text())?;
    Ok(Exit::Success)
}

/// Fails if two files are the same: a job whose output exists is done, so it would never start.
fn different(typed: &Mpijob) -> Result<()> {
    let journal = format!("{}.journal", typed.out);
    let files = [
        ("--messages", &typed.messages),
        ("--out", &typed.out),
        ("--rejects", &typed.rejects),
        ("the journal", &journal),
    ];
    for (at, (flag, file)) in files.iter().enumerate() {
        if let Some((other, _)) = files[..at].iter().find(|(_, other)| other == file) {
            return Err(Error::usage(format!("{other} and {flag} are the same file: {file}"))
                .help("use a separate file for each"));
        }
    }
    Ok(())
}

fn job(typed: Mpijob) -> Result<MpiJob> {
    let wrong = |flag: &str, why: String| Error::usage(why).within(flag);
    different(&typed)?;
    let model = typed.model;
    let is_in_id = |c: char| c.is_alphanumeric() || "_:#".contains(c);
    if model.is_empty() || !model.chars().all(is_in_id) {
        return Err(Error::usage(format!("{model:?} is not a model's id")));
    }
    let (workers, slots) = (typed.workers.get(), typed.slots.get());
    for (flag, number) in [("--workers", workers), ("--slots", slots)] {
        if i32::try_from(number).is_err() {
            return Err(wrong(flag, format!("{number} is too large for Kubernetes")));
        }
    }
    let name = typed.name.unwrap_or_else(|| name::after(&model));
    name::check(&name, workers)
        .map_err(|why| wrong("--name", why).help("set another name: --name NAME"))?;
    let claim = typed.claim.unwrap_or_else(|| name.clone());
    name::check_claim(&claim).map_err(|why| wrong("--claim", why))?;
    for (flag, text) in [("--image", &typed.image), ("--runner", &typed.runner)] {
        if text.is_empty() || text.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err(wrong(flag, format!("{text:?} is empty or contains a space")));
        }
    }
    for argument in &typed.more {
        let flag = argument.split('=').next().unwrap_or(argument);
        if OURS.contains(&flag) {
            return Err(wrong(flag, "the manifest already sets it".to_owned())
                .help("set files with the flags before the --"));
        }
    }
    let ranks = (u64::from(workers) + 1) * u64::from(slots);
    let out = on_volume("--out", &typed.out)?;
    let mut arguments: Vec<String> = vec!["mpi".to_owned(), model];
    let mut option = |flag: &str, value: String| arguments.extend([flag.to_owned(), value]);
    option("--messages", on_volume("--messages", &typed.messages)?);
    option("--out", out.clone());
    option("--rejects", on_volume("--rejects", &typed.rejects)?);
    option("--journal", format!("{out}.journal"));
    option("--expect-ranks", ranks.to_string());
    arguments.push("--resume".to_owned());
    arguments.extend(typed.more);
    Ok(MpiJob {
        name,
        image: typed.image,
        workers,
        slots,
        ranks,
        cpu: typed.cpu,
        memory: typed.memory,
        claim,
        runner: typed.runner,
        arguments,
        out,
        attempts: typed.attempts.get().min(i32::MAX.unsigned_abs()),
        keep: u32::try_from(typed.keep.as_secs()).unwrap_or(u32::MAX).min(i32::MAX.unsigned_abs()),
    })
}

/// The path of a file in the pods. A file outside the volume would be lost with its pod.
fn on_volume(flag: &str, file: &str) -> Result<String> {
    let is_there = !file.is_empty()
        && !file.contains(char::is_control)
        && file.split('/').all(|part| !["", ".", ".."].contains(&part));
    if is_there {
        return Ok(format!("{VOLUME}/{file}"));
    }
    Err(Error::usage(format!("{file:?} is not a file on the volume"))
        .within(flag)
        .help("write the path from the volume's root, such as run-7/messages.jsonl"))
}

//! Reads `.proto` files.

use std::path::{Path, PathBuf};
use std::process::Command;

use protox::prost::Message as _;
use protox::prost_reflect::prost_types::{FileDescriptorProto, FileDescriptorSet};

use crate::error::{Error, Result};

/// Descriptors, each file after those it imports.
#[derive(Debug)]
pub(super) struct Compiled {
    pub(super) files: Vec<FileDescriptorProto>,
    /// The names of the files that were asked for.
    pub(super) asked: Vec<String>,
}

/// Reads files and what they import.
pub(super) fn compile(files: &[PathBuf], includes: &[PathBuf]) -> Result<Compiled> {
    let folders = folders(files, includes);
    let asked = files.iter().map(|file| relative(file, &folders)).collect::<Result<Vec<_>>>()?;
    let has_edition = files.iter().any(|file| declares_edition(file));
    let set = if has_edition { by_protoc(files, &folders)? } else { by_protox(files, &folders)? };
    if has_edition {
        for file in &set.file {
            let found = folders.iter().map(|folder| folder.join(file.name()));
            if let Some(path) = found.into_iter().find(|path| path.is_file()) {
                let text = std::fs::read_to_string(&path);
                check_features(&path, &text.map_err(|error| Error::unreadable(&path, error))?)?;
            }
        }
    }
    Ok(Compiled { files: set.file, asked })
}

/// The folders in which imports are looked for: those that were given, then those of the files.
fn folders(files: &[PathBuf], includes: &[PathBuf]) -> Vec<PathBuf> {
    let mut folders = includes.to_vec();
    for file in files {
        if folders.iter().any(|folder| file.starts_with(folder)) {
            continue;
        }
        let folder = match file.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
            _ => PathBuf::from("."),
        };
        folders.push(folder);
    }
    folders
}

/// The name by which other files import this one.
fn relative(file: &Path, folders: &[PathBuf]) -> Result<String> {
    let found = folders.iter().find_map(|folder| match file.strip_prefix(folder) {
        Ok(rest) => Some(rest),
        Err(_) if folder == Path::new(".") => Some(file),
        Err(_) => None,
    });
    let name = found.and_then(Path::to_str).map(|name| name.replace('\\', "/"));
    name.ok_or_else(|| Error::usage(format!("{} is not a path in UTF-8", file.display())))
}

fn by_protox(files: &[PathBuf], folders: &[PathBuf]) -> Result<FileDescriptorSet> {
    let failed = |error: protox::Error| {
        let place = error.file().map(ToOwned::to_owned);
        let text = error.to_string();
        match place.filter(|place| !text.contains(place.as_str())) {
            Some(place) => Error::usage(format!("{place}: {text}")),
            None => Error::usage(text),
        }
    };
    let mut compiler = protox::Compiler::new(folders).map_err(failed)?;
    compiler.include_imports(true).include_source_info(true);
    compiler.open_files(files).map_err(failed)?;
    Ok(compiler.file_descriptor_set())
}

/// Whether a file has `edition = ".."` in place of `syntax = ".."`.
fn declares_edition(file: &Path) -> bool {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    text.lines().any(|line| {
        line.trim_start()
            .strip_prefix("edition")
            .is_some_and(|rest| rest.trim_start().starts_with('='))
    })
}

/// Reads editions, which our parser does not know, with protoc.
fn by_protoc(files: &[PathBuf], folders: &[PathBuf]) -> Result<FileDescriptorSet> {
    let out = tempfile::NamedTempFile::new()
        .map_err(|error| Error::failure("a temporary file can't be created").cause(error))?;
    let mut command = Command::new("protoc");
    command.arg("--include_imports").arg("--include_source_info");
    command.arg(format!("--descriptor_set_out={}", out.path().display()));
    for folder in folders {
        command.arg(format!("-I{}", folder.display()));
    }
    let done = command.args(files).output().map_err(|error| {
        Error::usage("a file with `edition = ..` is read by protoc, which can't be started")
            .cause(error)
            .help("install it: apt-get install protobuf-compiler, version 27 or newer")
    })?;
    if !done.status.success() {
        let said = String::from_utf8_lossy(&done.stderr).trim().to_owned();
        return Err(Error::usage(said).within("protoc"));
    }
    let bytes = std::fs::read(out.path()).map_err(|error| Error::unreadable(out.path(), error))?;
    FileDescriptorSet::decode(&bytes[..])
        .map_err(|error| Error::failure("what protoc wrote can't be read").cause(error))
}

/// Refuses features of editions that would give the structures another meaning: descriptors are read in the form
/// they had before editions, which has no features.
pub(super) fn check_features(path: &Path, text: &str) -> Result<()> {
    // Feature, values that mean what structures do, and the way out of the others.
    const KNOWN: [(&str, &[&str], &str); 6] = [
        (
            "field_presence",
            &["EXPLICIT"],
            "import it without this option, and write `#[field(N, implicit)]` and `#[default(0)]` above the fields \
             that it is about",
        ),
        (
            "message_encoding",
            &["LENGTH_PREFIXED"],
            "structures have no delimited messages: declare the field without this option under another number",
        ),
        // An unknown number is an error either way.
        ("enum_type", &["OPEN", "CLOSED"], ""),
        // Both encodings are read, by us and by every other reader.
        ("repeated_field_encoding", &["PACKED", "EXPANDED"], ""),
        ("utf8_validation", &["VERIFY"], "declare the field as `bytes`"),
        ("json_format", &["ALLOW", "LEGACY_BEST_EFFORT"], ""),
    ];
    for (line, text) in (1..).zip(text.lines()) {
        let code = text.split("//").next().unwrap_or(text);
        for feature in code.split("features.").skip(1) {
            let is_word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
            let (name, rest) =
                feature.split_at(feature.find(|c| !is_word(c)).unwrap_or(feature.len()));
            let value = rest.trim_start().trim_start_matches('=').trim_start();
            let value = &value[..value.find(|c| !is_word(c)).unwrap_or(value.len())];
            let known = KNOWN.iter().find(|(known, _, _)| *known == name);
            if known.is_some_and(|(_, values, _)| values.contains(&value)) {
                continue;
            }
            let place = format!("{}:{line}", path.display());
            let help =
                known.map_or("remove the option, or leave the file out", |(_, _, help)| help);
            return Err(Error::usage(format!("`features.{name} = {value}` can't be imported"))
                .within(place)
                .help(if help.is_empty() { "write the value on the same line" } else { help }));
        }
        if let Some((_, rest)) = code.split_once("features") {
            let rest = rest.trim_start();
            if rest.starts_with('=') && rest.contains('{') || rest.starts_with('{') {
                return Err(Error::usage("a block of features can't be imported")
                    .within(format!("{}:{line}", path.display()))
                    .help("write each as `features.NAME = VALUE`"));
            }
        }
    }
    Ok(())
}

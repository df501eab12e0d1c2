//! Reads messages from files, standard input, arguments and cases.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use athena_protocol::{Format, Messages};

use crate::message_iter::{self, RecordedInputs, delimited, from_protobuf};
pub use crate::message_iter::{Message, MessageIter};
use crate::store;
use athena_core::error::{Error, Result};
use athena_core::registry::Entry;
use athena_structure::description::Definition;

/// The name of the message of a model for which none is given.
const EMPTY: &str = "the empty message {} (no message.json exists)";

/// The error of a message that the model can't read.
pub fn unreadable(model: &str, origin: &str, error: &impl std::fmt::Display) -> Error {
    let unreadable = Error::usage(format!("{origin}: {error}"));
    if [".jsonl", ".ndjson"].iter().any(|end| origin.ends_with(end)) {
        return unreadable.help(format!("a file of one message per line: --messages {origin}"));
    }
    if origin != EMPTY {
        return unreadable;
    }
    unreadable.help(format!(
        "give it one with --message, or edit one that it accepts: cargo athena run {model} --example > message.json"
    ))
}

/// The error of a message that is neither a file nor JSON.
fn no_file(model: &str, path: &Path) -> Error {
    let error = Error::usage(format!("can't read {}: no such file", path.display()));
    let is_file_name = path.extension().is_some() || path.components().count() > 1;
    if !is_file_name {
        return error.help(
            "a message on the command line is JSON; a text has its double quotes, '\"text\"'",
        );
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let Ok(entries) = std::fs::read_dir(folder) else {
        return error.help(format!("the folder {} does not exist", folder.display()));
    };
    let files = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let mut files: Vec<PathBuf> =
        files.filter(|file| file.extension() == path.extension()).collect();
    files.sort();
    let stem = |path: &Path| path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let stems: Vec<String> = files.iter().map(|file| stem(file)).collect();
    let near = athena_protocol::text::nearest(&stem(path), stems.iter().map(String::as_str));
    let meant = near.first().and_then(|near| files.iter().find(|file| stem(file) == **near));
    match meant.and_then(|file| file.file_name()) {
        Some(name) => error.help(format!("did you mean {}?", path.with_file_name(name).display())),
        None => error.help(format!(
            "write a message that the model accepts: cargo athena run {model} --example > {}",
            path.display()
        )),
    }
}

/// Reads all messages into memory.
pub fn all(
    entry: &Entry,
    fixtures: &Path,
    package_root: &Path,
    messages: &Messages,
) -> Result<Vec<Message>> {
    each(entry, fixtures, package_root, messages)?.collect()
}

/// Reads the messages one by one.
pub fn each<'a>(
    entry: &'a Entry,
    fixtures: &Path,
    package_root: &Path,
    messages: &Messages,
) -> Result<MessageIter<'a>> {
    let one = |text: String, origin: String| -> MessageIter<'a> {
        Box::new(std::iter::once(Ok(Message { text, origin, is_line: false })))
    };
    Ok(match messages {
        Messages::Default => {
            for path in [PathBuf::from("message.json"), package_root.join("message.json")] {
                if let Some(text) = store::read(&path)? {
                    return Ok(one(text, path.display().to_string()));
                }
            }
            one("{}".to_owned(), EMPTY.to_owned())
        }
        Messages::Text(text) => one(text.clone(), "--message".to_owned()),
        Messages::File(path) => {
            let text = store::read(path)?.ok_or_else(|| no_file(&entry.id, path))?;
            one(text, path.display().to_string())
        }
        Messages::Stdin => {
            let mut text = String::new();
            io::stdin()
                .read_to_string(&mut text)
                .map_err(|error| Error::usage(format!("can't read standard input: {error}")))?;
            one(text, "standard input".to_owned())
        }
        Messages::Lines(_) | Messages::StdinLines => {
            let (reader, name) = lines(entry, messages, Format::Json)?;
            Box::new(message_iter::lines(reader, name))
        }
        Messages::Cases(filter) => Box::new(RecordedInputs::new(entry, fixtures, filter)),
    })
}

/// One message as bytes, and its name in errors.
pub fn bytes(messages: &Messages) -> Result<(Vec<u8>, String)> {
    match messages {
        Messages::File(path) => {
            let bytes = std::fs::read(path).map_err(|error| Error::io("read", path, &error))?;
            Ok((bytes, path.display().to_string()))
        }
        Messages::Stdin => {
            let mut bytes = Vec::new();
            io::stdin()
                .read_to_end(&mut bytes)
                .map_err(|error| Error::usage(format!("can't read standard input: {error}")))?;
            Ok((bytes, "standard input".to_owned()))
        }
        _ => Err(Error::usage("a message of Protocol Buffers comes from a file or standard input")
            .help("use --message FILE or --message -; for several messages, each after its length, --messages FILE")),
    }
}

/// Every message of Protocol Buffers, as JSON.
pub fn all_protobuf(entry: &Entry, messages: &Messages) -> Result<Vec<Message>> {
    each_protobuf(entry, messages)?.collect()
}

/// Reads the messages of Protocol Buffers one by one, as JSON.
pub fn each_protobuf<'a>(entry: &'a Entry, messages: &Messages) -> Result<MessageIter<'a>> {
    if !matches!(messages, Messages::Lines(_) | Messages::StdinLines) {
        let (bytes, origin) = bytes(messages)?;
        return Ok(Box::new(std::iter::once(from_protobuf(entry, &bytes, origin))));
    }
    let (reader, name) = lines(entry, messages, Format::Protobuf)?;
    Ok(Box::new(delimited(entry, reader, name)))
}

/// A stream of messages and its name.
///
/// # Errors
///
/// The file can't be read, or is JSON over several lines.
pub fn lines(
    entry: &Entry,
    messages: &Messages,
    format: Format,
) -> Result<(Box<dyn BufRead + Send>, String)> {
    let (mut reader, name) = open(messages)?;
    if format == Format::Json {
        let start = reader
            .fill_buf()
            .map_err(|error| Error::usage(format!("{name}: can't be read: {error}")))?;
        let takes_objects =
            matches!(entry.model.input_type().definition(), Some(Definition::Structure(_)));
        one_per_line(start, &name, takes_objects)?;
    }
    Ok((reader, name))
}

/// Refuses JSON over several lines, and one array of messages, by the beginning of a file.
fn one_per_line(start: &[u8], name: &str, takes_objects: bool) -> Result<()> {
    let start = String::from_utf8_lossy(start);
    let first = start.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    // A line such as `[package]` of another format begins with a bracket, too.
    let is_list = |text: &str| serde_json::from_str::<Vec<serde::de::IgnoredAny>>(text).is_ok();
    let is_array = match first.strip_suffix(',') {
        Some(items) => is_list(&format!("{items}]")),
        None => first == "[" || first == "[{" || (takes_objects && is_list(first)),
    };
    if !is_array && first != "{" {
        return Ok(());
    }
    let (what, filter) =
        if is_array { ("an array of messages", ".[]") } else { ("JSON over several lines", ".") };
    let file = if name == "standard input" { "" } else { name };
    Err(Error::usage(format!("{name} is {what}, where --messages takes one message per line"))
        .help(format!("convert it: jq -c '{filter}' {file}").trim_end().to_owned()))
}

fn open(messages: &Messages) -> Result<(Box<dyn BufRead + Send>, String)> {
    if let Messages::Lines(path) = messages {
        let file = File::open(path).map_err(|error| Error::io("read", path, &error))?;
        if file.metadata().is_ok_and(|metadata| metadata.is_dir()) {
            return Err(Error::usage(format!(
                "{} is a folder, not a file of messages",
                path.display()
            )));
        }
        return Ok((
            Box::new(BufReader::with_capacity(128 << 10, file)),
            path.display().to_string(),
        ));
    }
    Ok((Box::new(BufReader::with_capacity(128 << 10, io::stdin())), "standard input".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_over_several_lines_is_refused_with_the_way_out() {
        let says = |start: &str, takes_objects| {
            one_per_line(start.as_bytes(), "in.json", takes_objects)
                .err()
                .map(|error| error.to_string())
                .unwrap_or_default()
        };
        for array in ["[\n  {\"a\":1}\n]", "\n[{\"a\":1},\n{\"a\":2}]", "[{\"a\":1},{\"a\":2}]\n"] {
            assert!(says(array, true).contains("jq -c '.[]' in.json"), "{array}");
        }
        assert!(says("{\n  \"a\": 1\n}\n", true).contains("jq -c '.' in.json"));
        assert!(says("[{\n  \"a\": 1\n}]", true).contains("jq -c '.[]' in.json"));
        let toml = "[package]\nname = \"a\"\n";
        for lines in ["{\"a\":1}\n{\"a\":2}", "{\"a\":\n", "", "\u{1}[", toml, "[a,\n"] {
            assert_eq!(says(lines, true), "", "{lines}");
        }
        // A message that is itself a list.
        assert_eq!(says("[1,2]\n[3]\n", false), "");
    }

    #[test]
    fn a_missing_file_is_answered_with_the_nearest_and_a_word_with_json() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("message.json"), "{}").expect("written");
        let says = |path: &Path| no_file("m::f", path).to_string();
        assert!(says(&folder.path().join("mesage.json")).contains("message.json?"));
        assert!(says(&folder.path().join("x.json")).contains("--example"));
        assert!(says(&folder.path().join("gone/x.json")).contains("gone does not exist"));
        assert!(says(Path::new("text")).contains("'\"text\"'"));
    }

    #[test]
    fn a_file_of_lines_as_one_message_is_answered_with_the_other_flag() {
        let says = |origin: &str| unreadable("m", origin, &"trailing text").to_string();
        assert!(says("orders.jsonl").contains("--messages orders.jsonl"));
        assert!(!says("orders.jsonl:3").contains("--messages"));
        assert!(!says("order.json").contains("--messages"));
    }
}

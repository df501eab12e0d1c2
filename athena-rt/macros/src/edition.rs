//! The edition of the crate that is compiled.
//!
//! In edition 2015 `::core` is a module of the crate, and a path belongs to the edition of the place that its
//! tokens have. There, tokens that stand at the user's have to be those of this crate.

use std::sync::OnceLock;

use proc_macro2::Span;

/// Returns the span for generated tokens with absolute paths that are shown at `span`.
pub(crate) fn shown_at(span: Span) -> Span {
    static FOUND: OnceLock<bool> = OnceLock::new();
    let is_2015 = *FOUND.get_or_init(|| {
        let arguments = std::env::args_os();
        is_2015(arguments.map(|argument| argument.to_string_lossy().into_owned()))
    });
    if is_2015 { Span::call_site().located_at(span) } else { span }
}

/// Whether the compiler's arguments name edition 2015, or none.
fn is_2015(arguments: impl Iterator<Item = String>) -> bool {
    let mut arguments = arguments;
    while let Some(argument) = arguments.next() {
        let edition = match argument.strip_prefix("--edition") {
            Some("") => arguments.next(),
            Some(rest) => rest.strip_prefix('=').map(str::to_owned),
            None => None,
        };
        if let Some(edition) = edition {
            return edition == "2015";
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_edition_is_what_the_arguments_say_and_2015_without() {
        let found = |line: &str| is_2015(line.split(' ').map(str::to_owned));
        assert!(!found("rustc --edition=2018 src/lib.rs"));
        assert!(!found("rustc --edition 2024"));
        assert!(found("rustc --edition=2015 src/lib.rs"));
        assert!(found("rustc src/lib.rs"));
    }
}

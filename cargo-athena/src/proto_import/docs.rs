//! The comments of a `.proto` file, by the path of what they belong to.

use std::collections::BTreeMap;

use protox::prost_reflect::prost_types::FileDescriptorProto;

/// Comments and lines by path: field numbers and indexes in the descriptor.
#[derive(Debug)]
pub(super) struct Docs {
    comments: BTreeMap<Vec<i32>, String>,
    lines: BTreeMap<Vec<i32>, i32>,
    file: String,
}

/// The numbers of the parts of a descriptor, in `descriptor.proto`.
pub(super) const MESSAGE: i32 = 4;
pub(super) const ENUM: i32 = 5;
pub(super) const FIELD: i32 = 2;
pub(super) const NESTED: i32 = 3;
pub(super) const NESTED_ENUM: i32 = 4;
pub(super) const ONEOF: i32 = 8;
pub(super) const VALUE: i32 = 2;

impl Docs {
    pub(super) fn new(file: &FileDescriptorProto) -> Self {
        let locations = file.source_code_info.iter().flat_map(|info| &info.location);
        let comment = |text: &str| {
            let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
            let indent =
                lines.iter().filter(|line| !line.is_empty()).all(|line| line.starts_with(' '));
            let lines =
                lines.iter().map(|line| if indent { line.get(1..).unwrap_or("") } else { line });
            lines.collect::<Vec<_>>().join("\n").trim_matches('\n').to_owned()
        };
        let lines = locations.clone().filter_map(|location| {
            Some((location.path.clone(), location.span.first()?.saturating_add(1)))
        });
        let lines = lines.collect();
        let docs = locations.filter_map(|location| {
            let text =
                location.leading_comments.as_deref().or(location.trailing_comments.as_deref());
            let text = comment(text?);
            (!text.is_empty()).then(|| (location.path.clone(), text))
        });
        Self { comments: docs.collect(), lines, file: file.name().to_owned() }
    }

    /// The comment at a path, empty if it has none.
    pub(super) fn at(&self, path: &[i32]) -> String {
        self.comments.get(path).cloned().unwrap_or_default()
    }

    /// The file, and the line of a path: `shop.proto:7`.
    pub(super) fn place(&self, path: &[i32]) -> String {
        match self.lines.get(path) {
            Some(line) => format!("{}:{line}", self.file),
            None => self.file.clone(),
        }
    }
}

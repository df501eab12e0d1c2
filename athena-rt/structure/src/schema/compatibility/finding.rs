//! A change that breaks someone: whom, and how to fix it.

use std::fmt;

/// A change that breaks someone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The type and the field.
    pub place: String,
    pub rule: Rule,
    pub old: String,
    pub new: String,
    pub breaks: Breaks,
    pub help: String,
}

/// Which rule a change is against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    Removed,
    Renumbered,
    Renamed,
    AliasRemoved,
    LayoutChanged,
    Retyped,
    Narrowed,
    Repeated,
    Required,
    NewRequired,
    FormChanged,
    Closed,
    ReservedDropped,
    ModelRetyped,
    MessageDropped,
    PackageRenamed,
}

/// Those that a change breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Breaks {
    /// Messages that are kept somewhere, read by the new code.
    pub stored: bool,
    /// Programs of before, reading new messages.
    pub readers: bool,
    /// Messages as JSON.
    pub json: bool,
}

impl Breaks {
    pub(super) const ALL: Self = Self { stored: true, readers: true, json: true };
    pub(super) const WIRE: Self = Self { stored: true, readers: true, json: false };
    /// Messages as JSON, whoever reads them.
    pub(super) const JSON: Self = Self { stored: false, readers: false, json: true };
    pub(super) const STORED_JSON: Self = Self { stored: true, readers: false, json: true };
}

impl Rule {
    /// Its name in messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Removed => "field-removed",
            Self::Renumbered => "field-renumbered",
            Self::Renamed => "field-renamed",
            Self::AliasRemoved => "alias-removed",
            Self::LayoutChanged => "layout-changed",
            Self::Retyped => "field-retyped",
            Self::Narrowed => "field-narrowed",
            Self::Repeated => "field-repeated",
            Self::Required => "field-required",
            Self::NewRequired => "new-field-required",
            Self::FormChanged => "form-changed",
            Self::Closed => "closed",
            Self::ReservedDropped => "reserved-dropped",
            Self::ModelRetyped => "model-retyped",
            Self::MessageDropped => "message-dropped",
            Self::PackageRenamed => "package-renamed",
        }
    }
}

impl fmt::Display for Breaks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let who =
            [(self.stored, "stored messages"), (self.readers, "old readers"), (self.json, "JSON")];
        if *self == Self::JSON {
            return f.write_str("JSON, not the wire");
        }
        let who: Vec<&str> = who.iter().filter(|(is, _)| *is).map(|(_, who)| *who).collect();
        f.write_str(&who.join(", "))
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { place, rule, old, new, breaks, help } = self;
        writeln!(f, "  {place}: {old} -> {new} ({})", rule.name())?;
        writeln!(f, "    breaks: {breaks}")?;
        writeln!(f, "    help: {help}")
    }
}

//! A field, checked.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};
use syn::{Expr, Ident, Path, Type};

use crate::attr::{Carrier, Encodings, Tolerance};
use crate::owner::Owner;
use crate::rename::RenameRule;
use crate::serde_attr::SerdeDefault;

/// A named field, checked.
pub(crate) struct Field {
    pub(crate) ident: Ident,
    /// The identifier, `type` for `r#type`: the name in Protocol Buffers.
    pub(crate) name: String,
    /// The key in JSON: the name, unless serde's attributes change it.
    pub(crate) key: String,
    /// Other keys that are read.
    pub(crate) aliases: Vec<String>,
    /// The function that decides whether the field is omitted when written.
    pub(crate) skip_if: Option<Path>,
    pub(crate) ty: Type,
    /// The arguments of a hidden type of the structure: `<T>`.
    pub(crate) arguments: TokenStream,
    /// Whether the type depends on the parameters of the structure.
    pub(crate) is_generic: bool,
    pub(crate) docs: String,
    pub(crate) number: u32,
    pub(crate) default: Option<Fallback>,
    /// Whether that is `#[serde(default)]`: nothing for an `Option`, which the type says, not its name.
    pub(crate) default_by_type: bool,
    /// The type whose `Default` has the field's default.
    pub(crate) default_of: Option<Type>,
    pub(crate) tolerance: Option<Tolerance>,
    /// Values to show and to begin with, as JSON texts.
    pub(crate) examples: Vec<String>,
    pub(crate) volatile: bool,
    pub(crate) unordered: Option<Span>,
    pub(crate) secret: bool,
    /// Whether its value tells cases apart.
    pub(crate) label: bool,
    pub(crate) encoding: Encodings,
    /// Whether its members are those of the object around it.
    pub(crate) flatten: bool,
    /// What carries a type of another crate.
    pub(crate) carrier: Option<Carrier>,
    /// Whether it is not part of the message.
    pub(crate) skip: bool,
    /// Whether the zero is left out in Protocol Buffers.
    pub(crate) implicit: bool,
    /// Whether the variants of its enum are fields of the message and share its numbers.
    pub(crate) oneof: bool,
    /// Whether its type is checked to be a part of a message.
    pub(crate) checked: bool,
}

/// What the fields of a structure take from serde's attributes on it.
pub(crate) struct Inherited<'a> {
    pub(crate) rename_all: Option<RenameRule>,
    /// Where the defaults of the fields come from.
    pub(crate) default: Option<&'a SerdeDefault>,
    /// The type of the item.
    pub(crate) owner: &'a Owner,
    /// The name of the variant with the fields; otherwise empty.
    pub(crate) variant: &'a str,
}

/// The default of a field.
pub(crate) struct Fallback {
    /// The generated function that returns it.
    pub(crate) function: Ident,
    /// The arguments of a generic function: those of the type.
    pub(in crate::field) turbofish: TokenStream,
    pub(crate) value: Expr,
}

impl Fallback {
    /// Returns the function as a value.
    pub(crate) fn path(&self) -> TokenStream {
        let Self { function, turbofish, .. } = self;
        quote!(#function #turbofish)
    }
}

impl Field {
    /// Returns the local variable that holds the field while a message is read.
    pub(crate) fn slot(&self) -> Ident {
        format_ident!("__field_{}", self.name)
    }
}

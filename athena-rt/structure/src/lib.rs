//! Typed messages: a Rust type under `#[structure]` as JSON, as Protocol Buffers, and as a schema.
//!
//! Usable by itself as a codec. Reading is strict: a field that is missing, unknown, given twice, of
//! another type or out of range is an error that names its place.
//!
//! ```
//! use athena_rt::structure;
//! use athena_rt::structure::{json, to_proto_json, wire};
//!
//! #[structure]
//! struct Order {
//!     id: u64,
//!     #[default(1)]
//!     quantity: u32,
//!     note: Option<String>,
//!     shipping: Shipping,
//! }
//!
//! #[structure]
//! enum Shipping {
//!     Pickup,
//!     Courier { street: String },
//! }
//!
//! // JSON
//! let text = r#"{"id":7,"shipping":{"Courier":{"street":"Main Street"}}}"#;
//! let order: Order = json::decode(text).unwrap();
//! assert_eq!(order.quantity, 1);
//! let error = json::decode::<Order>(r#"{"id":-7,"shipping":"Pickup"}"#).unwrap_err();
//! assert_eq!(error.pointer, "/id");
//!
//! // Protocol Buffers
//! let bytes = wire::encode(&order);
//! assert_eq!(wire::decode::<Order>(&bytes).unwrap(), order);
//!
//! // The JSON of Protocol Buffers libraries
//! assert_eq!(
//!     to_proto_json(&order).unwrap(),
//!     r#"{"id":"7","quantity":1,"shipping":{"Courier":{"street":"Main Street"}}}"#,
//! );
//! ```
//!
//! A user depends on `athena-rt`, whose macros implement [`Structure`], and finds the codec in
//! `athena_rt::structure`.
//!
//! | module | its job |
//! |---|---|
//! | [`json`] | messages as JSON, with the pointer, line and column of an error |
//! | [`wire`] | messages as Protocol Buffers |
//! | [`ProtoJson`] | messages as ProtoJSON, by the description that the `.proto` file is made of |
//! | [`schema`] | `.proto` files, JSON Schema, summaries, and whether a change breaks anyone |
//! | [`description`] | the types as data: what schemas, comparisons and coverage are made from |
//!
//! [`schema`], [`description`] and the small helpers are for the crates of this workspace and may change
//! with any release.

#![allow(
    missing_docs,
    rustdoc::private_intra_doc_links,
    reason = "for the crates of this workspace: their readers see private items, and what is clear from its name has no docs"
)]

mod absent_json;
mod any_json;
mod attribute_checks;
mod by_text;
mod bytes;
mod carried;
mod container;
mod converted;
mod declared_order;
mod default_of;
pub mod description;
mod exact;
mod example;
mod field_names;
#[cfg(any(
    feature = "bytes",
    feature = "chrono",
    feature = "jiff",
    feature = "time",
    feature = "uuid"
))]
mod foreign_types;
pub mod json;
mod json_value;
mod layout;
mod located;
mod number_text;
mod parameter;
mod part;
mod plain_reason;
pub mod pointer;
mod proto_json;
mod scalar;
pub mod schema;
mod secret;
mod set;
mod shape;
mod strict;
mod structure;
mod syntax_reason;
mod text_form;
mod time;
#[cfg(feature = "time")]
mod time_crate;
mod tolerance;
mod trace;
mod type_label;
mod value_place;
mod whole;
mod wide;
pub mod wire;

pub use bytes::to_text as base64;
pub use declared_order::DeclaredOrder;
pub use example::example;
pub use json::MessageError;
pub use part::Part;
pub use proto_json::{ProtoJson, from_proto_json, to_proto_json};
pub use secret::{has_secrets, redact};
pub use structure::Structure;
pub use time::{Timestamp, TimestampError};

/// For generated code only: it changes without notice.
#[doc(hidden)]
pub mod __private {
    pub use crate::any_json::{AsJson, JsonFunctions, WithJson};
    pub use crate::attribute_checks::{
        ContainerCheck, OtherType, check_elements, check_options, check_tolerance, check_unordered,
    };
    pub use crate::carried::Carried;
    pub use crate::container::{MapKey, read_name};
    pub use crate::default_of::DefaultOf;
    pub use crate::description::TypeDescription;
    pub use crate::field_names::{Fields, Variants, is_one_of};
    pub use crate::number_text::NumberText;
    pub use crate::parameter::Parameter;
    pub use crate::part::{CheckedType, Json, Part};
    pub use crate::shape::{
        Definition, Encoding, EnumShape, Field, Shape, Shapes, StructureShape, Tagging, Variant,
    };
    pub use crate::structure::Structure;
    pub use crate::text_form::AsText;
    pub use crate::type_label::{type_key, type_label, variant_key};
    pub use crate::{
        __wire_converted as wire_converted, __wire_enumeration as wire_enumeration,
        __wire_message as wire_message, __wire_newtype as wire_newtype, __wire_whole as wire_whole,
    };
    pub use serde::Deserializer;

    /// Types that are another type in messages.
    pub mod converted {
        pub use crate::converted::{Converted, convert, convert_zero, read_json};
    }

    /// Layouts of JSON beside the plain one.
    pub mod layout {
        pub use crate::layout::{
            Rest, TaggedEnum, adjacent, adjacent_unit, flatten, internal, no_data, read_adjacent,
            read_internal, read_untagged,
        };
    }

    /// Protocol Buffers.
    pub mod wire {
        pub use crate::wire::default_slot::DefaultSlot;
        pub use crate::wire::enumeration::Enumeration;
        pub use crate::wire::field::{Entry, Fixed, Form, Plain, Sint, Truncating, Wire};
        pub use crate::wire::key::Key;
        pub use crate::wire::oneof::{Choice, Oneof};
        pub use crate::wire::position::ErrorPosition as Place;
        pub use crate::wire::reader::Reader;
        pub use crate::wire::scalar::Implicit;
        pub use crate::wire::unknown::KeepsUnknown;
        pub use crate::wire::writer::Writer;
        pub use crate::wire::{Message, UnknownFields, WireError};

        pub mod enumeration {
            pub use crate::wire::enumeration::{finish, merge_unit, merge_variant, zero};
        }

        pub mod message {
            pub use crate::wire::message::{
                distinct, encode, finish, finish_one, finish_or, merge, nested, read, zero,
            };
        }

        pub mod whole {
            pub use crate::whole::{encode_fields, finish_fields, merge_field};
        }

        pub mod scalar {
            pub use crate::wire::scalar::{encode, encode_list, merge_list, read};
        }
    }
}

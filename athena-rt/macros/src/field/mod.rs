//! The fields of a structure, of a variant, or of an environment: parsing.
//!
//! `parse` reads one field with its attributes, `message` numbers and checks those of a message, `attributes` checks
//! what stands on one field, `unnamed` reads fields without names and that of a
//! transparent structure.

mod attributes;
mod keys;
mod message;
mod model;
mod parse;
mod unnamed;

pub(crate) use self::keys::{check_keys, key};
pub(crate) use self::message::{MessageFields, UnknownField, message_fields};
pub(crate) use self::model::{Fallback, Field, Inherited};
pub(crate) use self::parse::take_fields;
pub(crate) use self::unnamed::{TransparentField, transparent_field, unnamed_types};

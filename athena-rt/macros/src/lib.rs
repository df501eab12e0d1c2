//! The attribute macros of `athena-rt`. Use them through `athena_rt::prelude`.
//!
//! Each macro works in two steps: it parses its item into a checked form (`structure`,
//! `environment`, `model`), then `expand` generates code from that form. All errors of an item are
//! reported together. The item itself is always emitted, so that one mistake is one error.
//!
//! | module | job |
//! |---|---|
//! | `args` | the arguments of the macros: `#[structure(open)]` |
//! | `attr` | the attributes on fields: `#[default(2)]` |
//! | `structure`, `enumeration`, `field`, `numbers` | parse `#[structure]` |
//! | `environment` | parse `#[environment]` |
//! | `model`, `signature` | parse `#[model]` |
//! | `serde_attr`, `rename` | serde's attributes: `#[serde(rename_all = "camelCase")]` |
//! | `conditional` | conditional attributes: `#[cfg_attr(feature = "serde", serde(default))]` |
//! | `item`, `owner`, `derives`, `above`, `recover`, `types`, `text`, `errors` | what parsing shares |
//! | `expand` | generate code |
//! | `edition` | paths in edition 2015 |
//! | `crate_name` | the name that `athena-rt` has in the user's crate |
//! | `workspace` | the root of the workspace, for `main!` |

mod above;
mod args;
mod attr;
mod conditional;
mod crate_name;
mod derives;
mod edition;
mod enumeration;
mod environment;
mod errors;
mod examples;
mod expand;
mod field;
#[cfg(test)]
mod golden;
mod item;
mod model;
mod numbers;
mod owner;
mod recover;
mod rename;
mod serde_attr;
mod signature;
mod structure;
mod text;
mod types;
mod workspace;

use proc_macro::TokenStream;

/// Declares a typed part of a message: a struct or an enum.
///
/// It implements `Clone`, `Debug`, `PartialEq`, `Serialize` and `Deserialize`, and describes the
/// type for schemas. Derives of these may stay, above or below it.
///
/// ```
/// # use athena_rt::prelude::*;
/// #[structure]
/// struct Order {
///     /// Unit price in euros.
///     #[tolerance(abs = 0.005)]
///     price: f64,
///     #[default(1)]
///     quantity: u32,
///     note: Option<String>,
/// }
/// ```
///
/// It may have type parameters and constants, `struct Page<T> { items: Vec<T> }`; no lifetimes.
///
/// # On the item
///
/// - `#[structure(open)]` ignores unknown fields; otherwise they are errors.
/// - `#[structure(reserved(4, "old"))]` prevents numbers and names from being used again.
/// - `#[structure(crate = path)]` is the path of `athena-rt` if the crate does not depend on it itself: a
///   renamed dependency is found without.
///
/// # On a field
///
/// - `#[default(expr)]`: the value of an absent field. A field without a default is required, unless
///   it is an `Option`, a list or a map. A string literal is converted, and a literal for an
///   `Option` is wrapped in `Some`.
/// - `#[field(3)]`: the field's number in Protocol Buffers. The other fields get the lowest free numbers in
///   order.
/// - `#[field(text)]`, `#[field(json)]`: a type of another crate, as text by its `Display` and `FromStr`, or as any
///   JSON by serde's traits; also within `Option`, `Box`, `Vec`, arrays and the values of maps.
/// - `#[field(number)]`: a type whose `Display` is a number, such as `rust_decimal::Decimal`, as a JSON number that keeps
///   its digits: 6.30 and not 6.3.
/// - `#[tolerance(abs = 1e-9, rel = 1e-6, ulps = 4)]`: the greatest difference from the recorded
///   float that still counts as equal.
/// - `#[volatile]`: not compared when cases are replayed.
/// - `#[unordered]`: a list whose order does not matter when cases are replayed.
/// - `#[secret]`: never printed or recorded. `Debug` prints `***`.
/// - `#[example("2018-02-14")]`, `#[example(1, 2)]`: values as the message has them. `record --generate` begins with
///   them; JSON Schema and `list` show them.
/// - `#[oneof]` on an `Option` of an enum with data: in Protocol Buffers its variants are fields of
///   this message, a `oneof`, with the numbers they have in the enum. In JSON nothing changes.
///
/// # serde's attributes
///
/// They mean what they mean to serde: `rename`, `rename_all`, `rename_all_fields`, `alias`, `default`,
/// `skip_serializing_if`, `deny_unknown_fields`, `tag`, `content`, `untagged`, `other`, `flatten`, `transparent`, `from`,
/// `try_from`, `into`, `with`, `serialize_with`, `deserialize_with` and `skip`.
/// A flattened map keeps what the structure does not know. In Protocol Buffers fields keep their names, and a key
/// that differs is the field's `json_name`.
///
/// ```
/// # use athena_rt::prelude::*;
/// #[structure]
/// #[serde(rename_all = "camelCase")]
/// struct Package {
///     name: String,
///     #[serde(default, skip_serializing_if = "Vec::is_empty")]
///     dev_dependencies: Vec<String>,
///     #[serde(rename = "$schema")]
///     schema: Option<String>,
/// }
/// ```
#[proc_macro_attribute]
pub fn structure(args: TokenStream, item: TokenStream) -> TokenStream {
    expand::structure(args.into(), item.into()).into()
}

/// Declares settings that are read from environment variables: a struct with named fields.
///
/// It implements `Clone` and `Debug`. The field `seed` is read from `SEED`, or from `APP_SEED` with
/// `#[environment(prefix = "APP_")]`. `#[environment(crate = path)]` is the path of `athena-rt`
/// if the crate does not depend on it itself.
///
/// Fields accept `#[default(expr)]` and `#[secret]`.
///
/// ```
/// # use athena_rt::prelude::*;
/// #[environment]
/// struct Settings {
///     /// Added to every test value.
///     #[default(1)]
///     seed: i64,
///     #[secret]
///     token: Option<String>,
/// }
/// ```
#[proc_macro_attribute]
pub fn environment(args: TokenStream, item: TokenStream) -> TokenStream {
    expand::environment(args.into(), item.into()).into()
}

/// Registers a function from `State` to `State` as a model.
///
/// It takes one `State<In>` or `State<In, Settings>`, and returns `State<Out>`,
/// `Result<State<Out>, Error>`, or an `impl Iterator` of either. The function itself is not changed.
///
/// With the feature `async` of `athena-rt` it may be an `async fn`, which runs on tokio. Values held
/// across an `.await` must be `Send`.
///
/// `#[model(name = "pricing::total")]` sets the model's id, under which its cases are stored; the
/// default is package, module path and function. `#[model(crate = path)]` is the path of `athena-rt`
/// if the crate does not depend on it itself.
///
/// ```
/// # use athena_rt::prelude::*;
/// # #[structure] struct Sample { test: i64 }
/// # #[environment] struct Settings { seed: i64 }
/// #[model]
/// fn compute(mut state: State<Sample, Settings>) -> State<Sample, Settings> {
///     state.data.test += state.env.seed;
///     state
/// }
/// # fn main() {}
/// ```
#[proc_macro_attribute]
pub fn model(args: TokenStream, item: TokenStream) -> TokenStream {
    expand::model(args.into(), &item.into()).into()
}

/// The path from the package to the root of its workspace. `athena_rt::main!` uses it.
#[doc(hidden)]
#[proc_macro]
pub fn workspace_root(_: TokenStream) -> TokenStream {
    workspace::path_to_root().into()
}

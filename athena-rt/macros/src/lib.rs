//! The attribute macros of `athena-rt`. Use them through `athena_rt::prelude`.
//!
//! Each reads its item into a checked form (`structure`, `environment`, `model`), and what is
//! generated from that form is under `expand`. All errors of an item are reported together, and
//! the item itself is emitted all the same, so that one mistake gives one error.

mod args;
mod attr;
mod derives;
mod enumeration;
mod environment;
mod errors;
mod expand;
mod field;
#[cfg(test)]
mod golden;
mod model;
mod numbers;
mod recover;
mod signature;
mod structure;
mod text;
mod types;

use proc_macro::TokenStream;

/// Declares a typed part of a message: a struct or an enum.
///
/// It supplies `Clone`, `Debug`, `PartialEq`, `Serialize` and `Deserialize`, and describes the
/// type for schemas. It stands above any derives.
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
/// # On the item
///
/// - `#[structure(open)]` lets unknown fields pass; otherwise they are errors.
/// - `#[structure(reserved(4, "old"))]` keeps numbers and names from being used again.
/// - `#[structure(crate = path)]` where `athena-rt` is known under another name.
///
/// # On a field
///
/// - `#[default(expr)]`: its value when it is absent. A field without one is required, unless it
///   is an `Option`, a list or a map. A string literal is converted, and a literal for an
///   `Option` is wrapped in `Some`.
/// - `#[field(3)]`: its number in Protocol Buffers. The others get the lowest free numbers in order.
/// - `#[tolerance(abs = 1e-9, rel = 1e-6, ulps = 4)]`: how far a float may be from the recorded one.
/// - `#[volatile]`: not compared when cases are replayed.
/// - `#[unordered]`: a list whose order does not matter when cases are replayed.
/// - `#[secret]`: never printed or recorded. `Debug` shows `***`.
/// - `#[oneof]` on an `Option` of an enum with data: in Protocol Buffers its variants are fields of
///   this message, a `oneof`, with the numbers they bear in the enum; as JSON it is as any other.
#[proc_macro_attribute]
pub fn structure(args: TokenStream, item: TokenStream) -> TokenStream {
    expand::structure(args.into(), item.into()).into()
}

/// Declares settings that are read from environment variables: a struct with named fields.
///
/// It supplies `Clone` and `Debug`. The field `seed` is read from `SEED`, or from `APP_SEED` with
/// `#[environment(prefix = "APP_")]`. `#[environment(crate = path)]` names `athena-rt` where it is
/// known under another name.
///
/// Fields bear `#[default(expr)]` and `#[secret]`.
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
/// `Result<State<Out>, Error>`, or an `impl Iterator` of either. The function stays as it is.
///
/// With the feature `async` of `athena-rt` it may be an `async fn`, which runs on tokio. What it
/// holds while it waits must be `Send`.
///
/// `#[model(name = "pricing::total")]` pins the id under which its cases are kept; otherwise the id is
/// package, module path and function. `#[model(crate = path)]` names `athena-rt` where it is known
/// under another name.
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

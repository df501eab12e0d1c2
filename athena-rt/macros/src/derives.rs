//! The derives of an item: the ones that the user wrote, and the ones that the macros supply.

use proc_macro2::TokenStream;
use quote::quote;
use syn::punctuated::Punctuated;
use syn::{Attribute, Path, Token};

use crate::errors::Errors;

/// The derives that the user wrote.
#[derive(Default)]
pub(crate) struct Derives {
    written: Vec<String>,
    /// Whether `Debug` is generated instead of derived, so that it hides secrets.
    pub(crate) hides_secrets: bool,
    /// Whether a derive above the macro has implemented `Serialize`, and `Deserialize`.
    pub(crate) has_serialize: bool,
    pub(crate) has_deserialize: bool,
}

impl Derives {
    /// Reads the derives among `attrs`, and removes those that the macro must supply itself. `above`
    /// are the derives that are already expanded.
    pub(crate) fn take(
        attrs: &mut [Attribute],
        macro_name: &str,
        hides_secrets: bool,
        above: &[Path],
        errors: &mut Errors,
    ) -> Self {
        let mut found = Self { hides_secrets, ..Self::default() };
        for path in above {
            match last(path).as_str() {
                "Serialize" => found.has_serialize = true,
                "Deserialize" => found.has_deserialize = true,
                "Debug" if hides_secrets => {
                    // It is there, so none is generated.
                    found.hides_secrets = false;
                    found.written.push("Debug".to_owned());
                    errors.at_span(
                        proc_macro2::Span::call_site(),
                        format!(
                            "`#[{macro_name}]` implements Debug itself, so that secrets are not printed; remove \
                             it from the derives above"
                        ),
                    );
                }
                name => found.written.push(name.to_owned()),
            }
        }
        for attr in attrs.iter_mut().filter(|attr| attr.path().is_ident("derive")) {
            let parse = Punctuated::<Path, Token![,]>::parse_terminated;
            // If it doesn't parse, the compiler reports it.
            let Ok(paths) = attr.parse_args_with(parse) else { continue };
            let kept: Vec<Path> =
                paths.into_iter().filter(|path| found.keep(path, macro_name, errors)).collect();
            *attr = syn::parse_quote!(#[derive(#(#kept),*)]);
        }
        found
    }

    fn keep(&mut self, path: &Path, macro_name: &str, errors: &mut Errors) -> bool {
        match last(path).as_str() {
            // Taken over.
            "Serialize" | "Deserialize" if macro_name == "structure" => return false,
            name @ ("Serialize" | "Deserialize") => {
                errors.at(path, format!("`#[{macro_name}]` implements {name} itself; remove it"));
                return false;
            }
            "Debug" if self.hides_secrets => {
                errors.at(
                    path,
                    format!("`#[{macro_name}]` implements Debug itself, so that secrets are not printed; remove it"),
                );
                return false;
            }
            name => self.written.push(name.to_owned()),
        }
        true
    }

    /// Returns the missing derives among `Clone`, `Debug` and `PartialEq` as an attribute.
    pub(crate) fn missing_for_structure(&self) -> TokenStream {
        let debug = if self.hides_secrets { None } else { self.missing("Debug") };
        let missing = [self.missing("Clone"), debug, self.missing("PartialEq")];
        // The user did not choose to derive `PartialEq`, and floats have no `Eq`.
        let allow =
            missing[2].is_some().then(|| quote!(#[allow(clippy::derive_partial_eq_without_eq)]));
        let paths: Vec<TokenStream> = missing.into_iter().flatten().collect();
        if paths.is_empty() { quote!() } else { quote!(#allow #[derive(#(#paths),*)]) }
    }

    /// Returns the derive of `Clone` as an attribute, if it is missing.
    pub(crate) fn missing_for_environment(&self) -> TokenStream {
        self.missing("Clone").map(|path| quote!(#[derive(#path)])).unwrap_or_default()
    }

    /// Whether the user has not written a derive.
    pub(crate) fn lacks(&self, name: &str) -> bool {
        !self.written.iter().any(|written| written == name)
    }

    /// Returns the path of a derive, if the user has not written it.
    fn missing(&self, name: &str) -> Option<TokenStream> {
        if !self.lacks(name) {
            return None;
        }
        Some(match name {
            "Clone" => quote!(::core::clone::Clone),
            "Debug" => quote!(::core::fmt::Debug),
            _ => quote!(::core::cmp::PartialEq),
        })
    }
}

/// The name of a derive without its path.
fn last(path: &Path) -> String {
    path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default()
}

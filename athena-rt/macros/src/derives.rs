//! The derives above and below us: which of ours the user has written, and which cannot be theirs.

use proc_macro2::TokenStream;
use quote::quote;
use syn::punctuated::Punctuated;
use syn::{Attribute, Path, Token};

use crate::errors::Errors;

/// Which of our derives the user wrote already.
#[derive(Default)]
pub(crate) struct Derives {
    written: Vec<String>,
    /// `Debug` is written out, so that it hides secrets.
    pub(crate) hides_secrets: bool,
}

impl Derives {
    /// Reads the derives among `attrs`, and takes out those that we must supply.
    pub(crate) fn take(
        attrs: &mut [Attribute],
        macro_name: &str,
        hides_secrets: bool,
        errors: &mut Errors,
    ) -> Self {
        let mut found = Self { hides_secrets, ..Self::default() };
        for attr in attrs.iter_mut().filter(|attr| attr.path().is_ident("derive")) {
            let parse = Punctuated::<Path, Token![,]>::parse_terminated;
            // What does not parse is the compiler's to report.
            let Ok(paths) = attr.parse_args_with(parse) else { continue };
            let kept: Vec<Path> =
                paths.into_iter().filter(|path| found.keep(path, macro_name, errors)).collect();
            *attr = syn::parse_quote!(#[derive(#(#kept),*)]);
        }
        found
    }

    fn keep(&mut self, path: &Path, macro_name: &str, errors: &mut Errors) -> bool {
        let Some(last) = path.segments.last() else { return true };
        match last.ident.to_string().as_str() {
            name @ ("Serialize" | "Deserialize") => {
                errors.at(path, format!("`#[{macro_name}]` supplies {name} itself; leave it out"));
                return false;
            }
            "Debug" if self.hides_secrets => {
                errors.at(
                    path,
                    format!("`#[{macro_name}]` supplies Debug itself, so that secrets are not shown; leave it out"),
                );
                return false;
            }
            name => self.written.push(name.to_owned()),
        }
        true
    }

    /// The derives of `Clone`, `Debug` and `PartialEq` that a structure still needs, as an attribute.
    pub(crate) fn missing_for_structure(&self) -> TokenStream {
        let debug = if self.hides_secrets { None } else { self.missing("Debug") };
        let missing = [self.missing("Clone"), debug, self.missing("PartialEq")];
        let paths: Vec<TokenStream> = missing.into_iter().flatten().collect();
        if paths.is_empty() { quote!() } else { quote!(#[derive(#(#paths),*)]) }
    }

    /// The derive of `Clone` if an environment still needs it, as an attribute.
    pub(crate) fn missing_for_environment(&self) -> TokenStream {
        self.missing("Clone").map(|path| quote!(#[derive(#path)])).unwrap_or_default()
    }

    /// The path of a derive that the user has not written.
    fn missing(&self, name: &str) -> Option<TokenStream> {
        if self.written.iter().any(|written| written == name) {
            return None;
        }
        Some(match name {
            "Clone" => quote!(::core::clone::Clone),
            "Debug" => quote!(::core::fmt::Debug),
            _ => quote!(::core::cmp::PartialEq),
        })
    }
}

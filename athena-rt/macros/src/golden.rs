//! Golden files: each `tests/golden/*.in.rs` expands to `tests/golden/*.out.rs`.
//! `ATHENA_BLESS=1 cargo test -p athena-rt-macros` rewrites the latter.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fs;
use std::path::Path;

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote};
use syn::{Attribute, Item, Meta};

use crate::expand;

#[test]
fn every_expansion_is_as_recorded() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut inputs: Vec<_> = fs::read_dir(&folder)
        .expect("the folder of golden files is there")
        .map(|entry| entry.expect("an entry can be read").path())
        .filter(|path| path.to_string_lossy().ends_with(".in.rs"))
        .collect();
    inputs.sort();
    assert!(inputs.len() >= 8, "only {} golden inputs were found", inputs.len());
    let mut changed = Vec::new();
    for input in inputs {
        let output = Path::new(&input.to_string_lossy().replace(".in.rs", ".out.rs")).to_owned();
        let expanded = expand_file(&fs::read_to_string(&input).expect("the input can be read"));
        if std::env::var_os("ATHENA_BLESS").is_some() {
            fs::write(&output, expanded).expect("the output can be written");
        } else if fs::read_to_string(&output).ok().as_deref() != Some(&expanded) {
            changed.push(format!("{}:\n{expanded}", output.display()));
        }
    }
    assert!(
        changed.is_empty(),
        "expansions differ from what is recorded (ATHENA_BLESS=1 rewrites them):\n{}",
        changed.join("\n"),
    );
}

#[test]
fn an_expansion_with_another_crate_path_never_uses_the_usual_one() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let renamed = fs::read_to_string(folder.join("renamed.out.rs")).expect("the file can be read");
    assert!(renamed.contains("renamed::rt::__private"));
    assert!(!renamed.contains("athena_rt"));
}

/// Expands Athena's attributes in a file.
fn expand_file(source: &str) -> String {
    let file = syn::parse_file(source).expect("the input is Rust");
    let expanded: TokenStream = file.items.into_iter().map(expand_item).collect();
    let file = syn::parse2(quote!(#expanded)).expect("the expansion is Rust");
    prettyplease::unparse(&file)
}

fn expand_item(mut item: Item) -> TokenStream {
    let attrs = match &mut item {
        Item::Struct(item) => &mut item.attrs,
        Item::Enum(item) => &mut item.attrs,
        Item::Fn(item) => &mut item.attrs,
        Item::Union(item) => &mut item.attrs,
        _ => return item.into_token_stream(),
    };
    let ours = ["structure", "environment", "model"];
    let Some(at) = attrs.iter().position(|attr| ours.iter().any(|name| attr.path().is_ident(name)))
    else {
        return item.into_token_stream();
    };
    let Attribute { meta, .. } = attrs.remove(at);
    let args = match &meta {
        Meta::List(list) => list.tokens.clone(),
        _ => TokenStream::new(),
    };
    let item = item.into_token_stream();
    match meta.path() {
        path if path.is_ident("structure") => expand::structure(args, item),
        path if path.is_ident("environment") => expand::environment(args, item),
        _ => expand::model(args, &item),
    }
}

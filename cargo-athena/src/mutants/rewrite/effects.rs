//! Functions that work on files, processes or the network: a mutant of one could remove the wrong
//! folder.

use std::collections::BTreeSet;

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::visit::Visit;
use syn::{ItemUse, UseTree};

const ROOTS: [&str; 3] = ["std", "tokio", "async_std"];
const MODULES: [&str; 3] = ["fs", "process", "net"];

/// What a file imports of these modules.
#[derive(Debug, Default)]
pub(super) struct Effects {
    names: BTreeSet<String>,
    /// A module of which everything is imported.
    glob: Option<String>,
}

impl Effects {
    pub(super) fn of_file(file: &syn::File) -> Self {
        let mut effects = Self::default();
        effects.visit_file(file);
        effects
    }

    /// The module that a piece of code works with: `std::fs`.
    pub(super) fn named_in(&self, code: &syn::Block) -> Option<String> {
        self.glob.clone().or_else(|| self.find(code.to_token_stream(), &mut Vec::new()))
    }

    fn find(&self, tokens: TokenStream, path: &mut Vec<String>) -> Option<String> {
        let mut is_member = false;
        for token in tokens {
            let was_member = std::mem::take(&mut is_member);
            match token {
                TokenTree::Ident(name) => {
                    let name = name.to_string();
                    let root = path.first().filter(|root| ROOTS.contains(&root.as_str()));
                    if let Some(root) = root
                        && MODULES.contains(&name.as_str())
                    {
                        return Some(format!("{root}::{name}"));
                    }
                    if path.is_empty() && !was_member && self.names.contains(&name) {
                        return Some(name);
                    }
                    path.push(name);
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => {}
                TokenTree::Group(group) => {
                    if let Some(found) = self.find(group.stream(), &mut Vec::new()) {
                        return Some(found);
                    }
                    path.clear();
                }
                TokenTree::Punct(punct) => {
                    is_member = punct.as_char() == '.';
                    path.clear();
                }
                TokenTree::Literal(_) => path.clear(),
            }
        }
        None
    }

    fn add(&mut self, tree: &UseTree, path: &mut Vec<String>) {
        let is_effect = |path: &[String]| {
            path.first().is_some_and(|root| ROOTS.contains(&root.as_str()))
                && path.iter().any(|part| MODULES.contains(&part.as_str()))
        };
        match tree {
            UseTree::Path(inner) => {
                path.push(inner.ident.to_string());
                self.add(&inner.tree, path);
                path.pop();
            }
            UseTree::Group(group) => {
                group.items.iter().for_each(|item| self.add(item, path));
            }
            UseTree::Glob(_) => {
                if is_effect(path) {
                    self.glob = Some(path.join("::"));
                }
            }
            UseTree::Name(_) | UseTree::Rename(_) => {
                let (ident, name) = match tree {
                    UseTree::Rename(renamed) => (&renamed.ident, &renamed.rename),
                    UseTree::Name(name) => (&name.ident, &name.ident),
                    _ => return,
                };
                let is_module = ident == "self";
                path.push(ident.to_string());
                if is_effect(path) {
                    let module = path.iter().rev().nth(1).filter(|_| is_module && name == "self");
                    self.names.insert(module.cloned().unwrap_or_else(|| name.to_string()));
                }
                path.pop();
            }
        }
    }
}

impl<'a> Visit<'a> for Effects {
    fn visit_item_use(&mut self, item: &'a ItemUse) {
        self.add(&item.tree, &mut Vec::new());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(uses: &str, body: &str) -> Option<String> {
        let file = syn::parse_file(uses).unwrap();
        let block = syn::parse_str(&format!("{{ {body} }}")).unwrap();
        Effects::of_file(&file).named_in(&block)
    }

    #[test]
    fn code_that_names_files_processes_or_the_network_is_found() {
        assert_eq!(named("", "std::fs::read(p)").unwrap(), "std::fs");
        assert_eq!(named("use std::fs;", "if a { fs::remove_dir_all(p); }").unwrap(), "fs");
        assert_eq!(named("use std::{fs::{self, File}, io};", "fs::read(p)").unwrap(), "fs");
        assert_eq!(named("use std::process::Command as Cmd;", "Cmd::new(a)").unwrap(), "Cmd");
        assert_eq!(named("use std::fs::*;", "read(p)").unwrap(), "std::fs");
        assert_eq!(named("use crate::process;", "process::price(a)"), None);
        assert_eq!(named("use std::fs;", "self.fs + options.net"), None);
    }
}

//! The walk over one file: where it is, and how mutants and sites are added.

use std::ops::Range;

use athena_protocol::Genre;
use cargo_metadata::cargo_platform::Cfg;
use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::spanned::Spanned as _;
use syn::visit::Visit;
use syn::{Attribute, Block, Expr, ReturnType, Signature, Type};

use super::attributes::{false_cfg, is_skipped};
use super::effects::Effects;
use super::found::{FileMutants, FoundMutant, FoundSite, Insertion, Switching};
use super::operators::is_viable_expression;
use super::pretty::pretty;
use super::replacements::replacements;

/// How a file is looked at.
#[derive(Clone, Debug, Default)]
pub(crate) struct DiscoverOptions {
    /// What `cfg` has in this build.
    pub(crate) cfg: Vec<Cfg>,
    /// Whether functions that work on files, processes and the network are mutated.
    pub(crate) mutate_effects: bool,
}

/// The walk over one file.
pub(super) struct Finder<'a> {
    pub(super) text: &'a str,
    pub(super) options: &'a DiscoverOptions,
    pub(super) effects: Effects,
    pub(super) found: FileMutants,
    /// Modules, types and functions that the code stands in.
    pub(super) namespace: Vec<String>,
    pub(super) modules: Vec<(String, Option<String>)>,
    /// The names of the functions that the code stands in.
    pub(super) functions: Vec<String>,
    /// Why the code can't be examined.
    pub(super) reason: Option<String>,
    /// The outermost of the binary expressions that the next one is a part of without parentheses.
    pub(super) chain: Option<Range<usize>>,
    /// Whether the next binary expression is a part of a chain of conditions with `let`.
    pub(super) in_let_chain: bool,
}

impl Finder<'_> {
    pub(super) fn function_name(&self) -> String {
        self.functions.last().cloned().unwrap_or_default()
    }

    /// Does something with code that can't be examined.
    pub(super) fn without_sites(&mut self, reason: &str, visit: impl FnOnce(&mut Self)) {
        let outer = self.reason.clone();
        self.reason.get_or_insert_with(|| reason.to_owned());
        visit(self);
        self.reason = outer;
    }

    /// Does something with code that has attributes; nothing if these leave it out.
    pub(super) fn with_attributes(
        &mut self,
        attributes: &[Attribute],
        visit: impl FnOnce(&mut Self),
    ) {
        match false_cfg(attributes, &self.options.cfg) {
            Some(cfg) => self.without_sites(&format!("it is not built: {cfg}"), visit),
            None => visit(self),
        }
    }

    /// The site of a region, made if there is none.
    pub(super) fn site(
        &mut self,
        region: Range<usize>,
        insertion: Insertion,
        is_block: bool,
    ) -> usize {
        let function = self.function_name();
        let sites = &mut self.found.sites;
        let is_it = |site: &FoundSite| site.region == region && site.insertion == insertion;
        if let Some(at) = sites.iter().rposition(is_it) {
            sites[at].is_block |= is_block;
            return at;
        }
        sites.push(FoundSite { region, function, is_block, insertion });
        sites.len() - 1
    }

    /// Counts how often a block runs.
    pub(super) fn count_block(&mut self, block: &Block) {
        if self.reason.is_none() {
            let at = statements_start(block);
            self.site(block.span().byte_range(), Insertion::Statement(at), true);
        }
    }

    /// Counts how often an expression or its block runs.
    pub(super) fn count(&mut self, body: &Expr) {
        match body {
            Expr::Block(block) if block.label.is_none() => self.count_block(&block.block),
            _ if self.reason.is_none() => {
                self.site(body.span().byte_range(), Insertion::Around, true);
            }
            _ => {}
        }
    }

    /// Adds a mutant that code at a site switches on.
    pub(super) fn add(
        &mut self,
        (genre, span): (Genre, Range<usize>),
        at: Span,
        (change, replacement): (String, String),
        switching: impl FnOnce(&mut Self) -> Switching,
    ) {
        let switching = match &self.reason {
            Some(reason) => Switching::NotExamined(reason.clone()),
            None => switching(self),
        };
        let function = self.function_name();
        let change = if genre == Genre::FnValue || function.is_empty() {
            change
        } else {
            format!("{change} in {function}")
        };
        let start = at.start();
        self.found.mutants.push(FoundMutant {
            span,
            line: start.line,
            column: start.column + 1,
            function,
            genre,
            replacement,
            change,
            switching,
            expression: None,
        });
    }

    /// Notes the expression in which the mutants from this one on change an operator.
    pub(super) fn note_expression(&mut self, first: usize, expression: &Range<usize>) {
        for mutant in self.found.mutants.iter_mut().skip(first) {
            mutant.expression = Some(expression.clone());
        }
    }

    /// Adds a mutant that replaces a whole expression by another.
    pub(super) fn add_around(
        &mut self,
        (genre, span): (Genre, Range<usize>),
        at: Span,
        names: (String, String),
        (region, code): (Range<usize>, String),
    ) {
        self.add((genre, span), at, names, |finder| {
            if !is_viable_expression(&code) {
                return Switching::Unviable;
            }
            let site = finder.site(region, Insertion::Around, false);
            Switching::Code { site, code: one_line(&code) }
        });
    }

    pub(super) fn function(
        &mut self,
        attributes: &[Attribute],
        signature: &Signature,
        block: &Block,
        visit: impl FnOnce(&mut Self),
    ) {
        if signature.unsafety.is_some() || is_skipped(attributes) || block.stmts.is_empty() {
            return;
        }
        self.namespace.push(signature.ident.to_string());
        self.functions.push(self.namespace.join("::"));
        let outer = self.reason.take();
        self.reason = match outer.as_deref() {
            Some(reason) if reason.starts_with("it is not built") => outer.clone(),
            _ => self.reason_of(attributes, signature, block),
        };
        if self.reason.is_none() {
            self.found.functions.push(block.span().byte_range());
        }
        self.count_block(block);
        self.add_constants(signature, block);
        visit(self);
        self.reason = outer;
        self.functions.pop();
        self.namespace.pop();
    }

    /// Why a function can't be examined.
    fn reason_of(
        &self,
        attributes: &[Attribute],
        signature: &Signature,
        block: &Block,
    ) -> Option<String> {
        if let Some(cfg) = false_cfg(attributes, &self.options.cfg) {
            return Some(format!("it is not built: {cfg}"));
        }
        if signature.constness.is_some() {
            return Some("it is in a const fn".to_owned());
        }
        if self.options.mutate_effects {
            return None;
        }
        let module = self.effects.named_in(block)?;
        Some(format!("its function uses {module}, see --mutate-effects"))
    }

    fn add_constants(&mut self, signature: &Signature, block: &Block) {
        let (Some(first), Some(last)) = (block.stmts.first(), block.stmts.last()) else { return };
        let span = first.span().byte_range().start..last.span().byte_range().end;
        let at = first.span();
        let body = pretty(block);
        let output = match &signature.output {
            ReturnType::Default => String::new(),
            output @ ReturnType::Type(..) => format!(" {}", pretty(output)),
        };
        let is_opaque = matches!(&signature.output, ReturnType::Type(_, kind) if has_impl(kind));
        for value in replacements(&signature.output) {
            if pretty(&quote! { { #value } }) == body {
                continue;
            }
            let replacement = pretty(&value);
            let change = format!("replace {}{output} with {replacement}", self.function_name());
            let code = format!("return {};", one_line(&value.to_string()));
            let region = block.span().byte_range();
            self.add((Genre::FnValue, span.clone()), at, (change, replacement), |finder| {
                if is_opaque {
                    let reason = "its function returns `impl Trait`";
                    return Switching::NotExamined(reason.to_owned());
                }
                let insertion = Insertion::Statement(statements_start(block));
                Switching::Code { site: finder.site(region, insertion, true), code }
            });
        }
    }

    pub(super) fn text_of(&self, span: Range<usize>) -> &str {
        self.text.get(span).unwrap_or_default()
    }

    /// The code of a region with a part of it replaced.
    pub(super) fn replaced(
        &self,
        region: &Range<usize>,
        part: &Range<usize>,
        with: &str,
    ) -> String {
        let (before, after) = (region.start..part.start, part.end..region.end);
        format!("{} {with} {}", self.text_of(before), self.text_of(after))
    }
}

/// The offset where a statement can be put in front of a block's others.
fn statements_start(block: &Block) -> usize {
    match block.stmts.first() {
        Some(first) => first.span().byte_range().start,
        None => block.brace_token.span.open().byte_range().end,
    }
}

fn has_impl(kind: &Type) -> bool {
    struct Search(bool);
    impl<'a> Visit<'a> for Search {
        fn visit_type_impl_trait(&mut self, _: &'a syn::TypeImplTrait) {
            self.0 = true;
        }
    }
    let mut search = Search(false);
    search.visit_type(kind);
    search.0
}

/// Code without line breaks and comments: lines of the file keep their numbers.
pub(super) fn one_line(code: &str) -> String {
    code.parse::<TokenStream>().map_or_else(|_| code.to_owned(), |tokens| tokens.to_string())
}

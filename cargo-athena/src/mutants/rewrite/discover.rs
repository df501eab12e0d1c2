//! Finds the mutants of a file: the operators and the names of cargo-mutants, so that both tools mean
//! the same change by the same name.

use athena_protocol::Genre;
use proc_macro2::TokenStream;
use quote::ToTokens as _;
use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};
use syn::{Attribute, Expr, Pat, Type};

use super::attributes::{false_cfg, is_skipped, path_attribute};
use super::effects::Effects;
use super::finder::{DiscoverOptions, Finder};
use super::found::{FileMutants, Insertion, ModuleReference, Switching};
use super::operators::{binary_replacements, contains_let};
use super::pretty::pretty;

const CONSTANT: &str = "it is in a constant";

/// A call whose arguments have no mutants: they change nothing but the speed.
const CAPACITY: &str = "with_capacity";

/// Finds the mutants and the sites of a file.
///
/// # Errors
///
/// The file can't be parsed.
pub(crate) fn discover(text: &str, options: &DiscoverOptions) -> syn::Result<FileMutants> {
    let file = syn::parse_str::<syn::File>(text)?;
    let mut finder = Finder {
        text,
        options,
        effects: Effects::of_file(&file),
        found: FileMutants { has_unsafe: has_unsafe(file.to_token_stream()), ..Default::default() },
        namespace: Vec::new(),
        modules: Vec::new(),
        functions: Vec::new(),
        reason: Some("it is outside of a function".to_owned()),
        chain: None,
        in_let_chain: false,
    };
    finder.visit_file(&file);
    Ok(finder.found)
}

impl<'a> Visit<'a> for Finder<'_> {
    fn visit_file(&mut self, file: &'a syn::File) {
        if !is_skipped(&file.attrs) {
            visit::visit_file(self, file);
        }
    }

    fn visit_item_fn(&mut self, item: &'a syn::ItemFn) {
        self.function(&item.attrs, &item.sig, &item.block, |finder| {
            visit::visit_item_fn(finder, item);
        });
    }

    fn visit_impl_item_fn(&mut self, item: &'a syn::ImplItemFn) {
        if item.sig.ident != "new" {
            self.function(&item.attrs, &item.sig, &item.block, |finder| {
                visit::visit_impl_item_fn(finder, item);
            });
        }
    }

    fn visit_trait_item_fn(&mut self, item: &'a syn::TraitItemFn) {
        if let Some(block) = item.default.as_ref().filter(|_| item.sig.ident != "new") {
            self.function(&item.attrs, &item.sig, block, |finder| {
                visit::visit_trait_item_fn(finder, item);
            });
        }
    }

    fn visit_item_impl(&mut self, item: &'a syn::ItemImpl) {
        let kind = pretty(&item.self_ty);
        let name = match &item.trait_ {
            Some((_, path, _)) if path.segments.last().is_some_and(|it| it.ident == "Default") => {
                return;
            }
            Some((_, path, _)) => format!("<impl {} for {kind}>", pretty(path)),
            None => kind,
        };
        if is_skipped(&item.attrs) {
            return;
        }
        self.namespace.push(name);
        self.with_attributes(&item.attrs, |finder| visit::visit_item_impl(finder, item));
        self.namespace.pop();
    }

    fn visit_item_trait(&mut self, item: &'a syn::ItemTrait) {
        if !is_skipped(&item.attrs) {
            self.namespace.push(item.ident.to_string());
            self.with_attributes(&item.attrs, |finder| visit::visit_item_trait(finder, item));
            self.namespace.pop();
        }
    }

    fn visit_item_mod(&mut self, item: &'a syn::ItemMod) {
        let path = path_attribute(&item.attrs);
        if is_skipped(&item.attrs) || path.as_ref().is_some_and(|path| path.starts_with('/')) {
            return;
        }
        let name = item.ident.to_string();
        let name = name.strip_prefix("r#").unwrap_or(&name).to_owned();
        self.modules.push((name.clone(), path));
        if item.content.is_none() && false_cfg(&item.attrs, &self.options.cfg).is_none() {
            self.found.modules.push(ModuleReference { parts: self.modules.clone() });
        }
        self.namespace.push(name);
        self.with_attributes(&item.attrs, |finder| visit::visit_item_mod(finder, item));
        self.namespace.pop();
        self.modules.pop();
    }

    fn visit_item_macro(&mut self, item: &'a syn::ItemMacro) {
        let path = pretty(&item.mac.path);
        let name = match &item.ident {
            Some(name) => format!("{path}! {name}"),
            None => format!("{path}!"),
        };
        let is_runner = item.ident.is_none() && path.ends_with("main");
        if !is_runner && !is_skipped(&item.attrs) {
            let reason = if path.ends_with("include") {
                "it is included from another file"
            } else {
                "it is in a macro"
            };
            let line = item.span().start().line;
            self.found.not_examined.push((line, name, reason.to_owned()));
        }
    }

    fn visit_macro(&mut self, code: &'a syn::Macro) {
        if code.path.is_ident("include") {
            let line = code.span().start().line;
            let reason = "it is included from another file".to_owned();
            self.found.not_examined.push((line, "include!".to_owned(), reason));
        }
    }

    fn visit_item_const(&mut self, item: &'a syn::ItemConst) {
        self.without_sites(CONSTANT, |finder| visit::visit_item_const(finder, item));
    }

    fn visit_item_static(&mut self, item: &'a syn::ItemStatic) {
        self.without_sites(CONSTANT, |finder| visit::visit_item_static(finder, item));
    }

    fn visit_impl_item_const(&mut self, item: &'a syn::ImplItemConst) {
        self.without_sites(CONSTANT, |finder| visit::visit_impl_item_const(finder, item));
    }

    fn visit_trait_item_const(&mut self, item: &'a syn::TraitItemConst) {
        self.without_sites(CONSTANT, |finder| visit::visit_trait_item_const(finder, item));
    }

    fn visit_variant(&mut self, variant: &'a syn::Variant) {
        self.without_sites(CONSTANT, |finder| visit::visit_variant(finder, variant));
    }

    fn visit_expr_const(&mut self, code: &'a syn::ExprConst) {
        self.without_sites(CONSTANT, |finder| visit::visit_expr_const(finder, code));
    }

    fn visit_expr_repeat(&mut self, code: &'a syn::ExprRepeat) {
        self.visit_expr(&code.expr);
        self.without_sites(CONSTANT, |finder| finder.visit_expr(&code.len));
    }

    fn visit_type(&mut self, kind: &'a Type) {
        self.without_sites(CONSTANT, |finder| visit::visit_type(finder, kind));
    }

    fn visit_generic_argument(&mut self, argument: &'a syn::GenericArgument) {
        self.without_sites(CONSTANT, |finder| visit::visit_generic_argument(finder, argument));
    }

    fn visit_pat(&mut self, pattern: &'a Pat) {
        self.without_sites("it is in a pattern", |finder| visit::visit_pat(finder, pattern));
    }

    fn visit_stmt(&mut self, statement: &'a syn::Stmt) {
        let attributes: &[Attribute] = match statement {
            syn::Stmt::Local(local) => &local.attrs,
            syn::Stmt::Expr(code, _) => attributes_of(code),
            syn::Stmt::Item(_) | syn::Stmt::Macro(_) => &[],
        };
        self.with_attributes(attributes, |finder| visit::visit_stmt(finder, statement));
    }

    fn visit_local_init(&mut self, init: &'a syn::LocalInit) {
        if let Some((_, diverge)) = &init.diverge {
            self.count(diverge);
        }
        visit::visit_local_init(self, init);
    }

    fn visit_expr_if(&mut self, code: &'a syn::ExprIf) {
        self.count_block(&code.then_branch);
        if let Some((_, other)) = &code.else_branch
            && let Expr::Block(block) = &**other
        {
            self.count_block(&block.block);
        }
        visit::visit_expr_if(self, code);
    }

    fn visit_expr_while(&mut self, code: &'a syn::ExprWhile) {
        self.count_block(&code.body);
        visit::visit_expr_while(self, code);
    }

    fn visit_expr_for_loop(&mut self, code: &'a syn::ExprForLoop) {
        self.count_block(&code.body);
        visit::visit_expr_for_loop(self, code);
    }

    fn visit_expr_loop(&mut self, code: &'a syn::ExprLoop) {
        self.count_block(&code.body);
        visit::visit_expr_loop(self, code);
    }

    fn visit_expr_closure(&mut self, code: &'a syn::ExprClosure) {
        if code.constness.is_none() {
            self.count(&code.body);
        }
        visit::visit_expr_closure(self, code);
    }

    fn visit_expr_call(&mut self, code: &'a syn::ExprCall) {
        let is_capacity = matches!(&*code.func, Expr::Path(path)
            if path.path.segments.last().is_some_and(|it| it.ident == CAPACITY));
        if !is_skipped(&code.attrs) && !is_capacity {
            visit::visit_expr_call(self, code);
        }
    }

    fn visit_expr_method_call(&mut self, code: &'a syn::ExprMethodCall) {
        if !is_skipped(&code.attrs) && code.method != CAPACITY {
            visit::visit_expr_method_call(self, code);
        }
    }

    fn visit_expr_binary(&mut self, code: &'a syn::ExprBinary) {
        let chain = self.chain.take();
        let in_let_chain = std::mem::take(&mut self.in_let_chain);
        if is_skipped(&code.attrs) {
            return;
        }
        let own = code.span().byte_range();
        let (left, right) = (contains_let(&code.left), contains_let(&code.right));
        // `let` binds names for what follows it, so the switch stands around what is free of it.
        let has_let = left || right;
        let region = if has_let { None } else { chain.or(Some(own.clone())) };
        // `||` can't be combined with `let`.
        let is_fixed = (has_let || in_let_chain) && matches!(code.op, syn::BinOp::And(_));
        let operator = code.op.span();
        let span = operator.byte_range();
        let first = self.found.mutants.len();
        for with in binary_replacements(code.op) {
            let change = format!("replace {} with {with}", self.text_of(span.clone()));
            let names = (change, (*with).to_string());
            match region.as_ref().filter(|_| !is_fixed) {
                Some(region) => {
                    let new = self.replaced(region, &span, with);
                    let code = (region.clone(), new);
                    self.add_around((Genre::BinaryOperator, span.clone()), operator, names, code);
                }
                None => self.add((Genre::BinaryOperator, span.clone()), operator, names, |_| {
                    Switching::Unviable
                }),
            }
        }
        self.note_expression(first, &own);
        for operand in [&code.left, &code.right] {
            if matches!(**operand, Expr::Binary(_)) {
                self.chain.clone_from(&region);
                self.in_let_chain = has_let || in_let_chain;
            }
            self.visit_expr(operand);
            self.chain = None;
            self.in_let_chain = false;
        }
    }

    fn visit_expr_unary(&mut self, code: &'a syn::ExprUnary) {
        if is_skipped(&code.attrs) {
            return;
        }
        if matches!(code.op, syn::UnOp::Not(_) | syn::UnOp::Neg(_)) {
            let (region, operator) = (code.span().byte_range(), code.op.span());
            let span = operator.byte_range();
            let names = (format!("delete {}", self.text_of(span.clone())), String::new());
            let new = self.text_of(span.end..region.end).to_owned();
            let first = self.found.mutants.len();
            self.add_around((Genre::UnaryOperator, span), operator, names, (region.clone(), new));
            self.note_expression(first, &region);
        }
        visit::visit_expr_unary(self, code);
    }

    fn visit_expr_match(&mut self, code: &'a syn::ExprMatch) {
        if is_skipped(&code.attrs) {
            return;
        }
        if code.arms.iter().any(|arm| matches!(arm.pat, Pat::Wild(_))) {
            let deletable =
                |arm: &&syn::Arm| !matches!(arm.pat, Pat::Wild(_)) && arm.guard.is_none();
            for arm in code.arms.iter().filter(deletable) {
                let change = format!("delete match arm {}", squash(&pretty(&arm.pat)));
                let names = (change, String::new());
                let span = arm.span();
                self.add((Genre::MatchArm, span.byte_range()), span, names, |finder| {
                    let pattern = arm.pat.span().byte_range();
                    let insertion = Insertion::Guard(pattern.end);
                    Switching::Code {
                        site: finder.site(pattern, insertion, false),
                        code: String::new(),
                    }
                });
            }
        }
        for (_, guard) in code.arms.iter().filter_map(|arm| arm.guard.as_ref()) {
            let region = guard.span().byte_range();
            let old = squash(self.text_of(region.clone()));
            let has_let = contains_let(guard);
            for with in ["true", "false"] {
                let names = (format!("replace match guard {old} with {with}"), with.to_owned());
                let genre = (Genre::MatchArmGuard, region.clone());
                if has_let {
                    self.add(genre, guard.span(), names, |_| {
                        Switching::NotExamined("its guard has a `let`".to_owned())
                    });
                } else {
                    let code = (region.clone(), with.to_owned());
                    self.add_around(genre, guard.span(), names, code);
                }
            }
        }
        for arm in &code.arms {
            self.with_attributes(&arm.attrs, |finder| finder.count(&arm.body));
        }
        visit::visit_expr_match(self, code);
    }

    fn visit_arm(&mut self, arm: &'a syn::Arm) {
        self.with_attributes(&arm.attrs, |finder| visit::visit_arm(finder, arm));
    }

    fn visit_expr_struct(&mut self, code: &'a syn::ExprStruct) {
        if is_skipped(&code.attrs) {
            return;
        }
        let region = code.span().byte_range();
        let pairs = code.fields.pairs().filter(|_| code.rest.is_some());
        for pair in pairs {
            let (field, comma) = (pair.value(), pair.punct());
            let syn::Member::Named(name) = &field.member else { continue };
            let end =
                comma.map_or_else(|| field.span(), syn::spanned::Spanned::span).byte_range().end;
            let span = field.span().byte_range().start..end;
            let change =
                format!("delete field {name} from struct {} expression", pretty(&code.path));
            let new = self.replaced(&region, &span, "");
            let genre = (Genre::StructField, span);
            let code = (region.clone(), new);
            self.add_around(genre, field.span(), (change, String::new()), code);
        }
        visit::visit_expr_struct(self, code);
    }
}

fn attributes_of(code: &Expr) -> &[Attribute] {
    match code {
        Expr::Block(code) => &code.attrs,
        Expr::Call(code) => &code.attrs,
        Expr::MethodCall(code) => &code.attrs,
        Expr::If(code) => &code.attrs,
        Expr::Match(code) => &code.attrs,
        Expr::Return(code) => &code.attrs,
        Expr::Unsafe(code) => &code.attrs,
        _ => &[],
    }
}

/// A text of several lines as one, as cargo-mutants has it in a name.
fn squash(text: &str) -> String {
    if !text.contains('\n') {
        return text.to_owned();
    }
    let mut squashed = String::with_capacity(text.len());
    let mut in_indent = false;
    for c in text.chars().filter(|c| *c != '\r') {
        match c {
            ' ' | '\t' | '\n' if in_indent => {}
            '\n' => {
                if !squashed.ends_with(' ') {
                    squashed.push(' ');
                }
                in_indent = true;
            }
            c => {
                squashed.push(c);
                in_indent = false;
            }
        }
    }
    squashed
}

fn has_unsafe(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        proc_macro2::TokenTree::Ident(name) => name == "unsafe",
        proc_macro2::TokenTree::Group(group) => has_unsafe(group.stream()),
        _ => false,
    })
}

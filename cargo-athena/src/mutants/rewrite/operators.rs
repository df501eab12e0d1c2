//! Operators and what replaces them: the choice of cargo-mutants.

use syn::visit::Visit;
use syn::{BinOp, Expr};

/// The operators that replace a binary one.
pub(super) fn binary_replacements(operator: BinOp) -> &'static [&'static str] {
    match operator {
        BinOp::Eq(_) => &["!="],
        BinOp::Ne(_) => &["=="],
        BinOp::And(_) => &["||"],
        BinOp::Or(_) => &["&&"],
        BinOp::Lt(_) => &["==", ">", "<="],
        BinOp::Gt(_) => &["==", "<", ">="],
        BinOp::Le(_) => &[">"],
        BinOp::Ge(_) => &["<"],
        BinOp::Add(_) => &["-", "*"],
        BinOp::AddAssign(_) => &["-=", "*="],
        BinOp::Sub(_) | BinOp::Mul(_) => &["+", "/"],
        BinOp::SubAssign(_) | BinOp::MulAssign(_) => &["+=", "/="],
        BinOp::Div(_) => &["%", "*"],
        BinOp::DivAssign(_) => &["%=", "*="],
        BinOp::Rem(_) => &["/", "+"],
        BinOp::RemAssign(_) => &["/=", "+="],
        BinOp::Shl(_) => &[">>"],
        BinOp::ShlAssign(_) => &[">>="],
        BinOp::Shr(_) => &["<<"],
        BinOp::ShrAssign(_) => &["<<="],
        BinOp::BitAnd(_) => &["|", "^"],
        BinOp::BitAndAssign(_) => &["|="],
        BinOp::BitOr(_) => &["&", "^"],
        BinOp::BitOrAssign(_) => &["&="],
        BinOp::BitXor(_) => &["|", "&"],
        BinOp::BitXorAssign(_) => &["|=", "&="],
        _ => &[],
    }
}

/// Whether an expression has a `let` that binds names outside of it.
pub(super) fn contains_let(code: &Expr) -> bool {
    struct Search(bool);
    impl<'a> Visit<'a> for Search {
        fn visit_expr_let(&mut self, _: &'a syn::ExprLet) {
            self.0 = true;
        }

        // A `let` in there is its own.
        fn visit_expr_closure(&mut self, _: &'a syn::ExprClosure) {}
        fn visit_expr_if(&mut self, _: &'a syn::ExprIf) {}
        fn visit_expr_while(&mut self, _: &'a syn::ExprWhile) {}
        fn visit_block(&mut self, _: &'a syn::Block) {}
        fn visit_arm(&mut self, _: &'a syn::Arm) {}
    }
    let mut search = Search(false);
    search.visit_expr(code);
    search.0
}

/// Whether code is an expression. If it is not, the compiler would stop at it and check nothing.
pub(super) fn is_viable_expression(code: &str) -> bool {
    syn::parse_str::<Expr>(code).is_ok_and(|parsed| !matches!(parsed, Expr::Verbatim(_)))
}

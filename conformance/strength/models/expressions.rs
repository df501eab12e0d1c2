//! evalexpr: a language of expressions.

use athena_rt::prelude::*;
use evalexpr::{ContextWithMutableVariables, HashMapContext, Value};

/// What is evaluated.
#[structure]
pub struct Expression {
    /// In the crate's language.
    pub text: String,
}

/// The same with a variable.
#[structure]
pub struct Formula {
    /// In the crate's language.
    pub text: String,
    /// The value of the variable `x`.
    pub x: i64,
}

/// A value as Rust shows it.
#[structure]
pub struct Text {
    /// One text per value.
    pub text: String,
}

/// The function `eval`.
#[model]
pub fn evaluate(state: State<Expression>) -> Result<State<Text>, evalexpr::EvalexprError> {
    let text = format!("{:?}", evalexpr::eval(&state.data.text)?);
    Ok(state.with(Text { text }))
}

/// An expression with a variable, which it may change.
#[model]
pub fn assign(state: State<Formula>) -> Result<State<Text>, evalexpr::EvalexprError> {
    let mut context = HashMapContext::new();
    context.set_value("x".to_owned(), Value::Int(state.data.x))?;
    let value = evalexpr::eval_with_context_mut(&state.data.text, &mut context)?;
    let x = evalexpr::eval_with_context("x", &context)?;
    Ok(state.with(Text { text: format!("{value:?} {x:?}") }))
}

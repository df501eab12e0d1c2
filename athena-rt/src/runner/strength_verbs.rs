//! The verbs that examine and generate cases by mutants: the features `strength` and `generate`.

use athena_core::context::Context;
use athena_core::error::Result;
#[cfg(not(feature = "generate"))]
use athena_core::error::missing_feature;
#[cfg(feature = "strength")]
use athena_protocol::Answer;
use athena_protocol::{Generate, Reply, Strength};

#[cfg(feature = "generate")]
pub(super) fn generate(context: &Context<'_>, request: &Generate) -> Result<Reply> {
    let generated = athena_generate::generate(context.registry, context.fixtures, request)?;
    Ok(Reply { answer: Answer::Generated(generated), ..Reply::new(0) })
}

#[cfg(not(feature = "generate"))]
pub(super) fn generate(_: &Context<'_>, _: &Generate) -> Result<Reply> {
    Err(missing_feature("generate"))
}

#[cfg(feature = "strength")]
pub(super) fn strength(context: &Context<'_>, request: &Strength) -> Result<Reply> {
    let summary = athena_strength::examine(context.registry, context.fixtures, request)?;
    Ok(Reply { answer: Answer::Strength(summary), ..Reply::new(0) })
}

#[cfg(not(feature = "strength"))]
pub(super) fn strength(_: &Context<'_>, _: &Strength) -> Result<Reply> {
    Err(missing_feature("strength"))
}

//! The two programs that are compared, and their runners.

use std::collections::BTreeMap;
use std::path::Path;

use athena_protocol::{Answer, Test, Verb};

use super::inputs::Inputs;
use crate::baseline::{Baseline, Git};
use crate::catalog::Catalog;
use crate::compile::Executable;
use crate::error::{Error, Result};
use crate::gaps::Gap;
use crate::session::Session;

/// The programs to compare, and their inputs.
pub(crate) struct Programs<'a> {
    pub(crate) git: &'a Git,
    pub(crate) baseline: &'a Baseline,
    pub(crate) head: Program<'a>,
    pub(crate) base: Program<'a>,
    pub(crate) inputs: &'a Inputs,
}

/// One of the two programs.
#[derive(Clone, Copy)]
pub(crate) struct Program<'a> {
    pub(crate) session: &'a Session,
    pub(crate) catalog: &'a Catalog,
    /// The program in a message.
    pub(crate) name: &'a str,
}

/// A runner of each program, and the models that these two run.
pub(super) struct RunnerPair {
    pub(super) base: usize,
    pub(super) head: usize,
    pub(super) models: Vec<String>,
}

impl Programs<'_> {
    /// Models of head only, and models of the base only.
    pub(super) fn added_and_removed(&self) -> (Vec<String>, Vec<String>) {
        let (head, base) = (self.head.catalog.ids(), self.base.catalog.ids());
        let without = |some: &[String], others: &[String]| -> Vec<String> {
            some.iter().filter(|id| !others.contains(id)).cloned().collect()
        };
        (without(&head, &base), without(&base, &head))
    }

    /// What is not compared. Nothing is missing if the inputs are messages.
    pub(super) fn gaps(&self, test: &Test) -> Vec<Gap> {
        if self.inputs.model.is_some() {
            return Vec::new();
        }
        self.head.session.gaps(self.head.catalog).selected_by(test)
    }

    /// The runners of all models that exist in both programs.
    pub(super) fn pairs(&self) -> Vec<RunnerPair> {
        let mut pairs: BTreeMap<(usize, usize), Vec<String>> = BTreeMap::new();
        let old: BTreeMap<&str, usize> =
            self.base.catalog.models.iter().map(|it| (it.info.id.as_str(), it.runner)).collect();
        for model in &self.head.catalog.models {
            let id = &model.info.id;
            let is_wanted = self.inputs.model.as_ref().is_none_or(|wanted| wanted == id);
            if let Some(&base) = old.get(id.as_str()).filter(|_| is_wanted) {
                pairs.entry((base, model.runner)).or_default().push(id.clone());
            }
        }
        pairs.into_iter().map(|((base, head), models)| RunnerPair { base, head, models }).collect()
    }
}

/// Sends a request to a runner of a program.
pub(super) fn ask(
    program: Program<'_>,
    runner: &Executable,
    fixtures: &Path,
    verb: Verb,
) -> Result<Answer> {
    let asked = program.session.ask_over(runner, fixtures, verb);
    let reply = asked.map_err(|error| error.within(program.name))?;
    if reply.exit != 0 {
        // The runner has printed the reason.
        let error = format!("{} can't compare outcomes", runner.target.describe());
        return Err(Error::failure(error)
            .within(program.name)
            .help("an older athena-rt may not support it; nothing was compared"));
    }
    Ok(reply.answer)
}

//! The process that runs models under mutants.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use athena_cases::case::{Case, CaseOutcome};
use athena_core::error::Result;
use athena_core::registry::Registry;
use athena_process::{Parent, ProcessConfig, Watchdog};
use athena_protocol::json::text::compact;

use crate::json_process::{answer_requests, run_on_model_stack};
use crate::messages::{RecordedCase, StrengthRequest, StrengthResponse, StrengthSettings};
use crate::verdict::{Mutants, Observed, Subject, Verdict, fuel};

/// The role of such a process.
pub const ROLE: &str = "strength";

/// The maximum time between two checks of the watchdog.
const TICK: Duration = Duration::from_millis(50);

/// Serves the supervisor until it sends no more.
pub fn run_strength_process(config: ProcessConfig, registry: &Registry) -> Result<()> {
    let registry = registry.clone();
    run_on_model_stack(ROLE, move || serve(config, &registry))
}

fn serve(config: ProcessConfig, registry: &Registry) -> Result<()> {
    let mut parent = Parent::connect(config)?;
    let opened = parent.open(|settings: StrengthSettings| {
        let mutants = Mutants::load(&settings.sites)?;
        Ok((mutants, settings.cases))
    })?;
    let Some((mutants, cases)) = opened else { return Ok(()) };
    let watchdog = parent.watch_running(TICK);
    let mut judge = Judge {
        registry,
        mutants,
        prepared: cases.iter().map(|_| None).collect(),
        cases,
        subjects: HashMap::new(),
        watchdog,
    };
    answer_requests(&mut parent, |id, asked| judge.answer(id, asked))
}

struct Judge<'a> {
    registry: &'a Registry,
    mutants: Mutants,
    cases: Vec<RecordedCase>,
    prepared: Vec<Option<std::result::Result<PreparedCase, String>>>,
    /// By model and recorded environment.
    subjects: HashMap<(String, String), Arc<Subject>>,
    watchdog: Arc<Watchdog>,
}

/// A case that is read.
#[derive(Clone)]
struct PreparedCase {
    subject: Arc<Subject>,
    input: Arc<str>,
    expected: Arc<Observed>,
}

impl Judge<'_> {
    fn answer(&mut self, id: u64, request: StrengthRequest) -> StrengthResponse {
        match request {
            StrengthRequest::Observe { case } => match self.prepare(case) {
                Ok(prepared) => self.observe(id, &prepared),
                Err(reason) => StrengthResponse::Observed { failure: Some(reason), sites: vec![] },
            },
            StrengthRequest::Judge { mutant, cases } => self.judge(id, mutant, &cases),
        }
    }

    fn observe(&self, id: u64, case: &PreparedCase) -> StrengthResponse {
        self.watchdog.begin(0, id, 0);
        let seen = self.mutants.observe(&case.subject, &case.input, u64::MAX);
        self.watchdog.end(0);
        let failure =
            case.subject.difference(&case.expected, &seen.outcome).map(|_| match &seen.outcome {
                Observed::Failed(failure) => failure.to_string(),
                _ => "the outcome differs".to_owned(),
            });
        StrengthResponse::Observed { failure, sites: seen.sites }
    }

    fn judge(&mut self, id: u64, mutant: u32, cases: &[(usize, u64)]) -> StrengthResponse {
        let mut judged = (None, false);
        let mut last = None;
        if let Some(mutant) = self.mutants.get(mutant).cloned() {
            for (index, (case, sites)) in cases.iter().enumerate() {
                let Ok(prepared) = self.prepare(*case) else { continue };
                self.watchdog.begin(0, id, index as u64);
                let PreparedCase { subject, input, expected } = &prepared;
                let verdict = self.mutants.catches(&mutant, subject, input, expected, fuel(*sites));
                self.watchdog.end(0);
                last = Some(prepared);
                match verdict {
                    Verdict::Caught(by) => {
                        judged = (Some((*case, by)), true);
                        break;
                    }
                    Verdict::Missed { reached } => judged.1 |= reached,
                }
            }
        }
        let clean = last.is_none_or(|case| {
            let seen = self.observe(id, &case);
            matches!(seen, StrengthResponse::Observed { failure: None, .. })
        });
        StrengthResponse::Judged { caught: judged.0, reached: judged.1, clean }
    }

    fn prepare(&mut self, case: usize) -> std::result::Result<PreparedCase, String> {
        let unknown = || "the supervisor names a case that it has not sent".to_owned();
        if let Some(prepared) = self.prepared.get(case).ok_or_else(unknown)? {
            return prepared.clone();
        }
        let prepared = self.read(case);
        self.prepared[case] = Some(prepared.clone());
        prepared
    }

    fn read(&mut self, case: usize) -> std::result::Result<PreparedCase, String> {
        let RecordedCase { model, text, .. } = &self.cases[case];
        let entry =
            self.registry.get(model).ok_or_else(|| format!("no model is called `{model}`"))?;
        let case = Case::parse(text, model).map_err(|(_, reason)| reason)?;
        let key = (model.clone(), case.env.get().to_owned());
        let known = self.subjects.get(&key).map(Arc::clone);
        let subject = if let Some(subject) = known {
            subject
        } else {
            let variables = case.variables()?;
            let subject = Subject::new(entry.clone(), &variables);
            let subject = Arc::new(
                subject
                    .map_err(|error| format!("the recorded environment can't be read: {error}"))?,
            );
            self.subjects.insert(key, Arc::clone(&subject));
            subject
        };
        let recorded = case.recorded(entry.model.source().many);
        let messages = recorded.messages.iter().map(|message| compact(message)).collect();
        let expected = Observed::Outcome(CaseOutcome { messages, ..recorded });
        let input = case.input.get().into();
        Ok(PreparedCase { subject, input, expected: Arc::new(expected) })
    }
}

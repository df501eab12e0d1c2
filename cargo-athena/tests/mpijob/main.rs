//! What `cargo athena manifest mpijob` prints, against the schema of the MPI Operator and against the
//! rules that its schema does not have.
//!
//! The schema is the operator's own, a file that is not part of this repository: the variable
//! `ATHENA_MPIJOB_CRD` says where it is.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod invalid_manifests;
mod operator_rules;
mod output;
mod schema;
mod yaml;

use libtest_mimic::{Arguments, Completion, Failed, Trial};
use serde_json::Value;

use self::schema::{VARIABLE, validator};

/// The arguments of valid manifests.
const RIGHT: [&str; 4] = [
    "--image example/m:1 --workers 4 score",
    "--image example/m:1 --workers 1 --slots 8 --cpu 500m --memory 1.5Gi flights::score",
    "--image r.example:5000/a/m@sha256:0f --workers 1000 --name night-ly --claim a.b --attempts 1 \
     --keep 0s --runner /bin/m --messages in/1.jsonl --out o --rejects r score",
    "--image m:1 --workers 2 score -- --unordered -e KEY=true --batch-time 50ms",
];

fn main() {
    let mut trials = vec![
        trial("one_rank_deals_and_every_slot_of_a_worker_runs", output::ranks_add_up),
        trial("the_journal_is_where_the_first_rank_is", output::files_are_on_the_volume),
        trial("nobody_is_root", output::nobody_is_root),
        trial("what_can_t_be_meant_is_told", output::wrong_words_are_told),
        trial("what_is_printed_keeps_the_rules_of_the_operator", || {
            for words in RIGHT {
                assert_eq!(operator_rules::broken(&output::manifest(words)), [""; 0], "{words}");
            }
        }),
        with_schema("what_is_printed_is_what_the_schema_takes", |schema| {
            for words in RIGHT {
                assert_eq!(schema::errors(schema, &output::manifest(words)), [""; 0], "{words}");
            }
        }),
    ];
    for case in invalid_manifests::to_the_schema() {
        trials.push(with_schema(&format!("the_schema_refuses_{}", case.name), move |schema| {
            let errors = schema::errors(schema, &case.manifest());
            assert!(errors.iter().any(|error| error.contains(case.says)), "{errors:?}");
        }));
    }
    for case in invalid_manifests::to_the_rules() {
        trials.push(trial(&format!("the_rules_refuse_{}", case.name), move || {
            let broken = operator_rules::broken(&case.manifest());
            assert!(broken.iter().any(|rule| rule.contains(case.says)), "{broken:?}");
        }));
        trials.push(with_schema(&format!("the_schema_alone_takes_{}", case.name), move |schema| {
            assert_eq!(schema::errors(schema, &case.manifest()), [""; 0]);
        }));
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

fn trial(name: &str, test: impl FnOnce() + Send + 'static) -> Trial {
    Trial::test(name, move || {
        test();
        Ok(())
    })
}

/// A trial that needs the schema, and is shown as ignored where there is none.
fn with_schema(name: &str, test: impl FnOnce(&jsonschema::Validator) + Send + 'static) -> Trial {
    Trial::ignorable_test(name, move || {
        let Some(path) = std::env::var_os(VARIABLE) else {
            return Ok(Completion::ignored_with(format!(
                "{VARIABLE} does not say where the MPI Operator's kubeflow.org_mpijobs.yaml is"
            )));
        };
        test(&validator(path.as_ref()).map_err(Failed::from)?);
        Ok(Completion::Completed)
    })
}

/// The value at a JSON pointer, which must be there.
fn at<'a>(value: &'a Value, pointer: &str) -> &'a Value {
    value.pointer(pointer).unwrap_or_else(|| panic!("{pointer} in {value:#}"))
}

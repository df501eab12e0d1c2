//! A file a verb: from what was typed to what the runners are asked.

mod accept;
mod choose;
mod collect;
mod deny;
mod diff;
mod doctor;
mod generate;
mod generate_report;
mod import;
mod init;
mod list;
mod manifest;
mod migrate;
mod mpi;
mod mv;
mod new;
mod pending;
mod queue;
mod record;
mod reject;
mod report;
mod review;
mod review_generated;
mod run;
mod schema;
mod serve;
mod shell;
mod shrink;
mod strength;
mod submit;
mod test;
mod test_news;
mod watch;
mod work;

use athena_protocol::Exit;

use crate::cli::{Cli, Verb};
use crate::error::Result;

/// Does what was typed.
pub(crate) fn run(cli: Cli) -> Result<Exit> {
    let output = cli.output;
    match cli.verb {
        Verb::Init(verb) => init::run(&verb, &output),
        Verb::New(verb) => new::run(&verb, &output),
        Verb::List(verb) => list::run(verb, output),
        Verb::Run(verb) => run::run(*verb, output),
        Verb::Record(verb) => record::run(verb, output),
        Verb::Import(verb) => import::run(*verb, output),
        Verb::Test(verb) => test::run(&verb, output),
        Verb::Diff(verb) => diff::run(&verb, output),
        Verb::Strength(verb) => strength::run(&verb, &output),
        Verb::Doctor(verb) => doctor::run(verb, output),
        Verb::Review(verb) => review::run(verb, output),
        Verb::Accept(verb) => accept::run(verb, output),
        Verb::Reject(verb) => reject::run(verb, output),
        Verb::Pending(verb) => pending::run(verb, output),
        Verb::Report(verb) => report::run(verb, &output),
        Verb::Watch(verb) => watch::run(&verb.test, &output),
        Verb::Shrink(verb) => shrink::run(&verb, &output),
        Verb::Serve(verb) => serve::run(verb, output),
        Verb::Work(verb) => work::run(verb, output),
        Verb::Submit(verb) => submit::run(verb, output),
        Verb::Collect(verb) => collect::run(verb, output),
        Verb::Queue(verb) => queue::run(verb, output),
        Verb::Mpi(verb) => mpi::run(&verb, output),
        Verb::Manifest(verb) => manifest::run(verb),
        Verb::Schema(verb) => schema::run(verb, output),
        Verb::Mv(verb) => mv::run(verb, output),
        Verb::Migrate(verb) => migrate::run(verb, output),
        Verb::Completions(verb) => shell::completions(&verb),
        Verb::Man(verb) => shell::manual(&verb),
    }
}

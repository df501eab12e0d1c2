//! The real program on real small projects, built in temporary folders.

mod accept_reject;
mod capture;
mod diff;
mod diff_base;
mod discovery;
mod doctor;
mod gaps;
mod generate;
mod generate_hostile;
mod import;
mod init;
mod isolation;
#[path = "../lane/mod.rs"]
mod lane;
mod list;
#[cfg(unix)]
mod mpi;
mod mv;
mod outputs;
mod queue;
mod record;
mod report;
mod review;
mod run;
mod schema;
#[path = "../seed/mod.rs"]
mod seed;
mod selection;
mod serve;
mod shrink;
mod strength;
mod strength_unviable;
mod support;
mod test;
mod test_programs;
mod watch;

//! The real program on real small projects, built in temporary folders.

mod capture;
mod decide;
mod diff;
mod discovery;
mod doctor;
mod init;
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
mod selection;
mod serve;
mod shrink;
mod support;
mod test;
mod trust;
mod watch;

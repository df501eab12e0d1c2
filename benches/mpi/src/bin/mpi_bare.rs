//! A loop by hand on the same bindings: rank 0 deals batches of whole lines, two to each rank, and
//! writes what comes back in order. Nothing is kept for another attempt, and a message that fails
//! ends it.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::File;
use std::io::{BufRead as _, BufReader, BufWriter, Read as _, Write as _};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use athena_bench_mpi::rate_by_hand;
use clap::Parser;
use mpi::point_to_point::{Message, Status};
use mpi::request;
use mpi::topology::SimpleCommunicator;
use mpi::traits::{Communicator as _, Destination as _, MatchedReceiveVec as _, Source as _};

/// How many batches a rank has.
const IN_FLIGHT: usize = 2;

#[derive(Parser)]
struct Arguments {
    #[arg(long)]
    messages: PathBuf,
    #[arg(long)]
    out: PathBuf,
    /// How many bytes a batch has, and the rest of its last line.
    #[arg(long)]
    batch: usize,
    #[arg(long)]
    roots: u32,
}

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let universe = mpi::initialize().ok_or("MPI does not begin")?;
    let world = universe.world();
    if world.rank() == 0 { deal(&world, &arguments) } else { work(&world, &arguments) }
}

fn deal(world: &SimpleCommunicator, arguments: &Arguments) -> Result<()> {
    let began = Instant::now();
    let mut input = BufReader::with_capacity(1 << 20, File::open(&arguments.messages)?);
    let mut out = BufWriter::with_capacity(1 << 20, File::create(&arguments.out)?);
    let mut free: Vec<i32> = (1..world.size()).cycle().take(count(world) * IN_FLIGHT).collect();
    let (mut cut, mut written) = (0_u64, 0_u64);
    let mut done = BTreeMap::new();
    loop {
        while let Some(rank) = free.pop() {
            let mut batch = cut.to_le_bytes().to_vec();
            (&mut input).take(arguments.batch as u64).read_to_end(&mut batch)?;
            if batch.len() == 8 {
                free.push(rank);
                break;
            }
            if batch.last() != Some(&b'\n') {
                input.read_until(b'\n', &mut batch)?;
            }
            cut += 1;
            world.process_at_rank(rank).send(&batch[..]);
        }
        if written == cut {
            break;
        }
        let (rank, outcomes) = next(|| world.any_process().immediate_matched_probe());
        free.push(rank);
        done.insert(number(&outcomes), outcomes);
        while let Some(outcomes) = done.remove(&written) {
            out.write_all(&outcomes[8..])?;
            written += 1;
        }
    }
    for rank in 1..world.size() {
        world.process_at_rank(rank).send(&[0_u8; 0]);
    }
    out.flush()?;
    out.get_ref().sync_all()?;
    eprintln!("{} seconds", began.elapsed().as_secs_f64());
    Ok(())
}

fn work(world: &SimpleCommunicator, arguments: &Arguments) -> Result<()> {
    let manager = world.process_at_rank(0);
    let receive = || next(|| manager.immediate_matched_probe()).1;
    let mut batch = receive();
    while !batch.is_empty() {
        let mut outcomes = number(&batch).to_le_bytes().to_vec();
        rate_by_hand(&batch[8..], arguments.roots, &mut outcomes)?;
        // It leaves while the next one comes: rank 0 may wait for that to arrive.
        batch = request::scope(|scope| {
            let sending = manager.immediate_send(scope, &outcomes[..]);
            let batch = receive();
            sending.wait();
            batch
        });
    }
    Ok(())
}

/// Waits for a message without taking the core from whoever computes, and takes it in.
fn next(mut probe: impl FnMut() -> Option<(Message, Status)>) -> (i32, Vec<u8>) {
    let mut nap = Duration::from_micros(20);
    loop {
        if let Some(found) = probe() {
            let (bytes, status) = found.matched_receive_vec();
            return (status.source_rank(), bytes);
        }
        std::thread::sleep(nap);
        nap = (nap * 2).min(Duration::from_millis(1));
    }
}

fn number(bytes: &[u8]) -> u64 {
    bytes.first_chunk().map_or(0, |number| u64::from_le_bytes(*number))
}

fn count(world: &SimpleCommunicator) -> usize {
    usize::try_from(world.size()).unwrap_or(1) - 1
}

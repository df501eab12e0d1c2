//! A hand-written loop on the same bindings, as fast as we can write it: rank 0 has the input in memory,
//! distributes batches of whole lines, two per rank, without waiting or copying, and writes the results
//! in order. Nothing is stored for another attempt, and a message that fails ends the program.

use std::collections::{BTreeMap, VecDeque};
use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use athena_bench_mpi::rate_without_athena;
use clap::Parser;
use mpi::point_to_point::{Message, Status};
use mpi::request;
use mpi::topology::SimpleCommunicator;
use mpi::traits::{Communicator as _, Destination as _, MatchedReceiveVec as _, Source as _};

/// The number of batches that a rank holds.
const IN_FLIGHT: usize = 2;

#[derive(Parser)]
struct Arguments {
    #[arg(long)]
    messages: PathBuf,
    #[arg(long)]
    out: PathBuf,
    /// The size of a batch in bytes, without the rest of its last line.
    #[arg(long)]
    batch: usize,
    #[arg(long)]
    roots: u32,
}

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let universe = mpi::initialize().ok_or("MPI can't be initialised")?;
    let world = universe.world();
    if world.rank() == 0 { distribute(&world, &arguments) } else { work(&world, &arguments) }
}

fn distribute(world: &SimpleCommunicator, arguments: &Arguments) -> Result<()> {
    let began = Instant::now();
    let input = std::fs::read(&arguments.messages)?;
    let mut out = BufWriter::with_capacity(1 << 20, File::create(&arguments.out)?);
    let ranks = usize::try_from(world.size())?;
    let mut free: VecDeque<usize> = (1..ranks).cycle().take((ranks - 1) * IN_FLIGHT).collect();
    let mut rest = &input[..];
    let (mut cut, mut written) = (0_u64, 0_u64);
    let mut done = BTreeMap::new();
    request::scope(|scope| {
        let mut out_there: Vec<VecDeque<_>> = (0..ranks).map(|_| VecDeque::new()).collect();
        loop {
            while !rest.is_empty()
                && let Some(rank) = free.pop_front()
            {
                let least = arguments.batch.min(rest.len());
                let end = rest[least..].iter().position(|&byte| byte == b'\n');
                let (batch, after) = rest.split_at(end.map_or(rest.len(), |end| least + end + 1));
                rest = after;
                let to = world.process_at_rank(i32::try_from(rank)?);
                out_there[rank].push_back((cut, to.immediate_send(scope, batch)));
                cut += 1;
            }
            if written == cut {
                break;
            }
            let (rank, outcomes) = next(|| world.any_process().immediate_matched_probe());
            let rank = usize::try_from(rank)?;
            // The results of a rank arrive in order.
            let (number, sending) =
                out_there[rank].pop_front().ok_or("a result without a request")?;
            sending.wait();
            free.push_back(rank);
            done.insert(number, outcomes);
            while let Some(outcomes) = done.remove(&written) {
                out.write_all(&outcomes)?;
                written += 1;
            }
        }
        Ok::<_, Box<dyn Error>>(())
    })?;
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
        let mut outcomes = Vec::with_capacity(batch.len());
        rate_without_athena(&batch, arguments.roots, &mut outcomes)?;
        // The result is sent while the next batch arrives: rank 0 may wait for the receipt of that batch.
        batch = request::scope(|scope| {
            let sending = manager.immediate_send(scope, &outcomes[..]);
            let batch = receive();
            sending.wait();
            batch
        });
    }
    Ok(())
}

/// Waits for a message without occupying a core, and receives it.
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

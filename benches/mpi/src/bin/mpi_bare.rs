//! A loop by hand on the same bindings, as good as we can write it: rank 0 has the input in memory,
//! deals batches of whole lines, two to each rank, without waiting or copying, and writes what comes
//! back in order. Nothing is kept for another attempt, and a message that fails ends it.

use std::collections::{BTreeMap, VecDeque};
use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write as _};
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
            // What a rank does comes back in order.
            let (number, sending) = out_there[rank].pop_front().ok_or("nothing was asked for")?;
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
        rate_by_hand(&batch, arguments.roots, &mut outcomes)?;
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

//! What the benchmarks of services and queues share: a model, programs pinned to cores, how much of a
//! core they take, a Python with what a peer needs, and ratios that hold on a busy machine.

mod cpu;
mod order_model;
mod pin;
mod python;
mod ratio;

pub use self::cpu::cpu;
pub use self::order_model::{Bill, MESSAGE, Order, bill_by_hand};
pub use self::pin::{can_pin, pinned};
pub use self::python::python;
pub use self::ratio::{median, ratio};

/// Ends a program when it is dropped.
#[derive(Debug)]
pub struct Ended(pub std::process::Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

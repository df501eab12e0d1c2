//! Shared code of the benchmarks: a model, programs pinned to cores and their processor time, Python with
//! packages, programs linked in another order, and ratios that are reliable on a busy machine.

mod cpu;
mod order;
mod order_model;
mod pin;
mod python;
mod ratio;

pub use self::cpu::cpu;
pub use self::order::in_order;
pub use self::order_model::{Bill, MESSAGE, Order, bill_without_athena, cost};
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

//! A setting of a thread, for as long as something runs.

use std::cell::Cell;
use std::thread::LocalKey;

/// Sets `setting` while `run` runs. Afterwards it is as before, also if `run` panics.
///
/// ```
/// use std::cell::Cell;
///
/// use athena_protocol::while_set;
///
/// thread_local! { static LOUD: Cell<bool> = const { Cell::new(false) }; }
/// assert!(while_set(&LOUD, true, || LOUD.get()));
/// assert!(!LOUD.get());
/// ```
#[inline]
pub fn while_set<S: Copy + 'static, T>(
    setting: &'static LocalKey<Cell<S>>,
    value: S,
    run: impl FnOnce() -> T,
) -> T {
    struct Restore<S: Copy + 'static>(&'static LocalKey<Cell<S>>, S);
    impl<S: Copy + 'static> Drop for Restore<S> {
        fn drop(&mut self) {
            self.0.set(self.1);
        }
    }
    let _restore = Restore(setting, setting.replace(value));
    run()
}

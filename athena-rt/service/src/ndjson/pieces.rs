//! The parts of a response in the order of their lines, from who reads the request to who writes the response.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Poll;

/// A queue within one task, which polls the reader, then the writer. So it needs no waker: one would wake the task
/// that is running, and with it another thread.
pub(super) struct Pieces<T> {
    most: usize,
    state: Mutex<PieceQueue<T>>,
}

struct PieceQueue<T> {
    waiting: VecDeque<T>,
    /// The reader waits for room.
    is_blocked: bool,
    /// Nothing comes any more.
    is_closed: bool,
}

impl<T> Pieces<T> {
    /// Holds this number of pieces at most.
    pub(super) fn new(most: usize) -> Self {
        let state = PieceQueue { waiting: VecDeque::new(), is_blocked: false, is_closed: false };
        Self { most, state: Mutex::new(state) }
    }

    /// Adds a piece when there is room.
    pub(super) async fn push(&self, piece: T) {
        let mut piece = Some(piece);
        poll_fn(|_| {
            let mut state = self.lock();
            state.is_blocked = state.waiting.len() >= self.most;
            if state.is_blocked {
                return Poll::Pending;
            }
            state.waiting.extend(piece.take());
            Poll::Ready(())
        })
        .await;
    }

    pub(super) fn close(&self) {
        self.lock().is_closed = true;
    }

    /// The next piece, if it is there or nothing comes any more.
    pub(super) fn try_next(&self) -> Poll<Option<T>> {
        let mut state = self.lock();
        match state.waiting.pop_front() {
            None if !state.is_closed => Poll::Pending,
            next => Poll::Ready(next),
        }
    }

    /// Waits for the next piece.
    pub(super) async fn next(&self) -> Option<T> {
        poll_fn(|_| self.try_next()).await
    }

    /// Whether the reader waits for room that there is now.
    pub(super) fn has_room_again(&self) -> bool {
        let state = self.lock();
        state.is_blocked && state.waiting.len() < self.most
    }

    fn lock(&self) -> MutexGuard<'_, PieceQueue<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future as _;
    use std::pin::pin;
    use std::task::{Context, Waker};

    use super::*;

    #[test]
    fn a_reader_waits_for_room_and_a_writer_for_pieces() {
        let context = &mut Context::from_waker(Waker::noop());
        let pieces = Pieces::new(1);
        assert_eq!(pieces.try_next(), Poll::Pending);
        assert_eq!(pin!(pieces.push(1)).poll(context), Poll::Ready(()));
        assert!(!pieces.has_room_again());
        let mut second = pin!(pieces.push(2));
        assert_eq!(second.as_mut().poll(context), Poll::Pending);
        assert!(!pieces.has_room_again());
        assert_eq!(pieces.try_next(), Poll::Ready(Some(1)));
        assert!(pieces.has_room_again());
        assert_eq!(second.poll(context), Poll::Ready(()));
        assert!(!pieces.has_room_again());
        pieces.close();
        assert_eq!(pieces.try_next(), Poll::Ready(Some(2)));
        assert_eq!(pieces.try_next(), Poll::Ready(None));
    }
}

//! The pieces of a response body.

use std::collections::VecDeque;

use bytes::Bytes;

/// Pieces of a body in the order they are sent; a large message keeps the memory it came in.
#[derive(Debug, Default)]
pub struct Chunks(VecDeque<Bytes>);

impl Chunks {
    /// Adds a piece, unless it is empty: hyper would send an empty frame.
    pub fn push(&mut self, chunk: Bytes) {
        if !chunk.is_empty() {
            self.0.push_back(chunk);
        }
    }

    /// The next piece.
    pub fn pop(&mut self) -> Option<Bytes> {
        self.0.pop_front()
    }

    /// Whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Bytes left.
    pub fn len(&self) -> usize {
        self.0.iter().map(Bytes::len).sum()
    }
}

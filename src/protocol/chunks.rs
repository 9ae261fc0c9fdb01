//! The pieces of a response body.

use std::collections::VecDeque;

use bytes::Bytes;

use crate::call::ReservedBytes;

/// Pieces of a body in the order they are sent; a large message keeps the memory it came in.
#[derive(Debug, Default)]
pub struct Chunks(VecDeque<Bytes>);

impl Chunks {
    /// Adds a piece, unless it is empty: hyper would send an empty frame.
    pub fn push(&mut self, chunk: ReservedBytes) {
        if !chunk.is_empty() {
            self.0.push_back(chunk.into_bytes());
        }
    }

    /// Adds the few bytes in front of a large message.
    pub fn push_prefix(&mut self, prefix: &[u8]) {
        self.0.push_back(Bytes::copy_from_slice(prefix));
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

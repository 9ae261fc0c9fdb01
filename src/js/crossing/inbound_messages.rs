//! The messages of one request stream that `NativeCalls.read` writes.

use super::inbound_batch::bounded;
use super::layout::{
    LENGTH_OVERSIZED, MAX_INLINE_BYTES, READ_CODE, READ_LENGTHS, READ_STATE, READ_TEXT_LENGTH, STREAM_ENDED,
    STREAM_FAILED, STREAM_OPEN, column,
};
use super::length;
use crate::call::{Error, ReservedBytes};

/// Writes lengths and messages into JavaScript's memory.
pub struct InboundMessages<'a> {
    state: &'a mut [f64],
    lengths: &'a mut [f64],
    bytes: &'a mut [u8],
    used: usize,
    count: usize,
    /// An oversized message was announced; nothing comes behind it.
    oversized: bool,
}

impl<'a> InboundMessages<'a> {
    /// Writes into `numbers`, whose first columns are the state of the stream, and into `bytes` from `offset` on.
    pub fn new(numbers: &'a mut [f64], bytes: &'a mut [u8], offset: usize) -> Self {
        let (state, lengths) = numbers.split_at_mut(numbers.len().min(column(READ_LENGTHS)));
        state.fill(STREAM_OPEN.into());
        let used = offset.min(bytes.len());
        Self { state, lengths, bytes, used, count: 0, oversized: false }
    }

    /// Adds a message; false when it stays where it is.
    pub fn put(&mut self, message: &ReservedBytes) -> bool {
        if self.oversized || self.count == self.lengths.len() {
            return false;
        }
        if message.len() > MAX_INLINE_BYTES as usize {
            if self.count == 0 {
                self.lengths[0] = LENGTH_OVERSIZED.into();
                self.count = 1;
                self.oversized = true;
            }
            return false;
        }
        if self.bytes.len() - self.used < message.len() {
            return false;
        }
        self.bytes[self.used..][..message.len()].copy_from_slice(message);
        self.used += message.len();
        self.lengths[self.count] = length(message.len());
        self.count += 1;
        true
    }

    /// Adds that the stream has ended, or failed and why.
    pub fn end(&mut self, end: &Result<(), Error>) {
        if self.state.len() < column(READ_LENGTHS) {
            return;
        }
        match end {
            Ok(()) => self.state[column(READ_STATE)] = STREAM_ENDED.into(),
            Err(error) => {
                let message = bounded(&error.message);
                let message = &message[..message.len().min(self.bytes.len() - self.used)];
                self.bytes[self.used..][..message.len()].copy_from_slice(message);
                self.state[column(READ_STATE)] = STREAM_FAILED.into();
                self.state[column(READ_CODE)] = error.code.number().into();
                self.state[column(READ_TEXT_LENGTH)] = length(message.len());
            }
        }
    }

    /// The number of messages.
    pub fn count(&self) -> i32 {
        i32::try_from(self.count).unwrap_or(i32::MAX)
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "they are whole numbers")]
mod tests {
    use super::*;
    use crate::call::{Code, ConnectionBudget};

    fn held(bytes: Vec<u8>) -> ReservedBytes {
        ReservedBytes::unchecked(bytes, &ConnectionBudget::unlimited())
    }

    const MAX_INLINE: usize = MAX_INLINE_BYTES as usize;

    #[test]
    fn messages_stand_behind_each_other_and_the_error_behind_them() {
        let (mut numbers, mut bytes) = ([9.0; column(READ_LENGTHS) + 3], [0; 9]);
        let mut messages = InboundMessages::new(&mut numbers, &mut bytes, 1);
        assert!(messages.put(&held(b"ab".to_vec())) && messages.put(&held(Vec::new())));
        assert!(!messages.put(&held(b"1234567".to_vec())), "no room for its bytes");
        assert!(messages.put(&held(b"c".to_vec())));
        assert!(!messages.put(&held(Vec::new())), "no room for its length");
        messages.end(&Err(Error::new(Code::Internal, "no")));
        assert_eq!(messages.count(), 3);
        let state = [READ_STATE, READ_CODE, READ_TEXT_LENGTH].map(|name| numbers[column(name)]);
        assert_eq!(state, [f64::from(STREAM_FAILED), 13.0, 2.0]);
        assert_eq!(numbers[column(READ_LENGTHS)..], [2.0, 0.0, 1.0]);
        assert_eq!(&bytes, b"\0abcno\0\0\0");
    }

    #[test]
    fn an_oversized_message_is_announced_alone() {
        let (mut numbers, mut bytes) = ([0.0; 8], vec![0; 2 * MAX_INLINE]);
        let mut messages = InboundMessages::new(&mut numbers, &mut bytes, 0);
        assert!(messages.put(&held(vec![1])));
        assert!(!messages.put(&held(vec![1; MAX_INLINE + 1])));
        assert_eq!(messages.count(), 1);
        let mut messages = InboundMessages::new(&mut numbers, &mut bytes, 0);
        assert!(!messages.put(&held(vec![1; MAX_INLINE + 1])));
        assert!(!messages.put(&held(vec![1])));
        assert_eq!(messages.count(), 1);
        assert_eq!(numbers[column(READ_LENGTHS)], f64::from(LENGTH_OVERSIZED));
    }
}

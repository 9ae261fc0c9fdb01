//! The messages of one request stream on their way to JavaScript.

use super::delivery::{APART, LARGE_BYTES, bounded, length};
use crate::rpc::{Error, ReservedBytes};

/// How the stream stands.
const AT_END: f64 = 1.0;
const FAILED: f64 = 2.0;

/// Writes lengths and messages into JavaScript's memory.
pub struct InboundMessages<'a> {
    state: &'a mut [f64],
    lengths: &'a mut [f64],
    bytes: &'a mut [u8],
    used: usize,
    count: usize,
    /// A message was told of that is too large; nothing comes behind it.
    apart: bool,
}

impl<'a> InboundMessages<'a> {
    /// Into `numbers`, the first three of which say how the stream stands, and into `bytes` from `offset` on.
    pub fn new(numbers: &'a mut [f64], bytes: &'a mut [u8], offset: usize) -> Self {
        let (state, lengths) = numbers.split_at_mut(numbers.len().min(3));
        state.fill(0.0);
        let used = offset.min(bytes.len());
        Self { state, lengths, bytes, used, count: 0, apart: false }
    }

    /// Adds a message; false when it stays where it is.
    pub fn put(&mut self, message: &ReservedBytes) -> bool {
        if self.apart || self.count == self.lengths.len() {
            return false;
        }
        if message.len() > LARGE_BYTES {
            if self.count == 0 {
                self.lengths[0] = APART;
                self.count = 1;
                self.apart = true;
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

    /// The stream has ended, or failed.
    pub fn end(&mut self, end: &Result<(), Error>) {
        let [state, code, text] = &mut *self.state else {
            return;
        };
        match end {
            Ok(()) => *state = AT_END,
            Err(error) => {
                let message = bounded(&error.message);
                let message = &message[..message.len().min(self.bytes.len() - self.used)];
                self.bytes[self.used..][..message.len()].copy_from_slice(message);
                (*state, *code, *text) = (FAILED, f64::from(error.code.number()), length(message.len()));
            }
        }
    }

    /// The number of messages.
    pub fn count(&self) -> i32 {
        i32::try_from(self.count).unwrap_or(i32::MAX)
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "they are whole numbers")]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::rpc::{Budget, Code};

    fn held(bytes: Vec<u8>) -> ReservedBytes {
        ReservedBytes::new(Bytes::from(bytes), Budget::new(1 << 20).open())
    }

    #[test]
    fn messages_stand_behind_each_other_and_the_error_behind_them() {
        let (mut numbers, mut bytes) = ([9.0; 6], [0; 9]);
        let mut reading = InboundMessages::new(&mut numbers, &mut bytes, 1);
        assert!(reading.put(&held(b"ab".to_vec())) && reading.put(&held(Vec::new())));
        assert!(!reading.put(&held(b"1234567".to_vec())), "no room for its bytes");
        assert!(reading.put(&held(b"c".to_vec())));
        assert!(!reading.put(&held(Vec::new())), "no room for its length");
        reading.end(&Err(Error::new(Code::Internal, "no")));
        assert_eq!(reading.count(), 3);
        assert_eq!(numbers, [2.0, 13.0, 2.0, 2.0, 0.0, 1.0]);
        assert_eq!(&bytes, b"\0abcno\0\0\0");
    }

    #[test]
    fn a_large_message_is_told_of_alone() {
        let (mut numbers, mut bytes) = ([0.0; 8], vec![0; 2 * LARGE_BYTES]);
        let mut reading = InboundMessages::new(&mut numbers, &mut bytes, 0);
        assert!(reading.put(&held(vec![1])));
        assert!(!reading.put(&held(vec![1; LARGE_BYTES + 1])));
        assert_eq!(reading.count(), 1);
        let mut reading = InboundMessages::new(&mut numbers, &mut bytes, 0);
        assert!(!reading.put(&held(vec![1; LARGE_BYTES + 1])));
        assert!(!reading.put(&held(vec![1])));
        assert_eq!(reading.count(), 1);
        assert_eq!(numbers[3], APART);
    }
}

//! How things cross to JavaScript in batches: numbers in one list, bytes in another. Both are JavaScript's own memory, written
//! while it waits for the call to return; neither side keeps a look at what the other writes.

use crate::rpc::truncate;

/// Numbers of each record: kind, call, three that depend on the kind, and the lengths of its two pieces of bytes.
pub const RECORD: usize = 7;

/// What is larger does not go into the bytes of a batch: JavaScript asks for it by itself.
pub const LARGE_BYTES: usize = 16 * 1024;

/// A length that says: there is something, ask for it.
pub const APART: f64 = -2.0;
/// A length that says: there is nothing.
pub const NONE: f64 = -1.0;

/// Writes records and their bytes.
pub struct InboundBatch<'a> {
    records: &'a mut [f64],
    bytes: &'a mut [u8],
    count: usize,
    used: usize,
}

impl<'a> InboundBatch<'a> {
    /// Into `records`, and into `bytes` from `offset` on.
    pub fn new(records: &'a mut [f64], bytes: &'a mut [u8], offset: usize) -> Self {
        let used = offset.min(bytes.len());
        Self { records, bytes, count: 0, used }
    }

    /// Whether one more record fits with so many bytes. One more number has to fit behind all records.
    pub fn has_room(&self, bytes: usize) -> bool {
        (self.count + 1) * RECORD < self.records.len() && self.bytes.len() - self.used >= bytes
    }

    /// Adds a record without bytes.
    pub fn push(&mut self, kind: u32, call: f64, rest: [f64; 5]) {
        let record = [f64::from(kind), call, rest[0], rest[1], rest[2], rest[3], rest[4]];
        self.records[self.count * RECORD..][..RECORD].copy_from_slice(&record);
        self.count += 1;
    }

    /// Adds bytes of the record that was added, or is about to be; gives their length.
    pub fn put(&mut self, bytes: &[u8]) -> f64 {
        self.bytes[self.used..][..bytes.len()].copy_from_slice(bytes);
        self.used += bytes.len();
        length(bytes.len())
    }

    /// The number of records. Whether there is more stands behind the last one.
    pub fn finish(self, more: bool) -> u32 {
        self.records[self.count * RECORD] = f64::from(u8::from(more));
        u32::try_from(self.count).unwrap_or(u32::MAX)
    }
}

/// As much of a text as is told in a batch: its end is cut off where it is too long.
pub fn bounded(text: &str) -> &[u8] {
    truncate(text, LARGE_BYTES).as_bytes()
}

/// A length as JavaScript has it.
#[allow(clippy::cast_precision_loss, reason = "no piece of memory has 2^53 bytes")]
pub fn length(bytes: usize) -> f64 {
    bytes as f64
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "they are whole numbers")]
mod tests {
    use super::*;

    #[test]
    fn records_and_bytes_stand_behind_each_other() {
        let (mut records, mut bytes) = ([0.0; 3 * RECORD], [0; 10]);
        let mut delivery = InboundBatch::new(&mut records, &mut bytes, 2);
        let head = delivery.put(b"ab");
        delivery.push(1, 5.0, [0.0, 0.0, 0.0, head, NONE]);
        assert!(delivery.has_room(6) && !delivery.has_room(7));
        let text = delivery.put(b"c");
        delivery.push(2, 6.0, [0.0, 0.0, 0.0, text, NONE]);
        assert!(!delivery.has_room(0), "the last number says whether there is more");
        assert_eq!(delivery.finish(true), 2);
        assert_eq!(records[..RECORD], [1.0, 5.0, 0.0, 0.0, 0.0, 2.0, NONE]);
        assert_eq!(records[RECORD..], [2.0, 6.0, 0.0, 0.0, 0.0, 1.0, NONE, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
        assert_eq!(&bytes, b"\0\0abc\0\0\0\0\0");
    }
}

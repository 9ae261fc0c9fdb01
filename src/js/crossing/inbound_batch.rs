//! The batch that `NativeCalls.take` writes: a record for each event that waits, and the bytes of the records.

use super::layout::{
    INBOUND_CALL, INBOUND_CODE, INBOUND_END, INBOUND_END_BYTES, INBOUND_END_MORE, INBOUND_FLAGS, INBOUND_KIND,
    INBOUND_LEVEL, INBOUND_LISTENER, INBOUND_MESSAGE_LENGTH, INBOUND_METHOD, INBOUND_RECORD, INBOUND_TEXT_LENGTH,
    INBOUND_TIMEOUT, KIND_ABORTED, KIND_CALL, KIND_HTTP_REQUEST, KIND_LOG, KIND_READABLE, KIND_TLS, KIND_WRITABLE,
    LENGTH_ABSENT, LENGTH_OVERSIZED, MAX_INLINE_BYTES, NO_DEADLINE, column,
};
use super::length;
use crate::call::{Code, truncate};

/// Numbers of a record.
const RECORD: usize = column(INBOUND_RECORD);

/// A new call as its record has it.
pub struct CallRecord {
    /// The call's number.
    pub id: f64,
    /// Index of the method; `None` for a plain HTTP request.
    pub method: Option<u32>,
    /// Bits as in [`INBOUND_FLAGS`].
    pub flags: u32,
    /// Milliseconds until the deadline.
    pub timeout_ms: Option<f64>,
}

/// Writes records and their bytes.
pub struct InboundBatch<'a> {
    records: &'a mut [f64],
    bytes: &'a mut [u8],
    count: usize,
    offset: usize,
    used: usize,
}

impl<'a> InboundBatch<'a> {
    /// Writes into `records`, and into `bytes` from `offset` on.
    pub fn new(records: &'a mut [f64], bytes: &'a mut [u8], offset: usize) -> Self {
        let offset = offset.min(bytes.len());
        Self { records, bytes, count: 0, offset, used: offset }
    }

    /// Whether one more record with `bytes` bytes fits, and the numbers that stand behind the last record.
    pub fn has_room(&self, bytes: usize) -> bool {
        (self.count + 1) * RECORD + column(INBOUND_END) <= self.records.len() && self.bytes.len() - self.used >= bytes
    }

    /// Adds a new call whose head, and message if it has one, cross with the others.
    pub fn push_call(&mut self, call: &CallRecord, head: &[u8], message: Option<&[u8]>) {
        let head = self.put(head);
        let message = message.map_or(f64::from(LENGTH_ABSENT), |message| self.put(message));
        self.push_new(call, head, message);
    }

    /// Adds a new call that JavaScript has to ask for with `NativeCalls.oversizedCall`.
    pub fn push_oversized_call(&mut self, call: &CallRecord) {
        self.push_new(call, LENGTH_OVERSIZED.into(), LENGTH_ABSENT.into());
    }

    fn push_new(&mut self, call: &CallRecord, head: f64, message: f64) {
        let kind = if call.method.is_some() { KIND_CALL } else { KIND_HTTP_REQUEST };
        let record = self.push(kind, call.id, head);
        record[column(INBOUND_METHOD)] = call.method.unwrap_or_default().into();
        record[column(INBOUND_FLAGS)] = call.flags.into();
        record[column(INBOUND_TIMEOUT)] = call.timeout_ms.unwrap_or(NO_DEADLINE.into());
        record[column(INBOUND_MESSAGE_LENGTH)] = message;
    }

    /// Adds that a request stream has messages to read.
    pub fn push_readable(&mut self, call: f64) {
        self.push(KIND_READABLE, call, LENGTH_ABSENT.into());
    }

    /// Adds that a response stream has room.
    pub fn push_writable(&mut self, call: f64) {
        self.push(KIND_WRITABLE, call, LENGTH_ABSENT.into());
    }

    /// Adds that a call is over, and why. A long text is truncated.
    pub fn push_aborted(&mut self, call: f64, code: Code, reason: &str) {
        let reason = self.put(bounded(reason));
        self.push(KIND_ABORTED, call, reason)[column(INBOUND_CODE)] = code.number().into();
    }

    /// Adds a message for the log; `level` is `LOG_WARN` or `LOG_ERROR`. A long text is truncated.
    pub fn push_log(&mut self, level: u32, message: &str) {
        let message = self.put(bounded(message));
        self.push(KIND_LOG, 0.0, message)[column(INBOUND_LEVEL)] = level.into();
    }

    /// Adds that a listener has taken changed certificates, or why not. A long text is truncated.
    pub fn push_tls(&mut self, listener: u32, failure: Option<&str>) {
        let text = failure.map_or(f64::from(LENGTH_ABSENT), |failure| self.put(bounded(failure)));
        self.push(KIND_TLS, 0.0, text)[column(INBOUND_LISTENER)] = listener.into();
    }

    /// Adds a record; the columns of its kind are still to be set.
    fn push(&mut self, kind: u32, call: f64, text: f64) -> &mut [f64] {
        let record = &mut self.records[self.count * RECORD..][..RECORD];
        self.count += 1;
        record.fill(0.0);
        record[column(INBOUND_KIND)] = kind.into();
        record[column(INBOUND_CALL)] = call;
        record[column(INBOUND_TEXT_LENGTH)] = text;
        record[column(INBOUND_MESSAGE_LENGTH)] = LENGTH_ABSENT.into();
        record
    }

    /// Adds bytes of the record that comes next; returns their length.
    fn put(&mut self, bytes: &[u8]) -> f64 {
        self.bytes[self.used..][..bytes.len()].copy_from_slice(bytes);
        self.used += bytes.len();
        length(bytes.len())
    }

    /// Writes what stands behind the last record; returns the number of records.
    pub fn finish(self, more: bool) -> u32 {
        let end = &mut self.records[self.count * RECORD..];
        end[column(INBOUND_END_MORE)] = f64::from(u8::from(more));
        end[column(INBOUND_END_BYTES)] = length(self.used - self.offset);
        u32::try_from(self.count).unwrap_or(u32::MAX)
    }
}

/// The beginning of a text, as much as may cross in a batch.
pub fn bounded(text: &str) -> &[u8] {
    truncate(text, MAX_INLINE_BYTES as usize).as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_and_their_bytes_stand_behind_each_other() {
        let (mut records, mut bytes) = ([9.0; 2 * RECORD + column(INBOUND_END)], [0; 10]);
        let mut batch = InboundBatch::new(&mut records, &mut bytes, 2);
        let call = CallRecord { id: 5.0, method: Some(3), flags: 1, timeout_ms: None };
        batch.push_call(&call, b"ab", Some(b"c"));
        assert!(batch.has_room(5) && !batch.has_room(6), "by the bytes that are left");
        batch.push_aborted(6.0, Code::Canceled, "d");
        assert!(!batch.has_room(0), "no numbers are left for one more record");
        assert_eq!(batch.finish(true), 2);

        let [first, second] = [0, 1].map(|at| &records[at * RECORD..][..RECORD]);
        let columns =
            |record: &[f64], names: &[u32]| names.iter().map(|name| record[column(*name)]).collect::<Vec<_>>();
        let (absent, none) = (f64::from(LENGTH_ABSENT), f64::from(NO_DEADLINE));
        assert_eq!(columns(first, &[INBOUND_KIND, INBOUND_CALL]), [f64::from(KIND_CALL), 5.0]);
        assert_eq!(columns(first, &[INBOUND_METHOD, INBOUND_FLAGS, INBOUND_TIMEOUT]), [3.0, 1.0, none]);
        assert_eq!(columns(first, &[INBOUND_TEXT_LENGTH, INBOUND_MESSAGE_LENGTH]), [2.0, 1.0]);
        assert_eq!(columns(second, &[INBOUND_KIND, INBOUND_CALL, INBOUND_CODE]), [f64::from(KIND_ABORTED), 6.0, 1.0]);
        assert_eq!(columns(second, &[INBOUND_TEXT_LENGTH, INBOUND_MESSAGE_LENGTH]), [1.0, absent]);
        assert_eq!(columns(&records[2 * RECORD..], &[INBOUND_END_MORE, INBOUND_END_BYTES]), [1.0, 4.0]);
        assert_eq!(&bytes, b"\0\0abcd\0\0\0\0");
    }
}

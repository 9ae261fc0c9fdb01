//! The records that `NativeCalls.submit` reads: responses of many calls at once.

use super::layout::{
    KIND_END, KIND_MESSAGE, KIND_ONLY_MESSAGE, OUTBOUND_CALL, OUTBOUND_KIND, OUTBOUND_LENGTH, OUTBOUND_RECORD, column,
};

/// Numbers of a record.
pub const RECORD: usize = column(OUTBOUND_RECORD);

/// One response, or a part of one.
#[derive(Debug, PartialEq)]
pub enum OutboundRecord<'a> {
    /// The only message of a unary response.
    OnlyMessage(f64, &'a [u8]),
    /// A message of a response stream.
    Message(f64, &'a [u8]),
    /// The end of a response stream.
    End(f64),
}

impl<'a> OutboundRecord<'a> {
    /// Reads `record`, and takes its message off the front of `bytes`. `None` if it is malformed.
    pub fn read(record: &[f64], bytes: &mut &'a [u8]) -> Option<Self> {
        let [kind, call, length] =
            [OUTBOUND_KIND, OUTBOUND_CALL, OUTBOUND_LENGTH].map(|name| record.get(column(name)).copied());
        let (kind, call, length) = (kind?, call?, length?);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast from a float saturates")]
        let (kind, length) = (kind as u32, length as usize);
        let (message, rest) = bytes.split_at_checked(length)?;
        *bytes = rest;
        match kind {
            KIND_ONLY_MESSAGE => Some(Self::OnlyMessage(call, message)),
            KIND_MESSAGE => Some(Self::Message(call, message)),
            KIND_END => Some(Self::End(call)),
            _ => None,
        }
    }

    /// Tells JavaScript in the record whether the stream is full.
    pub fn write_full(record: &mut [f64], is_full: bool) {
        record[column(OUTBOUND_KIND)] = f64::from(u8::from(is_full));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(kind: u32, call: f64, length: f64) -> [f64; RECORD] {
        let mut record = [0.0; RECORD];
        record[column(OUTBOUND_KIND)] = kind.into();
        record[column(OUTBOUND_CALL)] = call;
        record[column(OUTBOUND_LENGTH)] = length;
        record
    }

    #[test]
    fn a_record_takes_its_message_off_the_bytes() {
        let mut bytes: &[u8] = b"abc";
        let mut read = |record: [f64; RECORD]| OutboundRecord::read(&record, &mut bytes);
        assert_eq!(read(record(KIND_MESSAGE, 7.0, 2.0)), Some(OutboundRecord::Message(7.0, b"ab")));
        assert_eq!(read(record(KIND_END, 7.0, 0.0)), Some(OutboundRecord::End(7.0)));
        assert_eq!(read(record(KIND_ONLY_MESSAGE, 8.0, 1.0)), Some(OutboundRecord::OnlyMessage(8.0, b"c")));
        assert_eq!(read(record(KIND_ONLY_MESSAGE, 9.0, 1.0)), None, "no bytes are left");
        assert_eq!(read(record(KIND_END + 1, 9.0, 0.0)), None, "there is no such kind");
    }
}

//! Answers as they cross from JavaScript in batches.

/// Numbers of each record: what is answered, the call, the length of the message.
pub const OUTBOUND_RECORD: usize = 3;

/// One answer.
#[derive(Debug, PartialEq)]
pub enum OutboundRecord<'a> {
    /// The only message of a call.
    Only(f64, &'a [u8]),
    /// A message of a response stream.
    Message(f64, &'a [u8]),
    /// The end of a response stream.
    End(f64),
}

impl<'a> OutboundRecord<'a> {
    /// What a record says; its message is taken off the front of `bytes`. `None` for one that is none.
    pub fn of(record: &[f64], bytes: &mut &'a [u8]) -> Option<Self> {
        let &[kind, call, length] = record else {
            return None;
        };
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast from a float saturates")]
        let (message, rest) = bytes.split_at_checked(length as usize)?;
        *bytes = rest;
        match kind {
            0.0 => Some(Self::Only(call, message)),
            1.0 => Some(Self::Message(call, message)),
            2.0 => Some(Self::End(call)),
            _ => None,
        }
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "they are whole numbers")]
mod tests {
    use super::*;

    #[test]
    fn a_record_takes_its_message_off_the_bytes() {
        let mut bytes: &[u8] = b"abc";
        assert_eq!(OutboundRecord::of(&[1.0, 7.0, 2.0], &mut bytes), Some(OutboundRecord::Message(7.0, b"ab")));
        assert_eq!(OutboundRecord::of(&[2.0, 7.0, 0.0], &mut bytes), Some(OutboundRecord::End(7.0)));
        assert_eq!(OutboundRecord::of(&[0.0, 8.0, 1.0], &mut bytes), Some(OutboundRecord::Only(8.0, b"c")));
        assert_eq!(OutboundRecord::of(&[0.0, 9.0, 1.0], &mut bytes), None, "nothing is left");
        assert_eq!(OutboundRecord::of(&[5.0, 9.0, 0.0], &mut bytes), None, "no such kind");
    }
}

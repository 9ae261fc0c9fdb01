//! Where the frames of an HTTP/2 connection begin and end (RFC 9113 section 4.1), in bytes that come in pieces.

/// The preface of the client, before its first frame.
const PREFACE_BYTES: usize = 24;
const HEAD_BYTES: usize = 9;

/// The beginning of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameHead {
    /// The length of its payload.
    length: usize,
    /// Its type.
    pub kind: u8,
    /// Its flags.
    pub flags: u8,
}

impl FrameHead {
    fn parse(bytes: [u8; HEAD_BYTES]) -> Self {
        let [l0, l1, l2, kind, flags, ..] = bytes;
        Self { length: u32::from_be_bytes([0, l0, l1, l2]) as usize, kind, flags }
    }
}

/// A position in what a client sends.
#[derive(Debug)]
pub struct FramePosition {
    /// Bytes of the head that have come, and how many.
    head: [u8; HEAD_BYTES],
    of_head: usize,
    /// Bytes of the payload, or of the preface, that have not come.
    left: usize,
}

/// What the next bytes are.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece {
    /// Bytes to be skipped, or part of a head.
    Other(usize),
    /// The last bytes of a head.
    Head(usize, FrameHead),
}

impl Default for FramePosition {
    fn default() -> Self {
        Self { head: [0; HEAD_BYTES], of_head: 0, left: PREFACE_BYTES }
    }
}

impl FramePosition {
    /// Goes on by the beginning of `bytes`, which are not empty.
    pub fn advance(&mut self, bytes: &[u8]) -> Piece {
        if self.left > 0 {
            let skipped = self.left.min(bytes.len());
            self.left -= skipped;
            return Piece::Other(skipped);
        }
        let count = (HEAD_BYTES - self.of_head).min(bytes.len());
        self.head[self.of_head..][..count].copy_from_slice(&bytes[..count]);
        self.of_head += count;
        if self.of_head < HEAD_BYTES {
            return Piece::Other(count);
        }
        self.of_head = 0;
        let head = FrameHead::parse(self.head);
        self.left = head.length;
        Piece::Head(count, head)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The heads in `bytes`, which come in pieces of this size.
    fn heads(bytes: &[u8], size: usize) -> Vec<FrameHead> {
        let mut position = FramePosition::default();
        let mut heads = Vec::new();
        for mut piece in bytes.chunks(size) {
            while !piece.is_empty() {
                let taken = match position.advance(piece) {
                    Piece::Other(taken) => taken,
                    Piece::Head(taken, head) => {
                        heads.push(head);
                        taken
                    }
                };
                piece = &piece[taken..];
            }
        }
        assert_eq!((position.left, position.of_head), (0, 0), "the end of a frame");
        heads
    }

    #[test]
    fn frames_are_found_however_their_bytes_come() {
        let ping = [&[0, 0, 8, 6, 1, 0, 0, 0, 0], [7; 8].as_slice()].concat();
        let settings = [0, 0, 0, 4, 0, 0, 0, 0, 0];
        let data = [&[0, 1, 0, 0, 1, 0x80, 0, 0, 5], [0; 256].as_slice()].concat();
        let bytes = [&[0; PREFACE_BYTES], settings.as_slice(), &ping, &data].concat();
        let expected = [(0, 4, 0), (8, 6, 1), (256, 0, 1)];
        let expected = expected.map(|(length, kind, flags)| FrameHead { length, kind, flags });
        for size in [1, 2, 3, 8, 9, 10, 24, 25, 1_000] {
            assert_eq!(heads(&bytes, size), expected, "pieces of {size} bytes");
        }
    }
}

//! Reads enveloped messages from a request body, one at a time and only on demand.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes, BytesMut};
use http_body::Body;

use super::compression::decompress;
use super::envelope::{COMPRESSED, PREFIX_BYTES};
use super::grpc_web::TextDecoder;
use crate::call::{Code, Encoding, Error, RequestBody, Reservation, ReservedBytes, Source, TimedBody};

/// The most memory that a message in several pieces gets at first; it doubles when that is full. Not the announced
/// length: a client may announce a message and never send it, and the budget counts only what has arrived.
pub(super) const MAX_INITIAL_CAPACITY: usize = 128 * 1024;

/// Messages up to this size are copied out of the piece that they arrived in.
const MAX_COPIED_BYTES: usize = 512;

/// The position of the reader.
enum State {
    /// Before the five bytes of a prefix.
    Prefix,
    /// Between a prefix and the end of its message.
    Message { compressed: bool, length: usize },
    /// A message is being decompressed.
    Decompressing(Pin<Box<dyn Future<Output = Result<ReservedBytes, Error>> + Send>>),
    /// At the end: the body has ended, or failed and the error was returned.
    Done,
}

/// The messages of a request stream.
pub struct MessageReader<B = RequestBody> {
    body: B,
    text: Option<TextDecoder>,
    buffer: Buffer,
    reservation: Reservation,
    encoding: Option<Encoding>,
    limit: usize,
    state: State,
    /// Between two messages the client may take as long as it wants.
    is_stream: bool,
}

impl<B: TimedBody<Data = Bytes, Error: Into<Error>> + Unpin> MessageReader<B> {
    /// Reads messages of at most `limit` bytes from `body`, which is base64 if `text` is true. Buffered bytes are added
    /// to `reservation`, and a message leaves with its share.
    pub(crate) fn new(body: B, text: bool, encoding: Option<Encoding>, limit: usize, reservation: Reservation) -> Self {
        let text = text.then(TextDecoder::default);
        Self {
            body,
            text,
            buffer: Buffer::default(),
            reservation,
            encoding,
            limit,
            state: State::Prefix,
            is_stream: false,
        }
    }

    /// Reads a stream: between two messages the client may take as long as it wants.
    #[must_use]
    pub(crate) fn of_stream(self) -> Self {
        Self { is_stream: true, ..self }
    }

    /// The next message; `None` at the end. After an error there is only the end.
    ///
    /// Cancel safe: nothing is lost when the future is dropped.
    pub async fn next(&mut self) -> Option<Result<ReservedBytes, Error>> {
        poll_fn(|cx| self.poll_next(cx)).await
    }

    /// [`Self::next`] without a future.
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<ReservedBytes, Error>>> {
        let step = ready!(self.poll_step(cx));
        if !matches!(step, Some(Ok(_))) {
            self.state = State::Done;
            self.buffer = Buffer::default();
        }
        Poll::Ready(step)
    }

    fn poll_step(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<ReservedBytes, Error>>> {
        loop {
            match &mut self.state {
                State::Done => return Poll::Ready(None),
                State::Decompressing(work) => {
                    let message = ready!(work.as_mut().poll(cx));
                    self.state = State::Prefix;
                    return Poll::Ready(Some(message));
                }
                State::Prefix => match self.buffer.take_prefix() {
                    Some(prefix) => self.state = read_prefix(prefix, self.limit, self.encoding)?,
                    None if ready!(self.poll_fill(cx))? => {}
                    None if self.buffer.len() == 0 => return Poll::Ready(None),
                    None => return Poll::Ready(Some(Err(incomplete()))),
                },
                State::Message { compressed, length } => {
                    let (compressed, length) = (*compressed, *length);
                    match self.buffer.take(length) {
                        Some(message) => {
                            let reservation = self.reservation.split(PREFIX_BYTES + length);
                            let message = ReservedBytes::new(message, reservation);
                            match self.encoding.filter(|_| compressed) {
                                None => {
                                    self.state = State::Prefix;
                                    return Poll::Ready(Some(Ok(message)));
                                }
                                Some(encoding) => {
                                    let work = Box::pin(decompress(encoding, message, self.limit));
                                    self.state = State::Decompressing(work);
                                }
                            }
                        }
                        None if ready!(self.poll_fill(cx))? => {}
                        None => return Poll::Ready(Some(Err(incomplete()))),
                    }
                }
            }
        }
    }

    /// Buffers what the body has next; false at its end.
    fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<Result<bool, Error>> {
        if self.is_stream {
            self.body.time_reads(self.buffer.len() > 0 || matches!(self.state, State::Message { .. }));
        }
        loop {
            let chunk = match ready!(poll_data(&mut self.body, cx))? {
                Some(chunk) => match &mut self.text {
                    Some(decoder) => decoder.decode(&chunk)?,
                    None => chunk,
                },
                None => match self.text.take() {
                    Some(decoder) => {
                        let rest = decoder.finish()?;
                        if rest.is_empty() {
                            return Poll::Ready(Ok(false));
                        }
                        rest
                    }
                    None => return Poll::Ready(Ok(false)),
                },
            };
            if !chunk.is_empty() {
                self.reservation.grow(chunk.len())?;
                self.buffer.push(chunk);
                return Poll::Ready(Ok(true));
            }
        }
    }
}

impl Source for MessageReader {
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<ReservedBytes, Error>>> {
        Self::poll_next(self, cx)
    }

    fn pause(&mut self) {
        self.body.time_reads(false);
    }

    fn into_body(self: Box<Self>) -> RequestBody {
        self.body
    }
}

/// The next data frame of a body; `None` at the end. Trailers of a request have no meaning and are skipped.
pub(super) fn poll_data<B: Body<Data = Bytes, Error: Into<Error>> + Unpin>(
    body: &mut B,
    cx: &mut Context<'_>,
) -> Poll<Result<Option<Bytes>, Error>> {
    loop {
        match ready!(Pin::new(&mut *body).poll_frame(cx)) {
            Some(Ok(frame)) => {
                if let Ok(data) = frame.into_data() {
                    return Poll::Ready(Ok(Some(data)));
                }
            }
            Some(Err(broken)) => return Poll::Ready(Err(broken.into())),
            None => return Poll::Ready(Ok(None)),
        }
    }
}

fn read_prefix(prefix: [u8; PREFIX_BYTES], limit: usize, encoding: Option<Encoding>) -> Result<State, Error> {
    let [flags, length @ ..] = prefix;
    let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
    if flags & !COMPRESSED != 0 {
        return Err(Error::invalid_argument(format!("protocol error: invalid envelope flags {flags:#010b}")));
    }
    let compressed = flags & COMPRESSED != 0;
    if compressed && encoding.is_none() {
        return Err(Error::new(Code::Internal, "received compressed envelope, but do not know how to decompress"));
    }
    if length > limit {
        return Err(too_large(length, limit));
    }
    Ok(State::Message { compressed, length })
}

/// The error for a message whose size is known.
pub(super) fn too_large(size: usize, limit: usize) -> Error {
    Error::new(Code::ResourceExhausted, format!("message size {size} is larger than configured readMaxBytes {limit}"))
}

fn incomplete() -> Error {
    Error::invalid_argument("protocol error: incomplete envelope")
}

impl<B> std::fmt::Debug for MessageReader<B> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MessageReader").field("buffered", &self.buffer.len()).finish_non_exhaustive()
    }
}

/// Bytes that have arrived and are not yet part of a message.
///
/// A message that arrives in one piece is not copied, unless it is small: then it would keep much more memory than it
/// has, as a piece is a part of what was read from the socket at a time. Otherwise its pieces are joined once, in
/// memory that no other message shares, so that its receiver may own it.
#[derive(Default)]
struct Buffer {
    /// The rest of the last piece that arrived.
    chunk: Bytes,
    /// The beginning of the bytes that `take` was asked for, when not all of them had arrived.
    joined: BytesMut,
}

impl Buffer {
    fn len(&self) -> usize {
        self.chunk.len() + self.joined.len()
    }

    /// Adds the next piece. `take` has returned `None` before, and has used up the previous piece.
    fn push(&mut self, chunk: Bytes) {
        self.chunk = chunk;
    }

    /// The next prefix, once all of it has arrived.
    fn take_prefix(&mut self) -> Option<[u8; PREFIX_BYTES]> {
        if self.joined.is_empty()
            && let Some(prefix) = self.chunk.first_chunk().copied()
        {
            self.chunk.advance(PREFIX_BYTES);
            return Some(prefix);
        }
        self.take(PREFIX_BYTES)?.first_chunk().copied()
    }

    /// The next `count` bytes, once all have arrived. Until then it must be called with the same number.
    fn take(&mut self, count: usize) -> Option<Bytes> {
        if self.joined.is_empty() && self.chunk.len() >= count {
            let piece = self.chunk.split_to(count);
            return Some(if count <= MAX_COPIED_BYTES { Bytes::copy_from_slice(&piece) } else { piece });
        }
        let missing = count - self.joined.len();
        let more = self.chunk.split_to(missing.min(self.chunk.len()));
        if self.joined.capacity() - self.joined.len() < more.len() {
            self.joined.reserve(missing.min(MAX_INITIAL_CAPACITY));
        }
        self.joined.extend_from_slice(&more);
        (more.len() == missing).then(|| std::mem::take(&mut self.joined).freeze())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use http_body::Frame;

    use super::super::envelope::join;
    use super::*;
    use crate::call::ConnectionBudget;

    /// A body of prepared pieces.
    struct Pieces(VecDeque<Bytes>);

    impl Body for Pieces {
        type Data = Bytes;
        type Error = Error;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
            Poll::Ready(self.0.pop_front().map(|piece| Ok(Frame::data(piece))))
        }

        fn is_end_stream(&self) -> bool {
            self.0.is_empty()
        }
    }

    impl TimedBody for Pieces {
        fn time_reads(&mut self, _: bool) {}
    }

    async fn read_all(bytes: &[u8], piece: usize, limit: usize) -> Vec<Result<Bytes, Code>> {
        let pieces = bytes.chunks(piece).map(Bytes::copy_from_slice).collect();
        let budget = ConnectionBudget::unlimited();
        let mut reader =
            MessageReader::new(Pieces(pieces), false, Some(Encoding::Gzip), limit, budget.empty_reservation());
        let mut messages = Vec::new();
        while let Some(message) = reader.next().await {
            messages.push(message.map(|message| Bytes::clone(&message)).map_err(|error| error.code));
        }
        drop(reader);
        assert_eq!(budget.used(), 0, "every reservation was given back");
        messages
    }

    #[tokio::test]
    async fn messages_survive_being_split_at_any_byte() {
        let budget = ConnectionBudget::unlimited();
        let message = ReservedBytes::unchecked(vec![9; 300], &budget);
        let squeezed = super::super::compression::compress(Encoding::Gzip, message).await.expect("gzip");
        let stream =
            [join(0, b"first"), join(0, b""), join(COMPRESSED, &squeezed.message), join(0, &[1; 100])].concat();
        let expected = [
            Ok(Bytes::from_static(b"first")),
            Ok(Bytes::new()),
            Ok(Bytes::from(vec![9; 300])),
            Ok(Bytes::from(vec![1; 100])),
        ];
        for piece in 1..=stream.len() {
            assert_eq!(read_all(&stream, piece, 1000).await, expected, "pieces of {piece}");
        }
    }

    #[tokio::test]
    async fn a_small_message_does_not_keep_the_piece_that_it_arrived_in() {
        let piece = Bytes::from([join(0, &[1; MAX_COPIED_BYTES]), join(0, &[2; MAX_COPIED_BYTES + 1])].concat());
        let place = piece.as_ptr_range();
        let body = Pieces([piece.clone()].into());
        let reservation = ConnectionBudget::unlimited().empty_reservation();
        let mut reader = MessageReader::new(body, false, None, usize::MAX, reservation);
        for is_copied in [true, false] {
            let message = reader.next().await.expect("a message").expect("is valid");
            assert_eq!(!place.contains(&message.as_ptr()), is_copied, "{} bytes", message.len());
        }
    }

    #[tokio::test]
    async fn a_malformed_envelope_is_an_error_and_then_the_end() {
        let cases: [(&str, Vec<u8>, Code); 6] = [
            ("truncated prefix", vec![0, 0, 0], Code::InvalidArgument),
            ("prefix without its message", vec![0, 0, 0, 0, 9], Code::InvalidArgument),
            ("truncated message", vec![0, 0, 0, 0, 9, 1, 2], Code::InvalidArgument),
            ("end-stream flag from a client", join(2, b"{}").to_vec(), Code::InvalidArgument),
            ("unknown flag", join(0x40, b"x").to_vec(), Code::InvalidArgument),
            ("over the limit", join(0, &[0; 51]).to_vec(), Code::ResourceExhausted),
        ];
        for (name, bytes, code) in cases {
            assert_eq!(read_all(&bytes, 4, 50).await, [Err(code)], "{name}");
        }
    }
}

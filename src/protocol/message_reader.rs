//! Reads enveloped messages from a request body, one at a time and only when asked.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes, BytesMut};
use http_body::Body;

use super::compression::{Encoding, decompress};
use super::envelope::{COMPRESSED, HEAD_BYTES};
use super::grpc_web::TextDecoder;
use super::request_body::RequestBody;
use super::source::Source;
use crate::rpc::{Code, Error, Reservation, ReservedBytes};

/// A message that does not come in one piece gets at most so much memory at first, and twice as much when that is full: the budget
/// counts what has arrived, and a client may promise a message and never send it.
pub const MOST_RESERVED: usize = 128 * 1024;

/// Where the reader stands.
enum State {
    /// Before the five bytes of a head.
    Head,
    /// Between a head and the end of its message.
    Message { compressed: bool, length: usize },
    /// A message is being decompressed.
    Decompressing { work: Pin<Box<dyn Future<Output = Result<Bytes, Error>> + Send>>, hold: Reservation },
    /// Nothing more will come: the body ended, or failed, which was said once.
    Done,
}

/// The messages of a request stream.
pub struct MessageReader<B = RequestBody> {
    body: B,
    text: Option<TextDecoder>,
    buffer: Buffer,
    hold: Reservation,
    encoding: Option<Encoding>,
    limit: usize,
    state: State,
}

impl<B: Body<Data = Bytes> + Unpin> MessageReader<B> {
    /// Reads messages of at most `limit` bytes from `body`; `hold` accounts for what is buffered.
    pub(super) fn new(body: B, text: bool, encoding: Option<Encoding>, limit: usize, hold: Reservation) -> Self {
        let text = text.then(TextDecoder::default);
        Self { body, text, buffer: Buffer::default(), hold, encoding, limit, state: State::Head }
    }

    /// The next message; `None` at the end. After an error there is only the end.
    ///
    /// Cancel safe: nothing is lost when the future is dropped.
    pub async fn next(&mut self) -> Option<Result<ReservedBytes, Error>> {
        poll_fn(|cx| self.poll_next(cx)).await
    }

    /// [`Self::next`] for those who poll.
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
                State::Decompressing { work, hold } => {
                    let decompressed = ready!(work.as_mut().poll(cx));
                    let mut hold = hold.split(usize::MAX);
                    self.state = State::Head;
                    return Poll::Ready(Some(decompressed.and_then(|message| {
                        hold.grow(message.len())?;
                        Ok(ReservedBytes::new(message, hold))
                    })));
                }
                State::Head => match self.buffer.take(HEAD_BYTES) {
                    Some(head) => self.state = read_head(head, self.limit, self.encoding)?,
                    None if ready!(self.poll_fill(cx))? => {}
                    None if self.buffer.len() == 0 => return Poll::Ready(None),
                    None => return Poll::Ready(Some(Err(incomplete()))),
                },
                State::Message { compressed, length } => {
                    let (compressed, length) = (*compressed, *length);
                    match self.buffer.take(length) {
                        Some(message) => {
                            let hold = self.hold.split(HEAD_BYTES + length);
                            match self.encoding.filter(|_| compressed) {
                                None => {
                                    self.state = State::Head;
                                    return Poll::Ready(Some(Ok(ReservedBytes::new(message, hold))));
                                }
                                Some(encoding) => {
                                    let work = Box::pin(decompress(encoding, message, self.limit));
                                    self.state = State::Decompressing { work, hold };
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
                self.hold.grow(chunk.len())?;
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

    fn is_at_end(&self) -> bool {
        self.body.is_end_stream()
    }

    fn into_body(self) -> RequestBody {
        self.body
    }
}

/// The next data frame of a body; trailers of requests mean nothing and are passed over.
pub fn poll_data<B: Body<Data = Bytes> + Unpin>(
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
            Some(Err(_)) => return Poll::Ready(Err(Error::canceled())),
            None => return Poll::Ready(Ok(None)),
        }
    }
}

fn read_head(mut head: Bytes, limit: usize, encoding: Option<Encoding>) -> Result<State, Error> {
    let flags = head.get_u8();
    let length = usize::try_from(head.get_u32()).unwrap_or(usize::MAX);
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

/// `resource_exhausted` for a message whose size is known.
pub fn too_large(size: usize, limit: usize) -> Error {
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
/// What arrives in one piece is never copied. What does not is joined once, where it stays: no other message is in that memory, so
/// that whoever takes it may own it.
#[derive(Default)]
struct Buffer {
    /// What is left of the last piece that came.
    chunk: Bytes,
    /// The beginning of what `take` was asked for, when that was more than there was.
    joined: BytesMut,
}

impl Buffer {
    fn len(&self) -> usize {
        self.chunk.len() + self.joined.len()
    }

    /// Adds what came next; `take` has been in want of it, and has used up what came before.
    fn push(&mut self, chunk: Bytes) {
        self.chunk = chunk;
    }

    /// The next `count` bytes, once they are there. Until then it is to be asked for no other number.
    fn take(&mut self, count: usize) -> Option<Bytes> {
        if self.joined.is_empty() && self.chunk.len() >= count {
            return Some(self.chunk.split_to(count));
        }
        let missing = count - self.joined.len();
        let more = self.chunk.split_to(missing.min(self.chunk.len()));
        if self.joined.capacity() - self.joined.len() < more.len() {
            self.joined.reserve(missing.min(MOST_RESERVED));
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
    use crate::rpc::Budget;

    /// A body of prepared pieces.
    struct Pieces(VecDeque<Bytes>);

    impl Body for Pieces {
        type Data = Bytes;
        type Error = std::convert::Infallible;

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

    async fn read_all(bytes: &[u8], piece: usize, limit: usize) -> Vec<Result<Bytes, Code>> {
        let pieces = bytes.chunks(piece).map(Bytes::copy_from_slice).collect();
        let budget = Budget::new(1 << 20);
        let mut reader = MessageReader::new(Pieces(pieces), false, Some(Encoding::Gzip), limit, budget.open());
        let mut messages = Vec::new();
        while let Some(message) = reader.next().await {
            messages.push(message.map(|held| Bytes::clone(&held)).map_err(|error| error.code));
        }
        drop(reader);
        assert_eq!(budget.used(), 0, "everything held was given back");
        messages
    }

    #[tokio::test]
    async fn messages_survive_being_split_at_any_byte() {
        let squeezed =
            super::super::compression::compress(Encoding::Gzip, Bytes::from(vec![9; 300])).await.expect("gzip");
        let stream = [join(0, b"first"), join(0, b""), join(COMPRESSED, &squeezed), join(0, &[1; 100])].concat();
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
    async fn what_is_not_an_envelope_is_an_error_and_then_the_end() {
        let cases: [(&str, Vec<u8>, Code); 6] = [
            ("cut in the head", vec![0, 0, 0], Code::InvalidArgument),
            ("head without its bytes", vec![0, 0, 0, 0, 9], Code::InvalidArgument),
            ("cut in the message", vec![0, 0, 0, 0, 9, 1, 2], Code::InvalidArgument),
            ("end-stream flag from a client", join(2, b"{}").to_vec(), Code::InvalidArgument),
            ("unknown flag", join(0x40, b"x").to_vec(), Code::InvalidArgument),
            ("over the limit", join(0, &[0; 51]).to_vec(), Code::ResourceExhausted),
        ];
        for (name, bytes, code) in cases {
            assert_eq!(read_all(&bytes, 4, 50).await, [Err(code)], "{name}");
        }
    }
}

//! The frames of a WebSocket as they pass (RFC 6455, section 5): where each begins and ends,
//! and the end of each text. Nothing is held and nothing is changed.

/// How much of the beginning of a text is kept, in bytes.
const HEAD_BYTES_MAX: usize = 256;
/// How much of its end is kept, in bytes.
const TAIL_BYTES_MAX: usize = 32 * 1024;

/// The longest head of a frame: two bytes, eight of length, four of mask.
const FRAME_HEAD_BYTES_MAX: usize = 14;
/// The longest frame of the protocol's own.
const CONTROL_BYTES_MAX: u64 = 125;

const CONTINUATION: u8 = 0;
const TEXT: u8 = 1;
const BINARY: u8 = 2;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const PONG: u8 = 10;

/// Who sends the frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sender {
    /// Its frames are masked.
    Client,
    /// Its frames are not.
    Server,
}

/// Why frames cannot go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// They are no frames, or those of an extension that was not agreed on.
    Protocol,
    /// A message is over its limit.
    TooLong,
}

/// Where frames cannot go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Broken {
    /// Why.
    pub(super) fault: Fault,
    /// How many of the bytes that were seen at last end with a whole frame; `None` where the
    /// frame that is none began before them.
    pub(super) whole: Option<usize>,
}

/// Follows the frames of one side.
#[derive(Debug)]
pub(super) struct Frames {
    sender: Sender,
    message_bytes_max: u64,
    head: Vec<u8>,
    /// Bytes of the frame that are still to come.
    left: u64,
    /// The frame under way.
    opcode: u8,
    is_final: bool,
    /// The message under way: its opcode, and its bytes so far.
    message: Option<(u8, u64)>,
    text: Text,
    is_closing: bool,
}

/// The beginning and the end of a text.
#[derive(Debug, Default)]
pub(super) struct Text {
    head: Vec<u8>,
    tail: Vec<u8>,
}

impl Text {
    fn push(&mut self, bytes: &[u8]) {
        let room = HEAD_BYTES_MAX.saturating_sub(self.head.len());
        self.head
            .extend_from_slice(bytes.get(..room.min(bytes.len())).unwrap_or_default());
        let from = bytes.len().saturating_sub(TAIL_BYTES_MAX);
        self.tail
            .extend_from_slice(bytes.get(from..).unwrap_or_default());
        if self.tail.len() > 2 * TAIL_BYTES_MAX {
            self.tail.drain(..self.tail.len() - TAIL_BYTES_MAX);
        }
    }

    /// Whether one of these strings is in what is kept, quotes and all.
    pub(super) fn says(&self, words: &[&str]) -> bool {
        let within = |bytes: &[u8]| {
            let holds = |word: &&str| {
                bytes
                    .windows(word.len())
                    .any(|part| part == word.as_bytes())
            };
            words.iter().any(holds)
        };
        within(&self.head) || within(&self.tail)
    }

    /// The end of the text.
    pub(super) fn tail(&self) -> &[u8] {
        &self.tail
    }
}

impl Frames {
    pub(super) const fn new(sender: Sender, message_bytes_max: u64) -> Self {
        Self {
            sender,
            message_bytes_max,
            head: Vec::new(),
            left: 0,
            opcode: CONTINUATION,
            is_final: true,
            message: None,
            text: Text {
                head: Vec::new(),
                tail: Vec::new(),
            },
            is_closing: false,
        }
    }

    /// Whose frames they are.
    pub(super) const fn sender(&self) -> Sender {
        self.sender
    }

    /// Whether a frame may begin here.
    pub(super) fn is_between(&self) -> bool {
        self.left == 0 && self.head.is_empty()
    }

    /// Whether this side has said that it closes.
    pub(super) const fn is_closing(&self) -> bool {
        self.is_closing
    }

    /// Sees the next bytes. Each text that a server has ended is shown to `ended`.
    pub(super) fn see(&mut self, seen: &[u8], mut ended: impl FnMut(&Text)) -> Result<(), Broken> {
        let mut bytes = seen;
        let mut whole = self.is_between().then_some(0);
        while !bytes.is_empty() {
            if self.left == 0 {
                let (first, rest) = bytes.split_at(1);
                self.head.extend_from_slice(first);
                bytes = rest;
                if self.head.len() < self.head_bytes() {
                    continue;
                }
                self.begin().map_err(|fault| Broken { fault, whole })?;
            } else {
                let here = usize::try_from(self.left)
                    .unwrap_or(usize::MAX)
                    .min(bytes.len());
                let (payload, rest) = bytes.split_at(here);
                bytes = rest;
                self.left -= here as u64;
                let is_text = matches!(self.message, Some((TEXT, _))) && self.opcode < CLOSE;
                if is_text && self.sender == Sender::Server {
                    self.text.push(payload);
                }
            }
            if self.left == 0 {
                self.end(&mut ended);
                whole = Some(seen.len() - bytes.len());
            }
        }
        Ok(())
    }

    /// How long the head under way is, as far as it can be known.
    fn head_bytes(&self) -> usize {
        let Some(second) = self.head.get(1) else {
            return 2;
        };
        let length = match second & 0x7f {
            126 => 2,
            127 => 8,
            _ => 0,
        };
        let mask = if second & 0x80 == 0 { 0 } else { 4 };
        (2 + length + mask).min(FRAME_HEAD_BYTES_MAX)
    }

    /// Reads the head of a frame.
    fn begin(&mut self) -> Result<(), Fault> {
        let head = std::mem::take(&mut self.head);
        let (Some(first), Some(second)) = (head.first(), head.get(1)) else {
            return Err(Fault::Protocol);
        };
        let is_masked = second & 0x80 != 0;
        if first & 0x70 != 0 || is_masked != (self.sender == Sender::Client) {
            return Err(Fault::Protocol);
        }
        let length = |from: usize, to: usize| {
            let bytes = head.get(from..to).unwrap_or_default().iter();
            bytes.fold(0_u64, |length, byte| length << 8 | u64::from(*byte))
        };
        self.left = match second & 0x7f {
            126 => length(2, 4),
            127 => length(2, 10),
            short => u64::from(short),
        };
        self.opcode = first & 0x0f;
        self.is_final = first & 0x80 != 0;
        match self.opcode {
            TEXT | BINARY if self.message.is_none() => self.message = Some((self.opcode, 0)),
            CONTINUATION if self.message.is_some() => {}
            CLOSE | PING | PONG if self.is_final && self.left <= CONTROL_BYTES_MAX => return Ok(()),
            _ => return Err(Fault::Protocol),
        }
        if let Some((_, bytes)) = &mut self.message {
            *bytes = bytes.saturating_add(self.left);
            if *bytes > self.message_bytes_max {
                return Err(Fault::TooLong);
            }
        }
        Ok(())
    }

    /// A frame has ended.
    fn end(&mut self, ended: &mut impl FnMut(&Text)) {
        if self.opcode >= CLOSE {
            self.is_closing |= self.opcode == CLOSE;
            return;
        }
        if self.is_final {
            if matches!(self.message, Some((TEXT, _))) && self.sender == Sender::Server {
                ended(&self.text);
            }
            self.message = None;
            self.text.head.clear();
            self.text.tail.clear();
        }
    }
}

/// A frame that closes, as this side sends it. `mask` is for frames of a client.
pub(super) fn close(code: u16, reason: &str, mask: Option<[u8; 4]>) -> Vec<u8> {
    let reason = reason
        .get(..reason.floor_char_boundary(123))
        .unwrap_or_default();
    let mut payload = code.to_be_bytes().to_vec();
    payload.extend_from_slice(reason.as_bytes());
    let length = u8::try_from(payload.len()).unwrap_or(125);
    let mut frame = vec![0x80 | CLOSE, length];
    if let Some(mask) = mask {
        frame[1] |= 0x80;
        frame.extend_from_slice(&mask);
        for (byte, mask) in payload.iter_mut().zip(mask.iter().cycle()) {
            *byte ^= mask;
        }
    }
    frame.extend_from_slice(&payload);
    frame
}

#[cfg(test)]
mod tests {
    use super::{Fault, Frames, Sender, close};

    /// A frame of a server.
    fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
        let mut frame = vec![first];
        let length = payload.len();
        let short = u8::try_from(length).ok().filter(|short| *short < 126);
        if let Some(length) = short {
            frame.push(length);
        } else if let Ok(length) = u16::try_from(length) {
            frame.push(126);
            frame.extend_from_slice(&length.to_be_bytes());
        } else {
            frame.push(127);
            frame.extend_from_slice(&(length as u64).to_be_bytes());
        }
        frame.extend_from_slice(payload);
        frame
    }

    #[test]
    fn texts_end_where_they_do_however_the_bytes_are_cut() {
        let long = vec![b'x'; 70_000];
        let bytes = [
            frame(0x01, b"{\"type\":\"response.done\","),
            frame(0x89, b"ping"),
            frame(0x00, &[b'a'; 300]),
            frame(0x80, b"}"),
            frame(0x82, b"binary"),
            frame(0x81, &long),
        ]
        .concat();
        for piece in [1, 2, 3, 7, 1000, bytes.len()] {
            let mut frames = Frames::new(Sender::Server, 100_000);
            let mut texts = Vec::new();
            for piece in bytes.chunks(piece) {
                let ended = |text: &super::Text| {
                    texts.push((text.says(&["\"response.done\""]), text.tail().len()));
                };
                frames.see(piece, ended).unwrap();
            }
            assert!(frames.is_between() && !frames.is_closing());
            assert_eq!(texts.len(), 2, "{piece}");
            assert_eq!(texts[0], (true, 24 + 300 + 1));
            assert!(!texts[1].0 && texts[1].1 <= 2 * super::TAIL_BYTES_MAX);
        }
    }

    #[test]
    fn what_is_no_frame_or_too_much_is_a_fault() {
        let see = |sender, bytes: &[u8]| {
            let seen = Frames::new(sender, 10).see(bytes, |_| {});
            seen.map_err(|broken| broken.fault)
        };
        let masked = [0x81, 0x81, 1, 2, 3, 4, 0];
        assert_eq!(see(Sender::Client, &masked), Ok(()));
        assert_eq!(see(Sender::Server, &masked), Err(Fault::Protocol));
        for bytes in [
            &frame(0xc1, b"compressed")[..],
            &frame(0x80, b"goes on"),
            &frame(0x83, b""),
            &frame(0x09, b"in parts"),
            &frame(0x88, &[0; 126]),
            &[frame(0x01, b"a"), frame(0x81, b"b")].concat(),
        ] {
            assert_eq!(
                see(Sender::Server, bytes),
                Err(Fault::Protocol),
                "{bytes:?}"
            );
        }
        assert_eq!(
            see(Sender::Server, &frame(0x81, &[0; 11])),
            Err(Fault::TooLong)
        );
        let parts = [frame(0x01, &[0; 6]), frame(0x80, &[0; 6])].concat();
        assert_eq!(see(Sender::Server, &parts), Err(Fault::TooLong));
    }

    #[test]
    fn what_came_before_a_fault_ends_with_a_whole_frame_however_the_bytes_are_cut() {
        let good = [frame(0x81, b"one"), frame(0x81, &[b'x'; 300])].concat();
        let bytes = [&good[..], &frame(0xc1, &[b'y'; 200])].concat();
        for cut in 0..good.len() + 4 {
            let mut frames = Frames::new(Sender::Server, 1000);
            let mut texts = 0;
            let (first, rest) = bytes.split_at(cut);
            frames.see(first, |_| texts += 1).unwrap();
            let broken = frames.see(rest, |_| texts += 1).unwrap_err();
            let whole = good.len().checked_sub(cut);
            assert_eq!(broken.whole, whole, "{cut}");
            assert_eq!((broken.fault, texts), (Fault::Protocol, 2), "{cut}");
        }
    }

    #[test]
    fn a_close_is_a_frame_of_its_side() {
        for (mask, sender) in [(None, Sender::Server), (Some([1, 2, 3, 4]), Sender::Client)] {
            let mut frames = Frames::new(sender, 10);
            frames
                .see(&close(1001, &"é".repeat(100), mask), |_| {})
                .unwrap();
            assert!(frames.is_closing() && frames.is_between());
        }
        assert_eq!(close(1001, "", None), [0x88, 2, 3, 0xe9]);
        assert_eq!(
            close(1001, "", Some([1, 2, 3, 4])),
            [0x88, 0x82, 1, 2, 3, 4, 2, 0xeb]
        );
    }
}

//! One tool call of a stream.

use crate::halves::Seam;

/// Tells where a JSON object or array ends that comes in pieces.
///
/// The format has no end of a call; but arguments whose last bracket has closed can
/// get no more, so the call is known to be over when the next one begins.
#[derive(Default)]
struct Brackets {
    depth: u32,
    in_string: bool,
    escaped: bool,
    closed: bool,
}

impl Brackets {
    fn push(&mut self, text: &str) {
        for byte in text.bytes() {
            if self.in_string {
                match byte {
                    _ if self.escaped => self.escaped = false,
                    b'\\' => self.escaped = true,
                    b'"' => self.in_string = false,
                    _ => {}
                }
                continue;
            }
            match byte {
                b'"' => self.in_string = true,
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' => {
                    self.depth = self.depth.saturating_sub(1);
                    self.closed |= self.depth == 0;
                }
                _ => {}
            }
        }
    }
}

/// A call under way.
pub(super) struct Tool {
    /// Where it stands, as the server counts.
    pub(super) index: u32,
    /// Its id, as the server gave it.
    pub(super) id: Option<String>,
    /// Its block, once it has a name and so has begun.
    pub(super) block: Option<u32>,
    /// Arguments that came before the name.
    pub(super) early: String,
    /// Half a character of the arguments.
    pub(super) seam: Seam,
    /// Whether its block has ended.
    pub(super) ended: bool,
    brackets: Brackets,
}

impl Tool {
    pub(super) fn new(index: u32, id: Option<String>) -> Self {
        Self {
            index,
            id,
            block: None,
            early: String::new(),
            seam: Seam::default(),
            ended: false,
            brackets: Brackets::default(),
        }
    }

    /// Takes note of a piece of its arguments.
    pub(super) fn follow(&mut self, arguments: &str) {
        self.brackets.push(arguments);
    }

    /// True when its arguments can get no more.
    pub(super) const fn is_complete(&self) -> bool {
        self.brackets.closed
    }
}

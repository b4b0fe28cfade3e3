//! What is the same line in each folder of a format, written once.

/// The methods of a folder of conversations that are one call into one of its files. In its
/// `impl Format` with the name and label, in its `impl ChatFormat` with nothing else.
///
/// The files are `view` (`request`, `answer`, `event`), `request` and `response` (`decode`,
/// `encode`, and `response::filtered`), `stream` (`Decoder`, `Encoder`, `filtered_end`),
/// `finish` (`read`) and `error` (`encode`, `encode_event`).
macro_rules! chat_folder {
    (Format: $id:ident, $label:literal) => {
        fn id(&self) -> $crate::FormatId {
            $crate::FormatId::$id
        }

        fn label(&self) -> &'static str {
            $label
        }

        fn codec(&self) -> $crate::Codec {
            $crate::Codec::Chat(&Self)
        }

        fn view_request(
            &self,
            body: &[u8],
            texts: bool,
        ) -> Result<$crate::view::RequestView, $crate::DecodeError> {
            view::request(body, texts)
        }

        fn view_answer(
            &self,
            body: &[u8],
            texts: bool,
        ) -> Result<$crate::view::AnswerView, $crate::DecodeError> {
            view::answer(body, texts)
        }

        fn view_event(
            &self,
            event: &tollgate_wire::sse::Event,
            view: &mut $crate::view::EventView,
        ) -> Result<(), $crate::DecodeError> {
            view::event(event, view)
        }

        fn filtered_answer(
            &self,
            options: &$crate::AnswerOptions,
            usage: tollgate_types::Usage,
        ) -> bytes::Bytes {
            response::filtered(options, usage)
        }

        fn filtered_end(
            &self,
            delivered: &$crate::Delivered,
            usage: Option<tollgate_types::Usage>,
            options: &$crate::AnswerOptions,
        ) -> bytes::Bytes {
            stream::filtered_end(delivered, usage, options)
        }

        fn read_finish(&self, word: &str) -> $crate::exchange::Finish {
            finish::read(word)
        }

        fn encode_failure(&self, failure: &$crate::FailureAnswer) -> bytes::Bytes {
            error::encode(failure)
        }

        fn encode_failure_event(&self, failure: &$crate::FailureAnswer) -> bytes::Bytes {
            error::encode_event(failure)
        }
    };
    (ChatFormat) => {
        fn decode_request(
            &self,
            body: &[u8],
        ) -> Result<$crate::exchange::ChatRequest, $crate::DecodeError> {
            request::decode(body)
        }

        fn encode_request(
            &self,
            request: &$crate::exchange::ChatRequest,
            dialect: $crate::Dialect,
            losses: &mut $crate::Losses,
        ) -> bytes::Bytes {
            request::encode(request, dialect, losses)
        }

        fn decode_answer(
            &self,
            body: &[u8],
        ) -> Result<$crate::exchange::ChatAnswer, $crate::DecodeError> {
            response::decode(body)
        }

        fn encode_answer(
            &self,
            answer: &$crate::exchange::ChatAnswer,
            options: &$crate::AnswerOptions,
            losses: &mut $crate::Losses,
        ) -> bytes::Bytes {
            response::encode(answer, options, losses)
        }

        fn stream_decoder(&self) -> Box<dyn $crate::StreamDecoder> {
            Box::new(stream::Decoder::default())
        }

        fn stream_encoder(&self, options: $crate::AnswerOptions) -> Box<dyn $crate::StreamEncoder> {
            Box::new(stream::Encoder::new(options))
        }
    };
}

/// What a format says of streams that has none, in its `impl Format`.
macro_rules! unstreamed {
    () => {
        fn view_event(
            &self,
            _event: &tollgate_wire::sse::Event,
            view: &mut $crate::view::EventView,
        ) -> Result<(), $crate::DecodeError> {
            view.clear();
            Err($crate::read::shape("event", "this format has no streams"))
        }

        fn read_finish(&self, word: &str) -> $crate::exchange::Finish {
            $crate::exchange::Finish::Other(word.to_owned())
        }

        fn filtered_end(
            &self,
            _delivered: &$crate::Delivered,
            _usage: Option<tollgate_types::Usage>,
            _options: &$crate::AnswerOptions,
        ) -> bytes::Bytes {
            bytes::Bytes::new()
        }

        fn encode_failure_event(&self, failure: &$crate::FailureAnswer) -> bytes::Bytes {
            self.encode_failure(failure)
        }
    };
}

pub(crate) use {chat_folder, unstreamed};

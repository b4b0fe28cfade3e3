//! The words that the format has for kinds of media.

/// Rows of a word and the media type that it stands for. Of several rows with one word, or
/// with one media type, the first counts where it is written.
pub(super) type Words = &'static [(&'static str, &'static str)];

/// Images.
pub(super) const IMAGES: Words = &[
    ("png", "image/png"),
    ("jpeg", "image/jpeg"),
    ("jpeg", "image/jpg"),
    ("gif", "image/gif"),
    ("webp", "image/webp"),
];

/// Documents.
pub(super) const DOCUMENTS: Words = &[
    ("pdf", "application/pdf"),
    ("csv", "text/csv"),
    ("doc", "application/msword"),
    (
        "docx",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    ("xls", "application/vnd.ms-excel"),
    (
        "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
    ("html", "text/html"),
    ("txt", "text/plain"),
    ("md", "text/markdown"),
];

/// Sound.
pub(super) const SOUNDS: Words = &[
    ("mp3", "audio/mpeg"),
    ("mp3", "audio/mp3"),
    ("mpeg", "audio/mpeg"),
    ("mpga", "audio/mpeg"),
    ("wav", "audio/wav"),
    ("wav", "audio/x-wav"),
    ("wav", "audio/wave"),
    ("opus", "audio/opus"),
    ("aac", "audio/aac"),
    ("x-aac", "audio/x-aac"),
    ("flac", "audio/flac"),
    ("flac", "audio/x-flac"),
    ("mp4", "audio/mp4"),
    ("m4a", "audio/x-m4a"),
    ("m4a", "audio/m4a"),
    ("ogg", "audio/ogg"),
    ("mkv", "audio/x-matroska"),
    ("mka", "audio/x-matroska"),
    ("pcm", "audio/pcm"),
    ("pcm", "audio/L16"),
    ("webm", "audio/webm"),
];

/// Videos.
pub(super) const VIDEOS: Words = &[
    ("mp4", "video/mp4"),
    ("mov", "video/quicktime"),
    ("mov", "video/mov"),
    ("mkv", "video/x-matroska"),
    ("webm", "video/webm"),
    ("flv", "video/x-flv"),
    ("mpeg", "video/mpeg"),
    ("mpg", "video/mpg"),
    ("wmv", "video/x-ms-wmv"),
    ("wmv", "video/wmv"),
    ("three_gp", "video/3gpp"),
];

/// The media type of a word.
pub(super) fn media_type(words: Words, word: &str) -> Option<&'static str> {
    let mut rows = words.iter();
    rows.find(|row| row.0 == word).map(|row| row.1)
}

/// The word for a media type, whatever its parameters.
pub(super) fn word(words: Words, media_type: &str) -> Option<&'static str> {
    let plain = media_type.split(';').next().unwrap_or_default().trim();
    let mut rows = words.iter();
    rows.find(|row| row.1.eq_ignore_ascii_case(plain))
        .map(|row| row.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_written_for_what_it_was_read_as() {
        for words in [IMAGES, DOCUMENTS, SOUNDS, VIDEOS] {
            for (name, _) in words {
                let read = media_type(words, name).unwrap();
                let again = media_type(words, word(words, read).unwrap());
                assert_eq!(again, Some(read), "{name}");
            }
        }
        assert_eq!(word(IMAGES, "image/PNG; q=1"), Some("png"));
        assert_eq!(word(IMAGES, "image/tiff"), None);
        assert_eq!(media_type(VIDEOS, "avi"), None);
    }
}

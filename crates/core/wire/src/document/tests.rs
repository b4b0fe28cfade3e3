//! Behaviour of documents and their edits.

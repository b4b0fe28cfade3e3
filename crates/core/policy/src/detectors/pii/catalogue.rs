//! Every kind of personal data there is: adding one is a row here.
//!
//! The rows of a region are in a file of their own. Scores: a form that stands for
//! nothing else has 80 or more; one that is reported by itself 50 or more; one that
//! needs a word before it 20 (see `numbers` for what a word adds).

mod africa;
mod americas;
mod asia;
mod europe;
mod germany;
mod uk;
mod us;
mod world;

use super::kind::Kind;

/// All kinds, by falling priority.
pub(super) fn kinds() -> impl Iterator<Item = &'static Kind> {
    [
        us::KINDS,
        world::KINDS,
        uk::KINDS,
        germany::KINDS,
        europe::KINDS,
        asia::KINDS,
        americas::KINDS,
        africa::KINDS,
    ]
    .into_iter()
    .flatten()
}

/// Words that speak of other numbers than those that are looked for.
pub(super) const OTHER_WORDS: &[&str] = &[
    "order",
    "orders",
    "invoice",
    "tracking",
    "isbn",
    "issn",
    "doi",
    "version",
    "release",
    "build",
    "serial",
    "sku",
    "part no",
    "part number",
    "model",
    "ref",
    "reference",
    "ticket",
    "case",
    "item",
    "product",
    "page",
    "chapter",
    "section",
    "rfc",
    "port",
    "batch",
    "job",
    "pid",
    "commit",
    "hash",
    "uuid",
    "guid",
    "timestamp",
    "epoch",
    "price",
    "total",
    "amount",
    "bestellung",
    "rechnung",
    "commande",
    "facture",
    "pedido",
    "factura",
    "ordine",
    "fattura",
    "transaction",
];

//! Africa and the Middle East.

use crate::detectors::pii::checks::africa;
use crate::detectors::pii::form::Form;
use crate::detectors::pii::kind::Finder::Forms;
use crate::detectors::pii::kind::Group::{GovernmentId, MiddleEastAfrica, Vehicle};
use crate::detectors::pii::kind::Kind;

const fn form(picture: &'static str, score: u8) -> Form {
    Form { picture, score }
}

pub(super) const KINDS: &[Kind] = &[
    Kind {
        name: "za_id_number",
        about: "South African identity number (date, Luhn)",
        aliases: &["za_id"],
        groups: &[MiddleEastAfrica, GovernmentId],
        words: &["id number", "identity", "south african"],
        finder: Forms(
            &[form("9{13}", 70), form("9{6} 9999 999", 85)],
            africa::za_id_number,
        ),
        usual: true,
    },
    Kind {
        name: "ng_nin",
        about: "Nigerian identity number (Verhoeff)",
        aliases: &["nin"],
        groups: &[MiddleEastAfrica, GovernmentId],
        words: &["nin", "national identification", "identity number"],
        finder: Forms(&[form("9{11}", 40)], africa::ng_nin),
        usual: true,
    },
    Kind {
        name: "uae_emirates_id",
        about: "Emirates identity number (784 first, Luhn)",
        aliases: &["ae_emirates_id", "emirates_id"],
        groups: &[MiddleEastAfrica, GovernmentId],
        words: &["emirates id", "eid", "identity"],
        finder: Forms(
            &[form("784-9999-9{7}-9", 95), form("7849{12}", 80)],
            africa::uae_emirates_id,
        ),
        usual: true,
    },
    Kind {
        name: "il_id",
        about: "Israeli identity number (Luhn)",
        aliases: &["teudat_zehut"],
        groups: &[MiddleEastAfrica, GovernmentId],
        words: &[
            "teudat zehut",
            "\u{5ea}\u{5e2}\u{5d5}\u{5d3}\u{5ea} \u{5d6}\u{5d4}\u{5d5}\u{5ea}",
            "\u{5ea}.\u{5d6}",
            "israeli id",
            "id number",
        ],
        finder: Forms(&[form("9{9}", 40), form("9{8}_9", 45)], africa::il_id),
        usual: true,
    },
    Kind {
        name: "tr_national_id",
        about: "Turkish identity number (two check digits)",
        aliases: &["tckn", "tc_kimlik"],
        groups: &[MiddleEastAfrica, GovernmentId],
        words: &["kimlik", "tckn", "tc", "national id"],
        finder: Forms(&[form("9{11}", 60)], africa::tr_national_id),
        usual: true,
    },
    Kind {
        name: "tr_license_plate",
        about: "Turkish registration plate, with a word before it",
        aliases: &[],
        groups: &[MiddleEastAfrica, Vehicle],
        words: &["plaka", "plate", "license plate"],
        finder: Forms(
            &[form("99 A{1,3} 9{2,4}", 35), form("99A{1,3}9{2,4}", 20)],
            africa::tr_plate,
        ),
        usual: false,
    },
];

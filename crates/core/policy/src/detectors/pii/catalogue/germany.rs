//! Numbers of Germany.

use crate::detectors::pii::checks::{any, europe};
use crate::detectors::pii::form::Form;
use crate::detectors::pii::kind::Finder::Forms;
use crate::detectors::pii::kind::Group::{
    Business, Contact, Eu, GovernmentId, Health, Tax, Vehicle,
};
use crate::detectors::pii::kind::Kind;

const fn form(picture: &'static str, score: u8) -> Form {
    Form { picture, score }
}

pub(super) const KINDS: &[Kind] = &[
    Kind {
        name: "de_tax_id",
        about: "German tax number of a person (repeated digit, ISO 7064)",
        aliases: &["steuer_id", "steuer_idnr"],
        groups: &[Eu, GovernmentId, Tax],
        words: &[
            "steuer",
            "steuerid",
            "steuernummer",
            "idnr",
            "tin",
            "tax id",
            "identifikationsnummer",
        ],
        finder: Forms(
            &[form("9{11}", 60), form("99 999 999 999", 85)],
            europe::de_tax_id,
        ),
        usual: true,
    },
    Kind {
        name: "de_id_card",
        about: "German identity card (ICAO 9303)",
        aliases: &["personalausweis"],
        groups: &[Eu, GovernmentId],
        words: &[
            "personalausweis",
            "ausweis",
            "identity card",
            "id card",
            "ausweisnummer",
        ],
        finder: Forms(&[form("AX{8}9", 60)], europe::de_document),
        usual: true,
    },
    Kind {
        name: "de_passport",
        about: "German passport (ICAO 9303)",
        aliases: &["reisepass"],
        groups: &[Eu, GovernmentId],
        words: &["reisepass", "passport", "passnummer", "pass"],
        finder: Forms(&[form("AX{8}9", 55)], europe::de_document),
        usual: true,
    },
    Kind {
        name: "de_health_insurance",
        about: "German health insurance number (check digit)",
        aliases: &["kvnr", "krankenversichertennummer"],
        groups: &[Eu, Health, GovernmentId],
        words: &[
            "krankenversicherung",
            "versichertennummer",
            "kvnr",
            "krankenkasse",
            "gesundheitskarte",
            "health insurance",
        ],
        finder: Forms(&[form("A9{9}", 60)], europe::de_health_insurance),
        usual: true,
    },
    Kind {
        name: "de_social_security",
        about: "German pension insurance number (date, check digit)",
        aliases: &["rvnr", "sozialversicherungsnummer"],
        groups: &[Eu, GovernmentId],
        words: &[
            "sozialversicherung",
            "rentenversicherung",
            "rvnr",
            "svnr",
            "sv nummer",
            "social security",
        ],
        finder: Forms(
            &[
                form("9{8}A999", 90),
                form("99-9{6}-A-999", 95),
                form("99 9{6} A 99 9", 95),
            ],
            europe::de_social_security,
        ),
        usual: true,
    },
    Kind {
        name: "de_lanr",
        about: "German number of a physician (check digit)",
        aliases: &["lanr"],
        groups: &[Eu, Health],
        words: &["lanr", "arztnummer", "arzt"],
        finder: Forms(&[form("9{9}", 40)], europe::de_lanr),
        usual: true,
    },
    Kind {
        name: "de_bsnr",
        about: "German number of a practice, with a word before it",
        aliases: &["bsnr"],
        groups: &[Eu, Health],
        words: &["bsnr", "betriebsst\u{e4}ttennummer", "betriebsst\u{e4}tte"],
        finder: Forms(&[form("9{9}", 20)], any),
        usual: true,
    },
    Kind {
        name: "de_vat_id",
        about: "German VAT number (ISO 7064)",
        aliases: &["ust_idnr"],
        groups: &[Eu, Business, Tax],
        words: &["ust", "ustid", "umsatzsteuer", "vat", "mwst"],
        finder: Forms(
            &[
                form("DE9{9}", 85),
                form("DE 9{9}", 85),
                form("DE 999 999 999", 85),
            ],
            europe::de_vat_id,
        ),
        usual: false,
    },
    Kind {
        name: "de_handelsregister",
        about: "German commercial register, department A or B",
        aliases: &[],
        groups: &[Eu, Business],
        words: &["handelsregister", "registergericht", "amtsgericht"],
        finder: Forms(
            &[form("AAA 9{2,6}", 60), form("AAA9{2,6}", 40)],
            europe::de_handelsregister,
        ),
        usual: false,
    },
    Kind {
        name: "de_kfz",
        about: "German registration plate, with a word before it",
        aliases: &["de_license_plate"],
        groups: &[Eu, Vehicle],
        words: &[
            "kennzeichen",
            "kfz",
            "plate",
            "license plate",
            "nummernschild",
            "fahrzeug",
        ],
        finder: Forms(
            &[
                form("A{1,3}-A{1,2}-9{1,4}", 20),
                form("A{1,3}_A{1,2} 9{1,4}", 30),
            ],
            any,
        ),
        usual: false,
    },
    Kind {
        name: "de_plz",
        about: "German postal code, with a word before it",
        aliases: &[],
        groups: &[Eu, Contact],
        words: &["plz", "postleitzahl", "postal code", "postcode"],
        finder: Forms(&[form("99999", 20)], any),
        usual: false,
    },
    Kind {
        name: "de_fuehrerschein",
        about: "German driving licence, with a word before it",
        aliases: &["de_driver_license"],
        groups: &[Eu, GovernmentId],
        words: &[
            "f\u{fc}hrerschein",
            "fuehrerschein",
            "driving licence",
            "driver",
            "fahrerlaubnis",
        ],
        finder: Forms(&[form("XX99XX{5}9X", 20), form("XX99XX{4}9X", 20)], any),
        usual: true,
    },
];

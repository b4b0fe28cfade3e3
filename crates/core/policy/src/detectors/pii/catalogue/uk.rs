//! The United Kingdom.

use crate::detectors::pii::checks::{any, europe};
use crate::detectors::pii::form::Form;
use crate::detectors::pii::kind::Finder::Forms;
use crate::detectors::pii::kind::Group::{
    Contact, Financial, GovernmentId, Health, Tax, Uk, Vehicle,
};
use crate::detectors::pii::kind::Kind;

const fn form(picture: &'static str, score: u8) -> Form {
    Form { picture, score }
}

pub(super) const KINDS: &[Kind] = &[
    Kind {
        name: "uk_nhs",
        about: "Health service number (mod 11)",
        aliases: &[
            "nhs",
            "nhs_number",
            "uk_nhs_number",
            "uk_national_health_service_number",
        ],
        groups: &[Uk, Health, GovernmentId],
        words: &["nhs", "national health", "health service", "patient"],
        finder: Forms(
            &[form("999-999-9999", 50), form("9{10}", 40)],
            europe::uk_nhs,
        ),
        usual: true,
    },
    Kind {
        name: "uk_nino",
        about: "National insurance number",
        aliases: &[
            "nino",
            "national_insurance_number",
            "uk_national_insurance_number",
        ],
        groups: &[Uk, GovernmentId, Tax],
        words: &[
            "national insurance",
            "nino",
            "ni number",
            "ni no",
            "insurance number",
        ],
        finder: Forms(
            &[
                form("AA9{6}A", 70),
                form("AA-99-99-99-A", 85),
                form("AA-9{6}-A", 70),
                form("AA 99 99 99A", 70),
            ],
            europe::uk_nino,
        ),
        usual: true,
    },
    Kind {
        name: "uk_driving_licence",
        about: "Driving licence",
        aliases: &["uk_driver_license", "uk_driving_license"],
        groups: &[Uk, GovernmentId],
        words: &[
            "driving licence",
            "driving license",
            "driver",
            "licence",
            "dvla",
        ],
        finder: Forms(
            &[form("AX{4}9{6}XX9AA", 75), form("AX{4}-9{6}-XX9AA", 75)],
            europe::uk_driving_licence,
        ),
        usual: true,
    },
    Kind {
        name: "uk_passport",
        about: "Passport number, with a word before it",
        aliases: &[],
        groups: &[Uk, GovernmentId],
        words: &["passport", "travel document"],
        finder: Forms(&[form("9{9}", 20), form("AA9{7}", 20)], any),
        usual: true,
    },
    Kind {
        name: "uk_postcode",
        about: "Postcode (areas and letters in use)",
        aliases: &["postcode"],
        groups: &[Uk, Contact],
        words: &["postcode", "post code", "address"],
        finder: Forms(
            &[
                form("A9 9AA", 50),
                form("A99 9AA", 55),
                form("AA9 9AA", 55),
                form("AA99 9AA", 55),
                form("A9A 9AA", 60),
                form("AA9A 9AA", 60),
            ],
            europe::uk_postcode,
        ),
        usual: false,
    },
    Kind {
        name: "uk_vehicle_registration",
        about: "Registration plate of 2001 or later",
        aliases: &["uk_license_plate", "uk_number_plate"],
        groups: &[Uk, Vehicle],
        words: &[
            "registration",
            "plate",
            "reg",
            "vehicle",
            "car",
            "number plate",
        ],
        finder: Forms(
            &[form("AA99 AAA", 50), form("AA99AAA", 30)],
            europe::uk_plate,
        ),
        usual: false,
    },
    Kind {
        name: "uk_utr",
        about: "Unique taxpayer reference (mod 11)",
        aliases: &["utr", "uk_unique_taxpayer_reference_number"],
        groups: &[Uk, GovernmentId, Tax],
        words: &[
            "utr",
            "taxpayer",
            "tax reference",
            "self assessment",
            "unique tax",
        ],
        finder: Forms(
            &[
                form("9{10}", 40),
                form("99999 99999", 40),
                form("999 999 9999", 30),
            ],
            europe::uk_utr,
        ),
        usual: true,
    },
    Kind {
        name: "uk_sort_code",
        about: "Bank sort code, with a word before it",
        aliases: &["sort_code"],
        groups: &[Uk, Financial],
        words: &["sort code", "sort", "sortcode"],
        finder: Forms(&[form("99-99-99", 20), form("9{6}", 20)], any),
        usual: true,
    },
];

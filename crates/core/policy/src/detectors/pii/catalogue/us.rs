//! The United States.

use crate::detectors::pii::checks::{americas, any, world};
use crate::detectors::pii::form::Form;
use crate::detectors::pii::kind::Finder::{Forms, GuardForms};
use crate::detectors::pii::kind::Group::{
    Americas, Business, Financial, GovernmentId, Health, Tax, Us,
};
use crate::detectors::pii::kind::Kind;

const fn form(picture: &'static str, score: u8) -> Form {
    Form { picture, score }
}

pub(super) const KINDS: &[Kind] = &[
    Kind {
        name: "ssn",
        about: "US social security number; without separators with a word before it",
        aliases: &["us_ssn", "social_security_number"],
        groups: &[Us, Americas, GovernmentId, Financial],
        words: &[
            "ssn",
            "ss no",
            "social security",
            "social sec",
            "socialsec",
            "soc sec",
            "ss",
        ],
        finder: GuardForms(
            &[
                form("999_99_9999", 85),
                form("999.99.9999", 60),
                form("999 99 9999", 55),
                form("9{9}", 20),
            ],
            americas::us_ssn,
        ),
        usual: true,
    },
    Kind {
        name: "us_itin",
        about: "US individual taxpayer identification number",
        aliases: &["itin"],
        groups: &[Us, Americas, GovernmentId, Tax],
        words: &["itin", "taxpayer", "tax id", "individual tax"],
        finder: Forms(
            &[form("999-99-9999", 80), form("9{9}", 20)],
            americas::us_itin,
        ),
        usual: true,
    },
    Kind {
        name: "us_passport",
        about: "US passport number, with a word before it",
        aliases: &["passport", "passport_number"],
        groups: &[Us, Americas, GovernmentId],
        words: &["passport", "travel document"],
        finder: Forms(&[form("9{9}", 20), form("A9{8}", 20)], any),
        usual: true,
    },
    Kind {
        name: "us_driver_license",
        about: "Driver's licence of a US state or Canada, with a word before it",
        aliases: &[
            "driver_license",
            "drivers_license",
            "driver_id",
            "us_drivers_license",
        ],
        groups: &[Us, Americas, GovernmentId],
        words: &[
            "driver",
            "drivers",
            "driving",
            "driver s license",
            "drivers license",
            "license number",
            "licence number",
            "license no",
            "dl",
            "dl no",
            "dln",
            "permit",
            "permis",
        ],
        finder: Forms(
            &[
                form("X{6,16}", 20),
                form("A999-9999-9999", 20),
                form("A999-999-99-999-9", 20),
                form("A9999-99999-99999", 20),
                form("999-999-999", 20),
                form("99-999-9999", 20),
                form("A99-99-9999", 20),
            ],
            americas::licence,
        ),
        usual: true,
    },
    Kind {
        name: "us_bank_number",
        about: "Bank account number, with a word before it",
        aliases: &[
            "bank_account",
            "bank_account_number",
            "account_number",
            "us_bank_account_number",
        ],
        groups: &[Us, Americas, Financial],
        words: &[
            "account",
            "acct",
            "bank",
            "checking",
            "savings",
            "debit",
            "deposit",
            "kontonummer",
            "konto",
            "cuenta",
            "compte",
            "conto",
        ],
        finder: Forms(
            &[
                form("9{8,17}", 15),
                form("9999-9999-9999", 15),
                form("99-9999-9999", 15),
            ],
            americas::licence,
        ),
        usual: true,
    },
    Kind {
        name: "aba_routing_number",
        about: "US bank routing number (3-7-1 mod 10)",
        aliases: &["us_aba_routing", "routing_number", "bank_routing", "aba"],
        groups: &[Us, Americas, Financial],
        words: &["routing", "aba", "rtn", "bank", "transit"],
        finder: Forms(
            &[form("9{9}", 40), form("9999_9999_9", 60)],
            americas::us_routing,
        ),
        usual: true,
    },
    Kind {
        name: "us_npi",
        about: "US national provider identifier (Luhn behind 80840)",
        aliases: &["npi"],
        groups: &[Us, Americas, Health],
        words: &["npi", "national provider", "provider"],
        finder: Forms(&[form("9{10}", 40)], americas::us_npi),
        usual: true,
    },
    Kind {
        name: "us_mbi",
        about: "US Medicare beneficiary identifier",
        aliases: &["mbi", "medicare"],
        groups: &[Us, Americas, Health, GovernmentId],
        words: &["mbi", "medicare", "beneficiary"],
        finder: Forms(
            &[form("9AX9_AX9_AA99", 85), form("9AX9AX9AA99", 60)],
            americas::us_mbi,
        ),
        usual: true,
    },
    Kind {
        name: "us_ein",
        about: "US employer identification number, with a word before it",
        aliases: &["ein", "fein"],
        groups: &[Us, Americas, Business, Tax],
        words: &[
            "ein",
            "fein",
            "employer id",
            "employer identification",
            "federal tax",
            "tax id",
        ],
        finder: Forms(&[form("99_9{7}", 30), form("9{9}", 15)], americas::us_ein),
        usual: true,
    },
    Kind {
        name: "medical_license",
        about: "DEA registration of a US prescriber (check digit)",
        aliases: &["dea", "dea_number", "us_dea"],
        groups: &[Us, Americas, Health],
        words: &[
            "dea",
            "medical license",
            "medical licence",
            "certificate",
            "prescriber",
        ],
        finder: Forms(&[form("AA9{7}", 60)], world::medical_license),
        usual: true,
    },
];

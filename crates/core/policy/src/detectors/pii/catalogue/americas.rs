//! The Americas but for the United States.

use crate::detectors::pii::checks::americas;
use crate::detectors::pii::form::Form;
use crate::detectors::pii::kind::Finder::Forms;
use crate::detectors::pii::kind::Group::{Americas, Business, Contact, GovernmentId, Tax};
use crate::detectors::pii::kind::Kind;

const fn form(picture: &'static str, score: u8) -> Form {
    Form { picture, score }
}

pub(super) const KINDS: &[Kind] = &[
    Kind {
        name: "ca_sin",
        about: "Canadian social insurance number (Luhn)",
        aliases: &["sin", "canada_sin", "ca_social_insurance_number"],
        groups: &[Americas, GovernmentId, Tax],
        words: &[
            "sin",
            "social insurance",
            "sin number",
            "assurance sociale",
            "nas",
        ],
        finder: Forms(
            &[form("999-999-999", 60), form("9{9}", 40)],
            americas::ca_sin,
        ),
        usual: true,
    },
    Kind {
        name: "ca_postal_code",
        about: "Canadian postal code",
        aliases: &[],
        groups: &[Americas, Contact],
        words: &["postal code", "code postal", "postal"],
        finder: Forms(
            &[form("A9A 9A9", 55), form("A9A9A9", 30)],
            americas::ca_postal_code,
        ),
        usual: false,
    },
    Kind {
        name: "br_cpf",
        about: "Brazilian number of a person (two check digits)",
        aliases: &["cpf", "brazil_cpf_number"],
        groups: &[Americas, GovernmentId, Tax],
        words: &["cpf"],
        finder: Forms(
            &[
                form("999.999.999_99", 95),
                form("9{11}", 60),
                form("999999999_99", 85),
            ],
            americas::br_cpf,
        ),
        usual: true,
    },
    Kind {
        name: "br_cnpj",
        about: "Brazilian number of a company (two check digits)",
        aliases: &["cnpj"],
        groups: &[Americas, Business, Tax],
        words: &["cnpj"],
        finder: Forms(
            &[form("99.999.999/9999_99", 95), form("9{14}", 60)],
            americas::br_cnpj,
        ),
        usual: false,
    },
    Kind {
        name: "mx_curp",
        about: "Mexican population register code (date, check digit)",
        aliases: &["curp"],
        groups: &[Americas, GovernmentId],
        words: &["curp"],
        finder: Forms(&[form("A{4}9{6}A{6}X9", 95)], americas::mx_curp),
        usual: true,
    },
    Kind {
        name: "mx_rfc",
        about: "Mexican tax code (date), with a word before it",
        aliases: &["rfc"],
        groups: &[Americas, Tax],
        words: &["rfc", "registro federal"],
        finder: Forms(
            &[form("A{4}9{6}XXX", 45), form("AAA9{6}XXX", 30)],
            americas::mx_rfc,
        ),
        usual: true,
    },
    Kind {
        name: "cl_rut",
        about: "Chilean number of a person (mod 11)",
        aliases: &["rut", "run"],
        groups: &[Americas, GovernmentId, Tax],
        words: &["rut", "run"],
        finder: Forms(
            &[form("9{1,2}.999.999_X", 95), form("9{7,8}_X", 70)],
            americas::cl_rut,
        ),
        usual: true,
    },
    Kind {
        name: "ar_cuit",
        about: "Argentine tax number (mod 11)",
        aliases: &["cuit", "cuil"],
        groups: &[Americas, GovernmentId, Tax],
        words: &["cuit", "cuil"],
        finder: Forms(
            &[form("99_9{8}_9", 90), form("9{11}", 40)],
            americas::ar_cuit,
        ),
        usual: true,
    },
];

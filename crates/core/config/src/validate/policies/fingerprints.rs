//! The options of `fingerprints`.

use std::sync::Arc;

use tollgate_policy::{DetectorOptions, FingerprintList, FingerprintsOptions};

use crate::spec::FingerprintsSpec;
use crate::tree::{child, item};
use crate::validate::Check;

/// What findings of a rule's own records are called.
const FINGERPRINT: &str = "fingerprint";

impl Check<'_> {
    pub(super) fn fingerprints(&mut self, path: &str, spec: &FingerprintsSpec) -> DetectorOptions {
        if spec.salt_ref.is_none() {
            let help = "write `salt_ref:` with `env: NAME_OF_A_VARIABLE` or `file: PATH`";
            self.error(path, "fingerprints without their salt", help);
        }
        let mut lists = Vec::with_capacity(spec.lists.len() + 1);
        if let Some(file) = &spec.hashes_file {
            let name = spec.entity.as_deref().unwrap_or(FINGERPRINT);
            lists.push(self.hashes(path, "entity", name, file));
        }
        for (index, list) in spec.lists.iter().enumerate() {
            let path = item(&child(path, "lists"), index);
            lists.push(self.hashes(&path, "name", &list.name, &list.hashes_file));
        }
        if lists.is_empty() {
            self.error(
                path,
                "no records to look for",
                "write `hashes_file:` or `lists:`",
            );
        }
        DetectorOptions::Fingerprints(FingerprintsOptions {
            lists,
            ..FingerprintsOptions::default()
        })
    }

    fn hashes(&mut self, path: &str, field: &str, name: &str, file: &str) -> FingerprintList {
        if self.tree.at(&child(path, field)).is_some() {
            self.name(&child(path, field), name);
        }
        let path = child(path, "hashes_file");
        let hashes = self.attached(&path, file).map(Arc::from);
        let list = FingerprintList {
            name: name.into(),
            hashes: hashes.unwrap_or_default(),
        };
        if !list.hashes.is_empty() {
            self.option(&path, list.check());
        }
        list
    }
}

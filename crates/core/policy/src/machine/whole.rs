//! What rules say of a request as a whole, before its texts are read.

use std::sync::Arc;

use tollgate_formats::view::RequestView;
use tollgate_wire::Document;
use tollgate_wire::json::decode;

use super::{Blocked, Machine};
use crate::check::MessageFacts;

impl Machine {
    /// Runs the checks of all rules. What they find cannot be taken out, so a rule that
    /// acts blocks. `model` is the name that counts where the body has none that does.
    pub(super) fn whole_request(
        &mut self,
        document: &Document,
        view: &RequestView,
        model: Option<&str>,
    ) -> Result<(), Blocked> {
        let rules = Arc::clone(&self.session.rules);
        let rules = rules.rules().iter().enumerate();
        let mut rules = rules
            .filter(|(_, rule)| !rule.detector.checks().is_empty())
            .peekable();
        if rules.peek().is_none() {
            return Ok(());
        }
        let body = document.original().as_ref();
        let written = view.model.filter(|_| model.is_none());
        let written = written.and_then(|name| decode(name.span.of(body), name.escaped).ok());
        let facts = MessageFacts {
            body,
            model: model.or(written.as_deref()),
            texts: &view.texts,
            turns: view.turns,
            offers: &view.offers,
        };
        let mut found = Vec::new();
        for (index, rule) in rules {
            let since = self.session.meter.now();
            let mut blocked = None;
            for check in rule.detector.checks() {
                check.request(&facts, &mut found);
                for finding in found.drain(..) {
                    let Some(entity) = check.entities().get(usize::from(finding.entity)) else {
                        continue;
                    };
                    self.records.note(rule, entity);
                    if rule.acts() {
                        blocked.get_or_insert_with(|| Blocked::by(rule, entity));
                    }
                }
            }
            self.session.meter.lap(index, since);
            if let Some(blocked) = blocked {
                return Err(blocked);
            }
        }
        Ok(())
    }
}

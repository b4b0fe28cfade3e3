//! Judging one value.

use super::WafEntity;
use super::forms::{transported, unescaped, written};
use super::judge::{Hit, Scene};
use super::{html, path, shell, sql, ssrf, template};

/// In prose only what is nearly certain counts.
const IN_PROSE_MIN: u8 = 85;

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Judged {
    /// Index into the entities that were asked for.
    pub(super) entity: usize,
    pub(super) score: u8,
    /// The part of the value that says so: all of it where it had to be decoded first.
    pub(super) start: usize,
    pub(super) end: usize,
}

/// The surest sign of any of these attacks in a value.
pub(super) fn judge(value: &[u8], scene: Scene, entities: &[WafEntity]) -> Option<Judged> {
    let mut best: Option<(Hit, usize, bool)> = None;
    let mut look = |form: &[u8], as_written: bool| {
        for (index, entity) in entities.iter().enumerate() {
            let Some(hit) = sign(*entity, form, scene) else {
                continue;
            };
            if best.is_none_or(|(known, ..)| hit.score > known.score) {
                best = Some((hit, index, as_written));
            }
        }
    };
    let written = written(value);
    look(&written, true);
    let transported = transported(&written);
    if let Some(form) = &transported {
        look(form, false);
    }
    let form = transported.as_deref().unwrap_or(&written);
    if let Some(form) = unescaped(form) {
        look(&form, false);
    }
    let (hit, entity, as_written) = best?;
    if scene == Scene::Text && hit.score < IN_PROSE_MIN {
        return None;
    }
    let whole = !as_written;
    Some(Judged {
        entity,
        score: hit.score,
        start: if whole { 0 } else { hit.start },
        end: if whole { value.len() } else { hit.end },
    })
}

fn sign(entity: WafEntity, form: &[u8], scene: Scene) -> Option<Hit> {
    match entity {
        WafEntity::SqlInjection => sql::judge(form, scene),
        WafEntity::Xss => html::judge(form, scene),
        WafEntity::PathTraversal => path::judge(form, scene),
        WafEntity::CommandInjection => shell::judge(form, scene),
        WafEntity::TemplateInjection => template::judge(form, scene),
        WafEntity::Ssrf => ssrf::judge(form, scene),
    }
}

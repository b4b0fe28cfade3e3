//! Top-level domains: those of countries, and those in common use.

use crate::detectors::pii::names::{Names, count};

/// How surely a name under a top level is that of a domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TopLevel {
    Certain,
    /// Also the ending of files, or a word of programs.
    Ambiguous,
}

/// Those that mean a domain.
const CERTAIN_LIST: &str = "com net org edu gov mil int info biz eu io ai dev app co tv xyz online site tech shop store club \
pro blog cloud wiki news live agency company email digital group life media network space studio systems today top \
website work world global center solutions services software design academy games social health care bank page one \
link click fun art bar cafe city law ltd inc llc travel mobi tel jobs asia cat coop museum aero post gle goog google \
ac ad ae af ag al ao aq ar at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt bw by bz ca cd cf cg ch ci ck \
cl cm cn cr cu cv cw cx cy cz de dj dk dm dz ec ee eg er es et fi fj fk fm fo fr ga gd ge gf gg gh gi gl gm gn gp \
gq gr gs gt gu gw gy hk hm hn hr ht hu ie il im in iq ir it je jm jo jp ke kg kh ki km kn kp kr kw ky kz lb lc li lk lr \
ls lt lu lv ly ma mc mg mh mk mm mn mo mp mq mr ms mt mu mv mw mx mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf \
pg ph pk pm pn pr pt pw qa re ro ru rw sa sb sc sd se sg si sk sl sm sn sr ss su sv sx sy sz tc td tf tg th tj tk tl \
tm tn tr tt tw tz ua ug uk us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw";

/// Those that mean other things too.
const AMBIGUOUS_LIST: &str =
    "py rs md sh pl so cc ml ps st do as am is my to me id la name zip mov vip run host gdn map";

static CERTAIN: Names<{ count(CERTAIN_LIST) }> = Names::new(CERTAIN_LIST);
static AMBIGUOUS: Names<{ count(AMBIGUOUS_LIST) }> = Names::new(AMBIGUOUS_LIST);

/// What a label is as a top level, in letters of one case.
pub(super) fn top_level(label: &[u8]) -> Option<TopLevel> {
    let small = label.iter().all(u8::is_ascii_lowercase);
    let capital = label.iter().all(u8::is_ascii_uppercase);
    if !(2..=9).contains(&label.len()) || !small && !capital {
        return label
            .get(..4)
            .filter(|head| label.len() > 4 && head.eq_ignore_ascii_case(b"xn--"))
            .map(|_| TopLevel::Certain);
    }
    if CERTAIN.contain(label) {
        Some(TopLevel::Certain)
    } else if AMBIGUOUS.contain(label) {
        Some(TopLevel::Ambiguous)
    } else {
        None
    }
}

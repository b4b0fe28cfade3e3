//! Medians over the rounds.

use super::cell::{Cell, Phase};
use super::gateway::Gateway;

/// A phase during which others used more of a core than this is left out, unless all
/// were so.
pub(crate) const NOISE_SHARE_MAX: f64 = 0.3;

/// Every cell of a run.
#[derive(Debug)]
pub(crate) struct Summary {
    pub(crate) cells: Vec<Cell>,
}

/// A figure of a row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Median {
    pub(crate) value: f64,
    pub(crate) least: f64,
    pub(crate) most: f64,
    /// Every phase was noisy.
    pub(crate) is_noisy: bool,
}

impl Summary {
    pub(crate) const fn new(cells: Vec<Cell>) -> Self {
        Self { cells }
    }

    /// The cells of one row under one kind of work.
    pub(crate) fn of(&self, gateway: Gateway, work: &str) -> impl Iterator<Item = &Cell> {
        self.cells
            .iter()
            .filter(move |cell| cell.gateway == gateway && cell.work == work)
    }

    /// The median of a figure of the closed loop.
    pub(crate) fn closed(
        &self,
        gateway: Gateway,
        work: &str,
        figure: impl Fn(&Phase) -> Option<f64>,
    ) -> Option<Median> {
        let cells = self.of(gateway, work);
        median(cells.filter_map(|cell| Some((figure(&cell.closed)?, cell.closed.others))))
    }

    /// The median of a figure of the open loop.
    pub(crate) fn open(
        &self,
        gateway: Gateway,
        work: &str,
        figure: impl Fn(&Phase) -> Option<f64>,
    ) -> Option<Median> {
        let phases = self.of(gateway, work).filter_map(|cell| cell.open.as_ref());
        median(phases.filter_map(|phase| Some((figure(phase)?, phase.others))))
    }

    /// The median of a figure of the process, over all work.
    pub(crate) fn process(
        &self,
        gateway: Gateway,
        figure: impl Fn(&Cell) -> Option<f64>,
    ) -> Option<Median> {
        let cells = self.cells.iter().filter(|cell| cell.gateway == gateway);
        median(cells.filter_map(|cell| Some((figure(cell)?, cell.others_before))))
    }

    /// CPU microseconds: for each event of streams, else for each request.
    pub(crate) fn cpu(&self, gateway: Gateway, work: &str) -> Option<Median> {
        self.closed(gateway, work, |phase| {
            if phase.report.events > 0 {
                phase.cpu_per_event()
            } else {
                phase.cpu_per_request()
            }
        })
    }

    /// Answers that make rows invalid.
    pub(crate) fn bad_answers(&self) -> u64 {
        self.cells.iter().map(Cell::bad_answers).sum()
    }
}

/// The median of figures with the noise they were taken in.
fn median(figures: impl Iterator<Item = (f64, f64)>) -> Option<Median> {
    let all: Vec<(f64, f64)> = figures.collect();
    let quiet = all.iter().filter(|(_, others)| *others <= NOISE_SHARE_MAX);
    let mut values: Vec<f64> = quiet.map(|(figure, _)| *figure).collect();
    let is_noisy = values.is_empty();
    if is_noisy {
        values = all.iter().map(|(figure, _)| *figure).collect();
    }
    values.sort_unstable_by(f64::total_cmp);
    let middle = values.len() / 2;
    let upper = *values.get(middle)?;
    let value = match values.len() % 2 {
        0 => f64::midpoint(*values.get(middle.checked_sub(1)?)?, upper),
        _ => upper,
    };
    Some(Median {
        value,
        least: *values.first()?,
        most: *values.last()?,
        is_noisy,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noisy_phases_count_only_when_there_are_no_others() {
        let median = |figures: &[(f64, f64)]| median(figures.iter().copied()).unwrap();
        let some = median(&[(9.0, 0.9), (1.0, 0.0), (2.0, 0.3), (3.0, 0.1)]);
        assert!(!some.is_noisy);
        assert!((some.value - 2.0).abs() < 1e-9);
        let all = median(&[(9.0, 0.9), (7.0, 0.4)]);
        assert!(all.is_noisy);
        assert!((all.value - 8.0).abs() < 1e-9);
    }
}

//! Weights of any size as our whole numbers.

/// The largest weight that is written.
const WEIGHT_MAX: f64 = 1_000_000.0;
/// What weights with fractions add up to.
const PARTS: f64 = 1000.0;

/// Weights in the same proportions: whole numbers as small as can be, fractions in
/// thousandths of the sum. What was above zero stays so; all are 1 where none is.
pub(super) fn shares(weights: &[f64]) -> Vec<u32> {
    let weights: Vec<f64> = weights
        .iter()
        .map(|weight| {
            if weight.is_finite() {
                weight.max(0.0)
            } else {
                0.0
            }
        })
        .collect();
    let sum: f64 = weights.iter().sum();
    if sum <= 0.0 || !sum.is_finite() {
        return vec![1; weights.len()];
    }
    let is_whole = weights
        .iter()
        .all(|weight| weight.fract() == 0.0 && *weight <= WEIGHT_MAX);
    let scale = if is_whole { 1.0 } else { PARTS / sum };
    let whole: Vec<u32> = weights
        .iter()
        .map(|weight| {
            rounded(
                (weight * scale)
                    .round()
                    .max(f64::from(u8::from(*weight > 0.0))),
            )
        })
        .collect();
    let divisor = whole.iter().copied().fold(0, gcd).max(1);
    whole.into_iter().map(|weight| weight / divisor).collect()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it is clamped to 0 ..= WEIGHT_MAX before"
)]
fn rounded(weight: f64) -> u32 {
    weight.clamp(0.0, WEIGHT_MAX) as u32
}

const fn gcd(a: u32, b: u32) -> u32 {
    let (mut a, mut b) = (a, b);
    while b > 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use super::shares;

    #[test]
    fn proportions_are_kept() {
        assert_eq!(shares(&[900.0, 100.0]), [9, 1]);
        assert_eq!(shares(&[0.7, 0.3]), [7, 3]);
        assert_eq!(shares(&[0.0, 2.0]), [0, 1]);
        assert_eq!(shares(&[0.0, 0.0]), [1, 1]);
        assert_eq!(shares(&[1e9, 1.0]), [1000, 1]);
        assert_eq!(shares(&[f64::NAN, -1.0, 3.0]), [0, 0, 1]);
        assert_eq!(shares(&[1e308, 1e308]), [1, 1]);
    }
}

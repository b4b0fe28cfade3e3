//! Numbers of JSON: whole ones exactly, others as doubles.

use serde_json::{Number, Value};

use super::Steps;

/// A limit of numbers.
#[derive(Clone, Debug)]
pub(super) enum Limit {
    Least(Number),
    Most(Number),
    Above(Number),
    Below(Number),
    MultipleOf(Number),
}

impl Limit {
    pub(super) fn holds(&self, value: &Number) -> bool {
        use std::cmp::Ordering::{Greater, Less};
        match self {
            Self::Least(limit) => compare(value, limit).is_some_and(|order| order != Less),
            Self::Most(limit) => compare(value, limit).is_some_and(|order| order != Greater),
            Self::Above(limit) => compare(value, limit) == Some(Greater),
            Self::Below(limit) => compare(value, limit) == Some(Less),
            Self::MultipleOf(step) => is_multiple(value, step),
        }
    }
}

/// A number without a fraction, as such.
fn whole(number: &Number) -> Option<i128> {
    number
        .as_i64()
        .map(i128::from)
        .or_else(|| number.as_u64().map(i128::from))
}

fn double(number: &Number) -> f64 {
    number.as_f64().unwrap_or(f64::NAN)
}

pub(super) fn is_integer(number: &Number) -> bool {
    whole(number).is_some() || double(number).fract() == 0.0
}

fn compare(one: &Number, other: &Number) -> Option<std::cmp::Ordering> {
    match (whole(one), whole(other)) {
        (Some(one), Some(other)) => Some(one.cmp(&other)),
        _ => double(one).partial_cmp(&double(other)),
    }
}

fn is_multiple(value: &Number, step: &Number) -> bool {
    match (whole(value), whole(step)) {
        (Some(value), Some(step)) => step != 0 && value % step == 0,
        _ => {
            // Steps like 0.01 are no doubles: what is next to a whole number is one.
            let quotient = double(value) / double(step);
            (quotient - quotient.round()).abs() <= f64::EPSILON * quotient.abs().max(1.0)
        }
    }
}

/// Whether two values are equal as JSON: 1 and 1.0 are. `None` when that takes more steps
/// than are left.
pub(super) fn equal(one: &Value, other: &Value, steps: &mut Steps) -> Option<bool> {
    steps.take(1)?;
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => {
            Some(compare(one, other).is_some_and(std::cmp::Ordering::is_eq))
        }
        (Value::String(one), Value::String(other)) if one.len() == other.len() => {
            steps.read(one)?;
            Some(one == other)
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            for (one, other) in one.iter().zip(other) {
                if !equal(one, other, steps)? {
                    return Some(false);
                }
            }
            Some(true)
        }
        (Value::Object(one), Value::Object(other)) if one.len() == other.len() => {
            for (key, one) in one {
                steps.read(key)?;
                let Some(other) = other.get(key) else {
                    return Some(false);
                };
                if !equal(one, other, steps)? {
                    return Some(false);
                }
            }
            Some(true)
        }
        (Value::Null, Value::Null) => Some(true),
        (Value::Bool(one), Value::Bool(other)) => Some(one == other),
        _ => Some(false),
    }
}

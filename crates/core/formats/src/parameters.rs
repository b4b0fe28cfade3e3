//! Where formats have the parameters of requests.

use tollgate_catalogue::Parameter;

/// Where a format has a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParameterPlace {
    /// The parameter.
    pub parameter: Parameter,
    /// The paths that mean it, all in one object where one is another's older name; the
    /// first is written where none is there. A path is as [`Members`](crate::Members) has
    /// them.
    pub paths: &'static [&'static str],
    /// Whether prompts of a configuration write it. Not where some servers of the format
    /// refuse it, or have it elsewhere.
    pub is_offered: bool,
}

/// A parameter that prompts write.
pub(crate) const fn offered(
    parameter: Parameter,
    paths: &'static [&'static str],
) -> ParameterPlace {
    ParameterPlace {
        parameter,
        paths,
        is_offered: true,
    }
}

/// A parameter that is only found where callers write it.
pub(crate) const fn found(parameter: Parameter, paths: &'static [&'static str]) -> ParameterPlace {
    ParameterPlace {
        is_offered: false,
        ..offered(parameter, paths)
    }
}

/// The place of a parameter among these.
#[must_use]
pub fn place_of(places: &[ParameterPlace], parameter: Parameter) -> Option<&ParameterPlace> {
    places.iter().find(|place| place.parameter == parameter)
}

#[cfg(test)]
pub(crate) mod tests;

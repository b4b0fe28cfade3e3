//! Tests of the wire formats through their public surface.

#[cfg(test)]
mod any_bytes;
#[cfg(test)]
mod check;
#[cfg(test)]
mod clients;
#[cfg(test)]
mod cohere;
#[cfg(test)]
mod collect;
#[cfg(test)]
mod completions;
#[cfg(test)]
mod continued;
#[cfg(test)]
mod counts;
#[cfg(test)]
mod failures;
#[cfg(test)]
mod files;
#[cfg(test)]
mod gemini;
#[cfg(test)]
mod load;
#[cfg(test)]
mod pairs;
#[cfg(test)]
mod paths;
#[cfg(test)]
mod paths_reference;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod ranks;
#[cfg(test)]
mod rounds;
#[cfg(test)]
mod streams;
#[cfg(test)]
mod translation;
#[cfg(test)]
mod turns;
#[cfg(test)]
mod unread;
#[cfg(test)]
mod usage;
#[cfg(test)]
mod vectors;
#[cfg(test)]
mod views;
#[cfg(test)]
mod wholes;

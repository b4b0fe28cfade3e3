//! The configuration as its users meet it: what is accepted, what is refused,
//! and the words of the refusal.

#[cfg(test)]
mod accepted;
#[cfg(test)]
mod any_text;
#[cfg(test)]
mod at_once;
#[cfg(test)]
mod explained;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod layers;
#[cfg(test)]
mod prompts;
#[cfg(test)]
mod reference;
#[cfg(test)]
mod refused;
#[cfg(test)]
mod sources;
#[cfg(test)]
mod warned;

//! The simulator over real connections, by a plain hyper client.

#[cfg(test)]
mod anthropic;
#[cfg(test)]
mod bedrock;
#[cfg(test)]
mod books;
#[cfg(test)]
mod client;
#[cfg(test)]
mod cohere;
#[cfg(test)]
mod completions;
mod counts;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod gemini;
#[cfg(test)]
mod openai;
#[cfg(test)]
mod other;
#[cfg(test)]
mod plain;
#[cfg(test)]
mod responses;

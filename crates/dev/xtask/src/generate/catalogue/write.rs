//! The table as code: numbers, and one text that they point into.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use tollgate_catalogue::{Day, ServiceClass, Unit, Word};

use super::super::Generated;
use super::read::{File, ModelData, Row};

const HEAD: &str = "Made by `cargo xtask generate` from `crates/core/catalogue/data`.";
/// Numbers to a line.
const WIDTH: usize = 96;

/// Texts, each once.
#[derive(Default)]
struct Texts {
    text: String,
    places: BTreeMap<String, usize>,
}

impl Texts {
    /// Where a text begins, and its length.
    fn place(&mut self, text: &str) -> (usize, usize) {
        let found = match self.places.get(text) {
            Some(place) => *place,
            None => {
                let place = self.text.find(text).unwrap_or(self.text.len());
                if place == self.text.len() {
                    self.text.push_str(text);
                }
                self.places.insert(text.to_owned(), place);
                place
            }
        };
        (found, text.len())
    }

    fn short(&mut self, text: &str) -> String {
        let (at, length) = self.place(text);
        format!("t({at}, {length})")
    }
}

/// What is written while models are read.
#[derive(Default)]
struct Table {
    texts: Texts,
    rows: Vec<String>,
    aliases: Vec<String>,
    sources: Vec<String>,
    source_lists: Vec<String>,
    prices: Vec<String>,
    /// By provider and name.
    names: BTreeMap<(usize, String), usize>,
    as_of: Day,
}

pub(super) fn table(files: &mut [File]) -> Result<Vec<Generated>, String> {
    files.sort_by(|a, b| a.provider.cmp(&b.provider));
    let mut table = Table::default();
    let (mut providers, mut labels) = (Vec::new(), Vec::new());
    for (place, file) in files.iter_mut().enumerate() {
        let label = file.provider.clone();
        if labels.last() == Some(&label) {
            return Err(format!("two files are of {label}"));
        }
        labels.push(label.clone());
        providers.push(table.texts.short(&label));
        table
            .add(place, file)
            .map_err(|reason| format!("{label}: {reason}"))?;
    }
    Ok(table.finish(&providers))
}

impl Table {
    fn add(&mut self, provider: usize, file: &mut File) -> Result<(), String> {
        let first_source = self.sources.len();
        let mut places = BTreeMap::new();
        for (place, (name, page)) in file.sources.iter().enumerate() {
            let (at, length) = self.texts.place(&page.url);
            let day = page.day()?;
            self.as_of = self.as_of.max(day);
            let row = format!(
                "source({at}, {length}, {}, {})",
                day.number(),
                page.original
            );
            self.sources.push(row);
            places.insert(name.clone(), first_source + place);
        }
        file.models.sort_by(|a, b| a.name.cmp(&b.name));
        for model in &file.models {
            let row = self
                .row(provider, model, &places)
                .map_err(|reason| format!("{}: {reason}", model.name))?;
            let place = self.rows.len();
            for name in std::iter::once(&model.name).chain(&model.aliases) {
                if self.names.insert((provider, name.clone()), place).is_some() {
                    return Err(format!("`{name}` twice"));
                }
            }
            self.rows.push(row);
        }
        Ok(())
    }

    fn row(
        &mut self,
        provider: usize,
        model: &ModelData,
        places: &BTreeMap<String, usize>,
    ) -> Result<String, String> {
        let aliases = span(&mut self.aliases, |list| {
            list.extend(model.aliases.iter().map(|alias| self.texts.short(alias)));
        });
        let sources = span(&mut self.source_lists, |list| {
            list.extend(
                model
                    .sources
                    .iter()
                    .filter_map(|name| Some(places.get(name)?.to_string())),
            );
        });
        let rows = model.prices()?;
        let prices = span(&mut self.prices, |list| list.extend(rows.iter().map(price)));
        let vocabulary = model.vocabulary()?.map_or(255, |word| word as usize);
        let number = |day: Option<Day>| day.map_or(0, Day::number);
        Ok(format!(
            "Row {{ provider: {provider}, name: {}, family: {}, context_tokens: {}, \
             output_tokens: {}, inputs: {}, outputs: {}, abilities: {}, lacks: {}, refuses: {}, \
             vocabulary: {vocabulary}, deprecated: {}, shutdown: {}, aliases: {aliases}, \
             prices: {prices}, sources: {sources} }}",
            self.texts.short(&model.name),
            self.texts.short(&model.family),
            model.context,
            model.output,
            model.inputs()?.bits(),
            model.outputs()?.bits(),
            model.abilities()?.bits(),
            model.lacks()?.bits(),
            model.refuses()?.bits(),
            number(model.deprecated()?),
            number(model.shutdown()?),
        ))
    }

    fn finish(mut self, providers: &[String]) -> Vec<Generated> {
        let mut models = format!("//! Models. {HEAD}\n\n");
        models += "use super::short::{s, t};\nuse super::{Row, Text};\n\n";
        let _infallible = writeln!(
            models,
            "pub(crate) const AS_OF: &str = \"{}\";\n",
            self.as_of
        );
        list(&mut models, "PROVIDERS", "Text", providers);
        list(&mut models, "ALIASES", "Text", &self.aliases);
        list(&mut models, "SOURCE_LISTS", "u16", &self.source_lists);
        list(&mut models, "MODELS", "Row", &self.rows);
        let names = std::mem::take(&mut self.names);
        let names: Vec<String> = names
            .iter()
            .map(|((provider, name), model)| {
                let (at, length) = self.texts.place(name);
                format!("n({provider}, {at}, {length}, {model})")
            })
            .collect();
        let mut texts = format!("//! Texts and pages. {HEAD}\n\n");
        texts += "use super::SourceRow;\nuse super::short::source;\n\n";
        list(&mut texts, "SOURCES", "SourceRow", &self.sources);
        texts += "#[rustfmt::skip]\npub(crate) static TEXT: &str = \"\\\n";
        for line in lines(&self.texts.text) {
            texts += line;
            texts += "\\\n";
        }
        texts += "\";\n";
        let mut by_name = format!("//! Models by name. {HEAD}\n\n");
        by_name += "use super::NameRow;\nuse super::short::n;\n\n";
        list(&mut by_name, "NAMES", "NameRow", &names);
        let mut prices = format!("//! Prices. {HEAD}\n\n");
        prices += "use super::PriceRow;\nuse super::short::p;\n\n";
        list(&mut prices, "PRICES", "PriceRow", &self.prices);
        let generated = |path, text: String| Generated {
            path,
            text: format!("{}\n", text.trim_end()),
        };
        vec![
            generated("crates/core/catalogue/src/table/models.rs", models),
            generated("crates/core/catalogue/src/table/names.rs", by_name),
            generated("crates/core/catalogue/src/table/prices.rs", prices),
            generated("crates/core/catalogue/src/table/texts.rs", texts),
        ]
    }
}

fn price(row: &Row) -> String {
    let place = |class: ServiceClass, unit: Unit| {
        let class = ServiceClass::ALL.iter().position(|other| *other == class);
        let unit = Unit::ALL.iter().position(|other| *other == unit);
        (class.unwrap_or_default(), unit.unwrap_or_default())
    };
    let (class, unit) = place(row.class, row.unit);
    let Row {
        from,
        above,
        picodollars,
        ..
    } = row;
    format!(
        "p({class}, {unit}, {}, {above}, {picodollars})",
        from.number()
    )
}

/// Fills a list and says which part of it was filled.
fn span(list: &mut Vec<String>, fill: impl FnOnce(&mut Vec<String>)) -> String {
    let first = list.len();
    fill(list);
    format!("s({first}, {})", list.len() - first)
}

/// A list, as many of it to a line as fit.
fn list(out: &mut String, name: &str, row: &str, rows: &[String]) {
    let _infallible = writeln!(
        out,
        "#[rustfmt::skip]\npub(crate) static {name}: &[{row}] = &["
    );
    let mut line = String::new();
    for row in rows {
        if !line.is_empty() && line.len() + row.len() > WIDTH {
            let _infallible = writeln!(out, "   {line}");
            line.clear();
        }
        let _infallible = write!(line, " {row},");
    }
    if !line.is_empty() {
        let _infallible = writeln!(out, "   {line}");
    }
    *out += "];\n\n";
}

/// Pieces of a text, none of which begins with a space: a continued line would lose it.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let mut length = rest.floor_char_boundary(WIDTH);
        while rest.get(length..).is_some_and(|more| more.starts_with(' ')) {
            length += 1;
        }
        let (line, more) = rest.split_at(length);
        rest = more;
        (!line.is_empty()).then_some(line)
    })
}

#[cfg(test)]
mod tests {
    use super::super::read::File;
    use super::{WIDTH, lines, table};

    #[test]
    fn no_line_begins_with_a_space_and_none_is_lost() {
        for blanks in [1, 2, 100] {
            let text = format!("{}{}end", "a".repeat(WIDTH), " ".repeat(blanks));
            let all: Vec<&str> = lines(&text).collect();
            assert_eq!(all.concat(), text);
            assert!(all.iter().all(|line| !line.starts_with(' ')), "{all:?}");
        }
    }

    #[test]
    fn two_files_of_one_provider_are_refused() {
        let text = "provider = 'openai'\nmodel = []\n[sources]\n";
        let file = || File::read(text).unwrap();
        let said = table(&mut [file(), file()]).err().unwrap();
        assert!(said.contains("two files are of openai"), "{said}");
    }
}

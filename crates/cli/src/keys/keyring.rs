//! The keys of a `.env` file, and its text with them changed.
//!
//! *Invariant:* the new text is read back before anyone writes it: the keys are the ones that
//! were meant, and every other variable and line is as it was.

use anyhow::{Context as _, Result, bail};
use jose::Kid;
use oauth::grant::Lifetimes;

use super::EnvFile;
use super::env_file::{env_name, value_in};
use super::held::{Held, List};
use super::purposes::PURPOSES;
use super::records::{Records, comment, is_record};

/// Every purpose's keys in one file, and what the file remembers of them.
pub(super) struct Keyring {
    file: EnvFile,
    pub(super) held: Vec<Held>,
    pub(super) records: Records,
}

impl Keyring {
    /// Reads the keys of a file.
    pub(super) fn read(file: EnvFile) -> Result<Self> {
        let held = PURPOSES
            .iter()
            .filter_map(|purpose| Held::read(purpose, &file.variables).transpose());
        Ok(Self {
            held: held.collect::<Result<_>>()?,
            records: Records::read(&file.text),
            file,
        })
    }

    /// How long things live, as far as this file says; else what they live by default.
    pub(super) fn lifetimes(&self) -> Result<Lifetimes> {
        Ok(Lifetimes::read(|name| {
            self.file.variables.get(name).cloned()
        })?)
    }

    /// What each variable of keys shall hold.
    pub(super) fn values(&self) -> Vec<String> {
        let lists = self.held.iter().flat_map(Held::lists);
        lists.map(List::value).collect()
    }

    /// The key of a purpose that was added and never made anything.
    pub(super) fn waiting<'a>(&'a self, held: &'a Held) -> Option<&'a Kid> {
        held.makers().skip(1).find(|kid| self.records.waits(kid))
    }

    /// The keys of a purpose that only verify what was made before.
    pub(super) fn old<'a>(&'a self, held: &'a Held) -> impl Iterator<Item = &'a Kid> {
        let maker = held.makers().next();
        let waiting = self.waiting(held);
        held.kids()
            .filter(move |kid| Some(*kid) != maker && Some(*kid) != waiting)
    }

    /// The text of the file with the keys as they are now.
    pub(super) fn text(&self) -> Result<String> {
        let mut text = String::new();
        let lines = self.file.text.split_inclusive('\n');
        for line in lines.filter(|line| !is_record(line.trim_end())) {
            text += &self.line(line)?;
        }
        self.check(&text)?;
        Ok(text)
    }

    /// A line of the file with the keys as they are now, after what there is to remember.
    fn line(&self, line: &str) -> Result<String> {
        let found = self.held.iter().find_map(|held| {
            let mut lists = held.lists().iter().enumerate();
            lists.find_map(|(index, list)| {
                let written = value_in(line, list.variable)?;
                Some((held, index, list, written))
            })
        });
        let Some((held, index, list, written)) = found else {
            return Ok(line.to_owned());
        };
        let old = self.file.variables.get(list.variable);
        // Quotes around the value, and a comment behind it, stay where they are.
        let old = old.filter(|old| written.matches(old.as_str()).count() == 1);
        let old = old.with_context(|| {
            format!(
                "{} must stand there once, on one line, with its value as it is meant",
                env_name(list.variable)
            )
        })?;
        let (name, _) = line.split_at(line.len() - written.len());
        let records = if index == 0 {
            self.comments(held)
        } else {
            String::new()
        };
        Ok(records + name + &written.replace(old.as_str(), &list.value()))
    }

    fn comments(&self, held: &Held) -> String {
        let remembered = |kid: &Kid| Some(format!("{}\n", comment(kid, self.records.of(kid)?)));
        let maker = held.makers().next();
        let maker = maker.filter(|kid| self.records.promoted(kid).is_some());
        let kids = maker.into_iter().chain(self.waiting(held));
        kids.filter_map(remembered).collect()
    }

    fn check(&self, text: &str) -> Result<()> {
        let read = EnvFile::parse(text.to_owned()).context("the changed file cannot be read")?;
        let mut meant = self.file.variables.clone();
        for list in self.held.iter().flat_map(Held::lists) {
            meant.insert(list.variable.to_owned(), list.value());
        }
        if read.variables != meant {
            bail!(
                "the file sets a key over several lines or more than once, and cannot be changed \
                 safely: write each as SPIN_VARIABLE_NAME=value on one line"
            );
        }
        // Refuses two keys of one name as well.
        for held in &self.held {
            Held::read(held.purpose, &read.variables)?;
        }
        Ok(())
    }
}

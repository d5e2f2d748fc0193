//! The variables of one provider, as an operator set them.
//!
//! *Invariant:* what is set and is not what its variable holds is refused by the variable's name.

use crate::address::{is_address, is_host, is_name};
use crate::provider::{Content, Provider};
use crate::template::{self, Hole};
use crate::upstream::UpstreamRefused;

/// The variables of one provider.
pub(crate) struct Values<'a, F> {
    pub(crate) provider: &'static Provider,
    pub(crate) set: &'a F,
}

impl<F: Fn(&str) -> Option<String>> Values<'_, F> {
    pub(crate) fn knows(&self, name: &str) -> bool {
        self.provider.variable_names().any(|known| known == name)
    }

    pub(crate) fn value(&self, name: &str) -> Option<String> {
        let mut variables = self.provider.variables.iter();
        let variable = variables.find(|variable| variable.name == name);
        let default = variable
            .map(|variable| variable.default)
            .filter(|text| !text.is_empty());
        let is_host = variable.is_some_and(|variable| variable.content == Content::Host);
        let value = (self.set)(name).or_else(|| default.map(str::to_owned));
        let value = value.map(|value| value.trim().to_owned());
        // URLs are compared in lower case.
        value.map(|value| {
            if is_host {
                value.to_ascii_lowercase()
            } else {
                value
            }
        })
    }

    pub(crate) fn required(&self, name: &str) -> Result<String, UpstreamRefused> {
        self.value(name).ok_or_else(|| UpstreamRefused::Missing {
            missing: name.to_owned(),
            given: self.provider.client_id,
        })
    }

    pub(crate) fn expand(&self, template: &str) -> Result<String, UpstreamRefused> {
        template::expand(template, |name| self.value(name)).map_err(|hole| match hole {
            Hole::Missing(missing) => UpstreamRefused::Missing {
                missing,
                given: self.provider.client_id,
            },
            Hole::Suffix(name, suffix) => UpstreamRefused::Suffix(name, suffix),
        })
    }

    /// Each variable by itself.
    pub(crate) fn check(&self) -> Result<(), UpstreamRefused> {
        if !self.provider.public_clients {
            self.required(self.provider.client_secret)?;
        }
        for variable in self.provider.variables {
            let value = match self.value(variable.name) {
                Some(value) => value,
                None if variable.optional => continue,
                None => self.required(variable.name)?,
            };
            let fits = match variable.content {
                Content::Host => is_host(&value),
                Content::Text(_) => is_name(&value) || variable.optional,
                Content::Url => is_address(&value),
            };
            if !fits {
                return Err(UpstreamRefused::Malformed(variable.name, variable.what()));
            }
        }
        Ok(())
    }

    pub(crate) fn hosts(&self) -> Result<Vec<String>, UpstreamRefused> {
        let mut hosts = Vec::new();
        for template in self.provider.hosts {
            match self.expand(template) {
                Ok(host) => hosts.push(host),
                // An optional second host.
                Err(UpstreamRefused::Missing { .. }) => {}
                Err(refused) => return Err(refused),
            }
        }
        Ok(hosts)
    }

    pub(crate) fn parameters(&self) -> Result<Vec<(&'static str, String)>, UpstreamRefused> {
        let mut parameters = Vec::new();
        for (name, template) in self.provider.parameters {
            match self.expand(template) {
                Ok(value) => parameters.push((*name, value)),
                Err(UpstreamRefused::Missing { .. }) => {}
                Err(refused) => return Err(refused),
            }
        }
        Ok(parameters)
    }
}

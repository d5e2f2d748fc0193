//! Variables become typed settings, once per instance.
//!
//! *Invariant:* no key has a default, and a refusal names the variable, never its value.

use configuration::{ClientsRefused, ConfigurationRefused, PATH};
use host::{VariableRefused, Variables};
use jose::{KeyRefused, SealKeys, Sealed, Signed, SigningKeys, VerifyingKeys};
use oauth::client_document::{DocumentHosts, HostsRefused};
use oauth::grant::{LifetimeRefused, Lifetimes};
use oauth::{Identities, IdentityRefused, Source};

/// Why a component cannot serve.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsRefused {
    /// The clients of the variable are wrong.
    #[error(transparent)]
    Clients(#[from] ClientsRefused),
    /// The file is wrong.
    #[error(transparent)]
    Configuration(#[from] ConfigurationRefused),
    /// The file is not there.
    #[error(
        "{PATH} is not there: give this component the file in spin.toml, with \
         `files = [{{ source = \"postern.toml\", destination = \"/postern.toml\" }}]`"
    )]
    ConfigurationMissing,
    /// The hosts of client documents are wrong.
    #[error(transparent)]
    DocumentHosts(#[from] HostsRefused),
    /// Neither a public URL nor dev.
    #[error(transparent)]
    Identity(#[from] IdentityRefused),
    /// A key is bad.
    #[error(transparent)]
    Key(#[from] KeyRefused),
    /// A lifetime is out of bounds.
    #[error(transparent)]
    Lifetime(#[from] LifetimeRefused),
    /// No provider is on.
    #[error("no identity provider is configured")]
    NoProvider,
    /// A variable is missing, or cannot be read.
    #[error(transparent)]
    Variable(#[from] VariableRefused),
}

/// Who this server is.
pub(crate) async fn identities(host: &impl Variables) -> Result<Identities, SettingsRefused> {
    let public_url = host.optional("public_url").await?;
    let dev_key = host.optional("dev_key").await?;
    Ok(Identities::read(public_url.as_deref(), dev_key.as_deref())?)
}

/// Whether the host says that it keeps connections from private networks.
pub(crate) async fn outbound_guard(host: &impl Variables) -> Result<bool, SettingsRefused> {
    Ok(host.optional("outbound_guard").await?.is_some())
}

/// Whose client documents are taken: any host's, where the runtime configuration that keeps
/// connections from private networks says so, and those that the operator lists.
pub(crate) async fn document_hosts(
    host: &impl Variables,
) -> Result<DocumentHosts, SettingsRefused> {
    let guarded = outbound_guard(host).await?;
    let listed = host.optional("client_document_hosts").await?;
    Ok(DocumentHosts::read(guarded, &listed.unwrap_or_default())?)
}

pub(crate) async fn signing<T: Signed>(
    host: &impl Variables,
    name: &str,
) -> Result<SigningKeys<T>, SettingsRefused> {
    Ok(SigningKeys::parse(name, &host.required(name).await?)?)
}

pub(crate) async fn verifying<T: Signed>(
    host: &impl Variables,
    name: &str,
) -> Result<VerifyingKeys<T>, SettingsRefused> {
    Ok(VerifyingKeys::parse(name, &host.required(name).await?)?)
}

pub(crate) async fn sealing<T: Sealed>(
    host: &impl Variables,
    name: &str,
) -> Result<SealKeys<T>, SettingsRefused> {
    Ok(SealKeys::parse(name, &host.required(name).await?)?)
}

/// A variable of handle keys, with `parse` of the kind of handle.
pub(crate) async fn handles<K>(
    host: &impl Variables,
    name: &str,
    parse: impl FnOnce(&str, &str) -> Result<K, KeyRefused>,
) -> Result<K, SettingsRefused> {
    Ok(parse(name, &host.required(name).await?)?)
}

pub(crate) async fn lifetimes(host: &impl Variables) -> Result<Lifetimes, SettingsRefused> {
    let mut values = Vec::new();
    for name in Lifetimes::VARIABLES {
        values.push((name, host.optional(name).await?));
    }
    let value = |name: &str| {
        values
            .iter()
            .find(|(known, _)| *known == name)
            .and_then(|(_, value)| value.clone())
    };
    Ok(Lifetimes::read(value)?)
}

/// The keys of each provider that is on, by the provider's name: the variables `<prefix>_<name>`.
pub(crate) async fn per_provider<T: Sealed>(
    host: &impl Variables,
    prefix: &str,
) -> Result<Vec<(Source, SealKeys<T>)>, SettingsRefused> {
    let mut providers = Vec::new();
    // On a server that others reach, anybody could be anyone.
    if identities(host).await? == Identities::Loopback
        && let Ok(source) = Source::parse(oauth::dev::PROVIDER)
    {
        let keys = sealing(host, &format!("{prefix}_{}", source.as_str())).await?;
        providers.push((source, keys));
    }
    if providers.is_empty() {
        Err(SettingsRefused::NoProvider)
    } else {
        Ok(providers)
    }
}

//! Variables become typed settings, once per instance.
//!
//! *Invariant:* no key has a default, and a refusal names the variable, never its value.

use std::collections::BTreeMap;

use configuration::{
    ClientsRefused, Configuration, ConfigurationRefused, DefaultRefused, PATH, Providers,
};
use host::{VariableRefused, Variables};
use jose::{KeyRefused, SealKeys, Sealed, Signed, SigningKeys, VerifyingKeys};
use oauth::client_document::{DocumentHosts, HostsRefused};
use oauth::grant::{LifetimeRefused, Lifetimes};
use oauth::{Identities, IdentityRefused, SignIn, Source, StillThere, WhoNow, dev};
use providers::{CATALOGUE, UpstreamRefused, Whom};

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
    /// Nobody can say which provider has `/callback`.
    #[error(transparent)]
    Default(#[from] DefaultRefused),
    /// No provider is on.
    #[error(
        "no identity provider is on: set the client id of one, such as `github_client_id` \
         (docs/providers)"
    )]
    NoProvider,
    /// The component's provider is off.
    #[error("the identity provider `{0}` is off: set the variable `{1}` to turn it on")]
    ProviderOff(&'static str, &'static str),
    /// The manifest names a provider that there is not.
    #[error("the variable `provider` of this component names no identity provider")]
    UnknownProvider,
    /// The provider cannot be on as it is set.
    #[error(transparent)]
    Upstream(#[from] UpstreamRefused),
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

/// A provider that is on, as those who are not it know it.
#[derive(Debug)]
pub(crate) struct Offered<T> {
    pub(crate) source: Source,
    pub(crate) title: String,
    /// Whether it sends browsers back to the one callback without its name.
    pub(crate) shared_callback: bool,
    /// The domains whose people sign in with it.
    domains: Vec<String>,
    pub(crate) keys: SealKeys<T>,
}

impl<T> Offered<T> {
    /// Whether a client that says `hint` means one of this provider's people: by subject, or by an
    /// address in a domain that signs in here.
    pub(crate) fn is_meant_by(&self, hint: &str) -> bool {
        let subject = hint.split_once(':').map(|(source, _)| source);
        let domain = hint.rsplit_once('@').map(|(_, domain)| domain);
        subject == Some(self.source.as_str())
            || domain.is_some_and(|domain| {
                let mut domains = self.domains.iter();
                domains.any(|known| known.eq_ignore_ascii_case(domain))
            })
    }
}

/// The providers that are on, with the keys of the variables `<prefix>_<name>`.
pub(crate) async fn offered<T: Sealed>(
    host: &impl Variables,
    prefix: &str,
    written: &Providers,
) -> Result<Vec<Offered<T>>, SettingsRefused> {
    let mut offered = Vec::new();
    for provider in CATALOGUE {
        let values = variables(host, provider.public_variables()).await?;
        let value = |name: &str| values.get(name).cloned();
        if !provider.is_on(value) {
            continue;
        }
        let wishes = written.wishes(provider.id);
        provider.check_rule(&wishes, value)?;
        offered.push(Offered {
            source: Source::parse(provider.id).map_err(UpstreamRefused::from)?,
            domains: match wishes.allow {
                Some(Whom::Only(allow)) => allow.domains,
                Some(Whom::Anyone) | None => Vec::new(),
            },
            title: wishes.title.unwrap_or_else(|| provider.title.to_owned()),
            shared_callback: false,
            keys: sealing(host, &format!("{prefix}_{}", provider.suffix())).await?,
        });
    }
    let on: Vec<_> = offered.iter().map(|one| one.source.as_str()).collect();
    let default = written.default_of(&on)?;
    for one in &mut offered {
        one.shared_callback = default.as_deref() == Some(one.source.as_str());
    }
    // On a server that others reach, anybody could be anyone.
    if identities(host).await? == Identities::Loopback {
        offered.push(Offered {
            source: Source::parse(dev::PROVIDER).map_err(UpstreamRefused::from)?,
            title: dev::TITLE.to_owned(),
            shared_callback: false,
            domains: Vec::new(),
            keys: sealing(host, &format!("{prefix}_{}", dev::PROVIDER)).await?,
        });
    }
    if offered.is_empty() {
        Err(SettingsRefused::NoProvider)
    } else {
        Ok(offered)
    }
}

/// The variables with these names that are set.
pub(crate) async fn variables(
    host: &impl Variables,
    names: impl Iterator<Item = &'static str>,
) -> Result<BTreeMap<&'static str, String>, SettingsRefused> {
    let mut values = BTreeMap::new();
    for name in names {
        if let Some(value) = host.optional(name).await? {
            values.insert(name, value);
        }
    }
    Ok(values)
}

/// The file, understood.
pub(crate) async fn configuration(
    host: &impl host::Configuration,
) -> Result<Configuration, SettingsRefused> {
    let text = host
        .file(PATH)
        .await
        .ok_or(SettingsRefused::ConfigurationMissing)?;
    Ok(Configuration::read(&text)?)
}

/// The keys of one variable `person_<name>`, of which each opens what it is for and nothing else.
#[derive(Debug)]
pub(crate) struct PersonKeys {
    /// Who signed in.
    pub(crate) sign_ins: SealKeys<SignIn>,
    /// What `token` asks of people.
    pub(crate) questions: SealKeys<WhoNow>,
    /// What it is answered.
    pub(crate) answers: SealKeys<StillThere>,
}

impl PersonKeys {
    /// Reads the variable's text.
    pub(crate) fn parse(variable: &str, text: &str) -> Result<Self, SettingsRefused> {
        Ok(Self {
            sign_ins: SealKeys::parse(variable, text)?,
            questions: SealKeys::parse(variable, text)?,
            answers: SealKeys::parse(variable, text)?,
        })
    }
}

/// The keys of each provider whose people `token` takes.
pub(crate) async fn person_keys(
    host: &impl Variables,
) -> Result<Vec<(Source, PersonKeys)>, SettingsRefused> {
    let mut sources = Vec::new();
    for provider in CATALOGUE {
        let name = format!("person_{}", provider.suffix());
        if let Some(text) = host.optional(&name).await? {
            let source = Source::parse(provider.id).map_err(UpstreamRefused::from)?;
            sources.push((source, PersonKeys::parse(&name, &text)?));
        }
    }
    if identities(host).await? == Identities::Loopback {
        let source = Source::parse(dev::PROVIDER).map_err(UpstreamRefused::from)?;
        let name = format!("person_{}", dev::PROVIDER);
        let text = host.required(&name).await?;
        sources.push((source, PersonKeys::parse(&name, &text)?));
    }
    if sources.is_empty() {
        Err(SettingsRefused::NoProvider)
    } else {
        Ok(sources)
    }
}

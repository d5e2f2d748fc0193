//! What there is to know of a provider, as data.
//!
//! *Invariant:* a provider differs from another in these fields alone; what only one of them does
//! has a name in [`Quirk`].

/// A provider. Text in which `{name}` stands is a template over its variables.
#[derive(Debug)]
pub struct Provider {
    /// Its id: the source of its people, and `login-<id>` is its component.
    pub id: &'static str,
    /// What a person reads on its button.
    pub title: &'static str,
    /// The variable whose presence turns it on.
    pub client_id: &'static str,
    /// Another variable that turns it off.
    pub unless: Option<&'static str>,
    /// The variable of its client secret.
    pub client_secret: &'static str,
    /// Whether it also takes clients without one.
    pub public_clients: bool,
    /// Its other variables.
    pub variables: &'static [Variable],
    /// The hosts that its component may reach.
    pub hosts: &'static [&'static str],
    /// Its issuer identifier, where it has one.
    pub issuer: &'static str,
    /// Which issuers its tokens may name.
    pub issuers: Issuers,
    /// Where its endpoints are; those left empty are discovered.
    pub endpoints: [&'static str; 4],
    /// What is asked of it.
    pub scopes: &'static str,
    /// What else its authorization endpoint is told.
    pub parameters: &'static [(&'static str, &'static str)],
    /// What it calls `login_hint`.
    pub login_hint: &'static str,
    /// How its token endpoint knows a client.
    pub authentication: Authentication,
    /// How it tells who came.
    pub told: Told,
    /// Whether its access tokens, where they are JWTs, say more of the person.
    pub access_token_claims: bool,
    /// When its userinfo endpoint is asked.
    pub userinfo: Userinfo,
    /// The claims that together never change and never name another person.
    pub subject: &'static [&'static str],
    /// The claim that says so where the only one of those is not there.
    pub or_subject: Option<&'static str>,
    /// Where their name is: the first that is there.
    pub name: &'static [&'static str],
    /// Where their e-mail address is.
    pub email: &'static [&'static str],
    /// Where their roles are: all of them count.
    pub roles: &'static [&'static str],
    /// How a refresh token is asked for.
    pub offline: Offline,
    /// Whether anybody can make an account there.
    pub anyone: Anyone,
    /// What is usually wrong where it does not know its client.
    pub mistake: &'static str,
    /// What only this one does.
    pub quirk: Quirk,
}

/// A variable of a provider, besides its client's id and secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub content: Content,
    /// What it is when nobody sets it; empty where there is no such thing.
    pub default: &'static str,
    /// Whether it may stay unset.
    pub optional: bool,
}

/// What a variable holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// A bare host, which the manifest puts behind `https://`.
    Host,
    /// Some other text, as the end of "it must be …".
    Text(&'static str),
    /// An address.
    Url,
}

/// Which issuers a provider's tokens may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Issuers {
    /// Its own, byte for byte, or one of these.
    Exactly(&'static [&'static str]),
    /// Its own with `{tenantid}` replaced by the claim `tid`.
    Tenant,
}

/// How a client proves itself at the token endpoint (RFC 6749 §2.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authentication {
    /// In the header `Authorization`.
    Basic,
    /// In the form.
    Post,
    /// In a JSON object.
    Json,
}

/// How a provider tells who came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// By an ID token (OpenID Connect Core 1.0 §2).
    IdToken,
    /// By its userinfo endpoint alone.
    Userinfo,
    /// By the member `user` of the token answer and the claims of the access token.
    User,
}

/// When the userinfo endpoint is asked beside an ID token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Userinfo {
    /// Always.
    Always,
    /// Where the ID token lacks a name, an e-mail address or a role that is asked for.
    Lacking,
    /// There is none, or it is none of OpenID Connect's.
    Never,
}

/// How a refresh token is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offline {
    /// It comes, or does not, as the provider is set.
    Unasked,
    /// By a scope.
    Scope(&'static str),
    /// By a scope that counts only with `prompt=consent`.
    ConsentedScope(&'static str),
    /// By a parameter.
    Parameter(&'static str, &'static str),
}

/// Whether anybody can make an account there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anyone {
    /// Its administrators make the accounts, or decide how they are made.
    No,
    /// Yes.
    Yes,
    /// Yes, unless this variable is set.
    Unless(&'static str),
    /// Yes, where this variable is one of the values.
    If(&'static str, &'static [&'static str]),
    /// Yes, where this URL is at one of the hosts.
    At(&'static str, &'static [&'static str]),
}

/// What only one provider does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quirk {
    /// Nothing.
    None,
    /// E-mail addresses, organizations and teams are read from an API.
    GitHub,
    /// A Workspace's people have the claim `hd`.
    Google,
    /// Many groups are read from Microsoft Graph; tenants are listed.
    Microsoft,
}

impl Provider {
    /// A provider of OpenID Connect that is found by its issuer; the catalogue's files say how
    /// theirs differ.
    pub const OPENID_CONNECT: Self = Self {
        id: "",
        title: "",
        client_id: "",
        unless: None,
        client_secret: "",
        public_clients: false,
        variables: &[],
        hosts: &[],
        issuer: "",
        issuers: Issuers::Exactly(&[]),
        endpoints: [""; 4],
        scopes: "openid profile email",
        parameters: &[],
        login_hint: "login_hint",
        authentication: Authentication::Post,
        told: Told::IdToken,
        access_token_claims: false,
        userinfo: Userinfo::Lacking,
        subject: &["sub"],
        or_subject: None,
        name: &["name"],
        email: &["email"],
        roles: &[],
        offline: Offline::Scope("offline_access"),
        anyone: Anyone::No,
        mistake: "",
        quirk: Quirk::None,
    };

    /// The names of every variable, its client's first.
    pub fn variable_names(&self) -> impl Iterator<Item = &'static str> {
        let others = self.variables.iter().map(|variable| variable.name);
        [self.client_id, self.client_secret]
            .into_iter()
            .chain(others)
            .chain(self.unless)
    }

    /// The id as a part of a variable's name.
    #[must_use]
    pub fn suffix(&self) -> String {
        self.id.replace('-', "_")
    }
}

impl Variable {
    /// A bare host, which the manifest puts behind `https://`.
    #[must_use]
    pub const fn host(name: &'static str, default: &'static str) -> Self {
        Self {
            name,
            content: Content::Host,
            default,
            optional: false,
        }
    }

    /// An address.
    #[must_use]
    pub const fn url(name: &'static str) -> Self {
        Self {
            name,
            content: Content::Url,
            default: "",
            optional: false,
        }
    }

    /// Some other text.
    #[must_use]
    pub const fn text(name: &'static str, what: &'static str) -> Self {
        Self {
            name,
            content: Content::Text(what),
            default: "",
            optional: false,
        }
    }

    /// What it is, as the end of "it must be …".
    #[must_use]
    pub const fn what(&self) -> &'static str {
        match self.content {
            Content::Host => "a host name without a scheme or path",
            Content::Text(what) => what,
            Content::Url => "a URL that starts with https://",
        }
    }

    /// The same, which may stay unset.
    #[must_use]
    pub const fn or_nothing(self) -> Self {
        Self {
            optional: true,
            ..self
        }
    }
}

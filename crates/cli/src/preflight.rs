//! What would keep the components from answering, said before anything is built or served.
//!
//! *Invariant:* what it refuses the components refuse as well, though they look closer, and no problem
//! that it names repeats a value.

use anyhow::{Context as _, Result, bail};
use configuration::{API_KEYS_VARIABLE, Configuration, Credentials, api_keys_of_variable};
use jose::SharedSecret;
use providers::{CATALOGUE, Provider, Upstream};

use crate::identity::{Identity, Sources};
use crate::project::Project;

/// Refuses to start on settings with which sign-ins or calls would only be told why not.
pub(crate) fn check(project: &Project, sources: &Sources, identity: &Identity) -> Result<()> {
    let Some(path) = &project.configuration else {
        return Ok(());
    };
    let text =
        std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let problems = problems(&text, project, sources, identity);
    match problems.as_slice() {
        [] => Ok(()),
        [problem] => bail!("{problem}"),
        several => bail!(
            "{} things are in the way:\n{}",
            several.len(),
            several.join("\n")
        ),
    }
}

fn problems(text: &str, project: &Project, sources: &Sources, identity: &Identity) -> Vec<String> {
    let configuration = match Configuration::read(text) {
        Ok(configuration) => configuration,
        Err(refused) => return vec![refused.to_string()],
    };
    // Nobody can tell from here what a secret service will say.
    if sources.are_opaque() {
        return Vec::new();
    }
    let is_development = identity.dev && identity.public_url.is_none();
    let deployment = configuration.check_deployment(is_development).err();
    let mut problems: Vec<_> = deployment.iter().map(ToString::to_string).collect();
    let given = |name: &str| {
        let declared = project.declares(name);
        declared
            .then(|| sources.settled(name))
            .flatten()
            .map(str::to_owned)
    };
    let on: Vec<&Provider> = CATALOGUE.iter().filter(|one| one.is_on(given)).collect();
    for provider in CATALOGUE {
        let wishes = configuration.providers.wishes(provider.id);
        let read = Upstream::read(provider, wishes, given);
        problems.extend(read.err().map(|refused| refused.to_string()));
    }
    let on: Vec<&str> = on.into_iter().map(|provider| provider.id).collect();
    let default = configuration.providers.default_of(&on);
    problems.extend(default.err().map(|refused| refused.to_string()));
    problems.extend(of_credentials(text, given, is_development));
    problems
}

/// What the gateway would say of the credentials that it is to take.
fn of_credentials(
    text: &str,
    given: impl Fn(&str) -> Option<String>,
    is_development: bool,
) -> Vec<String> {
    let credentials = match Credentials::read(text) {
        Ok(credentials) => credentials,
        Err(refused) => return vec![refused.to_string()],
    };
    let set = |name: &str| given(name).filter(|value| !value.is_empty());
    let keys = set(API_KEYS_VARIABLE).and_then(|list| {
        let keys = api_keys_of_variable(credentials.api_keys.clone(), &list, is_development);
        keys.err().map(|refused| refused.to_string())
    });
    let secret = set("jwt_secret").and_then(|secret| {
        let secret = SharedSecret::parse("jwt_secret", &secret);
        secret.err().map(|refused| refused.to_string())
    });
    let halves = set("team_domain").is_some() != set("policy_aud").is_some();
    let access = halves.then(|| {
        "the variables `team_domain` and `policy_aud` count only together: set both, or neither"
            .to_owned()
    });
    keys.into_iter().chain(secret).chain(access).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::keys::EnvFile;

    const SERVER: &str = "[[server]]\nname = \"toolbox\"\ntoolset = true\n";

    const MANIFEST: &str = "
        [variables]
        api_keys = {}
        dev_key = {}
        jwt_secret = {}
        policy_aud = {}
        team_domain = {}
        github_client_id = {}
        github_client_secret = {}
        okta_client_id = {}
        okta_client_secret = {}
        okta_issuer = {}
        okta_host = {}
        [component.gateway]
        source = \"gateway.wasm\"
        files = [{ source = \"postern.toml\", destination = \"/postern.toml\" }]
    ";

    fn found(written: &str, env: &str, given: &[(&str, &str)]) -> Result<(), String> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("spin.toml"), MANIFEST).unwrap();
        let text = format!("{written}\n{SERVER}");
        std::fs::write(folder.path().join("postern.toml"), text).unwrap();
        let project = Project::find(None, folder.path()).unwrap();
        let given = given.iter();
        let given: BTreeMap<_, _> = given
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let sources = Sources {
            given,
            env_file: EnvFile::parse(env.to_owned()),
            ..Sources::default()
        };
        let identity = Identity {
            public_url: Some("https://mcp.example.com".to_owned()),
            ..Identity::default()
        };
        check(&project, &sources, &identity).map_err(|refused| refused.to_string())
    }

    const GITHUB: &str = "SPIN_VARIABLE_GITHUB_CLIENT_ID=the-id\n\
                          SPIN_VARIABLE_GITHUB_CLIENT_SECRET=the-secret\n";
    const OKTA: &str = "SPIN_VARIABLE_OKTA_CLIENT_ID=the-id\n\
                        SPIN_VARIABLE_OKTA_CLIENT_SECRET=the-secret\n\
                        SPIN_VARIABLE_OKTA_ISSUER=https://acme.okta.com\n\
                        SPIN_VARIABLE_OKTA_HOST=acme.okta.com\n";

    #[test]
    fn credentials_that_the_gateway_would_not_take_are_told() {
        let issuer = "[[issuer]]\nname = \"clerk\"\nissuer = \"https://a.example\"\n\
                      jwks_uri = \"https://a.example/keys\"\naudience = [\"x\"]\n";
        for (written, given, told) in [
            (issuer, &[][..], "cannot be named twice"),
            ("", &[("jwt_secret", "short")], "`jwt_secret`"),
            ("", &[("api_keys", "key1")], "`api_keys`"),
            (
                "",
                &[("team_domain", "https://a.cloudflareaccess.com")],
                "`policy_aud`",
            ),
        ] {
            let refused = found(written, "", given).unwrap_err();
            assert!(refused.contains(told), "{refused}");
        }
    }

    #[test]
    fn what_the_components_would_serve_with_is_let_through() {
        let listed = "[provider.github]\nallow = { groups = [\"acme\"] }\n";
        for (written, env, given) in [
            ("", "", &[][..]),
            ("", OKTA, &[]),
            (listed, GITHUB, &[]),
            // An empty value on the command line turns it off.
            ("", GITHUB, &[("github_client_id", "")]),
        ] {
            assert_eq!(found(written, env, given), Ok(()), "{written} {env}");
        }
        let both = format!("default_provider = \"okta\"\n{listed}");
        assert_eq!(found(&both, &format!("{GITHUB}{OKTA}"), &[]), Ok(()));
    }

    #[test]
    fn every_problem_is_named_on_a_line_of_its_own_and_no_value_is() {
        let both = format!("{GITHUB}{OKTA}");
        for (written, env, given, parts) in [
            (
                "",
                GITHUB,
                &[][..],
                &["anybody can have an account", "[provider.github]"][..],
            ),
            (
                "",
                OKTA,
                &[("okta_host", "other.example")],
                &["`okta_host`", "acme.okta.com"],
            ),
            (
                "",
                "SPIN_VARIABLE_OKTA_CLIENT_ID=x",
                &[],
                &["`okta_client_secret` is not set"],
            ),
            (
                "default_provider = \"slack\"",
                OKTA,
                &[],
                &["that provider is off"],
            ),
            (
                "\n\n[provider.oktta]",
                "",
                &[],
                &["postern.toml line 3", "did you mean `okta`"],
            ),
            (
                "",
                &both,
                &[("okta_issuer", "acme.okta.com")],
                &[
                    "3 things",
                    "\nanybody can have an account",
                    "\nthe variable `okta_issuer` must be a URL",
                    "\nseveral identity providers are on (github, okta)",
                ],
            ),
        ] {
            let refused = found(written, env, given).unwrap_err();
            for part in parts {
                assert!(refused.contains(part), "{refused}");
            }
            assert!(
                !refused.contains("the-secret") && !refused.contains("the-id"),
                "{refused}"
            );
        }
    }

    #[test]
    fn whole_tokens_are_for_development() {
        let text = format!("{SERVER}get_token = \"whole\"\n");
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("spin.toml"), MANIFEST).unwrap();
        let project = Project::find(None, folder.path()).unwrap();
        for (dev, public_url, expected) in [(true, None, 0), (true, Some("x"), 1), (false, None, 1)]
        {
            let identity = Identity {
                dev,
                public_url: public_url.map(str::to_owned),
                ..Identity::default()
            };
            let problems = problems(&text, &project, &Sources::default(), &identity);
            assert_eq!(problems.len(), expected, "{problems:?}");
        }
    }
}

//! The settings of the five servers, with the names that their READMEs give them.

use std::fs;

use super::super::configuration::SHIPPED;
use super::taken::{MASTER, Taken, access};

#[test]
fn cloudflare_access_in_front_of_a_container() {
    let taken = Taken::of(&access());
    let base = "https://team.cloudflareaccess.com/cdn-cgi/access/sso/oidc/0a1b";
    taken.assert_set(&[
        ("access_authorization_url", &format!("{base}/authorization")),
        ("access_client_id", "0a1b2c3d4e5f"),
        ("access_client_secret", "secret-of-access"),
        ("access_host", "team.cloudflareaccess.com"),
        ("access_jwks_url", &format!("{base}/jwks")),
        ("access_token_url", &format!("{base}/token")),
    ]);
    taken.assert_told(&[
        "is SPIN_VARIABLE_ACCESS_AUTHORIZATION_URL, and its host is SPIN_VARIABLE_ACCESS_HOST",
        "Register http://localhost:3000/callback as a redirect URI at Cloudflare Access",
        "--listen 127.0.0.1:8788",
        "derived from COOKIE_ENCRYPTION_KEY, and for this machine",
    ]);
    assert_eq!(taken.configuration, SHIPPED, "there is nothing to decide");
    let mixed = access().replacen("team.", "other.", 1);
    Taken::of(&mixed).assert_told(&["are of several hosts"]);
}

fn microsoft() -> String {
    format!(
        "MICROSOFT_CLIENT_ID=6731de76-14a6-49ae-97bc-6eba6914391e\n\
         MICROSOFT_CLIENT_SECRET=secret~of.microsoft\n\
         MICROSOFT_TENANT_ID=common\n\
         PANDADOC_CLIENT_ID=id-of-pandadoc\n\
         PANDADOC_CLIENT_SECRET=secret of pandadoc's\n\
         HUBSPOT_CLIENT_ID=id-of-hubspot\n\
         XERO_CLIENT_ID=your_xero_client_id_here\n\
         SENTRY_DSN=https://key@sentry.example/1\n\
         SENTRY_SAMPLE_RATE=0.1\n\
         AUTH_HEADER_SECRET=header-secret\n\
         BASE_URL=https://mcp.example.com\n\
         OAUTH_REGISTERED_CLIENTS='[{{\"client_id\":\"inspector\"}}]'\n\
         COOKIE_ENCRYPTION_KEY={MASTER}\n"
    )
}

#[test]
fn microsoft_with_credentials_for_other_services() {
    let settings = microsoft();
    let taken = Taken::of(&settings);
    taken.assert_set(&[
        (
            "microsoft_client_id",
            "6731de76-14a6-49ae-97bc-6eba6914391e",
        ),
        ("microsoft_client_secret", "secret~of.microsoft"),
        ("microsoft_tenant_id", "common"),
        (
            "oauth_registered_clients",
            "[{\"client_id\":\"inspector\"}]",
        ),
        ("public_url", "https://mcp.example.com"),
    ]);
    assert_eq!(
        taken.variables.get("dev_key"),
        None,
        "a public server is no development one"
    );
    for (name, part) in [
        (
            "PANDADOC_CLIENT_SECRET",
            "is kept as it is and not used yet",
        ),
        ("HUBSPOT_CLIENT_ID", "is kept as it is and not used yet"),
        ("SENTRY_DSN", "is not needed"),
        ("AUTH_HEADER_SECRET", "is not needed"),
        ("BASE_URL", "is SPIN_VARIABLE_PUBLIC_URL"),
    ] {
        assert!(taken.fate(name).contains(part), "{}", taken.told);
    }
    taken.assert_told(&[
        "Anybody can make an account at Microsoft",
        "https://mcp.example.com/callback",
    ]);
    assert!(
        taken.toml()["provider"]["microsoft"]
            .as_table()
            .unwrap()
            .is_empty()
    );
    let env = fs::read_to_string(taken.folder.path().join(".env")).unwrap();
    assert!(
        env.contains("\nPANDADOC_CLIENT_SECRET=\"secret of pandadoc's\"\n"),
        "{env}"
    );
    let tenant = "8eaef023-2b34-4da1-9baa-8bc8c9d6a490";
    let single = Taken::of(&settings.replace("common", tenant));
    assert!(!single.told.contains("Anybody"), "{}", single.told);
    assert_eq!(single.configuration, SHIPPED, "there is nothing to decide");
}

#[test]
fn clerk_with_a_tool_for_some_roles() {
    let taken = Taken::of(&format!(
        "CLERK_CLIENT_ID=client-of-clerk\n\
         CLERK_CLIENT_SECRET=secret-of-clerk\n\
         CLERK_SECRET_KEY=sk_test_0a1b2c3d4e5f\n\
         CLERK_FRONTEND_API=https://acme-00.clerk.accounts.dev\n\
         COOKIE_ENCRYPTION_KEY={MASTER}\n\
         PORT=8788\n"
    ));
    taken.assert_set(&[
        ("clerk_client_id", "client-of-clerk"),
        ("clerk_client_secret", "secret-of-clerk"),
        ("clerk_frontend_api", "https://acme-00.clerk.accounts.dev"),
        ("clerk_host", "acme-00.clerk.accounts.dev"),
    ]);
    assert!(
        taken
            .fate("CLERK_SECRET_KEY")
            .contains("is not needed: the keys that Clerk publishes")
    );
    assert!(taken.fate("PORT").contains("--listen"));
    let rules = taken.toml()["allow"].clone();
    assert_eq!(rules[1]["roles"][0].as_str(), Some("admin"));
    assert_eq!(rules[2]["tools"][0].as_str(), Some("generateImage"));
}

#[test]
fn descope_by_project_and_management_key() {
    let taken = Taken::of(&format!(
        "# .dev.vars\n\
         DESCOPE_PROJECT_ID=\"P2abcdefghijklmnopqrstuvwxyz\"\n\
         DESCOPE_MANAGEMENT_KEY=\"K2management-key\"\n\
         COOKIE_ENCRYPTION_KEY=\"{MASTER}\"\n"
    ));
    taken.assert_set(&[("descope_project_id", "P2abcdefghijklmnopqrstuvwxyz")]);
    let fate = taken.fate("DESCOPE_MANAGEMENT_KEY");
    assert!(
        fate.contains("administers the whole Descope project"),
        "{fate}"
    );
    taken.assert_told(&["docs/providers/descope-federated.md"]);
    let server = &taken.toml()["server"][0];
    assert_eq!(server["get_token"].as_str(), Some("redacted"));
}

#[test]
fn descope_by_the_inbound_app_and_by_its_agentic_issuer() {
    let inbound = Taken::of(
        "DESCOPE_CLIENT_ID=\"client-of-descope\"\nDESCOPE_CLIENT_SECRET=\"secret-of-descope\"\n\
         DESCOPE_PROJECT_ID=\"P2abcdefghij\"\nDESCOPE_BASE_URL=\"https://api.euc1.descope.com\"\n\
         DESCOPE_SCOPES=\"openid profile email phone\"\n",
    );
    inbound.assert_set(&[
        ("descope_client_id", "client-of-descope"),
        ("descope_client_secret", "secret-of-descope"),
        ("descope_host", "api.euc1.descope.com"),
        ("descope_project_id", "P2abcdefghij"),
    ]);
    let scopes = inbound.toml()["provider"]["descope"]["scopes"].clone();
    assert_eq!(scopes.as_str(), Some("openid profile email phone"));
    let client = "DESCOPE_CLIENT_ID=\"client-of-descope\"\n\
         DESCOPE_CLIENT_SECRET=\"secret-of-descope\"\n\
         DESCOPE_SCOPES=\"openid profile email\"\n\
         DESCOPE_ENABLE_PKCE=\"false\"\nDESCOPE_RESOURCE=\"http://localhost:8787/mcp\"\n";
    let issuer = "https://api.descope.com/v1/apps/agentic/P2abcdefghij/MS0123456789";
    for rest in [
        format!("DESCOPE_ISSUER_URL=\"{issuer}\"\n"),
        "DESCOPE_PROJECT_ID=\"P2abcdefghij\"\nDESCOPE_MCP_SERVER_ID=\"MS0123456789\"\n\
         DESCOPE_BASE_URL=\"https://api.descope.com\"\n"
            .to_owned(),
    ] {
        let agentic = Taken::of(&format!("{client}{rest}"));
        agentic.assert_set(&[
            ("oidc_client_id", "client-of-descope"),
            ("oidc_client_secret", "secret-of-descope"),
            ("oidc_host", "api.descope.com"),
            ("oidc_issuer", issuer),
        ]);
        agentic.assert_told(&["docs/providers/oidc.md"]);
        assert!(agentic.fate("DESCOPE_RESOURCE").contains("is not needed"));
    }
}

#[test]
fn keys_and_tokens_of_a_shared_secret() {
    let origins = "http://localhost:3000,https://playground.ai.cloudflare.com";
    let taken = Taken::public(&format!(
        "API_KEYS=0a1b2c3d4e5f6a7b8c9d,test-key-2\nJWT_SECRET={MASTER}\nALLOWED_ORIGINS={origins}\n"
    ));
    taken.assert_set(&[
        ("allowed_origins", origins),
        ("api_keys", "0a1b2c3d4e5f6a7b8c9d"),
        ("jwt_secret", MASTER),
        ("public_url", "https://mcp.example.com"),
    ]);
    assert!(
        taken
            .fate("API_KEYS")
            .contains("; no. 2 is printed in a README or short, and left out")
    );
    assert_eq!(taken.configuration, SHIPPED);

    let as_printed = Taken::of(&format!(
        "API_KEYS=test-key-1,test-key-2\nJWT_SECRET=your-local-jwt-secret\n\
         ALLOWED_ORIGINS={origins}\n"
    ));
    as_printed.assert_set(&[
        ("allowed_origins", origins),
        ("api_keys", "test-key-1,test-key-2"),
    ]);
    assert!(
        as_printed
            .fate("JWT_SECRET")
            .contains("is printed in a README, and is not written")
    );
    assert!(
        as_printed
            .fate("API_KEYS")
            .contains("; no. 2 is printed in a README or short, so that a development")
    );

    for nothing in [
        format!("ALLOWED_ORIGINS={origins}\n"),
        "API_KEYS=\" , \"\n".to_owned(),
    ] {
        let open = Taken::public(&nothing);
        open.assert_told(&[
            "so nobody can sign in",
            "`authentication = \"none\"`",
            "never done for you",
        ]);
        assert!(!open.toml().contains_key("authentication"));
        assert!(open.configuration.contains("# authentication = \"none\""));
        assert!(
            !Taken::public(&format!("{nothing}JWT_SECRET={MASTER}"))
                .told
                .contains("authentication")
        );
    }
}

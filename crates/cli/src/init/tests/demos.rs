//! The settings of the demos that the five servers grew from.

use super::taken::Taken;

/// Settings, our variables, and the page of the provider.
type Demo = (
    &'static str,
    &'static [(&'static str, &'static str)],
    &'static str,
);

const DEMOS: [Demo; 7] = [
    (
        "GITHUB_CLIENT_ID=id-of-github\nGITHUB_CLIENT_SECRET=secret-of-github\n",
        &[
            ("github_client_id", "id-of-github"),
            ("github_client_secret", "secret-of-github"),
        ],
        "github",
    ),
    (
        "GOOGLE_CLIENT_ID=id-of-google\nGOOGLE_CLIENT_SECRET=secret-of-google\nHOSTED_DOMAIN=acme.example\n",
        &[
            ("google_client_id", "id-of-google"),
            ("google_client_secret", "secret-of-google"),
            ("hosted_domain", "acme.example"),
        ],
        "google",
    ),
    (
        "AUTH0_DOMAIN=https://acme.eu.auth0.com/\nAUTH0_CLIENT_ID=id-of-auth0\nAUTH0_CLIENT_SECRET=secret-of-auth0\n\
             AUTH0_AUDIENCE=urn:todos\nAUTH0_SCOPE=openid profile email offline_access\nAPI_BASE_URL=https://api.example\n",
        &[
            ("auth0_audience", "urn:todos"),
            ("auth0_client_id", "id-of-auth0"),
            ("auth0_client_secret", "secret-of-auth0"),
            ("auth0_domain", "acme.eu.auth0.com"),
        ],
        "auth0",
    ),
    (
        "WORKOS_CLIENT_ID=id-of-workos\nWORKOS_API_KEY=sk_live_0123456789\n",
        &[
            ("workos_client_id", "id-of-workos"),
            ("workos_client_secret", "sk_live_0123456789"),
        ],
        "workos",
    ),
    (
        "LOGTO_ENDPOINT=https://acme.logto.app/\nLOGTO_APP_ID=id-of-logto\nLOGTO_APP_SECRET=secret-of-logto\n",
        &[
            ("logto_app_id", "id-of-logto"),
            ("logto_app_secret", "secret-of-logto"),
            ("logto_endpoint", "https://acme.logto.app/"),
            ("logto_host", "acme.logto.app"),
        ],
        "logto",
    ),
    (
        "slack_client_id=id-of-slack\nslack_client_secret=secret-of-slack\n",
        &[
            ("slack_client_id", "id-of-slack"),
            ("slack_client_secret", "secret-of-slack"),
        ],
        "slack",
    ),
    (
        "ENTRA_CLIENT_ID=id-of-entra\nENTRA_CLIENT_SECRET=secret-of-entra\nENTRA_TENANT_ID=acme.example\n",
        &[
            ("microsoft_client_id", "id-of-entra"),
            ("microsoft_client_secret", "secret-of-entra"),
            ("microsoft_tenant_id", "acme.example"),
        ],
        "microsoft",
    ),
];

#[test]
fn the_demos_beside_them() {
    for (settings, expected, page) in DEMOS {
        let taken = Taken::of(settings);
        taken.assert_set(expected);
        taken.assert_told(&[&format!("docs/providers/{page}.md")]);
        let is_open = matches!(page, "github" | "slack");
        assert_eq!(
            taken.told.contains("Anybody can make an account"),
            is_open,
            "{page}"
        );
        assert_eq!(
            taken.configuration.contains("# allow = \"anyone\""),
            is_open,
            "{page}"
        );
    }
    let access =
        Taken::public("TEAM_DOMAIN=https://acme.cloudflareaccess.com\nPOLICY_AUD=0a1b2c3d4e5f\n");
    access.assert_set(&[
        ("policy_aud", "0a1b2c3d4e5f"),
        ("public_url", "https://mcp.example.com"),
        ("team_domain", "https://acme.cloudflareaccess.com"),
    ]);
}

//! Where roles may be read.
//!
//! *Invariant:* no claim that people write themselves gives them a role.

use crate::provider::{Provider, Quirk};

/// What people tell of themselves (OpenID Connect Core 1.0 §5.1), and what Clerk, Auth0 and others
/// let them write beside it. An address counts where it is verified, so it is not among them.
const THEIR_OWN: [&str; 21] = [
    "address",
    "birthdate",
    "family_name",
    "gender",
    "given_name",
    "locale",
    "middle_name",
    "name",
    "nickname",
    "phone_number",
    "picture",
    "preferred_username",
    "profile",
    "unsafeMetadata",
    "unsafe_metadata",
    "userMetadata",
    "user_metadata",
    "username",
    "website",
    "zoneinfo",
    "updated_at",
];

impl Provider {
    /// Whether administrators, and not each person, decide what stands at `path`.
    pub(crate) fn decides(&self, path: &str) -> bool {
        let first = path.split('.').next().unwrap_or_default();
        if self.quirk == Quirk::GitHub {
            // All else that GitHub tells is its people's profile.
            return self.roles.contains(&first);
        }
        // A member deep inside may be called `name`; metadata stays what it is at any depth.
        let own = |name: &&str| THEIR_OWN.contains(name);
        let metadata = |name: &str| own(&name) && name.to_ascii_lowercase().ends_with("metadata");
        !path.is_empty() && !own(&first) && !path.split(['.', '/']).any(metadata)
    }
}

#[cfg(test)]
mod tests {
    use crate::catalogue::{CATALOGUE, find};

    #[test]
    fn what_people_write_themselves_gives_no_role() {
        for (id, path, expected) in [
            ("oidc", "roles", true),
            ("oidc", "realm_access.roles", true),
            ("oidc", "email", true),
            ("oidc", "app_metadata.roles", true),
            ("oidc", "organizations.*.name", true),
            ("oidc", "https://acme.example/roles", true),
            ("oidc", "", false),
            ("oidc", "name", false),
            ("oidc", "nickname", false),
            ("oidc", "user_metadata.role", false),
            ("oidc", "https://acme.example/user_metadata.role", false),
            ("oidc", "https://acme.example/user_metadata", false),
            ("clerk", "public_metadata.role", true),
            ("clerk", "unsafe_metadata.role", false),
            ("clerk", "unsafeMetadata.role", false),
            ("github", "teams", true),
            ("github", "organizations", true),
            ("github", "company", false),
            ("github", "bio", false),
            ("github", "email", false),
        ] {
            let provider = find(id).unwrap();
            assert_eq!(provider.decides(path), expected, "{id} {path}");
        }
        for provider in CATALOGUE {
            for path in provider.roles {
                assert!(provider.decides(path), "{} {path}", provider.id);
            }
        }
    }
}

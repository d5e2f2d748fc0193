//! Tenants of Microsoft Entra.
//!
//! *Invariant:* a tenant is its id: whatever else stands where an id belongs is none.

/// The tenant of all personal accounts, which anybody can make.
pub(crate) const CONSUMERS: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";
/// The name under which people of all tenants but that one sign in.
pub(crate) const ORGANIZATIONS: &str = "organizations";
/// What stands for the tenant in the issuer of those.
pub(crate) const PLACEHOLDER: &str = "{tenantid}";

/// Whether `text` is a tenant's id.
pub(crate) fn is_id(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    let hex = |part: &&str| part.bytes().all(|byte| byte.is_ascii_hexdigit());
    lengths == [8, 4, 4, 4, 12] && parts.iter().all(hex)
}

/// Whether people of several tenants sign in under this name.
pub(crate) fn is_of_many(name: &str) -> bool {
    ["common", ORGANIZATIONS]
        .iter()
        .any(|many| many.eq_ignore_ascii_case(name))
}

/// The tenant that an issuer names, behind what stands before it.
pub(crate) fn of_issuer(issuer: &str) -> Option<(&str, &str)> {
    let base = issuer.strip_suffix("/v2.0")?;
    base.rsplit_once('/')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{OTHER_TENANT, TENANT};

    #[test]
    fn only_an_id_is_one() {
        for (text, expected) in [
            (TENANT, true),
            (CONSUMERS, true),
            (&OTHER_TENANT.to_ascii_uppercase(), true),
            ("", false),
            ("common", false),
            ("contoso.example", false),
            (PLACEHOLDER, false),
            (&"-".repeat(36), false),
            (&"a".repeat(36), false),
            ("11111111-2222-3333-4444-55555555555/", false),
            ("11111111-2222-3333-4444-55555555555é", false),
            ("11111111-2222-3333-4444-555555555555-", false),
        ] {
            assert_eq!(is_id(text), expected, "{text}");
        }
    }
}

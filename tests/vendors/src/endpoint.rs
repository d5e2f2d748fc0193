//! What a vendor can be asked for.

/// An endpoint of a vendor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Endpoint {
    /// The authorization endpoint.
    Authorize,
    /// Keys of Cloudflare Access for the assertions that it sends to self-hosted applications.
    Certificates,
    /// The discovery document.
    Discovery,
    /// Where a redirect of [`Fault::Redirect`](crate::Fault::Redirect) leads: nobody should come.
    Elsewhere,
    /// GitHub's `/user/emails`.
    Emails,
    /// Microsoft Graph's `/v1.0/me/memberOf`.
    Groups,
    /// Cloudflare Access's `get-identity`.
    Identity,
    /// The JWK set.
    Keys,
    /// Microsoft Graph's `/v1.0/me`.
    Me,
    /// GitHub's `/user/orgs`.
    Organizations,
    /// GitHub's `/user/teams`.
    Teams,
    /// The token endpoint.
    Token,
    /// The userinfo endpoint; GitHub's `/user`.
    Userinfo,
}

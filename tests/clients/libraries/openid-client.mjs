// openid-client, as a library that the stories can drive.

import * as oauth from "openid-client";

// The server is on this machine, over HTTP.
const OPTIONS = { algorithm: "oauth2", execute: [oauth.allowInsecureRequests] };

const AUTHENTICATIONS = {
  none: () => oauth.None(),
  client_secret_basic: ({ secret }) => oauth.ClientSecretBasic(secret),
  client_secret_post: ({ secret }) => oauth.ClientSecretPost(secret),
  private_key_jwt: ({ key, kid }) => oauth.PrivateKeyJwt({ key, kid }),
};

export class OpenidClient {
  static library = "openid-client";

  /** A client that registers itself; it is told its secret. */
  static async register(issuer, metadata, credential) {
    const authentication = AUTHENTICATIONS[credential.method](credential);
    return new OpenidClient(await oauth.dynamicClientRegistration(new URL(issuer), metadata, authentication, OPTIONS));
  }

  /** A client that the operator wrote down. */
  static async known(issuer, credential) {
    const authentication = AUTHENTICATIONS[credential.method](credential);
    return new OpenidClient(await oauth.discovery(new URL(issuer), credential.id, undefined, authentication, OPTIONS));
  }

  constructor(configuration) {
    this.configuration = configuration;
  }

  get id() {
    return this.configuration.clientMetadata().client_id;
  }

  /** From the authorization request to tokens; `visit` is what a person does with an address. */
  async signIn(visit, { resource, ...parameters }) {
    const checks = { pkceCodeVerifier: oauth.randomPKCECodeVerifier(), expectedState: oauth.randomState() };
    const url = oauth.buildAuthorizationUrl(this.configuration, {
      ...parameters,
      resource,
      state: checks.expectedState,
      code_challenge: await oauth.calculatePKCECodeChallenge(checks.pkceCodeVerifier),
      code_challenge_method: "S256",
    });
    return oauth.authorizationCodeGrant(this.configuration, await visit(url), checks, { resource });
  }

  refresh(token) {
    return oauth.refreshTokenGrant(this.configuration, token);
  }

  clientCredentials(parameters) {
    return oauth.clientCredentialsGrant(this.configuration, parameters);
  }

  revoke(token) {
    return oauth.tokenRevocation(this.configuration, token);
  }

  introspect(token) {
    return oauth.tokenIntrospection(this.configuration, token);
  }
}

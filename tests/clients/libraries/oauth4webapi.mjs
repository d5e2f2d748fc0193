// oauth4webapi, as a library that the stories can drive.

import * as oauth from "oauth4webapi";

// The server is on this machine, over HTTP.
const INSECURE = { [oauth.allowInsecureRequests]: true };

const AUTHENTICATIONS = {
  none: () => oauth.None(),
  client_secret_basic: ({ secret }) => oauth.ClientSecretBasic(secret),
  client_secret_post: ({ secret }) => oauth.ClientSecretPost(secret),
  private_key_jwt: ({ key, kid }) => oauth.PrivateKeyJwt({ key, kid }),
};

async function discover(issuer) {
  const answer = await oauth.discoveryRequest(new URL(issuer), { algorithm: "oauth2", ...INSECURE });
  return oauth.processDiscoveryResponse(new URL(issuer), answer);
}

export class Oauth4webapi {
  static library = "oauth4webapi";

  /** A client that registers itself; it is told its secret. */
  static async register(issuer, metadata, credential) {
    const as = await discover(issuer);
    const answer = await oauth.dynamicClientRegistrationRequest(as, metadata, INSECURE);
    const client = await oauth.processDynamicClientRegistrationResponse(answer);
    return new Oauth4webapi(as, client, { ...credential, secret: client.client_secret });
  }

  /** A client that the operator wrote down. */
  static async known(issuer, credential) {
    return new Oauth4webapi(await discover(issuer), { client_id: credential.id }, credential);
  }

  constructor(as, client, credential) {
    this.as = as;
    this.client = client;
    this.authentication = AUTHENTICATIONS[credential.method](credential);
  }

  get id() {
    return this.client.client_id;
  }

  /** From the authorization request to tokens; `visit` is what a person does with an address. */
  async signIn(visit, { redirect_uri, resource, ...parameters }) {
    const [verifier, state] = [oauth.generateRandomCodeVerifier(), oauth.generateRandomState()];
    const url = new URL(this.as.authorization_endpoint);
    url.search = new URLSearchParams({
      ...parameters,
      client_id: this.id,
      redirect_uri,
      resource,
      response_type: "code",
      state,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
    });
    const brought = oauth.validateAuthResponse(this.as, this.client, await visit(url), state);
    const options = { ...INSECURE, additionalParameters: { resource } };
    const answer = await oauth.authorizationCodeGrantRequest(...this.#self, brought, redirect_uri, verifier, options);
    return oauth.processAuthorizationCodeResponse(this.as, this.client, answer);
  }

  async refresh(token) {
    const answer = await oauth.refreshTokenGrantRequest(...this.#self, token, INSECURE);
    return oauth.processRefreshTokenResponse(this.as, this.client, answer);
  }

  async clientCredentials(parameters) {
    const answer = await oauth.clientCredentialsGrantRequest(...this.#self, parameters, INSECURE);
    return oauth.processClientCredentialsResponse(this.as, this.client, answer);
  }

  async revoke(token) {
    return oauth.processRevocationResponse(await oauth.revocationRequest(...this.#self, token, INSECURE));
  }

  async introspect(token) {
    const answer = await oauth.introspectionRequest(...this.#self, token, INSECURE);
    return oauth.processIntrospectionResponse(this.as, this.client, answer);
  }

  get #self() {
    return [this.as, this.client, this.authentication];
  }
}

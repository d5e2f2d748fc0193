// Both major releases of both official SDKs, by what the application does with them.

import * as v2 from "@modelcontextprotocol/client";
import * as v1Auth from "@modelcontextprotocol/sdk/client/auth.js";
import { Client as V1Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as V1Transport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

import { Desktop } from "../desktop/desktop.mjs";
import { Account } from "./account.mjs";
import { Application } from "./application.mjs";
import { PythonApplication } from "./python.mjs";

const INFO = { name: "an-application", version: "1.0.0" };

/** What an application calls, by the names of release 2. */
const V1 = {
  ...v1Auth,
  Transport: V1Transport,
  client: () => new V1Client(INFO),
  code: (arrival) => [arrival.get("code")],
  revision: (_, transport) => transport.protocolVersion,
};
const V2 = {
  ...v2,
  Transport: v2.StreamableHTTPClientTransport,
  client: (mode) => new v2.Client(INFO, { versionNegotiation: { mode } }),
  code: (arrival) => [arrival.get("code"), arrival.get("iss")],
  revision: (client) => client.getNegotiatedProtocolVersion(),
};

/** Which release it is says the Python that runs it. */
const PYTHON = {
  account: () => Desktop.new(),
  application: (desktop, url, era) => new PythonApplication(desktop, url, era),
};

function typescript(sdk) {
  return {
    account: async () => new Account(),
    application: (account, url, era) => new Application(sdk, url, account, era),
  };
}

export const RELEASES = {
  "typescript-v1": typescript(V1),
  "typescript-v2": typescript(V2),
  "python-v1": PYTHON,
  "python-v2": PYTHON,
};

// One request of a client as lines of text: what it is in the protocols' words, and nothing that
// changes from run to run.

/** Headers that MCP or OAuth give a meaning, and that are the same in every run. */
const TOLD = ["accept", "content-type", "mcp-method", "mcp-name", "mcp-protocol-version"];
/** Those of which only the presence is told. */
const MENTIONED = ["last-event-id", "mcp-session-id", "origin", "x-api-key"];
/** Parameters of OAuth whose values are words of its vocabulary; of others the names are told. */
const VOCABULARY = [
  "application_type", "client_name", "code_challenge_method", "grant_type", "grant_types", "prompt",
  "response_type", "response_types", "scope", "token_endpoint_auth_method", "token_type_hint",
];

/** The request's first line; the status is known later. */
export function requestLine(request, status = "nothing") {
  return `${request.method} ${pathOf(request)} ${status}`;
}

/** What the request carries, a line for each. */
export function* details({ headers, url }, body) {
  for (const name of TOLD) if (headers[name]) yield `${name}: ${headers[name]}`;
  for (const name of MENTIONED) if (headers[name]) yield `${name}: …`;
  if (headers.authorization) yield `authorization: ${headers.authorization.split(" ")[0]} …`;
  const query = new URL(url, "http://localhost").searchParams;
  if (query.size > 0) yield* parameters(Object.fromEntries(query));
  const type = headers["content-type"] ?? "";
  if (type.startsWith("application/x-www-form-urlencoded")) {
    yield* parameters(Object.fromEntries(new URLSearchParams(body)));
  } else if (type.startsWith("application/json") && body) {
    const sent = JSON.parse(body);
    if (Array.isArray(sent) || sent.jsonrpc) yield* [sent].flat().map(message);
    else yield* parameters(sent);
  }
}

function pathOf({ url }) {
  return new URL(url, "http://localhost").pathname;
}

function* parameters(given) {
  const names = Object.keys(given).sort();
  yield `parameters: ${names.join(" ")}`;
  for (const name of names) if (VOCABULARY.includes(name)) yield `${name}=${[given[name]].flat().join(" ")}`;
}

function message({ method, id, params }) {
  const kind = method ? `${id === undefined ? "notification" : "request"} ${method}` : "response";
  const more = [];
  if (method === "initialize") {
    const { name, version } = params.clientInfo;
    more.push(params.protocolVersion, `of ${name} ${version}`, `capabilities: ${words(params.capabilities)}`);
  }
  if (params?.name) more.push(params.name);
  if (params?._meta) more.push(`_meta: ${words(params._meta)}`);
  return [kind, ...more].join(", ");
}

function words(object) {
  return Object.keys(object).sort().join(" ") || "none";
}

import { quote, toEnvironmentString, type JsonValue } from '@sheaf/workflow';
import { ActionError } from '../action-error.js';
import { isList, mapOf, textOf, type Inputs } from '../inputs.js';

/** One request as it goes out. Names of headers are in lower case. */
export interface OutgoingRequest {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}$/;
/** What belongs to the connection, and what would let a value speak to another host. */
const OWN =
  /^(?:connection|content-length|expect|host|keep-alive|te|trailer|transfer-encoding|upgrade|proxy-.*)$/;
/** Headers that go along to another origin: none that could hold a secret. */
const HARMLESS = new Set(['accept', 'accept-encoding', 'accept-language', 'content-type', 'user-agent']);

/** The first request that the inputs ask for. `bearer` is the value of the secret. Throws ActionError `action.input`. */
export function buildRequest(inputs: Inputs, bearer: string | undefined): OutgoingRequest {
  const url = parseUrl(textOf(inputs, 'url') ?? '');
  for (const [name, value] of Object.entries(mapOf(inputs, 'query'))) {
    for (const item of isList(value) ? value : [value])
      url.searchParams.append(name, toEnvironmentString(item));
  }
  const { body, type } = bodyOf(inputs);
  const headers: Record<string, string> = {
    accept: '*/*',
    'accept-encoding': 'gzip, br, deflate',
    'user-agent': 'sheaf',
    ...(type === undefined ? {} : { 'content-type': type }),
  };
  Object.assign(headers, readHeaders(mapOf(inputs, 'headers'), bearer));
  const method = textOf(inputs, 'method') ?? 'GET';
  return { url, method, headers, ...(body === undefined ? {} : { body }) };
}

/** Header fields that an author gives, by name in lower case. Throws ActionError `action.input`, which shows no value. */
export function readHeaders(given: Inputs, bearer: string | undefined): Readonly<Record<string, string>> {
  const headers = Object.create(null) as Record<string, string>;
  for (const [name, value] of Object.entries(given)) headers[checkName(name)] = checkHeaderValue(name, value);
  if (bearer !== undefined) headers['authorization'] = checkHeaderValue('authorization', `Bearer ${bearer}`);
  return headers;
}

/** The request that follows a redirection (RFC 9110, 15.4), or undefined when the answer is none. */
export function followRedirect(
  request: OutgoingRequest,
  status: number,
  location: string | undefined,
): OutgoingRequest | undefined {
  if (![301, 302, 303, 307, 308].includes(status) || location === undefined) return undefined;
  const url = parseUrl(location, request.url);
  if (request.url.protocol === 'https:' && url.protocol !== 'https:') {
    throw new ActionError(
      'policy.denied',
      `the server sends the request on without encryption, to ${quote(url.host)}`,
    );
  }
  const becomesGet = status === 303 ? request.method !== 'HEAD' : status < 303 && request.method === 'POST';
  const isSameOrigin = url.origin === request.url.origin;
  const kept = Object.entries(request.headers).filter(
    ([name]) => (isSameOrigin || HARMLESS.has(name)) && !(becomesGet && name === 'content-type'),
  );
  return {
    url,
    method: becomesGet ? 'GET' : request.method,
    headers: Object.fromEntries(kept),
    ...(becomesGet || request.body === undefined ? {} : { body: request.body }),
  };
}

/** An address as messages show it: a query may hold what is nobody's business. */
export function shownUrl({ origin, pathname }: URL): string {
  return `${origin}${pathname}`;
}

function parseUrl(text: string, base?: URL): URL {
  if (!URL.canParse(text, base?.href))
    throw new ActionError('action.input', `${quote(text, 200)} is no address`);
  const url = new URL(text, base);
  url.hash = '';
  return url;
}

function bodyOf(inputs: Inputs): { readonly body?: string; readonly type?: string } {
  const body = textOf(inputs, 'body');
  if (inputs['json'] === undefined) return body === undefined ? {} : { body };
  if (body !== undefined) {
    throw new ActionError('action.input', 'http.request takes either json or body');
  }
  return { body: JSON.stringify(inputs['json']), type: 'application/json' };
}

function checkName(name: string): string {
  const lower = name.toLowerCase();
  if (!NAME.test(name)) throw new ActionError('action.input', `${quote(name)} is no name of a header`);
  if (OWN.test(lower))
    throw new ActionError('action.input', `the header ${quote(name)} is set by the engine`);
  return lower;
}

/** The value is never shown: it may be a secret. */
function checkHeaderValue(name: string, value: JsonValue): string {
  if (typeof value !== 'string' || /[^\t\x20-\x7e\x80-\xff]/.test(value)) {
    throw new ActionError(
      'action.input',
      `the header ${quote(name)} holds a character that no header may hold`,
      {
        hint: 'a line end at the end of a secret is the usual cause',
      },
    );
  }
  return value;
}

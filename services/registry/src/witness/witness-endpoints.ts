import { BundleError, parseWitnessVerifier, type WitnessVerifier } from '@sheaf/bundle';
import type { WitnessEndpoint } from '../domain/log/ask-witness.js';
import { StartError } from '../start-error.js';

/** A note has room for 64 signatures, of which one is the log's. */
const MAX_WITNESSES = 16;

/**
 * The witnesses of a registry, as `SHEAF_WITNESSES` lists them: `URL VKEY` on lines of their own or after commas.
 *
 * @throws StartError `usage.invalid`
 */
export function parseWitnessEndpoints(text: string): readonly WitnessEndpoint[] {
  // The name of a key may hold a comma; an address follows one that separates.
  const entries = text
    .split(/\n|,(?=\s*https?:)/)
    .map((entry) => entry.trim().replace(/,$/, ''))
    .filter((entry) => entry !== '');
  if (entries.length > MAX_WITNESSES)
    throw usage(`SHEAF_WITNESSES names more than ${MAX_WITNESSES} witnesses`);
  const endpoints = entries.map(parseEndpoint);
  const keys = endpoints.map(({ verifier }) => Buffer.from(verifier.publicKey).toString('hex'));
  if (new Set(keys).size !== keys.length) throw usage('SHEAF_WITNESSES names one key twice');
  return endpoints;
}

function parseEndpoint(entry: string): WitnessEndpoint {
  const [address, vkey, ...more] = entry.split(/\s+/);
  if (address === undefined || vkey === undefined || more.length > 0)
    throw usage(`SHEAF_WITNESSES: ${JSON.stringify(entry)} is not a URL and a key`);
  return { url: parseAddress(address), verifier: parseKey(vkey) };
}

function parseAddress(address: string): string {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const isPlain = url?.username === '' && url.password === '' && url.search === '' && url.hash === '';
  if (!isPlain || (url.protocol !== 'https:' && url.protocol !== 'http:'))
    throw usage(
      `SHEAF_WITNESSES: ${JSON.stringify(address)} is not an http or https URL without query and user`,
    );
  return url.href.replace(/\/+$/, '');
}

function parseKey(vkey: string): WitnessVerifier {
  try {
    return parseWitnessVerifier(vkey);
  } catch (cause) {
    if (!(cause instanceof BundleError)) throw cause;
    throw usage(`SHEAF_WITNESSES: ${cause.message}`, cause);
  }
}

function usage(message: string, cause?: unknown): StartError {
  return new StartError(
    'usage.invalid',
    message,
    'write one URL and the key that the witness printed on each line: https://witness.example.org NAME+HASH+KEY',
    cause,
  );
}

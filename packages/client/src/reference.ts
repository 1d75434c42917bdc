import { parseDigest, type Digest } from '@sheaf/bundle';
import {
  parseVersion,
  parseWorkflowId,
  quote,
  WorkflowError,
  type Version,
  type WorkflowId,
} from '@sheaf/workflow';
import { ClientError } from './errors.js';
import { isRegistryName } from './registry-name.js';
import { isVersionRange } from './version-order.js';

/** Which version of a workflow is meant. */
export type Selector =
  | { readonly kind: 'latest' }
  | { readonly kind: 'range'; readonly range: string }
  | { readonly kind: 'version'; readonly version: Version }
  | { readonly kind: 'channel'; readonly channel: string }
  | { readonly kind: 'digest'; readonly digest: Digest };

/** `[registry:]namespace/name[@selector]`, parsed. */
export interface Reference {
  /** The name of a configured registry, not an address. */
  readonly registry?: string | undefined;
  readonly id: WorkflowId;
  readonly selector: Selector;
}

const MAX_LENGTH = 400;
const MAX_RANGE_LENGTH = 128;
const CHANNEL = /^[a-z](?:[a-z0-9-]{0,62}[a-z0-9])?$/;
const HINT = 'write namespace/name, then @1.2.0, @^1.2, @beta or @sha256:<digest> if you like';

/**
 * Parses a reference to a workflow: nothing after the name means its latest version; after `@` stands a version, a
 * SemVer range, a channel or a digest. What reads as a range is one, so a channel may not be called `x` or `v1`.
 *
 * @throws ClientError `reference.invalid`
 */
export function parseReference(text: string): Reference {
  if (text.length > MAX_LENGTH) throw invalid(text, `is longer than ${MAX_LENGTH} characters`);
  const at = text.indexOf('@');
  const subject = at === -1 ? text : text.slice(0, at);
  const colon = subject.indexOf(':');
  const registry = colon === -1 ? undefined : subject.slice(0, colon);
  if (registry !== undefined && !isRegistryName(registry))
    throw invalid(text, 'does not begin with the name of a registry');
  const id = parseId(text, subject.slice(colon + 1));
  const selector: Selector = at === -1 ? { kind: 'latest' } : parseSelector(text, text.slice(at + 1));
  return { ...(registry === undefined ? {} : { registry }), id, selector };
}

/** The text that {@link parseReference} reads back to the same reference. */
export function formatReference({ registry, id, selector }: Reference): string {
  const subject = registry === undefined ? id : `${registry}:${id}`;
  const selected = formatSelector(selector);
  return selected === '' ? subject : `${subject}@${selected}`;
}

/** A selector as it stands after `@`; empty for the latest version. */
export function formatSelector(selector: Selector): string {
  switch (selector.kind) {
    case 'latest':
      return '';
    case 'range':
      return selector.range;
    case 'version':
      return selector.version;
    case 'channel':
      return selector.channel;
    case 'digest':
      return selector.digest;
  }
}

function parseId(text: string, id: string): WorkflowId {
  try {
    return parseWorkflowId(id);
  } catch (error) {
    if (!(error instanceof WorkflowError)) throw error;
    throw new ClientError(
      'reference.invalid',
      `reference ${quote(text)} names no workflow: ${error.message}`,
      {
        hint: HINT,
        cause: error,
      },
    );
  }
}

function parseSelector(text: string, selector: string): Selector {
  if (selector.startsWith('sha256:')) return { kind: 'digest', digest: parseDigestOf(text, selector) };
  const version = findVersion(selector);
  if (version !== undefined) return { kind: 'version', version };
  if (isRange(selector)) return { kind: 'range', range: selector };
  if (CHANNEL.test(selector)) return { kind: 'channel', channel: selector };
  throw invalid(text, 'has neither a version, a range, a channel nor a digest after @');
}

function parseDigestOf(text: string, selector: string): Digest {
  try {
    return parseDigest(selector);
  } catch (error) {
    throw invalid(text, 'has a digest that is not 64 lower-case hexadecimal digits', error);
  }
}

function findVersion(text: string): Version | undefined {
  try {
    return parseVersion(text);
  } catch {
    return undefined;
  }
}

/** Only what a range is made of, trimmed, so that a reference stays one harmless line. */
function isRange(text: string): boolean {
  const isPlain =
    text.length <= MAX_RANGE_LENGTH && /^[\w.^~<>=|*+-](?:[\w .^~<>=|*+-]*[\w.*+-])?$/.test(text);
  return isPlain && isVersionRange(text);
}

function invalid(text: string, problem: string, cause?: unknown): ClientError {
  return new ClientError('reference.invalid', `reference ${quote(text)} ${problem}`, { hint: HINT, cause });
}

import { BundleError } from '../error.js';
import { parseWitnessVerifier, type WitnessVerifier } from './cosignature.js';
import { type LogVerifier, parseLogVerifier } from './note.js';

/** A witness that a policy knows. */
export interface PolicyWitness {
  /** What the policy's own lines call it; it means nothing elsewhere. */
  readonly name: string;
  readonly verifier: WitnessVerifier;
  /** Submission prefix of the witness. */
  readonly url?: string;
}

/** So many of these members, each the name of a witness or of another group. */
export interface PolicyGroup {
  readonly name: string;
  readonly threshold: number;
  readonly members: readonly string[];
}

/** Which cosignatures make a checkpoint good enough (C2SP tlog-policy). */
export interface WitnessPolicy {
  /** Logs that the policy names, in its order. It may name none. */
  readonly logs: readonly LogVerifier[];
  readonly witnesses: readonly PolicyWitness[];
  /** Each after the groups that it names. */
  readonly groups: readonly PolicyGroup[];
  /** Name of a witness or a group; undefined for `quorum none`. */
  readonly quorum: string | undefined;
}

/** Longest policy, in characters. */
export const MAX_POLICY_LENGTH = 64 << 10;
/** Most logs, witnesses and groups, of each; a note has no room for more cosignatures. */
const MAX_LINES_OF_A_KIND = 63;
// C2SP tlog-policy, "Character set": tab, newline and everything from space on but DEL. Text that was UTF-8 holds no octets of its own.
const FORBIDDEN = /[^\t\n\u0020-\u007e\u0080-\u{10ffff}]/u;
const KEYWORDS: ReadonlySet<string> = new Set(['none', 'all', 'any']);

/**
 * Parses a witness policy (C2SP tlog-policy): `log`, `witness`, `group` and `quorum` lines. Names must be defined on
 * an earlier line than they are used on, and each is a member of at most one group, once.
 *
 * @param file what messages call the file
 * @throws BundleError `witness.policy_invalid`, with file and line
 */
export function parseWitnessPolicy(text: string, file: string): WitnessPolicy {
  if (text.length > MAX_POLICY_LENGTH)
    throw new BundleError(
      'witness.policy_invalid',
      `${file}: the policy is longer than ${MAX_POLICY_LENGTH} characters`,
    );
  const draft: Draft = { logs: [], witnesses: [], groups: [], names: new Set(), members: new Set() };
  let quorum: { readonly name: string | undefined } | undefined;
  const lines = text.split('\n');
  for (const [index, line] of lines.entries()) {
    const fail: Fail = (problem) => failAt(file, index + 1, problem);
    if (FORBIDDEN.test(line)) fail('it holds a control character');
    const items = line.split(/[ \t]+/).filter((item) => item !== '');
    const [kind = '#', ...rest] = items;
    if (kind.startsWith('#')) continue;
    switch (kind) {
      case 'log':
        readLog(draft, rest, fail);
        break;
      case 'witness':
        readWitness(draft, rest, fail);
        break;
      case 'group':
        readGroup(draft, rest, fail);
        break;
      case 'quorum':
        if (quorum !== undefined) fail('there may be only one quorum line');
        quorum = { name: readQuorum(draft, rest, fail) };
        break;
      default:
        fail(`${quote(kind)} is not log, witness, group or quorum`);
    }
  }
  if (quorum === undefined) failAt(file, lines.length, 'a policy needs one quorum line');
  const { logs, witnesses, groups } = draft;
  return { logs, witnesses, groups, quorum: quorum.name };
}

interface Draft {
  readonly logs: LogVerifier[];
  readonly witnesses: PolicyWitness[];
  readonly groups: PolicyGroup[];
  /** Of witnesses and groups. */
  readonly names: Set<string>;
  /** Names that are in a group already. */
  readonly members: Set<string>;
}

type Fail = (problem: string) => never;

function readLog(draft: Draft, items: readonly string[], fail: Fail): void {
  const [vkey, url, ...more] = items;
  if (vkey === undefined || more.length > 0) fail('write log <vkey> [<url>]');
  checkUrl(url, fail);
  const verifier = readKey(() => parseLogVerifier(vkey), fail);
  if (draft.logs.some((log) => sameKey(log, verifier))) fail('this log is listed twice');
  if (draft.logs.length === MAX_LINES_OF_A_KIND) fail(`there are more than ${MAX_LINES_OF_A_KIND} logs`);
  draft.logs.push(verifier);
}

function readWitness(draft: Draft, items: readonly string[], fail: Fail): void {
  const [name, vkey, url, ...more] = items;
  if (name === undefined || vkey === undefined || more.length > 0)
    fail('write witness <name> <vkey> [<url>]');
  checkUrl(url, fail);
  const verifier = readKey(() => parseWitnessVerifier(vkey), fail);
  if (draft.witnesses.some((witness) => sameKey(witness.verifier, verifier)))
    fail('this witness is listed twice');
  if (draft.witnesses.length === MAX_LINES_OF_A_KIND)
    fail(`there are more than ${MAX_LINES_OF_A_KIND} witnesses`);
  define(draft, name, fail);
  draft.witnesses.push({ name, verifier, ...(url !== undefined && { url }) });
}

function readGroup(draft: Draft, items: readonly string[], fail: Fail): void {
  const [name, count, ...members] = items;
  if (name === undefined || count === undefined || members.length === 0)
    fail('write group <name> all|any|<number> <name>...');
  for (const member of members) {
    if (!draft.names.has(member))
      fail(`${quote(member)} is not the name of a witness or group of an earlier line`);
    if (draft.members.has(member)) fail(`${quote(member)} is a member already`);
    draft.members.add(member);
  }
  if (draft.groups.length === MAX_LINES_OF_A_KIND) fail(`there are more than ${MAX_LINES_OF_A_KIND} groups`);
  define(draft, name, fail);
  draft.groups.push({ name, threshold: readThreshold(count, members.length, fail), members });
}

function readThreshold(count: string, members: number, fail: Fail): number {
  if (count === 'any') return 1;
  if (count === 'all') return members;
  const threshold = /^[1-9][0-9]{0,2}$/.test(count) ? Number(count) : 0;
  if (threshold < 1 || threshold > members)
    fail(`${quote(count)} is not all, any, or a number from 1 to ${members}`);
  return threshold;
}

function readQuorum(draft: Draft, items: readonly string[], fail: Fail): string | undefined {
  const [name, ...more] = items;
  if (name === undefined || more.length > 0) fail('write quorum <name>, or quorum none');
  if (name === 'none') return undefined;
  if (!draft.names.has(name)) fail(`${quote(name)} is not the name of a witness or group of an earlier line`);
  return name;
}

function define(draft: Draft, name: string, fail: Fail): void {
  if (KEYWORDS.has(name)) fail(`${quote(name)} cannot be a name`);
  if (draft.names.has(name)) fail(`the name ${quote(name)} is used twice`);
  draft.names.add(name);
}

function readKey<T>(read: () => T, fail: Fail): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof BundleError)) throw error;
    return fail(error.message);
  }
}

function checkUrl(url: string | undefined, fail: Fail): void {
  if (url !== undefined && !/^https?:\/\/[^/?#\s]/i.test(url))
    fail(`${quote(url)} is not an http or https url`);
}

/** C2SP tlog-policy: the same key under another name is the same signer. */
function sameKey(a: { readonly publicKey: Uint8Array }, b: { readonly publicKey: Uint8Array }): boolean {
  return a.publicKey.every((byte, i) => byte === b.publicKey[i]);
}

function failAt(file: string, line: number, problem: string): never {
  throw new BundleError('witness.policy_invalid', `${file}:${line}: ${problem}`, {
    hint: 'see https://c2sp.org/tlog-policy',
  });
}

/** ASCII only: a name may hold anything that a terminal would obey. */
function quote(text: string): string {
  return JSON.stringify(text.slice(0, 64)).replaceAll(
    /[^\u0020-\u007e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

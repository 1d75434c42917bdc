import { createHmac } from 'node:crypto';
import { printable, quote, type Plan } from '@sheaf/workflow';
import { ActionError } from '../actions/action-error.js';
import { createRedactor, growingRedactor, NO_REDACTION, type Redactor } from '../redaction/redactor.js';
import { findSecretProblem, type FoundSecret, type SecretSource } from './source.js';

/** The secrets of one run: asked for when a step needs them, and hidden from then on. */
export interface HeldSecrets {
  /** Knows every value before anybody is given it. */
  readonly redactor: Redactor;
  /** What was asked for and found, by name. */
  readonly known: ReadonlyMap<string, FoundSecret>;
  /** Asks for one, the first time; says where it was. Throws ActionError `secret.missing`, `secret.invalid`, `secret.unreadable`. */
  readonly load: (name: string) => Promise<FoundSecret>;
  /** Another text when the secret, which was loaded, was set anew; says nothing of its value. */
  readonly versionOf: (name: string) => string;
}

export interface HoldOptions {
  readonly source: SecretSource;
  /** Of this machine, for versions; asked for when one is needed. */
  readonly hashKey: () => Uint8Array;
  /** Ends questions to the source. */
  readonly signal?: AbortSignal | undefined;
}

/** Nothing is asked for before a step needs it; of a plan without secrets, never. What a plan calls may use no others than it. */
export async function holdSecrets(
  plan: Plan,
  { source, hashKey, signal }: HoldOptions,
): Promise<HeldSecrets> {
  const names = [...new Set(plan.permissions.secrets)];
  if (names.length === 0) return NO_SECRETS;
  const redactor = growingRedactor();
  const known = new Map<string, FoundSecret>();
  const asked = new Map<string, Promise<FoundSecret>>();
  const asker = { workflow: plan.workflow.id, ...(signal === undefined ? {} : { signal }) };
  for (const value of (await source.atHand?.(names, asker)) ?? [])
    if (findSecretProblem(value) === undefined) redactor.add(value);
  const ask = async (name: string): Promise<FoundSecret> => {
    const found = names.includes(name) ? await findIn(source, name, { asker, redactor }) : undefined;
    if (found === undefined || found.value === '') {
      // It may be there when the next step asks.
      asked.delete(name);
      throw new ActionError('secret.missing', `there is no secret ${quote(name)} on this machine`, {
        hint: `store it: sheaf secret set ${name}`,
      });
    }
    const problem = findSecretProblem(found.value);
    if (problem !== undefined) {
      throw new ActionError('secret.invalid', `the secret ${quote(name)} ${problem}`, {
        hint: `give it another value: sheaf secret set ${name}`,
      });
    }
    redactor.add(found.value);
    known.set(name, found);
    return found;
  };
  return {
    redactor,
    known,
    load: (name) => {
      const begun = asked.get(name) ?? ask(name);
      if (!asked.has(name)) asked.set(name, begun);
      return begun;
    },
    versionOf: (name) => versionOf(name, known.get(name), hashKey),
  };
}

/** Secrets that are there from the beginning, by name; of a test. */
export function fixedSecrets(values: Readonly<Record<string, string>>): HeldSecrets {
  const found = Object.entries(values).map(([name, value]): [string, FoundSecret] => [
    name,
    { value, source: 'test' },
  ]);
  const known = new Map(found);
  return {
    redactor: known.size === 0 ? NO_REDACTION : createRedactor(Object.values(values)),
    known,
    load: (name) => {
      const secret = known.get(name);
      if (secret !== undefined) return Promise.resolve(secret);
      return Promise.reject(
        new ActionError('secret.missing', `the test gives no secret ${quote(name)}`, {
          hint: `add it to the secrets of the test: ${name} = "any text"`,
        }),
      );
    },
    versionOf: (name) => versionOf(name, known.get(name), () => new Uint8Array()),
  };
}

/** Of a run that uses none. */
export const NO_SECRETS: HeldSecrets = fixedSecrets({});

async function findIn(
  { find }: SecretSource,
  name: string,
  { asker, redactor }: { readonly asker: Parameters<SecretSource['find']>[1]; readonly redactor: Redactor },
): Promise<FoundSecret | undefined> {
  try {
    return await find(name, asker);
  } catch (error) {
    // What a source says may have in it what it had read before it failed.
    const shown = (text: string): string => printable(redactor.text(text).split('\n', 1)[0] ?? '', MAX_SHOWN);
    const message = error instanceof Error ? error.message : String(error);
    const hint = hintOf(error);
    throw new ActionError(
      'secret.unreadable',
      `the secret ${quote(name)} cannot be read: ${shown(message)}`,
      {
        ...(hint === undefined ? {} : { hint: shown(hint) }),
        cause: error,
      },
    );
  }
}

const MAX_SHOWN = 400;

function hintOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('hint' in error)) return undefined;
  const first: unknown = Array.isArray(error.hint) ? error.hint[0] : error.hint;
  return typeof first === 'string' ? first : undefined;
}

function versionOf(name: string, found: FoundSecret | undefined, hashKey: () => Uint8Array): string {
  if (found === undefined) throw new TypeError(`the secret ${name} was not loaded`);
  if (found.version !== undefined) return `set ${found.version}`;
  return `hash ${createHmac('sha256', hashKey()).update(`${name}\0${found.value}`).digest('hex')}`;
}

import type { Reference } from '@sheaf/client';
import { rememberParameters } from '../completion/remember-parameters.js';
import type { Input } from '../frame/args.js';
import type { Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import { fetchLocked } from '../project/fetch-locked.js';
import { readTarget } from '../project/run-target.js';
import { fetchCarried } from '../registry/fetch-carry.js';
import { locateReference } from '../registry/locate.js';
import { fetchVerified, type Fetched, type FetchOptions } from '../registry/fetch.js';
import { withSessions } from '../registry/session.js';
import type { Closure } from '../uses/closure.js';
import { isCarryName } from '../workflow/carry-file.js';
import { isAddress } from '../workflow/address.js';
import { assertOwn, readOverlayFlags } from '../workflow/overlays.js';
import { assertValid, readAddress, readSource, type ValidSource } from '../workflow/source.js';

/** What a word on the command line stands for, read and, where it is not one's own, verified. */
export type Target =
  | { readonly kind: 'local'; readonly path: string; readonly source: ValidSource }
  | {
      readonly kind: 'verified';
      readonly fetched: Fetched;
      readonly reference: Reference;
      /** Address of the registry, to fetch it from once more. */
      readonly url: string;
      /** With all that it depends on, where a lockfile says what that is. */
      readonly closure?: Closure;
    };

/**
 * Reads a folder of one's own, or fetches and verifies what a short name, a reference or a carried file means. What lies at an address is
 * read only to be shown.
 *
 * @throws CliError `usage.conflicting_flags`; as `readTarget`, `readSource`, `fetchLocked`, `fetchVerified`, `fetchCarried`
 */
export async function fetchTarget(
  context: Context,
  input: Input,
  word: string,
  options: FetchOptions,
  addresses: 'shown' | 'refused' = 'refused',
): Promise<Target> {
  const target = await findTarget(context, input, word, options, addresses);
  if (target.kind === 'verified')
    await rememberParameters(context, word, target.fetched.workflow.bundle.definition);
  return target;
}

async function findTarget(
  context: Context,
  input: Input,
  word: string,
  options: FetchOptions,
  addresses: 'shown' | 'refused',
): Promise<Target> {
  const overlaying = readOverlayFlags(input);
  if (isAddress(word)) {
    if (addresses !== 'shown') throw notRun(word);
    const source = await readAddress(word, context.cwd, overlaying);
    assertValid(source);
    return { kind: 'local', path: word, source };
  }
  if (isCarryName(word)) {
    assertOwn(overlaying, word);
    return fetchFromFile(context, input, word, options);
  }
  const target = await readTarget(context, input, word);
  const { kind } = target;
  if (kind === 'local') {
    const source = await readSource(target.path, context.cwd, overlaying);
    assertValid(source);
    return { kind, path: target.path, source };
  }
  assertOwn(overlaying, word);
  if (kind === 'locked') {
    const fetched = await withSessions(context, (use) =>
      fetchLocked({ context, input, use }, target, options),
    );
    const { closure } = fetched;
    return { kind: 'verified', fetched, reference: target.reference, url: fetched.pin.url, closure };
  }
  return withSessions(context, async (use) => {
    const { reference } = target;
    const choice = await locateReference({ context, input, use }, reference);
    const fetched = await use(choice, (session) => fetchVerified(context, session, reference, options));
    return { kind: 'verified', fetched, reference, url: choice.url };
  });
}

/** Where what nobody signed comes from. */
export function describeUnsigned(path: string): string {
  return isAddress(path) ? `unsigned: nothing proves who wrote ${path}` : 'unsigned: your working tree';
}

/** What came from elsewhere runs only when it is proved who signed it. */
function notRun(word: string): CliError {
  return new CliError('usage.address', `${word} is an address: nothing proves who wrote what is there`, {
    hint: [`look at it: sheaf plan ${word}`, 'then run a copy of your own, or what somebody published'],
  });
}

/** Nothing that a carried file holds is used before all of it is verified. */
async function fetchFromFile(
  context: Context,
  input: Input,
  file: string,
  options: FetchOptions,
): Promise<Target> {
  if (input.has('locked')) {
    throw new CliError('usage.conflicting_flags', `${file} is a file, and no lockfile speaks of it`, {
      hint: 'leave out --locked, or name what sheaf.toml names',
    });
  }
  const fetched = await fetchCarried(context, file, options);
  const { id, version } = fetched.workflow;
  const reference = { id, selector: { kind: 'version', version } } as const;
  return { kind: 'verified', fetched, reference, url: fetched.pin.url };
}

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
import { isCarryName } from '../workflow/carry-file.js';
import { assertValid, readSource, type ValidSource } from '../workflow/source.js';

/** What a word on the command line stands for, read and, where it is not one's own, verified. */
export type Target =
  | { readonly kind: 'local'; readonly path: string; readonly source: ValidSource }
  | {
      readonly kind: 'verified';
      readonly fetched: Fetched;
      readonly reference: Reference;
      /** Address of the registry, to fetch it from once more. */
      readonly url: string;
    };

/**
 * Reads a folder of one's own, or fetches and verifies what a short name, a reference or a carried file means.
 *
 * @throws CliError `usage.conflicting_flags`; as `readTarget`, `readSource`, `fetchLocked`, `fetchVerified`, `fetchCarried`
 */
export async function fetchTarget(
  context: Context,
  input: Input,
  word: string,
  options: FetchOptions,
): Promise<Target> {
  const target = await findTarget(context, input, word, options);
  if (target.kind === 'verified')
    await rememberParameters(context, word, target.fetched.workflow.bundle.definition);
  return target;
}

async function findTarget(
  context: Context,
  input: Input,
  word: string,
  options: FetchOptions,
): Promise<Target> {
  if (isCarryName(word)) return fetchFromFile(context, input, word, options);
  const target = await readTarget(context, input, word);
  const { kind } = target;
  if (kind === 'local') {
    const source = await readSource(target.path, context.cwd);
    assertValid(source);
    return { kind, path: target.path, source };
  }
  if (kind === 'locked') {
    const fetched = await withSessions(context, (use) =>
      fetchLocked({ context, input, use }, target, options),
    );
    return { kind: 'verified', fetched, reference: target.reference, url: fetched.pin.url };
  }
  return withSessions(context, async (use) => {
    const { reference } = target;
    const choice = await locateReference({ context, input, use }, reference);
    const fetched = await use(choice, (session) => fetchVerified(context, session, reference, options));
    return { kind: 'verified', fetched, reference, url: choice.url };
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

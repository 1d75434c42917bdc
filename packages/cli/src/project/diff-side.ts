import { existsSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import { isClientError, openSignedWorkflow, type ComparedWorkflow, type Reference } from '@sheaf/client';
import type { Input } from '../frame/args.js';
import type { Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import type { RegistryChoice } from '../registry/choose.js';
import { fetchCarried } from '../registry/fetch-carry.js';
import { fetchVerified, type Fetched } from '../registry/fetch.js';
import { withReference } from '../registry/locate.js';
import { asPath, type Session } from '../registry/session.js';
import { shellWord } from '../terminal/shell.js';
import { isCarryName, readCarry } from '../workflow/carry-file.js';
import { bundleFolder } from '../workflow/bundle-folder.js';
import { expandName } from './expand-name.js';
import { withNamed } from './with-named.js';

/** One side of a diff, and what is known of it. */
export interface DiffSide {
  readonly kind: 'published' | 'file' | 'folder';
  readonly id: string;
  readonly version: string;
  readonly digest: string;
  /** Log, signature and every byte: else what is shown is what somebody claims. */
  readonly isVerified: boolean;
  /** Where a published version was fetched from. */
  readonly registry?: RegistryChoice;
  /** How messages call a folder or a file. */
  readonly path?: string;
  readonly compared: ComparedWorkflow;
}

/**
 * Opens what a word of the command line means: a path or a file is one's own; a short name is what is locked for it; all
 * else is a reference, and is verified first.
 *
 * @throws as `bundleFolder`, `fetchCarried`, `withReference`, `fetchVerified`; CliError `reference.ambiguous`
 */
export async function openSide(context: Context, input: Input, word: string): Promise<DiffSide> {
  if (isCarryName(word)) return openCarry(context, input, word);
  const { name, project } = await expandName(context, word);
  const named = name === undefined ? undefined : project?.workflows.get(name);
  if (isLocal(word, context.cwd, name !== undefined)) return openFolder(context, word);
  const fetch = (session: Session, reference: Reference): Promise<DiffSide> =>
    fetchSide(context, input, session, reference);
  return named !== undefined && project !== undefined
    ? withNamed(context, input, { project, wanted: named.reference }, fetch)
    : withReference(context, input, word, fetch);
}

/** Fetches and verifies a published version. @throws as `fetchVerified` */
export async function fetchSide(
  context: Context,
  input: Input,
  session: Session,
  reference: Reference,
): Promise<DiffSide> {
  const options = { yes: input.has('yes'), allowYoung: input.all('allow-young'), offline: false };
  const fetched = await fetchVerified(context, session, reference, options);
  return { ...verifiedSide(fetched, 'published'), registry: session.choice };
}

function verifiedSide({ workflow }: Fetched, kind: DiffSide['kind'], path?: string): DiffSide {
  const { id, version, digest, bundle, signerFacts } = workflow;
  return {
    kind,
    id,
    version,
    digest,
    isVerified: true,
    ...(path === undefined ? {} : { path }),
    compared: { ...bundle, signers: signerFacts.map(({ keyid }) => keyid) },
  };
}

async function openFolder(context: Context, word: string): Promise<DiffSide> {
  const { bundle } = await bundleFolder(word, context);
  const { id, version } = bundle.definition;
  return {
    kind: 'folder',
    id,
    version,
    digest: bundle.digest,
    isVerified: false,
    path: word,
    compared: bundle,
  };
}

/** A carry file: verified as far as it can be; one that was not published yet is shown as what it claims. */
async function openCarry(context: Context, input: Input, word: string): Promise<DiffSide> {
  try {
    const policy = { yes: input.has('yes'), allowYoung: input.all('allow-young') };
    return verifiedSide(await fetchCarried(context, word, policy), 'file', word);
  } catch (error) {
    if (!isClientError(error, 'carry.unpublished')) throw error;
  }
  const { packed } = await openSignedWorkflow(await readCarry(context, word));
  const { id, version } = packed.bundle.definition;
  const { digest } = packed.bundle;
  return { kind: 'file', id, version, digest, isVerified: false, path: word, compared: packed.bundle };
}

/** Whether a word is a folder or a definition here. One that may be something published as well is refused. */
function isLocal(word: string, cwd: string, isName: boolean): boolean {
  if (asPath(word, cwd) !== undefined) return true;
  if (['.toml', '.yaml', '.yml'].includes(extname(word))) return true;
  if (!existsSync(resolve(cwd, word))) return false;
  if (!word.includes('/') && !isName) return true;
  throw new CliError(
    'reference.ambiguous',
    `${word} is a folder here and may be a published workflow as well`,
    {
      hint: [
        `the folder, unsigned: ./${shellWord(word)}`,
        `the published one, verified: ${isName ? 'give it another name in sheaf.toml' : `${word}@latest`}`,
      ],
    },
  );
}

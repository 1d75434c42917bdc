import { gzipTar, type Envelope } from '@sheaf/bundle';
import {
  addSignature,
  openSignedWorkflow,
  packSignedWorkflow,
  signPublish,
  type PackedWorkflow,
} from '@sheaf/client';
import { splitWorkflowId } from '@sheaf/workflow';
import type { Input } from '../frame/args.js';
import type { Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import { chooseSigningKeys, type ChosenKey } from '../keys/signing-key.js';
import { ensurePinned } from '../registry/first-contact.js';
import { readGitState, type GitState } from '../registry/git-source.js';
import { withSession } from '../registry/session.js';
import { shellWord } from '../terminal/shell.js';
import { plural } from '../terminal/text.js';
import { readCarry, writeCarry } from './carry-file.js';
import type { PackedFolder } from './pack.js';

/** What was signed, for which registry, and where it lies. */
export interface SignedFile {
  readonly packed: PackedWorkflow;
  /** The registry's origin that the signature is for. */
  readonly registry: string;
  readonly keys: readonly { readonly id: string; readonly name: string }[];
  /** In the file now, of all who signed. */
  readonly signatures: number;
  readonly output: { readonly path: string; readonly sizeBytes: number };
}

/** The commit that a statement names: only one that holds exactly the packed files. */
export function sourceOf(git: GitState): { readonly uri: string; readonly commit: string } | undefined {
  return git.kind === 'clean' ? { uri: git.uri, commit: git.commit } : undefined;
}

/** When something is signed, as statements have it. */
export function signedAt(context: Pick<Context, 'now'>): string {
  return `${new Date(context.now()).toISOString().slice(0, 19)}Z`;
}

/** Signs a packed workflow for a registry, with one key or several. */
export function signPacked(
  context: Pick<Context, 'now'>,
  { packed, git }: { readonly packed: PackedWorkflow; readonly git: GitState },
  [first, ...others]: Awaited<ReturnType<typeof chooseSigningKeys>>,
  registry: string,
): Envelope {
  return signPublish(
    {
      packed,
      key: first.key,
      cosigners: others.map(({ key }) => key),
      source: sourceOf(git),
      signedAt: signedAt(context),
    },
    registry,
  );
}

/** Signs a packed folder for a registry and writes it to a carry file; nothing is sent. */
export function signFolder(
  context: Context,
  input: Input,
  { source, bundle }: PackedFolder,
  output: string,
): Promise<SignedFile> {
  return withSession(context, input, async (session) => {
    const { origin } = await ensurePinned(context, session, { yes: input.has('yes') });
    const packed = { bundle, blob: await gzipTar(bundle.tar) };
    const git = await readGitState(source.dir, bundle.files, context.env);
    const { namespace } = splitWorkflowId(bundle.definition.id);
    const keys = await chooseSigningKeys(context, input.all('key'), [{ registry: origin, namespace }]);
    const envelope = signPacked(context, { packed, git }, keys, origin);
    return finish(context, { packed, envelope, keys, registry: origin, output });
  });
}

/** Adds signatures to a carry file that was not published yet, after showing what is signed. */
export async function cosignFile(
  context: Context,
  input: Input,
  file: string,
  output: string,
): Promise<SignedFile> {
  const { carry, packed, statement } = await openSignedWorkflow(await readCarry(context, file));
  if (carry.receipt !== undefined) {
    throw new CliError(
      'carry.published',
      `${file} is published: its signatures are in the log, and stay as they are`,
      {
        hint: `sheaf verify ${shellWord(file)}`,
      },
    );
  }
  const { definition, digest, files } = packed.bundle;
  context.ui.say(`this would sign ${definition.id} ${definition.version} for ${statement.registry}`);
  context.ui.say(`  ${digest}, ${plural(files.length, 'file')}`);
  await approve(context, input, file);
  const keys = await chooseSigningKeys(context, input.all('key'), [statement]);
  const envelope = keys.reduce((signed, { key }) => addSignature(signed, key), carry.envelope);
  return finish(context, { packed, envelope, keys, registry: statement.registry, output });
}

function namesOf(input: Input): string {
  const names = input.all('key');
  return (names.length === 0 ? ['NAME'] : names).map((name) => ` --key ${shellWord(name)}`).join('');
}

function outputOf(input: Input): string {
  const output = input.get('output');
  return output === undefined ? '' : ` -o ${shellWord(output)}`;
}

async function approve({ ui }: Context, input: Input, file: string): Promise<void> {
  if (input.has('yes')) return;
  if (!ui.canAsk) {
    throw new CliError('approval.required', 'there is no terminal to ask on whether to sign this', {
      hint: `sheaf pack --sign ${shellWord(file)}${namesOf(input)}${outputOf(input)} --yes`,
    });
  }
  if (await ui.confirm('Sign it?')) return;
  throw new CliError('approval.refused', 'not agreed; nothing was signed', {
    hint: 'run the command again when you want to',
  });
}

async function finish(
  context: Context,
  work: {
    readonly packed: PackedWorkflow;
    readonly envelope: Envelope;
    readonly keys: readonly ChosenKey[];
    readonly registry: string;
    readonly output: string;
  },
): Promise<SignedFile> {
  const { packed, envelope, keys, registry, output } = work;
  const bytes = packSignedWorkflow({ blob: packed.blob, envelope });
  return {
    packed,
    registry,
    keys: keys.map(({ key, label }) => ({ id: key.publicKey.id, name: label })),
    signatures: envelope.signatures.length,
    output: await writeCarry(context, output, bytes),
  };
}

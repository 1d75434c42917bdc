import { gzipTar } from '@sheaf/bundle';
import {
  activeKeys,
  assertSigned,
  fetchKeyHistory,
  openSignedWorkflow,
  type PackedWorkflow,
  type Pin,
  type SignedWorkflow,
} from '@sheaf/client';
import type { Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import type { ShownDiagnostic } from '../output/diagnostics.js';
import { isCarryName, readCarry } from '../workflow/carry-file.js';
import { packFolder } from '../workflow/pack.js';
import { findSecrets } from '../workflow/warnings/secrets.js';
import { readGitState, type GitState } from './git-source.js';
import type { Session } from './session.js';

/** What is to be published: a folder, packed, or a file that was signed before. */
export interface PublishSubject {
  /** The folder or file, as it was named. */
  readonly word: string;
  readonly packed: PackedWorkflow;
  readonly diagnostics: readonly ShownDiagnostic[];
  readonly git: GitState;
  /** The definition, for the findings about it. */
  readonly sources?: ReadonlyMap<string, string>;
  /** Present for a file. */
  readonly signed?: SignedWorkflow;
}

export async function readSubject(context: Context, word: string): Promise<PublishSubject> {
  if (isCarryName(word)) {
    const signed = await openSignedWorkflow(await readCarry(context, word));
    const { packed, statement } = signed;
    const git: GitState =
      statement.source === undefined ? { kind: 'none' } : { kind: 'clean', ...statement.source };
    return { word, packed, signed, git, diagnostics: findSecrets(packed.bundle.files) };
  }
  const { source, bundle, warnings } = await packFolder(word, context);
  return {
    word,
    packed: { bundle, blob: await gzipTar(bundle.tar) },
    diagnostics: [...source.diagnostics, ...warnings],
    sources: new Map([[source.shownFile, source.text]]),
    git: await readGitState(source.dir, bundle.files, context.env),
  };
}

/**
 * Makes sure that a signed file is for this registry and has the signatures that the namespace asks for.
 *
 * @throws CliError `statement.mismatch`; ClientError `key.threshold`; as `fetchKeyHistory`
 */
export async function assertPublishable(
  context: Context,
  session: Session,
  signed: SignedWorkflow,
  pin: Pin,
): Promise<readonly string[]> {
  const { statement } = signed;
  if (statement.registry !== pin.origin) {
    throw new CliError('statement.mismatch', 'the file was signed for another registry', {
      evidence: [`signed for  ${statement.registry}`, `this one    ${pin.origin}`],
      hint: 'name the right one: --registry URL, or sign it for this one: sheaf pack --sign',
    });
  }
  const { client } = session;
  const trust = await session.trust();
  const history = await fetchKeyHistory({
    client,
    trust,
    namespace: statement.namespace,
    signal: context.signal,
  });
  return assertSigned(signed, activeKeys(history), history.threshold).map(({ id }) => id);
}

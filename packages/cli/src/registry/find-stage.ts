import { parseReference, type Reference, type RegistryClient } from '@sheaf/client';
import type { Stage, StagedVersion } from '@sheaf/client/contract';
import { CliError } from '../frame/errors.js';
import { printable } from '../terminal/escape.js';

const ID = /^[0-9a-f]{32}$/;

/** What is asked of a registry about what waits there. */
type StageClient = Pick<RegistryClient, 'getStage' | 'listStages'>;

/**
 * The stage that is named by its ID, or by a version that it holds where it is the only one that does.
 *
 * @throws CliError `usage.stage`, `stage.not_found`; ClientError `reference.invalid`, as the client's methods
 */
export async function findStage(client: StageClient, word: string, signal: AbortSignal): Promise<Stage> {
  if (ID.test(word)) return client.getStage(word, { signal });
  if (!word.includes('/'))
    throw new CliError('usage.stage', `${JSON.stringify(word)} is neither the ID of a stage nor a version`, {
      hint: 'sheaf stage list  shows what waits, with its ID',
    });
  const { stages } = await client.listStages({ signal });
  return chooseStage(stages, word);
}

/** Of several stages the one that holds a version. @throws CliError `usage.stage`, `stage.not_found`; ClientError `reference.invalid` */
export function chooseStage(stages: readonly Stage[], word: string): Stage {
  const reference = parseReference(word);
  const fitting = stages.filter(({ versions }) => versions.some((version) => isMeant(version, reference)));
  const [only, ...more] = fitting;
  if (only !== undefined && more.length === 0) return only;
  if (only === undefined)
    throw new CliError('stage.not_found', `nothing that waits for an approval is ${printable(word)}`, {
      hint: 'it was published, rejected or has expired; sheaf stage list  shows what waits',
    });
  throw new CliError('usage.stage', `${fitting.length} stages hold ${printable(word)}`, {
    evidence: fitting.map(
      ({ id, createdAt, versions }) =>
        `${id}  ${versions.map((each) => printable(`${each.id}@${each.version}`)).join(', ')}  of ${printable(createdAt)}`,
    ),
    hint: 'name the one you mean by its ID',
  });
}

function isMeant({ id, version, digest }: StagedVersion, reference: Reference): boolean {
  const { selector } = reference;
  if (reference.registry !== undefined || reference.id !== id) return false;
  if (selector.kind === 'version') return selector.version === version;
  return selector.kind === 'digest' ? selector.digest === digest : selector.kind === 'latest';
}

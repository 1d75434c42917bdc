import { encodeBase64, encodeReceipt, encodeStanding, type Standing } from '@sheaf/bundle';
import type { LockedRegistry, LockedWorkflow, Lockfile } from './lockfile.js';
import { sortLockfile } from './order.js';

/** The first lines of every lockfile. */
export const LOCKFILE_HEADER: readonly string[] = [
  '# Written by sheaf lock: commit it, and change sheaf.toml instead.',
  'version = 1',
];

/**
 * The one text of a lockfile, TOML: sorted, a line a value, so that a change of one entry is a change of its own lines.
 *
 * @throws BundleError `standing.invalid`
 */
export function formatLockfile(lock: Lockfile): string {
  const { registries, workflows } = sortLockfile(lock);
  const tables = [...registries.map(formatRegistry), ...workflows.map(formatWorkflow)];
  return `${[LOCKFILE_HEADER, ...tables].map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function formatRegistry({ origin, realm, logKey, checkpoint }: LockedRegistry): readonly string[] {
  return [
    '[[registry]]',
    `origin = "${origin}"`,
    `realm = "${realm}"`,
    `log_key = "${logKey}"`,
    `checkpoint = '''`,
    `${checkpoint}'''`,
  ];
}

function formatWorkflow(entry: LockedWorkflow): readonly string[] {
  const { standings } = entry;
  return [
    '[[workflow]]',
    `id = "${entry.id}"`,
    `version = "${entry.version}"`,
    `registry = "${entry.registry}"`,
    `tar = "${entry.tar}"`,
    `tar_size = ${entry.tarSizeBytes}`,
    `blob = "${entry.blob}"`,
    `blob_size = ${entry.blobSizeBytes}`,
    `signers = ${list(entry.signers)}`,
    `log_index = ${entry.logIndex}`,
    `envelope = "${entry.envelope}"`,
    `state = "${entry.state}"`,
    `dependencies = ${list(entry.dependencies.map(({ id, version }) => `${id}@${version}`))}`,
    `receipt = "${encodeBase64(encodeReceipt(entry.receipt))}"`,
    ...(standings.length === 0
      ? []
      : [
          `events = [${eventIndexes(standings).join(', ')}]`,
          `standing = ${list(standings.map((standing) => encodeBase64(encodeStanding(standing))))}`,
        ]),
  ];
}

/** Where the log says anything of a workflow beyond its receipt. */
export function eventIndexes(standings: readonly Standing[]): readonly number[] {
  return standings.flatMap(({ events }) => events.map(({ index }) => index));
}

function list(texts: readonly string[]): string {
  return `[${texts.map((text) => `"${text}"`).join(', ')}]`;
}

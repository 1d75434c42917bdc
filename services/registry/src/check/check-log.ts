import { openCheckpoint, parseLogVerifier, type Leaf, type StateLeaf, type Tile } from '@sheaf/bundle';
import { sql, type Transaction } from 'kysely';
import type { Database } from '../db/schema.js';
import { createLogReplay, type LogReplay } from '../replay/log-replay.js';
import { createTreeBuilder } from '../replay/tree-builder.js';
import { differingFields, expectedRows } from './compare-leaf.js';
import { rowsOf } from './cursor.js';
import type { Findings } from './finding.js';
import { loggedRows, type LoggedRow } from './logged-rows.js';

type Trx = Transaction<Database>;

export interface RealmCheck {
  readonly trx: Trx;
  readonly realm: string;
  readonly findings: Findings;
  /** A mirror has no rows of what was done here: neither audit rows nor events. */
  readonly isMirror: boolean;
  readonly signal: AbortSignal;
}

const BATCH = 512;

interface LogStateRow {
  readonly origin: string;
  readonly verifier_key: string;
  readonly size: number;
  readonly root: Buffer;
  readonly last_time: number;
}

/**
 * Reads a log from its first leaf to its last, beside the rows that name its leaves: the chain and the rights of each
 * namespace, the tree, every tile and every checkpoint, and a row for each leaf and a leaf for each row.
 */
export async function checkLog(check: RealmCheck): Promise<void> {
  const { trx, realm, findings, signal } = check;
  const state = await stateOf(trx, realm);
  if (state === undefined) {
    findings.add('log', 'missing', `log of ${realm}`, 'the realm has no log');
    return;
  }
  const replay = createLogReplay();
  const tree = createTreeBuilder();
  const checkpoints = rowsOf<{ size: number; note: string }>(
    trx,
    sql`select size, note from log_checkpoints where realm = ${realm} order by size`,
  );
  const rows = rowsOf(trx, loggedRows(realm));
  const beside = besideLeaves(check, rows);
  let nextNote = await next(checkpoints);
  const expectNotes = async (): Promise<void> => {
    while (nextNote?.size === tree.size) {
      checkNote(check, state, nextNote, tree.root());
      nextNote = await next(checkpoints);
    }
  };
  await expectNotes();

  let batch: { readonly index: number; readonly leaf: Buffer }[] = [];
  const flush = async (): Promise<void> => {
    signal.throwIfAborted();
    // Up to each checkpoint, for its root is that of the tree as it was then.
    let at = 0;
    while (at < batch.length) {
      const end =
        nextNote === undefined ? batch.length : Math.min(batch.length, at + nextNote.size - tree.size);
      await checkTiles(
        check,
        tree.append(batch.slice(at, end).map(({ leaf }) => leaf)),
        end === batch.length,
      );
      at = end;
      await expectNotes();
    }
    for (const { leaf } of batch) await beside.leaf(replay.admit(leaf));
    await beside.flush();
    batch = [];
  };
  let expected = 0;
  for await (const row of rowsOf<{ index: number; leaf: Buffer }>(
    trx,
    sql`select index, leaf from log_leaves where realm = ${realm} order by index`,
  )) {
    if (row.index !== expected) {
      findings.add(
        'log',
        'leaf_missing',
        `leaf ${expected} of ${realm}`,
        `the next leaf that is there is ${row.index}`,
      );
      break;
    }
    expected += 1;
    batch.push(row);
    if (batch.length === BATCH) await flush();
  }
  await flush();
  await beside.end();
  await rows.return(undefined);
  if (nextNote !== undefined)
    findings.add(
      'log',
      'checkpoint_ahead',
      `checkpoint ${nextNote.size} of ${realm}`,
      `the log has ${tree.size} leaves`,
    );
  await checkpoints.return(undefined);
  if (tree.size !== state.size || Buffer.compare(tree.root(), state.root) !== 0)
    findings.add(
      'log',
      'root',
      `log of ${realm}`,
      `its ${tree.size} leaves do not give the root of its state at ${state.size}`,
    );
  if (state.last_time < replay.lastTime)
    findings.add('log', 'time', `log of ${realm}`, 'its state has an earlier time than its newest leaf');
  await checkSigned(check, state);
  await checkHeads(check, replay);
  await checkTileCount(check, tree.size);
}

async function stateOf(trx: Trx, realm: string): Promise<LogStateRow | undefined> {
  const { rows } = await sql<LogStateRow>`
    select origin, verifier_key, size, root, last_time from log_state where realm = ${realm}`.execute(trx);
  return rows[0];
}

function checkNote(
  { realm, findings }: RealmCheck,
  { origin, verifier_key }: LogStateRow,
  { size, note }: { readonly size: number; readonly note: string },
  root: Uint8Array,
): void {
  const where = `checkpoint ${size} of ${realm}`;
  try {
    const signed = openCheckpoint(note, parseLogVerifier(verifier_key));
    if (signed.origin !== origin)
      findings.add('log', 'checkpoint_origin', where, `it is of ${signed.origin}`);
    if (signed.size !== size || Buffer.compare(signed.root, root) !== 0)
      findings.add(
        'log',
        'checkpoint_root',
        where,
        'it was signed for other leaves than those of the database',
      );
  } catch (error) {
    findings.add('log', 'checkpoint_signature', where, (error as Error).message);
  }
}

/** The newest checkpoint is of the whole log. */
async function checkSigned({ trx, realm, findings }: RealmCheck, { size }: LogStateRow): Promise<void> {
  const { rows } = await sql<{ size: number }>`
    select size from log_checkpoints where realm = ${realm} and size = ${size}`.execute(trx);
  if (rows.length === 0)
    findings.add(
      'log',
      'checkpoint_missing',
      `checkpoint ${size} of ${realm}`,
      'the newest state of the log is not signed',
    );
}

/** Tiles as they are now: one that grows on in a later batch is compared then. */
async function checkTiles(
  { trx, realm, findings }: RealmCheck,
  tiles: readonly Tile[],
  isLastOfBatch: boolean,
): Promise<void> {
  const settled = tiles.filter((tile) => isLastOfBatch || tile.width === 256);
  if (settled.length === 0) return;
  const { rows } = await sql<{ level: number; index: number; hashes: Buffer }>`
    select t.level, t.index, t.hashes from log_tiles t
    join unnest(${settled.map((t) => t.level)}::smallint[], ${settled.map((t) => t.index)}::bigint[]) as a(level, index)
      on t.level = a.level and t.index = a.index where t.realm = ${realm}`.execute(trx);
  const held = new Map(rows.map((row) => [`${row.level}/${row.index}`, row.hashes]));
  for (const { level, index, hashes } of settled) {
    const stored = held.get(`${level}/${index}`);
    // A stored tile may have grown since; what it begins with never changes.
    if (stored === undefined || Buffer.compare(stored.subarray(0, hashes.length), hashes) !== 0)
      findings.add(
        'log',
        'tile',
        `tile ${level}/${index} of ${realm}`,
        'it does not hold the hashes of the leaves',
      );
  }
}

/** No tile is wider, and none more, than the leaves have. */
async function checkTileCount({ trx, realm, findings }: RealmCheck, size: number): Promise<void> {
  const { rows } = await sql<{ level: number; index: number }>`
    select level, index from log_tiles
    where realm = ${realm}
      and index * 256 + octet_length(hashes) / 32 > floor(${size}::numeric / (256::numeric ^ level))
    order by level, index limit 100`.execute(trx);
  for (const { level, index } of rows)
    findings.add(
      'log',
      'tile_ahead',
      `tile ${level}/${index} of ${realm}`,
      'it holds more than the leaves give',
    );
}

async function checkHeads({ trx, realm, findings }: RealmCheck, { heads }: LogReplay): Promise<void> {
  let seen = 0;
  for await (const row of rowsOf<{ namespace: string; seq: number; leaf_hash: string }>(
    trx,
    sql`select namespace, seq, leaf_hash from log_heads where realm = ${realm}`,
  )) {
    seen += 1;
    const head = heads.get(row.namespace);
    if (head?.seq !== row.seq || head.hash !== row.leaf_hash)
      findings.add(
        'log',
        'head',
        `namespace ${row.namespace} in ${realm}`,
        'the end of its chain is not its newest leaf',
      );
  }
  if (seen < heads.size)
    findings.add(
      'log',
      'head',
      `log of ${realm}`,
      `${heads.size - seen} namespaces have leaves and no end of their chain`,
    );
}

/** Holds rows against leaves, both in the order of the log. */
function besideLeaves(check: RealmCheck, rows: AsyncGenerator<LoggedRow>) {
  const { findings, realm, isMirror } = check;
  let row: LoggedRow | undefined;
  let isStarted = false;
  let superseded: { readonly index: number; readonly leaf: StateLeaf }[] = [];
  const compare = (leaf: Leaf, index: number, here: readonly LoggedRow[]): void => {
    const expected = expectedRows(leaf);
    const found = new Set<string>();
    for (const { kind, fields } of here) {
      const where = `${kind} row of leaf ${index} of ${realm}`;
      const wanted = expected.get(kind);
      if (wanted === undefined || found.has(kind)) {
        findings.add('row', 'unexpected', where, `a ${leaf.type} leaf has no such row, or one only`);
        continue;
      }
      found.add(kind);
      const differing = differingFields(kind, wanted, fields);
      if (differing.length > 0)
        findings.add('row', 'differs', where, `it has another ${differing.join(', ')} than the leaf`);
      if (kind === 'version' && Number(fields['checkpointSize']) <= index)
        findings.add('row', 'differs', where, 'its checkpoint does not cover it');
    }
    for (const kind of expected.keys()) {
      if (found.has(kind) || isOptional(kind)) continue;
      if (kind === 'state') superseded.push({ index, leaf: leaf as StateLeaf });
      else
        findings.add(
          'row',
          'missing',
          `${kind} row of leaf ${index} of ${realm}`,
          `a ${leaf.type} leaf has none`,
        );
    }
  };
  const isOptional = (kind: LoggedRow['kind']) =>
    // Certificates are forgotten once they have expired, and old events are.
    kind === 'ephemeral' || kind === 'event' || (isMirror && kind === 'audit');
  return {
    leaf: async ({ index, leaf, problems }: ReturnType<LogReplay['admit']>): Promise<void> => {
      for (const problem of problems) findings.add('log', 'leaf', `leaf ${index} of ${realm}`, problem);
      if (!isStarted) row = await next(rows);
      isStarted = true;
      const here: LoggedRow[] = [];
      for (; row !== undefined && row.index <= index; row = await next(rows)) {
        if (row.index === index) here.push(row);
        else
          findings.add(
            'row',
            'without_leaf',
            `${row.kind} row of leaf ${row.index} of ${realm}`,
            'there is no such leaf',
          );
      }
      if (leaf) compare(leaf, index, here);
    },
    flush: async (): Promise<void> => {
      if (superseded.length > 0) await checkSuperseded(check, superseded);
      superseded = [];
    },
    end: async (): Promise<void> => {
      if (!isStarted) row = await next(rows);
      for (; row !== undefined; row = await next(rows))
        findings.add(
          'row',
          'without_leaf',
          `${row.kind} row of leaf ${row.index} of ${realm}`,
          'there is no such leaf',
        );
    },
  };
}

/** A change of state without a row of its own is one that a later change has taken over. */
async function checkSuperseded(
  { trx, realm, findings }: RealmCheck,
  leaves: readonly { readonly index: number; readonly leaf: StateLeaf }[],
): Promise<void> {
  const { rows } = await sql<{ index: number }>`
    select s.index from unnest(${leaves.map((l) => l.index)}::bigint[], ${leaves.map((l) => l.leaf.ns)}::text[],
      ${leaves.map((l) => l.leaf.name)}::text[], ${leaves.map((l) => l.leaf.version)}::text[]) as s(index, ns, name, version)
    where not exists (
      select from namespaces n join workflows w on w.namespace_id = n.id join versions v on v.workflow_id = w.id
      where n.name = s.ns and w.name = s.name and v.version = s.version and v.state_index > s.index)`.execute(
    trx,
  );
  for (const { index } of rows)
    findings.add(
      'row',
      'missing',
      `state row of leaf ${index} of ${realm}`,
      'no version has this state or a later one',
    );
}

async function next<T>(rows: AsyncGenerator<T>): Promise<T | undefined> {
  const step = await rows.next();
  return step.done === true ? undefined : step.value;
}

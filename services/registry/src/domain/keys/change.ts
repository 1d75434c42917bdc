import type { KeyEvent, KeyId } from '@sheaf/bundle';
import type { Namespace } from '@sheaf/workflow';
import type { Transaction } from 'kysely';
import type { Database, SubjectKind } from '../../db/schema.js';
import type { Person } from '../access/principal.js';
import type { AuditAction } from '../audit/actions.js';
import type { QueuedLeaf } from '../log/leaves.js';
import type { KeyView } from './rules.js';
import type { SignedEvent } from './signed-event.js';

/** A verified key event, and what it is decided on; its namespace is locked. */
export interface ChangeContext<E extends KeyEvent> {
  readonly trx: Transaction<Database>;
  readonly namespace: { readonly id: number; readonly name: Namespace; readonly realm: string };
  readonly principal: Person;
  readonly nowMs: number;
  readonly signed: SignedEvent<E>;
  /** Known keys that signed, each once. */
  readonly signers: readonly KeyId[];
  readonly view: KeyView;
}

/** What a key event has changed, for the log and the audit. */
export interface Change {
  readonly leaf: QueuedLeaf;
  readonly subjectKind: SubjectKind;
  readonly subjectId: number;
  readonly action: AuditAction;
  readonly detail: Readonly<Record<string, string>>;
}

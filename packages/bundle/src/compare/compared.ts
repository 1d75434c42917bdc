import type { ArchiveFile } from '../archive/tar.js';
import type { JsonValue, Permissions, WorkflowDefinition } from '@sheaf/workflow';

/** One side of a comparison. A `Bundle` is one; what is left out is not compared. */
export interface ComparedWorkflow {
  readonly definition: WorkflowDefinition;
  /** Name of the definition among the files; with both, needs are told with their line. */
  readonly definitionPath?: string | undefined;
  readonly files?: readonly ArchiveFile[] | undefined;
  /** Who signed it, by key id. */
  readonly signers?: readonly string[] | undefined;
}

/** What a permission allows. */
export type PermissionKind = keyof Permissions;

/** One permission, and the first step that visibly uses it: its name stands in what the step runs. */
export interface ComparedPermission {
  readonly kind: PermissionKind;
  readonly value: string;
  readonly neededBy?: {
    readonly step: string;
    readonly file?: string;
    readonly line?: number;
  };
}

/** One member that is not the same on both sides; a side that lacks it has no value. */
export interface FieldChange {
  readonly field: string;
  readonly before?: JsonValue;
  readonly after?: JsonValue;
}

/** What became of a named part. */
export interface EntryChange {
  readonly change: 'added' | 'removed' | 'changed';
  readonly name: string;
  /** Whoever uses the workflow as before may fail with it. */
  readonly breaking: boolean;
  /** Of what changed, in the order of the alphabet; empty for what came or went. */
  readonly fields: readonly FieldChange[];
}

/** What became of a file. */
export interface FileChange {
  readonly change: 'added' | 'removed' | 'changed';
  readonly path: string;
  readonly beforeBytes?: number;
  readonly afterBytes?: number;
  /** The executable bit, where it is not the same. */
  readonly executable?: { readonly before: boolean; readonly after: boolean };
}

/** Everything that two versions of a workflow differ in; each list in the order of the alphabet. */
export interface WorkflowChanges {
  /** Undefined when a side does not say who signed it, or both say the same. */
  readonly signers?: { readonly before: readonly string[]; readonly after: readonly string[] };
  readonly permissions: {
    readonly added: readonly ComparedPermission[];
    readonly removed: readonly ComparedPermission[];
    /** How many are the same. */
    readonly kept: number;
  };
  readonly parameters: readonly EntryChange[];
  readonly outputs: readonly EntryChange[];
  readonly steps: readonly EntryChange[];
  /** Tools that the machine must have. */
  readonly requirements: readonly EntryChange[];
  readonly dependencies: readonly EntryChange[];
  readonly files: readonly FileChange[];
  /** How many files are the same. */
  readonly filesKept: number;
}

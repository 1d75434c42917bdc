import type { ProcessIdentity } from '../core/events.js';
import type { Workspace } from '../core/workspace-events.js';

/** What is written beside a workspace, before it is made and until it is gone. */
export interface WorkspaceRecord extends Workspace {
  readonly schema: 'sheaf.workspace/1';
  /** The run that has it now. */
  readonly run: string;
  /** The step that it is for, if for one alone. */
  readonly step?: string;
  /** Milliseconds since the epoch. */
  readonly created: number;
  /** The process that makes it, or that drives a run in it; unset once that has ended. */
  readonly process?: ProcessIdentity | undefined;
  readonly state: 'making' | 'ready' | 'removing';
  /** It stays also when its run succeeds. */
  readonly keep: boolean;
}

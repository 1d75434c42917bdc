import type { PluginFile, ProjectTools } from '@sheaf/engine';
import type { ActionManifest } from '@sheaf/workflow';

/** What there is to use. */
export interface ToolList {
  /** Sorted by name. */
  readonly manifests: readonly ActionManifest[];
  readonly project: ProjectTools;
  /** One was asked for: all of it is shown. */
  readonly isOne: boolean;
  readonly allowed?: PluginFile;
}

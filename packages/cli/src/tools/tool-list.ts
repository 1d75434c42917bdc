import type { PluginFile, ProjectTools } from '@sheaf/engine';
import type { ActionManifest } from '@sheaf/workflow';

/** What a server says of itself. */
export interface AskedServer {
  readonly name: string;
  /** The name and version that it gives itself. */
  readonly server: string;
  readonly protocol: string;
  /** The file that its tools were written to. */
  readonly saved?: string;
}

/** What there is to use. */
export interface ToolList {
  /** Sorted by name. */
  readonly manifests: readonly ActionManifest[];
  readonly project: ProjectTools;
  /** One was asked for: all of it is shown. */
  readonly isOne: boolean;
  readonly allowed?: PluginFile;
  /** The server that was asked for what there is. */
  readonly asked?: AskedServer;
}

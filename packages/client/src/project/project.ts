import type { TomlPlace } from '@sheaf/workflow';
import type { PolicyLayer } from '../policy/trust-policy.js';
import type { Reference } from '../reference.js';

/** The file's name; it is searched from the working directory upwards. */
export const PROJECT_FILE_NAME = 'sheaf.toml';

/** What a repository says of the workflows that it uses. It names and tightens; it grants nothing. */
export interface Project {
  /** How messages call the file. */
  readonly file: string;
  /** Addresses of registries, normalised, by the names that references qualify themselves with. */
  readonly registries: ReadonlyMap<string, string>;
  /** By short name, in the order of the file. */
  readonly workflows: ReadonlyMap<string, ProjectWorkflow>;
  /** `[policy]`; may only tighten. */
  readonly policy?: PolicyLayer;
}

/** One line of `[workflows]`. */
export interface ProjectWorkflow {
  /** The short name. */
  readonly name: string;
  /** A version, a range, a digest, or the latest; never a channel. */
  readonly reference: Reference;
  /** Where the reference is written. */
  readonly place: TomlPlace;
}

import type { JsonValue, OutputType, Parameter } from '../model.js';

/** What is known of an action before it runs: enough to check a step that uses it, and to say what it touches. */
export interface ActionManifest {
  /** As `uses` names it, like `core.template`. */
  readonly name: string;
  /** SemVer of what it does; a step that was done by another version is not taken from the cache. */
  readonly version: string;
  /** One sentence without its full stop. */
  readonly description: string;
  readonly inputs: Readonly<Record<string, ActionInput>>;
  readonly outputs: Readonly<Record<string, ActionOutput>>;
  readonly permissions: ActionPermissions;
  readonly deprecated?: ActionDeprecation;
}

/** An input: a parameter, or a list or a map, whose items are not looked at. */
export type ActionInput = (Parameter | CollectionInput) & {
  /** May it hold a secret? Such a value is never written to a log, an output, or the journal. */
  readonly secret?: boolean;
};

/** A list or a map with text as its keys. */
export interface CollectionInput {
  readonly type: 'list' | 'map';
  readonly description?: string;
  readonly required: boolean;
  readonly default?: JsonValue;
}

export interface ActionOutput {
  readonly type: OutputType;
  readonly description?: string;
}

/** What it touches, beyond its inputs and outputs. */
export interface ActionPermissions {
  /** Names of inputs that hold addresses it opens. */
  readonly network?: readonly string[];
  /** Programs that it starts. */
  readonly exec?: readonly string[];
  /** Names of inputs that hold paths it reads. */
  readonly read?: readonly string[];
  /** Names of inputs that hold paths it writes. */
  readonly write?: readonly string[];
}

export interface ActionDeprecation {
  /** The version that deprecated it. */
  readonly since: string;
  /** What to use instead. */
  readonly use?: string;
  readonly reason: string;
}

/** Manifests by name, without prototype. */
export type Catalogue = Readonly<Record<string, ActionManifest>>;

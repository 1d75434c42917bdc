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
  /** What inputs of other names are, where it takes such. */
  readonly otherInputs?: ActionOutput;
  readonly outputs: Readonly<Record<string, ActionOutput>>;
  /** What outputs of other names are, where it gives such. */
  readonly otherOutputs?: ActionOutput;
  readonly permissions: ActionPermissions;
  readonly deprecated?: ActionDeprecation;
  /** The file of the project that declares it; unset for what is built in. */
  readonly file?: string;
  /** The server of tools that has it. */
  readonly server?: string;
  /** Set where it only stands for another action, which a plan names in its place. */
  readonly call?: ActionCall;
}

/** An action with some of its inputs filled in. */
export interface ActionCall {
  /** One that is built in. */
  readonly action: string;
  /** Values, not templates. */
  readonly with: Readonly<Record<string, JsonValue>>;
  /** The input that takes, as a map, what the step gives. */
  readonly under: string;
}

/** An input: a parameter, or a list or a map. */
export type ActionInput = (Parameter | CollectionInput) & {
  /** May it hold a secret? Such a value is never written to a log, an output, or the journal. */
  readonly secret?: boolean;
  /** The value is an expression without braces over these names, which the action evaluates itself. */
  readonly expression?: readonly string[];
};

/** A list or a map with text as its keys. */
export interface CollectionInput {
  readonly type: 'list' | 'map';
  readonly description?: string;
  readonly required: boolean;
  readonly default?: JsonValue;
  /** What each item of the list, or each value of the map, is; unset: anything. */
  readonly items?: ActionOutput;
}

/** The form of a value. */
export interface ActionOutput {
  readonly type: OutputType;
  readonly description?: string;
  /** Of a list: what each item is. Of a map: what each value is. */
  readonly items?: ActionOutput;
  /** Of a map whose keys are known. */
  readonly fields?: Readonly<Record<string, ActionOutput>>;
}

/** What it touches, beyond its inputs and outputs. */
export interface ActionPermissions {
  /** Names of inputs that hold addresses it opens. */
  readonly network?: readonly string[];
  /** Hosts that it reaches whatever its inputs are. */
  readonly hosts?: readonly string[];
  /** Programs that it starts; of a list, the first one that the run may start and the machine has. */
  readonly exec?: readonly (string | readonly string[])[];
  /** Names of inputs that hold commands it starts: lists, first a program. */
  readonly programs?: readonly string[];
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

import type { Version, WorkflowId } from './names.js';

/** Any JSON value. Objects made by this package have no prototype, so that no key is special. */
export type JsonValue =
  null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** A validated workflow. Records have no prototype and keep the order of the file. */
export interface WorkflowDefinition {
  readonly id: WorkflowId;
  readonly version: Version;
  readonly name?: string;
  readonly description?: string;
  readonly tags: readonly string[];
  readonly license?: string;
  readonly homepage?: string;
  readonly bundle: BundleSelection;
  readonly permissions: Permissions;
  readonly parameters: Readonly<Record<string, Parameter>>;
  readonly requirements: Requirements;
  /** SemVer ranges by the id of the workflow they are about. */
  readonly dependencies: Readonly<Record<string, string>>;
  readonly steps: Readonly<Record<string, Step>>;
  /** Templates by output name. */
  readonly outputs: Readonly<Record<string, string>>;
}

/** Globs over the bundle's paths; see `compileGlob` for their grammar. */
export interface BundleSelection {
  readonly include: readonly string[];
  readonly executable: readonly string[];
}

/** The kinds of permission in the order in which they are shown. */
export const PERMISSION_KINDS = [
  'network',
  'exec',
  'read',
  'write',
  'secrets',
] as const satisfies readonly (keyof Permissions)[];

/** What a run may touch. */
export interface Permissions {
  readonly network: readonly string[];
  readonly exec: readonly string[];
  readonly read: readonly string[];
  readonly write: readonly string[];
  readonly secrets: readonly string[];
}

/** What the machine must have. */
export interface Requirements {
  readonly tools: readonly ToolRequirement[];
}

/** A program that must be on the PATH; `minimum` is a dotted number of up to three parts. */
export interface ToolRequirement {
  readonly name: string;
  readonly minimum?: string;
}

interface ParameterBase {
  readonly description?: string;
  /** False when there is a default, or when the author says so; a missing optional parameter is null. */
  readonly required: boolean;
}

/** A declared input, discriminated by `type`. */
export type Parameter =
  | (ParameterBase & { readonly type: 'string'; readonly default?: string; readonly pattern?: string })
  | (ParameterBase & {
      readonly type: 'integer' | 'number';
      readonly default?: number;
      readonly minimum?: number;
      readonly maximum?: number;
    })
  | (ParameterBase & { readonly type: 'boolean'; readonly default?: boolean })
  | (ParameterBase & { readonly type: 'enum'; readonly values: readonly string[]; readonly default?: string })
  | (ParameterBase & { readonly type: 'path'; readonly default?: string; readonly access: 'read' | 'write' })
  | (ParameterBase & { readonly type: 'json'; readonly default?: JsonValue });

/** One step. `needs` is what the author wrote; a plan adds what references imply. */
export interface Step {
  readonly id: string;
  readonly run: string;
  readonly needs: readonly string[];
  /** A template that is one expression of type bool. */
  readonly when?: string;
  /** Templates by variable name. */
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  readonly onFailure: 'fail' | 'continue';
  /** Unset: the plan's default, bash. */
  readonly shell?: 'bash' | 'sh';
}

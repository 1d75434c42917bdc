import { WorkflowError } from './errors.js';
import { quote } from './text.js';

type Brand<T, B extends string> = T & { readonly __brand: B };

/** The owner part of a workflow id. */
export type Namespace = Brand<string, 'Namespace'>;
/** The name part of a workflow id. */
export type WorkflowName = Brand<string, 'WorkflowName'>;
/** `namespace/name`. */
export type WorkflowId = Brand<string, 'WorkflowId'>;
/** A SemVer 2 version without build metadata, at most 64 characters. */
export type Version = Brand<string, 'Version'>;

const NAME = /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/;
const VERSION =
  /^(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*)?$/;
const MAX_VERSION_LENGTH = 64;

export const NAME_HINT =
  'use 1 to 64 lower-case letters, digits and hyphens, with a letter or digit at both ends';
export const VERSION_HINT =
  'use SemVer without build metadata, like 1.2.0 or 2.0.0-rc.1, at most 64 characters';

/** What a registry calls the log of all public namespaces; a private one's log has the name of its namespace. */
const PUBLIC_LOG = 'public';

/** Parses a namespace. Throws WorkflowError `name.invalid`. */
export function parseNamespace(text: string): Namespace {
  if (text === PUBLIC_LOG) {
    throw new WorkflowError('name.invalid', `namespace ${quote(text)} is the name of a log`, {
      hint: 'choose another name',
    });
  }
  if (!NAME.test(text)) {
    throw new WorkflowError('name.invalid', `namespace ${quote(text)} is not valid`, { hint: NAME_HINT });
  }
  return text as Namespace;
}

/** Parses the name part of a workflow id. Throws WorkflowError `name.invalid`. */
export function parseWorkflowName(text: string): WorkflowName {
  if (!NAME.test(text)) {
    throw new WorkflowError('name.invalid', `workflow name ${quote(text)} is not valid`, { hint: NAME_HINT });
  }
  return text as WorkflowName;
}

/** Parses `namespace/name`. Throws WorkflowError `name.invalid`. */
export function parseWorkflowId(text: string): WorkflowId {
  const slash = text.indexOf('/');
  if (slash === -1) {
    throw new WorkflowError('name.invalid', `workflow id ${quote(text)} has no namespace`, {
      hint: 'write namespace/name, like acme/release-notes',
    });
  }
  parseNamespace(text.slice(0, slash));
  parseWorkflowName(text.slice(slash + 1));
  return text as WorkflowId;
}

/** The two parts of a workflow id. */
export function splitWorkflowId(id: WorkflowId): {
  readonly namespace: Namespace;
  readonly name: WorkflowName;
} {
  const slash = id.indexOf('/');
  return { namespace: id.slice(0, slash) as Namespace, name: id.slice(slash + 1) as WorkflowName };
}

/** Parses a version (SemVer 2.0.0, no build metadata, at most 64 characters). Throws WorkflowError `version.invalid`. */
export function parseVersion(text: string): Version {
  if (text.length > MAX_VERSION_LENGTH || !VERSION.test(text) || !hasSafeNumbers(text)) {
    throw new WorkflowError('version.invalid', `version ${quote(text)} is not valid`, { hint: VERSION_HINT });
  }
  return text as Version;
}

/** Numbers beyond 2^53 - 1 compare differently from one SemVer library to the next, so no version may hold one. */
function hasSafeNumbers(version: string): boolean {
  return version.split(/[.-]/).every((part) => !/^\d+$/.test(part) || Number.isSafeInteger(Number(part)));
}

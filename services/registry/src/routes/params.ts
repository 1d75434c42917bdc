import { parseNamespace, parseVersion, parseWorkflowName } from '@sheaf/workflow';
import type { VersionRef, WorkflowRef } from '../db/workflow-queries.js';
import { RegistryError } from '../domain/error.js';
import type { RequestContext } from '../http/context.js';
import type { Caller } from '../domain/access/principal.js';

/**
 * Path parameters arrive percent-decoded, so `a%2Fb` is `a/b` by now: each is parsed before use. A name that
 * cannot exist is simply not found.
 */
export function workflowRef(ctx: RequestContext): WorkflowRef {
  return orNotFound('workflow.not_found', 'there is no such workflow', () => ({
    namespace: parseNamespace(ctx.params['namespace'] ?? ''),
    name: parseWorkflowName(ctx.params['name'] ?? ''),
  }));
}

export function versionRef(ctx: RequestContext): VersionRef {
  const workflow = workflowRef(ctx);
  return orNotFound('version.not_found', 'there is no such version', () => ({
    ...workflow,
    version: parseVersion(ctx.params['version'] ?? ''),
  }));
}

export function namespaceParam(ctx: RequestContext): string {
  return orNotFound('namespace.not_found', 'there is no such namespace', () =>
    parseNamespace(ctx.params['namespace'] ?? ''),
  );
}

/** A name as a namespace may have it; undefined when no namespace can. */
export function findNamespaceParam(text: string | undefined): string | undefined {
  try {
    return parseNamespace(text ?? '');
  } catch {
    return undefined;
  }
}

export function callerOf(ctx: RequestContext): Caller {
  return { principal: ctx.state.principal, requestId: ctx.state.requestId };
}

function orNotFound<T>(
  code: 'workflow.not_found' | 'version.not_found' | 'namespace.not_found',
  detail: string,
  parse: () => T,
): T {
  try {
    return parse();
  } catch (cause) {
    throw new RegistryError(code, detail, { cause });
  }
}

import type { WorkflowDefinition } from '../model.js';
import type { Finding, Path } from '../source/tree.js';
import type { Table } from '../tables.js';
import { quote, tick } from '../text.js';
import { coversPath } from './coverage.js';
import { checkRetention } from './limits.js';
import { findValue } from './raw.js';

/** Checks that artifacts lie in the workspace, where the run may write, and how long they are kept. */
export function checkArtifacts(definition: WorkflowDefinition, data: Table): readonly Finding[] {
  const seen = new Map<string, string>();
  return Object.entries(definition.artifacts).flatMap(([name, { path }]) => {
    const place = ['artifacts', name, 'path'];
    const findings = [
      ...checkRetention(findValue(data, ['artifacts', name, 'retention']), ['artifacts', name, 'retention']),
      ...checkPath(path, place),
    ];
    const twin = seen.get(path);
    if (twin !== undefined && path !== '') {
      findings.push({
        severity: 'warning',
        code: 'artifact.duplicate',
        message: `artifacts ${tick(twin)} and ${tick(name)} are the same file`,
        path: place,
        related: [{ path: ['artifacts', twin, 'path'], label: 'kept here first' }],
      });
    }
    seen.set(path, twin ?? name);
    const { write } = definition.permissions;
    const isKnown = findings.length === 0 && path !== '' && !path.includes('${{');
    if (isKnown && isAsking(definition) && !coversPath(write, path)) findings.push(mayNotWrite(path, place));
    return findings;
  });
}

function checkPath(path: string, place: Path): Finding[] {
  const isOutside = /^(?:[/\\~]|[A-Za-z]:)/.test(path) || path.split(/[/\\]/).includes('..');
  if (!isOutside) return [];
  return [
    {
      code: 'artifact.path',
      message: `${quote(path)} does not lie in the workspace`,
      path: place,
    },
  ];
}

/** What the workflow says nothing about is not enforced for who runs it from a folder of their own. */
function isAsking({ permissions }: WorkflowDefinition): boolean {
  return Object.values(permissions).some((list: readonly string[]) => list.length > 0);
}

function mayNotWrite(path: string, place: Path): Finding {
  return {
    severity: 'warning',
    code: 'permission.write_missing',
    message: `the workflow does not ask to write ${quote(path)}, so that nothing could make it`,
    label: 'not in write',
    hint: `add ${quote(path)} to write under [permissions]`,
    path: place,
    related: [{ path: ['permissions', 'write'], at: 'key', label: 'what it asks for' }],
  };
}

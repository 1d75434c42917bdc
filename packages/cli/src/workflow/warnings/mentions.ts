import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { listScripts, type WorkflowDefinition } from '@sheaf/workflow';
import { aboutFile, type PackFinding } from './finding.js';

const MAX_MENTIONS = 500;
/** A word that can only be a path of a file: with a folder in it, or with the ending of a script. */
const WORD = /(?<![\w.@+$/:~-])(?:\.\/)?([\w@+-][\w.@+-]{0,99}(?:\/[\w.@+-]{1,100}){0,8})(?![\w/:])/g;
const SCRIPT = /\.(?:sh|bash|py|js|mjs|cjs|ts|rb|pl|awk|jq|sed)$/;

/** Paths that the commands of a definition name, relative to some folder. */
export function listMentions(
  definition: Pick<WorkflowDefinition, 'actions' | 'steps' | 'catch'>,
): readonly string[] {
  const mentions = new Set<string>();
  for (const { run } of listScripts(definition)) {
    for (const line of run.split('\n')) {
      if (line.trimStart().startsWith('#')) continue;
      for (const [, path = ''] of line.matchAll(WORD)) {
        if (mentions.size >= MAX_MENTIONS) return [...mentions];
        if ((path.includes('/') || SCRIPT.test(path)) && !path.split('/').includes('..')) mentions.add(path);
      }
    }
  }
  return [...mentions];
}

/**
 * Files beside the definition that its commands name, and that the bundle leaves out: on another machine they are not
 * there. What is named below `$SHEAF_BUNDLE` is for validation to find.
 */
export async function findLeftOut(
  source: { readonly dir: string; readonly definitionPath: string; readonly definition: WorkflowDefinition },
  packed: readonly { readonly path: string }[],
): Promise<readonly PackFinding[]> {
  const known = new Set(packed.map(({ path }) => path));
  const findings: PackFinding[] = [];
  for (const path of listMentions(source.definition)) {
    if (known.has(path) || !(await isFile(join(source.dir, path)))) continue;
    findings.push(
      aboutFile(
        'pack.not_included',
        source.definitionPath,
        `a step names ${path}, which is here and not in the bundle`,
        'add it to [bundle] include, and name it as "$SHEAF_BUNDLE/…" in the step',
      ),
    );
  }
  return findings;
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isFile();
  } catch {
    return false;
  }
}

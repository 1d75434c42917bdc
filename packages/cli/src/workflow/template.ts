import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CliError } from '../frame/errors.js';
import { findNear } from '../frame/suggest.js';

/** One file of a template, with its names filled in. */
export interface TemplateFile {
  readonly path: string;
  readonly text: string;
  readonly executable: boolean;
}

/** The templates of this package, the one that `init` takes by itself first. */
export const TEMPLATES = ['default', 'report', 'release-notes', 'dependencies', 'check', 'weekly'] as const;

/** A template, for those who choose one. */
export interface TemplateSummary {
  readonly name: string;
  readonly description: string;
}

/** All templates with what they do, in the words of their own definitions. */
export async function listTemplates(packageDir: string): Promise<readonly TemplateSummary[]> {
  return Promise.all(
    TEMPLATES.map(async (name) => {
      const text = await readFile(join(packageDir, 'templates', name, 'workflow.toml'), 'utf8');
      return { name, description: /^description = "([^"]*)"$/m.exec(text)?.[1] ?? '' };
    }),
  );
}

/** Fills the placeholders `{{namespace}}` and `{{name}}`. */
export function fillTemplate(
  text: string,
  values: { readonly namespace: string; readonly name: string },
): string {
  return text.replaceAll('{{namespace}}', () => values.namespace).replaceAll('{{name}}', () => values.name);
}

/**
 * Reads a template of this package. A file called `gitignore` becomes `.gitignore`, which npm would not have packed.
 *
 * @throws CliError `usage.template` when there is none of that name
 */
export async function readTemplate(
  packageDir: string,
  template: string,
  values: { readonly namespace: string; readonly name: string },
): Promise<readonly TemplateFile[]> {
  if (!TEMPLATES.some((name) => name === template)) {
    const near = findNear(template, TEMPLATES);
    throw new CliError('usage.template', `there is no template called ${JSON.stringify(template)}`, {
      hint: near === undefined ? `templates: ${TEMPLATES.join(', ')}` : `did you mean --template ${near}`,
    });
  }
  const dir = join(packageDir, 'templates', template);
  const files: TemplateFile[] = [];
  for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name)
      .slice(dir.length + 1)
      .replaceAll('\\', '/');
    files.push({
      path: path.replace(/(^|\/)gitignore$/, '$1.gitignore'),
      text: fillTemplate(await readFile(join(dir, path), 'utf8'), values),
      executable: path.endsWith('.sh'),
    });
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

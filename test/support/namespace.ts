import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CliResult, Person } from './sheaf.js';

/** The JSON document that a command must print when it ends well. */
export async function json(
  person: Person,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Record<string, unknown>> {
  return JSON.parse((await person.ok([...args, '--json'], { env })).stdout) as Record<string, unknown>;
}

/** The code of the error that a command ends with, and its exit code. */
export async function refusal(
  person: Person,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<readonly [code: unknown, exit: number | null]> {
  const result: CliResult = await person.sheaf([...args, '--json'], { env });
  const document: unknown = JSON.parse(result.stdout);
  return [(document as { code?: unknown }).code, result.code];
}

/** Writes a workflow of one step, in a folder of the person's home. */
export async function writeFlow(
  person: Person,
  id: string,
  version: string,
  more: Readonly<Record<string, string>> = {},
): Promise<string> {
  const dir = join(person.home, id.replace('/', '-'));
  const files = {
    'workflow.toml': `id = "${id}"\nversion = "${version}"\n\n[bundle]\ninclude = ["**"]\n\n[steps.go]\nrun = "echo gone"\n`,
    ...more,
  };
  await mkdir(dir, { recursive: true });
  for (const [name, text] of Object.entries(files)) await writeFile(join(dir, name), text);
  return dir;
}

/** Opens the namespace `acme` with two keys of a person: `a`, which they have, and `b`, which it has vouched for. */
export async function openWithTwoKeys(person: Person): Promise<void> {
  await person.ok(['key', 'generate', '--name', 'b', '--no-passphrase']);
  await person.ok(['namespace', 'create', 'acme']);
  await person.ok(['key', 'register', 'acme', '--key', 'a']);
  await person.ok(['key', 'register', 'acme', '--key', 'b', '--endorse', 'a']);
}

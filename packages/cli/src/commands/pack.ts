import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { gzipTar } from '@sheaf/bundle';
import type { Diagnostic } from '@sheaf/workflow';
import { defineCommand } from '../frame/command.js';
import { renderDiagnostics } from '../output/diagnostics.js';
import { formatBytes, plural, sumSizes } from '../terminal/text.js';
import { packFolder } from '../workflow/pack.js';

interface Packed {
  readonly id: string;
  readonly version: string;
  readonly digest: string;
  readonly sizeBytes: number;
  readonly files: readonly {
    readonly path: string;
    readonly sizeBytes: number;
    readonly executable: boolean;
  }[];
  readonly output?: { readonly path: string; readonly sizeBytes: number };
  readonly diagnostics: readonly Diagnostic[];
}

export const command = defineCommand<Packed>({
  name: 'pack',
  about: 'Pack a workflow and print its digest: the same files give the same digest on every machine.',
  positionals: { names: ['DIR'], required: 0 },
  flags: [{ name: 'output', short: 'o', value: 'FILE', summary: 'write the bundle there, gzipped' }],
  examples: ['sheaf pack', 'sheaf pack my-flow -o my-flow.tar.gz'],
  exitCodes: [0, 4, 7],
  run: async (context, input) => {
    const { source, bundle } = await packFolder(input.positionals[0] ?? '.', context.cwd);
    const output = input.get('output');
    let written: Packed['output'];
    if (output !== undefined) {
      const blob = await gzipTar(bundle.tar);
      const path = resolve(context.cwd, output);
      await writeFile(path, blob);
      written = { path, sizeBytes: blob.length };
    }
    return {
      data: {
        id: bundle.definition.id,
        version: bundle.definition.version,
        digest: bundle.digest,
        sizeBytes: bundle.sizeBytes,
        files: bundle.files.map(({ path, bytes, executable }) => ({
          path,
          sizeBytes: bytes.length,
          executable,
        })),
        ...(written === undefined ? {} : { output: written }),
        diagnostics: source.diagnostics,
      },
    };
  },
  render: (data, { talkStyle }) => {
    const size = `${plural(data.files.length, 'file')}, ${formatBytes(sumSizes(data.files))}`;
    const written =
      data.output === undefined
        ? ''
        : `, packed ${formatBytes(data.output.sizeBytes)} in ${data.output.path}`;
    const warnings = renderDiagnostics(data.diagnostics, talkStyle);
    return {
      talk: `${warnings === '' ? '' : `${warnings}\n`}${talkStyle.bold(`${data.id} ${data.version}`)} · ${size}${written}`,
      answer: data.digest,
    };
  },
});

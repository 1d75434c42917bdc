import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { gzipTar, type Bundle } from '@sheaf/bundle';
import type { Input } from '../frame/args.js';
import { defineCommand, omit, type Look, type Rendered } from '../frame/command.js';
import type { Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import type { PackJson } from '../json/pack.js';
import { renderDiagnostics, type ShownDiagnostic } from '../output/diagnostics.js';
import { REGISTRY_FLAG, YES_FLAG } from '../registry/session.js';
import { shellWord } from '../terminal/shell.js';
import { printable } from '../terminal/escape.js';
import { formatBytes, plural, shortId, sumSizes } from '../terminal/text.js';
import { isCarryName } from '../workflow/carry-file.js';
import { packFolder } from '../workflow/pack.js';
import { cosignFile, signFolder, type SignedFile } from '../workflow/sign.js';

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
  readonly signed?: Pick<SignedFile, 'registry' | 'keys' | 'signatures'>;
  readonly diagnostics: readonly ShownDiagnostic[];
  /** The definition, for the findings about it. */
  readonly sources?: ReadonlyMap<string, string> | undefined;
}

export const command = defineCommand<Packed, PackJson>({
  name: 'pack',
  about: 'Pack a workflow and print its digest: the same files give the same digest on every machine.',
  positionals: { names: ['DIR'], completes: ['folder'], required: 0 },
  flags: [
    {
      name: 'output',
      short: 'o',
      value: 'FILE',
      completes: 'file',
      summary: 'write the bundle there, gzipped; with --sign a .sheaf file',
    },
    { name: 'sign', summary: 'sign it for a registry; given a .sheaf file, add a signature to it' },
    { name: 'key', value: 'NAME', completes: 'key', repeat: true, summary: 'sign with this key' },
    YES_FLAG,
    REGISTRY_FLAG,
  ],
  examples: [
    'sheaf pack my-flow --sign --key laptop -o my-flow.sheaf',
    'sheaf pack my-flow.sheaf --sign --key token',
  ],
  exitCodes: [0, 1, 3, 4, 5, 6, 7],
  run: async (context, input) => {
    const [word = '.'] = input.positionals;
    assertUsage(word, input);
    if (isCarryName(word)) {
      const signed = await cosignFile(context, input, word, input.get('output') ?? word);
      return {
        data: { ...describeBundle(signed.packed.bundle), ...describeSigned(signed), diagnostics: [] },
      };
    }
    const folder = await packFolder(word, context);
    const diagnostics = [...folder.source.diagnostics, ...folder.warnings];
    const sources = new Map([[folder.source.shownFile, folder.source.text]]);
    const common = { ...describeBundle(folder.bundle), diagnostics, sources };
    const output = input.get('output');
    if (output === undefined) return { data: common };
    if (!input.has('sign'))
      return { data: { ...common, output: await write(context, output, folder.bundle) } };
    return { data: { ...common, ...describeSigned(await signFolder(context, input, folder, output)) } };
  },
  toJson: (data) => omit(data, 'sources'),
  render: renderPacked,
});

function assertUsage(word: string, input: Input): void {
  const [isCarry, sign, output] = [isCarryName(word), input.has('sign'), input.get('output')];
  if (isCarry && !sign) {
    throw new CliError('usage.missing_flag', `${word} is packed already`, {
      hint: [
        `to add a signature: sheaf pack ${shellWord(word)} --sign --key NAME`,
        `to check it: sheaf verify ${shellWord(word)}`,
      ],
    });
  }
  if (!isCarry && sign && output === undefined) {
    throw new CliError('usage.missing_flag', 'what is signed has to be written somewhere', {
      hint: `sheaf pack ${shellWord(word)} --sign -o FILE.sheaf`,
    });
  }
  if (sign && output !== undefined && !isCarryName(output)) {
    throw new CliError('usage.output_name', 'a signed bundle is a .sheaf file', {
      hint: `sheaf pack ${shellWord(word)} --sign -o ${shellWord(`${output}.sheaf`)}`,
    });
  }
  if (!sign && input.all('key').length > 0) {
    throw new CliError('usage.conflicting_flags', '--key goes with --sign', {
      hint: `sheaf pack ${shellWord(word)} --sign -o FILE.sheaf`,
    });
  }
}

async function write(
  context: Context,
  output: string,
  bundle: Bundle,
): Promise<NonNullable<Packed['output']>> {
  const blob = await gzipTar(bundle.tar);
  const path = resolve(context.cwd, output);
  await writeFile(path, blob);
  return { path, sizeBytes: blob.length };
}

function describeBundle(bundle: Bundle): Omit<Packed, 'diagnostics'> {
  return {
    id: bundle.definition.id,
    version: bundle.definition.version,
    digest: bundle.digest,
    sizeBytes: bundle.sizeBytes,
    files: bundle.files.map(({ path, bytes, executable }) => ({
      path,
      sizeBytes: bytes.length,
      executable,
    })),
  };
}

function describeSigned({
  registry,
  keys,
  signatures,
  output,
}: SignedFile): Pick<Packed, 'output' | 'signed'> {
  return { output, signed: { registry, keys, signatures } };
}

function renderPacked(data: Packed, { talkStyle, talkColumns }: Look): Rendered {
  const size = `${plural(data.files.length, 'file')}, ${formatBytes(sumSizes(data.files))}`;
  const written =
    data.output === undefined
      ? ''
      : `, packed ${formatBytes(data.output.sizeBytes)} in ${printable(data.output.path)}`;
  const warnings = renderDiagnostics(data.diagnostics, talkStyle, data.sources, talkColumns);
  return {
    talk: [
      ...(warnings === '' ? [] : [warnings]),
      `${talkStyle.bold(`${data.id} ${data.version}`)} · ${size}${written}`,
      ...(data.signed === undefined ? [] : renderSigned(data.signed, data.output?.path ?? '')),
    ].join('\n'),
    answer: data.digest,
  };
}

function renderSigned(
  { registry, keys, signatures }: NonNullable<Packed['signed']>,
  path: string,
): readonly string[] {
  const by = keys.map(({ id, name }) => `${shortId(id)} (${name})`).join(', ');
  return [
    `signed for ${registry} by ${by}, ${plural(signatures, 'signature')} in all; nothing was sent`,
    `to publish it: sheaf publish ${shellWord(path)}`,
    `if the namespace asks for more signatures: sheaf pack --sign ${shellWord(path)} --key OTHER`,
  ];
}

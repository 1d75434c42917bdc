import {
  inputSchemaOf,
  outputSchemaOf,
  type ActionInput,
  type ActionManifest,
  type ActionOutput,
} from '@sheaf/workflow';
import type { Look, Rendered } from '../frame/command.js';
import type { ToolsJson } from '../json/tools.js';
import { printable } from '../terminal/escape.js';
import { renderTable, type Cell } from '../terminal/table.js';
import { hangText, plural } from '../terminal/text.js';
import { shellWord } from '../terminal/shell.js';
import type { AskedServer, ToolList } from '../tools/tool-list.js';

/** One line for each. */
export function renderTools({ manifests, project, asked }: ToolList, look: Look): Rendered {
  const rows = manifests.map((manifest): readonly Cell[] => [
    manifest.name,
    manifest.version,
    stateOf(manifest),
    { text: manifest.file ?? 'built in', full: manifest.file ?? 'built-in' },
    { text: manifest.description, full: manifest.description },
  ]);
  const answer = renderTable(
    [
      { title: 'NAME' },
      { title: 'VERSION' },
      { title: 'STATE' },
      { title: 'FROM', drop: 1 },
      { title: 'DOES', least: 20 },
    ],
    rows,
    look,
  );
  const problems = project.problems.map(({ file, message }) => `${printable(file)}: ${printable(message)}`);
  if (asked !== undefined) return { answer, epilogue: describeServer(asked, manifests.length) };
  const own = manifests.filter(({ file }) => file !== undefined).length;
  return {
    answer,
    epilogue: [
      ...problems,
      `${plural(manifests.length, 'action')}${own === 0 ? '' : `, ${own} of this project`}${problems.length === 0 ? '' : `; ${plural(problems.length, 'problem')} in tools/`}`,
      'what one takes and gives: sheaf tools NAME',
    ].join('\n'),
  };
}

function describeServer({ name, server, protocol, saved }: AskedServer, count: number): string {
  return [
    `${plural(count, 'tool')} of ${printable(server === '' ? name : server)}, protocol ${printable(protocol)}`,
    saved === undefined
      ? `check steps against them: sheaf tools --mcp ${shellWord(name)} --save`
      : `written to ${printable(saved)}`,
  ].join('\n');
}

/** All of one: what it takes, gives and touches. */
export function renderTool({ manifests, allowed }: ToolList, look: Look): Rendered {
  const answer = manifests.map((manifest) => describe(manifest, look)).join('\n\n');
  if (allowed === undefined) return { answer };
  return { answer, epilogue: `allowed as it stands: ${printable(allowed.path)} ${allowed.digest}` };
}

function describe(manifest: ActionManifest, { columns, style }: Look): string {
  const { name, version, description, deprecated, inputs, outputs, otherInputs, otherOutputs } = manifest;
  const table = (rows: readonly (readonly string[])[]): string =>
    columns === undefined
      ? renderTable([{}, {}, {}], rows, { columns, style, indent: 2 })
      : hangRows(rows, columns);
  const takes = [
    ...Object.entries(inputs).map(([input, declared]) => [
      input,
      typeOfInput(declared),
      textOfInput(declared),
    ]),
    ...(otherInputs === undefined
      ? []
      : [['…', otherInputs.type, otherInputs.description ?? 'any other name']]),
  ];
  const gives = [
    ...Object.entries(outputs).map(([output, form]) => [output, typeOfForm(form), form.description ?? '']),
    ...(otherOutputs === undefined
      ? []
      : [['…', otherOutputs.type, otherOutputs.description ?? 'any other name']]),
  ];
  const touches = listTouched(manifest);
  return [
    `${style.bold(printable(name))} ${printable(version)}  ${manifest.file === undefined ? 'built in' : printable(manifest.file)}`,
    ...hangText('', printable(description), columns),
    ...(deprecated === undefined
      ? []
      : [
          `DEPRECATED since ${printable(deprecated.since)}: ${printable(deprecated.reason)}${deprecated.use === undefined ? '' : `; use ${printable(deprecated.use)}`}`,
        ]),
    ...(takes.length === 0 ? [] : ['takes', table(takes)]),
    ...(gives.length === 0 ? [] : ['gives', table(gives)]),
    ...(touches.length === 0 ? [] : hangText('may use  ', printable(touches.join(' · ')), columns)),
  ].join('\n');
}

/** A name, its type and what it means, on a terminal: the last one is long, and must be read whole. */
function hangRows(rows: readonly (readonly string[])[], columns: number): string {
  const shown = rows.map((row) => row.map((cell) => printable(cell)));
  const [first, second] = [0, 1].map((at) => Math.max(...shown.map((row) => row[at]?.length ?? 0)));
  return shown
    .flatMap(([name = '', type = '', meaning = '']) =>
      hangText(`  ${name.padEnd(first ?? 0)}  ${type.padEnd(second ?? 0)}  `, meaning, columns),
    )
    .map((line) => line.trimEnd())
    .join('\n');
}

function listTouched({ permissions }: ActionManifest): readonly string[] {
  const { network = [], hosts = [], exec = [], programs: starts = [], read = [], write = [] } = permissions;
  const programs = exec.map((each) => (typeof each === 'string' ? each : each.join(' or ')));
  return [
    ...network.map((input) => `network: the host of ${input}`),
    ...hosts.map((host) => `network ${host}`),
    ...programs.map((program) => `exec ${program}`),
    ...starts.map((input) => `exec: the program of ${input}`),
    ...read.map((input) => `read: ${input}`),
    ...write.map((input) => `write: ${input}`),
  ];
}

function typeOfInput(input: ActionInput): string {
  if (input.type === 'list' || input.type === 'map') {
    const { type, items } = input;
    return typeOfForm(items === undefined ? { type } : { type, items });
  }
  return input.type;
}

function typeOfForm({ type, items }: ActionOutput): string {
  return items === undefined ? type : `${type} of ${items.type}`;
}

function textOfInput(input: ActionInput): string {
  const { required, description, default: byDefault } = input;
  const isEmpty = ['', '[]', '{}', '""', 'false'].includes(JSON.stringify(byDefault ?? ''));
  const parts = [
    required ? 'required:' : undefined,
    input.type === 'enum' ? `${description ?? ''}: ${input.values.join(', ')}` : description,
    isEmpty ? undefined : `(default ${JSON.stringify(byDefault)})`,
  ];
  return parts.filter((part) => part !== undefined && part !== '').join(' ');
}

function stateOf({ deprecated }: ActionManifest): string {
  return deprecated === undefined ? '' : 'deprecated';
}

export function toolsJson({ manifests, project, allowed, asked }: ToolList): ToolsJson {
  return {
    tools: manifests.map((manifest) => {
      const { name, version, description, deprecated, file, server, permissions } = manifest;
      const { network = [], hosts = [], exec = [], programs = [], read = [], write = [] } = permissions;
      const own = project.tools.find(({ tool }) => tool.manifest.name === name);
      return {
        name,
        version,
        description,
        origin: file === undefined ? 'built-in' : server === undefined ? 'project' : 'server',
        ...(file === undefined ? {} : { file }),
        ...(server === undefined ? {} : { server }),
        ...(own === undefined ? {} : { does: own.tool.work.kind }),
        ...(deprecated === undefined ? {} : { deprecated: { ...deprecated } }),
        permissions: {
          network: [...network],
          hosts: [...hosts],
          exec: exec.map((each) => (typeof each === 'string' ? [each] : [...each])),
          programs: [...programs],
          read: [...read],
          write: [...write],
        },
        inputs: inputSchemaOf(manifest),
        outputs: outputSchemaOf(manifest),
      };
    }),
    problems: project.problems.map((problem) => ({ ...problem })),
    ...(allowed === undefined ? {} : { allowed: { ...allowed } }),
    ...(asked === undefined ? {} : { asked: { ...asked } }),
  };
}

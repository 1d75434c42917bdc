import { lstat, mkdir, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { basename, dirname, join, relative, resolve } from 'node:path';
import {
  findNameProblem,
  parseNamespace,
  parseWorkflowId,
  parseWorkflowName,
  splitWorkflowId,
} from '@sheaf/workflow';
import { defineCommand } from '../frame/command.js';
import type { Input } from '../frame/args.js';
import type { Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import type { InitJson } from '../json/init.js';
import { openKeyStore } from '../keys/key-store.js';
import { shellWord } from '../terminal/shell.js';
import { hangText, padTo } from '../terminal/text.js';
import {
  listTemplates,
  readTemplate,
  TEMPLATES,
  type TemplateFile,
  type TemplateSummary,
} from '../workflow/template.js';

interface Started {
  readonly id: string;
  readonly dir: string;
  readonly template: string;
  readonly namespaceFrom: string;
  readonly files: readonly string[];
}

interface Listed {
  readonly templates: readonly TemplateSummary[];
}

export const command = defineCommand<Started | Listed, InitJson>({
  name: 'init',
  about: 'Start a workflow from a template that runs as it is.',
  positionals: { names: ['DIR'], completes: ['folder'], required: 0 },
  flags: [
    {
      name: 'template',
      value: 'T',
      values: TEMPLATES,
      summary: `what to start from: ${TEMPLATES.join(', ')}`,
    },
    { name: 'list', summary: 'say what there is to start from' },
    { name: 'name', value: 'NS/NAME', summary: "its name, when it is not the folder's" },
    { name: 'namespace', value: 'NS', completes: 'namespace', summary: 'the owner part of its name' },
  ],
  examples: ['sheaf init my-flow', 'sheaf init notes --template release-notes --name acme/notes'],
  exitCodes: [0, 1],
  run: async (context, input) => {
    if (input.has('list')) return { data: { templates: await listTemplates(context.packageDir) } };
    const dir = resolve(context.cwd, input.positionals[0] ?? '.');
    const given = givenName(input);
    const name = given?.name ?? fitName(basename(dir));
    if (name === undefined) {
      throw new CliError(
        'usage.name',
        `the folder's name ${JSON.stringify(basename(dir))} cannot be made the name of a workflow`,
        {
          hint: 'name it: sheaf init DIR --name NS/NAME',
        },
      );
    }
    const reserved = findNameProblem(name);
    if (reserved !== undefined)
      throw new CliError(reserved.code, reserved.message, {
        hint: `choose another folder, such as sheaf init ${fitName(`my-${name}`) ?? 'my-flow'}; nothing was written`,
      });
    const namespace = given ?? (await chooseNamespace(context, input));
    const template = input.get('template') ?? 'default';
    const values = { namespace: namespace.namespace, name: parseWorkflowName(name) };
    const files = await readTemplate(context.packageDir, template, values);
    await refuseWhatIsInTheWay(dir, files);
    await writeFiles(dir, files);
    return {
      data: {
        id: `${values.namespace}/${values.name}`,
        dir: relative(context.cwd, dir) || '.',
        template,
        namespaceFrom: namespace.from,
        files: files.map((file) => file.path),
      },
    };
  },
  render: (data, { talkStyle, columns, style }) => {
    if ('templates' in data) {
      const width = Math.max(...data.templates.map(({ name }) => name.length)) + 2;
      return {
        answer: data.templates
          .flatMap(({ name, description }) =>
            columns === undefined
              ? `${name}\t${description}`
              : hangText(padTo(name, width), description, columns).map((line) =>
                  line.replace(name, style.bold(name)),
                ),
          )
          .join('\n'),
        epilogue: 'to start from one: sheaf init my-flow --template NAME',
      };
    }
    const steps = [
      ...(data.dir === '.' ? [] : [`cd ${shellWord(data.dir)}`]),
      'sheaf run .            run it as it is',
      'sheaf validate         check it after each change',
      'sheaf publish          sign it and share it',
    ];
    return {
      talk: [
        `${talkStyle.bold(data.id)} in ${data.dir}: ${data.files.join(', ')}`,
        `the namespace ${data.id.split('/', 1)[0] ?? ''} is ${data.namespaceFrom}; change \`id\` in workflow.toml for another`,
        'next',
        ...steps.map((step) => `  ${step}`),
      ].join('\n'),
    };
  },
});

/** What `--name` says, in its two parts. */
function givenName(
  input: Input,
): { readonly namespace: string; readonly name: string; readonly from: string } | undefined {
  const given = input.get('name');
  if (given === undefined) return undefined;
  if (input.has('namespace')) {
    throw new CliError('usage.conflicting_flags', '--name says the namespace already', {
      hint: 'leave out --namespace',
    });
  }
  const { namespace, name } = splitWorkflowId(parseWorkflowId(given));
  const problem = findNameProblem(namespace);
  if (problem !== undefined) throw new CliError(problem.code, problem.message, { hint: problem.hint });
  return { namespace, name, from: 'the one you gave' };
}

/** How many namespaces are proposed. */
const MAX_NAMED = 5;

/** The command that was given, with the namespace that it lacked. */
function initCommand(input: Input, namespace: string): string {
  const template = input.get('template');
  return [
    'sheaf init',
    ...input.positionals.map(shellWord),
    ...(template === undefined ? [] : ['--template', shellWord(template)]),
    '--namespace',
    namespace,
  ].join(' ');
}

async function chooseNamespace(
  context: Context,
  input: Input,
): Promise<{ readonly namespace: string; readonly from: string }> {
  const flag = input.get('namespace');
  if (flag !== undefined) {
    const problem = findNameProblem(parseNamespace(flag));
    if (problem !== undefined) throw new CliError(problem.code, problem.message, { hint: problem.hint });
    return { namespace: flag, from: 'the one you gave' };
  }
  const keys = await openKeyStore(context.paths.config(), context.ui.warn).list();
  const candidates = [
    { text: keys.length === 1 ? keys[0]?.name : undefined, from: 'the name of your key' },
    { text: context.env['USER'] ?? context.env['USERNAME'] ?? systemUser(), from: 'your user name' },
  ];
  const refused: string[] = [];
  for (const { text, from } of candidates) {
    const value = text === undefined ? undefined : fitName(text);
    if (value === undefined) continue;
    const problem = findNameProblem(value);
    if (problem === undefined) return { namespace: value, from };
    refused.push(`${value} is ${from}; ${problem.message}`);
  }
  const names = keys.flatMap(({ name }) => {
    const value = fitName(name);
    return value === undefined || findNameProblem(value) !== undefined ? [] : [value];
  });
  const several =
    keys.length < 2
      ? []
      : [`you have ${keys.length} keys, so none of them says it: ${keys.map(({ name }) => name).join(', ')}`];
  throw new CliError('usage.namespace', 'nothing says which namespace the workflow belongs to', {
    evidence: [...several, ...refused],
    hint:
      names.length === 0
        ? `name one: ${initCommand(input, 'NS')}`
        : [...new Set(names)].slice(0, MAX_NAMED).map((name) => initCommand(input, name)),
  });
}

function systemUser(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    // A user id without an entry in the password file, as containers have.
    return undefined;
  }
}

/** The nearest name that fits the grammar of namespaces and workflows; undefined when nothing is left. */
export function fitName(text: string): string | undefined {
  const name = text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, 64)
    .replace(/-+$/, '');
  return name === '' ? undefined : name;
}

async function refuseWhatIsInTheWay(dir: string, files: readonly TemplateFile[]): Promise<void> {
  const inTheWay: string[] = [];
  for (const path of [...files.map((file) => file.path), 'workflow.yaml'])
    if (await exists(join(dir, path))) inTheWay.push(path);
  if (inTheWay.length === 0) return;
  const definition = inTheWay.find((path) => path.startsWith('workflow.'));
  throw new CliError('init.in_the_way', `${dir} holds files that would be overwritten`, {
    evidence: [inTheWay.join(', ')],
    hint: [
      'move them away, or choose another folder; nothing was written',
      ...(definition === undefined
        ? []
        : [`to check the one that is there: sheaf validate ${shellWord(dir)}`]),
    ],
  });
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return false;
    throw error;
  }
}

async function writeFiles(dir: string, files: readonly TemplateFile[]): Promise<void> {
  for (const { path, text, executable } of files) {
    const target = join(dir, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, text, { flag: 'wx', mode: executable ? 0o755 : 0o644 });
  }
}

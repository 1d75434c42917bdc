import { ActionError } from '../action-error.js';
import { isSet, mapOf, numberOf, textOf, textsOf, type Inputs } from '../inputs.js';

/** What an engine is told besides the inputs. Paths are absolute. */
export interface ContainerSetting {
  /** Of the container, by which it is ended. */
  readonly name: string;
  /** The workspace. */
  readonly cwd: string;
  readonly envFile: string;
  /** A folder with a file for each secret; unset where there is none. */
  readonly secretsDir?: string;
  /** A file of the host that outputs are written to. */
  readonly outputFile: string;
}

/**
 * The arguments of `podman` and `docker` alike: no network, no capabilities, no new rights, a file system that cannot be written
 * to but for /tmp, and nothing of the host but the workspace. Throws ActionError `action.input` for a path that cannot be mounted.
 */
export function containerArguments(inputs: Inputs, setting: ContainerSetting): readonly string[] {
  const { name, cwd, envFile, secretsDir, outputFile } = setting;
  const mode = isSet(inputs, 'writable') ? 'rw' : 'ro';
  const user = textOf(inputs, 'user');
  const cpus = numberOf(inputs, 'cpus');
  const memory = `${numberOf(inputs, 'memory_mb') ?? 2048}m`;
  const script = textOf(inputs, 'run');
  const command = textsOf(inputs, 'command');
  if (script !== undefined && command.length > 0) {
    throw new ActionError('action.input', 'container takes either run or command');
  }
  return [
    'run',
    '--rm',
    // Shorter than the patience of who cancels.
    '--stop-timeout=1',
    `--name=${name}`,
    `--pull=${textOf(inputs, 'pull') ?? 'missing'}`,
    ...(isSet(inputs, 'network') ? [] : ['--network=none']),
    '--cap-drop=ALL',
    '--security-opt=no-new-privileges',
    '--read-only',
    '--tmpfs=/tmp:rw,nosuid,nodev,size=256m',
    `--pids-limit=${numberOf(inputs, 'processes') ?? 512}`,
    `--memory=${memory}`,
    `--memory-swap=${memory}`,
    ...(cpus === undefined ? [] : [`--cpus=${cpus}`]),
    ...(user === undefined ? [] : [`--user=${user}`]),
    `--workdir=${textOf(inputs, 'workdir') ?? '/workspace'}`,
    mount(cwd, '/workspace', mode),
    mount(outputFile, '/run/sheaf/output', 'rw'),
    ...(secretsDir === undefined ? [] : [mount(secretsDir, '/run/secrets', 'ro')]),
    `--env-file=${envFile}`,
    ...(script === undefined ? [] : ['--entrypoint=/bin/sh']),
    '--',
    textOf(inputs, 'image') ?? '',
    ...(script === undefined ? command : ['-e', '-c', script]),
  ];
}

/** Lines of `--env-file`, where a value ends with its line. Throws ActionError `action.input` for a value of several lines. */
export function environmentFile(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .map(([name, value]) => {
      if (!/^[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(name)) {
        throw new ActionError('action.input', `"${name.slice(0, 80)}" is no name of a variable`);
      }
      if (/[\n\r\0]/.test(value)) {
        throw new ActionError('action.input', `the variable ${name} of a container must be one line`, {
          hint: 'hand it over as a file of the workspace',
        });
      }
      return `${name}=${value}\n`;
    })
    .join('');
}

/** Variables of the inputs, which are shown in plans: secrets are files. */
export function variablesOf(
  inputs: Inputs,
  toText: (value: Inputs[string]) => string,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(mapOf(inputs, 'env')).map(([name, value]) => [name, toText(value)]),
  );
}

function mount(source: string, target: string, mode: 'ro' | 'rw'): string {
  // Both engines read a comma and a quote as parts of the option.
  if (/[,"\n]/.test(source)) {
    throw new ActionError('action.input', 'a folder with a comma or a quote in its name cannot be mounted', {
      hint: 'move the workspace to another folder',
    });
  }
  return `--mount=type=bind,source=${source},target=${target}${mode === 'ro' ? ',readonly' : ''}`;
}

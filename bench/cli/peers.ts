import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { interleave } from '../lib/measure.js';
import type { Row } from '../lib/report.js';
import type { VerdaccioServer } from '../registry/servers/verdaccio.js';
import { outputOf, runCommand, type Command } from './commands.js';
import type { Person } from './person.js';
import { compared } from './rows.js';

const NAME = 'bench-cli-small';

/** The same jobs by npm against Verdaccio: one small package each, whose metadata npm may have in its cache. */
export async function benchPeers(
  person: Person,
  verdaccio: VerdaccioServer,
  rounds: number,
): Promise<readonly Row[]> {
  const npm = await prepareNpm(join(person.folder, 'npm'), verdaccio);
  const { small, sheaf } = person;
  const jobs: readonly (readonly [ours: string, Command, theirs: string, Command])[] = [
    ['sheaf search', sheaf(['search', 'true']), 'npm search', npm(['search', NAME])],
    ['sheaf info', sheaf(['info', small]), 'npm view', npm(['view', NAME])],
    ['sheaf fetch', sheaf(['fetch', small]), 'npm pack', npm(['pack', `${NAME}@1.0.0`])],
  ];
  const timings = await interleave(
    jobs.flatMap(([ours, own, theirs, other]) =>
      (
        [
          [ours, own],
          [theirs, other],
        ] as const
      ).map(([name, command]) => ({
        name,
        run: () => {
          runCommand(command);
        },
      })),
    ),
    rounds,
  );
  return jobs.map(([ours, , theirs]) => compared(timings, ours, theirs));
}

async function prepareNpm(folder: string, { url, token }: VerdaccioServer) {
  await mkdir(join(folder, 'package'), { recursive: true });
  await writeFile(
    join(folder, '.npmrc'),
    `registry=${url}/\n${url.replace('http:', '')}/:_authToken=${token}\nupdate-notifier=false\naudit=false\nfund=false\n`,
  );
  await writeFile(
    join(folder, 'package', 'package.json'),
    JSON.stringify({ name: NAME, version: '1.0.0', description: 'Runs true', license: 'MIT' }),
  );
  const npm = (args: readonly string[]): Command => ({
    program: 'npm',
    args,
    cwd: folder,
    env: { HOME: folder },
  });
  outputOf({ ...npm(['publish']), cwd: join(folder, 'package') });
  return npm;
}

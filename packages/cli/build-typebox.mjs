// Of TypeBox, its check of values alone comes along. The builders of its schemas are stood in for by short ones that make
// the same schemas: TypeBox's copy each part again for each whole it becomes a part of, at every start of a verb.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as builders from './build-typebox-builders.mjs';

const IMPORT = /^import \{([^}]*)\} from '@sinclair\/typebox';$/m;
const BUILDERS = fileURLToPath(new URL('build-typebox-builders.mjs', import.meta.url));
/** What a check asks of kinds of schemas that nobody makes here. */
const UNUSED = /^\.\.\/\.\.\/type\/(keyof|never)\/index\.mjs$/;

/** @param {readonly string[]} folders of the sources whose schemas are made so */
export function typeboxParts(folders) {
  const checks = fileURLToPath(new URL('check/index.mjs', import.meta.resolve('@sinclair/typebox/value')));
  return {
    name: 'typebox-parts',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^@sinclair\/typebox\/value$/ }, () => ({ path: checks }));
      onResolve({ filter: UNUSED }, ({ path, importer }) =>
        importer.includes('typebox') && importer.endsWith('check.mjs')
          ? { path, namespace: 'typebox-unused' }
          : undefined,
      );
      onLoad({ filter: /.*/, namespace: 'typebox-unused' }, () => ({
        contents: `const refuse = () => { throw new Error('a schema of a kind that is not built here') };
          export { refuse as KeyOfPattern, refuse as Never };`,
      }));
      onLoad({ filter: /\.ts$/ }, ({ path }) => {
        if (!folders.some((folder) => path.startsWith(folder))) return undefined;
        const source = readFileSync(path, 'utf8');
        const [line, names] = IMPORT.exec(source) ?? [];
        if (line === undefined) return undefined;
        for (const [, name] of source.matchAll(/\bType\.([A-Z]\w*)/g))
          if (!(name in builders))
            throw new Error(`there is no builder Type.${name}, which ${path} asks for`);
        const others = names.split(',').map((name) => name.trim());
        if (others.some((name) => name !== 'Type' && name !== '' && !name.startsWith('type ')))
          throw new Error(`${path} takes more of TypeBox than the builders`);
        return {
          contents: source.replace(line, `import * as Type from ${JSON.stringify(BUILDERS)};`),
          loader: 'ts',
        };
      });
    },
  };
}

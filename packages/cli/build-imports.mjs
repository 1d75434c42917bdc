// Imports of the sources' own modules that wait for their use. In a bundle those modules lie beside the rest anyway; begun
// later, they and all that they import would be kept whole, each in a scope of its own.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const LATE = /\bawait import\('(\.[^']+|@sheaf\/[^']+)'\)/g;

/**
 * @param {readonly string[]} folders of the sources
 * @param {(path: string) => boolean} isApart whether a module lies in a bundle of its own, and so is imported late after all
 */
export function earlyImports(folders, isApart) {
  return {
    name: 'early-imports',
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, ({ path }) => {
        if (!folders.some((folder) => path.startsWith(folder))) return undefined;
        const source = readFileSync(path, 'utf8');
        const imports = [];
        const contents = source.replace(LATE, (whole, from) => {
          if (isApart(join(dirname(path), from))) return whole;
          imports.push(`import * as __late${imports.length} from '${from}';`);
          return `__late${imports.length - 1}`;
        });
        if (imports.length === 0) return undefined;
        if (source.includes("from '@sinclair/typebox'"))
          throw new Error(`${path} has schemas, which are changed in another way`);
        return { contents: `${contents}\n${imports.join('\n')}\n`, loader: 'ts' };
      });
    },
  };
}

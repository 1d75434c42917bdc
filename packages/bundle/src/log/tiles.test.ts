import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeUtf8, hexOf } from '../encoding/bytes.js';
import { codeOf, codeOfAsync } from '../testing/codes.js';
import { readerOf, referenceRoot } from '../testing/tree.js';
import { encodeEntryBundle, parseEntryBundle } from './entry-bundle.js';
import { consistencyProof, hashChildren, hashLeaf, inclusionProof, treeRoot } from './merkle.js';
import { entryBundlePath, parseEntryBundlePath, parseTilePath, tilePath } from './tile-path.js';
import { appendToTiles, edgeRoot, type Tile, type TileEdge, tilesReader } from './tiles.js';

const leaves = Array.from({ length: 1400 }, (_, i) => hashLeaf(encodeUtf8(String(i))));

/** A log's storage, fed in batches. */
function store(batches: readonly number[]) {
  const tiles = new Map<string, Uint8Array>();
  let size = 0;
  let edge: TileEdge = new Map();
  let root = new Uint8Array(0);
  for (const batch of batches) {
    const next = appendToTiles(size, edge, leaves.slice(size, size + batch));
    for (const tile of next.tiles) tiles.set(tilePath(tile.level, tile.index, tile.width), tile.hashes);
    ({ size, edge } = next);
    root = Uint8Array.from(next.root);
  }
  const fetchTile = (level: number, index: number, width: number) => {
    const tile = tiles.get(tilePath(level, index, width));
    return tile === undefined ? Promise.reject(new Error('404')) : Promise.resolve(tile);
  };
  return { size, edge, root, tiles, fetchTile };
}

describe('appendToTiles', () => {
  it('in any batches builds the tree that is built at once', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.nat({ max: 5 }), fc.nat({ max: 300 })), { minLength: 1, maxLength: 5 }),
        async (batches) => {
          const { size, edge, root, fetchTile } = store(batches);
          const once = store([size]);
          expect(root).toEqual(once.root);
          expect(hexOf(root)).toBe(hexOf(referenceRoot(leaves.slice(0, size))));
          expect(edge).toEqual(once.edge);
          expect(edgeRoot(size, edge)).toEqual(root);
          expect(await treeRoot(size, tilesReader(fetchTile, size))).toEqual(root);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('leaves what it is given as it was, also a Buffer', async () => {
    const { size, root, fetchTile } = store([300]);
    const buffers = new Map<string, Buffer>();
    const fetchBuffer = async (level: number, index: number, width: number) => {
      const key = tilePath(level, index, width);
      const tile = buffers.get(key) ?? Buffer.from(await fetchTile(level, index, width));
      buffers.set(key, tile);
      return tile;
    };
    for (let i = 0; i < 2; i++) expect(await treeRoot(size, tilesReader(fetchBuffer, size))).toEqual(root);
    for (const [key, tile] of buffers) expect(hexOf(tile)).toBe(hexOf(store([300]).tiles.get(key) ?? root));
  });

  it('keeps the tiles that C2SP describes', () => {
    const { tiles } = store([256]);
    expect([...tiles.keys()].sort()).toEqual(['tile/0/000', 'tile/1/000.p/1']);
    const more = store([600]).tiles;
    expect([...more.keys()].sort()).toEqual([
      'tile/0/000',
      'tile/0/001',
      'tile/0/002.p/88',
      'tile/1/000.p/2',
    ]);
    expect(more.get('tile/1/000.p/2')).toEqual(
      Uint8Array.from([...referenceRoot(leaves.slice(0, 256)), ...referenceRoot(leaves.slice(256, 512))]),
    );
  });

  it('reaches the third level as a tree of 70,000 leaves does', () => {
    const hash = hashLeaf(new Uint8Array(0));
    const { tiles, size, root } = appendToTiles(
      0,
      new Map(),
      Array.from({ length: 70_000 }, () => hash),
    );
    const widths = new Map<number, Tile[]>();
    for (const tile of tiles) widths.set(tile.level, [...(widths.get(tile.level) ?? []), tile]);
    expect(widths.get(0)?.length).toBe(274);
    expect(widths.get(0)?.at(-1)?.width).toBe(112);
    expect(widths.get(1)?.map(({ width }) => width)).toEqual([256, 17]);
    expect(widths.get(2)?.map(({ width }) => width)).toEqual([1]);
    expect(size).toBe(70_000);
    let top = hash;
    for (let level = 0; level < 16; level++) top = hashChildren(top, top);
    expect(widths.get(2)?.[0]?.hashes).toEqual(top);
    expect(root).not.toEqual(top);
  });

  it('reports only tiles that changed', () => {
    const before = appendToTiles(0, new Map(), leaves.slice(0, 300));
    const after = appendToTiles(300, before.edge, leaves.slice(300, 301));
    expect(after.tiles.map(({ level, index, width }) => tilePath(level, index, width))).toEqual([
      'tile/0/001.p/45',
    ]);
    expect(appendToTiles(300, before.edge, [])).toEqual({ ...before, tiles: [] });
  });

  it('refuses an edge that is not that of the tree', () => {
    const { edge } = appendToTiles(0, new Map(), leaves.slice(0, 300));
    expect(codeOf(() => appendToTiles(299, edge, []))).toBe('log.tile_invalid');
    expect(codeOf(() => appendToTiles(300, new Map(), []))).toBe('log.tile_invalid');
    expect(codeOf(() => appendToTiles(-1, new Map(), []))).toBe('log.range');
    expect(codeOf(() => appendToTiles(0, new Map(), [new Uint8Array(31)]))).toBe('log.range');
  });
});

describe('tilesReader', () => {
  it('reads every proof that the leaves themselves give', async () => {
    const { size, fetchTile } = store([300, 900, 77]);
    const read = tilesReader(fetchTile, size);
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: size - 1 }), async (n) => {
        expect(await inclusionProof(n, size, read)).toEqual(await inclusionProof(n, size, readerOf(leaves)));
        expect(await consistencyProof(n, size, read)).toEqual(
          await consistencyProof(n, size, readerOf(leaves)),
        );
      }),
      { numRuns: 40 },
    );
  });

  it('fetches each tile once, and none that the tree does not have', async () => {
    const { size, fetchTile } = store([1277]);
    const fetched: string[] = [];
    const read = tilesReader((level, index, width) => {
      fetched.push(tilePath(level, index, width));
      return fetchTile(level, index, width);
    }, size);
    await inclusionProof(700, size, read);
    expect([...fetched].sort()).toEqual(['tile/0/002', 'tile/0/004.p/253', 'tile/1/000.p/4']);
    expect(await codeOfAsync(read([{ level: 0, index: size }]))).toBe('log.range');
    expect(await codeOfAsync(read([{ level: 8, index: 4 }]))).toBe('log.range');
  });

  it('takes a full tile for a partial one, and refuses a short one', async () => {
    const { fetchTile, tiles } = store([200, 56]);
    const whole = tiles.get('tile/0/000') ?? new Uint8Array(0);
    expect(
      await treeRoot(
        200,
        tilesReader(() => Promise.resolve(whole), 200),
      ),
    ).toEqual(referenceRoot(leaves.slice(0, 200)));
    expect(
      await codeOfAsync(
        treeRoot(
          200,
          tilesReader(() => Promise.resolve(whole.subarray(32 * 57)), 200),
        ),
      ),
    ).toBe('log.tile_invalid');
    expect(await treeRoot(200, tilesReader(fetchTile, 200))).toEqual(referenceRoot(leaves.slice(0, 200)));
  });
});

describe('paths', () => {
  it('are those of C2SP', () => {
    expect(tilePath(0, 1234067, 256)).toBe('tile/0/x001/x234/067');
    expect(tilePath(63, 0, 1)).toBe('tile/63/000.p/1');
    expect(tilePath(1, 1000, 255)).toBe('tile/1/x001/000.p/255');
    expect(entryBundlePath(999, 256)).toBe('tile/entries/999');
  });

  it('are read back', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 63 }),
        fc.maxSafeInteger().map(Math.abs),
        fc.integer({ min: 1, max: 256 }),
        (level, index, width) => {
          expect(parseTilePath(tilePath(level, index, width))).toEqual({ level, index, width });
          expect(parseEntryBundlePath(entryBundlePath(index, width))).toEqual({ index, width });
        },
      ),
    );
  });

  it.each([
    '',
    'tile',
    'tile/0',
    'tile/64/000',
    'tile/00/000',
    'tile/0/0',
    'tile/0/0000',
    'tile/0/x000/000',
    'tile/0/001/000',
    'tile/0/x01/000',
    'tile/0/000.p/0',
    'tile/0/000.p/256',
    'tile/0/000.p/01',
    'tile/0/000.p/',
    'tile/0/000.p/300',
    '/tile/0/000',
    'tile/0/000/',
    'tile/-1/000',
    'tile/0/../000',
    'tile/0/x999/x999/x999/x999/x999/x999/999',
    `tile/0/${'x001/'.repeat(50)}000`,
    'tile/entries/000',
  ])('refuse %j', (path) => {
    expect(codeOf(() => parseTilePath(path))).toBe('log.path_invalid');
  });

  it('refuse what is no tile', () => {
    expect(codeOf(() => tilePath(64, 0, 1))).toBe('log.path_invalid');
    expect(codeOf(() => tilePath(0, -1, 1))).toBe('log.path_invalid');
    expect(codeOf(() => tilePath(0, 0, 0))).toBe('log.path_invalid');
    expect(codeOf(() => parseEntryBundlePath('tile/entries/x000/001'))).toBe('log.path_invalid');
  });
});

describe('entry bundles', () => {
  it('are read back', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 600 }), { maxLength: 10 }), (entries) => {
        expect(parseEntryBundle(encodeEntryBundle(entries))).toEqual(entries);
      }),
    );
    expect(encodeEntryBundle([new Uint8Array(258)]).subarray(0, 2)).toEqual(Uint8Array.of(1, 2));
  });

  it('are refused when they are cut, too many or too long', () => {
    expect(codeOf(() => parseEntryBundle(Uint8Array.of(0)))).toBe('log.tile_invalid');
    expect(codeOf(() => parseEntryBundle(Uint8Array.of(0, 2, 1)))).toBe('log.tile_invalid');
    expect(codeOf(() => parseEntryBundle(new Uint8Array(2 * 257)))).toBe('log.tile_invalid');
    expect(codeOf(() => encodeEntryBundle(Array.from({ length: 257 }, () => new Uint8Array(0))))).toBe(
      'log.range',
    );
    expect(codeOf(() => encodeEntryBundle([new Uint8Array(65536)]))).toBe('log.range');
  });
});

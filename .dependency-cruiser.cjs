/** Who may import whom. The reasons stand in docs/ARCHITECTURE.md, "Invariants". */
const packages = {
  workflow: [],
  bundle: ['workflow'],
  client: ['bundle', 'workflow'],
  engine: ['workflow'],
  cli: ['workflow', 'bundle', 'client', 'engine'],
};

const layering = Object.entries(packages).map(([name, allowed]) => ({
  name: `${name}-imports`,
  comment: `packages/${name} may import only: ${allowed.join(', ') || 'nothing of ours'}`,
  severity: 'error',
  from: { path: `^packages/${name}/` },
  to: {
    path: '^(packages|services|migrations|test|bench)/',
    pathNot: [`^packages/(${[name, ...allowed].join('|')})/`],
  },
}));

module.exports = {
  forbidden: [
    ...layering,
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'registry-imports',
      comment:
        'The registry uses the contract of the client and nothing else of it, and never the engine or the CLI.',
      severity: 'error',
      from: { path: '^services/registry/src/' },
      to: { path: '^packages/(engine|cli|client)/', pathNot: '^packages/client/(src|dist)/contract/' },
    },
    {
      name: 'routes-do-not-touch-adapters',
      comment: 'routes → domain → ports; only compose.ts sees everything.',
      severity: 'error',
      from: { path: '^services/registry/src/(routes|domain)/' },
      to: {
        path: '^services/registry/src/(objects|postgres|compose|main)',
        pathNot: '^services/registry/src/objects/port',
      },
    },
    {
      name: 'migrations-import-nothing',
      severity: 'error',
      from: { path: '^migrations/' },
      to: { path: '^(packages|services|test)/' },
    },
    {
      name: 'not-to-unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-dev-dependency-at-run-time',
      severity: 'error',
      from: {
        path: '^(packages/(workflow|bundle|client|engine)|services/registry|migrations)/src',
        pathNot: '\\.test\\.ts$',
      },
      // What is a peer too is there for who uses the package, or is loaded only where it is.
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['npm-peer'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules|/dist/' },
    exclude: { path: 'coverage|\\.turbo' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@sheaf/source', 'types', 'import', 'node', 'default'],
    },
  },
};

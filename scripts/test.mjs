// npm test: installs and builds what is missing, runs every check and every test, and ends with "N passed, N failed".
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { installPackages } from './lib/packages.mjs';
import { ROOT, prepare } from './lib/prepare.mjs';

/** TypeScript's native compiler: the same verdict in a fifth of the time. */
const TSC = join('node_modules', 'typescript-7', 'bin', 'tsc');

/** What is checked besides the tests; each counts as one. What takes longest comes first. */
const CHECKS = [
  ['lint', 'eslint', ['--max-warnings', '0', '.']],
  ['types', process.execPath, [TSC, '-p', 'tsconfig.all.json']],
  ['format', 'prettier', ['--check', '--log-level=warn', '.']],
  [
    'layering',
    'depcruise',
    ['packages', 'services', 'migrations', 'test', 'bench', '--config', '.dependency-cruiser.cjs'],
  ],
  ['unused code', 'knip', []],
  ['error reference', process.execPath, [join('scripts', 'generate-errors.mjs'), '--check']],
  ['JSON reference', process.execPath, [join('scripts', 'generate-json.mjs'), '--check']],
  ['action reference', process.execPath, [join('scripts', 'generate-actions.mjs'), '--check']],
  ['command reference', process.execPath, [join('scripts', 'generate-cli.mjs'), '--check']],
  ['API documentation', 'typedoc', ['--options', join('packages', 'client'), '--emit', 'none']],
  ['packages', process.execPath, [join('scripts', 'check-packages.mjs')]],
  ['lockfile', process.execPath, [join('scripts', 'check-lock.mjs')]],
  ['links', process.execPath, [join('scripts', 'check-links.mjs')]],
  ['example scripts', 'bash', [join('examples', 'check.sh')]],
];

/** Documents that no test prints yet: of `cancel` the tests look at what people see. */
const NOT_PRINTED = ['cancel'];

const only = process.argv.slice(2);
const say = (what) => console.log(`${what} …`);
prepare({ say });
installPackages({ say });

let passed = 0;
let failed = 0;
if (only.length === 0) await runChecks();
await runTests();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);

/** One for each core at a time. */
async function runChecks() {
  const waiting = CHECKS.values();
  const lane = async () => {
    for (const [name, command, args] of waiting) await check(name, command, args);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, lane));
}

async function check(name, command, args) {
  const startedMs = performance.now();
  const { status, output } = await execute(command, args);
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  if (status === 0) passed += 1;
  else {
    failed += 1;
    console.log(output);
  }
  console.log(`${status === 0 ? 'ok  ' : 'FAIL'}  ${name} (${seconds} s)`);
}

async function runTests() {
  const folder = mkdtempSync(join(tmpdir(), 'sheaf-test-report-'));
  const report = join(folder, 'report.json');
  const args = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...only];
  const printed = join(folder, 'documents');
  mkdirSync(printed);
  const { status } = await execute('vitest', args, true, { SHEAF_TEST_DOCUMENTS: printed });
  try {
    const result = JSON.parse(readFileSync(report, 'utf8'));
    passed += result.numPassedTests;
    // A file that cannot be loaded has no tests to count and must not pass unseen.
    const brokenFiles = result.testResults.filter(
      (file) => file.status === 'failed' && file.assertionResults.length === 0,
    ).length;
    failed += result.numFailedTests + brokenFiles;
    if (status !== 0 && result.numFailedTests + brokenFiles === 0) failed += 1;
  } catch {
    failed += 1;
  }
  if (only.length === 0) checkPrinted(readdirSync(printed));
  rmSync(folder, { recursive: true, force: true });
}

/** Every JSON document of the command line is printed by some test: what is not is not known to be as its schema says. */
function checkPrinted(printed) {
  const described = readdirSync(join(ROOT, 'packages', 'cli', 'schemas')).map(
    (name) => name.split('.', 1)[0],
  );
  const missing = described.filter((name) => !printed.includes(name) && !NOT_PRINTED.includes(name));
  if (missing.length === 0) passed += 1;
  else failed += 1;
  console.log(
    missing.length === 0
      ? 'ok    every JSON document is printed by a test'
      : `FAIL  no test prints ${missing.join(', ')}`,
  );
}

function execute(command, args, isShown = false, more = {}) {
  const local =
    command === 'bash' || command === process.execPath
      ? command
      : join(ROOT, 'node_modules', '.bin', command);
  const child = spawn(local, args, {
    cwd: ROOT,
    stdio: isShown ? 'inherit' : ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
    env: { ...withoutCertificates(process.env), ...more },
  });
  let output = '';
  child.stdout?.on('data', (chunk) => (output += chunk));
  child.stderr?.on('data', (chunk) => (output += chunk));
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ status: 1, output: error.message }));
    child.on('close', (status) => resolve({ status: status ?? 1, output }));
  });
}

/** More certificates cost each start of Node 50 ms, and only what npm may have to fetch for a test needs them: it finds them under this name. */
function withoutCertificates({ NODE_EXTRA_CA_CERTS: certificates, ...env }) {
  return { ...env, ...(certificates !== undefined && { SHEAF_TEST_NPM_CA_CERTS: certificates }) };
}

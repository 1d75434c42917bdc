// A Ceph object gateway of one node on loopback, all of it below one folder, for as long as standard input is open.
// usage: node ceph-server.mjs DIR [BUCKET]; the bucket is made. Says one line of JSON when it is ready: endpoint, accessKeyId, secretAccessKey.
import { spawn, execFile } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const STEP_TIMEOUT_MS = 60_000;
const [dir, bucket] = process.argv.slice(2);
if (dir === undefined) throw new Error('usage: ceph-server.mjs DIR');

const daemons = [];
let isStopping = false;
process.stdin.resume();
for (const event of ['end', 'close', 'error']) process.stdin.on(event, () => void stop(0));
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => void stop(0));

try {
  await start();
} catch (error) {
  process.stderr.write(`ceph: ${error.stderr || error.message}\n`);
  await stop(1);
}

async function start() {
  const [monPort, port] = await freePorts(2);
  const fsid = randomUUID();
  const conf = join(dir, 'ceph.conf');
  const keyring = join(dir, 'keyring');
  for (const name of ['mon', 'osd', 'run', 'log']) mkdirSync(join(dir, name), { recursive: true });
  writeFileSync(conf, configuration({ fsid, monPort, port, keyring }));
  const ceph = (...args) => run('ceph', ['-c', conf, ...args], { timeout: STEP_TIMEOUT_MS });

  const capabilities = ['--cap', 'mon', 'allow *', '--cap', 'osd', 'allow *'];
  await run('ceph-authtool', [
    '--create-keyring',
    keyring,
    '--gen-key',
    '-n',
    'client.admin',
    ...capabilities,
  ]);
  await run('ceph-authtool', [keyring, '--gen-key', '-n', 'client.rgw', ...capabilities]);
  const monmap = join(dir, 'monmap');
  await run('monmaptool', [
    ...['--create', '--clobber', '--fsid', fsid, '--addv', 'a', `[v2:127.0.0.1:${monPort}]`, monmap],
  ]);
  await run('ceph-mon', ['-c', conf, '--mkfs', '-i', 'a', '--monmap', monmap]);
  daemon('ceph-mon', ['-c', conf, '-f', '-i', 'a']);
  const osd = randomUUID();
  await ceph('osd', 'new', osd);
  await run('ceph-osd', ['-c', conf, '-i', '0', '--mkfs', '--osd-uuid', osd]);
  await ceph('osd', 'crush', 'add', 'osd.0', '1.0', 'root=default');
  daemon('ceph-osd', ['-c', conf, '-f', '-i', '0']);
  await until('the storage daemon', async () => / 1 up/.test((await ceph('osd', 'stat')).stdout));
  const accessKeyId = randomBytes(10).toString('hex');
  const secretAccessKey = randomBytes(20).toString('hex');
  await run(
    'radosgw-admin',
    [
      ...['-c', conf, 'user', 'create', '--uid=test', '--display-name=test', '--rgw-cache-enabled=false'],
      ...[`--access-key=${accessKeyId}`, `--secret-key=${secretAccessKey}`],
    ],
    { timeout: STEP_TIMEOUT_MS },
  );
  daemon('radosgw', ['-c', conf, '-f', '-n', 'client.rgw']);
  await until('the gateway', () => accepts(port));
  const endpoint = `http://127.0.0.1:${port}`;
  if (bucket !== undefined) await createBucket({ endpoint, bucket, accessKeyId, secretAccessKey });
  console.log(JSON.stringify({ endpoint, accessKeyId, secretAccessKey }));
}

async function createBucket({ endpoint, bucket, ...credentials }) {
  const { CreateBucketCommand, S3Client } = await import('@aws-sdk/client-s3');
  const client = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials });
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  client.destroy();
}

/** A daemon that ends with this process, also when this one is killed. */
function daemon(name, args) {
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', name, ...args], { stdio: 'ignore' });
  daemons.push(child);
  child.on('exit', () => {
    if (!isStopping) void stop(1);
  });
}

async function stop(code) {
  if (isStopping) return;
  isStopping = true;
  // Nothing of it is kept: there is nothing to end in order.
  for (const child of daemons) child.kill('SIGKILL');
  process.exit(code);
}

async function until(what, isSo) {
  const deadline = performance.now() + STEP_TIMEOUT_MS;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`${what} did not come up`);
    await sleep(50);
  }
}

function accepts(port) {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

async function freePorts(count) {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise((resolve, reject) => {
          const server = createServer().on('error', reject);
          server.listen(0, '127.0.0.1', () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** Nothing on the disk, no authentication between the daemons, one copy of everything, and no work in the background. */
function configuration({ fsid, monPort, port, keyring }) {
  return `[global]
fsid = ${fsid}
mon host = [v2:127.0.0.1:${monPort}/0]
mon initial members = a
auth cluster required = none
auth service required = none
auth client required = none
ms bind ipv6 = false
public addr = 127.0.0.1
cluster addr = 127.0.0.1
public network = 127.0.0.0/8
run dir = ${join(dir, 'run')}
log file = ${join(dir, 'log', '$name.log')}
admin socket = ${join(dir, 'run', '$name.asok')}
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon warn on pool no redundancy = false
mon max pg per osd = 1000
mon data avail warn = 1
mon data avail crit = 0
mon osd down out interval = 0
paxos propose interval = 0.01
mon tick interval = 1
mon memory autotune = false
[mon.a]
mon data = ${join(dir, 'mon')}
[osd]
osd data = ${join(dir, 'osd')}
osd objectstore = memstore
memstore device bytes = 2147483648
osd max object name len = 256
osd max object namespace len = 64
[client]
keyring = ${keyring}
[client.rgw]
ms mon client mode = crc
rgw frontends = beast endpoint=127.0.0.1:${port}
rgw enable usage log = false
rgw enable ops log = false
rgw thread pool size = 32
rgw enable lc threads = false
rgw enable gc threads = false
rgw run sync thread = false
rgw enable quota threads = false
rgw rados pool pg num min = 1
`;
}

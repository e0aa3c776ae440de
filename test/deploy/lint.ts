import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';

/** What is deployed, judged by the real tool for it: those of python/environments/deploy.txt, and promtool of Debian's prometheus. */
const project = fileURLToPath(new URL('../../..', import.meta.url));
const tool = (name: string) => join(project, '.venvs/deploy/bin', name);
const kubernetes = ['deployment', 'service', 'autoscaler', 'disruption-budget', 'network-policy'];
const schema = (name: string) => ['--schemafile', `test/deploy/schemas/${name}.json`];

const tools: readonly (readonly string[])[] = [
  [tool('hadolint'), 'Dockerfile', 'deploy/docker/Dockerfile'],
  [tool('yamllint'), '--strict', 'deploy', '.github', '.yamllint.yaml'],
  [
    ...[tool('kubernetes-validate'), '-k', '1.33', '--strict'],
    ...kubernetes.map((name) => `deploy/kubernetes/${name}.yaml`),
  ],
  [
    tool('check-jsonschema'),
    ...schema('service-monitor'),
    'deploy/kubernetes/service-monitor.yaml',
  ],
  [tool('check-jsonschema'), ...schema('serving-runtime'), 'deploy/kserve/runtime.yaml'],
  [
    tool('check-jsonschema'),
    ...schema('inference-service'),
    'deploy/kserve/inference-service.yaml',
  ],
  [
    ...[tool('check-jsonschema'), '--builtin-schema', 'vendor.compose-spec'],
    'deploy/compose/compose.yaml',
  ],
  [
    ...[tool('check-jsonschema'), '--builtin-schema', 'vendor.github-workflows'],
    ...['.github/workflows/ci.yml', 'deploy/github/model-check.yml'],
  ],
  [...[tool('check-jsonschema'), ...schema('knative-service')], 'deploy/cloud-run/service.yaml'],
  ['promtool', 'check', 'config', 'deploy/prometheus/prometheus.yml'],
  ['promtool', 'test', 'rules', 'deploy/prometheus/alerts.test.yml'],
];

/** What is for clouds, by their own tools. */
export function judgeClouds(): boolean {
  const python = join(project, '.venvs/clouds/bin/python');
  const args = ['-I', join(project, 'test/deploy/clouds.py')];
  return spawnSync(python, args, { stdio: 'inherit', timeout: 240_000 }).status === 0;
}

/** Runs every tool, and says whether all are content. */
export function lint(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'nuthatch-lint-'));
  try {
    const all = [...tools];
    for (const [name, pod] of Object.entries(pods())) {
      const path = join(folder, `${name}.yaml`);
      writeFileSync(path, stringify(pod));
      all.push([tool('kubernetes-validate'), '-k', '1.33', '--strict', path]);
    }
    return all.map(([program, ...args]) => judge(program!, args)).every((good) => good);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function judge(program: string, args: readonly string[]): boolean {
  const name = `${program.split('/').at(-1)} ${args.filter((one) => /[./]/.test(one)).at(-1)}`;
  const found = spawnSync(program, args, { cwd: project, encoding: 'utf8', timeout: 60_000 });
  const good = found.status === 0;
  const said = good ? '' : `\n${found.error?.message ?? found.stdout + found.stderr}`;
  console.log(`${good ? 'ok     ' : 'FAILED '} ${name}${said}`);
  return good;
}

/** Containers of other kinds as those of a Pod, whose rules are theirs. */
function pods(): Readonly<Record<string, unknown>> {
  const read = (path: string) => parse(readFileSync(join(project, 'deploy', path), 'utf8'));
  const podOf = ({ containers }: { readonly containers: unknown }) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'pod' },
    spec: { containers },
  });
  return {
    'kserve-runtime': podOf(read('kserve/runtime.yaml').spec),
    'cloud-run-service': podOf(read('cloud-run/service.yaml').spec.template.spec),
  };
}

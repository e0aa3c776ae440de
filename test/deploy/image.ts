import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, posix, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import ignore from '@balena/dockerignore';
import { readDockerfile, type Step } from './dockerfile.js';

/**
 * Builds and starts images without a container engine: each stage is a layer over this machine's own files, whatever its FROM says, and a
 * container is a process in namespaces of its own with a root of layers. Needs root and a mount namespace that is not shared (see main.ts).
 */
export interface Image {
  /** Folders, the uppermost first, that lie on this machine's files. */
  readonly layers: readonly string[];
  readonly environment: ReadonlyMap<string, string>;
  readonly labels: ReadonlyMap<string, string>;
  readonly folder: string;
  readonly user: string;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly healthcheck: readonly string[];
}

/** Folders of this machine, by their places in a container. */
export type Volumes = Readonly<Record<string, string>>;

const project = fileURLToPath(new URL('../../..', import.meta.url));
/** Where layers lie; main.ts removes it, which does not see what is mounted in there. */
export const work = process.cwd();

function run(program: string, args: readonly string[]): void {
  const { status, stdout, stderr } = spawnSync(program, args, {
    encoding: 'utf8',
    timeout: 240_000,
  });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${status}\n${stdout}${stderr}`);
}

/** A root of layers, the last of which takes what is written. */
function mountRoot(below: readonly string[], volumes: Volumes): { root: string; upper: string } {
  const folder = mkdtempSync(join(work, 'layer-'));
  const [root, upper, scratch] = ['root', 'upper', 'scratch'].map((name) => join(folder, name));
  for (const path of [root!, upper!, scratch!]) mkdirSync(path);
  const layers = `lowerdir=${[...below, '/'].join(':')},upperdir=${upper},workdir=${scratch}`;
  run('mount', ['-t', 'overlay', 'overlay', '-o', layers, root!]);
  run('mount', ['--rbind', '/dev', join(root!, 'dev')]);
  // An image gets nothing of this project but what is copied.
  for (const hidden of [project, tmpdir(), '/proc'])
    run('mount', ['-t', hidden === '/proc' ? 'proc' : 'tmpfs', 'none', join(root!, hidden)]);
  for (const [place, path] of Object.entries(volumes)) {
    mkdirSync(join(root!, place), { recursive: true });
    run('mount', ['--bind', path, join(root!, place)]);
  }
  return { root: root!, upper: upper! };
}

/** A program and its arguments in a root: as a user, in a folder, with an environment and no other. */
function inRoot(
  root: string,
  { user, folder, environment }: Pick<Image, 'user' | 'folder' | 'environment'>,
  command: readonly string[],
): string[] {
  const [uid = '0', gid = uid] = user.split(':');
  const rights = uid === '0' ? [] : ['--bounding-set', '-all', '--no-new-privs'];
  return [
    ...['chroot', root, 'setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', ...rights],
    ...['env', '-i', '-C', folder, ...[...environment].map(([name, value]) => `${name}=${value}`)],
    ...command,
  ];
}

const nothing: Image = {
  layers: [],
  environment: new Map([
    ['PATH', `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`],
    ['HOME', '/root'],
  ]),
  labels: new Map(),
  folder: '/',
  user: '0:0',
  entrypoint: [],
  command: [],
  healthcheck: [],
};

/** @param context the folder whose files may be copied */
export function buildImage(
  path: string,
  context: string,
  given: Readonly<Record<string, string>> = {},
  volumes: Volumes = {},
): Image {
  const stages = new Map<string, { readonly root: string; readonly image: Image }>();
  const global = new Map<string, string>();
  let args = new Map<string, string>();
  let image = nothing;
  let root = '';
  const fill = (text: string): string =>
    text.replace(/\$\{(\w+)\}/g, (_, name: string) => {
      const value = image.environment.get(name) ?? args.get(name) ?? global.get(name);
      if (value === undefined) throw new Error(`\${${name}} is not set`);
      return value;
    });
  const take = (step: Step): void => {
    switch (step.kind) {
      case 'from': {
        fill(step.image);
        const mounted = mountRoot([], volumes);
        root = mounted.root;
        image = { ...nothing, layers: [mounted.upper] };
        args = new Map();
        stages.set(step.stage ?? '', { root, image });
        return;
      }
      case 'arg':
        for (const [name, value] of step.pairs)
          (root === '' ? global : args).set(name, given[name] ?? fill(value ?? ''));
        return;
      case 'env':
      case 'label': {
        const key = step.kind === 'env' ? 'environment' : 'labels';
        const pairs = [...step.pairs].map(([name, value]) => [name, fill(value ?? '')] as const);
        image = { ...image, [key]: new Map([...image[key], ...pairs]) };
        return;
      }
      case 'workdir':
        image = { ...image, folder: posix.resolve(image.folder, fill(step.text)) };
        mkdirSync(join(root, image.folder), { recursive: true });
        return;
      case 'user':
        image = { ...image, user: fill(step.text) };
        return;
      case 'copy': {
        const from = step.from === null ? context : stages.get(step.from)!.root;
        const kept = step.from === null ? contextFilter(context) : () => true;
        copy(from, kept, step.paths.map(fill), root, image.folder);
        return;
      }
      case 'run': {
        const environment = new Map([...image.environment, ...args]);
        const command = inRoot(root, { ...image, environment }, ['/bin/sh', '-c', step.text]);
        run(command[0]!, command.slice(1));
        return;
      }
      default: {
        const key = step.kind === 'cmd' ? 'command' : step.kind;
        image = { ...image, [key]: step.command };
      }
    }
  };
  for (const step of readDockerfile(readFileSync(path, 'utf8'))) take(step);
  return image;
}

/** Which paths below a context its .dockerignore lets through. */
function contextFilter(context: string): (path: string) => boolean {
  const path = join(context, '.dockerignore');
  if (!existsSync(path)) return () => true;
  const rules = ignore.default().add(readFileSync(path, 'utf8'));
  return (own) => own === '' || !rules.ignores(own);
}

function copy(
  from: string,
  kept: (path: string) => boolean,
  paths: readonly string[],
  root: string,
  folder: string,
): void {
  const sources = paths.slice(0, -1);
  const to = paths.at(-1)!;
  const target = join(root, posix.resolve(folder, to));
  for (const source of sources) {
    const path = resolve(from, `./${source}`);
    const isFolder = statSync(path).isDirectory();
    if (!kept(source)) throw new Error(`.dockerignore leaves out ${source}`);
    const place = !isFolder && (to.endsWith('/') || sources.length > 1);
    mkdirSync(isFolder || place ? target : dirname(target), { recursive: true });
    cpSync(path, place ? join(target, basename(source)) : target, {
      recursive: true,
      verbatimSymlinks: true,
      filter: (own) => kept(own.slice(from.length + (from.endsWith('/') ? 0 : 1))),
    });
  }
}

export interface Container {
  /** What it has printed. */
  readonly output: () => string;
  /** Runs another program in it, and gives its exit code. */
  readonly execute: (command: readonly string[]) => number | null;
  readonly signal: (name: NodeJS.Signals) => void;
  /** That its first process has worked for. */
  readonly cpuMs: () => number;
  readonly ended: Promise<number | null>;
}

export interface ContainerOptions {
  readonly args?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly user?: string;
  readonly volumes?: Volumes;
}

/** Starts an image as the first process of a container whose root cannot be written to. */
export async function startContainer(
  image: Image,
  { args = image.command, environment = {}, user = image.user, volumes = {} }: ContainerOptions,
): Promise<Container> {
  const { root } = mountRoot(image.layers, volumes);
  const all = new Map([...image.environment, ...Object.entries(environment)]);
  const settings = { user, folder: image.folder, environment: all };
  const command = inRoot(root, settings, [...image.entrypoint, ...args]);
  const alone = 'mount -t proc proc "$1/proc" && mount -o remount,ro "$1" && shift && exec "$@"';
  const namespaces = ['--pid', '--fork', '--kill-child', '--mount'];
  const child = spawn('unshare', [...namespaces, 'sh', '-c', alone, 'sh', root, ...command], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  const ended = new Promise<number | null>((done) => child.on('close', (code) => done(code)));
  const first = await firstProcess(child);
  return {
    output: () => output,
    execute: (own) => {
      const [program, ...others] = inRoot(root, settings, own);
      return spawnSync(program!, others, { timeout: 10_000 }).status;
    },
    signal: (name) => process.kill(first, name),
    cpuMs: () => {
      const fields = readFileSync(`/proc/${first}/stat`, 'utf8').split(') ')[1]!.split(' ');
      // User and system, in ticks.
      return (Number(fields[11]) + Number(fields[12])) * 10;
    },
    ended,
  };
}

/** The process that has the number 1 in there. */
async function firstProcess({ pid }: ChildProcess): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    if (text !== '') return Number(text.split(' ')[0]);
    await setTimeout(20);
  }
  throw new Error('the container did not start');
}

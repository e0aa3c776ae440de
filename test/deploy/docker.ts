import { chmodSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { buildImage, type Container, type Image, startContainer, type Volumes } from './image.js';

/** What stands for the command `docker` in a workflow: those of its commands that are used there, and no other. */
export interface Docker {
  /** Ends what still runs. */
  close(): Promise<void>;
}

/** As Docker takes them; others are an error. */
const flags = {
  build: { tag: { type: 'string', short: 't' }, 'build-arg': { type: 'string', multiple: true } },
  run: {
    detach: { type: 'boolean', short: 'd' },
    name: { type: 'string' },
    // As all containers here.
    'read-only': { type: 'boolean' },
    'cap-drop': { type: 'string' },
    publish: { type: 'string', short: 'p' },
  },
  stop: { time: { type: 'string' } },
  inspect: { format: { type: 'string' } },
} as const;

/**
 * Puts a command `docker` into a folder, which asks this process.
 *
 * @param context the folder that images are built of
 * @param given arguments of builds, besides those of the command
 */
export async function installDocker(
  folder: string,
  context: string,
  given: Readonly<Record<string, string>>,
  volumes: Volumes,
): Promise<Docker> {
  const images = new Map<string, Image>();
  const containers = new Map<string, Container & { readonly image: Image }>();
  const codes = new Map<string, number | null>();

  async function command([name = '', ...args]: readonly string[]): Promise<string> {
    if (!Object.hasOwn(flags, name)) throw new Error(`docker ${name} is not known here`);
    const { values, positionals } = parseArgs({
      args,
      options: flags[name as keyof typeof flags],
      allowPositionals: true,
    }) as { values: Readonly<Record<string, string & readonly string[]>>; positionals: string[] };
    const [first = ''] = positionals;
    switch (name) {
      case 'build': {
        if (first !== '.') throw new Error(`expected the folder ., not ${first}`);
        const pairs = (values['build-arg'] ?? []).map((pair) => pair.split('='));
        const own = { ...Object.fromEntries(pairs), ...given };
        images.set(values.tag!, buildImage(join(context, 'Dockerfile'), context, own, volumes));
        return '';
      }
      case 'run': {
        const [, port] = /^127\.0\.0\.1:(\d+):\1$/.exec(values.publish ?? '') ?? [];
        const image = images.get(first);
        if (image === undefined || port === undefined) throw new Error('no such image, or port');
        const container = await startContainer(image, { environment: { PORT: port } });
        containers.set(values.name!, { ...container, image });
        void container.ended.then((code) => codes.set(values.name!, code));
        return values.name!;
      }
      case 'stop': {
        const container = containers.get(first);
        if (container === undefined) throw new Error(`no container ${first}`);
        // What Docker asks all along.
        const health = container.execute(container.image.healthcheck);
        if (health !== 0) throw new Error(`the health check said ${health}`);
        container.signal('SIGTERM');
        const late = setTimeout(Number(values.time) * 1000, 'late' as const, { ref: false });
        if ((await Promise.race([container.ended, late])) === 'late') container.signal('SIGKILL');
        await container.ended;
        return first;
      }
      default:
        if (values.format !== '{{.State.ExitCode}}') throw new Error(`no ${values.format}`);
        return String(codes.get(first));
    }
  }

  const socket = join(folder, 'docker.sock');
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request.setEncoding('utf8')) text += chunk;
    try {
      response.end(`${await command(text.split('\n').slice(0, -1))}\n`);
    } catch (error) {
      response.writeHead(400).end(`${(error as Error).message}\n`);
    }
  });
  await new Promise<void>((done) => server.listen(socket, done));
  const program = join(folder, 'docker');
  const ask = `curl -sS --fail-with-body --unix-socket '${socket}' --data-binary @- http://docker/`;
  writeFileSync(program, `#!/bin/sh\nprintf '%s\\n' "$@" | ${ask}\n`);
  chmodSync(program, 0o755);
  return {
    close: async () => {
      for (const [name, container] of containers)
        if (!codes.has(name)) {
          container.signal('SIGKILL');
          await container.ended;
        }
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

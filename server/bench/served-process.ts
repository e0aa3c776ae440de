import { type ChildProcess, spawn } from 'node:child_process';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { projectFolder } from '../../bench/fixtures.js';

export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly milliseconds: number;
}

/** `nuthatch serve` in a process of its own, and connections to it that stay open. */
export class ServedProcess {
  readonly #child: ChildProcess;
  readonly #port: number;
  readonly #agent = new Agent({ keepAlive: true });

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.#port = port;
  }

  static async start(...args: readonly string[]): Promise<ServedProcess> {
    const command = [join(projectFolder, 'dist/src/cli/main.js'), 'serve', '--port', '0', ...args];
    const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    child.stderr.on('data', (bytes: Buffer) => {
      said = (said + bytes.toString()).slice(-4000);
    });
    const port = await new Promise<number>((resolve, reject) => {
      child.stdout.on('data', (bytes: Buffer) => {
        const found = /serving at http:\/\/127\.0\.0\.1:(\d+)/.exec(bytes.toString());
        if (found !== null) resolve(Number(found[1]));
      });
      child.once('exit', (code) => reject(new Error(`the server ended with ${code}: ${said}`)));
    });
    return new ServedProcess(child, port);
  }

  /** Throws where there is no answer. */
  ask(method: 'GET' | 'POST', path: string, body = ''): Promise<Answer> {
    const begun = performance.now();
    return new Promise((resolve, reject) => {
      const options = { port: this.#port, host: '127.0.0.1', path, method, agent: this.#agent };
      const sent = request(options, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        response.once('error', reject);
        response.once('end', () =>
          resolve({
            status: response.statusCode!,
            body: text,
            milliseconds: performance.now() - begun,
          }),
        );
      });
      sent.once('error', reject);
      sent.end(body);
    });
  }

  /** A number of its metrics, 0 where it has none such. */
  async metric(name: string): Promise<number> {
    const { body } = await this.ask('GET', '/metrics');
    const line = body.split('\n').find((one) => one.startsWith(name));
    return Number(line?.slice(line.lastIndexOf(' ') + 1) ?? 0);
  }

  end(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    this.#agent.destroy();
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return Promise.resolve();
    const ended = new Promise<void>((resolve) => this.#child.once('exit', () => resolve()));
    this.#child.kill(signal);
    return ended;
  }
}

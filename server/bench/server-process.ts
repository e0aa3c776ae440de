import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** A server in a process of its own, on a core of its own, with the processes that it starts. */
export class ServerProcess {
  /** Milliseconds from its start to its first answer. */
  readonly readyMillis: number;
  readonly #child: ChildProcess;
  readonly #said: () => string;

  private constructor(child: ChildProcess, said: () => string, readyMillis: number) {
    this.#child = child;
    this.#said = said;
    this.readyMillis = readyMillis;
  }

  /** Starts a server, and waits until `isReady`. What it says, a failure repeats. */
  static async start(
    command: readonly string[],
    { cwd, variables }: { cwd: string; variables: Readonly<Record<string, string>> },
    isReady: () => Promise<boolean>,
  ): Promise<ServerProcess> {
    const started = performance.now();
    const child = spawn('taskset', ['-c', String(serverCore), ...command], {
      cwd,
      env: { ...process.env, ...variables },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, which ends with it.
      detached: true,
    });
    endTogether(child);
    let said = '';
    child.on('error', (error) => {
      said += error.message;
    });
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (bytes: Buffer) => {
        said = (said + bytes.toString()).slice(-4000);
      });
    const wrap = () => new ServerProcess(child, () => said, performance.now() - started);
    while (performance.now() - started < mostStartMillis && child.exitCode === null) {
      if (await isReady()) return wrap();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await wrap().stop();
    throw new Error(`${command.join(' ')} did not become ready: ${said}`);
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** What it wrote last. */
  get said(): string {
    return this.#said();
  }

  /** Milliseconds that its processes computed. */
  cpuMillis(): number {
    const ticks = familyOf(this.pid).map(({ stat }) => Number(stat[13]) + Number(stat[14]));
    return sum(ticks) * 10;
  }

  /** Resident memory of its processes. */
  residentBytes(): number {
    return sum(familyOf(this.pid).map(({ stat }) => Number(stat[23]))) * 4096;
  }

  openFiles(): number {
    return readdirSync(`/proc/${this.pid}/fd`).length;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.pid === undefined) return;
    const ended = new Promise<void>((resolve) => this.#child.once('close', () => resolve()));
    kill(this.pid, 'SIGTERM');
    const late = setTimeout(() => kill(this.pid, 'SIGKILL'), 5000);
    await ended;
    clearTimeout(late);
  }
}

const running = new Set<ChildProcess>();

/** Lets no server outlive this process, however it ends. */
function endTogether(child: ChildProcess): void {
  if (running.size === 0 && process.listenerCount('exit', endAll) === 0) {
    process.on('exit', endAll);
    for (const [signal, code] of [
      ['SIGINT', 130],
      ['SIGTERM', 143],
    ] as const)
      process.once(signal, () => process.exit(code));
  }
  running.add(child);
  child.once('close', () => running.delete(child));
}

function endAll(): void {
  for (const { pid } of running) if (pid !== undefined) kill(pid, 'SIGKILL');
}

/** The core that servers have; the other is that of who asks. */
const serverCore = 0;
const mostStartMillis = 120_000;

/** Keeps this process, and what it starts, off the core of servers. */
export function leaveServerCore(): void {
  execFileSync('taskset', ['-a', '-p', '-c', String(serverCore + 1), String(process.pid)]);
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

function kill(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch {
    // It has ended meanwhile.
  }
}

/** A process and its descendants, with their fields of /proc/PID/stat from 0 on. */
function familyOf(pid: number): { readonly stat: readonly string[] }[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const text = readFileSync(`/proc/${name}/stat`, 'utf8');
        // The second field, in brackets, may hold anything.
        const rest = text.slice(text.lastIndexOf(')') + 2).split(' ');
        return [{ pid: Number(name), parent: Number(rest[1]), stat: [name, '', ...rest] }];
      } catch {
        return [];
      }
    });
  const family = all.filter((one) => one.pid === pid);
  for (const { pid: parent } of family) family.push(...all.filter((one) => one.parent === parent));
  return family;
}

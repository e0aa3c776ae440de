import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** What a process took. */
export interface Taken {
  readonly seconds: number;
  /** The most that it held at a time. */
  readonly residentBytes: number;
}

/** Linux keeps the mark: what counts is not to be late for the end. More often would take time from what is measured. */
const pollMillis = 100;

/** Runs a program to its end. @throws Error where it ends with another code than 0 */
export function timeProcess(command: string, args: readonly string[]): Promise<Taken> {
  return new Promise((resolve, reject) => {
    const begun = performance.now();
    const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (bytes: Buffer) => {
      said = (said + bytes.toString()).slice(-2000);
    });
    let residentBytes = 0;
    const poll = setInterval(() => {
      residentBytes = Math.max(residentBytes, peakOf(child.pid));
    }, pollMillis);
    child.once('error', (error) => {
      clearInterval(poll);
      reject(error);
    });
    child.once('close', (code) => {
      clearInterval(poll);
      const seconds = (performance.now() - begun) / 1000;
      if (code === 0) resolve({ seconds, residentBytes });
      else reject(new Error(`${command} ${args.join(' ')} ended with ${code}: ${said}`));
    });
  });
}

/** The high-water mark that Linux keeps; 0 where there is none. */
function peakOf(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return 1024 * Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0);
  } catch {
    return 0;
  }
}

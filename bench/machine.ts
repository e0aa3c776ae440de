import { cpus } from 'node:os';

/** The machine and runtime that figures were taken on. */
export function describeMachine(): string {
  const [first] = cpus();
  return `${first?.model.trim() ?? 'unknown CPU'}, ${cpus().length} cores; Node ${process.version}, V8 ${process.versions.v8}`;
}

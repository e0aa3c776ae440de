import { cpus, loadavg } from 'node:os';

/** The machine and runtime that figures were taken on, and whether others were using it. */
export function describeMachine(): string {
  const [first] = cpus();
  return `${first?.model.trim() ?? 'unknown CPU'}, ${cpus().length} cores; Node ${process.version}, V8 ${process.versions.v8}; load ${loadavg()[0]!.toFixed(1)}`;
}

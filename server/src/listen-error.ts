import { NuthatchError } from 'nuthatch';

/** Why a server cannot listen, as Node or gRPC says it, with what to do about it. */
export function toListenError(error: unknown, host: string, port: number): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  const [said = ''] = /\bE[A-Z]{4,}\b/.exec(`${code} ${message}`) ?? [];
  const advice = advices[said];
  if (advice === undefined) return error;
  return new NuthatchError('io', '', `cannot listen at ${host}, port ${port}: ${advice(port)}`);
}

const noAddress = () =>
  'it is no address of this machine; 127.0.0.1 is reached by itself alone, 0.0.0.0 by others, too';

const advices: Readonly<Record<string, (port: number) => string>> = {
  EADDRINUSE: (port) =>
    `another process has the port, perhaps a server that runs already (lsof -i :${port} says which); end that one, or take another port, or 0 for any that is free`,
  EACCES: () => 'this user may not have the port; take one above 1023',
  EADDRNOTAVAIL: noAddress,
  ENOTFOUND: noAddress,
};

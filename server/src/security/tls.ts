import { unwatchFile, watchFile } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { NuthatchError } from 'nuthatch';
import type { Static } from '../typebox.js';
import type { tlsOptions } from './options.js';

export type TlsOptions = Static<typeof tlsOptions>;

/** What Node's server takes: those who cannot show a certificate of the authority are not let in, where there is one. */
export interface Tls extends SecureContextOptions {
  readonly requestCert: boolean;
  readonly rejectUnauthorized: boolean;
}

/**
 * Reads certificates and keys, which have to fit each other.
 *
 * @throws NuthatchError `io`, `malformed`
 */
export async function readTls(options: TlsOptions): Promise<Tls> {
  const { cert, key, clientCa, minVersion = 'TLSv1.2' } = options;
  const [certBytes, keyBytes, caBytes] = await Promise.all(
    [cert, key, clientCa].map((path) => (path === undefined ? null : readBytes(path))),
  );
  const tls: Tls = {
    cert: certBytes!,
    key: keyBytes!,
    minVersion,
    ...(caBytes && { ca: caBytes }),
    requestCert: clientCa !== undefined,
    rejectUnauthorized: clientCa !== undefined,
  };
  try {
    createSecureContext(tls);
  } catch (error) {
    const { message } = error as Error;
    throw new NuthatchError('malformed', basename(cert), `no certificate with its key: ${message}`);
  }
  return tls;
}

/** Hands on certificates that have changed, once they and their key fit; until then those from before stay. */
export function watchTls(
  options: TlsOptions,
  use: (tls: Tls) => void,
  onError: (error: unknown) => void,
): () => void {
  const paths = [options.cert, options.key, options.clientCa].filter((path) => path !== undefined);
  const again = () => {
    readTls(options).then(use, onError);
  };
  for (const path of paths) watchFile(path, { interval: 500, persistent: false }, again);
  return () => {
    for (const path of paths) unwatchFile(path, again);
  };
}

const readBytes = (path: string): Promise<Buffer> =>
  readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw new NuthatchError('io', basename(path), `it cannot be read: ${error.code}`);
  });

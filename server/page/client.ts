import { byId } from './elements.js';

/** What the server says is wrong, in its own words. */
export class ServerError extends Error {
  readonly status: number;
  readonly code: string;
  /** Where in the request. */
  readonly path: string;

  constructor(status: number, code: string, message: string, path = '') {
    super(message);
    this.status = status;
    this.code = code;
    this.path = path;
  }
}

export interface Answer<T> {
  readonly value: T;
  /** The version of the model that answered. */
  readonly version: string | null;
  readonly milliseconds: number;
}

/** In memory alone, as long as the page is there. */
let token: string | null = null;
let asking: Promise<boolean> | null = null;

export const hasToken = (): boolean => token !== null;

/** Asks the server; a person for a token, where the server wants one. @throws ServerError */
export async function ask<T>(path: string, body?: unknown): Promise<Answer<T>> {
  for (;;) {
    try {
      return await askQuietly<T>(path, body);
    } catch (error) {
      if (!(error instanceof ServerError) || error.status !== 401) throw error;
      asking ??= askForToken(error.message).finally(() => {
        asking = null;
      });
      if (!(await asking)) throw error;
    }
  }
}

/** The same, and asks no person. @throws ServerError */
export async function askQuietly<T>(path: string, body?: unknown): Promise<Answer<T>> {
  const started = performance.now();
  const headers: Record<string, string> = { Accept: 'application/json' };
  if (token !== null) headers.Authorization = `Bearer ${token}`;
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  const response = await fetch(path, {
    headers,
    ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
  }).catch(() => {
    throw new ServerError(0, 'unreachable', 'the server does not answer; is it still running?');
  });
  const milliseconds = performance.now() - started;
  const value = await response.json().catch(() => null);
  if (response.ok)
    return { value, version: response.headers.get('Nuthatch-Model-Version'), milliseconds };
  const { code = 'failed', message = response.statusText, path: place } = value?.error ?? {};
  throw new ServerError(response.status, code, message, place);
}

/** @returns whether there is a token to try */
function askForToken(reason: string): Promise<boolean> {
  const dialog = byId<HTMLDialogElement>('token-dialog');
  const input = byId<HTMLInputElement>('token');
  byId('token-reason').textContent =
    token === null ? 'This server answers those who have one.' : `It was refused: ${reason}`;
  input.value = '';
  dialog.returnValue = '';
  dialog.showModal();
  return new Promise((resolve) => {
    byId('token-cancel').onclick = () => dialog.close('');
    byId('token-use').onclick = () => {
      token = input.value.trim() || token;
    };
    byId<HTMLButtonElement>('token-use').value = 'use';
    dialog.onclose = () => resolve(dialog.returnValue === 'use');
  });
}

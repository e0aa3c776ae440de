import { createHash } from 'node:crypto';
import { NuthatchError } from 'nuthatch';

/** What a token can let its holder do. */
export const scopes = ['predict', 'metrics', 'admin'] as const;
export type Scope = (typeof scopes)[number];

/** A token is known by its SHA-256 alone: memory and its dumps hold no secret. */
export interface Token {
  /** For logs and limits: that of its line, or the first digits of its digest. */
  readonly name: string;
  readonly digest: Buffer;
  readonly scopes: ReadonlySet<Scope>;
}

const mostTokens = 10_000;
const fewestCharacters = 16;
/** Those of RFC 6750, which fit into a header as they are. */
const plainToken = /^[\w.~+/-]+=*$/;
const namedDigest = /^([\w.@-]{1,64}):([0-9a-f]{64})$/i;

export const digestOf = (token: string): Buffer => createHash('sha256').update(token).digest();

/**
 * Reads tokens, a line each: `TOKEN` or `NAME:SHA256`, and behind it, where it is not for predictions and metrics, what it is for:
 * `admin` (which is all) or `predict,metrics`. Empty lines, and those that start with `#`, are none.
 *
 * @param place what messages name the text by; they never repeat a token
 * @throws NuthatchError `malformed` also where there are none
 */
export function readTokens(text: string, place: string): readonly Token[] {
  const tokens = new Map<string, Token>();
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    const trimmed = line.trim();
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    const fail = (message: string): never => {
      throw new NuthatchError('malformed', `${place}: line ${i + 1}`, message);
    };
    const token = readToken(trimmed, fail);
    const digest = token.digest.toString('hex');
    if (tokens.has(digest)) fail('the token is there already');
    if (tokens.size === mostTokens) fail(`more than ${mostTokens} tokens`);
    tokens.set(digest, token);
  }
  if (tokens.size === 0) throw new NuthatchError('malformed', place, 'there is no token in it');
  return [...tokens.values()];
}

function readToken(line: string, fail: (message: string) => never): Token {
  const [secret, words, ...rest] = line.split(/\s+/);
  if (rest.length > 0) fail('expected a token, and what it is for, with commas');
  const named = words?.split(',') ?? ['predict', 'metrics'];
  const found = scopes.filter((scope) => named.includes(scope));
  if (found.length !== named.length) fail(`a token is for ${scopes.join(', ')}`);
  const owned = new Set(found.includes('admin') ? scopes : found);
  const [, name, hex] = namedDigest.exec(secret!) ?? [];
  if (name !== undefined) return { name, digest: Buffer.from(hex!, 'hex'), scopes: owned };
  if (!plainToken.test(secret!)) fail('expected TOKEN or NAME:SHA256, in hexadecimal digits');
  if (secret!.length < fewestCharacters)
    fail(`a token of fewer than ${fewestCharacters} characters can be guessed`);
  const digest = digestOf(secret!);
  return { name: digest.toString('hex', 0, 4), digest, scopes: owned };
}

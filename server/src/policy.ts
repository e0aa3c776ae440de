import { createHash } from 'node:crypto';
import { NuthatchError } from 'nuthatch';
import type { ModelOptions, OneModelOptions, VersionChoice } from './model-options.js';

/** Which versions of a model are loaded, and which of them answer. */
export interface Policy {
  readonly versions: VersionChoice;
  /** Of requests that name no version, in the order of versions. */
  readonly shares: readonly { readonly version: string; readonly share: number }[];
  /** The version that only shadows the others; null for none. */
  readonly shadow: string | null;
}

/** Shares are sums of such as 0.1. */
const tolerance = 1e-9;

/** @throws NuthatchError `usage` */
export function policyOf(name: string, options: ModelOptions): Policy {
  const { byName = {} } = options;
  const own: OneModelOptions = Object.hasOwn(byName, name) ? byName[name]! : {};
  const shadow = own.shadow === undefined ? null : String(own.shadow);
  const shares = Object.entries(own.canary ?? {})
    .map(([version, share]) => ({ version, share }))
    .sort((a, b) => Number(a.version) - Number(b.version));
  const place = `models.byName.${name}.canary`;
  if (totalOf(shares) > 1 + tolerance)
    throw new NuthatchError('usage', place, 'the shares are more than 1 together');
  if (shares.some(({ version }) => version === shadow))
    throw new NuthatchError('usage', place, `version ${shadow} is a shadow, which answers nobody`);
  return { versions: own.versions ?? options.versions ?? 'latest', shares, shadow };
}

const totalOf = (shares: Policy['shares']): number =>
  shares.reduce((sum, { share }) => sum + share, 0);

/** Of the versions that there are, in their order, those to load: what is chosen, and all that have a share or are a shadow. */
export function chooseVersions(there: readonly string[], policy: Policy): readonly string[] {
  const named = new Set(policy.shares.map(({ version }) => version));
  const others = there.filter((version) => !named.has(version) && version !== policy.shadow);
  const rest = totalOf(policy.shares) >= 1 - tolerance ? [] : chosen(others, policy.versions);
  const wanted = new Set([...named, policy.shadow, ...rest]);
  return there.filter((version) => wanted.has(version));
}

function chosen(versions: readonly string[], choice: VersionChoice): readonly string[] {
  if (choice === 'all') return versions;
  if (choice === 'latest') return versions.slice(-1);
  if ('latest' in choice) return versions.slice(-choice.latest);
  const only = new Set(choice.only.map(String));
  return versions.filter((version) => only.has(version));
}

/** Who answers what, of some versions that are loaded. */
export interface Routing<Version> {
  /** Answers what no share takes; null where only a shadow is loaded. */
  readonly primary: Version | null;
  /** Each takes the numbers below its end that the one before it does not. */
  readonly shares: readonly { readonly end: number; readonly taker: Version | null }[];
  readonly shadow: Version | null;
}

/** @param loaded in the order of versions. A share of one that is not there goes to the primary. */
export function route<Version extends { readonly version: string }>(
  loaded: readonly Version[],
  policy: Policy,
): Routing<Version> {
  const named = new Set(policy.shares.map(({ version }) => version));
  const visible = loaded.filter(({ version }) => version !== policy.shadow);
  const others = visible.filter(({ version }) => !named.has(version));
  const primary = others.at(-1) ?? visible.at(-1) ?? null;
  let end = 0;
  const shares = policy.shares.map(({ version, share }) => {
    end += share;
    return { end, taker: visible.find((one) => one.version === version) ?? primary };
  });
  return {
    primary,
    shares,
    shadow: loaded.find(({ version }) => version === policy.shadow) ?? null,
  };
}

/** @param number of [0, 1) */
export function takerOf<Version>(
  { primary, shares }: Routing<Version>,
  number: () => number,
): Version | null {
  if (shares.length === 0) return primary;
  const drawn = number();
  return shares.find(({ end }) => drawn < end)?.taker ?? primary;
}

/** A number of [0, 1) that is always the same for a key: of each model another, so that no client is in every canary. */
export const numberOf = (model: string, key: string): number =>
  createHash('sha256').update(`${model}\n${key}`).digest().readUInt32LE() / 2 ** 32;

/** Numbers of [0, 1), the same for a seed: Mulberry32. */
export function createRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

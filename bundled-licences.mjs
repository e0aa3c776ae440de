import { readdirSync, readFileSync } from 'node:fs';

/** The licences of the packages of which esbuild joined modules, by what its metafile says went in. */
export function licencesOf(inputs) {
  const packages = new Set(
    Object.keys(inputs).flatMap(
      (path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? [],
    ),
  );
  const licences = [...packages].sort().map((path) => {
    const { name, version, license } = JSON.parse(readFileSync(`${path}/package.json`, 'utf8'));
    const files = readdirSync(path).filter((file) => /^(licen[cs]e|notice)/i.test(file));
    const texts = files.map((file) => readFileSync(`${path}/${file}`, 'utf8').trim());
    return [`${name} ${version} (${license})`, ...texts].join('\n\n');
  });
  return `${licences.join(`\n\n${'-'.repeat(72)}\n\n`)}\n`;
}

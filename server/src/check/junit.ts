/** What became of one expectation. */
export interface Outcome {
  readonly name: string;
  /** What was found, for people. */
  readonly found: string;
  /** More of what failed, in lines. */
  readonly details?: string;
  readonly passed: boolean;
  readonly seconds: number;
}

/** Outcomes as JUnit's XML, which the services that run tests read. */
export function formatJunit(suite: string, outcomes: readonly Outcome[]): string {
  const failures = outcomes.filter(({ passed }) => !passed).length;
  const seconds = outcomes.reduce((sum, one) => sum + one.seconds, 0).toFixed(3);
  const counts = `tests="${outcomes.length}" failures="${failures}" errors="0" time="${seconds}"`;
  const cases = outcomes.map((one) => {
    const head = `    <testcase classname="${escapeText(suite)}" name="${escapeText(one.name)}" time="${one.seconds.toFixed(3)}"`;
    return one.passed
      ? `${head}/>`
      : `${head}>\n      <failure message="${escapeText(one.found)}">${escapeText(one.details ?? '')}</failure>\n    </testcase>`;
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${counts}>`,
    `  <testsuite name="${escapeText(suite)}" ${counts}>`,
    ...cases,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

/** Characters that XML has no place for are replaced. */
const escapeText = (text: string): string =>
  text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replace(/[&<>"]/g, (character) => entities[character]!)
    .replace(/[\t\n\r]/g, (character) => `&#${character.charCodeAt(0)};`);

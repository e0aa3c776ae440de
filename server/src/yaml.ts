// Of a package of the older sort, joined with others, `import()` would give no names.
export { parse, YAMLParseError } from 'yaml';

/** Whether bytes look like a document of PMML: its element within the first ones. UTF-16 counts, too, to be refused by name. */
export function isPmml(bytes: Uint8Array): boolean {
  const start = String.fromCharCode(...bytes.subarray(0, 4096)).replaceAll('\0', '');
  return (
    /^(\xef\xbb\xbf|\xff\xfe|\xfe\xff)?\s*</.test(start) && /<([\w.-]+:)?PMML[\s>/]/.test(start)
  );
}

/** Items of a written list: parted by commas where there are any, by white space otherwise. */
export function listOf(written: string): readonly string[] {
  const items = written.includes(',') ? written.split(',') : written.split(/\s+/);
  return items.map((item) => item.trim().replace(/\s+/g, ' ')).filter((item) => item !== '');
}

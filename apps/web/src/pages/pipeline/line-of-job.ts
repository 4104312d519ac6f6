/** The line, from 1, on which a file defines a job: a key of its name behind `jobs`. @returns null: not found */
export function lineOfJob(text: string, job: string): number | null {
  const lines = text.split("\n");
  const jobs = lines.findIndex((line) => /^\s*["']?jobs["']?\s*:/.test(line));
  if (jobs < 0) return null;
  const keys = [job, `"${job}"`, `'${job}'`];
  const at = lines.findIndex((line, index) => {
    const own = line.trimStart();
    return index > jobs && own !== line && keys.some((key) => own.startsWith(`${key}:`));
  });
  return at < 0 ? null : at + 1;
}

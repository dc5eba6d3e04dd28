// Where the files of a run are, and what the starting of servers shares.
export const here = new URL('.', import.meta.url).pathname;
export const work = new URL('../../build/bench-load', import.meta.url).pathname;
export const binaries = new URL('../../build/release/bin/', import.meta.url).pathname;

// The template with its @NAME@s filled in.
export const fill = (template, values) => template.replace(/@(\w+)@/g, (_, name) => values[name]);

export async function answers(port, path = '/') {
  try {
    await fetch(`http://127.0.0.1:${port}${path}`);
    return true;
  } catch {
    return false;
  }
}

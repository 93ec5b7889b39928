// The frames of an engine's stack, in the plainest reading: for the fallback sender, and for what has to know a file
// before the module is there.

export interface PlainFrame {
  function: string | undefined;
  filename: string;
  lineno: number;
  colno: number;
  in_app: true;
}

const enum Max {
  Frames = 50,
  /** A pattern may go through a line once for every character. */
  Line = 512,
}

/** Frames of `    at name (file:line:column)` and of `name@file:line:column`, outermost first. */
export function framesOf(stack: string): PlainFrame[] {
  const frames: PlainFrame[] = [];
  for (const line of stack.split('\n')) {
    const found = line.length <= Max.Line && /^(?: +at (?:(.*?) \()?|(.*?)@)(\S+?):(\d+):(\d+)\)?$/.exec(line);
    if (found && frames.length < Max.Frames) {
      const [, v8, gecko, filename, lineno, colno] = found;
      frames.unshift({
        function: v8 || gecko || undefined,
        filename: filename!,
        lineno: +lineno!,
        colno: +colno!,
        in_app: true,
      });
    }
  }
  return frames;
}

/** One event of a server-sent stream. */
export interface StreamedEvent {
  /** Empty: it has none. */
  readonly id: string;
  readonly type: string;
  readonly data: string;
}

/** An event larger than this is none of ours. */
const MAX_EVENT_CHARACTERS = 4 * 1024 * 1024;

/**
 * Takes a stream of the HTML standard apart: lines end with LF, CRLF or CR, an empty line ends an event. Comments and
 * fields that are not for us are left out. An event that was cut off is none.
 *
 * @throws Error where an event is too large
 */
export async function* readEvents(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<StreamedEvent | "alive"> {
  const decoder = new TextDecoder();
  let rest = "";
  let id = "";
  let type = "";
  let data: string[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    // Whatever came, a comment too: the server is there.
    yield "alive";
    const text = rest + decoder.decode(chunk, { stream: true });
    // A CR at the end may be half of a CRLF.
    const lines = text.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? "";
    if (rest.length + size > MAX_EVENT_CHARACTERS) throw new Error("an event is too large");
    for (const line of lines) {
      if (line === "") {
        if (type !== "" || data.length > 0) yield { id, type: type === "" ? "message" : type, data: data.join("\n") };
        [type, data, size] = ["", [], 0];
        continue;
      }
      const colon = line.indexOf(":");
      const field = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
      if (field === "id") id = value;
      else if (field === "event") type = value;
      else if (field === "data") {
        data.push(value);
        size += value.length;
      }
    }
  }
}

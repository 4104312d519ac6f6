import { request } from "node:http";

/** Calls the daemon that `dockerHost` names. @throws where it does not answer, or refuses */
export async function dockerApi(
  dockerHost: string,
  method: "GET" | "POST" | "DELETE",
  path: string,
  query: Readonly<Record<string, string>> = {},
): Promise<unknown> {
  const socketPath = dockerHost.replace(/^unix:\/\//, "");
  return await new Promise((resolve, reject) => {
    const call = request({ socketPath, method, path: `${path}?${new URLSearchParams(query).toString()}` });
    call.once("error", reject);
    call.once("response", (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => (text += chunk.toString()));
      response.once("end", () => {
        if ((response.statusCode ?? 500) < 300) resolve(text === "" ? null : JSON.parse(text));
        else reject(new Error(`${method} ${path}: ${text}`));
      });
    });
    call.end();
  });
}

/** The values of a label on all containers, and on all networks, of a daemon. */
export async function dockerLabels(
  dockerHost: string,
  of: "containers" | "networks",
  label: string,
): Promise<string[]> {
  const query = { all: "1", filters: JSON.stringify({ label: [label] }) };
  const path = of === "containers" ? "/containers/json" : "/networks";
  const found = (await dockerApi(dockerHost, "GET", path, query)) as {
    readonly Labels: Readonly<Record<string, string>>;
  }[];
  return found.map(({ Labels: labels }) => labels[label] ?? "");
}

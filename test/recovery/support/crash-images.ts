import { dockerApi } from "../../support/docker-api.ts";
import { TEST_IMAGE } from "../../support/docker-daemon.ts";

/** The same image under another name: a container of its own. */
export const SECOND_IMAGE = "waybill-test:second";

export async function nameSecondImage(dockerHost: string): Promise<void> {
  const [repo = "", tag = ""] = SECOND_IMAGE.split(":");
  await dockerApi(dockerHost, "POST", `/images/${TEST_IMAGE}/tag`, { repo, tag });
}

import { WaybillError } from "@waybill/core";

/** An image as its registry knows it. */
export interface ImageReference {
  /** Host and port, `docker.io` where none is named. */
  readonly registry: string;
  /** With the registry where one is named, without tag and digest. */
  readonly name: string;
  /** A tag, or a digest with its algorithm. */
  readonly version: string;
}

const MAX_LENGTH = 512;
const DEFAULT_REGISTRY = "docker.io";
const COMPONENT = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
const HOST =
  "(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*|\\[[0-9a-f:]+\\])(?::[0-9]{1,5})?";
const REFERENCE = new RegExp(
  `^(?<name>(?:(?<registry>${HOST})/)?${COMPONENT}(?:/${COMPONENT})*)(?::(?<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@(?<digest>[a-z0-9+._-]+:[0-9a-f]{32,128}))?$`,
  "u",
);

/**
 * Reads `[registry/]name[:tag][@digest]`. A first part is a registry where it has a dot or a port or is `localhost`.
 *
 * @throws WaybillError `IMAGE_INVALID`
 */
export function parseImageReference(image: string): ImageReference {
  const groups = image.length > MAX_LENGTH ? undefined : REFERENCE.exec(image)?.groups;
  const name = groups?.["name"] ?? "";
  const first = name.includes("/") ? name.slice(0, name.indexOf("/")) : "";
  const isRegistry = /[.:]/.test(first) || first === "localhost";
  if (groups === undefined || (!isRegistry && /[A-Z]/.test(name))) {
    throw new WaybillError("IMAGE_INVALID", { image: image.slice(0, MAX_LENGTH) });
  }
  return {
    registry: isRegistry ? first : DEFAULT_REGISTRY,
    name,
    version: groups["digest"] ?? groups["tag"] ?? "latest",
  };
}

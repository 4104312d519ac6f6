const MAX_NAME_LENGTH = 255;
const MAX_TAG_LENGTH = 128;

const NAME_PART = /^[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*$/;
const HOST = /^(?:[a-zA-Z0-9-]+(?:\.[a-zA-Z0-9-]+)*|\[[0-9a-fA-F:]+\])(?::\d{1,5})?$/;
const TAG = /^\w[\w.-]*$/;
const DIGEST = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/;

/**
 * What is wrong with a container image reference, to follow a colon in a sentence; null: nothing. Nothing is pulled.
 *
 * The grammar is that of the OCI distribution specification: `[registry[:port]/]repository[:tag][@digest]`, where the
 * first part is a registry if it holds a dot or a colon or is `localhost`.
 */
export function imageReferenceProblem(reference: string): string | null {
  if (reference.length > MAX_NAME_LENGTH + MAX_TAG_LENGTH + 256) return "it is too long";
  if (/\s/.test(reference)) return "it holds white space";
  const [beforeDigest = "", digest, ...more] = reference.split("@");
  if (more.length > 0 || (digest !== undefined && !DIGEST.test(digest))) {
    return "after @ a digest such as sha256:… is expected";
  }
  const colon = beforeDigest.indexOf(":", beforeDigest.lastIndexOf("/") + 1);
  const name = colon === -1 ? beforeDigest : beforeDigest.slice(0, colon);
  const tag = colon === -1 ? null : beforeDigest.slice(colon + 1);
  if (tag !== null && (!TAG.test(tag) || tag.length > MAX_TAG_LENGTH)) {
    return tag === "" ? "the tag after the colon is missing" : `"${tag}" cannot be a tag`;
  }
  return nameProblem(name);
}

function nameProblem(name: string): string | null {
  if (name === "") return "the name of the image is missing";
  if (name.length > MAX_NAME_LENGTH) return `the name has more than ${MAX_NAME_LENGTH} characters`;
  if (name.includes("://")) return "it starts like a web address";
  const parts = name.split("/");
  const first = parts[0] ?? "";
  if (parts.length > 1 && (/[.:]/.test(first) || first === "localhost")) {
    if (!HOST.test(first)) return `"${first}" cannot be a registry`;
    parts.shift();
  }
  for (const part of parts) {
    if (NAME_PART.test(part)) continue;
    if (part === "") return "there is a slash too many";
    return /[A-Z]/.test(part) ? `"${part}" must be in lower case` : `"${part}" cannot be part of a name`;
  }
  return null;
}

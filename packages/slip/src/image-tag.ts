/** The longest reference there can be is a few hundred characters; more is not looked at. */
const MAX_LENGTH = 1000;

/**
 * The commit in the tag of an image, often only its beginning: `webshop:abc1234-1700000000`, `webshop:abc1234`,
 * `webshop:v1.2.3-abc1234`. Of several parts that could be one, the first that has a letter: a date or a count has none.
 *
 * @returns 7 to 40 hexadecimal digits; empty: there is no tag, or no commit in it
 */
export function commitInImageTag(image: string): string {
  if (image.length > MAX_LENGTH) return "";
  const name = image.slice(image.lastIndexOf("/") + 1);
  // A digest is of the image, and what stands before the colon of a registry's port is no name.
  if (name.includes("@")) return "";
  const colon = name.lastIndexOf(":");
  // Without a tag there may still be one alone; the name of an image is none.
  const tag = colon >= 0 ? name.slice(colon + 1) : image.includes("/") ? "" : name;
  const candidates = tag.split("-").filter((part) => /^[0-9a-f]{7,40}$/.test(part));
  return candidates.find((part) => /[a-f]/.test(part)) ?? candidates[0] ?? "";
}

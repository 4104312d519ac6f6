import { defineErrors } from "../definition.ts";

/** Errors of root file systems that sandboxes show as images. */
export const sandboxImageErrors = defineErrors(
  { severity: "error", exitCode: 2, httpStatus: 422 },
  {
    IMAGE_ARCHIVE_UNREADABLE: {
      title: "The archive of an image cannot be read",
      message: 'The archive "{file}" cannot be read: {detail}',
      remedy: "Name a file that exists and that the user Waybill runs as may read. Standard input is not possible.",
      exitCode: 3,
      httpStatus: 500,
      help: "executors.md#images-in-a-sandbox",
      example: "",
    },
    IMAGE_ARCHIVE_INVALID: {
      title: "A file that is not the archive of an image",
      message: 'The archive "{file}" cannot be used: {detail}',
      remedy:
        "Make it with `docker save IMAGE -o FILE` or `docker export CONTAINER -o FILE`, and see that it is complete.",
      help: "executors.md#images-in-a-sandbox",
      example: "",
    },
    IMAGE_ARCHIVE_UNSAFE: {
      title: "The archive of an image tries to leave its directory",
      message: 'The archive "{file}" is not safe to unpack: "{entry}" {detail}.',
      remedy: "Do not use this archive. Nothing of it was kept.",
      help: "executors.md#images-in-a-sandbox",
      example: "",
    },
    IMAGE_ARCHIVE_TOO_LARGE: {
      title: "An image is larger than it may be",
      message: 'The archive "{file}" unpacks to more than {limit}.',
      remedy: "Use a smaller image, or raise the limit with --max-size.",
      help: "executors.md#images-in-a-sandbox",
      example: "",
    },
    IMAGE_DIGEST_MISMATCH: {
      title: "The content of an image is not what its digest says",
      message: 'The {what} of "{file}" has the digest {actual}, expected was {expected}.',
      remedy: "Fetch the archive again: it was changed or damaged on its way.",
      help: "executors.md#images-in-a-sandbox",
      example: "",
    },
    IMAGE_NAME_INVALID: {
      title: "A name that no image can have",
      message: '"{image}" is not the name of an image.',
      remedy: "Use the name that pipelines have as `image:`, such as node:24 or registry.example/team/tool:1.2.",
      help: "executors.md#images-in-a-sandbox",
      example: "",
    },
    IMAGE_UNKNOWN: {
      title: "No such image",
      message: 'There is no image "{image}" here.',
      remedy: "`waybill images list` shows those there are.",
      httpStatus: 404,
      help: "executors.md#images-in-a-sandbox",
      example: "",
    },
    IMAGE_STORE_UNUSABLE: {
      title: "The directory of images cannot be used",
      message: 'The directory "{directory}" cannot be used: {detail}',
      remedy: "Make the directory writable for the user Waybill runs as, and see that its disk is not full.",
      exitCode: 3,
      httpStatus: 500,
      help: "executors.md#images-in-a-sandbox",
      example: "",
    },
  },
);

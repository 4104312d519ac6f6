import { defineErrors } from "../definition.ts";

/** Problems with the secrets that are to be kept out of output. Secrets are named by position, never shown. */
export const maskingErrors = defineErrors(
  { severity: "error", exitCode: 2, httpStatus: 400, help: "cli.md#waybill-mask" },
  {
    MASKING_SECRET_TOO_SHORT: {
      title: "A secret is too short to be masked",
      message: "Secret {position} has a length of {length}; the shortest that can be masked has {limit} characters",
      remedy: "Use a longer secret: a short one stands in many words, and masking all of them would show where.",
      example: "echo abc > secrets.txt; waybill mask --secrets secrets.txt",
    },
    MASKING_SECRETS_TOO_LARGE: {
      title: "The secrets to be masked are too large",
      message: "The secrets have {bytes} bytes together; at most {limit} can be masked",
      remedy: "Leave out what is no secret, or only name the secret lines of a large file.",
      example: "waybill mask --secrets all-our-certificates.json",
    },
    MASKING_SECRETS_INVALID: {
      title: "The file of secrets is not what it should be",
      message: "{file} begins with [ and is not a JSON list of texts",
      remedy: "Write one secret a line, or a JSON list; a secret that begins with [ has to be in a JSON list.",
      example: '["a secret", 17]',
    },
  },
);

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
      message: "{file} begins with [ or a brace and is neither a JSON list of texts nor a JSON object of texts",
      remedy:
        "Write one secret a line, or a JSON list or object; a secret that begins with [ or a brace has to be in JSON.",
      example: '["a secret", 17]',
    },
    MASKING_SECRET_NAME: {
      title: "A secret has a name that cannot be used",
      message: "Secret {position} has a name that {problem}",
      remedy: "Give each secret a name of its own, of letters, digits, _ and -.",
      example: "printf 'TOKEN=one-value\\nTOKEN=another\\n' > secrets; waybill run --secrets secrets",
    },
  },
);

import { defineErrors } from "../definition.ts";

/** Problems of a checkout, found by `script/setup` before anything of Waybill runs. */
export const setupErrors = defineErrors(
  { severity: "error", exitCode: 3, httpStatus: 500, example: "script/setup" },
  {
    SETUP_NODE_MISSING: {
      title: "No Node.js on this machine",
      message: "There is no node on PATH.",
      remedy: "Install Node.js and npm (on Debian: apt-get install nodejs npm), then run script/setup again.",
      help: "errors.md#setup_node_missing",
    },
    SETUP_NODE_TOO_OLD: {
      title: "Node.js is too old, and no private one can be installed",
      message:
        "Node 24 or newer is needed, and there is no official build of it for this machine among npm's packages.",
      remedy: "Install Node 24 or newer for this system and run script/setup again.",
      help: "errors.md#setup_node_too_old",
    },
    SETUP_NPM_MISSING: {
      title: "No npm on this machine",
      message: "There is no npm on PATH.",
      remedy: "Install npm (on Debian: apt-get install npm), then run script/setup again.",
      help: "errors.md#setup_npm_missing",
    },
    SETUP_OFFLINE: {
      title: "npm cannot reach its registry",
      message: "npm cannot reach its registry, and its cache does not hold everything that is needed.",
      remedy:
        "Check the network connection and npm's proxy settings (npm's words are in .tools/setup.log), then run script/setup again.",
      help: "errors.md#setup_offline",
    },
    SETUP_INSTALL_FAILED: {
      title: "npm could not install the packages",
      message: "npm could not install the packages; its last lines are above.",
      remedy: "All of its output is in .tools/setup.log. Solve what it names, then run script/setup again.",
      help: "errors.md#setup_install_failed",
    },
  },
);

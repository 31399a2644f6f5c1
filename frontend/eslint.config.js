import { readdirSync } from "node:fs";

import js from "@eslint/js";
import jsxA11y from "eslint-plugin-jsx-a11y";
import reactHooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

const features = readdirSync(`${import.meta.dirname}/src/features`);
const shared = ["api", "lib", "ui", "masks", "player", "canvas", "desk", "describe"];

/** A room may not import what `regex` names; the message says what to do instead. */
const forbid = (files, regex, message) => ({
  files,
  rules: { "no-restricted-imports": ["error", { patterns: [{ regex, message }] }] },
});

export default tseslint.config(
  { ignores: ["dist", "node_modules", "src/api/schema.d.ts"] },
  js.configs.recommended,
  tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ["eslint.config.js"] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      "@typescript-eslint/consistent-type-imports": "error",
      // Event handlers may be async: a failure there is shown by the mutation that owns it.
      "@typescript-eslint/no-misused-promises": ["error", { checksVoidReturn: { attributes: false } }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      // Prettier breaks lines of code; a comment is broken by hand, a sentence for people is left whole.
      "max-len": [
        "error",
        { code: 110, ignoreStrings: true, ignoreTemplateLiterals: true, ignorePattern: "eslint-disable" },
      ],
      "no-console": "error",
    },
  },
  { files: ["src/**/*.{ts,tsx}"], ...jsxA11y.flatConfigs.recommended },
  { files: ["src/**/*.{ts,tsx}"], ...reactHooks.configs.flat.recommended },
  ...features.map((feature) =>
    forbid(
      [`src/features/${feature}/**`],
      `^(@/app|@/features/(?!${feature}/)|(\\.\\./)+(features|${features.filter((other) => other !== feature).join("|")})/)`,
      "A feature stands alone: share through api, lib or ui, and join features in app.",
    ),
  ),
  forbid(
    shared.map((room) => `src/${room}/**`),
    "^(@/(features|app)/|(\\.\\./)+(features|app)/)",
    "A shared room knows no feature: pass what it needs as an argument.",
  ),
  { files: ["eslint.config.js"], ...tseslint.configs.disableTypeChecked },
);

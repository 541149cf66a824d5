import { changesetRules } from './changeset-rules.ts'
import { fileRules } from './file-rules.ts'
import { packageRules } from './package-rules.ts'
import { productRules } from './product-rules.ts'
import type { RuleArea } from './rule.ts'

/** Every rule of `atlas check`. A test compares them with the sources. */
export const allRules: readonly RuleArea[] = [
  ...productRules,
  ...packageRules,
  ...fileRules,
  ...changesetRules,
]

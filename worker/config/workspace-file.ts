import * as v from 'valibot'
import type { Registration } from '../../sdk/firehose/registration'
import { type Alert, alertProblems, alertSchema, mostAlerts } from '../alerts/alert'
import { audienceProblems, ruleProblems } from '../audiences/check'
import type { Rule } from '../audiences/rule'
import { id } from '../base/id'
import { isObject } from '../base/json'
import { type Problem, problem, type Result, within } from '../base/problem'
import { isIntegration, isOutputKind, type OutputKindId, outputKinds } from '../outputs'
import type { Deployment } from '../outputs/deployment'
import { readConfiguration, readConnection } from '../outputs/read'
import { rowAt } from '../settings'
import { type Input, inputProblems, inputSchema, inputSettings } from './input'

const outputSchema = v.strictObject({
  id,
  name: v.optional(v.string(), ''),
  kind: v.string(),
  settings: v.optional(v.record(v.string(), v.unknown()), {}),
  // What the integration answered to the registration request; not written by users.
  registration: v.optional(v.custom<Registration>(isObject, 'must be a registration')),
})

const connectionSchema = v.strictObject({
  id,
  name: v.optional(v.string()),
  /** Its source: either an input or audiences. */
  input: v.optional(v.string()),
  audiences: v.optional(v.array(v.string())),
  output: v.string(),
  enabled: v.optional(v.boolean(), true),
  shards: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(256)), 1),
  settings: v.optional(v.record(v.string(), v.unknown()), {}),
})

const audienceSchema = v.strictObject({
  id,
  name: v.optional(v.string(), ''),
  /** The audience's name in messages; its id by default. */
  slug: v.optional(v.pipe(v.string(), v.minLength(1, 'must not be empty'))),
  // Checked by `ruleProblems`.
  rule: v.custom<Rule>(isObject, 'must be a rule'),
})

const mostAudiences = 100

/** The form of a workspace file. Rules across fields are checked by `readWorkspaceFile`. */
export const fileSchema = v.strictObject({
  inputs: v.optional(v.array(inputSchema), []),
  outputs: v.optional(v.array(outputSchema), []),
  connections: v.optional(v.array(connectionSchema), []),
  audiences: v.optional(
    v.pipe(
      v.array(audienceSchema),
      v.maxLength(mostAudiences, `must have at most ${mostAudiences} audiences`)
    ),
    []
  ),
  alerts: v.optional(
    v.pipe(v.array(alertSchema), v.maxLength(mostAlerts, `must have at most ${mostAlerts} alerts`)),
    []
  ),
})

export type Output = Omit<v.InferOutput<typeof outputSchema>, 'kind'> & { kind: OutputKindId }
export type StoredAudience = v.InferOutput<typeof audienceSchema>
export type Connection = v.InferOutput<typeof connectionSchema>

/** The whole configuration. `settings` are as entered, without defaults. */
export interface WorkspaceFile {
  inputs: Input[]
  outputs: Output[]
  connections: Connection[]
  audiences: StoredAudience[]
  alerts: Alert[]
}

export const collections = ['inputs', 'outputs', 'connections', 'audiences', 'alerts'] as const
export type Collection = (typeof collections)[number]

export const emptyWorkspace = (): WorkspaceFile => ({
  inputs: [],
  outputs: [],
  connections: [],
  audiences: [],
  alerts: [],
})

/** What a problem calls a field: the label of a setting of inputs, the path of all else. */
const nameOf = (path: string): string => {
  const [collection, , ...names] = path.split('.')
  return (collection === 'inputs' && rowAt(inputSettings, names)?.label) || path
}

const schemaProblem = (issue: v.BaseIssue<unknown>): Problem => {
  const path = v.getDotPath(issue) ?? ''
  if (issue.type === 'strict_object' && issue.expected === 'never') {
    return problem('unknown_field', path, `${path} is not a field of the workspace.`)
  }
  if (issue.received === 'undefined') {
    return problem('required', path, `${nameOf(path)} is required.`)
  }
  // Messages of our own follow the name of the field; Valibot's are sentences.
  const isOurs = issue.message.startsWith('must ')
  const message = isOurs ? issue.message : `is invalid: ${issue.message}`
  return problem('invalid', path, `${nameOf(path)} ${message}.`)
}

const duplicates = (file: { [K in Collection]: { id: string }[] }): Problem[] =>
  collections.flatMap((name) => {
    const seen = new Set<string>()
    return file[name].flatMap(({ id: itemId }, i) => {
      const isRepeat = seen.has(itemId)
      seen.add(itemId)
      if (!isRepeat) return []
      const message = `${itemId} is the id of another of the ${name}.`
      return problem('duplicate', `${name}.${i}.id`, message)
    })
  })

const settingsProblems = (file: WorkspaceFile, deployment: Deployment): Problem[] => [
  ...file.outputs.flatMap((output, i) => {
    const read = readConfiguration(outputKinds[output.kind], output.settings, deployment)
    return read.ok ? [] : within(`outputs.${i}.settings`, read.problems)
  }),
  ...file.connections.flatMap((connection, i) => {
    const path = `connections.${i}`
    const read = readConnectionSettings(file, connection, deployment)
    if (!read)
      return problem('not_found', `${path}.output`, `There is no output ${connection.output}.`)
    return read.ok ? [] : within(`${path}.settings`, read.problems)
  }),
  ...file.connections.flatMap((connection, i) => sourceProblems(file, connection, i)),
  ...file.connections.flatMap((connection, i) => shardProblems(file, connection, i)),
]

const sourceProblems = (file: WorkspaceFile, connection: Connection, i: number): Problem[] => {
  const path = `connections.${i}`
  const { input, audiences } = connection
  if (input !== undefined && audiences !== undefined) {
    const message = 'A connection has either an input or audiences.'
    return [problem('invalid', `${path}.audiences`, message)]
  }
  if (input !== undefined) {
    const exists = file.inputs.some((candidate) => candidate.id === input)
    return exists ? [] : [problem('not_found', `${path}.input`, `There is no input ${input}.`)]
  }
  if (audiences === undefined || audiences.length === 0) {
    return [problem('required', `${path}.input`, `${path}.input or audiences is required.`)]
  }
  return audiences.flatMap((id, j) => {
    const idPath = `${path}.audiences.${j}`
    if (audiences.indexOf(id) < j) {
      return problem('duplicate', idPath, `${id} is in the list twice.`)
    }
    const exists = file.audiences.some((audience) => audience.id === id)
    return exists ? [] : problem('not_found', idPath, `There is no audience ${id}.`)
  })
}

// A single outbox subscribes to the audiences, and collects their changes.
const shardProblems = (file: WorkspaceFile, connection: Connection, i: number): Problem[] => {
  const { audiences, shards } = connection
  const output = file.outputs.find(({ id }) => id === connection.output)
  if (!audiences || !output || !isIntegration(output) || shards === 1) return []
  const message = 'A connection of audiences to an integration has one shard.'
  return [problem('invalid', `connections.${i}.shards`, message)]
}

/**
 * Parses a connection's settings and fills in defaults; undefined when its output does not exist.
 */
export const readConnectionSettings = (
  file: WorkspaceFile,
  connection: Connection,
  deployment: Deployment
): Result<unknown> | undefined => {
  const output = file.outputs.find((candidate) => candidate.id === connection.output)
  if (!output) return undefined
  const { settings, audiences } = connection
  const isOfAudiences = audiences !== undefined
  return readConnection(outputKinds[output.kind], { settings, isOfAudiences, output, deployment })
}

/**
 * Checks a whole workspace file. All problems are returned together, with the paths of their
 * fields.
 */
export const readWorkspaceFile = (
  content: unknown,
  deployment: Deployment
): Result<WorkspaceFile> => {
  // Valibot accepts a list as an object: an empty list would be an empty workspace.
  if (!isObject(content)) {
    return { ok: false, problems: [problem('invalid', '', 'A workspace must be an object.')] }
  }
  const parsed = v.safeParse(fileSchema, content, { abortPipeEarly: true })
  if (!parsed.success) return { ok: false, problems: parsed.issues.map(schemaProblem) }
  const { outputs, ...rest } = parsed.output
  const knownOutputs = outputs.flatMap((output): Output[] => {
    const { kind } = output
    return isOutputKind(kind) ? [{ ...output, kind }] : []
  })
  const unknownKinds = outputs.flatMap((output, i) =>
    isOutputKind(output.kind)
      ? []
      : problem(
          'invalid',
          `outputs.${i}.kind`,
          `outputs.${i}.kind must be one of ${Object.keys(outputKinds).join(', ')}.`
        )
  )
  if (unknownKinds.length > 0) return { ok: false, problems: unknownKinds }
  const file: WorkspaceFile = { ...rest, outputs: knownOutputs }
  const ruleErrors = file.audiences.flatMap(({ rule }, i) =>
    ruleProblems(rule, `audiences.${i}.rule`)
  )
  const problems = [
    ...duplicates(file),
    ...ruleErrors,
    // References are followed only in valid rules.
    ...(ruleErrors.length > 0 ? [] : audienceProblems(file.audiences)),
    ...inputProblems(file.inputs),
    ...alertProblems(file.alerts, deployment),
    ...settingsProblems(file, deployment),
  ]
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value: file }
}

import * as v from 'valibot'
import { errorsSchema } from '../admin/answers/errors'
import {
  type VersionedWorkspace,
  type Versions,
  versionedWorkspaceSchema,
  versionsSchema,
} from '../admin/answers/workspace'
import type { Problem } from '../base/problem'

/** A deployment's admin API. */
export interface AdminApi {
  /** Of the worker, without a slash at the end. */
  url: string
  token: string
}

/** What the admin API refused, and why. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly problems: Problem[]
  ) {
    super(problems.map(({ message }) => message).join(' '))
  }
}

/**
 * Reads the workspace; its secrets are masked.
 *
 * @throws Refusal, and Error when nothing answers there, or something that is not weir
 */
export const readWorkspace = (api: AdminApi): Promise<VersionedWorkspace> =>
  request(api, versionedWorkspaceSchema, '/workspace')

// All that is needed of what was saved: a deployment of another version may answer with other fields.
const savedSchema = v.object({ version: v.number() })

/** What was saved. */
export type Saved = v.InferOutput<typeof savedSchema>

/** @param query such as `?verify=false` */
export const saveWorkspace = (api: AdminApi, file: unknown, query = ''): Promise<Saved> => {
  const init = { method: 'PUT', body: JSON.stringify(file) }
  return request(api, savedSchema, `/workspace${query}`, init)
}

/** Newest first. */
export const readVersions = async (api: AdminApi): Promise<Versions['versions']> =>
  (await request(api, versionsSchema, '/versions?limit=50')).versions

export const restoreVersion = (api: AdminApi, version: string, query = ''): Promise<Saved> => {
  const path = `/versions/${encodeURIComponent(version)}/restore${query}`
  return request(api, savedSchema, path, { method: 'POST' })
}

const request = async <T>(
  { url, token }: AdminApi,
  schema: v.GenericSchema<unknown, T>,
  path: string,
  init: { method?: string; body?: string } = {}
): Promise<T> => {
  const response = await fetch(`${url}/admin/v1${path}`, {
    headers: { authorization: `Bearer ${token}` },
    redirect: 'error',
    ...init,
  }).catch((error: unknown) => {
    throw new Error(`${url} does not answer: ${reasonOf(error)}`, { cause: error })
  })
  const body: unknown = await response.json().catch(() => undefined)
  if (!response.ok) {
    const refused = v.safeParse(errorsSchema, body)
    if (refused.success) throw new Refusal(response.status, refused.output.errors)
    throw new Error(`${url} answered ${response.status}, but not as weir does.`)
  }
  const answer = v.safeParse(schema, body)
  if (answer.success) return answer.output
  const place = v.getDotPath(answer.issues[0]) ?? 'the body'
  throw new Error(`${url} answered, but not as this version of weir does: see ${place}.`)
}

// What fetch throws says "fetch failed"; why stands in its cause.
const reasonOf = (error: unknown): string => {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  if (!(cause instanceof Error)) return String(cause)
  return cause.message || ('code' in cause ? String(cause.code) : cause.name)
}

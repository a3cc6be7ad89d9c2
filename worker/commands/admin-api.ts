import { isObject } from '../base/json'
import type { Problem } from '../base/problem'
import type { WorkspaceFile } from '../config/workspace-file'

/** A deployment's admin API. */
export interface AdminApi {
  /** Of the worker, without a slash at the end. */
  url: string
  token: string
}

/** The workspace as the admin API tells it: its secrets are masked. */
export interface Told {
  version: number
  workspace: WorkspaceFile
}

/** What the admin API refused, and why. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly problems: Problem[]
  ) {
    super(problems.map((one) => one.message).join(' '))
  }
}

/** A version of the workspace as the list of them tells it. */
export interface ToldVersion {
  version: number
  at_ms: number
  by: string
  note: string
  /** How many values it changed; null when the version before it is gone. */
  changes: number | null
}

/** @throws Refusal, and Error when nothing answers there or something that is not weir */
export const readWorkspace = async (api: AdminApi): Promise<Told> =>
  readTold(api, await ask(api, '/workspace'))

/** @param query such as `?verify=false` */
export const saveWorkspace = async (api: AdminApi, file: unknown, query = ''): Promise<Told> =>
  readTold(api, await ask(api, `/workspace${query}`, { method: 'PUT', body: JSON.stringify(file) }))

/** Newest first. */
export const readVersions = async (api: AdminApi): Promise<ToldVersion[]> => {
  const answer = await ask(api, '/versions?limit=50')
  if (isHistory(answer)) return answer.versions
  throw strange(api)
}

export const restoreVersion = async (api: AdminApi, version: string, query = ''): Promise<Told> => {
  const path = `/versions/${encodeURIComponent(version)}/restore${query}`
  return readTold(api, await ask(api, path, { method: 'POST' }))
}

const strange = ({ url }: AdminApi): Error => new Error(`${url} answered, but not as weir does.`)

const readTold = (api: AdminApi, answer: unknown): Told => {
  if (isTold(answer)) return answer
  throw strange(api)
}

const ask = async (
  { url, token }: AdminApi,
  path: string,
  init: { method?: string; body?: string } = {}
): Promise<unknown> => {
  const response = await fetch(`${url}/admin/v1${path}`, {
    headers: { authorization: `Bearer ${token}` },
    redirect: 'error',
    ...init,
  }).catch((error: unknown) => {
    throw new Error(`${url} does not answer: ${reasonOf(error)}`, { cause: error })
  })
  const answer: unknown = await response.json().catch(() => undefined)
  if (response.ok) return answer
  if (isRefused(answer)) throw new Refusal(response.status, answer.errors)
  throw new Error(`${url} answered ${response.status}, but not as weir does.`)
}

const isHistory = (answer: unknown): answer is { versions: ToldVersion[] } =>
  isObject(answer) && Array.isArray(answer.versions)

const isTold = (answer: unknown): answer is Told => isObject(answer) && isObject(answer.workspace)

const isRefused = (answer: unknown): answer is { errors: Problem[] } =>
  isObject(answer) && Array.isArray(answer.errors)

// What fetch throws says "fetch failed"; why stands in its cause.
const reasonOf = (error: unknown): string => {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  if (!(cause instanceof Error)) return String(cause)
  return cause.message || ('code' in cause ? String(cause.code) : cause.name)
}

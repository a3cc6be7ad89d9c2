import type { WorkspaceFile } from '../config/workspace-file'
import { isObject } from '../json'
import type { Problem } from '../problem'

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

/** @throws Refusal, and Error when nothing answers there or something that is not weir */
export const readWorkspace = (api: AdminApi): Promise<Told> => ask(api, 'GET', '')

/** @param query such as `?verify=false` */
export const saveWorkspace = (api: AdminApi, file: unknown, query = ''): Promise<Told> =>
  ask(api, 'PUT', query, JSON.stringify(file))

const ask = async (
  { url, token }: AdminApi,
  method: string,
  query: string,
  body?: string
): Promise<Told> => {
  const response = await fetch(`${url}/admin/v1/workspace${query}`, {
    method,
    headers: { authorization: `Bearer ${token}` },
    redirect: 'error',
    ...(body === undefined ? {} : { body }),
  }).catch((error: unknown) => {
    throw new Error(`${url} does not answer: ${reasonOf(error)}`, { cause: error })
  })
  const answer: unknown = await response.json().catch(() => undefined)
  if (response.ok && isTold(answer)) return answer
  if (isRefused(answer)) throw new Refusal(response.status, answer.errors)
  throw new Error(`${url} answered ${response.status}, but not as weir does.`)
}

const isTold = (answer: unknown): answer is Told => isObject(answer) && isObject(answer.workspace)

const isRefused = (answer: unknown): answer is { errors: Problem[] } =>
  isObject(answer) && Array.isArray(answer.errors)

// What fetch throws says "fetch failed"; why stands in its cause.
const reasonOf = (error: unknown): string => {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  if (!(cause instanceof Error)) return String(cause)
  return cause.message || ('code' in cause ? String(cause.code) : cause.name)
}

import type { JsonObject } from '../../../base/json'
import { withAccount } from '../../../connections/firehose/requests'
import type { Outcome } from '../../../delivery'
import type { Account, Integration } from '../integration'
import { type IntegrationAnswer, judgeAnswer } from './answer'
import { type AuthorizationHeader, sendToIntegration } from './transport'

export type MessageSort = 'events' | 'audiences' | 'dsr' | 'subscription'

const sorts = {
  events: { to: 'events', account: 'events', answer: 'event_processing_response' },
  dsr: { to: 'events', account: 'dsr', answer: 'dsr_processing_response' },
  audiences: {
    to: 'audiences',
    account: 'audiences',
    answer: 'audience_membership_change_response',
  },
  subscription: {
    to: 'audiences',
    account: 'audiences',
    answer: 'audience_subscription_response',
  },
} as const

/** The outcome of a message, and the integration's answer. */
export interface Exchanged {
  outcome: Outcome
  message?: JsonObject | undefined
}

const accountOf = ({ accounts }: Integration, sort: MessageSort): Account =>
  accounts[sorts[sort].account]

/** Sends one message, whose text lacks the account. Never throws. */
export const exchange = async (
  integration: Integration,
  sort: MessageSort,
  text: string
): Promise<Exchanged> => {
  const { endpoint, accessToken } = integration
  const authorization = await accessToken?.header()
  if (authorization && 'kind' in authorization) return { outcome: authorization }
  const account = accountOf(integration, sort)
  const message = { text: withAccount(text, account), to: sorts[sort].to }
  const redact = redaction(secretsOf(integration, account, authorization))
  const answer = await sendToIntegration(endpoint, message, authorization)
  const judged = judgeAnswer(withoutSecrets(answer, redact), sorts[sort].answer)
  if (judged.unauthorized && authorization && accessToken?.refuse(authorization)) {
    const reason = 'The access token was refused. A new one is asked for.'
    return { outcome: { kind: 'retry', reason } }
  }
  const outcome = outcomeOf(judged)
  if (outcome.kind === 'delivered') return { outcome, message: judged.message }
  return { outcome: { ...outcome, reason: redact(outcome.reason) } }
}

const shortestSecret = 4

const secretsOf = (
  { endpoint, subscriptionSettings }: Integration,
  { account_settings }: Account,
  authorization: AuthorizationHeader | undefined
): string[] => {
  const [scheme = '', bearer = ''] = (authorization?.value ?? '').split(' ')
  return [
    ...Object.values(account_settings),
    ...Object.values(subscriptionSettings),
    endpoint.kind === 'http' ? (endpoint.token ?? '') : '',
    bearer || scheme,
  ]
}

// Some integrations repeat in their errors what they were sent, as text or as JSON.
const redaction = (secrets: string[]): ((text: string) => string) => {
  const spellings = secrets
    .filter((secret) => secret.length >= shortestSecret && !['true', 'false'].includes(secret))
    .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)])
    .toSorted((a, b) => b.length - a.length)
  return (text) => spellings.reduce((left, secret) => left.replaceAll(secret, '…'), text)
}

// Before the text is shortened, which could leave half a secret. Answers to what was accepted are
// not quoted.
const withoutSecrets = (
  answer: IntegrationAnswer,
  redact: (text: string) => string
): IntegrationAnswer => {
  if (!('text' in answer)) return answer
  const isAccepted = answer.status < 300 && !answer.headers.has('x-amz-function-error')
  return isAccepted ? answer : { ...answer, text: redact(answer.text) }
}

const outcomeOf = ({ outcome, suspend, limited }: ReturnType<typeof judgeAnswer>): Outcome => {
  if (outcome.kind === 'delivered') return suspend ? { ...outcome, suspend } : outcome
  if (outcome.kind === 'reject') return { ...outcome, isFault: true }
  return limited ? { ...outcome, limited } : outcome
}

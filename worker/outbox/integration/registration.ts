import type { Registration } from '../../../sdk/firehose/registration'
import { type Problem, problem } from '../../base/problem'
import { type Bindings, configKeys, deploymentOf } from '../../config/deployment'
import { openSettings } from '../../config/secrets'
import type { Output } from '../../config/workspace-file'
import { askRegistration } from '../../outputs/firehose/registration'
import { endpointOf } from '../../outputs/firehose/target'

export type Asked =
  | { ok: true; registration: Registration; warnings: string[] }
  | { ok: false; problems: Problem[] }

/** Asks an integration what it is and wants. */
export const askIntegration = async (output: Output, env: Bindings): Promise<Asked> => {
  try {
    const opened = await openSettings(output, configKeys(env))
    const deployment = deploymentOf(env)
    const endpoint = endpointOf(opened, deployment)
    const { allowsCustomEndpoints } = deployment
    const facts = { id: crypto.randomUUID(), nowMs: Date.now(), allowsCustomEndpoints }
    return await askRegistration(endpoint, facts)
  } catch (error) {
    const message = error instanceof Error ? error.message : 'The output could not be opened.'
    return { ok: false, problems: [problem('registration_failed', '', message)] }
  }
}

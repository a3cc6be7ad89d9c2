import { afterEach, describe, expect, it, vi } from 'vitest'
import { admin } from '../../../worker/admin/routes'
import { page, signIn } from '../../support/console'

afterEach(() => {
  vi.restoreAllMocks()
})

const pageWhenAdminAnswers = async (body: unknown, status = 200) => {
  const cookie = await signIn()
  vi.spyOn(admin, 'fetch').mockImplementation(() => Response.json(body, { status }))
  return page('/profiles', { cookie })
}

describe('an answer of the admin API that does not fit its schema', () => {
  it('is a page that says so, and where', async () => {
    const logged = vi.spyOn(console, 'error').mockReturnValue()
    const answer = await pageWhenAdminAnswers({ count: 'many' })
    expect(answer.status).toBe(500)
    expect(await answer.text()).toContain(
      'The admin API’s answer is not as expected: count should be number.'
    )
    expect(logged).toHaveBeenCalledOnce()
  })

  it('is such a page also when it should be an error', async () => {
    const answer = await pageWhenAdminAnswers({ reason: 'full' }, 409)
    expect(answer.status).toBe(500)
    expect(await answer.text()).toContain(
      'The admin API’s answer is not as expected: errors is missing.'
    )
  })
})

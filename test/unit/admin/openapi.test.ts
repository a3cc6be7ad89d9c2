import { expect, it } from 'vitest'
import { openapiDocument } from '../../../worker/admin/openapi/document'
import { admin } from '../../../worker/admin/routes'

it('is written as the routes and schemas have it', async () => {
  const document = `${JSON.stringify(openapiDocument(admin.routes), null, 2)}\n`
  // `npm run docs` writes the file by running this test with --update.
  await expect(document).toMatchFileSnapshot('../../../worker/admin/openapi.json')
})

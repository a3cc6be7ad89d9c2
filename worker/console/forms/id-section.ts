import { fieldsOf } from './form-field'
import type { Section } from './section'

/** Asks for the id of a new item. */
export const idSection = (item: string): Section => ({
  title: 'Name',
  fields: fieldsOf({
    id: {
      type: 'text',
      label: 'ID',
      help: `The name by which everything else refers to the ${item}: a-z, 0-9, - and _. It cannot be changed.`,
      required: true,
    },
  }),
})

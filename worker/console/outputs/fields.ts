import type { OutputKindId } from '../../outputs'
import { outputKinds } from '../../outputs'
import { fieldsOf } from '../forms/form-field'
import { idSection } from '../forms/id-section'
import type { Section } from '../forms/section'

const nameSection: Section = {
  title: 'Basics',
  fields: fieldsOf({ name: { type: 'text', label: 'Name', help: 'For people.' } }),
}

/** The sections of an output's form: those of its kind's settings table. */
export const outputSections = (kind: OutputKindId, isNew: boolean): Section[] => [
  ...(isNew ? [idSection('output')] : []),
  nameSection,
  {
    title: outputKinds[kind].label,
    fields: fieldsOf(outputKinds[kind].configuration, 'settings'),
  },
]

import type { NumberSetting, Setting } from '../../../../sdk/firehose/registration'
import type { Json, JsonObject } from '../../../base/json'
import {
  filled,
  type Notes,
  quoted,
  readFlag,
  readNumber,
  readObjects,
  readText,
  refuse,
  warn,
} from './values'

/** The settings that an integration asks for in one of its lists. */
export const readSettingList = (value: Json | undefined, path: string, notes: Notes): Setting[] =>
  readObjects(value, path, notes).flatMap(([at, one]) => readSetting(one, at, notes) ?? [])

type Base = Pick<Setting, 'id' | 'name' | 'description' | 'visible'>

const readSetting = (json: JsonObject, path: string, notes: Notes): Setting | undefined => {
  const id = readText(json.id)
  if (!id) {
    refuse(notes, `${path}.id`, 'is missing: the setting’s value could not be sent.')
    return undefined
  }
  const name = readText(json.name)
  if (!name) warn(notes, `${path}.name`, `is missing; the setting is called ${id}.`)
  const base: Base = {
    id,
    name: name ?? id,
    ...filled({ description: readText(json.description), visible: readFlag(json.visible) }),
  }
  switch (json.type) {
    case 'integer':
    case 'float':
      return readNumberSetting({ ...base, type: json.type }, { json, path }, notes)
    case 'boolean': {
      const flags = {
        default_value: readFlag(json.default_value),
        checked: readFlag(json.checked),
      }
      return { ...base, type: 'boolean', ...filled(flags) }
    }
    default:
      return readTextSetting(base, { json, path }, notes)
  }
}

interface Source {
  json: JsonObject
  path: string
}

const readTextSetting = (base: Base, { json, path }: Source, notes: Notes): Setting => {
  if (json.type !== 'text') {
    warn(notes, `${path}.type`, `is ${quoted(json.type)}, which is unknown and taken for text.`)
  }
  const rest = filled({
    default_value: readText(json.default_value),
    required: readFlag(json.required),
    confidential: readFlag(json.confidential),
  })
  return { ...base, type: 'text', ...rest }
}

// Rounding would change the default that is sent. It does not matter for limits of that size.
const isRounded = (value: number, type: NumberSetting['type']): boolean =>
  type === 'integer' && !Number.isSafeInteger(value)

const readNumberSetting = (
  base: Base & Pick<NumberSetting, 'type'>,
  { json, path }: Source,
  notes: Notes
): Setting => {
  const number = (field: 'default_value' | 'min_value' | 'max_value'): number | undefined => {
    const value = json[field]
    const read = readNumber(value)
    const isRead = read !== undefined && (base.type === 'float' || Number.isInteger(read))
    if (!isRead && value !== undefined && value !== null) {
      warn(notes, `${path}.${field}`, `is ${quoted(value)}, no ${base.type}, and was ignored.`)
    }
    if (isRead && field === 'default_value' && isRounded(read, base.type)) {
      const message = `is ${quoted(value)}, more than a number can hold, and was ignored.`
      warn(notes, `${path}.${field}`, message)
      return undefined
    }
    return isRead ? read : undefined
  }
  const rest = filled({
    default_value: number('default_value'),
    min_value: number('min_value'),
    max_value: number('max_value'),
    required: readFlag(json.required),
  })
  return { ...base, ...rest }
}

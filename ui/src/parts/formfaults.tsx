import { Alert, Text } from '@mantine/core'
import { useLayoutEffect, useMemo, useRef, useState } from 'react'
import { useI18n } from '../app/context'
import { Faults } from './faults'

/** The faults of the first of these errors that is there, for the inputs of a form and for its FormFaults. */
export function useFaults(...errors: unknown[]): Faults {
  const i18n = useI18n()
  const error = errors.find(Boolean)
  return useMemo(() => new Faults(error, i18n), [error, i18n])
}

/**
 * Stands above a form: what was refused and is not shown at an input. A new refusal moves the focus to the first input
 * that is wrong.
 */
export function FormFaults({ of: faults }: { of: Faults }) {
  const place = useRef<HTMLDivElement>(null)
  const [rest, setRest] = useState('')
  // The inputs below have asked for their faults only after the whole form was drawn.
  useLayoutEffect(() => setRest(faults.rest))
  useLayoutEffect(() => {
    const wrong = place.current?.closest('form, .page')?.querySelector<HTMLElement>('[aria-invalid="true"]')
    if (wrong && faults.refused) wrong.focus()
    else if (rest) place.current?.scrollIntoView({ block: 'nearest' })
  }, [faults, rest])
  return (
    <div ref={place} hidden={!rest}>
      {rest && (
        <Alert color="red" variant="outline" className="refused" role="alert">
          <Text>{rest}</Text>
        </Alert>
      )}
    </div>
  )
}
